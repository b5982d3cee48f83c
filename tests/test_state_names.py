"""Names of states take their article in sentences, and stay bare in tables, legends and labels."""

import html

import pandas as pd
import pytest
from support import ROOT

from alliances import Study, charts, prose, tables
from alliances.state_names import StateName, label, sentence

WITH_ARTICLE = set(
    "ARE BHS CAF COD COG COK COM DDR DOM GBR GMB KOR LAO MDV MHL NLD PHL SLB SUN USA VAT YAR".split()
)


@pytest.fixture(scope="module")
def names():
    return Study(ROOT / "data").names


def test_the_states_with_an_article_are_those_that_english_gives_one(names):
    assert {code for code, name in names.items() if f"{name}" != name} == WITH_ARTICLE
    assert all(f"{name}".removeprefix("the ") == name for name in names.values())


@pytest.mark.parametrize(
    "name",
    [
        *("Czech Republic", "Republic of Moldova", "Democratic Republic of the Congo"),
        *("Russian Federation", "United Republic of Tanzania", "United States of America"),
    ],
)
def test_a_name_of_other_spelling_is_served_too(name):
    assert f"in {StateName(name)}" == f"in the {name}"


@pytest.mark.parametrize("name", ["Armenia", "Russia", "Guinea", "Saint Vincent and the Grenadines"])
def test_other_names_and_their_possessives_stay_as_they_are(name):
    text = prose.say("{state}'s share; {state} fell. {state} rose.", state=StateName(name)).markdown
    assert text == f"{name}'s share; {name} fell. {name} rose."


def test_a_sentence_with_an_article_is_written_as_english_writes_it(names):
    text = prose.say(
        """
        {ally}'s share fell. {ally} bought from {others:list}.

        - **{ally}** and {focal}: {fragment}
        """,
        ally=names["USA"], focal=names["NLD"], others=[names["KOR"], names["ARM"], names["PHL"]],
        fragment=prose.fill("{ally}'s part", ally=names["GBR"]),
    ).markdown  # fmt: skip
    assert text == (
        "The United States' share fell. The United States bought from the Republic of Korea, Armenia"
        " and the Philippines.\n\n- **The United States** and the Netherlands: the United Kingdom's part"
    )


@pytest.mark.parametrize("text", ["Why the United States left", "e.g. the Netherlands", "the share"])
def test_inside_a_sentence_no_letter_changes(text):
    assert sentence(text) == text


def test_tables_and_legends_have_the_bare_name_and_captions_the_article(names):
    usa = names["USA"]
    frame = pd.DataFrame({"state": ["USA"], "share": [0.5]})
    shown = tables.show(
        frame.assign(state=frame["state"].map(names)), f"{usa}'s share", {"state": "State", "share": f"{usa}'s share"}
    )  # fmt: skip
    page = html.unescape(shown.markup)
    assert ">United States<" in page and ">United States' share<" in page
    assert "<span>The United States' share</span>" in page
    series = pd.DataFrame({"year": [2000, 2001], "state": ["USA", "USA"], "share": [0.2, 0.4]})
    chart = charts.over_time(
        series, value="share", value_title=f"{usa}'s share", series="state", names=names, period=(2000, 2001),
        title=f"{usa} buys", caption=f"What {usa} buys.", source="x", name="x",
    )  # fmt: skip
    spec = chart.to_dict()
    about = spec["usermeta"]["alliances"]
    assert (about["title"], about["caption"]) == ("The United States buys", "What the United States buys.")
    assert about["table"]["names"]["state"]["USA"] == "United States"
    assert spec["description"].startswith("The United States buys. Drawn: United States' share, 2000")
    assert label("the Netherlands's share") == "Netherlands' share"


@pytest.mark.parametrize("code", ["USA", "ARM"])
def test_as_a_value_a_name_is_its_bare_word(names, code):
    assert names[code] == str(names[code]) == {"USA": "United States", "ARM": "Armenia"}[code]
    assert pd.Series([code]).map(names).tolist() == [names[code]]
