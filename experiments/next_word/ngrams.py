"""The baselines of the next word: uniform, and interpolated Kneser-Ney of order 1 to 5.

Perplexity on the validation and test reviews, and how often the right word is the likeliest, or
among the five likeliest, over all tokens of the test reviews: exact, from the probabilities of the
whole vocabulary at every token. Nothing is chosen, and nothing is drawn but the split.

    python experiments/next_word/ngrams.py
"""

import numpy as np

from experiments.common import Recorder, array_digest
from experiments.next_word.data import flat, prepare
from grubook.ngrams import KneserNey
from grubook.text import UNK

ORDERS = [1, 2, 3, 4, 5]


def perplexity(model, reviews):
    log_p = np.concatenate([model.log_probabilities(ids) for ids in reviews])
    return float(np.exp(-log_p.mean()))


def ranks(model, reviews):
    """How many words the model finds likelier than the right one, for each token."""
    found = []
    for ids in reviews:
        for t, word in enumerate(ids):
            p = model.distribution(ids[max(0, t - model.order) : t])
            found.append(np.count_nonzero(p > p[word]))
    return np.array(found)


def main():
    vocabulary, train, val, test = prepare()
    sides = train, val, test
    recorder = Recorder(
        __file__,
        {
            "vocabulary": len(vocabulary),
            "reviews": [len(side) for side in sides],
            "tokens": [len(flat(side)) for side in sides],
            "unknown": [round(float(np.mean(flat(side) == UNK)), 4) for side in sides],
        },
        tolerance={"val_perplexity": 0.1, "test_perplexity": 0.1, "top1": 0.001, "top5": 0.001},
        data=array_digest(*map(flat, sides)),
    )
    if not recorder.done(model="uniform"):
        even = float(len(vocabulary) - 1)  # every entry but <pad>
        scores = {"val_perplexity": even, "test_perplexity": even, "top1": 1 / even}
        recorder.add(model="uniform", order=0, seed=0, **scores, top5=5 / even)
    for order in ORDERS:
        if not recorder.done(model="Kneser-Ney", order=order):
            model = KneserNey(train, order, len(vocabulary))
            rank = ranks(model, test)
            recorder.add(
                model="Kneser-Ney",
                order=order,
                seed=0,
                val_perplexity=perplexity(model, val),
                test_perplexity=perplexity(model, test),
                top1=float(np.mean(rank < 1)),
                top5=float(np.mean(rank < 5)),
            )


if __name__ == "__main__":
    main()
