"""Reader of Voeten's ideal points, as csv or as the Stata file that the producer hands out."""

from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import ADVICE, read_cells
from alliances.sources.names import iso3_column

COLUMNS = {
    "idealpointfp": "ideal_point",
    "q5fp": "lower",
    "q95fp": "upper",
    "nvotesfp": "roll_calls",
}
# The file gives both former Yemens one code; its Correlates of War number tells them apart.
SOUTH_YEMEN = 680
ALSO = ("USA", "FRA", "CHN", "IND", "UKR")
NAME = "ideal-points"


def read_ideal_points(path: Path) -> pd.DataFrame:
    """Return state, year, ideal_point, lower, upper, roll_calls: one row a state and year.

    Where a state stood on the main line of division of a year's final-passage votes; higher is
    nearer the United States. lower and upper are the 5 and 95 percent quantiles of the estimate, a
    90 percent interval. roll_calls is how many final-passage votes the state cast that year. The
    scale has no unit; a distance is read against other distances. A year without an estimate on
    final-passage votes, and rows without a state's code, are left out. It is not a share of
    agreement, and not a measure of sympathy. Source: Bailey, Strezhnev and Voeten 2017. Final
    passage is chosen because the tables of votes hold whole resolutions only; `idealpointall`,
    which adds paragraphs and amendments, ends a year earlier for Armenia and Russia.

    Raises DataProblem for another layout, unknown codes, a state with two rows in a year, and an
    estimate outside its own interval.

    >>> read_ideal_points("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    what = "Voeten's ideal points in the version of July 2025 or later (csv or dta)"
    cells = read_cells(path, ["ccode", "iso3c", "year", *COLUMNS], what)
    coded = cells["iso3c"].notna() & (cells["iso3c"] != "")
    table = cells[coded].rename(columns=COLUMNS)
    codes, written = table.pop("iso3c"), table
    table = table.apply(pd.to_numeric, errors="coerce").astype("float64")
    _refuse_words(path, written, table)
    codes = codes.mask(table["ccode"] == SOUTH_YEMEN, "YMD")
    table = table[table["ideal_point"].notna()]
    _refuse_gaps(path, table)
    table.insert(0, "state", iso3_column(codes.loc[table.index], path.name))
    table = table.drop(columns="ccode")
    table[["year", "roll_calls"]] = table[["year", "roll_calls"]].astype("int64")
    _refuse_nonsense(path, table)
    return table.sort_values(["state", "year"], ignore_index=True)


def _refuse_words(path, written, numbers):
    words = written.notna() & (written != "") & (written != "NA") & numbers.isna()
    found = [
        f"row {row + 2}, column {column}: found {value!r}"
        for (row, column), value in written.where(words).stack().dropna().head(10).items()
    ]
    if found:
        raise DataProblem(f"{path.name}: {'; '.join(found)}; expected numbers. {ADVICE}")


def _refuse_gaps(path, table):
    holes = table[table.isna().any(axis=1)]
    if len(holes):
        rows = ", ".join(str(index + 2) for index in holes.index[:10])
        raise DataProblem(
            f"{path.name}, rows {rows}: an estimate without year, quantiles or number of votes;"
            " expected numbers. Download the file again."
        )


def _refuse_nonsense(path, table):
    twice = table[table.duplicated(["state", "year"])]
    outside = table[~table["ideal_point"].between(table["lower"], table["upper"])]
    problems = [
        f"{what}: {', '.join(f'{row.state} {row.year}' for row in rows.head(10).itertuples())}"
        for what, rows in (("two rows for", twice), ("estimate outside its interval", outside))
        if len(rows)
    ]
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. Download the file again.")


def _make(paths, study):
    path = one_file(paths, "Voeten's ideal points")
    whole, states = read_ideal_points(path), {*states_of(study), *ALSO}
    in_years = whole["year"].between(study["first_year"], study["last_year"])
    kept = whole["state"].isin(states) & in_years
    table = whole[kept].reset_index(drop=True).assign(source=NAME)
    table[["ideal_point", "lower", "upper"]] = table[["ideal_point", "lower", "upper"]].round(6)
    said = [f"{path.name}: {len(whole)} states and years read, {len(table)} kept."]
    lacking = sorted(states - set(table["state"]))
    if lacking:
        said.append(f"Without an ideal point: {', '.join(lacking)}.")
    years = (study["first_year"], min(study["last_year"], int(whole["year"].max())))
    name = "voting_alignment/ideal_points"
    return Made({name: table}, f"estimates to {whole['year'].max()}", said, {name: years})


SOURCES = (
    Source(
        NAME,
        "Voeten, United Nations General Assembly Ideal Points",
        "one file: IdealpointsJuly2025.csv or .dta, or a newer one of the same columns",
        ("voting_alignment/ideal_points",),
        _make,
        producer="Erik Voeten",
        path="https://doi.org/10.7910/DVN/LEJUQZ",
        citation="bailey2017",
    ),
)
