"""What limits an alliance: different regimes, unequal power, and turns of foreign policy.

Regimes are compared by several measures, since each has its own idea of democracy. Power is compared
by ratios, each with its own definition of power. Turns of policy are dated events, not figures.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from alliances.problems import DataProblem

# Lowest and highest value of each measure, in the direction of more democracy.
RANGES: Mapping[str, tuple[float, float]] = {
    "electoral democracy": (0, 1),
    "liberal democracy": (0, 1),
    "electoral democracy, version 16": (0, 1),
    "regime of the world": (0, 3),
    "political rights": (7, 1),
    "civil liberties": (7, 1),
    "Polity score": (-10, 10),
    "lexical index": (0, 6),
}
REGIME_WORDS = (
    "closed autocracy",
    "electoral autocracy",
    "electoral democracy",
    "liberal democracy",
)
NOT_CODED = "not coded for both states"
COMPONENTS = (
    *("military_expenditure", "military_personnel", "iron_and_steel", "energy"),
    *("population", "urban_population"),
)


def regime_gap(
    regimes: pd.DataFrame, state: str, partner: str, measure: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """How far two states' regimes lie apart by one measure, year by year.

    regimes: `state`, `year`, `measure`, `value`, `lower`, `upper`. Columns: `year`, `own`, `other`
    (as the producer gives them), `gap` (own less other, in the measure's own direction and unit),
    `apart` (whether the two intervals do not overlap; missing where the measure has none), `reason`.
    Measured is distance, not quality: two autocracies are as near each other as two democracies.

    A year that is not coded for both has no gap and is never filled. Intervals that do not overlap
    are a rough sign that the difference is more than the coders' doubt; they are no test, because
    the intervals hold about 68 percent and the two states' errors are not independent. Unknown
    measures and states, two values in a year and values beyond the measure's range raise a
    DataProblem.

    >>> rows = pd.DataFrame({"state": ["ARM", "RUS"], "year": 2020, "measure": "electoral democracy",
    ...     "value": [0.78, 0.26], "lower": [0.72, 0.22], "upper": [0.83, 0.30]})
    >>> regime_gap(rows, "ARM", "RUS", "electoral democracy", 2020, 2021)[["year", "gap", "apart"]]
       year   gap apart
    0  2020  0.52  True
    1  2021   NaN  <NA>
    """
    own, other = (_of_state(regimes, code, measure) for code in (state, partner))
    index = pd.RangeIndex(first_year, last_year + 1, name="year")
    own, other = own.reindex(index), other.reindex(index)
    found = pd.DataFrame({"own": own["value"], "other": other["value"]})
    found["gap"] = found["own"] - found["other"]
    known = own["lower"].notna() & other["lower"].notna()
    apart = (own["lower"] > other["upper"]) | (other["lower"] > own["upper"])
    found["apart"] = apart.astype("boolean").where(known)
    found["reason"] = found["gap"].isna().map({True: NOT_CODED, False: ""})
    return found.reset_index()


def _of_state(regimes, state, measure):
    if measure not in RANGES:
        raise DataProblem(f"the measure {measure!r} is unknown; expected {', '.join(RANGES)}.")
    rows = regimes[regimes["measure"] == measure]
    low, high = sorted(RANGES[measure])
    beyond = rows[~rows["value"].between(low, high)]
    if len(beyond):
        named = ", ".join(f"{r.state} {r.year}: {r.value}" for r in beyond.head(5).itertuples())
        raise DataProblem(f"regimes, {measure}: expected {low} to {high}, found {named}.")
    own = rows[rows["state"] == state].set_index("year")
    if own.empty:
        known = ", ".join(sorted(set(rows["state"])))
        raise DataProblem(f"regimes, {measure}: no row of {state!r}; there are {known}.")
    if own.index.has_duplicates:
        raise DataProblem(f"regimes, {measure}: {state} has two values in one year.")
    return own[["value", "lower", "upper"]]


def on_common_scale(regimes: pd.DataFrame) -> pd.DataFrame:
    """Every measure stretched to run from 0 to 1, with 1 the most democratic.

    The same columns; `lower` and `upper` are stretched as well. Freedom House's ratings, in which 1
    is the most free, are turned round. One scale lets distances be drawn in one picture. It does not
    make them mean the same: half of the way on a scale of four types is another thing than half of
    the way on an index. Unknown measures raise a DataProblem.

    >>> rows = pd.DataFrame({"state": "ARM", "year": 2020, "measure": ["Polity score",
    ...     "political rights"], "value": [5.0, 4.0], "lower": None, "upper": None})
    >>> on_common_scale(rows)["value"].tolist()
    [0.75, 0.5]
    """
    unknown = sorted(set(regimes["measure"]) - set(RANGES))
    if unknown:
        raise DataProblem(f"the measures {unknown} are unknown; expected {', '.join(RANGES)}.")
    least = regimes["measure"].map(lambda name: RANGES[name][0])
    width = regimes["measure"].map(lambda name: RANGES[name][1] - RANGES[name][0])
    ends = ["value", "lower", "upper"]
    numbers = regimes[ends].astype("float64").sub(least, axis=0).div(width, axis=0)
    return regimes.assign(**{name: numbers[name] for name in ends})


def gaps_by_measure(
    regimes: pd.DataFrame,
    state: str,
    partner: str,
    measures: Sequence[str],
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """The gap of two states by several measures, on the common scale of `on_common_scale`.

    Columns: `year`, `measure`, `gap` (-1 to 1; positive where the state is more democratic than its
    partner). Years that a measure does not code for both have no row.

    >>> rows = pd.DataFrame({"state": ["ARM", "RUS"], "year": 2020, "measure": "political rights",
    ...     "value": [4.0, 7.0], "lower": None, "upper": None})
    >>> gaps_by_measure(rows, "ARM", "RUS", ["political rights"], 2020, 2020)["gap"].tolist()
    [0.5]
    """
    parts = []
    for measure in measures:
        found = regime_gap(regimes, state, partner, measure, first_year, last_year)
        width = RANGES[measure][1] - RANGES[measure][0]
        # Nothing divided by a width below zero would be written as -0.
        parts.append(found.assign(measure=measure, gap=found["gap"] / width + 0.0))
    whole = pd.concat(parts, ignore_index=True).dropna(subset=["gap"])
    return whole[["year", "measure", "gap"]].reset_index(drop=True)


def largest_changes(gaps: pd.DataFrame) -> pd.DataFrame:
    """By each measure, the year in which the gap changed most from the year before.

    gaps: as `gaps_by_measure` gives them. Columns: `measure`, `year`, `change`, `before`, `after`,
    `last_year`. Only pairs of neighbouring years count. A measure whose gap never changed has no row
    (see `never_changed`). A largest change exists in every other series, also in one that only
    wavers; that several measures name the same year is what can be read.

    >>> gaps = pd.DataFrame({"year": [2017, 2018, 2019], "measure": "m", "gap": [0.1, 0.2, 0.5]})
    >>> largest_changes(gaps).round(2)[["year", "change"]].values.tolist()
    [[2019.0, 0.3]]
    """
    rows = []
    for measure, part in gaps.groupby("measure", sort=False):
        series = part.set_index("year")["gap"].sort_index()
        change = series.diff().where(series.index.to_series().diff() == 1).dropna()
        if not change.abs().max() > 0:
            continue
        year = change.abs().idxmax()
        ends = {"before": series[year - 1], "after": series[year], "last_year": series.index.max()}
        rows.append({"measure": measure, "year": year, "change": change[year]} | ends)
    columns = ["measure", "year", "change", "before", "after", "last_year"]
    return pd.DataFrame(rows, columns=columns)


def never_changed(gaps: pd.DataFrame) -> list[str]:
    """The measures by which the gap is the same in all years coded, two or more, in their order.

    gaps: as `gaps_by_measure` gives them. Of a scale with few steps that is no proof that nothing
    moved: both states may have moved within a step, or taken the same one.

    >>> never_changed(pd.DataFrame({"year": [2017, 2018], "measure": "m", "gap": [0.1, 0.1]}))
    ['m']
    """
    spread = gaps.groupby("measure", sort=False)["gap"].agg(["nunique", "size"])
    return spread.index[(spread["nunique"] == 1) & (spread["size"] > 1)].tolist()


def versions_compared(
    regimes: pd.DataFrame, one: str, other: str, states: Sequence[str]
) -> pd.DataFrame:
    """Where two measures of one thing differ, such as two versions of an index.

    Columns: `state`, `year`, `one`, `other`, `difference` (one less other), for the years that both
    have. The same thing measured twice by the same producer differs because coders are added and
    the model is run anew; such a difference is a floor for what may be read into a series.

    >>> rows = pd.DataFrame({"state": "ARM", "year": 2020, "value": [0.78, 0.80], "lower": None,
    ...     "upper": None, "measure": ["electoral democracy, version 16", "electoral democracy"]})
    >>> found = versions_compared(rows, *rows["measure"], ["ARM"])
    >>> found["difference"].round(2).tolist()
    [-0.02]
    """
    parts = []
    for state in states:
        a, b = (_of_state(regimes, state, measure)["value"] for measure in (one, other))
        both = pd.DataFrame({"one": a, "other": b}).dropna()
        parts.append(both.assign(state=state, difference=both["one"] - both["other"]).reset_index())
    return pd.concat(parts, ignore_index=True)[["state", "year", "one", "other", "difference"]]


def distances_to_partner(
    regimes: pd.DataFrame, states: Sequence[str], partner: str, measure: str, years: Sequence[int]
) -> pd.DataFrame:
    """How far each of several states lies from one partner by a measure, in chosen years.

    Columns: `state`, `year`, `gap` (the state less the partner). A year that is not coded has no
    row. It shows whether a pair's distance is unusual among those of the same partner.

    >>> rows = pd.DataFrame({"state": ["ARM", "RUS"], "year": 2020, "measure": "electoral democracy",
    ...     "value": [0.78, 0.26], "lower": None, "upper": None})
    >>> found = distances_to_partner(rows, ["ARM"], "RUS", "electoral democracy", [2020])
    >>> found["gap"].round(2).tolist()
    [0.52]
    """
    parts = [
        regime_gap(regimes, state, partner, measure, min(years), max(years)).assign(state=state)
        for state in states
    ]
    whole = pd.concat(parts, ignore_index=True).dropna(subset=["gap"])
    return whole[whole["year"].isin(years)][["state", "year", "gap"]].reset_index(drop=True)


def composite_capability(shares: pd.DataFrame) -> pd.Series:
    """The composite index of national capability from a state's shares of the world.

    shares: the columns COMPONENTS, parts of one, a row a state and year. The mean of those that are
    there; a row without any has none. It counts mass: soldiers, steel, energy, people. A mean over
    fewer components is not quite comparable with one over six, and because of it the indices of all
    states of a year add up to a little more than one. Source of the measure: Singer, Bremer and
    Stuckey 1972.

    >>> row = dict.fromkeys(COMPONENTS, 0.1) | {"energy": None, "population": 0.2}
    >>> composite_capability(pd.DataFrame([row])).round(3).tolist()
    [0.12]
    """
    lacking = [name for name in COMPONENTS if name not in shares]
    if lacking:
        raise DataProblem(f"shares: the columns {', '.join(lacking)} are missing.")
    return shares[list(COMPONENTS)].astype("float64").mean(axis=1)


def ratio_by_year(
    table: pd.DataFrame, column: str, state: str, partner: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """How many times as much of something the stronger of two states has, year by year.

    table: `state`, `year` and the column, zero or more. Columns: `year`, `own`, `other`, `stronger`
    (a code; missing where both have the same), `ratio` (stronger by weaker, 1 or more), `share` (the
    stronger's part of both). A year that lacks either, or in which the weaker has nothing, has no
    ratio. A ratio of resources is no ratio of influence: it says what could be used, not what either is ready to use. Unknown columns
    and states, doubled years and values below zero raise a DataProblem.

    >>> table = pd.DataFrame({"state": ["ARM", "RUS"], "year": 2020, "gdp": [12.0, 1500.0]})
    >>> ratio_by_year(table, "gdp", "ARM", "RUS", 2020, 2020)[["stronger", "ratio"]].values.tolist()
    [['RUS', 125.0]]
    """
    if column not in table:
        raise DataProblem(f"the table has no column {column!r}; it has {', '.join(table.columns)}.")
    if (table[column] < 0).any():
        raise DataProblem(f"{column}: found values below zero; expected none.")
    index = pd.RangeIndex(first_year, last_year + 1, name="year")
    sides = {}
    for name, code in (("own", state), ("other", partner)):
        series = table[table["state"] == code].set_index("year")[column].astype("float64")
        if series.empty:
            raise DataProblem(f"{column}: no row of {code!r}. Import it, or choose another state.")
        if series.index.has_duplicates:
            raise DataProblem(f"{column}: {code} has two values in one year.")
        sides[name] = series.reindex(index)
    found = pd.DataFrame(sides)
    most, least = found.max(axis=1, skipna=False), found.min(axis=1, skipna=False)
    stronger = (found["own"] > found["other"]).map({True: state, False: partner})
    return found.assign(
        stronger=stronger.where(most > least),
        ratio=(most / least).where(least > 0),
        share=(most / (most + least)).where(most > 0),
    ).reset_index()


def ratios_compared(
    tables: Mapping[str, tuple[pd.DataFrame, str]],
    states: Sequence[str],
    partner: str,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """The ratio of one strong partner to several states, by several definitions of power.

    tables: {definition in words: (table, column)} as in `ratio_by_year`. Columns: `definition`,
    `state`, `first`, `first_year`, `last`, `last_year`, `lowest`, `highest`. A state for which a
    definition has no year in the period has no row.

    >>> table = pd.DataFrame({"state": ["ARM", "RUS"] * 2, "year": [2020, 2020, 2021, 2021],
    ...     "gdp": [10.0, 1000.0, 10.0, 900.0]})
    >>> found = ratios_compared({"GDP": (table, "gdp")}, ["ARM"], "RUS", 2020, 2021)
    >>> found[["first", "last", "lowest"]].values.tolist()
    [[100.0, 90.0, 90.0]]
    """
    rows = []
    for words, (table, column) in tables.items():
        for state in states:
            yearly = ratio_by_year(table, column, state, partner, first_year, last_year)
            series = yearly.set_index("year")["ratio"].dropna()
            if len(series):
                ends = {"first": series.iloc[0], "first_year": int(series.index[0])}
                ends |= {"last": series.iloc[-1], "last_year": int(series.index[-1])}
                span = {"lowest": series.min(), "highest": series.max()}
                rows.append({"definition": words, "state": state} | ends | span)
    columns = [
        "definition",
        "state",
        "first",
        "first_year",
        "last",
        "last_year",
        "lowest",
        "highest",
    ]
    return pd.DataFrame(rows, columns=columns)


def regime_words(
    regimes: pd.DataFrame, state: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """Runs of years in which a state was one type of regime, by Regimes of the World.

    Columns: `state`, `type` (in words), `from_year`, `until_year`. A year that is not coded ends a
    run. The four types come from yearly indices with fixed thresholds, so a state near one of them
    can change its type without changing much. Source: Lührmann, Tannenberg and Lindberg 2018.

    >>> rows = pd.DataFrame({"state": "ARM", "year": [2017, 2018, 2019], "value": [1.0, 2.0, 2.0],
    ...     "measure": "regime of the world", "lower": None, "upper": None})
    >>> regime_words(rows, "ARM", 2017, 2019)[["type", "from_year", "until_year"]].values.tolist()
    [['electoral autocracy', 2017, 2017], ['electoral democracy', 2018, 2019]]
    """
    values = _of_state(regimes, state, "regime of the world")["value"].sort_index()
    values = values[(values.index >= first_year) & (values.index <= last_year)]
    years = values.index.to_series()
    run = ((values != values.shift()) | (years.diff() != 1)).cumsum()
    rows = [
        {
            "state": state,
            "type": REGIME_WORDS[int(part.iloc[0])],
            "from_year": int(part.index.min()),
            "until_year": int(part.index.max()),
        }
        for _, part in values.groupby(run)
    ]
    return pd.DataFrame(rows, columns=["state", "type", "from_year", "until_year"])


def leaders_in(leaders: pd.DataFrame, states: Sequence[str], last_year: int) -> pd.DataFrame:
    """The terms of the leaders of some states, as rows of a timeline.

    leaders: `state`, `leader`, `from_date`, `until_date` (missing: still in office), and more.
    The same columns, in the order of the states and of time, without terms that begin after
    last_year. An unknown state raises a DataProblem.

    >>> table = pd.DataFrame({"state": ["RUS", "ARM"], "leader": ["B", "A"],
    ...     "from_date": ["2000-01-01", "1998-02-04"], "until_date": [None, "2008-04-09"]})
    >>> leaders_in(table, ["ARM", "RUS"], 2020)["leader"].tolist()
    ['A', 'B']
    """
    unknown = sorted(set(states) - set(leaders["state"]))
    if unknown:
        raise DataProblem(f"leaders: no row of {', '.join(unknown)}.")
    own = leaders[leaders["state"].isin(states)]
    own = own[own["from_date"].str[:4].astype(int) <= last_year]
    order = own["state"].map({code: place for place, code in enumerate(states)})
    return (
        own.assign(order=order)
        .sort_values(["order", "from_date"], ignore_index=True)
        .drop(columns="order")
    )


def events_of(events: pd.DataFrame, kind: str, first_year: int, last_year: int) -> pd.DataFrame:
    """The dated events of one kind within the years, in their order.

    The same columns, and `year`. The list is a choice of what was looked up; a count of its rows by
    year would measure attention and not events, so none is made. An unknown kind is refused.

    >>> table = pd.DataFrame({"date": ["2018-05-08", "2014"], "kind": ["domestic", "environment"]})
    >>> events_of(table, "domestic", 1992, 2025)["year"].tolist()
    [2018]
    """
    if kind not in set(events["kind"]):
        raise DataProblem(
            f"events: no row of the kind {kind!r}; kinds: {sorted(set(events['kind']))}."
        )
    years = events["date"].str[:4].astype(int)
    chosen = (events["kind"] == kind) & years.between(first_year, last_year)
    return events.assign(year=years)[chosen].sort_values("date", ignore_index=True)
