"""What a window shorter than the lag cannot teach, and what it can all the same.

A stream of episodes: one of four symbols is shown, noise follows, a question mark asks for the
symbol; the next episode begins at once. The lag from symbol to question is either always 24 steps,
or drawn anew for each episode, from 1 to 24. A GRU of 32 units reads the stream in windows of 4 to
64 steps, 1,024 steps an update, its state carried on. Both are tested alike: on new streams whose
lag is always 24, and on some whose lag is 100.

Every 200 updates it reads a validation stream of lag 24; with 99 % right, training ends. Three
seeds; every step of training is fresh. Each kind of stream has, at each window, a rate of its own:
for a seed that does nothing else, the one with the best validation accuracy, or, where two reach
99 %, the one that needs fewer updates.
"""

import functools
import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, rewind
from grubook.reference import gru_forward

SYMBOLS, NOISE, ASK = 4, 4, 8  # inputs 0 to 3 are symbols, 4 to 7 noise
UNITS, STEPS, LAG, LONG = 32, 1024, 24, 100
WINDOWS, RATES = [4, 8, 16, 32, 64], [1e-3, 3e-3, 1e-2, 3e-2]
SELECTION_SEED, SEEDS = 100, [0, 1, 2]
LAGS = {"always 24": (LAG, LAG), "1 to 24": (1, LAG)}
CHECK, AT_MOST = 200, 1600


def episodes(rng, rows, steps, shortest, longest):
    """A stream (rows, steps) of inputs, and what is asked at each step: -1 where nothing is."""
    x = rng.integers(SYMBOLS, SYMBOLS + NOISE, (rows, steps))
    y = np.full((rows, steps), -1)
    for row in range(rows):
        t = int(rng.integers(longest))
        while t + longest < steps:
            lag, symbol = int(rng.integers(shortest, longest + 1)), rng.integers(SYMBOLS)
            x[row, t], x[row, t + lag], y[row, t + lag] = symbol, ASK, symbol
            t += lag + 1
    return x, y


@functools.cache
def compiled(window):
    """One compiled network serves all runs of a window."""
    keras.utils.clear_session()
    read = keras.Input((window,), STEPS // window, dtype="int32")
    one_hot = keras.layers.Embedding(ASK + 1, ASK + 1, "identity", trainable=False)
    h = keras.layers.GRU(UNITS, return_sequences=True, stateful=True)(one_hot(read))
    model = keras.Model(read, keras.layers.Dense(SYMBOLS)(h))
    model.compile(
        keras.optimizers.Adam(global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1),
        jit_compile=brief(True, False),
        steps_per_execution=50,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def start(model, rate, seed):
    """Weights as Keras starts them, of this seed, and an optimizer without a past."""
    keras.utils.set_random_seed(seed)
    fresh = keras.Sequential(
        [keras.Input((1, ASK + 1)), keras.layers.GRU(UNITS), keras.layers.Dense(SYMBOLS)]
    )
    model.set_weights([np.eye(ASK + 1), *fresh.get_weights()])
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    model.layers[2].reset_state()


def accuracy(model, seed, lag):
    """Share of questions answered rightly on a fresh stream in which the lag is always the same."""
    one_hot, *gru, V, c = model.get_weights()
    x, y = episodes(np.random.default_rng(seed), 100, 4 * lag + 4, lag, lag)
    answers = (gru_forward(one_hot[x], *gru).h[:, 1:] @ V + c).argmax(axis=-1)
    return float((answers == y)[y >= 0].mean())


def train(lags, window, rate, seed):
    """Train until the validation stream is answered, or to the end."""
    began, rows, check = time.process_time(), STEPS // window, brief(CHECK, 50)
    model, rng = compiled(window), np.random.default_rng(seed)
    start(model, rate, seed)
    updates, right = 0, 0.0
    while updates < brief(AT_MOST, check) and right < 0.99:
        parts = episodes(rng, rows, window * check, *LAGS[lags])
        x, y = (a.reshape(rows, check, window).swapaxes(0, 1).reshape(-1, window) for a in parts)
        data = tf.data.Dataset.from_tensor_slices((x, y)).batch(rows, drop_remainder=True)
        model.fit(data, shuffle=False, verbose=0)
        updates, right = updates + check, accuracy(model, 1000 + seed, LAG)
    return {
        "updates": updates,
        "validation_accuracy": right,
        "accuracy": accuracy(model, 2000 + seed, LAG),
        "accuracy_at_100": accuracy(model, 3000 + seed, LONG),
        "seconds": round(time.process_time() - began, 1),
    }


def main():
    recorder = Recorder(
        __file__,
        {
            "units": UNITS,
            "steps_an_update": STEPS,
            "lags": LAGS,
            "windows": WINDOWS,
            "rates": RATES,
            "selection_seed": SELECTION_SEED,
            "seeds": SEEDS,
            "updates_at_most": AT_MOST,
            "optimizer": "Adam, global norm clipped at 1",
        },
        tolerance={"accuracy": 0.1, "accuracy_at_100": 0.5, "updates": 800},
        data="made by the script",
    )
    for window, lags in list(itertools.product(WINDOWS, LAGS))[: brief(None, 1)]:
        kind = {"lags": lags, "window": window}
        key = kind | {"stage": "rate", "seed": SELECTION_SEED}
        for key in recorder.todo(key | {"rate": rate} for rate in RATES):
            recorder.add(**key, **train(lags, window, key["rate"], key["seed"]))
        tried = recorder.runs(**kind, stage="rate")
        best = max(tried, key=lambda run: (min(run["validation_accuracy"], 0.99), -run["updates"]))
        key = kind | {"stage": "seeds", "rate": best["rate"]}
        for key in recorder.todo(key | {"seed": seed} for seed in SEEDS):
            recorder.add(**key, **train(lags, window, key["rate"], key["seed"]))


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
