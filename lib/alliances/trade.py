"""Trade between two states: shares, intensity, dependence, concentration, mirror figures, transfers.

Two sources, never mixed: the Correlates of War, in which a flow is mostly the importer's figure and
origin and consignment are not told apart, and a national statistical office, which tells them apart.
A concept names the choice: "origin" or "consignment" for the office, "as reported" for the others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from alliances.problems import DataProblem

IMPORTS = {
    "origin": "imports by origin",
    "consignment": "imports by consignment",
    "as reported": "imports",
}
FLOWS = ("exports", "imports", "turnover")
WORLD = "WLD"
NO_FIGURE = "no figure for this flow"
NO_TOTAL = "no figure for all partners together"
NOTHING_TRADED = "no trade with anybody"

# What a report is raised by where no second one is at hand: nothing, or a tenth for freight.
MARK_UPS = (1.0, 1.1)
DIFFERS_MUCH = 0.05

Window = tuple[int, int]


def shares_by_year(
    flows: pd.DataFrame,
    totals: pd.DataFrame,
    reporter: str,
    partners: Sequence[str],
    concept: str,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """A partner's share of a state's exports, imports and turnover, year by year, for each partner.

    flows: `reporter`, `partner`, `year`, `flow`, `value`, `source`; totals: `reporter`, `year`,
    `flow`, `total`, `source`; both in millions of US dollars of the year. concept: which imports are
    meant, one of IMPORTS; it also chooses the source, since only one has each. Columns: `year`,
    `reporter`, `partner`, `flow` (exports, imports, turnover), `concept`, `value`, `total`, `share`
    (0 to 1), `reason`. Turnover is exports and imports together, and missing where one of them is.

    By origin answers whose goods a state uses, by consignment whose traders it deals with; the two
    can differ by ten points and more, so a share without its concept says little. A year without a
    figure has no share and a reason; it is no zero. A share says nothing of how much was traded, and
    goods that only pass through count on both sides. Unknown concepts, reporters and partners raise
    a DataProblem. Source of the measure: the article's own definition.

    >>> flows = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": 2020,
    ...     "flow": ["exports", "imports"], "value": [1.0, 3.0], "source": "s"})
    >>> totals = pd.DataFrame({"reporter": "ARM", "year": 2020, "flow": ["exports", "imports"],
    ...     "total": [4.0, 6.0], "source": "s"})
    >>> shares_by_year(flows, totals, "ARM", ["RUS"], "as reported", 2020, 2020)[["flow", "share"]]
           flow  share
    0   exports   0.25
    1   imports   0.50
    2  turnover   0.40
    """
    source = _source_of(flows, totals, reporter, concept)
    own = flows[(flows["source"] == source) & (flows["reporter"] == reporter)]
    unknown = sorted(set(partners) - set(own["partner"]))
    if unknown:
        raise DataProblem(
            f"flows: {reporter} has no partner {', '.join(unknown)} there; it has"
            f" {', '.join(sorted(set(own['partner'])))}."
        )
    whole = totals[(totals["source"] == source) & (totals["reporter"] == reporter)]
    each = [
        _shares(own[own["partner"] == partner], whole, concept, (first_year, last_year)).assign(
            reporter=reporter, partner=partner, concept=concept
        )
        for partner in partners
    ]
    columns = [
        "year",
        "reporter",
        "partner",
        "flow",
        "concept",
        "value",
        "total",
        "share",
        "reason",
    ]
    return pd.concat(each, ignore_index=True)[columns]


def _source_of(flows, totals, reporter, concept):
    """The one source that has a state's imports by a concept."""
    if concept not in IMPORTS:
        raise DataProblem(f"the concept {concept!r} is unknown; expected {', '.join(IMPORTS)}.")
    for name, frame, amount in (("flows", flows, "value"), ("totals", totals, "total")):
        wrong = frame[frame[amount] < 0]
        if len(wrong):
            raise DataProblem(f"{name}: {len(wrong)} values below zero; expected none.")
    own = totals[(totals["reporter"] == reporter) & (totals["flow"] == IMPORTS[concept])]
    found = sorted(set(own["source"]))
    if len(found) != 1:
        raise DataProblem(
            f"totals: {reporter} has imports by the concept {concept!r} from {len(found)} sources;"
            " expected one. Choose another concept, or bring in the source that has it."
        )
    return found[0]


def _shares(own, whole, concept, years):
    """One partner's value, total and share by year, for each flow and for both together."""
    index = pd.RangeIndex(years[0], years[1] + 1, name="year")
    parts = {}
    for flow, name in (("exports", "exports"), ("imports", IMPORTS[concept])):
        value = _one_a_year(own[own["flow"] == name], "value")
        total = _one_a_year(whole[whole["flow"] == name], "total")
        parts[flow] = pd.DataFrame({"value": value, "total": total}, index=index)
    parts["turnover"] = parts["exports"] + parts["imports"]
    long = pd.concat(parts, names=["flow"]).reset_index()
    long["share"] = (long["value"] / long["total"]).where(long["total"] > 0)
    long["reason"] = np.select(
        [long["total"].isna(), long["total"] == 0, long["value"].isna()],
        [NO_TOTAL, NOTHING_TRADED, NO_FIGURE],
        "",
    )
    return long


def _one_a_year(rows, column):
    series = rows.set_index("year")[column].astype("float64")
    if series.index.has_duplicates:
        raise DataProblem(f"{column}: two figures for one year; expected one. Restore the table.")
    return series


