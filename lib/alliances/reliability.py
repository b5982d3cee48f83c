"""Reliability: what part of the commitments that a war put to the test was honoured.

A promise that was never called upon says nothing about whether it would have been kept, so the
base of every share is the commitments invoked, never all treaties in force. The table
`treaty_obligations/commitments_by_war` holds the counts, by war.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import bdtr, betaincinv

from alliances.problems import DataProblem

LEEDS_LONG_MITCHELL = "leeds-long-mitchell rules"
ALTERNATIVE = "berkemeier-fuhrmann alternative"
OBLIGATIONS = ("any", "defence", "offence", "neutrality", "non-aggression", "consultation")
NEEDED = ("coding", "war_id", "war", "first_year", "obligation", "invoked", "honoured")


def reliability(
    commitments: pd.DataFrame,
    obligation: str = "any",
    first_year: int | None = None,
    last_year: int | None = None,
    coding: str = LEEDS_LONG_MITCHELL,
    level: float = 0.95,
) -> pd.Series:
    """The share of invoked commitments that were honoured, with its exact binomial interval.

    `commitments` holds `coding`, `war_id`, `war`, `first_year`, `obligation`, `invoked` and
    `honoured`, as the table `treaty_obligations/commitments_by_war` does; rows of a war add up.
    `obligation` is one of OBLIGATIONS: the commitments of treaties that promise it, whatever else
    they promise, so the kinds overlap and only "any" is a total. The years choose wars by the year
    in which they began; the table ends in 2003, and later years find nothing. `coding` names whose
    rules decide what counts as invoked and as honoured: two codings are never mixed.

    A Series with `obligation`, `coding`, `honoured`, `invoked` (commitments), `share`, `lower`,
    `upper` (0 to 1) and `wars` (those in which anything was invoked). Where nothing was invoked,
    share and interval are NaN: nobody was asked, which is neither faith nor breach.

    The interval is Clopper and Pearson's. It treats commitments as independent draws. Where those
    of one war share their fate, as when one great power's choice decides several at once, it is
    too narrow: read it with `wars`, `without_each_war` and `interval_over_wars`. It is exact, not
    approximate, because the counts that matter here are as small as 6 of 43. The share must not be
    read as the chance that a given ally keeps its word: which promises are tested is no accident,
    for states attack where they expect the ally to stay away (Smith 1996).

    Raises DataProblem for unusable rows, unknown words and an unusable level. Source of the
    measure: Leeds, Long and Mitchell 2000; Berkemeier and Fuhrmann 2018.

    >>> counts = pd.DataFrame({"coding": LEEDS_LONG_MITCHELL, "war_id": [1, 2], "war": ["A", "B"],
    ...     "first_year": [1914, 1950], "obligation": "any", "invoked": [4, 1], "honoured": [3, 0]})
    >>> reliability(counts)[["honoured", "invoked", "share", "wars"]].to_dict()
    {'honoured': 3, 'invoked': 5, 'share': 0.6, 'wars': 2}
    >>> reliability(counts, first_year=1945)["share"]
    0.0
    """
    chosen = _chosen(commitments, obligation, first_year, last_year, coding)
    return pd.Series(
        {"obligation": obligation, "coding": coding} | _summed(chosen, level), dtype="object"
    )


def reliability_by(
    commitments: pd.DataFrame,
    column: str,
    obligation: str = "any",
    first_year: int | None = None,
    last_year: int | None = None,
    coding: str = LEEDS_LONG_MITCHELL,
    level: float = 0.95,
) -> pd.DataFrame:
    """`reliability` once for each value of a column: "period", "obligation", "members", "coding".

    One row a value that the table holds, in the order of OBLIGATIONS for "obligation" and in
    alphabetical order otherwise; columns: the column itself, then as in `reliability`. Grouping by
    "obligation" or "coding" takes every value of it, whatever the argument of that name says.
    Values of "period", "members" and of a war's name divide the commitments; kinds of obligation
    overlap, and must not be added up or compared as if they were separate treaties.
    Gaps, errors and source as in `reliability`.

    >>> counts = pd.DataFrame({"coding": LEEDS_LONG_MITCHELL, "war_id": [1, 2], "war": ["A", "B"],
    ...     "first_year": [1914, 1950], "period": ["early", "late"], "obligation": "any",
    ...     "invoked": [4, 0], "honoured": [3, 0]})
    >>> reliability_by(counts, "period")[["period", "honoured", "invoked", "share", "wars"]]
       period  honoured  invoked  share  wars
    0   early         3        4   0.75     1
    1    late         0        0    NaN     0
    """
    if column not in commitments or column in ("invoked", "honoured"):
        raise DataProblem(
            f"found {column!r} as the column to group by; expected a column of the table that is"
            f" not a count: {', '.join(set(commitments) - {'invoked', 'honoured'})}."
        )
    words = {"obligation": obligation, "coding": coding}
    known = [word for word in OBLIGATIONS if (commitments[column] == word).any()]
    rows = []
    for value in known if column == "obligation" else sorted(commitments[column].unique()):
        own = words | ({column: value} if column in words else {})
        part = commitments[commitments[column] == value]
        if (part["coding"] == own["coding"]).any():
            chosen = _chosen(part, own["obligation"], first_year, last_year, own["coding"])
            rows.append({column: value} | own | _summed(chosen, level))
    return pd.DataFrame(rows)


def without_each_war(
    commitments: pd.DataFrame,
    obligation: str = "any",
    first_year: int | None = None,
    last_year: int | None = None,
    coding: str = LEEDS_LONG_MITCHELL,
) -> pd.DataFrame:
    """The share with one war left out at a time: how much of it rests on a single war.

    Columns: `war` (the one left out), `first_year`, `left_out` (its invoked commitments),
    `honoured`, `invoked` and `share` of all the others; the lowest share first, so that the first
    and the last row are the range. A war that the table holds in two parts, as it does the Second
    World War, is left out whole. With one war only, its row has no share (NaN). The range is no
    interval with a probability: it shows the weight of the heaviest war, not what chance could do.
    Errors as in `reliability`.

    >>> counts = pd.DataFrame({"coding": LEEDS_LONG_MITCHELL, "war_id": [1, 2], "war": ["A", "B"],
    ...     "first_year": [1914, 1950], "obligation": "any", "invoked": [4, 2], "honoured": [3, 0]})
    >>> without_each_war(counts)
      war  first_year  left_out  honoured  invoked  share
    0   A        1914         4         0        2   0.00
    1   B        1950         2         3        4   0.75
    """
    wars = _by_war(_chosen(commitments, obligation, first_year, last_year, coding))
    left = wars[["war", "first_year"]].assign(
        left_out=wars["invoked"],
        honoured=wars["honoured"].sum() - wars["honoured"],
        invoked=wars["invoked"].sum() - wars["invoked"],
    )
    left["share"] = left["honoured"] / left["invoked"].where(left["invoked"] > 0)
    return left.sort_values(["share", "first_year", "war"], ignore_index=True)


def interval_over_wars(
    commitments: pd.DataFrame,
    obligation: str = "any",
    first_year: int | None = None,
    last_year: int | None = None,
    coding: str = LEEDS_LONG_MITCHELL,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
) -> tuple[float, float]:
    """An interval for the share that takes the war, not the commitment, as the independent case.

    As many wars as there are are drawn with replacement, `draws` times; the interval is between the
    quantiles of the shares so found. Commitments of one war stay together, so it is wider than the
    exact interval where they share their fate, as over 1816 to 2003. Where they do not it may come
    out narrower, because the exact interval errs on the wide side; then the exact one is the safer.
    It is the percentile form: the simplest, and too narrow when wars are few; below about ten it is
    a hint. The same seed gives the same interval.

    Both ends are NaN with fewer than two wars in which anything was invoked, and coincide where
    every war had the same share: the sample then holds no sign of the spread, which is not
    certainty. Raises DataProblem as `reliability` does, and for fewer than 100 draws. Source of the
    measure: Efron and Tibshirani 1993, resampling whole groups.

    >>> counts = pd.DataFrame({"coding": LEEDS_LONG_MITCHELL, "war_id": [1, 2], "war": ["A", "B"],
    ...     "first_year": [1914, 1950], "obligation": "any", "invoked": [4, 4], "honoured": [3, 0]})
    >>> interval_over_wars(counts)
    (0.0, 0.75)
    """
    _refuse_level(level)
    if not _is_whole(draws) or draws < 100:
        raise DataProblem(f"found {draws!r} draws; expected a whole number of 100 or more.")
    wars = _by_war(_chosen(commitments, obligation, first_year, last_year, coding))
    if len(wars) < 2:
        return math.nan, math.nan
    chance = np.full(len(wars), 1 / len(wars))
    times = np.random.default_rng(seed).multinomial(len(wars), chance, size=draws)
    shares = (times @ wars["honoured"].to_numpy()) / (times @ wars["invoked"].to_numpy())
    lower, upper = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


def exact_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval for a share, from counts.

    Between the lowest and the highest true rate under which a count as far out as this one would
    still have at least half of 1 - `level` probability on its side. It covers the true rate at
    least as often as `level` says, often more: with three cases it is wide, and ought to be. Both
    ends are NaN without trials. Trials are held to be independent. Raises DataProblem for counts
    that are not whole, negative or more successes than trials, and for a level outside 0 to 1.
    Source of the measure: Clopper and Pearson 1934.

    >>> [round(bound, 4) for bound in exact_interval(0, 3)]
    [0.0, 0.7076]
    >>> [round(bound, 4) for bound in exact_interval(6, 43)]
    [0.053, 0.2793]
    """
    _refuse_counts(successes, trials)
    _refuse_level(level)
    if trials == 0:
        return math.nan, math.nan
    tail = (1 - level) / 2
    failures = trials - successes
    lower = betaincinv(successes, failures + 1, tail) if successes else 0.0
    upper = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return float(lower), float(upper)


