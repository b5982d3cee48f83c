"""GDP from the World Bank, in the layouts that it hands out: alike when whole, refused when cut."""

import csv
import io
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import files_of, saved, small_study

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.gdp import read_gdp
from alliances.sources.importing import import_source
from alliances.study import check_folder

TABLE = "limiting_factors/gdp"
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["KAZ"],
}
YEARS = (1991, 1992, 1993, 2024, 2025)
# US dollars; nothing was published for 2025, and of Armenia nothing for 1993.
GDP = {
    ("Armenia", "ARM"): ("2000000000", "1272835453.78", "", "25786727489.4", ""),
    ("Russian Federation", "RUS"): ("", "460290556900.9", "435083713850.9", "2173835806671.7", ""),
    ("Türkiye", "TUR"): ("150027833333.3", "158459130434.8", "180169736363.6", "1e12", ""),
    ("World", "WLD"): ("", "25000000000000", "25900000000000", "111000000000000", ""),
    ("Egypt, Arab Rep.", "EGY"): ("", "41855986519.4", "", "", ""),
}
NAME = "GDP (current US$)"


def indicator(code="NY.GDP.MKTP.CD", gdp=GDP):
    """The indicator's csv: four lines, every cell in quotes, a comma at the end of each row."""
    head = '"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-07-01",\n\n'
    rows = [("Country Name", "Country Code", "Indicator Name", "Indicator Code", *YEARS)]
    rows += [(*state, NAME, code, *values) for state, values in gdp.items()]
    return head + "".join(",".join(f'"{cell}"' for cell in row) + ",\n" for row in rows)


