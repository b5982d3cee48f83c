"""Many books from a list: all checked first, each whole or as it was, and none stops another."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import files_of, put, saved, small_book

from alliances.book import build as building
from alliances.book import many, run
from alliances.command import main
from alliances.problems import DataProblem

PAIR = 'prose.say("{a} and {b}", a=study.state(study.focal), b=study.state(study.ally))'
LIST = (
    "study,out,focal,ally,first_year\n"
    "data,site/armenia,,,\n"
    "data,site/russia,RUS,ARM,\n"
    "data,site/late,,,2000\n"
)


@pytest.fixture
def book(tmp_path):
    root = small_book(tmp_path / "book")
    put(root, "first", PAIR)
    return root


class Counting(ThreadPoolExecutor):
    """A pool that keeps the names of what it was given."""

    def __init__(self):
        super().__init__(2)
        self.names = []

    def submit(self, function, job):
        self.names.append(job.name)
        return super().submit(function, job)


def made(book, text, executor=None):
    said = []
    many.build_list(book, saved(book, text, "list.csv"), executor, said.append)
    return said


def test_books_of_a_list_are_what_each_alone_would_be(book, tmp_path):
    pool = Counting()
    said = made(book, LIST, pool)
    assert said[-1] == "3 of 3 books are ready" and sorted(pool.names) == 3 * ["first"] + 3 * [
        "second"
    ]
    alone = small_book(tmp_path / "alone")
    put(alone, "first", PAIR)
    for name, parameters in {
        "armenia": {},
        "russia": {"FOCAL": "RUS", "ALLY": "ARM"},
        "late": {"FIRST_YEAR": 2000},
    }.items():
        out = tmp_path / name
        building.build(alone, alone / "data", out, parameters, say=lambda text: None)
        assert files_of(book / "site" / name) == files_of(out), name
    again = Counting()
    assert made(book, LIST, again)[-1] == "3 of 3 books are ready" and again.names == []


def test_a_book_that_fails_stays_as_it_was_and_does_not_stop_the_others(book):
    made(book, LIST)
    before = {name: files_of(book / "site" / name) for name in ("armenia", "russia", "late")}
    put(book, "first", PAIR, "# new\n1", 'assert study.focal != "RUS", "no such view"')
    with pytest.raises(many.BooksFailed) as failed:
        made(book, LIST)
    assert str(failed.value) == (
        "list.csv, row 3, site/russia: chapter first, cell 7 "
        '(assert study.focal != "RUS", "no such view"): AssertionError: no such view'
    )
    assert files_of(book / "site" / "russia") == before["russia"]
    for name in ("armenia", "late"):
        assert "# new" in (book / "site" / name / "chapters" / "first.html").read_text()
        assert files_of(book / "site" / name).keys() == before[name].keys()
    assert sorted(path.name for path in (book / "site").iterdir()) == ["armenia", "late", "russia"]


def test_where_nothing_is_left_to_run_chapters_every_book_says_so_and_stays(book):
    class Gone(ThreadPoolExecutor):
        def submit(self, function, job):
            raise run.Stopped("no worker is there. Start workers.")

    made(book, LIST.splitlines()[0] + "\ndata,site,,,\n")
    before = files_of(book / "site")
    put(book, "first", "'another text'")
    with pytest.raises(many.BooksFailed, match="^list.csv, row 2, site: no worker is there"):
        made(book, LIST.splitlines()[0] + "\ndata,site,,,\n", Gone())
    assert files_of(book / "site") == before


def test_all_studies_are_checked_before_anything_runs_and_all_is_said_at_once(book):
    for name in ("broken", "empty"):
        shutil.copytree(book / "data", book / name)
    (book / "broken" / "states.csv").write_text("iso3\n")
    (book / "empty" / "events.csv").write_bytes(b"")
    with pytest.raises(DataProblem) as refused:
        made(book, "study,out\ndata,a\nempty,b\n")
    assert re.fullmatch(
        r".*empty: events.csv: the file is empty; .*", str(refused.value), flags=re.S
    )
    (book / "letters").mkdir()
    (book / "letters" / "dear.txt").write_text("keep me")
    with pytest.raises(DataProblem) as refused:
        made(
            book,
            "study,out,focal,last_year\ndata,a,QQQ,\nnowhere,b,,\ndata,letters,,\ndata,c,,1980\n",
        )
    said = str(refused.value).splitlines()
    assert [line.split(": ")[0] for line in said] == [f"list.csv, row {n}" for n in (2, 3, 4, 5)]
    for line, part in zip(said, ("'QQQ'", "nowhere", "would be replaced", "1980")):
        assert part in line
    assert not (book / "_build" / "chapters").exists()
    assert [path.name for path in (book / "letters").iterdir()] == ["dear.txt"]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "row 1: found the columns none; expected study and out"),
        ("study;out\ndata;a\n", "row 1: found the columns study;out; expected study and out"),
        ("study,out,year\ndata,a,2000\n", "found the columns study, out, year; expected"),
        ("study,out,out\ndata,a,b\n", "each once"),
        ("study,out\n", "found no row below the columns"),
        ("study,out\n,\n", "found no row below the columns"),
        ("study,out\ndata,a,b\ndata,c\ndata\n", "row 2, 4: found another number of cells"),
        ("study,out\n,a\ndata,\n", "row 2, column study: found nothing; expected a folder.\n"),
        ("study,out,last_year\ndata,a,last\n", "row 2, column last_year: found 'last'; expected"),
        (
            "study,out\ndata,a\ndata,./b/../a\n",
            "row 3, column out: found './b/../a', the same folder as",
        ),
        (
            "study,out\ndata,a/b\ndata,a\n",
            "row 3, column out: found 'a', a folder inside that of row 2",
        ),
        (b"study,out\ndata,\xff\n", "no csv file in UTF-8"),
        ('study,out\ndata,"a\n', "no csv file in UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_row_and_column(tmp_path, text, said):
    with pytest.raises(DataProblem, match=re.escape(said)) as refused:
        many.read_list(saved(tmp_path, text, "list.csv"))
    assert all(line.startswith("list.csv") for line in str(refused.value).splitlines())


def test_a_list_of_excel_in_another_folder_means_paths_from_its_own(tmp_path):
    text = "\ufeffstudy, out ,first_year,ally\r\nKasachstan, ../sites/kaz ,2000,RUS\r\n,,,\r\n/a b,c,,\r\n"
    first, second = many.read_list(saved(tmp_path, text, "list.csv"))
    assert (first.study, first.out) == (
        tmp_path.resolve() / "Kasachstan",
        tmp_path.resolve().parent / "sites" / "kaz",
    )
    assert first.parameters == {"FIRST_YEAR": 2000, "ALLY": "RUS"} and second.parameters == {}
    assert str(second.study) == "/a b" and second.place == "list.csv, row 4"


@given(st.binary(max_size=60) | st.text(max_size=60))
@example("data,a\0b")
@example("data,~nobody-of-this-name/site")
def test_whatever_a_list_holds_is_read_or_refused_by_name(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("list", numbered=True)
    start = b"study,out\n" if isinstance(content, bytes) else "study,out\n"
    try:
        entries = many.read_list(saved(folder, start + content, "list.csv"))
        assert entries and len({entry.out for entry in entries}) == len(entries)
    except DataProblem as problem:
        assert str(problem).startswith("list.csv")


def test_the_command_names_what_failed_with_its_status(book, capsys, monkeypatch):
    monkeypatch.chdir(book)
    saved(book, "study,out\ndata,site\n", "list.csv")
    assert main(["build", "--studies", "list.csv", "--out", "elsewhere"]) == 1
    assert "without --study, --out and -p" in capsys.readouterr().err
    assert main(["build", "--studies", "list.csv", "--against", "data"]) == 1
    assert "--against takes one study only" in capsys.readouterr().err
    assert not (book / "site").exists()
    assert main(["build", "--studies", "nowhere.csv"]) == 1
    assert "nowhere.csv: the list cannot be read" in capsys.readouterr().err
    assert main(["build", "--studies", "list.csv"]) == 0
    assert "1 of 1 books are ready" in capsys.readouterr().out
    put(book, "first", "1 / 0")
    assert main(["build", "--studies", "list.csv"]) == 1
    assert "list.csv, row 2, site: chapter first, cell 4 (1 / 0)" in capsys.readouterr().err
