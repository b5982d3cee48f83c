"""Reader of the Correlates of War trade data, version 4.0: flows between states, to 2014."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, states_of
from alliances.sources.cells import ADVICE, listed, read_cells, told_apart
from alliances.sources.names import COW_CODES
from alliances.sources.partners import (
    SHOWN,
    UNION_MEMBERS,
    WORLD,
    by_partner,
    largest,
    totals_by_year,
)

NAME = "cow-trade"
DYADS = ("ccode1", "ccode2", "year", "flow1", "flow2")
STATES = ("ccode", "year", "imports", "exports")
TABLES = ("trade/flows_by_year", "trade/totals_by_year")
# The states that came out of the Soviet Union, by their numbers.
SUCCESSORS = frozenset({359, 365, 366, 367, 368, 369, 370, 371, 372, 373, 701, 702, 703, 704, 705})
STARTING_UP = 1994
RUSSIA = 365
# In the producer's whole file 99 of 100 yearly sums of a state's imports lie above this part of the
# state's own total; in a file of some reporters those of the other states lie below a half.
LEAST_PART = 2 / 3
# Partners of the pair that are shown beside the usual ones, so that its largest are there.
LARGEST_SHOWN = 5


def read_flows(path: Path | str) -> pd.DataFrame:
    """Every flow from one state to another: importer, exporter, year, value (million US dollars).

    The numbers of the states are the Correlates of War's. The file has each pair once or in both
    directions; a flow that stands there twice must be the same. Missing (-9 or empty) stays
    missing. A zero between two successor states of the Soviet Union in 1992 to 1994 is missing too:
    their statistics of trade with one another were only being set up, and the file has a zero even
    for Kazakhstan and Russia in 1993. A flow is the importer's figure where there is one; what the
    exporter says may differ, and origin and consignment are not told apart.

    Raises DataProblem for another layout, cells that are no numbers, and two figures for one flow.
    Source: Barbieri, Keshk and Pollins 2009.

    >>> read_flows("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    table = _numbers(path, DYADS, "Correlates of War trade by pair of states and year")
    flows = [
        table.rename(columns={importer: "importer", exporter: "exporter", flow: "value"})
        for importer, exporter, flow in (
            ("ccode1", "ccode2", "flow1"),
            ("ccode2", "ccode1", "flow2"),
        )
    ]
    key = ["importer", "exporter", "year"]
    long = pd.concat([flow[[*key, "value"]] for flow in flows])
    differing = long.groupby(key)["value"].nunique() > 1
    if differing.any():
        named = ", ".join(" ".join(map(str, pair)) for pair in differing[differing].index[:5])
        raise DataProblem(
            f"{path.name}: two figures for one flow (importer, exporter, year): {named}. {ADVICE}"
        )
    once = long.sort_values("value").drop_duplicates(key).sort_values(key, ignore_index=True)
    both = once["importer"].isin(SUCCESSORS) & once["exporter"].isin(SUCCESSORS)
    starting = once["year"].between(1992, STARTING_UP) & (once["value"] == 0)
    return once.assign(value=once["value"].mask(both & starting))


def read_totals(path: Path | str) -> pd.DataFrame:
    """What each state imports and exports by its own account: `ccode`, `year`, `imports`, `exports`.

    Million US dollars; missing (-9 or empty) stays missing. Raises DataProblem as `read_flows` does,
    and for a state with two rows in a year. Source: Barbieri, Keshk and Pollins 2009.

    >>> read_totals("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    table = _numbers(path, STATES, "Correlates of War trade by state and year")
    twice = table.duplicated(["ccode", "year"])
    if twice.any():
        rows = listed((table.index[twice] + 2).tolist())
        raise DataProblem(
            f"{path.name}, rows {rows}: a state that has a row for this year already. {ADVICE}"
        )
    return table


def read_world(path: Path | str) -> pd.DataFrame:
    """World trade by year: `year`, `imports`, `exports`, `states` (with imports), million US dollars.

    The sums of what the states of the world import and export; the two differ by freight,
    insurance and reporting. States without a figure are left out, so a sum is a little too low.
    Raises DataProblem as `read_totals` does.

    >>> read_world("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    summed = read_totals(path).groupby("year")
    return summed.agg(
        imports=("imports", "sum"), exports=("exports", "sum"), states=("imports", "count")
    ).reset_index()


def _numbers(path, columns, what):
    keys = [name for name in columns if name.startswith("ccode") or name == "year"]
    amounts = [name for name in columns if name not in keys]
    cells = read_cells(path, list(columns), what, amounts=amounts)
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    some = (numbers[amounts] >= 0) & (numbers[amounts] < float("inf"))
    missing = numbers[amounts].eq(-9) | cells[amounts].isin(["", "NA"])
    bad = ~(some | missing).all(axis=1) | ~numbers["year"].isin(range(1800, 2100))
    bad |= ~numbers[keys].isin(range(1, 2100)).all(axis=1)
    if bad.any():
        rows = listed((numbers.index[bad] + 2).tolist())
        raise DataProblem(
            f"{path.name}, rows {rows}: found a cell that is no number, a year or state that is"
            f" none, or an amount below zero that is not -9 for missing. {ADVICE}"
        )
    numbers[amounts] = numbers[amounts].mask(numbers[amounts] == -9)
    return numbers.astype(dict.fromkeys(keys, "int64"))


def _make(paths, study):
    dyads, states = _sorted_out(paths)
    numbers = {code: number for number, code in COW_CODES.items() if number != 260}
    ours = {numbers[code]: code for code in states_of(study)}
    flows = read_flows(dyads)
    flows = flows[flows["year"] >= study["first_year"]]
    lacking = [code for number, code in ours.items() if number not in set(flows["importer"])]
    if lacking:
        raise DataProblem(f"{dyads.name}: it has no flow to {', '.join(lacking)}. {ADVICE}")
    rows = pd.concat(
        [
            _seen_by(flows, "importer", "exporter", "imports", ours),
            _seen_by(flows, "exporter", "importer", "exports", ours),
        ]
    )
    parts = _parts(rows, read_totals(states), ours)
    some = _partial(parts)
    _refuse_partial_pair(dyads, states, rows, some, study)
    whole = _without(_without(rows, _half_years(rows)), some)
    shown = (*SHOWN, *ours.values(), *largest(whole, (study["focal"], study["ally"]), LARGEST_SHOWN))
    world = read_world(states)
    world = world[world["year"].between(study["first_year"], int(flows["year"].max()))]
    yearly = [
        by_partner(whole, ["year"], shown),
        pd.concat([totals_by_year(whole), _world_rows(world)]),
    ]
    tables = dict(zip(TABLES, (table.round(6).assign(source=NAME) for table in yearly)))
    last = int(flows["year"].max())
    left_out = sorted({f"{one.reporter} {one.year}" for one in _half_years(rows).itertuples()})
    said = [
        f"{dyads.name}: {len(flows):,} flows of {study['first_year']} to {last} read.",
        f"Left out, because the flow with Russia is not reported: {', '.join(left_out) or 'none'}.",
        *_said_of_parts(parts, some),
        f"{states.name}: world trade of {len(world)} years from {world['states'].min()} to"
        f" {world['states'].max()} states.",
    ]
    covered = dict.fromkeys(TABLES, (study["first_year"], last))
    return Made(tables, f"version 4.0, years to {last}", said, covered)


def _parts(rows, totals, ours):
    """`reporter`, `year`, `part`: the imports from all partners by the state's own total of imports.

    Imports are the state's own figures in both files, so they must add up. Exports are what the
    importers report, and may differ from the state's word by half. Without a total there is no part.
    """
    own = totals.assign(reporter=totals["ccode"].map(ours)).dropna(subset=["reporter"])
    own = own.set_index(["reporter", "year"])
    imports = rows[rows["flow"] == "imports"].groupby(["reporter", "year"])["value"].sum()
    total = own[own["imports"] > 0]["imports"]
    return (imports / total.reindex(imports.index)).rename("part").reset_index()


def _partial(parts):
    return parts[parts["part"] < LEAST_PART]


def _refuse_partial_pair(dyads, states, rows, some, study):
    """Refuse a file of which nothing is left for the focal state or the ally, and name all it lacks."""
    whole = set(_without(rows, some)["reporter"])
    if {study["focal"], study["ally"]} <= whole:
        return
    raise DataProblem(
        f"{dyads.name}: the flows with all partners add up to less than two thirds of the state's own"
        f" imports in {states.name}: {_named(some)}. A share of a part is no share of the whole. The"
        " file seems to hold the partners of some states only; hand in the whole file."
    )


def _said_of_parts(parts, some):
    unknown = parts[parts["part"].isna()]
    said = []
    if len(some):
        said.append(
            "Left out, because the flows with all partners add up to less than two thirds of the"
            f" state's own imports: {_named(some)}."
        )
    if len(unknown):
        said.append(
            "Taken on trust, because no total of the state's own imports is there to compare:"
            f" {', '.join(f'{one.reporter} {one.year}' for one in unknown.itertuples())}."
        )
    return said


def _named(some):
    """Each state with its years and the lowest and highest part that the flows add up to."""
    said = []
    for state, rows in some.groupby("reporter"):
        years, low, high = sorted(rows["year"]), rows["part"].min(), rows["part"].max()
        run = years == list(range(years[0], years[-1] + 1)) and len(years) > 2
        when = f"{years[0]} to {years[-1]}" if run else ", ".join(map(str, years))
        span = f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
        said.append(f"{state} {when} ({span})")
    return "; ".join(said)


def _sorted_out(paths):
    found = told_apart(paths, {"dyads": DYADS, "states": STATES})
    if len(paths) != 2 or len(found) != 2:
        raise DataProblem(
            f"found {', '.join(path.name for path in paths) or 'no file'}; expected two files:"
            " Correlates of War trade by pair of states, and by state (csv or csv.gz). Give both."
        )
    return found["dyads"], found["states"]


def _seen_by(flows, reporter, partner, flow, ours):
    """The flows of our states, with the partner's code and whether it is of the European Union."""
    own = flows[flows[reporter].isin(ours)]
    codes = own[partner].map(COW_CODES).fillna(own[partner].astype("str"))
    return pd.DataFrame(
        {
            "reporter": own[reporter].map(ours),
            "partner": codes,
            "year": own["year"],
            "flow": flow,
            "value": own["value"],
            "union": codes.isin(UNION_MEMBERS),
        }
    )


def _half_years(rows):
    """Years in which a successor state's flow with Russia, or Russia's with most, is missing."""
    successors = {COW_CODES[number] for number in SUCCESSORS}
    gaps = rows[rows["value"].isna() & rows["partner"].isin(successors)]
    own = gaps[(gaps["partner"] == COW_CODES[RUSSIA]) | (gaps["reporter"] == COW_CODES[RUSSIA])]
    of_russia = own["reporter"] == COW_CODES[RUSSIA]
    counted = own[of_russia].groupby(["reporter", "year", "flow"]).size()
    many = counted[counted > len(successors) / 2].reset_index()
    return pd.concat([own[~of_russia], many])[["reporter", "year"]].drop_duplicates()


def _without(rows, years):
    """The rows without some years of some states."""
    left_out = pd.MultiIndex.from_frame(years[["reporter", "year"]])
    return rows[~pd.MultiIndex.from_frame(rows[["reporter", "year"]]).isin(left_out)]


def _world_rows(world):
    long = world.melt(["year", "states"], ["imports", "exports"], "flow", "total")
    return long.rename(columns={"states": "partners"}).assign(reporter=WORLD)


SOURCES = (
    Source(
        NAME,
        "Correlates of War, trade data, version 4.0",
        "two files: trade by pair of states and year (Dyadic_COW_4.0.csv or the directed table),"
        " and by state and year",
        TABLES,
        _make,
        producer="Barbieri and Keshk, Correlates of War Project",
        path="https://correlatesofwar.org",
        citation="cow_trade",
    ),
)
