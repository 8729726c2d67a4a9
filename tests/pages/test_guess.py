"""Guess first: a figure waits for a guess, and never where none could be given."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import LOOKS, axe_faults

pytestmark = pytest.mark.browser

DRAWN, CHOSEN = "chapters/padding_lab.html", "chapters/gradients_and_memory.html"
TO_THE_PANEL = "document.querySelector('.guess').scrollIntoView({ behavior: 'instant' })"


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_a_curve_is_drawn_by_pointer_and_keys_and_compared(silent, scheme, width):
    page = silent(DRAWN, scheme, width)
    waits = page.locator(".guess-waits")
    expect(waits.locator("img").first).to_be_hidden()
    page.evaluate(TO_THE_PANEL)
    box = page.locator(".guess-field").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] - 5, steps=20)
    page.mouse.up()
    handles = page.get_by_role("slider").all()
    drawn = [float(handle.input_value()) for handle in handles]
    assert drawn == sorted(drawn, reverse=True) and drawn[0] - drawn[-1] > 0.3
    handles[-1].press("Home")
    assert handles[-1].input_value() == "0.45"
    assert axe_faults(page, ".guess") == []
    page.get_by_role("button", name="compare").click()
    expect(waits).to_have_count(0)
    verdict = page.locator(".guess-verdict")
    expect(verdict).to_contain_text("your guess, on average")
    expect(verdict).to_contain_text("(0.45)")
    printed = page.locator("pre", has_text="right no mask").inner_text().split()
    measured = [float(one) for one in printed[4:15:2]]
    for value in measured:
        assert f"{float(f'{value:.2g}'):g} (" in verdict.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_name_is_chosen(silent):
    page = silent(CHOSEN)
    page.get_by_role("button", name="LSTM", exact=True).press("Enter")
    expect(page.locator(".guess-verdict")).to_have_text("You chose LSTM; it is GRU.")
    expect(page.locator(".guess-waits")).to_have_count(0)


def test_it_is_shown_when_asked_for_in_print_and_without_scripts(silent, browser, html):
    page = silent(DRAWN)
    figure = page.locator(".guess-waits img").first
    page.emulate_media(media="print")
    expect(figure).to_be_visible()
    expect(page.locator(".guess-panel")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="show me").press("Enter")
    expect(page.locator(".guess-waits")).to_have_count(0)
    expect(page.locator(".guess-verdict")).to_have_text(re.compile("^Measured, at "))
    expect(page.locator(".guess-verdict")).to_be_focused()
    assert page.get_by_role("slider").count() == page.locator("input:disabled").count() > 0
    with browser.new_context(java_script_enabled=False) as context:
        bare = context.new_page()
        bare.goto((html / DRAWN).as_uri())
        expect(bare.locator("pre", has_text="right no mask")).to_be_visible()
        expect(bare.locator(".guess-panel")).to_have_count(0)
