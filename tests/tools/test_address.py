"""The book's address: what may pass, where it is found, and where `make address` writes it."""

import json
import subprocess

import nbformat
import pytest

from tests.sources import ROOT
from tools import address
from web.sphinx.address import field, origin, public_address

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
HERE = "https://github.com/owner/name"
FIRST_CELL = """\
try:
    import grubook
except ModuleNotFoundError:  # on Colab, for example: fetch the book's helpers
    %pip install --quiet "git+{address}"
    import grubook"""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (HERE, HERE),
        (f"{HERE}.git/", HERE),
        ("https://user:token@github.com/owner/name", HERE),
        ("git@github.com:owner/name.git", HERE),
        ("ssh://git@git.example.org:2222/a/b/name.git", "https://git.example.org/a/b/name"),
        ("http://git.example.org:8080/owner/name", "http://git.example.org:8080/owner/name"),
        ("/home/someone/gru-book", ""),
        ("../gru-book", ""),
        ("file:///home/someone/gru-book", ""),
        ("C:\\Users\\someone\\gru-book", ""),
        ("C:/Users/someone/gru-book", ""),
        ("http://localhost:3000/owner/name", ""),
        ("http://127.0.0.1:3000/owner/name", ""),
        ("https://10.0.0.7/owner/name", ""),
        ("ssh://server/home/someone/book", ""),
        ("https://github.com/owner", ""),
        (f"{HERE}?token=1", ""),
        ('https://github.com/owner/"><script>', ""),
        ("https://github.com:port/owner/name", ""),
        ("", ""),
    ],
)
def test_only_public_addresses_pass_and_become_https(text, address):
    assert public_address(text) == address


def git(folder, *command):
    subprocess.run(["git", "-C", folder, *command], check=True, capture_output=True)


def test_only_a_remote_of_the_books_own_root_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    book = tmp_path / "unzipped book"
    book.mkdir()
    assert origin(book) == ""  # no repository at all
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "https://github.com/someone/else")
    assert origin(book) == ""
    git(book, "init", "--quiet")
    assert origin(book) == ""  # a repository without a remote
    git(book, "remote", "add", "origin", "git@github.com:owner/name.git")
    assert origin(book) == HERE
    monkeypatch.setenv("PATH", str(tmp_path))
    assert origin(book) == ""  # no git


@pytest.fixture
def book(tmp_path):
    """A small book with a chapter, and the address HERE in its field."""
    cells = [
        nbformat.v4.new_code_cell(FIRST_CELL.format(address=address.PLACEHOLDER)),
        nbformat.v4.new_markdown_cell(f"é, [the sources]({address.PLACEHOLDER})"),
    ]
    (tmp_path / "chapters").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "chapters" / "one.ipynb")
    (tmp_path / "README.md").write_text("<!-- address -->\n<!-- /address -->\nText\n", "utf-8")
    set_field(tmp_path, HERE)
    return tmp_path


def set_field(book, url, branch="main"):
    text = f"repository: {{url: {url!r}, branch: {branch}}}\n"
    (book / "_config.yml").write_text(text, "utf-8")


def stored(book):
    paths = [book / "chapters" / "one.ipynb", book / "README.md"]
    return [path.read_text("utf-8") for path in paths]


def test_the_address_is_written_wherever_it_stands_and_taken_back_again(book):
    before = stored(book)
    address.main(book)
    notebook, readme = stored(book)
    assert notebook == before[0].replace(address.PLACEHOLDER, HERE)
    assert f'git+{HERE}"' in nbformat.reads(notebook, 4).cells[0].source
    assert "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/index.md" in readme
    assert address.outdated(book) == {}
    set_field(book, "https://git.example.org/a/b")
    address.main(book)
    assert HERE not in "".join(stored(book)) and "git.example.org/a/b" in stored(book)[1]
    set_field(book, "")
    address.main(book)
    assert stored(book) == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["/home/someone/book"], r"repository\.url is '/home/someone/book'; write"),
        ([f"{HERE}/tree/main"], r"repository\.url is '.*/tree/main'; write"),
        ([5], r"repository\.url is 5; write"),
        ([HERE, "my branch"], r"repository\.branch is 'my branch'; write its name"),
        ([HERE, "1.10"], r"repository\.branch is 1\.1; write its name in quotes"),
    ],
)
def test_a_field_that_is_no_address_is_refused_in_a_sentence(book, wrong, message):
    set_field(book, *wrong)
    before = stored(book)
    with pytest.raises(SystemExit, match=message):
        address.main(book)
    assert stored(book) == before


def test_a_chapter_without_the_first_cell_is_refused_in_a_sentence(book):
    path = book / "chapters" / "one.ipynb"
    path.write_text(path.read_text("utf-8").replace("git+", ""), "utf-8")
    with pytest.raises(SystemExit, match=r"one\.ipynb: its first cell must be that of"):
        address.main(book)


def test_the_book_carries_the_address_of_its_field():
    assert address.outdated(ROOT) == {}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_begins_with_the_import_that_installs_the_helpers(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    first = next(cell for cell in cells if cell["cell_type"] == "code")
    wanted = FIRST_CELL.format(address=field(ROOT)[0] or address.PLACEHOLDER)
    assert "".join(first["source"]) == wanted
