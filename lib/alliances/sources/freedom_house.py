"""Freedom House's own workbooks of ratings, in their two layouts, as one list by year."""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources.cells import ADVICE, read_cells
from alliances.sources.opening import is_workbook, read_sheets
from alliances.sources.remarks import remark

STATUSES = "Country_and_Territory_Ratings_and_Statuses_FIW_1973-2025.xlsx"
ALL_DATA = "All_data_FIW_2013-2025.xlsx"
COLUMNS = ["fh_country", "year", "pr", "cl"]
UNDER_REVIEW = "year(s) under review"
# South Africa of 1972 has a rating for whites and, in brackets, one for everybody else.
TWO_RATINGS = re.compile(r"(\d)\s*\(\s*(\d)\s*\)")


def read_ratings(path: Path | str) -> pd.DataFrame:
    """Country, year, political rights and civil liberties: fh_country, year, pr, cl, all as text.

    Read from the workbook of ratings and statuses by country (three columns a year), from that of
    all data or of aggregate scores (a row a country and edition), or from a csv of the four
    columns. Ratings run from 1, the most free, to 7. year is the year under review, not that of
    the edition, which is one later. Surveys of the eighties do not follow calendar years: each
    stands for the year in which it ends, so that of January 1981 to August 1982 is 1982, and 1981
    has none. Of two ratings in a cell, as for South Africa in 1972, that of the majority counts.
    Territories are left out; "-" is no rating and has empty text. Raises DataProblem for another
    layout.

    >>> read_ratings("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    if is_workbook(path):
        for name, cells in read_sheets(path).items():
            written = cells.fillna("").map(lambda cell: str(cell).strip())
            place = f"{path.name}, sheet {name.strip()}"
            if (header := _header(written)) is not None:
                return _by_edition(place, written, header)
            if "territor" not in name.lower() and (row := _row_of_years(written)) is not None:
                return _by_year(place, written, row)
    return read_cells(
        path, COLUMNS, f"Freedom House's ratings: {STATUSES}, {ALL_DATA}, or a csv of four columns"
    )


def _header(cells):
    """The row that heads a list of countries and editions, with the columns by heading; or None."""
    for row in cells.index[:5]:
        found = {cell.lower().rstrip("?"): column for column, cell in cells.loc[row].items()}
        if {"country/territory", "c/t", "edition", "pr rating", "cl rating"} <= set(found):
            return row, found
    return None


def _by_edition(place, cells, header):
    row, column = header
    body = cells.loc[row + 1 :]
    body = body[body[column["c/t"]].str.lower() == "c"]
    editions = pd.to_numeric(body[column["edition"]], errors="coerce")
    wrong = body.index[~editions.isin(range(1973, 2100))]
    if len(wrong):
        raise DataProblem(
            f"{place}, row {wrong[0] + 1}, column Edition: found"
            f" {body.loc[wrong[0], column['edition']]!r}; expected the year of an edition. {ADVICE}"
        )
    remark(f"{place}: an edition is about the year before it, which is the year here.")
    wanted = [column[name] for name in ("country/territory", "edition", "pr rating", "cl rating")]
    table = body[wanted].set_axis(COLUMNS, axis=1)
    year = (editions.astype("int64") - 1).astype("str")
    return _rated(place, table.assign(year=year))


def _row_of_years(cells):
    if cells.shape[1] < 2:
        return None
    first = cells[0].iloc[:-1].head(8).str.lower().str.rstrip("*")
    rows = first.index[first == UNDER_REVIEW]
    return rows[0] if len(rows) else None


def _by_year(place, cells, row):
    spans = cells.loc[row, 1:].replace("", None).ffill().fillna("")
    kinds = cells.loc[row + 1, 1:]
    years = spans.map(lambda span: (re.findall(r"(?:19|20)\d\d", span) or [""])[-1])
    pairs = pd.DataFrame({"year": years, "kind": kinds})[kinds.isin(["PR", "CL"])]
    if pairs.empty or pairs["year"].eq("").any() or pairs.duplicated().any():
        raise DataProblem(
            f"{place}, rows {row + 1} and {row + 2}: expected a year or span over each three"
            f" columns PR, CL and Status, and each year once. {ADVICE}"
        )
    merged = sorted({span for span in spans if span and not re.fullmatch(r"\d{4}(\.0)?", span)})
    if merged:
        remark(
            f"{place}: {len(merged)} surveys that cross a turn of the year stand for the year in"
            f" which they end, such as {merged[0]!r}."
        )
    body = cells.loc[row + 2 :]
    body = body[body[0] != ""]
    parts = []
    for year, columns in pairs.groupby("year"):
        of = dict(zip(columns["kind"], columns.index))
        if set(of) != {"PR", "CL"}:
            raise DataProblem(f"{place}: {year} lacks PR or CL. {ADVICE}")
        part = body[[0, of["PR"], of["CL"]]].set_axis(["fh_country", "pr", "cl"], axis=1)
        parts.append(part.assign(year=year))
    return _rated(place, pd.concat(parts)[COLUMNS])


def _rated(place, table):
    """The table with plain ratings; its index holds the sheet's rows, counted from 0."""
    ratings = table[["pr", "cl"]].map(_plain)
    wrong = ratings.ne("") & ~ratings.isin(list("1234567"))
    found = [
        f"row {row + 1}, {cells['fh_country']} {cells['year']}: found {cells['pr']!r} and"
        f" {cells['cl']!r}"
        for row, cells in table[wrong.any(axis=1)].head(5).iterrows()
    ]
    if found:
        raise DataProblem(
            f"{place}: {'; '.join(found)}; expected ratings from 1 to 7, or '-' for none. {ADVICE}"
        )
    return table.assign(**ratings).reset_index(drop=True)


def _plain(cell):
    two = TWO_RATINGS.fullmatch(cell)
    return two[2] if two else cell.removesuffix(".0").replace("N/A", "").removeprefix("-")
