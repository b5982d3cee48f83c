"""Reader of D'Orazio's Multinational Military Exercises, one row an exercise, and its counts."""

import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import read_table
from alliances.sources.names import iso3_column

NAME = "mme"
COLUMNS = ("MMEID", "Ex_Name", "StartDate", "s.year", "EndDate", "StateA", "StateB")
LAYOUT = "one row per exercise, a column per participant from StateA on (mme_v7)"
# What the file writes where its coders did not know a participant or name several at once.
UNNAMED = ("-9", "NATO", "Baltic States")
# Participants that are no states with a code of their own here; they count all the same.
WITHOUT_CODE = ("Hong Kong SAR China", "Netherlands Antilles", "st. christopher")
# Partners that are counted beside the study's own states, because each leads exercises of its own.
ALSO = ("USA", "TUR", "UKR", "UZB")
# The file has the Soviet Union and Russia under one name.
SUCCESSORS_FROM = 1992


def read_exercises(path: Path | str) -> pd.DataFrame:
    """Return exercise, name, start_year, state, participants, unnamed: a row per known participant.

    One row of the file is one exercise; exercise is its MMEID, with the date of its start where
    the file gives one MMEID to several. Its year is the one in which it began, so an exercise over
    the turn of a year counts once. state is an ISO 3166 code; participants is how many different
    participants the file names; unnamed is true where it says that others took part whom it does
    not name. A state without a row took no part, or the media that the coders read did not say so.
    It says nothing of an exercise's size. The producer's long file, with a row for each
    participant, is refused: it leaves out every participant after the twenty-fourth, in the order
    of the alphabet, and so the United States in most large exercises. Source: D'Orazio and
    Galambos 2021.

    Raises DataProblem for another layout, unknown states and years that are no years.

    >>> read_exercises("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    whole = _whole(path)
    places = [name for name in whole if re.fullmatch("State[A-Z]{1,2}", name)]
    whole["exercise"] = _exercise(whole)
    rows = whole.melt(["exercise", "Ex_Name", "s.year"], places, value_name="country")
    rows = rows[rows["country"] != ""].drop_duplicates(["exercise", "country"])
    of_exercise = rows["exercise"]
    unnamed = rows["country"].isin(UNNAMED)
    rows["unnamed"] = unnamed.groupby(of_exercise).transform("any")
    rows["participants"] = (~unnamed).groupby(of_exercise).transform("sum")
    rows = rows[~rows["country"].isin(UNNAMED + WITHOUT_CODE)].copy()
    rows["state"] = iso3_column(rows["country"], path.name)
    rows["start_year"] = rows["s.year"].astype("int64")
    rows["name"] = rows["Ex_Name"].mask(rows["Ex_Name"].isin(UNNAMED))
    columns = ["exercise", "name", "start_year", "state", "participants", "unnamed"]
    return rows[columns].sort_values(["exercise", "state"], ignore_index=True)


def _whole(path):
    what = (
        f"the wide file of the Multinational Military Exercises, {LAYOUT}; the long one lacks"
        " participants"
    )
    whole = read_table(path, COLUMNS, what)
    problems = [
        f"row {index + 2}, column {column}: found {whole.loc[index, column]!r}, expected {expected}"
        for column, fits, expected in (
            ("s.year", whole["s.year"].str.fullmatch(r"(19|20)\d\d"), "a year"),
            ("MMEID", whole["MMEID"].ne(""), "a number of the exercise"),
            ("StateA", whole["StateA"].ne(""), "a participant"),
        )
        for index in whole.index[~fits.astype("bool")][:10]
    ]
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. Download the file again.")
    return whole


def _exercise(whole):
    """MMEID, with the start's date where the file uses one MMEID for several exercises."""
    doubled = whole["MMEID"].duplicated(keep=False)
    return whole["MMEID"].where(~doubled, whole["MMEID"] + " of " + whole["StartDate"])


