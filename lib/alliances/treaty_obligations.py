"""Treaty obligations: what states have promised each other, by year and by treaty.

The tables hold what texts say. A promise in force is not a promise kept, and a year that nobody
coded is not a year without a promise.
"""

import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import fill
from alliances.state_names import StateName

OBLIGATIONS = ("defence", "offence", "neutrality", "non_aggression", "consultation")
WORDS = {name: name.replace("_", "-") for name in OBLIGATIONS}
LEVELS = {
    3: "defence or offence",
    2: "neutrality, consulting",
    1: "non-aggression only",
    0: "nothing",
}
INSTITUTIONS = ("little or none", "moderate", "high")


def obligation_profile(
    by_year: pd.DataFrame, state: str, partner: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """What one state had promised another in each year of a period.

    `by_year` is the table `treaty_obligations/obligations_by_year`: `state` (who promised),
    `partner` (to whom), `year` and the five OBLIGATIONS. The result has one row for every year of
    the period: `year`, the five obligations (1 promised, 0 not, missing where nobody coded the
    year) and `level` as in `ordinal_level`. It says what the text of any treaty in force in that
    year promises, not whether the promise was kept, nor how many treaties carry it. A missing year
    stays missing because the last treaty may have been ended, or a new one signed, unseen.

    Raises DataProblem for lacking columns, a pair that the table does not hold, obligations other
    than 0 and 1, a year twice, and a first year after the last. Source of the measure: the dyad-years of ATOP
    (Leeds, Ritter, Mitchell and Long 2002).

    >>> by_year = pd.DataFrame({"state": ["RUS"], "partner": ["ARM"], "year": [2018],
    ...     "defence": [1], "offence": [0], "neutrality": [0], "non_aggression": [1],
    ...     "consultation": [1]})
    >>> obligation_profile(by_year, "RUS", "ARM", 2018, 2019)[["year", "defence", "level"]]
       year  defence  level
    0  2018        1      3
    1  2019     <NA>   <NA>
    """
    _refuse_columns(by_year, ("state", "partner", "year", *OBLIGATIONS), "obligations_by_year")
    if first_year > last_year:
        raise DataProblem(
            f"the first year, {first_year}, is after the last, {last_year}. Exchange them."
        )
    own = by_year[(by_year["state"] == state) & (by_year["partner"] == partner)]
    if own.empty:
        held = sorted({*by_year["state"], *by_year["partner"]})
        raise DataProblem(
            f"the table holds no promise of {state!r} to {partner!r}, nor a zero; its states are"
            f" {', '.join(held)}. Choose two of them, or import their years from ATOP."
        )
    twice = own.loc[own["year"].duplicated(), "year"]
    if len(twice):
        raise DataProblem(f"{state} to {partner}: the years {sorted(set(twice))} stand twice.")
    years = pd.Index(range(first_year, last_year + 1), name="year")
    profile = own.set_index("year")[list(OBLIGATIONS)].reindex(years).astype("Int64")
    profile["level"] = ordinal_level(profile)
    return profile.reset_index()


def ordinal_level(obligations: pd.DataFrame) -> pd.Series:
    """The strongest promise of each row as a level from 0 to 3, with the same index.

    3 defence or offence; 2 neutrality or consultation; 1 non-aggression only; 0 nothing. Missing
    where any of the five is missing. The distances between the levels mean nothing: a level may be
    ranked and counted, not averaged. Non-aggression stands lowest because it asks a state to do
    nothing; on the same ground one could put neutrality there, and the order is a convention.
    Raises DataProblem for lacking columns and cells other than 0, 1 or missing. Source of the
    measure: the ranking common with ATOP, after Signorino and Ritter 1999.

    >>> rows = pd.DataFrame([[1, 0, 0, 1, 1], [0, 0, 0, 0, 0]], columns=OBLIGATIONS)
    >>> ordinal_level(rows).tolist()
    [3, 0]
    """
    _refuse_columns(obligations, OBLIGATIONS, "obligations")
    _refuse_other_than(obligations, OBLIGATIONS, (0, 1), missing=True)
    cells = obligations[list(OBLIGATIONS)].astype("Int64")
    level = cells["non_aggression"].copy()
    level = level.mask(cells["neutrality"].eq(1) | cells["consultation"].eq(1), 2)
    level = level.mask(cells["defence"].eq(1) | cells["offence"].eq(1), 3)
    return level.mask(cells.isna().any(axis=1)).rename("level")


def stretches(profile: pd.DataFrame) -> pd.DataFrame:
    """The runs of years in which one and the same set of obligations was in force.

    `profile` is a result of `obligation_profile`. One row a run: `first_year`, `last_year`,
    `years`, the five obligations, `level` and `promise` (the obligations in words). Years that were
    not coded end a run and make none. One row for a whole period means that the promise did not
    vary, and what does not vary cannot explain what does. Raises DataProblem as `ordinal_level`.

    >>> profile = pd.DataFrame({"year": [1991, 1992, 1993], "defence": [0, 1, 1], "offence": 0,
    ...     "neutrality": 0, "non_aggression": 1, "consultation": 1})
    >>> stretches(profile)[["first_year", "last_year", "years", "level"]]
       first_year  last_year  years  level
    0        1991       1991      1      2
    1        1992       1993      2      3
    """
    _refuse_columns(profile, ("year", *OBLIGATIONS), "profile")
    coded = profile.dropna(subset=list(OBLIGATIONS)).sort_values("year", ignore_index=True)
    same = coded[list(OBLIGATIONS)].eq(coded[list(OBLIGATIONS)].shift()).all(axis=1)
    new = ~same.astype("bool") | coded["year"].diff().ne(1)
    runs = coded.groupby(new.cumsum()).agg(
        first_year=("year", "min"),
        last_year=("year", "max"),
        years=("year", "size"),
        **{name: (name, "first") for name in OBLIGATIONS},
    )
    runs = runs.reset_index(drop=True)
    runs["level"] = ordinal_level(runs)
    runs["promise"] = in_words(runs)
    return runs


def other_direction(runs: pd.DataFrame, back: pd.DataFrame, promiser: str, promised: str) -> str:
    """What the second of two states had promised the first, in a sentence, where it is not the same.

    `runs` and `back` are results of `stretches`, of the first direction and of the other; `promiser`
    and `promised` are the names of the states in the other direction. Empty text where nobody coded
    the other direction. What has no code is not said, and an obligation that is not named was coded
    as not promised.

    >>> def once(defence):
    ...     return stretches(pd.DataFrame({"year": [1992, 1993], "defence": defence, "offence": 0,
    ...         "neutrality": 0, "non_aggression": 1, "consultation": 0}))
    >>> other_direction(once(1), once(1), "Japan", "Korea")
    'It is the same in the other direction.'
    >>> other_direction(once(1), once(0), "Japan", "Korea")
    'In the other direction it differs: Japan had promised Korea non-aggression (1992–1993), and no defence.'
    """
    if back.empty:
        return ""
    columns = ["first_year", "last_year", "promise"]
    if runs[columns].equals(back[columns]):
        return "It is the same in the other direction."
    told = [f"{row.promise} ({row.first_year}–{row.last_year})" for row in back.itertuples()]
    never = runs["defence"].eq(1).any() and not back["defence"].eq(1).any()
    return fill(
        "In the other direction it differs: {promiser} had promised {promised} {told}{never}.",
        promiser=promiser,
        promised=promised,
        told="; then ".join(told),
        never=", and no defence" if never else "",
    )


def in_no_listed_alliance(runs: pd.DataFrame, between: pd.DataFrame) -> list[str]:
    """Obligations, in words, that the years of a pair have and none of its listed alliances promises.

    `runs` is a result of `stretches`, `between` of `alliances_between`. The years and the list come
    from two versions of ATOP, so an obligation named here rests on a treaty that the list lacks, or
    dates otherwise. None named does not say that the two agree year by year.

    >>> runs = pd.DataFrame({name: [int(name == "neutrality")] for name in OBLIGATIONS})
    >>> in_no_listed_alliance(runs, pd.DataFrame({name: [0] for name in OBLIGATIONS}))
    ['neutrality']
    """
    return [
        WORDS[name]
        for name in OBLIGATIONS
        if runs[name].eq(1).any() and not between[name].eq(1).any()
    ]


def obligation_spans(profile: pd.DataFrame) -> pd.DataFrame:
    """Each obligation of a profile as spans of days, for a timeline.

    `profile` is a result of `obligation_profile`. Columns: `obligation` (in words, in the order of
    OBLIGATIONS), `start`, `end` (first and last day of the run of years) and `kind`: "promised",
    "not promised", or "not coded", for years of which nobody knows. A span is of whole years, since
    the data are: the day of a treaty is in the table of alliances. Raises DataProblem for lacking
    columns.

    >>> profile = pd.DataFrame({"year": [2018, 2019], "defence": [1, None], "offence": [0, None],
    ...     "neutrality": [0, None], "non_aggression": [1, None], "consultation": [1, None]})
    >>> obligation_spans(profile)[["obligation", "start", "kind"]].head(2).to_dict("records")[1]
    {'obligation': 'defence', 'start': '2019-01-01', 'kind': 'not coded'}
    """
    _refuse_columns(profile, ("year", *OBLIGATIONS), "profile")
    long = profile.melt("year", list(OBLIGATIONS), "obligation", "value")
    words = {1: "promised", 0: "not promised"}
    long["kind"] = ["not coded" if pd.isna(value) else words[int(value)] for value in long["value"]]
    new = (long["obligation"] != long["obligation"].shift()) | (
        long["kind"] != long["kind"].shift()
    )
    spans = long.groupby(new.cumsum()).agg(
        obligation=("obligation", "first"),
        first=("year", "min"),
        last=("year", "max"),
        kind=("kind", "first"),
    )
    return pd.DataFrame(
        {
            "obligation": spans["obligation"].map(WORDS),
            "start": spans["first"].astype("str") + "-01-01",
            "end": spans["last"].astype("str") + "-12-31",
            "kind": spans["kind"],
        }
    ).reset_index(drop=True)


def stretches_by_promiser(
    by_year: pd.DataFrame, promisers: list[str], partner: str, first_year: int, last_year: int
) -> pd.DataFrame:
    """The `stretches` of what each of several states had promised one and the same partner.

    `promiser` and the columns of `stretches`, in the order of `promisers`; one of whom the table
    holds nothing towards this partner is left out. Errors as in `obligation_profile`.

    >>> by_year = pd.DataFrame({"state": ["RUS"], "partner": ["ARM"], "year": [2018],
    ...     "defence": [1], "offence": [0], "neutrality": [0], "non_aggression": [1],
    ...     "consultation": [1]})
    >>> stretches_by_promiser(by_year, ["RUS", "GEO"], "ARM", 2018, 2018)[["promiser", "years"]]
      promiser  years
    0      RUS      1
    """
    held = set(by_year.loc[by_year["partner"] == partner, "state"])
    parts = [
        stretches(obligation_profile(by_year, state, partner, first_year, last_year)).assign(
            promiser=state
        )
        for state in promisers
        if state in held
    ]
    columns = ["promiser", "first_year", "last_year", "years", *OBLIGATIONS, "level", "promise"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def promises_to(members: pd.DataFrame, state: str) -> pd.DataFrame:
    """Who had promised a state what, by treaty: one row for each alliance and other member.

    `members` is the table `treaty_obligations/members`: `alliance`, `state`, `first_day`,
    `last_day` (missing: in force when coded) and the five obligations. Columns of the result:
    `alliance`, `promiser`, `first_day` and `last_day` of the time in which both were members, the
    promiser's five obligations, `level`. Phases that follow each other with the same promise are one
    row. The promise is made to fellow members by being one; a text that favours some of them is not
    told apart. Raises DataProblem for lacking columns, cells that cannot be, and an unknown state.
    Source of the data: ATOP, member level.

    >>> members = pd.DataFrame({"alliance": 4890, "state": ["ARM", "RUS"],
    ...     "first_day": "1997-08-29", "last_day": None, "defence": 1, "offence": 0,
    ...     "neutrality": 0, "non_aggression": 1, "consultation": 1})
    >>> promises_to(members, "ARM")[["alliance", "promiser", "first_day", "level"]]
       alliance promiser   first_day  level
    0      4890      RUS  1997-08-29      3
    """
    _refuse_columns(
        members, ("alliance", "state", "first_day", "last_day", *OBLIGATIONS), "members"
    )
    if state not in set(members["state"]):
        raise DataProblem(
            f"the table of members holds no {state!r}. Choose a state of it: its alliances were not"
            " imported."
        )
    own = members.loc[members["state"] == state, ["alliance", "first_day", "last_day"]]
    others = members[members["state"] != state].rename(columns={"state": "promiser"})
    both = others.merge(own, on="alliance", suffixes=("", "_own"))
    both["first_day"] = both[["first_day", "first_day_own"]].max(axis=1)
    last = both[["last_day", "last_day_own"]].fillna("9999").min(axis=1)
    both = both[both["first_day"] < last].assign(last_day=last.mask(last == "9999", None))
    columns = ["alliance", "promiser", "first_day", "last_day", *OBLIGATIONS]
    found = _joined(both[columns].drop_duplicates())
    found["level"] = ordinal_level(found)
    return found


def alliances_between(
    alliances: pd.DataFrame, members: pd.DataFrame, state: str, partner: str
) -> pd.DataFrame:
    """Every alliance in which two states were members at the same time, in order of its beginning.

    `alliances` and `members` are the tables of those names. One row an alliance and time in common:
    `alliance`, `first_day`, `last_day`, what `partner` promises there (five obligations, `level`,
    `promise` in words), then the columns of `alliances` on the treaty itself (`title`, `bilateral`,
    `members`, `conditional`, `term_months`, `renewal_months`, ATOP's codes). Swap the two states for
    the promise in the other direction. No row: ATOP knows of no alliance of the two. Errors as in
    `promises_to`, and for members of an alliance that `alliances` does not hold.

    >>> members = pd.DataFrame({"alliance": 4890, "state": ["ARM", "RUS"],
    ...     "first_day": "1997-08-29", "last_day": None, "defence": 1, "offence": 0,
    ...     "neutrality": 0, "non_aggression": 1, "consultation": 1})
    >>> alliances = pd.DataFrame({"alliance": [4890], "title": ["Treaty"], "bilateral": [True]})
    >>> alliances_between(alliances, members, "ARM", "RUS")[["title", "promise"]]
        title                                promise
    0  Treaty  defence, non-aggression, consultation
    """
    _refuse_columns(alliances, ("alliance", "title", "bilateral"), "alliances")
    strangers = set(members["alliance"]) - set(alliances["alliance"])
    if strangers:
        raise DataProblem(
            f"alliances {sorted(strangers)} have members and no row of their own. Import both tables"
            " from one version of ATOP."
        )
    found = promises_to(members, state)
    found = found[found["promiser"] == partner].drop(columns="promiser")
    found["promise"] = in_words(found)
    own = ("first_day", "last_day", "source", *OBLIGATIONS)
    about = alliances.drop(columns=[column for column in own if column in alliances])
    return (
        found.merge(about, on="alliance", how="left")
        .sort_values(["first_day", "alliance"])
        .reset_index(drop=True)
    )


def alliances_of(
    alliances: pd.DataFrame, members: pd.DataFrame, state: str, names: dict | None = None
) -> pd.DataFrame:
    """All alliances of one state, one row each, in order of its entry.

    Columns: `alliance`, `first_day`, `last_day` (of this state's membership; missing: in force when
    coded), `title`, `partners` (words: the other state of a bilateral treaty, else how many others),
    `codes` (the others' codes, sorted, joined by "+"), `promise` and `level` of what all others
    together promise it, `bilateral`, `term_months`, `conditional` where `alliances` has them. names:
    {code: name}. The level is the strongest promise of any partner at any time. Errors as in
    `alliances_between`, and for an alliance in which the state is the only member listed.

    >>> members = pd.DataFrame({"alliance": 4445, "state": ["ARM", "FRA"],
    ...     "first_day": "1993-03-12", "last_day": None, "defence": 0, "offence": 0,
    ...     "neutrality": 0, "non_aggression": 0, "consultation": 1})
    >>> alliances = pd.DataFrame({"alliance": [4445], "title": [None], "bilateral": [True]})
    >>> alliances_of(alliances, members, "ARM", {"FRA": "France"})[["partners", "promise"]]
      partners       promise
    0   France  consultation
    """
    _refuse_columns(alliances, ("alliance", "title", "bilateral"), "alliances")
    promised, names = promises_to(members, state), names or {}
    own = members[members["state"] == state].fillna({"last_day": "9999"}).groupby("alliance")
    table = own.agg(first_day=("first_day", "min"), last_day=("last_day", "max")).reset_index()
    table["last_day"] = table["last_day"].mask(table["last_day"] == "9999", None)
    groups = promised.groupby("alliance")
    table["codes"] = table["alliance"].map(
        groups["promiser"].agg(lambda codes: "+".join(sorted(set(codes))))
    )
    strongest = groups[list(OBLIGATIONS)].max().reset_index()
    table = table.merge(strongest, on="alliance", how="left")
    if alone := table.loc[table["codes"].isna(), "alliance"].tolist():
        raise DataProblem(
            f"treaty_obligations/members: found {state} as the only member of the alliances"
            f" {', '.join(map(str, alone))} at its time; expected a row for each of the others."
            " Import the members of ATOP again."
        )
    table["level"], table["promise"] = ordinal_level(table), in_words(table)
    others = table["codes"].str.split("+")
    table["partners"] = [
        names.get(codes[0], codes[0]) if len(codes) == 1 else f"{len(codes)} states"
        for codes in others
    ]
    wanted = ["alliance", "title", "bilateral", "conditional", "term_months", "renewal_months"]
    about = alliances[[column for column in wanted if column in alliances]]
    return (
        table.merge(about, on="alliance", how="left")
        .sort_values(["first_day", "alliance"])
        .reset_index(drop=True)
    )


def labels(table: pd.DataFrame) -> pd.Series:
    """A short label for each alliance: with whom and since when, or the title of one of many states.

    `table` is a result of `alliances_of`. A treaty of two is named by the partner and the year, since
    most such treaties have much the same title; one of many states by its title, or by their number
    where it has none. Titles are this book's, ATOP has none, so a label never stands for its words.
    Raises DataProblem for lacking columns.

    >>> labels(pd.DataFrame({"title": ["Warsaw Treaty", None], "bilateral": [False, True],
    ...     "partners": ["7 states", "United States"], "first_day": ["1955-05-14", "1960"]})).tolist()
    ['Warsaw Treaty', 'Treaty with the United States, 1960']
    """
    _refuse_columns(table, ("title", "partners", "bilateral", "first_day"), "alliances")
    with_whom = [
        f"Treaty with {StateName(partner)}, {day[:4]}"
        for partner, day in zip(table["partners"], table["first_day"])
    ]
    by_title = table["title"].notna() & ~table["bilateral"].astype("bool")
    return table["title"].where(by_title, with_whom).rename("label")


def highest_grade(table: pd.DataFrame) -> str:
    """How many treaties have the highest grade of institutions, and how many of these promise defence.

    `table` has one row a treaty, at least one, with `institutions` (0 to 2) and `defence` (0 or 1),
    as `with_measures` gives them; a missing grade is not the highest one. A single treaty is dated
    by its `first_day`. Raises DataProblem for lacking columns.

    >>> table = pd.DataFrame({"institutions": [2, 0], "defence": 1, "first_day": "1960-06-23"})
    >>> highest_grade(table)
    'Of the two treaties one, of 1960, reaches the highest grade of institutions. It promises defence.'
    >>> highest_grade(table.assign(institutions=2))
    'Of the two treaties both reach the highest grade of institutions, both of them with a promise of defence.'
    """
    _refuse_columns(table, ("institutions", "defence", "first_day"), "alliances")
    high = table[table["institutions"] == 2]
    number, defence = len(high), int(high["defence"].sum())
    grade = "the highest grade of institutions"
    of = fill("Of the {all:count} treaties", all=len(table)) + " " if len(table) > 1 else ""
    if not number:
        return f"{of}none reaches {grade}." if of else f"The treaty does not reach {grade}."
    if number == 1:
        one = f"{of}one" if of else "The treaty"
        what = "defence" if defence else "no defence"
        return f"{one}, of {high['first_day'].iloc[0][:4]}, reaches {grade}. It promises {what}."
    every = "both" if number == 2 else "all"
    reaching = every if number == len(table) else fill("{number:count}", number=number)
    promising = every if defence == number else fill("{number:count}", number=defence)
    promising = promising if defence else "none"
    return f"{of}{reaching} reach {grade}, {promising} of them with a promise of defence."


def in_period(table: pd.DataFrame, first_year: int, last_year: int) -> pd.DataFrame:
    """The rows of treaties that were in force in some part of a period, with their order.

    `table` has `first_day` and `last_day`; a missing last day is one after the period. A last day
    in the first year counts as in force in it. Raises DataProblem for lacking columns.

    >>> table = pd.DataFrame({"first_day": ["1948-04-06", "1997"], "last_day": ["1992-01-20", None]})
    >>> in_period(table, 1993, 2000)["first_day"].tolist()
    ['1997']
    """
    _refuse_columns(table, ("first_day", "last_day"), "alliances")
    begun = table["first_day"].str[:4].astype("int64") <= last_year
    ended = table["last_day"].fillna("9999").str[:4].astype("int64") < first_year
    return table[begun & ~ended].reset_index(drop=True)


def document_spans(documents: pd.DataFrame) -> pd.DataFrame:
    """Documents with `start` and `end` for a timeline, in order of signature.

    `documents` is the table of that name. A document in force, or of which no end is known, has no
    end; a replaced one ends on the day it was replaced; an amendment, and a document whose fate is
    not known, are moments of signature (`end` equals `start`), because a bar would claim more than
    we know. Spans begin with the signature, since the entry into force is often not known. Raises
    DataProblem for lacking columns and another status.

    >>> documents = pd.DataFrame({"signed": ["1997-08-29", "1992-08-21"], "ended": None,
    ...     "status": ["in force", "not known"]})
    >>> document_spans(documents)[["start", "end"]].fillna("").to_dict("records")
    [{'start': '1992-08-21', 'end': '1992-08-21'}, {'start': '1997-08-29', 'end': ''}]
    """
    _refuse_columns(documents, ("signed", "ended", "status"), "documents")
    goes_on, moments = ("in force", "no end known"), ("amendment", "not known")
    strange = sorted(set(documents["status"].dropna()) - {*goes_on, *moments, "replaced"})
    if strange or documents["status"].isna().any():
        raise DataProblem(
            f"documents, column status: found {', '.join(strange) or 'empty cells'}; expected"
            f" {', '.join((*goes_on, *moments))} or replaced."
        )
    table = documents.sort_values("signed", ignore_index=True)
    table["start"] = table["signed"]
    table["end"] = table["ended"].where(table["status"] == "replaced", None)
    table["end"] = table["end"].mask(table["status"].isin(moments), table["signed"])
    return table


def military_institutionalisation(alliances: pd.DataFrame) -> pd.DataFrame:
    """How much military coordination in peacetime a treaty provides for, by Leeds and Anac.

    `alliances` holds ATOP's codes under ATOP's names. Same index, columns: `high` (an integrated
    command, the highest code of contact, or bases in the treaty), `moderate` (the next codes of
    contact, aid, subordination, contributions, or an organisation for military ends, and not
    high), `organisation`, and `institutions`, 2 high, 1 moderate, 0 little or none. Missing where
    missing codes leave it open; the authors then go by the codes that are there. It measures what the text foresees; a base that stands under a treaty of
    its own, which ATOP does not code, does not count. Leeds and Anac found no effect of it on
    whether alliances are kept. The thresholds are theirs; what each code means stands in ATOP's
    codebook, which we had not. Raises DataProblem for lacking columns. Source of the measure: Leeds
    and Anac 2005.

    >>> codes = dict.fromkeys(["milcon", "milaid", "intcom", "subord", "base", "contrib", "organ1",
    ...     "orgpurp1", "organ2", "orgpurp2"], [0, 0])
    >>> military_institutionalisation(pd.DataFrame(codes | {"milcon": [3, 2]}))["institutions"].tolist()
    [2, 1]
    """
    purposes = ("orgpurp1", "orgpurp2")
    codes = _codes(
        alliances, ("milcon", "milaid", "intcom", "subord", "base", "contrib", *purposes)
    )
    high = codes["milcon"].eq(3) | codes["intcom"].eq(1) | codes["base"].gt(0)
    organisation = _any_of(codes, purposes, (1, 4))
    some = codes["milcon"].eq(2) | _any_of(codes, ("milaid",), (3, 4)) | codes["subord"].gt(0)
    moderate = (some | codes["contrib"].eq(1) | organisation) & ~high
    found = pd.DataFrame({"high": high, "moderate": moderate, "organisation": organisation})
    found = found.astype("Int64")
    found["institutions"] = 2 * found["high"] + found["moderate"]
    return found


def formality(alliances: pd.DataFrame) -> pd.Series:
    """How formal a treaty is, by Leeds and Anac: 0 to 2, with the same index.

    One for a public treaty (`estmode` 1, `pubsecr` not 2), one for a formal organisation (`organ1`
    or `organ2` 2 or 3). Missing where a code is. Limits, errors and source as in
    `military_institutionalisation`.

    >>> formality(pd.DataFrame({"estmode": [1, 0], "pubsecr": 0, "organ1": [3, 0], "organ2": 0})).tolist()
    [2, 0]
    """
    codes = _codes(alliances, ("estmode", "pubsecr", "organ1", "organ2"))
    public = codes["estmode"].eq(1) & codes["pubsecr"].ne(2)
    formal = _any_of(codes, ("organ1", "organ2"), (2, 3))
    return (public.astype("Int64") + formal.astype("Int64")).rename("formality")


def scope_index(alliances: pd.DataFrame) -> pd.Series:
    """How many kinds of things a treaty promises, by Alley: 0 to 5, with the same index.

    One each for military help that hangs on no condition, military aid, economic aid, an
    organisation, and the value 5 of `agprois`. A missing code counts as 0, as in the source. A wide treaty is not a firm one. Errors as in
    `military_institutionalisation`. Source of the measure: Alley 2021, treaty depth, replication
    archive.

    >>> scope_index(pd.DataFrame({"defence": [1, 0], "offence": 0, "conditional": False, "milaid": 0,
    ...     "ecaid": 0, "organ1": [3, 0], "agprois": 0})).tolist()
    [2, 0]
    """
    codes = _codes(alliances, ("milaid", "ecaid", "organ1", "agprois")).fillna(0)
    _refuse_columns(alliances, ("defence", "offence", "conditional"), "alliances")
    help_promised = alliances["defence"].eq(1) | alliances["offence"].eq(1)
    unconditional = help_promised & ~alliances["conditional"].astype("bool")
    parts = [unconditional, *(codes[name].gt(0) for name in ("milaid", "ecaid", "organ1"))]
    parts.append(codes["agprois"].eq(5))
    return sum(part.astype("int64") for part in parts).rename("scope")


def coordination_index(alliances: pd.DataFrame) -> pd.Series:
    """How many forms of military coordination a treaty provides for, by Alley: 0 to 6, same index.

    One each for contact in peacetime, military aid, bases, an integrated command, an organisation,
    and a companion agreement (`compag` 1). A missing code counts as 0, as in the source. Errors and
    source as in `scope_index`.

    >>> coordination_index(pd.DataFrame({"milcon": [2, 0], "milaid": [3, 0], "base": 0, "intcom": 0,
    ...     "organ1": 0, "compag": 0})).tolist()
    [2, 0]
    """
    wanted = ("milcon", "milaid", "base", "intcom", "organ1", "compag")
    codes = _codes(alliances, wanted).fillna(0)
    parts = [codes[name].gt(0) for name in ("milcon", "milaid", "base", "organ1")]
    parts += [codes["intcom"].eq(1), codes["compag"].eq(1)]
    return sum(part.astype("int64") for part in parts).rename("coordination")


def with_measures(alliances: pd.DataFrame) -> pd.DataFrame:
    """Alliances with `institutions`, `formality`, `scope` and `coordination` beside them.

    The four measures of this module at once, from the same columns; errors as in each.

    >>> codes = dict.fromkeys("milcon milaid intcom subord base contrib organ1 orgpurp1 organ2 orgpurp2"
    ...     " estmode pubsecr ecaid compag agprois defence offence".split(), [0])
    >>> with_measures(pd.DataFrame(codes | {"conditional": False}))["institutions"].tolist()
    [0]
    """
    return alliances.assign(
        institutions=military_institutionalisation(alliances)["institutions"],
        formality=formality(alliances),
        scope=scope_index(alliances),
        coordination=coordination_index(alliances),
    )


def in_words(obligations: pd.DataFrame) -> pd.Series:
    """The obligations of each row in words, "nothing" where all are 0, missing where one is missing.

    >>> rows = pd.DataFrame([[1, 0, 0, 1, 0], [0, 0, 0, 0, 0]], columns=OBLIGATIONS)
    >>> in_words(rows).tolist()
    ['defence, non-aggression', 'nothing']
    """
    _refuse_columns(obligations, OBLIGATIONS, "obligations")
    cells = obligations[list(OBLIGATIONS)].astype("Int64")
    said = [
        None
        if row.isna().any()
        else ", ".join(WORDS[name] for name in OBLIGATIONS if row[name] == 1) or "nothing"
        for _, row in cells.iterrows()
    ]
    return pd.Series(said, index=obligations.index, dtype="str", name="promise")


def _joined(found):
    """Rows of one promiser that follow each other without a gap and promise the same, as one row."""
    key = ["alliance", "promiser"]
    found = found.sort_values([*key, "first_day"], ignore_index=True)
    before = found.groupby(key)[["last_day", *OBLIGATIONS]].shift()
    same = before[list(OBLIGATIONS)].eq(found[list(OBLIGATIONS)]).all(axis=1)
    run = (~(same & before["last_day"].eq(found["first_day"])).astype("bool")).cumsum()
    columns = dict.fromkeys([*key, "first_day"], "first") | {"last_day": "last"}
    # "last" skips missing cells, and a missing last day, in force when coded, must win.
    filled = found.fillna({"last_day": "9999"})
    joined = filled.groupby(run).agg(columns | dict.fromkeys(OBLIGATIONS, "first"))
    joined["last_day"] = joined["last_day"].mask(joined["last_day"] == "9999", None)
    return joined.reset_index(drop=True)


def _any_of(codes, columns, values):
    """Whether any column has one of the values; missing where a missing cell could decide it."""
    found = [codes[column].eq(value) for column in columns for value in values]
    return pd.concat(found, axis=1).astype("boolean").any(axis=1, skipna=False)


def _codes(alliances, wanted):
    _refuse_columns(alliances, wanted, "alliances")
    codes = alliances[list(wanted)]
    return codes.apply(pd.to_numeric, errors="coerce").astype("Float64")


def _refuse_columns(frame, needed, what):
    lacking = [column for column in needed if column not in frame]
    if lacking:
        raise DataProblem(
            f"{what}: found no column {', '.join(lacking)}; expected {', '.join(needed)}. Use the"
            " table of the study, or name your columns so."
        )


def _refuse_other_than(frame, columns, allowed, missing):
    offenders = [
        f"row {index}, {column}: {value!r}"
        for column in columns
        for index, value in frame[column].items()
        if not (missing and pd.isna(value)) and value not in allowed
    ]
    if offenders:
        more = f" and {len(offenders) - 10} more" if len(offenders) > 10 else ""
        raise DataProblem(
            f"obligations: found {'; '.join(offenders[:10])}{more}; expected"
            f" {' or '.join(map(str, allowed))}. Correct the cells."
        )
