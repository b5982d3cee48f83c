"""All indicators side by side: level, change, place among other pairs, confidence, and choices.

Every indicator keeps its own unit beside its place between two fixed goalposts, and no indicator is
added to another. A year in which nobody looked is a gap in all that follows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

SCALES = ("linear", "logarithmic")
FELL, ROSE, STILL, UNJUDGED = "fell", "rose", "stood still", "not judged"
ORDINARY = 0.9  # the part of its own yearly steps that an indicator must outdo
FEWEST_STEPS = 4
REACH = 2
FEW_YEARS, OLD = 15, 3
CONFIDENCES = ("high", "medium", "low")
NAMED, EVERY_CHOICE = 2, "every choice"

NOT_IN_BASE = "no value in the year compared with, nor in the two before it"
NOTHING_LATER = "no value after the year compared with"
BARELY_LATER = "it ends a single year after the year compared with, and others go on"
SHORT_PAST = "too few years before to know what is ordinary"
NO_OTHERS = "no figures of other pairs"
NOT_SEEN = "no value of this pair"

_GOALPOSTS = ("series", "apart", "close", "scale")
_PLACE = ("year", "rank", "tied", "of", "change_rank", "change_of")
_MOVED = (
    *("series", "group", "from_year", "until", "before", "level", "change", "scaled_change"),
    *("ordinary_step", "word", "spans", "spans_as_large", "turn_year", "reason"),
)


def panel_of(parts: Mapping[str, tuple[str, pd.Series]]) -> pd.DataFrame:
    """Several indicators as one long table.

    parts: {name: (group, values by year)}. Columns: `series`, `group`, `year`, `value`, in the order
    given; years without a value have no row. Each indicator stays in its own unit, so the values of
    two must not be compared. Two values in one year, years that are no whole numbers and values
    without end raise a DataProblem.

    >>> panel_of({"bases": ("military", pd.Series([1.0, None], index=[2020, 2021]))}).values.tolist()
    [['bases', 'military', 2020, 1.0]]
    """
    rows = []
    for name, (group, values) in parts.items():
        known = values.dropna().astype("float64").sort_index()
        if known.empty:
            continue
        if known.index.has_duplicates:
            raise DataProblem(f"{name}: two values in one year; expected one.")
        if not pd.api.types.is_integer_dtype(known.index):
            raise DataProblem(f"{name}: its index is {known.index.dtype}; expected whole years.")
        if np.isinf(known).any():
            raise DataProblem(f"{name}: found values without end; expected numbers or gaps.")
        years = known.index.astype("int64")
        about = {"series": name, "group": group}
        rows.append(pd.DataFrame({"year": years, "value": known.to_numpy()}).assign(**about))
    columns = ["series", "group", "year", "value"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def side_by_side(
    panel: pd.DataFrame, goalposts: pd.DataFrame, first_year: int, last_year: int
) -> pd.DataFrame:
    """Every indicator in every year, in its own unit and between its two goalposts.

    panel: as from `panel_of`. goalposts: `series`, `apart`, `close` (the values that stand for two
    states that have nothing to do with each other, and for the closest tie), `scale` ("linear" or
    "logarithmic", for ratios). Columns: `series`, `group`, `year`, `value`, `scaled` (0 at `apart`,
    1 at `close`), `seen`. Every year from first to last has a row; where nobody looked, `value` and
    `scaled` are missing and `seen` is False.

    The goalposts are declared and never taken from the data, so a new year does not move the old
    ones, and the lowest value observed is not shown as nothing. Half of one scale is not half of
    another: the picture compares directions and dates, not heights. A value beyond its goalposts, a
    series without goalposts, and goalposts that cannot be used raise a DataProblem. Source of the
    practice: OECD and JRC 2008.

    >>> panel = panel_of({"distance": ("votes", pd.Series([1.0], index=[2023]))})
    >>> posts = pd.DataFrame([["distance", 4, 0, "linear"]], columns=["series", "apart", "close",
    ...     "scale"])
    >>> side_by_side(panel, posts, 2023, 2024)[["year", "value", "scaled", "seen"]].values.tolist()
    [[2023, 1.0, 0.75, True], [2024, nan, nan, False]]
    """
    if first_year > last_year:
        raise DataProblem(f"the first year, {first_year}, is after the last, {last_year}.")
    scaled = _scaled(_once(panel), goalposts)
    years = pd.RangeIndex(first_year, last_year + 1, name="year")
    rows = []
    for (name, group), part in scaled.groupby(["series", "group"], sort=False):
        whole = part.set_index("year")[["value", "scaled"]].reindex(years).reset_index()
        rows.append(whole.assign(series=name, group=group, seen=whole["value"].notna()))
    columns = ["series", "group", "year", "value", "scaled", "seen"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def level_and_change(panel: pd.DataFrame, goalposts: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Where each indicator stands, how far it moved since a base year, and whether that is a move.

    panel, goalposts: as in `side_by_side`. Columns: `series`, `group`, `from_year` (the base year, or
    the last year with a value at most two before it), `until` (the last year with a value), `before`,
    `level`, `change` (in the indicator's unit), `scaled_change` (towards `close` is above zero),
    `ordinary_step`, `word`, `spans`, `spans_as_large`, `turn_year` (the end of the largest step that
    went the way of the change), `reason`.

    The `word` is "rose" (closer), "fell" (further apart) or "stood still". An indicator that jumps by
    itself has to move farther before the word is given: the change has to exceed `ordinary_step`,
    which nine in ten of its own steps from one observation to the next up to the base year did not.
    Steps in one direction add up, so over several years this is a lenient rule; `spans_as_large`
    therefore counts how many of the `spans` of as many years before the base moved at least as far.
    With fewer than four such steps the word is "not judged", and so it is where an indicator ends a
    single year after the base while others go on: it says nothing of the years since. Numbers that moved say nothing of why.
    Errors as in `side_by_side`.

    >>> values = pd.Series([0.5, 0.52, 0.5, 0.51, 0.5, 0.2], index=range(2013, 2019))
    >>> posts = pd.DataFrame([["share", 0, 1, "linear"]], columns=["series", "apart", "close",
    ...     "scale"])
    >>> found = level_and_change(panel_of({"share": ("votes", values)}), posts, 2017).iloc[0]
    >>> print(found[["word", "change", "spans_as_large", "turn_year"]].to_string())
    word              fell
    change            -0.3
    spans_as_large       0
    turn_year         2018
    """
    rows = []
    scaled = _scaled(_once(panel), goalposts)
    last_year = scaled["year"].max()
    for (name, group), part in scaled.groupby(["series", "group"], sort=False):
        values = part.set_index("year").sort_index()
        rows.append({"series": name, "group": group} | _moved(values, base_year, last_year))
    found = pd.DataFrame(rows, columns=list(_MOVED))
    whole = ["from_year", "until", "spans", "spans_as_large", "turn_year"]
    return found.astype(dict.fromkeys(whole, "Int64"))


