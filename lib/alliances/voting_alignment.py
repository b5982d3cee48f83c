"""Voting alignment: how alike two states vote, from roll calls to measures with their intervals.

The positions are ordered, yes - abstain - no, and the whole scale stays in every measure whether
or not a state ever used it. A state that did not vote is absent; it is not abstaining. Agreement
moves with the agenda, so compare partners within a year before comparing years.
"""

import itertools
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
import numpy as np
import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import Prose, say

PERMANENT_MEMBERS = ["CHN", "FRA", "GBR", "RUS", "USA"]  # of the Security Council
POSITIONS = ("yes", "abstain", "no")
VOTES = (*POSITIONS, "absent")
CODES = {"yes": 1, "abstain": 2, "no": 3, "absent": 8, "not a member": 9}
JOINT = tuple(f"{own}_{other}" for own in POSITIONS for other in POSITIONS)
ABSENCES = ("focal_absent", "partner_absent", "both_absent")
ONE_ABSENT = tuple(f"absent_{other}" for other in POSITIONS) + tuple(
    f"{own}_absent" for own in POSITIONS
)
COUNTS = (*JOINT, *ABSENCES, *ONE_ABSENT)

WEIGHTINGS = {"nominal": 0, "linear": 1, "quadratic": 2}
BY_DISTANCE = ("share_identical", "lijphart", "s_absolute", "s_squared")
CHANCE_CORRECTED = (
    "kappa_nominal",
    "kappa_linear",
    "kappa_quadratic",
    "pi_nominal",
    "pi_linear",
    "pi_quadratic",
)
MEASURES = (*BY_DISTANCE, *CHANCE_CORRECTED, "tau_b", "alignment_index")
PAIR_MEASURES = (
    "share_identical",
    "lijphart",
    "s_absolute",
    "kappa_nominal",
    "kappa_linear",
    "kappa_quadratic",
    "pi_nominal",
)
ABSENCE_RULES = ("left_out", "as_abstention", "as_disagreement")

NO_ROLL_CALL = "no roll call on which both voted"
ONE_POSITION = "both took one and the same position every time, so chance explains all agreement"
NO_VARIATION = "one of the two took the same position every time, so nothing can vary together"
TOO_MANY_UNDEFINED = "undefined in more of the draws than the level leaves outside"
REASONS = ("", NO_VARIATION, ONE_POSITION, NO_ROLL_CALL)  # the gravest last
RULE_TYPE = pd.CategoricalDtype(ABSENCE_RULES)
REASON_TYPE = pd.CategoricalDtype(REASONS)


def pair_counts(focal_votes: Iterable[str], partner_votes: Iterable[str]) -> pd.DataFrame:
    """How often two states took each pair of positions, from their votes on the same roll calls.

    Votes are "yes", "abstain", "no" or "absent", in the same order of roll calls. The result has
    one row and the columns `COUNTS`: `yes_yes` ... `no_no` (focal state first), then
    `focal_absent` (and the partner voted), `partner_absent`, `both_absent`, and how the other
    voted meanwhile, `absent_yes` ... `no_absent`. A roll call held before a state was a member
    belongs in no column: leave it out beforehand. Absence is kept apart because weak states stay
    away on purpose; calling it abstention invents a vote.

    Raises DataProblem for votes of another name and for unequal numbers of roll calls.

    >>> counts = pair_counts(["yes", "yes", "absent"], ["yes", "no", "no"])
    >>> counts[["yes_yes", "yes_no", "focal_absent", "absent_no"]]
       yes_yes  yes_no  focal_absent  absent_no
    0        1       1             1          1
    """
    own, other = (pd.Series(list(votes), dtype=object) for votes in (focal_votes, partner_votes))
    if len(own) != len(other):
        raise DataProblem(
            f"votes: found {len(own)} votes of the focal state and {len(other)} of the partner, "
            "expected one each for the same roll calls. Mark a state that did not vote absent."
        )
    _check_votes({"focal state": own, "partner": other})
    cells = (own.astype(str) + "_" + other.astype(str)).value_counts()
    return _with_absences(cells.to_frame().T).reset_index(drop=True).rename_axis(columns=None)


def counts_by_partner(
    roll_calls: pd.DataFrame, focal: str, by: Sequence[str] = ("year",)
) -> pd.DataFrame:
    """The counts of `pair_counts` for a focal state with every other state, for example by year.

    `roll_calls` is long: `state`, `roll_call`, `vote` and the columns `by`, one row for each
    state that was a member at that roll call, absent ones included. The result has one row for
    each partner and value of `by`: `focal`, `partner`, `by`, then `COUNTS`. A state without a row
    was no member, or nobody looked: the roll call counts nowhere for that pair. Taking a missing
    row for an absence would make new members look like absentees.

    Raises DataProblem for lacking columns, other votes, a state twice in a roll call, and a focal
    state without any vote.

    >>> roll_calls = pd.DataFrame({"state": ["ARM", "RUS"], "roll_call": [1, 1], "year": [2024] * 2,
    ...     "vote": ["yes", "no"]})
    >>> counts_by_partner(roll_calls, "ARM")[["focal", "partner", "year", "yes_no", "no_no"]]
      focal partner  year  yes_no  no_no
    0   ARM     RUS  2024       1      0
    """
    by = list(by)
    _check_roll_calls(roll_calls, ["state", "roll_call", "vote", *by])
    if focal not in set(roll_calls["state"]):
        raise DataProblem(
            f"roll calls, column state: found no vote of {focal!r}, expected one of "
            f"{', '.join(sorted(set(roll_calls['state'])))}. Choose a state of the table."
        )
    own = roll_calls.loc[roll_calls["state"] == focal, ["roll_call", "vote", *by]]
    others = roll_calls.loc[roll_calls["state"] != focal, ["roll_call", "state", "vote"]]
    both = others.merge(own, on="roll_call", suffixes=("", "_focal"))
    both = both.assign(cell=both["vote_focal"] + "_" + both["vote"]).rename(
        columns={"state": "partner"}
    )
    cells = both.groupby(["partner", *by])["cell"].value_counts().unstack(fill_value=0)
    counts = _with_absences(cells).rename_axis(columns=None).reset_index()
    counts.insert(0, "focal", focal)
    return counts


