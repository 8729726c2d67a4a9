"""The built book as a reader opens it from disk: wide and narrow, light and dark."""

import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from built_book import AXE, ROOT, page_names
from PIL import Image

pytestmark = pytest.mark.browser

WIDE, NARROW = 1280, 390

IMAGES = """() => [...document.images].map((image) => ({
  source: image.getAttribute("src"),
  alt: image.getAttribute("alt"),
  loaded: image.complete && image.naturalWidth > 0,
  content: image.closest("article") !== null,
}))"""

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 5).concat("the page scrolls")"""

# An icon that the book's script lacks is drawn as one that blinks.
BLANK_ICONS = """() => [...document.querySelectorAll("i[class*=fa-], svg.svg-inline--fa")]
  .filter((icon) => !icon.querySelector("path") || icon.querySelector("animate"))
  .map((icon) => icon.getAttribute("class"))"""

FAULTS = """async () => (await axe.run({ resultTypes: ["violations"], preload: false })).violations
  .filter((fault) => ["serious", "critical"].includes(fault.impact))
  .map((fault) => `${fault.id}: ${fault.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))}`)
"""


def corners(page):
    """Return the page's background and the color in a corner of its first figures."""
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    background = tuple(int(part) for part in color.removeprefix("rgb(").rstrip(")").split(","))
    figures = page.locator(".cell_output img:visible").all()[:2]
    shots = [Image.open(io.BytesIO(figure.screenshot())).convert("RGB") for figure in figures]
    return background, [shot.getpixel((2, 2)) for shot in shots]


@pytest.fixture(scope="module")
def visit(opened):
    """Return a function that looks once at a page in a color scheme, and says what it saw."""
    seen = {}

    def look(name, scheme):
        if (name, scheme) not in seen:
            # Light pages are judged as a large screen shows them, dark ones as a phone does.
            width, other = (WIDE, NARROW) if scheme == "light" else (NARROW, WIDE)
            page, complaints = opened(name, scheme, width)
            page.add_script_tag(path=AXE)
            saw = {"faults": page.evaluate(FAULTS), "images": page.evaluate(IMAGES)}
            page.locator("svg.svg-inline--fa").first.wait_for(state="attached")
            saw["blank icons"] = page.evaluate(BLANK_ICONS)
            saw["background"], saw["corners"] = corners(page)
            saw[width] = page.evaluate(TOO_WIDE)
            page.set_viewport_size({"width": other, "height": 900})
            saw[other] = page.evaluate(TOO_WIDE)
            saw["complaints"] = list(complaints)
            page.close()
            seen[name, scheme] = saw
        return seen[name, scheme]

    return look


both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@both_schemes
def test_a_page_is_silent_and_asks_no_other_host(visit, page_name, scheme):
    assert visit(page_name, scheme)["complaints"] == []


@both_schemes
def test_nothing_is_wider_than_the_screen(visit, page_name, scheme):
    saw = visit(page_name, scheme)
    assert saw[WIDE] == []
    assert saw[NARROW] == []


@both_schemes
def test_every_image_loads_and_says_what_it_shows(visit, page_name, scheme):
    images = visit(page_name, scheme)["images"]
    assert [image for image in images if not image["loaded"]] == []
    content = [image for image in images if image["content"]]
    # An image without a text of its own carries its file's name there.
    assert [i for i in content if not i["alt"] or "_images/" in i["alt"]] == []


@both_schemes
def test_every_icon_is_drawn(visit, page_name, scheme):
    assert visit(page_name, scheme)["blank icons"] == []


@both_schemes
def test_axe_finds_no_serious_fault(visit, page_name, scheme):
    assert visit(page_name, scheme)["faults"] == []


def test_figures_turn_dark_with_the_page(visit, page_name):
    saw = visit(page_name, "dark")
    assert max(saw["background"]) < 60, "the page itself is not dark"
    for corner in saw["corners"]:
        assert corner == pytest.approx(saw["background"], abs=4)


def test_a_page_refuses_whatever_would_come_from_outside(opened, page_name):
    page, complaints = opened(page_name)
    refused = page.evaluate("""() => new Promise((resolve) => {
      const found = new Set();
      addEventListener("securitypolicyviolation", (event) => {
        found.add(event.effectiveDirective);
        if (found.size === 3) resolve([...found].sort());
      });
      document.body.append(Object.assign(new Image(), { src: "https://example.org/a.png" }));
      const script = document.createElement("script");
      script.src = "https://example.org/a.js";
      document.body.append(script);
      fetch("https://example.org/").catch(() => {});
    })""")
    page.close()
    assert refused == ["connect-src", "img-src", "script-src-elem"]
    assert not any("asks for" in complaint for complaint in complaints)


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


class Leads(HTMLParser):
    """Collect where a page leads to, and what can be reached in it."""

    def __init__(self, text):
        super().__init__()
        self.leads, self.ids = [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids.add(attributes.get("id"))
        self.leads += [attributes[key] for key in ("href", "src") if attributes.get(key)]


def test_every_link_inside_the_book_leads_somewhere(html):
    pages = {html / name: Leads((html / name).read_text("utf8")) for name in page_names()}
    broken = []
    for path, page in pages.items():
        for lead in page.leads:
            target = urlsplit(lead)
            if target.scheme in ("http", "https", "mailto", "data"):
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            page_and_anchor = file not in pages or unquote(target.fragment) in pages[file].ids
            if not (file.is_file() and page_and_anchor):
                broken.append(f"{path.relative_to(html)} leads to {lead}")
    assert broken == []


def test_no_page_names_a_folder_of_this_machine(html):
    assert [name for name in page_names() if str(ROOT) in (html / name).read_text("utf8")] == []
