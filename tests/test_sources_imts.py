"""The IMF's trade by partner since 2025: three layouts, what is refused, and what gives way to it."""

import csv
import io
import json
import shutil

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, files_of, saved, small_study

from alliances import trade
from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.imf_imts import read_imts
from alliances.sources.importing import import_source
from alliances.study import Study, check_folder

TABLE = "trade/mirror_flows"
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["KAZ"],
}
NAMES = {
    "ARM": "Armenia, Republic of",
    "RUS": "Russian Federation",
    "KAZ": "Kazakhstan, Republic of",
    "CHN": "China, People's Republic of",
    "TUR": "Türkiye, Republic of",
    "G001": "World",
    "G163": "Euro Area (EA)",
}
INDICATORS = {
    "XG_FOB_USD": "Exports of goods, Free on board (FOB), US dollar",
    "MG_CIF_USD": "Imports of goods, Cost insurance freight (CIF), US dollar",
    "MG_FOB_USD": "Imports of goods, Free on board (FOB), US dollar",
    "TBG_USD": "Trade balance goods, US dollar",
}
YEARS = (2020, 2021, 2022)
X, M = "XG_FOB_USD", "MG_CIF_USD"
# Millions of dollars by reporter, indicator and partner; an empty cell is a year not reported.
SERIES = {
    ("RUS", X, "ARM"): (1676.5, 1912.25, 2400.0),
    ("RUS", M, "ARM"): (667.0, 819.5, 2000.0),
    ("RUS", X, "KAZ"): (14051.0, "", 17000.0),
    ("RUS", X, "G001"): (337104.0, 492314.0, 580000.0),
    ("RUS", M, "G001"): (231668.0, 293420.0, 276000.0),
    ("G001", X, "ARM"): (4500.0, 5300.5, 8700.0),
    ("G001", M, "ARM"): (2500.0, 3000.0, 5300.0),
    ("G001", X, "G001"): (17500000.0, 22200000.0, 24700000.0),
    ("G001", M, "G001"): (17800000.0, 22500000.0, 25500000.0),
    ("RUS", X, "G163"): (90000.0, 120000.0, 150000.0),
}
FLOWS = {X: "exports", M: "imports"}


def written(header, rows, quoted):
    out = io.StringIO()
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator="\n", quoting=style)
    writer.writerows([header, *rows])
    return out.getvalue()


def wide(series=SERIES, names=True, codes=False, quoted=True, frequency="Annual"):
    """The Data Explorer's csv with time in columns: every year, and two quarters and months of each."""
    spans = [f"{y}{end}" for y in YEARS for end in ("", "-Q1", "-Q2", "-M01", "-M02")]
    parts = ("COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY", "SCALE")
    header = ["DATASET", "SERIES_CODE", "OBS_MEASURE"]
    header += [name for part in parts for name in [part] * names + [f"{part}.ID"] * codes]
    rows = []
    for (reporter, indicator, partner), values in series.items():
        told = (
            (NAMES[reporter], reporter),
            (INDICATORS[indicator], indicator),
            (NAMES[partner], partner),
            (frequency, frequency[0]),
            ("Millions", 6),
        )
        row = [
            "IMF.STA:IMTS(1.0.0)",
            f"{reporter}.{indicator}.{partner}.{frequency[0]}",
            "OBS_VALUE",
        ]
        row += [cell for name, code in told for cell in [name] * names + [code] * codes]
        rows.append(row + [cell for value in values for cell in (value, *[""] * 4)])
    return written([*header, *spans], rows, quoted)


def long(series=SERIES, quoted=True):
    """The Data Explorer's csv with an observation per row, codes alone, as few columns as it has."""
    header = ["COUNTRY.ID", "INDICATOR.ID", "COUNTERPART_COUNTRY.ID", "TIME_PERIOD", "OBS_VALUE"]
    rows = [[*key, year, v] for key, values in series.items() for year, v in zip(YEARS, values)]
    return written(header, rows, quoted)


