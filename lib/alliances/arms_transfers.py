"""Arms transfers: what part of the major weapons a state received, or ordered, came from whom.

Every value is a SIPRI trend-indicator value (TIV), a volume of military capability and not money:
read a share as "how much of what arrived", never as "how much was paid". Deliveries and orders
are different observations, years apart, and are only ever shown beside each other.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alliances.problems import DataProblem

NOTHING_RECORDED = "nothing recorded in these years, so there is no share"
VALUE_UNKNOWN = "no TIV above 0 is known for what was recorded, so there is no share"
SUPPLIER_UNKNOWN = "no TIV is known for what this supplier sent or was asked for"
UNKNOWN = "ZZZ"  # The code of all suppliers that SIPRI could not name.
NOT_COVERED = "the table does not cover these years"

Window = tuple[int, int]

_YEARS = ("first_year", "last_year", "recipient")
_EXTENT = ("total_tiv", "years_covered", "years_with_transfers", "reason")
_SHARE = ("supplier", "share", "supplier_tiv")
_CONCENTRATION = (
    "herfindahl_hirschman_index",
    "effective_suppliers",
    "suppliers",
    "top_supplier",
    "top_share",
)


def supplier_share(
    transfers: pd.DataFrame,
    recipient: str,
    supplier: str,
    first_year: int | None = None,
    last_year: int | None = None,
    value: str = "tiv",
) -> pd.DataFrame:
    """One supplier's share of what a recipient received, year by year.

    `transfers` holds `recipient`, `supplier`, `year` and the column `value` (TIV, millions), one
    row for each supplier and year; without years given, all years of the table, whichever the
    recipient, are returned. Columns: `year`, `recipient`, `supplier`, `share` (0 to 1),
    `supplier_tiv`, `total_tiv`, `reason`.

    A year without a delivery has no share: NaN, its `reason`, and a total of 0. A year before the
    first or after the last of the table has no total either. Zero would say that the supplier was
    passed over, and nobody was chosen; small recipients buy in few years, so read windows too.
    A supplier that appears nowhere has a share of 0: the producer looked and found nothing.

    Raises DataProblem for unusable rows and for a recipient without any row. Source: SIPRI Arms
    Transfers Database, own share.

    >>> deliveries = pd.DataFrame({"recipient": ["ARM", "ARM", "BLR"], "year": [2021, 2021, 2022],
    ...     "supplier": ["RUS", "FRA", "RUS"], "tiv": [9.0, 1.0, 4.0]})
    >>> supplier_share(deliveries, "ARM", "RUS")[["year", "share", "total_tiv"]]
       year  share  total_tiv
    0  2021    0.9       10.0
    1  2022    NaN        0.0
    """
    years = _checked(transfers, recipient, value)["year"]
    first = int(years.min()) if first_year is None else first_year
    last = int(years.max()) if last_year is None else last_year
    every_year = rolling_windows(first, last, width=1)
    shares = supplier_share_by_window(transfers, recipient, supplier, every_year, value)
    extent = ["last_year", "years_covered", "years_with_transfers"]
    return shares.rename(columns={"first_year": "year"}).drop(columns=extent)


def supplier_share_by_window(
    transfers: pd.DataFrame,
    recipient: str,
    supplier: str,
    windows: Sequence[Window],
    value: str = "tiv",
) -> pd.DataFrame:
    """One supplier's share of what a recipient received over windows of years.

    `windows` holds pairs of first and last year, both included; `rolling_windows` makes them.
    Columns: `first_year`, `last_year`, `recipient`, `supplier`, `share`, `supplier_tiv`,
    `total_tiv`, `years_covered` (years of the window that the table covers),
    `years_with_transfers`, `reason`.

    The share is that of the sums, not the mean of yearly shares, which would let a year with one
    radio set weigh as much as a year with a missile brigade. A window without a delivery has no
    share (NaN and `reason`); without any window there is no row. Errors and the rest as in
    `supplier_share`.

    >>> deliveries = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS", "IND"],
    ...     "year": [2019, 2021], "tiv": [30.0, 10.0]})
    >>> shares = supplier_share_by_window(deliveries, "ARM", "RUS", [(2019, 2021), (2020, 2021)])
    >>> shares[["first_year", "last_year", "share", "years_with_transfers"]]
       first_year  last_year  share  years_with_transfers
    0        2019       2021   0.75                     2
    1        2020       2021   0.00                     1
    """
    rows = []
    for sums, extent in _window_sums(transfers, recipient, windows, value):
        own = sums.get(supplier, 0.0) if extent["years_covered"] else np.nan
        reason = extent["reason"] or (SUPPLIER_UNKNOWN if np.isnan(own) else "")
        rows.append(
            {
                "first_year": extent["first_year"],
                "last_year": extent["last_year"],
                "recipient": recipient,
                "supplier": supplier,
                "share": np.nan if reason else own / extent["total_tiv"],
                "supplier_tiv": own,
            }
            | {name: extent[name] for name in _EXTENT}
            | {"reason": reason}
        )
    return pd.DataFrame(rows, columns=[*_YEARS, *_SHARE, *_EXTENT])


def suppliers_by_window(
    transfers: pd.DataFrame, recipient: str, windows: Sequence[Window], value: str = "tiv"
) -> pd.DataFrame:
    """Every supplier's share in each window: who came, and who came instead.

    Columns: `first_year`, `last_year`, `recipient`, `supplier`, `share`, `supplier_tiv`,
    `total_tiv`, `years_covered`, `years_with_transfers`, `reason`; the largest supplier first. A
    window without a delivery keeps one row with an empty `supplier`, no share and its `reason`,
    so that it does not vanish from a table or a chart. Errors as in `supplier_share`.

    >>> deliveries = pd.DataFrame({"recipient": "ARM", "supplier": ["FRA", "IND"],
    ...     "year": [2023, 2023], "tiv": [1.0, 3.0]})
    >>> suppliers_by_window(deliveries, "ARM", [(2023, 2023)])[["supplier", "share"]]
      supplier  share
    0      IND   0.75
    1      FRA   0.25
    """
    rows = []
    for sums, extent in _window_sums(transfers, recipient, windows, value):
        known = {"first_year": extent["first_year"], "last_year": extent["last_year"]}
        known |= {"recipient": recipient}
        rest = {name: extent[name] for name in _EXTENT}
        if extent["reason"]:
            rows.append(known | {"supplier": None, "share": np.nan, "supplier_tiv": np.nan} | rest)
            continue
        ordered = sums.sort_index().sort_values(ascending=False, kind="stable")
        for who, tiv in ordered.items():
            found = {"supplier": who, "share": tiv / extent["total_tiv"], "supplier_tiv": tiv}
            unknown = {"reason": SUPPLIER_UNKNOWN} if np.isnan(tiv) else {}
            rows.append(known | found | rest | unknown)
    return pd.DataFrame(rows, columns=[*_YEARS, *_SHARE, *_EXTENT])


def supplier_concentration(
    transfers: pd.DataFrame, recipient: str, windows: Sequence[Window], value: str = "tiv"
) -> pd.DataFrame:
    """How concentrated a recipient's suppliers are in each window.

    Columns: `first_year`, `last_year`, `recipient`, `herfindahl_hirschman_index` (sum of squared
    shares, above 0 up to 1 for a single supplier), `effective_suppliers` (its inverse: how many
    equal suppliers would be as concentrated), `suppliers` (those with a TIV above 0),
    `top_supplier` (several where they tie, joined by commas), `top_share`, `total_tiv`,
    `years_covered`, `years_with_transfers`, `reason`.

    The index is not rescaled to start from 0, since that depends on a number of suppliers which
    is itself a result here. High concentration is dependence on whoever it is, not on the ally.
    A window without a delivery has NaN and a `reason`. Errors as in `supplier_share`. Source of
    the measure: Hirschman 1945; Herfindahl 1950.

    >>> deliveries = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS", "IND"],
    ...     "year": [2022, 2022], "tiv": [5.0, 5.0]})
    >>> supplier_concentration(deliveries, "ARM", [(2022, 2022)])[
    ...     ["herfindahl_hirschman_index", "effective_suppliers", "top_supplier"]]
       herfindahl_hirschman_index  effective_suppliers top_supplier
    0                         0.5                  2.0     IND, RUS
    """
    rows = []
    for sums, extent in _window_sums(transfers, recipient, windows, value):
        shares = (sums / extent["total_tiv"]).sort_index()[lambda share: share > 0]
        defined = not extent["reason"]
        index = float((shares**2).sum()) if defined else np.nan
        rows.append(
            {
                "first_year": extent["first_year"],
                "last_year": extent["last_year"],
                "recipient": recipient,
                "herfindahl_hirschman_index": index,
                "effective_suppliers": 1 / index,
                "suppliers": len(shares),
                "top_supplier": ", ".join(shares.index[shares == shares.max()]) or None,
                "top_share": shares.max() if defined else np.nan,
            }
            | {name: extent[name] for name in _EXTENT}
        )
    columns = [*_YEARS, *_CONCENTRATION, *_EXTENT]
    return pd.DataFrame(rows, columns=columns).astype({"suppliers": "int64"})


def orders_beside_deliveries(
    orders: pd.DataFrame,
    deliveries: pd.DataFrame,
    recipient: str,
    supplier: str,
    windows: Sequence[Window],
) -> pd.DataFrame:
    """One supplier's share of orders and of deliveries over the same windows, side by side.

    `orders` holds `recipient`, `supplier`, `year` (of the order), `tiv_ordered`, `orders` and
    `deals_without_tiv`; `deliveries` as in `supplier_share`. Columns: `first_year`, `last_year`,
    `recipient`, `supplier`, `order_share`, `delivery_share`, `supplier_tiv_ordered`,
    `total_tiv_ordered`, `supplier_tiv_delivered`, `total_tiv_delivered`, `orders`,
    `supplier_orders`, `deals_without_tiv`, `supplier_deals_without_tiv`, `order_reason`,
    `delivery_reason`.

    An order tells whom a state trusts today, a delivery whom it trusted when it signed: no
    column mixes the two. Deals whose TIV nobody could estimate count in the numbers of deals and
    not in the shares; guessing them would decide the result where totals are as small as here.
    Errors as in `supplier_share`.

    >>> orders = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS", "IND"], "year": 2022,
    ...     "tiv_ordered": [10.0, 30.0], "orders": [1, 2], "deals_without_tiv": [0, 1]})
    >>> deliveries = pd.DataFrame({"recipient": ["ARM"], "supplier": ["RUS"], "year": [2022],
    ...     "tiv": [29.0]})
    >>> orders_beside_deliveries(orders, deliveries, "ARM", "RUS", [(2022, 2022)])[
    ...     ["order_share", "delivery_share", "deals_without_tiv"]]
       order_share  delivery_share  deals_without_tiv
    0         0.25             1.0                  1
    """
    ordered = supplier_share_by_window(orders, recipient, supplier, windows, "tiv_ordered")
    delivered = supplier_share_by_window(deliveries, recipient, supplier, windows)
    beside = ordered[["first_year", "last_year", "recipient", "supplier"]].copy()
    beside["order_share"], beside["delivery_share"] = ordered["share"], delivered["share"]
    for name, shares in (("ordered", ordered), ("delivered", delivered)):
        beside[f"supplier_tiv_{name}"] = shares["supplier_tiv"]
        beside[f"total_tiv_{name}"] = shares["total_tiv"]
    beside = beside.join(_deals(orders, recipient, supplier, windows))
    return beside.assign(order_reason=ordered["reason"], delivery_reason=delivered["reason"])


def rolling_windows(first_year: int, last_year: int, width: int) -> list[Window]:
    """All windows of `width` years from `first_year` to `last_year`, each a year after the other.

    Raises DataProblem where the first year comes after the last or no window fits between.

    >>> rolling_windows(2019, 2022, width=3)
    [(2019, 2021), (2020, 2022)]
    """
    if width < 1 or last_year - first_year + 1 < width:
        raise DataProblem(
            f"Years {first_year} to {last_year}, width {width}: found no window of that width, "
            "expected a first year that is not after the last and a width of 1 up to the number "
            "of years. Change the years or the width."
        )
    return [(year, year + width - 1) for year in range(first_year, last_year - width + 2)]


def _window_sums(transfers, recipient, windows, value):
    """Yield each window's TIV by supplier and what bounds the reading of its shares."""
    table = _checked(transfers, recipient, value)
    _check_windows(windows)
    first_covered, last_covered = table["year"].min(), table["year"].max()
    received = table[table["recipient"] == recipient]
    for first, last in windows:
        within = received[received["year"].between(first, last)]
        sums = within.groupby("supplier")[value].sum(min_count=1)
        total = float(sums.sum())
        covered = max(0, int(min(last, last_covered) - max(first, first_covered) + 1))
        reason = NOT_COVERED if not covered else VALUE_UNKNOWN if len(within) else NOTHING_RECORDED
        yield (
            sums,
            {
                "first_year": int(first),
                "last_year": int(last),
                "total_tiv": total if covered else np.nan,
                "years_covered": covered,
                "years_with_transfers": int(within["year"].nunique()),
                "reason": "" if total > 0 else reason,
            },
        )


