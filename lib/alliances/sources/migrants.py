"""Reader of the United Nations' bilateral migrant stocks."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, pair_states, states_of
from alliances.sources.cells import ADVICE, listed, read_cells
from alliances.sources.names import known_code

NAME = "undesa-migrants"
TABLE = "ties/migrants"
WORLD = "WLD"


def read_migrants(path: Path | str) -> pd.DataFrame:
    """People born in one country who live in another: origin, destination, year, people.

    origin and destination are ISO 3166 codes, or the file's own name where there is none. The stock
    at mid-year, every five years: people, not moves, by birth and not by citizenship. Who moved
    inside the Soviet Union became a migrant in 1991 without moving. A pair without a row is one for
    which the compiler lists nobody. Raises DataProblem for another layout, cells that are no whole
    numbers, and a pair with two rows in a year. Source: United Nations, DESA, Population Division.

    >>> read_migrants("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    wanted = ["year", "origin", "destination", "stock"]
    cells = read_cells(path, wanted, "migrant stocks by origin and destination")
    numbers = cells[["year", "stock"]].apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna().any(axis=1) | (numbers["stock"] < 0) | (numbers % 1 != 0).any(axis=1)
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
    return table.groupby(["origin", "destination", "year"], as_index=False)["people"].sum()


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
    key = ["origin", "destination", "year"]
    table = pd.concat([groups[0], groups[1]]).drop_duplicates(key)
    table = pd.concat([table, *groups[2:]]).groupby(key, as_index=False)["people"].sum()
    table = table[table["year"].between(1990, study["last_year"])]
    years = (int(table["year"].min()), int(table["year"].max()))
    said = [f"{path.name}: {len(whole):,} pairs and years read, {len(table)} rows made."]
    return Made({TABLE: table.assign(source=NAME)}, "revision of 2020", said, {TABLE: years})


SOURCES = (
    Source(
        NAME,
        "United Nations, International Migrant Stock 2020",
        "one file: year, origin, destination, stock (csv)",
        (TABLE,),
        _make,
    ),
)
