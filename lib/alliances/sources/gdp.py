"""Reader of gross domestic product from the World Bank's World Development Indicators.

Three layouts, each as csv and in the zip that it comes in: the indicator's own csv (four lines, then
a column a year), the DataBank's export ("2015 [YR2015]", ".." for missing, two lines at the end), and
the long one of Country Code, Year, Value. The first two are known from documentation and from
programs that read them; no file of the producer was at hand.
"""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, csv_rows, listed, refuse_open_end, whole_years
from alliances.sources.opening import read_text_or_zip

NAME = "wdi-gdp"
TABLE = "limiting_factors/gdp"
INDICATOR = "NY.GDP.MKTP.CD"
# In the zip files lies a description of the indicator and the states beside the table.
IN_ZIP = r"(?!.*[Mm]etadata).*\.csv"
MISSING = ("", "..")
STATE, LONG = "Country Code", ("Country Code", "Year", "Value")
LAYOUTS = (
    f"GDP in current US dollars ({INDICATOR}) as the World Bank gives it: the indicator's csv with a"
    " column a year, the DataBank's csv with states and series in rows and years in columns, or"
    " Country Code, Year, Value"
)
_UPDATED = r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}"


def read_gdp(path: Path | str) -> pd.DataFrame:
    """Return state, year, gdp: gross domestic product in million US dollars of the year.

    Converted at the exchange rates of the year, so a falling currency lowers it even where nothing
    less was produced; it is no measure of living standards. A year without a row was not published.
    state: the World Bank's codes, ISO 3166 for states, others for groups (WLD is the world). Rows of
    other series, which a DataBank export may have, are left out.
    Raises DataProblem for another layout or indicator, a DataBank export without its last lines,
    cells that are no numbers, years that are not whole, and a state with two rows in a year.
    Source: World Bank, indicator NY.GDP.MKTP.CD.

    >>> read_gdp("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    return _read(Path(path))[0]


def _read(path):
    """The table, when the World Bank says it was updated (or None), and what is doubtful in it."""
    text = read_text_or_zip(path, IN_ZIP)
    rows = csv_rows(path, text)
    start = next((n for n, row in enumerate(rows) if STATE in row), None)
    header = [name.strip() for name in rows[start]] if start is not None else []
    years = {name: int(name[:4]) for name in header if re.fullmatch(r"\d{4}( \[YR\d{4}\])?", name)}
    if header.count(STATE) != 1 or not (years or set(LONG) <= set(header)):
        shown = ", ".join(rows[start or 0][:8])
        raise DataProblem(
            f"{path.name}, row {(start or 0) + 1}: found {shown}; the columns Country Code, and years"
            f" or Year and Value, are missing; expected {LAYOUTS}. {ADVICE}"
        )
    body, updated = _body(path, rows, start, header)
    if set(LONG) <= set(header):
        return _checked(path, _long(path, body)), updated, _doubt(path, text, body)
    refuse_open_end(path.name, text, header[-1] in years)
    return _checked(path, _wide(path, body, years)), updated, []


def _doubt(path, text, cells):
    """Long files come without an end of the last line, so a missing one can be said and not refused."""
    if text.endswith(("\n", "\r")):
        return []
    state, year, value = cells[list(LONG)].iloc[-1]
    return [
        f"{path.name}: its last line has no end, so look whether the last figure is whole: {state}"
        f" {year}, {value} dollars."
    ]


def _body(path, rows, start, header):
    """The cells under the header, counted so that index 0 is row 2; the date of the last update."""
    above, below = rows[:start], rows[start + 1 :]
    databank = any("[YR" in name for name in header)
    last = len(below)
    if databank:
        last = next((n for n, row in enumerate(below) if _is_note(row)), last)
    notes = " ".join(" ".join(row) for row in (below[last:] if databank else above))
    updated = re.search(rf"Last Updated(?: Date)?:? ({_UPDATED})\b", notes)
    if databank and not updated:
        raise DataProblem(
            f"{path.name}: the last lines, 'Data from database: ...' and 'Last Updated: ...', are"
            f" missing, so the file is cut. {ADVICE}"
        )
    whole = {start + n: row for n, row in enumerate(below[:last]) if any(row)}
    wrong = [place + 2 for place, row in whole.items() if len(row) != len(header)]
    if wrong:
        raise DataProblem(
            f"{path.name}: rows {listed(wrong)} do not have {len(header)} cells as the header has;"
            f" the file is cut or was changed. {ADVICE}"
        )
    if not whole:
        raise DataProblem(f"{path.name}: no row follows the header. {ADVICE}")
    cells = pd.DataFrame.from_dict(whole, orient="index", columns=header, dtype="str")
    return cells.apply(lambda column: column.str.strip()), updated and updated[1]


def _is_note(row):
    return bool(row) and row[0].startswith(("Data from database", "Last Updated"))


def _long(path, cells):
    table = cells[list(LONG)].set_axis(["state", "year", "cell"], axis=1)
    return table.assign(year=whole_years(path, cells["Year"]))


def _wide(path, cells, years):
    column = next((name for name in ("Indicator Code", "Series Code") if name in cells), None)
    if column is None or INDICATOR not in set(cells[column]):
        found = ", ".join(sorted(set(cells[column]))[:5]) if column else "no column for it"
        raise DataProblem(
            f"{path.name}: found the indicator {found}; expected {INDICATOR}, gross domestic product in"
            " current US dollars. Download that one."
        )
    ours = cells.loc[cells[column] == INDICATOR, [STATE, *years]]
    ours = ours.rename(columns={STATE: "state"}).rename_axis("row").reset_index()
    long = ours.melt(["row", "state"], var_name="year", value_name="cell").set_index("row")
    return long[~long["cell"].isin(MISSING)].assign(year=lambda rows: rows["year"].map(years))


def _checked(path, table):
    amounts = pd.to_numeric(table["cell"], errors="coerce")
    wrong = ~amounts.between(0, float("inf"), inclusive="neither")
    twice = table.duplicated(["state", "year"])
    if wrong.any() or twice.any():
        rows = listed(list(dict.fromkeys((table.index[wrong | twice] + 2).tolist())))
        raise DataProblem(
            f"{path.name}, rows {rows}: expected an amount above zero, with a point as decimal sign,"
            f" and one row a state and year. {ADVICE}"
        )
    found = table.assign(gdp=amounts / 1e6)[["state", "year", "gdp"]]
    return found.sort_values(["state", "year"], ignore_index=True)


def _make(paths, study):
    path = one_file(paths, "GDP in current US dollars by country and year")
    (whole, updated, doubt), states = _read(path), states_of(study)
    kept = whole[whole["state"].isin(states) & (whole["year"] >= study["first_year"])]
    if kept.empty:
        raise DataProblem(
            f"{path.name}: found no GDP of {', '.join(states)} since {study['first_year']}; expected"
            " these states by the World Bank's codes. Download all countries, or these."
        )
    lacking = sorted(set(states) - set(kept["state"]))
    last = int(whole["year"].max())
    said = [f"{path.name}: {len(whole):,} rows to {last} read, {len(kept)} kept.", *doubt]
    said += [f"Without GDP: {', '.join(lacking)}."] if lacking else []
    table = kept.round({"gdp": 3}).assign(source=NAME)
    edition = f"years to {last}" + (f", updated {updated}" if updated else "")
    return Made({TABLE: table}, edition, said, {TABLE: (study["first_year"], last)})


SOURCES = (
    Source(
        NAME,
        "World Bank, World Development Indicators, GDP in current US dollars",
        f"one file: {INDICATOR} by country and year, as csv or zip, from the indicator's page or the"
        " DataBank",
        (TABLE,),
        _make,
        producer="World Bank",
        path="https://data.worldbank.org/indicator/NY.GDP.MKTP.CD",
        citation="wdi",
    ),
)
