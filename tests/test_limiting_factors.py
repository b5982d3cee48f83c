"""Limiting factors: the producers' and others' figures, properties, gaps, and what is refused."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, reference
from test_chapters import rows

from alliances import limiting_factors
from alliances.limiting_factors import COMPONENTS, RANGES
from alliances.problems import DataProblem

ELECTORAL = "electoral democracy"


def shipped(name):
    path = ROOT / "data" / "limiting_factors" / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def regimes(values, measure=ELECTORAL, lower=None, upper=None):
    """Rows of one measure; values: {(state, year): value}."""
    keys = pd.DataFrame(list(values), columns=["state", "year"])
    return keys.assign(measure=measure, value=list(values.values()), lower=lower, upper=upper)


def amounts(own, other):
    return pd.DataFrame({"state": ["ARM", "RUS"], "year": 2020, "amount": [own, other]})


def ratio(table, state="ARM", partner="RUS", years=(2020, 2020)):
    return limiting_factors.ratio_by_year(table, "amount", state, partner, *years)


# --- against figures of the producer and of others ---


def test_the_composite_of_the_shares_is_the_one_that_the_producer_prints():
    table = shipped("capabilities")
    computed = limiting_factors.composite_capability(table)
    assert len(table) == 248
    assert ((computed - table["cinc"]).abs() <= 2e-8).all()
    assert table[list(COMPONENTS)].isna().any(axis=None), "rows with a gap are among them"


PAIRS = pd.read_csv(reference("capability_ratio.csv"))


@pytest.mark.parametrize("case", list(PAIRS.itertuples(index=False)), ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_ratios_of_capability_are_those_of_the_reference(case):
    one, other = str(case.ccode1), str(case.ccode2)
    table = pd.DataFrame(
        {"state": [one, other], "year": case.year, "cinc": [case.cinc1, case.cinc2]}
    )
    years = (case.year, case.year)
    found = limiting_factors.ratio_by_year(table, "cinc", one, other, *years).iloc[0]
    assert found["ratio"] == pytest.approx(case.expected_ratio_strong_over_weak, rel=1e-12)
    assert found["share"] == pytest.approx(case.expected_ratio_strong_over_dyad, rel=1e-12)
    assert found["stronger"] == (one if case.expected_share_1 > 0.5 else other)


# --- the shipped tables, a second way ---


@pytest.mark.parametrize("year", [1997, 2017, 2018, 2019, 2024])
def test_the_pairs_gap_in_electoral_democracy_by_the_csv_module_alone(year):
    own = {
        row["state"]: {name: float(row[name]) for name in ("value", "lower", "upper")}
        for row in rows("limiting_factors/regimes")
        if (row["measure"], row["year"]) == (ELECTORAL, str(year))
    }
    armenia, russia = own["ARM"], own["RUS"]
    table = shipped("regimes")
    found = limiting_factors.regime_gap(table, "ARM", "RUS", ELECTORAL, year, year).iloc[0]
    assert found["gap"] == pytest.approx(armenia["value"] - russia["value"], abs=1e-12)
    overlap = armenia["lower"] <= russia["upper"] and russia["lower"] <= armenia["upper"]
    assert found["apart"] == (not overlap)
    assert found["reason"] == ""


@pytest.mark.parametrize(
    ("name", "column", "year"),
    [
        ("capabilities", "cinc", 2022),
        ("military_expenditure", "constant_usd", 2024),
        ("military_expenditure", "current_usd", 2024),
        ("gdp", "gdp", 2023),
    ],
)
def test_the_pairs_ratios_by_the_csv_module_alone(name, column, year):
    own = {
        row["state"]: float(row[column])
        for row in rows(f"limiting_factors/{name}")
        if row["year"] == str(year)
    }
    years = (year, year)
    found = limiting_factors.ratio_by_year(shipped(name), column, "ARM", "RUS", *years).iloc[0]
    assert found["stronger"] == "RUS"
    assert found["ratio"] == pytest.approx(own["RUS"] / own["ARM"], rel=1e-12)
    assert found["share"] == pytest.approx(own["RUS"] / (own["RUS"] + own["ARM"]), rel=1e-12)


def test_every_shipped_measure_lies_between_0_and_1_on_the_common_scale():
    found = limiting_factors.on_common_scale(shipped("regimes"))
    assert set(found["measure"]) == set(RANGES)
    assert found["value"].between(0, 1).all()
    known = found.dropna(subset=["lower", "upper"])
    assert len(known) and (known["lower"] <= known["upper"]).all()


# --- properties ---

INDEX = st.floats(0, 1)
AMOUNT = st.floats(1e-6, 1e6)


@given(INDEX, INDEX)
def test_the_states_exchanged_turn_the_gap_round(own, other):
    table = regimes({("ARM", 2020): own, ("RUS", 2020): other}, lower=[own, other])
    table["upper"] = table["lower"]
    there, back = (
        limiting_factors.regime_gap(table, *pair, ELECTORAL, 2020, 2020).iloc[0]
        for pair in (("ARM", "RUS"), ("RUS", "ARM"))
    )
    assert there["gap"] == -back["gap"]
    assert there["apart"] == back["apart"] == (own != other)


@pytest.mark.parametrize("measure", RANGES)
@given(part=INDEX)
def test_the_common_scale_runs_from_least_to_most_democratic(measure, part):
    least, most = RANGES[measure]
    value = least + part * (most - least)
    table = regimes({("ARM", 1): least, ("ARM", 2): value, ("ARM", 3): most}, measure)
    found = limiting_factors.on_common_scale(table)["value"].tolist()
    assert (found[0], found[2]) == (0, 1)
    assert found[1] == pytest.approx(part, abs=1e-9)
    assert -1e-12 <= found[1] <= 1 + 1e-12


@pytest.mark.parametrize("measure", RANGES)
def test_the_most_democratic_state_leads_by_one_on_every_measure(measure):
    least, most = RANGES[measure]
    table = regimes({("ARM", 2020): most, ("RUS", 2020): least}, measure)
    found = limiting_factors.gaps_by_measure(table, "ARM", "RUS", [measure], 2019, 2021)
    assert found.values.tolist() == [[2020, measure, 1.0]]


@given(AMOUNT, AMOUNT, st.floats(1e-3, 1e3))
def test_a_ratio_is_1_or_more_and_the_same_from_both_sides_and_in_every_unit(own, other, unit):
    there = ratio(amounts(own, other)).iloc[0]
    back = ratio(amounts(own, other), "RUS", "ARM").iloc[0]
    assert there["ratio"] >= 1 and 0.5 <= there["share"] <= 1
    assert there["share"] == pytest.approx(there["ratio"] / (1 + there["ratio"]))
    for name in ("ratio", "share"):
        assert there[name] == back[name]
    scaled = ratio(amounts(own * unit, other * unit)).iloc[0]
    assert scaled["ratio"] == pytest.approx(there["ratio"], rel=1e-9)


@given(AMOUNT, AMOUNT)
def test_the_stronger_has_more_and_is_nobody_where_both_have_the_same(own, other):
    expected = {True: "ARM", False: "RUS"}[own > other]
    for pair in (("ARM", "RUS"), ("RUS", "ARM")):
        found = ratio(amounts(own, other), *pair)["stronger"][0]
        assert pd.isna(found) if own == other else found == expected
        assert pd.isna(ratio(amounts(own, own), *pair)["stronger"][0])


@given(st.lists(st.none() | INDEX, min_size=6, max_size=6))
def test_the_composite_lies_between_the_least_and_the_greatest_share(parts):
    found = limiting_factors.composite_capability(
        pd.DataFrame([dict(zip(COMPONENTS, parts, strict=True))])
    )[0]
    known = [part for part in parts if part is not None]
    if not known:
        assert pd.isna(found)
    else:
        assert min(known) - 1e-12 <= found <= max(known) + 1e-12
        assert found == pytest.approx(sum(known) / len(known))


# --- gaps ---


def test_a_year_that_is_not_coded_for_both_has_a_reason_and_no_gap():
    table = regimes({("ARM", 2019): 0.5, ("ARM", 2020): 0.5, ("RUS", 2020): 0.2, ("RUS", 2021): 0})
    found = limiting_factors.regime_gap(table, "ARM", "RUS", ELECTORAL, 2018, 2021)
    assert found["year"].tolist() == [2018, 2019, 2020, 2021]
    assert found["gap"].notna().tolist() == [False, False, True, False]
    assert found["reason"].tolist() == [*[limiting_factors.NOT_CODED] * 2, "", found["reason"][0]]
    assert found["apart"].isna().all(), "the measure has no intervals"
    assert found["own"].tolist()[1] == 0.5 and found["other"].tolist()[3] == 0


def test_a_ratio_to_nothing_and_to_a_gap_is_none():
    table = pd.concat([amounts(0, 5), amounts(None, 5).assign(year=2021)])
    table = pd.concat([table, amounts(0, 0).assign(year=2022)])
    found = ratio(table, years=(2020, 2023)).set_index("year")
    assert found["ratio"].isna().all()
    assert found["share"][2020] == 1 and found["share"][2021:].isna().all()
    assert found["stronger"][2020] == "RUS" and found["stronger"][2021:].isna().all()
    compared = limiting_factors.ratios_compared(
        {"amount": (table, "amount")}, ["ARM"], "RUS", 2020, 2023
    )
    assert compared.empty and "highest" in compared


def test_only_neighbouring_years_make_a_change():
    gaps = pd.DataFrame({"year": [2010, 2015, 2016, 2017], "gap": [0.9, 0.1, 0.2, 0.0]})
    found = limiting_factors.largest_changes(gaps.assign(measure="m")).iloc[0]
    assert (found["year"], found["before"], found["after"]) == (2017, 0.2, 0.0)
    assert found["last_year"] == 2017
    alone = limiting_factors.largest_changes(gaps[:2].assign(measure="m"))
    assert alone.empty and "change" in alone


def test_a_year_that_is_not_coded_ends_a_run():
    values = {("ARM", 2015): 1, ("ARM", 2016): 1, ("ARM", 2018): 1, ("ARM", 2019): 0}
    table = regimes(values, "regime of the world")
    found = limiting_factors.regime_words(table, "ARM", 2016, 2020)
    assert found[["type", "from_year", "until_year"]].values.tolist() == [
        ["electoral autocracy", 2016, 2016],
        ["electoral autocracy", 2018, 2018],
        ["closed autocracy", 2019, 2019],
    ]


def test_versions_are_compared_only_where_both_have_a_year():
    other = "electoral democracy, version 16"
    one = regimes({("ARM", 2019): 0.4, ("ARM", 2020): 0.5})
    table = pd.concat([one, regimes({("ARM", 2020): 0.4, ("ARM", 2021): 0.6}, other)])
    found = limiting_factors.versions_compared(table, ELECTORAL, other, ["ARM"])
    assert found["year"].tolist() == [2020]
    assert found["difference"][0] == pytest.approx(0.1)


def test_leaders_and_events_keep_to_the_order_and_the_years_asked_for():
    leaders = shipped("leaders")
    found = limiting_factors.leaders_in(leaders, ["RUS", "ARM"], 2007)
    assert found["state"].drop_duplicates().tolist() == ["RUS", "ARM"]
    assert len(found) == sum(row["from_date"] < "2008" for row in rows("limiting_factors/leaders"))
    for _, own in found.groupby("state"):
        assert own["from_date"].is_monotonic_increasing
    events = limiting_factors.events_of(shipped("orientation_events"), "domestic", 1998, 2018)
    expected = sorted(
        row["date"]
        for row in rows("limiting_factors/orientation_events")
        if row["kind"] == "domestic" and "1998" <= row["date"][:4] <= "2018"
    )
    assert events["date"].tolist() == expected and expected


# --- what is refused ---

BOTH = {("ARM", 2020): 0.5, ("RUS", 2020): 0.2}


@pytest.mark.parametrize(
    ("table", "measure", "said"),
    [
        (regimes(BOTH), "democracy", "'democracy' is unknown.*electoral democracy.*lexical index"),
        (regimes(BOTH | {("ARM", 2019): 1.2}), ELECTORAL, "0 to 1, found ARM 2019: 1.2"),
        (regimes(BOTH | {("GEO", 2019): -0.1}), ELECTORAL, "found GEO 2019: -0.1"),
        (regimes({("ARM", 2020): 8, ("RUS", 2020): 7}, "political rights"), None, "1 to 7, found"),
        (regimes({("ARM", 2020): -66, ("RUS", 2020): 7}, "Polity score"), None, "-10 to 10, found"),
        (regimes({("ARM", 2020): 0.5, ("GEO", 2020): 0}), ELECTORAL, "no row of 'RUS'.*ARM, GEO"),
        (pd.concat([regimes(BOTH)] * 2), ELECTORAL, "two values in one year"),
        (regimes(BOTH), "liberal democracy", "no row of 'ARM'"),
    ],
)
def test_regimes_that_cannot_be_compared_are_refused(table, measure, said):
    measure = measure or table["measure"].iloc[0]
    for compare in (
        lambda: limiting_factors.regime_gap(table, "ARM", "RUS", measure, 2019, 2021),
        lambda: limiting_factors.gaps_by_measure(table, "ARM", "RUS", [measure], 2019, 2021),
        lambda: limiting_factors.distances_to_partner(table, ["ARM"], "RUS", measure, [2020]),
    ):
        with pytest.raises(DataProblem, match=said):
            compare()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ratio(amounts(1, 2), "GEO"), "no row of 'GEO'"),
        (lambda: ratio(amounts(1, 2), "ARM", "GEO"), "no row of 'GEO'"),
        (lambda: ratio(amounts(1, -2)), "below zero"),
        (lambda: ratio(pd.concat([amounts(1, 2)] * 2)), "two values in one year"),
        (lambda: ratio(amounts(1, 2).rename(columns={"amount": "gdp"})), "'amount'.*it has .*gdp"),
        (
            lambda: limiting_factors.composite_capability(pd.DataFrame({"energy": [1.0]})),
            "military_expenditure, .*population.* are missing",
        ),
        (
            lambda: limiting_factors.on_common_scale(regimes(BOTH, "freedom")),
            r"\['freedom'\] are unknown; expected electoral democracy",
        ),
        (
            lambda: limiting_factors.leaders_in(shipped("leaders"), ["ARM", "QQQ"], 2020),
            "no row of QQQ",
        ),
        (
            lambda: limiting_factors.events_of(shipped("orientation_events"), "war", 1992, 2025),
            "the kind 'war'; kinds: .*'domestic'",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(call, said):
    with pytest.raises(DataProblem, match=said):
        call()


def test_a_gap_that_never_changed_has_no_largest_change():
    gaps = pd.DataFrame(
        [(2000 + place, name, gap) for name, values in
         {"still": [0.1] * 3, "moved": [0.1, 0.1, -0.2], "once": [0.3]}.items()
         for place, gap in enumerate(values)],
        columns=["year", "measure", "gap"],
    )
    changes = limiting_factors.largest_changes(gaps)
    assert changes["measure"].tolist() == ["moved"] and changes["year"].tolist() == [2002]
    assert limiting_factors.never_changed(gaps) == ["still"], "one year shows no change"
