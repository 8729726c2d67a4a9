"""One layer, two, or one each way: at equal weights, over three seeds.

Every network has as nearly the weights of one layer as its number of units allows (embedding left
out, output layer counted). Two layers are stacked plainly, with a residual connection around the
second, with layer normalization between them, or with both. Backwards: from the end. On the next
word a layer that reads backwards would read the answers, so there is none. On reviews, TF-IDF with
logistic regression (no seed moves it) reads the same tokens, its settings chosen in the same way.
"""

import keras
from sklearn.metrics import accuracy_score, log_loss

from experiments.common import Recorder, brief, command_line
from experiments.layer_switches import tasks
from experiments.yes_or_no.reviews import LONGEST_N_GRAM, STRENGTHS, linear, vectorized

UNITS = 32
UPDATES = {"digits": 300, "next word": 300, "reviews": 400}
FORWARD = ["one layer", "two", "two, residual", "two, normalized", "two, both"]
BOTH_WAYS = ["backwards", "bidirectional"]
ARRANGEMENTS = {
    "reviews": ["one layer", *BOTH_WAYS],
    "digits": FORWARD + BOTH_WAYS,
    "next word": FORWARD,
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
    normalization = 2 * units * (name in ("two, normalized", "two, both"))
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
    below = between = keras.layers.GRU(units, return_sequences=True)(x)
    if name in ("two, normalized", "two, both"):
        between = keras.layers.LayerNormalization()(below)
    above = keras.layers.GRU(units, return_sequences=each)(between)
    if name in ("two, residual", "two, both"):
        above = above + (below if each else below[:, -1])
    return above


def baselines(recorder):
    """TF-IDF with logistic regression, each setting's loss and accuracy on the same reviews.

    And what always saying "positive" reaches.
    """
    model = {"task": "reviews", "arrangement": "logistic regression", "seed": 0}
    settings = [{"longest_n_gram": n, "C": c} for n in LONGEST_N_GRAM for c in STRENGTHS]
    sides = tasks.data("reviews")
    texts = [[" ".join(map(str, row[row > 0])) for row in x] for x, _ in sides]
    y, y_val, y_test = (y for _, y in sides)
    for key in recorder.todo([model | {"arrangement": "always positive"}]):
        recorder.add(**key, test_accuracy=float(y_test.mean()), weights=0)
    for key in recorder.todo(model | setting for setting in settings):
        x, x_val, x_test = vectorized(texts, key["longest_n_gram"])
        fitted = linear(key["C"], x, y)
        recorder.add(
            **key,
            val_loss=log_loss(y_val, fitted.predict_proba(x_val)),
            test_loss=log_loss(y_test, fitted.predict_proba(x_test)),
            test_accuracy=accuracy_score(y_test, fitted.predict(x_test)),
            weights=x.shape[1] + 1,
        )


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
    for task, names in list(ARRANGEMENTS.items())[: brief(None, 1)]:
        for name in names[: brief(None, 1)]:
            units = units_for(task, name)
            key = {"task": task, "arrangement": name, "units": units}
            tasks.run(recorder, key, UPDATES[task], body, name, units)
    baselines(recorder)


if __name__ == "__main__":
    command_line(main)
