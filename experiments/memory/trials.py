"""How many updates until a recurrent layer has learned a task of memory? What the trials share.

Eight layers of 32 units. As Keras makes them: SimpleRNN (tanh, orthogonal start of U), LSTM
(`unit_forget_bias=True`: its forget gate starts with a bias of 1) and GRU. A SimpleRNN with U
started as the identity, ReLU, and W drawn with a standard deviation of 0.001 (Le, Jaitly and
Hinton 2015, arXiv:1504.00941). Gates whose bias favors keeping at the scale of the lag (after
Tallec and Ollivier 2018, arXiv:1804.11188): log(lag) for the GRU's update gate; log(lag) for the
LSTM's forget gate and -log(lag) for its input gate, so two gates are set; and for the GRU a spread,
log(u) with u uniform from 1 to the lag, one u a unit, as the paper draws them. And a minGRU (Feng
and others 2024, arXiv:2410.01201), whose gate and candidate see the input alone.

Sequences are made fresh for every update and never repeat. A run is solved when 500 validation
sequences say so, looked at every 25 updates; else it ends at the lag's cap, or as diverged when its
weights are no numbers any more (clipping does not help a gradient that is not finite). The learning
rate is chosen for each layer at each lag, with two seeds of its own: the rate that solves with more
of them, then in fewer updates together, then with the better validation figure. A selection run
ends when its rate can no longer win, and a rate that fails with the first seed is not tried with
the second. Where no rate solves, the one with the best validation figure is taken. A layer that
fails with the first two seeds of the test is tried no further.
"""

import functools
import math
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from experiments.common import brief, rewind

UNITS, BATCH = 32, 32
CHECK = 25  # updates between two looks at the validation sequences
OPTIMIZER = "Adam, global norm of the gradient clipped at 1"
VALIDATION, TEST = 1_000_000, 2_000_000  # added to a seed: its held-out sequences


class Task(NamedTuple):
    """What is learned: ``batch(seed, number, lag, n)`` makes x (n, steps, features), and y."""

    batch: Callable
    steps: Callable  # of a lag: how many timesteps
    features: int
    answers: int  # numbers that are answered at once
    asked: int  # how many of the last steps are answered
    loss: Callable
    metric: str  # of Keras
    solved: Callable  # whether this value of the metric will do


class Plan(NamedTuple):
    """How it is tried; ``rates`` in this order: a good one early shortens the others."""

    caps: dict  # updates at most, by lag
    selection_cap: int
    rates: list
    seeds: list
    selection_seeds: list

    def settings(self):
        return {
            "units": UNITS,
            "batch": BATCH,
            "optimizer": OPTIMIZER,
            "updates_at_most": {str(lag): cap for lag, cap in self.caps.items()},
            "seeds": self.seeds,
            "selection": {
                "rates": sorted(self.rates),
                "seeds": self.selection_seeds,
                "updates_at_most": self.selection_cap,
            },
        }


def identity_start(units, **settings):
    """Le's layer; its own initializer each, because one instance draws the same values again."""
    return keras.layers.SimpleRNN(
        units,
        activation="relu",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
        recurrent_initializer="identity",
        **settings,
    )


class MinGruCell(keras.layers.Layer):
    """h = z * h + (1 - z) * candidate; z and the candidate see x alone."""

    def __init__(self, units):
        super().__init__()
        self.state_size = units
        self.dense = keras.layers.Dense(2 * units)

    def build(self, shape):
        self.dense.build(shape)

    def call(self, x, states):
        z, candidate = keras.ops.split(self.dense(x), 2, axis=-1)
        z = keras.ops.sigmoid(z)
        h = z * states[0] + (1 - z) * candidate
        return h, [h]


def min_gru(units, **settings):
    return keras.layers.RNN(MinGruCell(units), **settings)


LAYERS = {
    "GRU": keras.layers.GRU,
    "GRU, bias log(lag)": keras.layers.GRU,
    "LSTM": keras.layers.LSTM,
    "SimpleRNN, identity start": identity_start,
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM, bias log(lag)": keras.layers.LSTM,
    "GRU, bias log(1 to lag)": keras.layers.GRU,
    "minGRU": min_gru,
}


def build(task, name, lag):
    """The network, with the weights that Keras starts it with."""
    x = inputs = keras.Input((task.steps(lag), task.features))
    x = LAYERS[name](UNITS, return_sequences=task.asked > 1)(x)
    if task.asked > 1:
        x = x[:, -task.asked :]
    return keras.Model(inputs, keras.layers.Dense(task.answers)(x), name="memory")


