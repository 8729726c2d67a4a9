"""The stored results of the long trainings belong to the code that is there now."""

import json
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT / "experiments"))
sys.path.insert(0, str(ROOT / "tools"))
from rebuild_results import experiments, moved, name_of  # noqa: E402

from experiments.common import Recorder, code_digest  # noqa: E402

SCRIPTS = experiments()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_stored_results_are_complete_and_current(script):
    stored = ROOT / "experiments" / "results" / f"{script.stem}.json"
    assert stored.is_file(), f"run: make results NAME={script.stem}"
    results = json.loads(stored.read_text(encoding="utf-8"))
    assert results["code"] == code_digest(script), f"stale; run: make results NAME={script.stem}"
    assert results["runs"] and results["versions"] and results["settings"]
    measured = results["tolerance"]
    assert measured, "a results file states how far each figure may move"
    assert all(any(figure in run for run in results["runs"]) for figure in measured)
    assert all("seed" in run for run in results["runs"]), "every run states its seed"
    names = [name_of(run, measured) for run in results["runs"]]
    assert len(set(names)) == len(names), "two runs cannot be told apart"


def test_no_results_without_a_script():
    names = {p.stem for p in (ROOT / "experiments" / "results").glob("*.json")}
    assert names <= {p.stem for p in SCRIPTS}


def test_the_digest_sees_code_and_not_comments(tmp_path):
    script = tmp_path / "a.py"

    def digest(text):
        script.write_text(text, "utf-8")
        return code_digest(script)

    plain = digest("x = 1\n")
    assert digest('"""Docstring."""\n# comment\nx  =  1\n') == plain
    assert digest("x = 2\n") != plain


def test_a_stopped_experiment_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("GRUBOOK_RESULTS", str(tmp_path))
    script = tmp_path / "trial.py"
    script.write_text("rate = 1\n", "utf-8")
    settings = {"rate": 1, "dropout": (0.1, 0.2)}
    first = Recorder(script, settings=settings, tolerance={"accuracy": 0.1}, data="d")
    first.add(model="gru", seed=0, accuracy=98.0)
    again = Recorder(script, settings=settings, tolerance={"accuracy": 0.1}, data="d")
    assert again.done(model="gru", seed=0)
    assert not again.done(model="gru", seed=1)
    script.write_text("rate = 2\n", "utf-8")
    changed = Recorder(script, settings=settings, tolerance={"accuracy": 0.1}, data="d")
    assert not changed.done(model="gru", seed=0), "runs of other code must not be kept"


def test_what_moved_is_found():
    def results(accuracy, seed=0):
        run = {"model": "gru", "seed": seed, "accuracy": accuracy}
        return {"tolerance": {"accuracy": 0.2}, "runs": [run]}

    assert moved(results(98.0), results(98.1)) == []
    assert len(moved(results(98.0), results(98.3))) == 1
    assert len(moved(results(98.0), results(98.0, seed=1))) == 2
