"""Is this review positive? Embedding, GRU(64), Dense(1) beside TF-IDF with logistic regression.

Amazon reviews with 1 or 2 stars against 4 or 5, cleaned, without near-duplicates, 80 % to train on,
10 % to choose by, 10 % to report. Every setting, the number of epochs and the threshold among
them, is chosen on the validation reviews (settings and epochs by the lowest log loss, the threshold
by the highest balanced accuracy), the baseline's with the same care. The test reviews are read once
by models whose settings are fixed.
"""

import itertools
import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

from experiments.common import Recorder, array_digest
from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.text import Vocabulary, clean, tokenize

LENGTH, UNITS, BATCH, SEEDS, SELECTION_SEED = 120, 64, 32, [0, 1, 2], 100
# name: (embedding width, learning rate, share of the embedding dropped, epochs at most)
SETTINGS = {
    "as the article": (64, 1e-3, 0.0, 10),
    "dropout": (64, 1e-3, 0.5, 5),
    "dropout, faster": (64, 3e-3, 0.5, 4),
    "dropout, narrow": (16, 3e-3, 0.5, 5),
}
LONGEST_N_GRAM, STRENGTHS = [1, 2], [1, 3, 10, 30, 100]


def prepare():
    """Lists of tokens and labels of the training, validation and test reviews."""
    frame = load_reviews(fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"])
    frame = frame[frame["stars"] != 3]
    words = [tokenize(clean(text)) for text in frame["text"]]
    long_enough = [i for i in range(len(words)) if len(words[i]) >= 5]
    groups = duplicate_groups([words[i] for i in long_enough])
    kept = [i for k, i in enumerate(long_enough) if groups[k] == k]
    positive = (frame["stars"] > 3).to_numpy().astype("float32")[kept]
    words = [words[i] for i in kept]
    sides = split_groups(range(len(kept)), seed=0)
    return [([words[i] for i in side], positive[side]) for side in sides]


def figures(y_val, p_val, y, p):
    """What a reader needs to know of probabilities p of the test labels y."""
    thresholds = np.unique(np.concatenate([[0.5], np.quantile(p_val, np.linspace(0, 1, 201))]))
    scores = [balanced_accuracy_score(y_val, p_val >= t) for t in thresholds]
    threshold = float(thresholds[int(np.argmax(scores))])
    place = np.clip((p * 10).astype(int), 0, 9)
    bins = [(p[place == k], y[place == k]) for k in range(10)]
    gaps = [len(a) * abs(a.mean() - b.mean()) for a, b in bins if len(a)]
    return {
        "test_accuracy": float(np.mean((p >= 0.5) == y)),
        "test_balanced_accuracy": float(balanced_accuracy_score(y, p >= 0.5)),
        "test_auc": float(roc_auc_score(y, p)),
        "test_log_loss": float(log_loss(y, p.astype("float64"))),
        "calibration_gap": float(sum(gaps) / len(p)),
        "threshold": threshold,
        "test_balanced_accuracy_at_threshold": float(balanced_accuracy_score(y, p >= threshold)),
        "calibration": [
            {"n": len(a), "said": float(a.mean()), "was": float(b.mean())}
            for a, b in bins
            if len(a)
        ],
    }


def train_gru(setting, epochs, weighted, seed, size, x, y, x_val, y_val):
    """Train; return the model and, after each epoch, the validation log loss and AUC."""
    width, rate, dropped, _ = SETTINGS[setting]
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(size, width, mask_zero=True),
            keras.layers.SpatialDropout1D(dropped),
            keras.layers.GRU(UNITS),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=None if setting == "as the article" else 1.0),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=50,
    )
    weights = {0: len(y) / 2 / (y == 0).sum(), 1: len(y) / 2 / (y == 1).sum()} if weighted else None
    by_epoch = {"val_log_loss": [], "val_auc": [], "loss": []}
    start = time.perf_counter()
    for _ in range(epochs):
        history = model.fit(x, y, BATCH, epochs=1, verbose=0, class_weight=weights).history
        p = probabilities(model, x_val)
        by_epoch["val_log_loss"].append(round(float(log_loss(y_val, p.astype("float64"))), 4))
        by_epoch["val_auc"].append(round(float(roc_auc_score(y_val, p)), 4))
        by_epoch["loss"].append(round(history["loss"][-1], 4))
    return model, by_epoch, round(time.perf_counter() - start, 1)


def probabilities(model, x):
    logits = model.predict(x, batch_size=512, verbose=0)[:, 0]
    return 1 / (1 + np.exp(-logits))


