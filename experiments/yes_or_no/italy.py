"""Winter or summer from 24 hourly readings: the Keras article's system, and what changes it.

ItalyPowerDemand has 67 series to train on and 1,029 to test on. The article's model (GRU(64),
Dense(1), Adam, batches of 32) is trained for its 10 epochs, and then with one thing changed after
another. How many updates each of those needs is chosen on five validation folds of the 67 series:
the number with the lowest validation loss, averaged over the folds. The final model trains on all
67 for so many updates: updates, because an epoch of a fold has fewer of them. The baselines'
settings are chosen on the same folds. The test series are read once by each final model.
"""

import time

import keras
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from experiments.common import Recorder, array_digest, brief, command_line
from grubook.data import fetch
from grubook.data.series import load_series

ARTICLE = "GRU(64), the article's 10 epochs"
# name: (units, learning rate, each hour standardized, updates at most)
SETTINGS = {
    "GRU(64), longer": (64, 1e-3, False, 400),
    "GRU(64), faster": (64, 1e-2, False, 200),
    "GRU(64), standardized": (64, 1e-2, True, 200),
    "GRU(16), faster": (16, 1e-2, False, 200),
    "GRU(4), faster": (4, 1e-2, False, 400),
}
SEEDS, SELECTION_SEED, FOLDS, BATCH = [0, 1, 2, 3, 4], 100, 5, 32
EVERY = 5  # updates between two readings of the validation loss
STRENGTHS = [0.01, 0.1, 1, 10, 100]


def build(units, rate):
    model = keras.Sequential([keras.Input((24, 1)), keras.layers.GRU(units), keras.layers.Dense(1)])
    # 67 series are three batches: compiling with XLA would take longer than it saves.
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,
        steps_per_execution=EVERY,
    )
    return model


def fit(units, rate, updates, seed, train, validation=None):
    """Train; return the model and the validation loss after every `EVERY` updates."""
    keras.utils.set_random_seed(seed)
    model, data = build(units, rate), tf.data.Dataset.from_tensor_slices(train)
    batches = data.shuffle(len(train[1]), seed=seed).repeat().batch(BATCH)
    history = model.fit(
        batches,
        steps_per_epoch=EVERY,
        epochs=updates // EVERY,
        validation_data=validation,
        validation_batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history
    return model, history.get("val_loss")


def fit_as_the_article(seed, train):
    keras.utils.set_random_seed(seed)
    model = build(64, 1e-3)
    model.fit(*train, BATCH, epochs=brief(10, 1), verbose=0)
    return model


def standardized(train, other):
    mean, spread = train.mean(0), train.std(0)
    return (train - mean) / spread, (other - mean) / spread


def accuracy(model, x, y):
    return float(np.mean((model.predict(x, batch_size=len(x), verbose=0)[:, 0] > 0) == y))


def folded_loss(strength, folds, x, y):
    """The mean log loss of logistic regression over the folds."""
    losses = []
    for rows, left_out in folds:
        fitted = LogisticRegression(C=strength, max_iter=5000).fit(x[rows], y[rows])
        p = np.clip(fitted.predict_proba(x[left_out]), 1e-3, 1 - 1e-3)
        losses.append(log_loss(y[left_out], p))
    return float(np.mean(losses))


def baselines(recorder, folds, train, test):
    (x, y), (x_test, y_test) = ((one[..., 0], labels) for one, labels in (train, test))
    result = {"stage": "result", "seed": 0}
    for key in recorder.todo([result | {"model": "logistic regression"}]):
        tried = {strength: folded_loss(strength, folds, x, y) for strength in STRENGTHS}
        best = min(tried, key=tried.get)
        score = LogisticRegression(C=best, max_iter=5000).fit(x, y).score(x_test, y_test)
        recorder.add(**key, test_accuracy=score, C=float(best), tried=tried)
    for key in recorder.todo([result | {"model": "nearest neighbor"}]):
        nearest = KNeighborsClassifier(1).fit(x, y)
        recorder.add(**key, test_accuracy=nearest.score(x_test, y_test))


def select(recorder, name, folds, x, y):
    """Choose the number of updates on the folds, and return it."""
    units, rate, per_hour, most = SETTINGS[name]
    selection = {"stage": "selection", "model": name, "seed": SELECTION_SEED}
    for key in recorder.todo([selection]):
        began, losses = time.perf_counter(), []
        for rows, left_out in folds[: brief(None, 1)]:
            a, b = x[rows], x[left_out]
            a, b = standardized(a, b) if per_hour else (a, b)
            parts = (a, y[rows]), (b, y[left_out])
            losses.append(fit(units, rate, brief(most, 2 * EVERY), key["seed"], *parts)[1])
        mean = np.mean(losses, axis=0)
        recorder.add(
            **key,
            val_loss=float(mean.min()),
            updates=EVERY * (int(mean.argmin()) + 1),
            val_loss_by_updates=[round(float(one), 4) for one in mean],
            seconds=round(time.perf_counter() - began, 1),
        )
    return recorder.runs(**selection)[0]["updates"]


def report(recorder, name, updates, train, test):
    """Train on all series with each seed, and read the test series."""
    units, rate, per_hour, _ = SETTINGS[name]
    (x, y), (x_test, y_test) = train, test
    a, b = standardized(x, x_test) if per_hour else (x, x_test)
    for key in recorder.todo({"stage": "result", "model": name, "seed": seed} for seed in SEEDS):
        model, _ = fit(units, rate, updates, key["seed"], (a, y))
        recorder.add(**key, test_accuracy=accuracy(model, b, y_test), updates=updates)


def load(part):
    x, labels = load_series(fetch("italy_power_demand")[f"ItalyPowerDemand_{part}.ts"])
    return x, (labels == "1").astype("float32")


def main():
    train, test = load("TRAIN"), load("TEST")
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(*train))
    recorder = Recorder(
        __file__,
        {
            "train": len(train[0]),
            "test": len(test[0]),
            "batch": BATCH,
            "folds": FOLDS,
            "article": {"units": 64, "rate": 1e-3, "epochs": 10},
            "settings": {k: list(v) for k, v in SETTINGS.items()},
            "settings_are": ["units", "learning rate", "hours standardized", "updates at most"],
            "seeds": SEEDS,
            "selection": f"lowest validation loss, mean of the folds, every {EVERY} updates",
        },
        tolerance={"test_accuracy": 0.02, "val_loss": 0.03, "updates": 60},
        data=array_digest(*train, *test),
    )
    baselines(recorder, folds, train, test)
    for key in recorder.todo({"stage": "result", "model": ARTICLE, "seed": s} for s in SEEDS):
        model = fit_as_the_article(key["seed"], train)
        recorder.add(**key, test_accuracy=accuracy(model, *test), epochs=10)
    for name in list(SETTINGS)[: brief(None, 3)]:  # the third is standardized
        updates = select(recorder, name, folds, *train)
        report(recorder, name, updates, train, test)


if __name__ == "__main__":
    command_line(main)
