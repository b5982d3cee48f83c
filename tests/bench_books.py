"""Seconds per book as the number of books grows, here and on a Dask cluster of two workers.

Run `python tests/bench_books.py`. Every book is the whole book, from another first year on, so that
each of its chapters runs anew. A cluster's workers run one chapter at a time each.
"""

import tempfile
import time
from pathlib import Path

from dask_here import Cluster
from support import copy_book, saved

from alliances.book.cluster import cluster
from alliances.book.many import build_list

COUNTS = (1, 2, 4)
WORKERS = 2


def seconds_per_book(root: Path, count: int, executor=None) -> float:
    """Seconds that a list of so many books takes, divided by their number; the data are checked before."""
    rows = [f"data,sites/{year},{year}" for year in range(1993, 1993 + count)]
    listed = saved(root, "\n".join(["study,out,first_year", *rows]) + "\n", "list.csv")
    started = time.monotonic()
    build_list(root, listed, executor, say=lambda text: None)
    return (time.monotonic() - started) / count


def measure(scratch: Path) -> dict:
    """{where: {number of books: seconds per book}}; each list is built in a copy of the book."""
    found = {"here": {}, f"on {WORKERS} workers": {}}
    (scratch / "dask").mkdir()
    dask = Cluster(scratch / "dask")
    try:
        for count in COUNTS:
            found["here"][count] = seconds_per_book(copy_book(scratch / f"here-{count}"), count)
        for _ in range(WORKERS):
            dask.worker()
        for count in COUNTS:
            root = copy_book(scratch / f"there-{count}")
            with cluster(dask.address, root) as executor:
                found[f"on {WORKERS} workers"][count] = seconds_per_book(root, count, executor)
    finally:
        dask.end()
    return found


def report(found: dict) -> list[str]:
    """What `measure` found, in lines to print."""
    return [
        f"seconds per book {where}: "
        + ", ".join(f"{seconds:.1f} of {count}" for count, seconds in times.items())
        for where, times in found.items()
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(report(measure(Path(folder)))))
