"""Two studies side by side: what turned, which headline figures, coverage and cells differ.

The two may be vintages of one study, an older and a newer one, or studies of different pairs. Cells
are compared row by row for vintages; different pairs are compared by indicator only.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alliances import headline
from alliances.catalogue import of_pair
from alliances.checks import key_fields
from alliances.claims import NOT_TREATED
from alliances.problems import DataProblem
from alliances.study import Study

ADDED, GONE, REVISED = "row added", "row gone", "revised"
NOW_KNOWN, NOW_MISSING, REWORDED = "now known", "now missing", "reworded"
KINDS = (ADDED, GONE, REVISED, NOW_KNOWN, NOW_MISSING, REWORDED)
THRESHOLD = 5  # percent of the old value

_CELL = ["states", "year", "row", "kind", "column", "old", "new", "part"]
_COVERED = ("years", "rows", "editions")
_HEADLINE = ("level", "change", "word", "place", "until", "confidence")


@dataclass(frozen=True)
class Comparison:
    """What `compare` found; each part is a data frame.

    base: the year with which the headline figures are compared. same_pair: whether both are about
    the same two states, in the same order. coverage, headlines: as from the functions of these
    names. cells: as from `differences`, with the `table`; None for different pairs. notes: `table`
    and `note`, where tables could not be compared in full. tables: names of the tables that the
    headline figures of the old and of the new study rest on.
    """

    old: Study
    new: Study
    base: int
    same_pair: bool
    coverage: pd.DataFrame
    headlines: pd.DataFrame
    cells: pd.DataFrame | None
    notes: pd.DataFrame
    tables: tuple


def compare(old, new):
    """Set two studies side by side, as a `Comparison`; verdicts are told by `verdicts`.

    old, new: Studies. The old one's headline figures are compared with the same base year as the
    new one's. Two studies of different pairs have no cells in common, so `cells` is None there.
    """
    same_pair = (old.focal, old.ally) == (new.focal, new.ally)
    first, second = headline.of_study(old), headline.of_study(new)
    if first.base != second.base:
        first = headline.of_study(old, base=second.base)
    cells, notes = _all_cells(old, new) if same_pair else (None, [])
    return Comparison(
        old,
        new,
        second.base,
        same_pair,
        coverage(old, new),
        headlines(headline.rows(first), headline.rows(second)),
        cells,
        pd.DataFrame(notes, columns=["table", "note"]),
        (first.tables, second.tables),
    )


def coverage(old, new):
    """What each table of two studies covers: years, rows and the editions of its sources.

    old, new: Studies. Columns: `table`, `title`, `in` ("both", "old" or "new"), `old_years`,
    `new_years` (in words; what the producer looked at), `old_rows`, `new_rows`, `old_editions`,
    `new_editions`, `differs`. Missing where a study has no such table. More rows are not always
    more knowledge: a producer may have split one. Tables that have to do with neither pair have no
    row, as on the page of the data (see `catalogue.of_pair`).
    """
    of_either = {one["name"] for study in (old, new) for one in of_pair(study)}
    sides = [
        pd.DataFrame(
            [_covered(study, one) for one in study.package["resources"] if one["name"] in of_either]
        )
        for study in (old, new)
    ]
    names = list(dict.fromkeys([*sides[1]["table"], *sides[0]["table"]]))
    first, second = (side.set_index("table").reindex(names) for side in sides)
    found = pd.DataFrame({"title": second["title"].fillna(first["title"])})
    held = pd.DataFrame({"old": first["rows"].notna(), "new": second["rows"].notna()})
    found["in"] = np.where(held.all(axis=1), "both", np.where(held["old"], "old", "new"))
    for name in _COVERED:
        found[f"old_{name}"], found[f"new_{name}"] = first[name], second[name]
    same = [_same(first[name], second[name]) for name in _COVERED]
    found["differs"] = ~np.logical_and.reduce(same)
    return found.astype({"old_rows": "Int64", "new_rows": "Int64"}).reset_index(names="table")


def _covered(study, resource):
    years = resource.get("coverage", {})
    editions = [one.get("edition") for one in resource.get("sources", [])]
    return {
        "table": resource["name"],
        "title": resource["title"],
        "years": "–".join(str(years[key]) for key in ("first_year", "last_year") if key in years),
        "rows": len(study.table(resource["name"])),
        "editions": "; ".join(dict.fromkeys(filter(None, editions))),
    }


def headlines(old, new):
    """The headline figures of two studies, a row for each series that either has.

    old, new: as from `headline.rows`. Columns: `series`, `unit`, `form`, and for each side, as
    `old_level` and `new_level`: `level`, `scaled` (between the goalposts, 1 for the closest tie),
    `change`, `word`, `place`, `until`, `confidence`; `turned` (both have a word, and not the same),
    `differs` (any of these). A series that a study has no figure for is missing there, not zero.

    >>> rows = pd.DataFrame({"series": ["Votes alike"], "unit": "share", "form": "percent",
    ...     "before": 0.73, "level": 0.52, "change": -0.21, "scaled": 0.52, "scaled_change": -0.21,
    ...     "word": "fell", "rank": 6, "of": 7, "tied": 0, "until": 2024, "confidence": "medium"})
    >>> found = headlines(rows, rows.assign(word="stood still"))
    >>> found[["old_word", "new_word", "turned", "differs"]].values.tolist()
    [['fell', 'stood still', True, True]]
    """
    names = [name for name in headline.GROUPS if name in {*old["series"], *new["series"]}]
    about = pd.concat([old, new]).groupby("series")[["unit", "form"]]
    # The two may measure one thing in two ways; both are named.
    found = about.agg(lambda words: "; ".join(dict.fromkeys(words))).reindex(names)
    raw = {"old": old.set_index("series"), "new": new.set_index("series")}
    said = {"old": headline.in_words(old), "new": headline.in_words(new)}
    for side in ("old", "new"):
        places = said[side].set_index("series")["place"]
        whole = raw[side].assign(place=places).reindex(names)
        for name in ("scaled", *_HEADLINE):
            found[f"{side}_{name}"] = whole[name]
    same = [_same(found[f"old_{name}"], found[f"new_{name}"]) for name in _HEADLINE]
    found["differs"] = ~np.logical_and.reduce(same) if names else []
    words = found["old_word"].notna() & found["new_word"].notna()
    found["turned"] = words & (found["old_word"] != found["new_word"])
    return found.reset_index()


def verdicts(old, new):
    """The article's statements with the verdict and the finding that two studies gave each.

    old, new: as from `claims.gathered`. Columns: `id`, `chapter`, `title`, `statement`,
    `old_verdict`, `new_verdict`, `old_found`, `new_found`, `in` ("both", or the one side in which
    it was treated; "neither"), `turned` (another verdict), `refigured` (the same verdict on another
    finding). A statement that one side did not treat has not turned. A verdict that turned with new
    data has not been read by a person yet.

    >>> rows = pd.DataFrame({"id": ["A2"], "chapter": "arms", "title": "Who?", "statement": "94.",
    ...     "verdict": "holds", "found": "94 percent."})
    >>> verdicts(rows, rows.assign(found="93 percent."))[["turned", "refigured"]].values.tolist()
    [[False, True]]
    """
    names = list(dict.fromkeys([*new["id"], *old["id"]]))
    first, second = (side.set_index("id").reindex(names) for side in (old, new))
    about = ["chapter", "title", "statement"]
    found = second[about].fillna(first[about])
    treated = {}
    for side, rows in (("old", first), ("new", second)):
        treated[side] = rows["verdict"].fillna(NOT_TREATED) != NOT_TREATED
        found[f"{side}_verdict"] = rows["verdict"].where(treated[side])
        found[f"{side}_found"] = rows["found"].where(treated[side])
    both = treated["old"] & treated["new"]
    one = np.where(treated["old"], "old", np.where(treated["new"], "new", "neither"))
    found["in"] = np.where(both, "both", one)
    found["turned"] = both & (found["old_verdict"] != found["new_verdict"])
    found["refigured"] = both & ~found["turned"] & (found["old_found"] != found["new_found"])
    return found.reset_index(names="id")


def differences(old, new, key, figures):
    """Every cell in which two vintages of a table differ, and every row that only one of them has.

    old, new: data frames. key: the columns that tell rows apart. figures: the columns whose change
    is measured; the other columns that both have are words, and so are years and dates. Columns:
    `states` (codes in the key, joined by blanks), `year` (if the key has it), `row` (the rest of
    the key in words), `kind` (one of KINDS), `column`, `old`, `new`, and `part`: the change of a
    revised figure as part of the old one's size, without end from zero. A figure that was missing,
    or is now, has its own kind and no `part`; it is not compared with zero. A row that only one has
    is one row.

    Two vintages exchanged give the same cells, with rows added for rows gone. Rows of one key twice
    and key columns that are not there raise a DataProblem. A revision is no error: producers learn.

    >>> old = pd.DataFrame({"state": ["ARM", "ARM"], "year": [2020, 2021], "value": [10.0, 0.0]})
    >>> new = pd.DataFrame({"state": ["ARM", "BLR"], "year": [2020, 2021], "value": [12.0, 3.0]})
    >>> found = differences(old, new, ["state", "year"], ["value"])
    >>> found[["states", "year", "kind", "part"]].values.tolist()
    [['BLR', 2021, 'row added', nan], ['ARM', 2021, 'row gone', nan], ['ARM', 2020, 'revised', 0.2]]
    """
    sides = [_by_key(side, key, name) for side, name in ((old, "old"), (new, "new"))]
    first, second = sides
    parts = [
        _whole_rows(second[~second.index.isin(first.index)], ADDED),
        _whole_rows(first[~first.index.isin(second.index)], GONE),
    ]
    first = first[first.index.isin(second.index)]
    second = second.reindex(first.index)
    common = [name for name in first.columns if name in second.columns]
    parts += [_cells(first[name], second[name], name in figures) for name in common]
    found = pd.concat([part for part in parts if len(part)] or parts[:1])
    states = [name for name in key if _holds_states(old[name], new[name])]
    index = found.index.to_frame(index=False)
    found = found.reset_index(drop=True)
    found["states"] = _joined(index, states, "{value}", " ")
    found["year"] = index["year"].astype("Int64") if "year" in key else pd.NA
    rest = [name for name in key if name not in (*states, "year")]
    found["row"] = _joined(index, rest, "{name} {value}", ", ")
    return found[_CELL].astype({"year": "Int64", "part": "float64"})


def _by_key(table, key, name):
    lacking = [column for column in key if column not in table]
    if lacking or not key:
        raise DataProblem(f"the {name} table has no column {', '.join(lacking) or 'as a key'}.")
    doubled = table[table.duplicated(key)]
    if len(doubled):
        said = "; ".join(" ".join(map(str, row)) for row in doubled[key].head(5).to_numpy())
        raise DataProblem(f"the {name} table has two rows of {said}; expected one of each key.")
    return table.set_index(pd.MultiIndex.from_frame(table[key])).drop(columns=key)


def _whole_rows(rows, kind):
    empty = {"kind": kind, "column": None, "old": None, "new": None, "part": np.nan}
    return pd.DataFrame(empty, index=rows.index)


def _cells(old, new, is_figure):
    """The cells of one column that differ, of rows that both have."""
    differ = ~_same(old, new)
    old, new = old[differ], new[differ]
    found = pd.DataFrame({"column": old.name, "old": old.astype(object), "new": new.astype(object)})
    if not is_figure:
        return found.assign(kind=REWORDED, part=np.nan)
    before, after = (side.astype("float64") for side in (old, new))
    size = before.abs().replace(0, np.nan)
    part = ((after - before) / size).fillna(np.sign(after - before) * np.inf)
    kind = np.where(before.isna(), NOW_KNOWN, np.where(after.isna(), NOW_MISSING, REVISED))
    return found.assign(kind=kind, part=part.where(before.notna() & after.notna()))


def _same(old, new):
    """Where two columns have the same value, or neither has one; 1 and 1.0 are the same."""
    old, new = (side.astype(object).where(side.notna(), None) for side in (old, new))
    return (old == new) | (old.isna() & new.isna())


def _holds_states(*columns):
    values = pd.concat([column.astype("str") for column in columns])
    return len(values) > 0 and bool(values.str.fullmatch("[A-Z]{2,3}").all())


def _joined(index, names, form, between):
    rows = index[names].to_dict("records") if names else [{}] * len(index)
    return [
        between.join(form.format(name=name, value=value) for name, value in row.items())
        for row in rows
    ]


def _all_cells(old, new):
    """The differing cells of all tables that both studies have, and what could not be compared."""
    parts, notes = [], []
    held = {resource["name"]: resource for resource in old.package["resources"]}
    for resource in new.package["resources"]:
        name = resource["name"]
        if name not in held:
            continue
        schemas = held[name]["schema"], resource["schema"]
        notes += [(name, note) for note in _schema_notes(*schemas)]
        key = _key(schemas[1])
        if not key or _key(schemas[0]) != key or not _same_types(*schemas, key):
            continue
        first, second = old.table(name), new.table(name)
        if not first.equals(second):
            found = differences(first, second, key, _figures(*schemas, key))
            parts.append(found.assign(table=name))
    cells = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=_CELL)])
    return cells.reindex(columns=["table", *_CELL]).reset_index(drop=True), notes


def _key(schema):
    return key_fields(schema.get("primaryKey") or [])


def _types(schema):
    return {field["name"]: field["type"] for field in schema["fields"]}


def _same_types(old, new, key):
    return all(_types(old)[name] == _types(new)[name] for name in key)


def _figures(old, new, key):
    """Columns of numbers in both vintages that are neither part of the key nor years."""
    numbers = [
        {name for name, kind in _types(schema).items() if kind in ("number", "integer")}
        for schema in (old, new)
    ]
    return {name for name in numbers[0] & numbers[1] - set(key) if not _is_year(name)}


def _is_year(name):
    return re.search(r"(^|_)year(_|$)", name) is not None


def _schema_notes(old, new):
    first, second = _types(old), _types(new)
    for mine, other, side in ((first, second, "old"), (second, first, "new")):
        only = [name for name in mine if name not in other]
        if only:
            yield f"only the {side} study has the columns {', '.join(only)}; they are not compared."
    retyped = [name for name in first if name in second and first[name] != second[name]]
    if retyped:
        yield f"the columns {', '.join(retyped)} have another type."
    key = _key(new)
    if not key or _key(old) != key:
        yield "its key is not the same in both, so its rows cannot be matched."
    elif not _same_types(old, new, key):
        yield "its key has another type, so its rows cannot be matched."


def table_counts(cells, threshold=THRESHOLD):
    """How many rows and cells of each table differ, and how many revisions go beyond a threshold.

    cells: as in a `Comparison`. threshold: percent of the old value. Columns: `table`, one for each
    of KINDS, `beyond`. Tables without a difference have no row.

    >>> cells = pd.DataFrame({"table": "t", "kind": ["revised", "row gone"], "part": [0.2, None]})
    >>> table_counts(cells)[["table", "revised", "row gone", "beyond"]].values.tolist()
    [['t', 1, 1, 1]]
    """
    counts = pd.crosstab(cells["table"], cells["kind"]).reindex(columns=KINDS, fill_value=0)
    counts["beyond"] = beyond(cells, threshold).groupby("table").size()
    order = list(dict.fromkeys(cells["table"]))
    counts = counts.fillna(0).astype("int64").reindex(order).rename_axis(columns=None)
    return counts.reset_index(names="table")


def beyond(cells, threshold=THRESHOLD):
    """The revised figures whose change is larger than a threshold, in percent of the old value.

    A change of just the threshold is not beyond it. A figure that was zero has no part to be
    measured by, so every change of it is beyond. What was or is missing is not among them.

    >>> cells = pd.DataFrame({"kind": "revised", "part": [0.05, -0.051, float("inf"), None]})
    >>> beyond(cells, 5)["part"].tolist()
    [-0.051, inf]
    """
    size = cells["part"].astype("float64").abs()
    return cells[(cells["kind"] == REVISED) & (size > threshold / 100 + 1e-9)]


def largest(cells, threshold=THRESHOLD, most=3):
    """Of each table the revisions beyond a threshold, one row for each group of states and year.

    cells, threshold: as in `table_counts`. most: how many groups of a table, those with the largest
    change first. Columns: those of the largest cell of the group, `cells` (of the group), and
    `left_out`, how many groups of the table are not shown.

    >>> cells = pd.DataFrame({"table": "t", "states": ["ARM", "ARM", "BLR"], "year": 2020, "row": "",
    ...     "kind": "revised", "column": "x", "old": 1.0, "new": 2.0, "part": [0.2, 1.0, 0.5]})
    >>> largest(cells, most=1)[["states", "part", "cells", "left_out"]].values.tolist()
    [['ARM', 1.0, 2, 1]]
    """
    chosen = beyond(cells, threshold)
    chosen = chosen.assign(size=chosen["part"].abs())
    groups = chosen.groupby(["table", "states", "year"], dropna=False, sort=False)
    chosen = chosen.assign(cells=groups["size"].transform("size"))
    first = chosen.sort_values("size", ascending=False, kind="stable")
    first = first.drop_duplicates(["table", "states", "year"])
    place = first.groupby("table").cumcount()
    left_out = first.groupby("table")["size"].transform("size") - most
    shown = first.assign(left_out=left_out.clip(lower=0))[place < most].drop(columns="size")
    order = {name: number for number, name in enumerate(dict.fromkeys(cells["table"]))}
    return shown.sort_values("table", key=lambda names: names.map(order), kind="stable")
