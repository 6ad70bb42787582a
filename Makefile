# `make` alone tells what there is. Everything runs in .venv, which `make env` makes from requirements.txt.
.DEFAULT_GOAL := help
.PHONY: help env lab first_copy mine test colab-test test-lowest test-newest notebooks run bench lint lock clean
PY := .venv/bin/python
# Of a reader's own notebooks the one worked in last: JupyterLab may still have the course's, of the same name, open.
# Not := but =, so that it is looked for when the first copy has been made.
MINE = $(shell { ls -t my/week*.ipynb | head -n 1; } 2>/dev/null)
LAB_OPENS = $(or $(MINE),$(if $(shell ls my/*.ipynb 2>/dev/null),my,notebooks/week00_start_here.ipynb))

help: ## this list
	@echo "Usage: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## /  \1|/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

env: ## make or mend .venv (PYTHON=... names another Python)
	@sh tools/env.sh

lab: first_copy ## open JupyterLab on the notebook in my/ that you worked in last, at first week 0 (LAB_ARGS passes more to it)
	@$(PY) -m jupyterlab --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/$(LAB_OPENS) $(LAB_ARGS)

first_copy: env
	@ls my/*.ipynb >/dev/null 2>&1 || $(PY) tools/mine.py week00 || true

mine: env ## copy a notebook, without its outputs, to my/: make mine NB=week02 (AGAIN=yes: a fresh one beside yours)
	@$(PY) tools/mine.py "$(NB)" --again "$(AGAIN)"

test: env ## run every test and every notebook (ARGS passes more to pytest)
	@$(PY) -m pytest $(ARGS)

test-long: env ## run each notebook with other kernels, another seed, own data; the browser zoomed and dark (an hour and more)
	@COURSE_LONG=yes $(PY) -m pytest tests/long --dist=load $(ARGS)

colab-test: env ## run weeks 0 and 2 as on Colab, with its versions (needs Python 3.13; PYTHON313=... names it)
	@$(PY) tools/elsewhere.py colab $(ARGS)

test-lowest: env ## run all tests with the lowest versions that pyproject.toml allows (ARGS as for test)
	@$(PY) tools/elsewhere.py lowest $(ARGS)

test-newest: env ## run all tests with the newest versions that there are (ARGS as for test)
	@$(PY) tools/elsewhere.py newest $(ARGS)

notebooks: env ## build notebooks/ from lessons/ (only what changed)
	@$(PY) tools/build.py

run: env ## run one notebook on your data: make run NB=week02 DATASET=path SIZE=full (SET='NAME=VALUE ...' sets others)
	@$(PY) tools/run.py "$(NB)" --dataset "$(DATASET)" --size "$(SIZE)" --set "$(SET)"

bench: env ## measure the speed claims, as ratios
	@$(PY) -m pytest benchmarks --benchmark-enable --benchmark-columns=min,median,ops --numprocesses=0 -s

lint: env ## check style, and that built notebooks match their lessons
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) tools/build.py --check

lock: env ## renew requirements.txt and requirements-gpu.txt from pyproject.toml
	@$(PY) tools/lock.py

clean: ## remove .venv, logs and caches of tools; never a notebook, a run or anything of yours
	@find build -mindepth 1 -maxdepth 1 ! -name runs -exec rm -rf {} + 2>/dev/null || true
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .benchmarks
	@find course_utils tools tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
