"""Is this review positive? Embedding, GRU(64), Dense(1) beside TF-IDF with logistic regression.

Amazon reviews with 1 or 2 stars against 4 or 5, cleaned, without near-duplicates, 80 % to train on,
10 % to choose by, 10 % to report. Every setting, the number of epochs and the threshold among
them, is chosen on the validation reviews (settings and epochs by the lowest log loss, for the GRU
with one seed alone; the threshold by the highest balanced accuracy), the baseline's with the same
care. The GRU reads the first 120 tokens of a review; the baseline reads all of it, and once more no
further than the GRU. The test reviews are read once by models whose settings are fixed.
"""

import functools
import itertools
import time

import keras
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.yes_or_no.data import prepare
from grubook.text import Vocabulary

LENGTH, UNITS, BATCH = 120, 64, 32
SEEDS, SELECTION_SEED = [0, 1, 2], 100
ARTICLE = "as the article"
# name: (embedding width, learning rate, share of the embedding dropped, epochs at most)
SETTINGS = {
    ARTICLE: (64, 1e-3, 0.0, 10),
    "dropout": (64, 1e-3, 0.5, 5),
    "dropout, faster": (64, 3e-3, 0.5, 4),
    "dropout, narrow": (16, 3e-3, 0.5, 5),
}
LONGEST_N_GRAM, STRENGTHS = [1, 2], [1, 3, 10, 30, 100]
TOLERANCE = {
    "test_accuracy": 0.015,
    "test_balanced_accuracy": 0.03,
    "test_balanced_accuracy_at_threshold": 0.02,
    "test_auc": 0.01,
    "test_log_loss": 0.04,
    "calibration_gap": 0.03,
    "threshold": 0.3,
    "val_log_loss": 0.04,
    "val_auc": 0.01,
}


def calibration(y, p):
    """Ten bins of probabilities: how many are in each, what was said and what was."""
    place = np.clip((p * 10).astype(int), 0, 9)
    bins = [(p[place == k], y[place == k]) for k in range(10)]
    return [
        {"n": len(said), "said": float(said.mean()), "was": float(was.mean())}
        for said, was in bins
        if len(said)
    ]


def best_threshold(y, p):
    """The threshold of the highest balanced accuracy: a half, or one of 201 quantiles."""
    thresholds = np.unique(np.concatenate([[0.5], np.quantile(p, np.linspace(0, 1, 201))]))
    scores = [balanced_accuracy_score(y, p >= t) for t in thresholds]
    return float(thresholds[int(np.argmax(scores))])


def figures(y_val, p_val, y, p):
    """What a reader needs to know of probabilities p of the test labels y."""
    threshold, bins = best_threshold(y_val, p_val), calibration(y, p)
    gap = sum(one["n"] * abs(one["said"] - one["was"]) for one in bins) / len(p)
    return {
        "test_accuracy": float(np.mean((p >= 0.5) == y)),
        "test_balanced_accuracy": float(balanced_accuracy_score(y, p >= 0.5)),
        "test_auc": float(roc_auc_score(y, p)),
        "test_log_loss": float(log_loss(y, p.astype("float64"))),
        "calibration_gap": gap,
        "threshold": threshold,
        "test_balanced_accuracy_at_threshold": float(balanced_accuracy_score(y, p >= threshold)),
        "calibration": bins,
    }


def always_positive(recorder, labels):
    y, y_val, y_test = labels
    for key in recorder.todo([{"stage": "result", "model": "always positive", "seed": 0}]):
        p_val, p_test = (np.full(len(one), y.mean()) for one in (y_val, y_test))
        recorder.add(**key, **figures(y_val, p_val, y_test, p_test))


def vectorized(texts, longest):
    """The texts (training, validation, test) as weighted counts of words and runs of words."""
    vectors = TfidfVectorizer(
        token_pattern=r"\S+", ngram_range=(1, longest), min_df=2, sublinear_tf=True
    )
    train, *others = texts
    return [vectors.fit_transform(train), *map(vectors.transform, others)]


def linear(strength, x, y):
    return LogisticRegression(C=strength, max_iter=2000).fit(x, y)


def tf_idf(recorder, name, words, labels):
    """A weight for each word or pair of words, its settings chosen by the validation log loss."""
    texts = [np.array([" ".join(one) for one in side], object) for side in words]
    y, y_val, y_test = labels
    model = {"model": name, "seed": 0}
    for longest in LONGEST_N_GRAM:
        tried = {"stage": "selection", "longest_n_gram": longest} | model
        a, a_val, _ = vectorized(texts, longest)
        for key in recorder.todo(tried | {"C": strength} for strength in STRENGTHS):
            p_val = linear(key["C"], a, y).predict_proba(a_val)[:, 1]
            recorder.add(**key, val_log_loss=log_loss(y_val, p_val), val_auc=auc(y_val, p_val))
    best = min(recorder.runs(stage="selection", **model), key=lambda run: run["val_log_loss"])
    chosen = {name: best[name] for name in ("longest_n_gram", "C")}
    for key in recorder.todo([{"stage": "result"} | model]):
        a, *others = vectorized(texts, chosen["longest_n_gram"])
        fitted = linear(chosen["C"], a, y)
        p_val, p_test = (fitted.predict_proba(one)[:, 1] for one in others)
        found = figures(y_val, p_val, y_test, p_test)
        recorder.add(**key, **chosen, columns=a.shape[1], **found)


