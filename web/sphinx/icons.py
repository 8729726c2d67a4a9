"""The theme's icons, drawn while the book is built: no page needs a script or a font for them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from sphinx.errors import ExtensionError

MODULES = "web/node_modules"
ICON = re.compile(r'<(?:i|span) class="([^"]*\bfa-[^"]*)"([^>]*)></(?:i|span)>')
KINDS = {"fas": "fas", "fa-solid": "fas", "fab": "fab", "fa-brands": "fab"}
SCRIPT = re.compile(r'\s*<script\b[^>]*src="[^"]*/fontawesome\.js[^"]*"></script>')
#: In the theme's style: the font of its icons, and the letter of each.
LETTER = r"\.fa-[\w-]+:before"
FONT = re.compile(rf"@font-face\{{[^}}]*\}}|{LETTER}(?:,{LETTER})*\{{content:[^}}]*\}}")

# What is asked and what is answered is JSON: of each icon its kind, its name and its other classes.
DRAW = """
const { icon, library } = require("@fortawesome/fontawesome-svg-core");
library.add(require("@fortawesome/free-solid-svg-icons").fas);
library.add(require("@fortawesome/free-brands-svg-icons").fab);
const draw = ([prefix, iconName, classes]) => icon({ prefix, iconName }, { classes })?.html[0];
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(draw)));
"""


def asked(classes):
    """Return an icon's kind, its name and its other classes, from those of its element."""
    names = [name for name in classes.split() if name not in KINDS]
    kind = next(KINDS[name] for name in classes.split() if name in KINDS)
    name = next(name for name in names if re.match(r"fa-(?!lg\b|\d)", name))
    return kind, name.removeprefix("fa-"), tuple(other for other in names if other != name)


def draw(root, icons):
    """Return each icon's drawing, as HTML."""
    command = ["node", "--eval", DRAW, json.dumps(icons)]
    run = subprocess.run(command, cwd=Path(root, MODULES), capture_output=True, check=True)
    drawings = dict(zip(icons, json.loads(run.stdout), strict=True))
    if unknown := [icon for icon, drawing in drawings.items() if not drawing]:
        raise ExtensionError(f"There is no icon {unknown[0]}.")
    return drawings


def finish(app, error):
    """Put drawings in the icons' places. The theme's script and font for them go."""
    if error or app.builder.name != "html":
        return
    pages = {path: path.read_text("utf-8") for path in Path(app.outdir).rglob("*.html")}
    icons = {asked(classes) for text in pages.values() for classes, _ in ICON.findall(text)}
    drawings = draw(app.srcdir, sorted(icons)) if icons else {}
    for path, text in pages.items():
        drawn = ICON.sub(lambda found: place(drawings[asked(found[1])], found[2]), text)
        if (drawn := SCRIPT.sub("", drawn)) != text:
            path.write_text(drawn, "utf-8")
    static = Path(app.outdir, "_static")
    shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)
    style = static / "styles" / "pydata-sphinx-theme.css"
    style.write_text(FONT.sub("", style.read_text("utf-8")), "utf-8")
    for script in static.glob("scripts/fontawesome.js*"):
        script.unlink()


def place(drawing, attributes):
    """Give a drawing its element's data. A title goes: it would count as its button's text."""
    data = re.findall(r'data-[\w-]+="[^"]*"', attributes)
    return drawing.replace("<svg ", " ".join(["<svg", *data, ""]), 1)


def add_style(app):
    """Copy the drawings' style beside the pages."""
    if app.builder.name != "epub":
        style = Path(app.srcdir, MODULES, "@fortawesome/fontawesome-svg-core/styles.css")
        shutil.copy(style, Path(app.outdir, "_static", "icons.css"))
        app.add_css_file("icons.css")


def setup(app):
    app.connect("builder-inited", add_style)
    app.connect("build-finished", finish)
