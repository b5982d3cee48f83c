"""Two replication files on commitments in war: what is read, what is refused, what is counted."""

import csv
import gzip
import io
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared, refuses_what_is_no_such_file, saved, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.reliability import (
    KEY,
    NUMBERED_WARS,
    TABLE,
    count_commitments,
    read_alliances_in_war,
    read_members_in_war,
)

FILES = SHARED / "data" / "leeds2003"
ALLIANCES = FILES / "BerkemeierFuhrmannRAP2018_0303.dta"
MEMBERS = FILES / "LeedsAnacIIrep.dta"
AS_CSV = {
    ALLIANCES: FILES / "BerkemeierFuhrmannRAP2018_0303.csv.gz",
    MEMBERS: FILES / "LeedsAnacIIrep.csv.gz",
}

# Made up, in the layout of Berkemeier and Fuhrmann, with columns that are not read among them.
HEADER = (
    "sample,warid,atopid,warname,cowid,multilateral,dnaBF,honorBF,violateBF,dnaLLM,honorLLM,"
    "violateLLM,defense,offense,neutral,nonagg,consul"
)
ROWS = (
    "1.0,2,9010.0,Old-New1828-1829,7,1,,1,,,1,,1.0,0.0,0.0,1.0,0.0",
    "1.0,2,9020.0,Old-New1828-1829,,0,,,1,1,,,0.0,0.0,1.0,0.0,0.0",
    "1.0,53,9030.0,WorldWarII,,0,,1,,,1,,1.0,1.0,0.0,0.0,0.0",
    "0.0,53,9040.0,WorldWarII,,0,,,1,,,1,1.0,0.0,0.0,0.0,0.0",
    "0.0,58,9050.0,Sinai1956,,1,1,,,1,,,0.0,0.0,0.0,1.0,1.0",
    "0.0,66,9050.0,WarofAttrition_1969-70,,1,1,,,1,,,0.0,0.0,0.0,1.0,1.0",
    "0.0,91,9050.0,China-Nowhere 1950,,1,1,,,1,,,0.0,0.0,0.0,1.0,1.0",
)
TEXT = "\n".join([HEADER, *ROWS]) + "\n"
MEMBERS_TEXT = (
    "war,atopid,ccode1,honor3,milinst,honor2,bilat\n"
    "10.0,9010.0,300.0,0.0,2.0,0.0,1.0\n"
    "139.0,9020.0,200.0,0.0,1.0,1.0,0.0\n"
    "139.0,9020.0,365.0,1.0,1.0,1.0,0.0\n"
    "211.0,9030.0,640.0,1.0,1.0,1.0,1.0\n"
)
READERS = {
    "alliances": (read_alliances_in_war, TEXT),
    "members": (read_members_in_war, MEMBERS_TEXT),
}


def changed(row, column, value):
    """The text with one cell of one row (counted from 0) replaced."""
    names, cells = HEADER.split(","), ROWS[row].split(",")
    cells[names.index(column)] = value
    return "\n".join([HEADER, *ROWS[:row], ",".join(cells), *ROWS[row + 1 :]]) + "\n"


def test_an_alliance_is_read_once_for_each_war_and_coding(tmp_path):
    rows = read_alliances_in_war(saved(tmp_path, TEXT))
    assert len(rows) == 2 * len(ROWS)
    ours = rows[rows["coding"] == "leeds-long-mitchell rules"].set_index(["war_id", "alliance"])
    assert ours["invoked"].tolist() == [1, 0, 1, 1, 0, 0, 0]
    assert ours["honoured"].tolist() == [1, 0, 1, 0, 0, 0, 0]
    theirs = rows[rows["coding"] == "berkemeier-fuhrmann alternative"]
    assert theirs["invoked"].tolist() == [1, 1, 1, 1, 0, 0, 0]
    assert theirs["honoured"].tolist() == [1, 0, 1, 0, 0, 0, 0]
    assert ours["members"].tolist()[:3] == ["multilateral", "bilateral", "bilateral"]
    assert ours["defence"].tolist()[:2] == [True, False]
    assert ours["non-aggression"].tolist()[:2] == [True, False]


