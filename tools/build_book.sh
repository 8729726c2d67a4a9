#!/usr/bin/env bash
# Build the HTML book from the notebooks' stored outputs; warnings are errors.
#     tools/build_book.sh data      only what pages and programs show of the data, from the cache
# Jupyter Book exits with 0 when some problems occur, so the page that must exist is looked for too.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p _build/web
for script in web/data/*.py; do
  python "$script" _build/web
done
[ "${1:-}" != data ] || exit 0

if ! command -v node >/dev/null; then
  echo "Node.js is missing: run \`make book\`, which brings it with the environment in .venv." >&2
  exit 1
fi
node web/build.mjs
log=_build/build.log
if ! jupyter-book build . -n -W --keep-going --quiet >"$log" 2>&1 || [ ! -f _build/html/index.html ]; then
  cat "$log" >&2
  echo "The book did not build; the lines above say why (also in $log)." >&2
  exit 1
fi
