"""The process beside the build that gets Jupyter Book ready, draws pictures early, and publishes.

While chapters run, one core often waits. This process uses it: it imports what publishing needs and
draws each chapter's pictures as soon as the chapter is done.
"""

import functools
import importlib
import importlib.metadata
import io
import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

from alliances.book.pictures import STORE
from alliances.book.run import STEADY
from alliances.charts import MIME

_READY = ("jupyter_book.cli.main", "myst_nb.sphinx_", "sphinx_book_theme", "sphinxcontrib.bibtex")


class Press:
    """One process of its own for one build; use it in a `with` block."""

    def __init__(self, store):
        self.store, self.pool = str(store), None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.pool:
            self.pool.shutdown(wait=error[0] is None, cancel_futures=True)

    def make_ready(self):
        """Start the process, if it does not run yet."""
        if not self.pool:
            os.environ.update(STEADY | {"SOURCE_DATE_EPOCH": "0", "PYTHONWARNINGS": "ignore"})
            spawn = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(1, mp_context=spawn)
            self.pool.submit(_make_ready, self.store)

    def draw(self, notebook):
        """Draw a finished chapter's pictures while others run; what fails here fails on the page."""
        self.make_ready()
        self.pool.submit(_draw, notebook, self.store)

    def publish(self, book):
        """Run Jupyter Book on a folder: (exit status, what it said on stderr and stdout)."""
        self.make_ready()
        return self.pool.submit(_publish, str(book)).result()


def _make_ready(store):
    os.environ[STORE] = store
    if hasattr(time, "tzset"):
        time.tzset()
    # The bibliography asks for the installed plug-ins anew at each citation, a second and more in all.
    importlib.metadata.entry_points = functools.lru_cache(importlib.metadata.entry_points)
    from alliances.book import pictures

    pictures.bundle(os.path.join(store, "vendor"))
    for module in _READY:
        importlib.import_module(module)


def _draw(notebook, store):
    from alliances.book import pictures

    for cell in json.loads(notebook)["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                pictures.figure(output["data"][MIME], os.path.join(store, "pictures"))


def _publish(book):
    from jupyter_book.cli.main import main

    said, errors = io.StringIO(), io.StringIO()
    status = 0
    try:
        with redirect_stdout(said), redirect_stderr(errors):
            main.main(["build", book, "-W", "-n", "--keep-going", "-q"], standalone_mode=False)
    except SystemExit as ended:
        status = ended.code or 0
    except Exception as failure:  # whatever Jupyter Book raises is its reason, and is told as such
        status = 1
        errors.write(f"\n{failure}")
    return status, errors.getvalue(), said.getvalue()
