"""Lines over time: labels stay clear of other lines, and regular years are joined."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances import charts

PERIOD = (1992, 2025)


def drawn(frame, **more):
    chart = charts.over_time(
        frame, value="share", value_title="share", series="who", period=PERIOD, title="Two lines",
        caption="Made up.", source="none", name="made_up", **more,
    )
    return pd.DataFrame(chart.data.values)


def line(who, first, last, share):
    return pd.DataFrame({"who": who, "year": range(first, last + 1), "share": share})


def label_of(data, who):
    return data[(data["who"] == who) & data["label"].notna()].iloc[0]


def test_the_label_of_a_line_that_ends_early_is_not_printed_over_the_other_line():
    both = pd.concat([line("Correlates of War", 1994, 2014, 0.2), line("newer", 2011, 2021, 0.21)])
    data = drawn(both, domain=(0, 0.5))
    assert abs(label_of(data, "Correlates of War")["label_place"] - 0.21) >= 0.9 * 0.065 * 0.5
    assert label_of(data, "newer")["label_place"] == pytest.approx(0.21)


def test_a_label_that_would_lie_far_from_its_line_stands_beside_an_earlier_point_of_it():
    older = line("Correlates of War", 1994, 2014, [0.45] * 15 + [0.1, 0.1, 0.2, 0.22, 0.2, 0.21])
    newer = line("newer", 2012, 2021, [0.19, 0.22, 0.2, 0.23, 0.2, 0.24, 0.19, 0.23, 0.25, 0.22])
    label = label_of(drawn(pd.concat([older, newer]), domain=(0, 0.6)), "Correlates of War")
    assert (label["year"], label["label_place"]) == (2010, 0.1)


def test_a_long_label_in_the_middle_has_room_on_the_right():
    chart = {
        last: charts.over_time(
            line("born in the United States", 1995, last, 0.3), value="share", value_title="share",
            series="who", period=PERIOD, title="One line", caption="Made up.", source="none",
            name="made_up",
        ).to_dict()["padding"]["right"]
        for last in (2000, 2020, 2025)
    }
    assert chart[2020] > 25 and chart[2000] == 5 and chart[2025] < 15


def test_a_long_title_below_rows_with_long_names_is_set_in_lines():
    frame = pd.DataFrame({"state": ["Republic of Korea"], "when": "2024", "gap": 0.1})
    words = {"title": "One state", "caption": "Made up.", "source": "none", "name": "made_up"}
    spec = charts.dots(
        frame, row="state", row_title="State", value="gap", series="when", **words,
        value_title="more democratic than the United States",
    ).to_dict()
    assert max(map(len, spec["layer"][0]["encoding"]["x"]["axis"]["title"])) <= 26


def test_a_label_with_nothing_beside_it_stays_at_the_end_of_its_line():
    both = pd.concat([line("a", 1994, 2014, 0.4), line("b", 2011, 2021, 0.1)])
    data = drawn(both, domain=(0, 0.5))
    assert label_of(data, "a")["label_place"] == pytest.approx(0.4)


@given(st.lists(st.tuples(st.integers(1995, 2024), st.floats(0, 1)), min_size=1, max_size=6))
def test_no_two_labels_cover_one_another(ends):
    parts = [line(f"series {place}", 1993, year, share) for place, (year, share) in enumerate(ends)]
    data = drawn(pd.concat(parts), domain=(0, 1))
    places = sorted(data.loc[data["label"].notna(), "label_place"])
    assert len(places) == len(ends)
    assert all(b - a >= 0.065 - 1e-5 for a, b in zip(places, places[1:]))


def test_a_missing_year_breaks_a_line_and_a_regular_step_does_not():
    yearly = line("a", 2000, 2009, 0.3).drop(index=4)
    assert drawn(yearly)["share"].isna().sum() == 1
    fifth = pd.DataFrame({"who": "a", "year": range(1995, 2021, 5), "share": 0.3})
    assert drawn(fifth)["year"].tolist() == [1995, 2000, 2005, 2010, 2015, 2020]
    far = pd.DataFrame({"who": "a", "year": [1995, 2005], "share": 0.3})
    assert drawn(far)["share"].isna().sum() == 9, "two figures are no regular source"


@given(st.lists(st.floats(1e-6, 1e9), min_size=1))
def test_the_top_of_an_axis_lies_above_all_values_and_not_far(values):
    top = charts.axis_top(pd.Series(values))
    assert max(values) <= top * (1 + 1e-9) and top <= 2 * max(values)
