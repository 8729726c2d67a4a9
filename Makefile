# The GRU book. `make help` lists what can be done; each target sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(abspath $(VENV))/bin
PYTHON ?= python3
TESTS ?= tests chapters
# Two chapters at a time, 1.5 GB and one thread each: on two cores, one with two threads took more
# than twice as long beside another.
WORKERS ?= 2
# Node.js comes with the environment; what is built here must not depend on another one.
export PATH := $(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE ?= 1
# Jupyter does not start without a home folder, and other programs complain in a chapter's outputs.
ifneq ($(shell test -w "$${HOME:-}" && echo yes),yes)
export HOME := $(abspath _build/home)
endif

INSTALLED := $(VENV)/.installed
PACKAGES := web/node_modules/.package-lock.json
COLAB := _build/colab
BENCH := _build/bench

# A NAME that does not exist is refused before anything is built.
CHAPTERS := $(basename $(notdir $(wildcard chapters/*.ipynb)))
NAMES_run := $(CHAPTERS)
# Colab has no Ray.
NAMES_test-colab := $(filter-out many_machines,$(CHAPTERS))
NAMES_node := $(patsubst web/programs/%_node.mjs,%,$(wildcard web/programs/*_node.mjs))
NAMES_results := $(patsubst experiments/%.py,%,$(shell grep -lw Recorder experiments/*/*.py))
$(foreach goal,$(filter run test-colab node results,$(MAKECMDGOALS)),\
  $(foreach name,$(filter-out $(NAMES_$(goal)),$(NAME)),\
    $(error There is no $(name) for `make $(goal)`; NAME is one of: $(NAMES_$(goal)))))

# An environment that does not start (its Python is gone, the folder was moved) is made anew.
ifneq ($(shell '$(BIN)/pip' --version >/dev/null 2>&1 && echo yes),yes)
.PHONY: $(INSTALLED)
endif

.PHONY: help book test test-colab lab run results bench pdf epub node serve address lock format data clean

help: ## Show this list
	@echo "The GRU book: make TARGET, where TARGET is"
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  %-10s %s\n", $$1, $$2}'

book: $(INSTALLED) $(PACKAGES) data ## Set everything up and build the HTML book from the stored outputs
	@tools/build_book.sh
	@python -c "import pathlib; print('The book is built. Open it:', pathlib.Path('_build/html/index.html').absolute().as_uri())"

test: export OMP_NUM_THREADS ?= 1
test: export TF_NUM_INTRAOP_THREADS ?= $(OMP_NUM_THREADS)
test: book ## Set everything up and run all tests: units, every notebook, the pages in Chromium
	@python -m web.chromium || true
	ruff check .
	ruff format --check .
	python -m pytest -n $(WORKERS) --dist loadfile \
	  --nbval --nbval-current-env --nbval-cell-timeout 3000 $(TESTS)

lab: $(INSTALLED) data ## Open JupyterLab at the landing page
	@# JupyterLab draws the stored SVG figures of a notebook only where the notebook is trusted.
	@jupyter trust chapters/*.ipynb >/dev/null
	jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/index.md

run: $(INSTALLED) data ## Execute all notebooks afresh, in place (NAME=mnist_rows: that one)
	python -m tools.run_notebooks $(NAME)

node: $(INSTALLED) $(PACKAGES) data ## Run a program in Node.js (NAME=digits or next_word; ARGS='--epochs 1')
	@tools/build_book.sh data
	node web/programs/$(or $(NAME),digits)_node.mjs $(ARGS)

pdf epub: book ## Make the book to take away, and link it from the landing page
	@python -m web.chromium
	python -m tools.print_book $@
	@tools/build_book.sh

serve: book ## Serve the built book at http://127.0.0.1:8000
	python -m http.server --directory _build/html --bind 127.0.0.1 8000

results: book $(if $(filter-out speed/bench,$(NAME)),,$(BENCH)/.installed) ## Repeat the long trainings, and say what moved (NAME=digits/best: that one)
	@python -m web.chromium
	PYTHONPATH=$(BENCH) python -m tools.rebuild_results $(NAME)

address: $(INSTALLED) ## Write the address in _config.yml into the notebooks and the README
	python -m tools.address

format: $(INSTALLED) ## Format the code, notebooks included
	ruff check --fix .
	ruff format .

clean: ## Remove what was built (CLEAN=all: the environment and the downloaded data too)
	rm -rf _build
	$(if $(filter all,$(CLEAN)),rm -rf $(VENV) web/node_modules data/cache)

# For those who keep the book: tests that take longer, and the locks (LOCK_OPTIONS=--upgrade).

test-colab: $(COLAB)/.installed
	tools/test_colab.sh $(patsubst %,chapters/%.ipynb,$(or $(NAME),$(NAMES_test-colab)))

# How fast, beside PyTorch, JAX and others: a quarter of an hour on a machine with nothing else to do.
bench: $(PACKAGES) $(BENCH)/.installed data
	rm -f $(BENCH)/results/speed/bench.json
	PYTHONPATH=$(BENCH) GRUBOOK_RESULTS=$(BENCH)/results python -m experiments.speed.bench

LOCK := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
  --python-version 3.11 --no-strip-extras --custom-compile-command 'make lock'
lock: $(INSTALLED)
	$(LOCK) $(LOCK_OPTIONS) --universal --output-file requirements.txt requirements.in
	$(LOCK) --no-annotate --python-platform x86_64-manylinux_2_28 \
	  --constraint <(grep == requirements.txt | tr -d '\\') --output-file binder/requirements.txt binder/requirements.in
	$(LOCK) $(LOCK_OPTIONS) --no-annotate --universal --output-file tools/colab.txt tools/colab.in
	$(LOCK) $(LOCK_OPTIONS) --no-annotate --universal --no-emit-package triton \
	  --constraint <(grep == requirements.txt | tr -d '\\') --output-file tools/bench.txt tools/bench.in

data: $(INSTALLED)
	@python -m grubook.data

$(INSTALLED): requirements.txt pyproject.toml
	@PYTHON='$(PYTHON)' tools/create_environment.sh $(VENV)

$(PACKAGES): web/package.json web/package-lock.json $(INSTALLED)
	@echo "Fetching the book's web packages ..."
	npm ci --prefix web --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# Colab runs Python 3.13; where that does not start, the book's own serves.
$(COLAB)/.installed: tools/colab.txt $(INSTALLED)
	$$(python3.13 --version >/dev/null 2>&1 && echo python3.13 || echo python) -m venv --clear $(COLAB)
	$(COLAB)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/colab.txt
	@touch $@

# On top of the book's environment, which stays as it is. PyTorch's package for Linux does not start
# without the libraries of graphics cards (3 GB), which the bench does not use.
$(BENCH)/.installed: tools/bench.txt $(INSTALLED)
	rm -rf $(BENCH)
	python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  --target $(BENCH) -r tools/bench.txt
	@touch $@
