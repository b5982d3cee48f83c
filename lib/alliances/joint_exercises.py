"""Who trains with whom: exercises by partner, shares, hosts, and lists that overlap.

Two kinds of input. Yearly counts come from a data set whose coders looked through every year, so a
zero in them is a finding. Lists of single exercises were put together from reports; they hold at
least what happened, so a year without a row is unknown and never zero. No function turns one kind
into the other.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

NOT_COVERED = "year not covered by the counts"
NOTHING_FOUND = "no exercise of the state found"
TOOK_PART = ("host", "participant")
STAYED_AWAY = ("declined", "declined to host", "absent")
BASES = ("named", "inferred")
CONFIRMED = ("not confirmed", "yes")
ROLES = ("host", "participant", "declined to host", "declined", "absent", "cancelled", "announced")

Window = tuple[int, int]
_COUNTS = ["bilateral", "multilateral"]
_ONE = (
    "name series start end year framework form role participants basis confirmed host_state lead"
    " listed_by lists rows"
).split()


def exercises_with(
    counts: pd.DataFrame,
    totals: pd.DataFrame,
    state: str,
    partner: str,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """A state's exercises with one partner, year by year, and their share in all of its exercises.

    counts: `state`, `partner`, `year`, `bilateral`, `multilateral`; totals: the same without a
    partner. Columns: `year`, `state`, `partner`, `bilateral`, `multilateral`, `exercises` (both
    together), `total` (all exercises of the state), `bilateral_total` (those with one partner only),
    `share` (0 to 1), `reason`. A year outside the
    counts has NaN throughout and the reason NOT_COVERED; a year in which the state had no exercise
    at all has a zero and no share, with the reason NOTHING_FOUND.

    A number of exercises is not their size, cost or worth: four officers at a staff game count as
    much as a thousand men in the field. An exercise of many states counts for each pair among
    them, so the shares of a state's partners add up to more than one. Unknown states and partners
    raise a DataProblem. Source of the measure: counts as in D'Orazio and Galambos 2021.

    >>> counts = pd.DataFrame({"state": "ARM", "partner": "RUS", "year": [2009, 2010],
    ...     "bilateral": [1, 0], "multilateral": [3, 2]})
    >>> totals = pd.DataFrame({"state": "ARM", "year": [2009, 2010], "bilateral": [1, 0],
    ...     "multilateral": [4, 4]})
    >>> exercises_with(counts, totals, "ARM", "RUS", 2010, 2011)[["year", "exercises", "share"]]
       year  exercises  share
    0  2010        2.0    0.5
    1  2011        NaN    NaN
    """
    _check_counts(counts, ["state", "partner", "year"], "counts")
    _check_counts(totals, ["state", "year"], "totals")
    own = counts[(counts["state"] == state) & (counts["partner"] == partner)]
    if own.empty:
        known = ", ".join(sorted(set(counts["state"] + " with " + counts["partner"]))[:12])
        raise DataProblem(
            f"counts: found no row for {state!r} with {partner!r}, expected pairs such as {known}."
            " Import the counts of that pair or choose another."
        )
    years = pd.RangeIndex(first_year, last_year + 1, name="year")
    found = own.set_index("year")[_COUNTS].astype("float64").reindex(years)
    whole = totals[totals["state"] == state].set_index("year")[_COUNTS].astype("float64")
    found["exercises"] = found["bilateral"] + found["multilateral"]
    found["total"] = whole.sum(axis=1).reindex(years)
    found["bilateral_total"] = whole["bilateral"].reindex(years)
    _check_parts(found, state, partner)
    found["share"] = (found["exercises"] / found["total"]).where(found["total"] > 0)
    found["reason"] = np.where(
        found["exercises"].isna(), NOT_COVERED, np.where(found["total"] == 0, NOTHING_FOUND, "")
    )
    found = found.reset_index()
    found.insert(1, "state", state)
    found.insert(2, "partner", partner)
    return found


def exercises_with_each(
    counts: pd.DataFrame,
    totals: pd.DataFrame,
    state: str,
    partners: Sequence[str],
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """The years of `exercises_with` for several partners, one after the other.

    An exercise with two of them is in both, so their numbers are compared and never added up.

    >>> counts = pd.DataFrame({"state": "ARM", "partner": ["RUS", "USA"], "year": 2009,
    ...     "bilateral": [1, 0], "multilateral": [3, 1]})
    >>> totals = pd.DataFrame({"state": ["ARM"], "year": 2009, "bilateral": 1, "multilateral": 4})
    >>> found = exercises_with_each(counts, totals, "ARM", ["RUS", "USA"], 2009, 2009)
    >>> found[["partner", "exercises"]].values.tolist()
    [['RUS', 4.0], ['USA', 1.0]]
    """
    each = [
        exercises_with(counts, totals, state, partner, first_year, last_year)
        for partner in partners
    ]
    return pd.concat(each, ignore_index=True)


def partner_share(
    counts: pd.DataFrame,
    totals: pd.DataFrame,
    states: Sequence[str],
    partner: str,
    windows: Sequence[Window],
) -> pd.DataFrame:
    """One partner's part in the exercises of several states, over windows of years.

    counts and totals as in `exercises_with`. A row a state and window: `state`, `first_year`,
    `last_year`, `window` (in words), `exercises`, `bilateral`, `total`, `bilateral_total`, `share`,
    `years_covered`, `reason`. Exercises of all members of an alliance stand in the share of each of
    them, so shares of allies are alike in part by construction; the bilateral columns are not. Exercises are summed before dividing, so a year with many weighs more than one with
    few. Windows without a covered year, and without any exercise of the state, have no share.

    >>> counts = pd.DataFrame({"state": "ARM", "partner": "RUS", "year": [2009, 2010],
    ...     "bilateral": [1, 0], "multilateral": [3, 2]})
    >>> totals = pd.DataFrame({"state": "ARM", "year": [2009, 2010], "bilateral": [1, 0],
    ...     "multilateral": [4, 5]})
    >>> partner_share(counts, totals, ["ARM"], "RUS", [(2009, 2010)])[["window", "share"]]
          window  share
    0  2009–2010    0.6
    """
    rows = []
    for first, last in _checked_windows(windows):
        for state in states:
            yearly = exercises_with(counts, totals, state, partner, first, last)
            parts = ["exercises", "bilateral", "total", "bilateral_total"]
            sums = yearly[parts].sum(min_count=1)
            defined = sums["total"] > 0
            covered = int(yearly["exercises"].notna().sum())
            rows.append(
                {"state": state, "first_year": first, "last_year": last}
                | {"window": _in_words(first, last)}
                | sums.to_dict()
                | {
                    "share": sums["exercises"] / sums["total"] if defined else np.nan,
                    "years_covered": covered,
                    "reason": "" if defined else NOTHING_FOUND if covered else NOT_COVERED,
                }
            )
    return pd.DataFrame(rows)


def parts_of_total(with_partner: pd.DataFrame, words: Mapping[str, str]) -> pd.DataFrame:
    """The years of `exercises_with` cut into parts that add up to all exercises of the state.

    words: what to call the parts `bilateral`, `multilateral` and `without` (the partner). Columns:
    `year`, `part`, `exercises`. Years outside the counts have no row. Bars of partners would count
    an exercise of many states several times; these parts count each exercise once.

    >>> counts = pd.DataFrame({"year": [2010], "bilateral": [1], "multilateral": [2],
    ...     "exercises": [3], "total": [5]})
    >>> parts_of_total(counts, {"bilateral": "b", "multilateral": "m", "without": "w"})
       year part  exercises
    0  2010    b          1
    1  2010    m          2
    2  2010    w          2
    """
    known = with_partner.dropna(subset=["exercises"])
    known = known.assign(without=known["total"] - known["exercises"])
    known = known[["year", *_COUNTS, "without"]]
    long = known.melt("year", var_name="part", value_name="exercises")
    long["part"] = pd.Categorical(long["part"], [*_COUNTS, "without"], ordered=True)
    long = long.sort_values(["year", "part"], ignore_index=True)
    whole = {"part": long["part"].astype("str").map(words), "exercises": long["exercises"]}
    return long.assign(**whole).astype({"exercises": "int64"})


def counted_once(exercises: pd.DataFrame) -> pd.DataFrame:
    """The exercises of several lists with each counted once, and where each is listed.

    exercises: `id`, `listed_by`, `name`, `series`, `part_of`, `start`, `end` (ISO dates, whole or
    cut to month or year), `framework`, `form`, `role`, `participants` (codes joined by ;),
    `participants_basis`, `confirmed`, `host_state`. Two rows are one exercise where their series is the same and they have a day in
    common, or follow each other on the next day. A date cut to its month or year stands for all of
    its days; such a row joins the first exercise that it touches. A row that frames others (its
    name is their `part_of`) is not counted beside them; it joins the first of its parts. Without
    its parts it counts by itself.

    Columns: `name`, `series`, `start`, `end`, `year`, `framework`, `form`, `role`, `participants`
    (of all its rows together), `basis` ("inferred" if no row names them), `confirmed` ("yes" if one
    row is), `host_state`, `lead` (the id of the row that knows its dates best, whose name and dates
    these are), `listed_by` and `rows` (joined by ;), `lists` (how many). The role is the most that
    a row says, in the order of ROLES. One row that says the state took part and another that it
    stayed away raise a DataProblem, as do unknown roles and dates that are none.

    The rule joins too little where two lists take an exercise for different series, and too much
    where a series is held twice in a year and a list that gives the year alone means the second.
    Series and dates decide, not names, because names come in three languages and many spellings.

    >>> rows = pd.DataFrame({"id": ["a", "b"], "listed_by": ["x", "y"], "name": "Drill-2013",
    ...     "series": "Drill", "part_of": None, "start": ["2013", "2013-10-07"],
    ...     "end": ["2013", "2013-10-12"], "framework": "CSTO", "form": "multilateral",
    ...     "role": "participant", "participants": ["ARM;RUS", "ARM;KAZ"], "host_state": None,
    ...     "participants_basis": "named", "confirmed": "yes"})
    >>> counted_once(rows)[["start", "participants", "listed_by", "rows"]].values.tolist()
    [['2013-10-07', 'ARM;KAZ;RUS', 'x;y', 'a;b']]
    """
    table = _checked_list(exercises)
    table["group"] = _touching(table)
    table["group"] = _frames_joined(table)
    whole = [_one(rows) for _, rows in table.groupby("group", sort=False)]
    found = pd.DataFrame(whole, columns=_ONE).astype({"year": "int64", "lists": "int64"})
    return found.sort_values(["start", "name"], ignore_index=True)


def took_part_with(merged: pd.DataFrame, partner: str) -> pd.DataFrame:
    """The exercises of `counted_once` in which the state took part together with a partner.

    The same columns. Announced, declined and cancelled exercises are left out. These are the ones
    that were found, at least; that none is found in a year does not say that there was none.

    >>> merged = pd.DataFrame({"role": ["host", "declined"], "participants": ["ARM;RUS", "RUS"]})
    >>> len(took_part_with(merged, "RUS"))
    1
    """
    held = merged["role"].isin(TOOK_PART)
    there = merged["participants"].fillna("").str.split(";").map(lambda codes: partner in codes)
    return merged[held & there].reset_index(drop=True)


def at_least_and_most(merged: pd.DataFrame) -> str:
    """How many exercises these are, as a range where some are not confirmed: "8 to 10".

    merged: rows of `counted_once`. The lower number leaves out those that are not confirmed. Both
    are numbers of what was found; more may have been held.

    >>> at_least_and_most(pd.DataFrame({"confirmed": ["yes", "not confirmed"]}))
    '1 to 2'
    """
    low, high = int((merged["confirmed"] == "yes").sum()), len(merged)
    return str(low) if low == high else f"{low} to {high}"


def found_per_year(merged: pd.DataFrame, partner: str) -> pd.DataFrame:
    """How many exercises with a partner the lists have, by year: a floor, with no zeros.

    Columns: `year`, `bilateral`, `multilateral`, `exercises`. A year without a row is one for
    which no list has any; the lists are incomplete, so that is no zero.

    >>> merged = pd.DataFrame({"year": [2018, 2018], "role": "host", "form": "bilateral",
    ...     "participants": ["ARM;RUS", "ARM;IRN"]})
    >>> found_per_year(merged, "RUS").values.tolist()
    [[2018, 1, 0, 1]]
    """
    found = took_part_with(merged, partner)
    if found.empty:
        return pd.DataFrame(columns=["year", *_COUNTS, "exercises"], dtype="int64")
    counted = found.groupby(["year", "form"]).size().unstack(fill_value=0)
    counted = counted.reindex(columns=_COUNTS, fill_value=0).rename_axis(columns=None)
    return counted.assign(exercises=counted.sum(axis=1)).reset_index().astype("int64")


def lists_in_use(lists: pd.DataFrame, exercises: pd.DataFrame) -> pd.DataFrame:
    """The sources that say something of a state: those searched throughout, and its own lists.

    lists: one row a source, with `list` (its key) and `extent`. exercises: the rows of the lists,
    with `listed_by`, a key or several joined by semicolons; without rows no list is left, because
    nobody made one for this state. Returns the rows of `lists` that remain, in their order. A
    source that was searched throughout stays, since it counts every state. Lacking columns raise a
    DataProblem.

    >>> lists = pd.DataFrame({"list": ["a", "b"], "extent": ["searched throughout", "incomplete"]})
    >>> lists_in_use(lists, pd.DataFrame({"listed_by": []}))["list"].tolist()
    ['a']
    >>> lists_in_use(lists, pd.DataFrame({"listed_by": ["b"]}))["list"].tolist()
    ['a', 'b']
    """
    for table, needed in ((lists, ["list", "extent"]), (exercises, ["listed_by"])):
        if lacking := [name for name in needed if name not in table]:
            raise DataProblem(f"lists: the columns {', '.join(lacking)} are missing. Add them.")
    used = {key for keys in exercises["listed_by"] for key in str(keys).split(";")}
    stays = (lists["extent"] == "searched throughout") | lists["list"].isin(used)
    return lists[stays].reset_index(drop=True)


def most_frequent_partner(counts: pd.DataFrame, state: str, apart_from: str) -> str | None:
    """The partner, other than one, with which a state had most exercises in all years counted.

    counts as in `exercises_with`. Of equals the first by code. None where no other partner had an
    exercise with the state. It says who was there, not who mattered: an exercise of many counts for
    each of them. Errors as in `exercises_with`.

    >>> counts = pd.DataFrame({"state": "KAZ", "partner": ["RUS", "KGZ", "USA"], "year": 2008,
    ...     "bilateral": [5, 2, 0], "multilateral": [4, 2, 5]})
    >>> most_frequent_partner(counts, "KAZ", "RUS")
    'USA'
    """
    _check_counts(counts, ["state", "partner", "year"], "counts")
    others = counts[(counts["state"] == state) & (counts["partner"] != apart_from)]
    sums = others.groupby("partner")[_COUNTS].sum().sum(axis=1)
    return sums.idxmax() if sums.sum() else None


def across_the_seam(
    with_partner: pd.DataFrame, merged: pd.DataFrame, partner: str, words: tuple[str, str, str]
) -> pd.DataFrame:
    """The counts as far as they reach and the lists after them, each under its own name.

    with_partner: as `exercises_with` gives it; merged: as `counted_once` gives it; words: what to
    call the counted, the listed, and the listed that are not confirmed. Columns: `year`, `source`, `exercises`. A year that the counts cover is never
    taken from the lists, so nothing is counted twice; the two are not comparable, since the counts
    are a search of all reports and the lists a floor.

    >>> counts = pd.DataFrame({"year": [2010, 2011], "exercises": [2.0, None]})
    >>> merged = pd.DataFrame({"year": [2010, 2012], "role": "host", "form": "bilateral",
    ...     "participants": "ARM;RUS", "confirmed": ["yes", "not confirmed"]})
    >>> across_the_seam(counts, merged, "RUS", ("counted", "listed", "doubtful")).values.tolist()
    [[2010, 'counted', 2], [2012, 'doubtful', 1]]
    """
    counted = with_partner.dropna(subset=["exercises"])[["year", "exercises"]]
    after = merged[~merged["year"].isin(counted["year"])]
    sure = after["confirmed"] == "yes"
    both = [counted.assign(source=words[0])] + [
        found_per_year(rows, partner)[["year", "exercises"]].assign(source=word)
        for rows, word in ((after[sure], words[1]), (after[~sure], words[2]))
    ]
    # An empty part is left out, since its untyped columns would decide the types of the whole.
    whole = pd.concat([part for part in both if len(part)] or both[:1], ignore_index=True)
    return whole[["year", "source", "exercises"]].astype({"exercises": "int64"})


def host_share(merged: pd.DataFrame, state: str, windows: Sequence[Window]) -> pd.DataFrame:
    """How many of the exercises that a state took part in were held on its own territory.

    merged: as `counted_once` gives it, for the state whose roles it holds. Columns: `first_year`,
    `last_year`, `window`, `hosted`, `host_known`, `exercises`, `share` (of those whose place is
    known). An exercise whose place no row gives is left out of the share and stays in the number.

    >>> merged = pd.DataFrame({"year": 2018, "role": ["host", "participant", "participant"],
    ...     "host_state": ["ARM", "RUS", None]})
    >>> host_share(merged, "ARM", [(2018, 2018)])[["hosted", "host_known", "share"]]
       hosted  host_known  share
    0       1           2    0.5
    """
    rows = []
    for first, last in _checked_windows(windows):
        within = merged["year"].between(first, last) & merged["role"].isin(TOOK_PART)
        hosts = merged.loc[within, "host_state"]
        hosted, known = int((hosts == state).sum()), int(hosts.notna().sum())
        rows.append(
            {"first_year": first, "last_year": last, "window": _in_words(first, last)}
            | {"hosted": hosted, "host_known": known, "exercises": len(hosts)}
            | {"share": hosted / known if known else np.nan}
        )
    return pd.DataFrame(rows)


def hosts_by_leader(
    merged: pd.DataFrame, state: str, leaders: Mapping[str, str], other: str
) -> pd.DataFrame:
    """Where a state's exercises were held, by who leads them.

    merged: as `counted_once` gives it, for the state whose roles it holds. leaders: {code: what to
    call the exercises that this state leads}; RUS stands for those of the CSTO and the CIS too,
    other for all that nobody of them leads. Columns: `leader`, then as in `host_share` (`hosted`,
    `host_known`, `exercises`, `share`). A leader without an exercise has no row.

    >>> merged = pd.DataFrame({"framework": ["CSTO", "US-led"], "form": "multilateral",
    ...     "participants": "ARM", "role": ["host", "participant"], "year": 2018,
    ...     "host_state": ["ARM", "DEU"]})
    >>> found = hosts_by_leader(merged, "ARM", {"RUS": "Russia", "USA": "the USA"}, "others")
    >>> found[["leader", "hosted", "host_known"]].values.tolist()
    [['Russia', 1, 1], ['the USA', 0, 1]]
    """
    there = merged["participants"].fillna("").str.split(";")
    bilateral = merged["framework"].eq("bilateral")
    frames = {"RUS": ("CSTO", "CIS", "Russian strategic"), "USA": ("US-led",)}
    whose = pd.Series(other, index=merged.index)
    for code, name in leaders.items():
        alone = bilateral & there.map(lambda codes, code=code: code in codes)
        whose[merged["framework"].isin(frames.get(code, ())) | alone] = name
    took_part = merged["role"].isin(TOOK_PART)
    rows = [
        host_share(own, state, [(own["year"].min(), own["year"].max())]).assign(leader=name)
        for name in (*leaders.values(), other)
        if len(own := merged[took_part & (whose == name)])
    ]
    columns = ["leader", "hosted", "host_known", "exercises", "share"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def kinds_of_exercise(
    merged: pd.DataFrame, leaders: Mapping[str, str], strategic: str, led: str
) -> dict[str, pd.Series]:
    """Groups of exercises by who leads them, for `what_happened`.

    leaders: {code: name} of states whose bilateral exercises are groups of their own; strategic, led:
    the names for Russia's large exercises and for those that the United States leads. Returns {name of the group: a true-or-false
    column on merged}; every exercise is in exactly one of them.

    >>> merged = pd.DataFrame({"framework": ["CSTO", "bilateral"], "form": ["multilateral",
    ...     "bilateral"], "participants": ["ARM;RUS", "ARM;RUS"]})
    >>> found = kinds_of_exercise(merged, {"RUS": "Russia"}, "strategic", "led")
    >>> found["bilateral with Russia"].tolist(), found["others"].tolist()
    ([False, True], [False, False])
    """
    frameworks, there = merged["framework"], merged["participants"].fillna("").str.split(";")
    alone = frameworks.eq("bilateral")
    groups = {
        "CSTO or CIS": frameworks.isin(["CSTO", "CIS"]),
        strategic: frameworks.eq("Russian strategic"),
    }
    for code, name in leaders.items():
        groups[f"bilateral with {name}"] = alone & there.map(lambda codes, code=code: code in codes)
    groups[led] = frameworks.eq("US-led")
    groups["others"] = ~pd.concat(groups, axis=1).any(axis=1)
    return groups


def what_happened(merged: pd.DataFrame, groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """What a state did in each year and group of exercises, in one word.

    merged: as `counted_once` gives it. groups: {name: a true-or-false column on merged}; groups
    may overlap. Columns: `group`, `year`, `what`: "took part", "stayed away", "both", "called
    off", "announced". A group and year in which the lists have nothing has no row: nobody knows.

    >>> merged = pd.DataFrame({"year": [2022, 2022], "role": ["participant", "declined"]})
    >>> what_happened(merged, {"all": merged["year"] > 0}).values.tolist()
    [['all', 2022, 'both']]
    """
    rows = []
    for group, chosen in groups.items():
        for year, roles in merged[chosen].groupby("year")["role"]:
            there, away = roles.isin(TOOK_PART).any(), roles.isin(STAYED_AWAY).any()
            other = "called off" if roles.eq("cancelled").any() else "announced"
            what = "took part" if there else "stayed away" if away else other
            rows.append((group, int(year), "both" if there and away else what))
    return pd.DataFrame(rows, columns=["group", "year", "what"])


def listed_per_year(exercises: pd.DataFrame) -> pd.DataFrame:
    """How many rows each list has for each year, before anything is merged: its coverage.

    Columns: `listed_by`, `year`, `rows`. Rows of all roles count, since a refusal is a find too.

    >>> exercises = pd.DataFrame({"listed_by": ["x", "x", "y"], "year": [2018, 2018, 2018]})
    >>> listed_per_year(exercises).values.tolist()
    [['x', 2018, 2], ['y', 2018, 1]]
    """
    return exercises.groupby(["listed_by", "year"]).size().rename("rows").reset_index()


def _touching(table):
    """A number for each row; rows of one series whose days touch have the same.

    Rows that know their days come first, so that a row with a year alone joins one exercise of
    that year and does not draw two of them together.
    """
    groups, spans = {}, {}
    vague = 20 - table["start"].str.len() - table["end"].str.len()
    for index, row in table.assign(vague=vague).sort_values(["vague", "first_day"]).iterrows():
        first, last = row["first_day"], row["last_day"]
        near = timedelta(days=0 if row["vague"] else 1)
        for group, (start, end, exact) in spans.get(row["series"], {}).items():
            margin = near if exact else timedelta(0)
            if first <= end + margin and start <= last + margin:
                groups[index] = group
                if exact and not row["vague"]:
                    spans[row["series"]][group] = (min(start, first), max(end, last), True)
                break
        else:
            groups[index] = index
            spans.setdefault(row["series"], {})[index] = (first, last, not row["vague"])
    return pd.Series(groups, dtype="int64").reindex(table.index)


def _frames_joined(table):
    """The groups, with a framing exercise's put together with the first of its parts'."""
    groups = table["group"].copy()
    parts = table[table["part_of"].isin(table["name"])].sort_values("first_day")
    for frame, rows in parts.groupby("part_of", sort=False):
        of_frame = table.loc[table["name"] == frame, "group"]
        groups[groups.isin(of_frame)] = groups[rows.index[0]]
    return groups


def _one(rows):
    """One exercise from all rows that speak of it."""
    precise = rows.assign(known=rows["start"].str.len() + rows["end"].str.len())
    frames = rows["name"].isin(rows["part_of"])
    lead = precise[~frames].sort_values(["known", "id"], ascending=[False, True]).iloc[0]
    if rows["role"].isin(TOOK_PART).any() and rows["role"].isin(STAYED_AWAY).any():
        said = ", ".join(f"{row.id} {row.role!r}" for row in rows.itertuples())
        raise DataProblem(
            f"exercises: found {said} for one exercise, expected roles that agree. Correct one row,"
            " or give the series of one of them another name if they are two exercises."
        )
    codes = {code for joined in rows["participants"].dropna() for code in joined.split(";")}
    hosts = [lead["host_state"], *rows["host_state"]]
    lists = sorted(set(rows["listed_by"]))
    return {
        **{name: lead[name] for name in ("name", "series", "start", "end")},
        "year": int(lead["start"][:4]),
        **{name: lead[name] for name in ("framework", "form")},
        "role": min(rows["role"], key=ROLES.index),
        "participants": ";".join(sorted(codes - {""})),
        "basis": min(rows["participants_basis"].dropna(), key=BASES.index, default=None),
        "confirmed": max(rows["confirmed"], key=CONFIRMED.index),
        "lead": lead["id"],
        "host_state": next((host for host in hosts if isinstance(host, str) and host), None),
        "listed_by": ";".join(lists),
        "lists": len(lists),
        "rows": ";".join(sorted(rows["id"])),
    }


def _day(text, last):
    """The first or the last day that an ISO date, whole or cut short, can stand for."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    month = parts[1] if len(parts) == 2 else 12 if last else 1
    return date(parts[0], month, monthrange(parts[0], month)[1] if last else 1)


