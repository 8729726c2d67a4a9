"""The instruments as a reader uses them: by mouse and by keys, wide and narrow, light and dark."""

import gzip
import re

import pytest
from built_book import AXE
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

THEORY, DIGITS = "chapters/gru_theory.html", "chapters/mnist_rows.html"
WORDS, LANDING = "chapters/next_word.html", "index.html"
looks = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]
)
CURVE = "(name) => document.querySelector(`.gate-chart .line.${name}`).getAttribute('d')"
STILL = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FAULTS = """async (selector) => (await axe.run(selector, { preload: false })).violations
  .map((fault) => `${fault.id}: ${fault.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))}`)
"""


@pytest.fixture
def instrument(opened):
    """Return a function that opens a page at its instrument; what it complained of must be nil."""
    pages = []

    def show(name, selector, scheme="light", width=1280):
        page, complaints = opened(name, scheme, width)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.locator(f"{selector}.is-live").scroll_into_view_if_needed()
        pages.append((page, complaints))
        return page

    yield show
    for page, complaints in pages:
        page.close()
        assert complaints == []


@pytest.fixture
def explorer(instrument):
    def show(**look):
        page = instrument(THEORY, ".gate-explorer", **look)
        page.locator(".gate-chart .line.h[d]").wait_for(state="attached")
        return page

    return show


@pytest.fixture
def microscope(instrument):
    def show(**look):
        page = instrument(DIGITS, ".digit-microscope", **look)
        page.locator(".digit-examples button").first.wait_for()
        page.locator(".digit-top").scroll_into_view_if_needed()
        return page

    return show


def changed(page, script, before):
    """Wait until a script returns something else than before, and return that."""
    different = f"(before) => {{ const now = ({script})(); return now !== before && now; }}"
    return page.wait_for_function(different, arg=before).json_value()


def curve(page, name):
    page.evaluate(STILL)
    return page.evaluate(CURVE, name)


def heights(page, name):
    return set(re.findall(r"(?:M[\d.]+ |V)([\d.]+)", curve(page, name)))


def drag(page, selector, stroke, steps=12):
    """Draw through places given as shares of a surface's width and height."""
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


def axe_faults(page, selector):
    page.add_script_tag(path=AXE)
    return page.evaluate(FAULTS, selector)


# The gate explorer


@looks
def test_the_explorer_follows_every_hand(explorer, scheme, width):
    page = explorer(scheme=scheme, width=width)
    before = {name: curve(page, name) for name in ("x", "z", "r", "h")}

    drag(page, ".gate-pad", [(0.5, 0.2), (0.9, 0.2)])
    drawn = {name: curve(page, name) for name in before}
    assert drawn["x"] != before["x"] and drawn["z"] != before["z"] and drawn["h"] != before["h"]

    page.get_by_role("slider", name="b r").press("PageUp")
    assert curve(page, "r") != drawn["r"] and curve(page, "z") == drawn["z"]

    page.locator(".gate-panel.z input[type=checkbox]").check()
    page.get_by_role("slider", name="hold z at").press("End")
    assert len(heights(page, "z")) == 1, "held, the gate's curve is one line"
    assert len(heights(page, "h")) == 1, "at z = 1 the state never moves"
    assert page.get_by_role("slider", name="W z").is_disabled()
    assert axe_faults(page, ".gate-explorer") == []


def test_links_in_the_prose_set_the_explorer(explorer):
    page = explorer()
    seen = set()
    for preset in ("remember", "forget", "count", "restart", "count"):
        page.locator(f"p a[href='#gate-explorer-{preset}']").click()
        expect(page.locator(".gate-explorer button[aria-pressed=true]")).to_have_text([preset])
        seen.add(curve(page, "h"))
    assert len(seen) == 4
    # The same link again, after the reader moved something, sets it again.
    counted = curve(page, "h")
    page.get_by_role("slider", name="b z").press("ArrowLeft")
    assert curve(page, "h") != counted
    page.locator("p a[href='#gate-explorer-count']").click()
    assert curve(page, "h") == counted


