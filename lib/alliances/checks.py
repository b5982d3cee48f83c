"""The rules of the data package, applied by Frictionless, and its findings said in plain words."""

import warnings
from datetime import date

from alliances.problems import DataProblem

SHOWN, LONGEST = 5, 80
_SAID_TYPES = {
    "number": "a number, with a point as decimal sign",
    "integer": "a whole number",
    "date": "a date such as 2024-12-31",
}


def table_problems(folder, package, names, complete):
    """One line per kind of offence in the named tables; an empty list where all is well.

    folder, package: the study. names: the tables to read. complete: names of all tables whose files are
    there, so that references to a missing one are not counted as unknown codes; None for all of them.
    """
    problems = []
    for resource in package["resources"]:
        if resource["name"] not in names:
            continue
        problem = _text_problem(folder / resource["path"], resource)
        if problem:
            problems.append(problem)
        else:
            found = _frictionless_errors(folder, package, resource, complete)
            problems += _said(resource, [*found, *_beyond_the_schema(folder, resource)])
    return problems


def _text_problem(path, resource):
    """What makes a file unreadable as a table at all: encoding, separator, wrong columns."""
    name, raw = resource["path"], path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        return (
            f"{name}, row {row}: found the byte 0x{raw[error.start]:02x}, which is not UTF-8; expected UTF-8. "
            "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8, comma-separated)."
        )
    if "\x00" in text:
        return f"{name}: found binary data; expected a csv file. Restore the table."
    if not text.strip():
        return f"{name}: the file is empty; expected the line of column names and rows. Restore it."
    header = text.splitlines()[0]
    expected = [field["name"] for field in resource["schema"]["fields"]]
    if header.count(";") >= len(expected) - 1 > 0 and "," not in header:
        return (
            f"{name}, row 1: found semicolons between the columns; expected commas. "
            "Save it again with a comma as separator and a point as decimal sign."
        )
    if header.count("\t") >= len(expected) - 1 > 0 and "," not in header:
        return (
            f"{name}, row 1: found tabs between the columns; expected commas. "
            "Save it again with a comma as separator."
        )
    found = [part.strip().strip('"') for part in header.split(",")]
    return _header_problem(name, found, expected)


def _header_problem(name, found, expected):
    if found == expected:
        return None
    said = []
    lacking = [column for column in expected if column not in found]
    surplus = [column for column in found if column not in expected]
    if lacking:
        said.append(f"the column {', '.join(lacking)} is missing")
    if surplus:
        said.append(f"the column {', '.join(repr(column) for column in surplus)} is not known")
    if not said:
        said.append(
            "the columns stand in another order"
            if set(found) == set(expected)
            else "a column is doubled"
        )
    return (
        f"{name}, row 1: {' and '.join(said)}; found {', '.join(found)}; expected {', '.join(expected)}. "
        "Give the file these columns in this order."
    )


def _frictionless_errors(folder, package, resource, complete):
    """(row, column, found, expected, to do) for every offence that Frictionless finds."""
    from frictionless import Checklist, Package

    wanted = {key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])}
    if complete is not None:
        wanted &= complete
    # A broken table is named for itself, and not once more by every table that refers to it.
    wanted -= {
        other["name"]
        for other in package["resources"]
        if other["name"] in wanted and _text_problem(folder / other["path"], other)
    }
    kept = [
        dict(other)
        for other in package["resources"]
        if other["name"] in wanted | {resource["name"]}
    ]
    for other in kept:
        other["schema"], other["encoding"] = dict(other["schema"]), "utf-8-sig"
        keys = other["schema"].pop("foreignKeys", [])
        if other["name"] == resource["name"]:
            keys = [key for key in keys if key["reference"]["resource"] in wanted]
            if keys:
                other["schema"]["foreignKeys"] = keys
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        described = Package.from_descriptor(
            {"name": "check", "resources": kept}, basepath=str(folder)
        )
        report = described.get_resource(resource["name"]).validate(
            Checklist(), limit_errors=10**9, limit_rows=None
        )
    for error in report.errors:
        raise DataProblem(f"datapackage.json, table {resource['name']}: {error.message}")
    errors = [error for task in report.tasks for error in task.errors]
    key = set(key_fields(resource["schema"].get("primaryKey", [])))
    spoilt = {
        error.row_number
        for error in errors
        if getattr(error, "field_name", None) in key or error.type in ("missing-cell", "blank-row")
    }
    return [
        _finding(error, resource)
        for error in errors
        if not (error.type == "primary-key" and error.row_number in spoilt)
    ]


