"""The roll calls that the book names, and how they are found in the collections.

What is declared here is which roll calls, under which topic, with which short title and official
date. What states did is always read from a collection. Where no collection has the symbol, the
Library's list of the year is searched for the official totals, and only a single hit counts.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alliances.sources.un_tables import ABSENT, BY_YEAR, NOT_MEMBER, Positions

WORDS = {NOT_MEMBER: "not_member", ABSENT: "absent", 1: "yes", 2: "abstain", 3: "no"}
MILITARISATION = "Militarisation of Crimea, the Black Sea and the Sea of Azov"
CRIMEA_RIGHTS = "Human rights in Crimea and Sevastopol"
OCCUPIED_RIGHTS = "Human rights in the occupied territories of Ukraine"
DISPLACED = "Displaced persons of Abkhazia and South Ossetia, Georgia"
EUROPE = "Cooperation between the United Nations and the Council of Europe"
# Where a whole title does not fit, as beside a tile; the topic stands near it.
SHORT = {
    EUROPE: "CoE",
    "The situation in the occupied territories of Azerbaijan": "Azerbaijan",
    "Displaced persons of Abkhazia, Georgia": "Georgia",
    DISPLACED: "Georgia",
    "Territorial integrity of Ukraine": "integrity",
    CRIMEA_RIGHTS: "human rights",
    OCCUPIED_RIGHTS: "human rights",
    MILITARISATION: "militarisation",
    "Aggression against Ukraine": "aggression",
    "Humanitarian consequences of the aggression against Ukraine": "humanitarian",
    "Suspension of Russia from the Human Rights Council": "suspension",
    "Territorial integrity of Ukraine: the annexations": "annexations",
    "Reparation for the aggression against Ukraine": "reparation",
    "A just and lasting peace in Ukraine": "just peace",
    "Safety of Ukraine's nuclear facilities": "nuclear safety",
    "The path to peace (proposed by the United States, amended)": "path to peace",
    "Return of Ukrainian children": "children",
}


@dataclass(frozen=True)
class Named:
    """One roll call that the book names; totals (yes, no, abstain) are given where they are needed.

    They are needed where the collections' lists do not add up to the official ones, and where no
    collection has the symbol.

    >>> Named("A/RES/68/262", "2014-03-27", "crimea", "Territorial integrity of Ukraine").totals
    """

    symbol: str
    date: str
    topic: str
    title: str
    totals: tuple[int, int, int] | None = None
    note: str = ""


NAMED = (
    Named("A/RES/57/156", "2002-12-16", "council_of_europe", EUROPE, None,
          "The division was about the Rome Statute and the death penalty, not about Russia."),
    Named("A/RES/62/243", "2008-03-14", "karabakh",
          "The situation in the occupied territories of Azerbaijan", (39, 7, 100)),
    Named("A/RES/62/249", "2008-05-15", "georgia", "Displaced persons of Abkhazia, Georgia",
          (14, 11, 105)),
    Named("A/RES/63/307", "2009-09-09", "georgia", DISPLACED, (48, 19, 78)),
    Named("A/RES/64/296", "2010-09-07", "georgia", DISPLACED),
    Named("A/RES/65/287", "2011-06-29", "georgia", DISPLACED),
    Named("A/RES/66/283", "2012-07-03", "georgia", DISPLACED, (60, 15, 82)),
    Named("A/RES/67/268", "2013-06-13", "georgia", DISPLACED, (62, 16, 84)),
    Named("A/RES/68/262", "2014-03-27", "crimea", "Territorial integrity of Ukraine"),
    Named("A/RES/68/274", "2014-06-05", "georgia", DISPLACED),
    Named("A/RES/69/286", "2015-06-03", "georgia", DISPLACED),
    Named("A/RES/70/265", "2016-06-07", "georgia", DISPLACED, (76, 15, 64)),
    Named("A/RES/71/205", "2016-12-19", "crimea", CRIMEA_RIGHTS, (70, 26, 77)),
    Named("A/RES/71/290", "2017-06-01", "georgia", DISPLACED, (80, 14, 61)),
    Named("A/RES/72/190", "2017-12-19", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/72/280", "2018-06-12", "georgia", DISPLACED, (81, 16, 62)),
    Named("A/RES/73/194", "2018-12-17", "crimea", MILITARISATION),
    Named("A/RES/73/263", "2018-12-22", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/73/298", "2019-06-04", "georgia", DISPLACED, (79, 15, 57)),
    Named("A/RES/74/17", "2019-12-09", "crimea", MILITARISATION),
    Named("A/RES/74/168", "2019-12-18", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/74/300", "2020-09-03", "georgia", DISPLACED, (84, 13, 78)),
    Named("A/RES/75/29", "2020-12-07", "crimea", MILITARISATION),
    Named("A/RES/75/192", "2020-12-16", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/75/285", "2021-06-16", "georgia", DISPLACED),
    Named("A/RES/76/70", "2021-12-09", "crimea", MILITARISATION),
    Named("A/RES/76/179", "2021-12-16", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/ES-11/1", "2022-03-02", "ukraine", "Aggression against Ukraine"),
    Named("A/RES/ES-11/2", "2022-03-24", "ukraine",
          "Humanitarian consequences of the aggression against Ukraine"),
    Named("A/RES/ES-11/3", "2022-04-07", "ukraine",
          "Suspension of Russia from the Human Rights Council"),
    Named("A/RES/76/267", "2022-06-08", "georgia", DISPLACED),
    Named("A/RES/ES-11/4", "2022-10-12", "ukraine",
          "Territorial integrity of Ukraine: the annexations"),
    Named("A/RES/ES-11/5", "2022-11-14", "ukraine",
          "Reparation for the aggression against Ukraine"),
    Named("A/RES/77/229", "2022-12-15", "crimea", CRIMEA_RIGHTS),
    Named("A/RES/ES-11/6", "2023-02-23", "ukraine", "A just and lasting peace in Ukraine"),
    Named("A/RES/77/284", "2023-04-26", "council_of_europe", EUROPE),
    Named("A/RES/77/293", "2023-06-07", "georgia", DISPLACED, (100, 9, 59)),
    Named("A/RES/78/221", "2023-12-19", "crimea", OCCUPIED_RIGHTS),
    Named("A/RES/78/283", "2024-06-04", "georgia", DISPLACED),
    Named("A/RES/78/316", "2024-07-11", "ukraine", "Safety of Ukraine's nuclear facilities"),
    Named("A/RES/79/184", "2024-12-17", "crimea", OCCUPIED_RIGHTS),
    Named("A/RES/ES-11/7", "2025-02-24", "ukraine", "A just and lasting peace in Ukraine"),
    Named("A/RES/ES-11/8", "2025-02-24", "ukraine",
          "The path to peace (proposed by the United States, amended)"),
    Named("A/RES/79/284", "2025-04-16", "council_of_europe", EUROPE),
    Named("A/RES/79/292", "2025-06-03", "georgia", DISPLACED),
    Named("A/RES/ES-11/9", "2025-12-03", "ukraine", "Return of Ukrainian children"),
    Named("A/RES/80/223", "2025-12-18", "crimea", OCCUPIED_RIGHTS),
    Named("A/RES/80/264", "2026-06-04", "georgia", DISPLACED),
)  # fmt: skip


def named_tables(
    series: Positions, by_year: pd.DataFrame | None, states: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Return the named roll calls, what each of `states` did in them, and what was not found.

    First table: symbol, date, topic, title, short_title, yes, no, abstain, note, source. Totals are
    the official ones; the note says where the collection's lists add up to others, or that the roll
    call was recognised by its totals. Second table: symbol, state, position (yes, no, abstain, absent,
    not_member), source. Dates are official ones, not the collection's.

    >>> calls = pd.DataFrame({"symbol": ["A/RES/68/262"], "source": ["s"]})
    >>> series = Positions(calls, ["ARM", "UKR"], np.array([[3, 1]], dtype="int8"))
    >>> votes, stances, missing = named_tables(series, None, ["ARM"])
    >>> stances.values.tolist()
    [['A/RES/68/262', 'ARM', 'no', 's']]
    """
    rows, stances, missing = [], [], []
    for named in NAMED:
        found = _by_symbol(named, series, states) or _by_totals(named, by_year, states)
        if found is None:
            missing.append(named.symbol)
            continue
        lists, positions, note, source = found
        totals = named.totals or lists
        if lists != totals:
            counted = "-".join(map(str, lists))
            note = f"Official totals; the names in this source add up to {counted}."
        note = " ".join(filter(None, [named.note, note]))
        about = (named.symbol, named.date, named.topic, named.title, SHORT[named.title])
        rows.append((*about, *totals, note, source))
        stances += [(named.symbol, state, word, source) for state, word in positions.items()]
    columns = ["symbol", "date", "topic", "title", "short_title", "yes", "no", "abstain", "note"]
    votes = pd.DataFrame(rows, columns=[*columns, "source"]).sort_values(
        ["date", "symbol"], ignore_index=True
    )
    table = pd.DataFrame(stances, columns=["symbol", "state", "position", "source"])
    return votes, table.sort_values(["symbol", "state"], ignore_index=True), missing


def _by_symbol(named, series, states):
    rows = np.flatnonzero(series.calls["symbol"] == named.symbol)
    if not len(rows):
        return None
    positions = series.matrix[rows[0]]
    lists = tuple(int((positions == number).sum()) for number in (1, 3, 2))
    words = {state: WORDS[int(positions[series.states.index(state)])] for state in states}
    return lists, words, "", series.calls["source"].iloc[rows[0]]


def _by_totals(named, by_year, states):
    if by_year is None or named.totals is None:
        return None
    lists = by_year[by_year["year"] == int(named.date[:4])]
    counts = lists.groupby(["row", "vote"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["yes", "no", "abstain"], fill_value=0)
    rows = counts.index[(counts.to_numpy() == named.totals).all(axis=1)]
    if len(rows) != 1:
        return None
    voted = lists[lists["row"] == rows[0]].set_index("state")["vote"]
    note = "Recognised in the Library's list of the year, which has no symbols, by its totals."
    words = {state: voted.get(state, WORDS[NOT_MEMBER]) for state in states}
    return named.totals, words, note, BY_YEAR
