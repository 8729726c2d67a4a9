"""The book's own sources, as the tests of the house read them."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("chapters", "src", "experiments", "web", "tools", "tests")


def files(*kinds, rooms=ROOMS):
    """Return the rooms' files of some kinds, without what was installed or built there."""
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*"))]
    ours = [path for path in found if path.suffix in kinds and path.is_file()]
    strange = re.compile(r"/(?:node_modules|\.[^/]+)/")
    return [path for path in ours if not strange.search(path.relative_to(ROOT).as_posix())]


def python_of(path):
    """Return a file's Python: of a notebook its code cells, with IPython's own lines left out."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["source"])
    return re.sub(r"^(\s*)[!%].*$", r"\1pass", code, flags=re.MULTILINE)
