"""The JavaScript in web/: its own tests, run by Node.js, reported here one by one."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from grubook.reference import gru_forward
from grubook.weights import export_weights

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = ROOT / "web"

sys.path.insert(0, str(WEB / "articles"))
import update  # noqa: E402


def node():
    """The environment's Node.js, or a failure that says how to have one."""
    program = shutil.which("node")
    if program is None:
        pytest.fail("Node.js is missing: run through `make test`, or activate .venv first.")
    return program


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of the tests in JavaScript: it names a file of networks fresh from Keras."""
    vectors = tmp_path_factory.mktemp("parity") / "networks.json"
    subprocess.run([sys.executable, WEB / "test" / "make_vectors.py", vectors], check=True)
    return os.environ | {"PARITY_VECTORS": str(vectors)}


@pytest.mark.parametrize("path", sorted((WEB / "test").glob("*.test.mjs")), ids=lambda p: p.name)
def test_in_node(path, environment):
    run = subprocess.run(
        [node(), "--test", "--test-reporter=spec", path],
        cwd=WEB,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def run_program(name, *arguments, **environment):
    """Run a program as its heading says, from the repository's folder."""
    command = [node(), f"web/src/programs/{name}_node.mjs", *map(str, arguments)]
    settings = {"capture_output": True, "encoding": "utf-8", "check": False}
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, **settings)


@pytest.mark.parametrize(("backend", "images"), [("wasm", 320), ("cpu", 32)])
def test_the_digits_program_trains(backend, images):
    arguments = ["--backend", backend, "--images", images, "--epochs", 1, "--test", 100]
    run = run_program("digits", *arguments)
    assert run.returncode == 0 and run.stderr == ""
    assert f"18506 weights, {images} images, backend {backend}" in run.stdout
    assert "accuracy on 100 test images" in run.stdout


@pytest.fixture
def digits_model(tmp_path):
    with np.load(ROOT / "weights" / "mnist_rows_reset_before.npz", allow_pickle=False) as file:
        return export_weights(dict(file), tmp_path / "model", layers_model=True).parent


def test_the_digits_program_loads_what_python_trained(digits_model):
    run = run_program("digits", "--model", digits_model)
    assert run.returncode == 0 and run.stderr == ""
    said = dict(line.split(":") for line in run.stdout.splitlines() if ":" in line)
    assert float(said["accuracy on 1000 test images"]) > 0.98
    assert "answers 7 2 1 0 4 1 4 9" in run.stdout


def test_the_word_program_trains(tmp_path):
    rows = ["review_title,review_body,star_rating"]
    rows += ['Box,"I like this box, it is a good box! It is a ""gift"".",5'] * 60
    (tmp_path / "own.csv").write_text("\n".join(rows), "utf-8")
    run = run_program("next_word", "--csv", tmp_path / "own.csv", "--text", "it is a")
    assert run.returncode == 0 and run.stderr == ""
    assert "60 reviews, 108 sentences to train on" in run.stdout
    before, after = re.search(r"(\d+) before, (\d+) after", run.stdout).groups()
    assert int(after) < int(before)
    assert re.search(r"it is a \.\.\. \S+ \d", run.stdout)


@pytest.mark.parametrize("bits", [8, 32])
@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_the_word_program_loads_what_python_trained(tmp_path, bits, reset_after, tied):
    words = ["<pad>", "<unk>", "<eos>", "this", "is", "a", "box", "."]
    rng = np.random.default_rng(1)
    shapes = {
        "embedding": (8, 5),
        "gru_kernel": (5, 15),
        "gru_recurrent_kernel": (5, 15),
        "gru_bias": (2, 15) if reset_after else (15,),
    }
    shapes |= {"output_bias": (8,)} if tied else {"dense_kernel": (5, 8), "dense_bias": (8,)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    weights["scale"] = np.float64(1.5 if tied else 1)
    path = export_weights(weights, tmp_path / "words.json", bits=bits)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"words": words}), "utf-8")
    run = run_program("next_word", "--weights", path, "--text", "This is a")
    assert run.returncode == 0 and run.stderr == ""
    W, U, b = (weights[name] for name in list(shapes)[1:4])
    x = weights["scale"] * weights["embedding"][[2, 3, 4, 5]][None]
    h = gru_forward(x, W, U, b, reset_after=reset_after).h[0, -1]
    if tied:
        logits = weights["embedding"] @ h + weights["output_bias"]
    else:
        logits = h @ weights["dense_kernel"] + weights["dense_bias"]
    p = 100 * np.exp(logits) / np.exp(logits).sum()
    found = re.findall(r"(\S+) ([\d.]+) %", run.stdout)
    assert len(found) == 5
    for word, percent in found:
        assert float(percent) == pytest.approx(p[words.index(word)], abs=2 if bits == 8 else 0.1)


def test_bad_input_is_answered_in_a_sentence(tmp_path, digits_model):
    (tmp_path / "none.csv").write_text("stars,words\n5,good\n", "utf-8")
    content = (digits_model / "weights.bin").read_bytes()
    (digits_model / "weights.bin").write_bytes(content[:-8])
    for run, sentence in [
        (run_program("digits", GRUBOOK_DATA=str(tmp_path)), "fetch it with `make data`"),
        (run_program("digits", "--images", "70000"), "too few for 70000 from 0 on"),
        (run_program("digits", "--backend", "abacus"), "'abacus' not found"),
        (
            run_program("digits", "--model", digits_model),
            "must be 74024 bytes, but there are 74016",
        ),
        (run_program("next_word", "--csv", tmp_path / "none.csv"), "has no column review_body"),
        (run_program("next_word", "--csv", tmp_path / "no.csv"), "`make book` writes the sample"),
    ]:
        assert run.returncode == 1 and sentence in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr


def test_the_page_on_the_articles_shows_what_happens():
    page = update.PAGE.read_text(encoding="utf-8")
    assert update.fill(page, update.capture()) == page, "run: python web/articles/update.py"


def test_a_page_that_shows_something_else_is_noticed():
    case = {"language": "javascript", "code": "1 + 1;", "result": "2"}
    page = "Look:\n\n<!-- captured: sum -->\n```javascript\n1 + 1;\n```\n\n```text\n3\n```\nEnd.\n"
    assert update.fill(page, {"sum": case}) == page.replace("3", "2")
    with pytest.raises(ValueError, match="differ in \\['other', 'sum'\\]"):
        update.fill(page, {"other": case})


def test_a_missing_node_is_said_in_a_sentence(monkeypatch, tmp_path):
    chapter = json.loads((ROOT / "chapters" / "browser_and_node.ipynb").read_text("utf-8"))
    cells = ["".join(c["source"]) for c in chapter["cells"] if c["cell_type"] == "code"]
    (cell,) = (cell for cell in cells if cell.startswith("def run("))
    names = {"shutil": shutil, "subprocess": subprocess, "book": ROOT}
    exec(cell[: cell.index("\n\n\n")], names)  # the function alone
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"node is missing: install Node\.js"):
        names["run"]("node", "--version")
