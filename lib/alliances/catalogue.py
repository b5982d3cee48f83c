"""The data package as a page: what each table holds, whose it is, how it was made."""

import html
import re

import pandas as pd

from alliances.prose import Prose, fill
from alliances.study import pair_rows
from alliances.tables import Html, markup, show

NOBODY = "Nobody has looked for this pair yet."
NONE_OF_PAIR = "none of these rows is of the pair"


def of_pair(study):
    """The descriptions of the tables that speak of a study's pair or of no pair in particular.

    Those that were collected by hand about another pair are left aside: they hold nothing here. A
    table that was searched for another pair stays if it holds anything.
    """
    return [one for one in study.package["resources"] if _has_to_do(study, one)]


def _has_to_do(study, resource):
    return study.concerns(resource) or ("about" not in resource and len(_own(study, resource)) > 0)


def _own(study, resource):
    """The rows of a table that a study shows: all of it, or of one searched for others the pair's."""
    if study.concerns(resource):
        return study.table(resource["name"])
    rows = study.unsought(resource["name"])
    return rows[pair_rows(rows, resource.get("pair", {}), study.focal, study.ally)]


def _of_others(study, resource):
    """Whether a table has rows, and each of them is of other states than the pair."""
    rows, columns = _own(study, resource), resource.get("pair", {})
    sides = [(study.focal, study.ally), (study.ally, study.focal)]
    return len(rows) > 0 and not any(pair_rows(rows, columns, *side).any() for side in sides)


def left_aside(study) -> Prose | None:
    """A sentence that names the tables which `of_pair` leaves aside; None where there are none.

    >>> from types import SimpleNamespace
    >>> package = {"resources": [{"name": "ties/roads", "about": ["ARM", "RUS"]}]}
    >>> study = SimpleNamespace(package=package, focal="KAZ", ally="RUS",
    ...     concerns=lambda table: False, state={"KAZ": "Kazakhstan", "RUS": "Russia"}.get)
    >>> left_aside(study).markdown  # doctest: +ELLIPSIS
    'Not in this list are tables that were collected by hand ... on Kazakhstan and Russia: `ties/roads`.'
    """
    kept = {one["name"] for one in of_pair(study)}
    names = [one["name"] for one in study.package["resources"] if one["name"] not in kept]
    said = fill(
        "Not in this list are tables that were collected by hand about another pair, or serve what"
        " the book says of its own case, and hold nothing on {focal} and {ally}:",
        focal=study.state(study.focal),
        ally=study.state(study.ally),
    )
    return Prose(f"{said} {', '.join(f'`{name}`' for name in names)}.") if names else None


def without_rows_in_words(study) -> str:
    """How many tables of `of_pair` nobody has filled, to follow their number; nothing where none is.

    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(package={"resources": [{"name": "ties/roads"}]},
    ...     concerns=lambda table: True, table=lambda name: pd.DataFrame())
    >>> without_rows_in_words(study)
    ', 1 of them without a row yet'
    """
    empty = sum(_own(study, one).empty for one in of_pair(study))
    return f", {empty} of them without a row yet" if empty else ""


def overview(study):
    """One row for each table of the study: what it is, how many rows, which years, whose figures.

    The tables are those of `of_pair`. Rows are counted in the files as they are now, and a table
    whose rows are all of other states says so; years are those the producer looked at, which is more than the years that have a row. A table without rows has
    neither years nor a producer.
    """
    rows = []
    for resource in of_pair(study):
        empty = _own(study, resource).empty
        covered = resource.get("coverage", {}) if study.concerns(resource) and not empty else {}
        rows.append(
            {
                "name": resource["name"],
                "title": resource["title"]
                + (f" ({NONE_OF_PAIR})" if _of_others(study, resource) else ""),
                "rows": len(_own(study, resource)),
                "years": "–".join(
                    str(covered[key]) for key in ("first_year", "last_year") if key in covered
                )
                or None,
                "producers": None if empty else _producers(resource),
            }
        )
    return show(
        pd.DataFrame(rows),
        caption="The tables of this study",
        columns={
            "name": "Table",
            "title": "What it holds",
            "rows": "Rows",
            "years": "Years",
            "producers": "Producer",
        },
        formats={"rows": ",d"},
    )


