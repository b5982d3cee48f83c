"""Files as the producers hand them out today: workbooks, archives, tables of many columns."""

import zipfile

import pandas as pd
import pytest
from openpyxl import Workbook
from support import saved

from alliances.problems import DataProblem
from alliances.sources import all_sources, atop, opening
from alliances.sources.cells import read_cells
from alliances.sources.freedom_house import read_ratings
from alliances.sources.geography import read_contiguity
from alliances.sources.migrants import read_migrants
from alliances.sources.opening import read_sheets, read_text
from alliances.sources.remarks import gathered

PAIR = {"focal": "ARM", "ally": "RUS", "comparison": [], "first_year": 1992, "last_year": 2025}


def book(folder, sheets, name="book.xlsx"):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, lines in sheets.items():
        sheet = workbook.create_sheet(title)
        for line in lines:
            sheet.append(line)
    path = folder / name
    workbook.save(path)
    return path


def packed(folder, files, name="packed.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return path


def remarks_on(read, *arguments):
    with gathered() as said:
        found = read(*arguments)
    return found, " ".join(said)


# United Nations, International Migrant Stock


HEADINGS = [
    "Index",
    "Region, development group, country or area of destination",
    "Notes of destination",
    "Location code of destination",
    "Type of data of destination",
    "Region, development group, country or area of origin",
    "Location code of origin",
]


def stocks(
    folder, rows, years=(1990, 2020, 2024), title="International migrant stock (both sexes)"
):
    above = [["United Nations"], ["Population Division"], [], ["Table 1"]] + [[]] * 5
    above.append([None] * 7 + [title, *[None] * (len(years) - 1), "males", None, None, "females"])
    lines = [*above, [*HEADINGS, *years, *years, *years]]
    for number, (there, there_code, origin, code, *people) in enumerate(rows, start=1):
        both = list(people)
        lines.append([number, there, None, there_code, "B", origin, code, *both, *both, *both])
    return book(folder, {"Contents": [["Contents"]], "Table 1": lines, "Notes": [["a note"]]})


ROWS = [
    ("World", 900, "World", 900, 9, 9, 9),
    ("Russian Federation", 643, "World", 900, 9, 9, 9),
    ("Russian Federation", 643, "Armenia", 51, 535266, "..", 526997),
    ("Russian Federation", 643, "Others", 2003, 7, 7, 0),
    ("Armenia*", 51, "Russian Federation", 643, 62218, 19082, 19000),
    ("Armenia*", 51, "Channel Islands", 830, 0, 0, 2),
    ("EUROPE", 908, "Armenia", 51, 1, 1, 1),
]


def test_the_producers_workbook_of_migrants_gives_pairs_of_countries_of_both_sexes(tmp_path):
    found, said = remarks_on(read_migrants, stocks(tmp_path, ROWS))
    people = found.set_index(["origin", "destination", "year"])["people"].to_dict()
    assert people == {
        ("ARM", "RUS", 1990): 535266,
        ("ARM", "RUS", 2024): 526997,
        ("Others", "RUS", 1990): 7,
        ("Others", "RUS", 2020): 7,
        ("RUS", "ARM", 1990): 62218,
        ("RUS", "ARM", 2020): 19082,
        ("RUS", "ARM", 2024): 19000,
        ("Channel Islands", "ARM", 2024): 2,
    }
    assert "3 pairs and years with nobody were left out" in said


def test_the_workbook_and_a_csv_of_its_pairs_make_the_same_table(tmp_path):
    workbook = stocks(tmp_path, ROWS)
    lines = ["year,origin,destination,stock"]
    lines += [
        f"{row.year},{row.origin},{row.destination},{row.people}"
        for row in read_migrants(workbook).itertuples()
    ]
    make = all_sources()["undesa-migrants"].make
    made, again = (
        make([path], PAIR) for path in (workbook, saved(tmp_path, "\n".join(lines) + "\n"))
    )
    pd.testing.assert_frame_equal(made.tables["ties/migrants"], again.tables["ties/migrants"])
    assert made.edition == "revision of 2024"


@pytest.mark.parametrize(
    ("rows", "changes", "said"),
    [
        (ROWS, {"title": "International migrant stock (females)"}, "under 'both sexes'"),
        (ROWS, {"years": (2020, 1990, 2024)}, "years in their order"),
        ([*ROWS, ROWS[2]], {}, "two rows for one pair: ARM RUS 1990"),
        ([(*ROWS[2][:4], 1.5, 1, 1)], {}, "found 1.5"),
        ([(*ROWS[2][:4], "many", 1, 1)], {}, "found 'many'"),
        (ROWS[:1], {}, "no pair of countries"),
    ],
)
def test_a_workbook_of_migrants_that_says_something_else_is_refused(tmp_path, rows, changes, said):
    with pytest.raises(DataProblem) as refusal:
        read_migrants(stocks(tmp_path, rows, **changes))
    assert said in str(refusal.value) and "book.xlsx" in str(refusal.value)


def test_a_workbook_of_other_migrants_is_refused_with_what_is_known(tmp_path):
    for sheets, said in (
        ({"Table 1": [["Location code", 1990]]}, "Location code of destination"),
        ({"Data": [["year", "people"]]}, "columns origin, destination, stock are missing"),
    ):
        with pytest.raises(DataProblem, match=said):
            read_migrants(book(tmp_path, sheets))


# Freedom House


def statuses(folder, spans=("1972", "Jan.1981-Aug. 1982", "2024"), **cells):
    first = ["Survey Edition"] + [
        part for n in range(len(spans)) for part in (str(1973 + n), None, None)
    ]
    second = ["Year(s) Under Review"] + [part for span in spans for part in (span, None, None)]
    third = [None] + ["PR", "CL", "Status"] * len(spans)
    rows = {
        "Armenia": ["-", "-", "-", "-", "-", "-", 4, 4, "PF"],
        "Russia": ["-", "-", "-", "-", "-", "-", 7, 6, "NF"],
        "South Africa": ["2(5)", "3(6)", "F (NF)", 5, 6, "NF", 2, 2, "F"],
    } | cells
    country = [first, second, third, *([name, *row] for name, row in rows.items())]
    territory = [*country[:3], ["Abkhazia", *["-"] * 6, 5, 5, "PF"]]
    sheets = {"Index": [["Historical FIW"]], "Country Ratings, Statuses ": country}
    return book(folder, sheets | {"Territory Ratings, Statuses": territory})


def test_ratings_stand_under_the_year_reviewed_and_a_long_survey_under_its_last(tmp_path):
    found, said = remarks_on(read_ratings, statuses(tmp_path))
    ratings = found.set_index(["fh_country", "year"])
    assert ratings.loc[("Russia", "2024"), ["pr", "cl"]].tolist() == ["7", "6"]
    assert ratings.loc[("Armenia", "1972"), ["pr", "cl"]].tolist() == ["", ""]
    assert ratings.loc[("South Africa", "1982"), ["pr", "cl"]].tolist() == ["5", "6"]
    assert ratings.loc[("South Africa", "1972"), ["pr", "cl"]].tolist() == ["5", "6"]
    assert "1981" not in set(found["year"]) and "Abkhazia" not in set(found["fh_country"])
    assert "Jan.1981-Aug. 1982" in said


ALL = [
    ["Freedom in the World"],
    [
        "Country/Territory",
        "Region",
        "C/T",
        "Edition",
        "Status",
        "PR rating",
        "CL rating",
        "A",
        "PR",
    ],
    ["Armenia", "Eurasia", "c", 2025, "PF", 4, 4, 6, 20],
    ["Russia", "Eurasia", "c", 2025, "NF", 7, 6, 0, 4],
    ["Abkhazia", "Eurasia", "t", 2025, "PF", 5, 5, 6, 17],
]


def test_an_edition_is_about_the_year_before_it(tmp_path):
    found, said = remarks_on(read_ratings, book(tmp_path, {"Index": [["x"]], "FIW13-25": ALL}))
    assert found.values.tolist() == [["Armenia", "2024", "4", "4"], ["Russia", "2024", "7", "6"]]
    assert "an edition is about the year before it" in said


def test_both_workbooks_and_the_csv_make_the_same_ratings_of_a_year(tmp_path):
    make = all_sources()["freedom-house"].make
    csv = "fh_country,year,pr,cl\nArmenia,2024,4,4\nRussia,2024,7,6\n"
    paths = [
        statuses(tmp_path),
        book(tmp_path, {"FIW13-25": ALL}, "all.xlsx"),
        saved(tmp_path, csv),
    ]
    tables = [make([path], PAIR) for path in paths]
    for made in tables[1:]:
        one, other = (each.tables["limiting_factors/regimes"] for each in (made, tables[0]))
        pd.testing.assert_frame_equal(
            one.reset_index(drop=True), other.reset_index(drop=True), check_dtype=False
        )
    assert {made.edition for made in tables} == {"edition of 2025, years to 2024"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Armenia": ["-"] * 6 + [8, 4, "PF"]}, "row 4, Armenia 2024: found '8' and '4'"),
        ({"spans": ("1972", "1972", "2024")}, "each year once"),
        ({"spans": ("1972", "no year", "2024")}, "a year or span over each three"),
    ],
)
def test_a_workbook_of_ratings_that_cannot_be_is_refused(tmp_path, change, said):
    with pytest.raises(DataProblem) as refusal:
        read_ratings(statuses(tmp_path, **change))
    assert said in str(refusal.value)


