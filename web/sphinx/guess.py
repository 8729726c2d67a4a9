"""Guess first: what a cell shows waits, in the page, until the reader has guessed.

The cell says so in its metadata, of which JupyterLab shows nothing::

    "guess": {"ask": "How far ...?", "find": "(\\\\d+): (0\\\\.\\\\d+)", "draw": [0.5, 1], ...}

`find` is a pattern with two groups, a name and its value. It is looked for in what this cell
printed, or the next one that has it; with `in`, only in the part that the pattern `in` matches. So
no figure stands twice. With `draw` the reader draws the values between two bounds; with `choose`,
"smallest" or "largest", the reader chooses a name. What is asked and the true values go into an
element before the cell, which web/style/guess.js makes a panel of.
"""

import json
import re
from html import escape

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform


class Guesses(SphinxTransform):
    """Put what a panel needs before each cell that asks for a guess."""

    default_priority = 810

    def apply(self, **kwargs):
        for cell in list(self.document.findall(nodes.container)):
            if guess := cell.get("cell_metadata", {}).get("guess"):
                data = {k: v for k, v in guess.items() if k not in ("find", "in")}
                data["values"] = values(cell, guess)
                html = f'<div class="guess" data-guess="{escape(json.dumps(data))}"></div>'
                cell.parent.insert(cell.parent.index(cell), nodes.raw("", html, format="html"))


def values(cell, guess):
    """The (name, value) pairs that the pattern finds in what the cell, or a later one, printed."""
    later = cell.parent[cell.parent.index(cell) :]
    for block in (block for node in later for block in node.findall(nodes.literal_block)):
        if block.parent.get("nb_element") == "cell_code_source":
            continue
        part = re.search(guess.get("in", "(?s).*"), block.astext())
        if found := re.findall(guess["find"], part[0] if part else "", re.MULTILINE):
            return [[name, float(value)] for name, value in found]
    raise ExtensionError(f"guess first: nothing that was printed fits {guess['find']!r}")


def add_script(app, pagename, templatename, context, doctree):
    """Link the panel's script on the pages that have one."""
    raw = doctree.findall(nodes.raw) if doctree and app.builder.name == "html" else []
    if any('class="guess"' in node.astext() for node in raw):
        app.add_js_file("guess.js", loading_method="defer")
        app.add_css_file("guess.css", priority=910)


def setup(app):
    app.add_transform(Guesses)
    app.connect("html-page-context", add_script)
