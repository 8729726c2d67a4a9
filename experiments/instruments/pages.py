"""A page of the built book in Chromium, for the measurements of its instruments."""

import contextlib
import pathlib
import sys

from web.chromium import launch

HTML = pathlib.Path("_build/html")  # of the root, where experiments run


@contextlib.contextmanager
def opened(name, start=True):
    """Open a page of the built book from disk, start its instruments; animations are off.

    Raises:
        SystemExit: the book is not built; the message says what to run.
        FileNotFoundError: there is no Chromium; the message says what to run.
        RuntimeError: the page complained in the console.
    """
    path = HTML.absolute() / name
    if not path.is_file():
        sys.exit("The book is not built: run `make book`.")
    # No event need wait for a screen that nobody looks at.
    with launch("--disable-frame-rate-limit") as browser:
        size = {"width": 1280, "height": 1000}
        page, complaints = browser.new_page(reduced_motion="reduce", viewport=size), []
        page.set_default_timeout(600_000)  # a busy machine opens a page slowly
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri(), wait_until="load")
        if start:
            for button in page.locator(".instrument-start button").all():
                button.click()
            page.locator(".instrument-start").first.wait_for(state="detached")
        yield page
        if complaints:
            raise RuntimeError(f"{name} complained: {complaints}")