def interface(series=SERIES, status=""):
    """The csv of the interface: dollars, although SCALE says 6."""
    header = "DATAFLOW,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,TIME_PERIOD,OBS_VALUE,SCALE,STATUS"
    rows = [
        ["IMF.STA:IMTS(1.0.0)", *key, "A", year, v if v == "" else v * 1e6, 6, status]
        for key, values in series.items()
        for year, v in zip(YEARS, values)
    ]
    return written(header.split(","), rows, False)


LAYOUTS = {
    "wide, names": wide(),
    "wide, codes": wide(names=False, codes=True),
    "wide, both": wide(codes=True, quoted=False),
    "long": long(),
    "interface": interface(),
}


def make(paths, study=STUDY):
    return all_sources()["imf-imts"].make(paths, study)


def value(table, **wanted):
    for column, cell in wanted.items():
        table = table[table[column] == cell]
    assert len(table) == 1, f"{wanted}: {len(table)} rows"
    return table["value"].item()


def expected():
    codes = {"G001": "WLD"}
    return {
        (codes.get(r, r), codes.get(p, p), year, FLOWS[i]): v
        for (r, i, p), values in SERIES.items()
        for year, v in zip(YEARS, values)
        if v != "" and p != "G163"
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_millions(tmp_path, layout):
    table, _ = read_imts(saved(tmp_path, LAYOUTS[layout]))
    key = ["reporter", "partner", "year", "flow"]
    assert table.set_index(key)["value"].to_dict() == pytest.approx(expected())


def test_names_alone_are_read_where_the_file_has_no_codes(tmp_path):
    plain, _ = read_imts(saved(tmp_path, wide()))
    frame = pd.read_csv(io.StringIO(wide()), dtype="str", keep_default_na=False)
    text = frame.drop(columns="SERIES_CODE").to_csv(index=False)
    pd.testing.assert_frame_equal(read_imts(saved(tmp_path, text))[0], plain)


def test_quarters_months_and_other_indicators_are_left_out_and_said(tmp_path):
    other = SERIES | {
        ("RUS", "MG_FOB_USD", "ARM"): (600.0, 700.0, 800.0),
        ("RUS", "TBG_USD", "ARM"): (-5.0, 6.0, -7.0),
    }
    plain, _ = read_imts(saved(tmp_path, wide()))
    text = wide(other).replace('"1676.5","","","",""', '"1676.5","400","419","130",""')
    table, said = read_imts(saved(tmp_path, text))
    pd.testing.assert_frame_equal(table, plain)
    assert any("left out 3 figures of quarters and months" in one for one in said)
    assert any("left out other indicators: MG_FOB_USD, TBG_USD" in one for one in said)
    with pytest.raises(DataProblem, match="no yearly figure of exports"):
        read_imts(saved(tmp_path, wide(frequency="Monthly")))


def test_a_table_of_the_pair_and_the_world_is_made_with_what_is_known_of_each_figure(tmp_path):
    made = make([saved(tmp_path, wide())])
    table = made.tables[TABLE]
    assert set(table["reporter"]) == {"RUS", "WLD"}
    assert set(table["partner"]) == {"ARM", "KAZ", "WLD"}
    assert "Without any figure as partner: RUS." in made.said
    status = table.groupby(["reporter", "year"])["status"].unique().map(list).to_dict()
    assert status[("RUS", 2021)] == ["reported"]
    assert status[("RUS", 2022)] == ["estimated by the IMF"]
    assert status[("WLD", 2021)] == ["aggregate of reports and estimates"]
    kazakhstan = table[table["partner"] == "KAZ"]
    assert kazakhstan["year"].tolist() == [2020, 2022], "empty is no zero"
    assert made.covers == {TABLE: (2020, 2022)}


def test_a_status_of_the_row_tells_an_estimate(tmp_path):
    made = make([saved(tmp_path, interface(status="E"))])
    table = made.tables[TABLE]
    assert set(table.loc[table["reporter"] == "RUS", "status"]) == {"estimated by the IMF"}


def test_a_last_year_with_one_flow_is_left_out(tmp_path):
    half = {k: v[:2] + ("",) if k[1] == M and k[0] == "RUS" else v for k, v in SERIES.items()}
    made = make([saved(tmp_path, wide(half))])
    table = made.tables[TABLE]
    assert table.loc[table["reporter"] == "RUS", "year"].max() == 2021
    assert any("last years with one flow only" in one for one in made.said)


def test_another_pair_is_read_as_well(tmp_path):
    turn = {"RUS": "TUR", "ARM": "CHN"}
    series = {(turn.get(r, r), i, turn.get(p, p)): v for (r, i, p), v in SERIES.items()}
    pair = {"focal": "CHN", "ally": "TUR", "first_year": 2021, "last_year": 2025}
    table = make([saved(tmp_path, wide(series))], pair).tables[TABLE]
    assert value(table, reporter="TUR", partner="CHN", year=2021, flow="exports") == 1912.25
    assert set(table["year"]) == {2021, 2022}
    assert set(table["status"]) == {"reported", "aggregate of reports and estimates"}


def test_one_file_an_indicator_is_read_and_one_twice_is_refused(tmp_path):
    whole = make([saved(tmp_path, interface())]).tables[TABLE]
    parts = [
        saved(tmp_path, interface({k: v for k, v in SERIES.items() if k[1] == i}), f"{i}.csv")
        for i in (X, M)
    ]
    key = ["reporter", "partner", "year", "flow"]
    together = make(parts).tables[TABLE].sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(together, whole.sort_values(key, ignore_index=True))
    with pytest.raises(DataProblem, match="hold the same flows"):
        make([*parts, parts[0]])
    with pytest.raises(DataProblem, match="lacking: RUS imports, WLD imports"):
        make(parts[:1])


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ({k: v for k, v in SERIES.items() if k[0] != "G001"}, "lacking: WLD exports, WLD imports"),
        ({k: v for k, v in SERIES.items() if k[0] == "G001"}, "lacking: ARM or RUS"),
        (
            {("CHN" if r == "RUS" else r, i, p): v for (r, i, p), v in SERIES.items()},
            "found reports of CHN, WLD; lacking: ARM or RUS",
        ),
    ],
)
def test_a_file_without_the_pair_or_the_world_is_refused(tmp_path, series, said):
    with pytest.raises(DataProblem, match=f"file.csv.*{said}"):
        make([saved(tmp_path, wide(series))])


