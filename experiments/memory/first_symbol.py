"""How long can a recurrent layer remember? The first-symbol task over growing lags.

The first of `lag + 1` symbols is one of four; every later symbol is noise from another four. After
the last one the network must name the first. Nothing but memory can answer: guessing gives 25 %.

Five layers of 32 units, each with a learning rate of its own, chosen on validation data at one lag:
SimpleRNN, LSTM and GRU as Keras makes them, and the two gated ones with a bias that favours
keeping: log(lag), so that an undisturbed gate forgets at the scale of the lag (after Tallec and
Ollivier 2018, arXiv:1804.11188; they draw the biases at random up to that value).

Sequences are made fresh for every update and never repeat. A run ends when 99 % of the validation
sequences are right, or after 2,000 updates; what is reported is the accuracy on test sequences.
"""

import math
import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from experiments.common import Recorder

UNITS, BATCH, SYMBOLS = 32, 32, 4
EPOCHS, UPDATES = 40, 50  # a check on validation data every 50 updates
LAGS = [10, 20, 40, 80, 160, 320]
SEEDS = [0, 1, 2, 3, 4]
RATES = [0.001, 0.003, 0.01]
SELECTION = {"lag": 20, "seeds": [100, 101]}
LAYERS = {
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM": keras.layers.LSTM,
    "GRU": keras.layers.GRU,
    "LSTM, bias log(lag)": keras.layers.LSTM,
    "GRU, bias log(lag)": keras.layers.GRU,
}
VALIDATION, TEST = 1_000_000, 2_000_000  # seeds of the held-out sequences


def one_batch(seed, number, lag, batch):
    """Sequences (batch, lag + 1, 8) as one-hot vectors, and the first symbol of each."""
    key = tf.stack([tf.cast(seed, tf.int32), tf.cast(number, tf.int32)])
    first = tf.random.stateless_uniform((batch, 1), key, 0, SYMBOLS, tf.int32)
    key = key + tf.constant([5_000_000, 0])
    noise = tf.random.stateless_uniform((batch, lag), key, SYMBOLS, 2 * SYMBOLS, tf.int32)
    return tf.one_hot(tf.concat([first, noise], axis=1), 2 * SYMBOLS), first[:, 0]


def weights_for(model_name, model, lag):
    """The layer's weights as Keras starts them, the gate's bias moved where the name says so."""
    weights = model.get_weights()
    bias = weights[2]
    if model_name.startswith("GRU,"):
        bias[0, :UNITS] = math.log(lag)  # z keeps the old state
    if model_name.startswith("LSTM,"):
        bias[:UNITS] = -math.log(lag)  # the input gate writes as little as a GRU's 1 - z
        bias[UNITS : 2 * UNITS] = math.log(lag)
    return weights


def build(model_name, lag):
    layer = LAYERS[model_name](UNITS)
    return keras.Sequential(
        [keras.Input((lag + 1, 2 * SYMBOLS)), layer, keras.layers.Dense(SYMBOLS)]
    )


class StopWhenSolved(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.epochs = epoch + 1
        self.model.stop_training = logs["val_accuracy"] >= 0.99


def run(model, model_name, lag, rate, seed):
    """Train the compiled `model` from fresh weights; the same compiled function serves all runs."""
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    model.set_weights(weights_for(model_name, build(model_name, lag), lag))
    for variable in model.optimizer.variables:
        variable.assign(tf.zeros_like(variable))
    model.optimizer.learning_rate = rate
    training = tf.data.Dataset.counter().map(lambda i: one_batch(seed, i, lag, BATCH)).prefetch(4)
    stop = StopWhenSolved()
    history = model.fit(
        training,
        validation_data=one_batch(VALIDATION + seed, 0, lag, 1000),
        validation_batch_size=1000,
        epochs=EPOCHS,
        steps_per_epoch=UPDATES,
        shuffle=False,
        callbacks=[stop],
        verbose=0,
    ).history
    test = model.evaluate(*one_batch(TEST + seed, 0, lag, 1000), batch_size=1000, verbose=0)
    return {
        "updates": stop.epochs * UPDATES,
        "validation_accuracy": round(history["val_accuracy"][-1], 4),
        "test_accuracy": round(test[1], 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def compiled(model_name, lag):
    model = build(model_name, lag)
    model.compile(
        optimizer=keras.optimizers.Adam(clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=True,
        steps_per_execution=UPDATES,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def best_rate(recorder, model_name):
    """The learning rate that solved the selection lag in the fewest updates, ties by accuracy."""

    def merit(rate):
        runs = [
            r
            for r in recorder.content["runs"]
            if r["stage"] == "selection" and r["model"] == model_name and r["rate"] == rate
        ]
        return (-sum(r["updates"] for r in runs), sum(r["validation_accuracy"] for r in runs))

    return max(RATES, key=merit)


def main():
    settings = {
        "units": UNITS,
        "batch": BATCH,
        "updates_at_most": EPOCHS * UPDATES,
        "optimizer": "Adam, gradient norm clipped at 1",
        "lags": LAGS,
        "seeds": SEEDS,
        "selection": SELECTION | {"rates": RATES},
        "success": "99 % of 1,000 validation sequences; figures are of 1,000 test sequences",
    }
    tolerance = {"test_accuracy": 0.05, "updates": 500}
    recorder = Recorder(__file__, settings, tolerance, data="made by the script")
    for name in LAYERS:
        lag = SELECTION["lag"]
        todo = [
            {"stage": "selection", "model": name, "lag": lag, "rate": rate, "seed": seed}
            for rate in RATES
            for seed in SELECTION["seeds"]
        ]
        measure(recorder, name, lag, todo)
    for lag in LAGS:
        for name in LAYERS:
            rate = best_rate(recorder, name)
            todo = [
                {"stage": "test", "model": name, "lag": lag, "rate": rate, "seed": s} for s in SEEDS
            ]
            measure(recorder, name, lag, todo)


def measure(recorder, name, lag, todo):
    todo = [key for key in todo if not recorder.done(**key)]
    if todo:
        keras.utils.clear_session()
        model = compiled(name, lag)
        for key in todo:
            recorder.add(**key, **run(model, name, lag, key["rate"], key["seed"]))


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    main()
