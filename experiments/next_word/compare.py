"""An LSTM, minGRUs and a Transformer beside the best GRU: as many weights, as much processor time.

All have the weights of `best`'s network within 1 %, its tied words, data, loss, batches of 4,096
tokens and one mask a window. The recurrent ones carry their state; the Transformer carries none. In
training all read on over the end of a review, in measuring none does.
For each network in this order, which is that of the results file:

1. ``speed``: how long an update takes, in turns with the GRU on the same processor, in one thread.
   The GRU's 5 epochs are the budget of all; who is faster makes more updates in it.
2. ``search``: the whole budget with a seed of its own, compared on the validation reviews, from
   the settings of `best`: the learning rate, how much is dropped, the window (of the recurrent
   ones: how far the gradient goes back), and the rate once more. Each moves to its next smaller or
   larger value until neither is better. (One epoch is no guide: it prefers a rate for the GRU that
   is too high for five.)
3. ``final``: the chosen setting with every seed. Only now the test reviews are read. What a network
   says of each token is kept for `together`.
"""

import itertools
import math
import time

import keras
import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, processor, say
from experiments.next_word.best import CANDIDATES, NETWORK, RECIPE, SEEDS
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import (
    compile_with,
    measure,
    stream,
    summary,
    train_epoch,
    unigram,
)
from experiments.next_word.networks import Lstm, MinGru, Network, Transformer
from experiments.next_word.together import said_path

TOKENS = NETWORK["batch"] * NETWORK["window"]  # of an update
NETWORKS = {
    "GRU": NETWORK,
    "LSTM": NETWORK | {"width": 246, "units": 246},
    "Transformer": NETWORK
    | {"width": 200, "units": 200, "depth": 2, "heads": 4, "hidden": 800, "carry": False},
    "minGRU": NETWORK | {"depth": 3},
}
KINDS = {"GRU": Network, "LSTM": Lstm, "Transformer": Transformer, "minGRU": MinGru}
START = {"window": NETWORK["window"], "rate": RECIPE["rate"]}
START["drop"], _ = CANDIDATES["dropout 0.1, 0.15"]  # what `best` chose
WINDOWS = {"Transformer": 128}  # to begin with
DROPS = [0, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4]  # before the reader; half as much again after it
TURN, TURNS = 20, 5  # updates in a turn of the clock, and turns that count
SEED = 100  # of the search
TOLERANCE = {
    "val_perplexity": 2.0,
    "test_perplexity": 2.0,
    "val_top1": 0.006,
    "val_top5": 0.006,
    "test_top1": 0.006,
    "test_top5": 0.006,
    "updates": 400,
}


