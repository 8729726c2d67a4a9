"""The reviews as the yes-or-no experiments read them."""

import functools

from experiments.common import distinct, reviews
from grubook.data.splits import split_groups


@functools.cache
def prepare():
    """Lists of tokens and labels (is it positive?) of the training, validation and test reviews.

    Reviews with 1 or 2 stars against 4 or 5; those of fewer than five tokens and all but the first
    of each group of (near-)duplicates are left out.
    """
    frame = reviews()[reviews()["stars"] != 3]
    words, kept = distinct(frame["text"])
    positive = (frame["stars"] > 3).to_numpy()[kept]
    sides = split_groups(range(len(words)), seed=0)
    return [([words[i] for i in side], positive[side]) for side in sides]