def part_by(
    panel: pd.DataFrame, goalposts: pd.DataFrame, base_year: int, marks: Sequence[int]
) -> pd.DataFrame:
    """How much of each indicator's change since a base year had come by the end of some other years.

    panel, goalposts, base_year: as in `level_and_change`. marks: years after the base. Columns:
    `series`, `mark`, `part` (1: all of it; above 1: more than all, so that some was taken back; below
    0: it had gone the other way). Missing where the indicator has no value in the mark's year, where
    the mark is not before the last value, and where there is no change to divide by.

    It dates a change better than its largest step does, because it does not hang on one year. It
    cannot tell what moved the indicator: two events in one span share its part. An average over
    several years, as of arms, shows a turn late. Errors as in `side_by_side`.

    >>> posts = pd.DataFrame([["share", 0, 1, "linear"]], columns=["series", "apart", "close",
    ...     "scale"])
    >>> values = pd.Series([0.7, 0.6, 0.3], index=[2017, 2019, 2024])
    >>> part_by(panel_of({"share": ("votes", values)}), posts, 2017, [2019]).round(2).values.tolist()
    [['share', 2019, 0.25]]
    """
    rows = []
    for name, part in _scaled(_once(panel), goalposts).groupby("series", sort=False):
        values = part.set_index("year")["scaled"].sort_index()
        start = values[(values.index <= base_year) & (values.index >= base_year - REACH)]
        whole = values.iloc[-1] - start.iloc[-1] if len(start) else np.nan
        for mark in marks:
            come = values.get(mark, np.nan) - start.iloc[-1] if len(start) else np.nan
            known = base_year < mark < values.index[-1] and abs(whole) > 1e-12
            # Adding nought makes minus nought, which readers would see, a plain one.
            rows.append((name, mark, come / whole + 0.0 if known else np.nan))
    return pd.DataFrame(rows, columns=["series", "mark", "part"])


