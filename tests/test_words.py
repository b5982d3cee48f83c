"""Prose, verdicts, tables and charts say what the data say, and nothing that the data smuggle in."""

import json

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from alliances import Study, charts, prose, tables
from alliances.problems import DataProblem


@pytest.fixture(scope="module")
def study():
    return Study(ROOT / "data")


@pytest.mark.parametrize(
    "form, value, written",
    [
        ("percent", 0.939, "94 percent"),
        ("percent", 0.005, "1 percent"),
        ("percent", float("nan"), "not defined"),
        ("points", -0.214, "21 percentage points"),
        ("points", 0.012, "1 percentage point"),
        ("count", 0, "none"),
        ("count", 12, "twelve"),
        ("count", 1300, "1,300"),
        ("signed", -0.5, "−0.50"),
        ("date", "2023-04-26", "26 April 2023"),
        (".1f", 2.25, "2.2"),
        ("list", ["a", "b", "c"], "a, b and c"),
        ("list", [], "none"),
    ],
)
def test_numbers_are_written_as_readers_read_them(form, value, written):
    assert prose.fill(f"It is {{x:{form}}}.", x=value) == f"It is {written}."


def test_a_place_without_a_value_and_a_value_without_a_place_are_refused():
    with pytest.raises(DataProblem, match=r"without a value for \['b'\]"):
        prose.say("{a} {b}", a=1)
    with pytest.raises(DataProblem, match=r"values without a place: \['c'\]"):
        prose.say("{a}", a=1, c=2)


def test_roles_stay_and_strings_from_data_have_no_effect():
    text = prose.fill(
        "{cite:p}`walt1987` {x}", x="<script>alert(1)</script> **b** {cite}`y` [a](b)"
    )
    assert text.startswith("{cite:p}`walt1987` &lt;script&gt;")
    for sign in ("<script", " **b**", "[a]("):
        assert sign not in text


@given(st.text(max_size=60))
def test_text_from_data_never_becomes_markup(text):
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark").renderInline("x" + prose.plain(text).replace("\n", " ") + "x")
    assert "<" not in shown


def test_verdicts_are_computed():
    assert prose.verdict_on_number(93.9, 94, tolerance=0.5) == prose.HOLDS
    assert prose.verdict_on_number(32.4, 10, tolerance=1) == prose.FAILS
    assert prose.verdict_on_number(float("nan"), 10, tolerance=1) == prose.UNCHECKED
    assert prose.verdict_on(True, None, False) == prose.QUALIFIED


def test_a_statement_has_its_anchor_its_verdict_and_the_articles_words(study):
    shown = prose.statement(
        study, "A2", data="{x:percent}", verdict=prose.HOLDS, why="Because.", x=0.94
    )
    assert ":name: statement-a2\n" in shown.markdown and "94 percent" in shown.markdown
    assert "**Verdict: holds.** Because. [A2](#claim-a2)" in shown.markdown
    parts = {"id": "A2", "verdict": "holds", "found": "94 percent", "why": "Because."}
    bundle = shown._repr_mimebundle_()
    assert bundle[prose.STATEMENT] == parts and bundle["text/markdown"] == shown.markdown
    with pytest.raises(DataProblem, match="no row Z9"):
        prose.statement(study, "Z9", data="x", verdict=prose.HOLDS)
    with pytest.raises(DataProblem, match="is no verdict"):
        prose.statement(study, "A2", data="x", verdict="maybe")


def test_a_table_escapes_what_it_shows_and_marks_what_is_missing():
    frame = pd.DataFrame({"name": ["<img src=x onerror=alert(1)>"], "share": [float("nan")]})
    shown = tables.show(
        frame, 'A "caption" <b>', {"name": "Name", "share": "Share"}, {"share": "percent"}
    )
    assert "<img" not in shown.markup and "&lt;img" in shown.markup and "–" in shown.markup
    assert "<b>" not in shown.markup and 'tabindex="0"' in shown.markup
    with pytest.raises(DataProblem, match="no column"):
        tables.show(frame, "x", {"other": "Other"})


def frame(**columns):
    return pd.DataFrame({"year": [2000, 2001, 2003], "share": [0.2, 0.9, 0.4], **columns})


WORDS = {
    "title": "What to see",
    "caption": "What is drawn.",
    "source": "Whence.",
    "value_title": "Share",
}


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_number_is_said_to_be_missing(missing):
    assert prose.fill("{share:percent}", share=missing) == "not defined"


