"""Reader of UN Comtrade+ csv files: yearly trade in all goods, as states report it to the UN.

The layout is that of the portal's download and of the interface's csv (47 columns, typeCode to
isAggregate). It is known here from documentation and from programs that read such files; no file of
the producer was at hand. So are the comma too many that the portal puts at the end of its rows, and
the encoding: UTF-8, or ISO 8859-1 in downloads of 2025.

Where both of a pair report, the flows by year have each flow from both sides. They do not go into the
table of mirror flows: that one holds a single source and needs the World as a reporter, which only
the IMF has.
"""

from pathlib import Path

import pandas as pd
import pycountry

from alliances.problems import DataProblem
from alliances.sources import Made, Source, states_of
from alliances.sources.cells import ADVICE, csv_rows, listed, refuse_open_end, whole_years
from alliances.sources.names import known_code
from alliances.sources.opening import read_text
from alliances.sources.partners import (
    FLOW,
    SHOWN,
    UNION_MEMBERS,
    WORLD,
    by_partner,
    each_once,
    files_together,
    totals_by_year,
)

NAME = "un-comtrade"
TABLES = ("trade/flows_by_year", "trade/totals_by_year")
ORIGIN = "imports by origin"
FLOWS = {"X": "exports", "M": ORIGIN}
AREAS = ("reporter", "partner")
AMOUNTS = ("cifvalue", "fobvalue", "primaryValue")
# What is left out: by column the value that stays, and what the others are.
KEPT = {
    "typeCode": (("C",), "services"),
    "freqCode": (("A",), "months"),
    "cmdCode": (("TOTAL",), "single goods"),
    "flowCode": (tuple(FLOWS), "re-exports, re-imports and other parts of the two flows"),
    "partner2Code": (("0",), "parts by second partner"),
    "customsCode": (("C00",), "parts by customs procedure"),
    "motCode": (("0",), "parts by means of transport"),
}
COLUMNS = (
    *KEPT,
    "period",
    *(f"{area}{what}" for area in AREAS for what in ("Code", "ISO", "Desc")),
    *AMOUNTS,
)
# Comtrade's numbers are those of ISO 3166 but for these, and for states and parts of the past, which
# keep the UN's name so that no figure is taken for another state's of the same year.
NUMBERS = {int(country.numeric): country.alpha_3 for country in pycountry.countries} | {
    0: WORLD, 251: "FRA", 381: "ITA", 579: "NOR", 699: "IND", 757: "CHE", 842: "USA",
    58: "Belgium-Luxembourg", 200: "CSK", 230: "Fmr Ethiopia", 278: "DDR",
    280: "Fmr Fed. Rep. of Germany", 490: "Other Asia, nes", 530: "Neth. Antilles",
    532: "Neth. Antilles and Aruba", 536: "Neutral Zone", 582: "Fmr Pacific Isds",
    590: "Fmr Panama, excl.Canal Zone", 592: "Fmr Panama-Canal-Zone",
    711: "So. African Customs Union", 720: "YMD", 736: "Fmr Sudan", 810: "SUN",
    841: "USA (before 1981)", 849: "US Misc. Pacific Isds", 886: "YAR", 890: "YUG",
    891: "Serbia and Montenegro",
}  # fmt: skip
GROUPS = {97: "European Union", 975: "ASEAN"}
# No single partners. "Other Asia, nes" is not among them: in practice it is Taiwan alone.
UNNAMED = {
    129: "Caribbean, nes", 221: "Eastern Europe, nes", 290: "Northern Africa, nes",
    471: "CACM, nes", 472: "Africa CAMEU region, nes", 473: "LAIA, nes", 492: "Europe EU, nes",
    527: "Oceania, nes", 568: "Other Europe, nes", 577: "Other Africa, nes",
    636: "Rest of America, nes", 637: "North America and Central America, nes",
    697: "Europe EFTA, nes", 837: "Bunkers", 838: "Free Zones", 839: "Special Categories",
    879: "Western Asia, nes", 899: "Areas, nes",
}  # fmt: skip
# Partners may fall short of the World's figure by rounding, and by no more.
ROUNDING = 0.001


