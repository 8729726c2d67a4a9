#!/usr/bin/env bash
# Create the virtual environment with the exact packages of requirements.txt, or bring it up to date.
set -euo pipefail
venv=$1

fits='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
# pip's own script names the environment's path: it does not start where the folder was moved.
if ! "$venv/bin/python" -c "$fits" 2>/dev/null || ! "$venv/bin/pip" --version >/dev/null 2>&1; then
  found=
  for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c "$fits" >/dev/null 2>&1; then found=$candidate; break; fi
  done
  if [ -z "$found" ]; then
    echo "The book needs Python 3.11, 3.12 or 3.13 with its venv module, and found none." >&2
    echo "On Debian or Ubuntu: sudo apt-get install python3 python3-venv; or name one: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
  fi
  echo "Creating the environment in $venv with $("$found" --version) ..."
  "$found" -m venv --clear "$venv"
fi

echo "Installing the pinned packages (about 3.5 GB on disk; two to five minutes the first time) ..."
"$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes -r requirements.txt
# The book's own package has no hash to check, it is the folder src/ itself; and it is built with the
# setuptools of the lock, where pip would fetch the newest.
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
# JupyterLab in this environment shows a Markdown page as a page, and does not ask for news.
settings="$venv/share/jupyter/lab/settings"
mkdir -p "$settings"
cat >"$settings/overrides.json" <<'JSON'
{
  "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
  "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}
}
JSON
touch "$venv/.installed"