_LIST = (
    "id listed_by name series part_of start end framework form role participants"
    " participants_basis confirmed host_state"
).split()


def _checked_list(exercises):
    """The list with the first and last day of each row, or a DataProblem with all offenders."""
    if lacking := [name for name in _LIST if name not in exercises]:
        raise DataProblem(f"exercises: the columns {', '.join(lacking)} are missing. Add them.")
    table = exercises[_LIST].reset_index(drop=True).copy()
    lines = []
    for column, expected, fits in (
        ("role", f"one of {', '.join(ROLES)}", lambda value: value in ROLES),
        ("confirmed", f"one of {', '.join(CONFIRMED)}", lambda value: value in CONFIRMED),
        ("start", "an ISO date, whole or cut to month or year", _is_date),
        ("end", "an ISO date, whole or cut to month or year", _is_date),
        ("series", "a word", lambda value: isinstance(value, str) and value != ""),
    ):
        lines += [
            f"exercises, row {index + 1}, column {column}: found {value!r}, expected {expected}."
            for index, value in table[column].items()
            if not fits(value)
        ]
    twice = table[table["id"].duplicated()]
    lines += [
        f"exercises, column id: found {name!r} twice, expected it once." for name in twice["id"]
    ]
    if not lines:
        table["first_day"] = [_day(text, last=False) for text in table["start"]]
        table["last_day"] = [_day(text, last=True) for text in table["end"]]
        lines += [
            f"exercises, {row.id}: found an end {row.end} before the start {row.start}."
            for row in table[table["last_day"] < table["first_day"]].itertuples()
        ]
    if lines:
        raise DataProblem("\n".join([*lines, "Correct these rows in the table and run again."]))
    return table


