"""The engine behind `alliances import`: the study's tables renewed from a producer's files."""

import difflib
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd

from alliances.checks import key_fields
from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.remarks import gathered
from alliances.study import check_folder, read_package

_SHOWN = 5
# What a source's entry says of the producer; the rest of it was about the files of the last import.
_LASTING = ("key", "title", "short", "path", "producer", "citation")


def import_source(
    name: str, paths: list, into: Path | str, accessed: str | None = None
) -> list[str]:
    """Renew the tables of a study that one source makes, and say in sentences what happened.

    name: a source's name, as `all_sources` lists them. paths: the producer's files, as delivered.
    into: the study's folder. accessed: the ISO date of the download, today unless told. Only rows
    whose `source` is this import's, or an older one that it replaces, give way; rows of other
    sources stay, and where the table has no place for two of them it says so. The source's entry in
    `datapackage.json` gets the edition, the date, the files with their sha256 and the command. The
    whole study is checked on a copy first: if anything is wrong, a DataProblem says all of it and
    the folder is as it was. A row that is gone was in the study and is not in the new file: that
    is the producer's revision, or a file of another extent, and is worth a look.

    >>> import_source("sipri-delivery", [], "data")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    alliances.problems.DataProblem: no source is called 'sipri-delivery'. Did you mean ...
    """
    source = _source(name)
    accessed = _date(accessed)
    paths = [Path(path) for path in paths]
    if not paths:
        raise DataProblem(f"{name}: no file was given; expected {source.files}.")
    into = Path(into)
    package = read_package(into)
    with gathered() as remarks:
        made = source.make(paths, package["study"])
    said, texts, rivals = [*remarks, *made.said], {}, []
    for table, rows in made.tables.items():
        resource = _resource(package, table)
        kept, gone, new = _sorted(into, resource, rows, source)
        rivals += _rivals(resource, kept, new, made.alone.get(table))
        texts[resource["path"]] = _joined(resource, kept, new)
        said.append(f"{table}: {_changes(gone, new, _key(resource))}")
        if older := sorted(set(gone["source"]) & set(source.replaces)):
            said.append(f"{table}: they take the place of all rows from {', '.join(older)}.")
        _record(resource, source, made, _provenance(name, paths, made.edition, accessed))
        if len(kept) + len(new):
            resource.pop("waiting_for", None)
    if rivals:
        raise DataProblem("\n".join(rivals))
    texts["datapackage.json"] = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    _check_copy(into, texts)
    _write(into, texts)
    return said


def _source(name):
    known = all_sources()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise DataProblem(
            f"no source is called {name!r}. {hint}Those known are: {', '.join(known)}."
            " `alliances import` alone says what each reads."
        )
    return known[name]


def _date(accessed):
    if accessed is None:
        return date.today().isoformat()
    try:
        day = date.fromisoformat(accessed)
    except ValueError:
        raise DataProblem(
            f"the date of access is {accessed!r}; expected year, month and day, such as 2026-02-12."
        ) from None
    if day > date.today():
        raise DataProblem(f"the date of access, {accessed}, lies in the future. Correct it.")
    return day.isoformat()


def _resource(package, table):
    for resource in package["resources"]:
        if resource["name"] == table:
            place = Path(resource["path"])
            if place.is_absolute() or ".." in place.parts:
                raise DataProblem(
                    f"datapackage.json: table {table} has the path {resource['path']!r}; expected a"
                    " file in the study's folder."
                )
            return resource
    raise DataProblem(
        f"datapackage.json: this study has no table {table}, which the import makes. Copy its"
        " description from the study that came with the book."
    )


def _sorted(into, resource, rows, source):
    """The table's rows that stay, those that give way, and the new ones, all as text."""
    columns = [field["name"] for field in resource["schema"]["fields"]]
    if set(rows.columns) != set(columns):
        raise DataProblem(
            f"datapackage.json, table {resource['name']}: its fields are {', '.join(columns)}; the"
            f" import makes {', '.join(rows.columns)}. Copy the table's description from the study"
            " that came with the book."
        )
    old = _old_rows(into / resource["path"], columns)
    new = pd.read_csv(io.StringIO(_text(rows[columns])), dtype="str", keep_default_na=False)
    ours = old["source"].isin({source.name, *source.replaces, *new["source"]})
    return old[~ours], old[ours], new


def _rivals(resource, kept, new, alone):
    """A sentence on rows of other sources where this table, or its measures, have room for one."""
    key = _key(resource)
    if alone is None and "source" in key:
        return []
    wanted = (new[key] if alone is None else alone.astype("str")).drop_duplicates()
    double = kept.merge(wanted, on=list(wanted))
    if double.empty:
        return []
    sources = ", ".join(sorted(set(double["source"])))
    rows = double.drop_duplicates(list(wanted)).set_index(list(wanted)).index
    return [
        f"{resource['name']}: the study has from {sources} already what the new files hold"
        f"{_named(rows)}, and the book takes it from one source. Hand in files without it, or take"
        f" those rows of {sources} out of {resource['path']} first."
    ]


