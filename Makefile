# Entry points that stay: each works from a fresh clone with Python 3.11+, pip, git and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := uv==0.13.9
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-slow lint bench conformance docs package sbom min-deps clean

demo: $(VENV)/.runtime  ## the main job on an embedded dataset: recordings to a network on a chip
	$(BIN)/spikelake demo --out spikelake-demo

test: $(VENV)/.dev lint  ## lint, types, layer contracts, tests
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal

test-slow: $(VENV)/.dev  ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	test -d tests/benchmarks/.mypy_cache || cp -r .mypy_cache tests/benchmarks/ || true  # both look at the same packages
	cd tests/benchmarks && ../../$(BIN)/mypy --config-file ../../pyproject.toml --no-explicit-package-bases bench_*.py conformance*.py run.py
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell

bench: $(VENV)/.runtime  ## measure against the peers, in an environment of their own; writes docs/benchmarks.md
	$(BIN)/python tests/benchmarks/run.py

conformance: $(VENV)/.runtime  ## hold other decoders against the corpus; writes docs/reference/conformance.md
	$(BIN)/python tests/benchmarks/conformance.py

docs: $(VENV)/.docs  ## build the documentation site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet -f .mkdocs.yml
	! grep -rl --include=*.html '```' site  # a block that was not understood

package: $(VENV)/.dev  ## build the wheel and the source distribution into dist/, the same bytes each time
	rm -rf dist/spikelake-*
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/hatchling build -d dist

sbom: $(VENV)/.runtime  ## what is installed, as CycloneDX, and its licences, into dist/
	$(BIN)/python -m eventstore.bill_of_materials --out dist

min-deps: pyproject.toml  ## tests against the oldest versions that pyproject.toml allows, in .venv-min
	$(PYTHON) -m venv .venv-min
	.venv-min/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	.venv-min/bin/uv pip install --quiet --python .venv-min/bin/python --resolution lowest-direct \
	  --requirements pyproject.toml --extra demo --extra formats --extra s3 --extra http --extra distributed --extra log
	.venv-min/bin/uv pip install --quiet --python .venv-min/bin/python --no-deps --editable .
	rm -rf .venv-min/demo && .venv-min/bin/spikelake demo --out .venv-min/demo

clean:
	rm -rf $(VENV) .venv-bench .venv-min site dist spikelake-demo

$(VENV)/.runtime: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("spikelake needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade "pip>=25.1"
	$(PIP) --editable ".[demo,formats]"
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) --group dev
	touch $@

$(VENV)/.docs: $(VENV)/.dev
	$(PIP) --group docs
	touch $@
