"""The articles' programs in Chromium, from disk: they train, load, predict, and are silent."""

import json
import subprocess
import sys

import numpy as np
import pytest
from built_book import AXE, ROOT
from PIL import Image, ImageDraw
from test_pages import FAULTS, TOO_WIDE

from grubook.reference import gru_forward

pytestmark = pytest.mark.browser

WEB = ROOT / "web"
PAGES = ["digits", "next_word"]


@pytest.fixture
def program(opened):
    """Return a function that opens a program's page; afterwards nobody may have complained."""
    pages = []

    def open_program(name, scheme="light", width=1280):
        page, complaints = opened(f"_static/web/{name}.html", scheme, width)
        pages.append((page, complaints))
        return page

    yield open_program
    for page, complaints in pages:
        page.close()
        assert complaints == []


def use(page, button, **fields):
    """Fill in fields, press a button, and return what the program has said when it is done."""
    for name, value in fields.items():
        field = page.locator(f"#{name}")
        field.select_option(value) if name == "backend" else field.fill(str(value))
    page.click(f"#{button}")
    page.wait_for_function("id => !document.getElementById(id).disabled", arg=button)
    return page.locator("#log").inner_text()


def figure(said, label):
    """The first number after a label."""
    return float(said.split(label)[1].split()[0].strip(","))


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_digits_are_learned_in_the_browser(program, backend):
    images = {"wasm": 1000, "cpu": 64}[backend]
    said = use(program("digits"), "train", backend=backend, images=images, epochs=2)
    assert f"18506 weights, {images} images, backend {backend}" in said
    assert "images a second" in said
    if (
        backend == "wasm"
    ):  # ten times a guess's accuracy would be all of them; four times is learned
        assert figure(said, "test images:") > 0.4


def test_the_network_that_python_trained_is_loaded_and_reads_a_picture(program, tmp_path):
    page = program("digits")
    assert figure(use(page, "load"), "test images:") > 0.98
    assert page.locator("#shown li").all_inner_texts()[0] == "7: says 7"
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).line([(150, 30), (150, 170)], fill="navy", width=16)
    picture.save(tmp_path / "one.png")
    page.set_input_files("#picture", tmp_path / "one.png")
    page.wait_for_function("document.getElementById('log').textContent.includes('one.png')")
    assert "one.png: a 1" in page.locator("#log").inner_text()


def test_a_reader_s_own_mnist_files_are_read(program, tmp_path):
    names = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    from grubook.data import fetch

    files = fetch("mnist")
    page = program("digits")
    page.set_input_files("#files", [files[name] for name in names])
    said = use(page, "train", images=96, epochs=1)
    assert "96 images, backend wasm" in said and "test images:" in said
    page.set_input_files("#files", [files[names[0]]])
    assert "choose two files at once" in use(page, "train")


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_words_are_learned_in_the_browser(program, backend):
    reviews, words = {"wasm": (60, 300), "cpu": (40, 100)}[backend]
    page = program("next_word")
    said = use(page, "train", backend=backend, reviews=reviews, words=words)
    assert f"{words} words" in said and f"backend {backend}" in said
    assert figure(said, "before,") < 0.8 * figure(said, "unseen reviews:")
    assert "this is a ..." in said
    assert "i love ..." in use(page, "guess", text="i love")


def test_the_word_network_that_python_trained_guesses(program):
    page = program("next_word")
    assert "is loaded" in use(page, "load")
    said = use(page, "guess", text="I love the")
    guessed = said.split("I love the ... ")[-1].split()[0]
    with np.load(ROOT / "weights" / "next_word.npz", allow_pickle=False) as file:
        stored = dict(file)
    words = stored.pop("words").tolist()
    w = {n: a * stored.get(f"{n}_scale", np.float32(1)) for n, a in stored.items()}
    ids = [2] + [words.index(word) for word in ["i", "love", "the"]]
    x = (w["embedding"][ids] * w["scale"])[None]
    h = gru_forward(x, w["gru_kernel"], w["gru_recurrent_kernel"], w["gru_bias"]).h[0, -1]
    logits = w["embedding"] @ h + w["output_bias"]
    logits[:2] = -np.inf  # padding and unknown words are no suggestion
    assert guessed == words[logits.argmax()]


def test_a_reader_s_own_reviews_are_read(program, tmp_path):
    lines = ['"It is a box, a ""good"" one.\nI like it."'] * 40
    (tmp_path / "own.csv").write_text(
        "\n".join(["stars,text", *(f"5,{line}" for line in lines)]), "utf-8"
    )
    (tmp_path / "none.csv").write_text("stars,words\n5,good\n", "utf-8")
    page = program("next_word")
    page.set_input_files("#files", tmp_path / "own.csv")
    assert "40 reviews, 72 sentences" in use(page, "train", reviews=40)
    page.set_input_files("#files", tmp_path / "none.csv")
    said = use(page, "train")
    assert "no column review_body or text; its columns are stars, words" in said


def test_asking_before_there_is_a_network_is_answered(program):
    assert "there is no network yet" in use(program("next_word"), "guess")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_program_s_page_is_accessible_and_fits_a_phone(program, name, scheme):
    page = program(name, scheme, 390)
    assert page.evaluate(TOO_WIDE) == []
    page.add_script_tag(path=AXE)
    assert page.evaluate(FAULTS) == []


def test_every_way_agrees_with_keras_in_chromium(browser, tmp_path):
    vectors, bundle = tmp_path / "networks.json", tmp_path / "parity.js"
    subprocess.run([sys.executable, WEB / "test" / "make_vectors.py", vectors], check=True)
    bundled = ["npx", "--prefix", WEB, "esbuild", WEB / "test" / "parity_page.js", "--bundle"]
    options = ["--format=iife", "--loader:.wasm=dataurl", f"--outfile={bundle}"]
    subprocess.run([*bundled, *options, "--log-level=warning"], check=True)
    page = browser.new_page()
    page.add_script_tag(path=bundle)
    networks = json.loads(vectors.read_text("utf-8"))
    found = page.evaluate("(networks) => compare(networks, ['cpu', 'wasm'])", networks)
    page.close()
    assert len(found) == 8 + 16 + 4
    for row in found:
        assert row["keras"] <= 1e-5 and row["numpy"] <= 1e-5, row