def shares_by_window(shares: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    """The shares of `shares_by_year` over windows of years: summed first, divided after.

    Columns: `window`, `first_year`, `last_year`, `partner`, `flow`, `concept`, `value`, `total`,
    `share`, `years`. A year without a share is left out on both sides; `years` says how many count.
    A year with much trade weighs more than one with little, and dollars of different years are
    added as they are.

    >>> shares = pd.DataFrame({"year": [2020, 2021], "partner": "RUS", "flow": "exports",
    ...     "concept": "origin", "value": [1.0, 3.0], "total": [4.0, 4.0], "share": [0.25, 0.75]})
    >>> shares_by_window(shares, [(2020, 2021)])[["window", "share", "years"]]
          window  share  years
    0  2020–2021    0.5      2
    """
    rows = []
    for first, last in windows:
        if first > last:
            raise DataProblem(f"the window {first} to {last} ends before it starts.")
        part = shares[shares["year"].between(first, last) & shares["share"].notna()]
        key = ["partner", "flow", "concept"]
        summed = part.groupby(key, sort=False).agg(
            value=("value", "sum"), total=("total", "sum"), years=("year", "size")
        )
        word = f"{first}–{last}" if first < last else str(first)
        rows.append(summed.reset_index().assign(window=word, first_year=first, last_year=last))
    columns = ["window", "first_year", "last_year", "partner", "flow", "concept", "value", "total"]
    if not rows:
        return pd.DataFrame(columns=[*columns, "share", "years"])
    whole = pd.concat(rows, ignore_index=True)
    return whole.assign(share=whole["value"] / whole["total"])[[*columns, "share", "years"]]


def across_the_seam(
    flows: pd.DataFrame,
    totals: pd.DataFrame,
    reporter: str,
    partner: str,
    words: Mapping[str, str],
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """One share by every concept that the sources have, each as a series of its own.

    words: {concept: what to call the series}; a concept that no source has for this reporter is left
    out. Columns as in `shares_by_year`, and `series`. Nothing is joined: where two series overlap,
    both stand there, and where one ends it ends.

    >>> flows = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": 2020,
    ...     "flow": ["exports", "imports"], "value": [1.0, 3.0], "source": "s"})
    >>> totals = pd.DataFrame({"reporter": "ARM", "year": 2020, "flow": ["exports", "imports"],
    ...     "total": [4.0, 6.0], "source": "s"})
    >>> words = {"origin": "office", "as reported": "other"}
    >>> found = across_the_seam(flows, totals, "ARM", "RUS", words, 2020, 2020)
    >>> found[["series", "flow"]].iloc[0].tolist()
    ['other', 'exports']
    """
    there = set(totals.loc[totals["reporter"] == reporter, "flow"])
    each = [
        shares_by_year(flows, totals, reporter, [partner], concept, first_year, last_year).assign(
            series=word
        )
        for concept, word in words.items()
        if IMPORTS[concept] in there
    ]
    if not each:
        raise DataProblem(f"totals: no source has the imports of {reporter}. Import one first.")
    return pd.concat(each, ignore_index=True)


def difference_of_series(shares: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """By how much two series of `across_the_seam` differ in the years that both have.

    Columns: `year`, `flow`, `one`, `other` (their shares) and `difference` (one less other, in
    parts of one). No year is there in which either has no share.

    >>> shares = pd.DataFrame({"year": 2020, "flow": "exports", "series": ["a", "b"],
    ...     "share": [0.3, 0.25]})
    >>> difference_of_series(shares, "a", "b").round(2).values.tolist()
    [[2020, 'exports', 0.3, 0.25, 0.05]]
    """
    wide = shares.pivot(index=["year", "flow"], columns="series", values="share")
    lacking = {one, other} - set(wide.columns)
    if lacking:
        raise DataProblem(f"there is no series {sorted(lacking)}; there are {list(wide.columns)}.")
    both = wide[[one, other]].dropna().set_axis(["one", "other"], axis=1).rename_axis(columns=None)
    return both.assign(difference=both["one"] - both["other"]).reset_index()


def far_apart(
    shares: pd.DataFrame, one: str, other: str, least: float = DIFFERS_MUCH
) -> pd.DataFrame:
    """The years in which two series of `across_the_seam` differ by much in their shares of turnover.

    shares: with `series`, `year`, `flow`, `share`; a series may be missing. Columns as in
    `difference_of_series`; least: the difference, in parts of one, from which on it is much. In such
    a year one of the two is doubtful, and neither says which; a lowest or highest share that falls
    on it is to be read with that in mind.

    >>> shares = pd.DataFrame({"year": [2010, 2011] * 2, "flow": "turnover",
    ...     "series": ["a", "a", "b", "b"], "share": [0.2, 0.19, 0.19, 0.11]})
    >>> far_apart(shares, "a", "b")["year"].tolist(), len(far_apart(shares, "a", "c"))
    ([2011], 0)
    """
    turnover = shares[(shares["flow"] == "turnover") & shares["series"].isin([one, other])]
    if set(turnover["series"]) != {one, other}:
        return pd.DataFrame(columns=["year", "flow", "one", "other", "difference"])
    found = difference_of_series(turnover, one, other)
    return found[found["difference"].abs() >= least].reset_index(drop=True)


def even_windows(first_year: int, last_year: int, width: int = 6) -> list[Window]:
    """A span of years cut into windows of about one width, the longer ones first.

    A choice that no event guides, for pairs whose turning points nobody has named. Of an empty span
    there is none.

    >>> even_windows(1994, 2010), even_windows(2011, 2014), even_windows(2011, 2010)
    ([(1994, 1999), (2000, 2005), (2006, 2010)], [(2011, 2014)], [])
    """
    years = list(range(first_year, last_year + 1))
    parts = np.array_split(years, max(1, round(len(years) / width))) if years else []
    return [(int(part[0]), int(part[-1])) for part in parts]


def shares_over_even_windows(shares: pd.DataFrame, older: str, newer: str) -> pd.DataFrame:
    """The shares of two series over even windows: the newer wherever it has years, before it the older.

    shares: as in `far_apart`. Columns as in `shares_by_window`, and `series`. A year that both have
    counts by the newer only, so that no window rests on a figure that a later source puts in doubt.

    >>> shares = pd.DataFrame({"year": [2010, 2011, 2011], "partner": "RUS", "flow": "turnover",
    ...     "concept": "as reported", "series": ["old", "old", "new"], "value": [2.0, 1.0, 3.0],
    ...     "total": 10.0, "share": [0.2, 0.1, 0.3]})
    >>> shares_over_even_windows(shares, "old", "new")[["series", "window", "share"]].values.tolist()
    [['old', '2010', 0.2], ['new', '2011', 0.3]]
    """
    known = shares.dropna(subset=["share"])
    late = known[known["series"] == newer]
    early = known[known["series"] == older]
    if len(late):
        early = early[early["year"] < late["year"].min()]
    return pd.concat(
        [
            shares_by_window(part, even_windows(part["year"].min(), part["year"].max())).assign(
                series=name
            )
            for name, part in ((older, early), (newer, late))
            if len(part)
        ]
        or [shares_by_window(known, []).assign(series="")],
        ignore_index=True,
    )


def shares_by_month(
    months: pd.DataFrame, reporter: str, partner: str, concept: str, width: int = 12
) -> pd.DataFrame:
    """A partner's share of a state's turnover in the last twelve months, month by month.

    months: `reporter`, `partner` (WLD is all of them), `year`, `month`, `flow`, `value`. Columns:
    `year`, `month`, `value`, `total`, `share`. Within the months covered an absent row of a partner
    is a zero, because the office lists every partner with trade. width: how many months are summed
    before dividing; with 12 every season counts once, and a change shows up to a year late. The
    first months, which lack a full window, have no row.

    >>> months = pd.DataFrame({"reporter": "ARM", "partner": ["RUS", "WLD"] * 2, "year": 2020,
    ...     "month": 1, "flow": ["exports"] * 2 + ["imports by origin"] * 2,
    ...     "value": [1.0, 4.0, 3.0, 6.0]})
    >>> shares_by_month(months, "ARM", "RUS", "origin", width=1).values.tolist()
    [[2020.0, 1.0, 4.0, 10.0, 0.4]]
    """
    chosen = months[months["reporter"] == reporter]
    chosen = chosen[chosen["flow"].isin(["exports", IMPORTS[concept]])]
    turnover = chosen.groupby(["year", "month", "partner"])["value"].sum().unstack()
    if partner not in turnover or WORLD not in turnover:
        raise DataProblem(
            f"months: {reporter} has no row for {partner} or for {WORLD}; there are"
            f" {', '.join(map(str, turnover.columns))}."
        )
    moving = turnover[[partner, WORLD]].fillna(0).rolling(width).sum().dropna()
    moving = moving.set_axis(["value", "total"], axis=1)
    return moving.assign(share=moving["value"] / moving["total"]).reset_index()


def concentration(totals: pd.DataFrame, reporter: str, concept: str) -> pd.DataFrame:
    """How concentrated a state's trade is on few partners, by year and flow (exports, imports).

    totals: with `total`, `sum_of_squares`, `partners`, `largest_partner`, `largest`. Columns:
    `year`, `flow`, `hhi` (Herfindahl-Hirschman index, the sum of squared shares, 0 to 1),
    `effective_partners` (1 / hhi), `partners`, `largest_partner`, `largest_share`. UNCTAD prints
    another index, normalised by the number of partners; it does not agree with this one. A year
    without trade has no concentration. Source of the measure: Hirschman 1964.

    >>> totals = pd.DataFrame({"reporter": "ARM", "year": 2020, "flow": ["exports", "imports"],
    ...     "total": [4.0, 2.0], "sum_of_squares": [10.0, 4.0], "partners": [2, 1],
    ...     "largest_partner": "RUS", "largest": [3.0, 2.0], "source": "s"})
    >>> concentration(totals, "ARM", "as reported")[["flow", "hhi", "largest_share"]]
          flow    hhi  largest_share
    0  exports  0.625           0.75
    1  imports  1.000           1.00
    """
    source = _source_of(totals.iloc[:0].assign(value=0.0), totals, reporter, concept)
    own = totals[(totals["reporter"] == reporter) & (totals["source"] == source)]
    own = own[own["flow"].isin(["exports", IMPORTS[concept]])]
    total = own["total"].where(own["total"] > 0)
    hhi = own["sum_of_squares"] / total**2
    found = own.assign(
        flow=own["flow"].where(own["flow"] == "exports", "imports"),
        hhi=hhi,
        effective_partners=1 / hhi,
        largest_share=own["largest"] / total,
    )
    columns = ["year", "flow", "hhi", "effective_partners", "partners", "largest_partner"]
    return found.sort_values(["flow", "year"], ignore_index=True)[[*columns, "largest_share"]]


def trade_intensity(exports, all_exports, partner_imports, world_imports):
    """How much larger the partner's share of a state's exports is than its share of the world's.

    exports: to the partner; all_exports: the state's; partner_imports: all of the partner's;
    world_imports: those of all states. Numbers or aligned series in one unit; the result has none.
    1 is what the partner's size alone would lead one to expect. Some authors take the state's own
    imports out of the world; for a small state it makes no difference. Not defined (NaN) where a
    denominator is zero or missing. Source of the measure: World Integrated Trade Solution.

    >>> float(trade_intensity(3.0, 10.0, 60.0, 1000.0))
    5.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.divide(exports, all_exports) / np.divide(partner_imports, world_imports)
    return (
        found.where(np.isfinite(found))
        if isinstance(found, pd.Series)
        else (found if np.isfinite(found) else np.nan)
    )


def intensity_by_year(
    shares: pd.DataFrame, partner_imports: pd.Series, world_imports: pd.Series
) -> pd.DataFrame:
    """`trade_intensity` of exports by year: columns `year`, `intensity`.

    shares: rows of `shares_by_year` for one partner. partner_imports, world_imports: by year, from
    one source, in the unit of the shares. A year that lacks one of the figures has no row.

    >>> shares = pd.DataFrame({"year": [2020], "flow": "exports", "value": [3.0], "total": [10.0]})
    >>> intensity_by_year(shares, pd.Series({2020: 60.0}), pd.Series({2020: 1000.0})).values.tolist()
    [[2020.0, 5.0]]
    """
    own = shares[shares["flow"] == "exports"].set_index("year")
    index = own.index
    found = trade_intensity(
        own["value"], own["total"], partner_imports.reindex(index), world_imports.reindex(index)
    )
    return found.dropna().rename("intensity").reset_index()


def total_of(totals: pd.DataFrame, reporter: str, flow: str, source: str) -> pd.Series:
    """One row of totals through the years, as a series by year.

    >>> totals = pd.DataFrame({"reporter": ["WLD"], "year": 2020, "flow": "imports", "total": [9.0],
    ...     "source": "s"})
    >>> total_of(totals, "WLD", "imports", "s").to_dict()
    {2020: 9.0}
    """
    chosen = (totals["reporter"] == reporter) & (totals["flow"] == flow)
    return _one_a_year(totals[chosen & (totals["source"] == source)], "total")


def shares_from_mirror(
    mirror: pd.DataFrame, reporter: str, partner: str, reported_only: bool = True
) -> pd.DataFrame:
    """A partner's share in the trade of a reporter of the mirror table; columns as in `shares_by_year`.

    mirror: `reporter`, `partner`, `year`, `flow`, `value`, `status`. reported_only: leave out what
    the producer of the table estimated. The concept is "as reported".

    >>> mirror = pd.DataFrame({"reporter": "RUS", "partner": ["ARM", "WLD"] * 2, "year": 2020,
    ...     "flow": ["exports"] * 2 + ["imports"] * 2, "value": [1.0, 50.0, 1.0, 50.0],
    ...     "status": "reported"})
    >>> shares_from_mirror(mirror, "RUS", "ARM")["share"].tolist()
    [0.02, 0.02, 0.02]
    """
    own = mirror[mirror["reporter"] == reporter]
    if reported_only:
        own = own[~own["status"].str.startswith("estimated")]
    whole = own[own["partner"] == WORLD].rename(columns={"value": "total"})
    part = own[own["partner"] == partner]
    if part.empty or whole.empty:
        raise DataProblem(
            f"mirror: {reporter} reports no trade with {partner} and the world there."
        )
    years = (int(whole["year"].min()), int(whole["year"].max()))
    found = _shares(part, whole, "as reported", years)
    return found.assign(reporter=reporter, partner=partner, concept="as reported")


def two_sides(own: pd.DataFrame, other: pd.DataFrame, flow: str = "turnover") -> pd.DataFrame:
    """What the trade of two states weighs for each: shares on both sides, and their inequality.

    own, other: rows of `shares_by_year` or `shares_from_mirror`, the state with its partner and the
    partner with the state. Columns: `year`, `own`, `other` (shares of all trade), `ratio` (own /
    other), `asymmetry` ((own - other) / (own + other), -1 to 1; positive where the first state
    depends more), `salience` (square root of the product), `symmetry` (1 - |own - other|),
    `interdependence` (salience times symmetry). Years that only one side has are left out.

    Barbieri's symmetry is near 1 for any two states that trade little, so the ratio and the
    normalised asymmetry are shown beside it. None of them says what either could do without the
    other: that depends on what is traded, and on who else has it. Sources of the measures:
    Barbieri 1996 (salience, symmetry, interdependence); Hirschman 1945 for the reading.

    >>> side = pd.DataFrame({"year": [2020], "flow": "turnover", "share": [0.3]})
    >>> two_sides(side, side.assign(share=0.003)).round(3)[["ratio", "asymmetry"]].values.tolist()
    [[100.0, 0.98]]
    """
    a, b = (_one_a_year(side[side["flow"] == flow], "share").dropna() for side in (own, other))
    pair = pd.DataFrame({"own": a, "other": b}).dropna()
    salience = np.sqrt(pair["own"] * pair["other"])
    symmetry = 1 - (pair["own"] - pair["other"]).abs()
    sums = (pair["own"] + pair["other"]).where(lambda values: values > 0)
    found = pair.assign(
        ratio=pair["own"] / pair["other"].where(pair["other"] > 0),
        asymmetry=(pair["own"] - pair["other"]) / sums,
        salience=salience,
        symmetry=symmetry,
        interdependence=salience * symmetry,
    )
    return found.rename_axis("year").reset_index()


def dependence_on_gdp(shares: pd.DataFrame, gdp: pd.DataFrame, state: str) -> pd.DataFrame:
    """Trade with a partner as a part of a state's gross domestic product.

    shares: rows of `shares_by_year`; gdp: `state`, `year`, `gdp`, in the same unit. Columns: `year`,
    `flow`, `value`, `gdp`, `dependence` (may exceed 1, since trade is turnover and GDP value added).
    Goods that pass through add to trade and hardly to GDP, so in years of re-export it overstates
    what the economy depends on. Years without GDP have no row. Source of the measure: Oneal and
    Russett 1997, who take the lower of two states' values.

    >>> shares = pd.DataFrame({"year": [2020], "flow": "turnover", "value": [3.0]})
    >>> gdp = pd.DataFrame({"state": ["ARM"], "year": 2020, "gdp": [12.0]})
    >>> dependence_on_gdp(shares, gdp, "ARM")["dependence"].tolist()
    [0.25]
    """
    size = _one_a_year(gdp[gdp["state"] == state], "gdp")
    if size.empty:
        raise DataProblem(f"gdp: there is no row of {state}. Import it, or choose another state.")
    found = shares[["year", "flow", "value"]].assign(gdp=shares["year"].map(size))
    found = found.dropna(subset=["value", "gdp"])
    return found.assign(dependence=found["value"] / found["gdp"]).reset_index(drop=True)


def shares_mirrored(mirror: pd.DataFrame, state: str, partner: str) -> pd.DataFrame:
    """A partner's share of a state's trade, as all the others report it; columns as in `shares_by_year`.

    mirror: as in `shares_from_mirror`, with the partner and WLD as reporters. The partner's exports to
    the state are the state's imports from it, divided by what the whole world says it exported to the
    state; and so on. The concept is "mirrored". It holds what states report, not what the state
    counted: imports are without freight, and goods on their way may be booked to another country.
    Estimates of the partner's figure are left out; the world's figure holds the producer's estimates
    of states that do not report. A partner that reports nothing there gives no row.

    >>> mirror = pd.DataFrame({"reporter": ["RUS", "WLD"] * 2, "partner": "KAZ", "year": 2020,
    ...     "flow": ["exports"] * 2 + ["imports"] * 2, "value": [3.0, 6.0, 1.0, 4.0],
    ...     "status": "reported"})
    >>> shares_mirrored(mirror, "KAZ", "RUS")[["flow", "share"]].values.tolist()
    [['exports', 0.25], ['imports', 0.5], ['turnover', 0.4]]
    """
    swapped = {"exports": "imports", "imports": "exports"}
    there = mirror[(mirror["partner"] == state) & ~mirror["status"].str.startswith("estimated")]
    there = there.assign(flow=there["flow"].map(swapped))
    part, whole = (there[there["reporter"] == reporter] for reporter in (partner, WORLD))
    years = (int(part["year"].min()), int(part["year"].max())) if len(part) else (1, 0)
    found = _shares(part, whole.rename(columns={"value": "total"}), "as reported", years)
    return found.assign(reporter=state, partner=partner, concept="mirrored")


def mirror_figures(shares: pd.DataFrame, mirror: pd.DataFrame) -> pd.DataFrame:
    """Two reports of one flow side by side: the state's own and its partner's.

    shares: rows of `shares_by_year` for one partner; mirror: as in `shares_from_mirror`. Columns:
    `year`, `flow` (as the state sees it), `own`, `mirrored`, `difference` (own less mirrored),
    `ratio` (own / mirrored), `status` of the mirrored figure, or why there is none. The partner's
    exports mirror the state's imports. They differ for good reasons: imports hold freight and
    insurance (c.i.f.), exports do not (f.o.b.); goods travel over the year's end; one side may count
    by origin and the other by destination. They are never averaged.

    >>> shares = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": [2020],
    ...     "flow": "imports", "value": [110.0]})
    >>> mirror = pd.DataFrame({"reporter": ["RUS"], "partner": "ARM", "year": 2020,
    ...     "flow": "exports", "value": [100.0], "status": "reported"})
    >>> mirror_figures(shares, mirror)[["flow", "own", "mirrored", "ratio"]].values.tolist()
    [['imports', 110.0, 100.0, 1.1]]
    """
    state, partner = shares["reporter"].iloc[0], shares["partner"].iloc[0]
    other = mirror[(mirror["reporter"] == partner) & (mirror["partner"] == state)]
    swapped = {"exports": "imports", "imports": "exports"}
    other = other.assign(flow=other["flow"].map(swapped)).rename(columns={"value": "mirrored"})
    own = shares[shares["flow"].isin(swapped)].rename(columns={"value": "own"})
    both = own[["year", "flow", "own"]].merge(
        other[["year", "flow", "mirrored", "status"]], on=["year", "flow"], how="left"
    )
    both["status"] = both["status"].fillna("the partner's report is not at hand")
    return both.assign(
        difference=both["own"] - both["mirrored"], ratio=both["own"] / both["mirrored"]
    ).sort_values(["flow", "year"], ignore_index=True)


def without_second_report(mirrored: pd.DataFrame) -> pd.Series:
    """Which rows of `mirror_figures` hold one report twice: a column of true and false.

    The state's figure is the partner's times one of MARK_UPS, to the million or to a twentieth of a
    percent. Where a state does not report a flow, some producers put the partner's report in its
    place, as it is or raised by a tenth for freight and insurance; such a row confirms nothing. Two
    true reports can meet a mark-up by chance, once in some hundred cases.

    >>> rows = pd.DataFrame({"own": [6336.0, 19395.0, 15527.0], "mirrored": [13870.9, 17632.2, 15526.8]})
    >>> without_second_report(rows).tolist()
    [False, True, True]
    """
    near = np.maximum(1, 0.0005 * mirrored["own"])
    met = [(mirrored["own"] - mark_up * mirrored["mirrored"]).abs() <= near for mark_up in MARK_UPS]
    return met[0] | met[1]


def transfers_share(
    transfers: pd.DataFrame, partner: str, direction: str, kind: str
) -> pd.DataFrame:
    """A partner's share of the money that individuals sent, by complete year.

    transfers: `partner` (WLD for all), `year`, `month`, `direction`, `kind`, `value`. Columns:
    `year`, `value`, `total` (million US dollars), `share`. A year with fewer than twelve months is
    left out. Money that moves is not only what migrants earn; the non-commercial kind is nearer to
    it, and neither holds cash that travellers carry.

    >>> months = pd.DataFrame({"partner": ["RUS", "WLD"] * 12, "year": 2020,
    ...     "month": [m for m in range(1, 13) for _ in range(2)], "direction": "inflow",
    ...     "kind": "total", "value": [1.0, 2.0] * 12})
    >>> transfers_share(months, "RUS", "inflow", "total").values.tolist()
    [[2020.0, 12.0, 24.0, 0.5]]
    """
    chosen = transfers[(transfers["direction"] == direction) & (transfers["kind"] == kind)]
    parts = {}
    for name, code in (("value", partner), ("total", WORLD)):
        by_year = chosen[chosen["partner"] == code].groupby("year")["value"].agg(["sum", "size"])
        parts[name] = by_year.loc[by_year["size"] == 12, "sum"]
    if parts["value"].empty:
        known = ", ".join(sorted(set(transfers["partner"])))
        raise DataProblem(
            f"transfers: no complete year of {kind} {direction} with {partner}; partners: {known}."
        )
    whole = pd.DataFrame(parts).dropna()
    return whole.assign(share=whole["value"] / whole["total"]).reset_index()


def share_without(
    flows: pd.DataFrame, shares: pd.DataFrame, left_out: Sequence[str], concept: str
) -> pd.DataFrame:
    """The share of `shares_by_year` with some other partners taken out of the total.

    flows as in `shares_by_year`; shares: rows of one partner from one source. Columns: `year`,
    `flow`, `value`, `total`, `share`. It answers what the partner's share is among the rest, and so
    shows how far a surge of trade with the others hides or feeds it. It is no correction for
    re-exports: it also takes out what is not re-exported.

    >>> flows = pd.DataFrame({"reporter": "ARM", "partner": "ARE", "year": 2020,
    ...     "flow": ["exports", "imports"], "value": [2.0, 1.0], "source": "s"})
    >>> shares = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": [2020],
    ...     "flow": "exports", "value": [1.0], "total": [4.0]})
    >>> share_without(flows, shares, ["ARE"], "as reported")["share"].tolist()
    [0.5]
    """
    partner = shares["partner"].iloc[0]
    if partner in left_out:
        raise DataProblem(f"{partner} cannot be left out of its own share.")
    taken = _flows_with(flows, shares["reporter"].iloc[0], left_out, concept)
    found = shares[["year", "flow", "value", "total"]].merge(taken, on=["year", "flow"], how="left")
    total = found["total"] - found["taken"].fillna(0)
    return found.assign(total=total, share=found["value"] / total).drop(columns="taken")


def _flows_with(flows, reporter, partners, concept):
    """`year`, `flow`, `taken`: the sum of a state's flows with some partners, turnover included."""
    own = _own_flows(flows, reporter, concept)
    chosen = own[own["partner"].isin(partners)]
    summed = chosen.groupby(["year", "flow"], as_index=False)["value"].sum()
    turnover = summed.groupby("year", as_index=False)["value"].sum().assign(flow="turnover")
    return pd.concat([summed, turnover]).rename(columns={"value": "taken"})


