"""What changed between two studies, in words: for a terminal, and for the tables of the page."""

import html
import re
import textwrap

import numpy as np
import pandas as pd

from alliances import what_changed
from alliances.prose import Prose, anchor, fill
from alliances.study import ARTICLE_PAIR
from alliances.tables import written

WIDTH = 100
MOST_TABLES, MOST_GROUPS, MOST_STATEMENTS = 12, 3, 10
NO_CHAPTERS = (
    "Verdicts are not compared here, since the other study's chapters have not been run. To run "
    "them, build the book with `--against`."
)


def names_of(old, new):
    """What two studies are called: by their pairs where these differ, else the old and the new."""
    said = [f"{study.state(study.focal)} with {study.state(study.ally)}" for study in (old, new)]
    return tuple(said) if said[0] != said[1] else ("the old study", "the new study")


def why_no_verdicts(old, new):
    """One sentence on why two studies have no verdicts to compare; old, new: Studies."""
    if old.is_case and new.is_case:
        return NO_CHAPTERS
    named = zip(names_of(old, new), (old, new))
    others = [f"{name} ({_about_years(study)})" for name, study in named if not study.is_case]
    return fill(
        "The article's statements are about {case} in all years. {others:list} {are} not, so there are"
        " no verdicts to compare.",
        case=" with ".join(old.state(code) for code in ARTICLE_PAIR),
        others=[other[0].upper() + other[1:] if other is others[0] else other for other in others],
        are="is" if len(others) == 1 else "are",
    )


def why_no_cells(old, new):
    """One sentence on why the figures of two studies are not compared row by row; Studies."""
    if {old.focal, old.ally} == {new.focal, new.ally}:
        said = "The two are about one pair, seen from either side"
    else:
        said = "The two are about different pairs"
    return f"{said}, so their figures are compared by indicator and not row by row."


def other_years(headlines, old, new):
    """One sentence on the figures whose last years differ between two studies; empty without any.

    headlines: as from `what_changed.headlines`. old, new: what the studies are called.

    >>> found = pd.DataFrame({"series": ["Trade"], "old_until": [2014], "new_until": [2021]})
    >>> other_years(found, "the old study", "the new study")
    'Not of the same year, and so not to be compared as if they were: trade (2014 for the old study,
    2021 for the new study).'
    """
    years = headlines[["series", "old_until", "new_until"]].dropna()
    years = years[years["old_until"] != years["new_until"]]
    if years.empty:
        return ""
    return fill(
        "Not of the same year, and so not to be compared as if they were: {each:list}.",
        each=[
            f"{row.series.lower()} ({row.old_until} for {old}, {row.new_until} for {new})"
            for row in years.itertuples()
        ],
    )


def sources(found):
    """The sources of the headline figures of both studies, each once.

    found: a `what_changed.Comparison`.
    """
    lines = [
        study.source_line(*tables).removesuffix(".").split("; ")
        for study, tables in zip((found.old, found.new), found.tables)
    ]
    return "; ".join(dict.fromkeys([*lines[1], *lines[0]])) + "."


def _about_years(study):
    return f"{study.first_year} to {study.last_year}"


def one_sided(headlines, old, new):
    """One sentence on the headline figures that only one of two studies has; empty without any.

    headlines: as from `what_changed.headlines`. old, new: what the studies are called.

    >>> found = pd.DataFrame({"series": ["Bases"], "old_level": [2.0], "new_level": [None]})
    >>> one_sided(found, "the old study", "the new study")
    'There is a value only for the old study of: bases.'
    """
    held = {side: headlines[f"{side}_level"].notna() for side in ("old", "new")}
    only = ((old, held["old"] & ~held["new"]), (new, held["new"] & ~held["old"]))
    return " ".join(
        fill("There is a value only for {who} of: {series:list}.", who=who, series=named)
        for who, rows in only
        if (named := [name.lower() for name in headlines.loc[rows, "series"]])
    )


def said_place(row, names):
    """Where a differing cell stands, in words: the states and the year of its row's key.

    >>> said_place({"states": "ARM IND", "year": 2023, "row": ""}, {"ARM": "Armenia", "IND": "India"})
    'Armenia, India, 2023'
    """
    words = [names.get(code, code) for code in row["states"].split()]
    year = [] if pd.isna(row["year"]) else [str(row["year"])]
    return ", ".join([*words, *year]) or row["row"] or "one row"


