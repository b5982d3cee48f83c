"""Chapters on a Dask cluster, handed over through its client of `concurrent.futures`."""

import asyncio
import logging
import sys
import tempfile
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from alliances.book import run
from alliances.problems import DataProblem

ANSWER_WITHIN = 10
PATIENCE = 60


@contextmanager
def cluster(address, root, patience=PATIENCE):
    """An executor that runs chapters on the workers of a Dask scheduler.

    address: where the scheduler listens, such as tcp://10.0.0.1:8786. root: the book's folder, which
    every worker must see at the same path, since the chapters run below it. patience: seconds without
    any worker after which all chapters that are not done end with `run.Stopped`; a chapter whose worker
    is lost before that runs again on another. A scheduler that does not answer, one without workers,
    and a worker with another Python, another version of a package or of the library (whose outputs
    would differ) are refused with a DataProblem, and so is a machine without `distributed`.
    """
    distributed = _distributed()
    _knock(distributed, address)
    client = distributed.Client(address, timeout=ANSWER_WITHIN, set_as_default=False)
    with client:
        _refuse_others(client, address, Path(root).absolute())
        executor = _Cluster(client, address, patience)
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


def _distributed():
    try:
        import distributed
    except ImportError:
        raise DataProblem(
            "--cluster needs the package distributed, which is not installed. Install it with: "
            f"{sys.executable} -m pip install distributed"
        ) from None
    # What concerns the user is said by this module, once; the package tells of every lost connection.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    return distributed


def _knock(distributed, address):
    """Refuse an address where no scheduler answers; a client would wait there, in part without end."""

    async def who():
        async with distributed.rpc(address) as listener:
            return await asyncio.wait_for(listener.identity(), ANSWER_WITHIN)

    try:
        # In a thread of its own: whoever calls, such as a notebook, may have a loop that runs.
        with ThreadPoolExecutor(max_workers=1) as aside:
            kind = aside.submit(asyncio.run, who()).result().get("type")
        problem = None if kind == "Scheduler" else f"found a {kind}"
    except TimeoutError:
        problem = f"nothing came within {ANSWER_WITHIN} seconds"
    except Exception as error:  # whatever else listens there raises as it likes
        problem = _first(error)
    if problem:
        raise DataProblem(
            f"--cluster {address}: no Dask scheduler answers there ({problem}). Start one with "
            "dask scheduler, and give the address that it prints."
        )


def _first(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _refuse_others(client, address, root):
    """Refuse workers whose chapters would not be what they are here, all with their reasons."""
    try:
        client.wait_for_workers(1, timeout=ANSWER_WITHIN)
    except TimeoutError:
        raise DataProblem(
            f"--cluster {address}: the scheduler has no workers. Start some with dask worker {address}, "
            "in the book's environment."
        ) from None
    store = root / "_build"
    store.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=store, prefix="seen-by-all-") as mark:
        here = _surroundings(mark.name)
        found = client.run(_surroundings, mark.name, on_error="return")
    problems = []
    for worker, there in found.items():
        if isinstance(there, Exception):
            problems.append(f"{worker} cannot load the library ({_first(there)}).")
        else:
            differing = [
                f"{name} {there[name]}, here {here[name]}"
                for name in here
                if there[name] != here[name]
            ]
            if differing:
                problems.append(f"{worker} has {'; '.join(differing)}.")
    if problems:
        advice = (
            "Start every worker in the book's environment, with the book's folder at the same path."
        )
        raise DataProblem("\n".join([*(f"--cluster: worker {said}" for said in problems), advice]))


def _surroundings(mark):
    """What a chapter's outputs depend on where this runs, and whether the book's folder is seen there."""
    seen = "in sight" if Path(mark).exists() else "out of sight"
    library = f"with the mark {run.library_print()[:12]}"
    return run.versions() | {
        "the library alliances": library,
        f"the folder {Path(mark).parent}": seen,
    }


def _as_here(library_print, function, *arguments):
    """Run a function where the library is the client's; a worker may have joined since the check."""
    if run.library_print() != library_print:
        raise DataProblem("a worker with another version of Python or the library has joined.")
    return function(*arguments)


class _Cluster(Executor):
    """The cluster's own executor, watched: it waits without end for workers that never come back."""

    def __init__(self, client, address, patience):
        self._client, self._address, self._patience = client, address, patience
        self._executor = client.get_executor(pure=False)
        self._print = run.library_print()
        self._open, self._lock, self._ended = set(), threading.Lock(), threading.Event()
        self._watch = threading.Thread(target=self._watch_workers, daemon=True)
        self._watch.start()

    def submit(self, function, *arguments):
        ours = Future()
        theirs = self._executor.submit(_as_here, self._print, function, *arguments)
        with self._lock:
            self._open.add(ours)
        theirs.add_done_callback(lambda done: self._settle(ours, done))
        return ours

    def _settle(self, ours, done):
        with self._lock:
            self._open.discard(ours)
            if ours.done():
                return
            if done.cancelled():
                ours.set_exception(
                    run.Stopped(f"the scheduler at {self._address} was lost. Try again.")
                )
            elif done.exception():
                ours.set_exception(done.exception())
            else:
                ours.set_result(done.result())

    def _watch_workers(self):
        seen = time.monotonic()
        while not self._ended.wait(1):
            try:
                alive = self._client.nthreads()
            except Exception:  # whatever keeps the scheduler from answering: nobody can be seen
                alive = {}
            if alive:
                seen = time.monotonic()
            elif time.monotonic() - seen > self._patience:
                self._give_up()

    def _give_up(self):
        with self._lock:
            for ours in self._open:
                ours.set_exception(
                    run.Stopped(
                        f"no worker of {self._address} has been there for {self._patience} seconds. "
                        "Start workers, and build again; what was computed is kept."
                    )
                )
            self._open.clear()

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._ended.set()
        self._executor.shutdown(wait=wait and not cancel_futures)
