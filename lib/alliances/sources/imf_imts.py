"""Reader of the IMF's International Trade in Goods by Partner Country (IMTS), the successor of DOTS.

Three layouts: of the Data Explorer's csv "time in columns" (a column a year, quarter and month) and
"observation per row", with codes or names or both, in millions of dollars; and of the interface's
csv (SDMX), in dollars, where the column SCALE says how to show a figure and not how to read it. All
three are known from documentation and from programs that read them; no file of the IMF was at hand.
"""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, states_of
from alliances.sources.cells import ADVICE, csv_rows, listed, refuse_open_end
from alliances.sources.imf_trade import AGGREGATE, ESTIMATED, LAST_REPORTED, REPORTED, TABLE
from alliances.sources.names import known_code
from alliances.sources.opening import read_text
from alliances.sources.partners import FLOW, WORLD, each_once, files_together

NAME = "imf-imts"
FLOWS = {
    "XG_FOB_USD": "exports",
    "Exports of goods, Free on board (FOB), US dollar": "exports",
    "MG_CIF_USD": "imports",
    "Imports of goods, Cost insurance freight (CIF), US dollar": "imports",
}
# The dimensions in the order in which the code of a series strings them together.
DIMENSIONS = ("COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY")
AREA_COLUMNS = ("COUNTRY", "COUNTERPART_COUNTRY")
# Codes of the IMF that are not those of ISO 3166.
AREAS = {"G001": WORLD, "World": WORLD, "KOS": "XKX", "WBG": "PSE"}
ANNUAL = ("A", "Annual", "Yearly")
# Statuses of SDMX for what the reporter did not give: estimated, forecast, imputed.
ESTIMATES = ("E", "F", "I", "Estimated value", "Forecast value", "Imputed value")
# World trade in millions of dollars lay and lies between these, so they tell dollars from millions.
LEAST_WORLD, MOST = 1e4, 1e8
LAYOUTS = (
    "the IMF's IMTS as csv, with the columns COUNTRY, INDICATOR and COUNTERPART_COUNTRY (with or"
    " without .ID) and either a column a year or TIME_PERIOD and OBS_VALUE"
)


