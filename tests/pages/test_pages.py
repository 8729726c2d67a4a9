"""The built book as a reader opens it, from disk and over HTTP: wide and narrow, light and dark."""

import gzip
import io
import re
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.pages.built_book import CHAPTERS, ROOT, TOO_WIDE, axe_faults, page_names
from web.sphinx.chapters import is_prose

pytestmark = pytest.mark.browser

WIDE, NARROW = 1280, 390

# Drawings that are far away load when the reader comes near; here all do at once.
IMAGES = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  return [...document.images].map((image) => ({
  source: image.getAttribute("src"),
  alt: image.getAttribute("alt"),
  loaded: image.complete && image.naturalWidth > 0,
  content: image.closest("article") !== null,
  sized: image.hasAttribute("width") && image.hasAttribute("height"),
}))}"""

# Each drawing that is in view, how wide; and the printed prose that does not fit.
READABLE = """() => ({
  drawings: [...document.querySelectorAll("a.image-reference img")]
    .filter((image) => image.checkVisibility())
    .map((image) => [image.getAttribute("src"), image.getBoundingClientRect().width]),
  cut: [...document.querySelectorAll(".output.prose pre")]
    .filter((text) => text.scrollWidth > text.clientWidth).map((text) => text.textContent),
})"""

# Each color of code, and what it stands on: axe cannot judge where the ground is a gradient.
CODE = """() => {
  const parts = [...document.querySelectorAll(".cell_input pre, .cell_input pre span")];
  const under = (part) => getComputedStyle(part.closest("pre")).backgroundColor;
  return [...new Set(parts.map((part) => `${getComputedStyle(part).color} ${under(part)}`))];
}"""

BLANK_ICONS = """() => [...document.querySelectorAll("[class^=fa-], [class*=' fa-']")]
  .filter((icon) => !icon.querySelector("path"))
  .map((icon) => icon.getAttribute("class"))"""


def corners(page):
    """Return the page's background and the color in a corner of its first figures."""
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    background = tuple(int(part) for part in color.removeprefix("rgb(").rstrip(")").split(","))
    figures = page.locator(".cell_output img:visible").all()[:2]
    shots = [Image.open(io.BytesIO(figure.screenshot())).convert("RGB") for figure in figures]
    return background, [shot.getpixel((2, 2)) for shot in shots]


def look(opened, name, scheme):
    """Look at a page in a color scheme, and say what was seen."""
    # Light pages are judged as a large screen shows them, dark ones as a phone does.
    width, other = (WIDE, NARROW) if scheme == "light" else (NARROW, WIDE)
    page, complaints = opened(name, scheme, width)
    saw = {"faults": axe_faults(page, impacts=("serious", "critical"))}
    saw["images"] = page.evaluate(IMAGES)
    page.locator("svg.svg-inline--fa").first.wait_for(state="attached")
    saw["blank icons"] = page.evaluate(BLANK_ICONS)
    saw["background"], saw["corners"] = corners(page)
    saw["code"] = page.evaluate(CODE)
    saw[width] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": other, "height": 900})
    saw[other] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": NARROW, "height": 900})
    saw["readable"] = page.evaluate(READABLE)
    saw["complaints"] = list(complaints)
    page.close()
    return saw


SEEN = {}


@pytest.fixture(params=["light", "dark"])
def saw(request, opened, page_name):
    """Look once at a page in each scheme for all tests, and afresh where one is run again."""
    key = page_name, request.param
    if key not in SEEN or request.node.execution_count > 1:
        SEEN[key] = look(opened, *key)
    return SEEN[key]


def test_a_page_is_silent_and_asks_no_other_host(saw):
    assert saw["complaints"] == []


def test_nothing_is_wider_than_the_screen(saw):
    assert saw[WIDE] == []
    assert saw[NARROW] == []


def test_every_image_loads_and_says_what_it_shows(saw):
    assert [image for image in saw["images"] if not image["loaded"]] == []
    content = [image for image in saw["images"] if image["content"]]
    # An image without a text of its own carries its file's name there.
    assert [i for i in content if not i["alt"] or "_images/" in i["alt"]] == []
    assert [i for i in content if not i["sized"]] == [], "the text moves when the image arrives"


def test_on_a_phone_every_label_can_be_read_and_printed_prose_wraps(saw, html):
    assert saw["readable"]["cut"] == []
    for source, width in saw["readable"]["drawings"]:
        drawing = (html / "_images" / source.rpartition("/")[2]).read_text("utf-8")
        whole = float(re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+)', drawing)[1])
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)', drawing)]
        # Matplotlib's letters are paths; one of 100 units is scaled to its size in points.
        sizes += [100 * float(s) for s in re.findall(r"scale\((0\.\d+) -", drawing)]
        assert min(sizes, default=whole) * width / whole >= 10.9, source


