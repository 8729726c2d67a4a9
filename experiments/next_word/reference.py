"""Calibration of the n-gram code: perplexities on a split that is described to the letter.

Review texts without titles, cleaned by a few plain rules (below, not `grubook.text.clean`), 90 % to
train on and 10 % to test. Nothing is chosen here, so there is no validation set. The figures can be
compared with any other implementation of interpolated Kneser-Ney on the same split.

    python experiments/next_word/reference.py
"""

import collections
import gzip
import html
import itertools
import json
import random
import re
import time

import numpy as np

from experiments.common import Recorder, array_digest
from grubook.data import fetch
from grubook.ngrams import KneserNey
from grubook.text import UNK, Vocabulary

ORDERS = [1, 2, 3, 4, 5]
SIZE = 10_000
TAG = re.compile(r"<[^>]+>")
TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[.!?,]")


def words(text):
    text = TAG.sub(" ", html.unescape(text)).lower().replace("’", "'")
    return TOKEN.findall(text)


def prepare():
    """Encoded training and test reviews, each with its end token."""
    texts, seen = [], set()
    with gzip.open(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"], "rt") as file:
        for line in file:
            text = json.loads(line)["text"]
            folded = text.strip().lower()
            if folded not in seen and len(words(text)) >= 5:
                texts.append(text)
            seen.add(folded)
    random.Random(0).shuffle(texts)
    sides = texts[: len(texts) * 9 // 10], texts[len(texts) * 9 // 10 :]
    train, test = ([words(text) for text in side] for side in sides)
    counts = collections.Counter(itertools.chain.from_iterable(train))
    special = Vocabulary.from_tokens([], 4).words
    frequent = [word for word, _ in counts.most_common(SIZE - len(special))]
    vocabulary = Vocabulary(special + frequent)
    return [[vocabulary.encode(one, end=True) for one in side] for side in (train, test)]


def main():
    train, test = prepare()
    together = np.concatenate(test)
    recorder = Recorder(
        __file__,
        {
            "vocabulary": SIZE,
            "reviews": [len(train), len(test)],
            "tokens": [sum(map(len, train)), len(together)],
            "unknown_share_of_test": round(float(np.mean(together == UNK)), 4),
        },
        tolerance={"perplexity": 0.1},
        data=array_digest(np.concatenate(train), together),
    )
    for order in ORDERS:
        if not recorder.done(order=order):
            start = time.perf_counter()
            model = KneserNey(train, order, SIZE)
            log_p = np.concatenate([model.log_probabilities(ids) for ids in test])
            recorder.add(
                model="Kneser-Ney",
                order=order,
                seed=0,  # of the split; the model itself draws nothing
                perplexity=float(np.exp(-log_p.mean())),
                seconds=round(time.perf_counter() - start, 1),
            )


if __name__ == "__main__":
    main()
