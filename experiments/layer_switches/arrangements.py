"""One layer, two, or one each way: digits by rows, at equal weights, over three seeds.

Every network has as nearly the weights of one layer as its number of units allows, output layer
counted. Two layers are stacked plainly, or with both layer normalization between them and a
residual connection around the second. Backwards: from the bottom row up.
"""

import keras

from experiments.common import Recorder, brief, command_line
from experiments.layer_switches import tasks

UNITS = 32
UPDATES = 300
ARRANGEMENTS = ["one layer", "two", "two, both", "backwards", "bidirectional"]


def weights(name, units):
    """How many weights the layers and the output have."""

    def layer(f):
        return 3 * (f * units + units**2 + 2 * units)

    both = name == "bidirectional"
    first = layer(28) * (1 + both)
    second = layer(units) * name.startswith("two")
    normalization = 2 * units * (name == "two, both")
    return first + second + normalization + (units * (1 + both) + 1) * 10


def units_for(name):
    """The number of units whose weights come nearest to one layer's."""
    wanted = weights("one layer", UNITS)
    return min(range(4, 2 * UNITS), key=lambda u: abs(weights(name, u) - wanted))


def body(x, name, units, each):
    """The recurrent part of a network, of one arrangement."""
    if name == "bidirectional":
        return keras.layers.Bidirectional(keras.layers.GRU(units))(x)
    if not name.startswith("two"):
        backwards = name == "backwards"
        return keras.layers.GRU(units, return_sequences=each, go_backwards=backwards)(x)
    below = keras.layers.GRU(units, return_sequences=True)(x)
    if name == "two":
        return keras.layers.GRU(units, return_sequences=each)(below)
    above = keras.layers.LayerNormalization()(below)
    above = keras.layers.GRU(units, return_sequences=each)(above)
    return above + (below if each else below[:, -1])


def main():
    recorder = Recorder(
        __file__,
        {
            "units": {name: units_for(name) for name in ARRANGEMENTS},
            "updates": UPDATES,
            "batch": tasks.BATCH,
            "rates": tasks.RATES,
            "seeds": tasks.SEEDS,
        },
        tasks.TOLERANCE,
        data=tasks.digest("digits"),
    )
    for name in ARRANGEMENTS[: brief(None, 1)]:
        units = units_for(name)
        key = {"task": "digits", "arrangement": name, "units": units}
        tasks.run(recorder, key, UPDATES, body, name, units)


if __name__ == "__main__":
    command_line(main)
