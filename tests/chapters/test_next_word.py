"""What the chapter on the next word says about its split, its n-grams and its article."""

import pathlib
import shutil
import subprocess

import numpy as np
import pytest
from scipy import sparse

import experiments.next_word.data as next_word_data
import experiments.yes_or_no.data as yes_or_no_data
from grubook.data import DataError, fetch
from grubook.ngrams import KneserNey
from grubook.results import load_results

ROOT = pathlib.Path(__file__).resolve().parents[2]


PREPARE = ["003", "007", "009", "011", "013", "015"]  # the cells that do so


def test_the_experiments_and_the_chapter_read_the_same_tokens(run_cells):
    chapter = run_cells("next_word", PREPARE)
    vocabulary, *sides = next_word_data.prepare()
    assert vocabulary.words == chapter["vocabulary"].words
    ours = [chapter[side] for side in ("train", "val", "test")]
    for mine, theirs in zip(ours, sides, strict=True):
        assert np.array_equal(np.concatenate(mine), np.concatenate(theirs))
    assert load_results("next_word/ngrams")["data"] == next_word_data.digest(*ours)


def sides_of(experiment):
    if experiment == "yes_or_no":
        return [words for words, _ in yes_or_no_data.prepare()]
    words, _, sides = next_word_data.split()
    return [[words[i] for i in side] for side in sides]


def table(sides, words_of):
    """For each side a sparse matrix: which of the texts has which of the things in `words_of`."""
    numbers, matrices = {}, []
    for side in sides:
        things = [set(words_of([word for word in text if word not in ".!?,"])) for text in side]
        rows = np.repeat(np.arange(len(side)), [len(one) for one in things])
        columns = [numbers.setdefault(thing, len(numbers)) for one in things for thing in one]
        matrices.append((np.ones(len(rows)), (rows, columns), len(side)))
    return [
        sparse.csr_matrix((ones, place), (n, len(numbers)), dtype=np.float32)
        for ones, place, n in matrices
    ]


# Not by `duplicate_groups`, which made the split: all pairs, as a product of sparse matrices.
@pytest.mark.parametrize("experiment", ["yes_or_no", "next_word"])
@pytest.mark.parametrize("what", ["whole", "runs"])
def test_no_review_and_no_near_duplicate_is_on_two_sides_of_a_split(experiment, what):
    def runs(words):
        return [tuple(words[k : k + 5]) for k in range(len(words) - 4)] if len(words) > 20 else []

    matrices = table(sides_of(experiment), (lambda w: [tuple(w)]) if what == "whole" else runs)
    sizes = [np.asarray(matrix.sum(1)).ravel() for matrix in matrices]
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        common = (matrices[a] @ matrices[b].T).tocoo()
        union = sizes[a][common.row] + sizes[b][common.col] - common.data
        assert (common.data / union).max(initial=0) < 0.8


def test_the_stored_ladder_is_what_the_code_gives():
    vocabulary, train, _, test = next_word_data.prepare()
    model = KneserNey(train, 3, len(vocabulary))
    log_p = np.concatenate([model.log_probabilities(ids) for ids in test])
    runs = load_results("next_word/ngrams")["runs"]
    stored = next(run for run in runs if (run["model"], run["order"]) == ("Kneser-Ney", 3))
    assert np.exp(-log_p.mean()) == pytest.approx(stored["test_perplexity"], rel=1e-6)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_optional_corpus_is_one_changed_line(language, run_cells):
    try:
        path = fetch("amazon_reviews_multi")[f"{language}.parquet"]
    except DataError as error:
        pytest.skip(f"the optional corpus cannot be had here: {error}")
    chapter = run_cells("next_word", PREPARE, path)
    assert len(chapter["train"]) > 3_900 and len(chapter["test"]) > 480
    assert ("tamaño" in chapter["vocabulary"].words) == (language == "es")


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
    command = ["node", "-e", ARTICLE]
    ran = subprocess.run(
        command, cwd=ROOT / "web", capture_output=True, encoding="utf-8", check=True
    )
    expected = '["undefined","undefined",[0,0,0],1314768,[5,1,10000]]'
    assert ran.stdout.strip().splitlines()[-1] == expected