def _joined(resource, kept, new):
    """The table's new text."""
    numbers = {
        f["name"] for f in resource["schema"]["fields"] if f["type"] in ("integer", "number")
    }
    whole = pd.concat([kept, new], ignore_index=True).sort_values(
        _key(resource),
        key=lambda cells: pd.to_numeric(cells) if cells.name in numbers else cells,
        ignore_index=True,
    )
    return _text(whole)


def _old_rows(path, columns):
    if not path.is_file():
        return pd.DataFrame(columns=columns, dtype="str")
    try:
        old = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise DataProblem(
            f"{path.name}: the study's own table cannot be read ({error}). Restore it."
        ) from None
    if list(old.columns) != columns:
        raise DataProblem(
            f"{path.name}, row 1: found the columns {', '.join(old.columns)}; expected"
            f" {', '.join(columns)}. Restore the table."
        )
    return old


def _text(rows):
    return rows.to_csv(index=False, lineterminator="\n")


def _key(resource):
    return key_fields(resource["schema"]["primaryKey"])


def _changes(old, new, key):
    before, after = old.set_index(key), new.set_index(key)
    gone, added = before.index.difference(after.index), after.index.difference(before.index)
    both = before.index.intersection(after.index)
    figures = [column for column in before if column != "source"]
    different = (
        before.loc[both, figures].ne(after.loc[both, figures]).any(axis=1)
        if before.index.is_unique
        else None
    )
    revised = (
        both[different.to_numpy()] if different is not None and after.index.is_unique else both[:0]
    )
    parts = [f"{len(after)} rows from this source"]
    for word, rows in (("added", added), ("revised", revised), ("gone", gone)):
        parts.append(f"{len(rows)} {word}{_named(rows) if word != 'added' else ''}")
    return ", ".join(parts) + "."


def _named(rows):
    shown = [
        " ".join(map(str, row)) if isinstance(row, tuple) else str(row) for row in rows[:_SHOWN]
    ]
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f" ({'; '.join(shown)}{more})" if shown else ""


def _provenance(name, paths, edition, accessed):
    return {
        "edition": edition,
        "accessed": accessed,
        "files": [
            {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in paths
        ],
        "command": " ".join(["alliances import", name, *(path.name for path in paths)]),
    }


def _record(resource, source, made, provenance):
    """Put the provenance into the source's entry, and the years it covers into the table's."""
    entries = [
        entry for entry in resource.get("sources", []) if entry.get("key") not in source.replaces
    ]
    resource["sources"] = entries
    entry = next((entry for entry in entries if entry.get("key") == source.name), None)
    if entry is None:
        entry = {"key": source.name, "title": source.title, "path": source.path}
        entry["producer"] = source.producer
        entry |= {"citation": source.citation} if source.citation else {}
        entries.append(entry)
    if _sums(entry) == _sums(provenance):
        return  # The same files again: what is known of them stays known.
    lasting = {word: entry[word] for word in _LASTING if word in entry}
    if entry.get("edition") and not _names_no_other(lasting, provenance["edition"]):
        lasting["title"] = source.title
        lasting.pop("short", None)
    entry.clear()
    entry.update(lasting | provenance)
    years = made.covers.get(resource["name"])
    if years is not None:
        entry["coverage"] = {"first_year": int(years[0]), "last_year": int(years[1])}
        covered = [entry["coverage"] for entry in entries if "coverage" in entry]
        resource["coverage"] = {
            "first_year": min(years["first_year"] for years in covered),
            "last_year": max(years["last_year"] for years in covered),
        }


def _names_no_other(lasting, edition):
    """Whether title and short title name no version or year that is not in the new edition."""
    named = re.findall(r"\d+(?:\.\d+)*", f"{lasting['title']} {lasting.get('short', '')}")
    return set(named) <= set(re.findall(r"\d+(?:\.\d+)*", edition))


def _sums(entry):
    return sorted(file["sha256"] for file in entry.get("files", []))


def _check_copy(into, texts):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "study"
        shutil.copytree(into, copy)
        for path, text in texts.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text, encoding="utf-8", newline="\n")
        try:
            check_folder(copy)
        except DataProblem as problem:
            raise DataProblem(
                f"Nothing was imported, because the study would not be sound:\n{problem}"
            ) from None


def _write(into, texts):
    """All new files are complete beside the old ones before the first of them takes its place."""
    ready = []
    try:
        for path, text in texts.items():
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.new")
            ready.append((beside, target))
            beside.write_text(text, encoding="utf-8", newline="\n")
        for beside, target in ready:
            os.replace(beside, target)
    except OSError as error:
        raise DataProblem(f"{into}: the tables cannot be written ({error.strerror}).") from None
    finally:
        for beside, _ in ready:
            beside.unlink(missing_ok=True)
