"""Chapters on a Dask cluster of this machine: the same bytes, also where workers are killed."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from dask_here import Cluster
from support import ROOT, files_of, put, saved, small_book, until

from alliances.book import build as building
from alliances.book import many, run
from alliances.book.cluster import cluster
from alliances.command import main
from alliances.problems import DataProblem

LIST = "study,out,focal,ally\ndata,site/armenia,,\ndata,site/russia,RUS,ARM\n"
# The chapter that is first to run tells who runs it and waits to be killed; later ones go on.
WAITS_ONCE = """
import os, time
try:
    with open({mark!r}, "x") as file:
        file.write(str(os.getppid()) + "\\n")
    time.sleep(120)
except FileExistsError:
    pass
"""
# Every chapter tells who runs it, and waits until the mark of the end is there.
WAITS = """
import os, time
from pathlib import Path
folder = Path({folder!r})
(folder / "{name}.pid").write_text(str(os.getppid()) + "\\n")
while folder.is_dir() and not (folder / "end").exists():
    time.sleep(0.1)
"""
CASE = 'prose.say("{a} and {b}", a=study.state(study.focal), b=study.state(study.ally))'


@pytest.fixture
def dask(tmp_path):
    (tmp_path / "dask").mkdir()
    started = Cluster(tmp_path / "dask")
    yield started
    started.end()


@pytest.fixture
def book(tmp_path):
    root = small_book(tmp_path / "book")
    put(root, "first", CASE)
    return root


def killed(path):
    """Kill the worker that a chapter has named in a file."""
    pid = until(lambda: path.exists() and path.read_text().endswith("\n") and path.read_text())
    os.kill(int(pid), signal.SIGKILL)


def built(book, **options):
    building.build(book, book / "data", book / "site", say=lambda text: None, **options)
    return files_of(book / "site")


def test_books_are_the_same_bytes_where_a_worker_is_killed_in_the_middle(book, dask, tmp_path):
    mark = tmp_path / "mark"
    put(book, "second", CASE, WAITS_ONCE.format(mark=str(mark)))
    here = tmp_path / "here"
    shutil.copytree(book, here)
    workers = [dask.worker(), dask.worker()]
    killer = threading.Thread(target=killed, args=[mark])
    killer.start()
    said = []
    with cluster(dask.address, book) as executor:
        many.build_list(book, saved(book, LIST, "list.csv"), executor, said.append)
    killer.join()
    assert sorted(worker.poll() is None for worker in workers) == [False, True]
    assert said[-1] == "2 of 2 books are ready"
    many.build_list(here, saved(here, LIST, "list.csv"), say=lambda text: None)
    for name in ("armenia", "russia"):
        site = files_of(book / "site" / name)
        assert len(site) > 20 and site == files_of(here / "site" / name)
    assert not list((book / "_build").glob("alliances-*"))


def test_the_command_builds_on_two_workers_what_it_builds_here(book, dask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workers = [dask.worker(), dask.worker()]
    there, here = tmp_path / "there", tmp_path / "here"
    assert main(["build", "--book", "book", "--out", "there", "--cluster", dask.address]) == 0
    other = shutil.copytree(book, tmp_path / "other", ignore=shutil.ignore_patterns("_build"))
    assert main(["build", "--book", str(other), "--out", str(here)]) == 0
    assert files_of(there) == files_of(here)
    assert all(worker.poll() is None for worker in workers)


@pytest.mark.parametrize("ended", ["workers", "scheduler"])
def test_where_all_are_lost_the_build_stops_and_the_site_stays(book, dask, tmp_path, ended):
    before = built(book)
    dask.worker(), dask.worker()
    folder = tmp_path / "pids"
    folder.mkdir()
    for name in ("first", "second"):
        put(book, name, WAITS.format(folder=str(folder), name=name))

    def ending():
        for name in ("first", "second"):
            if ended == "workers":
                killed(folder / f"{name}.pid")
            else:
                until((folder / f"{name}.pid").exists)
        if ended == "scheduler":
            dask.scheduler.kill()

    killer = threading.Thread(target=ending)
    killer.start()
    with pytest.raises(run.Stopped, match="Start workers|was lost"):
        with cluster(dask.address, book, patience=3) as executor:
            built(book, executor=executor)
    killer.join()
    assert files_of(book / "site") == before
    assert sorted(path.name for path in book.iterdir()) == [
        *("_build", "_config.yml", "_toc.yml", "chapters", "data", "site")
    ]
    shutil.rmtree(folder)
    for name in ("first", "second"):
        put(book, name, "'whole again'")
    assert "whole again" in built(book)["chapters/first.html"].decode()


def other_library(folder):
    """A copy of the library with a line more."""
    shutil.copytree(ROOT / "lib", folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "alliances" / "trade.py").open("a") as file:
        file.write("# another version\n")
    return folder


def test_a_worker_of_another_version_that_joins_later_runs_nothing(book, dask, tmp_path):
    first = dask.worker()
    with cluster(dask.address, book) as executor:
        assert executor.submit(str.upper, "a").result(timeout=60) == "A"
        first.kill()
        dask.worker(library=other_library(tmp_path / "changed"))
        with pytest.raises(DataProblem, match="a worker with another version"):
            executor.submit(str.upper, "b").result(timeout=60)


def test_workers_whose_chapters_would_differ_are_refused_together(book, dask, tmp_path):
    changed, lacking = tmp_path / "changed", tmp_path / "lacking"
    other_library(changed)
    lacking.mkdir()
    (lacking / "alliances.py").write_text("raise ImportError('not here')")
    with pytest.raises(DataProblem, match="the scheduler has no workers"):
        with cluster(dask.address, book):
            pass
    dask.worker(), dask.worker(library=changed), dask.worker(library=lacking)
    problem = until(lambda: refused(dask.address, book, "3 workers"))
    assert problem.count("--cluster: worker tcp://127.0.0.1:") == 2
    assert "the library alliances with the mark " in problem
    assert "cannot load the library" in problem
    assert not (book / "site").exists()


def refused(address, book, wanted):
    """What is said of the workers, once as many as wanted have come."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(int(wanted.split()[0]), timeout=60)
    with pytest.raises(DataProblem) as problem:
        with cluster(address, book):
            pass
    return str(problem.value)


@pytest.mark.parametrize("address", ["127.0.0.1", "nonsense://127.0.0.1:1", "127.0.0.1:1"])
def test_an_address_where_no_scheduler_answers_is_refused(book, address, monkeypatch):
    monkeypatch.setattr("alliances.book.cluster.ANSWER_WITHIN", 2)
    with pytest.raises(DataProblem, match=f"^--cluster {address}: no Dask scheduler answers there"):
        with cluster(address, book):
            pass


def test_what_listens_but_is_no_scheduler_is_refused(book, monkeypatch):
    monkeypatch.setattr("alliances.book.cluster.ANSWER_WITHIN", 2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with pytest.raises(DataProblem, match="no Dask scheduler answers .* within 2 seconds"):
            with cluster(f"127.0.0.1:{mute.getsockname()[1]}", book):
                pass


def test_it_is_refused_alike_where_the_caller_has_a_loop_that_runs(book, monkeypatch):
    async def inside():
        test_what_listens_but_is_no_scheduler_is_refused(book, monkeypatch)

    # A browser of other tests may have a loop of its own running in this thread.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, inside()).result()


def test_without_the_package_one_sentence_says_how_to_get_it(book, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["build", "--book", str(book), "--cluster", "127.0.0.1:8786"]) == 1
    assert "-m pip install distributed" in capsys.readouterr().err
