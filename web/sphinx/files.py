"""What lies beside the pages: the book's style, its scripts, the book to take away."""

import shutil
from pathlib import Path

SCRIPTS = "_build/web"
PRINT = "_build/print"
KINDS = {".pdf": "PDF", ".epub": "EPUB"}


def add_files(app):
    """Add the style and the small scripts, and copy what web/build.mjs and web/data have built."""
    # Not through _config.yml: Jupyter Book would link every script below a folder named there.
    app.config.html_static_path.append("web/style")
    app.add_css_file("book.css", priority=900)
    if app.builder.name == "epub":  # runs no scripts
        return
    app.add_js_file("book.js", loading_method="defer")
    app.add_js_file("quiz.js", loading_method="defer")
    folder = Path(app.outdir, "_static", "web")
    shutil.rmtree(folder, ignore_errors=True)
    for_node = shutil.ignore_patterns("models", "*.csv")
    shutil.copytree(Path(app.srcdir, SCRIPTS), folder, ignore=for_node)


def to_take_away(app):
    """Return the files that `make pdf` and `make epub` made, in the order of KINDS."""
    return [path for kind in KINDS for path in sorted(Path(app.srcdir, PRINT).glob(f"*{kind}"))]


def read_again(app, env, added, changed, removed):
    """Have the landing page written at each build: the files may have come or gone since."""
    return [app.config.root_doc]


def link(app, pagename, templatename, context, doctree):
    """Link the files to take away from the landing page."""
    if pagename == app.config.root_doc and app.builder.name == "html" and to_take_away(app):
        links = ", ".join(
            f'<a href="{path.name}" download>{KINDS[path.suffix]} '
            f"({path.stat().st_size / 1e6:.1f} MB)</a>"
            for path in to_take_away(app)
        )
        context["body"] += f'\n<p class="book-downloads">To take away: {links}.</p>'


def finish(app, error):
    """Copy the files to take away."""
    if not error and app.builder.name == "html":
        for path in to_take_away(app):
            shutil.copy(path, app.outdir)


def setup(app):
    app.connect("builder-inited", add_files)
    app.connect("env-get-outdated", read_again)
    app.connect("html-page-context", link)
    app.connect("build-finished", finish)
