"""The memory experiments: their tasks, the starts, and how a learning rate is chosen."""

import math

import numpy as np
import pytest

from experiments import common
from experiments.common import Recorder
from experiments.memory import harder, trials
from experiments.memory.first_symbol import PLAN, RATES, SELECTION_SEEDS, TASK, one_batch


def test_only_the_first_symbol_tells_the_answer():
    x, first = (part.numpy() for part in one_batch(7, 0, 12, 500))
    symbols = x.argmax(axis=2)
    assert x.shape == (500, 13, 8) and (x.sum(axis=2) == 1).all()
    assert (symbols[:, 0] == first).all() and set(first) == {0, 1, 2, 3}
    assert set(symbols[:, 1:].ravel()) == {4, 5, 6, 7}


def test_the_sum_is_of_the_two_marked_numbers_one_of_each_half():
    x, y = (part.numpy() for part in harder.adding(7, 0, 21, 500))
    numbers, marks = x[..., 0], x[..., 1]
    assert (marks[:, :10].sum(1) == 1).all() and (marks[:, 10:].sum(1) == 1).all()
    assert set(marks.ravel()) == {0, 1} and numbers.min() >= 0 and numbers.max() < 1
    assert np.allclose(y, (numbers * marks).sum(1)) and 0.3 < abs(y - 1).mean() < 0.36


def test_five_symbols_are_asked_for_after_the_gap():
    x, y = (part.numpy() for part in harder.copying(7, 0, 12, 500))
    read = x.argmax(axis=2)
    assert x.shape == (500, 22, 6) and (read[:, :5] == y).all() and set(y.ravel()) == {0, 1, 2, 3}
    assert (read[:, 5:17] == 4).all() and (read[:, 17:] == 5).all()


def test_a_min_gru_keeps_where_its_gate_says_so():
    layer = trials.min_gru(3, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(2, 7, 4)).astype("float32")
    layer.build(x.shape)
    W, b = layer.get_weights()
    h = layer(x).numpy()
    z, candidate = np.split(x @ W + b, 2, axis=-1)
    z, expected = 1 / (1 + np.exp(-z)), np.zeros((2, 3))
    for t in range(7):
        expected = z[:, t] * expected + (1 - z[:, t]) * candidate[:, t]
        assert np.allclose(h[:, t], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["adding", "copying"])
def test_a_task_is_learned_by_what_is_asked(monkeypatch, name):
    monkeypatch.setattr(common, "SMOKE", True)  # without the compiler
    trials.compiled.cache_clear()
    task = harder.TASKS[name]
    figures = trials.train(task, "GRU", 10, rate=0.01, seed=0, at_most=25)
    model = trials.compiled(task, "GRU", 10)
    x, y = (part.numpy() for part in task.batch(trials.TEST, 0, 10, 1000))
    said = model(x).numpy()
    own = (said.argmax(-1) == y).mean() if name == "copying" else abs(said[:, 0] - y).mean()
    assert figures[f"test_{task.metric}"] == pytest.approx(own, abs=1e-3)
    trials.compiled.cache_clear()


