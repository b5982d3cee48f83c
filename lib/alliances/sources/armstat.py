"""Reader of Armenia's external trade by country and month, from the Statistical Committee (Armstat)."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file
from alliances.sources.cells import ADVICE, listed, read_cells
from alliances.sources.names import known_code
from alliances.sources.partners import UNION_MEMBERS, by_partner, totals_by_year

NAME = "armstat"
REPORTER = "ARM"
FLOWS = {
    "export": "exports",
    "import_origin": "imports by origin",
    "import_consignment": "imports by consignment",
}
UNION_REST = "EU countries not specified"
UNNAMED = frozenset({UNION_REST, "Unknown country"})
# Armstat's own spellings of states, and the partners that ISO 3166 gives no code.
SPELLINGS = {
    "Bosnia Herzegovina": "BIH",
    "Congo, Democratic Republic of the": "COD",
    "Cote d' Ivoire": "CIV",
    "Czech Rep.": "CZE",
    "FYR of Macedonia": "MKD",
    "Korea, DPR of": "PRK",
    "Monako": "MCO",
    "Palestinian Territory, Occupied": "PSE",
    "Vatican City State": "VAT",
}
WITHOUT_CODE = frozenset(
    {
        *UNNAMED,
        *("American Saoma", "Channel Islands", "Faeroe Islands", "Folkland Islands (Malvinas)"),
        *("French Southern Terrirories", "Nagorno Karabagh", "Nagorno-Karabakh"),
        *("Netherlands Antilles", "Saint Helena", "Saint-Barth?lemy", "Saoma"),
        *("Saint-Martin (French part)", "Serbia and Montenegro", "United States Virgin Islands"),
        *("Svalbard and Jan Mayen Islands", "Wallis and Futuna Islands"),
    }
)
MONTHLY = ("RUS", "CHN", "IRN", "GEO", "ARE", "HKG")
TABLES = ("trade/flows_by_month", "trade/flows_by_year", "trade/totals_by_year")


def read_trade(path: Path | str) -> pd.DataFrame:
    """Armenia's trade by partner and month, in million US dollars, one row a partner, month and flow.

    Columns: reporter, partner, year, month, flow (exports, imports by origin, imports by
    consignment), value, union (whether the partner counts to the European Union of 27). A partner is
    an ISO 3166 code, or Armstat's own name where there is none. The file lists a partner in a month
    in which there was trade; a month without a row is one in which Armstat listed none. Names that
    changed in 2024 are one partner. Imports by origin ask where goods were made, by consignment
    whence they were sent; neither says who used them in the end, and re-exports are in both flows.

    Raises DataProblem for another layout, unknown names, numbers that are none or below zero, and a
    partner with two rows in a month. Source: Armstat, External trade database.

    >>> read_trade("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    cells = read_cells(path, ["country", "year", "month", *FLOWS], "Armstat's trade by country")
    numbers = cells.drop(columns="country").apply(pd.to_numeric, errors="coerce")
    partner = cells["country"].map(lambda name: SPELLINGS.get(name) or known_code(name) or name)
    _refuse(path, cells, numbers, partner)
    union = partner.isin(UNION_MEMBERS) | (partner == UNION_REST)
    whole = numbers.assign(reporter=REPORTER, partner=partner, union=union)
    whole = whole.astype({"year": "int64", "month": "int64"}).rename(columns=FLOWS)
    key = ["reporter", "partner", "year", "month", "union"]
    long = whole.melt(key, list(FLOWS.values()), "flow", "value")
    long["value"] /= 1000
    return long.groupby([*key[:4], "flow", "union"], as_index=False)["value"].sum()


def _refuse(path, cells, numbers, partner):
    unknown = cells["country"].map(
        lambda name: name not in SPELLINGS and name not in WITHOUT_CODE and not known_code(name)
    )
    bad = ~((numbers >= 0) & (numbers < float("inf"))).all(axis=1)
    bad |= ~numbers["month"].isin(range(1, 13)) | ~numbers["year"].isin(range(1900, 2100))
    twice = numbers.assign(partner=partner).duplicated(["partner", "year", "month"])
    problems = [
        f"rows {listed((cells.index[wrong] + 2).tolist())}: {said}"
        for wrong, said in (
            (unknown, f"unknown partners {sorted(set(cells.loc[unknown, 'country']))}; expected"
             " Armstat's English names. Add a new spelling to SPELLINGS in"
             " alliances/sources/armstat.py"),
            (bad, "a year, month or value that is no number, is below zero or is no month"),
            (twice, "a partner that has a row for this month already"),
        )
        if wrong.any()
    ]  # fmt: skip
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")


def _make(paths, study):
    path = one_file(paths, "Armstat's trade by country and month")
    if study["focal"] != REPORTER and study["ally"] != REPORTER:
        raise DataProblem(f"{path.name}: this is Armenia's trade, and the study has no Armenia.")
    whole = read_trade(path)
    months = whole.groupby("year")["month"].nunique()
    complete = months[months == 12].index
    cut = sorted(set(months.index) - set(complete))
    years = whole[whole["year"].isin(complete)]
    if years.empty:
        raise DataProblem(f"{path.name}: found no year with twelve months. {ADVICE}")
    yearly = years.groupby(["reporter", "partner", "year", "flow", "union"], as_index=False)
    yearly = yearly["value"].sum()
    tables = dict(
        zip(
            TABLES,
            (
                by_partner(whole, ["year", "month"], MONTHLY),
                by_partner(yearly, ["year"]),
                totals_by_year(yearly, UNNAMED),
            ),
        )
    )
    tables = {name: _rounded(table).assign(source=NAME) for name, table in tables.items()}
    last = int(whole["year"].max())
    said = [
        f"{path.name}: {whole['partner'].nunique()} partners in {len(months)} years to {last}.",
        f"Left out of the yearly figures, because not all months are there: {cut or 'no year'}.",
        f"In no single partner's figures: {', '.join(sorted(UNNAMED))}; they count in the totals.",
    ]
    covers = (int(complete.min()), int(complete.max()))
    covered = dict.fromkeys(TABLES[1:], covers) | {TABLES[0]: (int(months.index.min()), last)}
    edition = f"months to {last}-{_last_month(whole):02}"
    imports = yearly.loc[yearly["flow"] != "exports", ["reporter", "flow"]].drop_duplicates()
    return Made(tables, edition, said, covered, dict.fromkeys(TABLES[1:], imports))


def _rounded(table):
    amounts = [name for name in ("value", "total", "sum_of_squares", "largest") if name in table]
    return table.round(dict.fromkeys(amounts, 6))


def _last_month(whole):
    return int(whole.loc[whole["year"] == whole["year"].max(), "month"].max())


SOURCES = (
    Source(
        NAME,
        "Armstat, external trade of the Republic of Armenia by country and month",
        "one file: trade by country, year and month, exports and imports by origin and consignment",
        TABLES,
        _make,
        producer="Statistical Committee of the Republic of Armenia",
        path="https://statbank.armstat.am",
        citation="armstat",
    ),
)
