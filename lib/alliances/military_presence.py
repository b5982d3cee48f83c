"""Military presence: whose soldiers stand on whose soil, where, how many, and for how much longer.

A presence is counted by places that a source names, on the last day of a year. Soldiers are never
counted into one number: what is known of them are statements of different kinds, and they stay
ranges. Presence says that soldiers are there. It does not say that they would fight.
"""

import re

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

BASES = ("base", "air base")
STRONGHOLDS = ("strongholds in a region",)
GUARDS = ("border guard detachment", "checkpoint", "posts in a region")
KINDS = (*BASES, *STRONGHOLDS, *GUARDS, "peacekeepers")
GUARD_GROUP = "border guard posts"
GROUPS = {"bases": BASES, "strongholds": STRONGHOLDS, GUARD_GROUP: GUARDS}
UNCONFIRMED = "leaving agreed, not confirmed"
PLURALS = {
    "border guard detachment": "Border guards at",
    "checkpoint": "Checkpoints at",
    "posts in a region": "Posts in",
}
SITE = [
    "name",
    "kind",
    "host_state",
    "sending_state",
    "place",
    "from_date",
    "until_date",
    "start_confirmed",
    "there_by",
    "end_confirmed",
]
_SHORT = {
    "air base": "base",
    "border guard detachment": "detachment",
    "strongholds in a region": "posts in a region",
}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def direction(sites: pd.DataFrame, one: str, other: str) -> tuple[str, str]:
    """(host, sender): which of two states has the other's soldiers on its soil.

    If each has, `one` is taken as the host. It says nothing on who wanted it. A pair with no row in
    either direction raises DataProblem: without a row nobody can say whether somebody looked.

    >>> sites = pd.DataFrame([["Base", "base", "ARM", "RUS", "G", "1995", None, "yes", None, None]],
    ...     columns=SITE)
    >>> direction(sites, "RUS", "ARM")
    ('ARM', 'RUS')
    """
    checked = _checked(sites)
    for host, sender in ((one, other), (other, one)):
        if len(_between(checked, host, sender)):
            return host, sender
    raise DataProblem(
        f"military_presence/sites: found no row for {one} and {other} in either direction; expected"
        " one. Add what is there, with its source."
    )


def presence(sites: pd.DataFrame, host: str, sender: str, year: int) -> pd.DataFrame:
    """The places at which a sender's soldiers stood on a host's soil on the last day of a year.

    sites: one row a place, with the columns in `SITE`; dates are ISO, whole or cut to the month or
    year; an empty `until_date` is a presence that goes on. Returns these rows, by kind and name. A
    presence that ended in the course of the year, which is all that a last day cut to a year or a
    month of it says, is gone at its end; one whose last day is 31 December is there.

    Peacekeepers stand under the state whose territory it is, so troops elsewhere are not in it. An
    empty result means that the table names none. The last day of the year is taken, and not any
    day, so that a year in which posts were left shows it; a treaty's year would hide it.
    Raises DataProblem for lacking columns, unknown kinds, dates that are none, and ends before the
    start. Source of the measure: own count; compare the base variable of Leeds and others 2002,
    which codes promises and not places.

    >>> sites = pd.DataFrame([["Base", "base", "ARM", "RUS", "G", "1995", None, "yes", None, None],
    ...     ["Post", "checkpoint", "ARM", "RUS", "Agarak", "1992", "2024", "yes", None, "yes"]],
    ...     columns=SITE)
    >>> presence(sites, "ARM", "RUS", 2024)["name"].tolist()
    ['Base']
    """
    there = _between(_checked(sites), host, sender)
    there = there[_open(there, year)]
    order = there["kind"].map(KINDS.index)
    there = there.assign(order=order).sort_values(["order", "name"], kind="stable")
    return there.drop(columns="order").reset_index(drop=True)


