"""The headline figures of a study: one series an indicator, its level, change, place and confidence.

Here, and nowhere else, all measures meet the tables of one study. The chapter `conclusions` argues
with what comes out, and `what_changed` sets two studies side by side by it.
"""

from dataclasses import dataclass

import pandas as pd

from alliances import (
    arms_transfers,
    conclusions,
    joint_exercises,
    joint_operations,
    limiting_factors,
    military_presence,
    ties,
    trade,
    treaty_obligations,
    voting_alignment,
)
from alliances.prose import signed_points
from alliances.tables import written

CHANGE_OF_GOVERNMENT = 2018
# In 2025 the roll calls are twice as many as in any year before, on another mixture of texts.
LAST_VOTES = 2024

_COLUMNS = ["series", "state", "year", "value"]
_MILITARY, _POLITICAL, _ECONOMY = "Military", "Political", "Economy and people"
_PROMISE, _LIMITS = "Promise and answer", "Limiting factors"
_SHARE, _ENDS, _TURNOVER = "percent", "the ends of a share", "share of turnover"
_INDICATORS = pd.DataFrame(
    [
        ("Defence promised", _PROMISE, 0, 3, "linear", 1, False, ".0f", "level of obligation", "0 nothing, 3 defence: the ends of the scale"),
        ("Calls answered", _PROMISE, 0, 3, "linear", 2, True, ".0f", "best answer of the year", "0 nothing came, 1 something, 2 forces posted, 3 forces or weapons for what help was asked"),
        ("Arms delivered", _MILITARY, 0, 1, "linear", 1, False, _SHARE, "ally's share, five years", _ENDS),
        ("Arms ordered", _MILITARY, 0, 1, "linear", 1, False, _SHARE, "ally's share, five years", _ENDS),
        ("Exercises", _MILITARY, 0, 1, "linear", 1, False, _SHARE, "part held with the ally", _ENDS),
        ("Bases", _MILITARY, 0, 4, "linear", 2, True, ".0f", "bases at year's end", "none is a natural end; four is a round number that we set, and no limit"),
        ("Border guards' places", _MILITARY, 0, 16, "linear", 1, True, ".0f", "places at year's end", "none is a natural end; sixteen is a round number that we set, and no limit"),
        ("Votes alike", _POLITICAL, 0, 1, "linear", 3, False, _SHARE, "share of identical votes", _ENDS),
        ("Contested votes alike", _POLITICAL, 0, 1, "linear", 3, False, _SHARE, "share of identical votes", _ENDS),
        ("Nearness of positions", _POLITICAL, 5, 0, "linear", 1, False, ".2f", "distance of positions", "no distance, and about the width of the scale on which all states stand"),
        ("Trade", _ECONOMY, 0, 1, "linear", 2, False, _SHARE, _TURNOVER, _ENDS),
        ("Money sent home", _ECONOMY, 0, 1, "linear", 1, False, _SHARE, "part that comes from the ally", _ENDS),
        ("Migrants", _ECONOMY, 0, 1, "linear", 1, False, _SHARE, "part of all who live abroad", _ENDS),
        ("Likeness of regimes", _LIMITS, 1, 0, "linear", 4, False, ".2f", "distance of regimes", "the ends of the index"),
        ("Evenness of power", _LIMITS, 1000, 1, "logarithmic", 3, False, ".0f", "times as much capability", "equal, and a thousand times as much; a ratio doubles evenly on a logarithmic scale"),
    ],
    columns=["series", "group", "apart", "close", "scale", "producers", "by_hand", "form", "unit", "reason"],
)  # fmt: skip
GROUPS = _INDICATORS.set_index("series")["group"].to_dict()
_SITES, _OWN_TRADE, _MIRROR = "military_presence/sites", "trade/flows_by_year", "trade/mirror_flows"
_RESTS_ON = {
    "Defence promised": "treaty_obligations/obligations_by_year",
    "Calls answered": "joint_operations/tests_of_obligations",
    "Arms delivered": "arms_transfers/deliveries",
    "Arms ordered": "arms_transfers/orders",
    "Exercises": "joint_exercises/yearly_counts",
    "Bases": _SITES,
    "Border guards' places": _SITES,
    "Votes alike": "voting_alignment/yearly_counts",
    "Contested votes alike": "voting_alignment/yearly_counts_contested",
    "Nearness of positions": "voting_alignment/ideal_points",
    "Money sent home": "trade/money_transfers",
    "Migrants": "ties/migrants",
    "Likeness of regimes": "limiting_factors/regimes",
    "Evenness of power": "limiting_factors/capabilities",
}