def test_figures_in_another_unit_are_refused(tmp_path):
    """The interface gives dollars and the Data Explorer millions; the world's trade tells which."""
    dollars = {k: tuple(v and v * 1e6 for v in values) for k, values in SERIES.items()}
    millionths = {k: tuple(v and v / 1e6 for v in values) for k, values in SERIES.items()}
    for text in (long(dollars), wide(dollars), interface(millionths)):
        with pytest.raises(DataProblem, match="file.csv: .* in another unit"):
            read_imts(saved(tmp_path, text))
    with pytest.raises(DataProblem, match="column SCALE: found 'Billions'; expected Millions"):
        read_imts(saved(tmp_path, wide().replace("Millions", "Billions")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (wide().replace("IMF.STA:IMTS", "IMF.STA:DIP"), "'IMF.STA:DIP.*another data set"),
        (wide().replace('.A"', '.XDC.A"'), "column SERIES_CODE: .*another data set"),
        (long().replace("COUNTERPART_COUNTRY", "SECTOR"), "expected the IMF's IMTS as csv"),
        (long().replace("OBS_VALUE", "VALUE"), "expected the IMF's IMTS as csv"),
        (long().replace("TIME_PERIOD", "OBS_VALUE"), "expected the IMF's IMTS as csv"),
        (long().replace("2020", "first"), "column TIME_PERIOD: found 'first'"),
        (long().replace("1676.5", "1676,5"), "rows 2, column OBS_VALUE: found '1676,5'"),
        (wide().replace("1676.5", "-1"), "rows 2, column 2020: found '-1'"),
        (long().replace("ARM", "911"), "lacking: RUS with ARM"),
        (long().replace(",", ";"), "semicolons between the columns"),
        (long() + '"RUS","XG_FOB_USD","ARM","2020","9"\n', "two figures for one flow: RUS exports"),
        (long().splitlines()[0] + "\n", "no row follows|the file is cut"),
        ("\n" + long(), "expected the IMF's IMTS"),
        ("<!DOCTYPE html>\n<html>503</html>", "found a web page"),
        (b"PK\x03\x04" + long().encode(), "the archive or workbook is damaged"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, content, said):
    with pytest.raises(DataProblem, match=f"(?s)file.csv.*({said})"):
        make([saved(tmp_path, content)])


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
@settings(max_examples=50)
def test_a_file_cut_anywhere_is_refused_or_gives_a_part_of_the_whole(
    tmp_path_factory, layout, data
):
    text = LAYOUTS[layout]
    place = data.draw(st.integers(0, len(text) - 1))
    folder = tmp_path_factory.mktemp("cut")
    whole, _ = read_imts(saved(folder, text, "whole.csv"))
    try:
        part, said = read_imts(saved(folder, text[:place], "part.csv"))
    except DataProblem as problem:
        assert "part.csv" in str(problem)
        return
    rows = set(part.itertuples(index=False, name=None))
    assert rows <= set(whole.itertuples(index=False, name=None))
    lines = len(text[:place].splitlines()) - 1
    assert said[0] == f"part.csv: {lines} rows read."


CELLS = ["", "0", "-9", "x", "1e400", '"', ";", "1,1", "0.5", "\u0661", "NaN", "G001", "A"]


@given(data=st.data(), layout=st.sampled_from(sorted(LAYOUTS)))
@settings(max_examples=40)
def test_a_mangled_file_is_read_or_refused_and_then_leaves_the_study_alone(
    tmp_path_factory, layout, data
):
    rows = list(csv.reader(io.StringIO(LAYOUTS[layout])))
    for place in data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3)):
        column = data.draw(st.integers(0, len(rows[0]) - 1))
        rows[place][column] = data.draw(st.sampled_from(CELLS))
    folder = tmp_path_factory.mktemp("mangled")
    study = small_study(folder / "study", TABLE)
    before = files_of(study)
    try:
        import_source("imf-imts", [saved(folder, written(rows[0], rows[1:], False))], study)
    except DataProblem:
        assert files_of(study) == before
    else:
        check_folder(study)