def _own_flows(flows, reporter, concept):
    """A state's exports and imports with each partner, from the source that has these imports."""
    names = {"exports": "exports", IMPORTS[concept]: "imports"}
    own = flows[(flows["reporter"] == reporter) & flows["flow"].isin(names)]
    # Exports stand in both sources; the one that has these imports is meant.
    source = own.loc[own["flow"] == IMPORTS[concept], "source"].unique()
    own = own[own["source"].isin(source)]
    return own.assign(flow=own["flow"].map(names))


def transit_scenario(
    flows: pd.DataFrame,
    shares: pd.DataFrame,
    through: Sequence[str],
    concept: str,
    base: Window,
) -> pd.DataFrame:
    """A partner's share if the surge of exports to third states were its own goods passing through.

    flows as in `shares_by_year`; shares: rows of one partner. through: the third states. base: the
    years whose mean is taken as ordinary. Columns: `year`, `surge` (exports to the third states
    above the base, zero or more), `imports_surge` (imports from the partner above the base),
    `transit` (the smaller of the two), `share` and `share_without_transit` of turnover.

    Transit is counted twice in the total and once in the partner's part; both are taken out. This
    is a scenario and no finding: it takes for transit all that both surges have in common, where
    goods may have been worked on or used, and it misses transit to other states. It says how far
    the share could rest on goods that pass through. Years before the end of the base have no row.

    >>> flows = pd.DataFrame({"reporter": "ARM", "partner": "ARE", "year": [2020, 2021],
    ...     "flow": "exports", "value": [1.0, 5.0], "source": "s"})
    >>> flows = pd.concat([flows, flows.assign(flow="imports", value=0.0)])
    >>> shares = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": [2020, 2021] * 2,
    ...     "flow": ["imports"] * 2 + ["turnover"] * 2, "value": [2.0, 9.0, 3.0, 10.0],
    ...     "total": [5.0, 10.0, 10.0, 20.0]})
    >>> found = transit_scenario(flows, shares, ["ARE"], "as reported", (2020, 2020))
    >>> found[["transit", "share", "share_without_transit"]].values.tolist()
    [[4.0, 0.5, 0.5]]
    """
    taken = _flows_with(flows, shares["reporter"].iloc[0], through, concept)
    exports = _one_a_year(taken[taken["flow"] == "exports"], "taken")
    imports = _one_a_year(shares[shares["flow"] == "imports"], "value")
    turnover = shares[shares["flow"] == "turnover"].set_index("year")[["value", "total"]]
    in_base = range(base[0], base[1] + 1)
    if not set(in_base) <= set(exports.dropna().index) & set(imports.dropna().index):
        raise DataProblem(f"the base {base[0]} to {base[1]} is not wholly covered; choose another.")
    found = pd.DataFrame(
        {
            "surge": (exports - exports.loc[list(in_base)].mean()).clip(lower=0),
            "imports_surge": (imports - imports.loc[list(in_base)].mean()).clip(lower=0),
        }
    ).dropna()
    found["transit"] = found.min(axis=1)
    found["share"] = turnover["value"] / turnover["total"]
    rest = turnover["total"] - 2 * found["transit"]
    found["share_without_transit"] = (turnover["value"] - found["transit"]) / rest
    found.index = found.index.astype("int64")
    return found[found.index > base[1]].rename_axis("year").reset_index()