@dataclass(frozen=True)
class Headline:
    """What `of_study` found, as data frames; `base` is the year compared with.

    pairs: `series`, `state`, `year`, `value`, for the focal state and the states beside it. panel,
    goalposts, grid, moved, placed, sure: as the functions of `conclusions` take and return them; the
    goalposts also have the `form` and the `unit` of each series, and what is known of its making.
    tables: the names of the tables that the series with a value rest on.
    """

    base: int
    pairs: pd.DataFrame
    panel: pd.DataFrame
    goalposts: pd.DataFrame
    grid: pd.DataFrame
    moved: pd.DataFrame
    placed: pd.DataFrame
    sure: pd.DataFrame
    tables: tuple

    def values_of(self, series):
        """One series of the pair by year; years without a value are not in it."""
        return self.panel[self.panel["series"] == series].set_index("year")["value"]


def of_study(study, base=None):
    """All headline figures of a study's pair and period, as a `Headline`.

    study: a Study. base: the year compared with, by default that of `base_year`. A series whose table
    has no row for the pair has no row here either; a year in which nobody looked is a gap. The
    goalposts are the same for every study, so two studies can be set side by side by them. It must
    not be read as a score: no indicator is added to another. Errors are those of the measures.
    """
    period = (study.first_year, study.last_year)
    base = base or base_year(*period)
    pairs = _of_everyone(study)
    own = pairs[pairs["state"] == study.focal].set_index(["series", "year"])["value"]
    values = {name: own.xs(name) for name in own.index.unique("series")} | _of_the_pair(study)
    nothing = pd.Series(dtype="float64", index=pd.Index([], dtype="int64"))
    panel = conclusions.panel_of(
        {name: (group, values.get(name, nothing)) for name, group in GROUPS.items()}
    )
    _, unit, table, producers = _turnover(study)
    rests_on = _RESTS_ON | {"Trade": table}
    goalposts = _INDICATORS.assign(incomplete=_known_to_lack(study))
    goalposts.loc[goalposts["series"] == "Trade", ["unit", "producers"]] = [unit, producers]
    grid = conclusions.side_by_side(panel, goalposts, *period)
    return Headline(
        base,
        pairs,
        panel,
        goalposts,
        grid,
        moved=conclusions.level_and_change(panel, goalposts, base),
        placed=conclusions.place_among(pairs, goalposts, study.focal, base),
        sure=conclusions.confidence(grid, goalposts, study.last_year),
        tables=tuple(dict.fromkeys(rests_on[name] for name in panel["series"].unique())),
    )


def base_year(first_year, last_year):
    """The year compared with: the last before the change of government of 2018, or the middle one.

    A period that ends a year after it is too short for that base: a change takes two years to judge.

    >>> base_year(1992, 2025), base_year(2018, 2024), base_year(2010, 2018)
    (2017, 2021, 2014)
    """
    last_before = CHANGE_OF_GOVERNMENT - 1
    return last_before if first_year < last_before < last_year - 1 else (first_year + last_year) // 2


def votes_left_out(study):
    """How the votes of the year after LAST_VOTES differ from those of LAST_VOTES, as a dictionary.

    Keys: `year`; `roll_calls`, `contested` and, for the year before, `roll_calls_before` and
    `contested_before`; `share`, `share_before` (of the pair's identical votes); `lowest`, `highest`
    (whether no other year shown has a share as low, or as high); `rose`, `fell`, `of` (the states
    whose share of identical votes with the ally rose or fell, of those with both years). Empty where
    that year is not shown or has no votes of the pair. A share of a year with many more texts says
    less of the two states than of the texts, so no series of this module has it.
    """
    year = LAST_VOTES + 1
    counts = study.table("voting_alignment/yearly_counts")
    with_ally = counts[(counts["focal"] == study.ally) & _shown(study, counts)]
    shares = voting_alignment.agreement(with_ally, ["share_identical"]) if len(with_ally) else None
    if shares is None or not ((shares["partner"] == study.focal) & (shares["year"] == year)).any():
        return {}
    wide = shares.pivot(index="year", columns="partner", values="value")
    own, moved = wide[study.focal].dropna(), wide.reindex([LAST_VOTES, year]).diff().iloc[-1]
    about = study.table("voting_alignment/coverage").set_index("year")[["roll_calls", "contested"]]
    then, now = about.reindex([LAST_VOTES, year]).to_dict("records")
    return {
        "year": year,
        **now,
        **{f"{name}_before": value for name, value in then.items()},
        "share": own.get(year),
        "share_before": own.get(LAST_VOTES),
        "lowest": own.idxmin() == year,
        "highest": own.idxmax() == year,
        "rose": int((moved > 0).sum()),
        "fell": int((moved < 0).sum()),
        "of": int(moved.notna().sum()),
    }


