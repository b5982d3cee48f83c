"""Trade, money transfers and GDP: what is read, what is refused, what the shipped tables hold."""

import csv
import gzip
import io
import json
import zipfile
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared, refuses_what_is_no_such_file, saved, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.armstat import read_trade
from alliances.sources.cow_trade import read_flows, read_world
from alliances.sources.gdp import read_gdp
from alliances.sources.imf_trade import AGGREGATE, ESTIMATED, REPORTED, read_reports
from alliances.sources.money_transfers import read_transfers
from alliances.sources.opening import read_sheets
from alliances.sources.partners import UNION_MEMBERS, by_partner, totals_by_year

FILES = SHARED / "data" / "trade"
OF_SOURCE = {
    "armstat": [FILES / "armstat_trade_by_country_monthly_2007-2024.csv.gz"],
    "cow-trade": [
        FILES / "cow_trade_ddy_v4_selected-reporters_1991-2014.csv.gz",
        FILES / "cow_trade_sy_v4.csv.gz",
    ],
    "imf-dots": [FILES / "imf_dots_rf_exports_2023.xlsx", FILES / "imf_dots_tot_exports_2023.xlsx"],
    "cba-transfers": [FILES / "cba_transfers_by_countries_official.xlsx"],
    "wdi-gdp": [SHARED / "data" / "capabilities" / "wdi_gdp_current_usd.csv.gz"],
}
TABLES_OF = {
    "armstat": ["trade/flows_by_month", "trade/flows_by_year", "trade/totals_by_year"],
    "cow-trade": ["trade/flows_by_year", "trade/totals_by_year"],
    "imf-dots": ["trade/mirror_flows"],
    "cba-transfers": ["trade/money_transfers"],
    "wdi-gdp": ["limiting_factors/gdp"],
}
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["KAZ", "GEO"],
}
PAGE = "<!DOCTYPE html>\n<html><body>503 Service Unavailable</body></html>\n"

# Made up, in the layout of each producer. Of Armenia's trade two years; the second lacks December.
ARMSTAT_HEADER = "country,year,month,export,import_origin,import_consignment,date"
ARMSTAT_ROWS = (
    *(f"Russian Federation,2020,{month},1000,2000,1500,x" for month in range(1, 13)),
    "France,2020,1,300,100,0,x",
    "Germany,2020,2,0,400,500,x",
    "EU countries not specified,2020,2,50,0,0,x",
    "Unknown country,2020,3,7000,0,0,x",
    "United Kingdom,2020,3,20,20,20,x",
    "Nagorno Karabagh,2020,3,10,0,0,x",
    "Iran,2020,4,600,0,0,x",
    *(f"Russian Federation,2021,{month},1,1,1,x" for month in range(1, 12)),
    "Islamic Republic of Iran,2021,5,5,0,0,x",
)
ARMSTAT = "\n".join([ARMSTAT_HEADER, *ARMSTAT_ROWS]) + "\n"

# 371 Armenia, 365 Russia, 705 Kazakhstan, 372 Georgia, 220 France, 255 Germany, 200 Britain.
DYADS_HEADER = "ccode1,ccode2,year,flow1,flow2,smoothflow1,smoothflow2"
DYADS_ROWS = (
    "371,365,1995,40,30,0,0",
    "365,371,1995,30,40,0,0",
    "371,372,1995,0,-9,0,0",
    "371,220,1995,3,4,0,0",
    "371,255,1995,5,-9,0,0",
    "371,200,1995,7,8,0,0",
    "705,365,1995,90,80,0,0",
    "372,365,1995,9,8,0,0",
    "371,365,1992,0,0,0,0",
    "371,220,1992,2,2,0,0",
    "705,365,1993,0,5,0,0",
    "705,220,1993,6,0,0,0",
    "372,365,1993,1,2,0,0",
    "365,220,1993,11,12,0,0",
    "371,365,1991,99,99,0,0",
)
DYADS = "\n".join([DYADS_HEADER, *DYADS_ROWS]) + "\n"
STATES_HEADER = "ccode,year,imports,exports"
STATES_ROWS = (
    "2,1991,500,400",
    "2,1993,510,410",
    "371,1993,10,-9",
    "2,1995,520,420",
    "371,1995,-9,20",
    "365,1995,80,60",
)
STATES = "\n".join([STATES_HEADER, *STATES_ROWS]) + "\n"

GDP_HEADER = "Country Name,Country Code,Year,Value"
GDP_ROWS = (
    "Armenia,ARM,1991,2000000000",
    "Armenia,ARM,1992,1272835453.78",
    "Georgia,GEO,1992,3.69e9",
    "Russian Federation,RUS,1993,435083713850.9",
    "World,WLD,1992,25000000000000",
    '"Egypt, Arab Rep.",EGY,1992,41855986519.4',
)
GDP = "\n".join([GDP_HEADER, *GDP_ROWS]) + "\n"

TEXTS = {
    "armstat": (read_trade, ARMSTAT),
    "cow pairs": (read_flows, DYADS),
    "cow states": (read_world, STATES),
    "gdp": (read_gdp, GDP),
}


