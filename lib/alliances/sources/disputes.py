"""Readers of two data sets of militarized interstate disputes, and the tables made from them.

Gibler, Miller and Little's list says from which day to which day a state took part in a dispute;
the Correlates of War project's says in which years, and goes on for four years more. They are kept
apart, since they number disputes alike and judge them differently.
"""

from calendar import monthrange
from itertools import combinations
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, listed, read_cells
from alliances.sources.names import COW_CODES

TABLE = "joint_operations/same_side_disputes"
ENTERED = "joint_operations/disputes_entered"
GML, COW = "gml-disputes", "cow-disputes"
UNKNOWN = -9
# The last year in which each project looked for disputes.
LAST_YEAR = {GML: 2010, COW: 2014}
# Highest action of each level of hostility, 1 (none) to 5 (war), in the projects' own scale.
LEVELS = {1: 0, 2: 6, 3: 12, 4: 19, 5: 21}


def read_participants(path: Path) -> pd.DataFrame:
    """Return one row a stay of a state in a dispute, of Gibler, Miller and Little's list (csv).

    Columns: `dispute`, `cow` (the state's number in the Correlates of War), `side` ("A" or "B"),
    `begins` and `ends` (dates; to the month where the day is unknown), `from` and `until` (the
    first and the last day they can mean), `hostility` (highest level the state reached: 1 no
    militarized action, 2 threat, 3 display, 4 use of force, 5 war). A state that left and came back
    has several rows. Side A is the side of the state that acted first; it is not the aggressor's.

    Raises DataProblem for another layout, days that no calendar has, an end before the beginning,
    unknown codes, a state that enters a dispute twice on one day, and a dispute with one side only.
    Source: Gibler, Miller and Little 2016.

    >>> read_participants("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    begin, end = ["styear", "stmon", "stday"], ["endyear", "endmon", "endday"]
    wanted = {"dispnum": (1, 99_999), "ccode": (2, 999), "sidea": (0, 1), "hiact": (0, 21)}
    for year, month, day in (begin, end):
        wanted |= {year: (1816, 2100), month: (1, 12), day: (UNKNOWN, 31)}
    table = _whole_numbers(path, wanted, "the participants of Gibler, Miller and Little's disputes")
    rows = pd.DataFrame({"dispute": table["dispnum"], "cow": table["ccode"]})
    rows["side"] = table["sidea"].map({1: "A", 0: "B"})
    problems = [
        *_put_dates(rows, table[begin], "begins", "from"),
        *_put_dates(rows, table[end], "ends", "until"),
    ] or list(_impossible(rows))
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")
    rows["hostility"] = table["hiact"].map(_level)
    return rows


def read_dispute_years(path: Path) -> pd.DataFrame:
    """Return one row a state and year of a dispute, of the Correlates of War's directed list (csv).

    Columns: `dispute`, `cow`, `year`, `side`, `hostility`, as in `read_participants`. The file
    holds pairs of opponents; a state is read off the pairs it stands in. A state that changed
    sides within a year has two rows. Each pair stands twice, once from either side; a file in
    which one of the two is missing has been cut, and is refused.

    Raises DataProblem for another layout, codes out of range, a pair on one side, and a pair
    without its mirror image. Source: Palmer and others 2022.

    >>> read_dispute_years("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    states = {f"ccode{place}": (2, 999) for place in (1, 2)}
    sides = {f"sidea{place}": (0, 1) for place in (1, 2)}
    levels = {f"hostlev{place}": (1, 5) for place in (1, 2)}
    wanted = {"dispnum": (1, 99_999), "year": (1816, 2100)} | states | sides | levels
    table = _whole_numbers(path, wanted, "the directed dispute-years of the Correlates of War")
    problems = []
    same = table.index[table["sidea1"] == table["sidea2"]]
    if len(same):
        problems.append(f"opponents on the same side in rows {listed(same + 2)}")
    pairs = table[["dispnum", "year", "ccode1", "ccode2"]]
    present = set(pairs.itertuples(index=False, name=None))
    alone = [
        place + 2
        for place, (dispute, year, one, other) in enumerate(pairs.itertuples(index=False))
        if (dispute, year, other, one) not in present
    ]
    if alone:
        problems.append(f"no row of the same pair seen from the other side, rows {listed(alone)}")
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")
    names = {"dispnum": "dispute", "ccode1": "cow", "sidea1": "side", "hostlev1": "hostility"}
    rows = table[["dispnum", "ccode1", "year", "sidea1", "hostlev1"]].rename(columns=names)
    rows["side"] = rows["side"].map({1: "A", 0: "B"})
    rows = rows.groupby(["dispute", "cow", "year", "side"], as_index=False)["hostility"].max()
    return rows.sort_values(["dispute", "cow", "year", "side"], ignore_index=True)


def joint_stays(rows: pd.DataFrame) -> pd.DataFrame:
    """Pair the stays of states that took part in the same dispute at the same time.

    `rows` holds `dispute`, `state`, `side`, `begins`, `ends`, `from`, `until` and `hostility`, one
    row a stay. Columns of the result: `dispute`, `state` and `partner` (in alphabetical order),
    `side` ("same" or "opposite"), `begins`, `ends`, `state_hostility`, `partner_hostility`.

    The joint stay begins with the later beginning and ends with the earlier end. Where both fall in
    one month and a day is unknown, only the month is given; stays that may have overlapped count.

    >>> stay = {"dispute": 1, "side": "A", "hostility": 4, "until": "1995-01-31", "ends": "1995-01"}
    >>> joint_stays(pd.DataFrame([
    ...     stay | {"state": "ARM", "begins": "1992-01-26", "from": "1992-01-26"},
    ...     stay | {"state": "RUS", "begins": "1993-02", "from": "1993-02-01"},
    ... ]))[["state", "partner", "side", "begins", "ends"]]
      state partner  side   begins     ends
    0   ARM     RUS  same  1993-02  1995-01
    """
    found = []
    ordered = rows.sort_values(["dispute", "state", "from"])
    for dispute, stays in ordered.groupby("dispute"):
        for one, other in combinations(stays.to_dict("records"), 2):
            together = max(one["from"], other["from"]) <= min(one["until"], other["until"])
            if one["state"] == other["state"] or not together:
                continue
            found.append(
                {
                    "dispute": dispute,
                    "state": one["state"],
                    "partner": other["state"],
                    "side": "same" if one["side"] == other["side"] else "opposite",
                    "begins": _bound(max, one, other, "from", "begins"),
                    "ends": _bound(min, one, other, "until", "ends"),
                    "state_hostility": one["hostility"],
                    "partner_hostility": other["hostility"],
                }
            )
    columns = ["dispute", "state", "partner", "side", "begins", "ends"]
    columns += ["state_hostility", "partner_hostility"]
    pairs = pd.DataFrame(found, columns=columns)
    return pairs.sort_values(["dispute", "state", "partner", "begins"], ignore_index=True)


def _bound(choose, one, other, key, said):
    chosen = choose(one, other, key=lambda stay: stay[key])
    texts = {one[said], other[said]}
    vague = len(texts) == 2 and len({text[:7] for text in texts}) == 1
    return chosen[said][:7] if vague and min(map(len, texts)) == 7 else chosen[said]


def _date(year, month, day, last):
    """The date as it is known, and the first or the last day that it can mean; None if none."""
    days = monthrange(year, month)[1]
    if day == UNKNOWN:
        return f"{year}-{month:02}", f"{year}-{month:02}-{days if last else 1:02}"
    if not 1 <= day <= days:
        return None
    return (f"{year}-{month:02}-{day:02}",) * 2


def _put_dates(rows, parts, said, bound):
    """Add the dates as known and as the day they can mean; yield what is wrong with them."""
    dates = [_date(*date, last=bound == "until") for date in parts.itertuples(index=False)]
    wrong = [place + 2 for place, date in enumerate(dates) if date is None]
    if wrong:
        yield f"no such day in the columns {', '.join(parts)}, rows {listed(wrong)}"
    rows[said] = [date and date[0] for date in dates]
    rows[bound] = [date and date[1] for date in dates]


def _level(action):
    return next(level for level, highest in LEVELS.items() if action <= highest)


def _impossible(rows):
    backwards = rows.index[rows["until"] < rows["from"]]
    if len(backwards):
        yield f"the end lies before the beginning in rows {listed(backwards + 2)}"
    twice = rows.index[rows.duplicated(["dispute", "cow", "begins"])]
    if len(twice):
        yield f"rows {listed(twice + 2)} repeat a state's entry into a dispute"
    sides = rows.groupby("dispute")["side"].nunique()
    alone = sides.index[sides < 2]
    if len(alone):
        yield f"nobody on the other side in disputes {listed(alone)}, so rows are missing"


def _whole_numbers(path, wanted, what):
    table = read_cells(path, list(wanted), f"{what} (csv)").copy()
    problems = []
    for column, (lowest, highest) in wanted.items():
        values = pd.to_numeric(table[column], errors="coerce")
        wrong = table[column][~values.between(lowest, highest) | (values % 1 != 0)]
        problems += [
            f"row {index + 2}, column {column}: found {value!r}, expected a whole number from"
            f" {lowest} to {highest}"
            for index, value in wrong.head(5).items()
        ]
        table[column] = values
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")
    return table.astype("int64")


def _of_years(path):
    """Years as stays: a run of years in which a state stood on one side of a dispute."""
    rows = read_dispute_years(path)
    keys = ["dispute", "cow", "side"]
    rows = rows.sort_values([*keys, "year"])
    run = (rows.groupby(keys)["year"].diff() != 1).cumsum()
    stays = rows.groupby([*keys, run.rename("run")], as_index=False).agg(
        first=("year", "min"), last=("year", "max"), hostility=("hostility", "max")
    )
    for names, year in ((["begins", "from"], "first"), (["ends", "until"], "last")):
        for name in names:
            stays[name] = stays[year].astype("str")
    return stays


def _maker(source, stays_of):
    def make(paths, study):
        path = one_file(paths, "the list of disputes")
        whole, states = stays_of(path), set(states_of(study))
        years = study["first_year"], min(study["last_year"], LAST_YEAR[source])
        if years[0] > years[1]:
            raise DataProblem(
                f"{path.name}: the list ends in {years[1]}, before the study begins"
                f" ({years[0]}). There is nothing to import."
            )
        ours = whole.assign(state=whole["cow"].map(COW_CODES))
        ours = ours[ours["state"].isin(states)]
        pairs = joint_stays(ours)
        in_years = pairs["ends"].str[:4].astype(int).ge(years[0])
        in_years &= pairs["begins"].str[:4].astype(int).le(years[1])
        pairs = pairs[in_years].assign(source=source)
        entered = _entered(ours, states, *years).assign(source=source)
        said = [
            f"{path.name}: {whole['dispute'].nunique()} disputes read.",
            f"Looked at: {', '.join(sorted(states))}, {years[0]} to {years[1]}.",
        ]
        strange = sorted(states - set(COW_CODES.values()))
        if strange:
            said.append(f"Without a number in the Correlates of War: {', '.join(strange)}.")
        tables = {TABLE: pairs.reset_index(drop=True), ENTERED: entered}
        return Made(tables, EDITIONS[source], said, {TABLE: years, ENTERED: years})

    return make


def _entered(stays, states, first, last):
    """How many disputes each state entered in each year, with zeros: these were looked for."""
    entry = stays.groupby(["state", "dispute"])["from"].min().str[:4].astype(int)
    counts = entry.groupby("state").value_counts()
    index = pd.MultiIndex.from_product(
        [sorted(states & set(COW_CODES.values())), range(first, last + 1)], names=["state", "year"]
    )
    return counts.reindex(index, fill_value=0).rename("disputes").reset_index()


EDITIONS = {GML: "version 2.2.1", COW: "version 5.0"}

SOURCES = (
    Source(
        GML,
        "Gibler, Miller and Little, Militarized Interstate Disputes",
        "one file: the participants (gml_mid_2.2.1_participants.csv or csv.gz)",
        (TABLE, ENTERED),
        _maker(GML, read_participants),
        producer="Douglas M. Gibler, Steven V. Miller and Erin K. Little",
        path="https://dmgibler.people.ua.edu/mid-replication.html",
        citation="gibler_miller_little2016",
    ),
    Source(
        COW,
        "Correlates of War Project, Militarized Interstate Disputes",
        "one file: the directed dispute-years (cow_mid_5.0_directed_dispute_years.csv or csv.gz)",
        (TABLE, ENTERED),
        _maker(COW, _of_years),
        producer="Correlates of War Project",
        path="https://correlatesofwar.org/data-sets/MIDs",
        citation="palmer2022",
    ),
)