def _deals(orders, recipient, supplier, windows):
    counted = ["orders", "deals_without_tiv"]
    if lacking := [name for name in counted if name not in orders]:
        raise DataProblem(_no_column(orders, lacking))
    received = orders[orders["recipient"] == recipient]
    rows = []
    for first, last in windows:
        within = received[received["year"].between(first, last)]
        own = within[within["supplier"] == supplier]
        rows.append(
            {name: int(within[name].sum()) for name in counted}
            | {f"supplier_{name}": int(own[name].sum()) for name in counted}
        )
    return pd.DataFrame(rows, columns=[*counted, *(f"supplier_{name}" for name in counted)])


def _checked(transfers, recipient, value):
    """The table, or a DataProblem that lists all that cannot be used."""
    key = ["recipient", "supplier", "year"]
    if lacking := [name for name in (*key, value) if name not in transfers]:
        raise DataProblem(_no_column(transfers, lacking))
    years = pd.to_numeric(transfers["year"], errors="coerce")
    tiv = pd.to_numeric(transfers[value], errors="coerce")
    # A deal without an estimate is declared as such in the orders; anything else is a slip.
    declared = transfers.get("deals_without_tiv", pd.Series(0, index=transfers.index)).gt(0)
    unknown = transfers[value].isna() & declared
    offences = [
        ("year", years.isna() | years.mod(1).ne(0), "a whole year"),
        *((name, transfers[name].isna(), "a state's code") for name in key[:2]),
        (value, ~(np.isfinite(tiv) & tiv.ge(0)) & ~unknown, "a TIV of 0 or more"),
        ("recipient, supplier, year", transfers.duplicated(key, keep=False), "one row for each"),
    ]
    lines = [
        f"transfers, row {row + 1}, column {column}: found "
        f"{', '.join(str(found) for found in transfers[column.split(', ')].iloc[row])}, "
        f"expected {expected}."
        for column, offends, expected in offences
        for row in np.flatnonzero(offends)
    ]
    if lines:
        raise DataProblem("\n".join([*lines, "Correct these rows in the table and run again."]))
    if recipient not in set(transfers["recipient"]):
        known = ", ".join(sorted(set(transfers["recipient"]))) or "none"
        raise DataProblem(
            f"transfers, column recipient: found no row for {recipient!r}, expected one of "
            f"{known}. Import that recipient's transfers or choose another recipient."
        )
    return transfers.assign(year=years.astype("int64"), **{value: tiv})


