# What a person types. Everything is installed into .venv from the hashed requirements.lock, and
# everything that runs keeps its files in .wirewatch.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# Python then caches its compiled modules: without them importing Airflow costs seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo up down test lint bench clean docs env lock

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | \
		awk -F'|' '{ printf "  make %-8s %s\n", $$1, $$2 }'

install: $(INSTALLED) ## make .venv from requirements.lock; does nothing when that is done

$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing: apt install python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: Python 3.11 or newer is needed; name one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "make: Python's venv is missing: apt install python3-venv" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
# uv itself comes out of the lock, with its hashes, by pip.
	awk '/^uv==/ { on = 1 } on && !/^(uv==|    --hash)/ { exit } on' requirements.lock > .venv/uv.lock
	test -s .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --require-hashes --compile-bytecode requirements.lock
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## sample newsroom, Elasticsearch and Airflow: feeds in, stories out
	@$(BIN)/wirewatch demo

up: $(INSTALLED) ## the same with the real feeds of config/feeds.opml, on schedule
	@$(BIN)/wirewatch up

down: ## stop all that demo and up started
	@if test -x $(BIN)/wirewatch; then $(BIN)/wirewatch down; else echo "Nothing is installed, so nothing runs."; fi

test: $(INSTALLED) ## the tests, on a real Elasticsearch and a real Airflow
	@$(BIN)/python -m pytest -n 2

lint: $(INSTALLED) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(INSTALLED) ## the benchmarks; most need evaluation data: make bench DATA=folder
	@mkdir -p benchmarks/results
	$(BIN)/python benchmarks/fetching.py --json benchmarks/results/fetching.json
ifdef DATA
	$(BIN)/python benchmarks/feeds.py $(DATA) --json benchmarks/results/feeds.json
	$(BIN)/python benchmarks/written_dates.py $(DATA)/extraction-* --json benchmarks/results/written-dates.json
	for gold in $(DATA)/extraction-*/gold.jsonl; do folder=$$(dirname $$gold); \
		$(BIN)/python benchmarks/extraction.py $$folder --json benchmarks/results/$$(basename $$folder).json; \
	done
	for folder in $(DATA)/dedup-ecbplus $(DATA)/dedup-reuters; do \
		$(BIN)/python benchmarks/dedup.py $$folder --json benchmarks/results/$$(basename $$folder).json; \
	done
	$(BIN)/python benchmarks/dedup_stream.py $(DATA) --json benchmarks/results/dedup-stream.json
	$(BIN)/python benchmarks/dedup_scale.py $(DATA) --json benchmarks/results/dedup-scale.json
	$(BIN)/python benchmarks/search.py --load $(DATA)/topics-reuters21578 --json benchmarks/results/search-load.json
	$(BIN)/python benchmarks/topics.py $(DATA)/topics-news $(DATA)/topics-reuters21578 --half odd \
		--json benchmarks/results/topics.json
	$(BIN)/python benchmarks/pages.py $(DATA)/topics-reuters21578 --json benchmarks/results/pages.json
	for folder in $(DATA)/search-*; do \
		$(BIN)/python benchmarks/search.py --collection $$folder --json benchmarks/results/$$(basename $$folder).json; \
	done
endif

clean: ## stop all, delete .venv, caches and the demo; stories of real feeds stay
	@if test -e $(INSTALLED); then $(BIN)/python -m wirewatch.local.clean; fi
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find plugins dags tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

env: ## write .env, with secrets of its own, for docker compose
	@test ! -e .env || { echo "make: .env is there already" >&2; exit 1; }
	@umask 077; $(PYTHON) -c 'import re, secrets, sys; from base64 import urlsafe_b64encode; \
		new = lambda m: m[0] + (urlsafe_b64encode(secrets.token_bytes(32)).decode() \
			if "FERNET" in m[0] else secrets.token_urlsafe(48)); \
		sys.stdout.write(re.sub(r"(?m)^[A-Z_]+=$$", new, open(".env.example").read()))' > .env
	@echo "Wrote .env. Next: docker compose up --build"

docs: $(INSTALLED) ## write anew what is made from the code: options.md, dags.md, month names
	@$(BIN)/python -m wirewatch.settings > docs/options.md
	@$(BIN)/python -m wirewatch.airflow.docs dags docs/dags.md >/dev/null
	@$(BIN)/python -m wirewatch.month_names

# The dates freeze the resolution: the day after the pinned Airflow's release, and a later one for
# what is newer than that.
lock: $(INSTALLED) ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra celery --extra parquet --extra apprise --python-version 3.11 \
		--exclude-newer 2026-09-18T00:00:00Z \
		--exclude-newer-package trafilatura=2026-11-20T00:00:00Z \
		--exclude-newer-package charset-normalizer=2026-11-20T00:00:00Z \
		--exclude-newer-package htmldate=2026-11-20T00:00:00Z \
		--exclude-newer-package courlan=2026-11-20T00:00:00Z \
		--exclude-newer-package apprise=2026-11-28T00:00:00Z \
		--generate-hashes --no-emit-index-url --no-header -o requirements.lock
