"""Trade: values that others computed, properties, gaps, and the chapter's words a second way."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, reference
from test_chapters import rows, words

from alliances import trade
from alliances.problems import DataProblem
from alliances.sources.partners import totals_by_year


def shipped_table(name):
    return pd.read_csv(ROOT / "data" / f"trade/{name}.csv", keep_default_na=False, na_values=[""])


def test_a_mirrored_share_is_what_the_others_report_and_no_estimate():
    mirror = shipped_table("mirror_flows")
    found = trade.shares_mirrored(mirror, "KAZ", "RUS").set_index(["flow", "year"])
    rows = mirror[(mirror["partner"] == "KAZ") & (mirror["year"] == 2021)]
    value = rows.set_index(["reporter", "flow"])["value"]
    assert found.loc[("imports", 2021), "share"] == pytest.approx(
        value["RUS", "exports"] / value["WLD", "exports"]
    )
    assert found.loc[("exports", 2021), "share"] == pytest.approx(
        value["RUS", "imports"] / value["WLD", "imports"]
    )
    assert found.index.get_level_values("year").max() == 2021, "2022 is the IMF's estimate"
    parts = found.loc[("turnover", 2021)]
    assert parts["value"] == pytest.approx(value["RUS"].sum())
    assert trade.shares_mirrored(mirror, "RUS", "KAZ").empty, "Kazakhstan reports nothing there"
    supplied = trade.supplied_share(mirror, "RUS", ["KAZ"], [(2021, 2021)])["share"].iloc[0]
    assert found.loc[("imports", 2021), "share"] == pytest.approx(supplied)


def test_the_concepts_of_a_state_are_those_of_its_totals_the_finest_first():
    totals = shipped_table("totals_by_year")
    assert trade.concepts_of(totals, "ARM") == ["origin", "consignment", "as reported"]
    assert trade.concepts_of(totals, "KAZ") == ["as reported"]
    assert trade.concepts_of(totals, "USA") == []


def test_partners_are_chosen_from_the_figures_without_the_world_and_the_ally():
    flows, totals = shipped_table("flows_by_year"), shipped_table("totals_by_year")
    of_kaz = trade.shares_by_year(flows, totals, "KAZ", ["RUS"], "as reported", 2014, 2014)
    rows = flows[(flows["reporter"] == "KAZ") & (flows["year"] == 2014)]
    sums = rows.groupby("partner")["value"].sum().drop(["RUS", "WLD"]).sort_values()
    assert trade.largest_partners(flows, of_kaz, "as reported", 3) == sums.index[::-1][:3].tolist()
    of_arm = trade.shares_by_year(flows, totals, "ARM", ["RUS"], "origin", 2019, 2024)
    assert trade.risen_most(flows, of_arm, "origin", (2019, 2021), 2) == ["ARE", "HKG"]
    with pytest.raises(DataProblem, match="1990 to 1992 is not wholly covered"):
        trade.risen_most(flows, of_arm, "origin", (1990, 1992), 2)


def cases():
    found = json.loads(reference("trade_cases.json").read_text(encoding="utf-8"))
    for case in found["cases"]:
        # What is not defined stands there as the word NaN.
        case["expected"] = {name: float(value) for name, value in case["expected"].items()}
    return [pytest.param(case, id=case["id"]) for case in found["cases"]]


FLOWS = pd.read_csv(reference("trade_flows.csv"))


def partner_rows(state, year):
    """The reference's partner rows of a state in a year, as flows of one source."""
    table = FLOWS
    table = table[(table["reporter"] == state) & (table["year"] == year)]
    long = table.melt(["reporter", "partner", "year"], ["imports", "exports"], "flow", "value")
    named = {"reporter": long["reporter"].astype("str"), "partner": long["partner"].astype("str")}
    return long.assign(**named, source="s")


@pytest.mark.parametrize("case", cases())
def test_shares_and_concentration_are_those_of_the_reference(case):
    expected, year = case["expected"], case["year"]
    flows = partner_rows(case["a"], year)
    if str(case["b"]) not in set(flows["partner"]):
        # The reference leaves out partners with which nothing was traded; the case says so.
        assert case["bilateral_imports_of_a_from_b"] == case["bilateral_exports_of_a_to_b"] == 0
        nothing = flows.drop_duplicates("flow").assign(partner=str(case["b"]), value=0.0)
        flows = pd.concat([flows, nothing])
    totals = totals_by_year(flows).assign(source="s")
    a, b = str(case["a"]), str(case["b"])
    found = trade.shares_by_year(flows, totals, a, [b], "as reported", year, year)
    share = found.set_index("flow")["share"]
    assert share["imports"] == pytest.approx(expected["import_share"], abs=1e-9, nan_ok=True)
    assert share["exports"] == pytest.approx(expected["export_share"], abs=1e-9, nan_ok=True)
    assert share["turnover"] == pytest.approx(expected["turnover_share_a"], abs=1e-9, nan_ok=True)
    whole = trade.concentration(totals, a, "as reported").set_index("flow")
    for flow in ("imports", "exports"):
        assert whole["hhi"][flow] == pytest.approx(expected[f"hhi_{flow}"], abs=1e-9, nan_ok=True)
        effective = whole["effective_partners"][flow]
        assert effective == pytest.approx(expected[f"ens_{flow}"], abs=1e-8, nan_ok=True)


