"""Readers of regimes, capabilities and military expenditure: rules, refusals, the shipped tables."""

import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from support import ROOT, SHARED, needs_shared, refuses_what_is_no_such_file, saved, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.capabilities import COMPONENTS, read_capabilities
from alliances.sources.military_expenditure import read_expenditure
from alliances.sources.regimes import LAYOUTS, read_measures

VDEM, POLITY = LAYOUTS[0], next(layout for layout in LAYOUTS if layout.source == "polity")
INDICES = """country_text_id,year,v2x_polyarchy,v2x_polyarchy_codelow,v2x_polyarchy_codehigh,v2x_libdem,v2x_libdem_codelow,v2x_libdem_codehigh
ARM,2019,0.793,0.738,0.851,0.6,0.5,0.7
RUS,2019,0.263,0.225,0.291,,,
"""
SCORES = """cown,year,polity2
371,2018,7
365,2018,4
365,1922,-8
365,1922,-7
999,2018,3
"""
MASS = """ccode,year,milex,milper,irst,pec,tpop,upop,cinc
371,2020,1,1,0,1,1,1,0.1
365,2020,9,-9,5,9,9,9,0.9
"""
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "comparison": ["BLR", "KAZ", "KGZ", "TJK", "AZE", "GEO"],
    "further_partners": ["MDA", "TKM", "UKR", "UZB"],
    "first_year": 1992,
    "last_year": 2025,
}


def indices(path):
    return read_measures(path, VDEM)


def test_values_and_bounds_are_read_and_gaps_have_no_row(tmp_path):
    found = indices(saved(tmp_path, INDICES)).set_index(["measure", "state"])
    assert found.loc[("electoral democracy", "ARM"), ["value", "lower", "upper"]].tolist() == [
        0.793,
        0.738,
        0.851,
    ]
    assert ("liberal democracy", "RUS") not in found.index


def test_two_rows_of_a_year_matter_only_where_a_study_needs_the_year(tmp_path):
    assert len(read_measures(saved(tmp_path, SCORES), POLITY)) == 4, "999 has no code"
    pair = {**STUDY, "comparison": [], "further_partners": []}
    make = all_sources()["polity"].make
    assert len(make([saved(tmp_path, SCORES)], pair).tables["limiting_factors/regimes"]) == 2
    with pytest.raises(DataProblem, match="two values in one year: RUS 1922"):
        make([saved(tmp_path, SCORES)], {**pair, "first_year": 1900})


@pytest.mark.parametrize("beside", ["comparison", "further_partners"])
def test_regimes_are_kept_of_those_compared_and_of_further_partners(tmp_path, beside):
    pair = {**STUDY, "comparison": [], "further_partners": []}
    path = saved(tmp_path, SCORES + "369,2018,4\n")
    make = all_sources()["polity"].make
    kept = make([path], pair | {beside: ["UKR"]}).tables["limiting_factors/regimes"]
    assert kept.groupby("state")["value"].sum().to_dict() == {"ARM": 7, "RUS": 4, "UKR": 4}
    assert "UKR" not in set(make([path], pair).tables["limiting_factors/regimes"]["state"])
    with pytest.raises(DataProblem, match="it has no year of MDA"):
        make([path], pair | {beside: ["UKR", "MDA"]})


def test_shares_of_the_world_are_of_what_is_there(tmp_path):
    found = read_capabilities(saved(tmp_path, MASS)).set_index("number")
    assert found.loc[371, "military_expenditure"] == pytest.approx(0.1)
    assert found.loc[371, "military_personnel"] == 1 and pd.isna(
        found.loc[365, "military_personnel"]
    )


