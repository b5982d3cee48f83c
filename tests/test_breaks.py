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
    for ours, theirs in (("explained", "r2"), ("durbin_watson", "dw")):
        assert found[ours] == pytest.approx(expected[theirs], abs=1e-9)


def test_a_clear_step_is_found_by_every_method_and_sharply():
    values = 0.05 * noise() + np.where(np.arange(33) < 20, 1.0, 0.0)
    panel = series_of(values).assign(series="a")
    row = breaks.by_method(panel).iloc[0]
    assert (row["pettitt_year"], row["supremum_f_year"]) == (2012, 2012)
    assert (row["shift_years"], row["pelt_years"], row["reason"]) == ("2012", "2012", "")
    assert row["supremum_f_p"] == pytest.approx(0.001)
    assert (row["shifts"], row["intervals"]) == (1, "2012-2012")
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
@given(st.integers(0, 10_000), st.sampled_from([1e-9, 0.1, 7.3, 1e9]), st.floats(-100, 100))
def test_no_date_depends_on_unit_or_level(seed, scale, shift):
    values = np.round(noise(seed=seed), 3)
    one, other = (series_of(each).assign(series="a") for each in (values, (values + shift) * scale))
    for name in ("pettitt_year", "supremum_f_year", "shift_years", "intervals", "pelt_years"):
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


def test_named_dates_are_ranked_among_themselves_and_inadmissible_ones_are_not():
    step = np.where(np.arange(33) < 20, 1.0, 0.0) + 0.05 * noise()
    panel = pd.concat([series_of(step).assign(series="a"), series_of(step[:5]).assign(series="b")])
    found = breaks.dates_compared(panel, [2010, 2012, 2016, 2024]).set_index(["series", "year"])
    assert found.loc["a", "rank"].tolist()[:3] == [2, 1, 3]
    assert found.loc["a", "admissible"].tolist() == [True, True, True, False]
    assert found.loc["a", "best"].tolist() == [False, True, False, False]
    assert found.loc[found["admissible"], "place"].ge(found.loc[found["admissible"], "rank"]).all()
    assert pd.isna(found.loc[("a", 2024), "rank"]) and not found.loc["b", "admissible"].any()
    wider = breaks.dates_compared(panel, [2010, 2016], trimming=0.4).set_index(["series", "year"])
    assert wider.loc["a", "admissible"].tolist() == [True, False] and wider.loc[("a", 2010), "of"] == 8


def test_trimming_keeps_a_late_step_out_of_reach():
    series = series_of(np.where(np.arange(33) < 27, 1.0, 0.0) + 0.05 * noise())
    assert breaks.supremum_f(series, draws=99)["from_year"] == 2019
    assert breaks.supremum_f(series, trimming=0.3, draws=99)["from_year"] < 2019
    assert breaks.mean_shifts(series, 1)["from_years"].iloc[1] == (2019,)
    assert breaks.mean_shifts(series, 5, trimming=0.3)["number"].max() == 2


def test_a_panel_without_rows_or_dates_gives_an_empty_table():
    panel = series_of(noise()).assign(series="a")
    assert breaks.by_method(panel.head(0)).empty and breaks.shifts_of(panel.head(0)).empty
    assert breaks.dates_compared(panel.head(0), [2000]).empty
    assert breaks.dates_compared(panel, []).empty


def test_all_series_that_are_refused_are_named_at_once():
    good = series_of(noise()).assign(series="a")
    panel = pd.concat([good, good.assign(series="b", year=1992), good.assign(series="c", value=math.inf)])
    for method in (breaks.by_method, breaks.shifts_of):
        with pytest.raises(DataProblem, match="(?s)b: .*two values of 1992.*c: .*without end"):
            method(panel)
    with pytest.raises(DataProblem, match="column value is missing"):
        breaks.by_method(good.drop(columns="value"))
    with pytest.raises(DataProblem, match="rows without a series"):
        breaks.by_method(good.assign(series=None))


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda s: breaks.supremum_f(s, trimming=0.5), "the trimming is 0.5"),
        (lambda s: breaks.mean_shifts(s, trimming=math.nan), "the trimming is nan"),
        (lambda s: breaks.supremum_f(s, draws=0), "the number of draws is 0"),
        (lambda s: breaks.chosen_shifts(s, draws=2.5), "the number of draws is 2.5"),
        (lambda s: breaks.mean_shifts(s, most=-1), "the largest number of shifts is -1"),
        (lambda s: breaks.pelt(s, math.inf), "the penalty is inf"),
        (lambda s: breaks.pelt(s, "low"), "the penalty is 'low'"),
        (lambda s: breaks.segmented_regression(s, "2000"), "the year is '2000'"),
        (lambda s: breaks.segmented_regression(s, 2000, lag=-1), "the lag is -1"),
        (lambda s: breaks.dates_compared(s.assign(series="a"), [2000.5]), "the year is 2000.5"),
    ],
)
def test_settings_that_mean_nothing_are_refused(call, said):
    with pytest.raises(DataProblem, match=said):
        call(series_of(noise()))


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
        (series_of(noise()).assign(value=True), "expected numbers"),
        (series_of(noise()).astype({"year": "Int64"}).replace({"year": {1995: pd.NA}}), "without a year"),
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
