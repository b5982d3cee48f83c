"""Reliability: published counts, independent intervals, properties, and what is refused."""

import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats
from support import ROOT, SHARED, needs_shared

from alliances import reliability as module
from alliances.problems import DataProblem
from alliances.reliability import (
    ALTERNATIVE,
    LEEDS_LONG_MITCHELL,
    OBLIGATIONS,
    chance_of_at_most,
    exact_interval,
    interval_over_wars,
    reliability,
    reliability_by,
    without_each_war,
)

EXTRACT = Path(__file__).parent / "reference" / "reliability_cases.json"
PERIODS = {1: "1816-1944", 0: "1945-2003"}


def shipped():
    return pd.read_csv(ROOT / "data" / "treaty_obligations" / "commitments_by_war.csv")


def made_up(*wars, **more):
    """A table of commitments from pairs of invoked and honoured, one war each."""
    return pd.DataFrame(
        {
            "coding": LEEDS_LONG_MITCHELL,
            "war_id": range(1, len(wars) + 1),
            "war": [f"War {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(wars)]],
            "first_year": [1900 + 10 * place for place in range(len(wars))],
            "period": "made up",
            "obligation": "any",
            "invoked": [invoked for invoked, _ in wars],
            "honoured": [honoured for _, honoured in wars],
        }
        | more
    )


wars = st.lists(
    st.integers(0, 30).flatmap(
        lambda invoked: st.tuples(st.just(invoked), st.integers(0, invoked))
    ),
    min_size=1,
    max_size=12,
)
counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


# --- against published values ---


@pytest.mark.parametrize(
    "case", json.loads(EXTRACT.read_text(encoding="utf-8"))["cases"], ids=lambda case: case["id"]
)
def test_the_table_holds_the_published_counts(case):
    if "filter" not in case:
        printed = pd.read_csv(ROOT / "data" / "treaty_obligations" / "published_reliability.csv")
        shares = printed[printed["citation"] == "leeds_long_mitchell2000"]["share"]
        assert shares.tolist() == [case["expected"]["rate"]]
        return
    period = PERIODS.get(case["filter"].get("sample"))
    table = shipped() if period is None else shipped().query("period == @period")
    found, expected = reliability(table), case["expected"]
    assert (found["honoured"], found["invoked"]) == (
        expected["honoured"],
        expected["opportunities"],
    )
    assert found["share"] == pytest.approx(expected["rate"], abs=1e-12)


@needs_shared
def test_the_extract_is_the_reference_itself():
    whole = SHARED / "reference" / "reliability_cases.json"
    assert json.loads(EXTRACT.read_text(encoding="utf-8")) == json.loads(
        whole.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize(
    ("obligation", "years", "coding", "honoured", "invoked"),
    [
        ("any", (1816, 2003), LEEDS_LONG_MITCHELL, 73, 146),
        ("any", (1816, 1944), LEEDS_LONG_MITCHELL, 61, 92),
        ("any", (1945, 2003), LEEDS_LONG_MITCHELL, 12, 54),
        ("defence", (1816, 2003), LEEDS_LONG_MITCHELL, 42, 102),
        ("defence", (None, 1944), LEEDS_LONG_MITCHELL, 36, 59),
        ("defence", (1945, None), LEEDS_LONG_MITCHELL, 6, 43),
        ("offence", (None, None), LEEDS_LONG_MITCHELL, 31, 42),
        ("neutrality", (None, None), LEEDS_LONG_MITCHELL, 35, 45),
        ("non-aggression", (None, None), LEEDS_LONG_MITCHELL, 18, 49),
        ("any", (None, None), ALTERNATIVE, 69, 139),
        ("any", (None, None), "leeds-anac honor2", 95, 137),
        ("any", (None, None), "leeds-anac honor3", 93, 137),
    ],
)
def test_the_counts_of_the_studies(obligation, years, coding, honoured, invoked):
    found = reliability(shipped(), obligation, *years, coding=coding)
    assert (found["honoured"], found["invoked"]) == (honoured, invoked)
    assert found["share"] == pytest.approx(honoured / invoked)


def test_every_printed_share_of_berkemeier_and_fuhrmann_is_our_count_rounded():
    printed = pd.read_csv(ROOT / "data" / "treaty_obligations" / "published_reliability.csv")
    for row in printed[printed["citation"] == "berkemeier_fuhrmann2018"].itertuples():
        found = reliability(shipped(), row.obligation, row.first_year, row.last_year)
        assert found["share"] == pytest.approx(row.share, abs=0.005), row


def test_the_study_before_1945_differs_from_the_first_count_by_more_than_rounding():
    """Why 75 percent and 22 percent are both printed: 74.5 percent is above this interval's middle
    and inside it, 22.2 is outside it."""
    before, since = reliability(shipped(), last_year=1944), reliability(shipped(), first_year=1945)
    assert before["lower"] < 0.745 < before["upper"]
    assert since["upper"] < before["lower"]


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # Worked example with Conover's tables (Practical Nonparametric Statistics, 1999), as quoted
        # on influentialpoints.com, "Confidence intervals of proportions"
        (5, 25, 0.068, 0.407),
        # The rule of the upper bound when nothing happened: 1 - 0.025 ** (1 / n)
        (0, 20, 0.0, 0.168),
    ],
)
def test_intervals_printed_in_a_paper(successes, trials, lower, upper):
    found = exact_interval(successes, trials)
    assert [round(bound, 3) for bound in found] == [lower, upper]


