"""Chapters on other pairs: they run on what is at hand, say what is empty, and leave the case out."""

import csv
import json
import re
import shutil

import nbformat
import pytest
from support import ROOT

from alliances import Study
from alliances.book import run

VOTES = "voting_alignment/yearly_counts"
CONTESTED = "voting_alignment/yearly_counts_contested"
POINTS = "voting_alignment/ideal_points"
FLOWS, TOTALS, MIRROR = "trade/flows_by_year", "trade/totals_by_year", "trade/mirror_flows"
REGIMES, GDP = "limiting_factors/regimes", "limiting_factors/gdp"
PAIRS, MIGRANTS = "ties/pairs", "ties/migrants"
POWER = ("limiting_factors/capabilities", "limiting_factors/military_expenditure", GDP)

EMPTIED = [
    ("trade", "KAZ", (MIRROR,)),
    ("trade", "TJK", (FLOWS, TOTALS, GDP)),
    ("voting_alignment", "KAZ", (CONTESTED,)),
    ("voting_alignment", "TJK", (VOTES, CONTESTED, POINTS, "voting_alignment/overlap")),
    ("ties", "KAZ", (MIGRANTS,)),
    ("ties", "TJK", (PAIRS, MIGRANTS, "ties/allied_pairs", "ties/land_borders")),
    ("limiting_factors", "KAZ", (GDP,)),
    ("limiting_factors", "TJK", (REGIMES, *POWER)),
    ("orientation_change", "KAZ", (POINTS,)),
    ("orientation_change", "TJK", (VOTES, POINTS, "arms_transfers/deliveries", MIRROR, REGIMES)),
    ("index", "KAZ", (MIGRANTS,)),
    ("index", "TJK", (VOTES, FLOWS, REGIMES, "arms_transfers/orders")),
]


@pytest.fixture
def study(tmp_path):
    """A function that makes the shipped study another pair's, with some tables emptied."""

    def made(focal, ally, empty=()):
        shutil.copytree(ROOT / "data", tmp_path / "data")
        path = tmp_path / "data" / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        package["study"] |= {"focal": focal, "ally": ally}
        for resource in package["resources"]:
            if resource["name"] in empty:
                table = tmp_path / "data" / resource["path"]
                head = table.read_text(encoding="utf-8").split("\n")[0]
                table.write_text(head + "\n", encoding="utf-8")
                resource["waiting_for"] = "a file of its producer"
                resource.pop("coverage", None)
        path.write_text(json.dumps(package), encoding="utf-8")
        return tmp_path / "data"

    return made


