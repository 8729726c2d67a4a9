"""The best next-word GRU: 256 units, one matrix for the embedding and the output.

`next_word_select` found that this size beats the article's, and that masks drawn for every token
cost more time than all the rest of the training. Here one mask serves all tokens of a window (Gal
and Ghahramani 2016, arXiv:1512.05287). How much is dropped is chosen here, at full length: each
candidate trains with the first seed, and the one with the lowest perplexity on the validation
reviews trains with the other seeds. So is the weight of the 5-gram beside it. The test reviews are
read once by each network, after training, and choose nothing. The weights of the chosen
candidate's first seed are kept, rounded to 8 bits: weights/next_word.npz
(`next_word_data.load_weights`).

    python experiments/next_word/best.py [N]    make at most N new runs (all, if left out)
"""

import sys
import time

from experiments.common import Recorder, array_digest, code_digest
from experiments.next_word.data import WEIGHTS, load_weights, prepare, quantise
from experiments.next_word.models import (
    NextWord,
    compile_with,
    figures,
    keras,
    measure,
    np,
    perplexity,
    say,
    stream,
    train_epoch,
    unigram,
)
from experiments.next_word.models import __file__ as shared
from grubook.ngrams import KneserNey

NETWORK = {
    "width": 256,
    "units": 256,
    "start": 0.1,
    "tied": True,
    "scale": 4.0,
    "dropout": [0.0, 0.0, 0.0],
    "carry": True,
    "batch": 128,
    "window": 32,
    "head": 512,
    "sample": 512,
}
RATE, CLIP, EPOCHS = 4e-3, 1.0, 5
CANDIDATES = {"dropout 0.2, 0.3": (0.2, 0.3), "dropout 0.1, 0.15": (0.1, 0.15)}
SEEDS = [0, 1, 2]
REVIEWS = 400  # validation reviews read after each epoch


class OneMask(NextWord):
    """`NextWord` whose states, too, are dropped by one mask for all tokens of a window."""

    def __init__(self, dropout, frequency):
        before, after = dropout
        super().__init__(NETWORK | {"dropout": [before, 0.0, 0.0]}, frequency)
        self.drop = keras.layers.SpatialDropout1D(after)

    def call(self, x, training=None):
        return self.drop(self.body(x, training=training), training=training)


def train(dropout, seed, reviews, val):
    """Train; return the weights, each epoch's training loss, and val's perplexity after each."""
    keras.utils.set_random_seed(seed)
    model = OneMask(dropout, unigram(reviews))
    window, batch = NETWORK["window"], NETWORK["batch"]
    updates = sum(map(len, reviews)) // (batch * window) * EPOCHS
    compile_with(model, RATE, updates, CLIP)
    rng, losses, curve = np.random.default_rng(seed), [], []
    for _ in range(EPOCHS):
        model.gru.reset_state()
        losses.append(train_epoch(model, *stream(reviews, rng, batch, window, carry=True)))
        curve.append(perplexity(model.arrays(), val))
        say(dropout, "seed", seed, "epoch", len(curve), "loss", losses[-1], "val", curve[-1])
    return model.arrays(), losses, curve


def mixtures(gru, n_gram):
    """Perplexity of share * GRU + (1 - share) * n-gram for each share 0, 0.02, ... 1."""
    shares = np.linspace(0, 1, 51)
    p, q = np.exp(gru), np.exp(n_gram)
    return shares, [float(np.exp(-np.log(s * p + (1 - s) * q).mean())) for s in shares]


def report(weights, val, test, n_gram):
    """The figures of a network of the chosen candidate, alone and beside the 5-gram."""
    from_gru = [measure(weights, side)[0] for side in (val, test)]
    from_n_gram = [np.concatenate([n_gram.log_probabilities(r) for r in s]) for s in (val, test)]
    shares, by_share = mixtures(from_gru[0], from_n_gram[0])
    best = int(np.argmin(by_share))
    return figures(weights, test, "test") | {
        "five_gram_val_perplexity": by_share[0],
        "five_gram_test_perplexity": float(np.exp(-from_n_gram[1].mean())),
        "share": float(shares[best]),
        "mixed_val_perplexity": by_share[best],
        "mixed_test_perplexity": mixtures(from_gru[1], from_n_gram[1])[1][best],
    }


def main():
    vocabulary, reviews, val, test = prepare()
    recorder = Recorder(
        __file__,
        {
            "network": NETWORK,
            "recipe": {"rate": RATE, "clip": CLIP, "epochs": EPOCHS},
            "candidates": CANDIDATES,
            "seeds": SEEDS,
            "reviews_of_curve": REVIEWS,
            "shared_code": code_digest(shared),
        },
        tolerance={f"{side}_perplexity": 1.0 for side in ("val", "test", "mixed_test")}
        | {f"{side}_top{k}": 0.004 for side in ("val", "test") for k in (1, 5)}
        | {"mixed_val_perplexity": 1.0, "rounded_test_perplexity": 1.0, "share": 0.1}
        | {"rounded_test_top1": 0.004, "rounded_test_top5": 0.004}
        | {"five_gram_val_perplexity": 0.01, "five_gram_test_perplexity": 0.01},
        data=array_digest(*map(np.concatenate, (reviews, val, test))),
    )
    n_gram = KneserNey(reviews, 5, len(vocabulary))
    runs = recorder.content["runs"]

    def chosen():
        return min((run for run in runs if run["seed"] == 0), key=lambda run: run["val_perplexity"])

    made, at_most = 0, int(sys.argv[1]) if len(sys.argv) > 1 else None
    for name, seed in [(name, 0) for name in CANDIDATES] + [(None, seed) for seed in SEEDS[1:]]:
        name = name or chosen()["candidate"]
        if recorder.done(candidate=name, seed=seed) or made == at_most:
            continue
        made += 1
        start = time.process_time()
        weights, losses, curve = train(CANDIDATES[name], seed, reviews, val[:REVIEWS])
        run = {
            "candidate": name,
            "seed": seed,
            "parameters": sum(a.size for n, a in weights.items() if n != "scale"),
            **figures(weights, val, "val"),
            **report(weights, val, test, n_gram),
            "by_epoch": curve,
            "losses": losses,
            "seconds": round(time.process_time() - start, 1),
        }
        others = [run["val_perplexity"] for run in runs]
        if seed == 0 and run["val_perplexity"] < min(others, default=np.inf):
            np.savez_compressed(WEIGHTS, words=np.array(vocabulary.words), **quantise(weights))
            run |= figures(load_weights()[0], test, "rounded_test")
        recorder.add(**run)


if __name__ == "__main__":
    main()
