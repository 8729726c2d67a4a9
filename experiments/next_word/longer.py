"""How far down can one GRU go? `best`'s network, trained longer, with more left out.

The weights of U are dropped as well (DropConnect), and how much of all is chosen by the perplexity
of the validation reviews, with a seed of its own, in this order, which is that of the results file:

1. 10 epochs with what `best` leaves out: what the length alone brings;
2. 10 epochs: the share of U's weights that is dropped, then how much before and after the layer;
   each moves to its next smaller or larger value until neither is better;
3. 25 epochs with what was chosen, with the next larger of either, and with half and twice the rate.

The setting with the lowest perplexity of all trains with every seed, and only now the test reviews
are read. What each says of every token is kept for `together`.
"""

import time

import numpy as np
import tensorflow as tf

from experiments.common import Recorder, brief, command_line, processor
from experiments.next_word.best import CANDIDATES, NETWORK, RECIPE, REVIEWS, SEEDS
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import count, measure, summary, train
from experiments.next_word.networks import DropConnect
from experiments.next_word.together import LONGER, said_path

CONNECT = [0.0, 0.15, 0.3, 0.45, 0.6]
DROPPED = [(0.1, 0.15), (0.15, 0.25), (0.25, 0.4), (0.35, 0.5), (0.45, 0.6)]  # before, after
AS_BEST = {"connect": 0.0, "dropped": DROPPED.index(CANDIDATES["dropout 0.1, 0.15"])}
START = {"connect": 0.3, "dropped": 2}
SHORT, LONG = 10, 25  # epochs
SEED = 100  # of the search


def fit(how, seed, reviews, val, read):
    """What a run records of one training, and what the network says of each side's tokens."""
    began = time.process_time()
    before, after = DROPPED[how["dropped"]]
    network = NETWORK | {"dropout": [before, 0.0, after], "connect": how["connect"]}
    recipe = RECIPE | {"epochs": how["epochs"], "rate": how["rate"]}
    weights, losses, curve = train(network, recipe, seed, reviews, val[:REVIEWS], DropConnect)
    run, said = {"parameters": count(weights)}, {}
    for prefix, side in read.items():
        said[prefix], rank = measure(weights, side)
        run |= summary(said[prefix], rank, prefix)
    run |= {"by_epoch": [reached for _, reached in curve], "losses": losses}
    return run | {"seconds": round(time.process_time() - began, 1)}, said


def choose(recorder, reviews, val):
    """The setting with the lowest perplexity on the validation reviews."""
    found = {}

    def tried(**how):
        key = {"stage": "search", **how, "seed": SEED}
        for missing in recorder.todo([key]):
            recorder.add(**missing, **fit(how, SEED, reviews, val, {"val": val})[0])
        reached = recorder.runs(**key)[0]["val_perplexity"]
        found[tuple(how.items())] = reached
        return reached

    how = {"rate": RECIPE["rate"], "epochs": SHORT}
    tried(**how, **AS_BEST)
    how |= START
    for what, values in brief([("connect", CONNECT), ("dropped", range(len(DROPPED)))], []):
        while True:
            i = values.index(how[what])
            around = [how[what], *values[max(i - 1, 0) : i], *values[i + 1 : i + 2]]
            best = min(around, key=lambda v, what=what: tried(**how | {what: v}))
            if best == how[what]:
                break
            how[what] = best
    how["epochs"] = LONG
    more = {"connect": CONNECT[CONNECT.index(how["connect"]) + 1 :][:1]}
    more["dropped"] = [n for n in [how["dropped"] + 1] if n < len(DROPPED)]
    more["rate"] = [how["rate"] / 2, how["rate"] * 2]
    changes = [{}] + [{what: v} for what, values in more.items() for v in values]
    for change in brief(changes, []):
        tried(**how | change)
    return dict(min(found, key=found.get))


def main():
    _, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "network": NETWORK,
            "recipe": RECIPE,
            "connect": CONNECT,
            "dropped": DROPPED,
            "epochs": [SHORT, LONG],
            "seeds": SEEDS,
            "search_seed": SEED,
        },
        {f"{side}_perplexity": 1.0 for side in ("val", "test")}
        | {f"{side}_top{k}": 0.004 for side in ("val", "test") for k in (1, 5)},
        data=digest(*sides),
        versions={"processor": processor()},
    )
    reviews, val, test = few(*sides)
    how = choose(recorder, reviews, val)
    for seed in brief(SEEDS, SEEDS[:1]):
        path = said_path(recorder, LONGER, seed)
        missing = recorder.todo([{"stage": "final", **how, "seed": seed}])
        if missing or not path.exists():
            run, said = fit(how, seed, reviews, val, {"val": val, "test": test})
            with path.open("wb") as file:
                np.savez(file, **said)
            for key in missing:
                recorder.add(**key, **run)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    command_line(main)
