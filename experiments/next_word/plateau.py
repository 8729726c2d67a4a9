"""Why the article's next-word network stays at the unigram, and what ends that.

The article's architecture (Embedding(10000, 64), GRU(64), Dense(10000)) in its first 150 updates,
a quarter of an epoch, batches of 32 windows of 40 tokens, Adam at the article's rate and at a
higher one. Two starts are compared with Keras's own: embeddings spread wider than its uniform
+-0.05 (standard deviation 0.029), and an output bias that begins at the words' log frequencies.

Recorded at several points: the perplexity on 150 validation reviews; on one fixed batch, the norm
of the gradient of each layer's weights; and of the hidden state, over tokens and units, its root
mean square deviation from its mean (`state_spread`: small where all contexts look the same to the
output layer) and the root mean square of that mean (`state_mean`: 1 where every unit is saturated).
"""

import itertools
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, rewind, say
from experiments.next_word.article import WRITTEN
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import (
    NextWord,
    compile_with,
    perplexity,
    stream,
    train_epoch,
    unigram,
)

POINTS = [0, 25, 50, 100, 150]  # updates
REVIEWS = 150
NARROW, WIDE = "uniform within 0.05", "normal, 0.5"
STARTS = [(NARROW, "zeros"), (NARROW, "log frequencies"), (WIDE, "zeros")]
SEEDS, RATES = [0, 1, 2], [1e-3, 4e-3]


def gradients(model, x, y):
    """On one batch: the norm of each layer's gradient; spread and mean of the states."""
    with tf.GradientTape() as tape:
        h = model(x)
        loss = model.compute_loss(y=tf.constant(y), y_pred=h)
    variables = {
        "embedding": model.embedding.embeddings,
        "gru_kernel": model.reader.trainable_weights[0],
        "gru_recurrent_kernel": model.reader.trainable_weights[1],
        "output_kernel": model.out.kernel,
        "output_bias": model.out_bias,
    }
    found = tape.gradient(loss, [variable.value for variable in variables.values()])
    norms = {
        name: float(np.linalg.norm(tf.convert_to_tensor(gradient)))
        for name, gradient in zip(variables, found, strict=True)
    }
    h = h.numpy().reshape(-1, h.shape[-1])
    mean = h.mean(0)
    return norms, float((h - mean).std()), float(np.sqrt((mean**2).mean()))


def restart(model, start, bias, rate, seed):
    """Start a compiled model anew, as if it had just been built (compiling takes 15 seconds)."""
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    keras.utils.set_random_seed(seed)
    begun = NextWord(WRITTEN | {"start": 0.5 if start == WIDE else None}, bias)
    model.set_weights(begun.get_weights())


def follow(model, windows, fixed, val):
    """Train a started model from point to point, and measure it at each."""
    x, y = windows
    curve, norms, spread, mean = [], {}, [], []
    for before, point in zip([0, *POINTS], brief(POINTS, [0, 2]), strict=False):
        if point:
            part = slice(32 * before, 32 * point)
            train_epoch(model, x[part], y[part])
        curve.append(perplexity(model.arrays(), val))
        now, *state = gradients(model, *fixed)
        spread.append(state[0])
        mean.append(state[1])
        for layer, norm in now.items():
            norms.setdefault(layer, []).append(norm)
        say("updates", point, "val", curve[-1], "h", *state)
    return {
        "val_perplexity": curve[-1],
        "curve": curve,
        "gradient_norms": norms,
        "state_spread": spread,
        "state_mean": mean,
    }


def compiled():
    model = NextWord(WRITTEN)
    compile_with(model, 1e-3, execute=25)
    model.optimizer.build(model.trainable_variables)
    return model


def main():
    _, train, val, test = prepare()
    val_sample, frequency = val[:REVIEWS], unigram(train)
    words = np.concatenate(val_sample)
    recorder = Recorder(
        __file__,
        {
            "architecture": WRITTEN,
            "points": POINTS,
            "validation_reviews": REVIEWS,
            "validation_tokens": len(words),
            "unigram_perplexity": float(np.exp(-np.log(frequency[words]).mean())),
        },
        tolerance={"val_perplexity": 20.0},
        data=digest(train, val, test),
    )
    fixed = [a[:32] for a in stream(train, np.random.default_rng(100), 32, 40, carry=False)]
    model = compiled()
    runs = itertools.product(SEEDS, RATES, STARTS)
    keys = [{"start": s, "bias": b, "rate": rate, "seed": seed} for seed, rate, (s, b) in runs]
    for key in recorder.todo(keys):
        began = time.process_time()
        restart(model, **key | {"bias": None if key["bias"] == "zeros" else frequency})
        windows = stream(train, np.random.default_rng(key["seed"]), 32, 40, carry=False)
        found = follow(model, windows, fixed, *few(val_sample))
        recorder.add(**key, **found, seconds=round(time.process_time() - began, 1))


if __name__ == "__main__":
    command_line(main)