def test_survey_editions_without_the_years_reviewed_are_no_years(tmp_path):
    lines = [
        ["Survey Edition", "2025", None, None],
        [None, "PR", "CL", "Status"],
        ["Armenia", 4, 4],
    ]
    with pytest.raises(DataProblem, match="Country_and_Territory_Ratings.*All_data_FIW"):
        read_ratings(book(tmp_path, {"Country Ratings, Statuses ": lines}))


# V-Dem

INDICES = ["v2x_polyarchy", "v2x_libdem"]
VDEM = ["country_name", "country_text_id", "country_id", "year", "COWcode", "v2x_regime"]
VDEM += [f"{name}{end}" for name in INDICES for end in ("", "_codelow", "_codehigh", "_sd")]


def vdem(last, padding=()):
    """Armenia and Russia in the producer's columns, with others beside them."""
    lines = [",".join([*VDEM[:4], *(f"v2filler{n}" for n in range(len(padding))), *VDEM[4:]])]
    for name, code, number in (("Armenia", "ARM", 371), ("Russia", "RUS", 365)):
        for year in (last - 1, last):
            values = [0.6, 0.5, 0.7, 0.05, 0.4, 0.3, 0.5, 0.05]
            lines.append(",".join(map(str, [name, code, 1, year, *padding, number, 2, *values])))
    return "\n".join(lines) + "\n"


