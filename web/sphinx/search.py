"""What the search page searches: the text of each section, and the glossary's other names.

Sphinx's own index knows words page by page, and its summaries are fetched, which a page from disk
may not do. The text itself is enough, without an index: web/style/search.js walks through it.
"""

import json
import re
from pathlib import Path

from docutils import nodes

GLOSSARY = "chapters/glossary"
ALSO = re.compile(r"Also: ([^.]+)\.")


def read(node, prose, code):
    """Add what a section says, without the sections in it, to prose, and its code to code."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            prose.append(child.astext())
        elif isinstance(child, nodes.math | nodes.math_block):
            prose.append(re.sub(r"\\[a-zA-Z]+|[{}\\&]", "", child.astext()))
        elif isinstance(child, nodes.literal_block):
            code.append(child.astext())
        elif isinstance(child, nodes.section | nodes.title | nodes.raw | nodes.comment):
            continue
        elif "cell_output" not in child.get("classes", []):
            read(child, prose, code)
            prose.append(" " if not isinstance(child, nodes.Inline) else "")


def sections(app):
    """Yield [page, anchor, titles from the chapter's down, prose, code] of every section."""
    for docname in sorted(app.env.found_docs):
        page = app.builder.get_target_uri(docname)
        for section in app.env.get_doctree(docname).findall(nodes.section):
            titles, above = [], section
            while isinstance(above, nodes.section):
                titles.insert(0, above.next_node(nodes.title).astext())
                above = above.parent
            prose, code = [], []
            read(section, prose, code)
            texts = [" ".join("".join(prose).split()), "\n".join(code)]
            yield [page, section["ids"][0], titles, *texts]


def names(found):
    """Return the glossary's groups of names for one thing: a term and what else it is called."""
    groups = []
    for page, _, titles, text, _ in found:
        also = ALSO.search(text) if page.startswith(GLOSSARY) else None
        if also:
            groups.append([titles[-1], *also[1].split(", ")])
    return groups


def replace(app):
    """Have the search page written, and no index of Sphinx's."""
    if app.builder.name == "html":
        app.builder.search = False
        app.config.html_additional_pages["search"] = "search.html"


def finish(app, error):
    """Write the sections where the search page finds them."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    found = list(sections(app))
    data = {"sections": found, "names": names(found)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (static / "search_data.js").write_text(f"globalThis.bookSearch = {text};\n", "utf-8")


def setup(app):
    app.connect("builder-inited", replace)
    app.connect("build-finished", finish)