def said_figure(value):
    """A figure of a table as short as it can be said; a gap as "no value".

    >>> said_figure(3.6), said_figure(12346.0), said_figure(None)
    ('3.6', '12,346', 'no value')
    """
    if value is None or pd.isna(value):
        return "no value"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def said_part(part):
    """A change as part of the old value, in percent with its sign; from zero there is no part.

    >>> said_part(2.0), said_part(-0.051), said_part(float("inf"))
    ('+200 percent', '−5.1 percent', 'from zero')
    """
    if np.isinf(part):
        return "from zero"
    percent = 100 * part
    form = "+,.0f" if abs(percent) >= 10 else "+.1f"
    return format(percent, form).replace("-", "−") + " percent"


def report(found, verdicts, threshold=what_changed.THRESHOLD):
    """The lines of a text for a terminal, the most important first.

    found: a `what_changed.Comparison`. verdicts: as from `what_changed.verdicts`, or None where
    there are none to compare. threshold: percent of the old value beyond which a revision is told
    singly. First what turned, then headline figures, coverage and cells. Long lists are cut, and
    say how many more there are.
    """
    old, new = names_of(found.old, found.new)
    lines = [f"{_about(found.old)}: {old}", f"{_about(found.new)}: {new}", ""]
    if not _anything(found, verdicts):
        return [*lines, "Nothing changed." if found.same_pair else "Nothing differs."]
    for title, part in (
        ("WHAT TURNED", [*_turned_statements(found, verdicts), *_turned_words(found.headlines)]),
        ("HEADLINE FIGURES", _said_headlines(found.headlines)),
        ("COVERAGE", _said_coverage(found.coverage)),
        ("FIGURES", _said_cells(found, threshold)),
    ):
        lines += [title, *(f"  {line}" for line in part), ""]
    return lines[:-1]


def _about(study):
    pair = f"{study.state(study.focal)} with {study.state(study.ally)}"
    return f"{study.folder} ({pair}, {_about_years(study)})"


def _anything(found, verdicts):
    told = found.headlines["differs"].any() or found.coverage["differs"].any() or len(found.notes)
    told = told or (found.cells is not None and len(found.cells))
    return told or (verdicts is not None and (verdicts["turned"] | verdicts["refigured"]).any())


def _cut(lines, most, what):
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], f"and {more} more {what}"]


def _wrapped(text, indent):
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _turned_statements(found, verdicts):
    if verdicts is None:
        return _wrapped(without_markup(why_no_verdicts(found.old, found.new)), "")
    turned = verdicts[verdicts["turned"]]
    lines = [f"Statements with another verdict: {len(turned)} of {len(verdicts)}."]
    for row in turned.head(MOST_STATEMENTS).to_dict("records"):
        lines.append(f"  {row['id']} ({row['title']}): {row['old_verdict']} -> {row['new_verdict']}")
        lines += _wrapped(f"old: {without_markup(row['old_found'])}", "    ")
        lines += _wrapped(f"new: {without_markup(row['new_found'])}", "    ")
    if len(turned) > MOST_STATEMENTS:
        lines.append(f"  and {', '.join(turned['id'].iloc[MOST_STATEMENTS:])}")
    refigured = verdicts.loc[verdicts["refigured"], "id"]
    if len(refigured):
        lines += _wrapped(f"The same verdict on another finding: {', '.join(refigured)}.", "")
    lines += [
        line
        for side, where in (("old", "new"), ("new", "old"), ("neither", "neither"))
        for line in _untreated(verdicts.loc[verdicts["in"] == side, "id"], where)
    ]
    return lines


def _untreated(names, where):
    """Statements that one side, or neither, has a verdict on, which is no turn."""
    if names.empty:
        return []
    said = "in neither study" if where == "neither" else f"in the {where} study"
    return _wrapped(f"Without a verdict {said}: {', '.join(names)}.", "")


def _turned_words(headlines):
    turned = headlines[headlines["turned"]]
    lines = [f"Headline figures with another word: {len(turned)} of {len(headlines)}."]
    return lines + [
        f"  {row['series']}: {row['old_word']} -> {row['new_word']}"
        for row in turned.to_dict("records")
    ]


def _said_headlines(headlines):
    """The headline figures that differ, each on a line."""
    rows = headlines[headlines["differs"]].to_dict("records")
    lines = [f"{len(rows)} of {len(headlines)} differ."] if rows else ["None differs."]
    for row in rows:
        parts = [f"{said_level(row, 'old')} -> {said_level(row, 'new')}"]
        parts += [
            f"{name} {_or_no_value(row[f'old_{name}'])} -> {_or_no_value(row[f'new_{name}'])}"
            for name in ("place", "confidence")
            if _or_no_value(row[f"old_{name}"]) != _or_no_value(row[f"new_{name}"])
        ]
        lines += _wrapped(f"{row['series']}, {row['unit']}: {'; '.join(parts)}", "  ")
    return lines


