"""Readers of distances, borders and old ties: CEPII's GeoDist, Correlates of War, CShapes."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, iso_days, listed, read_cells
from alliances.sources.names import COW_CODES

PAIRS, BORDERS, SHORTEST = "ties/pairs", "ties/land_borders", "ties/shortest_distances"
KILOMETRES = {
    "dist": "distance_km",
    "distcap": "distance_capitals_km",
    "distw": "distance_weighted_km",
}
YES_OR_NO = {
    "contig": "contiguous",
    "comlang_off": "common_official_language",
    "comlang_ethno": "common_spoken_language",
    "colony": "colonial_tie",
    "comcol": "common_coloniser",
    "col45": "colonial_tie_after_1945",
    "smctry": "same_state",
}
# GeoDist writes the codes of 2004; some states have another since.
RENAMED = {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "PAL": "PSE", "YUG": "SRB"}
KINDS = {
    1: "land or river border",
    2: "up to 12 miles of water",
    3: "up to 24 miles of water",
    4: "up to 150 miles of water",
    5: "up to 400 miles of water",
}


def read_geodist(path: Path | str) -> pd.DataFrame:
    """GeoDist's pairs: state, partner, three distances in kilometres, seven ties as 1 or 0.

    Read from CEPII's archive or workbook, or from a csv of the same columns. distance_km is between
    the main cities, distance_capitals_km between capitals, distance_weighted_km between all larger
    cities by their people; a weighted distance can be missing. common_spoken_language: a language
    that at least 9 percent speak in both. Codes of 2004 are turned into today's. The figures do not
    change with time, and languages rest on sources of before 2004.

    Raises DataProblem for another layout, cells that are no numbers, and a pair that stands there
    twice. Source: Mayer and Zignago 2011.

    >>> read_geodist("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    wanted = ["iso_o", "iso_d", *KILOMETRES, *YES_OR_NO]
    cells = read_cells(path, wanted, "GeoDist's pairs")
    numbers = cells[[*KILOMETRES, *YES_OR_NO]].apply(pd.to_numeric, errors="coerce")
    wrong = (numbers[list(KILOMETRES)] < 0).any(axis=1) | numbers[["dist", "distcap"]].isna().any(
        axis=1
    )
    wrong |= ~numbers[list(YES_OR_NO)].isin([0, 1]).all(axis=1)
    codes = cells[["iso_o", "iso_d"]].astype("str").replace(RENAMED)
    wrong |= codes.duplicated()
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected distances of"
            f" zero or more, ties of 0 or 1, and each pair once. {ADVICE}"
        )
    numbers[list(YES_OR_NO)] = numbers[list(YES_OR_NO)].astype("int64")
    table = codes.set_axis(["state", "partner"], axis=1).join(numbers)
    return table.rename(columns=KILOMETRES | YES_OR_NO)


def read_contiguity(path: Path | str) -> pd.DataFrame:
    """Direct contiguity of states: number, partner_number, first_day, last_day, kind.

    The numbers are the Correlates of War's; kind is a land or river border, or up to 12, 24, 150 or
    400 miles of water. A pair without a row has none of these; last_day is the end of the data
    where the border still stood. Raises DataProblem for another layout, unknown kinds and dates
    that are none. Source: Stinnett and others 2002.

    >>> read_contiguity("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    wanted = ["ccode1", "ccode2", "conttype", "stdate", "enddate"]
    cells = read_cells(path, wanted, "direct contiguity by pair of states")
    numbers = cells[wanted[:3]].apply(pd.to_numeric, errors="coerce")
    days = cells[wanted[3:]].apply(pd.to_datetime, format="%Y-%m-%d", errors="coerce")
    wrong = numbers.isna().any(axis=1) | ~numbers["conttype"].isin([0, *KINDS]) | days.isna().any(axis=1)
    wrong |= days["enddate"] < days["stdate"]
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected two state"
            f" numbers, a kind from 0 to 5, and two ISO dates in their order. {ADVICE}"
        )
    # Some editions write a 0 for spans without a border, which others leave out.
    table = numbers.astype("int64").join(cells[wanted[3:]])[numbers["conttype"] > 0]
    table["conttype"] = table["conttype"].map(KINDS)
    return table.set_axis(["number", "partner_number", "kind", "first_day", "last_day"], axis=1)


def read_shortest(path: Path | str) -> pd.DataFrame:
    """The shortest distance between two states' territories: number, partner_number, year, km.

    Measured on 1 January of the year; 0 where they touch. Each pair stands there once. Raises
    DataProblem for another layout, cells that are no numbers, and distances below zero. Source:
    Schvitz and others 2022 (CShapes 2.0).

    >>> read_shortest("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    wanted = ["ccode1", "ccode2", "year", "mindist"]
    cells = read_cells(path, wanted, "shortest distances by pair of states and year")
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna().any(axis=1) | (numbers["mindist"] < 0) | numbers.duplicated(wanted[:3])
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected numbers, and"
            f" each pair once a year. {ADVICE}"
        )
    whole = numbers.astype(dict.fromkeys(wanted[:3], "int64"))
    return whole.set_axis(["number", "partner_number", "year", "km"], axis=1)