def main():
    sides = prepare()
    y, y_val, y_test = (labels for _, labels in sides)
    vocabulary = Vocabulary.from_tokens(sides[0][0])
    x, x_val, x_test = (
        keras.utils.pad_sequences(
            [vocabulary.encode(one) for one in side],
            LENGTH,
            padding="post",
            truncating="post",
        )
        for side, _ in sides
    )
    recorder = Recorder(
        __file__,
        {
            "reviews": [len(y), len(y_val), len(y_test)],
            "positive": [round(float(one.mean()), 4) for one in (y, y_val, y_test)],
            "vocabulary": len(vocabulary),
            "length": LENGTH,
            "units": UNITS,
            "batch": BATCH,
            "settings": {k: list(v) for k, v in SETTINGS.items()},
            "settings_are": [
                "embedding width",
                "learning rate",
                "dropped",
                "epochs at most",
            ],
            "clip": 1.0,
            "seeds": SEEDS,
            "selection": "lowest validation log loss over settings and epochs, seed 100",
        },
        tolerance={
            "test_accuracy": 0.015,
            "test_balanced_accuracy": 0.03,
            "test_balanced_accuracy_at_threshold": 0.02,
            "test_auc": 0.01,
            "test_log_loss": 0.04,
            "calibration_gap": 0.03,
            "val_log_loss": 0.04,
        },
        data=array_digest(x, y, x_val, y_val, x_test, y_test),
    )
    runs = recorder.content["runs"]

    # The baselines: always "positive", and a weight for each word or pair of words.
    if not recorder.done(stage="result", model="always positive"):
        share = np.full(len(y_test), y.mean()), np.full(len(y_val), y.mean())
        measured = figures(y_val, share[1], y_test, share[0])
        recorder.add(stage="result", model="always positive", seed=0, **measured)
    texts, texts_val, texts_test = (np.array([" ".join(w) for w in s], object) for s, _ in sides)
    for longest in LONGEST_N_GRAM:
        if recorder.done(stage="selection", longest_n_gram=longest, C=STRENGTHS[-1]):
            continue
        vectors = TfidfVectorizer(
            token_pattern=r"\S+", ngram_range=(1, longest), min_df=2, sublinear_tf=True
        )
        a, a_val = vectors.fit_transform(texts), vectors.transform(texts_val)
        for strength in STRENGTHS:
            linear = LogisticRegression(C=strength, max_iter=2000).fit(a, y)
            p_val = linear.predict_proba(a_val)[:, 1]
            recorder.add(
                stage="selection",
                model="TF-IDF",
                longest_n_gram=longest,
                C=strength,
                seed=0,
                val_log_loss=float(log_loss(y_val, p_val)),
                val_auc=float(roc_auc_score(y_val, p_val)),
            )
    tried = [r for r in runs if r["stage"] == "selection" and r["model"] == "TF-IDF"]
    best = min(tried, key=lambda r: r["val_log_loss"])
    if not recorder.done(stage="result", model="TF-IDF"):
        vectors = TfidfVectorizer(
            token_pattern=r"\S+",
            ngram_range=(1, best["longest_n_gram"]),
            min_df=2,
            sublinear_tf=True,
        )
        a, a_val, a_test = (
            vectors.fit_transform(texts),
            *map(vectors.transform, (texts_val, texts_test)),
        )
        linear = LogisticRegression(C=best["C"], max_iter=2000).fit(a, y)
        p_val, p_test = (linear.predict_proba(one)[:, 1] for one in (a_val, a_test))
        recorder.add(
            stage="result",
            model="TF-IDF",
            longest_n_gram=best["longest_n_gram"],
            C=best["C"],
            columns=a.shape[1],
            seed=0,
            **figures(y_val, p_val, y_test, p_test),
        )

    # The GRU.
    arrays = x, y, x_val, y_val
    for setting, (*_, epochs) in SETTINGS.items():
        key = {
            "stage": "selection",
            "model": "GRU",
            "setting": setting,
            "seed": SELECTION_SEED,
        }
        if not recorder.done(**key):
            _, by_epoch, seconds = train_gru(
                setting, epochs, False, SELECTION_SEED, len(vocabulary), *arrays
            )
            lowest = int(np.argmin(by_epoch["val_log_loss"]))
            recorder.add(
                **key,
                val_log_loss=by_epoch["val_log_loss"][lowest],
                val_auc=by_epoch["val_auc"][lowest],
                by_epoch=by_epoch,
                seconds=seconds,
            )
    tried = [r for r in runs if r["stage"] == "selection" and r["model"] == "GRU"]
    best = min(tried, key=lambda r: r["val_log_loss"])
    article = {"setting": "as the article", "epochs": 10}
    epochs = int(np.argmin(best["by_epoch"]["val_log_loss"])) + 1
    chosen = {"setting": best["setting"], "epochs": epochs}
    plans = [("GRU", chosen, False), ("GRU, weighted classes", chosen, True)]
    plans += [("GRU, as the article", article, False)]
    for (model_name, plan, weighted), seed in itertools.product(plans, SEEDS):
        key = {"stage": "result", "model": model_name, "seed": seed}
        if not recorder.done(**key):
            model, by_epoch, seconds = train_gru(
                plan["setting"],
                plan["epochs"],
                weighted,
                seed,
                len(vocabulary),
                *arrays,
            )
            p_val, p_test = (probabilities(model, one) for one in (x_val, x_test))
            measured = figures(y_val, p_val, y_test, p_test)
            recorder.add(**key, **plan, **measured, by_epoch=by_epoch, seconds=seconds)


if __name__ == "__main__":
    main()
