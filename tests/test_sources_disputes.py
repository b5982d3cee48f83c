"""Two lists of disputes: what is read, what is refused, who stood with whom, and when."""

import csv
import gzip
import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared, refuses_what_is_no_such_file, saved, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.disputes import (
    ENTERED,
    LEVELS,
    TABLE,
    joint_stays,
    read_dispute_years,
    read_participants,
)

FILES = SHARED / "data" / "operations"
PARTICIPANTS = FILES / "gml_mid_2.2.1_participants.csv.gz"
YEARS = FILES / "cow_mid_5.0_directed_dispute_years.csv.gz"
GML_YEARS = FILES / "gml_mid_2.2.1_directed_dispute_years.csv.gz"
FILE_OF = {"gml-disputes": PARTICIPANTS, "cow-disputes": YEARS}
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["AZE", "GEO"],
}

# Made up, in the layout of Gibler, Miller and Little; a column that is not read is among them.
STAYS = (
    "dispnum,ccode,styear,stmon,stday,endyear,endmon,endday,obsid_start,sidea,hiact\n"
    "901,371,1992,1,26,1995,1,-9,x,1,20\n"
    "901,373,1992,1,26,1995,1,-9,x,0,20\n"
    "901,365,1993,2,-9,1993,5,16,x,1,17\n"
    "901,365,1994,3,1,1994,3,2,x,0,7\n"
    "902,372,1991,6,1,1992,2,29,x,0,0\n"
    "902,365,1991,6,1,1992,2,29,x,1,3\n"
    "903,640,2001,9,-9,2001,9,-9,x,1,12\n"
    "903,371,2001,9,11,2001,9,11,x,0,0\n"
    "903,372,2001,10,11,2001,10,11,x,0,13\n"
)
PAIRS = (
    "dispnum,ccode1,ccode2,year,dispongoing,sidea1,sidea2,hostlev1,hostlev2\n"
    "901,371,373,1992,1,1,0,4,5\n"
    "901,373,371,1992,1,0,1,5,4\n"
    "901,371,373,1993,1,1,0,4,5\n"
    "901,373,371,1993,1,0,1,5,4\n"
    "901,365,373,1993,1,1,0,3,5\n"
    "901,373,365,1993,1,0,1,5,3\n"
    "901,371,373,1995,1,1,0,4,5\n"
    "901,373,371,1995,1,0,1,5,4\n"
)
READERS = {"stays": (read_participants, STAYS), "pairs": (read_dispute_years, PAIRS)}


def make(source, path, study=STUDY):
    return all_sources()[source].make([path], study).tables


def test_a_stay_is_read_to_the_day_or_to_the_month(tmp_path):
    rows = read_participants(saved(tmp_path, STAYS))
    assert rows["begins"].tolist()[:3] == ["1992-01-26", "1992-01-26", "1993-02"]
    assert rows["ends"].tolist()[:3] == ["1995-01", "1995-01", "1993-05-16"]
    assert rows["from"].tolist()[2] == "1993-02-01"
    assert rows["until"].tolist()[0] == "1995-01-31"
    assert rows["side"].tolist()[:4] == ["A", "B", "A", "B"]
    assert rows["hostility"].tolist() == [5, 5, 4, 3, 1, 2, 3, 1, 4]


def test_a_year_of_a_state_is_read_from_the_pairs_it_stands_in(tmp_path):
    rows = read_dispute_years(saved(tmp_path, PAIRS))
    assert rows.drop(columns="dispute").values.tolist() == [
        [365, 1993, "A", 3],
        [371, 1992, "A", 4],
        [371, 1993, "A", 4],
        [371, 1995, "A", 4],
        [373, 1992, "B", 5],
        [373, 1993, "B", 5],
        [373, 1995, "B", 5],
    ]


def test_joint_stays_of_a_list_of_days(tmp_path):
    table = make("gml-disputes", saved(tmp_path, STAYS))[TABLE]
    assert table.drop(columns="source").values.tolist() == [
        [901, "ARM", "AZE", "opposite", "1992-01-26", "1995-01", 5, 5],
        [901, "ARM", "RUS", "same", "1993-02", "1993-05-16", 5, 4],
        [901, "ARM", "RUS", "opposite", "1994-03-01", "1994-03-02", 5, 3],
        [901, "AZE", "RUS", "opposite", "1993-02", "1993-05-16", 5, 4],
        [901, "AZE", "RUS", "same", "1994-03-01", "1994-03-02", 5, 3],
        [902, "GEO", "RUS", "opposite", "1991-06-01", "1992-02-29", 1, 2],
    ]