@pytest.mark.parametrize(
    ("printed", "prose"),
    [
        ("kept: epoch 3; the network beats the bigram", True),
        ("GRU      98.4 (n = 3)\nLSTM     98.1 (n = 3)", False),
        ("for x in y:\n    print(x)", False),
        ("a column   " + "then a sentence that no screen shows in one line " * 3, True),
    ],
)
def test_what_is_printed_wraps_unless_it_has_columns(printed, prose):
    assert is_prose(printed) == prose


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_says_how_long_it_takes_and_folds_its_solutions(html, chapter):
    page = (html / "chapters" / f"{chapter}.html").read_text("utf-8")
    assert re.search(r"To read: about \d+ minutes. To run: \w+ [^<]*minute", page)
    assert f'_sources/chapters/{chapter}.ipynb" download' in page
    numbers = re.findall(r'<details class="solution" id="solution-(\d+)">', page)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 6


def test_a_link_opens_a_solution_and_paper_opens_all(silent):
    page = silent("chapters/padding_lab.html", query="#solution-3")
    folds = page.locator("details.solution")
    opened = "folds => folds.map((fold) => fold.open)"
    assert folds.evaluate_all(opened) == [k == 2 for k in range(folds.count())]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(page.locator("article details").evaluate_all(opened))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert sum(folds.evaluate_all(opened)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_opens_large_by_keyboard_and_gives_the_focus_back(silent, scheme):
    page = silent("chapters/which_gru.html", scheme, NARROW)
    figure = page.locator("a.image-reference").nth(1)
    small = figure.locator("img").bounding_box()["width"]
    figure.press("Enter")
    large = page.locator("dialog.large-figure[open] img")
    assert large.bounding_box()["width"] > small
    assert large.get_attribute("alt") == figure.locator("img").get_attribute("alt")
    assert axe_faults(page, "dialog") == []
    page.keyboard.press("Escape")
    large.wait_for(state="hidden")
    assert figure.evaluate("figure => figure === document.activeElement")


def luminance(color):
    """A color's relative luminance, as WCAG defines it."""
    parts = [part / 255 for part in color]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_code_can_be_read_in_each_of_its_colors(saw):
    for colors in saw["code"]:
        numbers = [int(number) for number in re.findall(r"\d+", colors)]
        low, high = sorted([luminance(numbers[:3]), luminance(numbers[3:])])
        assert (high + 0.05) / (low + 0.05) >= 4.5, colors


def test_every_icon_is_drawn(saw):
    assert saw["blank icons"] == []


def test_no_page_fetches_a_font_for_icons_that_are_drawings(html):
    assert not list(html.rglob("fa-solid*")), "a page that asked for it would not be silent"
    styles = [path.read_text("utf-8") for path in html.glob("_static/styles/*.css")]
    assert styles and not any("fa-solid-900" in style for style in styles)


def test_axe_finds_no_serious_fault(saw):
    assert saw["faults"] == []


def test_the_page_takes_the_readers_mode_and_figures_go_with_it(saw, request):
    dark = request.node.callspec.params["saw"] == "dark"
    assert (max(saw["background"]) < 60) == dark
    for corner in saw["corners"]:
        assert corner == pytest.approx(saw["background"], abs=4)


def test_a_page_is_silent_where_a_host_serves_it(opened, served, page_name):
    page, complaints = opened(page_name, at=served)
    page.locator("svg.svg-inline--fa").first.wait_for(state="attached")
    page.close()
    assert complaints == []


@pytest.mark.parametrize("from_disk", [True, False])
def test_a_page_runs_and_loads_nothing_that_gets_into_it(opened, served, page_name, from_disk):
    page, _ = opened(page_name, at=None if from_disk else served)
    refused = page.evaluate("""() => new Promise((resolve) => {
      const found = [];
      addEventListener("securitypolicyviolation", (event) => {
        found.push(event.effectiveDirective);
        if (found.length === 6) resolve(found.sort());
      });
      const add = (name, fields) =>
        document.body.append(Object.assign(document.createElement(name), fields));
      add("img", { src: "https://example.org/a.png" });
      add("script", { src: "https://example.org/a.js" });
      add("script", { src: "data:text/javascript,globalThis.ran = true" });
      add("script", { textContent: "globalThis.ran = true" });
      add("p", { innerHTML: "<a id='handler' onclick='globalThis.ran = true'>a</a>" });
      document.getElementById("handler").click();
      fetch("https://example.org/").catch(() => {});
      setTimeout(() => resolve(found.sort()), 60_000); // what was not refused by then is not
    })""")
    ran = page.evaluate("globalThis.ran")
    page.close()
    scripts = ["script-src-attr", *["script-src-elem"] * 3]
    assert refused == ["connect-src", "img-src", *scripts]
    assert ran is None


def test_the_mode_switch_changes_the_page(opened):
    page, complaints = opened("index.html", "light")
    switch, modes = page.locator(".theme-switch-button:visible"), []
    for _ in range(3):
        switch.click()
        modes.append(page.evaluate("document.documentElement.dataset.theme"))
    page.close()
    assert set(modes) == {"light", "dark"}
    assert complaints == []


def test_a_page_knows_its_mode_before_anything_is_drawn(browser, html):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.add_init_script("""
          globalThis.seen = [];
          const note = () => seen.push(document.documentElement.dataset.theme);
          const watched = { subtree: true, attributeFilter: ["data-theme"] };
          new MutationObserver(note).observe(document, watched);
        """)
        page.goto((html / "index.html").as_uri())
        assert set(page.evaluate("seen")) == {"dark"}


#: What readers ask, and a section that must be among the first three answers.
ASKED = {
    "update gate": "glossary.html#update-gate",
    "overfitting": "glossary.html#overfitting",
    "bidirectional": "glossary.html#bidirectional-layer",
    "seq2seq": "glossary.html#decoder",
    "sentiment": "glossary.html#binary-classification",
    "autocomplete": "next_word.html#what-a-language-model-is",
    "how does attention work?": "encoder_decoder.html#attention-look-again-at-every-step",
    "return_sequences": "glossary.html#return-sequences",
    "lstm vs gru": "which_gru.html#when-is-a-gru-the-right-tool-today",
    "Carry weights pytorch": "which_gru.html#carrying-weights",
    "mask_zer": "cheat_sheet.html#masks-and-padding",
}
#: What nobody can answer, and what is said then.
NOT_ASKED = {
    "!!! (": "Type a word or a number.",
    "perplexty": "Did you mean perplexity",
    "constructor": "The book says nothing of “constructor”.",
    "<img src=x onerror=alert(1)> zzzqx": "<img src=x",
    "": "",
}


@pytest.mark.parametrize("from_disk", [True, False])
def test_search_lands_on_a_section(opened, served, html, from_disk):
    place = {} if from_disk else {"at": served}
    page, complaints = opened("search.html", query="?q=update+gate", **place)
    links, said = page.locator("#search-results a"), page.locator("#search-status")
    links.first.wait_for()
    for asked, wanted in ASKED.items():
        page.get_by_role("searchbox").first.fill(asked)
        expect(said).to_contain_text(f"“{asked}”")
        first = [link.get_attribute("href") for link in links.all()[:3]]
        assert f"chapters/{wanted}" in first, asked
        file, anchor = first[0].split("#")
        assert f'id="{anchor}"' in (html / file).read_text("utf-8"), "Sphinx gave it another name"
        assert page.locator("#search-results mark").count() > 0
    assert axe_faults(page) == []
    for asked, answer in NOT_ASKED.items():
        page.get_by_role("searchbox").first.fill(asked)
        expect(said).to_contain_text(answer) if answer else expect(said).to_be_empty()
        assert page.locator("#search-results :not(li, a, p, mark)").count() == 0
    page.get_by_role("searchbox").first.fill("overfitting")
    expect(said).to_contain_text("overfitting")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#overfitting")).to_be_in_viewport()
    page.close()
    assert complaints == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_page_is_light(html, chapter):
    page = (html / "chapters" / f"{chapter}.html").read_text("utf-8")
    assert not re.search(r'<span class="(n|p|w)">|<span></span>', page), "it has no color"
    drawings = [html / "_images" / name for name in re.findall(r'_images/([^"]+\.svg)"', page)]
    assert max(len(gzip.compress(path.read_bytes())) for path in drawings) < 20_000


def test_formulas_are_set_in_their_own_type(opened):
    page, _ = opened("index.html")
    formula = page.locator("div.math .katex-html").first
    text = formula.inner_text()
    fonts = page.evaluate("""async () => [...(await document.fonts.ready)]
      .filter((font) => font.status === "loaded").map((font) => font.family)""")
    page.close()
    assert "⊙" in text and "\\" not in text
    assert "KaTeX_Math" in fonts


def test_every_link_inside_the_book_leads_somewhere(html):
    pages = {html / name: (html / name).read_text("utf-8") for name in page_names()}
    ids = {path: {"", *re.findall(r'\bid="([^"]+)"', text)} for path, text in pages.items()}
    for path, text in pages.items():
        for lead in re.findall(r'\s(?:href|src)="([^"]+)"', text):
            target = urlsplit(unescape(lead))
            if target.scheme in ("http", "https", "mailto", "data"):
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            assert file.is_file(), f"{path.name} leads to {lead}"
            assert unquote(target.fragment) in ids.get(file, target.fragment), (path.name, lead)


def test_no_page_names_a_folder_of_this_machine(html):
    assert [name for name in page_names() if str(ROOT) in (html / name).read_text("utf8")] == []
