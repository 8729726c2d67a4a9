"""Every experiment runs its real way in a few steps, and its stored results belong to it.

A few steps do not show that a figure moved: `make results` does. Other warps, strokes or pages are
seen by the tests of these: grubook/test_images.py and test_instruments.py.
"""

import importlib
import json

import numpy as np
import pytest

from experiments import common
from experiments.common import Recorder
from grubook.results import load_results
from tools import rebuild_results
from tools.rebuild_results import experiments, moved, name_of

NAMES = experiments()
IN_A_PAGE = ("browser_and_node/backends", "instruments/latency", "instruments/strokes")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the experiments write, in a few steps; one run is made at a time."""
    monkeypatch.setattr(common, "SMOKE", True)
    monkeypatch.setattr(Recorder, "at_most", None)
    monkeypatch.setenv("GRUBOOK_RESULTS", str(tmp_path))
    return tmp_path


def run_in_pieces(main):
    """Stop an experiment after each run and start it again, until no run is missing."""
    for _ in range(40):
        Recorder.at_most = 1
        try:
            return main()
        except SystemExit as stop:
            assert stop.code is None, stop.code
    raise AssertionError("it makes runs again that it has made")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.browser] * (n in IN_A_PAGE)) for n in NAMES]
)
def test_an_experiment_runs_and_its_stored_results_have_its_settings_and_data(name, folder):
    run_in_pieces(importlib.import_module(f"experiments.{name.replace('/', '.')}").main)
    fresh, stored = json.loads((folder / f"{name}.json").read_text("utf-8")), load_results(name)
    for part in ("settings", "data", "tolerance"):
        assert fresh[part] == stored[part], f"{part} changed; run: make results NAME={name}"
    names = [name_of(run, fresh["tolerance"]) for run in fresh["runs"]]
    assert names and len(set(names)) == len(names), "a run was made twice"
    kinds = {frozenset(run) for run in stored["runs"]}
    assert {frozenset(run) for run in fresh["runs"]} == kinds, "a run is missing or holds others"
    for made in folder.rglob("*.npz"):
        tracked = rebuild_results.STORED / "weights" / made.name.split(".", 1)[1]
        assert shapes(made) == shapes(tracked), "make results would store other weights"


def shapes(path):
    """Shape and kind of each array; a scale may belong to rows or to columns."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return {n: (n.endswith("_scale") or a.shape, a.dtype.kind) for n, a in arrays.items()}


def test_there_is_an_experiment_for_each_results_file_and_the_other_way_round():
    paths = (rebuild_results.STORED / "results").glob("*/*.json")
    assert sorted(f"{path.parent.name}/{path.stem}" for path in paths) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_stored_results_are_whole_and_their_runs_can_be_told_apart(name):
    results = load_results(name)
    assert results["commit"] and results["versions"]
    assert all(any(figure in run for run in results["runs"]) for figure in results["tolerance"])
    # A page draws its own start: what trains in one is told apart by its number.
    stated = all("seed" in run or "repeat" in run for run in results["runs"])
    assert stated, "every run states its seed"
    names = [name_of(run, results["tolerance"]) for run in results["runs"]]
    assert len(set(names)) == len(names), "two runs cannot be told apart"


def recorder(folder, **changed):
    settings = {"settings": {"rate": 1, "dropout": (0.1, 0.2)}, "data": "d"}
    script = folder / "trials" / "trial.py"
    return Recorder(script, tolerance={"accuracy": 0.1}, **settings | changed)


def test_a_stopped_experiment_goes_on_where_it_was(folder, monkeypatch):
    recorder(folder).add(model="gru", seed=0, accuracy=98.0)
    monkeypatch.setattr(common, "_commit", lambda: "another")
    again = recorder(folder)
    assert again.todo([{"seed": 0}]) == [] and again.todo([{"seed": 1}]) == [{"seed": 1}]
    again.add(model="gru", seed=1, accuracy=97.0)
    stored = json.loads(again.path.read_text("utf-8"))
    assert len(stored["runs"]) == 2 and stored["commit"].endswith(", another")


