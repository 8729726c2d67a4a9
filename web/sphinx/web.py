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


def replace_icons(app, error):
    """Put the icons that pages use in place of the theme's script, which is 20 times as long."""
    scripts = Path(app.outdir) / "_static" / "scripts"
    ours = BUILT / "icons.js"
    if not error and ours.is_file() and (scripts / "fontawesome.js").is_file():
        shutil.copy(ours, scripts / "fontawesome.js")
        for rest in scripts.glob("fontawesome.js.*"):  # the map of the other one, and its license
            rest.unlink()


def setup(app):
    app.connect("builder-inited", copy_scripts)
    app.connect("build-finished", replace_icons)
