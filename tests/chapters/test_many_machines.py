"""The chapter's cells on a small folder of one's own: one engine, started once for the file."""

import contextlib
import json
import os
import pathlib
import time

import numpy as np
import pandas as pd
import psutil
import pytest

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # as in the chapter: before it is imported
ray = pytest.importorskip("ray", reason="the engine is not part of this environment")

from grubook.data.splits import duplicate_groups  # noqa: E402
from grubook.ngrams import KneserNey  # noqa: E402
from grubook.text import Vocabulary, clean, tokenize  # noqa: E402

# What the engine warns of concerns its own versions, not the book.
pytestmark = pytest.mark.filterwarnings("ignore")

CORPUS = ["003", "004", "004b", *(f"{k:03}" for k in (6, 7, 8, 5, 9, 10, *range(13, 20), 21))]
TRAINING = [f"{k:03}" for k in range(30, 37)]
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def rows():
    """180 reviews: some short, some equal, some nearly, some with nothing to read."""
    draw = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(60)])
    texts = [" ".join(draw.choice(words, n)) for n in draw.integers(1, 60, 180)]
    texts[3], texts[4] = "one two three four five", "six seven eight nine ten"
    texts[70], texts[120] = texts[3], texts[4] + "!"
    long = " ".join(draw.choice(words, 100))
    texts[10], texts[90], texts[150] = long, f"{long} more", long.replace(" ", ". ", 3)
    texts[20] = " "
    return [{"stars": 1 + i % 5, "text": text, "title": "T"} for i, text in enumerate(texts)]


@pytest.fixture(scope="module")
def corpus(run_cells, tmp_path_factory):
    """What the chapter's corpus cells made of three shards, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("mine")
    (folder / "b").mkdir()
    (folder / "_SUCCESS").touch()
    pd.DataFrame(rows()[:60]).to_csv(folder / "a.csv", index=False)
    lines = "\n".join(map(json.dumps, rows()[60:120]))
    (folder / "b" / "one.jsonl").write_text(lines, encoding="utf-8")
    pd.DataFrame(rows()[120:]).to_parquet(folder / "c.parquet")
    yield run_cells("many_machines", [*CORPUS, *TRAINING], folder)
    ray.shutdown()


def test_every_token_is_that_of_one_process(corpus):
    names = ["a.csv", "b/one.jsonl", "c.parquet"]
    there = [(k // 60, row) for k, row in enumerate(rows()) if row["text"].strip()]
    place, numbered = [0, 0, 0], {}
    for shard, row in there:
        text = tokenize(clean(f"{row['text']} {row['title']}"))
        if len(text) >= 5:
            numbered[f"{names[shard]}#{place[shard]:09d}"] = text
        place[shard] += 1
    groups = duplicate_groups(numbered.values())
    kept = {i: text for k, (i, text) in enumerate(numbered.items()) if groups[k] == k}
    assert len(numbered) - len(kept) == len(corpus["copies"]) == 4
    side = {i: corpus["side_of"](" ".join(text)) for i, text in kept.items()}
    vocabulary = Vocabulary.from_tokens(kept[i] for i in kept if side[i] == "train")
    assert corpus["vocabulary"].words == vocabulary.words
    for name, found in corpus["sides"].items():
        assert [*found] == [i for i in kept if side[i] == name]
        assert all(
            np.array_equal(ids, vocabulary.encode(kept[i], True)) for i, ids in found.items()
        )


def test_ngrams_counted_by_the_engine_make_the_same_model(corpus):
    size, sides = len(corpus["vocabulary"]), corpus["sides"]
    alone = KneserNey(sides["train"].values(), 3, size)
    for ids in [*sides["test"].values(), *sides["validation"].values()]:
        expected = alone.log_probabilities(ids)
        np.testing.assert_allclose(corpus["from_shards"].log_probabilities(ids), expected, 1e-12)


def test_a_shard_that_the_engine_cannot_read_is_named_in_one_sentence(corpus, tmp_path):
    good = (corpus["path"] / "c.parquet").read_bytes()
    (tmp_path / "good.parquet").write_bytes(good)
    (tmp_path / "cut.parquet").write_bytes(good[:-100])
    with pytest.raises(
        ValueError, match=r"^cut\.parquet, row 1: not a whole Parquet .*\.$"
    ) as said:
        corpus["write_words"](tmp_path, tmp_path / "never")
    assert "\n" not in str(said.value) and said.value.__cause__ is None


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_is_said_in_one_sentence(corpus, tmp_path):
    class AlwaysFull(ray.data.datasource.FilenameProvider):
        def get_filename_for_task(self, write_uuid, *args, **kwargs):
            file = tmp_path / f"{write_uuid}-0.parquet"  # as the engine will number it
            if not file.is_symlink():
                file.symlink_to("/dev/full")
            return f"{write_uuid}.parquet"

        get_filename_for_block = get_filename_for_task

    rows = ray.data.from_items([{"words": "w" * 100} for _ in range(100)])
    with (
        pytest.raises(OSError, match="The disk is full while writing words; make room"),
        corpus["plainly"]("writing words"),
    ):
        rows.write_parquet(tmp_path, filename_provider=AlwaysFull())


def test_a_killed_worker_is_replaced_and_the_run_goes_on_from_its_checkpoint(corpus):
    one = corpus["train_on"](1, updates=8, every=2)
    killed = corpus["train_on"](2, updates=8, every=2, killed_at=7)
    assert one["first"] == 0 < killed["first"] <= 6  # some updates are computed twice
    assert len(set(killed["losses"])) == 8
    np.testing.assert_allclose(killed["losses"], one["losses"], atol=1e-4)
    np.testing.assert_allclose(killed["weights"], one["weights"], atol=1e-4)


def running(processes):
    """Of each that has not ended: itself, its command, and the addresses at which it listens."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
                ports = [c for c in one.net_connections("inet") if c.status == psutil.CONN_LISTEN]
                yield one, " ".join(one.cmdline()), {port.laddr.ip for port in ports}


def wait_until_none(look):
    for _ in range(600):
        left = look()
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"still there after a minute: {left}")


def test_the_engine_listens_on_this_machine_alone_and_leaves_nothing_running(corpus):
    mine = psutil.Process()

    def engine(name="ray"):
        return [one for one in running(mine.children(recursive=True)) if name in one[1]]

    # A training's workers end a little after it; in them Gloo listens at the machine's name.
    wait_until_none(lambda: engine("RayTrainWorker"))
    before = engine()
    assert len(before) > 3
    for _, command, addresses in [*running([mine]), *before]:
        assert addresses <= LOOPBACK, command
    ray.shutdown()
    wait_until_none(lambda: [command for _, command, _ in running(one for one, *_ in before)])