def test_wars_get_names_with_spaces_and_the_years_they_give(tmp_path):
    rows = read_alliances_in_war(saved(tmp_path, TEXT)).head(len(ROWS))
    assert rows["war"].tolist() == [
        "Old-New",
        "Old-New",
        "World War II",
        "World War II",
        "Sinai",
        "War of Attrition",
        "China-Nowhere",
    ]
    assert rows["first_year"].tolist() == [1828, 1828, 1939, 1945, 1956, 1969, 1950]
    assert rows["last_year"].fillna(0).tolist() == [1829, 1829, 1944, 1945, 0, 1970, 0]


def test_a_member_is_read_once_for_each_war_and_coding(tmp_path):
    rows = read_members_in_war(saved(tmp_path, MEMBERS_TEXT))
    sums = rows.groupby("coding")[["invoked", "honoured"]].sum()
    assert sums.to_dict("index") == {
        "leeds-anac honor2": {"invoked": 4, "honoured": 3},
        "leeds-anac honor3": {"invoked": 4, "honoured": 2},
    }
    assert rows["war"].head(4).tolist() == [
        "Austro-Sardinian",
        "World War II",
        "World War II",
        "Gulf War",
    ]
    assert rows["period"].head(4).tolist() == ["1816-1944"] * 3 + ["1945-2003"]
    assert rows["members"].head(2).tolist() == ["bilateral", "multilateral"]


@pytest.mark.parametrize("kind", READERS)
def test_csv_compressed_csv_and_stata_are_read_alike(tmp_path, kind):
    read, text = READERS[kind]
    plain = read(saved(tmp_path, text))
    pd.testing.assert_frame_equal(read(saved(tmp_path, gzip.compress(text.encode()), "z")), plain)
    pd.testing.assert_frame_equal(read(saved(tmp_path, text.replace("\n", "\r\n"))), plain)
    pd.read_csv(io.StringIO(text)).to_stata(tmp_path / "file.dta", write_index=False)
    pd.testing.assert_frame_equal(read(tmp_path / "file.dta"), plain)


def test_counts_by_kind_overlap_and_any_counts_each_row_once(tmp_path):
    rows = read_alliances_in_war(saved(tmp_path, TEXT))
    table = count_commitments(rows, "made up")
    assert not table.duplicated(KEY).any()
    by_kind = (
        table[table["coding"] == "leeds-long-mitchell rules"]
        .groupby("obligation")[["commitments", "invoked", "honoured"]]
        .sum()
    )
    assert by_kind.loc["any"].tolist() == [7, 3, 2]
    assert by_kind.loc["defence"].tolist() == [3, 3, 2]
    assert by_kind.loc["non-aggression"].tolist() == [4, 1, 1]
    assert by_kind.loc["neutrality"].tolist() == [1, 0, 0]
    assert set(table["source"]) == {"made up"}


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_or_has_fewer_whole_rows(tmp_path_factory, kind, data):
    read, text = READERS[kind]
    whole, part = whole_and_cut(read, text, data, tmp_path_factory.mktemp("cut"))
    if part is not None:
        for coding, rows in part.groupby("coding"):
            expected = whole[whole["coding"] == coding].head(len(rows))
            pd.testing.assert_frame_equal(
                rows.reset_index(drop=True), expected.reset_index(drop=True), check_dtype=False
            )


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (0, "sample", "2", "row 2, column sample: found '2', expected 0 or 1"),
        (0, "sample", "", "column sample: found ''"),
        (1, "multilateral", "-1", "row 3, column multilateral: found '-1'"),
        (1, "defense", "0.5", "column defense: found '0.5'"),
        (1, "consul", "nan", "column consul: found 'nan'"),
        (0, "honorLLM", "2", "row 2, column honorLLM: found '2', expected 1 or nothing"),
        (0, "honorLLM", "yes", "column honorLLM: found 'yes'"),
        (0, "honorLLM", "", "columns that end in LLM, rows 2"),
        (0, "violateBF", "1", "columns that end in BF, rows 2"),
        (0, "violateLLM", "0", None),
        (1, "neutral", "0.0", "no obligation in rows 3"),
        (1, "atopid", "9010.0", "rows 3 repeat a row above"),
        (1, "atopid", "9010.5", "column atopid: found '9010.5', expected a whole number"),
        (1, "warid", "inf", "column warid: found 'inf'"),
        (0, "warname", "Nameless", "column warname: found 'Nameless'"),
        (0, "warname", "", "column warname: found ''"),
        (0, "warname", "War1066", "found 'War1066'"),
    ],
)
def test_cells_that_cannot_be_are_refused_by_row_and_column(tmp_path, row, column, value, said):
    path = saved(tmp_path, changed(row, column, value))
    if said is None:
        assert len(read_alliances_in_war(path)) == 2 * len(ROWS)
        return
    with pytest.raises(DataProblem) as refusal:
        read_alliances_in_war(path)
    assert said in str(refusal.value) and "file.csv" in str(refusal.value)


