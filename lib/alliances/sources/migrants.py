"""Reader of the United Nations' bilateral migrant stocks."""

import re
from pathlib import Path

import pandas as pd
import pycountry

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, pair_states, states_of
from alliances.sources.cells import ADVICE, listed, read_cells
from alliances.sources.names import known_code
from alliances.sources.opening import is_workbook, read_sheets
from alliances.sources.remarks import remark

NAME = "undesa-migrants"
TABLE = "ties/migrants"
WORLD = "WLD"
KEY = ["origin", "destination", "year"]
SHEET = "Table 1"
# The workbook holds some fifty thousand pairs with every region of the world among them.
LARGEST_WORKBOOK = 400_000_000
# Codes of the United Nations (M49): below are countries and areas, above are regions; 2003 stands
# for people whose origin the destination does not tell.
FIRST_REGION, OTHERS = 900, 2003


def read_migrants(path: Path | str) -> pd.DataFrame:
    """People born in one country who live in another: origin, destination, year, people.

    Read from the Population Division's workbook by sex, destination and origin (editions of 2020
    and 2024; both sexes together), or from a csv of its pairs (year, origin, destination, stock).
    origin and destination are ISO 3166 codes, or the file's own name where there is none. The stock
    at mid-year, every few years: people, not moves, by birth and not by citizenship. Who moved
    inside the Soviet Union became a migrant in 1991 without moving. A pair without a row is one for
    which the compiler lists nobody. Raises DataProblem for another layout, cells that are no whole
    numbers, and a pair with two rows in a year. Source: United Nations, DESA, Population Division.

    >>> read_migrants("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    pairs = _workbook(path) if is_workbook(path) else None
    return _listed_pairs(path) if pairs is None else pairs


def _listed_pairs(path):
    wanted = ["year", "origin", "destination", "stock"]
    what = "migrant stocks by origin and destination, as the producer's workbook or as csv"
    cells = read_cells(path, wanted, what)
    numbers = cells[["year", "stock"]].apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna().any(axis=1) | (numbers["stock"] < 0) | (numbers % 1 != 0).any(axis=1)
    wrong |= ~numbers["year"].between(1900, 2100) | (numbers["stock"] > 1e10)
    wrong |= cells.duplicated(wanted[:3])
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected whole numbers"
            f" of zero or more, and each pair once a year. {ADVICE}"
        )
    codes = {
        name: known_code(name) or name for name in pd.unique(cells[wanted[1:3]].values.ravel())
    }
    table = cells[wanted[1:3]].map(codes.get)
    table = table.assign(year=numbers["year"], people=numbers["stock"]).astype(
        {"year": "int64", "people": "int64"}
    )
    return table.groupby(KEY, as_index=False)["people"].sum()


def _workbook(path):
    """The pairs of the producer's workbook, or None where the workbook has another table."""
    sheets = read_sheets(path, SHEET, LARGEST_WORKBOOK)
    if not sheets:
        return None
    place, cells = f"{path.name}, sheet {SHEET}", next(iter(sheets.values()))
    header, columns, years = _columns(place, cells)
    body = cells.iloc[header + 1 :]
    numbers = {side: pd.to_numeric(body[columns[side]], errors="coerce") for side in columns}
    countries = pd.DataFrame({side: _is_country(codes) for side, codes in numbers.items()})
    body = body[countries.all(axis=1) & pd.DataFrame(numbers).notna().all(axis=1)]
    if body.empty:
        raise DataProblem(f"{place}: no pair of countries follows the header. {ADVICE}")
    long = body[[*columns.values(), *years]].melt(list(columns.values()), var_name="column")
    given = long[~long["value"].map(lambda cell: str(cell).strip()).isin(["..", "-", "nan"])]
    people = pd.to_numeric(given["value"], errors="coerce")
    wrong = people.isna() | (people < 0) | (people % 1 != 0)
    if wrong.any():
        named = "; ".join(repr(cell) for cell in given.loc[wrong, "value"].head(5))
        raise DataProblem(
            f"{place}: found {named} as numbers of people ({int(wrong.sum())} such cells); expected"
            f" whole numbers of zero or more, or '..'. {ADVICE}"
        )
    names = {
        code: _code(code, name)
        for side in columns
        for code, name in zip(body[columns[side]], body[_names(cells.loc[header], side)])
    }
    table = pd.DataFrame(
        {side: given[columns[side]].map(names) for side in KEY[:2]}
        | {"year": given["column"].map(years), "people": people}
    ).astype({"year": "int64", "people": "int64"})
    return _without_zeros(place, table)


