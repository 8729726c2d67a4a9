"""What the chapter on the next word says about its split, its n-grams and its article."""

import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from grubook.data import DataError, fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.ngrams import KneserNey
from grubook.results import load_results
from grubook.text import Vocabulary, clean, tokenize

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "experiments"))
from experiments.common import array_digest  # noqa: E402
from experiments.next_word.data import prepare  # noqa: E402


def cut(path):
    """The words of each side, in the chapter's own steps."""
    reviews = load_reviews(path)
    words = [tokenize(clean(text)) for text in reviews["text"] + " " + reviews["title"]]
    words = [review for review in words if len(review) >= 5]
    groups = duplicate_groups(words)
    kept = [review for i, review in enumerate(words) if groups[i] == i]
    sides = split_groups(range(len(kept)), parts=(0.8, 0.1, 0.1), seed=0)
    return [[kept[i] for i in side] for side in sides]


@pytest.fixture(scope="module")
def sides():
    return cut(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])


def test_the_experiments_and_the_chapter_read_the_same_tokens(sides):
    vocabulary, *encoded = prepare()
    assert vocabulary.words == Vocabulary.from_tokens(sides[0]).words
    for side, theirs in zip(sides, encoded, strict=True):
        ours = [vocabulary.encode(review, end=True) for review in side]
        assert np.array_equal(np.concatenate(ours), np.concatenate(theirs))
    stored = load_results("next_word/ngrams")["data"]
    assert stored == array_digest(*map(np.concatenate, encoded))


def test_no_review_is_on_both_sides_of_the_split(sides):
    said = [{tuple(word for word in review if word not in ".!?,") for review in s} for s in sides]
    assert not (said[0] & said[1] or said[0] & said[2] or said[1] & said[2])


def test_no_near_duplicate_is_on_both_sides_of_the_split(sides):
    # Not by `duplicate_groups`, which made the split: all pairs, as a product of sparse matrices.
    numbers, tables = {}, []
    for side in sides:
        rows, columns = [], []
        for i, review in enumerate(side):
            words = [word for word in review if word not in ".!?,"]
            runs = (
                {tuple(words[k : k + 5]) for k in range(len(words) - 4)} if len(words) > 20 else ()
            )
            rows += [i] * len(runs)
            columns += [numbers.setdefault(run, len(numbers)) for run in runs]
        tables.append((rows, columns, len(side)))
    matrices = [
        sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (n, len(numbers)))
        for rows, columns, n in tables
    ]
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        common = (matrices[a] @ matrices[b].T).tocoo()
        size_a, size_b = (np.asarray(matrices[k].sum(1)).ravel() for k in (a, b))
        union = size_a[common.row] + size_b[common.col] - common.data
        assert (common.data / union).max() < 0.8


def test_the_stored_ladder_is_what_the_code_gives(sides):
    vocabulary, train, _, test = prepare()
    stored = {run["order"]: run for run in load_results("next_word/ngrams")["runs"]}
    model = KneserNey(train, 3, len(vocabulary))
    log_p = np.concatenate([model.log_probabilities(ids) for ids in test])
    assert np.exp(-log_p.mean()) == pytest.approx(stored[3]["test_perplexity"], rel=1e-6)
    stored = {run["order"]: run for run in load_results("next_word/reference")["runs"]}
    published = {1: 421, 2: 109.9, 3: 90.2, 5: 89.1}  # another implementation, same split
    for order, perplexity in published.items():
        assert stored[order]["perplexity"] == pytest.approx(perplexity, rel=0.001)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_articles_own_corpus_is_one_changed_line(language):
    try:
        path = fetch("amazon_reviews_multi")[f"{language}.parquet"]
    except DataError as error:
        pytest.skip(f"the optional corpus cannot be had here: {error}")
    train, _, test = cut(path)
    assert len(train) > 3_900 and len(test) > 480
    vocabulary = Vocabulary.from_tokens(train)
    assert ("tamaño" in vocabulary.words) == (language == "es")
    encoded = [[vocabulary.encode(review, end=True) for review in s] for s in (train, test)]
    perplexity = {}
    for order in (1, 2):
        model = KneserNey(encoded[0], order, len(vocabulary))
        log_p = np.concatenate([model.log_probabilities(ids) for ids in encoded[1]])
        perplexity[order] = np.exp(-log_p.mean())
    assert perplexity[2] < 0.6 * perplexity[1]


ARTICLE = """
const tf = require('@tensorflow/tfjs');
const model = tf.sequential();
model.add(tf.layers.embedding({inputDim: 10000, outputDim: 64, maskZero: true}));
model.add(tf.layers.gru({units: 64, returnSequences: true, recurrentInitializer: 'glorotUniform'}));
model.add(tf.layers.dense({units: 10000, activation: 'softmax'}));
const five = model.predict(tf.tensor1d([5, 6, 7, 8, 9], 'int32'));
console.log(JSON.stringify([
  typeof tf.tokenize, typeof tf.tensorize,
  Array.from(tf.tensor1d(['this', 'is', 'new'], 'int32').dataSync()),
  model.countParams(), five.shape,
]));
"""


@pytest.mark.skipif(
    not (ROOT / "web/node_modules/@tensorflow/tfjs").is_dir() or not shutil.which("node"),
    reason="the web packages are not installed: make book",
)
def test_what_the_articles_lines_do_in_tensorflow_js():
    ran = subprocess.run(
        ["node", "-e", ARTICLE], cwd=ROOT / "web", capture_output=True, encoding="utf-8", check=True
    )
    expected = '["undefined","undefined",[0,0,0],1314768,[5,1,10000]]'
    assert ran.stdout.strip().splitlines()[-1] == expected
