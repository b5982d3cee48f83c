"""The hypothesis against its rivals: what each predicted of an indicator, and what became of it.

Several explanations of one fall differ in when they expect it and in whether it should meet one
partner of the ally alone or all of them. The predictions are a table of the study, written before
the results; this module sets them beside what was found, by rules that are the same for all.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from alliances import comparison
from alliances.problems import DataProblem

Window = tuple[int, int]

AS_PREDICTED = "as predicted"
DIRECTION_ONLY = "right direction only"
NOT_CONTRADICTED = "not contradicted"
AGAINST = "against it"
UNTESTED = "cannot be tested"
RESULTS = (AS_PREDICTED, DIRECTION_ONLY, NOT_CONTRADICTED, AGAINST, UNTESTED)

DIRECTIONS = ("falls", "rises", "holds")
OTHERS = "the ally's other partners"
TOGETHER = "all partners together"
BEFORE = "before"
AGAINST_WHAT = (BEFORE, OTHERS, TOGETHER)
MOST = 2 / 3
HALF = 1 / 2
LEAST_YEARS = 2
NO_VALUES = "no value of the pair in these years"
NO_PARTNER = "no other partner has values in these years"
NO_WINDOW = "fewer than two values before the date or after it"
NO_COMPARISON = "there is no such series"
BLIND = "a departure as large as the change itself would not have been seen"
BLINDER = "only a departure larger than all that the series ever did would have been seen"
PREDICTION = ("explanation", "indicator", "direction", "from_year", "against")


def windows_around(year: int, width: int, last_year: int) -> tuple[Window, Window]:
    """The years before a date and the years from it on, the second window cut at the last year.

    Both ends are included. A second window that is cut holds fewer years, so what is found there
    rests on less; one that would begin after the last year is kept whole and finds nothing.

    >>> windows_around(2022, 4, 2024)
    ((2018, 2021), (2022, 2024))
    >>> windows_around(2014, 4, 2024)
    ((2010, 2013), (2014, 2017))
    """
    last = year + width - 1
    return (year - width, year - 1), (year, min(last, last_year) if year <= last_year else last)


def event_dates(events: pd.DataFrame) -> dict[int, str]:
    """The years from which yearly figures could show events, and which events.

    events: `date` (an ISO date), `label`. {year: label}, in order; an event after June counts from
    the next year, since most of its own year lay before it. Events of one year share it. It says
    when to look and nothing of whether an event mattered.

    >>> events = pd.DataFrame({"date": ["2014-03-18", "2020-09-27"], "label": ["Crimea", "war"]})
    >>> event_dates(events)
    {2014: 'Crimea', 2021: 'war'}
    """
    found = {}
    for row in events.sort_values("date").itertuples():
        year, month = int(row.date[:4]), int(row.date[5:7] or 1)
        found.setdefault(year + (month > 6), []).append(row.label)
    return {year: ", ".join(labels) for year, labels in found.items()}


def changes_at_home(
    leader_changes: pd.DataFrame, state: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The coded changes of one state's leader within some years, by date.

    leader_changes: `state`, `date` (ISO), `year`, `from_leader`, `to_leader`, `coalition` (changed or
    kept), one row a change. All columns are returned; no row says that none is coded, which is only
    then no change if somebody coded that state. Columns that are missing raise a DataProblem.

    >>> rows = pd.DataFrame({"state": ["KAZ", "ARM"], "date": ["2019-03-20", "2018-05-08"], "year":
    ...     [2019, 2018], "from_leader": "A", "to_leader": "B", "coalition": ["kept", "changed"]})
    >>> changes_at_home(rows, "KAZ", 1992, 2025)["coalition"].tolist()
    ['kept']
    """
    named = ("state", "date", "year", "from_leader", "to_leader", "coalition")
    lacking = [name for name in named if name not in leader_changes]
    if lacking:
        raise DataProblem(f"changes: the columns {', '.join(lacking)} are missing.")
    own = leader_changes["state"].eq(state)
    own &= leader_changes["year"].between(first_year, last_year)
    return leader_changes[own].sort_values("date", ignore_index=True)


