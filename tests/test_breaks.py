"""Dates in series: values of R and Python packages, planted shifts, chance, and what is refused."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import reference

from alliances import breaks
from alliances.problems import DataProblem

CASES = json.loads(reference("changepoint_cases.json").read_text(encoding="utf-8"))
SEGMENTED = json.loads(reference("its_cases.json").read_text(encoding="utf-8"))
TOLERANCE = CASES["meta"]["tolerance_abs"]


def series_of(values, first=1992):
    values = np.asarray(values, dtype="float64")
    return pd.DataFrame({"year": range(first, first + len(values)), "value": values})


def case_series(case):
    return pd.DataFrame({"year": case["years"], "value": case["y"]})


def noise(size=33, seed=3, persistence=0.0):
    shocks = np.random.default_rng(seed).normal(size=size)
    values = [shocks[0]]
    for shock in shocks[1:]:
        values.append(persistence * values[-1] + shock)
    return np.array(values)


cases = pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])


@cases
def test_pettitt_is_that_of_r_and_of_his_own_page(case):
    found, expected = breaks.pettitt(case_series(case)), case["expected"]
    assert found["statistic"] == expected["pettitt_K"]
    assert found["last_before"] == case["years"][expected["pettitt_k_hat"] - 1]
    assert found["p"] == pytest.approx(expected["pettitt_p"], abs=TOLERANCE)


@cases
def test_the_largest_f_is_that_of_strucchange(case):
    found, expected = breaks.supremum_f(case_series(case), draws=99), case["expected"]
    assert found["statistic"] == pytest.approx(expected["supF"], abs=1e-6)
    assert found["last_before"] == case["years"][expected["supF_breakpoint"] - 1]


@cases
def test_cuts_and_the_criterion_are_those_of_strucchange(case):
    most = len(case["expected"]["bai_perron_rss"]) - 1
    found, expected = breaks.mean_shifts(case_series(case), most), case["expected"]
    # strucchange leaves out solutions once another constraint binds; it never finds a better one.
    rows = found.head(4)
    assert rows["rss"].tolist() == pytest.approx(expected["bai_perron_rss"][:4], abs=1e-6)
    assert rows["bic"].tolist() == pytest.approx(expected["bai_perron_bic"][:4], abs=1e-5)
    for number in (1, 2, 3):
        at = [case["years"][place] for place in expected[f"bai_perron_breaks_m{number}"]]
        assert list(found.loc[number, "from_years"]) == at
    best = found.loc[found["bic"].idxmin()]
    assert best["number"] == expected["bai_perron_n_breaks_bic"]


@cases
def test_pelt_is_that_of_changepoint(case):
    expected = case["expected"]
    plain = breaks.pelt(case_series(case))
    assert plain["penalty"] == pytest.approx(expected["pelt_pen"], abs=TOLERANCE)
    low = breaks.pelt(case_series(case), expected["pelt_pen_low"])
    for found, name in ((plain, "pelt_breaks_ruptures"), (low, "pelt_breaks_low_ruptures")):
        wanted = expected[name] if isinstance(expected[name], list) else [expected[name]]
        assert list(found["from_years"]) == [case["years"][place] for place in wanted]


@pytest.mark.parametrize("case", SEGMENTED["cases"], ids=lambda case: case["id"])
def test_segmented_regression_is_that_of_r_and_statsmodels(case):
    found = breaks.segmented_regression(case_series(case), case["T0"], case["lag"])
    expected = case["expected"]
    names = {"level_change": "post", "trend_change": "ts", "trend_before": "t"}
    for ours, theirs in names.items():
        assert found[ours] == pytest.approx(expected["coef"][theirs], abs=1e-9)
    for ours, theirs in (("level_error", "post"), ("trend_error", "ts")):
        assert found[ours] == pytest.approx(expected["se_hac_smallsample"][theirs], abs=1e-9)


def test_a_clear_step_is_found_by_every_method_and_sharply():
    values = 0.05 * noise() + np.where(np.arange(33) < 20, 1.0, 0.0)
    panel = series_of(values).assign(series="a")
    row = breaks.by_method(panel).iloc[0]
    assert (row["pettitt_year"], row["supremum_f_year"]) == (2012, 2012)
    assert (row["shift_years"], row["pelt_years"], row["reason"]) == ("2012", "2012", "")
    assert row["supremum_f_p"] == pytest.approx(0.001)
    shift = breaks.shifts_of(panel).iloc[0]
    assert (shift["low_year"], shift["high_year"], shift["direction"]) == (2012, 2012, "falls")
    assert shift["mean_before"] == pytest.approx(values[:20].mean())


def test_the_interval_holds_the_year_and_grows_with_the_noise():
    step = np.where(np.arange(33) < 16, 1.0, 0.0)
    widths = []
    for scale in (0.1, 0.4):
        found = breaks.chosen_shifts(series_of(step + scale * noise(seed=5)), draws=199)
        assert ((found["low_year"] <= found["from_year"]) & (found["from_year"] <= found["high_year"])).all()
        widths.append(int((found["high_year"] - found["low_year"]).iloc[0]))
    assert widths[0] < widths[1]


@pytest.mark.parametrize("persistence", [0.0, 0.6])
def test_chance_is_called_a_shift_about_as_rarely_as_said(persistence):
    found = [
        breaks.supremum_f(series_of(noise(seed=seed, persistence=persistence)), draws=99)["p"]
        for seed in range(200)
    ]
    # 10 percent are expected; over 200 series chance allows 5 to 15.
    assert 0.04 <= np.mean(np.array(found) <= 0.10) <= 0.17


def test_the_independent_p_of_pettitt_is_fooled_where_the_simulated_one_is_less_so():
    sluggish = [series_of(noise(seed=seed, persistence=0.6)) for seed in range(100)]
    ranks = np.mean([breaks.pettitt(one)["p"] <= 0.10 for one in sluggish])
    simulated = np.mean([breaks.supremum_f(one, draws=99)["p"] <= 0.10 for one in sluggish])
    assert ranks > simulated + 0.1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-100, 100))
def test_no_date_depends_on_unit_or_level(seed, scale, shift):
    values = np.round(noise(seed=seed), 3)
    one, other = (series_of(each).assign(series="a") for each in (values, values * scale + shift))
    for name in ("pettitt_year", "supremum_f_year", "shift_years", "pelt_years"):
        assert breaks.by_method(one)[name].iloc[0] == breaks.by_method(other)[name].iloc[0]


def test_the_best_of_all_dates_is_the_one_that_the_largest_f_names():
    panel = series_of(noise(seed=8)).assign(series="a")
    every = breaks.dates_compared(panel, range(1992, 2026))
    best = every[every["place"] == 1]
    assert best["year"].tolist() == [breaks.supremum_f(panel)["from_year"]]
    known = every.dropna(subset=["explained"])
    assert known["explained"].between(0, 1).all() and set(known["of"]) == {len(known)}
    assert sorted(known["place"]) == list(range(1, len(known) + 1))
    assert set(every.loc[every["explained"].isna(), "reason"]) == {breaks.OUTSIDE}
    # By hand, from sums of squares.
    row, values = known.iloc[5], panel["value"].to_numpy()
    cut = row["year"] - 1992
    inside = ((values[:cut] - values[:cut].mean()) ** 2).sum() + ((values[cut:] - values[cut:].mean()) ** 2).sum()
    assert row["explained"] == pytest.approx(1 - inside / ((values - values.mean()) ** 2).sum())


def test_gaps_are_left_out_and_the_year_after_them_is_named():
    values = [1.0, 1.1] * 5 + [math.nan, math.nan] + [0.0, 0.1] * 5
    panel = series_of(values).assign(series="a")
    row = breaks.by_method(panel).iloc[0]
    assert row["years"] == 20 and row["supremum_f_year"] == 2004
    assert breaks.dates_compared(panel, [2003])["change"].iloc[0] == pytest.approx(-1)


@pytest.mark.parametrize(
    "values, reason",
    [
        ([], breaks.TOO_SHORT),
        ([1.0, 2.0], breaks.TOO_SHORT),
        ([math.nan] * 20, breaks.TOO_SHORT),
        ([0.3] * 20, breaks.CONSTANT),
        ([0.1 + 0.2, 0.3] * 8, breaks.CONSTANT),
    ],
)
def test_too_little_to_date_gives_a_reason_and_no_warning(values, reason, recwarn):
    series = series_of(values)
    for method in (breaks.pettitt, breaks.supremum_f, breaks.pelt):
        assert method(series)["reason"] == reason
    assert breaks.segmented_regression(series, 2000)["reason"] == reason
    assert breaks.mean_shifts(series).empty and breaks.chosen_shifts(series).empty
    panel = series.assign(series="a")
    if len(panel):
        row = breaks.by_method(panel).iloc[0]
        assert row["reason"] == reason and pd.isna(row["pettitt_year"]) and row["shift_years"] == ""
        assert set(breaks.dates_compared(panel, [2000])["reason"]) == {reason}
    assert breaks.shifts_of(panel).empty and not recwarn.list


def test_a_date_too_near_an_end_has_no_regression():
    found = breaks.segmented_regression(series_of(noise(20)), 2010)
    assert found["reason"] == breaks.OUTSIDE and math.isnan(found["level_change"])


@pytest.mark.parametrize(
    "broken, said",
    [
        (series_of(noise()).drop(columns="value"), "columns value are missing"),
        (series_of(noise()).assign(year="1992"), "expected whole numbers"),
        (series_of(noise()).assign(year=1992.5), "expected whole numbers"),
        (series_of(noise()).assign(value="many"), "expected numbers"),
        (series_of(noise()).assign(year=1992), "two values of 1992"),
        (series_of([math.inf, *noise()]), "without end"),
    ],
)
def test_what_is_no_series_is_refused(broken, said):
    for method in (breaks.pettitt, breaks.supremum_f, breaks.mean_shifts, breaks.pelt):
        with pytest.raises(DataProblem, match=said):
            method(broken)
    with pytest.raises(DataProblem, match="column series"):
        breaks.by_method(broken)
    with pytest.raises(DataProblem, match="the penalty is"):
        breaks.pelt(series_of(noise()), 0)


def test_the_order_of_rows_and_of_runs_changes_nothing():
    panel = series_of(noise(seed=4)).assign(series="a")
    mixed = panel.sample(frac=1, random_state=1)
    for method in (breaks.by_method, breaks.shifts_of):
        pd.testing.assert_frame_equal(method(panel), method(mixed))
