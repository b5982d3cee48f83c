"""Readers of General Assembly votes and ideal points, the joining rule, and the shipped tables."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources import ideal_points as points
from alliances.sources import un
from alliances.sources import un_tables as tables

STUDY = {"focal": "ARM", "ally": "RUS", "first_year": 1992, "last_year": 2025,
         "states": ["ARM", "RUS", "BLR", "KAZ", "KGZ", "TJK"],
         "comparison": ["BLR", "KAZ", "KGZ", "TJK", "AZE", "GEO"]}  # fmt: skip

CALLS = """rcid,session,importantvote,date,unres,amend,para,short,descr
1,68,0,2014-03-27,R/68/262,0,0,UKRAINE,Territorial integrity of Ukraine
2,68,0,2014-03-27,R/68/262,0,1,UKRAINE,A paragraph of it
3,68,0,2014-03-28,R/68/262,,,,"A motion, under the same symbol"
4,68,0,2014-03-29,R/68/263,,,,A rejected draft
5,68,0,2014-03-30,,,,,A motion without a symbol
6,73,0,2020-01-14,A/RES/74/270,,,,Beyond the seam
"""
VOTES = """rcid,country,country_code,vote
1,Armenia,AM,no
1,Russia,RU,no
1,Ukraine,UA,yes
1,Georgia,GE,yes
1,Yugoslavia,RS,yes
2,Armenia,AM,no
3,Armenia,AM,yes
4,Armenia,AM,no
5,Armenia,AM,yes
6,Armenia,AM,yes
"""
RECORD = {
    "symbol": "A/RES/ES-11/1", "resolution_number": "ES-11/1.", "title": "Aggression against Ukraine",
    "session": "Eleventh", "adoption_date": "2\xa0March 2022", "adoption_type": "By a recorded vote",
    "MS_in_favour_count": "2", "MS_against_count": "1", "MS_abstaining_count": "1",
    "MS_in_favour": ["TÜRKÝYE", "UKRAINE"], "MS_against": ["RUSSIAN FEDERATION"],
    "MS_abstaining": ["ARMENIA"],
}  # fmt: skip
QUIET = RECORD | {
    "symbol": "A/RES/76/1", "adoption_date": "2021-10-10 00:00:00", "adoption_type": "Without a vote",
    "MS_in_favour_count": "N.A.", "MS_against_count": "", "MS_abstaining_count": "N.A.",
    "MS_in_favour": "N.A.", "MS_against": [], "MS_abstaining": [],
}  # fmt: skip
LIBRARY = """Link,Title,Council,Resolution,Date,YES COUNT,NO COUNT,ABSTAIN COUNT,tags,ARM,RUS,Türkiye,AND
x,On peace,Security Council,S/RES/1,2025-02-24,001,000,000,,,YES,,
x,The path to peace,General Assembly,A/RES/ES-11/8,2025-02-24,002,001,000,,YES,NO,,YES
x,Aggression,General Assembly,A/RES/ES-11/1,2022-03-02,001,000,000,,YES,,,
"""
BY_YEAR = """year,row,member_state,vote
2009,1,ARMENIA,N
2009,1,SAUDI ARABIA,
2009,1,y SAUDI ARABIA,X
2009,1,YUGOSLAVIA,
"""


@pytest.fixture
def files(tmp_path):
    """Miniature files of every layout, by a short name."""
    texts = {
        "calls": ("un_roll_calls.csv", CALLS),
        "votes": ("un_votes.csv", VOTES),
        "json": ("ES-11.json", "\n".join(map(json.dumps, (RECORD, RECORD, QUIET))) + "\n"),
        "library": ("un_votes_2025.csv", LIBRARY),
        "by_year": ("raw.csv", BY_YEAR),
    }
    for name, text in texts.values():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {key: tmp_path / name for key, (name, _text) in texts.items()}


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_every_layout_is_known_by_its_columns(files):
    assert {key: un.recognise(path) for key, path in files.items()} == {
        "calls": "voeten_roll_calls",
        "votes": "voeten_votes",
        "json": "dgacm_json",
        "library": "library_columns",
        "by_year": "library_by_year",
    }


def test_a_preamble_and_compression_do_no_harm(tmp_path):
    path = tmp_path / "votes.csv.gz"
    path.write_bytes(gzip.compress(("Some title\n" + VOTES).encode()))
    assert len(un.read_voeten_votes(path)) == 10


def test_voeten_keeps_the_adoption_of_whole_resolutions(files):
    kept = tables.voeten(
        un.read_voeten_roll_calls(files["calls"]), un.read_voeten_votes(files["votes"])
    )
    assert kept.calls["title"].tolist() == ["Territorial integrity of Ukraine", "Beyond the seam"]
    assert kept.votes.query("symbol == 'A/RES/68/262'").set_index("state")["vote"].to_dict() == {
        "ARM": "no", "RUS": "no", "UKR": "yes", "GEO": "yes", "SRB": "yes",
    }  # fmt: skip
    assert "1 on paragraphs" in kept.said[0]
    assert "1 without a symbol" in kept.said[0]
    assert "1 rejected" in kept.said[0]
    assert "1 second records" in kept.said[0]


def test_the_united_nations_extract_is_read_from_json_and_from_csv_alike(files, tmp_path):
    records, names = un.read_dgacm_json(files["json"])
    assert records["date"].tolist() == ["2022-03-02", "2022-03-02", "2021-10-10"]
    assert records["abstain"].tolist() == [1, 1, 0]
    kept = tables.dgacm(records, names)
    assert kept.calls["symbol"].tolist() == ["A/RES/ES-11/1"]
    assert set(map(tuple, kept.votes[["state", "vote"]].values)) == {
        ("TUR", "yes"), ("UKR", "yes"), ("RUS", "no"), ("ARM", "abstain"),
    }  # fmt: skip
    columns = un.LAYOUTS["dgacm_resolutions"][0]
    rows = pd.DataFrame([{"extract_file": "ES-11.json", "record": 0, **RECORD}])[list(columns)]
    rows.to_csv(tmp_path / "r.csv", index=False)
    listed = [("ES-11.json", 0, "s", key, state) for key in un.DGACM_LISTS for state in RECORD[key]]
    pd.DataFrame(listed, columns=un.LAYOUTS["dgacm_votes"][0]).to_csv(
        tmp_path / "v.csv", index=False
    )
    again = tables.dgacm(
        un.read_dgacm_resolutions(tmp_path / "r.csv"), un.read_dgacm_votes(tmp_path / "v.csv")
    )
    assert again.votes.values.tolist() == kept.votes.values.tolist()


def test_names_listed_twice_count_once(tmp_path):
    double = RECORD | {"MS_against": ["RUSSIAN FEDERATION"] * 2}
    path = write(tmp_path / "75.json", json.dumps(double))
    assert len(tables.dgacm(*un.read_dgacm_json(path)).votes) == 4


def test_the_library_gives_the_general_assembly_only(files):
    calls, votes = un.read_library_columns(files["library"])
    assert calls[["symbol", "yes", "no", "abstain"]].values.tolist()[0] == [
        "A/RES/ES-11/8",
        2,
        1,
        0,
    ]
    first = votes[votes["symbol"] == "A/RES/ES-11/8"].set_index("state")["vote"].to_dict()
    assert first == {"ARM": "yes", "RUS": "no", "AND": "yes"}


def test_the_lists_by_year_leave_out_non_members(files):
    votes = un.read_library_by_year(files["by_year"])
    assert votes.values.tolist() == [[2009, 1, "ARM", "no"], [2009, 1, "SAU", "absent"]]


def test_the_library_fills_only_symbols_that_the_extract_lacks(files):
    source = all_sources()["un-votes"]
    made = source.make(list(files.values()), STUDY)
    assert set(made.tables) == set(source.tables)
    counts = made.tables["voting_alignment/yearly_counts"]
    pair = counts[(counts["focal"] == "ARM") & (counts["partner"] == "RUS")].set_index("year")
    assert pair.loc[2014, "no_no"] == 1
    assert pair.loc[2022, "abstain_no"] == 1
    assert pair.loc[2025, "yes_no"] == 1
    assert pair["source"].tolist() == ["un-votes-voeten", "un-votes-dgacm", "un-votes-library"]
    named = made.tables["voting_alignment/named_vote_positions"]
    one = named[named["symbol"] == "A/RES/ES-11/1"].set_index("state")["position"]
    assert one[["ARM", "RUS", "KAZ"]].tolist() == ["abstain", "no", "absent"]


def test_a_state_that_was_no_member_is_neither_absent_nor_abstaining():
    calls = pd.DataFrame({"symbol": ["A/RES/64/1"], "date": ["2009-10-19"], "source": ["s"]})
    votes = pd.DataFrame({"symbol": ["A/RES/64/1"], "state": ["ARM"], "vote": ["yes"]})
    series = tables.positions(calls, votes, ["ARM", "RUS", "SSD", "SUN"])
    assert series.matrix.tolist() == [[1, 0, -1, -1]]
    counts = tables.yearly_counts(series, ["ARM"])
    assert counts["partner"].tolist() == ["RUS"]
    assert counts["partner_absent"].tolist() == [1]


@pytest.mark.parametrize(
    ("yes", "abstain", "no", "contested"),
    [(9, 0, 1, True), (9, 1, 0, True), (10, 0, 1, False), (0, 1, 0, True)],
)
def test_contested_begins_at_a_tenth_of_the_votes_cast(yes, abstain, no, contested):
    row = [1] * yes + [2] * abstain + [3] * no + [0] * 5 + [-1] * 5
    series = tables.Positions(pd.DataFrame(), [], np.array([row], dtype="int8"))
    assert series.contested().tolist() == [contested]


@given(st.lists(st.tuples(*[st.integers(-1, 3)] * 3), min_size=1, max_size=30), st.data())
def test_counts_add_up_and_mirror_each_other(rows, data):
    years = data.draw(st.lists(st.integers(1992, 1995), min_size=len(rows), max_size=len(rows)))
    calls = pd.DataFrame({"date": [f"{year}-12-01" for year in years], "source": "s"})
    series = tables.Positions(calls, ["ARM", "RUS", "GEO"], np.array(rows, dtype="int8"))
    counts = tables.yearly_counts(series, ["ARM", "RUS"]).set_index(["focal", "partner", "year"])
    for focal, partner, year in counts.index:
        both = [
            a >= 0 and b >= 0
            for a, b, y in zip(series.of(focal), series.of(partner), years, strict=True)
            if y == year
        ]
        assert counts.loc[(focal, partner, year), tables.COUNTS].sum() == sum(both) > 0
    for year in set(years):
        if ("ARM", "RUS", year) in counts.index:
            one, other = counts.loc[("ARM", "RUS", year)], counts.loc[("RUS", "ARM", year)]
            for pair in tables.PAIRS:
                assert one[pair] == other["_".join(reversed(pair.split("_")))]
            assert one["focal_absent"] == other["partner_absent"]
            assert one["both_absent"] == other["both_absent"]


HOSTILE = {
    "html": ("<!DOCTYPE html><html><body>404</body></html>", "a web page"),
    "empty": ("", "empty"),
    "header only": ("rcid,country,country_code,vote\n", "no row follows the header"),
    "other columns": ("state,votes\nArmenia,3\n", "layouts known are"),
    "strokes": (VOTES.replace(",", "|"), "layouts known are"),
    "unknown state": (VOTES.replace("Georgia", "Gruzia"), "row 5: 'Gruzia'"),
    "unknown vote": (VOTES.replace("1,Georgia,GE,yes", "1,Georgia,GE,ja"), "row 5: 'ja'"),
    "cut short": (VOTES + "6,Rus", "rows 12"),
    "votes twice": (VOTES + "6,Armenia,AM,no\n", "each state once"),
    "too many cells": (VOTES + "6,Russia,RU,no,7,8\n", "as the header has"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_with_the_reason(case, tmp_path):
    text, reason = HOSTILE[case]
    path = write(tmp_path / "un_votes.csv", text)
    with pytest.raises(DataProblem) as caught:
        un.read_voeten_votes(path)
    assert "un_votes.csv" in str(caught.value)
    assert reason in str(caught.value)


def test_all_unknown_states_are_named_at_once(tmp_path):
    path = write(
        tmp_path / "v.csv", VOTES.replace("Georgia", "Gruzia").replace("Ukraine", "Ukraina")
    )
    with pytest.raises(DataProblem, match="Ukraina.*Gruzia"):
        un.read_voeten_votes(path)


@pytest.mark.parametrize("place", ["directory", "missing"])
def test_what_is_no_file_is_refused(place, tmp_path):
    path = tmp_path if place == "directory" else tmp_path / "none.csv"
    with pytest.raises(DataProblem, match=place):
        un.recognise(path)


def test_votes_and_roll_calls_of_two_releases_are_refused(files):
    write(files["votes"], VOTES + "99,Armenia,AM,yes\n")
    with pytest.raises(DataProblem, match="do not belong together.*99"):
        un._make([files["calls"], files["votes"]], STUDY)


def test_a_truncated_votes_file_is_noticed_by_roll_calls_without_a_vote(files):
    write(files["votes"], "".join(VOTES.splitlines(keepends=True)[:8]))
    with pytest.raises(DataProblem, match="3 roll calls without a vote"):
        un._make([files["calls"], files["votes"]], STUDY)


def test_json_cut_short_is_refused_with_its_line(tmp_path):
    path = write(tmp_path / "79.json", json.dumps(RECORD) + "\n" + json.dumps(RECORD)[:90])
    with pytest.raises(DataProblem, match=r"79\.json, line 2: no JSON object"):
        un.read_dgacm_json(path)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ({"MS_against": ["ARMENIA"], "MS_abstaining": ["RUSSIAN FEDERATION"]}, "different lists"),
        ({"symbol": "A/RES/76/9", "MS_against": ["ARMENIA"]}, "two lists of one vote"),
        ({"symbol": "A/RES/76/9", "MS_against": []}, "counts and lists differ.*2-1-0"),
    ],
)
def test_an_extract_that_contradicts_itself_is_refused(second, reason, tmp_path):
    path = write(tmp_path / "79.json", json.dumps(RECORD) + "\n" + json.dumps(RECORD | second))
    reason = reason.replace("2-1-0", "2-1-1|2-0-1")
    with pytest.raises(DataProblem, match=reason):
        tables.dgacm(*un.read_dgacm_json(path))


def test_library_columns_that_do_not_add_up_are_refused(files):
    write(files["library"], LIBRARY.replace("002,001,000", "003,001,000"))
    with pytest.raises(DataProblem, match="A/RES/ES-11/8"):
        un.read_library_columns(files["library"])


def test_a_library_column_of_no_state_is_refused(files):
    write(files["library"], LIBRARY.replace("Türkiye", "Remarks"))
    with pytest.raises(DataProblem, match="Remarks"):
        un.read_library_columns(files["library"])


def test_files_that_need_each_other_are_asked_for(files):
    with pytest.raises(DataProblem, match="un_votes.csv"):
        un._make([files["calls"]], STUDY)
    with pytest.raises(DataProblem, match="given twice"):
        un._make([files["calls"], files["calls"], files["votes"]], STUDY)
    with pytest.raises(DataProblem, match="roll calls with symbols"):
        un._make([files["by_year"]], STUDY)


IDEAL = """ccode,iso3c,year,idealpointfp,q5fp,q95fp,nvotesfp
371,ARM,2024.0,0.0743321,-0.054,0.207,95
365,RUS,2024.0,-0.5984851,-0.743,-0.456,101
678,YAR,1967.0,-1.7,-2.5,-1.0,28
680,YAR,1967.0,-1.6,-2.4,-0.9,28
371,ARM,1991.0,,,,
260,,1990.0,,,,
"""


def test_ideal_points_are_read_from_csv_and_stata_alike(tmp_path):
    one = points.read_ideal_points(write(tmp_path / "i.csv", IDEAL))
    assert one["state"].tolist() == ["ARM", "RUS", "YAR", "YMD"]
    assert one.loc[0].tolist() == ["ARM", 2024, 0.0743321, -0.054, 0.207, 95]
    pd.read_csv(tmp_path / "i.csv").to_stata(tmp_path / "i.dta", write_index=False)
    pd.testing.assert_frame_equal(points.read_ideal_points(tmp_path / "i.dta"), one)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html>no</html>", "web page"),
        ("ccode,year\n1,2\n", "iso3c, idealpointfp"),
        (
            IDEAL.replace("371,ARM,2024.0,0.07", "371,ARM,2024.0,7"),
            "outside its interval: ARM 2024",
        ),
        (IDEAL.replace("RUS", "ARM"), "two rows for: ARM 2024"),
        (IDEAL.replace("RUS", "RUZ"), "RUZ"),
        (IDEAL.replace("101", ""), "rows 3"),
    ],
)
def test_hostile_ideal_points_are_refused(text, reason, tmp_path):
    with pytest.raises(DataProblem, match=reason):
        points.read_ideal_points(write(tmp_path / "i.csv", text))


def test_no_stata_file_is_refused(tmp_path):
    with pytest.raises(DataProblem, match="no Stata file"):
        points.read_ideal_points(write(tmp_path / "i.dta", "<html>"))


# What follows needs the producers' files, or the shipped tables alone.

VOTES_FOLDER = SHARED / "data" / "unga_votes"
UN_FILES = [
    VOTES_FOLDER / name
    for name in (
        "voeten_unvotes/un_roll_calls.csv.gz",
        "voeten_unvotes/un_votes.csv.gz",
        "un_dgacm/ga_resolutions_74_80.csv.gz",
        "un_dgacm/ga_recorded_votes_74_80.csv.gz",
        "threedl_2025/un_votes_2025_processed.csv.gz",
        "undl_scrape_1992_2022/raw_coin_long.csv.gz",
    )
]
IDEAL_FILES = [
    VOTES_FOLDER / "voeten_idealpoints_2025" / f"IdealpointsJuly2025.{end}"
    for end in ("csv.gz", "dta")
]


def shipped(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def made():
    return un._make(UN_FILES, STUDY)


def same_bytes(name, table, ours=None):
    """Whether a table as made is, byte for byte, the shipped one (its rows from `ours`, if told)."""
    text = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8")
    header, *lines = text.splitlines(keepends=True)
    if ours:
        lines = [line for line in lines if line.rstrip("\n").split(",")[-1].startswith(ours)]
    columns = header.rstrip("\n").split(",")
    return "".join([header, *lines]) == table[columns].to_csv(index=False, lineterminator="\n")


@needs_shared
def test_the_shipped_tables_of_votes_are_made_again_byte_for_byte(made):
    for name, table in made.tables.items():
        assert same_bytes(name, table, ours="un-votes"), name


@needs_shared
def test_the_producers_own_json_gives_the_same_tables(made):
    files = [*UN_FILES[:2], *sorted((VOTES_FOLDER / "un_dgacm" / "json").iterdir()), *UN_FILES[4:]]
    again = un._make(files[::-1], STUDY)
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


@needs_shared
@pytest.mark.parametrize("path", IDEAL_FILES, ids=lambda path: path.suffix)
def test_the_shipped_ideal_points_are_made_again_byte_for_byte(path):
    (name, table), *_ = points._make([path], STUDY).tables.items()
    assert same_bytes(name, table)


def test_the_shipped_states_are_those_of_the_library():
    from alliances.sources.members import states_table

    assert same_bytes("states", states_table())


# votes_and_treaties.md, section 3: both voted and share of identical votes, Armenia-Russia.
NOTES = {
    1992: (33, 0.697), 1993: (62, 0.677), 1994: (65, 0.631), 1995: (77, 0.753), 1996: (70, 0.743),
    1997: (69, 0.725), 1998: (62, 0.661), 1999: (65, 0.723), 2000: (65, 0.785), 2001: (68, 0.750),
    2002: (73, 0.753), 2003: (72, 0.806), 2004: (74, 0.784), 2005: (71, 0.775), 2006: (89, 0.798),
    2007: (78, 0.782), 2008: (76, 0.737), 2009: (65, 0.754), 2010: (65, 0.785), 2011: (66, 0.773),
    2012: (67, 0.731), 2013: (59, 0.729), 2014: (77, 0.714), 2015: (75, 0.693), 2016: (75, 0.653),
    2017: (90, 0.722), 2018: (95, 0.716), 2019: (85, 0.729), 2020: (88, 0.670), 2021: (83, 0.651),
    2022: (85, 0.600), 2023: (81, 0.556), 2024: (87, 0.517), 2025: (180, 0.733),
}  # fmt: skip
# The notes' count also holds motions, rejected drafts and second records of a symbol, which the
# joining rule leaves out; these are the years in which there are any that both states voted in.
RULE_DIFFERS = {
    1997: (67, 0.746), 1998: (59, 0.695), 2001: (66, 0.758), 2002: (70, 0.757), 2004: (72, 0.806),
    2006: (85, 0.800), 2007: (76, 0.776), 2008: (74, 0.730), 2009: (64, 0.750), 2010: (63, 0.778),
    2011: (65, 0.769), 2012: (66, 0.742), 2017: (89, 0.730),
}  # fmt: skip
CONTESTED = {
    2019: (56, 0.679), 2020: (50, 0.580), 2021: (51, 0.588), 2022: (57, 0.544), 2023: (56, 0.482),
    2024: (57, 0.474), 2025: (68, 0.544),
}  # fmt: skip


def shares(counts, focal="ARM", partner="RUS"):
    pair = counts[(counts["focal"] == focal) & (counts["partner"] == partner)].set_index("year")
    joint = pair[tables.PAIRS].sum(axis=1)
    alike = pair[["yes_yes", "abstain_abstain", "no_no"]].sum(axis=1)
    return {year: (joint[year], round(alike[year] / joint[year], 3)) for year in pair.index}


def test_the_shares_of_the_notes_hold_where_the_rule_is_the_same():
    assert shares(shipped("voting_alignment/yearly_counts")) == NOTES | RULE_DIFFERS


def test_contested_shares_of_the_notes_hold():
    found = shares(shipped("voting_alignment/yearly_counts_contested"))
    assert {year: found[year] for year in CONTESTED} == CONTESTED


@needs_shared
def test_without_the_stricter_part_of_the_rule_the_notes_hold_to_the_printed_digits():
    """Independent of the library's joining: Voeten's two files, read and counted here."""
    calls, votes = (pd.read_csv(path) for path in UN_FILES[:2])
    plain = calls[
        (calls["para"] != 1) & (calls["amend"] != 1) & calls["date"].between("1992", "2020")
    ]
    wide = (
        votes[votes["country"].isin(["Armenia", "Russia"])]
        .merge(plain[["rcid", "date"]], on="rcid")
        .assign(year=lambda table: table["date"].str[:4].astype(int))
        .pivot(index=["year", "rcid"], columns="country", values="vote")
        .dropna()
    )
    alike = wide["Armenia"].eq(wide["Russia"]).groupby("year")
    found = {y: (n, round(s, 3)) for y, n, s in zip(alike.size().index, alike.size(), alike.mean())}
    assert found == {year: row for year, row in NOTES.items() if year < 2020}


@needs_shared
def test_2944_comparisons_of_2025_without_a_difference():
    extract = tables.dgacm(*(r(p) for r, p in zip(
        (un.read_dgacm_resolutions, un.read_dgacm_votes), UN_FILES[2:4], strict=True)))  # fmt: skip
    calls, votes = un.read_library_columns(UN_FILES[4])
    states = "ARM RUS BLR KAZ KGZ TJK AZE GEO USA FRA CHN UKR IRN TUR IND ISR".split()
    common = calls[calls["symbol"].isin(extract.calls["symbol"])].reset_index(drop=True)
    one = tables.positions(common, extract.votes, states).matrix
    other = tables.positions(common, votes, states).matrix
    assert one.size == 2944
    assert (one == other).all()


def test_the_overlaps_agree():
    table = shipped("voting_alignment/overlap")
    by_symbol = table[table["second"].isin(["un-votes-dgacm", "un-votes-library"])]
    assert by_symbol[["year", "roll_calls_common", "votes_differing"]].values.tolist() == [
        [2025, 184, 0], [2019, 90, 0],
    ]  # fmt: skip
    lists = table[table["second"] == "un-votes-library-by-year"].set_index("year").sort_index()
    assert lists.index.tolist() == list(range(1992, 2022))
    unmatched = lists["roll_calls_first"] - lists["roll_calls_common"]
    assert unmatched[unmatched > 0].to_dict() == {2001: 1}
    assert (lists["votes_differing"] / lists["votes_compared"]).max() < 0.02
    second = lists[["joint_second", "identical_second"]]
    assert second.loc[2021].tolist() == [83, 54]
    assert second.loc[2020].tolist() == [95, 65]


@pytest.mark.parametrize("name", ["yearly_counts", "yearly_counts_contested"])
def test_shipped_counts_mirror_each_other_and_stay_small(name):
    counts = shipped(f"voting_alignment/{name}")
    one = counts[(counts["focal"] == "ARM") & (counts["partner"] == "RUS")].set_index("year")
    other = counts[(counts["focal"] == "RUS") & (counts["partner"] == "ARM")].set_index("year")
    mirrored = ["_".join(reversed(pair.split("_"))) for pair in tables.PAIRS]
    assert (one[tables.PAIRS].to_numpy() == other[mirrored].to_numpy()).all()
    assert (one["focal_absent"] == other["partner_absent"]).all()
    assert one.index.tolist() == list(range(1992, 2026))
    assert (ROOT / "data" / "voting_alignment" / f"{name}.csv").stat().st_size < 2_500_000


def test_shipped_counts_add_up_to_the_roll_calls_of_the_year():
    counts = shipped("voting_alignment/yearly_counts")
    years = shipped("voting_alignment/coverage").set_index("year")
    usa = counts[(counts["focal"] == "RUS") & (counts["partner"] == "USA")].set_index("year")
    assert (usa[tables.COUNTS].sum(axis=1) == years["roll_calls"]).all()
    contested = shipped("voting_alignment/yearly_counts_contested")
    usa = contested[(contested["focal"] == "RUS") & (contested["partner"] == "USA")].set_index(
        "year"
    )
    assert (usa[tables.COUNTS].sum(axis=1) == years["contested"]).all()
    assert (counts[tables.COUNTS].sum(axis=1) <= counts["year"].map(years["roll_calls"])).all()
    assert (counts[tables.COUNTS] >= 0).all(axis=None)


# votes_and_treaties.md, section 4: date, yes-no-abstain, then ARM RUS BLR KAZ AZE (- is absent).
NAMED = """
62/243 2008-03-14 39-7-100 NN-AY | 68/262 2014-03-27 100-11-58 NNNAY | 71/205 2016-12-19 70-26-77 NNNN-
72/190 2017-12-19 70-26-76 NNNN- | 73/194 2018-12-17 66-19-72 NNNA- | 73/263 2018-12-22 65-27-70 NNNN-
74/17 2019-12-09 63-19-66 NNNA- | 74/168 2019-12-18 65-23-83 NNNN- | 75/29 2020-12-07 63-17-62 NNNA-
75/192 2020-12-16 64-23-86 NNNN- | 76/70 2021-12-09 62-22-55 NNNA- | 76/179 2021-12-16 65-25-85 NNNN-
ES-11/1 2022-03-02 141-5-35 ANNA- | ES-11/2 2022-03-24 140-5-38 ANNA- | ES-11/3 2022-04-07 93-24-58 -NNN-
ES-11/4 2022-10-12 143-5-35 ANNA- | ES-11/5 2022-11-14 94-14-73 ANNA- | 77/229 2022-12-15 82-14-80 ANNN-
ES-11/6 2023-02-23 141-7-32 ANNA- | 77/284 2023-04-26 122-5-18 YNNY- | 78/221 2023-12-19 78-15-79 ANN--
78/316 2024-07-11 99-9-60 ANNA- | 79/184 2024-12-17 81-14-80 ANNA- | ES-11/7 2025-02-24 93-18-65 ANNA-
ES-11/8 2025-02-24 93-8-73 YNNA- | 79/284 2025-04-16 105-9-33 YNNA- | ES-11/9 2025-12-03 91-12-57 ANNA-
80/223 2025-12-18 79-16-73 ANNA-
"""


@pytest.mark.parametrize("line", NAMED.strip().replace("\n", " | ").split(" | "))
def test_named_votes_are_as_the_notes_have_them(line):
    symbol, date, totals, words = line.split()
    votes = shipped("voting_alignment/named_votes").set_index("symbol")
    vote = votes.loc[f"A/RES/{symbol}"]
    assert vote["date"] == date
    assert "-".join(str(vote[word]) for word in ("yes", "no", "abstain")) == totals
    stances = shipped("voting_alignment/named_vote_positions")
    stances = stances[stances["symbol"] == f"A/RES/{symbol}"].set_index("state")["position"]
    letters = {"yes": "Y", "no": "N", "abstain": "A", "absent": "-"}
    assert (
        "".join(letters[stances[state]] for state in ("ARM", "RUS", "BLR", "KAZ", "AZE")) == words
    )


def test_armenia_on_displaced_persons_in_georgia():
    """No with Russia to 2018, not voting 2019 to 2023, yes from 2024; Russia no throughout."""
    votes = shipped("voting_alignment/named_votes").query("topic == 'georgia'")
    stances = shipped("voting_alignment/named_vote_positions").merge(votes[["symbol", "date"]])
    stances["year"] = stances["date"].str[:4].astype(int)
    armenia = stances[stances["state"] == "ARM"].set_index("year")["position"]
    assert armenia.index.is_unique
    assert sorted(armenia.index) == list(range(2008, 2027))
    assert set(armenia.loc[armenia.index <= 2018]) == {"no"}
    assert set(armenia.loc[armenia.index.isin(range(2019, 2024))]) == {"absent"}
    assert set(armenia.loc[armenia.index >= 2024]) == {"yes"}
    assert set(stances[stances["state"] == "RUS"]["position"]) == {"no"}


@needs_shared
def test_official_dates_differ_from_voetens_only_where_his_day_is_known_to_be_wrong():
    calls = un.read_voeten_roll_calls(UN_FILES[0])
    calls = calls[~calls["part"]].drop_duplicates("symbol").set_index("symbol")["date"]
    votes = shipped("voting_alignment/named_votes").set_index("symbol")
    voeten = votes[votes["source"] == "un-votes-voeten"]["date"]
    differing = {s: calls[s] for s in voeten.index if calls[s] != voeten[s]}
    assert differing == {"A/RES/57/156": "2002-12-03", "A/RES/62/249": "2008-04-14"}


def test_the_committee_vote_and_the_council_of_europe_carry_their_doubts():
    committee = (
        shipped("voting_alignment/named_votes").set_index("symbol").loc["Third Committee 2019"]
    )
    assert committee[["yes", "no", "abstain"]].tolist() == [67, 23, 82]
    council = shipped("voting_alignment/council_of_europe")
    armenia = council[(council["state"] == "ARM") & (council["date"] == "2022-02-25")]
    assert set(armenia["position"]) == {"no"}
    assert "official" not in set(armenia["certainty"])
    assert set(council["source_url"].str[:8]) == {"https://"}


def test_ideal_points_are_as_the_notes_have_them():
    """But for Russia in 1992: 1.104893 in both files, 1.10, where the notes print 1.11."""
    table = shipped("voting_alignment/ideal_points").set_index(["state", "year"])["ideal_point"]
    notes = {
        "ARM": {
            1992: 0.41,
            1995: 0.79,
            2019: 0.10,
            2021: 0.15,
            2022: -0.06,
            2023: 0.06,
            2024: 0.07,
        },
        "RUS": {
            1992: 1.10,
            1995: 1.27,
            2019: 0.02,
            2021: -0.03,
            2022: -0.81,
            2023: -0.41,
            2024: -0.60,
        },
    }
    for state, years in notes.items():
        for year, value in years.items():
            assert round(table[state, year], 2) == value


@needs_shared
def test_an_import_of_the_same_files_changes_no_table(tmp_path):
    import shutil

    from alliances.sources.importing import import_source

    copy = tmp_path / "study"
    shutil.copytree(ROOT / "data", copy)
    said = import_source("un-votes", UN_FILES, copy, accessed="2026-07-10")
    said += import_source("ideal-points", IDEAL_FILES[:1], copy, accessed="2026-04-02")
    assert any("0 added, 0 revised, 0 gone" in sentence for sentence in said)
    for path in sorted(Path(ROOT / "data" / "voting_alignment").iterdir()):
        assert (copy / "voting_alignment" / path.name).read_bytes() == path.read_bytes(), path.name
