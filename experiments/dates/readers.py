"""Dates to ISO 8601 with attention of two kinds and without, over three seeds.

The recipe was found in one trial on validation days (units, rate and batch were not searched). The
network without attention trains as long as the others, and a second time three times as long. Exact
match is counted on 12,000 test days in known formats, and in each new format on 2,400 more. The
first seed's additive network is kept, rounded to 8 bits: ``load_weights("dates")``.
"""

import time

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.dates.models import NETWORK, RECIPE, train
from grubook.dates import FORMATS, LANGUAGES, NEW_FORMATS, DateWriter, encode_answers
from grubook.weights import quantize

MODELS = {
    "additive": ("additive", 800),
    "none": ("none", 800),
    "multiplicative": ("multiplicative", 800),
    "none, longer": ("none", 2400),
}
SEEDS = [0, 1, 2]
KNOWN, NEW = 12_000, 2_400


def share(right, groups, names):
    """The share of right answers in each group, by its name."""
    groups = np.array(groups)
    return {name: float(right[groups == name].mean()) for name in names if name in groups}


def measure(model, writer):
    """Exact match on test days: in all, by language, format and length, and in new formats."""
    n_known, n_new = brief(KNOWN, 240), brief(NEW, 240)
    texts, answers, languages, formats = writer.draw(n_known, 1, "test")
    right = np.array(model.read(writer.encode(texts, languages))) == np.array(answers)
    lengths = [5 * (len(text) // 5) for text in texts]
    found = {
        "exact": float(right.mean()),
        "by_language": share(right, languages, LANGUAGES),
        "by_format": share(right, formats, FORMATS),
        "by_length": {str(n): s for n, s in share(right, lengths, sorted(set(lengths))).items()},
        "new_formats": {},
    }
    for name in NEW_FORMATS:
        texts, answers, languages, _ = writer.draw(n_new, 2, "test", [name])
        right = np.array(model.read(writer.encode(texts, languages))) == np.array(answers)
        found["new_formats"][name] = float(right.mean())
    return found | {"exact_new": float(np.mean(list(found["new_formats"].values())))}


def main():
    writer = DateWriter()
    texts, answers, languages, _ = writer.draw(KNOWN, 1, "test")
    recorder = Recorder(
        __file__,
        {"network": NETWORK, "recipe": RECIPE, "models": MODELS, "seeds": SEEDS}
        | {"test_texts": KNOWN, "texts_in_a_new_format": NEW},
        tolerance={"exact": 0.05, "exact_new": 0.15},
        data=array_digest(writer.encode(texts, languages), encode_answers(answers)),
    )
    keys = [{"model": name, "seed": seed} for name in MODELS for seed in SEEDS]
    for key in recorder.todo(keys):
        began = time.process_time()
        model = train(writer, *MODELS[key["model"]], key["seed"])
        if key["model"] == "additive" and key["seed"] == SEEDS[0]:
            alphabet = np.array(list(writer.alphabet))
            path = recorder.beside("dates.npz")
            np.savez_compressed(path, alphabet=alphabet, **quantize(model.arrays()))
        found = measure(model, writer) | {"parameters": model.count_params()}
        recorder.add(**key, **found, seconds=round(time.process_time() - began, 1))


if __name__ == "__main__":
    command_line(main)