def rows(found):
    """The headline figures as one table: a row for each series that has a value.

    found: a Headline. Columns: `series`, `unit`, `form`, `before`, `level`, `change` (in the series'
    unit), `scaled` (the level between its goalposts, 1 for the closest tie), `scaled_change`, `word`,
    `rank`, `of`, `tied` (missing where no other pair has the figure), `until` (year of the level),
    `confidence`.
    """
    table = found.moved
    for other in (
        found.goalposts[["series", "unit", "form"]],
        found.placed[["series", "rank", "of", "tied"]],
        found.sure[["series", "confidence"]],
        found.grid.dropna(subset=["value"]).groupby("series")["scaled"].last().reset_index(),
    ):
        table = table.merge(other, on="series", how="left", validate="one_to_one")
    columns = ["series", "unit", "form", "before", "level", "change", "scaled", "scaled_change"]
    return table[[*columns, "word", "rank", "of", "tied", "until", "confidence"]]


def in_words(table):
    """The table of `rows` as readers see it: figures by their form, the change signed, the place.

    Columns: `series`, `unit`, `before`, `level`, `change`, `word`, `place`, `until`, `confidence`. A
    dash is no value, "none" a change too small to show.

    >>> table = pd.DataFrame({"series": ["Votes alike"], "unit": "share of identical votes",
    ...     "form": "percent", "before": 0.73, "level": 0.52, "change": -0.21, "scaled_change": -0.21,
    ...     "word": "fell", "rank": 6, "of": 7, "tied": 0, "until": 2024, "confidence": "medium"})
    >>> in_words(table)[["before", "level", "change", "place"]].values.tolist()
    [['73%', '52%', '−21 points', '6 of 7']]
    """
    records = table.to_dict("records")
    said = {
        "before": [written(row["before"], row["form"]) for row in records],
        "level": [written(row["level"], row["form"]) for row in records],
        "change": [_said_change(row) for row in records],
        "place": [_said_place(row) for row in records],
    }
    columns = ["series", "unit", "before", "level", "change", "word", "place"]
    return table.assign(**said)[[*columns, "until", "confidence"]]


def before_in_words(found):
    """What each indicator was at first, {series: words}, with its year where that is not the base.

    found: a Headline. The base rule takes a value at most two years older where the base year has
    none; such a value is not one of the base year, and says so. A dash is no value.

    >>> from types import SimpleNamespace
    >>> moved = pd.DataFrame({"series": ["Votes alike", "Migrants"], "before": [0.71, 0.66],
    ...     "from_year": [2017, 2015]})
    >>> posts = moved[["series"]].assign(form="percent")
    >>> before_in_words(SimpleNamespace(moved=moved, goalposts=posts, base=2017))
    {'Votes alike': '71%', 'Migrants': '66% in 2015'}
    """
    forms = found.goalposts.set_index("series")["form"]
    said = {}
    for row in found.moved.to_dict("records"):
        words = written(row["before"], forms[row["series"]])
        older = pd.notna(row["before"]) and row["from_year"] != found.base
        said[row["series"]] = f"{words} in {row['from_year']}" if older else words
    return said


def with_goalposts_halved(found):
    """The shares that never go beyond one half, and the words if one half were their closest tie.

    found: a Headline. Returns the names and the word of every series, by series. A word that differs
    from that of `found.moved` would hang on where the goalpost was set.
    """
    posts = found.goalposts
    highest = posts["series"].map(found.panel.groupby("series")["value"].max())
    shares = posts["form"].eq(_SHARE) & posts["apart"].eq(0) & posts["close"].eq(1)
    halved = posts.assign(close=posts["close"].mask(shares & highest.le(0.5), 0.5))
    moved = conclusions.level_and_change(found.panel, halved, found.base)
    return [*posts.loc[shares & highest.le(0.5), "series"]], moved.set_index("series")["word"]