def page(chapter, folder):
    """What a reader of a chapter sees, in order: texts, and in brackets what is no text."""
    notebook = json.loads((ROOT / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    there = Study(folder)
    pair = {"FOCAL": there.focal, "ALLY": there.ally}
    text, given = run.prepared(notebook, pair, chapter, there.holds)
    (folder.parent / "chapters").mkdir()
    outcome = run.run_chapter(run.Job(chapter, text, given, str(folder.parent / "chapters")))
    assert outcome.error is None, outcome.error
    return list(_shown(nbformat.reads(outcome.notebook, 4)))


def _shown(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            yield data.get("text/markdown") or f"[{data.get('text/plain', '')}]"


def prose_of(blocks):
    """The texts, without the tables and pictures in which comparison states may stand."""
    return "\n\n".join(block for block in blocks if not block.startswith("["))


def heading(line):
    """The level of a heading, or 0 for another line."""
    found = re.match(r"(#{1,4}) ", line)
    return len(found[1]) if found else 0


def headings_without_content(blocks):
    """Headings that are followed at once by one of the same or a higher level."""
    lines = [line for block in blocks for line in block.split("\n") if line.strip()]
    both = zip(lines, [*lines[1:], "# End"])
    return [one for one, after in both if 0 < heading(after) <= heading(one)]


def check(blocks):
    text = prose_of(blocks)
    assert not re.search(r"\bnan\b|\bNone\b|not defined|\bnone events\b", text), text
    assert "Armenia" not in text and "Yerevan" not in text
    assert "\\{doc" not in text, "a role was escaped"
    assert headings_without_content(blocks) == []


@pytest.mark.parametrize(("chapter", "focal", "empty"), EMPTIED)
def test_a_chapter_says_once_which_table_is_empty_and_speaks_of_its_pair(
    study, chapter, focal, empty
):
    blocks = page(chapter, study(focal, "RUS", empty))
    check(blocks)
    said = "\n".join(part for part in blocks if re.search("(has|have) no row for", part))
    assert {name: said.count(f"`{name}`") for name in empty} == dict.fromkeys(empty, 1)


def test_votes_of_another_pair_name_the_measure_the_direction_and_its_own_partners(study):
    blocks = page("voting_alignment", study("KAZ", "RUS"))
    check(blocks)
    text, whole = prose_of(blocks), "\n".join(blocks)
    assert "Kappa by squared distance runs" in text and "where every difference counts alike" in text
    assert re.search(r"on average it is \d+ percentage points? lower", text)
    assert "The positions came closer by" in text and "the share of identical votes fell by" in text
    assert not re.search("likeness fell|falling share|focal state", text)
    assert "a change of government" in whole and "change of government in 2018" not in whole
    partners = next(block for block in blocks if "With whom Kazakhstan votes alike" in block)
    assert "United Kingdom" in partners and not re.search("Iran|Türkiye|India|Ukraine", partners)


def test_no_heading_is_left_of_a_section_that_a_pair_has_nothing_for(study):
    """Two concepts of imports, goods in transit and money sent are Armenia's; one sentence says so."""
    blocks = page("trade", study("KAZ", "RUS"))
    titles = [line for block in blocks for line in block.split("\n") if heading(line)]
    for gone in ("Made there, or sent from there", "Goods that only pass through", "Money that"):
        assert not [title for title in titles if gone in title], gone
    text = prose_of(blocks)
    assert "neither is at hand" not in text and "Gas from Russia" not in text
    [notice] = [block for block in blocks if "no row for" in block]
    assert "`trade/flows_by_month`" in notice and "`trade/money_transfers`" in notice
    data = [block.strip() for block in blocks].index("## The data")
    assert blocks[data + 1] == notice, "said once, at the top of the data"


def test_a_trough_that_another_source_does_not_have_is_said_to_be_doubtful(study):
    blocks = page("trade", study("KAZ", "RUS"))
    text = prose_of(blocks)
    assert "lowest in 2011, with 11 percent, which is in doubt" in text
    assert "by the others' reports it was 19 percent in that year" in text
    [periods] = [block for block in blocks if block.startswith("[Years  Source  Of exports")]
    assert "2006–2010  Correlates of War" in periods and "2011–2016  as the others" in periods


def test_a_figure_that_is_the_partners_own_is_no_second_report(study):
    text = prose_of(page("trade", study("KAZ", "RUS")))
    assert "In 2011 the Correlates of War's figure was 0.46 times Russia's" in text
    assert "In 2012, 2013 and 2014 it is Russia's own figure" in text
    assert "Each flow has two reporters" not in text


def test_the_expectations_are_told_without_another_pairs_dates(study):
    folder = study("KAZ", "RUS")
    for chapter in ("trade", "limiting_factors"):
        shutil.rmtree(folder.parent / "chapters", ignore_errors=True)
        [table] = [one for one in page(chapter, folder) if one.startswith("[Theory")]
        assert "2018" not in table and "2020" not in table and "Note" not in table


def test_a_state_far_below_its_ally_is_as_far_as_one_far_above(study):
    """Seen from Armenia all others are rated lower, so the least of the differences is the largest."""
    blocks = page("limiting_factors", study("RUS", "ARM"))
    [picture] = [one for one in blocks if "partners compared here" in one]
    rows = re.findall(r"([A-Z][a-z]+), 2024: (-?\d\.\d\d)", picture.replace("−", "-"))
    farthest = max(rows, key=lambda row: abs(float(row[1])))[0]
    assert f"Of Armenia's partners compared here, {farthest} now" in picture
    assert min(rows, key=lambda row: float(row[1]))[0] == farthest, "the farthest lies below"
    text = prose_of(blocks)
    assert f"Russia lay {abs(float(dict(rows)['Russia'])):.2f} from Armenia" in text


def test_the_map_of_one_road_is_not_shown_to_others(study):
    blocks = page("ties", study("TJK", "RUS"))
    check(blocks)
    text = prose_of(blocks)
    assert "## The map" not in text and "drawn for the road" not in text
    assert "history and culture was looked into for its own pair only" in text
    assert "(text)" not in text, "nothing is said of tables that nobody else can fill"
    assert "GeoDist's coding and no judgement of ours" in text


def test_trade_of_a_pair_without_its_own_office_names_the_concept_and_has_its_figures(study):
    folder = study("KAZ", "RUS")
    blocks = page("trade", folder)
    check(blocks)
    with (folder / "trade" / "mirror_flows.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["partner"] == "KAZ"]
    sums = {
        who: sum(
            float(row["value"]) for row in rows if (row["reporter"], row["year"]) == (who, "2021")
        )
        for who in ("RUS", "WLD")
    }
    text = prose_of(blocks)
    assert f"at {100 * sums['RUS'] / sums['WLD']:.0f} percent in 2021" in text
    assert "No office's own figures" in text and "Armstat" not in text
    assert any("As the others report it" in block for block in blocks), "the seam is shown"


def test_an_ally_that_reports_nothing_is_not_mirrored(study):
    blocks = page("trade", study("RUS", "KAZ"))
    check(blocks)
    text = prose_of(blocks)
    assert "One source is at hand" in text and "are not those of Kazakhstan" in text
    assert "times as much for Kazakhstan" in text, "the weaker side is named"


def test_the_dates_of_another_pair_are_those_of_the_events_that_it_is_shown(study):
    blocks = page("orientation_change", study("KAZ", "RUS"))
    check(blocks)
    text = prose_of(blocks)
    assert "2009 (war in Georgia), 2014 (Crimea) and 2022 (invasion of Ukraine)" in text
    assert "2018" not in text.split("Now three dates are named")[1].split("## Beside")[0]
