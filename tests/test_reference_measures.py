"""The measures against values that others printed or computed.

Each table is read from ../shared/reference where that exists, and from the extract in
tests/reference, which names its origin, in a clone that stands alone.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import ROOT, SHARED, needs_shared, reference

from alliances import arms_transfers, voting_alignment
from alliances.voting_alignment import JOINT

HERE = Path(__file__).parent / "reference"
WHOLE = SHARED / "reference"
OURS = {
    "share_agree": "share_identical",
    "lijphart": "lijphart",
    "s_abs": "s_absolute",
    "s_sq": "s_squared",
    "kappa": "kappa_nominal",
    "kappa_linear": "kappa_linear",
    "kappa_quadratic": "kappa_quadratic",
    "pi": "pi_nominal",
    "pi_linear": "pi_linear",
    "pi_quadratic": "pi_quadratic",
    "tau_b": "tau_b",
    "alignment_index": "alignment_index",
}
VOTES = {"1": "yes", "2": "abstain", "3": "no", "8": "absent"}


def cases(name):
    found = json.loads(reference(name).read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case.get("id")) for case in found]


def rows(name, *needed):
    table = pd.read_csv(reference(name)).dropna(subset=list(needed))
    assert len(table) >= 2
    return table


def table_of(first, second, levels, weights=None):
    """A square table over all levels of the scale, in counts or in sums of weights."""
    table = np.zeros((len(levels), len(levels)))
    places = ([levels.index(int(level)) for level in codes] for codes in (first, second))
    np.add.at(table, tuple(places), 1 if weights is None else weights)
    return table


def counts_of(table, prefix):
    """The nine counts of a published table, its cells named like s11 ... s33."""
    cells = [f"{prefix}{own}{other}" for own in "123" for other in "123"]
    return table[cells].set_axis(list(JOINT), axis=1).astype(int)


@pytest.mark.parametrize("case", cases("similarity_cases.json"))
def test_similarity_of_two_vectors(case):
    table = table_of(case["a"], case["b"], case["levels"])
    assert table.tolist() == case["contingency"]
    found = voting_alignment.similarity(table)
    expected = {name: case["expected"][name] for name in OURS}
    for name, value in expected.items():
        wanted = np.nan if value is None else value
        assert found[OURS[name]] == pytest.approx(wanted, abs=1e-9, nan_ok=True), name
    if "s_abs_with_observed_range_WRONG" in case:
        assert abs(found["s_absolute"] - case["s_abs_with_observed_range_WRONG"]) > 0.1


ON_VOTES = [
    case for case in cases("similarity_cases.json") if case.values[0]["levels"] == [1, 2, 3]
]


@pytest.mark.parametrize("case", ON_VOTES)
def test_votes_give_the_same_values_as_their_table(case):
    counts = voting_alignment.pair_counts(*([VOTES[code] for code in case[who]] for who in "ab"))
    found = voting_alignment.agreement(counts).set_index("measure")
    for name, value in case["expected"].items():
        row = found.loc[OURS[name]]
        if value is None:
            assert np.isnan(row["value"]) and row["reason"] == voting_alignment.NO_VARIATION
        else:
            assert row["value"] == pytest.approx(value, abs=1e-9) and row["reason"] == ""


def test_weighted_s_of_signorino_and_ritter():
    case = next(
        param.values[0]
        for param in cases("similarity_cases.json")
        if "weights_cinc" in param.values[0]
    )
    table = table_of(case["a"], case["b"], case["levels"], case["weights_cinc"])
    found = voting_alignment.similarity(table, ["s_absolute"])["s_absolute"]
    assert found == pytest.approx(case["expected"]["s_abs_weighted"], abs=1e-9)


@pytest.mark.parametrize("case", cases("alliance_portfolio_cases.json"))
def test_alliance_portfolios(case):
    binary = {who: ["1" if level != "0" else "0" for level in case[who]] for who in "ab"}
    expected = case["expected"]
    valued = table_of(case["a"], case["b"], [0, 1, 2, 3])
    any_tie = table_of(binary["a"], binary["b"], [0, 1])
    weighted = table_of(case["a"], case["b"], [0, 1, 2, 3], case["cinc"])
    for table, names in (
        (
            valued,
            {
                "s_abs_valued": "s_absolute",
                "s_sq_valued": "s_squared",
                "kappa_quadratic_valued": "kappa_quadratic",
                "pi_nominal_valued": "pi_nominal",
                "tau_b_valued": "tau_b",
            },
        ),
        (
            any_tie,
            {
                "s_abs_binary": "s_absolute",
                "kappa_binary": "kappa_nominal",
                "pi_binary": "pi_nominal",
            },
        ),
        (weighted, {"s_abs_valued_cinc": "s_absolute"}),
    ):
        found = voting_alignment.similarity(table, list(names.values()))
        for name, ours in names.items():
            assert found[ours] == pytest.approx(expected[name], abs=1e-9), name


@pytest.mark.parametrize("case", cases("absence_cases.json"))
def test_absent_is_not_abstaining(case):
    expected = case["expected"]
    counts = voting_alignment.pair_counts(*([VOTES[code] for code in case[who]] for who in "ab"))
    measures = ["share_identical", "lijphart"]
    found = voting_alignment.agreement(counts, measures).set_index("measure")
    share, lijphart = found.loc["share_identical"], found.loc["lijphart"]
    assert share["value"] == pytest.approx(expected["share_agree_dropping_absences"], abs=1e-12)
    assert lijphart["value"] == pytest.approx(expected["lijphart_dropping_absences"], abs=1e-12)
    assert share["roll_calls"] == expected["n_both_voted"]
    absent = counts.loc[0, list(voting_alignment.ABSENCES)]
    assert absent.sum() == expected["n_one_or_both_absent"]
    for who, name in (("a", "focal_absent"), ("b", "partner_absent")):
        rate = (absent[name] + absent["both_absent"]) / len(case["a"])
        assert rate == pytest.approx(expected[f"absence_rate_{who}"], abs=1e-12)
    wrong = [
        expected[name]
        for name in (
            "share_agree_absence_as_abstention_WRONG",
            "lijphart_absence_as_abstention_WRONG",
        )
    ]
    assert (np.abs(found["value"] - wrong) > 1e-3).all()
    named = voting_alignment.agreement(counts, measures, "as_abstention")
    assert named["value"].tolist() == pytest.approx(wrong, abs=1e-12)
    assert set(named["absence_rule"]) == {"as_abstention"}


@pytest.mark.parametrize(
    "printed, prefix, measure",
    [
        ("published_agree", "y", "share_identical"),
        ("published_kappa_quadratic", "y", "kappa_quadratic"),
        ("published_voeten_agree", "s", "lijphart"),
    ],
)
def test_published_agreement_with_korea(printed, prefix, measure):
    table = rows("published_agreement_korea.csv", printed, f"{prefix}11")
    found = voting_alignment.agreement(counts_of(table, prefix), [measure])["value"]
    np.testing.assert_allclose(found, table[printed], rtol=0, atol=1e-9)


def test_published_share_of_agreement():
    table = rows("published_pct_agree_voeten.csv", "published_pct_agree")
    found = voting_alignment.agreement(counts_of(table, "s"), ["share_identical"])["value"]
    np.testing.assert_allclose(found, table["published_pct_agree"], rtol=0, atol=5.1e-8)


@pytest.mark.parametrize(
    "name, state_a, state_b, printed",
    [
        ("ideal_point_distance.csv", "ccode1", "ccode2", "expected_distance"),
        ("published_agreement_korea.csv", "ccode1", "ccode2", "published_ipd"),
    ],
)
def test_ideal_point_distance(name, state_a, state_b, printed):
    table = rows(name, "ip1", "ip2", printed)
    for (first, second), pair in table.groupby([state_a, state_b]):
        points = pd.concat(
            pair[[state, "year", point]].set_axis(["state", "year", "ideal_point"], axis=1)
            for state, point in ((state_a, "ip1"), (state_b, "ip2"))
        )
        found = voting_alignment.ideal_point_distance(points, first, second)
        wanted = pair.set_index("year")[printed].sort_index()
        assert found["year"].tolist() == wanted.index.tolist()
        np.testing.assert_allclose(found["distance"], wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("case", cases("arms_supplier_cases.json"))
def test_supplier_shares_and_concentration(case):
    expected, window = case["expected"], [(case["y0"], case["y1"])]
    deliveries = pd.read_csv(reference("sipri_tiv_by_supplier_year.csv"))
    if case["recipient"] not in set(deliveries["recipient"]):
        pytest.skip("this recipient's deliveries by year are not among the reference tables")
    shares = arms_transfers.suppliers_by_window(deliveries, case["recipient"], window)
    tiv = shares.set_index("supplier")["supplier_tiv"]
    assert tiv.to_dict() == pytest.approx(case["tiv_by_supplier"], abs=1e-9)
    russia = arms_transfers.supplier_share_by_window(
        deliveries, case["recipient"], "Russia", window
    ).iloc[0]
    assert russia["share"] == pytest.approx(expected["share_russia"], abs=1e-9)
    found = arms_transfers.supplier_concentration(deliveries, case["recipient"], window).iloc[0]
    assert found["top_supplier"] == expected["top_supplier"]
    assert found["suppliers"] == expected["n_suppliers"]
    for ours, name in (
        ("total_tiv", "total_tiv"),
        ("top_share", "top_share"),
        ("herfindahl_hirschman_index", "hhi"),
        ("effective_suppliers", "effective_suppliers"),
    ):
        assert found[ours] == pytest.approx(expected[name], abs=1e-9), name


CODES = {"Armenia": "ARM", "Azerbaijan": "AZE", "Israel": "ISR", "Russia": "RUS"}


def test_published_arms_shares():
    """SIPRI revises old years, so its printed shares and later registers lie a little apart."""
    deliveries = pd.read_csv(ROOT / "data/arms_transfers/deliveries.csv")
    published = rows("published_arms_shares.csv").query("unit == 'share_pct'")
    for row in published.itertuples():
        found = arms_transfers.supplier_share_by_window(
            deliveries, CODES[row.recipient], CODES[row.supplier], [(row.y0, row.y1)]
        )["share"].item()
        assert 100 * found == pytest.approx(row.published, abs=5)
        assert 100 * found == pytest.approx(row.register_2025_value, abs=1)


def test_published_volume_ratio():
    deliveries = pd.read_csv(ROOT / "data/arms_transfers/deliveries.csv")
    row = rows("published_arms_shares.csv").query("unit == 'volume_ratio'").iloc[0]
    own, other = (
        arms_transfers.supplier_concentration(deliveries, CODES[who], [(row["y0"], row["y1"])])[
            "total_tiv"
        ].item()
        for who in row["recipient"].split("/")
    )
    assert own / other == pytest.approx(row["published"], rel=0.2)


@needs_shared
@pytest.mark.parametrize("name", sorted(path.name for path in HERE.iterdir()))
def test_the_extracts_are_true_to_the_whole(name):
    if name.endswith(".csv"):
        extract = pd.read_csv(HERE / name, dtype=str).drop(columns="origin")
        whole = pd.read_csv(WHOLE / name, dtype=str)
        assert len(extract.merge(whole, on=list(extract.columns))) >= len(extract)
        return
    found, whole = (
        json.loads((place / name).read_text(encoding="utf-8"))["cases"] for place in (HERE, WHOLE)
    )
    by_name = {case["id"]: case for case in whole}
    for case in found:
        assert case == {key: by_name[case["id"]][key] for key in case}
