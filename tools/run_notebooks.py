"""Execute the chapters afresh, in place: `make run`, or `make run NAME=mnist_rows`.

A chapter is replaced only when it ran to its end; a failure names the cell and leaves the stored
notebook as it was.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CHAPTERS = sorted((Path(__file__).parents[1] / "chapters").glob("*.ipynb"))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def tidy(notebook):
    """Drop what differs between two machines or two runs and teaches nothing."""
    # JupyterLab writes what the kernel says of itself: what it finds so is not marked as changed.
    language = notebook.metadata.language_info
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": language})
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "jupyter"):
            cell.metadata.pop(key, None)
        # The book folds a cell by its tag, JupyterLab by this field.
        if "hide-input" in cell.metadata.get("tags", []):
            cell.metadata.jupyter = {"source_hidden": True}


def execute(path):
    """Run one notebook, then write it."""
    notebook = nbformat.read(path, as_version=4)
    # Where the kernel cuts a stream into pieces depends on the moment.
    options = {"timeout": None, "coalesce_streams": True}
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, **options).execute()
    tidy(notebook)
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    part.replace(path)


def main():
    names = [name.removesuffix(".ipynb") for name in sys.argv[1:]]
    known = {path.stem: path for path in CHAPTERS}
    for name in names:
        if name not in known:
            sys.exit(f"There is no chapter {name!r}; the chapters are: {', '.join(known)}")
    for number, name in enumerate(names := names or list(known), 1):
        print(f"[{number}/{len(names)}] {name} ...", flush=True)
        start = time.perf_counter()
        try:
            execute(known[name])
        except CellExecutionError as error:
            sys.exit(f"\n{error}\n{name} stopped here; the stored notebook is unchanged.")
        print(f"    done in {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
