"""One Chromium for the tests of the built pages, and a record of what a page does in it."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.built_book import HTML, INSTRUMENTS, START, page_names
from web.chromium import launch

PATIENCE = 120_000  # milliseconds: a busy machine opens a page slowly
expect.set_options(timeout=PATIENCE)


def pytest_generate_tests(metafunc):
    # One test a page. Where nothing is built there is still one, which fails and says so.
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", page_names() or ["index.html"], scope="module")


def pytest_collection_modifyitems(items):
    # A browser on a busy machine may fail once: it runs again, and the summary says RERUN.
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def html():
    """Return the folder of the built book."""
    if not (HTML / "index.html").is_file():
        pytest.fail("The book is not built: run `make book`.")
    return HTML


# Not for the whole session: Playwright's event loop must be gone before notebooks are executed.
@pytest.fixture(scope="module")
def browser():
    """Start Chromium, or fail and say what to run."""
    with launch() as chromium:
        yield chromium


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(html):
    """Serve the book as a host would; return the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def opened(browser, html):
    """Return a function that opens a built page, from disk or `at` a host: (page, complaints).

    The complaints are a list that grows: console messages, errors, files that are missing, and
    requests that leave the book, which are refused.
    """
    contexts = {}

    def open_page(name, scheme="light", width=1280, query="", at=None):
        if scheme not in contexts:
            contexts[scheme] = browser.new_context(color_scheme=scheme)
            contexts[scheme].set_default_timeout(PATIENCE)
        page = contexts[scheme].new_page()
        page.set_viewport_size({"width": width, "height": 900})
        home = at or html.as_uri()
        complaints = []

        def judge(route):
            url = route.request.url
            if url.startswith((home, "data:", "blob:")):
                route.continue_()
            else:
                complaints.append(f"asks for {url}")
                route.abort()

        page.route("**/*", judge)
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"not loaded: {request.url}"))
        page.goto(f"{home}/{name}{query}", wait_until="load")
        return page, complaints

    yield open_page
    for context in contexts.values():
        context.close()


@pytest.fixture
def silent(opened):
    """Return what opens a page as `opened` does; in the end nobody may have complained."""
    pages = []

    def open_page(*arguments, **options):
        pages.append(opened(*arguments, **options))
        return pages[-1][0]

    yield open_page
    for page, complaints in pages:
        page.close()
        assert complaints == []


@pytest.fixture
def instrument(silent):
    """Return a function that opens a page at its instrument, once it can be used."""

    def show(name, scheme="light", width=1280, at=None, query=""):
        places, ready = INSTRUMENTS[name]
        page = silent(at or places[0], scheme, width, query)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.locator(f".{name}.is-live").scroll_into_view_if_needed()
        page.evaluate(START, name)
        page.locator(ready).first.wait_for(state="attached")
        return page

    return show
