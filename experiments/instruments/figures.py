"""Draw the pictures that stand for the instruments in notebooks and in print.

``python -m experiments.instruments.figures``, from the book's root, writes chapters/figures/*.svg.
The digit is drawn here, not taken from MNIST: the book stores no image of a data set by itself.
"""

import pathlib

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from experiments.common import array_digest
from experiments.instruments.redraw import prepare
from grubook import plots
from grubook.dates import DateWriter, decode_answers, read
from grubook.reference import gru_forward
from grubook.results import load_results
from grubook.text import EOS, clean, tokenize
from grubook.weights import load_weights

C = plots.COLORS
OUT = pathlib.Path("chapters/figures")


def drawn_from(name):
    """Say which weights a figure shows, in a sentence that it carries with it."""
    return f"Drawn from the weights {name}, {array_digest(*load_weights(name).values())}"


def save(fig, name, weights=None):
    about = drawn_from(weights) if weights else None
    fig.savefig(OUT / f"{name}.svg", metadata={"Date": None, "Description": about})
    plt.close(fig)


def gate_explorer():
    """The unit that remembers: quiet noise with three loud values."""
    x = np.random.default_rng(3).uniform(-0.2, 0.2, 40)
    x[[4, 16, 28]] = 1, 0.55, 0.8
    W, b = np.array([[-28.0, 0, 1]]), np.array([[12.0, 0, 0], [0, 0, 0]])
    run = gru_forward(x[None, :, None], W, np.zeros((1, 3)), b)
    steps = np.arange(1, 41)
    fig, axes = plt.subplots(3, 1, figsize=(6.4, 4.6), sharex=True)
    axes[0].bar(steps, x, color=C["baseline"])
    axes[0].set(ylim=(-1.1, 1.1), title="input x")
    axes[1].step(steps, run.z[0, :, 0], where="mid", color=C["z"])
    axes[1].set(ylim=(-0.05, 1.1), title="update gate z")
    axes[2].step(steps, run.h_tilde[0, :, 0], "--", where="mid", color=C["candidate"])
    axes[2].step(steps, run.h[0, 1:, 0], where="mid", color=C["h"], linewidth=2.6)
    axes[2].text(20, 0.62, "state h", color=C["h"])
    axes[2].text(20, -0.55, "candidate", color="#A3487A")
    axes[2].set(ylim=(-1.1, 1.1), xlabel="timestep")
    save(fig, "gate_explorer")


def digit_microscope():
    """A drawn three, and what the book's network makes of its rows."""
    W, U, b, V, c = load_weights("digits").values()
    angle = np.linspace(-2.6, 1.5, 30)
    upper = np.stack([0.5 + 0.17 * np.cos(angle), 0.33 + 0.15 * np.sin(angle)], 1)
    angle = np.linspace(-1.5, 2.5, 30)
    lower = np.stack([0.5 + 0.2 * np.cos(angle), 0.66 + 0.18 * np.sin(angle)], 1)
    image = prepare([np.concatenate([upper, lower])])
    run = gru_forward(image[None].astype("float32"), W, U, b)
    scores = np.exp(run.h[0, 1:] @ V + c)
    said = scores / scores.sum(1, keepdims=True)
    order = run.z[0].mean(0).argsort()
    maps = {
        "what it sees": (image, C["ink"]),
        "update gate z": (run.z[0][:, order], C["z"]),
        "reset gate r": (run.r[0][:, order], C["r"]),
        "what it says": (said, C["h"]),
    }
    fig, axes = plt.subplots(1, 4, figsize=(6.8, 2.5), sharey=True)
    for ax, (title, (values, color)) in zip(axes, maps.items(), strict=True):
        shade = mpl.colors.LinearSegmentedColormap.from_list("", ["white", color])
        extent = (-0.5, values.shape[1] - 0.5, 28.5, 0.5)
        ax.imshow(
            values, cmap=shade, vmin=0, vmax=1, extent=extent, aspect="auto", interpolation="none"
        )
        ax.set(title=title, xticks=[], yticks=[1, 7, 14, 21, 28])
        ax.grid(visible=False)
    axes[0].set_ylabel("row")
    axes[3].set_xticks(range(10), range(10), fontsize=7)
    save(fig, "digit_microscope", weights="digits")


