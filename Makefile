# Each target sets up everything it needs in .venv; nothing has to be installed by hand but Python 3.10 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export OMP_NUM_THREADS ?= 1

.PHONY: demo test test-all mutants lint check release system clean

demo: .venv/.done  ## release, hand in a made class, autograde, feedback, report
	coursegrader release
	coursegrader demo
	coursegrader autograde || [ $$? -eq 1 ]   # 1: some submissions degraded, and listed
	coursegrader feedback
	coursegrader report

TESTS := pytest -n auto --dist loadgroup --no-loadscope-reorder

test: .venv/.done lint  ## all quick tests and a sample of the slow ones; says what it left out
	coursegrader release --check
	$(TESTS) --sample

test-all: .venv/.done system lint  ## everything CI proves
	coursegrader release --check
	$(TESTS)

lint: .venv/.done
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	deptry .

mutants: .venv/.done  ## break the package on purpose and see whether the tests notice: half an hour
	python tools/mutants.py

check: .venv/.done  ## prove that the hidden tests tell right from wrong
	coursegrader check --output artefacts/check.json

release: .venv/.done
	coursegrader release

.venv/.done: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --quiet -r requirements.txt
	touch $@

# What pip cannot bring: a browser and a database server for their tests. Without root they are skipped, with a sentence.
system:
	@$(BIN)/python tools/system_packages.py chromium postgresql

clean:
	rm -rf .venv submitted autograded/* feedback grading gradebook.db artefacts
