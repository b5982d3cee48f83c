"""Treaty obligations: published measures, independent counts, properties, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared, reference
from test_chapters import rows, words

from alliances import treaty_obligations as module
from alliances.problems import DataProblem
from alliances.prose import fill
from alliances.treaty_obligations import OBLIGATIONS

ATOP = {
    "defense": "defence",
    "offense": "offence",
    "neutral": "neutrality",
    "nonagg": "non_aggression",
    "consul": "consultation",
}


def published(name):
    return pd.read_csv(reference(name))


def shipped(name):
    return pd.read_csv(ROOT / "data" / "treaty_obligations" / f"{name}.csv", keep_default_na=False)


def typed(name):
    return pd.read_csv(ROOT / "data" / "treaty_obligations" / f"{name}.csv")


def years_of(*promises, state="RUS", partner="ARM", first=2000):
    """A table of made-up years, one for each promise of five digits."""
    table = pd.DataFrame([[int(digit) for digit in promise] for promise in promises])
    table.columns = OBLIGATIONS
    years = range(first, first + len(promises))
    return table.assign(state=state, partner=partner, year=list(years))


def member(alliance, state, first, last=None, promise="10011"):
    return dict(zip(OBLIGATIONS, map(int, promise))) | {
        "alliance": alliance,
        "state": state,
        "first_day": first,
        "last_day": last,
    }


def treaty(*numbers):
    return pd.DataFrame({"alliance": numbers, "title": "Made up", "bilateral": True})


def test_institutions_and_formality_are_those_of_leeds_and_anac():
    table = published("atop_alliances.csv")
    found = module.military_institutionalisation(table)
    for ours, theirs in (
        ("high", "hinst"),
        ("moderate", "minst"),
        ("organisation", "milorg"),
        ("institutions", "milinst"),
    ):
        decided = found[ours].notna()
        assert decided.sum() > 30 and (~decided & table[theirs].notna()).sum() <= 4
        pd.testing.assert_series_equal(
            found.loc[decided, ours].astype("float64"),
            table.loc[decided, theirs],
            check_names=False,
        )
    formal = module.formality(table).astype("float64")
    known = table["formorg"].notna() & formal.notna()
    pd.testing.assert_series_equal(formal[known], table.loc[known, "formal"], check_names=False)


def test_a_missing_code_leaves_open_only_what_it_could_decide():
    wanted = "milcon milaid intcom subord base contrib orgpurp1 orgpurp2".split()
    codes = pd.DataFrame(0.0, index=range(3), columns=wanted)
    codes.loc[0, ["base", "milcon"]] = np.nan, 3
    codes.loc[1, ["base", "milcon"]] = np.nan, 2
    codes.loc[2, "orgpurp1"] = np.nan
    found = module.military_institutionalisation(codes)["institutions"]
    assert found[0] == 2 and found[1:].isna().all()


def test_scope_and_coordination_are_those_of_alley():
    table = published("atop_alliances.csv").rename(columns=ATOP)
    table["conditional"] = table["conditio"] == 1
    assert module.scope_index(table).tolist() == table["scope_index"].tolist()
    assert module.coordination_index(table).tolist() == table["milcor_index"].tolist()


def test_the_level_is_that_of_the_dyad_years():
    table = published("atop_dyad_years.csv").rename(
        columns={f"atop_{theirs}": ours for theirs, ours in ATOP.items()}
    )
    assert module.ordinal_level(table).tolist() == table["expected_level_0_3"].tolist()
    assert set(table["expected_level_0_3"]) == {0, 1, 2, 3}


@needs_shared
def test_the_pairs_alliances_are_those_of_the_member_file():
    raw = pd.read_csv(SHARED / "data" / "atop" / "atop4_01" / "atop-member-level.csv.gz")
    own = {
        state: set(raw.loc[(raw["member"] == state) & ~raw["yrexit"].between(1, 1988), "atopid"])
        for state in (371, 365)
    }
    found = module.alliances_between(typed("alliances"), typed("members"), "ARM", "RUS")
    assert set(found["alliance"]) == own[371] & own[365] == {3740, 4130, 4220, 4400, 4890}
    every = module.alliances_of(typed("alliances"), typed("members"), "ARM")
    assert set(every["alliance"]) == own[371] and len(every) == 15


def test_the_pairs_treaties_have_the_dates_terms_and_promises_known_of_them():
    found = module.alliances_between(typed("alliances"), typed("members"), "ARM", "RUS")
    found = found.set_index("alliance")
    assert found["first_day"].to_dict() == {
        4130: "1991-12-29",
        3740: "1992-04-17",
        4220: "1992-05-15",
        4400: "1993-01-22",
        4890: "1997-08-29",
    }
    assert found.loc[4130, "last_day"] == "1997-08-29" and found["last_day"].notna().sum() == 1
    assert found["level"].to_dict() == {4130: 2, 3740: 1, 4220: 3, 4400: 3, 4890: 3}
    assert found["term_months"].fillna(0).to_dict() == {
        4130: 120,
        3740: 0,
        4220: 60,
        4400: 0,
        4890: 300,
    }
    other = module.alliances_between(typed("alliances"), typed("members"), "RUS", "ARM")
    assert other["level"].tolist() == found["level"].tolist()


def test_every_promise_of_defence_to_armenia_has_russia_in_it():
    promised = module.promises_to(typed("members"), "ARM")
    for _, treaty_of in promised[promised["defence"] == 1].groupby("alliance"):
        assert "RUS" in set(treaty_of["promiser"])


def test_the_two_versions_agree_on_the_pair_in_every_year():
    promised = module.promises_to(typed("members"), "ARM")
    promised = promised[promised["promiser"] == "RUS"]
    profile = module.obligation_profile(typed("obligations_by_year"), "RUS", "ARM", 1992, 2015)
    for year in profile.itertuples():
        in_force = module.in_period(promised, year.year, year.year)
        for name in OBLIGATIONS:
            assert in_force[name].max() == getattr(year, name), (year.year, name)


def test_the_promise_of_the_pair_is_a_constant_in_both_directions():
    table = typed("obligations_by_year")
    for state, partner in (("RUS", "ARM"), ("ARM", "RUS")):
        runs = module.stretches(module.obligation_profile(table, state, partner, 1992, 2025))
        assert runs[["first_year", "last_year", "years", "level"]].values.tolist() == [
            [1992, 2018, 27, 3]
        ]
        assert runs["promise"].tolist() == ["defence, non-aggression, consultation"]


def test_a_year_that_nobody_coded_is_missing_and_not_a_zero():
    profile = module.obligation_profile(years_of("10011", first=2018), "RUS", "ARM", 2017, 2019)
    assert profile["year"].tolist() == [2017, 2018, 2019]
    assert profile["level"].isna().tolist() == [True, False, True]
    spans = module.obligation_spans(profile)
    assert spans[spans["obligation"] == "defence"]["kind"].tolist() == [
        "not coded",
        "promised",
        "not coded",
    ]


def test_years_that_nobody_coded_give_no_run_and_keep_the_columns():
    table = years_of("10011", first=2018)
    coded = module.stretches(module.obligation_profile(table, "RUS", "ARM", 2018, 2018))
    blank = module.obligation_profile(table, "RUS", "ARM", 2021, 2023)
    runs = module.stretches(blank)
    assert runs.empty and list(runs) == list(coded)
    assert set(module.obligation_spans(blank)["kind"]) == {"not coded"}
    states = module.stretches_by_promiser(table, ["RUS"], "ARM", 2021, 2023)
    usual = module.stretches_by_promiser(table, ["RUS"], "ARM", 2018, 2018)
    assert states.empty and list(states) == list(usual)


def test_alliances_outside_the_period_leave_the_columns():
    table = pd.DataFrame({"first_day": ["1997-08-29"], "last_day": [None], "title": ["Treaty"]})
    found = module.in_period(table, 1992, 1996)
    assert found.empty and list(found) == list(table)
    assert module.in_period(found, 1992, 1996).empty


def test_a_gap_or_a_change_begins_a_new_run():
    table = pd.concat([years_of("10011", "10011", "00011"), years_of("00011", first=2005)])
    runs = module.stretches(module.obligation_profile(table, "RUS", "ARM", 1999, 2006))
    assert runs[["first_year", "last_year", "level"]].values.tolist() == [
        [2000, 2001, 3],
        [2002, 2002, 2],
        [2005, 2005, 2],
    ]


@given(st.lists(st.sampled_from(["10011", "00010", "00000", "01100", None]), max_size=20))
def test_runs_cover_every_coded_year_once_and_join_what_is_alike(promises):
    parts = [years_of(promise, first=2000 + at) for at, promise in enumerate(promises) if promise]
    if not parts:
        return
    profile = module.obligation_profile(pd.concat(parts), "RUS", "ARM", 2000, 2030)
    runs = module.stretches(profile)
    covered = [
        year for run in runs.itertuples() for year in range(run.first_year, run.last_year + 1)
    ]
    assert covered == [2000 + at for at, promise in enumerate(promises) if promise]
    beside = runs["first_year"].iloc[1:].to_numpy() == runs["last_year"].iloc[:-1].to_numpy() + 1
    alike = (runs[list(OBLIGATIONS)].iloc[1:].to_numpy() == runs[list(OBLIGATIONS)].iloc[:-1]).all(
        axis=1
    )
    assert not (beside & np.asarray(alike)).any()
    spans = module.obligation_spans(profile)
    assert (spans.groupby("obligation")["start"].min() == "2000-01-01").all()
    assert (spans.groupby("obligation")["end"].max() == "2030-12-31").all()


@given(st.lists(st.booleans(), min_size=5, max_size=5), st.integers(0, 4))
def test_one_more_promise_never_lowers_the_level(promise, more):
    table = pd.DataFrame([promise, promise], columns=OBLIGATIONS).astype(int)
    table.iloc[1, more] = 1
    before, after = module.ordinal_level(table)
    assert after >= before and (before == 0) == (not any(promise))


def test_membership_counts_only_where_both_were_members():
    members = pd.DataFrame(
        [
            member(1, "ARM", "2000-01-01", "2010-01-01"),
            member(1, "RUS", "1995-01-01"),
            member(1, "GEO", "2010-01-01"),
            member(2, "RUS", "1990-01-01", promise="00010"),
        ]
    )
    found = module.promises_to(members, "ARM")
    assert found[["promiser", "first_day", "last_day"]].values.tolist() == [
        ["RUS", "2000-01-01", "2010-01-01"]
    ]
    assert module.alliances_between(treaty(1, 2), members, "ARM", "GEO").empty


def test_phases_that_follow_each_other_are_one_and_others_are_not():
    phases = [
        member(1, "RUS", "1992-05-15", "2002-10-07"),
        member(1, "RUS", "2002-10-07"),
        member(1, "UZB", "1992-05-15", "1999-04-20"),
        member(1, "UZB", "2006-08-17", "2012-06-28"),
        member(1, "KAZ", "1992-05-15", "2002-10-07"),
        member(1, "KAZ", "2002-10-07", promise="00011"),
    ]
    members = pd.DataFrame([member(1, "ARM", "1992-05-15"), *phases])
    found = module.promises_to(members, "ARM").fillna({"last_day": ""})
    spans = found.groupby("promiser")[["first_day", "last_day"]].agg(list)
    assert spans.loc["RUS"].tolist() == [["1992-05-15"], [""]]
    assert spans.loc["UZB", "last_day"] == ["1999-04-20", "2012-06-28"]
    assert found.loc[found["promiser"] == "KAZ", "level"].tolist() == [3, 2]


def test_documents_become_spans_and_moments_without_claiming_more_than_is_known():
    documents = pd.DataFrame(
        {
            "signed": ["2010", "1992-08-21", "2000-09", "1997-08-29"],
            "ended": [None, None, "2016-11-30", None],
            "status": ["amendment", "not known", "replaced", "no end known"],
        }
    )
    found = module.document_spans(documents)
    assert found["start"].tolist() == ["1992-08-21", "1997-08-29", "2000-09", "2010"]
    assert found["end"].fillna("").tolist() == ["1992-08-21", "", "2016-11-30", "2010"]
    with pytest.raises(DataProblem, match="expired"):
        module.document_spans(documents.assign(status="expired"))


WHOLE_ROW = years_of("10011")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: module.obligation_profile(WHOLE_ROW, "RUS", "GEO", 2000, 2001), "GEO"),
        (lambda: module.obligation_profile(WHOLE_ROW, "RUS", "ARM", 2001, 2000), "Exchange"),
        (
            lambda: module.obligation_profile(
                pd.concat([WHOLE_ROW, WHOLE_ROW]), "RUS", "ARM", 2000, 2001
            ),
            "2000",
        ),
        (
            lambda: module.obligation_profile(
                WHOLE_ROW.drop(columns=["defence", "year"]), "RUS", "ARM", 2000, 2001
            ),
            "year, defence",
        ),
        (lambda: module.ordinal_level(WHOLE_ROW.assign(defence=2)), "row 0, defence: 2"),
        (lambda: module.ordinal_level(WHOLE_ROW.assign(offence="yes")), "'yes'"),
        (lambda: module.promises_to(typed("members"), "QQQ"), "QQQ"),
        (
            lambda: module.alliances_between(treaty(1), typed("members"), "ARM", "RUS"),
            "no row of their own",
        ),
        (lambda: module.scope_index(pd.DataFrame({"milaid": [0]})), "ecaid"),
        (lambda: module.military_institutionalisation(pd.DataFrame({"milcon": [0]})), "milaid"),
        (lambda: module.labels(pd.DataFrame({"title": ["x"]})), "partners"),
        (lambda: module.in_period(pd.DataFrame(), 2000, 2001), "first_day"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_offender(call, said):
    with pytest.raises(DataProblem) as caught:
        call()
    assert said in str(caught.value)


def test_the_hand_collected_documents_are_whole():
    documents = {row["document"]: row for row in rows("treaty_obligations/documents")}
    known = {
        "status-of-forces-1992": "1992-08-21",
        "border-troops-1992": "1992-09-30",
        "border-troops-costs-1994": "1994-01-25",
        "base-treaty-1995": "1995-03-16",
        "friendship-treaty-1997": "1997-08-29",
        "base-protocol-2010": "2010-08-20",
        "csto-charter-2002": "2002-10-07",
        "collective-security-treaty-1992": "1992-05-15",
    }
    assert {key: documents[key]["signed"] for key in known} == known
    assert documents["base-protocol-2010"]["term_until"] == "2044"
    listed = {row["alliance"] for row in rows("treaty_obligations/alliances")}
    for row in documents.values():
        assert row["atop_alliance"] in listed | {""}
        assert row["in_force"] == "" or row["in_force"] >= row["signed"], row["document"]
        assert row["source_url"].startswith("http")
    for row in rows("treaty_obligations/clauses"):
        assert row["from_day"] == documents[row["document"]]["signed"]


def promised_to(state, year, obligation):
    return {
        row["state"]
        for row in rows("treaty_obligations/obligations_by_year")
        if (row["partner"], row["year"], row[obligation]) == (state, str(year), "1")
    }


def test_the_headline_of_the_chapter():
    said = words("treaty_obligations")
    own = [
        row
        for row in rows("treaty_obligations/obligations_by_year")
        if (row["state"], row["partner"]) == ("RUS", "ARM")
    ]
    assert len({tuple(row[name] for name in OBLIGATIONS) for row in own}) == 1
    first, last = min(row["year"] for row in own), max(row["year"] for row in own)
    assert f"In {len(own)} coded years, {first} to {last}" in said and "took one form" in said
    of_armenia = {
        row["alliance"] for row in rows("treaty_obligations/members") if row["state"] == "ARM"
    }
    assert fill("ATOP lists {n:count} alliances of Armenia", n=len(of_armenia)) in said
    assert "Russia is a member of all of them" in said
    azerbaijan = [
        year for year in range(1992, 2019) if "AZE" in promised_to("ARM", year, "defence")
    ]
    assert f"in every year from {azerbaijan[0]} to {azerbaijan[-1]}" in said
    assert azerbaijan == list(range(azerbaijan[0], azerbaijan[-1] + 1))


def counted(obligation, first, last, left_out=None):
    """Honoured and invoked by the rules of Leeds, Long and Mitchell, from the csv."""
    chosen = [
        row
        for row in rows("treaty_obligations/commitments_by_war")
        if row["coding"] == "leeds-long-mitchell rules"
        and row["obligation"] == obligation
        and first <= int(row["first_year"]) <= last
        and row["war"] != left_out
    ]
    return sum(int(row["honoured"]) for row in chosen), sum(int(row["invoked"]) for row in chosen)


def percent(pair):
    return f"{int(100 * pair[0] / pair[1] + 0.5)} percent"


def test_the_figures_on_reliability_and_the_answers_to_the_exercises():
    said = words("treaty_obligations")
    before, after = counted("any", 1816, 1944), counted("any", 1945, 2003)
    assert (before, after) == ((61, 92), (12, 54)), "as Berkemeier and Fuhrmann print them"
    assert f"{percent(before)} were honoured ({before[0]} of {before[1]})" in said
    assert f"since then {percent(after)} ({after[0]} of {after[1]})" in said
    defence = counted("defence", 1945, 2003)
    assert f"and {defence[0]} of {defence[1]}." in said
    answers = said.split("Answers")[1]
    assert f"since 1945 ({percent(after)})" in answers
    assert f"defence since 1945 ({percent(defence)})" in answers
    assert "takes one value" in answers
    names = {row["iso3"]: row["name"] for row in rows("states")}
    owed = sorted(promised_to("ARM", 2005, "defence"))
    listed = [names[code] for code in owed]
    assert ", ".join(listed[:-1]) + f" and {listed[-1]}" in answers
    wars = {row["war"] for row in rows("treaty_obligations/commitments_by_war")}
    heaviest = min(wars, key=lambda war: counted("any", 1945, 2003, war)[1])
    assert f'"{heaviest}" the share is {percent(counted("any", 1945, 2003, heaviest))}' in answers


def test_the_six_statements_stand_in_this_chapter():
    own = {row["id"] for row in rows("claims/statements") if row["chapter"] == "treaty_obligations"}
    assert own == {"F6", "T10", "T11", "T12", "T13", "T14"}
    said = words("treaty_obligations")
    assert all(f":name: statement-{key.lower()}\n" in said for key in own)


@pytest.mark.parametrize(
    "grades, defence, expected",
    [
        ([1, 0], [1, 1], "Of the two treaties none reaches the highest grade of institutions."),
        ([2, 0], [0, 1], "of 1960, reaches the highest grade of institutions. It promises no defence."),
        ([2, 2, 0], [1, 1, 0], "two reach the highest grade of institutions, both of them with"),
        ([2, 2, 0], [1, 0, 0], "two reach the highest grade of institutions, one of them with"),
        ([2, 2, 2, 0], [1, 1, 1, 0], "three reach the highest grade of institutions, all of them with"),
        ([2], [1], "The treaty, of 1960, reaches the highest grade of institutions. It promises defence."),
        ([None], [1], "The treaty does not reach the highest grade of institutions."),
    ],
)
def test_the_highest_grade_is_said_with_its_promises(grades, defence, expected):
    table = pd.DataFrame({"institutions": grades, "defence": defence, "first_day": "1960-06-23"})
    assert expected in module.highest_grade(table)