def test_batches_differ_from_update_to_update_and_from_seed_to_seed():
    batches = [one_batch(*key, 12, 32)[0].numpy() for key in ((7, 0), (7, 1), (8, 0))]
    assert not any(np.array_equal(batches[i], batches[i - 1]) for i in range(3))


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("GRU, bias log(lag)", {0: math.log(40)}),
        ("LSTM, bias log(lag)", {0: -math.log(40), 1: math.log(40)}),
        ("LSTM", {1: 1.0}),
        ("GRU", {}),
    ],
)
def test_a_bias_sits_in_the_gates_that_the_name_says(name, gates):
    bias = trials.starting_weights(TASK, name, 40, seed=0)[2]
    blocks = np.split(bias[0] if name.startswith("GRU") else bias, bias.shape[-1] // 32)
    for number, block in enumerate(blocks):
        assert np.allclose(block, gates.get(number, 0.0))


def test_a_spread_of_biases_keeps_from_one_step_to_the_lag():
    bias = trials.starting_weights(TASK, "GRU, bias log(1 to lag)", 40, seed=0)[2]
    scales = np.exp(bias[0, :32])
    assert 1 <= scales.min() < 5 and 35 < scales.max() <= 40


@pytest.mark.parametrize("name", trials.LAYERS)
def test_a_seed_decides_the_start(name):
    first, again, other = (trials.starting_weights(TASK, name, 20, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_an_identity_start_keeps_a_positive_state():
    W, U, _ = trials.starting_weights(TASK, "SimpleRNN, identity start", 20, seed=0)[:3]
    assert np.array_equal(U, np.eye(32)) and 0.0008 < W.std() < 0.0012
    state = np.random.default_rng(0).random((5, 32)).astype("float32")
    layer = trials.build(TASK, "SimpleRNN, identity start", 20).layers[1]
    kept = layer(np.zeros((5, 21, 8), "float32"), initial_state=state)
    assert np.allclose(kept, state)


def test_a_run_that_diverges_ends_and_says_so(monkeypatch):
    monkeypatch.setattr(common, "SMOKE", True)  # without the compiler
    trials.compiled.cache_clear()
    figures = trials.train(TASK, "GRU", 20, rate=math.inf, seed=0, at_most=100)
    trials.compiled.cache_clear()
    assert figures["diverged"] and not figures["solved"]


@pytest.fixture
def chosen(monkeypatch, tmp_path):
    """The rate that is chosen where training would take these updates (missing: never solved)."""
    monkeypatch.setenv("GRUBOOK_RESULTS", str(tmp_path))
    recorder = Recorder(trials.__file__, {}, {}, data="made by the test")

    def choose(updates):
        def train(task, name, lag, rate, seed, at_most):
            needed, accuracy = updates.get((rate, seed), (math.inf, 0.25))
            solved = needed <= at_most
            figures = {"updates": min(needed, at_most), "validation_accuracy": accuracy}
            return {"solved": solved} | figures

        monkeypatch.setattr(trials, "train", train)
        rate = trials.choose_rate(recorder, TASK, PLAN, "GRU", 20)
        return rate, recorder.content["runs"]

    return choose


def test_the_rate_with_the_fewest_updates_of_all_seeds_wins(chosen):
    both = {(0.01, 100): (300, 1.0), (0.01, 101): (300, 1.0), (0.1, 100): (25, 1.0)}
    slower = {(0.03, 100): (100, 1.0), (0.03, 101): (600, 1.0), (0.1, 101): (600, 1.0)}
    assert chosen(both | slower)[0] == 0.01


@pytest.mark.parametrize(("lucky", "steady"), [(0.01, 0.03), (0.03, 0.01)])
def test_more_seeds_count_more_than_fewer_updates(chosen, lucky, steady):
    rate, _ = chosen(
        {(lucky, 100): (25, 1.0), (steady, 100): (900, 1.0), (steady, 101): (900, 1.0)}
    )
    assert rate == steady


def test_one_seed_is_better_than_none(chosen):
    assert chosen({(0.003, 100): (25, 1.0)})[0] == 0.003


def test_a_failed_seed_costs_a_rate_the_others_only_where_some_rate_solves_with_all(chosen):
    lucky = {(0.01, 100): (900, 1.0), (0.03, 101): (100, 1.0)}
    rate, runs = chosen(lucky)
    assert rate == 0.03 and len(runs) == len(RATES) * len(SELECTION_SEEDS)


def test_a_failed_seed_ends_a_rate_where_another_solves_with_all(chosen):
    rate, runs = chosen({(RATES[-1], seed): (900, 1.0) for seed in SELECTION_SEEDS})
    assert rate == RATES[-1] and len(runs) == len(RATES) + 1


def test_equal_updates_are_decided_by_validation_accuracy(chosen):
    seeds = SELECTION_SEEDS
    equal = {(0.01, s): (50, 0.99) for s in seeds} | {(0.03, s): (50, 1.0) for s in seeds}
    assert chosen(equal)[0] == 0.03


def test_where_no_rate_solves_the_best_validation_figure_decides(chosen):
    never = math.inf
    figures = {(0.03, 100): (never, 0.4), (0.003, 100): (never, 0.9), (0.01, 100): (never, None)}
    assert chosen(figures)[0] == 0.003


def test_a_run_that_can_no_longer_win_ends(chosen):
    tried_first = RATES[0]
    _, runs = chosen({(tried_first, 100): (200, 1.0), (tried_first, 101): (100, 1.0)})
    limits = {run["at_most"] for run in runs if run["rate"] != tried_first}
    assert limits == {300}
