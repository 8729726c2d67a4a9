"""Make the book to take away: `make pdf`, `make epub`.

    python tools/print_book.py pdf      all pages as one, printed by Chromium: tagged, outlined
    python tools/print_book.py epub     by Sphinx, with MathML

Both come from the notebooks' stored outputs. What moves in the page stands still here: no script
runs, folded code is unfolded, and the answers stand below the questions. The file goes to
_build/print; the next build of the pages links it from the landing page.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRINT = ROOT / "_build" / "print"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def build(folder, *options):
    """Build the book with another builder; show its log where that fails."""
    command = ["jupyter-book", "build", ROOT, "-n", "-W", "--keep-going", "--quiet"]
    command += [*options, "--path-output", folder]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    run = subprocess.run(command, **pipes, encoding="utf-8", errors="replace")
    if run.returncode:
        sys.exit(f"{run.stdout}\nThe book did not build; the lines above say why.")


def pdf(folder):
    """Print the one page of all pages."""
    from playwright.sync_api import sync_playwright

    build(folder, "--builder", "singlehtml")
    page_file = folder / "_build" / "singlehtml" / "index.html"
    text = page_file.read_text("utf-8").replace("<details", "<details open")
    page_file.write_text(text, "utf-8")
    target = PRINT / "the-gru-book.pdf"
    with sync_playwright() as playwright:
        known = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES)]
        program = next((name for name in known if name), None)
        with playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser:
            page = browser.new_page(java_script_enabled=False, color_scheme="light")
            page.goto(page_file.as_uri(), wait_until="load", timeout=120_000)
            margin = dict.fromkeys(("top", "bottom", "left", "right"), "18mm")
            options = {"format": "A4", "margin": margin, "tagged": True, "outline": True}
            page.pdf(path=target, print_background=True, **options)
    return target


def epub(folder):
    """Let Sphinx write the EPUB, and see that it is one."""
    build(folder, "--builder", "custom", "--custom-builder", "epub")
    made = folder / "_build" / "epub" / "the-gru-book.epub"
    with zipfile.ZipFile(made) as archive:
        if archive.testzip() or "mimetype" not in archive.namelist():
            sys.exit("The EPUB is damaged.")
    return Path(shutil.copy(made, PRINT))


def main():
    makers = {"pdf": pdf, "epub": epub}
    if sys.argv[1:] not in [[name] for name in makers]:
        sys.exit(__doc__)
    PRINT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = makers[sys.argv[1]](Path(folder))
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
