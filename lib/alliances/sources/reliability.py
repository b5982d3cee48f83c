"""Readers of two replication files on alliance commitments in war, and the table counted from them.

Berkemeier and Fuhrmann list an alliance once for each war, Leeds and Anac a member of an alliance
once for each war that put it to the test. Both files are finished; none of their rows is kept.
"""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file
from alliances.sources.cells import ADVICE, listed, read_cells

TABLE = "treaty_obligations/commitments_by_war"
BERKEMEIER_FUHRMANN, LEEDS_ANAC = "berkemeier-fuhrmann", "leeds-anac"
KINDS = {
    "defence": "defense",
    "offence": "offense",
    "neutrality": "neutral",
    "non-aggression": "nonagg",
    "consultation": "consul",
}
# What happened to a commitment, by the suffix of the columns in which each coding says so.
CODINGS = {"LLM": "leeds-long-mitchell rules", "BF": "berkemeier-fuhrmann alternative"}
OUTCOMES = {"dna": "not put to the test", "honor": "honoured", "violate": "violated"}
MEMBERS_CODINGS = {"honor2": "leeds-anac honor2", "honor3": "leeds-anac honor3"}
BEFORE, SINCE = "1816-1944", "1945-2003"
# The names of the two world wars hold no years.
WORLD_WARS = {"WorldWarI": (1914, 1918), "WorldWarII": (1939, 1945)}
UNREADABLE = {"Warof Attrition": "War of Attrition", "Off Shore Islands": "Offshore Islands"}
# Leeds and Anac give only the war's number in the Correlates of War, third version.
NUMBERED_WARS = {
    10: ("Austro-Sardinian", 1848, 1849),
    22: ("Crimean", 1853, 1856),
    28: ("Italian Unification", 1859, 1859),
    46: ("Second Schleswig-Holstein", 1864, 1864),
    49: ("Lopez", 1864, 1870),
    52: ("Naval War", 1865, 1866),
    55: ("Seven Weeks", 1866, 1866),
    58: ("Franco-Prussian", 1870, 1871),
    61: ("Russo-Turkish", 1877, 1878),
    64: ("Pacific", 1879, 1883),
    73: ("Sino-Japanese", 1894, 1895),
    82: ("Boxer Rebellion", 1900, 1900),
    85: ("Russo-Japanese", 1904, 1905),
    97: ("Italo-Turkish", 1911, 1912),
    100: ("First Balkan", 1912, 1913),
    103: ("Second Balkan", 1913, 1913),
    106: ("World War I", 1914, 1918),
    118: ("Sino-Soviet", 1929, 1929),
    130: ("Second Sino-Japanese", 1937, 1941),
    133: ("Changkufeng", 1938, 1938),
    136: ("Nomonhan", 1939, 1939),
    139: ("World War II", 1939, 1945),
    142: ("Russo-Finnish", 1939, 1940),
    148: ("Arab-Israeli", 1948, 1949),
    154: ("Soviet-Hungarian", 1956, 1956),
    157: ("Sinai", 1956, 1956),
    166: ("Second Kashmir", 1965, 1965),
    169: ("Six Day", 1967, 1967),
    175: ("Football", 1969, 1969),
    178: ("Bangladesh", 1971, 1971),
    181: ("Yom Kippur", 1973, 1973),
    189: ("Vietnam-Cambodia", 1977, 1979),
    211: ("Gulf War", 1990, 1991),
}
# How many rows the archived files have: a file cut between two rows looks like a whole one.
WHOLE = {BERKEMEIER_FUHRMANN: 576, LEEDS_ANAC: 137}
KEY = ["source", "coding", "war_id", "period", "obligation", "members"]


