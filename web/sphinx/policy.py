"""What a page may load, and run: the book's own files, and the theme's inline scripts by hash."""

import base64
import hashlib
import re
from pathlib import Path

INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'\son\w+="([^"]*)"')
PLACE = "SCRIPTS-OF-THIS-PAGE"
# "file:" stands for the page's own folder where it is opened from disk. Styles stand in the
# elements: KaTeX's formulas and Matplotlib's figures carry them there.
POLICY = (
    f"default-src 'self' file: data: blob:; script-src 'self' file: {PLACE}; "
    "style-src 'self' file: 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "form-action 'self' file:"
)


def add(app, pagename, templatename, context, doctree):
    """Put the policy into the head of each page, before any script."""
    if app.builder.name != "epub":  # runs no scripts
        tag = f'\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
        context["metatags"] = tag + context.get("metatags", "")


def allowed(page):
    """Return the policy's entries for the scripts that stand in a page."""
    scripts = dict.fromkeys([*INLINE.findall(page), *HANDLER.findall(page)])
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return " ".join(["'unsafe-hashes'", *hashes])  # so named; it lets hashes stand for handlers


def finish(app, error):
    """Take the theme's chatter out of its scripts; then name those of each page by their hashes."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    pages = [path for path in folder.rglob("*.html") if path.parts[-2] != "web"]
    for path in [*folder.glob("_static/scripts/*theme.js"), *pages]:
        text = path.read_text("utf-8").replace("console.log(", "void (")
        path.write_text(text.replace(PLACE, allowed(text)), "utf-8")


def setup(app):
    app.connect("html-page-context", add, priority=900)  # before all other tags
    app.connect("build-finished", finish, priority=950)  # once the pages are whole
