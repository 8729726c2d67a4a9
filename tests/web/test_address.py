"""The book's address: what may pass, where it stands, and the cell that fetches the book."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool():
    """Load tools/address.py."""
    spec = importlib.util.spec_from_file_location("write_address", ROOT / "tools" / "address.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def public(tool):
    return sys.modules["book_ext.address"].public_address


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Make a small book without an address, outside any git repository."""
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "_config.yml").write_text("repository:\n  url: ''\n  branch: main\n", "utf-8")
    (tmp_path / "README.md").write_text(
        "# Book\n<!-- address -->\n<!-- /address -->\nText\n", "utf-8"
    )
    (tmp_path / "chapters").mkdir()
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Ü\n", "$z$"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {"tags": ["hide-input"]},
            "outputs": [],
            "source": ["# BOOTSTRAP"],
        },
        {
            "cell_type": "code",
            "execution_count": 2,
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["é\n"]}],
            "source": ["print('é')"],
        },
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    (tmp_path / "chapters" / "one.ipynb").write_text(text, encoding="utf8")
    return tmp_path


def set_field(book, url):
    (book / "_config.yml").write_text(f"repository:\n  url: {url}\n  branch: main\n", "utf-8")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://github.com/owner/name", "https://github.com/owner/name"),
        ("https://github.com/owner/name.git/", "https://github.com/owner/name"),
        ("https://user:token@github.com/owner/name", "https://github.com/owner/name"),
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
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
        ("https://github.com/owner/name?token=1", ""),
        ('https://github.com/owner/"><script>', ""),
        ("", ""),
    ],
)
def test_only_public_addresses_pass_and_become_https(public, text, address):
    assert public(text) == address


def test_the_notebooks_of_this_book_carry_the_current_bootstrap_cell(tool):
    assert tool.main(["--check"]) == 0


def test_writing_changes_the_bootstrap_cell_and_nothing_else(tool, book):
    path = book / "chapters" / "one.ipynb"
    before = json.loads(path.read_text("utf8"))
    set_field(book, "https://github.com/owner/name")
    assert tool.main([], root=book) == 0
    after = json.loads(path.read_text("utf8"))
    source = "".join(after["cells"][1].pop("source"))
    before["cells"][1].pop("source")
    assert after == before
    assert '"https://github.com/owner/name"' in source
    assert "é" in path.read_text("utf8")
    assert "mybinder.org/v2/gh/owner/name/main" in (book / "README.md").read_text("utf-8")
    assert tool.main(["--check"], root=book) == 0


def test_check_names_what_is_out_of_date_and_leaves_it(tool, book):
    tool.main([], root=book)
    set_field(book, "https://github.com/owner/name")
    text = (book / "chapters" / "one.ipynb").read_text("utf8")
    complaint = tool.main(["--check"], root=book)
    assert "one.ipynb" in complaint and "make address" in complaint
    assert (book / "chapters" / "one.ipynb").read_text("utf8") == text


def test_check_accepts_a_clone_whose_field_is_empty(tool, book):
    tool.main([], root=book)
    subprocess.run(["git", "init", "--quiet", str(book)], check=True)
    remote = ["remote", "add", "origin", "git@github.com:reader/fork.git"]
    subprocess.run(["git", "-C", str(book), *remote], check=True)
    assert tool.main(["--check"], root=book) == 0
    assert tool.main([], root=book) == 0
    assert "https://github.com/reader/fork" in (book / "chapters" / "one.ipynb").read_text("utf8")


def test_the_environment_overrides_and_a_local_path_never_leaks(tool, book, monkeypatch):
    set_field(book, "https://github.com/owner/name")
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "https://gitlab.com/other/book")
    tool.main([], root=book)
    assert "https://gitlab.com/other/book" in (book / "chapters" / "one.ipynb").read_text("utf8")
    assert "one.ipynb" in tool.main(["--check"], root=book), "the field says something else"
    monkeypatch.setenv("BOOK_REPOSITORY_URL", str(book))
    tool.main([], root=book)
    for path in (book / "README.md", book / "chapters" / "one.ipynb"):
        assert str(book) not in path.read_text("utf8")


