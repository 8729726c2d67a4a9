"""How chapters are executed: by `make run` and by nbval, with the Python that does so."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.sources import ROOT

EXECUTE = """
import pathlib, sys
from tools.run_notebooks import execute
execute(pathlib.Path(sys.argv[1]))
"""
OURS = [sys.executable, "-c", EXECUTE]
NBVAL = [sys.executable, "-m", "pytest", "-pno:cacheprovider", "--nbval", "--nbval-current-env"]


@pytest.fixture
def notebook(tmp_path):
    """A notebook of one cell that says where its Python is, and one that prints in two pieces."""
    said = new_output("stream", name="stdout", text=f"{sys.prefix}\n")
    cells = [
        new_code_cell("import sys\nprint(sys.prefix)", outputs=[said], execution_count=1),
        new_code_cell("print(1, flush=True)\nprint(2)", metadata={"tags": ["hide-input"]}),
    ]
    cells[1].execution_count = 2
    cells[1].outputs = [new_output("stream", name="stdout", text="1\n2\n")]
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def old_kernel(tmp_path):
    """An environment whose user once installed "python3" with a Python that is gone."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    gone = [str(tmp_path / "gone"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": gone, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return os.environ | {"JUPYTER_DATA_DIR": str(tmp_path / "jupyter")}


@pytest.mark.parametrize("command", [OURS, NBVAL], ids=["make run", "nbval"])
def test_an_old_kernel_of_the_same_name_does_not_stand_in_the_way(command, notebook, old_kernel):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    done = subprocess.run([*command, str(notebook)], cwd=ROOT, env=old_kernel, **pipes)
    assert done.returncode == 0, done.stdout
    assert nbformat.read(notebook, 4).cells[0].outputs[0].text.strip() == sys.prefix


def test_what_is_stored_does_not_depend_on_the_moment(notebook):
    stored = []
    for _ in range(2):
        subprocess.run([*OURS, str(notebook)], cwd=ROOT, check=True)
        stored.append(notebook.read_text("utf-8"))
    assert stored[0] == stored[1]
    cell = nbformat.reads(stored[0], 4).cells[1]
    assert [output.text for output in cell.outputs] == ["1\n2\n"]
    assert cell.metadata == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}


def test_a_notebook_that_stops_stays_as_it_was(notebook):
    broken = notebook.read_text("utf-8").replace("print(2)", "1 / 0")
    notebook.write_text(broken, "utf-8")
    done = subprocess.run([*OURS, str(notebook)], cwd=ROOT, capture_output=True)
    assert done.returncode and b"ZeroDivisionError" in done.stderr
    assert notebook.read_text("utf-8") == broken


def test_the_chapters_are_found_from_any_folder(tmp_path):
    command = [sys.executable, "-m", "tools.run_notebooks", "nosuch"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert "There is no chapter 'nosuch'; the chapters are: binary_sequences, " in done.stderr