def _check_windows(windows):
    wrong = [window for window in windows if len(window) != 2 or window[0] > window[1]]
    if wrong:
        raise DataProblem(
            f"windows: found {'; '.join(map(str, wrong))}, expected pairs of a first year and a last year that is not "
            "before it, such as (2011, 2020). Put the years in order."
        )


def _no_column(table, lacking):
    return (
        f"transfers: found the columns {', '.join(map(str, table.columns))}, expected also "
        f"{', '.join(lacking)}. Rename or add the columns."
    )


def windows_within(first_year: int, last_year: int, width: int) -> list[Window]:
    """The windows of `rolling_windows`, or none where the years are fewer than the width.

    A period may be shorter than a window, or lie outside the years that a table covers, so that its
    first covered year comes after its last. Then there is nothing to measure, which is no mistake of
    the reader's; what is measured over no window has no row. Raises DataProblem for a width below 1.

    >>> windows_within(2019, 2022, width=3), windows_within(2021, 2022, width=3)
    ([(2019, 2021), (2020, 2022)], [])
    """
    fits = width < 1 or last_year - first_year + 1 >= width
    return rolling_windows(first_year, last_year, width) if fits else []


def windows_between(first_year: int, last_year: int, breaks: Sequence[int]) -> list[Window]:
    """The years from first to last, cut into windows that begin in the years of `breaks`.

    A break outside the years is left out. Raises DataProblem where the first year is after the last.

    >>> windows_between(1993, 2024, breaks=(2011, 2021))
    [(1993, 2010), (2011, 2020), (2021, 2024)]
    """
    starts = sorted({first_year, *(year for year in breaks if first_year < year <= last_year)})
    windows = list(zip(starts, [*(year - 1 for year in starts[1:]), last_year], strict=True))
    _check_windows(windows)
    return windows


