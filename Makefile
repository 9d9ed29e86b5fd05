# Every target builds what it needs by itself and is quick the second time. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test quick check bench soak wheels

BIN := .venv/bin
BASE := .venv/.base-ready
FULL := .venv/.full-ready
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq -c constraints.txt
STEP := tools/step

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(FULL) ## build .venv with everything: the program, its Spark engine, the tools of development

demo: $(BASE) ## build a synthetic county, screen it, say what to open
	@$(BIN)/jianheng demo

test: $(FULL) ## the whole suite; brings Java for the Spark lane when it may
	@tools/bring_java
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal

quick: $(FULL) ## the suite without Spark and without the slow tests
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal -m "not spark and not slow and not soak"

check: $(FULL) ## format, lint, types, import contracts, packs, docs
	@$(STEP) "format" $(BIN)/ruff format --check .
	@$(STEP) "lint" $(BIN)/ruff check .
	@$(STEP) "types" $(BIN)/mypy
	@$(STEP) "import contracts" $(BIN)/lint-imports
	@$(STEP) "packs" $(BIN)/jianheng model check all
	@$(STEP) "docs and house rules" $(BIN)/python -m pytest -q tests/docs tests/house

bench: $(FULL) ## the benchmarks: ratios against named peers, measured in one run
	@$(BIN)/python bench/run.py

soak: $(FULL) ## the long fault and fuzz runs
	@$(BIN)/python -m pytest -q -m soak

wheels: $(BASE) ## prove that the base installs from wheels alone on Linux x86-64, Linux aarch64 and Windows x64
	@$(BIN)/python tools/check_wheels.py

# A stamp is newer than what it was built from, or the step is done again.
$(BASE): pyproject.toml constraints.txt
	@tools/make_venv
	@echo "setup: installing the program"
	@$(PIP) -e .
	@touch $@

$(FULL): $(BASE)
	@echo "setup: installing the Spark engine and the tools of development (PySpark is large: a minute or two)"
	@$(PIP) -e '.[dev,spark]'
	@touch $@
