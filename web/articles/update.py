"""Put what the articles' programs do into chapters/articles.md: python -m web.articles.update

The page marks each place with ``<!-- captured: name -->``. The program's lines and its result
follow as two blocks of code; nothing of them is typed.
"""

import json
import pathlib
import re
import subprocess
import sys
import textwrap

HERE = pathlib.Path("web/articles")  # of the book's root, where this runs
PAGE = pathlib.Path("chapters/articles.md")
MARK = re.compile(
    r"(<!-- captured: ([\w-]+) -->\n)(?:```\w+\n.*?```\n)?(?:\n?```text\n.*?```\n)?", re.S
)


def capture():
    """Run both programs; return {name: {language, code, result}}."""
    found = {}
    for command in (["node", "captures.mjs"], [sys.executable, "captures.py"]):
        run = subprocess.run(command, cwd=HERE, check=True, capture_output=True, encoding="utf-8")
        found |= json.loads(run.stdout)
    return found


def fill(page, captured):
    """Return the page with what was captured in its places.

    Raises:
        ValueError: the page has no place for a capture, or names one that does not exist.
    """
    places = {found[2] for found in MARK.finditer(page)}
    if places != captured.keys():
        raise ValueError(
            f"articles.md and the captures differ in {sorted(places ^ captured.keys())}"
        )

    def blocks(found):
        case = captured[found[2]]
        result = textwrap.fill(case["result"], 100, break_long_words=False, break_on_hyphens=False)
        return f"{found[1]}```{case['language']}\n{case['code']}\n```\n\n```text\n{result}\n```\n"

    return MARK.sub(blocks, page)


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text("utf-8"), capture()), "utf-8")
