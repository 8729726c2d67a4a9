"""How long ways to train a GRU, and to read one digit, take beside each other: `make bench`.

The ways take turns on one core of the processor, each in a process of its own; a repeat goes
through them forward, the next one backward, so that another program meets all of them. Before any
time is taken, ways that train must have the same losses, and ways that read the same scores. Ways
to train on digits start three times: one start may be a sixth faster than the next.

Trainings, and the way from CSV to batches: milliseconds of the processor for a batch of 32. One
digit: the milliseconds that pass, the median of 51 calls.
"""

import contextlib
import importlib.metadata
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line, processor, say
from experiments.speed import ways
from grubook.data import load_mnist
from grubook.weights import load_weights

REPEATS = {"digits": [4, 4, 4], "words": [4], "one digit": [15]}  # after each start
BATCHES = {"digits": 150, "words": 33}  # in one pass
EXECUTE = {"digits": 50, "words": 33}  # the chapters' steps_per_execution
BOOK, KERAS = "Keras on TensorFlow, the book's settings", "keras_training"
TRAINED = load_weights("digits_reset_before")
BASE = {"digits": BOOK, "words": BOOK, "one digit": "Keras, predict_on_batch"}


def trainings(work):
    """Ways to train: name, function in `ways`, its settings, variables of the environment."""
    steps = {"steps_per_execution": EXECUTE[work]}
    fast = steps | {"jit_compile": True}
    return {
        "matrix products alone, NumPy": ("products", {}, {}),
        BOOK: (KERAS, fast, {}),
        "Keras on TensorFlow, its defaults": (KERAS, {}, {}),
        "the book's settings, with oneDNN": (KERAS, fast, {"TF_ENABLE_ONEDNN_OPTS": "1"}),
        "the book's settings, inputs in one product": (KERAS, fast | {"one_product": True}, {}),
        "Keras on JAX": (KERAS, steps, {"KERAS_BACKEND": "jax"}),
        "PyTorch": ("pytorch_training", {}, {}),
    }


WAYS = {work: trainings(work) for work in BATCHES}
WAYS["words"]["no network: from CSV to batches"] = ("pipeline", {}, {})
WAYS["one digit"] = {
    "NumPy, gru_forward": ("numpy_answers", {}, {}),
    "Keras, model(x)": ("keras_answers", {"form": "call"}, {}),
    "Keras, predict_on_batch": ("keras_answers", {"form": "batch"}, {}),
    "TensorFlow Lite": ("keras_answers", {"form": "TFLite"}, {}),
    "ONNX Runtime": ("onnx_answers", {}, {}),
    "TensorFlow.js, layers on WASM": ("javascript", {"way": "layers, wasm"}, {}),
    "the book's JavaScript": ("javascript", {"way": "plain JavaScript"}, {}),
}


def make_data():
    """The arrays of each work: examples, and the weights to begin with."""
    (x, y), _, (x_test, _) = load_mnist()
    n, rng = 32 * BATCHES["digits"], np.random.default_rng(0)
    x, x_test = (np.divide(images, 255, dtype="float32") for images in (x[:n], x_test[:5]))
    # Words as frequent as Zipf's law has them; no padding: PyTorch's nn.GRU takes no mask.
    zipf = 1 / np.arange(1, 9998)
    text = rng.choice(np.arange(3, 10_000), (32 * BATCHES["words"], 41), p=zipf / zipf.sum())
    text = text.astype("int32")

    def draw(**shapes):
        draws = {name: rng.uniform(-0.1, 0.1, shape) for name, shape in shapes.items()}
        return {name: array.astype("float32") for name, array in draws.items()}

    gru = draw(U=(64, 192), b=(2, 192))
    digits = gru | draw(W=(28, 192), V=(64, 10), c=10)
    words = gru | draw(E=(10_000, 64), W=(64, 192), V=(64, 10_000), c=10_000)
    return {
        "digits": digits | {"x": x, "y": y[:n].astype("int32")},
        "words": words | {"x": text[:, :-1], "y": text[:, 1:]},
        "one digit": {"x": x_test} | dict(zip("WUbVc", TRAINED.values(), strict=True)),
    }


@contextlib.contextmanager
def started(work, names, arrays):
    """Start the ways of one work, each in a process, and hold what each says against the first."""
    processes, first = {}, None
    with contextlib.ExitStack() as stack:
        for name in names:
            function, settings, variables = WAYS[work][name]
            pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
            processes[name] = stack.enter_context(pool)
            os.environ.update(variables)
            said = pool.submit(ways.begin, function, arrays, settings).result()
            for variable in variables:
                del os.environ[variable]
            first = first or said
            say(work, name, "says", *np.ravel(said)[:2])
            close = {"atol": 1e-4} if work == "one digit" else {"atol": 0, "rtol": 1e-4}
            if said and not np.allclose(said, first, **close):
                sys.exit(f"{name} computes something else: {said} instead of {first}")
        yield processes


def report(runs):
    """Print a table of each work: median time, the ratios' geometric mean and their range."""
    for work, base in BASE.items():
        print(f"\n{work}: milliseconds; times as fast as {base}, mean and range")
        times = {way: [] for way in WAYS[work]}
        for run in runs:
            if run["work"] == work:
                times[run["way"]].append(run["milliseconds"])
        for way, found in times.items():
            ratio = np.divide(times[base], found)
            spread = f"{ratio.min():.2f} to {ratio.max():.2f}"
            print(f"{way:44}{np.median(found):9.3f}{np.exp(np.log(ratio).mean()):9.2f}   {spread}")


def main():
    if brief(hasattr(os, "sched_setaffinity"), False):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # and so all that it starts
    data = make_data()
    also = {"processor": processor()}
    for name in ("jax", "torch"):
        try:
            also[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            brief(sys.exit, print)(f"The bench needs {name}: run it as `make bench`.")
    recorder = Recorder(
        __file__,
        settings={"ways": WAYS, "base": BASE, "batches": BATCHES, "repeats": REPEATS},
        tolerance={"milliseconds": 1e6},  # they belong to the machine
        data=array_digest(*(array for arrays in data.values() for array in arrays.values())),
        versions=also,
    )
    starts = [(work, start, n) for work in WAYS for start, n in enumerate(REPEATS[work])]
    for work, start, n in starts:
        keys = [
            {"work": work, "way": way, "start": start, "repeat": repeat}
            for repeat in range(n)
            for way in list(WAYS[work])[:: -1 if repeat % 2 else 1]
        ]
        todo = recorder.todo(keys)
        names = dict.fromkeys(key["way"] for key in todo)
        with started(work, names, data[work]) as processes:
            for key in todo:
                milliseconds = processes[key["way"]].submit(ways.milliseconds).result()
                recorder.add(**key, milliseconds=round(milliseconds, 4))
    if len(recorder.content["runs"]) == sum(n * len(WAYS[work]) for work, _, n in starts):
        report(recorder.content["runs"])


if __name__ == "__main__":
    command_line(main)