def review_autocomplete():
    """The beginning of a review, colored by surprise, and the next words that are expected."""
    weights = load_weights("next_word")
    words = weights["words"].tolist()
    review = tokenize(clean("I love this box. My daughter looks forward to it every"))
    ids = [EOS, *map(words.index, review)]
    x = weights["scale"] * weights["embedding"][ids][None]
    gru = (weights[f"gru_{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
    h = gru_forward(x.astype("float32"), *gru).h[0, 1:]
    scores = h @ weights["embedding"].T + weights["output_bias"]
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    bits = [-log_p[t, ids[t + 1]] / np.log(2) for t in range(len(review))]
    fig, (text, bars) = plt.subplots(2, 1, figsize=(6.4, 3.2), height_ratios=[1, 2])
    text.axis("off")
    at = 0.0
    for word, surprise in zip(review, bits, strict=True):
        look = {"facecolor": C["z"], "alpha": min(0.6, surprise / 20), "linewidth": 0, "pad": 2}
        drawn = text.text(at, 0.4, word, bbox=look, transform=text.transAxes, fontsize=10.5)
        box = drawn.get_window_extent().transformed(text.transAxes.inverted())
        at = box.x1 + 0.018
    text.set_title("what was written: the stronger the tint, the more surprising")
    likely = [i for i in log_p[-1].argsort()[::-1] if i > EOS][:5]
    bars.barh([words[i] for i in likely], 100 * np.exp(log_p[-1, likely]), color=C["h"])
    bars.invert_yaxis()
    bars.grid(axis="y", visible=False)
    bars.set(title="the next word, as the network expects it", xlabel="probability, %")
    save(fig, "review_autocomplete", weights="next_word")


def date_reader():
    """A Spanish date, what the book's network writes, and where it looks before each symbol."""
    text = "sábado, 21 de noviembre de 2026"
    x = DateWriter().encode([text], ["es"])
    symbols, _, looked = read(load_weights("dates"), x)
    columns, rows = ["es", *text], [*decode_answers(symbols)[0], "end"]
    shade = mpl.colors.LinearSegmentedColormap.from_list("", ["white", C["h"]])
    fig, ax = plt.subplots(figsize=(6.8, 3.4))
    values = looked[0, : len(rows), : len(columns)]
    ax.imshow(values, cmap=shade, vmin=0, vmax=1, aspect="auto", interpolation="none")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="what was read", ylabel="what was written")
    ax.grid(visible=False)
    save(fig, "date_reader", weights="dates")


def memory_race():
    """Three networks' accuracy on test sequences, against the gap; those in the page, thick."""
    results, weights = load_results("memory/race"), load_weights("race")
    looks = {"gru": ("GRU", "h"), "lstm": ("LSTM", "candidate"), "plain": ("Plain RNN", "ink")}
    fig, axes = plt.subplots(3, 1, figsize=(6.4, 4.8), sharex=True)
    for ax, (model, (name, color)) in zip(axes, looks.items(), strict=True):
        for run in results["runs"]:
            if (run["stage"], run["model"]) == ("test", model):
                shown = run["seed"] == weights[f"{model}_seed"]
                look = {"linewidth": 2, "zorder": 3} if shown else {"linewidth": 0.8, "alpha": 0.4}
                ax.plot(100 * np.array(run["by_gap"]), color=C[color], **look)
        ax.axvline(results["settings"]["gap"], color=C["baseline"], linestyle="--")
        ax.set(title=name, xlim=(-1, results["settings"]["farthest_gap"]), ylim=(-5, 105))
        ax.set_ylabel("right, %")
    axes[2].set_xlabel("gap (dashed: the one in training)")
    save(fig, "memory_race", weights="race")


def main():
    plots.use_style()
    gate_explorer()
    digit_microscope()
    review_autocomplete()
    date_reader()
    memory_race()


if __name__ == "__main__":
    main()