def changed(text, line, place, value):
    """The text with one cell of one line (as in the file, from 1) replaced."""
    lines = text.splitlines()
    cells = lines[line - 1].split(",")
    cells[place] = value
    lines[line - 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


def workbook(folder, sheets, name="book.xlsx"):
    """A workbook: {name of the sheet: rows of cells}."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def report(reporter, flow, rows, years=("2020", "2021", "2022"), unit="US Dollars, Millions"):
    """A sheet in the form of the IMF's report workbooks."""
    title = {"exports": "Exports, FOB to Partner Countries"}
    title["imports"] = "Imports, CIF from Partner Countries"
    head = [[], [None, title.get(flow, flow)], [], [None, reporter], [None, unit], []]
    return [*head, [None, None, *years], *([None, *row] for row in rows)]


EXPORTS = (
    ("Armenia, Rep. of", 1, 2, 3, 4),
    ("World", 100, 200, 300, 400),
    ("Euro Area", 50, 60, 70, 80),
    ("Armenia, Rep. of", 1, 2, 3, 4),
    ("Kyrgyz Rep.", 5, None, 7, 8),
    ("Other Countries n.i.e.", 9, 9, 9, 9),
)
IMPORTS = (("Armenia, Rep. of", 0.5, 1.5, 2.5), ("World", 90, 190, 290))
SHEET_NAMES = {"exports": "Exports, FOB", "imports": "Imports, CIF"}


def russia(folder, exports=EXPORTS, name="russia.xlsx", **other):
    """A workbook of Russia's reports; exports have one year more than imports."""
    years = ("2020", "2021", "2022", "2023")
    sheets = {
        "Exports, FOB": report("Russian Federation", "exports", exports, years, **other),
        "Imports, CIF": report("Russian Federation", "imports", IMPORTS),
    }
    return workbook(folder, sheets, name)


def world(folder):
    rows = (("World", 1000, 1100, 1200), ("Armenia, Rep. of", 10, 11, 12), ("France", 7, 7, 7))
    sheets = {SHEET_NAMES[flow]: report("World", flow, rows) for flow in SHEET_NAMES}
    return workbook(folder, sheets, "world.xlsx")


def transfers(rows, months=("January", "February"), year=2013, unit="(thousand USD)"):
    """A sheet in the form of the Central Bank's workbook: six columns a month."""
    three = ["Inflow", "Outflow", "Net inflow "]
    head = [["Total money transfers of individuals in USD"], []]
    names = [None]
    for month in months:
        names += [month, None, None, "of which non-commercial", None, None]
    directions = [None, *three * (2 * len(months))]
    return [*head, [unit, year], names, directions, *rows]


BANK_ROWS = (
    ["Russian Federation", 100, 40, 60, 80, 30, 50, 200, 50, 150, 90, 35, 55],
    ["Korea", 1, 2, -1, 0, 0, 0, 3, 4, -1, 0, 0, 0],
    ["Others", 10, 5, 5, 1, 1, 0, 20, 5, 15, 2, 2, 0],
    ["Total", 111, 47, 64, 81, 31, 50, 223, 59, 164, 92, 37, 55],
)


def bank(folder, rows=BANK_ROWS, sheet="monthly in USD", **other):
    return workbook(folder, {sheet: transfers(rows, **other), "methodology": [["", "In words"]]})


BOOKS = {"imf": (read_reports, russia), "central bank": (read_transfers, bank)}


def make(source, paths, study=STUDY):
    return all_sources()[source].make(paths, study)


def cell(table, **wanted):
    """The value of the one row that has the wanted cells."""
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1, f"{wanted}: {len(table)} rows"
    return table["value" if "value" in table else "total"].item()


# Partners


def flows(*rows):
    table = pd.DataFrame(rows, columns=["partner", "value"])
    table = table.assign(reporter="ARM", year=2020, flow="exports")
    return table.assign(union=table["partner"].isin(UNION_MEMBERS))


def test_the_union_is_the_27_members_of_2020():
    assert len(set(UNION_MEMBERS)) == 27
    assert "GBR" not in UNION_MEMBERS
    every = by_partner(flows(*((code, 2.0) for code in [*UNION_MEMBERS, "GBR"])), ["year"])
    assert every.set_index("partner")["value"].to_dict() == {"EU": 54.0, "WLD": 56.0}


def test_a_missing_flow_is_no_zero():
    table = by_partner(flows(("RUS", None), ("CHN", 0.0), ("FRA", None)), ["year"])
    assert table.set_index("partner")["value"].to_dict() == {"CHN": 0.0, "WLD": 0.0}


def test_an_unnamed_partner_counts_in_the_total_and_is_none_of_the_partners():
    rows = flows(("Unknown", 90.0), ("RUS", 6.0), ("FRA", 4.0), ("CHN", 0.0), ("USA", None))
    row = totals_by_year(rows, frozenset({"Unknown"})).iloc[0]
    assert row["total"] == 100
    assert (row["partners"], row["sum_of_squares"]) == (2, 52)
    assert (row["largest_partner"], row["largest"]) == ("RUS", 6)


amounts = st.floats(0, 1e6).map(lambda value: round(value, 3))


@given(st.dictionaries(st.sampled_from([*UNION_MEMBERS, "RUS", "CHN", "BRA"]), amounts, min_size=1))
def test_concentration_lies_between_that_of_equal_partners_and_of_one(values):
    rows = flows(*values.items())
    row = totals_by_year(rows).iloc[0]
    shown = by_partner(rows, ["year"]).set_index("partner")["value"]
    assert shown["WLD"] == pytest.approx(row["total"])
    assert shown.get("EU", 0) <= shown["WLD"] * (1 + 1e-12)
    if row["total"] > 0:
        lowest = row["total"] ** 2 / row["partners"]
        assert lowest * (1 - 1e-9) <= row["sum_of_squares"] <= row["total"] ** 2 * (1 + 1e-9)
        assert row["largest"] == max(values.values())


# Texts of any producer


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_read_alike_however_it_was_stored(tmp_path, kind):
    read, text = TEXTS[kind]
    plain = read(saved(tmp_path, text))
    for content in (
        gzip.compress(text.encode()),
        text.replace("\n", "\r\n"),
        "\ufeff" + text,
        *([] if kind == "cow states" else [text.rstrip("\n")]),
    ):
        pd.testing.assert_frame_equal(read(saved(tmp_path, content, "other")), plain)


@pytest.mark.parametrize("kind", TEXTS)
def test_another_file_is_refused(tmp_path, kind):
    read, text = TEXTS[kind]
    other = GDP if kind != "gdp" else ARMSTAT
    refuses_what_is_no_such_file(read, text, other, tmp_path)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: PAGE, "a web page"),
        (lambda text: "", "the file is empty"),
        (lambda text: text.replace(",", "|"), "(are missing; expected|this is no csv file)"),
        (lambda text: text.encode("utf-16")[2:], "binary data"),
        (lambda text: gzip.compress(text.encode())[:-9], "damaged or cut short"),
        (lambda text: b"PK\x03\x04" + text.encode(), "the archive or workbook is damaged"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, kind, spoil, said):
    read, text = TEXTS[kind]
    with pytest.raises(DataProblem, match=f"file.csv.*{said}"):
        read(saved(tmp_path, spoil(text)))


@pytest.mark.parametrize("kind", TEXTS)
@given(data=st.data())
@settings(max_examples=40)
def test_a_file_cut_anywhere_is_refused_or_holds_no_row_of_its_own(tmp_path_factory, kind, data):
    """Only the last number may have lost digits; everything before it is as in the whole file."""
    read, text = TEXTS[kind]
    whole, part = whole_and_cut(read, text, data, tmp_path_factory.mktemp("cut"))
    if part is not None:
        keys = [name for name in part if name in ("partner", "importer", "exporter", "state")]
        keys += [name for name in ("year", "month", "flow") if name in part]
        assert len(part) <= len(whole)
        known = set(whole[keys].itertuples(index=False, name=None))
        assert set(part[keys].itertuples(index=False, name=None)) <= known


