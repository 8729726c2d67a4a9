"""The map of the repository in CONTRIBUTING.md is true."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from tests.sources import ROOMS, ROOT, files, python_of

#: For each room, what of the book its Python may import beside itself.
MAY_IMPORT = {
    "chapters": {"grubook"},
    "src": set(),
    "experiments": {"grubook", "web.chromium", "torch"},  # torch: for `make bench`
    "web": {"grubook", "experiments.instruments.redraw"},  # the latter for web/test alone
    "tools": {"grubook", "web"},
    "tests": {"grubook", "experiments", "web", "tools", "torch"},  # torch made golden values
}
#: For each room in web/, what its JavaScript may import beside itself.
MAY_IMPORT_JS = {
    "gru": set(),
    "data": set(),
    "programs": {"gru", "data"},
    "instruments": {"gru", "data"},
    "style": set(),
    "test": {"gru", "data", "programs", "instruments"},
}
LEAD = re.compile(r"""(?:from|import|import\(|require\()\s*"(\.[^"]+)\"""")
PACKAGE = ROOT / "src" / "grubook"
#: What can be imported and is not the book's. A room's own file by its bare name is none of it.
DISTRIBUTIONS = importlib.metadata.packages_distributions()
INSTALLED = {*sys.stdlib_module_names, *DISTRIBUTIONS} - {*ROOMS}


def imported(source, package):
    """The full names of the modules that a source imports, wherever it does so."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package[: len(package) - node.level + 1] if node.level else []
            base = [*parts, *filter(None, [node.module])]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def begins(name, allowed):
    return any(f"{name}.".startswith(f"{known}.") for known in allowed)


def forbidden(path):
    """What a file imports of the book that it may not, and what is nobody's name."""
    room, *folders = path.relative_to(ROOT).parent.parts
    package = folders if room == "src" else [room, *folders]
    own = "grubook" if room == "src" else room
    allowed = {*MAY_IMPORT[room], own, *INSTALLED - {"grubook"}}
    return [name for name in imported(python_of(path), package) if not begins(name, allowed)]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    found = {str(p.relative_to(ROOT)): forbidden(p) for p in files(".py", ".ipynb", rooms=[room])}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import common", ["common"]),
        ("from .. import web", ["web"]),
        ("from ..common import Recorder", ["experiments.common.Recorder"]),
        ("def f():\n    import tools.address as a", ["tools.address"]),
    ],
)
def test_an_import_is_seen_by_its_full_name(source, names):
    package = ["experiments"] if "web" in source else ["experiments", "digits"]
    assert list(imported(source, package)) == names


def test_a_bare_name_and_another_room_are_forbidden(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.test_map.ROOT", tmp_path)
    path = tmp_path / "src" / "grubook" / "bad.py"
    path.parent.mkdir(parents=True)
    path.write_text("import numpy, reference\nfrom experiments.common import run\n", "utf-8")
    assert forbidden(path) == ["reference", "experiments.common.run"]


@pytest.mark.parametrize("room", MAY_IMPORT_JS)
def test_javascript_imports_run_one_way_too(room):
    web = ROOT / "web"
    for path in files(".js", ".mjs", rooms=[f"web/{room}"]):
        for lead in LEAD.findall(path.read_text("utf-8")):
            target = (path.parent / lead).resolve()
            assert target.is_file(), f"{path.name} imports {lead}"
            assert target.relative_to(web).parts[0] in {room, *MAY_IMPORT_JS[room]}, path.name


def test_the_arithmetic_in_javascript_knows_no_page():
    for path in files(".js", rooms=["web/gru"]):
        found = re.findall(r"\b(?:document|window|HTML\w+|navigator)\b\.", path.read_text("utf-8"))
        assert not found, path.name


@pytest.mark.parametrize(
    ("modules", "never"),
    [
        ("reference layouts", {"pandas", "matplotlib", "tensorflow", "keras"}),
        ("text ngrams images data", {"tensorflow", "keras"}),
    ],
)
def test_the_helpers_stay_light(modules, never):
    for module in modules.split():
        for path in [*PACKAGE.glob(f"{module}.py"), *PACKAGE.glob(f"{module}/*.py")]:
            tops = {name.partition(".")[0] for name in imported(path.read_text("utf-8"), [])}
            assert not tops & never, path.name


def test_what_the_package_imports_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.match(r"[\w-]+", line)[0].lower() for line in project["dependencies"]}
    notebook = {"ipython", "matplotlib-inline", "grubook"}  # where a notebook runs, they are there
    for path in files(".py", rooms=["src"]):
        tops = {name.partition(".")[0] for name in imported(path.read_text("utf-8"), [])}
        needed = {name.lower() for top in tops for name in DISTRIBUTIONS.get(top, [])}
        assert needed <= declared | notebook, path.name


def test_every_public_name_is_used_by_a_chapter_or_an_experiment():
    users = files(".py", ".ipynb", rooms=["chapters", "experiments", "web"])
    sheets = [path.read_text("utf-8") for path in files(".md", rooms=["chapters"])]
    used = set(re.findall(r"\w+", "\n".join([*map(python_of, users), *sheets])))
    for path in files(".py", rooms=["src"]):
        lists = re.findall(r"^__all__ = (\[.*?\])", path.read_text("utf-8"), re.M | re.S)
        # An error's users are those whom its message reaches.
        names = {name for text in lists for name in ast.literal_eval(text)}
        assert {name for name in names if not name.endswith("Error")} <= used, path.name


def test_nothing_reaches_for_its_own_place():
    for path in files(".py", ".ipynb"):
        text, room = python_of(path), path.relative_to(ROOT).parts[0]
        assert not re.search(r"\bsys\.path\.", text), path
        assert room == "tests" or "parents[2]" not in text, path


def test_every_folder_is_on_the_map():
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a chapter")[0]
    on_the_map = {path.partition("/")[0] for path in re.findall(r"^\| `([^`]+/)`", table, re.M)}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a git checkout")
    folders = {line.partition("/")[0] for line in listed.stdout.splitlines() if "/" in line}
    assert on_the_map == {folder for folder in folders if not folder.startswith(".")}


def test_the_papers_of_the_repository_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)[1]
    assert citation["version"] == version
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert "MIT" in (ROOT / "LICENSE").read_text("utf-8")
    assert "licenses/by/4.0" in (ROOT / "LICENSE-TEXT").read_text("utf-8")


@pytest.mark.parametrize("path", files(".yml", rooms=[".github/workflows"]), ids=lambda p: p.stem)
def test_workflows_run_make_with_pinned_actions_and_nothing_else(path):
    rules = re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = set(" ".join(rules).split())
    for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]), step
                continue
            make, *words = step["run"].split()
            assert make == "make", step
            assert {word for word in words if "=" not in word} <= targets, step
