"""What the tests of the hypothesis found, in sentences that hold for any pair of states."""

import pandas as pd

from alliances.prose import fill

NEAR_THE_TOP = 0.2
STANDS_OUT = 0.15
OMITTED = ", without "
_SUPPORTERS = {"changed": "other supporters", "kept": "the same supporters"}


def at_home(rows: pd.DataFrame, coded: bool, focal: str, dates: bool) -> str:
    """Which changes of leader are coded for a state, and whether the hypothesis can be tested on it.

    rows: as from `orientation_change.changes_at_home`. coded: whether anybody coded the state's
    leaders; if not, that is said, and never that there was no change. focal: the state's name. dates:
    whether any date is named, of events or of changes at home.

    >>> print(at_home(pd.DataFrame(columns=["year", "coalition"]), False, "Japan", dates=True))
    Nobody has coded changes at home for Japan, so the hypothesis itself is not tested on this pair.
    The dates below are of the environment.
    """
    listed = "" if rows.empty else _changes(rows, focal)
    if (rows["coalition"] == "changed").any():
        return (
            f"{listed} Those that brought other supporters to power are tested below as dates of"
            " their own. A new leader is not yet a new orientation, and may come nearer to the ally."
        )
    rest = (
        "The dates below are of the environment."
        if dates
        else "No event is listed either, so no date is tested: what follows looks for dates in the"
        " series themselves."
    )
    return " ".join(filter(None, [listed, _untested(coded, focal), rest]))


def _changes(rows, focal):
    each = [
        f"{row.year}, {row.from_leader} to {row.to_leader}, with {_SUPPORTERS[row.coalition]}"
        for row in rows.itertuples()
    ]
    said = "The changes of {focal}'s leader that the study codes: {each:list}."
    return fill(said, focal=focal, each=each)


def _untested(coded, focal):
    """That the hypothesis is not tested where no change of supporters is coded, and why."""
    return fill(
        "No change at home that brought other supporters to power is coded for {focal}, so the"
        " hypothesis itself is not tested on this pair."
        if coded
        else "Nobody has coded changes at home for {focal}, so the hypothesis itself is not tested on"
        " this pair.",
        focal=focal,
    )


def front_page(turn: pd.Series, label: str, rows: pd.DataFrame, coded: bool, names: dict) -> str:
    """The paragraph of the front page on the hypothesis.

    turn: a row of `orientation_change.contrasts` on votes; one with a `reason` was not compared.
    label: what happened at its date. rows, coded: as in `at_home`. names: {"focal", "ally"} in words.
    A change of supporters among `rows` makes it a test of the hypothesis if `turn` is at its date.
    """
    tested = (rows["coalition"] == "changed").any()
    parts = ["**The hypothesis.**"] + ([] if tested else [_untested(coded, names["focal"])])
    if turn["reason"]:
        parts.append("No date could be compared ({doc}`orientation_change`).")
        return " ".join(parts)
    compared = fill(
        "Around {year} ({label}), between {before} and {after}, the share of {focal}'s votes identical"
        " with {ally}'s changed by {own} percentage points, that of {others:count} other partners of"
        " {ally} by {their}; among these {of:count} states {focal} is number {rank} by how far it"
        " moved apart from the rest (p {p:.2f}), which {stands}.",
        **names,
        label=label,
        **{key: turn[key] for key in ("before", "after", "p")},
        **{key: int(turn[key]) for key in ("year", "of", "rank")},
        others=int(turn["of"]) - 1,
        own=_points(turn["treated_change"]),
        their=_points(turn["donors_change"]),
        stands="stands out" if turn["p"] <= STANDS_OUT else "does not stand out",
    )
    return " ".join([*parts, compared, "The chapter has the other dates ({doc}`orientation_change`)."])


def _points(share):
    return f"{100 * share:+.1f}".replace("-", "−")


def shifts(found: pd.DataFrame, dated: pd.DataFrame) -> str:
    """How many falls and rises were found, in which series, and which series have none.

    found: as from `breaks.shifts_of`. dated: as from `breaks.by_method`, whose `reason` says why a
    series could not be dated. A series without a shift may still move slowly all the time.

    >>> found = pd.DataFrame({"series": ["votes"], "from_year": 2021, "direction": "falls"})
    >>> shifts(found, pd.DataFrame({"series": ["votes", "trade"], "reason": ["", "too short"]}))
    "In the one series that can be dated Bai and Perron's method finds one fall in one of them (votes
    from 2021) and no rise. Not dated: trade."
    """
    datable = dated.loc[dated["reason"] == "", "series"].tolist()
    if not datable:
        return "No series has enough values to be dated."
    found_in = fill(
        "In the {of:count} series that can be dated Bai and Perron's method finds {falls} and {rises}.",
        of=len(datable),
        falls=_shifts_of(found, "falls", "fall"),
        rises=_shifts_of(found, "rises", "rise"),
    )
    said = [found_in]
    still = [name for name in datable if name not in set(found["series"])]
    short = [name for name in dated["series"] if name not in datable]
    said += [fill("It finds no shift in: {still:list}.", still=still)] if still else []
    said += [fill("Not dated: {short:list}.", short=short)] if short else []
    return " ".join(said)


def _shifts_of(found, direction, noun):
    rows = found[found["direction"] == direction].sort_values("from_year", kind="stable")
    each = [f"{row.series} from {row.from_year}" for row in rows.itertuples()]
    if not each:
        return f"no {noun}"
    return fill(
        "{n:count} {noun} in {of:count} of them ({each:list})",
        n=len(each),
        noun=noun if len(each) == 1 else f"{noun}s",
        of=rows["series"].nunique(),
        each=each,
    )


