"""How an experiment keeps its results: settings, versions, seeds, a digest of the code.

An experiment is a short script beside this file. It calls `Recorder`, adds one entry a run, and can
be stopped and started again: the runs that are already in the file, made by the same code with the
same settings, are not made again.
"""

import ast
import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import sys

RESULTS = pathlib.Path(__file__).parent / "results"


def code_digest(script):
    """SHA-256 of a script's meaning: comments, docstrings and formatting do not count."""
    tree = ast.parse(pathlib.Path(script).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        holder = isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        if holder and ast.get_docstring(node):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def array_digest(*arrays):
    """SHA-256 over the bytes, shapes and dtypes of NumPy arrays: which data was trained on."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


class Recorder:
    """Collect the runs of one experiment and write them after each.

    Args:
        script: the experiment's ``__file__``.
        settings: everything a reader needs to know about how it was run (JSON values).
        tolerance: for each key of a run that is a measured figure, how far a repetition may move
            (absolute); `make results` holds a rebuilt file against the stored one with it.
        data: digest of the data, from `array_digest`.
    """

    def __init__(self, script, settings, tolerance, data):
        script = pathlib.Path(script)
        folder = pathlib.Path(os.environ.get("GRUBOOK_RESULTS", RESULTS))
        self.path = folder / f"{script.stem}.json"
        packages = ["keras", "numpy", "tensorflow-cpu", "tensorflow", "scikit-learn"]
        self.content = {
            "script": f"experiments/{script.name}",
            "code": code_digest(script),
            "data": data,
            "settings": json.loads(json.dumps(settings)),  # as it will be read: a tuple is a list
            "tolerance": tolerance,
            "versions": {"python": platform.python_version()} | _versions(packages),
            "runs": [],
        }
        if self.path.is_file():
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            same = ("code", "data", "settings", "versions")
            if all(stored.get(key) == self.content[key] for key in same):
                self.content["runs"] = stored["runs"]

    def done(self, **key):
        """True if a run with these values (for example ``model=..., seed=...``) is stored."""
        return any(key.items() <= run.items() for run in self.content["runs"])

    def add(self, **run):
        """Store one run, at once and atomically."""
        self.content["runs"].append(run)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)
        shown = {k: v for k, v in run.items() if not isinstance(v, list | dict)}
        print(f"{self.path.stem}: {shown}", file=sys.stderr, flush=True)


def _versions(packages):
    found = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
