# make setup: an environment in .venv. make check: what a change should pass while working.
# make test: the whole fast suite. make ci: what a reviewer runs. make site: the pages as a site.

python ?= python3
bin = .venv/bin

setup: $(bin)/offramp

$(bin)/offramp:
	$(python) -m venv .venv
	$(bin)/pip install -q -r requirements/test.txt
	$(bin)/pip install -q --no-deps --no-build-isolation -e .

check: setup
	$(bin)/ruff check offramp tests docs bench
	$(bin)/ruff format --check -q offramp tests docs bench
	$(bin)/mypy
	$(bin)/python -m pytest tests/test_layout.py tests/test_front_door.py tests/test_docs.py

test: setup
	$(bin)/python -m pytest

ci:
	CI=true bash .ci/run

site: setup
	$(bin)/pip install -q --no-build-isolation -e '.[docs]'
	$(bin)/sphinx-build -W -q -b html -d build/doctrees docs build/site
	@echo "build/site/index.html"

.PHONY: setup check test ci site
