"""An LSTM, minGRUs and a Transformer beside the best GRU: as many weights, as much processor time.

All have the weights of `best`'s network within 1 %, its tied words, data, loss, batches of 4,096
tokens and one mask a window. The recurrent ones carry their state; the Transformer carries none, so
its window is chosen. For each network in this order, which is that of the results file:

1. ``speed``: how long an update takes, in turns with the GRU on the same processor. The GRU's 5
   epochs are the budget of all; who is faster makes more updates in it.
2. ``search``: the whole budget with a seed of its own, compared on the validation reviews. Each
   value is doubled and halved until the best one has a worse one on either side: the learning rate;
   at that rate, how much is dropped; then the Transformer's window. (One epoch is no guide: it
   prefers a rate for the GRU that is too high for five.)
3. ``final``: the chosen setting with every seed. Only now the test reviews are read. The GRU's runs
   are those of `best`, where the search finds the setting that they have.
4. ``together``: probabilities of several models, mixed in shares that expectation-maximization
   finds on the validation reviews, without and with a cache (of `ngrams`, its weight chosen there
   as well). The GRU is the stored one. Each rung of this ladder is held against the one before it
   by `intervals`' bootstrap over the test reviews.
"""

import itertools
import time

import keras
import numpy as np

from experiments.common import Recorder, brief, command_line, say
from experiments.next_word.best import CANDIDATES, NETWORK, RECIPE, SEEDS
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.intervals import DRAWS, ORDER, interval, perplexities
from experiments.next_word.models import (
    compile_with,
    measure,
    stream,
    summary,
    train_epoch,
    unigram,
)
from experiments.next_word.networks import Lstm, MinGru, Network, Transformer
from experiments.next_word.ngrams import CACHED, DISCOUNTS, WEIGHTS
from grubook.ngrams import KneserNey, mix_cache
from grubook.weights import load_weights

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
DROPS = [0.05, 0.1, 0.2]  # before the reader; half as much again after it, as `best` has it
DROP, _ = CANDIDATES["dropout 0.1, 0.15"]  # what `best` chose, while the rate is searched
AS_BEST = {"network": "GRU", "window": 32, "rate": RECIPE["rate"], "drop": DROP}  # its own runs
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
    "cache": 0.04,
}

N_GRAM = "modified 5-gram"
LADDER = {
    N_GRAM: [N_GRAM],
    "Transformer": ["Transformer"],
    "minGRU": ["minGRU"],
    "LSTM": ["LSTM"],
    "GRU": ["GRU"],
    "GRU, modified 5-gram": ["GRU", N_GRAM],
    "GRU, LSTM": ["GRU", "LSTM"],
    "GRU, LSTM, modified 5-gram": ["GRU", "LSTM", N_GRAM],
    "all networks": ["GRU", "LSTM", "minGRU", "Transformer"],
    "all networks, modified 5-gram": ["GRU", "LSTM", "minGRU", "Transformer", N_GRAM],
}


def build(network, window, reviews, drop=DROP):
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


def search(recorder, sides, network, what, tried, **fixed):
    """The value of ``what`` with the lowest perplexity, tried until others lie on both sides."""
    reviews, val = sides[0], sides[1]
    while True:
        keys = ({"stage": "search", "network": network, what: v, "seed": SEED} for v in tried)
        for key in recorder.todo(fixed | key for key in keys):
            how = {k: key[k] for k in ("network", "window", "rate", "drop", "seed")}
            updates = budget(recorder, reviews, network, how["window"])
            model, run = train(**how, updates=updates, reviews=reviews)
            recorder.add(**key, **read(model, val, "val")[0], **run)
        runs = recorder.runs(stage="search", network=network, **fixed)
        found = {run[what]: run["val_perplexity"] for run in runs}
        best, low, high = min(found, key=found.get), min(found), max(found)
        if not brief(best in (low, high), False):
            return best
        tried = [type(best)(best / 2 if best == low else best * 2)]


