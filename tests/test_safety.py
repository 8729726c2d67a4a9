"""Nothing of the book runs what it reads, and nothing is read in an encoding that goes unsaid.

ruff (pyproject.toml) finds exec, eval, pickle, shells and open(); here is what it does not know.
"""

import ast
import re

import pytest

from tests.sources import ROOT, files, python_of

UNSAFE = re.compile(
    r"allow_pickle\s*=\s*True|safe_mode\s*=\s*False|weights_only\s*=\s*False"
    r"|enable_unsafe_deserialization|^\s*(?:import|from) (?:joblib|cloudpickle)\b|['\"]shell['\"]:",
    re.MULTILINE,
)
UNSAFE_JAVASCRIPT = re.compile(
    r"\beval\(|\bnew Function\b|\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write"
    r"|\bexecSync\(|import \{[^}]*\bexec\b"
)
OF_BYTES = ("os", "gzip", "tarfile", "Image", "zipfile", "importlib.resources", "webbrowser")
ROOMS = ("chapters", "src", "experiments", "web", "tools")


def unsaid(code):
    """The calls that read or write text and do not say its encoding."""
    for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        if "encoding" in given or not isinstance(call.func, ast.Attribute):
            continue
        name, of = call.func.attr, ast.unparse(call.func.value)
        least = {"read_text": 1, "write_text": 2}.get(name, 0)  # so many say it by their place
        if name == "open":
            modes = [*map(ast.unparse, call.args), given.get("mode", "")]
            mode = next((m[1:-1] for m in modes[::-1] if re.fullmatch(r"'[rwxabt+]{1,3}'", m)), "")
            text = "t" in mode if of in OF_BYTES else "b" not in mode
            least = 3 if text else 0
        if given.get("text") == "True" or len(call.args) < least:
            yield ast.unparse(call)


@pytest.mark.parametrize("path", files(".py", ".ipynb"), ids=lambda p: str(p.relative_to(ROOT)))
def test_python_says_its_encodings_and_runs_nothing_that_it_reads(path):
    code = python_of(path)
    assert list(unsaid(code)) == []
    if path.relative_to(ROOT).parts[0] in ROOMS:
        assert UNSAFE.findall(code) == []


@pytest.mark.parametrize("path", files(".js", ".mjs", rooms=ROOMS), ids=lambda p: p.name)
def test_javascript_runs_nothing_that_it_reads(path):
    assert UNSAFE_JAVASCRIPT.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.open()", 1),
        ("path.open('w')", 1),
        ("path.open('rb')", 0),
        ("tarfile.open(fileobj=file)", 0),
        ("gzip.open('a', 'rt')", 1),
        ("gzip.open('a')", 0),
        ("gzip.open('a', 'rt', 'utf-8')", 0),
        ("path.read_text()", 1),
        ("path.read_text('utf-8')", 0),
        ("path.write_text(json.dumps(a))", 1),
        ("path.write_text('a', 'utf-8')", 0),
        ("subprocess.run(['a'], text=True)", 1),
        ("subprocess.run(['a'], encoding='utf-8')", 0),
    ],
)
def test_an_encoding_that_goes_unsaid_is_seen(code, found):
    assert len(list(unsaid(code))) == found
