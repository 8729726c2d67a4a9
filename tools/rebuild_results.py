"""Run the long trainings again and hold them against the stored results: `make results`.

The fresh files are written beside the book's build first. A stored file is replaced when it is out
of date (its script or its settings changed); figures that moved beyond the tolerance that the
results file states are listed, and make the command fail.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
STORED = ROOT / "experiments" / "results"
FRESH = ROOT / "_build" / "results"

#: What a run records for the reader's interest; a repetition need not meet it.
NOT_HELD = {"seconds", "validation_accuracy"}


def experiments():
    """The paths of the experiments' scripts; a module that they share has no ``main``."""
    paths = sorted((ROOT / "experiments").glob("*.py"))
    return [path for path in paths if "__main__" in path.read_text(encoding="utf-8")]


def name_of(run, tolerance):
    """Name a run by all that was chosen (seed, model, settings) and nothing that was measured."""
    chosen = {k: v for k, v in run.items() if k not in tolerance and k not in NOT_HELD}
    return json.dumps({k: v for k, v in chosen.items() if isinstance(v, str | int | float)})


def moved(stored, fresh):
    """List the figures of two results files that differ by more than the stated tolerance."""
    tolerance, found = stored["tolerance"], []
    old = {name_of(run, tolerance): run for run in stored["runs"]}
    new = {name_of(run, tolerance): run for run in fresh["runs"]}
    for name in old.keys() ^ new.keys():
        found.append(f"{name}: only in the {'stored' if name in old else 'fresh'} file")
    for name in old.keys() & new.keys():
        for figure, allowed in tolerance.items():
            if figure in old[name] or figure in new[name]:
                a, b = old[name].get(figure), new[name].get(figure)
                if a is None or b is None or abs(a - b) > allowed:
                    found.append(f"{name}: {figure} was {a}, is {b} (allowed: {allowed})")
    return sorted(found)


def main():
    scripts = {path.stem: path for path in experiments()}
    names = sys.argv[1:] or list(scripts)
    unknown = [name for name in names if name not in scripts]
    if unknown:
        sys.exit(f"There is no experiment {unknown[0]!r}; there are: {', '.join(scripts)}")
    failed = False
    for name in names:
        print(f"{name}: running experiments/{name}.py ...", flush=True)
        environment = os.environ | {"GRUBOOK_RESULTS": str(FRESH)}
        subprocess.run([sys.executable, scripts[name]], check=True, env=environment)
        fresh = FRESH / f"{name}.json"
        stored = STORED / f"{name}.json"
        if not stored.is_file():
            stored.parent.mkdir(parents=True, exist_ok=True)
            stored.write_bytes(fresh.read_bytes())
            print(f"{name}: stored for the first time")
            continue
        old, new = (json.loads(p.read_text(encoding="utf-8")) for p in (stored, fresh))
        differences = moved(old, new)
        for line in differences:
            print(f"{name}: MOVED {line}")
        if any(old[k] != new[k] for k in ("code", "data", "settings", "versions")):
            stored.write_bytes(fresh.read_bytes())
            print(f"{name}: the script, data, settings or versions changed; new results stored")
        elif not differences:
            print(f"{name}: every figure is within its stated tolerance")
        # Kept under another name: a file left here by an interrupted run is taken up again.
        fresh.replace(FRESH / f"{name}.last.json")
        failed |= bool(differences)
    sys.exit(failed)


if __name__ == "__main__":
    main()
