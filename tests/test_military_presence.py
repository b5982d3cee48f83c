"""Presence of soldiers: counts by hand, what holds of any table, bad input, the chapter's words."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared
from test_chapters import rows, words

from alliances import Study, military_presence
from alliances.problems import DataProblem
from alliances.sources.natural_earth import read_outline

few = settings(max_examples=25, deadline=None)
KINDS = [kind for kinds in military_presence.GROUPS.values() for kind in kinds]


def site(
    name,
    kind,
    start,
    end=None,
    host="ARM",
    sender="RUS",
    start_confirmed="yes",
    end_confirmed=None,
    place=None,
    there_by=None,
):
    what = [name, kind, host, sender, place or name]
    return [*what, start, end, start_confirmed, there_by, end_confirmed]


def table(*sites):
    frame = pd.DataFrame(sites, columns=military_presence.SITE)
    return frame.assign(longitude=44.0, latitude=40.0)


SITES = table(
    site("Base", "base", "1995-03-16"),
    site("Airfield", "air base", "1995"),
    site("Airport", "checkpoint", "1992", "2024-07-31", end_confirmed="yes"),
    site("Crossing", "checkpoint", "1992", "2024-12-31", end_confirmed="yes"),
    site("Hills", "posts in a region", "2020-11", "2024", end_confirmed="no"),
    site("Valley", "posts in a region", "2021", "2024", start_confirmed="no", end_confirmed="no"),
    site("Mission", "peacekeepers", "2020-11-10", "2024-06-12", host="AZE", end_confirmed="yes"),
)


def guards(sites, first, last, column="open"):
    counted = military_presence.posts_open(sites, "ARM", "RUS", first, last)
    return counted[counted["group"] == "border guard posts"][column].tolist()


def test_the_last_day_of_the_year_decides():
    assert military_presence.presence(SITES, "ARM", "RUS", 2024)["name"].tolist() == [
        "Base",
        "Airfield",
        "Crossing",
    ]
    assert "Base" not in set(military_presence.presence(SITES, "ARM", "RUS", 1994)["name"])
    assert "Airfield" in set(military_presence.presence(SITES, "ARM", "RUS", 1995)["name"])


def test_what_is_uncertain_is_counted_between_bounds():
    assert guards(SITES, 2019, 2025) == [2, 3, 4, 4, 4, 1, 0]
    assert guards(SITES, 2019, 2025, "at_least") == [2, 3, 3, 3, 3, 1, 0]
    assert guards(SITES, 2019, 2025, "at_most") == [2, 3, 4, 4, 4, 3, 2]


def test_a_start_without_a_date_counts_for_sure_from_the_page_that_has_it_there():
    sites = table(
        site(
            "Post", "checkpoint", "1992", "2024-12-31", "ARM", "RUS", "no", "yes", None, "2022-07"
        ),
        site("Hill", "posts in a region", "2021", start_confirmed="no"),
    )
    assert guards(sites, 2020, 2025, "at_least") == [0, 0, 1, 1, 1, 0]
    assert guards(sites, 2020, 2025) == [1, 2, 2, 2, 2, 1]


def test_strongholds_are_the_armys_and_no_bases():
    sites = table(
        site("Base", "base", "1995"),
        site("Hold", "strongholds in a region", "2021-05", "2024", end_confirmed="no"),
    )
    counted = military_presence.posts_open(sites, "ARM", "RUS", 2020, 2025)
    by_group = counted.groupby("group")["open"].agg(list).to_dict()
    assert by_group["bases"] == [1] * 6 and by_group["strongholds"] == [0, 1, 1, 1, 0, 0]
    assert by_group["border guard posts"] == [0] * 6
    compared = military_presence.measures_compared(sites, "ARM", "RUS", 2020, 2025)
    changed = compared.set_index("measure")["changed_in"]
    assert (
        changed["Number of army places"] == "2021, 2024" and changed["A base (0 or 1)"] == "never"
    )


def counts(**by_group):
    rows_ = [
        (year, {"guards": "border guard posts"}.get(group, group), number, low, high)
        for group, given_years in by_group.items()
        for year, (number, low, high) in given_years.items()
    ]
    return pd.DataFrame(rows_, columns=["year", "group", "open", "at_least", "at_most"])


def expectation(word, when):
    return pd.DataFrame({"theory": ["any"], "expectation": [word], "when": [when]})


@pytest.mark.parametrize(
    "word, before, after, answer",
    [
        ("rises", (6, 5, 6), (9, 8, 9), "fits"),
        ("rises", (6, 5, 6), (9, 6, 9), "fits, if the dates hold"),
        ("rises", (6, 5, 6), (6, 5, 6), "does not fit"),
        ("falls", (9, 8, 9), (4, 4, 7), "fits"),
        ("falls", (9, 8, 9), (4, 4, 9), "fits, if the dates hold"),
        ("falls", (4, 4, 4), (9, 9, 9), "does not fit"),
    ],
)
def test_an_expectation_is_answered_by_the_bounds_first(word, before, after, answer):
    counted = counts(bases={2017: (2, 2, 2), 2019: (2, 2, 2)}, guards={2017: before, 2019: after})
    found = military_presence.expectations_met(expectation(word, "change of 2018"), counted)
    assert found["answer"].tolist() == [answer]
    assert found["guards"].tolist() == [f"{before[0]} → {after[0]}"]


def test_a_base_answers_to_holds_and_other_words_are_left_out():
    counted = counts(
        bases={2017: (2, 2, 2), 2019: (1, 1, 1)}, guards={2017: (0, 0, 0), 2019: (0, 0, 0)}
    )
    for when, answer in (
        ("in 2018", "does not fit"),
        ("always", "does not fit"),
        ("in 2030", "outside these years"),
    ):
        found = military_presence.expectations_met(expectation("holds", when), counted)
        assert found["answer"].tolist() == [answer]
    assert military_presence.expectations_met(expectation("silent", None), counted).empty
    with pytest.raises(DataProblem, match="the columns when are missing"):
        military_presence.expectations_met(expectation("holds", "").drop(columns="when"), counted)


def test_peacekeepers_elsewhere_are_never_added():
    assert len(military_presence.presence(SITES, "AZE", "RUS", 2022)) == 1
    alone = SITES[SITES["kind"] == "peacekeepers"].assign(host_state="ARM")
    counted = military_presence.posts_open(alone, "ARM", "RUS", 2020, 2024)
    assert counted["open"].sum() == 0


def test_the_other_direction_is_empty_and_not_an_error():
    assert military_presence.direction(SITES, "RUS", "ARM") == ("ARM", "RUS")
    assert military_presence.presence(SITES, "RUS", "ARM", 2020).empty
    found = military_presence.presence_by_year(SITES, "RUS", "ARM", 2020, 2021)
    assert found["present"].tolist() == [0, 0]
    with pytest.raises(DataProblem, match="no row for ARM and KAZ in either direction"):
        military_presence.direction(SITES, "ARM", "KAZ")


@st.composite
def some_sites(draw):
    found = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(1992, 2024))
        ended = draw(st.booleans())
        found.append(
            site(
                f"s{number}",
                draw(st.sampled_from(KINDS)),
                str(start),
                str(draw(st.integers(start, 2025))) if ended else None,
                start_confirmed=draw(st.sampled_from(["yes", "no"])),
                end_confirmed=draw(st.sampled_from(["yes", "no"])) if ended else None,
            )
        )
    return table(*found)


@few
@given(some_sites())
def test_the_bounds_hold_and_the_groups_make_up_what_is_present(sites):
    counted = military_presence.posts_open(sites, "ARM", "RUS", 1992, 2025)
    assert (counted["at_least"] <= counted["open"]).all()
    assert (counted["open"] <= counted["at_most"]).all()
    by_year = counted.groupby("year")["open"].sum()
    for year in (1992, 2010, 2025):
        assert by_year[year] == len(military_presence.presence(sites, "ARM", "RUS", year))
    binary = military_presence.presence_by_year(sites, "ARM", "RUS", 1992, 2025).set_index("year")
    assert (binary["present"] == by_year.gt(0)).all()
    assert (binary["base"] <= binary["present"]).all()


@few
@given(some_sites(), st.integers(0, 5))
def test_the_order_of_the_rows_does_not_matter(sites, seed):
    mixed = sites.sample(frac=1, random_state=seed)
    for measure in (military_presence.posts_open, military_presence.measures_compared):
        pd.testing.assert_frame_equal(
            measure(sites, "ARM", "RUS", 1992, 2025), measure(mixed, "ARM", "RUS", 1992, 2025)
        )


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12))
def test_a_constant_has_no_change_and_everything_else_has(values):
    told = military_presence.variation(pd.Series(values, index=range(2000, 2000 + len(values))))
    assert told["changes"] == sum(a != b for a, b in zip(values, values[1:]))
    assert (told["changes"] == 0) == (told["values"] == 1)
    assert len(told["years_of_change"]) == told["changes"]


def test_a_gap_is_neither_change_nor_constancy():
    with pytest.raises(DataProblem, match="1 of them without a value"):
        military_presence.variation(pd.Series([1, np.nan, 1], index=[2000, 2001, 2002]))
    with pytest.raises(DataProblem, match="of 1 years"):
        military_presence.variation(pd.Series([1], index=[2000]))


DOCUMENTS = pd.DataFrame(
    {"signed": ["2010-08-20", "1995"], "term_years": [49, 25], "term_until": [2044, np.nan]}
)


def test_the_years_left_follow_the_latest_document_signed():
    left = military_presence.years_left(DOCUMENTS, 1994, 2046).set_index("year")["years_left"]
    assert np.isnan(left[1994]) and left[1995] == 25 and left[2009] == 11
    assert left[2010] == 34 and left[2044] == 0 and left[2046] == -2
    with pytest.raises(DataProblem, match="signed 1995: found neither a term nor its end"):
        military_presence.years_left(DOCUMENTS.assign(term_years=np.nan), 2000, 2001)


def statements(*given_rows):
    frame = pd.DataFrame(given_rows, columns=["year", "low", "high"])
    return frame.assign(body="army", host_state="ARM", sending_state="RUS")


def army(frame, first=2010, last=2012):
    return military_presence.personnel_range(frame, "ARM", "RUS", "army", first, last)


def test_a_range_keeps_open_sides_open_and_gaps_empty():
    found = army(statements((2010, 3000, None), (2011, None, 5000), (None, 1, 9))).set_index("year")
    assert found.loc[2010, "lowest"] == 3000 and np.isnan(found.loc[2010, "highest"])
    assert np.isnan(found.loc[2011, "lowest"]) and found.loc[2011, "highest"] == 5000
    assert np.isnan(found.loc[2012, "lowest"]) and found["statements"].tolist() == [1, 1, 0]


def test_zero_people_is_a_number_and_words_are_none():
    found = army(statements((2010, 0, 0), (2011, None, None))).set_index("year")
    assert found.loc[2010, "highest"] == 0 and found["statements"].tolist() == [1, 0, 0]
    marks = military_presence.reported_numbers(
        statements((2010, 0, 0), (2010, 2, 5)), "ARM", "RUS", "army", 2010, 2010
    )
    assert marks[["given_as", "people"]].values.tolist() == [
        ["one figure", 0],
        ["at least", 2],
        ["at most", 5],
    ]
    assert set(marks["lowest"]) == {0} and set(marks["highest"]) == {5}


@few
@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=1, max_size=5))
def test_every_reported_number_lies_in_its_years_range(numbers):
    frame = statements(*((2010, min(pair), max(pair)) for pair in numbers))
    marks = military_presence.reported_numbers(frame, "ARM", "RUS", "army", 2010, 2012)
    assert marks["people"].between(marks["lowest"], marks["highest"]).all()
    assert army(frame)["lowest"][0] == min(min(pair) for pair in numbers)
    assert army(frame)["highest"][0] == max(max(pair) for pair in numbers)


def test_places_with_the_same_dates_share_a_line_and_others_do_not():
    kind = "border guard detachment"
    sites = table(
        site("One", kind, "1992", place="Meghri"),
        site("Two", kind, "1992", place="Armavir"),
        site("Three", kind, "1993", place="Gyumri"),
        site("Base", "air base", "1992"),
        site("Other", kind, "1992", sender="USA"),
    )
    found = military_presence.spans(sites, ("RUS",))
    assert found[["line", "kind"]].values.tolist() == [
        ["Base", "base"],
        ["Border guards at Armavir, Meghri", "detachment"],
        ["Three", "detachment"],
    ]


def test_a_place_says_what_is_there_or_that_it_was_left():
    sites = table(
        site("Base", "base", "1995", place="Gyumri"),
        site("Guards", "border guard detachment", "1992", place="Gyumri"),
        site("Post", "checkpoint", "1992", "2024", end_confirmed="yes", place="Agarak"),
        site("Later", "checkpoint", "2025", place="Margara"),
    )
    found = military_presence.places_at(sites, "ARM", "RUS", 2024).set_index("place")["kind"]
    assert found.to_dict() == {"Agarak": "left", "Gyumri": "base and border guards"}
    found = military_presence.places_at(sites, "ARM", "RUS", 1993).set_index("place")["kind"]
    assert found.to_dict() == {"Agarak": "border guards", "Gyumri": "border guards"}
    doubtful = sites.assign(end_confirmed=sites["end_confirmed"].replace("yes", "no"))
    found = military_presence.places_at(doubtful, "ARM", "RUS", 2024).set_index("place")["kind"]
    assert found["Agarak"] == military_presence.UNCONFIRMED and "Gyumri" in found
    with pytest.raises(DataProblem, match="Base, Guards, Post, Later lies at no degrees"):
        military_presence.places_at(sites.assign(latitude=400.0), "ARM", "RUS", 2024)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"kind": "tent"}, r"column kind: found \['tent'\]"),
        ({"from_date": "spring 1992"}, r"column from_date: found \['spring 1992'"),
        ({"until_date": 2024.0}, "column until_date: found"),
        ({"until_date": "1991-05"}, "ends before it starts: Base, Airfield"),
    ],
)
def test_bad_rows_are_refused_with_all_offenders(change, said):
    with pytest.raises(DataProblem, match=said):
        military_presence.presence(SITES.assign(**change), "ARM", "RUS", 2020)


def test_a_month_and_a_year_are_compared_as_far_as_both_are_known():
    sites = table(site("Short", "checkpoint", "2020-11", "2020", end_confirmed="yes"))
    assert military_presence.presence(sites, "ARM", "RUS", 2020).empty


def test_lacking_columns_and_impossible_numbers_are_refused():
    with pytest.raises(DataProblem, match="the columns kind, place are missing"):
        military_presence.presence(SITES.drop(columns=["kind", "place"]), "ARM", "RUS", 2020)
    with pytest.raises(DataProblem, match="2010: 5 to 3"):
        army(statements((2010, 5, 3)))
    with pytest.raises(DataProblem, match="0 or more"):
        army(statements((2010, -1, 3)))
    lengths = pd.DataFrame({"state": "ARM", "neighbour": ["TUR"], "length_km": [330]})
    with pytest.raises(DataProblem, match="no length is given of the border of ARM with IRN"):
        military_presence.length_range(lengths, "ARM", "IRN")


def test_a_stretch_that_nobody_guards_or_two_do_is_refused():
    study = Study(ROOT / "data")
    outline = study.table("military_presence/outline")
    borders = study.table("military_presence/borders")
    with pytest.raises(DataProblem, match="end of 2020: for ARM IRN 1 found nobody, or several"):
        military_presence.guarded_lines(outline, borders[borders["neighbour"] != "IRN"], 2020)
    twice = pd.concat([borders, borders[borders["neighbour"] == "GEO"]])
    with pytest.raises(DataProblem, match="for ARM GEO 1 found nobody, or several"):
        military_presence.guarded_lines(outline, twice, 2020)


def test_the_stretches_of_the_outline_meet_in_one_ring_around_the_places():
    corners = [
        (row["neighbour"], row["stretch"], (float(row["longitude"]), float(row["latitude"])))
        for row in rows("military_presence/outline")
    ]
    ends = [
        place
        for key in dict.fromkeys((who, number) for who, number, _ in corners)
        for place in [
            [at for who, number, at in corners if (who, number) == key][end] for end in (0, -1)
        ]
    ]
    assert len(ends) == 10 and all(ends.count(end) == 2 for end in ends)
    borders = {(row["neighbour"], row["stretch"]) for row in rows("military_presence/borders")}
    assert borders == {(who, number) for who, number, _ in corners}
    lons, lats = zip(*(at for _, _, at in corners))
    for row in rows("military_presence/sites"):
        if row["host_state"] == "ARM":
            assert min(lons) < float(row["longitude"]) < max(lons)
            assert min(lats) - 0.1 < float(row["latitude"]) < max(lats)


def atlas(**changed):
    """Two states side by side, Armenia ("051") and Türkiye ("792"), with nobody to the west."""
    arcs = [
        [[10, 0], [0, 10]],
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 0], [10, 0], [0, 10], [-10, 0]],
    ]
    shapes = [
        {"type": "Polygon", "id": "051", "arcs": [[0, 1]]},
        {"type": "MultiPolygon", "id": "792", "arcs": [[[2, -1]]]},
        {"type": "Polygon", "arcs": [[0]]},
    ]
    whole = {
        "transform": {"scale": [0.1, 0.1], "translate": [40, 39]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": shapes}},
    }
    return json.dumps(whole | changed)


def test_an_outline_is_read_from_shared_arcs_and_leaves_the_coast_out(tmp_path):
    path = tmp_path / "countries-50m.json"
    path.write_text(atlas())
    found = read_outline(path, "ARM")
    assert found.values.tolist() == [["TUR", 1, 1, 41.0, 39.0], ["TUR", 1, 2, 41.0, 40.0]]
    backwards = read_outline(path, "TUR")
    assert backwards["neighbour"].unique().tolist() == ["ARM"]
    assert backwards["latitude"].tolist() == [40.0, 39.0]


@pytest.mark.parametrize(
    "text, said",
    [
        ("{}", "no TopoJSON of states"),
        ("[1]", "no TopoJSON of states"),
        ("not json", "no TopoJSON of states"),
        (atlas(arcs=[]), "no TopoJSON of states"),
        ("<!doctype html>", "a web page"),
    ],
)
def test_another_file_is_no_outline(tmp_path, text, said):
    path = tmp_path / "countries-50m.json"
    path.write_text(text)
    with pytest.raises(DataProblem, match=said):
        read_outline(path, "ARM")


def test_a_state_that_the_file_lacks_is_named(tmp_path):
    path = tmp_path / "countries-50m.json"
    path.write_text(atlas())
    with pytest.raises(DataProblem, match="it holds no state KAZ"):
        read_outline(path, "KAZ")


@needs_shared
def test_the_numbers_of_the_scouted_list_are_in_the_table():
    ours = {
        (row["source_url"], row["year"], row["low"], row["high"])
        for row in rows("military_presence/personnel")
    }
    pages = {row[0] for row in ours} | {
        row[column]
        for name in ("sites", "steps", "personnel")
        for row in rows(f"military_presence/{name}")
        for column in ("source_url", "second_source_url")
    }
    path = SHARED / "data" / "troops" / "russian_presence_in_armenia_sourced.csv"
    with path.open(encoding="utf-8", newline="") as file:
        scouted = list(csv.DictReader(file))
    for row in scouted:
        if row["kind_of_figure"] in ("withdrawal", "withdrawal complete"):
            continue
        if "liquisearch" in row["source_url"]:
            continue  # a copy of an encyclopaedia; better pages took its place
        assert row["source_url"] in pages, row
        if row["low"]:
            numbers = {
                number
                for url, year, low, high in ours
                if year == row["year"] and (url == row["source_url"] or row["low"] == "1960")
                for number in (low, high)
            }
            assert row["low"] in numbers, row


def test_every_row_names_a_page_and_every_presence_in_armenia_a_basis():
    for name in ("sites", "personnel", "costs", "borders", "border_lengths", "steps"):
        for row in rows(f"military_presence/{name}"):
            assert row["source_title"] and row["source_url"].startswith("http"), row
    assert all(row["terms"] for row in rows("military_presence/sites"))


def held(year, kinds, sure_start=False, doubtful_end=False):
    """How many places stood in Armenia on 31 December, counted from the csv alone."""
    number = 0
    for row in rows("military_presence/sites"):
        if row["host_state"] != "ARM" or row["kind"] not in kinds:
            continue
        undated = sure_start and row["start_confirmed"] == "no"
        begun = int((row["there_by"] if undated else row["from_date"])[:4] or 9999) <= year
        end = row["until_date"] or "9999"
        if doubtful_end and row["end_confirmed"] == "no":
            end = "9999"
        gone = int(end[:4]) < year or (int(end[:4]) == year and end != f"{year}-12-31")
        number += begun and not gone
    return number


GUARDS = ("border guard detachment", "checkpoint", "posts in a region")
SMALL = "none one two three four five six seven eight nine ten eleven twelve".split()


def test_the_headline_figures_of_the_chapter():
    said = words("military_presence")
    posts = {year: held(year, GUARDS) for year in range(1992, 2026)}
    assert f"border guards held {SMALL[posts[2019]]} places to the end of 2019" in said
    assert (
        f"to {SMALL[posts[2020]]} at the end of that year and {SMALL[posts[2022]]} in 2022" in said
    )
    assert posts[2022] == max(posts.values())
    assert f"the lower edge is {SMALL[held(2019, GUARDS, sure_start=True)]}" in said
    assert (
        f"At the end of 2024 it was {SMALL[posts[2024]]}, a year later {SMALL[posts[2025]]}" in said
    )
    assert f"at least {SMALL[held(2022, GUARDS, sure_start=True)]} in 2022" in said
    assert f"the count for 2025 would be {SMALL[held(2025, GUARDS, doubtful_end=True)]}" in said
    # The title of the picture: by every edge a rise from 2020, and a fall in 2024 and 2025.
    for edge in ({}, {"sure_start": True}, {"doubtful_end": True}):
        by_year = {year: held(year, GUARDS, **edge) for year in range(2019, 2026)}
        assert by_year[2019] < by_year[2020] < by_year[2021]
        assert by_year[2023] > by_year[2024] > by_year[2025]
    assert {held(year, ("base", "air base")) for year in range(1995, 2026)} == {2}
    assert [held(year, ("strongholds in a region",)) for year in (2020, 2021, 2024)] == [0, 1, 0]
    assert all(held(year, KINDS) > 0 for year in posts)
    assert "takes one value in 34 years; its changes: none" in said


def test_the_range_of_the_reported_numbers():
    said = words("military_presence")
    numbers = [
        (int(row["year"]), [int(row[side]) for side in ("low", "high") if row[side]])
        for row in rows("military_presence/personnel")
        if row["body"] == "army" and row["year"] and (row["low"] or row["high"])
    ]
    everything = [number for _, pair in numbers for number in pair]
    assert (min(everything), max(everything)) == (3000, 5000)
    years = {year for year, _ in numbers}
    assert f"For {SMALL[len(years)]} of 34 years a number was found, {len(numbers)} in all" in said
    widest = max(
        (
            max(n for y, pair in numbers if y == year for n in pair)
            - min(n for y, pair in numbers if y == year for n in pair),
            year,
        )
        for year in years
    )
    assert f"{widest[0]:,} people, is that of {widest[1]}" in said


def test_the_answers_of_the_exercises():
    said = words("military_presence").split("Answers")[1]
    edge = {year: held(year, GUARDS, doubtful_end=True) for year in range(1992, 2026)}
    line = {year: held(year, GUARDS) for year in range(1992, 2026)}
    assert (
        f"hold {SMALL[edge[2025]]} places at the end of 2025, by the line {SMALL[line[2025]]}"
        in said
    )
    fallen = [[y for y in range(1993, 2026) if one[y] < one[y - 1]] for one in (edge, line)]
    assert fallen == [[2024, 2025], [2024, 2025]]
    assert "2024 and 2025 by the edge, 2024 and 2025 by the line" in said
    assert edge[2025] > edge[2019], "the fall below the old number rests on unconfirmed ends"
    changes = sum(line[year] != line[year - 1] for year in range(1993, 2026))
    assert f"its changes: {SMALL[changes]}" in said
    term = next(
        row
        for row in rows("treaty_obligations/documents")
        if row["document"] == "base-protocol-2010"
    )
    assert int(term["term_until"]) == 1995 + int(term["term_years"]) == 2044
    assert (
        f"{2044 - 2025} years after 2025" in said and f"{1997 + 49 - 2025} years after it" in said
    )


def test_the_term_in_the_picture_was_prolonged_by_as_much_as_its_title_says():
    papers = {row["document"]: row for row in rows("treaty_obligations/documents")}
    first = int(papers["base-treaty-1995"]["signed"][:4]) + int(
        papers["base-treaty-1995"]["term_years"]
    )
    assert int(papers["base-protocol-2010"]["term_until"]) - first == 24
    assert first - int(papers["base-protocol-2010"]["signed"][:4]) == 10


def test_the_lengths_of_the_guarded_borders_disagree_as_the_statement_says():
    said = words("military_presence")
    given = {"TUR": [], "IRN": []}
    for row in rows("military_presence/border_lengths"):
        given[row["neighbour"]].append(int(row["length_km"]))
    for neighbour, stated in (("TUR", 345), ("IRN", 45)):
        assert f"from {min(given[neighbour])} to {max(given[neighbour])} km" in said
        assert stated == max(given[neighbour]) > min(given[neighbour])


def test_the_theories_are_confronted_as_the_chapter_says():
    said = words("military_presence")
    places = {year: held(year, GUARDS) for year in range(1992, 2026)}
    bases = {year: held(year, ("base", "air base")) for year in places}
    sure = {year: held(year, GUARDS, sure_start=True) for year in places}
    fitting, failing = [], []
    for row in rows("realist_theory/expectations"):
        if row["indicator"] != "military_presence" or row["expectation"] == "silent":
            continue
        year = next((int(word) for word in row["when"].split() if word.isdigit()), None)
        before, after = (year - 1, year + 1) if year else (1992, 2025)
        fits = {
            "holds": bases[after] >= bases[before],
            "rises": sure[after] > places[before],
            "falls": sure[before] > held(after, GUARDS, doubtful_end=True),
        }[row["expectation"]]
        (fitting if fits else failing).append(row["theory"])
    total = len(fitting) + len(failing)
    assert f"Of {SMALL[total]} expectations {SMALL[len(fitting)]} fit" in said
    assert failing == ["domestic change"] and "Not domestic change" in said


def test_years_with_an_upper_limit_only_are_named_as_such():
    given = {}
    for row in rows("military_presence/personnel"):
        if row["body"] == "army" and row["year"] and (row["low"] or row["high"]):
            given.setdefault(row["year"], []).append(row["low"])
    limits = sorted(year for year, lows in given.items() if not any(lows))
    said = words("military_presence")
    assert f"For {' and '.join(limits)} the reports give an upper limit only" in said


def test_the_numbers_of_border_guards_bear_what_the_article_says():
    numbers = sorted(
        (int(row["low"]), row["year"])
        for row in rows("military_presence/personnel")
        if row["body"] == "border guards" and row["low"]
    )
    assert numbers == [(4500, "2017"), (5000, "2009")]
