"""An LSTM, minGRUs and a Transformer beside the best GRU: as many weights, as much processor time.

All have the weights of `best`'s network within 1 %, its tied words, data, loss, batches of 4,096
tokens and one mask a window. The recurrent ones carry their state; the Transformer carries none, so
its window is chosen. For each network in this order, which is that of the results file:

1. ``speed``: how long an update takes, in turns with the GRU on the same processor. The GRU's 5
   epochs are the budget of all; who is faster makes more updates in it.
2. ``search``: the whole budget with a seed of its own, compared on the validation reviews. The
   learning rate is doubled and halved until the best one has a worse one on either side, for the
   GRU as well; then the Transformer's window likewise, at its rate. (One epoch is no guide: it
   prefers a rate for the GRU that is too high for five.)
3. ``final``: the chosen setting with every seed. Only now the test reviews are read.

Dropout is not searched here: all have what `best` chose for the GRU. The GRU's own final runs are
those of `best`, where the search finds the learning rate that they have.
"""

import itertools
import time

import keras
import numpy as np

from experiments.common import Recorder, brief, command_line, say
from experiments.next_word.best import CANDIDATES, NETWORK, RECIPE, SEEDS
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import compile_with, figures, stream, train_epoch, unigram
from experiments.next_word.networks import Lstm, MinGru, Network, Transformer

TOKENS = NETWORK["batch"] * NETWORK["window"]  # of an update
NETWORKS = {
    "GRU": NETWORK,
    "LSTM": NETWORK | {"width": 246, "units": 246},
    "Transformer": NETWORK
    | {"width": 200, "units": 200, "depth": 2, "heads": 4, "hidden": 800, "carry": False},
    "minGRU": NETWORK | {"depth": 3},
}
KINDS = {"GRU": Network, "LSTM": Lstm, "Transformer": Transformer, "minGRU": MinGru}
WINDOWS = {"Transformer": [64, 128, 256]}  # the middle one while the rate is searched
RATES = [2e-3, 4e-3, 8e-3]
BEFORE, AFTER = CANDIDATES["dropout 0.1, 0.15"]  # the reader; `best` chose it
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


def build(network, window, reviews):
    shape = {"window": window, "batch": TOKENS // window, "dropout": [BEFORE, 0.0, AFTER]}
    return KINDS[network](NETWORKS[network] | shape, unigram(reviews))


def windows_of(model, reviews, rng):
    s = model.settings
    return stream(reviews, rng, s["batch"], s["window"], s["carry"])


def speed(network, window, reviews):
    """Seconds of an update of the GRU and of the network, in turns; the compiler's are left out."""
    clocks = []
    for name, length in (("GRU", NETWORK["window"]), (network, window)):
        model = build(name, length, reviews)
        compile_with(model, RATES[0], execute=TURN)
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
    return {
        "gru_seconds_an_update": gru,
        "seconds_an_update": own,
        "updates": int(RECIPE["epochs"] * epoch(reviews) * np.median(np.divide(gru, own))),
    }


def epoch(reviews):
    """The updates of one reading of all reviews."""
    return sum(map(len, reviews)) // TOKENS


def train(network, window, rate, updates, seed, reviews):
    """Train one network for so many updates.

    Returns:
        tuple: the model, and what a run records: the updates, the mean loss of each epoch (the
        last one may be a part) and the training's processor time, the compiler's with it.
    """
    keras.utils.set_random_seed(seed)
    model = build(network, window, reviews)
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
        say(network, window, rate, "seed", seed, "loss", losses[-1], "left", left)
    return model, {"updates": updates, "losses": losses, "seconds": round(seconds, 1)}


def budget(recorder, reviews, network, window):
    """The updates that the network makes in the processor time of the GRU's epochs."""
    how = {"stage": "speed", "network": network, "window": window, "seed": SEED}
    for key in recorder.todo([how]):
        recorder.add(**key, **speed(network, window, reviews))
    return recorder.runs(**how)[0]["updates"]


def search(recorder, sides, network, what, tried, **fixed):
    """The value of ``what`` with the lowest perplexity, tried until others lie on both sides."""
    reviews, val = sides[0], sides[1]
    while True:
        keys = ({"stage": "search", "network": network, what: v, "seed": SEED} for v in tried)
        for key in recorder.todo(fixed | key for key in keys):
            how = {k: key[k] for k in ("network", "window", "rate", "seed")}
            updates = budget(recorder, reviews, network, how["window"])
            model, run = train(**how, updates=updates, reviews=reviews)
            recorder.add(**key, **figures(model.arrays(), val, "val", model.states(val)), **run)
        runs = recorder.runs(stage="search", network=network, **fixed)
        found = {run[what]: run["val_perplexity"] for run in runs}
        best, low, high = min(found, key=found.get), min(found), max(found)
        if not brief(best in (low, high), False):
            return best
        tried = [type(best)(best / 2 if best == low else best * 2)]


def choose(recorder, sides, network):
    windows = WINDOWS.get(network, [NETWORK["window"]])
    window = windows[len(windows) // 2]
    rate = search(recorder, sides, network, "rate", RATES, window=window)
    if network in WINDOWS:
        window = search(recorder, sides, network, "window", windows, rate=rate)
    return {"network": network, "window": window, "rate": rate}


def main():
    _, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "networks": NETWORKS,
            "recipe": RECIPE,
            "dropout": [BEFORE, 0.0, AFTER],
            "seeds": SEEDS,
            "search": {"rates": RATES, "windows": WINDOWS},
        },
        TOLERANCE,
        data=digest(*sides),
    )
    sides = few(*sides)
    for seed, network in itertools.product(brief(SEEDS, SEEDS[:1]), brief([*NETWORKS], ["LSTM"])):
        setting = choose(recorder, sides, network)
        if network == "GRU" and setting["rate"] == RECIPE["rate"]:
            continue  # `best` has trained it
        updates = budget(recorder, sides[0], network, setting["window"])
        for key in recorder.todo([setting | {"stage": "final", "seed": seed}]):
            model, run = train(**setting, updates=updates, seed=seed, reviews=sides[0])
            for prefix, side in zip(("val", "test"), sides[1:], strict=True):
                run |= figures(model.arrays(), side, prefix, model.states(side))
            parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
            recorder.add(**key, parameters=parameters, **run)


if __name__ == "__main__":
    command_line(main)
