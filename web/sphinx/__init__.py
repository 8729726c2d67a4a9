"""The book's Sphinx extension: its address, its mathematics, and repairs to the theme."""

from html import escape
from pathlib import Path

from docutils import nodes

from sphinx.errors import ConfigError

from . import downloads, instruments, katex, web
from .address import address, field

STATIC = Path(__file__).parents[1] / "style"


def set_address(app, config):
    """Show launch and repository buttons where the book has an address, and none elsewhere."""
    options = config.html_theme_options
    try:
        where, (_, branch) = address(), field()
    except ValueError as error:
        raise ConfigError(str(error)) from None
    options["repository_url"] = where
    if not where:
        options["launch_buttons"] = {}
        return
    known = [name for name in ("github", "gitlab", "bitbucket") if name in where.split("/")[2]]
    options["repository_branch"] = branch
    # The theme knows three providers. A host of one's own is mostly a GitLab, and Binder takes
    # any git address; Colab opens GitHub's notebooks only, and the theme warns elsewhere.
    options["repository_provider"] = known[0] if known else "gitlab"
    options["use_repository_button"] = True
    options["use_issues_button"] = "github" in known
    if "github" not in known:
        options["launch_buttons"].pop("colab_url", None)


def add_templates(app, config):
    """Put the book's own templates before the theme's of the same name."""
    config.templates_path.insert(0, str(Path(__file__).parent / "templates"))


def add_static_files(app):
    """Add the book's style, its small script."""
    # Not through _config.yml: Jupyter Book would link every script below a folder named there.
    app.config.html_static_path.append(str(STATIC))
    app.add_css_file("book.css", priority=900)
    if app.builder.name == "epub":  # runs no scripts
        return
    app.add_js_file("book.js", loading_method="defer")
    app.add_js_file("quiz.js", loading_method="defer")


def mark_captions(app, doctree):
    """Mark a paragraph that is italic from end to end: in this book, a figure's caption."""
    for paragraph in doctree.findall(nodes.paragraph):
        if len(paragraph) == 1 and isinstance(paragraph[0], nodes.emphasis):
            paragraph["classes"].append("book-caption")


#: The pages load nothing from elsewhere, whatever gets into them. The theme needs its inline
#: scripts and styles; "file:" stands for the page's own folder where it is opened from disk.
POLICY = (
    "default-src 'self' file: data: blob: 'unsafe-inline' 'wasm-unsafe-eval'; "
    "object-src 'none'; base-uri 'none'; form-action 'self' file:"
)


def describe(app, pagename, templatename, context, doctree):
    """Give each page a description of its own, and tell the browser that both modes are there."""
    paragraph = next(doctree.findall(nodes.paragraph), None) if doctree else None
    text = " ".join(paragraph.astext().split()) if paragraph else ""
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    tags = [("description", text)] if text else []
    tags.append(("color-scheme", "light dark"))
    policy = f'\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}" />'
    context["metatags"] = (
        policy
        + context.get("metatags", "")
        + "".join(
            f'\n    <meta name="{name}" content="{escape(content)}" />' for name, content in tags
        )
    )


def silence_theme(app, error):
    """Take the theme's chatter out of its scripts: the console is for problems."""
    if error or app.builder.format != "html":
        return
    html = Path(app.outdir)
    for path in [*(html / "_static" / "scripts").glob("*theme.js"), *html.glob("search.html")]:
        text = path.read_text(encoding="utf8")
        path.write_text(text.replace("console.log(", "void ("), encoding="utf8")


def setup(app):
    # Jupyter Book always passes this on; the extension that reads it is not loaded here.
    app.add_config_value("comments_config", {}, "html")
    downloads.setup(app)
    katex.setup(app)
    web.setup(app)
    instruments.setup(app)
    # From disk a page may not fetch another one, which the search does for its summaries.
    offline = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false'
    app.add_js_file(None, body=offline, priority=250)
    app.connect("config-inited", set_address)
    app.connect("config-inited", add_templates)
    app.connect("builder-inited", add_static_files)
    app.connect("doctree-read", mark_captions)
    app.connect("html-page-context", describe)
    app.connect("build-finished", silence_theme)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
