"""How far down can one GRU go? `best`'s network, trained longer, with more left out.

The weights of U are dropped as well (DropConnect), and how much of all is chosen by the perplexity
of the validation reviews, with a seed of its own, in this order, which is that of the results file:

1. the share of U's weights that is dropped, at 10 epochs;
2. how much is dropped before and after the layer, at that share and 10 epochs;
3. 25 epochs, with what was chosen and with the next larger share of U.

Then the best of all trains with every seed, and only now the test reviews are read: by the GRU
alone, with a cache, and with the modified 5-gram beside it (shares and the cache's weight by
validation, as in `compare`).
"""

import time

import numpy as np

from experiments.common import Recorder, brief, command_line
from experiments.next_word.best import NETWORK, RECIPE, REVIEWS, SEEDS
from experiments.next_word.compare import N_GRAM, SEED, mixture
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.intervals import ORDER
from experiments.next_word.models import count, figures, measure, train
from experiments.next_word.networks import DropConnect
from experiments.next_word.ngrams import CACHED, DISCOUNTS
from grubook.ngrams import KneserNey

CONNECT = [0.0, 0.25, 0.5, 0.7]  # the last one for the long trainings
AROUND = [(0.15, 0.25), (0.25, 0.4), (0.35, 0.5)]  # before the layer, after it
SHORT, LONG = 10, 25  # epochs
MODELS = {"GRU": ["GRU"], f"GRU, {N_GRAM}": ["GRU", N_GRAM]}


def fit(setting, seed, reviews, val):
    """The weights of one training, and what a run records of it."""
    began = time.process_time()
    dropout = [setting["before"], 0.0, setting["after"]]
    network = NETWORK | {"dropout": dropout, "connect": setting["connect"]}
    recipe = RECIPE | {"epochs": setting["epochs"]}
    weights, losses, curve = train(network, recipe, seed, reviews, val[:REVIEWS], DropConnect)
    run = {"parameters": count(weights), **figures(weights, val, "val")}
    run |= {"by_epoch": [reached for _, reached in curve], "losses": losses}
    return weights, run | {"seconds": round(time.process_time() - began, 1)}


def choose(recorder, reviews, val):
    """The setting with the lowest perplexity on the validation reviews."""

    def best(settings):
        found = []
        for setting in settings[: brief(None, 1)]:
            for key in recorder.todo([{"stage": "search", **setting, "seed": SEED}]):
                recorder.add(**key, **fit(setting, SEED, reviews, val)[1])
            found += recorder.runs(stage="search", **setting)
        run = min(found, key=lambda run: run["val_perplexity"])
        return {name: run[name] for name in ("epochs", "connect", "before", "after")}

    around = [{"before": before, "after": after} for before, after in AROUND]
    chosen = best([around[1] | {"epochs": SHORT, "connect": share} for share in CONNECT[:-1]])
    chosen = best([chosen | dropped for dropped in around])
    more = CONNECT[CONNECT.index(chosen["connect"]) + 1]
    return best([chosen | {"epochs": LONG, "connect": c} for c in (chosen["connect"], more)])


def beside(weights, n_gram, val, test):
    """The figures without and with a cache, alone and beside the n-gram."""
    said = {
        "GRU": [measure(weights, side)[0] for side in (val, test)],
        N_GRAM: [np.concatenate([*map(n_gram.log_probabilities, side)]) for side in (val, test)],
    }
    found = {}
    for name, models in MODELS.items():
        for with_cache in (False, True):
            run, log_p = mixture([said[model] for model in models], val, test, with_cache)
            run["test_perplexity"] = float(np.exp(-np.concatenate(log_p).mean()))
            found[name + ", cache" * with_cache] = run
    return found


def main():
    vocabulary, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "network": NETWORK,
            "recipe": RECIPE,
            "connect": CONNECT,
            "around": AROUND,
            "epochs": [SHORT, LONG],
            "seeds": SEEDS,
            "search_seed": SEED,
        },
        {f"{side}_perplexity": 1.0 for side in ("val", "test")}
        | {f"{side}_top{k}": 0.004 for side in ("val", "test") for k in (1, 5)},
        data=digest(*sides),
    )
    reviews, val, test = few(*sides)
    setting = choose(recorder, reviews, val)
    for key in recorder.todo({"stage": "final", **setting, "seed": seed} for seed in SEEDS):
        n_gram = KneserNey(reviews, ORDER, len(vocabulary), DISCOUNTS[CACHED])
        weights, run = fit(setting, key["seed"], reviews, val)
        run |= figures(weights, test, "test") | {"beside": beside(weights, n_gram, val, test)}
        recorder.add(**key, **run)


if __name__ == "__main__":
    command_line(main)
