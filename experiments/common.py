"""What the experiments share: results files, digests, the reviews, the learning rate's course.

An experiment is a module with a `main` that makes a `Recorder` and adds one entry a run.
``python -m experiments.digits.best [N]``, from the book's root, makes the runs that are missing, or
N of them, and can be stopped and started again. What it makes goes to the folder that
GRUBOOK_RESULTS names, else to _build/results; ``make results`` compares and stores it.
"""

import argparse
import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

import numpy as np

from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups
from grubook.text import clean, tokenize

#: In a smoke run, every experiment goes its real way in a few steps: tests set this.
SMOKE = False
PACKAGES = ["keras", "numpy", "tensorflow-cpu", "tensorflow", "scikit-learn"]


def brief(full, smoke):
    """``full``, or ``smoke`` in a smoke run. Settings and data are recorded as in a full run."""
    return smoke if SMOKE else full


def rewind(optimizer):
    """Make a built Keras optimizer as if it had made no update: compiling anew takes seconds."""
    for variable in optimizer.variables:
        variable.assign(np.zeros(variable.shape))


def array_digest(*arrays):
    """SHA-256 over the bytes, shapes and dtypes of NumPy arrays: which data was trained on."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def say(*words):
    """A progress line, so that a long run can be watched."""
    print(time.strftime("%H:%M:%S"), *words, file=sys.stderr, flush=True)


class Recorder:
    """Collect the runs of one experiment and write them after each.

    A file that is there is taken up again if data, settings and versions are the same; its
    ``commit`` names every commit that made runs of it.

    Args:
        script: the experiment's ``__file__``.
        settings: everything a reader needs to know about how it was run (JSON values).
        tolerance: for each key of a run that is a measured figure, how far a repetition may move
            (absolute); `make results` holds a rebuilt file against the stored one with it.
        data: digest of the data, from `array_digest`.
        versions: of what it runs on beside `PACKAGES`, a mapping.

    Raises:
        SystemExit: the file that is there is damaged; the message says what to do.
    """

    at_most = None  # new runs still to be made; None: all

    def __init__(self, script, settings, tolerance, data, versions=()):
        script = pathlib.Path(script)
        folder = pathlib.Path(os.environ.get("GRUBOOK_RESULTS") or "_build/results")
        self.path = folder / script.parent.name / f"{script.stem}.json"
        self.commit = _commit()
        self.content = {
            "commit": self.commit,
            "data": data,
            "settings": json.loads(json.dumps(settings)),  # as it will be read: a tuple is a list
            "tolerance": tolerance,
            "versions": _versions() | dict(versions),
            "runs": [],
        }
        stored = self._stored()
        if all(stored.get(key) == self.content[key] for key in ("data", "settings", "versions")):
            self.content |= {key: stored[key] for key in ("commit", "runs")}
            say(f"{self.path}: goes on after {len(stored['runs'])} runs of {stored['commit']}")

    def _stored(self):
        if not self.path.is_file():
            return {}
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            sys.exit(f"{self.path} is damaged ({error}): delete it, and the runs are made again.")

    def runs(self, **key):
        """The runs with these values, for example ``model=..., seed=...``."""
        return [run for run in self.content["runs"] if key.items() <= run.items()]

    def done(self, **key):
        """True if a run with these values is in the file."""
        return bool(self.runs(**key))

    def todo(self, keys):
        """Those of the keys (dicts) whose run is missing; in a smoke run only the first counts."""
        return [key for key in list(keys)[: brief(None, 1)] if not self.done(**key)]

    def add(self, **run):
        """Store one run, at once and atomically; where N runs were asked for, end with the Nth."""
        commits = [*self.content["commit"].split(", "), self.commit]
        self.content["commit"] = ", ".join(dict.fromkeys(commits))
        self.content["runs"].append(run)
        part = self.beside("part")
        part.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)
        say(self.path.stem, {k: v for k, v in run.items() if not isinstance(v, list | dict)})
        if Recorder.at_most is not None:
            Recorder.at_most -= 1
            if Recorder.at_most == 0:
                sys.exit()

    def beside(self, ending):
        """The path of a file that belongs to these results, in a folder that exists.

        ``digits.npz`` is the ending of the weights that `make results` stores as ``digits``.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.path.with_suffix(f".{ending}")


def command_line(main):
    """Run an experiment from the command line: all missing runs, or at most N."""
    parser = argparse.ArgumentParser(description="Make the runs that are missing.")
    parser.add_argument("at_most", nargs="?", type=int, metavar="N", help="new runs at most")
    Recorder.at_most = parser.parse_args().at_most
    if Recorder.at_most is not None and Recorder.at_most < 1:
        parser.error(f"N must be at least 1; got {Recorder.at_most}")
    main()


def _commit():
    """The commit of the working tree, "-dirty" where tracked files differ from it."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]
    try:
        return subprocess.run(
            command, capture_output=True, check=True, encoding="utf-8"
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _versions():
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def processor():
    """The processor's name, as far as the system tells it."""
    with contextlib.suppress(OSError, AttributeError):
        text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return re.search(r"model name\s*: (.*)", text)[1]
    return platform.processor()


@functools.cache
def reviews():
    """The book's own reviews, as `load_reviews` returns them."""
    return load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])


def distinct(texts):
    """Leave out texts of fewer than five tokens, and all but the first of (near-)duplicates.

    Returns:
        tuple: the tokens of each text that is kept, and the positions of these texts.
    """
    words = [tokenize(clean(text)) for text in texts]
    long_enough = [i for i, text in enumerate(words) if len(text) >= 5]
    groups = duplicate_groups([words[i] for i in long_enough])
    kept = [i for k, i in enumerate(long_enough) if groups[k] == k]
    return [words[i] for i in kept], kept


def warm_up_and_cosine(peak, updates):
    """A rate that rises to ``peak`` for 5 % of the updates and falls along a cosine to 0."""
    import keras  # here, because n-grams and instruments are measured without TensorFlow

    warm_up = updates // 20
    return keras.optimizers.schedules.CosineDecay(
        0.0, updates - warm_up, warmup_target=peak, warmup_steps=warm_up
    )
