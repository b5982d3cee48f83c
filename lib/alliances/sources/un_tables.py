"""From the collections' roll calls to one series, and from that to the study's tables.

The rule, the same for every state and every year. A roll call is known by its resolution's symbol.
To 31 December 2019 it is taken from Voeten, from 1 January 2020 from the United Nations' extract,
and from the Library's records only where the extract lacks the symbol. Votes on paragraphs, amendments
and motions, rejected drafts, and second records of a symbol are left out. Records without symbols
join nothing: they are compared, and named votes are looked up in them by their totals.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alliances.problems import DataProblem
from alliances.sources.members import states_table

VOETEN = "un-votes-voeten"
DGACM = "un-votes-dgacm"
LIBRARY = "un-votes-library"
BY_YEAR = "un-votes-library-by-year"

VOETEN_UNTIL = "2019-12-31"
SERBIA_SINCE = "2000-11-01"

# Looked at one by one in the snapshot of 10 July 2026: counts, and lists that do not bear them out.
KNOWN_DEFECTS = {
    "A/RES/75/254 A-C": "it has counts and no names; left out",
    "A/RES/77/293": "58 names are listed for a count of 59 abstentions; the lists are used",
}

VOTES = ("yes", "abstain", "no")
NOT_MEMBER, ABSENT = -1, 0
PAIRS = [f"{focal}_{partner}" for focal in VOTES for partner in VOTES]
COUNTS = [*PAIRS, "focal_absent", "partner_absent", "both_absent"]
# Whole stretches that no collection with symbols has. Single roll calls show in the two counts.
MISSING = {
    2013: "January to September",
    2016: "January to September",
    2018: "January to September (resumed session 72)",
    2019: "January to October (resumed session 73)",
    2020: "January to October (resumed session 74); 75/254 A-C, whose lists are empty",
    2024: "ES-10/23, ES-10/25, ES-10/26 and 78/327 are not in the UN extract",
}
# Lists of one roll call differ between collections in a few states; of two roll calls, in dozens.
SAME_LISTS = 10


@dataclass(frozen=True)
class RollCalls:
    """One collection's roll calls: calls (symbol, date, title) and votes (symbol, state, vote).

    votes holds yes, abstain and no; a state that is missing in it was absent or no member. said are
    sentences on what was left out or repaired.

    >>> RollCalls(pd.DataFrame(), pd.DataFrame(), []).said
    []
    """

    calls: pd.DataFrame
    votes: pd.DataFrame
    said: list[str]


@dataclass(frozen=True)
class Positions:
    """Roll calls by states: calls (symbol, date, title, source), states, and a matrix of numbers.

    The matrix has a row per roll call and a column per state: 1 yes, 2 abstain, 3 no, 0 absent (a
    member in no list), -1 not a member on that day.

    >>> Positions(pd.DataFrame(), [], np.zeros((0, 0), dtype="int8")).matrix.shape
    (0, 0)
    """

    calls: pd.DataFrame
    states: list[str]
    matrix: np.ndarray

    def of(self, state: str) -> np.ndarray:
        """Return one state's column."""
        return self.matrix[:, self.states.index(state)]

    def contested(self) -> np.ndarray:
        """Return which roll calls had no and abstain from a tenth or more of the votes cast.

        Votes cast are yes, no and abstentions. Whole numbers keep a tenth a tenth.
        """
        cast = (self.matrix > ABSENT).sum(axis=1)
        return 10 * (self.matrix > 1).sum(axis=1) >= cast