def similarity(tables: np.ndarray, measures: Sequence[str] = MEASURES) -> dict[str, np.ndarray]:
    """Measures of similarity from square tables over one ordered scale of any number of steps.

    `tables` has shape (..., k, k): counts, or sums of weights, with one state's positions in the
    rows, the other's in the columns, in the order of the scale and all of them, used or not; the
    result maps each measure to an array of shape (...).

    `share_identical`, `lijphart` (Lijphart 1963) run from 0 to 1; `s_absolute` and `s_squared`
    (Signorino and Ritter 1999), `kappa_*` (Cohen 1960, 1968), `pi_*` (Scott 1955), `tau_b`
    (Kendall 1945) up to 1; `alignment_index` is S less the S of independent states (Benati and
    Capurri 2026). Undefined is NaN: an empty table; kappa and pi where both used one and the same
    position; tau-b where either never varied. Distances are divided by the whole scale and not
    by the range seen, or two states that never say no would seem further apart than they are.

    Raises DataProblem for an unknown measure.

    >>> found = similarity(np.array([[2, 1], [0, 1]]), ["share_identical", "kappa_nominal"])
    >>> {name: float(value) for name, value in found.items()}
    {'share_identical': 0.75, 'kappa_nominal': 0.5}
    """
    _check_named("measure", measures, MEASURES)
    tables = np.asarray(tables, dtype=float)
    return _values(np.moveaxis(tables, (-2, -1), (0, 1)), measures)[0]


def agreement(
    counts: pd.DataFrame, measures: Sequence[str] | None = None, absences: str = "left_out"
) -> pd.DataFrame:
    """Measures of agreement for every row of a table of counts, such as one pair's years.

    `counts` holds the nine counts `yes_yes` ... `no_no`; its other columns that are no counts
    name the row. One row comes back for each row and measure: those names, `measure`, `value`,
    `roll_calls` (the number it rests on), `absence_rule`, `reason` (why a value is NaN).

    `absences`: "left_out" uses the roll calls on which both voted. "as_abstention" needs
    `both_absent` and `absent_yes` ... `no_absent`, and is there to show what that common reading
    does to a result. "as_disagreement" lets a roll call on which one of the two was absent weigh
    like yes against no, a lower bound (needs `focal_absent`, `partner_absent`; both absent stays
    out); it is refused for kappa, pi, tau-b and the alignment index, as an absence has no place
    on the scale from which chance agreement is reckoned. Measures and sources: `similarity`;
    without `measures`, all that the rule admits.

    A share must not be read as friendship: most of it is the agenda both were handed. Raises
    DataProblem for counts that are no counts, repeated rows, unknown measures or rules.

    >>> counts = pd.DataFrame({"year": [2023, 2024]}).join(pd.DataFrame(0, range(2), JOINT))
    >>> counts.loc[0, ["yes_yes", "yes_no"]] = [3, 1]
    >>> agreement(counts, ["share_identical"])[["year", "value", "roll_calls", "reason"]]
       year  value  roll_calls                            reason
    0  2023   0.75           4
    1  2024    NaN           0  no roll call on which both voted
    """
    names = _admitted(measures, absences)
    cells, beyond = _cells(counts, absences)
    values, base = _values(cells, names, beyond)
    return _long(counts, names, absences, base, {"value": values})


def agreement_interval(
    counts: pd.DataFrame,
    measures: Sequence[str] | None = None,
    absences: str = "left_out",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1992,
) -> pd.DataFrame:
    """The result of `agreement` with an interval by bootstrap over roll calls.

    Roll calls are drawn anew with replacement, as many as the measure rests on, `draws` times; a
    draw from the counts is exactly that. Added columns: `lower`, `upper` (percentiles), `level`,
    `draws`, `draws_undefined`, `seed`. A row's interval does not depend on the other rows. Draws
    in which the measure is undefined are left out and counted; where they are more than the
    level leaves outside, there is no interval and `reason` says so.

    A year's votes are all there were, not a sample: the interval says how far a measure hangs on
    which texts were put to the vote, taking them as unrelated, which votes on one conflict are
    not. It is therefore rather too narrow, and no test of a difference between years. An
    interval of no width (all votes identical) says that no draw can differ, not that we are sure.

    Source: Efron 1979. Raises DataProblem as `agreement`, and for a level or draws out of range.

    >>> counts = pd.DataFrame([dict.fromkeys(JOINT, 0) | {"yes_yes": 60, "yes_no": 40}])
    >>> agreement_interval(counts, ["share_identical"])[["value", "lower", "upper"]].round(1)
       value  lower  upper
    0    0.6    0.5    0.7
    """
    if not 0 < level < 1 or draws < 1:
        raise DataProblem(
            f"interval: found level {level} and {draws} draws, expected a level between 0 and 1 "
            "and at least one draw. A usual choice is 0.95 and 2000."
        )
    names = _admitted(measures, absences)
    cells, beyond = _cells(counts, absences)
    values, base = _values(cells, names, beyond)
    found = {"value": values} | _resampled(cells, beyond, names, level, draws, seed)
    result = _long(counts, names, absences, base, found)
    vague = result["value"].notna() & result["lower"].isna()
    result.loc[vague, "reason"] = "no interval: " + TOO_MANY_UNDEFINED
    return result.assign(level=level, draws=draws, seed=seed)


