"""Choose the recipe of `best`: short trainings, compared on validation images alone.

The first settings build the recipe up piece by piece, the others vary one of its choices. All train
on 55,000 images and are read on the 5,000 validation images; the test set is never opened.
"""

import time

import keras
import numpy as np

from experiments.common import Recorder, brief, command_line, warm_up_and_cosine
from experiments.digits.data import load, scaled
from grubook.images import warp_images

EPOCHS = 10
SEED = 0
PLAIN = {"batch": 32, "peak": None, "clip": None, "ema": None, "warp": None}
FULL = {"batch": 128, "peak": 4e-3, "clip": 1.0, "ema": 0.999, "warp": {"elastic": 1.0}}
SETTINGS = {
    "constant rate 1e-3, batch 32": PLAIN,
    "warm-up and cosine, batch 128, clipping": FULL | {"ema": None, "warp": None},
    "+ averaged weights": FULL | {"warp": None},
    "+ turn, scale, shift": FULL | {"warp": {}},
    "+ elastic bending": FULL,
    "elastic 0.6": FULL | {"warp": {"elastic": 0.6}},
    "peak rate 8e-3": FULL | {"peak": 8e-3},
    "update gate biased to keep": FULL | {"keep": 1.0},
}
RECIPE = SETTINGS["peak rate 8e-3"]
NAMES = ["gru_kernel", "gru_recurrent_kernel", "gru_bias", "dense_kernel", "dense_bias"]


def compile_recipe(model, setting, steps):
    """Compile with Adam, its rate constant or going up and down over so many steps."""
    peak, ema = setting["peak"], setting["ema"]
    rate = warm_up_and_cosine(peak, steps) if peak else 1e-3
    average = {"use_ema": True, "ema_momentum": ema} if ema else {}
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=setting["clip"], **average),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=brief(True, False),
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
                images = warp_images(images, rng, **{"group": 32} | setting["warp"])
            yield images, y[chosen]


def build(setting, layer):
    model = keras.Sequential([keras.Input((28, 28)), layer, keras.layers.Dense(10)])
    if setting.get("keep") and isinstance(layer, keras.layers.GRU):  # others have no such gate
        kernel, recurrent, bias = layer.get_weights()
        bias[0, :64] = setting["keep"]
        layer.set_weights([kernel, recurrent, bias])
    return model


def gru():
    return keras.layers.GRU(64)


def train(x, y, setting, epochs, seed, layer=gru):
    """Train one network; with averaging, its weights are the averaged ones when this returns.

    Returns:
        tuple: the model, and the seconds that it took.
    """
    began = time.perf_counter()
    keras.utils.set_random_seed(seed)
    model = build(setting, layer())
    steps, epochs = len(x) // setting["batch"], brief(epochs, 1)
    compile_recipe(model, setting, steps * epochs)
    data = batches(x, y, setting, np.random.default_rng(seed))
    model.fit(data, steps_per_epoch=steps, epochs=epochs, verbose=0, shuffle=False)
    return model, round(time.perf_counter() - began, 1)


def evaluate(model, part, images, labels):
    """Loss and accuracy, named after the part of the data: ``val_loss``, ``val_accuracy``."""
    loss, accuracy = model.evaluate(images, labels, batch_size=1000, verbose=0)
    return {f"{part}_loss": loss, f"{part}_accuracy": accuracy}


def save(model, path):
    np.savez_compressed(path, **dict(zip(NAMES, model.get_weights(), strict=True)))


def main():
    sets, digest = load(parts=2)
    recorder = Recorder(
        __file__,
        {"epochs": EPOCHS, "seed": SEED, "train": 55_000, "validation": 5_000, "recipes": SETTINGS},
        tolerance={"val_loss": 0.006, "val_accuracy": 0.003},
        data=digest,
    )
    training, validation = scaled(sets)
    for key in recorder.todo({"setting": name, "seed": SEED} for name in SETTINGS):
        model, seconds = train(*training, SETTINGS[key["setting"]], EPOCHS, SEED)
        recorder.add(**key, **evaluate(model, "val", *validation), seconds=seconds)


if __name__ == "__main__":
    command_line(main)
