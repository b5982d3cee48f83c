"""Who came when called: the counts made a second way, what must hold of any table, refusals."""

import csv
import gzip
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared
from test_chapters import rows, words

from alliances import Study, joint_operations
from alliances.problems import DataProblem
from alliances.reliability import chance_of_at_most, exact_interval
from alliances.sources import armed_conflicts

few = settings(max_examples=25, deadline=None)  # each example costs several data frames
CONFLICTS = SHARED / "data" / "operations" / "ucdp_prio_acd_25.1_peacesciencer.csv.gz"
DISPUTES = pd.DataFrame(
    [
        (3564, "ARM", "RUS", "same", "1993-02", "1993-05-16", 5, 4, "gml-disputes"),
        (3564, "ARM", "RUS", "same", "1993", "1993", 4, 4, "cow-disputes"),
        (1, "AZE", "RUS", "opposite", "2001", "2002", 3, 2, "gml-disputes"),
    ],
    columns="dispute state partner side begins ends state_hostility partner_hostility"
    " source".split(),
)


def table():
    return Study(ROOT / "data").table("joint_operations/tests_of_obligations")


def pair(asker="ARM", ally="RUS", first=1992, last=2025):
    return joint_operations.of_pair(table(), asker, ally, first, last)


@st.composite
def made_up(draw):
    """Tests of one pair, every fact drawn at random."""
    number = draw(st.integers(1, 8))
    facts = {
        name: [draw(st.sampled_from(allowed)) for _ in range(number)]
        for name, allowed in joint_operations.WORDS.items()
    }
    names = [f"test-{place}" for place in range(number)]
    fixed = {"test": names, "label": names, "asker": "ARM", "ally": "RUS", "start": "2020-07"}
    return pd.DataFrame(fixed | facts)


def test_the_counts_of_armenias_calls_a_second_way():
    """By the csv module alone; the numbers are written out, so that a changed row is confirmed."""
    asked = [
        row
        for row in rows("joint_operations/tests_of_obligations")
        if (row["asker"], row["ally"]) == ("ARM", "RUS")
    ]
    wanted = {
        "invoked": [row for row in asked if row["invoked"] == "yes"],
        "invoked or disputed": [row for row in asked if row["invoked"] != "no"],
        "attacked": [row for row in asked if row["territory"] == "recognised"],
        "attacked or contested": [
            row for row in asked if row["territory"] in ("recognised", "contested")
        ],
    }
    found = joint_operations.answered_by_rule(pair(), exact_interval).set_index(["rule", "reading"])
    for rule, chosen in wanted.items():
        came = [row["military_help"] == "yes" for row in chosen]
        anything = [row["other_help"] == "yes" or help for row, help in zip(chosen, came)]
        assert found.loc[(rule, "strict"), "tests"] == len(chosen), rule
        assert found.loc[(rule, "strict"), "answered"] == sum(came), rule
        assert found.loc[(rule, "lenient"), "answered"] == sum(anything), rule
        kept = [row["clause_met"] in ("yes", "in part") for row in chosen]
        assert found.loc[(rule, "as the clause requires"), "answered"] == sum(kept), rule
        sent = [row["forces_posted"] == "yes" or help for row, help in zip(chosen, came)]
        assert found.loc[(rule, "forces posted"), "answered"] == sum(sent), rule
    assert [len(chosen) for chosen in wanted.values()] == [5, 6, 3, 6]
    assert found.loc["invoked", "answered"].to_dict() == {
        "strict": 0,
        "forces posted": 2,
        "as the clause requires": 2,
        "lenient": 5,
    }
    assert found.xs("strict", level="reading")["answered"].eq(0).all()


def test_the_interval_is_that_of_a_table_of_exact_limits():
    """0 of 5: the upper limit is the rate at which five failures in a row have a chance of 2.5
    percent, 1 - 0.025 ** (1/5). The lenient reading has no interval, and says why."""
    strict = joint_operations.answered_share(pair(), "invoked", "strict", exact_interval)
    lenient = joint_operations.answered_share(pair(), "invoked", "lenient", exact_interval)
    assert strict["lower"] == 0 and strict["upper"] == pytest.approx(1 - 0.025 ** (1 / 5))
    assert lenient["share"] == 1 and pd.isna(lenient["lower"]) and pd.isna(lenient["upper"])
    assert lenient["reason"] == joint_operations.NO_INTERVAL and strict["reason"] == ""
    bare = joint_operations.answered_share(pair(), "invoked", "lenient")
    assert bare["reason"] == "" and pd.isna(bare["upper"])


