"""SIPRI's files: every layout is read, nothing else is, and the shipped tables come from them."""

import csv
import gzip
import io
import json
import re
import zipfile
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, SHARED, needs_shared, whole_and_cut

from alliances.problems import DataProblem
from alliances.sources import all_sources, sipri
from alliances.sources.names import iso3_column
from alliances.sources.remarks import gathered

FILES = SHARED / "data" / "sipri"
DELIVERIES = FILES / "trade_register_deliveries_1995-2024_gen2026-02-12.csv.gz"
ORDERS = FILES / "trade_register_orders_1950-2024_edition-2025.csv.gz"
OLDER_ORDERS = FILES / "trade_register_orders_1950-2023_gen2024-10-13.csv.gz"
IMPORTS = FILES / "tiv_table_imports_by_recipient_1950-2023_gen2024-10-13.csv"
EXPORTS = FILES / "tiv_table_exports_by_supplier_1950-2023_gen2024-10-13.csv"
OLD_EXPORTS = FILES / "TIV-Export-RUS-1950-2021.csv"
STUDY = {
    "focal": "ARM",
    "ally": "RUS",
    "first_year": 1992,
    "last_year": 2025,
    "comparison": ["AZE", "GEO"],
}

PREAMBLE = (
    "Transfers of major conventional arms from All countries  to All countries . Made up here;\r\n"
    "Figures are in millions;\r\n;\r\nData generated: 3 Mar 2026 9:05:00 AM;\r\n"
)
DELIVERY_HEADER = (
    "SIPRI AT Database ID,Supplier,Recipient,Designation,Description,Armament category,Order date,"
    "Order date is estimate,Numbers delivered,Numbers delivered is estimate,Delivery year,"
    "Delivery year is estimate,Status,SIPRI estimate,TIV deal unit,TIV delivery values,"
    "Local production;\r\n"
)
DELIVERY_ROWS = (
    "7,France,Armenia,Invented-1,radar,Sensors,2019,No,2,Yes,2020,,New,4,4,8,No;\r\n"
    "7,France,Armenia,Invented-1,radar,Sensors,2019,No,1,Yes,2021,,New,4,4,4,No;\r\n"
    "8,France,Armenia,Invented-2,radar,Sensors,,No,1,No,2021,No,New,0.1,0.1,0.1,No;\r\n"
    "9,Russia,Invented rebels*,Invented-3,gun,Guns,2020,No,1,No,2021,No,New,0.2,0.2,0.2,Yes;\r\n"
    "10,unknown supplier(s),Georgia,Invented,gun,Guns,2020,No,1,No,2021,No,New,0.2,0.2,0.2,No;\r\n"
)
DELIVERY_TEXT = PREAMBLE + DELIVERY_HEADER + DELIVERY_ROWS
ORDER_HEADER = (
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,"
    "Number delivered, ,Year(s) of delivery,status,Comments,SIPRI TIV per unit,"
    "SIPRI TIV for total order,SIPRI TIV of delivered weapons\n"
)
ORDER_ROWS = (
    "Armenia,Russia,1992,?,6,,Invented,tank,6,?,1993; 1994,New,old,2,12,12\n"
    "Armenia,France,2022,,10,?,Invented,radar,4,,2023,New,W\xe4rtsil\xe4 engine,2,20,8\n"
    "Armenia,France,2022,,,,Invented,missile,0,,,New,number not known,0.5,0,0\n"
    "Armenia,France,2023,,,,Invented,missile,0,,,New,number not known,0.5,0,0\n"
    "Georgia,Israel,2015,,3,,Invented,drone,3,,2016,New,3-year lease\n in two parts,3,9,9\n"
    "Georgia,Israel,2016,,3,,Invented,drone,3,,2017,New,,1,3,3\n"
)
ORDER_TEXT = PREAMBLE.replace(";\r\n", "\n") + ORDER_HEADER + ORDER_ROWS
TIV_TEXT = (
    "Volume of transfers of major arms\nData generated: 13 Oct 2024 12:33:29 PM\n\n"
    "Recipient,1992,1993,1994,1995,1992-1995,Percentage,Sum total years,Percentage of total\n"
    "Armenia,,7,5,,12,80%,12,80%\nGeorgia,,0 ,,,0 ,0.0%,0 ,0.0%\nChad,,3,,,3,20%,3,20%\n"
    "Total world import,,10,5,,15,100%,15,\n\n"
)
OLD_TIV_TEXT = (
    '"TIV of arms exports from Russia, 1993-1995",,,,\nGenerated: 28 July 2022,,,,\n,,,,\n'
    ",1993,1994,1995,Total\nArmenia,2,,1,3\n,,,,\nTotal,2,,1,3\n"
)
READERS = {
    "deliveries": (sipri.read_register_by_delivery, DELIVERY_TEXT),
    "orders": (sipri.read_register_by_order, ORDER_TEXT),
    "tiv": (lambda path: read_tiv_table(path), TIV_TEXT),
    "old tiv": (lambda path: read_tiv_table(path), OLD_TIV_TEXT),
}
ISRAEL = (
    "Volume of transfers of major arms\nSource: SIPRI Arms Transfers Database (c) SIPRI.\n"
    "Data generated: 28 Sep 2026 9:10:08 AM\n\n"
    "Supplier,2023,2024,2025,2023-2025,Percentage,Sum total years,Percentage of total\n"
    "United States,459,,490,949,63%,949,63%\nGermany,399,0 ,36,435,37%,435,37%\n"
    "Total exports to Israel,858,0 ,526,1384,100%,1384,\n"
)