def voeten(calls: pd.DataFrame, votes: pd.DataFrame, since: str = "1946-01-01") -> RollCalls:
    """Return Voeten's votes on whole, adopted resolutions from a date on, one to a symbol.

    calls, votes: as `un.read_voeten_roll_calls` and `read_voeten_votes` return them. Motions,
    amendments and repeated votes that lack the producer's flag bear the resolution's symbol in the
    file; the first record of a symbol is its adoption, so later ones go, and what found no majority
    goes. Raises DataProblem if votes and roll calls do not belong together.

    >>> calls = pd.DataFrame({"rcid": ["1"], "date": ["2014-03-27"], "symbol": ["A/RES/68/262"],
    ...     "part": [False], "title": ["Territorial integrity of Ukraine"]})
    >>> votes = pd.DataFrame({"rcid": ["1", "1"], "state": ["ARM", "UKR"], "vote": ["no", "yes"]})
    >>> voeten(calls, pd.concat([votes, votes.tail(1).assign(state="USA")])).votes.shape
    (3, 3)
    """
    _belong_together(calls, votes)
    calls = calls[calls["date"] >= since].reset_index(drop=True)
    cast = votes.groupby(["rcid", "vote"]).size().unstack(fill_value=0)
    cast = cast.reindex(calls["rcid"]).reindex(columns=VOTES, fill_value=0).reset_index(drop=True)
    whole = ~calls["part"] & (calls["symbol"] != "")
    adopted = whole & (cast["yes"] > cast["no"])
    repeated = adopted & calls["symbol"].where(adopted).duplicated()
    kept = calls[adopted & ~repeated]
    joined = votes.merge(kept[["rcid", "symbol", "date"]], on="rcid")
    heir = (joined["state"] == "YUG") & (joined["date"] >= SERBIA_SINCE)
    joined["state"] = joined["state"].mask(heir, "SRB")
    said = [
        f"Voeten: {len(calls)} roll calls since {since}, {len(kept)} kept; left out"
        f" {int(calls['part'].sum())} on paragraphs and amendments,"
        f" {int((~calls['part'] & (calls['symbol'] == '')).sum())} without a symbol,"
        f" {int((whole & ~adopted).sum())} rejected, {int(repeated.sum())} second records."
    ]
    return RollCalls(kept[["symbol", "date", "title"]], joined[["symbol", "state", "vote"]], said)


def dgacm(resolutions: pd.DataFrame, names: pd.DataFrame) -> RollCalls:
    """Return the recorded votes of the United Nations' extract, one to a symbol.

    resolutions, names: as `un.read_dgacm_resolutions` and `read_dgacm_votes` return them. Of
    several records with one symbol the first is kept, and a name counts once in a list. Raises DataProblem
    if records of one symbol have different lists, if a state stands in two lists, or if names and
    counts differ anywhere but in KNOWN_DEFECTS, where somebody has looked.

    >>> KNOWN_DEFECTS["A/RES/75/254 A-C"]
    'it has counts and no names; left out'
    """
    key = ["file", "record"]
    recorded = resolutions[resolutions["adopted"] == "By a recorded vote"]
    doubled = int(names.duplicated().sum())
    listed = names.drop_duplicates().merge(recorded[[*key, "symbol"]], on=key)
    _one_list_each(listed)
    first = recorded.drop_duplicates("symbol")
    _same_lists(listed, recorded, first)
    listed = listed.merge(first[key], on=key)
    defects = _defects(first, listed)
    kept = first[first["symbol"].isin(listed["symbol"])]
    said = [
        f"UN extract: {len(resolutions)} records read, {len(recorded)} of recorded votes,"
        f" {len(kept)} kept; left out {len(recorded) - len(first)} second records of a symbol;"
        f" {doubled} names that stood twice in a list count once.",
        *(f"UN extract, {symbol}: {KNOWN_DEFECTS[symbol]}." for symbol in defects),
    ]
    return RollCalls(kept[["symbol", "date", "title"]], listed[["symbol", "state", "vote"]], said)


def join(collections: dict[str, RollCalls], states: list[str]) -> Positions:
    """Return one series by the rule at the head of this module, with a column `source`.

    collections: by VOETEN, DGACM, LIBRARY, any of which may be missing. states: the columns wanted.

    >>> join({}, ["ARM"]).matrix.shape
    (0, 1)
    """
    parts, taken = [], set()
    for key in (VOETEN, DGACM, LIBRARY):
        if key not in collections:
            continue
        calls = collections[key].calls
        late = calls["date"] > VOETEN_UNTIL
        calls = calls[late != (key == VOETEN)]
        calls = calls[~calls["symbol"].isin(taken)]
        taken |= set(calls["symbol"])
        votes = collections[key].votes
        parts.append((calls.assign(source=key), votes[votes["symbol"].isin(calls["symbol"])]))
    if not parts:
        return Positions(pd.DataFrame(columns=["symbol", "date", "title", "source"]), states,
                         np.zeros((0, len(states)), dtype="int8"))  # fmt: skip
    calls = pd.concat([calls for calls, _ in parts]).sort_values(["date", "symbol"])
    return positions(calls.reset_index(drop=True), pd.concat([votes for _, votes in parts]), states)


