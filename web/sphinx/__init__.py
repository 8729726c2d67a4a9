"""The book's Sphinx extension: address, chapters, mathematics, files, policy, repairs."""

import math
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ConfigError

from . import chapters, files, guess, icons, instruments, katex, policy, search, speed
from .address import field, origin

LEAST_LABEL = 11  # pixels


def set_address(app, config):
    """Show launch and repository buttons where the book has an address, and none elsewhere."""
    options = config.html_theme_options
    try:
        address, branch = field(app.srcdir)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    options["repository_url"] = address = address or origin(app.srcdir)
    if not address:
        options["launch_buttons"] = {}
        return
    known = [name for name in ("github", "gitlab", "bitbucket") if name in address.split("/")[2]]
    options["repository_branch"] = branch
    # The theme knows three providers. A host of one's own is mostly a GitLab, and Binder takes
    # any git address; Colab opens GitHub's notebooks only, and the theme warns elsewhere.
    options["repository_provider"] = known[0] if known else "gitlab"
    options["use_repository_button"] = True
    options["use_issues_button"] = "github" in known
    if "github" not in known:
        options["launch_buttons"].pop("colab_url", None)


def mark_captions(app, doctree):
    """Mark a paragraph that is italic from end to end: in this book, a figure's caption."""
    for paragraph in doctree.findall(nodes.paragraph):
        if len(paragraph) == 1 and isinstance(paragraph[0], nodes.emphasis):
            paragraph["classes"].append("book-caption")


def size_drawings(app, doctree, docname):
    """Say each drawing's size, so that the text does not move when the drawing arrives.

    And say the least width, in pixels, at which its smallest label can be read.
    """
    for image in doctree.findall(nodes.image):
        path = Path(app.srcdir, image["uri"])
        if path.suffix == ".svg" and path.is_file():
            drawing = path.read_text("utf-8")
            opening = re.search(r"<svg[^>]*>", drawing)[0]
            box = re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', opening)
            points = 4 / 3 if 'pt"' in opening else 1  # a point is 4/3 of a pixel
            for side, size in zip(("width", "height"), box.groups(), strict=True):
                image[side] = str(round(float(size) * points))
            # Matplotlib draws letters as paths of a hundred units, which it scales.
            labels = [100 * float(scale) for scale in re.findall(r"scale\((0\.\d+) -", drawing)]
            labels += map(float, re.findall(r'font-size="([\d.]+)', drawing))
            if labels:
                least = LEAST_LABEL * float(box[1]) / min(labels)
                image["classes"].append(f"least-{math.ceil(least)}")


def free_drawings(app, pagename, templatename, context, doctree):
    """Give the sizes as attributes: as a style they would hold on a screen that is narrower."""
    sized = r'style="width: (\d+)px; height: (\d+)px;"'
    body = re.sub(sized, r'width="\1" height="\2"', context.get("body", ""))
    context["body"] = re.sub(r'class="least-(\d+)"', r'style="--least: \1px"', body)


def describe(app, pagename, templatename, context, doctree):
    """Give each page a description of its own, and tell the browser that both modes are there."""
    paragraph = next(doctree.findall(nodes.paragraph), None) if doctree else None
    found = paragraph.astext() if paragraph else f"{pagename.capitalize()}: {app.config.project}"
    text = " ".join(found.split())
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    tags = {"description": text, "color-scheme": "light dark"}
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n    <meta name="{name}" content="{escape(content)}" />'
        for name, content in tags.items()
        if content
    )


def setup(app):
    # Jupyter Book always passes this on; the extension that reads it is not loaded here.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", set_address)
    app.connect("doctree-read", mark_captions)
    app.connect("doctree-resolved", size_drawings)
    app.connect("html-page-context", free_drawings)
    app.connect("html-page-context", describe)
    for part in (chapters, files, icons, search, speed, guess, instruments, katex, policy):
        part.setup(app)
    parallel = {"parallel_read_safe": True, "parallel_write_safe": False}
    return {"version": "1", "env_version": 2, **parallel}