def read_tiv_table(path):
    [table] = sipri.read_tiv_tables(path)
    return table


def saved(folder, text, name="file.csv", encoding="iso-8859-1"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_register_by_delivery_is_read_row_by_row(tmp_path):
    rows = sipri.read_register_by_delivery(saved(tmp_path, DELIVERY_TEXT))
    assert rows["tiv"].tolist() == [8, 4, 0.1, 0.2, 0.2]
    assert rows["year"].tolist() == [2020, 2021, 2021, 2021, 2021]
    assert rows["local_production"].tolist() == [False, False, False, True, False]
    assert rows["year_estimated"].isna().tolist() == [True, True, False, False, False]
    assert pd.isna(rows["order_year"][2])
    assert rows.attrs["edition"] == "generated 3 March 2026"


def test_a_register_by_order_is_read_and_its_broken_record_joined(tmp_path):
    rows = sipri.read_register_by_order(saved(tmp_path, ORDER_TEXT))
    assert len(rows) == 6
    lease = rows.loc[4]
    assert (lease["comments"], lease["tiv_unit"], lease["tiv_delivered"]) == (
        "3-year lease in two parts",
        3,
        9,
    )
    assert rows["comments"][1] == "W\xe4rtsil\xe4 engine"
    assert rows["ordered_estimated"].tolist() == [False, True, False, False, False, False]


def test_a_register_that_a_spreadsheet_saved_as_unicode_text_is_read_alike(tmp_path):
    plain = sipri.read_register_by_delivery(saved(tmp_path, DELIVERY_TEXT))
    wide = saved(tmp_path, DELIVERY_TEXT, "wide.csv", "utf-16")
    pd.testing.assert_frame_equal(sipri.read_register_by_delivery(wide), plain)


def test_an_order_of_unknown_size_has_no_value(tmp_path):
    rows = sipri.read_register_by_order(saved(tmp_path, ORDER_TEXT))
    assert rows["tiv_ordered"].isna().tolist() == [False, False, True, True, False, False]


def test_a_broken_record_filled_up_with_empty_cells_is_joined_too(tmp_path):
    halves = "3-year lease\n in two parts,3,9,9\n"
    filled = ORDER_TEXT.replace(halves, "3-year lease,,,\n in two parts,3,9,9,,,,,,,,,,,,\n")
    plain = sipri.read_register_by_order(saved(tmp_path, ORDER_TEXT))
    joined = sipri.read_register_by_order(saved(tmp_path, filled, "filled.csv"))
    pd.testing.assert_frame_equal(plain, joined)


def test_a_register_that_ends_in_the_first_half_of_a_record_is_refused(tmp_path):
    half = ORDER_TEXT[: ORDER_TEXT.index("\n in two parts")]
    for ending in ("\n", ",,,\n"):
        with pytest.raises(DataProblem, match="Download"):
            sipri.read_register_by_order(saved(tmp_path, half + ending))


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("compressed", [False, True])
def test_encoding_and_compression_make_no_difference(tmp_path, encoding, compressed):
    raw = ORDER_TEXT.encode(encoding)
    path = tmp_path / "orders.csv"
    path.write_bytes(gzip.compress(raw, mtime=0) if compressed else raw)
    assert sipri.read_register_by_order(path)["comments"][1] == "W\xe4rtsil\xe4 engine"


def test_a_register_without_preamble_is_read_and_has_no_edition(tmp_path):
    rows = sipri.read_register_by_order(saved(tmp_path, ORDER_HEADER + ORDER_ROWS))
    assert len(rows) == 6
    assert rows.attrs["edition"] == ""


def test_a_tiv_table_keeps_small_deliveries_and_leaves_out_totals(tmp_path):
    rows = read_tiv_table(saved(tmp_path, TIV_TEXT))
    assert rows[["recipient", "year", "tiv"]].values.tolist() == [
        ["Armenia", 1993, 7.0],
        ["Armenia", 1994, 5.0],
        ["Georgia", 1993, 0.0],
        ["Chad", 1993, 3.0],
    ]
    assert rows["supplier"].isna().all()
    assert rows.attrs["years"] == (1992, 1995)
    assert rows.attrs["of"] is None
    assert rows.attrs["generated"] == date(2024, 10, 13)


def test_a_table_of_exports_has_suppliers_in_its_rows(tmp_path):
    rows = read_tiv_table(saved(tmp_path, TIV_TEXT.replace("Recipient,", "Exports by,")))
    assert rows["supplier"].unique().tolist() == ["Armenia", "Georgia", "Chad"]
    assert rows["recipient"].isna().all()


@pytest.mark.parametrize(
    ("title", "supplier", "recipient"),
    [("exports from Russia", "Russia", "Armenia"), ("imports to Russia", "Armenia", "Russia")],
)
def test_an_old_tiv_table_names_the_other_side_in_its_title(tmp_path, title, supplier, recipient):
    rows = read_tiv_table(saved(tmp_path, OLD_TIV_TEXT.replace("exports from Russia", title)))
    assert rows["supplier"].unique().tolist() == [supplier]
    assert rows["recipient"].unique().tolist() == [recipient]
    assert rows["tiv"].tolist() == [2, 1]


def test_a_table_of_one_state_names_it_beside_its_totals(tmp_path):
    rows = read_tiv_table(saved(tmp_path, ISRAEL))
    assert rows["recipient"].unique().tolist() == ["Israel"]
    assert rows[["supplier", "year", "tiv"]].values.tolist() == [
        ["United States", 2023, 459],
        ["United States", 2025, 490],
        ["Germany", 2023, 399],
        ["Germany", 2024, 0],
        ["Germany", 2025, 36],
    ]
    assert rows.attrs["of"] == "recipient"
    other = ISRAEL.replace("Supplier,", "Recipient,").replace("exports to", "imports from")
    assert read_tiv_table(saved(tmp_path, other)).attrs["of"] == "supplier"


def test_a_file_with_tables_of_several_states_gives_each_of_them(tmp_path):
    text = ISRAEL + ISRAEL.replace("to Israel", "to Chad").replace("Germany", "France")
    first, second = sipri.read_tiv_tables(saved(tmp_path, text))
    assert first["recipient"].unique() == ["Israel"] and second["recipient"].unique() == ["Chad"]
    assert second["line"].min() == first["line"].min() + len(ISRAEL.splitlines())
    with pytest.raises(DataProblem, match="row 15, .*'4x9'"):
        sipri.read_tiv_tables(saved(tmp_path, text.replace("France,399", "France,4x9")))


def again(text, mark, decimals):
    """The text as a spreadsheet saves it after it has split it at the commas."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=mark, lineterminator="\r\n")
    for row in csv.reader(io.StringIO(text)):
        writer.writerow([re.sub(r"^(\d+)\.(\d+)$", rf"\1{decimals}\2", cell) for cell in row])
    return stream.getvalue()


@pytest.mark.parametrize(("mark", "decimals"), [(";", ","), (";", "."), ("\t", "."), ("\t", ",")])
@pytest.mark.parametrize("kind", READERS)
def test_a_file_that_a_spreadsheet_saved_again_is_read_as_what_it_was(
    tmp_path, kind, mark, decimals
):
    read, text = READERS[kind]
    text = text.replace("3-year lease\n in two", "3-year lease in two").replace("0.5,0,0", "0.5,,0")
    with gathered() as remarks:
        rows = read(saved(tmp_path, again(text, mark, decimals), "again.csv"))
    plain = read(saved(tmp_path, text, "plain.csv"))
    pd.testing.assert_frame_equal(rows.drop(columns="line"), plain.drop(columns="line"))
    assert any("a spreadsheet saved it again" in one for one in remarks)


def test_numbers_that_a_spreadsheet_made_dates_or_thousands_are_refused(tmp_path):
    text = again(DELIVERY_TEXT, ";", ".")
    unit = "1;No;2021;No;New;0.1;0.1;0.1"
    for old, new, said in (
        ("0.1;0.1", "0.1;01. Jan", "found '01. Jan'; expected a number"),
        (unit, unit.replace("0.1;0.1;0.1", "0.1;0.125;125"), "expected Numbers delivered times"),
    ):
        assert old in text
        with pytest.raises(DataProblem, match=re.escape(said)):
            sipri.read_register_by_delivery(saved(tmp_path, text.replace(old, new)))
    orders = again(ORDER_TEXT.replace("3-year lease\n in", "3-year lease in"), ";", ".")
    with pytest.raises(DataProblem, match="SIPRI TIV of delivered weapons: found 8000.0"):
        sipri.read_register_by_order(saved(tmp_path, orders.replace("2;20;8", "2;20;8000")))


def test_the_register_by_order_of_2026_has_another_heading(tmp_path):
    renamed = ORDER_TEXT.replace("Number delivered", "Deliveries in the Year Range")
    plain = sipri.read_register_by_order(saved(tmp_path, ORDER_TEXT, "old.csv"))
    pd.testing.assert_frame_equal(
        sipri.read_register_by_order(saved(tmp_path, renamed, "new.csv")), plain
    )


@pytest.mark.parametrize(
    ("years", "read"),
    [
        ("Deals with deliveries or orders made for year range '1950' to '2024'", True),
        ("Deals with deliveries made for the year range 'Not specified' to 'Not specified'", True),
        ("Deals with deliveries or orders made for year range '2000' to '2024'", False),
        ("Deals with deliveries made for the year range '1950' to '2025'", False),
    ],
)
def test_a_register_by_order_of_some_years_is_no_register_of_all_orders(tmp_path, years, read):
    path = saved(tmp_path, ORDER_TEXT.replace("Made up here", years))
    if read:
        assert len(sipri.read_register_by_order(path)) == 6
    else:
        with pytest.raises(DataProblem, match="without a choice of years"):
            sipri.read_register_by_order(path)


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_or_has_fewer_whole_rows(tmp_path_factory, kind, data):
    read, text = READERS[kind]
    whole, part = whole_and_cut(read, text, data, tmp_path_factory.mktemp("cut"), "iso-8859-1")
    if part is not None:
        pd.testing.assert_frame_equal(part, whole.head(len(part)), check_dtype=False)


def workbook():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b"\r\n \r\n", "is empty"),
        (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "web page"),
        (workbook(), "workbook"),
        (b"\xd0\xcf\x11\xe0old", "old spreadsheet"),
        (b"a,b\n\x00\x01", "binary"),
        (gzip.compress(DELIVERY_TEXT.encode(), mtime=0)[:60], "damaged or cut short"),
        (DELIVERY_TEXT.encode("utf-16")[2:], "binary data"),
        (ORDER_TEXT.replace(",", "\t").encode("utf-8"), "trade register by order"),
        (b"iso3,name\nARM,Armenia\n", "no header of SIPRI's"),
        (ORDER_TEXT.encode("utf-8"), "trade register by order"),
        (TIV_TEXT.encode(), "TIV table (since 2023)"),
        (OLD_TIV_TEXT.encode(), "TIV table (until 2023)"),
        ((PREAMBLE + DELIVERY_HEADER).encode(), "no row follows"),
        (DELIVERY_TEXT.replace("Delivery year,", "").encode(), "columns missing: Delivery year;"),
        (DELIVERY_TEXT.replace("Status,", "Status,Price,").encode(), "columns not known: Price"),
        (DELIVERY_TEXT.replace("Invented-1", '"Invented-1').encode(), "quotation mark"),
        (
            DELIVERY_TEXT.replace("from All countries", "from Russia").encode(),
            "from Russia  to All countries only",
        ),
        (DELIVERY_TEXT.replace("8,France", "7,France").encode(), "each deal once in a year"),
    ],
)
def test_what_is_no_register_by_delivery_is_refused_by_name(tmp_path, raw, said):
    path = tmp_path / "handed in.csv"
    path.write_bytes(raw)
    with pytest.raises(DataProblem) as refusal:
        sipri.read_register_by_delivery(path)
    assert said in str(refusal.value)
    assert "handed in.csv" in str(refusal.value)


def test_a_layout_of_sipri_that_another_import_reads_is_sent_there(tmp_path):
    for text, said in (
        (ORDER_TEXT, "It is read by alliances import sipri-orders, sipri-early-deliveries."),
        (TIV_TEXT, "It is read by alliances import sipri-tiv-tables, sipri-early-deliveries."),
        (OLD_TIV_TEXT, "It is read by alliances import sipri-tiv-tables."),
    ):
        with pytest.raises(DataProblem) as refusal:
            sipri.read_register_by_delivery(saved(tmp_path, text))
        assert said in str(refusal.value)
    with pytest.raises(DataProblem, match="It is read by alliances import sipri-deliveries."):
        sipri.read_register_by_order(saved(tmp_path, DELIVERY_TEXT))


def test_an_unknown_header_is_answered_with_the_known_layouts(tmp_path):
    with pytest.raises(DataProblem) as refusal:
        read_tiv_table(saved(tmp_path, "a,b\n1,2\n"))
    for layout in sipri.LAYOUTS:
        assert layout in str(refusal.value)


def test_a_directory_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(DataProblem, match="directory"):
        read_tiv_table(tmp_path)
    with pytest.raises(DataProblem, match="missing"):
        read_tiv_table(tmp_path / "nothing.csv")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with open(path, "wb") as file:
        for _ in range(101):
            file.write(b"a" * 1_000_000)
    with pytest.raises(DataProblem, match="more than 100 MB"):
        sipri.read_register_by_order(path)


def test_all_wrong_cells_are_named_at_once(tmp_path):
    bad = DELIVERY_TEXT.replace(",4,4,8,", ",4,4,-8,").replace("0.1,0.1,0.1", "0.1,0.1,")
    bad = bad.replace("2021,No,New", "2021,Maybe,New", 1)
    with pytest.raises(DataProblem) as refusal:
        sipri.read_register_by_delivery(saved(tmp_path, bad))
    said = str(refusal.value)
    assert "row 6, column TIV delivery values: found '-8'" in said
    assert "row 8, column TIV delivery values: found ''" in said
    assert "row 8, column Delivery year is estimate: found 'Maybe'" in said


def make(source, study, *paths):
    return all_sources()[source].make(list(paths), study)


def test_deliveries_are_summed_by_recipient_supplier_and_year(tmp_path):
    made = make("sipri-deliveries", STUDY, saved(tmp_path, DELIVERY_TEXT))
    table = made.tables["arms_transfers/deliveries"]
    assert table.drop(columns="source").values.tolist() == [
        ["ARM", "FRA", 2020, 8.0],
        ["ARM", "FRA", 2021, 4.1],
        ["GEO", "ZZZ", 2021, 0.2],
    ]
    assert made.covers == {"arms_transfers/deliveries": (2020, 2021)}


def test_a_state_nobody_knows_stops_the_import(tmp_path):
    path = saved(tmp_path, DELIVERY_TEXT.replace("Russia,Invented rebels*", "Russia,Armenai"))
    with pytest.raises(DataProblem, match="Armenai"):
        make("sipri-deliveries", STUDY, path)


def test_orders_of_unknown_size_are_counted_and_not_valued(tmp_path):
    made = make("sipri-orders", STUDY, saved(tmp_path, ORDER_TEXT))
    table = made.tables["arms_transfers/orders"].set_index(["supplier", "year"])
    partly, fully = table.loc[("FRA", 2022)], table.loc[("FRA", 2023)]
    assert (partly["tiv_ordered"], partly["orders"], partly["deals_without_tiv"]) == (20, 2, 1)
    assert pd.isna(fully["tiv_ordered"]) and fully["deals_without_tiv"] == 1
    assert ("RUS", 1992) not in table.index


@pytest.mark.parametrize("order", [1, -1])
def test_early_deliveries_take_the_total_from_the_table_and_the_supplier_from_the_orders(
    tmp_path, order
):
    orders = ORDER_TEXT + "Armenia,Chad,1993,,1,,Invented,gun,1,,1993,New,,2,2,2\n"
    orders += "Georgia,Russia,1993,,1,,Invented,gun,1,,1993,New,,0.4,0.4,0.4\n"
    paths = [saved(tmp_path, TIV_TEXT, "tiv.csv"), saved(tmp_path, orders, "orders.csv")]
    made = make("sipri-early-deliveries", STUDY, *paths[::order])
    table = made.tables["arms_transfers/deliveries"]
    assert table.drop(columns="source").values.tolist() == [
        ["ARM", "RUS", 1993, 5.25],
        ["ARM", "RUS", 1994, 5.0],
        ["ARM", "TCD", 1993, 1.75],
        ["GEO", "RUS", 1993, 0.0],
    ]


def test_a_yearly_total_that_no_order_explains_stops_the_import(tmp_path):
    paths = [saved(tmp_path, TIV_TEXT, "tiv.csv"), saved(tmp_path, ORDER_TEXT, "orders.csv")]
    with pytest.raises(DataProblem, match="GEO 1993"):
        make("sipri-early-deliveries", STUDY, *paths)


def test_too_many_files_and_the_wrong_ones_are_refused(tmp_path):
    tiv, orders = saved(tmp_path, TIV_TEXT, "tiv.csv"), saved(tmp_path, ORDER_TEXT, "orders.csv")
    for source, paths in [
        ("sipri-deliveries", [tiv, tiv]),
        ("sipri-deliveries", [orders]),
        ("sipri-orders", [tiv]),
        ("sipri-early-deliveries", [tiv, tiv]),
        ("sipri-early-deliveries", [orders]),
        ("sipri-early-deliveries", [saved(tmp_path, OLD_TIV_TEXT, "old.csv"), orders]),
    ]:
        with pytest.raises(DataProblem, match="expected"):
            make(source, STUDY, *paths)


PAIR = {"focal": "ARM", "ally": "RUS", "last_year": 2025}


def imports_to(state, rows, years=(2023, 2024), day="13 Oct 2024"):
    """A TIV table of the imports to one state: {supplier: values}, or None where there are none."""
    lines = [
        f"Volume of transfers of major arms\nData generated: {day} 9:10:08 AM\n",
        f"Supplier,{years[0]},{years[1]},{years[0]}-{years[1]},Percentage,Sum total years,"
        "Percentage of total",
        *(
            ",".join([who, *("" if value is None else str(value) for value in values), "9,9%,9,9%"])
            for who, values in rows.items()
        ),
        f"Total exports to {state},9,9,9,100%,9,",
    ]
    return "\n".join(lines) + "\n"


def all_imports(rows):
    text = imports_to("", rows).replace("Supplier,", "Recipient,")
    return text.replace("Total exports to ", "Total world import")


ARMENIA = imports_to("Armenia", {"India": (28, None), "unknown supplier(s)": ("0 ", None)})
RUSSIA = imports_to("Russia", {"Iran": (76, None)})


def test_tables_of_imports_make_the_deliveries(tmp_path):
    paths = [saved(tmp_path, ARMENIA, "armenia.csv"), saved(tmp_path, RUSSIA, "russia.csv")]
    made = make("sipri-tiv-tables", PAIR, *paths)
    assert made.tables["arms_transfers/deliveries"].values.tolist() == [
        ["ARM", "IND", 2023, 28.0, "sipri-tiv-tables"],
        ["ARM", "ZZZ", 2023, 0.0, "sipri-tiv-tables"],
        ["RUS", "IRN", 2023, 76.0, "sipri-tiv-tables"],
    ]
    assert made.covers == {"arms_transfers/deliveries": (2023, 2023)}
    one = make("sipri-tiv-tables", PAIR, saved(tmp_path, ARMENIA + RUSSIA, "both.csv"))
    assert one.tables["arms_transfers/deliveries"].equals(made.tables["arms_transfers/deliveries"])
    assert "on trust" in " ".join(made.said)


@pytest.mark.parametrize(
    ("day", "last"), [("13 Oct 2024", 2023), ("2 Feb 2024", 2022), ("2 Apr 2025", 2024)]
)
def test_years_that_sipri_had_not_published_are_not_covered(tmp_path, day, last):
    rows = {"India": (1, None)}
    text = "".join(imports_to(state, rows, (2022, 2024), day) for state in ("Armenia", "Russia"))
    made = make("sipri-tiv-tables", PAIR, saved(tmp_path, text))
    assert made.covers == {"arms_transfers/deliveries": (2022, last)}


def test_the_table_of_all_imports_shows_whether_suppliers_are_missing(tmp_path):
    tables = saved(tmp_path, ARMENIA + RUSSIA, "tables.csv")
    right = saved(tmp_path, all_imports({"Armenia": (28, None), "Russia": (77, None)}), "right.csv")
    made = make("sipri-tiv-tables", PAIR, right, tables)
    assert len(made.tables["arms_transfers/deliveries"]) == 3
    assert "on trust" not in " ".join(made.said)
    wrong = saved(tmp_path, all_imports({"Armenia": (40, None), "Russia": (76, 3)}), "wrong.csv")
    with pytest.raises(DataProblem, match=r"ARM 2023 \(28 of 40\), RUS 2024 \(0 of 3\)"):
        make("sipri-tiv-tables", PAIR, wrong, tables)


def test_tables_of_exports_do_if_they_hold_all_that_was_received(tmp_path):
    exports = imports_to("India", {"Armenia": (28, None)}).replace("Supplier,", "Recipient,")
    exports = saved(tmp_path, exports.replace("exports to", "imports from"), "india.csv")
    whole = saved(tmp_path, all_imports({"Armenia": (28, None), "Chad": (5, 5)}), "all.csv")
    made = make("sipri-tiv-tables", PAIR, exports, whole)
    assert made.tables["arms_transfers/deliveries"].values.tolist() == [
        ["ARM", "IND", 2023, 28.0, "sipri-tiv-tables"]
    ]
    with pytest.raises(DataProblem, match="all suppliers of ARM, RUS. Exports from IND are there"):
        make("sipri-tiv-tables", PAIR, exports)
    more = saved(tmp_path, all_imports({"Armenia": (31, None)}), "more.csv")
    with pytest.raises(DataProblem, match=r"ARM 2023 \(28 of 31\)"):
        make("sipri-tiv-tables", PAIR, exports, more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ARMENIA, "no table tells all suppliers of RUS"),
        (ARMENIA + RUSSIA + ARMENIA, "both have imports to ARM"),
        (TIV_TEXT + TIV_TEXT, "both have all imports"),
        (TIV_TEXT.replace("Recipient,", "Exports by,"), "Choose the recipient"),
        (ARMENIA + RUSSIA.replace("Iran", "Irna"), "Irna"),
        (ORDER_TEXT, "trade register by order"),
        ((ARMENIA + RUSSIA)[:-60], "no header of SIPRI's"),
    ],
)
def test_tables_that_do_not_tell_all_are_refused(tmp_path, text, said):
    with pytest.raises(DataProblem, match=said):
        make("sipri-tiv-tables", PAIR, saved(tmp_path, text))


def test_a_state_that_received_nothing_is_known_to_have_received_nothing(tmp_path):
    old = imports_to("Armenia", {"India": (28, None)}, (1992, 2023))
    late = imports_to("Russia", {"Iran": (5, None)}, (1992, 2023))
    made = make("sipri-tiv-tables", PAIR, saved(tmp_path, old.replace("28,,", ",28,") + late))
    assert made.tables["arms_transfers/deliveries"]["recipient"].tolist() == ["ARM"]
    assert made.covers == {"arms_transfers/deliveries": (1993, 2023)}


def test_recipients_of_other_studies_are_left_out_and_named(tmp_path):
    chad = imports_to("Chad", {"France": (3, 3)})
    made = make("sipri-tiv-tables", PAIR, saved(tmp_path, ARMENIA + RUSSIA + chad))
    assert "TCD" not in set(made.tables["arms_transfers/deliveries"]["recipient"])
    assert "no such recipient: TCD" in made.said[-1]


# --- with the producers' files at hand ---


@needs_shared
def test_tables_of_pairs_agree_with_the_register_but_for_rounding_and_revisions(tmp_path):
    """The tables of four recipients of 2022, put together from all pairs, through the import."""
    pairs = pd.read_csv(FILES / "sipri-exports-processed_1950-2021_dyads.csv.gz")
    names = {"ARM": "Armenia", "RUS": "Russia", "BLR": "Belarus", "GEO": "Georgia"}
    text = ""
    for state in names.values():
        rows = pairs[pairs["recipient"].eq(state) & pairs["year"].between(1993, 2021)]
        wide = rows.pivot(index="supplier", columns="year", values="value")
        wide = wide.reindex(columns=range(1993, 2022))
        wide.loc["Total"] = wide.sum(min_count=1)
        wide["Total"] = wide.sum(axis=1)
        title = f"TIV of arms imports to {state}, 1993-2021\nGenerated: 28 July 2022\n"
        text += title + wide.to_csv(float_format="%.0f", index_label="")
    four = {"focal": "ARM", "ally": "RUS", "comparison": ["BLR", "GEO"], "last_year": 2025}
    made = make("sipri-tiv-tables", four, saved(tmp_path, text, encoding="utf-8"))
    assert made.covers == {"arms_transfers/deliveries": (1993, 2021)}
    key = ["recipient", "supplier", "year"]
    ours = made.tables["arms_transfers/deliveries"].set_index(key)["tiv"]
    register = shipped("arms_transfers/deliveries").query("1995 <= year <= 2021")
    register = register[register["recipient"].isin(list(names))].set_index(key)["tiv"]
    both = register.index.intersection(ours.index)
    assert len(both) / len(register) > 0.9
    assert ((ours[both] - register[both]).abs() <= 0.5).mean() > 0.85
    assert ours[both].sum() == pytest.approx(register[both].sum(), rel=0.05)


@needs_shared
def test_russias_exports_alone_do_not_tell_who_else_supplied_its_allies():
    with pytest.raises(DataProblem) as refusal:
        make("sipri-tiv-tables", study(), OLD_EXPORTS, IMPORTS)
    assert "do not add up" in str(refusal.value) and "ARM 1999 (0 of 2)" in str(refusal.value)
    with pytest.raises(DataProblem, match="Exports from RUS are there, but not what others"):
        make("sipri-tiv-tables", study(), OLD_EXPORTS)


@needs_shared
@pytest.mark.parametrize("mark", [";", "\t"])
def test_sipris_registers_saved_by_a_spreadsheet_are_read_as_delivered(tmp_path, mark):
    for read, path in (
        (sipri.read_register_by_delivery, DELIVERIES),
        (sipri.read_register_by_order, ORDERS),
    ):
        text = gzip.decompress(path.read_bytes()).decode("iso-8859-1").removeprefix("ï»¿")
        rows = read(saved(tmp_path, again(text, mark, ",")))
        pd.testing.assert_frame_equal(
            rows.drop(columns=["line", *rows.select_dtypes("str")]),
            read(path).drop(columns=["line", *rows.select_dtypes("str")]),
        )


def shipped(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv", keep_default_na=False, na_values=[""])


def study():
    return json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))["study"]


@needs_shared
def test_the_shipped_deliveries_are_made_again_to_the_byte():
    parts = [
        make("sipri-deliveries", study(), DELIVERIES),
        make("sipri-early-deliveries", study(), IMPORTS, ORDERS),
    ]
    table = pd.concat([part.tables["arms_transfers/deliveries"] for part in parts])
    table = table.sort_values(["recipient", "supplier", "year"])
    made = table.to_csv(index=False, lineterminator="\n").encode()
    assert made == (ROOT / "data" / "arms_transfers" / "deliveries.csv").read_bytes()


@needs_shared
def test_the_shipped_orders_are_made_again_to_the_byte():
    table = make("sipri-orders", study(), ORDERS).tables["arms_transfers/orders"]
    made = table.to_csv(index=False, lineterminator="\n").encode()
    assert made == (ROOT / "data" / "arms_transfers" / "orders.csv").read_bytes()


@needs_shared
def test_every_file_of_sipri_is_read_whole():
    assert len(sipri.read_register_by_delivery(DELIVERIES)) == 25_024
    # 29,507 and 27,954 lines, less the second halves of four and of two broken records
    assert len(sipri.read_register_by_order(ORDERS)) == 29_503
    older = sipri.read_register_by_order(OLDER_ORDERS)
    assert older.attrs["edition"] == "generated 13 October 2024"
    joined = older[
        (older["recipient"] == "United Nations**")
        & older["comments"].str.startswith("3-year lease")
    ]
    assert joined["tiv_delivered"].tolist() == [9]
    assert len(older) == len(gzip.decompress(OLDER_ORDERS.read_bytes()).splitlines()) - 12 - 2
    assert read_tiv_table(OLD_EXPORTS)["tiv"].sum() == pytest.approx(152_936, abs=400)
    assert read_tiv_table(EXPORTS)["year"].agg(["min", "max"]).tolist() == [1950, 2023]


@needs_shared
def test_the_orders_add_up_to_sipris_own_totals():
    """Two files of the same day: all deliveries in the register against the table's grand total."""
    register = sipri.read_register_by_order(OLDER_ORDERS)["tiv_delivered"].sum()
    table = read_tiv_table(IMPORTS)["tiv"].sum()
    assert register == pytest.approx(table, rel=0.002)


@needs_shared
def test_the_years_of_the_register_agree_with_sipris_table_of_imports():
    """The table of October 2024 is rounded to whole TIV; the register of 2026 has revised years."""
    table = read_tiv_table(IMPORTS)
    names = {"Armenia": "ARM", "Georgia": "GEO", "Tajikistan": "TJK", "Kyrgyzstan": "KGZ"}
    table = table[table["recipient"].isin(names) & table["year"].between(1993, 2019)]
    printed = table.assign(recipient=table["recipient"].map(names)).set_index(
        ["recipient", "year"]
    )["tiv"]
    ours = shipped("arms_transfers/deliveries").groupby(["recipient", "year"])["tiv"].sum()
    ours = ours.reindex(printed.index, fill_value=0)
    assert ((ours - printed).abs() <= 0.5).mean() > 0.9
    assert ours.sum() == pytest.approx(printed.sum(), rel=0.02)


@needs_shared
def test_the_table_of_imports_is_nearer_to_the_register_than_orders_spread_evenly():
    """Why the years before the register come from the table: figures of the description."""
    years, codes = (1995, 2023), [study()["focal"], study()["ally"], *study()["comparison"]]
    names = {"Armenia", "Azerbaijan", "Belarus", "Georgia", "Kazakhstan", "Kyrgyzstan"}
    names |= {"Russia", "Tajikistan"}
    orders = sipri.read_register_by_order(ORDERS)
    orders = orders[orders["recipient"].isin(names) & orders["tiv_delivered"].gt(0)]
    spread = [
        (deal.recipient, int(year), deal.tiv_delivered / len(deal.delivery_years.split("; ")))
        for deal in orders.itertuples()
        for year in deal.delivery_years.split("; ")
    ]
    table = read_tiv_table(IMPORTS)
    table = table[table["recipient"].isin(names)]
    register = shipped("arms_transfers/deliveries").query("year >= 1995 and year <= 2023")
    register = register.groupby(["recipient", "year"])["tiv"].sum()
    distance = {}
    for name, rows in (
        ("spread", pd.DataFrame(spread, columns=["recipient", "year", "tiv"])),
        ("table", table[["recipient", "year", "tiv"]]),
    ):
        rows = rows[rows["year"].between(*years)]
        rows = rows.assign(recipient=iso3_column(rows["recipient"], name))
        sums = rows.groupby(["recipient", "year"])["tiv"].sum()
        distance[name] = sums.sub(register, fill_value=0).abs().sum()
    assert set(register.index.get_level_values(0)) <= set(codes)
    assert register.sum() == pytest.approx(12_667, abs=0.5)
    assert distance["table"] == pytest.approx(384, abs=0.5)
    assert distance["spread"] == pytest.approx(1_956, abs=0.5)


@needs_shared
def test_the_reference_of_january_2025_agrees_but_for_stated_revisions():
    reference = pd.read_csv(SHARED / "reference" / "sipri_tiv_by_supplier_year.csv")
    recipients = {"Armenia": "ARM", "Belarus": "BLR", "Georgia": "GEO"}
    reference = reference[reference["recipient"].isin(recipients)]
    keyed = reference.assign(
        recipient=reference["recipient"].map(recipients),
        supplier=iso3_column(reference["supplier"], "reference"),
    ).set_index(["recipient", "supplier", "year"])["tiv"]
    ours = shipped("arms_transfers/deliveries").set_index(["recipient", "supplier", "year"])["tiv"]
    both = keyed.index.intersection(ours.index)
    revised = both[~((keyed[both] - ours[both]).abs() < 1e-6).to_numpy()]
    assert keyed.index.isin(ours.index).all()
    assert set(revised) == {("BLR", "RUS", 2022), ("BLR", "RUS", 2023), ("GEO", "POL", 2023)}


def test_armenias_deliveries_hold_the_facts_the_book_rests_on():
    table = shipped("arms_transfers/deliveries").query("recipient == 'ARM'")
    for years, total, russia in (((2011, 2020), 397.6, 0.939), ((2021, 2024), 89.4, 0.324)):
        rows = table[table["year"].between(*years)]
        assert rows["tiv"].sum() == pytest.approx(total, abs=0.05)
        share = rows.loc[rows["supplier"] == "RUS", "tiv"].sum() / rows["tiv"].sum()
        assert share == pytest.approx(russia, abs=0.0005)
    assert not set(table["year"]) & {2012, 2014, 2015, 2018, 2020}
    early = table[table["year"] < 1995].set_index("year")["tiv"]
    assert early.to_dict() == {1993: 2, 1994: 181}


def test_armenias_orders_hold_the_facts_the_book_rests_on():
    rows = shipped("arms_transfers/orders").query("recipient == 'ARM' and year >= 2020")
    by_supplier = rows.groupby("supplier")["tiv_ordered"].sum()
    assert by_supplier.sum() == pytest.approx(468.8, abs=0.05)
    shares = (by_supplier / by_supplier.sum()).round(3).to_dict()
    assert shares == {"FRA": 0.157, "IND": 0.782, "RUS": 0.062}
    konkurs = rows.query("supplier == 'IND' and year == 2022").iloc[0]
    assert pd.isna(konkurs["tiv_ordered"]) and konkurs["deals_without_tiv"] == 1


def test_every_statement_on_arms_has_its_row_and_its_reading():
    rows = shipped("arms_transfers/article_table_1")
    said = shipped("arms_transfers/article_statements")
    assert [*said["statement"], *rows["statement"]] == [f"A{number}" for number in range(2, 12)]
    moved = rows[(rows["country_printed"] == "India") & (rows["supplier"] != "IND")]
    assert moved[["statement", "supplier"]].values.tolist() == [["A7", "FRA"]]
    readings = shipped("arms_transfers/readings")
    assert set(readings["statement"]) <= {*said["statement"], *rows["statement"]}
    assert {"A7", "A11", "A2", "A3"} <= set(readings["statement"])