def positions(calls: pd.DataFrame, votes: pd.DataFrame, states: list[str]) -> Positions:
    """Return the matrix of positions; votes of states that are not asked for are left aside.

    A member is a state that `members` has as one on the day of the roll call. A vote in a list
    stands even so: the list is better evidence than a date that may be a few days off.

    >>> calls = pd.DataFrame({"symbol": ["A/RES/68/262"], "date": ["2014-03-27"]})
    >>> votes = pd.DataFrame({"symbol": ["A/RES/68/262"], "state": ["ARM"], "vote": ["no"]})
    >>> positions(calls, votes, ["ARM", "RUS", "SUN"]).matrix.tolist()
    [[3, 0, -1]]
    """
    table = states_table().set_index("iso3").loc[list(states)]
    since = table["un_member_from"].replace("", "9999").to_numpy(dtype="str")
    until = table["un_member_until"].replace("", "9999").to_numpy(dtype="str")
    day = calls["date"].to_numpy(dtype="str")[:, None]
    matrix = np.where((since <= day) & (day <= until), ABSENT, NOT_MEMBER).astype("int8")
    row = pd.Index(calls["symbol"]).get_indexer(votes["symbol"])
    column = pd.Index(states).get_indexer(votes["state"])
    wanted = (row >= 0) & (column >= 0)
    number = votes["vote"].map({vote: n + 1 for n, vote in enumerate(VOTES)}).to_numpy()
    matrix[row[wanted], column[wanted]] = number[wanted]
    return Positions(calls, list(states), matrix)


def yearly_counts(series: Positions, focal_states: list[str]) -> pd.DataFrame:
    """Return focal, partner, year, the nine counts, three of absences, and source.

    One row is a pair in a year in which at least one roll call took place with both as members; the
    twelve counts of a row add up to those roll calls. yes_no: focal yes, partner no. focal_absent:
    the partner voted and the focal state did not. source: the collections of the year's roll calls.

    >>> calls = pd.DataFrame({"symbol": ["A/RES/68/262"], "date": ["2014-03-27"], "source": ["s"]})
    >>> series = Positions(calls, ["ARM", "RUS"], np.array([[3, 3]], dtype="int8"))
    >>> yearly_counts(series, ["ARM"])[["partner", "year", "no_no", "yes_no"]].values.tolist()
    [['RUS', 2014, 1, 0]]
    """
    years = series.calls["date"].str[:4].astype("int64")
    year_codes, distinct = pd.factorize(years, sort=True)
    sources = series.calls.groupby(years)["source"].agg(lambda keys: "+".join(sorted(set(keys))))
    columns, partners = np.arange(len(series.states)), np.array(series.states)
    tables = []
    for focal in focal_states:
        own = series.of(focal)[:, None]
        both = (own >= ABSENT) & (series.matrix >= ABSENT) & (partners != focal)
        cell = (year_codes[:, None] * len(partners) + columns) * 16 + own * 4 + series.matrix
        size = len(distinct) * len(partners) * 16
        counts = np.bincount(cell[both].astype("int64"), minlength=size).reshape(-1, 4, 4)
        table = pd.DataFrame(counts[:, 1:, 1:].reshape(-1, 9), columns=PAIRS)
        table["focal_absent"] = counts[:, 0, 1:].sum(axis=1)
        table["partner_absent"] = counts[:, 1:, 0].sum(axis=1)
        table["both_absent"] = counts[:, 0, 0]
        table.insert(0, "focal", focal)
        table.insert(1, "partner", np.tile(partners, len(distinct)))
        table.insert(2, "year", np.repeat(np.asarray(distinct), len(partners)))
        table["source"] = table["year"].map(sources)
        tables.append(table[counts.reshape(-1, 16).sum(axis=1) > 0])
    whole = pd.concat(tables, ignore_index=True)
    return whole.sort_values(["focal", "partner", "year"], ignore_index=True)


