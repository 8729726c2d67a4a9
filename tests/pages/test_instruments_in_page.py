"""The instruments as a reader uses them: by mouse and by keys, wide and narrow, light and dark."""

import gzip
import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import INSTRUMENTS, LANDING, LOOKS, START, axe_faults

pytestmark = pytest.mark.browser

THEORY, DIGITS = (INSTRUMENTS[name][0][0] for name in ("gate-explorer", "digit-microscope"))
looks = pytest.mark.parametrize(("scheme", "width"), LOOKS)
each = pytest.mark.parametrize("name", INSTRUMENTS)
PRESSED = "button[aria-pressed=true]"
CURVE = "(name) => document.querySelector(`.gate-chart .line.${name}`).getAttribute('d')"
STILL = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def changed(page, script, before):
    """Wait until a script returns something else than before, and return that."""
    different = f"(before) => {{ const now = ({script})(); return now !== before && now; }}"
    return page.wait_for_function(different, arg=before).json_value()


def still(page, script, argument=None):
    """Let the page draw what it was asked for, and return what a script finds then."""
    page.evaluate(STILL)
    return page.evaluate(script, argument)


def curve(page, name):
    return still(page, CURVE, name)


def heights(page, name):
    return set(re.findall(r"(?:M[\d.]+ |V)([\d.]+)", curve(page, name)))


def drag(page, selector, stroke, steps=12):
    """Draw through places given as shares of a surface's width and height."""
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()


