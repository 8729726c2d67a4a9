"""The book's style, and the plots that more than one chapter shows."""

import importlib.resources
import io

import matplotlib as mpl
import numpy as np
from PIL import Image

__all__ = ["CELL", "COLORS", "points_over_seeds", "use_style"]

#: Where the drawing of one GRU step lies, wherever the package was installed.
CELL = str(importlib.resources.files("grubook") / "stored" / "gru_cell.svg")

#: Okabe and Ito's palette, distinguishable with every common color vision (Wong 2011,
#: doi:10.1038/nmeth.1618), named after what the book draws in it.
COLORS = {
    "h": "#0072B2",  # the hidden state, and whatever is the GRU's
    "z": "#D55E00",  # the update gate
    "r": "#009E73",  # the reset gate
    "candidate": "#CC79A7",
    "input": "#56B4E9",
    "baseline": "#767676",
    "highlight": "#E69F00",
    "ink": "#1A1A1A",
}


def use_style():
    """Set the book's matplotlib style; in a notebook, draw figures as SVG that repeats exactly.

    The background is white on purpose: a figure reads in JupyterLab's dark theme as it stands,
    and the built book inverts it for its own dark theme. A fixed hash salt and the missing date
    make the same plot the same bytes. A small PNG goes with it for JupyterLab, which does not
    show an SVG of a notebook that the reader has not trusted yet.
    """
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 3.0),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E3E3E3",
            "axes.prop_cycle": mpl.cycler(
                color=[COLORS[k] for k in ("h", "z", "r", "candidate", "highlight", "input")]
            ),
            "lines.linewidth": 1.8,
            "legend.frameon": False,
            "image.cmap": "gray_r",
            "svg.hashsalt": "grubook",
            "svg.fonttype": "path",
        }
    )
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # outside a notebook there is no inline backend to set
        return
    if (shell := get_ipython()) is not None:
        set_matplotlib_formats("svg", bbox_inches=None, metadata={"Date": None})
        shell.display_formatter.formatters["image/png"].for_type("matplotlib.figure.Figure", _png)


def _png(figure):
    """Return a figure as a PNG of 64 colors."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=100)
    Image.open(drawn).convert("RGB").quantize(64).save(small, "png", optimize=True)
    return small.getvalue()


def points_over_seeds(ax, groups, unit="%"):
    """Draw every run as a point and each group's mean as a bar: nothing hides behind an average.

    Args:
        ax: the matplotlib axes to draw on; its y axis is given the groups' names.
        groups: mapping of a group's name to its values, one for each seed.
        unit: what the values are counted in; it labels the x axis.

    Raises:
        ValueError: a group has no value.
    """
    for row, (name, values) in enumerate(groups.items()):
        values = np.asarray(values, float)
        if values.size == 0:
            raise ValueError(f"points_over_seeds: the group {name!r} has no value")
        offsets = np.linspace(-0.14, 0.14, len(values)) if len(values) > 1 else [0.0]
        color = COLORS["h"] if "GRU" in name else COLORS["baseline"]
        ax.plot(values, row + np.asarray(offsets), "o", color=color, alpha=0.75, markersize=5)
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=COLORS["ink"], linewidth=2.2)
    ax.set_yticks(range(len(groups)), list(groups))
    ax.set_ylim(len(groups) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(unit)
