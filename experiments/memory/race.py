"""A GRU, an LSTM and a plain RNN of 16 units learn to name the first symbol, then the gap grows.

The task is that of `first_symbol`, and the layers are as Keras starts them. Each trains for the
same number of updates on fresh sequences with a gap of 20, and is asked once, at the end. Each gets
the learning rate, of the same seven, with the lowest mean loss on validation sequences of two seeds
of its own. Five other seeds are then read on test sequences, at each gap from 0 to 160. The seed
whose mean accuracy over these gaps is the median is kept for the page: ``load_weights("race")``.
"""

import functools
import math
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, rewind
from experiments.memory.first_symbol import RATES, SEEDS, SELECTION_SEEDS, SYMBOLS, one_batch
from experiments.memory.trials import BATCH, TEST, VALIDATION

LAYERS = {
    "gru": keras.layers.GRU,
    "lstm": keras.layers.LSTM,
    "plain": keras.layers.SimpleRNN,
}
UNITS, GAP, FARTHEST, UPDATES = 16, 20, 160, 1_000
PARTS = ["kernel", "recurrent_kernel", "bias", "dense_kernel", "dense_bias"]


def build(name, every_step=False):
    """The network; it answers after the last step, or after every one."""
    layer = LAYERS[name](UNITS, return_sequences=every_step)
    return keras.Sequential(
        [keras.Input((None, 2 * SYMBOLS)), layer, keras.layers.Dense(SYMBOLS)], name=name
    )


@functools.lru_cache(maxsize=1)
def compiled(name):
    """One compiled network serves all runs of a layer: compiling takes seconds."""
    keras.utils.clear_session()
    model = build(name)
    model.compile(
        optimizer=keras.optimizers.Adam(global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=brief(True, False),
        steps_per_execution=brief(50, 1),
    )
    model.optimizer.build(model.trainable_variables)
    return model


def train(name, rate, seed):
    """Train from the weights that Keras starts with; the network."""
    model = compiled(name)
    keras.utils.set_random_seed(seed)
    model.set_weights(build(name).get_weights())
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    batches = tf.data.Dataset.counter().map(lambda i: one_batch(seed, i, GAP, BATCH)).prefetch(4)
    model.fit(batches, steps_per_epoch=brief(UPDATES, 1), epochs=1, shuffle=False, verbose=0)
    return model


def select(name, rate, seed):
    """How well a rate does on validation sequences; a training that ends in NaN does worst."""
    sequences = one_batch(VALIDATION + seed, 0, GAP, 1000)
    loss, _ = train(name, rate, seed).evaluate(*sequences, batch_size=1000, verbose=0)
    return {"validation_loss": float(f"{loss:.4g}") if math.isfinite(loss) else None}


def test(name, rate, seed):
    """The accuracy on test sequences after each gap; one sequence serves all gaps."""
    reader = build(name, every_step=True)
    reader.set_weights(train(name, rate, seed).get_weights())
    x, first = one_batch(TEST + seed, 0, brief(FARTHEST, GAP), 1000)
    answers = reader.predict(x, batch_size=1000, verbose=0).argmax(axis=2)
    right = (answers == first.numpy()[:, None]).mean(axis=0)
    return {
        "by_gap": right.round(3).tolist(),
        "accuracy": round(float(right[GAP]), 3),
        "mean_accuracy": round(float(right.mean()), 4),
        "parameters": reader.count_params(),
    }


def run(recorder, measure, name, **key):
    """The stored run of this key, or a new one."""
    key = {"stage": measure.__name__, "model": name, **key}
    if not recorder.done(**key):
        began = time.process_time()
        found = measure(name, key["rate"], key["seed"])
        recorder.add(**key, **found, seconds=round(time.process_time() - began, 1))
    return recorder.runs(**key)[0]


def choose_rate(recorder, name):
    """The rate with the lowest mean loss on validation sequences."""

    def loss(rate):
        runs = (run(recorder, select, name, rate=rate, seed=seed) for seed in SELECTION_SEEDS)
        losses = [found["validation_loss"] for found in runs]
        return math.inf if None in losses else sum(losses)

    return min(sorted(RATES)[: brief(None, 1)], key=loss)


def main():
    settings = {
        "units": UNITS,
        "batch": BATCH,
        "gap": GAP,
        "farthest_gap": FARTHEST,
        "optimizer": "Adam, global norm of the gradient clipped at 1",
        "updates": UPDATES,
        "rates": sorted(RATES),
        "selection_seeds": SELECTION_SEEDS,
        "seeds": SEEDS,
    }
    tolerance = {"accuracy": 0.3, "mean_accuracy": 0.2, "validation_loss": 2.0}
    recorder = Recorder(__file__, settings, tolerance, data="made by the script")
    kept = {}
    for name in LAYERS:
        rate = choose_rate(recorder, name)
        runs = [run(recorder, test, name, rate=rate, seed=seed) for seed in SEEDS[: brief(None, 1)]]
        shown = sorted(runs, key=lambda found: found["mean_accuracy"])[len(runs) // 2]
        arrays = train(name, rate, shown["seed"]).get_weights()
        kept |= {f"{name}_{part}": w for part, w in zip(PARTS, arrays, strict=True)}
        kept[f"{name}_seed"] = np.array(shown["seed"])
    np.savez_compressed(recorder.beside("race.npz"), **kept)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
