"""Units pass where another machine may differ; a workflow runs them all in some such places."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.sources import ROOT

#: Set the locale as a reader's program may, see that the place is the one meant, run the tests.
PROGRAM = """
import locale, os, pathlib, sys, time, pytest
locale.setlocale(locale.LC_ALL, "")
assert {place}, "the test is not where it means to be"
sys.exit(pytest.main(sys.argv[1:]))
"""
UNITS = [f"tests/grubook/test_{name}.py" for name in ("text", "series")]
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
NO_UTF8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ELSEWHERE = {
    "os.environ['OMP_NUM_THREADS'] == '1'": dict.fromkeys(THREADS, "1"),
    "locale.localeconv()['decimal_point'] == ',' and time.timezone == -20700": {
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "Asia/Kathmandu",
    },
    "locale.getencoding() == 'ANSI_X3.4-1968' and time.timezone == -45900": {
        **NO_UTF8,
        "LC_ALL": "C",
        "TZ": "Pacific/Chatham",
    },
    "not pathlib.Path.home().exists()": {"HOME": str(ROOT / "README.md" / "home")},
    "pathlib.Path.cwd().name == 'Das Büchlein (2)'": {},
}


@pytest.mark.skipif(os.name == "nt", reason="the places are those of Linux and macOS")
@pytest.mark.parametrize("place", ELSEWHERE)
def test_units_pass_elsewhere(place, tmp_path):
    variables, folder = {**os.environ, **ELSEWHERE[place]}, ROOT
    if "tr_TR" in variables.get("LC_ALL", ""):
        if not shutil.which("localedef"):
            pytest.skip("localedef is missing")
        made = ["localedef", "-i", "tr_TR", "-f", "UTF-8", tmp_path / "tr_TR.UTF-8"]
        subprocess.run(made, check=True, capture_output=True)
        variables["LOCPATH"] = str(tmp_path)
    if "Das" in place:
        folder = tmp_path / "Das Büchlein (2)"
        variables |= {"PYTHONPATH": str(folder / "src"), "GRUBOOK_DATA": str(ROOT / "data/cache")}
        for name in ("src", "tests/grubook", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
    command = [sys.executable, "-c", PROGRAM.format(place=place), "-q", "-pno:cacheprovider"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run([*command, *UNITS], cwd=folder, env=variables, **pipes)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")
