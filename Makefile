# Every target sets itself up: a fresh machine needs Python 3.11 or newer, make and the package registry.
PYTHON ?= python3
BIN = .venv/bin

help: ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

.venv/run: deploy/requirements.lock .venv/pyvenv.cfg
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	touch $@

.venv/test: deploy/requirements-test.lock .venv/run
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	touch $@

demo: .venv/run ## play the main job over HTTP, step by step
	$(BIN)/python -m adapter demo

run: .venv/run ## start the bank, the sandbox core and a demo accounting service, and stay
	$(BIN)/python -m adapter run --with-demo-partner

test: .venv/test ## lint, types, import rules and all tests (about a quarter of an hour on two cores)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: .venv/test ## measure speed and memory as ratios (about fifteen minutes)
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.formats
	$(BIN)/python -m tests.benchmarks.cores

fuzz: .venv/test ## feed every reader of files with damaged ones for ten minutes
	$(BIN)/python -m tests.fuzz --seconds 600

races: .venv/test ## the large races and kill -9 series on PostgreSQL (about twenty minutes)
	BANK_ADAPTER_TEST_SCALE=full $(BIN)/python -m pytest -m "race or crash" -n 0

drill: .venv/test ## lose the database, restore it, recover from the core: figures in var/drill.json (about three minutes)
	$(BIN)/python -m tests.drill

FAULTS ?= --scale full

faults: .venv/test ## break real processes and judge what was told: var/faults.json (half an hour; one row: FAULTS="--row failover")
	$(BIN)/python -m tests.faults $(FAULTS)

locks: ## resolve the pinned sets again (needs uv)
	uv pip compile setup.cfg --generate-hashes --universal --python-version 3.11 -q -o deploy/requirements.lock
	uv pip compile setup.cfg --all-extras --generate-hashes --universal --python-version 3.11 -q -c deploy/requirements.lock -o deploy/requirements-test.lock

clean: ## remove what the targets made
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help demo run test bench fuzz races faults drill locks clean
