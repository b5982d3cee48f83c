"""A study refuses what it should refuse, names all of it, and leaves everything as it was."""

import json
import shutil

import pytest
from support import ROOT, files_of

from alliances.problems import DataProblem
from alliances.study import Study, check_folder, read_package, tables_read

PACKAGE = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
ROWS_KEPT = 30


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The shipped study with long tables cut, so that each check takes no time."""
    folder = tmp_path_factory.mktemp("study") / "data"
    shutil.copytree(ROOT / "data", folder)
    for resource in PACKAGE["resources"]:
        path = folder / resource["path"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        if resource["name"] not in {"states"} and len(lines) > 500:
            path.write_text("".join(lines[:ROWS_KEPT]), encoding="utf-8")
    return folder, check_folder(folder)


@pytest.fixture
def study(short, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(short[0], folder)
    return folder, short[1]


def refusal(study):
    folder, passed = study
    before = files_of(folder)
    with pytest.raises(DataProblem) as refused:
        check_folder(folder, passed)
    assert files_of(folder) == before
    return str(refused.value)


def fields(name, wanted):
    return [field["name"] for field in RESOURCES[name]["schema"]["fields"] if wanted(field)]


def rewrite(study, name, change):
    """Change the rows of a table, given and returned as lists of cells with the header first."""
    import csv

    path = study[0] / RESOURCES[name]["path"]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(change(rows))


def put(study, name, column, value, row=2):
    def change(rows):
        rows[row - 1][rows[0].index(column)] = value
        return rows

    rewrite(study, name, change)


@pytest.mark.parametrize("name", RESOURCES)
class TestEveryTable:
    def said(self, study, name, *words):
        text = refusal(study)
        assert RESOURCES[name]["path"] in text
        for word in words:
            assert word in text, text
        return text

    def test_a_missing_column(self, study, name):
        last = RESOURCES[name]["schema"]["fields"][-1]["name"]
        rewrite(study, name, lambda rows: [row[:-1] for row in rows])
        self.said(
            study, name, "row 1", f"the column {last} is missing", "Give the file these columns"
        )

    def test_a_surplus_column(self, study, name):
        rewrite(study, name, lambda rows: [[*row, "extra"] for row in rows])
        self.said(study, name, "row 1", "'extra' is not known", "expected")

    def test_a_wrong_type(self, study, name):
        typed = fields(name, lambda field: field["type"] in {"integer", "number", "date"})
        for column in typed:
            put(study, name, column, "abc")
        if typed:
            self.said(study, name, "row 2", "'abc'", *(f"column {column}" for column in typed))

    def test_a_duplicate_key(self, study, name):
        rewrite(study, name, lambda rows: [*rows[:2], rows[1], *rows[2:]])
        self.said(study, name, "row 3", "a second row with the same key", "Keep one")

    def test_a_value_outside_its_range(self, study, name):
        bounded = fields(name, lambda field: "minimum" in field.get("constraints", {}))
        for column in bounded:
            put(study, name, column, "-1")
        if bounded:
            self.said(study, name, "row 2", "'-1'", "or more")

    def test_a_share_above_one(self, study, name):
        shares = fields(name, lambda field: field.get("constraints", {}).get("maximum") == 1)
        for column in shares:
            put(study, name, column, "1.5")
        if shares:
            self.said(study, name, "row 2", "'1.5'", "between 0 and 1")

    def test_a_future_year(self, study, name):
        years = fields(
            name, lambda field: field["name"] == "year" or field["name"].endswith("_year")
        )
        dates = fields(name, lambda field: field["type"] == "date")
        for column in years:
            put(study, name, column, "2999")
        for column in dates:
            put(study, name, column, "2999-12-31")
        if years or dates:
            self.said(study, name, "row 2", "2999", "no later than")

    def test_an_unknown_country(self, study, name):
        keys = RESOURCES[name]["schema"].get("foreignKeys", [])
        codes = [key["fields"] for key in keys if key["reference"]["resource"] == "states"]
        codes = [code if isinstance(code, str) else code[0] for code in codes]
        for column in codes:
            put(study, name, column, "QQQ")
        if codes:
            self.said(study, name, "row 2", "'QQQ'", "states.csv")

    def test_a_wrong_encoding(self, study, name):
        path = study[0] / RESOURCES[name]["path"]
        header, rest = path.read_bytes().split(b"\n", 1)
        path.write_bytes(header + b"\nArm\xe9nie," + rest)
        self.said(study, name, "row 2", "0xe9", "UTF-8", "Save the file")

    def test_semicolons(self, study, name):
        path = study[0] / RESOURCES[name]["path"]
        path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
        self.said(study, name, "row 1", "semicolons", "expected commas")

    def test_an_empty_file(self, study, name):
        (study[0] / RESOURCES[name]["path"]).write_bytes(b"")
        self.said(study, name, "empty", "Restore it")

    def test_a_missing_file(self, study, name):
        (study[0] / RESOURCES[name]["path"]).unlink()
        self.said(study, name, "missing", "Put it there")

    def test_a_directory_in_its_place(self, study, name):
        path = study[0] / RESOURCES[name]["path"]
        path.unlink()
        path.mkdir()
        self.said(study, name, "directory", "expected a csv file")

    def test_a_file_of_200_megabytes(self, study, name):
        with (study[0] / RESOURCES[name]["path"]).open("r+b") as file:
            file.truncate(200_000_000)
        folder, passed = study
        with pytest.raises(DataProblem, match="200 MB; expected at most 50 MB"):
            check_folder(folder, passed)


def test_the_shipped_data_pass_whole():
    assert len(check_folder(ROOT / "data")) == len(RESOURCES)


def test_all_offenders_are_named_at_once(study):
    (study[0] / "events.csv").write_bytes(b"")
    put(study, "arms_transfers/deliveries", "year", "2999")
    put(study, "arms_transfers/deliveries", "tiv", "much", row=5)
    text = refusal(study)
    assert "events.csv" in text and "2999" in text and "row 5, column tiv: found 'much'" in text


def test_runs_of_offending_rows_are_drawn_together(study):
    def change(rows):
        for row in rows[1:11]:
            row[rows[0].index("tiv")] = "-4"
        return rows

    rewrite(study, "arms_transfers/deliveries", change)
    assert "rows 2-11, column tiv: found '-4'; expected 0 or more" in refusal(study)


def test_a_byte_order_mark_of_a_spreadsheet_does_no_harm(study):
    path = study[0] / "events.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    check_folder(*study)
    assert list(Study(study[0]).table("events").columns)[0] == "date"


def test_an_open_quotation_mark_an_empty_row_and_a_table_without_rows(study):
    path = study[0] / "events.csv"
    kept = path.read_bytes()
    path.write_bytes(kept + b'2020-01-01,"never closed')
    assert "quotation mark" in refusal(study)
    path.write_bytes(kept + b"\n\n")
    said = refusal(study)
    assert "rows 7-8: found an empty row" in said and "same key" not in said
    path.write_bytes(kept.split(b"\n")[0] + b"\n")
    with pytest.raises(DataProblem, match="events.csv: found no rows"):
        Study(study[0]).table("events")


def test_what_a_schema_cannot_say_is_looked_at_too(study):
    path = study[0] / "limiting_factors" / "gdp.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    state, year, _, source = lines[1].split(",")
    lines[1] = f"{state},{year},inf,{source}"
    lines[2] = lines[2].rpartition(",")[0] + ",wdi-gdpx"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = refusal(study)
    assert "gdp.csv, row 2, column gdp: found 'inf'; expected a finite number" in said
    assert "gdp.csv, row 3, column source: found 'wdi-gdpx'; expected the table's sources" in said
    path.write_text(lines[0] + "\n", encoding="utf-8")
    assert "gdp.csv: found no rows; expected at least one" in refusal(study)
    path.write_text(lines[0].replace(",", "\t") + "\n", encoding="utf-8")
    assert "gdp.csv, row 1: found tabs between the columns" in refusal(study)


def test_a_broken_table_is_named_once_and_not_by_those_that_refer_to_it(study):
    path = study[0] / "treaty_obligations" / "documents.csv"
    path.write_bytes(path.read_bytes() + b"\xe9")
    said = refusal(study).splitlines()
    assert len(said) == 1 and said[0].startswith("treaty_obligations/documents.csv, row ")
    assert "0xe9" in said[0] and "UTF-8" in said[0]


def test_a_very_long_cell_is_shown_in_part(study):
    path = study[0] / "events.csv"
    path.write_text(path.read_text(encoding="utf-8") + "x" * 5000 + ",a,b,c,d\n", encoding="utf-8")
    assert len(refusal(study)) < 700


def test_a_package_that_is_no_package(study, tmp_path):
    with pytest.raises(DataProblem, match="no such folder"):
        read_package(tmp_path / "nowhere")
    with pytest.raises(DataProblem, match="this is a file"):
        read_package(study[0] / "events.csv")
    (study[0] / "datapackage.json").write_text("<html>not found</html>")
    with pytest.raises(DataProblem, match="not JSON"):
        read_package(study[0])
    (study[0] / "datapackage.json").unlink()
    with pytest.raises(DataProblem, match="holds no datapackage.json"):
        read_package(study[0])


def test_a_path_out_of_the_folder_or_from_the_network_is_refused(study):
    package = json.loads((study[0] / "datapackage.json").read_text())
    package["resources"][0]["path"] = "../../etc/passwd"
    package["resources"][1]["path"] = "https://example.org/table.csv"
    (study[0] / "datapackage.json").write_text(json.dumps(package))
    text = refusal(study)
    assert "../../etc/passwd" in text and "https://example.org" in text


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"focal": "QQQ"}, "focal state 'QQQ' is not in states.csv"),
        ({"focal": "arm"}, "focal state 'arm' is not in states.csv"),
        ({"focal": "RUS"}, "both 'RUS'"),
        ({"first_year": 2020, "last_year": 2010}, "the first year, 2020, is after the last, 2010"),
        ({"last_year": 2999}, "lies in the future"),
        ({"first_year": "1992"}, "not both whole numbers"),
        ({"first_year": 1900}, "go beyond the study's, 1992 to 2025"),
        ({"focal": "GEO"}, "holds figures for ARM, RUS, BLR, KAZ, KGZ and TJK only"),
    ],
)
def test_a_study_refuses_a_pair_or_a_period_that_cannot_be(wrong, said):
    with pytest.raises(DataProblem, match=said):
        Study(ROOT / "data", **wrong)


def test_the_partners_are_all_but_the_pair_whoever_is_in_it():
    for focal, ally in (("ARM", "RUS"), ("RUS", "ARM"), ("KAZ", "RUS"), ("BLR", "ARM")):
        study = Study(ROOT / "data", focal=focal, ally=ally)
        assert not {focal, ally} & set(study.partners)
        assert len(set(study.partners)) == len(study.partners)
        assert study.partners[: len(study.comparison)] == study.comparison
        assert set(study.partners) - set(study.comparison) == {"MDA", "TKM", "UKR", "UZB"}


def test_a_study_without_further_partners_has_those_it_compares(study):
    package = json.loads(json.dumps(PACKAGE))
    del package["study"]["further_partners"]
    (study[0] / "datapackage.json").write_text(json.dumps(package))
    assert Study(study[0]).partners == Study(study[0]).comparison
    package["study"]["further_partners"] = ["ARM", "UKR", "BLR", "UKR"]
    (study[0] / "datapackage.json").write_text(json.dumps(package))
    assert Study(study[0]).partners == [*Study(study[0]).comparison, "UKR"]


def test_a_list_of_states_with_codes_that_are_none_is_refused_with_all_of_them(study):
    package = json.loads(json.dumps(PACKAGE))
    package["study"]["comparison"] = ["BLR", "Georgia"]
    package["study"]["further_partners"] = ["UA", "MDA", "uzb"]
    (study[0] / "datapackage.json").write_text(json.dumps(package))
    text = refusal(study)
    assert "comparison of the study: found 'Georgia', not in states.csv" in text
    assert "further_partners of the study: found 'UA', 'uzb', not in states.csv" in text
    with pytest.raises(DataProblem, match="found 'Georgia'"):
        Study(study[0])


def test_a_table_is_typed_and_checked_when_it_is_opened(study):
    deliveries = Study(study[0]).table("arms_transfers/deliveries")
    assert str(deliveries["year"].dtype) == "int64" and str(deliveries["tiv"].dtype) == "float64"
    put(study, "arms_transfers/deliveries", "tiv", "much")
    with pytest.raises(DataProblem, match="column tiv: found 'much'"):
        Study(study[0]).table("arms_transfers/deliveries")
    with pytest.raises(DataProblem, match="no table arms_transfers/gifts. It has: "):
        Study(study[0]).table("arms_transfers/gifts")


def test_a_table_handed_out_can_be_changed_without_harm():
    study = Study(ROOT / "data")
    handed_out = study.table("events")
    handed_out["label"] = "changed"
    assert "changed" not in set(study.table("events")["label"])


def test_a_second_check_reads_only_what_changed(study, monkeypatch):
    import alliances.checks

    read = []
    original = alliances.checks.table_problems
    monkeypatch.setattr(
        alliances.checks,
        "table_problems",
        lambda folder, package, names, complete: (
            read.extend(names) or original(folder, package, names, complete)
        ),
    )
    folder, passed = study
    check_folder(folder, passed)
    assert read == []
    rewrite(study, "events", lambda rows: rows[:-1])
    check_folder(folder, passed)
    assert read == ["events"]


def test_what_a_chapter_reads():
    assert tables_read("a = study.table('x/y')\nb = study.table( \"z\" )") == {"x/y", "z"}
    assert tables_read("name = 'x'; study.table(name)") is None
    assert tables_read("print(study.package)") is None


def test_a_table_may_be_asked_for_rows_of_late_years():
    """Armenia's own office goes on to 2024; of Kazakhstan the same table ends with 2014."""
    late = "trade/flows_by_year@2022"
    assert Study(ROOT / "data").holds(late) and not Study(ROOT / "data", last_year=2021).holds(late)
    kazakhstan = Study(ROOT / "data", focal="KAZ")
    assert kazakhstan.holds("trade/flows_by_year") and not kazakhstan.holds(late)
    assert kazakhstan.holds("trade/flows_by_year@2014")
