"""What an update costs with several workers: computing, and adding up the gradients.

Four things are measured, by processes of one machine that join through JAX as the chapter's workers
do, for the chapter's network:

- ``update``, one worker: processor seconds of an update against the windows in its batch;
- ``program``, two workers: how many vectors XLA's program adds up in a step of its loop over time,
  and how many beside it;
- ``sum``, two workers: the shortest of many all-reduces of a vector of some bytes, by Gloo;
- ``check``: the shortest and the middle update of one, two and four workers who share a batch. On
  a machine of two processors four workers compute no faster than two; what they can show is
  whether the model still holds when they share them, and add up over more steps.

Each worker computes in one thread (``NPROC``), beside those of its libraries. The shortest of many
stands for a machine that has nothing else to do; the middle one says how far from that it was.
"""

import multiprocessing
import os
import pathlib
import socket
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from unittest import mock

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line, say
from grubook.text import PAD

WORDS, UNITS, WINDOW = 10_000, 64, 32
WINDOWS = [1, 2, 4, 8, 16, 32, 64]
KILOBYTES = [1, 16, 256, 1024, 5120, 20480]
CHECKS = [1, 2, 4]
BATCH = 16
REPEATS = 30


def build():
    import keras

    keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    keras.utils.set_random_seed(0)
    read = keras.Input((WINDOW,), dtype="int32")
    h = keras.layers.GRU(UNITS, return_sequences=True)(keras.layers.Embedding(WORDS, UNITS)(read))
    model = keras.Model(read, keras.layers.Dense(WORDS)(h))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    model.compile(keras.optimizers.Adam(2e-3), loss)
    return model


def updates(rank, workers, windows, repeats):
    """Processor and wall seconds of each update; the windows are shared by the workers."""
    model = build()
    x, y = np.random.default_rng(rank).integers(3, WORDS, (2, windows // workers, WINDOW), "int32")
    found = []
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        float(model.train_on_batch(x, y))
        found.append((time.process_time() - processor, time.perf_counter() - wall))
    return np.array(found[2:]).T  # the first ones compile


def sums(workers, kilobytes, repeats):
    """Wall seconds of each all-reduce of so many kilobytes."""
    import jax
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    mesh = Mesh(np.array(jax.devices()), ("worker",))
    mine = np.ones((1, kilobytes * 256), "float32")
    vector = jax.make_array_from_process_local_data(
        NamedSharding(mesh, PartitionSpec("worker")), mine, (workers, mine.shape[1])
    )
    everywhere = NamedSharding(mesh, PartitionSpec())
    add = jax.jit(lambda v: v.sum(0), out_shardings=everywhere)
    found = []
    for _ in range(5 * repeats):
        wall = time.perf_counter()
        add(vector).block_until_ready()
        found.append(time.perf_counter() - wall)
    return np.array(found[2:])


def work(rank, workers, port, job):
    """What each worker runs; what the first one returns is the run's."""
    import jax

    address = f"127.0.0.1:{port}"
    jax.distributed.initialize(address, workers, rank, coordinator_bind_address=address)
    found = []
    for size in job["sizes"]:
        if job["kind"] == "program":
            updates(rank, workers, size, 3)
            run = sums_of_program(pathlib.Path(job["dump"]))
        elif job["kind"] == "sum":
            wall = sums(workers, size, job["repeats"])
            run = {"shortest": wall.min(), "middle": np.median(wall)}
        else:
            processor, wall = updates(rank, workers, size, job["repeats"])
            run = {"processor": np.median(processor), "shortest": wall.min()}
            run["middle"] = np.median(wall)
        found.append({"size": size} | {key: float(value) for key, value in run.items()})
    return found


def sums_of_program(dump):
    """How many vectors the training's program, as XLA wrote it, adds up: in its loops, and once.

    One instruction may have several; Gloo adds up one after the other.
    """
    found, where = {"in_loops": 0, "once": 0}, ""
    program = next(dump.glob("*train_step*after_optimizations.txt"))
    for line in program.read_text(encoding="utf-8").splitlines():
        if line.endswith("{") and not line.startswith(" "):
            where = "once" if line.startswith("ENTRY") else "in_loops"
        elif " all-reduce(" in line:
            found[where] += line.split(" all-reduce(")[1].split(")")[0].count("%")
    return found


def together(workers, **job):
    """Let so many processes work on a job; return what the first measured."""
    on_jax = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "NPROC": "1"}
    on_jax["JAX_CPU_COLLECTIVES_IMPLEMENTATION"] = "gloo"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        if job["kind"] == "program":
            job["dump"] = f"{folder}/program"
            on_jax["XLA_FLAGS"] = f"--xla_dump_to={job['dump']} --xla_dump_hlo_as_text"
        with (
            mock.patch.dict(os.environ, on_jax),  # which the processes take over
            ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool,
        ):
            told = [pool.submit(work, rank, workers, port, job) for rank in range(workers)]
            first, *_ = [one.result() for one in told]  # a worker that failed says so
    return first


def main():
    settings = {
        "words": WORDS,
        "units": UNITS,
        "window": WINDOW,
        "batch": BATCH,
        "repeats": REPEATS,
        "weights": WORDS * UNITS + 3 * UNITS * (2 * UNITS + 2) + (UNITS + 1) * WORDS,
    }
    far = {"processor": 1.0, "shortest": 1.0, "middle": 5.0}  # seconds, of whatever machine
    recorder = Recorder(__file__, settings, far, array_digest(np.array([WORDS, UNITS, WINDOW])))
    jobs = [(1, "update", WINDOWS), (2, "program", [BATCH])]
    jobs += [(2, "sum", KILOBYTES)]
    jobs += [(workers, "check", [BATCH]) for workers in CHECKS]
    for workers, kind, sizes in brief(jobs, jobs[:3]):
        sizes = brief(sizes, sizes[:1])
        if missing := [s for s in sizes if not recorder.done(kind=kind, workers=workers, size=s)]:
            say(kind, "with", workers, "worker(s)")
            for run in together(workers, kind=kind, sizes=missing, repeats=brief(REPEATS, 3)):
                recorder.add(kind=kind, workers=workers, repeat=0, **run)


if __name__ == "__main__":
    command_line(main)
