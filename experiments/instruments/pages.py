"""A page of the built book in Chromium, for the measurements of its instruments."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

HTML = pathlib.Path(__file__).resolve().parents[1] / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# In containers there is no sandbox; and no event need wait for a screen that nobody looks at.
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-frame-rate-limit"]


@contextlib.contextmanager
def opened(name):
    """Open a page of the built book from disk; animations are off, so that answers are final.

    Raises:
        SystemExit: the book is not built, or there is no Chromium; the message says what to run.
        AssertionError: the page complained in the console.
    """
    if not (HTML / name).is_file():
        sys.exit("The book is not built: run `make book`.")
    with sync_playwright() as playwright:
        known = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES)]
        known.append(playwright.chromium.executable_path)
        program = next((path for path in known if path and pathlib.Path(path).is_file()), None)
        if program is None:
            sys.exit("There is no Chromium: run `python -m playwright install chromium`.")
        with playwright.chromium.launch(executable_path=program, args=FLAGS) as browser:
            size = {"width": 1280, "height": 1000}
            context = browser.new_context(reduced_motion="reduce", viewport=size)
            page, complaints = context.new_page(), []
            page.set_default_timeout(600_000)  # a busy machine opens a page slowly
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto((HTML / name).as_uri(), wait_until="load")
            yield page
            assert complaints == [], complaints


def scripts_digest(*names):
    """SHA-256 over scripts of the built book: which program was measured."""
    digest = hashlib.sha256()
    for name in names:
        digest.update((HTML / "_static" / "web" / f"{name}.js").read_bytes())
    return digest.hexdigest()
