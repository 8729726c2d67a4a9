"""What was measured about the instruments keeps the book's promises; strokes run as a pen would."""

import pathlib

import numpy as np
import pytest
from scipy.ndimage import label

from experiments.instruments import figures
from experiments.instruments.redraw import prepare, strokes_of, thin
from grubook.results import load_results

WITH_DIAGONALS = np.ones((3, 3))


def test_drawn_digits_are_read():
    runs = load_results("instruments/strokes")["runs"]
    assert [run["seed"] for run in runs] == [0, 1, 2]
    assert min(run["accuracy"] for run in runs) >= 0.95


def middle_of_rounds(figure, what):
    """The middle one of the rounds' figures, of each interaction or each load."""
    results = load_results("instruments/latency")
    runs, settings = [run for run in results["runs"] if what in run], results["settings"]
    assert [run[what] for run in runs] == settings["rounds"] * settings[f"{what}s"]
    return {
        name: np.median([run[figure] for run in runs if run[what] == name])
        for name in settings[f"{what}s"]
    }


def test_an_interaction_fits_into_a_frame():
    found = middle_of_rounds("median_ms", "interaction")
    for what in (
        "gate explorer",
        "digit microscope",
        "review autocomplete",
        "5,000 characters",
        "date",
        "race",
        "inspected",
    ):
        assert any(what in name for name in found)
    assert max(found.values()) <= 16, found
    assert max(middle_of_rounds("p95_ms", "interaction").values()) <= 50


def test_no_task_is_long_while_an_instrument_loads():
    found = middle_of_rounds("longest_ms", "load")
    assert max(found.values()) <= 100, found


def test_changed_digits_are_read():
    found = {run["digits"]: run["accuracy"] for run in load_results("digits/drawn")["runs"]}
    assert {name.split()[0].strip(":") for name in found} >= {"shifted", "scaled", "thick", "thin"}
    assert found["as they are"] > 0.99
    assert min(found.values()) > 0.93


@pytest.fixture
def ring():
    """The image of a thick ring with a bar beside it."""
    y, x = np.mgrid[:28, :28]
    distance = np.hypot(y - 14, x - 11)
    image = np.where(np.abs(distance - 7) < 1.5, 255, 0)
    image[6:22, 22:25] = 255
    return image.astype(np.uint8)


def test_thinning_leaves_whole_lines_one_pixel_wide(ring):
    ink = np.pad(ring > 0, 1)
    lines = thin(ink)
    squares = lines[:-1, :-1] & lines[1:, :-1] & lines[:-1, 1:] & lines[1:, 1:]
    assert not squares.any() and (lines <= ink).all()
    assert label(lines, WITH_DIAGONALS)[1] == 2, "the ring and the bar"
    assert label(~lines)[1] == 2, "inside the ring and outside"
    assert lines[:, 23:].sum() > 12, "the bar is as long as it was, but for its ends"


def test_strokes_run_along_the_middle_of_the_ink(ring):
    strokes = strokes_of(ring, np.random.default_rng(0), tremble=0)
    assert len(strokes) == 2
    round_one, bar = sorted(strokes, key=len, reverse=True)
    radius = np.hypot(28 * round_one[:, 0] - 11.5, 28 * round_one[:, 1] - 14.5)
    assert np.abs(radius - 7).max() < 0.8
    assert np.hypot(*(round_one[0] - round_one[-1])) < 2 / 28, "the ring is closed"
    assert np.abs(28 * bar[:, 0] - 23.5).max() < 0.8
    assert np.ptp(28 * bar[:, 1]) > 11, "of 16 rows"


def test_the_hand_trembles_as_much_as_it_is_told(ring):
    still, *trembling = (
        28 * np.concatenate(strokes_of(ring, np.random.default_rng(seed), tremble))
        for seed, tremble in [(0, 0), *((seed, 0.5) for seed in range(20))]
    )
    assert np.sqrt(np.mean((np.array(trembling) - still) ** 2)) == pytest.approx(0.5, rel=0.15)


def test_a_drawing_is_prepared_as_mnist_was(ring):
    image = prepare(strokes_of(ring, np.random.default_rng(0)))
    rows, columns = np.nonzero(image > 0.5)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    grid = np.arange(28) + 0.5
    assert image.sum(0) @ grid / image.sum() == pytest.approx(14.5, abs=0.1)
    assert image.sum(1) @ grid / image.sum() == pytest.approx(14.5, abs=0.1)


@pytest.mark.parametrize(
    ("figure", "weights"),
    [
        ("digit_microscope", "digits"),
        ("review_autocomplete", "next_word"),
        ("date_reader", "dates"),
        ("memory_race", "race"),
    ],
)
def test_the_figure_in_an_instrument_s_place_shows_the_weights_that_are_there(figure, weights):
    drawn = pathlib.Path(figures.OUT, f"{figure}.svg").read_text("utf-8")
    message = "stale; run: python -m experiments.instruments.figures"
    assert figures.drawn_from(weights) in drawn, message
