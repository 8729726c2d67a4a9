"""An instrument in a tab that is left, is frozen, and is looked at again.

Playwright keeps each page of its own in front. So these tabs are opened beside it, through the
browser's own protocol: a tab behind another one is hidden there as it is for a reader.
"""

import itertools
import json
import time

import pytest

from tests.pages.built_book import START

pytestmark = pytest.mark.browser

COMPLAINTS = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
PATIENCE = 120  # seconds: a busy machine opens a page slowly


class Tab:
    """A tab of the browser; `evaluate` runs JavaScript in it, in front or behind."""

    def __init__(self, browser, url):
        self.browser = browser.new_browser_cdp_session()
        self.browser.on("Target.receivedMessageFromTarget", self.receive)
        self.answers, self.complaints, self.numbers = {}, [], itertools.count()
        self.window = self.browser.send("Target.createBrowserContext")["browserContextId"]
        self.other, self.target = self.new_tab("about:blank"), self.new_tab(url)
        attach = {"targetId": self.target, "flatten": False}
        self.session = self.browser.send("Target.attachToTarget", attach)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.send(f"{domain}.enable")

    def new_tab(self, url):
        place = {"url": url, "browserContextId": self.window}
        return self.browser.send("Target.createTarget", place)["targetId"]

    def receive(self, event):
        message = json.loads(event["message"])
        if message.get("method") in COMPLAINTS:
            self.complaints.append(message)
        self.answers[message.get("id")] = message

    def send(self, method, **params):
        number = next(self.numbers)
        message = json.dumps({"id": number, "method": method, "params": params})
        envelope = {"sessionId": self.session, "message": message}
        self.browser.send("Target.sendMessageToTarget", envelope)
        end = time.monotonic() + PATIENCE
        while number not in self.answers and time.monotonic() < end:
            self.browser.send("Browser.getVersion")  # events arrive while something is asked
        return self.answers.pop(number)["result"]

    def evaluate(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression):
        """Wait until an expression is true, and return its value."""
        end = time.monotonic() + PATIENCE
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)
        return value

    def leave(self):
        """Put another tab in front."""
        self.browser.send("Target.activateTarget", {"targetId": self.other})
        self.until("document.visibilityState === 'hidden'")

    def freeze(self, seconds=1):
        """Stop everything in the hidden tab, timers too, for a while."""
        self.send("Page.setWebLifecycleState", state="frozen")
        time.sleep(seconds)
        self.send("Page.setWebLifecycleState", state="active")

    def back(self):
        """Put the tab in front again."""
        self.browser.send("Target.activateTarget", {"targetId": self.target})
        self.until("document.visibilityState === 'visible'")


@pytest.fixture
def tab(browser, html):
    """Return a function that opens the landing page, and brings an instrument into view."""
    opened = []

    def show(instrument):
        one = Tab(browser, (html / "index.html").as_uri())
        opened.append(one)
        one.until(f"document.querySelector('.{instrument} .instrument-live') !== null")
        one.evaluate(f"document.querySelector('.{instrument}').scrollIntoView()")
        one.evaluate(f"({START})('{instrument}')")
        return one

    yield show
    for one in opened:
        one.browser.send("Target.disposeBrowserContext", {"browserContextId": one.window})
        assert one.complaints == []


CURVE = "document.querySelector('.gate-chart .line.h').getAttribute('d')"
ROW = "parseInt(document.querySelector('.digit-row').textContent.slice(4))"
SAID = "document.querySelector('.digit-said strong').textContent"
READING = "document.querySelector('.review-autocomplete .is-reading') !== null"


def test_the_explorer_is_drawn_when_the_reader_comes_back(tab):
    page = tab("gate-explorer")
    before = page.until(CURVE)
    page.evaluate("location.hash = '#gate-explorer-count'")
    page.until(f"{CURVE} !== {json.dumps(before)}")
    counted = page.evaluate(CURVE)
    page.leave()
    page.evaluate("location.hash = '#gate-explorer-forget'")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.freeze()
    assert page.evaluate(CURVE) == counted, "a hidden tab draws nothing"
    page.back()
    page.until(f"!{json.dumps([before, counted])}.includes({CURVE})")
    page.evaluate("location.hash = '#gate-explorer-count'")
    page.until(f"{CURVE} === {json.dumps(counted)}")


def test_the_microscope_has_read_to_the_end_when_the_reader_comes_back(tab):
    page = tab("digit-microscope")
    page.until(f"{SAID} === '9'")
    page.evaluate(
        "const slider = document.querySelector('.digit-scrub input');"
        "slider.value = 5; slider.dispatchEvent(new Event('input'))"
    )
    page.until(f"{ROW} === 5")
    # The reading starts as the tab is left: no frame is drawn then, while the clock goes on.
    page.evaluate(
        "document.addEventListener('visibilitychange', () => "
        "document.querySelector('.digit-scrub button').click(), { once: true })"
    )
    page.leave()
    page.freeze(2)
    assert page.evaluate(ROW) < 28
    page.back()
    page.until(f"{ROW} === 28 && {SAID} === '9'")

    page.leave()
    keys = ["Delete", " ", *["ArrowDown"] * 10, " "]
    page.evaluate(
        f"for (const key of {json.dumps(keys)}) document.querySelector('.digit-pad')"
        ".dispatchEvent(new KeyboardEvent('keydown', { key }))"
    )
    page.freeze()
    assert page.evaluate(SAID) == "9"
    page.back()
    page.until(f"{ROW} === 28 && {SAID} === '1'")


def test_the_autocomplete_reads_on_when_the_reader_comes_back(tab):
    page = tab("review-autocomplete")
    page.until("!document.querySelector('.review-label textarea').disabled")
    text = "I really love this box, and my daughter does too. " * 120
    page.leave()  # its timers run once a second then: most is still to be read
    page.evaluate(
        "const box = document.querySelector('.review-label textarea');"
        f"box.value = {json.dumps(text)}; box.dispatchEvent(new Event('input'))"
    )
    page.freeze()
    assert page.evaluate(READING)
    page.back()
    page.until("document.querySelector('.review-words[aria-busy=false]') !== null")
    assert not page.evaluate(READING)
    words = "document.querySelectorAll('.review-words span[title*=bits]').length"
    assert page.evaluate(words) == 120 * 12
    assert page.evaluate("document.querySelector('.review-words').textContent") == text
    assert page.evaluate("document.querySelector('.review-next b').textContent")
    assert "bits a word" in page.evaluate("document.querySelector('.review-summary').textContent")