def test_v_dem_comes_whole_larger_than_other_files_in_its_archive(tmp_path):
    padding = ["9" * 120_000] * 220
    path = packed(
        tmp_path,
        {"V-Dem-CY-Full+Others-v16.csv": vdem(2025, padding), "V-Dem Codebook v16.pdf": b"%PDF"},
        "V-Dem-CY-FullOthers-v16_csv.zip",
    )
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size > opening.LARGEST_FILE
    made, said = remarks_on(all_sources()["vdem"].make, [path], PAIR)
    assert made.edition == "version 16, years to 2025"
    table = made.tables["limiting_factors/regimes"]
    assert len(table) == 8 and set(table["measure"]) == {"electoral democracy", "liberal democracy"}
    assert "left aside V-Dem Codebook v16.pdf" in said


@pytest.mark.parametrize(
    ("source", "last", "name", "edition"),
    [
        ("vdem", 2024, "V-Dem-CY-Core-v15.csv", "version 15, years to 2024"),
        ("vdem", 2025, "download.csv", "version 16, years to 2025"),
        ("vdem-16", 2025, "V-Dem-CY-Core-v16.csv", "version 16, years to 2025"),
        ("regimes-of-the-world", 2024, "V-Dem-CY-Core-v15.csv", "version 15, years to 2024"),
    ],
)
def test_the_last_year_tells_the_version_of_v_dem(tmp_path, source, last, name, edition):
    made = all_sources()[source].make([saved(tmp_path, vdem(last), name)], PAIR)
    assert made.edition == edition and len(made.tables["limiting_factors/regimes"]) >= 4


