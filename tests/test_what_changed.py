"""What changed between two studies: exactly the cells, figures, verdicts and coverage that differ."""

import csv
import json
import math
import shutil
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from alliances import Study, against, catalogue, checks, headline, what_changed, what_changed_text
from alliances.book import build as building
from alliances.command import main
from alliances.problems import DataProblem
from alliances.study import tables_read


@pytest.fixture(scope="module")
def data():
    return Study(ROOT / "data")


@pytest.fixture
def folder(tmp_path):
    """A vintage to be: a copy of the shipped data."""
    return shutil.copytree(ROOT / "data", tmp_path / "vintage")


def rows_of(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder, table, rows):
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit(folder, table, where, **cells):
    """Change cells of the one row that `where` tells."""
    rows = rows_of(folder, table)
    (chosen,) = [row for row in rows if all(row[name] == text for name, text in where.items())]
    chosen.update(cells)
    write(folder, table, rows)


def repackage(folder, change):
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    change({resource["name"]: resource for resource in package["resources"]}, package)
    path.write_text(json.dumps(package), encoding="utf-8")


DELIVERIES, REGIMES = "arms_transfers/deliveries", "limiting_factors/regimes"
LARGEST = {"recipient": "ARM", "supplier": "RUS", "year": "2019"}
MEASURED = {"state": "ARM", "measure": "electoral democracy", "year": "1993"}
NOTHING = {"reporter": "ARM", "partner": "ARE", "year": "1993", "flow": "exports", "source": "cow-trade"}


def test_just_the_cells_that_were_changed_are_reported(folder, data):
    edit(folder, DELIVERIES, LARGEST, tiv="250.0", source="sipri-early-deliveries")
    rows = rows_of(folder, DELIVERIES)
    gone = rows.pop(0)
    write(folder, DELIVERIES, [*rows, gone | {"supplier": "JPN", "tiv": "1.5"}])
    edit(folder, REGIMES, MEASURED, lower="")
    edit(folder, REGIMES, MEASURED | {"measure": "Polity score"}, lower="5.0")
    edit(folder, "trade/flows_by_year", NOTHING, value="3.0")
    cells = what_changed.compare(data, Study(folder)).cells
    said = {
        (row["table"], row["states"], row["year"], row["kind"], row["column"])
        for row in cells.to_dict("records")
    }
    taken = int(gone["year"])
    assert len(cells) == len(said)
    assert said == {
        (DELIVERIES, "ARM RUS", 2019, "revised", "tiv"),
        (DELIVERIES, "ARM RUS", 2019, "reworded", "source"),
        (DELIVERIES, f"ARM {gone['supplier']}", taken, "row gone", None),
        (DELIVERIES, "ARM JPN", taken, "row added", None),
        (REGIMES, "ARM", 1993, "now missing", "lower"),
        (REGIMES, "ARM", 1993, "now known", "lower"),
        ("trade/flows_by_year", "ARM ARE", 1993, "revised", "value"),
    }
    revised = cells[cells["kind"] == "revised"].set_index("table")
    assert revised.loc[DELIVERIES, "part"] == pytest.approx((250 - 227.5) / 227.5)
    assert revised.loc["trade/flows_by_year", ["old", "new", "part"]].tolist() == [0, 3, math.inf]
    assert cells.loc[cells["kind"] != "revised", "part"].isna().all()
    lines = what_changed_text.report(what_changed.compare(data, Study(folder)), None)
    told = "\n".join(lines)
    assert "1 row added, 1 row gone, 1 other cell changed, 1 figure revised" in told
    assert "Armenia, Russia, 2019: tiv 227.5 -> 250 (+9.9 percent)" in told
    assert "0 -> 3 (from zero)" in told
    assert "1 figure no longer missing, 1 figure now missing" in told
    assert len(lines) < 100


