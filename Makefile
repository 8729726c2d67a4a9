# The GRU book. `make help` lists what can be done; each target sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(abspath $(VENV))/bin
PYTHON ?= python3
NAME ?=
# Node.js comes with the environment; what is built here must not depend on another one.
export PATH := $(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE ?= 1
# The environment's kernel goes before one of the same name in the user's Jupyter folder.
export JUPYTER_PREFER_ENV_PATH ?= 1
# Jupyter does not start without a home folder, and other programs complain in a chapter's outputs.
ifneq ($(shell test -w "$${HOME:-}" && echo yes),yes)
export HOME := $(abspath _build/home)
endif

INSTALLED := $(VENV)/.installed
PACKAGES := web/node_modules/.package-lock.json

.PHONY: help book test test-colab test-elsewhere soak lab run results pdf epub node serve address lock newest format data clean

help: ## Show this list
	@echo "The GRU book: make TARGET, where TARGET is"
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  %-15s %s\n", $$1, $$2}'

book: $(INSTALLED) $(PACKAGES) data ## Set everything up and build the HTML book from the stored outputs
	@tools/build_book.sh
	@python -c "import pathlib; print('The book is built. Open it:', pathlib.Path('_build/html/index.html').absolute().as_uri())"

test: book ## Set everything up and run all tests: units, every notebook, the pages in Chromium
	@tools/chromium.sh
	ruff check .
	ruff format --check .
	python -m pytest --nbval --nbval-current-env --nbval-cell-timeout 900 tests chapters

test-colab: $(INSTALLED) ## Run each notebook alone, in an environment like Colab's (NAME=mnist_rows: that one)
	python tools/test_colab.py $(NAME)

test-elsewhere: $(INSTALLED) $(PACKAGES) data ## Run the units on one thread, in other locales, folders, homes (NAME=spaces: that one)
	python tools/elsewhere.py $(NAME)

soak: book ## Run each notebook N=5 times and keep what differed (NAME=mnist_rows: that one)
	python tools/soak.py $(or $(N),5) $(NAME)

lab: $(INSTALLED) data ## Open JupyterLab at the landing page
	@# JupyterLab draws the stored SVG figures of a notebook only where the notebook is trusted.
	@jupyter trust chapters/*.ipynb >/dev/null
	jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/index.md

run: $(INSTALLED) data ## Execute all notebooks afresh, in place (NAME=mnist_rows: that one)
	python tools/run_notebooks.py $(NAME)

results: book ## Rebuild the results of the long trainings, and say what moved (NAME=...: that one)
	@tools/chromium.sh
	python tools/rebuild_results.py $(NAME)

pdf epub: book ## Make the book to take away, and link it from the landing page
	@tools/chromium.sh
	python tools/print_book.py $@
	@tools/build_book.sh

node: $(INSTALLED) $(PACKAGES) data ## Run a program in Node.js (NAME=digits or next_word; ARGS='--epochs 1')
	@mkdir -p _build/web
	@python web/data/samples.py _build/web
	@python web/data/models.py _build/web
	node web/programs/$(or $(NAME),digits)_node.mjs $(ARGS)

serve: book ## Serve the built book at http://127.0.0.1:8000
	python -m http.server --directory _build/html --bind 127.0.0.1 8000

address: $(INSTALLED) ## Write the repository's address into the notebooks and the README
	python tools/address.py

lock: $(INSTALLED) ## Turn requirements.in into requirements.txt (exact versions, hashes)
	python -m pip install --quiet uv
	uv pip compile $(LOCK_OPTIONS) --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements.txt requirements.in
	uv pip compile --quiet --no-annotate --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	  --constraint <(grep == requirements.txt | tr -d '\\') --output-file binder/requirements.txt binder/requirements.in

newest: ## Lock the newest versions that requirements.in permits (a weekly run tests them)
	$(MAKE) lock LOCK_OPTIONS=--upgrade

format: $(INSTALLED) ## Format the code, notebooks included
	ruff check --fix .
	ruff format .

data: $(INSTALLED)
	@python -m grubook.data

clean: ## Remove what was built (the downloaded data and the environment stay; CLEAN=all: they go too)
	rm -rf _build
	$(if $(filter all,$(CLEAN)),rm -rf $(VENV) web/node_modules data/cache)

$(INSTALLED): requirements.txt pyproject.toml
	@PYTHON='$(PYTHON)' tools/create_environment.sh $(VENV)

$(PACKAGES): web/package.json web/package-lock.json $(INSTALLED)
	@echo "Fetching the book's web packages ..."
	npm ci --prefix web --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@
