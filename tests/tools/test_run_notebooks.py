"""How chapters are executed: by `make run` and by nbval, in the environment that does so."""

import json
import os
import pathlib
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = pathlib.Path(__file__).resolve().parents[2]

PLAIN = """
import sys, nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], 4), kernel_name="python3").execute()
"""
OURS = """
import pathlib, sys
import run_notebooks
run_notebooks.execute(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture
def notebook(tmp_path):
    """A notebook of one cell that says where its Python is."""
    said = new_output("stream", name="stdout", text=f"{sys.prefix}\n")
    cell = new_code_cell("import sys\nprint(sys.prefix)", outputs=[said], execution_count=1)
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    return path


@pytest.fixture
def old_kernel(tmp_path):
    """An environment whose user once installed "python3" with a Python that is gone."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    gone = [
        str(tmp_path / "gone" / "python"),
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    spec = {"argv": gone, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    tools = str(ROOT / "tools")
    theirs = {"JUPYTER_DATA_DIR": str(tmp_path / "jupyter"), "JUPYTER_PREFER_ENV_PATH": "0"}
    return os.environ | theirs | {"PYTHONPATH": tools}


def run(*command, environment):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.run([sys.executable, *map(str, command)], env=environment, **pipes)


def test_an_old_kernel_of_the_same_name_does_not_stand_in_the_way(notebook, old_kernel):
    plain = run("-c", PLAIN, notebook, environment=old_kernel)
    assert plain.returncode and "gone" in plain.stdout, "otherwise there would be nothing to mend"
    ours = run("-c", OURS, notebook, environment=old_kernel)
    assert ours.returncode == 0, ours.stdout
    (cell,) = nbformat.read(notebook, 4).cells
    assert cell.outputs[0].text.strip() == sys.prefix


def test_nbval_starts_its_own_python_too(notebook, old_kernel):
    options = ("-p", "no:cacheprovider", "--rootdir", notebook.parent, "--nbval")
    done = run("-m", "pytest", *options, "--nbval-current-env", notebook, environment=old_kernel)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
