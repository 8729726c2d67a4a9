"""Write the trained networks for JavaScript: python web/data/models.py _build/web

As files for Node.js (models/), and as classic scripts for pages that are opened from disk.
"""

import base64
import json
import pathlib
import sys

from grubook.weights import export_weights, load_weights


def write_script(path, name, value):
    line = f"(globalThis.grubook ??= {{}}).{name} = {json.dumps(value)};\n"
    path.write_text(line, "utf-8")


def main():
    folder = pathlib.Path(sys.argv[1])
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    # The book's best digits network resets after the product: plain arrays can carry that.
    export_weights(load_weights("digits"), models / "digits.json")
    path = export_weights(load_weights("digits_reset_before"), models / "digits", layers_model=True)
    model = {
        "model": json.loads(path.read_text("utf-8")),
        "weights": base64.b64encode((path.parent / "weights.bin").read_bytes()).decode("ascii"),
    }
    write_script(folder / "digits_model.js", "digitsModel", model)
    words = load_weights("next_word", rounded=True)
    vocabulary = words.pop("words").tolist()
    path = export_weights(words, models / "next_word.json")  # it has 8 bits already
    words = json.loads(path.read_text("utf-8")) | {"words": vocabulary}
    path.write_text(json.dumps(words), "utf-8")
    write_script(folder / "next_word_model.js", "nextWordModel", words)


if __name__ == "__main__":
    main()
