"""A pair among other pairs: published and second computations, planted effects, what is refused."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from support import reference

from alliances import comparison
from alliances.problems import DataProblem

CASES = json.loads(reference("synthetic_control_cases.json").read_text(encoding="utf-8"))
YEARS = range(2008, 2024)
BEFORE, AFTER = (2013, 2017), (2018, 2022)


def codes(count):
    return [f"S{number:02d}" for number in range(count)]


def panel_of(values, years=YEARS, states=None):
    """A long panel of a matrix with a row a state and a column a year."""
    table = pd.DataFrame(values, index=states or codes(len(values)), columns=list(years))
    long = table.rename_axis("state").reset_index().melt("state", var_name="year")
    return long.astype({"year": "int64"})


def noise(units=9, seed=1, years=YEARS, scale=0.05):
    values = np.random.default_rng(seed).normal(size=(units, len(years)))
    return panel_of(0.5 + scale * values, years)


def stepped(panel, state, size, year=AFTER[0]):
    hit = (panel["state"] == state) & (panel["year"] >= year)
    return panel.assign(value=panel["value"] + size * hit)


def did(panel, treated="S00", before=BEFORE, after=AFTER):
    donors = [state for state in sorted(set(panel["state"])) if state != treated]
    return comparison.difference_in_differences(panel, treated, donors, before, after)


def control(panel, treated="S00", year=2018, function=comparison.synthetic_control):
    donors = [state for state in sorted(set(panel["state"])) if state != treated]
    return function(panel, treated, donors, year)


# --- difference in differences ---


def test_the_difference_is_the_coefficient_of_a_regression_with_effects_of_states_and_years():
    panel = stepped(noise(), "S00", -0.2)
    found = did(panel, before=(2008, 2017), after=(2018, 2023))
    treat = (panel["state"] == "S00") & (panel["year"] >= 2018)
    fit = smf.ols("value ~ treat + C(state) + C(year)", panel.assign(treat=treat * 1)).fit()
    assert found["difference"] == pytest.approx(fit.params["treat"], rel=1e-9)


def test_the_difference_and_its_p_are_those_of_a_computation_by_hand():
    panel = panel_of([[1, 4], [2, 3], [5, 4], [0, 1.5]], years=(2017, 2018))
    found = did(panel, "S00", (2017, 2017), (2018, 2018))
    # Changes 3, 1, -1, 1.5; less the mean of the others 2.5, -1/6, -17/6, 0.5.
    assert found["treated_change"] == 3
    assert found["donors_change"] == pytest.approx(0.5)
    assert found["difference"] == pytest.approx(2.5)
    assert (found["rank"], found["of"], found["p"]) == (2, 4, 0.5)
    table = comparison.changes_by_unit(panel, codes(4), (2017, 2017), (2018, 2018))
    assert table["difference"].tolist() == pytest.approx([2.5, -1 / 6, -17 / 6, 0.5])
    assert list(table) == ["state", "before", "after", "change", "difference"]


@pytest.mark.parametrize("size", [-0.4, 0.4])
def test_a_planted_step_is_found_and_called_out_as_far_as_the_units_allow(size):
    found = did(stepped(noise(), "S03", size), "S03")
    assert found["difference"] == pytest.approx(size, abs=0.1)
    assert (found["p"], found["rank"], found["reason"]) == (1 / 9, 1, "")


def test_under_noise_alone_p_is_spread_evenly():
    rng = np.random.default_rng(5)
    draws = 600
    ps = []
    for _ in range(draws):
        values = rng.normal(size=(10, 6)).cumsum(axis=1)
        panel = panel_of(values, range(2015, 2021))
        ps.append(did(panel, "S04", (2015, 2017), (2018, 2020))["p"])
    counts = pd.Series(ps).round(9).value_counts().sort_index()
    assert counts.index.tolist() == pytest.approx([rank / 10 for rank in range(1, 11)])
    expected = draws / 10
    assert ((counts - expected) ** 2 / expected).sum() < 27.9, "0.999 quantile of chi-square, 9"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.floats(-5, 5), st.sampled_from(list(YEARS)))
def test_a_change_common_to_all_units_changes_nothing(seed, units, shift, year):
    panel = noise(units, seed)
    moved = panel.assign(value=panel["value"] + shift * (panel["year"] == year))
    one, other = did(panel), did(moved)
    assert other["difference"] == pytest.approx(one["difference"], abs=1e-12)
    assert other["p"] == one["p"]
    assert 0 < one["p"] <= 1 and one["p"] == one["rank"] / one["of"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8))
def test_differences_add_up_to_zero_and_the_order_of_rows_does_not_matter(seed, units):
    panel = noise(units, seed)
    shuffled = panel.sample(frac=1, random_state=seed)
    table = comparison.changes_by_unit(shuffled, codes(units), BEFORE, AFTER)
    assert table["difference"].sum() == pytest.approx(0, abs=1e-12)
    assert table["difference"].iloc[0] == pytest.approx(did(panel)["difference"], abs=1e-12)
    assert did(shuffled) == did(panel)


def test_units_that_all_change_alike_are_ties_and_p_is_one():
    panel = panel_of([[0.1, 0.1 + 0.2], [0.3, 0.5], [0.7, 0.9]], years=(2017, 2018))
    found = did(panel, "S01", (2017, 2017), (2018, 2018))
    assert found["p"] == 1 and found["difference"] == pytest.approx(0, abs=1e-12)


def test_a_unit_without_a_window_is_named_left_out_and_never_taken_as_zero():
    panel = noise(5)
    gone = (panel["state"] == "S02") & panel["year"].between(*AFTER)
    for cut in (panel[~gone], panel.assign(value=panel["value"].mask(gone))):
        found = did(cut)
        assert found["left_out"] == ["S02"] and found["of"] == 4
        assert found["difference"] == did(panel[panel["state"] != "S02"])["difference"]
    table = comparison.changes_by_unit(panel[~gone], codes(5), BEFORE, AFTER).set_index("state")
    assert math.isnan(table.loc["S02", "change"]) and table["difference"].notna().sum() == 4


def test_where_nothing_can_be_compared_figures_are_missing_with_a_reason():
    panel = noise(4)
    late = panel[(panel["state"] != "S00") | (panel["year"] >= 2018)]
    found = did(late)
    assert found["reason"] == comparison.TREATED_LACKS and math.isnan(found["p"])
    alone = panel[(panel["state"] == "S00") | (panel["year"] >= 2018)]
    found = did(alone)
    assert found["reason"] == comparison.NO_DONOR and found["of"] == 1
    assert math.isnan(found["difference"]) and math.isnan(found["rank"])
    assert did(panel, before=(1990, 1995))["reason"] == comparison.TREATED_LACKS


def test_means_in_windows_count_the_years_they_rest_on():
    panel = noise(2)
    hole = (panel["state"] == "S01") & (panel["year"] == 2015)
    found = comparison.in_windows(panel[~hole], BEFORE, AFTER).set_index("state")
    assert found["before_years"].tolist() == [5, 4] and found["after_years"].tolist() == [5, 5]
    own = panel[(panel["state"] == "S01") & panel["year"].isin([2013, 2014, 2016, 2017])]
    assert found.loc["S01", "before"] == pytest.approx(own["value"].mean())


# --- placebo dates ---


def test_placebo_dates_are_the_difference_with_the_windows_around_each_date():
    panel = stepped(noise(), "S00", -0.4)
    found = comparison.placebo_dates(panel, "S00", codes(9)[1:], range(2009, 2024), 3)
    found = found.set_index("year")
    for year in (2013, 2018):
        same = did(panel, before=(year - 3, year - 1), after=(year, year + 2))
        assert found.loc[year, "difference"] == same["difference"]
        assert found.loc[year, "p"] == same["p"]
    assert found["difference"].abs().idxmax() == 2018


def test_a_date_whose_windows_leave_the_panel_has_a_row_without_figures():
    found = comparison.placebo_dates(noise(), "S00", codes(9)[1:], range(2008, 2025), 3)
    known = found[found["difference"].notna()]["year"]
    assert (known.min(), known.max(), len(found)) == (2011, 2021, 17)
    assert list(found) == ["year", "difference", "p"]


# --- synthetic control ---


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])
def test_weights_given_the_importance_are_those_of_the_published_case(case):
    donors, names = case["donors"], case["predictors"]
    others = pd.DataFrame(case["X0"], index=names, columns=donors)
    own = pd.Series(case["X1"], index=names)
    spread = pd.concat([others, own], axis=1).std(axis=1)
    importance = pd.Series(case["V"], index=names)
    found = comparison.donor_weights(own / spread, others.div(spread, axis=0), importance)
    expected, meta = case["expected"], CASES["meta"]
    for donor in donors:
        given_v = expected["weights_qp_given_V"][donor]
        assert found[donor] == pytest.approx(given_v, abs=meta["tolerance_abs_weights_given_V"])
        assert found[donor] == pytest.approx(
            expected["weights"][donor], abs=meta["tolerance_abs_weights"]
        )
    past = case["Z1"] - np.array(case["Z0"]) @ found
    after = case["Y1_post"] - np.array(case["Y0_post"]) @ found
    assert (past**2).mean() == pytest.approx(expected["pre_mspe_qp"], abs=1e-5)
    assert after.mean() == pytest.approx(expected["att_qp"], abs=1e-3)
    assert after.tolist() == pytest.approx(expected["post_gaps_qp"], abs=5e-3)


def test_the_basque_outcomes_alone_give_the_fit_that_another_optimiser_finds():
    case = CASES["cases"][0]
    years = [*case["pre_years"], *case["post_years"]]
    others = np.vstack([case["Z0"], case["Y0_post"]]).T
    own = np.array([*case["Z1"], *case["Y1_post"]])
    panel = panel_of([own, *others], years, ["Basque", *case["donors"]])
    found = control(panel, "Basque", 1975)
    z0, z1 = np.array(case["Z0"]), np.array(case["Z1"])
    second = minimize(
        lambda w: ((z1 - z0 @ (w**2 / (w**2).sum())) ** 2).mean() * 1e3,
        np.ones(z0.shape[1]),
        method="BFGS",
        options={"gtol": 1e-9, "maxiter": 5000},
    )
    assert found.fit == pytest.approx(math.sqrt(second.fun / 1e3), abs=1e-4)
    assert found.fit**2 <= case["expected"]["pre_mspe_qp"] + 1e-9
    assert found.after < -0.3


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 9),
    st.sampled_from([1e-4, 1.0, 1e5]),
    st.sampled_from([0, 1e4]),
)
def test_a_unit_made_of_the_donors_has_no_gap_in_any_unit_of_measure(seed, donors, unit, level):
    rng = np.random.default_rng(seed)
    values = level + rng.normal(size=(donors, len(YEARS))).cumsum(axis=1)
    share = rng.dirichlet(np.ones(donors))
    found = control(panel_of(unit * np.vstack([share @ values, values])))
    assert found.path["gap"].abs().max() <= 1e-4 * unit
    weights = dict(found.weights.to_numpy().tolist())
    for state, part in zip(codes(donors + 1)[1:], share, strict=True):
        assert weights.get(state, 0) == pytest.approx(part, abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 14), st.integers(2, 12))
def test_weights_are_shares_and_no_shift_towards_a_donor_would_fit_better(seed, donors, past):
    rng = np.random.default_rng(seed)
    others = pd.DataFrame(rng.normal(size=(past, donors)))
    own = pd.Series(rng.normal(size=past))
    found = comparison.donor_weights(own, others, pd.Series(1.0, index=others.index))
    assert found.between(0, 1).all() and found.sum() == pytest.approx(1, abs=1e-9)
    slopes = others.T @ (others @ found - own)
    assert slopes @ found - slopes.min() <= 1e-4 * past


def test_a_planted_step_is_the_gap_and_only_from_its_year_on():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(5, len(YEARS))).cumsum(axis=1)
    values[0] = values[1:].T @ [0.4, 0.3, 0.2, 0.1]
    found = control(stepped(panel_of(values), "S00", -2))
    past = found.path["year"] < 2018
    assert found.after == pytest.approx(-2, abs=1e-3) and found.fit < 1e-3
    assert (found.path["gap"].where(past, 0).abs() < 1e-3).all()
    assert found.weights["weight"].is_monotonic_decreasing
    assert list(found.path) == ["year", "own", "synthetic", "gap"]
    assert found.path["year"].tolist() == list(YEARS)


def test_the_control_is_the_same_twice_and_values_after_do_not_move_the_weights():
    panel = noise(8)
    one, again = control(panel), control(panel.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one.path, again.path)
    moved = control(stepped(panel, "S03", 7.0))
    pd.testing.assert_frame_equal(one.weights, moved.weights)


def test_donors_without_a_year_are_named_and_years_without_the_treated_are_no_rows():
    panel = noise(5)
    hole = (panel["state"] == "S02") & (panel["year"] == 2010)
    own = (panel["state"] == "S00") & (panel["year"] == 2012)
    found = control(panel.assign(value=panel["value"].mask(hole | own)))
    assert found.left_out == ("S02",) and "S02" not in set(found.weights["state"])
    assert found.path["year"].tolist() == [year for year in YEARS if year != 2012]
    same = control(panel[(panel["state"] != "S02") & (panel["year"] != 2012)])
    assert found.fit == pytest.approx(same.fit, rel=1e-9)


@pytest.mark.parametrize(
    ("year", "keep", "reason"),
    [
        (2009, "all", comparison.NO_PAST),
        (2024, "all", comparison.NO_FUTURE),
        (2018, "donors without 2015", comparison.NO_SYNTHETIC_DONOR),
        (2018, "no value of the treated", comparison.NO_PAST),
    ],
)
def test_without_a_past_a_future_or_donors_there_is_no_control_but_a_reason(year, keep, reason):
    panel = noise(4)
    own = panel["state"] == "S00"
    if keep == "donors without 2015":
        panel = panel[own | (panel["year"] != 2015)]
    if keep == "no value of the treated":
        panel = panel.assign(value=panel["value"].mask(own))
    found = control(panel, year=year)
    assert found.reason == reason and math.isnan(found.fit) and math.isnan(found.after)
    assert found.weights.empty and found.path.empty
    placebos = control(panel, year=year, function=comparison.placebos_in_space)
    assert list(placebos) == ["state", "fit", "after", "ratio", "treated"] and placebos.empty
    assert math.isnan(comparison.placebo_p(placebos))
    without = control(panel, year=year, function=comparison.leave_one_out)
    assert without["left_out"].tolist() == ["none"] and without["fit"].isna().all()


# --- placebos in space, leaving one out ---


def test_each_placebo_is_a_control_of_its_own_and_the_treated_is_never_a_donor():
    panel = stepped(noise(7), "S00", -0.6)
    found = control(panel, function=comparison.placebos_in_space).set_index("state")
    assert found.index.tolist() == codes(7) and found["treated"].tolist() == [True] + [False] * 6
    alone = panel[panel["state"] != "S00"]
    for state in ("S00", "S03"):
        own = control(panel if state == "S00" else alone, state)
        assert found.loc[state, "fit"] == pytest.approx(own.fit, rel=1e-9)
        assert found.loc[state, "after"] == pytest.approx(own.after, rel=1e-9)
        gap = own.path.set_index("year")["gap"]
        later = math.sqrt((gap[gap.index >= 2018] ** 2).mean())
        assert found.loc[state, "ratio"] == pytest.approx(later / own.fit, rel=1e-9)
    assert comparison.placebo_p(found) == pytest.approx(1 / 7)


def test_states_that_never_traded_have_no_ratio_and_do_not_count():
    values = np.zeros((5, len(YEARS)))
    values[0] = np.random.default_rng(2).normal(1, 0.3, len(YEARS))
    placebos = control(panel_of(values), function=comparison.placebos_in_space)
    assert placebos["ratio"].notna().tolist() == [True] + [False] * 4
    assert comparison.placebo_p(placebos) == 1
    started = control(stepped(panel_of(values), "S02", 1), function=comparison.placebos_in_space)
    assert started.set_index("state")["ratio"]["S02"] == math.inf
    assert math.isnan(
        comparison.placebo_p(control(panel_of(values), "S01", 2018, comparison.placebos_in_space))
    )


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12), st.integers(0, 11))
def test_the_p_of_placebos_is_a_share_that_counts_the_treated_unit(ratios, place):
    treated = [position == place % len(ratios) for position in range(len(ratios))]
    p = comparison.placebo_p(pd.DataFrame({"ratio": ratios, "treated": treated}))
    assert 1 / len(ratios) - 1e-12 <= p <= 1


def test_placebos_with_two_treated_units_or_none_are_refused():
    for treated in ([True, True], [False, False]):
        with pytest.raises(DataProblem, match="treated units; expected one"):
            comparison.placebo_p(pd.DataFrame({"ratio": [1.0, 2.0], "treated": treated}))


def test_leaving_a_donor_out_is_a_control_without_it():
    panel = noise(6)
    whole = control(panel)
    found = control(panel, function=comparison.leave_one_out).set_index("left_out")
    assert found.index.tolist() == ["none", *codes(6)[1:]]
    assert found.loc["none", "after"] == pytest.approx(whole.after)
    assert (found["fit"] >= whole.fit - 1e-9).all(), "fewer donors never fit better"
    own = control(panel[panel["state"] != "S04"])
    assert found.loc["S04", "after"] == pytest.approx(own.after, abs=1e-9)
    single = control(panel[panel["state"] < "S02"], function=comparison.leave_one_out)
    assert single["fit"].notna().tolist() == [True, False]


# --- dose ---


def doses(units, seed=4, years=YEARS):
    return panel_of(np.random.default_rng(seed).normal(size=(units, len(years))), years)


@pytest.mark.parametrize("holes", [0, 20])
@pytest.mark.parametrize("lag", [0, 2])
def test_the_slope_is_that_of_a_regression_with_effects_of_states_and_years(holes, lag):
    outcome = noise(6).sample(frac=1, random_state=1).iloc[holes:]
    given_dose = doses(6).sample(frac=1, random_state=2).iloc[holes:]
    earlier = given_dose.assign(year=given_dose["year"] + lag).rename(columns={"value": "dose"})
    both = outcome.merge(earlier, on=["state", "year"])
    fit = smf.ols("value ~ dose + C(state) + C(year)", both).fit()
    found = comparison.dose(outcome, given_dose, lag)
    assert found["slope"] == pytest.approx(fit.params["dose"], rel=1e-8)
    assert (found["units"], found["observations"]) == (6, len(both))
    assert found["draws"] == 720 and found["reason"] == ""


def test_a_planted_dose_is_found_at_its_lag_and_only_there():
    given_dose = doses(9)
    later = given_dose.assign(year=given_dose["year"] + 1, value=-0.3 * given_dose["value"])
    outcome = pd.concat([noise(9, scale=0.1), later]).groupby(["state", "year"], as_index=False)
    outcome = outcome["value"].sum()
    found = comparison.dose(outcome, given_dose, 1)
    assert found["slope"] == pytest.approx(-0.3, abs=0.05)
    assert (found["p"], found["draws"]) == (0.001, 999)
    assert comparison.dose(outcome, given_dose, 1) == found, "the draws are seeded"
    assert comparison.dose(outcome, given_dose, 0)["p"] > 0.05


def test_with_few_states_every_arrangement_is_counted():
    outcome, given_dose = noise(4, 8), doses(4, 9)

    def cleared(panel):
        table = panel.pivot(index="state", columns="year", values="value").to_numpy()
        return table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()

    y, d = cleared(outcome), cleared(given_dose)
    slopes = [(y * d[list(order)]).sum() for order in itertools.permutations(range(4))]
    expected = np.mean(np.abs(slopes) >= abs(slopes[0]) - 1e-12)
    found = comparison.dose(outcome, given_dose)
    assert found["p"] == pytest.approx(expected) and found["draws"] == 24


def test_under_slow_noise_the_p_of_a_dose_is_not_small_too_often():
    rng = np.random.default_rng(6)
    ps = []
    for _ in range(150):
        y, d = rng.normal(size=(2, 5, 10)).cumsum(axis=2)
        years = range(2010, 2020)
        ps.append(comparison.dose(panel_of(y, years), panel_of(d, years))["p"])
    ps = np.array(ps)
    assert ((ps > 0) & (ps <= 1)).all()
    assert (ps <= 0.10).mean() < 0.18 and 0.4 < ps.mean() < 0.6


def test_a_dose_that_states_or_years_explain_has_no_slope_but_a_reason():
    outcome = noise(5)
    by_year = outcome.assign(value=outcome["year"] / 7.0)
    by_state = outcome.assign(value=outcome["state"].str[1:].astype(float))
    elsewhere = outcome.assign(year=outcome["year"] + 100)
    for given_dose in (by_year, by_state, elsewhere, outcome[outcome["state"] == "S01"]):
        found = comparison.dose(outcome, given_dose)
        assert math.isnan(found["slope"]) and math.isnan(found["p"])
        assert (found["reason"], found["draws"]) == (comparison.NO_DOSE, 0)
    assert comparison.dose(outcome, elsewhere)["observations"] == 0


def test_an_outcome_that_never_moves_has_a_slope_of_zero_and_a_p_of_one():
    outcome = noise(5).assign(value=0.3)
    found = comparison.dose(outcome, doses(5))
    assert found["slope"] == pytest.approx(0, abs=1e-12) and found["p"] == 1


# --- what the test could have seen ---


def visible(panel, **more):
    donors = [state for state in sorted(set(panel["state"])) if state != "S00"]
    return comparison.smallest_visible(panel, "S00", donors, BEFORE, AFTER, **more)


def test_a_step_counts_as_seen_where_the_test_itself_calls_it_out():
    panel, level, sizes = noise(5, 2), 0.2, np.linspace(0, 0.3, 31)
    found = visible(panel, level=level, effects=sizes)
    for size, seen in zip(sizes, found["seen"], strict=True):
        both = [
            all(did(stepped(panel, s, sign * size), s)["p"] <= level + 1e-9 for sign in (1, -1))
            for s in codes(5)
        ]
        assert seen == pytest.approx(np.mean(both))
    assert found["seen"].iloc[0] == pytest.approx(0.2), "without a step: the level itself"
    assert found["seen"].iloc[-1] == 1 and found["seen"].nunique() > 3


def test_a_step_that_a_larger_one_hides_again_is_not_enough():
    found = visible(noise(10, 2), level=0.2, share=0.2)
    assert found["seen"].iloc[0] == pytest.approx(0.2) and found["seen"].iloc[:10].min() < 0.2
    assert not found["enough"].iloc[0] and comparison.smallest_effect(found)["effect"] > 0


def test_the_smallest_effect_is_the_first_from_which_enough_units_see_every_step():
    found = visible(noise(10, 2))
    answer = comparison.smallest_effect(found)
    assert answer["reason"] == "" and list(found["effect"]) == sorted(found["effect"])
    assert len(found) == 41 and found["seen"].iloc[-1] == 1
    assert (found[found["effect"] >= answer["effect"]]["seen"] >= 0.8).all()
    assert found[found["effect"] < answer["effect"]]["seen"].iloc[-1] < 0.8
    louder = noise(10, 2, scale=0.5)
    more = comparison.smallest_effect(visible(louder))["effect"]
    assert more == pytest.approx(10 * answer["effect"], rel=1e-6), "ten times the noise"
    assert comparison.smallest_effect(visible(noise(10, 2), share=0.3))["effect"] < answer["effect"]


def test_with_too_few_units_no_step_is_ever_seen_and_it_says_so():
    found = visible(noise(9))
    assert (found["seen"] == 0).all() and not found["enough"].any()
    answer = comparison.smallest_effect(found)
    assert math.isnan(answer["effect"]) and answer["reason"] == comparison.NEVER_SEEN
    assert comparison.smallest_effect(visible(noise(9), level=1 / 9))["reason"] == ""


def test_where_the_largest_step_is_too_small_or_nothing_is_known_the_effect_is_missing():
    answer = comparison.smallest_effect(visible(noise(10), effects=[0.0, 0.001]))
    assert math.isnan(answer["effect"]) and answer["reason"] == comparison.NOT_SEEN
    panel = noise(10)
    for cut, reason in (
        (panel[(panel["state"] != "S00") | (panel["year"] < 2018)], comparison.TREATED_LACKS),
        (panel[(panel["state"] == "S00") | (panel["year"] < 2018)], comparison.NO_DONOR),
        (panel[panel["year"] < 2018], comparison.TREATED_LACKS),
    ):
        found = visible(cut)
        assert found["seen"].isna().all() and not found["enough"].any()
        assert comparison.smallest_effect(found)["reason"] == reason


def test_where_nothing_ever_moved_any_step_is_seen():
    found = visible(noise(10).assign(value=0.5))
    assert found["seen"].iloc[0] == 0 and (found["seen"].iloc[1:] == 1).all()


# --- what is refused ---

PANEL = noise(4)
DONORS = ["S01", "S02", "S03"]


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (pd.concat([PANEL, PANEL.head(1)]), "two rows of S00 2008"),
        (PANEL.assign(value="a"), "expected numbers"),
        (PANEL.assign(value=True), "expected numbers"),
        (PANEL.assign(value=np.inf), "without end"),
        (PANEL.assign(year=PANEL["year"].astype(str)), "expected whole numbers"),
        (PANEL.assign(year=PANEL["year"] + 0.5), "expected whole numbers"),
        (PANEL.assign(state=None), "without a state"),
        (PANEL.drop(columns="value"), "columns value are missing"),
        (PANEL.head(0), "there is no row"),
    ],
)
def test_a_panel_that_is_none_is_refused_by_every_measure(panel, said):
    for call in (
        lambda: comparison.in_windows(panel, BEFORE, AFTER),
        lambda: comparison.changes_by_unit(panel, DONORS, BEFORE, AFTER),
        lambda: comparison.difference_in_differences(panel, "S00", DONORS, BEFORE, AFTER),
        lambda: comparison.placebo_dates(panel, "S00", DONORS, [2018], 3),
        lambda: comparison.synthetic_control(panel, "S00", DONORS, 2018),
        lambda: comparison.placebos_in_space(panel, "S00", DONORS, 2018),
        lambda: comparison.leave_one_out(panel, "S00", DONORS, 2018),
        lambda: comparison.smallest_visible(panel, "S00", DONORS, BEFORE, AFTER),
        lambda: comparison.dose(panel, PANEL),
        lambda: comparison.dose(PANEL, panel),
    ):
        with pytest.raises(DataProblem, match=said):
            call()


@pytest.mark.parametrize(
    ("treated", "donors", "said"),
    [
        ("XXX", DONORS, "no row of XXX; there are S00"),
        ("S00", ["S01", "XXX"], "no row of XXX"),
        ("S00", ["S00", "S01"], "is the treated state and a donor"),
        ("S00", ["S01", "S01"], "found some twice"),
        ("S00", [], "there are none"),
        ("S00", "S01", "expected a list"),
    ],
)
def test_states_that_cannot_be_compared_are_refused(treated, donors, said):
    for call in (
        lambda: comparison.difference_in_differences(PANEL, treated, donors, BEFORE, AFTER),
        lambda: comparison.placebo_dates(PANEL, treated, donors, [2018], 3),
        lambda: comparison.synthetic_control(PANEL, treated, donors, 2018),
        lambda: comparison.smallest_visible(PANEL, treated, donors, BEFORE, AFTER),
    ):
        with pytest.raises(DataProblem, match=said):
            call()


@pytest.mark.parametrize(
    "windows",
    [
        ((2017, 2013), AFTER),
        ((2013, 2018), AFTER),
        (AFTER, BEFORE),
        ((2013,), AFTER),
        (2013, AFTER),
        ((2013.5, 2017), AFTER),
        (("2013", "2017"), AFTER),
    ],
)
def test_windows_that_are_none_are_refused(windows):
    with pytest.raises(DataProblem, match="the windows? (is|are) .*expected"):
        comparison.in_windows(PANEL, *windows)


def test_other_arguments_out_of_range_are_refused():
    for call, said in (
        (lambda: comparison.placebo_dates(PANEL, "S00", DONORS, [2018], 0), "the width is 0"),
        (lambda: comparison.placebo_dates(PANEL, "S00", DONORS, ["2018"], 2), "the year is '2018'"),
        (lambda: comparison.synthetic_control(PANEL, "S00", DONORS, 2018.5), "the year is 2018.5"),
        (lambda: comparison.dose(PANEL, PANEL, -1), "the lag is -1"),
        (lambda: comparison.dose(PANEL, PANEL, 0.5), "the lag is 0.5"),
        (lambda: visible(PANEL, level=0), "the level is 0"),
        (lambda: visible(PANEL, share=1.5), "the share is 1.5"),
        (lambda: visible(PANEL, effects=[]), "expected sizes"),
        (lambda: visible(PANEL, effects=[-0.1]), "expected sizes"),
        (lambda: visible(PANEL, effects=["large"]), "expected sizes"),
        (lambda: comparison.smallest_effect(PANEL), "columns effect, seen, enough, reason"),
    ):
        with pytest.raises(DataProblem, match=said):
            call()


def test_predictors_that_do_not_agree_are_refused():
    own, others, one = pd.Series([1.0, 2]), pd.DataFrame({"a": [1.0, 2]}), pd.Series([1.0, 1])
    for arguments, said in (
        ((own.head(1), others, one), "different predictors"),
        ((own, others.assign(a=np.nan), one), "found gaps"),
        ((own, others, one * 0), "importance"),
        ((own, others, -one), "importance"),
        ((own, others[[]], one), "no donor"),
    ):
        with pytest.raises(DataProblem, match=said):
            comparison.donor_weights(*arguments)


def test_a_panel_is_not_changed_and_other_columns_and_types_do_no_harm():
    panel = noise(5)
    rich = panel.assign(note="x", value=panel["value"].astype("Float64"))
    rich["state"], rich["year"] = rich["state"].astype("category"), rich["year"].astype("Int64")
    before = rich.copy(deep=True)
    assert did(rich) == did(panel)
    assert control(rich).fit == control(panel).fit
    pd.testing.assert_frame_equal(rich, before)