def read_totals(path: Path | str) -> tuple[pd.DataFrame, list[str]]:
    """Yearly trade in all goods by reporter, partner and flow, and sentences on what was left out.

    Columns: reporter, partner (ISO 3166 codes; WLD is all partners; where there is no code, the UN's
    name), year, flow (exports; imports by origin), value (million US dollars of the year; missing
    where the cell is empty, which is no zero), fob (whether an import has no figure c.i.f.). The UN
    asks for the country of origin as the partner of imports; most reporters follow, and the file does
    not say who does not. Exports are f.o.b. and imports c.i.f. unless `fob` says otherwise; re-exports
    are part of exports. Not to be read as what was used in the end.

    Rows of services, months, single goods, other flows, and parts of a flow by second partner,
    customs procedure or transport are left out; so are groups of states. Raises DataProblem for
    another layout, shifted columns, codes of another system, figures that are none, two figures for
    one flow, and a file in which nothing is left. Source: United Nations, UN Comtrade.

    >>> read_totals("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    cells, said = _cells(path)
    cells, left_out = _annual_totals(path, cells)
    areas = {area: _areas(path, cells, area) for area in AREAS}
    grouped = areas["reporter"].isin(GROUPS.values()) | areas["partner"].isin(GROUPS.values())
    rows = pd.DataFrame(
        areas
        | {
            "year": whole_years(path, cells["period"]),
            "flow": cells["flowCode"].map(FLOWS),
            "value": _amounts(path, cells["primaryValue"]) / 1e6,
            "fob": (cells["flowCode"] == "M")
            & (cells["cifvalue"] == "")
            & (cells["fobvalue"] != ""),
        }
    )[~grouped]
    if grouped.any():
        left_out.append(f"{grouped.sum()} rows of groups of states")
    if left_out:
        said.append(f"{path.name}: left out {', '.join(left_out)}.")
    return each_once(path.name, rows), said


def _cells(path):
    """The columns wanted, as text; the index counts rows so that 0 is row 2 of the file."""
    text = read_text(path)
    header, *rows = csv_rows(path, text)
    lacking = [column for column in COLUMNS if column not in header]
    if lacking:
        raise DataProblem(
            f"{path.name}, row 1: the columns {', '.join(lacking)} are missing; expected UN Comtrade+"
            " csv, as the portal and the interface hand it out since 2023, with all its columns from"
            f" typeCode to isAggregate. The older layout (Year, Trade Flow, ...) is not read. {ADVICE}"
        )
    twice = sorted({column for column in COLUMNS if header.count(column) > 1})
    if twice:
        raise DataProblem(f"{path.name}, row 1: the columns {', '.join(twice)} stand there twice.")
    refuse_open_end(path.name, text, header[-1] in AMOUNTS)
    return _framed(path, header, rows)


def _framed(path, header, rows):
    """The rows under their header; one empty cell too many at a row's end is no part of it."""
    longer = [len(row) == len(header) + 1 and not row[-1] for row in rows]
    wrong = [
        place
        for place, (row, one_more) in enumerate(zip(rows, longer), start=2)
        if row and len(row) != len(header) and not one_more
    ]
    if wrong:
        raise DataProblem(
            f"{path.name}: rows {listed(wrong)} do not have {len(header)} cells as the header has;"
            f" the file is cut or was changed. {ADVICE}"
        )
    whole = {place: row[: len(header)] for place, row in enumerate(rows) if row}
    if not whole:
        raise DataProblem(f"{path.name}: no row follows the header. {ADVICE}")
    cells = pd.DataFrame.from_dict(whole, orient="index", columns=header, dtype="str")
    said = [f"{path.name}: {len(cells):,} rows read."]
    if any(longer):
        said.append(f"{path.name}: its rows end in a comma too many, which was disregarded.")
    return cells[list(COLUMNS)].apply(lambda column: column.str.strip()), said


