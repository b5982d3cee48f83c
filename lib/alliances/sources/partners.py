"""Partners of a state's trade: the groups that are shown, and the figures of all of them together."""

import pandas as pd

from alliances.problems import DataProblem

WORLD, UNION = "WLD", "EU"
FLOW = ["reporter", "partner", "year", "flow"]
# The members of 2020 and after in all years, so that the group's share moves only when trade does.
UNION_MEMBERS = (
    *("AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV"),
    *("HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN"),
    "SWE",
)
SHOWN = (
    *("RUS", "CHN", "IRN", "GEO", "ARE", "HKG", "CHE", "TUR", "USA", "IND", "KAZ", "BLR", "UKR"),
    *("ARM", "AZE", "KGZ", "TJK"),
)


def by_partner(rows: pd.DataFrame, time: list[str], shown: tuple[str, ...] = SHOWN) -> pd.DataFrame:
    """The flows with the partners that are shown, with the European Union and with all together.

    rows: `reporter`, `partner` (a code or a producer's name), the columns of `time`, `flow` and
    `value`, one row a partner; `union` says which belong to the European Union. The same columns
    without `union`. A flow with a group is the sum of what is there of it; a partner whose value is
    missing has no row.

    >>> rows = pd.DataFrame({"reporter": "ARM", "partner": ["RUS", "FRA"], "year": 2020,
    ...     "flow": "exports", "value": [3.0, 1.0], "union": [False, True]})
    >>> by_partner(rows, ["year"])[["partner", "value"]].values.tolist()
    [['EU', 1.0], ['RUS', 3.0], ['WLD', 4.0]]
    """
    key = ["reporter", "partner", *time, "flow"]
    known = rows.dropna(subset=["value"])
    groups = [
        known[known["partner"].isin(shown)],
        known[known["union"]].assign(partner=UNION),
        known.assign(partner=WORLD),
    ]
    return pd.concat(groups).groupby(key, as_index=False)["value"].sum()


def largest(rows: pd.DataFrame, reporters: tuple[str, ...], count: int) -> list[str]:
    """The partners with whom some states traded most, each state's own first ones together.

    rows as in `by_partner`; count: how many for each reporter, by the sum of all its flows. Members
    of the European Union are left out, since they are shown as one, and so are partners without a
    code of three letters, since they are no single state.

    >>> rows = pd.DataFrame({"reporter": "ARM", "partner": ["RUS", "FRA", "IRN", "ATM"], "year": 2020,
    ...     "flow": "exports", "value": [3.0, 9.0, 2.0, 1.0], "union": [False, True, False, False]})
    >>> largest(rows, ("ARM",), 2)
    ['IRN', 'RUS']
    """
    single = rows[~rows["union"] & rows["partner"].str.fullmatch("[A-Z]{3}")]
    sums = single.groupby(["reporter", "partner"])["value"].sum()
    found = [sums[one].nlargest(count).index for one in reporters if one in sums.index]
    return sorted(set().union(*found))


def totals_by_year(rows: pd.DataFrame, unnamed: frozenset[str] = frozenset()) -> pd.DataFrame:
    """What is needed for the share and the concentration of all partners, by year and flow.

    rows as in `by_partner`, by year. Columns: `reporter`, `year`, `flow`, `total`, `partners` (how
    many had a flow), `sum_of_squares` (of the flows with single partners), `largest_partner` and
    `largest`. unnamed: partners that are no single one, such as "unknown country"; they count in
    the total and not among the partners, so that concentration is a little too low, never too high.

    >>> rows = pd.DataFrame({"reporter": "ARM", "partner": ["RUS", "FRA"], "year": 2020,
    ...     "flow": "exports", "value": [3.0, 1.0]})
    >>> totals_by_year(rows)[["total", "sum_of_squares", "largest_partner"]].values.tolist()
    [[4.0, 10.0, 'RUS']]
    """
    key = ["reporter", "year", "flow"]
    known = rows.dropna(subset=["value"])
    named = known[~known["partner"].isin(unnamed)]
    single = named.groupby([*key, "partner"], as_index=False)["value"].sum()
    single = single[single["value"] > 0].assign(square=lambda rows: rows["value"] ** 2)
    largest = single.sort_values("value").groupby(key).last()
    counted = single.groupby(key).agg(partners=("value", "size"), sum_of_squares=("square", "sum"))
    found = known.groupby(key)["value"].sum().to_frame("total").join(counted)
    found["largest_partner"], found["largest"] = largest["partner"], largest["value"]
    found[["partners", "sum_of_squares"]] = found[["partners", "sum_of_squares"]].fillna(0)
    return found.astype({"partners": "int64"}).reset_index()


def each_once(file: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Every flow once, in order: one figure may stand there twice, two figures may not.

    rows: the columns of FLOW, and `value`. Raises DataProblem that names the file and the flows.

    >>> rows = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": 2020, "flow": "exports",
    ...     "value": [3.0, 3.0]})
    >>> len(each_once("any.csv", rows))
    1
    >>> each_once("any.csv", rows.assign(value=[3.0, 4.0]))
    Traceback (most recent call last):
    alliances.problems.DataProblem: any.csv: two figures for one flow: ARM exports RUS 2020. The file
    mixes editions or classifications. Ask for one of them.
    """
    once = rows.drop_duplicates([*FLOW, "value"])
    twice = once[once.duplicated(FLOW)]
    if len(twice):
        raise DataProblem(
            f"{file}: two figures for one flow: {_named(twice)}. The file mixes editions or"
            " classifications. Ask for one of them."
        )
    return once.sort_values(FLOW, ignore_index=True)


def files_together(parts: list[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """The flows of several files as one table; a flow that two of them hold is refused.

    parts: a file's name, and rows with the columns of FLOW, each flow once. Two files with one flow are two
    editions, or one file twice, and nothing tells which is meant: a DataProblem names them.

    >>> rows = pd.DataFrame({"reporter": ["ARM"], "partner": "RUS", "year": 2020, "flow": "exports"})
    >>> len(files_together([("a.csv", rows), ("b.csv", rows.assign(year=2021))]))
    2
    >>> files_together([("a.csv", rows), ("b.csv", rows)])
    Traceback (most recent call last):
    alliances.problems.DataProblem: a.csv and b.csv hold the same flows: ARM exports RUS 2020. Files
    are read together where each has flows of its own. Hand in one of these.
    """
    files = [rows.assign(file=place) for place, (_, rows) in enumerate(parts)]
    whole = pd.concat(files, ignore_index=True)
    double = whole.duplicated(FLOW, keep=False)
    if double.any():
        files = " and ".join(parts[place][0] for place in whole.loc[double, "file"].unique())
        raise DataProblem(
            f"{files} hold the same flows: {_named(whole[whole.duplicated(FLOW)])}. Files are read"
            " together where each has flows of its own. Hand in one of these."
        )
    return whole.drop(columns="file")


def _named(rows):
    named = [f"{row.reporter} {row.flow} {row.partner} {row.year}" for row in rows.itertuples()]
    return "; ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
