"""What can go wrong with a download, against a server on this machine: nothing leaves it.

Each fault must end in a `DataError` whose sentence says what to do, or in the right bytes from
another source; and it must leave nothing in the cache that was not verified.
"""

import contextlib
import errno
import gzip
import hashlib
import http.server
import io
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import types
import zipfile

import numpy as np
import pytest

from grubook import data
from grubook.data import DataError

GOOD = bytes(range(256)) * 400
OTHER = GOOD[::-1]
TOY = "toy/toy.bin"


def record(content):
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


class Server(http.server.ThreadingHTTPServer):
    """Answers each path with the bytes, status or function that ``routes`` has for it."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.asked = {"/toy.bin": GOOD}, []
        self.address = f"http://127.0.0.1:{self.server_port}/"

    def package(self, content, listed="toybox-1.0.zip", members=None):
        """Put a package of this content into the index; return the catalogue's source for it."""
        url, digest = f"{self.address}files/toybox-1.0.zip", {"sha256": record(content)["sha256"]}
        file = {"filename": listed, "url": url, "hashes": digest}
        page = {"meta": {"api-version": "1.0"}, "name": "toybox", "files": [file]}
        self.routes["/simple/toybox/"] = json.dumps(page).encode()
        self.routes["/files/toybox-1.0.zip"] = content
        source = {"project": "toybox", "file": "toybox-1.0.zip", **record(content)}
        return source | {"members": members or {"toy.bin": TOY}}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        packed = self.headers["Accept-Encoding"] != "identity"  # then servers may compress
        answer = 406 if packed else self.server.routes.get(self.path, 404)
        with contextlib.suppress(OSError):  # the client may have hung up
            if callable(answer):
                answer(self)
            elif isinstance(answer, int):
                self.send_error(answer)
            else:
                self.whole(answer)

    def whole(self, content, promised=None):
        index = self.path.startswith("/simple/")
        self.send_response(200)
        kind = "application/vnd.pypi.simple.v1+json" if index else "application/octet-stream"
        self.send_header("Content-Type", kind)
        if promised != 0:
            self.send_header("Content-Length", str(promised or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A server, an empty cache, a catalogue to fill, and no time to wait for retries."""
    server, sets = Server(), {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", server.address + "simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GRUBOOK_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(data, "_catalogue", lambda: sets)
    monkeypatch.setattr(data, "_WAITS", (0, 0.01, 0.03))

    def catalogue(*sources, files=None, name="toy", **more):
        """Describe one set; the default source is the server itself."""
        records = {file: record(one) for file, one in (files or {"toy.bin": GOOD}).items()}
        sources = sources or [{"url": server.address}]
        sets[name] = {"title": "The toy set", "files": records, "sources": sources} | more

    catalogue()
    yield types.SimpleNamespace(
        server=server, cache=tmp_path / "cache", file=tmp_path / "cache" / TOY, catalogue=catalogue
    )
    server.shutdown()
    server.server_close()
    thread.join()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members):
    """A tar archive of bytes, and of links where a member is a str."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname, content = tarfile.SYMTYPE, content, b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def kept(folder):
    """All that is in a folder, hidden or not: the content of its files, None for empty folders."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() or not list(path.iterdir()):
            found[str(path.relative_to(folder))] = path.read_bytes() if path.is_file() else None
    return found


def refused(match):
    with pytest.raises(DataError, match=match) as caught:
        data.fetch("toy")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def in_a_process(before="", **options):
    """Fetch the toy set, with this process's catalogue, in another one."""
    code = (
        # A process started in the background ignores the interrupt, and so do its children.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"{before}\n"
        "import sys; from grubook import data\n"
        f"data._catalogue = lambda: {data._catalogue()}\n"
        "try: data.fetch('toy')\n"
        "except data.DataError as error: sys.exit(f'DataError: {error}')"
    )
    return subprocess.Popen([sys.executable, "-c", code], **options)


# A source serves.


def test_a_file_is_fetched_once_and_read_from_the_cache_afterwards(toy, capsys):
    assert data.fetch("toy") == {"toy.bin": toy.file}
    out, err = capsys.readouterr()
    come = f"The toy set came from {toy.server.address.split('/')[2]} and is in {toy.cache / 'toy'}"
    assert (out, err.splitlines()) == ("", ["Fetching The toy set.", come])  # and no progress bar
    data.fetch("toy")
    assert toy.server.asked == ["/toy.bin"]
    assert capsys.readouterr() == ("", "")
    assert kept(toy.cache) == {TOY: GOOD}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_package_serves_its_members_and_nothing_is_written_elsewhere(toy, tmp_path, pack, capsys):
    hostile = {"../../evil.bin": b"evil", f"{tmp_path}/evil.bin": b"evil", "../toy.bin": GOOD}
    archive = pack({"toy/setup.py": b"raise SystemExit", **hostile})
    toy.catalogue(toy.server.package(archive, members={"toy.bin": "../toy.bin"}))
    before = kept(tmp_path)
    data.fetch("toy")
    assert kept(tmp_path) == before | {f"cache/{TOY}": GOOD}
    assert not list(tmp_path.parent.glob("evil*"))
    assert "came from the package toybox" in capsys.readouterr().err


def test_the_files_of_a_set_may_come_from_different_sources_and_from_the_reader(toy):
    files = {"a.bin": GOOD, "b.bin": OTHER, "c.bin": GOOD[1:]}
    package = toy.server.package(zipped({"b": OTHER}), members={"a.bin": "a", "b.bin": "b"})
    toy.catalogue({"url": toy.server.address}, package, files=files)
    toy.server.routes["/a.bin"] = GOOD  # and b.bin is not there
    (toy.cache / "toy").mkdir(parents=True)
    (toy.cache / "toy" / "c.bin").write_bytes(GOOD[1:])
    assert list(data.fetch("toy")) == list(files)
    assert kept(toy.cache) == {f"toy/{file}": content for file, content in files.items()}
    assert toy.server.asked.count("/a.bin") == 1


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals here")
def test_a_terminal_is_shown_a_progress_bar_that_goes_away(toy):
    import pty
    import termios

    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 80))
    with in_a_process(stderr=writer) as process:
        assert process.wait(timeout=60) == 0
    os.close(writer)
    shown = b""
    while b"came from" not in shown:
        shown += os.read(reader, 4096)
    os.close(reader)
    *bars, last = shown.split(b"\r")[1:-1]
    assert any(b"%|" in bar for bar in bars) and not bars[-1].strip()
    assert last.startswith(b"The toy set came from")