def _is_date(text):
    try:
        _day(text, last=True)
    except (ValueError, TypeError, AttributeError):
        return False
    return len(text) in (4, 7, 10)


def _check_counts(table, key, what):
    if lacking := [name for name in (*key, *_COUNTS) if name not in table]:
        raise DataProblem(
            f"{what}: found the columns {', '.join(map(str, table.columns))}, expected also"
            f" {', '.join(lacking)}. Rename or add the columns."
        )
    numbers = table[_COUNTS].apply(pd.to_numeric, errors="coerce")
    wrong = ~(numbers.ge(0) & numbers.mod(1).eq(0)).all(axis=1) | table.duplicated(key, keep=False)
    if wrong.any():
        lines = [
            f"{what}, row {row + 1}: found {table.iloc[row][[*key, *_COUNTS]].tolist()}, expected"
            " one row for each and counts of 0 or more."
            for row in np.flatnonzero(wrong)
        ]
        raise DataProblem("\n".join([*lines, "Correct these rows in the table and run again."]))


def _check_parts(found, state, partner):
    over = found[
        (found["exercises"] > found["total"]) | (found["exercises"].notna() & found["total"].isna())
    ]
    if len(over):
        years = ", ".join(str(year) for year in over.index)
        raise DataProblem(
            f"counts: {state} with {partner} in {years}: found more exercises with the partner than"
            " in all, or no total; expected totals of the same years. Import both tables again."
        )


def _in_words(first, last):
    return str(first) if first == last else f"{first}–{last}"


def _checked_windows(windows):
    wrong = [window for window in windows if len(window) != 2 or window[0] > window[1]]
    if wrong or not len(windows):
        found = "; ".join(map(str, wrong)) or "none"
        raise DataProblem(
            f"windows: found {found}, expected pairs of a first year and a last year that is not"
            " before it, such as (1992, 2001). Put the years in order."
        )
    return windows
