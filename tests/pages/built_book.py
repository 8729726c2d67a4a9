"""The built book: where it lies, which pages it has, and what can be asked of any page."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))

LANDING = "index.html"
#: For each instrument the pages that show it, its chapter first, and what is there once it can be
#: used.
INSTRUMENTS = {
    "gate-explorer": (["chapters/gru_theory.html", LANDING], ".gate-chart .line.h[d]"),
    "digit-microscope": (["chapters/digits_inside.html", LANDING], ".digit-examples button"),
    "review-autocomplete": (
        ["chapters/next_word_in_use.html", LANDING],
        ".review-next b:not(:empty)",
    ),
    "date-reader": (["chapters/encoder_decoder.html"], ".date-map td:not(:empty)"),
    "memory-race": (["chapters/gradients_and_memory.html"], ".is-ready .race-says:not(:empty)"),
}
#: Press an instrument's button, where it has one still: a link to a preset starts it by itself.
START = "(name) => document.querySelector(`.${name} .instrument-start button`)?.click()"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 5).concat("the page scrolls")"""

FAULTS = """async ([part, impacts]) =>
  (await axe.run(part, { resultTypes: ["violations"], preload: false })).violations
  .filter((fault) => impacts.includes(fault.impact))
  .map((fault) => `${fault.id}: ${fault.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))}`)
"""


def page_names():
    """Return the built pages' paths below _build/html, without the theme's own templates."""
    found = [path.relative_to(HTML) for path in HTML.rglob("*.html")]
    return sorted(path.as_posix() for path in found if path.parts[0] != "_static")


def axe_faults(page, part=":root", impacts=("minor", "moderate", "serious", "critical")):
    """Return what axe finds wrong in a part of the page; the page's own policy stays in force."""
    page.evaluate(AXE.read_text("utf-8") + "; null")  # a script tag would be refused
    return page.evaluate(FAULTS, [part, impacts])
