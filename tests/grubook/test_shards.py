"""Shards are found, read and refused without any engine."""

import errno
import gzip

import pandas as pd
import pytest

from grubook.shards import find_shards, plainly, read_shard

CSV = "stars,text\n5,fine thing\n,\n1,bad thing\n"


def read(folder, **options):
    frames = [f for path in find_shards(folder) for f in read_shard(path, folder, **options)]
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_reviews_are_numbered_in_order_and_each_shard_reports(tmp_path, chunk):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "1.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".1.csv.crc").touch()
    found = read(tmp_path, chunk=chunk)
    assert found["id"].tolist() == sorted(
        found["id"].tolist(), key=lambda i: i + "~" * ("#" not in i)
    )
    assert found["text"].tolist() == ["fine thing", "bad thing", ""] * 2
    assert found["report"].str.contains("3 rows read; left out: 1 without stars").sum() == 2


FAULTS = {
    "notes.txt": (b"milk", "notes.txt in .* is no shard: its name ends in none of .csv, .tsv"),
    "empty.csv": (b"", "empty.csv, line 1: the file is empty"),
    "cut.csv.gz": (
        gzip.compress(CSV.encode() * 99)[:-9],
        "cut.csv.gz, its bytes: not a whole gzip",
    ),
    "column.csv": (b"stars,words\n5,fine\n", "column.csv, line 1: no column for the text"),
    "cut.parquet": (b"PAR1" + b"\0" * 99, "cut.parquet, row 1: not a whole Parquet file"),
    "line.jsonl": (b'{"stars": 5, "text": "a"}\n{"st', "line.jsonl, line 2: not one JSON object"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    content, sentence = FAULTS[name]
    (tmp_path / "good.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path)


def test_a_folder_without_shards_is_no_input(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        find_shards(tmp_path / "none")
    (tmp_path / "_SUCCESS").touch()
    with pytest.raises(FileNotFoundError, match="has no shard: no file whose name"):
        find_shards(tmp_path)


def test_a_column_of_another_name_can_be_given(tmp_path):
    (tmp_path / "a.csv").write_text("stars,words\n5,fine\n", encoding="utf-8")
    assert read(tmp_path, columns={"text": "words"})["text"][0] == "fine"


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (ValueError("a.csv, line 3: no\nFailed to do"), ValueError, "^a.csv, line 3: no$"),
        (OSError(errno.ENOSPC, "No space left"), OSError, "The disk is full while writing words"),
        (KeyError("key"), RuntimeError, "wrapped"),
    ],
)
def test_what_an_engine_wraps_is_said_plainly(raised, kind, said):
    with pytest.raises(kind, match=said), plainly("writing words"):
        raise RuntimeError("wrapped") from raised


def test_what_went_well_is_left_alone():
    with plainly("writing"):
        assert True
