#!/usr/bin/env bash
# Renews every pin: run.txt and test.txt with the newest that pyproject.toml allows, oldest.txt with
# the oldest. Each is for all systems and all Pythons from 3.11 on, by markers, and names no host.
#
# Needs uv: python3 -m venv /tmp/uv && /tmp/uv/bin/pip install uv, and PATH=/tmp/uv/bin:$PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
pins() {
  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
    --no-strip-extras --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
    --extra build "$@" pyproject.toml
}
pins -o requirements/run.txt
pins --extra test -o requirements/test.txt
pins --extra test --resolution lowest-direct -o requirements/oldest.txt
if grep -n "://" requirements/*.txt; then
  echo "a host stands in the pins" >&2
  exit 1
fi
