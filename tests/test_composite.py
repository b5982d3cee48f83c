"""Composite scores: each step against values that others computed, and the spread over the choices."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reference

from alliances import composite
from alliances.problems import DataProblem

SMALL = json.loads(reference("composite_small_cases.json").read_text())
PIPELINE = json.loads(reference("composite_pipeline_cases.json").read_text())
CASES = {case["id"]: case for case in SMALL["cases"]}
PILLARS = [case for case in PIPELINE["cases"] if case["id"].startswith("pillar")]
X = pd.DataFrame(SMALL["meta"]["input_X"])
Z = pd.DataFrame(SMALL["meta"]["Z_minmax_1_100"])[list(X.columns)]


def observed(values, direction=None):
    """Goalposts at the extremes observed, as the reference values have them."""
    ends = pd.DataFrame({"apart": values.min(), "close": values.max()})
    for name, sign in zip(values.columns, direction or [1] * values.shape[1], strict=True):
        if sign < 0:
            ends.loc[name] = ends.loc[name, ["close", "apart"]].to_numpy()
    return ends


def expected(identifier):
    found = CASES[identifier]["expected"]
    return pd.DataFrame(found)[list(X.columns)] if isinstance(found, dict) else np.array(found)


def alike(found, wanted, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(wanted, float), atol=tolerance)


@pytest.mark.parametrize(
    "identifier, method, ends",
    [
        ("n_minmax_0_100", "min-max", (0, 100)),
        ("n_minmax_1_100", "min-max", (1, 100)),
        ("n_zscore", "z-score", (0, 100)),
        ("n_rank", "rank", (0, 100)),
    ],
)
def test_a_normalisation_gives_the_reference_values(identifier, method, ends):
    alike(composite.normalised(X, observed(X), method, *ends), expected(identifier))


@pytest.mark.parametrize(
    "identifier, how",
    [("a_amean", "arithmetic"), ("a_amean_equal", "arithmetic"), ("a_gmean", "geometric")],
)
def test_an_aggregation_gives_the_reference_values(identifier, how):
    weights = dict(zip(X.columns, CASES[identifier]["weights"], strict=True))
    alike(composite.aggregated(Z, weights, how), expected(identifier))


def test_the_logarithm_gives_the_reference_values():
    alike(composite.log_shifted(X, observed(X)), expected("log_CT"))


def test_the_skewness_that_asks_for_a_logarithm_is_the_one_of_the_reference():
    alike(X.skew(), [CASES["skew"]["expected"][name] for name in X.columns])


@pytest.mark.parametrize("case", PILLARS, ids=lambda case: case["id"])
def test_the_pipeline_gives_the_reference_values(case):
    treated = pd.DataFrame(case["treated"])[case["indicators"]]
    wanted = case["expected"]
    scores = composite.normalised(treated, observed(treated, case["direction"]), "min-max")
    alike(scores, pd.DataFrame(wanted["normalised"])[case["indicators"]], 1e-8)
    equal = dict.fromkeys(case["indicators"], 1)
    pillar = wanted["pillar_score"]
    pillar = [pillar[unit] for unit in case["units"]] if isinstance(pillar, dict) else pillar
    alike(composite.aggregated(scores, equal, "arithmetic"), pillar, 1e-8)
    assert composite.cronbach_alpha(scores) == pytest.approx(wanted["cronbach_alpha"], abs=1e-8)
    variances, loadings = composite.principal_components(scores)
    alike(variances, wanted["pca_eigenvalues"], 1e-8)
    alike(loadings.abs(), [wanted["pca_pc1_abs_loadings"][n] for n in loadings.index], 1e-8)


def test_the_pillars_make_the_sub_index_of_the_reference():
    (case,) = [case for case in PIPELINE["cases"] if case["id"].startswith("subindex")]
    scores = pd.DataFrame(case["input_pillar_scores"])[case["pillars"]]
    found = composite.aggregated(scores, dict.fromkeys(case["pillars"], 1), "arithmetic")
    alike(found, pd.Series(case["expected"])[found.index], 1e-8)


VALUES = pd.DataFrame(
    {"share": [0.9, 0.7, 0.2], "distance": [0.5, 2.0, 1.0]}, index=[2015, 2017, 2024]
)
POSTS = pd.DataFrame({"apart": [0, 4], "close": [1, 0]}, index=["share", "distance"])
EQUAL = {"share": 1, "distance": 1}
WEIGHTINGS = {"equal": EQUAL, "share twice": {"share": 2, "distance": 1}}


@pytest.mark.parametrize("method", composite.ON_GOALPOSTS)
def test_on_fixed_goalposts_a_new_year_does_not_move_the_old_ones(method):
    whole = composite.normalised(VALUES, POSTS, method)
    alike(composite.normalised(VALUES.iloc[:2], POSTS, method), whole.iloc[:2])


@pytest.mark.parametrize("method", ["z-score", "rank"])
def test_without_them_it_does(method):
    whole = composite.normalised(VALUES, POSTS, method)
    before = composite.normalised(VALUES.iloc[:2], POSTS, method)
    assert not np.allclose(before, whole.iloc[:2])


def test_the_goalposts_become_the_ends_of_the_scale_and_turn_a_distance_round():
    ends = pd.DataFrame({"share": [0.0, 1.0], "distance": [4.0, 0.0]})
    for method in composite.ON_GOALPOSTS:
        alike(composite.normalised(ends, POSTS, method, 1, 100), [[1, 1], [100, 100]])
    alike(composite.normalised(ends, POSTS, "rank"), [[1, 1], [2, 2]])


def test_all_combinations_are_there_once():
    scores = composite.spread(VALUES, POSTS, WEIGHTINGS)
    keys = ["normalisation", "weighting", "aggregation"]
    found = set(scores[keys].drop_duplicates().itertuples(index=False, name=None))
    wanted = {
        (method, weighting, how)
        for method in composite.NORMALISATIONS
        for weighting in WEIGHTINGS
        for how in composite.AGGREGATIONS
        if (method, how) != ("z-score", "geometric")
    }
    assert found == wanted and len(scores) == len(wanted) * len(VALUES)


def test_a_geometric_score_never_exceeds_the_arithmetic_one():
    scores = composite.spread(VALUES, POSTS, WEIGHTINGS)
    scores = scores[scores["normalisation"] != "z-score"]
    wide = scores.pivot(
        index=["unit", "normalisation", "weighting"], columns="aggregation", values="score"
    )
    assert (wide["geometric"] <= wide["arithmetic"] + 1e-9).all()


def test_a_year_that_is_worse_in_everything_is_last_under_every_choice():
    worse = pd.concat([VALUES, pd.DataFrame({"share": 0.1, "distance": 3.0}, index=[2025])])
    scores = composite.spread(worse, POSTS, WEIGHTINGS)
    assert set(scores.loc[scores["unit"] == 2025, "rank"]) == {4}
    by_unit = composite.spread_by_unit(scores).set_index("unit")
    assert by_unit.loc[2025, ["best_rank", "worst_rank", "units"]].tolist() == [4, 4, 4]
    assert (by_unit["lowest"] <= by_unit["median"]).all()
    assert (by_unit["median"] <= by_unit["highest"]).all()
    assert set(by_unit["combinations"]) == {14}
    fell = composite.change_by_combination(scores, 2015, 2025)
    assert len(fell) == 14 and (fell["change"] < 0).all() and (fell["places"] == 3).all()


def test_a_weight_of_zero_leaves_an_indicator_out():
    scores = composite.normalised(VALUES, POSTS, "min-max", 1, 100)
    for how in composite.AGGREGATIONS:
        alike(composite.aggregated(scores, {"share": 3, "distance": 0}, how), scores["share"])
    lacking = scores.assign(distance=np.nan)
    alike(composite.aggregated(lacking, {"share": 1, "distance": 0}, "geometric"), scores["share"])
    weightings = composite.left_out_in_turn(list(VALUES.columns))
    assert weightings["without distance"] == {"share": 1.0, "distance": 0.0}


def test_a_unit_that_lacks_an_indicator_has_no_score_and_is_left_out_of_the_spread():
    scores = composite.normalised(VALUES, POSTS, "min-max", 1, 100)
    scores.loc[2017, "share"] = np.nan
    for how in composite.AGGREGATIONS:
        found = composite.aggregated(scores, EQUAL, how)
        assert np.isnan(found[2017]) and found.drop(2017).notna().all()
    lacking = VALUES.copy()
    lacking.loc[2017, "share"] = np.nan
    found = composite.spread(lacking, POSTS, WEIGHTINGS)
    wanted = composite.spread(VALUES.drop(2017), POSTS, WEIGHTINGS)
    pd.testing.assert_frame_equal(found, wanted)


def test_an_indicator_that_never_varies_decides_no_order():
    still = VALUES.assign(distance=1.0)
    scores = composite.spread(still, POSTS, {"equal": EQUAL})
    assert np.isfinite(scores["score"]).all()
    assert scores.groupby("unit")["rank"].unique().map(list).to_dict() == {
        2015: [1],
        2017: [2],
        2024: [3],
    }
    assert composite.normalised(still, POSTS, "z-score")["distance"].isna().all()


def test_how_alike_the_orders_are():
    scores = composite.spread(VALUES.assign(distance=[0.5, 1.0, 2.0]), POSTS, WEIGHTINGS)
    assert composite.agreement_of_orders(scores) == pytest.approx(1)
    # Kendall and Babington Smith's W by the plain formula, for orders without ties.
    orders = [[1, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]]
    judged = pd.concat(
        pd.DataFrame({"unit": range(4), "rank": ranks, "weighting": f"w{place}"})
        for place, ranks in enumerate(orders)
    ).assign(normalisation="n", aggregation="a", score=0.0)
    sums = np.sum(orders, axis=0)
    wanted = 12 * ((sums - sums.mean()) ** 2).sum() / (3**2 * (4**3 - 4))
    assert composite.agreement_of_orders(judged) == pytest.approx(wanted)


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=12),
    st.lists(st.floats(0, 4), min_size=3, max_size=12),
)
def test_no_score_leaves_its_scale(shares, distances):
    size = min(len(shares), len(distances))
    values = pd.DataFrame({"share": shares[:size], "distance": distances[:size]})
    scores = composite.spread(values, POSTS, WEIGHTINGS)
    fixed = scores[scores["normalisation"].isin(composite.ON_GOALPOSTS)]["score"]
    assert fixed.between(1 - 1e-9, 100 + 1e-9).all()
    assert scores["rank"].between(1, size).all()


def test_what_measures_one_thing_has_an_alpha_of_one_and_what_opposes_a_low_one():
    same = pd.DataFrame({"a": [1.0, 2.0, 5.0], "b": [2.0, 3.0, 6.0]})
    assert composite.cronbach_alpha(same) == pytest.approx(1)
    assert np.isnan(composite.cronbach_alpha(same.assign(b=-same["a"])))
    assert composite.cronbach_alpha(same.assign(b=[6.0, 3.0, 4.0])) < 0
    assert np.isnan(composite.cronbach_alpha(same.iloc[:2]))
    assert composite.principal_components(same.assign(b=1.0))[0] == []


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: composite.normalised(VALUES, POSTS, "borda"), "borda"),
        (lambda: composite.normalised(VALUES, POSTS.drop("share"), "rank"), "no row for share"),
        (lambda: composite.normalised(VALUES, POSTS.drop(columns="apart"), "rank"), "apart"),
        (lambda: composite.normalised(VALUES, POSTS.assign(apart=0), "rank"), "distance"),
        (lambda: composite.normalised(VALUES * 2, POSTS, "min-max"), "beyond.*share"),
        (lambda: composite.aggregated(VALUES, EQUAL, "harmonic"), "harmonic"),
        (lambda: composite.aggregated(VALUES, {"share": 1}, "arithmetic"), "expected share"),
        (lambda: composite.aggregated(VALUES, {"share": -1, "distance": 2}, "arithmetic"), "zero"),
        (lambda: composite.aggregated(VALUES, dict.fromkeys(EQUAL, 0), "arithmetic"), "zero"),
        (lambda: composite.aggregated(VALUES - 1, EQUAL, "geometric"), "zero or less"),
        (lambda: composite.spread(VALUES.iloc[:1], POSTS, WEIGHTINGS), "found 1 units"),
        (lambda: composite.spread_by_unit(VALUES), "normalisation"),
        (
            lambda: composite.change_by_combination(
                composite.spread(VALUES, POSTS, WEIGHTINGS), 2017, 1999
            ),
            "no unit 1999",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(call, said):
    with pytest.raises(DataProblem, match=said):
        call()