BAD = ["x", "1e400", "inf", "-1"]


@pytest.mark.parametrize(
    ("kind", "line", "place"),
    [
        ("armstat", 3, 3),
        ("armstat", 4, 4),
        ("armstat", 5, 5),
        ("cow pairs", 3, 3),
        ("cow pairs", 4, 4),
        ("cow states", 3, 2),
        ("cow states", 4, 3),
        ("gdp", 3, 3),
    ],
)
@pytest.mark.parametrize("value", BAD)
def test_an_amount_that_is_none_is_refused_with_its_row(tmp_path, kind, line, place, value):
    read, text = TEXTS[kind]
    spoilt = changed(text, line, place, f'"{value}"' if "," in value else value)
    with pytest.raises(DataProblem, match=rf"file.csv.*rows {line}\b"):
        read(saved(tmp_path, spoilt))


@pytest.mark.parametrize(
    ("kind", "place"), [("armstat", 1), ("cow pairs", 2), ("cow states", 1), ("gdp", 2)]
)
@pytest.mark.parametrize("value", ["", "2000.5", "last", "1e400", "-9"])
def test_a_year_that_is_none_is_refused_with_its_row(tmp_path, kind, place, value):
    read, text = TEXTS[kind]
    with pytest.raises(DataProblem, match=r"file.csv.*rows 4\b"):
        read(saved(tmp_path, changed(text, 4, place, value)))


# Armstat


def test_armstats_thousands_are_read_as_millions_by_partner_and_month(tmp_path):
    table = read_trade(saved(tmp_path, ARMSTAT))
    assert set(table["reporter"]) == {"ARM"}
    one = {"partner": "RUS", "year": 2020, "month": 12}
    assert cell(table, **one, flow="exports") == 1.0
    assert cell(table, **one, flow="imports by origin") == 2.0
    assert cell(table, **one, flow="imports by consignment") == 1.5
    assert len(table) == 3 * len(ARMSTAT_ROWS)
    assert set(table["partner"]) == {
        *("RUS", "FRA", "DEU", "GBR", "IRN", "Nagorno Karabagh"),
        *("EU countries not specified", "Unknown country"),
    }
    assert set(table.loc[table["union"], "partner"]) == {"FRA", "DEU", "EU countries not specified"}


def test_a_year_of_eleven_months_is_left_out_of_the_yearly_figures_and_said(tmp_path):
    made = make("armstat", [saved(tmp_path, ARMSTAT)])
    monthly, yearly, totals = (made.tables[name] for name in TABLES_OF["armstat"])
    assert set(monthly["year"]) == {2020, 2021}
    assert set(yearly["year"]) == set(totals["year"]) == {2020}
    assert any("[2021]" in one for one in made.said)
    assert made.edition == "months to 2021-11"
    assert made.covers == {
        "trade/flows_by_month": (2020, 2021),
        "trade/flows_by_year": (2020, 2020),
        "trade/totals_by_year": (2020, 2020),
    }


def test_unnamed_members_count_in_the_union_and_the_total_and_not_among_the_partners(tmp_path):
    tables = make("armstat", [saved(tmp_path, ARMSTAT)]).tables
    yearly = tables["trade/flows_by_year"]
    assert cell(yearly, partner="EU", flow="exports") == pytest.approx(0.35)
    assert cell(yearly, partner="EU", flow="imports by origin") == pytest.approx(0.5)
    assert cell(yearly, partner="WLD", flow="exports") == pytest.approx(19.98)
    totals = tables["trade/totals_by_year"].set_index("flow").loc["exports"]
    assert totals["total"] == pytest.approx(19.98)
    assert totals["partners"] == len(["RUS", "FRA", "GBR", "Nagorno Karabagh", "IRN"])
    assert totals["sum_of_squares"] == pytest.approx(12**2 + 0.3**2 + 0.02**2 + 0.01**2 + 0.6**2)
    assert (totals["largest_partner"], totals["largest"]) == ("RUS", 12.0)


def test_the_months_are_those_of_the_file_and_no_zero_is_put_in(tmp_path):
    monthly = make("armstat", [saved(tmp_path, ARMSTAT)]).tables["trade/flows_by_month"]
    union = monthly.query("partner == 'EU' and flow == 'exports'")
    assert union[["month", "value"]].values.tolist() == [[1, 0.3], [2, 0.05]]
    assert cell(monthly, partner="IRN", year=2021, month=5, flow="exports") == 0.005


def test_every_unknown_partner_is_named_at_once_with_the_other_faults(tmp_path):
    text = changed(changed(ARMSTAT, 14, 0, "Atlantis"), 15, 0, "Ruritania")
    text = changed(text, 2, 2, "13")
    with pytest.raises(DataProblem) as caught:
        read_trade(saved(tmp_path, text + ARMSTAT_ROWS[4] + "\n"))
    said = str(caught.value)
    assert "rows 14, 15: unknown partners ['Atlantis', 'Ruritania']" in said
    assert "rows 2: a year, month or value" in said
    assert f"rows {len(ARMSTAT_ROWS) + 2}: a partner that has a row for this month already" in said


@pytest.mark.parametrize(
    "row",
    [
        "Russian Federation,2020,01,9,9,9,x",
        "Russian Federation,2020.0,1,9,9,9,x",
        "Russia,2020,1,9,9,9,x",
        "Islamic Republic of Iran,2020,4,9,9,9,x",
    ],
)
def test_a_partner_twice_in_a_month_is_refused_under_any_spelling(tmp_path, row):
    with pytest.raises(DataProblem, match="has a row for this month already"):
        read_trade(saved(tmp_path, ARMSTAT + row + "\n"))


@pytest.mark.parametrize("month", ["0", "13", "1.5", "", "January"])
def test_a_month_that_is_none_is_refused(tmp_path, month):
    with pytest.raises(DataProblem, match="rows 3: a year, month or value"):
        read_trade(saved(tmp_path, changed(ARMSTAT, 3, 2, month)))


def test_armenias_trade_needs_one_file_a_whole_year_and_a_study_of_armenia(tmp_path):
    path = saved(tmp_path, ARMSTAT)
    with pytest.raises(DataProblem, match="found 2 files; expected one"):
        make("armstat", [path, path])
    with pytest.raises(DataProblem, match="the study has no Armenia"):
        make("armstat", [path], STUDY | {"focal": "BLR"})
    part = "\n".join([ARMSTAT_HEADER, *ARMSTAT_ROWS[:11]])
    with pytest.raises(DataProblem, match="no year with twelve months"):
        make("armstat", [saved(tmp_path, part)])


