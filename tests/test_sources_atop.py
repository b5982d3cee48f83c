"""ATOP's files: the layouts are read, nothing else is, and the shipped tables come from them."""

import gzip
import io
import json

import pandas as pd
import pytest
from support import ROOT, SHARED, needs_shared

from alliances.problems import DataProblem
from alliances.sources import all_sources, atop
from alliances.sources.names import COW_CODES, iso3_of_cow

FILES = SHARED / "data" / "atop"
LEVEL = FILES / "atop4_01" / "atop-alliance-level.csv.gz"
MEMBERS = FILES / "atop4_01" / "atop-member-level.csv.gz"
YEARS = FILES / "atop5_1" / "atop5_1_ddyr_obligations.csv.gz"
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["AZE"],
}

LEVEL_HEADER = [
    *("atopid", "begyr", "begmo", "begday", "endyr", "endmo", "endday", "bilat", "length"),
    *("renewlgt", "conditio", "mem1", *atop.OBLIGATIONS, *atop.CODES),
]
MEMBER_HEADER = ["atopid", "member", "phase", *atop.ENTRY, *atop.EXIT, *atop.OBLIGATIONS]
YEAR_HEADER = ["ccode1", "ccode2", "year", *(f"atop_{name}" for name in atop.OBLIGATIONS)]


def level_text(**changes):
    """One treaty of 1993 between Armenia and France, made up, with some cells replaced."""
    cells = dict.fromkeys(LEVEL_HEADER, 0)
    cells |= {"atopid": 9001, "begyr": 1993, "begmo": 3, "begday": 12, "bilat": 1, "length": 120}
    cells |= {"mem1": 220, "consul": 1, "milcon": 2} | changes
    return text(LEVEL_HEADER, [cells.values()])


def member_text(*more, **changes):
    row = dict.fromkeys(MEMBER_HEADER, 0)
    row |= {"atopid": 9001, "member": 371, "yrent": 1993, "moent": 3, "dayent": 12, "consul": 1}
    return text(MEMBER_HEADER, [(row | change).values() for change in (changes, *more)])


def text(header, rows):
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def written(tmp_path, content, name="file.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_treaty_is_read_with_its_date_term_and_codes(tmp_path):
    row = atop.read_alliances(written(tmp_path, level_text())).iloc[0]
    assert (row["first_day"], row["term_months"], row["consultation"]) == ("1993-03-12", 120, 1)
    assert pd.isna(row["last_day"]) and pd.isna(row["renewal_months"]) and row["milcon"] == 2
    assert row["bilateral"] and not row["conditional"]


def test_a_date_without_day_or_month_is_cut_and_never_filled_in(tmp_path):
    cut = atop.read_alliances(written(tmp_path, level_text(begday="", endyr=1999, endmo=7)))
    assert cut[["first_day", "last_day"]].iloc[0].tolist() == ["1993-03", "1999-07"]
    cut = atop.read_alliances(written(tmp_path, level_text(begday="", begmo="")))
    assert cut["first_day"].tolist() == ["1993"]


def test_a_missing_code_stays_missing(tmp_path):
    assert atop.read_alliances(written(tmp_path, level_text(milcon="")))["milcon"].isna().all()


def test_gzip_and_a_byte_order_mark_make_no_difference(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + level_text().encode()))
    plain = atop.read_alliances(written(tmp_path, level_text().replace("\n", "\r\n")))
    pd.testing.assert_frame_equal(atop.read_alliances(path), plain)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (level_text(defense=2), "row 2, column defense: found 2"),
        (level_text(milcon="much"), "milcon"),
        (level_text(begmo=2, begday=30), "calendar"),
        (level_text(atopid=""), "atopid"),
        (level_text(length=-1), "length"),
        (level_text() + level_text().split("\n")[1] + "\n", "each atopid once"),
        (member_text(), "This is ATOP at the level of members. The layouts known are"),
        (level_text().replace("pubsecr", "other"), "the columns pubsecr are missing"),
        ("a,b\n1,2\n", "expected ATOP at the level of alliances"),
        ("", "empty"),
        ("<html>", "web page"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row_and_column(tmp_path, content, said):
    with pytest.raises(DataProblem) as caught:
        atop.read_alliances(written(tmp_path, content))
    assert said in str(caught.value) and "file.csv" in str(caught.value)


def test_members_and_years_are_refused_as_alliances_are(tmp_path):
    with pytest.raises(DataProblem, match="each atopid and member"):
        atop.read_members(written(tmp_path, member_text({})))
    years = [(365, 371, 1992, 1, 0, 0, 1, 1)]
    with pytest.raises(DataProblem, match="each ccode1"):
        atop.read_dyad_years(written(tmp_path, text(YEAR_HEADER, years * 2)))
    with pytest.raises(DataProblem, match="found 99"):
        atop.read_dyad_years(written(tmp_path, text(YEAR_HEADER, [(365, 371, 99, 1, 0, 0, 1, 1)])))
    with pytest.raises(DataProblem, match="found 3"):
        atop.read_dyad_years(
            written(tmp_path, text(YEAR_HEADER, [(365, 371, 1992, 3, 0, 0, 1, 1)]))
        )


def test_two_files_in_either_order_and_nothing_less(tmp_path):
    files = [
        written(tmp_path, level_text(), "a.csv"),
        written(tmp_path, member_text({"member": 220}), "b.csv"),
    ]
    make = all_sources()["atop-alliances"].make
    made, other = make(files, STUDY), make(files[::-1], STUDY)
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name])
    assert made.tables["treaty_obligations/members"]["state"].tolist() == ["ARM", "FRA"]
    assert made.tables["treaty_obligations/alliances"]["members"].tolist() == [2]
    for wrong in (files[:1], [files[0], files[0]], []):
        with pytest.raises(DataProblem, match="expected two files"):
            make(wrong, STUDY)


