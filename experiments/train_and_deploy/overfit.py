"""What helps a GRU that has only a thousand reviews? Six remedies, stopped early and not.

Is a review positive? Each seed draws its own reviews, half of them positive, from the training part
that the yes-or-no chapters use: 800 to train on and 200 to choose by (with more data, four times as
many of both). All else is common to the remedies of a seed: the reviews, the vocabulary, the order.
Every remedy is tried with four rates, and at each with all its strengths, for all the epochs; the
validation log loss is read after every epoch. "Early stopping" takes the rate, the strength and the
epoch with the lowest validation loss, and the weights of that epoch; without it, the rate and the
strength with the lowest validation loss after the last epoch. Only these two networks read the
judging reviews: the validation and test reviews of the other chapters, which choose nothing here.
The settings of logistic regression are chosen in the same way, on the same reviews. (A seed that
does nothing else said which rates are worth trying.)
"""

import functools
import itertools
import time

import keras
import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from experiments.common import Recorder, array_digest, brief, command_line, rewind
from experiments.yes_or_no.data import prepare
from grubook.reference import gru_forward
from grubook.text import Vocabulary

WORDS, ENTRIES, SIZE, BATCH, EPOCHS = 40, 3000, 32, 32, 10
SEEDS, TRAIN, VALIDATION, MORE = [0, 1, 2, 3, 4], 800, 200, 4
RATES, SHARES = [3e-4, 1e-3, 3e-3, 1e-2], [0.25, 0.5, 0.7]
# name: the strengths that are tried
REMEDIES = {
    "none": [{}],
    "smaller network": [{"size": 8}, {"size": 16}],
    "dropout, a fresh mask each step": [{"fresh": share} for share in SHARES],
    "dropout=, one mask": [{"dropout": share} for share in SHARES],
    "recurrent_dropout=": [{"recurrent": share} for share in SHARES],
    "weight decay": [{"decay": 1.0}, {"decay": 3.0}, {"decay": 10.0}, {"decay": 30.0}],
    "four times the data": [{}],
}
COUNTS = ["logistic regression", "logistic regression, four times the data"]
STRENGTHS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]


