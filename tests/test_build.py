"""Building: refused before anything runs, each chapter once, and the last good site stays."""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import nbformat
import pytest
from support import PARAMETERS, files_of, notebook, put, small_book, small_study

from alliances.book import build as building
from alliances.book import publish, run
from alliances.command import main
from alliances.problems import DataProblem
from alliances.study import ALWAYS_READ


@pytest.fixture
def book(tmp_path):
    return small_book(tmp_path / "book")


class Counting(Executor):
    """An executor of another make: it runs what it is given and keeps the names."""

    def __init__(self):
        self.names, self.pool = [], ThreadPoolExecutor(1)

    def submit(self, function, job):
        self.names.append(job.name)
        return self.pool.submit(function, job)


def made(book, **options):
    executor = Counting()
    building.build(
        book,
        book / "data",
        book / "_build" / "html",
        executor=executor,
        say=lambda text: None,
        **options,
    )
    return executor.names


def test_a_book_from_first_run_to_a_changed_table(book):
    assert sorted(made(book)) == ["first", "second"]
    site = book / "_build" / "html"
    page = (site / "chapters" / "second.html").read_text()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page and "<b>bold</b>" not in page
    before = files_of(site)
    assert made(book) == []
    assert files_of(site) == before

    states = book / "data" / "states.csv"
    events = book / "data" / "events.csv"
    kept = events.read_bytes()
    events.write_bytes(b"\n".join(kept.splitlines()[:-1]) + b"\n")
    changed = made(book)
    assert "first" in changed
    assert ">4<" in (site / "chapters" / "first.html").read_text().replace("\n", "")
    events.write_bytes(kept)
    assert made(book) == []
    assert files_of(site) == before
    assert states.exists()


def test_a_failing_chapter_is_named_the_others_kept_and_the_site_stays(book):
    made(book)
    before = files_of(book / "_build" / "html")
    put(book, "first", "total = 1", "total / 0")
    put(book, "second", "'a new text'")
    with pytest.raises(building.ChapterFailed) as failed:
        made(book)
    assert (
        str(failed.value)
        == "chapter first, cell 5 (total / 0): ZeroDivisionError: division by zero"
    )
    assert files_of(book / "_build" / "html") == before
    put(book, "first", "'mended'")
    assert made(book) == ["first"]


def test_a_warning_of_jupyter_book_is_an_error_and_the_site_stays(book):
    made(book)
    before = files_of(book / "_build" / "html")
    put(book, "first", 'prose.say("{cite:t}`nobody2026`")')
    with pytest.raises(publish.PublishError, match="nobody2026"):
        made(book)
    assert files_of(book / "_build" / "html") == before


def test_a_kernel_that_dies_is_a_failed_chapter(book):
    put(book, "first", "import os; os._exit(1)")
    with pytest.raises(building.ChapterFailed, match="chapter first, DeadKernelError"):
        made(book)
    assert not (book / "_build" / "html").exists()


FINDS = 'prose.statement(study, "A2", data="{n} percent", verdict=prose.HOLDS, n=94)'
GATHERS = (
    "from alliances import claims",
    'table = study.table("claims/statements")',
    'rows = claims.gathered(".", table[table["id"] == "A2"])',
    "claims.listing(rows)",
)


@pytest.fixture
def gathering(book):
    """The small book with a chapter that treats a statement, and one that reads what it found.

    Names are chosen so that the reading chapter comes first in the alphabet.
    """
    toc = (book / "_toc.yml").read_text()
    more = "".join(f"  - file: chapters/{name}\n" for name in ("all", "arms_transfers"))
    (book / "_toc.yml").write_text(toc + more)
    put(book, "arms_transfers", FINDS)
    put(book, "all", *GATHERS)
    return book


def test_a_chapter_that_reads_others_runs_after_them_and_again_when_one_changes(gathering):
    assert made(gathering)[-1] == "all"
    pages = gathering / "_build" / "html" / "chapters"
    assert "94 percent" in (pages / "all.html").read_text()
    assert 'href="arms_transfers.html#statement-a2"' in (pages / "all.html").read_text()
    assert 'href="all.html#claim-a2"' in (pages / "arms_transfers.html").read_text()
    before = files_of(gathering / "_build" / "html")
    assert made(gathering) == []
    put(gathering, "arms_transfers", FINDS.replace("94)", "49)"))
    assert made(gathering) == ["arms_transfers", "all"]
    assert "49 percent" in (pages / "all.html").read_text()
    put(gathering, "arms_transfers", FINDS)
    assert made(gathering) == []
    assert files_of(gathering / "_build" / "html") == before