@pytest.mark.parametrize("case", cases())
def test_measures_of_both_sides_are_those_of_the_reference(case):
    expected, year = case["expected"], case["year"]
    both = case["bilateral_imports_of_a_from_b"] + case["bilateral_exports_of_a_to_b"]

    def side(state):
        total = case[f"total_imports_{state}"] + case[f"total_exports_{state}"]
        whole = {"year": [year], "flow": "turnover", "value": [both], "share": [both / total]}
        return pd.DataFrame(whole)

    found = trade.two_sides(side("a"), side("b")).iloc[0]
    assert found["other"] == pytest.approx(expected["turnover_share_b"], abs=1e-9, nan_ok=True)
    for name in ("salience", "symmetry", "interdependence"):
        assert found[name] == pytest.approx(expected[f"barbieri_{name}"], abs=1e-9, nan_ok=True)
    assert found["asymmetry"] == pytest.approx(
        expected["asymmetry_normalised"], abs=1e-9, nan_ok=True
    )
    gdp = pd.DataFrame(
        {"state": ["a", "b"], "year": year, "gdp": [case["gdp_a_musd"], case["gdp_b_musd"]]}
    )
    for state in ("a", "b"):
        dependence = trade.dependence_on_gdp(side(state), gdp, state)["dependence"].iloc[0]
        assert dependence == pytest.approx(expected[f"dep_{state}_gdp"], abs=1e-9, nan_ok=True)
    intensity = trade.trade_intensity(
        case["bilateral_exports_of_a_to_b"],
        case["total_exports_a"],
        case["total_imports_b"],
        case["world_trade"],
    )
    assert intensity == pytest.approx(expected["tii_exports_a_to_b"], abs=1e-8, nan_ok=True)


def test_the_intensity_of_a_whole_matrix():
    case = json.loads(reference("trade_intensity_matrix.json").read_text())["cases"][0]
    flows = np.array(case["exports_i_to_j"], dtype=float)
    for i, line in enumerate(case["expected"]):
        for j, value in enumerate(line):
            if i != j:
                found = trade.trade_intensity(
                    flows[i, j], flows[i].sum(), flows[:, j].sum(), flows.sum()
                )
                assert found == pytest.approx(value, abs=1e-9, nan_ok=True)


AMOUNTS = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=8)


def made(exports, imports, year=2020, source="s"):
    """Flows of state A with partners P0, P1, ..., and their totals."""
    parts = [
        {"reporter": "A", "partner": f"P{k}", "year": year, "flow": flow, "value": value}
        for flow, amounts in (("exports", exports), ("imports", imports))
        for k, value in enumerate(amounts)
    ]
    flows = pd.DataFrame(parts).assign(source=source)
    return flows, totals_by_year(flows).assign(source=source)


def shares(flows, totals, partners, years=(2020, 2020)):
    return trade.shares_by_year(flows, totals, "A", partners, "as reported", *years)


@given(AMOUNTS, st.floats(0.1, 1000))
def test_shares_add_up_and_do_not_depend_on_the_unit(amounts, unit):
    flows, totals = made(amounts, amounts[::-1])
    partners = sorted(set(flows["partner"]))
    found = shares(flows, totals, partners)
    assert found["share"].between(0, 1 + 1e-12).all()
    assert found.groupby("flow")["share"].sum().to_numpy() == pytest.approx(1)
    other = shares(
        flows.assign(value=flows["value"] * unit),
        totals.assign(total=totals["total"] * unit),
        partners,
    )
    assert other["share"].to_numpy() == pytest.approx(found["share"].to_numpy())


@given(AMOUNTS)
def test_concentration_lies_between_equal_shares_and_one(amounts):
    _, totals = made(amounts, amounts)
    hhi = trade.concentration(totals, "A", "as reported")["hhi"]
    assert (hhi >= 1 / len(amounts) - 1e-9).all() and (hhi <= 1 + 1e-9).all()
    _, more = made([*amounts, 0.0], amounts)
    again = trade.concentration(more, "A", "as reported")
    assert again["hhi"].to_numpy() == pytest.approx(hhi.to_numpy())
    assert again["partners"].tolist() == [len(amounts)] * 2, "a partner without trade is none"