def coverage(series: Positions, by_year: pd.DataFrame | None) -> pd.DataFrame:
    """Return year, roll_calls, contested, first and last date, library_roll_calls, missing, source.

    library_roll_calls is how many the Library's list of that year has, empty where no list is; it
    counts adopted texts of the whole calendar year, so a larger number there is a gap here. A year
    of which the Library's file has less than half is not held against ours.

    >>> calls = pd.DataFrame({"symbol": ["A"], "date": ["2024-03-27"], "source": ["s"]})
    >>> series = Positions(calls, ["ARM", "RUS"], np.array([[1, 3]], dtype="int8"))
    >>> coverage(series, None)[["year", "contested", "missing"]].values.tolist()
    [[2024, 1, 'ES-10/23, ES-10/25, ES-10/26 and 78/327 are not in the UN extract']]
    """
    calls = series.calls.assign(
        year=series.calls["date"].str[:4].astype("int64"),
        contested=series.contested().astype("int64"),
    )
    table = calls.groupby("year", as_index=False).agg(
        roll_calls=("symbol", "size"),
        contested=("contested", "sum"),
        first_date=("date", "min"),
        last_date=("date", "max"),
        source=("source", lambda keys: "+".join(sorted(set(keys)))),
    )
    listed = _listed(by_year, series)
    table.insert(5, "library_roll_calls", table["year"].map(listed).astype("Int64"))
    table.insert(6, "missing", table["year"].map(MISSING).fillna(""))
    return table


