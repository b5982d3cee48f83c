"""Reader of gross domestic product from the World Bank's World Development Indicators."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, listed, read_cells, whole_years

NAME = "wdi-gdp"
TABLE = "limiting_factors/gdp"
COLUMNS = {"Country Code": "state", "Year": "year", "Value": "gdp"}


def read_gdp(path: Path | str) -> pd.DataFrame:
    """Return state, year, gdp: gross domestic product in million US dollars of the year.

    Converted at the exchange rates of the year, so a falling currency lowers it even where nothing
    less was produced; it is no measure of living standards. A year without a row was not published.
    state: the World Bank's codes, ISO 3166 for states, others for groups (WLD is the world).
    Raises DataProblem for another layout, cells that are no numbers, years that are not whole, and a
    state with two rows in a year. Source: World Bank, indicator NY.GDP.MKTP.CD.

    >>> read_gdp("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    cells = read_cells(path, list(COLUMNS), "GDP by country and year")
    cells = cells.assign(Year=whole_years(path, cells["Year"])).rename(columns=COLUMNS)
    amounts = pd.to_numeric(cells["gdp"], errors="coerce")
    wrong = ~amounts.between(0, float("inf"), inclusive="neither")
    twice = cells.duplicated(["state", "year"])
    if wrong.any() or twice.any():
        rows = listed((cells.index[wrong | twice] + 2).tolist())
        raise DataProblem(
            f"{path.name}, rows {rows}: expected an amount above zero, and one row a state and"
            f" year. {ADVICE}"
        )
    table = cells.assign(gdp=amounts / 1e6)
    return table.sort_values(["state", "year"], ignore_index=True)


def _make(paths, study):
    path = one_file(paths, "GDP in current US dollars by country and year")
    whole, states = read_gdp(path), states_of(study)
    lacking = sorted(set(states) - set(whole["state"]))
    kept = whole[whole["state"].isin(states) & (whole["year"] >= study["first_year"])]
    last = int(whole["year"].max())
    said = [f"{path.name}: {len(whole):,} rows to {last} read, {len(kept)} kept."]
    said += [f"Without GDP: {', '.join(lacking)}."] if lacking else []
    table = kept.round({"gdp": 3}).assign(source=NAME)
    return Made({TABLE: table}, f"years to {last}", said, {TABLE: (study["first_year"], last)})


SOURCES = (
    Source(
        NAME,
        "World Bank, World Development Indicators, GDP in current US dollars",
        "one file: NY.GDP.MKTP.CD by country and year (Country Name, Country Code, Year, Value)",
        (TABLE,),
        _make,
    ),
)