@given(st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_the_two_sides_exchanged_turn_only_what_has_a_direction(own, other):
    a = pd.DataFrame({"year": [2020], "flow": "turnover", "share": [own]})
    there, back = (
        trade.two_sides(a, a.assign(share=other)),
        trade.two_sides(a.assign(share=other), a),
    )
    for name in ("salience", "symmetry", "interdependence"):
        assert there[name][0] == pytest.approx(back[name][0])
    assert there["asymmetry"][0] == pytest.approx(-back["asymmetry"][0])
    assert there["ratio"][0] == pytest.approx(1 / back["ratio"][0])


def test_what_is_missing_is_missing_with_its_reason_and_no_zero():
    flows, totals = made([1.0, 3.0], [2.0, 2.0])
    flows = flows[~((flows["partner"] == "P0") & (flows["flow"] == "exports"))]
    found = shares(flows, totals, ["P0"], (2020, 2021)).set_index(["year", "flow"])
    assert found["reason"][2020, "exports"] == trade.NO_FIGURE
    assert np.isnan(found["share"][2020, "turnover"]), "half a turnover is none"
    assert found["share"][2020, "imports"] == 0.5
    assert found["reason"][2021, "imports"] == trade.NO_TOTAL
    nothing, none = made([0.0], [0.0])
    empty = shares(nothing, none, ["P0"])
    assert empty["share"].isna().all() and set(empty["reason"]) == {trade.NOTHING_TRADED}
    assert trade.concentration(none, "A", "as reported")["hhi"].isna().all()


def test_windows_sum_before_they_divide():
    early, early_totals = made([1.0, 9.0], [1.0, 9.0], 2020)
    late, late_totals = made([90.0, 10.0], [90.0, 10.0], 2021)
    found = shares(
        pd.concat([early, late]), pd.concat([early_totals, late_totals]), ["P0"], (2019, 2021)
    )
    window = trade.shares_by_window(found, [(2019, 2021)]).set_index("flow")
    assert window["share"]["exports"] == pytest.approx(91 / 110)
    assert window["years"]["exports"] == 2
    assert trade.shares_by_window(found, []).empty


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda f, t: shares(f, t, ["QQ"]), "no partner QQ"),
        (lambda f, t: trade.shares_by_year(f, t, "A", ["P0"], "both", 2020, 2020), "'both'"),
        (lambda f, t: trade.shares_by_year(f, t, "A", ["P0"], "origin", 2020, 2020), "0 sources"),
        (lambda f, t: shares(f.assign(value=-1.0), t, ["P0"]), "below zero"),
        (lambda f, t: shares(pd.concat([f, f]), t, ["P0"]), "two figures for one year"),
        (lambda f, t: trade.shares_by_window(shares(f, t, ["P0"]), [(2021, 2020)]), "ends before"),
        (lambda f, t: trade.share_without(f, shares(f, t, ["P0"]), ["P0"], "as reported"), "own"),
        (
            lambda f, t: trade.transit_scenario(
                f, shares(f, t, ["P0"]), ["P1"], "as reported", (2010, 2012)
            ),
            "not wholly covered",
        ),
        (lambda f, t: trade.across_the_seam(f, t, "B", "A", {"origin": "O"}, 2020, 2020), "of B"),
    ],
)
def test_what_cannot_be_answered_is_refused(call, said):
    flows, totals = made([1.0, 2.0], [2.0, 3.0])
    with pytest.raises(DataProblem, match=said):
        call(flows, totals)


@given(st.floats(0, 50), st.floats(0, 50))
def test_the_scenario_takes_out_no_more_than_both_surges_hold(exports_rise, imports_rise):
    flows, totals = made([5.0, 2.0, 3.0], [4.0, 1.0, 5.0], 2020)
    later, later_totals = made([5.0, 2.0 + exports_rise, 3.0], [4.0 + imports_rise, 1.0, 5.0], 2021)
    flows, totals = pd.concat([flows, later]), pd.concat([totals, later_totals])
    own = shares(flows, totals, ["P0"], (2020, 2021))
    found = trade.transit_scenario(flows, own, ["P1"], "as reported", (2020, 2020)).iloc[0]
    assert found["transit"] == pytest.approx(min(exports_rise, imports_rise))
    assert 0 <= found["share_without_transit"] <= 1
    # Without the surge the share is the one that the remaining trade gives.
    value, total = 9 + imports_rise - found["transit"], 20 + exports_rise + imports_rise
    assert found["share_without_transit"] == pytest.approx(value / (total - 2 * found["transit"]))


# --- the shipped tables, a second way ---


