"""A study of another pair: tables filled with what is at hand, the rest empty with instructions."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from alliances.catalogue import NOBODY
from alliances.checks import key_fields
from alliances.problems import DataProblem
from alliances.sources import all_sources, group_of
from alliances.state_names import StateName, sentence
from alliances.study import check_folder, pair_rows, read_package

INSTRUCTIONS = "INSTRUCTIONS.md"
WORLD = "WLD"
_BY_HAND = "Collect it by hand: one row each, with the page it was read on."
_OF_THE_CASE = "It serves only what the book says of its own case, and stays empty."
_HOW = """\
An empty table says that nobody looked. The chapters say so too, and leave out what would rest on it.

After every step: `alliances check {folder}`. The book: `alliances build --study {folder} --out site`.
Imports go into this study with `--into {folder}`.

In `datapackage.json`, `study` names the pair, the years, the states to compare with
(`comparison`) and further partners of the ally, which count in tests on a group only
(`further_partners`).

A table that you fill by hand needs a `coverage` there, the first and the last year in which you
looked, and its `gaps`: what an absent row and an empty cell mean.

Where a column takes one of a few words, they stand there too, as the column's `enum`. If your case
needs another word, add it. A picture that does not know the word refuses it by name; its colours
stand in the chapter's code.
"""
_NOT_SEARCHED = (
    "Nobody searched for this pair's rows. What is here was found in looking for another pair's; that"
    " nothing else is here says nothing."
)
_HOW_TO_SEARCH = (
    "Search for this pair's rows and add them by hand, each with the page it was read on. Then put the"
    " pair's two codes into `searched_for`, and the years you searched into `coverage`."
)
_WORDS = {"string": "text", "integer": "a whole number", "number": "a number", "date": "a date"}


def new_study(
    shipped: Path | str, folder: Path | str, focal: str, ally: str, comparison: list | None = None
) -> list[str]:
    """Make the folder of a study for another pair, and say in sentences what is in it.

    shipped: the study that came with the book. folder: where the new one goes; it must not exist, or
    be empty. focal, ally: ISO 3166 codes in the table `states`. comparison: states to set beside the
    pair; by default the shipped ones, if the pair is among them, and with them the ally's further
    partners; else none. Rows of shipped figures that concern these states are taken over with their
    provenance. A table that was collected about
    another pair, or has no such row, is empty: its `waiting_for` and the file INSTRUCTIONS.md say how
    to fill it. An empty table says that nobody looked, and must not be read as zeros. A row of this
    pair in a table that was searched for another one comes along, and its table covers no years. The
    whole is checked before the folder appears. A DataProblem says everything that is wrong at once.

    >>> new_study("nowhere", "kazakhstan", "KAZ", "RUS")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere: there is no such folder. Give the folder that holds
    datapackage.json.
    """
    shipped, folder = Path(shipped), Path(folder)
    package = read_package(shipped)
    names = pd.read_csv(shipped / "states.csv", dtype="str", keep_default_na=False)
    names = names.set_index("iso3")["name"].map(StateName).to_dict()
    study = _pair(package["study"], focal, ally, comparison, set(names))
    _refuse_taken(folder)
    tables = {one["name"]: _rows(shipped, one, study) for one in package["resources"]}
    _drop_what_refers_to_nothing(package["resources"], tables)
    said = []
    package["name"] = "-".join((names[focal], names[ally])).lower().replace(" ", "-")
    package["title"] = sentence(f"{names[focal]} and {names[ally]}: figures for the book")
    package["study"] = study
    examples = {one["name"]: one.get("gaps", "") for one in package["resources"]}
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "study"
        for resource in package["resources"]:
            rows = tables[resource["name"]]
            _described(resource, rows, {focal, ally})
            path = made / resource["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(rows), encoding="utf-8", newline="\n")
            said.append(_sentence(resource, rows))
        (made / "datapackage.json").write_text(
            json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (made / INSTRUCTIONS).write_text(
            _instructions(package, names, folder, examples), encoding="utf-8"
        )
        check_folder(made)
        _put(made, folder)
    return said


def _pair(whole, focal, ally, comparison, known):
    shipped = list(dict.fromkeys([*whole.get("states", ()), *whole.get("comparison", ())]))
    further = []
    if comparison is None:
        among = {focal, ally} <= set(shipped)
        comparison, further = (shipped, whole.get("further_partners", [])) if among else ([], [])
    problems = [
        f"{role}: found {code!r}; expected a code of three letters in states.csv, such as KAZ."
        for role, codes in (("focal", [focal]), ("ally", [ally]), ("comparison", comparison))
        for code in codes
        if code not in known
    ]
    if focal == ally:
        problems.append(f"focal and ally are both {focal!r}; expected two states.")
    if problems:
        raise DataProblem("\n".join(problems))
    beside = [state for state in dict.fromkeys(comparison) if state not in (focal, ally)]
    years = {name: whole[name] for name in ("first_year", "last_year")}
    pair = {"focal": focal, "ally": ally, "states": [focal, ally]} | years
    return pair | {"comparison": beside, "further_partners": further}


def _refuse_taken(folder):
    if folder.is_file():
        raise DataProblem(f"{folder}: this is a file. Name a folder that does not exist yet.")
    if folder.is_dir() and any(folder.iterdir()):
        raise DataProblem(f"{folder}: the folder is not empty. Name one that does not exist yet.")


def _rows(shipped, resource, study):
    """The shipped rows that the new study takes over, every cell as it is written there."""
    rows = pd.read_csv(shipped / resource["path"], dtype="str", keep_default_na=False)
    about = resource.get("about")
    if about and set(about) != {study["focal"], study["ally"]}:
        return rows[:0]
    states = set(group_of(study))
    if resource["name"] == "events":
        return rows[rows["states"].map(lambda cell: bool(states & set(cell.split(";"))))]
    columns = resource.get("pair")
    if not columns:
        return rows
    if columns.get("own_only"):
        return rows[pair_rows(rows, columns, study["focal"], study["ally"])]
    if columns["focal"] == "focal":
        return rows[rows["focal"].isin([study["focal"], study["ally"]])]
    if resource["name"] == "treaty_obligations/members":
        # What an alliance promises a state is what all its other members promise, whoever they are.
        return rows[rows["alliance"].isin(rows.loc[rows["state"].isin(states), "alliance"])]
    named = [columns["focal"], *([columns["ally"]] if columns.get("either_way") else [])]
    ours = rows[named].isin(states).any(axis=1)
    # Rows of the world alone belong to every pair, but make no table hold something of this one.
    return rows[ours | (rows[named].eq(WORLD).all(axis=1) & ours.any())]


def _drop_what_refers_to_nothing(resources, tables):
    """Take out rows that refer to a row which was not taken over, and alliances without a member."""
    members = tables["treaty_obligations/members"]["alliance"]
    alliances = tables["treaty_obligations/alliances"]
    tables["treaty_obligations/alliances"] = alliances[alliances["alliance"].isin(members)]
    for resource in resources:
        for key in resource["schema"].get("foreignKeys", []):
            other, [field] = key["reference"]["resource"], key_fields(key["fields"])
            if other and other != "states":
                rows = tables[resource["name"]]
                known = tables[other][key_fields(key["reference"]["fields"])[0]]
                tables[resource["name"]] = rows[rows[field].isin(known)]


def _described(resource, rows, pair):
    """Fit a table's description to what was taken over.

    What it said of the rows and the gaps that the shipped study has is said of these alone.
    """
    about = resource.get("about")
    if not resource.get("case_only"):
        resource.pop("about", None)
    if len(rows):
        if not pair >= set(resource.get("searched_for", pair)):
            for word in ("coverage", "remarks"):
                resource.pop(word, None)
            resource["gaps"] = _NOT_SEARCHED
            resource["waiting_for"] = _HOW_TO_SEARCH
        return
    for word in ("coverage", "remarks", "searched_for"):
        resource.pop(word, None)
    # An import names those of its own, but not the sources that it joins, which stay described.
    stay = not about or "case_only" in resource
    kept = [one for one in resource.get("sources", []) if "command" not in one and stay]
    resource["sources"] = kept
    if not kept:
        del resource["sources"]
    resource["waiting_for"] = _how_to_fill(resource)
    if resource["waiting_for"] == _BY_HAND:
        resource["gaps"] = NOBODY


def _how_to_fill(resource):
    if resource.get("case_only"):
        return _OF_THE_CASE
    made_by = [
        source for source in all_sources().values() if resource["name"] in source.tables
    ]
    if not made_by:
        return _BY_HAND
    ways = [f"`alliances import {one.name}` (reads {one.files})" for one in made_by]
    return "Import a producer's file: " + "; or ".join(ways) + "."


def _sentence(resource, rows):
    if len(rows) and "waiting_for" in resource:
        return f"{resource['name']}: {len(rows):,} found by chance. {resource['waiting_for']}"
    if len(rows):
        return f"{resource['name']}: {len(rows):,} rows."
    return f"{resource['name']}: empty. {resource['waiting_for']}"


def _instructions(package, names, folder, examples):
    """The file that says, table by table, what was there at first and how the rest is filled.

    examples: {table: what the shipped study says of its gaps}.
    """
    study = package["study"]
    filled = [one for one in package["resources"] if "waiting_for" not in one]
    unsought = [one for one in package["resources"] if one.get("gaps") == _NOT_SEARCHED]
    empty = [one for one in package["resources"] if "waiting_for" in one and one not in unsought]
    of_the_case = [one for one in empty if one.get("case_only")]
    to_fill = [one for one in empty if one not in of_the_case]
    lines = [
        sentence(f"# {names[study['focal']]} and {names[study['ally']]}: how this study is filled"),
        "",
        f"When it was made, {len(filled)} tables held rows taken from the study that came with the"
        f" book, and {len(to_fill)} were empty and can be filled."
        + (f" In {len(unsought)} more stands what was found by chance." if unsought else "")
        + " The page on the data tells which are empty now.",
        *_HOW.format(folder=folder).split("\n"),
        "## Tables that were empty",
        "",
        *(line for one in to_fill for line in _to_fill(one, examples[one["name"]])),
        *(["## Tables that nobody searched for this pair", ""] if unsought else []),
        *(line for one in unsought for line in _to_fill(one, examples[one["name"]])),
        "## Tables that had rows",
        "",
        *_listed(filled),
        "## Tables of the book's own case",
        "",
        "They serve only what the book says of its own case, and stay empty.",
        "",
        *_listed(of_the_case),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _listed(resources):
    return [*(f"- `{one['path']}`: {one['title']}" for one in resources), ""]


def _to_fill(resource, example):
    lines = [f"### {resource['path']}", "", f"{resource['title']}.", "", resource["waiting_for"], ""]
    if resource["waiting_for"] in (_BY_HAND, _HOW_TO_SEARCH):
        lines += [resource["description"], "", *_fields(resource), ""]
        lines += [f"The book's own study says of its gaps, as an example: {example}", ""]
    return lines


def _fields(resource):
    """One line for each column: its name, what a cell holds, and whether it may stay empty."""
    lines = []
    for field in resource["schema"]["fields"]:
        rules = field.get("constraints", {})
        kind = _WORDS.get(field["type"], field["type"])
        if "enum" in rules:
            kind = "one of " + ", ".join(map(str, rules["enum"]))
        must = "" if rules.get("required") else ", may be empty"
        what = field.get("description") or field.get("title", "")
        lines.append(f"- `{field['name']}` ({kind}{must}): {what}")
    return lines


def _text(rows):
    return rows.to_csv(index=False, lineterminator="\n")


def _put(made, folder):
    """The folder appears whole: it is copied beside its place and renamed."""
    beside = folder.with_name(f".{folder.name}.new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(made, beside)
        if folder.is_dir():
            folder.rmdir()
        os.replace(beside, folder)
    except OSError as error:
        raise DataProblem(f"{folder}: it cannot be written ({error.strerror}).") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