def partner_rank(
    counts: pd.DataFrame,
    partner: str,
    measure: str = "share_identical",
    minimum_joint_share: float = 0.5,
    absences: str = "left_out",
) -> pd.DataFrame:
    """Where a partner stands, year by year, among all partners of one focal state.

    `counts` holds one focal state's counts with every partner: `partner`, `year`, the nine counts
    and `partner_absent`. One row a year: `year`, `partner`, `measure`, `value`, `rank` (1 agrees
    most; 1 + how many agree more), `tied_with` (how many others share the rank), `partners_ranked`,
    `partners_left_out`, `absence_rule`, `reason`.

    A partner is ranked if it voted on at least `minimum_joint_share` of the roll calls on which
    the focal state voted, since a share over a dozen votes can head the list by luck. A year's
    agenda moves all partners alike, so the rank is steadier than the share; but places lie close
    together in the middle and a fall of twenty may be one vote. No rank: NaN and `reason`.

    Raises DataProblem as `agreement`, for an unknown partner and for more than one focal state.

    >>> counts = pd.DataFrame(0, range(2), [*JOINT, "partner_absent"]).assign(year=2024)
    >>> counts["partner"], counts["yes_yes"], counts["yes_no"] = ["RUS", "FRA"], [5, 6], [5, 4]
    >>> partner_rank(counts, "RUS")[["year", "partner", "value", "rank", "partners_ranked"]]
       year partner  value  rank  partners_ranked
    0  2024     RUS    0.5     2                2
    """
    _check_ranking(counts, partner)
    found = agreement(counts, [measure], absences)
    joint = counts[list(JOINT)].sum(axis=1).to_numpy()
    votes = pd.Series(joint + counts["partner_absent"].to_numpy()).groupby(found["year"])
    found["ranked"] = joint >= minimum_joint_share * votes.transform("max").to_numpy()
    # Equal shares of different fractions may differ in the last digit of a float.
    found["compared"] = found["value"].where(found["ranked"]).round(12)
    rows = [_rank(year, group, partner) for year, group in found.groupby("year")]
    ranks = pd.DataFrame(rows).assign(measure=measure, absence_rule=absences)
    ranks = ranks.astype({"rank": "Int64", "tied_with": "Int64"})
    return ranks[
        [
            "year",
            "partner",
            "measure",
            "value",
            "rank",
            "tied_with",
            "partners_ranked",
            "partners_left_out",
            "absence_rule",
            "reason",
        ]
    ]


def all_pairs(
    votes: np.ndarray,
    states: Sequence[str],
    measures: Sequence[str] = PAIR_MEASURES,
    absences: str = "left_out",
) -> pd.DataFrame:
    """Measures of agreement for all pairs of states at once.

    `votes` has one row a state and one column a roll call, in the codes of `CODES`: 1 yes,
    2 abstain, 3 no, 8 absent, 9 not a member; `vote_matrix` makes it. One row for each of the
    pairs: `state_a`, `state_b`, `roll_calls`, a column for each measure, `absence_rule`,
    `reason`. As a pair has several measures, `reason` names the gravest cause of a NaN among
    them: no common roll call (all), one common position (kappa and pi), no variation (tau-b).

    Counts come from products of matrices of zeros and ones rather than from loops over pairs;
    single precision holds them exactly up to 16 million roll calls. Rules for absences and all
    cautions as in `agreement`. Raises DataProblem for other codes and a wrong number of states.

    >>> all_pairs([[1, 1, 3], [1, 3, 3]], ["ARM", "RUS"], ["share_identical"])[
    ...     ["state_a", "state_b", "roll_calls", "share_identical"]]
      state_a state_b  roll_calls  share_identical
    0     ARM     RUS           3         0.666667
    """
    names = _admitted(measures, absences)
    votes = _checked_votes(votes, states)
    first, second, *places = _pairs(len(votes))
    cells, beyond = _pair_cells(votes, places, absences)
    values, base = _values(cells, names, beyond)
    listed = pd.CategoricalDtype(list(states))
    rule = np.full(len(first), ABSENCE_RULES.index(absences), dtype=np.int8)
    columns = {
        "state_a": _categories(first, listed),
        "state_b": _categories(second, listed),
        "roll_calls": base.astype("int64"),
        **values,
        "absence_rule": _categories(rule, RULE_TYPE),
        "reason": _categories(_gravest_causes(values, base), REASON_TYPE),
    }
    return pd.DataFrame(columns, copy=False)


def vote_matrix(roll_calls: pd.DataFrame) -> pd.DataFrame:
    """The matrix that `all_pairs` takes, from a long table of votes.

    `roll_calls` holds `state`, `roll_call` and `vote` (yes, abstain, no, absent). The result has
    a row for each state, a column for each roll call, and the codes of `CODES`; a state without a
    row in a roll call has 9, not a member, and is compared with nobody there. Reading such a gap
    as an absence would need a list of members, which this table is not. Raises DataProblem for
    lacking columns, other votes and a state twice in a roll call.

    >>> votes = pd.DataFrame({"state": ["ARM", "RUS", "RUS"], "roll_call": ["a", "a", "b"],
    ...     "vote": ["yes", "no", "absent"]})
    >>> vote_matrix(votes).to_numpy().tolist()
    [[1, 9], [3, 8]]
    """
    _check_roll_calls(roll_calls, ["state", "roll_call", "vote"])
    coded = roll_calls.assign(vote=roll_calls["vote"].map(CODES))
    wide = coded.pivot(index="state", columns="roll_call", values="vote")
    return wide.fillna(CODES["not a member"]).astype("int8")


def ideal_point_distance(
    points: pd.DataFrame,
    state_a: str,
    state_b: str,
    years: Iterable[int] | None = None,
    value: str = "ideal_point",
) -> pd.DataFrame:
    """How far apart the ideal points of two states lie, year by year.

    `points` holds `state`, `year` and the column `value`, one row for each; without `years`, all
    years in which either state has a row. Columns: `year`, `state_a`, `state_b`,
    `ideal_point_a`, `ideal_point_b`, `distance` (absolute, on the scale of the estimates, which
    has no unit), `reason`. A year in which either lacks a point has no distance.

    The estimates allow for the agenda, which shares of identical votes do not; in exchange a
    distance says nothing of how sure it is, and small ones are within the error of estimation.
    A table without any row, as of a period before or after the estimates, gives no row. Raises
    DataProblem for unusable rows and unknown states. Source of the measure: Bailey,
    Strezhnev and Voeten 2017.

    >>> points = pd.DataFrame({"state": ["ARM", "RUS"], "year": 2024, "ideal_point": [0.1, -0.6]})
    >>> ideal_point_distance(points, "ARM", "RUS")[["year", "distance"]].round(3)
       year  distance
    0  2024       0.7
    """
    wide = _points_by_state(points, [state_a, state_b], value)
    wide = wide.reindex(wide.index if years is None else list(years))
    distance = (wide[state_a] - wide[state_b]).abs()
    return pd.DataFrame(
        {
            "year": wide.index.astype("int64"),
            "state_a": state_a,
            "state_b": state_b,
            "ideal_point_a": wide[state_a].to_numpy(),
            "ideal_point_b": wide[state_b].to_numpy(),
            "distance": distance.to_numpy(),
            "reason": np.where(distance.isna(), "no ideal point of one of the two", ""),
        }
    )


