"""What can go wrong with a download, against a server on this machine: nothing leaves it.

Each fault must end in a `DataError` whose sentence says what to do, or in the right bytes from
another source; and it must leave nothing in the cache that was not verified.
"""

import errno
import gzip
import hashlib
import http.server
import importlib
import io
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

import numpy as np
import pytest

from grubook import datasets

GOOD = bytes(range(256)) * 400
OTHER = GOOD[::-1]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def record(content):
    return {"bytes": len(content), "sha256": sha256(content)}


class Server(http.server.ThreadingHTTPServer):
    """Answers each path with the bytes, or by the function, that ``routes`` has for it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.asked = {}, []
        self.address = f"http://127.0.0.1:{self.server_port}/"

    def count(self, path):
        return self.asked.count(path)

    def package(self, project, file, content):
        """List a file in the index (as its JSON form does) and serve it."""
        self.routes[f"/files/{file}"] = content
        listed = {
            "filename": file,
            "url": f"{self.address}files/{file}",
            "hashes": {"sha256": sha256(content)},
        }
        page = {"meta": {"api-version": "1.0"}, "name": project, "files": [listed]}
        self.routes[f"/simple/{project}/"] = json.dumps(page).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        answer = self.server.routes.get(self.path, 404)
        if callable(answer):
            answer = answer(self)
        if isinstance(answer, int):
            self.send_error(answer)
        elif answer is not None:
            self.whole(answer)

    def whole(self, content, promised=None):
        index = self.path.startswith("/simple/")
        self.send_response(200)
        kind = "application/vnd.pypi.simple.v1+json" if index else "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(promised or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", server.address + "simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache; retries wait for hundredths of a second."""
    monkeypatch.setenv("GRUBOOK_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets, "_DATA", tmp_path / "data")
    monkeypatch.setattr(datasets, "_WAITS", (0, 0.01, 0.03))
    return tmp_path / "cache"


@pytest.fixture
def catalogue(tmp_path, cache):
    """Write the one set of the catalogue, named toy."""

    def write(sources, files=None, name="toy", **more):
        lines = [f"[{name}]", 'title = "The toy set"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in more.items()]
        lines += [f"[{name}.files]"]
        for file, content in (files or {"toy.bin": GOOD}).items():
            lines += [f'"{file}" = {{ bytes = {len(content)}, sha256 = "{sha256(content)}" }}']
        for source in sources:
            lines += [f"[[{name}.sources]]"]
            lines += [f"{k} = {json.dumps(v)}" for k, v in source.items() if k != "members"]
            if "members" in source:
                lines += [f"[{name}.sources.members]"]
                lines += [f'"{k}" = {json.dumps(v)}' for k, v in source["members"].items()]
        path = tmp_path / "data" / "datasets.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")

    return write


def package(file, content, **members):
    members = members or {"toy.bin": "toy/toy.bin"}
    return {"project": file.split("-")[0], "file": file, **record(content), "members": members}


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def files_in(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def nothing_left(cache):
    """True if there is no file, and no folder of an unfinished download, in the cache."""
    return not files_in(cache) and not list(cache.glob("toy/*"))


def served_by():
    """A Python program that fetches the toy set with this process's catalogue."""
    return [
        sys.executable,
        "-c",
        # A process started in the background ignores the interrupt, and so do its children.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import pathlib, sys; from grubook import datasets\n"
        f"datasets._DATA = pathlib.Path({str(datasets._DATA)!r})\n"
        "try: datasets.fetch('toy')\n"
        "except datasets.DataError as error: sys.exit(f'DataError: {error}')",
    ]


# Good days: a source serves, once.


def test_a_file_is_fetched_once_and_read_from_the_cache_afterwards(
    server, cache, catalogue, capsys
):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    path = datasets.fetch("toy")["toy.bin"]
    assert path == cache / "toy" / "toy.bin"
    assert path.read_bytes() == GOOD
    assert "The toy set came from 127.0.0.1" in capsys.readouterr().err
    datasets.fetch("toy")
    assert server.asked == ["/toy.bin"]
    assert capsys.readouterr() == ("", "")
    assert files_in(cache) == {"toy/toy.bin": GOOD}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_package_serves_its_members(server, cache, catalogue, capsys, pack):
    archive = pack({"toy/setup.py": b"raise SystemExit", "toy/toy.bin": GOOD})
    server.package("toybox", "toybox-1.0.zip", archive)
    catalogue([package("toybox-1.0.zip", archive)])
    datasets.fetch("toy")
    assert files_in(cache) == {"toy/toy.bin": GOOD}
    assert "came from the package toybox" in capsys.readouterr().err


def test_what_is_printed_to_a_pipe_holds_no_progress_bar(server, cache, catalogue, capsys):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    datasets.fetch("toy")
    out, err = capsys.readouterr()
    assert out == ""
    assert "\r" not in err
    assert "%|" not in err
    assert len(err.splitlines()) == 2


def test_the_files_of_a_set_may_come_from_different_sources(server, cache, catalogue):
    files = {"a.bin": GOOD, "b.bin": OTHER}
    archive = zipped({"box/a": GOOD, "box/b": OTHER})
    members = {"a.bin": "box/a", "b.bin": "box/b"}
    catalogue([{"url": server.address}, package("box-1.zip", archive, **members)], files)
    server.routes["/a.bin"] = GOOD  # and b.bin is not there
    server.package("box", "box-1.zip", archive)
    assert list(datasets.fetch("toy")) == ["a.bin", "b.bin"]
    assert files_in(cache) == {"toy/a.bin": GOOD, "toy/b.bin": OTHER}
    assert server.count("/a.bin") == 1


def test_a_file_that_was_put_there_by_hand_is_welcome(server, cache, catalogue):
    catalogue([{"url": server.address}], {"a.bin": GOOD, "b.bin": OTHER})
    server.routes["/a.bin"] = GOOD
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "b.bin").write_bytes(OTHER)
    assert list(datasets.fetch("toy")) == ["a.bin", "b.bin"]  # as in the catalogue
    assert server.asked == ["/a.bin"]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals here")
def test_a_terminal_is_shown_a_progress_bar_that_goes_away(server, cache, catalogue):
    import pty
    import termios

    def slowly(handler):
        handler.whole(GOOD[:70_000], promised=len(GOOD))
        time.sleep(0.3)
        handler.wfile.write(GOOD[70_000:])

    server.routes["/toy.bin"] = slowly
    catalogue([{"url": server.address}])
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 80))
    done = subprocess.run(served_by(), stderr=writer, timeout=60)
    os.close(writer)
    shown = b""
    while b"came from" not in shown:
        shown += os.read(reader, 4096)
    os.close(reader)
    assert done.returncode == 0
    *bars, last = shown.split(b"\r")[1:-1]
    assert any(b"%|" in bar for bar in bars)
    assert not bars[-1].strip()
    assert last.startswith(b"The toy set came from")


