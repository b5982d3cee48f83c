"""Reader of the UCDP/PRIO Armed Conflict Dataset: who fought on whose side, by conflict."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import read_table
from alliances.sources.names import COW_CODES, iso3_of_cow

NAME = "ucdp-prio-conflicts"
TABLE = "joint_operations/conflict_sides"
PARTIES = {
    "gwno_a": ("a", "primary"),
    "gwno_a_2nd": ("a", "secondary"),
    "gwno_b": ("b", "primary"),
    "gwno_b_2nd": ("b", "secondary"),
}
HEADER = ("conflict_id", "year", *PARTIES)


def read_conflict_parties(path: Path | str) -> pd.DataFrame:
    """Return conflict, year, side, role, number: one row for each state that took part.

    number is the state's in the system of Gleditsch and Ward. Side a is the government, or the
    first state of a war between states; side b its opponent. A secondary party sent troops in
    support of a side. Opponents that are no states have no row, so a side may be empty. A conflict
    is in the data only in years with at least 25 battle deaths, and support without troops (arms,
    money, advice) is not coded. Cells with several numbers, as the producer writes them, count
    each. Source: Gleditsch et al. 2002; Davies et al. 2025.

    Raises DataProblem for another layout, and for numbers and years that are none.

    >>> read_conflict_parties("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    whole = _whole(path)
    parts = []
    for column, (side, role) in PARTIES.items():
        cells = whole[["conflict_id", "year", column]].rename(columns={column: "number"})
        cells = cells[cells["number"] != ""].assign(side=side, role=role)
        parts.append(cells.assign(number=cells["number"].str.split(r"\s*,\s*")).explode("number"))
    parties = pd.concat(parts).drop_duplicates()
    numbers = pd.to_numeric(parties["number"], errors="coerce")
    wrong = sorted(set(parties.loc[numbers.isna() | (numbers % 1 != 0), "number"]))
    if wrong:
        raise DataProblem(f"{path.name}: found {wrong} as state numbers; expected whole numbers.")
    columns = ["conflict", "year", "side", "role", "number"]
    parties = parties.assign(number=numbers.astype("int64"))
    parties = parties.rename(columns={"conflict_id": "conflict"})[columns]
    return parties.sort_values(columns, ignore_index=True)


def _whole(path):
    what = "the UCDP/PRIO Armed Conflict Dataset with its secondary parties in columns of their own"
    whole = read_table(path, HEADER, what)
    numbers = whole[["conflict_id", "year"]].apply(pd.to_numeric, errors="coerce")
    wrong = whole.index[numbers.isna().any(axis=1) | (numbers % 1 != 0).any(axis=1)]
    if len(wrong):
        rows = ", ".join(str(row + 2) for row in wrong[:10])
        raise DataProblem(
            f"{path.name}, rows {rows}: found no whole number as conflict or year; expected one."
            " Download the file again."
        )
    return whole.assign(**numbers.astype("int64"))


def sides_of(parties: pd.DataFrame, states: set[str], file: str) -> pd.DataFrame:
    """One row a state, conflict, side and role: `government`, `first_year`, `last_year`, `years`.

    `government` are the states of side a, joined by "+"; `years` counts those in which the state is
    named. Only conflicts in which one of `states` took part need known state numbers. Raises
    DataProblem that names `file` and any unknown number there.

    >>> parties = pd.DataFrame({"conflict": 1, "year": [2015, 2015, 2016, 2016], "side": "a",
    ...     "role": ["primary", "secondary"] * 2, "number": [652, 365] * 2})
    >>> sides_of(parties, {"RUS"}, "conflicts.csv")[["state", "government", "first_year", "years"]]
      state government  first_year  years
    0   RUS        SYR        2015      2
    """
    own = parties[parties["number"].map(COW_CODES).isin(states)]
    own = own.assign(state=iso3_of_cow(own["number"], file))
    first = parties[(parties["side"] == "a") & (parties["role"] == "primary")]
    first = first[first["conflict"].isin(own["conflict"])]
    first = first.assign(state=iso3_of_cow(first["number"], file))
    governments = first.groupby("conflict")["state"].agg(lambda found: "+".join(sorted(set(found))))
    key = ["state", "conflict", "side", "role"]
    found = own.groupby(key)["year"].agg(first_year="min", last_year="max", years="nunique")
    found = found.reset_index()
    found.insert(2, "government", found["conflict"].map(governments))
    return found.sort_values(key, ignore_index=True)


def _make(paths, study):
    path = one_file(paths, "the armed conflicts")
    parties = read_conflict_parties(path)
    last = min(study["last_year"], int(parties["year"].max()))
    years = parties["year"].between(study["first_year"], last)
    table = sides_of(parties[years], set(states_of(study)), path.name).assign(source=NAME)
    said = [f"{path.name}: {len(parties)} states in conflict-years read, {len(table)} rows kept."]
    return Made({TABLE: table}, f"conflicts to {last}", said, {TABLE: (study["first_year"], last)})


SOURCES = (
    Source(
        NAME,
        "UCDP/PRIO Armed Conflict Dataset",
        "one csv, the dataset with primary and secondary parties in columns of their own",
        (TABLE,),
        _make,
        producer="Uppsala Conflict Data Program and PRIO",
        path="https://ucdp.uu.se/downloads/",
        citation="gleditsch2002;davies2025",
    ),
)