def test_joint_stays_of_a_list_of_years_break_where_the_years_do(tmp_path):
    table = make("cow-disputes", saved(tmp_path, PAIRS))[TABLE]
    assert table.drop(columns="source").values.tolist() == [
        [901, "ARM", "AZE", "opposite", "1992", "1993", 4, 5],
        [901, "ARM", "AZE", "opposite", "1995", "1995", 4, 5],
        [901, "ARM", "RUS", "same", "1993", "1993", 4, 3],
        [901, "AZE", "RUS", "opposite", "1993", "1993", 5, 3],
    ]


def test_disputes_entered_count_each_once_and_show_zeros_where_the_list_looked(tmp_path):
    counts = make("gml-disputes", saved(tmp_path, STAYS))[ENTERED]
    assert set(counts["year"]) == set(range(1992, 2011))
    assert len(counts) == 4 * 19
    by_state = counts[counts["disputes"] > 0].groupby("state")[["year", "disputes"]]
    entries = {state: rows.values.tolist() for state, rows in by_state}
    # Russia's second entry into 901 and its entry into 902, in 1991, are not counted.
    assert entries == {
        "ARM": [[1992, 1], [2001, 1]],
        "AZE": [[1992, 1]],
        "GEO": [[2001, 1]],
        "RUS": [[1993, 1]],
    }


def test_exchanging_the_pair_changes_nothing(tmp_path):
    path = saved(tmp_path, STAYS)
    ours, theirs = (
        make("gml-disputes", path, STUDY | {"focal": focal, "ally": ally})
        for focal, ally in (("ARM", "RUS"), ("RUS", "ARM"))
    )
    for name in (TABLE, ENTERED):
        pd.testing.assert_frame_equal(ours[name], theirs[name])


def test_the_study_years_and_states_limit_what_is_kept(tmp_path):
    path = saved(tmp_path, STAYS)
    later = make("gml-disputes", path, STUDY | {"first_year": 1994, "comparison": []})
    assert later[TABLE]["begins"].tolist() == ["1994-03-01"]
    assert later[ENTERED]["year"].min() == 1994
    made = all_sources()["gml-disputes"].make([path], STUDY | {"comparison": ["XKX", "ATA"]})
    assert any("ATA" in sentence for sentence in made.said)
    assert set(made.tables[ENTERED]["state"]) == {"ARM", "RUS", "XKX"}
    assert made.covers[TABLE] == (1992, 2010)
    with pytest.raises(DataProblem, match="ends in 2010, before the study begins"):
        make("gml-disputes", path, STUDY | {"first_year": 2015})


def test_more_than_one_file_is_refused(tmp_path):
    path = saved(tmp_path, STAYS)
    with pytest.raises(DataProblem, match="found 2 files"):
        all_sources()["gml-disputes"].make([path, path], STUDY)


# --- pairing stays, against days counted one by one ---


def stay(state, side, first, length):
    begins = date(2000, 1, 1) + timedelta(days=first)
    ends = begins + timedelta(days=length)
    text = {"begins": begins.isoformat(), "ends": ends.isoformat()}
    own = {"dispute": 1, "state": state, "side": side, "hostility": 4}
    return own | text | {"from": text["begins"], "until": text["ends"]}


stays = st.lists(
    st.builds(
        stay,
        st.sampled_from(["ARM", "RUS", "GEO"]),
        st.sampled_from("AB"),
        st.integers(0, 60),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=5,
)


def days(one):
    first, last = date.fromisoformat(one["begins"]), date.fromisoformat(one["ends"])
    return {first + timedelta(days=count) for count in range((last - first).days + 1)}


@given(stays)
def test_joint_stays_are_the_days_that_both_were_in(rows):
    found = joint_stays(pd.DataFrame(rows))
    expected = []
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            common = days(one) & days(other)
            if one["state"] != other["state"] and common:
                side = "same" if one["side"] == other["side"] else "opposite"
                pair = sorted([one["state"], other["state"]])
                expected.append((*pair, side, min(common).isoformat(), max(common).isoformat()))
    columns = ["state", "partner", "side", "begins", "ends"]
    assert sorted(found[columns].itertuples(index=False, name=None)) == sorted(expected)


@given(stays, st.randoms(use_true_random=False))
def test_the_order_of_the_stays_makes_no_difference(rows, random):
    mixed = random.sample(rows, len(rows))
    one, other = (
        joint_stays(pd.DataFrame(each)).sort_values(
            ["state", "partner", "side", "begins", "ends"], ignore_index=True
        )
        for each in (rows, mixed)
    )
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("one", "other", "begins"),
    [
        ("1993-02", "1993-02-10", "1993-02"),
        ("1993-02", "1993-02", "1993-02"),
        ("1993-02", "1993-01-31", "1993-02"),
        ("1993-02", "1993-03-01", "1993-03-01"),
        ("1993-02-09", "1993-02-10", "1993-02-10"),
        ("1993", "1993", "1993"),
    ],
)
def test_an_unknown_day_makes_a_month_only_where_it_matters(one, other, begins):
    rest = {"dispute": 1, "side": "A", "hostility": 1, "ends": "1995", "until": "1995-12-31"}
    for first, second in ((one, other), (other, one)):
        rows = [
            rest
            | {"state": state, "begins": text, "from": f"{text}-01" if len(text) == 7 else text}
            for state, text in (("ARM", first), ("RUS", second))
        ]
        assert joint_stays(pd.DataFrame(rows))["begins"].tolist() == [begins]