def read_alliances_in_war(path: Path) -> pd.DataFrame:
    """Return one row an alliance, war and coding, of Berkemeier and Fuhrmann's file (dta or csv).

    Columns: `coding` (by Leeds, Long and Mitchell's rules, or by the authors' alternative, which
    differs in what counts as called upon), `war_id`, `war`, `first_year`, `last_year`, `period`,
    `alliance` (ATOP number), `members` ("bilateral" or "multilateral"), one column of True and
    False for each kind of obligation, `invoked` and `honoured` (0 or 1).

    An alliance of many members is one row, and is violated if one member fails it. `last_year` is
    missing where the war's name gives one year only; that the war ended in it is not known. The
    Second World War stands in both periods, as the authors' variable `sample` cuts it, and begins
    in 1945 in the second. Not invoked (0) is not violated.

    Raises DataProblem for another layout, other codes than 0 and 1, an alliance twice in a war, an
    alliance without any obligation, and an outcome that is missing or given twice.
    Source: Berkemeier and Fuhrmann 2018, replication data.

    >>> read_alliances_in_war("nowhere.dta")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.dta: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    outcomes = [outcome + suffix for suffix in CODINGS for outcome in OUTCOMES]
    flags = ["sample", "multilateral", *KINDS.values()]
    wanted = ["warid", "atopid", "warname", *flags, *outcomes]
    table = read_cells(path, wanted, "Berkemeier and Fuhrmann's replication data (dta or csv)")
    numbers = _numbers(path, table, ["warid", "atopid"], flags, outcomes)
    _refuse_nonsense(path, numbers, ["warid", "atopid"])
    rows = _wars_and_kinds(path, table["warname"], numbers)
    codings = [
        rows.assign(
            coding=coding,
            invoked=(numbers["dna" + suffix] != 1).astype(int),
            honoured=(numbers["honor" + suffix] == 1).astype(int),
        )
        for suffix, coding in CODINGS.items()
    ]
    return pd.concat(codings, ignore_index=True)


def read_members_in_war(path: Path) -> pd.DataFrame:
    """Return one row a member of an alliance, war and coding, of Leeds and Anac's file (dta, csv).

    Columns as in `read_alliances_in_war`, with `member` (its number in the Correlates of War) and
    without kinds of obligation, which the file does not hold. Every row was put to the test, so
    `invoked` is 1. `coding` is the file's variable honor2 or honor3; they differ in two cases, and
    the file does not say why. The period follows the year in which the war began.

    Raises DataProblem for another layout, other codes than 0 and 1, a war that is not among the
    NUMBERED_WARS, and a member twice in an alliance and war.
    Source: Leeds and Anac 2005, replication data.

    >>> read_members_in_war("nowhere.dta")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.dta: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    identity, flags = ["war", "atopid", "ccode1"], [*MEMBERS_CODINGS, "bilat"]
    table = read_cells(path, [*identity, *flags], "Leeds and Anac's replication data (dta or csv)")
    numbers = _numbers(path, table, identity, flags, [])
    unknown = sorted(set(numbers["war"]) - set(NUMBERED_WARS))
    if unknown:
        raise DataProblem(
            f"{path.name}, column war: no war is known by the number"
            f" {', '.join(f'{number:g}' for number in unknown)}. {ADVICE}"
        )
    _refuse_twice(path, numbers, identity)
    wars = [NUMBERED_WARS[number] for number in numbers["war"]]
    rows = pd.DataFrame(wars, columns=["war", "first_year", "last_year"], index=table.index)
    rows["period"] = (rows["first_year"] >= 1945).map({True: SINCE, False: BEFORE})
    rows["war_id"], rows["alliance"] = numbers["war"].astype(int), numbers["atopid"].astype(int)
    rows["member"] = numbers["ccode1"].astype(int)
    rows["members"] = numbers["bilat"].map({0: "multilateral", 1: "bilateral"})
    codings = [
        rows.assign(coding=coding, invoked=1, honoured=numbers[column].astype(int))
        for column, coding in MEMBERS_CODINGS.items()
    ]
    return pd.concat(codings, ignore_index=True)


