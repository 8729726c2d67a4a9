"""Article 096's network for the next word: trained as written, and the same network trained well.

Embedding(10000, 64), GRU(64), Dense(10000): 1,314,960 weights in both. "As written": Adam at its
default rate of 1e-3, ten epochs, batches of 32, Keras's starts. The article says nothing about
lengths: here the shuffled reviews follow one another, an end token between them, cut into windows
of 40 tokens that each start from a state of zeros, so that no step is padding. Its one-hot labels
and softmax are the same mathematics as the loss used here (see next_word_models.py).

"Trained well" changes the training alone: the output bias starts at the words' log frequencies,
the state is carried from window to window, the rate rises to 8e-3 and falls along a cosine over
eight epochs, gradients are clipped, activations dropped. Stream and start are those that
`next_word_select` tried on validation reviews; rate, dropout and length were set beforehand for a
longer training and not searched, so better ones may exist. It ends with the last epoch.

The test reviews are read once, by the finished networks.

    python experiments/next_word/article.py [N]    make at most N new runs (all, if left out)
"""

import sys
import time

from experiments.common import Recorder, array_digest, code_digest
from experiments.next_word.data import prepare
from experiments.next_word.models import (
    NextWord,
    compile_with,
    figures,
    keras,
    np,
    perplexity,
    say,
    stream,
    train,
    train_epoch,
)
from experiments.next_word.models import __file__ as shared
from experiments.next_word.select import RECIPE, SMALL

WRITTEN = SMALL | {"start": None, "carry": False, "batch": 32, "window": 40, "head": 0, "sample": 0}
EPOCHS = 10
WELL = SMALL | {"dropout": [0.1, 0.0, 0.2]}
WELL_RECIPE = RECIPE | {"rate": 8e-3, "epochs": 8}
REVIEWS = 200  # validation reviews read four times an epoch
RUNS = [("trained well", 0), ("as written", 0), ("trained well", 1), ("trained well", 2)]
RUNS += [("as written", 1), ("as written", 2)]


def train_as_written(seed, reviews, val):
    """Train; return the weights and val's perplexity as a list of (epochs, perplexity)."""
    keras.utils.set_random_seed(seed)
    model, rng = NextWord(WRITTEN), np.random.default_rng(seed)
    compile_with(model, 1e-3, updates=None, clip=None)
    curve = [(0, perplexity(model.arrays(), val))]
    for epoch in range(EPOCHS):
        x, y = stream(reviews, rng, 32, 40, carry=False)
        parts = np.linspace(0, len(x) // 32, 5).astype(int) * 32
        for quarter in range(4):
            part = slice(parts[quarter], parts[quarter + 1])
            train_epoch(model, x[part], y[part])
            curve.append((epoch + (quarter + 1) / 4, perplexity(model.arrays(), val)))
            say("as written, seed", seed, "epochs and perplexity", *curve[-1])
    return model.arrays(), curve


def main():
    _, reviews, val, test = prepare()
    recorder = Recorder(
        __file__,
        {
            "as written": {"network": WRITTEN, "rate": 1e-3, "epochs": EPOCHS},
            "trained well": {"network": WELL, "recipe": WELL_RECIPE},
            "reviews_of_curve": REVIEWS,
            "shared_code": code_digest(shared),
        },
        tolerance={"val_perplexity": 2.0, "test_perplexity": 2.0}
        | {f"{side}_top{k}": 0.004 for side in ("val", "test") for k in (1, 5)},
        data=array_digest(*map(np.concatenate, (reviews, val, test))),
    )
    todo = [(name, seed) for name, seed in RUNS if not recorder.done(model=name, seed=seed)]
    for name, seed in todo[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
        start = time.process_time()
        if name == "as written":
            weights, curve = train_as_written(seed, reviews, val[:REVIEWS])
        else:
            weights, _, curve = train(WELL, WELL_RECIPE, seed, reviews, val[:REVIEWS])
        seconds = round(time.process_time() - start, 1)
        recorder.add(
            model=name,
            seed=seed,
            parameters=sum(a.size for n, a in weights.items() if n != "scale"),
            **figures(weights, val, "val"),
            **figures(weights, test, "test"),
            curve=curve,
            seconds=seconds,
        )


if __name__ == "__main__":
    main()
