"""What the memory race must compute, in Keras: python -m web.test.race_vectors

Prints JSON: the page's file, and for each network what it makes of sequences of 61 symbols.
"""

import json
import pathlib
import sys
import tempfile

import keras
import numpy as np

from grubook.weights import load_weights
from web.data.write_data import race_file

LAYERS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM, "plain": keras.layers.SimpleRNN}


def main():
    weights, found, rng = load_weights("race"), {}, np.random.default_rng(0)
    first = rng.integers(0, 4, 200)
    symbols = np.hstack([first[:, None], rng.integers(4, 8, (200, 60))])
    x = np.eye(8, dtype="float32")[symbols]
    for name, layer in LAYERS.items():
        *unit, V, c = (w for key, w in weights.items() if key.startswith(name) and w.ndim)
        reader = keras.Sequential([keras.Input((None, 8)), layer(16, return_sequences=True)])
        reader.set_weights(unit)
        h = reader(x).numpy()
        p = keras.activations.softmax(h @ V + c)
        found[name] = {"h": h[:20].tolist(), "p": p.numpy().tolist()}
    with tempfile.TemporaryDirectory() as folder:
        file = json.loads(race_file(pathlib.Path(folder)))
    sequences = {"symbols": symbols.tolist(), "first": first.tolist()}
    json.dump({"file": file, "found": found, **sequences}, sys.stdout)


if __name__ == "__main__":
    main()