@pytest.mark.parametrize("part", ["settings", "data", "versions"])
def test_runs_of_other_settings_data_or_versions_are_not_taken_up(part, folder, monkeypatch):
    recorder(folder).add(model="gru", seed=0, accuracy=98.0)
    monkeypatch.setattr(common, "_versions", lambda: {"python": "4"})
    other = {"settings": {"rate": 2}, "data": "e", "versions": None}[part]
    if part != "versions":
        monkeypatch.undo()
        monkeypatch.setenv("GRUBOOK_RESULTS", str(folder))
    assert not recorder(folder, **{part: other} if other else {}).done(seed=0)


@pytest.mark.parametrize("content", ['{"runs": [', "null", "[1]"])
def test_a_damaged_results_file_ends_in_one_sentence(folder, content):
    path = recorder(folder).beside("json")
    path.write_text(content, "utf-8")
    with pytest.raises(SystemExit, match=r"trial\.json is damaged .*: delete it"):
        recorder(folder)


def test_a_number_of_runs_ends_an_experiment_with_its_last_run(folder, monkeypatch):
    def main():
        for key in [{"seed": 0}, {"seed": 1}, {"seed": 2}]:
            made.add(**key, accuracy=1.0)

    made = recorder(folder)
    monkeypatch.setattr("sys.argv", ["trial", "2"])
    with pytest.raises(SystemExit):
        common.command_line(main)
    assert len(json.loads(made.path.read_text("utf-8"))["runs"]) == 2


@pytest.mark.parametrize("number", ["0", "-1", "two", "²"])
def test_a_number_of_runs_that_is_none_is_refused(number, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["trial", number])
    with pytest.raises(SystemExit, match="2"):
        common.command_line(lambda: None)
    assert number in capsys.readouterr().err


def results(accuracy, seed=0, **more):
    runs = [{"model": "gru", "seed": seed, "accuracy": accuracy}]
    same = {"tolerance": {"accuracy": 0.2}, "settings": {}, "data": "d", "versions": {}}
    return same | {"runs": runs} | more


def test_what_moved_is_found():
    assert moved(results(98.0), results(98.1)) == []
    assert len(moved(results(98.0), results(98.3))) == 1
    assert len(moved(results(98.0), results(float("nan")))) == 1
    assert len(moved(results(98.0), results(98.0, seed=1))) == 2


@pytest.mark.parametrize(
    ("fresh", "stored"),
    [(results(98.1), False), (results(98.3), True), (results(98.0, data="e"), True)],
    ids=["within the tolerance", "moved", "other data"],
)
def test_results_and_weights_are_stored_where_something_changed(fresh, stored, folder, monkeypatch):
    for place in ("STORED", "FRESH"):
        monkeypatch.setattr(rebuild_results, place, folder / place)
    paths = {
        folder / "STORED/results/a/b.json": json.dumps(results(98.0)),
        folder / "STORED/weights/net.npz": "old",
        folder / "FRESH/a/b.json": json.dumps(fresh),
        folder / "FRESH/a/b.net.npz": "new",
    }
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    differences = rebuild_results.store("a/b")
    assert bool(differences) == (fresh["runs"] != results(98.1)["runs"] and fresh["data"] == "d")
    kept = json.loads((folder / "STORED/results/a/b.json").read_text("utf-8"))
    assert kept == (fresh if stored else results(98.0))
    assert (folder / "STORED/weights/net.npz").read_text("utf-8") == ("new" if stored else "old")
    assert not (folder / "FRESH/a/b.json").exists()


@pytest.mark.parametrize("stored", [None, '{"runs": ['], ids=["missing", "damaged"])
def test_results_take_the_place_of_what_is_missing_or_damaged(stored, folder, monkeypatch):
    monkeypatch.setattr(rebuild_results, "STORED", folder / "STORED")
    monkeypatch.setattr(rebuild_results, "FRESH", folder)
    path = folder / "STORED/results/trials/trial.json"
    if stored:
        path.parent.mkdir(parents=True)
        path.write_text(stored, "utf-8")
    recorder(folder).add(model="gru", seed=0, accuracy=98.0)
    assert rebuild_results.store("trials/trial") == []
    assert json.loads(path.read_text("utf-8"))["runs"][0]["accuracy"] == 98.0


def test_an_unknown_experiment_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr("sys.argv", ["rebuild_results.py", "digits/bets"])
    with pytest.raises(SystemExit, match=r"no experiment 'digits/bets'; there are: .*digits/best"):
        rebuild_results.main()