def test_all_wrong_cells_are_named_at_once(tmp_path):
    text = TEXT.replace("1.0,2,9010.0", "3,x,9010.0").replace(",0.0,0.0,1.0,1.0\n", ",0,0,9,1\n")
    with pytest.raises(DataProblem) as refusal:
        read_alliances_in_war(saved(tmp_path, text))
    for column in ("sample", "warid", "nonagg"):
        assert f"column {column}" in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("10.0,9010", "11.0,9010", "no war is known by the number 11"),
        ("200.0,0.0,1.0,1.0", "200.0,0.0,1.0,2.0", "column honor2: found '2.0'"),
        ("365.0", "200.0", "rows 4 repeat a row above"),
        ("1.0,0.0\n139", "1.0,\n139", "column bilat: found ''"),
    ],
)
def test_members_that_cannot_be_are_refused(tmp_path, old, new, said):
    with pytest.raises(DataProblem) as refusal:
        read_members_in_war(saved(tmp_path, MEMBERS_TEXT.replace(old, new, 1)))
    assert said in str(refusal.value)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        (b"PK\x03\x04workbook", "workbook"),
        (b"a,b\n1,2\n", "are missing; expected"),
        (gzip.compress(TEXT.encode(), mtime=0)[:40], "damaged or cut short"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, kind, content, said):
    read, text = READERS[kind]
    with pytest.raises(DataProblem) as refusal:
        read(saved(tmp_path, content))
    assert said in str(refusal.value)
    other = READERS["members" if kind == "alliances" else "alliances"][1]
    refuses_what_is_no_such_file(read, text, other, tmp_path)
    with pytest.raises(DataProblem, match="no Stata file|damaged or cut short"):
        read(saved(tmp_path, content, "file.dta"))


def test_a_missing_file_and_a_directory_are_refused(tmp_path):
    (tmp_path / "folder.dta").mkdir()
    for read, _ in READERS.values():
        for name in ("nothing.csv", "nothing.dta", "folder.dta", ""):
            with pytest.raises(DataProblem):
                read(tmp_path / name)


@pytest.mark.parametrize("name", ["berkemeier-fuhrmann", "leeds-anac"])
def test_a_part_of_the_file_is_not_imported(tmp_path, name):
    text = {"berkemeier-fuhrmann": TEXT, "leeds-anac": MEMBERS_TEXT}[name]
    make = all_sources()[name].make
    with pytest.raises(DataProblem, match="cut or another one"):
        make([saved(tmp_path, text)], {})
    with pytest.raises(DataProblem, match="found 2 files"):
        make([saved(tmp_path, text)] * 2, {})


def test_the_wars_of_leeds_and_anac_begin_before_they_end_and_in_order_of_their_numbers():
    years = [years for _, *years in NUMBERED_WARS.values()]
    assert all(first <= last for first, last in years)
    assert list(NUMBERED_WARS) == sorted(NUMBERED_WARS)


def test_wars_that_both_files_name_began_in_the_same_year():
    """The numbers' names and years are ours; Berkemeier and Fuhrmann's file holds its own."""
    table = pd.read_csv(ROOT / "data" / f"{TABLE}.csv")
    years = table.groupby(["source", "war"])["first_year"].unique().map(set)
    for war, own in years["leeds-anac"].items():
        if war in years["berkemeier-fuhrmann"]:
            # The later counts the Gulf War from January 1991, when the coalition began to fight.
            assert own <= years["berkemeier-fuhrmann"][war] or war == "Gulf War", war


# --- with the producers' files at hand ---


