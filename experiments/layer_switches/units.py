"""How many units? Digits by rows and the next word, from 4 to 512 units, over three seeds.

Each size has its rate chosen from the same few, by the validation loss of the first seed, and
makes as many updates as the others. The seconds are the processor's, without compiling. Memory: the
highest that a fresh process has held (Linux), before the network is built and after 25 updates on
digits. Counting stands beside: Kneser-Ney on all training windows, asked about the same words.
"""

import multiprocessing
import pathlib

import keras
import numpy as np

from experiments.common import Recorder, brief, command_line
from experiments.layer_switches import tasks
from grubook.ngrams import KneserNey

SIZES, UPDATES = [4, 8, 16, 32, 64, 128, 256, 512], {"digits": 300, "next word": 300}


def one_layer(x, units, each):
    return keras.layers.GRU(units, return_sequences=each)(x)


def highest():
    """The most memory that this process has held, in MB."""
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def memory(units):
    """The highest before a network of so many units is built, and after 25 updates."""
    tasks.data("digits")
    keras.Sequential([keras.Input((2, 1)), keras.layers.GRU(1)])  # what any network loads
    before = highest()
    tasks.compiled("digits", one_layer, units)
    return before, highest()


def counting(order):
    """What n-grams pay for the next words, on validation and test windows."""
    sides = [np.column_stack([x, y[:, -1]]) for x, y in tasks.data("next word")]
    train, *others = (side[: brief(None, 100)] for side in sides)
    model = KneserNey(list(train), order, tasks.WORDS, discounts=3)
    losses = (-np.mean([model.log_probabilities(row)[1:] for row in side]) for side in others)
    return dict(zip(["val_loss", "test_loss"], map(float, losses), strict=True))


def main():
    recorder = Recorder(
        __file__,
        {
            "sizes": SIZES,
            "updates": UPDATES,
            "batch": tasks.BATCH,
            "rates": tasks.RATES,
            "seeds": tasks.SEEDS,
            "words": tasks.WORDS,
            "window": tasks.WINDOW,
            "embedding": tasks.WIDTH,
        },
        tasks.TOLERANCE | {"megabytes_before": 200, "megabytes": 300},
        data=tasks.digest(*UPDATES),
    )
    for units in SIZES[: brief(None, 1)]:
        for task, updates in UPDATES.items():
            tasks.run(recorder, {"task": task, "units": units}, updates, one_layer, units)
    for key in recorder.todo({"task": "counting", "order": n, "seed": 0} for n in (1, 2, 3)):
        recorder.add(**key, **counting(key["order"]))
    keys = [{"task": "memory", "units": units, "seed": 0} for units in SIZES]
    for key in recorder.todo(keys):
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            before, after = fresh.apply(memory, [key["units"]])
        recorder.add(**key, megabytes_before=before, megabytes=after)


if __name__ == "__main__":
    command_line(main)
