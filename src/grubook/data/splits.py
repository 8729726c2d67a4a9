"""Which texts say the same thing, and a split that keeps them on one side."""

import collections
import itertools
import math
import random

import numpy as np

from grubook.text import as_tokens

__all__ = ["duplicate_groups", "split_groups"]


def duplicate_groups(token_lists, shingle=5, jaccard=0.8, over=20):
    """Find the texts that say the same thing, or nearly.

    Two texts are duplicates if their words are equal, punctuation aside. Two texts of more than
    ``over`` words are also near-duplicates if the sets of their runs of ``shingle`` words
    ("shingles": Broder 1997, doi:10.1109/SEQUEN.1997.666900) have a Jaccard index, common over
    all, of at least ``jaccard``. Duplicates of duplicates belong together. The search is exact:
    only texts that share one of their rarest shingles are compared, and a pair at or above the
    threshold must share one (prefix filtering: Bayardo, Ma and Srikant 2007,
    doi:10.1145/1242572.1242591).

    Args:
        token_lists: one list of tokens a text.
        shingle: words in a shingle.
        jaccard: threshold in (0, 1].
        over: texts of at most so many words are compared whole.

    Returns:
        int array (texts,): for each text the index of the first text of its group; a text with
        ``groups[i] == i`` is the first, or the only one.

    Raises:
        ValueError: ``jaccard`` is not in (0, 1], or ``shingle`` is not positive.
        TypeError: a text is not cut into tokens.
    """
    if not 0 < jaccard <= 1 or shingle < 1:
        raise ValueError(
            f"duplicate_groups: jaccard must be above 0 and at most 1, and shingle at least 1; "
            f"got {jaccard} and {shingle}"
        )
    texts = [tuple(one for one in as_tokens(tokens) if one not in ".!?,") for tokens in token_lists]
    first = {}
    pairs = [(first.setdefault(text, i), i) for i, text in enumerate(texts)]
    long = {i: text for text, i in first.items() if len(text) > max(over, shingle - 1)}
    return _join(len(texts), pairs + _near_pairs(_rank_shingles(long, shingle), jaccard))


def _rank_shingles(texts, shingle):
    """For each text its shingles as integers, ascending: the rarest in all texts come first."""
    if not texts:
        return {}
    numbers = {}
    flat = [numbers.setdefault(word, len(numbers)) for text in texts.values() for word in text]
    flat = code = np.array(flat, dtype=np.int64)
    for k in range(1, shingle):  # a word longer each time
        code = np.unique(code[:-1] * len(numbers) + flat[k:], return_inverse=True)[1]
    starts = itertools.accumulate(map(len, texts.values()), initial=0)
    found = [
        np.unique(code[start : start + len(text) - shingle + 1])
        for start, text in zip(starts, texts.values(), strict=False)
    ]
    counts = np.bincount(np.concatenate(found), minlength=code.max() + 1)
    rank = np.argsort(np.argsort(counts, kind="stable"))
    return {i: np.sort(rank[mine]) for i, mine in zip(texts, found, strict=True)}


def _near_pairs(shingles, jaccard):
    """The pairs of texts whose sets of shingles have at least this Jaccard index."""
    pairs, seen = [], collections.defaultdict(list)  # shingle -> texts with it among their rarest
    for i in sorted(shingles, key=lambda i: len(shingles[i])):
        mine = shingles[i]
        # Small to large: an earlier text has at most as many shingles, and a pair at the
        # threshold shares at least jaccard * len(mine) of them.
        prefix = mine[: len(mine) - math.ceil(jaccard * len(mine) - 1e-9) + 1].tolist()
        for j in {j for s in prefix for j in seen[s]}:
            common = np.intersect1d(mine, shingles[j], assume_unique=True).size
            if common >= jaccard * (len(mine) + len(shingles[j]) - common) - 1e-9:
                pairs.append((i, j))
        for s in prefix:
            seen[s].append(i)
    return pairs


def _join(count, pairs):
    """For each of so many texts the first of its group, where pairs belong together."""
    first = list(range(count))  # a forest: each text points to an earlier one, or to itself

    def root(i):
        while first[i] != i:
            first[i] = first[first[i]]
            i = first[i]
        return i

    for i, j in pairs:
        i, j = sorted((root(i), root(j)))
        first[j] = i
    return np.array([root(i) for i in range(count)], dtype=np.int64)


def split_groups(groups, parts=(0.8, 0.1, 0.1), seed=0):
    """Split texts at random so that no group is on two sides.

    (scikit-learn's GroupShuffleSplit makes two sides at a time, and draws another split than the
    stored results were measured on.)

    Args:
        groups: one value a text; texts with the same value stay together (the result of
            `duplicate_groups`, or the product that each review is about).
        parts: the share of each side, in order; they sum to 1.
        seed: of the shuffle; the same seed gives the same split everywhere.

    Returns:
        list of int arrays: the indices of the texts of each side, ascending. A side is as large as
        its share, up to the size of one group.

    Raises:
        ValueError: a share is not positive, or they do not sum to 1.
    """
    if min(parts) <= 0 or not math.isclose(sum(parts), 1):
        raise ValueError(f"split_groups: the parts must be positive and sum to 1; got {parts}")
    members, groups = collections.defaultdict(list), list(groups)
    for i, group in enumerate(groups):
        members[group].append(i)
    order = list(members.values())
    random.Random(seed).shuffle(order)
    sides, placed = [[] for _ in parts], 0
    bounds = [math.fsum(parts[: k + 1]) * len(groups) - 1e-9 for k in range(len(parts))]
    side = 0
    for together in order:
        while side < len(parts) - 1 and placed >= bounds[side]:
            side += 1
        sides[side] += together
        placed += len(together)
    return [np.array(sorted(side), dtype=np.int64) for side in sides]