# Correlates of War


def flow_of(table, importer, exporter, year):
    return cell(table, importer=importer, exporter=exporter, year=year)


def test_a_pair_gives_a_flow_each_way_and_minus_nine_is_missing(tmp_path):
    table = read_flows(saved(tmp_path, DYADS))
    assert flow_of(table, 371, 365, 1995) == 40
    assert flow_of(table, 365, 371, 1995) == 30
    assert flow_of(table, 371, 220, 1995) == 3
    assert flow_of(table, 220, 371, 1995) == 4
    assert pd.isna(flow_of(table, 372, 371, 1995))
    assert not table.duplicated(["importer", "exporter", "year"]).any()


def test_a_zero_among_soviet_successors_is_missing_until_1994_only(tmp_path):
    rows = [f"371,365,{year},0,0,0,0" for year in range(1991, 1997)]
    rows += [f"371,{other},1993,0,0,0,0" for other in (220, 2)]
    table = read_flows(saved(tmp_path, "\n".join([DYADS_HEADER, *rows])))
    between = table[table["importer"].isin([371, 365]) & table["exporter"].isin([371, 365])]
    missing = between.loc[between["value"].isna(), "year"]
    assert sorted(missing) == [1992, 1992, 1993, 1993, 1994, 1994]
    assert flow_of(table, 371, 220, 1993) == flow_of(table, 2, 371, 1993) == 0


def test_a_flow_of_those_years_that_is_no_zero_stays(tmp_path):
    assert flow_of(read_flows(saved(tmp_path, DYADS)), 365, 705, 1993) == 5


def test_a_flow_that_one_row_has_and_the_other_lacks_is_the_one_there_is(tmp_path):
    table = read_flows(saved(tmp_path, DYADS + "372,371,1995,-9,0,0,0\n371,255,1995,-9,6,0,0\n"))
    assert flow_of(table, 371, 255, 1995) == 5
    assert flow_of(table, 255, 371, 1995) == 6


def test_two_figures_for_one_flow_are_refused_and_the_same_twice_is_read_once(tmp_path):
    plain = read_flows(saved(tmp_path, DYADS))
    pd.testing.assert_frame_equal(read_flows(saved(tmp_path, DYADS + DYADS_ROWS[3])), plain)
    with pytest.raises(DataProblem, match="two figures for one flow .*: 371 220 1995"):
        read_flows(saved(tmp_path, DYADS + "220,371,1995,4,3.5,0,0\n"))


def test_the_world_is_the_sum_of_the_states_that_have_a_figure(tmp_path):
    table = read_world(saved(tmp_path, STATES)).set_index("year")
    assert table.loc[1995].to_dict() == {"imports": 600, "exports": 500, "states": 2}
    assert table.loc[1993].to_dict() == {"imports": 520, "exports": 410, "states": 2}


def test_a_state_twice_in_a_year_is_refused_for_it_would_count_twice(tmp_path):
    with pytest.raises(DataProblem, match="rows 8"):
        read_world(saved(tmp_path, f"{STATES}{STATES_ROWS[3]}\n"))


def test_a_list_of_states_that_is_cut_in_its_last_amount_is_refused(tmp_path):
    with pytest.raises(DataProblem, match="the last line has no end"):
        read_world(saved(tmp_path, STATES.rstrip("\n")[:-1]))


@pytest.fixture
def cow(tmp_path):
    return [saved(tmp_path, DYADS, "dyads.csv"), saved(tmp_path, STATES, "states.csv")]


def test_the_two_cow_files_are_told_apart_in_either_order(cow):
    first, second = make("cow-trade", cow).tables, make("cow-trade", cow[::-1]).tables
    for name in TABLES_OF["cow-trade"]:
        pd.testing.assert_frame_equal(first[name], second[name])


def test_years_in_which_trade_with_russia_is_not_reported_are_left_out_and_said(cow):
    made = make("cow-trade", cow)
    yearly, totals = (made.tables[name] for name in TABLES_OF["cow-trade"])
    for table in (yearly, totals[totals["reporter"] != "WLD"]):
        years = table.groupby("reporter")["year"].unique().map(set).to_dict()
        assert years["ARM"] == {1995}, "1992 has a zero with Russia"
        assert years["KAZ"] == {1995}, "1993 has a zero on one side"
        assert years["GEO"] == {1993, 1995}
        assert {1993, 1995} <= years["RUS"]
    assert any("ARM 1992, KAZ 1993" in one for one in made.said)


def test_armenias_rows_are_the_importers_figures_with_the_groups(cow):
    yearly, totals = (make("cow-trade", cow).tables[name] for name in TABLES_OF["cow-trade"])
    ours = yearly[yearly["reporter"] == "ARM"].set_index(["flow", "partner"])["value"]
    assert ours["imports"].to_dict() == {"EU": 8, "GBR": 7, "GEO": 0, "RUS": 40, "WLD": 55}
    assert ours["exports"].to_dict() == {"EU": 4, "GBR": 8, "RUS": 30, "WLD": 42}, "missing: no row"
    row = totals.query("reporter == 'ARM' and flow == 'imports'").iloc[0]
    assert (row["total"], row["partners"]) == (55, 4)
    assert row["sum_of_squares"] == 40**2 + 3**2 + 5**2 + 7**2
    whole = totals[totals["reporter"] == "WLD"].set_index(["year", "flow"])["total"]
    assert whole.to_dict() == {
        (1993, "imports"): 520,
        (1993, "exports"): 410,
        (1995, "imports"): 600,
        (1995, "exports"): 500,
    }


def test_two_files_of_one_kind_or_only_one_are_refused(cow, tmp_path):
    again = saved(tmp_path, DYADS, "again.csv")
    for paths in ([cow[0], again], cow[:1], [], [*cow, again]):
        with pytest.raises(DataProblem, match="expected two files"):
            make("cow-trade", paths)
    with pytest.raises(DataProblem, match="page.csv: found a web page"):
        make("cow-trade", [cow[0], saved(tmp_path, PAGE, "page.csv")])
    with pytest.raises(DataProblem, match="nowhere.csv: the file is missing"):
        make("cow-trade", [cow[0], tmp_path / "nowhere.csv"])


