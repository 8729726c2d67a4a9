"""How many updates until a recurrent layer remembers? The first-symbol task over growing lags.

The first of `lag + 1` symbols is one of four; every later symbol is noise from another four. After
the last one the network must name the first. Nothing but memory can answer: guessing gives 25 %.

Seven layers of 32 units. As Keras makes them: SimpleRNN (tanh, orthogonal start of U), LSTM
(`unit_forget_bias=True`: its forget gate starts with a bias of 1) and GRU. A SimpleRNN with U
started as the identity, ReLU, and W drawn with a standard deviation of 0.001 (Le, Jaitly and
Hinton 2015, arXiv:1504.00941). And gates whose bias favors keeping at the scale of the lag (after
Tallec and Ollivier 2018, arXiv:1804.11188): log(lag) for the GRU's update gate; log(lag) for the
LSTM's forget gate and -log(lag) for its input gate, so two gates are set; and for the GRU a spread,
log(u) with u uniform from 1 to the lag, one u a unit, as the paper draws them.

Sequences are made fresh for every update and never repeat. A run is solved when 99 % of 500
validation sequences are right, looked at every 25 updates; else it ends at the lag's cap, or as
diverged when its weights are no numbers any more (clipping does not help a gradient that is not
finite). The learning rate is chosen for each layer at each lag, with two seeds of its own: the rate
that solves with more of them, then in fewer updates together, then with the better validation
accuracy. A selection run ends when its rate can no longer win, and a rate that fails with the first
seed is not tried with the second. Where no rate solves, the one chosen for the lag before stays. A
layer that fails with the first two seeds of the test is tried no further.

How much hangs on the rate? A sweep trains two of the layers with every rate at one lag, with a cap
and seeds of its own.
"""

import functools
import itertools
import math
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, rewind

UNITS, BATCH, SYMBOLS = 32, 32, 4
CHECK = 25  # updates between two looks at the validation sequences
CAPS = {20: 10_000, 40: 10_000, 80: 20_000, 160: 10_000, 320: 4_000}
SELECTION_CAP = 2_000
SEEDS, SELECTION_SEEDS = [0, 1, 2, 3, 4], [100, 101]
RATES = [0.1, 0.001, 0.03, 0.003, 0.3, 0.01, 0.0003]  # a good one early shortens the others
SWEEP = {"lag": 80, "seeds": [0, 1, 2], "updates_at_most": 5_000}
SWEPT = ["GRU", "GRU, bias log(lag)"]
VALIDATION, TEST = 1_000_000, 2_000_000  # added to a seed: its held-out sequences


def identity_start(units):
    """Le's layer; its own initializer each, because one instance draws the same values again."""
    return keras.layers.SimpleRNN(
        units,
        activation="relu",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
        recurrent_initializer="identity",
    )


LAYERS = {
    "GRU": keras.layers.GRU,
    "GRU, bias log(lag)": keras.layers.GRU,
    "LSTM": keras.layers.LSTM,
    "SimpleRNN, identity start": identity_start,
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM, bias log(lag)": keras.layers.LSTM,
    "GRU, bias log(1 to lag)": keras.layers.GRU,
}


def one_batch(seed, number, lag, batch):
    """Sequences (batch, lag + 1, 8) as one-hot vectors, and the first symbol of each."""
    key = tf.stack([tf.cast(seed, tf.int32), tf.cast(number, tf.int32)])
    first = tf.random.stateless_uniform((batch, 1), key, 0, SYMBOLS, tf.int32)
    key = key + tf.constant([5_000_000, 0])
    noise = tf.random.stateless_uniform((batch, lag), key, SYMBOLS, 2 * SYMBOLS, tf.int32)
    return tf.one_hot(tf.concat([first, noise], axis=1), 2 * SYMBOLS), first[:, 0]


def build(name, lag):
    """The network, with the weights that Keras starts it with."""
    shape = (lag + 1, 2 * SYMBOLS)
    return keras.Sequential(
        [keras.Input(shape), LAYERS[name](UNITS), keras.layers.Dense(SYMBOLS)], name="memory"
    )


def starting_weights(name, lag, seed):
    """What a run begins with: the weights of Keras, the gates' bias moved if the name asks."""
    keras.utils.set_random_seed(seed)
    weights = build(name, lag).get_weights()
    bias = weights[2]
    if name == "GRU, bias log(lag)":
        bias[0, :UNITS] = math.log(lag)  # z keeps the old state
    if name == "GRU, bias log(1 to lag)":
        bias[0, :UNITS] = np.log(np.random.default_rng(seed).uniform(1, lag, UNITS))
    if name == "LSTM, bias log(lag)":
        bias[:UNITS] = -math.log(lag)  # the input gate writes as little as a GRU's 1 - z
        bias[UNITS : 2 * UNITS] = math.log(lag)
    return weights


