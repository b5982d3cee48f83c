"""Predictions meet what was found by rules that can be followed by hand, and bad tables are refused."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from alliances import Study, comparison, voting_alignment
from alliances import orientation_change as change
from alliances.problems import DataProblem

OTHERS, TOGETHER, BEFORE = change.OTHERS, change.TOGETHER, change.BEFORE


def panel(**values):
    """One row a state and year from 2010 on."""
    rows = [
        (state, 2010 + place, value)
        for state, column in values.items()
        for place, value in enumerate(column)
    ]
    return pd.DataFrame(rows, columns=["state", "year", "value"])


def predicted(direction, against, indicator="votes", year=2012, explanation="home"):
    return pd.DataFrame([(explanation, indicator, direction, year, against)], columns=change.PREDICTION)


def found(own, difference, p, falling=1.0, rising=0.0, reason="", effect=0.05, swing=0.4):
    figures = {"treated_change": own, "difference": difference, "p": p, "falling": falling}
    figures |= {"rising": rising, "reason": reason, "effect": effect, "swing": swing}
    return pd.DataFrame([{"indicator": "votes", "year": 2012} | figures])


def pair(change_, p, reason=""):
    names = ["series", "year", "change", "p", "reason"]
    return pd.DataFrame([("votes", 2012, change_, p, reason)], columns=names)


def met(predictions, compared, changes, level=0.15):
    """What became of predictions; the steps that could be seen stand in the same frame here."""
    bare = compared.drop(columns="effect")
    return change.predictions_met(predictions, bare, changes, compared, level)


NOTHING = pair(math.nan, math.nan).iloc[:0]


@pytest.mark.parametrize("width", [1, 3, 4])
@pytest.mark.parametrize("last", [2012, 2013, 2030])
def test_windows_lie_on_both_sides_of_the_date_and_never_beyond_the_last_year(width, last):
    before, after = change.windows_around(2012, width, last)
    assert before == (2012 - width, 2011) and after[0] == 2012
    assert after[1] == min(2012 + width - 1, last)


def test_contrasts_are_those_of_the_comparison_they_rest_on():
    values = panel(ARM=[5, 5, 1, 1], BLR=[4, 4, 4, 4], KAZ=[3, 3, 2, 2])
    row = change.contrasts({"votes": values}, "ARM", ["BLR", "KAZ"], [2012], 2).iloc[0]
    by_hand = comparison.difference_in_differences(
        values, "ARM", ["BLR", "KAZ"], (2010, 2011), (2012, 2013)
    )
    for name in ("treated_change", "donors_change", "difference", "p", "rank", "of"):
        assert row[name] == by_hand[name]
    assert (row["before"], row["after"]) == ("2010–2011", "2012–2013")
    assert row["falling"] == pytest.approx(2 / 3) and row["rising"] == 0


def test_a_panel_without_the_state_or_without_others_has_rows_with_a_reason():
    lone = panel(ARM=[1, 1, 0, 0])
    other = panel(BLR=[1, 1, 0, 0])
    gaps = panel(ARM=[math.nan] * 4, BLR=[1, 1, 0, 0])
    empty = lone.iloc[:0]
    rows = change.contrasts(
        {"lone": lone, "other": other, "gaps": gaps, "empty": empty}, "ARM", ["BLR"], [2012, 2050], 2
    ).set_index(["indicator", "year"])
    assert rows.loc[("lone", 2012), "reason"] == change.NO_PARTNER
    for name in ("other", "gaps", "empty"):
        assert rows.loc[(name, 2012), "reason"] == change.NO_VALUES
    assert rows["difference"].isna().all() and len(rows) == 8


def test_a_date_without_years_after_it_has_a_reason_and_no_figure():
    values = panel(ARM=[5, 5, 1, 1], BLR=[4, 4, 4, 4])
    row = change.contrasts({"votes": values}, "ARM", ["BLR"], [2030], 2).iloc[0]
    assert math.isnan(row["difference"]) and row["reason"] == comparison.TREATED_LACKS


def test_a_change_of_the_pair_is_placed_among_all_dates():
    values = [1.0] * 6 + [0.0] * 6
    series = pd.DataFrame({"series": "orders", "year": range(2000, 2012), "value": values})
    rows = change.pair_changes(series, [2006, 2003], 3).set_index("year")
    assert rows.loc[2006, "change"] == -1 and rows.loc[2006, "place"] == 1
    # By hand: dates 2002 to 2010 have two values on either side; none but 2006 moves by one.
    assert rows.loc[2006, "of"] == 9 and rows.loc[2006, "p"] == pytest.approx(1 / 9)
    assert rows.loc[2003, "change"] == 0 and rows.loc[2003, "p"] == 1


def test_gaps_are_no_zeros_and_too_few_values_give_a_reason():
    series = pd.DataFrame(
        {"series": "a", "year": range(2000, 2008), "value": [1, 1, math.nan, 1, 3, 3, math.nan, 3]}
    )
    row = change.pair_changes(series, [2004], 4).iloc[0]
    assert (row["before"], row["after"], row["before_years"], row["after_years"]) == (1, 3, 3, 3)
    late = change.pair_changes(series, [2007, 1950], 4)
    assert late["change"].isna().all() and set(late["reason"]) == {change.NO_WINDOW}
    none = change.pair_changes(series.assign(value=math.nan), [2004], 4).iloc[0]
    assert none["reason"] == change.NO_VALUES and math.isnan(none["p"]) and none["of"] == 0


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=20), st.floats(0.5, 4), st.floats(-9, 9))
def test_the_place_of_a_date_depends_on_neither_unit_nor_level(values, scale, shift):
    years = range(2000, 2000 + len(values))
    values = np.round(values, 2)
    plain = pd.DataFrame({"series": "a", "year": years, "value": values})
    moved = plain.assign(value=values * scale + shift)
    one, other = (change.pair_changes(frame, [2004], 3).iloc[0] for frame in (plain, moved))
    assert 1 <= one["place"] <= one["of"] and 0 < one["p"] <= 1
    if abs(one["change"]) > 1e-6:
        assert other["place"] == one["place"]


@pytest.mark.parametrize(
    "direction, against, compared, changes, result",
    [
        ("falls", OTHERS, found(-0.1, -0.2, 0.1), NOTHING, change.AS_PREDICTED),
        ("falls", OTHERS, found(-0.1, -0.2, 0.5), NOTHING, change.DIRECTION_ONLY),
        ("falls", OTHERS, found(-0.1, 0.2, 0.1), NOTHING, change.AGAINST),
        ("falls", OTHERS, found(-0.1, 0.0, 1.0), NOTHING, change.AGAINST),
        ("rises", OTHERS, found(-0.1, 0.2, 0.1), NOTHING, change.AS_PREDICTED),
        ("holds", OTHERS, found(-0.1, -0.2, 0.1), NOTHING, change.AGAINST),
        ("holds", OTHERS, found(-0.1, -0.2, 0.5), NOTHING, change.NOT_CONTRADICTED),
        ("falls", TOGETHER, found(-0.1, -0.0, 0.5, 0.7), NOTHING, change.AS_PREDICTED),
        ("falls", TOGETHER, found(-0.1, -0.0, 0.5, 0.6), NOTHING, change.DIRECTION_ONLY),
        ("falls", TOGETHER, found(-0.1, -0.3, 0.1, 0.9), NOTHING, change.DIRECTION_ONLY),
        ("falls", TOGETHER, found(0.1, -0.3, 0.9, 0.9), NOTHING, change.AGAINST),
        ("rises", TOGETHER, found(0.1, 0.0, 0.9, 0.3, 0.7), NOTHING, change.AS_PREDICTED),
        ("rises", TOGETHER, found(0.1, 0.0, 0.9, 0.0, 0.5), NOTHING, change.DIRECTION_ONLY),
        ("falls", TOGETHER, found(-0.1, -0.0, 0.5, 0.49), NOTHING, change.AGAINST),
        ("falls", TOGETHER, found(-0.1, 0.0, 0.5, 0.7, effect=0.1), NOTHING, change.AS_PREDICTED),
        ("holds", OTHERS, found(-0.1, -0.2, 0.5, effect=0.4), NOTHING, change.NOT_CONTRADICTED),
        ("falls", BEFORE, found(9, 9, 0.1), pair(-0.1, 0.1), change.AS_PREDICTED),
        ("falls", BEFORE, found(9, 9, 0.1), pair(-0.1, 0.4), change.DIRECTION_ONLY),
        ("falls", BEFORE, found(9, 9, 0.1), pair(0.1, 0.4), change.AGAINST),
        ("holds", BEFORE, found(9, 9, 0.1), pair(0.1, 0.1), change.AGAINST),
        ("falls", BEFORE, found(9, 9, 0.1), NOTHING, change.UNTESTED),
        ("falls", BEFORE, found(9, 9, 0.1), pair(math.nan, math.nan, "why"), change.UNTESTED),
    ],
)
def test_the_rules_for_a_prediction(direction, against, compared, changes, result):
    row = met(predicted(direction, against), compared, changes).iloc[0]
    assert row["result"] == result
    if result == change.UNTESTED:
        assert math.isnan(row["figure"]) and row["reason"] in ("why", change.NO_COMPARISON)


@pytest.mark.parametrize("effect", [0.11, 3.0, math.nan])
def test_not_to_stand_out_counts_only_where_standing_out_was_possible(effect):
    shared = found(-0.1, 0.0, 0.5, 0.7, effect=effect, swing=0.11)
    row = met(predicted("falls", TOGETHER), shared, NOTHING).iloc[0]
    assert row[["result", "figure", "reason"]].tolist() == [change.UNTESTED, -0.1, change.BLIND]
    row = met(predicted("holds", OTHERS), shared, NOTHING).iloc[0]
    seen = effect <= 0.11
    assert row["result"] == (change.NOT_CONTRADICTED if seen else change.UNTESTED)
    assert row["reason"] == ("" if seen else change.BLINDER)


def test_words_that_no_rule_knows_are_refused_all_at_once():
    table = pd.concat([predicted("sinks", OTHERS), predicted("falls", "everyone")])
    table = table.reset_index(drop=True).assign(from_year=[2012, 2012])
    with pytest.raises(DataProblem) as caught:
        met(table, found(1, 1, 1), NOTHING, 0.1)
    said = str(caught.value)
    assert "row 2, column direction: found 'sinks'" in said
    assert "row 3, column against: found 'everyone'" in said
    assert "a second prediction" in said
    with pytest.raises(DataProblem, match="from_year"):
        met(table.drop(columns="from_year"), found(1, 1, 1), NOTHING, 0.1)
    for level in (0, 1.5):
        with pytest.raises(DataProblem, match="the level is"):
            met(predicted("falls", OTHERS), found(1, 1, 1), NOTHING, level)


def test_the_tally_counts_every_prediction_once():
    results = [*change.RESULTS, change.AGAINST]
    met = pd.DataFrame({"explanation": ["b"] * 3 + ["a"] * 3, "result": results})
    counts = change.tally(met).set_index("explanation")
    assert list(counts.index) == ["b", "a"]
    assert counts[list(change.RESULTS)].to_numpy().sum() == len(met)
    assert counts.loc["a", change.AGAINST] == 2 and counts.loc["a", "tested"] == 2


def test_recent_changes_last_as_long_as_said_and_overlap_without_adding_up():
    changes = pd.DataFrame({"state": ["ARM", "ARM"], "year": [2000, 2001]})
    rows = change.after_changes(changes, ["ARM", "BLR"], range(1999, 2006), 3).set_index(["state", "year"])
    assert rows["value"]["ARM"].tolist() == [0, 1, 1, 1, 1, 0, 0]
    assert not rows["value"]["BLR"].any()
    for lasting in (0, 2.5, True):
        with pytest.raises(DataProblem, match="lasting is"):
            change.after_changes(changes, ["ARM"], [2000], lasting)


def test_steady_is_who_had_no_new_supporters_in_the_years_both_ends_included():
    rows = [("A", 2014, "changed"), ("B", 2013, "changed"), ("C", 2021, "changed"), ("D", 2016, "kept")]
    table = pd.DataFrame(rows, columns=["state", "year", "coalition"])
    assert change.steady_states(table, list("ABCDE"), 2014, 2021) == ["B", "D", "E"]
    with pytest.raises(DataProblem, match="coalition"):
        change.steady_states(table.drop(columns="coalition"), ["A"], 2014, 2021)


def test_series_are_stacked_in_their_order_and_keep_their_gaps():
    frame = pd.DataFrame({"year": [2000, 2001], "a": [1, None], "b": ["x", "y"]})
    assert change.stacked({"z": (frame, "a"), "y": (frame, "a")})["series"].tolist() == ["z"] * 2 + ["y"] * 2
    with pytest.raises(DataProblem, match="series q: the columns c are missing"):
        change.stacked({"q": (frame, "c")})
    with pytest.raises(DataProblem, match="no series"):
        change.stacked({})
    for name in ("series", "year", "value"):
        whole = change.stacked({"z": (frame, "a")})
        with pytest.raises(DataProblem, match=name):
            change.pair_changes(whole.drop(columns=name), [2000], 1)


def test_the_difference_at_2018_in_the_votes_is_what_plain_sums_give():
    """A second way to the chapter's first figure, from the counts, without the library's measures."""
    study = Study(ROOT / "data")
    counts = study.table("voting_alignment/yearly_counts").query("focal == 'RUS'")
    ways = [f"{a}_{b}" for a in ("yes", "abstain", "no") for b in ("yes", "abstain", "no")]
    alike = counts[["yes_yes", "abstain_abstain", "no_no"]].sum(axis=1)
    share = (alike / counts[ways].sum(axis=1)).rename("share")
    rows = counts[["partner", "year"]].join(share)
    others = ["BLR", "KAZ", "KGZ", "TJK", "AZE", "GEO", "MDA", "TKM", "UKR", "UZB"]
    assert study.partners == others
    means = {}
    for name, years in (("before", (2014, 2017)), ("after", (2018, 2021))):
        part = rows[rows["year"].between(*years)]
        means[name] = part.groupby("partner")["share"].mean()
    steps = means["after"] - means["before"]
    by_hand = steps["ARM"] - steps[others].mean()
    agreement = voting_alignment.agreement(counts, ["share_identical"])
    votes = agreement.rename(columns={"partner": "state"})[["state", "year", "value"]]
    row = change.contrasts({"votes": votes}, "ARM", others, [2018], 4).iloc[0]
    assert row["difference"] == pytest.approx(by_hand, abs=1e-12)


def test_democracy_and_votes_go_together_as_least_squares_with_dummies_say():
    """The chapter's dose a second way, on every partner whose votes are there."""
    study = Study(ROOT / "data")
    counts = study.table("voting_alignment/yearly_counts").query("focal == 'RUS' and year <= 2024")
    votes = voting_alignment.agreement(counts, ["share_identical"])
    votes = votes.rename(columns={"partner": "state"})[["state", "year", "value"]]
    votes = votes[votes["state"].isin(["ARM", *study.partners])]
    rated = study.table("limiting_factors/regimes").query("measure == 'electoral democracy'")
    rated = rated[["state", "year", "value"]]
    both = votes.dropna().merge(rated, on=["state", "year"], suffixes=("_votes", "_rated"))
    dummies = pd.get_dummies(both[["state", "year"]].astype("str"), dtype="float64")
    design = np.column_stack([both["value_rated"], dummies])
    slope = np.linalg.lstsq(design, both["value_votes"], rcond=None)[0][0]
    result = comparison.dose(votes, rated)
    assert result["slope"] == pytest.approx(slope, abs=1e-9)
    assert result["units"] == votes["state"].nunique() == 11
    assert result["observations"] == len(both)