def _annual_totals(path, cells):
    """The rows of yearly totals, and in words how many rows of other kinds there are."""
    shifted = ~cells["typeCode"].isin(["C", "S"])
    if shifted.any():
        raise DataProblem(
            f"{path.name}, rows {listed((cells.index[shifted] + 2).tolist())}, column typeCode: found"
            f" {cells.loc[shifted, 'typeCode'].iloc[0]!r}; expected C or S. The columns may have been"
            " shifted by one, as happens where a program opens the portal's file, whose rows end in a"
            f" comma, and saves it anew. {ADVICE}"
        )
    left_out = []
    for column, (stays, others) in KEPT.items():
        plain = cells[column].str.removesuffix(".0")
        kept = plain.isin(stays)
        if not kept.any():
            found = ", ".join(repr(value) for value in plain.drop_duplicates().head(5))
            raise DataProblem(
                f"{path.name}, column {column}: found only {found}; expected {' or '.join(stays)}."
                " Ask for goods, by year, commodity TOTAL, imports and exports, second partner World,"
                " all customs procedures and all modes of transport together."
            )
        if not kept.all():
            left_out.append(f"{(~kept).sum()} rows of {others}")
        cells = cells[kept]
    return cells, left_out


def _areas(path, cells, area):
    """States by Comtrade's number, refused where the name or code beside it is another state's."""
    columns = [f"{area}Code", f"{area}ISO", f"{area}Desc"]
    distinct = cells[columns].drop_duplicates()
    found, wrong = {}, []
    for place, number, iso, name in distinct.itertuples(name=None):
        beside = known_code(iso) or known_code(name)
        digits = number.removesuffix(".0")
        code = _code(int(digits), name) if digits.isdecimal() else None
        if code is None or (beside and len(code) == 3 and beside != code):
            wrong.append(f"row {place + 2}: {number!r} beside {iso!r} and {name!r}")
        found[number, iso, name] = code
    if wrong:
        more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise DataProblem(
            f"{path.name}, columns {', '.join(columns)}: {'; '.join(wrong[:5])}{more}; expected the"
            " number that Comtrade gives a state (51 Armenia, 643 Russia, 842 USA) and the code and"
            " name of the same state. Numbers of other systems are not read. Correct the file, or add"
            " a number to NUMBERS in alliances/sources/comtrade.py."
        )
    return pd.Series(
        [found[row] for row in cells[columns].itertuples(index=False, name=None)], cells.index
    )


def _code(number, name):
    """A state's code, or the UN's name of what is none; None for a number that says neither."""
    known = NUMBERS.get(number) or GROUPS.get(number) or UNNAMED.get(number)
    return known or (name if name and not known_code(name) else None)


def _amounts(path, column):
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = column[~numbers.between(0, float("inf"), inclusive="left") & (column != "")]
    if len(wrong):
        raise DataProblem(
            f"{path.name}, rows {listed((wrong.index + 2).tolist())}, column {column.name}: found"
            f" {wrong.iloc[0]!r}; expected US dollars, zero or more, with a point as decimal sign."
            f" {ADVICE}"
        )
    return numbers


