"""SIPRI's TIV tables on their own: who delivered to whom, in whole TIV.

A table of all imports or of all exports has one side of the trade only. What is needed are, for
each recipient, all its suppliers: its own table of imports, or the tables of exports of all who
supplied it, which the table of all imports then has to confirm.
"""

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, states_of
from alliances.sources.cells import listed
from alliances.sources.names import iso3
from alliances.sources.sipri import (
    FIRST_YEAR,
    read_tiv_tables,
    recipients_and_years,
    with_codes,
)

NAME, TABLE = "sipri-tiv-tables", "arms_transfers/deliveries"

_TRADE = {"recipient": "imports to", "supplier": "exports from", None: "all imports"}
# SIPRI publishes a year's deliveries in March of the next.
_FIRST_SURE_MONTH = 4
# Every printed number is rounded to a whole one.
_ROUNDING = 0.5


def _tiv_tables(paths, study):
    tables = [(path.name, table) for path in paths for table in read_tiv_tables(path)]
    years = _covered([table for _, table in tables], study["last_year"])
    found = _sorted_out([(name, _within(table, years)) for name, table in tables])
    wanted, imports = states_of(study), found["recipient"]
    others = [rows[~rows["recipient"].isin(list(imports))] for rows in found["supplier"].values()]
    rows = pd.concat([*imports.values(), *others], ignore_index=True)
    rows = rows[rows["recipient"].isin(wanted)]
    if found[None]:
        [totals] = found[None].values()
        _refuse_other_sums(rows, totals[totals["recipient"].isin(wanted)])
    else:
        _refuse_lacking(set(wanted) - set(imports), found["supplier"])
    made = rows[["recipient", "supplier", "year", "tiv"]].assign(source=NAME)
    return Made(
        {TABLE: made.sort_values(["recipient", "supplier", "year"], ignore_index=True)},
        _edition([table for _, table in tables]),
        _said(found, wanted, years, len(made)),
        {TABLE: years},
        {TABLE: recipients_and_years(study, years)},
    )


def _sorted_out(tables):
    """{the side that is one state: {its code: rows with codes}}; all imports stand under None."""
    found, names, problems = {"recipient": {}, "supplier": {}, None: {}}, {}, []
    for name, table in tables:
        of, state = table.attrs["of"], table.attrs["state"]
        if of is None and table["recipient"].isna().any():
            problems.append(
                f"{name}: this table tells what each supplier delivered to all recipients together;"
                " expected imports to one state, by supplier. Choose the recipient and download"
                " that table."
            )
            continue
        code = iso3(state) if of else None
        if code in found[of]:
            problems.append(
                f"{names[of, code]} and {name}: both have {_TRADE[of]}{f' {code}' if of else ''}."
                " Hand in one of them."
            )
        found[of][code], names[of, code] = with_codes(table, name), name
    if problems:
        raise DataProblem("\n".join(problems))
    return found


def _covered(tables, last_of_study):
    """The first and last year of which every table tells, as far as SIPRI had published them."""
    first = max(table.attrs["years"][0] for table in tables)
    last = min(table.attrs["years"][1] for table in tables)
    published = max(int(table["year"].max()) for table in tables if len(table))
    dates = [table.attrs["generated"] for table in tables if table.attrs["generated"]]
    if dates:
        oldest = min(dates)
        sure = oldest.year - (1 if oldest.month >= _FIRST_SURE_MONTH else 2)
        published = max(published, sure)
    return max(first, FIRST_YEAR), min(last, published, last_of_study)


def _within(rows, years):
    return rows[rows["year"].between(*years)]


def _refuse_lacking(lacking, exports):
    """Without the table of all imports only a recipient's own table tells all its suppliers."""
    if not lacking:
        return
    there = f" Exports from {', '.join(exports)} are there, but not what others delivered."
    raise DataProblem(
        f"no table tells all suppliers of {', '.join(sorted(lacking))}.{there if exports else ''}"
        " Hand in the TIV table of imports to each of them, by supplier; or, beside these tables,"
        " the one of all imports by recipient, which shows who received nothing."
    )


def _refuse_other_sums(rows, totals):
    """Stop where the suppliers handed in do not add up to what a recipient received."""
    key = ["recipient", "year"]
    parts = rows.groupby(key)["tiv"].agg(["sum", "size"])
    both = parts.join(totals.set_index(key)["tiv"], how="outer").fillna(0).reset_index()
    apart = (both["sum"] - both["tiv"]).abs() > _ROUNDING * (both["size"] + 1)
    if apart.any():
        named = listed(
            [
                f"{row.recipient} {row.year} ({row.sum:g} of {row.tiv:g})"
                for row in both[apart].itertuples(index=False)
            ]
        )
        raise DataProblem(
            "the suppliers in these tables do not add up to what SIPRI's table of all imports has:"
            f" {named}. Either suppliers are missing, or the tables were generated at different"
            " times. Hand in the table of imports to each of these recipients, by supplier, of the"
            " same day."
        )


def _edition(tables):
    editions = dict.fromkeys(table.attrs["edition"] or "without a date" for table in tables)
    return f"TIV tables {'; '.join(editions)}"


def _said(found, wanted, years, rows):
    read = "; ".join(
        f"{_TRADE[of]} {', '.join(sorted(states))}" if of else _TRADE[None]
        for of, states in found.items()
        if states
    )
    said = [
        f"TIV tables read: {read}.",
        f"{rows} values of {years[0]} to {years[1]} tell what the study's states received, in whole"
        " TIV; 0 is a delivery below half a million.",
    ]
    if not found[None]:
        said.append(
            "That each table has all suppliers is taken on trust: only the table of all imports by"
            " recipient, handed in beside them, can show it."
        )
    if aside := sorted(set(found["recipient"]) - set(wanted)):
        said.append(f"Left out, as the study has no such recipient: {', '.join(aside)}.")
    return said


SOURCES = (
    Source(
        NAME,
        "SIPRI Arms Transfers Database, TIV tables",
        "SIPRI's TIV tables (csv): of imports to each of the study's states, by supplier; or of"
        " exports from every supplier, with the one of all imports by recipient",
        (TABLE,),
        _tiv_tables,
        producer="Stockholm International Peace Research Institute (SIPRI)",
        path="https://www.sipri.org/databases/armstransfers",
        citation="sipri_arms",
    ),
)
