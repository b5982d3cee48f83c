"""Producers' tables as text, cell by cell, refused unless every row fits the header.

What spreadsheets do to a table on the way is either undone, with a remark that says so, or refused:
another sign between the columns, commas for decimal points, signs between thousands, dates in
another order. Nothing is guessed where a cell could mean two things.
"""

import csv
import io
import re
import warnings
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources.opening import (
    ADVICE,
    BOOKS,
    DELIMITERS,
    LARGEST_FILE,
    opened,
    sheets_of,
    split_lines,
    text_stream,
)
from alliances.sources.remarks import remark

_KINDS = (".csv", ".dta", *BOOKS)
_BOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DAY = r"\d{4}-\d\d-\d\d"

# Digits with something between them that is no plain decimal point.
_ODD = re.compile(r"[+-]?\d[\d.,\s'’]*[,\s'’][\d.]*\d")
_SPACED = re.compile(r"[+-]?\d{1,3}([\s'’]\d{3})+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([.\s'’]\d{3})+),\d+")
_SURE_COMMA = re.compile(r"[+-]?(0|\d{4,}|\d{1,3}([.\s'’]\d{3})+),\d+|[+-]?\d+,(\d\d?|\d{4,})")
_SURE_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(,\d{3}|\.\d+)")


def read_cells(
    path: Path | str,
    wanted: list[str],
    what: str,
    other_names: Mapping[str, str] | None = None,
    not_named: str | None = None,
    largest: int = LARGEST_FILE,
    amounts: Collection[str] = (),
) -> pd.DataFrame:
    """The wanted columns of a csv file or a workbook as text; of a Stata file, as numbers.

    The file may be compressed with gzip, or the only one of its kind in a zip archive. `what` says
    in words whose file is expected. other_names: {name in another edition of the file: name
    wanted}. not_named: a word in the names of an archive's files that look alike and are not meant.
    largest: how many bytes the file may have; of a csv file only the wanted columns are
    kept. amounts: columns in which a number that has lost its last digits looks like another number;
    where one of them is the last column of a text, its last line must have an end. Rows keep their order, so that the row of index 0 is row 2 of the file. Other columns are
    left out; empty cells are empty text. Columns between semicolons or tabs, decimal commas and
    signs between thousands are read as what they mean, with a remark. Raises DataProblem for a file
    that is missing, damaged, no table, without rows, or in which a row is longer or shorter than
    the header, a wanted column is missing, or a number could be read in two ways.

    >>> read_cells(Path("nowhere.csv"), ["a"], "a list of letters")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    renamed = _renamer(wanted, other_names or {})

    def fits(name, row):
        return set(wanted) <= set(renamed(row)) and not (not_named and not_named in name)

    with opened(path, _KINDS, fits, largest) as file:
        name, stream = file
        if name.lower().endswith(".dta"):
            whole = _stata(path.name, stream)
            return _checked(path.name, whole.set_axis(renamed(list(whole)), axis=1), wanted, what)
        if stream.peek(4).startswith(_BOOK_MARKS):
            book = _book(path.name, stream.read(), wanted, renamed)
            table, delimiter = _checked(path.name, book, wanted, what), ","
        else:
            with text_stream(path.name, stream) as text:
                table, delimiter = _csv(path.name, text, wanted, what, renamed, False, amounts)
    columns = {column: plain_numbers(path.name, table[column], delimiter == ";") for column in wanted}
    return pd.DataFrame(columns)


def read_table(path: Path | str, wanted: Iterable[str], what: str) -> pd.DataFrame:
    """All columns of a csv file as text, just as they stand; errors as in `read_cells`.

    >>> read_table("nowhere.csv", ["a"], "a list of letters")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path, wanted = Path(path), list(wanted)
    with opened(path, (".csv",), lambda _, row: set(wanted) <= set(row)) as (_, stream):
        with text_stream(path.name, stream) as text:
            return _csv(path.name, text, wanted, what, list, whole=True)[0]


def table_below(name: str, text: str, before: int, delimiter: str) -> pd.DataFrame:
    """All columns, as text, of a table whose header stands below `before` lines; errors as above.

    >>> table_below("a.csv", "A title\\nstate,vote\\nARM,yes\\n", 1, ",").to_dict("list")
    {'state': ['ARM'], 'vote': ['yes']}
    """
    lines = io.StringIO("".join(text.splitlines(keepends=True)[before:]), newline="")
    header = split_lines([lines.readline()], delimiter)[0]
    _refuse_twice(name, header)
    return _rows(name, lines, header, delimiter, header, before)


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


