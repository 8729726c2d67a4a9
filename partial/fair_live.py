# Live part of a chapter "A fair comparison" (draft, not run): digits rows, small, equal weights.
import keras, numpy as np
from grubook.data import load_mnist

(x, y), (x_val, y_val), _ = load_mnist()
x, x_val = (images[:n].astype("float32") / 255 for images, n in ((x, 4000), (x_val, 2000)))
y, y_val = y[:4000], y_val[:2000]
LAYERS = {"GRU": keras.layers.GRU, "LSTM": keras.layers.LSTM, "SimpleRNN": keras.layers.SimpleRNN}


def build(kind, units):
    return keras.Sequential([keras.Input((28, 28)), LAYERS[kind](units), keras.layers.Dense(10)])


def units_for(kind, weights):
    """The units with which this network comes nearest to so many weights."""
    return min(range(4, 128), key=lambda u: abs(build(kind, u).count_params() - weights))


def loss_of(kind, units, rate, seed):
    keras.utils.set_random_seed(seed)
    model = build(kind, units)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=True, steps_per_execution=25)
    model.fit(x, y, batch_size=32, epochs=4, verbose=0)
    return model.evaluate(x_val, y_val, batch_size=500, verbose=0)


def search(kind, units, rate=4e-3):
    """Rates tried with a seed of its own, until the best has a worse neighbor on both sides."""
    tried = {}
    while True:
        for r in (rate / 2, rate, 2 * rate):
            if r not in tried:
                tried[r] = loss_of(kind, units, r, seed=100)
        best = min(tried, key=tried.get)
        if best == rate:
            return tried
        rate = best
