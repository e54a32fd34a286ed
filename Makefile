# `make demo` and `make test` each work alone on a machine that has Python 3.11-3.13, make and a C compiler.
# PYTHON=/path/to/python chooses the interpreter.
.DEFAULT_GOAL := help
# Tests start hundreds of processes; without kept bytecode each would compile all it imports, for a second of processor time.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test crash check bench lock clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo:  ## Replay a grocer's year of real baskets and show what was sent, held and why
	@sh scripts/setup.sh demo
	.venv/bin/python -m examples.grocer $(ARGS)

test:  ## Run all tests
	@sh scripts/setup.sh dev
	.venv/bin/python -m pytest -n 2 --dist worksteal tests/unit tests/contract
	.venv/bin/python -m pytest -n 2 --dist worksteal tests/acceptance tests/crash

crash:  ## Kill real processes while they work, ten rounds long: make crash ARGS="--rounds 3 --seed 7 --everything"
	@sh scripts/setup.sh dev
	.venv/bin/python -m tests.crash $(ARGS)

check:  ## Run the linters, the type checker and the import contracts
	@sh scripts/setup.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench:  ## Measure events, messages and timers beside loops without an engine; SCALE=0.1 is a quick look
	@sh scripts/setup.sh dev
	.venv/bin/python -m benchmarks --scale $(or $(SCALE),1) --json bench.json

lock:  ## Pin the newest fitting versions into requirements/ (needs the network)
	@sh scripts/setup.sh dev
	sh scripts/lock.sh

clean:  ## Remove what these targets made; the state in .parcours/ stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
