"""Open each notebook as Colab does: the file alone, in an environment that is not ours.

    python tools/test_colab.py [NAME ...]       `make test-colab`, or some chapters by name

Each notebook is copied into an empty folder and run in an environment with Colab's versions of
TensorFlow, Keras and NumPy (tools/colab.txt). A clone of this repository stands in for its public
address. The first cell must fetch the helpers and install what is missing in less than a minute,
without touching TensorFlow, Keras or NumPy; and it must say in one sentence when the address cannot
be reached. Outputs are not compared: other versions round otherwise; the chapters' own assertions
decide.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = pathlib.Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "_build" / "colab"
WANTED = ROOT / "tools" / "colab.txt"
NOT_TO_TOUCH = ("tensorflow", "tensorflow-cpu", "keras", "numpy")
SECONDS_ALLOWED = 60


def python_like_colabs():
    """Python 3.13 where it is present, else the Python that runs this."""
    for name in (os.environ.get("COLAB_PYTHON"), "python3.13"):
        if name and shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, encoding="utf-8")
            if version.returncode == 0:
                return name
    return sys.executable


def prepare():
    """Create the environment, or make it afresh where the list changed; return its Python."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "wanted.txt"
    if not (stamp.is_file() and stamp.read_text("utf-8") == WANTED.read_text("utf-8")):
        base = python_like_colabs()
        print(f"Creating an environment like Colab's with {base} ...", flush=True)
        subprocess.run([base, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", WANTED]
        subprocess.run([python, *install], check=True)
        kernel = ["-m", "ipykernel", "install", "--prefix", ENVIRONMENT, "--name", "colab"]
        subprocess.run([python, *kernel], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(WANTED.read_text("utf-8"), "utf-8")
    return python


def versions(python):
    """The versions of what the notebooks must leave alone, and all that is installed."""
    run = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True)
    packages = json.loads(run.stdout)
    found = {p["name"].lower().replace("_", "-"): p["version"] for p in packages}
    return {name: found[name] for name in NOT_TO_TOUCH if name in found}, set(found)


@contextlib.contextmanager
def alone(path, address):
    """Give a client for a copy of the notebook in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(shutil.copy(path, folder))
        notebook = nbformat.read(copy, 4)
        where = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, timeout=900, kernel_name="colab", resources=where)
        environment = os.environ | {"BOOK_REPOSITORY_URL": address}
        for name in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        # A notebook's shell finds the environment's own programs first, as on Colab.
        environment["PATH"] = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.defpath}"
        with client.setup_kernel(env=environment):
            yield notebook, client


def run(path, address):
    """Run a notebook; return the seconds of its first cell and of all."""
    with alone(path, address) as (notebook, client):
        start, first = time.perf_counter(), None
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            if cell.cell_type == "code" and first is None:
                first = time.perf_counter() - start
        return first, time.perf_counter() - start


def complaint(path):
    """What the first cell says where the address cannot be reached."""
    nowhere = (ROOT / "_build" / "no such repository").as_uri()
    with alone(path, nowhere) as (notebook, client):
        index, cell = next((i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code")
        try:
            client.execute_cell(cell, index)
        except CellExecutionError:
            return "".join(cell.outputs[-1].traceback)
    return ""


def main():
    chapters = sorted((ROOT / "chapters").glob("*.ipynb"))
    wanted = [path for path in chapters if not sys.argv[1:] or path.stem in sys.argv[1:]]
    python = prepare()
    os.environ["JUPYTER_PATH"] = str(ENVIRONMENT / "share" / "jupyter")
    before, _ = versions(python)
    print("Versions:", ", ".join(f"{name} {version}" for name, version in before.items()))
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "book.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, clone], check=True)
        for path in wanted:
            print(f"{path.name} ...", flush=True)
            try:
                first, seconds = run(path, clone.as_uri())
            except CellExecutionError as error:
                problems.append(f"{path.name}: {error}")
                continue
            print(f"{path.name}: first cell {first:.0f} s, whole {seconds:.0f} s", flush=True)
            if first > SECONDS_ALLOWED:
                problems.append(f"{path.name}: the first cell took {first:.0f} s")
        said = complaint(wanted[0])
    print("Unreachable address:", said)
    if "git could not fetch them" not in said or "Traceback" in said:
        problems.append(f"an unreachable address was answered with: {said!r}")
    after, installed = versions(python)
    if after != before:
        problems.append(f"a notebook changed the versions: {before} became {after}")
    if "pooch" not in installed:
        problems.append("the first cell did not install what was missing")
    for problem in problems:
        print("PROBLEM", problem)
    print(f"{len(wanted) - len(problems)} passed, {len(problems)} failed")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