def cow_of(folder, imports):
    """Files in which Armenia, Russia and Georgia import 60 a year from France, and these in all."""
    numbers = {"ARM": 371, "RUS": 365, "GEO": 372}
    years = sorted({year for by_year in imports.values() for year in by_year})
    dyads = [f"{number},220,{year},60,30,0,0" for number in numbers.values() for year in years]
    dyads += [f"371,365,{year},0,0,0,0" for year in years]
    states = [
        f"{numbers[state]},{year},{total},900"
        for state, by_year in imports.items()
        for year, total in by_year.items()
    ]
    return [
        saved(folder, "\n".join([DYADS_HEADER, *dyads]) + "\n", "dyads.csv"),
        saved(folder, "\n".join([STATES_HEADER, *states]) + "\n", "states.csv"),
    ]


THREE = STUDY | {"comparison": ["GEO"]}
FULL = dict.fromkeys(range(1996, 2000), 60)


def test_years_whose_flows_are_a_part_of_all_imports_are_left_out_and_said(tmp_path):
    """A share of what some partners sold is no share of what the state bought."""
    low = FULL | {1997: 91, 1999: 150}
    made = make("cow-trade", cow_of(tmp_path, {"ARM": FULL, "RUS": low, "GEO": FULL}), THREE)
    for name in TABLES_OF["cow-trade"]:
        years = made.tables[name].groupby("reporter")["year"].unique().map(set)
        assert years["RUS"] == {1996, 1998} and years["ARM"] == years["GEO"] == set(FULL)
    assert any("two thirds" in one and "RUS 1997, 1999 (40% to 66%)" in one for one in made.said)


def test_a_tenth_more_or_less_and_years_without_a_total_are_kept(tmp_path):
    near = {1996: 55, 1997: 66, 1998: 89, 1999: -9}
    made = make("cow-trade", cow_of(tmp_path, {"ARM": FULL, "RUS": near, "GEO": FULL}), THREE)
    totals = made.tables["trade/totals_by_year"]
    ours = totals[(totals["reporter"] == "RUS") & (totals["flow"] == "imports")]
    assert ours.set_index("year")["total"].to_dict() == dict.fromkeys(range(1996, 2000), 60)
    assert any("on trust" in one and "RUS 1999" in one for one in made.said)
    assert not any("two thirds" in one for one in made.said)


def test_a_file_of_some_reporters_is_refused_for_a_pair_and_not_for_one_beside_it(tmp_path):
    part = dict.fromkeys(FULL, 150)
    files = cow_of(tmp_path, {"ARM": FULL, "RUS": FULL, "GEO": part})
    made = make("cow-trade", files, THREE)
    assert set(made.tables["trade/flows_by_year"]["reporter"]) == {"ARM", "RUS"}
    assert any("GEO 1996 to 1999 (40%)" in one for one in made.said)
    files = cow_of(tmp_path, {"ARM": FULL, "RUS": part, "GEO": part})
    with pytest.raises(DataProblem, match="dyads.csv.*states.csv: GEO 1996 to 1999.*RUS 1996 to"):
        make("cow-trade", files, THREE)


def test_the_largest_partners_of_the_pair_are_there_whoever_they_are(tmp_path):
    """Brazil and Japan are on nobody's list; of what the pair trades they have the most."""
    rows = [f"371,{number},1996,{value},0,0,0" for number, value in ((140, 9), (740, 8), (820, 1))]
    rows += [f"371,{number},1996,5,0,0,0" for number in (630, 710, 750, 640)]
    rows += ["371,365,1996,7,0,0,0", "372,780,1996,99,0,0,0"]
    files = [
        saved(tmp_path, "\n".join([DYADS_HEADER, *rows]) + "\n", "dyads.csv"),
        saved(tmp_path, "\n".join([STATES_HEADER, "371,1996,44,9", "372,1996,99,9\n"]), "states.csv"),
    ]
    made = make("cow-trade", files, STUDY | {"comparison": ["GEO"]})
    partners = set(made.tables["trade/flows_by_year"].query("reporter == 'ARM'")["partner"])
    assert {"BRA", "JPN", "RUS"} <= partners and "MYS" not in partners
    beside = made.tables["trade/flows_by_year"].query("reporter == 'GEO'")["partner"]
    assert "LKA" not in set(beside), "only the pair's own largest are added"


def test_a_state_of_the_study_without_any_flow_is_refused(cow):
    with pytest.raises(DataProblem, match="no flow to BLR, TJK"):
        make("cow-trade", cow, STUDY | {"comparison": ["BLR", "TJK"]})


# Workbooks of any producer


def test_a_sheets_cells_are_given_as_they_stand(tmp_path):
    rows = [["a", 1, None], [None, 2.5, datetime(2020, 5, 1)]]
    sheets = read_sheets(workbook(tmp_path, {"one": rows, "two": [["x"]]}))
    assert list(sheets) == ["one", "two"]
    assert sheets["one"].iloc[0, :2].tolist() == ["a", 1]
    assert sheets["one"].isna().values.tolist() == [[False, False, True], [True, False, False]]
    assert sheets["one"].iat[1, 2] == datetime(2020, 5, 1)


def zipped(folder, *members, name="archive.zip"):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, member in enumerate(members):
            archive.write(member, f"{place}-{member.name}")
    return folder / name


@pytest.mark.parametrize("kind", BOOKS)
def test_one_workbook_in_an_archive_is_opened_and_two_are_not(tmp_path, kind):
    read, build = BOOKS[kind]
    book = build(tmp_path)
    plain = read(book)
    pd.testing.assert_frame_equal(read(zipped(tmp_path, book)), plain)
    packed = saved(tmp_path, gzip.compress(book.read_bytes()), "book.xlsx.gz")
    pd.testing.assert_frame_equal(read(packed), plain)
    with pytest.raises(DataProblem, match="archive.zip: the archive holds 0-.*, 1-.*xlsx; expected one"):
        read(zipped(tmp_path, book, book))
    with pytest.raises(DataProblem, match="archive.zip: the archive holds 0-file.csv; expected one"):
        read(zipped(tmp_path, saved(tmp_path, GDP)))


