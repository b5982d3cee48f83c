# make book and make test set everything up by themselves; the rest is listed by make help.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH := $(CURDIR)/lib
PYTHON := .venv/bin/python

.PHONY: book test serve lab check bench refresh clean help

book: .venv/book-is-set-up
	@$(PYTHON) -m alliances build

test: .venv/test-is-set-up .venv-lab/is-set-up
	@$(PYTHON) -m pytest -q -n auto --dist loadfile
	@$(PYTHON) -m pytest -q --nbval --nbval-current-env -p no:cacheprovider -n 2 --dist loadscope chapters

serve: book
	@$(PYTHON) -c "import socket; socket.create_server(('127.0.0.1', 8000)).close()" 2>/dev/null || \
	  { echo "Port 8000 is in use. Stop the other server, then again." >&2; exit 1; }
	@echo "The book is at http://127.0.0.1:8000/ until you press Ctrl-C."
	@$(PYTHON) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: .venv-lab/is-set-up
	@echo "JupyterLab opens the chapters, at the address below, until you press Ctrl-C."
	@.venv-lab/bin/jupyter lab --ServerApp.root_dir="$(CURDIR)" --ServerApp.answer_yes=True \
	  --LabApp.default_url=/lab/tree/chapters/index.ipynb

check: .venv/book-is-set-up
	@$(PYTHON) -m alliances check

bench: .venv/test-is-set-up
	@$(PYTHON) tests/bench.py

refresh: .venv/book-is-set-up
	@$(PYTHON) -m alliances refresh

clean:
	rm -rf _build .venv .venv-lab lib/*.egg-info

help:
	@echo "make book     set up, run every chapter, publish the site to _build/html"
	@echo "make test     set up, run all tests"
	@echo "make serve    the same as make book, then show the site at http://127.0.0.1:8000/"
	@echo "make lab      open the chapters in JupyterLab, to run them step by step"
	@echo "make check    look only whether the data are as data/datapackage.json says"
	@echo "make refresh  run the chapters and store their outputs in chapters/"
	@echo "make bench    measure the build and the measures against the stock ways"
	@echo "make clean    remove what was set up and built"

.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3 python3.14; do \
	  if command -v $$python >/dev/null 2>&1 && \
	     $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    if $$python -m venv .venv >/dev/null 2>&1; then exit 0; fi; \
	    rm -rf .venv; found=$$python; \
	  fi; \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make a virtual environment. On Debian: sudo apt install python3-venv, then again." >&2; \
	else \
	  echo "No Python 3.11 or newer was found. Install one, then again." >&2; \
	fi; exit 1

.venv/book-is-set-up: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Setting up, once; this takes about a minute."
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PYTHON) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test-is-set-up: requirements-test.lock .venv/book-is-set-up
	@echo "Setting up the tests, once."
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# An environment of its own: with JupyterLab beside it, every import of altair takes a second longer.
# The kernel is the book's environment.
.venv-lab/is-set-up: requirements-lab.lock .venv/book-is-set-up
	@echo "Setting up JupyterLab, once; this takes about a minute."
	@$(PYTHON) -m venv .venv-lab
	@.venv-lab/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-lab.lock
	@$(PYTHON) -m ipykernel install --prefix .venv-lab --name python3 --display-name "Python 3" \
	  --env PYTHONPATH "$(CURDIR)/lib" >/dev/null 2>&1 || \
	  { echo "The kernel could not be set up in .venv-lab: make clean, then again." >&2; exit 1; }
	@touch $@
