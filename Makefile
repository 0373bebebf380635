# The verbs of this repository. Each works on a machine that has Python 3.11 or newer, pip and make.

PYTHON ?= python3
SCENARIO ?= scenarios/alice_bob.toml
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check prove docs public-api clean

run: $(VENV)/.installed ## Run a scenario offline: make run SCENARIO=scenarios/other.toml
	$(BIN)/run-scenario $(SCENARIO) $(ARGS)

test: check ## Everything that a change must pass
	$(BIN)/python -m pytest -m "not prove and not realtime" -n logical --maxprocesses 4 --dist loadfile
	$(BIN)/python -m pytest -m "realtime and not prove" -n 2 --dist loadfile

check: $(VENV)/.installed-dev ## Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports

prove: $(VENV)/.installed-dev ## The long measurements; prints their figures
	@failed=; unknown=; \
	$(BIN)/python -m pytest -m "prove and not realtime" -n 2 -rP --timeout 2400 || failed="$$failed tests"; \
	$(BIN)/python -m pytest -m "prove and realtime" -s --timeout 2400 || failed="$$failed realtime"; \
	for program in benchmarks/*.py; do \
	  echo "== $$program"; $(BIN)/python $$program; \
	  case $$? in 0) ;; 3) unknown="$$unknown $$program" ;; *) failed="$$failed $$program" ;; esac; \
	done; \
	echo "== links to other sites"; $(BIN)/python website/external_links.py; \
	case $$? in 0) ;; 3) unknown="$$unknown links" ;; *) failed="$$failed links" ;; esac; \
	if [ -n "$$unknown" ]; then echo "could not be judged:$$unknown"; fi; \
	if [ -n "$$failed" ]; then echo "not proved:$$failed"; exit 1; fi

docs: $(VENV)/.installed-docs ## The documentation as a site with search, in build/site
	$(BIN)/python website/build_site.py

public-api: $(VENV)/.installed-dev ## Agree to the present public names, keys, events and options
	PYTHONPATH=website $(BIN)/python tests/test_public_api.py --renew

clean: ## Remove what was made
	rm -rf $(VENV) build .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Soundstage needs Python 3.11 or newer; say make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	touch $@