def place_among(
    pairs: pd.DataFrame, goalposts: pd.DataFrame, state: str, base_year: int
) -> pd.DataFrame:
    """Where a state stands among others, in its tie with one partner and in how that tie moved.

    pairs: `series`, `state`, `year`, `value`, for the state and the others, all with the same
    partner. goalposts: as in `side_by_side`; the order of their series is kept. Columns: `series`,
    `year` (the last with a value of the state), `rank` (1 is closest to the partner; ties get the
    better rank), `tied` (how many others share it), `of` (states with a value that year), `change_rank` (1 moved farthest apart since
    the base year), `change_of`, `reason`.

    A rank compares states by one yardstick in one year; in a small group it moves by one place for
    little. Where no other state has a value there is no rank, and `reason` says so: a place among one
    would be the first. Ranks of change leave out states without a value in the base year. Two values
    of one state and year raise a DataProblem; other errors as in `side_by_side`.

    >>> pairs = pd.DataFrame({"series": "share", "state": ["ARM", "BLR"] * 2, "year": [2017, 2017,
    ...     2024, 2024], "value": [0.7, 0.8, 0.5, 0.7]})
    >>> posts = pd.DataFrame([["share", 0, 1, "linear"]], columns=["series", "apart", "close",
    ...     "scale"])
    >>> place_among(pairs, posts, "ARM", 2017)[["rank", "of", "change_rank"]].values.tolist()
    [[2, 2, 1]]
    """
    _require(pairs, ["series", "state", "year", "value"], "pairs")
    doubled = pairs[pairs.duplicated(["series", "state", "year"])]
    if len(doubled):
        named = ", ".join(f"{r.series} {r.state} {r.year}" for r in doubled.head(5).itertuples())
        raise DataProblem(f"pairs: two values of {named}; expected one.")
    scaled = _scaled(pairs, goalposts)
    rows = []
    for name in goalposts["series"]:
        part = scaled[(scaled["series"] == name) & scaled["scaled"].notna()]
        rows.append({"series": name} | _place(part, state, base_year))
    found = pd.DataFrame(rows)
    return found.astype(dict.fromkeys(_PLACE, "Int64"))


def confidence(grid: pd.DataFrame, about: pd.DataFrame, last_year: int) -> pd.DataFrame:
    """How far each indicator can be trusted, by rules and not by feeling.

    grid: as from `side_by_side`. about: `series`, `producers` (how many independent ones were held
    against each other), `by_hand` (whether we collected it), `incomplete` (whether something is known
    to be missing from years that have a value). Columns: `series`, `years` (observed),
    `first_seen`, `last_seen`, `doubts` (how many), `confidence`, `because` (the doubts in words).

    One doubt each: gaps between the first and the last year observed; only one producer; fewer than
    15 years observed; collected by hand; known to be incomplete; an end three years or more before the last year shown. No
    doubt is high confidence, one is medium, two or more are low. The rules are about the figures and
    not about what they stand for: a figure can be sure and mean little. A series that `about` lacks
    raises a DataProblem.

    >>> grid = pd.DataFrame({"series": "bases", "year": range(2000, 2020), "seen": True})
    >>> about = pd.DataFrame({"series": ["bases"], "producers": 1, "by_hand": True,
    ...     "incomplete": False})
    >>> confidence(grid, about, 2020)[["confidence", "because"]].values.tolist()
    [['low', 'one producer; collected by hand']]
    """
    _require(grid, ["series", "year", "seen"], "grid")
    _require(about, ["series", "producers", "by_hand", "incomplete"], "about")
    known = about.set_index("series")
    lacking = [name for name in grid["series"].unique() if name not in known.index]
    if lacking:
        raise DataProblem(f"about: there is no row for {', '.join(lacking)}.")
    rows = []
    for name, part in grid.groupby("series", sort=False):
        years = part.loc[part["seen"], "year"]
        doubts = _doubts(years, known.loc[name], last_year)
        ends = {"first_seen": years.min(), "last_seen": years.max()} if len(years) else {}
        rows.append(
            {"series": name, "years": len(years), "first_seen": pd.NA, "last_seen": pd.NA}
            | ends
            | {"doubts": len(doubts), "confidence": CONFIDENCES[min(len(doubts), 2)]}
            | {"because": "; ".join(doubts)}
        )
    columns = ["series", "years", "first_seen", "last_seen", "doubts", "confidence", "because"]
    found = pd.DataFrame(rows, columns=columns)
    return found.astype({"first_seen": "Int64", "last_seen": "Int64"})


