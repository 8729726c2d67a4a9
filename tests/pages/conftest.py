"""One Chromium for the tests of the built pages, and a record of what a page does in it."""

import os
import shutil
from pathlib import Path

import pytest
from built_book import HTML, page_names
from playwright.sync_api import expect, sync_playwright

# The browser's own traffic is no page's request. --no-sandbox: in containers there is none.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 120_000  # milliseconds: a busy machine opens a page slowly
expect.set_options(timeout=PATIENCE)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_generate_tests(metafunc):
    # One test a page. Where nothing is built there is still one, which fails and says so.
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", page_names() or ["index.html"], scope="module")


@pytest.fixture(scope="session")
def html():
    """Return the folder of the built book."""
    if not (HTML / "index.html").is_file():
        pytest.fail("The book is not built: run `make book`.")
    return HTML


# Not for the whole session: Playwright's event loop must be gone before notebooks are executed.
@pytest.fixture(scope="module")
def browser():
    """Start Chromium: CHROMIUM, one on the path, or Playwright's own."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        known = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), own]
        program = next((path for path in known if path and Path(path).is_file()), None)
        if program is None:
            pytest.fail("There is no Chromium: run `python -m playwright install chromium`.")
        with playwright.chromium.launch(executable_path=program, args=FLAGS) as chromium:
            yield chromium


@pytest.fixture(scope="module")
def opened(browser, html):
    """Return a function that opens a built page from disk and gives (page, complaints).

    The complaints are a list that grows: console messages, errors, files that are missing, and
    requests that leave the book's folder, which are refused.
    """
    contexts = {}

    def open_page(name, scheme="light", width=1280, query=""):
        if scheme not in contexts:
            contexts[scheme] = browser.new_context(color_scheme=scheme)
            contexts[scheme].set_default_timeout(PATIENCE)
        page = contexts[scheme].new_page()
        page.set_viewport_size({"width": width, "height": 900})
        complaints = []

        def judge(route):
            url = route.request.url
            if url.startswith((html.as_uri(), "data:", "blob:")):
                route.continue_()
            else:
                complaints.append(f"asks for {url}")
                route.abort()

        page.route("**/*", judge)
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"not loaded: {request.url}"))
        page.goto((html / name).as_uri() + query, wait_until="load")
        return page, complaints

    yield open_page
    for context in contexts.values():
        context.close()
