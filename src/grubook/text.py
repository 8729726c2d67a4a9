"""From a review as it was typed to integers: cleaning, tokens, duplicates, splits, vocabulary.

Two chapters share this module. It never imports TensorFlow.
"""

import collections
import html
import itertools
import math
import random
import re
import sys
import unicodedata

import numpy as np

__all__ = [
    "EOS",
    "PAD",
    "UNK",
    "KneserNey",
    "Vocabulary",
    "clean",
    "duplicate_groups",
    "split_groups",
    "tokens",
    "windows",
]

#: The first three entries of every vocabulary: padding, any unknown word, the end of a text.
PAD, UNK, EOS = 0, 1, 2
_SPECIAL = ["<pad>", "<unk>", "<eos>"]

# A tag opens with a letter or a slash, so that "I <3 this" stays; markup such as
# [[VIDEOID:4cb5...]] and [[ASIN:B00... the name shown]] is the shop's, and only the name is text.
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_SHOP_MARKUP = re.compile(r"\[\[(?:video\w*|asin):?\s*\S*?(?:\s+([^\]]*))?\]\]", re.IGNORECASE)
_TYPOGRAPHIC = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "´": "'"})
# A word is letters and digits with, perhaps, one apostrophe inside. `[^\W_]` reads "what counts as
# a word character, without the underscore": [a-z0-9] in plain English, and é, ñ, ж, 字 as well.
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?|[.!?,]")


def clean(text):
    """Remove what a shop's page added to a review, and fold what was typed in different ways.

    HTML entities become characters; HTML tags and video markup become a space; curly apostrophes
    become straight; accents are composed (Unicode NFC); letters become lower case.

    Args:
        text: str, a review as it was stored.

    Returns:
        str: the text in lower case, with runs of white space folded into one space.
    """
    text = _TAG.sub(" ", html.unescape(text))
    text = _SHOP_MARKUP.sub(lambda markup: f" {markup[1] or ''} ", text)
    text = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC).lower()
    return " ".join(text.split())


def tokens(text):
    """Cut a cleaned text into words and the marks ``. ! ? ,``; everything else is dropped.

    A word is a run of letters and digits, with at most one apostrophe inside (``don't``). Scripts
    that write no spaces between words come out as one token a run, which is rarely what they need.

    Args:
        text: str, as `clean` returns it.

    Returns:
        list of str
    """
    # Interned, each word is in memory once, however often it occurs in however many texts.
    return [sys.intern(token) for token in _TOKEN.findall(text)]


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
    """
    if not 0 < jaccard <= 1 or shingle < 1:
        raise ValueError(
            f"duplicate_groups: jaccard must be above 0 and at most 1, and shingle at least 1; "
            f"got {jaccard} and {shingle}"
        )
    first = list(range(len(token_lists)))  # a forest: each text points to an earlier one, or itself

    def root(i):
        while first[i] != i:
            first[i] = first[first[i]]
            i = first[i]
        return i

    def join(i, j):
        i, j = sorted((root(i), root(j)))
        first[j] = i

    whole, numbers, starts, flat = {}, {}, {}, []
    for i, token_list in enumerate(token_lists):
        words = tuple(token for token in token_list if token not in ".!?,")
        if words in whole:
            join(whole[words], i)
            continue
        whole[words] = i
        if len(words) > max(over, shingle - 1):
            starts[i] = slice(len(flat), len(flat) + len(words) - shingle + 1)
            flat += [numbers.setdefault(word, len(numbers)) for word in words]
    if not starts:
        return np.array([root(i) for i in range(len(first))], dtype=np.int64)

    # Number the shingles, a word longer each time; then renumber them, the rarest first.
    flat = code = np.array(flat, dtype=np.int64)
    for k in range(1, shingle):
        code = np.unique(code[:-1] * len(numbers) + flat[k:], return_inverse=True)[1]
    shingles = {i: np.unique(code[start]) for i, start in starts.items()}
    counts = np.bincount(np.concatenate(list(shingles.values())), minlength=code.max() + 1)
    rank = np.argsort(np.argsort(counts, kind="stable"))

    seen = collections.defaultdict(list)  # shingle -> texts that have it among their rarest
    ranked = {}
    for i in sorted(shingles, key=lambda i: len(shingles[i])):
        mine = np.sort(rank[shingles[i]])
        # Small to large: an earlier text has at most as many shingles, and a pair at the
        # threshold shares at least jaccard * len(mine) of them.
        prefix = mine[: len(mine) - math.ceil(jaccard * len(mine) - 1e-9) + 1].tolist()
        for j in {j for s in prefix for j in seen[s]}:
            common = np.intersect1d(mine, ranked[j], assume_unique=True).size
            if common >= jaccard * (len(mine) + len(ranked[j]) - common) - 1e-9:
                join(i, j)
        ranked[i] = mine
        for s in prefix:
            seen[s].append(i)
    return np.array([root(i) for i in range(len(first))], dtype=np.int64)


def split_groups(groups, parts=(0.8, 0.1, 0.1), seed=0):
    """Split texts at random so that no group is on two sides.

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
    members = collections.defaultdict(list)
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


