"""The reviews as the next-word experiments read them; the chapter has these lines as well."""

import functools

import numpy as np

from experiments.common import array_digest, brief, distinct, reviews
from grubook.data.splits import split_groups
from grubook.text import Vocabulary


@functools.cache
def split():
    """The reviews' tokens, body first and title last as article 096 has it, and which is where.

    Texts of fewer than five tokens and all but the first of each group of (near-)duplicates are
    left out; 80 % of the rest train, 10 % choose, 10 % are for the report.

    Returns:
        tuple: the list of tokens of each review that is kept; its position in `reviews()`; and the
        indices of the training, validation and test reviews among them.
    """
    words, kept = distinct(reviews()["text"] + " " + reviews()["title"])
    return words, kept, split_groups(range(len(words)), parts=(0.8, 0.1, 0.1), seed=0)


@functools.cache
def prepare(size=10_000):
    """The `Vocabulary` of the training reviews, and the three sides as integers.

    Returns:
        tuple: the vocabulary, and the training, validation and test reviews: three lists of int32
        arrays (tokens + 1,), each ending in `EOS`.
    """
    words, _, sides = split()
    vocabulary = Vocabulary.from_tokens([words[i] for i in sides[0]], size)
    return vocabulary, *([vocabulary.encode(words[i], end=True) for i in side] for side in sides)


def digest(*sides):
    return array_digest(*map(np.concatenate, sides))


def few(train, *others):
    """The sides as they are; in a smoke run the first reviews of each."""
    return [train[: brief(None, 100)], *(side[: brief(None, 20)] for side in others)]