def _coded(table):
    """With the states' codes, in both directions, for pairs whose numbers have a code."""
    there = table.assign(
        state=table["number"].map(COW_CODES), partner=table["partner_number"].map(COW_CODES)
    ).drop(columns=["number", "partner_number"])
    back = there.rename(columns={"state": "partner", "partner": "state"})
    return pd.concat([there, back]).dropna(subset=["state", "partner"]).drop_duplicates()


def _geodist(paths, study):
    path = one_file(paths, "GeoDist's pairs (dist_cepii)")
    whole, states = read_geodist(path), states_of(study)
    kept = whole[whole["state"].isin(states) & whole["partner"].isin(states)]
    kept = kept[kept["state"] != kept["partner"]]
    lacking = sorted(set(states) - set(kept["state"]))
    if lacking:
        raise DataProblem(f"{path.name}: it has no pair of {', '.join(lacking)}. {ADVICE}")
    table = kept.sort_values(["state", "partner"]).round(dict.fromkeys(KILOMETRES.values(), 3))
    said = [f"{path.name}: {len(whole):,} pairs read, {len(kept)} kept."]
    return Made({PAIRS: table.assign(source="cepii-geodist")}, "GeoDist of 2011", said)


def _contiguity(paths, study):
    path = one_file(paths, "direct contiguity by pair of states")
    whole, states = _coded(read_contiguity(path)), states_of(study)
    kept = whole[
        whole["state"].isin(states) & (whole["last_day"] >= f"{study['first_year']}-01-01")
    ]
    columns = ["state", "partner", "first_day", "last_day", "kind"]
    table = kept[columns].sort_values(columns[:3]).assign(source="cow-contiguity")
    last = int(whole["last_day"].max()[:4])
    said = [f"{path.name}: {len(whole):,} borders in both directions, {len(kept)} kept."]
    covers = {BORDERS: (study["first_year"], last)}
    return Made({BORDERS: table}, f"version 3.2, to {last}", said, covers)


def _shortest(paths, study):
    path = one_file(paths, "shortest distances by pair of states and year")
    whole, states = _coded(read_shortest(path)), states_of(study)
    kept = whole[whole["state"].isin(states) & whole["partner"].isin(states)]
    kept = kept[(kept["state"] != kept["partner"]) & (kept["year"] >= study["first_year"])]
    columns = ["state", "partner", "year", "km"]
    table = kept[columns].sort_values(columns[:3]).round({"km": 2}).assign(source="cshapes")
    last = int(whole["year"].max())
    said = [f"{path.name}: years to {last} read, {len(kept):,} rows kept."]
    covers = {SHORTEST: (study["first_year"], last)}
    return Made({SHORTEST: table}, f"CShapes 2.0, to {last}", said, covers)


SOURCES = (
    Source(
        "cepii-geodist",
        "CEPII, GeoDist, pairs of countries",
        "one file: dist_cepii.zip, .xls or a csv of its columns",
        (PAIRS,),
        _geodist,
    ),
    Source(
        "cow-contiguity",
        "Correlates of War, direct contiguity",
        "one file: ccode1, ccode2, conttype, stdate, enddate (csv)",
        (BORDERS,),
        _contiguity,
    ),
    Source(
        "cshapes",
        "CShapes 2.0, shortest distances between states",
        "one file: ccode1, ccode2, year, mindist (csv)",
        (SHORTEST,),
        _shortest,
    ),
)
