"""The baselines of the next word: uniform, Kneser-Ney of order 1 to 5, modified, with a cache.

Perplexity on the validation and test reviews, and how often the right word is the likeliest, or
among the five likeliest, over all tokens of the test reviews: exact, from the probabilities of the
whole vocabulary at every token. The cache mixes in the words that a review has held so far; its
weight is chosen on the validation reviews. Nothing is drawn but the split.
"""

import numpy as np

from experiments.common import Recorder, command_line
from experiments.next_word.data import digest, few, prepare
from grubook.ngrams import KneserNey, mix_cache
from grubook.text import UNK

ORDERS = [1, 2, 3, 4, 5]
CACHED = "modified Kneser-Ney, cache"
DISCOUNTS = {"Kneser-Ney": 1, "modified Kneser-Ney": 3, CACHED: 3}
WEIGHTS = [round(0.02 * k, 2) for k in range(1, 16)]


def perplexity(model, reviews, weight=0):
    log_p = [mix_cache(model.log_probabilities(ids), ids, weight) for ids in reviews]
    return float(np.exp(-np.concatenate(log_p).mean()))


def ranks(model, reviews, weight=0):
    """How many words the model finds likelier than the right one, for each token."""
    found = []
    for ids in reviews:
        cache = np.zeros(model.size)
        for t, word in enumerate(ids):
            p = model.distribution(ids[max(0, t - model.order) : t])
            if t and weight:
                cache[ids[t - 1]] += 1
                p = (1 - weight) * p + weight * cache / t
            found.append(np.count_nonzero(p > p[word]))
    return np.array(found)


def measure(name, order, sides, size):
    """The figures of a Kneser-Ney model; with a cache, of the weight that validation chose."""
    train, val, test = sides
    model, weight, found = KneserNey(train, order, size, DISCOUNTS[name]), 0, {}
    if name == CACHED:
        tried = {weight: perplexity(model, val, weight) for weight in WEIGHTS}
        weight = min(tried, key=tried.get)
        found = {"weight": weight, "val_perplexity_by_weight": list(tried.values())}
    rank = ranks(model, test, weight)
    return found | {
        "val_perplexity": perplexity(model, val, weight),
        "test_perplexity": perplexity(model, test, weight),
        "top1": float(np.mean(rank < 1)),
        "top5": float(np.mean(rank < 5)),
    }


def uniform(size):
    """The figures of the guess that every entry but <pad> is as likely as any other."""
    even = float(size - 1)
    return {"val_perplexity": even, "test_perplexity": even, "top1": 1 / even, "top5": 5 / even}


def main():
    vocabulary, *sides = prepare()
    size, flat = len(vocabulary), [np.concatenate(side) for side in sides]
    recorder = Recorder(
        __file__,
        {
            "vocabulary": size,
            "reviews": [len(side) for side in sides],
            "tokens": [len(ids) for ids in flat],
            "unknown": [round(float(np.mean(ids == UNK)), 4) for ids in flat],
            "weights_tried": WEIGHTS,
        },
        tolerance={
            "val_perplexity": 0.1,
            "test_perplexity": 0.1,
            "top1": 0.001,
            "top5": 0.001,
            "weight": 0.02,
        },
        data=digest(*sides),
    )
    sides = few(*sides)
    for key in recorder.todo([{"model": "uniform", "order": 0, "seed": 0}]):
        recorder.add(**key, **uniform(size))
    for name in DISCOUNTS:
        for key in recorder.todo({"model": name, "order": k, "seed": 0} for k in ORDERS):
            recorder.add(**key, **measure(name, key["order"], sides, size))


if __name__ == "__main__":
    command_line(main)
