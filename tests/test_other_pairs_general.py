"""What every page of another pair's book rests on: the tables' own words, notices, pages, claims."""

import json
import re

import pandas as pd
import pytest
from support import ROOT

from alliances import Study, catalogue, fitting
from alliances.new_study import new_study
from alliances.sources import all_sources

PAGES = sorted((ROOT / "chapters").glob("*.md"))
STATES_OF_THE_CASE = re.compile("Armenia|Russia|Kazakh|Belarus|Kyrgyz|Tajik|Azerbaijan|Soviet")


@pytest.fixture(scope="module")
def japan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "japan"
    new_study(ROOT / "data", folder, "JPN", "USA", ["KOR"])
    return Study(folder)


def cells():
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            yield path.stem, cell, "".join(cell["source"]), cell["metadata"].get("tags", [])


def test_a_table_of_the_case_is_read_where_the_case_is_told_and_nowhere_else():
    of_the_case = {
        one["name"] for one in Study(ROOT / "data").package["resources"] if "case_only" in one
    }
    assert len(of_the_case) > 9
    for name, cell, source, tags in cells():
        read = set(re.findall(r"""table\(\s*["']([^"']+)""", source)) & of_the_case
        assert not read or "case" in tags, (name, read)


def test_what_another_study_says_of_its_tables_is_not_about_the_books_own_case(japan):
    kept = {"states", "claims/statements", "claims/readings", "claims/citations"}
    for one in catalogue.of_pair(japan):
        if one["name"] not in kept:
            said = STATES_OF_THE_CASE.search(f"{one['title']} {one['description']} {one['gaps']}")
            assert not said, one["name"]


def test_a_table_whose_rows_are_all_of_other_states_says_so(japan):
    rows = {line.split("  ")[0]: line for line in catalogue.overview(japan).text.splitlines()[1:]}
    told = {name for name, line in rows.items() if catalogue.NONE_OF_PAIR in line}
    for name in ("trade/mirror_flows", "trade/flows_by_year", "trade/money_transfers"):
        frame = japan.table(name)
        between = {("JPN", "USA"), ("USA", "JPN")} & set(zip(frame["reporter"], frame["partner"]))
        assert (name in told) == (len(frame) > 0 and not between), name
    page = catalogue.cards(japan).markup
    assert page.count(f"{catalogue.NONE_OF_PAIR.capitalize()}.") == len(told) > 0
    assert catalogue.NONE_OF_PAIR not in catalogue.overview(Study(ROOT / "data")).text


def test_an_empty_table_claims_no_search_no_years_and_no_producer(japan):
    page = catalogue.cards(japan).markup
    cards = {re.search("<code>(.+?)</code>", card)[1]: card for card in page.split("<details")[1:]}
    rows = [line.split("  ") for line in catalogue.overview(japan).text.splitlines()[1:]]
    filled = 0
    for name, _, number, years, producers in rows:
        card = cards[name]
        if number == "0":
            assert (years, producers) == ("–", "–"), name
            assert catalogue.NOBODY in card and "Source." not in card and "Gaps." not in card
            assert "rows that came with the book" not in card
        else:
            filled += 1
            assert catalogue.NOBODY not in card and producers != "not named", name
    assert 10 < filled < len(rows) - 10
    said = catalogue.without_rows_in_words(japan)
    assert said == f", {len(rows) - filled} of them without a row yet"


def test_a_file_that_was_read_and_held_nothing_is_told_from_nobody_looking():
    read = {"waiting_for": "Import it.", "sources": [{"command": "alliances import cshapes x.csv"}]}
    assert catalogue.without_rows(read).startswith("The file that was imported has no row")


@pytest.mark.parametrize(
    "sources, columns, said",
    [
        ([{"title": "T", "producer": "P"}, {"title": "U"}], ["a"], "P"),
        ([{"title": "T"}], ["a", "source_title"], "not named"),
        ([], ["a", "source_title"], "collected by hand"),
        ([], ["a"], "not named"),
    ],
)
def test_whose_figures_a_table_has_is_never_guessed(sources, columns, said):
    fields = [{"name": name, "type": "string"} for name in columns]
    resource = {"name": "x/y", "title": "X", "sources": sources, "schema": {"fields": fields}}

    class One:
        focal, ally = "JPN", "USA"
        package = {"resources": [resource]}

        def concerns(self, resource):
            return True

        def table(self, name):
            return pd.DataFrame({"a": [1]})

    assert catalogue.overview(One()).text.splitlines()[1].split("  ")[-1] == said


def test_every_source_names_its_producer_as_the_shipped_study_does():
    shipped = {}
    for resource in Study(ROOT / "data").package["resources"]:
        for entry in resource["sources"]:
            shipped.setdefault(entry.get("key"), entry)
    assert len(set(shipped) & set(all_sources())) > 25
    for name, source in all_sources().items():
        assert source.producer and source.path.startswith("http"), name
        entry = shipped.get(name)
        if entry:
            own = (source.producer, source.path, source.citation or None)
            assert own == (entry["producer"], entry["path"], entry.get("citation")), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_cut_to_its_book_and_shows_no_mark_of_the_cut(path):
    text = path.read_text(encoding="utf-8")
    others, case = (fitting.fit_page(text, is_case=own) for own in (False, True))
    assert "\n+++" not in others + case
    assert ":all:" not in others and ":cited:" not in case


def test_no_text_for_all_pairs_uses_a_word_that_stands_in_the_case_part_of_the_glossary():
    text = (ROOT / "chapters" / "glossary.md").read_text(encoding="utf-8")
    general = fitting.fit_page(text, is_case=False)
    defined = set(re.findall(r"^(\w.*)$", general.split("```")[1], re.MULTILINE))
    used = re.findall(r"\{term\}`([^`]+)`", general)
    for _, _, source, tags in cells():
        used += [] if "case" in tags else re.findall(r"\{term\}`([^`]+)`", source)
    words = {re.sub(r".*<(.+)>", r"\1", word) for word in used}
    lower = {word.lower() for word in defined}
    assert len(words) > 30 and not {word for word in words if word.lower() not in lower}


def test_a_glossary_for_others_has_no_word_of_the_case_alone():
    text = (ROOT / "chapters" / "glossary.md").read_text(encoding="utf-8")
    general = fitting.fit_page(text, is_case=False)
    assert "lang=" not in general and not re.search("Armenia's|Armenian|Russian", general)
    for word in ("102nd base", "Upper Lars", "Nagorno-Karabakh", "treaty of 1997", "TSFSR"):
        assert word in fitting.fit_page(text, is_case=True) and word not in general
