#!/usr/bin/env bash
# See to it that the browser tests find a Chromium: one that is there, Debian's package, or Playwright's.
# When none can be had this script still succeeds: the browser tests then fail and say what to run.
set -uo pipefail

[ -n "${CHROMIUM:-}" ] && exit 0
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done
installed='from playwright.sync_api import sync_playwright as p
import pathlib
with p() as play: raise SystemExit(not pathlib.Path(play.chromium.executable_path).is_file())'
python -c "$installed" 2>/dev/null && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null && as_root="sudo -n"
fi
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
  echo "Installing Chromium for the browser tests (Debian's package) ..."
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -qq
  # Ubuntu's package of this name only points at a snap, so ask whether a program really came of it.
  $as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null && command -v chromium >/dev/null && exit 0
fi
echo "Fetching Chromium for the browser tests (Playwright's own download) ..."
python -m playwright install chromium && exit 0
echo "No Chromium could be installed; the browser tests will fail and say what to do." >&2
exit 0
