"""Does the digit microscope read what is drawn on it? 200 test digits, redrawn by a mouse.

Each digit of the test set is turned into strokes (redraw.py: its skeleton, walked along by a
trembling hand) and drawn in Chromium on the page's own canvas, with the canvas's own pen, at a
random place and size. Then the page's answer is read. Nothing is chosen here, and the network was
not trained on strokes.

The book must be built: `make book`.
"""

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.instruments.pages import opened
from experiments.instruments.redraw import strokes_of
from grubook.data import load_mnist

SEEDS = [0, 1, 2]
DIGITS = 200
TREMBLE = 0.35  # pixels of the original image
SIZES = (0.6, 1.0)  # of the original image's frame on the canvas, as a share of the canvas

ANSWER = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return document.querySelector(".digit-said strong")?.textContent;
}"""


def draw(page, box, strokes):
    """Draw strokes, x and y between 0 and 1, with the mouse on the canvas."""
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def scattered(strokes, rng):
    """Put a drawing somewhere on the canvas, at some size."""
    size = rng.uniform(*SIZES)
    corner = rng.uniform(0, 1 - size, 2)
    return [np.clip(corner + size * stroke, 0.01, 0.99) for stroke in strokes]


def main():
    *_, (x_test, y_test) = load_mnist()
    recorder = Recorder(
        __file__,
        {"seeds": SEEDS, "digits": DIGITS, "tremble": TREMBLE, "sizes": SIZES},
        tolerance={"accuracy": 0.015},
        data=array_digest(x_test, y_test),
    )
    with opened("chapters/digits_inside.html") as page:
        pad = page.locator(".digit-pad")
        pad.scroll_into_view_if_needed()
        page.locator(".digit-examples button").first.wait_for()
        for key in recorder.todo({"seed": seed} for seed in SEEDS):
            rng = np.random.default_rng(key["seed"])
            chosen = rng.choice(len(x_test), DIGITS, replace=False)[: brief(DIGITS, 5)]
            wrong = []
            for i in chosen:
                strokes = scattered(strokes_of(x_test[i], rng, TREMBLE), rng)
                draw(page, pad.bounding_box(), strokes)
                answer = page.evaluate(ANSWER)
                if answer != str(y_test[i]):
                    wrong.append([int(i), int(y_test[i]), answer])
                pad.press("Delete")
            recorder.add(**key, accuracy=1 - len(wrong) / len(chosen), wrong=wrong)


if __name__ == "__main__":
    command_line(main)