def starting_weights(task, name, lag, seed):
    """What a run begins with: the weights of Keras, the gates' bias moved if the name asks."""
    keras.utils.set_random_seed(seed)
    weights = build(task, name, lag).get_weights()
    kind, _, start = name.partition(", bias ")
    if start:
        spread = np.log(np.random.default_rng(seed).uniform(1, lag, UNITS))
        keep = math.log(lag) if start == "log(lag)" else spread
        if kind == "GRU":
            weights[2][0, :UNITS] = keep  # z keeps the old state
        else:
            weights[2][:UNITS] = -keep  # the input gate writes as little as a GRU's 1 - z
            weights[2][UNITS : 2 * UNITS] = keep
    return weights


@functools.lru_cache(maxsize=1)
def compiled(task, name, lag):
    """One compiled network serves all runs of a layer at a lag: compiling takes seconds."""
    keras.utils.clear_session()
    model = build(task, name, lag)
    model.compile(
        optimizer=keras.optimizers.Adam(global_clipnorm=1.0),
        loss=task.loss(),
        metrics=[task.metric],
        jit_compile=brief(True, False),
        steps_per_execution=CHECK,
    )
    model.optimizer.build(model.trainable_variables)
    return model


class StopWhenDecided(keras.callbacks.Callback):
    """End a run that is solved, and one whose weights are no numbers any more."""

    def __init__(self, task):
        super().__init__()
        self.task = task

    def on_epoch_end(self, epoch, logs=None):
        self.updates = (epoch + 1) * CHECK
        self.solved = bool(self.task.solved(logs[f"val_{self.task.metric}"]))
        self.diverged = not math.isfinite(logs["val_loss"])
        self.model.stop_training = self.solved or self.diverged


def train(task, name, lag, rate, seed, at_most):
    """Train from fresh weights until the task is solved, or for `at_most` updates."""
    began = time.perf_counter()
    model = compiled(task, name, lag)
    model.set_weights(starting_weights(task, name, lag, seed))
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    training = tf.data.Dataset.counter().map(lambda i: task.batch(seed, i, lag, BATCH)).prefetch(4)
    stop = StopWhenDecided(task)
    history = model.fit(
        training,
        validation_data=task.batch(VALIDATION + seed, 0, lag, 500),
        validation_batch_size=500,
        epochs=brief(at_most // CHECK, 1),
        steps_per_epoch=CHECK,
        shuffle=False,
        callbacks=[stop],
        verbose=0,
    ).history[f"val_{task.metric}"]
    test = model.evaluate(*task.batch(TEST + seed, 0, lag, 1000), batch_size=1000, verbose=0)
    return {
        "solved": stop.solved,
        "diverged": stop.diverged,
        "updates": stop.updates,
        f"validation_{task.metric}": finite(history[-1]),
        f"test_{task.metric}": finite(test[1]),
        "seconds": round(time.perf_counter() - began, 1),
    }


def finite(figure):
    """What JSON can hold: None for what is no number."""
    return round(figure, 4) if math.isfinite(figure) else None


def run(recorder, task, at_most, key):
    """The stored run of this key, or a new one."""
    if not recorder.done(**key):
        result = train(task, key["model"], key["lag"], key["rate"], key["seed"], at_most)
        recorder.add(**key, at_most=at_most, **result)
    return recorder.runs(**key)[0]


def choose_rate(recorder, task, plan, name, lag, also=MappingProxyType({})):
    """The learning rate that solves with most selection seeds, then in the fewest updates.

    A rate that fails with one seed is tried with the others only where none solves with all.
    Where none solves at all: the one with the best validation figure.
    """
    better = -1 if task.solved(0) else 1  # an error is better where it is smaller
    for thorough in (False, True):
        best, most = plan.rates[0], (0, -math.inf, -math.inf)
        for rate in plan.rates[: brief(None, 1)]:
            solved = updates = quality = 0
            for seed in plan.selection_seeds:
                at_most = plan.selection_cap
                if most[0] == len(plan.selection_seeds):
                    at_most = min(at_most, -most[1] - updates)
                if at_most < CHECK:
                    break
                key = {"stage": "selection", **also, "model": name, "lag": lag, "rate": rate}
                result = run(recorder, task, at_most, key | {"seed": seed})
                updates += result["updates"] if result["solved"] else at_most
                figure = result[f"validation_{task.metric}"]
                quality += -math.inf if figure is None else better * figure
                solved += result["solved"]
                if not (result["solved"] or thorough):
                    break
            score = (solved, -updates if solved else -math.inf, quality)
            if score > most:
                best, most = rate, score
        if most[0] == len(plan.selection_seeds):
            break
    return best


def train_seeds(recorder, task, plan, name, also=MappingProxyType({})):
    """Lag after lag: the rate is chosen, then the test's seeds are trained with it."""
    for lag, cap in list(plan.caps.items())[: brief(None, 1)]:
        rate = choose_rate(recorder, task, plan, name, lag, also)
        key = {"stage": "test", **also, "model": name, "lag": lag, "rate": rate}
        solved = []
        for seed in plan.seeds[: brief(None, 1)]:
            solved.append(run(recorder, task, cap, key | {"seed": seed})["solved"])
            if solved == [False, False]:
                return
