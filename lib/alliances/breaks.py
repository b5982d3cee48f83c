"""Dates found in a series without naming them, and named dates set side by side.

A series is a frame `year`, `value` of one figure a year. Thirty values are few and one year resembles
the next, so every date here comes with how far it can be trusted: a p that allows for sluggishness,
an interval, or its place among all other years.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from numbers import Real

import numpy as np
import pandas as pd
import ruptures
import statsmodels.api as sm
from scipy.signal import lfilter
from statsmodels.stats.stattools import durbin_watson

from alliances.problems import DataProblem

TOO_SHORT = "too short"
CONSTANT = "does not vary"
OUTSIDE = "too near an end of the series, or outside it"
LEAST_VALUES = 12
TRIMMING = 0.15
MOST_SHIFTS = 5
DRAWS = 999
SEED = 1992
LEVEL = 0.90
_TIE = 1e-12
_PERSISTENCE = tuple(step / 20 for step in range(20))
_SHIFTS = ("from_year", "low_year", "high_year", "mean_before", "mean_after")


def pettitt(series: pd.DataFrame) -> dict:
    """Whether the values after some year tend to be higher or lower than those before.

    series: `year`, `value`; years without a value are left out, and the rest is taken in its order.
    The result has `statistic` (K, the largest sum of signs), `last_before`, `from_year` (the last
    value before the shift and the first after it), `p` and `reason`. Only ranks count, so a single
    wild value does no harm and the size of a shift is not used.

    p is Pettitt's approximation 2 exp(-6 K^2 / (T^3 + T^2)), at most 1. It takes the values for
    independent, which yearly figures of one pair seldom are: a sluggish series without any shift
    gets small p too often, so read it beside `supremum_f`. Fewer than 12 values and values that do
    not vary give no date and a reason. Doubled years and values that are no numbers raise a
    DataProblem. Source of the measure: Pettitt 1979.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0] * 6 + [0.0] * 6})
    >>> found = pettitt(steps)
    >>> found["statistic"], found["last_before"], found["from_year"], round(found["p"], 3)
    (36.0, 2005, 2006, 0.031)
    """
    years, values = _read(series)
    found = {"statistic": math.nan, "last_before": None, "from_year": None, "p": math.nan}
    reason = _reason(values)
    if reason:
        return found | {"reason": reason}
    size = len(values)
    signs = np.sign(values[None, :] - values[:, None])
    # Entry t sums the signs between the first t values and the rest.
    sums = np.abs([signs[:t, t:].sum() for t in range(1, size)])
    place = int(sums.argmax()) + 1
    statistic = float(sums.max())
    p = min(1.0, 2 * math.exp(-6 * statistic**2 / (size**3 + size**2)))
    at = {"last_before": int(years[place - 1]), "from_year": int(years[place])}
    return {"statistic": statistic} | at | {"p": p, "reason": ""}


def supremum_f(
    series: pd.DataFrame, trimming: float = TRIMMING, draws: int = DRAWS, seed: int = SEED
) -> dict:
    """The year at which two means describe a series best, and how often chance does as well.

    series: as in `pettitt`. For every year that leaves the part `trimming` of the values on either
    side, F compares one mean with two. The result has `statistic` (the largest F), `last_before`,
    `from_year`, `p`, `persistence` (the correlation of one value with the next that was allowed
    for) and `reason`.

    p is by simulation: `draws` series of the same length and persistence, without a shift, each
    searched in the same way; p is the share of them, the real one added, with as large an F. The
    persistence is that for which simulated series leave, after their own best shift, on average what
    this one leaves: what is left over looks less sluggish than the series is, the more so the shorter
    it is. The tables of Andrews 1993 hold for many independent values; with thirty
    sluggish ones they find shifts everywhere. Shocks are drawn from the normal distribution; drawn from
    what is left over they give nearly the same p. Tried on thirty simulated values without a shift, a
    level of 10 percent is reached in 11 of 100 series at persistence 0, 15 at 0.6 and 22 at 0.8: with
    very sluggish series p is still too small. On the other side, a slow drift is taken for
    persistence in part, so that a p above the level does not say that nothing changed. Errors and
    reasons as in `pettitt`. Source of the measure: Andrews 1993; the persistence by indirect
    inference.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> found = supremum_f(steps, draws=99)
    >>> found["from_year"], found["p"]
    (2006, 0.01)
    """
    _check_trimming(trimming)
    _check_whole("number of draws", draws, 1)
    years, values = _read(series)
    found = {"statistic": math.nan, "last_before": None, "from_year": None, "p": math.nan}
    reason = _reason(values)
    if reason:
        return found | {"persistence": math.nan, "reason": reason}
    places = _admissible(len(values), trimming)
    f = _f_of(values[None, :], places)[0]
    place = int(places[f.argmax()])
    known = _autocorrelation(_left(values[None, :], places))[0]
    persistence = float(np.interp(known, *_found_for(len(values), trimming)))
    chance = _sluggish(persistence, len(values), draws, seed)
    as_large = (_f_of(chance, places).max(axis=1) >= f.max() * (1 - 1e-9)).sum()
    at = {"last_before": int(years[place - 1]), "from_year": int(years[place])}
    p = float((as_large + 1) / (draws + 1))
    rest = {"p": p, "persistence": persistence, "reason": ""}
    return {"statistic": float(f.max())} | at | rest


def mean_shifts(
    series: pd.DataFrame, most: int = MOST_SHIFTS, trimming: float = TRIMMING
) -> pd.DataFrame:
    """The best way to cut a series into parts with one mean each, for every number of shifts.

    series: as in `pettitt`. Columns: `number` (0 to `most`, as far as parts of `trimming` of the
    values allow), `rss` (the sum of squares that is left), `bic`, `from_years` (a tuple: the first
    year of each later part). The row with the lowest `bic` is the number that `chosen_shifts` takes.

    The criterion counts each shift as two parameters, a mean and a date. It supposes independent
    values; a sluggish series is cut too often, which the interval of `chosen_shifts` shows in part.
    A series that is too short or does not vary has no row. Errors as in `pettitt`. Source of the
    measure: Bai and Perron 1998 and 2003, with the criterion of Yao 1988 and the search of ruptures.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> mean_shifts(steps, most=1)[["number", "from_years"]].values.tolist()
    [[0, ()], [1, (2006,)]]
    """
    _check_trimming(trimming)
    _check_whole("largest number of shifts", most, 0)
    years, values = _read(series)
    rows = []
    if not _reason(values):
        size, least = len(values), _least(len(values), trimming)
        # A perfect fit has no logarithm; the floor moves with the unit, so that no date does.
        floor = _TIE * _rss(values, [])
        for number in range(min(most, size // least - 1) + 1):
            places = _cut(values, number, least)
            rss = _rss(values, places)
            bic = size * (math.log(max(rss, floor) / size) + 1 + math.log(2 * math.pi))
            bic += math.log(size) * 2 * (number + 1)
            rows.append((number, rss, bic, tuple(int(years[place]) for place in places)))
    return pd.DataFrame(rows, columns=["number", "rss", "bic", "from_years"])


def chosen_shifts(series: pd.DataFrame, draws: int = 499, seed: int = SEED) -> pd.DataFrame:
    """The shifts of a series in the number that the criterion of `mean_shifts` picks, with intervals.

    series: as in `pettitt`. Columns: `from_year`, `low_year`, `high_year` (the middle 90 percent of
    the year over `draws` remade series), `mean_before`, `mean_after` (the means of the parts on
    either side, in the unit of the series). A series without a shift has no row.

    A remade series has the steps that were found, and around them what was left over, drawn anew
    with its persistence; the same number of shifts is then found in it. The interval says how sharply
    a shift is dated *if there is one*: a narrow one is no evidence for the shift, and it does not allow for
    the choice of their number. A bootstrap is used since the formula of Bai and Perron 1998 asks for
    large samples. Errors as in `pettitt`. Source of the measure: Bai and Perron 2003.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> chosen_shifts(steps, draws=99)[["from_year", "low_year", "high_year"]].values.tolist()
    [[2006, 2006, 2006]]
    """
    _check_whole("number of draws", draws, 1)
    years, values = _read(series)
    tried = mean_shifts(series)
    number = int(tried.loc[tried["bic"].idxmin(), "number"]) if len(tried) else 0
    if not number:
        return pd.DataFrame(columns=list(_SHIFTS))
    least = _least(len(values))
    places = _cut(values, number, least)
    bounds = [0, *places, len(values)]
    means = [values[a:b].mean() for a, b in zip(bounds, bounds[1:])]
    steps = np.repeat(means, np.diff(bounds))
    left = values - steps
    persistence = float(np.clip(_autocorrelation(left[None, :])[0], 0, _PERSISTENCE[-1]))
    shocks = left[1:] - persistence * left[:-1]
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = generator.choice(shocks - shocks.mean(), size=len(values) + 10)
        found.append(_cut(steps + _filtered(drawn, persistence)[10:], number, least))
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="nearest")
    rows = [
        (int(years[place]), int(years[int(first)]), int(years[int(last)]), before, after)
        for place, first, last, before, after in zip(places, low, high, means, means[1:])
    ]
    return pd.DataFrame(rows, columns=list(_SHIFTS))


def pelt(series: pd.DataFrame, penalty: float | None = None) -> dict:
    """The years at which a series is cut when every cut costs a penalty.

    series: as in `pettitt`. penalty: what a cut must save in squares to be made; without one, twice
    the variance of the series times the logarithm of its length. The result has `penalty`,
    `from_years` (a tuple, the first year of each later part of two values at least) and `reason`.

    The penalty decides the answer and has no natural value, so it is returned and should be shown.
    The one used here is that of Killick and others for a known variance, with the variance of the
    whole series in its place; since shifts are in that variance, it cuts too seldom rather than too
    often. There is no p and no interval. Errors and reasons as in `pettitt`, and a penalty that is
    not above zero. Source of the measure: Killick, Fearnhead and Eckley 2012, with ruptures.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> pelt(steps)["from_years"]
    (2006,)
    """
    if penalty is not None and not (isinstance(penalty, Real) and 0 < penalty < math.inf):
        raise DataProblem(f"the penalty is {penalty!r}; expected a number above zero.")
    years, values = _read(series)
    reason = _reason(values)
    if reason:
        return {"penalty": math.nan, "from_years": (), "reason": reason}
    cost = 2 * math.log(len(values)) * values.var(ddof=1) if penalty is None else float(penalty)
    places = _search(values, 2).predict(pen=cost)[:-1]
    from_years = tuple(int(years[place]) for place in places)
    return {"penalty": float(cost), "from_years": from_years, "reason": ""}


def by_method(panel: pd.DataFrame) -> pd.DataFrame:
    """The dates of several series by four methods, a row a series.

    panel: `series`, `year`, `value`. Columns: `series`, `years` (values), `first_year`,
    `last_year`, `pettitt_year`, `pettitt_p`, `supremum_f_year`, `supremum_f_p`, `shifts`
    (their number by `chosen_shifts`), `shift_years`, `intervals` (their 90 percent intervals) and
    `pelt_years` (in words; "none" where a method cuts nowhere), `penalty`, `reason`. Years are those
    from which the series differs. Methods that agree are not independent witnesses, since they read
    the same values; where they disagree the date is not sharp. Errors as in `pettitt`, for all series
    at once.

    >>> steps = pd.DataFrame({"series": "a", "year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> by_method(steps)[["series", "pettitt_year", "supremum_f_year", "shift_years", "pelt_years"]].values.tolist()
    [['a', 2006, 2006, '2006', '2006']]
    """
    rows = []
    for name, own in _each(panel):
        years, values = _read(own)
        ranks, step, cut = pettitt(own), supremum_f(own), pelt(own)
        shifts = chosen_shifts(own)
        spans = [f"{low}-{high}" for low, high in zip(shifts["low_year"], shifts["high_year"])]
        row = {"series": name, "years": len(values)}
        row |= {"first_year": int(years[0]), "last_year": int(years[-1])} if len(years) else {}
        row |= {"pettitt_year": ranks["from_year"], "pettitt_p": ranks["p"]}
        row |= {"supremum_f_year": step["from_year"], "supremum_f_p": step["p"]}
        reason = ranks["reason"]
        row["shifts"] = None if reason else len(shifts)
        in_words = {"shift_years": list(shifts["from_year"]), "intervals": spans}
        in_words |= {"pelt_years": cut["from_years"]}
        row |= {key: "" if reason else _listed(found) for key, found in in_words.items()}
        rows.append(row | {"penalty": cut["penalty"], "reason": reason})
    columns = [
        *("series", "years", "first_year", "last_year", "pettitt_year", "pettitt_p"),
        *("supremum_f_year", "supremum_f_p", "shifts", "shift_years", "intervals", "pelt_years"),
        *("penalty", "reason"),
    ]
    whole = ("first_year", "last_year", "pettitt_year", "supremum_f_year", "shifts")
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(whole, "Int64"))


def shifts_of(panel: pd.DataFrame) -> pd.DataFrame:
    """All shifts that `chosen_shifts` finds in several series, one row a shift.

    panel: as in `by_method`. Columns: `series`, those of `chosen_shifts`, and `direction` ("rises" or
    "falls"). A series that is too short, does not vary or has no shift has no row.

    >>> steps = pd.DataFrame({"series": "a", "year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> shifts_of(steps)[["series", "from_year", "direction"]].values.tolist()
    [['a', 2006, 'falls']]
    """
    parts = [chosen_shifts(own).assign(series=name) for name, own in _each(panel)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=["series", *_SHIFTS, "direction"])
    found = pd.concat(parts, ignore_index=True)
    up = found["mean_after"] > found["mean_before"]
    return found.assign(direction=np.where(up, "rises", "falls"))[["series", *_SHIFTS, "direction"]]


def dates_compared(
    panel: pd.DataFrame, years: Sequence[int], trimming: float = TRIMMING
) -> pd.DataFrame:
    """How well a single shift at each of some named years describes several series.

    panel: as in `by_method`. Columns: `series`, `year`, `before`, `after` (the means of all values
    on either side), `change`, `f`, `explained` (the part of the series' variation that the step
    takes up, 0 to 1), `rank` (1 for the best of the named years, ties alike), `best` (whether it is
    that), `place` (1 for the best of *all* admissible years), `of` (how many there are), `admissible`
    (whether the part `trimming` of the values lies on either side), `reason`.

    Means here are of everything before and everything after, so a step explains much of a trend
    wherever it is set; `place` is what tells a date from a trend. No p is given: for a year that was
    chosen from a list, `supremum_f` has the honest one. Errors as in `pettitt`.

    >>> steps = pd.DataFrame({"series": "a", "year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> dates_compared(steps, [2006, 2008])[["year", "change", "place", "best"]].round(2).values.tolist()
    [[2006, -1.0, 1, True], [2008, -0.75, 4, False]]
    """
    _check_trimming(trimming)
    for year in years:
        _check_whole("year", year)
    rows = []
    for name, own in _each(panel):
        numbers, values = _read(own)
        reason = _reason(values)
        places = np.array([], dtype=int) if reason else _admissible(len(values), trimming)
        f = _f_of(values[None, :], places)[0] if len(places) else np.array([])
        for year in years:
            place = int(np.searchsorted(numbers, year))
            row = {"series": name, "year": year, "of": len(places), "reason": reason}
            if not reason and place in places:
                before, after = _means(values, place)
                own_f = float(f[places == place][0])
                explained = own_f / (own_f + len(values) - 2)
                rank = int((f > own_f * (1 + 1e-9)).sum()) + 1
                row |= {"before": before, "after": after, "change": after - before, "f": own_f}
                row |= {"explained": explained, "place": rank}
            elif not reason:
                row["reason"] = OUTSIDE
            rows.append(row)
    columns = [
        *("series", "year", "before", "after", "change", "f", "explained", "rank", "best"),
        *("place", "of", "admissible", "reason"),
    ]
    found = pd.DataFrame(rows).reindex(columns=columns)
    share = found["explained"].astype("float64").round(12)
    rank = share.groupby(found["series"]).rank(method="min", ascending=False).astype("Int64")
    best, admissible = rank.eq(1).fillna(False).astype(bool), share.notna()
    found = found.assign(rank=rank, best=best, admissible=admissible)
    return found.astype({"place": "Int64"})


def segmented_regression(series: pd.DataFrame, year: int, lag: int = 2) -> dict:
    """Whether a series left its own trend at a year, in level or in slope.

    series: as in `pettitt`; the year counts as time, so gaps keep their length. The model is a line
    with a jump and a bend at `year`. The result has `level_change` (the jump), `trend_change` (the
    bend, per year), their `level_error`, `trend_error`, `level_p`, `trend_p`, `joint_p` (both zero),
    `trend_before`, `explained` (the part of the variation that the model takes up), `durbin_watson`
    (near 2 where what is left over is not sluggish, towards 0 where it is) and `reason`;
    changes are in the unit of the series.

    Errors allow for correlation over `lag` years, with the correction for small samples. They are
    still for large ones, so with thirty values p comes out too small; and a line that is continued
    for years beyond its data is a strong assumption. It needs three values on either side, else a
    reason. Errors as in `pettitt`. Source of the measure: interrupted time series; Newey and West
    1987 on the errors, with statsmodels.

    >>> steps = pd.DataFrame({"year": range(2000, 2012), "value": [1.0, 1.1] * 3 + [0.0, 0.1] * 3})
    >>> round(segmented_regression(steps, 2006)["level_change"], 2)
    -1.05
    """
    _check_whole("year", year)
    _check_whole("lag", lag, 0)
    names = ("level_change", "trend_change", "level_error", "trend_error", "level_p", "trend_p")
    fitted = ("explained", "durbin_watson")
    nothing = dict.fromkeys((*names, "joint_p", "trend_before", *fitted), math.nan)
    years, values = _read(series)
    reason = _reason(values)
    if not reason and min((years < year).sum(), (years >= year).sum()) < 3:
        reason = OUTSIDE
    if reason:
        return nothing | {"reason": reason}
    after = (years >= year).astype(float)
    design = np.column_stack([np.ones(len(years)), years - years[0], after, after * (years - year)])
    use = {"maxlags": lag, "use_correction": True}
    fit = sm.OLS(values, design).fit(cov_type="HAC", cov_kwds=use, use_t=True)
    joint = fit.f_test(np.eye(4)[2:])
    figures = (*fit.params[2:], *fit.bse[2:], *fit.pvalues[2:])
    found = {name: float(figure) for name, figure in zip(names, figures)}
    rest = {"joint_p": float(joint.pvalue), "trend_before": float(fit.params[1])}
    quality = dict(zip(fitted, (float(fit.rsquared), float(durbin_watson(fit.resid)))))
    return found | rest | quality | {"reason": ""}


def _each(panel):
    """The series by name, once none of them has anything to refuse."""
    for column in ("series", "year", "value"):
        if column not in panel:
            raise DataProblem(f"panel: the column {column} is missing.")
    if panel["series"].isna().any():
        raise DataProblem("panel: found rows without a series; expected its name in each.")
    names = list(dict.fromkeys(panel["series"]))
    parts = [(name, panel[panel["series"] == name][["year", "value"]]) for name in names]
    wrong = []
    for name, own in parts:
        try:
            _read(own)
        except DataProblem as problem:
            wrong.append(f"{name}: {problem}")
    if wrong:
        raise DataProblem("\n".join(wrong))
    return parts


def _check_whole(name, number, least=None):
    whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
    if not whole or least is not None and number < least:
        wanted = "a whole number" + ("" if least is None else f" of {least} or more")
        raise DataProblem(f"the {name} is {number!r}; expected {wanted}.")


def _check_trimming(trimming):
    if not (isinstance(trimming, Real) and 0 < trimming < 0.5):
        raise DataProblem(f"the trimming is {trimming!r}; expected a part above 0, below 0.5.")


def _read(series):
    """The years that have a value, in order, and the values."""
    lacking = {"year", "value"} - set(series.columns)
    if lacking:
        raise DataProblem(f"series: the columns {', '.join(sorted(lacking))} are missing.")
    if len(series) and not pd.api.types.is_integer_dtype(series["year"]):
        raise DataProblem(
            f"series: the years are of type {series['year'].dtype}; expected whole numbers."
        )
    if series["year"].isna().any():
        raise DataProblem("series: found rows without a year; expected one in each.")
    truth = pd.api.types.is_bool_dtype(series["value"])
    numeric = pd.api.types.is_numeric_dtype(series["value"]) and not truth
    if not numeric and series["value"].notna().any():
        raise DataProblem(
            f"series: the values are of type {series['value'].dtype}; expected numbers."
        )
    twice = sorted(set(series.loc[series["year"].duplicated(), "year"]))
    if twice:
        named = ", ".join(map(str, twice[:5]))
        raise DataProblem(f"series: found two values of {named}; expected one a year.")
    kept = series[series["value"].notna()].sort_values("year")
    values = kept["value"].to_numpy("float64")
    if np.isinf(values).any():
        raise DataProblem("series: found values without end; expected numbers or gaps.")
    return kept["year"].to_numpy("int64"), values


def _reason(values):
    if len(values) < LEAST_VALUES:
        return TOO_SHORT
    return CONSTANT if np.ptp(values) <= _TIE * np.abs(values).max() else ""


def _least(size, trimming=TRIMMING):
    return max(2, math.floor(trimming * size))


def _admissible(size, trimming=TRIMMING):
    """How many values may lie before a shift."""
    least = _least(size, trimming)
    return np.arange(least, size - least + 1)


def _means(values, place):
    return float(values[:place].mean()), float(values[place:].mean())


def _f_of(table, places):
    """F of a step at each place, for each row of a table."""
    size = table.shape[1]
    centred = table - table.mean(axis=1, keepdims=True)
    sums = centred.cumsum(axis=1)[:, places - 1]
    gained = sums**2 * (1 / places + 1 / (size - places))
    total = (centred**2).sum(axis=1, keepdims=True)
    return gained / np.maximum((total - gained) / (size - 2), _TIE * total)


def _left(table, places):
    """Each row of a table less its best step."""
    best = places[_f_of(table, places).argmax(axis=1)][:, None]
    early = np.arange(table.shape[1]) < best
    parts = [np.where(early, table, 0), np.where(early, 0, table)]
    sizes = (best, table.shape[1] - best)
    means = [part.sum(axis=1, keepdims=True) / size for part, size in zip(parts, sizes)]
    return table - np.where(early, *means)


def _autocorrelation(table):
    spread = (table**2).sum(axis=1)
    return (table[:, 1:] * table[:, :-1]).sum(axis=1) / np.where(spread > 0, spread, 1)


@lru_cache
def _found_for(size, trimming):
    """What the autocorrelation after the best step is on average, for each persistence."""
    places = _admissible(size, trimming)
    table = [_sluggish(true, size, DRAWS, SEED + 1) for true in _PERSISTENCE]
    means = [float(_autocorrelation(_left(each, places)).mean()) for each in table]
    return means, _PERSISTENCE


def _sluggish(persistence, size, draws, seed):
    shocks = np.random.default_rng(seed).normal(size=(draws, size))
    # The first value has the spread that the series keeps.
    shocks[:, 0] /= math.sqrt(1 - persistence**2)
    return _filtered(shocks, persistence)


def _filtered(shocks, persistence):
    return lfilter([1.0], [1.0, -persistence], shocks)


def _search(values, least):
    """The exact search for cuts of least squares; the linear kernel is that cost."""
    search = ruptures.KernelCPD(kernel="linear", min_size=least, jump=1)
    # Cuts stay where they are under a shift and a scale, and sums of squares stay exact.
    return search.fit((values - values.mean()).reshape(-1, 1))


def _cut(values, number, least):
    return _search(values, least).predict(n_bkps=number)[:-1] if number else []


def _rss(values, places):
    return float(sum(((part - part.mean()) ** 2).sum() for part in np.split(values, places)))


def _listed(years):
    return ", ".join(map(str, years)) if years else "none"