def test_a_headline_figure_is_the_one_that_the_changed_rows_give(folder, data):
    edit(folder, DELIVERIES, {"recipient": "ARM", "supplier": "IND", "year": "2023"}, tiv="200.0")
    found = what_changed.compare(data, Study(folder)).headlines.set_index("series")
    recent = [
        row
        for row in rows_of(folder, DELIVERIES)
        if row["recipient"] == "ARM" and 2020 <= int(row["year"]) <= 2024
    ]
    russian = sum(float(row["tiv"]) for row in recent if row["supplier"] == "RUS")
    share = russian / sum(float(row["tiv"]) for row in recent)
    row = found.loc["Arms delivered"]
    assert row["new_level"] == pytest.approx(share) and row["old_level"] > share + 0.05
    assert found.index[found["differs"]].tolist() == ["Arms delivered"]
    assert not found["turned"].any()


def test_a_word_that_turned_is_told_before_everything_else(folder, data):
    rows = rows_of(folder, "military_presence/sites")
    for row in rows:
        if row["kind"] in ("base", "air base") and row["host_state"] == "ARM":
            row["until_date"] = "2024-01-31"
    write(folder, "military_presence/sites", rows)
    found = what_changed.compare(data, Study(folder))
    turned = found.headlines[found.headlines["turned"]].set_index("series")
    assert turned.loc["Bases", ["old_word", "new_word", "new_level"]].tolist()[1:] == ["fell", 0.0]
    lines = what_changed_text.report(found, None)
    place = [line.strip() for line in lines].index
    assert place("Bases: stood still -> fell") < place("HEADLINE FIGURES") < place("COVERAGE")
    assert place("COVERAGE") < place("FIGURES")


def test_identical_studies_have_changed_in_nothing(folder, data):
    found = what_changed.compare(data, Study(folder))
    assert found.cells.empty and found.notes.empty
    assert not found.headlines["differs"].any() and not found.coverage["differs"].any()
    same = statements("holds", "94 percent.")
    nothing = what_changed.verdicts(same, same)
    assert what_changed_text.report(found, nothing)[-1] == "Nothing changed."
    assert what_changed_text.figure_table(found.cells, data.names).empty


