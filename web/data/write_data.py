"""Write what pages and programs show of data and weights: python web/data/write_data.py _build/web

From the cache and the package, and so never committed. Pages get classic scripts, because a page
that is opened from disk may not fetch a file: each text is cut into pieces, which
web/data/chunks.js puts together. Node.js gets reviews.csv, as article 096 has it, and
the networks in models/.
"""

import base64
import csv
import gzip
import json
import pathlib
import sys

import numpy as np

from grubook.data import fetch, load_mnist
from grubook.dates import ANSWER, LANGUAGES, STEPS, DateWriter
from grubook.results import load_results
from grubook.text import clean, tokenize
from grubook.weights import export_weights, load_weights

REVIEWS = 500
#: Test digits: the chapter's two that look like another digit for a while, then one of each other.
EXAMPLES = [12, 47, 0, 2, 3, 4, 8, 11, 18, 61]


def write(folder, name, value, piece=200_000):
    """Cut the JSON of a value into scripts of about the same length, at most so many characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    count = -(-len(text) // piece)
    for i in range(count):
        part = json.dumps(text[i * len(text) // count : (i + 1) * len(text) // count])
        script = (
            f'((globalThis.grubook ??= {{}}).chunks ??= {{}})["{name}.{i}"] = '
            f"{{ count: {count}, part: {part} }};\n"
        )
        (folder / f"{name}.{i}.js").write_text(script, "utf-8")


def base64_of(array):
    return base64.b64encode(np.asarray(array, np.uint8).tobytes()).decode("ascii")


def digits(images, labels):
    return {"images": base64_of(images), "labels": base64_of(labels)}


def reviews():
    """The first reviews of ten words and more: title, text and stars."""
    found = []
    with gzip.open(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"], "rt", "utf-8") as lines:
        for row in map(json.loads, lines):
            if len(tokenize(clean(row["text"]))) >= 10:
                found.append([row["title"], row["text"], int(row["rating"])])
            if len(found) == REVIEWS:
                return found
    raise ValueError(f"only {len(found)} reviews of ten words and more")


def write_samples(folder):
    (x, y), _, (x_test, y_test) = load_mnist()
    parts = {"train": digits(x[:2000], y[:2000]), "test": digits(x_test[:1000], y_test[:1000])}
    write(folder, "digits_sample", parts)
    examples = digits(x_test[EXAMPLES], []) | {"labels": y_test[EXAMPLES].tolist()}
    write(folder, "digit_examples", examples)
    rows = reviews()
    write(folder, "reviews_sample", [text for _, text, _ in rows])
    with (folder / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["review_title", "review_body", "star_rating"], *rows])


def write_networks(folder):
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    # The book's best digits network resets after the product: plain arrays can carry that.
    path = export_weights(load_weights("digits"), models / "digits.json")
    write(folder, "mnist_rows", path.read_text("utf-8"), 40_000)
    path = export_weights(load_weights("digits_reset_before"), models / "digits", layers_model=True)
    weights = np.frombuffer((path.parent / "weights.bin").read_bytes(), np.uint8)
    model = {"model": json.loads(path.read_text("utf-8")), "weights": base64_of(weights)}
    write(folder, "digits_layers_model", model)
    weights = load_weights("next_word", rounded=True)  # it has 8 bits already
    words = weights.pop("words").tolist()
    path = export_weights(weights, models / "next_word.json")
    file = json.dumps(json.loads(path.read_text("utf-8")) | {"words": words})
    path.write_text(file, "utf-8")
    write(folder, "next_word", file)
    write(folder, "dates", dates_file(models))
    write(folder, "race", race_file(models))


def dates_file(folder):
    """The JSON of the network that reads dates, with what its symbols stand for."""
    weights, writer = load_weights("dates", rounded=True), DateWriter()
    about = {"alphabet": "".join(weights.pop("alphabet")), "languages": LANGUAGES}
    about |= {"answer": ANSWER, "timesteps": writer.timesteps, "steps": STEPS}
    path = export_weights(weights, folder / "dates.json")
    return json.dumps(json.loads(path.read_text("utf-8")) | about)


def race_file(folder):
    """The JSON of the memory race's networks, with how all trainings did on test sequences."""
    weights, results = load_weights("race"), load_results("memory/race")
    about = {key: results["settings"][key] for key in ("gap", "units", "updates")}
    about["seeds"], about["racers"] = len(results["settings"]["seeds"]), {}
    for name in ("gru", "lstm", "plain"):
        seed = int(weights.pop(f"{name}_seed"))
        runs = [run for run in results["runs"] if (run["stage"], run["model"]) == ("test", name)]
        about["racers"][name] = {
            "seed": seed,
            "weights": runs[0]["parameters"],
            "shown": [run["seed"] for run in runs].index(seed),
            "trainings": [run["by_gap"] for run in runs],
        }
    path = export_weights(weights, folder / "race.json")
    return json.dumps(json.loads(path.read_text("utf-8")) | {"about": about})


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write_samples(target)
    write_networks(target)
