"""The articles' programs in Chromium, from disk: they train, load, answer, and are silent."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from grubook.data import fetch
from grubook.reference import gru_forward
from grubook.weights import load_weights
from tests.pages.built_book import ROOT, TOO_WIDE, axe_faults

pytestmark = pytest.mark.browser

WEB = ROOT / "web"
PAGES = ["digits", "next_word"]


@pytest.fixture
def program(silent):
    """Return a function that opens a program's page."""
    return lambda name, *look, **options: silent(f"_static/web/{name}.html", *look, **options)


def fill(page, fields):
    for name, value in fields.items():
        field = page.locator(f"#{name}")
        field.select_option(value) if name == "backend" else field.fill(str(value))


def use(page, form, **fields):
    """Fill in fields, send a form, and return what the program has said when it is done."""
    fill(page, fields)
    page.locator(f"#{form} button").first.click()
    expect(page.locator("#start")).to_be_enabled()
    return page.locator("#log").inner_text()


def figure(said, label):
    """The first number after a label."""
    return float(re.search(rf"{label} ([\d.]+)", said)[1])


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_digits_are_learned_in_the_browser(program, backend):
    images, test = {"wasm": (1000, 1000), "cpu": (64, 100)}[backend]
    said = use(program("digits"), "train", backend=backend, images=images, epochs=2)
    assert f"18506 weights, {images} images, backend {backend}" in said
    assert "images a second" in said
    accuracy = figure(said, f"accuracy on {test} test images:")
    if backend == "wasm":  # a guess gets one in ten
        assert accuracy > 0.4


def test_the_network_that_python_trained_reads_the_same_picture_twice(program, tmp_path):
    page = program("digits")
    assert figure(use(page, "load"), "test images:") > 0.98
    assert page.locator("#shown li").all_inner_texts()[0] == "7: says 7"
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).line([(150, 30), (150, 170)], fill="navy", width=16)
    picture.save(tmp_path / "one.png")
    page.set_input_files("#picture", tmp_path / "one.png")
    for times in (1, 2):
        assert use(page, "ask").count("one.png: a 1") == times
    (tmp_path / "one.png").write_bytes(b"\x89PNG\r\n, and no more")
    page.set_input_files("#picture", tmp_path / "one.png")
    assert "one.png is no picture that this browser can read" in use(page, "ask")


def test_a_reader_s_own_mnist_files_are_read_and_damaged_ones_keep_the_network(program, tmp_path):
    names = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    files = [fetch("mnist")[name] for name in names]
    page = program("digits")
    page.set_input_files("#files", files)
    said = use(page, "train", images=96, epochs=1)
    assert "96 images, backend wasm" in said and "test images:" in said
    page.set_input_files("#files", files[:1])
    assert "choose two files at once" in use(page, "train")
    broken = tmp_path / names[1]
    broken.write_bytes(files[1].read_bytes()[:-900])
    page.set_input_files("#files", [files[0], broken])
    assert f"{names[1]} is not a whole gzip file" in use(page, "train")
    assert page.locator("#shown li").count() == 10  # the network's answers, still


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_words_are_learned_in_the_browser(program, backend):
    reviews, words, epochs = {"wasm": (60, 300, 3), "cpu": (20, 100, 1)}[backend]
    page = program("next_word")
    said = use(page, "train", backend=backend, reviews=reviews, words=words, epochs=epochs)
    assert f"{words} words" in said and f"backend {backend}" in said
    perplexities = [float(found) for found in re.findall(r"epoch \d+: perplexity ([\d.]+)", said)]
    assert len(perplexities) == epochs and min(perplexities) < words / 2
    assert "this is a ..." in said
    page.locator("#text").fill("i love")
    page.locator("#text").press("Enter")
    expect(page.locator("#log")).to_contain_text("i love ...")