def _is_country(codes):
    return (codes < FIRST_REGION) | (codes == OTHERS)


def _columns(place, cells):
    """The header's row, the columns of the two codes, and {column: year} for both sexes."""
    codes = r"location code of (destination|origin)"
    for row in cells.index[:40]:
        written = cells.loc[row].map(lambda cell: str(cell).strip().lower())
        found = {
            match[1]: column
            for column, cell in written.items()
            if (match := re.fullmatch(codes, cell))
        }
        if set(found) == set(KEY[:2]):
            break
    else:
        raise DataProblem(
            f"{place}: no row has the headings 'Location code of destination' and 'Location code of"
            f" origin'; expected the workbook of stocks by sex, destination and origin. {ADVICE}"
        )
    years = pd.to_numeric(cells.loc[row], errors="coerce")
    years = years[years.isin(range(1950, 2100))].astype("int64")
    both = years[~years.duplicated()]
    above = cells.loc[: row - 1, : both.index.min()].map(lambda cell: str(cell).lower())
    titled = above.iloc[:, -1].str.contains("both sexes").any() if len(both) else False
    if not titled or list(both) != sorted(both) or len(years) % len(both):
        raise DataProblem(
            f"{place}, row {row + 1}: expected years in their order under 'both sexes', then the"
            f" same years for men and for women. {ADVICE}"
        )
    return row, found, {column: int(year) for column, year in both.items()}


def _names(header, side):
    """The column of a side's names, or of its codes where there are no names."""
    written = header.map(lambda cell: str(cell).strip().lower())
    named = written.str.endswith(f" area of {side}") | written.eq(f"location code of {side}")
    return written[named].index[0]


def _code(number, name):
    state = pycountry.countries.get(numeric=str(int(number)).zfill(3))
    return state.alpha_3 if state else str(name).strip()


def _without_zeros(place, table):
    twice = table[table.duplicated(KEY)]
    if len(twice):
        named = "; ".join(" ".join(map(str, row)) for row in twice[KEY].head(5).values)
        raise DataProblem(f"{place}: two rows for one pair: {named}. {ADVICE}")
    some = table[table["people"] > 0]
    remark(
        f"{place}: {len(table) - len(some)} pairs and years with nobody were left out; a pair"
        " without a row is one for which nobody is listed."
    )
    return some.sort_values(KEY, ignore_index=True)


def _make(paths, study):
    path = one_file(paths, "migrant stocks by origin and destination")
    whole, states = read_migrants(path), states_of(study)
    pair = pair_states(study)
    lacking = sorted(set(states) - set(whole["origin"]))
    if lacking:
        raise DataProblem(f"{path.name}: nobody from {', '.join(lacking)} is in it. {ADVICE}")
    away = whole[whole["origin"].isin(states)]
    there = whole[whole["destination"].isin(states)]
    groups = [
        away[away["destination"].isin([*states, "USA", "UKR", "FRA", "DEU", "UZB", "TKM"])],
        there[
            there["origin"].isin([*states, "IRN", "SYR", "UKR", "TUR", "IRQ"])
            & there["destination"].isin(pair)
        ],
        away.assign(destination=WORLD),
        there.assign(origin=WORLD),
    ]
    table = pd.concat([groups[0], groups[1]]).drop_duplicates(KEY)
    table = pd.concat([table, *groups[2:]]).groupby(KEY, as_index=False)["people"].sum()
    table = table[table["year"].between(1990, study["last_year"])]
    if table.empty:
        raise DataProblem(f"{path.name}: no year of the study is in it. {ADVICE}")
    years = (int(table["year"].min()), int(table["year"].max()))
    said = [f"{path.name}: {len(whole):,} pairs and years read, {len(table)} rows made."]
    edition = f"revision of {whole['year'].max()}"
    return Made({TABLE: table.assign(source=NAME)}, edition, said, {TABLE: years})


SOURCES = (
    Source(
        NAME,
        "United Nations, International Migrant Stock",
        "one file: undesa_pd_2024_ims_stock_by_sex_destination_and_origin.xlsx, that of 2020, or a"
        " csv of year, origin, destination, stock",
        (TABLE,),
        _make,
        producer="United Nations, DESA, Population Division",
        path="https://www.un.org/development/desa/pd/content/international-migrant-stock",
        citation="undesa2020",
    ),
)
