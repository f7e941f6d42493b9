# Every command that people run here; CI runs the same. On Windows: `uv run dawnwatch demo`, `uv run pytest`.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: demo test check format lint types bicep infra bench docs package lock setup clean

demo: $(READY)  ## A bad morning in a box: about half a minute
	@$(VENV)/bin/dawnwatch demo

test: $(READY) node_modules/.ready build/protos/.ready chromium  ## All tests
	@$(PYTHON) -m pytest $(ARGS)

check: format lint types bicep  ## The gate before the tests: format, lint, types, Bicep where there is a compiler

format: $(READY)
	@$(VENV)/bin/ruff format --check .

lint: $(READY)
	@$(VENV)/bin/ruff check .

types: $(READY)
	@$(VENV)/bin/mypy

bicep: $(READY)
	@$(PYTHON) -m tools.infra --quick

infra: $(READY)  ## infra/ compiled, linted, compared with its snapshots, and checkov over what would be there
	@$(PYTHON) -m tools.infra $(ARGS)

bench: $(READY) build/protos/.ready  ## Speed and memory, as ratios in one run
	@$(PYTHON) -m bench

docs: $(READY)  ## Generate docs/findings.md, docs/settings.md and the pictures of the README
	@$(PYTHON) -m shared.catalogue > docs/findings.md
	@$(PYTHON) -m shared.app_settings > docs/settings.md
	@$(PYTHON) -m sandbox.demo.pictures docs/images

package: $(READY)  ## dist/dawnwatch.zip, what is deployed to Azure, and the same unpacked in build/package
	@$(PYTHON) -m tools.packaging

lock: $(READY)  ## Choose the newest versions that requirements.txt allows: requirements.lock
	@$(PYTHON) -m tools.packaging.lock

setup: $(READY) node_modules/.ready build/protos/.ready chromium

# The virtual environment: with Python 3.13 or newer, or through uv, which brings one.
$(READY): pyproject.toml requirements.txt
	@sh tools/make_venv.sh $(VENV)
	@touch $@

# Azurite and the Kusto parser come by npm. Without it the tests that need them say so and are skipped.
node_modules/.ready: package.json package-lock.json
	@mkdir -p node_modules
	@if command -v npm >/dev/null; then npm ci --silent --no-progress; \
	else echo "npm is not installed: tests that need Azurite or the Kusto parser will be skipped"; fi
	@touch $@

# What the Functions host says to its worker. Without it the tests on the real worker say so and are skipped.
build/protos/.ready: tools/fetch_protos.py $(READY)
	@$(PYTHON) $< build/protos

chromium:
	@sh tools/find_chromium.sh

clean:
	rm -rf $(VENV) .venv-checkov node_modules out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
