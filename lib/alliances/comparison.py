"""A pair compared with other pairs of the same ally, before and after a date.

Within one pair the treaty does not change, so a change there cannot be told from whatever else
happened. The partners of one ally share that ally's own turns; what one of them did beyond the
others is left over. A panel is a long frame `state`, `year`, `value`: the partner of the ally, a
row a state and year. Every p is by randomisation, never by a formula for large samples.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pysyncon import Synth

from alliances.problems import DataProblem

Window = tuple[int, int]

PANEL = ("state", "year", "value")
TREATED_LACKS = "the treated state has no value in one of the windows"
NO_DONOR = "no donor has a value in both windows"
NO_SYNTHETIC_DONOR = "no donor has a value in every year of the treated state"
NO_PAST = "the treated state has fewer than two years before the date"
NO_FUTURE = "the treated state has no year from the date on"
NO_DOSE = "no dose that varies beyond what states and years have in common"
NEVER_SEEN = "with so few states no step of any size can reach the level"
NOT_SEEN = "no step of the grid is seen in enough of the states"
SEED = 1992
MOST_ARRANGEMENTS = 5040
DRAWS = 999
LEAST_WEIGHT = 0.001
# Sums of decimals differ in their last digits; what differs by less than this part is a tie.
_TIE = 1e-9
# The optimiser's weights reproduce an exact mixture to about this part of the panel's spread.
_EXACT = 1e-5


def in_windows(panel: pd.DataFrame, before: Window, after: Window) -> pd.DataFrame:
    """Each state's mean over two windows of years, with how many years it rests on.

    panel: `state`, `year`, `value`. Windows are (first, last), both ends included. Columns: `state`,
    `before`, `after` (in the panel's unit), `before_years`, `after_years`, a row a state in the
    order of codes. A state without any year in a window has no mean there; a year without a value is
    left out of the mean, not taken as zero. Means over different years of one window are not quite
    comparable where the whole group moves within it; that is why the years are counted.

    Doubled rows, values that are not numbers, years that are not whole and windows that overlap or
    run backwards raise a DataProblem.

    >>> panel = pd.DataFrame({"state": ["ARM", "ARM"], "year": [2016, 2019], "value": [0.5, 0.2]})
    >>> in_windows(panel, (2015, 2017), (2018, 2020)).values.tolist()
    [['ARM', 0.5, 0.2, 1, 1]]
    """
    return _means(_wide(panel), before, after).reset_index()


def changes_by_unit(
    panel: pd.DataFrame, units: Sequence[str], before: Window, after: Window
) -> pd.DataFrame:
    """How far each state changed between two windows, and by how much more than the others.

    panel, windows: as in `in_windows`. Columns: `state`, `before`, `after`, `change` (after less
    before), `difference` (own change less the mean change of the other units), in the panel's unit
    and the order given. This is the picture behind the p of `difference_in_differences`. A unit
    without a value in a window keeps its row, without a change, and counts for no mean. The
    differences add up to zero, so one state far off pushes all others a little to the other side.

    Unknown and doubled units raise a DataProblem, as does what `in_windows` refuses.

    >>> panel = pd.DataFrame({"state": ["ARM", "BLR"] * 2, "year": [2017, 2017, 2018, 2018],
    ...     "value": [0.5, 0.6, 0.2, 0.6]})
    >>> found = changes_by_unit(panel, ["ARM", "BLR"], (2017, 2017), (2018, 2018))
    >>> found[["state", "change", "difference"]].round(2).values.tolist()
    [['ARM', -0.3, -0.3], ['BLR', 0.0, 0.3]]
    """
    wide = _wide(panel)
    return _changes(wide, _units(wide, units), before, after)


def difference_in_differences(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], before: Window, after: Window
) -> dict:
    """By how much more one state changed between two windows than the states it is compared with.

    panel, windows: as in `in_windows`. The result has `treated_change`, `donors_change` (the mean of
    the donors' changes, each donor counting once), `difference` (the first less the second), all in
    the panel's unit; `p`, `of` (number of units, the treated one included), `rank` (1 for the unit
    that changed most unlike the others; ties share the lower place), `left_out` (the units without a
    value in a window) and `reason`, which says why a difference is missing.

    p is by randomisation over units: the share of all units, the treated one included, whose own
    change less the mean change of the others is at least as large in absolute value. It equals rank
    / of, so the smallest possible p is 1/of: with nine units nothing can reach 0.10. The usual
    standard error is not given, since it treats the years of one state as if they were independent
    and only one state is treated, where clustering by state breaks down as well.

    It is an effect of the date only if the treated state would have changed as the others did. A p
    says how unusual the change is among these units, and chooses neither the date nor the donors.
    Unknown and doubled units, a treated state among the donors, and what `in_windows` refuses raise
    a DataProblem. Sources of the measure: Bertrand, Duflo and Mullainathan 2004 on the errors;
    Conley and Taber 2011 on one treated unit.

    >>> panel = pd.DataFrame({"state": ["ARM", "BLR", "KAZ"] * 2, "year": [2017] * 3 + [2018] * 3,
    ...     "value": [0.5, 0.6, 0.7, 0.2, 0.6, 0.8]})
    >>> found = difference_in_differences(
    ...     panel, "ARM", ["BLR", "KAZ"], (2017, 2017), (2018, 2018))
    >>> round(found["difference"], 2), round(found["p"], 2), found["rank"], found["of"]
    (-0.35, 0.33, 1, 3)
    """
    wide = _wide(panel)
    return _difference(wide, _units(wide, donors, treated), before, after)


def placebo_dates(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], years: Sequence[int], width: int
) -> pd.DataFrame:
    """The difference in differences at dates on which nothing is said to have happened.

    panel: as in `in_windows`. Each year is taken as the date, with the `width` years before it as
    the one window and the `width` years from it on as the other. Columns: `year`, `difference`, `p`,
    as in `difference_in_differences`. A date whose windows reach beyond the first or last year of
    the panel has a row without figures: a shorter window is another measure.

    Differences as large at dates of no event as at the one of interest say that the latter is nothing
    special. Neighbouring dates share most of their years, so the rows are no independent tests, and
    a date whose window holds the true one is no placebo. Refused are a width that is no whole number
    above zero, years that are not whole, and what `difference_in_differences` refuses.

    >>> panel = pd.DataFrame({"state": ["ARM", "BLR"] * 2, "year": [2017, 2017, 2018, 2018],
    ...     "value": [0.5, 0.6, 0.2, 0.6]})
    >>> placebo_dates(panel, "ARM", ["BLR"], [2018, 2019], 1).round(2)
       year  difference    p
    0  2018        -0.3  1.0
    1  2019         NaN  NaN
    """
    if not _whole(width) or width < 1:
        raise DataProblem(f"the width is {width!r}; expected a whole number of years above zero.")
    for year in years:
        _check_year(year)
    wide = _wide(panel)
    units = _units(wide, donors, treated)
    rows = []
    for year in years:
        row = {"year": year, "difference": math.nan, "p": math.nan}
        before, after = (year - width, year - 1), (year, year + width - 1)
        if wide.columns.min() <= before[0] and after[1] <= wide.columns.max():
            found = _difference(wide, units, before, after)
            row |= {"difference": found["difference"], "p": found["p"]}
        rows.append(row)
    return pd.DataFrame(rows, columns=["year", "difference", "p"])


@dataclass(frozen=True, eq=False)
class SyntheticControl:
    """A state beside a mixture of others that resembled it before a date.

    weights: `state`, `weight` (parts of one; only above 0.001, the largest first). path: `year`,
    `own`, `synthetic`, `gap` (own less synthetic), in the panel's unit. fit: the root of the mean
    squared gap before the date. after: the mean gap from the date on. left_out: donors that lacked a
    year. reason: why there is no synthetic control, in which case frames are empty and figures
    missing; otherwise "".

    >>> control = SyntheticControl(reason=NO_PAST)
    >>> control.fit, len(control.weights)
    (nan, 0)
    """

    weights: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"state": pd.Series(dtype="str"), "weight": []})
    )
    path: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            {"year": pd.Series(dtype="int64"), "own": [], "synthetic": [], "gap": []}
        )
    )
    fit: float = math.nan
    after: float = math.nan
    left_out: tuple[str, ...] = ()
    reason: str = ""


def synthetic_control(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], year: int
) -> SyntheticControl:
    """The mixture of donors that comes nearest to a state before a year, and what followed.

    panel: as in `in_windows`. Used are the years in which the treated state has a value; donors
    without a value in any of them are left out and named, so choose the period before. `year` is the
    first year after the date. Every year before it counts the same. Years are neither divided by
    their spread nor given weights of their own: the mixture then makes `fit` itself as small as it
    can be, and no search for weights of predictors adds choices that nobody sees.

    Weights are not below zero and add up to one, so nothing is extrapolated; a state outside the
    range of all donors cannot be matched and shows in `fit`. With more donors than years before the
    date several mixtures may fit alike; the search starts from equal weights and always finds the
    same one. A gap after a poor fit says nothing, and a gap has no error of its own: set it against
    `placebos_in_space`. Fewer than two years before, none after, or no donor left: no control, with
    a `reason`. Unknown and doubled units, a treated state among the donors, and what `in_windows`
    refuses raise a DataProblem. Source of the measure: Abadie and Gardeazabal 2003; Abadie, Diamond
    and Hainmueller 2010.

    >>> panel = pd.DataFrame({"state": ["ARM"] * 3 + ["BLR"] * 3 + ["KAZ"] * 3,
    ...     "year": [2016, 2017, 2018] * 3, "value": [0.5, 0.6, 0.2, 0.4, 0.4, 0.4, 0.6, 0.8, 0.6]})
    >>> found = synthetic_control(panel, "ARM", ["BLR", "KAZ"], 2018)
    >>> found.weights.round(3).values.tolist(), round(found.after, 3)
    ([['BLR', 0.5], ['KAZ', 0.5]], -0.3)
    """
    table, left_out, reason = _balanced(panel, treated, donors, year)
    if reason:
        return SyntheticControl(left_out=left_out, reason=reason)
    others = table.drop(columns=treated)
    weights = _matched(table, treated, list(others), year)
    path = pd.DataFrame({"own": table[treated], "synthetic": others @ weights})
    path["gap"] = path["own"] - path["synthetic"]
    size = _size_of_gap(path["gap"], year)
    shown = weights[weights > LEAST_WEIGHT].sort_values(ascending=False, kind="stable")
    return SyntheticControl(
        weights=shown.rename_axis("state").rename("weight").reset_index(),
        path=path.rename_axis("year").reset_index(),
        fit=size["fit"],
        after=size["after"],
        left_out=left_out,
    )


def donor_weights(own: pd.Series, others: pd.DataFrame, importance: pd.Series) -> pd.Series:
    """The weights with which donors come nearest to a unit, given how much each predictor counts.

    own: predictor to value; others: a column a donor, a row a predictor; importance: predictor to
    how much its squared distance counts, zero or more. The result has a weight a donor, none below
    zero, together one. Predictors in different units must be brought to one scale before.
    `synthetic_control` gives it the years before the date, all of the same importance.

    Gaps, predictors that do not agree, and importance that is below zero or nowhere above it raise a
    DataProblem. Source of the measure: Abadie and Gardeazabal 2003, with the optimiser of pysyncon.

    >>> others = pd.DataFrame({"BLR": [1.0, 0.0], "KAZ": [0.0, 1.0]})
    >>> donor_weights(pd.Series([0.25, 0.75]), others, pd.Series([1.0, 1.0])).round(3).to_dict()
    {'BLR': 0.25, 'KAZ': 0.75}
    """
    if not (own.index.equals(others.index) and importance.index.equals(others.index)):
        raise DataProblem("own, others, importance: found different predictors; expected the same.")
    if others.empty:
        raise DataProblem("others: there is no donor or no predictor; expected one at least.")
    a, b, v = (part.to_numpy("float64") for part in (others, own, importance))
    if not all(np.isfinite(part).all() for part in (a, b, v)):
        raise DataProblem("predictors and importance: found gaps; expected a number everywhere.")
    if (v < 0).any() or not v.any():
        raise DataProblem("importance: found values below zero, or none above; expected shares.")
    # The best weights stay the same under a shift common to all and a common scale; the optimiser
    # stops by an absolute tolerance and would stop early on values that are small or far from zero.
    centre = a.mean(axis=1)
    a, b = a - centre[:, None], b - centre
    scale = np.sqrt((a**2).mean()) or 1.0
    options = {"maxiter": 1000, "ftol": 1e-14}
    found, _ = Synth.w_optimize(np.diag(v / v.sum()), a / scale, b / scale, qp_options=options)
    return pd.Series(np.clip(found, 0, 1), index=others.columns, name="weight")


def placebos_in_space(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], year: int
) -> pd.DataFrame:
    """The synthetic control of every unit in turn, as if the date had been its own.

    panel, year: as in `synthetic_control`, with the same years and donors. The treated state is
    never among the donors of another, lest its own change spoil their mixtures. Columns: `state`,
    `fit`, `after` (mean gap), `ratio` (root mean squared gap from the year on by that before it),
    `treated` (whether it is the treated state); the treated state first. Where a mixture is exact
    before the date, the ratio is infinite, or missing if it is exact afterwards as well. Where
    `synthetic_control` has a reason, there are no rows.

    The ratio is compared and not the gap, since a unit with a poor fit has large gaps always. A
    donor has one donor fewer than the treated state. Refused is what `synthetic_control` refuses.
    Source of the measure: Abadie, Diamond and Hainmueller 2010.

    >>> panel = pd.DataFrame({"state": ["ARM"] * 3 + ["BLR"] * 3 + ["KAZ"] * 3,
    ...     "year": [2016, 2017, 2018] * 3, "value": [0.5, 0.7, 0.2, 0.4, 0.4, 0.4, 0.6, 0.8, 0.6]})
    >>> placebos_in_space(panel, "ARM", ["BLR", "KAZ"], 2018)[["state", "ratio"]].round(1)
      state  ratio
    0   ARM   10.8
    1   BLR    0.6
    2   KAZ    0.6
    """
    table, _, reason = _balanced(panel, treated, donors, year)
    rows = []
    if not reason:
        kept = [state for state in table if state != treated]
        exact = _EXACT * table.to_numpy().std()
        for state in table:
            size = _sizes(table, state, [other for other in kept if other != state], year)
            fit, later = size["fit"], size.pop("later")
            if fit > exact:
                ratio = later / fit
            else:
                ratio = math.inf if later > exact else math.nan
            rows.append({"state": state} | size | {"ratio": ratio, "treated": state == treated})
    return pd.DataFrame(rows, columns=["state", "fit", "after", "ratio", "treated"])


def placebo_p(placebos: pd.DataFrame) -> float:
    """The share of units whose ratio is at least as large as that of the treated one.

    placebos: as `placebos_in_space` gives them. The treated unit counts, so the smallest possible
    value is one by the number of units. Units without a ratio are left out; where the treated unit
    has none, or there are no rows, the result is missing. It says how unusual the treated unit is
    among these, if any of them could have been the treated one. Other than one treated unit raises a
    DataProblem. Source of the measure: Abadie, Diamond and Hainmueller 2010.

    >>> ratios = pd.DataFrame({"ratio": [9.2, 0.6], "treated": [True, False]})
    >>> placebo_p(ratios)
    0.5
    """
    if placebos.empty:
        return math.nan
    own = placebos[placebos["treated"].astype(bool)]["ratio"]
    if len(own) != 1:
        raise DataProblem(f"placebos: found {len(own)} treated units; expected one.")
    ratios = placebos["ratio"].dropna()
    if own.isna().any():
        return math.nan
    return float((ratios >= own.iloc[0] * (1 - _TIE)).mean())


def leave_one_out(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], year: int
) -> pd.DataFrame:
    """The synthetic control again, without each of its donors in turn.

    panel, year: as in `synthetic_control`, with the same years. Columns: `left_out` (the donor;
    "none" in the first row, which is the whole), `fit`, `after`. A result that hangs on one donor
    changes when that one goes. Leaving out a donor without weight changes nothing and is no support.
    Where no donor remains, or `synthetic_control` has a reason, figures are missing. Refused is what
    `synthetic_control` refuses. Source of the measure: Abadie, Diamond and Hainmueller 2015.

    >>> panel = pd.DataFrame({"state": ["ARM"] * 3 + ["BLR"] * 3 + ["KAZ"] * 3,
    ...     "year": [2016, 2017, 2018] * 3, "value": [0.5, 0.6, 0.2, 0.4, 0.4, 0.4, 0.6, 0.8, 0.6]})
    >>> leave_one_out(panel, "ARM", ["BLR", "KAZ"], 2018)[["left_out", "after"]].round(2)
      left_out  after
    0     none   -0.3
    1      BLR   -0.4
    2      KAZ   -0.2
    """
    table, _, reason = _balanced(panel, treated, donors, year)
    kept = [] if reason else [state for state in table if state != treated]
    rows = []
    for gone in ("none", *kept):
        size = _sizes(table, treated, [other for other in kept if other != gone], year)
        rows.append({"left_out": gone, "fit": size["fit"], "after": size["after"]})
    return pd.DataFrame(rows)


def dose(outcome: pd.DataFrame, dose: pd.DataFrame, lag: int = 0) -> dict:
    """Whether states with more of something, in the years they had it, had more of the outcome.

    outcome, dose: panels as in `in_windows`. lag: how many years the dose lies before the outcome.
    Both are cleared of what is the state's own and what is the year's own (two-way), and the outcome
    is set against the dose in the years that both have; panels may have gaps. The result has `slope`
    (units of the outcome for one unit of the dose), `p`, `units`, `observations`, `draws` (in how
    many arrangements it was computed anew) and `reason`, which says why a slope is missing.

    p is by randomisation: whole series of the dose are dealt out anew among the states, and p is the
    share of arrangements whose slope is at least as large in absolute value; all arrangements where
    there are at most 5,040 (seven states), else 999 drawn with the seed 1992, to which the one found
    is added. An arrangement in which no slope is defined counts as one at least as large. Asymptotic
    errors are not used: they ask for many independent observations, while here some ten states each
    move slowly, and even errors clustered by state call out far too much with so few clusters. A
    series kept whole keeps its own slowness, so that trends by chance alike are allowed for.

    A slope is not an effect: what moves dose and outcome of the same state in the same years is in
    it, and so is an effect of the outcome on the dose. States in one panel only are not used. A lag
    that is no whole number, zero or more, and what `in_windows` refuses raise a DataProblem. Sources
    of the measure: Bertrand, Duflo and Mullainathan 2004; MacKinnon and Webb 2020.

    >>> own = pd.DataFrame({"state": ["ARM", "BLR"] * 2, "year": [2017, 2017, 2018, 2018],
    ...     "value": [0.0, 0.0, 1.0, 0.0]})
    >>> found = dose(own.assign(value=own["value"] * -0.5), own)
    >>> round(found["slope"], 2), found["p"], found["units"], found["observations"], found["draws"]
    (-0.5, 1.0, 2, 4, 2)
    """
    if not _whole(lag) or lag < 0:
        raise DataProblem(f"the lag is {lag!r}; expected a whole number of years, zero or more.")
    y, d = _wide(outcome), _wide(dose)
    d.columns = d.columns + lag
    y, d = y.align(d, join="inner")
    both = (y.notna() & d.notna()).any(axis=1)
    y, d = y[both].to_numpy(), d[both].to_numpy()
    y = y - (np.nanmean(y) if y.size else 0)
    found, tie = _slope(y, d)
    units, observations = len(y), int((np.isfinite(y) & np.isfinite(d)).sum())
    result = {"slope": found, "p": math.nan, "units": units, "observations": observations}
    if math.isnan(found):
        return result | {"draws": 0, "reason": NO_DOSE}
    if math.factorial(units) <= MOST_ARRANGEMENTS:
        orders, added = list(itertools.permutations(range(units))), 0
    else:
        generator = np.random.default_rng(SEED)
        orders, added = [generator.permutation(units) for _ in range(DRAWS)], 1
    slopes = np.array([_slope(y, d[list(order)])[0] for order in orders])
    as_large = int((~(np.abs(slopes) < abs(found) - tie)).sum())
    p = (as_large + added) / (len(orders) + added)
    return result | {"p": p, "draws": len(orders), "reason": ""}


def smallest_visible(
    panel: pd.DataFrame,
    treated: str,
    donors: Sequence[str],
    before: Window,
    after: Window,
    level: float = 0.10,
    share: float = 0.8,
    effects: Sequence[float] | None = None,
) -> pd.DataFrame:
    """How large a step would have to be for `difference_in_differences` to call it out.

    panel, windows, units: as there. To each unit in turn, taken as the treated one, a step is added
    in the window after, upwards and downwards, and the randomisation is run. Columns: `effect` (the
    size of the step, in the panel's unit), `seen` (the share of units in which the step gets p <=
    level in both directions), `enough` (whether that and the share of every larger step reach
    `share`), `reason` (why nothing can be seen, else ""). effects: the sizes to try; without them 41
    from zero to a little beyond what the most unruly unit would need. `smallest_effect` reads off
    the answer.

    A test that finds nothing says little where only large steps would have been seen; this puts a
    number on it. The treated state's real change stays among the others: where it is large, the
    answer is too cautious, but then the test has found it. With 1/of above the level no step can ever
    be seen, and the reason says so. It holds for a lasting step of one unit, not for a slow drift.
    A level or share outside 0 to 1, sizes below zero, and what `difference_in_differences` refuses
    raise a DataProblem.

    >>> panel = pd.DataFrame({"state": ["ARM", "BLR", "KAZ"] * 2, "year": [2017] * 3 + [2018] * 3,
    ...     "value": [0.5, 0.6, 0.7, 0.4, 0.6, 0.8]})
    >>> windows = ((2017, 2017), (2018, 2018))
    >>> found = smallest_visible(panel, "ARM", ["BLR", "KAZ"], *windows, 0.4, effects=[0.1, 1])
    >>> found[["effect", "seen", "enough"]]
       effect  seen  enough
    0     0.1   0.0   False
    1     1.0   1.0    True
    """
    for name, number in (("level", level), ("share", share)):
        if not 0 < number <= 1:
            raise DataProblem(f"the {name} is {number!r}; expected a number above 0, at most 1.")
    wide = _wide(panel)
    units = _units(wide, donors, treated)
    table = _changes(wide, units, before, after)
    known = table.dropna(subset=["difference"])
    own = known["difference"].to_numpy()
    sizes = _sizes_to_try(own, effects)
    reason = _reason_of_windows(table)
    if reason:
        return pd.DataFrame({"effect": sizes, "seen": math.nan, "enough": False, "reason": reason})
    tie = _tie(known)
    seen = np.array([_share_seen(own, size, level, tie) for size in sizes])
    enough = np.logical_and.accumulate((seen >= share - _TIE)[::-1])[::-1]
    reason = NEVER_SEEN if 1 / len(own) > level else ""
    return pd.DataFrame({"effect": sizes, "seen": seen, "enough": enough, "reason": reason})


def smallest_effect(steps: pd.DataFrame) -> dict:
    """The smallest step that would have been called out, read off `smallest_visible`.

    The result has `effect` (in the panel's unit; missing where even the largest step tried is not
    seen in enough of the units) and `reason`, which then says why. The answer is one size of the
    grid, so it is exact to the grid's width. It is the size a test could see, not that of any
    effect. Columns that are not there raise a DataProblem.

    >>> steps = pd.DataFrame({"effect": [0.1, 0.2], "seen": [0.5, 0.9], "enough": [False, True],
    ...     "reason": ""})
    >>> smallest_effect(steps)
    {'effect': 0.2, 'reason': ''}
    """
    lacking = [name for name in ("effect", "seen", "enough", "reason") if name not in steps]
    if lacking:
        raise DataProblem(f"steps: the columns {', '.join(lacking)} are missing.")
    enough = steps[steps["enough"].astype(bool)]["effect"]
    if len(enough):
        return {"effect": float(enough.min()), "reason": ""}
    reasons = [reason for reason in steps["reason"] if reason]
    return {"effect": math.nan, "reason": reasons[0] if reasons else NOT_SEEN}


def _wide(panel):
    lacking = [name for name in PANEL if name not in panel]
    if lacking:
        raise DataProblem(
            f"panel: the columns {', '.join(lacking)} are missing; expected {', '.join(PANEL)}."
        )
    if panel.empty:
        raise DataProblem("panel: there is no row; expected one a state and year.")
    if panel["state"].isna().any():
        raise DataProblem("panel: found rows without a state; expected a code in each.")
    years, values = panel["year"], panel["value"]
    whole = pd.api.types.is_integer_dtype(years) and years.notna().all()
    if not whole:
        raise DataProblem(f"panel: the years are of type {years.dtype}; expected whole numbers.")
    # A column of nothing but None has no type of its own and is a gap throughout.
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if not numeric and values.notna().any():
        raise DataProblem(f"panel: the values are of type {values.dtype}; expected numbers.")
    doubled = panel[panel.duplicated(["state", "year"])]
    if len(doubled):
        named = ", ".join(f"{r.state} {r.year}" for r in doubled.head(5).itertuples())
        raise DataProblem(f"panel: found two rows of {named}; expected one a state and year.")
    rows = panel[list(PANEL)].assign(value=values.astype("float64"), year=years.astype("int64"))
    if np.isinf(rows["value"]).any():
        raise DataProblem("panel: found values without end; expected numbers or gaps.")
    return rows.pivot(index="state", columns="year", values="value")


def _units(wide, donors, treated=None):
    """The units as a list, the treated one first."""
    if isinstance(donors, str):
        raise DataProblem(f"states to compare: found the text {donors!r}; expected a list.")
    units = [*([] if treated is None else [treated]), *donors]
    if treated is not None and treated in units[1:]:
        raise DataProblem(f"{treated} is the treated state and a donor; take it out of the donors.")
    if len(set(units)) < len(units):
        raise DataProblem(f"states to compare: found some twice in {', '.join(map(str, units))}.")
    if treated is not None and len(units) < 2 or not units:
        raise DataProblem("states to compare: there are none; expected one at least.")
    unknown = [str(state) for state in units if state not in wide.index]
    if unknown:
        known = ", ".join(map(str, wide.index))
        raise DataProblem(f"panel: no row of {', '.join(unknown)}; there are {known}.")
    return units


def _whole(number):
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def _check_year(year):
    if not _whole(year):
        raise DataProblem(f"the year is {year!r}; expected a whole number.")


def _check_windows(before, after):
    for window in (before, after):
        pair = isinstance(window, (tuple, list)) and len(window) == 2 and all(map(_whole, window))
        if not pair or window[0] > window[1]:
            raise DataProblem(f"the window is {window!r}; expected (first year, last year).")
    if before[1] >= after[0]:
        raise DataProblem(f"the windows are {before}, {after}; expected the one to end before.")


def _means(wide, before, after):
    _check_windows(before, after)
    parts = {name: wide.loc[:, slice(*w)] for name, w in (("before", before), ("after", after))}
    means = {name: part.mean(axis=1) for name, part in parts.items()}
    counts = {f"{name}_years": part.notna().sum(axis=1) for name, part in parts.items()}
    return pd.DataFrame(means | counts)


def _changes(wide, units, before, after):
    found = _means(wide, before, after).loc[units, ["before", "after"]]
    change = found["after"] - found["before"]
    others = change.count() - 1
    less_others = math.nan if others < 1 else change - (change.sum() - change) / others
    return found.assign(change=change, difference=less_others).rename_axis("state").reset_index()


def _reason_of_windows(table):
    """Why the first unit of a table of changes cannot be compared with the others."""
    known = table["change"].notna()
    if not known.iloc[0]:
        return TREATED_LACKS
    return "" if known.sum() > 1 else NO_DONOR


def _tie(table):
    return _TIE * table[["before", "after"]].abs().to_numpy().max()


def _difference(wide, units, before, after):
    table = _changes(wide, units, before, after)
    known = table.dropna(subset=["change"])
    reason = _reason_of_windows(table)
    result = {
        "treated_change": float(table["change"].iloc[0]),
        "donors_change": float(table["change"].iloc[1:].mean()),
        "difference": math.nan,
        "p": math.nan,
        "of": len(known),
        "rank": math.nan,
        "left_out": [state for state in units if state not in set(known["state"])],
        "reason": reason,
    }
    if reason:
        return result
    sizes = known["difference"].abs()
    rank = int((sizes >= sizes.iloc[0] - _tie(known)).sum())
    found = {"difference": float(known["difference"].iloc[0]), "p": rank / len(known)}
    return result | found | {"rank": rank}


def _balanced(panel, treated, donors, year):
    """The years of the treated state, a column a unit without gaps, the treated one first."""
    _check_year(year)
    wide = _wide(panel)
    units = _units(wide, donors, treated)
    table = wide.loc[units].T
    table = table[table[treated].notna()]
    left_out = tuple(table.columns[table.isna().any()]) if len(table) else tuple(units[1:])
    table = table.drop(columns=list(left_out))
    if (table.index < year).sum() < 2:
        return table, left_out, NO_PAST
    if not (table.index >= year).any():
        return table, left_out, NO_FUTURE
    return table, left_out, "" if table.shape[1] > 1 else NO_SYNTHETIC_DONOR


def _matched(table, state, others, year):
    past = table[table.index < year]
    return donor_weights(past[state], past[others], pd.Series(1.0, index=past.index))


def _sizes(table, state, others, year):
    if not others:
        return {"fit": math.nan, "after": math.nan, "later": math.nan}
    weights = _matched(table, state, others, year)
    return _size_of_gap(table[state] - table[others] @ weights, year)


def _size_of_gap(gap, year):
    past, later = gap[gap.index < year], gap[gap.index >= year]
    root_mean_square = {"fit": past, "later": later}
    sizes = {name: float(np.sqrt((part**2).mean())) for name, part in root_mean_square.items()}
    return {"fit": sizes["fit"], "after": float(later.mean()), "later": sizes["later"]}


def _slope(y, d):
    """The two-way slope over the cells that both have, and how near to it counts as a tie."""
    there = np.isfinite(y) & np.isfinite(d)
    if not there.any():
        return math.nan, math.nan
    d = np.where(there, d - d[there].mean(), 0.0)
    y = np.where(there, y, 0.0)
    # With gaps, taking off the means of rows and columns once does not clear both: the effects of
    # states and years are solved for together.
    mask = there.astype(float)
    rows, columns = np.diag(mask.sum(axis=1)), np.diag(mask.sum(axis=0))
    system = np.block([[rows, mask], [mask.T, columns]])
    sums = np.concatenate([d.sum(axis=1), d.sum(axis=0)])
    effects = np.linalg.lstsq(system, sums, rcond=1e-10)[0]
    own, common = effects[: len(d)], effects[len(d) :]
    left = np.where(there, d - own[:, None] - common, 0.0)
    spread = (left**2).sum()
    if spread <= _TIE * (d**2).sum():
        return math.nan, math.nan
    return float((left * y).sum() / spread), float(_TIE * np.sqrt((y**2).sum() / spread))


def _sizes_to_try(own, effects):
    if effects is not None:
        sizes = pd.to_numeric(pd.Series(list(effects)), errors="coerce").to_numpy("float64")
        if not len(sizes) or not (np.isfinite(sizes) & (sizes >= 0)).all():
            raise DataProblem(f"the effects are {effects!r}; expected sizes of zero or more.")
        return np.unique(sizes)
    if not len(own):
        return np.array([math.nan])
    # A step in one unit moves all others the other way by its share in their means, so the most
    # unruly unit is overtaken only at this size.
    units = max(len(own), 3)
    most = 2.05 * np.abs(own).max() * (units - 1) / (units - 2)
    return np.linspace(0, most or 1.0, 41)


def _share_seen(own, size, level, tie):
    """The share of units in which a step of a size, both up and down, gets a p up to the level."""
    count = len(own)
    stepped = np.eye(count) - (1 - np.eye(count)) / (count - 1)
    seen = np.ones(count, dtype=bool)
    for step in (size, -size):
        sizes = np.abs(own + step * stepped)
        p = (sizes >= np.diag(sizes)[:, None] - tie).mean(axis=1)
        seen &= p <= level + _TIE
    return seen.mean()
