"""N-gram models of the next word, which a network has to beat: Kneser-Ney and a cache."""

import numpy as np

from grubook.text import EOS, PAD, as_texts

__all__ = ["KneserNey", "count_ngrams", "mix_cache"]


class KneserNey:
    """Interpolated Kneser-Ney: a guess at the next word from the last few.

    Kneser and Ney 1995, doi:10.1109/ICASSP.1995.479394, interpolated, with one discount for each
    order; with ``discounts=3`` it is the modified Kneser-Ney of Chen and Goodman 1999,
    doi:10.1006/csla.1999.0128, whose discount depends on how often an n-gram was counted. The
    highest order counts how often an n-gram occurs, each lower one how many different words it
    follows. Histories are padded with `EOS`. Below the unigram is a uniform distribution over all
    entries but `PAD`, so no probability except that of `PAD` is 0.

    Args:
        sequences: the encoded training texts, each an int array (tokens,), `EOS` at its end.
        order: words in the longest n-gram, the predicted one included; 1 is the unigram.
        vocabulary_size: entries of the vocabulary.
        discounts: how many an order has: the last is for all counts from its own number on.

    Raises:
        ValueError: ``order`` or ``discounts`` is not positive, there is no token or no `EOS`, or a
            token is `PAD` or outside of the vocabulary.
        TypeError: the texts are not arrays of integers.
    """

    def __init__(self, sequences, order, vocabulary_size, discounts=1):
        self._build(*count_ngrams(sequences, order, vocabulary_size), vocabulary_size, discounts)

    @classmethod
    def from_counts(cls, ngrams, counts, vocabulary_size, discounts=1):
        """The same model from n-grams that were counted in parts, and the counts then added.

        Args:
            ngrams: int array (kinds, order), each kind of the longest n-gram once, as
                `count_ngrams` has them; the shorter ones are counted in their ends.
            counts: int array (kinds,), how often each occurs in all parts together.
            vocabulary_size, discounts: as of the class.

        Raises:
            ValueError: ``discounts`` is not positive, a kind has no count of 1 or more, a token is
                `PAD` or outside of the vocabulary, or a beginning never ends another n-gram: then
                a part is missing.
        """
        model = cls.__new__(cls)
        model._build(np.asarray(ngrams), np.asarray(counts), vocabulary_size, discounts)
        return model

    def _build(self, ngrams, counts, size, discounts):
        if discounts < 1 or len(ngrams) != len(counts) or min(counts) < 1:
            raise ValueError(
                "KneserNey: discounts must be at least 1, and so must each n-gram's count; "
                f"got {discounts}, and {len(counts)} counts of {len(ngrams)} n-grams"
            )
        self.order, self.size = ngrams.shape[1], size
        # First what ends before a text, in its padding, where nothing is predicted: never counted.
        rows = np.vstack([_padded([], self.order + 1, size), _known(ngrams, size)])
        keys, tallies, numbers = [], [], np.zeros(len(rows), np.int64)
        for k in range(1, self.order + 1):
            code = self._numbers(keys, rows[:, self.order - k : -1]) * size + rows[:, -1]
            shorter, real = numbers, np.arange(len(rows)) > 0
            if k == self.order:
                code, shorter, real = code[real], shorter[real], real[real]
            unique, first, numbers = np.unique(code, return_index=True, return_inverse=True)
            seen = np.bincount(numbers[real], minlength=len(unique)) > 0
            if k > 1:  # an n-gram one shorter counts, instead, the kinds of this one that it ends
                tallies.append(np.bincount(shorter[first][seen], minlength=len(keys[-1])))
            keys.append(unique)
        tallies.append(np.bincount(numbers, counts).astype(np.int64))
        histories = [1, *map(len, keys[:-1])]
        self._levels = [
            (unique, *_shares(unique // size, count, n, discounts))
            for unique, count, n in zip(keys, tallies, histories, strict=True)
        ]

    def _numbers(self, keys, words):
        """The number of each n-gram (a row of words) among the keys of its length."""
        numbers = np.zeros(len(words), np.int64)
        for unique, column in zip(keys, words.T, strict=True):
            code = numbers * self.size + column
            numbers = np.minimum(np.searchsorted(unique, code), len(unique) - 1)
            if not np.array_equal(unique[numbers], code):
                raise ValueError("KneserNey: an n-gram begins as none ends; a part is missing")
        return numbers

    def log_probabilities(self, ids):
        """Natural logarithm of the probability of each token, given those before it in its text.

        Args:
            ids: int array (tokens,), an encoded text; its history is `EOS`.

        Returns:
            float64 array (tokens,)

        Raises:
            ValueError: a token is `PAD` or outside of the vocabulary.
        """
        flat = _padded(ids, self.order, self.size)
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
        recent = _padded(history, self.order, self.size)
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


def count_ngrams(sequences, order, vocabulary_size):
    """Count the n-grams of some texts, each text padded with `EOS` before its first token.

    The counts of all texts are the sums of the counts of their parts, so that many processes can
    count at once: see `KneserNey.from_counts`.

    Args:
        sequences, order, vocabulary_size: as of `KneserNey`.

    Returns:
        tuple: int64 arrays (kinds, order), sorted, and (kinds,), how often each occurs.

    Raises:
        ValueError, TypeError: as `KneserNey` does.
    """
    sequences = as_texts(sequences)
    if order < 1 or vocabulary_size <= EOS or not any(map(len, sequences)):
        raise ValueError(
            "KneserNey: order and discounts must be at least 1, the vocabulary hold <eos>, and "
            f"texts not all be empty; got {order} and {vocabulary_size} entries"
        )
    padded = [_padded(ids, order, vocabulary_size) for ids in sequences]
    place = np.concatenate([np.arange(len(ids)) for ids in padded])
    rows = np.lib.stride_tricks.sliding_window_view(np.concatenate(padded), order)
    rows = rows[place[order - 1 :] >= order - 1]
    numbers = np.zeros(len(rows), np.int64)
    for column in rows.T:  # a word longer each time
        code = numbers * vocabulary_size + column
        _, first, numbers = np.unique(code, return_index=True, return_inverse=True)
    return rows[first], np.bincount(numbers)


def mix_cache(log_p, ids, weight):
    """Let any model of the next word remember the text: mix in the words that it held so far.

    The cache gives a token its share of the tokens before it in its text (Kuhn and De Mori 1990,
    doi:10.1109/34.56193). The first token has none before it, and keeps its probability.

    Args:
        log_p: float array (tokens,), the model's log-probability of each token of a text.
        ids: int array (tokens,), that text.
        weight: the cache's share of the mixture, at least 0 and below 1.

    Returns:
        float64 array (tokens,), log-probabilities: log((1 - weight) * p + weight * cache)

    Raises:
        ValueError: the weight is outside, there are not as many probabilities as tokens, or one
            is no logarithm.
    """
    ids = np.asarray(ids)
    if not 0 <= weight < 1 or np.shape(log_p) != ids.shape:
        raise ValueError(
            "mix_cache: the weight must be at least 0 and below 1, and each token have a "
            f"probability; got {weight}, {np.shape(log_p)} probabilities for {ids.shape} tokens"
        )
    if np.max(log_p, initial=0) > 1e-6:
        raise ValueError("mix_cache: the logarithm of a probability is not above 0; take np.log")
    p = np.exp(np.asarray(log_p, float))
    for t in range(1, len(ids)):
        p[t] = (1 - weight) * p[t] + weight * np.mean(ids[:t] == ids[t])
    return np.log(p)


def _known(ids, size):
    ids = np.asarray(ids, np.int64)
    if ids.size and (ids.min() <= PAD or ids.max() >= size):
        raise ValueError(f"KneserNey: a token must be above {PAD} and below {size}")
    return ids


def _padded(ids, order, size):
    return np.concatenate([np.full(order - 1, EOS), _known(ids, size)])


def _before(numbers):
    """For each token the number of what ends at the token before: its history, one word shorter."""
    return np.concatenate([[0], numbers[:-1]])


def _shares(history, count, histories, discounts):
    """The discounted share of each n-gram, and of each history what is left for shorter ones."""
    discount = _discounts(count, discounts)[np.minimum(count, discounts)]
    total = np.bincount(history, count, histories)
    taken = np.bincount(history, discount, histories)
    left = np.divide(taken, total, out=np.ones(histories), where=total > 0)
    return (count - discount) / np.maximum(total[history], 1), left


def _discounts(count, largest):
    """What is taken from a count of 0, 1, 2, ... (the last: of that many or more).

    Chen and Goodman 1999: D_k = k - (k + 1) Y n_{k+1} / n_k, where n_k n-grams have the count k and
    Y = n_1 / (n_1 + 2 n_2) is D_1 itself (a half where no n-gram has the count 1). Y also stands
    in where an estimate cannot be had (n_k = 0) or would take nothing.
    """
    n = np.bincount(count, minlength=largest + 2).astype(float)
    y = n[1] / (n[1] + 2 * n[2]) if n[1] else 0.5
    taken = [k - (k + 1) * y * n[k + 1] / n[k] if n[k] else 0 for k in range(2, largest + 1)]
    return np.array([0, y, *(d if d > 0 else y for d in taken)])