def moved_together(
    months: pd.DataFrame,
    reporter: str,
    partner: str,
    through: Sequence[str],
    concept: str,
    years: Window,
) -> dict:
    """Whether monthly imports from a partner and exports to third states rose and fell together.

    months as in `shares_by_month`. Of the changes from month to month, Spearman's rank correlation
    over `years`: `correlation`, `changes` (how many), and `p` (as if the changes were independent,
    which they are not quite, so read it as a scale and no test). Levels would correlate because
    both grew. Even a strong correlation shows no goods, only that two flows move at one time.

    >>> months = pd.DataFrame({"reporter": "ARM", "partner": ["RUS", "ARE"] * 4, "year": 2020,
    ...     "month": [1, 1, 2, 2, 3, 3, 4, 4], "flow": ["imports by origin", "exports"] * 4,
    ...     "value": [1.0, 1.0, 3.0, 2.0, 4.0, 2.5, 9.0, 5.0]})
    >>> moved_together(months, "ARM", "RUS", ["ARE"], "origin", (2020, 2020))["changes"]
    3
    """
    own = months[(months["reporter"] == reporter) & months["year"].between(*years)]
    imports = own[(own["partner"] == partner) & (own["flow"] == IMPORTS[concept])]
    exports = own[own["partner"].isin(through) & (own["flow"] == "exports")]
    pair = pd.DataFrame(
        {
            "imports": imports.groupby(["year", "month"])["value"].sum(),
            "exports": exports.groupby(["year", "month"])["value"].sum(),
        }
    ).fillna(0)
    changes = pair.diff().dropna()
    if len(changes) < 3:
        raise DataProblem(f"months: {len(changes)} changes in {years}; expected three or more.")
    found = stats.spearmanr(changes["imports"], changes["exports"])
    return {
        "correlation": float(found.statistic),
        "changes": len(changes),
        "p": float(found.pvalue),
    }


