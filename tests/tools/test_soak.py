"""`make soak`: what it notices in a notebook, what it keeps, and what was kept of the chapters."""

import json
import pathlib
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import soak  # noqa: E402

CHAPTERS = {path.stem for path in (ROOT / "chapters").glob("*.ipynb")}
STORED = json.loads(soak.STORED.read_text("utf-8")) if soak.STORED.is_file() else {}


def cell(number, source, text, tags=()):
    output = [new_output("stream", name="stdout", text=text)]
    return new_code_cell(
        source, outputs=output, execution_count=number, metadata={"tags": list(tags)}
    )


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A notebook: one cell as stored, one that moves, one that does not print what is stored."""
    monkeypatch.setenv("HOME", str(tmp_path))  # Jupyter starts no kernel without one
    monkeypatch.setattr(soak, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(soak, "STORED", tmp_path / "soak.json")
    cells = [
        cell(1, "print(1)", "1\n"),
        cell(2, "import os\nprint('pid', os.getpid())", "pid 0\n", ["nbval-ignore-output"]),
        cell(3, "print(3)", "4\n"),
    ]
    path = tmp_path / "short.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_it_says_what_failed_and_what_moved_and_leaves_other_entries(notebook):
    soak.store("another", {"runs": 5})
    entry = soak.soak(notebook, 2)
    assert [list(failed) for failed in entry["failed"]] == [["Cell 2"], ["Cell 2"]]
    assert "Cell outputs differ" in entry["failed"][0]["Cell 2"]
    (moved,) = entry["varied_within_tolerance"]
    assert (moved["cell"], moved["first_line"]) == ("Cell 1", "import os")
    assert moved["distinct_outputs"] == 2 and moved["example"][0].startswith("pid ")
    assert all(peak > 10 for peak in entry["peak_mb"]) and len(entry["seconds"]) == 2
    stored = json.loads(soak.STORED.read_text("utf-8"))
    assert stored == {"another": {"runs": 5}, "short": entry}


def test_a_soak_that_was_stopped_goes_on_unless_the_notebook_changed(notebook, monkeypatch):
    def run(path, report, stop=()):
        made.append(report.stem)
        if len(made) in stop:
            raise KeyboardInterrupt
        found = {"cells": {}, "seconds": 1, "peak_mb": 1, "failed": {}}
        report.write_text(json.dumps(found), "utf-8")
        return found

    made = []
    monkeypatch.setattr(soak, "run", lambda *given: run(*given, stop=(2, 4)))
    with pytest.raises(KeyboardInterrupt):
        soak.soak(notebook, 2)
    assert not soak.STORED.exists()
    notebook.write_text(notebook.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(KeyboardInterrupt):
        soak.soak(notebook, 2)
    assert soak.soak(notebook, 2)["runs"] == 2
    assert made == ["1", "2", "1", "2", "2"]


def test_a_run_that_dies_is_a_failure(notebook):
    notebook.write_text("{", "utf-8")
    (failed,) = soak.soak(notebook, 1)["failed"]
    assert "short.ipynb" in failed["the run"]


@pytest.mark.parametrize("name", STORED)
def test_no_stored_soak_failed(name):
    entry = STORED[name]
    assert name in CHAPTERS, "the chapter is gone; remove its entry"
    assert entry["runs"] == len(entry["seconds"]) == len(entry["peak_mb"]) >= 2
    assert entry["failed"] == [{}] * entry["runs"]
    assert max(entry["seconds"]) <= 6 * 60 and max(entry["peak_mb"]) <= 1_550


def test_every_chapter_was_soaked():
    assert STORED.keys() == CHAPTERS
    assert sorted(entry["runs"] for entry in STORED.values())[-2:] >= [5, 5]