class Vocabulary:
    """The words that a network knows, and the integer of each.

    Attributes:
        words: list of str; the first three are ``<pad>``, ``<unk>`` and ``<eos>``. It is all there
            is to save: ``Vocabulary(words)`` makes the same vocabulary again.

    Args:
        words: that list.

    Raises:
        ValueError: the list does not begin with the three, or a word is in it twice.
    """

    def __init__(self, words):
        self.words = list(words)
        if self.words[:3] != _SPECIAL:
            raise ValueError(f"A vocabulary begins with {_SPECIAL}; this one with {self.words[:3]}")
        self._ids = {word: i for i, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            twice = collections.Counter(self.words).most_common(1)[0][0]
            raise ValueError(f"A vocabulary holds each word once; this one holds {twice!r} twice")

    @classmethod
    def from_tokens(cls, token_lists, size=10_000):
        """Take the most frequent words of the **training** texts; ties go by the alphabet.

        Args:
            token_lists: one list of tokens a training text.
            size: entries at most, the first three included.

        Raises:
            ValueError: ``size`` leaves no room for a word.
        """
        if size <= len(_SPECIAL):
            raise ValueError(f"Vocabulary.from_tokens: size must be above 3; got {size}")
        counts = collections.Counter(itertools.chain.from_iterable(token_lists))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(_SPECIAL + ranked[: size - len(_SPECIAL)])

    def __len__(self):
        return len(self.words)

    def encode(self, token_list, end=False):
        """Turn tokens into integers; a word that is not in the vocabulary becomes `UNK`.

        Args:
            token_list: list of str.
            end: append `EOS`.

        Returns:
            int32 array (tokens,), or (tokens + 1,) with ``end``
        """
        ids = [self._ids.get(token, UNK) for token in token_list]
        return np.array([*ids, EOS] if end else ids, dtype=np.int32)

    def decode(self, ids):
        """Turn integers back into tokens (list of str); an integer outside raises IndexError."""
        ids = [int(i) for i in ids]
        if ids and min(ids) < 0:
            raise IndexError(f"A vocabulary has no entry {min(ids)}")
        return [self.words[i] for i in ids]


def windows(sequences, length):
    """Cut encoded texts into what a network reads and what it is asked for at each step.

    The input of a text's first step is `EOS`; after that it is the token before the target. A text
    of more than ``length`` tokens goes on in the next window, which no other text shares; what is
    left of a text's last window is `PAD`, in inputs and targets alike.

    Args:
        sequences: the encoded texts, each an int array (tokens,), as ``encode(..., end=True)``.
        length: steps in a window.

    Returns:
        tuple: ``(inputs, targets)``, int32 arrays (windows, length), in the order of the texts.

    Raises:
        ValueError: ``length`` is not positive, or there is no token.
    """
    sizes = np.array([len(ids) for ids in sequences], dtype=np.int64)
    if length < 1 or not sizes.sum():
        raise ValueError(
            f"windows: length must be at least 1, and there must be a token; "
            f"got {length} and {sizes.sum()} tokens"
        )
    rows = -(-sizes // length)  # windows of each text, rounded up
    starts, targets = np.cumsum(sizes) - sizes, np.concatenate(sequences)
    inputs = np.concatenate([[EOS], targets[:-1]])
    inputs[starts[sizes > 0]] = EOS
    gap = (np.cumsum(rows) - rows) * length - starts  # from a token to its place in the windows
    place = np.arange(len(targets)) + np.repeat(gap, sizes)
    cut = np.full((2, rows.sum() * length), PAD, dtype=np.int32)
    cut[:, place] = inputs, targets
    return tuple(cut.reshape(2, -1, length))


class KneserNey:
    """Interpolated Kneser-Ney: the strongest classical guess at the next word from the last few.

    Kneser and Ney 1995, doi:10.1109/ICASSP.1995.479394, interpolated as in Chen and Goodman 1999,
    doi:10.1006/csla.1999.0128, with one discount for each order, D = n1 / (n1 + 2 n2), where n1 and
    n2 are how many n-grams occur once and twice (a half where none occurs once). The highest order
    counts how often an n-gram occurs, each lower one how many different words it follows. Histories
    are padded with `EOS`. Below the unigram is a uniform distribution over all entries but `PAD`,
    so no probability except that of `PAD` is 0.

    Args:
        sequences: the encoded training texts, each an int array (tokens,), `EOS` at its end.
        order: words in the longest n-gram, the predicted one included; 1 is the unigram.
        vocabulary_size: entries of the vocabulary.

    Raises:
        ValueError: ``order`` is not positive, there is no token, or a token is `PAD` or outside
            of the vocabulary.
    """

    def __init__(self, sequences, order, vocabulary_size):
        self.order, self.size = order, vocabulary_size
        if order < 1 or not any(map(len, sequences)):
            raise ValueError(
                f"KneserNey: order must be at least 1, not {order}, and texts not all empty"
            )
        padded = [self._padded(ids) for ids in sequences]
        flat = np.concatenate(padded)
        place = np.concatenate([np.arange(len(ids)) for ids in padded])
        real = place >= order - 1

        # An n-gram's key is the number of its first n-1 words, times the vocabulary, plus its last
        # word; its own number is the rank of that key among the sorted keys of its length.
        keys, counts, numbers = [], [], np.zeros(len(flat), np.int64)
        for k in range(order):
            here = place >= k  # elsewhere it would begin in the text before
            shorter, numbers = numbers, np.zeros(len(flat), np.int64)
            code = (_before(shorter) * vocabulary_size + flat)[here]
            unique, first, numbers[here] = np.unique(code, return_index=True, return_inverse=True)
            counts.append(np.bincount(numbers[real], minlength=len(unique)))
            if k:  # an n-gram one shorter counts, instead, the kinds of this one that it ends
                ends = shorter[here][first][counts[k] > 0]
                counts[k - 1] = np.bincount(ends, minlength=len(keys[-1]))
            keys.append(unique)
        histories = [1, *map(len, keys[:-1])]
        self._levels = [
            (unique, *_shares(unique // vocabulary_size, count, n))
            for unique, count, n in zip(keys, counts, histories, strict=True)
        ]

    def _padded(self, ids):
        ids = np.asarray(ids, np.int64)
        if ids.size and (ids.min() <= PAD or ids.max() >= self.size):
            raise ValueError(f"KneserNey: a token must be above {PAD} and below {self.size}")
        return np.concatenate([np.full(self.order - 1, EOS), ids])

    def log_probabilities(self, ids):
        """Natural logarithm of the probability of each token, given those before it in its text.

        Args:
            ids: int array (tokens,), an encoded text; its history is `EOS`.

        Returns:
            float64 array (tokens,)

        Raises:
            ValueError: a token is `PAD` or outside of the vocabulary.
        """
        flat = self._padded(ids)
        numbers, p = np.zeros(len(flat), np.int64), np.full(len(flat), 1 / (self.size - 1))
        for keys, share, left in self._levels:
            history = _before(numbers)
            code = history * self.size + flat
            numbers = np.minimum(np.searchsorted(keys, code), len(keys) - 1)
            seen = (keys[numbers] == code) & (history >= 0)
            p = np.where(history < 0, 1, left[history]) * p + seen * share[numbers]
            numbers[~seen] = -1
        return np.log(p[self.order - 1 :])

    def distribution(self, history=()):
        """Probability of every entry of the vocabulary as the next token.

        Args:
            history: int array (tokens,), what has been read of the text; may be empty.

        Returns:
            float64 array (vocabulary_size,), with sum 1

        Raises:
            ValueError: a token is `PAD` or outside of the vocabulary.
        """
        recent = self._padded(history)
        p = np.full(self.size, 1 / (self.size - 1))
        p[PAD] = 0
        for k, (keys, share, left) in enumerate(self._levels):
            number = 0
            for (shorter, *_), word in zip(self._levels, recent[len(recent) - k :], strict=False):
                code = number * self.size + word
                number = np.searchsorted(shorter, code)
                if number == len(shorter) or shorter[number] != code:
                    return p  # this history was never seen, and so none longer was
            begin, end = np.searchsorted(keys, [number * self.size, (number + 1) * self.size])
            p *= left[number]
            p[keys[begin:end] - number * self.size] += share[begin:end]
        return p


def _before(numbers):
    """For each token the number of what ends at the token before: its history, one word shorter."""
    return np.concatenate([[0], numbers[:-1]])


def _shares(history, count, histories):
    """The discounted share of each n-gram, and of each history what is left for shorter ones."""
    once, twice = (count == 1).sum(), (count == 2).sum()
    discount = once / (once + 2 * twice) if once else 0.5
    total = np.bincount(history, count, histories)
    kinds = np.bincount(history, count > 0, histories)
    left = np.divide(discount * kinds, total, out=np.ones(histories), where=total > 0)
    return np.maximum(count - discount, 0) / np.maximum(total[history], 1), left