def direction(totals: pd.DataFrame, one: str, other: str) -> tuple[str, str]:
    """Of two states, the one whose own office is in the tables, and its partner.

    Imports by origin come only from a national office; without one on either side the order stays.

    >>> totals = pd.DataFrame({"reporter": ["ARM"], "flow": ["imports by origin"]})
    >>> direction(totals, "RUS", "ARM")
    ('ARM', 'RUS')
    """
    detailed = set(totals.loc[totals["flow"] == IMPORTS["origin"], "reporter"])
    return (other, one) if one not in detailed and other in detailed else (one, other)


def concepts_of(totals: pd.DataFrame, reporter: str) -> list[str]:
    """The concepts by which a state's imports are at hand, the most telling first.

    totals: `reporter`, `flow`. A list of keys of IMPORTS: by origin before by consignment before
    as reported; empty for a state without any total. Use the first where one share is wanted, and
    say which it is.

    >>> totals = pd.DataFrame({"reporter": "ARM", "flow": ["imports", "imports by origin"]})
    >>> concepts_of(totals, "ARM"), concepts_of(totals, "KAZ")
    (['origin', 'as reported'], [])
    """
    there = set(totals.loc[totals["reporter"] == reporter, "flow"])
    return [concept for concept, flow in IMPORTS.items() if flow in there]