def test_a_v_dem_file_whose_name_and_years_disagree_is_refused(tmp_path):
    for source, last, name, said in (
        ("vdem", 2020, "V-Dem-CY-Core-v16.csv", "says version 16, the years end in 2020"),
        ("vdem-16", 2024, "V-Dem-CY-Core-v15.csv", "expected version 16. Import this file as vdem"),
    ):
        with pytest.raises(DataProblem, match=said):
            all_sources()[source].make([saved(tmp_path, vdem(last), name)], PAIR)


# ATOP and contiguity


def atop_files(version="5.1"):
    level = ["atopid", *atop.BEGIN, *atop.END, "bilat", "length", "renewlgt", "conditio", "mem1"]
    level += [*atop.OBLIGATIONS, *atop.CODES, "version"]
    treaty = dict.fromkeys(level, 0) | {"atopid": 4470, "begyr": 1997, "begmo": 8, "begday": 29}
    treaty |= {"bilat": 1, "mem1": 365, "defense": 1, "version": version}
    member = ["atopid", "member", "phase", *atop.ENTRY, *atop.EXIT, *atop.OBLIGATIONS]
    rows = [
        dict.fromkeys(member, 0) | {"atopid": 4470, "member": state, "yrent": 1997, "defense": 1}
        for state in (365, 371)
    ]
    rows.append(dict.fromkeys(member, 0) | {"atopid": 9000, "member": 399, "yrent": 1997})
    years = "ddyad,year,stateA,stateB,atopally," + ",".join(atop.OBLIGATIONS) + ",asymm\n"
    return {
        "ATOP 5.1 (.csv)/atop5_1a.csv": pd.DataFrame([treaty]).to_csv(index=False),
        "ATOP 5.1 (.csv)/atop5_1m.csv": pd.DataFrame(rows).to_csv(index=False),
        "ATOP 5.1 (.csv)/atop5_1ddyr.csv": years
        + "365371,1998,365,371,1,1,0,0,1,1,0\n371365,1998,371,365,1,1,0,0,1,1,0\n",
        "ATOP 5.1 (.csv)/atop5_1ddyr_NNA.csv": years + "365371,1998,365,371,1,1,0,0,0,1,0\n",
        "ATOP 5.1 Codebook.pdf": b"%PDF",
    }


def test_atop_is_read_from_its_own_archive_and_says_its_version(tmp_path):
    path = packed(tmp_path, atop_files(), "atop_5.1__.csv_.zip")
    made = all_sources()["atop-alliances"].make([path], PAIR)
    assert made.edition == "version 5.1, alliances to 1997"
    assert made.tables["treaty_obligations/members"]["state"].tolist() == ["ARM", "RUS"]
    made = all_sources()["atop-dyad-years"].make([path], PAIR)
    row = made.tables["treaty_obligations/obligations_by_year"].iloc[1]
    assert (row["state"], row["partner"], row["defence"], row["non_aggression"]) == (
        "RUS",
        "ARM",
        1,
        1,
    )
    assert made.edition == "version 5.1, years to 1998"


def test_the_edition_without_pacts_of_non_aggression_is_refused(tmp_path):
    text = atop_files()["ATOP 5.1 (.csv)/atop5_1ddyr_NNA.csv"]
    with pytest.raises(DataProblem, match="leaves out pacts of non-aggression"):
        atop.read_dyad_years(saved(tmp_path, text, "atop5_1ddyr_NNA.csv"))


SPANS = """dyad,statelno,statelab,statehno,statehab,conttype,begin,end,notes,version
371372,371,ARM,372,GRG,1,199112,201612,,3.2
365740,365,RUS,740,JPN,2,199112,201612,,3.2
"""
YEARS = "dyad,state1no,state1ab,state2no,state2ab,year,conttype,version\n" + "".join(
    f"371372,371,ARM,372,GRG,{year},1,3.2\n372371,372,GRG,371,ARM,{year},1,3.2\n"
    for year in (1991, 1992, 1993, 1995)
)