def _producers(resource):
    """The producers of a table in words; a table collected by hand names its sources in its rows."""
    sources = resource.get("sources", [])
    named = dict.fromkeys(one["producer"] for one in sources if one.get("producer"))
    columns = {field["name"] for field in resource["schema"]["fields"]}
    by_hand = not sources and "source_title" in columns
    return "; ".join(named) or ("collected by hand" if by_hand else "not named")


def cards(study):
    """A card for each table: description, gaps, sources with edition and checksum, terms, columns.

    The tables are those of `of_pair`.
    Everything is read from `datapackage.json`, the one place where a table is described, and escaped.
    """
    every = [
        _card(one, _own(study, one).empty, _of_others(study, one)) for one in of_pair(study)
    ]
    names = ", ".join(resource["name"] for resource in of_pair(study))
    return Html("\n".join(every), f"Cards of the tables {names}.")


def _card(resource, empty, of_others):
    name, path = resource["name"], resource["path"]
    if empty:
        said = [_paragraph(without_rows(resource), "Empty.")]
    else:
        said = [
            _paragraph(f"{NONE_OF_PAIR.capitalize()}." if of_others else None, "Rows."),
            _paragraph(resource.get("gaps"), "Gaps."),
            _paragraph(resource.get("remarks"), "Of the rows that came with the book."),
            "".join(_source(source) for source in resource.get("sources", [])),
            _terms(resource),
        ]
    parts = [
        f"<p>{_text(resource['description'])}</p>",
        *said,
        f'<p><a href="../data/{_text(path)}" download>Download {_text(path)}</a></p>',
        _columns(resource),
    ]
    anchor = "table-" + name.replace("/", "-").replace("_", "-")
    return (
        f'<details class="card" id="{anchor}"><summary><strong>{_text(resource["title"])}</strong> '
        f"<code>{_text(name)}</code></summary>\n{''.join(parts)}\n</details>"
    )


def without_rows(resource):
    """Why a table of a study has no rows, and how it is filled, in sentences.

    A file that was read and holds nothing is told from a table that nobody has filled.

    >>> without_rows({"waiting_for": "Collect it by hand."})
    'Nobody has looked for this pair yet. Collect it by hand.'
    """
    read = any("command" in source for source in resource.get("sources", []))
    found = "The file that was imported has no row for these states." if read else NOBODY
    return f"{found} {resource['waiting_for']}"


def _paragraph(text, heading):
    """A paragraph of a card; what stands between backticks is set as code."""
    shown = re.sub("`([^`]+)`", r"<code>\1</code>", _text(text))
    return f"<p><strong>{heading}</strong> {shown}</p>" if text else ""


def _source(source):
    said = [source.get("producer"), source["title"], source.get("edition")]
    if source.get("accessed"):
        said.append(f"accessed {source['accessed']}")
    line = ". ".join(
        _text(part).rstrip(".") for part in dict.fromkeys(part for part in said if part)
    )
    if source.get("path"):
        line = f'{line}. <a href="{_text(source["path"])}">{_text(source["path"])}</a>'
    files = "".join(
        f'<li><code>{_text(file["name"])}</code>, sha256 <code class="sum">{_text(file["sha256"])}</code></li>'
        for file in source.get("files", [])
    )
    command = (
        f"<p>Made by <code>{_text(source['command'])}</code></p>" if source.get("command") else ""
    )
    return f"<p><strong>Source.</strong> {line}</p>{f'<ul>{files}</ul>' if files else ''}{command}"


def _terms(resource):
    said = []
    for licence in resource.get("licenses", []):
        title = _text(licence.get("title") or licence["name"])
        said.append(
            f'<a href="{_text(licence["path"])}">{title}</a>' if licence.get("path") else title
        )
    return f"<p><strong>Terms.</strong> {'; '.join(said)}</p>" if said else ""


def _columns(resource):
    cells = [
        [
            field["name"],
            field.get("title", ""),
            field["type"],
            field.get("unit", ""),
            field.get("description", ""),
        ]
        for field in resource["schema"]["fields"]
    ]
    headings = ["Column", "Title", "Type", "Unit", "What it says"]
    return markup(f"Columns of {resource['name']}", headings, cells, [False] * 5)


def _text(value):
    return html.escape(str(value), quote=True)