def chance_of_at_most(kept: int, asked: int, base_rate: float) -> float:
    """How often at most `kept` of `asked` commitments would be kept if each had the base rate.

    A small value says that the record would be surprising for an alliance of ordinary reliability;
    a large one only that it would not be, and never that the alliance is reliable. Two cautions:
    the base rate is itself an estimate, so ask again with both ends of its interval; and the
    tests of one alliance are not independent of each other. NaN where nothing was asked: no record
    is no evidence, and a chance of 1 would read as if it were. It is the one-sided binomial tail,
    because the question put to an ally is whether it failed more than others. Raises DataProblem as
    `exact_interval` does, and for a base rate outside 0 to 1.

    >>> round(chance_of_at_most(0, 3, 0.5), 3)
    0.125
    >>> chance_of_at_most(1, 4, 0.0)
    1.0
    """
    _refuse_counts(kept, asked)
    if not isinstance(base_rate, (int, float, np.number)) or not 0 <= base_rate <= 1:
        raise DataProblem(f"found {base_rate!r} as the base rate; expected a share, 0 to 1.")
    return float(bdtr(kept, asked, base_rate)) if asked else math.nan


def chance_of_at_least(kept: int, asked: int, base_rate: float) -> float:
    """How often at least `kept` of `asked` commitments would be kept if each had the base rate.

    The other tail of `chance_of_at_most`, for an ally that came: a small value says that so good a
    record would be surprising for an alliance of ordinary reliability. Cautions, NaN and errors are
    the same.

    >>> chance_of_at_least(1, 1, 0.25)
    0.25
    >>> chance_of_at_least(0, 3, 0.5)
    1.0
    """
    beyond = chance_of_at_most(kept, asked, base_rate)
    if math.isnan(beyond) or kept == 0:
        return beyond if math.isnan(beyond) else 1.0
    return 1.0 - chance_of_at_most(kept - 1, asked, base_rate)


