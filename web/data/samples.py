"""Write what the pages and the programs show of the data: python web/data/samples.py _build/web

From the cache, and so never committed: 3,000 digits as a classic script (a page opened from disk
may not fetch a file), and 500 reviews as the CSV of article 096, and as a script.
"""

import base64
import csv
import gzip
import json
import pathlib
import sys

import numpy as np

from grubook.data import fetch, load_mnist
from grubook.text import clean, tokenize

REVIEWS = 500


def digits():
    """The first 2,000 training and the first 1,000 test images, as bytes in base64."""
    (x, y), _, (x_test, y_test) = load_mnist()
    sets = {"train": (x[:2000], y[:2000]), "test": (x_test[:1000], y_test[:1000])}
    return {
        name: {"images": text(images), "labels": text(labels.astype(np.uint8))}
        for name, (images, labels) in sets.items()
    }


def text(array):
    return base64.b64encode(array.tobytes()).decode("ascii")


def reviews():
    """The first reviews of ten words and more, each text once: title, text and stars."""
    found, seen = [], set()
    with gzip.open(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"], "rt", "utf-8") as lines:
        for row in map(json.loads, lines):
            key = clean(row["text"])
            if len(tokenize(key)) >= 10 and key not in seen:
                seen.add(key)
                found.append([row["title"], row["text"], int(row["rating"])])
            if len(found) == REVIEWS:
                return found
    raise ValueError(f"only {len(found)} reviews of ten words and more")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rows = reviews()
    with (folder / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["review_title", "review_body", "star_rating"], *rows])
    samples = {"digits": digits(), "reviews": [row[1] for row in rows]}
    for name, sample in samples.items():
        script = (
            f"globalThis.grubook ??= {{}};\nglobalThis.grubook.{name} = {json.dumps(sample)};\n"
        )
        (folder / f"{name}_data.js").write_text(script, "utf-8")


if __name__ == "__main__":
    main()