def largest_partners(
    flows: pd.DataFrame, shares: pd.DataFrame, concept: str, count: int
) -> list[str]:
    """The other partners with whom a state traded most in the years of some shares.

    flows as in `shares_by_year`; shares: rows of one partner, which is not among the result, nor is
    the World. By the sum of exports and imports, largest first. The European Union counts as one
    partner where the table has it so; a partner that the table does not list cannot be found.

    >>> flows = pd.DataFrame({"reporter": "KAZ", "partner": ["CHN", "RUS", "TUR"], "year": 2014,
    ...     "flow": "imports", "value": [5.0, 9.0, 1.0], "source": "s"})
    >>> shares = pd.DataFrame({"reporter": "KAZ", "partner": "RUS", "year": [2014], "share": [0.6]})
    >>> largest_partners(flows, shares, "as reported", 1)
    ['CHN']
    """
    years = shares.loc[shares["share"].notna(), "year"]
    own = _own_flows(flows, shares["reporter"].iloc[0], concept)
    own = own[own["year"].isin(years) & ~own["partner"].isin([WORLD, shares["partner"].iloc[0]])]
    return own.groupby("partner")["value"].sum().nlargest(count).index.tolist()


def risen_most(
    flows: pd.DataFrame, shares: pd.DataFrame, concept: str, base: Window, count: int
) -> list[str]:
    """The other states to which exports rose most above a base, in the last year at hand.

    Arguments as in `largest_partners`; base: the years whose mean is taken as ordinary, which must
    be covered. Groups such as the European Union are left out, since goods pass through places. The
    last year is that of the table, so that a choice of years shown does not change the places.

    >>> flows = pd.DataFrame({"reporter": "ARM", "partner": ["ARE", "CHE"] * 2, "source": "s",
    ...     "year": [2019, 2019, 2022, 2022], "flow": "exports", "value": [1.0, 9.0, 5.0, 9.5]})
    >>> flows = pd.concat([flows, flows.assign(flow="imports")])
    >>> shares = pd.DataFrame({"reporter": "ARM", "partner": "RUS", "year": [2019], "share": [0.2]})
    >>> risen_most(flows, shares, "as reported", (2019, 2019), 1)
    ['ARE']
    """
    own = _own_flows(flows, shares["reporter"].iloc[0], concept)
    own = own[own["flow"].eq("exports") & ~own["partner"].isin([WORLD, shares["partner"].iloc[0]])]
    wide = own[own["partner"].str.len() == 3].pivot(index="year", columns="partner", values="value")
    if not set(range(base[0], base[1] + 1)) <= set(wide.index):
        raise DataProblem(f"the base {base[0]} to {base[1]} is not wholly covered; choose another.")
    rise = wide.iloc[-1].fillna(0) - wide.loc[base[0] : base[1]].fillna(0).mean()
    return rise[rise > 0].nlargest(count).index.tolist()