def best_dates(compared: pd.DataFrame, years: list[int]) -> str:
    """Which named dates come out near the top of all years of a series, and which can be set nowhere.

    compared: as from `breaks.dates_compared`. years: the dates named. Only a date among the first
    fifth of a series' years is told; with a slow rise or fall any year takes up something.

    >>> row = {"series": "votes", "year": 2014, "explained": 0.48, "place": 2, "of": 26}
    >>> best_dates(pd.DataFrame([row]), [2014, 2022])
    'Among the first fifth of all years are: 2014 in votes (48% of the variation, number 2 of 26).
    No series has values enough on both sides of 2022.'
    """
    known = compared[compared["explained"].notna()]
    near = known[known["place"].astype("float64") <= NEAR_THE_TOP * known["of"]]
    near = near.sort_values("explained", ascending=False, kind="stable")
    said = fill(
        "Among the first fifth of all years are: {each:list}.",
        each=[
            f"{row.year} in {row.series} ({row.explained:.0%} of the variation, number {row.place} of"
            f" {row.of})"
            for row in near.itertuples()
        ],
    )
    if near.empty:
        said = "In no series is one of these dates among the first fifth of all years."
    unset = [year for year in years if year not in set(known["year"])]
    nowhere = fill("No series has values enough on both sides of {unset:list}.", unset=unset)
    return " ".join([*([said] if len(known) else []), *([nowhere] if unset else [])])


def doses(tried: pd.DataFrame, delays: list[str], level: float, ally: str, focal: str) -> str:
    """What change at home went with among an ally's partners, and whether one state carries it.

    tried: `dose` (the measure; with a comma, its delay; with OMITTED, who was left out), `slope`,
    `p`, `units`, `draws`, `reason` as from `comparison.dose`. delays: the words of all delays, which
    make one dose of several rows. level: the p up to which a slope stands out. Where there are too
    few states for any p as small as that, this is said and no figure is told.

    >>> row = {"dose": "democracy, the same year", "slope": -0.2, "p": 1.0, "units": 3, "draws": 6}
    >>> doses(pd.DataFrame([row | {"reason": ""}]), ["the same year"], 0.15, "the ally", "the state")
    'With three states the smallest possible p is 1 of 6, above 0.15: whatever is true, nothing can
    stand out, so no figure of this test is shown.'
    """
    known = tried[tried["reason"].fillna("").eq("")]
    omitted = known["dose"].str.contains(OMITTED + "[A-Z]", regex=True)
    whole, without = known[~omitted], known[omitted]
    if not can_stand_out(known, level):
        return fill(
            "With {units:count} states the smallest possible p is 1 of {draws}, above {level}:"
            " whatever is true, nothing can stand out, so no figure of this test is shown.",
            units=int(whole["units"].max()),
            draws=int(whole["draws"].max()),
            level=level,
        )
    names = whole["dose"].replace({f", {words}$": "" for words in delays}, regex=True)
    said = []
    for name, part in whole.groupby(names, sort=False):
        said.append(_measure(name, part, level))
        for dose in part.loc[part["p"] <= level, "dose"]:
            fewer = without[without["dose"].str.split(OMITTED).str[0].eq(dose)]
            if len(fewer):
                said.append(_carried(dose.removeprefix(f"{name}, "), fewer, level))
    group = fill(
        "These figures are of {ally}'s partners as a group; of {focal} they say what such a change"
        " went with on average, and no more.",
        ally=ally,
        focal=focal,
    )
    return " ".join([*said, group])


def can_stand_out(tried: pd.DataFrame, level: float) -> bool:
    """Whether any dose tried has arrangements enough for a p as small as the level; as in `doses`.

    >>> can_stand_out(pd.DataFrame({"draws": [6]}), 0.15), can_stand_out(pd.DataFrame({"draws": [24]}), 0.15)
    (False, True)
    """
    return bool((tried["draws"] >= 1 / level).any())


def _measure(name, rows, level):
    """One dose at all its delays."""
    first = name[0].upper() + name[1:]
    out = int((rows["p"] <= level).sum())
    if len(rows) == 1:
        stands = "stands out" if out else "does not stand out"
        return fill("{name}: it {stands} (p {p:.2f}).", name=first, stands=stands, p=rows["p"].iloc[0])
    return fill(
        "{name}: this one dose stands out at {out:count} of {delays:count} delays; over all of them"
        " the changes are {low:signed} to {high:signed} and p {least:.2f} to {most:.2f}.",
        name=first,
        out=out,
        delays=len(rows),
        low=rows["slope"].min(),
        high=rows["slope"].max(),
        least=rows["p"].min(),
        most=rows["p"].max(),
    )


def _carried(delay, without, level):
    """Whose absence takes the finding at one delay away, of those that were left out in turn."""
    lost = without[without["p"] > level]
    if lost.empty:
        return fill("Asked for {delay}, it stands out whoever is left out.", delay=delay)
    who = lost["dose"].str.split(OMITTED).str[-1]
    each = [f"{name} (p {p:.2f})" for name, p in zip(who, lost["p"])]
    return fill(
        "Asked for {delay}, it no longer stands out with any one of these left out: {each:list}.",
        delay=delay,
        each=each,
    )
