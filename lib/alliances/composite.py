"""Composite scores, and how far they hang on the choices made on the way.

A score of several indicators needs a normalisation, weights and an aggregation. None of the three is
given by the data, so no score is computed here but the spread over all of them. The steps and their
names follow the handbook of OECD and JRC 2008.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

ON_GOALPOSTS = ("min-max", "log min-max")
NORMALISATIONS = (*ON_GOALPOSTS, "z-score", "rank")
AGGREGATIONS = ("arithmetic", "geometric")
_SHIFT = 0.01  # of the distance between the goalposts, so that the lower one has a logarithm


def normalised(
    values: pd.DataFrame,
    goalposts: pd.DataFrame,
    method: str,
    low: float = 0,
    high: float = 100,
) -> pd.DataFrame:
    """Indicators brought to one scale.

    values: a row a unit (a state, a year), a column an indicator. goalposts: a row an indicator, with
    `apart` and `close`, the values that become `low` and `high`; where the larger value is the worse
    one, `apart` is the larger. method: "min-max" puts every value where it lies between the
    goalposts; "log min-max" does so with `log_shifted`; "z-score" counts standard deviations from the
    mean of the units (divisor n - 1); "rank" counts from 1, the lowest, and ties get the lowest rank.

    Only the first two keep their place when a unit is added, because their ends are declared and not
    observed; with the other two a new year moves all old ones. A missing value stays missing. Values
    beyond the goalposts, goalposts that are equal or missing, and unknown methods raise a DataProblem.

    >>> values = pd.DataFrame({"share": [0.2, 0.5], "distance": [3.0, 0.0]}, index=[2023, 2024])
    >>> posts = pd.DataFrame({"apart": [0, 4], "close": [1, 0]}, index=["share", "distance"])
    >>> normalised(values, posts, "min-max")
          share  distance
    2023   20.0      25.0
    2024   50.0     100.0
    """
    if method not in NORMALISATIONS:
        raise DataProblem(
            f"the normalisation {method!r} is unknown; expected {', '.join(NORMALISATIONS)}."
        )
    part = _parts(values, goalposts)
    if method == "min-max":
        return low + part * (high - low)
    if method == "log min-max":
        logs = np.log(part + _SHIFT)
        ends = np.log(_SHIFT), np.log(1 + _SHIFT)
        return low + (logs - ends[0]) / (ends[1] - ends[0]) * (high - low)
    if method == "z-score":
        return (part - part.mean()) / part.std(ddof=1).where(part.nunique() > 1)
    return part.rank(method="min")


def log_shifted(values: pd.DataFrame, goalposts: pd.DataFrame) -> pd.DataFrame:
    """The logarithm of the distance from the goalpost `apart`, for indicators with a long tail.

    log(x - apart + 0.01 (close - apart)); values and goalposts as in `normalised`. It draws a few
    very high values in. Whether they should be is a judgement: for a share, half is twice a quarter
    and nothing needs drawing in. Source of the measure: Becker and others 2022.

    >>> posts = pd.DataFrame({"apart": [0], "close": [10]}, index=["people"])
    >>> log_shifted(pd.DataFrame({"people": [0.0, 9.9]}), posts).round(2)["people"].tolist()
    [-2.3, 2.3]
    """
    width = (goalposts["close"] - goalposts["apart"]).abs().astype("float64")
    return np.log((_parts(values, goalposts) + _SHIFT).mul(width[values.columns], axis=1))


def aggregated(
    scores: pd.DataFrame, weights: Mapping[str, float] | pd.Series, how: str
) -> pd.Series:
    """One score a unit from several normalised indicators.

    scores: as from `normalised`. weights: {indicator: weight}, zero or more, scaled to add up to one.
    how: "arithmetic" lets a high value make good a low one in full; "geometric" does so only in part,
    and needs scores above zero. A unit that lacks an indicator with a weight has no score, since a
    score of fewer indicators is another score. Weights that do not fit, unknown aggregations and
    scores of zero or less under the geometric mean raise a DataProblem.

    >>> scores = pd.DataFrame({"a": [4.0], "b": [100.0]})
    >>> [float(round(aggregated(scores, {"a": 1, "b": 1}, how)[0], 1)) for how in AGGREGATIONS]
    [52.0, 20.0]
    """
    if how not in AGGREGATIONS:
        raise DataProblem(
            f"the aggregation {how!r} is unknown; expected {', '.join(AGGREGATIONS)}."
        )
    weight = pd.Series(dict(weights), dtype="float64")
    if set(weight.index) != set(scores.columns):
        raise DataProblem(
            f"the weights are of {', '.join(weight.index)}; expected {', '.join(scores.columns)}."
        )
    if not ((weight >= 0).all() and np.isfinite(weight).all() and weight.sum() > 0):
        raise DataProblem(
            f"the weights are {weight.tolist()}; expected zero or more, not all zero."
        )
    used = weight[weight > 0] / weight.sum()
    chosen = scores[used.index]
    if how == "arithmetic":
        return chosen.mul(used).sum(axis=1, skipna=False)
    if (chosen <= 0).any(axis=None):
        raise DataProblem(
            "scores of zero or less have no geometric mean; normalise them to begin above zero."
        )
    return np.exp(np.log(chosen).mul(used).sum(axis=1, skipna=False))


def spread(
    values: pd.DataFrame,
    goalposts: pd.DataFrame,
    weightings: Mapping[str, Mapping[str, float]],
    low: float = 1,
    high: float = 100,
) -> pd.DataFrame:
    """The score of every unit under every normalisation, weighting and aggregation.

    values, goalposts, low, high: as in `normalised`. weightings: {words: weights}. Columns: `unit`,
    `normalisation`, `weighting`, `aggregation`, `score`, `rank` (1 is the highest, ties get the best).
    Units that lack a value are left out, so that all are scored on the same indicators. Z-scores are below zero half
    of the time and have no geometric mean; that combination has no rows.

    The scale begins at `low`, above zero, because in a geometric mean one zero would decide; how far
    above zero it begins decides the geometric scores in part, and that is one more choice nobody can
    defend. Scores of different normalisations are in different units: compare their ranks, and
    scores only within ON_GOALPOSTS. Errors as in `normalised` and `aggregated`, and for fewer than
    two units. Source of the practice: OECD and JRC 2008.

    >>> values = pd.DataFrame({"a": [0.2, 0.6], "b": [0.5, 0.4]}, index=[2023, 2024])
    >>> posts = pd.DataFrame({"apart": 0, "close": 1}, index=["a", "b"])
    >>> scores = spread(values, posts, {"equal": {"a": 1, "b": 1}})
    >>> len(scores), scores[scores["unit"] == 2024]["rank"].tolist()
    (14, [1, 1, 1, 1, 1, 1, 1])
    """
    complete = values.dropna()
    if len(complete) < 2:
        raise DataProblem(
            f"found {len(complete)} units with all of {', '.join(values.columns)}; expected two or"
            " more. Leave out the indicator that is seldom observed."
        )
    rows = []
    for method in NORMALISATIONS:
        scores = normalised(complete, goalposts, method, low, high)
        if method == "z-score":
            # An indicator that never varies has no z-score and tells no two units apart.
            scores = scores.fillna(0.0)
        for words, weights in weightings.items():
            for how in AGGREGATIONS[:1] if method == "z-score" else AGGREGATIONS:
                score = aggregated(scores, weights, how)
                about = {"normalisation": method, "weighting": words, "aggregation": how}
                rank = score.round(12).rank(ascending=False, method="min").astype("int64")
                rows.append(
                    pd.DataFrame({"unit": score.index} | about).assign(
                        score=score.to_numpy(), rank=rank.to_numpy()
                    )
                )
    return pd.concat(rows, ignore_index=True)


def spread_by_unit(scores: pd.DataFrame) -> pd.DataFrame:
    """How far a unit's score and rank reach over all combinations of `spread`.

    Columns: `unit`, `lowest`, `median`, `highest` (of the scores on fixed goalposts), `best_rank`,
    `median_rank`, `worst_rank` (of all combinations), `combinations`, `units`. The spread is no
    interval: it holds the choices that were tried and says nothing of those that were not, nor of
    errors in the data.

    >>> scores = pd.DataFrame({"unit": [2024, 2024], "normalisation": ["min-max", "rank"],
    ...     "score": [40.0, 2.0], "rank": [3, 5]})
    >>> spread_by_unit(scores)[["lowest", "highest", "best_rank", "worst_rank"]].values.tolist()
    [[40.0, 40.0, 3.0, 5.0]]
    """
    _require(scores, ["unit", "normalisation", "score", "rank"], "scores")
    fixed = scores[scores["normalisation"].isin(ON_GOALPOSTS)].groupby("unit")["score"]
    ranks = scores.groupby("unit")["rank"]
    found = pd.DataFrame(
        {
            "lowest": fixed.min(),
            "median": fixed.median(),
            "highest": fixed.max(),
            "best_rank": ranks.min(),
            "median_rank": ranks.median(),
            "worst_rank": ranks.max(),
            "combinations": ranks.size(),
        }
    )
    return found.assign(units=len(found)).reset_index()


def change_by_combination(scores: pd.DataFrame, before: object, after: object) -> pd.DataFrame:
    """How the score and the rank of one unit differ from those of another, in every combination.

    scores: from `spread`; before, after: two of its units. Columns: `normalisation`, `weighting`,
    `aggregation`, `change` (of the score, in the unit of its normalisation), `places` (how many places
    it fell; negative where it rose). Where the signs differ, the score has no answer. A unit that is
    not there raises a DataProblem.

    >>> scores = pd.DataFrame({"unit": [2017, 2024], "normalisation": "min-max",
    ...     "weighting": "equal", "aggregation": "arithmetic", "score": [50.0, 30.0], "rank": [2, 9]})
    >>> change_by_combination(scores, 2017, 2024)[["change", "places"]].values.tolist()
    [[-20.0, 7.0]]
    """
    keys = ["normalisation", "weighting", "aggregation"]
    _require(scores, ["unit", *keys, "score", "rank"], "scores")
    lacking = [unit for unit in (before, after) if unit not in set(scores["unit"])]
    if lacking:
        known = ", ".join(str(unit) for unit in scores["unit"].unique())
        raise DataProblem(f"scores: no unit {', '.join(map(str, lacking))}; there are {known}.")
    then, now = (
        scores[scores["unit"] == unit].set_index(keys)[["score", "rank"]]
        for unit in (before, after)
    )
    moved = (now - then).rename(columns={"score": "change", "rank": "places"})
    return moved.reset_index()


def cronbach_alpha(scores: pd.DataFrame) -> float:
    """Whether several indicators move together as if they measured one thing, at most 1.

    scores: as from `normalised`, a row a unit; units that lack a value are left out. About 0.7 is
    often asked for before indicators are added up. Over years a high value shows common trends and
    no common cause, and a low or negative one that some rose while others fell. Fewer than two
    indicators or three units give NaN. Source of the measure: Cronbach 1951.

    >>> cronbach_alpha(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 3.0]}))
    1.0
    """
    complete = scores.dropna()
    count = complete.shape[1]
    whole = complete.sum(axis=1).var(ddof=1)
    if count < 2 or len(complete) < 3 or not whole > 0:
        return float("nan")
    return float(count / (count - 1) * (1 - complete.var(ddof=1).sum() / whole))


def principal_components(scores: pd.DataFrame) -> tuple[list[float], pd.Series]:
    """The variances of the principal components of several indicators, and the first one's loadings.

    scores: as from `normalised`; units that lack a value are left out, as are indicators that never
    vary. Each indicator is first brought to a variance of one, so the variances (largest first) add
    up to the number of indicators. The loadings say which indicators the first component holds
    together; their sign as a whole is free and is set so that they add up to more than zero. Weights
    taken from it would reward what is counted twice. Fewer than two indicators or three units give
    an empty answer. Source of the measure: Pearson 1901; its use here: OECD and JRC 2008.

    >>> values, loadings = principal_components(pd.DataFrame({"a": [1, 2, 3], "b": [2, 4, 6]}))
    >>> [round(value, 3) for value in values], loadings.round(3).tolist()
    ([2.0, 0.0], [0.707, 0.707])
    """
    complete = scores.dropna()
    varied = complete.loc[:, complete.nunique() > 1]
    if varied.shape[1] < 2 or len(varied) < 3:
        return [], pd.Series(dtype="float64")
    values, vectors = np.linalg.eigh(np.corrcoef(varied.to_numpy("float64"), rowvar=False))
    first = vectors[:, -1] * (1 if vectors[:, -1].sum() >= 0 else -1)
    variances = [float(max(value, 0.0)) for value in values[::-1]]
    return variances, pd.Series(first, index=varied.columns)


def left_out_in_turn(indicators: Sequence[str]) -> dict[str, dict[str, float]]:
    """Weightings in which one indicator after another has no weight and the others are equal.

    They show whether a score rests on one indicator. The words are "without " and its name.

    >>> left_out_in_turn(["a", "b"])
    {'without a': {'a': 0.0, 'b': 1.0}, 'without b': {'a': 1.0, 'b': 0.0}}
    """
    return {
        f"without {gone}": {name: float(name != gone) for name in indicators} for gone in indicators
    }


def agreement_of_orders(scores: pd.DataFrame) -> float:
    """How alike the combinations of `spread` order the units: Kendall's W, 0 to 1.

    1: every combination gives one order; 0: no two have anything in common. It says whether the
    choices matter for the order, and not whether the order is right. Source: Kendall and Babington
    Smith 1939, with the correction for ties.

    >>> scores = pd.DataFrame({"unit": [1, 2, 3] * 2, "normalisation": ["a"] * 3 + ["b"] * 3,
    ...     "weighting": "w", "aggregation": "m", "rank": [1, 2, 3, 3, 2, 1], "score": 0.0})
    >>> agreement_of_orders(scores)
    0.0
    """
    keys = ["normalisation", "weighting", "aggregation"]
    table = scores.pivot(index="unit", columns=keys, values="rank")
    units, judges = table.shape
    # The correction for ties needs each tie's mean rank, where the table has its best.
    ranks = table.rank(axis=0)
    ties = sum(sum(count**3 - count for count in table[one].value_counts()) for one in table)
    deviations = ranks.sum(axis=1) - judges * (units + 1) / 2
    whole = judges**2 * (units**3 - units) - judges * ties
    return float(12 * (deviations**2).sum() / whole) if whole > 0 else float("nan")


def _parts(values, goalposts):
    """How far each value lies from the goalpost `apart` to the goalpost `close`, 0 to 1."""
    _require(goalposts, ["apart", "close"], "goalposts")
    lacking = [name for name in values.columns if name not in goalposts.index]
    if lacking:
        raise DataProblem(f"goalposts: there is no row for {', '.join(map(str, lacking))}.")
    ends = goalposts.loc[values.columns, ["apart", "close"]].astype("float64")
    width = ends["close"] - ends["apart"]
    wrong = [name for name, one in width.items() if not (np.isfinite(one) and one != 0)]
    if wrong:
        raise DataProblem(f"goalposts: two different numbers are needed for {', '.join(wrong)}.")
    part = values.astype("float64").sub(ends["apart"], axis=1).div(width, axis=1)
    beyond = [name for name in part if ((part[name] < -1e-9) | (part[name] > 1 + 1e-9)).any()]
    if beyond:
        raise DataProblem(
            f"values beyond the goalposts of {', '.join(beyond)}; move them, with a reason."
        )
    return part.clip(0, 1)


def _require(table, columns, name):
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise DataProblem(f"{name}: the columns {', '.join(lacking)} are missing.")
