"""What the tests of the chapters share: running some of a chapter's cells as they stand."""

import pathlib
import runpy

import nbformat
import pytest

import grubook  # noqa: F401, before TensorFlow: it prepares Python for it

CHAPTERS = pathlib.Path(__file__).resolve().parents[2] / "chapters"


@pytest.fixture(scope="session")
def run_cells(tmp_path_factory):
    """Run cells of a chapter, with a reader's own reviews (``path``) if there are any."""

    def run(chapter, cells, path=None):
        notebook = nbformat.read(CHAPTERS / f"{chapter}.ipynb", as_version=4)
        source = {cell.id: cell.source for cell in notebook.cells}
        code = "\n".join(source[f"cell-{number}"] for number in cells)
        assert code.count("\npath = our_reviews") == 1, "there is one line to change"
        if path:
            code = code.replace("\npath = our_reviews", f"\npath = {str(path)!r}")
        script = tmp_path_factory.mktemp(chapter) / "cells.py"
        script.write_text(code, encoding="utf-8")
        return runpy.run_path(str(script), run_name="__main__")

    return run
