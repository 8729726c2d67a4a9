"""Article 011's digits, read row by row: its recipe in both builds, and baselines that could win.

The article's recipe is 64 units, Adam at 1e-3, batches of 32 and 10 epochs. TensorFlow.js builds
its layer with the reset gate before the recurrent product and the hard sigmoid clip(0.2 x + 0.5);
Keras resets after the product and gates with the sigmoid. Both are trained here in Keras, on pixels
between 0 and 1; a third group gets pixels from 0 to 255, as the article hands them over.

The baselines get more care than the article's recipe: gradients clipped to norm 1, and the learning
rate chosen for each from the same three, on the validation images, after three epochs. The test
images are read once, after training, by models whose settings are fixed.
"""

import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from experiments.common import Recorder, array_digest
from grubook.data import load_mnist

EPOCHS, SELECTION_EPOCHS, BATCH, UNITS = 10, 3, 32, 64
SEEDS = [0, 1, 2]
SELECTION_SEED = 100
RATES = [3e-4, 1e-3, 3e-3]
ARTICLE = ["GRU, TensorFlow.js build", "GRU, Keras build"]
UNSCALED = "GRU, Keras build, pixels to 255"
TUNED = ["logistic regression", "SimpleRNN", "LSTM"]


def js_hard_sigmoid(x):
    """TensorFlow.js's hard sigmoid; Keras 3's has the slope 1/6."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def build(name):
    layers, glorot = keras.layers, "glorot_normal"
    if name == "GRU, TensorFlow.js build":
        body = layers.GRU(
            UNITS,
            reset_after=False,
            recurrent_activation=js_hard_sigmoid,
            kernel_initializer=glorot,
        )
        head = layers.Dense(10, kernel_initializer=glorot)
    else:
        body = {
            "LSTM": lambda: layers.LSTM(UNITS),
            "SimpleRNN": lambda: layers.SimpleRNN(UNITS),
            "logistic regression": layers.Flatten,
        }.get(name, lambda: layers.GRU(UNITS))()
        head = layers.Dense(10)
    return keras.Sequential([keras.Input((28, 28)), body, head])


def train(name, rate, clip, seed, epochs, train_set, validation_set):
    keras.utils.set_random_seed(seed)
    model = build(name)
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=clip),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=True,
        steps_per_execution=50,
    )
    start = time.perf_counter()
    history = model.fit(
        *train_set,
        BATCH,
        epochs,
        verbose=0,
        validation_data=validation_set,
        validation_batch_size=1000,
    ).history
    return model, {
        "parameters": model.count_params(),
        "val_accuracy": history["val_accuracy"][-1],
        "val_loss": history["val_loss"][-1],
        "val_accuracy_by_epoch": [round(a, 4) for a in history["val_accuracy"]],
        "seconds": round(time.perf_counter() - start, 1),
    }


def main():
    (x_train, y_train), (x_val, y_val), (x_test, y_test) = load_mnist()
    recorder = Recorder(
        __file__,
        {
            "train": 55_000,
            "validation": 5_000,
            "test": 10_000,
            "epochs": EPOCHS,
            "batch": BATCH,
            "seeds": SEEDS,
            "article": {"rate": 1e-3, "clip": None},
            "tuned": {"rates": RATES, "clip": 1.0, "selection_epochs": SELECTION_EPOCHS},
        },
        tolerance={"val_accuracy": 0.005, "val_loss": 0.02, "test_accuracy": 0.005},
        data=array_digest(x_train, y_train, x_val, y_val, x_test, y_test),
    )

    def run(stage, name, rate, clip, seed):
        key = {"stage": stage, "model": name, "tried": f"rate {rate:g}", "seed": seed}
        if recorder.done(**key):
            return
        scale = 1.0 if name == UNSCALED else 1 / 255
        sets = [(x_train, y_train), (x_val, y_val), (x_test, y_test)]
        fit_set, val_set, test_set = ((x.astype("float32") * scale, y) for x, y in sets)
        epochs = EPOCHS if stage == "result" else SELECTION_EPOCHS
        model, figures = train(name, rate, clip, seed, epochs, fit_set, val_set)
        if stage == "result":
            figures["test_accuracy"] = model.evaluate(*test_set, 1000, verbose=0)[1]
        recorder.add(**key, rate=rate, **figures)

    def run_fixed(name):
        for seed in SEEDS:
            run("result", name, 1e-3, None, seed)

    for name in ARTICLE:
        run_fixed(name)
    for name in TUNED:
        for rate in RATES:
            run("selection", name, rate, 1.0, SELECTION_SEED)
        tried = [
            r for r in recorder.content["runs"] if r["stage"] == "selection" and r["model"] == name
        ]
        best = max(tried, key=lambda r: r["val_accuracy"])["rate"]
        for seed in SEEDS:
            run("result", name, best, 1.0, seed)
    run_fixed(UNSCALED)


if __name__ == "__main__":
    main()
