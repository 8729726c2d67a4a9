"""What the date reader must compute, in NumPy: python -m web.test.dates_vectors

Prints JSON: the book's network as the page gets it, and what it makes of texts in all languages.
"""

import json
import pathlib
import sys
import tempfile

import numpy as np

from grubook.dates import FORMATS, LANGUAGES, NEW_FORMATS, DateWriter, decode_answers, read, tidy
from grubook.weights import load_weights
from web.data.write_data import dates_file

HOSTILE = ["", " \t ", "🎉🎉", "29 février 2027", "Ⅳ ２０２６", "x" * 500, "\x1c3/4\u205f05\ufeff"]


def main():
    writer = DateWriter()
    texts, _, languages, _ = writer.draw(60, 11, "test", FORMATS | NEW_FORMATS)
    texts, languages = texts + HOSTILE, languages + LANGUAGES[: len(HOSTILE)]
    weights = {
        name: array.astype(float) if array.dtype.kind == "f" else array
        for name, array in load_weights("dates").items()
    }
    x = writer.encode(texts, languages)
    symbols, p, looked = read(weights, x)
    found = [
        {
            "text": text,
            "language": language,
            "tidy": tidy(text),
            "written": written,
            "p": p[i].tolist(),
            "looked": looked[i, :, : np.count_nonzero(x[i])].tolist(),
        }
        for i, (text, language, written) in enumerate(
            zip(texts, languages, decode_answers(symbols), strict=True)
        )
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = json.loads(dates_file(pathlib.Path(folder)))
    json.dump({"file": file, "found": found}, sys.stdout)


if __name__ == "__main__":
    main()