def choose(recorder, sides, network):
    how, windows = {"window": NETWORK["window"]}, WINDOWS.get(network)
    if windows:
        how["window"] = windows[len(windows) // 2]
    how["rate"] = search(recorder, sides, network, "rate", RATES, drop=DROP, **how)
    how["drop"] = search(recorder, sides, network, "drop", DROPS, **how)
    if windows:
        del how["window"]
        how["window"] = search(recorder, sides, network, "window", windows, **how)
    return {"network": network, **how}


def read(model, reviews, prefix):
    """The figures of a network on these reviews, and the log-probability of each token."""
    log_p, rank = measure(model.arrays(), reviews, model.states(reviews))
    return summary(log_p, rank, prefix), log_p


def final(recorder, sides, setting, seed):
    """Train and measure the chosen network; what it says of each token is kept for the mixtures."""
    updates = budget(recorder, sides[0], setting["network"], setting["window"])
    model, run = train(**setting, updates=updates, seed=seed, reviews=sides[0])
    run["parameters"] = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    said = {}
    for prefix, side in zip(("val", "test"), sides[1:], strict=True):
        found, said[prefix] = read(model, side, prefix)
        run |= found
    with said_path(recorder, setting["network"], seed).open("wb") as file:
        np.savez(file, **said)
    return run


def said_path(recorder, network, seed):
    """Where log-probabilities lie between the stages; not as .npz, which would be stored."""
    return recorder.beside(f"{network}.{seed}.said")


def mix(log_p):
    """The shares of some models' probabilities (models, tokens) that find the tokens likeliest."""
    p = np.exp(log_p - log_p.max(axis=0))
    shares = np.full(len(p), 1 / len(p))
    for _ in range(200):
        shares = (shares[:, None] * p / (shares @ p)).mean(axis=1)
    return shares


def says(recorder, sides, size, seed):
    """The log-probability of each token of the validation and the test reviews, by model."""
    train, *others = sides
    n_gram, stored = KneserNey(train, ORDER, size, DISCOUNTS[CACHED]), load_weights("next_word")
    found = {
        "GRU": [measure(stored, side)[0] for side in others],
        N_GRAM: [np.concatenate([*map(n_gram.log_probabilities, side)]) for side in others],
    }
    for network in brief([name for name in NETWORKS if name != "GRU"], []):
        with np.load(said_path(recorder, network, seed)) as said:
            found[network] = [said["val"], said["test"]]
    return found


def cached(log_p, reviews, weight):
    """Log-probabilities with a cache, review by review."""
    pieces = np.split(log_p, np.cumsum([*map(len, reviews)])[:-1])
    return [mix_cache(p, ids, weight) for p, ids in zip(pieces, reviews, strict=True)]


def mixture(models, val, test, with_cache):
    """Mix models, in shares and with a cache's weight that the validation reviews choose.

    Args:
        models: of each model the log-probabilities of val's tokens, and of test's.
        val, test: the reviews.
        with_cache: whether there is one.

    Returns:
        tuple: what a run records, and the log-probabilities of each test review.
    """
    shares = mix(np.stack([val_p for val_p, _ in models]))
    weighted = [np.log(shares)[:, None] + np.stack(side) for side in zip(*models, strict=True)]
    val_p, test_p = (np.logaddexp.reduce(side) for side in weighted)
    means = {w: np.concatenate(cached(val_p, val, w)).mean() for w in with_cache * WEIGHTS or [0]}
    weight = max(means, key=means.get)
    run = {"shares": shares.round(3).tolist(), "cache": weight}
    run["val_perplexity"] = float(np.exp(-means[weight]))
    return run, cached(test_p, test, weight)


def rungs(found, val, test):
    """The name of each rung of the ladder, and its `mixture`."""
    for name, models in LADDER.items():
        if brief(False, not found.keys() >= {*models}):
            continue
        for with_cache in (False, True):
            yield (
                name + ", cache" * with_cache,
                *mixture([found[model] for model in models], val, test, with_cache),
            )


def together(recorder, sides, size, seed):
    """Record the rungs, the highest validation perplexity first, each held against the last."""
    _, val, test = sides
    ladder = sorted(
        rungs(says(recorder, sides, size, seed), val, test),
        key=lambda rung: -rung[1]["val_perplexity"],
    )
    draws = np.random.default_rng(seed).multinomial(
        len(test), np.full(len(test), 1 / len(test)), DRAWS
    )
    before = None
    for name, figures, log_p in ladder:
        found, drawn = perplexities(log_p, draws)
        run = figures | {"test_perplexity": found, "interval": interval(drawn)}
        if before is not None:
            run["ratio_to_the_rung_before"] = interval(drawn / before)
        before = drawn
        for key in recorder.todo([{"stage": "together", "rung": name, "seed": seed}]):
            recorder.add(**key, **run)


def main():
    vocabulary, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "networks": NETWORKS,
            "recipe": RECIPE,
            "seeds": SEEDS,
            "search": {"rates": RATES, "drops": DROPS, "windows": WINDOWS, "seed": SEED},
            "ladder": LADDER,
        },
        TOLERANCE,
        data=digest(*sides),
    )
    sides = few(*sides)
    settings = [choose(recorder, sides, network) for network in brief([*NETWORKS], ["LSTM"])]
    for seed, setting in itertools.product(brief(SEEDS, SEEDS[:1]), settings):
        if setting == AS_BEST:
            continue
        for key in recorder.todo([setting | {"stage": "final", "seed": seed}]):
            recorder.add(**key, **final(recorder, sides, setting, seed))
    for seed in brief(SEEDS, SEEDS[:1]):
        together(recorder, sides, len(vocabulary), seed)


if __name__ == "__main__":
    command_line(main)
