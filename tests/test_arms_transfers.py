"""Supplier shares: what must hold of any table, of gaps, and of input that cannot be used."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliances import arms_transfers
from alliances.problems import DataProblem

few = settings(max_examples=25, deadline=None)  # each example costs several data frames
DELIVERIES = pd.DataFrame(
    [
        ("ARM", "RUS", 2019, 30.0),
        ("ARM", "JOR", 2019, 10.0),
        ("ARM", "IND", 2021, 20.0),
        ("BLR", "RUS", 2018, 5.0),
        ("BLR", "RUS", 2023, 5.0),
    ],
    columns=["recipient", "supplier", "year", "tiv"],
)
ORDERS = pd.DataFrame(
    [
        ("ARM", "RUS", 2019, 10.0, 2, 0),
        ("ARM", "FRA", 2019, 30.0, 1, 0),
        ("ARM", "IND", 2022, np.nan, 1, 1),
        ("ARM", "FRA", 2022, 8.0, 1, 0),
    ],
    columns=["recipient", "supplier", "year", "tiv_ordered", "orders", "deals_without_tiv"],
)


@st.composite
def deliveries(draw):
    """Deliveries to one recipient, each supplier and year at most once."""
    key = st.tuples(st.sampled_from(["RUS", "IND", "FRA", "CHN"]), st.integers(2000, 2008))
    tiv = st.floats(0.01, 1000)
    found = draw(st.dictionaries(key, tiv, min_size=1))
    return pd.DataFrame(
        [("ARM", supplier, year, tiv) for (supplier, year), tiv in found.items()],
        columns=["recipient", "supplier", "year", "tiv"],
    )


def test_a_year_without_a_delivery_has_no_share_and_says_why():
    found = arms_transfers.supplier_share(DELIVERIES, "ARM", "RUS", 2017, 2021).set_index("year")
    assert found.loc[2019, "share"] == 0.75 and found.loc[2019, "reason"] == ""
    assert found.loc[2021, "share"] == 0 and found.loc[2021, "reason"] == ""
    assert np.isnan(found.loc[2020, "share"]) and found.loc[2020, "total_tiv"] == 0
    assert found.loc[2020, "reason"] == arms_transfers.NOTHING_RECORDED
    assert np.isnan(found.loc[2017, ["share", "total_tiv", "supplier_tiv"]].astype(float)).all()
    assert found.loc[2017, "reason"] == arms_transfers.NOT_COVERED


def test_without_years_all_years_of_the_table_come_back():
    found = arms_transfers.supplier_share(DELIVERIES, "ARM", "RUS")
    assert found["year"].tolist() == list(range(2018, 2024))


def test_a_window_says_how_much_of_it_is_covered():
    found = arms_transfers.supplier_share_by_window(
        DELIVERIES, "ARM", "RUS", [(2010, 2020), (2022, 2023), (2024, 2030)]
    )
    assert found["years_covered"].tolist() == [3, 2, 0]
    assert found["years_with_transfers"].tolist() == [1, 0, 0]
    assert found["reason"].tolist() == [
        "",
        arms_transfers.NOTHING_RECORDED,
        arms_transfers.NOT_COVERED,
    ]


def test_who_came_instead():
    found = arms_transfers.suppliers_by_window(DELIVERIES, "ARM", [(2019, 2021), (2022, 2023)])
    assert found["supplier"].tolist()[:3] == ["RUS", "IND", "JOR"]
    assert found["share"].tolist()[:3] == pytest.approx([30 / 60, 20 / 60, 10 / 60])
    assert found["supplier"].isna().tolist() == [False] * 3 + [True]
    assert found["reason"].iloc[-1] == arms_transfers.NOTHING_RECORDED


def test_concentration_of_an_empty_window_is_undefined():
    found = arms_transfers.supplier_concentration(DELIVERIES, "ARM", [(2022, 2023)]).iloc[0]
    assert np.isnan(found["herfindahl_hirschman_index"]) and np.isnan(found["effective_suppliers"])
    assert found["suppliers"] == 0 and found["reason"] == arms_transfers.NOTHING_RECORDED


def test_orders_stand_beside_deliveries_and_are_not_mixed():
    found = arms_transfers.orders_beside_deliveries(
        ORDERS, DELIVERIES, "ARM", "RUS", [(2019, 2020), (2021, 2022)]
    )
    assert found["order_share"].tolist() == [0.25, 0]
    assert found["delivery_share"].tolist() == [0.75, 0]
    assert found["total_tiv_ordered"].tolist() == [40, 8]
    assert found["total_tiv_delivered"].tolist() == [40, 20]
    assert found["supplier_orders"].tolist() == [2, 0]
    assert found["deals_without_tiv"].tolist() == [0, 1]


def test_an_order_without_a_tiv_is_unknown_and_not_nothing():
    found = arms_transfers.orders_beside_deliveries(
        ORDERS, DELIVERIES, "ARM", "IND", [(2021, 2022)]
    ).iloc[0]
    assert np.isnan(found["order_share"]) and np.isnan(found["supplier_tiv_ordered"])
    assert found["order_reason"] == arms_transfers.SUPPLIER_UNKNOWN
    assert found["supplier_deals_without_tiv"] == 1


@few
@given(deliveries())
def test_shares_lie_between_0_and_1_and_sum_to_1(table):
    windows = [(2000, 2008), *arms_transfers.rolling_windows(2000, 2008, width=3)]
    shares = arms_transfers.suppliers_by_window(table, "ARM", windows)
    assert shares["share"].dropna().between(0, 1).all()
    sums = shares.groupby(["first_year", "last_year"])["share"].sum(min_count=1).dropna()
    assert sums.to_numpy() == pytest.approx(1)


@few
@given(deliveries(), st.sampled_from(["RUS", "IND", "USA"]))
def test_a_window_of_one_year_is_that_year(table, supplier):
    yearly = arms_transfers.supplier_share(table, "ARM", supplier, 2000, 2008)
    single = arms_transfers.rolling_windows(2000, 2008, width=1)
    windows = arms_transfers.supplier_share_by_window(table, "ARM", supplier, single)
    for column in ("share", "supplier_tiv", "total_tiv", "reason"):
        pd.testing.assert_series_equal(yearly[column], windows[column])
    own = table[(table["supplier"] == supplier)].set_index("year")["tiv"]
    for row in yearly.dropna(subset="share").itertuples():
        total = table.loc[table["year"] == row.year, "tiv"].sum()
        assert row.share == pytest.approx(own.get(row.year, 0) / total)


@few
@given(deliveries())
def test_concentration_is_within_its_bounds(table):
    found = arms_transfers.supplier_concentration(table, "ARM", [(2000, 2008)]).iloc[0]
    index, suppliers = found["herfindahl_hirschman_index"], table["supplier"].nunique()
    assert 1 / suppliers - 1e-12 <= index <= 1 + 1e-12
    assert found["effective_suppliers"] == pytest.approx(1 / index)
    assert found["suppliers"] == suppliers


@few
@given(deliveries(), st.randoms())
def test_the_order_of_rows_and_other_recipients_change_nothing(table, random):
    mixed = pd.concat([table, table.assign(recipient="BLR")])
    mixed = mixed.iloc[random.sample(range(len(mixed)), len(mixed))]
    window = [(int(table["year"].min()), int(table["year"].max()))]
    for measure in (arms_transfers.suppliers_by_window, arms_transfers.supplier_concentration):
        pd.testing.assert_frame_equal(
            measure(table, "ARM", window), measure(mixed, "ARM", window), atol=1e-9
        )


def test_an_unknown_recipient_is_refused_with_the_known_ones():
    with pytest.raises(DataProblem, match=r"'ARN'.*ARM, BLR"):
        arms_transfers.supplier_share(DELIVERIES, "ARN", "RUS")


def test_a_first_year_after_the_last_is_refused():
    with pytest.raises(DataProblem, match="2021 to 2019"):
        arms_transfers.supplier_share(DELIVERIES, "ARM", "RUS", 2021, 2019)
    with pytest.raises(DataProblem, match=r"\(2021, 2019\); \(5, 4\)"):
        arms_transfers.supplier_concentration(
            DELIVERIES, "ARM", [(2021, 2019), (2019, 2020), (5, 4)]
        )
    with pytest.raises(DataProblem, match="width"):
        arms_transfers.rolling_windows(2019, 2020, width=3)


def test_all_unusable_rows_are_named_at_once():
    table = DELIVERIES.astype({"tiv": object, "year": object})
    table.loc[0, "tiv"], table.loc[1, "tiv"], table.loc[2, "tiv"] = -1, "much", np.nan
    table.loc[3, "year"] = 2018.5
    table.loc[5] = table.loc[4]
    with pytest.raises(DataProblem) as refusal:
        arms_transfers.supplier_share(table, "ARM", "RUS")
    text = str(refusal.value)
    for offender in (
        "row 1, column tiv: found -1",
        "row 2, column tiv: found much",
        "row 3, column tiv: found nan",
        "row 4, column year: found 2018.5",
        "row 5, column recipient, supplier, year",
        "row 6, column recipient",
    ):
        assert offender in text


def test_a_delivery_from_nobody_is_refused():
    """Left in, it would count in the total and in nobody's share."""
    with pytest.raises(DataProblem, match="row 2, column supplier"):
        arms_transfers.supplier_share(
            DELIVERIES.assign(supplier=["RUS", None, "IND", "RUS", "RUS"]), "ARM", "RUS"
        )


