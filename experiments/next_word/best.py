"""The best next-word GRU: 256 units, one matrix for the embedding and the output.

`select` found that this size beats the article's, and that masks drawn for every token cost more
time than all the rest of the training. Here one mask serves all tokens of a window (Gal and
Ghahramani 2016, arXiv:1512.05287). How much is dropped is chosen here, at full length: each
candidate trains with the first seed, and the one with the lowest perplexity on the validation
reviews trains with the other seeds. So is the weight of the 5-gram beside it. The test reviews are
read once by each network, after training, and choose nothing. The weights of the chosen
candidate's first seed are kept, rounded to 8 bits: ``load_weights("next_word")``.
"""

import time

import keras
import numpy as np

from experiments.common import Recorder, command_line
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.models import NextWord, count, figures, measure, train
from experiments.next_word.select import LARGE
from grubook.ngrams import KneserNey
from grubook.weights import dequantize, quantize

NETWORK = LARGE | {"dropout": [0.0, 0.0, 0.0]}
RECIPE = {"rate": 4e-3, "clip": 1.0, "epochs": 5}
CANDIDATES = {"dropout 0.2, 0.3": (0.2, 0.3), "dropout 0.1, 0.15": (0.1, 0.15)}
SEEDS = [0, 1, 2]
REVIEWS = 400  # validation reviews read after each epoch
PERPLEXITIES = ["val", "test", "mixed_val", "mixed_test", "rounded_test"]
TOLERANCE = (
    {f"{side}_perplexity": 1.0 for side in PERPLEXITIES}
    | {f"{side}_top{k}": 0.004 for side in ("val", "test", "rounded_test") for k in (1, 5)}
    | {f"five_gram_{side}_perplexity": 0.01 for side in ("val", "test")}
    | {"share": 0.1}
)


class OneMask(NextWord):
    """`NextWord` whose states, too, are dropped by one mask for all tokens of a window."""

    def __init__(self, settings, frequency):
        before, _, after = settings["dropout"]
        super().__init__(settings | {"dropout": [before, 0.0, 0.0]}, frequency)
        self.drop = keras.layers.SpatialDropout1D(after)

    def call(self, x, training=None):
        return self.drop(self.body(x, training=training), training=training)


def mixtures(gru, n_gram):
    """Perplexity of share * GRU + (1 - share) * n-gram for each share 0, 0.02, ... 1."""
    shares = np.linspace(0, 1, 51)
    p, q = np.exp(gru), np.exp(n_gram)
    return shares, [float(np.exp(-np.log(s * p + (1 - s) * q).mean())) for s in shares]


def beside(weights, val, test, n_gram):
    """The figures of the 5-gram, and of both models mixed as the validation reviews chose."""
    from_gru = [measure(weights, side)[0] for side in (val, test)]
    from_n_gram = [np.concatenate([n_gram.log_probabilities(r) for r in s]) for s in (val, test)]
    shares, by_share = mixtures(from_gru[0], from_n_gram[0])
    best = int(np.argmin(by_share))
    return {
        "five_gram_val_perplexity": by_share[0],
        "five_gram_test_perplexity": float(np.exp(-from_n_gram[1].mean())),
        "share": float(shares[best]),
        "mixed_val_perplexity": by_share[best],
        "mixed_test_perplexity": mixtures(from_gru[1], from_n_gram[1])[1][best],
    }


def run(recorder, vocabulary, sides, n_gram, candidate, seed):
    """Train and measure one network; keep the best one of the first seed."""
    began, (reviews, val, test) = time.process_time(), sides
    before, after = CANDIDATES[candidate]
    network = NETWORK | {"dropout": [before, 0.0, after]}
    weights, losses, curve = train(network, RECIPE, seed, reviews, val[:REVIEWS], OneMask)
    found = figures(weights, val, "val") | figures(weights, test, "test")
    found |= beside(weights, val, test, n_gram) | {"parameters": count(weights)}
    others = [run["val_perplexity"] for run in recorder.runs()]
    if seed == SEEDS[0] and found["val_perplexity"] < min(others, default=np.inf):
        rounded = quantize(weights)
        words = np.array(vocabulary.words)
        np.savez_compressed(recorder.beside("next_word.npz"), words=words, **rounded)
        found |= figures(dequantize(rounded), test, "rounded_test")
    found |= {"by_epoch": [reached for _, reached in curve], "losses": losses}
    return found | {"seconds": round(time.process_time() - began, 1)}


def main():
    vocabulary, *sides = prepare()
    recorder = Recorder(
        __file__,
        {
            "network": NETWORK,
            "recipe": RECIPE,
            "candidates": CANDIDATES,
            "seeds": SEEDS,
            "reviews_of_curve": REVIEWS,
        },
        TOLERANCE,
        data=digest(*sides),
    )
    sides = few(*sides)
    n_gram = KneserNey(sides[0], 5, len(vocabulary))
    for key in recorder.todo({"candidate": name, "seed": SEEDS[0]} for name in CANDIDATES):
        recorder.add(**key, **run(recorder, vocabulary, sides, n_gram, **key))
    first = recorder.runs(seed=SEEDS[0])
    chosen = min(first, key=lambda run: run["val_perplexity"])["candidate"]
    for key in recorder.todo({"candidate": chosen, "seed": seed} for seed in SEEDS[1:]):
        recorder.add(**key, **run(recorder, vocabulary, sides, n_gram, **key))


if __name__ == "__main__":
    command_line(main)
