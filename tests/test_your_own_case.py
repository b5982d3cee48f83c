"""The page that explains it shows lines that run: here they are run as they stand, in their order."""

import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from support import ROOT, copy_book
from test_sources_sipri import DELIVERY_HEADER, PREAMBLE

from alliances.sources import all_sources

PAGE = (ROOT / "chapters" / "your_own_case.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def test_every_source_that_can_be_read_is_on_the_page_and_no_other():
    table = PAGE.split("(sources-that-can-be-read)=")[1].split("`.venv/bin/alliances import` alone")[0]
    assert set(re.findall(r"`([\w-]+)`", table)) == set(all_sources())


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A clone with an environment, and the two files that the page speaks of."""
    folder = copy_book(tmp_path_factory.mktemp("own") / "book")
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("alliances", "papermill"):
        path = tools / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        path.chmod(0o755)
    (folder / "trade-register.csv").write_text(register(), encoding="utf-8")
    caption = PAGE.split(":caption: studies.csv\n")[1]
    (folder / "studies.csv").write_text(caption.split("```")[0], encoding="utf-8")
    return folder


def register():
    """SIPRI's register as its producer lays it out: the yearly sums of the book as one deal each, one
    of them revised, and one that the book does not have.
    """
    rows = pd.read_csv(ROOT / "data" / "arms_transfers" / "deliveries.csv", keep_default_na=False)
    rows = rows[rows["source"] == "sipri-deliveries"].sort_values("year").reset_index(drop=True)
    rows.loc[rows.index[-1], "tiv"] += 40
    new = {"recipient": "ARM", "supplier": "FRA", "year": int(rows["year"].max()), "tiv": 25.0}
    rows = pd.concat([rows, pd.DataFrame([new])]).groupby(list(new)[:3], as_index=False)["tiv"].sum()
    lines = [
        f"{number},{row.supplier.replace('ZZZ', 'unknown supplier(s)')},{row.recipient},Invented,radar,Sensors,{row.year},No,1,No,"
        f"{row.year},No,New,{row.tiv:.6g},{row.tiv:.6g},{row.tiv:.6g},No;\r\n"
        for number, row in enumerate(rows.itertuples(), 1)
    ]
    return PREAMBLE + DELIVERY_HEADER + "".join(lines)


def test_the_page_shows_lines():
    assert len(LINES) >= 10 and all(line.strip() for line in LINES)


def test_every_line_of_the_page_runs_in_its_order(book):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "lib")}
    said = {}
    for line in LINES:
        ran = subprocess.run(
            ["bash", "-c", line], cwd=book, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
        said[line] = ran.stdout
    for out in ("newer", "kazakhstan", "kazakhstan-quick", "armenia", "tajikistan"):
        assert (book / "site" / out / "index.html").is_file(), out
    page = (book / "site" / "kazakhstan" / "chapters" / "arms_transfers.html").read_text()
    assert "Kazakhstan" in page
    quick = (book / "site" / "kazakhstan-quick" / "chapters" / "joint_exercises.html").read_text()
    assert "Nobody has collected the exercises of the years after that search" in quick
    assert (book / "trade-of-kazakhstan.ipynb").is_file()
    assert "revised" in said[next(line for line in LINES if "import sipri-deliveries" in line)]
    compared = said[next(line for line in LINES if "compare data newer" in line)]
    assert "arms_transfers/deliveries" in compared