def dates_to_test(events: pd.DataFrame, at_home: pd.DataFrame) -> dict[int, str]:
    """The years to test: those of events, and those in which other supporters came to power.

    events: as in `event_dates`. at_home: as from `changes_at_home`. {year: label}, in order, by the
    rule of `event_dates`. An event of the environment is no change at home, so a date that rests on
    one alone does not test the hypothesis.

    >>> events = pd.DataFrame({"date": ["2014-03-18"], "label": ["Crimea"]})
    >>> home = pd.DataFrame({"date": ["2010-04-07"], "to_leader": ["B"], "coalition": ["changed"]})
    >>> dates_to_test(events, home)
    {2010: 'new supporters with B', 2014: 'Crimea'}
    """
    turned = at_home[at_home["coalition"] == "changed"]
    labelled = turned.assign(label="new supporters with " + turned["to_leader"].astype("str"))
    both = [part[["date", "label"]] for part in (events, labelled) if len(part)]
    return event_dates(pd.concat(both)) if both else {}


def told_first(compared: pd.DataFrame, at_home: pd.DataFrame) -> pd.Series:
    """Of rows of `contrasts`, the one to tell where there is room for one only.

    The last date that could be compared; a date at which other supporters came to power, by
    `at_home` as from `changes_at_home`, comes before all dates of events, since it alone tests the
    hypothesis. Where no date could be compared it is a row with a `reason`.

    >>> compared = pd.DataFrame({"year": [2011, 2022], "reason": ""})
    >>> home = pd.DataFrame({"date": ["2010-12-01"], "to_leader": ["B"], "coalition": ["changed"]})
    >>> int(told_first(compared, home)["year"]), int(told_first(compared, home[:0])["year"])
    (2011, 2022)
    """
    own = set(dates_to_test(at_home[:0], at_home))
    order = compared.assign(known=compared["reason"].eq(""), own=compared["year"].isin(own))
    return order.sort_values(["known", "own", "year"]).iloc[-1][compared.columns]


def stacked(series: Mapping[str, tuple[pd.DataFrame, str]]) -> pd.DataFrame:
    """Several yearly series as one long frame.

    series: a name to a frame with `year` and the name of its column of values. Columns: `series`,
    `year`, `value`, in the order given; a year that a frame lacks stays absent, and a missing value
    stays missing. Units differ from series to series, so values are not to be compared across them.
    A column that is not there raises a DataProblem.

    >>> votes = pd.DataFrame({"year": [2023, 2024], "share": [0.5, None]})
    >>> stacked({"votes": (votes, "share")})
      series  year  value
    0  votes  2023    0.5
    1  votes  2024    NaN
    """
    parts = []
    for name, (frame, column) in series.items():
        lacking = {"year", column} - set(frame.columns)
        if lacking:
            raise DataProblem(f"series {name}: the columns {', '.join(sorted(lacking))} are missing.")
        part = frame[["year", column]].rename(columns={column: "value"})
        typed = part.astype({"year": "int64", "value": "float64"})
        parts.append(typed.assign(series=name))
    if not parts:
        raise DataProblem("there is no series; give one at least.")
    return pd.concat(parts, ignore_index=True)[["series", "year", "value"]]


