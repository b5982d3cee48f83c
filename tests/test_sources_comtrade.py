"""UN Comtrade: what is read, what is refused, and what an import of it makes of a study."""

import csv
import io
import json
import shutil
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, files_of, saved, small_study
from test_sources_trade import ARMSTAT

from alliances import trade
from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.comtrade import read_totals
from alliances.sources.importing import import_source
from alliances.study import Study, check_folder

HEADER = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,"
    "classificationCode,classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,"
    "isLeaf,customsCode,customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,"
    "isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,"
    "grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,"
    "isAggregate"
).split(",")
AREAS = {
    0: ("W00", "World"),
    51: ("ARM", "Armenia"),
    156: ("CHN", "China"),
    251: ("FRA", "France"),
    276: ("DEU", "Germany"),
    398: ("KAZ", "Kazakhstan"),
    410: ("KOR", "Rep. of Korea"),
    490: ("S19", "Other Asia, nes"),
    643: ("RUS", "Russian Federation"),
    792: ("TUR", "Türkiye"),
    842: ("USA", "USA"),
    899: ("_X ", "Areas, nes"),
}
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["KAZ"],
}
# Of a year: imports and exports of Kazakhstan with all partners, in dollars; the World is their sum.
PARTNERS = {643: 40e6, 251: 3e6, 276: 5e6, 792: 7e6, 490: 2e6, 899: 1.5e6}


def row(reporter, partner, year, flow, value, **other):
    """One row in the producer's columns, of a total unless `other` says otherwise."""
    cells = dict.fromkeys(HEADER, "")
    cells |= {"typeCode": "C", "freqCode": "A", "refPeriodId": f"{year}0101", "refMonth": 52}
    cells |= {"refYear": year, "period": year, "flowCode": flow, "cmdCode": "TOTAL"}
    for name, number in (("reporter", reporter), ("partner", partner), ("partner2", 0)):
        iso, words = AREAS.get(number, ("", ""))
        cells |= {f"{name}Code": number, f"{name}ISO": iso, f"{name}Desc": words}
    cells |= {"customsCode": "C00", "customsDesc": "TOTAL CPC", "motCode": 0, "mosCode": 0}
    cells |= {"flowDesc": {"M": "Import", "X": "Export"}.get(flow, flow), "qty": -1}
    cells |= {"primaryValue": value, "cifvalue" if flow == "M" else "fobvalue": value}
    cells |= {"classificationCode": "H6", "isReported": "false", "isAggregate": "true"}
    return cells | other


def all_partners(reporter, year, flow, values=PARTNERS, **other):
    whole = {0: sum(values.values())} | values
    return [row(reporter, partner, year, flow, value, **other) for partner, value in whole.items()]


