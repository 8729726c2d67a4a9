"""What each stage of the next-word chapter takes on one core, by the number of reviews.

Each size is measured in a process of its own, stage after stage, everything kept as the chapter
keeps it: the processor seconds of the stage, and by how much the resident memory has grown when it
is done. The stages are the chapter's: loading, cleaning and tokens, near-copies and the split, the
vocabulary and the integers, counting trigrams, one epoch of the larger network (its compilation is
left out: a short epoch goes before).
"""

import concurrent.futures
import multiprocessing
import time

import numpy as np
import psutil

from experiments.common import Recorder, array_digest, brief, command_line, rewind
from experiments.common import reviews as all_reviews
from experiments.next_word.select import LARGE, RECIPE
from grubook.data import fetch
from grubook.data.reviews import load_reviews
from grubook.data.splits import duplicate_groups, split_groups
from grubook.ngrams import KneserNey
from grubook.text import Vocabulary, clean, tokenize

SIZES = [1_000, 2_000, 4_000, 8_000]
STAGES = ["load", "tokens", "split", "integers", "trigrams", "epoch"]


def stages(size):
    """Run each stage, yielding its name when it is done; all it made stays in memory."""
    path = fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"]
    reviews = next(load_reviews(path, chunk=size))
    yield "load"
    words = [tokenize(clean(text)) for text in reviews["text"] + " " + reviews["title"]]
    yield "tokens"
    words = [text for text in words if len(text) >= 5]
    groups = duplicate_groups(words)
    kept = [words[i] for i in np.flatnonzero(groups == np.arange(len(groups)))]
    sides = split_groups(range(len(kept)))
    yield "split"
    vocabulary = Vocabulary.from_tokens(kept[i] for i in sides[0])
    encoded = [[vocabulary.encode(kept[i], end=True) for i in side] for side in sides]
    yield "integers"
    model = KneserNey(encoded[0], 3, len(vocabulary))
    yield "trigrams"
    yield from epoch(encoded[0])
    assert len(model.distribution()) == len(vocabulary)


def epoch(train):
    """An epoch of the network, once it is compiled and warm."""
    from experiments.next_word.models import NextWord, compile_with, stream, train_epoch

    batch, window = LARGE["batch"], LARGE["window"]
    model = NextWord(LARGE)
    compile_with(model, RECIPE["rate"], 1_000, RECIPE["clip"], execute=1)
    arrays = stream(train, np.random.default_rng(0), batch, window, carry=True)
    arrays = [array[: brief(None, batch)] for array in arrays]
    train_epoch(model, *(array[:batch] for array in arrays))
    rewind(model.optimizer)
    yield "compiled"
    train_epoch(model, *arrays)
    yield "epoch"


def measure(size):
    """Seconds and megabytes of each stage, in the process that this runs in."""
    process, seconds, megabytes = psutil.Process(), {}, {}
    resident, began = process.memory_info().rss, time.process_time()
    for stage in stages(size):
        seconds[stage] = round(time.process_time() - began, 2)
        now = process.memory_info().rss
        megabytes[stage] = round((now - resident) / 1e6, 1)
        resident, began = process.memory_info().rss, time.process_time()
    return {"seconds": seconds, "megabytes": megabytes, "total": sum(seconds[s] for s in STAGES)}


def main():
    texts = all_reviews()["text"]
    recorder = Recorder(
        __file__,
        {"sizes": SIZES, "stages": STAGES, "network": LARGE, "cores": 1},
        tolerance={"total": 60.0},
        data=array_digest(np.array([len(text) for text in texts])),
    )
    alone = multiprocessing.get_context("spawn")
    for key in recorder.todo({"reviews": size, "repeat": 0} for size in SIZES):
        if brief(False, True):
            recorder.add(**key, **measure(100))
            continue
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=alone) as pool:
            recorder.add(**key, **pool.submit(measure, key["reviews"]).result())


if __name__ == "__main__":
    command_line(main)