@pytest.mark.parametrize(
    "read, text, before, after, said",
    [
        (indices, INDICES, "0.793,", "1.793,", "rows 2, column v2x_polyarchy"),
        (indices, INDICES, "0.738", "0.8", "inside its own interval"),
        (indices, INDICES, "0.263", "low", "row 3, column v2x_polyarchy: found 'low'"),
        (read_capabilities, MASS, "371,2020,1", "371,2020,-1", "rows 2"),
        (read_capabilities, MASS, "365,2020", "371,2020", "rows 3"),
        (read_capabilities, MASS, "0.9", "1.9", "rows 3"),
        (read_capabilities, MASS, "371,2020", "371,2020.5", "rows 2, column year: found '2020.5'"),
        (indices, INDICES, "2019", "2019.5", "column year: found '2019.5'"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, read, text, before, after, said):
    assert before in text
    with pytest.raises(DataProblem) as refusal:
        read(saved(tmp_path, text.replace(before, after, 1)))
    assert said in str(refusal.value) and "file.csv" in str(refusal.value)


@pytest.mark.parametrize(
    "read, text, other", [(indices, INDICES, MASS), (read_capabilities, MASS, SCORES)]
)
def test_what_is_no_such_file_is_refused(tmp_path, read, text, other):
    refuses_what_is_no_such_file(read, text, other, tmp_path)
    with pytest.raises(DataProblem, match="web page"):
        read(saved(tmp_path, "<html>Not found</html>"))


@settings(max_examples=40)
@given(data=st.data())
def test_a_cut_file_is_refused_or_read_as_far_as_it_goes(tmp_path_factory, data):
    whole, part = whole_and_cut(indices, INDICES, data, tmp_path_factory.mktemp("cut"))
    assert part is None or len(part) <= len(whole)


SHEETS = {
    "Constant (2023) US$": [
        ["Country", None, "Notes", 2023, 2024],
        ["Armenia", None, "†", 1300.5, 1416.4],
    ],
    "Current US$": [["Country", "Notes", 2023, 2024], ["Armenia", "†", 1300.5, ". ."]],
    "Share of GDP": [["Country", "Notes", 2023, 2024], ["Armenia", "†", 0.054, "xxx"]],
}


def workbook(folder, sheets):
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(["Military expenditure by country"])
        sheet.append(["Africa"])
        for line in lines:
            sheet.append(line)
    path = folder / "milex.xlsx"
    book.save(path)
    return path


def with_years(first, second, **figures):
    """The three sheets with two years, and the figures of Armenia and of Iceland, without an army."""
    sheets = {}
    for name, key in zip(SHEETS, ("constant", "current", "share"), strict=True):
        head = SHEETS[name][0][:-2]
        blank = [None] * (len(head) - 1)
        states = {"Armenia": figures[key], "Iceland": (0, 0)}
        rows = [[state, *blank, *values] for state, values in states.items()]
        sheets[name] = [[*head, first, second], *rows]
    return sheets


def test_a_sum_that_was_lost_to_zero_is_missing_and_no_spending_is_zero(tmp_path):
    sheets = with_years(1992, 1993, constant=(207.8, 300), current=(0.0, 5.2), share=(0.02, 4e-6))
    found = read_expenditure(workbook(tmp_path, sheets)).set_index(["state", "year"])
    assert found["current_usd"].isna().to_dict()["ARM", 1992]
    assert found.loc[("ARM", 1993), "current_usd"] == 5.2
    assert found["share_of_gdp"].isna().to_dict()["ARM", 1993]
    assert found.loc[("ARM", 1992), "share_of_gdp"] == 0.02
    assert (found.loc["ISL", ["constant_usd", "current_usd"]] == 0).all(axis=None)


def test_part_of_a_year_is_no_year(tmp_path):
    sheets = with_years(1992, 1993.5, constant=(1, 2), current=(1, 2), share=(0.1, 0.1))
    with pytest.raises(DataProblem, match="row 3, column 5: found 1993.5; expected whole years"):
        read_expenditure(workbook(tmp_path, sheets))


def packed(folder, files):
    path = folder / "packed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_an_archive_is_opened_if_it_holds_one_workbook_whatever_lies_beside_it(tmp_path):
    book = workbook(tmp_path, SHEETS).read_bytes()
    beside = {"__MACOSX/._milex.xlsx": b"x", "folder/.DS_Store": b"x", "readme.txt": b"x"}
    whole = read_expenditure(packed(tmp_path, {"folder/milex.xlsx": book} | beside))
    assert len(whole) == len(read_expenditure(workbook(tmp_path, SHEETS)))
    for files, said in (
        ({"a.xlsx": book, "b.xlsx": book}, "holds a.xlsx, b.xlsx; expected one file"),
        ({"note.txt": b"x"}, "holds note.txt; expected one file"),
    ):
        with pytest.raises(DataProblem, match=said):
            read_expenditure(packed(tmp_path, files))


def test_a_damaged_archive_is_named_wherever_it_is_cut(tmp_path):
    path = packed(tmp_path, {"milex.xlsx": workbook(tmp_path, SHEETS).read_bytes()})
    content = path.read_bytes()
    for length in (10, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:length])
        with pytest.raises(DataProblem, match="packed.zip: .*damaged or cut short"):
            read_expenditure(path)
    path.write_bytes(content[:200] + b"\xff" * 200 + content[400:])
    with pytest.raises(DataProblem, match="packed.zip"):
        read_expenditure(path)


def test_the_sheets_are_found_by_name_and_header_and_marks_of_missing_data_are_missing(tmp_path):
    found = read_expenditure(workbook(tmp_path, SHEETS)).set_index("year")
    assert found["constant_usd"].tolist() == [1300.5, 1416.4] and set(found["base_year"]) == {2023}
    assert found["current_usd"].isna().tolist() == [False, True]
    assert found.loc[2023, "share_of_gdp"] == 0.054


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda sheets: sheets.pop("Share of GDP"), "expected one like"),
        (lambda sheets: sheets["Current US$"].pop(0), "begins with Country"),
        (lambda sheets: sheets["Current US$"][1].__setitem__(2, "about 5"), "ARM 2023: 'about 5'"),
        (lambda sheets: sheets["Current US$"][1].__setitem__(2, -5), "ARM 2023: -5"),
        (lambda sheets: sheets["Current US$"].append(["Armenia", "", 1, 2]), "stand there twice"),
    ],
)
def test_a_workbook_of_another_form_is_refused(tmp_path, change, said):
    sheets = {name: [list(line) for line in lines] for name, lines in SHEETS.items()}
    change(sheets)
    with pytest.raises(DataProblem, match=said):
        read_expenditure(workbook(tmp_path, sheets))


