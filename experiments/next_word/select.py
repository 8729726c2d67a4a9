"""Short trainings before the long ones: the article's size against a larger, tied network.

Two epochs each, compared on the first 400 validation reviews alone; the test set is never opened.
So short a training favours little dropout; `next_word_best` chooses that at full length.
All take their batches from a stream of reviews, carry the state from window to window, start at the
unigram and estimate the sum over the vocabulary (see next_word_models.py).

    python experiments/next_word/select.py [N]    make at most N new runs (all, if left out)
"""

import sys
import time

from experiments.common import Recorder, array_digest, code_digest
from experiments.next_word.data import prepare
from experiments.next_word.models import __file__ as shared
from experiments.next_word.models import np, train

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
LARGE = SMALL | {
    "width": 256,
    "units": 256,
    "start": 0.1,
    "tied": True,
    "scale": 4.0,
    "dropout": [0.2, 0.0, 0.3],
    "batch": 128,
}
RECIPE = {"rate": 4e-3, "epochs": 2, "clip": 1.0, "decay": None}
SETTINGS = {
    "small": (SMALL, RECIPE),
    "small, dropout 0.1, 0.2": (SMALL | {"dropout": [0.1, 0.0, 0.2]}, RECIPE),
    "large": (LARGE, RECIPE),
    "large, dropout 0.3, 0.5": (LARGE | {"dropout": [0.3, 0.0, 0.5]}, RECIPE),
}
SEED = 100


def main():
    _, reviews, val, _ = prepare()
    recorder = Recorder(
        __file__,
        {
            "settings": {k: {"network": s, "recipe": r} for k, (s, r) in SETTINGS.items()},
            "validation_reviews": REVIEWS,
            "shared_code": code_digest(shared),
        },
        tolerance={"val_perplexity": 3.0},
        data=array_digest(np.concatenate(reviews), np.concatenate(val)),
    )
    todo = [name for name in SETTINGS if not recorder.done(setting=name, seed=SEED)]
    for name in todo[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
        start = time.process_time()
        _, losses, curve = train(*SETTINGS[name], SEED, reviews, val[:REVIEWS])
        recorder.add(
            setting=name,
            seed=SEED,
            val_perplexity=curve[-1][1],
            by_epoch=curve,
            losses=losses,
            seconds=round(time.process_time() - start, 1),
        )


if __name__ == "__main__":
    main()