def _make(paths, study):
    ours = states_of(study)
    read = [read_totals(path) for path in paths]
    said = [sentence for _, sentences in read for sentence in sentences]
    whole = files_together([(path.name, rows) for path, (rows, _) in zip(paths, read)])
    whole = whole.assign(union=whole["partner"].isin(UNION_MEMBERS))
    rows = whole[whole["reporter"].isin(ours) & (whole["year"] >= study["first_year"])]
    if rows.empty:
        raise DataProblem(
            f"{', '.join(path.name for path in paths)}: found reports of"
            f" {', '.join(sorted(set(whole['reporter'])))} for {whole['year'].min()} to"
            f" {whole['year'].max()}; expected some of {', '.join(ours)} since"
            f" {study['first_year']}. Ask for one of these states as reporter."
        )
    every, some = _with_all_partners(rows)
    shown = (*SHOWN, *ours)
    flows = pd.concat(
        [
            by_partner(every[every["partner"] != WORLD], ["year"], shown),
            some.loc[some["partner"].isin([*shown, WORLD]), [*FLOW, "value"]].dropna(),
        ]
    )
    totals = totals_by_year(every[every["partner"] != WORLD], frozenset(UNNAMED.values()))
    tables = {TABLES[0]: flows.round({"value": 6}), TABLES[1]: _rounded(totals)}
    covered = {TABLES[0]: rows["year"], TABLES[1]: totals["year"]}
    said += _sentences(whole, rows, some, study)
    imports = rows.loc[rows["flow"] == ORIGIN, ["reporter", "flow"]].drop_duplicates()
    return Made(
        {name: table.assign(source=NAME) for name, table in tables.items()},
        f"years to {rows['year'].max()}",
        said,
        {
            name: (int(years.min()), int(years.max()))
            for name, years in covered.items()
            if len(years)
        },
        dict.fromkeys(TABLES, imports),
    )


def _with_all_partners(rows):
    """The flows of a year whose partners add up to the World's figure, and all the others."""
    flow = ["reporter", "year", "flow"]
    world = rows[rows["partner"] == WORLD].set_index(flow)["value"]
    single = rows[rows["partner"] != WORLD].groupby(flow)["value"].sum(min_count=1)
    both = pd.DataFrame({"world": world, "single": single})
    over = both[both["single"] > both["world"] * (1 + ROUNDING)]
    if len(over):
        named = "; ".join(
            f"{reporter} {name} {year}: {row.single:,.1f} against {row.world:,.1f}"
            for (reporter, year, name), row in over.head(5).iterrows()
        )
        raise DataProblem(
            f"the partners add up to more than the World's figure, in millions: {named}. Something"
            " is counted twice, or the files are of two editions. Download the years again."
        )
    fine = both.index[both["single"] >= both["world"] * (1 - ROUNDING)]
    whole = pd.MultiIndex.from_frame(rows[flow]).isin(fine)
    return rows[whole], rows[~whole]


def _rounded(totals):
    return totals.round(dict.fromkeys(["total", "sum_of_squares", "largest"], 6))


def _sentences(whole, rows, some, study):
    ours = states_of(study)
    said = [
        f"{reporter}: {flow} of {years.min()} to {years.max()} ({years.nunique()} years)."
        for (reporter, flow), years in rows.groupby(["reporter", "flow"])["year"]
    ]
    parts = some[["reporter", "flow", "year"]].drop_duplicates()
    named = [f"{row.reporter} {row.flow} {row.year}" for row in parts.itertuples()]
    if named:
        said.append(
            "Without totals, because the World is not there or the partners do not add up to it, so"
            f" not all of them are there: {', '.join(named)}."
        )
    others = sorted(set(whole["reporter"]) - set(ours))
    said += [f"Left out, reports of other states: {', '.join(others)}."] if others else []
    lacking = sorted(set(ours) - set(rows["reporter"]))
    said += [f"Without any report: {', '.join(lacking)}."] if lacking else []
    empty = int(rows["value"].isna().sum())
    said += [f"Without a figure, which is no zero: {empty} flows."] if empty else []
    fob = sorted(set(rows.loc[rows["fob"], "reporter"]))
    said += [f"Imports f.o.b. and not c.i.f.: {', '.join(fob)}."] if fob else []
    if {study["focal"], study["ally"]} <= set(rows["reporter"]):
        said.append("Both of the pair report, so each flow between them is there from both sides.")
    return said


SOURCES = (
    Source(
        NAME,
        "United Nations, UN Comtrade, yearly trade in all goods",
        "one or more csv files of UN Comtrade+: commodity TOTAL by year, imports and exports, best of"
        " all partners and the World",
        TABLES,
        _make,
        producer="United Nations Statistics Division",
        path="https://comtradeplus.un.org",
    ),
)
