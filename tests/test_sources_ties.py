"""Readers of distances, borders, allied pairs and migrants: rules, refusals, and the shipped tables."""

import csv
import io
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from support import ROOT, SHARED, needs_shared, refuses_what_is_no_such_file, saved, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.allied_pairs import count_pairs
from alliances.sources.geography import read_contiguity, read_geodist, read_shortest
from alliances.sources.migrants import read_migrants

GEODIST = """iso_o,iso_d,contig,comlang_off,comlang_ethno,colony,comcol,curcol,col45,smctry,dist,distcap,distw,distwces
ARM,RUS,0,0,0,1,0,0,1,0,1803.0,1803.0,2080.5,1797.6
ROM,ZAR,0,0,0,0,0,0,0,0,5400.0,5400.0,.,.
"""
CONTIGUITY = """ccode1,ccode2,conttype,stdate,enddate
371,372,1,1991-12-01,2016-12-01
371,365,0,1991-12-01,2016-12-01
365,740,2,1952-04-01,2016-12-01
"""
SHORTEST = """ccode1,ccode2,year,mindist
371,365,2000,113.24
371,372,2000,0
"""
MIGRANTS = """year,origin,destination,stock
2020,Armenia,Russia,526997
2020,Armenia,Nowhere Islands,3
"""
READERS = {
    "geodist": (read_geodist, GEODIST),
    "contiguity": (read_contiguity, CONTIGUITY),
    "shortest": (read_shortest, SHORTEST),
    "migrants": (read_migrants, MIGRANTS),
}
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "states": ["ARM", "RUS", "BLR", "KAZ", "KGZ", "TJK"],
    "comparison": ["BLR", "KAZ", "KGZ", "TJK", "AZE", "GEO"],
    "first_year": 1992,
    "last_year": 2025,
}


def test_geodist_as_text_and_as_the_archive_of_a_workbook(tmp_path):
    plain = read_geodist(saved(tmp_path, GEODIST))
    assert plain[["state", "partner"]].values.tolist() == [["ARM", "RUS"], ["ROU", "COD"]]
    assert plain["distance_weighted_km"].isna().tolist() == [False, True]
    book, inside = Workbook(), io.BytesIO()
    for row in csv.reader(io.StringIO(GEODIST)):
        book.active.append(
            [float(c) if c.replace(".", "1").isdigit() and c != "." else c for c in row]
        )
    book.save(inside)
    with zipfile.ZipFile(tmp_path / "dist_cepii.zip", "w") as archive:
        archive.writestr("dist_cepii.xlsx", inside.getvalue())
    pd.testing.assert_frame_equal(
        read_geodist(tmp_path / "dist_cepii.zip"), plain, check_dtype=False
    )


def test_spans_without_a_border_are_no_borders(tmp_path):
    found = read_contiguity(saved(tmp_path, CONTIGUITY))
    assert found["kind"].tolist() == ["land or river border", "up to 12 miles of water"]


def test_a_name_without_a_code_stays_a_name(tmp_path):
    found = read_migrants(saved(tmp_path, MIGRANTS)).set_index("destination")["people"]
    assert found.to_dict() == {"RUS": 526997, "Nowhere Islands": 3}


@pytest.mark.parametrize("kind", READERS)
def test_what_is_no_such_file_is_refused(tmp_path, kind):
    read, text = READERS[kind]
    other = READERS["migrants" if kind != "migrants" else "geodist"][1]
    refuses_what_is_no_such_file(read, text, other, tmp_path)
    with pytest.raises(DataProblem, match="web page"):
        read(saved(tmp_path, "<!DOCTYPE html><html>404</html>"))
    with pytest.raises(DataProblem, match="are missing; expected"):
        read(saved(tmp_path, text.replace(",", "|")))


