"""Run each notebook several times, each time in a fresh kernel, and say what differs: `make soak`.

    python tools/soak.py N [NAME ...]       all chapters N times, or some by name

nbval holds each output against the stored one. A cell that is tagged `nbval-ignore-output` ends
with an assert, which states how far it may move; its outputs are compared between the runs, to show
what does move. docs/soak.json keeps an entry a chapter, replaced when its last run is over. A soak
that was stopped goes on where it was, unless the chapter, the helpers or the versions changed.

This module is also the pytest plugin that writes a run's report.
"""

import datetime
import hashlib
import importlib.metadata
import itertools
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
STORED = ROOT / "docs" / "soak.json"
REPORTS = ROOT / "_build" / "soak"
OPTIONS = ("-q", "--color=no", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=900")
PLUGINS = ("-p", "no:cacheprovider", "-p", "conftest", "-p", "soak")  # conftest: time and memory

_cells = {}  # the plugin's: for each cell its first line, its output, and why it failed


def lines_of(outputs):
    """The lines that a reader sees of a cell's outputs; of figures, the vector ones."""
    found = []
    for output in outputs or ():
        found += output.get("text", "").splitlines()
        for kind, content in output.get("data", {}).items():
            if kind not in ("image/png", "image/jpeg"):
                found += str(content).splitlines()
    return found


def pytest_runtest_makereport(item, call):
    """Keep what a cell gave."""
    first = item.cell.source.strip().partition("\n")[0]
    cell = _cells.setdefault(item.name, {"first_line": first, "output": [], "failed": ""})
    if call.when == "call":
        cell["output"] = lines_of(item.test_outputs)
    if call.excinfo:
        cell["failed"] += str(item.repr_failure(call.excinfo))


def pytest_sessionfinish():
    """Write the report of a run."""
    path = pathlib.Path(os.environ["SOAK_REPORT"])
    path.write_text(json.dumps({"cells": _cells}), encoding="utf-8")


def run(path, report):
    """Run one notebook in a fresh kernel; write and return the report."""
    report.parent.mkdir(parents=True, exist_ok=True)
    part, measured = report.with_suffix(".part"), report.with_suffix(".measured")
    for file in (part, measured):
        file.unlink(missing_ok=True)
    paths = [str(ROOT / "tests"), str(ROOT / "tools"), *filter(None, [os.getenv("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "SOAK_REPORT": str(part),
        "GRUBOOK_RUNS": str(measured),
    }
    command = [sys.executable, "-m", "pytest", *OPTIONS, *PLUGINS, path]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=ROOT, env=environment, **pipes)
    found = json.loads(part.read_text("utf-8")) if part.is_file() else {"cells": {}}
    told = json.loads(measured.read_text("utf-8")) if measured.is_file() else {}
    found |= told.get(path.name, {"seconds": None, "peak_mb": None})
    found["failed"] = {n: c["failed"] for n, c in found["cells"].items() if c["failed"]}
    if done.returncode and not found["failed"]:
        found["failed"] = {"the run": done.stdout.decode("utf-8", "replace")[-2000:]}
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(report)
    return found


def varied(reports):
    """List the cells whose output was not the same in all runs, each with one line that differs."""
    found = []
    for name, cell in reports[0]["cells"].items():
        outputs = [report["cells"].get(name, {}).get("output", []) for report in reports]
        other = next((output for output in outputs if output != outputs[0]), None)
        if other is None:
            continue
        pairs = itertools.zip_longest(outputs[0], other, fillvalue="")
        example = next(pair for pair in pairs if pair[0] != pair[1])
        distinct = len({json.dumps(output) for output in outputs})
        entry = {"cell": name, "first_line": cell["first_line"], "distinct_outputs": distinct}
        found.append(entry | {"example": [line[:160] for line in example]})
    return found


def made_with(path):
    """What a run depends on: the versions, and a digest of the notebook and of the helpers."""
    digest = hashlib.sha256()
    for file in (path, *sorted((ROOT / "src" / "grubook").glob("*.py"))):
        digest.update(file.read_bytes())
    versions = {"python": platform.python_version()}
    for package in ("tensorflow-cpu", "tensorflow", "keras", "numpy"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"digest": digest.hexdigest(), "versions": versions}


def entry_of(reports, made):
    """What docs/soak.json keeps of a chapter's runs."""
    return {
        "when": datetime.date.today().isoformat(),
        **made,
        "runs": len(reports),
        "seconds": [report["seconds"] for report in reports],
        "peak_mb": [report["peak_mb"] for report in reports],
        "failed": [report["failed"] for report in reports],
        "varied_within_tolerance": varied(reports),
    }


def store(name, entry):
    """Put a chapter's entry beside those of the others, at once and whole."""
    entries = json.loads(STORED.read_text("utf-8")) if STORED.is_file() else {}
    entries[name] = entry
    part = STORED.with_suffix(".part")
    text = json.dumps(entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    part.write_text(text, encoding="utf-8")
    part.replace(STORED)


def soak(path, times):
    """Run a chapter, store its entry, and return it; runs of an interrupted soak are kept."""
    made, folder, reports = made_with(path), REPORTS / path.stem, []
    kept = folder / "made_with.json"
    if not (kept.is_file() and json.loads(kept.read_text("utf-8")) == made):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept.write_text(json.dumps(made), encoding="utf-8")
    for number in range(1, times + 1):
        report = folder / f"{number}.json"
        print(f"{path.name}, run {number} of {times}: ", end="", flush=True)
        if report.is_file():
            reports.append(json.loads(report.read_text("utf-8")))
            print("kept from the soak that was stopped", flush=True)
            continue
        reports.append(run(path, report))
        said = ", ".join(reports[-1]["failed"])
        what = f"FAILED in {said}" if said else "as stored"
        print(f"{what}, {reports[-1]['seconds']} s, {reports[-1]['peak_mb']} MB", flush=True)
        for name, reason in reports[-1]["failed"].items():
            print(f"--- {path.name}, {name}:\n{reason}\n---", flush=True)
    entry = entry_of(reports, made)
    store(path.stem, entry)
    shutil.rmtree(folder)
    return entry


def main():
    chapters = {path.stem: path for path in sorted(CHAPTERS.glob("*.ipynb"))}
    times, *names = sys.argv[1:] or [""]
    if not times.isdigit() or int(times) < 1:
        sys.exit(f"How many times? {times!r} is no number of runs: make soak N=5")
    for name in names:
        if name not in chapters:
            sys.exit(f"There is no chapter {name!r}; the chapters are: {', '.join(chapters)}")
    failed = False
    for name in names or chapters:
        entry = soak(chapters[name], int(times))
        moved = ", ".join(cell["cell"] for cell in entry["varied_within_tolerance"]) or "none"
        print(f"{name}: cells whose output moves from run to run: {moved}", flush=True)
        failed |= any(entry["failed"])
    sys.exit(failed)


if __name__ == "__main__":
    main()
