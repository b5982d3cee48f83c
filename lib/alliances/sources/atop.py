"""Alliance Treaty Obligations and Provisions (ATOP): its alliances, members and dyad-years.

ATOP codes what the text of a treaty promises. Its files are never shipped: what is shipped are the
alliances of the study's pair and what the study's states promised each other, year by year.
"""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, pair_states, states_of
from alliances.sources.cells import read_cells, told_apart
from alliances.sources.names import COW_CODES, iso3_of_cow

OBLIGATIONS = {
    "defense": "defence",
    "offense": "offence",
    "neutral": "neutrality",
    "nonagg": "non_aggression",
    "consul": "consultation",
}
# Codes whose meanings stand in ATOP's codebook, which is not at hand: they keep ATOP's names.
CODES = (
    *("milcon", "milaid", "intcom", "subord", "organ1", "orgpurp1", "organ2", "orgpurp2"),
    *("base", "contrib", "ecaid", "compag", "agprois", "estmode", "pubsecr"),
)
BEGIN, END = ("begyr", "begmo", "begday"), ("endyr", "endmo", "endday")
ENTRY, EXIT = ("yrent", "moent", "dayent"), ("yrexit", "moexit", "dayexit")
ALLIANCE_LEVEL = "ATOP at the level of alliances"
MEMBER_LEVEL = "ATOP at the level of members"
DYAD_YEARS = "ATOP by directed dyad and year"
LAYOUTS = {
    ALLIANCE_LEVEL: ("atopid", *BEGIN, *END, "bilat", "length", "renewlgt", "conditio", "mem1"),
    MEMBER_LEVEL: ("atopid", "member", "phase", *ENTRY, *EXIT),
    DYAD_YEARS: ("ccode1", "ccode2", "year", *(f"atop_{name}" for name in OBLIGATIONS)),
}
# What ATOP's own file of directed dyad-years calls what the R package peacesciencer renames.
OWN_NAMES = {"stateA": "ccode1", "stateB": "ccode2"} | {
    name: f"atop_{name}" for name in OBLIGATIONS
}
# The last years of the Soviet Union, whose number and treaties Russia carries on in ATOP.
FIRST_YEAR = 1989
SHOWN = 5

# ATOP holds numbers and dates. These names are ours, from general knowledge; an alliance whose name
# we could not be sure of has none here.
TITLES = {
    3140: "Agreement of Friendship, Cooperation and Mutual Assistance",
    3285: "Warsaw Treaty",
    3440: "Treaty of Friendship, Cooperation and Mutual Assistance",
    3675: "Treaty of Peace, Friendship and Cooperation",
    3740: "Helsinki Final Act (CSCE, now OSCE)",
    3755: "Treaty of Amity and Cooperation in Southeast Asia",
    4130: "Treaty of Friendship, Cooperation and Mutual Security",
    4220: "Collective Security Treaty (since 2002 CSTO)",
    4235: "Treaty of Friendship, Cooperation and Mutual Assistance",
    4255: "Treaty of Friendship, Cooperation and Mutual Assistance",
    4400: "Charter of the CIS",
    4445: "Treaty of Understanding, Friendship and Cooperation",
    4470: "Treaty of Friendship, Cooperation and Mutual Assistance",
    4810: "Agreement of the Shanghai Five on the border area",
    4865: "Treaty on the Union of Belarus and Russia",
    4875: "Treaty on Friendship, Cooperation and Partnership",
    4885: "Treaty on Friendship, Cooperation and Mutual Security",
    4890: "Treaty of Friendship, Cooperation and Mutual Assistance",
    4980: "Treaty of Good-Neighbourliness and Friendly Cooperation",
    5075: "Treaty on Allied Relations",
    6020: "Treaty of Good-Neighbourliness of the Shanghai Cooperation Organisation",
}


