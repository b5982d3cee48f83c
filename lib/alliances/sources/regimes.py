"""Readers of yearly measures of political regimes, by state; all of them fill one table."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, group_of, one_file
from alliances.sources.cells import ADVICE, read_cells, whole_years
from alliances.sources.freedom_house import ALL_DATA, STATUSES, read_ratings
from alliances.sources.names import COW_CODES, known_code

TABLE = "limiting_factors/regimes"
# V-Dem's own file of all variables has four thousand columns; the few that are wanted are kept.
LARGEST_FILE = 2_000_000_000
# Version N of V-Dem ends with the year 2009 + N, as long as one a year comes out.
BEFORE_VERSION_1 = 2009


@dataclass(frozen=True)
class Measure:
    """One measure in a producer's file: its name here, its columns, its lowest and highest value."""

    name: str
    column: str
    lowest: float
    highest: float
    bounds: tuple[str, str] | None = None


@dataclass(frozen=True)
class Layout:
    """A producer's file: its source name, title and files, how it names states, its measures.

    edition: from the file's last year and its name, which edition it is, in words. kind: what the
    state column holds, `code` (ISO 3166 alpha-3), `number` (Correlates of War) or `name` (English).
    other_names: {name in another edition of the file: name here}.
    """

    source: str
    title: str
    files: str
    edition: Callable[[int, str], str]
    state: str
    kind: str
    measures: tuple[Measure, ...]
    other_names: dict[str, str] = field(default_factory=dict)


def _with_bounds(name, column):
    return Measure(name, column, 0, 1, (f"{column}_codelow", f"{column}_codehigh"))


def version_of(last: int, name: str, expected: int | None = None) -> str:
    """V-Dem's version, which the file tells by its last year; its name must not say another.

    >>> version_of(2025, "V-Dem-CY-Core-v16.csv")
    'version 16'
    >>> version_of(2024, "V-Dem-CY-Core-v16.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: V-Dem-CY-Core-v16.csv: the name says version 16, the years end
    in 2024, as those of version 15 do; expected a whole file under its own name.
    """
    version = last - BEFORE_VERSION_1
    named = re.search(r"(?<![a-z])v(\d\d?)(?!\d)|v-?dem(\d\d)(?!\d)", name, re.IGNORECASE)
    said = int(next(filter(None, named.groups()))) if named else version
    if said != version:
        raise DataProblem(
            f"{name}: the name says version {said}, the years end in {last}, as those of version"
            f" {version} do; expected a whole file under its own name."
        )
    if expected not in (None, version):
        raise DataProblem(
            f"{name}: the years end in {last}, as those of version {version} do; expected version"
            f" {expected}. Import this file as vdem."
        )
    return f"version {version}"


VDEM_FILES = "V-Dem-CY-Core or V-Dem-CY-Full+Others (csv, or the archive it comes in)"

LAYOUTS = (
    Layout(
        "vdem",
        "Varieties of Democracy (V-Dem), country-year data",
        f"{VDEM_FILES}, of any version",
        version_of,
        "country_text_id",
        "code",
        (
            _with_bounds("electoral democracy", "v2x_polyarchy"),
            _with_bounds("liberal democracy", "v2x_libdem"),
        ),
    ),
    Layout(
        "vdem-16",
        "Varieties of Democracy (V-Dem), version 16, electoral democracy by Correlates of War state",
        f"{VDEM_FILES} of version 16, or a csv with ccode, year, v2x_polyarchy",
        lambda last, name: version_of(last, name, 16),
        "ccode",
        "number",
        (Measure("electoral democracy, version 16", "v2x_polyarchy", 0, 1),),
        {"COWcode": "ccode"},
    ),
    Layout(
        "regimes-of-the-world",
        "Regimes of the World, on V-Dem",
        f"ert.csv of Episodes of Regime Transformation, or {VDEM_FILES}",
        version_of,
        "country_text_id",
        "code",
        (Measure("regime of the world", "v2x_regime", 0, 3),),
    ),
    Layout(
        "freedom-house",
        "Freedom House, Freedom in the World, ratings by country and year",
        f"{STATUSES} or a newer one, {ALL_DATA}, the workbook of aggregate scores, or a csv with"
        " fh_country, year, pr, cl",
        lambda last, name: f"edition of {last + 1}",
        "fh_country",
        "name",
        (Measure("political rights", "pr", 1, 7), Measure("civil liberties", "cl", 1, 7)),
    ),
    Layout(
        "polity",
        "Polity5, political regime characteristics and transitions",
        "p5v2018.xls, or a csv with cown, year, polity2",
        lambda last, name: "Polity5, version 2018",
        "cown",
        "number",
        (Measure("Polity score", "polity2", -10, 10),),
        {"ccode": "cown"},
    ),
    Layout(
        "lexical-index",
        "Lexical Index of Electoral Democracy",
        "a csv with lied_cow, year, lexical_index",
        lambda last, name: f"years to {last}",
        "lied_cow",
        "number",
        (Measure("lexical index", "lexical_index", 0, 6),),
    ),
)


