"""The book to take away: `make pdf` and `make epub`, made as a reader makes them."""

import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

import pytest

from tests.pages.built_book import CHAPTERS, ROOT

pytestmark = pytest.mark.browser


def make(kind):
    command = [sys.executable, "-m", "tools.print_book", kind]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    return ROOT / "_build" / "print" / f"the-gru-book.{kind}"


def test_the_pdf_is_whole_tagged_and_outlined():
    content = make("pdf").read_bytes()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert b"/Marked true" in content and b"/StructTreeRoot" in content
    assert b"/Outlines" in content
    assert content.count(b"/Type /Page\n") > 50


def test_the_epub_is_whole_and_its_formulas_are_mathml():
    with zipfile.ZipFile(make("epub")) as archive:
        assert archive.testzip() is None
        assert archive.read("mimetype") == b"application/epub+zip"
        pages = [name for name in archive.namelist() if name.endswith(".xhtml")]
        for name in pages:
            ET.fromstring(archive.read(name))  # well-formed, or an error here
            assert b"<script" not in archive.read(name)
        assert {f"chapters/{chapter}.xhtml" for chapter in CHAPTERS} <= set(pages)
        assert b"<math" in archive.read("chapters/gru_theory.xhtml")


def test_the_landing_page_links_both():
    made = [ROOT / "_build" / "print" / f"the-gru-book.{kind}" for kind in ("pdf", "epub")]
    subprocess.run([ROOT / "tools" / "build_book.sh"], check=True, capture_output=True)
    page = (ROOT / "_build" / "html" / "index.html").read_text("utf-8")
    for path in made:
        assert f'<a href="{path.name}" download>' in page
        assert (ROOT / "_build" / "html" / path.name).read_bytes() == path.read_bytes()
