"""The hypothesis, the conclusions and the front page for any pair: what was not looked at is not denied."""

import csv
import re

import pandas as pd
import pytest
from support import ROOT
from test_other_pairs_votes_and_trade import check, page, prose_of, study  # noqa: F401

from alliances import (
    Study,
    charts,
    conclusions,
    headline,
    headline_text,
    orientation_change,
    orientation_text,
    tables,
    what_changed,
    what_changed_text,
)

LEVEL = 0.15
DELAYS = ["the same year", "three years before"]
KAZ = Study(ROOT / "data", focal="KAZ")


def rows(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def alike(row):
    votes = ("yes", "abstain", "no")
    joint = sum(int(row[f"{one}_{other}"]) for one in votes for other in votes)
    return sum(int(row[f"{one}_{one}"]) for one in votes) / joint if joint else None


@pytest.fixture(scope="module")
def kazakh():
    return headline.of_study(KAZ)


def test_the_votes_that_are_left_out_are_told_from_the_data():
    shares = {
        (row["partner"], int(row["year"])): alike(row)
        for row in rows("voting_alignment/yearly_counts")
        if row["focal"] == "RUS"
    }
    both = [who for who, year in shares if year == 2025 and shares[who, 2025] is not None]
    both = [who for who in both if shares.get((who, 2024)) is not None]
    rose = sum(shares[who, 2025] > shares[who, 2024] for who in both)
    calls = {row["year"]: row for row in rows("voting_alignment/coverage")}
    found = headline.votes_left_out(KAZ)
    assert (found["rose"], found["of"]) == (rose, len(both)) and 0 < rose < len(both)
    assert found["share"] == pytest.approx(shares["KAZ", 2025])
    assert found["share_before"] == pytest.approx(shares["KAZ", 2024])
    assert str(found["roll_calls"]) == calls["2025"]["roll_calls"]
    assert str(found["contested_before"]) == calls["2024"]["contested"]
    said = headline_text.votes_left_out(KAZ)
    assert f"rose for {rose} of {len(both)} states" in said and "another source" not in said
    until_2024 = Study(ROOT / "data", focal="KAZ", last_year=2024)
    assert headline.votes_left_out(until_2024) == {}
    assert headline_text.votes_left_out(until_2024) == ""


@pytest.mark.parametrize("lowest, said", [(True, "the lowest share of all years"), (False, "; 9")])
def test_a_share_that_fell_with_everybody_is_told_so(monkeypatch, lowest, said):
    figures = {"year": 2025, "share": 0.11, "share_before": 0.55, "rose": 0, "fell": 9, "of": 9}
    figures |= {"roll_calls": 192, "contested": 75, "roll_calls_before": 92, "contested_before": 62}
    figures |= {"lowest": lowest, "highest": False}
    monkeypatch.setattr(headline, "votes_left_out", lambda _: figures)
    told = headline_text.votes_left_out(KAZ)
    assert "fell for all 9 states" in told and ("lowest" in told) == lowest


def test_a_share_and_positions_that_part_are_reconciled(kazakh):
    place = {
        (row["state"], int(row["year"])): float(row["ideal_point"])
        for row in rows("voting_alignment/ideal_points")
    }
    own, ally = (place[who, 2024] - place[who, 2017] for who in ("KAZ", "RUS"))
    said = headline_text.opposite_ways(KAZ, kazakh)
    assert f"{own:+.2f}".replace("-", "−") in said and f"{ally:+.2f}".replace("-", "−") in said
    assert "most of the way is Russia's" in said and abs(ally) > abs(own)
    armenian = Study(ROOT / "data")
    assert headline_text.opposite_ways(armenian, headline.of_study(armenian)) == ""


def test_trade_that_one_producer_tells_is_not_held_against_another(kazakh):
    producers = kazakh.goalposts.set_index("series")["producers"]
    other_side = headline.of_study(Study(ROOT / "data", focal="RUS", ally="KAZ"))
    assert producers["Trade"] == 2
    assert other_side.goalposts.set_index("series").loc["Trade", "producers"] == 1
    assert other_side.sure.set_index("series").loc["Trade", "confidence"] == "low"


def test_the_sources_are_those_of_the_series_shown(kazakh):
    assert "trade/mirror_flows" in kazakh.tables and "trade/flows_by_year" not in kazakh.tables
    assert "trade/flows_by_year" in headline.of_study(Study(ROOT / "data")).tables
    assert not any(name.startswith("military_presence") for name in kazakh.tables)


def test_the_year_compared_with_is_justified():
    assert "not chosen for Kazakhstan and Russia" in headline_text.why_base(KAZ, 2017)
    assert "not chosen" not in headline_text.why_base(Study(ROOT / "data"), 2017)
    assert "the middle of the years shown" in headline_text.why_base(KAZ, 2021)


def test_old_ties_are_told_where_somebody_looked():
    assert headline_text.old_ties(KAZ).count("border by land") == 1
    assert "old ties" not in headline_text.old_ties(KAZ)
    armenian = headline_text.old_ties(Study(ROOT / "data"))
    assert "none of their old ties" in armenian and "border" not in armenian


@pytest.mark.parametrize(
    "values, said",
    [
        ([-0.2, -0.1, -0.3], "it has one sign under every choice"),
        ([-0.2, -0.1, -0.3, 0.04], "it has one sign under every choice but one: c3"),
        ([-0.2, -0.1, -0.3, 0.001], "it has one sign under every choice but one: c3"),
        ([-0.2, 0.1], "the sign hangs on the choice"),
        ([0.001, 0.002], "the sign hangs on the choice"),
        ([-0.2] * 6 + [0.1] * 3, "the sign hangs on the choice"),
    ],
)
def test_the_choice_that_turns_a_sign_is_named(values, said):
    series = pd.Series(values, index=[f"c{place}" for place in range(len(values))])
    assert conclusions.said_sign(series) == said
    assert conclusions.said_sign(-series) == said


def test_figures_that_hang_on_a_choice_are_found_on_either_side_of_zero():
    ranges = pd.DataFrame(
        {
            "number": ["firm", "half", "sign", "below"],
            "lowest": [0.6, 0.2, -0.1, -0.9],
            "highest": [0.9, 0.9, 0.1, -0.2],
        }
    )
    assert conclusions.hanging(ranges) == ["half", "sign", "below"]


CHANGES = Study(ROOT / "data").table("orientation_change/leader_changes")


def home(state):
    return orientation_change.changes_at_home(CHANGES, state, 1992, 2025)


def test_a_leader_who_kept_the_supporters_is_no_test_of_the_hypothesis():
    said = orientation_text.at_home(home("KAZ"), True, "Kazakhstan", dates=True)
    assert "2019, Nursultan Nazarbayev to Kassym-Jomart Tokayev, with the same supporters" in said
    assert "hypothesis itself is not tested" in said and "of the environment" in said
    assert orientation_change.dates_to_test(KAZ.events, home("KAZ")).keys() == {2009, 2014, 2022}


def test_new_supporters_are_a_date_of_their_own_and_come_first():
    turned = home("KGZ").query("coalition == 'changed'")
    dates = orientation_change.dates_to_test(KAZ.events, home("KGZ"))
    own = {int(row.date[:4]) + (int(row.date[5:7]) > 6) for row in turned.itertuples()}
    assert own and own < set(dates) and {2009, 2014, 2022} <= set(dates)
    said = orientation_text.at_home(home("KGZ"), True, "Kyrgyzstan", dates=True)
    assert "not tested" not in said and "other supporters" in said
    compared = pd.DataFrame({"year": [*sorted(dates)], "reason": ""})
    assert orientation_change.told_first(compared, home("KGZ"))["year"] == max(own)
    compared["reason"] = ["no" if year in own else "" for year in compared["year"]]
    assert orientation_change.told_first(compared, home("KGZ"))["year"] == 2022
    assert orientation_change.told_first(compared.assign(reason="no"), home("KGZ"))["reason"] == "no"


def test_nobody_looked_is_not_nothing_happened():
    said = orientation_text.at_home(home("KAZ")[:0], False, "Japan", dates=False)
    assert said.startswith("Nobody has coded changes at home for Japan") and "No event is listed" in said
    turn = pd.Series({"reason": "no value"})
    told = orientation_text.front_page(turn, "", home("KAZ")[:0], False, {"focal": "J", "ally": "U"})
    assert "Nobody has coded" in told and "No date could be compared" in told


def test_the_front_page_names_the_date_and_how_unusual_it_is():
    turn = {"reason": "", "year": 2022, "before": "2018–2021", "after": "2022–2024", "p": 8 / 11}
    turn |= {"treated_change": -0.112, "donors_change": -0.089, "rank": 8, "of": 11}
    names = {"focal": "Kazakhstan", "ally": "Russia"}
    told = orientation_text.front_page(pd.Series(turn), "invasion", home("KAZ"), True, names)
    for words in ("Around 2022 (invasion)", "−11.2", "−8.9", "number 8", "p 0.73", "not stand out"):
        assert words in told
    assert "is not tested on this pair" in told
    out = orientation_text.front_page(pd.Series(turn | {"p": 0.09}), "x", home("KAZ"), True, names)
    assert "which stands out" in out


def dose(name, p, units=7, draws=5040, slope=-0.2, reason=""):
    about = {"dose": name, "slope": slope, "p": p, "units": units, "draws": draws}
    return about | {"reason": reason}


def test_delays_are_one_dose_and_the_state_that_carries_it_is_named():
    tried = [dose(f"democracy, {words}", 0.08) for words in DELAYS]
    tried += [dose("a new leader", 0.5), dose("the same, without doubtful codings", 0.6)]
    tried += [dose(f"democracy, {words}, without Georgia", 0.39, 6, 720) for words in DELAYS]
    tried += [dose(f"democracy, {words}, without Belarus", 0.1, 6, 720) for words in DELAYS]
    said = orientation_text.doses(pd.DataFrame(tried), DELAYS, LEVEL, "Russia", "Kazakhstan")
    assert "Democracy: this one dose stands out at two of two delays" in said
    assert said.count("Asked for the same year, it no longer stands out with any one of these left out: Georgia") == 1
    assert "A new leader: it does not stand out (p 0.50)" in said and "Belarus" not in said
    assert "The same, without doubtful codings: it does not" in said


def test_who_is_left_out_is_compared_with_a_delay_that_stands_out():
    tried = [dose(f"democracy, {DELAYS[0]}", 0.1), dose(f"democracy, {DELAYS[1]}", 0.3)]
    tried += [dose(f"democracy, {DELAYS[0]}, without Georgia", 0.12, 6, 720)]
    tried += [dose(f"democracy, {DELAYS[1]}, without Belarus", 0.4, 6, 720)]
    said = orientation_text.doses(pd.DataFrame(tried), DELAYS, LEVEL, "Russia", "Kazakhstan")
    assert "it stands out whoever is left out" in said and "no longer" not in said


def test_a_dose_that_nothing_could_show_is_not_told_as_nothing_found():
    tried = pd.DataFrame([dose("democracy, the same year", 1.0, 3, 6), dose("x", 0.1, 0, 0, reason="no")])
    said = orientation_text.doses(tried, DELAYS, LEVEL, "the ally", "the state")
    assert "1 of 6, above 0.15" in said and "stands out" not in said
    assert not orientation_text.can_stand_out(tried, LEVEL)


def test_rises_are_told_beside_falls_and_a_series_without_a_shift_by_name():
    found = pd.DataFrame(
        {
            "series": ["votes", "votes", "arms"],
            "from_year": [2008, 2021, 2015],
            "direction": ["falls", "falls", "rises"],
        }
    )
    dated = pd.DataFrame({"series": ["votes", "arms", "orders", "calls"], "reason": [""] * 3 + ["short"]})
    said = orientation_text.shifts(found, dated)
    assert "two falls in one of them (votes from 2008 and votes from 2021)" in said
    assert "one rise in one of them (arms from 2015)" in said and "In the three series" in said
    assert "no shift in: orders" in said and "Not dated: calls" in said
    assert "No series" in orientation_text.shifts(found[:0], dated.assign(reason="short"))


def test_a_date_at_the_bottom_of_all_years_is_not_told_as_the_best():
    row = {"series": "exercises", "year": 2009, "explained": 0.0, "place": 16, "of": 16}
    said = orientation_text.best_dates(pd.DataFrame([row]), [2009, 2022])
    assert "exercises" not in said and "In no series is one of these dates" in said
    assert "both sides of 2022" in said


def test_a_window_is_told_as_far_as_the_panel_reaches():
    panel = pd.DataFrame(
        [(state, year, 0.5) for state in ("KAZ", "BLR", "ARM") for year in range(2011, 2022)],
        columns=["state", "year", "value"],
    )
    found = orientation_change.contrasts({"trade": panel}, "KAZ", ["BLR", "ARM"], [2014, 2019], 4)
    assert found[["before", "after"]].values.tolist() == [
        ["2011–2013", "2014–2017"],
        ["2015–2018", "2019–2021"],
    ]


def test_two_studies_name_both_years_and_both_measures():
    first, second = Study(ROOT / "data", focal="RUS", ally="KAZ"), KAZ
    found = what_changed.compare(first, second)
    said = what_changed_text.other_years(found.headlines, "one", "other")
    assert "trade (2014 for one, 2021 for other)" in said
    unit = found.headlines.set_index("series").loc["Trade", "unit"]
    assert unit == "share of turnover, as reported; share of turnover, as the others report it"
    assert "Direction of Trade Statistics" in what_changed_text.sources(found)
    why = what_changed_text.why_no_verdicts(first, second)
    assert "Russia with Kazakhstan (1992 to 2025) and Kazakhstan with Russia (1992 to 2025) are not" in why
    assert "seen from either side" in what_changed_text.why_no_cells(first, second)
    assert "different pairs" in what_changed_text.why_no_cells(Study(ROOT / "data"), second)


def test_a_figure_below_zero_has_a_minus_sign_and_a_date_keeps_its_hyphens():
    assert tables.written(-0.16, "+.2f") == "−0.16" and tables.written(-0.02, "percent") == "−2%"
    assert tables.written("2019-03-20") == "2019-03-20"


def test_a_name_in_a_legend_is_not_cut_where_there_is_room():
    frame = pd.DataFrame({"what": "Contested votes alike", "side": ["a", "b"], "value": 0.5})
    drawn = charts.dots(
        frame, row="what", row_title="What", value="value", value_title="v", series="side",
        title="t", caption="c", source="s", name="n",
    ).to_dict()  # fmt: skip
    limits = re.findall(r"'labelLimit': (\{[^}]*\}|\d+)", str(drawn["layer"]))
    assert limits and all("width" in limit for limit in limits)


def test_the_conclusions_of_another_pair_promise_only_what_they_hold(study):  # noqa: F811
    blocks = page("conclusions", study("KAZ", "RUS"))
    check(blocks)
    text = prose_of(blocks)
    assert "five conclusions" not in text and "If one number is asked for" not in text
    assert "no value of: Bases and Border guards' places" in text
    assert "Kendall" not in text and "cronbach" not in text and "no picture" not in text
    assert "round number" not in "\n".join(blocks), "a goalpost of what nobody looked for"
    assert "gas pipe" not in text and "Correlates of War, trade" not in text


def test_without_events_the_hypothesis_has_no_empty_headings(study):  # noqa: F811
    empty = ("events", "orientation_change/leader_changes")
    blocks = page("orientation_change", study("KAZ", "RUS", empty))
    check(blocks)
    text = prose_of(blocks)
    assert "Nobody has coded changes at home for Kazakhstan" in text
    assert not re.search("competing dates|What could have been seen|partners\n|no picture", text)
    assert "pysyncon" not in text and "smallest visible" not in text


def test_the_front_page_stands_whatever_is_empty(study):  # noqa: F811
    empty = (
        *("arms_transfers/deliveries", "events", "joint_exercises/yearly_totals"),
        *("limiting_factors/capabilities", "limiting_factors/regimes", "ties/migrants", "ties/pairs"),
        *("orientation_change/leader_changes", "treaty_obligations/obligations_by_year"),
        *("trade/flows_by_year", "trade/totals_by_year"),
        *("voting_alignment/ideal_points", "voting_alignment/yearly_counts"),
    )
    blocks = page("index", study("KAZ", "RUS", empty))
    check(blocks)
    said = [block for block in blocks if re.search("(has|have) no row for", block)]
    assert len(said) == 1 and all(f"`{name}`" in said[0] for name in empty)