def contrasts(
    panels: Mapping[str, pd.DataFrame],
    treated: str,
    donors: Sequence[str],
    years: Sequence[int],
    width: int,
) -> pd.DataFrame:
    """How one partner of the ally and the others changed at several dates, for several indicators.

    panels: an indicator to a frame `state`, `year`, `value`, where a lower value means less of the
    relation. treated: the focal state; donors: the ally's other partners, of whom each panel uses
    those it has. The windows around each date are those of `windows_around`, cut at the last year of
    the panel; in words they are cut at its first as well. Columns: `indicator`, `year`, `before`, `after` (windows in words), `treated_change`,
    `donors_change`, `difference`, `p`, `rank`, `of` as in `comparison.difference_in_differences`,
    `falling` and `rising` (the shares of the units whose own change is below and above zero),
    `swing` (from the lowest to the highest value that the treated state has in any year),
    `left_out`, `reason`.

    A panel without the treated state or without donors keeps its rows, without figures. Dates that
    lie within `width` years of each other share years, so their rows are not independent.
    A DataProblem as there.

    >>> panel = pd.DataFrame({"state": ["ARM", "BLR", "KAZ"] * 2, "year": [2017] * 3 + [2018] * 3,
    ...     "value": [0.5, 0.6, 0.7, 0.2, 0.6, 0.6]})
    >>> found = contrasts({"votes": panel}, "ARM", ["BLR", "KAZ"], [2018], 1)
    >>> found[["indicator", "year", "difference", "rank", "of", "falling"]].round(2)
      indicator  year  difference  rank  of  falling
    0     votes  2018       -0.25     1   3     0.67
    """
    rows = []
    for indicator, panel in panels.items():
        there = set(panel.loc[panel["value"].notna(), "state"])
        others = [state for state in donors if state in there]
        for year in years:
            last = int(panel["year"].max()) if len(panel) else year
            before, after = windows_around(year, width, last)
            row = {"indicator": indicator, "year": year, "after": _said(after)}
            row["before"] = _said(_begun(before, panel))
            if treated not in there or not others:
                reason = NO_VALUES if treated not in there else NO_PARTNER
                rows.append(row | _nothing(reason))
                continue
            found = comparison.difference_in_differences(panel, treated, others, before, after)
            each = comparison.changes_by_unit(panel, [treated, *others], before, after)["change"]
            each = each.dropna()
            found["left_out"] = ", ".join(found["left_out"])
            own = panel.loc[panel["state"] == treated, "value"]
            moved = {
                "falling": float((each < 0).mean()),
                "rising": float((each > 0).mean()),
                "swing": float(own.max() - own.min()),
            }
            rows.append(row | found | moved)
    columns = ["indicator", "year", "before", "after", *_nothing("")]
    return pd.DataFrame(rows, columns=columns)


def pair_changes(series: pd.DataFrame, years: Sequence[int], width: int) -> pd.DataFrame:
    """How a series of the pair alone changed at several dates, and how unusual that is among dates.

    series: `series`, `year`, `value` as `stacked` gives them. Windows as in `contrasts`. Columns:
    `series`, `year`, `before`, `after` (means of the windows), `before_years`, `after_years`
    (values each rests on), `change`, `place` (1 for the date with the largest change in absolute
    value), `of` (dates that could be compared), `p` (place by of), `reason`.

    Compared are all dates with two values at least on either side. p is the share of these dates
    at which the series moved as far or farther: a placebo in time. It asks whether the date stands
    out in this series, and cannot tell the event of that year from any other thing that happened
    then. A slow trend makes all dates alike, so that none stands out. A date with fewer values has no
    change and a reason. Columns that are missing raise a DataProblem.

    >>> one = pd.DataFrame({"series": "orders", "year": range(2014, 2022), "value": [1.0] * 4 + [0.0] * 4})
    >>> pair_changes(one, [2018], 4)[["year", "change", "place", "of"]]
       year  change  place  of
    0  2018    -1.0    1.0   5
    """
    lacking = {"series", "year", "value"} - set(series.columns)
    if lacking:
        raise DataProblem(f"series: the columns {', '.join(sorted(lacking))} are missing.")
    rows = []
    for name in dict.fromkeys(series["series"]):
        own = series[(series["series"] == name) & series["value"].notna()].set_index("year")["value"]
        span = range(int(own.index.min()), int(own.index.max()) + 1) if len(own) else ()
        every = {year: _step(own, year, width) for year in span}
        sizes = [abs(step["change"]) for step in every.values() if not math.isnan(step["change"])]
        for year in years:
            step = every.get(year) or _step(own, year, width)
            row = {"series": name, "year": year} | step | {"of": len(sizes)}
            if math.isnan(step["change"]):
                place, reason = math.nan, NO_WINDOW if len(own) else NO_VALUES
            else:
                tie = 1e-9 * max(sizes)
                place = float(sum(size >= abs(step["change"]) - tie for size in sizes))
                reason = ""
            p = place / len(sizes) if sizes else math.nan
            rows.append(row | {"place": place, "p": p, "reason": reason})
    columns = [
        *("series", "year", "before", "after", "before_years", "after_years"),
        *("change", "place", "of", "p", "reason"),
    ]
    return pd.DataFrame(rows, columns=columns)


