"""What a page needs before it shows: one style sheet of what is used, no script, few elements."""

import hashlib
import re
from pathlib import Path

import tinycss2
from sphinx.errors import ExtensionError

SHEET = re.compile(
    r'\s*<link\b(?=[^>]*rel="stylesheet")[^>]*href="([^"]*_static/)([^"?]+)[^"]*"[^>]*/>'
)
BLOCKING = re.compile(r'<script(?= src="[^"]*_static/)')
OPTIONS = re.compile(r'<script src="[^"]*documentation_options\.js[^"]*"></script>')
BUNDLED = re.compile(r'<link rel="stylesheet" href="([^"]*_static/)page[^"]*" data-of="([^"]*)" />')
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]*>')
IMPORT = re.compile(r"@import\s*(?:url\()?[\"']?([\w./-]+)[\"']?\)?;")
MARK = "<!-- style -->"
PLACES = re.compile(r'(?<=\s)(?:d|x|y|width|height)="[^"]*"|translate\([^)]*\)')
DECIMAL = re.compile(r"-?\d+\.\d+")
LOOK = re.compile(r"\.highlight (?:\.(\w+) )?\{ (.*?) \}")
#: In the theme's script: it measures and marks what scrolls by turns. book.js measures once.
THRASH = re.compile(
    r'"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)'
)
#: The theme would know whether the page is dark only once all is laid out.
MODE = """
    <script>
      if (!["light", "dark"].includes(localStorage.getItem("mode"))) {
        const dark = matchMedia("(prefers-color-scheme: dark)").matches;
        localStorage.setItem("theme", dark ? "dark" : "light");
      }
    </script>"""
#: A class or an id in a selector; what stands in :not(...) need not be there.
NAMED = re.compile(r":not\([^)]*\)|[.#](-?[A-Za-z_](?:[\w-]|\\.)*)")


def words_of(paths):
    """Return every word that a class or an id could be, in pages and scripts."""
    texts = (path.read_text("utf-8") for path in paths)
    return set().union(*(re.findall(r"-?[A-Za-z_][\w-]*", text) for text in texts))


def trimmed(rules, known):
    """Serialize a sheet without the rules whose classes and ids are nowhere in the book."""
    kept = []
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = trimmed(tinycss2.parse_rule_list(rule.content, True, True), known)
            if inner:
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}")
        elif rule.type == "qualified-rule":
            selectors = re.split(r",(?![^(\[]*[)\]])", tinycss2.serialize(rule.prelude).strip())
            used = [one for one in selectors if set(filter(None, NAMED.findall(one))) <= known]
            if used:
                kept.append(f"{','.join(used)}{{{tinycss2.serialize(rule.content).strip()}}}")
        else:
            kept.append(rule.serialize())
    return "\n".join(kept)


def bundle(static, names, known):
    """Write the sheets of these names into one, and return its address below _static."""
    parts = []
    for name in names:
        folder = (static / name).parent
        text = (static / name).read_text("utf-8")
        text = IMPORT.sub(lambda found, at=folder: (at / found[1]).read_text("utf-8"), text)
        rules = tinycss2.parse_stylesheet(text, True, True)
        # An address in a sheet is relative to it; the bundle lies in _static.
        here = f"url({Path(name).parent.as_posix()}/"
        parts.append(re.sub(r"url\((?![\"']?data:)", here, trimmed(rules, known)))
    text = "\n".join(parts)
    file = f"page-{hashlib.sha256(' '.join(names).encode()).hexdigest()[:8]}.css"
    (static / file).write_text(text, "utf-8")
    return f"{file}?v={hashlib.sha256(text.encode()).hexdigest()[:8]}"


def plain_tokens(style):
    """Return the kinds of a program's words that look, in each theme, as a program does."""
    looks = LOOK.findall(style)
    colors = {look.rpartition("color: ")[2] for kind, look in looks if not kind}
    colored = {kind for kind, look in looks if look.removeprefix("color: ") not in colors}
    return {kind for kind, _ in looks} - colored - {""}


def calm(static):
    """Take out of the theme's script what holds a long page up once it is there."""
    script = static / "scripts" / "pydata-sphinx-theme.js"
    text = script.read_text("utf-8")
    if not THRASH.search(text) and "void 0/*book.js*/" not in text:
        raise ExtensionError("The theme's script has changed: see web/sphinx/speed.py.")
    script.write_text(THRASH.sub("void 0/*book.js*/", text), "utf-8")


def lighten(drawing):
    """Return a drawing of Matplotlib's in hundredths of a unit, without what does not show."""
    drawing = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r">\s+<", "><", drawing)
    return PLACES.sub(lambda found: DECIMAL.sub(hundredths, " ".join(found[0].split())), drawing)


def hundredths(found):
    return f"{round(float(found[0]), 2) + 0:g}"  # -0 + 0 is 0


def finish(app, error):
    """Put one sheet in place of each page's many, and have its scripts wait for the page."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    pages = [path for path in Path(app.outdir).rglob("*.html") if static not in path.parents]
    scripts = [path for path in static.rglob("*.js") if not re.search(r"\.\d+\.js$", path.name)]
    known, bundles = words_of([*pages, *scripts]), {}
    options = (static / "documentation_options.js").read_text("utf-8")
    plain = plain_tokens((static / "pygments.css").read_text("utf-8"))
    word = re.compile(rf'<span class="(?:{"|".join(plain)})">([^<]*)</span>|<span></span>')
    calm(static)
    for path in pages:
        text = path.read_text("utf-8")
        if done := BUNDLED.search(text):  # a page of an earlier build
            where, names = done.groups()
            text = BUNDLED.sub(MARK, text)
        else:
            sheets = SHEET.findall(text)
            where, names = sheets[0][0], " ".join(name for _, name in sheets)
            text = SHEET.sub("", SHEET.sub(MARK, text, count=1))
        if names not in bundles:
            bundles[names] = bundle(static, names.split(), known)
        link = f'<link rel="stylesheet" href="{where}{bundles[names]}" data-of="{names}" />'
        text = OPTIONS.sub(lambda _: f"<script>{options}</script>", text.replace(MARK, link))
        text = word.sub(r"\1", BLOCKING.sub("<script defer", text))
        path.write_text(PRELOAD.sub("", text), "utf-8")
    for path in Path(app.outdir, "_images").glob("*.svg"):
        if "Matplotlib" in (drawing := path.read_text("utf-8")):
            path.write_text(lighten(drawing), "utf-8")


def lazy(app, pagename, templatename, context, doctree):
    """Let the browser fetch a drawing when the reader comes near; its size is known."""
    body = context.get("body", "")
    context["body"] = re.sub(r"<img (?=[^>]*\swidth=)", '<img loading="lazy" ', body)


def choose_mode(app, pagename, templatename, context, doctree):
    """Say whether the page is dark before anything of it is drawn."""
    if app.builder.name == "html":
        context["metatags"] = context.get("metatags", "") + MODE


def setup(app):
    app.connect("html-page-context", choose_mode)
    app.connect("html-page-context", lazy, priority=600)  # once the sizes are there
    app.connect("build-finished", finish, priority=900)  # the theme writes pygments.css late
