"""How runs over seeds are described and drawn."""

import importlib.resources

import matplotlib.pyplot as plt
import numpy as np
import pytest

from grubook.plots import COLORS, points_over_seeds, use_style
from grubook.results import load_results, mean_and_spread


def test_runs_are_described_by_mean_sample_deviation_and_number():
    # The deviations from the mean 3 are -2, -1, 3: squares 14, over n - 1 = 2, the root of 7.
    assert mean_and_spread([1, 2, 6]) == "3.00 ± 2.65 (n = 3)"
    assert mean_and_spread(iter([98.349, 98.351]), digits=1) == "98.3 ± 0.0 (n = 2)"
    assert mean_and_spread([5]) == "5.00 (n = 1)"
    with pytest.raises(ValueError, match="no value to describe"):
        mean_and_spread([])
    for wrong in ("98", [None, 1], [[1, 2], [3, 4]]):
        with pytest.raises(ValueError, match="one number a run, not "):
            mean_and_spread(wrong)


def test_a_damaged_results_file_says_how_to_make_it_again(tmp_path, monkeypatch):
    folder = tmp_path / "stored" / "results" / "digits"
    folder.mkdir(parents=True)
    (folder / "best.json").write_text('{"runs": [', "utf-8")
    monkeypatch.setattr(importlib.resources, "files", lambda _: tmp_path)
    with pytest.raises(
        ValueError, match=r"digits/best are damaged .*: make results NAME=digits/best"
    ):
        load_results("digits/best")


def test_every_run_is_a_point_and_the_mean_a_bar():
    _, ax = plt.subplots()
    groups = {"GRU": [1, 2, 6], "baseline": [4]}
    points_over_seeds(ax, groups, unit="points")
    points, bars = ax.lines[::2], ax.lines[1::2]
    assert [line.get_xdata().tolist() for line in points] == list(groups.values())
    assert [list(line.get_xdata()) for line in bars] == [[3, 3], [4, 4]]
    for row, (point, bar) in enumerate(zip(points, bars, strict=True)):
        assert np.mean(point.get_ydata()) == pytest.approx(row)
        assert np.mean(bar.get_ydata()) == pytest.approx(row)
    assert [line.get_color() for line in points] == [COLORS["h"], COLORS["baseline"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(groups)
    assert ax.get_xlabel() == "points" and ax.yaxis_inverted()
    with pytest.raises(ValueError, match="'none' has no value"):
        points_over_seeds(ax, {"none": []})
    plt.close()


def test_a_plot_repeats_byte_for_byte(tmp_path):
    def drawn(name):
        with plt.rc_context():
            use_style()
            figure, ax = plt.subplots()
            ax.plot([1, 2], [2, 1])
            figure.savefig(tmp_path / name, metadata={"Date": None})
            plt.close(figure)
        return (tmp_path / name).read_bytes()

    assert drawn("a.svg") == drawn("b.svg")