def ideal_point_change(
    points: pd.DataFrame,
    states: Sequence[str],
    base: int | tuple[int, int],
    value: str = "ideal_point",
) -> pd.DataFrame:
    """How far each state has moved since a base: whether the one or the other went away.

    `base` is a year, or the first and last year of a window whose mean is taken. Columns:
    `state`, `year`, `ideal_point`, `base_ideal_point`, `change` (signed; the direction has the
    meaning that the estimates give it), `base_first_year`, `base_last_year`, `base_years` (how
    many years the base rests on), `reason`.

    A window is the safer base where single years jump; a year is the plainer one where an event
    dates the question. Changes compare across states, as all lie on one scale, but the scale is
    itself estimated from all votes. Raises DataProblem as `ideal_point_distance`. Source as there.

    >>> points = pd.DataFrame({"state": ["RUS"] * 2, "year": [2021, 2024],
    ...     "ideal_point": [0.0, -0.5]})
    >>> ideal_point_change(points, ["RUS"], base=2021)[["state", "year", "change"]]
      state  year  change
    0   RUS  2021     0.0
    1   RUS  2024    -0.5
    """
    first, last = (base, base) if np.ndim(base) == 0 else base
    if first > last:
        raise DataProblem(f"base: found {first} to {last}, expected the first year first.")
    wide = _points_by_state(points, states, value)
    based = wide.loc[(wide.index >= first) & (wide.index <= last)]
    moved = wide.melt(ignore_index=False, var_name="state", value_name="ideal_point").reset_index()
    moved["base_ideal_point"] = moved["state"].map(based.mean())
    moved["change"] = moved["ideal_point"] - moved["base_ideal_point"]
    moved = moved.assign(base_first_year=first, base_last_year=last)
    moved["base_years"] = moved["state"].map(based.count())
    moved["reason"] = np.select(
        [moved["base_ideal_point"].isna(), moved["ideal_point"].isna()],
        ["no ideal point in the base", "no ideal point in this year"],
        "",
    )
    return moved[["state", "year", *moved.columns.drop(["state", "year"])]]


def said_where_apart(distance_change: float, share_change: float | None) -> Prose | None:
    """A sentence where positions and shares tell of different movements; None where they agree.

    distance_change: of the distance between two states' ideal points, minus where they came closer.
    share_change: of their share of identical votes over the same windows, None where there is none.
    Positions allow for what was put to the vote and the share does not, so they may differ without
    either being wrong.

    >>> said_where_apart(-0.2, -0.05).markdown
    'The positions came closer by 0.20 while the share of identical votes fell by 5 percentage points: the share also moves with what is put to the vote, for which the positions allow.'
    >>> print(said_where_apart(0.2, -0.05))
    None
    """
    if share_change is None or not distance_change * share_change > 0:
        return None
    return say(
        "The positions {moved} by {distance:.2f} while the share of identical votes {went} by {share:points}:"
        " the share also moves with what is put to the vote, for which the positions allow.",
        moved="came closer" if distance_change < 0 else "moved apart",
        distance=abs(distance_change),
        went="fell" if share_change < 0 else "rose",
        share=share_change,
    )


class _Tables:
    """What the measures are made of, for many tables whose category axes come first.

    `beyond` counts roll calls outside the tables that weigh as fully opposed. Only measures by
    distance may be asked for then: `_admitted` refuses the others.
    """

    def __init__(self, cells, beyond):
        steps = range(1, len(cells))
        self.cells = cells.reshape(*cells.shape[:2], -1)
        self.rows = self.cells.sum(axis=1).astype(float)
        self.columns = self.cells.sum(axis=0).astype(float)
        self.total = self.rows.sum(axis=0)
        self.base = self.total + np.ravel(beyond)
        by_step = np.empty((len(steps), self.cells.shape[-1]))
        for step in steps:
            by_step[step - 1] = np.trace(self.cells, step) + np.trace(self.cells, -step)
        by_step[-1] += np.ravel(beyond)
        self.observed = {weighting: _weigh(by_step, weighting) for weighting in WEIGHTINGS}

    @cached_property
    def by_chance(self):
        """Expected counts 1, 2, ... steps apart if each held to its own margin."""
        return _apart(self.rows, self.columns)

    @cached_property
    def by_pooled_chance(self):
        """The same if both held to the margin of the two together."""
        pooled = (self.rows + self.columns) / 2
        return _apart(pooled, pooled)

    def distance(self, weighting):
        """Mean distance between the votes, from 0 to 1."""
        return self.observed[weighting] / self.base

    def corrected(self, weighting, by_chance):
        """One less the disagreement seen, as a part of that to be had by chance."""
        return 1 - self.observed[weighting] * self.total / _weigh(by_chance, weighting)

    def alignment_index(self):
        by_chance = _weigh(self.by_chance, "linear") / self.total**2
        return 2 * (by_chance - self.distance("linear"))

    def tau_b(self):
        steps = np.arange(len(self.cells))
        order = np.sign(np.subtract.outer(steps, steps)).astype(float)
        beside = np.einsum("ik,kl...,lj->ij...", order, self.cells, order.T)
        concordance = (self.cells * beside).sum(axis=(0, 1))
        own, other = (
            self.total**2 - (margin**2).sum(axis=0) for margin in (self.rows, self.columns)
        )
        return concordance / np.sqrt(own * other)


def _apart(own, other):
    return np.stack(
        [
            (own[step:] * other[:-step] + own[:-step] * other[step:]).sum(axis=0)
            for step in range(1, len(own))
        ]
    )


def _weigh(by_step, weighting):
    """Sums of disagreement, a pair of opposite positions weighing 1."""
    steps = np.arange(1, len(by_step) + 1) / len(by_step)
    return np.einsum("s,s...->...", steps ** WEIGHTINGS[weighting], by_step)


