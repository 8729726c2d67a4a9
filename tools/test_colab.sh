#!/usr/bin/env bash
# Run notebooks as Colab does: each file alone in an empty folder, in an environment with Colab's
# versions (tools/colab.txt). A bare clone of this repository's last commit stands in for the
# book's public address. The first cell must install the helpers and what they need, and leave
# TensorFlow, Keras and NumPy alone. Outputs are not compared: other versions round otherwise.
set -euo pipefail
python=$PWD/_build/colab/bin/python
versions() { "$python" -m pip freeze | grep -E '^(tensorflow([-_]cpu)?|keras|numpy)=='; }

alone=$(mktemp -d)
trap 'rm -rf "$alone"' EXIT
git clone --quiet --bare . "$alone/book.git"
before=$(versions)
echo "$before"
# On Colab a cell's shell finds the environment's own programs first, and nothing of the book.
unset PYTHONPATH VIRTUAL_ENV
export PATH=$PWD/_build/colab/bin:/usr/local/bin:/usr/bin:/bin
for path in "$@"; do
  "$python" -m pip uninstall --quiet --yes grubook pypi-simple 2>/dev/null
  address=$(grep -oE 'git\+https?://[^\\"]+' "$path" | head -n 1)
  mkdir "$alone/empty"
  sed "s|${address#git+}|file://$alone/book.git|g" "$path" >"$alone/empty/$(basename "$path")"
  echo "$path ..."
  (cd "$alone/empty" && jupyter-execute --timeout=900 ./*.ipynb)
  rm -rf "$alone/empty"
  if [ "$(versions)" != "$before" ]; then
    echo "$path changed the versions: $(versions)" >&2
    exit 1
  fi
done
echo "$# passed."
