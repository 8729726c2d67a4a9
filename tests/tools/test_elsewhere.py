"""The helpers give the same where another machine may differ; `make test-elsewhere` tests more."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import elsewhere

#: What a chapter does before it trains: data, reviews, tokens, equations, a figure (in ASCII).
PROGRAM = r"""
import hashlib, io, json, tempfile
import numpy as np
import grubook
grubook.ready()
from grubook import datasets, figures, reference, reviews, text, training
(x, y), *_ = datasets.load_mnist()
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "mine.csv"
    row = "5,I\u015eIK \u0130yi \u2014 \u597d\u7684\u76d2\u5b50 1.5 \u20ac"
    path.write_text(f"stars,text\n{row}\n", "utf-8")
    mine = reviews.load_reviews(path).to_dict("records")
tokens = text.tokens(text.clean(mine[0]["text"]))
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
best = training.load_results("digits/best")["runs"][0]
said = training.mean_and_spread([1.5, 2.75])
print(json.dumps([int(y.sum()), mine, tokens, h.tolist(), figure, best, said]))
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    status, said = elsewhere.run(elsewhere.Condition("", "True"), tmp_path_factory, PROGRAM, ())
    assert status == 0, said
    return said.splitlines()[-1]


@pytest.mark.skipif(os.name == "nt", reason="the conditions are those of Linux and macOS")
@pytest.mark.parametrize("name", elsewhere.CONDITIONS)
def test_the_helpers_give_the_same_elsewhere(name, here, tmp_path):
    try:
        status, said = elsewhere.run(elsewhere.CONDITIONS[name], tmp_path, PROGRAM, ())
    except elsewhere.CannotBeMade as reason:
        pytest.skip(str(reason))
    assert status == 0, said
    assert said.splitlines()[-1] == here  # matplotlib may say where it keeps its cache


def test_a_condition_that_does_not_hold_fails(tmp_path):
    status, said = elsewhere.run(elsewhere.Condition("", "not os"), tmp_path, "pass", ())
    assert status and "the condition does not hold" in said
