"""How long an interaction with an instrument keeps the page busy, in Chromium.

Real input events reach the built page one by one. For each, all that the page's main thread does
until the next frame is painted is added up: the event's handlers, the frame's scripts, style,
layout and painting. It is counted by the processor's clock, which other programs on the machine
change less than the time that passes; asking for the figures costs about a millisecond of it, which
is not taken off. A processor that sleeps between events may be slow when it wakes, so a process in
an empty loop keeps it awake. The milliseconds belong to the machine. The bounds are the book's: a
frame of 16 ms in the median and 50 ms at the 95th percentile. All is measured three times, one
round after the other; a test holds the middle one of each three stored figures against its bound.

While an instrument loads, no task may take more than 100 ms on a processor four times slower: the
longest one's time by the processor's clock is taken four times.

The book must be built: `make book`.
"""

import contextlib
import itertools
import json
import subprocess
import sys

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.instruments.pages import opened
from grubook.weights import load_weights

EVENTS = 150
SEED = 0
ROUNDS = 3

PAINTED = """() => new Promise((done) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(true); // the next task, after the frame was painted
  port2.postMessage(0);
}))"""

# An interaction makes ready, yields, and then yields after each of its events.


def to_and_fro(page):
    """Ten times the left arrow key, ten times the right one, and so on."""
    yield
    for i in range(EVENTS):
        page.keyboard.press("ArrowRight" if i // 10 % 2 else "ArrowLeft")
        yield


def slide(page, selector):
    """Move a slider by its arrow keys, to and fro."""
    page.locator(selector).first.focus()
    yield from to_and_fro(page)


def scribble(page, selector):
    """Draw one long line all over a surface, fast."""
    box = page.locator(selector).bounding_box()
    places = np.random.default_rng(SEED).uniform(0.05, 0.95, (EVENTS, 2))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    yield
    for x, y in places:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        yield
    page.mouse.up()


def retype(page, selector, text):
    """Write a text letter by letter, delete it, and write it again."""
    page.locator(selector).fill("")
    yield
    for key in itertools.chain.from_iterable(
        [*text, *["Backspace"] * len(text)] for _ in range(EVENTS)
    ):
        page.keyboard.press("Space" if key == " " else key)
        yield


def write(page, selector, event, there="", place="Control+End"):
    """Go on at one end of a text that is there and read: by letters, words or suggestions."""
    page.locator(selector).fill(there)
    page.locator(".review-autocomplete .instrument-live:not(.is-reading)").wait_for()
    page.locator(selector).press(place)
    yield
    send, pieces = {
        "a letter": (page.keyboard.type, SENTENCE),
        # A word and its space at once: as the keyboard of a phone enters them.
        "a word": (page.keyboard.insert_text, [f"{word} " for word in SENTENCE.split()]),
        "a suggestion": (page.keyboard.press, ["ArrowRight"]),
    }[event]
    for piece in itertools.islice(itertools.cycle(pieces), EVENTS):
        send(piece)
        yield


def inspect(page, selector):
    """Go from word to word of a text that was read, by the arrow keys."""
    page.locator(selector).fill(SENTENCE)
    page.locator(".review-words[aria-busy=false]").wait_for()
    page.locator(".review-words [role=option]:visible").last.focus()
    yield from to_and_fro(page)


SENTENCE = "I really love this box, and my daughter does too. "
LONG = 100 * SENTENCE
DATE = "segunda-feira, 21 de setembro de 2026"
PAGES = "gru_theory", "digits_inside", "next_word_in_use", "encoder_decoder", "gradients_and_memory"
THEORY, DIGITS, WORDS, DATES, MEMORY = (f"chapters/{name}.html" for name in PAGES)
TEXT = ".review-label textarea"
INTERACTIONS = {
    "gate explorer: a weight": (THEORY, slide, ".gate-panel.h input[type=range]"),
    "gate explorer: drawing": (THEORY, scribble, ".gate-pad"),
    "digit microscope: drawing": (DIGITS, scribble, ".digit-pad"),
    "digit microscope: scrubbing": (DIGITS, slide, ".digit-scrub input"),
    "review autocomplete: a letter": (WORDS, write, TEXT, "a letter"),
    "review autocomplete: a word": (WORDS, write, TEXT, "a word"),
    "review autocomplete: a suggestion": (WORDS, write, TEXT, "a suggestion"),
    "review autocomplete: temperature": (WORDS, slide, ".review-heat input[type=range]"),
    "5,000 characters and a letter": (WORDS, write, TEXT, "a letter", LONG),
    "5,000 characters and a word": (WORDS, write, TEXT, "a word", LONG),
    "5,000 characters and a suggestion": (WORDS, write, TEXT, "a suggestion", LONG),
    "a letter before 5,000 characters": (WORDS, write, TEXT, "a letter", LONG, "Control+Home"),
    "review autocomplete: a word inspected": (WORDS, inspect, TEXT),
    "date reader: a letter": (DATES, retype, ".date-ask input", DATE),
    "memory race: a letter": (MEMORY, retype, ".race-ask input", "Bwxyzzyxwwxyz"),
    "memory race: the gap": (MEMORY, slide, ".race-knob input[type=range]"),
}
LOADS = {
    "digit-microscope": DIGITS,
    "review-autocomplete": WORDS,
    "date-reader": DATES,
    "memory-race": MEMORY,
}
SLOWER = 4


def main():
    weights = [
        array
        for name in ("digits", "next_word", "dates", "race")
        for array in load_weights(name).values()
    ]
    recorder = Recorder(
        __file__,
        {
            "events": EVENTS,
            "interactions": list(INTERACTIONS),
            "loads": list(LOADS),
            "rounds": ROUNDS,
            "seeds": [SEED],
        },
        tolerance={"median_ms": 8, "p95_ms": 25, "longest_ms": 50},
        data=array_digest(*weights),
    )
    rounds = [{"seed": SEED, "repeat": k} for k in range(ROUNDS)]
    for key in recorder.todo({"interaction": name} | k for k in rounds for name in INTERACTIONS):
        path, act, *arguments = INTERACTIONS[key["interaction"]]
        with awake(), opened(path) as page:
            busy = measure(page, act, *arguments)
        median, p95 = (round(float(np.percentile(busy, q)), 1) for q in (50, 95))
        recorder.add(**key, median_ms=median, p95_ms=p95)
    for key in recorder.todo({"load": name} | k for k in rounds for name in LOADS):
        with awake(), opened(LOADS[key["load"]], start=False) as page:
            recorder.add(**key, longest_ms=round(SLOWER * longest_task(page, key["load"]), 1))


@contextlib.contextmanager
def awake():
    """Keep the machine's processor from sleeping, at the lowest priority."""
    count = "import os; getattr(os, 'nice', int)(19)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", count]) as process:
        try:
            yield
        finally:
            process.kill()


def longest_task(page, name):
    """The milliseconds of the longest task while an instrument loads and shows what it has."""
    box = page.locator(f".{name} .instrument-start")
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    browser = page.context.browser
    browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline"])
    box.get_by_role("button").click()
    box.wait_for(state="detached")
    page.wait_for_timeout(brief(5000, 500))
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = [event for event in events if event["name"] == "thread_name"]
    pages = [event["tid"] for event in names if event["args"]["name"] == "CrRendererMain"]
    tasks = [event for event in events if event["name"] == "RunTask" and event["tid"] in pages]
    return max(task.get("tdur", 0) for task in tasks) / 1000


def measure(page, act, selector, *arguments):
    """The main thread's milliseconds for each event of an interaction."""
    page.locator(selector).first.scroll_into_view_if_needed()
    events = act(page, selector, *arguments)
    next(events)
    page.wait_for_timeout(1000)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    busy, before = [], used(devtools)
    for _ in itertools.islice(events, brief(EVENTS, 10)):
        page.evaluate(PAINTED)
        now = used(devtools)
        busy.append(1000 * (now - before))
        before = now
    return busy


def used(devtools):
    """The seconds of processor time that the page's main thread has used for its tasks."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


if __name__ == "__main__":
    command_line(main)