# --- the exact interval and the tail, by other ways ---


@given(counts, levels)
def test_the_interval_is_what_scipy_finds(count, level):
    expected = stats.binomtest(*count).proportion_ci(level, "exact")
    assert exact_interval(*count, level) == pytest.approx(tuple(expected), abs=1e-9)


@given(counts, levels)
def test_the_bounds_are_quantiles_of_beta_distributions(count, level):
    (k, n), tail = count, (1 - level) / 2
    lower, upper = exact_interval(k, n, level)
    if k > 0:
        assert lower == pytest.approx(special.betaincinv(k, n - k + 1, tail), abs=1e-9)
    if k < n:
        assert upper == pytest.approx(special.betaincinv(k + 1, n - k, 1 - tail), abs=1e-9)


@given(st.integers(1, 500), levels)
def test_none_and_all_have_closed_forms(n, level):
    tail = (1 - level) / 2
    assert exact_interval(0, n, level) == pytest.approx((0, 1 - tail ** (1 / n)), abs=1e-9)
    assert exact_interval(n, n, level) == pytest.approx((tail ** (1 / n), 1), abs=1e-9)


@given(counts, levels)
def test_the_interval_is_symmetric_holds_the_share_and_widens_with_the_level(count, level):
    k, n = count
    lower, upper = exact_interval(k, n, level)
    assert 0 <= lower <= k / n <= upper <= 1
    assert exact_interval(n - k, n, level) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)
    wider = exact_interval(k, n, (1 + level) / 2)
    assert wider[0] <= lower and upper <= wider[1]


@given(counts, levels)
def test_one_more_success_moves_both_bounds_up(count, level):
    k, n = count
    assume(k < n)
    one, more = exact_interval(k, n, level), exact_interval(k + 1, n, level)
    assert one[0] < more[0] and one[1] < more[1]


@pytest.mark.parametrize(("n", "rate"), list(product([3, 12, 43], [0.05, 0.22, 0.5, 0.745])))
def test_the_interval_covers_the_true_rate_at_least_as_often_as_it_says(n, rate):
    """By adding up the probabilities of all counts whose interval holds the rate."""
    covered = sum(
        stats.binom.pmf(k, n, rate)
        for k in range(n + 1)
        if exact_interval(k, n)[0] <= rate <= exact_interval(k, n)[1]
    )
    assert covered >= 0.95


@given(counts, st.floats(0, 1))
def test_the_tail_is_the_binomial_distribution(count, rate):
    assert chance_of_at_most(*count, rate) == pytest.approx(stats.binom.cdf(*count, rate), abs=1e-9)


