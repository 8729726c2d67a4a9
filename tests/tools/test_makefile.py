"""What `make` refuses, and what it makes anew, before it builds anything."""

import os
import re
import shutil
import subprocess

import pytest

from tests.sources import ROOT


def make(*arguments, **options):
    # As from a reader's shell: these tests themselves are run by a `make`, which hands things down.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    pipes = {"capture_output": True, "encoding": "utf-8", "env": environment}
    return subprocess.run(["make", "--dry-run", *arguments], **pipes, **options)


@pytest.mark.parametrize("target", ["run", "test-colab", "node", "results"])
@pytest.mark.parametrize("name", ["nope", "²", "digits/../../tools", "digits nope"])
def test_an_unknown_name_is_refused_before_anything_is_built(target, name):
    done = make(target, f"NAME={name}", cwd=ROOT)
    assert done.returncode and done.stdout == ""
    assert "There is no" in done.stderr and "NAME is one of: " in done.stderr


def test_known_names_pass():
    for target, name in [("run", "mnist_rows"), ("node", "digits"), ("results", "digits/best")]:
        done = make(target, f"NAME={name}", cwd=ROOT)
        assert done.returncode == 0 and name in done.stdout, done.stderr


def test_an_environment_whose_python_is_gone_is_made_anew(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml", ".venv/.installed", ".venv/bin/pip"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/gone/python\n", "utf-8")
    pip = tmp_path / ".venv" / "bin" / "pip"
    pip.chmod(0o755)
    assert "create_environment.sh" in make("format", cwd=tmp_path).stdout
    pip.write_text("#!/bin/sh\n", "utf-8")
    assert "create_environment.sh" not in make("format", cwd=tmp_path).stdout


def test_help_shows_a_dozen_targets_at_most():
    text = (ROOT / "Makefile").read_text("utf-8")
    shown = [line for line in text.splitlines() if re.match(r"[a-z -]+:.*## ", line)]
    assert 0 < len(shown) <= 12


def test_whatever_is_installed_is_locked_by_its_hash():
    locks = ("requirements", "binder/requirements", "tools/bench", "tools/colab")
    for path in (f"{lock}.txt" for lock in locks):
        lines = (ROOT / path).read_text("utf-8").splitlines()
        pinned = [i for i, line in enumerate(lines) if line and line[0] not in "# "]
        assert pinned and all("==" in lines[i] for i in pinned), path
        assert all("--hash=sha256:" in lines[i + 1] for i in pinned), path
    for path in ("tools/create_environment.sh", "binder/postBuild"):
        installs = [x for x in (ROOT / path).read_text("utf-8").splitlines() if "--editable" in x]
        assert len(installs) == 1 and "--no-deps --no-build-isolation" in installs[0], path