def databank(code="NY.GDP.MKTP.CD", gdp=GDP, more=()):
    """The DataBank's csv: two dots for missing, three empty lines and two notes at the end."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [f"{year} [YR{year}]" for year in YEARS]
    writer.writerow(["Country Name", "Country Code", "Series Name", "Series Code", *columns])
    for state, values in gdp.items():
        writer.writerow([*state, NAME, code, *(value or ".." for value in values)])
    writer.writerows(more)
    writer.writerows([[""] * 9] * 3)
    writer.writerow(["Data from database: World Development Indicators", *[""] * 8])
    writer.writerow(["Last Updated: 07/01/2025", *[""] * 8])
    return out.getvalue()


def long(gdp=GDP):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Country Name", "Country Code", "Year", "Value"])
    for state, values in gdp.items():
        writer.writerows([*state, year, v] for year, v in zip(YEARS, values) if v)
    return out.getvalue()


LAYOUTS = {"indicator": indicator, "databank": databank, "long": long}
BESIDE = {
    "indicator": ("API_NY.GDP.MKTP.CD_DS2_en_csv_v2_38.csv", "Metadata_Indicator_API.csv"),
    "databank": ("P_Data_Extract_From_WDI/0a_Data.csv", "P_Data_Extract_From_WDI/0a_Series - Metadata.csv"),
}  # fmt: skip


def zipped(folder, members, name="download.zip"):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return folder / name


def make(paths, study=STUDY):
    return all_sources()["wdi-gdp"].make(paths, study)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_millions(tmp_path, layout):
    table = read_gdp(saved(tmp_path, LAYOUTS[layout]()))
    found = {(row.state, row.year): row.gdp for row in table.itertuples()}
    assert found == pytest.approx(
        {
            (code, year): float(value) / 1e6
            for (_, code), values in GDP.items()
            for year, value in zip(YEARS, values)
            if value
        }
    )
    for content in ("\ufeff" + LAYOUTS[layout](), LAYOUTS[layout]().replace("\n", "\r\n")):
        pd.testing.assert_frame_equal(read_gdp(saved(tmp_path, content)), table)


@pytest.mark.parametrize("layout", BESIDE)
def test_the_zip_is_read_with_the_descriptions_beside_the_table(tmp_path, layout):
    plain = read_gdp(saved(tmp_path, LAYOUTS[layout]()))
    data, metadata = BESIDE[layout]
    members = {metadata: "Code,License\n", "__MACOSX/._x.csv": "x", data: LAYOUTS[layout]()}
    pd.testing.assert_frame_equal(read_gdp(zipped(tmp_path, members)), plain)
    with pytest.raises(DataProblem, match="download.zip: the archive holds .*; expected one file"):
        read_gdp(zipped(tmp_path, {data: LAYOUTS[layout](), "other.csv": "x"}))
    with pytest.raises(DataProblem, match="download.zip, row 1: found x; the columns"):
        read_gdp(zipped(tmp_path, {metadata: "x"}))
    with pytest.raises(DataProblem, match="download.zip: the archive holds a.csv, b.csv; expected"):
        read_gdp(zipped(tmp_path, {"a.csv": "x", "b.csv": "y"}))
    raw = zipped(tmp_path, members).read_bytes()
    with pytest.raises(DataProblem, match="cut.zip: the archive or workbook is damaged or cut short"):
        read_gdp(saved(tmp_path, raw[:-30], "cut.zip"))
    page = {data: "<!DOCTYPE html><html></html>"}
    with pytest.raises(DataProblem, match="download.zip: found a web page"):
        read_gdp(zipped(tmp_path, page))


@pytest.mark.parametrize(
    ("layout", "edition"),
    [
        ("indicator", "years to 2024, updated 2025-07-01"),
        ("databank", "years to 2024, updated 07/01/2025"),
        ("long", "years to 2024"),
    ],
)
def test_the_edition_is_the_banks_own_date_where_the_file_has_it(tmp_path, layout, edition):
    made = make([saved(tmp_path, LAYOUTS[layout]())])
    assert made.edition == edition
    assert made.covers == {TABLE: (1992, 2024)}
    table = made.tables[TABLE]
    assert set(table["state"]) == {"ARM", "RUS"} and table["year"].min() == 1992
    assert "Without GDP: KAZ." in made.said


@pytest.mark.parametrize("layout", ["indicator", "databank"])
def test_another_indicator_is_refused_and_another_series_left_out(tmp_path, layout):
    text = LAYOUTS[layout]("NY.GDP.MKTP.KD")
    with pytest.raises(DataProblem, match="indicator NY.GDP.MKTP.KD; expected NY.GDP.MKTP.CD"):
        read_gdp(saved(tmp_path, text))
    plain = read_gdp(saved(tmp_path, databank()))
    more = [["Armenia", "ARM", "Population", "SP.POP.TOTL", "1", "2", "3", "4", ".."]]
    pd.testing.assert_frame_equal(read_gdp(saved(tmp_path, databank(more=more))), plain)


@pytest.mark.parametrize("layout", ["indicator", "databank"])
@pytest.mark.parametrize("amount", ["x", "-1", "0", "1e400", "1272835453,78", "1.272.835", "n/a"])
def test_an_amount_that_is_none_is_refused_with_its_row(tmp_path, layout, amount):
    rows = {
        state: tuple(v.replace("1272835453.78", amount) for v in vs) for state, vs in GDP.items()
    }
    line = {"indicator": 6, "databank": 2}[layout]
    with pytest.raises(DataProblem, match=f"rows {line}: expected an amount above zero"):
        read_gdp(saved(tmp_path, LAYOUTS[layout](gdp=rows)))


@pytest.mark.parametrize("layout", ["indicator", "databank"])
def test_a_state_that_stands_there_twice_is_refused(tmp_path, layout):
    doubled = GDP | {("Armenia again", "ARM"): GDP["Armenia", "ARM"]}
    with pytest.raises(DataProblem, match="rows [0-9]+: .*one row a state and year"):
        read_gdp(saved(tmp_path, LAYOUTS[layout](gdp=doubled)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (indicator().replace('"Country Code",', ""), "are missing; expected GDP in current US"),
        ("Time,Time Code,Armenia [ARM]\n1992,YR1992,1\n", "with states and series in rows"),
        (indicator().replace(",", ";"), "semicolons between the columns"),
        (databank().replace(",", ";"), "semicolons between the columns"),
        (databank().split("Data from")[0], "the last lines, .*, are missing, so the file is cut"),
        (databank().replace("07/01/2025", "07/01/20"), "so the file is cut"),
        (indicator(gdp={}), "no row follows"),
        (
            "Country Name,Country Code,Indicator Code,1992\nArmenia,ARM,NY.GDP.MKTP.CD,12",
            "the last line has no end",
        ),
        ("<html>503</html>", "found a web page"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, content, said):
    with pytest.raises(DataProblem, match=f"(?s)file.csv.*{said}"):
        read_gdp(saved(tmp_path, content))


def test_a_file_without_the_studys_states_is_refused(tmp_path):
    others = {state: values for state, values in GDP.items() if state[1] in ("TUR", "WLD")}
    with pytest.raises(DataProblem, match="found no GDP of ARM, RUS, KAZ since 1992"):
        make([saved(tmp_path, indicator(gdp=others))])


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
@settings(max_examples=60)
def test_a_file_cut_anywhere_is_refused_or_gives_a_part_of_the_whole(
    tmp_path_factory, layout, data
):
    text = LAYOUTS[layout]()
    place = data.draw(st.integers(0, len(text) - 1))
    folder = tmp_path_factory.mktemp("cut")
    whole = read_gdp(saved(folder, text, "whole.csv"))
    try:
        part = read_gdp(saved(folder, text[:place], "part.csv"))
    except DataProblem as problem:
        assert "part.csv" in str(problem)
        return
    rows, all_rows = (set(table.itertuples(index=False, name=None)) for table in (part, whole))
    assert rows <= all_rows or layout == "long" and len(rows - all_rows) == 1
    if layout == "databank":
        assert rows == all_rows


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_long_file_without_an_end_is_read_and_its_last_figure_named(tmp_path, lost):
    text = long({key: GDP[key] for key in (("Armenia", "ARM"),)})
    said = make([saved(tmp_path, text)]).said
    assert not any("no end" in one for one in said)
    cut = text[: len(text) - lost - 1]
    said = make([saved(tmp_path, cut)]).said
    figure = "25786727489.4"[: 13 - lost]
    assert any(one.endswith(f"whole: ARM 2024, {figure} dollars.") for one in said)


CELLS = ["", "0", "-9", "x", "1e400", '"', ";", "1,1", "0.5", "\u0661", "NaN", "..", "ARM", "1992"]


@given(data=st.data(), layout=st.sampled_from(sorted(LAYOUTS)))
@settings(max_examples=40)
def test_a_mangled_file_is_read_or_refused_and_then_leaves_the_study_alone(
    tmp_path_factory, layout, data
):
    rows = list(csv.reader(io.StringIO(LAYOUTS[layout]())))
    for place in data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3)):
        if rows[place]:
            column = data.draw(st.integers(0, len(rows[place]) - 1))
            rows[place][column] = data.draw(st.sampled_from(CELLS))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    folder = tmp_path_factory.mktemp("mangled")
    study = small_study(folder / "study", TABLE)
    before = files_of(study)
    try:
        import_source("wdi-gdp", [saved(folder, out.getvalue())], study)
    except DataProblem:
        assert files_of(study) == before
    else:
        check_folder(study)


def test_the_zip_into_a_study(tmp_path):
    study = small_study(tmp_path / "study", TABLE)
    data, metadata = BESIDE["indicator"]
    path = zipped(tmp_path, {data: indicator(), metadata: "x"})
    said = import_source("wdi-gdp", [path], study, "2026-02-12")
    check_folder(study)
    assert any(one.startswith(f"{TABLE}: 5 rows from this source, 2 added") for one in said)
    table = pd.read_csv(study / f"{TABLE}.csv")
    assert table.values.tolist()[0] == ["ARM", 1992, 1272.835, "wdi-gdp"]
