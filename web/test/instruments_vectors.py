"""What the instruments must compute, in NumPy: python -m web.test.instruments_vectors

Prints JSON: a single unit's steps and a small drawing from the book's reference and experiments.
"""

import json
import sys

import numpy as np

from experiments.instruments.redraw import PEN, SIDE, prepare
from grubook.reference import gru_forward, gru_step
from grubook.weights import load_weights


def unit(rng):
    """One unit on a signal of 40 values: weights by gate, and all that it computed."""
    W, U, b = rng.normal(0, 2, (1, 3)), rng.normal(0, 2, (1, 3)), rng.normal(0, 1, 3)
    x = rng.uniform(-1, 1, 40)
    run = gru_forward(x[None, :, None], W, U, np.stack([b, np.zeros(3)]))
    by_gate = [dict(zip("zrh", map(float, w.ravel()), strict=True)) for w in (W, U, b)]
    parts = {"z": run.z, "r": run.r, "hTilde": run.h_tilde, "h": run.h[:, 1:]}
    return {
        "weights": dict(zip("WUb", by_gate, strict=True)),
        "signal": x.tolist(),
        **{name: values[0, :, 0].tolist() for name, values in parts.items()},
    }


def held():
    """The theory chapter's table: gates at their ends and half open, by biases of 1000."""
    W = U = np.array([[0.0, 0.0, 1.0]])
    found = []
    for z, b_z in ((0, -1000), (0.5, 0), (1, 1000)):
        for r, b_r in ((0, -1000), (0.5, 0), (1, 1000)):
            b = np.array([[b_z, b_r, 0.0], [0.0, 0.0, 0.0]])
            h = gru_step(np.array([[-0.5]]), np.array([[0.8]]), W, U, b)[0].item()
            found.append({"z": z, "r": r, "h": h})
    return found


def drawings(rng):
    """Wild scribbles and their prepared images."""
    found = [[rng.uniform(0, 1, (n, 2)) for n in sizes] for sizes in ([9], [1], [2, 30], [400])]
    found.append([rng.uniform(0.3, 0.32, (5, 2))])  # small: not blown up
    return [
        {"strokes": [s.tolist() for s in strokes], "image": prepare(strokes).ravel().tolist()}
        for strokes in found
    ]


def reading(rng):
    """The book's network on a drawing: gates and probabilities after each row."""
    weights = load_weights("digits")
    W, U, b, V, c = weights.values()
    image = prepare([rng.uniform(0, 1, (6, 2))]).astype("float32")
    run = gru_forward(image[None], W, U, b)
    scores = np.exp(run.h[0, 1:] @ V + c)
    probabilities = scores / scores.sum(1, keepdims=True)
    arrays = {
        name: {"shape": array.shape, "values": array.ravel().tolist()}
        for name, array in weights.items()
    }
    parts = {"z": run.z[0], "r": run.r[0], "h": run.h[0, 1:], "probabilities": probabilities}
    return {
        "weights": arrays,
        "image": image.ravel().tolist(),
        **{name: values.tolist() for name, values in parts.items()},
    }


def main():
    rng = np.random.default_rng(5)
    vectors = {
        "frame": [SIDE, PEN],
        "units": [unit(rng) for _ in range(5)],
        "held": held(),
        "drawings": drawings(rng),
        "reading": reading(rng),
    }
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
