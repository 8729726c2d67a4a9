"""The book to take away: what `make pdf` and `make epub` made is linked from the landing page."""

import shutil
from pathlib import Path

from .address import ROOT

PRINT = ROOT / "_build" / "print"
KINDS = {".pdf": "PDF", ".epub": "EPUB"}


def made():
    """Return the files that are there, in the order of KINDS."""
    return [path for kind in KINDS for path in sorted(PRINT.glob(f"*{kind}"))]


def read_again(app, env, added, changed, removed):
    """Have the landing page written at each build: the files may have come or gone since."""
    return [app.config.root_doc]


def link(app, pagename, templatename, context, doctree):
    if pagename == app.config.root_doc and app.builder.name == "html" and made():
        links = ", ".join(
            f'<a href="{path.name}" download>{KINDS[path.suffix]} '
            f"({path.stat().st_size / 1e6:.1f} MB)</a>"
            for path in made()
        )
        context["body"] += f'\n<p class="book-downloads">To take away: {links}.</p>'


def copy(app, error):
    if not error and app.builder.name == "html":
        for path in made():
            shutil.copy(path, Path(app.outdir))


def setup(app):
    app.connect("env-get-outdated", read_again)
    app.connect("html-page-context", link)
    app.connect("build-finished", copy)