@pytest.mark.parametrize("kind", BOOKS)
def test_what_is_no_workbook_is_refused(tmp_path, kind):
    read, build = BOOKS[kind]
    whole = build(tmp_path).read_bytes()
    for content, said in (
        (PAGE, "this is no workbook"),
        (GDP, "this is no workbook"),
        ("", "this is no workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "damaged or cut short"),
        (whole[:-40], "damaged or cut short"),
        (whole[: len(whole) // 2], "damaged or cut short"),
    ):
        with pytest.raises(DataProblem, match=f"file.xlsx.*{said}"):
            read(saved(tmp_path, content, "file.xlsx"))
    with pytest.raises(DataProblem, match="this is a directory"):
        read(tmp_path)


@pytest.fixture(scope="module")
def whole_books(tmp_path_factory):
    """The bytes of each producer's workbook, plain and in an archive."""
    folder = tmp_path_factory.mktemp("books")
    books = {kind: build(folder) for kind, (_, build) in BOOKS.items()}
    plain = {(kind, False): book.read_bytes() for kind, book in books.items()}
    return plain | {(kind, True): zipped(folder, books[kind]).read_bytes() for kind in books}


@pytest.mark.parametrize("kind", BOOKS)
@pytest.mark.parametrize("archived", [False, True])
@given(data=st.data())
@settings(max_examples=40)
def test_a_damaged_workbook_is_read_or_refused_in_words(
    tmp_path_factory, whole_books, kind, archived, data
):
    raw = bytearray(whole_books[kind, archived])
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(1, len(raw)) | st.just(len(raw)))]
    path = saved(tmp_path_factory.mktemp("damaged"), bytes(raw), "spoilt.xlsx")
    try:
        table = BOOKS[kind][0](path)
    except DataProblem as problem:
        assert "spoilt.xlsx" in str(problem)
    else:
        assert (table["value"] >= 0).all()


# IMF


def test_a_report_is_read_for_states_and_the_world_and_doubled_rows_once(tmp_path):
    table = read_reports(russia(tmp_path))
    assert set(table["reporter"]) == {"RUS"}
    assert set(table["partner"]) == {"ARM", "WLD", "KGZ"}
    assert cell(table, partner="ARM", year=2021, flow="exports") == 2
    assert cell(table, partner="ARM", year=2021, flow="imports") == 1.5
    assert table.query("partner == 'KGZ'")["year"].tolist() == [2020, 2022], "empty is no zero"


def test_a_last_year_that_only_one_flow_has_is_left_out(tmp_path):
    assert read_reports(russia(tmp_path))["year"].max() == 2022


def test_an_estimate_is_told_from_a_report_and_the_world_from_both(tmp_path):
    made = make("imf-dots", [russia(tmp_path), world(tmp_path)])
    table = made.tables["trade/mirror_flows"]
    status = table.groupby(["reporter", "year"])["status"].unique().map(list).to_dict()
    assert status == {
        ("RUS", 2020): [REPORTED],
        ("RUS", 2021): [REPORTED],
        ("RUS", 2022): [ESTIMATED],
    } | {("WLD", year): [AGGREGATE] for year in (2020, 2021, 2022)}
    assert (REPORTED, ESTIMATED) == ("reported", "estimated by the IMF")
    assert set(table["partner"]) == {"ARM", "WLD"}, "states of the study and the world only"
    assert made.covers == {"trade/mirror_flows": (2020, 2022)}


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (report("Russian Federation", "exports", EXPORTS, unit="Euros, Millions"), "Euros, Mill"),
        (report("Russian Federation", "exports", EXPORTS, unit=None), "'nan' in B5"),
        (report("Ruritania", "exports", EXPORTS), "'Ruritania' in B4"),
        (report("Russian Federation", "Trade Balance", EXPORTS), "'Trade Balance' in B2"),
        (report("Russian Federation", "imports", IMPORTS, ("2020", "2020", "2021")), "row 7"),
        (report("Russian Federation", "imports", IMPORTS, ("2020", "2020M1", "2021")), "row 7"),
        ([["Exports"]], "found 1 rows; expected a report"),
    ],
)
def test_a_sheet_of_another_form_or_unit_is_refused(tmp_path, sheet, said):
    with pytest.raises(DataProblem, match=f"book.xlsx, sheet data.*{said}"):
        read_reports(workbook(tmp_path, {"data": sheet}))


@pytest.mark.parametrize("amount", [-1, "...", "-", datetime(2020, 1, 1), "1e400"])
def test_a_value_that_is_no_amount_is_refused_with_its_partner_and_year(tmp_path, amount):
    rows = (("World", 1, 2, 3, 4), ("Armenia, Rep. of", 1, amount, 3, 4))
    with pytest.raises(DataProblem, match="russia.xlsx, sheet Exports, FOB: found ARM 2021"):
        read_reports(russia(tmp_path, rows))


def test_two_different_values_of_one_flow_are_refused(tmp_path):
    rows = (("Armenia, Rep. of", 1, 2, 3, 4), ("Armenia", 1, 2, 5, 4))
    with pytest.raises(DataProblem, match="two values of one flow: ARM 2022"):
        read_reports(russia(tmp_path, rows))


def test_a_workbook_of_two_reporters_is_refused(tmp_path):
    sheets = {
        "Exports, FOB": report("Russian Federation", "exports", IMPORTS),
        "Imports, CIF": report("World", "imports", IMPORTS),
    }
    with pytest.raises(DataProblem, match="book.xlsx: .*RUS and WLD"):
        read_reports(workbook(tmp_path, sheets))


def test_a_report_without_any_value_is_refused(tmp_path):
    empty = report("Russian Federation", "exports", [("World", None, None, None)])
    with pytest.raises(DataProblem, match="book.xlsx"):
        read_reports(workbook(tmp_path, {"Exports, FOB": empty}))


def test_the_imf_needs_the_report_of_one_of_the_pair_and_of_the_world(tmp_path):
    one, whole = russia(tmp_path), world(tmp_path)
    sheets = {SHEET_NAMES[flow]: report("France", flow, IMPORTS) for flow in SHEET_NAMES}
    other = workbook(tmp_path, sheets, "fr.xlsx")
    half = workbook(tmp_path, {"Exports, FOB": sheets["Exports, FOB"]}, "half.xlsx")
    for paths, said in (
        ([one], "found 1 files; expected two"),
        ([one, whole, whole], "found 3 files; expected two"),
        ([one, one], "found reports of RUS and RUS"),
        ([whole, whole], "found reports of WLD and WLD"),
        ([other, whole], "found reports of FRA and WLD"),
        ([half, whole], "half.xlsx: found no value of imports in the sheets Exports, FOB"),
    ):
        with pytest.raises(DataProblem, match=said):
            make("imf-dots", paths)
    forth, back = (
        make("imf-dots", paths).tables["trade/mirror_flows"].sort_values(["reporter", "partner"])
        for paths in ([one, whole], [whole, one])
    )
    assert forth.values.tolist() == back.values.tolist()


# Central Bank of Armenia


