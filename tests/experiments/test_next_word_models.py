"""The long next-word trainings: their losses, their measuring, and what their results must say."""

import json
import math
import pathlib
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "experiments"))
import next_word_data  # noqa: E402
import next_word_models as models  # noqa: E402

from experiments.common import code_digest  # noqa: E402

SETTINGS = {
    "width": 8,
    "units": 8,
    "start": 0.5,
    "tied": True,
    "scale": 2.0,
    "dropout": [0.0, 0.0, 0.0],
    "carry": False,
    "batch": 4,
    "window": 32,
    "head": 0,
    "sample": 0,
}


def results(name):
    return json.loads((ROOT / "experiments" / "results" / f"{name}.json").read_text("utf-8"))


def chosen():
    """The runs of the candidate that the validation reviews chose, the first seed first."""
    runs = results("next_word_best")["runs"]
    best = min((r for r in runs if r["seed"] == 0), key=lambda r: r["val_perplexity"])
    return [best] + [r for r in runs if r["candidate"] == best["candidate"] and r["seed"]]


@pytest.mark.parametrize("name", ["plateau", "select", "article", "best"])
def test_results_were_made_by_the_shared_code_that_is_there_now(name):
    assert results(f"next_word_{name}")["settings"]["shared_code"] == code_digest(models.__file__)


def test_the_exact_loss_is_keras_loss_with_keras_gradients():
    tf, rng = models.tf, np.random.default_rng(0)
    h = tf.constant(rng.normal(size=(256, 8)).astype("float32"))
    kernel, bias = (tf.constant(rng.normal(size=s).astype("float32")) for s in ((8, 50), (50,)))
    y = tf.constant(rng.integers(50, size=256), tf.int32)
    keras_loss = models.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    both = []
    for loss in (models.exact_loss, lambda h, y, k, b: keras_loss(y, h @ k + b)):
        with tf.GradientTape() as tape:
            tape.watch([h, kernel, bias])
            value = loss(h, y, kernel, bias)
        both.append([value, *tape.gradient(value, [h, kernel, bias])])
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_the_sampled_loss_estimates_the_exact_one():
    tf, rng, n = models.tf, np.random.default_rng(0), models.VOCABULARY
    models.keras.utils.set_random_seed(0)
    h = tf.constant(rng.normal(size=(128, 8)).astype("float32"))
    words = tf.constant(0.3 * rng.normal(size=(n, 8)).astype("float32"))
    bias = tf.constant(-np.log(np.arange(1, n + 1, dtype="float32")))
    y = tf.constant(rng.integers(n, size=128), tf.int32)  # in the head and beyond it
    exact = float(models.exact_loss(h, y, tf.transpose(words), bias))
    estimates = [float(models.sampled_loss(h, y, words, bias, 512, 512)) for _ in range(20)]
    assert np.mean(estimates) == pytest.approx(exact, abs=0.02)
    assert np.std(estimates) < 0.05


def test_measuring_agrees_with_the_network_that_was_trained():
    rng = np.random.default_rng(1)
    models.keras.utils.set_random_seed(1)
    network = models.NextWord(SETTINGS, models.unigram([rng.integers(1, 10_000, 500)]))
    reviews = [rng.integers(3, 10_000, n).astype("int32") for n in (32, 5, 32, 17)]
    log_p, rank = models.measure(network.arrays(), reviews)
    x = np.full((4, 32), models.EOS)
    for row, review in zip(x, reviews, strict=True):
        row[1 : len(review)] = review[:-1]
    logits = network(x).numpy() @ network.arrays()["embedding"].T + network.arrays()["output_bias"]
    theirs = models.tf.nn.log_softmax(logits).numpy()
    start = 0
    for row, review in zip(theirs, reviews, strict=True):
        chosen = row[np.arange(len(review)), review]
        np.testing.assert_allclose(log_p[start : start + len(review)], chosen, atol=1e-4)
        above = (row[: len(review)] > chosen[:, None]).sum(1)
        assert np.abs(rank[start : start + len(review)] - above).max() <= 2  # rounding
        start += len(review)


@pytest.mark.parametrize("carry", [False, True])
def test_the_stream_holds_each_token_once_and_follows_on(carry):
    reviews = [np.arange(10 * i + 3, 10 * i + 13, dtype="int32") for i in range(30)]
    x, y = models.stream(reviews, np.random.default_rng(0), 4, 5, carry)
    assert x.shape == y.shape == (60, 5)
    assert sorted(y.ravel()) == sorted(np.concatenate(reviews))
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    if carry:
        np.testing.assert_array_equal(x[4:, 0], y[:-4, -1])


def test_the_kept_weights_are_small_and_give_the_recorded_figures():
    assert next_word_data.WEIGHTS.stat().st_size <= 4_000_000
    weights, vocabulary = next_word_data.load_weights()
    prepared, _, _, test = next_word_data.prepare()
    assert vocabulary.words == prepared.words
    first = chosen()[0]
    found = models.perplexity(weights, test)
    assert found == pytest.approx(first["rounded_test_perplexity"], rel=1e-4)
    assert found / first["test_perplexity"] < 1.01, "rounding to 8 bits costs next to nothing"


def test_rounding_keeps_every_number_within_half_a_step():
    matrix = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    matrix[2] = 0
    stored = next_word_data.quantise({"a": matrix, "b": matrix[0]})
    assert stored["a"].dtype == np.int8 and stored["b"] is not None
    assert (np.abs(stored["a"] * stored["a_scale"] - matrix) <= stored["a_scale"] * 0.5001).all()


def test_the_aims_are_met():
    best = chosen()
    ratios = [run["test_perplexity"] / run["five_gram_test_perplexity"] for run in best]
    assert np.mean(ratios) <= 0.80
    assert all(run["mixed_test_perplexity"] < run["test_perplexity"] for run in best)
    article = results("next_word_article")["runs"]
    by_model = {
        name: np.mean([r["test_perplexity"] for r in article if r["model"] == name])
        for name in ("as written", "trained well")
    }
    assert by_model["trained well"] < by_model["as written"]
    assert {run["parameters"] for run in article} == {1_314_960}
    assert not any(math.isnan(value) for value in by_model.values())
