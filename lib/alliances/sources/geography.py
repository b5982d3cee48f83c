"""Readers of distances, borders and old ties: CEPII's GeoDist, Correlates of War, CShapes."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, iso_days, listed, read_cells, whole_years
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


# What the Correlates of War's own lists of spans (contdir.csv) and of years (contdird.csv) call
# what the R package peacesciencer renames.
LIST_NAMES = {"statelno": "ccode1", "statehno": "ccode2", "begin": "stdate", "end": "enddate"}
YEAR_NAMES = {"state1no": "ccode1", "state2no": "ccode2"}


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
    kilometres = numbers[list(KILOMETRES)]
    # A weighted distance is missing where GeoDist writes a point; anything else is a fault.
    missing = cells[list(KILOMETRES)].isin([".", "", "NA"]) & kilometres.isna()
    wrong = ~((kilometres >= 0) & (kilometres < 1e6) | missing).all(axis=1)
    wrong |= kilometres[["dist", "distcap"]].isna().any(axis=1)
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

    Read from the project's list of spans (contdir.csv), from its list of years (contdird.csv), or
    from the spans as the R package peacesciencer hands them out. The numbers are the Correlates of
    War's; kind is a land or river border, or up to 12, 24, 150 or 400 miles of water. A pair without
    a row has none of these; last_day is the end of the data where the border still stood. The
    project gives months, which stand as their first day; its list of years gives years alone, and a
    pair that has two kinds in a year has the nearer one there. Raises DataProblem for another
    layout, unknown kinds and dates that are none. Source: Stinnett and others 2002.

    >>> read_contiguity("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    keys = ["ccode1", "ccode2", "conttype"]
    try:
        cells = read_cells(path, [*keys, "stdate", "enddate"], SPANS, LIST_NAMES)
    except DataProblem as problem:
        if "are missing; expected" not in str(problem):
            raise
        return _spans_of_years(path, problem)
    numbers = cells[keys].apply(pd.to_numeric, errors="coerce")
    months = cells[["stdate", "enddate"]].replace(r"(\d{4})(\d\d)", r"\1-\2-01", regex=True)
    days = months.apply(lambda column: iso_days(path, column))
    wrong = _no_numbers(numbers) | ~numbers["conttype"].isin([0, *KINDS])
    wrong |= days["enddate"] < days["stdate"]
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected two state"
            f" numbers, a kind from 0 to 5, and two dates in their order. {ADVICE}"
        )
    # Some editions write a 0 for spans without a border, which others leave out.
    table = numbers.astype("int64").join(days)[numbers["conttype"] > 0]
    return _named_spans(table)


SPANS = "direct contiguity by pair of states (contdir.csv, or contdird.csv)"


def _spans_of_years(path, problem):
    """Runs of years in which a pair had one kind of contiguity, from the list of years."""
    keys = ["ccode1", "ccode2", "year", "conttype"]
    try:
        cells = read_cells(path, keys, SPANS, YEAR_NAMES)
    except DataProblem:
        raise problem from None
    cells = cells.assign(year=whole_years(path, cells["year"]))
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    wrong = _no_numbers(numbers) | ~numbers["conttype"].isin([0, *KINDS])
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected two state"
            f" numbers and a kind from 0 to 5. {ADVICE}"
        )
    rows = numbers[numbers["conttype"] > 0].astype("int64").sort_values(keys)
    rows = rows.drop_duplicates(keys[:3])
    pair = ["ccode1", "ccode2", "conttype"]
    rows = rows.sort_values([*pair, "year"])
    run = (rows.groupby(pair)["year"].diff() != 1).cumsum().rename("run")
    spans = rows.groupby([*pair, run], as_index=False).agg(
        stdate=("year", "min"), enddate=("year", "max")
    )
    spans[["stdate", "enddate"]] = spans[["stdate", "enddate"]].astype("str")
    return _named_spans(spans[[*pair, "stdate", "enddate"]])


def _named_spans(table):
    table = table.assign(conttype=table["conttype"].map(KINDS))
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
    wrong = _no_numbers(numbers[wanted[:3]]) | ~numbers["mindist"].between(0, 1e6)
    wrong |= numbers.duplicated(wanted[:3])
    if wrong.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[wrong] + 2).tolist())}: expected numbers, and"
            f" each pair once a year. {ADVICE}"
        )
    whole = numbers.astype(dict.fromkeys(wanted[:3], "int64"))
    return whole.set_axis(["number", "partner_number", "year", "km"], axis=1)


def _no_numbers(numbers):
    """Rows in which a number of a state, a kind or a year is no whole number."""
    return ~(numbers.abs() < 10_000).all(axis=1) | (numbers % 1 != 0).any(axis=1)


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
    kept = whole[whole["state"].isin(states) & (whole["last_day"] >= str(study["first_year"]))]
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
        "one file: dist_cepii.zip, dist_cepii.xls or a csv of its columns",
        (PAIRS,),
        _geodist,
        producer="Mayer and Zignago, CEPII",
        path="https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=6",
        citation="mayer_zignago2011",
    ),
    Source(
        "cow-contiguity",
        "Correlates of War, direct contiguity",
        "one file: contdir.csv or contdird.csv, or the archive (zip) that holds them",
        (BORDERS,),
        _contiguity,
        producer="Correlates of War Project",
        path="https://correlatesofwar.org",
        citation="stinnett2002",
    ),
    Source(
        "cshapes",
        "CShapes 2.0, shortest distances between states",
        "one file: ccode1, ccode2, year, mindist (csv)",
        (SHORTEST,),
        _shortest,
        producer="Schvitz and others, ETH Zurich",
        path="https://icr.ethz.ch/data/cshapes/",
        citation="schvitz2022",
    ),
)
