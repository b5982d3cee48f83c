"""Ties: values that the producers print, independent counts, properties, and what is refused."""

import csv
import gzip

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared
from test_chapters import rows, words

from alliances import ties
from alliances.problems import DataProblem


def shipped(name):
    path = ROOT / "data" / "ties" / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def test_the_pair_is_as_geodist_prints_it():
    profile = ties.pair_profile(shipped("pairs"), "RUS", ["ARM"]).iloc[0]
    assert profile["distance_km"] == pytest.approx(1803.035)
    assert profile["distance_weighted_km"] == pytest.approx(2080.531, abs=1e-3)
    assert profile[["contiguous", "common_spoken_language", "colonial_tie"]].tolist() == [
        "no",
        "no",
        "yes",
    ]


def test_the_pair_looks_the_same_from_both_sides():
    there, back = (
        ties.pair_profile(shipped("pairs"), partner, [state]).drop(columns="state")
        for state, partner in (("ARM", "RUS"), ("RUS", "ARM"))
    )
    pd.testing.assert_frame_equal(there, back)


def test_borders_and_what_lies_between():
    borders = shipped("land_borders")
    assert ties.border_in(borders, "ARM", "RUS", 2010) == ties.NO_BORDER
    assert ties.border_in(borders, "ARM", "GEO", 2010) == ties.LAND
    assert ties.border_in(borders, "RUS", "USA", 2010) == "up to 12 miles of water"
    assert ties.states_between(borders, "ARM", "RUS", 2010) == ["AZE", "GEO"]
    assert ties.states_between(borders, "RUS", "ARM", 2010) == ["AZE", "GEO"]
    with pytest.raises(DataProblem, match="end in 2016"):
        ties.border_in(borders, "ARM", "GEO", 2020)
    with pytest.raises(DataProblem, match="no row of QQQ"):
        ties.border_in(borders, "QQQ", "GEO", 2010)


def counted(year, promise, **wanted):
    """Pairs of the table by the csv module alone."""
    return sum(
        int(row["pairs"])
        for row in rows("ties/allied_pairs")
        if (row["year"], row["promise"]) == (str(year), promise)
        and all(row[name] == value for name, value in wanted.items())
    )


@pytest.mark.parametrize("year", [1992, 2005, 2016])
def test_shares_among_allies_are_those_of_a_plain_count(year):
    groups = {"all": ["yes", "no"], "major": ["yes"]}
    found = ties.among_allies(shipped("allied_pairs"), year, "defence", groups)
    found = found.set_index(["group", "tie"])
    assert found["share"].between(0, 1).all()
    whole = counted(year, "defence")
    assert found.loc[("all", "common land border"), "pairs"] == whole
    land = counted(year, "defence", contiguous="yes")
    assert found.loc[("all", "common land border"), "share"] == pytest.approx(land / whole)
    major = counted(year, "defence", major_power="yes")
    tie = counted(year, "defence", major_power="yes", colonial_tie="yes")
    assert found.loc[("major", "colonial tie"), "share"] == pytest.approx(tie / major)


@given(st.floats(0, 19000))
def test_every_pair_is_nearer_in_the_same_band_or_farther(km):
    found = ties.farther_apart(ALLIED, km, 2016, "defence")
    assert found["nearer"] + found["same_band"] + found["farther"] == found["pairs"]
    more = ties.farther_apart(ALLIED, km + 600, 2016, "defence")
    assert more["nearer"] >= found["nearer"] + found["same_band"]


ALLIED = shipped("allied_pairs")


@needs_shared
def test_the_counts_are_those_of_a_plain_reading_of_the_three_files():
    """Pairs with a promise of defence in 2016, counted anew from the producers' files."""
    from alliances.sources.names import COW_CODES

    def lines(path):
        with gzip.open(SHARED / "data" / path, "rt", encoding="utf-8") as file:
            yield from csv.DictReader(file)

    distances = {
        frozenset((line["iso_o"], line["iso_d"])): float(line["dist"])
        for line in lines("geodist/dist_cepii.csv.gz")
    }
    renamed = {"ROU": "ROM", "COD": "ZAR", "TLS": "TMP", "SRB": "YUG"}
    touching = {
        frozenset((line["ccode1"], line["ccode2"]))
        for line in lines("geodist/cow_contdir.csv.gz")
        if line["conttype"] == "1" and line["enddate"] >= "2016"
    }
    allied, bordering, far = set(), set(), set()
    for line in lines("atop/atop5_1/atop5_1_ddyr_obligations.csv.gz"):
        if line["year"] != "2016" or line["atop_defense"] != "1":
            continue
        codes = [COW_CODES.get(int(line[name])) for name in ("ccode1", "ccode2")]
        pair = frozenset(renamed.get(code, code) for code in codes)
        if pair not in distances:
            continue
        allied.add(pair)
        if frozenset((line["ccode1"], line["ccode2"])) in touching:
            bordering.add(pair)
        if distances[pair] >= 2000:
            far.add(pair)
    assert len(allied) == counted(2016, "defence")
    assert len(bordering) == counted(2016, "defence", contiguous="yes")
    assert len(far) == ties.farther_apart(ALLIED, 1999.0, 2016, "defence")["farther"]


def test_migrants_are_those_of_the_united_nations():
    migrants = shipped("migrants")
    found = ties.migrant_shares(migrants, "ARM", "RUS").set_index("year")
    printed = {1990: 535266, 1995: 516425, 2000: 478856, 2005: 503316, 2010: 517417, 2020: 526997}
    assert found["people"][list(printed)].to_dict() == printed
    assert found[["share_of_origin", "share_of_destination"]].stack().between(0, 1).all()
    back = ties.migrant_shares(migrants, "RUS", "ARM").set_index("year")["people"]
    assert back[1990] == 62218 and back[2020] == 19082
    with pytest.raises(DataProblem, match="not listed"):
        ties.migrant_shares(migrants, "ARM", "QQQ")


def test_a_straight_line_is_symmetric_and_no_longer_than_the_road():
    places, roads = shipped("places"), shipped("roads")
    there = ties.straight_line(places, "Yerevan", "Upper Lars")
    assert there == pytest.approx(ties.straight_line(places, "Upper Lars", "Yerevan"))
    assert there < ties.road_between(roads, ["Yerevan to Tbilisi"])["highest"]
    # One degree of latitude is 111 km everywhere.
    grid = pd.DataFrame({"place": ["a", "b"], "longitude": 44.0, "latitude": [40.0, 41.0]})
    assert ties.straight_line(grid, "a", "b") == pytest.approx(111.2, abs=0.1)
    with pytest.raises(DataProblem, match="no statement on the moon"):
        ties.road_between(roads, ["the moon"])


def test_the_answers_and_figures_of_the_chapter():
    said = words("ties")
    whole, land = counted(2016, "defence"), counted(2016, "defence", contiguous="yes")
    assert f"there were {whole:,} pairs with a promise of defence" in said
    assert f"Of them {land:,}, or {100 * land / whole:.0f} percent" in said
    combined = counted(
        2016, "defence", contiguous="no", common_spoken_language="no", colonial_tie="yes"
    )
    assert f"is one of {combined} among {whole:,}" in said
    assert f"{100 * (1 - land / whole):.0f} percent had no common land border" in said
    low = 280 + 139
    assert f"add up to {low} km at least" in said
