"""What the tests share: the one nbval run of each chapter also says its time and its memory."""

import importlib.util
import os
import pathlib
import time

import hypothesis
import nbval.plugin
import psutil
import pytest

# Hypothesis keeps its examples in the repository, and warns where it cannot.
hypothesis.settings.register_profile("read-only", database=None)
if not os.access(pathlib.Path(__file__).parent, os.W_OK):
    hypothesis.settings.load_profile("read-only")

#: Peak resident memory that a chapter may use; Binder grants 2 GB to everything together.
PEAK_MB_ALLOWED = 1_500
#: Two runs of one chapter differ by 20 to 40 MB: a peak is held to the bound within this tolerance.
PEAK_MB_TOLERANCE = 50
#: TensorFlow imports JAX where it is installed (108 MB with 0.10.2); on Binder it is not.
JAX_MB = 110 if importlib.util.find_spec("jax") else 0

RUNS = {}  # name of a chapter: seconds, peak in MB


def _peak_mb(pid):
    """Peak resident memory of a process in MB (10^6 bytes), or None where no system call tells."""
    status = pathlib.Path(f"/proc/{pid}/status")
    if status.is_file():
        for line in status.read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return getattr(psutil.Process(pid).memory_info(), "peak_wset", 0) / 1e6 or None


def _start(notebook, setup=nbval.plugin.IPyNbFile.setup):
    notebook.started = time.perf_counter()
    setup(notebook)


def _stop(notebook, teardown=nbval.plugin.IPyNbFile.teardown):
    seconds = time.perf_counter() - notebook.started
    alive = notebook.kernel.is_alive()
    peak_mb = _peak_mb(notebook.kernel.km.provisioner.pid) if alive else None
    teardown(notebook)
    RUNS[notebook.path.name] = seconds, peak_mb
    if peak_mb and peak_mb > PEAK_MB_ALLOWED + PEAK_MB_TOLERANCE + JAX_MB:
        raise MemoryError(
            f"{notebook.path.name} peaked at {peak_mb:.0f} MB of resident memory; "
            f"a chapter may use {PEAK_MB_ALLOWED} MB, and {JAX_MB} MB of JAX"
        )


# nbval has no hook around a notebook's kernel, so its collector is measured from outside.
nbval.plugin.IPyNbFile.setup = _start
nbval.plugin.IPyNbFile.teardown = _stop


def pytest_sessionfinish(session):
    """Hand what a worker measured to the process that prints it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["runs"] = RUNS


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    RUNS.update(getattr(node, "workeroutput", {}).get("runs", {}))


def pytest_terminal_summary(terminalreporter):
    """Print each chapter's time and peak memory under the test results."""
    if RUNS:
        terminalreporter.section("chapters: time and peak memory of this run")
    for name, (seconds, peak_mb) in sorted(RUNS.items()):
        peak = f"{peak_mb:.0f}" if peak_mb else "?"
        terminalreporter.line(f"{name:<28}{seconds:>5.0f} s {peak:>6} MB")