@needs_shared
@pytest.mark.parametrize(
    ("name", "path"), [("berkemeier-fuhrmann", ALLIANCES), ("leeds-anac", MEMBERS)]
)
def test_the_shipped_rows_are_made_again_to_the_byte(name, path):
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    columns = next(
        [field["name"] for field in resource["schema"]["fields"]]
        for resource in package["resources"]
        if resource["name"] == TABLE
    )
    shipped = (ROOT / "data" / f"{TABLE}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    ours = [line for line in shipped if line.rstrip().endswith(f",{name}")]
    for file in (path, AS_CSV[path]):
        made = all_sources()[name].make([file], {}).tables[TABLE].sort_values(KEY)[columns]
        assert made.to_csv(index=False, header=False, lineterminator="\n") == "".join(ours)


@needs_shared
def test_the_counts_by_the_csv_module_alone():
    """A second way: no pandas, none of our readers."""
    with gzip.open(AS_CSV[ALLIANCES], "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = pd.read_csv(ROOT / "data" / f"{TABLE}.csv").query("source == 'berkemeier-fuhrmann'")
    words = {"LLM": "leeds-long-mitchell rules", "BF": "berkemeier-fuhrmann alternative"}
    kinds = {"any": None, "defence": "defense", "consultation": "consul", "neutrality": "neutral"}
    for suffix, coding in words.items():
        for kind, column in kinds.items():
            for period, sample in (("1816-1944", 1), ("1945-2003", 0)):
                for size in ("bilateral", "multilateral"):
                    held = [
                        row
                        for row in rows
                        if float(row["sample"]) == sample
                        and (row["multilateral"] == "1") == (size == "multilateral")
                        and (column is None or float(row[column]) == 1)
                    ]
                    asked = [row for row in held if not row["dna" + suffix]]
                    kept = [row for row in asked if row["honor" + suffix]]
                    sums = table.query(
                        "coding == @coding and obligation == @kind and period == @period"
                        " and members == @size"
                    )[["commitments", "invoked", "honoured"]].sum()
                    assert sums.tolist() == [len(held), len(asked), len(kept)]


@needs_shared
@pytest.mark.parametrize("path", [ALLIANCES, MEMBERS])
@given(data=st.data())
@settings(deadline=None)
def test_a_stata_file_cut_anywhere_is_refused_or_whole(tmp_path_factory, path, data):
    read = read_alliances_in_war if path == ALLIANCES else read_members_in_war
    raw = path.read_bytes()
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    try:
        rows = read(saved(tmp_path_factory.mktemp("cut"), cut, "file.dta"))
    except DataProblem as problem:
        assert "no Stata file" in str(problem)
    else:  # Only what stands behind the last row is gone.
        pd.testing.assert_frame_equal(rows, read(path))


@needs_shared
@pytest.mark.parametrize("path", [ALLIANCES, MEMBERS])
@given(data=st.data())
@settings(deadline=None)
def test_a_mangled_stata_file_is_read_or_refused_in_words(tmp_path_factory, path, data):
    read = read_alliances_in_war if path == ALLIANCES else read_members_in_war
    raw = bytearray(path.read_bytes())
    places = st.integers(0, len(raw) - 1) | st.integers(0, 3000)
    for place, byte in data.draw(
        st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=20)
    ):
        raw[place] = byte
    gone = data.draw(st.integers(0, 50))
    del raw[5000 : 5000 + gone]
    try:
        rows = read(saved(tmp_path_factory.mktemp("mangled"), bytes(raw), "file.dta"))
    except DataProblem as problem:
        assert "file.dta" in str(problem)
    else:
        assert rows["invoked"].isin([0, 1]).all()
        assert (rows["honoured"] <= rows["invoked"]).all()


@needs_shared
@pytest.mark.parametrize("path", [ALLIANCES, MEMBERS])
@given(data=st.data())
@settings(deadline=None)
def test_a_mangled_csv_is_read_or_refused_in_words(tmp_path_factory, path, data):
    read = read_alliances_in_war if path == ALLIANCES else read_members_in_war
    lines = gzip.decompress(AS_CSV[path].read_bytes()).decode().splitlines()
    for place in data.draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=4)):
        cells = lines[place].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(
            st.sampled_from(["", "9", "-1", "x", "1e400", '"', "1,1", "0.5", "\u0661", "NaN"])
        )
        lines[place] = ",".join(cells)
    try:
        rows = read(saved(tmp_path_factory.mktemp("mangled"), "\n".join(lines) + "\n"))
    except DataProblem as problem:
        assert "file.csv" in str(problem)
    else:
        assert (rows["honoured"] <= rows["invoked"]).all()
        assert rows["war"].notna().all()