def test_russia_never_called_and_so_has_no_share():
    found = joint_operations.answered_by_rule(pair("RUS", "ARM"), exact_interval)
    invoked = found[found["rule"] == "invoked"]
    assert invoked["tests"].eq(0).all() and invoked["share"].isna().all()
    assert invoked["lower"].isna().all()
    assert invoked["reason"].eq(joint_operations.NOTHING_COUNTED).all()
    assert set(pair("RUS", "ARM")["test"]) >= {"crimea-2014", "syria-2015", "ukraine-2022"}


def test_the_period_chooses_by_the_year_in_which_a_test_began():
    assert pair(first=2000, last=2015).empty
    assert pair(first=2016, last=2020)["start"].str[:4].tolist() == ["2016", "2020", "2020"]


@few
@given(made_up())
def test_what_must_hold_of_any_tests(tests):
    found = joint_operations.answered_by_rule(tests).set_index(["rule", "reading"])
    for rule in joint_operations.RULES:
        strict, lenient = found.loc[(rule, "strict")], found.loc[(rule, "lenient")]
        posted = found.loc[(rule, "forces posted")]
        assert strict["tests"] == lenient["tests"] == posted["tests"]
        assert strict["answered"] <= posted["answered"] <= lenient["answered"] <= lenient["tests"]
    for narrow, wide in (
        ("invoked", "invoked or disputed"),
        ("attacked", "attacked or contested"),
    ):
        for name, reading in product(("tests", "answered"), joint_operations.READINGS):
            assert found.loc[(narrow, reading), name] <= found.loc[(wide, reading), name]
    with_tests = found[found["tests"] > 0]
    assert with_tests["share"].between(0, 1).all()
    assert found[found["tests"] == 0]["share"].isna().all()


@few
@given(made_up(), st.randoms())
def test_the_order_of_rows_and_other_pairs_change_nothing(tests, random):
    mixed = pd.concat([tests, tests.assign(ally="BLR")], ignore_index=True)
    mixed = mixed.iloc[random.sample(range(len(mixed)), len(mixed))]
    chosen = joint_operations.of_pair(mixed, "ARM", "RUS", 1992, 2025)
    pd.testing.assert_frame_equal(
        joint_operations.answered_by_rule(chosen), joint_operations.answered_by_rule(tests)
    )


@few
@given(made_up())
def test_nobody_is_said_to_have_answered_who_was_not_asked(tests):
    tiles = joint_operations.questions(tests).pivot(
        index="label", columns="question", values="answer"
    )
    tiles = tiles.loc[tests["label"]].reset_index()
    asked = joint_operations.QUESTIONS
    silent = tiles[asked["invoked"]] == "no"
    for reading in set(joint_operations.READINGS) & set(asked):
        assert (tiles.loc[silent, asked[reading]] == "not asked").all()
        assert (tiles.loc[~silent, asked[reading]] != "not asked").all()
    came = joint_operations.what_came(tests)["came"]
    assert ((came == "no call") == silent).all()


def test_kazakhstan_was_answered_in_every_reading():
    for ally in ("ARM", "RUS"):
        found = joint_operations.answered_by_rule(pair("KAZ", ally))
        assert found[found["rule"] == "invoked"]["share"].tolist() == [1, 1, 1, 1], ally


def test_a_base_rate_stands_under_the_shares_of_the_pair():
    shares = joint_operations.answered_by_rule(pair("RUS", "ARM"), exact_interval)
    base = {"all": pd.Series({"invoked": 43, "share": 0.14, "lower": 0.05, "upper": 0.28})}
    found = joint_operations.beside_base_rates(shares, base)
    assert found["row"].tolist()[-1] == "all (43)" and found["share"].notna().all()
    assert not found["row"].str.startswith("invoked").any()


def test_the_same_side_is_turned_round_and_one_list_is_read_at_a_time():
    one = joint_operations.same_side(DISPUTES, "RUS", "ARM", 1992, 2010)
    assert one[["state", "partner", "state_hostility"]].values.tolist() == [["RUS", "ARM", 4]]
    assert joint_operations.same_side(DISPUTES, "ARM", "RUS", 1994, 2010).empty
    with pytest.raises(DataProblem, match="expected one of cow-disputes, gml-disputes"):
        joint_operations.same_side(DISPUTES, "ARM", "RUS", 1992, 2010, source="gml")


