"""A chapter's page: its times, how to run it, its solutions folded, its printed prose wrapped."""

import re
from html import escape

from docutils import nodes

WORDS_A_MINUTE = 230
WORDS_A_LINE = 10  # what a line of code costs a reader, in words: a guess
WIDEST_TABLE = 110  # characters; a longer line is for reading, whatever spaces it has


def is_prose(text):
    """Say whether a printed text reads on: it has no columns, or none that a screen could show."""
    lines = text.splitlines()
    columns = any(re.search(r"^\s+\S|\S {2,}\S", line) for line in lines)
    return not columns or max(map(len, lines)) > WIDEST_TABLE


def is_output(node):
    return isinstance(node, nodes.literal_block) and "output" in node["classes"]


def mark_prose(app, doctree):
    """Mark what a cell printed as prose: it wraps, while a table keeps its columns and scrolls."""
    for block in filter(is_output, doctree.findall(nodes.literal_block)):
        if is_prose(block.astext()):
            block["classes"].append("prose")


def solutions_of(doctree):
    """Return a chapter's section of solutions, or None."""
    sections = doctree.findall(nodes.section)
    return next((s for s in sections if s[0].astext() == "Solutions"), None)


def fold_solutions(app, doctree):
    """Fold each solution with its prose and its code: who predicts first must not see it."""
    section = solutions_of(doctree)
    if section is None or app.builder.name == "epub":  # its readers may not unfold
        return
    content, section[1:] = section[1:], []
    for node in content:
        first = next((part for part in node if part.astext()), None)
        if isinstance(node, nodes.paragraph) and isinstance(first, nodes.strong):
            if len(section) > 1:
                section += nodes.raw("", "</details>", format="html")
            name = first.astext().rstrip(".")
            place = f"solution-{name}" if name.isdecimal() else nodes.make_id(name)
            title = f"Solution {name}" if name.isdecimal() else name
            opening = f'<details class="solution" id="{place}"><summary>{escape(title)}</summary>'
            section += nodes.raw("", opening, format="html")
        section += node
    section += nodes.raw("", "</details>", format="html")


def minutes_to_read(doctree):
    """Return how long a chapter takes to read, with its unfolded code, without its solutions."""
    words = 0
    left = [doctree]
    solutions = solutions_of(doctree)
    while left:
        node = left.pop()
        if node is solutions or is_output(node) or "tag_hide-input" in node.get("classes", []):
            continue
        if isinstance(node, nodes.literal_block):
            words += WORDS_A_LINE * len(node.astext().splitlines())
        elif isinstance(node, nodes.paragraph | nodes.title):
            words += len(node.astext().split())
        else:
            left += [child for child in node.children if isinstance(child, nodes.Element)]
    return round(words / WORDS_A_MINUTE)


def head_chapter(app, pagename, templatename, context, doctree):
    """Say under a chapter's title how long it takes to read and to run, and how to run it."""
    if app.builder.name != "html" or not context.get("sourcename", "").endswith(".ipynb"):
        return
    text = "\n".join(node.astext() for node in doctree.findall(nodes.paragraph))
    run = re.search(r"^Time and memory: (.*?),? and about ", text, re.MULTILINE)
    head = f'<p class="book-times">To read: about {minutes_to_read(doctree)} minutes.'
    head += f" To run: {escape(run[1])}.</p>" if run else "</p>"
    if not app.config.html_theme_options["repository_url"]:  # else there are launch buttons
        notebook = context["pathto"](f"_sources/{context['sourcename']}", 1)
        head += (
            f'<p class="book-run">Run it: in the folder of the book, <code>make book</code> sets '
            f"everything up, and <code>make lab</code> opens JupyterLab, where this chapter is "
            f"<code>{escape(context['sourcename'])}</code>. "
            f'<a href="{notebook}" download>Download the notebook alone</a></p>'
        )
    context["body"] = context["body"].replace("</h1>", f"</h1>\n{head}", 1)


def prefer_drawings(app, config):
    """Take the SVG where a cell also gave what a notebook shows that is not trusted."""
    config.nb_mime_priority_overrides = [("*", "image/svg+xml", 1)]


def setup(app):
    app.connect("config-inited", prefer_drawings)
    app.connect("doctree-read", mark_prose)
    app.connect("doctree-read", fold_solutions)
    app.connect("html-page-context", head_chapter)
