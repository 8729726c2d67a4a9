"""Article 011's digits, read row by row: its recipe in both builds, and baselines that could win.

The article's recipe is 64 units, Adam at 1e-3, batches of 32 and 10 epochs. TensorFlow.js builds
its layer with the reset gate before the recurrent product and the hard sigmoid clip(0.2 x + 0.5);
Keras resets after the product and gates with the sigmoid. Both are trained here in Keras, on pixels
between 0 and 1; a third group gets pixels from 0 to 255, as the article hands them over.

The baselines get more care than the article's recipe: gradients clipped to norm 1, and the learning
rate chosen for each from the same three, on the validation images, after three epochs. The test
images are read once, after training, by models whose settings are fixed.
"""

import time

import keras

from experiments.common import Recorder, brief, command_line
from experiments.digits.data import load, scaled

EPOCHS, SELECTION_EPOCHS, BATCH, UNITS = 10, 3, 32, 64
SEEDS = [0, 1, 2]
SELECTION_SEED = 100
RATES = [3e-4, 1e-3, 3e-3]
CLIP = 1.0
ARTICLE = ["GRU, TensorFlow.js build", "GRU, Keras build"]
UNSCALED = "GRU, Keras build, pixels to 255"
TUNED = ["logistic regression", "SimpleRNN", "LSTM"]
OTHERS = {
    "SimpleRNN": (keras.layers.SimpleRNN, UNITS),
    "LSTM": (keras.layers.LSTM, UNITS),
    "SimpleRNN, 119 units": (keras.layers.SimpleRNN, 119),  # the GRU's size, as whole units allow
    "LSTM, 54 units": (keras.layers.LSTM, 54),
}
SIZES = {"train": 55_000, "validation": 5_000, "test": 10_000, "epochs": EPOCHS, "batch": BATCH}
TOLERANCE = {"val_accuracy": 0.005, "val_loss": 0.02, "test_accuracy": 0.005}


def js_hard_sigmoid(x):
    """TensorFlow.js's hard sigmoid; Keras 3's has the slope 1/6."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def build(name):
    layers, start = keras.layers, "glorot_uniform"
    if name == "GRU, TensorFlow.js build":
        start = "glorot_normal"
        gates = {"recurrent_activation": js_hard_sigmoid, "kernel_initializer": start}
        body = layers.GRU(UNITS, reset_after=False, **gates)
    elif name == "logistic regression":
        body = layers.Flatten()
    else:
        kind, units = OTHERS.get(name, (layers.GRU, UNITS))
        body = kind(units)
    head = layers.Dense(10, kernel_initializer=start)
    return keras.Sequential([keras.Input((28, 28)), body, head])


def train(name, rate, clip, seed, epochs, train_set, validation_set):
    """Train one network; return it and its figures, those of the validation images among them."""
    keras.utils.set_random_seed(seed)
    model = build(name)
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=clip),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=brief(True, False),
        steps_per_execution=50,
    )
    validation = {"validation_data": validation_set, "validation_batch_size": 1000}
    began = time.perf_counter()
    history = model.fit(*train_set, BATCH, brief(epochs, 1), verbose=0, **validation).history
    return model, {
        "parameters": model.count_params(),
        "val_accuracy": history["val_accuracy"][-1],
        "val_loss": history["val_loss"][-1],
        "val_accuracy_by_epoch": [round(a, 4) for a in history["val_accuracy"]],
        "seconds": round(time.perf_counter() - began, 1),
    }


def key(stage, name, rate, seed):
    return {"stage": stage, "model": name, "tried": f"rate {rate:g}", "seed": seed}


def train_seeds(recorder, sets, name, rate, clip):
    """The figures of a report: all epochs, each seed, and the test images."""
    *both, test = sets
    for todo in recorder.todo(key("result", name, rate, seed) for seed in SEEDS):
        model, figures = train(name, rate, clip, todo["seed"], EPOCHS, *both)
        accuracy = model.evaluate(*test, 1000, verbose=0)[1]
        recorder.add(**todo, rate=rate, **figures, test_accuracy=accuracy)


def tune(recorder, sets, name, rates=RATES):
    """Choose the learning rate on the validation images, then train with it."""
    *both, _ = sets
    for rate in rates[: brief(None, 2)]:
        for todo in recorder.todo([key("selection", name, rate, SELECTION_SEED)]):
            _, figures = train(name, rate, CLIP, SELECTION_SEED, SELECTION_EPOCHS, *both)
            recorder.add(**todo, rate=rate, **figures)
    tried = recorder.runs(stage="selection", model=name)
    best = max(tried, key=lambda run: run["val_accuracy"])["rate"]
    train_seeds(recorder, sets, name, best, CLIP)


def main():
    sets, digest = load()
    tuned = {"rates": RATES, "clip": CLIP, "selection_epochs": SELECTION_EPOCHS}
    recorder = Recorder(
        __file__,
        SIZES | {"seeds": SEEDS, "article": {"rate": 1e-3, "clip": None}, "tuned": tuned},
        TOLERANCE,
        data=digest,
    )
    for name in ARTICLE:
        train_seeds(recorder, scaled(sets), name, 1e-3, None)
    for name in TUNED:
        tune(recorder, scaled(sets), name)
    train_seeds(recorder, scaled(sets, by=1), UNSCALED, 1e-3, None)


if __name__ == "__main__":
    command_line(main)
