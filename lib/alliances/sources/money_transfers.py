"""Reader of the Central Bank of Armenia's workbook of money transfers of individuals by country."""

from calendar import month_name
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file
from alliances.sources.names import known_code
from alliances.sources.opening import read_sheets
from alliances.sources.partners import WORLD

NAME = "cba-transfers"
TABLE = "trade/money_transfers"
SHEET, UNIT = "monthly in USD", "(thousand USD)"
DIRECTIONS = {"Inflow": "inflow", "Outflow": "outflow"}
DIFFERENCE = "Net inflow"
PART = "of which non-commercial"
TOTAL, OTHERS = "Total", "Others"
# The bank names one Korea; money moves through banks with the Republic.
NAMED = {TOTAL: WORLD, OTHERS: OTHERS, "Korea": "KOR"}
SHOWN = ("RUS", "USA", "ARE", "KAZ", "GEO", "FRA", "DEU", WORLD)
MONTHS = {name: number for number, name in enumerate(month_name) if number}
_ADVICE = "Hand in the bank's workbook unchanged."


def read_transfers(path: Path | str) -> pd.DataFrame:
    """Money that individuals sent through Armenian banks: partner, year, month, direction, kind, value.

    Million US dollars. partner: an ISO 3166 code, WLD for all countries, "Others" for those that the
    bank does not name. direction: inflow (to Armenia) or outflow. kind: total, or the part that the
    bank classes as non-commercial. An empty cell is a month that the bank had not published, and has
    no row. Transfers are neither wages nor gifts alone: the total holds every transfer of a private
    person, and since 2022 the moves of people and firms from Russia. Cash that travellers carry is
    not in it.

    Raises DataProblem for another layout, unknown names and cells that are no numbers. Source:
    Central Bank of Armenia.

    >>> read_transfers("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    sheets = read_sheets(path)
    if SHEET not in sheets:
        raise DataProblem(
            f"{path.name}: found the sheets {', '.join(sheets)}; expected {SHEET!r}. {_ADVICE}"
        )
    cells = sheets[SHEET]
    columns, first = _columns(path, cells)
    body = cells.iloc[first:].dropna(subset=[0])
    body = body[body[0].map(str).str.strip() != ""]
    partner = _partners(path, body[0].map(str).str.strip())
    wide = pd.concat([partner.rename("partner"), body[list(columns)]], axis=1)
    long = wide.melt("partner", var_name="column")
    long = long.dropna(subset=["value"])
    numbers = pd.to_numeric(long["value"], errors="coerce")
    fine = numbers.between(0, float("inf"), inclusive="left")
    if not fine.all():
        wrong = long[~fine].head(5)
        named = "; ".join(
            f"{r.partner}, {columns[r.column]}: {r.value!r}" for r in wrong.itertuples()
        )
        raise DataProblem(f"{path.name}, sheet {SHEET}: found {named}; expected amounts. {_ADVICE}")
    when = pd.DataFrame(long["column"].map(columns).tolist(), index=long.index)
    when.columns = ["year", "month", "direction", "kind"]
    table = long[["partner"]].join(when).assign(value=numbers / 1000)
    return table.sort_values(["partner", "year", "month", "direction", "kind"], ignore_index=True)


def _columns(path, cells):
    """What each column holds: (year, month, direction, kind), and the first row of countries."""
    units = cells.index[cells[0].map(str).str.strip() == UNIT]
    if len(units) != 1:
        raise DataProblem(f"{path.name}, sheet {SHEET}: expected one cell {UNIT!r}. {_ADVICE}")
    top = units[0]
    if len(cells) < top + 4:
        raise DataProblem(f"{path.name}, sheet {SHEET}: no country follows the headings. {_ADVICE}")
    years, months, directions = (cells.iloc[top + row, 1:] for row in range(3))
    directions = directions.map(lambda cell: str(cell).strip())
    known = directions.map(DIRECTIONS)
    headings = months.map(lambda cell: str(cell).strip() if isinstance(cell, str) else None)
    year = pd.to_numeric(years, errors="coerce").ffill()
    month = headings.map(MONTHS).ffill()
    part = headings.ffill() == PART
    strange = sorted(set(headings.dropna()) - set(MONTHS) - {PART})
    strange += sorted(set(directions) - set(DIRECTIONS) - {DIFFERENCE})
    if strange or year.isna().any() or month.isna().any():
        raise DataProblem(
            f"{path.name}, sheet {SHEET}, rows {top + 1} to {top + 3}: found the headings"
            f" {strange}; expected a year, names of months, {PART!r}, Inflow and Outflow. {_ADVICE}"
        )
    found = {
        column: (int(year[column]), int(month[column]), known[column])
        + ("non-commercial" if part[column] else "total",)
        for column in known.dropna().index
    }
    if len(set(found.values())) != len(found):
        raise DataProblem(f"{path.name}, sheet {SHEET}: a month stands there twice. {_ADVICE}")
    return found, top + 3


def _partners(path, names):
    codes = names.map(lambda name: NAMED.get(name) or known_code(name))
    if codes.isna().any() or codes.duplicated().any() or WORLD not in set(codes):
        wrong = sorted(names[codes.isna() | codes.duplicated()])
        raise DataProblem(
            f"{path.name}, sheet {SHEET}: the names {wrong} are unknown or stand there twice, or"
            f" the row {TOTAL!r} is missing; expected countries in English. {_ADVICE}"
        )
    return codes


def _make(paths, study):
    path = one_file(paths, "the bank's workbook of money transfers by countries")
    if "ARM" not in (study["focal"], study["ally"]):
        raise DataProblem(f"{path.name}: these are Armenia's transfers; the study has no Armenia.")
    whole = read_transfers(path)
    kept = whole[whole["partner"].isin(SHOWN)].round({"value": 6})
    kept.insert(0, "reporter", "ARM")
    years = (int(whole["year"].min()), int(whole["year"].max()))
    said = [
        f"{path.name}: {whole['partner'].nunique() - 2} countries, Others and the total, {years[0]}"
        f" to {years[1]}; kept {', '.join(SHOWN)}."
    ]
    edition = f"months to {years[1]}-{whole.loc[whole['year'] == years[1], 'month'].max():02}"
    return Made({TABLE: kept.assign(source=NAME)}, edition, said, {TABLE: years})


SOURCES = (
    Source(
        NAME,
        "Central Bank of Armenia, money transfers of individuals by countries",
        "one file: 5_Money_transfers_of_individuals_by_countries-eng.xlsx",
        (TABLE,),
        _make,
        producer="Central Bank of Armenia",
        path="https://www.cba.am",
        citation="cba_transfers",
    ),
)