def read_measures(path: Path | str, layout: Layout) -> pd.DataFrame:
    """Return state, year, measure, value, lower, upper: a row a state, year and measure of a file.

    lower and upper are the producer's own interval, missing where it gives none: for V-Dem the
    bounds of the highest posterior density interval that holds about 68 percent, which is narrower
    than the 90 or 95 percent of other tables. A year without a value has no row: it was not coded,
    which is no zero. Higher is more democratic, except for Freedom House, where 1 is the most free.
    States that have no code here are left out. Each measure has its own idea of democracy, so two
    of them disagreeing is no mistake of either.

    A state that becomes another within a year can have two rows for it, as in Polity; a study that
    needs such a year is refused.

    Raises DataProblem for another layout, cells that are no numbers or out of the measure's range,
    years that are not whole, and values outside their own interval.

    >>> read_measures("nowhere.csv", LAYOUTS[0])
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    columns = [measure.column for measure in layout.measures]
    bounds = [column for measure in layout.measures for column in measure.bounds or ()]
    wanted = [layout.state, "year", *columns, *bounds]
    if layout.source == "freedom-house":
        cells = read_ratings(path)
    else:
        what = f"{layout.title}: {layout.files}"
        cells = read_cells(path, wanted, what, layout.other_names, largest=LARGEST_FILE)
    cells = cells.assign(year=whole_years(path, cells["year"]))
    numbers = cells.drop(columns=layout.state).apply(pd.to_numeric, errors="coerce")
    problems = _no_numbers(cells, numbers)
    states = _states(cells[layout.state], layout.kind)
    parts = [_long(numbers, states, measure) for measure in layout.measures]
    for part, measure in zip(parts, layout.measures):
        problems += _out_of_range(part, measure)
    if problems:
        raise DataProblem(f"{path.name}: {'; '.join(problems)}. {ADVICE}")
    return pd.concat(parts).sort_values(["measure", "state", "year"], ignore_index=True)


def _states(column, kind):
    if kind == "number":
        return pd.to_numeric(column, errors="coerce").map(COW_CODES)
    return column if kind == "code" else column.map(known_code)


def _long(numbers, states, measure):
    lower, upper = measure.bounds or (None, None)
    long = pd.DataFrame(
        {
            "state": states,
            "year": numbers["year"],
            "measure": measure.name,
            "value": numbers[measure.column],
            "lower": numbers[lower] if lower else float("nan"),
            "upper": numbers[upper] if upper else float("nan"),
        }
    )
    return long.dropna(subset=["state", "value"])


def _no_numbers(cells, numbers):
    found = []
    for column in numbers:
        text = cells[column]
        wrong = numbers[column].isna() & ~text.isin(["", "NA"])
        if wrong.any():
            row = wrong.idxmax()
            found.append(
                f"row {row + 2}, column {column}: found {text[row]!r}; expected a number"
                f" ({int(wrong.sum())} such cells)"
            )
    return found


def _out_of_range(part, measure):
    found = []
    beyond = ~part["value"].between(measure.lowest, measure.highest)
    outside = part["lower"].notna() & ~part["value"].between(part["lower"], part["upper"])
    for wrong, expected in (
        (beyond, f"a value from {measure.lowest} to {measure.highest}"),
        (outside, "a value inside its own interval"),
    ):
        if wrong.any():
            rows = ", ".join(str(index + 2) for index in part.index[wrong][:5])
            found.append(f"rows {rows}, column {measure.column}: expected {expected}")
    return found


def _maker(layout):
    def make(paths, study):
        path = one_file(paths, layout.title)
        states = group_of(study)
        whole = read_measures(path, layout)
        kept = whole[whole["state"].isin(states)]
        kept = kept[kept["year"].between(study["first_year"], study["last_year"])]
        twice = kept[kept.duplicated(["state", "year", "measure"])]
        if len(twice):
            named = ", ".join(f"{row.state} {row.year}" for row in twice.head(5).itertuples())
            raise DataProblem(f"{path.name}: two values in one year: {named}. {ADVICE}")
        lacking = sorted(set(states) - set(kept["state"]))
        if lacking:
            raise DataProblem(f"{path.name}: it has no year of {', '.join(lacking)}. {ADVICE}")
        last = int(whole["year"].max())
        said = [f"{path.name}: {len(whole):,} values to {last} read, {len(kept)} kept."]
        years = (study["first_year"], min(last, study["last_year"]))
        table = kept.round({"value": 4, "lower": 4, "upper": 4}).assign(source=layout.source)
        edition = f"{layout.edition(last, path.name)}, years to {last}"
        return Made({TABLE: table}, edition, said, {TABLE: years})

    return make


_VDEM = ("V-Dem Institute, University of Gothenburg", "https://www.v-dem.net")
# By source: the producer, its page, the work to cite.
_ORIGINS = {
    "vdem": (*_VDEM, "vdem15"),
    "vdem-16": (*_VDEM, "vdem15"),
    "regimes-of-the-world": (*_VDEM, "luehrmann2018"),
    "freedom-house": (
        "Freedom House",
        "https://freedomhouse.org/report/freedom-world",
        "freedom_house",
    ),
    "polity": (
        "Center for Systemic Peace",
        "https://www.systemicpeace.org/inscrdata.html",
        "polity5",
    ),
    "lexical-index": (
        "Skaaning, Gerring and Bartusevičius",
        "https://doi.org/10.7910/DVN/29106",
        "skaaning2015",
    ),
}

SOURCES = tuple(
    Source(
        layout.source,
        layout.title,
        f"one file: {layout.files}",
        (TABLE,),
        _maker(layout),
        **dict(zip(("producer", "path", "citation"), _ORIGINS[layout.source])),
    )
    for layout in LAYOUTS
)
