"""Readers of United Nations General Assembly roll calls, as five collections hand them out.

Voeten's data (R package `unvotes`) cover 1946 to January 2020; the United Nations' own extract of
adopted resolutions (DGACM, repository UNxml/GAresolutions) October 2019 to today; the Digital
Library's records come with a column per state (2025) or by year without symbols (1992-2021).
Every reader returns tidy rows of the whole file. What is kept of them is decided in `un_tables`.
"""

import json
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, pair_states
from alliances.sources.cells import iso_days, table_below
from alliances.sources.members import states_table
from alliances.sources.names import iso3_column
from alliances.sources.opening import DELIMITERS, read_text, split_lines
from alliances.sources.remarks import remark
from alliances.sources.un_named import named_tables
from alliances.sources.un_tables import (
    DGACM,
    LIBRARY,
    VOETEN,
    Positions,
    RollCalls,
    coverage,
    dgacm,
    join,
    overlap,
    voeten,
    yearly_counts,
)

# The columns by which a csv file is known, and what its producer calls it.
LAYOUTS = {
    "voeten_roll_calls": (
        ("rcid", "session", "date", "unres", "amend", "para", "short", "descr"),
        "Voeten's roll calls, un_roll_calls.csv of the R package unvotes",
    ),
    "voeten_votes": (
        ("rcid", "country", "vote"),
        "Voeten's votes, un_votes.csv of the R package unvotes",
    ),
    "dgacm_resolutions": (
        (
            "extract_file",
            "record",
            "symbol",
            "title",
            "adoption_date",
            "adoption_type",
            "MS_in_favour_count",
            "MS_against_count",
            "MS_abstaining_count",
        ),
        "the UN extract of resolutions, one row a record (csv)",
    ),
    "dgacm_votes": (
        ("extract_file", "record", "symbol", "vote_list", "member_state"),
        "the UN extract of recorded votes, one row a state (csv)",
    ),
    "library_columns": (
        ("Council", "Resolution", "Title", "Date", "YES COUNT", "NO COUNT", "ABSTAIN COUNT"),
        "the UN Digital Library's records with a column per state (csv)",
    ),
    "library_by_year": (
        ("year", "row", "member_state", "vote"),
        "the UN Digital Library's records by year, without symbols (csv)",
    ),
}
DGACM_JSON = "dgacm_json"
JSON_TITLE = "the UN extract as its producer has it, one JSON object a line (74.json, ES-11.json)"

TOGETHER = (("voeten_roll_calls", "voeten_votes"), ("dgacm_resolutions", "dgacm_votes"))
DGACM_LISTS = {"MS_in_favour": "yes", "MS_against": "no", "MS_abstaining": "abstain"}
LIBRARY_ABOUT = {
    "Link", "token", "Scrape_Year", "Title", "Council", "Resolution", "country", "subregion",
    "continent", "Date", "YES COUNT", "NO COUNT", "ABSTAIN COUNT", "NO-VOTE COUNT", "TOTAL VOTES",
    "tags",
}  # fmt: skip
HEADER_WITHIN = 20


def recognise(path: Path) -> str:
    """Return which layout a file has: a key of LAYOUTS, or "dgacm_json".

    The first twenty lines are searched for a line that has all the columns of a layout, so that a
    preamble does no harm. A file of another kind raises a DataProblem that lists the known layouts.

    >>> sorted(LAYOUTS)[:2]
    ['dgacm_resolutions', 'dgacm_votes']
    """
    return _layout(Path(path), read_text(path))[0]


def read_voeten_roll_calls(path: Path) -> pd.DataFrame:
    """Return rcid, session, date, symbol, part, title: one row a roll call, 1946 on.

    symbol is the United Nations' (A/RES/46/242), empty where the file has none; part is True for a
    vote on a paragraph or an amendment. Dates are the file's: before 2009 many have a wrong day.
    Source: Voeten, Strezhnev, Bailey, United Nations General Assembly Voting Data.
    Raises DataProblem for another layout, a repeated rcid, or a date that is none.

    >>> symbols_of(pd.Series(["R/46/242", "R/47/52A", "A/RES/71/205"])).tolist()
    ['A/RES/46/242', 'A/RES/47/52 A', 'A/RES/71/205']
    """
    table = _read(path, "voeten_roll_calls")
    _refuse(path, "rcid", table[table["rcid"].duplicated()], "rcid", "each roll call once")
    return pd.DataFrame(
        {
            "rcid": table["rcid"],
            "session": _whole(path, table, "session"),
            "date": iso_days(Path(path), table["date"]),
            "symbol": symbols_of(table["unres"]),
            "part": table["amend"].isin(["1", "1.0"]) | table["para"].isin(["1", "1.0"]),
            "title": table["descr"].where(table["descr"] != "", table["short"]),
        }
    )


