"""Nothing of the book runs what it reads: no pickle, no evaluation of text, safe loading only."""

import ast
import pathlib
import re

import nbformat
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ["src", "tools", "experiments", "book_ext", "web", "chapters"]
OURS = [
    str(path.relative_to(ROOT))
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if not {"node_modules", ".ipynb_checkpoints"} & set(path.parts)
]

UNSAFE_IMPORTS = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "compile"}
UNSAFE_SETTINGS = {
    ("allow_pickle", True),
    ("safe_mode", False),
    ("weights_only", False),
}
UNSAFE_JAVASCRIPT = (
    r"\beval\(|\bnew Function\b|\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML|document\.write"
)


def unsafe(code):
    """List what in a piece of Python could run what was read: (line, name)."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [(node.lineno, n) for n in names if n.split(".")[0] in UNSAFE_IMPORTS]
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
                found.append((node.lineno, node.func.id))
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", None)
                if (keyword.arg, value) in UNSAFE_SETTINGS:
                    found.append((node.lineno, f"{keyword.arg}={value}"))
            if getattr(node.func, "attr", "") == "enable_unsafe_deserialization":
                found.append((node.lineno, node.func.attr))
    return found


def python_of(path):
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", [n for n in OURS if n.endswith((".py", ".ipynb"))])
def test_python_runs_nothing_that_it_reads(name):
    assert unsafe(python_of(ROOT / name)) == []


@pytest.mark.parametrize("name", [n for n in OURS if n.endswith((".js", ".mjs"))])
def test_javascript_runs_nothing_that_it_reads(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(UNSAFE_JAVASCRIPT, text) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "eval('1')",
        "np.load(f, allow_pickle=True)",
        "keras.saving.load_model(f, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
    ],
)
def test_the_check_itself(code):
    assert unsafe(code)