def test_borders_are_read_from_the_projects_spans_and_from_its_years(tmp_path):
    spans = read_contiguity(saved(tmp_path, SPANS))
    assert spans.iloc[0].tolist() == [371, 372, "land or river border", "1991-12-01", "2016-12-01"]
    years = read_contiguity(saved(tmp_path, YEARS))
    ours = years[years["number"] == 371]
    assert ours[["first_day", "last_day"]].values.tolist() == [["1991", "1993"], ["1995", "1995"]]
    both = {"DirectContiguity320/contdir.csv": SPANS, "DirectContiguity320/contdird.csv": YEARS}
    assert read_contiguity(packed(tmp_path, both)).equals(spans)


def test_a_month_that_is_none_is_refused_with_its_row(tmp_path):
    with pytest.raises(DataProblem, match="rows 2, column stdate: found '1991-13-01'"):
        read_contiguity(saved(tmp_path, SPANS.replace("199112", "199113", 1)))


def test_the_capabilities_come_in_an_archive_with_their_documents(tmp_path):
    text = "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version\n" + "".join(
        f"{name},{number},2022,{share},-9,1,1,1,1,0.5,7\n"
        for name, number, share in (("ARM", 371, 1), ("RUS", 365, 3))
    )
    files = {"NMC_v7_0.csv": text, "NMC_v7_0.dta": b"stata", "NMC documentation.pdf": b"%PDF"}
    made = all_sources()["cow-capabilities"].make([packed(tmp_path, files)], PAIR)
    table = made.tables["limiting_factors/capabilities"].set_index("state")
    assert table["military_expenditure"].to_dict() == {"ARM": 0.25, "RUS": 0.75}


# Any table, after a spreadsheet


TABLE = "state,year,share\nARM,2020,0.25\nRUS,2021,1234.5\n"


def table(path):
    return read_cells(path, ["state", "year", "share"], "shares by state and year")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.replace(",", ";"), "semicolons"),
        (TABLE.replace(",", ";").replace(".", ","), "decimal commas"),
        ("sep=;\n" + TABLE.replace(",", ";"), "semicolons"),
        (TABLE.replace(",", "\t").encode("utf-16"), "UTF-16"),
        (TABLE.replace("1234.5", '"1,234.5"'), "commas between thousands"),
        (TABLE.replace("1234.5", "1 234.5"), "signs between thousands"),
        (TABLE.replace(",", ";").replace("0.25", "0,25").replace("1234.5", "1.234,5"), "commas"),
    ],
)
def test_what_a_spreadsheet_did_to_a_table_is_undone_and_said(tmp_path, content, said):
    found, remarks = remarks_on(table, saved(tmp_path, content))
    assert pd.to_numeric(found["share"]).tolist() == [0.25, 1234.5]
    assert found[["state", "year"]].values.tolist() == [["ARM", "2020"], ["RUS", "2021"]]
    assert said in remarks and "file.csv" in remarks


def test_a_table_that_nobody_touched_is_read_without_a_remark(tmp_path):
    assert remarks_on(table, saved(tmp_path, TABLE))[1] == ""


@pytest.mark.parametrize(
    "share", ["1,234", "1,23,4", "1.234,5.6", "1 23", "0.5,5"], ids=lambda cell: cell
)
def test_a_number_that_could_be_two_is_refused_with_its_place(tmp_path, share):
    content = TABLE.replace("1234.5", f'"{share}"').replace("0.25", "7")
    with pytest.raises(DataProblem) as refusal:
        table(saved(tmp_path, content))
    assert f"row 3, column share: found {share!r}" in str(refusal.value)
    assert "expected digits with a decimal point" in str(refusal.value)


def test_decimal_commas_among_decimal_points_are_refused(tmp_path):
    with pytest.raises(DataProblem, match="row 2, column share: found '0,25'"):
        table(saved(tmp_path, TABLE.replace(",", ";").replace("0.25", "0,25")))


