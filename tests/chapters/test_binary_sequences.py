"""What the chapter on yes or no claims about its labels and its split."""

import keras
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from experiments.yes_or_no.data import prepare
from grubook.text import Vocabulary


def test_the_experiments_and_the_chapter_read_the_same_tokens(run_cells):
    chapter = run_cells("binary_sequences", ["004", "036", "040", "042"])
    for side, (words, labels) in zip(("train", "validation", "test"), prepare(), strict=True):
        assert [chapter["words"][i] for i in chapter[side]] == words
        assert np.array_equal(chapter["y"][chapter[side]], labels)


@pytest.mark.parametrize("shuffled", [False, True])
def test_shuffled_labels_leave_nothing_to_learn(shuffled):
    (words, labels), _, (test_words, test_labels) = prepare()
    rows = np.sort(np.concatenate([np.flatnonzero(labels == k)[:1500] for k in (False, True)]))
    vocabulary = Vocabulary.from_tokens([words[i] for i in rows], size=3000)
    x, x_test = (
        keras.utils.pad_sequences([vocabulary.encode(one) for one in texts], 40, padding="post")
        for texts in ([words[i] for i in rows], test_words)
    )
    y = labels[rows].astype("float32")
    if shuffled:
        y = np.random.default_rng(0).permutation(y)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Embedding(3000, 16, mask_zero=True), keras.layers.GRU(16)]
    model = keras.Sequential([keras.Input((40,)), *layers, keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss, jit_compile=True, steps_per_execution=47)
    model.fit(x, y, batch_size=64, epochs=3, verbose=0)
    scores = model.predict(x_test, batch_size=len(x_test), verbose=0)[:, 0]
    # At the median score, so that a constant answer cannot hide in it.
    found = balanced_accuracy_score(test_labels, scores > np.median(scores))
    assert abs(found - 0.5) <= 0.06 if shuffled else found > 0.7
