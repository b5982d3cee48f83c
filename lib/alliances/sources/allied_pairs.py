"""All allied pairs of the world, counted by their ties: against which one pair can be seen."""

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source
from alliances.sources.atop import OBLIGATIONS, OWN_NAMES, read_dyad_years
from alliances.sources.cells import told_apart
from alliances.sources.geography import LIST_NAMES, read_contiguity, read_geodist
from alliances.sources.names import COW_CODES

NAME = "allied-pairs"
TABLE = "ties/allied_pairs"
BAND = 500
# States that the Correlates of War count as major powers after 1991.
MAJOR_POWERS = frozenset({"USA", "GBR", "FRA", "DEU", "RUS", "CHN", "JPN"})
FILES = {
    "ATOP's directed dyad-years": ("ccode1", "ccode2", "year", "atop_defense"),
    "GeoDist's pairs": ("iso_o", "iso_d", "dist"),
    "direct contiguity": ("ccode1", "ccode2", "conttype", "stdate"),
}
TIES = ("major_power", "contiguous", "common_spoken_language", "colonial_tie")


def count_pairs(
    promises: pd.DataFrame, borders: pd.DataFrame, ties: pd.DataFrame, years: range
) -> pd.DataFrame:
    """Allied pairs by year, promise and ties: a table of counts.

    promises: as `atop.read_dyad_years` gives them; borders: as `geography.read_contiguity`; ties:
    as `geography.read_geodist`. A pair is counted once a year, whichever of the two promised.
    Columns: `year`, `promise` ("defence", or "any" of the five), `major_power` (whether one of the
    two is a major power), `contiguous` (a land or river border in that year), `common_spoken_language`,
    `colonial_tie` (yes or no), `from_km`, `to_km` (a band of 500 km of the distance between main
    cities), `pairs`. Pairs that GeoDist does not hold are left out. Large pacts make most pairs: one
    treaty of thirty states makes 435, so the counts weigh a pact by its size.

    >>> promises = pd.DataFrame({"number": [371], "partner_number": [365], "year": 2000,
    ...     "defence": 1, "offence": 0, "neutrality": 0, "non_aggression": 0, "consultation": 0})
    >>> borders = pd.DataFrame(columns=["number", "partner_number", "kind", "first_day", "last_day"])
    >>> ties = pd.DataFrame({"state": ["ARM"], "partner": "RUS", "distance_km": 1803.0,
    ...     "common_spoken_language": 0, "colonial_tie": 1})
    >>> count_pairs(promises, borders, ties, range(2000, 2001))[["promise", "from_km", "pairs"]]
      promise  from_km  pairs
    0     any     1500      1
    1  defence    1500      1
    """
    known = promises[promises["year"].isin(years)].copy()
    known["a"], known["b"] = (known[name].map(COW_CODES) for name in ("number", "partner_number"))
    known = known.dropna(subset=["a", "b"])
    known["any"] = known[list(OBLIGATIONS.values())].any(axis=1)
    known["state"], known["partner"] = known[["a", "b"]].min(axis=1), known[["a", "b"]].max(axis=1)
    pairs = known.groupby(["state", "partner", "year"], as_index=False)[["defence", "any"]].max()
    columns = ["state", "partner", "distance_km", "common_spoken_language", "colonial_tie"]
    pairs = pairs.merge(ties[columns], on=["state", "partner"])
    pairs["contiguous"] = _touching(pairs, borders)
    pairs["major_power"] = pairs[["state", "partner"]].isin(MAJOR_POWERS).any(axis=1)
    for name in TIES:
        pairs[name] = pairs[name].astype(bool).map({True: "yes", False: "no"})
    pairs["from_km"] = (pairs["distance_km"] // BAND * BAND).astype("int64")
    pairs["to_km"] = pairs["from_km"] + BAND
    key = ["year", "promise", *TIES, "from_km", "to_km"]
    parts = [pairs[pairs[name].astype(bool)].assign(promise=name) for name in ("any", "defence")]
    return pd.concat(parts).groupby(key).size().reset_index(name="pairs")


def _touching(pairs, borders):
    land = borders[borders["kind"] == "land or river border"].copy()
    ends = [land[name].map(COW_CODES).astype(object) for name in ("number", "partner_number")]
    land["from"] = land["first_day"].astype("str").str[:4]
    land["until"] = land["last_day"].astype("str").str[:4]
    touching = {
        (*sorted((a, b)), year)
        for a, b, first, last in zip(*ends, land["from"], land["until"])
        if isinstance(a, str) and isinstance(b, str)
        for year in range(int(first), int(last) + 1)
    }
    keys = pairs[["state", "partner", "year"]].itertuples(index=False, name=None)
    return [key in touching for key in keys]


def _make(paths, study):
    found = told_apart(paths, FILES, OWN_NAMES | LIST_NAMES)
    if len(paths) != 3 or len(found) != 3:
        raise DataProblem(
            f"found {', '.join(path.name for path in paths) or 'no file'}; expected three files:"
            f" {', '.join(FILES)} (csv or csv.gz). Give one of each."
        )
    promises, ties, borders = (found[kind] for kind in FILES)
    whole, contiguity = read_dyad_years(promises), read_contiguity(borders)
    last = min(int(whole["year"].max()), int(contiguity["last_day"].max()[:4]))
    years = range(study["first_year"], last + 1)
    table = count_pairs(whole, contiguity, read_geodist(ties), years)
    at_end = table[(table["year"] == last) & (table["promise"] == "defence")]["pairs"].sum()
    said = [
        f"{promises.name}, {ties.name}, {borders.name}: years {years[0]} to {last};"
        f" {at_end:,} pairs with a promise of defence in {last}."
    ]
    covers = {TABLE: (years[0], last)}
    return Made({TABLE: table.assign(source=NAME)}, f"years to {last}", said, covers)


SOURCES = (
    Source(
        NAME,
        "Allied pairs by their ties, from ATOP 5.1, GeoDist and Correlates of War contiguity",
        "three files: ATOP's directed dyad-years, dist_cepii, direct contiguity (contdir.csv)",
        (TABLE,),
        _make,
        producer="ATOP, CEPII and Correlates of War; counted for this book",
        path="http://www.atopdata.org",
        citation="atop",
    ),
)
