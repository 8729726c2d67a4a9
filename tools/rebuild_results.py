"""Run long trainings again, hold them against the stored results and store them: `make results`.

Fresh results are written to _build/results, where an interrupted run is taken up again. They take
the stored ones' place, with the weights that belong to them, where the experiment changed
(settings, data, versions) or a figure moved beyond the tolerance that the results file states.
What moved is listed, and makes the command fail: `git diff` shows all of it.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STORED = ROOT / "src" / "grubook" / "stored"
FRESH = ROOT / "_build" / "results"

#: What a run records for the reader's interest; a repetition need not meet it.
NOT_HELD = {"seconds", "validation_accuracy"}


def experiments():
    """The experiments' names; a module that they share makes no `Recorder`."""
    paths = sorted((ROOT / "experiments").glob("*/*.py"))
    return [
        f"{path.parent.name}/{path.stem}"
        for path in paths
        if "= Recorder(" in path.read_text(encoding="utf-8")
    ]


def name_of(run, tolerance):
    """Name a run by all that was chosen (seed, model, settings) and nothing that was measured."""
    chosen = {k: v for k, v in run.items() if k not in tolerance and k not in NOT_HELD}
    return json.dumps({k: v for k, v in chosen.items() if isinstance(v, str | int | float)})


def moved(stored, fresh):
    """List the figures of two results files that differ by more than the stated tolerance."""
    tolerance, found = fresh["tolerance"], []
    old, new = ({name_of(run, tolerance): run for run in r["runs"]} for r in (stored, fresh))
    for name in old.keys() ^ new.keys():
        found.append(f"{name}: only in the {'stored' if name in old else 'fresh'} file")
    for name in old.keys() & new.keys():
        for figure, allowed in tolerance.items():
            a, b = old[name].get(figure), new[name].get(figure)
            if a != b and (a is None or b is None or not abs(a - b) <= allowed):
                found.append(f"{name}: {figure} was {a}, is {b} (allowed: {allowed})")
    return sorted(found)


def read(path):
    """A results file as it is stored; where it is missing or damaged, as one without runs."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {"runs": []}


def store(name):
    """Compare fresh results with the stored ones, replace these where they differ; what moved."""
    fresh, stored = FRESH / f"{name}.json", STORED / "results" / f"{name}.json"
    old, new = read(stored), read(fresh)
    differences = moved(old, new) if old["runs"] else []
    changed = [key for key in ("settings", "data", "versions") if old.get(key) != new[key]]
    if changed or differences:
        stored.parent.mkdir(parents=True, exist_ok=True)
        fresh.replace(stored)
        for weights in fresh.parent.glob(f"{fresh.stem}.*.npz"):
            weights.replace(STORED / "weights" / weights.name.removeprefix(f"{fresh.stem}."))
        print(f"{name}: stored; changed: {', '.join(changed) or 'figures alone'}")
    else:
        fresh.unlink()
        print(f"{name}: every figure is within its stated tolerance")
    return differences


def main():
    names = sys.argv[1:] or experiments()
    if unknown := set(names) - set(experiments()):
        sys.exit(f"There is no experiment {unknown.pop()!r}; there are: {', '.join(experiments())}")
    failed = False
    for name in names:
        print(f"{name}: running ...", flush=True)
        command = [sys.executable, "-m", f"experiments.{name.replace('/', '.')}"]
        environment = os.environ | {"GRUBOOK_RESULTS": str(FRESH)}
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        for line in store(name):
            print(f"{name}: MOVED {line}")
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