def test_a_cell_links_to_its_source_and_to_nothing_else():
    frame = pd.DataFrame(
        {
            "title": ["Report", "<b>Trap</b>", "No address"],
            "url": ["https://example.org/?a=1&b=2", "javascript:alert(1)", None],
        }
    )
    page = tables.show(frame, "x", {"title": "Source"}, links={"title": "url"}).markup
    assert '<a href="https://example.org/?a=1&amp;b=2">Report</a>' in page
    assert "javascript" not in page and "<b>" not in page and page.count("<a ") == 1
    with pytest.raises(DataProblem, match="has no column"):
        tables.show(frame, "x", {"title": "Source"}, links={"title": "address"})


def test_cards_hold_every_row_with_its_accounts_and_no_markup_of_the_data():
    frame = pd.DataFrame(
        {"id": ["a", "b"], "what": ["<i>War</i>", "Visit"], "asked": ["Help", None]}
    )
    accounts = pd.DataFrame(
        {
            "id": ["a", "a"],
            "party": ["One", "Other"],
            "says": ["<script>", "No"],
            "source_title": ["T", "T"],
            "source_url": ["https://example.org/1", "ftp://example.org"],
        }
    )
    shown = tables.cards(frame, "Cards", "what", {"asked": "Asked"}, accounts=accounts, key="id")
    assert shown.markup.count("<details") == 2 and shown.markup.count("<li>") == 2
    assert "<script" not in shown.markup and "<i>" not in shown.markup
    assert shown.markup.count('href="https://example.org/1"') == 1 and "ftp:" not in shown.markup
    assert shown.markup.count("<dt>") == 1, "an empty cell is left out, not shown as a value"
    assert shown.text.splitlines() == ["<i>War</i>. Asked: Help", "Visit. "]
    with pytest.raises(DataProblem, match="has no column"):
        tables.cards(frame, "Cards", "label", {"asked": "Asked"})


def test_a_chart_without_a_description_is_refused():
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")
    with pytest.raises(DataProblem, match="no description"):
        chart._repr_mimebundle_()


def test_a_description_says_first_last_highest_and_lowest():
    chart = charts.over_time(
        frame(), value="share", name="x", period=(2000, 2004), turn="It fell.", **WORDS
    )
    said = chart.to_dict()["description"]
    for words in (
        "What to see.",
        "First 20% (2000)",
        "last 40% (2003)",
        "highest 90% (2001)",
        "It fell.",
    ):
        assert words in said


def test_a_missing_year_is_a_gap_and_not_a_line_or_a_zero():
    spec = charts.over_time(
        frame(), value="share", name="x", period=(2000, 2004), **WORDS
    ).to_dict()
    rows = {row["year"]: row["share"] for row in spec["datasets"][spec["data"]["name"]]}
    assert rows == {2000: 0.2, 2001: 0.9, 2002: None, 2003: 0.4}


def test_pictures_that_cannot_be_drawn_are_refused():
    for wrong, said in [
        ({"name": "Big Name"}, "small letters"),
        ({"value": "tiv"}, "no column"),
        ({"frame": pd.concat([frame(), frame()])}, "several values in one year"),
    ]:
        options = (
            {"frame": frame(), "value": "share", "name": "x", "period": (2000, 2004)}
            | WORDS
            | wrong
        )
        with pytest.raises(DataProblem, match=said):
            charts.over_time(**options)
    votes = pd.DataFrame({"row": ["a"], "column": ["b"], "vote": ["perhaps"]})
    with pytest.raises(DataProblem, match=r"found the values \['perhaps'\]"):
        charts.tiles(
            votes,
            row="row",
            column="column",
            value="vote",
            kinds={"yes": ("Y", "#2f7d5b")},
            name="x",
            row_title="R",
            column_title="C",
            description="D.",
            **WORDS,
        )


def test_a_period_without_data_is_said_in_words_instead_of_drawn():
    empty = charts.over_time(
        frame().iloc[:0], value="share", name="x", period=(2000, 2004), **WORDS
    )
    assert (
        empty.markdown == "*What to see*: no picture, since the data hold nothing for these years."
    )


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("ground", ["#ffffff", "#121212", "#14181e"])
def test_every_colour_of_a_state_stands_out_from_light_and_dark_ground(ground):
    for state, colour in charts.COLOURS.items():
        light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, state


def test_states_can_be_told_apart_by_colour():
    assert len(set(charts.COLOURS.values())) == len(charts.COLOURS)


def test_the_words_of_a_picture_reach_readers_without_pictures():
    chart = charts.over_time(frame(), value="share", name="x", period=(2000, 2004), **WORDS)
    bundle = chart._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert bundle["text/plain"].startswith("Picture: What to see.")
    json.dumps(bundle[charts.MIME])
