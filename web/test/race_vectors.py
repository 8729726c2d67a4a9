"""What the memory race must compute, in Keras: python -m web.test.race_vectors

Prints JSON: the page's file, and for each network what it makes of test sequences of 60 letters.
"""

import json
import pathlib
import sys
import tempfile

import keras

from experiments.memory import race
from experiments.memory.first_symbol import TEST, one_batch
from grubook.weights import load_weights
from web.data.write_data import race_file


def main():
    weights, found = load_weights("race"), {}
    x, first = one_batch(TEST, 1, 60, 200)
    for name in race.LAYERS:
        model = race.build(name, every_step=True)
        model.set_weights([weights[f"{name}_{part}"] for part in race.PARTS])
        states, p = model.layers[0](x), keras.activations.softmax(model(x))
        found[name] = {"h": states[:20].numpy().tolist(), "p": p.numpy().tolist()}
    with tempfile.TemporaryDirectory() as folder:
        file = json.loads(race_file(pathlib.Path(folder)))
    symbols = {"symbols": x.numpy().argmax(axis=2).tolist(), "first": first.numpy().tolist()}
    json.dump({"file": file, "found": found, **symbols}, sys.stdout)


if __name__ == "__main__":
    main()
