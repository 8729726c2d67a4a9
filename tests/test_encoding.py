"""No file and no program's output is read in whatever encoding the machine happens to prefer.

On Windows and in older locales that is not UTF-8: an "é" in a review or in the reader's own path
would be read as something else, or end in a traceback.
"""

import ast
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("book_ext", "experiments", "src", "tests", "tools", "web")
#: Its code is part of its stored results; the file that it reads is ASCII.
LEFT = {"next_word_reference.py"}
#: Whose open() gives bytes, unless it is asked for text.
OF_BYTES = ("gzip.", "tarfile.", "Image.")


def sources():
    """Yield the path and the code of each script and of each chapter's cells."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts and path.name not in LEFT:
                yield path, path.read_text("utf-8")
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = nbformat.read(path, 4).cells
        for source in (cell.source for cell in cells if cell.cell_type == "code"):
            yield path, TransformerManager().transform_cell(source)


def without_encoding(code):
    """The calls that read or write text and do not say how it is encoded."""
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "encoding" in given or None in given:
            continue
        least = {"read_text": 1, "write_text": 2}.get(name)  # so many say the encoding by place
        if name == "open":
            # path.open(mode), and open(path, mode) or gzip.open(path, mode): the latter is bytes.
            of = ast.unparse(call.func).removesuffix("open")
            place = 1 if of in ("", *OF_BYTES) else 0
            mode = given.get("mode", call.args[place] if len(call.args) > place else None)
            mode = ast.unparse(mode) if mode else "'rb'" if of in OF_BYTES else "'r'"
            text = "b" not in mode and (of not in OF_BYTES or "t" in mode.split(":")[0])
            least = 3 if text else None
        switched_on = [given[key] for key in ("text", "universal_newlines") if key in given]
        if any(ast.unparse(value) == "True" for value in switched_on):
            least = 99
        if least is not None and len(call.args) < least:
            yield ast.unparse(call)


def test_whatever_is_read_or_written_says_its_encoding():
    found = [f"{p.relative_to(ROOT)}: {c}" for p, code in sources() for c in without_encoding(code)]
    assert not found, "\n".join(['say encoding="utf-8":', *found])


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("open('a')", 1),
        ("open('a', 'rb')", 0),
        ("open('a', encoding='utf-8')", 0),
        ("path.open()", 1),
        ("path.open('w')", 1),
        ("path.open('rb')", 0),
        ("tarfile.open(fileobj=file)", 0),
        ("path.read_text()", 1),
        ("path.read_text('utf-8')", 0),
        ("path.write_text('a')", 1),
        ("path.write_text('a', 'utf-8')", 0),
        ("gzip.open('a', 'rt')", 1),
        ("gzip.open('a')", 0),
        ("gzip.open('a', 'rt', 'utf-8')", 0),
        ("subprocess.run(['a'], text=True)", 1),
        ("subprocess.run(['a'], encoding='utf-8')", 0),
    ],
)
def test_the_check_itself(code, found):
    assert len(list(without_encoding(code))) == found