def with_window(shares: pd.DataFrame) -> pd.DataFrame:
    """The same rows with a column `window`, their years in words such as 2011–2020, or 2011.

    >>> with_window(pd.DataFrame({"first_year": [2011], "last_year": [2020]}))["window"].tolist()
    ['2011–2020']
    """
    first, last = shares["first_year"].astype("str"), shares["last_year"].astype("str")
    return shares.assign(window=first.where(first == last, first + "–" + last))


def share_by_recipient(
    transfers: pd.DataFrame, recipients: Sequence[str], supplier: str, windows: Sequence[Window]
) -> pd.DataFrame:
    """One supplier's share in what each of several recipients received, by window.

    Columns as in `supplier_share_by_window`, with `window`; one row a recipient and window. A
    recipient that received nothing in a window keeps its row, without a share. A recipient without
    any row in the table raises a DataProblem, as does everything that `supplier_share` refuses.

    >>> deliveries = pd.DataFrame({"recipient": ["ARM", "GEO"], "supplier": ["RUS", "USA"],
    ...     "year": [2020, 2020], "tiv": [10.0, 5.0]})
    >>> share_by_recipient(deliveries, ["ARM", "GEO"], "RUS", [(2020, 2020)])["share"].tolist()
    [1.0, 0.0]
    """
    each = [supplier_share_by_window(transfers, who, supplier, windows) for who in recipients]
    return with_window(pd.concat(each, ignore_index=True))