def posts_open(
    sites: pd.DataFrame, host: str, sender: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """How many places were held at the end of each year: bases, strongholds, border guards' places.

    Columns: `year`, `group` ("bases", "strongholds" or "border guard posts"), `open` (dates taken
    as given), `at_least` (a place whose start no source gives counts only from the year of
    `there_by`, when a page has it there), `at_most` (with places whose withdrawal was agreed or begun, and is
    confirmed by nobody). A detachment, a checkpoint, and all posts or strongholds of one region
    count one each, since no source counts them through the years; so the number is one of places
    and not of people. Places that no page names are in no bound. Zero means that the table names
    none. Peacekeepers are in no group. Errors as in `presence`.

    >>> sites = pd.DataFrame([["Base", "base", "ARM", "RUS", "G", "1995", None, "yes", None, None],
    ...     ["Posts", "posts in a region", "ARM", "RUS", "S", "2020", "2024", "yes", None, "no"]],
    ...     columns=SITE)
    >>> posts_open(sites, "ARM", "RUS", 2023, 2024).iloc[4:].values.tolist()
    [[2023, 'border guard posts', 1, 1, 1], [2024, 'border guard posts', 0, 0, 1]]
    """
    there = _between(_checked(sites), host, sender)
    unsure = there["end_confirmed"].eq("no").fillna(False).astype(bool)
    lasting = there.assign(until_date=there["until_date"].mask(unsure, np.nan))
    known = there["start_confirmed"].eq("yes").fillna(False).astype(bool)
    begun = there["from_date"].where(known, there["there_by"])
    surely = there.assign(from_date=begun.fillna("9999"))
    rows = []
    for group, kinds in GROUPS.items():
        chosen = there["kind"].isin(kinds)
        for year in range(first_year, last_year + 1):
            counts = [(chosen & _open(table, year)).sum() for table in (there, surely, lasting)]
            rows.append((year, group, *counts))
    columns = ["year", "group", "open", "at_least", "at_most"]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype(dict.fromkeys(columns[2:], "int64"))


def presence_by_year(
    sites: pd.DataFrame, host: str, sender: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """Whether a sender had any base or post on a host's soil at the end of a year: 1 or 0.

    Columns: `year`, `present` (any place at all), `base` (a base or an air base). It is the measure
    that most data sets use, and it cannot tell one post from twenty. Errors as in `presence`.

    >>> sites = pd.DataFrame([["Base", "base", "ARM", "RUS", "G", "1995", None, "yes", None, None]],
    ...     columns=SITE)
    >>> presence_by_year(sites, "ARM", "RUS", 1994, 1995).values.tolist()
    [[1994, 0, 0], [1995, 1, 1]]
    """
    counted = posts_open(sites, host, sender, first_year, last_year)
    by_group = counted.pivot(index="year", columns="group", values="open")
    found = pd.DataFrame(
        {"present": by_group.sum(axis=1).gt(0), "base": by_group["bases"].gt(0)}, dtype="int64"
    )
    return found.reset_index().rename_axis(columns=None)


def variation(series: pd.Series) -> pd.Series:
    """How much a yearly measure can tell: in how many years it differs from the year before.

    series: values by year, without gaps. Returns `years`, `values` (different ones), `changes`, and
    `years_of_change` (a list). A measure without a change is a constant: as a cause it
    explains no change, however important the thing itself is. As an outcome it speaks, against
    every theory that expects it to change. Missing values raise DataProblem, since
    a gap is neither a change nor the lack of one; so do fewer than two years.

    >>> variation(pd.Series([1, 1, 0], index=[2022, 2023, 2024])).to_dict()
    {'years': 3, 'values': 2, 'changes': 1, 'years_of_change': [2024]}
    """
    if len(series) < 2 or series.isna().any():
        raise DataProblem(
            f"a yearly measure of {len(series)} years, {int(series.isna().sum())} of them without a"
            " value; expected two or more years, each with a value."
        )
    ordered = series.sort_index()
    changed = ordered.index[1:][ordered.to_numpy()[1:] != ordered.to_numpy()[:-1]]
    found = {
        "years": len(ordered),
        "values": int(ordered.nunique()),
        "changes": len(changed),
        "years_of_change": [int(year) for year in changed],
    }
    return pd.Series(found, dtype="object")


def falls(series: pd.Series) -> list[int]:
    """The years in which a yearly count is lower than in the year before, in order.

    series: values by year. An empty list: it never fell. A year next to a gap is not among them.

    >>> falls(pd.Series([2, 3, 1], index=[2022, 2023, 2024]))
    [2024]
    """
    ordered = series.sort_index()
    return [int(year) for year in ordered.index[ordered.diff() < 0]]


def measures_compared(
    sites: pd.DataFrame, host: str, sender: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The variation of four ways to count one presence, from the coarsest to the finest.

    Columns: `measure`, `years`, `lowest`, `highest`, `changes`, `changed_in` (years, as text). The
    finest is not the truest: it rests on more dates, and so on more doubtful ones. Errors as in
    `presence` and `variation`.

    >>> sites = pd.DataFrame([["Base", "base", "ARM", "RUS", "G", "1995", None, "yes", None, None]],
    ...     columns=SITE)
    >>> measures_compared(sites, "ARM", "RUS", 1996, 1999)["changes"].tolist()
    [0, 0, 0, 0]
    """
    years = (first_year, last_year)
    binary = presence_by_year(sites, host, sender, *years).set_index("year")
    counts = posts_open(sites, host, sender, *years)
    counts = counts.pivot(index="year", columns="group", values="open")
    measures = {
        "Any presence (0 or 1)": binary["present"],
        "A base (0 or 1)": binary["base"],
        "Number of army places": counts["bases"] + counts["strongholds"],
        "Number of border guards' places": counts["border guard posts"],
    }
    rows = []
    for measure, series in measures.items():
        told = variation(series)
        years_of_change = ", ".join(map(str, told["years_of_change"])) or "never"
        extremes = {"lowest": int(series.min()), "highest": int(series.max())}
        rows.append(
            {"measure": measure, "years": told["years"]}
            | extremes
            | {"changes": told["changes"], "changed_in": years_of_change}
        )
    return pd.DataFrame(rows)


def expectations_met(expected: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """What theories expect of a presence, beside what the counts did.

    expected: one row a theory, with `theory`, `expectation` ("rises", "falls", "holds" or another
    word, which is left out) and `when`, a text with or without a year. counted: as `posts_open`
    gives it. A year is judged by the end of the year before and the end of the year after, an
    expectation without a year by the whole period. Columns: `theory`, `expectation`, `when`,
    `bases`, `guards` (both as "2 → 2"), `answer`. A base speaks to "holds": "fits" if the bases are
    no fewer, "does not fit" if they are. The places of border guards speak to "rises" and "falls":
    "fits" if the bounds lie apart in that direction, "fits, if the dates hold" if only the count
    does, else "does not fit". Years outside the period: "outside these years".

    A short span is taken because theories name the event after which they expect a change; a
    theory that allows for years of delay cannot fail by it. It compares directions and does not
    weigh causes: several theories may fit one rise. Lacking columns raise DataProblem.

    >>> expected = pd.DataFrame({"theory": ["loyalty"], "expectation": "holds", "when": "2020"})
    >>> groups = ["bases", "bases", "border guard posts", "border guard posts"]
    >>> counted = pd.DataFrame({"year": [2019, 2021] * 2, "group": groups,
    ...     "open": [2, 2, 6, 9], "at_least": [2, 2, 6, 9], "at_most": [2, 2, 6, 9]})
    >>> expectations_met(expected, counted)[["bases", "guards", "answer"]].values.tolist()
    [['2 → 2', '6 → 9', 'fits']]
    """
    _require(expected, ["theory", "expectation", "when"], "realist_theory/expectations")
    _require(counted, ["year", "group", "open", "at_least", "at_most"], "counted places")
    tables = {group: part.set_index("year") for group, part in counted.groupby("group")}
    rows = []
    for row in expected[expected["expectation"].isin(["rises", "falls", "holds"])].itertuples():
        years = [int(year) for year in re.findall(r"\b\d{4}\b", row.when)]
        span = (
            (years[0] - 1, years[-1] + 1)
            if years
            else (counted["year"].min(), counted["year"].max())
        )
        words = dict.fromkeys(("bases", "guards"), "–")
        answer = "outside these years"
        if set(span) <= set(counted["year"]):
            bases, guards = (tables[group].loc[list(span)] for group in ("bases", GUARD_GROUP))
            words = {"bases": _arrow(bases), "guards": _arrow(guards)}
            answer = _answer(row.expectation, bases, guards)
        rows.append(
            {"theory": row.theory, "expectation": row.expectation, "when": row.when}
            | words
            | {"answer": answer}
        )
    return pd.DataFrame(
        rows, columns=["theory", "expectation", "when", "bases", "guards", "answer"]
    )


def years_left(documents: pd.DataFrame, first_year: int, last_year: int) -> pd.DataFrame:
    """How many years of the agreed term of a base are left at the end of each year.

    documents: the treaty and the protocols that prolong it, one row each, with `signed` (ISO date,
    whole or cut), `term_until` (the last calendar year of the term, if a source states it) and
    `term_years` (else counted from the year of signature). Columns: `year`, `term_until`,
    `years_left`; NaN before the first document. The latest document signed by then counts, whether
    in force yet or not, since from then on both states planned with it; by entry into force the
    step would come a year later. A term that has run out gives a negative number: the treaty may
    have renewed itself. It is not how long the base will stay. Raises DataProblem for a document
    with neither term nor end, and for lacking columns.

    >>> documents = pd.DataFrame({"signed": ["1995-03-16", "2010-08-20"], "term_years": [25, 49],
    ...     "term_until": [None, 2044]})
    >>> years_left(documents, 2009, 2010)["years_left"].tolist()
    [11.0, 34.0]
    """
    _require(documents, ["signed", "term_years", "term_until"], "documents")
    signed = documents["signed"].str[:4].astype(int)
    until = documents["term_until"].astype("float64")
    until = until.fillna(signed + documents["term_years"].astype("float64"))
    if until.isna().any():
        without = ", ".join(documents.loc[until.isna(), "signed"])
        raise DataProblem(f"documents signed {without}: found neither a term nor its end.")
    order = documents["signed"].sort_values().index
    rows = []
    for year in range(first_year, last_year + 1):
        known = [until[index] for index in order if signed[index] <= year]
        end = known[-1] if known else np.nan
        rows.append((year, end, end - year))
    return pd.DataFrame(rows, columns=["year", "term_until", "years_left"])


def personnel_range(
    personnel: pd.DataFrame, host: str, sender: str, body: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The lowest and the highest number reported in each year, and how many statements gave one.

    personnel: one row a statement, with `year`, `body` (such as "army"), `host_state`,
    `sending_state`, `low` and `high`. Columns: `year`, `lowest`, `highest`, `statements`. A
    statement of "more than" has no `high`, one of "up to" no `low`, and does not close the range on
    that side: `lowest` is the smallest `low` given, and NaN if none was. A year without a number is
    a gap: NaN and 0 statements. Statements without a year are left out.

    The range is one of reports and not an interval of confidence: the truth may lie outside, and a
    wide range may mean two good sources that count different things. No mean is formed, because the
    statements are of different kinds and some repeat others. Raises DataProblem for lacking
    columns, numbers below zero and a `low` above its `high`.

    >>> personnel = pd.DataFrame({"year": [2010, 2010], "body": "army", "host_state": "ARM",
    ...     "sending_state": "RUS", "low": [3000, 4000], "high": [None, 4000]})
    >>> personnel_range(personnel, "ARM", "RUS", "army", 2010, 2011).values.tolist()
    [[2010.0, 3000.0, 4000.0, 2.0], [2011.0, nan, nan, 0.0]]
    """
    numbered = _numbers(personnel, host, sender, body)
    by_year = numbered.groupby("year").agg(
        lowest=("low", "min"), highest=("high", "max"), statements=("low", "size")
    )
    by_year = by_year.reindex(pd.RangeIndex(first_year, last_year + 1, name="year"))
    by_year["statements"] = by_year["statements"].fillna(0).astype("int64")
    return by_year.reset_index()


def reported_numbers(
    personnel: pd.DataFrame, host: str, sender: str, body: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """Every number reported, one row each, for a picture: single figures, lower and upper limits.

    Columns: `year`, `given_as` ("one figure", "at least" or "at most"), `people`, `lowest` and
    `highest` of the year, NaN where the year's range is open on a side. Input and errors as in
    `personnel_range`.

    >>> personnel = pd.DataFrame({"year": [2010], "body": "army", "host_state": "ARM",
    ...     "sending_state": "RUS", "low": [3000], "high": [None]})
    >>> reported_numbers(personnel, "ARM", "RUS", "army", 2010, 2011).values.tolist()
    [[2010, 'at least', 3000.0, 3000.0, nan]]
    """
    numbered = _numbers(personnel, host, sender, body)
    numbered = numbered[numbered["year"].between(first_year, last_year)]
    single = numbered["low"].eq(numbered["high"])
    parts = [
        numbered[single].assign(given_as="one figure", people=numbered["low"]),
        numbered[~single & numbered["low"].notna()].assign(
            given_as="at least", people=numbered["low"]
        ),
        numbered[~single & numbered["high"].notna()].assign(
            given_as="at most", people=numbered["high"]
        ),
    ]
    found = pd.concat(parts).drop_duplicates(["year", "given_as", "people"])
    ranges = personnel_range(personnel, host, sender, body, first_year, last_year)
    found = found[["year", "given_as", "people"]].merge(ranges, on="year")
    found = found.sort_values(["year", "people", "given_as"], ignore_index=True)
    found["year"] = found["year"].astype("int64")
    return found[["year", "given_as", "people", "lowest", "highest"]]


def length_range(lengths: pd.DataFrame, state: str, neighbour: str) -> pd.Series:
    """The shortest and the longest length reported of a border, and how many statements there are.

    lengths: one row a statement, with `state`, `neighbour` and `length_km`. Returns `shortest`,
    `longest` (km), `statements`. Lengths of one line differ with the scale at which it is measured,
    so the spread is no error of anybody's. A border without a statement raises DataProblem.

    >>> lengths = pd.DataFrame({"state": "ARM", "neighbour": "TUR", "length_km": [345, 311]})
    >>> length_range(lengths, "ARM", "TUR").tolist()
    [311, 345, 2]
    """
    _require(lengths, ["state", "neighbour", "length_km"], "military_presence/border_lengths")
    of_one = (lengths["state"] == state) & (lengths["neighbour"] == neighbour)
    given = lengths.loc[of_one, "length_km"]
    if given.empty:
        raise DataProblem(f"no length is given of the border of {state} with {neighbour}.")
    values = {"shortest": given.min(), "longest": given.max(), "statements": len(given)}
    return pd.Series(values).astype("int64")


def spans(sites: pd.DataFrame, senders: tuple[str, ...]) -> pd.DataFrame:
    """The presence of some senders as lines on a time axis; places with the same dates share one.

    Columns: `line` (words above the bar), `kind` (for a legend: a base and an air base
    are both "base", a border guard detachment "detachment"), `from_date`, `until_date`, in the
    order of kinds and dates. Places are drawn together only if
    their kind and all their dates agree, so nothing is averaged. Errors as in `presence`.

    >>> kind = "border guard detachment"
    >>> sites = pd.DataFrame([["A", kind, "ARM", "RUS", "Meghri", "1992", None, "yes", None, None],
    ...     ["B", kind, "ARM", "RUS", "Armavir", "1992", None, "yes", None, None]], columns=SITE)
    >>> spans(sites, ("RUS",))["line"].tolist()
    ['Border guards at Armavir, Meghri']
    """
    there = _checked(sites)
    there = there[there["sending_state"].isin(senders)]
    rows = []
    for key, part in there.groupby(["kind", "host_state", "from_date", "until_date"], dropna=False):
        kind, _, start, end = key
        together = len(part) > 1 and kind in PLURALS
        for line in [_joined(kind, part)] if together else part["name"]:
            rows.append((KINDS.index(kind), line, _SHORT.get(kind, kind), start, end))
    columns = ["order", "line", "kind", "from_date", "until_date"]
    found = pd.DataFrame(rows, columns=columns)
    found = found.sort_values(["order", "from_date", "line"], kind="stable", ignore_index=True)
    return found.drop(columns="order")


def places_at(sites: pd.DataFrame, host: str, sender: str, year: int) -> pd.DataFrame:
    """Every place a sender ever held on a host's soil, and what was there at the end of a year.

    Columns: `place`, `longitude`, `latitude`, `kind`: "base", "strongholds", "border guards",
    several of them joined by "and", or what is left: "left" where everything had ended by then, and
    "leaving agreed, not confirmed" where no page says so of all that stood there. Places taken
    later have no row. For a schematic map: regions are drawn at one of their towns. Errors as in
    `presence`, and for degrees that are none.

    >>> sites = pd.DataFrame([["Post", "checkpoint", "ARM", "RUS", "Agarak", "1992", "2024", "yes",
    ...     None, "yes"]], columns=SITE).assign(longitude=46.2, latitude=38.9)
    >>> places_at(sites, "ARM", "RUS", 2024)["kind"].tolist()
    ['left']
    """
    there = _between(_checked(sites, ["longitude", "latitude"]), host, sender)
    nowhere = ~(there["longitude"].between(-180, 180) & there["latitude"].between(-90, 90))
    if nowhere.any():
        names = ", ".join(there.loc[nowhere, "name"])
        raise DataProblem(f"military_presence/sites: {names} lies at no degrees east and north.")
    there = there[there["from_date"].str[:4].astype(int) <= year]
    rows = []
    for place, part in there.groupby("place"):
        kinds = set(part.loc[_open(part, year), "kind"])
        words = {"base": BASES, "strongholds": STRONGHOLDS, "border guards": GUARDS}
        held = [word for word, group in words.items() if kinds & {*group}]
        gone = UNCONFIRMED if part["end_confirmed"].eq("no").any() else "left"
        where = part[["longitude", "latitude"]].iloc[0]
        rows.append((place, *where, " and ".join(held) or gone))
    return pd.DataFrame(rows, columns=["place", "longitude", "latitude", "kind"])


def guarded_lines(outline: pd.DataFrame, borders: pd.DataFrame, year: int) -> pd.DataFrame:
    """The corners of a state's border, each with the name of its stretch and who guarded it.

    outline: one row a corner, with `state`, `neighbour`, `stretch`, `corner`, `longitude`,
    `latitude`. borders: one row a stretch and period, with `state`, `neighbour`, `stretch`,
    `from_date`, `until_date`, `label`, `guarded_by`. Columns: `line` (the label), `longitude`,
    `latitude`, `kind` (who guarded it at the end of the year), in drawing order. A stretch that
    nobody is named for, or two, raises DataProblem. The lines are for orientation; they settle no
    border.

    >>> outline = pd.DataFrame({"state": "ARM", "neighbour": "IRN", "stretch": 1, "corner": [1, 2],
    ...     "longitude": [46.5, 46.1], "latitude": 38.9})
    >>> borders = pd.DataFrame({"state": "ARM", "neighbour": ["IRN"], "stretch": 1, "label": "Iran",
    ...     "from_date": "1992", "until_date": None, "guarded_by": "Russian guards"})
    >>> guarded_lines(outline, borders, 2020)["kind"].unique().tolist()
    ['Russian guards']
    """
    key = ["state", "neighbour", "stretch"]
    _require(outline, [*key, "corner", "longitude", "latitude"], "military_presence/outline")
    wanted = [*key, "from_date", "until_date", "label", "guarded_by"]
    _require(borders, wanted, "military_presence/borders")
    now = borders[_open(borders, year)]
    drawn = outline[key].drop_duplicates()
    found = drawn.merge(now[key], how="left", indicator=True).groupby(key)["_merge"]
    wrong = found.agg(lambda marks: len(marks) != 1 or marks.iloc[0] != "both")
    if wrong.any():
        stretches = ", ".join(" ".join(map(str, name)) for name in wrong.index[wrong])
        raise DataProblem(
            f"military_presence/borders, end of {year}: for {stretches} found nobody, or several;"
            " expected one row for each stretch of the outline."
        )
    lines = outline.merge(now[[*key, "label", "guarded_by"]], on=key)
    lines = lines.sort_values([*key, "corner"], ignore_index=True)
    lines = lines.rename(columns={"label": "line", "guarded_by": "kind"})
    return lines[["line", "longitude", "latitude", "kind"]]


def _arrow(counts):
    return " → ".join(str(number) for number in counts["open"])


def _answer(expectation, bases, guards):
    """How two counts, each at the start and the end of a span, answer an expectation."""
    if expectation == "holds":
        return "fits" if bases["open"].iloc[1] >= bases["open"].iloc[0] else "does not fit"
    low, high = (0, 1) if expectation == "rises" else (1, 0)
    if guards["at_least"].iloc[high] > guards["at_most"].iloc[low]:
        return "fits"
    if guards["open"].iloc[high] > guards["open"].iloc[low]:
        return "fits, if the dates hold"
    return "does not fit"


def _joined(kind, part):
    return f"{PLURALS[kind]} {', '.join(sorted(part['place']))}"


def _between(sites, host, sender):
    return sites[(sites["host_state"] == host) & (sites["sending_state"] == sender)]


def _open(sites, year):
    """Which rows are open on 31 December; an end cut to a month or a year lies before that day."""
    last_day = f"{year}-12-31"
    begun = sites["from_date"].str[:4].astype(int) <= year
    until = sites["until_date"].astype("object")
    kept = until.map(lambda day: not isinstance(day, str) or int(day[:4]) > year or day == last_day)
    return begun & kept.astype(bool)


def _checked(sites, further=()):
    """The sites, once every row can be used; all offenders are named together."""
    _require(sites, [*SITE, *further], "military_presence/sites")
    problems = []
    unknown = sorted(set(sites["kind"]) - set(KINDS))
    if unknown:
        problems.append(f"column kind: found {unknown}; expected one of {list(KINDS)}")
    for column in ("from_date", "there_by", "until_date"):
        days = sites[column] if column == "from_date" else sites[column].dropna()
        wrong = [day for day in days if not (isinstance(day, str) and _DATE.fullmatch(day))]
        if wrong:
            problems.append(f"column {column}: found {wrong}; expected days such as 2024-07-31")
    if not problems:
        ended = sites.dropna(subset="until_date")
        early = ended[_before(ended)]
        if len(early):
            problems.append(f"ends before it starts: {', '.join(early['name'])}")
    if problems:
        raise DataProblem(f"military_presence/sites, {'; '.join(problems)}. Correct the table.")
    return sites


def _before(ended):
    """Whether the end lies before the start, compared as far as both are known."""
    pairs = zip(ended["from_date"], ended["until_date"])
    return [end[: len(start)] < start[: len(end)] for start, end in pairs]


def _numbers(personnel, host, sender, body):
    """The statements on one body in one place that give a year and a number."""
    wanted = ["year", "body", "host_state", "sending_state", "low", "high"]
    _require(personnel, wanted, "military_presence/personnel")
    numbers = personnel.assign(
        low=personnel["low"].astype("float64"), high=personnel["high"].astype("float64")
    )
    wrong = numbers[
        (numbers["low"] > numbers["high"]) | (numbers["low"] < 0) | (numbers["high"] < 0)
    ]
    if len(wrong):
        found = "; ".join(f"{row.year}: {row.low:g} to {row.high:g}" for row in wrong.itertuples())
        raise DataProblem(
            f"military_presence/personnel: found {found}; expected 0 or more, the lower first."
        )
    of_one = _between(numbers, host, sender)
    of_one = of_one[(of_one["body"] == body) & of_one["year"].notna()]
    of_one = of_one[of_one["low"].notna() | of_one["high"].notna()]
    return of_one.assign(year=of_one["year"].astype("int64"))


def _require(table, columns, name):
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise DataProblem(f"{name}: the columns {', '.join(lacking)} are missing.")