def build(network, window, reviews, drop=START["drop"]):
    dropout = [drop, 0.0, 1.5 * drop]
    shape = {"window": window, "batch": TOKENS // window, "dropout": dropout}
    return KINDS[network](NETWORKS[network] | shape, unigram(reviews))


def windows_of(model, reviews, rng):
    s = model.settings
    return stream(reviews, rng, s["batch"], s["window"], s["carry"])


def speed(network, window, reviews):
    """Seconds of an update of the GRU and of the network, in turns; the compiler's are left out."""
    clocks = []
    for name, length in (("GRU", NETWORK["window"]), (network, window)):
        model = build(name, length, reviews)
        compile_with(model, START["rate"], 2 * TURN * (TURNS + 1), RECIPE["clip"], TURN)
        rows = TURN * model.settings["batch"]
        x, y = (part[:rows] for part in windows_of(model, reviews, np.random.default_rng(SEED)))
        train_epoch(model, x, y)
        clocks.append((model, x, y, []))
    for _ in range(brief(TURNS, 1)):
        for model, x, y, seconds in clocks:
            began = time.process_time()
            train_epoch(model, x, y)
            seconds.append((time.process_time() - began) / TURN)
    gru, own = (seconds for *_, seconds in clocks)
    itself = network == "GRU" and window == NETWORK["window"]
    faster = 1 if itself else np.median(np.divide(gru, own))
    updates = int(RECIPE["epochs"] * epoch(reviews) * faster)
    return {"gru_seconds_an_update": gru, "seconds_an_update": own, "updates": updates}


def epoch(reviews):
    """The updates of one reading of all reviews."""
    return sum(map(len, reviews)) // TOKENS


def train(network, window, rate, drop, updates, seed, reviews):
    """Train one network for so many updates.

    Returns:
        tuple: the model, and what a run records: the updates, the mean loss of each epoch (the
        last one may be a part) and the training's processor time, the compiler's with it.
    """
    keras.utils.set_random_seed(seed)
    model = build(network, window, reviews, drop)
    compile_with(model, rate, updates, RECIPE["clip"])
    rng, losses, seconds, left = np.random.default_rng(seed), [], 0, brief(updates, 1)
    while left:
        model.reader.reset_state()
        rows = left * model.settings["batch"]
        x, y = (part[:rows] for part in windows_of(model, reviews, rng))
        began = time.process_time()
        losses.append(train_epoch(model, x, y))
        seconds += time.process_time() - began
        left -= len(x) // model.settings["batch"]
        say(network, window, rate, drop, "seed", seed, "loss", losses[-1], "left", left)
    return model, {"updates": updates, "losses": losses, "seconds": round(seconds, 1)}


def budget(recorder, reviews, network, window):
    """The updates that the network makes in the processor time of the GRU's epochs."""
    how = {"stage": "speed", "network": network, "window": window, "seed": SEED}
    for key in recorder.todo([how]):
        recorder.add(**key, **speed(network, window, reviews))
    return recorder.runs(**how)[0]["updates"]


def neighbors(what, value):
    """The next smaller and the next larger value."""
    if what != "drop":
        return type(value)(value / 2), value * 2
    i = DROPS.index(value)
    return DROPS[max(i - 1, 0)], DROPS[min(i + 1, len(DROPS) - 1)]


def tried(recorder, sides, network, how):
    """The perplexity of the validation reviews; infinite where it is no number."""
    key = {"stage": "search", "network": network, **how, "seed": SEED}
    for missing in recorder.todo([key]):
        updates = budget(recorder, sides[0], network, how["window"])
        model, run = train(network, **how, updates=updates, seed=SEED, reviews=sides[0])
        recorder.add(**missing, **read(model, sides[1], "val")[0], **run)
    found = recorder.runs(**key)[0]["val_perplexity"]
    return found if math.isfinite(found) else math.inf


def choose(recorder, sides, network):
    """A setting that no neighbor in one of its values beats, the drop's and window's after it."""
    how = START | {"window": WINDOWS.get(network, START["window"])}
    for what in brief(["rate", "drop", "window", "rate"], ["rate"]):
        while True:
            values = [how[what], *brief(neighbors(what, how[what]), [])]
            best = min(values, key=lambda v: tried(recorder, sides, network, how | {what: v}))
            if best == how[what]:
                break
            how = how | {what: best}
    return {"network": network, **how}


def read(model, reviews, prefix):
    """The figures of a network on these reviews, and the log-probability of each token."""
    log_p, rank = measure(model.arrays(), reviews, model.states(reviews))
    return summary(log_p, rank, prefix), log_p


def final(recorder, sides, key):
    """Train and measure the chosen network: what a run records, and what it says of each token."""
    how = {name: key[name] for name in ("network", "window", "rate", "drop", "seed")}
    updates = budget(recorder, sides[0], how["network"], how["window"])
    model, run = train(**how, updates=updates, reviews=sides[0])
    run["parameters"] = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    said = {}
    for prefix, side in zip(("val", "test"), sides[1:], strict=True):
        found, said[prefix] = read(model, side, prefix)
        run |= found
    return run, said


def main():
    _, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "networks": NETWORKS,
            "recipe": RECIPE,
            "seeds": SEEDS,
            "search": {"start": START, "windows": WINDOWS, "drops": DROPS, "seed": SEED},
        },
        TOLERANCE,
        data=digest(*sides),
        versions={"processor": processor()},
    )
    sides = few(*sides)
    settings = [choose(recorder, sides, network) for network in brief([*NETWORKS], ["LSTM"])]
    for seed, setting in itertools.product(brief(SEEDS, SEEDS[:1]), settings):
        key = {"stage": "final", **setting, "seed": seed}
        path = said_path(recorder, setting["network"], seed)
        missing = recorder.todo([key])
        if missing or not path.exists():
            run, said = final(recorder, sides, key)
            with path.open("wb") as file:
                np.savez(file, **said)
            for key in missing:
                recorder.add(**key, **run)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
