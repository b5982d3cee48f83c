"""Joint operations: who was asked for help, under which clause, and what came.

A test, here, is an event examined: one state called on another, or an attack, a threat or a war
lets one ask whether it could have. That a clause could apply is one of its facts, and not presumed.
Two questions decide every count: which tests are counted (RULES), and what counts as an answer
(READINGS). Both are answered from facts in the table; neither is hidden in a verdict.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import Prose, fill

RULES = {
    "invoked": ("invoked", ("yes",)),
    "invoked or disputed": ("invoked", ("yes", "disputed")),
    "attacked": ("territory", ("recognised",)),
    "attacked or contested": ("territory", ("recognised", "contested")),
}
READINGS = ("strict", "forces posted", "as the clause requires", "lenient")
QUESTIONS = {
    "territory": "Own soil attacked?",
    "clause_applies": "Could a clause apply?",
    "invoked": "Invoked?",
    "strict": "Strictly answered?",
    "as the clause requires": "As the clause requires?",
    "lenient": "Leniently answered?",
}
WORDS = {
    "territory": ("recognised", "contested", "outside", "no attack"),
    "clause_applies": ("yes", "arguable", "no"),
    "invoked": ("yes", "disputed", "no"),
    "military_help": ("yes", "no"),
    "other_help": ("yes", "no"),
    "forces_posted": ("yes", "no"),
    "clause_met": ("yes", "in part", "no", "not asked"),
}
NO_INTERVAL = "nearly any reaction counts as an answer, so an interval would mean nothing"
MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)
CAME = ("forces", "other help", "no help", "no call")
NOTHING_COUNTED = "no event counts under this rule, so there is no share"
LISTS = {"gml-disputes": "Gibler, Miller and Little", "cow-disputes": "Correlates of War"}
NEEDED = ("test", "ally", "asker", "start", *WORDS)


def of_pair(
    tests: pd.DataFrame, asker: str, ally: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The tests in which `asker` could have called on `ally`, by the year in which they began.

    `tests` holds `test`, `ally`, `asker`, `start` (ISO date, whole or cut to month or year),
    `territory`, `clause_applies`, `invoked`, `military_help`, `other_help`, `forces_posted` and
    `clause_met`, in the words of WORDS, one row a test and ally, as the table
    `joint_operations/tests_of_obligations` does. All columns are returned, by `start`; without a
    test the frame is empty, which says that none is listed and not that none took place. The
    direction matters: the other way round are other tests.

    Raises DataProblem for unusable rows and for a first year after the last.

    >>> tests = pd.DataFrame({"test": ["a", "b"], "ally": ["RUS", "ARM"], "asker": ["ARM", "RUS"],
    ...     "start": ["2022-09-13", "2024-08"], "territory": "recognised", "clause_applies": "yes",
    ...     "invoked": ["yes", "no"], "military_help": "no", "other_help": ["yes", "no"],
    ...     "forces_posted": "no", "clause_met": ["no", "not asked"]})
    >>> of_pair(tests, "ARM", "RUS", 1992, 2025)["test"].tolist()
    ['a']
    """
    _refuse_rows(tests)
    if first_year > last_year:
        raise DataProblem(f"the first year, {first_year}, is after the last, {last_year}.")
    years = tests["start"].str[:4].astype("int64").between(first_year, last_year)
    chosen = tests[years & (tests["asker"] == asker) & (tests["ally"] == ally)]
    return chosen.sort_values(["start", "test"], ignore_index=True)


def call_of_third(
    tests: pd.DataFrame, asker: str, pair: tuple[str, str], first_year: int, last_year: int
) -> pd.DataFrame:
    """The tests in which a third state could have called on the two of a pair, for contrast.

    One row a test and ally, first those of the first state; empty where `asker` is itself one of
    the pair, whose tests are its own, and where none is listed. Otherwise as `of_pair`, with its
    errors.

    >>> tests = pd.DataFrame({"test": "a", "ally": ["ARM", "RUS"], "asker": "KAZ",
    ...     "start": "2022-01", "territory": "no attack", "clause_applies": "arguable",
    ...     "invoked": "yes", "military_help": "yes", "other_help": "no", "forces_posted": "yes",
    ...     "clause_met": "yes"})
    >>> call_of_third(tests, "KAZ", ("ARM", "RUS"), 1992, 2025)["ally"].tolist()
    ['ARM', 'RUS']
    >>> len(call_of_third(tests, "KAZ", ("KAZ", "RUS"), 1992, 2025))
    0
    """
    asked = [of_pair(tests, asker, ally, first_year, last_year) for ally in pair]
    both = pd.concat(asked, ignore_index=True)
    return both[:0] if asker in pair else both