def predictions_met(
    predictions: pd.DataFrame,
    compared: pd.DataFrame,
    changes: pd.DataFrame,
    seen: pd.DataFrame,
    level: float,
) -> pd.DataFrame:
    """What became of each prediction.

    predictions: `explanation`, `indicator`, `direction` (falls, rises, holds), `from_year`,
    `against` (the ally's other partners, all partners together, before) and any further columns,
    which stay. compared: as `contrasts` gives it; changes: as `pair_changes` gives it, whose `series`
    are called as the indicators; seen: `indicator`, `year`, `effect`, the smallest step that each
    comparison could see (`comparison.smallest_effect`), missing where it could see none. level: the p up to which a change stands out. Added are
    `result`, one of RESULTS, `figure` (the change or difference it rests on, in the indicator's
    unit), `p` and `reason` (why it cannot be tested).

    The rules. *Against others*: the figure is the difference; with the predicted sign it is as
    predicted if p <= level, else the right direction only; with the other sign it is against.
    *Together*: the figure is the treated state's own change; it is as predicted if it has the sign,
    two thirds of all states moved that way, and the state does not stand out among them (p > level);
    it is against if the sign is wrong or fewer than half of the states moved that way; in between it
    is the right direction only. *Before*: as against others, with the pair's own change. *Holds*:
    nothing that stands out is not contradicted, which is less than confirmed; what stands out is
    against. Not to stand out counts only where standing out was possible: *together* cannot be tested
    where a departure as large as the change itself would not have been seen, nor *holds* where only
    one larger than the whole range of the series would have been.

    The rule is contestable: one that counted only what stands out would leave nearly every cell
    open with so few states. So the direction is shown as well, under a name that says how weak it is.
    Unknown words and doubled rows in the predictions raise a DataProblem.

    >>> predictions = pd.DataFrame([("home", "votes", "falls", 2018, OTHERS)], columns=PREDICTION)
    >>> compared = pd.DataFrame([("votes", 2018, -0.1, -0.2, 0.1, 0.4, "")], columns=[
    ...     "indicator", "year", "treated_change", "difference", "p", "swing", "reason"])
    >>> seen = pd.DataFrame([("votes", 2018, 0.05)], columns=["indicator", "year", "effect"])
    >>> none = pd.DataFrame(columns=["series", "year", "change", "p", "reason"])
    >>> predictions_met(predictions, compared, none, seen, 0.15)[["result", "figure"]].values.tolist()
    [['as predicted', -0.2]]
    """
    _check_predictions(predictions)
    if not 0 < level <= 1:
        raise DataProblem(f"the level is {level!r}; expected a number above 0, at most 1.")
    place = ["indicator", "year"]
    compared = compared.merge(seen[[*place, "effect"]], how="left", on=place)
    found = []
    for row in predictions.itertuples():
        table, key = (changes, "series") if row.against == BEFORE else (compared, "indicator")
        rows = table[(table[key] == row.indicator) & (table["year"] == row.from_year)]
        found.append(_judged(row, rows, level))
    judged = pd.DataFrame(found, columns=["result", "figure", "p", "reason"])
    return predictions.reset_index(drop=True).join(judged)


def tally(met: pd.DataFrame) -> pd.DataFrame:
    """How many predictions of each explanation came out how.

    met: as `predictions_met` gives it. Columns: `explanation`, one for each of RESULTS with a
    count, `tested` (all but those that cannot be tested). Explanations differ in how many
    predictions they make and how daring these are, so counts are no score: one that predicts little
    is seldom wrong.

    >>> tally(pd.DataFrame({"explanation": ["home", "home"], "result": [AGAINST, UNTESTED]})).iloc[0].to_dict()
    {'explanation': 'home', 'as predicted': 0, 'right direction only': 0, 'not contradicted': 0,
    'against it': 1, 'cannot be tested': 1, 'tested': 1}
    """
    counts = pd.crosstab(met["explanation"], met["result"])
    counts = counts.reindex(index=list(dict.fromkeys(met["explanation"])), columns=list(RESULTS))
    counts = counts.fillna(0).astype("int64").rename_axis(columns=None)
    return counts.assign(tested=counts.sum(axis=1) - counts[UNTESTED]).reset_index()