def test_what_is_stored_is_what_a_run_beside_the_stored_chapters_gives(gathering):
    building.refresh(gathering, executor=Counting(), say=lambda text: None)
    folder = gathering / "chapters"
    stored = (folder / "all.ipynb").read_text()
    assert "94 percent" in stored
    text, given = run.prepared(json.loads(stored), {}, "all", lambda table: True)
    again = run.run_chapter(run.Job("all", text, given, str(folder)))
    assert again.error is None and again.notebook == stored
    made(gathering)
    published = gathering / "_build" / "html" / "_sources" / "chapters" / "all.ipynb"
    assert published.read_text() == stored


def test_where_a_chapter_fails_those_that_read_it_do_not_run(gathering):
    put(gathering, "arms_transfers", "1 / 0")
    executor = Counting()
    with pytest.raises(building.ChapterFailed, match="^chapter arms_transfers, cell 4") as failed:
        building.refresh(gathering, executor=executor, say=lambda text: None)
    assert "all" not in executor.names and "chapter all" not in str(failed.value)


def test_a_statement_that_no_chapter_treats_is_named_by_the_one_that_reads(gathering):
    put(gathering, "arms_transfers", "1")
    with pytest.raises(building.ChapterFailed, match=r"chapter all, .*A2 \(arms_transfers\)"):
        made(gathering)


def test_a_link_to_a_row_that_is_not_in_the_book_is_an_error(gathering):
    put(gathering, "all", "1")
    with pytest.raises(publish.PublishError, match="claim-a2"):
        made(gathering)


class Losing(Executor):
    """An executor that loses every job, as a cluster may."""

    def submit(self, function, job):
        future = Future()
        future.set_exception(OSError("worker lost"))
        return future


def test_an_executor_that_loses_jobs_does_not_lose_their_names(book):
    with pytest.raises(
        building.ChapterFailed, match="chapter first, OSError: worker lost\nchapter second"
    ):
        building.build(book, book / "data", book / "site", executor=Losing(), say=lambda text: None)


