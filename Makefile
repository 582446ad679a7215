# What a newcomer, a developer and CI type. Needs Python 3.11 or newer and make; nothing else, and no root.

PORT ?= 8000
BENCH ?= --publish
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# Two at a time: they wait for processes and clocks more than they compute.
PYTEST := $(BIN)/python -X dev -m pytest -n 2
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
# The first Python here that is new enough, by its own path: asked from /, because .python-version, which is for Heroku,
# would make pyenv refuse the others.
PYTHON ?= $(shell cd / && for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test check chaos bench bench-thumbnails clean

help: ## show this
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1 \2/p' $(MAKEFILE_LIST) | awk '{ printf "%s %-17s", $$1, $$2; $$1 = $$2 = ""; print $$0 }'

run: export DEBUG := 1
run: $(RUNTIME) ## install, make a demo account and serve on 127.0.0.1:8000 (PORT=…), web and worker in one process
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo
	@port=$$($(BIN)/python -m myproject.free_port $(PORT)) && export SITE_URL=http://127.0.0.1:$$port && \
		echo "Open $$SITE_URL (Ctrl-C ends it)" && exec $(MANAGE) runserver 127.0.0.1:$$port

test: $(DEVELOPMENT) ## run every test, on SQLite alone, then on real PostgreSQL and Redis, started from wheels
	@echo "== 1/4 everything on SQLite and the in-memory layer"
	@$(PYTEST) --database sqlite --layer memory
	@echo "== 2/4 the contract on SQLite and Redis"
	@$(PYTEST) --database sqlite --layer redis -m contract
	@echo "== 3/4 the contract on PostgreSQL and the in-memory layer"
	@$(PYTEST) --database postgres --layer memory -m contract
	@echo "== 4/4 all that touches them on PostgreSQL and Redis, real processes included"
	@$(PYTEST) --database postgres --layer redis -m "not anywhere"

check: $(DEVELOPMENT) ## lint, types, import directions, module sizes, migrations, system checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@DEBUG=1 $(BIN)/mypy .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tests/check_module_sizes.py
	@DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	@DEBUG=1 $(MANAGE) check
	@env -i PATH="$$PATH" $$(cat tests/production.env) $(MANAGE) check --deploy --fail-level WARNING

chaos: $(DEVELOPMENT) ## kill, stop and restart everything under load for MINUTES=1 (SEED=…, REPORT=docs/chaos.md), then judge
	@$(BIN)/python -m benchmarks.chaos --minutes $(or $(MINUTES),1) $(if $(SEED),--seed $(SEED)) $(if $(REPORT),--report $(REPORT))

bench: $(DEVELOPMENT) ## measure against the peers and rewrite docs/benchmarks.*, half an hour (BENCH=--quick: only a look)
	@$(BIN)/python -m benchmarks $(BENCH)

bench-thumbnails: $(DEVELOPMENT) ## measure renditions against the libraries and rewrite docs/benchmarks-thumbnails.md, ten minutes
	@$(BIN)/python -m benchmarks.thumbnails --publish

clean: ## remove what can be made again; your data under var/ stays
	@rm -rf $(VENV) benchmarks/.venv staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install it, or: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(RUNTIME)