@pytest.mark.skipif(os.name == "nt", reason="descriptors are closed in another way on Windows")
@pytest.mark.parametrize(
    "close",
    ["import os; os.close(2)", "import sys; sys.stderr.close()", "import sys; sys.stderr = None"],
)
def test_a_closed_console_does_not_stop_a_download(toy, close):
    with in_a_process(close) as process:
        process.wait(timeout=60)
    assert kept(toy.cache) == {TOY: GOOD}


def test_the_license_of_an_optional_set_is_shown_when_it_is_fetched(toy, capsys):
    toy.catalogue(optional=True, notice="Not for sale.")
    data.fetch("toy")
    assert "Not for sale." in capsys.readouterr().err


# A source fails.


def half(handler):
    """Promise all, send half, hang up."""
    handler.whole(GOOD[: len(GOOD) // 2], promised=len(GOOD))
    handler.close_connection = True


def endless(handler):
    handler.whole(GOOD, promised=0)
    while True:
        handler.wfile.write(GOOD)


def trickling(handler):
    handler.whole(b"", promised=len(GOOD))
    for i in range(len(GOOD)):
        handler.wfile.write(GOOD[i : i + 1])
        threading.Event().wait(0.02)


def trickling_header(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    for _ in range(500):
        handler.wfile.write(b"x")
        threading.Event().wait(0.02)


def silent(_):
    threading.Event().wait(20)


#: An answer that needs a limit, and a limit that leaves a busy machine time for the others.
LIMITS = {
    trickling: {"_PATIENCE": 0.5},
    trickling_header: {"_PATIENCE": 0.5},
    silent: {"_TIMEOUT": (4, 0.3)},
}
FAULTS = {
    "interrupted": (half, "the download broke off"),
    "cut short": (lambda handler: handler.whole(GOOD[:9], promised=0), "not the bytes on record"),
    "wrong bytes": (OTHER, "not the bytes on record"),
    "endless": (endless, "not the bytes on record"),
    "trickling": (trickling, "too slow"),
    "trickling header": (trickling_header, "too slow"),
    "silent": (silent, "no answer in time"),
    "missing": (404, "the server refused"),
    "broken": (503, "the server refused"),
    "reset": (lambda handler: handler.connection.close(), "no connection"),
}


@contextlib.contextmanager
def limited(answer, monkeypatch):
    with monkeypatch.context() as patch:
        for name, limit in LIMITS.get(answer, {}).items():
            patch.setattr(data, name, limit)
            patch.setattr(data, "_SLOWEST", 1e9)
        yield


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=list(FAULTS))
def test_a_bad_download_leaves_nothing_says_why_and_the_next_source_serves(
    toy, answer, reason, monkeypatch, capsys
):
    toy.server.routes["/toy.bin"] = answer
    with limited(answer, monkeypatch):
        sentence = refused(rf"The toy set could not be fetched \(127.0.0.1:\d+: {reason}")
    assert f"put toy.bin into {toy.cache / 'toy'} by hand" in sentence
    assert kept(toy.cache) == {"toy": None}
    assert toy.server.asked == ["/toy.bin"] * 3  # it was worth two more tries
    toy.catalogue({"url": toy.server.address}, toy.server.package(zipped({TOY: GOOD})))
    with limited(answer, monkeypatch):
        data.fetch("toy")
    assert kept(toy.cache) == {TOY: GOOD}
    assert "came from the package toybox" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/simple/toybox/", "/files/toybox-1.0.zip"])
@pytest.mark.parametrize("answer", [endless, trickling, trickling_header, silent])
def test_an_index_or_package_without_an_end_is_given_up(toy, path, answer, monkeypatch):
    monkeypatch.setattr(data, "_INDEX_BYTES", 1_000_000)
    toy.catalogue(toy.server.package(zipped({TOY: GOOD})), {"url": toy.server.address})
    toy.server.routes[path] = answer
    with limited(answer, monkeypatch):
        assert data.fetch("toy")["toy.bin"].read_bytes() == GOOD
    assert toy.server.asked[-2:] == [path, "/toy.bin"]


def test_the_longer_a_file_the_longer_it_may_take(toy, monkeypatch):
    monkeypatch.setattr(data, "_PATIENCE", 0)
    monkeypatch.setattr(data, "_SLOWEST", 1)
    assert data.fetch("toy")


def test_without_a_network_it_is_said_at_once(toy, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    waits = []
    monkeypatch.setenv("PIP_INDEX_URL", nobody)
    monkeypatch.setattr(data, "time", types.SimpleNamespace(**vars(time) | {"sleep": waits.append}))
    toy.catalogue({"url": nobody}, toy.server.package(b""))
    refused("127.0.0.1:[0-9]+: no connection; the package toybox: no connection")
    assert waits == [0, 0, 0]  # waiting for what is not there is of no use


def test_a_server_that_recovers_is_asked_again(toy):
    def third_time(handler):
        handler.whole(GOOD) if len(toy.server.asked) == 3 else handler.send_error(503)

    toy.server.routes["/toy.bin"] = third_time
    assert data.fetch("toy")["toy.bin"].read_bytes() == GOOD


def test_a_certificate_that_cannot_be_checked_is_no_matter_of_the_disk(toy, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    toy.catalogue({"url": toy.server.address.replace("http:", "https:")})
    assert "invalid path" in refused("could not be fetched .*OSError")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    refused("no secure connection: its certificate|SSLError|no connection")


@pytest.mark.parametrize(
    ("archive", "listed", "reason"),
    [
        (zipped({TOY: GOOD}), "toybox-0.9.zip", "the file is not in it"),
        (zipped({"toy/other.bin": GOOD}), "toybox-1.0.zip", "the file is not in it"),
        (tarred({"toy/other.bin": GOOD}), "toybox-1.0.zip", "the file is not in it"),
        (tarred({TOY: "/etc/hostname"}), "toybox-1.0.zip", "the file is not in it"),
        (zipped({TOY: OTHER}), "toybox-1.0.zip", "not the bytes on record"),
        (b"not an archive at all", "toybox-1.0.zip", "ReadError"),
    ],
    ids=["unlisted", "not in a zip", "not in a tar", "a link", "other bytes", "no archive"],
)
def test_a_package_that_is_not_what_it_should_be_is_refused(toy, archive, listed, reason):
    toy.catalogue(toy.server.package(archive, listed))
    refused(f"the package toybox: {reason}")
    assert kept(toy.cache) == {"toy": None}


def test_a_package_file_that_was_changed_is_never_opened(toy, monkeypatch):
    archive = zipped({TOY: GOOD})
    toy.catalogue(toy.server.package(archive))
    toy.server.routes["/files/toybox-1.0.zip"] = archive[:-1] + b"\1"
    monkeypatch.setattr(zipfile, "ZipFile", None)
    refused("not the bytes on record")


# The cache fails.


@pytest.mark.parametrize(
    "damaged",
    [b"", GOOD[:-1], GOOD + b"\0", b"\1" + GOOD[1:]],
    ids=["empty", "short", "long", "bit"],
)
def test_a_damaged_file_is_noticed_never_used_and_fetched_again(toy, capsys, damaged):
    toy.file.parent.mkdir(parents=True)
    toy.file.write_bytes(damaged)
    toy.server.routes["/toy.bin"] = 503
    refused("could not be fetched")
    assert capsys.readouterr().err.startswith(f"{toy.file} is damaged (wrong size or SHA-256)")
    toy.server.routes["/toy.bin"] = GOOD
    data.fetch("toy")
    assert kept(toy.cache) == {TOY: GOOD}


def test_a_file_of_another_size_is_not_even_read(toy, monkeypatch):
    toy.file.parent.mkdir(parents=True)
    with toy.file.open("wb") as file:
        file.truncate(40_000_000_000)  # sparse: it takes no room
    data.fetch("toy")
    assert kept(toy.cache) == {TOY: GOOD}


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room there"),
        (errno.EDQUOT, "make room there"),
        (errno.EACCES, "see whether you may read and write there"),
        (errno.EIO, "see whether you may read and write there"),
    ],
)
def test_a_write_that_fails_is_explained_and_leaves_nothing(toy, monkeypatch, number, remedy):
    def fail(path, content):
        with path.open("wb") as stream:
            stream.write(content[:100])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(pathlib.Path, "write_bytes", fail)
    said = refused(f"cannot be kept in .*{os.strerror(number)}.*: {remedy}, or set GRUBOOK_DATA")
    assert "could not be fetched" not in said
    assert kept(toy.cache) == {"toy": None}
    assert toy.server.asked == ["/toy.bin"]  # another try would not find more room


def test_what_stands_in_the_way_is_to_be_moved(toy):
    toy.file.mkdir(parents=True)
    refused("move away what is in its place")
    toy.file.rmdir()
    toy.file.parent.rmdir()
    toy.file.parent.write_bytes(b"a file where the folder should be")
    refused("move away what is in its place")


def test_a_cache_that_cannot_be_written_serves_what_it_has(toy, monkeypatch):
    data.fetch("toy")

    def fail(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(data.tempfile, "TemporaryFile", fail)
    assert data.fetch("toy")["toy.bin"].read_bytes() == GOOD
    toy.file.unlink()
    refused("see whether you may read and write there")
    assert toy.server.asked == ["/toy.bin"]  # said before a second download


def test_the_home_of_nobody_is_explained(toy, monkeypatch):
    monkeypatch.setenv("GRUBOOK_DATA", "~nosuchuser/cache")
    refused("'~nosuchuser/cache': there is no such user")


def test_without_a_setting_the_book_s_cache_is_used_and_elsewhere_the_user_s(monkeypatch, tmp_path):
    monkeypatch.setenv("GRUBOOK_DATA", "  ")  # as good as none
    (tmp_path / "book" / "src" / "grubook").mkdir(parents=True)
    (tmp_path / "book" / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "book" / "chapters")
    assert data._cache() == tmp_path / "book" / "data" / "cache"
    (tmp_path / "src").mkdir()  # another project's
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert data._cache().name == "grubook" and tmp_path / "book" not in data._cache().parents


# More than one process, and processes that are stopped.


def test_two_processes_may_fetch_the_same_set_at_once(toy):
    together = threading.Barrier(2)

    def both(handler):
        together.wait(30)  # neither is answered before both have asked
        handler.whole(GOOD)

    toy.server.routes["/toy.bin"] = both
    processes = [in_a_process(stderr=subprocess.PIPE, encoding="utf-8") for _ in range(2)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0 and "The toy set came from 127.0.0.1" in err, err
    assert kept(toy.cache) == {TOY: GOOD}


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way on Windows")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_download_that_is_stopped_leaves_nothing(toy, sent):
    begun, released = threading.Event(), threading.Event()

    def slow(handler):
        handler.whole(GOOD[:1000], promised=len(GOOD))
        begun.set()
        released.wait(30)

    toy.server.routes["/toy.bin"] = slow
    with in_a_process(stderr=subprocess.PIPE) as process:
        try:
            assert begun.wait(60)
            process.send_signal(sent)
            process.communicate(timeout=20)
        finally:
            released.set()
            process.kill()
    assert process.returncode != 0
    assert kept(toy.cache) == {"toy": None}


def test_what_a_killed_process_left_while_writing_is_removed_and_a_running_one_s_is_not(toy):
    old, new = toy.file.with_name(".part-old"), toy.file.with_name(".part-new")
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "toy.bin").write_bytes(b"")
    os.utime(old, (0, 0))
    data.fetch("toy")
    assert kept(toy.cache) == {TOY: GOOD, "toy/.part-new/toy.bin": b""}


# The bytes are as they were published, but are not what a reader of IDX expects.


def idx(array, magic=(0, 0, 8)):
    header = bytes((*magic, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), compresslevel=1)


LABELS = np.zeros(10_000, np.uint8)
FOREIGN = {
    "truncated gzip": (idx(LABELS)[:-20], "not a whole gzip file"),
    "no gzip": (b"\0\0\x08\x01" + bytes(10_004), "not a whole gzip file"),
    "broken gzip": (idx(LABELS)[:20] + b"\xff" * 60, "not a whole gzip file"),
    "wrong magic number": (idx(LABELS, (0, 0, 9)), "starts with 0000090"),
    "other size": (idx(LABELS[:-1]), "not an IDX file of 10000 bytes"),
    "one byte over": (gzip.compress(gzip.decompress(idx(LABELS)) + b"\0"), "10,009 bytes long"),
    "header cut": (gzip.compress(b"\0\0\x08"), "3 bytes long"),
}


@pytest.mark.parametrize(("content", "words"), FOREIGN.values(), ids=list(FOREIGN))
def test_a_file_that_is_not_strictly_idx_is_refused(content, words):
    with pytest.raises(DataError) as caught:
        data._idx({"labels.gz": content}, "labels.gz", 10_000)
    assert str(caught.value).startswith("labels.gz") and words in str(caught.value)
    assert "delete it and rerun" in str(caught.value)
    assert np.array_equal(data._idx({"a": idx(LABELS)}, "a", 10_000), LABELS)


# Names and the command line.


def test_an_unknown_set_is_answered_with_the_known_ones(toy):
    with pytest.raises(DataError, match="no data set 'tot'; there are toy"):
        data.fetch("tot")


@pytest.mark.parametrize("content", [None, "this is = not = toml"])
def test_a_missing_or_broken_catalogue_is_explained(tmp_path, monkeypatch, content):
    if content:
        (tmp_path / "catalogue.toml").write_text(content, "utf-8")
    monkeypatch.setattr(data, "_CATALOGUE", tmp_path / "catalogue.toml")
    refused("install grubook again")


def test_the_command_fetches_all_but_the_optional_sets_and_those_that_are_named(toy, capsys):
    toy.catalogue(name="extra", optional=True)
    for names, fetched in {(): "toy", ("extra",): "extra"}.items():
        assert not data.main(names)
        assert capsys.readouterr().out == f"{fetched}: 1 files, 0.1 MB, verified\n"


def test_the_command_fails_when_one_set_does_and_still_fetches_the_others(toy, capsys):
    assert data.main(["tot", "toy"])
    out, err = capsys.readouterr()
    assert out == "toy: 1 files, 0.1 MB, verified\n"
    assert "no data set 'tot'" in err
