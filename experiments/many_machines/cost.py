"""What an update costs with several workers: computing, and adding up the gradients.

Three things are measured, on one machine and through its loopback, for the chapter's network:

- ``update``, one worker: processor seconds of an update against the windows in its batch;
- ``sum``, two workers: the shortest of many all-reduces of a vector of some bytes, by Gloo;
- ``check``: the shortest and the middle update of one, two and four workers who share a batch. On
  a machine of two processors four workers compute no faster than two; what they can show is
  whether the model still holds when they share them, and add up over more steps.

The shortest of many stands for a machine that has nothing else to do; the middle one says how far
from that it was.
"""

import multiprocessing
import os
import socket
import time

import numpy as np

from experiments.common import Recorder, array_digest, brief, command_line, say
from grubook.text import PAD

WORDS, UNITS, WINDOW = 10_000, 64, 32
WINDOWS = [4, 8, 16, 32]
KILOBYTES = [1, 16, 256, 1024, 5120, 20480]
CHECKS = [1, 2, 4]
BATCH = 16
REPEATS = 30


def connect(rank, workers, port):
    """Begin a worker's process: one thread to compute with, and the others at the port."""
    os.environ |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    address = f"127.0.0.1:{port}"
    jax.distributed.initialize(address, workers, rank, coordinator_bind_address=address)


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


def worker(rank, workers, port, kind, sizes, repeats, results):
    connect(rank, workers, port)
    for size in sizes:
        if kind == "sum":
            found = sums(workers, size, repeats)
            run = {"shortest": found.min(), "middle": np.median(found)}
        else:
            processor, wall = updates(rank, workers, size, repeats)
            run = {"processor": np.median(processor), "shortest": wall.min()}
            run["middle"] = np.median(wall)
        if rank == 0:
            results.put({"size": size} | {key: float(value) for key, value in run.items()})


def together(workers, kind, sizes):
    """Let so many processes work together; yield what the first one measured."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    job = (workers, port, kind, sizes, brief(REPEATS, 3), results)
    processes = [context.Process(target=worker, args=(rank, *job)) for rank in range(workers)]
    for process in processes:
        process.start()
    try:
        for _ in sizes:
            yield results.get(timeout=600)
    finally:
        for process in processes:
            process.join(timeout=30)
            process.kill()


def main():
    settings = {
        "words": WORDS,
        "units": UNITS,
        "window": WINDOW,
        "batch": BATCH,
        "repeats": REPEATS,
        "processors": os.cpu_count(),
        "weights": WORDS * UNITS + 3 * UNITS * (2 * UNITS + 2) + (UNITS + 1) * WORDS,
    }
    far = {"processor": 1.0, "shortest": 1.0, "middle": 5.0}  # seconds, of whatever machine
    recorder = Recorder(__file__, settings, far, array_digest(np.array([WORDS, UNITS, WINDOW])))
    jobs = [(1, "update", WINDOWS), (2, "sum", KILOBYTES)]
    jobs += [(workers, "check", [BATCH]) for workers in CHECKS]
    for workers, kind, sizes in brief(jobs, jobs[:2]):
        sizes = brief(sizes, sizes[:1])
        missing = [s for s in sizes if not recorder.done(kind=kind, workers=workers, size=s)]
        if missing:
            say(kind, "with", workers, "worker(s)")
            for run in together(workers, kind, missing):
                recorder.add(kind=kind, workers=workers, repeat=0, **run)


if __name__ == "__main__":
    command_line(main)
