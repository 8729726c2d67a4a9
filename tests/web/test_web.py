"""The JavaScript in web/: its own tests, run by Node.js, reported here one by one; its programs."""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from docutils import nodes
from docutils.utils import new_document

from grubook.text import clean, tokenize
from grubook.weights import export_weights, load_weights
from web import sphinx
from web.articles import update
from web.data.write_data import REVIEWS, reviews

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = ROOT / "web"


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
    command = [node(), "--test", "--test-reporter=spec", path]
    settings = {"capture_output": True, "encoding": "utf-8", "check": False}
    run = subprocess.run(command, cwd=WEB, env=environment, **settings)
    assert run.returncode == 0, run.stdout + run.stderr


def run_program(name, *arguments, **environment):
    """Run a program as its heading says, from the repository's folder."""
    command = [node(), f"web/programs/{name}_node.mjs", *map(str, arguments)]
    settings = {"capture_output": True, "encoding": "utf-8", "check": False}
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, **settings)


def said(run):
    """What a program said that ended well."""
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return run.stdout


@pytest.mark.parametrize(("backend", "images"), [("wasm", 320), ("cpu", 32)])
def test_the_digits_program_trains(backend, images):
    arguments = ["--backend", backend, "--images", images, "--epochs", 1, "--test", 50]
    lines = said(run_program("digits", *arguments))
    assert f"18506 weights, {images} images, backend {backend}" in lines
    assert "accuracy on 50 test images" in lines


@pytest.fixture
def digits_model(tmp_path):
    weights = load_weights("digits_reset_before")
    return export_weights(weights, tmp_path / "model", layers_model=True).parent


def test_the_digits_program_loads_what_python_trained(digits_model):
    lines = said(run_program("digits", "--model", digits_model))
    assert float(re.search(r"accuracy on 1000 test images: (.+)", lines)[1]) > 0.98
    assert "answers 7 2 1 0 4 1 4 9" in lines


def table(tmp_path, rows, header="review_title,review_body,star_rating"):
    path = tmp_path / "own.csv"
    path.write_text("\n".join([header, *rows]), "utf-8")
    return path


def test_the_word_program_says_the_held_out_perplexity_of_each_epoch(tmp_path):
    path = table(tmp_path, ['Box,"I like this box, it is a good box! It is a ""gift"".",5'] * 60)
    lines = said(run_program("next_word", "--csv", path, "--epochs", 6, "--text", "it is a good"))
    assert "108 sentences to train on, 12 held back" in lines
    epochs = re.findall(r"epoch \d+: perplexity ([\d.]+) .*unigram ([\d.]+), bigram", lines)
    assert float(epochs[-1][0]) < float(epochs[-1][1])
    assert re.search(r"kept: epoch \d+, perplexity .*\nit is a good \.\.\. box \d", lines)


def test_the_word_program_loads_what_python_trained(tmp_path):
    vectors = subprocess.run(
        [sys.executable, WEB / "test" / "words_vectors.py"], capture_output=True, check=True
    )
    network = json.loads(vectors.stdout)["networks"][0]
    (tmp_path / "words.json").write_text(json.dumps(network["file"]), "utf-8")
    text = json.loads(vectors.stdout)["sentence"]
    lines = said(run_program("next_word", "--weights", tmp_path / "words.json", "--text", text))
    word, percent = re.search(r"\.\.\. (\S+) ([\d.]+) %", lines).groups()
    best = max(network["probabilities"][3:])
    assert float(percent) == pytest.approx(100 * best, abs=0.06)
    assert network["file"]["words"][network["probabilities"].index(best)] == word


