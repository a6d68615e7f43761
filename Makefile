# Two commands: `make run` and `make test`. The rest is in `make help`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2

.PHONY: run test check bench install install-dev format help

run: install            ## start Accord on http://localhost:8501
	@exec $(BIN)/accord serve

test: install-dev       ## everything: format, lint, types, contracts, translations, all tests
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m tests.browser.chromium > /dev/null
	@$(MAKE) --no-print-directory $(VENV)/rclone/rclone.lock || echo "No second S3 server: its tests are skipped."
	@$(MAKE) --no-print-directory $(VENV)/moto/moto.lock || echo "No KMS: its tests are skipped."
	@$(BIN)/python -m pytest tests -n $(WORKERS) --dist loadgroup

check: install-dev      ## the quick checks (seconds)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > $(VENV)/contracts.txt || (cat $(VENV)/contracts.txt; exit 1)
	@$(BIN)/python -m pytest tests/checks

bench: install-dev $(VENV)/aws/aws.lock  ## measure; writes docs/performance.md
	@$(BIN)/python -m bench $(BENCH)

format: install-dev     ## format and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

install: $(BIN)/python  ## the environment to run in, from requirements.lock (hashed)
	@cmp -s requirements.lock $(VENV)/run.lock || cmp -s requirements-dev.lock $(VENV)/dev.lock || ( \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
	  cp requirements.lock $(VENV)/run.lock )

install-dev: $(BIN)/python
	@cmp -s requirements-dev.lock $(VENV)/dev.lock || ( \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
	  cp requirements-dev.lock $(VENV)/dev.lock )

# What the vault is compared with; apart, because it wants another botocore than the app.
$(VENV)/aws/aws.lock: bench/aws.lock
	@$(PYTHON) -m venv $(VENV)/aws
	@$(VENV)/aws/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bench/aws.lock
	@cp bench/aws.lock $(VENV)/aws/aws.lock

# A KMS to lock the master key with.
$(VENV)/moto/moto.lock: tests/moto.lock
	@$(PYTHON) -m venv $(VENV)/moto
	@$(VENV)/moto/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/moto.lock
	@cp tests/moto.lock $(VENV)/moto/moto.lock

# A second S3 server for the store's contract.
$(VENV)/rclone/rclone.lock: tests/rclone.lock
	@$(PYTHON) -m venv $(VENV)/rclone
	@$(VENV)/rclone/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/rclone.lock
	@cp tests/rclone.lock $(VENV)/rclone/rclone.lock

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

help:                   ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14