DATA = SHARED / "data"
SHIPPED = {
    "vdem": "regimes/vdem_v15_simple_1789-2024.csv.gz",
    "vdem-16": "regimes/isard_cw_democracy_vdem16_polity_uds_1816-2025.csv.gz",
    "regimes-of-the-world": "regimes/ert_v15_1900-2024.csv.gz",
    "freedom-house": "regimes/freedom_house_1972-2024.csv.gz",
    "polity": "regimes/polity5_1776-2020.csv.gz",
    "lexical-index": "regimes/lied_1789-2024.csv.gz",
    "cow-capabilities": "capabilities/cow_nmc_v7_1816-2022.csv.gz",
    "sipri-milex": "capabilities/SIPRI-Milex-data-1949-2024_2.xlsx",
}


@needs_shared
@pytest.mark.parametrize("source", SHIPPED)
def test_the_shipped_rows_are_remade_from_the_producers_files(source):
    made = all_sources()[source].make([DATA / SHIPPED[source]], STUDY)
    for name, table in made.tables.items():
        lines = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        shipped = [line for line in lines[1:] if line.endswith(f",{source}")]
        again = table[lines[0].split(",")].to_csv(index=False, lineterminator="\n").splitlines()[1:]
        assert sorted(again) == sorted(shipped) and shipped


@needs_shared
def test_the_composite_index_is_the_mean_of_the_shares_in_every_state_and_year():
    whole = read_capabilities(DATA / SHIPPED["cow-capabilities"])
    mean = whole[list(COMPONENTS.values())].mean(axis=1)
    # The last printed digits and a few early years are rounded by the producer.
    assert (mean - whole["cinc"]).abs().max() < 2e-6
    assert ((mean - whole["cinc"]).abs() < 2e-8).mean() > 0.99