def tab_to(page, selector, most=40):
    """Press Tab until an element has the focus."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {selector}")


def link(page, instrument, preset):
    return page.locator(f"p a[href='#{instrument}-{preset}']")


def slider(page, name):
    return page.get_by_role("slider", name=name)


def number(page, name):
    return page.get_by_role("spinbutton", name=name)


# The gate explorer


def explorer_shows(page, preset):
    expect(page.locator(f".gate-explorer {PRESSED}")).to_have_text(preset)


@looks
def test_the_explorer_follows_every_hand(instrument, scheme, width):
    page = instrument("gate-explorer", scheme, width)
    before = {name: curve(page, name) for name in ("x", "z", "r", "h")}

    drag(page, ".gate-pad", [(0.5, 0.2), (0.9, 0.2)])
    drawn = {name: curve(page, name) for name in before}
    assert drawn["x"] != before["x"] and drawn["z"] != before["z"] and drawn["h"] != before["h"]

    slider(page, "b r").press("PageUp")
    assert curve(page, "r") != drawn["r"] and curve(page, "z") == drawn["z"]

    page.locator(".gate-panel.z input[type=checkbox]").check()
    slider(page, "hold z at").press("End")
    assert len(heights(page, "z")) == 1, "held, the gate's curve is one line"
    assert len(heights(page, "h")) == 1, "at z = 1 the state never moves"
    assert slider(page, "W z").is_disabled()
    expect(page.locator(".gate-explorer [role=status]")).to_have_text("The state ends at 0.00.")
    assert axe_faults(page, ".gate-explorer") == []

    page.locator(".gate-panel.z input[type=checkbox]").uncheck()
    page.get_by_role("button", name="clear the input").click()
    assert curve(page, "x") == "" and slider(page, "W z").is_enabled()


def test_the_readout_is_the_equation_in_numbers(instrument):
    page = instrument("gate-explorer")
    chart = page.locator(".gate-chart").last.bounding_box()
    steps = set()
    for share in (0.15, 0.35, 0.45, 0.75):
        page.mouse.move(chart["x"] + share * chart["width"], chart["y"] + 20)
        page.evaluate(STILL)
        step, mix = page.locator(".gate-readout p").all_inner_texts()
        steps.add(step)
        z, old, take, candidate, h = map(float, re.findall(r"-?\d\.\d\d", mix.replace("−", "-")))
        assert f"z = {z:.2f}" in step and take == pytest.approx(1 - z, abs=0.011)
        assert h == pytest.approx(z * old + take * candidate, abs=0.02)
    assert len(steps) == 4, "each place of the pointer is another step"


def test_a_slider_takes_a_number_and_refuses_another_in_a_sentence(instrument):
    page = instrument("gate-explorer")
    before = curve(page, "z")
    number(page, "b z").fill("2.345")
    assert curve(page, "z") != before
    expect(slider(page, "b z")).to_have_attribute("aria-valuetext", "2.345")
    taken, fault = curve(page, "z"), page.locator(".gate-panel.z .instrument-fault:not(:empty)")
    for wrong in ("31", "-1e9", ""):
        number(page, "b z").fill(wrong)
        expect(fault).to_have_text("b z takes a number from −30 to 30; it stays at 2.345.")
        assert curve(page, "z") == taken
    number(page, "b z").press("Tab")
    expect(number(page, "b z")).to_have_value("2.345")
    slider(page, "b z").press("End")
    expect(number(page, "b z")).to_have_value("30")
    assert fault.count() == 0
    assert slider(page, "b z").bounding_box()["width"] > 150, "wide enough to hit a value"


def test_links_in_the_prose_set_the_explorer(instrument):
    page = instrument("gate-explorer")
    seen = set()
    for preset in ("remember", "forget", "count", "restart", "count"):
        link(page, "gate-explorer", preset).click()
        explorer_shows(page, preset)
        seen.add(curve(page, "h"))
    assert len(seen) == 4
    # The same link again, after the reader moved something, sets it again.
    counted = curve(page, "h")
    slider(page, "b z").press("ArrowLeft")
    assert curve(page, "h") != counted
    link(page, "gate-explorer", "count").click()
    assert curve(page, "h") == counted


def test_a_link_sets_the_explorer_at_once_and_what_is_moved_after_it_stays(instrument):
    page = instrument("gate-explorer")
    shown = page.evaluate("""() => new Promise((done) => {
      const button = () => document.querySelector(".gate-explorer button[aria-pressed=true]");
      const weight = document.querySelector(".gate-panel.h input[type=range]");
      const link = document.querySelector("p a[href='#gate-explorer-forget']");
      link.click();
      const shown = [button().textContent];
      weight.value = -1;
      weight.dispatchEvent(new Event("input", { bubbles: true }));
      addEventListener("hashchange", () => setTimeout(() => done([...shown, weight.value])));
    })""")
    assert shown == ["forget", "-1"]
    page.go_back()
    page.go_forward()
    expect(page.locator(".gate-panel.h input[type=range]").first).not_to_have_value("-1")


def test_a_link_that_is_opened_in_another_tab_sets_nothing_here(instrument):
    page = instrument("gate-explorer")
    with page.context.expect_page() as other:
        link(page, "gate-explorer", "count").click(modifiers=["ControlOrMeta"])
    explorer_shows(other.value, "count")
    other.value.close()
    explorer_shows(page, "remember")


@each
@pytest.mark.parametrize("end", ["constructor", "__proto__", "%E0%A4%A", "example-99", "<b>", ""])
def test_an_address_with_anything_in_it_leaves_the_instrument_whole(instrument, name, end):
    page = instrument(name, at=INSTRUMENTS[name][0][-1], query=f"#{name}-{end}")
    selector, shown = {
        "gate-explorer": (PRESSED, "remember"),
        "digit-microscope": (".digit-said strong", "9"),
        "review-autocomplete": (".review-words", re.compile("^I love this box")),
        "date-reader": (".date-answer strong", "2026-11-21"),
        "memory-race": ("[aria-pressed=true]", "B"),
    }[name]
    expect(page.locator(f".{name} .instrument-live {selector}")).to_have_text(shown)


def test_a_link_from_elsewhere_opens_the_explorer_set(instrument):
    page = instrument("gate-explorer", query="#gate-explorer-forget")
    explorer_shows(page, "forget")


def test_a_link_from_elsewhere_scrolls_to_the_explorer(opened):
    page, _ = opened(THEORY, query="#gate-explorer-forget")
    # The page scrolls there smoothly; how long that takes is the browser's affair.
    page.wait_for_function("""() => {
      const place = document.querySelector(".gate-explorer").getBoundingClientRect();
      return place.top > 0 && place.top < innerHeight / 2;
    }""")
    page.close()


def test_the_explorer_by_keys_alone(instrument):
    page = instrument("gate-explorer")
    link(page, "gate-explorer", "remember").focus()
    tab_to(page, "p a[href='#gate-explorer-forget']")
    page.keyboard.press("Enter")
    explorer_shows(page, "forget")
    page.locator(".gate-explorer button").first.focus()
    tab_to(page, ".gate-pad")
    before = curve(page, "h")
    for key in ("Home", "ArrowRight", "PageDown", "PageDown"):
        page.keyboard.press(key)
    pad = page.locator(".gate-pad")
    expect(pad).to_have_attribute("aria-valuetext", re.compile("^step 2 of 40: input −1.00"))
    assert curve(page, "h") != before
    page.keyboard.press("Delete")
    assert curve(page, "h") == before
    for key, shown in [("ArrowUp", "input 0.10"), ("End", "step 40 of"), ("ArrowLeft", "step 39")]:
        page.keyboard.press(key)
        expect(pad).to_have_attribute("aria-valuetext", re.compile(shown))
    tab_to(page, ".gate-panel.h input[type=range]")
    page.keyboard.press("Home")
    expect(number(page, "W h")).to_have_value("-30")
    assert curve(page, "h") != before


def test_a_stroke_however_fast_leaves_no_step_out(instrument):
    page = instrument("gate-explorer")
    drag(page, ".gate-pad", [(0.06, 0.3), (0.99, 0.3)], steps=1)
    bars = re.findall(r"V([\d.]+)h", curve(page, "x"))
    assert len(bars) == 40 and len(set(bars)) == 1


def test_the_explorer_survives_another_width(instrument):
    page = instrument("gate-explorer")
    drag(page, ".gate-pad", [(0.5, 0.2), (0.9, 0.2)])
    wide, levels = curve(page, "h"), heights(page, "h")
    drawn = f"() => ({CURVE})('h')"
    page.set_viewport_size({"width": 390, "height": 900})
    changed(page, drawn, wide)
    assert heights(page, "h") == levels
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function(f"(wide) => ({drawn})() === wide", arg=wide)
    assert heights(page, "h") == levels


# The digit microscope

ONE = [[(0.5, 0.15), (0.48, 0.85)]]
SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]]
FOUR = [[(0.35, 0.15), (0.25, 0.5), (0.75, 0.5)], [(0.65, 0.2), (0.62, 0.9)]]
#: How full each pixel of a map is, from 0 to 255, row by row.
MAP = """(which) => {
  const map = document.querySelectorAll(".digit-map canvas")[which];
  const copy = new OffscreenCanvas(map.width, map.height).getContext("2d");
  copy.drawImage(map, 0, 0);
  const { data } = copy.getImageData(0, 0, map.width, map.height);
  const full = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3]);
  return Array.from({ length: 28 }, (_, t) => full.slice(t * map.width, (t + 1) * map.width));
}"""
SEES, UPDATE, RESET, SAYS = range(4)


@pytest.fixture
def microscope(instrument):
    def show(*look):
        page = instrument("digit-microscope", *look)
        page.locator(".digit-top").scroll_into_view_if_needed()
        return page

    return show


def says(page, answer):
    expect(page.locator(".digit-said strong")).to_have_text(answer)


def draw(page, strokes):
    for stroke in strokes:
        drag(page, ".digit-pad", stroke)


@looks
def test_the_microscope_reads_what_is_drawn(microscope, scheme, width):
    page = microscope(scheme, width)
    for strokes, digit in [(ONE, "1"), (SEVEN, "7"), (FOUR, "4")]:
        draw(page, strokes)
        says(page, digit)
        page.get_by_role("button", name="clear").click()
        says(page, "")
    small = [[(0.6 + 0.2 * x, 0.7 + 0.2 * y) for x, y in stroke] for stroke in SEVEN]
    draw(page, small)
    says(page, "7")  # in a corner and small
    status = page.locator(".digit-microscope [role=status]")
    expect(status).to_have_text(re.compile(r"^It says 7, at >?\d+ %\.$"))
    assert axe_faults(page, ".digit-microscope") == []


def test_the_maps_show_what_the_network_computed(microscope):
    page = microscope()
    kept = [0] * 64
    for example in page.locator(".digit-examples button").all():
        example.click()
        said = example.get_attribute("aria-label").split()[-1]
        says(page, said)
        update, reset = still(page, MAP, UPDATE), still(page, MAP, RESET)
        assert update != reset
        kept = [k + sum(row[unit] for row in update) for unit, k in enumerate(kept)]
        share = still(page, MAP, SAYS)[-1]
        assert share.index(max(share)) == int(said)
    rises = [after - before for before, after in itertools.pairwise(kept)]
    assert min(rises) >= -280, "the units, from the one that keeps least; 280 rows are rounded"
    whole = still(page, MAP, SEES)
    slider(page, "Rows read").press("Home")
    cut = still(page, MAP, SEES)
    assert cut[0] == whole[0] and 0 < sum(map(sum, cut[1:])) < 0.3 * sum(map(sum, whole))
    for which in (UPDATE, RESET, SAYS):
        first, *rest = still(page, MAP, which)
        assert any(first) and not any(map(any, rest)), "what is not read yet is not shown"


def test_what_was_drawn_survives_another_width_and_mode(microscope):
    page = microscope()
    draw(page, SEVEN)
    ink = "() => document.querySelector('.digit-pad').toDataURL()"
    says(page, "7")
    wide = still(page, ink)
    page.set_viewport_size({"width": 390, "height": 900})
    narrow = changed(page, ink, wide)
    says(page, "7")
    page.locator(".theme-switch-button:visible").first.click()
    page.locator(".theme-switch-button:visible").first.click()
    assert changed(page, ink, narrow) != wide, "smaller, and in the other mode"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_scrubbing_shows_when_it_knew(microscope):
    page = microscope()
    link(page, "digit-microscope", "example-1").click()
    says(page, "9")
    rows = slider(page, "Rows read")
    rows.press("Home")
    expect(rows).to_have_attribute("aria-valuetext", re.compile("row 1 of 28"))
    for _ in range(16):
        page.keyboard.press("ArrowRight")
    says(page, "0")  # as the chapter says: the nine passes for a zero
    page.locator(".digit-settled button").click()
    says(page, "9")
    row = int(still(page, "document.querySelector('.digit-row').textContent").split()[1])
    assert 17 < row < 28
    rows.press("ArrowLeft")
    says(page, re.compile("[0-8]"))  # one row earlier it did not know yet
    box = page.locator(".digit-map canvas").first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 0.99 * box["height"])
    expect(page.locator(".digit-row")).to_have_text("row 28 of 28")


def test_nothing_is_known_before_the_first_ink(microscope):
    page = microscope()
    draw(page, [[(0.5, 0.15), (0.5, 0.9)]])
    says(page, "1")
    settled = page.locator(".digit-settled")
    expect(settled).to_contain_text("before it had seen any ink")  # an empty page is a one to it
    row = int(settled.locator("button").inner_text().removeprefix("show row "))
    assert row >= 5, "a drawing is centered as MNIST's: four rows above it are empty"


def test_the_reading_is_played_row_by_row(browser, html):
    with browser.new_context(reduced_motion="no-preference") as context:  # all of it gets the clock
        page = context.new_page()
        page.goto((html / DIGITS).as_uri())
        page.evaluate(START, "digit-microscope")
        says(page, "9")
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.get_by_role("button", name="read it again").click()
        rows = []
        for _ in range(40):
            page.clock.run_for(45)  # milliseconds: a row's time
            rows.append(int(page.locator(".digit-row").inner_text().split()[1]))
    assert rows[0] < 3 and set(rows) == set(range(rows[0], 29)) and rows == sorted(rows)


def test_the_microscope_by_keys_alone(microscope):
    page = microscope()
    page.get_by_role("button", name="clear").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.digit-pad')")
    # The first stroke takes the example's place; the second is taken back while the pen is down.
    seven = ["Space", *["ArrowRight"] * 6, *["ArrowDown"] * 10, "Space"]
    for key in (*seven, "ArrowRight", "Space", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Control+z")
    page.keyboard.press("ArrowRight")
    says(page, "7")
    page.keyboard.press("Delete")
    says(page, "")
    tab_to(page, ".digit-examples button:nth-child(5)")
    page.keyboard.press("Enter")
    says(page, "0")
    tab_to(page, ".digit-scrub input")


@pytest.mark.parametrize(
    ("corners", "steps"),
    [
        ([(0.1 + 0.8 * (i % 2), 0.1 + 0.8 * (i // 2 % 2)) for i in range(21)], 100),
        ([(0.4, 0.4)], 1),
    ],
    ids=["a long fast scribble", "a dot"],
)
def test_any_drawing_is_taken_and_taken_back(microscope, corners, steps):
    page = microscope()
    drag(page, ".digit-pad", corners, steps)
    says(page, re.compile(r"\d"))
    page.get_by_role("button", name="undo").click()
    says(page, "")


# The review autocomplete


@pytest.fixture
def autocomplete(instrument):
    def show(*look):
        return instrument("review-autocomplete", *look)

    return show


def review(page):
    return page.get_by_label("Your review")


def settled(page):
    """Wait until the text is read and shown, and return the suggested words."""
    done = page.locator(".instrument-live:not(.is-reading) .review-words[aria-busy=false]")
    done.wait_for(timeout=600_000)  # long texts take their time on a busy machine
    page.evaluate(STILL)
    return [word for word in page.locator(".review-next b").all_inner_texts() if word]


def joined(text, word):
    """A text and a word or a mark that was accepted after it."""
    return f"{text}{'' if word in '.!?,' else ' '}{word} "


@looks
def test_the_autocomplete_guesses_on(autocomplete, scheme, width):
    page = autocomplete(scheme, width)
    review(page).fill("I really love th")
    words = settled(page)
    assert words and all(word.startswith("th") for word in words)
    page.locator(".review-next button").first.click()
    expect(review(page)).to_have_value(f"I really love {words[0]} ")
    words = settled(page)
    assert len(words) == 5 and "<unk>" not in words
    assert page.locator(".review-words").text_content() == review(page).input_value()
    status = page.locator(".review-autocomplete [role=status]")
    expect(status).to_have_text(re.compile(f"^Next: {re.escape(words[0])}, "))
    assert axe_faults(page, ".review-autocomplete") == []


def test_the_autocomplete_by_keys_alone(autocomplete):
    page = autocomplete()
    box = review(page)
    box.fill("")
    page.keyboard.type("the box ")
    first = settled(page)
    page.keyboard.press("ArrowRight")
    expect(box).to_have_value(joined("the box", first[0]))
    second = settled(page)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert box.input_value() == joined("the box", first[0]), "in the text the arrow is an arrow"
    tab_to(page, ".review-next button:nth-child(2)")
    page.keyboard.press("Enter")
    wanted = joined(joined("the box", first[0]).strip(), second[1])
    assert box.input_value().lower() == wanted.lower()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_temperature_levels_the_guesses(autocomplete):
    page = autocomplete()
    settled(page)
    shares = {}
    for key in ("Home", "End"):
        slider(page, "Temperature").press(key)
        share = still(page, "document.querySelector('.review-next span').textContent")
        shares[key] = int(share.strip("<> %"))
    assert shares["Home"] > shares["End"]


def test_what_surprises_is_colored_more(autocomplete):
    page = autocomplete()
    review(page).fill("I love this box. I love this winter zzyzx. ")
    settled(page)
    found = page.locator(".review-words span[title*=bits]").evaluate_all(
        """(words) => words.map((word) => [word.textContent, parseFloat(word.title),
          Number(getComputedStyle(word).backgroundColor.match(/[\\d.]+(?=\\)$)/)[0])])"""
    )
    bits = {word: surprise for word, surprise, _ in found}
    tints = [tint for _, _, tint in sorted(found, key=lambda word: word[1])]
    assert bits["winter"] > bits["box"] + 3
    assert tints == sorted(tints) and tints[0] < tints[-1]
    assert page.locator(".review-words .unknown").all_inner_texts() == ["zzyzx"]
    mean = sum(bits for _, bits, _ in found) / len(found)
    said = page.locator(".review-summary").inner_text()
    assert float(re.search(r"[\d.]+", said)[0]) == pytest.approx(mean, abs=0.11)


def looked(page):
    """Wait until a word's guess is traced; return what is said of it and the table's lines."""
    page.locator(".review-look[aria-busy=false]").wait_for()
    lines = page.locator(
        ".review-look tbody tr:not([aria-hidden]) td:nth-child(3)"
    ).all_inner_texts()
    return page.locator(".look-head").inner_text(), [int(line.strip("<> %")) for line in lines]


THICKNESS = """() => [...document.querySelectorAll(".review-words span")]
  .map((word) => getComputedStyle(word).boxShadow.match(/ 0px ([\\d.]+)px/))
  .map((found) => parseFloat(found?.[1] ?? 0))"""


@looks
def test_each_word_says_what_was_expected_and_which_words_mattered(autocomplete, scheme, width):
    page = autocomplete(scheme, width)
    review(page).fill("My daughter and I love this zzyzx. ")
    settled(page)
    said, shares = looked(page)
    assert said.startswith("The next word. Expected: ") and len(shares) == 5
    lines = page.evaluate(THICKNESS)
    assert max(lines[:-1]) == 8 and min(lines[:-1]) > 0 and lines[-1] == 0

    # A tap, then keys; the word to come is the last.
    words = page.get_by_role("option")
    words.nth(5).click()
    said, shares = looked(page)
    assert re.match(r"“this”: [\d.]+ bits, a chance of \d+ %\. ", said)
    assert shares == sorted(shares, reverse=True) and 96 <= sum(shares) <= 104
    lines = page.evaluate(THICKNESS)
    assert min(lines[:5]) > 0 and not any(lines[5:])
    for key, start in [("ArrowRight", "“zzyzx”"), ("Home", "“my”"), ("End", "The next word")]:
        page.keyboard.press(key)
        assert looked(page)[0].startswith(start)
        expect(page.locator(".review-words :focus")).to_have_attribute("aria-selected", "true")
    status = page.locator(".review-autocomplete [role=status]")
    expect(status).to_have_text(re.compile("The next word.* mattered: .+ %; "))
    assert axe_faults(page, ".review-autocomplete") == []

    # A mouse that only passes by changes what is shown, not what was chosen.
    words.nth(0).hover()
    page.locator(".look-head", has_text="“my”").wait_for()
    assert looked(page)[1] == [], "nothing stands before the first word"
    review(page).hover()
    page.locator(".look-head", has_text="The next word").wait_for()
    page.keyboard.press("Escape")
    expect(review(page)).to_be_focused()


def test_links_in_the_prose_set_the_review(instrument):
    page = instrument("review-autocomplete", at=LANDING)
    seen = set()
    for preset in ("praise", "complaint", "surprise"):
        link(page, "review-autocomplete", preset).click()
        settled(page)
        seen.add(review(page).input_value())
    assert len(seen) == 3


def test_what_the_instrument_writes_can_be_taken_back(instrument):
    page = instrument("review-autocomplete", at=LANDING)
    box = review(page)
    box.fill("")
    page.keyboard.type("My own words about the ")
    settled(page)
    page.keyboard.press("ArrowRight")
    settled(page)
    assert box.input_value() != "My own words about the "
    page.keyboard.press("Control+z")
    expect(box).to_have_value("My own words about the ")
    link(page, "review-autocomplete", "complaint").click()
    expect(box).to_have_value(re.compile("disappointed"))
    page.keyboard.press("Control+z")
    expect(box).to_have_value("My own words about the ")
    assert len(settled(page)) == 5, "what came back is read again"


def test_hostile_text_is_shown_as_text(autocomplete):
    page = autocomplete()
    hostile = "<img src=x onerror=\"console.log('run')\"> <script>alert(1)</script> &lt;b&gt; "
    review(page).fill(hostile)
    settled(page)
    assert page.locator(".review-words").text_content() == hostile
    assert page.locator(".review-words :not(span)").count() == 0


def test_a_word_by_chance_follows_the_word_at_the_end(autocomplete):
    page = autocomplete()
    page.evaluate("Math.random = () => 0.5")
    found = set()
    for text in ("I really love", "I really love "):
        review(page).fill(text)
        settled(page)
        page.get_by_role("button", name="draw a word").click()
        found.add(review(page).input_value())
    assert len(found) == 1 and len(found.pop().removeprefix("I really love ").strip()) > 0


def test_a_text_changed_anywhere_is_colored_as_if_it_were_new(autocomplete):
    page = autocomplete()

    def colors(text):
        review(page).fill(text)
        settled(page)
        assert page.locator(".review-words").text_content() == text
        return page.evaluate("""() => [...document.querySelectorAll(".review-words span")]
          .map((word) => [word.textContent, word.className, word.title])""")

    sentence = "I love this zzyzx box, and my daughter does. "
    texts = [sentence * n for n in (1, 30, 2)]
    texts += ["No! " + texts[1], texts[1][:300] + texts[1][400:], sentence + "It is", "box", ""]
    changed = [colors(text) for text in texts]
    for text, seen in zip(texts, changed, strict=True):
        colors("")
        assert colors(text) == seen
    assert ["zzyzx", "unknown"] in [word[:2] for word in changed[0]]


def test_ten_thousand_characters_are_read_in_slices(autocomplete):
    page = autocomplete()
    text = "I really love this box, and my daughter does too. " * 200
    review(page).evaluate(
        """(box, text) => {
          box.value = text;
          box.dispatchEvent(new Event("input"));
          window.turns = 0; // of the page, while it reads
          const turn = () => document.querySelector(".is-reading") && setTimeout(turn, 0, turns++);
          turn();
        }""",
        text,
    )
    assert len(settled(page)) == 5
    assert page.evaluate("turns") > 5, "the page answers while it reads"
    assert page.locator(".review-words span[title*=bits]").count() > 2000
    review(page).press("Control+End")
    page.locator(".review-look[aria-busy=false]").wait_for()
    assert "the last 32 words" in page.locator(".look-what").inner_text()
    page.keyboard.type("great")
    assert "great" in settled(page)


# All


@each
def test_it_has_a_name_and_a_heading_and_says_nothing_unasked(instrument, name):
    page = instrument(name)
    title = name.replace("-", " ").capitalize()
    live = page.get_by_role("group", name=title, exact=True)
    expect(live.get_by_role("heading", name=title)).to_be_visible()
    page.wait_for_timeout(1500)  # twice what a sentence waits for a pause
    status = live.locator("[role=status]")
    assert live.locator("output").count() == 0, "it would be read aloud at every change"
    assert status.text_content() == ""
    if name == "date-reader":
        live.get_by_label("Your date").fill("7 de mayo de 1999")
    else:
        live.locator("input[type=range]:enabled").first.press("ArrowLeft")
    if name == "digit-microscope":  # the slider says its own value; a drawing is answered
        draw(page, SEVEN)
    expect(status).not_to_be_empty()


def test_what_a_color_says_stays_where_colors_are_forced(browser, html):
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto((html / LANDING).as_uri())
        for name, (places, ready) in INSTRUMENTS.items():
            if LANDING not in places:
                continue
            page.locator(f".{name}.is-live").scroll_into_view_if_needed()
            page.evaluate(START, name)
            page.locator(ready).first.wait_for(state="attached")
        colors = [
            page.locator(part).first.evaluate("(node) => getComputedStyle(node).backgroundColor")
            for part in (".digit-bars i.first", ".gate-mix .old", ".review-scale span:last-child")
        ]
        canvas = page.evaluate("getComputedStyle(document.body).backgroundColor")
        pressed = page.locator(PRESSED).first.evaluate(
            "(node) => getComputedStyle(node).outlineStyle"
        )
    assert canvas not in colors and len(set(colors)) > 1
    assert pressed == "solid"


def test_a_second_finger_draws_nothing(microscope):
    page = microscope()
    page.get_by_role("button", name="clear").click()
    pad = page.locator(".digit-pad").bounding_box()
    on_the_pad = {"x": pad["x"] + pad["width"] / 2, "y": pad["y"] + pad["height"] / 2}
    beside_it = {"x": pad["x"] + pad["width"] / 2, "y": pad["y"] - 40}
    ink = "() => document.querySelector('.digit-pad').toDataURL()"
    fingers = page.context.new_cdp_session(page)

    def touch(*places):
        points = [{**place, "id": i} for i, place in enumerate(places)]
        kind = "touchStart" if points else "touchEnd"
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    empty = still(page, ink)
    touch(beside_it)
    touch(beside_it, on_the_pad)
    touch()
    assert still(page, ink) == empty
    touch(on_the_pad)
    touch()
    assert still(page, ink) != empty, "the first one does"


@pytest.mark.parametrize(
    ("name", "late"),
    [("digit-microscope", "mnist_rows.1.js"), ("review-autocomplete", "next_word.3.js")],
)
def test_weights_come_when_asked_for_with_progress_and_once_more(opened, name, late):
    page, complaints = opened(LANDING)
    held, asked = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.route(f"**/{late}*", lambda route: held.append(route))
    waiting = page.locator(f".{name} .instrument-start")
    waiting.scroll_into_view_if_needed()
    expect(waiting.locator("img")).to_have_js_property("complete", True)
    assert page.locator(f".{name} .instrument-live > :visible").count() == 3, "title, lead, picture"
    assert axe_faults(page, f".{name}") == []
    page.mouse.wheel(0, 3000)
    page.evaluate(STILL)
    assert not [url for url in asked if re.search(r"\.\d+\.js", url)], "nothing comes unasked"

    start = waiting.get_by_role("button", name=re.compile(r"^Start the .* \([\d.]+ [KM]B\)$"))
    start.press("Enter")
    expect(waiting.locator("progress")).to_have_attribute("value", re.compile(r"0\.[5-9]"))
    while not held:  # asked for already, but the browser's word is still on its way
        page.wait_for_timeout(20)
    held[0].abort()
    expect(waiting).to_contain_text(f"{late} could not be loaded")
    page.unroute(f"**/{late}*")
    start.press("Enter")
    page.locator(INSTRUMENTS[name][1]).first.wait_for()
    assert waiting.count() == 0
    assert page.evaluate("document.activeElement.className") == "instrument-live"
    page.close()
    assert all(late in c or "ERR_FAILED" in c for c in complaints), complaints


@pytest.mark.parametrize(
    ("name", "at"), [(name, at) for name, (places, _) in INSTRUMENTS.items() for at in places]
)
def test_the_figure_stays_for_print_and_without_scripts(browser, html, instrument, name, at):
    figure = f"img[src*={name.replace('-', '_')}]"
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((html / at).as_uri())
        expect(page.locator(figure)).to_be_visible()
        expect(page.locator(".instrument-live")).to_have_count(0)
    page = instrument(name, at=at)
    live = page.locator(f".{name} .instrument-live")
    expect(live).to_be_visible()
    expect(page.locator(figure)).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(figure)).to_be_visible()
    expect(live).to_be_hidden()


@pytest.mark.parametrize("name", [LANDING, *(places[0] for places, _ in INSTRUMENTS.values())])
def test_a_page_carries_little_script(opened, html, name):
    page, _ = opened(name)
    page.locator(".instrument-live").first.wait_for()
    sources = page.evaluate("[...document.scripts].map((script) => script.src).filter(Boolean)")
    page.close()
    root = html.as_uri() + "/"
    paths = {source.split("?")[0].removeprefix(root) for source in sources}
    # Weights are data, in pieces that have numbers.
    carried = [path for path in paths if not re.search(r"\.\d+\.js$", path)]
    assert any("/web/" in path for path in carried)
    size = sum(len(gzip.compress((html / path).read_bytes())) for path in carried)
    assert size <= 100_000, f"{sorted(carried)} are {size} bytes gzipped"