def iso_days(path: Path, days: pd.Series) -> pd.Series:
    """A column of days as ISO dates, text.

    days: a column as `read_cells` gives it, under the producer's name. "12.05.1992" is read as 12
    May, with a remark, because nobody who writes points puts the month first. "12/05/1992", years
    of two digits and a spreadsheet's count of days ("33736") could be other days or none: they and
    days that the calendar has not raise a DataProblem that names rows and column.

    >>> iso_days(Path("any.csv"), pd.Series(["1992-05-12", "12.05.1992"], name="date")).tolist()
    ['1992-05-12', '1992-05-12']
    >>> iso_days(Path("any.csv"), pd.Series(["12/05/1992"], name="date"))
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv, rows 2, column date: found '12/05/1992'; expected days
    such as 1992-05-12. A spreadsheet may have rewritten them. Hand in the producer's file unchanged.
    """
    points = days.str.fullmatch(r"\d\d?\.\d\d?\.\d{4}")
    turned = pd.to_datetime(days.where(points), format="%d.%m.%Y", errors="coerce")
    plain = pd.to_datetime(days.where(days.str.fullmatch(_DAY)), format="%Y-%m-%d", errors="coerce")
    whole = plain.fillna(turned)
    wrong = days[whole.isna()]
    if len(wrong):
        raise DataProblem(
            f"{path.name}, rows {listed((wrong.index + 2).tolist())}, column {days.name}: found"
            f" {wrong.iloc[0]!r}; expected days such as 1992-05-12. A spreadsheet may have"
            f" rewritten them. {ADVICE}"
        )
    if points.any():
        remark(
            f"{path.name}, column {days.name}: {int(points.sum())} dates such as"
            f" {days[points].iloc[0]!r} were read as day, month, year."
        )
    return whole.dt.strftime("%Y-%m-%d").astype("str")


def told_apart(
    paths: list[Path],
    layouts: dict[str, tuple[str, ...]],
    other_names: Mapping[str, str] | None = None,
) -> dict[str, Path]:
    """Which file is which, by its header, in whatever order they were handed in.

    layouts: {kind of file: columns that only it has}. other_names: as in `read_cells`. A file that
    fits none is not in the result; of
    two that fit one kind the last is, so compare the number of files. Damaged files raise.

    >>> told_apart([], {"votes": ("roll_call",)})
    {}
    """
    found = {}
    for path in paths:
        for kind, columns in layouts.items():
            try:
                read_cells(path, list(columns), kind, other_names)
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


def plain_numbers(name: str, cells: pd.Series, semicolons: bool) -> pd.Series:
    """A column of text with plain decimal points, where it holds numbers that are written otherwise.

    name: the file's, for what is said. cells: their index is 0 for row 2 of the file. semicolons:
    whether these stand between the columns, as they do where commas mark decimals. What was read
    how is noted in a remark; a number that can be read in two ways raises a DataProblem.

    >>> plain_numbers("any.csv", pd.Series(["1,5", "12"], name="value"), True).tolist()
    ['1.5', '12']
    """
    """A column with plain decimal points, where it holds numbers that are written otherwise."""
    odd = {cell for cell in cells if not cell.isdigit() and _ODD.fullmatch(cell)}
    if not odd:
        return cells
    points = any("." in cell and cell not in odd and _is_number(cell) for cell in set(cells))

    def all_are(form):
        return all(form.fullmatch(cell) for cell in odd)

    if all_are(_SPACED):
        read, said = (lambda cell: re.sub(r"[\s'’]", "", cell)), "with signs between thousands"
    elif all_are(_COMMA) and not points and (semicolons or any(map(_SURE_COMMA.fullmatch, odd))):
        read = lambda cell: re.sub(r"[.\s'’]", "", cell).replace(",", ".")
        said = "with decimal commas"
    elif all_are(_GROUPED) and (points or any(map(_SURE_GROUPS.fullmatch, odd))):
        read, said = (lambda cell: cell.replace(",", "")), "with commas between thousands"
    else:
        first = next(place for place, cell in cells.items() if cell in odd)
        raise DataProblem(
            f"{name}, row {first + 2}, column {cells.name}: found {cells[first]!r}, which can"
            f" be read in two ways ({len(odd)} such numbers); expected digits with a decimal point"
            f" and nothing else between them. A spreadsheet may have rewritten them. {ADVICE}"
        )
    remark(
        f"{name}, column {cells.name}: {sum(cell in odd for cell in cells)} numbers {said}, such as"
        f" {min(odd)!r}, were read as {read(min(odd))!r} is."
    )
    return cells.map(lambda cell: read(cell) if cell in odd else cell)


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


def refuse_open_end(name: str, text: str, last_column_holds_amounts: bool) -> None:
    """Refuse a text whose last number may have lost digits, because the file was cut in it.

    That is so where the last column holds amounts and the last line has neither an end nor a closing
    quotation mark. Raises DataProblem.

    >>> refuse_open_end("any.csv", "year,value\\n2020,17\\n", True)
    >>> refuse_open_end("any.csv", "year,value\\n2020,1", True)
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv: the last line has no end, so the file may be cut in its
    last number. Download it again and hand it in unchanged.
    """
    if last_column_holds_amounts and text[-1:] not in ("\n", "\r", '"'):
        raise DataProblem(
            f"{name}: the last line has no end, so the file may be cut in its last number."
            " Download it again and hand it in unchanged."
        )


