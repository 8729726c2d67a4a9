"""Mathematics rendered by KaTeX while the book is built: the pages carry no script for it.

sphinxcontrib-katex (0.9.11) prerenders too. This one is strict, names the page where a formula is
refused, gives MathML to the EPUB, and sets no time limits that a busy machine would miss.
"""

import json
import shutil
import subprocess
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging

KATEX = "web/node_modules/katex/dist"
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


def start(root):
    """Start KaTeX on Node.js."""
    script = Path(root, KATEX, "katex.min.js")
    if not script.exists() or not shutil.which("node"):
        raise ExtensionError("KaTeX or Node.js is missing: run `make book`, which brings them.")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf8"}
    return subprocess.Popen(["node", "--eval", SERVER, str(script)], **pipes)


def render(builder, latex, display):
    """Return the HTML of a formula; where KaTeX refuses it, warn, and return its source."""
    if not hasattr(builder, "katex"):
        builder.katex = start(builder.srcdir)
    # A reader of EPUBs sets MathML itself, in its own type.
    output = "mathml" if builder.name == "epub" else "htmlAndMathml"
    builder.katex.stdin.write(json.dumps([latex, {"displayMode": display, "output": output}]))
    builder.katex.stdin.write("\n")
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
    ours, folder = Path(app.srcdir, KATEX), Path(app.outdir, "_static", "katex")
    older = shutil.ignore_patterns("*.ttf", "*.woff")  # every browser takes the fonts in woff2
    shutil.copytree(ours / "fonts", folder / "fonts", dirs_exist_ok=True, ignore=older)
    shutil.copy(ours / "katex.min.css", folder)
    app.add_css_file("katex/katex.min.css")


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", add_style)
    app.connect("build-finished", stop)