def test_conflicts_on_one_side_in_other_years_are_no_joint_operation():
    sides = Study(ROOT / "data").table("joint_operations/conflict_sides")
    found = joint_operations.same_conflict_side(sides, "ARM", "RUS")
    assert found["government"].unique().tolist() == ["MLI"]
    assert found["same_years"].unique().tolist() == ["no"]
    turned = joint_operations.same_conflict_side(sides, "RUS", "ARM")
    assert turned["first_years"].tolist() == found["second_years"].tolist()


@needs_shared
def test_the_two_never_stood_on_one_side_of_a_conflict_in_the_same_year():
    """Year by year, which the table of spans cannot say."""
    with gzip.open(CONFLICTS, "rt", encoding="utf-8") as file:
        named = {"371": set(), "365": set()}
        for row in csv.DictReader(file):
            for side in "ab":
                for column in (f"gwno_{side}", f"gwno_{side}_2nd"):
                    if row[column] in named and int(row["year"]) >= 1992:
                        named[row[column]].add((row["conflict_id"], row["year"], side))
    assert named["371"] and named["365"] and not named["371"] & named["365"]


@needs_shared
def test_the_shipped_conflicts_come_from_the_producers_file():
    study = Study(ROOT / "data").package["study"]
    (source,) = armed_conflicts.SOURCES
    made = source.make([CONFLICTS], study).tables["joint_operations/conflict_sides"]
    shipped = Study(ROOT / "data").table("joint_operations/conflict_sides")
    pd.testing.assert_frame_equal(made[shipped.columns], shipped, check_dtype=False)


@needs_shared
def test_the_alliances_that_the_chapter_names_are_those_the_file_has_as_violated():
    with gzip.open(
        SHARED / "data" / "leeds2003" / "BerkemeierFuhrmannRAP2018_0303.csv.gz", "rt"
    ) as file:
        cases = [row for row in csv.DictReader(file) if row["warid"] == "83"]
    violated = {row["atopid"].split(".")[0] for row in cases if row["violateLLM"] == "1"}
    # Helsinki Final Act, Collective Security Treaty, Charter of the CIS, Azerbaijan and Turkey 1994.
    assert violated == {"3740", "4220", "4400", "4550"} and len(cases) == 8


def test_every_account_belongs_to_a_test_and_contested_tests_have_both_sides():
    told = {}
    for row in rows("joint_operations/accounts"):
        told.setdefault(row["test"], set()).add(row["party"])
    for row in rows("joint_operations/tests_of_obligations"):
        if row["territory"] == "contested" or row["invoked"] == "disputed":
            assert {"Armenia", "Azerbaijan"} <= told[row["test"]], row["test"]
        assert len(told.get(row["test"], ())) >= 1, row["test"]


@pytest.mark.parametrize("column", joint_operations.NEEDED)
def test_a_missing_column_is_named(column):
    with pytest.raises(DataProblem, match=f"expected also {column}"):
        joint_operations.of_pair(table().drop(columns=column), "ARM", "RUS", 1992, 2025)


def test_all_unusable_rows_are_named_at_once():
    broken = table().copy()
    broken.loc[0, "invoked"] = "perhaps"
    broken.loc[1, "start"] = "summer"
    broken.loc[2, "ally"] = None
    broken.loc[3, "military_help"] = None
    broken.loc[5, ["test", "ally"]] = broken.loc[4, ["test", "ally"]]
    with pytest.raises(DataProblem) as refusal:
        joint_operations.answered(broken, "strict")
    for offender in (
        "row 1, column invoked: found 'perhaps', expected yes or disputed or no",
        "row 2, column start: found 'summer'",
        "row 3, column ally",
        "row 4, column military_help",
        "row 5, column test",
        "row 6, column test",
    ):
        assert offender in str(refusal.value)


def test_unknown_words_and_mixed_pairs_are_refused():
    with pytest.raises(DataProblem, match="rule 'asked'.*invoked or disputed"):
        joint_operations.counted(table(), "asked")
    with pytest.raises(DataProblem, match="reading 'kind'.*strict, forces posted"):
        joint_operations.answered(table(), "kind")
    with pytest.raises(DataProblem, match="asker and ally"):
        joint_operations.answered_share(table())
    with pytest.raises(DataProblem, match="2021, is after the last, 2019"):
        joint_operations.of_pair(table(), "ARM", "RUS", 2021, 2019)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("conflict_id,year\n1,2015\n", "columns gwno_a"),
        ("conflict_id,year,gwno_a,gwno_a_2nd,gwno_b,gwno_b_2nd\n1,soon,365,,,\n", "rows 2"),
        ("conflict_id,year,gwno_a,gwno_a_2nd,gwno_b,gwno_b_2nd\n1,2015,Russia,,,\n", "Russia"),
        ("", "empty"),
    ],
)
def test_another_layout_of_the_conflicts_is_refused(tmp_path, text, complaint):
    path = tmp_path / "conflicts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataProblem, match=complaint):
        armed_conflicts.read_conflict_parties(path)