def read_voeten_votes(path: Path) -> pd.DataFrame:
    """Return rcid, state, vote (yes, abstain, no): one row a state's vote.

    A state without a row did not vote or was no member; the file does not tell which. Yugoslavia's
    name stands for Serbia from 2000 on, Russia's for the Soviet Union before 1992.
    Raises DataProblem for another layout, an unknown state, another vote, a state that votes twice.

    >>> read_voeten_votes("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    table = _read(path, "voeten_votes")
    other = ~table["vote"].isin(["yes", "abstain", "no"])
    _refuse(path, "vote", table[other], "vote", "yes, abstain or no")
    votes = pd.DataFrame(
        {
            "rcid": table["rcid"],
            "state": iso3_column(table["country"], Path(path).name),
            "vote": table["vote"],
        }
    )
    twice = votes.duplicated(["rcid", "state"])
    _refuse(path, "country", table[twice], "country", "each state once in a roll call")
    return votes


def read_dgacm_resolutions(path: Path) -> pd.DataFrame:
    """Return file, record, symbol, date, adopted, title, yes, no, abstain: one row a record.

    adopted is the producer's adoption_type ("By a recorded vote", "Without a vote", or empty); the
    counts are the producer's, empty for a resolution without a vote. The same symbol can have
    several records. Source: United Nations, DGACM, Machine-readable General Assembly resolutions.
    Raises DataProblem for another layout and for dates or counts that are none.

    >>> dates_of(pd.Series(["2019-11-07 00:00:00", "2 March 2022", "4\\xa0March 2025"])).tolist()
    ['2019-11-07', '2022-03-02', '2025-03-04']
    """
    return _dgacm_records(path, _read(path, "dgacm_resolutions"))


def read_dgacm_votes(path: Path) -> pd.DataFrame:
    """Return file, record, state, vote (yes, abstain, no): one row a name in a list.

    A state in no list did not vote or was no member. One list names every state twice; the names
    stand here as often as there. Raises DataProblem for another layout or an unknown state or list.

    >>> DGACM_LISTS["MS_in_favour"]
    'yes'
    """
    table = _read(path, "dgacm_votes")
    other = ~table["vote_list"].isin(DGACM_LISTS)
    _refuse(path, "vote_list", table[other], "vote_list", " or ".join(DGACM_LISTS))
    return _dgacm_names(path, table)


def read_dgacm_json(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what read_dgacm_resolutions and read_dgacm_votes return, from one session's JSON file.

    The producer's file has one JSON object a line, with the lists of states inside. Raises
    DataProblem for a line that is no object (a file cut short) and for an object without a key.

    >>> read_dgacm_json("nowhere.json")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.json: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    name = Path(path).name.removesuffix(".gz")
    records = _json_lines(path)
    wanted = [*LAYOUTS["dgacm_resolutions"][0][2:], *DGACM_LISTS]
    lacking = [
        f"line {number + 1} lacks {', '.join(absent)}"
        for number, record in enumerate(records)
        if (absent := [key for key in wanted if key not in record])
    ]
    if lacking:
        raise DataProblem(f"{name}: {'; '.join(lacking[:10])}. Expected {JSON_TITLE}.")
    table = pd.DataFrame([{key: record[key] for key in wanted} for record in records])
    table.insert(0, "extract_file", name)
    table.insert(1, "record", [str(number) for number in range(len(records))])
    names = table.melt(["extract_file", "record"], [*DGACM_LISTS], "vote_list", "member_state")
    names = names[[isinstance(listed, list) for listed in names["member_state"]]]
    names = names.explode("member_state").dropna(subset="member_state").reset_index(drop=True)
    return _dgacm_records(path, table), _dgacm_names(path, names)


def read_library_columns(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return roll calls (symbol, date, title, yes, no, abstain) and votes (symbol, state, vote).

    Only the General Assembly's; the file has the Security Council's mixed in. Columns are headed
    with a state's ISO code or its name. An empty cell is a state that did not vote; a member
    without a column cast no vote in the whole file. Raises DataProblem for unknown columns, another
    vote than YES, NO, ABSTAIN, a repeated symbol, and counts that the columns do not add up to.
    Source: United Nations Dag Hammarskjöld Library, voting records.

    >>> read_library_columns("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    table = _read(path, "library_columns")
    table = table[table["Council"] == "General Assembly"].rename(columns={"Resolution": "symbol"})
    _refuse(path, "symbol", table[table["symbol"].duplicated()], "symbol", "each roll call once")
    about = {*LIBRARY_ABOUT, "symbol"}
    headings = pd.Series([c for c in table if c not in about], name="(heading)")
    codes = dict(zip(headings, iso3_column(headings, Path(path).name), strict=True))
    votes = table.melt("symbol", list(codes), "state", "vote")
    votes = votes[votes["vote"] != ""].reset_index(drop=True)
    votes["state"] = votes["state"].map(codes)
    votes["vote"] = votes["vote"].str.lower()
    other = votes[~votes["vote"].isin(["yes", "no", "abstain"])]
    expected = "YES, NO, ABSTAIN or an empty cell"
    _refuse(path, "a state's", other, "vote", expected, counts_rows=False)
    calls = table[["symbol", "Date", "Title"]].rename(columns={"Date": "date", "Title": "title"})
    calls["date"] = iso_days(Path(path), table["Date"])
    for column in ("yes", "no", "abstain"):
        calls[column] = _whole(path, table, f"{column.upper()} COUNT")
    _add_up(path, calls, votes)
    return calls.reset_index(drop=True), votes


def read_library_by_year(path: Path) -> pd.DataFrame:
    """Return year, row, state, vote (yes, abstain, no, absent): one row a member state.

    The file has no symbols: a roll call is a year and a row, and can be recognised only by its
    totals. Non-members, whose cells are empty, are left out. Raises DataProblem for another layout,
    an unknown state, another vote, or a state with two votes in one roll call.

    >>> read_library_by_year("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    table = _read(path, "library_by_year")
    words = {"Y": "yes", "A": "abstain", "N": "no", "X": "absent", "": ""}
    other = table[~table["vote"].isin(words)]
    _refuse(path, "vote", other, "vote", "Y, A, N, X or an empty cell")
    votes = pd.DataFrame(
        {
            "year": _whole(path, table, "year"),
            "row": _whole(path, table, "row"),
            "state": iso3_column(table["member_state"], Path(path).name),
            "vote": table["vote"].map(words),
        }
    )
    votes = votes[votes["vote"] != ""]
    twice = table.loc[votes.index[votes.duplicated(["year", "row", "state"])]]
    _refuse(path, "member_state", twice, "member_state", "each state once in a roll call")
    return votes.reset_index(drop=True)


def symbols_of(written: pd.Series) -> pd.Series:
    """Return symbols in the United Nations' form from Voeten's ("R/47/52A" is "A/RES/47/52 A").

    >>> symbols_of(pd.Series(["R/50/38B/IV", ""])).tolist()
    ['A/RES/50/38 B/IV', '']
    """
    long = written.str.replace(r"^R/", "A/RES/", regex=True)
    return long.str.replace(r"(?<=\d)([A-Z])", r" \1", regex=True)


def dates_of(written: pd.Series) -> pd.Series:
    """Return ISO dates from the DGACM's two forms; what is neither becomes an empty text.

    >>> dates_of(pd.Series(["12 October 2022", "soon"])).tolist()
    ['2022-10-12', '']
    """
    plain = written.str.replace("\xa0", " ").str.strip()
    iso = pd.to_datetime(plain.str[:10], format="%Y-%m-%d", errors="coerce")
    words = pd.to_datetime(plain, format="%d %B %Y", errors="coerce")
    return iso.fillna(words).dt.strftime("%Y-%m-%d").fillna("").astype("str")


def _layout(path, text):
    """A file's layout, the number of lines above its header, and the sign between its columns."""
    if text.lstrip().startswith("{"):
        return DGACM_JSON, 0, ","
    lines = text.splitlines()[:HEADER_WITHIN]
    for mark in DELIMITERS:
        for number, fields in enumerate(split_lines(lines, mark)):
            for name, (columns, _title) in LAYOUTS.items():
                if set(columns) <= set(fields):
                    return name, number, mark
    known = "; ".join([*(title for _columns, title in LAYOUTS.values()), JSON_TITLE])
    first = text.lstrip()[:80].splitlines()[0]
    raise DataProblem(
        f"{path.name}: no line of column names that is known; the file begins {first!r}. The"
        f" layouts known are: {known}. Download the file again from its producer, unchanged."
    )


def _read(path, layout):
    path = Path(path)
    text = read_text(path)
    found, header, mark = _layout(path, text)
    if found != layout:
        title = JSON_TITLE if found == DGACM_JSON else LAYOUTS[found][1]
        raise DataProblem(f"{path.name}: this is {title}; expected {LAYOUTS[layout][1]}.")
    if mark != ",":
        remark(f"{path.name}: read with {DELIMITERS[mark]} between the columns.")
    return table_below(path.name, text, header, mark)


def _refuse(path, column, rows, shown, expected, counts_rows=True):
    """Raise a DataProblem that lists the offending rows, the first ten by row and value."""
    if rows.empty:
        return
    listed = [
        f"row {index + 2}: {value!r}" if counts_rows else repr(value)
        for index, value in rows[shown].head(10).items()
    ]
    more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
    raise DataProblem(
        f"{Path(path).name}, column {column}: found {'; '.join(listed)}{more}; expected {expected}."
        " Download the file again; if it is the same, its producer has changed it."
    )


def _whole(path, table, column):
    numbers = pd.to_numeric(table[column], errors="coerce")
    wrong = table[numbers.isna() | (numbers % 1 != 0)]
    _refuse(path, column, wrong, column, "a whole number")
    return numbers.astype("int64")


def _json_lines(path):
    name, records = Path(path).name, []
    for number, line in enumerate(read_text(path).splitlines()):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataProblem(
                f"{name}, line {number + 1}: no JSON object ({error.msg}); expected {JSON_TITLE}."
                " Download the file again: it may be cut short."
            ) from None
        records.append(record if isinstance(record, dict) else {})
    return records


def _dgacm_records(path, table):
    dates = dates_of(table["adoption_date"])
    wrong = table[dates == ""]
    _refuse(path, "adoption_date", wrong, "adoption_date", "a date such as 2 March 2022")
    records = pd.DataFrame(
        {
            "file": table["extract_file"],
            "record": _whole(path, table, "record"),
            "symbol": table["symbol"].str.replace("\xa0", " ").str.strip(),
            "date": dates,
            "adopted": table["adoption_type"],
            "title": table["title"],
        }
    )
    for listed, vote in DGACM_LISTS.items():
        column = f"{listed}_count"
        given = table.assign(**{column: table[column].str.strip().replace({"N.A.": "0", "": "0"})})
        records[vote] = _whole(path, given, column)
    return records


def _dgacm_names(path, table):
    return pd.DataFrame(
        {
            "file": table["extract_file"],
            "record": _whole(path, table, "record"),
            "state": iso3_column(table["member_state"], Path(path).name),
            "vote": table["vote_list"].map(DGACM_LISTS),
        }
    )


def _add_up(path, calls, votes):
    counted = votes.groupby(["symbol", "vote"]).size().unstack(fill_value=0)
    counted = counted.reindex(index=calls["symbol"], columns=["yes", "no", "abstain"], fill_value=0)
    differs = (counted.to_numpy() != calls[["yes", "no", "abstain"]].to_numpy()).any(axis=1)
    _refuse(
        path, "YES COUNT, NO COUNT, ABSTAIN COUNT", calls[differs], "symbol",
        "counts that the states' columns add up to", counts_rows=False,
    )  # fmt: skip


def _make(paths, study):
    """The six tables of roll calls, from whatever files of the five collections are given."""
    collections, by_year = _collections(_sorted_out(paths), f"{study['first_year']}-01-01")
    if not collections:
        raise DataProblem(
            "none of the files has roll calls with symbols; expected Voeten's two files, the UN"
            " extract or the Library's records with a column per state. The lists by year only join those."
        )
    pair = (study["focal"], study["ally"])
    everything = join(collections, states_table()["iso3"].tolist())
    series = _years(everything, study["first_year"], study["last_year"])
    named_states = sorted({*pair, *study.get("comparison", []), "USA"})
    votes, stances, missing = named_tables(everything, by_year, named_states)
    contested = series.contested()
    series_contested = Positions(
        series.calls[contested].reset_index(drop=True), series.states, series.matrix[contested]
    )
    tables = {
        "yearly_counts": yearly_counts(series, pair_states(study)),
        "yearly_counts_contested": yearly_counts(series_contested, pair_states(study)),
        "coverage": coverage(series, by_year),
        "overlap": overlap(collections, series, by_year, pair),
        "named_votes": votes,
        "named_vote_positions": stances,
    }
    said = [sentence for collection in collections.values() for sentence in collection.said]
    joined, kept = len(everything.calls), len(series.calls)
    said.append(f"Joined: {joined} roll calls, {kept} in the study's years.")
    if missing:
        said.append(f"Named votes that no file has: {', '.join(missing)}.")
    years = series.calls["date"].str[:4].astype("int64")
    covers = {f"voting_alignment/{name}": (years.min(), years.max()) for name in tables}
    named_years = votes["date"].str[:4].astype("int64")
    for name in ("named_votes", "named_vote_positions"):
        covers[f"voting_alignment/{name}"] = (named_years.min(), named_years.max())
    edition = f"roll calls of {everything.calls['date'].min()} to {everything.calls['date'].max()}"
    named = {f"voting_alignment/{name}": table for name, table in tables.items()}
    return Made(named, edition, said, covers)


def _sorted_out(paths):
    """The files by layout; only the producer's JSON comes in several files of one kind."""
    found = {}
    for path in paths:
        found.setdefault(recognise(path), []).append(Path(path))
    doubled = [
        f"{LAYOUTS[layout][1]}: {', '.join(file.name for file in files)}"
        for layout, files in found.items()
        if layout != DGACM_JSON and len(files) > 1
    ]
    lacking = [
        f"{LAYOUTS[one][1]} without {LAYOUTS[other][1]}"
        for first, second in TOGETHER
        for one, other in ((first, second), (second, first))
        if one in found and other not in found
    ]
    if DGACM_JSON in found and "dgacm_votes" in found:
        doubled.append("the UN extract as JSON and as csv")
    if doubled or lacking:
        said = [
            *(f"given twice: {what}" for what in doubled),
            *(f"given: {what}" for what in lacking),
        ]
        raise DataProblem(f"{'; '.join(said)}. Give each collection once and whole.")
    return found


def _collections(found, since):
    collections, by_year = {}, None
    if "voeten_votes" in found:
        calls = read_voeten_roll_calls(found["voeten_roll_calls"][0])
        collections[VOETEN] = voeten(calls, read_voeten_votes(found["voeten_votes"][0]), since)
    if DGACM_JSON in found:
        pairs = [read_dgacm_json(path) for path in found[DGACM_JSON]]
        records, names = (pd.concat(each, ignore_index=True) for each in zip(*pairs, strict=True))
        collections[DGACM] = dgacm(records, names)
    elif "dgacm_votes" in found:
        records = read_dgacm_resolutions(found["dgacm_resolutions"][0])
        collections[DGACM] = dgacm(records, read_dgacm_votes(found["dgacm_votes"][0]))
    if "library_columns" in found:
        calls, votes = read_library_columns(found["library_columns"][0])
        said = [f"Library, a column per state: {len(calls)} roll calls of the General Assembly."]
        collections[LIBRARY] = RollCalls(calls[["symbol", "date", "title"]], votes, said)
    if "library_by_year" in found:
        by_year = read_library_by_year(found["library_by_year"][0])
    return collections, by_year


def _years(series, first, last):
    kept = series.calls["date"].str[:4].astype("int64").between(first, last).to_numpy()
    return Positions(series.calls[kept].reset_index(drop=True), series.states, series.matrix[kept])


SOURCES = (
    Source(
        "un-votes",
        "United Nations General Assembly roll calls, joined from Voeten's data, the United Nations'"
        " extract of resolutions and the Digital Library's records",
        "all files at once, in any order, told apart by their columns: un_roll_calls.csv and"
        " un_votes.csv (Voeten); the UN extract as two csv files or as its JSON files; the"
        " Library's records with a column per state; the Library's lists by year",
        tuple(
            f"voting_alignment/{name}"
            for name in (
                "yearly_counts",
                "yearly_counts_contested",
                "coverage",
                "overlap",
                "named_votes",
                "named_vote_positions",
            )
        ),  # fmt: skip
        _make,
        producer="United Nations; Erik Voeten, Anton Strezhnev and Michael Bailey",
        path="https://digitallibrary.un.org",
        citation="un_votes",
    ),
)
