"""Reader of the report workbooks of the IMF's Direction of Trade Statistics (to 2025)."""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, pair_states, states_of
from alliances.sources.names import known_code
from alliances.sources.opening import read_sheets
from alliances.sources.partners import WORLD

NAME = "imf-dots"
TABLE = "trade/mirror_flows"
TITLES = {"Exports, FOB to Partner Countries": "exports"}
TITLES["Imports, CIF from Partner Countries"] = "imports"
UNIT = "US Dollars, Millions"
# Russia stopped publishing its customs statistics; what the IMF gives after is its own estimate.
LAST_REPORTED = {"RUS": 2021}
REPORTED, ESTIMATED = "reported", "estimated by the IMF"
AGGREGATE = "aggregate of reports and estimates"
_ADVICE = "Hand in the IMF's report workbook unchanged."


def read_reports(path: Path | str) -> pd.DataFrame:
    """What one reporter says of its trade with each partner: reporter, partner, year, flow, value.

    Values are million US dollars, exports f.o.b. and imports c.i.f.; reporter and partner are ISO
    3166 codes, or WLD for the world. Partners that are no states (groups, "not specified") are left
    out, and so are empty cells: nothing was reported or estimated, which is no zero. A workbook has
    a sheet for each flow; a last year that only one of the two has is unfinished and left out.

    Raises DataProblem for a workbook of another form, other units, an unknown reporter or several,
    no value of exports or of imports, and cells that are no numbers. Source: International Monetary
    Fund, Direction of Trade Statistics.

    >>> read_reports("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    sheets = {name: _sheet(path, name, cells) for name, cells in read_sheets(path).items()}
    whole = pd.concat(sheets.values(), ignore_index=True)
    reporters = sorted(set(whole["reporter"]))
    if len(reporters) != 1:
        raise DataProblem(
            f"{path.name}: found values of {' and '.join(reporters) or 'no reporter'}; expected one"
            f" reporter. {_ADVICE}"
        )
    lacking = [flow for flow in TITLES.values() if flow not in set(whole["flow"])]
    if lacking:
        raise DataProblem(
            f"{path.name}: found no value of {' or '.join(lacking)} in the sheets"
            f" {', '.join(sheets)}; expected a sheet of exports and one of imports. {_ADVICE}"
        )
    # The workbooks list the same rows for the first of the countries twice.
    whole = whole.drop_duplicates(ignore_index=True)
    twice = whole[whole.duplicated(["reporter", "partner", "year", "flow"])]
    if len(twice):
        named = ", ".join(f"{row.partner} {row.year}" for row in twice.head(5).itertuples())
        raise DataProblem(f"{path.name}: two values of one flow: {named}. {_ADVICE}")
    last = whole.groupby("flow")["year"].max()
    whole = whole[whole["year"] <= last.min()]
    key = ["reporter", "partner", "flow", "year"]
    return whole.sort_values(key, ignore_index=True)


def _sheet(path, name, cells):
    place = f"{path.name}, sheet {name}"
    if cells.shape[0] < 8 or cells.shape[1] < 3:
        raise DataProblem(f"{place}: found {cells.shape[0]} rows; expected a report. {_ADVICE}")
    title, reporter, unit = (str(cells.iat[row, 1]).strip() for row in (1, 3, 4))
    code = _code(reporter)
    if title not in TITLES or unit != UNIT or code is None:
        raise DataProblem(
            f"{place}: found {title!r} in B2, {reporter!r} in B4 and {unit!r} in B5; expected"
            f" {' or '.join(TITLES)}, a state or World, and {UNIT}. {_ADVICE}"
        )
    years = cells.iloc[6, 2:].map(lambda cell: int(cell) if _is_year(cell) else None)
    if years.isna().any() or years.duplicated().any():
        raise DataProblem(f"{place}, row 7: found {list(cells.iloc[6, 2:])}; expected years.")
    body = cells.iloc[7:].set_axis(["", "partner", *years.astype(int)], axis=1).drop(columns="")
    body["partner"] = body["partner"].map(_code)
    long = body.dropna(subset=["partner"]).melt("partner", var_name="year")
    long = long.dropna(subset=["value"])
    numbers = pd.to_numeric(long["value"], errors="coerce")
    fine = numbers.between(0, float("inf"), inclusive="left")
    if not fine.all():
        wrong = long[~fine].head(5)
        named = "; ".join(f"{r.partner} {r.year}: {r.value!r}" for r in wrong.itertuples())
        raise DataProblem(f"{place}: found {named}; expected amounts of zero or more. {_ADVICE}")
    return long.assign(value=numbers, reporter=code, flow=TITLES[title]).astype({"year": "int64"})


def _is_year(cell):
    return bool(re.fullmatch(r"(19|20)\d\d(\.0)?", str(cell).strip()))


def _code(name):
    """A code from the IMF's way to write a state: "Armenia, Rep. of", "Kyrgyz Rep."."""
    name = str(name).strip()
    if name == "World":
        return WORLD
    return (
        known_code(name)
        or known_code(re.sub(r", (Rep|Islamic Rep)\. of$", "", name))
        or ("KGZ" if name == "Kyrgyz Rep." else None)
    )


def _make(paths, study):
    if len(paths) != 2:
        raise DataProblem(
            f"found {len(paths)} files; expected two: the reports of one of the pair, and of World."
        )
    each = [read_reports(path) for path in paths]
    reporters = [part["reporter"].iloc[0] for part in each]
    pair = set(pair_states(study))
    if sorted(reporter == WORLD for reporter in reporters) != [False, True] or not (
        set(reporters) - {WORLD} <= pair
    ):
        raise DataProblem(
            f"found reports of {' and '.join(reporters)}; expected those of one of"
            f" {' and '.join(sorted(pair))}, and of World. Give these two workbooks."
        )
    whole = pd.concat(each)
    kept = whole[whole["partner"].isin([*states_of(study), WORLD])]
    kept = kept.assign(status=_status(kept), source=NAME).round({"value": 3})
    columns = ["reporter", "partner", "year", "flow", "value", "status", "source"]
    years = (int(kept["year"].min()), int(kept["year"].max()))
    said = [
        f"{path.name}: reporter {reporter}, {len(part)} values of {part['partner'].nunique()}"
        f" partners, {part['year'].min()} to {part['year'].max()}."
        for path, reporter, part in zip(paths, reporters, each)
    ]
    return Made({TABLE: kept[columns]}, f"years to {years[1]}", said, {TABLE: years})


def _status(rows):
    last = rows["reporter"].map(LAST_REPORTED)
    status = (rows["year"] > last).map({True: ESTIMATED, False: REPORTED})
    return status.mask(rows["reporter"] == WORLD, AGGREGATE)


SOURCES = (
    Source(
        NAME,
        "IMF, Direction of Trade Statistics, report workbooks",
        "two files: the workbook of one of the pair and that of World, each with exports and imports",
        (TABLE,),
        _make,
        producer="International Monetary Fund",
        path="https://data.imf.org",
        citation="imf_dots",
    ),
)
