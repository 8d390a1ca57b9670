# Everything that a person or CI does here. `make` alone lists it. Needs Python 3.11 or newer; the rest comes into .venv.

UV_VERSION := 0.13.9
VENV       := .venv
BIN        := $(VENV)/bin
UV         := $(BIN)/uv
# What uv.lock says, hashes included. uv takes it from the places that the lock file names; where pip was told of another
# package index (a mirror), pip takes it from there. --inexact: uv and pip live here too and are no leftovers.
define install
	@if $(BIN)/python -m pip config list | grep index-url >/dev/null; then \
	  $(UV) export --quiet --frozen --no-emit-project $(1) >$(VENV)/requirements.txt && \
	  $(BIN)/python -m pip install --quiet --require-hashes --requirement $(VENV)/requirements.txt && \
	  $(BIN)/python -m pip install --quiet --no-deps --editable . ; \
	else UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --frozen --inexact $(1); fi
endef

# Tests and benchmarks start hundreds of processes: none compiles again what another has compiled, whatever the
# environment says. It lies in .venv, so that no folder of the tree gets a __pycache__.
compiled := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/compiled

.DEFAULT_GOAL := help
.PHONY: help demo test chaos check bench fmt kafka clean format-check lint types law lock prometheus containers

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.ready-to-run ## the whole of Tocsin with made-up weather; FOR=60 ends it, KAFKA=host:port REDIS=url SPEED=n
	@exec $(BIN)/tocsin demo $(if $(FOR),--for $(FOR)) $(if $(SPEED),--speed $(SPEED)) \
	  $(if $(KAFKA),--kafka $(KAFKA)) $(if $(REDIS),--redis $(REDIS))

test: $(VENV)/.ready-to-work ## every test; ARGS="-k flood" picks some
	@exec $(compiled) $(BIN)/python -m pytest --numprocesses 3 --dist worksteal $(ARGS)

chaos: $(VENV)/.ready-to-work ## crashes on purpose, and the proof afterwards; N=50 seeds, SEED=7 one, BREAK=all breaks a copy
	@exec $(compiled) $(BIN)/python -m tests.chaos$(if $(BREAK),.breakages $(BREAK)) $(if $(N),--seeds $(N)) \
	  $(if $(SEED),--seed $(SEED)) $(ARGS)

check: format-check lint types law lock prometheus containers ## format, lint, types, import law, shipped configuration

bench: $(VENV)/.ready-to-work ## how fast it is here, as ratios; ONLY=group or ONLY=group.name picks, FULL=1 three times, ARGS=--json
	@exec $(compiled) $(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(FULL),--full) $(ARGS)

fmt: $(VENV)/.ready-to-work ## format the code and mend what the linter can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

kafka: $(VENV)/.ready-to-work ## fetch the Apache Kafka that tests and benchmarks run (needs Java 17+ and Maven)
	@$(BIN)/python -m tests.servers.kafka fetch
	@$(BIN)/python -m tests.servers.class_archive

clean: ## remove .venv and every cache in this folder
	rm -rf $(VENV) .ruff_cache .mypy_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the parts of `make check` ---------------------------------------------------------------------------------------

format-check: $(VENV)/.ready-to-work
	$(BIN)/ruff format --check .

lint: $(VENV)/.ready-to-work
	$(BIN)/ruff check .

types: $(VENV)/.ready-to-work
	$(BIN)/mypy

law: $(VENV)/.ready-to-work
	$(BIN)/python -m pytest -q -o addopts= tests/test_import_law.py

lock: $(UV)
	UV_PYTHON_DOWNLOADS=never $(UV) lock --quiet --check

prometheus:
	@if command -v promtool >/dev/null; then \
	  set -x; cd configs/prometheus && promtool check config --lint-fatal prometheus.yml && promtool test rules alerts_test.yml; \
	else echo "no promtool here (Debian: apt-get install prometheus): rules and dashboards are not checked"; fi

containers: $(VENV)/.ready-to-work
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile

# --- .venv: built once, brought up to date when the lock file changes -------------------------------------------------

$(VENV)/.ready-to-run: uv.lock pyproject.toml | $(UV)
	@echo "installing what Tocsin needs into $(VENV)"
	$(call install,--extra demo --no-default-groups)
	@touch $@

$(VENV)/.ready-to-work: uv.lock pyproject.toml | $(UV)
	@echo "installing what Tocsin and its tests need into $(VENV)"
	$(call install,--all-extras --all-groups)
	@touch $@ $(VENV)/.ready-to-run

$(UV): | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(BIN)/python:
	@set -e; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 none; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; done; \
	if [ $$python = none ]; then echo "Tocsin needs Python 3.11 or newer on PATH (or: make PYTHON=/path/to/python3.12)"; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make a virtual environment (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; fi; \
	echo "making $(VENV) with $$($$python --version)"; $$python -m venv $(VENV)