_FORMULAS = {
    "share_identical": lambda tables: 1 - tables.distance("nominal"),
    "lijphart": lambda tables: 1 - tables.distance("linear"),
    "s_absolute": lambda tables: 1 - 2 * tables.distance("linear"),
    "s_squared": lambda tables: 1 - 2 * tables.distance("quadratic"),
    "kappa_nominal": lambda tables: tables.corrected("nominal", tables.by_chance),
    "kappa_linear": lambda tables: tables.corrected("linear", tables.by_chance),
    "kappa_quadratic": lambda tables: tables.corrected("quadratic", tables.by_chance),
    "pi_nominal": lambda tables: tables.corrected("nominal", tables.by_pooled_chance),
    "pi_linear": lambda tables: tables.corrected("linear", tables.by_pooled_chance),
    "pi_quadratic": lambda tables: tables.corrected("quadratic", tables.by_pooled_chance),
    "tau_b": _Tables.tau_b,
    "alignment_index": _Tables.alignment_index,
}


def _values(cells, names, beyond=0.0):
    """The measures of tables whose category axes come first, and the roll calls they rest on."""
    shape = cells.shape[2:]
    tables = _Tables(cells, beyond)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {name: _FORMULAS[name](tables).reshape(shape) for name in names}
    return values, tables.base.reshape(shape)


def _causes(name, value, base):
    """Why each value is undefined, as a position in REASONS; 0 where it is defined."""
    cause = REASONS.index(NO_VARIATION if name == "tau_b" else ONE_POSITION)
    return np.where(np.isnan(value), np.where(base > 0, cause, REASONS.index(NO_ROLL_CALL)), 0)


def _gravest_causes(values, base):
    causes = np.zeros(len(base), dtype=np.int8)
    some = np.flatnonzero(np.isnan(sum(values.values())))
    if len(some):
        every = [_causes(name, value[some], base[some]) for name, value in values.items()]
        causes[some] = np.max(every, axis=0)
    return causes


def _long(counts, names, absences, base, found):
    """One row for each row of counts and measure, what names the row first."""
    named = counts.drop(columns=[name for name in COUNTS if name in counts])
    each = np.repeat(np.arange(len(counts)), len(names))
    causes = [_causes(name, found["value"][name], base) for name in names]
    return (
        named.iloc[each]
        .reset_index(drop=True)
        .assign(
            measure=list(names) * len(counts),
            **{
                column: np.column_stack([values[name] for name in names]).ravel()
                for column, values in found.items()
            },
            roll_calls=base[each].astype("int64"),
            absence_rule=absences,
            reason=np.array(REASONS, dtype=object)[np.column_stack(causes).ravel()],
        )
    )


def _resampled(cells, beyond, names, level, draws, seed):
    """Percentiles of the measures over draws, by column and measure."""
    steps = len(cells)
    every_kind = np.concatenate([cells.reshape(steps**2, -1), beyond[None]])
    shape = (len(names), every_kind.shape[1])
    lower, upper = np.full(shape, np.nan), np.full(shape, np.nan)
    undefined = np.full(shape, draws)
    for row, kinds in enumerate(every_kind.T):
        if not kinds.sum():
            continue
        # The same seed for every row: a year added to the table moves no other year's interval.
        drawn = np.random.default_rng(seed).multinomial(
            int(kinds.sum()), kinds / kinds.sum(), size=draws
        )
        again = drawn[:, :-1].T.reshape(steps, steps, draws).astype(float)
        for place, value in enumerate(_values(again, names, drawn[:, -1])[0].values()):
            defined = value[~np.isnan(value)]
            undefined[place, row] = draws - len(defined)
            if undefined[place, row] <= (1 - level) * draws:
                ends = [(1 - level) / 2, (1 + level) / 2]
                lower[place, row], upper[place, row] = np.quantile(defined, ends)
    found = {"lower": lower, "upper": upper, "draws_undefined": undefined}
    return {column: dict(zip(names, values, strict=True)) for column, values in found.items()}


def _cells(counts, absences):
    """The counts as tables (3, 3, rows) under a rule, and the roll calls beyond them."""
    extra = {
        "left_out": (),
        "as_abstention": ("both_absent", *ONE_ABSENT),
        "as_disagreement": ("focal_absent", "partner_absent"),
    }[absences]
    numbers = _checked_counts(counts, (*JOINT, *extra), absences)
    cells = numbers[list(JOINT)].to_numpy(float).T.reshape(3, 3, -1).copy()
    beyond = np.zeros(len(counts))
    if absences == "as_disagreement":
        beyond = numbers["focal_absent"].to_numpy(float) + numbers["partner_absent"]
    if absences == "as_abstention":
        away = numbers[list(ONE_ABSENT)].to_numpy(float).T
        middle = POSITIONS.index("abstain")
        cells[middle] += away[:3]
        cells[:, middle] += away[3:]
        cells[middle, middle] += numbers["both_absent"]
    return cells, np.asarray(beyond)


def _pair_cells(votes, places, absences):
    """The tables (3, 3, pairs) of all pairs, and the roll calls beyond them."""
    above, below = places
    if absences == "as_abstention":
        votes = np.where(votes == CODES["absent"], CODES["abstain"], votes)
    codes = np.array([CODES[position] for position in POSITIONS], dtype=votes.dtype)
    took = (votes == codes[:, None, None]).astype(np.float32)
    cells = np.empty((3, 3, len(above)), dtype=np.float32)
    # Six products serve for nine: no-yes of a pair stands in yes-no, mirrored. One large product
    # would be split over threads, and at this size waiting for them costs more than it saves.
    for own, other in itertools.combinations_with_replacement(range(3), 2):
        together = (took[own] @ took[other].T).ravel()
        together.take(above, out=cells[own, other], mode="clip")
        if own != other:
            together.take(below, out=cells[other, own], mode="clip")
    beyond = 0.0
    if absences == "as_disagreement":
        away = (votes == CODES["absent"]).astype(np.float32)
        one_absent = took.sum(axis=0) @ away.T
        beyond = (one_absent + one_absent.T).ravel()[above].astype(float)
    return cells, beyond


@lru_cache(maxsize=4)
def _pairs(size):
    """First and second state of each pair, and its places above and below the diagonal.

    Kept, since one session follows another.
    """
    first, second = np.triu_indices(size, 1)
    codes = np.int16 if size < 2**15 else np.int64
    return first.astype(codes), second.astype(codes), first * size + second, second * size + first


def _categories(codes, dtype):
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


