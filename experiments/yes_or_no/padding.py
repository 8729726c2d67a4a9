"""At which padded length does a recurrent network without a mask stop learning?

The first 40 tokens of 3,200 Amazon reviews, half of them positive, are padded to six lengths, on
the left or on the right, with a mask or without one. Nothing else differs: the same words, the same
starting weights for a seed, the same batches. What is read is the area under the ROC curve on 700
validation reviews, half of them positive, after each epoch; the test reviews are not used.
"""

import itertools
import time

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.yes_or_no.data import prepare
from grubook.text import Vocabulary

WORDS, SEEDS = 40, [0, 1, 2]
# A mask makes the length irrelevant: the two ends are enough to show it.
LENGTHS = {False: [40, 45, 50, 60, 100, 200], True: [40, 200]}
ENTRIES, WIDTH, UNITS, RATE, BATCH, EPOCHS = 3000, 32, 64, 2e-3, 64, 4


def half_and_half(words, positive, n, vocabulary):
    """Integers of the first words of n negative and n positive reviews, and their labels."""
    rows = np.sort(np.concatenate([np.flatnonzero(positive == side)[:n] for side in (False, True)]))
    return [vocabulary.encode(words[i][:WORDS]) for i in rows], positive[rows].astype("float32")


def padded(ids, length=WORDS, side="right"):
    padding = {"right": "post", "left": "pre"}[side]
    return keras.utils.pad_sequences(ids, maxlen=length, padding=padding)


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
        jit_compile=brief(True, False),
        steps_per_execution=50,
    )
    aucs, losses, start = [], [], time.perf_counter()
    for _ in range(brief(EPOCHS, 1)):
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
    training, validation, _ = prepare()
    vocabulary = Vocabulary.from_tokens(training[0], ENTRIES)
    ids, y = half_and_half(*training, 1600, vocabulary)
    ids_val, y_val = half_and_half(*validation, 350, vocabulary)
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
        data=array_digest(padded(ids), y, padded(ids_val), y_val),
    )
    n = brief(None, 128)
    cases = [(length, masked) for masked, lengths in LENGTHS.items() for length in lengths]
    keys = [
        {"length": length, "side": side, "masked": masked, "seed": seed}
        for seed, side, (length, masked) in itertools.product(SEEDS, ("right", "left"), cases)
    ]
    for key in recorder.todo(keys):
        x, x_val = (padded(one, key["length"], key["side"])[:n] for one in (ids, ids_val))
        recorder.add(**key, **train(x, y[:n], x_val, y_val[:n], key["masked"], key["seed"]))


if __name__ == "__main__":
    command_line(main)
