"""A chapter loses what has nothing to rest on, says so once, and keeps every other line as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances.fitting import CASE, Fitting, say_missing

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


class Pair:
    focal, ally = "KAZ", "RUS"

    def state(self, code):
        return {"KAZ": "Kazakhstan", "RUS": "Russia"}[code]


def test_the_sentence_names_the_tables_the_pair_and_the_way_out():
    text = say_missing(Pair(), "a/b", "c/d_e").markdown
    assert text.startswith("The tables `a/b` and `c/d_e` have no row for Kazakhstan and Russia")
    assert "{doc}`your_own_case`" in text