def text_of(rows, comma=True, header=HEADER):
    """A download of these rows: of the portal with a comma at the end of each, or of the interface."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([str(one[name]) for name in header] + [""] * comma for one in rows)
    return out.getvalue()


KAZAKHSTAN = [
    *all_partners(398, 2021, "X"),
    *all_partners(398, 2021, "M"),
    *all_partners(398, 2022, "M", {643: 50e6, 156: 10e6}),
]
TEXT = text_of(KAZAKHSTAN)


def make(paths, study=STUDY):
    return all_sources()["un-comtrade"].make(paths, study)


def value(table, **wanted):
    for column, cell in wanted.items():
        table = table[table[column] == cell]
    assert len(table) == 1, f"{wanted}: {len(table)} rows"
    return table["value" if "value" in table else "total"].item()


def test_dollars_are_read_as_millions_by_reporter_partner_and_flow(tmp_path):
    table, said = read_totals(saved(tmp_path, TEXT))
    assert len(table) == 7 + 7 + 3
    one = {"reporter": "KAZ", "partner": "RUS", "year": 2021}
    assert value(table, **one, flow="exports") == 40.0
    assert value(table, **one, flow="imports by origin") == 40.0
    assert set(table["partner"]) == {
        *("WLD", "RUS", "FRA", "DEU", "TUR", "CHN"),
        *("Other Asia, nes", "Areas, nes"),
    }
    assert any("17 rows read" in one for one in said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("comma", [True, False])
def test_the_comma_too_many_and_the_encoding_change_nothing(tmp_path, comma, encoding):
    plain, _ = read_totals(saved(tmp_path, TEXT))
    text = text_of(KAZAKHSTAN, comma)
    table, said = read_totals(saved(tmp_path, text, "other.csv", encoding))
    pd.testing.assert_frame_equal(table, plain)
    assert any("a comma too many" in one for one in said) == comma


def test_the_interfaces_csv_needs_no_codes_and_names_beside_the_numbers(tmp_path):
    bare = [
        one
        | {f"{area}{what}": "" for area, what in product(("reporter", "partner"), ("ISO", "Desc"))}
        for one in KAZAKHSTAN
    ]
    plain, _ = read_totals(saved(tmp_path, TEXT))
    pd.testing.assert_frame_equal(read_totals(saved(tmp_path, text_of(bare, False)))[0], plain)


def test_a_file_saved_anew_by_a_program_that_lost_the_first_column_is_refused(tmp_path):
    """pandas takes the first column for an index where rows are longer than the header."""
    frame = pd.read_csv(io.StringIO(TEXT))
    assert frame["typeCode"].iloc[0] == "A", "the columns are shifted"
    with pytest.raises(DataProblem, match=r"file.csv.*'A'; expected C or S.*shifted by one"):
        read_totals(saved(tmp_path, frame.to_csv(index=False)))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"flowCode": "RX"}, "re-exports"),
        ({"flowCode": "RM"}, "re-imports"),
        ({"motCode": 2100}, "transport"),
        ({"customsCode": "C04"}, "customs procedure"),
        ({"partner2Code": 643}, "second partner"),
        ({"cmdCode": "27"}, "single goods"),
        ({"freqCode": "M", "period": "202101"}, "months"),
        ({"typeCode": "S"}, "services"),
    ],
)
def test_parts_and_other_kinds_are_left_out_and_said(tmp_path, other, said):
    plain, _ = read_totals(saved(tmp_path, TEXT))
    parts = all_partners(398, 2021, "X", {643: 1e6, 276: 3e6}, **other)
    table, sentences = read_totals(saved(tmp_path, text_of([*parts, *KAZAKHSTAN])))
    pd.testing.assert_frame_equal(table, plain)
    assert any(f"3 rows of {said}" in one or said in one for one in sentences)
    with pytest.raises(DataProblem, match=f"column {next(iter(other))}: found only"):
        read_totals(saved(tmp_path, text_of(parts)))


def test_a_group_of_states_is_no_partner(tmp_path):
    plain, _ = read_totals(saved(tmp_path, TEXT))
    union = row(398, 97, 2021, "X", 8e6, partnerISO="EUR", partnerDesc="European Union")
    table, said = read_totals(saved(tmp_path, text_of([union, *KAZAKHSTAN])))
    pd.testing.assert_frame_equal(table, plain)
    assert any("1 rows of groups of states" in one for one in said)


def test_an_empty_figure_is_missing_and_a_zero_is_a_zero(tmp_path):
    rows = [row(398, 643, 2021, "X", ""), row(398, 156, 2021, "X", 0)]
    table, _ = read_totals(saved(tmp_path, text_of(rows)))
    assert pd.isna(value(table, partner="RUS"))
    assert value(table, partner="CHN") == 0
    made = make([saved(tmp_path, text_of(rows))])
    assert made.tables["trade/flows_by_year"]["partner"].tolist() == ["CHN"]
    assert any("no zero: 1 flows" in one for one in made.said)


def test_imports_without_freight_are_said(tmp_path):
    rows = [row(842, 643, 2021, "M", 5e6, cifvalue="", fobvalue=5e6), row(398, 643, 2021, "M", 1)]
    made = make([saved(tmp_path, text_of(rows))], STUDY | {"comparison": ["USA", "KAZ"]})
    assert "Imports f.o.b. and not c.i.f.: USA." in made.said


# What an import makes


def test_all_partners_give_totals_the_union_and_the_world(tmp_path):
    made = make([saved(tmp_path, TEXT)])
    flows, totals = made.tables["trade/flows_by_year"], made.tables["trade/totals_by_year"]
    exports = flows[(flows["year"] == 2021) & (flows["flow"] == "exports")]
    assert exports.set_index("partner")["value"].to_dict() == {
        "RUS": 40.0,
        "TUR": 7.0,
        "EU": 8.0,
        "WLD": 58.5,
    }
    row = totals[(totals["year"] == 2021) & (totals["flow"] == "exports")].iloc[0]
    assert row["total"] == 58.5
    assert row["partners"] == len(["RUS", "FRA", "DEU", "TUR", "Other Asia"])
    assert row["sum_of_squares"] == 40**2 + 3**2 + 5**2 + 7**2 + 2**2
    assert (row["largest_partner"], row["largest"]) == ("RUS", 40.0)
    assert made.edition == "years to 2022"
    assert made.covers == dict.fromkeys(made.tables, (2021, 2022))


@pytest.mark.parametrize(
    "rows",
    [
        [row(398, 643, 2021, "X", 40e6), row(398, 0, 2021, "X", 58.5e6)],
        [one for one in KAZAKHSTAN if one["partnerCode"] != 0],
        [one for one in KAZAKHSTAN if one["partnerCode"] != 792],
    ],
)
def test_without_all_partners_there_are_no_totals_and_it_is_said(tmp_path, rows):
    made = make([saved(tmp_path, text_of(rows))])
    totals = made.tables["trade/totals_by_year"]
    complete = {(r.year, r.flow) for r in totals.itertuples()}
    assert (2021, "exports") not in complete
    flows = made.tables["trade/flows_by_year"]
    assert value(flows, partner="RUS", year=2021, flow="exports") == 40.0
    assert "EU" not in set(flows.loc[flows["year"] == 2021, "partner"])
    assert any("Without totals" in one and "KAZ exports 2021" in one for one in made.said)


def test_partners_that_add_up_to_more_than_the_world_are_refused(tmp_path):
    rows = [*all_partners(398, 2021, "X"), row(398, 156, 2021, "X", 9e6)]
    with pytest.raises(DataProblem, match=r"more than the World's figure.*KAZ exports 2021: 67.5"):
        make([saved(tmp_path, text_of(rows))])


def test_a_pair_is_shown_whoever_it_is(tmp_path):
    """Neither the United States nor Korea is among the partners that every study shows as such."""
    rows = [*all_partners(842, 2021, "X", {410: 6e6}), *all_partners(410, 2021, "M", {842: 7e6})]
    pair = {"focal": "KOR", "ally": "USA", "first_year": 1992, "last_year": 2025}
    made = make([saved(tmp_path, text_of(rows))], pair)
    flows = made.tables["trade/flows_by_year"]
    assert value(flows, reporter="USA", partner="KOR") == 6.0
    assert value(flows, reporter="KOR", partner="USA") == 7.0
    assert any(one.startswith("Both of the pair report") for one in made.said)


def test_files_by_year_are_read_together_and_one_twice_is_refused(tmp_path):
    first = saved(tmp_path, text_of(all_partners(398, 2021, "X")), "2021.csv")
    second = saved(tmp_path, text_of(all_partners(398, 2022, "X")), "2022.csv")
    made = make([first, second])
    assert set(made.tables["trade/totals_by_year"]["year"]) == {2021, 2022}
    for paths in ([first, first], [first, saved(tmp_path, first.read_bytes(), "again.csv")]):
        with pytest.raises(DataProblem, match="2021.csv and .* hold the same flows: KAZ exports"):
            make(paths)


def test_reports_of_other_states_are_left_out_or_refused(tmp_path):
    korea = all_partners(410, 2021, "X")
    made = make([saved(tmp_path, text_of([*korea, *KAZAKHSTAN]))])
    assert set(made.tables["trade/flows_by_year"]["reporter"]) == {"KAZ"}
    assert any("reports of other states: KOR" in one for one in made.said)
    assert any("Without any report: ARM, RUS" in one for one in made.said)
    with pytest.raises(
        DataProblem, match="found reports of KOR .*; expected some of ARM, RUS, KAZ"
    ):
        make([saved(tmp_path, text_of(korea))])
    with pytest.raises(DataProblem, match="since 1992"):
        make([saved(tmp_path, text_of(all_partners(398, 1991, "X")))])


# What is refused


def test_one_figure_twice_is_read_once_and_two_are_refused(tmp_path):
    plain, _ = read_totals(saved(tmp_path, TEXT))
    again = text_of([*KAZAKHSTAN, KAZAKHSTAN[1]])
    pd.testing.assert_frame_equal(read_totals(saved(tmp_path, again))[0], plain)
    other = text_of([*KAZAKHSTAN, KAZAKHSTAN[1] | {"primaryValue": 41e6}])
    with pytest.raises(DataProblem, match="two figures for one flow: KAZ exports RUS 2021"):
        read_totals(saved(tmp_path, other))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"partnerCode": 365}, "'365' beside 'RUS'"),
        ({"partnerCode": 365, "partnerISO": "", "partnerDesc": ""}, "'365' beside ''"),
        ({"partnerCode": "RUS"}, "'RUS' beside 'RUS'"),
        ({"partnerCode": 51}, "'51' beside 'RUS'"),
        ({"partnerCode": 51, "partnerISO": ""}, "'51' beside '' and 'Russian Federation'"),
        ({"reporterCode": 705}, "'705' beside 'KAZ'"),
    ],
)
def test_numbers_of_another_system_are_refused(tmp_path, cells, said):
    with pytest.raises(DataProblem, match=f"row 3: {said}"):
        read_totals(saved(tmp_path, text_of([KAZAKHSTAN[0], KAZAKHSTAN[1] | cells])))


@pytest.mark.parametrize("amount", ["x", "-1", "1e400", "1.000,5", "1 000", "inf", "n/a"])
def test_an_amount_that_is_none_is_refused_with_its_row(tmp_path, amount):
    text = text_of([KAZAKHSTAN[0], KAZAKHSTAN[1] | {"primaryValue": amount}])
    with pytest.raises(DataProblem, match="rows 3, column primaryValue: found"):
        read_totals(saved(tmp_path, text))


@pytest.mark.parametrize("year", ["", "20210101", "2021.5", "last"])
def test_a_year_that_is_none_is_refused_with_its_row(tmp_path, year):
    text = text_of([KAZAKHSTAN[0], KAZAKHSTAN[1] | {"period": year}])
    with pytest.raises(DataProblem, match="rows 3, column period"):
        read_totals(saved(tmp_path, text))


OLD = "Classification,Year,Period,Trade Flow Code,Reporter Code,Partner Code,Trade Value (US$)\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLD + "H6,2021,2021,1,398,643,40\n", "columns typeCode, .* are missing; .*older layout"),
        (TEXT.replace("primaryValue", "value"), "columns primaryValue are missing"),
        (TEXT.replace("isReported", "period"), "columns period stand there twice"),
        (TEXT.replace(",", ";"), "row 1: found semicolons between the columns; expected commas"),
        (text_of([]), "no row follows the header"),
        ("\n" + TEXT, "are missing"),
        ("<!DOCTYPE html>\n<html>503</html>", "found a web page"),
        ("", "the file is empty"),
        (b"PK\x03\x04" + TEXT.encode(), "the archive or workbook is damaged"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, content, said):
    with pytest.raises(DataProblem, match=f"(?s)file.csv.*{said}"):
        read_totals(saved(tmp_path, content))


def test_a_number_at_the_end_of_a_file_must_be_whole(tmp_path):
    last = [*(name for name in HEADER if name != "primaryValue"), "primaryValue"]
    text = text_of(KAZAKHSTAN, False, last)
    read_totals(saved(tmp_path, text))
    with pytest.raises(DataProblem, match="the last line has no end"):
        read_totals(saved(tmp_path, text.rstrip("\n")))


# Cut and mangled


@given(place=st.integers(0, len(TEXT) - 1), comma=st.booleans())
@settings(max_examples=80)
def test_a_file_cut_anywhere_is_refused_or_gives_a_part_that_is_said(
    tmp_path_factory, place, comma
):
    folder = tmp_path_factory.mktemp("cut")
    text = text_of(KAZAKHSTAN, comma)
    whole = make([saved(folder, text, "whole.csv")])
    try:
        part = make([saved(folder, text[:place], "part.csv")])
    except DataProblem as problem:
        assert "part.csv" in str(problem) or "World's figure" in str(problem)
        return
    for name, table in part.tables.items():
        rows = set(table.itertuples(index=False, name=None))
        assert rows <= set(whole.tables[name].itertuples(index=False, name=None))
    read = text[:place].count("\n") - text[:place].endswith("\n")
    assert any(one.startswith(f"part.csv: {read} rows read") for one in part.said)
    flows = part.tables["trade/flows_by_year"][["year", "flow"]].drop_duplicates()
    assert any("Without totals" in one for one in part.said) == (
        len(flows) > len(part.tables["trade/totals_by_year"])
    )


CELLS = ["", "0", "-9", "x", "1e400", '"', ";", "1,1", "0.5", "\u0661", "NaN", "None", "C", "251"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return small_study(folder, "trade/flows_by_year", "trade/totals_by_year")


@given(data=st.data())
@settings(max_examples=25)
def test_a_mangled_file_is_read_or_refused_and_then_leaves_the_study_alone(
    small, tmp_path_factory, data
):
    rows = list(csv.reader(io.StringIO(TEXT)))
    for place in data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3)):
        column = data.draw(st.integers(0, len(HEADER) - 1))
        rows[place][column] = data.draw(st.sampled_from(CELLS))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    text = out.getvalue()[: data.draw(st.integers(1, len(out.getvalue())) | st.just(None))]
    folder = tmp_path_factory.mktemp("mangled")
    study = folder / "study"
    shutil.copytree(small, study)
    before = files_of(study)
    try:
        import_source("un-comtrade", [saved(folder, text)], study)
    except DataProblem:
        assert files_of(study) == before
    else:
        check_folder(study)
        flows = pd.read_csv(study / "trade" / "flows_by_year.csv")
        assert flows["value"].between(0, 1e9).all()


# Into a study


def test_the_round_trip_through_the_shipped_study(tmp_path):
    """A reporter's year goes in, the study stays sound, and the share is what the file says."""
    study = shutil.copytree(ROOT / "data", tmp_path / "data")
    lines = {
        name: (study / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        for name in ("trade/flows_by_year", "trade/totals_by_year")
    }
    path = saved(tmp_path, TEXT, "TradeData.csv")
    said = import_source("un-comtrade", [path], study, "2026-02-12")
    check_folder(study)
    assert any(
        one.startswith("trade/totals_by_year: 3 rows from this source, 3 added") for one in said
    )
    for name, old in lines.items():
        new = (study / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert [line for line in new if not line.endswith(",un-comtrade")] == old
    opened = Study(study)
    flows, totals = opened.table("trade/flows_by_year"), opened.table("trade/totals_by_year")
    shares = trade.shares_by_year(flows, totals, "KAZ", ["RUS"], "origin", 2021, 2022)
    found = shares[shares["year"] == 2021].set_index("flow")["share"]
    assert found["exports"] == pytest.approx(40 / 58.5)
    assert found["turnover"] == pytest.approx(40 / 58.5)
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    entry = next(
        source
        for one in package["resources"]
        if one["name"] == "trade/totals_by_year"
        for source in one["sources"]
        if source["key"] == "un-comtrade"
    )
    assert entry["edition"] == "years to 2022" and entry["accessed"] == "2026-02-12"
    assert entry["coverage"] == {"first_year": 2021, "last_year": 2022}


def test_a_table_that_waits_for_totals_goes_on_waiting_where_the_file_gives_none(tmp_path):
    study = small_study(tmp_path / "study", "trade/flows_by_year", "trade/totals_by_year")
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    for one in package["resources"][1:]:
        path = study / one["path"]
        path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
        one["waiting_for"] = "an import"
    (study / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    parts = saved(tmp_path, text_of([row(398, 643, 2021, "X", 40e6), row(398, 0, 2021, "X", 58e6)]))
    import_source("un-comtrade", [parts], study)
    check_folder(study)
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    waiting = {one["name"] for one in package["resources"] if "waiting_for" in one}
    assert waiting == {"trade/totals_by_year"}
    import_source("un-comtrade", [saved(tmp_path, TEXT)], study)
    text = (study / "datapackage.json").read_text(encoding="utf-8")
    assert "waiting_for" not in text


def test_a_flow_that_another_office_has_is_refused(tmp_path):
    study = small_study(tmp_path / "study", "trade/flows_by_year", "trade/totals_by_year")
    before = files_of(study)
    armenia = saved(tmp_path, text_of(all_partners(51, 2021, "M")))
    with pytest.raises(DataProblem) as caught:
        import_source("un-comtrade", [armenia], study)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "trade/flows_by_year",
        "trade/totals_by_year",
    ]
    for line in lines:
        assert "from armstat already" in line and "(ARM imports by origin)" in line
        assert "Hand in files without it, or take those rows of armstat out of trade/" in line
    assert files_of(study) == before
    exports = saved(tmp_path, text_of(all_partners(51, 2021, "X")), "exports.csv")
    import_source("un-comtrade", [exports], study)
    check_folder(study)


def test_an_office_that_comes_after_is_refused_as_well(tmp_path):
    tables = ("trade/flows_by_month", "trade/flows_by_year", "trade/totals_by_year")
    study = small_study(tmp_path / "study", *tables)
    for name in tables[1:]:
        lines = (study / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.rstrip().endswith(",armstat")]
        (study / f"{name}.csv").write_text("".join(kept), encoding="utf-8")
    armenia = saved(tmp_path, text_of(all_partners(51, 2021, "M")))
    import_source("un-comtrade", [armenia], study)
    before = files_of(study)
    with pytest.raises(DataProblem, match="from un-comtrade already .*ARM imports by origin"):
        import_source("armstat", [saved(tmp_path, ARMSTAT, "armstat.csv")], study)
    assert files_of(study) == before


def test_a_later_import_takes_the_earlier_rows_away_and_says_so(tmp_path):
    study = small_study(tmp_path / "study", "trade/flows_by_year", "trade/totals_by_year")
    import_source("un-comtrade", [saved(tmp_path, TEXT)], study, "2026-02-12")
    before = files_of(study)
    said = import_source("un-comtrade", [saved(tmp_path, TEXT)], study)
    assert files_of(study) == before
    assert any("0 added, 0 revised, 0 gone" in one for one in said)
    revised = [
        one | {"primaryValue": 2 * one["primaryValue"]}
        for one in KAZAKHSTAN
        if one["period"] == 2021
    ]
    said = import_source("un-comtrade", [saved(tmp_path, text_of(revised))], study)
    changes = next(one for one in said if one.startswith("trade/totals_by_year"))
    assert "2 rows from this source, 0 added, 2 revised" in changes
    assert "1 gone (KAZ 2022 imports by origin un-comtrade)" in changes
