"""The date reader as a reader uses it: typed dates, presets, and what no date is."""

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import LOOKS, axe_faults

pytestmark = pytest.mark.browser

SPANISH = "sábado, 21 de noviembre de 2026"


@pytest.fixture
def reader(instrument):
    return lambda *look, **options: instrument("date-reader", *look, **options)


def writes(page, text, written, verdict=""):
    page.get_by_label("Your date").fill(text)
    expect(page.locator(".date-answer strong")).to_have_text(written)
    expect(page.locator(".date-verdict")).to_contain_text(verdict)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
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
