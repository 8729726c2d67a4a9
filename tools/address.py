"""Write the bootstrap cell into every chapter, and the book's address where it is needed.

    python tools/address.py            write, and say what changed
    python tools/address.py --check    say what disagrees, change nothing, exit with 1

The address comes from `repository.url` in _config.yml, else from the git remote `origin`;
BOOK_REPOSITORY_URL overrides both. The pages' launch buttons read it at each build.
"""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from book_ext.address import address, field  # noqa: E402

PLACEHOLDER = "# BOOTSTRAP"
MARKER = "# Run this cell first: it finds the book's helpers, or fetches them."
NO_ADDRESS = "(no address is set)"

# Standard library only, since nothing is installed yet where this runs first. The new session
# keeps git from asking for a name on the terminal that JupyterLab was started from.
TEMPLATE = """\
import os
import subprocess
import sys
from pathlib import Path

places = [Path.cwd(), *Path.cwd().parents, Path.cwd() / "gru-book"]
book = next((place for place in places if (place / "src/grubook").is_dir()), places[-1])
if not (book / "src/grubook").is_dir():
    address = os.environ.get("BOOK_REPOSITORY_URL") or "ADDRESS"
    clone = ["git", "clone", "--quiet", "--depth=1", "--", address, str(book)]
    try:
        text = {"encoding": "utf-8", "errors": "replace"}
        subprocess.run(clone, check=True, capture_output=True, start_new_session=True, **text)
    except (OSError, subprocess.CalledProcessError) as error:
        why = " ".join((getattr(error, "stderr", "") or str(error)).split())
        sentence = (
            "The book's helpers are not beside this notebook, and git could not fetch them "
            f"({why}): open the notebook inside the book's folder, or see that git is installed "
            "and reaches the book (BOOK_REPOSITORY_URL sets its address), and run this again."
        )
        short = {"_render_traceback_": lambda problem: [str(problem)]}  # no traceback
        raise type("BookNotFound", (Exception,), short)(sentence) from None
sys.path.insert(0, str(book / "src"))
__import__("grubook").ready()"""

BADGES = re.compile(r"(<!-- address -->\n).*?(<!-- /address -->)", re.DOTALL)


def bootstrap(where):
    """Return the bootstrap cell's source for the address `where` ("" where there is none)."""
    return f"{MARKER}\n{TEMPLATE.replace('ADDRESS', where or NO_ADDRESS, 1)}"


def bootstrap_cell(notebook, name):
    """Return the notebook's bootstrap cell.

    Raises:
        ValueError: the first code cell is something else, or does not carry the tag.
    """
    cell = next((cell for cell in notebook["cells"] if cell["cell_type"] == "code"), None)
    source = "".join(cell["source"]) if cell else ""
    if source.strip() != PLACEHOLDER and not source.startswith(MARKER):
        raise ValueError(
            f"{name}: the first code cell is not the bootstrap cell; put one there that says "
            f"`{PLACEHOLDER}` and is tagged `hide-input`, then run `make address`."
        )
    if "hide-input" not in cell["metadata"].get("tags", []):
        raise ValueError(f"{name}: tag the bootstrap cell (the first code cell) `hide-input`.")
    return cell


def links(where, branch):
    """Return the README's lines that open the book on Binder and Colab, "" without an address."""
    host, _, path = where.partition("://")[2].partition("/")
    if host != "github.com":
        return f"[The repository]({where})\n" if where else ""
    binder = f"https://mybinder.org/v2/gh/{path}/{branch}?urlpath=lab/tree/index.md"
    colab = f"https://colab.research.google.com/github/{path}/blob/{branch}/chapters"
    return (
        f"[Open the book on Binder]({binder}) ·\n"
        f"[the theory on Colab]({colab}/gru_theory.ipynb) ·\n"
        f"[the first system on Colab]({colab}/mnist_rows.ipynb)\n"
    )


def outdated(root, where, branch):
    """Find what does not carry the address `where`.

    Returns:
        A dict of path to new text.

    Raises:
        ValueError: a chapter has no bootstrap cell.
    """
    new = {}
    for path in sorted((root / "chapters").glob("*.ipynb")):
        text = path.read_text(encoding="utf8")
        notebook = json.loads(text)
        cell = bootstrap_cell(notebook, path.relative_to(root))
        wanted = bootstrap(where).splitlines(keepends=True)
        if "".join(cell["source"]) != "".join(wanted):
            cell["source"] = wanted
            # As nbformat writes it, so that nothing but the cell changes.
            new[path] = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    readme = root / "README.md"
    if readme.exists():
        text = readme.read_text(encoding="utf8")
        wanted = BADGES.sub(lambda found: found[1] + links(where, branch) + found[2], text)
        if wanted != text:
            new[readme] = wanted
    return new


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    try:
        in_field, branch = field(root)
        # The check is about what is stored: the environment of the moment does not matter to it.
        where = in_field if check and in_field else address(root)
        new = outdated(root, where, branch)
        if check and new and not in_field:
            # A clone has a remote, and the files that it came with say nothing yet.
            new = outdated(root, "", branch)
    except ValueError as error:
        return str(error)
    names = ", ".join(str(path.relative_to(root)) for path in new)
    if check:
        wrong = f"The bootstrap cell or the address is out of date in {names}: run `make address`."
        return wrong if new else 0
    for path, text in new.items():
        path.write_text(text, encoding="utf8")
    print(f"The book's address: {where or 'none'}. Changed: {names or 'nothing'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