@pytest.mark.parametrize(
    "kind, before, after",
    [
        ("geodist", "ARM,RUS,0", "ARM,RUS,2"),
        ("geodist", "1803.0,1803.0", "far,1803.0"),
        ("geodist", "ROM,ZAR", "ARM,RUS"),
        ("contiguity", "371,372,1", "371,372,9"),
        ("contiguity", "1991-12-01,2016-12-01\n371", "12/01/1991,2016-12-01\n371"),
        ("contiguity", "1952-04-01,2016-12-01", "2017-04-01,2016-12-01"),
        ("shortest", "113.24", "-1"),
        ("shortest", "371,372", "371,365"),
        ("migrants", "526997", "527.5"),
        ("migrants", "Nowhere Islands", "Russia"),
    ],
)
def test_a_wrong_cell_is_named_by_its_row(tmp_path, kind, before, after):
    read, text = READERS[kind]
    assert before in text
    with pytest.raises(DataProblem, match="file.csv, rows [2-4]"):
        read(saved(tmp_path, text.replace(before, after, 1)))


@settings(max_examples=60)
@given(data=st.data(), kind=st.sampled_from(sorted(READERS)))
def test_a_cut_file_is_refused_or_read_as_far_as_it_goes(tmp_path_factory, data, kind):
    read, text = READERS[kind]
    whole, part = whole_and_cut(read, text, data, tmp_path_factory.mktemp("cut"))
    assert part is None or len(part) <= len(whole)


def test_a_pair_counts_once_whoever_promised():
    promises = pd.DataFrame(
        {
            "number": [371, 365, 365],
            "partner_number": [365, 371, 370],
            "year": 2000,
            "defence": [1, 1, 0],
            "offence": 0,
            "neutrality": 0,
            "non_aggression": [0, 0, 1],
            "consultation": 0,
        }
    )
    borders = pd.DataFrame(
        {
            "number": [365],
            "partner_number": 370,
            "kind": "land or river border",
            "first_day": "1991-12-01",
            "last_day": "2016-12-01",
        }
    )
    ties = pd.DataFrame(
        {
            "state": ["ARM", "BLR"],
            "partner": "RUS",
            "distance_km": [1803.0, 700.0],
            "common_spoken_language": [0, 1],
            "colonial_tie": [1, 1],
        }
    )
    found = count_pairs(promises, borders, ties, range(2000, 2001)).set_index("promise")
    assert found.loc["any", "pairs"].sum() == 2 and found.loc["defence", "pairs"] == 1
    assert found.loc["defence", "contiguous"] == "no" and found.loc["defence", "from_km"] == 1500
    assert set(found.loc["any", "contiguous"]) == {"yes", "no"}


DATA = SHARED / "data"
GEO = DATA / "geodist"
SHIPPED = {
    "cepii-geodist": [GEO / "dist_cepii.zip"],
    "cow-contiguity": [GEO / "cow_contdir.csv.gz"],
    "cshapes": [GEO / "cow_mindist_FSU_1991-2019.csv.gz"],
    "allied-pairs": [
        GEO / "cow_contdir.csv.gz",
        DATA / "atop" / "atop5_1" / "atop5_1_ddyr_obligations.csv.gz",
        GEO / "dist_cepii.csv.gz",
    ],
    "undesa-migrants": [DATA / "migration" / "undesa_migrant_stock_2020_long.csv.gz"],
}


@needs_shared
@pytest.mark.parametrize("source", SHIPPED)
def test_the_shipped_tables_are_remade_from_the_producers_files(source):
    made = all_sources()[source].make(SHIPPED[source], STUDY)
    for name, table in made.tables.items():
        shipped = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8")
        again = sorted(table.to_csv(index=False, lineterminator="\n").splitlines())
        assert again == sorted(shipped.splitlines())


@needs_shared
def test_two_files_of_one_kind_are_refused():
    three = [GEO / "dist_cepii.csv.gz"] * 2 + [GEO / "cow_contdir.csv.gz"]
    with pytest.raises(DataProblem, match="expected three files"):
        all_sources()["allied-pairs"].make(three, STUDY)