def choices_tried(numbers: Mapping[str, tuple[str, Mapping[str, float]]]) -> pd.DataFrame:
    """Numbers under several choices as a table, the first choice of each being the one stated.

    numbers: {number in words: (unit, {choice in words: value})}; a missing value is a choice under
    which the number is not defined. Columns: `number`, `choice`, `value`, `chosen`, `unit`, as
    `range_of_choices` takes them. Numbers without a choice have no row.

    >>> choices_tried({"share": ("percent", {"5 years": 0.3, "3 years": None})}).values.tolist()
    [['share', '5 years', 0.3, True, 'percent'], ['share', '3 years', nan, False, 'percent']]
    """
    rows = [
        (number, choice, value, place == 0, unit)
        for number, (unit, choices) in numbers.items()
        for place, (choice, value) in enumerate(choices.items())
    ]
    found = pd.DataFrame(rows, columns=["number", "choice", "value", "chosen", "unit"])
    return found.assign(value=pd.to_numeric(found["value"]).astype("float64"))


def change_between(values: pd.Series, first: int, last: int) -> float:
    """How much a yearly series changed from one year to another; missing where either year is.

    >>> change_between(pd.Series([0.5, 0.25], index=[2017, 2024]), 2017, 2024)
    -0.25
    >>> change_between(pd.Series([0.5], index=[2017]), 2017, 2024)
    nan
    """
    ends = values.reindex([first, last]).astype("float64")
    return float(ends.iloc[1] - ends.iloc[0])


def range_of_choices(figures: pd.DataFrame) -> pd.DataFrame:
    """How far each headline number depends on the choices made: one row a number.

    figures: `number` (in words), `choice` (in words), `value`, `chosen` (True for the one that the
    book states; exactly one a number), `unit`. Columns: `number`, `unit`, `choices` (with a value), `chosen`,
    `chosen_choice`, `lowest`, `lowest_choice`, `highest`, `highest_choice`, `undefined` (choices
    without a value, joined by semicolons). Of choices that give the same two are named, and how many
    more there are.

    The range holds the choices listed and no others, and nothing of the errors in the data. A narrow
    range makes a number robust against these choices; it does not make it true. A number without
    exactly one chosen choice, and two choices of one name, raise a DataProblem.

    >>> figures = pd.DataFrame({"number": "share", "choice": ["5 years", "3 years"], "value": [0.3,
    ...     0.1], "chosen": [True, False], "unit": "share"})
    >>> range_of_choices(figures)[["chosen", "lowest", "lowest_choice"]].values.tolist()
    [[0.3, 0.1, '3 years']]
    """
    _require(figures, ["number", "choice", "value", "chosen", "unit"], "figures")
    picked = figures.groupby("number", sort=False)["chosen"].sum()
    wrong = list(picked.index[picked != 1])
    doubled = figures[figures.duplicated(["number", "choice"])]
    if wrong or len(doubled):
        named = ", ".join([*wrong, *(doubled["number"] + ": " + doubled["choice"])])
        raise DataProblem(
            f"figures: expected one chosen choice a number and each choice once; see {named}."
        )
    rows = []
    for name, part in figures.groupby("number", sort=False):
        known = part.dropna(subset=["value"])
        own = part[part["chosen"].astype(bool)].iloc[0]
        rows.append(
            {"number": name, "unit": own["unit"], "choices": len(known), "chosen": own["value"]}
            | {"chosen_choice": own["choice"]}
            | _end(known, "lowest", known["value"].min())
            | _end(known, "highest", known["value"].max())
            | {"undefined": "; ".join(part.loc[part["value"].isna(), "choice"])}
        )
    columns = ["number", "unit", "choices", "chosen", "chosen_choice", "lowest", "lowest_choice"]
    return pd.DataFrame(rows, columns=[*columns, "highest", "highest_choice", "undefined"])