def _with_absences(cells):
    """All columns of COUNTS from counts of the combinations of VOTES that occurred."""
    every = [f"{own}_{other}" for own in VOTES for other in VOTES]
    counts = cells.reindex(columns=every, fill_value=0).fillna(0).astype("int64")
    counts["both_absent"] = counts["absent_absent"]
    counts["focal_absent"] = counts[[f"absent_{other}" for other in POSITIONS]].sum(axis=1)
    counts["partner_absent"] = counts[[f"{own}_absent" for own in POSITIONS]].sum(axis=1)
    return counts[list(COUNTS)]


def _rank(year, group, partner):
    own = group[group["partner"] == partner]
    ranked = group["compared"].dropna()
    value, compared, reason = np.nan, np.nan, "no row of the partner in this year"
    if len(own):
        value, compared, reason = own[["value", "compared", "reason"]].iloc[0]
        if not (reason or own["ranked"].iloc[0]):
            reason = "the partner voted on too few of the focal state's roll calls to be ranked"
    placed = not np.isnan(compared)
    return {
        "year": year,
        "partner": partner,
        "value": value,
        "rank": 1 + (ranked > compared).sum() if placed else np.nan,
        "tied_with": (ranked == compared).sum() - 1 if placed else np.nan,
        "partners_ranked": len(ranked),
        "partners_left_out": len(group) - len(ranked),
        "reason": reason,
    }


def _points_by_state(points, states, value):
    """Ideal points with years down and the named states across, or a DataProblem."""
    _check_columns(points, ["state", "year", value], "ideal points")
    number = pd.to_numeric(points[value], errors="coerce")
    wrong = (number.isna() & points[value].notna()) | np.isinf(number)
    twice = points.duplicated(["state", "year"], keep=False)
    _refuse(
        _offenders("ideal points", points, wrong, [value], "a number or an empty cell")
        + _offenders("ideal points", points, twice, ["state", "year"], "one row for each"),
    )
    if len(points):
        _check_named("state", states, sorted(set(points["state"])))
    wide = points.assign(**{value: number}).pivot(index="year", columns="state", values=value)
    return wide.reindex(columns=list(dict.fromkeys(states))).loc[
        sorted(set(points.loc[points["state"].isin(states), "year"]))
    ]


def _admitted(measures, absences):
    """The measures asked for, or all that the rule admits; DataProblem for what it does not."""
    _check_named("rule for absences", [absences], ABSENCE_RULES)
    admitted = BY_DISTANCE if absences == "as_disagreement" else MEASURES
    if measures is None:
        return admitted
    _check_named("measure", measures, MEASURES)
    refused = [name for name in measures if name not in admitted]
    if refused:
        raise DataProblem(
            f"measures: found {', '.join(refused)} with absences={absences!r}, expected one of "
            f"{', '.join(admitted)}. An absence has no place on the scale from yes to no, so the "
            "agreement to be had by chance cannot be reckoned from it: use left_out for these."
        )
    return tuple(measures)


def _check_named(kind, found, known):
    if unknown := [name for name in found if name not in known]:
        raise DataProblem(
            f"{kind}: found {', '.join(map(repr, unknown))}, expected one of "
            f"{', '.join(map(str, known))}. Choose from these."
        )


def _check_columns(table, needed, name, advice="Rename or add the columns."):
    if lacking := [column for column in needed if column not in table]:
        raise DataProblem(
            f"{name}: found the columns {', '.join(map(str, table.columns))}, expected also "
            f"{', '.join(lacking)}. {advice}"
        )


def _offenders(name, table, offends, columns, expected):
    """One line for each offending row of a table."""
    return [
        f"{name}, row {row + 1}, column {', '.join(columns)}: found "
        f"{', '.join(str(found) for found in table[columns].iloc[row])}, expected {expected}."
        for row in np.flatnonzero(offends)
    ]


def _refuse(lines):
    if lines:
        raise DataProblem("\n".join([*lines, "Correct these rows in the table and run again."]))


def _check_votes(votes_of):
    known = ", ".join(VOTES)
    _refuse(
        [
            f"votes of the {who}, roll call {place + 1}: found {votes.iloc[place]!r}, expected {known}."
            for who, votes in votes_of.items()
            for place in np.flatnonzero(~votes.isin(VOTES))
        ]
    )


def _check_roll_calls(roll_calls, needed):
    _check_columns(roll_calls, needed, "roll calls")
    others = [column for column in needed if column != "vote"]
    twice = roll_calls.duplicated(["state", "roll_call"], keep=False)
    _refuse(
        _offenders(
            "roll calls",
            roll_calls,
            ~roll_calls["vote"].isin(VOTES),
            ["vote"],
            "one of " + ", ".join(VOTES),
        )
        + _offenders(
            "roll calls", roll_calls, roll_calls[others].isna().any(axis=1), others, "no empty cell"
        )
        + _offenders("roll calls", roll_calls, twice, ["state", "roll_call"], "one row for each")
    )


def _checked_counts(counts, needed, absences):
    """The counts as numbers, or a DataProblem that lists all that cannot be used."""
    _check_columns(
        counts,
        needed,
        "counts",
        f"The rule {absences} needs all of these; choose another rule or count the roll calls "
        "anew with pair_counts or counts_by_partner.",
    )
    present = [name for name in COUNTS if name in counts]
    numbers = counts[present].apply(pd.to_numeric, errors="coerce").astype(float)
    lines = []
    for name in present:
        number = numbers[name]
        wrong = ~(np.isfinite(number) & number.ge(0) & number.mod(1).eq(0))
        lines += _offenders("counts", counts, wrong, [name], "a whole number of 0 or more")
    for total, parts in (("focal_absent", ONE_ABSENT[:3]), ("partner_absent", ONE_ABSENT[3:])):
        if {total, *parts} <= set(present):
            differs = numbers[total].ne(numbers[list(parts)].sum(axis=1))
            expected = "the sum of " + ", ".join(parts)
            lines += _offenders("counts", counts, differs, [total], expected)
    names = [column for column in counts if column not in COUNTS]
    if names:
        twice = counts.duplicated(names, keep=False)
        lines += _offenders("counts", counts, twice, names, "one row for each")
    _refuse(lines)
    return numbers


