"""The built site and a browser, made once for all tests that need them."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import settings
from support import ROOT

# How long an example takes depends on who else works on the machine; it says nothing of the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The folder of the site, built from the book as it stands."""
    from alliances.book.build import build

    out = ROOT / "_build" / "tested"
    build(ROOT, ROOT / "data", out)
    return out


@pytest.fixture(scope="session")
def site(html):
    """The address of the site on a server of this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(html))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; in CI its absence is a failure, elsewhere a reason to skip."""
    from playwright.sync_api import sync_playwright

    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if not found:
        reason = "no Chromium or Chrome was found; on Debian: apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield window
        window.close()


@pytest.fixture(scope="session")
def axe():
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
