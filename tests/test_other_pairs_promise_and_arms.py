"""Chapters on other pairs: they run, speak of the pair, and name an empty table once."""

import json
import re
import shutil
from functools import cache

import nbformat
import pandas as pd
import pytest
from support import ROOT

from alliances import (
    Study,
    catalogue,
    charts,
    joint_exercises,
    joint_operations,
    treaty_obligations,
)
from alliances.book import build, run
from alliances.fitting import Fitting
from alliances.new_study import new_study
from alliances.problems import DataProblem
from alliances.study import check_folder

CHAPTERS = (
    *("arms_transfers", "joint_exercises", "joint_operations", "military_presence"),
    *("treaty_obligations", "realist_theory", "data"),
)
# What one chapter reads, and a heading that must go with the table.
EMPTIED = {
    "arms_transfers": {"arms_transfers/deliveries": "Who delivered"},
    "joint_exercises": {"joint_exercises/yearly_totals": "Together with the ally, to 2010"},
    "joint_operations": {
        "treaty_obligations/commitments_by_war": None,
        "joint_operations/disputes_entered": None,
    },
    "treaty_obligations": {"treaty_obligations/obligations_by_year": "The promise, year by year"},
    "realist_theory": {"realist_theory/expectations": "What each theory expects of an alliance"},
    "data": {"voting_alignment/coverage": None},
}
NAMES = {"KAZ": "Kazakhstan", "TJK": "Tajikistan"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Runs a chapter for a focal state with Russia, on the shipped data or with tables emptied."""
    sound = json.dumps(sorted(check_folder(ROOT / "data")))

    @cache
    def chapter(name, focal, empty=(), **years):
        place = tmp_path_factory.mktemp(name)
        (place / "chapters").mkdir()
        shutil.copytree(ROOT / "data", place / "data")
        make_empty(place / "data", focal, empty)
        (place / "data" / ".checked.json").write_text(sound)
        chapters = build.read_chapters(ROOT)
        values = build._values(place / "data", years, chapters)
        holds = build._holds(place / "data", values)
        text, given = run.prepared(chapters[name], values, name, holds)
        done = run.run_chapter(run.Job(name, text, given, str(place / "chapters")))
        assert done.error is None, done.error
        return nbformat.reads(done.notebook, 4)

    return chapter


def make_empty(folder, focal, names):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    package["study"] |= {"focal": focal, "ally": "RUS"}
    for resource in package["resources"]:
        if resource["name"] in names:
            table = folder / resource["path"]
            table.write_text(table.read_text(encoding="utf-8").splitlines()[0] + "\n")
            resource["waiting_for"] = "figures"
            resource.pop("coverage", None)
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


def said(notebook):
    """All that a reader reads in sentences: text of the chapter and text that its code wrote."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        parts += [one["data"].get("text/markdown", "") for one in cell.get("outputs", [])]
    return "\n".join(parts)


def headings_without_content(notebook):
    """Headings that are followed by another of their level or a higher one, or by the end."""
    found = re.findall(r"^(#{2,4}) (.+)$|^(\S.*)$|^(.*PICTURE.*)$", seen(notebook), re.MULTILINE)
    empty, open_ = [], []
    for level, title, *content in found:
        if level:
            empty += [name for size, name in open_ if size >= len(level)]
            open_ = [(size, name) for size, name in open_ if size < len(level)]
            open_.append((len(level), title))
        elif any(content) and not re.fullmatch(r"\([a-z-]+\)=", content[0]):
            open_ = []
    return empty + [name for _, name in open_]


def seen(notebook):
    """The same with a word for each table and picture."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        for output in cell.get("outputs", []):
            parts.append(output.get("data", {}).get("text/markdown", "PICTURE or table"))
    return "\n".join(parts)


def general(text):
    """Without what speaks of Armenia rightly: a list of states, a war of others."""
    text = re.sub(r"^3\. Armenia, .*eight states.*$", "", text, flags=re.MULTILINE)
    return text.replace("the war of 1993–94 between Azerbaijan and Armenia", "")


@pytest.mark.parametrize("focal", NAMES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_speaks_of_the_pair_it_is_run_for(ran, chapter, focal):
    notebook = ran(chapter, focal)
    text = said(notebook)
    assert "Armenia" not in general(text), re.findall(".*Armenia.*", general(text))
    assert not re.search(r"\bnan\b|not defined|\b0 of these\b", text)
    assert headings_without_content(notebook) == []
    missing = re.findall(r"The tables? (.+?) ha(?:s|ve) no row", text)
    named = re.findall("`([^`]+)`", " ".join(missing))
    assert len(named) == len(set(named)), "each empty table is named once"
    study = Study(ROOT / "data", focal=focal)
    assert not any(study.holds(name) for name in named)
    if chapter != "realist_theory":
        assert NAMES[focal] in text


@pytest.mark.parametrize("chapter", EMPTIED)
def test_an_empty_table_takes_its_part_of_the_chapter_along_and_is_named_once(ran, chapter):
    empty = EMPTIED[chapter]
    notebook = ran(chapter, "KAZ", tuple(empty))
    text = said(notebook)
    for name, heading in empty.items():
        assert len(re.findall(f"tables? .*`{name}`.* no row for Kazakhstan and Russia", text)) == 1
        assert heading is None or f"## {heading}" in said(ran(chapter, "KAZ"))
        assert heading is None or f"## {heading}" not in text
    assert headings_without_content(notebook) == []
    assert "Armenia" not in general(text) and not re.search(r"\bnan\b|not defined", text)


def test_all_tables_of_a_chapter_may_be_empty(ran):
    empty = (
        *("joint_operations/accounts", "joint_operations/conflict_sides"),
        *("joint_operations/disputes_entered", "joint_operations/operations"),
        *("joint_operations/same_side_disputes", "joint_operations/tests_of_obligations"),
        *("realist_theory/expectations", "treaty_obligations/commitments_by_war"),
    )
    notebook = ran("joint_operations", "KAZ", empty)
    assert headings_without_content(notebook) == []
    assert not [cell for cell in notebook.cells if "graphic" in str(cell.get("outputs", ""))]


@pytest.mark.parametrize("chapter", ["joint_exercises", "joint_operations"])
def test_years_that_no_source_covers_are_no_error(ran, chapter):
    text = said(ran(chapter, "KAZ", FIRST_YEAR=2025))
    assert not re.search(r"\bnan\b|not defined", text)


def test_a_call_that_nobody_searched_for_is_told_and_not_counted(ran):
    text = said(ran("joint_operations", "KAZ"))
    assert "One call is known: Kazakhstan on Russia (Unrest in Kazakhstan, January 2022)." in text
    assert "The events of Kazakhstan and Russia were not searched for." in text
    assert "Nobody has searched for" in text and "joint_operations/tests_of_obligations" in text
    assert not re.search(r"Calls made|Strictly|\bshare of calls answered is|seen from Russia", text)
    assert "## The share of calls answered" not in text and "## The other direction" not in text
    assert "The contrast" not in text and "Kazakhstan's call on both" not in text
    table = "joint_operations/tests_of_obligations"
    assert "call is known" not in said(ran("joint_operations", "TJK"))
    assert not Study(ROOT / "data", focal="TJK").holds(table)


def test_both_lists_of_disputes_are_told_by_name(ran):
    text = said(ran("joint_operations", "KAZ"))
    disputes = Study(ROOT / "data").table("joint_operations/same_side_disputes")
    pair = disputes[(disputes["state"] == "KAZ") & (disputes["partner"] == "RUS")]
    assert set(pair.loc[pair["dispute"] == 4639, "side"]) == {"opposite"}
    assert "Gibler, Miller and Little, to 2010: on one side in one, on opposite sides in none" in text
    assert "Correlates of War, to 2014: on one side in one, on opposite sides in one." in text
    shared = joint_operations.shared_by_list(disputes, "RUS", "KAZ", 1992, 2025)
    assert len(shared) == len(pair) and set(shared["state"]) == {"RUS"}


def test_a_conflict_is_told_with_the_government_and_the_years():
    sides = Study(ROOT / "data").table("joint_operations/conflict_sides")
    names = {"KAZ": "K", "RUS": "R", "CAF": "C", "ARM": "A", "MLI": "M"}
    told = joint_operations.said_one_side(sides, names, "KAZ", "RUS")
    assert told == (
        "They name K and R on one side in one conflict: with the government of C, K in 2022,"
        " R in 2022–2024, perhaps in the same years."
    )
    turned = sides.assign(side=sides["side"].map({"a": "b", "b": "a"}))
    assert "against the government of C" in joint_operations.said_one_side(turned, names, "KAZ", "RUS")
    assert "in two conflicts: with the government of M, A in 2015–2021, R in 2024, in no" in (
        joint_operations.said_one_side(sides, names, "ARM", "RUS")
    )
    assert "one side of no conflict" in joint_operations.said_one_side(sides[:0], names, "ARM", "RUS")


def test_a_presence_that_nobody_collected_leaves_one_sentence_and_no_promise(ran):
    text = said(ran("military_presence", "KAZ"))
    assert text.count("your_own_case") == 1 and "no row for" not in text
    assert text.index("Nobody has collected") < text.index("## What theory expects")
    assert not re.search(r"[Cc]onstant|Years left|counts the places|border guards|checkpoint", text)


def test_exercises_speak_of_no_lists_where_there_are_none(ran):
    notebook = ran("joint_exercises", "KAZ")
    assert not re.search(r"The others are lists|lists only|## The lists", said(notebook))
    pictures = json.dumps([cell.get("outputs", []) for cell in notebook.cells])
    assert "searched throughout" in pictures and "Incomplete: a year" not in pictures


def test_the_text_on_arms_fits_a_share_that_never_fell(ran):
    text = said(ran("arms_transfers", "KAZ"))
    assert not re.search(r"less than ten|came instead|slow decline|ship-load|last chapter", text)
    rows = Study(ROOT / "data").table("arms_transfers/deliveries").query("recipient == 'KAZ'")
    known = rows.loc[rows["supplier"] != "ZZZ", "supplier"].nunique()
    assert known < rows["supplier"].nunique() and f"from {known} suppliers that it names" in text
    totals = re.findall(r"of the ([\d,.]+) million TIV", text)
    assert totals and all("," in one for one in totals if float(one.replace(",", "")) >= 1000)


def test_the_largest_suppliers_are_named_and_the_rest_together(ran):
    rows = Study(ROOT / "data").table("arms_transfers/deliveries").query("recipient == 'KAZ'")
    sums = rows.groupby("supplier")["tiv"].sum().sort_values(ascending=False)
    drawn = charts.bars_over_time(
        rows, value="tiv", value_title="TIV", series="supplier", period=(1992, 2025),
        title="", caption="", source="", name="x",
    ).to_dict()  # fmt: skip
    scale = drawn["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [*sums.index[:6], "others"]
    assert len(set(scale["range"])) == len(scale["range"])


def test_a_treaty_that_the_list_lacks_is_said_to_be_lacking(ran):
    text = said(ran("treaty_obligations", "KAZ"))
    assert "it changed in 2013" in text and "No alliance in the table above promises neutrality" in text
    assert "unchanging promise" not in text and "collected by hand" not in text
    assert "No alliance in the table above" not in said(ran("treaty_obligations", "BLR"))


def test_a_promise_that_changed_is_not_called_a_constant(ran):
    rows = pd.read_csv(ROOT / "data/treaty_obligations/obligations_by_year.csv")
    rows = rows[(rows["state"] == "RUS") & (rows["partner"] == "TJK")].set_index("year")
    forms = rows[list(treaty_obligations.OBLIGATIONS)]
    changed = (forms.diff().iloc[1:] != 0).any(axis=1)
    assert changed.index[changed].tolist() == [1993]
    text = said(ran("treaty_obligations", "TJK"))
    assert "it is no constant: it changed in 1993." in text
    assert "Tajikistan and Russia were members together of six alliances" in text


def test_the_page_on_data_leaves_aside_what_is_about_another_pair():
    study = Study(ROOT / "data", focal="KAZ")
    about = [one["name"] for one in study.package["resources"] if "about" in one]
    page, aside = catalogue.cards(study).text, catalogue.left_aside(study).markdown
    assert about and all(f"`{name}`" in aside and f"{name}," not in page for name in about)
    assert catalogue.left_aside(Study(ROOT / "data")) is None
    both_ways = Study(ROOT / "data", focal="RUS", ally="ARM")
    assert len(catalogue.of_pair(both_ways)) == len(both_ways.package["resources"])


def test_a_new_study_keeps_all_who_promised_something(tmp_path):
    new_study(ROOT / "data", tmp_path / "kaz", "KAZ", "RUS", ["BLR"])
    new, whole = Study(tmp_path / "kaz"), Study(ROOT / "data", focal="KAZ")
    tables = ("treaty_obligations/alliances", "treaty_obligations/members")
    found = treaty_obligations.alliances_of
    pd.testing.assert_frame_equal(
        *(found(*map(study.table, tables), "KAZ") for study in (new, whole))
    )
    owed = [
        study.table("treaty_obligations/obligations_by_year").query("partner == 'KAZ'")
        for study in (new, whole)
    ]
    assert len(owed[0]) == len(owed[1]) > 0


def test_an_alliance_without_another_member_is_refused_by_name():
    study = Study(ROOT / "data")
    members = study.table("treaty_obligations/members")
    cut = members[(members["alliance"] != 4890) | (members["state"] != "RUS")]
    with pytest.raises(DataProblem, match="ARM as the only member of the alliances 4890"):
        treaty_obligations.alliances_of(study.table("treaty_obligations/alliances"), cut, "ARM")


def test_a_name_inside_a_comprehension_is_not_the_notebooks():
    fitting = Fitting(holds={"a/held"}.__contains__, is_case=True)
    fitting.fit('lost = [year for year in study.table("a/empty")]')
    held = 'kept = [year for year in study.table("a/held")]'
    assert fitting.fit(held) == held
    assert fitting.fit("keyed = sorted(kept, key=lambda year: year)").startswith("keyed")
    assert fitting.fit("len(lost)") == 'fitting.say_missing(study, "a/empty")'


def test_lists_without_a_row_of_the_state_are_not_among_its_sources():
    study = Study(ROOT / "data")
    lists, rows = (study.table(f"joint_exercises/{name}") for name in ("lists", "exercises"))
    assert list(joint_exercises.lists_in_use(lists, rows)["list"]) == list(lists["list"])
    assert list(joint_exercises.lists_in_use(lists, rows[:0])["list"]) == ["mme"]
    with pytest.raises(DataProblem, match="listed_by"):
        joint_exercises.lists_in_use(lists, rows.drop(columns="listed_by"))


def test_the_most_frequent_partner_is_counted_from_all_exercises():
    counts = Study(ROOT / "data").table("joint_exercises/yearly_counts")
    found = joint_exercises.most_frequent_partner(counts, "KAZ", "RUS")
    own = counts[(counts["state"] == "KAZ") & (counts["partner"] != "RUS")]
    sums = {
        partner: int(part["bilateral"].sum() + part["multilateral"].sum())
        for partner, part in own.groupby("partner")
    }
    assert sums[found] == max(sums.values()) > 0
    assert joint_exercises.most_frequent_partner(counts[:0], "KAZ", "RUS") is None


def test_a_third_states_call_is_none_where_it_is_one_of_the_pair():
    tests = Study(ROOT / "data").table("joint_operations/tests_of_obligations")
    third = joint_operations.call_of_third
    assert third(tests, "KAZ", ("ARM", "RUS"), 1992, 2025)["ally"].tolist() == ["ARM", "RUS"]
    assert third(tests, "KAZ", ("RUS", "KAZ"), 1992, 2025).empty
    assert third(tests, "KAZ", ("ARM", "RUS"), 1992, 2021).empty


def test_operations_of_both_hold_all_who_took_part():
    operations = Study(ROOT / "data").table("joint_operations/operations")
    both = joint_operations.with_both(operations, "TJK", "RUS")
    assert set(both["operation"]) == {"kazakhstan-2022"} and set(both["state"]) > {"TJK", "RUS"}
    with pytest.raises(DataProblem, match="no column operation"):
        joint_operations.with_both(operations.drop(columns="operation"), "TJK", "RUS")


def test_every_expectation_names_its_occasion():
    rows = pd.read_csv(ROOT / "data/realist_theory/expectations.csv", keep_default_na=False)
    speaks = rows["expectation"] != "silent"
    assert (rows["occasion"] != "")[speaks].all() and (rows["occasion"] == "")[~speaks].all()
    assert not rows["occasion"].str.contains(r"\d{4}|Armenia|Russia", regex=True).any()
    assert (rows.groupby("when")["occasion"].nunique() == 1).all()