def test_a_field_that_is_no_address_is_refused_in_a_sentence(tool, book):
    set_field(book, "/home/someone/book")
    assert "repository.url is '/home/someone/book'" in tool.main([], root=book)


def test_a_chapter_without_a_bootstrap_cell_is_refused_in_a_sentence(tool, book):
    path = book / "chapters" / "one.ipynb"
    path.write_text(path.read_text("utf8").replace("# BOOTSTRAP", "x = 1"), encoding="utf8")
    assert "the first code cell is not the bootstrap cell" in tool.main([], root=book)


def run_bootstrap(tool, folder, repository=None, address="", git=True):
    """Run the bootstrap cell as a program of its own; return its exit status and last line."""
    program = folder / "cell.py"
    program.write_text(
        tool.bootstrap(address) + "\nimport grubook\nprint(grubook.__file__)\n", "utf-8"
    )
    environment = {k: v for k, v in os.environ.items() if k != "BOOK_REPOSITORY_URL"}
    if repository:
        environment["BOOK_REPOSITORY_URL"] = str(repository)
    if not git:
        environment["PATH"] = ""
    command = [sys.executable, str(program)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.fixture
def repository(tmp_path):
    """Make a git repository that holds the helper package."""
    where = tmp_path / "repository"
    package = where / "src" / "grubook"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def ready():\n    pass\n", "utf-8")
    me = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for step in (["init", "--quiet"], ["add", "."], [*me, "commit", "--quiet", "-m", "one"]):
        subprocess.run(["git", "-C", str(where), *step], check=True)
    return where


def test_the_bootstrap_cell_finds_the_book_above_it(tool, repository):
    chapters = repository / "chapters"
    chapters.mkdir()
    status, line = run_bootstrap(tool, chapters)
    assert status == 0
    assert Path(line) == repository / "src" / "grubook" / "__init__.py"


def test_the_bootstrap_cell_fetches_the_book_once(tool, repository, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    status, line = run_bootstrap(tool, alone, repository)
    assert (status, Path(line).parents[2]) == (0, alone / "gru-book")
    status, line = run_bootstrap(tool, alone, "/nowhere")  # found beside it, not fetched again
    assert (status, Path(line).parents[2]) == (0, alone / "gru-book")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({}, "no address is set"),
        ({"repository": "/nowhere/at/all"}, "/nowhere/at/all"),
        ({"repository": "/nowhere/at/all", "git": False}, "git"),
    ],
)
def test_the_bootstrap_cell_says_in_one_sentence_what_is_wrong(tool, tmp_path, fault, said):
    status, line = run_bootstrap(tool, tmp_path, **fault)
    assert status != 0
    assert said in line
    assert "open the notebook inside the book's folder" in line


def test_the_bootstrap_cell_bears_a_message_of_git_in_another_encoding(tool, tmp_path, monkeypatch):
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nprintf 'r\\351seau coup\\351' >&2\nexit 128\n", "utf-8")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    status, line = run_bootstrap(tool, tmp_path, "/nowhere")
    assert status != 0
    assert "(r\N{REPLACEMENT CHARACTER}seau coup\N{REPLACEMENT CHARACTER})" in line


def test_jupyter_shows_that_sentence_without_a_traceback(tool, tmp_path, monkeypatch, capsys):
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # IPython needs one, and settings there may differ
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    result = InteractiveShell.instance().run_cell(tool.bootstrap(""))
    InteractiveShell.clear_instance()
    shown = capsys.readouterr().out.strip()
    assert result.error_in_exec is not None
    assert shown.startswith("The book's helpers are not beside this notebook")
    assert len(shown.splitlines()) == 1


def test_the_bootstrap_cell_is_short_and_needs_nothing_installed(tool):
    lines = tool.bootstrap("").splitlines()
    assert len(lines) <= 25
    modules = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert modules <= sys.stdlib_module_names
