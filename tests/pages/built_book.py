"""Where the built book lies, and which pages it has."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def page_names():
    """Return the built pages' paths below _build/html, without the theme's own templates."""
    found = [path.relative_to(HTML) for path in HTML.rglob("*.html")]
    return sorted(path.as_posix() for path in found if path.parts[0] != "_static")
