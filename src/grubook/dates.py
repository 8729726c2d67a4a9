"""Dates as people write them in twelve languages, and as ISO 8601 writes them.

A text is written by Babel from Unicode's CLDR, whose patterns these are
(https://www.unicode.org/reports/tr35/tr35-dates.html): ``d MMM y`` is 21 Nov 2026.
"""

import datetime
import unicodedata

import numpy as np
from babel.dates import format_date, format_skeleton

from grubook.reference import gru_forward, gru_step

__all__ = [
    "ANSWER",
    "END",
    "FORMATS",
    "LANGUAGES",
    "NEW_FORMATS",
    "START",
    "STEPS",
    "DateWriter",
    "decode_answers",
    "encode_answers",
    "read",
    "tidy",
]

LANGUAGES = ["de", "el", "en", "es", "fr", "it", "ja", "pl", "pt", "ru", "tr", "zh"]

#: Symbols of the answer. 0 is padding; END closes an answer and START stands before it.
ANSWER = "\0-0123456789"
END, START = len(ANSWER), len(ANSWER) + 1

#: Steps of an answer: ten characters and END.
STEPS = 11

#: Two figures for a year mean what POSIX says: 69 is 1969, 68 is 2068.
FIRST, LAST = datetime.date(1969, 1, 1), datetime.date(2068, 12, 31)

#: By name, a pattern for languages that write the day first, the month first, the year first.
FORMATS = {
    "CLDR short": ("short",) * 3,
    "CLDR medium": ("medium",) * 3,
    "CLDR long": ("long",) * 3,
    "CLDR full": ("full",) * 3,
    "month alone": ("month",) * 3,
    "ISO": ("y-MM-dd",) * 3,
    "dots": ("d.M.y", "M.d.y", "y.M.d"),
    "slashes": ("dd/MM/y", "MM/dd/y", "y/MM/dd"),
    "hyphens, two-figure year": ("d-M-yy", "M-d-yy", "yy-M-d"),
    "day, month in words": ("d MMMM y", "d MMMM y", "y年MM月dd日"),
    "weekday, month in words": ("EEEE d MMMM y", "EEEE d MMMM y", "EEEE y年M月d日"),
}
NEW_FORMATS = {
    "spaces": ("d M y", "M d y", "y M d"),
    "no gaps": ("yMMdd",) * 3,
    "short weekday": ("EEE d MMM y", "EEE, MMM d, y", "y年M月d日(EEE)"),
    "year first, in words": ("y MMMM d", "y MMMM d", "y年, M月d日"),
    "words, two-figure year": ("d MMM yy", "MMM d, yy", "yy年M月d日"),
}