def test_several_states_in_one_cell_count_each(tmp_path):
    path = tmp_path / "conflicts.csv"
    path.write_text(
        "conflict_id,year,gwno_a,gwno_a_2nd,gwno_b,gwno_b_2nd\n"
        '7,2015,652,"365, 371",,\n7,2016,652,365,,\n8,2016,999999,,,\n',
        encoding="utf-8",
    )
    parties = armed_conflicts.read_conflict_parties(path)
    found = armed_conflicts.sides_of(parties, {"ARM", "RUS"}, path.name)
    assert found[["state", "years"]].values.tolist() == [["ARM", 1], ["RUS", 2]]
    assert found["government"].eq("SYR").all()


def test_the_order_of_the_tiles_is_that_of_the_tests():
    """Two frames put together keep their index, and rows must not be shuffled into one another."""
    both = pd.concat([pair(), pair("RUS", "ARM")])
    labels = joint_operations.questions(both)["label"]
    assert list(dict.fromkeys(labels)) == both["label"].tolist()


def test_an_ally_who_came_stands_for_a_call_on_several():
    several = table()[table()["test"] == "kazakhstan-2022"].copy()
    several.loc[several["ally"] == "ARM", ["military_help", "other_help"]] = "no"
    found = joint_operations.calls(several, {"KAZ": "Kazakhstan"})
    assert found["call"].tolist() == ["Kazakhstan: forces"]


def test_calls_that_would_surprise_a_second_way():
    for rate in (6 / 43, 0.5, 0.9):
        calls = joint_operations.unanswered_until_surprising(rate)
        assert (1 - rate) ** calls < 0.05 <= (1 - rate) ** (calls - 1), rate
    for rate in (0, 1, float("nan")):
        with pytest.raises(DataProblem, match="expected both between"):
            joint_operations.unanswered_until_surprising(rate)


def test_a_recoded_test_changes_alone():
    changed = joint_operations.recoded(pair(), "syunik-2021", military_help="yes")
    assert (changed.fillna("") != pair().fillna("")).sum().sum() == 1
    with pytest.raises(DataProblem, match="'syunik'"):
        joint_operations.recoded(pair(), "syunik", military_help="yes")
    with pytest.raises(DataProblem, match="expected yes or no"):
        joint_operations.recoded(pair(), "syunik-2021", military_help="much")


def test_what_was_required_goes_with_what_was_asked():
    """A call has a verdict by its clause and a reason, other events have neither."""
    for row in rows("joint_operations/tests_of_obligations"):
        asked = row["invoked"] != "no"
        assert (row["clause_met"] != "not asked") == asked == bool(row["clause_met_note"]), row
        if row["military_help"] == "yes":
            assert row["clause_met"] == "yes" and row["forces_posted"] == "no", row
        if row["clause_met"] in ("yes", "in part"):
            assert "yes" in (row["military_help"], row["other_help"]), row


def test_a_clause_followed_in_part_is_open_in_the_tiles_and_counts_in_the_share():
    whole = joint_operations.recoded(pair(), "syunik-2021", clause_met="yes")
    none = joint_operations.recoded(pair(), "syunik-2021", clause_met="no")
    question = joint_operations.QUESTIONS["as the clause requires"]
    found = []
    for tests in (whole, pair(), none):
        tiles = joint_operations.questions(tests.assign(label=tests["test"])).set_index("label")
        tile = tiles[tiles["question"] == question].loc["syunik-2021", "answer"]
        share = joint_operations.answered_share(tests, "invoked", "as the clause requires")
        found.append((tile, share["answered"]))
    assert found == [("yes", 2), ("open", 2), ("no", 1)]


def test_dates_are_said_as_exactly_as_they_are_known():
    said = joint_operations.dated(table()).set_index(["test", "ally"])["when"]
    assert said[("nakhchivan-1992", "RUS")] == "May 1992"
    assert said[("ukraine-2022", "ARM")] == "since 24 February 2022"
    assert said[("border-2021", "RUS")] == "16 November 2021"


