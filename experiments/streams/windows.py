"""How long must a window be? The reviews as one stream, cut into windows of 4 to 64 tokens.

A small GRU (64 units, 1,000 words) trains on the stream of the training reviews. At every window
an update reads 1,024 tokens, so the batch is 1,024 / window rows: all runs see the same tokens in
as many updates. What changes with the window is how far the gradient goes back, and how many steps
must wait for one another.

Three ways to train: ``carried`` (`stateful=True`, each row goes on where it stopped), ``reset``
(the same batches, every window begins with a state of zero), and ``shuffled`` (`stateful=True`, but
the windows in random order, as `fit` shuffles arrays by itself; at window 16). One rate serves all:
the best one, carried, at the shortest and the longest window, with a seed of its own.

The first 400 validation reviews are read in two ways: one after the other, each from its own
beginning (``val``), and as one stream in windows, the state as in training (``stream``; after a
shuffled training: carried). The test set is never opened. ``seconds``: of the second half of the
epoch, on one processor core.
"""

import functools
import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, rewind
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import perplexity, stream

WORDS, UNITS, TOKENS = 1000, 64, 1024
WINDOWS = [4, 8, 16, 32, 64]
REVIEWS = 400
RATES, SELECTION_SEED, SEEDS = [4e-3, 1e-2, 2e-2, 4e-2], 100, [0, 1, 2]
STATES = {"carried": WINDOWS, "reset": WINDOWS, "shuffled": [16]}


def build(window, stateful):
    words = keras.Input((window,), TOKENS // window, dtype="int32")
    h = keras.layers.Embedding(WORDS, UNITS)(words)
    h = keras.layers.GRU(UNITS, return_sequences=True, stateful=stateful)(h)
    return keras.Model(words, keras.layers.Dense(WORDS)(h))


@functools.cache
def compiled(window, stateful):
    """One compiled network serves all runs of a kind: compiling takes seconds."""
    model = build(window, stateful)
    model.compile(
        keras.optimizers.Adam(global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=brief(True, False),
        steps_per_execution=50,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def start(model, frequency, seed):
    """Fresh weights of this seed, the output's bias at the words' log frequencies."""
    keras.utils.set_random_seed(seed)
    *weights, _ = build(4, stateful=False).get_weights()
    model.set_weights([*weights, np.log(frequency)])
    rewind(model.optimizer)


def forget(model):
    if model.layers[2].stateful:
        model.layers[2].reset_state()


class Falling(keras.callbacks.Callback):
    """Half the rate's way is level, the other half falls to a tenth, update by update."""

    def __init__(self, rate, updates):
        super().__init__()
        self.rate, self.updates, self.done = rate, updates, 0

    def on_train_batch_begin(self, batch, logs=None):
        falling = max(0.0, 2 * self.done / self.updates - 1)
        self.model.optimizer.learning_rate = self.rate * (1 - 0.9 * falling)

    def on_train_batch_end(self, batch, logs=None):
        self.done += 50


def batches(x, y, window):
    data = tf.data.Dataset.from_tensor_slices((x, y))
    return data.batch(TOKENS // window, drop_remainder=True)


def train(window, state, rate, seed, sides):
    reviews, val = sides
    frequency = np.bincount(np.concatenate(reviews), minlength=WORDS) + 1.0
    model, rng = compiled(window, state != "reset"), np.random.default_rng(seed)
    start(model, frequency / frequency.sum(), seed)
    windows = stream(reviews, rng, TOKENS // window, window, carry=state != "shuffled")
    falling = Falling(rate, len(windows[0]) * window // TOKENS)
    half, losses = len(windows[0]) * window // TOKENS // 2 * TOKENS // window, []
    forget(model)
    for part in (slice(half), slice(half, None)):  # the first half compiles, the second is timed
        began = time.process_time()
        data = batches(*(array[part] for array in windows), window)
        found = model.fit(data, shuffle=False, verbose=0, callbacks=[falling])
        losses.append(found.history["loss"][0])
        seconds = time.process_time() - began
    forget(model)
    windows = stream(val, np.random.default_rng(0), TOKENS // window, window, carry=True)
    in_stream = model.evaluate(batches(*windows, window), verbose=0)
    names = ["embedding", "gru_kernel", "gru_recurrent_kernel", "gru_bias"]
    names += ["output_kernel", "output_bias"]
    weights = dict(zip(names, model.get_weights(), strict=True)) | {"scale": np.float32(1)}
    return {
        "val_perplexity": perplexity(weights, val),
        "stream_perplexity": float(np.exp(in_stream)),
        "losses": losses,
        "seconds": round(seconds, 2),
    }


def main():
    _, *sides, _ = prepare(WORDS)
    recorder = Recorder(
        __file__,
        {
            "words": WORDS,
            "units": UNITS,
            "tokens_an_update": TOKENS,
            "epochs": 1,
            "validation_reviews": REVIEWS,
            "windows": STATES,
            "rates": RATES,
            "selection_seed": SELECTION_SEED,
            "seeds": SEEDS,
            "optimizer": "Adam, global norm clipped at 1; from half way on the rate falls to 0.1",
        },
        tolerance={"val_perplexity": 0.5, "stream_perplexity": 0.5},
        data=digest(*sides),
    )
    reviews, val = few(*sides)
    sides = reviews, val[:REVIEWS]
    ends = itertools.product([WINDOWS[0], WINDOWS[-1]], RATES)
    key = {"stage": "rate", "state": "carried", "seed": SELECTION_SEED}
    for key in recorder.todo(key | {"window": w, "rate": r} for w, r in ends):
        recorder.add(**key, **train(key["window"], "carried", key["rate"], key["seed"], sides))
    tried = [(rate, recorder.runs(stage="rate", rate=rate)) for rate in RATES]
    mean = {rate: np.mean([run["val_perplexity"] for run in runs]) for rate, runs in tried if runs}
    rate = min(mean, key=mean.get)
    kinds = [(state, window) for state in STATES for window in STATES[state]]
    for state, window in kinds[: brief(None, 1)]:
        key = {"stage": "seeds", "state": state, "window": window, "rate": rate}
        for key in recorder.todo(key | {"seed": seed} for seed in SEEDS):
            recorder.add(**key, **train(window, state, rate, key["seed"], sides))


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
