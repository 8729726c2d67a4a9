"""Three of the book's tasks, cut to seconds of training, and one way to train on them.

Digits by rows (MNIST: 28 rows of 28 pixels, ten classes); the next word (1,000 words, windows of 20
tokens, each read from a zero state); is a review positive (its first 60 tokens). A training makes a
fixed number of updates; its rate falls along a cosine, and the peak is chosen on validation data.
"""

import functools
import time

import keras
import numpy as np

from experiments.common import array_digest, brief, rewind
from experiments.digits.data import load
from experiments.next_word.data import prepare as next_word
from experiments.yes_or_no.data import prepare as reviews
from grubook.text import Vocabulary

BATCH, EVERY = 32, 25  # EVERY: updates at one rate, in one call of the compiled function
RATES, SEEDS = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1], [0, 1, 2]
WORDS, WINDOW, LENGTH, WIDTH = 1000, 20, 60, 32  # WIDTH: of the embedding
TASKS = {"digits": (28, 28), "next word": (WINDOW,), "reviews": (LENGTH,)}
TOLERANCE = {"val_loss": 0.1, "test_loss": 0.1, "test_accuracy": 0.02}


@functools.cache
def data(task):
    """(x, y) of the training, validation and test part; the last two are whole batches."""
    if task == "digits":
        (x, y), *others = load()[0]
        sides = [(a.astype("float32") / 255, b) for a, b in [(x, y), *others]]
    elif task == "next word":
        tokens = [np.concatenate(side) for side in next_word(WORDS)[1:]]
        rows = [t[: len(t) // (WINDOW + 1) * (WINDOW + 1)].reshape(-1, WINDOW + 1) for t in tokens]
        sides = [(t[:, :-1], t[:, 1:]) for t in rows]
    else:
        words, labels = zip(*reviews(), strict=True)
        vocabulary = Vocabulary.from_tokens(words[0])
        ids = [[vocabulary.encode(one) for one in side] for side in words]
        cut = {"padding": "post", "truncating": "post"}
        padded = [keras.utils.pad_sequences(side, LENGTH, **cut) for side in ids]
        sides = [(x, y.astype("int32")) for x, y in zip(padded, labels, strict=True)]
    few = [None, 800, 4000 if task == "digits" else 2400 if task == "next word" else 800]
    return [(x[:n], y[:n]) for n, (x, y) in zip(few, sides, strict=True)]


def digest(*tasks):
    return array_digest(*(a for task in tasks for side in data(task) for a in side))


@functools.lru_cache(maxsize=1)
def compiled(task, body, *setting):
    """One compiled network for all runs of its shape, and a function that draws new weights.

    ``body(x, *setting, each=...)`` makes the recurrent part; ``each``: an output for each step.
    """

    def build():
        x = h = keras.Input(TASKS[task])
        if task != "digits":
            words, start = 10_000, "uniform"
            if task == "next word":  # from Keras's narrow start, the plateau comes first
                words, start = WORDS, keras.initializers.RandomNormal(stddev=1.0)
            h = keras.layers.Embedding(words, WIDTH, start, mask_zero=task == "reviews")(x)
        if task == "reviews":
            h = keras.layers.SpatialDropout1D(0.5)(h)
        h = body(h, *setting, each=task == "next word")
        outputs = {"digits": 10, "next word": WORDS, "reviews": 2}[task]
        return keras.Model(x, keras.layers.Dense(outputs)(h))

    keras.utils.clear_session()
    model = build()
    model.compile(
        keras.optimizers.Adam(global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=brief(True, False),
        steps_per_execution=EVERY,
    )
    (x, y), *_ = data(task)
    model.fit(x[: BATCH * EVERY], y[: BATCH * EVERY], BATCH, verbose=0)  # compiles
    return model, lambda: [v.numpy() for v in build().weights]


def train(task, updates, rate, seed, body, *setting):
    """Train once; what validation and test data say, the number of weights, processor seconds."""
    model, draw = compiled(task, body, *setting)
    keras.utils.set_random_seed(seed)
    model.set_weights(draw())
    rewind(model.optimizer)
    (x, y), *others = data(task)
    parts = brief(updates // EVERY, 1)
    random, began = np.random.default_rng(seed), time.process_time()
    for part in range(parts):
        drawn = random.integers(len(x), size=BATCH * EVERY)
        falling = (1 + np.cos(np.pi * part / parts)) / 2
        model.optimizer.learning_rate = rate * (falling if part else 0.5)
        model.fit(x[drawn], y[drawn], BATCH, shuffle=False, verbose=0)
    seconds = time.process_time() - began
    (val_loss, _), (loss, accuracy) = (
        model.evaluate(a[: brief(None, 800)], b[: brief(None, 800)], BATCH, verbose=0)
        for a, b in others
    )
    found = {"val_loss": val_loss, "test_loss": loss, "test_accuracy": accuracy}
    return found | {"weights": model.count_params(), "seconds": round(seconds, 2)}


def run(recorder, key, updates, body, *setting):
    """Rates with the first seed, until the best lies between two others; then the other seeds.

    First 0.003 to 0.1, because a network that stays on a plateau at one rate may leave it at a
    larger one; then the neighbors of the best, while one of them is untried. So the best is an
    inner one, or the first or last of all.
    """

    def add(**wanted):
        for one in recorder.todo([key | wanted]):
            found = train(key["task"], updates, one["rate"], one["seed"], body, *setting)
            recorder.add(**one, **found)

    best, next_ones = None, RATES[1 : brief(5, 2)]
    while next_ones:
        for rate in next_ones:
            add(seed=SEEDS[0], rate=rate)
        tried = recorder.runs(**key, seed=SEEDS[0])
        best = min(tried, key=lambda run: run["val_loss"])["rate"]
        at = RATES.index(best)
        around = set(RATES[max(at - 1, 0) : at + 2])
        next_ones = sorted(around - {run["rate"] for run in tried})
    for seed in SEEDS[1:]:
        add(seed=seed, rate=best)
