# Two commands for a fresh machine: `make credit` and `make test`. Both make .venv if it is absent.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt

.PHONY: credit test check docs clean

credit: $(VENV)/.credit
	$(BIN)/lepton recipe=credit

test: $(VENV)/.test
	BIN=$(BIN) scripts/test

check: $(VENV)/.test
	BIN=$(BIN) scripts/check

docs: $(VENV)/.test
	$(BIN)/python scripts/make_docs

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.credit: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[xgboost]'
	$(BIN)/python -m compileall -q lepton_automl
	touch $@

$(VENV)/.test: $(VENV)/.credit
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all,dev]'
	touch $@

clean:
	rm -rf $(VENV) outputs build dist .mypy_cache .ruff_cache .pytest_cache
