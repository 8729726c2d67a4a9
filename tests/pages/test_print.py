"""The book to take away: `make pdf` and `make epub`, made as a reader makes them."""

import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

import pytest
from built_book import ROOT

pytestmark = pytest.mark.browser

CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))


@pytest.fixture(scope="module", params=["pdf", "epub"])
def made(request):
    """Return the file, made afresh."""
    command = [sys.executable, ROOT / "tools" / "print_book.py", request.param]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    return ROOT / "_build" / "print" / f"the-gru-book.{request.param}"


def test_it_is_whole_and_can_be_read_aloud(made):
    if made.suffix == ".pdf":
        content = made.read_bytes()
        assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
        assert b"/MarkInfo <</Type /MarkInfo" in content or b"/Marked true" in content
        assert b"/Outlines" in content and b"/StructTreeRoot" in content
        assert content.count(b"/Type /Page\n") > 50
        return
    with zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        assert archive.read("mimetype") == b"application/epub+zip"
        names = archive.namelist()
        pages = [name for name in names if name.endswith(".xhtml")]
        for name in pages:
            ET.fromstring(archive.read(name))  # well-formed, or an error here
            assert b"<script" not in archive.read(name)
        assert {f"chapters/{chapter}.xhtml" for chapter in CHAPTERS} <= set(pages)
        assert b"<math" in archive.read("chapters/gru_theory.xhtml")


def test_the_landing_page_links_it(made):
    subprocess.run([ROOT / "tools" / "build_book.sh"], check=True, capture_output=True)
    html = ROOT / "_build" / "html"
    assert f'<a href="{made.name}" download>' in (html / "index.html").read_text("utf-8")
    assert (html / made.name).read_bytes() == made.read_bytes()