def test_the_base_rates_beside_the_record_a_second_way():
    """Counted from the csv; the numbers are written out, so that a changed file is noticed."""
    sums = {}
    for row in rows("treaty_obligations/commitments_by_war"):
        wanted = (row["coding"], row["obligation"]) == ("leeds-long-mitchell rules", "defence")
        if wanted and int(row["first_year"]) >= 1945:
            own = row["war"] == "Azeri-Armenian"
            for name in ["all", row["members"], *([] if own else ["other"])]:
                kept, asked = sums.get(name, (0, 0))
                sums[name] = kept + int(row["honoured"]), asked + int(row["invoked"])
    assert sums == {
        "all": (6, 43),
        "bilateral": (6, 22),
        "multilateral": (0, 21),
        "other": (6, 40),
    }
    rates = {
        name: pd.Series(
            {"honoured": kept, "invoked": asked, "share": kept / asked, "lower": 0, "upper": 1}
        )
        for name, (kept, asked) in sums.items()
    }
    record = joint_operations.answered_share(pair(), "invoked", "strict")
    found = joint_operations.with_base_rate(rates, record, chance_of_at_most).set_index("base")
    for name, (kept, asked) in sums.items():
        assert found.loc[name, "chance"] == pytest.approx((1 - kept / asked) ** 5), name
    assert found.loc[["all", "bilateral", "other"], "calls"].tolist() == [20, 10, 19]
    assert pd.isna(found.loc["multilateral", "calls"])
    silent = joint_operations.answered_share(pair("RUS", "ARM"), "invoked", "strict")
    unasked = joint_operations.with_base_rate(rates, silent, chance_of_at_most)
    assert unasked["chance"].isna().all()


@needs_shared
def test_who_stood_on_the_other_side_of_the_two_disputes():
    """As the chapter tells it: COW 371 Armenia, 365 Russia, 373 Azerbaijan, 640, 630."""
    path = SHARED / "data" / "operations" / "gml_mid_2.2.1_participants.csv.gz"
    sides = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["dispnum"] in ("3564", "4221"):
                sides.setdefault((row["dispnum"], row["sidea"]), set()).add(row["ccode"])
    assert sides[("3564", "1")] == sides[("4221", "0")] == {"371", "365"}
    assert sides[("3564", "0")] == {"373", "630", "640"} and sides[("4221", "1")] == {"640"}


def test_the_chapters_figures_and_the_answers_of_its_exercises():
    """By the csv module and arithmetic alone; exact limits for 1 of 5 are those of the tables."""
    said = words("joint_operations")
    every = rows("joint_operations/tests_of_obligations")
    asked = [row for row in every if (row["asker"], row["ally"]) == ("ARM", "RUS")]
    turned = [row for row in every if (row["asker"], row["ally"]) == ("RUS", "ARM")]
    invoked = [row for row in asked if row["invoked"] == "yes"]
    strict = sum(row["military_help"] == "yes" for row in invoked)
    assert (len(asked), len(turned), len(invoked), strict) == (10, 7, 5, 0)
    arguable = [sum(row["clause_applies"] != "no" for row in part) for part in (asked, turned)]
    assert arguable == [7, 2] and "seven of Armenia's, two of Russia's" in said
    assert "by Armenia on Russia: five; by Russia on Armenia: none" in said
    assert "Russia answered none of these calls strictly" in said
    assert "it answered two (5 percent to 85 percent), one of them in part" in said
    assert "After two of the five calls" in said
    for kept in (37 / 43, 16 / 22, 34 / 40):
        assert f"{100 * kept**5:.0f} percent" in said
    assert f"probability of {100 * (37 / 43) ** 5:.0f} percent" in said
    first, second = said.split("Answers to 1 and 2")[1], said.split("Answers to 3 to 5")[1]
    assert "6 of 6" in first and "0 of 6" in first and "2. 20, if" in first
    assert "two members it is ten, and without the war of 1993–94 it is 19" in first
    assert "one of five, 20 percent (between 1 percent and 72 percent), instead of two" in second
    before, after = (round(100 * (1 - 0.025 ** (1 / calls))) for calls in (5, 4))
    assert f"rises from {before} percent to {after} percent" in second
    sent = [
        row for row in rows("joint_operations/operations") if row["basis"].endswith("article 4")
    ]
    assert f"add up to {sum(int(row['personnel']) for row in sent):,}" in said