@functools.lru_cache(maxsize=1)
def compiled(name, lag):
    """One compiled network serves all runs of a layer at a lag: compiling takes seconds."""
    keras.utils.clear_session()
    model = build(name, lag)
    model.compile(
        optimizer=keras.optimizers.Adam(global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=brief(True, False),
        steps_per_execution=CHECK,
    )
    model.optimizer.build(model.trainable_variables)
    return model


class StopWhenDecided(keras.callbacks.Callback):
    """End a run that is solved, and one whose weights are no numbers any more."""

    def on_epoch_end(self, epoch, logs=None):
        self.updates = (epoch + 1) * CHECK
        self.solved = logs["val_accuracy"] >= 0.99
        self.diverged = not math.isfinite(logs["val_loss"])
        self.model.stop_training = self.solved or self.diverged


def train(name, lag, rate, seed, at_most):
    """Train from fresh weights until the task is solved, or for `at_most` updates."""
    began = time.perf_counter()
    model = compiled(name, lag)
    model.set_weights(starting_weights(name, lag, seed))
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    training = tf.data.Dataset.counter().map(lambda i: one_batch(seed, i, lag, BATCH)).prefetch(4)
    stop = StopWhenDecided()
    history = model.fit(
        training,
        validation_data=one_batch(VALIDATION + seed, 0, lag, 500),
        validation_batch_size=500,
        epochs=brief(at_most // CHECK, 1),
        steps_per_epoch=CHECK,
        shuffle=False,
        callbacks=[stop],
        verbose=0,
    ).history["val_accuracy"]
    test = model.evaluate(*one_batch(TEST + seed, 0, lag, 1000), batch_size=1000, verbose=0)
    return {
        "solved": stop.solved,
        "diverged": stop.diverged,
        "updates": stop.updates,
        "validation_accuracy": round(history[-1], 4),
        "test_accuracy": round(test[1], 4),
        "seconds": round(time.perf_counter() - began, 1),
    }


def run(recorder, at_most, **key):
    """The stored run of this key, or a new one."""
    if not recorder.done(**key):
        result = train(key["model"], key["lag"], key["rate"], key["seed"], at_most)
        recorder.add(**key, at_most=at_most, **result)
    return recorder.runs(**key)[0]


def choose_rate(recorder, name, lag, before):
    """The learning rate that solves with most selection seeds, then in the fewest updates."""
    best, most = before, (0, -math.inf, 0)
    for rate in RATES[: brief(None, 1)]:
        solved = updates = accuracy = 0
        for seed in SELECTION_SEEDS:
            at_most = SELECTION_CAP
            if most[0] == len(SELECTION_SEEDS):
                at_most = min(at_most, -most[1] - updates)
            if at_most < CHECK:
                break
            key = {"stage": "selection", "model": name, "lag": lag, "rate": rate, "seed": seed}
            result = run(recorder, at_most, **key)
            updates += result["updates"]
            if not result["solved"]:
                break
            solved += 1
            accuracy += result["validation_accuracy"]
        if solved and (solved, -updates, accuracy) > most:
            best, most = rate, (solved, -updates, accuracy)
    return best


def train_seeds(recorder, name):
    """Lag after lag: the rate is chosen, then the test's seeds are trained with it."""
    rate = RATES[0]
    for lag, cap in list(CAPS.items())[: brief(None, 1)]:
        rate = choose_rate(recorder, name, lag, rate)
        key = {"stage": "test", "model": name, "lag": lag, "rate": rate}
        solved = []
        for seed in SEEDS[: brief(None, 1)]:
            solved.append(run(recorder, cap, **key, seed=seed)["solved"])
            if solved == [False, False]:
                return


def sweep_rates(recorder, name):
    for rate, seed in list(itertools.product(sorted(RATES), SWEEP["seeds"]))[: brief(None, 1)]:
        key = {"stage": "sweep", "model": name, "lag": SWEEP["lag"], "rate": rate, "seed": seed}
        run(recorder, SWEEP["updates_at_most"], **key)


def main():
    settings = {
        "units": UNITS,
        "batch": BATCH,
        "optimizer": "Adam, global norm of the gradient clipped at 1",
        "updates_at_most": {str(lag): cap for lag, cap in CAPS.items()},
        "seeds": SEEDS,
        "selection": {
            "rates": sorted(RATES),
            "seeds": SELECTION_SEEDS,
            "updates_at_most": SELECTION_CAP,
        },
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
        train_seeds(recorder, name)
        if name in SWEPT:
            sweep_rates(recorder, name)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