def half_and_half(words, positive, n, seed):
    """n reviews, drawn without replacement, half of them positive, and their labels."""
    random = np.random.default_rng(seed)
    sides = [random.permutation(np.flatnonzero(positive == side))[: n // 2] for side in (0, 1)]
    rows = random.permutation(np.concatenate(sides))
    return [words[i][:WORDS] for i in rows], positive[rows].astype("float32")


@functools.cache
def judges():
    """All reviews that judge, as many positive ones as negative ones."""
    _, *others = prepare()
    words = [text for part in others for text in part[0]]
    positive = np.concatenate([part[1] for part in others])
    return half_and_half(words, positive, 2 * int((~positive).sum()), seed=0)


@functools.cache
def small(seed, times):
    """What a seed may train on and choose by: two pairs of token lists and labels."""
    n, last = TRAIN * times, VALIDATION * times
    words, y = half_and_half(*prepare()[0], n + last, seed)
    return (words[:n], y[:n]), (words[n:], y[n:])


def padded(words, vocabulary):
    return keras.utils.pad_sequences([vocabulary.encode(w) for w in words], WORDS, padding="post")


def build(size=SIZE, fresh=0.0, dropout=0.0, recurrent=0.0):
    """With ``fresh``, the mask of every step is a second input: XLA draws such masks slowly."""
    words, kept = keras.Input((WORDS,), dtype="int32"), keras.Input((WORDS, size))
    entering = keras.layers.Embedding(ENTRIES, size)(words)
    gru = keras.layers.GRU(size, dropout=dropout, recurrent_dropout=recurrent)
    h = gru(entering * kept if fresh else entering, mask=words != 0)
    return keras.Model([words, kept] if fresh else words, keras.layers.Dense(1)(h))


@functools.lru_cache(maxsize=4)
def compiled(setting):
    """One compiled network serves all seeds and rates: compiling takes seconds."""
    setting = dict(setting)
    decay = setting.pop("decay", 0.0)
    model = build(**setting)
    model.compile(
        keras.optimizers.AdamW(weight_decay=decay, global_clipnorm=1.0),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=brief(True, False),
        steps_per_execution=TRAIN // BATCH,
    )
    model.optimizer.build(model.trainable_variables)
    return model


@functools.cache
def first_weights(size, seed):
    keras.utils.set_random_seed(seed)
    return [v.numpy() for v in build(size).trainable_variables]


def fresh_start(setting, rate, seed):
    """The compiled network with the weights, the masks and the optimizer of a first update."""
    model = compiled(tuple(setting.items()))
    weights = first_weights(setting.get("size", SIZE), seed)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    for variable in model.non_trainable_variables:  # the masks' seeds
        variable.assign(tf.constant([seed, 0], variable.dtype))
    rewind(model.optimizer)
    model.optimizer.learning_rate = rate
    return model


def probability(weights, x):
    """Of being positive, for rows of integers that are padded on the right; in NumPy."""
    embedding, W, U, b, V, c = weights
    h = gru_forward(embedding[x], W, U, b, mask=x > 0).h[:, -1]
    return 1 / (1 + np.exp(-(h @ V + c)[:, 0].astype(float)))


def scores(y, p):
    return float(log_loss(y, p)), 100 * float(np.mean((p > 0.5) == y))


def train(setting, rate, seed, x, y):
    """Train for all epochs, in one call of `fit`; the weights after each."""
    model, random = fresh_start(setting, rate, seed), np.random.default_rng(seed)
    found = []

    def note(batch, logs):
        if (batch + 1) * BATCH % len(y) == 0:
            found.append([v.numpy() for v in model.trainable_variables])

    order = np.concatenate([random.permutation(len(y)) for _ in range(brief(EPOCHS, 1))])
    inputs = x[order]
    if share := setting.get("fresh"):
        kept = random.random((*inputs.shape, SIZE), "float32") >= share
        inputs = [inputs, kept / np.float32(1 - share)]
    noted = keras.callbacks.LambdaCallback(on_train_batch_end=note)
    model.fit(inputs, y[order], BATCH, shuffle=False, verbose=0, callbacks=[noted])
    return found


def judged(remedy, seed):
    """The chosen networks of a remedy, with and without early stopping, and what they reach."""
    parts = small(seed, MORE if remedy == "four times the data" else 1)
    vocabulary = Vocabulary.from_tokens(parts[0][0], ENTRIES)
    x, x_val, x_test = (padded(part[0], vocabulary) for part in (*parts, judges()))
    y, y_val, y_test = parts[0][1], parts[1][1], judges()[1]
    found, began = [], time.process_time()
    for setting, rate in list(itertools.product(REMEDIES[remedy], RATES))[: brief(None, 1)]:
        by_epoch = train(setting, rate, seed, x, y)
        losses = [scores(y_val, probability(weights, x_val))[0] for weights in by_epoch]
        found.append((setting | {"rate": rate}, losses, by_epoch))
    stopped, last = min(found, key=lambda one: min(one[1])), min(found, key=lambda one: one[1][-1])
    epoch = int(np.argmin(stopped[1]))
    loss, accuracy = scores(y_test, probability(stopped[2][epoch], x_test))
    loss_last, accuracy_last = scores(y_test, probability(last[2][-1], x_test))
    training = [scores(y, probability(weights, x))[0] for weights in stopped[2]]
    return {
        "test_loss": loss,
        "test_accuracy": accuracy,
        "last_test_loss": loss_last,
        "last_test_accuracy": accuracy_last,
        "epoch": epoch + 1,
        "setting": stopped[0],
        "last_setting": last[0],
        "training_loss_by_epoch": [round(one, 4) for one in training],
        "validation_loss_by_epoch": [round(one, 4) for one in stopped[1]],
        "seconds": round(time.process_time() - began, 1),
    }


def counted(model, seed):
    """Logistic regression on the words of the same first tokens, its settings chosen alike."""
    (words, y), (words_val, y_val) = small(seed, 1 if model == COUNTS[0] else MORE)
    found = []
    for kind, strength in itertools.product([CountVectorizer, TfidfVectorizer], STRENGTHS):
        table = kind(analyzer=list)
        fitted = LogisticRegression(C=strength, max_iter=5000).fit(table.fit_transform(words), y)

        def p(texts, table=table, fitted=fitted):
            return fitted.predict_proba(table.transform(texts))[:, 1]

        setting = {"table": kind.__name__, "C": strength}
        found.append((scores(y_val, p(words_val))[0], setting, p))
    _, setting, p = min(found, key=lambda one: one[0])
    loss, accuracy = scores(judges()[1], p(judges()[0]))
    return {"test_loss": loss, "test_accuracy": accuracy, "setting": setting}


def main():
    data = [padded(w, Vocabulary.from_tokens(w, ENTRIES)) for w, _ in [judges(), small(0, MORE)[0]]]
    recorder = Recorder(
        __file__,
        {
            "words": WORDS,
            "vocabulary": ENTRIES,
            "embedding and units": SIZE,
            "batch": BATCH,
            "epochs": EPOCHS,
            "train": TRAIN,
            "validation": VALIDATION,
            "more": MORE,
            "test": len(judges()[1]),
            "rates": RATES,
            "remedies": REMEDIES,
            "clipping": "global norm 1",
            "strengths of the baseline": STRENGTHS,
            "seeds": SEEDS,
        },
        tolerance={
            "test_loss": 0.1,
            "test_accuracy": 4,
            "last_test_loss": 0.4,
            "last_test_accuracy": 4,
            "epoch": EPOCHS,
        },
        data=array_digest(*data),
    )
    for name in [*COUNTS, *REMEDIES]:
        for key in recorder.todo({"model": name, "seed": seed} for seed in SEEDS):
            method = counted if name in COUNTS else judged
            recorder.add(**key, **method(name, key["seed"]))


if __name__ == "__main__":
    command_line(main)
