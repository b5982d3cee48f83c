"""All indicators side by side: gaps, goalposts, change and place, confidence, choices, the picture."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances import charts, conclusions
from alliances.problems import DataProblem

POSTS = pd.DataFrame(
    [
        ("share", 0, 1, "linear"),
        ("distance", 4, 0, "linear"),
        ("ratio", 1000, 1, "logarithmic"),
    ],
    columns=["series", "apart", "close", "scale"],
)


def series(values, first):
    return pd.Series(values, index=range(first, first + len(values)), dtype="float64")


def panel(**values):
    return conclusions.panel_of({name: ("group", part) for name, part in values.items()})


def moved(values, base=2017, name="share"):
    return conclusions.level_and_change(panel(**{name: values}), POSTS, base).iloc[0]


def test_a_year_in_which_nobody_looked_is_a_gap_and_not_a_zero():
    values = series([0.4, np.nan, 0.0], 2020)
    grid = conclusions.side_by_side(panel(share=values), POSTS, 2019, 2023)
    assert grid["year"].tolist() == [2019, 2020, 2021, 2022, 2023]
    assert grid["seen"].tolist() == [False, True, False, True, False]
    assert grid["scaled"].isna().tolist() == [True, False, True, False, True]
    assert grid.loc[grid["year"] == 2022, "scaled"].tolist() == [0]


def test_the_goalposts_turn_distances_round_and_take_ratios_by_their_logarithm():
    values = panel(
        share=series([0.25], 2020), distance=series([1.0], 2020), ratio=series([10.0], 2020)
    )
    grid = conclusions.side_by_side(values, POSTS, 2020, 2020).set_index("series")
    assert grid["scaled"].round(12).to_dict() == {
        "share": 0.25,
        "distance": 0.75,
        "ratio": round(2 / 3, 12),
    }
    assert grid["value"].to_dict() == {"share": 0.25, "distance": 1, "ratio": 10}


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
    st.floats(0, 1),
)
def test_a_new_year_moves_no_old_one(values, new):
    first = conclusions.side_by_side(panel(share=series(values, 2000)), POSTS, 2000, 2030)
    more = conclusions.side_by_side(panel(share=series([*values, new], 2000)), POSTS, 2000, 2030)
    old = slice(0, len(values))
    assert first["scaled"][old].tolist() == more["scaled"][old].tolist()
    assert first["scaled"].dropna().between(0, 1).all()


def test_an_indicator_has_to_move_farther_than_it_does_by_itself():
    calm = [0.50, 0.51, 0.50, 0.51, 0.50, 0.51]
    wild = [0.2, 0.8, 0.3, 0.7, 0.2, 0.8]
    assert moved(series([*calm, 0.41], 2012))["word"] == conclusions.FELL
    assert moved(series([*calm, 0.61], 2012))["word"] == conclusions.ROSE
    assert moved(series([*wild, 0.7], 2012))["word"] == conclusions.STILL
    # The same farther apart: a distance that grows is a tie that fell.
    assert moved(series([*calm, 0.61], 2012), name="distance")["word"] == conclusions.FELL


def test_a_constant_that_moves_at_all_has_moved_and_one_that_does_not_stood_still():
    assert moved(series([0.5] * 6 + [0.4], 2012))["word"] == conclusions.FELL
    still = moved(series([0.5] * 7, 2012))
    assert still["word"] == conclusions.STILL and still["turn_year"] is pd.NA
    # Nought is not farther than nought, though every earlier span is as large.
    assert (still["spans"], still["spans_as_large"]) == (5, 5)


def test_level_change_and_turn_are_those_of_the_years_named():
    values = series([0.7, 0.72, 0.7, 0.71, 0.7, 0.73, 0.73, 0.5, 0.55, 0.45], 2012)
    found = moved(values)
    assert (found["from_year"], found["until"]) == (2017, 2021)
    assert (found["before"], found["level"]) == (0.73, 0.45)
    assert found["change"] == pytest.approx(-0.28)
    assert found["turn_year"] == 2019, "the largest step downwards, not the last one"
    past = np.abs(values.loc[2016:2017].to_numpy() - values.loc[2012:2013].to_numpy())
    assert found["spans"] == len(past) and found["spans_as_large"] == int((past >= 0.28).sum())


def test_spans_of_the_same_length_are_counted_by_hand():
    values = series([0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0.4, 0.1], 2012)
    found = moved(values)
    # Two years back: 2012-14, 2013-15, 2014-16, 2015-17, none of which moved.
    assert (found["until"], found["spans"], found["spans_as_large"]) == (2019, 4, 0)
    one = moved(values.loc[:2018])
    assert (one["until"], one["spans"], one["spans_as_large"]) == (2018, 5, 5)


def test_an_indicator_that_ends_while_others_go_on_is_not_judged_by_one_year():
    ends = series([0.5, 0.51, 0.5, 0.51, 0.5, 0.51, 0.1], 2012)
    goes_on = series([0.5, 0.51, 0.5, 0.51, 0.5, 0.51, 0.1, 0.1], 2012)
    found = conclusions.level_and_change(panel(share=ends, distance=goes_on), POSTS, 2017)
    by_name = found.set_index("series")
    assert by_name.loc["share", ["word", "reason"]].tolist() == [
        conclusions.UNJUDGED,
        conclusions.BARELY_LATER,
    ]
    assert np.isnan(by_name.loc["share", "change"]) and by_name.loc["share", "level"] == 0.1
    assert by_name.loc["distance", "word"] == conclusions.ROSE
    assert moved(ends)["word"] == conclusions.FELL, "with nothing later it is the latest there is"


def test_the_base_may_lie_two_years_back_and_no_further():
    every_five = pd.Series([0.6, 0.5, 0.55, 0.5, 0.45, 0.5], [1990, 1995, 2000, 2005, 2010, 2015])
    later = pd.concat([every_five, pd.Series([0.2], [2020])])
    found = moved(later)
    assert (found["from_year"], found["word"]) == (2015, conclusions.FELL)
    assert moved(later.drop(2015))["reason"] == conclusions.NOT_IN_BASE


@pytest.mark.parametrize(
    "values, reason",
    [
        (series([0.5] * 6, 2012), conclusions.NOTHING_LATER),
        (series([0.5] * 6, 2018), conclusions.NOT_IN_BASE),
        (series([0.5] * 3 + [0.1], 2015), conclusions.SHORT_PAST),
    ],
)
def test_what_cannot_be_judged_says_why(values, reason):
    found = moved(values)
    assert (found["word"], found["reason"]) == (conclusions.UNJUDGED, reason)
    assert found["level"] == values.iloc[-1] and np.isnan(found["ordinary_step"])


def test_the_part_of_a_change_that_had_come_by_a_year():
    values = panel(
        share=series([0.8, 0.9, 0.6, np.nan, 0.4], 2017),
        distance=series([1.0, 1.0, 2.0, 3.0, 2.0], 2017),
        ratio=series([10.0] * 5, 2017),
    )
    found = conclusions.part_by(values, POSTS, 2017, [2017, 2018, 2019, 2020, 2021])
    wide = found.pivot(index="series", columns="mark", values="part")
    assert wide.loc["share", [2018, 2019]].round(12).tolist() == [-0.25, 0.5]
    assert wide.loc["distance", [2018, 2019, 2020]].round(12).tolist() == [0, 1, 2]
    assert wide[[2017, 2021]].isna().all(axis=None) and np.isnan(wide.loc["share", 2020])
    assert wide.loc["ratio"].isna().all(), "nothing changed"
    late = conclusions.part_by(panel(share=series([0.5, 0.4], 2020)), POSTS, 2017, [2020])
    assert late["part"].isna().all(), "no value to begin from"


def pairs(name="share", **states):
    rows = [
        (name, state, year, value)
        for state, values in states.items()
        for year, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["series", "state", "year", "value"])


def test_a_place_is_counted_from_the_closest_and_a_change_from_the_one_that_left():
    table = pairs(
        ARM={2017: 0.7, 2024: 0.5}, BLR={2017: 0.8, 2024: 0.8}, KAZ={2017: 0.9, 2024: 0.4}
    )
    found = conclusions.place_among(table, POSTS, "ARM", 2017).set_index("series").loc["share"]
    assert found[["year", "rank", "of", "change_rank", "change_of"]].tolist() == [2024, 2, 3, 2, 3]
    far = table.assign(series="distance")
    found = conclusions.place_among(far, POSTS, "ARM", 2017).set_index("series").loc["distance"]
    assert (found["rank"], found["change_rank"]) == (2, 2)
    found = conclusions.place_among(table, POSTS, "KAZ", 2017).set_index("series").loc["share"]
    assert (found["rank"], found["change_rank"]) == (3, 1)


def test_no_place_without_others_and_ties_share_the_better_one():
    alone = conclusions.place_among(pairs(ARM={2024: 0.5}), POSTS, "ARM", 2017)
    alone = alone.set_index("series")
    assert alone.loc["share", "rank"] is pd.NA
    assert set(alone["reason"]) == {conclusions.NO_OTHERS}
    tied = pairs(ARM={2024: 0.1 + 0.2}, BLR={2024: 0.3}, KAZ={2024: 0.1})
    found = conclusions.place_among(tied, POSTS, "ARM", 2017).set_index("series").loc["share"]
    assert (found["rank"], found["tied"], found["of"]) == (1, 1, 3)
    assert found["change_rank"] is pd.NA, "nobody has a value in the base year"
    other = conclusions.place_among(pairs(BLR={2024: 0.3}), POSTS, "ARM", 2017)
    assert other.set_index("series").loc["share", "reason"] == conclusions.NOT_SEEN


def about(**changed):
    facts = {"series": ["share"], "producers": 2, "by_hand": False, "incomplete": False}
    return pd.DataFrame(facts | changed)


def graded(values, last=2024, **changed):
    grid = conclusions.side_by_side(panel(share=values), POSTS, 1992, last)
    return conclusions.confidence(grid, about(**changed), last).iloc[0]


def test_confidence_follows_the_rules_one_doubt_at_a_time():
    whole = series([0.5] * 33, 1992)
    assert graded(whole)[["confidence", "because", "years"]].tolist() == ["high", "", 33]
    for found, doubt in [
        (graded(whole, producers=1), "one producer"),
        (graded(whole, by_hand=True), "collected by hand"),
        (graded(whole, incomplete=True), "known to be incomplete"),
        (graded(whole.drop(2000)), "gaps between its years"),
        (graded(whole.loc[2011:]), "fewer than 15 years"),
        (graded(whole.loc[:2021]), "ends in 2021"),
    ]:
        assert (found["confidence"], found["because"], found["doubts"]) == ("medium", doubt, 1)
    assert graded(whole.loc[:2022])["confidence"] == "high"
    assert graded(whole.drop(2000), producers=1)["confidence"] == "low"


def test_what_nobody_observed_has_low_confidence():
    grid = conclusions.side_by_side(panel(share=series([0.5], 1990)), POSTS, 2000, 2001)
    found = conclusions.confidence(grid, about(), 2001).iloc[0]
    assert (found["confidence"], found["years"]) == ("low", 0) and found["last_seen"] is pd.NA


def figures(*rows):
    return pd.DataFrame(rows, columns=["number", "choice", "value", "chosen", "unit"])


def test_the_range_holds_every_choice_with_a_value():
    table = figures(
        ("arms", "five years", 0.3, True, "share"),
        ("arms", "three years", 0.1, False, "share"),
        ("arms", "orders", 0.1, False, "share"),
        ("arms", "ten years", 0.8, False, "share"),
        ("arms", "one year", np.nan, False, "share"),
        ("calls", "strict", 0, True, "count"),
    )
    arms, calls = conclusions.range_of_choices(table).to_dict("records")
    assert (arms["choices"], arms["chosen"], arms["chosen_choice"]) == (4, 0.3, "five years")
    assert (arms["lowest"], arms["lowest_choice"]) == (0.1, "three years; orders")
    assert (arms["highest"], arms["highest_choice"]) == (0.8, "ten years")
    assert arms["undefined"] == "one year"
    assert (calls["lowest"], calls["highest"], calls["undefined"]) == (0, 0, "")


def test_many_choices_that_give_the_same_are_counted_and_not_listed():
    table = figures(*(("a", f"c{n}", float(n == 5), n == 0, "share") for n in range(6)))
    (found,) = conclusions.range_of_choices(table).to_dict("records")
    assert found["lowest_choice"] == "c0; c1; and 3 more" and found["highest_choice"] == "c5"
    (found,) = conclusions.range_of_choices(table.assign(value=2.0)).to_dict("records")
    assert found["lowest_choice"] == found["highest_choice"] == conclusions.EVERY_CHOICE


def test_the_first_choice_is_the_one_stated():
    numbers = {"a": ("share", {"x": 0.1, "y": None, "z": pd.NA}), "b": ("count", {})}
    table = conclusions.choices_tried(numbers)
    assert table["number"].tolist() == ["a"] * 3 and table["chosen"].tolist() == [
        True,
        False,
        False,
    ]
    assert table["value"].isna().tolist() == [False, True, True]
    assert conclusions.range_of_choices(conclusions.choices_tried({})).empty
    (found,) = conclusions.range_of_choices(table).to_dict("records")
    assert (found["chosen"], found["undefined"]) == (0.1, "y; z")


def test_a_change_needs_both_years():
    values = series([0.5, np.nan, 0.2], 2017)
    assert conclusions.change_between(values, 2017, 2019) == pytest.approx(-0.3)
    for first, last in ((2017, 2018), (2016, 2019), (2017, 2020)):
        assert np.isnan(conclusions.change_between(values, first, last))


def test_a_chosen_number_that_is_not_defined_stays_undefined():
    table = figures(("a", "x", np.nan, True, "share"), ("a", "y", 0.5, False, "share"))
    (found,) = conclusions.range_of_choices(table).to_dict("records")
    assert np.isnan(found["chosen"]) and found["undefined"] == "x" and found["choices"] == 1
    table["value"] = np.nan
    (found,) = conclusions.range_of_choices(table).to_dict("records")
    assert np.isnan(found["lowest"]) and found["lowest_choice"] == ""


GOOD = panel(share=series([0.5], 2020))
GRID = conclusions.side_by_side(GOOD, POSTS, 2020, 2020)
ONE = figures(("a", "x", 1.0, True, "share"))


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: panel(share=pd.Series([0.1, 0.2], index=[2020, 2020])), "two values in one year"),
        (lambda: panel(share=pd.Series([0.1], index=[2020.5])), "expected whole years"),
        (lambda: panel(share=pd.Series([np.inf], index=[2020])), "without end"),
        (lambda: conclusions.side_by_side(GOOD, POSTS, 2021, 2020), "after the last"),
        (lambda: conclusions.side_by_side(GOOD, POSTS.iloc[1:], 2020, 2020), "no row for share"),
        (lambda: conclusions.side_by_side(GOOD.assign(value=1.2), POSTS, 2020, 2020), "share 2020"),
        (
            lambda: conclusions.side_by_side(GOOD, POSTS.assign(apart=1), 2020, 2020),
            "two different",
        ),
        (lambda: conclusions.side_by_side(GOOD, POSTS.assign(scale="odd"), 2020, 2020), "scale"),
        (
            lambda: conclusions.side_by_side(GOOD, POSTS.assign(scale="logarithmic"), 2020, 2020),
            "above zero",
        ),
        (
            lambda: conclusions.side_by_side(GOOD, pd.concat([POSTS, POSTS]), 2020, 2020),
            "one row a series",
        ),
        (
            lambda: conclusions.side_by_side(pd.concat([GOOD, GOOD]), POSTS, 2020, 2020),
            "two values",
        ),
        (lambda: conclusions.level_and_change(pd.concat([GOOD, GOOD]), POSTS, 2017), "two values"),
        (lambda: conclusions.place_among(GOOD, POSTS, "ARM", 2017), "state"),
        (
            lambda: conclusions.place_among(
                pd.concat([pairs(ARM={2020: 0.1})] * 2), POSTS, "ARM", 2017
            ),
            "share ARM 2020",
        ),
        (
            lambda: conclusions.confidence(GRID, about(series=["x"]), 2020),
            "no row for share",
        ),
        (lambda: conclusions.range_of_choices(ONE.assign(chosen=False)), "one chosen"),
        (lambda: conclusions.range_of_choices(pd.concat([ONE, ONE])), "one chosen"),
        (lambda: conclusions.range_of_choices(ONE.drop(columns="unit")), "unit"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_name(call, said):
    with pytest.raises(DataProblem, match=said):
        call()


WORDS = {"title": "What to see", "caption": "What is drawn.", "source": "Whence.", "name": "x"}


def strips(**changed):
    frame = pd.DataFrame(
        {
            "what": ["votes"] * 3 + ["bases"] * 3,
            "part": ["politics"] * 3 + ["military"] * 3,
            "year": [2019, 2020, 2021] * 2,
            "value": [0.7, np.nan, 0.4, 2.0, 2.0, 0.0],
            "tall": [0.7, np.nan, 0.4, 0.5, 0.5, 0.0],
            "word": ["fell"] * 3 + ["stood still"] * 3,
            "told": ["fell to 40%"] * 3 + ["stood still"] * 3,
        }
    )
    options = {"frame": frame, "row": "what", "row_title": "Indicator", "group": "part"}
    options |= {"value": "value", "value_title": "Value", "height": "tall", "word": "word"}
    options |= {
        "became": "told",
        "since": 2020,
        "period": (2019, 2021),
        "forms": {"votes": "percent", "bases": ".0f"},
    }
    options |= {"hues": {"fell": "#c96a12", "stood still": None}}
    options |= WORDS | changed
    return charts.strips(options.pop("frame"), **options)


def drawn(spec):
    return spec["datasets"][spec["data"]["name"]]


def marks(spec, kind):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


def test_the_picture_keeps_gaps_apart_from_zeros():
    spec = strips().to_dict()
    gaps, pale, bars = marks(spec, "rect")
    assert "seen == 0" in str(gaps["transform"])
    for layer, years in ((pale, "year <= 2020"), (bars, "year > 2020")):
        assert "seen == 1" in str(layer["transform"]) and years in str(layer["transform"])
        assert "max(1.5" in str(layer["transform"]), "a zero keeps a line"
    assert [line["seen"] for line in drawn(spec)] == [1, 0, 1, 1, 1, 1]
    assert "color" not in pale["encoding"] and bars["encoding"]["color"]["field"] == "word"


def test_the_picture_is_described_by_its_numbers():
    said = strips(turn="Votes turned.").to_dict()["description"]
    for words in (
        "votes (fell to 40%): first 70% (2019), last 40% (2021), highest 70% (2019), lowest 40% (2021)",
        "no value in 2020.",
        "bases (stood still): first 2 (2019), last 0 (2021)",
        "Votes turned.",
    ):
        assert words in said


def test_names_and_words_stand_beside_the_strips_so_that_colour_says_nothing_alone():
    spec = strips().to_dict()
    texts = [
        line["text"]
        for layer in marks(spec, "text")
        for line in spec["datasets"].get(layer.get("data", {}).get("name"), [])
    ]
    assert {"votes: fell to 40%", "bases: stood still", "politics", "military"} <= set(texts)


def test_strips_do_not_lie_over_each_other():
    spec = strips().to_dict()
    tops = {line["what"]: line["top"] for line in drawn(spec)}
    assert tops["bases"] - tops["votes"] >= charts.STRIP
    assert spec["height"] >= tops["bases"] + charts.STRIP


def test_the_years_without_a_value_are_said_in_runs():
    years = list(range(2000, 2008))
    frame = pd.DataFrame({"what": "v", "part": "p", "year": years, "word": "fell", "told": ""})
    frame["value"] = [0.1, None, None, None, 0.2, None, 0.3, 0.4]
    said = strips(frame=frame.assign(tall=frame["value"]), forms={"v": ".1f"}, period=(2000, 2007))
    assert said.to_dict()["description"].endswith("no value in 2001 to 2003, 2005.")


def test_nothing_observed_is_said_and_pictures_that_cannot_be_drawn_are_refused():
    frame = pd.DataFrame({"what": ["v"], "part": "p", "year": 2020, "word": "fell", "told": "fell"})
    empty = frame.assign(value=np.nan, tall=np.nan)
    assert "v (fell): no value." in strips(frame=empty, forms={"v": ""}).to_dict()["description"]
    assert "no picture" in strips(frame=empty.iloc[:0]).markdown
    with pytest.raises(DataProblem, match="beyond 0 to 1"):
        strips(frame=frame.assign(value=2.0, tall=2.0), forms={"v": ""})
    with pytest.raises(DataProblem, match="'fell'"):
        strips(hues={"stood still": None})


def test_an_indicator_that_nobody_observed_has_no_row():
    empty = pd.Series(dtype="float64")
    table = panel(distance=empty, share=series([0.5, np.nan], 2020))
    assert table[["series", "year"]].values.tolist() == [["share", 2020]]
    assert panel(share=empty).empty and conclusions.panel_of({}).empty