def _parsed(path, text):
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise DataProblem(f"{path.name}: this is no csv file ({error}). {ADVICE}") from None


def _renamer(wanted, other_names):
    """Column names with those of another edition put in our words, unless ours are there too."""

    def renamed(row):
        there = set(row)
        return [
            other_names[name] if name in other_names and other_names[name] not in there else name
            for name in row
        ]

    return renamed


def _csv(name, text, wanted, what, renamed, whole, amounts=()):
    """Frame and delimiter of a text; whole: all columns, or the wanted ones only."""
    header, delimiter, skipped = _header(name, text, wanted, renamed)
    table = pd.DataFrame(columns=header, dtype="str")
    columns = list(header) if whole else wanted
    _checked(name, table, wanted, what, empty=True)
    if whole:
        _refuse_twice(name, header)
    if delimiter != ",":
        remark(
            f"{name}: a spreadsheet saved it again, with {DELIMITERS[delimiter]} between the"
            " columns; it was read so."
        )
    return _rows(name, text, header, delimiter, columns, skipped, amounts), delimiter


def _rows(name, lines, header, delimiter, columns, before, amounts=()):
    """The columns of the rows below a header that has `before` lines above it."""
    chosen = itemgetter(*(header.index(column) for column in columns))
    kept, wrong, last = [], [], deque(maxlen=1)
    try:
        seen = (last.append(line) or line for line in lines)
        rows = filter(None, csv.reader(seen, delimiter=delimiter, strict=True))
        for place, row in enumerate(rows, start=2 + before):
            if len(row) != len(header):
                wrong.append(place)
            elif not wrong:
                kept.append(chosen(row) if len(columns) > 1 else (chosen(row),))
    except csv.Error as error:
        raise DataProblem(f"{name}: this is no csv file ({error}). {ADVICE}") from None
    if wrong:
        raise DataProblem(
            f"{name}: rows {listed(wrong)} do not have {len(header)} cells as the header has;"
            f" the file is cut or was changed. {ADVICE}"
        )
    if not kept:
        raise DataProblem(f"{name}: no row follows the header. {ADVICE}")
    refuse_open_end(name, last[0], header[-1] in amounts)
    return pd.DataFrame(kept, columns=columns, dtype="str")


def _refuse_twice(name, header):
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise DataProblem(f"{name}: the columns {', '.join(twice)} stand there twice. {ADVICE}")


def _header(name, text, wanted, renamed):
    """The first row's cells in our words, the delimiter that fits them best, and rows before it."""
    line, skipped = text.readline(), 0
    while line and (not line.strip() or line.strip().strip('"').startswith("sep=")):
        line, skipped = text.readline(), skipped + (1 if line.strip() else 0)
    if line.count('"') % 2:
        raise DataProblem(f"{name}: this is no csv file (a quotation mark is open). {ADVICE}")
    candidates = {
        mark: renamed([cell.strip() for cell in split_lines([line], mark)[0]])
        for mark in DELIMITERS
    }
    delimiter = max(candidates, key=lambda mark: len(set(wanted) & set(candidates[mark])))
    return candidates[delimiter], delimiter, skipped


def _checked(name, whole, wanted, what, empty=False):
    """The wanted columns of a frame, after a look whether all are there, once, with rows."""
    header = list(whole)
    lacking = [column for column in wanted if column not in header]
    if lacking:
        raise DataProblem(
            f"{name}, row 1: the columns {', '.join(lacking)} are missing; expected {what}."
            f" {ADVICE}"
        )
    twice = sorted({column for column in wanted if header.count(column) > 1})
    if twice:
        raise DataProblem(f"{name}, row 1: the columns {', '.join(twice)} stand there twice.")
    if not empty and not len(whole):
        raise DataProblem(f"{name}: no row follows the header. {ADVICE}")
    return whole[wanted]


def _book(name, raw, wanted, renamed):
    """The sheet of a workbook whose first row has most of the wanted columns, its cells as text."""
    sheets = {}
    for title, cells in sheets_of(name, raw).items():
        header = renamed([_as_text(cell) for cell in cells.iloc[0]]) if len(cells) else []
        body = cells.iloc[1:].reset_index(drop=True)
        sheets[title] = body.set_axis(header, axis=1) if header else body
    best = max(sheets, key=lambda title: len(set(wanted) & set(map(str, sheets[title]))))
    remark(f"{name}: this is a workbook; its sheet {best!r} was read as the table.")
    return sheets[best].map(_as_text)


def _as_text(cell):
    """A workbook's cell as a csv file would have it."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()[:10]
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _is_number(cell):
    return re.fullmatch(r"[+-]?\d+\.\d+", cell) is not None


def _stata(name, stream):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnicodeWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            return pd.read_stata(
                io.BytesIO(stream.read()), convert_categoricals=False, convert_dates=False
            )
    except DataProblem:
        raise
    except Exception as error:  # A damaged file makes pandas raise whatever its parser runs into.
        raise DataProblem(
            f"{name}: this is no Stata file, or it is damaged ({error}). {ADVICE}"
        ) from None
