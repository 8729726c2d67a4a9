"""A ladder of models and mixtures: each rung held against the one before it, on the same reviews.

The networks are those of `compare` and of `longer`, three seeds each; what they say of each token
lies beside those results. Without it, those must run first.

1. ``mixture``: probabilities of several models, in shares that expectation-maximization finds on
   the validation reviews, without and with a cache, whose weight is chosen there as well.
2. ``against``: in the order of the mean validation perplexity, each rung and the one before it, on
   the same 10,000 draws of the test reviews (`intervals` says how).
"""

import itertools

import numpy as np

from experiments.common import Recorder, brief, command_line
from experiments.next_word.best import SEEDS
from experiments.next_word.data import digest, few, prepare
from experiments.next_word.intervals import DRAWS, ORDER, interval, perplexities
from experiments.next_word.ngrams import CACHED, DISCOUNTS
from grubook.ngrams import KneserNey

N_GRAM, LONGER = "modified 5-gram", "longer GRU"
NETWORKS = ["GRU", "LSTM", "minGRU", "Transformer", LONGER]
LADDER = {
    **{name: [name] for name in [N_GRAM, *NETWORKS]},
    "GRU and 5-gram": ["GRU", N_GRAM],
    "GRU and LSTM": ["GRU", "LSTM"],
    "GRU, LSTM and 5-gram": ["GRU", "LSTM", N_GRAM],
    "four networks": NETWORKS[:-1],
    "four networks and 5-gram": [*NETWORKS[:-1], N_GRAM],
    "longer GRU and 5-gram": [LONGER, N_GRAM],
    "longer GRU and LSTM": [LONGER, "LSTM"],
    "all": [*NETWORKS, N_GRAM],
}
CACHE = ", cache"
WEIGHTS = [0, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15]  # of the cache


def mix(log_p):
    """The shares of some models' probabilities (models, tokens) that find the tokens likeliest."""
    p = np.exp(log_p - log_p.max(axis=0))
    shares = np.full(len(p), 1 / len(p))
    for _ in range(200):
        shares = (shares[:, None] * p / (shares @ p)).mean(axis=1)
    return shares


def in_cache(reviews):
    """The share of each token among those before it in its review; NaN for the first of one."""
    found = []
    for ids in map(np.asarray, reviews):
        before = np.tril(ids[:, None] == ids, -1).sum(axis=1)
        found.append(before / np.where(np.arange(len(ids)), np.arange(len(ids)), np.nan))
    return np.concatenate(found)


def cached(log_p, shares, weight):
    """Log-probabilities with a cache of this weight; a review's first token has none."""
    mixed = np.log((1 - weight) * np.exp(log_p) + weight * np.nan_to_num(shares))
    return np.where(np.isnan(shares), log_p, mixed)


def mixture(models, caches, with_cache):
    """Mix models, in shares and with a cache's weight that the validation reviews choose.

    Args:
        models: of each model the log-probabilities of the validation tokens, and of the test's.
        caches: what `in_cache` finds for both.
        with_cache: whether there is one.

    Returns:
        tuple: what a run records, and the log-probabilities of the test tokens.
    """
    shares = mix(np.stack([val for val, _ in models]))
    weighted = [np.log(shares)[:, None] + np.stack(side) for side in zip(*models, strict=True)]
    val, test = (np.logaddexp.reduce(side) for side in weighted)
    weights = WEIGHTS if with_cache else WEIGHTS[:1]
    means = {weight: cached(val, caches[0], weight).mean() for weight in weights}
    weight = max(means, key=means.get)
    run = {"shares": shares.round(3).tolist(), "cache": weight}
    run["val_perplexity"] = float(np.exp(-means[weight]))
    return run, cached(test, caches[1], weight)


def said_path(recorder, network, seed):
    """Where the log-probabilities of a network's tokens lie; not as .npz, which would be stored."""
    return recorder.path.with_name(f"{network}.{seed}.said")


def says(recorder, n_gram, seed):
    """The log-probability of each token of the validation and the test reviews, by model."""
    found = {N_GRAM: n_gram}
    for network in brief(NETWORKS, []):
        path = said_path(recorder, network, seed)
        if not path.exists():
            raise SystemExit(f"{path} is missing: run next_word/compare and next_word/longer first")
        with np.load(path) as said:
            found[network] = [said["val"], said["test"]]
    return found


def main():
    vocabulary, *sides = prepare()
    recorder = Recorder(
        __file__,
        {"ladder": LADDER, "seeds": SEEDS, "draws": DRAWS, "cache": WEIGHTS},
        {"val_perplexity": 2.0, "test_perplexity": 2.0, "cache": 0.04},
        data=digest(*sides),
    )
    train, val, test = few(*sides)
    model = KneserNey(train, ORDER, len(vocabulary), DISCOUNTS[CACHED])
    n_gram = [np.concatenate([*map(model.log_probabilities, side)]) for side in (val, test)]
    caches = [in_cache(val), in_cache(test)]
    draws = np.random.default_rng(0).multinomial(
        len(test), np.full(len(test), 1 / len(test)), DRAWS
    )
    ends, drawn = np.cumsum([*map(len, test)])[:-1], {}
    for seed in brief(SEEDS, SEEDS[:1]):
        said = says(recorder, n_gram, seed)
        for name, with_cache in itertools.product(LADDER, (False, True)):
            if not said.keys() >= {*LADDER[name]}:
                continue
            models = [said[model] for model in LADDER[name]]
            figures, log_p = mixture(models, caches, with_cache)
            rung = name + CACHE * with_cache
            found, drawn[rung, seed] = perplexities(np.split(log_p, ends), draws)
            for key in recorder.todo([{"stage": "mixture", "rung": rung, "seed": seed}]):
                between = interval(drawn[rung, seed])
                recorder.add(**key, **figures, test_perplexity=found, interval=between)
    means = {}
    for run in recorder.runs(stage="mixture"):
        means.setdefault(run["rung"], []).append(run["val_perplexity"])
    order = sorted(means, key=lambda rung: -np.mean(means[rung]))
    for before, rung in itertools.pairwise(order):
        for seed in brief(SEEDS, SEEDS[:1]):
            ratio = drawn[rung, seed] / drawn[before, seed]
            key = {"stage": "against", "rung": rung, "before": before, "seed": seed}
            for missing in recorder.todo([key]):
                recorder.add(**missing, ratio=interval(ratio))


if __name__ == "__main__":
    command_line(main)
