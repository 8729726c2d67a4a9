"""Peak memory and time of the chapter's corpus, by the number of shards, in three ways.

``engine`` executes the cells of chapters/many_machines.ipynb as they stand, from the keys of a
review to the integers, on shards of 2,000 reviews; ``in pieces`` its cell that counts words and
writes tokens in one process; ``everything in memory`` is the next-word chapter's way. The reviews
of shard k are a part of the sample in which, with seed k, every fourth word gave way to another of
the sample, so that copies of a review are no near-copies and the vocabulary does not grow.

Memory is the proportional set size (shared pages count once), summed over all processes of the run,
looked at twice a second; its base is what Python and the libraries take. Seconds are those of the
clock, so that they tell about the machine's other load too.
"""

import json
import multiprocessing
import pathlib
import random
import runpy
import tempfile
import time

import numpy as np
import psutil

from experiments.common import Recorder, array_digest, brief, command_line, reviews
from grubook.data.splits import duplicate_groups
from grubook.shards import find_shards, read_shard
from grubook.text import Vocabulary, clean, tokenize

CHAPTER = pathlib.Path("chapters/many_machines.ipynb")
SHARDS, SIZE = [1, 10, 100], 2_000
IMPORTS = ["cell-003", "cell-004", "cell-004b"]
WAYS = {
    "everything in memory": [],
    "in pieces": ["cell-008", "cell-008b"],
    "engine": ["cell-008", "cell-005", *(f"cell-0{k:02}" for k in (9, 10, 13, 14, 15, 16, 17, 18))],
}


def write_shards(folder, count, size):
    frame = reviews()
    pool = [word for text in frame["text"][:500] for word in text.split()]
    for k in range(count):
        start = k * size % (len(frame) - size)
        part, draw = frame[start : start + size].copy(), random.Random(k)
        for column in ("text", "title"):
            part[column] = [changed(text, draw, pool) for text in part[column]]
        part.to_parquet(folder / f"{k:04}.parquet")


def changed(text, draw, pool):
    words = text.split()
    for i in range(draw.randrange(min(4, len(words) or 1)), len(words), 4):
        words[i] = draw.choice(pool)
    return " ".join(words)


def in_memory(path, shards):
    """The single process that has all reviews and all tokens at once."""
    frames = [frame for shard in shards for frame in read_shard(shard, path)]
    texts = [t for frame in frames for t in frame["text"] + " " + frame["title"]]
    texts = [text for text in map(tokenize, map(clean, texts)) if len(text) >= 5]
    groups = duplicate_groups(texts)
    kept = [texts[i] for i in np.flatnonzero(groups == np.arange(len(groups)))]
    vocabulary = Vocabulary.from_tokens(kept)
    return len([vocabulary.encode(text, end=True) for text in kept])


def run(how, folder, ready):
    """What the measured process does: the imports, a sign that they are done, the work."""
    work, path = pathlib.Path(folder), pathlib.Path(folder) / "reviews"
    cells = {c["id"]: "".join(c["source"]) for c in json.loads(CHAPTER.read_text("utf-8"))["cells"]}
    code = [*(cells[name] for name in IMPORTS), "ready.set()", *(cells[name] for name in WAYS[how])]
    script, shards = work / "cells.py", find_shards(path)
    script.write_text("\n".join(code), encoding="utf-8")
    given = {"ready": ready, "work": work, "path": path, "shards": shards}
    place = runpy.run_path(str(script), given, "__main__")
    if not WAYS[how]:
        in_memory(path, shards)
    place["ray"].shutdown()


def measure(how, count, size):
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (pathlib.Path(folder) / "reviews").mkdir()
        write_shards(pathlib.Path(folder) / "reviews", count, size)
        ready = spawn.Event()
        process = spawn.Process(target=run, args=(how, folder, ready))
        process.start()
        ready.wait()
        began, peak = time.perf_counter(), 0
        while process.is_alive():
            peak = max(peak, resident(psutil.Process(process.pid)))
            process.join(0.5)
        if process.exitcode:
            raise RuntimeError(f"{how}, {count} shards: the process ended with {process.exitcode}")
    seconds = round(time.perf_counter() - began, 1)
    return {"reviews": count * size, "peak_mb": round(peak / 1e6), "seconds": seconds}


def resident(process):
    """Memory of a process and all that it started, pages that they share counted once."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended meanwhile
    return total


def main():
    recorder = Recorder(
        __file__,
        {"shards": SHARDS, "reviews_in_a_shard": SIZE, "ways": list(WAYS)},
        tolerance={"peak_mb": 400, "seconds": 900},
        data=array_digest(np.array([len(text) for text in reviews()["text"]])),
    )
    keys = [{"how": how, "shards": count, "repeat": 0} for count in SHARDS for how in WAYS]
    for key in recorder.todo(keys):
        size = brief(SIZE, 50)
        recorder.add(**key, **measure(key["how"], key["shards"], size))


if __name__ == "__main__":
    command_line(main)