# --- what is refused ---


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_or_holds_whole_disputes(tmp_path_factory, kind, data):
    read, text = READERS[kind]
    whole, part = whole_and_cut(read, text, data, tmp_path_factory.mktemp("cut"))
    if part is not None:
        # The last cell may have lost a digit; everything before it is a part of the whole.
        keys = [column for column in part if column != "hostility"]
        assert len(part.merge(whole[keys], on=keys)) == len(part)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1992,1,26,1995", "1992,13,26,1995", "row 2, column stmon: found '13'"),
        (
            "1992,1,26,1995",
            "1992,1,0,1995",
            "no such day in the columns styear, stmon, stday, rows 2",
        ),
        ("1992,2,29,x,0", "1993,2,29,x,0", "no such day in the columns endyear, endmon, endday"),
        ("1993,5,16", "1993,1,16", "the end lies before the beginning in rows 4"),
        ("365,1993,2,-9", "365,1994,3,1", "repeat a state's entry"),
        ("x,0,20", "x,2,20", "row 3, column sidea: found '2', expected a whole number from 0 to 1"),
        ("x,0,20", "x,1,20", None),
        ("x,0,0\n902", "x,1,0\n902", "nobody on the other side in disputes 902"),
        ("x,1,20", "x,1,22", "column hiact: found '22'"),
        ("901,371", "901,x", "column ccode: found 'x'"),
        ("901,371", ",371", "column dispnum: found ''"),
        ("901,371", "901.5,371", "column dispnum: found '901.5'"),
        ("902,372,1991", "902,372,3000", "column styear: found '3000'"),
    ],
)
def test_stays_that_cannot_be_are_refused(tmp_path, old, new, said):
    path = saved(tmp_path, STAYS.replace(old, new, 1))
    if said is None:
        assert len(read_participants(path)) == 9
        return
    with pytest.raises(DataProblem) as refusal:
        read_participants(path)
    assert said in str(refusal.value) and "file.csv" in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "901,373,371,1992,1,0,1,5,4\n",
            "",
            "no row of the same pair seen from the other side, rows 2",
        ),
        ("1992,1,1,0", "1992,1,1,1", "opponents on the same side in rows 2"),
        ("1,0,4,5\n", "1,0,6,5\n", "row 2, column hostlev1: found '6'"),
        ("1,0,4,5\n", "1,0,-9,5\n", "column hostlev1: found '-9'"),
        ("371,373,1992", "371,373,92", "column year: found '92'"),
    ],
)
def test_pairs_that_cannot_be_are_refused(tmp_path, old, new, said):
    with pytest.raises(DataProblem) as refusal:
        read_dispute_years(saved(tmp_path, PAIRS.replace(old, new, 1)))
    assert said in str(refusal.value)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<html>502</html>", "web page"),
        (b"PK\x03\x04workbook", "workbook"),
        (b"a,b\n1,2\n", "are missing; expected"),
        (b"a;b\n1;2\n", "are missing; expected"),
        (b'dispnum,"ccode\n1,2\n', "no csv file"),
        (gzip.compress(STAYS.encode(), mtime=0)[:40], "damaged or cut short"),
    ],
)
def test_what_is_no_list_of_disputes_is_refused(tmp_path, kind, content, said):
    read, text = READERS[kind]
    with pytest.raises(DataProblem) as refusal:
        read(saved(tmp_path, content))
    assert said in str(refusal.value)
    other = READERS["pairs" if kind == "stays" else "stays"][1]
    refuses_what_is_no_such_file(read, text, other, tmp_path)


# --- with the producers' files at hand ---