def test_a_table_saved_as_a_workbook_is_read_from_its_sheet(tmp_path):
    lines = [["state", "year", "share"], ["ARM", 2020, 0.25], ["RUS", 2021.0, 1234.5]]
    path = book(tmp_path, {"Notes": [["x"]], "shares": lines})
    found, said = remarks_on(table, path)
    assert found.values.tolist() == [["ARM", "2020", "0.25"], ["RUS", "2021", "1234.5"]]
    assert "its sheet 'shares' was read" in said


@pytest.mark.parametrize("day", ["12/05/1992", "12.05.92", "33736", "31.02.1992", "1992-5-12"])
def test_a_mangled_day_is_refused_with_its_place(tmp_path, day):
    text = f"ccode1,ccode2,conttype,stdate,enddate\n371,372,1,{day},2016-12-01\n"
    with pytest.raises(DataProblem) as refusal:
        read_contiguity(saved(tmp_path, text))
    assert f"rows 2, column stdate: found {day!r}" in str(refusal.value)


# Archives


def test_an_archive_with_two_tables_or_none_lists_what_it_holds(tmp_path):
    for files, said in (
        ({"a.csv": TABLE, "b.csv": TABLE}, "holds a.csv, b.csv; expected one"),
        ({"readme.txt": "x", "codebook.pdf": "x"}, "holds readme.txt, codebook.pdf; expected"),
        ({}, "holds nothing; expected"),
        ({"inner.zip": b"PK"}, "holds inner.zip; expected"),
    ):
        with pytest.raises(DataProblem, match=said):
            table(packed(tmp_path, files))


def test_of_several_tables_in_an_archive_the_one_with_the_columns_is_read(tmp_path):
    files = {"other.csv": "a,b\n1,2\n", "shares.csv": TABLE, "readme.txt": "x"}
    found, said = remarks_on(table, packed(tmp_path, files))
    assert len(found) == 2
    assert "packed.zip: read shares.csv in it; left aside other.csv, readme.txt." in said


def test_what_unpacks_to_more_than_its_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "LARGEST_FILE", 10_000)
    monkeypatch.setattr(opening.read_sheets, "__defaults__", (None, 10_000))
    monkeypatch.setattr(opening.opened.__wrapped__, "__defaults__", (None, 10_000))
    path = book(tmp_path, {"a": [["x" * 200] * 5 for _ in range(200)]})
    large = TABLE + "RUS,2021,1\n" * 2000
    for read, file in (
        (read_sheets, path),
        (read_sheets, packed(tmp_path, {"a.xlsx": path.read_bytes()})),
        (read_text, packed(tmp_path, {"a.csv": large}, "b.zip")),
        (read_text, saved(tmp_path, large)),
    ):
        with pytest.raises(DataProblem, match=rf"{file.name}: .*more than 0 MB"):
            read(file)


def test_a_protected_archive_and_a_cut_one_are_refused(tmp_path):
    raw = packed(tmp_path, {"a.csv": TABLE * 50}).read_bytes()
    flagged = bytearray(raw)
    flagged[6] |= 1
    flagged[raw.rindex(b"PK\x01\x02") + 8] |= 1
    for content in (
        bytes(flagged),
        raw[: len(raw) // 2],
        raw[:4],
        raw[:60] + b"\xff" * 20 + raw[80:],
    ):
        with pytest.raises(DataProblem, match="file.zip: .*damaged or cut short"):
            table(saved(tmp_path, content, "file.zip"))


def test_windows_letters_are_read_as_what_they_are(tmp_path):
    text = "state,year,share\nCôte d’Ivoire,2020,1\n"
    for encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16"):
        found = table(saved(tmp_path, text, encoding=encoding))
        assert found["state"].tolist() == ["Côte d’Ivoire"]


def test_remarks_are_dropped_where_nobody_gathers_them(tmp_path):
    assert len(table(saved(tmp_path, TABLE.replace(",", ";")))) == 2
    assert read_text(saved(tmp_path, TABLE)) == TABLE
