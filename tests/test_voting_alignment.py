"""Voting alignment: what must hold of any votes, of absences and gaps, and of bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from alliances import voting_alignment
from alliances.problems import DataProblem
from alliances.voting_alignment import ABSENCE_RULES, CODES, COUNTS, JOINT, MEASURES, POSITIONS

few = settings(max_examples=25, deadline=None)  # each example costs several data frames
CHANCE = [name for name in MEASURES if name.startswith(("kappa", "pi"))]
votes = st.lists(
    st.tuples(st.sampled_from(POSITIONS), st.sampled_from(POSITIONS)), min_size=1, max_size=40
)


def values(pairs, **options):
    """The measures of pairs of votes, by name."""
    counts = voting_alignment.pair_counts(*zip(*pairs, strict=True))
    return voting_alignment.agreement(counts, **options).set_index("measure")["value"]


def yearly(**cells):
    """A table of counts with one row a year, cells not named being 0."""
    length = len(next(iter(cells.values())))
    table = pd.DataFrame(0, range(length), JOINT).assign(year=range(2000, 2000 + length))
    return table.assign(**cells)


def roll_calls(*held):
    """A long table from (roll call, year, {state: vote})."""
    return pd.DataFrame(
        [(state, call, year, vote) for call, year, cast in held for state, vote in cast.items()],
        columns=["state", "roll_call", "year", "vote"],
    )


HELD = roll_calls(
    ("a", 2023, {"ARM": "yes", "RUS": "yes", "GEO": "no"}),
    ("b", 2023, {"ARM": "abstain", "RUS": "no", "GEO": "absent"}),
    ("c", 2024, {"ARM": "absent", "RUS": "no", "GEO": "absent"}),
    ("d", 2024, {"RUS": "no", "GEO": "yes"}),
)


def test_counts_keep_absences_apart():
    counts = voting_alignment.counts_by_partner(HELD, "ARM").set_index(["partner", "year"])
    assert list(counts.columns) == ["focal", *COUNTS]
    russia = counts.loc["RUS"]
    assert russia.loc[2023, ["yes_yes", "abstain_no"]].tolist() == [1, 1]
    assert russia.loc[2024, list(JOINT)].sum() == 0
    assert russia.loc[2024, ["focal_absent", "absent_no"]].tolist() == [1, 1]
    assert counts.loc[("GEO", 2024), "both_absent"] == 1
    assert counts.loc[("GEO", 2023), ["partner_absent", "abstain_absent"]].tolist() == [1, 1]


def test_counts_from_vectors_and_from_roll_calls_are_the_same():
    long = HELD[HELD["roll_call"].isin(["a", "b", "c"])]
    wide = long.pivot(index="roll_call", columns="state", values="vote")
    of_two = voting_alignment.pair_counts(wide["ARM"], wide["RUS"])
    by_year = voting_alignment.counts_by_partner(long, "ARM").query("partner == 'RUS'")
    assert of_two.loc[0].tolist() == by_year[list(COUNTS)].sum().tolist()


@few
@given(votes)
def test_bounds_and_relations_between_measures(pairs):
    found = values(pairs)
    assert 0 <= found["share_identical"] <= found["lijphart"] <= 1
    assert found["s_absolute"] == pytest.approx(2 * found["lijphart"] - 1)
    assert -1 <= found["s_absolute"] <= found["s_squared"] <= 1
    defined = found.dropna()
    assert (defined <= 1 + 1e-12).all() and (defined >= -1 - 1e-12).all()


@few
@given(votes)
def test_agreement_is_symmetric(pairs):
    pd.testing.assert_series_equal(
        values(pairs), values([pair[::-1] for pair in pairs]), atol=1e-12
    )


@few
@given(votes, st.randoms())
def test_the_order_of_roll_calls_does_not_matter(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    pd.testing.assert_series_equal(values(pairs), values(shuffled))


@few
@given(votes)
def test_the_scale_can_be_read_from_either_end(pairs):
    turned = dict(zip(POSITIONS, POSITIONS[::-1], strict=True))
    mirrored = [(turned[own], turned[other]) for own, other in pairs]
    pd.testing.assert_series_equal(values(pairs), values(mirrored), atol=1e-12)


@few
@given(votes)
def test_kappa_is_that_of_scikit_learn(pairs):
    numbers = [[CODES[vote] for vote in cast] for cast in zip(*pairs, strict=True)]
    found = values(pairs)
    for name, weights in (("nominal", None), ("linear", "linear"), ("quadratic", "quadratic")):
        value = found[f"kappa_{name}"]
        if np.isnan(value):
            assert len({vote for pair in pairs for vote in pair}) == 1
        else:
            expected = cohen_kappa_score(*numbers, labels=[1, 2, 3], weights=weights)
            assert value == pytest.approx(expected, abs=1e-12)


@few
@given(st.lists(st.sampled_from(POSITIONS), min_size=2).filter(lambda cast: len(set(cast)) > 1))
def test_identical_votes_that_vary_agree_fully(cast):
    found = values(list(zip(cast, cast, strict=True)))
    assert found[CHANCE].eq(1).all()
    assert found.drop("alignment_index").to_numpy() == pytest.approx(1)


@few
@given(votes, st.lists(st.sampled_from(POSITIONS)), st.integers(0, 5))
def test_absences_change_nothing_where_they_are_left_out(pairs, while_away, both_away):
    absent = [("absent", vote) for vote in while_away] + [("absent", "absent")] * both_away
    pd.testing.assert_series_equal(values(pairs), values(pairs + absent))


@few
@given(votes, st.lists(st.sampled_from(POSITIONS), min_size=1))
def test_absences_as_disagreement_are_a_lower_bound(pairs, while_away):
    absent = [("absent", vote) for vote in while_away]
    found = values(pairs + absent, absences="as_disagreement")
    opposed = values(pairs + [("yes", "no")] * len(absent), measures=list(found.index))
    pd.testing.assert_series_equal(found, opposed)
    for way in POSITIONS:
        otherwise = [(way, vote) for vote in while_away]
        assert (found <= values(pairs + otherwise)[found.index] + 1e-12).all()


def test_absences_as_abstention_recode_what_happened():
    cast = [("yes", "no"), ("absent", "no"), ("no", "absent"), ("absent", "absent")]
    recoded = [("abstain" if vote == "absent" else vote for vote in pair) for pair in cast]
    recoded = [tuple(pair) for pair in recoded]
    pd.testing.assert_series_equal(values(cast, absences="as_abstention"), values(recoded))


def test_undefined_is_nan_with_its_reason():
    counts = yearly(yes_yes=[0, 5, 4, 3], yes_no=[0, 0, 1, 1], no_no=[0, 0, 0, 1])
    found = voting_alignment.agreement(counts).set_index(["year", "measure"])
    assert found["value"].isna().eq(found["reason"] != "").all()
    assert set(found.loc[2000, "reason"]) == {voting_alignment.NO_ROLL_CALL}
    assert found.loc[(2001, "share_identical"), "value"] == 1
    assert set(found.loc[2001].loc[CHANCE, "reason"]) == {voting_alignment.ONE_POSITION}
    assert found.loc[(2002, "tau_b"), "reason"] == voting_alignment.NO_VARIATION
    assert found.loc[(2002, "kappa_nominal"), "value"] == 0
    assert found.loc[2003, "value"].notna().all()


@pytest.mark.parametrize("rule", ABSENCE_RULES)
def test_every_row_states_the_rule_and_the_number_it_rests_on(rule):
    counts = voting_alignment.pair_counts(
        ["yes", "absent", "no", "absent"], ["yes", "no", "absent", "absent"]
    )
    found = voting_alignment.agreement(counts, ["share_identical"], rule).iloc[0]
    assert found["absence_rule"] == rule
    number = {"left_out": 1, "as_abstention": 4, "as_disagreement": 3}[rule]
    assert found["roll_calls"] == number
    value = {"left_out": 1, "as_abstention": 1 / 2, "as_disagreement": 1 / 3}[rule]
    assert found["value"] == pytest.approx(value, abs=1e-12)


def test_a_rule_without_sense_for_a_measure_is_refused():
    counts = yearly(yes_yes=[1]).assign(focal_absent=0, partner_absent=0)
    with pytest.raises(DataProblem, match="kappa_nominal, tau_b.*no place on the scale"):
        voting_alignment.agreement(
            counts, ["lijphart", "kappa_nominal", "tau_b"], "as_disagreement"
        )
    named = voting_alignment.agreement(counts, absences="as_disagreement")["measure"]
    assert named.tolist() == ["share_identical", "lijphart", "s_absolute", "s_squared"]


def test_absences_as_abstention_need_the_other_states_vote():
    counts = yearly(yes_yes=[1]).assign(focal_absent=1, partner_absent=0, both_absent=0)
    with pytest.raises(DataProblem, match="absent_yes.*as_abstention needs"):
        voting_alignment.agreement(counts, absences="as_abstention")


def test_an_interval_holds_what_the_binomial_says():
    counts = yearly(yes_yes=[60, 6], yes_no=[40, 4])
    found = voting_alignment.agreement_interval(counts, ["share_identical"], draws=4000)
    for row, number in zip(found.itertuples(), (100, 10), strict=True):
        spread = 1.96 * np.sqrt(0.6 * 0.4 / number)
        assert row.lower == pytest.approx(0.6 - spread, abs=0.6 / np.sqrt(number) / 5 + 0.01)
        assert row.upper == pytest.approx(0.6 + spread, abs=0.6 / np.sqrt(number) / 5 + 0.01)
        assert (row.level, row.draws, row.draws_undefined) == (0.95, 4000, 0)


def test_an_interval_is_repeatable_and_does_not_depend_on_other_rows():
    counts = yearly(yes_yes=[30, 20], yes_no=[5, 9], no_no=[6, 3])
    both = voting_alignment.agreement_interval(counts, draws=200, seed=7)
    again = voting_alignment.agreement_interval(counts.iloc[1:], draws=200, seed=7)
    pd.testing.assert_frame_equal(both.query("year == 2001").reset_index(drop=True), again)
    other = voting_alignment.agreement_interval(counts, draws=200, seed=8)
    assert (both["lower"] != other["lower"]).any()


def test_undefined_draws_are_counted_and_too_many_withhold_the_interval():
    counts = yearly(yes_yes=[9, 20, 0], no_no=[1, 10, 0])
    found = voting_alignment.agreement_interval(counts, ["kappa_nominal"], draws=500)
    rare, common, empty = (row for row in found.itertuples())
    assert rare.value == 1 and np.isnan(rare.lower) and rare.draws_undefined > 100
    assert voting_alignment.TOO_MANY_UNDEFINED in rare.reason
    assert common.lower == common.upper == 1 and common.draws_undefined == 0
    assert np.isnan(empty.upper) and empty.draws_undefined == 500
    assert empty.reason == voting_alignment.NO_ROLL_CALL


def test_the_interval_uses_absences_where_the_rule_does():
    counts = yearly(yes_yes=[10]).assign(focal_absent=10, partner_absent=0)
    found = [
        voting_alignment.agreement_interval(counts, ["share_identical"], rule).iloc[0]
        for rule in ("left_out", "as_disagreement")
    ]
    assert (found[0]["lower"], found[0]["upper"]) == (1, 1)
    assert found[1]["lower"] < 0.5 < found[1]["upper"]


@pytest.mark.parametrize("options", [{"level": 1}, {"level": 0}, {"draws": 0}])
def test_an_interval_out_of_range_is_refused(options):
    with pytest.raises(DataProblem, match="0.95 and 2000"):
        voting_alignment.agreement_interval(yearly(yes_yes=[1]), **options)


def ranking(**cells):
    table = yearly(**cells).assign(year=2024, partner=["RUS", "FRA", "SRB", "GEO"])
    return table.assign(partner_absent=[0, 2, 0, 9])


def test_rank_among_partners_with_ties_and_those_who_seldom_vote():
    counts = ranking(yes_yes=[6, 4, 6, 1], yes_no=[4, 4, 4, 0])
    found = voting_alignment.partner_rank(counts, "RUS").iloc[0]
    assert (found["rank"], found["tied_with"]) == (1, 1)
    assert (found["partners_ranked"], found["partners_left_out"]) == (3, 1)
    assert voting_alignment.partner_rank(counts, "FRA")["rank"].item() == 3
    absent = voting_alignment.partner_rank(counts, "GEO").iloc[0]
    assert pd.isna(absent["rank"]) and "too few" in absent["reason"]
    everyone = voting_alignment.partner_rank(counts, "GEO", minimum_joint_share=0)
    assert everyone["rank"].item() == 1


def test_a_year_without_the_partner_has_no_rank():
    counts = pd.concat(
        [
            ranking(yes_yes=[6, 4, 6, 1]),
            ranking(yes_yes=[6, 4, 6, 1]).assign(year=2025).query("partner != 'RUS'"),
        ],
        ignore_index=True,
    )
    found = voting_alignment.partner_rank(counts, "RUS").set_index("year")
    assert pd.isna(found.loc[2025, "rank"]) and "no row" in found.loc[2025, "reason"]


def test_ranking_refuses_unknown_partners_and_two_focal_states():
    counts = ranking(yes_yes=[6, 4, 6, 1])
    with pytest.raises(DataProblem, match=r"'RUSS'.*FRA, GEO, RUS, SRB"):
        voting_alignment.partner_rank(counts, "RUSS")
    both = pd.concat([counts.assign(focal="ARM"), counts.assign(focal="BLR")])
    with pytest.raises(DataProblem, match="of one focal state"):
        voting_alignment.partner_rank(both, "RUS")


matrices = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).choice(list(CODES.values()), (5, 12))
)


@settings(max_examples=10, deadline=None)
@given(matrices, st.sampled_from(ABSENCE_RULES))
def test_all_pairs_are_the_pairs_one_by_one(matrix, rule):
    states = list("ABCDE")
    measures = MEASURES if rule != "as_disagreement" else MEASURES[:4]
    found = voting_alignment.all_pairs(matrix, states, measures, rule)
    assert found[["state_a", "state_b"]].astype(str).agg("".join, axis=1).tolist() == [
        own + other for place, own in enumerate(states) for other in states[place + 1 :]
    ]
    names = {code: name for name, code in CODES.items()}
    for row in found.itertuples():
        own, other = matrix[states.index(row.state_a)], matrix[states.index(row.state_b)]
        members = (own != 9) & (other != 9)
        counts = voting_alignment.pair_counts(
            *([names[code] for code in cast[members]] for cast in (own, other))
        )
        single = voting_alignment.agreement(counts, measures, rule)
        np.testing.assert_allclose(
            [getattr(row, name) for name in measures], single["value"], atol=1e-12
        )
        assert row.roll_calls == single["roll_calls"].iloc[0] and row.absence_rule == rule
        assert (row.reason == "") == single["value"].notna().all()


def test_a_matrix_of_votes_from_the_long_table():
    matrix = voting_alignment.vote_matrix(HELD)
    assert matrix.loc["ARM"].tolist() == [1, 2, 8, 9]
    pairs = voting_alignment.all_pairs(matrix.to_numpy(), list(matrix.index), ["share_identical"])
    counts = voting_alignment.counts_by_partner(HELD, "ARM", by=[])
    single = voting_alignment.agreement(counts, ["share_identical"])
    assert pairs["share_identical"].tolist()[:2] == single["value"].tolist()


POINTS = pd.DataFrame(
    [
        ("ARM", 2020, 0.1),
        ("ARM", 2021, 0.3),
        ("ARM", 2024, 0.0),
        ("RUS", 2020, 0.0),
        ("RUS", 2024, -0.6),
        ("BLR", 2022, 0.5),
    ],
    columns=["state", "year", "ideal_point"],
)


def test_a_year_without_a_point_has_no_distance():
    found = voting_alignment.ideal_point_distance(POINTS, "ARM", "RUS", range(2020, 2025))
    assert found["distance"].round(6).tolist()[::4] == [0.1, 0.6]
    assert found["distance"].isna().tolist() == [False, True, True, True, False]
    assert found["reason"].ne("").tolist() == found["distance"].isna().tolist()
    without_years = voting_alignment.ideal_point_distance(POINTS, "ARM", "RUS")
    assert without_years["year"].tolist() == [2020, 2021, 2024]


def test_who_moved():
    found = voting_alignment.ideal_point_change(POINTS, ["ARM", "RUS"], (2020, 2021))
    found = found.set_index(["state", "year"])
    assert found.loc[("ARM", 2024), ["base_ideal_point", "change"]].tolist() == pytest.approx(
        [0.2, -0.2]
    )
    assert found.loc[("RUS", 2024), "change"] == pytest.approx(-0.6)
    assert found.loc[("RUS", 2024), "base_years"] == 1
    assert found.loc[("RUS", 2021), "reason"] == "no ideal point in this year"
    no_base = voting_alignment.ideal_point_change(POINTS, ["BLR"], 2020)
    assert np.isnan(no_base["change"].item()) and no_base["reason"].item() != ""


def test_unusable_ideal_points_are_refused():
    with pytest.raises(DataProblem, match=r"'GEO'.*ARM, BLR, RUS"):
        voting_alignment.ideal_point_distance(POINTS, "ARM", "GEO")
    twice = pd.concat([POINTS, POINTS.iloc[:1]])
    with pytest.raises(DataProblem, match="row 7, column state, year"):
        voting_alignment.ideal_point_change(twice, ["ARM"], 2020)
    with pytest.raises(DataProblem, match="found near"):
        voting_alignment.ideal_point_distance(
            POINTS.astype({"ideal_point": object}).replace(0.5, "near"), "ARM", "RUS"
        )
    with pytest.raises(DataProblem, match="2021 to 2020"):
        voting_alignment.ideal_point_change(POINTS, ["ARM"], (2021, 2020))


def test_all_unusable_counts_are_named_at_once():
    counts = yearly(yes_yes=[-1, 2.5, 3], no_no=["x", None, 2]).assign(
        year=[2000, 2001, 2001],
        focal_absent=[1, 1, 9],
        absent_yes=1,
        absent_abstain=0,
        absent_no=0,
    )
    with pytest.raises(DataProblem) as refusal:
        voting_alignment.agreement(counts)
    for offender in (
        "row 1, column yes_yes: found -1",
        "row 2, column yes_yes: found 2.5",
        "row 1, column no_no: found x",
        "row 2, column no_no",
        "row 3, column focal_absent: found 9",
        "row 2, column year: found 2001",
        "row 3, column year: found 2001",
    ):
        assert offender in str(refusal.value)


def test_votes_of_another_name_are_all_listed():
    with pytest.raises(DataProblem) as refusal:
        voting_alignment.pair_counts(["yes", "Y", None], ["no", "no", "n/a"])
    for offender in (
        "focal state, roll call 2: found 'Y'",
        "roll call 3: found None",
        "partner, roll call 3: found 'n/a'",
    ):
        assert offender in str(refusal.value)
    with pytest.raises(DataProblem, match="1 votes.*2 of the partner"):
        voting_alignment.pair_counts(["yes"], ["no", "no"])


def test_unusable_roll_calls_are_all_listed():
    table = pd.concat([HELD, HELD.iloc[:1]], ignore_index=True)
    table.loc[1, "vote"], table.loc[2, "year"] = "aye", None
    with pytest.raises(DataProblem) as refusal:
        voting_alignment.counts_by_partner(table, "ARM")
    for offender in (
        "row 2, column vote: found aye",
        "row 3, column state, roll_call, year",
        f"row {len(table)}, column state, roll_call: found ARM, a",
    ):
        assert offender in str(refusal.value)
    with pytest.raises(DataProblem, match="expected also vote"):
        voting_alignment.vote_matrix(HELD.drop(columns="vote"))
    with pytest.raises(DataProblem, match=r"'USA'.*ARM, GEO, RUS"):
        voting_alignment.counts_by_partner(HELD, "USA")


@pytest.mark.parametrize(
    "matrix, states, said",
    [
        ([[1, 2], [1, 4]], ["ARM", "RUS"], "RUS, roll call 2: found 4"),
        ([[1, 2]], ["ARM", "RUS"], "2 states"),
        ([[1], [1]], ["ARM", "ARM"], "1 different"),
        ([1, 2], ["ARM", "RUS"], "shape"),
    ],
)
def test_unusable_matrices_are_refused(matrix, states, said):
    with pytest.raises(DataProblem, match=said):
        voting_alignment.all_pairs(matrix, states)


def test_missing_columns_unknown_measures_and_rules_are_refused():
    with pytest.raises(DataProblem, match="expected also yes_yes, no_no"):
        voting_alignment.agreement(yearly(yes_yes=[1]).drop(columns=["yes_yes", "no_no"]))
    with pytest.raises(DataProblem, match="'kapa'.*share_identical"):
        voting_alignment.agreement(yearly(yes_yes=[1]), ["kapa"])
    with pytest.raises(DataProblem, match="'ignored'.*left_out"):
        voting_alignment.agreement(yearly(yes_yes=[1]), absences="ignored")


def test_without_any_ideal_point_there_is_no_row():
    """As of a period that begins after the last estimate."""
    nothing = POINTS.iloc[:0]
    distance = voting_alignment.ideal_point_distance(nothing, "ARM", "RUS")
    change = voting_alignment.ideal_point_change(nothing, ["ARM", "RUS"], base=2020)
    assert distance.empty and change.empty
    for found, full in (
        (distance, voting_alignment.ideal_point_distance(POINTS, "ARM", "RUS")),
        (change, voting_alignment.ideal_point_change(POINTS, ["ARM", "RUS"], base=2020)),
    ):
        assert list(found.columns) == list(full.columns)


@few
@given(st.integers(1992, 2025), st.integers(1, 33), st.integers(1, 6))
def test_two_windows_are_equally_long_and_touch(first, years, width):
    last = first + years
    before, after = voting_alignment.windows_compared(first, last, width)
    assert first <= before[0] <= before[1] == after[0] - 1 and after[0] <= after[1] <= last
    assert before[1] - before[0] == after[1] - after[0] < width
    assert after[1] == (last if years == 1 else last - 1)


def test_one_year_has_no_two_windows():
    with pytest.raises(DataProblem, match="2019 to 2019"):
        voting_alignment.windows_compared(2019, 2019)
    with pytest.raises(DataProblem, match="width 0"):
        voting_alignment.windows_compared(1992, 2025, width=0)