def overlap(
    collections: dict[str, RollCalls],
    series: Positions,
    by_year: pd.DataFrame | None,
    pair: tuple[str, str],
) -> pd.DataFrame:
    """Return how far two collections agree where they cover the same roll calls or the same year.

    One row is two collections and a year: roll calls in common, the positions of all members
    compared in them (absent is a position), how many differ. Roll calls are the same if they have
    the same symbol; against the Library's lists, which have no symbols, if some list of that year
    differs in at most ten positions. joint_first is how often both states of the pair voted,
    identical_first how often alike: in the roll calls in common where there are symbols, in the
    whole year against the Library's lists.

    >>> overlap({}, join({}, ["ARM", "RUS"]), None, ("ARM", "RUS")).empty
    True
    """
    rows = [
        _common(first, second, collections, series.states, year, pair)
        for first, second in ((VOETEN, DGACM), (DGACM, LIBRARY))
        if first in collections and second in collections
        for year in _years_in_both(collections[first].calls, collections[second].calls)
    ]
    if by_year is not None:
        rows += _by_year_rows(series, by_year, pair)
    columns = ["first", "second", "year", "roll_calls_first", "roll_calls_second",
               "roll_calls_common", "votes_compared", "votes_differing", "joint_first",
               "identical_first", "joint_second", "identical_second", "source"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table[columns[3:-1]] = table[columns[3:-1]].astype("Int64")
    return table.sort_values(columns[:3], ignore_index=True)


def _belong_together(calls, votes):
    strange = sorted(set(votes["rcid"]) - set(calls["rcid"]))
    empty = sorted(set(calls["rcid"]) - set(votes["rcid"]))
    if strange or empty:
        raise DataProblem(
            f"Voeten's two files do not belong together: votes of {len(strange)} unknown roll calls"
            f" ({', '.join(strange[:5])}), {len(empty)} roll calls without a vote"
            f" ({', '.join(empty[:5])}). Give both files of one release, whole."
        )


def _one_list_each(listed):
    twice = listed[listed.duplicated(["file", "record", "state"], keep=False)]
    if len(twice):
        named = sorted({f"{row.symbol} {row.state}" for row in twice.itertuples()})
        raise DataProblem(
            f"The UN extract has a state in two lists of one vote: {', '.join(named[:10])};"
            " expected one list each. Look the vote up in the meeting's record and tell the producer."
        )


def _same_lists(listed, recorded, first):
    prints = (
        listed.sort_values(["state"])
        .assign(said=listed["state"] + listed["vote"])
        .groupby(["file", "record"])["said"]
        .agg(" ".join)
    )
    everyone = recorded.merge(prints.rename("said"), on=["file", "record"], how="left").fillna("")
    wrong = everyone.groupby("symbol")["said"].nunique()
    wrong = wrong[wrong > 1].index
    if len(wrong):
        raise DataProblem(
            f"The UN extract has records of one symbol with different lists:"
            f" {', '.join(wrong[:10])}; expected copies ({len(recorded) - len(first)} repeated records"
            " in all). Look the votes up and take the wrong records out."
        )


def _defects(first, listed):
    counted = listed.groupby(["symbol", "vote"]).size().unstack(fill_value=0)
    counted = counted.reindex(index=first["symbol"], columns=VOTES, fill_value=0).to_numpy()
    given = first[list(VOTES)].to_numpy()
    differs = (counted != given).any(axis=1)
    found = list(zip(first["symbol"][differs], given[differs], counted[differs], strict=True))
    unknown = [
        f"{symbol} has counts {'-'.join(map(str, count))} (yes, abstain, no) and lists of"
        f" {'-'.join(map(str, names))}"
        for symbol, count, names in found
        if symbol not in KNOWN_DEFECTS
    ]
    if unknown:
        raise DataProblem(
            f"The UN extract's counts and lists differ: {'; '.join(unknown[:10])}"
            f"{f' and {len(unknown) - 10} more' if len(unknown) > 10 else ''}. Is a file cut short?"
            " If not, look the votes up and enter them in KNOWN_DEFECTS in"
            " alliances/sources/un_tables.py."
        )
    return [symbol for symbol, _count, _names in found]


def _years_in_both(first, second):
    common = first[first["symbol"].isin(second["symbol"])]
    return sorted(common["date"].str[:4].astype("int64").unique().tolist())


def _common(first, second, collections, states, year, pair):
    a, b = collections[first], collections[second]
    in_year = [c.calls[c.calls["date"].str[:4] == str(year)] for c in (a, b)]
    common = in_year[0][in_year[0]["symbol"].isin(in_year[1]["symbol"])].reset_index(drop=True)
    left, right = (positions(common, c.votes, states) for c in (a, b))
    members = (left.matrix > NOT_MEMBER) | (right.matrix > NOT_MEMBER)
    return (
        first, second, year, len(in_year[0]), len(in_year[1]), len(common),
        int(members.sum()), int((left.matrix != right.matrix)[members].sum()),
        *_alike(left.of(pair[0]), left.of(pair[1])),
        *_alike(right.of(pair[0]), right.of(pair[1])),
        f"{first}+{second}",
    )  # fmt: skip


def _alike(one, other):
    joint = (one > ABSENT) & (other > ABSENT)
    return int(joint.sum()), int((one == other)[joint].sum())


def _listed(by_year, series):
    """How many roll calls the Library's list of each year has, for years it has half of or more."""
    if by_year is None:
        return {}
    listed = by_year.groupby("year")["row"].nunique()
    ours = series.calls["date"].str[:4].astype("int64").value_counts().reindex(listed.index)
    return listed[2 * listed >= ours].to_dict()


def _by_year_rows(series, by_year, pair):
    """The Library's list of each year beside the collection that the rule takes for it."""
    rows, listed = [], _listed(by_year, series)
    for (year, source), calls in series.calls.groupby([series.calls["date"].str[:4], "source"]):
        if int(year) not in listed:
            continue
        ours = series.matrix[calls.index]
        member = (ours > NOT_MEMBER).any(axis=0)
        ours, theirs = ours.clip(ABSENT)[:, member], _lists(by_year, int(year), series.states)
        apart = (ours[:, None, :] != theirs[None, :, member]).sum(axis=2).min(axis=1)
        same = apart[apart <= SAME_LISTS]
        first, second = (series.states.index(state) for state in pair)
        own = _alike(series.matrix[calls.index, first], series.matrix[calls.index, second])
        rows.append((
            source, BY_YEAR, int(year), len(calls), listed[int(year)], len(same),
            len(same) * int(member.sum()), int(same.sum()), *own,
            *_alike(theirs[:, first], theirs[:, second]), f"{source}+{BY_YEAR}",
        ))  # fmt: skip
    return rows


def _lists(by_year, year, states):
    """The Library's lists of one year as a matrix, a non-member as 0 like an absent member."""
    votes = by_year[by_year["year"] == year]
    heir = (votes["state"] == "YUG") & (year > int(SERBIA_SINCE[:4]))
    number = {vote: n + 1 for n, vote in enumerate(VOTES)} | {"absent": ABSENT}
    votes = votes.assign(state=votes["state"].mask(heir, "SRB"), vote=votes["vote"].map(number))
    wide = votes.pivot(index="row", columns="state", values="vote")
    return wide.reindex(columns=states).fillna(ABSENT).to_numpy("int8")