def test_a_training_shows_its_progress_and_stops_when_asked(program):
    page = program("next_word")
    fill(page, {"reviews": 200, "epochs": 50})
    page.locator("#start").click()
    expect(page.locator("#busy")).to_contain_text("epoch 1 of 50")
    expect(page.locator("#start")).to_be_disabled()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#log")).to_contain_text("kept: epoch 1,")
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()


def test_a_hidden_page_trains_on(program):
    page = program("digits")
    # What a tab behind another one is missing: no frame is drawn in it.
    page.evaluate("window.requestAnimationFrame = () => 0; null")
    assert "accuracy on" in use(page, "train", images=64, epochs=2)


def test_the_word_network_that_python_trained_guesses(program):
    page = program("next_word")
    assert "is loaded" in use(page, "load")
    said = use(page, "ask", text="I love the")
    guessed = said.split("I love the ... ")[-1].split()[0]
    w = load_weights("next_word")
    words = w["words"].tolist()
    ids = [2] + [words.index(word) for word in ["i", "love", "the"]]
    x = (w["embedding"][ids] * w["scale"])[None]
    h = gru_forward(x, w["gru_kernel"], w["gru_recurrent_kernel"], w["gru_bias"]).h[0, -1]
    logits = w["embedding"] @ h + w["output_bias"]
    logits[:3] = -np.inf  # padding, unknown words and the end are no suggestion
    assert guessed == words[logits.argmax()]


def test_a_curly_apostrophe_is_an_apostrophe(program):
    page = program("next_word")
    use(page, "load")
    answers = [
        use(page, "ask", text=f"It doesn{mark}t").splitlines()[-1].split("...")[1] for mark in "'’"
    ]
    assert answers[0] == answers[1]


def test_a_reader_s_own_reviews_are_read(program, tmp_path):
    lines = ['5,"It is a box, a ""good"" one.\nI like it."'] * 40
    (tmp_path / "own.csv").write_text("\n".join([" stars , text", *lines]), "utf-16")
    (tmp_path / "none.csv").write_text("stars,words\n5,good\n", "utf-8")
    (tmp_path / "few.csv").write_text("text\n" + "good\n" * 5, "utf-8")
    page = program("next_word")
    page.set_input_files("#files", tmp_path / "own.csv")
    assert "72 sentences to train on, 8 held back" in use(page, "train", reviews=40, epochs=1)
    for name, sentence in [
        ("none.csv", "no column review_body or text; its columns are stars, words"),
        ("few.csv", "at least 20 reviews with text, and there are 5"),
    ]:
        page.set_input_files("#files", tmp_path / name)
        assert sentence in use(page, "train")


@pytest.mark.parametrize("name", PAGES)
def test_what_cannot_be_done_is_said(program, name):
    page = program(name)
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_disabled()
    expect(stop).to_have_css("opacity", "0.5")
    expect(page.get_by_role("log")).to_be_visible()
    assert "there is no network yet" in use(page, "ask")
    assert "epochs must be a whole number from 1 to 100" in use(page, "train", epochs=0)


@pytest.mark.parametrize("name", PAGES)
def test_a_served_program_asks_for_nothing_outside(opened, served, name):
    page, _ = opened(f"_static/web/{name}.html", at=served)
    refused = page.evaluate("""() => new Promise((resolve) => {
      const found = [];
      addEventListener("securitypolicyviolation", (event) => {
        found.push(event.effectiveDirective);
        if (found.length === 5) resolve(found.sort());
      });
      const address = "https://example.org/";
      const add = (name, fields) =>
        document.body.append(Object.assign(document.createElement(name), fields));
      add("img", { src: address });
      add("script", { src: address });
      add("link", { rel: "stylesheet", href: address });
      add("iframe", { src: address });
      fetch(address).catch(() => {});
    })""")
    page.close()
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_program_s_page_is_accessible_and_fits_a_phone(program, name, scheme):
    page = program(name, scheme, 390)
    assert page.evaluate(TOO_WIDE) == []
    assert axe_faults(page) == []


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