def test_a_link_sets_the_explorer_at_once_and_what_is_moved_after_it_stays(explorer):
    page = explorer()
    shown = page.evaluate("""() => new Promise((done) => {
      const button = () => document.querySelector(".gate-explorer button[aria-pressed=true]");
      const weight = document.querySelector(".gate-panel.h input");
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
    page.wait_for_function("document.querySelector('.gate-panel.h input').value !== '-1'")


def test_a_link_that_is_opened_in_another_tab_sets_nothing_here(explorer):
    page = explorer()
    with page.context.expect_page() as other:
        page.locator("p a[href='#gate-explorer-count']").click(modifiers=["ControlOrMeta"])
    other.value.locator(".gate-explorer button[aria-pressed=true]", has_text="count").wait_for()
    other.value.close()
    expect(page.locator(".gate-explorer button[aria-pressed=true]")).to_have_text("remember")


@pytest.mark.parametrize("name", ["gate-explorer", "digit-microscope", "review-autocomplete"])
@pytest.mark.parametrize("end", ["constructor", "__proto__", "%E0%A4%A", "example-99", "<b>", ""])
def test_an_address_with_anything_in_it_leaves_the_instrument_whole(opened, name, end):
    page, complaints = opened(LANDING, query=f"#{name}-{end}")
    live = page.locator(f".{name} .instrument-live")
    live.scroll_into_view_if_needed()
    live.locator(".instrument-loading").wait_for(state="detached")
    whole = {
        "gate-explorer": ("button[aria-pressed=true]", "remember"),
        "digit-microscope": (".digit-said strong", "9"),
        "review-autocomplete": (".review-words", re.compile("^I love this box")),
    }
    expect(live.locator(whole[name][0])).to_have_text(whole[name][1])
    page.close()
    assert complaints == []


def test_a_link_from_elsewhere_opens_the_explorer_set(opened):
    page, complaints = opened(THEORY, query="#gate-explorer-forget")
    page.locator(".gate-explorer button[aria-pressed=true]", has_text="forget").wait_for()
    # The page scrolls there smoothly; how long that takes is the browser's affair.
    page.wait_for_function(
        """() => {
            const place = document.querySelector(".gate-explorer").getBoundingClientRect();
            return place.top > 0 && place.top < innerHeight / 2;
        }"""
    )
    page.close()
    assert complaints == []


def test_the_explorer_by_keys_alone(explorer):
    page = explorer()
    page.locator("p a[href='#gate-explorer-remember']").focus()
    tab_to(page, "p a[href='#gate-explorer-forget']")
    page.keyboard.press("Enter")
    expect(page.locator(".gate-explorer button[aria-pressed=true]")).to_have_text("forget")
    page.locator(".gate-explorer button").first.focus()
    tab_to(page, ".gate-pad")
    before = curve(page, "h")
    for key in ("Home", "ArrowRight", "PageDown", "PageDown"):
        page.keyboard.press(key)
    pad = page.locator(".gate-pad")
    page.evaluate(STILL)
    assert pad.get_attribute("aria-valuetext").startswith("step 2 of 40: input −1.00")
    assert curve(page, "h") != before
    page.keyboard.press("Delete")
    assert curve(page, "h") == before
    tab_to(page, ".gate-panel.h input")
    page.keyboard.press("Home")
    assert page.locator(".gate-panel.h output").first.inner_text() == "−30"
    assert curve(page, "h") != before


def test_a_stroke_however_fast_leaves_no_step_out(explorer):
    page = explorer()
    drag(page, ".gate-pad", [(0.06, 0.3), (0.99, 0.3)], steps=1)
    bars = re.findall(r"V([\d.]+)h", curve(page, "x"))
    assert len(bars) == 40 and len(set(bars)) == 1


def test_the_explorer_survives_another_width(explorer):
    page = explorer()
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


def says(page, answer):
    expect(page.locator(".digit-said strong")).to_have_text(answer)


def row_shown(page):
    page.evaluate(STILL)
    return int(page.locator(".digit-row").inner_text().split()[1])


def draw(page, strokes):
    for stroke in strokes:
        drag(page, ".digit-pad", stroke)


@looks
def test_the_microscope_reads_what_is_drawn(microscope, scheme, width):
    page = microscope(scheme=scheme, width=width)
    for strokes, digit in [(ONE, "1"), (SEVEN, "7"), (FOUR, "4")]:
        draw(page, strokes)
        says(page, digit)
        page.get_by_role("button", name="clear").click()
        says(page, "")
    small = [[(0.6 + 0.2 * x, 0.7 + 0.2 * y) for x, y in stroke] for stroke in SEVEN]
    draw(page, small)
    says(page, "7")  # in a corner and small
    assert axe_faults(page, ".digit-microscope") == []


def test_what_was_drawn_survives_another_width_and_mode(microscope):
    page = microscope()
    draw(page, SEVEN)
    ink = "() => document.querySelector('.digit-pad').toDataURL()"
    says(page, "7")
    page.evaluate(STILL)
    wide = page.evaluate(ink)
    page.set_viewport_size({"width": 390, "height": 900})
    narrow = changed(page, ink, wide)
    says(page, "7")
    page.locator(".theme-switch-button:visible").first.click()
    page.locator(".theme-switch-button:visible").first.click()
    assert changed(page, ink, narrow) != wide, "smaller, and in the other mode"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_scrubbing_shows_when_it_knew(microscope):
    page = microscope()
    page.locator("p a[href='#digit-microscope-example-1']").click()
    says(page, "9")
    slider = page.get_by_role("slider", name="Rows read")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("row 1 of 28"))
    for _ in range(16):
        page.keyboard.press("ArrowRight")
    says(page, "0")  # as the chapter says: the nine passes for a zero
    page.locator(".digit-settled button").click()
    says(page, "9")
    assert 17 < row_shown(page) < 28
    slider.focus()
    page.keyboard.press("ArrowLeft")
    says(page, re.compile("[0-8]"))  # one row earlier it did not know yet


def test_the_reading_is_played_row_by_row(microscope):
    page = microscope()
    page.emulate_media(reduced_motion="no-preference")
    again = page.get_by_role("button", name="read it again")
    rows = again.evaluate("""(again) => new Promise((done) => {
      const rows = [], output = document.querySelector(".digit-row");
      new MutationObserver(() => {
        rows.push(parseInt(output.textContent.slice(4)));
        if (rows.at(-1) === 28) done(rows);
      }).observe(output, { childList: true, characterData: true, subtree: true });
      again.click();
    })""")
    assert rows == sorted(rows) and rows[0] < 28


def test_the_microscope_by_keys_alone(microscope):
    page = microscope()
    page.get_by_role("button", name="clear").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.digit-pad')")
    page.keyboard.press("Delete")
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    says(page, "1")
    page.keyboard.press("Delete")
    says(page, "")
    tab_to(page, ".digit-examples button:nth-child(3)")
    page.keyboard.press("Enter")
    says(page, "7")
    tab_to(page, ".digit-scrub input")


def test_a_long_fast_scribble_is_taken(microscope):
    page = microscope()
    corners = [(0.1 + 0.8 * (i % 2), 0.1 + 0.8 * (i // 2 % 2)) for i in range(21)]
    drag(page, ".digit-pad", corners, steps=100)
    says(page, re.compile(r"\d"))
    page.get_by_role("button", name="undo").click()
    says(page, "")


def test_a_dot_and_a_click_are_taken(microscope):
    page = microscope()
    page.locator(".digit-pad").click()
    says(page, re.compile(r"\d"))


# All


@pytest.mark.parametrize(
    ("instrument", "late", "ready"),
    [
        ("digit-microscope", "mnist_rows.1.js", ".digit-examples button"),
        ("review-autocomplete", "next_word.3.js", ".review-label textarea:enabled"),
    ],
)
def test_weights_come_with_progress_and_are_asked_for_again(opened, instrument, late, ready):
    page, complaints = opened(LANDING)
    held = []
    page.route(f"**/{late}*", lambda route: held.append(route))
    page.locator(f".{instrument}").scroll_into_view_if_needed()
    loading = page.locator(f".{instrument} .instrument-loading")
    arrived = loading.locator("progress")
    expect(arrived).to_have_attribute("value", re.compile(r"0\.[5-9]"))
    while not held:  # asked for already, but the browser's word is still on its way
        page.wait_for_timeout(20)
    held[0].abort()
    again = loading.get_by_role("button")
    again.wait_for()
    assert f"{late} could not be loaded" in loading.inner_text()
    page.unroute(f"**/{late}*")
    again.click()
    page.locator(ready).first.wait_for()
    assert loading.count() == 0
    page.close()
    assert all(late in c or "ERR_FAILED" in c for c in complaints), complaints


FIGURES = [
    *[(THEORY, "gate_explorer"), (DIGITS, "digit_microscope"), (WORDS, "review_autocomplete")],
    *[(LANDING, f) for f in ("gate_explorer", "digit_microscope", "review_autocomplete")],
]


@pytest.mark.parametrize(("name", "figure"), FIGURES)
def test_the_figure_stays_for_print_and_without_scripts(browser, html, opened, name, figure):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((html / name).as_uri())
    assert page.locator(f"img[src*={figure}]").is_visible()
    assert page.locator(".instrument-live").count() == 0
    context.close()

    page, complaints = opened(name)
    live = page.locator(f".{figure.replace('_', '-')} .instrument-live")
    live.wait_for()
    assert not page.locator(f"img[src*={figure}]").is_visible()
    page.emulate_media(media="print")
    assert page.locator(f"img[src*={figure}]").is_visible()
    assert not live.is_visible()
    page.close()
    assert complaints == []


@pytest.mark.parametrize("name", [THEORY, DIGITS, WORDS, LANDING])
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


# The review autocomplete


@pytest.fixture
def autocomplete(instrument):
    def show(**look):
        page = instrument(LANDING, ".review-autocomplete", **look)
        page.locator(".review-next b", has_text=re.compile(".")).first.wait_for()
        return page

    return show


def settled(page):
    """Wait until the text is read, and return the suggested words."""
    done = page.locator(".review-autocomplete .instrument-live:not(.is-reading)")
    done.wait_for(timeout=600_000)  # long texts take their time on a busy machine
    page.evaluate(STILL)
    return [word for word in page.locator(".review-next b").all_inner_texts() if word]


def joined(text, word):
    """A text and a word or a mark that was accepted after it."""
    return f"{text}{'' if word in '.!?,' else ' '}{word} "


@looks
def test_the_autocomplete_guesses_on(autocomplete, scheme, width):
    page = autocomplete(scheme=scheme, width=width)
    box = page.get_by_label("Your review")
    box.fill("I really love th")
    words = settled(page)
    assert words and all(word.startswith("th") for word in words)
    page.locator(".review-next button").first.click()
    assert box.input_value() == f"I really love {words[0]} "
    assert len(settled(page)) == 5
    assert page.locator(".review-words").inner_text().startswith(f"I really love {words[0]}")
    assert axe_faults(page, ".review-autocomplete") == []


def test_the_autocomplete_by_keys_alone(autocomplete):
    page = autocomplete()
    box = page.get_by_label("Your review")
    box.fill("")
    page.keyboard.type("the box ")
    first = settled(page)
    page.keyboard.press("ArrowRight")
    assert box.input_value() == joined("the box", first[0])
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
    share = ".review-next span"
    settled(page)
    heat = page.get_by_role("slider", name="Temperature")
    shares = {}
    for key in ("Home", "End"):
        heat.press(key)
        page.evaluate(STILL)
        shares[key] = int(page.locator(share).first.inner_text().removesuffix(" %"))
    assert shares["Home"] > shares["End"]
    box = page.get_by_label("Your review")
    length = len(box.input_value())
    page.get_by_role("button", name="draw a word").click()
    assert len(box.input_value()) > length


def test_what_surprises_is_colored_more(autocomplete):
    page = autocomplete()
    page.get_by_label("Your review").fill("I love this box. I love this winter zzyzx. ")
    settled(page)
    bits = {
        piece.inner_text(): float(piece.get_attribute("title").split()[0])
        for piece in page.locator(".review-words span[title]").all()
        if piece.get_attribute("title")
    }
    assert bits["winter"] > bits["box"] + 3
    assert page.locator(".review-words .unknown").all_inner_texts() == ["zzyzx"]
    for preset in ("praise", "complaint", "surprise"):
        page.locator(f"p a[href='#review-autocomplete-{preset}']").click()
        settled(page)
        assert len(page.get_by_label("Your review").input_value()) > 20


def test_hostile_text_is_shown_as_text(autocomplete):
    page = autocomplete()
    hostile = "<img src=x onerror=\"console.log('run')\"> <script>alert(1)</script> &lt;b&gt; "
    page.get_by_label("Your review").fill(hostile)
    settled(page)
    assert page.locator(".review-words").inner_text().strip() == hostile.strip()
    assert page.locator(".review-words :not(span)").count() == 0


def test_a_word_by_chance_follows_the_word_at_the_end(autocomplete):
    page = autocomplete()
    page.evaluate("Math.random = () => 0.5")
    box, found = page.get_by_label("Your review"), set()
    for text in ("I really love", "I really love "):
        box.fill(text)
        settled(page)
        page.get_by_role("button", name="draw a word").click()
        found.add(box.input_value())
    assert len(found) == 1 and found.pop().startswith("I really love ")


def test_a_text_changed_anywhere_is_colored_as_if_it_were_new(autocomplete):
    page = autocomplete()
    box = page.get_by_label("Your review")

    def colors():
        settled(page)
        # The colors of a long text follow when the keys rest; the page's timers keep their order.
        page.evaluate("() => new Promise((done) => setTimeout(done, 500))")
        return page.evaluate("""() => [...document.querySelectorAll(".review-words span")]
          .map((word) => [word.textContent, word.className, word.title])""")

    sentence = "I love this zzyzx box, and my daughter does. "
    texts = [sentence * n for n in (1, 30, 2)]
    texts += ["No! " + texts[1], texts[1][:300] + texts[1][400:], sentence + "It is", "box", ""]
    changed = []
    for text in texts:
        box.fill(text)
        changed.append(colors())
        assert page.locator(".review-words").text_content() == text
    for text, seen in zip(texts, changed, strict=True):
        box.fill("")
        settled(page)
        box.fill(text)
        assert colors() == seen
    assert ["zzyzx", "unknown"] in [word[:2] for word in changed[0]]


def test_ten_thousand_characters_are_read_in_slices(autocomplete):
    page = autocomplete()
    text = "I really love this box, and my daughter does too. " * 200
    page.evaluate("""() => {
      window.longest = 0;
      new PerformanceObserver((list) => {
        for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
      }).observe({ type: "longtask" });
    }""")
    page.get_by_label("Your review").fill(text)
    assert len(settled(page)) == 5
    assert page.locator(".review-words span[title*=bits]").count() > 2000
    assert page.evaluate("longest") < 2000, "the page answers while it reads"
    page.get_by_label("Your review").press("Control+End")
    page.keyboard.type("great")
    assert "great" in settled(page)