def _check_ranking(counts, partner):
    _check_columns(counts, ["partner", "year", "partner_absent"], "counts")
    twice = counts.duplicated(["partner", "year"], keep=False)
    _refuse(
        _offenders(
            "counts", counts, twice, ["partner", "year"], "one row for each, of one focal state"
        )
    )
    _check_named("partner", [partner], sorted(set(counts["partner"])))


def _checked_votes(votes, states):
    """The votes as small integers, or a DataProblem that lists all that cannot be used."""
    found = np.asarray(votes)
    if found.ndim != 2 or len(found) != len(states) or len(set(states)) != len(states):
        raise DataProblem(
            f"votes: found an array of shape {found.shape} for {len(states)} states "
            f"({len(set(states))} different), expected one row for each state, each named once."
        )
    wrong = np.all([found != code for code in CODES.values()], axis=0)
    _refuse(
        [
            f"votes of {states[row]}, roll call {column + 1}: found {found[row, column]}, expected "
            + ", ".join(f"{code} {vote}" for vote, code in CODES.items())
            + "."
            for row, column in zip(*np.nonzero(wrong), strict=True)
        ]
    )
    return found.astype(np.int8)


def votes_of(
    counts: pd.DataFrame, focal: str, partner: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The rows of one focal state with all its partners, in a span of years.

    `counts` holds `focal`, `partner`, `year` and counts; the rows come back as they are, sorted by
    partner and year. A year without a row was not counted; it is not a year without votes. A pair
    that nobody counted must stop the reader rather than give an empty picture, so a focal state
    or a partner without any row in the span raises a DataProblem with the states there are.

    >>> counts = pd.DataFrame({"focal": "ARM", "partner": "RUS", "year": [2023, 2024]})
    >>> votes_of(counts, "ARM", "RUS", 2024, 2025)["year"].tolist()
    [2024]
    """
    _check_columns(counts, ["focal", "partner", "year"], "counts")
    rows = counts[(counts["focal"] == focal) & counts["year"].between(first_year, last_year)]
    if partner not in set(rows["partner"]):
        raise DataProblem(
            f"counts: found no row of {focal} with {partner} from {first_year} to {last_year}, "
            f"expected a focal state among {', '.join(sorted(set(counts['focal'])))} and a member "
            "state as its partner. Count the votes of this pair with alliances import un-votes."
        )
    return rows.sort_values(["partner", "year"]).reset_index(drop=True)


def cross_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The 3 x 3 table of how two states voted, summed over the rows of their counts.

    Rows are the focal state's positions, columns the partner's, both `POSITIONS` in order; cells
    are roll calls on which both voted. Absences are not in it: they are no position between yes
    and no, and a fourth row would invite one to read them so. Errors as in `agreement`.

    >>> counts = pd.DataFrame([dict.fromkeys(JOINT, 0) | {"yes_yes": 3, "yes_no": 2}])
    >>> cross_table(counts).loc["yes"].to_dict()
    {'yes': 3, 'abstain': 0, 'no': 2}
    """
    total = _checked_counts(counts, JOINT, "left_out")[list(JOINT)].sum().astype("int64")
    return pd.DataFrame(total.to_numpy().reshape(3, 3), index=POSITIONS, columns=POSITIONS)


def partner_votes(counts: pd.DataFrame) -> pd.DataFrame:
    """How often each partner voted yes, abstain and no, where the focal state voted too.

    Columns: `focal`, `partner`, `year`, `yes`, `abstain`, `no` (roll calls), `unseen`: those in
    which the partner voted and the focal state did not, so that its position is not in the
    counts. The three are all of the partner's votes only where `unseen` is 0; they are set apart
    because adding them to any position would invent votes. Errors as in `agreement`.

    >>> counts = pd.DataFrame([dict.fromkeys(JOINT, 1) | {"focal_absent": 2}])
    >>> counts = counts.assign(focal="RUS", partner="USA", year=2025)
    >>> partner_votes(counts)[["partner", "yes", "no", "unseen"]]
      partner  yes  no  unseen
    0     USA    3   3       2
    """
    _check_columns(counts, ["focal", "partner", "year"], "counts")
    numbers = _checked_counts(counts, (*JOINT, "focal_absent"), "left_out").astype("int64")
    each = numbers[list(JOINT)].to_numpy().reshape(-1, 3, 3).sum(axis=1)
    votes = pd.DataFrame(each, columns=POSITIONS, index=counts.index)
    return counts[["focal", "partner", "year"]].join(votes).assign(unseen=numbers["focal_absent"])


def change_between(
    counts: pd.DataFrame,
    before: tuple[int, int],
    after: tuple[int, int],
    measures: Sequence[str] | None = None,
    absences: str = "left_out",
    minimum_joint_share: float = 0.0,
) -> pd.DataFrame:
    """How far agreement differs between two windows of years, for each pair and measure.

    `counts` holds `focal`, `partner`, `year` and the counts; a window is its first and last year.
    Its roll calls are thrown together, so that a year weighs by its votes: a mean of yearly
    values would let a year of few votes move the result. Columns: `focal`, `partner`, `measure`,
    `before`, `after`, `change`, `roll_calls_before`, `roll_calls_after`, `absence_rule`. A window
    without a roll call has no value and no change; pairs with fewer than `minimum_joint_share` of
    the most roll calls any pair has in the later window are left out. The change is no effect of
    anything that lies between the windows: the agenda differs as well. Errors as in `agreement`.

    >>> counts = pd.DataFrame(0, range(2), JOINT).assign(focal="ARM", partner="RUS")
    >>> counts["year"], counts["yes_yes"], counts["yes_no"] = [2019, 2024], [3, 1], [1, 1]
    >>> change_between(counts, (2015, 2019), (2020, 2024), ["share_identical"])[
    ...     ["before", "after", "change"]]
       before  after  change
    0    0.75    0.5   -0.25
    """
    _check_columns(counts, ["focal", "partner", "year"], "counts")
    pair, which = ["focal", "partner"], [name for name in COUNTS if name in counts]
    found = {}
    for window, years in (("before", before), ("after", after)):
        inside = counts[counts["year"].between(*years)].groupby(pair, as_index=False)[which].sum()
        found[window] = agreement(inside, measures, absences).set_index([*pair, "measure"])
    both = found["before"].join(found["after"], how="outer", suffixes=("_before", "_after"))
    both = both.rename(columns={"value_before": "before", "value_after": "after"})
    both = both.assign(change=both["after"] - both["before"], absence_rule=absences).reset_index()
    enough = minimum_joint_share * both["roll_calls_after"].max()
    both = both[~(both["roll_calls_after"].fillna(0) < enough)]
    both = both.sort_values("measure", key=lambda names: names.map(MEASURES.index), kind="stable")
    both = both.sort_values(pair, kind="stable", ignore_index=True)
    return both[
        [
            *pair,
            "measure",
            "before",
            "after",
            "change",
            "roll_calls_before",
            "roll_calls_after",
            "absence_rule",
        ]
    ]


def named_positions(votes: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """What each state did in each named vote, in order of date.

    `votes` holds `symbol`, `date`, `topic`, `title`, `short_title`; `positions` holds `symbol`,
    `state`, `position`. Columns: those, and `label`, the vote's month and short title. A state without a row in a vote is not known; an absent one
    has a row that says so. The label names the month and not the symbol, since readers look for
    when and what; the symbol stands beside it.

    Raises DataProblem for a lacking column and for a position in a vote that `votes` lacks.

    >>> votes = pd.DataFrame({"symbol": ["A/RES/68/262"], "date": ["2014-03-27"],
    ...     "topic": ["crimea"], "title": ["Territorial integrity of Ukraine"],
    ...     "short_title": ["integrity"]})
    >>> positions = pd.DataFrame({"symbol": ["A/RES/68/262"], "state": ["ARM"], "position": ["no"]})
    >>> named_positions(votes, positions)[["label", "state", "position"]]
                   label state position
    0  2014-03 integrity   ARM       no
    """
    about = ["symbol", "date", "topic", "title", "short_title"]
    _check_columns(votes, about, "named votes")
    _check_columns(positions, ["symbol", "state", "position"], "positions")
    unknown = ~positions["symbol"].isin(votes["symbol"])
    _refuse(_offenders("positions", positions, unknown, ["symbol"], "a vote of the named votes"))
    known = votes[about].merge(positions[["symbol", "state", "position"]], on="symbol")
    known = known.assign(label=known["date"].str[:7] + " " + known["short_title"])
    return known.sort_values(["date", "symbol", "state"]).reset_index(drop=True)


def sources_compared(overlap: pd.DataFrame) -> pd.DataFrame:
    """How far pairs of sources of votes agree, over all years that both cover.

    `overlap` holds `first`, `second` (keys of sources), `year`, `roll_calls_common`,
    `votes_compared`, `votes_differing`, and for the study's pair `joint_first`,
    `identical_first`, `joint_second`, `identical_second`. One row a pair of sources: `first`,
    `second`, `first_year`, `last_year`, the three sums, and `largest_gap`, the largest difference
    in a year between the two shares of identical votes. The sums compare single votes in the
    same roll calls; the gap also holds what one source lacks, which is why both are given.
    Raises DataProblem for a lacking column.

    >>> overlap = pd.DataFrame({"first": ["a"], "second": ["b"], "year": [2025],
    ...     "roll_calls_common": [9], "votes_compared": [900], "votes_differing": [0],
    ...     "joint_first": [8], "identical_first": [4], "joint_second": [8],
    ...     "identical_second": [5]})
    >>> sources_compared(overlap)[["first", "second", "votes_differing", "largest_gap"]]
      first second  votes_differing  largest_gap
    0     a      b                0        0.125
    """
    sums = ["roll_calls_common", "votes_compared", "votes_differing"]
    shares = ["joint_first", "identical_first", "joint_second", "identical_second"]
    _check_columns(overlap, ["first", "second", "year", *sums, *shares], "overlap")
    gap = overlap["identical_first"] / overlap["joint_first"]
    gap = (gap - overlap["identical_second"] / overlap["joint_second"]).abs()
    pairs = overlap.assign(gap=gap).groupby(["first", "second"], as_index=False)
    return pairs.agg(
        first_year=("year", "min"),
        last_year=("year", "max"),
        **{name: (name, "sum") for name in sums},
        largest_gap=("gap", "max"),
    )


def part_of(part: int, whole: int) -> str:
    """How many of a number of votes, years or lines, in words that also read well for all.

    `part` and `whole` are counts of the same thing, so `part` is at most `whole`; another pair
    raises a DataProblem. "34 of 34" makes a reader look for the exception, hence "all 34"; zero
    stays "0 of 34", as a count that was made and found nothing is not a missing one.

    >>> part_of(34, 34), part_of(3, 34)
    ('all 34', '3 of 34')
    """
    if not 0 <= part <= whole:
        raise DataProblem(
            f"part of a whole: found {part} of {whole}, expected a part from 0 to the whole. "
            "Count both from the same rows."
        )
    return f"all {whole}" if part == whole else f"{part} of {whole}"


def windows_compared(
    first_year: int, last_year: int, width: int = 5
) -> tuple[tuple[int, int], tuple[int, int]]:
    """An earlier and a later window of years, side by side and equally long.

    Both are up to `width` years long and end a year before the last, so that the last year can be
    added to the later one and its weight be seen. Where the years are too few for that the windows
    are shorter; of two years the one is set against the other. Unequal windows would weigh the
    agendas of one time more than those of the other. Raises DataProblem for fewer than two years,
    which show no change, and for a width below 1.

    >>> windows_compared(1992, 2025), windows_compared(2021, 2023), windows_compared(2010, 2011)
    (((2015, 2019), (2020, 2024)), ((2021, 2021), (2022, 2022)), ((2010, 2010), (2011, 2011)))
    """
    if width < 1 or last_year <= first_year:
        raise DataProblem(
            f"Years {first_year} to {last_year}, width {width}: found no two windows to compare, "
            "expected a last year after the first and a width of 1 or more. Change the years."
        )
    end = last_year if last_year - first_year == 1 else last_year - 1
    half = min(width, (end - first_year + 1) // 2)
    return (end - 2 * half + 1, end - half), (end - half + 1, end)


def years_in_words(window: tuple[int, int]) -> str:
    """A window of years such as 2015–2019, or 2015 where it is a single year.

    >>> years_in_words((2015, 2019)), years_in_words((2015, 2015))
    ('2015–2019', '2015')
    """
    first, last = window
    return f"{first}" if first == last else f"{first}–{last}"