@pytest.mark.parametrize(
    ("program", "arguments", "sentence"),
    [
        ("digits", ["--epochs", "abc"], 'epochs must be a whole number from 1 to 100, not "abc"'),
        ("digits", ["--epochs", "-5"], 'epochs must be a whole number from 1 to 100, not "-5"'),
        ("digits", ["--backend", "abacus"], 'backend must be one of wasm, cpu, not "abacus"'),
        ("next_word", ["--epoch", "3"], "Unknown option '--epoch'; the options are --reviews, "),
        ("next_word", ["--epochs"], "the options are --reviews, --words, --epochs, --backend"),
    ],
)
def test_an_option_that_cannot_be_is_named_with_its_range(program, arguments, sentence):
    run = run_program(program, *arguments)
    assert run.returncode == 2 and sentence in run.stderr, run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named_in_a_sentence(tmp_path, digits_model):
    for content, sentence in [
        (b"stars,words\n5,good\n", "no column review_body or text; its columns are stars, words"),
        (b"text\n" + b"good\n" * 5, "at least 20 reviews with text, and there are 5"),
        (b"text\ngood\n" + b'" "\n' * 40, "at least 20 reviews with text, and there are 1"),
        (b"text\ncaf\xe9\n", "own.csv: not a text in UTF-8"),
        (b'text\n"open\n' + b"good\n" * 40, "quote in the wrong place"),
        (b"", "own.csv: the CSV file is empty"),
    ]:
        (tmp_path / "own.csv").write_bytes(content)
        run = run_program("next_word", "--csv", tmp_path / "own.csv")
        assert run.returncode == 1 and sentence in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr
    weights = digits_model / "weights.bin"
    weights.write_bytes(weights.read_bytes()[:-8])
    damaged = tmp_path / "damaged"
    (damaged / "mnist").mkdir(parents=True)
    (damaged / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"another set"))
    for run, sentence in [
        (run_program("next_word", "--csv", tmp_path), "is a folder, not a file"),
        (run_program("next_word", "--csv", tmp_path / "no.csv"), "`make book` writes the sample"),
        (run_program("next_word", "--weights", tmp_path / "own.csv"), "own.csv is no JSON"),
        (run_program("digits", GRUBOOK_DATA=str(tmp_path)), "fetch it with `make data`"),
        (run_program("digits", GRUBOOK_DATA=str(damaged)), "another data set (SHA-256): delete"),
        (
            run_program("digits", "--model", digits_model),
            "must be 74024 bytes, but there are 74016",
        ),
    ]:
        assert run.returncode == 1 and sentence in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr


def test_the_page_on_the_articles_shows_what_happens():
    page = update.PAGE.read_text(encoding="utf-8")
    assert update.fill(page, update.capture()) == page, "run: python -m web.articles.update"


def test_the_sample_holds_each_review_once():
    texts = [clean(text) for _, text, _ in reviews()]
    assert len(set(texts)) == len(texts) == REVIEWS
    assert min(len(tokenize(text)) for text in texts) == 10


def test_a_description_may_hold_quotes_and_a_handler_is_allowed_by_its_hash():
    page, context = new_document(""), {}
    page += nodes.paragraph(text='Say "no" & go.')
    sphinx.describe(None, "", "", context, page)
    assert 'content="Say &quot;no&quot; &amp; go."' in context["metatags"]
    allowed = sphinx.policy.allowed('<script>one()</script><a onclick="two()">')
    for script in (b"one()", b"two()"):
        assert base64.b64encode(hashlib.sha256(script).digest()).decode() in allowed


def test_a_page_that_shows_something_else_is_noticed():
    case = {"language": "javascript", "code": "1 + 1;", "result": "2"}
    page = "Look:\n\n<!-- captured: sum -->\n```javascript\n1 + 1;\n```\n\n```text\n3\n```\nEnd.\n"
    assert update.fill(page, {"sum": case}) == page.replace("3", "2")
    with pytest.raises(ValueError, match="differ in \\['other', 'sum'\\]"):
        update.fill(page, {"other": case})


def test_a_missing_node_is_said_in_a_sentence(tmp_path):
    chapter = json.loads((ROOT / "chapters" / "browser_and_node.ipynb").read_text("utf-8"))
    cells = ["".join(c["source"]) for c in chapter["cells"] if c["cell_type"] == "code"]
    (cell,) = (cell for cell in cells if cell.startswith("def run("))
    function = cell[: cell.index("\n\n\n")]
    imports = "import pathlib, shutil, subprocess\nbook = pathlib.Path()\n"
    script = f'{imports}{function}\nrun("node", "--version")'
    settings = {"capture_output": True, "encoding": "utf-8", "check": False}
    run = subprocess.run([sys.executable, "-c", script], env={"PATH": str(tmp_path)}, **settings)
    assert "RuntimeError: node is missing: install Node.js" in run.stderr
