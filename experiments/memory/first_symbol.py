"""How many updates until a recurrent layer remembers? The first-symbol task over growing lags.

The first of `lag + 1` symbols is one of four; every later symbol is noise from another four. After
the last one the network must name the first. Nothing but memory can answer: guessing gives 25 %.
A run is solved when 99 % of the validation sequences are right. `trials` says how it is tried.

How much hangs on the rate? A sweep trains two of the layers with every rate at one lag, with a cap
and seeds of its own.
"""

import itertools

import keras
import tensorflow as tf

from experiments.common import Recorder, brief, command_line
from experiments.memory.trials import CHECK, LAYERS, Plan, Task, run, train_seeds

SYMBOLS = 4
RATES = [0.1, 0.001, 0.03, 0.003, 0.3, 0.01, 0.0003]
SEEDS, SELECTION_SEEDS = [0, 1, 2, 3, 4], [100, 101]
CAPS = {20: 10_000, 40: 10_000, 80: 20_000, 160: 10_000, 320: 4_000}
PLAN = Plan(CAPS, 2_000, RATES, SEEDS, SELECTION_SEEDS)
SWEEP = {"lag": 80, "seeds": [0, 1, 2], "updates_at_most": 5_000}
SWEPT = ["GRU", "GRU, bias log(lag)"]


def one_batch(seed, number, lag, batch):
    """Sequences (batch, lag + 1, 8) as one-hot vectors, and the first symbol of each."""
    key = tf.stack([tf.cast(seed, tf.int32), tf.cast(number, tf.int32)])
    first = tf.random.stateless_uniform((batch, 1), key, 0, SYMBOLS, tf.int32)
    key = key + tf.constant([5_000_000, 0])
    noise = tf.random.stateless_uniform((batch, lag), key, SYMBOLS, 2 * SYMBOLS, tf.int32)
    return tf.one_hot(tf.concat([first, noise], axis=1), 2 * SYMBOLS), first[:, 0]


def named():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


TASK = Task(
    one_batch, lambda lag: lag + 1, 2 * SYMBOLS, SYMBOLS, 1, named, "accuracy", lambda a: a >= 0.99
)


def sweep_rates(recorder, name):
    for rate, seed in list(itertools.product(sorted(RATES), SWEEP["seeds"]))[: brief(None, 1)]:
        key = {"stage": "sweep", "model": name, "lag": SWEEP["lag"], "rate": rate, "seed": seed}
        run(recorder, TASK, SWEEP["updates_at_most"], key)


def main():
    settings = PLAN.settings() | {
        "sweep": SWEEP | {"models": SWEPT},
        "solved": f"99 % of 500 validation sequences, looked at every {CHECK} updates",
    }
    tolerance = {
        "solved": 0,
        "diverged": 0,
        "updates": 500,
        "at_most": 1_000,
        "test_accuracy": 0.05,
    }
    recorder = Recorder(__file__, settings, tolerance, data="made by the script")
    for name in list(LAYERS)[: brief(None, 1)]:
        train_seeds(recorder, TASK, PLAN, name)
        if name in SWEPT:
            sweep_rates(recorder, name)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
