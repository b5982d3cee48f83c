"""Reader of SIPRI's workbook of military expenditure."""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.names import known_code
from alliances.sources.opening import read_sheets

NAME = "sipri-milex"
TABLE = "limiting_factors/military_expenditure"
SHEETS = {
    "constant_usd": r"Constant \((\d{4})\) US\$",
    "current_usd": r"Current US\$",
    "share_of_gdp": r"Share of GDP",
}
# Less than these no figure can be told from one that was lost. The workbook keeps sums in the money
# of today: where a currency lost its noughts, spending of the years before comes to 0 dollars, or to
# a thousandth of a percent of GDP, while constant dollars beside it are millions.
LEAST = pd.Series({"constant_usd": 0.001, "current_usd": 0.001, "share_of_gdp": 0.0001})
MISSING = ("...", ". .", "..", "xxx")
_ADVICE = "Hand in SIPRI's workbook of military expenditure unchanged."


def read_expenditure(path: Path | str) -> pd.DataFrame:
    """Military expenditure: state, year, constant_usd, current_usd, share_of_gdp, base_year.

    constant_usd and current_usd are millions of US dollars, the first at prices and exchange rates
    of base_year, which compares years; share_of_gdp is a part of one. "..." (no data) and "xxx" (no
    such state) are missing. So is a figure that is zero or next to it (below LEAST), as that of Russia
    for 1992 in current dollars: SIPRI's conversion lost it. Zero stands where both sums in dollars are
    zero, as for states without an army. The workbook marks SIPRI's estimates and uncertain figures by colour;
    that is not read, so the table does not say which figures are estimates. Rows of regions and
    of countries without a code are left out.

    Raises DataProblem for a workbook without these sheets, without a row of whole years, with cells that
    are neither numbers nor marks of missing data, and with a state listed twice. Source: SIPRI
    Military Expenditure Database.

    >>> read_expenditure("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    sheets = read_sheets(path)
    columns, base_year = {}, None
    for column, pattern in SHEETS.items():
        found = [(name, re.fullmatch(pattern, name.strip())) for name in sheets]
        found = [(name, match) for name, match in found if match]
        if len(found) != 1:
            raise DataProblem(
                f"{path.name}: found the sheets {', '.join(sheets)}; expected one like"
                f" {pattern.replace(chr(92), '')!r}. {_ADVICE}"
            )
        name, match = found[0]
        base_year = int(match[1]) if match.groups() else base_year
        columns[column] = _sheet(f"{path.name}, sheet {name}", sheets[name])
    table = pd.DataFrame(columns)
    spent = table[["constant_usd", "current_usd"]].ne(0).any(axis=1)
    table = table.mask(table.lt(LEAST).mul(spent, axis=0)).dropna(how="all")
    return table.rename_axis(["state", "year"]).reset_index().assign(base_year=base_year)


def _sheet(place, cells):
    """The figures of one sheet, by state and year."""
    heads = cells.index[cells[0].map(lambda cell: str(cell).strip() == "Country")]
    if len(heads) != 1:
        raise DataProblem(f"{place}: expected one row that begins with Country. {_ADVICE}")
    years = pd.to_numeric(cells.loc[heads[0]], errors="coerce")
    years = years[years.between(1900, 2100)]
    parts = years[years % 1 != 0]
    if len(parts):
        raise DataProblem(
            f"{place}, row {heads[0] + 1}, column {parts.index[0] + 1}: found {parts.iloc[0]};"
            f" expected whole years. {_ADVICE}"
        )
    if years.empty or years.duplicated().any():
        raise DataProblem(f"{place}, row {heads[0] + 1}: expected years, each once. {_ADVICE}")
    years = years.astype("int64")
    body = cells.loc[heads[0] + 1 :]
    codes = body[0].map(lambda name: known_code(name) if isinstance(name, str) else None)
    body = body[codes.notna()][list(years.index)].set_axis(codes.dropna(), axis=0)
    if body.index.has_duplicates:
        twice = sorted(set(body.index[body.index.duplicated()]))
        raise DataProblem(f"{place}: {', '.join(twice)} stand there twice. {_ADVICE}")
    long = body.set_axis(years, axis=1).stack().astype(object)
    known = long[~long.map(lambda cell: str(cell).strip() in MISSING)]
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.isna().any() or (numbers < 0).any():
        wrong = known[numbers.isna() | (numbers < 0)].head(5)
        named = "; ".join(f"{state} {year}: {cell!r}" for (state, year), cell in wrong.items())
        raise DataProblem(f"{place}: found {named}; expected amounts or '...'. {_ADVICE}")
    return numbers.astype("float64")


def _make(paths, study):
    path = one_file(paths, "SIPRI's workbook of military expenditure")
    whole, states = read_expenditure(path), states_of(study)
    kept = whole[whole["state"].isin(states) & (whole["year"] >= study["first_year"])]
    last = int(whole["year"].max())
    lacking = sorted(set(states) - set(kept["state"]))
    said = [
        f"{path.name}: {whole['state'].nunique()} states to {last} read, {len(kept)} rows kept."
    ]
    said += [f"Without a figure: {', '.join(lacking)}."] if lacking else []
    gaps = kept[kept[list(SHEETS)].isna().any(axis=1)].sort_values(["state", "year"])
    if len(gaps):
        named = ", ".join(f"{row.state} {row.year}" for row in gaps.itertuples())
        said += [f"A figure is not given, or was lost to zero, and left empty: {named}."]
    table = kept.sort_values(["state", "year"]).assign(source=NAME)
    table = table.round({"constant_usd": 3, "current_usd": 3, "share_of_gdp": 6})
    return Made({TABLE: table}, f"years to {last}", said, {TABLE: (study["first_year"], last)})


SOURCES = (
    Source(
        NAME,
        "SIPRI, Military Expenditure Database",
        "one file: SIPRI-Milex-data-1949-2024.xlsx, or a newer one",
        (TABLE,),
        _make,
        producer="Stockholm International Peace Research Institute",
        path="https://www.sipri.org/databases/milex",
        citation="sipri_milex",
    ),
)
