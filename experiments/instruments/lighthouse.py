"""How fast is each page, and what does an audit find? Lighthouse, three runs, and axe.

Each page of the built book, served gzipped from this machine, on a phone and on a desktop, both as
Lighthouse simulates them. A figure is the median of three runs; first_view_kb is what was sent, and
the best and the worst of the three performance scores say how far a busy machine moves them.

`python -m experiments.instruments.lighthouse` measures every page, or those that are named
(`index.html`), and stores what it found in lighthouse.json beside this file. It should have the
machine for itself. The book must be built: `make book`. Lighthouse is fetched into _build/measure,
in the versions of web/measure/package-lock.json; readers and tests do without.
"""

import functools
import gzip
import http.server
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading

from playwright.sync_api import sync_playwright

from experiments.instruments.pages import HTML
from web.chromium import FLAGS, find, launch

RUNS = 3
RESULT = pathlib.Path("experiments/instruments/lighthouse.json")
FORMS = {"mobile": [], "desktop": ["--preset=desktop"]}
PACKAGES = pathlib.Path("web/measure")
THERE = pathlib.Path("_build/measure")
AXE = pathlib.Path("web/node_modules/axe-core/axe.min.js")
FAULTS = """async () => (await axe.run(document, { resultTypes: ["violations"], preload: false }))
  .violations.map(({ id }) => id)"""
SCORES = ("performance", "accessibility", "best-practices", "seo")


class Gzipped(http.server.SimpleHTTPRequestHandler):
    """Serve a folder as most hosts do: text gzipped, and to be kept."""

    protocol_version = "HTTP/1.1"

    def send_head(self):
        path = pathlib.Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return None
        body, packed = path.read_bytes(), path.suffix in {".html", ".css", ".js", ".svg"}
        body = gzip.compress(body) if packed else body
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_):
        pass


def fetch():
    """Install Lighthouse where it is not there in the version that is locked."""
    lock = (PACKAGES / "package-lock.json").read_text("utf-8")
    there = THERE / "package-lock.json"
    if there.is_file() and there.read_text("utf-8") == lock and (THERE / "node_modules").is_dir():
        return
    shutil.copytree(PACKAGES, THERE, dirs_exist_ok=True)
    command = ["npm", "ci", "--prefix", str(THERE), "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*command, "--loglevel=error"], check=True)


def audit(url, form, program):
    """Run Lighthouse once; return its scores, the layout's shift, kilobytes and milliseconds."""
    flags = " ".join(["--headless=new", *FLAGS])
    command = ["node", THERE / "node_modules/lighthouse/cli/index.js", url, "--output=json"]
    command += ["--quiet", f"--chrome-flags={flags}", *FORMS[form]]
    environment = os.environ | {"CHROME_PATH": program}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    report = json.loads(done.stdout)
    value = {name: audit.get("numericValue") for name, audit in report["audits"].items()}
    scores = {name.replace("-", "_"): report["categories"][name]["score"] for name in SCORES}
    found = {name: round(100 * score) for name, score in scores.items()}
    found["cls"] = round(value["cumulative-layout-shift"], 3)
    found["first_view_kb"] = round(value["total-byte-weight"] / 1000)
    found["contentful_ms"] = round(value["first-contentful-paint"])
    found["blocking_ms"] = round(value["total-blocking-time"])
    return found


def axe(url):
    """Return the names of the rules that axe finds broken."""
    with launch() as browser:
        page = browser.new_page()
        page.goto(url, wait_until="load")
        page.evaluate(AXE.read_text("utf-8") + "; null")
        return page.evaluate(FAULTS)


def main():
    pages = sorted(path for path in HTML.rglob("*.html") if HTML / "_static" not in path.parents)
    if not pages:
        sys.exit("The book is not built: run `make book`.")
    if strange := set(sys.argv[1:]) - {path.relative_to(HTML).as_posix() for path in pages}:
        sys.exit(f"There is no page {', '.join(sorted(strange))} below {HTML}.")
    fetch()
    with sync_playwright() as playwright:
        program = find(playwright)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Gzipped, directory=HTML)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, encoding="utf-8"
    )
    found = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    for path in pages:
        name = path.relative_to(HTML).as_posix()
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        url = f"http://127.0.0.1:{server.server_port}/{name}"
        faults = axe(url)
        for form in FORMS:
            runs = [audit(url, form, program) for _ in range(RUNS)]
            middle = {what: statistics.median(run[what] for run in runs) for what in runs[0]}
            scores = [run["performance"] for run in runs]
            beside = {"performances": scores, "axe": faults, "commit": commit.stdout.strip()}
            found[f"{name}, {form}"] = middle | beside
            print(name, form, found[f"{name}, {form}"], flush=True)
            RESULT.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", "utf-8")
    server.shutdown()


if __name__ == "__main__":
    main()