def tidy(text):
    """The text in lower case and in Unicode's normal form, blanks as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


class DateWriter:
    """Write dates as texts, draw examples, and turn both sides into numbers.

    Of the days, 10 % are test days and 5 % validation days; of the months, which a text without a
    day names, as many. Which ones is drawn once, with a seed of its own.

    Attributes:
        alphabet: str, every character that a known format can write.
        days, months: dicts from "train", "val" and "test" to lists of dates (months: the 1st).
        timesteps: characters of the longest text, with one symbol for the language before it.
    """

    def __init__(self):
        rng = np.random.default_rng(2026)
        every = [FIRST + datetime.timedelta(i) for i in range((LAST - FIRST).days + 1)]
        self.days = _split(every, rng)
        self.months = _split([day for day in every if day.day == 1], rng)
        year = [datetime.date(2026, month, day) for month in range(1, 13) for day in range(1, 8)]
        year += [
            datetime.date(1970, 10, 13),
            datetime.date(2048, 10, 26),
            datetime.date(2059, 3, 1),
        ]
        texts = {self.write(d, f, l) for d in year for f in FORMATS for l in LANGUAGES}
        self.alphabet = "".join(sorted(set("".join(texts))))
        self.timesteps = 1 + max(map(len, texts)) + 1  # one to spare: two figures for the day

    @property
    def symbols(self):
        """How many numbers a text is made of: padding, the languages, the alphabet."""
        return 1 + len(LANGUAGES) + len(self.alphabet)

    def write(self, date, format_name, language):
        """A date as text, tidied. ``format_name`` is one of FORMATS or NEW_FORMATS."""
        if not isinstance(date, datetime.date):
            raise TypeError(f"{date!r} is no datetime.date")
        order = {"en": 1, "ja": 2, "zh": 2}.get(language, 0)
        formats = FORMATS | NEW_FORMATS
        pattern = formats[_known(format_name, formats, "format")][order]
        if pattern == "month":
            return tidy(format_skeleton("yMMMM", date, locale=language))
        return tidy(format_date(date, pattern, locale=language))

    def draw(self, n, seed, side="train", formats=FORMATS):
        """Draw n examples: each a language, a format and a day of that side, evenly.

        Returns:
            tuple of lists: texts, answers, languages, names of the formats.
        """
        _known(side, self.days, "side")
        rng = np.random.default_rng(seed)
        languages = rng.choice(LANGUAGES, n).tolist()
        names = rng.choice(list(formats), n).tolist()
        texts, answers = [], []
        for language, name, u in zip(languages, names, rng.random(n), strict=True):
            pool = (self.months if name == "month alone" else self.days)[side]
            date = pool[int(u * len(pool))]
            texts.append(self.write(date, name, language))
            answers.append(date.isoformat()[: 7 if name == "month alone" else 10])
        return texts, answers, languages, names

    def encode(self, texts, languages, timesteps=None):
        """Texts as symbols, int32 (texts, timesteps): the language's, the characters', zeros.

        Characters outside the alphabet are left out (see `unknown`), and so is what is too long.
        """
        number = {c: 1 + len(LANGUAGES) + i for i, c in enumerate(self.alphabet)}
        x = np.zeros((len(texts), timesteps or self.timesteps), np.int32)
        for row, text, language in zip(x, texts, languages, strict=True):
            symbols = [number[c] for c in tidy(text) if c in number][: len(row) - 1]
            first = 1 + LANGUAGES.index(_known(language, LANGUAGES, "language"))
            row[: 1 + len(symbols)] = [first, *symbols]
        return x

    def unknown(self, text):
        """The characters of a text that the alphabet lacks."""
        return "".join(dict.fromkeys(c for c in tidy(text) if c not in self.alphabet))


def encode_answers(answers):
    """Answers as symbols, int32 (answers, 11): characters, END, and zeros behind it."""
    for answer in answers:
        if len(answer) >= STEPS or set(answer) - set(ANSWER[1:]):
            raise ValueError(f"{answer!r} is no answer: at most {STEPS - 1} of {ANSWER[1:]}")
    y = np.zeros((len(answers), STEPS), np.int32)
    for row, answer in zip(y, answers, strict=True):
        row[: len(answer) + 1] = [*map(ANSWER.index, answer), END]
    return y


def decode_answers(y):
    """Symbols (answers, steps) as texts, each up to its END."""
    return ["".join(ANSWER[s] for s in row[: _length(row)]) for row in y]


def read(weights, x):
    """Read encoded texts with the book's network, in NumPy: the likeliest symbol at each step.

    Args:
        weights: ``load_weights("dates")``.
        x: symbols (texts, timesteps), as `DateWriter.encode` returns them.

    Returns:
        tuple: symbols (texts, 11), each with its probability, and where the decoder looked,
        (texts, 11, timesteps), rows that sum to 1.

    Raises:
        ValueError: a text has no symbol, or a symbol is below 0.
    """
    w, there = weights, x > 0
    if not there.any(axis=1).all() or np.any(x < 0):
        raise ValueError(
            "read: each text needs a symbol, and none is below 0; see DateWriter.encode"
        )
    encoder, decoder = (
        [w[f"{name}_{part}"] for part in ("kernel", "recurrent_kernel", "bias")]
        for name in ("gru", "decoder")
    )
    h = gru_forward(w["embedding"][x], *encoder, mask=there).h[:, 1:]
    s, keys, symbol = h[:, -1], h @ w["key_kernel"] + w["key_bias"], np.full(len(x), START)
    found = []
    for _ in range(STEPS):
        e = np.tanh((s @ w["query_kernel"])[:, None] + keys) @ w["score"]
        a = _softmax(np.where(there, e, -np.inf))
        c = np.einsum("nt,ntu->nu", a, h)
        s = gru_step(np.hstack([w["decoder_embedding"][symbol], c]), s, *decoder)[0]
        p = _softmax(s @ w["dense_kernel"] + w["dense_bias"])
        symbol = p.argmax(axis=1)
        found.append((symbol, p.max(axis=1), a))
    return tuple(np.stack(part, axis=1) for part in zip(*found, strict=True))


def _known(name, names, what):
    if name not in names:
        raise ValueError(f"There is no {what} {name!r}; there are: {', '.join(names)}")
    return name


def _softmax(e):
    p = np.exp(e - e.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _length(row):
    ends = np.flatnonzero((np.asarray(row) == END) | (np.asarray(row) == 0))
    return ends[0] if ends.size else len(row)


def _split(dates, rng):
    order = rng.permutation(len(dates))
    test, val = len(dates) // 10, len(dates) // 20
    pieces = np.split(order, [test, test + val])
    names = ("test", "val", "train")
    return {n: [dates[i] for i in np.sort(p)] for n, p in zip(names, pieces, strict=True)}