def said_level(row, side):
    """The level of a headline figure with its year, its change and its word, or that there is none.

    row: of `what_changed.headlines`. side: "old" or "new".

    >>> said_level({"old_level": 0.52, "form": "percent", "old_until": 2024, "old_word": "fell"}, "old")
    '52% in 2024, fell'
    """
    level = row[f"{side}_level"]
    if pd.isna(level):
        return "no value"
    return f"{written(level, row['form'])} in {row[f'{side}_until']}, {row[f'{side}_word']}"


def _or_no_value(value):
    return "no value" if pd.isna(value) else value


def _said_coverage(coverage):
    """The tables whose years, rows or editions differ, and those that only one study has."""
    lines = []
    for row in coverage[coverage["differs"]].to_dict("records"):
        if row["in"] != "both":
            lines.append(f"{row['table']}: only in the {row['in']} study")
            continue
        lines += _wrapped(f"{row['table']}: {'; '.join(said_coverage(row))}", "")
    return _cut(lines, 2 * MOST_TABLES, "lines") or ["It is the same in both."]


def said_coverage(row):
    """What of a table's coverage differs, in words; row: of `what_changed.coverage`.

    >>> said_coverage({"old_years": "1992–2024", "new_years": "1992–2025", "old_rows": 3, "new_rows": 3,
    ...     "old_editions": "", "new_editions": ""})
    ['years 1992–2024 -> 1992–2025']
    """
    return [
        f"{name} {row[f'old_{name}'] or 'none'} -> {row[f'new_{name}'] or 'none'}"
        for name in ("years", "rows", "editions")
        if row[f"old_{name}"] != row[f"new_{name}"]
    ]


def _said_cells(found, threshold):
    if found.cells is None:
        return _wrapped(why_no_cells(found.old, found.new), "")
    notes = found.notes.to_dict("records")
    lines = [line for row in notes for line in _wrapped(said_note(row), "")]
    told = figure_table(found.cells, found.new.names, threshold, MOST_GROUPS)
    tables = list(dict.fromkeys(told["table"]))
    for name in tables[:MOST_TABLES]:
        first, *groups = told.loc[told["table"] == name, "what"]
        lines += _wrapped(f"{name}: {first}", "")
        lines += [line for group in groups for line in _wrapped(group, "  ")]
    if len(tables) > MOST_TABLES:
        lines += _wrapped(f"and in {', '.join(tables[MOST_TABLES:])}", "")
    return lines or ["Every cell is the same."]


def said_note(row):
    """A note on a table that could not be compared in full.

    >>> said_note({"table": "a/b", "note": "its key is not the same in both."})
    'a/b: its key is not the same in both.'
    """
    return f"{row['table']}: {row['note']}"


def said_counts(count, threshold):
    """How many rows and cells of a table differ, in words; count: of `what_changed.table_counts`.

    >>> zero = dict.fromkeys(what_changed.KINDS, 0)
    >>> said_counts(zero | {"row added": 2, "revised": 3, "beyond": 1}, 5)
    '2 rows added, 3 figures revised, 1 of them by more than 5 percent'
    """
    words = {
        what_changed.ADDED: "rows added",
        what_changed.GONE: "rows gone",
        what_changed.NOW_KNOWN: "figures no longer missing",
        what_changed.NOW_MISSING: "figures now missing",
        what_changed.REWORDED: "other cells changed",
        what_changed.REVISED: "figures revised",
    }
    said = [_counted(count[kind], word) for kind, word in words.items() if count[kind]]
    if count["beyond"]:
        said.append(f"{count['beyond']} of them by more than {threshold:g} percent")
    return ", ".join(said)


def _counted(number, words):
    first, rest = words.split(" ", 1)
    if first == "other":
        return f"{number} other cell{'s' * (number > 1)} changed"
    return f"{number} {first[:-1] if number == 1 else first} {rest}"


def said_group(row, names):
    """The largest revision of a group of states and year; row: of `what_changed.largest`.

    >>> said_group({"states": "ARM", "year": 2023, "row": "", "column": "tiv", "old": 3.6, "new": 10.8,
    ...     "part": 2.0, "cells": 3}, {"ARM": "Armenia"})
    'Armenia, 2023: tiv 3.6 -> 10.8 (+200 percent), and 2 more'
    """
    where = said_place(row, names)
    figures = f"{said_figure(row['old'])} -> {said_figure(row['new'])}"
    about = f" ({row['row']})" if row["row"] and row["row"] != where else ""
    more = f", and {row['cells'] - 1} more" if row["cells"] > 1 else ""
    return f"{where}: {row['column']}{about} {figures} ({said_part(row['part'])}){more}"


