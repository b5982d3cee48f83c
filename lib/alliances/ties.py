"""What ties two states beside treaties: distance, borders, languages, history, roads, people.

Most of it does not change, so it cannot explain a change within a pair. It says whether the pair is
unusual: all allied pairs of the world are counted by their ties, and one pair is held against them.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from alliances.problems import DataProblem

LAND = "land or river border"
NO_BORDER = "no border, by land or within 400 miles of water"
WORLD = "WLD"
MEASURES = {
    "distance_km": "distance of the main cities, km",
    "distance_weighted_km": "distance weighted by people, km",
    "contiguous": "common border",
    "common_official_language": "common official language",
    "common_spoken_language": "common spoken language",
    "colonial_tie": "colonial tie",
    "same_state": "once one state",
}
TIES = {
    "contiguous": "common land border",
    "common_spoken_language": "common spoken language",
    "colonial_tie": "colonial tie",
}
_EARTH_KM = 6371.0


def border_in(borders: pd.DataFrame, state: str, partner: str, year: int) -> str:
    """The kind of border that two states had in a year, in words, or NO_BORDER.

    borders: `state`, `partner`, `first_day`, `last_day`, `kind`. A year after the last day of all is
    not covered and is refused: the border may have changed. Source: Stinnett and others 2002.

    >>> borders = pd.DataFrame({"state": ["ARM"], "partner": "GEO", "first_day": "1991-12-01",
    ...     "last_day": "2016-12-01", "kind": LAND})
    >>> border_in(borders, "ARM", "GEO", 2000)
    'land or river border'
    """
    _covered(borders, year)
    _known(borders, state)
    rows = _standing(borders, year)
    kinds = rows[(rows["state"] == state) & (rows["partner"] == partner)]["kind"]
    return kinds.iloc[0] if len(kinds) else NO_BORDER


def states_between(borders: pd.DataFrame, state: str, partner: str, year: int) -> list[str]:
    """The states that had a land border with both of two states in a year, in the order of codes.

    borders as in `border_in`. Whoever travels by land between two states that do not touch crosses
    one of them, or more. It says nothing of roads, or of which crossings are open.

    >>> borders = pd.DataFrame({"state": ["ARM", "RUS"], "partner": "GEO", "kind": LAND,
    ...     "first_day": "1991-12-01", "last_day": "2016-12-01"})
    >>> states_between(borders, "ARM", "RUS", 2000)
    ['GEO']
    """
    _covered(borders, year)
    _known(borders, state, partner)
    land = _standing(borders, year)
    land = land[land["kind"] == LAND]
    sides = [set(land[land["state"] == code]["partner"]) for code in (state, partner)]
    return sorted(sides[0] & sides[1])


def _standing(borders, year):
    first, last = (borders[name].str[:4].astype(int) for name in ("first_day", "last_day"))
    return borders[(first <= year) & (last >= year)]


def _covered(borders, year):
    last = int(borders["last_day"].str[:4].max())
    if year > last:
        raise DataProblem(f"borders: the data end in {last}; {year} is not covered.")


def _known(table, *states, column="state"):
    lacking = sorted(set(states) - set(table[column]))
    if lacking:
        raise DataProblem(f"there is no row of {', '.join(lacking)}; import the pairs first.")


def pair_profile(pairs: pd.DataFrame, partner: str, states: Sequence[str]) -> pd.DataFrame:
    """The ties of several states with one partner, a row a state.

    pairs: `state`, `partner` and the columns of MEASURES. Columns: `state` and these; ties are "yes"
    or "no". They do not change with time, and languages rest on sources of before 2004. Source:
    Mayer and Zignago 2011.

    >>> row = dict.fromkeys(MEASURES, 0) | {"state": "ARM", "partner": "RUS", "colonial_tie": 1}
    >>> pair_profile(pd.DataFrame([row]), "RUS", ["ARM"])[["contiguous", "colonial_tie"]].values.tolist()
    [['no', 'yes']]
    """
    own = pairs[pairs["partner"] == partner].set_index("state")
    lacking = [state for state in states if state not in own.index]
    if lacking:
        raise DataProblem(f"pairs: no row of {', '.join(lacking)} with {partner}.")
    found = own.loc[list(states), list(MEASURES)]
    words = {0: "no", 1: "yes"}
    ties = {name: found[name].map(words) for name in MEASURES if not name.endswith("_km")}
    return found.assign(**ties).reset_index()


def among_allies(
    allied: pd.DataFrame, year: int, promise: str, groups: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """How many of the world's allied pairs have each tie, for groups of pairs.

    allied: counts by `year`, `promise`, `major_power`, the columns of TIES (yes or no), `from_km`,
    `to_km`, with `pairs`. groups: {words: values of `major_power` that belong to it}. Columns:
    `group`, `tie` (in words), `having`, `pairs`, `share`. These are all pairs that were coded and
    not a sample, so there is no interval. A pact of thirty states makes 435 pairs; the shares say
    what is usual among pairs, not among treaties. A year or promise that is not there is refused.

    >>> allied = pd.DataFrame({"year": 2016, "promise": "defence", "major_power": ["no", "yes"],
    ...     "contiguous": ["yes", "no"], "common_spoken_language": "no", "colonial_tie": "no",
    ...     "from_km": 0, "to_km": 500, "pairs": [3, 1]})
    >>> found = among_allies(allied, 2016, "defence", {"all": ["yes", "no"]})
    >>> found[["having", "pairs"]].iloc[0].tolist()
    [3, 4]
    """
    rows = _of_year(allied, year, promise)
    found = []
    for words, members in groups.items():
        part = rows[rows["major_power"].isin(members)]
        total = int(part["pairs"].sum())
        for column, tie in TIES.items():
            having = int(part.loc[part[column] == "yes", "pairs"].sum())
            share = having / total if total else math.nan
            found.append(dict(group=words, tie=tie, having=having, pairs=total, share=share))
    return pd.DataFrame(found)


def _of_year(allied, year, promise):
    rows = allied[(allied["year"] == year) & (allied["promise"] == promise)]
    if rows.empty:
        raise DataProblem(
            f"allied pairs: nothing for {promise!r} in {year}; years {allied['year'].min()} to"
            f" {allied['year'].max()}, promises {', '.join(sorted(set(allied['promise'])))}."
        )
    return rows


def farther_apart(allied: pd.DataFrame, km: float, year: int, promise: str) -> dict:
    """Where a distance lies among those of all allied pairs: counts by band, so a range.

    Returns `nearer` and `farther` (pairs surely so), `same_band` (pairs in the same band of the
    table, which may lie on either side) and `pairs`. Distances are between main cities.

    >>> allied = pd.DataFrame({"year": 2016, "promise": "defence", "from_km": [0, 500, 1000],
    ...     "to_km": [500, 1000, 1500], "pairs": [5, 2, 1]})
    >>> farther_apart(allied, 700.0, 2016, "defence")
    {'nearer': 5, 'same_band': 2, 'farther': 1, 'pairs': 8}
    """
    rows = _of_year(allied, year, promise)
    places = {
        "nearer": rows["to_km"] <= km,
        "same_band": (rows["from_km"] <= km) & (rows["to_km"] > km),
        "farther": rows["from_km"] > km,
    }
    found = {name: int(rows.loc[where, "pairs"].sum()) for name, where in places.items()}
    return found | {"pairs": int(rows["pairs"].sum())}


def with_these_ties(allied: pd.DataFrame, year: int, promise: str, ties: Mapping[str, str]) -> dict:
    """How many allied pairs have a whole combination of ties: `having`, `pairs`, `share`.

    ties: {column: "yes" or "no"}, such as no border and a colonial tie.

    >>> allied = pd.DataFrame({"year": 2016, "promise": "defence", "contiguous": ["yes", "no"],
    ...     "colonial_tie": "yes", "pairs": [3, 1]})
    >>> with_these_ties(allied, 2016, "defence", {"contiguous": "no", "colonial_tie": "yes"})
    {'having': 1, 'pairs': 4, 'share': 0.25}
    """
    rows = _of_year(allied, year, promise)
    fits = pd.Series(True, rows.index)
    for column, value in ties.items():
        fits &= rows[column] == value
    having, total = int(rows.loc[fits, "pairs"].sum()), int(rows["pairs"].sum())
    return {"having": having, "pairs": total, "share": having / total}


def migrant_shares(migrants: pd.DataFrame, origin: str, destination: str) -> pd.DataFrame:
    """People born in one state who live in another, and what part of all they are, both ways of it.

    migrants: `origin`, `destination` (WLD for all), `year`, `people`. Columns: `year`, `people`,
    `abroad` (all born in the origin who live abroad), `share_of_origin`, `foreign_born` (all
    foreign-born of the destination), `share_of_destination`. Only the years of the source, every
    fifth; nothing is filled between. A stock of people by birth: no moves, no citizenship, no
    descendants, and whoever moved inside the Soviet Union became a migrant in 1991 without moving.
    A pair that is not listed raises a DataProblem. Source: United Nations, DESA.

    >>> migrants = pd.DataFrame({"origin": ["ARM", "ARM", "WLD"], "destination": ["RUS", "WLD", "RUS"],
    ...     "year": 2020, "people": [5, 10, 100]})
    >>> migrant_shares(migrants, "ARM", "RUS")[["share_of_origin", "share_of_destination"]].values.tolist()
    [[0.5, 0.05]]
    """
    own = _people(migrants, origin, destination)
    if own.empty:
        raise DataProblem(f"migrants: {origin} to {destination} is not listed. Import it first.")
    found = pd.DataFrame(
        {
            "people": own,
            "abroad": _people(migrants, origin, WORLD),
            "foreign_born": _people(migrants, WORLD, destination),
        }
    ).dropna(subset=["people"])
    found["share_of_origin"] = found["people"] / found["abroad"]
    found["share_of_destination"] = found["people"] / found["foreign_born"]
    return found.rename_axis("year").reset_index()


def _people(migrants, origin, destination):
    rows = migrants[(migrants["origin"] == origin) & (migrants["destination"] == destination)]
    series = rows.set_index("year")["people"]
    if series.index.has_duplicates:
        raise DataProblem(f"migrants: {origin} to {destination} has two rows in one year.")
    return series


def main_destinations(migrants: pd.DataFrame, origin: str, year: int) -> pd.DataFrame:
    """Where the people born in a state live, most first: `destination`, `people`, `share`.

    Among the destinations that the table holds; `share` is of all who live abroad.

    >>> migrants = pd.DataFrame({"origin": "ARM", "destination": ["RUS", "USA", "WLD"], "year": 2020,
    ...     "people": [5, 1, 10]})
    >>> main_destinations(migrants, "ARM", 2020).values.tolist()
    [['RUS', 5, 0.5], ['USA', 1, 0.1]]
    """
    rows = migrants[(migrants["origin"] == origin) & (migrants["year"] == year)]
    whole = rows[rows["destination"] == WORLD]["people"]
    if whole.empty:
        raise DataProblem(f"migrants: no total of {origin} in {year}.")
    named = rows[rows["destination"] != WORLD].sort_values("people", ascending=False)
    named = named.assign(share=named["people"] / whole.iloc[0])
    return named[["destination", "people", "share"]].reset_index(drop=True)


def road_between(roads: pd.DataFrame, segments: Sequence[str]) -> dict:
    """The length of a road made of segments: `lowest` and `highest`, in km, and `statements`.

    roads: `segment`, `low_km`, `high_km`, one row a statement. The lowest adds the lowest statement
    of each segment, the highest the highest. A segment without a statement is refused, since a sum
    that lacks a part is no length.

    >>> roads = pd.DataFrame({"segment": ["a", "a", "b"], "low_km": [10.0, 12.0, 5.0],
    ...     "high_km": [10.0, 12.0, 6.0]})
    >>> road_between(roads, ["a", "b"])
    {'lowest': 15.0, 'highest': 18.0, 'statements': 3}
    """
    chosen = roads[roads["segment"].isin(segments)]
    lacking = sorted(set(segments) - set(chosen["segment"]))
    if lacking:
        raise DataProblem(f"roads: no statement on {', '.join(lacking)}.")
    by_segment = chosen.groupby("segment")
    return {
        "lowest": float(by_segment["low_km"].min().sum()),
        "highest": float(by_segment["high_km"].max().sum()),
        "statements": len(chosen),
    }


def straight_line(places: pd.DataFrame, one: str, other: str) -> float:
    """The great-circle distance between two places, in km: no road between them is shorter.

    places: `place`, `longitude`, `latitude` in degrees. Unknown places raise a DataProblem.

    >>> places = pd.DataFrame({"place": ["a", "b"], "longitude": [0.0, 0.0], "latitude": [0.0, 1.0]})
    >>> round(straight_line(places, "a", "b"))
    111
    """
    where = places.set_index("place")
    lacking = [name for name in (one, other) if name not in where.index]
    if lacking:
        raise DataProblem(f"places: there is no {', '.join(lacking)}.")
    ends = where.loc[[one, other], ["longitude", "latitude"]].map(math.radians)
    (x1, y1), (x2, y2) = ends.to_numpy()
    turn = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(turn))
