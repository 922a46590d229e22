# The targets that people and CI use. `make dev` starts everything; `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: dev gallery gallery-pictures test check format lock clean bench bench-full bench-latency bench-streams bench-visits

dev: $(VENV)/.run  ## start PostgreSQL, the demo shop, Dagster and the page
	@exec $(BIN)/kpi-pipeline dev

gallery: $(VENV)/.test  ## every state of the page, over made-up figures
	@exec $(BIN)/python -m kpi_pipeline_tests.dashboard.gallery

gallery-pictures: $(VENV)/.test  ## pictures of every state of the page, in gallery/
	KPI_SCREENSHOTS=gallery $(BIN)/python -m pytest -q kpi_pipeline_tests/browser/test_live_page.py \
	  kpi_pipeline_tests/browser/test_page_outage.py kpi_pipeline_tests/browser/test_page_states.py

test: $(VENV)/.test  ## all tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.test  ## formatting, lints, types, the architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench  ## how fast it is, as ratios to what else one could do: 200,000 rows
	$(BIN)/python -m benchmarks --size small $(BENCH_ARGS)

bench-full: $(VENV)/.bench  ## the same as the targets are written: 10 million rows, 5 GB, half an hour
	$(BIN)/python -m benchmarks --size full $(BENCH_ARGS)

bench-streams: $(VENV)/.test  ## 500 pages open at once for a minute: latency, memory, CPU
	$(BIN)/python -m benchmarks.streams $(BENCH_ARGS)

bench-visits: $(VENV)/.test  ## how long a browser waits for the first number, and for the whole page
	$(BIN)/python -m benchmarks.visits $(BENCH_ARGS)

bench-latency: $(VENV)/.bench  ## from a commit to a published snapshot under Dagster's own daemon
	$(BIN)/python -m benchmarks latency --size small --no-check $(BENCH_ARGS)

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.test  ## resolve the dependencies anew, for Python 3.11 to 3.13 on any platform
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --upgrade --extra demo pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --upgrade --extra demo --group dev pyproject.toml requirements/build.in \
	  -c requirements/run.txt -o requirements/test.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --upgrade --group bench -c requirements/test.txt -o requirements/bench.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else \
	  "kpi_pipeline needs Python 3.11 to 3.13; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml
	$(PIP) install -q --no-deps --require-hashes -r requirements/run.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(PIP) install -q --no-deps --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	$(PIP) install -q --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

clean:  ## remove what make built; the embedded database in .kpi stays
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