def test_it_takes_the_place_of_the_older_workbooks_in_the_shipped_study(tmp_path):
    study = shutil.copytree(ROOT / "data", tmp_path / "data")
    said = import_source("imf-imts", [saved(tmp_path, wide())], study, "2026-02-12")
    check_folder(study)
    assert f"{TABLE}: they take the place of all rows from imf-dots." in said
    changes = next(one for one in said if one.startswith(f"{TABLE}: 2"))
    assert " gone (RUS ARM 2011 exports;" in changes
    table = pd.read_csv(study / f"{TABLE}.csv")
    assert set(table["source"]) == {"imf-imts"}
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(one for one in package["resources"] if one["name"] == TABLE)
    assert [source["key"] for source in resource["sources"]] == ["imf-imts"]
    assert resource["coverage"] == {"first_year": 2020, "last_year": 2022}
    mirror = Study(study).table(TABLE)
    shares = trade.shares_from_mirror(mirror, "RUS", "ARM")
    exports = shares[(shares["flow"] == "exports") & (shares["year"] == 2021)]
    assert exports["share"].item() == pytest.approx(1912.25 / 492314.0)


def test_the_same_file_again_changes_nothing(tmp_path):
    study = small_study(tmp_path / "study", TABLE)
    path = saved(tmp_path, wide())
    import_source("imf-imts", [path], study)
    before = files_of(study)
    import_source("imf-imts", [path], study)
    assert files_of(study) == before


def test_a_row_of_a_source_that_does_not_give_way_is_refused(tmp_path):
    """The table has one row a flow; whose it is must be decided by who holds the study."""
    study = small_study(tmp_path / "study", TABLE)
    text = (study / f"{TABLE}.csv").read_text(encoding="utf-8")
    (study / f"{TABLE}.csv").write_text(text.replace("imf-dots", "by-hand"), encoding="utf-8")
    before = files_of(study)
    with pytest.raises(DataProblem) as caught:
        import_source("imf-imts", [saved(tmp_path, wide())], study)
    said = str(caught.value)
    assert said.startswith(f"{TABLE}: the study has from by-hand already what the new files hold")
    assert "(RUS ARM 2020 exports;" in said and f"out of {TABLE}.csv first" in said
    assert files_of(study) == before
