"""Make the book to take away: `make pdf`, `make epub`.

    python -m tools.print_book pdf      all pages as one, printed by Chromium: tagged, outlined
    python -m tools.print_book epub     by Sphinx, with MathML

Both come from the notebooks' stored outputs. What moves in the page stands still here: no script
runs, folded code is unfolded, and the answers stand below the questions. The file goes to
_build/print; the next build of the pages links it from the landing page.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from web.chromium import launch

PRINT = Path("_build/print")


def build(folder, *options):
    """Build the book with another builder; show its log where that fails."""
    command = ["jupyter-book", "build", ".", "-n", "-W", "--keep-going", "--quiet"]
    command += [*options, "--path-output", folder]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    run = subprocess.run(command, **pipes, encoding="utf-8", errors="replace")
    if run.returncode:
        sys.exit(f"{run.stdout}\nThe book did not build; the lines above say why.")
    return folder / "_build"


def pdf(folder):
    """Print the one page of all pages."""
    page_file = build(folder, "--builder", "singlehtml") / "singlehtml" / "index.html"
    text = page_file.read_text("utf-8").replace("<details", "<details open")
    page_file.write_text(text, "utf-8")
    target = PRINT / "the-gru-book.pdf"
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "18mm")
    with launch() as browser:
        page = browser.new_page(java_script_enabled=False, color_scheme="light")
        page.goto(page_file.as_uri(), wait_until="load", timeout=120_000)
        options = {"tagged": True, "outline": True, "print_background": True}
        page.pdf(path=target, format="A4", margin=margin, **options)
    return target


def epub(folder):
    """Let Sphinx write the EPUB."""
    built = build(folder, "--builder", "custom", "--custom-builder", "epub")
    return Path(shutil.copy(built / "epub" / "the-gru-book.epub", PRINT))


def main():
    makers = {"pdf": pdf, "epub": epub}
    if len(sys.argv) != 2 or sys.argv[1] not in makers:
        sys.exit(__doc__)
    PRINT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = makers[sys.argv[1]](Path(folder).resolve())
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
