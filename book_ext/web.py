"""The book's own scripts, and the pages of its programs, beside the pages: _static/web."""

import shutil
from pathlib import Path

from .address import ROOT

BUILT = ROOT / "_build" / "web"


def copy_scripts(app):
    """Copy what web/build.mjs and web/data/*.py have built, except what is for Node.js alone."""
    if app.builder.name == "epub":  # runs no scripts
        return
    # Not through html_static_path: Jupyter Book would link every script there onto every page.
    folder = Path(app.outdir) / "_static" / "web"
    shutil.rmtree(folder, ignore_errors=True)
    if BUILT.is_dir():
        shutil.copytree(BUILT, folder, ignore=shutil.ignore_patterns("models", "*.csv"))


def setup(app):
    app.connect("builder-inited", copy_scripts)
