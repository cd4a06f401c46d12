# `make app` and `make test` do all their own set-up: Python 3.11 or later and make are enough.

PORT ?= 8501
JOBS ?= 2
INPUTS ?= 50000
SEED ?= 16
# The first Python on the path that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

bin := .venv/bin
pip := $(bin)/python -m pip --disable-pip-version-check
new_pip := install --quiet --upgrade 'pip>=25.1' # the first that knows --group
notebooks := $(wildcard notebooks/*.ipynb)

.PHONY: help app test fuzz check format bench lab docs wheel clean
.NOTPARALLEL:

help:
	@echo 'make app     start the app at http://127.0.0.1:$(PORT) (PORT=… for another port)'
	@echo 'make test    run every test: doctests, unit, browser, packaging, notebooks'
	@echo 'make fuzz    $(INPUTS) odd inputs (INPUTS=…, SEED=…) by every entrance'
	@echo 'make check   lint, formatting and types'
	@echo 'make format  put the code into shape'
	@echo 'make bench   run the benchmarks'
	@echo 'make lab     open the notebooks'
	@echo 'make docs    build the site in site/, lessons run, links checked, offline'
	@echo 'make wheel   build the wheel, check it, and test it in a fresh environment'
	@echo 'make clean   remove what the other commands made'

# Compiles the kernel of the engine, once.
warm = $(bin)/python -c 'from lumbayes.inference.queries import use_kernel; use_kernel()'

.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or later was not found. Name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	$(PYTHON) -m venv .venv

# What the app needs; the development tools are left out, so that it starts sooner.
.venv/app.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(pip) $(new_pip)
	$(pip) install --quiet --only-binary :all: -c constraints.txt -e '.[app,fast]'
	$(warm)
	@touch $@

.venv/dev.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(pip) $(new_pip)
	$(pip) install --quiet --only-binary :all: -c constraints.txt -e '.[all]' --group dev
	$(warm)
	@touch .venv/app.stamp $@

app: .venv/app.stamp
	$(bin)/lumbayes app --port $(PORT)

test: .venv/dev.stamp
	$(bin)/python -m pytest -n $(JOBS) --dist loadfile

fuzz: .venv/dev.stamp
	LUMBAYES_FUZZ=$(INPUTS) LUMBAYES_FUZZ_SEED=$(SEED) LUMBAYES_DOUBLES=200 \
		$(bin)/python -m pytest -n $(JOBS) tests/fuzz tests/commands/test_interrupts.py

check: .venv/dev.stamp
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(if $(notebooks),$(bin)/nbstripout --verify $(notebooks))

format: .venv/dev.stamp
	$(bin)/ruff check --fix .
	$(bin)/ruff format .
	$(if $(notebooks),$(bin)/nbstripout $(notebooks))

bench: .venv/dev.stamp
	@set -e; for f in $(wildcard benchmarks/bench_*.py); do echo "== $$f"; $(bin)/python $$f; done

lab: .venv/dev.stamp
	$(bin)/jupyter lab notebooks

# Not --quiet, which counts no warnings. NO_MKDOCS_2_WARNING: the theme prints an appeal otherwise.
docs: .venv/dev.stamp
	NO_MKDOCS_2_WARNING=1 $(bin)/mkdocs build --strict
	@echo 'built: site/index.html'

wheel: .venv/dev.stamp
	rm -rf dist build/wheel-venv
	$(bin)/python -m build --wheel --no-isolation --outdir dist
	$(bin)/check-wheel-contents dist/*.whl
	$(bin)/python -m venv build/wheel-venv
	build/wheel-venv/bin/python -m pip $(new_pip)
	build/wheel-venv/bin/python -m pip install --quiet --only-binary :all: -c constraints.txt "$$(echo dist/*.whl)[all]" --group dev
	build/wheel-venv/bin/python -m pytest -n $(JOBS) --dist loadfile tests

clean:
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
