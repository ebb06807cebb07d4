# make setup: an environment in .venv. make check: what a change should pass while working.
# make test: the whole fast suite. make ci: what a reviewer runs. make site: the pages as a site.
# make page: the workbench's page, built again if something in web/ has changed. make looks: the
# worlds of the shipped cases, which a released wheel brings.

python ?= python3
bin = .venv/bin

setup: $(bin)/offramp

$(bin)/offramp:
	$(python) -m venv .venv
	$(bin)/pip install -q -r requirements/test.txt
	$(bin)/pip install -q --no-deps --no-build-isolation -e .

check: setup
	$(bin)/ruff check offramp tests docs bench hatch_build.py
	$(bin)/ruff format --check -q offramp tests docs bench hatch_build.py
	$(bin)/mypy
	$(bin)/python -m pytest tests/test_layout.py tests/test_front_door.py tests/test_docs.py

test: setup
	$(bin)/python -m pytest

ci:
	CI=true bash .ci/run

page: setup
	OFFRAMP_WEB=required $(bin)/pip install -q --no-deps --no-build-isolation -e .

looks: setup
	$(bin)/python docs/looks.py

site: setup
	$(bin)/pip install -q --no-build-isolation -e '.[docs]'
	$(bin)/sphinx-build -W -q -b html -d build/doctrees docs build/site
	@echo "build/site/index.html"

.PHONY: setup check test ci page looks site