def said_sign(values: pd.Series, least: float = 0.005) -> str:
    """Whether a change has one sign under all choices tried, in words.

    values: the change by choice, without gaps. least: a change no larger has no sign. One or two
    choices that differ from all others are named; more make the sign hang on the choice. One sign
    under every choice says nothing of choices that were not tried.

    >>> said_sign(pd.Series({"share": -0.2, "kappa": -0.1, "pi": -0.1, "to 2025": 0.03}))
    'it has one sign under every choice but one: to 2025'
    """
    sign = np.sign(values.where(values.abs() > least, 0.0))
    usual = sign.mode().iloc[0]
    others = [] if usual == 0 else sign.index[sign != usual].tolist()
    if usual != 0 and not others:
        return "it has one sign under every choice"
    if usual == 0 or len(others) > NAMED or len(others) >= len(sign) / 3:
        return "the sign hangs on the choice"
    number = "one" if len(others) == 1 else "two"
    return f"it has one sign under every choice but {number}: {'; '.join(others)}"


def hanging(ranges: pd.DataFrame) -> list[str]:
    """The numbers of `range_of_choices` whose sign, or whose size by half, hangs on a choice.

    In the order of `ranges`, as they are called there. A number that is not named can be wrong all
    the same: only the choices listed were tried.

    >>> ranges = pd.DataFrame({"number": ["a", "b"], "lowest": [0.4, 0.1], "highest": [0.5, 0.5]})
    >>> hanging(ranges)
    ['b']
    """
    _require(ranges, ["number", "lowest", "highest"], "ranges")
    ends = ranges[["lowest", "highest"]].astype("float64")
    size = ends.abs().agg(["min", "max"], axis=1)
    wide = (np.sign(ends).prod(axis=1) < 0) | (size["min"] < size["max"] / 2)
    return ranges.loc[wide, "number"].tolist()


def named_by_word(moved: pd.DataFrame, word: str) -> list[str]:
    """The indicators of `level_and_change` that got one word, in their order.

    >>> named_by_word(pd.DataFrame({"series": ["a", "b"], "word": ["fell", "rose"]}), "fell")
    ['a']
    """
    _require(moved, ["series", "word"], "moved")
    return moved.loc[moved["word"] == word, "series"].tolist()


def _once(panel):
    """The panel without empty rows, once no year of a series stands twice in it."""
    _require(panel, ["series", "group", "year", "value"], "panel")
    doubled = panel[panel.duplicated(["series", "year"])]
    if len(doubled):
        named = ", ".join(f"{r.series} {r.year}" for r in doubled.head(5).itertuples())
        raise DataProblem(f"panel: two values of {named}; expected one a series and year.")
    return panel.dropna(subset=["value"])


def _scaled(panel, goalposts):
    """The panel with each value between its goalposts, 0 at `apart` and 1 at `close`."""
    _require(panel, ["series", "year", "value"], "panel")
    posts = _checked(goalposts).set_index("series")
    lacking = [name for name in panel["series"].unique() if name not in posts.index]
    if lacking:
        raise DataProblem(f"goalposts: there is no row for {', '.join(lacking)}.")
    logarithmic = panel["series"].map(posts["scale"]).eq("logarithmic").to_numpy()
    value = panel["value"].astype("float64").to_numpy()
    ends = [panel["series"].map(posts[end]).astype("float64").to_numpy() for end in _GOALPOSTS[1:3]]
    with np.errstate(divide="ignore", invalid="ignore"):
        value, apart, close = (np.where(logarithmic, np.log(one), one) for one in (value, *ends))
    part = (value - apart) / (close - apart)
    beyond = panel[(part < -1e-9) | (part > 1 + 1e-9)]
    if len(beyond):
        named = ", ".join(f"{r.series} {r.year}: {r.value:g}" for r in beyond.head(5).itertuples())
        raise DataProblem(
            f"values beyond the goalposts: {named}. Move the goalposts, with a reason."
        )
    return panel.assign(scaled=np.clip(part, 0, 1))


def _checked(goalposts):
    _require(goalposts, _GOALPOSTS, "goalposts")
    ends = goalposts[["apart", "close"]].astype("float64")
    logarithmic = goalposts["scale"].eq("logarithmic")
    wrong = goalposts["series"].duplicated() | ~goalposts["scale"].isin(SCALES)
    wrong |= ~np.isfinite(ends).all(axis=1) | ends["apart"].eq(ends["close"])
    wrong |= logarithmic & (ends <= 0).any(axis=1)
    if wrong.any():
        raise DataProblem(
            f"goalposts of {', '.join(goalposts.loc[wrong, 'series'])}: expected one row a series,"
            f" two different numbers and a scale among {', '.join(SCALES)}; a logarithmic one needs"
            " numbers above zero."
        )
    return goalposts


