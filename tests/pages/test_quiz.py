"""The questions at a chapter's end, answered as a reader would, by mouse and by keyboard."""

import re

import nbformat
import pytest

from tests.pages.built_book import CHAPTERS, ROOT

pytestmark = pytest.mark.browser

ORDINALS = ["first", "second", "third", "fourth", "fifth"]


def section(chapter):
    """Return a chapter's Markdown cell of questions."""
    notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", 4)
    found = [c.source for c in notebook.cells if c.source.startswith("## Check yourself")]
    assert len(found) == 1, f"{chapter} has {len(found)} cells that begin with ## Check yourself"
    return found[0]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_as_plain_markdown_every_question_has_its_options_and_an_answer_that_is_one(chapter):
    questions, _, answers = section(chapter).partition("**Answers**")
    blocks = re.split(r"^\*\*\d+\. ", questions, flags=re.MULTILINE)[1:]
    options = [len(re.findall(r"^- ", block, re.MULTILINE)) for block in blocks]
    right = re.findall(r"^\d+\. \*\*The (\w+)\.\*\* \S", answers, re.MULTILINE)
    assert len(right) == len(options) >= 3
    for word, count in zip(right, options, strict=True):
        assert ORDINALS.index(word) < count
    assert len(set(right)) > 1, "the right answer always stands at the same place"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_page_asks_judges_and_counts(opened, chapter):
    page, complaints = opened(f"chapters/{chapter}.html", width=390)
    answers = section(chapter).partition("**Answers**")[2]
    right = [ORDINALS.index(word) for word in re.findall(r"\*\*The (\w+)\.\*\*", answers)]
    groups = page.locator(".quiz-options").all()
    assert len(groups) == len(right)
    assert not page.locator(".quiz-answers").first.is_visible()
    for number, (group, answer) in enumerate(zip(groups, right, strict=True)):
        options = group.locator("button")
        if number == 0:  # a wrong try first, and the right one by keyboard
            options.nth((answer + 1) % options.count()).click()
            assert "Not this one" in page.locator(".quiz-verdict").first.inner_text()
            assert page.locator(".quiz-score").inner_text() == ""
            options.nth(answer).focus()
            page.keyboard.press("Enter")
        else:
            options.nth(answer).click()
        assert page.locator(".quiz-verdict").nth(number).inner_text().startswith("Right.")
    count = len(right)
    said = page.locator(".quiz-score").inner_text()
    page.close()
    assert said == f"{count} of {count} answered, {count - 1} at the first try."
    assert complaints == []
