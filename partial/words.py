import re, sys, pathlib
from tests.chapters.test_notebooks import *
for n in sys.argv[1:]:
    path=pathlib.Path(f"chapters/{n}.ipynb")
    prose = (NO_WORDS.sub(" ", NOT_PROSE.sub(" ", text)) for _, text in cells(path, "markdown"))
    print(n, sum(len(re.findall(r"[^\W_][\w'’-]*", text)) for text in prose), sum(1 for _ in cells(path,"code")))
