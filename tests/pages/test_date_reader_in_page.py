"""The date reader as a reader uses it: typed dates, presets, and what no date is."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import axe_faults

pytestmark = pytest.mark.browser

CHAPTER = "chapters/encoder_decoder.html"
SPANISH = "sábado, 21 de noviembre de 2026"
looks = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)


@pytest.fixture
def reader(opened):
    """Return a function that opens the chapter at the reader; its complaints must be nil."""
    pages = []

    def show(scheme="light", width=1280, query=""):
        page, complaints = opened(CHAPTER, scheme, width, query)
        page.locator(".date-reader.is-live").scroll_into_view_if_needed()
        page.locator(".date-map td:not(:empty)").first.wait_for(state="attached")
        pages.append((page, complaints))
        return page

    yield show
    for page, complaints in pages:
        page.close()
        assert complaints == []


def writes(page, text, written, verdict=""):
    page.get_by_label("Your date").fill(text)
    expect(page.locator(".date-answer strong")).to_have_text(written)
    expect(page.locator(".date-verdict")).to_contain_text(verdict)


@looks
def test_it_reads_what_is_typed_and_shows_where_it_looked(reader, scheme, width):
    page = reader(scheme, width)
    writes(page, SPANISH, "2026-11-21", "That is a Saturday.")
    rows = page.locator(".date-map tr:visible")
    assert rows.count() == 1 + 10 + 1
    for row in rows.all()[1:]:
        shares = [int(share or 0) for share in row.locator("td:visible").all_inner_texts()]
        assert len(shares) == 1 + len(SPANISH) and 90 <= sum(shares) <= 110
    page.get_by_label("Language").select_option("de")
    writes(page, "21. Februar 2028", "2028-02-21", "Monday")
    writes(page, "Februar 2028", "2028-02", "no day")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_faults(page, ".date-reader") == []


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "Nothing is written yet."),
        ("🎉", "never saw “🎉”; nothing is left to read"),
        ("21 de noviembre de 2026 🎉", "never saw “🎉”, and left that out"),
        ("21 de noviembre de 2026" * 8, "too long"),
    ],
)
def test_what_no_date_is_ends_in_a_sentence(reader, text, verdict):
    page = reader()
    page.get_by_label("Your date").fill(text)
    expect(page.locator(".date-verdict")).to_contain_text(verdict)


@pytest.mark.parametrize("end", ["constructor", "%E0%A4%A", "<b>", ""])
def test_an_address_with_anything_in_it_leaves_it_whole(reader, end):
    page = reader(query=f"#date-reader-{end}")
    expect(page.get_by_label("Your date")).to_have_value(SPANISH)


def test_by_keys_alone_and_what_was_typed_can_be_had_back(reader):
    page = reader()
    mine = page.get_by_label("Your date")
    mine.fill("7 de mayo de 1999")
    page.locator("a[href='#date-reader-greek']").focus()
    page.keyboard.press("Enter")
    expect(mine).to_have_value("21 Νοεμβρίου 2026")
    expect(page.locator(".date-answer strong")).to_have_text("2026-11-21")
    expect(page.locator(".date-reader [role=status]")).to_contain_text("2026-11-21")
    mine.press("ControlOrMeta+z")
    expect(mine).to_have_value("7 de mayo de 1999")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Where it looked"


def test_the_figure_stays_for_print_and_without_scripts(browser, html, reader):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((html / CHAPTER).as_uri())
        expect(page.locator("img[src*=date_reader]")).to_be_visible()
    page = reader()
    page.emulate_media(media="print")
    expect(page.locator("img[src*=date_reader]")).to_be_visible()
    expect(page.locator(".date-reader .instrument-live")).to_be_hidden()


def test_the_page_carries_little_script(reader, html):
    page = reader()
    paths = page.evaluate("[...document.scripts].map((script) => script.src).filter(Boolean)")
    own = {p.split("?")[0].removeprefix(html.as_uri() + "/") for p in paths}
    carried = [path for path in own if not re.search(r"\.\d+\.js$", path)]
    assert sum(len(gzip.compress((html / path).read_bytes())) for path in carried) <= 100_000
