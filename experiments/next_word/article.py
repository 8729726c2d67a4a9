"""Article 096's network for the next word: trained as written, and the same network trained well.

Embedding(10000, 64), GRU(64), Dense(10000): 1,314,960 weights in both. "As written": Adam at its
default rate of 1e-3, ten epochs, batches of 32, Keras's starts (but `U`'s is uniform after Glorot,
as in all networks here). The article says nothing about lengths: here the shuffled reviews follow
one another, an end token between them, cut into windows of 40 tokens that each start from a state
of zeros, so that no step is padding. Its one-hot labels and softmax are the same mathematics as the
loss used here (see `models`).

"Trained well" changes the training alone: the output bias starts at the words' log frequencies,
the state is carried from window to window, the rate rises to 8e-3 and falls along a cosine over
eight epochs, gradients are clipped, activations dropped. Stream and start are those that `select`
tried on validation reviews; rate, dropout and length were set beforehand for a longer training and
not searched, so better ones may exist. It ends with the last epoch.

The test reviews are read once, by the finished networks.
"""

import time

import keras
import numpy as np

from experiments.common import Recorder, brief, command_line, say
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import (
    NextWord,
    compile_with,
    count,
    figures,
    perplexity,
    stream,
    train,
    train_epoch,
)
from experiments.next_word.select import RECIPE, SMALL

WRITTEN = SMALL | {"start": None, "carry": False, "batch": 32, "window": 40, "head": 0, "sample": 0}
EPOCHS = 10
WELL = SMALL | {"dropout": [0.1, 0.0, 0.2]}
WELL_RECIPE = RECIPE | {"rate": 8e-3, "epochs": 8}
SEEDS = [0, 1, 2]
REVIEWS = 200  # validation reviews read four times an epoch


def train_as_written(seed, reviews, val):
    """Train; return the weights and val's perplexity as a list of (epochs, perplexity)."""
    keras.utils.set_random_seed(seed)
    model, rng = NextWord(WRITTEN), np.random.default_rng(seed)
    compile_with(model, 1e-3)
    curve = [(0, perplexity(model.arrays(), val))]
    for epoch in range(brief(EPOCHS, 1)):
        x, y = stream(reviews, rng, 32, 40, carry=False)
        parts = np.linspace(0, len(x) // 32, 5).astype(int) * 32
        for quarter in range(4):
            part = slice(parts[quarter], parts[quarter + 1])
            train_epoch(model, x[part], y[part])
            curve.append((epoch + (quarter + 1) / 4, perplexity(model.arrays(), val)))
            say("as written, seed", seed, "epochs and perplexity", *curve[-1])
    return model.arrays(), curve


def train_well(seed, reviews, val):
    weights, _, curve = train(WELL, WELL_RECIPE, seed, reviews, val)
    return weights, curve


def main():
    _, *sides = prepare()
    percent = {f"{side}_top{k}": 0.004 for side in ("val", "test") for k in (1, 5)}
    recorder = Recorder(
        __file__,
        {
            "as written": {"network": WRITTEN, "rate": 1e-3, "epochs": EPOCHS},
            "trained well": {"network": WELL, "recipe": WELL_RECIPE},
            "reviews_of_curve": REVIEWS,
        },
        tolerance={"val_perplexity": 2.0, "test_perplexity": 2.0} | percent,
        data=digest(*sides),
    )
    reviews, val, test = few(*sides)
    for name, trained in {"trained well": train_well, "as written": train_as_written}.items():
        for key in recorder.todo({"model": name, "seed": seed} for seed in SEEDS):
            began = time.process_time()
            weights, curve = trained(key["seed"], reviews, val[:REVIEWS])
            seconds = round(time.process_time() - began, 1)
            measured = figures(weights, val, "val") | figures(weights, test, "test")
            recorder.add(**key, parameters=count(weights), **measured, curve=curve, seconds=seconds)


if __name__ == "__main__":
    command_line(main)