def read_imts(path: Path | str) -> tuple[pd.DataFrame, list[str]]:
    """What states report of their trade with each partner by year, and sentences on what was left out.

    Columns: reporter, partner (ISO 3166 codes, or WLD), year, flow (exports f.o.b., imports c.i.f.),
    value (million US dollars of the year), estimated (whether the row itself says that the IMF
    estimated it; only a layout with a column STATUS can). Groups, "not specified", quarters, months,
    imports f.o.b. and balances are left out, and so are empty cells, which are no zeros.

    Raises DataProblem for another data set or layout, a scale that is not millions, figures that are
    none or in another unit, and two figures for one flow. Source: International Monetary Fund.

    >>> read_imts("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    cells = _cells(path)
    long, skipped = _by_period(path, cells)
    said = [f"{path.name}: {len(cells):,} rows read."] + skipped
    flow = long["INDICATOR"].map(FLOWS)
    if flow.isna().any():
        others = ", ".join(sorted(set(long.loc[flow.isna(), "INDICATOR"]))[:5])
        said.append(f"{path.name}: left out other indicators: {others}.")
    areas = pd.DataFrame({name: _areas(long[name]) for name in AREA_COLUMNS})
    stays = flow.notna() & areas.notna().all(axis=1)
    if not stays.any():
        raise DataProblem(
            f"{path.name}: found no yearly figure of exports (XG_FOB_USD) or imports (MG_CIF_USD)"
            f" between states; expected {LAYOUTS}. Ask for yearly figures of both."
        )
    rows = (
        areas[stays]
        .set_axis(["reporter", "partner"], axis=1)
        .assign(
            year=long.loc[stays, "period"].astype("int64"),
            flow=flow[stays],
            value=_amounts(path, long[stays], _unit(path, cells)),
            estimated=long.loc[stays, "STATUS"].isin(ESTIMATES),
        )
    )
    return each_once(path.name, rows), said


def _cells(path):
    """The table as text, its dimensions as codes where there are any, otherwise as names."""
    text = read_text(path)
    header, *rows = csv_rows(path, text)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    periods = [name for name in header if _is_period(name)]
    known = {name.removesuffix(".ID") for name in header}
    values = periods or {"TIME_PERIOD", "OBS_VALUE"} <= set(header)
    if twice or not values or not set(DIMENSIONS[:3]) <= known:
        raise DataProblem(
            f"{path.name}, row 1: found the columns {', '.join(header[:12])}"
            f"{' and more' if len(header) > 12 else ''}; expected {LAYOUTS}, each of them once. {ADVICE}"
        )
    refuse_open_end(path.name, text, header[-1] == "OBS_VALUE" or _is_period(header[-1]))
    wrong = [n for n, row in enumerate(rows, start=2) if row and len(row) != len(header)]
    if wrong:
        raise DataProblem(
            f"{path.name}: rows {listed(wrong)} do not have {len(header)} cells as the header has;"
            f" the file is cut or was changed. {ADVICE}"
        )
    cells = pd.DataFrame.from_dict(
        {n: row for n, row in enumerate(rows) if row}, orient="index", columns=header, dtype="str"
    )
    if cells.empty:
        raise DataProblem(f"{path.name}: no row follows the header. {ADVICE}")
    _refuse_other_data(path, cells)
    return cells.assign(**{name: _dimension(cells, name, n) for n, name in enumerate(DIMENSIONS)})


def _is_period(name):
    return bool(re.fullmatch(r"\d{4}(-(Q\d|M?\d\d|S\d))?", name))


def _refuse_other_data(path, cells):
    for column in ("DATASET", "DATAFLOW", "STRUCTURE_ID", "SERIES_CODE"):
        if column not in cells:
            continue
        told = cells[column].drop_duplicates()
        fits = (
            r"IMTS|Trade in Goods" if column != "SERIES_CODE" else r"^[^.]+\.[^.]+\.[^.]+\.[AQM]$"
        )
        other = told[~told.str.contains(fits)]
        if len(other):
            raise DataProblem(
                f"{path.name}, row {other.index[0] + 2}, column {column}: found {other.iloc[0]!r};"
                f" expected {LAYOUTS}. This is another data set of the IMF."
            )


def _dimension(cells, name, place):
    if f"{name}.ID" in cells:
        return cells[f"{name}.ID"].str.strip()
    if "SERIES_CODE" in cells:
        return cells["SERIES_CODE"].str.split(".").str[place]
    return cells[name].str.strip() if name in cells else ""


def _by_period(path, cells):
    """One row a figure of a year: the dimensions, `period`, `cell`, `column`; what was skipped."""
    if "OBS_VALUE" in cells:
        long = cells.assign(period=cells["TIME_PERIOD"].str.strip(), cell=cells["OBS_VALUE"])
        long["column"] = "OBS_VALUE"
    else:
        periods = [name for name in cells if _is_period(name)]
        wide = cells[[*DIMENSIONS, *periods]].rename_axis("row").reset_index()
        long = wide.melt(["row", *DIMENSIONS], periods, "period", "cell").set_index("row")
        long["column"] = long["period"]
    status = next((name for name in ("STATUS.ID", "STATUS") if name in long), None)
    long = long.assign(STATUS=long[status] if status else "", cell=long["cell"].str.strip())
    known = long["period"].map(_is_period)
    if not known.all():
        wrong = long.index[~known]
        raise DataProblem(
            f"{path.name}, rows {listed((wrong + 2).tolist())}, column TIME_PERIOD: found"
            f" {long.loc[~known, 'period'].iloc[0]!r}; expected a year, quarter or month. {ADVICE}"
        )
    filled = long[~long["cell"].isin(["", "NaN", "NA"])]
    annual = filled["period"].str.fullmatch(r"\d{4}") & filled["FREQUENCY"].isin(["", *ANNUAL])
    shorter = int((~annual).sum())
    said = [f"{path.name}: left out {shorter:,} figures of quarters and months."] if shorter else []
    return filled[annual], said


def _areas(column):
    codes = {name: _code(name) for name in column.drop_duplicates()}
    return column.map(codes).astype("object")


def _code(name):
    """A state's code from the IMF's code or name, such as "Armenia, Republic of"; None for a group."""
    return (
        AREAS.get(name)
        or known_code(name)
        or known_code(re.sub(r", (([\w'’]+ )*Republic of|The)$", "", name))
    )


def _unit(path, cells):
    """What a figure is to be multiplied with to have millions of dollars."""
    if "DATAFLOW" in cells or "STRUCTURE" in cells:
        return 1e-6
    column = next((name for name in ("SCALE.ID", "SCALE") if name in cells), None)
    other = cells[~cells[column].isin(["6", "Millions", ""])] if column else cells[:0]
    if len(other):
        raise DataProblem(
            f"{path.name}, rows {listed((other.index + 2).tolist())}, column {column}: found"
            f" {other[column].iloc[0]!r}; expected Millions. Ask for millions of US dollars."
        )
    return 1.0


def _amounts(path, rows, unit):
    numbers = pd.to_numeric(rows["cell"], errors="coerce") * unit
    fine = numbers.between(0, float("inf"), inclusive="left").to_numpy()
    if not fine.all():
        wrong = rows[~fine]
        raise DataProblem(
            f"{path.name}, rows {listed((wrong.index + 2).tolist())}, column"
            f" {wrong['column'].iloc[0]}: found {wrong['cell'].iloc[0]!r}; expected US dollars, zero"
            f" or more, with a point as decimal sign. {ADVICE}"
        )
    world = numbers[rows[list(AREA_COLUMNS)].isin(["G001", "World"]).all(axis=1)]
    if numbers.max() > MOST or (len(world) and world.max() < LEAST_WORLD):
        raise DataProblem(
            f"{path.name}: the largest figure would be {numbers.max():,.3g} million dollars, which"
            " cannot be: the file is in another unit than its layout has. Download it again, from the"
            " Data Explorer in millions or from the interface in dollars."
        )
    return numbers.to_numpy()


def _make(paths, study):
    read = [read_imts(path) for path in paths]
    said = [sentence for _, sentences in read for sentence in sentences]
    whole = files_together([(path.name, rows) for path, (rows, _) in zip(paths, read)])
    pair = {study["focal"], study["ally"]}
    kept = whole[
        whole["reporter"].isin({WORLD, *pair})
        & whole["partner"].isin([*states_of(study), WORLD])
        & (whole["year"] >= study["first_year"])
    ]
    _refuse_lacking(paths, whole, kept, pair)
    last = kept.groupby(["reporter", "flow"])["year"].max().groupby("reporter").min()
    unfinished = kept["year"] > kept["reporter"].map(last)
    if unfinished.any():
        said.append(f"Left out, {unfinished.sum()} figures of last years with one flow only.")
    kept = kept[~unfinished]
    said += [
        f"{reporter}: {len(part)} values of {part['partner'].nunique()} partners,"
        f" {part['year'].min()} to {part['year'].max()}."
        for reporter, part in kept.groupby("reporter")
    ]
    lacking = sorted(set(states_of(study)) - set(kept["partner"]))
    said += [f"Without any figure as partner: {', '.join(lacking)}."] if lacking else []
    said.append(
        "An estimate of the IMF is known by the column STATUS, where the file has it, and for Russia"
        f" by the year, since {LAST_REPORTED['RUS'] + 1}; all else counts as reported."
    )
    table = kept.assign(status=_status(kept), source=NAME).drop(columns="estimated")
    years = (int(kept["year"].min()), int(kept["year"].max()))
    table = table.round({"value": 3})[[*FLOW, "value", "status", "source"]]
    return Made({TABLE: table}, f"years to {years[1]}", said, {TABLE: years})


def _refuse_lacking(paths, whole, kept, pair):
    found = set(zip(kept["reporter"], kept["flow"]))
    reporters = {WORLD, *pair & set(kept["reporter"])}
    lacking = [
        f"{reporter} {flow}"
        for reporter in sorted(reporters)
        for flow in ("exports", "imports")
        if (reporter, flow) not in found
    ]
    met = set(zip(kept["reporter"], kept["partner"]))
    lacking += [
        f"{reporter} with {other}"
        for reporter in sorted(reporters - {WORLD})
        for other in sorted(pair - {reporter})
        if (reporter, other) not in met
    ]
    if len(reporters) == 1:
        lacking += [" or ".join(sorted(pair))]
    if lacking:
        raise DataProblem(
            f"{', '.join(path.name for path in paths)}: found reports of"
            f" {', '.join(sorted(set(whole['reporter']))[:10])}; lacking: {', '.join(lacking)}."
            f" Expected exports and imports, as the World (G001) and one of {', '.join(sorted(pair))}"
            " report them. Ask for these as country, and for all states of the study and the World as"
            " counterpart."
        )


def _status(rows):
    late = rows["year"] > rows["reporter"].map(LAST_REPORTED)
    status = (late | rows["estimated"]).map({True: ESTIMATED, False: REPORTED})
    return status.mask(rows["reporter"] == WORLD, AGGREGATE)


SOURCES = (
    Source(
        NAME,
        "IMF, International Trade in Goods by Partner Country (IMTS)",
        "one or more csv files of IMTS: yearly exports f.o.b. and imports c.i.f. in US dollars, of one"
        " of the pair and of the World",
        (TABLE,),
        _make,
        replaces=("imf-dots",),
        producer="International Monetary Fund",
        path="https://data.imf.org",
    ),
)
