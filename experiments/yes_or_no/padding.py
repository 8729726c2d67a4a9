"""At which padded length does a recurrent network without a mask stop learning?

The first 40 tokens of 3,200 Amazon reviews, half of them positive, are padded to six lengths, on
the left or on the right, with a mask or without one. Nothing else differs: the same words, the same
starting weights for a seed, the same batches. What is read is the area under the ROC curve on 700
validation reviews, half of them positive, after each epoch; the test reviews are not used.
"""

import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from experiments.common import Recorder, array_digest
from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.text import Vocabulary, clean, tokenize

WORDS, SEEDS = 40, [0, 1, 2]
# A mask makes the length irrelevant: the two ends are enough to show it.
LENGTHS = {False: [40, 45, 50, 60, 100, 200], True: [40, 200]}
ENTRIES, WIDTH, UNITS, RATE, BATCH, EPOCHS = 3000, 32, 64, 2e-3, 64, 4


def prepare():
    """Integers of the words (a list) and labels for training and validation, half positive."""
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    frame = frame[frame["stars"] != 3]
    words = [tokenize(clean(text)) for text in frame["text"]]
    long_enough = [i for i in range(len(words)) if len(words[i]) >= 5]
    groups = duplicate_groups([words[i] for i in long_enough])
    kept = [i for k, i in enumerate(long_enough) if groups[k] == k]
    words = [words[i] for i in kept]
    positive = (frame["stars"] > 3).to_numpy()[kept]
    train, validation, _ = split_groups(range(len(kept)), seed=0)
    vocabulary = Vocabulary.from_tokens([words[i] for i in train], ENTRIES)

    def half_and_half(rows, n):
        rows = np.sort(np.concatenate([rows[positive[rows] == side][:n] for side in (False, True)]))
        return [vocabulary.encode(words[i][:WORDS]) for i in rows], positive[rows].astype("float32")

    return half_and_half(train, 1600), half_and_half(validation, 350)


def train(x, y, x_val, y_val, masked, seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],), dtype="int32"),
            keras.layers.Embedding(ENTRIES, WIDTH, mask_zero=masked),
            keras.layers.GRU(UNITS),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.Adam(RATE),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=50,
    )
    aucs, losses, start = [], [], time.perf_counter()
    for _ in range(EPOCHS):
        losses += model.fit(x, y, BATCH, epochs=1, verbose=0).history["loss"]
        scores = model.predict(x_val, batch_size=len(x_val), verbose=0)[:, 0]
        aucs.append(float(roc_auc_score(y_val, scores)))
    return {
        "auc": max(aucs),
        "auc_by_epoch": [round(auc, 4) for auc in aucs],
        "loss_by_epoch": [round(loss, 4) for loss in losses],
        "seconds": round(time.perf_counter() - start, 1),
    }


def main():
    (ids, y), (ids_val, y_val) = prepare()
    padded = {"maxlen": WORDS, "padding": "post"}
    recorder = Recorder(
        __file__,
        {
            "words": WORDS,
            "lengths": {"no mask": LENGTHS[False], "mask": LENGTHS[True]},
            "train": len(y),
            "validation": len(y_val),
            "vocabulary": ENTRIES,
            "embedding": WIDTH,
            "units": UNITS,
            "rate": RATE,
            "batch": BATCH,
            "epochs": EPOCHS,
            "seeds": SEEDS,
            "auc": "the best epoch's, on validation reviews",
        },
        # A run near the length where learning stops may fall to either side of it.
        tolerance={"auc": 0.1},
        data=array_digest(
            keras.utils.pad_sequences(ids, **padded),
            y,
            keras.utils.pad_sequences(ids_val, **padded),
            y_val,
        ),
    )
    for seed in SEEDS:
        for side in ("right", "left"):
            for masked, lengths in LENGTHS.items():
                for length in lengths:
                    key = {
                        "length": length,
                        "side": side,
                        "masked": masked,
                        "seed": seed,
                    }
                    if recorder.done(**key):
                        continue
                    x, x_val = (
                        keras.utils.pad_sequences(
                            one,
                            maxlen=length,
                            padding="post" if side == "right" else "pre",
                        )
                        for one in (ids, ids_val)
                    )
                    recorder.add(**key, **train(x, y, x_val, y_val, masked, seed))


if __name__ == "__main__":
    main()
