"""State names to ISO codes, and the dates of United Nations membership."""

import pandas as pd
import pytest

from alliances.problems import DataProblem
from alliances.sources.members import states_table
from alliances.sources.names import iso3, iso3_column


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("TURKEY", "TUR"),
        ("TURKIYE", "TUR"),
        ("TÜRKIYE", "TUR"),
        ("TÜRKÝYE", "TUR"),
        ("TÜRKİYE", "TUR"),
        ("CÔTE D'IVOIRE", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("NETHERLANDS (KINGDOM OF THE)", "NLD"),
        ("IRAN (ISLAMIC REPUBLIC OF)", "IRN"),
        ("Viet Nam", "VNM"),
        ("UAE", "ARE"),
        ("DR Congo", "COD"),
        ("Congo - Brazzaville", "COG"),
        ("Russia/USSR", "RUS"),
        ("Russian Federation", "RUS"),
        ("Kyrgyz Republic", "KGZ"),
        ("Korea, South", "KOR"),
        ("Korea, North", "PRK"),
        ("Congo, DR", "COD"),
        ("Congo, Republic", "COG"),
        ("Gambia, The", "GMB"),
        ("Germany, W.", "DEU"),
        ("Burma/Myanmar", "MMR"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("St. Vincent & Grenadines", "VCT"),
        ("y SAUDI ARABIA", "SAU"),
        ("Russia", "RUS"),
        ("Soviet Union", "SUN"),
        ("Yugoslavia", "YUG"),
        ("Czechoslovakia", "CSK"),
        ("unknown supplier(s)", "ZZZ"),
        ("ARM", "ARM"),
        (" Republic  of Korea ", "KOR"),
    ],
)
def test_spellings_that_producers_use(name, code):
    assert iso3(name) == code


@pytest.mark.parametrize("name", ["Nigerr", "NATO**", "", "Hamas (Palestine)*", "Total", None])
def test_nothing_is_guessed(name):
    with pytest.raises(DataProblem, match="no state is known"):
        iso3(name)


def test_a_column_names_file_column_and_every_unknown_name_with_its_row():
    names = pd.Series(["Armenia", "Armenja", "Russia", "Rusia", "Armenja"], name="member_state")
    with pytest.raises(DataProblem) as caught:
        iso3_column(names, "votes.csv")
    for word in ("votes.csv", "member_state", "row 3: 'Armenja'", "row 5: 'Rusia'"):
        assert word in str(caught.value)


def test_a_column_keeps_its_index():
    codes = iso3_column(pd.Series(["France", "India"], index=[7, 9], name="s"), "f.csv")
    assert codes.to_dict() == {7: "FRA", 9: "IND"}


def test_membership_grows_as_the_united_nations_counts_it():
    """Against the United Nations' own table of the growth of its membership.

    That table went on counting Yugoslavia's empty seat from 1992 to 2000; here it is not a member,
    because it could not vote.
    """
    states = states_table()
    since, until = states["un_member_from"], states["un_member_until"]
    for day, members in {
        "1945-12-31": 51,
        "1955-12-31": 76,
        "1992-12-31": 179,
        "1993-12-31": 184,
        "1999-12-31": 188,
        "2000-12-31": 189,
        "2002-12-31": 191,
        "2006-12-31": 192,
        "2011-12-31": 193,
        "2026-06-30": 193,
    }.items():
        inside = (since != "") & (since <= day) & ((until == "") | (until >= day))
        empty_seat = "1992-09-22" <= day < "2000-11-01"
        assert inside.sum() == members - empty_seat, day


def test_states_are_named_once_and_the_pair_is_there():
    states = states_table()
    assert states["iso3"].is_unique
    assert states["name"].is_unique
    names = states.set_index("iso3")["name"]
    assert [names[code] for code in ("RUS", "USA", "TUR", "ARM")] == [
        "Russia", "United States", "Türkiye", "Armenia"
    ]  # fmt: skip
    assert {"SUN", "YUG", "CSK", "ZZZ", "PSE", "VAT"} <= set(names.index)