@given(counts, levels)
def test_at_the_upper_bound_so_few_have_the_probability_of_the_tail(count, level):
    k, n = count
    assume(k < n)
    _, upper = exact_interval(k, n, level)
    assert chance_of_at_most(k, n, upper) == pytest.approx((1 - level) / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("kept", "asked", "rate", "chance"),
    [(0, 3, 0.5, 1 / 8), (1, 3, 0.5, 1 / 2), (0, 4, 1 / 4, (3 / 4) ** 4), (4, 4, 0.3, 1.0)],
)
def test_chances_that_can_be_worked_out_by_hand(kept, asked, rate, chance):
    assert chance_of_at_most(kept, asked, rate) == pytest.approx(chance)


def test_certain_rates_and_no_question_at_all():
    assert chance_of_at_most(0, 3, 0) == 1
    assert chance_of_at_most(2, 3, 1) == 0
    assert chance_of_at_most(3, 3, 1) == 1
    assert math.isnan(chance_of_at_most(0, 0, 0.5))
    assert all(math.isnan(bound) for bound in exact_interval(0, 0))


def test_large_counts_do_not_overflow():
    lower, upper = exact_interval(5_000, 10_000)
    assert (lower, upper) == pytest.approx(stats.binomtest(5_000, 10_000).proportion_ci(), abs=1e-9)


# --- the share ---


@given(wars, st.sampled_from([0.8, 0.95]))
def test_the_share_is_that_of_the_sums(pairs, level):
    found = reliability(made_up(*pairs), level=level)
    invoked, honoured = (sum(column) for column in zip(*pairs, strict=True))
    assert (found["invoked"], found["honoured"]) == (invoked, honoured)
    assert found["wars"] == sum(asked > 0 for asked, _ in pairs)
    if invoked:
        assert found["share"] == honoured / invoked
        assert (found["lower"], found["upper"]) == exact_interval(honoured, invoked, level)
    else:
        assert all(math.isnan(found[name]) for name in ("share", "lower", "upper"))


