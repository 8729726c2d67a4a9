"""From a text as it was typed to what a network reads: cleaning, tokens, vocabulary, windows."""

import collections
import html
import itertools
import re
import sys
import unicodedata

import numpy as np
import regex

__all__ = [
    "EOS",
    "PAD",
    "UNK",
    "Vocabulary",
    "clean",
    "tokenize",
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
# A word begins with a letter or a digit, goes on with letters, digits and combining marks (accents,
# vowel signs), also across an invisible joiner (Persian, Sinhala), and may hold one apostrophe that
# letters follow. JavaScript spells this rule with the same characters, between /.../gu.
_TOKEN = regex.compile(
    r"[\p{L}\p{N}](?:[\u200C\u200D]?[\p{L}\p{N}\p{M}])*"
    r"(?:'\p{L}(?:[\u200C\u200D]?[\p{L}\p{M}])*)?"
    r"|[.!?,]"
)


def clean(text):
    """Remove what a shop's page added to a review, and fold what was typed in different ways.

    HTML entities become characters; HTML tags and video markup become a space; curly apostrophes
    become straight; accents are composed (Unicode NFC); letters become lower case.

    Args:
        text: str, a review as it was stored.

    Returns:
        str: the text in lower case, with runs of white space folded into one space.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text; leave out the rows that have none")
    text = _TAG.sub(" ", html.unescape(text))
    text = _SHOP_MARKUP.sub(lambda markup: f" {markup[1] or ''} ", text)
    text = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC).lower()
    return " ".join(text.split())


def tokenize(text):
    """Cut a cleaned text into words and the marks ``. ! ? ,``; everything else is dropped.

    A word is a run of letters and digits with their combining marks, with at most one apostrophe
    inside (``don't``). Nothing is segmented that is written without spaces (Thai, Lao, Khmer,
    Burmese, Chinese, Japanese): a run of such letters is one token, which is rarely what is needed.

    Args:
        text: str, as `clean` returns it.

    Returns:
        list of str
    """
    # Interned, each word is in memory once, however often it occurs in however many texts.
    return [sys.intern(token) for token in _TOKEN.findall(text)]


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
            TypeError: a text is not cut into tokens.
        """
        if size <= len(_SPECIAL):
            raise ValueError(f"Vocabulary.from_tokens: size must be above 3; got {size}")
        counts = collections.Counter(itertools.chain.from_iterable(map(as_tokens, token_lists)))
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

        Raises:
            TypeError: the text is not cut into tokens.
        """
        ids = [self._ids.get(token, UNK) for token in as_tokens(token_list)]
        return np.array([*ids, EOS] if end else ids, dtype=np.int32)

    def decode(self, ids):
        """Turn integers back into tokens (list of str); an integer outside raises IndexError."""
        ids = [int(i) for i in ids]
        if ids and min(ids) < 0:
            raise IndexError(f"A vocabulary has no entry {min(ids)}")
        return [self.words[i] for i in ids]


def as_tokens(token_list):
    """The tokens as they are, if they are not one text."""
    if isinstance(token_list, str):  # each letter would be taken for a word
        raise TypeError(f"{token_list[:30]!r} is one text; cut it into words with tokenize() first")
    return token_list


def as_texts(sequences):
    """The encoded texts as a list of arrays; a generator would be used up by the first look."""
    texts = [np.asarray(ids) for ids in sequences]
    if any(ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu") for ids in texts):
        raise TypeError("The texts must be a list with an array of integers for each text")
    return texts


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
        TypeError: the texts are not arrays of integers.
    """
    sequences = as_texts(sequences)
    if length < 1 or not any(map(len, sequences)):
        raise ValueError(
            f"windows: length must be at least 1, and there must be a token; "
            f"got {length} and {len(sequences)} texts"
        )
    inputs, targets = [], []
    for ids in filter(len, sequences):
        padding = np.full(-len(ids) % length, PAD)
        inputs.append(np.concatenate([[EOS], ids[:-1], padding]).reshape(-1, length))
        targets.append(np.concatenate([ids, padding]).reshape(-1, length))
    return np.concatenate(inputs).astype(np.int32), np.concatenate(targets).astype(np.int32)
