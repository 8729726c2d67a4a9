"""How sure are the perplexities of the test reviews? A bootstrap over reviews, in pairs.

The test reviews are drawn again 10,000 times, as many as there are, with replacement, and every
model is read on the same draws (Efron and Tibshirani 1993, chapter 13: percentiles). That is the
uncertainty that comes from these reviews and not others; the spread over seeds is another. The
GRU is the stored one, rounded to 8 bits. And how new the test reviews are: the share of them whose
product has a training review as well.
"""

import numpy as np

from experiments.common import Recorder, array_digest, command_line, reviews
from experiments.next_word.data import few, prepare, split
from experiments.next_word.models import measure
from experiments.next_word.ngrams import DISCOUNTS
from grubook.ngrams import KneserNey, mix_cache
from grubook.results import load_results
from grubook.weights import load_weights

DRAWS, SEED, ORDER = 10_000, 0, 5
PERCENTILES = [2.5, 97.5]
GRU = "GRU, the stored weights"


def n_gram(name, train, test, size):
    """Log-probability of each token of each review; the cache's weight is the stored one."""
    model = KneserNey(train, ORDER, size, DISCOUNTS[name])
    stored = load_results("next_word/ngrams")["runs"]
    run = next(run for run in stored if run["model"] == name and run["order"] == ORDER)
    return [mix_cache(model.log_probabilities(ids), ids, run.get("weight", 0)) for ids in test]


def gru(weights, test):
    log_p, _ = measure(weights, test)
    return np.split(log_p, np.cumsum([len(ids) for ids in test])[:-1])


def perplexities(log_p, draws):
    """Perplexity of the reviews as they are, and of each draw (how often it holds each review)."""
    total, tokens = (np.array([f(review) for review in log_p]) for f in (np.sum, len))
    drawn = np.exp(-(draws @ total) / (draws @ tokens))
    return float(np.exp(-total.sum() / tokens.sum())), drawn


def interval(values):
    return np.percentile(values, PERCENTILES).tolist()


def known_products():
    """The share of test reviews whose product has a training review as well."""
    _, kept, (train, _, test) = split()
    product = reviews()["product"].to_numpy()[kept]
    return float(np.isin(product[test], product[train]).mean())


def main():
    vocabulary, *sides = prepare()
    weights = load_weights("next_word")
    numbers = [array for name, array in weights.items() if name != "words"]
    recorder = Recorder(
        __file__,
        {"draws": DRAWS, "percentiles": PERCENTILES, "order": ORDER},
        tolerance={"test_perplexity": 0.1, "ratio": 0.002, "known_products": 0.001},
        data=array_digest(*map(np.concatenate, sides), *numbers),
    )
    train, _, test = few(*sides)
    for key in recorder.todo([{"model": "none", "seed": SEED}]):
        recorder.add(**key, known_products=known_products())
    rng = np.random.default_rng(SEED)
    draws = rng.multinomial(len(test), np.full(len(test), 1 / len(test)), DRAWS)
    found, drawn = perplexities(gru(weights, test), draws)
    for key in recorder.todo([{"model": GRU, "seed": SEED}]):
        recorder.add(**key, test_perplexity=found, interval=interval(drawn))
    for name in DISCOUNTS:
        for key in recorder.todo([{"model": name, "seed": SEED}]):
            theirs, theirs_drawn = perplexities(n_gram(name, train, test, len(vocabulary)), draws)
            recorder.add(
                **key,
                test_perplexity=theirs,
                interval=interval(theirs_drawn),
                ratio=found / theirs,
                ratio_interval=interval(drawn / theirs_drawn),
            )


if __name__ == "__main__":
    command_line(main)