def flow(partner, year, name, source="armstat", reporter="ARM"):
    return sum(
        float(row["value"])
        for row in rows("trade/flows_by_year")
        if (row["reporter"], row["partner"], row["year"], row["flow"], row["source"])
        == (reporter, partner, str(year), name, source)
    )


@pytest.fixture(scope="module")
def shipped():
    return [
        pd.read_csv(ROOT / "data" / "trade" / f"{name}.csv", keep_default_na=False, na_values=[""])
        for name in ("flows_by_year", "totals_by_year")
    ]


@pytest.mark.parametrize(
    "year, exports, imports, turnover",
    [
        (2007, 17.5, 22.0, 20.9),
        (2014, 19.9, 25.4, 24.0),
        (2019, 28.0, 26.8, 27.2),
        (2022, 45.4, 30.0, 35.9),
        (2024, 24.2, 54.1, 41.1),
    ],
)
def test_shares_by_origin_are_those_that_others_computed(shipped, year, exports, imports, turnover):
    found = trade.shares_by_year(*shipped, "ARM", ["RUS"], "origin", year, year)
    printed = (100 * found.set_index("flow")["share"]).round(1).to_dict()
    assert printed == {"exports": exports, "imports": imports, "turnover": turnover}


def test_the_total_of_a_flow_is_the_flow_with_all_partners(shipped):
    flows, totals = shipped
    world = flows[flows["partner"] == "WLD"].rename(columns={"value": "world"})
    both = totals.merge(world, on=["reporter", "year", "flow", "source"])
    assert len(both) > 300
    assert both["total"].to_numpy() == pytest.approx(both["world"].to_numpy(), rel=1e-9)


def test_the_answers_and_figures_of_the_chapter():
    said = words("trade")
    russia = flow("RUS", 2024, "exports") + flow("RUS", 2024, "imports by origin")
    world = flow("WLD", 2024, "exports") + flow("WLD", 2024, "imports by origin")
    assert f"at {100 * russia / world:.0f} percent in 2024" in said
    surge = sum(flow(code, 2024, "exports") for code in ("ARE", "HKG"))
    surge -= (
        sum(flow(code, y, "exports") for code in ("ARE", "HKG") for y in (2019, 2020, 2021)) / 3
    )
    arrived = flow("RUS", 2024, "imports by origin")
    arrived -= sum(flow("RUS", year, "imports by origin") for year in (2019, 2020, 2021)) / 3
    transit = min(surge, arrived)
    net = (russia - transit) / (world - 2 * transit)
    assert (
        f"lowers the share from {100 * russia / world:.0f} percent to {100 * net:.0f} percent"
        in said
    )
    for year, share in (("2016", "consignment"), ("2017", "consignment"), ("2017", "origin")):
        name = f"imports by {share}"
        part = flow("RUS", year, name) / flow("WLD", year, name)
        assert f"{100 * part:.0f} percent" in said.split("Answers")[1]


@given(st.integers(1950, 2020), st.integers(0, 60), st.integers(1, 12))
def test_even_windows_hold_every_year_once_and_differ_by_one_year_at_most(first, more, width):
    windows = trade.even_windows(first, first + more, width)
    years = [year for one in windows for year in range(one[0], one[1] + 1)]
    assert years == list(range(first, first + more + 1))
    sizes = [last - begin + 1 for begin, last in windows]
    assert max(sizes) - min(sizes) <= 1 and max(sizes) < 2 * width


def two_series(old, new):
    parts = [
        pd.DataFrame({"year": list(by_year), "share": list(by_year.values()), "series": name})
        for name, by_year in (("old", old), ("new", new))
    ]
    table = pd.concat(parts).assign(partner="RUS", flow="turnover", concept="as reported")
    return table.assign(value=table["share"] * 100, total=100.0)


def test_a_doubtful_year_of_the_older_source_moves_no_window():
    old = dict.fromkeys(range(2000, 2015), 0.2) | {2011: 0.01, 2012: 0.01}
    shares = two_series(old, dict.fromkeys(range(2011, 2022), 0.2))
    windows = trade.shares_over_even_windows(shares, "old", "new")
    assert windows["share"].tolist() == pytest.approx([0.2] * len(windows))
    assert windows["years"].sum() == 22 and set(windows["series"]) == {"old", "new"}
    assert trade.far_apart(shares, "new", "old")["year"].tolist() == [2011, 2012]
    assert trade.shares_over_even_windows(shares.iloc[:0], "old", "new").empty


@given(
    st.floats(100, 1e6),
    st.sampled_from([(1.0, True), (1.1, True), (1.05, False), (0.46, False), (1.15, False)]),
)
def test_a_report_put_in_place_of_another_is_known_by_its_mark_up(value, case):
    times, expected = case
    rows = pd.DataFrame({"own": [round(value * times)], "mirrored": [value]})
    assert trade.without_second_report(rows).tolist() == [expected]
