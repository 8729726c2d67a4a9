"""What makes the best next-word GRU better: one part of it taken away at a time.

Each network differs in one part from the one that `best` chose, and trains by its recipe with its
seeds; nothing is chosen anew: not the learning rate, and with 64 numbers a word and 256 units not
the scales of its start. Without tying it has 86 % more weights. Perplexities are those of the
validation reviews; the test reviews are never opened. The whole network's runs are `best`'s own.
"""

import time

from experiments.common import Recorder, brief, command_line
from experiments.next_word.best import CANDIDATES, NETWORK, RECIPE, REVIEWS, SEEDS, OneMask
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import count, figures, train

BEFORE, AFTER = CANDIDATES["dropout 0.1, 0.15"]  # `best` chose it
WITHOUT = {
    "one matrix at both ends": {"tied": False},
    "256 units": {"width": 64, "units": 64},
    "dropout": {"dropout": [0.0, 0.0, 0.0]},
    "the state carried on": {"carry": False},
    "an estimated sum": {"head": 0, "sample": 0},
}


def main():
    _, *sides, _ = prepare()
    recorder = Recorder(
        __file__,
        {
            "network": NETWORK | {"dropout": [BEFORE, 0.0, AFTER]},
            "without": WITHOUT,
            "recipe": RECIPE,
            "seeds": SEEDS,
        },
        tolerance={"val_perplexity": 2.0, "val_top1": 0.006, "val_top5": 0.006},
        data=digest(*sides),
    )
    reviews, val = few(*sides)
    names = brief([*WITHOUT], ["the state carried on"])
    for key in recorder.todo({"without": name, "seed": seed} for seed in SEEDS for name in names):
        began = time.process_time()
        network = NETWORK | {"dropout": [BEFORE, 0.0, AFTER]} | WITHOUT[key["without"]]
        weights, losses, _ = train(network, RECIPE, key["seed"], reviews, val[:REVIEWS], OneMask)
        recorder.add(
            **key,
            parameters=count(weights),
            **figures(weights, val, "val"),
            losses=losses,
            seconds=round(time.process_time() - began, 1),
        )


if __name__ == "__main__":
    command_line(main)