def test_a_notebook_is_shown_two_lines_and_no_warning(server, cache, catalogue, tmp_path):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    _, _, source = served_by()
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    notebook = {"cells": [{**cell, "execution_count": None}], "metadata": {}}
    path = tmp_path / "fetch.ipynb"
    path.write_text(json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    execute = ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)]
    alone = os.environ | {"HOME": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "1"}
    pipes = {"check": True, "capture_output": True, "timeout": 60}
    subprocess.run([sys.executable, *execute], env=alone, **pipes)
    (executed,) = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "".join("".join(output["text"]) for output in executed["outputs"])
    assert text.splitlines() == [
        "Fetching The toy set.",
        f"The toy set came from {server.address.split('/')[2]} and is in {cache / 'toy'}",
    ]
    assert files_in(cache) == {"toy/toy.bin": GOOD}


# A source fails.


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def test_without_a_network_one_sentence_says_which_file_to_put_where(cache, catalogue, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_INDEX_URL", closed_port())
    monkeypatch.setattr(datasets, "_WAITS", (0, 60))  # waiting for what is not there is of no use
    catalogue([{"url": closed_port()}, package("toybox-1.0.zip", b"")])
    start = time.perf_counter()
    with pytest.raises(datasets.DataError) as caught:
        datasets.fetch("toy")
    assert time.perf_counter() - start < 10
    sentence = str(caught.value)
    assert sentence.startswith("The toy set could not be fetched (127.0.0.1:")
    assert ": no connection; the package toybox: no connection)" in sentence
    assert f"put toy.bin into {cache / 'toy'} by hand" in sentence
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert nothing_left(cache)


@pytest.mark.parametrize("silent", ["/toy.bin", "/simple/toybox/", "/files/toybox-1.0.zip"])
def test_a_connection_that_is_never_answered_is_given_up(
    server, cache, catalogue, monkeypatch, silent
):
    monkeypatch.setattr(datasets, "_TIMEOUT", (0.2, 0.2))
    released = threading.Event()
    archive = zipped({"toy/toy.bin": GOOD})
    server.package("toybox", "toybox-1.0.zip", archive)
    sources = [{"url": server.address}, package("toybox-1.0.zip", archive)]
    catalogue(sources if silent == "/toy.bin" else sources[::-1])
    server.routes["/toy.bin"] = GOOD
    server.routes[silent] = lambda _: released.wait(20) and None
    start = time.perf_counter()
    datasets.fetch("toy")
    assert time.perf_counter() - start < 10
    assert silent in server.asked
    released.set()
    assert files_in(cache) == {"toy/toy.bin": GOOD}


def half(handler):
    """Promise all, send half, hang up."""
    handler.whole(GOOD[: len(GOOD) // 2], promised=len(GOOD))
    handler.close_connection = True


def half_unannounced(handler):
    """Send half without saying how much there should be, and hang up."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(GOOD[: len(GOOD) // 2])


def reset(handler):
    """Hang up before the answer, rudely."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


FAULTS = {
    "interrupted": (half, "the download broke off"),
    "cut short": (half_unannounced, "not the bytes on record"),
    "wrong bytes": (OTHER, "not the bytes on record"),
    "missing": (404, "the server refused"),
    "broken": (503, "the server refused"),
    "forbidden": (403, "the server refused"),
    "reset": (reset, "no connection"),
}


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=list(FAULTS))
def test_a_bad_download_leaves_nothing_and_says_why(server, cache, catalogue, answer, reason):
    server.routes["/toy.bin"] = answer
    catalogue([{"url": server.address}])
    with pytest.raises(datasets.DataError, match=reason):
        datasets.fetch("toy")
    assert nothing_left(cache)
    assert server.count("/toy.bin") == 3  # it was worth two more tries


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=list(FAULTS))
def test_after_a_bad_download_the_next_source_serves(
    server, cache, catalogue, capsys, answer, reason
):
    server.routes["/toy.bin"] = answer
    archive = zipped({"toy/toy.bin": GOOD})
    server.package("toybox", "toybox-1.0.zip", archive)
    catalogue([{"url": server.address}, package("toybox-1.0.zip", archive)])
    datasets.fetch("toy")
    assert files_in(cache) == {"toy/toy.bin": GOOD}
    assert "came from the package toybox" in capsys.readouterr().err
    assert server.count("/toy.bin") == 1


def test_a_reader_waits_for_retries_for_seconds_at_most():
    assert len(datasets._WAITS) == 3
    assert sum(datasets._WAITS) <= 5


def test_a_server_that_recovers_is_asked_again(server, cache, catalogue):
    server.routes["/toy.bin"] = lambda _: GOOD if server.count("/toy.bin") == 3 else 503
    catalogue([{"url": server.address}])
    assert datasets.fetch("toy")["toy.bin"].read_bytes() == GOOD


@pytest.mark.parametrize(
    ("listed", "archive", "reason"),
    [
        (False, zipped({"toy/toy.bin": GOOD}), "not in the package index"),
        (True, zipped({"toy/other.bin": GOOD}), "the file is not in it"),
        (True, tarred({"toy/other.bin": GOOD}), "the file is not in it"),
        (True, zipped({"toy/toy.bin": OTHER}), "not the bytes on record"),
        (True, b"not an archive at all", "ReadError"),
    ],
    ids=["unlisted", "no member in a zip", "no member in a tar", "other member", "no archive"],
)
def test_a_package_that_is_not_what_it_should_be_is_refused(
    server, cache, catalogue, listed, archive, reason
):
    catalogue([package("toybox-1.0.zip", archive)])
    if listed:
        server.package("toybox", "toybox-1.0.zip", archive)
    with pytest.raises(datasets.DataError, match=f"the package toybox: {reason}"):
        datasets.fetch("toy")
    assert nothing_left(cache)


def test_a_package_file_that_was_changed_is_never_opened(server, cache, catalogue, monkeypatch):
    archive = zipped({"toy/toy.bin": GOOD})
    catalogue([package("toybox-1.0.zip", archive)])
    server.package("toybox", "toybox-1.0.zip", archive + b"\0")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(datasets.DataError, match="not the bytes on record"):
        datasets.fetch("toy")
    assert nothing_left(cache)


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("member", ["../../toy.bin", "{tmp}/outside/toy.bin", "..\\toy.bin"])
def test_a_hostile_path_in_an_archive_writes_nothing_outside_the_cache(
    server, cache, catalogue, tmp_path, pack, member
):
    member = member.format(tmp=tmp_path)
    evil = {"../../evil.bin": b"evil", f"{tmp_path}/evil.bin": b"evil", "toy.bin": b"evil"}
    archive = pack({**evil, member: GOOD})
    server.package("toybox", "toybox-1.0.zip", archive)
    catalogue([package("toybox-1.0.zip", archive, **{"toy.bin": member})])
    before = files_in(tmp_path)
    datasets.fetch("toy")
    assert files_in(tmp_path) == {**before, "cache/toy/toy.bin": GOOD}
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_link_in_an_archive_leads_nowhere(server, cache, catalogue, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(GOOD)
    archive = tarred({"toy/toy.bin": str(secret)})
    server.package("toybox", "toybox-1.0.zip", archive)
    catalogue([package("toybox-1.0.zip", archive)])
    with pytest.raises(datasets.DataError, match="the file is not in it"):
        datasets.fetch("toy")
    assert nothing_left(cache)


# The cache fails.


def damage(cache):
    path = cache / "toy" / "toy.bin"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    return path


def test_a_damaged_file_in_the_cache_is_noticed_explained_and_fetched_again(
    server, cache, catalogue, capsys
):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    datasets.fetch("toy")
    path = damage(cache)
    capsys.readouterr()
    datasets.fetch("toy")
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"{path} is damaged (wrong SHA-256): it is fetched again."
    assert files_in(cache) == {"toy/toy.bin": GOOD}
    assert server.count("/toy.bin") == 2


def test_a_damaged_file_is_never_used_even_when_no_source_serves(server, cache, catalogue):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    datasets.fetch("toy")
    damage(cache)
    server.routes["/toy.bin"] = 503
    with pytest.raises(datasets.DataError, match="could not be fetched"):
        datasets.fetch("toy")


@pytest.mark.parametrize("cut", [0, 1, -1])
def test_a_shortened_file_in_the_cache_is_replaced(server, cache, catalogue, cut):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "toy.bin").write_bytes(GOOD[:cut])
    datasets.fetch("toy")
    assert files_in(cache) == {"toy/toy.bin": GOOD}


def test_a_full_disk_is_explained_and_leaves_nothing(server, cache, catalogue, monkeypatch):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD

    def full(path, content):
        with path.open("wb") as stream:
            stream.write(content[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pathlib.Path, "write_bytes", full)
    said = f"{os.strerror(errno.ENOSPC)}.*make room there.*GRUBOOK_DATA"  # in the reader's language
    with pytest.raises(datasets.DataError, match=said):
        datasets.fetch("toy")
    assert nothing_left(cache)
    assert server.count("/toy.bin") == 1  # another try would not find more room


@pytest.mark.skipif(os.name == "nt", reason="file size limits are a matter of POSIX")
def test_a_write_that_the_system_refuses_is_explained_and_leaves_nothing(server, cache, catalogue):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    program = served_by()
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    program[2] = limit + program[2]
    done = subprocess.run(program, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1
    assert "DataError: The toy set cannot be kept in" in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_left(cache)


def test_a_folder_that_cannot_be_made_is_explained(server, cache, catalogue):
    catalogue([{"url": server.address}])
    cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(datasets.DataError, match="set GRUBOOK_DATA to a folder that you can write"):
        datasets.fetch("toy")
    assert server.asked == []


@pytest.fixture
def as_nobody():
    """Give up root's right to write everywhere, where the tests run as root."""
    if not hasattr(os, "geteuid"):
        pytest.skip("there are no POSIX permissions here")
    for module in ("pooch", "pypi_simple", "requests", "tqdm"):
        importlib.import_module(module)  # now, because their files may be root's alone
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        yield pathlib.Path(folder)
        for path in pathlib.Path(folder).rglob("*"):
            path.chmod(0o755)


@pytest.mark.parametrize("filled", [True, False])
def test_a_read_only_cache_serves_what_it_has_and_explains_what_it_lacks(
    server, catalogue, open_folder, monkeypatch, request, filled
):
    catalogue([{"url": server.address}])
    entries = datasets._catalogue()
    monkeypatch.setattr(datasets, "_catalogue", lambda: entries)
    monkeypatch.setenv("GRUBOOK_DATA", str(open_folder))
    server.routes["/toy.bin"] = GOOD
    (open_folder / "toy").mkdir()
    if filled:
        (open_folder / "toy" / "toy.bin").write_bytes(GOOD)
        (open_folder / "toy" / "toy.bin").chmod(0o444)
    (open_folder / "toy").chmod(0o555)
    request.getfixturevalue("as_nobody")
    if filled:
        assert datasets.fetch("toy")["toy.bin"].read_bytes() == GOOD
    else:
        said = f"{os.strerror(errno.EACCES)}.*GRUBOOK_DATA"  # in the reader's language
        with pytest.raises(datasets.DataError, match=said):
            datasets.fetch("toy")
    assert server.asked == []


# More than one process, and processes that are stopped.


def test_two_processes_may_fetch_the_same_set_at_once(server, cache, catalogue):
    together = threading.Barrier(2)

    def both(_):
        together.wait(30)  # neither is answered before both have asked
        return GOOD

    server.routes["/toy.bin"] = both
    catalogue([{"url": server.address}])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    processes = [subprocess.Popen(served_by(), **pipes) for _ in range(2)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "The toy set came from 127.0.0.1" in err
    assert server.count("/toy.bin") == 2
    assert files_in(cache) == {"toy/toy.bin": GOOD}
    assert [path.name for path in (cache / "toy").iterdir()] == ["toy.bin"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent in another way on Windows")
def test_a_download_that_the_reader_interrupts_leaves_nothing(server, cache, catalogue):
    begun, released = threading.Event(), threading.Event()

    def slow(handler):
        handler.whole(GOOD[:1000], promised=len(GOOD))
        begun.set()
        released.wait(30)

    server.routes["/toy.bin"] = slow
    catalogue([{"url": server.address}])
    with subprocess.Popen(served_by(), stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert begun.wait(60)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
        finally:
            released.set()
            process.kill()
    assert process.returncode == -signal.SIGINT or process.returncode > 0
    assert nothing_left(cache)


# The bytes are as they were published, but are not what a reader of IDX expects.


def idx(array, magic=(0, 0, 8)):
    header = bytes((*magic, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), compresslevel=1)


@pytest.fixture(scope="module")
def blank():
    """MNIST's four files, with nothing on the images."""
    shapes = {"train": 60_000, "t10k": 10_000}
    images = {f"{k}-images-idx3-ubyte.gz": (n, 28, 28) for k, n in shapes.items()}
    labels = {f"{k}-labels-idx1-ubyte.gz": (n,) for k, n in shapes.items()}
    return {file: idx(np.zeros(shape, np.uint8)) for file, shape in (images | labels).items()}


LABELS = np.zeros(60_000, np.uint8)
FOREIGN = {
    "truncated gzip": (idx(LABELS)[:-20], "not a whole gzip file"),
    "no gzip": (b"\0\0\x08\x01" + bytes(60_004), "not a whole gzip file"),
    "broken gzip": (idx(LABELS)[:20] + b"\xff" * 60, "not a whole gzip file"),
    "empty": (b"", "not an IDX file"),
    "wrong magic number": (idx(LABELS, (0, 0, 9)), "starts with 0000090"),
    "no leading zeros": (idx(LABELS, (1, 0, 8)), "starts with 010008"),
    "other number of dimensions": (idx(LABELS.reshape(-1, 1)), "starts with 00000802"),
    "other size": (idx(LABELS[:-1]), "not an IDX file of 60000 bytes"),
    "one byte short": (gzip.compress(gzip.decompress(idx(LABELS))[:-1]), "60,007 bytes long"),
    "one byte over": (gzip.compress(gzip.decompress(idx(LABELS)) + b"\0"), "60,009 bytes long"),
    "header cut": (gzip.compress(b"\0\0\x08"), "3 bytes long"),
}


@pytest.mark.parametrize(("content", "words"), FOREIGN.values(), ids=list(FOREIGN))
def test_a_file_that_is_not_strictly_idx_is_refused(cache, catalogue, blank, content, words):
    files = {**blank, "train-labels-idx1-ubyte.gz": content}
    catalogue([], files, name="mnist")
    (cache / "mnist").mkdir(parents=True)
    for file, data in files.items():
        (cache / "mnist" / file).write_bytes(data)
    with pytest.raises(datasets.DataError, match=r"^train-labels-idx1-ubyte") as caught:
        datasets.load_mnist()
    assert words in str(caught.value)
    assert "delete it and rerun" in str(caught.value)


def test_files_that_are_strictly_idx_are_read(cache, catalogue, blank):
    catalogue([], blank, name="mnist")
    (cache / "mnist").mkdir(parents=True)
    for file, data in blank.items():
        (cache / "mnist" / file).write_bytes(data)
    assert [len(x) for x, _ in datasets.load_mnist()] == [55_000, 5_000, 10_000]


# Names and the command line.


def test_an_unknown_set_is_answered_with_the_known_ones(catalogue):
    catalogue([])
    with pytest.raises(datasets.DataError, match="no data set 'tot'; there are toy"):
        datasets.fetch("tot")


@pytest.mark.parametrize("content", [None, "this is = not = toml"])
def test_a_missing_or_broken_catalogue_is_explained(tmp_path, cache, content):
    if content:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "datasets.toml").write_text(content, encoding="utf-8")
    with pytest.raises(datasets.DataError, match="whole clone of the repository"):
        datasets.fetch("toy")


def test_the_licence_of_an_optional_set_is_shown_when_it_is_fetched(
    server, cache, catalogue, capsys
):
    catalogue([{"url": server.address}], optional=True, notice="Not for sale.")
    server.routes["/toy.bin"] = GOOD
    datasets.fetch("toy")
    assert "Not for sale." in capsys.readouterr().err


def test_the_command_fetches_all_but_the_optional_sets_and_says_so(
    server, cache, catalogue, capsys, tmp_path
):
    catalogue([{"url": server.address}])
    required = (tmp_path / "data" / "datasets.toml").read_text(encoding="utf-8")
    catalogue([{"url": server.address}], name="extra", optional=True, notice="Not for sale.")
    with (tmp_path / "data" / "datasets.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n" + required)
    server.routes["/toy.bin"] = GOOD
    assert not datasets._main([])
    assert capsys.readouterr().out == "toy: 1 files, 0.1 MB, verified\n"
    assert not datasets._main(["extra"])
    assert capsys.readouterr().out == "extra: 1 files, 0.1 MB, verified\n"


def test_the_command_fails_when_one_set_does_and_still_fetches_the_others(
    server, cache, catalogue, capsys
):
    catalogue([{"url": server.address}])
    server.routes["/toy.bin"] = GOOD
    assert datasets._main(["tot", "toy"])
    out, err = capsys.readouterr()
    assert out == "toy: 1 files, 0.1 MB, verified\n"
    assert "no data set 'tot'" in err
