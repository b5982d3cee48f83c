"""A study of another pair: tables filled with what is at hand, the rest empty with instructions."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from alliances.checks import key_fields
from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.study import check_folder, pair_rows, read_package

INSTRUCTIONS = "INSTRUCTIONS.md"
WORLD = "WLD"
_BY_HAND = "Collect it by hand: one row each, with the page it was read on."
_OF_THE_ARTICLE = "It belongs to the article on Armenia and Russia, and stays empty."
_ARTICLE_TABLES = ("article_", "readings")
_WORDS = {"string": "text", "integer": "a whole number", "number": "a number", "date": "a date"}


def new_study(
    shipped: Path | str, folder: Path | str, focal: str, ally: str, comparison: list | None = None
) -> list[str]:
    """Make the folder of a study for another pair, and say in sentences what is in it.

    shipped: the study that came with the book. folder: where the new one goes; it must not exist, or
    be empty. focal, ally: ISO 3166 codes in the table `states`. comparison: states to set beside the
    pair; by default the shipped ones, if the pair is among them, else none. Rows of shipped figures
    that concern these states are taken over with their provenance. A table that was collected about
    another pair, or has no such row, is empty: its `waiting_for` and the file INSTRUCTIONS.md say how
    to fill it. An empty table says that nobody looked, and must not be read as zeros. The whole is
    checked before the folder appears. A DataProblem says everything that is wrong at once.

    >>> new_study("nowhere", "kazakhstan", "KAZ", "RUS")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere: there is no such folder. Give the folder that holds
    datapackage.json.
    """
    shipped, folder = Path(shipped), Path(folder)
    package = read_package(shipped)
    names = pd.read_csv(shipped / "states.csv", dtype="str", keep_default_na=False)
    names = names.set_index("iso3")["name"]
    study = _pair(package["study"], focal, ally, comparison, set(names.index))
    _refuse_taken(folder)
    tables = {one["name"]: _rows(shipped, one, study) for one in package["resources"]}
    _drop_what_refers_to_nothing(package["resources"], tables)
    said = []
    package["name"] = f"{names[focal]}-{names[ally]}".lower().replace(" ", "-")
    package["title"] = f"{names[focal]} and {names[ally]}: figures for the book"
    package["study"] = study
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "study"
        for resource in package["resources"]:
            rows = tables[resource["name"]]
            _described(resource, rows)
            path = made / resource["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(rows), encoding="utf-8", newline="\n")
            said.append(_sentence(resource, rows))
        (made / "datapackage.json").write_text(
            json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (made / INSTRUCTIONS).write_text(
            _instructions(package, names[focal], names[ally], folder), encoding="utf-8"
        )
        check_folder(made)
        _put(made, folder)
    return said


def _pair(whole, focal, ally, comparison, known):
    shipped = list(dict.fromkeys([*whole.get("states", ()), *whole.get("comparison", ())]))
    if comparison is None:
        comparison = shipped if {focal, ally} <= set(shipped) else []
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
    return {"focal": focal, "ally": ally, "states": [focal, ally]} | years | {"comparison": beside}


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
    states = {study["focal"], study["ally"], *study["comparison"]}
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


def _of_the_article(name):
    return any(word in name for word in _ARTICLE_TABLES)


def _described(resource, rows):
    """Fit a table's description to what was taken over."""
    about = resource.pop("about", None)
    if len(rows):
        return
    resource.pop("coverage", None)
    resource["waiting_for"] = _how_to_fill(resource)
    resource["sources"] = [one for one in resource.get("sources", []) if "command" not in one]
    if about:
        resource["title"] = resource["name"].replace("/", ": ").replace("_", " ").capitalize()
        resource["description"] = (
            f"As the table is described for Armenia and Russia: {resource['description']}"
        )
        resource["sources"] = []
    if not resource["sources"]:
        del resource["sources"]


def _how_to_fill(resource):
    if _of_the_article(resource["name"]):
        return _OF_THE_ARTICLE
    made_by = [
        source for source in all_sources().values() if resource["name"] in source.tables
    ]
    if not made_by:
        return _BY_HAND
    ways = [f"`alliances import {one.name}` (reads {one.files})" for one in made_by]
    return "Import a producer's file: " + "; or ".join(ways) + "."


def _sentence(resource, rows):
    if len(rows):
        return f"{resource['name']}: {len(rows):,} rows."
    return f"{resource['name']}: empty. {resource['waiting_for']}"


def _instructions(package, focal, ally, folder):
    """The file that says, table by table, what is there and how the rest is filled."""
    filled = [one for one in package["resources"] if "waiting_for" not in one]
    empty = [one for one in package["resources"] if "waiting_for" in one]
    lines = [
        f"# {focal} and {ally}: what is here, and what is not",
        "",
        f"{len(filled)} tables hold rows taken from the study that came with the book."
        f" {len(empty)} tables are empty.",
        "An empty table says that nobody looked. The chapters say so too, and leave out what would"
        " rest on it.",
        "",
        f"After every step: `alliances check {folder}`. The book: `alliances build --study {folder}"
        f" --out site`. Imports go into this study with `--into {folder}`.",
        "",
        "In `datapackage.json`, `study` names the pair, the years and the states to compare with."
        " A table that you fill by hand needs a `coverage` there: the first and the last year in"
        " which you looked.",
        "",
        "## Empty tables",
        "",
    ]
    for resource in empty:
        lines += [f"### {resource['path']}", "", resource["waiting_for"], ""]
        if resource["waiting_for"] == _BY_HAND:
            lines += [resource["description"], "", *_fields(resource), ""]
    lines += ["## Tables with rows", ""]
    lines += [f"- `{resource['path']}`: {resource['title']}" for resource in filled]
    return "\n".join(lines) + "\n"


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
