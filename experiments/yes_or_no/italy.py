"""Winter or summer from 24 hourly readings: the Keras article's system, and what changes it.

ItalyPowerDemand has 67 series to train on and 1,029 to test on. The article's model (GRU(64),
Dense(1), Adam, batches of 32) is trained for its 10 epochs, and then with one thing changed after
another. How many epochs each of those needs is chosen on five validation folds of the 67 series:
the epoch with the lowest validation loss, averaged over the folds. The final model trains on all 67
for so many epochs. The baselines' settings are chosen on the same folds. The test series are read
once by each final model.
"""

import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from experiments.common import Recorder, array_digest
from grubook.data import fetch
from grubook.data.series import load_series

ARTICLE = "GRU(64), the article's 10 epochs"
# name: (units, learning rate, each hour standardized, epochs at most)
SETTINGS = {
    "GRU(64), longer": (64, 1e-3, False, 150),
    "GRU(64), faster": (64, 1e-2, False, 80),
    "GRU(64), standardized": (64, 1e-2, True, 80),
    "GRU(16), faster": (16, 1e-2, False, 80),
    "GRU(4), faster": (4, 1e-2, False, 150),
}
SEEDS, FOLDS, BATCH = [0, 1, 2, 3, 4], 5, 32
STRENGTHS = [0.01, 0.1, 1, 10, 100]


def fit(units, rate, epochs, seed, train, validation=None):
    """Train; return the model and the validation loss after each epoch."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(train[0].shape[1:]),
            keras.layers.GRU(units),
            keras.layers.Dense(1),
        ]
    )
    # 67 series are three steps an epoch: compiling with XLA would take longer than it saves.
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = model.fit(*train, BATCH, epochs, verbose=0, validation_data=validation).history
    return model, losses.get("val_loss")


def standardized(train, *others):
    mean, spread = train.mean(0), train.std(0)
    return [(one - mean) / spread for one in (train, *others)]


def main():
    files = fetch("italy_power_demand")
    (x, labels), (x_test, labels_test) = (
        load_series(files[f"ItalyPowerDemand_{part}.ts"]) for part in ("TRAIN", "TEST")
    )
    y, y_test = ((one == "1").astype("float32") for one in (labels, labels_test))
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y))
    recorder = Recorder(
        __file__,
        {
            "train": len(x),
            "test": len(x_test),
            "batch": BATCH,
            "folds": FOLDS,
            "article": {"units": 64, "rate": 1e-3, "epochs": 10},
            "settings": {k: list(v) for k, v in SETTINGS.items()},
            "settings_are": [
                "units",
                "learning rate",
                "hours standardized",
                "epochs at most",
            ],
            "seeds": SEEDS,
            "selection": "lowest validation loss over epochs, mean of five folds",
        },
        tolerance={"test_accuracy": 0.02, "val_loss": 0.03},
        data=array_digest(x, y, x_test, y_test),
    )

    def result(model, seed, score, **more):
        recorder.add(stage="result", model=model, seed=seed, test_accuracy=float(score), **more)

    def chosen(makers):
        """The maker of the classifier with the lowest mean log loss over the folds."""
        losses = []
        for make in makers:
            folded = []
            for rows, left_out in folds:
                fitted = make().fit(x[rows, :, 0], y[rows])
                p = np.clip(fitted.predict_proba(x[left_out, :, 0]), 1e-3, 1 - 1e-3)
                folded.append(log_loss(y[left_out], p))
            losses.append(float(np.mean(folded)))
        return int(np.argmin(losses)), losses

    if not recorder.done(stage="result", model="logistic regression"):
        makers = [lambda c=c: LogisticRegression(C=c, max_iter=5000) for c in STRENGTHS]
        best, losses = chosen(makers)
        linear = makers[best]().fit(x[..., 0], y)
        tried = dict(zip(map(str, STRENGTHS), losses, strict=True))
        score = linear.score(x_test[..., 0], y_test)
        result("logistic regression", 0, score, C=float(STRENGTHS[best]), tried=tried)
        nearest = KNeighborsClassifier(1).fit(x[..., 0], y)
        result("nearest neighbor", 0, nearest.score(x_test[..., 0], y_test))

    def score(model, x):
        return np.mean((model.predict(x, batch_size=len(x), verbose=0)[:, 0] > 0) == y_test)

    for seed in SEEDS:
        if not recorder.done(stage="result", model=ARTICLE, seed=seed):
            model, _ = fit(64, 1e-3, 10, seed, (x, y))
            result(ARTICLE, seed, score(model, x_test), epochs=10)
    for name, (units, rate, per_hour, most) in SETTINGS.items():
        if not recorder.done(stage="selection", model=name):
            start, losses = time.perf_counter(), []
            for rows, left_out in folds:
                a, b = x[rows], x[left_out]
                a, b = standardized(a, b) if per_hour else (a, b)
                losses.append(fit(units, rate, most, 100, (a, y[rows]), (b, y[left_out]))[1])
            mean = np.mean(losses, axis=0)
            recorder.add(
                stage="selection",
                model=name,
                seed=100,
                val_loss=float(mean.min()),
                lowest_at=[int(mean.argmin()) + 1],
                val_loss_by_epoch=[round(float(one), 4) for one in mean],
                seconds=round(time.perf_counter() - start, 1),
            )
        selected = next(
            run
            for run in recorder.content["runs"]
            if run["stage"] == "selection" and run["model"] == name
        )
        for seed in SEEDS:
            if not recorder.done(stage="result", model=name, seed=seed):
                a, b = standardized(x, x_test) if per_hour else (x, x_test)
                model, _ = fit(units, rate, selected["lowest_at"][0], seed, (a, y))
                result(name, seed, score(model, b), trained_for=selected["lowest_at"])


if __name__ == "__main__":
    main()