@given(wars, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_and_a_division_of_them_make_no_difference(pairs, random):
    table = made_up(*pairs)
    mixed = table.sample(frac=1, random_state=random.randint(0, 1000))
    halves = pd.concat(
        [
            table.assign(invoked=table["honoured"]),
            table.assign(invoked=table["invoked"] - table["honoured"], honoured=0),
        ]
    )
    for other in (mixed, halves):
        pd.testing.assert_series_equal(reliability(other), reliability(table))
        pd.testing.assert_frame_equal(without_each_war(other), without_each_war(table))


@given(wars)
def test_commitments_that_were_not_put_to_the_test_change_nothing(pairs):
    table = made_up(*pairs)
    more = pd.concat([table, table.assign(war_id=99, war="Untested", invoked=0, honoured=0)])
    pd.testing.assert_series_equal(reliability(more), reliability(table))
    assert interval_over_wars(more, draws=100) == pytest.approx(
        interval_over_wars(table, draws=100), nan_ok=True
    )


def test_years_choose_wars_by_their_beginning():
    table = made_up((3, 3), (2, 0), (1, 1))
    assert reliability(table, first_year=1910)["invoked"] == 3
    assert reliability(table, last_year=1910)["invoked"] == 5
    assert reliability(table, first_year=1910, last_year=1910)["wars"] == 1
    nothing = reliability(table, first_year=2004, last_year=2025)
    assert nothing["invoked"] == 0 and math.isnan(nothing["share"])


def test_periods_and_members_divide_the_commitments_and_kinds_do_not():
    whole = reliability(shipped())
    for column in ("period", "members", "war_id"):
        parts = reliability_by(shipped(), column)
        assert parts["invoked"].sum() == whole["invoked"]
        assert parts["honoured"].sum() == whole["honoured"]
    kinds = reliability_by(shipped(), "obligation")
    assert kinds["obligation"].tolist() == list(OBLIGATIONS)
    assert kinds["invoked"].iloc[1:].sum() > whole["invoked"]


def test_each_row_by_a_column_is_the_measure_of_that_part():
    for row in reliability_by(shipped(), "obligation", first_year=1945).itertuples():
        alone = reliability(shipped(), row.obligation, first_year=1945)
        assert (row.honoured, row.invoked, row.wars) == (
            alone["honoured"],
            alone["invoked"],
            alone["wars"],
        )
        assert (row.lower, row.upper) == (alone["lower"], alone["upper"])
    codings = reliability_by(shipped(), "coding").set_index("coding")["honoured"]
    assert codings.to_dict() == {
        ALTERNATIVE: 69,
        "leeds-anac honor2": 95,
        "leeds-anac honor3": 93,
        LEEDS_LONG_MITCHELL: 73,
    }


# --- how much rests on single wars ---


def test_the_range_without_each_war_by_a_second_way():
    table = shipped().query("obligation == 'any' and coding == @LEEDS_LONG_MITCHELL")
    found = without_each_war(shipped()).set_index(["war", "first_year"])
    assert len(found) == reliability(shipped())["wars"]
    for (war, year), row in found.iterrows():
        numbers = table.query("war == @war and first_year == @year")["war_id"].unique()
        rest = table[~table["war_id"].isin(numbers)]
        assert row["share"] == rest["honoured"].sum() / rest["invoked"].sum()
    assert found["share"].is_monotonic_increasing


def test_the_second_world_war_is_left_out_whole():
    row = without_each_war(shipped()).iloc[0]
    parts = shipped().query(
        "war == 'World War II' and obligation == 'any' and coding == @LEEDS_LONG_MITCHELL"
    )
    assert set(parts["period"]) == set(PERIODS.values())
    assert (row["war"], row["left_out"]) == ("World War II", parts["invoked"].sum())


@given(wars)
def test_the_share_lies_between_the_shares_without_each_war(pairs):
    left, whole = without_each_war(made_up(*pairs)), reliability(made_up(*pairs))
    assert len(left) == whole["wars"]
    assert (left["left_out"] + left["invoked"] == whole["invoked"]).all()
    if whole["wars"] > 1:
        assert left["share"].min() - 1e-12 <= whole["share"] <= left["share"].max() + 1e-12
    else:
        assert left["share"].isna().all()


def test_wars_drawn_again_give_the_spread_of_independent_commitments_where_each_war_has_one():
    table = made_up(*[(1, place % 2) for place in range(20)])
    assert interval_over_wars(table) == pytest.approx(
        [bound / 20 for bound in stats.binom.interval(0.95, 20, 0.5)], abs=0.051
    )


def test_wars_drawn_again_are_wider_where_commitments_share_the_fate_of_their_war():
    alone = made_up(*[(1, place % 2) for place in range(20)])
    together = made_up(*[(10, 10 * (place % 2)) for place in range(20)])
    lower, upper = interval_over_wars(together)
    assert (lower, upper) == interval_over_wars(alone)
    exact = reliability(together)
    assert upper - lower > exact["upper"] - exact["lower"]


@given(wars)
def test_the_interval_over_wars_stays_among_the_wars_shares_and_repeats(pairs):
    table = made_up(*pairs)
    lower, upper = interval_over_wars(table, draws=100)
    shares = [honoured / invoked for invoked, honoured in pairs if invoked]
    if len(shares) < 2:
        assert math.isnan(lower) and math.isnan(upper)
    else:
        assert min(shares) - 1e-12 <= lower <= upper <= max(shares) + 1e-12
    assert interval_over_wars(table, draws=100) == pytest.approx((lower, upper), nan_ok=True)


def test_the_interval_over_wars_is_near_the_normal_approximation_by_clusters():
    """The ratio of sums over 45 wars, with the linearised standard error of survey statistics."""
    table = shipped().query("obligation == 'any' and coding == @LEEDS_LONG_MITCHELL")
    sums = table.groupby("war_id")[["invoked", "honoured"]].sum().query("invoked > 0")
    share = sums["honoured"].sum() / sums["invoked"].sum()
    residuals = sums["honoured"] - share * sums["invoked"]
    error = np.sqrt(len(sums) * residuals.var()) / sums["invoked"].sum()
    lower, upper = interval_over_wars(shipped())
    assert upper - lower == pytest.approx(2 * 1.96 * error, rel=0.2)


# --- what is refused ---


@pytest.mark.parametrize(
    "wrong",
    [(-1, 3), (4, 3), (1.5, 3), (1, math.nan), ("1", 3), (True, 3), (None, 3), (1, np.inf)],
)
def test_counts_that_cannot_be_are_refused(wrong):
    with pytest.raises(DataProblem, match="whole numbers"):
        exact_interval(*wrong)
    with pytest.raises(DataProblem, match="whole numbers"):
        chance_of_at_most(*wrong, 0.5)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan, "0.95", None])