def test_transfers_are_read_by_month_direction_and_kind_in_millions(tmp_path):
    table = read_transfers(bank(tmp_path))
    one = {"partner": "RUS", "year": 2013, "month": 2}
    assert cell(table, **one, direction="inflow", kind="total") == 0.2
    assert cell(table, **one, direction="inflow", kind="non-commercial") == 0.09
    assert cell(table, **one, direction="outflow", kind="total") == 0.05
    assert cell(table, **one, direction="outflow", kind="non-commercial") == 0.035
    assert set(table["partner"]) == {"RUS", "KOR", "Others", "WLD"}
    assert len(table) == 4 * 2 * 4


def test_a_year_stands_over_all_its_months_until_the_next(tmp_path):
    rows = transfers(BANK_ROWS, ("December", "January"))
    rows[2] = [rows[2][0], 2013, *[None] * 5, 2014]
    table = read_transfers(workbook(tmp_path, {"monthly in USD": rows}))
    when = table[["year", "month"]].drop_duplicates().values.tolist()
    assert when == [[2013, 12], [2014, 1]]


def test_a_month_without_figures_has_no_row(tmp_path):
    rows = [[*row[:7], *[None] * 6] for row in BANK_ROWS]
    table = read_transfers(bank(tmp_path, rows))
    assert set(table["month"]) == {1}
    made = make("cba-transfers", [bank(tmp_path, rows)])
    assert made.edition == "months to 2013-01"


def test_only_single_countries_of_interest_and_the_total_are_shipped(tmp_path):
    table = make("cba-transfers", [bank(tmp_path)]).tables["trade/money_transfers"]
    assert set(table["partner"]) == {"RUS", "WLD"}
    assert set(table["reporter"]) == {"ARM"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"months": ("January", "January")}, "a month stands there twice"),
        ({"unit": "(mln AMD)"}, r"expected one cell '\(thousand USD\)'"),
        ({"months": ("January", "Febuary")}, r"found the headings \['Febuary'\]"),
        ({"months": ("January", "Annual")}, r"found the headings \['Annual'\]"),
        ({"year": None}, "expected a year"),
        ({"sheet": "annual in USD"}, "found the sheets annual in USD, methodology; expected"),
    ],
)
def test_another_layout_of_the_bank_is_refused(tmp_path, options, said):
    with pytest.raises(DataProblem, match=f"book.xlsx.*{said}"):
        read_transfers(bank(tmp_path, **options))


def test_a_direction_in_other_words_is_refused_and_not_dropped(tmp_path):
    rows = transfers(BANK_ROWS)
    rows[4] = [None if name is None else name.replace("Outflow", "Sent") for name in rows[4]]
    with pytest.raises(DataProblem, match="Sent"):
        read_transfers(workbook(tmp_path, {"monthly in USD": rows}))


def test_unknown_doubled_and_missing_names_of_the_bank_are_refused(tmp_path):
    strange = [["Atlantis", *row[1:]] if row[0] == "Korea" else row for row in BANK_ROWS]
    strange = [["Ruritania", *row[1:]] if row[0] == "Others" else row for row in strange]
    with pytest.raises(DataProblem, match=r"\['Atlantis', 'Ruritania'\] are unknown"):
        read_transfers(bank(tmp_path, strange))
    with pytest.raises(DataProblem, match=r"\['Korea'\] are unknown or stand there twice"):
        read_transfers(bank(tmp_path, [*BANK_ROWS, BANK_ROWS[1]]))
    with pytest.raises(DataProblem, match="the row 'Total' is missing"):
        read_transfers(bank(tmp_path, BANK_ROWS[:-1]))


@pytest.mark.parametrize("amount", [-1, "...", datetime(2020, 1, 1), "1e400"])
def test_a_transfer_that_is_no_amount_is_refused_with_its_place(tmp_path, amount):
    rows = [["Korea", 1, amount, *row[3:]] if row[0] == "Korea" else row for row in BANK_ROWS]
    with pytest.raises(DataProblem, match=r"found KOR, \(2013, 1, 'outflow', 'total'\)"):
        read_transfers(bank(tmp_path, rows))


def test_the_bank_needs_one_file_and_a_study_of_armenia(tmp_path):
    path = bank(tmp_path)
    with pytest.raises(DataProblem, match="found 2 files; expected one"):
        make("cba-transfers", [path, path])
    with pytest.raises(DataProblem, match="the study has no Armenia"):
        make("cba-transfers", [path], STUDY | {"focal": "BLR"})


# GDP


def test_gdp_is_read_in_millions_and_shipped_for_the_study_from_its_first_year(tmp_path):
    path = saved(tmp_path, GDP)
    assert read_gdp(path)["gdp"].tolist()[:2] == [2000, 1272.83545378]
    made = make("wdi-gdp", [path])
    table = made.tables["limiting_factors/gdp"]
    assert table.values.tolist() == [
        ["ARM", 1992, 1272.835, "wdi-gdp"],
        ["GEO", 1992, 3690.0, "wdi-gdp"],
        ["RUS", 1993, 435083.714, "wdi-gdp"],
    ]
    assert "Without GDP: KAZ." in made.said


@pytest.mark.parametrize("row", [GDP_ROWS[1], "Armenia,ARM,1992.0,5"])
def test_a_state_with_two_rows_in_a_year_is_refused(tmp_path, row):
    with pytest.raises(DataProblem, match="rows 8: .*one row a state and year"):
        read_gdp(saved(tmp_path, GDP + row + "\n"))


@pytest.mark.parametrize("value", ["", "0", "..", "NaN"])
def test_gdp_that_is_no_amount_is_refused(tmp_path, value):
    with pytest.raises(DataProblem, match="rows 5: expected an amount above zero"):
        read_gdp(saved(tmp_path, changed(GDP, 5, 3, value)))


def test_gdp_needs_one_file(tmp_path):
    path = saved(tmp_path, GDP)
    with pytest.raises(DataProblem, match="found 2 files; expected one"):
        make("wdi-gdp", [path, path])


# The shipped tables


