"""Vectors for the instruments' unit tests, computed in NumPy: python instruments_vectors.py

Prints JSON: a single unit's steps and a small drawing from the book's reference and experiments.
"""

import json
import pathlib
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "experiments")]
from experiments.instruments.redraw import prepare  # noqa: E402
from grubook.reference import gru_forward, gru_step  # noqa: E402
from grubook.text import clean, tokenize  # noqa: E402
from grubook.weights import export_weights  # noqa: E402


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
    weights = np.load(ROOT / "weights" / "mnist_rows.npz")
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


def words(rng, folder):
    """A small word network with tied embeddings, and what it thinks of a sentence."""
    vocabulary = ["<pad>", "<unk>", "<eos>", "the", "box", "boxes", "is", ".", "i", "it's", "boxy"]
    units = 6
    weights = {
        "embedding": rng.normal(0, 1, (len(vocabulary), units)),
        "gru_kernel": rng.normal(0, 1, (units, 3 * units)),
        "gru_recurrent_kernel": rng.normal(0, 1, (units, 3 * units)),
        "gru_bias": rng.normal(0, 1, (2, 3 * units)),
        "output_bias": rng.normal(0, 1, len(vocabulary)),
        "scale": np.array(1.7),
    }
    weights = {name: array.astype("float32") for name, array in weights.items()}
    file = export_weights(weights, folder / "words.json")
    text = "The BOX is, I think, boxy. It’s"
    found = tokenize(clean(text))
    ids = [2] + [vocabulary.index(t) if t in vocabulary else 1 for t in found]
    embedding, W, U, b, bias, scale = weights.values()
    h = gru_forward(scale * embedding[ids][None], W, U, b).h[0, 1:]
    scores = h @ embedding.T + bias
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    return {
        "file": json.loads(file.read_text("utf-8")) | {"words": vocabulary},
        "text": text,
        "tokens": found,
        "surprises": [-np.log2(p[i]).item() for p, i in zip(probabilities, ids[1:], strict=False)],
        "probabilities": probabilities[-1].tolist(),
    }


#: Letters, accents and marks that are easily cut or folded in another way.
PIECES = [
    *"aBcÉßΣσжЙ字한१²Ⅷ1'’ʼ´.!_- ",
    "e\u0301",
    "I\u0307",
    "İ",
    "ı",
    "か\u3099",
    "ᄒ\u1161\u11ab",
]
PIECES += ["न\u093f", "\u0301", "💖", "👩\u200d👩", "ﬁ", "x\u0302", "A\u030a", "\ufe0f"]


def texts(rng):
    """What people type, and the tokens of the book's Python."""
    found = ["".join(rng.choice(PIECES, rng.integers(1, 12))) for _ in range(2000)]
    found += [
        "Don't STOP!!",
        "it’s 5-star (really) €20",
        "élan, naïve ÀÉ",
        "a.b,c?d",
        "",
        "  ",
        "日本 ok",
    ]
    return [{"text": text, "tokens": tokenize(clean(text))} for text in found]


def main():
    rng = np.random.default_rng(5)
    vectors = {
        "units": [unit(rng) for _ in range(5)],
        "held": held(),
        "drawings": drawings(rng),
        "reading": reading(rng),
        "texts": texts(rng),
    }
    with tempfile.TemporaryDirectory() as folder:
        vectors["words"] = words(rng, pathlib.Path(folder))
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