def frame(rows):
    columns = {"state": "str", "year": "int64", "value": "float64", "note": "str"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


KEY = ["state", "year"]
CELL = st.tuples(
    st.sampled_from(["ARM", "BLR", "GEO"]),
    st.integers(2020, 2022),
    st.one_of(st.none(), st.sampled_from([0.0, 1.0, -2.0, 2.5])),
    st.sampled_from(["a", "b"]),
)
TABLES = st.lists(CELL, max_size=6, unique_by=lambda row: row[:2]).map(frame)
EXCHANGED = {
    what_changed.ADDED: what_changed.GONE,
    what_changed.NOW_KNOWN: what_changed.NOW_MISSING,
}
EXCHANGED |= {value: key for key, value in EXCHANGED.items()}


def cells_of(old, new):
    found = what_changed.differences(old, new, KEY, {"value"})
    found = found.astype(object).where(found.notna(), None)
    columns = ["states", "year", "kind", "column", "old", "new"]
    return {tuple(row) for row in found[columns].to_numpy().tolist()}


@given(TABLES, TABLES)
def test_two_vintages_exchanged_give_the_same_cells_the_other_way_round(old, new):
    there, back = cells_of(old, new), cells_of(new, old)
    assert back == {
        (states, year, EXCHANGED.get(kind, kind), column, after, before)
        for states, year, kind, column, before, after in there
    }


@given(TABLES, TABLES)
def test_the_cells_that_differ_turn_the_old_table_into_the_new_one(old, new):
    found = what_changed.differences(old, new, KEY, {"value"})
    table = old.set_index(KEY).astype(object)
    for row in found.to_dict("records"):
        key = (row["states"], row["year"])
        if row["kind"] == what_changed.GONE:
            table = table.drop(index=[key])
        elif row["kind"] == what_changed.ADDED:
            table.loc[key, :] = new.set_index(KEY).loc[key]
        else:
            table.loc[key, row["column"]] = row["new"]
    left, right = (one.astype(object).where(one.notna(), None) for one in (table, new.set_index(KEY)))
    assert left.sort_index().to_dict("index") == right.sort_index().to_dict("index")


@pytest.mark.parametrize(
    ("old", "new", "kind", "beyond"),
    [
        (100, 105, "revised", False),
        (100, 105.001, "revised", True),
        (100, 95, "revised", False),
        (100, 94.9, "revised", True),
        (-100, -106, "revised", True),
        (1, 1.05, "revised", False),
        (0, 1e-9, "revised", True),
        (None, 0, "now known", False),
        (0, None, "now missing", False),
        (None, 5, "now known", False),
    ],
)
def test_the_edge_of_the_threshold_and_what_is_missing(old, new, kind, beyond):
    sides = [frame([("ARM", 2020, value, "a")]) for value in (old, new)]
    found = what_changed.differences(*sides, KEY, {"value"})
    assert found["kind"].tolist() == [kind]
    assert len(what_changed.beyond(found, 5)) == beyond
    assert found["part"].isna().all() == (kind != "revised")


def test_missing_in_both_is_no_difference_and_a_year_is_no_figure():
    empty = frame([("ARM", 2020, None, None)])
    assert what_changed.differences(empty, empty, KEY, {"value"}).empty
    sides = [pd.DataFrame({"id": ["x"], "year": [year]}) for year in (2000, 2020)]
    found = what_changed.differences(*sides, ["id"], set())
    assert found[["row", "kind", "old", "new"]].values.tolist() == [["id x", "reworded", 2000, 2020]]


def test_empty_tables_are_compared_as_they_are():
    rows, none = frame([("ARM", 2020, 1.0, "a"), ("BLR", 2020, 0.0, "a")]), frame([])
    assert what_changed.differences(none, none, KEY, {"value"}).empty
    found = what_changed.differences(none, rows, KEY, {"value"})
    assert found["kind"].tolist() == ["row added"] * 2
    assert found["states"].tolist() == ["ARM", "BLR"]


def test_rows_that_cannot_be_told_apart_are_refused():
    twice = frame([("ARM", 2020, 1.0, "a"), ("ARM", 2020, 2.0, "a")])
    with pytest.raises(DataProblem, match="the new table has two rows of ARM 2020"):
        what_changed.differences(frame([]), twice, KEY, {"value"})
    with pytest.raises(DataProblem, match="the old table has no column month"):
        what_changed.differences(twice, twice, ["month"], {"value"})


def test_the_largest_groups_stand_first_and_the_rest_is_counted():
    old = frame([(state, year, 1.0, "a") for state in ("ARM", "BLR", "GEO") for year in (2020, 2021)])
    new = old.assign(value=[1.2, 1.01, 3.0, 1.5, 1.0, 0.5])
    found = what_changed.differences(old, new, KEY, {"value"}).assign(table="t")
    shown = what_changed.largest(found, 5, most=2)
    assert shown[["states", "year"]].values.tolist()[0] == ["BLR", 2020]
    assert shown["left_out"].tolist() == [2, 2]
    counts = what_changed.table_counts(found, 5).iloc[0]
    assert (counts["revised"], counts["beyond"]) == (5, 4)
    told = what_changed_text.figure_table(found, {"BLR": "Belarus"}, 5, most=2)["what"].tolist()
    assert told[0] == "5 figures revised, 4 of them by more than 5 percent"
    assert told[1] == "Belarus, 2020: value 1 -> 3 (+200 percent)"
    assert told[-1] == "and 2 more groups of states and year"


def test_other_columns_another_key_and_tables_of_one_study_are_named(folder, data):
    def change(tables, package):
        package["resources"].remove(tables["ties/culture"])
        tables[DELIVERIES]["sources"][0]["edition"] = "generated 1 January 2026"
        tables[DELIVERIES]["coverage"]["last_year"] = 2023
        tables["ties/roads"]["schema"]["primaryKey"] = ["statement", "year"]
        fields = tables["limiting_factors/gdp"]["schema"]["fields"]
        fields.append({"name": "remark", "type": "string", "title": "Remark"})

    repackage(folder, change)
    gdp = [row | {"remark": "x"} for row in rows_of(folder, "limiting_factors/gdp")]
    write(folder, "limiting_factors/gdp", gdp)
    found = what_changed.compare(data, Study(folder))
    notes = dict(found.notes.itertuples(index=False))
    assert notes == {
        "limiting_factors/gdp": "only the new study has the columns remark; they are not compared.",
        "ties/roads": "its key is not the same in both, so its rows cannot be matched.",
    }
    assert found.cells.empty
    covered = found.coverage.set_index("table")
    assert covered.index[covered["differs"]].tolist() == [DELIVERIES, "ties/culture"]
    assert covered.loc["ties/culture", "in"] == "old"
    assert covered.loc[DELIVERIES, "new_years"] == "1993–2023"
    told = "\n".join(what_changed_text.report(found, None))
    assert "ties/culture: only in the old study" in told and notes["ties/roads"] in told
    assert "editions" in told and "1 January 2026" in told
    swapped = what_changed.coverage(Study(folder), data).set_index("table")
    assert swapped.loc["ties/culture", "in"] == "new"


def test_different_pairs_are_compared_by_indicator_and_not_by_row(folder, data):
    edit(folder, DELIVERIES, LARGEST, tiv="250.0")
    found = what_changed.compare(Study(folder, focal="RUS", ally="ARM"), data)
    assert found.cells is None and not found.same_pair
    told = " ".join(" ".join(what_changed_text.report(found, None)).split())
    assert "about one pair, seen from either side, so their figures" in told
    assert "Russia with Armenia (1992 to 2025) is not, so there are no verdicts" in told
    names = what_changed_text.names_of(found.old, found.new)
    assert names == ("Russia with Armenia", "Armenia with Russia")
    assert found.headlines["series"].is_unique


def test_coverage_counts_the_tables_that_the_page_of_the_data_counts():
    kazakhstan = Study(ROOT / "data", focal="KAZ")
    listed = {one["name"] for one in catalogue.of_pair(kazakhstan)}
    assert set(what_changed.coverage(kazakhstan, kazakhstan)["table"]) == listed
    assert len(listed) < len(kazakhstan.package["resources"])


def test_what_a_study_has_no_rows_for_is_missing_and_not_zero(data, monkeypatch):
    bare = Study(ROOT / "data")
    whole = bare.table
    monkeypatch.setattr(bare, "table", lambda name: whole(name).iloc[:0] if "/" in name else whole(name))
    assert headline.rows(headline.of_study(bare)).empty
    found = what_changed.compare(bare, data)
    assert found.headlines["old_level"].isna().all() and not found.headlines["turned"].any()
    assert found.headlines["differs"].all()
    assert what_changed.compare(bare, bare).headlines.empty
    assert "no value ->" in "\n".join(what_changed_text.report(found, None))


def statements(verdict, found, name="A2"):
    about = {"chapter": "arms_transfers", "title": "Who arms?", "statement": "94 percent."}
    return pd.DataFrame([{"id": name, "verdict": verdict, "found": found} | about])


def test_a_statement_turns_only_where_both_have_a_verdict():
    old = pd.concat([statements("holds", "94."), statements("holds", "1.", "A3"), statements("holds", "2.", "A4")])
    new = pd.concat(
        [statements("does not hold", "80."), statements("not treated in this run", "", "A3"), statements("holds", "3.", "A4")]
    )
    found = what_changed.verdicts(old, new).set_index("id")
    assert found.index[found["turned"]].tolist() == ["A2"]
    assert found.index[found["refigured"]].tolist() == ["A4"]
    assert found.loc["A3", "in"] == "old" and pd.isna(found.loc["A3", "new_verdict"])
    page = what_changed_text.statements(found.reset_index()).markdown
    assert page == "- [A2](#statement-a2): *holds* became *does not hold*. Before: 94. Now: 80."


def test_a_verdict_that_the_data_flip_is_told_with_both_figures(folder, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    edit(folder, "ties/roads", {"statement": "yerevan-tbilisi-2"}, low_km="241")
    assert main(["compare", "data", str(folder)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Statements with another verdict: 1 of" in told and "does not hold -> holds" in told
    assert f"old: From Yerevan the segments add up to {280 + 139} km" in told
    assert f"new: From Yerevan the segments add up to {241 + 139} km" in told
    assert told.index("G3 (") < told.index("ties/roads: 1 figure revised")
    assert "low_km 280 -> 241 (−14 percent)" in told
    assert main(["compare", "data", str(folder), "--threshold", "20"]) == 0
    assert "280 -> 241" not in capsys.readouterr().out


def refused(capsys, *words):
    assert main(["compare", *map(str, words)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_studies_that_are_none_or_fail_their_check_are_refused_together(folder, tmp_path, capsys):
    edit(folder, DELIVERIES, LARGEST, tiv="-1")
    said = refused(capsys, tmp_path / "nowhere", folder)
    assert f"the old study, {tmp_path / 'nowhere'}:" in said and "there is no such folder" in said
    assert f"the new study, {folder}:" in said and "column tiv: found '-1'" in said
    assert "the old study" not in refused(capsys, ROOT / "data", folder)
    for threshold in ("-1", "nan", "inf"):
        assert "expected a percentage" in refused(capsys, folder, folder, f"--threshold={threshold}")


def test_the_pair_that_a_study_is_set_against(folder, data, tmp_path):
    def chosen(study, named=("GEO", "RUS"), other=None, **asked):
        return tuple(against.other_pair(study, other, named, asked).values())

    mirror = Study(ROOT / "data", focal="RUS", ally="ARM")
    assert chosen(data) == ("RUS", "ARM"), "Georgia is not held as a pair"
    assert chosen(mirror, ("RUS", "ARM")) == ("ARM", "RUS"), "not beside itself"

    def widen(tables, package):
        package["study"]["states"] = ["ARM", "RUS", "GEO"]

    repackage(folder, widen)
    assert chosen(Study(folder)) == ("GEO", "RUS")
    assert chosen(data, other=folder) == ("ARM", "RUS") and chosen(mirror, other=folder) == ("RUS", "ARM")
    assert chosen(data, other=folder, OTHER_FOCAL="GEO") == ("GEO", "RUS")
    with pytest.raises(DataProblem, match="the pair to set it against: .*'GEO'"):
        chosen(data, OTHER_FOCAL="GEO")


def test_a_period_cut_by_hand_is_cut_in_both_and_a_longer_vintage_stays_longer(folder, data):
    def longer(tables, package):
        package["study"]["last_year"] = 2026

    repackage(folder, longer)
    assert against.opened_beside(data, folder, "ARM", "RUS").last_year == 2026
    cut = Study(ROOT / "data", first_year=2000, last_year=2020)
    other = against.opened_beside(cut, folder, "ARM", "RUS")
    assert (other.first_year, other.last_year) == (2000, 2020)
    assert against.chapters_with_verdicts(data, cut) == []
    assert "arms_transfers" in against.chapters_with_verdicts(data, data)


def test_a_function_that_is_handed_the_study_may_read_all_of_it():
    assert tables_read('headline.of_study(study); study.table("a/b")') is None
    assert tables_read("what_changed.compare(other, study)") is None
    assert tables_read('prose.statement(\n    study, "A2"); study.table("a/b")') == {"a/b"}


PARAMETERS = (
    'STUDY = "../data"\nFOCAL = "ARM"\nALLY = "RUS"\nFIRST_YEAR = 1992\nLAST_YEAR = 2025\n'
    'OTHER = "../data"\nOTHER_FOCAL = "RUS"\nOTHER_ALLY = "ARM"\nOTHER_CHAPTERS = ""'
)
READ = (
    "from alliances import Study\n"
    "other = Study(OTHER, focal=OTHER_FOCAL, ally=OTHER_ALLY)\n"
    'f"{len(other.table(\'events\'))} events, {other.focal}"'
)


@pytest.fixture
def book(tmp_path):
    """A book of one chapter that takes another study."""
    root = tmp_path / "book"
    (root / "chapters").mkdir(parents=True)
    shutil.copytree(ROOT / "data", root / "data")
    shutil.copyfile(ROOT / "_config.yml", root / "_config.yml")
    (root / "chapters" / "references.bib").write_text("")
    (root / "_toc.yml").write_text("format: jb-book\nroot: chapters/first\n")
    cells = [nbformat.v4.new_markdown_cell("# First\n\nA page.", id="title")]
    for place, source in enumerate((PARAMETERS, READ)):
        cells.append(nbformat.v4.new_code_cell(source, id=f"code-{place}"))
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "chapters" / "first.ipynb")
    return root


@pytest.fixture
def built(book, monkeypatch):
    """Builds the book up to what would be published; gives the page and whether a chapter ran."""
    pages = []

    def keep(sources, *rest):
        pages.append(sources["chapters/first.ipynb"].decode())

    monkeypatch.setattr(building.publish, "publish", keep)

    def build(**options):
        said = []
        building.build(book, book / "data", book / "_build" / "html", say=said.append, **options)
        return pages[-1], "no chapter has changed" not in said

    return build


def test_a_build_against_another_study_runs_again_only_when_that_study_changed(built, folder):
    rows = rows_of(folder, "events")
    write(folder, "events", rows[:-1])
    page, ran = built()
    assert f"{len(rows)} events, RUS" in page and ran
    page, ran = built(against=folder)
    assert f"{len(rows) - 1} events, ARM" in page and ran
    assert not built(against=folder)[1]
    write(folder, "events", rows[:-2])
    page, ran = built(against=folder)
    assert f"{len(rows) - 2} events, ARM" in page and ran
    assert str(folder) not in page
    assert not built()[1]


def test_another_study_is_found_where_another_executor_runs_the_chapters(built, book, folder):
    rows = rows_of(folder, "events")
    write(folder, "events", rows[:-1])
    with ThreadPoolExecutor(1) as pool:
        page, ran = built(against=folder, executor=pool)
    assert f"{len(rows) - 1} events, ARM" in page and ran
    shutil.rmtree(book / "_build" / "chapters")
    assert built(against=folder) == (page, True)


def test_neither_study_is_read_again_where_both_have_passed(built, folder, monkeypatch):
    write(folder, "events", rows_of(folder, "events")[:-1])
    built(against=folder)
    read, check = [], checks.table_problems
    monkeypatch.setattr(
        checks, "table_problems", lambda *given, **named: read.append(given) or check(*given, **named)
    )
    built(against=folder)
    assert read == []
    write(folder, "events", rows_of(folder, "events")[:-1])
    built(against=folder)
    assert [given[0] for given in read] == [folder]


def test_what_cannot_be_set_against_is_refused_before_anything_runs(book, built, folder):
    with pytest.raises(DataProblem, match="Use --against for another study"):
        built(parameters={"OTHER": "elsewhere"})
    with pytest.raises(DataProblem, match="the pair to set it against"):
        built(parameters={"OTHER_FOCAL": "GEO"})
    with pytest.raises(DataProblem, match="there is no such folder"):
        built(against=folder / "nowhere")
    edit(folder, DELIVERIES, LARGEST, tiv="-1")
    with pytest.raises(DataProblem, match="the study to set it against, .*vintage"):
        built(against=folder)
    assert not (book / "_build" / "html").exists()
    path = book / "chapters" / "first.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("OTHER", "THEIR"), encoding="utf-8")
    with pytest.raises(DataProblem, match="Leave --against out"):
        built(against=ROOT / "data")


def test_the_page_says_of_both_pairs_what_the_tables_give():
    notebook = nbformat.read(ROOT / "chapters" / "what_changed.ipynb", 4)
    outputs = [output.data for cell in notebook.cells for output in cell.get("outputs", [])]
    table = next(one["text/plain"] for one in outputs if "Arms delivered  " in one.get("text/plain", ""))
    line = next(line for line in table.splitlines() if line.startswith("Arms delivered"))
    recent = [row for row in rows_of(ROOT / "data", DELIVERIES) if 2020 <= int(row["year"]) <= 2024]

    def share(recipient, supplier):
        got = [row for row in recent if row["recipient"] == recipient]
        from_ally = sum(float(row["tiv"]) for row in got if row["supplier"] == supplier)
        return f"{100 * from_ally / sum(float(row['tiv']) for row in got):.0f}% in 2024"

    assert share("KAZ", "RUS") in line and share("ARM", "RUS") in line