def _finding(error, resource):
    column = getattr(error, "field_name", None) or "; ".join(
        getattr(error, "field_names", None) or []
    )
    row = getattr(error, "row_number", None)
    found = getattr(error, "cell", "")
    field = next((f for f in resource["schema"]["fields"] if f["name"] == column), {})
    kind = error.type
    if kind == "type-error":
        expected = _SAID_TYPES.get(field.get("type"), f"a value of type {field.get('type')}")
        return row, column, repr(found), expected, "Correct the cell."
    if kind == "constraint-error":
        expected = _constraint(field)
        return (
            row,
            column,
            "an empty cell" if found in ("", None, "None") else repr(found),
            expected,
            "Correct the cell.",
        )
    if kind in ("primary-key", "unique-error"):
        key = ", ".join(key_fields(resource["schema"]["primaryKey"]))
        return row, key, "a second row with the same key", "each key once", "Keep one of the rows."
    if kind == "foreign-key":
        reference = getattr(error, "reference_name", "") or "states"
        cells = ", ".join(str(cell) for cell in getattr(error, "field_cells", []) or [])
        return (
            row,
            column,
            repr(cells),
            f"a value that stands in {reference}.csv",
            "Correct it, or add it there.",
        )
    if kind == "blank-row":
        return row, "-", "an empty row", "a row of the table", "Delete the row."
    if kind in ("extra-cell", "missing-cell"):
        expected = f"{len(resource['schema']['fields'])} cells"
        return (
            row,
            column or "-",
            f"a row with {kind.replace('-', ' ')}",
            expected,
            "Repair the row.",
        )
    return (
        row,
        column or "-",
        error.note,
        "a table as datapackage.json describes it",
        "Repair the file.",
    )


def key_fields(key: str | list[str]) -> list[str]:
    """The fields of a key in a table schema, which may be one name or a list of names.

    >>> key_fields("iso3"), key_fields(["state", "year"])
    (['iso3'], ['state', 'year'])
    """
    return [key] if isinstance(key, str) else list(key)


def _constraint(field):
    rules, said = field.get("constraints", {}), []
    if "minimum" in rules or "maximum" in rules:
        low, high = rules.get("minimum"), rules.get("maximum")
        between = f"a value between {low} and {high}" if None not in (low, high) else None
        said.append(between or (f"{low} or more" if high is None else f"at most {high}"))
    if "enum" in rules:
        said.append("one of " + ", ".join(map(str, rules["enum"])))
    if rules.get("pattern") == "[A-Z]{3}":
        said.append("an ISO 3166 code of three capital letters")
    elif "pattern" in rules:
        said.append(f"the form {rules['pattern']}")
    if not said and rules.get("required"):
        said.append("a value")
    return " and ".join(said) or f"what the rules {rules} say"


def _beyond_the_schema(folder, resource):
    """What a table schema cannot say: years to come, numbers without end, sources nobody described."""
    import pandas as pd

    try:
        frame = pd.read_csv(
            folder / resource["path"],
            dtype="str",
            keep_default_na=False,
            on_bad_lines="skip",
            skip_blank_lines=False,
            encoding="utf-8-sig",
        )
    except pd.errors.ParserError:
        expected = "every quotation mark closed"
        return [
            (None, "-", "a quotation mark without its partner", expected, "Close or remove it.")
        ]
    if frame.empty and "waiting_for" not in resource:
        expected = "at least one, or a note in datapackage.json on what the table is waiting_for"
        return [(None, "-", "no rows", expected, "Restore the rows.")]
    findings = []
    for field in resource["schema"]["fields"]:
        wrong, expected = _impossible(frame[field["name"]], field, resource)
        for index in frame.index[wrong]:
            found = repr(frame[field["name"]][index])
            findings.append((index + 2, field["name"], found, expected, "Correct the cell."))
    return findings


def _impossible(column, field, resource):
    """Which cells of a column cannot be, and what was expected instead."""
    name, kind, today = field["name"], field["type"], date.today()
    if kind == "date":
        limit = today.isoformat()
        return column.str.fullmatch(r"\d{4}-\d{2}-\d{2}") & column.gt(limit), f"no later than {limit}"
    if name == "year" or name.endswith("_year"):
        limit = str(today.year)
        return column.str.fullmatch(r"\d{4}") & column.gt(limit), f"no later than {limit}"
    if kind == "number":
        return column.str.fullmatch("(?i)[+-]?inf(inity)?"), "a finite number"
    keys = sorted(filter(None, (source.get("key") for source in resource.get("sources", []))))
    if name == "source" and keys:
        known = column.map(lambda cell: not cell or set(cell.split("+")) <= set(keys))
        return ~known, "the table's sources, joined by + where several: " + ", ".join(keys)
    return column.isna(), ""


def _said(resource, findings):
    """One line per kind of offence; all rows named, the first few values shown."""
    groups = {}
    for row, column, found, expected, advice in findings:
        groups.setdefault((column, expected, advice), []).append((row, found))
    lines = []
    for (column, expected, advice), rows in groups.items():
        values = list(dict.fromkeys(_short(found) for _, found in rows))
        more = f" and {len(values) - SHOWN} other values" if len(values) > SHOWN else ""
        numbers = _ranges([row for row, _ in rows if row is not None])
        where = f", row{'s' if len(rows) > 1 else ''} {numbers}" if numbers else ""
        where += "" if column == "-" else f", column {column}"
        lines.append(
            f"{resource['path']}{where}: found {', '.join(values[:SHOWN])}{more}; "
            f"expected {expected}. {advice}"
        )
    return lines


def _short(found):
    return found if len(found) <= LONGEST else found[:LONGEST] + " …"


def _ranges(rows):
    """Row numbers with runs drawn together.

    >>> _ranges([3, 4, 5, 9])
    '3-5, 9'
    """
    runs = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
