"""The real data: what the catalogue says of it, and what load_mnist makes of it.

These tests read the cache that `make book` and `make test` fill; nothing is downloaded twice.
"""

import gzip
import hashlib
import pathlib
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest

from grubook import datasets

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = tomllib.loads((ROOT / "data" / "datasets.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mnist():
    return datasets.load_mnist()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_mnist_has_the_documented_shapes_and_types(mnist):
    for (x, y), n in zip(mnist, (55_000, 5_000, 10_000), strict=True):
        assert x.shape == (n, 28, 28)
        assert x.dtype == np.uint8
        assert y.shape == (n,)
        assert y.dtype == np.int64


def test_mnist_is_in_the_files_order_and_split(mnist):
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
    assert tuple(sha256(x.tobytes()) for x, _ in mnist) == images
    assert tuple(sha256(y.astype(np.uint8).tobytes()) for _, y in mnist) == labels


def test_mnist_has_the_published_class_counts_and_means(mnist):
    (x_train, y_train), (x_val, y_val), (x_test, y_test) = mnist
    counts = np.bincount(y_train, minlength=10) + np.bincount(y_val, minlength=10)
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    mean_of_60_000 = (55 * x_train.mean() + 5 * x_val.mean()) / 60 / 255
    assert mean_of_60_000 == pytest.approx(0.1307, abs=5e-5)
    assert x_test.mean() / 255 == pytest.approx(0.1325, abs=5e-5)


def test_the_arrays_can_be_changed_in_place(mnist):
    for x, y in mnist:
        assert x.flags.writeable
        assert y.flags.writeable


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if not e.get("optional")])
def test_every_set_that_chapters_need_is_had_and_whole(name):
    paths = datasets.fetch(name)
    records = CATALOGUE[name]["files"]
    assert list(paths) == list(records)
    for file, path in paths.items():
        assert path.stat().st_size == records[file]["bytes"]
        assert sha256(path.read_bytes()) == records[file]["sha256"]


def test_the_reviews_and_the_series_are_of_the_size_that_the_catalogue_states():
    reviews = datasets.fetch("amazon_reviews_2023")["amazon_reviews.jsonl.gz"]
    assert gzip.decompress(reviews.read_bytes()).count(b"\n") == 16_216
    for name, sizes in {"italy_power_demand": (67, 1029), "japanese_vowels": (270, 370)}.items():
        for path, size in zip(datasets.fetch(name).values(), sizes, strict=True):
            data = path.read_text(encoding="utf-8").split("@data\n")[1]
            assert len(data.split()) == size


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_entry_of_the_catalogue_is_complete(name):
    entry = CATALOGUE[name]
    for key in ("title", "description", "licence", "citation"):
        assert entry[key].strip()
    for file, record in entry["files"].items():
        assert file == pathlib.PurePosixPath(file).name == pathlib.PureWindowsPath(file).name
        assert record["bytes"] > 0
        assert re.fullmatch("[0-9a-f]{64}", record["sha256"])
    for source in entry["sources"]:
        if "url" in source:
            assert source["url"].startswith("https://")
            assert source["url"].endswith("/")
        else:
            assert re.fullmatch("[0-9a-f]{64}", source["sha256"])
            assert source["file"].lower().startswith(source["project"].replace("-", "_").lower())
            assert source["members"].keys() == entry["files"].keys()
    if entry.get("optional"):
        assert entry["notice"].strip()


def test_the_readme_of_the_data_names_every_set_and_file():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name, entry in CATALOGUE.items():
        assert f"`{name}`" in readme
        for file in entry["files"]:
            assert f"`{file}`" in readme
        for source in entry["sources"]:
            assert source.get("url", source.get("file")) in readme


def test_importing_the_module_does_not_load_the_download_libraries():
    code = (
        "import sys; from grubook import datasets; datasets.fetch('mnist');"
        "print([m for m in ('pooch', 'pypi_simple', 'requests', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