def count_commitments(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Count the rows of either reader by coding, war, period, kind of obligation and members.

    One row for each combination that the file holds: the KEY, `war`, `first_year`, `last_year`,
    `commitments` (rows of the file, put to the test or not), `invoked` and `honoured`. "any" counts
    each row once; the kinds overlap.

    >>> rows = pd.DataFrame({"coding": "made up", "war_id": 1, "war": "A", "first_year": 1914,
    ...     "last_year": 1918, "period": BEFORE, "members": "bilateral", "defence": [True, False],
    ...     "invoked": [1, 1], "honoured": [1, 0]})
    >>> count_commitments(rows, "us")[["obligation", "commitments", "invoked", "honoured"]]
      obligation  commitments  invoked  honoured
    0        any            2        2         1
    1    defence            1        1         1
    """
    held = [kind for kind in KINDS if kind in rows]
    parts = [rows.assign(obligation="any")]
    parts += [rows[rows[kind]].assign(obligation=kind) for kind in held]
    every = pd.concat(parts, ignore_index=True).assign(source=source)
    groups = every.groupby(KEY, as_index=False)
    return groups.agg(
        war=("war", "first"),
        first_year=("first_year", "first"),
        last_year=("last_year", "first"),
        commitments=("invoked", "size"),
        invoked=("invoked", "sum"),
        honoured=("honoured", "sum"),
    )


def _wars_and_kinds(path, names, numbers):
    wars = [_named(path, name) for name in names]
    rows = pd.DataFrame(wars, columns=["war", "first_year", "last_year"], index=names.index)
    since = numbers["sample"] == 0
    rows["first_year"] = rows["first_year"].mask(since & (rows["first_year"] < 1945), 1945)
    rows["last_year"] = rows["last_year"].astype("Int64")
    rows["last_year"] = rows["last_year"].mask(
        ~since & rows["last_year"].gt(1944).fillna(False), 1944
    )
    rows["period"] = since.map({True: SINCE, False: BEFORE})
    rows["war_id"], rows["alliance"] = numbers["warid"].astype(int), numbers["atopid"].astype(int)
    rows["members"] = numbers["multilateral"].map({1: "multilateral", 0: "bilateral"})
    for kind, column in KINDS.items():
        rows[kind] = numbers[column] == 1
    return rows


def _numbers(path, table, identity, flags, outcomes):
    """All columns that hold numbers; a DataProblem lists the first wrong cells of each."""
    numbers, problems = pd.DataFrame(index=table.index), []
    for column in [*identity, *flags, *outcomes]:
        cells = table[column]
        values = pd.to_numeric(cells, errors="coerce").astype("float64")
        if column in identity:
            wrong, expected = ~(values >= 1) | (values % 1 != 0) | (values > 1e6), "a whole number"
        else:
            wrong, expected = ~values.isin([0, 1]), "0 or 1"
        if column in outcomes:
            wrong &= ~(cells.isna() | (cells == ""))
            expected = "1 or nothing"
        numbers[column] = values
        problems += [
            f"row {index + 2}, column {column}: found {value!r}, expected {expected}"
            for index, value in cells[wrong].head(5).items()
        ]
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")
    return numbers


def _refuse_nonsense(path, numbers, identity):
    _refuse_twice(path, numbers, identity)
    none = numbers.index[numbers[list(KINDS.values())].eq(0).all(axis=1)]
    problems = [f"no obligation in rows {listed(none + 2)}"] if len(none) else []
    for suffix in CODINGS:
        told = numbers[[outcome + suffix for outcome in OUTCOMES]].eq(1).sum(axis=1)
        wrong = told.index[told != 1]
        if len(wrong):
            problems.append(
                f"not just one outcome ({', '.join(OUTCOMES.values())}) in the columns that end in"
                f" {suffix}, rows {listed(wrong + 2)}"
            )
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")


def _refuse_twice(path, numbers, identity):
    twice = numbers.index[numbers.duplicated(identity)]
    if len(twice):
        raise DataProblem(
            f"{path.name}: rows {listed(twice + 2)} repeat a row above ({', '.join(identity)});"
            f" expected each once. {ADVICE}"
        )


def _named(path, name):
    """A war's name with spaces, and the years in it; a second year of two digits is of the first's
    century."""
    name = str(name)
    if name in WORLD_WARS:
        return re.sub("(?<=[a-z])(?=[A-Z])", " ", name), *WORLD_WARS[name]
    found = re.fullmatch(r"([A-Za-z-]+)[ _]?(1[89]\d\d|20\d\d)(?:-(\d\d|\d{4}))?", name.strip())
    if found is None:
        raise DataProblem(
            f"{path.name}, column warname: found {name!r}; expected a war's name with the year in"
            f" which it began, such as Kargil1999. {ADVICE}"
        )
    words, first, last = found.groups()
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", words)
    last = None if last is None else int(last) if len(last) == 4 else int(first[:2] + last)
    return UNREADABLE.get(words, words), int(first), last


def _maker(source, read):
    def make(paths, study):
        path = one_file(paths, "the replication data")
        rows = read(path)
        found = len(rows) // rows["coding"].nunique()
        if found != WHOLE[source]:
            raise DataProblem(
                f"{path.name}: found {found} rows; the replication data have"
                f" {WHOLE[source]}, so this file is cut or another one. {ADVICE}"
            )
        said = [f"{path.name}: {found} rows read, {rows['war_id'].nunique()} wars."]
        for coding, part in rows.groupby("coding"):
            said.append(
                f"{coding}: {part['invoked'].sum()} put to the test, {part['honoured'].sum()}"
                " honoured."
            )
        counted = {TABLE: count_commitments(rows, source)}
        return Made(counted, EDITIONS[source], said, {TABLE: COVERS[source]})

    return make


EDITIONS = {BERKEMEIER_FUHRMANN: "March 2018", LEEDS_ANAC: "2005"}
# The years in which the authors looked for wars; of Leeds and Anac, those of the wars they list.
COVERS = {BERKEMEIER_FUHRMANN: (1816, 2003), LEEDS_ANAC: (1848, 1991)}

SOURCES = (
    Source(
        BERKEMEIER_FUHRMANN,
        "Berkemeier and Fuhrmann, Reassessing the Fulfillment of Alliance Commitments in War,"
        " replication data",
        "one file: BerkemeierFuhrmannRAP2018_0303.dta, or the same as csv",
        (TABLE,),
        _maker(BERKEMEIER_FUHRMANN, read_alliances_in_war),
        producer="Molly Berkemeier and Matthew Fuhrmann",
        path="https://doi.org/10.1177/2053168018779697",
        citation="berkemeier_fuhrmann2018",
    ),
    Source(
        LEEDS_ANAC,
        "Leeds and Anac, Alliance Institutionalization and Alliance Performance, replication data",
        "one file: LeedsAnacIIrep.dta, or the same as csv",
        (TABLE,),
        _maker(LEEDS_ANAC, read_members_in_war),
        producer="Brett Ashley Leeds and Sezi Anac",
        path="https://doi.org/10.1080/03050620500294135",
        citation="leeds_anac2005",
    ),
)
