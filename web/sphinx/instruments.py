"""The instruments in the page: a figure of a known name becomes one, where scripts run.

In the notebook an instrument is an ordinary image, ``figures/gate_explorer.svg``, with its text and
its caption; links such as ``[remember](#gate-explorer-remember)`` set its state. JupyterLab and
Colab show the image, and such links do nothing there. In the built page the image stands in an
element that the script takes over; in print, and where no script runs, it stays the image.
"""

from pathlib import PurePosixPath

from docutils import nodes
from sphinx.transforms import SphinxTransform

#: The figure's name, and that of the script in _build/web that its page loads.
NAMES = (
    "gate_explorer",
    "digit_microscope",
    "review_autocomplete",
    "date_reader",
    "memory_race",
)


class Instruments(SphinxTransform):
    """Give each instrument's figure a place of its own, and each preset link a target there."""

    default_priority = 800  # before MyST looks for the targets of links

    def apply(self, **kwargs):
        places = {}
        for image in list(self.document.findall(nodes.image)):
            name = PurePosixPath(image["uri"]).stem
            if name in NAMES and isinstance(image.parent, nodes.paragraph):
                places[name.replace("_", "-")] = make_place(image, name)
        for link in self.document.findall(nodes.reference):
            target = link.get("refuri", "").removeprefix("#")
            place = next((places[name] for name in places if target.startswith(f"{name}-")), None)
            if place:
                link["refid"] = target
                del link["refuri"], link["id_link"]
                place["ids"] = list(dict.fromkeys([*place["ids"], target]))


def make_place(image, name):
    """Put an image, in its paragraph, into a container that the script finds by its class."""
    known = name.replace("_", "-")
    place = nodes.container(classes=["instrument", known], ids=[known])
    paragraph = image.parent
    paragraph.replace_self(place)
    place += paragraph
    return place


def add_scripts(app, pagename, templatename, context, doctree):
    """Link an instrument's scripts and the instruments' style on the pages that show one."""
    places = doctree.findall(nodes.container) if doctree else []
    shown = {name for place in places for name in place["classes"]}
    here = [name for name in NAMES if name.replace("_", "-") in shown]
    for name in here:
        app.add_js_file(f"web/{name}.js", loading_method="defer")
    if here:
        app.add_css_file("instruments.css", priority=910)


def setup(app):
    app.add_transform(Instruments)
    app.connect("html-page-context", add_scripts)
