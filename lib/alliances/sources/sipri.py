"""SIPRI Arms Transfers Database: its trade registers and TIV tables, in every layout met so far.

SIPRI's files are never shipped. What is shipped are sums by recipient, supplier and year that this
module makes from them; they are the study's calculations and not SIPRI's.
"""

import csv
import io
import re
from collections.abc import Collection
from datetime import datetime
from itertools import product
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file, states_of
from alliances.sources.cells import plain_numbers
from alliances.sources.names import iso3_column
from alliances.sources.opening import DELIMITERS, read_text, split_lines
from alliances.sources.remarks import remark

BY_DELIVERY = "trade register by delivery year"
BY_ORDER = "trade register by order"
TIV_TABLE = "TIV table (since 2023)"
OLD_TIV_TABLE = "TIV table (until 2023)"
LAYOUTS = (BY_DELIVERY, BY_ORDER, TIV_TABLE, OLD_TIV_TABLE)
_READ_BY = {
    BY_DELIVERY: "It is read by alliances import sipri-deliveries.",
    BY_ORDER: "It is read by alliances import sipri-orders, sipri-early-deliveries.",
    TIV_TABLE: "It is read by alliances import sipri-tiv-tables, sipri-early-deliveries.",
    OLD_TIV_TABLE: "It is read by alliances import sipri-tiv-tables.",
}

# For 1992 SIPRI has one delivery to these states, a ship ordered in Poland by the Soviet Union.
FIRST_YEAR = 1993
# The register by delivery year at hand begins here; the years before come from the TIV table.
FIRST_REGISTER_YEAR = 1995

_DELIVERY_COLUMNS = {
    "SIPRI AT Database ID": "deal",
    "Supplier": "supplier",
    "Recipient": "recipient",
    "Designation": "weapon",
    "Description": "description",
    "Armament category": "category",
    "Order date": "order_year",
    "Order date is estimate": "order_year_estimated",
    "Numbers delivered": "delivered",
    "Numbers delivered is estimate": "delivered_estimated",
    "Delivery year": "year",
    "Delivery year is estimate": "year_estimated",
    "Status": "status",
    "SIPRI estimate": "tiv_new_unit",
    "TIV deal unit": "tiv_unit",
    "TIV delivery values": "tiv",
    "Local production": "local_production",
}
_ORDER_HEADER = (
    "Recipient,Supplier,Year of order,,Number ordered,,Weapon designation,Weapon description,"
    "Number delivered,,Year(s) of delivery,status,Comments,SIPRI TIV per unit,"
    "SIPRI TIV for total order,SIPRI TIV of delivered weapons"
).split(",")
_ORDER_COLUMNS = (
    "recipient,supplier,order_year,order_year_estimated,ordered,ordered_estimated,weapon,"
    "description,delivered,delivered_estimated,delivery_years,status,comments,tiv_unit,"
    "tiv_ordered,tiv_delivered"
).split(",")
# What the site has written since 2026 over the column that was "Number delivered" before.
_ORDER_HEADER_OF_2026 = [
    "Deliveries in the Year Range" if title == "Number delivered" else title
    for title in _ORDER_HEADER
]
_COMMENTS = _ORDER_COLUMNS.index("comments")
_TIV_TITLE = re.compile(r'"?(Volume of transfers of major|TIV of) arms')
_TIV_TAIL = ["Percentage", "Sum total years", "Percentage of total"]
_NOT_STATES = {"unknown recipient(s)", "northern cyprus", "libya gnc"}
_SHOWN = 5
_FURTHEST_HEADER = 60


