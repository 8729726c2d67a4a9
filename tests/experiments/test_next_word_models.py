"""The long next-word trainings: their losses, their measuring, and what their results must say."""

import numpy as np
import pytest

from experiments.next_word import compare, models, networks, together
from grubook.ngrams import mix_cache
from grubook.results import load_results

SETTINGS = {
    "width": 8,
    "units": 8,
    "start": 0.5,
    "tied": True,
    "scale": 2.0,
    "dropout": [0.0, 0.0, 0.0],
    "carry": False,
    "batch": 4,
    "window": 100,
    "head": 0,
    "sample": 0,
}


def chosen():
    """The runs of the candidate that the validation reviews chose, the first seed first."""
    runs = load_results("next_word/best")["runs"]
    best = min((r for r in runs if r["seed"] == 0), key=lambda r: r["val_perplexity"])
    return [best] + [r for r in runs if r["candidate"] == best["candidate"] and r["seed"]]


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
    lengths = (100, 5, 100, 70)  # two whole pieces of logits, and a part of one
    assert sum(lengths) > 2 * models.CHUNK and sum(lengths) % models.CHUNK
    reviews = [rng.integers(3, 10_000, n).astype("int32") for n in lengths]
    x = np.full((4, 100), models.EOS)
    for row, review in zip(x, reviews, strict=True):
        row[1 : len(review)] = review[:-1]
    weights = network.arrays()
    logits = network(x).numpy() @ weights["embedding"].T + weights["output_bias"]
    theirs = models.tf.nn.log_softmax(logits).numpy()
    theirs = np.concatenate([row[:n] for row, n in zip(theirs, lengths, strict=True)])
    right = theirs[np.arange(len(theirs)), np.concatenate(reviews)]
    log_p, rank = models.measure(weights, reviews)
    np.testing.assert_allclose(log_p, right, atol=1e-4)
    assert np.abs(rank - (theirs > right[:, None]).sum(1)).max() <= 2  # rounding
    found = models.figures(weights, reviews, "val")
    assert found["val_perplexity"] == pytest.approx(np.exp(-right.mean()), rel=1e-4)
    assert found["val_perplexity"] == models.perplexity(weights, reviews)


@pytest.mark.parametrize("carry", [False, True])
def test_the_stream_holds_each_token_once_and_follows_on(carry):
    reviews = [np.arange(10 * i + 3, 10 * i + 13, dtype="int32") for i in range(30)]
    x, y = models.stream(reviews, np.random.default_rng(0), 4, 5, carry)
    assert x.shape == y.shape == (60, 5)
    assert sorted(y.ravel()) == sorted(np.concatenate(reviews))
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    if carry:
        np.testing.assert_array_equal(x[4:, 0], y[:-4, -1])


def test_the_stored_weights_are_those_that_were_measured():
    """The digest of the intervals' data holds the weights; the smoke run compares it."""
    found = {run["model"]: run for run in load_results("next_word/intervals")["runs"]}
    rounded = found["GRU, the stored weights"]["test_perplexity"]
    assert rounded == pytest.approx(chosen()[0]["rounded_test_perplexity"], rel=1e-4)
    assert rounded / chosen()[0]["test_perplexity"] < 1.01, "rounding costs next to nothing"


def test_the_aims_are_met():
    best = chosen()
    ratios = [run["test_perplexity"] / run["five_gram_test_perplexity"] for run in best]
    assert np.mean(ratios) <= 0.80
    assert all(run["mixed_test_perplexity"] < run["test_perplexity"] for run in best)
    runs = load_results("next_word/article")["runs"]
    written, well = (
        np.mean([run["test_perplexity"] for run in runs if run["model"] == name])
        for name in ("as written", "trained well")
    )
    assert well < written
    assert {run["parameters"] for run in runs} == {1_314_960}


OTHERS = {
    "GRU": (networks.Network, {}),
    "DropConnect": (networks.DropConnect, {"connect": 0.5}),
    "LSTM": (networks.Lstm, {}),
    "minGRU": (networks.MinGru, {"depth": 2}),
    "Transformer": (networks.Transformer, {"depth": 2, "heads": 2, "hidden": 16, "carry": False}),
}


def other(name):
    network, settings = OTHERS[name]
    models.keras.utils.set_random_seed(0)
    return network(SETTINGS | {"window": 12, "carry": True} | settings, None)


