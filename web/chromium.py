"""One Chromium for the page tests, the printed book and the instruments' measurements.

`python -m web.chromium` sees to it that there is one.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# In containers there is no sandbox. The browser's own traffic is no page's request.
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    "There is no Chromium: run `python -m web.chromium`, which installs one, or set CHROMIUM "
    "to the program."
)


def find(playwright):
    """Return the program's path: CHROMIUM, one on the path, or Playwright's own; else None."""
    own = playwright.chromium.executable_path
    known = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), own]
    return next((path for path in known if path and Path(path).is_file()), None)


@contextlib.contextmanager
def launch(*flags):
    """Give a browser of Playwright's, started with these flags beside FLAGS.

    Raises:
        FileNotFoundError: there is no Chromium; the message says what to run.
    """
    with sync_playwright() as playwright:
        program = find(playwright)
        if program is None:
            raise FileNotFoundError(MISSING)
        with playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags]) as browser:
            yield browser


def install():
    """Install Debian's package where this user may do so, else fetch Playwright's own."""
    if shutil.which("apt-get"):
        sudo = ["sudo", "-n"] if os.geteuid() and shutil.which("sudo") else []
        apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt, "update"])
        subprocess.run([*apt, "install", "--yes", "--no-install-recommends", "chromium"])
    # Ubuntu's package of this name only points at a snap: a program may not have come of it.
    if not shutil.which("chromium"):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def main():
    with sync_playwright() as playwright:
        if find(playwright) is None:
            print("Installing Chromium for the pages ...", flush=True)
            install()
        sys.exit(None if find(playwright) else "No Chromium could be installed.")


if __name__ == "__main__":
    main()