def _said_change(row):
    if row["change"] != row["change"]:
        return "–"
    if abs(row["scaled_change"]) < 0.005:
        return "none"
    if row["form"] == _SHARE:
        return signed_points(row["change"]).replace("percentage ", "")
    return format(row["change"], "+" + row["form"]).replace("-", "−")


def _said_place(row):
    if pd.isna(row["rank"]):
        return "–"
    return f"{row['rank']} of {row['of']}" + (f" (with {row['tied']} more)" if row["tied"] else "")


def _known_to_lack(study):
    """For each indicator, whether something is known to be missing from years that have a value."""
    coverage, orders = study.table("voting_alignment/coverage"), study.table("arms_transfers/orders")
    lists = coverage.loc[_shown(study, coverage), "missing"].notna().any()
    unvalued = orders.loc[_shown(study, orders) & (orders["recipient"] == study.focal)]
    lacking = {
        "Votes alike": lists,
        "Contested votes alike": lists,
        "Arms ordered": unvalued["deals_without_tiv"].gt(0).any(),
    }
    return [bool(lacking.get(name, False)) for name in GROUPS]


def _shown(study, table):
    return table["year"].between(study.first_year, study.last_year)


def _of_everyone(study):
    """The series that other states have as well, each with the same ally."""
    states = [study.focal, *study.comparison]
    parts = []
    for measure, names in _MEASURES.items():
        if all(study.holds(name) for name in names):
            tables = [study.table(name) for name in names]
            parts += [part for part in measure(study, states, *tables) if len(part)]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS).astype({"year": "int64", "value": "float64"})
    known = pd.concat([part.reindex(columns=_COLUMNS) for part in parts]).dropna()
    return known[_shown(study, known)].astype({"year": "int64", "value": "float64"})


def _each(states, measure, series, column="value"):
    """A measure for each state under each other, as the series of one name."""
    parts = [measure(state).assign(state=state) for state in states]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    whole = pd.concat(parts)
    return whole.assign(series=series, value=whole[column])


def _promised(study, states, coded):
    def profile(state):
        years = (study.first_year, study.last_year)
        return treaty_obligations.obligation_profile(coded, study.ally, state, *years)

    known = [state for state in states if state in set(coded["partner"])]
    yield _each(known, profile, "Defence promised", "level")


def _arms(study, states, deliveries, orders):
    name = "arms_transfers/deliveries"
    years = (study.first_observed(name), study.last_observed(name))

    def shares(state):
        return arms_transfers.moving_shares(orders, deliveries, state, study.ally, *years, width=5)

    both = _each(states, shares, "Arms", "share")
    for of, series in (("deliveries", "Arms delivered"), ("orders", "Arms ordered")):
        yield both[both["of"] == of].assign(series=series)


def _exercises(study, states, counts, totals):
    trained = set(counts.loc[counts["partner"] == study.ally, "state"])

    searched = study.resource("joint_exercises/yearly_counts")["coverage"]

    def part(state):
        years = (searched["first_year"], searched["last_year"])
        return joint_exercises.exercises_with(counts, totals, state, study.ally, *years)

    yield _each([state for state in states if state in trained], part, "Exercises", "share")


def _votes(study, states, counts):
    yield _alike(study, states, counts).assign(series="Votes alike")


def _contested_votes(study, states, counts):
    yield _alike(study, states, counts).assign(series="Contested votes alike")


def _alike(study, states, counts):
    chosen = counts[(counts["focal"] == study.ally) & counts["partner"].isin(states)]
    found = voting_alignment.agreement(chosen, ["share_identical"])
    return found[found["year"] <= LAST_VOTES].rename(columns={"partner": "state"})


def _positions(study, states, points):
    def distance(state):
        return voting_alignment.ideal_point_distance(points, state, study.ally)

    yield _each(states, distance, "Nearness of positions", "distance")


def _migrants(study, states, people):
    counted = set(people.loc[people["destination"] == study.ally, "origin"])

    def shares(state):
        return ties.migrant_shares(people, state, study.ally)

    known = [state for state in states if state in counted]
    yield _each(known, shares, "Migrants", "share_of_origin")


def _regimes(study, states, regimes):
    def gap(state):
        years = (study.first_year, study.last_year)
        found = limiting_factors.regime_gap(
            regimes, state, study.ally, "electoral democracy", *years
        )
        return found.assign(gap=found["gap"].abs())

    yield _each(states, gap, "Likeness of regimes", "gap")


