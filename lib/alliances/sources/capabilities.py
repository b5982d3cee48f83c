"""Reader of the Correlates of War data on national material capabilities, version 7.0."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, listed, read_cells, whole_years
from alliances.sources.names import COW_CODES

NAME = "cow-capabilities"
TABLE = "limiting_factors/capabilities"
COMPONENTS = {
    "milex": "military_expenditure",
    "milper": "military_personnel",
    "irst": "iron_and_steel",
    "pec": "energy",
    "tpop": "population",
    "upop": "urban_population",
}


def read_capabilities(path: Path | str) -> pd.DataFrame:
    """Each state's share of the world in six components of capability, and the composite index.

    Columns: number (of the Correlates of War), year, cinc (as the producer prints it), and the share
    of the world's military_expenditure, military_personnel, iron_and_steel, energy, population and
    urban_population, 0 to 1, the world being all states that the file has in that year. A component
    that is missing (-9 or empty) has no share and does not count in the world. The composite is the
    mean of the shares that are there, so a state with a missing component rests on fewer.

    Raises DataProblem for another layout, cells that are no numbers, years that are not whole,
    amounts below zero, and a state with two rows in a year. Source: Singer, Bremer and Stuckey 1972; Singer 1987.

    >>> read_capabilities("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    columns = ["ccode", "year", *COMPONENTS, "cinc"]
    cells = read_cells(path, columns, "national material capabilities by state and year")
    cells = cells.assign(year=whole_years(path, cells["year"]))
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    broken = (numbers.isna() & ~cells.isin(["", "NA"])).any(axis=1)
    broken |= ~numbers["ccode"].isin(range(1, 1000)) | numbers.abs().eq(float("inf")).any(axis=1)
    parts = numbers[list(COMPONENTS)].mask(numbers[list(COMPONENTS)] == -9)
    broken |= (parts < 0).any(axis=1) | ~numbers["cinc"].between(0, 1)
    twice = numbers.duplicated(["ccode", "year"])
    if broken.any() or twice.any():
        rows = listed((numbers.index[broken | twice] + 2).tolist())
        raise DataProblem(
            f"{path.name}, rows {rows}: expected numbers of zero or more, an index from 0 to 1, and"
            f" one row a state and year. {ADVICE}"
        )
    shares = (parts / parts.groupby(numbers["year"]).transform("sum")).rename(columns=COMPONENTS)
    table = numbers[["ccode", "year", "cinc"]].join(shares).rename(columns={"ccode": "number"})
    return table.astype({"number": "int64"})


def _make(paths, study):
    path = one_file(paths, "national material capabilities, version 7.0")
    whole, states = read_capabilities(path), states_of(study)
    whole.insert(0, "state", whole.pop("number").map(COW_CODES))
    kept = whole[whole["state"].isin(states) & (whole["year"] >= study["first_year"])]
    lacking = sorted(set(states) - set(kept["state"]))
    if lacking:
        raise DataProblem(f"{path.name}: it has no year of {', '.join(lacking)}. {ADVICE}")
    last = int(whole["year"].max())
    numbers = {name: 8 for name in kept.columns[2:]}
    table = kept.sort_values(["state", "year"]).round(numbers).assign(source=NAME)
    said = [f"{path.name}: {len(whole):,} states and years to {last} read, {len(kept)} kept."]
    return Made(
        {TABLE: table}, f"version 7.0, years to {last}", said, {TABLE: (study["first_year"], last)}
    )


SOURCES = (
    Source(
        NAME,
        "Correlates of War, National Material Capabilities, version 7.0",
        "one file: ccode, year, milex, milper, irst, pec, tpop, upop, cinc (csv)",
        (TABLE,),
        _make,
        producer="Correlates of War Project",
        path="https://correlatesofwar.org",
        citation="singer1987",
    ),
)