def _moved(values, base_year, last_year):
    """The change of one indicator since the base year, judged by its own past."""
    before, after = values[values.index <= base_year], values[values.index > base_year]
    at_base = before[before.index >= base_year - REACH]
    until = values.index[-1] if len(values) else pd.NA
    level = values["value"].iloc[-1] if len(values) else np.nan
    found = dict.fromkeys(_MOVED[2:], np.nan) | {"until": until, "level": level, "word": UNJUDGED}
    found |= {"from_year": pd.NA, "spans": pd.NA, "spans_as_large": pd.NA, "turn_year": pd.NA}
    if at_base.empty or after.empty:
        return found | {"reason": NOT_IN_BASE if at_base.empty else NOTHING_LATER}
    if until == base_year + 1 < last_year:
        return found | {"reason": BARELY_LATER}
    start = int(at_base.index[-1])
    change = values["scaled"].iloc[-1] - at_base["scaled"].iloc[-1]
    steps, way = values["scaled"].diff(), np.sign(change)
    spans = _spans(before["scaled"], int(until) - start)
    later = (steps[steps.index > start] * way).round(12)
    found |= {
        "from_year": start,
        "before": at_base["value"].iloc[-1],
        "change": level - at_base["value"].iloc[-1],
        "scaled_change": change,
        "spans": len(spans),
        "spans_as_large": int((spans >= abs(change) - 1e-12).sum()),
        "turn_year": int(later.idxmax()) if later.max() > 0 else pd.NA,
    }
    ordinary = before["scaled"].diff().abs().dropna()
    if len(ordinary) < FEWEST_STEPS:
        return found | {"reason": SHORT_PAST}
    step = float(ordinary.quantile(ORDINARY))
    moved = abs(change) > step + 1e-12
    word = STILL if not moved else ROSE if change > 0 else FELL
    return found | {"ordinary_step": step, "word": word, "reason": ""}


def _spans(past, years):
    """The sizes of all changes over as many years that the past holds."""
    sizes = (past.reindex(past.index + years).to_numpy() - past.to_numpy()).astype("float64")
    return np.abs(sizes[np.isfinite(sizes)])


def _place(part, state, base_year):
    found = dict.fromkeys(_PLACE, pd.NA)
    own = part[part["state"] == state]
    if own.empty:
        return found | {"reason": NOT_SEEN if len(part) else NO_OTHERS}
    year = own["year"].max()
    now = part[part["year"] == year].set_index("state")["scaled"].round(12)
    if len(now) < 2:
        return found | {"year": year, "reason": NO_OTHERS}
    found |= {"year": year, "rank": int(1 + (now > now[state]).sum()), "of": len(now)}
    found |= {"tied": int((now == now[state]).sum() - 1)}
    then = part[part["year"] == base_year].set_index("state")["scaled"]
    moved = (now - then).dropna().round(12) if year > base_year else now.iloc[:0]
    if state in moved and len(moved) > 1:
        rank = int(1 + (moved < moved[state]).sum())
        found |= {"change_rank": rank, "change_of": len(moved)}
    return found | {"reason": ""}


def _doubts(years, about, last_year):
    if years.empty:
        return ["nothing observed in these years", "so nothing to check"]
    facts = {
        "gaps between its years": len(years) < years.max() - years.min() + 1,
        "one producer": about["producers"] < 2,
        f"fewer than {FEW_YEARS} years": len(years) < FEW_YEARS,
        "collected by hand": bool(about["by_hand"]),
        "known to be incomplete": bool(about["incomplete"]),
        f"ends in {years.max()}": last_year - years.max() >= OLD,
    }
    return [words for words, doubtful in facts.items() if doubtful]


def _end(known, name, value):
    given_by = known.loc[(known["value"] - value).abs() <= 1e-12, "choice"].tolist()
    said = "; ".join(given_by[:NAMED])
    if len(given_by) == len(known) > 1:
        said = EVERY_CHOICE
    elif len(given_by) > NAMED:
        said += f"; and {len(given_by) - NAMED} more"
    return {name: value, f"{name}_choice": said}


def _require(table, columns, name):
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise DataProblem(
            f"{name}: the columns {', '.join(lacking)} are missing; it has"
            f" {', '.join(map(str, table.columns))}."
        )