def counts_by_partner(
    rows: pd.DataFrame, states: list[str], partners: list[str], first_year: int, last_year: int
) -> pd.DataFrame:
    """Return state, partner, year, bilateral, multilateral: exercises in which both took part.

    rows: as `read_exercises` gives them. Bilateral: the two and nobody else; where participants
    are unnamed the exercise counts as multilateral. Every pair has a row for every year, zero
    where the coders looked and found none.

    >>> rows = pd.DataFrame({"exercise": ["a", "a"], "start_year": 2003, "state": ["ARM", "RUS"],
    ...     "participants": 2, "unnamed": False})
    >>> counts_by_partner(rows, ["ARM"], ["ARM", "RUS"], 2003, 2003).values.tolist()
    [['ARM', 'RUS', 2003, 1, 0]]
    """
    between = rows[rows["start_year"].between(first_year, last_year)]
    pairs = between[between["state"].isin(states)].merge(
        between.loc[between["state"].isin(partners), ["exercise", "state"]],
        on="exercise",
        suffixes=("", "_partner"),
    )
    pairs = pairs[pairs["state"] != pairs["state_partner"]].rename(
        columns={"state_partner": "partner", "start_year": "year"}
    )
    wanted = pd.MultiIndex.from_tuples(
        [
            (state, partner, year)
            for state in sorted(states)
            for partner in sorted(partners)
            for year in range(first_year, last_year + 1)
            if state != partner
        ],
        names=["state", "partner", "year"],
    )
    return _counted(pairs, wanted)


def totals(rows: pd.DataFrame, states: list[str], first_year: int, last_year: int) -> pd.DataFrame:
    """Return state, year, bilateral, multilateral: all exercises of each state, as above.

    >>> rows = pd.DataFrame({"exercise": ["a", "a"], "start_year": 2003, "state": ["ARM", "RUS"],
    ...     "participants": 2, "unnamed": False})
    >>> totals(rows, ["ARM"], 2002, 2003).values.tolist()
    [['ARM', 2002, 0, 0], ['ARM', 2003, 1, 0]]
    """
    own = rows[rows["state"].isin(states)].rename(columns={"start_year": "year"})
    years = range(first_year, last_year + 1)
    wanted = pd.MultiIndex.from_product([sorted(states), years], names=["state", "year"])
    return _counted(own, wanted)


def _counted(rows, wanted):
    form = rows["participants"].eq(2) & ~rows["unnamed"].astype("bool")
    form = form.map({True: "bilateral", False: "multilateral"}).rename("form")
    counted = rows.groupby([*wanted.names, form]).size().unstack("form")
    counted = counted.reindex(index=wanted, columns=["bilateral", "multilateral"])
    return counted.fillna(0).astype("int64").rename_axis(columns=None).reset_index()


def _make(paths, study):
    path = one_file(paths, "the wide file of exercises")
    rows, states = read_exercises(path), states_of(study)
    partners = list(dict.fromkeys([*states, *ALSO]))
    years = (
        max(study["first_year"], SUCCESSORS_FROM),
        min(study["last_year"], int(rows["start_year"].max())),
    )
    tables = {
        "joint_exercises/yearly_counts": counts_by_partner(rows, states, partners, *years),
        "joint_exercises/yearly_totals": totals(rows, states, *years),
    }
    tables = {name: table.assign(source=NAME) for name, table in tables.items()}
    dated = rows.loc[rows["exercise"].str.contains(" of "), "exercise"].nunique()
    said = [
        f"{path.name}: {rows['exercise'].nunique()} exercises read, begun in"
        f" {rows['start_year'].min()} to {rows['start_year'].max()}; one year counts for each.",
        f"{dated} exercises bear a number that the file gives to another one too; their dates tell"
        " them apart.",
        f"Counted for {', '.join(sorted(states))} from {years[0]} to {years[1]}; before"
        f" {SUCCESSORS_FROM} the file has Russia and the Soviet Union under one name.",
    ]
    edition = f"version 7, exercises of {rows['start_year'].min()} to {rows['start_year'].max()}"
    return Made(tables, edition, said, dict.fromkeys(tables, years))


SOURCES = (
    Source(
        NAME,
        "D'Orazio and Galambos, Multinational Military Exercises, 1980-2010",
        "one file: mme_v7.csv, or a newer one of the same columns",
        ("joint_exercises/yearly_counts", "joint_exercises/yearly_totals"),
        _make,
        producer="Vito D'Orazio and Kevin Galambos",
        path="https://doi.org/10.7910/DVN/KHFODX",
        citation="dorazio_galambos2021",
    ),
)
