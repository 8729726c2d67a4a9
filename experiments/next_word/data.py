"""What the next-word experiments share: the reviews as integers, and where their weights are kept.

Not an experiment: it has no results file. The chapter prepares its reviews with the same lines.
"""

import pathlib

import numpy as np

from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.text import Vocabulary, clean, tokenize

WEIGHTS = pathlib.Path(__file__).resolve().parents[1] / "weights" / "next_word.npz"


def prepare(size=10_000):
    """Read, clean, split and encode the reviews, body first and title last as article 096 has it.

    Texts of fewer than five tokens and all but the first of each group of (near-)duplicates are
    left out; 80 % of the rest train, 10 % choose, 10 % are for the report.

    Returns:
        tuple: the `Vocabulary` of the training reviews, and the training, validation and test
        reviews: three lists of int32 arrays (tokens + 1,), each ending in `EOS`.
    """
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    words = [tokenize(clean(text)) for text in frame["text"] + " " + frame["title"]]
    words = [review for review in words if len(review) >= 5]
    groups = duplicate_groups(words)
    words = [review for i, review in enumerate(words) if groups[i] == i]
    train, val, test = split_groups(range(len(words)), parts=(0.8, 0.1, 0.1), seed=0)
    vocabulary = Vocabulary.from_tokens([words[i] for i in train], size)
    sides = [[vocabulary.encode(words[i], end=True) for i in side] for side in (train, val, test)]
    return vocabulary, *sides


def quantise(weights):
    """Round each matrix to 8 bits a number: int8 rows, and beside them a float32 scale a row.

    Args:
        weights: dict of float32 arrays.

    Returns:
        dict: matrices as int8, each with ``<name>_scale`` (rows, 1); everything else unchanged.
    """
    found = {}
    for name, array in weights.items():
        if array.ndim == 2 and len(array) > 2:  # a GRU's two bias vectors are small enough as is
            scale = np.abs(array).max(1, keepdims=True) / 127
            found[f"{name}_scale"] = scale.astype("float32")
            array = np.round(array / np.where(scale > 0, scale, 1)).astype("int8")
        found[name] = array
    return found


def load_weights(path=WEIGHTS):
    """The best network's weights as float32 arrays, by name, and its `Vocabulary`.

    ``embedding`` (vocabulary, width) is the output's matrix as well; times ``scale``, its rows
    enter the GRU: ``gru_kernel``, ``gru_recurrent_kernel``, ``gru_bias``, in Keras's layout.
    ``output_bias`` (vocabulary,) belongs to the output.
    """
    with np.load(path) as file:
        stored = {name: file[name] for name in file.files}
    vocabulary = Vocabulary(stored.pop("words").tolist())
    scales = {name: stored.pop(name) for name in list(stored) if name.endswith("_scale")}
    weights = {n: a * scales[f"{n}_scale"] if a.dtype == np.int8 else a for n, a in stored.items()}
    return weights, vocabulary