def supplied_share(
    mirror: pd.DataFrame, supplier: str, states: Sequence[str], windows: Sequence[Window]
) -> pd.DataFrame:
    """A supplier's part of what the whole world says it exported to each state, over windows.

    mirror: as in `shares_from_mirror`, with the supplier and WLD as reporters. Columns: `state`,
    `window`, `value`, `total` (million US dollars), `share`, `years`. It is the share in a state's
    imports as the exporters report them, f.o.b. and without what nobody reports, so it is comparable
    between states and not with shares from a state's own statistics. Estimates of the supplier's
    exports are left out, and a year without both figures; a window without any has no row. The
    world's exports hold the producer's estimates of states that do not report.

    >>> mirror = pd.DataFrame({"reporter": ["RUS", "WLD"], "partner": "ARM", "year": 2020,
    ...     "flow": "exports", "value": [2.0, 8.0], "status": "reported"})
    >>> supplied_share(mirror, "RUS", ["ARM"], [(2020, 2021)])[["window", "share"]].values.tolist()
    [['2020–2021', 0.25]]
    """
    exports = mirror[(mirror["flow"] == "exports") & mirror["partner"].isin(states)]
    exports = exports[~exports["status"].str.startswith("estimated")]
    wide = exports.pivot(index=["partner", "year"], columns="reporter", values="value")
    lacking = {supplier, WORLD} - set(wide.columns)
    if lacking:
        raise DataProblem(f"mirror: there are no exports of {', '.join(sorted(lacking))}.")
    both = wide[[supplier, WORLD]].dropna().set_axis(["value", "total"], axis=1).reset_index()
    rows = both.assign(flow="imports", concept="mirrored", share=both["value"] / both["total"])
    found = shares_by_window(rows, windows).rename(columns={"partner": "state"})
    return found[["state", "window", "value", "total", "share", "years"]]
