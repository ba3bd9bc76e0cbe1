# The two commands that a newcomer needs are `make up` and `make test`; each sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
STAGE ?= dev
ORDERS ?= 1000
SEED ?= 1
ROWS ?= 10000
VENV := .toolkit/venv/bin

# Nothing is left outside .toolkit: no bytecode beside the sources, and no cache in an empty home.
export PYTHONDONTWRITEBYTECODE := 1
UV_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/uv
export UV_CACHE_DIR ?= $(or $(wildcard $(UV_CACHE)),$(CURDIR)/.toolkit/cache/uv)

LOCK := ../.toolkit/bootstrap/bin/uv pip compile --quiet --universal --generate-hashes \
  --no-emit-index-url --no-emit-find-links --python-version 3.11
# What the Lambda runtime brings stays out of the layer.
IN_RUNTIME := boto3 botocore jmespath python-dateutil s3transfer six urllib3

define part
	@started=$$SECONDS; echo "── $(1)"; $(2) && echo "   $(1): $$((SECONDS - started)) s"
endef

help: ## Show the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Make the environments (the other commands do it themselves)
	$(call part,environments,$(PYTHON) local/setup.py)

up: setup ## Deploy the local stage and send real orders through it
	@$(VENV)/python -m local up

demo: ## Send orders of every kind through the local stage, and an upload of 1,000
	@$(VENV)/python -m local demo

chaos: setup ## Place 1,000 orders under faults, and count (ORDERS=1000 SEED=1)
	@$(VENV)/python -m local chaos --orders $(ORDERS) --seed $(SEED)

over-limit: setup ## Import an upload over the limits while workers are killed (ROWS=10000 SEED=1)
	$(call part,$(ROWS) rows,ROWS=$(ROWS) SEED=$(SEED) $(VENV)/pytest -q tests/e2e/test_over_limit.py)

down: ## Stop the local stage and leave nothing behind
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m local down; else echo "nothing is up"; fi

preview: setup ## Show what a stage would be, without an account (STAGE=local|dev|prod)
	@$(VENV)/python -m local preview --stage $(STAGE)

logs: ## Show the functions' logs of the local stage
	@$(VENV)/python -m local logs

console: ## Show what is deployed on the local stage
	@$(VENV)/python -m local console

test: lint ## Run all tests
	$(call part,components - functions - stages,$(VENV)/pytest -q -n 2 -m "not local" --cov --cov-report=term)
	$(call part,local stage,$(VENV)/pytest -q -n 2 --dist loadfile -m local)

lint: setup ## Check style and types
	$(call part,style,$(VENV)/ruff check . && $(VENV)/ruff format --check .)
	$(call part,types,$(VENV)/mypy)

bench: setup ## Measure what the toolkit costs, as ratios
	@$(VENV)/python -m bench

docs: setup ## Write the generated files: the settings' schema, a picture, limits, costs
	@$(VENV)/python settings.py > settings.schema.json.new && mv settings.schema.json.new settings.schema.json
	@for part in tests.docs.pictures tests.docs.limits cost.crossovers cost.ways_out; do $(VENV)/python -m $$part || exit; done

golden: setup ## Write the golden plans and the promised names anew
	@$(VENV)/pytest -q tests/stages tests/contracts --snapshot-update

lock: setup ## Lock the requirements anew
	@cd requirements && for name in bootstrap program emulator durable dev container; do $(LOCK) $$name.in -o $$name.txt; done
	@cd requirements && $(LOCK) $(IN_RUNTIME:%=--no-emit-package %) functions.in -o functions.txt

.PHONY: help setup up demo chaos over-limit down preview logs console test lint bench docs golden lock