def auc(y, p):
    return float(roc_auc_score(y, p))


def build(setting, vocabulary_size):
    width, rate, dropped, _ = SETTINGS[setting]
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(vocabulary_size, width, mask_zero=True),
            keras.layers.SpatialDropout1D(dropped),
            keras.layers.GRU(UNITS),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=None if setting == ARTICLE else 1.0),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=brief(True, False),
        steps_per_execution=50,
    )
    return model


def train(setting, epochs, seed, size, training, validation, weighted=False):
    """Train a GRU; return the model and, after each epoch, the validation log loss and AUC."""
    keras.utils.set_random_seed(seed)
    model, (x, y), (x_val, y_val) = build(setting, size), training, validation
    share = y.mean()
    weights = {0: 0.5 / (1 - share), 1: 0.5 / share} if weighted else None
    by_epoch = {"val_log_loss": [], "val_auc": [], "loss": []}
    for _ in range(brief(epochs, 1)):
        history = model.fit(x, y, BATCH, epochs=1, verbose=0, class_weight=weights).history
        p = probabilities(model, x_val)
        by_epoch["val_log_loss"].append(round(float(log_loss(y_val, p.astype("float64"))), 4))
        by_epoch["val_auc"].append(round(auc(y_val, p), 4))
        by_epoch["loss"].append(round(history["loss"][-1], 4))
    return model, by_epoch


def probabilities(model, x):
    logits = model.predict(x, batch_size=512, verbose=0)[:, 0]
    return 1 / (1 + np.exp(-logits))


def select_gru(recorder, size, training, validation):
    """Choose setting and number of epochs by the lowest validation log loss."""
    tried = {"stage": "selection", "model": "GRU", "seed": SELECTION_SEED}
    for key in recorder.todo(tried | {"setting": setting} for setting in SETTINGS):
        began, epochs = time.perf_counter(), SETTINGS[key["setting"]][-1]
        _, by_epoch = train(key["setting"], epochs, SELECTION_SEED, size, training, validation)
        lowest = int(np.argmin(by_epoch["val_log_loss"]))
        found = {name: by_epoch[name][lowest] for name in ("val_log_loss", "val_auc")}
        seconds = round(time.perf_counter() - began, 1)
        recorder.add(**key, **found, by_epoch=by_epoch, seconds=seconds)
    best = min(recorder.runs(**tried), key=lambda run: run["val_log_loss"])
    epochs = int(np.argmin(best["by_epoch"]["val_log_loss"])) + 1
    return {"setting": best["setting"], "epochs": epochs}


def report_gru(recorder, name, plan, size, sides, weighted=False):
    """Train as planned with each seed, and read the test reviews."""
    training, validation, (x_test, y_test) = sides
    for key in recorder.todo({"stage": "result", "model": name, "seed": seed} for seed in SEEDS):
        began = time.perf_counter()
        model, by_epoch = train(
            **plan,
            seed=key["seed"],
            size=size,
            training=training,
            validation=validation,
            weighted=weighted,
        )
        p_val, p_test = (probabilities(model, x) for x in (validation[0], x_test))
        found = figures(validation[1], p_val, y_test, p_test)
        seconds = round(time.perf_counter() - began, 1)
        recorder.add(**key, **plan, **found, by_epoch=by_epoch, seconds=seconds)


@functools.cache
def encode():
    """The reviews' tokens, the same as integers with their labels, and the vocabulary's size."""
    words, labels = zip(*prepare(), strict=True)
    vocabulary = Vocabulary.from_tokens(words[0])
    ids = [[vocabulary.encode(one) for one in side] for side in words]
    cut = {"padding": "post", "truncating": "post"}
    padded = [keras.utils.pad_sequences(side, LENGTH, **cut) for side in ids]
    return (
        words,
        [(x, y.astype("float32")) for x, y in zip(padded, labels, strict=True)],
        len(vocabulary),
    )


def main():
    words, sides, size = encode()
    labels = [y for _, y in sides]
    recorder = Recorder(
        __file__,
        {
            "reviews": [len(one) for one in labels],
            "positive": [round(float(one.mean()), 4) for one in labels],
            "vocabulary": size,
            "length": LENGTH,
            "units": UNITS,
            "batch": BATCH,
            "settings": {k: list(v) for k, v in SETTINGS.items()},
            "settings_are": ["embedding width", "learning rate", "dropped", "epochs at most"],
            "clip": 1.0,
            "seeds": SEEDS,
            "selection": "lowest validation log loss over settings and epochs, seed 100",
        },
        TOLERANCE,
        data=array_digest(*itertools.chain.from_iterable(sides)),
    )
    n = brief(None, 128)
    sides = [(x[:n], y[:n]) for x, y in sides]
    words, labels = [side[:n] for side in words], [y for _, y in sides]
    always_positive(recorder, labels)
    tf_idf(recorder, "TF-IDF", words, labels)
    short = [[one[:LENGTH] for one in side] for side in words]
    tf_idf(recorder, f"TF-IDF, {LENGTH} tokens", short, labels)
    chosen = select_gru(recorder, size, *sides[:2])
    report_gru(recorder, "GRU", chosen, size, sides)
    report_gru(recorder, "GRU, weighted classes", chosen, size, sides, weighted=True)
    article = {"setting": ARTICLE, "epochs": SETTINGS[ARTICLE][-1]}
    report_gru(recorder, "GRU, as the article", article, size, sides)


if __name__ == "__main__":
    command_line(main)
