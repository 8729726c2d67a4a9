"""The helpers give the same where another machine may differ; a workflow runs their tests there."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.sources import ROOT

#: What a chapter does before it trains: data, reviews, tokens, equations, a figure (in ASCII).
PROGRAM = r"""
import hashlib, io, json, pathlib, sys, tempfile, time
import numpy as np
from grubook import plots, reference, text
from grubook.data import load_mnist
from grubook.data.reviews import load_reviews
from grubook.results import load_results, mean_and_spread
import locale
locale.setlocale(locale.LC_ALL, "")
(x, y), *_ = load_mnist()
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "mine.csv"
    row = "5,I\u015eIK \u0130yi \u2014 \u597d\u7684\u76d2\u5b50 1.5 \u20ac"
    path.write_text(f"stars,text\n{row}\n", "utf-8")
    mine = load_reviews(path).to_dict("records")
tokens = text.tokenize(text.clean(mine[0]["text"]))
W, U = np.full((2, 3), 0.5), np.full((1, 3), -0.25)
h = reference.gru_forward(np.ones((1, 4, 2)), W, U, np.zeros((2, 3))).h
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
plots.use_style()
plt.plot(h[0, :, 0])
plt.ylabel("1,5 \u00b1 0.5")
figure = io.BytesIO()
plt.savefig(figure, format="svg", metadata={"Date": None})
figure = hashlib.sha256(figure.getvalue()).hexdigest()
best = load_results("digits/best")["runs"][0]
said = mean_and_spread([1.5, 2.75])
here = [locale.localeconv()["decimal_point"], time.timezone, locale.getencoding()]
print(json.dumps(here))
print(json.dumps([int(y.sum()), mine, tokens, h.tolist(), figure, best, said]))
"""
PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "GRUBOOK_DATA": str(ROOT / "data" / "cache")}
NO_UTF8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ELSEWHERE = {
    "one thread": (dict.fromkeys(THREADS, "1"), [".", 0, "UTF-8"]),
    "Turkish": ({"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}, [",", -20700, "UTF-8"]),
    "ASCII": (NO_UTF8 | {"LC_ALL": "C", "TZ": "Pacific/Chatham"}, [".", -45900, "ANSI_X3.4-1968"]),
    "no home": ({"HOME": str(ROOT / "README.md" / "home")}, [".", 0, "UTF-8"]),
}


def run(folder, **variables):
    """Run the program elsewhere; return what it says of the place, and what it found."""
    environment = {name: value for name, value in os.environ.items() if "XDG" not in name}
    command = [sys.executable, "-c", PROGRAM]
    options = {"cwd": folder, "env": environment | PLAIN | variables, "capture_output": True}
    done = subprocess.run(command, **options, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def here():
    return run(ROOT)[1]


@pytest.fixture
def turkish(tmp_path):
    """The locale's files, where the system has not got them."""
    if not shutil.which("localedef"):
        pytest.skip("localedef is missing")
    made = ["localedef", "-i", "tr_TR", "-f", "UTF-8", tmp_path / "tr_TR.UTF-8"]
    subprocess.run(made, check=True, capture_output=True)
    return {"LOCPATH": str(tmp_path)}


@pytest.mark.skipif(os.name == "nt", reason="the conditions are those of Linux and macOS")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_helpers_give_the_same_elsewhere(name, here, request):
    variables, place = ELSEWHERE[name]
    if name == "Turkish":
        variables = variables | request.getfixturevalue("turkish")
    said = run(ROOT, **variables)
    assert said == [str(place).replace("'", '"'), here]


def test_they_do_so_in_a_folder_with_spaces_and_letters_of_another_language(here, tmp_path):
    folder = tmp_path / "Das Büchlein (2)"
    shutil.copytree(ROOT / "src", folder / "src")
    assert run(folder, PYTHONPATH=str(folder / "src"))[1] == here