def after_changes(
    changes: pd.DataFrame, states: Sequence[str], years: Sequence[int], lasting: int
) -> pd.DataFrame:
    """For every state and year, whether a change of leader or of supporters is recent: 1 or 0.

    changes: `state`, `year`, one row a change. lasting: in how many years, that of the change
    included, it counts as recent. Columns: `state`, `year`, `value`, a panel for `comparison.dose`.
    Zero means that the table has no change there, so the table must cover all states and years
    given. It says that something changed and not in which direction: a new leader may come nearer
    to the ally. A state without any change has zeros throughout. A lasting that is no whole number
    above zero raises a DataProblem. After Mattes, Leeds and Matsumura 2016, who date such changes.

    >>> changes = pd.DataFrame({"state": ["ARM"], "year": [2018]})
    >>> after_changes(changes, ["ARM", "BLR"], [2018, 2019], 1).values.tolist()
    [['ARM', 2018, 1.0], ['ARM', 2019, 0.0], ['BLR', 2018, 0.0], ['BLR', 2019, 0.0]]
    """
    if not isinstance(lasting, int) or isinstance(lasting, bool) or lasting < 1:
        raise DataProblem(f"lasting is {lasting!r}; expected a whole number of years above zero.")
    known = changes.groupby("state")["year"].agg(list).to_dict()
    rows = []
    for state in states:
        for year in years:
            recent = any(begun <= year < begun + lasting for begun in known.get(state, []))
            rows.append((state, year, float(recent)))
    return pd.DataFrame(rows, columns=["state", "year", "value"])


def doses_by_measure(
    outcome: pd.DataFrame,
    rated: pd.DataFrame,
    lags: Mapping[str, int],
    without: Mapping[str, str],
) -> pd.DataFrame:
    """The same dose by each measure of it: does a finding hang on how the regime was rated?

    outcome: a panel as in `comparison.dose`. rated: `state`, `year`, `measure`, `value`, the
    measures on one scale (`limiting_factors.on_common_scale`). lags: {delay in words: years}; the
    first is also computed without each state in `without`, {code: name}, one at a time. One row each:
    `dose` (measure, delay and who was left out, in words), `measure`, `delay`, `left_out` (code or
    ""), and `slope`, `p`, `units`, `observations`, `draws`, `reason` as in `comparison.dose`.
    Measures by one producer share their sources, so that agreement between them is no confirmation,
    and the smallest of many p is not to be read as a p. Source of the measure: `comparison.dose`.

    >>> own = pd.DataFrame({"state": ["ARM", "BLR"] * 2, "year": [2017, 2017, 2018, 2018],
    ...     "value": [0.0, 0.0, 1.0, 0.0]})
    >>> found = doses_by_measure(own, own.assign(measure="rights"), {"the same year": 0}, {})
    >>> found[["dose", "slope", "units"]].values.tolist()
    [['rights, the same year', 1.0, 2]]
    """
    rows = []
    for measure, ratings in rated.groupby("measure", sort=False):
        for place, (words, lag) in enumerate(lags.items()):
            for code, name in {"": "", **(without if place == 0 else {})}.items():
                found = comparison.dose(outcome[outcome["state"] != code], ratings, lag)
                said = f"{measure}, {words}{f', without {name}' if name else ''}"
                row = {"dose": said, "measure": measure, "delay": words, "left_out": code}
                rows.append(row | found)
    return pd.DataFrame(rows)


def steady_states(
    changes: pd.DataFrame, states: Sequence[str], first_year: int, last_year: int
) -> list[str]:
    """Those of the states in which no leader with other supporters came to power in these years.

    changes: `state`, `year`, `coalition` (changed or kept), one row a change of leader, complete for
    the states and years given. Both years are included. Whoever asks what a change at home does must
    compare with states that had none: the others may have moved for the same reason, and an average
    with them in it takes away what is looked for. Steady says nothing of foreign policy, which can
    turn without a change of supporters. Columns that are missing raise a DataProblem.

    >>> changes = pd.DataFrame({"state": ["UKR", "GEO"], "year": 2019, "coalition": ["changed", "kept"]})
    >>> steady_states(changes, ["BLR", "GEO", "UKR"], 2014, 2021)
    ['BLR', 'GEO']
    """
    lacking = [name for name in ("state", "year", "coalition") if name not in changes]
    if lacking:
        raise DataProblem(f"changes: the columns {', '.join(lacking)} are missing.")
    within = changes["year"].between(first_year, last_year) & changes["coalition"].eq("changed")
    return [state for state in states if state not in set(changes.loc[within, "state"])]


