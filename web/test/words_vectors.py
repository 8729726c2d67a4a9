"""What the tokenizer and the word model in JavaScript must say: python web/test/words_vectors.py

Prints JSON: texts with the tokens of the book's Python, and small networks with what they think of
a sentence, from the book's reference in NumPy.
"""

import json
import sys
import tempfile

import numpy as np

from grubook.ngrams import KneserNey
from grubook.reference import gru_backward, gru_forward
from grubook.text import clean, tokenize
from grubook.weights import export_weights

#: Letters, accents, marks and markup that are easily cut, folded or decoded in another way.
PIECES = [
    *"aBcÉßΣσжЙ字한१²Ⅷ1'’‘ʼ´.!_- ",
    *("e\u0301", "I\u0307", "İ", "ı", "か\u3099", "ᄒ\u1161\u11ab", "न\u093f", "\u0301", "💖"),
    *("👩\u200d👩", "ﬁ", "x\u0302", "A\u030a", "\ufe0f", "<br />", "</b>", "<3", "&amp;", "&#39;"),
    *(
        "&rsquo;",
        "&eacute;",
        "&amp",
        "&nosuch;",
        "&lt;i&gt;",
        "[[VIDEOID:4c]]",
        "[[ASIN:B0 a Box]]",
    ),
]
TEXTS = [
    "Don't STOP!!",
    "it’s 5-star (really) €20",
    "élan, naïve ÀÉ",
    "a.b,c?d",
    "",
    "  ",
    "日本 ok",
]
WORDS = ["<pad>", "<unk>", "<eos>", "the", "box", "boxes", "is", ".", "i", "it's", "boxy"]
SENTENCE = "The BOX is, I think, boxy. It’s"


def texts(rng):
    found = TEXTS + ["".join(rng.choice(PIECES, rng.integers(1, 12))) for _ in range(2000)]
    return [{"text": text, "tokens": tokenize(clean(text))} for text in found]


def network(rng, folder, *, tied, reset_after, bits):
    """A network of 6 units over WORDS; tied: one matrix for reading and answering."""
    n, u = len(WORDS), 6
    shapes = {"embedding": (n, u if tied else 5), "gru_kernel": (u if tied else 5, 3 * u)}
    shapes |= {"gru_recurrent_kernel": (u, 3 * u), "gru_bias": (2, 3 * u)[not reset_after :]}
    shapes |= {"output_bias": (n,)} if tied else {"dense_kernel": (u, n), "dense_bias": (n,)}
    weights = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    weights["scale"] = np.float32(1.7 if tied else 1)
    file = json.loads(export_weights(weights, folder + "/words.json", bits=bits).read_text("utf-8"))
    ids = [2] + [WORDS.index(t) if t in WORDS else 1 for t in tokenize(clean(SENTENCE))]
    x = weights["scale"] * weights["embedding"][ids][None]
    gru = list(weights.values())[1:4]
    output = weights["embedding"].T if tied else weights["dense_kernel"]

    def read(x):
        run = gru_forward(x, *gru, reset_after=reset_after)
        scores = run.h[0, 1:] @ output + weights["output_bias" if tied else "dense_bias"]
        return run, np.exp(scores) / np.exp(scores).sum(1, keepdims=True)

    run, p = read(x)
    guess = 3 + p[-1, 3:].argmax()
    dh = np.zeros_like(run.z)
    dh[0, -1] = output[:, guess] - output @ p[-1]
    norms = np.linalg.norm(gru_backward(dh, run).x[0, 1:], axis=1)
    without = [read(np.delete(x, i, axis=1))[1][-1, guess].item() for i in range(1, len(ids))]
    return {
        "file": file | {"words": WORDS},
        "tolerance": 1e-4 if bits == 32 else 0.2,
        "surprises": [-np.log2(now[i]).item() for now, i in zip(p, ids[1:], strict=False)],
        "probabilities": p[-1].tolist(),
        "guess": int(guess),
        "norms": norms.tolist(),
        "without": without,
    }


def ngrams(rng):
    """Encoded texts, and the perplexity of half of them by n-grams of the other half."""
    texts = [[*rng.zipf(1.4, 12).clip(1, 9).tolist(), 2] for _ in range(40)]
    found = []
    for order in (1, 2):
        model = KneserNey([np.array(ids) for ids in texts[:20]], order, 10)
        logs = np.concatenate([model.log_probabilities(np.array(ids)) for ids in texts[20:]])
        found.append(np.exp(-logs.mean()).item())
    return {"training": texts[:20], "held": texts[20:], "perplexities": found}


def main():
    rng = np.random.default_rng(5)
    kinds = [(tied, after, bits) for tied in (1, 0) for after in (1, 0) for bits in (32, 8)]
    with tempfile.TemporaryDirectory() as folder:
        networks = [
            network(rng, folder, tied=tied, reset_after=after, bits=bits)
            for tied, after, bits in kinds
        ]
    vectors = {"texts": texts(rng), "sentence": SENTENCE, "networks": networks}
    vectors["ngrams"] = ngrams(rng)
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
