"""What the chapters say is what the data say: answers, verdicts and findings, computed a second way."""

import ast
import csv
import re

import nbformat
import pytest
from support import ROOT, SHARED, needs_shared

from alliances import Study, catalogue, claims, fitting

TABLES = {resource["name"] for resource in Study(ROOT / "data").package["resources"]}
CHAPTERS = {path.stem: path for path in sorted((ROOT / "chapters").glob("*.ipynb"))}


def rows(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(chapter):
    """All text that a chapter's code wrote."""
    notebook = nbformat.read(CHAPTERS[chapter], 4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(
        output["data"].get("text/markdown", "") for output in outputs if "data" in output
    )


def verdicts():
    table = Study(ROOT / "data").table("claims/statements")
    return claims.gathered(ROOT / "chapters", table).set_index("id")["verdict"].to_dict()


def tiv(recipient, first, last, supplier=None):
    return sum(
        float(row["tiv"])
        for row in rows("arms_transfers/deliveries")
        if row["recipient"] == recipient
        and first <= int(row["year"]) <= last
        and supplier in (None, row["supplier"])
    )


def test_the_answers_of_the_arms_exercises():
    said = words("arms_transfers").split("Answers")[1]
    windows = [(year, year + 2) for year in range(1993, 2023)]
    totals = {window: tiv("ARM", *window) for window in windows}
    shares = [tiv("ARM", *window, "RUS") / total for window, total in totals.items() if total]
    gaps = sum(total == 0 for total in totals.values())
    assert f"between {100 * min(shares):.0f} percent and {100 * max(shares):.0f} percent" in said
    assert f"of {len(windows)} windows" in said and gaps == 2 and "two of 30 windows" in said
    whole, largest = tiv("ARM", 2011, 2020), tiv("ARM", 2019, 2019)
    russia = tiv("ARM", 2011, 2020, "RUS") - tiv("ARM", 2019, 2019, "RUS")
    assert (
        f"{100 * russia / (whole - largest):.0f} percent of the {whole - largest:.1f} million TIV"
        in said
    )


def test_the_headline_figures_of_the_front_page():
    said = words("index")
    assert (
        f"delivered {100 * tiv('ARM', 2011, 2020, 'RUS') / tiv('ARM', 2011, 2020):.0f} percent"
        in said
    )
    assert (
        f"it was {100 * tiv('ARM', 2021, 2024, 'RUS') / tiv('ARM', 2021, 2024):.0f} percent" in said
    )
    for year in ("2017", "2024"):
        row = next(
            row
            for row in rows("voting_alignment/yearly_counts")
            if (row["focal"], row["partner"], row["year"]) == ("ARM", "RUS", year)
        )
        joint = sum(
            int(row[f"{a}_{b}"]) for a in ("yes", "abstain", "no") for b in ("yes", "abstain", "no")
        )
        alike = sum(int(row[f"{a}_{a}"]) for a in ("yes", "abstain", "no"))
        assert f"{100 * alike / joint:.0f} percent of" in said, year


CONFIRMED = {
    "F1": "cannot be checked here",
    "F2": "cannot be checked here",
    "F3": "holds",
    "F4": "cannot be checked here",
    "F5": "cannot be checked here",
    "F6": "does not hold",
    "T1": "holds",
    "T2": "holds with a qualification",
    "T3": "holds with a qualification",
    "T4": "holds with a qualification",
    "T5": "holds with a qualification",
    "T6": "cannot be checked here",
    "T7": "holds with a qualification",
    "T8": "cannot be checked here",
    "T9": "holds with a qualification",
    "T10": "holds with a qualification",
    "T11": "holds with a qualification",
    "T12": "holds with a qualification",
    "T13": "holds with a qualification",
    "T14": "cannot be checked here",
    "T15": "holds",
    "T16": "holds with a qualification",
    "T17": "holds",
    "T18": "holds with a qualification",
    "A1": "holds with a qualification",
    "A2": "holds",
    "A3": "holds with a qualification",
    "A4": "cannot be checked here",
    "A5": "holds with a qualification",
    "A6": "cannot be checked here",
    "A7": "holds with a qualification",
    "A8": "holds",
    "A9": "holds with a qualification",
    "A10": "holds",
    "A11": "holds",
    "E1": "holds with a qualification",
    "E2": "holds",
    "E3": "holds with a qualification",
    "E4": "holds",
    "E5": "holds with a qualification",
    "E6": "holds with a qualification",
    "E7": "holds",
    "E8": "holds with a qualification",
    "E9": "holds with a qualification",
    "P1": "holds with a qualification",
    "P2": "holds",
    "P3": "holds",
    "P4": "holds with a qualification",
    "P5": "holds with a qualification",
    "P6": "holds with a qualification",
    "P7": "holds",
    "P8": "holds with a qualification",
    "P9": "holds",
    "P10": "holds with a qualification",
    "V1": "holds with a qualification",
    "V2": "holds with a qualification",
    "V3": "holds with a qualification",
    "V4": "holds",
    "V5": "holds with a qualification",
    "O1": "holds with a qualification",
    "O2": "holds",
    "O3": "holds with a qualification",
    "O4": "holds with a qualification",
    "O5": "holds with a qualification",
    "R1": "holds with a qualification",
    "G1": "holds with a qualification",
    "G2": "holds",
    "G3": "does not hold",
    "G4": "holds with a qualification",
    "L1": "holds with a qualification",
    "L2": "holds",
    "L3": "holds",
    "L4": "holds with a qualification",
    "L5": "holds",
    "C1": "holds with a qualification",
    "C2": "holds with a qualification",
    "C3": "holds with a qualification",
    "C4": "holds with a qualification",
    "C5": "holds with a qualification",
}


def test_every_verdict_is_the_one_that_a_person_has_confirmed():
    found = verdicts()
    assert set(found) == {row["id"] for row in rows("claims/statements")} == set(CONFIRMED)
    changed = {name: found[name] for name in CONFIRMED if found[name] != CONFIRMED[name]}
    assert not changed, f"read these statements again and confirm the new verdicts: {changed}"


@needs_shared
def test_every_statement_of_the_article_in_these_fields_is_in_the_table():
    with (SHARED / "paper" / "claims.csv").open(encoding="utf-8", newline="") as file:
        wanted = {row["id"] for row in csv.DictReader(file) if row["id"][0] in "FTAEPVORGLC"}
    assert {row["id"] for row in rows("claims/statements")} >= wanted


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_calls_functions_and_holds_no_logic(chapter):
    notebook = nbformat.read(CHAPTERS[chapter], 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kinds = (ast.For, ast.While, ast.FunctionDef, ast.ClassDef)
            tree = ast.walk(ast.parse(cell.source))
            assert not [node for node in tree if isinstance(node, kinds)], cell.source
            assert ".merge(" not in cell.source and ".apply(" not in cell.source, cell.source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_picture_of_the_shipped_book_is_missing(chapter):
    assert "no picture, since the data hold nothing" not in words(chapter)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_the_shape_that_readers_learn_once(chapter):
    notebook = nbformat.read(CHAPTERS[chapter], 4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.match(r"# .+\?\n", text), "the title is a question"
    assert "## What this does not show" in text
    if chapter != "index":
        assert "minutes" in text and "## Exercises" in text and "## Sources" in text
    parameters = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(parameters) == 1
    how, *assigned = parameters[0].source.splitlines()
    assert how.startswith("# Other states, years or data: ") and "papermill" in how
    names = [line.split(" = ")[0] for line in assigned]
    of_other = ["OTHER", "OTHER_FOCAL", "OTHER_ALLY", "OTHER_CHAPTERS", "THRESHOLD"]
    more = of_other if chapter == "what_changed" else []
    assert names == ["STUDY", "FOCAL", "ALLY", "FIRST_YEAR", "LAST_YEAR", *more]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_mark_of_the_case_stands_in_the_code_as_in_the_tags(chapter):
    for cell in nbformat.read(CHAPTERS[chapter], 4).cells:
        if cell.cell_type == "code":
            tagged = "case" in cell.metadata.get("tags", [])
            assert cell.source.startswith(fitting.CASE) == tagged, cell.id
        assert not [tag for tag in cell.metadata.get("tags", []) if tag.startswith("needs:")
                    and tag.removeprefix("needs:").split("@")[0] not in TABLES], cell.id


def test_the_cards_show_what_the_package_says_and_nothing_it_smuggles_in():
    study = Study(ROOT / "data")
    page = catalogue.cards(study).markup
    for resource in study.package["resources"]:
        assert resource["name"] in page
        for source in resource["sources"]:
            assert all(file["sha256"] in page for file in source.get("files", []))
    study.package["resources"][0]["description"] = "<script>alert(1)</script>"
    assert "<script" not in catalogue.cards(study).markup