def _chosen(commitments, obligation, first_year, last_year, coding):
    _refuse_rows(commitments)
    known = {"obligation": OBLIGATIONS, "coding": tuple(sorted(commitments["coding"].unique()))}
    problems = [
        f"found {asked!r} as {what}; expected one of {', '.join(known[what])}"
        for what, asked in (("obligation", obligation), ("coding", coding))
        if asked not in known[what]
    ]
    first = -math.inf if first_year is None else first_year
    last = math.inf if last_year is None else last_year
    if first > last:
        problems.append(f"the first year, {first}, is after the last, {last}; exchange them")
    if problems:
        raise DataProblem("; ".join(problems) + ".")
    in_years = commitments["first_year"].between(first, last)
    asked = (commitments["obligation"] == obligation) & (commitments["coding"] == coding)
    return commitments[in_years & asked]


def _refuse_rows(commitments):
    lacking = [column for column in NEEDED if column not in commitments]
    if lacking:
        raise DataProblem(
            f"the table of commitments has no column {', '.join(lacking)}; expected"
            " treaty_obligations/commitments_by_war or a table of its columns."
        )
    problems = list(_wrong_cells(commitments))
    if problems:
        raise DataProblem("the table of commitments: " + "; ".join(problems) + ".")


def _wrong_cells(commitments) -> Iterator[str]:
    for column in NEEDED:
        missing = commitments.index[commitments[column].isna()]
        if len(missing):
            yield f"no {column} in rows {', '.join(map(str, missing[:10]))}"
    for column in ("first_year", "invoked", "honoured"):
        cells = commitments[column]
        numbers = cells if pd.api.types.is_numeric_dtype(cells) else cells.map(_number)
        wrong = commitments[~(numbers >= 0) | (numbers % 1 != 0)]
        for index, value in wrong[column].head(10).items():
            yield f"row {index}, column {column}: found {value!r}, expected 0, 1, 2 and so on"
        if len(wrong):
            return
    more = commitments[commitments["honoured"] > commitments["invoked"]]
    for row in more.head(10).itertuples():
        yield f"row {row.Index}: {row.honoured} honoured of {row.invoked} invoked; correct the row"


def _number(cell):
    return float(cell) if isinstance(cell, (int, float, np.number)) else math.nan


def _by_war(chosen):
    sums = chosen.groupby("war_id", as_index=False).agg(
        war=("war", "first"),
        first_year=("first_year", "min"),
        invoked=("invoked", "sum"),
        honoured=("honoured", "sum"),
    )
    return sums[sums["invoked"] > 0].reset_index(drop=True)


def _summed(chosen, level):
    honoured, invoked = int(chosen["honoured"].sum()), int(chosen["invoked"].sum())
    lower, upper = exact_interval(honoured, invoked, level)
    return {
        "honoured": honoured,
        "invoked": invoked,
        "share": honoured / invoked if invoked else math.nan,
        "lower": lower,
        "upper": upper,
        "wars": len(_by_war(chosen)),
    }


def _is_whole(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _refuse_counts(successes, trials):
    if not (_is_whole(successes) and _is_whole(trials) and 0 <= successes <= trials):
        raise DataProblem(
            f"found {successes!r} of {trials!r}; expected two whole numbers, the first from 0 up to"
            " the second."
        )


def _refuse_level(level):
    if not isinstance(level, (int, float, np.number)) or not 0 < level < 1:
        raise DataProblem(f"found {level!r} as level; expected a number between 0 and 1.")