def test_members_of_an_alliance_that_is_not_there_are_refused(tmp_path):
    files = [
        written(tmp_path, level_text(), "a.csv"),
        written(tmp_path, member_text(atopid=9002), "b.csv"),
    ]
    with pytest.raises(DataProblem, match=r"\[9002\]"):
        all_sources()["atop-alliances"].make(files, STUDY)


def test_members_that_left_before_1989_and_alliances_of_others_are_left_out(tmp_path):
    gone = {"member": 220, "yrexit": 1988, "moexit": 12, "dayexit": 31}
    foreign = {"atopid": 9002, "member": 200}
    files = [
        written(
            tmp_path,
            level_text() + level_text(atopid=9002).split("\n")[1] + "\n",
            "a.csv",
        ),
        written(tmp_path, member_text(gone, foreign), "b.csv"),
    ]
    made = all_sources()["atop-alliances"].make(files, STUDY).tables
    assert made["treaty_obligations/alliances"]["alliance"].tolist() == [9001]
    assert made["treaty_obligations/members"]["state"].tolist() == ["ARM"]


def test_a_zero_needs_both_states_in_the_year(tmp_path):
    rows = [
        (365, 371, 1992, 1, 0, 0, 1, 1),
        (371, 365, 1992, 1, 0, 0, 1, 1),
        (373, 2, 1993, 0, 0, 0, 1, 0),
        (373, 2, 1992, 0, 0, 0, 1, 0),
    ]
    path = written(tmp_path, text(YEAR_HEADER, rows))
    made = all_sources()["atop-dyad-years"].make([path], STUDY)
    table = made.tables["treaty_obligations/obligations_by_year"]
    found = table.set_index(["state", "partner", "year"])["defence"]
    assert found["RUS", "ARM", 1992] == 1 and found["AZE", "ARM", 1992] == 0
    assert ("AZE", "ARM", 1993) not in found.index, "Armenia is not in the file in 1993"
    assert made.covers == {"treaty_obligations/obligations_by_year": (1992, 1993)}


def test_numbers_of_states():
    codes = iso3_of_cow(pd.Series([365, 371, 373, 340, 345], index=[4, 5, 6, 7, 8], name="n"), "f")
    assert codes.to_dict() == {4: "RUS", 5: "ARM", 6: "AZE", 7: "SRB", 8: "YUG"}
    assert iso3_of_cow(pd.Series([365.0], name="n"), "f").tolist() == ["RUS"]
    with pytest.raises(DataProblem) as caught:
        iso3_of_cow(pd.Series([365, 4, None, "371", 3.5], name="ccode1"), "disputes.csv")
    for word in ("disputes.csv", "ccode1", "row 3: 4", "row 4: None", "row 5: '371'", "row 6: 3.5"):
        assert word in str(caught.value)


def test_every_number_gives_a_state_of_the_study_and_only_germany_has_two():
    known = set(pd.read_csv(ROOT / "data" / "states.csv", keep_default_na=False)["iso3"])
    assert set(COW_CODES.values()) <= known
    codes = pd.Series(COW_CODES)
    assert codes[codes.duplicated(keep=False)].to_dict() == {255: "DEU", 260: "DEU"}


@needs_shared
def test_the_numbers_agree_with_the_capitals_of_the_correlates_of_war():
    capitals = pd.read_csv(SHARED / "data" / "geodist" / "cow_capitals.csv.gz")
    from alliances.sources.names import iso3

    renamed = {255, 260, 345, 678, 680, 731, 732, 816, 860, 987, 52, 57, 58, 60, 775, 781}
    for row in capitals.drop_duplicates("ccode").itertuples():
        if row.ccode in COW_CODES and row.ccode not in renamed:
            try:
                assert iso3(row.statenme) == COW_CODES[row.ccode], row.statenme
            except DataProblem:
                assert row.ccode in {101, 145, 340, 365, 630, 652, 812, 850} or row.statenme


@needs_shared
def test_the_shares_by_obligation_are_those_of_the_whole_file():
    whole = atop.read_alliances(LEVEL)
    case = json.loads((SHARED / "reference" / "atop_published_shares.json").read_text())["cases"][0]
    assert len(whole) == case["n"]
    names = {"defense": "defence", "offense": "offence", "nonaggression": "non_aggression"}
    for name, share in case["expected"].items():
        assert whole[names.get(name, name)].mean() == pytest.approx(share, abs=1e-6), name


@needs_shared
@pytest.mark.parametrize(
    ("source", "files"), [("atop-alliances", [LEVEL, MEMBERS]), ("atop-dyad-years", [YEARS])]
)
def test_the_shipped_tables_are_made_from_the_files(source, files):
    study = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))["study"]
    for name, table in all_sources()[source].make(files, study).tables.items():
        made = pd.read_csv(io.StringIO(table.to_csv(index=False)), dtype="str")
        shipped = pd.read_csv(ROOT / "data" / f"{name}.csv", dtype="str")
        pd.testing.assert_frame_equal(made[shipped.columns], shipped)
