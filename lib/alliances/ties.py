"""Ties: how near two states are, what lies between them, and what they share besides a treaty.

Distance, border, language and colonial past hardly change, so they cannot explain that an alliance
changes. They say how unusual a pair is among all that have an alliance. None of it measures how
close two governments are, and a tie of the past may divide as well as bind.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

LAND = "land or river border"
NO_BORDER = "none"
TIES = ("contiguous", "spoken_language", "colonial_tie")
PROMISES = ("defence", "any")
GROUPS = {"all": None, "with a major power": "yes", "without a major power": "no"}
WORLD = "WLD"
NOT_LISTED = "no figure in the source: none, too few, or unknown"
NO_TOTAL = "no total in the source"
FLAGS = {
    "common_official_language": "Official language in common",
    "common_spoken_language": "Language spoken by 9 percent or more in both",
    "colonial_tie": "Colonial tie, ever",
    "colonial_tie_after_1945": "Colonial tie after 1945",
    "common_coloniser": "Common coloniser after 1945",
    "same_state": "Were or are one state",
}
DISTANCES = {
    "distance_km": "Between the largest cities",
    "distance_capitals_km": "Between the capitals",
    "distance_weighted_km": "Between all main cities, weighted by people",
}
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def tie(pairs: pd.DataFrame, one: str, other: str) -> pd.Series:
    """What the source codes of a pair: three distances (km) and six ties (True, False or missing).

    pairs: one row a pair, in one direction or both, with `state`, `partner` and the columns in
    `DISTANCES` and `FLAGS`, the latter "yes", "no" or empty. The order of the two states does not
    matter. Distances are measured on the globe between cities, not on roads. Every value is of one
    moment, before 2004, and stands for no year in particular. A pair without a row raises
    DataProblem, and so do two directions that disagree. Source of the measure: Mayer and Zignago
    2011; a colonial tie there includes the rule of an empire over a part of it, which is contested
    for the Soviet Union, and says nothing on what the two peoples think of it.

    >>> pairs = pd.DataFrame([["ARM", "RUS", 1803.0, 1803.0, 2080.5, *["no"] * 2, "yes", "yes",
    ...     *["no"] * 2]], columns=["state", "partner", *DISTANCES, *FLAGS])
    >>> tie(pairs, "RUS", "ARM")[["distance_km", "colonial_tie"]].tolist()
    [1803.0, True]
    """
    _require(pairs, ["state", "partner", *DISTANCES, *FLAGS], "ties/pairs")
    rows = _of_pair(pairs, one, other)[[*DISTANCES, *FLAGS]]
    if rows.empty:
        raise DataProblem(f"ties/pairs: found no row for {one} and {other}. Import the table anew.")
    if len(rows.drop_duplicates()) > 1:
        raise DataProblem(
            f"ties/pairs: found rows for {one} and {other} that disagree; expected the same values"
            " in both directions. Correct one of them."
        )
    _check_words(rows, list(FLAGS), "ties/pairs")
    row = rows.iloc[0]
    found = {name: float(row[name]) for name in DISTANCES}
    found |= {name: pd.NA if pd.isna(row[name]) else row[name] == "yes" for name in FLAGS}
    return pd.Series(found, dtype="object")


def border(land_borders: pd.DataFrame, one: str, other: str, year: int) -> str | None:
    """The kind of border two states have at the end of a year: "land or river border", a strait of
    a width in miles, "none", or None where the source does not code that year.

    land_borders: one row a pair and period, with `state`, `partner`, `first_day`, `last_day` (ISO,
    whole or cut), `kind`. A pair without a row is "none": the source goes through all pairs of
    states. A year before the first or after the last that the table covers is None. The order of
    the two does not matter. It says where a line is, not whether anybody may cross it. Raises
    DataProblem for lacking columns, and for two kinds at once. Source of the measure: Stinnett and
    others 2002; exclaves count as the state's own land, as in their coding.

    >>> borders = pd.DataFrame([["ARM", "GEO", "1991-12", "2016-12-31", LAND]],
    ...     columns=["state", "partner", "first_day", "last_day", "kind"])
    >>> border(borders, "GEO", "ARM", 2016), border(borders, "ARM", "RUS", 2016)
    ('land or river border', 'none')
    """
    checked = _checked_borders(land_borders)
    if not _coded(checked, year):
        return None
    kinds = _of_pair(checked[_in_force(checked, year)], one, other)["kind"].unique()
    if len(kinds) > 1:
        raise DataProblem(
            f"ties/land_borders: found {' and '.join(sorted(kinds))} for {one} and {other} in"
            f" {year}; expected one kind. Correct the days of these rows."
        )
    return kinds[0] if len(kinds) else NO_BORDER


def land_neighbours(land_borders: pd.DataFrame, state: str, year: int) -> list[str]:
    """The states with which a state has a land or river border at the end of a year, by code.

    Input, errors and source as in `border`. A year that the source does not code raises
    DataProblem, since an empty list would say that the state is an island.

    >>> borders = pd.DataFrame([["ARM", "GEO", "1991-12", "2016-12-31", LAND]],
    ...     columns=["state", "partner", "first_day", "last_day", "kind"])
    >>> land_neighbours(borders, "GEO", 2000)
    ['ARM']
    """
    checked = _checked_borders(land_borders)
    if not _coded(checked, year):
        raise DataProblem(f"ties/land_borders: found no row for {year}. Choose a year it covers.")
    there = checked[_in_force(checked, year) & checked["kind"].eq(LAND)]
    partners = set(there.loc[there["state"] == state, "partner"])
    return sorted(partners | set(there.loc[there["partner"] == state, "state"]))


def lying_between(land_borders: pd.DataFrame, one: str, other: str, year: int) -> list[str]:
    """The states that border on both of two states at the end of a year: one lies between them.

    An empty list for two states without a common border: more than one state lies between them, or
    the sea. It says nothing on whether there is a road, or whether it is open. Input and errors as
    in `land_neighbours`.

    >>> borders = pd.DataFrame([["ARM", "GEO", "1991-12", "2016-12-31", LAND],
    ...     ["RUS", "GEO", "1991-12", "2016-12-31", LAND]],
    ...     columns=["state", "partner", "first_day", "last_day", "kind"])
    >>> lying_between(borders, "ARM", "RUS", 2000)
    ['GEO']
    """
    beside = land_neighbours(land_borders, other, year)
    return [state for state in land_neighbours(land_borders, one, year) if state in beside]


def shortest_distance(shortest: pd.DataFrame, one: str, other: str, year: int) -> float:
    """The shortest distance between the territories of two states in a year, in km; NaN without one.

    shortest: one row a pair and year, with `state`, `partner`, `year`, `km`. Zero is a common
    border; a year without a row is a gap and is not filled from another, although borders seldom
    move. It is a straight line between two outlines, not a way. Rows that disagree raise
    DataProblem. Source of the measure: Schvitz and others 2022.

    >>> shortest = pd.DataFrame([["ARM", "RUS", 2019, 113.2]],
    ...     columns=["state", "partner", "year", "km"])
    >>> shortest_distance(shortest, "RUS", "ARM", 2019)
    113.2
    """
    _require(shortest, ["state", "partner", "year", "km"], "ties/shortest_distances")
    rows = _of_pair(shortest[shortest["year"] == year], one, other)["km"].dropna().unique()
    if len(rows) > 1 or (rows < 0).any():
        raise DataProblem(
            f"ties/shortest_distances: found {', '.join(f'{km:g}' for km in rows)} km for {one} and"
            f" {other} in {year}; expected one distance of 0 or more. Correct the rows."
        )
    return float(rows[0]) if len(rows) else np.nan


def pair_profile(
    pairs: pd.DataFrame,
    land_borders: pd.DataFrame,
    shortest: pd.DataFrame,
    columns: Mapping[str, tuple[str, str]],
    year: int,
) -> pd.DataFrame:
    """The ties of several pairs side by side, in words: a row a measure, a column a pair.

    columns: {heading: (state, state)}; the order of two states changes nothing. year: for the
    border and the shortest distance, at its end; the other measures have no year. Column `measure`,
    then one a heading; km without decimals, "yes", "no", and "not coded" where the source is silent.
    It is for reading; use `tie` and the others for figures. Input and errors as in `tie`, `border`
    and `shortest_distance`, and a state set beside itself is refused.

    >>> pairs = pd.DataFrame([["ARM", "RUS", 1803.0, 1803.0, 2080.5, *["no"] * 2, "yes", "yes",
    ...     *["no"] * 2]], columns=["state", "partner", *DISTANCES, *FLAGS])
    >>> borders = pd.DataFrame([["ARM", "GEO", "1991-12", "2016-12-31", LAND]],
    ...     columns=["state", "partner", "first_day", "last_day", "kind"])
    >>> shortest = pd.DataFrame([["ARM", "RUS", 2016, 113.2]],
    ...     columns=["state", "partner", "year", "km"])
    >>> pair_profile(pairs, borders, shortest, {"pair": ("ARM", "RUS")}, 2016)["pair"].tolist()[:5]
    ['1,803 km', '1,803 km', '2,080 km', '113 km', 'none']
    """
    alone = [f"{one} and {other}" for one, other in columns.values() if one == other]
    if alone:
        raise DataProblem(f"a profile of {', '.join(alone)}; expected two different states.")
    profile = {"measure": [*DISTANCES.values(), "Between the territories", "Border", *FLAGS.values()]}
    for heading, (one, other) in columns.items():
        known = tie(pairs, one, other)
        nearest = shortest_distance(shortest, one, other, year)
        profile[heading] = [
            *(_kilometres(known[name]) for name in DISTANCES),
            _kilometres(nearest),
            border(land_borders, one, other, year) or "not coded",
            *(_yes_or_no(known[name]) for name in FLAGS),
        ]
    return pd.DataFrame(profile)


def with_each(one: str, other: str, comparison: Sequence[str], names: Mapping[str, str]):
    """Headings for `pair_profile`: the pair first, then the second state with each for comparison.

    Returns {heading: (state, state)}; states that are one of the pair are left out.

    >>> with_each("ARM", "RUS", ["BLR", "ARM"], {"ARM": "Armenia", "RUS": "Russia"})
    {'Armenia and Russia': ('ARM', 'RUS'), 'BLR and Russia': ('BLR', 'RUS')}
    """
    states = [one, *(state for state in comparison if state not in (one, other))]
    last = names.get(other, other)
    return {f"{names.get(state, state)} and {last}": (state, other) for state in states}


def among_allies(
    allied_pairs: pd.DataFrame, tie: str, promise: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """How many of the allied pairs of each year have a tie, and how many have not.

    allied_pairs: counts of pairs, with `year`, `promise` ("defence" or "any"), `major_power`, the
    columns in `TIES` (all "yes", "no", or empty where not coded) and `pairs`. tie: one of `TIES`.
    Columns: `year`, `group` ("all", "with a major power", "without a major power"), `with_tie`,
    `without_tie`, `unknown`, `pairs` (all three together), `share_without` (0..1, of those coded;
    NaN where none is). Pairs whose major power is not coded are in "all" only.

    These are all pairs of states with such a promise and no sample, so there is no interval: the
    share is exact for the coding used. Treaties of many members weigh heavily, since thirty members
    make 435 pairs; a count of treaties would answer another question. A year without a row is left
    out, and is no zero. Raises DataProblem for lacking columns, unknown words, and counts that are
    none. Source of the measure: own count; the promises after Leeds and others 2002.

    >>> allied = pd.DataFrame([[2016, "defence", "yes", "no", "no", "yes", 3],
    ...     [2016, "defence", "no", "yes", "yes", "no", 1]],
    ...     columns=["year", "promise", "major_power", *TIES, "pairs"])
    >>> among_allies(allied, "contiguous", "defence", 2016, 2016)["share_without"].tolist()
    [0.75, 1.0, 0.0]
    """
    counted = _of_promise(_checked_allies(allied_pairs), promise, first_year, last_year)
    _refuse_word(tie, TIES, "tie")
    rows = []
    for year, part in counted.groupby("year"):
        for group, word in GROUPS.items():
            own = part if word is None else part[part["major_power"] == word]
            having, lacking = (own.loc[own[tie] == said, "pairs"].sum() for said in ("yes", "no"))
            known, whole = having + lacking, own["pairs"].sum()
            share = lacking / known if known else np.nan
            rows.append((int(year), group, having, lacking, whole - known, whole, share))
    columns = ["year", "group", "with_tie", "without_tie", "unknown", "pairs", "share_without"]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype(dict.fromkeys(["year", *columns[2:6]], "int64"))


def combined(
    allied_pairs: pd.DataFrame,
    combination: Mapping[str, str],
    promise: str,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """How many allied pairs of each year share a whole combination of ties.

    combination: {column: "yes" or "no"} over `TIES` and `major_power`. Columns: `year`, `matching`
    (surely), `at_most` (with those that may match, since a cell is empty), `pairs` (all), `share`
    (matching of all, 0..1). A rare combination is no cause of anything; with four words there are
    sixteen combinations, and some are rare by arithmetic. Input and errors as in `among_allies`.

    >>> allied = pd.DataFrame([[2016, "defence", "yes", "no", "no", "yes", 3],
    ...     [2016, "defence", "yes", "no", None, "yes", 2], [2016, "defence", "no", "no", "no", "no",
    ...     5]], columns=["year", "promise", "major_power", *TIES, "pairs"])
    >>> combination = {"contiguous": "no", "spoken_language": "no", "major_power": "yes"}
    >>> combined(allied, combination, "defence", 2016, 2016).values.tolist()
    [[2016.0, 3.0, 5.0, 10.0, 0.3]]
    """
    counted = _of_promise(_checked_allies(allied_pairs), promise, first_year, last_year)
    for column, word in combination.items():
        _refuse_word(column, (*TIES, "major_power"), "column")
        _refuse_word(word, ("yes", "no"), column)
    asked = list(combination)
    fits = pd.DataFrame({name: counted[name] == combination[name] for name in asked})
    open_ = counted[asked].isna()
    found = pd.DataFrame(
        {
            "year": counted["year"],
            "matching": counted["pairs"].where(fits.all(axis=1), 0),
            "at_most": counted["pairs"].where((fits | open_).all(axis=1), 0),
            "pairs": counted["pairs"],
        },
    ).astype("int64")
    found = found.groupby("year", as_index=False).sum()
    return found.assign(share=found["matching"] / found["pairs"].where(found["pairs"] > 0))


def combination_of(
    known: pd.Series, kind: str | None, major_power: bool
) -> dict[str, str]:
    """A pair's own combination, for `combined`, from `tie` and `border`.

    A tie that is not coded is left out of it, so that it neither matches nor fails to.

    >>> known = pd.Series({"common_spoken_language": False, "colonial_tie": True})
    >>> combination_of(known, "none", True)
    {'major_power': 'yes', 'contiguous': 'no', 'spoken_language': 'no', 'colonial_tie': 'yes'}
    """
    said = {
        "major_power": major_power,
        "contiguous": None if kind is None else kind == LAND,
        "spoken_language": known["common_spoken_language"],
        "colonial_tie": known["colonial_tie"],
    }
    return {name: _yes_or_no(value) for name, value in said.items() if not pd.isna(value)}


def distance_place(
    allied_distances: pd.DataFrame, km: float, year: int, promise: str
) -> pd.DataFrame:
    """Where a distance stands among those of all allied pairs of a year, with and without a border.

    allied_distances: counts of pairs in bands, with `year`, `promise`, `major_power`, `contiguous`,
    `from_km` (the first km of the band), `to_km` (the first km of the next) and `pairs`; both empty
    where the distance is not coded. Columns: `group` ("all", "with a border", "without a border"),
    `nearer` and `farther` (whole bands on either side), `same_band`, `unknown`, `pairs`,
    `share_nearer_lowest` and `share_nearer_highest` (0..1, of those coded; NaN where none is).

    Inside its own band nobody can say who is nearer, hence two shares and no finer figure. The pair
    itself is one of those in its band. Nearer + same band + farther + unknown = pairs. Raises
    DataProblem for lacking columns, bands that are none or overlap, and a distance that is none.

    >>> bands = pd.DataFrame([[2016, "any", "no", "yes", 0, 250, 3], [2016, "any", "no", "no", 250,
    ...     500, 1]], columns=["year", "promise", "major_power", "contiguous", "from_km", "to_km",
    ...     "pairs"])
    >>> distance_place(bands, 300, 2016, "any")[["nearer", "same_band"]].values.tolist()
    [[3, 1], [3, 0], [0, 1]]
    """
    if not (np.isfinite(km) and km >= 0):
        raise DataProblem(f"a distance of {km} km; expected a number of 0 or more.")
    counted = _of_promise(_checked_bands(allied_distances), promise, year, year)
    rows = []
    for group, word in {"all": None, "with a border": "yes", "without a border": "no"}.items():
        own = counted if word is None else counted[counted["contiguous"] == word]
        nearer = own.loc[own["to_km"] <= km, "pairs"].sum()
        farther = own.loc[own["from_km"] > km, "pairs"].sum()
        whole, unknown = own["pairs"].sum(), own.loc[own["from_km"].isna(), "pairs"].sum()
        known, same = whole - unknown, whole - unknown - nearer - farther
        shares = [(count / known if known else np.nan) for count in (nearer, nearer + same)]
        rows.append((group, nearer, same, farther, unknown, whole, *shares))
    columns = ["group", "nearer", "same_band", "farther", "unknown", "pairs"]
    found = pd.DataFrame(
        rows, columns=[*columns, "share_nearer_lowest", "share_nearer_highest"]
    )
    return found.astype(dict.fromkeys(columns[1:], "int64"))
