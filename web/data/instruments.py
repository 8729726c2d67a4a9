"""Write what the instruments read, in pieces: python web/data/instruments.py _build/web

The book's weights, and a few test digits from the cache, as classic scripts: a page opened from
disk may not fetch a file. web/instruments/lib/chunks.js puts the pieces together.
"""

import base64
import json
import pathlib
import sys

from grubook.data import load_mnist
from grubook.weights import export_weights, load_weights

#: Test digits: the chapter's two that look like another digit for a while, then one of each other.
EXAMPLES = [12, 47, 0, 2, 3, 4, 8, 11, 18, 61]


def write(folder, name, text, piece=40_000):
    """Cut a text into scripts of about the same length, at most so many characters."""
    count = -(-len(text) // piece)
    for i in range(count):
        part = json.dumps(text[i * len(text) // count : (i + 1) * len(text) // count])
        script = (
            f'((globalThis.grubook ??= {{}}).chunks ??= {{}})["{name}.{i}"] = '
            f"{{ count: {count}, part: {part} }};\n"
        )
        (folder / f"{name}.{i}.js").write_text(script, "utf-8")


def digits():
    *_, (x, y) = load_mnist()
    return {
        "labels": y[EXAMPLES].tolist(),
        "images": base64.b64encode(x[EXAMPLES].tobytes()).decode("ascii"),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    path = export_weights(load_weights("digits"), folder / "weights.part")
    write(folder, "mnist_rows", path.read_text("utf-8"))
    weights = load_weights("next_word", rounded=True)
    words = weights.pop("words").tolist()
    file = json.loads(export_weights(weights, path).read_text("utf-8"))
    write(folder, "next_word", json.dumps(file | {"words": words}), 200_000)
    path.unlink()
    write(folder, "digit_examples", json.dumps(digits()))


if __name__ == "__main__":
    main()
