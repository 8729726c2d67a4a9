"""Write the book's address, `repository.url` in _config.yml, where it stands: `make address`.

That is each notebook, whose first cell installs the helpers from there, and the README's links.
Where the field is empty, a placeholder stands instead.
"""

import re
import sys
from pathlib import Path

from web.sphinx.address import field

PLACEHOLDER = "https://ADDRESS-OF-THE-BOOK"
STANDS = re.compile(r'git\+(https?://[^\\"]+)')
LINKS = re.compile(r"(<!-- address -->\n).*?(<!-- /address -->)", re.DOTALL)


def links(address, branch):
    """Return the README's lines that open the book on Binder and Colab, "" without an address."""
    host, _, path = address.partition("://")[2].partition("/")
    if host != "github.com":
        return f"[The repository]({address})\n" if address else ""
    binder = f"https://mybinder.org/v2/gh/{path}/{branch}?urlpath=lab/tree/index.md"
    colab = f"https://colab.research.google.com/github/{path}/blob/{branch}/chapters"
    return (
        f"[Open the book on Binder]({binder}) ·\n"
        f"[the theory on Colab]({colab}/gru_theory.ipynb) ·\n"
        f"[the first system on Colab]({colab}/mnist_rows.ipynb)\n"
    )


def outdated(root):
    """Find what does not carry the field's address; return a dict of path to new text.

    Raises:
        ValueError: the field is no address, or a chapter's first cell names none.
    """
    address, branch = field(root)
    new = {}
    for path in sorted((root / "chapters").glob("*.ipynb")):
        old = new[path] = path.read_text("utf-8")
        stands = STANDS.search(old)
        if not stands:
            raise ValueError(f"{path.name}: its first cell must be that of the others.")
        new[path] = old.replace(stands[1], address or PLACEHOLDER)
    readme = root / "README.md"
    wanted = links(address, branch)
    new[readme] = LINKS.sub(lambda m: m[1] + wanted + m[2], readme.read_text("utf-8"))
    return {path: text for path, text in new.items() if text != path.read_text("utf-8")}


def main(root=Path()):
    try:
        new = outdated(root)
    except ValueError as error:
        sys.exit(str(error))
    for path, text in new.items():
        path.write_text(text, "utf-8")
    print("Changed:", ", ".join(path.name for path in new) or "nothing")


if __name__ == "__main__":
    main()