def counted(tests: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The tests that count under a rule, one of RULES.

    "invoked": the asker called on a clause in public. "invoked or disputed": also where it is
    disputed whether it did. "attacked": an attack from outside fell on the asker's internationally
    recognised territory, whether it asked or not; "attacked or contested": also where that is
    contested, or who attacked whom. The first two follow what the asker did, the last two what the
    clause speaks of; an ally that discourages requests looks better under the first two.

    Raises DataProblem for unusable rows and an unknown rule.

    >>> tests = pd.DataFrame({"test": ["a", "b"], "ally": "RUS", "asker": "ARM",
    ...     "start": ["2020-07", "2022-09"], "territory": ["contested", "recognised"],
    ...     "clause_applies": "yes", "invoked": ["no", "yes"], "military_help": "no",
    ...     "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> counted(tests, "attacked or contested")["test"].tolist()
    ['a', 'b']
    """
    _refuse_rows(tests)
    if rule not in RULES:
        raise DataProblem(f"found the rule {rule!r}; expected one of {'; '.join(RULES)}.")
    column, words = RULES[rule]
    return tests[tests[column].isin(words)].reset_index(drop=True)


def answered(tests: pd.DataFrame, reading: str) -> pd.Series:
    """Whether the ally answered, test by test, under one of READINGS; True or False.

    "strict": forces or weapons came for the task for which the obligation was invoked, which under a
    clause of defence is to repel an attack.
    "forces posted": these, or armed border guards or peacekeepers after the fighting or elsewhere.
    "as the clause requires": what the invoked clause names was done, wholly or in part;
    consultations are enough where consultations were invoked. "lenient": anything came that served
    the asker's security: consultations, mediation, a mission, posts, public support. The strict
    reading takes a promise of consultation for more than it is; the lenient one takes a telephone
    call for help, so that it is nearly empty.

    Raises DataProblem for unusable rows and an unknown reading.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09"],
    ...     "territory": "recognised", "clause_applies": "yes", "invoked": "yes",
    ...     "military_help": "no", "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> answered(tests, "strict").tolist(), answered(tests, "lenient").tolist()
    ([False], [True])
    """
    _refuse_rows(tests)
    if reading not in READINGS:
        raise DataProblem(f"found the reading {reading!r}; expected one of {', '.join(READINGS)}.")
    facts = {"military_help": ("yes",)}
    facts |= {"forces_posted": ("yes",)} if reading in ("forces posted", "lenient") else {}
    facts |= {"other_help": ("yes",)} if reading == "lenient" else {}
    if reading == "as the clause requires":
        facts = {"clause_met": ("yes", "in part")}
    return pd.concat([tests[name].isin(words) for name, words in facts.items()], axis=1).any(axis=1)


def answered_share(
    tests: pd.DataFrame,
    rule: str = "invoked",
    reading: str = "strict",
    interval: Callable[[int, int], tuple[float, float]] | None = None,
) -> pd.Series:
    """The share of the tests that count under a rule which the ally answered under a reading.

    `tests` are those of one pair and direction (`of_pair`); `interval` makes the two bounds
    from the counts, such as `reliability.exact_interval`. A Series with `rule`, `reading`, `tests`,
    `answered`, `share`, `lower`, `upper` and `reason`. Where no test counts, share and bounds are
    NaN with the reason: nobody was asked, which is neither faith nor breach. The lenient reading
    has no bounds, and says so: where nearly any reaction counts, there is nothing to estimate.

    The tests of one alliance are few and not independent: the first answer shapes the next request.
    The bounds are therefore too narrow, and the share is no chance that the ally will come.
    Counts rather than a score are returned, because a weight for "partly" would be ours and could
    decide the result. Raises DataProblem as `counted` and `answered` do, and for tests of several
    askers or allies. Source of the measure: Leeds, Long and Mitchell 2000, applied to one pair.

    >>> tests = pd.DataFrame({"test": ["a", "b"], "ally": "RUS", "asker": "ARM",
    ...     "start": ["2021-05", "2022-09"], "territory": "recognised", "clause_applies": "yes",
    ...     "invoked": "yes", "military_help": ["no", "yes"], "other_help": "yes",
    ...     "forces_posted": "no", "clause_met": "no"})
    >>> answered_share(tests)[["tests", "answered", "share"]].to_dict()
    {'tests': 2, 'answered': 1, 'share': 0.5}
    """
    mixed = [name for name in ("asker", "ally") if tests[name].nunique() > 1]
    if mixed:
        raise DataProblem(
            f"tests: found several values of {' and '.join(mixed)}; expected one pair and one"
            " direction. Choose it with of_pair."
        )
    chosen = counted(tests, rule)
    number, kept = len(chosen), int(answered(chosen, reading).sum())
    bounded = interval and number and reading != "lenient"
    lower, upper = interval(kept, number) if bounded else (np.nan, np.nan)
    found = {"rule": rule, "reading": reading, "tests": number, "answered": kept}
    found |= {"share": kept / number if number else np.nan, "lower": lower, "upper": upper}
    unsaid = NO_INTERVAL if interval and not bounded else ""
    return pd.Series(found | {"reason": unsaid if number else NOTHING_COUNTED}, dtype="object")


def answered_by_rule(
    tests: pd.DataFrame, interval: Callable[[int, int], tuple[float, float]] | None = None
) -> pd.DataFrame:
    """`answered_share` under every rule and reading, so that no single one is taken for the result.

    One row for each of RULES and READINGS; columns and errors as in `answered_share`.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09"],
    ...     "territory": "outside", "clause_applies": "no", "invoked": "yes",
    ...     "military_help": "no", "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> answered_by_rule(tests)[["rule", "reading", "tests", "answered"]].head(2)
          rule        reading  tests  answered
    0  invoked         strict      1         0
    1  invoked  forces posted      1         0
    """
    rows = [answered_share(tests, rule, how, interval) for rule in RULES for how in READINGS]
    numbers = dict.fromkeys(("share", "lower", "upper"), "float64")
    whole = dict.fromkeys(("tests", "answered"), "int64")
    return pd.DataFrame(rows).reset_index(drop=True).astype(numbers | whole)


def beside_base_rates(shares: pd.DataFrame, base_rates: dict[str, pd.Series]) -> pd.DataFrame:
    """Shares of one pair with the base rates of all alliances, in one frame for a picture.

    `shares` is from `answered_by_rule`; `base_rates` {words: Series with `invoked`, `share`,
    `lower`, `upper`}, as `reliability.reliability` gives it. Columns: `row` (rule or words, with
    the number of cases), `series` (reading, or "other alliances"), `share`, `lower`, `upper`. Rules
    under which no test counts are left out. The base rates count wars with a thousand battle deaths
    under the strict question, so they compare with the strict reading only.

    >>> shares = pd.DataFrame({"rule": ["invoked"], "reading": ["strict"], "tests": [5],
    ...     "answered": [0], "share": [0.0], "lower": [0.0], "upper": [0.52]})
    >>> base = pd.Series({"invoked": 43, "share": 0.14, "lower": 0.05, "upper": 0.28})
    >>> beside_base_rates(shares, {"defence pacts": base})["row"].tolist()
    ['invoked (5)', 'defence pacts (43)']
    """
    known = shares[shares["tests"] > 0]
    own = known.assign(
        row=known["rule"] + " (" + known["tests"].astype("str") + ")", series=known["reading"]
    )
    base = [
        {"row": f"{words} ({int(rate['invoked'])})", "series": "other alliances"}
        | {name: float(rate[name]) for name in ("share", "lower", "upper")}
        for words, rate in base_rates.items()
    ]
    columns = ["row", "series", "share", "lower", "upper"]
    return pd.concat([own[columns], pd.DataFrame(base, columns=columns)], ignore_index=True)


def questions(tests: pd.DataFrame) -> pd.DataFrame:
    """The questions put to each test, one row a test and question, for a picture of tiles.

    Columns: `label`, `question`, `answer` ("yes", "open", "no", "not asked"). "open" stands for
    contested, arguable and disputed, and for a clause followed in part. Where nobody asked, the
    ally cannot have answered: such a test is "not asked" in every reading, whatever the ally did of
    its own accord. Errors as in `of_pair`.

    >>> tests = pd.DataFrame({"test": ["a"], "label": "A", "ally": "RUS", "asker": "ARM",
    ...     "start": ["2020-07"], "territory": "contested", "clause_applies": "arguable",
    ...     "invoked": "no", "military_help": "no", "other_help": "yes", "forces_posted": "no",
    ...     "clause_met": "not asked"})
    >>> questions(tests)["answer"].tolist()
    ['open', 'open', 'no', 'not asked', 'not asked', 'not asked']
    """
    _refuse_rows(tests)
    tests = tests.reset_index(drop=True)
    same = {"yes": "yes", "no": "no"}
    plain = {
        "territory": {"recognised": "yes", "contested": "open", "outside": "no", "no attack": "no"},
        "clause_applies": same | {"arguable": "open"},
        "invoked": same | {"disputed": "open"},
    }
    found = {name: tests[name].map(words) for name, words in plain.items()}
    for reading in (reading for reading in READINGS if reading in QUESTIONS):
        said = answered(tests, reading).map({True: "yes", False: "no"})
        if reading == "as the clause requires":
            said = said.mask(tests["clause_met"] == "in part", "open")
        found[reading] = said.mask(tests["invoked"] == "no", "not asked")
    parts = [
        pd.DataFrame({"label": tests["label"], "question": QUESTIONS[name], "answer": answer})
        for name, answer in found.items()
    ]
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def calls(tests: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The tests of several pairs in order of time, with who asked and what came, for a timeline.

    `names` {code: name of the state}. Adds `came` as `what_came` does and `call`, such as
    "Armenia: other help" or "Russia: no call", with the name of who could ask. A test with
    several allies keeps one row, that of the ally who did most. Errors as in `of_pair`.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09"],
    ...     "territory": "recognised", "clause_applies": "yes", "invoked": "no",
    ...     "military_help": "no", "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> calls(tests, {"ARM": "Armenia"})["call"].tolist()
    ['Armenia: no call']
    """
    told = what_came(tests)
    most = told["came"].map({word: place for place, word in enumerate(CAME)})
    told = told.assign(most=most).sort_values(["start", "test", "most"])
    told = told.drop_duplicates("test", ignore_index=True).drop(columns="most")
    return told.assign(call=told["asker"].replace(names) + ": " + told["came"])


def dated(tests: pd.DataFrame) -> pd.DataFrame:
    """The tests with a column `when`: from which day to which, in words, as exactly as is known.

    An empty end means that the event goes on. Errors as in `of_pair`.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09-13"],
    ...     "end": ["2022-10"], "territory": "recognised", "clause_applies": "yes",
    ...     "invoked": "no", "military_help": "no", "other_help": "yes", "forces_posted": "no",
    ...     "clause_met": "not asked"})
    >>> dated(tests)["when"].tolist()
    ['13 September 2022 to October 2022']
    """
    _refuse_rows(tests)
    start = tests["start"].map(_day)
    end = tests["end"].map(_day, na_action="ignore")
    when = (start + " to " + end).mask(start == end, start).mask(end.isna(), "since " + start)
    return tests.assign(when=when)


def _day(text):
    year, *rest = text.split("-")
    return " ".join(
        [*(str(int(day)) for day in rest[1:]), *(MONTHS[int(m) - 1] for m in rest[:1]), year]
    )


def with_base_rate(
    base_rates: dict[str, pd.Series], record: pd.Series, chance: Callable[[int, int, float], float]
) -> pd.DataFrame:
    """Base rates in a table, each with the chance of a record no better than that of the pair.

    `base_rates` as in `beside_base_rates`, with `honoured`; `record` is from `answered_share`;
    `chance` makes the probability from answers, tests and rate (`reliability.chance_of_at_most`).
    Columns: `base`, `honoured`, `invoked`, `share`, `lower`, `upper`, `chance` and `calls`, the
    number of unanswered calls that would surprise at that rate (NA for a rate of 0, at which none
    would). Without a test in the record the chance is NaN.

    >>> base = pd.Series({"honoured": 5, "invoked": 10, "share": 0.5, "lower": 0.2, "upper": 0.8})
    >>> record = pd.Series({"tests": 2, "answered": 0})
    >>> with_base_rate({"all": base}, record, lambda kept, asked, rate: (1 - rate) ** asked)[
    ...     ["base", "chance", "calls"]]
      base  chance  calls
    0  all    0.25      5
    """
    names = ["honoured", "invoked", "share", "lower", "upper"]
    rows = [
        {"base": words}
        | {name: rate[name] for name in names}
        | {
            "chance": chance(record["answered"], record["tests"], rate["share"])
            if record["tests"]
            else np.nan,
            "calls": unanswered_until_surprising(rate["share"]) if rate["share"] > 0 else pd.NA,
        }
        for words, rate in base_rates.items()
    ]
    numbers = dict.fromkeys(["share", "lower", "upper", "chance"], "float64")
    whole = dict.fromkeys(["honoured", "invoked", "calls"], "Int64")
    return pd.DataFrame(rows, columns=["base", *names, "chance", "calls"]).astype(numbers | whole)


def unanswered_until_surprising(base_rate: float, chance: float = 0.05) -> int:
    """How many calls in a row must go unanswered until an ally of the base rate would surprise.

    The smallest number of independent calls that would all fail with a probability below `chance`.
    It shows how little a handful of calls can tell; real calls are not independent, so the true
    number is larger. Raises DataProblem for a base rate or a chance not between 0 and 1.

    >>> unanswered_until_surprising(0.5)
    5
    """
    if not (0 < base_rate < 1 and 0 < chance < 1):
        raise DataProblem(
            f"found the base rate {base_rate!r} and the chance {chance!r}; expected both between"
            " 0 and 1."
        )
    return int(np.floor(np.log(chance) / np.log1p(-base_rate))) + 1


def recoded(tests: pd.DataFrame, test: str, **facts: str) -> pd.DataFrame:
    """The tests with other facts for one of them, to see what a doubtful coding decides.

    Raises DataProblem for an unknown test, an unknown column and a word that is not allowed there.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09"],
    ...     "territory": "recognised", "clause_applies": "yes", "invoked": "yes",
    ...     "military_help": "no", "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> recoded(tests, "a", military_help="yes")["military_help"].tolist()
    ['yes']
    """
    if test not in set(tests["test"]) or not set(facts) <= set(WORDS):
        raise DataProblem(
            f"found the test {test!r} and the columns {', '.join(facts)}; expected one of"
            f" {', '.join(tests['test'])} and of {', '.join(WORDS)}."
        )
    changed = tests.copy()
    for name, word in facts.items():
        changed.loc[changed["test"] == test, name] = word
    _refuse_rows(changed)
    return changed


def what_came(tests: pd.DataFrame) -> pd.DataFrame:
    """The tests with a column `came`: what came of the call, in a word or two for a timeline.

    `came` is one of CAME; a disputed request counts as asked. Errors as in `of_pair`.

    >>> tests = pd.DataFrame({"test": ["a"], "ally": "RUS", "asker": "ARM", "start": ["2022-09"],
    ...     "territory": "recognised", "clause_applies": "yes", "invoked": "yes",
    ...     "military_help": "no", "other_help": "yes", "forces_posted": "no", "clause_met": "no"})
    >>> what_came(tests)["came"].tolist()
    ['other help']
    """
    _refuse_rows(tests)
    military, other, nothing, silent = CAME
    came = pd.Series(nothing, index=tests.index)
    came = came.mask(tests["other_help"] == "yes", other)
    came = came.mask(tests["military_help"] == "yes", military)
    return tests.assign(came=came.mask(tests["invoked"] == "no", silent))


def same_side(
    disputes: pd.DataFrame,
    state: str,
    partner: str,
    first_year: int,
    last_year: int,
    source: str = "gml-disputes",
) -> pd.DataFrame:
    """The disputes in which two states took part at the same time, and on whose side.

    `disputes` holds `dispute`, `state`, `partner`, `side`, `begins`, `ends`, `state_hostility`,
    `partner_hostility` and `source`, each pair once; it is turned round where `partner` stands
    first. Rows whose joint stay touches the years are returned, in order of time, with these
    columns but `source`. `side` is "same" or "opposite"; hostility is the highest level that each
    reached in the whole dispute, 1 (no militarized action) to 5 (war).

    No row means that the list has no such dispute in the years it covers; it is no sign of peace,
    nor of coldness, in years that it does not cover. Being on the same side means having the same
    opponent: not that anybody asked, that a treaty was invoked, or that the two acted together. A
    state with level 1 was on that side without doing anything military.

    Raises DataProblem for missing columns and an unknown source. Source of the data: Gibler, Miller
    and Little 2016; Palmer and others 2022. One list at a time, because they count the same events.

    >>> disputes = pd.DataFrame({"dispute": [1, 2], "state": "ARM", "partner": "RUS",
    ...     "side": "same", "begins": ["1993-02", "2000"], "ends": ["1993-05-16", "2000"],
    ...     "state_hostility": [5, 1], "partner_hostility": 4,
    ...     "source": ["gml-disputes", "cow-disputes"]})
    >>> same_side(disputes, "RUS", "ARM", 1992, 2010)[["state", "ends", "state_hostility"]]
      state        ends  state_hostility
    0   RUS  1993-05-16                4
    """
    _refuse_disputes(disputes, source)
    pair = disputes["state"].isin([state, partner]) & disputes["partner"].isin([state, partner])
    rows = disputes[pair & (disputes["source"] == source)].drop(columns="source")
    turned = {"state": "partner", "partner": "state"}
    turned |= {f"{one}_hostility": f"{other}_hostility" for one, other in turned.items()}
    own = rows["state"] == state
    rows = pd.concat([rows[own], rows[~own].rename(columns=turned)[rows.columns]])
    begins, ends = (rows[name].str[:4].astype(int) for name in ("begins", "ends"))
    rows = rows[(begins <= last_year) & (ends >= first_year)]
    return rows.sort_values(["begins", "dispute"], ignore_index=True)


def same_side_counts(
    disputes: pd.DataFrame,
    entered: pd.DataFrame,
    state: str,
    partners: list[str],
    first_year: int,
    last_year: int,
    source: str = "gml-disputes",
) -> pd.DataFrame:
    """How many disputes each partner shared with a state, beside how many it entered at all.

    `disputes` as in `same_side`; `entered` holds `state`, `year`, `disputes` and `source`, with a
    row for every year the list covers. One row a partner: `partner`, `same`, `opposite` (disputes),
    `entered` (disputes that `state` entered), `first_year`, `last_year` (of the list, within those
    asked for). The counts stand beside each other and are not divided: a dispute may have been
    entered before the years and shared within them. Where the list covers none of the years, counts
    and years are missing (NA). Errors and sources as in `same_side`.

    >>> disputes = pd.DataFrame({"dispute": [1], "state": "ARM", "partner": "RUS", "side": "same",
    ...     "begins": ["1993-02"], "ends": ["1993-05-16"], "state_hostility": [5],
    ...     "partner_hostility": [4], "source": "gml-disputes"})
    >>> entered = pd.DataFrame({"state": "ARM", "year": [1992, 1993], "disputes": [1, 0],
    ...     "source": "gml-disputes"})
    >>> same_side_counts(disputes, entered, "ARM", ["RUS", "GEO"], 1992, 2025)[
    ...     ["partner", "same", "opposite", "entered", "last_year"]]
      partner  same  opposite  entered  last_year
    0     RUS     1         0        1       1993
    1     GEO     0         0        1       1993
    """
    _refuse_disputes(disputes, source)
    own = entered[(entered["state"] == state) & (entered["source"] == source)]
    own = own[own["year"].between(first_year, last_year)]
    rows = []
    for partner in partners:
        shared = same_side(disputes, state, partner, first_year, last_year, source)
        on_side = {side: shared[shared["side"] == side] for side in ("same", "opposite")}
        rows.append(
            {"partner": partner}
            | {side: part["dispute"].nunique() for side, part in on_side.items()}
            | {"entered": own["disputes"].sum()}
            | {"first_year": own["year"].min(), "last_year": own["year"].max()}
        )
    counts = ["same", "opposite", "entered", "first_year", "last_year"]
    found = pd.DataFrame(rows, columns=["partner", *counts]).astype(dict.fromkeys(counts, "Int64"))
    if own.empty:
        found[counts] = pd.NA
    return found


def shared_by_list(
    disputes: pd.DataFrame, state: str, partner: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """`same_side` by each of the lists, one below the other, with the `list` in words.

    The lists count the same events, so rows of one dispute stand twice and are not to be added.
    Columns, gaps and errors as in `same_side`.

    >>> disputes = pd.DataFrame({"dispute": 3564, "state": "ARM", "partner": "RUS", "side": "same",
    ...     "begins": "1993", "ends": "1993", "state_hostility": 4, "partner_hostility": 4,
    ...     "source": ["gml-disputes", "cow-disputes"]})
    >>> shared_by_list(disputes, "ARM", "RUS", 1992, 2025)["list"].tolist()
    ['Gibler, Miller and Little', 'Correlates of War']
    """
    pair = (state, partner, first_year, last_year)
    present = [one for one in LISTS if one in set(disputes["source"])]
    return pd.concat(
        [same_side(disputes, *pair, one).assign(list=LISTS[one]) for one in present]
        or [disputes[:0].assign(list="")],
        ignore_index=True,
    )


def counts_by_list(
    disputes: pd.DataFrame,
    entered: pd.DataFrame,
    state: str,
    partners: list[str],
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """`same_side_counts` by each of the lists, by partner, with the `list` in words.

    A list that covers none of the years is left out, so that without any the frame is empty. The
    lists count the same events and are not to be added. Gaps and errors as in `same_side_counts`.

    >>> disputes = pd.DataFrame({"dispute": 3564, "state": "ARM", "partner": "RUS", "side": "same",
    ...     "begins": "1993", "ends": "1993", "state_hostility": 4, "partner_hostility": 4,
    ...     "source": ["gml-disputes", "cow-disputes"]})
    >>> entered = pd.DataFrame({"state": "ARM", "year": [1993, 2014], "disputes": [1, 0],
    ...     "source": "cow-disputes"})
    >>> counts_by_list(disputes, entered, "ARM", ["RUS"], 1992, 2025)[["list", "same", "last_year"]]
                    list  same  last_year
    0  Correlates of War     1       2014
    """
    present = [one for one in LISTS if one in set(disputes["source"])]
    asked = (state, partners, first_year, last_year)
    parts = [
        same_side_counts(disputes, entered, *asked, one).assign(list=LISTS[one]) for one in present
    ]
    found = pd.concat(parts or [pd.DataFrame(columns=["partner", "entered", "list"])])
    order = {partner: place for place, partner in enumerate(partners)}
    found = found.dropna(subset=["entered"])
    place = found["partner"].map(order)
    return found.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def said_of_lists(shared: pd.DataFrame, counts: pd.DataFrame, partner: str) -> str:
    """On how many disputes the lists have the two on one side or on opposite ones, in a sentence.

    `shared` as from `shared_by_list`, `counts` as from `counts_by_list`; empty text where no list
    covers the years.

    >>> counts = pd.DataFrame({"partner": ["RUS"], "list": "Correlates of War", "last_year": 2014})
    >>> shared = pd.DataFrame({"list": "Correlates of War", "dispute": [1, 2], "side": "same"})
    >>> said_of_lists(shared, counts, "RUS")
    'Correlates of War, to 2014: on one side in two, on opposite sides in none.'
    """
    said = []
    for name, last in counts.loc[counts["partner"] == partner, ["list", "last_year"]].values:
        own = shared[shared["list"] == name]
        one, opposite = (
            own.loc[own["side"] == side, "dispute"].nunique() for side in ("same", "opposite")
        )
        said.append(
            fill(
                "{name}, to {last}: on one side in {one:count}, on opposite sides in {opposite:count}",
                **{"name": name, "last": int(last), "one": one, "opposite": opposite},
            )
        )
    return "; ".join(said) + "." if said else ""


def same_conflict_side(sides: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The armed conflicts in which two states fought on one side, and whether in the same years.

    `sides` holds `state`, `conflict`, `government`, `side`, `role`, `first_year`, `last_year`, as
    `joint_operations/conflict_sides` does. Columns: `conflict`, `government`, `side` ("a" the
    government's, "b" its opponent's), `first_years`,
    `second_years` (words such as 2015–2021, or 2024 for one year), `same_years` ("possible" or
    "no"). Years between the first and the last are not all named in the table, so an overlap is
    only possible, while "no" is sure. No row: the data set names the two on no common side, which
    says nothing of arms, money or advice. Source of the data: Gleditsch and others 2002; Davies and
    others 2025.

    Raises DataProblem where a column is missing.

    >>> sides = pd.DataFrame({"state": ["ARM", "RUS"], "conflict": 1, "government": "MLI",
    ...     "side": "a", "role": "secondary", "first_year": [2015, 2024],
    ...     "last_year": [2021, 2024]})
    >>> same_conflict_side(sides, "ARM", "RUS")[["first_years", "second_years", "same_years"]]
      first_years second_years same_years
    0   2015–2021         2024         no
    """
    needed = ["state", "conflict", "government", "side", "role", "first_year", "last_year"]
    if lacking := [column for column in needed if column not in sides]:
        raise DataProblem(f"the table of conflicts has no column {', '.join(lacking)}.")
    key = ["conflict", "government", "side"]
    spans = sides.groupby(["state", *key])[["first_year", "last_year"]].agg(
        {"first_year": "min", "last_year": "max"}
    )
    of = {who: spans[spans.index.get_level_values("state") == who] for who in (first, second)}
    both = of[first].reset_index().merge(of[second].reset_index(), on=key)
    apart = (both["first_year_x"] > both["last_year_y"]) | (
        both["first_year_y"] > both["last_year_x"]
    )
    found = both[["conflict", "government", "side"]].assign(
        first_years=_span(both, "x"),
        second_years=_span(both, "y"),
        same_years=apart.map({True: "no", False: "possible"}),
    )
    return found.sort_values("conflict", ignore_index=True)


def with_both(operations: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The operations in which two states have a row each, with the rows of all who took part.

    operations: one row an operation and state, with `operation` and `state`, as
    `joint_operations/operations` has them. No row: none is listed, which does not say that there
    was none. A lacking column raises a DataProblem.

    >>> operations = pd.DataFrame({"operation": ["a", "a", "b"], "state": ["KGZ", "RUS", "RUS"]})
    >>> with_both(operations, "KGZ", "RUS")["operation"].tolist()
    ['a', 'a']
    """
    if lacking := [name for name in ("operation", "state") if name not in operations]:
        raise DataProblem(f"the table of operations has no column {', '.join(lacking)}.")
    there = [set(operations.loc[operations["state"] == one, "operation"]) for one in (first, second)]
    return operations[operations["operation"].isin(there[0] & there[1])].reset_index(drop=True)


def said_one_side(sides: pd.DataFrame, names: dict[str, str], first: str, second: str) -> str:
    """In which armed conflicts two states fought on one side, and whose, in a sentence.

    `sides` as in `same_conflict_side`, whose rows are told here by government, with the first and
    the last year of each state; `names` {code: name of the state}; `first` and `second` the codes.

    >>> sides = pd.DataFrame({"state": ["KAZ", "RUS"], "conflict": 416, "government": "CAF",
    ...     "side": "a", "role": "secondary", "first_year": 2022, "last_year": [2022, 2024]})
    >>> said_one_side(sides, {"KAZ": "Kazakhstan", "RUS": "Russia", "CAF": "Chad"}, "KAZ", "RUS")
    'They name Kazakhstan and Russia on one side in one conflict: with the government of Chad, Kazakhstan in 2022, Russia in 2022–2024, perhaps in the same years.'
    """
    found = same_conflict_side(sides, first, second)
    pair = {"first": names[first], "second": names[second]}
    if found.empty:
        none = "They name {first} and {second} on one side of no conflict in these years."
        return fill(none, **pair)
    parts = [
        fill(
            "{how} the government of {lands:list}, {first} in {own}, {second} in {other}, {when}",
            how="with" if side == "a" else "against",
            lands=[names.get(land, land) for land in lands.split("+")],
            own=_years_in(sides, part["conflict"], first),
            other=_years_in(sides, part["conflict"], second),
            when="perhaps in the same years"
            if "possible" in set(part["same_years"])
            else "in no common year",
            **pair,
        )
        for (lands, side), part in found.groupby(["government", "side"], sort=False)
    ]
    number = found["conflict"].nunique()
    words = "They name {first} and {second} on one side in {number:count} conflict{s}: "
    start = fill(words, number=number, s="" if number == 1 else "s", **pair)
    return f"{start} {'; '.join(parts)}."


def said_unsought(
    events: pd.DataFrame, names: dict[str, str], first: str, second: str
) -> Prose | None:
    """What is known of the calls of a pair where nobody searched for them; None where nothing is.

    `events`: the rows that were found by chance (`Study.unsought`), as `of_pair` returns them; `names`
    {code: name of the state}; `first` and `second` the two codes. What is not here says nothing.

    >>> events = pd.DataFrame({"label": ["Unrest"], "asker": "KAZ", "ally": "RUS", "invoked": "yes"})
    >>> said_unsought(events, {"KAZ": "Kazakhstan", "RUS": "Russia"}, "KAZ", "RUS"
    ...     ).markdown.splitlines()[0]
    'One call is known: Kazakhstan on Russia (Unrest).'
    """
    called = events[events["invoked"] == "yes"].itertuples()
    calls = [
        fill(
            "{asker} on {ally} ({label})",
            asker=names[row.asker],
            ally=names[row.ally],
            label=row.label,
        )
        for row in called
    ]
    if not calls:
        return None
    text = """
    {number} known: CALLS.
    The events of {first} and {second} were not searched for.
    Whether there were more is unknown, in either direction, so nothing is counted here.
    """
    number = "One call is" if len(calls) == 1 else f"{len(calls)} calls are"
    said = fill(text, number=number, first=names[first], second=names[second])
    return Prose(said.replace("CALLS", "; ".join(calls)))


def _years_in(sides, conflicts, state):
    own = sides[(sides["state"] == state) & sides["conflict"].isin(conflicts)]
    return "–".join(map(str, sorted({own["first_year"].min(), own["last_year"].max()})))


def _span(both, end):
    years = both[[f"first_year_{end}", f"last_year_{end}"]].astype("str")
    first, last = years.iloc[:, 0], years.iloc[:, 1]
    return (first + "–" + last).mask(first == last, first)


def _refuse_rows(tests):
    """Raise a DataProblem that lists all that cannot be used."""
    lacking = [column for column in NEEDED if column not in tests]
    if lacking:
        raise DataProblem(
            f"tests: found the columns {', '.join(map(str, tests.columns))}, expected also "
            f"{', '.join(lacking)}. Rename or add the columns."
        )
    expected = {name: " or ".join(words) for name, words in WORDS.items()}
    wrong = {name: ~tests[name].isin(words) for name, words in WORDS.items()}
    dates = tests["start"].astype("str").str.fullmatch(r"\d{4}(-\d{2}){0,2}")
    wrong["start"], expected["start"] = ~dates.astype("bool"), "a date such as 2022-09-13"
    for name in ("test", "asker", "ally"):
        wrong[name], expected[name] = tests[name].isna(), "a value"
    repeated = tests.duplicated(["test", "ally"], keep=False)
    wrong["test"], expected["test"] = wrong["test"] | repeated, "one row a test and ally"
    lines = [
        f"tests, row {row + 1}, column {name}: found {tests[name].iloc[row]!r},"
        f" expected {expected[name]}."
        for name, offends in wrong.items()
        for row in np.flatnonzero(offends)
    ]
    if lines:
        raise DataProblem("\n".join([*lines, "Correct these rows in the table and run again."]))


def _refuse_disputes(disputes, source):
    needed = ["dispute", "state", "partner", "side", "begins", "ends", "source"]
    needed += ["state_hostility", "partner_hostility"]
    lacking = [column for column in needed if column not in disputes]
    if lacking:
        raise DataProblem(f"the table of disputes has no column {', '.join(lacking)}.")
    if source not in set(disputes["source"]):
        known = ", ".join(sorted(disputes["source"].unique()))
        raise DataProblem(f"found {source!r} as source; expected one of {known or 'none'}.")
