"""A chapter loses what has nothing to rest on, says so once, and keeps every other line as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from alliances import Study
from alliances.fitting import CASE, Fitting, say_lacking, say_missing
from alliances.new_study import new_study

HELD = {"a/held", "b/held"}


def fitted(*cells, is_case=False):
    fitting = Fitting(HELD.__contains__, is_case)
    return [fitting.fit(cell) for cell in cells]


def test_what_rests_on_held_tables_is_not_touched():
    cells = ['x = study.table("a/held")  # why', "y = x.assign(z=1)\n\ny.sum()", "# only a comment"]
    assert fitted(*cells) == cells


def test_what_was_made_of_an_empty_table_goes_with_it_however_far():
    cells = [
        'x = study.table("a/empty")\ny = study.table("a/held")',
        "z = x[x.a > 1]\nw = y + 1",
        "prose.say(z)",
        "prose.say(z, 2)",
        "prose.say(w)",
    ]
    assert fitted(*cells) == [
        'y = study.table("a/held")',
        "w = y + 1",
        'fitting.say_missing(study, "a/empty")',
        None,
        "prose.say(w)",
    ]


def test_several_tables_are_named_together_and_each_once():
    first, second = fitted(
        'show(study.table("a/empty"), study.table("b/empty"))',
        'show(study.table("c/empty"), study.table("b/empty"))',
    )
    assert first == 'fitting.say_missing(study, "a/empty", "b/empty")'
    assert second == 'fitting.say_missing(study, "c/empty")'


def test_of_two_values_made_at_once_the_held_one_stays():
    assert fitted('x, y = study.table("a/empty"), study.table("a/held")', "y", "x") == [
        'y = study.table("a/held")',
        "y",
        'fitting.say_missing(study, "a/empty")',
    ]


def test_a_cell_that_copes_with_an_empty_table_says_so_and_runs():
    cell = '# may lack a/empty\nx = study.table("a/empty")\nx.size'
    assert fitted(cell, "x.sum()") == [cell, "x.sum()"]


def test_functions_loops_and_comprehensions_are_read_as_a_whole():
    function = 'def f():\n    return study.table("a/empty")'
    assert fitted(function, "f()", "[g for g in range(3)]") == [
        None,
        'fitting.say_missing(study, "a/empty")',
        "[g for g in range(3)]",
    ]


def test_a_name_made_anew_from_a_held_table_is_free_again():
    cells = ['x = study.table("a/empty")', 'x = study.table("a/held")', "x"]
    assert fitted(*cells) == [None, *cells[1:]]


def test_the_case_goes_for_other_pairs_only():
    cell = f"{CASE}\n1 + 1"
    assert fitted(cell) == [None] and fitted(cell, is_case=True) == [cell]


@pytest.mark.parametrize("text", ["%matplotlib inline", "x = (", "!ls", ""])
def test_what_is_no_python_is_left_to_others(text):
    assert fitted(text) == [text]


@given(st.lists(st.sampled_from("abcdxyz=+()\n \"'#"), max_size=40).map("".join))
def test_no_text_breaks_it(text):
    kept = fitted(text)[0]
    assert kept is None or isinstance(kept, str)


@pytest.fixture(scope="module")
def japan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "japan"
    new_study(ROOT / "data", folder, "JPN", "USA", ["KOR"])
    return Study(folder)


def test_the_sentence_names_the_pair_the_titles_of_the_tables_and_where_they_are_filled(japan):
    text = say_missing(japan, "military_presence/borders", "limiting_factors/leaders").markdown
    assert text.splitlines() == [
        "The tables *Who guards which border* (`military_presence/borders`) and *Who governed*"
        " (`limiting_factors/leaders`) have no row for Japan and the United States: nobody has looked"
        " for them yet.",
        "What would rest on them is left out; the study's `INSTRUCTIONS.md` says under"
        " `military_presence/borders.csv` and `limiting_factors/leaders.csv` how they are filled.",
    ]
    instructions = (japan.folder / "INSTRUCTIONS.md").read_text(encoding="utf-8")
    for path in ("military_presence/borders.csv", "limiting_factors/leaders.csv"):
        assert f"\n### {path}\n" in instructions


def test_a_file_that_was_read_and_has_no_row_is_told_from_a_table_nobody_filled(japan):
    resource = japan.resource("ties/shortest_distances")
    assert "nobody has looked" in say_missing(japan, resource["name"]).markdown
    read = [{"title": "CShapes", "command": "alliances import cshapes x.csv"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(resource, "sources", read)
        text = say_missing(japan, resource["name"]).markdown
    assert "what was read holds none" in text and "nobody" not in text


def test_of_a_table_about_another_pair_the_way_is_a_study_of_ones_own():
    study = Study(ROOT / "data", focal="KAZ")
    text = say_missing(study, "treaty_obligations/documents").markdown
    assert "has no row for Kazakhstan and Russia: nobody has looked for them yet." in text
    assert "{doc}`your_own_case`" in text and "INSTRUCTIONS" not in text


def test_a_table_of_the_books_own_case_is_not_asked_for(japan):
    assert say_missing(japan, "arms_transfers/readings") is None


def test_rows_found_by_chance_are_not_said_to_be_none():
    """Kazakhstan's call of 2022 came along from another study's list, which nobody searched for it."""
    kazakh = Study(ROOT / "data", focal="KAZ", ally="RUS")
    said = say_missing(kazakh, "joint_operations/tests_of_obligations").markdown
    assert "holds what was found by chance" in said and "no row" not in said
    lacking = say_lacking(kazakh, {"calls": ["joint_operations/tests_of_obligations"]}).markdown
    assert lacking.startswith("Nobody has searched for calls")


def test_a_table_of_others_figures_is_not_said_to_be_one_to_collect():
    """Armenia's monthly trade has rows, and none can ever be of Kazakhstan and Russia."""
    said = say_missing(Study(ROOT / "data", focal="KAZ", ally="RUS"), "trade/flows_by_month").markdown
    assert "what was read holds none" in said and "your_own_case" not in said
