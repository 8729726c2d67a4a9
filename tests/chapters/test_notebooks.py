"""The stored notebooks keep the book's promises; nbval executes them elsewhere in `make test`."""

import itertools
import json
import pathlib
import re
import statistics

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = sorted([ROOT / "index.md", *(ROOT / "chapters").glob("*.md")])

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)

EXACT = "<!-- exact -->"
LINK = re.compile(r"\[[^\]]+\]\((?!#)[^)]+\)")
MEASURED = re.compile(r"(?<![\w.])\d+\.\d+|\d\s*(?:\\?%|percent)")
VERSION = re.compile(
    r"\b(?:Python|TensorFlow|TensorFlow\.js|Keras|NumPy|TF|Node(?:\.js)?) \d+(?:\.\d+)+"
)
NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|https?://\S+|\]\([^)]*\)", re.DOTALL
)
NO_WORDS = re.compile(r"<!--.*?-->|^\|.*$|<[^>]+>", re.DOTALL | re.MULTILINE)
EXERCISE = re.compile(r"^(\d+)\. \*(?:Predict|Compute|Change|Explore)\.\* \S", re.MULTILINE)
SOLUTION = re.compile(r"^\*\*(\d+)\.\*\* \S", re.MULTILINE)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path, kind):
    found = [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]
    return [(cell, "".join(cell["source"])) for cell in found if "".join(cell["source"]).strip()]


def typed_figures(markdown):
    """The decimals and percentages in prose that are neither cited nor marked exact."""
    found = []
    for block in re.split(r"\n\s*\n", markdown):
        if EXACT in block or LINK.search(block):
            continue
        prose = VERSION.sub("", NOT_PROSE.sub(" ", block))
        found += MEASURED.findall(prose)
    return found


def test_there_are_chapters():
    assert NOTEBOOKS, "no notebook in chapters/"


@each_notebook
def test_stored_outputs_are_complete_and_in_order(path):
    code = cells(path, "code")
    counts = [cell["execution_count"] for cell, _ in code]
    assert counts == list(range(1, len(code) + 1)), "execute the notebook in order: make run"
    assert any(cell["outputs"] for cell, _ in code), "the notebook is stored without outputs"
    for cell, source in code:
        for output in cell["outputs"]:
            assert output["output_type"] != "error", f"a stored error in: {source[:60]}"
            assert output.get("name") != "stderr", f"a stored message on stderr in: {source[:60]}"


@each_notebook
def test_no_path_of_a_machine_is_stored(path):
    text = path.read_text(encoding="utf-8")
    home = re.search(r"/(?:home|root|Users|tmp|work|mnt|var)/[\w.-]+|[A-Z]:\\\\Users", text)
    assert home is None, f"a machine's path is stored: {home.group()}"
    assert read(path)["metadata"]["kernelspec"]["name"] == "python3"


@each_notebook
def test_a_cell_is_one_idea(path):
    lines = [len(source.strip().splitlines()) for _, source in cells(path, "code")]
    assert max(lines) <= 25, f"a cell of {max(lines)} lines"
    assert statistics.median(lines) <= 8


@each_notebook
def test_a_chapter_can_be_read_in_one_sitting(path):
    prose = (NO_WORDS.sub(" ", NOT_PROSE.sub(" ", text)) for _, text in cells(path, "markdown"))
    assert sum(len(re.findall(r"[^\W_][\w'’-]*", text)) for text in prose) <= 3800
    assert len(cells(path, "code")) <= 48
    first = cells(path, "markdown")[0][1]
    assert "**First reading**" in first, "the head says where a first reading may stop"


@each_notebook
def test_every_exercise_is_numbered_and_solved(path):
    text = "\n\n".join(source for _, source in cells(path, "markdown"))
    lesson, heading, rest = text.partition("\n## Solutions\n")
    assert heading and "\n## Project\n" in lesson
    numbers = [int(number) for number in EXERCISE.findall(lesson)]
    assert len(numbers) >= 6
    assert numbers == list(range(1, len(numbers) + 1))
    solved = SOLUTION.findall(rest.partition("\n## Check yourself\n")[0])
    assert [int(number) for number in solved] == numbers
    # In view: an exercise stands in the section that it belongs to.
    sections = re.split(r"^## ", lesson, flags=re.MULTILINE)
    assert sum(bool(EXERCISE.search(part)) for part in sections) >= 3


