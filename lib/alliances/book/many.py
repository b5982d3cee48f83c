"""Many books at once: a list of studies, one pool of chapters, each book whole or as it was."""

import csv
import io
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alliances.book import build as building
from alliances.problems import DataProblem

NEEDED = ("study", "out")
WORDS = ("focal", "ally")
YEARS = ("first_year", "last_year")


class BooksFailed(RuntimeError):
    """Some books of a list are not there; the text names each with its row and its reason."""


@dataclass(frozen=True)
class Entry:
    """One row of a list: which data, where the site goes, which parameters are not the study's own."""

    place: str
    label: str
    study: Path
    out: Path
    parameters: dict


def read_list(path):
    """The entries of a list of studies, a csv file in UTF-8.

    Columns: `study`, a folder of data; `out`, the folder of its site; and where wanted `focal`, `ally`
    (ISO 3166 alpha-3 codes), `first_year` and `last_year`, which may be empty: then the study's own
    holds. A relative path is meant from the list's folder. All that is wrong is refused at once, with a
    DataProblem that names file, row (the heading is row 1) and column: also two rows that would put
    their sites into the same folder or one inside the other.

    >>> read_list("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the list cannot be read (No such file or directory).
    Give a csv file with the columns study,out.
    """
    path = Path(path)
    rows = _rows(path)
    problems, entries = [], []
    for number, row in rows:
        place = f"{path.name}, row {number}"
        problems += [f"{place}, {said}" for said in _row_problems(row)]
        if all(row.get(column) and _is_somebodys(row[column]) for column in NEEDED):
            entries.append(_entry(place, row, path.resolve().parent))
    problems += _clashes(entries)
    if problems:
        raise DataProblem("\n".join(problems))
    return entries


def _rows(path):
    """[(row number, {column: cell})] of the rows that hold anything."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if "\0" in text:
            raise csv.Error("it holds a null byte")
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except OSError as error:
        said = f"the list cannot be read ({error.strerror}). Give a csv file with the columns study,out."
        raise DataProblem(f"{path.name}: {said}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataProblem(
            f"{path.name}: this is no csv file in UTF-8 ({error}). Save it as one."
        ) from None
    header = [word.strip() for word in lines[0]] if lines else []
    known = (*NEEDED, *WORDS, *YEARS)
    lacking, odd = set(NEEDED) - set(header), [word for word in header if word not in known]
    if lacking or odd or len(set(header)) < len(header):
        raise DataProblem(
            f"{path.name}, row 1: found the columns {', '.join(header) or 'none'}; expected "
            f"{' and '.join(NEEDED)}, and where wanted {', '.join(known[2:])}, each once, with "
            "commas between them."
        )
    filled = [(number, line) for number, line in enumerate(lines[1:], 2) if any(line)]
    wide = [str(number) for number, line in filled if len(line) != len(header)]
    if wide:
        raise DataProblem(
            f"{path.name}, row {', '.join(wide)}: found another number of cells than the "
            f"{len(header)} of row 1; expected as many. Put a cell that holds a comma in quotes."
        )
    if not filled:
        raise DataProblem(f"{path.name}: found no row below the columns; expected a study in each.")
    return [
        (number, {word: cell.strip() for word, cell in zip(header, line)})
        for number, line in filled
    ]


def _row_problems(row):
    for column in NEEDED:
        if not row[column]:
            yield f"column {column}: found nothing; expected a folder."
        elif not _is_somebodys(row[column]):
            yield (
                f"column {column}: found {row[column]!r}, and nobody of this name has a home here;"
                " expected a folder. Write its whole path."
            )
    for column in YEARS:
        if not row.get(column, "").removeprefix("-").isdecimal() and row.get(column):
            yield f"column {column}: found {row[column]!r}; expected a year such as 2000, or nothing."


def _is_somebodys(cell):
    try:
        return bool(Path(cell).expanduser())
    except RuntimeError:
        return False


def _entry(place, row, folder):
    given = {column: row[column] for column in (*WORDS, *YEARS) if row.get(column)}
    parameters = {
        column.upper(): int(cell) if column in YEARS and cell.isdecimal() else cell
        for column, cell in given.items()
    }
    out = folder / Path(row["out"]).expanduser()
    study = folder / Path(row["study"]).expanduser()
    return Entry(place, row["out"], study, out.resolve(), parameters)


def _clashes(entries):
    for number, entry in enumerate(entries):
        for earlier in entries[:number]:
            if entry.out == earlier.out:
                found = f"the same folder as {earlier.place.split(', ')[-1]}"
            elif entry.out in earlier.out.parents or earlier.out in entry.out.parents:
                found = f"a folder inside that of {earlier.place.split(', ')[-1]}, or around it"
            else:
                continue
            yield (
                f"{entry.place}, column out: found {entry.label!r}, {found}; expected a folder of "
                "its own for each site. Change one of them."
            )


def build_list(root, path, executor=None, say=building._say):
    """Build the books of a list of studies; their chapters share one pool.

    root: the book's folder. path: the list, as `read_list` takes it. executor: runs the chapters; by
    default as many at a time as there are cores. Every study is checked before anything runs, and all
    that is wrong with any of them is refused at once (DataProblem). Each site is replaced only when the
    new one is whole. A book that fails does not stop the others; at the end BooksFailed names each.
    """
    root = Path(root).absolute()
    entries = read_list(path)
    chapters = building.read_chapters(root)
    books = _accepted(entries, chapters)
    prints = building.checked({book.study: book.study for book in books}, root / "_build", say)
    failed = {}

    def build_one(entry, book):
        means = building.Means(pool, lambda text: say(f"{entry.label}: {text}"), None, entry.label)
        try:
            building.build_accepted(root, book, chapters, means, prints)
        except Exception as error:  # whatever ended this book is its reason; the others go on
            known = isinstance(error, (DataProblem, RuntimeError))
            failed[entry.place] = str(error) if known else f"{type(error).__name__}: {error}"
            means.say("failed; the last site stays as it was")

    with _pools(executor) as (pool, threads):
        for book in [threads.submit(build_one, *pair) for pair in zip(entries, books)]:
            book.result()
    building.forget_old(root / "_build", len(books))
    say(f"{len(books) - len(failed)} of {len(books)} books are ready")
    if failed:
        raise BooksFailed(_summary(entries, failed))


def _accepted(entries, chapters):
    books, problems = [], []
    for entry in entries:
        try:
            books.append(building.accepted(chapters, entry.study, entry.out, entry.parameters))
        except DataProblem as problem:
            problems += [f"{entry.place}: {line}" for line in str(problem).splitlines()]
    if problems:
        raise DataProblem("\n".join(problems))
    return books


@contextmanager
def _pools(executor):
    """The pool of chapters and that of books; what has not begun is dropped when a build is stopped."""
    cores = os.cpu_count() or 1
    pool = executor or ThreadPoolExecutor(cores)
    # Twice as many books as cores: while some are published, others have chapters to run.
    threads = ThreadPoolExecutor(2 * cores)
    try:
        yield pool, threads
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        threads.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        threads.shutdown()
        if not executor:
            pool.shutdown()


def _summary(entries, failed):
    return "\n".join(
        f"{entry.place}, {entry.label}: {failed[entry.place]}"
        for entry in entries
        if entry.place in failed
    )
