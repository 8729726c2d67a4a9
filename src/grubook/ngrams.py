"""The n-gram model of the next word, which a network has to beat: interpolated Kneser-Ney."""

import numpy as np

from grubook.text import EOS, PAD

__all__ = ["KneserNey"]


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