@pytest.mark.parametrize(
    "parameters, said",
    [
        (
            {"FOKAL": "ARM"},
            "no chapter has a parameter FOKAL. Did you mean FOCAL? Known: ALLY, FIRST_YEAR, FOCAL",
        ),
        ({"STUDY": "elsewhere"}, "Use --study for the data."),
        ({"FOCAL": "QQQ"}, "'QQQ' is not in states.csv"),
        ({"FOCAL": 7}, "parameter FOCAL: found 7; expected a value like 'ARM'."),
        ({"FIRST_YEAR": 2020, "LAST_YEAR": 2010}, "the first year, 2020, is after the last, 2010"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(book, parameters, said):
    with pytest.raises(DataProblem, match=re.escape(said)):
        made(book, parameters=parameters)
    assert not (book / "_build").exists()


def test_broken_data_are_refused_before_anything_runs(book):
    (book / "data" / "states.csv").write_bytes(b"")
    with pytest.raises(DataProblem, match="states.csv: the file is empty"):
        made(book)
    assert not (book / "_build" / "chapters").exists()


def test_a_folder_of_someone_else_is_never_replaced(book, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "letter.txt").write_text("keep me")
    with pytest.raises(DataProblem, match="would be replaced"):
        building.build(book, book / "data", tmp_path / "precious", say=lambda text: None)
    assert (tmp_path / "precious" / "letter.txt").read_text() == "keep me"


def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(book):
    (book / "taken").write_text("a file where a folder would have to be")
    with pytest.raises(DataProblem, match="cannot be written"):
        building.build(book, book / "data", book / "taken" / "site", say=lambda text: None)
    assert not (book / "_build").exists()


def test_a_run_ended_in_the_middle_of_the_exchange_is_mended(tmp_path):
    site, out = tmp_path / "site", tmp_path / "html"
    site.mkdir()
    (site / "index.html").write_text("old")
    publish.swap_in(site, out, "made of nothing")
    out.rename(tmp_path / "html.old")
    publish.recover(out)
    assert (out / "index.html").read_text() == "old" and not (tmp_path / "html.old").exists()


@pytest.mark.parametrize("kind", ["markdown", "code"])
def test_a_cell_tagged_with_what_it_needs_goes_where_that_is_not_held(kind):
    page = notebook("page", "1 + 1")
    new = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}[kind]
    cell = new("40 + 2", id="needy")
    cell.metadata["tags"] = ["needs:a/b", "needs:c/d@2022"]
    page.cells.append(cell)
    for held in ({"a/b", "c/d@2022"}, {"a/b", "c/d"}, {"c/d@2022"}):
        text, _ = run.prepared(page, {}, "page", held.__contains__)
        assert ("40 + 2" in text) == (held == {"a/b", "c/d@2022"})


def test_another_pair_drops_what_belongs_to_the_case():
    page = notebook("A page", "1")
    page.cells[-1].metadata["tags"] = ["case"]
    text, given = run.prepared(page, {"FOCAL": "KAZ", "ALLY": "RUS"}, "page", lambda table: True)
    assert len(json.loads(text)["cells"]) == 3 and given == (("FOCAL", "KAZ"),)
    text, given = run.prepared(page, {"FOCAL": "ARM", "ALLY": "RUS"}, "page", lambda table: True)
    assert len(json.loads(text)["cells"]) == 4 and given == ()


def test_another_pair_reaches_the_page(book):
    put(
        book,
        "first",
        'prose.say("The pair is {a} and {b}.", a=study.state(study.focal), b=study.state(study.ally))',
    )
    made(book, parameters={"FOCAL": "RUS", "ALLY": "ARM"})
    page = (book / "_build" / "html" / "chapters" / "first.html").read_text()
    assert "The pair is Russia and Armenia." in page


def test_a_run_notebook_shows_the_values_of_its_run_once_and_runs_again_for_the_same_pair(tmp_path):
    small_study(tmp_path / "data", *ALWAYS_READ)
    (tmp_path / "chapters").mkdir()
    page = notebook("A page", "FOCAL, ALLY, FIRST_YEAR")
    page.cells[1].source = PARAMETERS.replace('FOCAL = "ARM"', 'FOCAL = "ARM"   # the focal state')
    values = {"FOCAL": "KAZ", "ALLY": "RUS", "FIRST_YEAR": 2000, "LAST_YEAR": 2025}
    text, given = run.prepared(page, values, "page", lambda table: True)
    done = run.run_chapter(run.Job("page", text, given, str(tmp_path / "chapters")))
    shown = nbformat.reads(done.notebook, 4).cells
    assert shown[1].source.splitlines() == [
        *('STUDY = "../data"', 'FOCAL = "KAZ"   # the focal state', 'ALLY = "RUS"'),
        *("FIRST_YEAR = 2000", "LAST_YEAR = 2025"),
    ]
    assert [cell.source for cell in shown].count(shown[1].source) == 1 and len(shown) == 4
    assert shown[-1].outputs[0]["data"]["text/plain"] == "('KAZ', 'RUS', 2000)"


def test_the_command_says_no_with_a_status(book, capsys, monkeypatch):
    monkeypatch.chdir(book)
    assert main(["build", "-p", "FOKAL", "ARM"]) == 1
    assert "no chapter has a parameter FOKAL" in capsys.readouterr().err
    assert main(["check"]) == 0
    assert main(["check", "nowhere"]) == 1
    assert main(["import"]) == 0
    assert "sipri-deliveries" in capsys.readouterr().out
    put(book, "first", "1 / 0")
    assert main(["build"]) == 1
    assert "chapter first, cell 4 (1 / 0): ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--help"], ["build", "--help"], ["check", "--help"], ["import", "--help"]]
)
def test_help_is_there_for_both_ways_of_calling(words):
    ran = subprocess.run(
        [sys.executable, "-m", "alliances", *words], capture_output=True, text=True, env=os.environ
    )
    assert ran.returncode == 0 and len(ran.stdout) > 300


def test_a_second_build_of_a_site_waits_for_the_first(book):
    first = subprocess.Popen(
        [sys.executable, "-m", "alliances", "build", "--book", str(book)],
        stdout=subprocess.PIPE,
        text=True,
    )
    lock = book / "_build" / "locks"
    while not (lock.is_dir() and any(lock.iterdir())) and first.poll() is None:
        time.sleep(0.01)
    said = []
    building.build(book, book / "data", book / "_build" / "html", say=said.append)
    assert first.wait() == 0, first.stdout.read()
    assert "another build is at work" in said[0]
    assert said[-1].endswith("is up to date")
    assert (book / "_build" / "html" / "index.html").is_file()