def read_alliances(path: Path | str) -> pd.DataFrame:
    """ATOP's alliances, one row each, from the alliance-level file (atop5_1a.csv, or that of 4.01).

    Columns: alliance (ATOP's number), first_day and last_day (ISO dates, cut to the month where the
    day is not coded; last_day is missing for an alliance in force when it was coded),
    bilateral, the five obligations (1 where the text promises it to at least one member),
    conditional, term_months and renewal_months (missing where the text states none), and ATOP's
    codes under its own names. An obligation is a promise in a text, not an act. Raises DataProblem
    for another layout, a repeated alliance, and codes or dates that cannot be. Source: ATOP.

    >>> read_alliances("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    name, whole = Path(path).name, _opened(path, ALLIANCE_LEVEL, [*OBLIGATIONS, *CODES])
    problems = _doubled(whole, ["atopid"])
    flags = {column: 1 for column in ("bilat", "conditio", *OBLIGATIONS)}
    problems += _beyond(whole, dict.fromkeys(CODES, 9) | flags | {"length": 1200, "renewlgt": 1200})
    table = pd.DataFrame({"alliance": whole["atopid"]})
    table["first_day"], said = _days(whole, BEGIN)
    table["last_day"], also = _days(whole, END)
    _refuse(name, [*problems, *said, *also])
    table["bilateral"] = whole["bilat"] == 1
    for column, ours in OBLIGATIONS.items():
        table[ours] = whole[column]
    table["conditional"] = whole["conditio"] == 1
    for column, ours in (("length", "term_months"), ("renewlgt", "renewal_months")):
        table[ours] = whole[column].where(whole[column] > 0)
    for column in CODES:
        table[column] = whole[column]
    return _whole_numbers(
        table, ["alliance", *OBLIGATIONS.values(), "term_months", "renewal_months", *CODES]
    )


def read_members(path: Path | str) -> pd.DataFrame:
    """ATOP's members, one row for each alliance, state and phase (atop5_1m.csv, or that of 4.01).

    Columns: alliance, number (of the Correlates of War), phase (0 where the treaty had only one),
    first_day, last_day (as in `read_alliances`), and the five obligations of this member in this
    phase. A state that left and came back has two rows. Errors and source as in `read_alliances`.

    >>> read_members("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    name, whole = Path(path).name, _opened(path, MEMBER_LEVEL, list(OBLIGATIONS))
    problems = _doubled(whole, ["atopid", "member", "phase", *ENTRY])
    problems += _beyond(whole, dict.fromkeys(OBLIGATIONS, 1) | {"phase": 20})
    table = whole[["atopid", "member", "phase"]].set_axis(["alliance", "number", "phase"], axis=1)
    table["first_day"], said = _days(whole, ENTRY)
    table["last_day"], also = _days(whole, EXIT)
    _refuse(name, [*problems, *said, *also])
    for column, ours in OBLIGATIONS.items():
        table[ours] = whole[column]
    return _whole_numbers(table, ["alliance", "number", "phase", *OBLIGATIONS.values()])


def read_dyad_years(path: Path | str) -> pd.DataFrame:
    """What one state had promised another in a year, from ATOP's own file (atop5_1ddyr.csv) or as
    the R package peacesciencer hands it out.

    Columns: number (who promised), partner_number (to whom), year, and the five obligations, 1
    where any alliance in force in that year promises it. A pair without a row had no alliance, or
    was not looked at. The edition without pacts of non-aggression alone (NNA) is refused, because
    its gaps are not known to be zeros. Errors and source as in `read_alliances`.

    >>> read_dyad_years("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    name, whole = Path(path).name, _opened(path, DYAD_YEARS, [])
    ours = {f"atop_{column}": word for column, word in OBLIGATIONS.items()}
    problems = _doubled(whole, ["ccode1", "ccode2", "year"])
    years = whole["year"].between(1815, 2100)
    problems += _named(whole, "year", ~years, "a year")
    _refuse(name, problems + _beyond(whole, dict.fromkeys(ours, 1)))
    table = whole[["ccode1", "ccode2", "year", *ours]].rename(
        columns=ours | {"ccode1": "number", "ccode2": "partner_number"}
    )
    return table.astype("int64")


def _opened(path, layout, more):
    """The columns wanted of a file in one of the layouts, as numbers."""
    path = Path(path)
    if layout == DYAD_YEARS and "NNA" in path.name:
        raise DataProblem(
            f"{path.name}: this edition leaves out pacts of non-aggression alone; expected"
            f" {DYAD_YEARS} with all pacts, such as atop5_1ddyr.csv."
        )
    wanted = [*LAYOUTS[layout], *more]
    try:
        names = OWN_NAMES if layout == DYAD_YEARS else None
        whole = read_cells(path, wanted, layout, names, not_named="NNA")
    except DataProblem as problem:
        if "are missing; expected" not in str(problem):
            raise
        known = list(told_apart([path], LAYOUTS))
        found = f" This is {known[0]}." if known else ""
        raise DataProblem(
            f"{problem}{found} The layouts known are: {'; '.join(LAYOUTS)}."
        ) from None
    numbers = whole.apply(pd.to_numeric, errors="coerce")
    bad = numbers.isna() & ~whole.isin(["", "NA"]) | numbers.abs().eq(float("inf"))
    keys = [name for name in ("atopid", "member", "ccode1", "ccode2", "year") if name in whole]
    bad[keys] |= numbers[keys].isna() | numbers[keys] % 1 != 0
    _refuse(
        path.name,
        [said for name in wanted for said in _named(whole, name, bad[name], "a number")],
    )
    return numbers


def _version(path):
    """ATOP's version in the file's own words, or else in its name; "?" where neither tells."""
    try:
        told = set(read_cells(path, ["version"], "ATOP's version")["version"]) - {"", "NA"}
    except DataProblem:
        told = set()
    if len(told) == 1:
        return told.pop()
    found = re.search(r"atop[ _]?(\d)[._](\d+)", path.name, re.IGNORECASE)
    return ".".join(found.groups()) if found else "?"


def _days(whole, columns):
    """ISO dates from year, month and day, and what is wrong with them; year 0 is no date."""
    year, month, day = (whole[column].fillna(0) for column in columns)
    parts = {"year": year, "month": month.where(month > 0, 1), "day": day.where(day > 0, 1)}
    real = pd.to_datetime(pd.DataFrame(parts), errors="coerce").notna() | (year == 0)
    problems = _named(whole, columns[0], ~real, "a date that the calendar has")
    text = year.astype("int64").astype("str").str.zfill(4)
    text += ("-" + month.astype("int64").astype("str").str.zfill(2)).where(month > 0, "")
    text += ("-" + day.astype("int64").astype("str").str.zfill(2)).where(
        (day > 0) & (month > 0), ""
    )
    return text.mask(year == 0, None), problems


def _doubled(whole, key):
    twice = whole.duplicated(key)
    return _named(whole, key[0], twice, f"each {' and '.join(key)} once")


def _beyond(whole, highest):
    """Codes above the highest one met, below zero or broken; a missing code is allowed."""
    problems = []
    for column, most in highest.items():
        cells = whole[column]
        bad = cells.notna() & (~cells.between(0, most) | (cells % 1 != 0))
        problems += _named(whole, column, bad, f"a whole number from 0 to {most}")
    return problems


def _named(whole, column, bad, expected):
    return [
        f"row {index + 2}, column {column}: found {value}; expected {expected}"
        for index, value in whole.loc[bad, column].items()
    ]


def _refuse(name, problems):
    if problems:
        more = len(problems) - SHOWN
        tail = f"; {more} more of the kind" if more > 0 else ""
        listed = "; ".join(problems[:SHOWN])
        raise DataProblem(f"{name}: {listed}{tail}. Download the file again.")


def _whole_numbers(table, columns):
    return table.astype(dict.fromkeys(columns, "Int64") | {"alliance": "int64"})


def _sorted_out(paths):
    """The alliance-level and the member-level file among two, in whatever order they came."""
    if len(paths) == 1 and paths[0].suffix.lower() == ".zip":
        return paths[0], paths[0]
    found = told_apart(paths, {key: LAYOUTS[key] for key in (ALLIANCE_LEVEL, MEMBER_LEVEL)})
    if len(paths) != 2 or len(found) != 2:
        raise DataProblem(
            f"found {', '.join(path.name for path in paths) or 'no file'}; expected two files:"
            f" {ALLIANCE_LEVEL}, and {MEMBER_LEVEL} (csv or csv.gz). Give both, or ATOP's archive"
            " (zip), which holds both."
        )
    return found[ALLIANCE_LEVEL], found[MEMBER_LEVEL]


def _alliances(paths, study):
    level, members = _sorted_out(paths)
    every, everyone = read_alliances(level), read_members(members)
    since = everyone[~(everyone["last_day"].astype("str").str[:4] < str(FIRST_YEAR))]
    ours = since["number"].map(COW_CODES).isin(pair_states(study))
    chosen = set(since.loc[ours, "alliance"])
    strangers = chosen - set(every["alliance"])
    if strangers:
        raise DataProblem(
            f"{members.name}: alliances {sorted(strangers)} are not in {level.name}; expected both"
            " files of one version. Download both again."
        )
    name = "atop-alliances"
    own = since[since["alliance"].isin(chosen)]
    own = own.assign(state=iso3_of_cow(own["number"], members.name))
    columns = ["alliance", "state", "phase", "first_day", "last_day", *OBLIGATIONS.values()]
    own = own[columns].sort_values(["alliance", "state", "first_day"], ignore_index=True)
    table = every[every["alliance"].isin(chosen)].sort_values("alliance", ignore_index=True)
    table.insert(1, "title", table["alliance"].map(TITLES))
    table.insert(5, "members", table["alliance"].map(own.groupby("alliance")["state"].nunique()))
    tables = {
        "treaty_obligations/alliances": table.assign(source=name),
        "treaty_obligations/members": own.assign(source=name),
    }
    last = int(table["first_day"].str[:4].max())
    said = [
        f"{level.name}: {len(every)} alliances read; {len(table)} of them had one of"
        f" {', '.join(pair_states(study))} as a member in {FIRST_YEAR} or later.",
        f"{members.name}: {len(everyone):,} members and phases read, {len(own)} kept. Members that"
        f" left before {FIRST_YEAR} are left out.",
        "The titles are this book's: ATOP holds numbers and dates, no names.",
    ]
    covered = dict.fromkeys(tables, (FIRST_YEAR, last))
    return Made(tables, f"version {_version(level)}, alliances to {last}", said, covered)


def _dyad_years(paths, study):
    path = one_file(paths, DYAD_YEARS)
    whole = read_dyad_years(path)
    years = whole["year"].between(study["first_year"], study["last_year"])
    rows = whole[years].copy()
    rows["state"] = iso3_of_cow(rows["number"], path.name)
    rows["partner"] = iso3_of_cow(rows["partner_number"], path.name)
    pairs = _pairs(rows, study)
    # The file has rows for alliances only. A pair without one had none if both states occur in that
    # year in any alliance at all; a state that does not occur may not have been looked at.
    seen = rows[["state", "year"]].drop_duplicates()
    both = pairs.merge(seen, on="state").merge(
        seen.rename(columns={"state": "partner"}), on=["partner", "year"]
    )
    table = both.merge(rows, on=["state", "partner", "year"], how="left")
    promises = list(OBLIGATIONS.values())
    table[promises] = table[promises].fillna(0).astype("int64")
    table = table[["state", "partner", "year", *promises]].sort_values(
        ["state", "partner", "year"], ignore_index=True
    )
    name, last = "treaty_obligations/obligations_by_year", int(whole["year"].max())
    said = [
        f"{path.name}: {len(whole):,} directed dyad-years to {last} read; {len(pairs)} directed"
        f" pairs make {len(table):,} rows.",
        "A pair of states that both occur in a year, without a row of their own, promised nothing: 0.",
    ]
    covered = (study["first_year"], min(last, study["last_year"]))
    made = {name: table.assign(source="atop-dyad-years")}
    return Made(made, f"version {_version(path)}, years to {last}", said, {name: covered})


def _pairs(rows, study):
    """The study's states with each other, and all who promised the pair more than non-aggression."""
    states = sorted(states_of(study))
    among = [(one, other) for one in states for other in states if one != other]
    promised = [column for column in OBLIGATIONS.values() if column != "non_aggression"]
    more = rows[
        rows["partner"].isin(pair_states(study)) & rows[promised].gt(0).any(axis=1)
    ]
    pairs = sorted({*among, *more[["state", "partner"]].itertuples(index=False, name=None)})
    return pd.DataFrame(pairs, columns=["state", "partner"])


SOURCES = (
    Source(
        "atop-alliances",
        "Alliance Treaty Obligations and Provisions",
        "two files: ATOP at the level of alliances and at the level of members (atop5_1a.csv and"
        " atop5_1m.csv, or those of version 4.01), or ATOP's archive (zip) with both",
        ("treaty_obligations/alliances", "treaty_obligations/members"),
        _alliances,
        producer="Leeds, Ritter, Mitchell and Long, Rice University",
        path="http://www.atopdata.org",
        citation="leeds2002",
    ),
    Source(
        "atop-dyad-years",
        "Alliance Treaty Obligations and Provisions",
        "one file: ATOP by directed dyad and year (atop5_1ddyr.csv, or ATOP's archive, zip)",
        ("treaty_obligations/obligations_by_year",),
        _dyad_years,
        producer="Leeds, Ritter, Mitchell and Long, Rice University",
        path="http://www.atopdata.org",
        citation="atop",
    ),
)
