"""Larger batches at the same number of words: fewer updates, and the rate that suits them.

The chapter's network, its vocabulary cut to the 2,000 most frequent words, reads the first 128
windows of each of 32 streams of the training reviews once: 4,096 windows of 32 words. As many
workers as fill a batch of 16, 64 or 256 windows would make 256, 64 or 16 updates of it. The rate is
chosen for each batch on the validation reviews, with a seed of its own.
"""

import functools

import keras
import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line, rewind
from experiments.next_word.data import prepare
from grubook.text import EOS, UNK

WORDS, UNITS, WINDOW, STREAMS, WINDOWS = 2_000, 64, 32, 32, 128
BATCHES, RATES = [16, 64, 256], [0.004, 0.016, 0.064]
SELECTION_SEED, SEEDS = 100, [0, 1, 2]


def windows(reviews, streams, length):
    """The first windows of each stream, read and asked for: (2, length * streams, WINDOW)."""
    tokens = np.concatenate([[EOS], *reviews]).astype("int32")
    tokens[tokens >= WORDS] = UNK
    each = (len(tokens) - 1) // streams
    rows = [tokens[i * each : i * each + length * WINDOW + 1] for i in range(streams)]
    pairs = np.array([[row[:-1], row[1:]] for row in rows])
    cut = pairs.reshape(streams, 2, length, WINDOW).transpose(1, 2, 0, 3)
    return cut.reshape(2, length * streams, WINDOW)


@functools.cache
def compiled(batch):
    """The network for batches of this size: compiling takes longer than a run."""
    model = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATES[0]), loss, jit_compile=brief(True, False))
    model.optimizer.build(model.trainable_variables)
    return model


def build():
    read = keras.Input((WINDOW,), dtype="int32")
    h = keras.layers.GRU(UNITS, return_sequences=True)(keras.layers.Embedding(WORDS, UNITS)(read))
    return keras.Model(read, keras.layers.Dense(WORDS)(h))


def one(batch, rate, seed, train, held_out):
    """Mean loss on the held-out windows after one reading."""
    keras.utils.set_random_seed(seed)
    model, start = compiled(batch), build().get_weights()
    count = np.bincount(train[1].ravel(), minlength=WORDS) + 1
    start[-1] = np.log(count / count.sum())
    model.set_weights(start)
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    model.fit(*train, batch_size=batch, shuffle=False, verbose=0)
    return float(model.evaluate(*held_out, batch_size=64, verbose=0))


def main():
    settings = {
        "words": WORDS,
        "units": UNITS,
        "windows": STREAMS * WINDOWS,
        "batches": BATCHES,
        "rates": RATES,
        "selection_seed": SELECTION_SEED,
        "seeds": SEEDS,
    }
    _, reviews, validation, _ = prepare()
    train = windows(reviews, STREAMS, WINDOWS)
    held_out = windows(validation, 16, 40)
    recorder = Recorder(__file__, settings, {"loss": 0.03}, array_digest(train, held_out))
    train, held_out = train[:, : brief(None, 512)], held_out[:, : brief(None, 64)]
    keys = [{"batch": b, "rate": r, "seed": SELECTION_SEED} for b in BATCHES for r in RATES]
    for key in recorder.todo(keys):
        recorder.add(**key, loss=one(**key, train=train, held_out=held_out))
    chosen = {}
    for batch in BATCHES:
        tried = recorder.runs(batch=batch, seed=SELECTION_SEED)
        if tried:
            chosen[batch] = min(tried, key=lambda run: run["loss"])["rate"]
    small = chosen[BATCHES[0]]
    pairs = dict.fromkeys([*chosen.items(), *((batch, small) for batch in chosen)])
    keys = [{"batch": b, "rate": r, "seed": s} for b, r in pairs for s in SEEDS]
    for key in recorder.todo(keys):
        recorder.add(**key, loss=one(**key, train=train, held_out=held_out))


if __name__ == "__main__":
    command_line(main)
