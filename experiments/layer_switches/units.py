"""How many units? Digits by rows and the next word, from 4 to 512 units, over three seeds.

Each size has its rate chosen from the same few, by the validation loss of the first seed, and
makes as many updates as the others. The seconds are the processor's, without compiling. Memory: the
highest that a fresh process has held (Linux), before the network is built and after 25 updates on
digits.
"""

import multiprocessing
import pathlib

import keras

from experiments.common import Recorder, brief, command_line
from experiments.layer_switches import tasks

SIZES, UPDATES = [4, 8, 16, 32, 64, 128, 256, 512], {"digits": 300, "next word": 400}


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
    keys = [{"task": "memory", "units": units, "seed": 0} for units in SIZES]
    for key in recorder.todo(keys):
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            before, after = fresh.apply(memory, [key["units"]])
        recorder.add(**key, megabytes_before=before, megabytes=after)


if __name__ == "__main__":
    command_line(main)