@needs_shared
@pytest.mark.parametrize("source", FILE_OF)
@pytest.mark.parametrize("name", [TABLE, ENTERED])
def test_the_shipped_rows_are_made_again_to_the_byte(source, name):
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    schema = next(one["schema"] for one in package["resources"] if one["name"] == name)
    columns = [field["name"] for field in schema["fields"]]
    shipped = (ROOT / "data" / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    ours = "".join(line for line in shipped if line.rstrip().endswith(f",{source}"))
    made = make(source, FILE_OF[source], package["study"])[name].sort_values(schema["primaryKey"])
    assert made[columns].to_csv(index=False, header=False, lineterminator="\n") == ours


@needs_shared
def test_the_levels_of_hostility_are_the_projects_own():
    """Their directed files hold both the action and the level; ours come from the action."""
    for path in (YEARS, GML_YEARS):
        table = pd.read_csv(path)
        for action, level in set(zip(table["hiact1"], table["hostlev1"], strict=True)):
            lower = max([top for one, top in LEVELS.items() if one < level], default=-1)
            assert lower < action <= LEVELS[level]


def rows_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_shared
def test_armenia_and_russia_by_the_csv_module_alone():
    """The two disputes that the source's description names, and no third."""
    sides = {}
    for row in rows_of(PARTICIPANTS):
        if row["ccode"] in ("365", "371") and int(row["endyear"]) >= 1992:
            sides.setdefault(row["dispnum"], {})[row["ccode"]] = row["sidea"]
    both = {number: set(side.values()) for number, side in sides.items() if len(side) == 2}
    assert both == {"3564": {"1"}, "4221": {"0"}}
    table = pd.read_csv(ROOT / "data" / f"{TABLE}.csv", dtype={"begins": "str", "ends": "str"})
    pair = table.query("state == 'ARM' and partner == 'RUS'")
    for source in FILE_OF:
        own = pair[pair["source"] == source]
        assert own["dispute"].tolist() == [3564, 4221]
        assert own["side"].unique().tolist() == ["same"]
        assert own["state_hostility"].tolist()[1] == 1
    gml = pair[pair["source"] == "gml-disputes"]
    assert gml[["begins", "ends"]].values.tolist() == [
        ["1993-02", "1993-05-16"],
        ["2000-09-11", "2000-09-11"],
    ]


@needs_shared
def test_every_opposite_pair_of_a_list_of_years_is_a_pair_of_opponents_in_it():
    """The pairs are put together from single states; the list itself holds the opponents."""
    numbers = {"ARM": "371", "AZE": "373", "BLR": "370", "GEO": "372"}
    numbers |= {"KAZ": "705", "KGZ": "703", "RUS": "365", "TJK": "702"}
    listed = {(row["dispnum"], row["ccode1"], row["ccode2"]) for row in rows_of(YEARS)}
    table = pd.read_csv(ROOT / "data" / f"{TABLE}.csv").query("source == 'cow-disputes'")
    for row in table.itertuples():
        pair = (str(row.dispute), numbers[row.state], numbers[row.partner])
        assert (pair in listed) == (row.side == "opposite"), pair


@needs_shared
def test_the_two_lists_agree_on_most_of_the_disputes_of_the_years_they_share():
    table = pd.read_csv(ROOT / "data" / f"{TABLE}.csv")
    table = table[table["begins"].str[:4].astype(int) <= 2010]
    keys = ["dispute", "state", "partner", "side"]
    lists = {
        source: set(rows[keys].itertuples(index=False, name=None))
        for source, rows in table.groupby("source")
    }
    both = lists["gml-disputes"] & lists["cow-disputes"]
    assert len(both) / len(lists["gml-disputes"]) > 0.9


@needs_shared
@pytest.mark.parametrize("source", FILE_OF)
@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_a_real_file_mangled_or_cut_is_read_or_refused_in_words(tmp_path_factory, source, data):
    read = {"gml-disputes": read_participants, "cow-disputes": read_dispute_years}[source]
    lines = gzip.decompress(FILE_OF[source].read_bytes()).decode().splitlines()
    lines = [lines[0], *lines[-400:]]
    whole = "\n".join(lines) + "\n"
    for place in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=3)):
        cells = lines[place].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(
            st.sampled_from(["", "0", "-9", "x", "1e400", '"', "1,1", "0.5", "\u0661", "NaN", "31"])
        )
        lines[place] = ",".join(cells)
    text = "\n".join(lines) + "\n"
    text = text[: data.draw(st.integers(1, len(text)) | st.just(len(text)))]
    try:
        rows = read(saved(tmp_path_factory.mktemp("mangled"), text))
    except DataProblem as problem:
        assert "file.csv" in str(problem)
    else:
        assert rows.notna().all(axis=None)
        assert rows["hostility"].between(1, 5).all()
        assert len(rows) <= len(read(saved(tmp_path_factory.mktemp("whole"), whole)))