def _nothing(reason):
    figures = dict.fromkeys(("treated_change", "donors_change", "difference", "p"), math.nan)
    moved = {"rank": math.nan, "of": 0} | dict.fromkeys(("falling", "rising", "swing"), math.nan)
    return figures | moved | {"left_out": "", "reason": reason}


def _begun(window, panel):
    """A window without the years before a panel begins; whole where it begins after it."""
    first = int(panel["year"].min()) if len(panel) else window[0]
    return (max(first, window[0]), window[1]) if first <= window[1] else window


def _said(window):
    return f"{window[0]}–{window[1]}" if window[0] < window[1] else f"{window[0]}"


def _step(own, year, width):
    """The means on both sides of a date; missing where either side has fewer than two values."""
    last = int(own.index.max()) if len(own) else year
    windows = zip(("before", "after"), windows_around(year, width, last))
    sides = {name: own[(own.index >= first) & (own.index <= end)] for name, (first, end) in windows}
    least = LEAST_YEARS if width > 1 else 1
    there = all(len(side) >= least for side in sides.values())
    means = {name: float(side.mean()) if len(side) else math.nan for name, side in sides.items()}
    counts = {f"{name}_years": len(side) for name, side in sides.items()}
    return means | counts | {"change": means["after"] - means["before"] if there else math.nan}


def _judged(prediction, rows, level):
    if len(rows) != 1:
        return UNTESTED, math.nan, math.nan, NO_COMPARISON
    row = rows.iloc[0]
    together = prediction.against == TOGETHER
    name = {BEFORE: "change", OTHERS: "difference", TOGETHER: "treated_change"}[prediction.against]
    figure, p = float(row[name]), float(row["p"])
    if math.isnan(figure) or math.isnan(p):
        return UNTESTED, math.nan, math.nan, row["reason"]
    stands_out = p <= level
    # A series beside itself has no power of its own to state: its dates are all there are.
    seen_from, swing = (
        (0.0, 0.0) if prediction.against == BEFORE else (row["effect"], row["swing"])
    )
    if prediction.direction == "holds":
        if not stands_out and not seen_from <= swing:
            return UNTESTED, figure, p, BLINDER
        return (AGAINST if stands_out else NOT_CONTRADICTED), figure, p, ""
    sign = -1 if prediction.direction == "falls" else 1
    moved = row["falling" if sign < 0 else "rising"] if together else 1.0
    if figure * sign <= 0 or moved < HALF:
        return AGAINST, figure, p, ""
    if together and moved >= MOST and not stands_out:
        blind = not seen_from <= abs(figure)
        return (UNTESTED if blind else AS_PREDICTED), figure, p, BLIND if blind else ""
    return (AS_PREDICTED if stands_out and not together else DIRECTION_ONLY), figure, p, ""


def _check_predictions(predictions):
    lacking = [name for name in PREDICTION if name not in predictions]
    if lacking:
        raise DataProblem(f"predictions: the columns {', '.join(lacking)} are missing.")
    problems = []
    for column, known in (("direction", DIRECTIONS), ("against", AGAINST_WHAT)):
        wrong = predictions[~predictions[column].isin(known)]
        problems += [
            f"predictions, row {place + 2}, column {column}: found {value!r}; expected one of"
            f" {', '.join(known)}."
            for place, value in wrong[column].items()
        ]
    key = ["explanation", "indicator", "from_year"]
    twice = predictions[predictions.duplicated(key)]
    problems += [
        f"predictions, row {place + 2}: a second prediction of {row.explanation!r} for"
        f" {row.indicator} from {row.from_year}; keep one."
        for place, row in zip(twice.index, twice.itertuples())
    ]
    if problems:
        raise DataProblem("\n".join(problems))
