"""A reader's own file in the chapter on the next word in use: one changed line."""

import csv

import numpy as np

from grubook.data import fetch
from grubook.data.reviews import load_reviews

CELLS = ["003", "reviews", "weights", "split", "presses", "own-path", "own-words", "own-start"]


def test_a_readers_file_starts_from_the_books_network(run_cells, tmp_path):
    path = tmp_path / "mine.csv"
    reviews = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])[:600]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Score", "review_body"])
        for stars, text in zip(reviews["stars"], reviews["text"], strict=True):
            rows.writerow([stars, f"{text} the gadget zorblaxes"])
    chapter = run_cells("next_word_in_use", CELLS, path)
    words = chapter["own_vocabulary"].words
    rows, _, _, _, columns, bias = chapter["from_the_book"]
    new, box, in_book = words.index("zorblaxes"), words.index("box"), chapter["number"]["box"]
    assert "zorblaxes" not in chapter["number"] and len(chapter["own"]) < 600
    assert np.array_equal(rows[box], chapter["E"][in_book])
    assert np.array_equal(columns[:, box], chapter["V"][:, in_book])
    assert bias[box] == chapter["c"][in_book]
    assert np.median(bias) < bias[new] < bias[words.index(".")]  # frequent, and so expected
