"""One layer, two, or one each way: at equal weights, over three seeds.

Every network has as nearly the weights of one layer as its number of units allows (embedding left
out, output layer counted). Two layers are stacked plainly, or with both layer normalization between
them and a residual connection around the second. On the next word a layer that reads backwards
would read the answers, so there is none.
"""

import keras

from experiments.common import Recorder, brief, command_line
from experiments.layer_switches import tasks

UNITS = 32
UPDATES = {"digits": 300, "next word": 200, "reviews": 400}
ARRANGEMENTS = {
    "digits": ["one layer", "two", "two, both", "backwards", "bidirectional"],
    "reviews": ["one layer", "bidirectional"],
    "next word": ["one layer", "two", "two, both"],
}
OUTPUTS = {"digits": 10, "next word": tasks.WORDS, "reviews": 2}


def weights(task, name, units):
    """How many weights the layers and the output have."""
    f = 28 if task == "digits" else tasks.WIDTH

    def layer(f):
        return 3 * (f * units + units**2 + 2 * units)

    both = name == "bidirectional"
    first = layer(f) * (1 + both)
    second = layer(units) * name.startswith("two")
    normalization = 2 * units * (name == "two, both")
    return first + second + normalization + (units * (1 + both) + 1) * OUTPUTS[task]


def units_for(task, name):
    """The number of units whose weights come nearest to one layer's."""
    wanted = weights(task, "one layer", UNITS)
    return min(range(4, 2 * UNITS), key=lambda u: abs(weights(task, name, u) - wanted))


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
            "units": {t: {n: units_for(t, n) for n in a} for t, a in ARRANGEMENTS.items()},
            "updates": UPDATES,
            "batch": tasks.BATCH,
            "rates": tasks.RATES,
            "seeds": tasks.SEEDS,
            "words": tasks.WORDS,
            "window": tasks.WINDOW,
            "length": tasks.LENGTH,
            "embedding": tasks.WIDTH,
        },
        tasks.TOLERANCE,
        data=tasks.digest(*ARRANGEMENTS),
    )
    for task, names in ARRANGEMENTS.items():
        for name in names[: brief(None, 1)]:
            units = units_for(task, name)
            key = {"task": task, "arrangement": name, "units": units}
            tasks.run(recorder, key, UPDATES[task], body, name, units)


if __name__ == "__main__":
    command_line(main)