def read_register_by_delivery(path: Path | str) -> pd.DataFrame:
    """SIPRI's trade register by delivery year: one row for each deal and year of delivery.

    Columns: line (in the file), deal (SIPRI's number), supplier, recipient, weapon, description,
    category, order_year, delivered (items), year (of delivery), status, tiv_new_unit, tiv_unit and
    tiv (millions of trend-indicator values), local_production, and three flags `*_estimated`;
    names as SIPRI writes them. A flag that SIPRI leaves empty is missing, not false.
    `attrs["edition"]` holds the date on which SIPRI generated the file. TIV measures military
    capability, not money, and a deal delivered in two years has two rows. A file in any other
    layout, and a row that is cut, raise a DataProblem. Source: SIPRI Arms Transfers Database.

    >>> read_register_by_delivery("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    name, text = Path(path).name, read_text(path)
    lines, again = _table(name, text, (BY_DELIVERY,))
    rows, problems = [], []
    closing = lines[0][1][-1].endswith(";")
    for line, cells in lines[1:]:
        if len(cells) != len(_DELIVERY_COLUMNS) or cells[-1].endswith(";") != closing:
            problems.append(_cut_row(name, line, cells, len(_DELIVERY_COLUMNS)))
        else:
            rows.append([line, *(cell.strip() for cell in cells[:-1]), cells[-1].rstrip("; ")])
    frame = _frame(name, text, rows, ["line", *_DELIVERY_COLUMNS.values()], problems)
    whole = ["order_year", "year"]
    numbers = ["delivered", "tiv_new_unit", "tiv_unit", "tiv"]
    flags = ["order_year_estimated", "delivered_estimated", "year_estimated", "local_production"]
    heading = {column: title for title, column in _DELIVERY_COLUMNS.items()}
    if again:
        frame = _as_delivered(name, frame, numbers)
    doubled = frame.duplicated(["deal", "year"])
    _refuse(name, _bad_cells(name, frame, "deal", heading, doubled, "each deal once in a year"))
    frame = _typed(
        name, frame, heading, whole, numbers, dict.fromkeys(flags, ("Yes", "No")), {"year", "tiv"}
    )
    if again:
        _refuse_other_products(name, frame, ["delivered", "tiv_unit", "tiv"], heading)
    return frame


def read_register_by_order(path: Path | str) -> pd.DataFrame:
    """SIPRI's trade register by year of order: one row for each deal, delivered or not.

    Columns: line, recipient, supplier, order_year, ordered and delivered (items), weapon,
    description, delivery_years (as SIPRI lists them, "2017; 2018"), status, comments, tiv_unit,
    tiv_ordered, tiv_delivered (millions of TIV), and flags `*_estimated` (SIPRI's "?"). The years
    of delivery have no values of their own here. tiv_ordered is missing where SIPRI leaves it
    empty, and also where it prints 0 beside an empty number ordered: an order of unknown size is
    not an order of nothing. Records that a line feed in the comments has broken are joined again;
    anything else that is cut, and any other layout, raise a DataProblem. Source: SIPRI Arms
    Transfers Database.

    >>> read_register_by_order("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    name, text = Path(path).name, read_text(path)
    lines, again = _table(name, text, (BY_ORDER,))
    rows, problems = [], []
    for line, cells in _joined(lines[1:]):
        if len(cells) != len(_ORDER_COLUMNS) or not all(cells[:2]):
            problems.append(_cut_row(name, line, cells, len(_ORDER_COLUMNS)))
        else:
            rows.append([line, *(cell.strip() for cell in cells)])
    if rows and not any(rows[-1][-3:]):
        problems.append(
            f"{name}, row {rows[-1][0]}: the last row has no TIV and may be half a record; expected"
            " the whole file. Download it again."
        )
    frame = _frame(name, text, rows, ["line", *_ORDER_COLUMNS], problems)
    numbers = ["ordered", "delivered", "tiv_unit", "tiv_ordered", "tiv_delivered"]
    flags = ["order_year_estimated", "ordered_estimated", "delivered_estimated"]
    heading = {column: title or "?" for title, column in zip(_ORDER_HEADER, _ORDER_COLUMNS)}
    needed = {"order_year"}
    if again:
        frame = _as_delivered(name, frame, numbers)
    frame = _typed(
        name, frame, heading, ["order_year"], numbers, dict.fromkeys(flags, ("?", "")), needed
    )
    if again:
        _refuse_other_products(name, frame, ["delivered", "tiv_unit", "tiv_delivered"], heading)
    _years_of_delivery(name, frame)
    unknown = frame["ordered"].isna() & frame["tiv_ordered"].eq(0)
    frame["tiv_ordered"] = frame["tiv_ordered"].mask(unknown)
    return frame


def read_tiv_tables(path: Path | str) -> list[pd.DataFrame]:
    """SIPRI's TIV tables of one file, of either layout, each a row for a state and year.

    One file holds several tables where several states were chosen on SIPRI's site. Columns: line,
    recipient, supplier, year, tiv (millions, rounded by SIPRI to whole ones). In a table of all
    imports the supplier is missing, in one of all exports the recipient: the value is the sum over
    everybody. A year without a row is one in which SIPRI found no delivery; 0 means some, below
    half a million. Of each table `attrs` holds: years, the first and last year with a column; of,
    the side of the trade ("recipient" or "supplier") that is one state in the whole table, or None;
    state, that state's name; generated, SIPRI's date or None; edition, the same in words. Totals
    are left out, and a table without its row of totals was cut and is refused, as is any other
    layout. Source: SIPRI Arms Transfers Database.

    >>> read_tiv_tables("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    return [_tiv_table(Path(path).name, text) for text in _single_tables(read_text(path))]


def _single_tables(text):
    """The text of each table in a file, below blank lines, so that its rows keep their number."""
    lines = text.splitlines(keepends=True)
    starts = [place for place, line in enumerate(lines) if _TIV_TITLE.match(line)] or [0]
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(lines)]):
        yield "\n" * start + "".join(lines[start:end])


def _tiv_table(name, text):
    lines, again = _table(name, text, (TIV_TABLE, OLD_TIV_TABLE))
    header = [cell.strip() for cell in lines[0][1]]
    years = {place: int(cell) for place, cell in enumerate(header) if re.fullmatch(r"\d{4}", cell)}
    problems = [
        _cut_row(name, line, cells, len(header))
        for line, cells in lines[1:]
        if len(cells) != len(header)
    ]
    body, totals = lines[1:-1], lines[-1][1]
    if not totals[0].startswith("Total"):
        problems.append(
            f"{name}: it has no row of totals at its end, so it was cut. Download it again."
        )
    rows = [
        [line, cells[0].strip(), year, cells[place].strip()]
        for line, cells in body
        for place, year in years.items()
        if place < len(cells) and cells[place].strip()
    ]
    frame = _frame(name, text, rows, ["line", "state", "year", "tiv"], problems)
    if again:
        frame = _as_delivered(name, frame, ["tiv"])
    frame = _typed(
        name, frame, {"year": "year", "tiv": "a year"}, ["year"], ["tiv"], {}, {"year", "tiv"}
    )
    frame.attrs["of"], frame.attrs["state"], in_rows = _sides(text, header[0], totals[0])
    frame.attrs["years"] = min(years.values()), max(years.values())
    frame.attrs["generated"] = _generated(text)
    other = "recipient" if in_rows == "supplier" else "supplier"
    frame[other] = pd.Series(frame.attrs["state"], index=frame.index, dtype="str")
    frame = frame.rename(columns={"state": in_rows})
    return frame[["line", "recipient", "supplier", "year", "tiv"]]


def _sides(text, first_heading, totals):
    """The side that is one state in the whole table, that state, and the side that is in the rows.

    The one state stands in the title of old tables and beside the totals of new ones, or nowhere.
    """
    one = re.search(r"TIV of arms (exports|imports) (from|to|of) (.+?), \d{4}", text)
    one = one or re.match(r"Total (exports?|imports?) (from|to) (.+)", totals.strip())
    if one is None:
        of_exports = first_heading.lower().startswith(("export", "supplier"))
        return None, None, "supplier" if of_exports else "recipient"
    if one.group(2) == "from":
        return "supplier", one.group(3), "recipient"
    return "recipient", one.group(3), "supplier"


def _table(name, text, wanted):
    """(line number, cells) of the header and of every row after it that is not blank.

    And whether a spreadsheet has saved the file again, with another sign between the columns.
    """
    mark = _between_columns(text)
    reader, lines, layout = csv.reader(io.StringIO(text), delimiter=mark, strict=True), [], None
    try:
        for cells in reader:
            layout = layout or _layout(cells)
            if layout and any(cells):
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise DataProblem(
            f"{name}, row {reader.line_num}: a quotation mark is not closed or stands in the wrong"
            f" place ({error}). Download the file again and hand it in unchanged."
        ) from None
    if layout is None:
        raise DataProblem(f"{name}: {_strange(text)} The layouts known are: {'; '.join(LAYOUTS)}.")
    if layout not in wanted:
        raise DataProblem(
            f"{name}: this is SIPRI's {layout}; expected its {' or '.join(wanted)}. Hand in that"
            f" file. {_READ_BY[layout]}"
        )
    complete = text.endswith(("\n", "\r")) or layout == BY_DELIVERY and text.endswith(";")
    if not complete:
        raise DataProblem(
            f"{name}, row {len(text.splitlines())}: the file ends in the middle of a row. Download"
            " it again and hand it in unchanged."
        )
    _refuse_part(name, text, layout)
    if len(lines) == 1:
        raise DataProblem(
            f"{name}: the header is there, but no row follows. Download the file again."
        )
    if mark != ",":
        remark(
            f"{name}: a spreadsheet saved it again, with {DELIMITERS[mark]} between the columns; it"
            " was read so."
        )
    return lines, mark != ","


def _between_columns(text):
    """The sign between the columns: the one with which some line is a header of SIPRI's."""
    start = text.lstrip().splitlines()[:_FURTHEST_HEADER]
    for mark in DELIMITERS:
        if any(map(_layout, split_lines(start, mark))):
            return mark
    return ","


def _refuse_part(name, text, layout):
    """Stop a register of some states or years only; its preamble says which were chosen."""
    part = re.search(r"Transfers of major \w+ \w+ (from .*? to .*?) ?\. ", text)
    if part and " ".join(part.group(1).split()) != "from All countries to All countries":
        raise DataProblem(
            f"{name}: this register holds transfers {part.group(1)} only, and a share of a part is"
            " no share of the whole; expected all suppliers and all recipients. Download it"
            " without that choice."
        )
    years = re.search(r"Deals with (.*?) made for (?:the )?year range '(\d{4})' to '(.*?)'", text)
    if layout == BY_ORDER and years:
        deals, first, last = years.groups()
        if int(first) > FIRST_YEAR or "orders" not in deals:
            raise DataProblem(
                f"{name}: this register holds deals with {deals} of {first} to {last} only;"
                f" expected all orders and deliveries since {FIRST_YEAR} or before. Download it"
                " without a choice of years."
            )


def _layout(cells):
    """Which of SIPRI's layouts has this line as its header, or None."""
    found = _headings(cells)
    if found == list(_DELIVERY_COLUMNS):
        return BY_DELIVERY
    if found in (_ORDER_HEADER, _ORDER_HEADER_OF_2026):
        return BY_ORDER
    if len(found) > 5 and found[-3:] == _TIV_TAIL and all(map(_is_year, found[1:-4])):
        return TIV_TABLE
    if (
        len(found) > 2
        and found[0] == ""
        and found[-1] == "Total"
        and all(map(_is_year, found[1:-1]))
    ):
        return OLD_TIV_TABLE
    return None


def _headings(cells):
    return [cell.rstrip("; ").strip() for cell in cells]


def _is_year(cell):
    return re.fullmatch(r"(19|20)\d\d", cell) is not None


def _strange(text):
    """What a file looks like that has no header of SIPRI's, in a sentence or two."""
    start = text.lstrip().splitlines()[:_FURTHEST_HEADER]
    for line in start:
        found = set(_headings(re.split("[,;\t]", line))) - {""}
        for layout, known in ((BY_DELIVERY, list(_DELIVERY_COLUMNS)), (BY_ORDER, _ORDER_HEADER)):
            expected = set(known) - {""}
            if len(found & expected) > len(expected) / 2:
                lacking = ", ".join(sorted(expected - found)) or "none"
                surplus = ", ".join(sorted(found - expected)) or "none"
                return (
                    f"its header resembles SIPRI's {layout}, but is not the one known: columns"
                    f" missing: {lacking}; columns not known: {surplus}; expected:"
                    f" {', '.join(known)}. Download it again; if SIPRI has changed its layout,"
                    " report it."
                )
    return f"found no header of SIPRI's; its first line is {start[0][:80]!r}."


def _joined(lines):
    """The records of the register by order, those broken by a line feed in the comments made whole.

    SIPRI does not quote its cells, so the feed ends the row; a program that has saved the file
    again may then have filled both halves up with empty cells.
    """
    records = []
    for line, cells in lines:
        while len(cells) > len(_ORDER_COLUMNS) and not cells[-1].strip():
            cells = cells[:-1]
        rest = _rest(cells)
        if records and rest is not None and _is_open(records[-1][1]):
            start = records[-1][1][: _COMMENTS + 1]
            start[-1] = f"{start[-1]} {rest[0]}".strip()
            records[-1] = (records[-1][0], [*start, *rest[1:]])
        else:
            records.append((line, list(cells)))
    return records


def _is_open(cells):
    """Whether a record stops after its comments."""
    return len(cells) == _COMMENTS + 1 or len(cells) == len(_ORDER_COLUMNS) and not any(cells[-3:])


def _rest(cells):
    """The end of the comments and the three values, if this is the second half of a record."""
    filled = cells[:4] + [""] * (4 - len(cells[:4]))
    second_half = not any(cell.strip() for cell in cells[4:]) and all(map(_is_number, filled[1:]))
    return [cell.strip() for cell in filled] if second_half else None


def _is_number(cell):
    return re.fullmatch(r"\d*[.,]?\d*", cell.strip()) is not None


def _cut_row(name, line, cells, expected):
    if len(cells) == expected:
        return (
            f"{name}, row {line}: the row is not whole; it ends in {cells[-1]!r}. Download the file"
            " again."
        )
    return (
        f"{name}, row {line}: found {len(cells)} cells; expected {expected}. Download the file"
        " again."
    )


def _frame(name, text, rows, columns, problems):
    _refuse(name, problems)
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs["edition"] = _edition(text)
    return frame


def _refuse(name, problems):
    if problems:
        more = len(problems) - _SHOWN
        said = problems[:_SHOWN] + ([f"{name}: {more} more of the same kind."] if more > 0 else [])
        raise DataProblem("\n".join(said))


def _generated(text):
    found = re.search(r"(?:Data generated|Generated): (\d{1,2}) (\w{3})\w* (\d{4})", text)
    return datetime.strptime(" ".join(found.groups()), "%d %b %Y").date() if found else None


def _edition(text):
    day = _generated(text)
    return f"generated {day.day} {day:%B %Y}" if day else ""


def _as_delivered(name, frame, numbers):
    """The frame with its numbers as SIPRI writes them, which a spreadsheet has saved otherwise."""
    rows = frame.set_axis(frame["line"] - 2)  # plain_numbers counts from a header in row 1
    return frame.assign(
        **{column: plain_numbers(name, rows[column], True).to_numpy() for column in numbers}
    )


def _refuse_other_products(name, frame, columns, heading):
    """Stop a file in which a spreadsheet has taken a decimal point for a sign between thousands.

    SIPRI rounds the value of a unit to two decimals, so the product is exact to half of the last.
    """
    items, unit, worth = (frame[column] for column in columns)
    other = (items * unit - worth).abs() > items * 0.0051 + 0.0051
    expected = f"{heading[columns[0]]} times {heading[columns[1]]}, but for rounding"
    _refuse(name, _bad_cells(name, frame, columns[2], heading, other, expected))


def _typed(name, frame, heading, whole, numbers, flags, needed):
    """Cells as numbers and flags; every cell that is neither that nor empty is an offender."""
    problems, frame = [], frame.copy()
    for column in [*whole, *numbers]:
        cells = frame[column].astype("str")
        shape = r"(19|20)\d\d" if column in whole else r"\d+(\.\d+)?"
        bad = ~cells.str.fullmatch(shape) & (cells.ne("") | (column in needed))
        expected = "a year" if column in whole else "a number, 0 or more"
        problems += _bad_cells(name, frame, column, heading, bad, expected)
        kind = "Int64" if column in whole else "float64"
        frame[column] = pd.to_numeric(cells.mask(bad | cells.eq("")), errors="coerce").astype(kind)
    for column, (yes, no) in flags.items():
        cells = frame[column]
        expected = f"{yes!r} or {no!r}"
        problems += _bad_cells(name, frame, column, heading, ~cells.isin({yes, no, ""}), expected)
        frame[column] = cells.map({"": pd.NA} | {yes: True, no: False}).astype("boolean")
    _refuse(name, problems)
    return frame


def _bad_cells(name, frame, column, heading, bad, expected):
    return [
        f"{name}, row {line}, column {heading[column]}: found {cell!r}; expected {expected}. "
        "Download the file again."
        for line, cell in frame.loc[bad, ["line", column]].itertuples(index=False)
    ]


def _years_of_delivery(name, frame):
    listed = frame["delivery_years"].str.fullmatch(r"(\d{4}(; ?\d{4})*)?")
    heading = {"delivery_years": "Year(s) of delivery"}
    expected = "years with semicolons between them"
    _refuse(name, _bad_cells(name, frame, "delivery_years", heading, ~listed, expected))


def with_codes(
    rows: pd.DataFrame, name: str, recipients: Collection[str] | None = None
) -> pd.DataFrame:
    """Rows between states, with ISO codes for both sides as far as they are named.

    rows: with line, recipient and supplier, as SIPRI writes names. name: the file's, for a refusal.
    recipients: the codes of those whose rows are wanted, all by default; the suppliers of others
    are not looked at. Armed groups and unknown recipients are set aside by SIPRI's own mark; any
    other name must be known, because a state whose name is not recognised would silently lose its
    deliveries. Raises DataProblem with every unknown name.

    >>> rows = pd.DataFrame({"line": [9, 10], "recipient": ["Armenia", "Some rebels*"],
    ...                      "supplier": ["France", "France"]})
    >>> with_codes(rows, "register.csv").values.tolist()
    [[9, 'ARM', 'FRA']]
    """
    at_line = rows.set_index(rows["line"] - 2)  # iso3_column counts rows from a header in row 1
    states = at_line[
        ~at_line["recipient"].str.endswith("*")
        & ~at_line["recipient"].str.lower().isin(_NOT_STATES)
    ]
    states = states.assign(recipient=iso3_column(states["recipient"], name))
    if recipients is not None:
        states = states[states["recipient"].isin(recipients)]
    if states["supplier"].notna().all():
        states = states.assign(supplier=iso3_column(states["supplier"], name))
    return states.reset_index(drop=True)


def recipients_and_years(study: dict, years: tuple[int, int]) -> pd.DataFrame:
    """Every recipient and year of which a file tells all deliveries, so that no other may add one.

    >>> recipients_and_years({"focal": "ARM", "ally": "RUS"}, (2020, 2020)).values.tolist()
    [['ARM', 2020], ['RUS', 2020]]
    """
    places = product(states_of(study), range(years[0], years[1] + 1))
    return pd.DataFrame(places, columns=["recipient", "year"])


def _one_file(paths, layout):
    return one_file(paths, f"SIPRI's {layout}. Give that file alone")


def _tidy(frame, name):
    """Sums without the noise of binary fractions, in the order of their key, with their source."""
    values = [column for column in frame if column.startswith("tiv")]
    frame = frame.assign(**{column: frame[column].round(6) for column in values}, source=name)
    return frame.sort_values(["recipient", "supplier", "year"], ignore_index=True)


def _within(rows, column, first, last):
    return rows[rows[column].between(first, last)]


def _deliveries(paths, study):
    path = _one_file(paths, BY_DELIVERY)
    rows = read_register_by_delivery(path)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    covered = max(first, FIRST_REGISTER_YEAR), min(last, study["last_year"])
    ours = with_codes(_within(rows, "year", *covered), path.name, states_of(study))
    sums = ours.groupby(["recipient", "supplier", "year"], as_index=False)["tiv"].sum()
    said = [
        (
            f"{path.name}: {len(rows):,} deliveries of {first} to {last} read; "
            f"{len(ours):,} of them, of {covered[0]} to {covered[1]}, went to the study's states."
        ),
        (
            f"Years before {FIRST_REGISTER_YEAR} are not taken from this file:"
            " sipri-early-deliveries makes them."
        ),
    ]
    table = "arms_transfers/deliveries"
    return Made(
        {table: _tidy(sums, "sipri-deliveries")},
        rows.attrs["edition"],
        said,
        {table: covered},
        {table: recipients_and_years(study, covered)},
    )


def _orders(paths, study):
    path = _one_file(paths, BY_ORDER)
    rows = read_register_by_order(path)
    covered = FIRST_YEAR, min(int(rows["order_year"].max()), study["last_year"])
    ours = with_codes(_within(rows, "order_year", *covered), path.name, states_of(study))
    ours = ours.rename(columns={"order_year": "year"})
    deals = ours.groupby(["recipient", "supplier", "year"], as_index=False)
    sums = deals.agg(
        tiv_ordered=("tiv_ordered", lambda values: values.sum(min_count=1)),
        tiv_delivered=("tiv_delivered", lambda values: values.sum(min_count=1)),
        orders=("tiv_ordered", "size"),
        deals_without_tiv=("tiv_ordered", lambda values: values.isna().sum()),
    )
    said = [
        (
            f"{path.name}: {len(rows):,} orders of {rows['order_year'].min()} to"
            f" {rows['order_year'].max()} read; {len(ours):,} of them, of {covered[0]} to"
            f" {covered[1]}, were placed by the study's states."
        ),
        (
            f"{ours['tiv_ordered'].isna().sum()} of these have no TIV, because SIPRI does not know"
            " how much was ordered; they are counted, not valued."
        ),
    ]
    table = "arms_transfers/orders"
    return Made(
        {table: _tidy(sums, "sipri-orders")}, _edition_or_last(rows), said, {table: covered}
    )


def _edition_or_last(rows):
    return (
        rows.attrs["edition"]
        or f"orders to {rows['order_year'].max()}, no date of generation in the file"
    )


def _early_deliveries(paths, study):
    tables, registers = _sorted_out(paths)
    (totals, *others), orders = read_tiv_tables(tables), read_register_by_order(registers)
    if others or totals["supplier"].notna().any() or totals["recipient"].isna().any():
        raise DataProblem(
            f"{tables.name}: this table is not one of imports by recipient; expected SIPRI's TIV"
            " table with a row for each recipient and all suppliers together. Download that one."
        )
    years = FIRST_YEAR, FIRST_REGISTER_YEAR - 1
    wanted = with_codes(_within(totals, "year", *years), tables.name, states_of(study))
    parts = with_codes(_by_year(orders, *years), registers.name, states_of(study))
    sums = _split(wanted, parts, tables.name, registers.name)
    said = [
        (
            f"{tables.name}: {len(wanted)} yearly totals of {years[0]} to {years[1]} belong to the"
            f" study's states; {registers.name} names {len(sums)} suppliers for them."
        ),
    ]
    table = "arms_transfers/deliveries"
    edition = f"TIV table {totals.attrs['edition']}; register: {_edition_or_last(orders)}"
    return Made(
        {table: _tidy(sums, "sipri-early-deliveries")},
        edition,
        said,
        {table: years},
        {table: recipients_and_years(study, years)},
    )


def _sorted_out(paths):
    """The TIV table and the register by order among two files, in whatever order they came."""
    found = {}
    for path in paths:
        try:
            _table(path.name, read_text(path), (BY_ORDER,))
            found["register"] = path
        except DataProblem as problem:
            if "this is SIPRI's TIV table" not in str(problem):
                raise
            found["table"] = path
    if len(paths) != 2 or len(found) != 2:
        raise DataProblem(
            f"found {', '.join(path.name for path in paths) or 'no file'}; expected two files,"
            f" SIPRI's TIV table of imports by recipient and its {BY_ORDER}. Give both."
        )
    return found["table"], found["register"]


def _by_year(orders, first, last):
    """Each deal's delivered TIV spread evenly over its years of delivery, cut to the period."""
    listed = orders.assign(year=orders["delivery_years"].str.split(r"; ?", regex=True))
    listed["tiv"] = orders["tiv_delivered"] / listed["year"].str.len()
    spread = listed.explode("year")
    spread["year"] = pd.to_numeric(spread["year"])
    return spread[spread["year"].between(first, last)]


def _split(totals, parts, table, register):
    """Each recipient's yearly total, divided among suppliers as the register's deals divide it."""
    key = ["recipient", "year"]
    weights = parts.groupby([*key, "supplier"], as_index=False)["tiv"].sum()
    weights["weight"] = weights["tiv"] / weights.groupby(key)["tiv"].transform("sum")
    joined = totals[[*key, "tiv"]].merge(weights.drop(columns="tiv"), on=key, how="left")
    lost = joined[joined["supplier"].isna()]
    if len(lost):
        named = "; ".join(f"{row.recipient} {row.year}" for row in lost.itertuples())
        raise DataProblem(
            f"{table}: {named}: {register} has no delivery that tells the supplier; expected both"
            " files of about the same edition. Download both again."
        )
    joined["tiv"] *= joined["weight"]
    return joined[["recipient", "supplier", "year", "tiv"]]


SOURCES = (
    Source(
        "sipri-deliveries",
        "SIPRI Arms Transfers Database, trade register by delivery year",
        "one file: SIPRI's trade register by delivery year, all suppliers and recipients (csv)",
        ("arms_transfers/deliveries",),
        _deliveries,
        producer="Stockholm International Peace Research Institute (SIPRI)",
        path="https://www.sipri.org/databases/armstransfers",
        citation="sipri_arms",
    ),
    Source(
        "sipri-early-deliveries",
        "SIPRI Arms Transfers Database, TIV table of imports and trade register by order",
        "two files: SIPRI's TIV table of imports by recipient and its trade register by order"
        f" (csv); makes the deliveries of {FIRST_YEAR} to {FIRST_REGISTER_YEAR - 1}",
        ("arms_transfers/deliveries",),
        _early_deliveries,
        producer="Stockholm International Peace Research Institute (SIPRI)",
        path="https://www.sipri.org/databases/armstransfers",
        citation="sipri_arms",
    ),
    Source(
        "sipri-orders",
        "SIPRI Arms Transfers Database, trade register by order",
        "one file: SIPRI's trade register by order, all suppliers and recipients (csv)",
        ("arms_transfers/orders",),
        _orders,
        producer="Stockholm International Peace Research Institute (SIPRI)",
        path="https://www.sipri.org/databases/armstransfers",
        citation="sipri_arms",
    ),
)