def shipped(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv")


@pytest.fixture(scope="module")
def remade():
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    schemas = {one["name"]: one["schema"] for one in package["resources"]}
    tables = {source: make(source, OF_SOURCE[source], package["study"]) for source in OF_SOURCE}
    return schemas, tables


@needs_shared
@pytest.mark.parametrize(
    ("source", "name"), [(source, name) for source in TABLES_OF for name in TABLES_OF[source]]
)
def test_the_shipped_rows_are_made_again_to_the_byte(remade, source, name):
    schemas, tables = remade
    columns = [field["name"] for field in schemas[name]["fields"]]
    lines = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    ours = "".join(line for line in lines if line.rstrip().endswith(f",{source}"))
    made = tables[source].tables[name].sort_values(schemas[name]["primaryKey"])
    assert made[columns].to_csv(index=False, header=False, lineterminator="\n") == ours


@needs_shared
def test_every_source_makes_the_tables_that_it_names_and_covers_them(remade):
    for source, made in remade[1].items():
        assert list(all_sources()[source].tables) == TABLES_OF[source]
        assert set(made.tables) == set(made.covers) == set(TABLES_OF[source])


def test_armenias_totals_of_2024_are_those_that_armstat_published():
    """13,092 and 17,067 million dollars, as the release of February 2025 has them."""
    totals = shipped("trade/totals_by_year").query("source == 'armstat' and year == 2024")
    totals = totals.set_index("flow")["total"].round()
    assert totals["exports"] == 13092
    assert totals["imports by origin"] == totals["imports by consignment"] == 17067


def test_two_producers_agree_on_what_armenia_imported_from_the_union_and_from_russia():
    """Armstat by origin and the Correlates of War's figures come from the same customs returns."""
    table = shipped("trade/flows_by_year").query("reporter == 'ARM' and 2008 <= year <= 2014")
    for partner, most in (("EU", 0.01), ("RUS", 0.09), ("WLD", 0.02)):
        own = table[table["partner"] == partner].set_index(["flow", "year"])["value"]
        apart = (own["imports"] / own["imports by origin"] - 1).abs()
        assert len(apart) == 7
        assert apart.max() < most


def test_the_tables_hold_no_year_that_the_rules_leave_out():
    yearly = shipped("trade/flows_by_year").query("source == 'cow-trade'")
    present = set(zip(yearly["reporter"], yearly["year"], strict=True))
    assert ("ARM", 1992) not in present and ("KAZ", 1993) not in present
    assert {("ARM", 1993), ("KAZ", 1994)} <= present
    assert set(shipped("trade/mirror_flows")["year"]) == set(range(2011, 2023))


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


UNION_IN_ENGLISH = (
    *("Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czech Rep.", "Denmark", "Estonia"),
    *("Finland", "France", "Germany", "Greece", "Hungary", "Ireland", "Italy", "Latvia"),
    *("Lithuania", "Luxembourg", "Malta", "Netherlands", "Poland", "Portugal", "Romania"),
    *("Slovakia", "Slovenia", "Spain", "Sweden", "EU countries not specified"),
)


@needs_shared
def test_armenias_trade_by_the_csv_module_alone():
    columns = {"exports": "export", "imports by origin": "import_origin"}
    columns["imports by consignment"] = "import_consignment"
    sums = {}
    for row in rows_of(OF_SOURCE["armstat"][0]):
        groups = ["WLD"]
        groups += ["EU"] * (row["country"] in UNION_IN_ENGLISH)
        groups += ["RUS"] * (row["country"] == "Russian Federation")
        groups += ["IRN"] * (row["country"] in ("Iran", "Islamic Republic of Iran"))
        for flow, column in columns.items():
            for partner in groups:
                key = (partner, int(row["year"]), flow)
                sums[key] = sums.get(key, 0) + float(row[column]) / 1000
    table = shipped("trade/flows_by_year").query("source == 'armstat'")
    table = table[table["partner"].isin(["WLD", "EU", "RUS", "IRN"])]
    found = table.set_index(["partner", "year", "flow"])["value"].to_dict()
    assert found == pytest.approx(sums, abs=1e-5)


@needs_shared
def test_armenia_and_russia_in_the_correlates_of_war_by_the_csv_module_alone():
    expected = {}
    for row in rows_of(OF_SOURCE["cow-trade"][0]):
        if (row["ccode1"], row["ccode2"]) == ("371", "365") and int(row["year"]) > 1992:
            expected["imports", int(row["year"])] = float(row["flow1"])
            expected["exports", int(row["year"])] = float(row["flow2"])
    table = shipped("trade/flows_by_year").query("source == 'cow-trade' and partner == 'RUS'")
    ours = table[table["reporter"] == "ARM"].set_index(["flow", "year"])["value"].to_dict()
    assert len(expected) == 2 * 22
    assert ours == pytest.approx(expected, abs=1e-6)


@needs_shared
def test_the_banks_workbook_is_the_long_table_that_others_made_of_it():
    names = {"Russian Federation": "RUS", "USA": "USA", "Total": "WLD", "Others": "Others"}
    whole = read_transfers(OF_SOURCE["cba-transfers"][0])
    tidy = rows_of(FILES / "cba_transfers_by_country_monthly_2013-2024.csv.gz")
    tidy = [row for row in tidy if row["direction"] in ("Inflow", "Outflow")]
    expected = sorted(
        (int(row["year"]), int(row["month"]), row["direction"].lower(), row["type"])
        + (round(float(row["K_USD"]) / 1000, 6),)
        for row in tidy
        if row["K_USD"] not in ("", "NA")
    )
    columns = ["year", "month", "direction", "kind", "value"]
    found = whole.round({"value": 6})[columns].itertuples(index=False, name=None)
    assert sorted(found) == expected
    named = {
        (names[row["country"]], int(row["year"]), int(row["month"]), row["direction"], row["type"])
        + (round(float(row["K_USD"]) / 1000, 6),)
        for row in tidy
        if row["country"] in names
    }
    ours = whole[whole["partner"].isin(names.values())].round({"value": 6})
    ours["direction"] = ours["direction"].str.capitalize()
    assert set(ours[["partner", *columns]].itertuples(index=False, name=None)) == named


@needs_shared
@pytest.mark.parametrize("source", ["armstat", "wdi-gdp"])
@given(data=st.data())
@settings(max_examples=25)
def test_a_real_file_mangled_or_cut_is_read_or_refused_in_words(tmp_path_factory, source, data):
    read = {"armstat": read_trade, "wdi-gdp": read_gdp}[source]
    lines = gzip.decompress(OF_SOURCE[source][0].read_bytes()).decode("utf-8-sig").splitlines()
    rows = list(csv.reader([lines[0], *lines[-200:]]))
    for place in data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3)):
        rows[place][data.draw(st.integers(0, len(rows[0]) - 1))] = data.draw(
            st.sampled_from(["", "0", "-9", "x", "1e400", '"', "1,1", "0.5", "\u0661", "NaN"])
        )
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    text = written.getvalue()
    text = text[: data.draw(st.integers(1, len(text)) | st.just(len(text)))]
    try:
        table = read(saved(tmp_path_factory.mktemp("mangled"), text))
    except DataProblem as problem:
        assert "file.csv" in str(problem)
    else:
        amounts = table["value" if "value" in table else "gdp"]
        assert amounts.between(0, 1e9).all()
        assert len(table) <= 200 * 3
