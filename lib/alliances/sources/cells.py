"""Producers' tables as text, cell by cell, refused unless every row fits the header."""

import csv
import io
import warnings
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources.opening import LARGEST_FILE, read_text

ADVICE = "Hand in the producer's file unchanged."


def read_cells(path: Path, wanted: list[str], what: str) -> pd.DataFrame:
    """The wanted columns of a csv file, compressed or not, as text; of a Stata file, as numbers.

    `what` says in words whose file is expected. Rows keep their order, so that the row of index 0
    is row 2 of the file. Other columns are left out; empty cells of a csv file are empty text.
    Raises DataProblem for a file that is missing, damaged, no table, without rows, or in which a
    row is longer or shorter than the header or a wanted column is missing.

    >>> read_cells(Path("nowhere.csv"), ["a"], "a list of letters")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    whole = _stata(path) if path.suffix.lower() == ".dta" else _csv(path)
    lacking = [column for column in wanted if column not in whole]
    if lacking:
        raise DataProblem(
            f"{path.name}, row 1: the columns {', '.join(lacking)} are missing; expected {what}."
            f" {ADVICE}"
        )
    twice = sorted({column for column in wanted if list(whole).count(column) > 1})
    if twice:
        raise DataProblem(f"{path.name}, row 1: the columns {', '.join(twice)} stand there twice.")
    if not len(whole):
        raise DataProblem(f"{path.name}: no row follows the header. {ADVICE}")
    return whole[wanted]


def whole_years(path: Path, years: pd.Series) -> pd.Series:
    """A column of years, text or numbers, as whole numbers.

    years: a column as `read_cells` gives it, under the producer's name. Nothing is rounded: part of a
    year ("2004.5"), an empty cell, and anything outside 1700 to 2099 raise a DataProblem that names
    the rows and the column.

    >>> whole_years(Path("any.csv"), pd.Series(["1992", "1993"], name="year")).tolist()
    [1992, 1993]
    >>> whole_years(Path("any.csv"), pd.Series(["1992", "2004.5"], name="year"))
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv, rows 3, column year: found '2004.5'; expected whole
    years. Hand in the producer's file unchanged.
    """
    numbers = pd.to_numeric(years, errors="coerce")
    wrong = years[~numbers.isin(range(1700, 2100))]
    if len(wrong):
        raise DataProblem(
            f"{path.name}, rows {listed((wrong.index + 2).tolist())}, column {years.name}: found"
            f" {wrong.iloc[0]!r}; expected whole years. {ADVICE}"
        )
    return numbers.astype("int64")


def told_apart(paths: list[Path], layouts: dict[str, tuple[str, ...]]) -> dict[str, Path]:
    """Which file is which, by its header, in whatever order they were handed in.

    layouts: {kind of file: columns that only it has}. A file that fits none is not in the result; of
    two that fit one kind the last is, so compare the number of files. Damaged files raise.

    >>> told_apart([], {"votes": ("roll_call",)})
    {}
    """
    found = {}
    for path in paths:
        for kind, columns in layouts.items():
            try:
                read_cells(path, list(columns), kind)
            except DataProblem as problem:
                if "are missing; expected" not in str(problem):
                    raise
            else:
                found[kind] = path
    return found


def listed(rows) -> str:
    """The numbers of the first ten rows, and how many more there are.

    >>> listed(range(2, 14))
    '2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more'
    """
    more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
    return ", ".join(str(row) for row in rows[:10]) + more


def csv_rows(path: Path, text: str) -> list[list[str]]:
    """The cells of a csv text row by row; an empty line is an empty row, so rows can be counted.

    path: the file that the text comes from, for the refusal. Raises DataProblem for text that is no
    csv, and for one that has semicolons between its columns: a spreadsheet wrote it, often with
    decimal commas, and no producer.

    >>> csv_rows(Path("any.csv"), 'a,b\\n\\n"1,5",2\\n')
    [['a', 'b'], [], ['1,5', '2']]
    >>> csv_rows(Path("any.csv"), "a;b\\n1,5;2\\n")
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv, row 1: found semicolons between the columns; expected
    commas. A spreadsheet has saved the file anew. Hand in the producer's file unchanged.
    """
    first = text.lstrip().split("\n", 1)[0]
    if ";" in first and "," not in first:
        raise DataProblem(
            f"{path.name}, row 1: found semicolons between the columns; expected commas. A"
            f" spreadsheet has saved the file anew. {ADVICE}"
        )
    return _parsed(path, text)


def refuse_open_end(path: Path, text: str, last_column_holds_amounts: bool) -> None:
    """Refuse a text whose last number may have lost digits, because the file was cut in it.

    That is so where the last column holds amounts and the last line has neither an end nor a closing
    quotation mark. Raises DataProblem.

    >>> refuse_open_end(Path("any.csv"), "year,value\\n2020,17\\n", True)
    >>> refuse_open_end(Path("any.csv"), "year,value\\n2020,1", True)
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv: the last line has no end, so the file may be cut in its
    last number. Download it again and hand it in unchanged.
    """
    if last_column_holds_amounts and text[-1:] not in ("\n", "\r", '"'):
        raise DataProblem(
            f"{path.name}: the last line has no end, so the file may be cut in its last number."
            " Download it again and hand it in unchanged."
        )


def _parsed(path, text):
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DataProblem(f"{path.name}: this is no csv file ({error}). {ADVICE}") from None


def _csv(path):
    header, *rows = filter(None, _parsed(path, read_text(path)))
    wrong = [place for place, row in enumerate(rows, start=2) if len(row) != len(header)]
    if wrong:
        raise DataProblem(
            f"{path.name}: rows {listed(wrong)} do not have {len(header)} cells as the header has;"
            f" the file is cut or was changed. {ADVICE}"
        )
    return pd.DataFrame(rows, columns=header, dtype="str")


def _stata(path):
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise DataProblem(f"{path.name}: the file has more than {LARGEST_FILE / 1e6:,.0f} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnicodeWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            return pd.read_stata(path, convert_categoricals=False, convert_dates=False)
    except FileNotFoundError:
        raise DataProblem(
            f"{path.name}: the file is missing. Give the path of the file as the producer"
            " delivered it."
        ) from None
    except Exception as error:  # A damaged file makes pandas raise whatever its parser runs into.
        raise DataProblem(
            f"{path.name}: this is no Stata file, or it is damaged ({error}). {ADVICE}"
        ) from None
