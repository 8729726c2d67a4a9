"""The built book as a reader opens it, from disk and over HTTP: wide and narrow, light and dark."""

import io
import re
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image

from tests.pages.built_book import ROOT, TOO_WIDE, axe_faults, page_names

pytestmark = pytest.mark.browser

WIDE, NARROW = 1280, 390

IMAGES = """() => [...document.images].map((image) => ({
  source: image.getAttribute("src"),
  alt: image.getAttribute("alt"),
  loaded: image.complete && image.naturalWidth > 0,
  content: image.closest("article") !== null,
  sized: image.hasAttribute("width") && image.hasAttribute("height"),
}))"""

# An icon that the book's script lacks is drawn as one that blinks.
BLANK_ICONS = """() => [...document.querySelectorAll("i[class*=fa-], svg.svg-inline--fa")]
  .filter((icon) => !icon.querySelector("path") || icon.querySelector("animate"))
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
    saw[width] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": other, "height": 900})
    saw[other] = page.evaluate(TOO_WIDE)
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


def test_search_finds_a_word_from_disk(opened):
    page, complaints = opened("search.html", query="?q=update+gate")
    results = page.locator("#search-results li a")
    results.filter(has_text=re.compile("glossary", re.IGNORECASE)).first.wait_for()
    page.close()
    assert complaints == []


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
