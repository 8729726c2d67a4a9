"""The map of the repository in CONTRIBUTING.md is true."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "grubook"
MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.stem != "__init__")
OF_THE_BOOK = {"book_ext", "chapters", "experiments", "grubook", "recording", "tests", "tools"}

#: For each folder of the map, what of the book its Python files may import.
MAY_IMPORT = {
    "src/grubook": {"grubook"},
    "experiments": {"grubook", "recording", "experiments"},
    "book_ext": {"book_ext"},
    "tools": {"book_ext", "grubook"},
}


def imported(source):
    """The modules that a source imports, wherever it does so; "from . import x" is the package."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    return found


def notebook_sources():
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        yield path, "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def public_names():
    for path in [PACKAGE / "__init__.py", *MODULES]:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                yield from ((path.stem, name) for name in ast.literal_eval(node.value))


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_run_one_way(folder):
    siblings = {path.stem for path in (ROOT / folder).glob("*.py")}
    for path in (ROOT / folder).glob("*.py"):
        tops = {name.partition(".")[0] for name in imported(path.read_text("utf-8"))}
        forbidden = (tops & OF_THE_BOOK) - MAY_IMPORT[folder] - siblings
        assert not forbidden, f"{path.relative_to(ROOT)} imports {forbidden}"


def test_chapters_import_nothing_of_the_book_but_its_helpers():
    for path, source in notebook_sources():
        python = re.sub(r"^\s*[!%].*$", "pass", source, flags=re.MULTILINE)
        tops = {name.partition(".")[0] for name in imported(python)}
        # recording: a chapter holds its data against that of the experiment it reads.
        assert tops & OF_THE_BOOK <= {"grubook", "recording"}, path.name


def test_the_reference_needs_numpy_alone_and_text_no_tensorflow():
    reference = imported((PACKAGE / "reference.py").read_text("utf-8"))
    assert reference - set(sys.stdlib_module_names) == {"numpy"}
    text = {name.partition(".")[0] for name in imported((PACKAGE / "text.py").read_text("utf-8"))}
    assert not text & {"tensorflow", "keras"}


def test_the_package_stays_small_and_every_public_name_is_used():
    names = list(public_names())
    assert 20 < len(names) <= 30
    used = "\n".join(source for _, source in notebook_sources())
    # An error's users are those whom its message reaches.
    names = [(module, name) for module, name in names if not name.endswith("Error")]
    for folder in ("experiments", "tools", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts:
                used += path.read_text("utf-8")
    unused = [f"{m}.{name}" for m, name in names if not re.search(rf"\b{name}\b", used)]
    assert unused == []


def test_every_folder_is_on_the_map():
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a chapter")[0]
    on_the_map = {path.strip("/").partition("/")[0] for path in re.findall(r"\| `([^`]+/)`", table)}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a git checkout")
    folders = {line.partition("/")[0] for line in listed.stdout.splitlines() if "/" in line}
    assert on_the_map >= {f for f in folders if not f.startswith(".")} - {"binder", "docs"}
    assert all((ROOT / name).is_dir() for name in on_the_map)


def test_the_papers_of_the_repository_agree():
    import yaml

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)[1]
    assert citation["version"] == version
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert "MIT" in (ROOT / "LICENSE").read_text("utf-8")
    assert "licenses/by/4.0" in (ROOT / "LICENSE-TEXT").read_text("utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.stem)
def test_workflows_run_make_and_nothing_else(path):
    import yaml

    content = yaml.safe_load(path.read_text("utf-8"))
    rules = re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = set(" ".join(rules).split())
    for job in content.get("jobs", {}).values():
        for command in (step["run"] for step in job["steps"] if "run" in step):
            make, *target = command.split()
            assert make == "make" and set(target) <= targets, command