@pytest.mark.parametrize("name", OTHERS)
def test_a_network_reads_each_review_alone_and_from_its_beginning(name):
    reviews = [np.arange(5, 5 + n) % 50 for n in (7, 3, 12, 5, 9)]
    model = other(name)
    together = model.states(reviews)
    alone = np.concatenate([model.states([review]) for review in reviews])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    changed = [review.copy() for review in reviews]
    changed[2][6] += 1  # the state before it, and all states before that, do not know
    moved = abs(model.states(changed) - together).max(axis=1) > 1e-7
    assert np.flatnonzero(moved).tolist() == [10 + t for t in range(7, 12)]


@pytest.mark.parametrize("name", ["GRU", "DropConnect"])
def test_the_networks_that_are_a_gru_have_its_states(name):
    model = other(name)
    model.reader.set_weights([w + 0.1 * np.cos(w.size) for w in model.reader.get_weights()])
    reviews = [np.arange(5, 5 + n) % 50 for n in (7, 3, 12)]
    weights = models.NextWord.arrays(model)
    np.testing.assert_allclose(model.states(reviews), models.states(weights, reviews), atol=1e-5)


def test_weights_are_dropped_in_training_alone_and_are_the_same_in_all_steps():
    model = other("DropConnect")
    x = np.full((4, 12), 7)
    plain, again, dropped = (
        np.array(model.reader(model.embedding(x), training=training))
        for training in (False, False, True)
        if model.reader.reset_state() is None
    )
    assert np.array_equal(plain, again) and not np.allclose(plain, dropped, atol=1e-3)
    assert np.allclose(dropped, dropped[:1])  # one mask serves the batch


@pytest.mark.parametrize("name", ["GRU", "DropConnect", "LSTM", "minGRU"])
def test_two_windows_with_the_state_carried_are_one(name):
    model, x = other(name), np.arange(4 * 24).reshape(4, 24) % 50

    def read(words):
        return np.array(model.reader(model.embedding(words) * model.settings["scale"]))

    model.reader.reset_state()
    whole = read(x)
    model.reader.reset_state()
    halves = np.concatenate([read(x[:, :12]), read(x[:, 12:])], axis=1)
    np.testing.assert_allclose(halves, whole, atol=1e-5)


@pytest.mark.parametrize("network", compare.NETWORKS)
def test_compared_networks_are_of_one_size_and_can_be_built_with_the_most_dropout(network):
    sizes = [
        sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        for model in (
            compare.build(name, 32, [np.arange(10)], max(compare.DROPS))
            for name in ("GRU", network)
        )
    ]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.01)


def test_a_cache_of_many_tokens_is_that_of_each_review():
    rng = np.random.default_rng(0)
    reviews = [rng.integers(0, 5, n) for n in (1, 2, 30)]
    log_p = [np.log(rng.uniform(0.1, 0.9, len(ids))) for ids in reviews]
    for weight in (0, 0.1):
        each = [mix_cache(p, ids, weight) for p, ids in zip(log_p, reviews, strict=True)]
        found = together.cached(np.concatenate(log_p), together.in_cache(reviews), weight)
        np.testing.assert_allclose(found, np.concatenate(each))


@pytest.mark.parametrize("steps", [1, 2, 7, 32])
def test_a_scan_is_the_loop(steps):
    rng = np.random.default_rng(0)
    z, candidate = rng.random((3, steps, 4)), rng.normal(size=(3, steps, 4))
    h = start = rng.normal(size=(3, 4))
    found = networks.scan(*(models.tf.constant(a) for a in (z, candidate, start))).numpy()
    for t in range(steps):
        h = z[:, t] * h + (1 - z[:, t]) * candidate[:, t]
        np.testing.assert_allclose(found[:, t], h)


def test_shares_of_a_mixture_are_those_that_find_the_tokens_likeliest():
    rng = np.random.default_rng(0)
    good, bad = np.log(rng.uniform(0.3, 0.5, 2000)), np.log(rng.uniform(0.1, 0.2, 2000))
    better = np.where(rng.random(2000) < 0.3, 0.0, -5.0)
    shares = together.mix(np.stack([good, bad, better]))
    grid = [(a, b) for a in np.arange(0.01, 1, 0.01) for b in np.arange(0.01, 1 - a, 0.01)]
    p = np.exp(np.stack([good, bad, better]))
    best = max(grid, key=lambda s: np.log(s[0] * p[0] + s[1] * p[2] + (1 - sum(s)) * p[1]).mean())
    assert shares.sum() == pytest.approx(1) and shares[1] < 0.02
    assert shares[[0, 2]] == pytest.approx(best, abs=0.02)