def test_teachers_are_sent_to_exercises_that_there_are():
    page = (ROOT / "chapters" / "for_teachers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[[^]]+\]\((\w+)\.ipynb\)(.*)\|$", page, re.MULTILINE)
    assert sorted(name for name, _ in rows) == [path.stem for path in NOTEBOOKS]
    for name, cells_of_row in rows:
        text = (ROOT / "chapters" / f"{name}.ipynb").read_text(encoding="utf-8")
        there = {
            int(n) for n in re.findall(r"(\d+)\. \*(?:Predict|Compute|Change|Explore)\.", text)
        }
        in_class, at_home = cells_of_row.split("|")[-2:]
        named = [int(n) for n in re.findall(r"\d+", f"{in_class} {at_home}")]
        assert named and set(named) <= there, name
        assert len(set(named)) == len(named), f"{name}: one exercise is set twice"


@each_notebook
def test_little_is_folded(path):
    folded = [c for c, _ in cells(path, "code") if "hide-input" in c["metadata"].get("tags", [])]
    everything = cells(path, "code") + cells(path, "markdown")
    assert len(folded) <= len(everything) / 5


@each_notebook
def test_a_sentence_introduces_each_cell(path):
    filled = [c for c in read(path)["cells"] if "".join(c["source"]).strip()]
    for before, cell in itertools.pairwise(filled):
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            assert before["cell_type"] == "markdown", f"no sentence before the cell: {source[:60]}"


@each_notebook
def test_figures_have_alternative_text(path):
    for cell, source in cells(path, "code"):
        if any("image/svg+xml" in o.get("data", {}) for o in cell["outputs"]):
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) >= 20, f"a figure without alternative text: {source[:60]}"


@each_notebook
def test_figures_are_seen_without_trust_and_opening_changes_nothing(path):
    for cell, source in cells(path, "code"):
        for kinds in (output.get("data", {}).keys() for output in cell["outputs"]):
            without_trust = {"image/png", "text/html"} & kinds
            assert "image/svg+xml" not in kinds or without_trust, source[:60]
    # JupyterLab writes here what the kernel says, and marks what differs as unsaved.
    stored = read(path)["metadata"]
    assert stored["kernelspec"]["display_name"] == "Python 3 (ipykernel)"
    assert "version" in stored["language_info"]


@each_notebook
def test_no_measured_number_is_typed_in_a_chapter(path):
    found = [f for _, source in cells(path, "markdown") for f in typed_figures(source)]
    assert not found, f"typed, not measured, cited or marked exact: {found}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_no_measured_number_is_typed_on_a_page(path):
    found = typed_figures(path.read_text(encoding="utf-8"))
    assert not found, f"typed, not measured, cited or marked exact: {found}"


@each_notebook
def test_a_chapter_reads_as_plain_markdown(path):
    for _, source in cells(path, "markdown"):
        myst = re.search(r"^(?:```|:::)\{|(?<!`)\{[a-z:-]+\}`", source, re.MULTILINE)
        assert myst is None, f"MyST syntax that JupyterLab shows raw: {myst.group()}"


@pytest.mark.parametrize(
    ("prose", "typed"),
    [
        ("It reaches 98.4 on the test set.", ["98.4"]),
        ("About 98 % are right.", ["8 %"]),
        ("About 98 percent are right.", ["8 percent"]),
        ("Cho and others report 98.4 ([2014](https://arxiv.org/abs/1406.1078)).", []),
        (f"The rate is 0.001. {EXACT}", []),
        ("The rate is $0.001$, `0.5` is a half, and 28 rows are 28 steps.", []),
        ("Python 3.11 and Keras 3.13 both run it.", []),
        ("Cited ([a](b.md)).\n\nMeasured: 12.5 seconds.", ["12.5"]),
    ],
)
def test_the_prose_check_itself(prose, typed):
    assert typed_figures(prose) == typed