def test_a_level_that_cannot_be_is_refused(level):
    with pytest.raises(DataProblem, match="level"):
        exact_interval(1, 3, level)
    with pytest.raises(DataProblem, match="level"):
        reliability(made_up((3, 1)), level=level)
    with pytest.raises(DataProblem, match="level"):
        interval_over_wars(made_up((3, 1)), level=level)


@pytest.mark.parametrize("rate", [-0.1, 1.1, 74.5, math.nan, "0.5", None])
def test_a_base_rate_that_cannot_be_is_refused(rate):
    with pytest.raises(DataProblem, match="base rate"):
        chance_of_at_most(1, 3, rate)


@pytest.mark.parametrize("draws", [0, 99, 1000.5, "1000", True])
def test_too_few_draws_are_refused(draws):
    with pytest.raises(DataProblem, match="draws"):
        interval_over_wars(made_up((3, 1), (3, 2)), draws=draws)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"honoured": [4, 1]}, "row 0: 4 honoured of 3 invoked"),
        ({"honoured": [-1, 1]}, "column honoured: found -1"),
        ({"invoked": [3.5, 3]}, "column invoked: found 3.5"),
        ({"invoked": [np.nan, 3]}, "no invoked in rows 0"),
        ({"invoked": ["3", "3"]}, "column invoked: found '3'"),
        ({"first_year": [None, 1950]}, "no first_year in rows 0"),
        ({"coding": [None, LEEDS_LONG_MITCHELL]}, "no coding in rows 0"),
    ],
)
def test_rows_that_cannot_be_are_refused_by_name(change, said):
    table = made_up((3, 1), (3, 2)).assign(**change)
    for measure in (reliability, without_each_war, interval_over_wars):
        with pytest.raises(DataProblem) as refusal:
            measure(table)
        assert said in str(refusal.value)


def test_a_table_of_other_columns_is_refused():
    with pytest.raises(DataProblem, match="no column war_id, invoked"):
        reliability(made_up((3, 1)).drop(columns=["war_id", "invoked"]))


def test_unknown_words_and_years_exchanged_are_refused_together():
    with pytest.raises(DataProblem) as refusal:
        reliability(made_up((3, 1)), "defense", 1950, 1940, coding="mine")
    for word in ("'defense'", "neutrality", "'mine'", LEEDS_LONG_MITCHELL, "exchange them"):
        assert word in str(refusal.value)


@pytest.mark.parametrize("column", ["century", "invoked", "honoured"])
def test_a_column_that_cannot_group_is_refused(column):
    with pytest.raises(DataProblem, match="column to group by"):
        reliability_by(made_up((3, 1)), column)


def test_the_table_is_left_as_it_was():
    table = shipped()
    for measure in (reliability, without_each_war, interval_over_wars):
        measure(table)
    reliability_by(table, "obligation")
    pd.testing.assert_frame_equal(table, shipped())


def test_the_module_names_the_codings_of_the_table():
    assert {module.LEEDS_LONG_MITCHELL, module.ALTERNATIVE} < set(shipped()["coding"])
    assert set(OBLIGATIONS) == set(shipped()["obligation"])


def test_drawing_whole_wars_widens_the_interval_over_all_years_and_not_since_1945():
    """The two world wars decide many commitments each; no later war decides more than six."""

    def widths(**years):
        lower, upper = interval_over_wars(shipped(), **years)
        exact = reliability(shipped(), **years)
        return upper - lower, exact["upper"] - exact["lower"]

    drawn, exact = widths()
    assert drawn > 1.3 * exact
    drawn, exact = widths(first_year=1945)
    assert drawn < exact
    assert without_each_war(shipped(), first_year=1945)["left_out"].max() == 6


def test_the_defence_pacts_since_1945_by_the_number_of_members():
    found = reliability_by(shipped(), "members", "defence", first_year=1945).set_index("members")
    assert found[["honoured", "invoked"]].to_dict("index") == {
        "bilateral": {"honoured": 6, "invoked": 22},
        "multilateral": {"honoured": 0, "invoked": 21},
    }