def long_shares(beside: pd.DataFrame) -> pd.DataFrame:
    """The shares of `orders_beside_deliveries`, one row for each window and each of the two.

    Columns: `first_year`, `last_year`, `window`, `of` ("orders" or "deliveries"), `share`, NaN where
    nothing was ordered or delivered.

    >>> beside = pd.DataFrame({"first_year": [2021], "last_year": [2024], "order_share": [0.0],
    ...     "delivery_share": [0.3]})
    >>> long_shares(beside)[["window", "of", "share"]]
          window          of  share
    0  2021–2024      orders    0.0
    1  2021–2024  deliveries    0.3
    """
    years = with_window(beside)[["first_year", "last_year", "window"]]
    orders = years.assign(of="orders", share=beside["order_share"])
    deliveries = years.assign(of="deliveries", share=beside["delivery_share"])
    return pd.concat([orders, deliveries], ignore_index=True)


def moving_shares(
    orders: pd.DataFrame,
    deliveries: pd.DataFrame,
    recipient: str,
    supplier: str,
    first_year: int,
    last_year: int,
    width: int,
) -> pd.DataFrame:
    """One supplier's share of orders and of deliveries over windows that move year by year.

    Columns: `year` (the last of the window), `of`, `share`. A moving window keeps a large delivery
    for `width` years and so shows a turn late; it is read beside single windows, never alone.
    Years fewer than `width` hold no such window and give no row. Errors as in `orders_beside_deliveries`.

    >>> orders = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS", "IND"], "year": [2020, 2021],
    ...     "tiv_ordered": [10.0, 30.0], "orders": [1, 1], "deals_without_tiv": [0, 0]})
    >>> deliveries = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS"], "year": [2020],
    ...     "tiv": [10.0]})
    >>> moving_shares(orders, deliveries, "ARM", "RUS", 2020, 2021, width=2)
       year          of  share
    0  2021      orders   0.25
    1  2021  deliveries   1.00
    """
    windows = windows_within(first_year, last_year, width)
    shares = long_shares(orders_beside_deliveries(orders, deliveries, recipient, supplier, windows))
    return shares.rename(columns={"last_year": "year"})[["year", "of", "share"]]


def share_without_largest_year(
    transfers: pd.DataFrame, recipient: str, supplier: str, window: Window
) -> pd.Series:
    """A supplier's share in a window once the year with the most TIV is left out.

    A Series with `year` (the one left out), `share` and `total_tiv` (of what is left). It shows how
    much of a share rests on one year; the year is real and its share is not the truer one. Where
    nothing was delivered no year is the largest: `year` is None and the share NaN. Errors as in `supplier_share`.

    >>> deliveries = pd.DataFrame({"recipient": "ARM", "supplier": ["RUS", "RUS", "FRA"],
    ...     "year": [2019, 2020, 2020], "tiv": [30.0, 1.0, 1.0]})
    >>> share_without_largest_year(deliveries, "ARM", "RUS", (2019, 2020)).to_dict()
    {'year': 2019, 'share': 0.5, 'total_tiv': 2.0}
    """
    yearly = supplier_share(transfers, recipient, supplier, *window)
    delivered = yearly[yearly["total_tiv"] > 0].set_index("year")["total_tiv"]
    largest = int(delivered.idxmax()) if len(delivered) else None
    left = yearly[yearly["year"] != largest]
    total, own = left["total_tiv"].sum(), left["supplier_tiv"].sum()
    share = own / total if total > 0 else np.nan
    return pd.Series({"year": largest, "share": share, "total_tiv": total}, dtype="object")
