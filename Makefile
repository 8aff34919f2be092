# Every target does the set-up it needs: a virtual environment with uv in it, the locked Python packages, the locked npm
# packages. Set-up is skipped while the lock files are unchanged.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
ARGS    ?=
DENO    := DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1 $(BIN)/deno
TYPESCRIPT := supabase/functions stack/functions packages/crypto/src

.DEFAULT_GOAL := help
.PHONY: help setup demo two-browsers test bench scale simulate chaos-stripe check fmt lock up down status clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed node_modules/.installed packages/crypto/dist/.built ## Install what everything else needs, into .venv and node_modules

demo: setup ## Bill a real session on the local stack and print its receipt, under a minute
	@$(BIN)/python -m demo $(ARGS)

two-browsers: setup ## Two headless browsers hold a sealed session with supabase-js, and print what each sees
	@$(BIN)/python -m examples.two_browsers $(ARGS)

test: setup ## Run every test, two files at a time; ARGS="-k meter -x" goes to pytest
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

bench: setup ## Measure money, row-level security, encryption and more against peers; ARGS="--only money"
	@$(BIN)/python -m bench $(ARGS)

scale: setup ## Explain what clients ask for in a world of 1,000,000 sessions; ARGS="--sessions 100000"
	@$(BIN)/python -m bench.scale $(ARGS)

simulate: setup ## Let people, workers and faults act at random under a virtual clock: SEED=7 STEPS=5000, MUTANTS=1
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) $(if $(UNTIL),--until $(UNTIL)) \
	    $(if $(MUTANTS),--mutants) $(ARGS)

chaos-stripe: setup ## Payouts under 1,000 faults, 50,000 events under 200 kills: SEED=7, ARGS="--only payouts"
	@$(BIN)/python -m tests.chaos_stripe $(if $(SEED),--seed $(SEED)) $(ARGS)

check: setup ## Run every linter, the format check and the type check
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/soulseer schema lint
	@$(DENO) lint --quiet --no-config $(TYPESCRIPT)
	@$(DENO) fmt --check --quiet --no-config --line-width 120 $(TYPESCRIPT)

fmt: setup ## Format the code and repair what the linter can
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet
	@$(DENO) fmt --quiet --no-config --line-width 120 $(TYPESCRIPT)

up: setup ## Start the local stack and the services, print addresses and keys
	@$(BIN)/soulseer up $(ARGS)

status: setup ## Say what runs, with addresses and keys
	@$(BIN)/soulseer status $(ARGS)

down: setup ## Stop the local stack; its data stays
	@$(BIN)/soulseer down $(ARGS)

lock: setup ## Renew requirements.txt after a change of dependencies in pyproject.toml
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal \
	    --extra crypto --group stack --group dev pyproject.toml -o requirements.txt

clean: ## Stop the stack, remove its data and everything that was installed or cached here
	@if [ -x $(BIN)/soulseer ]; then $(BIN)/soulseer down --remove; fi
	@rm -rf $(VENV) node_modules packages/crypto/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv itself comes out of the lock file too, by pip, with its hash.
$(BIN)/uv: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ {wanted = /^uv==/} wanted' requirements.txt > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	@touch $@

# Installed without build isolation: the build backend is locked as well.
$(VENV)/.installed: $(BIN)/uv requirements.txt pyproject.toml
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

node_modules/.installed: package-lock.json package.json packages/crypto/package.json
	@npm ci --loglevel=error
	@touch $@

packages/crypto/dist/.built: node_modules/.installed packages/crypto/tsconfig.json $(wildcard packages/crypto/src/*.ts)
	@npm run --silent build --workspace @soulseer/crypto
	@touch $@
