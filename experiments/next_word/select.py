"""Short trainings before the long ones: the article's size against a larger, tied network.

Two epochs each, compared on the first 400 validation reviews alone; the test set is never opened.
So short a training favors little dropout; `best` chooses that at full length. All take their
batches from a stream of reviews, carry the state from window to window, start at the unigram and
estimate the sum over the vocabulary (see `models`).
"""

import time

from experiments.common import Recorder, command_line
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import train

REVIEWS = 400
SMALL = {
    "width": 64,
    "units": 64,
    "start": 0.5,
    "tied": False,
    "scale": 1.0,
    "dropout": [0.0, 0.0, 0.0],
    "carry": True,
    "batch": 64,
    "window": 32,
    "head": 512,
    "sample": 512,
}
LARGER = {"width": 256, "units": 256, "start": 0.1, "tied": True, "scale": 4.0, "batch": 128}
LARGE = SMALL | LARGER | {"dropout": [0.2, 0.0, 0.3]}
RECIPE = {"rate": 4e-3, "epochs": 2, "clip": 1.0}
SETTINGS = {
    "small": (SMALL, RECIPE),
    "small, dropout 0.1, 0.2": (SMALL | {"dropout": [0.1, 0.0, 0.2]}, RECIPE),
    "large": (LARGE, RECIPE),
    "large, dropout 0.3, 0.5": (LARGE | {"dropout": [0.3, 0.0, 0.5]}, RECIPE),
}
SEED = 100


def main():
    _, *sides, _ = prepare()
    recorder = Recorder(
        __file__,
        {
            "settings": {k: {"network": s, "recipe": r} for k, (s, r) in SETTINGS.items()},
            "validation_reviews": REVIEWS,
        },
        tolerance={"val_perplexity": 3.0},
        data=digest(*sides),
    )
    reviews, val = few(*sides)
    for key in recorder.todo({"setting": name, "seed": SEED} for name in SETTINGS):
        began = time.process_time()
        _, losses, curve = train(*SETTINGS[key["setting"]], SEED, reviews, val[:REVIEWS])
        recorder.add(
            **key,
            val_perplexity=curve[-1][1],
            by_epoch=curve,
            losses=losses,
            seconds=round(time.process_time() - began, 1),
        )


if __name__ == "__main__":
    command_line(main)
