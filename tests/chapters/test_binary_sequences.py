"""What the chapter on yes-or-no classification claims about labels and about padding."""

import collections
import os

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.text import Vocabulary, clean, tokenize

LENGTH = 40


@pytest.fixture(scope="module")
def reviews():
    """The subset: 3,000 reviews for training, 1,200 for testing, half of each positive."""
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    frame = frame[frame["stars"] != 3]
    words = [tokenize(clean(text)) for text in frame["text"]]
    groups = duplicate_groups(words)
    positive = (frame["stars"] > 3).to_numpy()
    first = groups == np.arange(len(groups))
    kept = [np.flatnonzero(first & (positive == side))[:2100] for side in (False, True)]
    train, test = (np.concatenate([k[part] for k in kept]) for part in np.s_[:1500, 1500:])
    vocabulary = Vocabulary.from_tokens([words[i] for i in train], size=3000)

    def arrays(rows):
        ids = [vocabulary.encode(words[i]) for i in rows]
        x = keras.utils.pad_sequences(ids, LENGTH, padding="post", truncating="post")
        return x, positive[rows].astype("float32")

    return arrays(train), arrays(test)


def build(masked):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(3000, 16, mask_zero=masked),
            keras.layers.GRU(16),
            keras.layers.Dense(1),
        ]
    )


def balanced_accuracy(train_set, test_set, shuffled):
    """Balanced accuracy at the median score, so that a constant answer cannot hide in it."""
    keras.utils.set_random_seed(0)
    x, y = train_set
    if shuffled:
        y = np.random.default_rng(0).permutation(y)
    model = build(masked=True)
    model.compile(
        keras.optimizers.Adam(5e-3),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=46,
    )
    model.fit(x[: 46 * 64], y[: 46 * 64], batch_size=64, epochs=3, verbose=0)
    scores = model.predict(test_set[0], batch_size=len(test_set[0]), verbose=0)[:, 0]
    return balanced_accuracy_score(test_set[1], scores > np.median(scores))


def test_shuffled_labels_leave_nothing_to_learn(reviews):
    train_set, test_set = reviews
    assert balanced_accuracy(train_set, test_set, shuffled=False) > 0.75
    assert abs(balanced_accuracy(train_set, test_set, shuffled=True) - 0.5) <= 0.05


def test_no_review_is_on_both_sides_of_a_split_of_the_sample():
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    words = [tokenize(clean(text)) for text in frame["text"]]
    train, _, test = split_groups(duplicate_groups(words))
    plain = [[token for token in one if token not in ".!?,"] for one in words]
    assert not {tuple(plain[i]) for i in train} & {tuple(plain[i]) for i in test}

    def shingles(rows):
        long = [plain[i] for i in rows if len(plain[i]) > 20]
        return [{tuple(one[k : k + 5]) for k in range(len(one) - 4)} for one in long]

    known, holders = shingles(train), {}
    for j, one in enumerate(known):
        for shingle in one:
            holders.setdefault(shingle, []).append(j)
    for mine in shingles(test):
        common = collections.Counter(j for shingle in mine for j in holders.get(shingle, ()))
        for j, n in common.items():
            assert n < 0.8 * (len(mine) + len(known[j]) - n)


def assert_padding_changes_nothing(model, x):
    """More padding, and padding on the other side, must not move a probability."""
    plain = model.predict_on_batch(x)
    for more in (((0, 0), (0, 60)), ((0, 0), (60, 0))):
        np.testing.assert_allclose(model.predict_on_batch(np.pad(x, more)), plain, atol=1e-5)


def test_with_a_mask_padding_changes_nothing_and_without_it_does(reviews):
    keras.utils.set_random_seed(0)
    masked, unmasked = build(masked=True), build(masked=False)
    unmasked.set_weights(masked.get_weights())
    x = reviews[1][0][:50]
    assert_padding_changes_nothing(masked, x)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_padding_changes_nothing(unmasked, x)