def without_markup(text):
    """The words of MyST Markdown, for a terminal: roles, links and escapes are gone.

    >>> without_markup("See {doc}`trade` and *94* percent {cite:p}`a2020`, 5 \\\\$.")
    'See trade and 94 percent a2020, 5 $.'
    """
    text = re.sub(r"\{[a-z:]+\}`([^`<]*?)(?:\s*<[^`]*>)?`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)[*`]", "", text)
    return html.unescape(re.sub(r"\\(.)", r"\1", text))


def statements(verdicts):
    """The statements whose verdict turned, as a list in MyST Markdown, each with both findings.

    verdicts: as from `what_changed.verdicts`. The findings are Markdown that chapters wrote. A link
    leads to the paragraph that treats the statement in the new study.
    """
    items = [
        f"- [{row['id']}](#{anchor('statement', row['id'])}): *{row['old_verdict']}* became "
        f"*{row['new_verdict']}*. Before: {row['old_found']} Now: {row['new_found']}"
        for row in verdicts[verdicts["turned"]].to_dict("records")
    ]
    return Prose("\n".join(items))


def headline_table(headlines):
    """The headline figures of two studies as readers see them, for `tables.show`.

    headlines: as from `what_changed.headlines`. Columns: `series`, `unit`, `old`, `new` (level and
    year), and `change`, `word`, `place`, `confidence`, each once where the two agree, else both.

    >>> sides = {"level": 0.52, "until": 2024, "word": "fell", "change": -0.2, "place": "6 of 7",
    ...     "confidence": "high"}
    >>> row = {"series": "Votes alike", "unit": "share", "form": "percent"}
    >>> row |= {f"{side}_{name}": value for side in ("old", "new") for name, value in sides.items()}
    >>> headline_table(pd.DataFrame([row | {"new_word": "rose"}]))[["old", "word", "place"]].values.tolist()
    [['52% in 2024', 'fell; rose', '6 of 7']]
    """
    rows = []
    for row in headlines.to_dict("records"):
        line = {"series": row["series"], "unit": row["unit"]}
        for side in ("old", "new"):
            line[side] = said_level(row | {f"{side}_word": ""}, side).removesuffix(", ")
        for name in ("word", "place", "confidence"):
            both = [_or_no_value(row[f"{side}_{name}"]) for side in ("old", "new")]
            line[name] = "; ".join(dict.fromkeys(both))
        rows.append(line)
    columns = ["series", "unit", "old", "new", "word", "place", "confidence"]
    return pd.DataFrame(rows, columns=columns)


def scaled_levels(headlines):
    """The levels of two studies between their goalposts, one row a series and side, for a picture.

    Columns: `series`, `side` ("old" or "new"), `scaled` (1 for the closest tie). A series that a
    study has no figure for is missing there.

    >>> found = pd.DataFrame({"series": ["Bases"], "old_scaled": [0.5], "new_scaled": [None]})
    >>> scaled_levels(found).values.tolist()
    [['Bases', 'old', 0.5], ['Bases', 'new', nan]]
    """
    parts = [
        pd.DataFrame(
            {"series": headlines["series"], "side": side, "scaled": headlines[f"{side}_scaled"]}
        )
        for side in ("old", "new")
    ]
    return pd.concat(parts).sort_index(kind="stable").astype({"scaled": "float64"})


def coverage_table(coverage):
    """The tables whose coverage differs, for `tables.show`: `table`, and in words what `differs`.

    coverage: as from `what_changed.coverage`.
    """
    rows = coverage[coverage["differs"]].to_dict("records")
    said = [
        "; ".join(said_coverage(row)) if row["in"] == "both" else f"only in the {row['in']} study"
        for row in rows
    ]
    return pd.DataFrame({"table": [row["table"] for row in rows], "differs": said})


def figure_table(cells, names, threshold=what_changed.THRESHOLD, most=5):
    """Of each table what differs, then its largest revisions, for `tables.show`.

    cells, threshold: as for `what_changed.table_counts`. names: {code: name of the state}. Columns:
    `table`, `what` (counts, or where the largest revisions of a group are), both in words.
    """
    counts = what_changed.table_counts(cells, threshold)
    shown = what_changed.largest(cells, threshold, most)
    rows = []
    for count in counts.to_dict("records"):
        groups = shown[shown["table"] == count["table"]].to_dict("records")
        lines = [said_counts(count, threshold), *(said_group(row, names) for row in groups)]
        if groups and groups[0]["left_out"]:
            lines.append(f"and {groups[0]['left_out']} more groups of states and year")
        rows += [{"table": count["table"], "what": line} for line in lines]
    return pd.DataFrame(rows, columns=["table", "what"])
