"""docs/faults.md promises nothing that no test holds."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
TABLE = (TESTS.parent / "docs" / "faults.md").read_text("utf-8")
ROWS = re.findall(r"^\| (?!What goes wrong|---)(.+) \| (.+) \| `([\w/.]+)::(\w+)` \|$", TABLE, re.M)


def test_every_row_has_a_promise_and_a_test_that_exists():
    lines = [line for line in TABLE.splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(lines) - TABLE.count("| What goes wrong") >= 55
    functions = {}
    for _, promise, file, name in ROWS:
        if file not in functions:
            tree = ast.parse((TESTS / file).read_text("utf-8"))
            functions[file] = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert name in functions[file], f"{file} has no {name}"
        assert promise


def test_no_row_stands_twice():
    tests = [(file, name) for *_, file, name in ROWS]
    assert len(tests) == len(set(tests))
