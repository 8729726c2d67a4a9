"""The memory race as a reader runs it: the gap, one's own sequence, and what is none."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import LOOKS, axe_faults

pytestmark = pytest.mark.browser


@pytest.fixture
def race(instrument):
    return lambda *look, **options: instrument("memory-race", *look, **options)


def verdicts(page):
    """What each of the three says, as "B, 99 %, right"."""
    expect(page.locator(".race-says")).to_have_count(3)
    return [said.removeprefix("says ") for said in page.locator(".race-says").all_inner_texts()]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_who_forgets_is_seen_when_the_gap_grows(race, scheme, width):
    page = race(scheme, width)
    assert all(said.endswith("right") for said in verdicts(page)), "all three learned this gap"
    gap = page.get_by_label("Gap, as a number")
    gap.fill("160")
    expect(page.get_by_label("Gap", exact=True)).to_have_value("160")
    expect(page.get_by_label("Your sequence")).to_have_value(re.compile("^B[wxyz]{160}$"))
    expect(page.locator(".race-spans").last).to_contain_text("wrong")
    assert any(said.endswith("wrong") for said in verdicts(page))
    assert "gap of 160" in page.locator(".race-words").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_faults(page, ".memory-race") == []


def test_a_sequence_of_one_s_own_comes_back_after_the_gap_was_moved(race):
    page = race()
    mine, gap = page.get_by_label("Your sequence"), page.get_by_label("Gap, as a number")
    mine.fill("c wxx yy")
    expect(gap).to_have_value("5")
    gap.fill("2")
    expect(mine).to_have_value("Cwx")
    gap.fill("5")
    expect(mine).to_have_value("Cwxxyy")
    page.get_by_role("button", name="D", exact=True).click()
    expect(mine).to_have_value("Dwxxyy")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "Nothing is written yet."),
        ("wxyz", "The first letter is w: there is nothing to name."),
        ("AwxCw", "comes again: in training that never happened"),
        ("A🎉q", "know no 🎉, q"),
        ("A" + 400 * "w", "the first 161 letters"),
    ],
)
def test_what_the_networks_never_saw_is_said(race, text, note):
    page = race()
    page.get_by_label("Your sequence").fill(text)
    expect(page.locator(".race-note")).to_contain_text(note)
    if not text or text[0] not in "ABCD":
        expect(page.locator(".race-spans").first).to_be_empty()


def test_by_keys_a_step_is_looked_at_and_said(race):
    page = race()
    step = page.get_by_label("Look after letter")
    step.press("Home")
    expect(page.locator(".memory-race [role=status]")).to_contain_text("After 0. GRU: ")
    step.press("ArrowRight")
    expect(page.locator(".race-knob .value")).to_have_text(re.compile("^letter 1: [wxyz]$"))
