"""Choose the recipe of `mnist_rows_best`: short trainings, compared on validation images alone.

The first settings build the recipe up piece by piece, the others vary one of its choices. All train
on 55,000 images and are read on the 5,000 validation images; the test set is never opened.
"""

import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from experiments.common import Recorder, array_digest
from grubook.data import load_mnist
from grubook.images import warp_images

EPOCHS = 10
SEED = 0
FULL = {"batch": 128, "peak": 4e-3, "clip": 1.0, "ema": 0.999, "warp": {"elastic": 1.0}}
SETTINGS = {
    "constant rate 1e-3, batch 32": {
        "batch": 32,
        "peak": None,
        "clip": None,
        "ema": None,
        "warp": None,
    },
    "warm-up and cosine, batch 128, clipping": FULL | {"ema": None, "warp": None},
    "+ averaged weights": FULL | {"warp": None},
    "+ turn, scale, shift": FULL | {"warp": {}},
    "+ elastic bending": FULL,
    "elastic 0.6": FULL | {"warp": {"elastic": 0.6}},
    "peak rate 8e-3": FULL | {"peak": 8e-3},
    "update gate biased to keep": FULL | {"keep": 1.0},
}


def build():
    inputs = keras.Input((28, 28))
    return keras.Sequential([inputs, keras.layers.GRU(64), keras.layers.Dense(10)])


def compile_recipe(model, setting, steps):
    """Compile with Adam, its rate rising for 5 % of the steps, then falling along a cosine to 0."""
    rate = 1e-3
    if setting["peak"]:
        warm_up = steps // 20
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, steps - warm_up, warmup_target=setting["peak"], warmup_steps=warm_up
        )
    average = {"use_ema": True, "ema_momentum": setting["ema"]} if setting["ema"] else {}
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=setting["clip"], **average),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=True,
        steps_per_execution=50,
    )


def batches(x, y, setting, rng):
    """Yield shuffled batches for ever, warped anew each time."""
    size = setting["batch"]
    while True:
        order = rng.permutation(len(x))
        for start in range(0, len(x) - size + 1, size):
            chosen = order[start : start + size]
            images = x[chosen]
            if setting["warp"] is not None:
                images = warp_images(images, rng, group=32, **setting["warp"])
            yield images, y[chosen]


def train(x, y, setting, epochs, seed):
    """Train one network; with averaging, its weights are the averaged ones when this returns."""
    keras.utils.set_random_seed(seed)
    model = build()
    if setting.get("keep"):
        kernel, recurrent, bias = model.layers[0].get_weights()
        bias[0, :64] = setting["keep"]
        model.layers[0].set_weights([kernel, recurrent, bias])
    steps = len(x) // setting["batch"]
    compile_recipe(model, setting, steps * epochs)
    rng = np.random.default_rng(seed)
    data = batches(x, y, setting, rng)
    model.fit(data, steps_per_epoch=steps, epochs=epochs, verbose=0, shuffle=False)
    return model


def main():
    (x_train, y_train), (x_val, y_val), _ = load_mnist()
    recorder = Recorder(
        __file__,
        {"epochs": EPOCHS, "seed": SEED, "train": 55_000, "validation": 5_000, "recipes": SETTINGS},
        tolerance={"val_loss": 0.006, "val_accuracy": 0.003},
        data=array_digest(x_train, y_train, x_val, y_val),
    )
    x_train, x_val = (x.astype("float32") / 255 for x in (x_train, x_val))
    for name, setting in SETTINGS.items():
        if recorder.done(setting=name, seed=SEED):
            continue
        start = time.perf_counter()
        model = train(x_train, y_train, setting, EPOCHS, SEED)
        seconds = time.perf_counter() - start
        loss, accuracy = model.evaluate(x_val, y_val, batch_size=1000, verbose=0)
        recorder.add(
            setting=name, seed=SEED, val_loss=loss, val_accuracy=accuracy, seconds=round(seconds, 1)
        )


if __name__ == "__main__":
    main()