def _power(study, states, capabilities):
    def ratio(state):
        years = (study.first_year, study.last_year)
        return limiting_factors.ratio_by_year(capabilities, "cinc", state, study.ally, *years)

    yield _each(states, ratio, "Evenness of power", "ratio")


_MEASURES = {
    _promised: ("treaty_obligations/obligations_by_year",),
    _arms: ("arms_transfers/deliveries", "arms_transfers/orders"),
    _exercises: ("joint_exercises/yearly_counts", "joint_exercises/yearly_totals"),
    _votes: ("voting_alignment/yearly_counts",),
    _contested_votes: ("voting_alignment/yearly_counts_contested",),
    _positions: ("voting_alignment/ideal_points",),
    _migrants: ("ties/migrants",),
    _regimes: ("limiting_factors/regimes",),
    _power: ("limiting_factors/capabilities",),
}


def _of_the_pair(study):
    """{series: values by year} of what is known of the pair only; what nobody lists is left out."""
    return _answers(study) | _places(study) | _trade(study)


def _answers(study):
    """The best answer to a call of each year: 0 nothing came, 3 forces for what help was asked."""
    years = (study.first_year, study.last_year)
    listed = study.table("joint_operations/tests_of_obligations")
    tests = joint_operations.of_pair(listed, study.focal, study.ally, *years)
    called = tests[tests["invoked"] == "yes"]
    readings = ("strict", "forces posted", "lenient")
    ladder = sum(joint_operations.answered(called, one).astype("int64") for one in readings)
    return {"Calls answered": ladder.groupby(called["start"].str[:4].astype("int64")).max()}


def _places(study):
    sites, pair = study.table(_SITES), {study.focal, study.ally}
    if not (sites["host_state"].isin(pair) & sites["sending_state"].isin(pair)).any():
        return {}
    direction = military_presence.direction(sites, study.focal, study.ally)
    years = (study.first_year, study.last_year)
    held = military_presence.posts_open(sites, *direction, *years).set_index("year")
    groups = {"Bases": "bases", "Border guards' places": "border guard posts"}
    return {name: held.loc[held["group"] == group, "open"] for name, group in groups.items()}


def _trade(study):
    """The partner's share of the turnover, and of the money that individuals send."""
    found = {}
    shares, *_ = _turnover(study)
    if len(shares):
        found["Trade"] = shares[shares["flow"] == "turnover"].set_index("year")["share"]
    reporter, partner = _direction(study)
    transfers = study.table("trade/money_transfers")
    own = transfers[transfers["reporter"] == reporter]
    if partner in set(own["partner"]):
        sent = trade.transfers_share(own, partner, "inflow", "non-commercial")
        shown = sent[_shown(study, sent)].astype({"year": "int64"})
        found["Money sent home"] = shown.set_index("year")["share"]
    return found


def _direction(study):
    return trade.direction(study.table("trade/totals_by_year"), study.focal, study.ally)


def _turnover(study):
    """The partner's share of a state's trade: shares, what of, their table, and how many tell it.

    Imports by origin are preferred, which only a national office tells. Where there is none, what
    all others report is nearer to today than the collections of the past, and both are named. Told
    twice, by those collections or an office and by the others, the one is held against the other.
    """
    flows, totals = study.table(_OWN_TRADE), study.table("trade/totals_by_year")
    mirror, years = study.table(_MIRROR), (study.first_year, study.last_year)
    reporter, partner = _direction(study)
    concepts = trade.concepts_of(totals, reporter) if study.holds(_OWN_TRADE) else []
    reported = {partner, trade.WORLD} <= set(mirror["reporter"])
    others = trade.shares_mirrored(mirror, reporter, partner) if reported else pd.DataFrame()
    producers = (len(concepts) > 0) + (len(others) > 0)
    if concepts[:1] != ["origin"] and len(others):
        said = "share of turnover, as the others report it"
        return others[_shown(study, others)], said, _MIRROR, producers
    if not concepts:
        return pd.DataFrame(), _TURNOVER, _OWN_TRADE, producers
    found = trade.shares_by_year(flows, totals, reporter, [partner], concepts[0], *years)
    words = {"origin": _TURNOVER, "consignment": f"{_TURNOVER}, by consignment"}
    said = words.get(concepts[0], f"{_TURNOVER}, as reported")
    return found, said, _OWN_TRADE, producers