@pytest.mark.parametrize("column", ["recipient", "supplier", "year", "tiv"])
def test_a_missing_column_is_named(column):
    with pytest.raises(DataProblem, match=f"expected also {column}"):
        arms_transfers.supplier_share(DELIVERIES.drop(columns=column), "ARM", "RUS")


def test_orders_without_the_numbers_of_deals_are_refused():
    with pytest.raises(DataProblem, match="expected also orders"):
        arms_transfers.orders_beside_deliveries(
            ORDERS.drop(columns="orders"), DELIVERIES, "ARM", "RUS", [(2019, 2022)]
        )


def test_no_window_gives_no_row_and_all_columns():
    """A period outside the years that a table covers is no mistake of the reader's."""
    nothing = arms_transfers.windows_within(1993, 1992, width=1)
    some = [(2019, 2021)]
    for measure in (
        lambda windows: arms_transfers.supplier_share_by_window(DELIVERIES, "ARM", "RUS", windows),
        lambda windows: arms_transfers.suppliers_by_window(DELIVERIES, "ARM", windows),
        lambda windows: arms_transfers.supplier_concentration(DELIVERIES, "ARM", windows),
        lambda windows: arms_transfers.share_by_recipient(
            DELIVERIES, ["ARM", "BLR"], "RUS", windows
        ),
        lambda windows: arms_transfers.orders_beside_deliveries(
            ORDERS, DELIVERIES, "ARM", "RUS", windows
        ),
    ):
        assert measure(nothing).empty
        assert list(measure(nothing).columns) == list(measure(some).columns)


def test_years_fewer_than_the_width_hold_no_moving_window():
    found = arms_transfers.moving_shares(ORDERS, DELIVERIES, "ARM", "RUS", 2019, 2021, width=5)
    assert found.empty and list(found.columns) == ["year", "of", "share"]
    assert arms_transfers.windows_within(2019, 2023, width=5) == [(2019, 2023)]
    with pytest.raises(DataProblem, match="width 0"):
        arms_transfers.windows_within(2019, 2023, width=0)


def test_where_nothing_was_delivered_no_year_is_the_largest():
    for window in ((2022, 2023), (2024, 2030)):
        found = arms_transfers.share_without_largest_year(DELIVERIES, "ARM", "RUS", window)
        assert found["year"] is None and np.isnan(found["share"]) and found["total_tiv"] == 0


def test_a_window_of_one_year_is_named_once():
    shares = pd.DataFrame({"first_year": [2019, 2020], "last_year": [2019, 2021]})
    assert arms_transfers.with_window(shares)["window"].tolist() == ["2019", "2020–2021"]