def test_the_predictions_of_the_study_obey_the_rules_and_leave_no_explanation_without_a_fall():
    study = Study(ROOT / "data")
    predictions = study.table("orientation_change/predictions")
    results = met(predictions, found(1, 1, 1), NOTHING)["result"]
    assert len(results) == len(predictions) and set(results) == {change.UNTESTED}
    falls = predictions[predictions["direction"] == "falls"]
    assert set(falls["explanation"]) == set(predictions["explanation"])


def test_events_are_looked_for_from_the_year_that_mostly_follows_them():
    events = pd.DataFrame(
        {"date": ["2020-09-27", "2018-05-08", "2020-06-30", "2014"], "label": list("abcd")}
    )
    assert change.event_dates(events) == {2014: "d", 2018: "b", 2020: "c", 2021: "a"}
    same = pd.DataFrame({"date": ["2021-01-02", "2020-07-01"], "label": ["late", "early"]})
    assert change.event_dates(same) == {2021: "early, late"}
    assert change.event_dates(events.iloc[:0]) == {}


def test_the_dates_of_the_case_are_those_of_its_events_since_2014():
    found = change.event_dates(Study(ROOT / "data").events)
    assert [year for year in found if year >= 2014] == [2014, 2018, 2021, 2022]


def test_a_dose_by_each_measure_is_the_dose_of_that_measure_alone():
    """Against `comparison.dose` on each part, and on the outcome without the state left out."""
    years, states = range(2000, 2012), ["ARM", "BLR", "GEO", "KAZ"]
    generator = np.random.default_rng(7)
    panel = pd.DataFrame(
        [(state, year) for state in states for year in years], columns=["state", "year"]
    )
    votes = panel.assign(value=generator.normal(size=len(panel)))
    rated = pd.concat(
        [
            panel.assign(measure=name, value=generator.normal(size=len(panel)))
            for name in ("rights", "polity")
        ]
    )
    found = change.doses_by_measure(
        votes, rated, {"the same year": 0, "a year before": 1}, {"GEO": "Georgia"}
    ).set_index("dose")
    assert found.index.tolist() == [
        "rights, the same year",
        "rights, the same year, without Georgia",
        "rights, a year before",
        "polity, the same year",
        "polity, the same year, without Georgia",
        "polity, a year before",
    ]
    for name in ("rights", "polity"):
        own = rated[rated["measure"] == name]
        alone = comparison.dose(votes[votes["state"] != "GEO"], own, 0)
        row = found.loc[f"{name}, the same year, without Georgia"]
        assert (row["slope"], row["p"], row["units"]) == (alone["slope"], alone["p"], 3)
        later = comparison.dose(votes, own, 1)
        assert found.loc[f"{name}, a year before", "slope"] == later["slope"]
        assert found.loc[f"{name}, a year before", "observations"] == 4 * 11
