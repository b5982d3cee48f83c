"""Opening a file that a user hands in, before anybody trusts what is in it."""

import codecs
import csv
import gzip
import io
import re
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.sources.remarks import remark

LARGEST_FILE = 100_000_000
ADVICE = "Hand in the producer's file unchanged."

TEXTS = (".csv", ".json")
BOOKS = (".xlsx", ".xls")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
HEADER_WITHIN = 20

_AGAIN = "Download it from the producer again and hand it in unchanged."
_GZIP, _ZIP, _XLS = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_EMPTY_ZIP = b"PK\x05\x06"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_TEXT = {
    _ZIP: "a spreadsheet workbook (xlsx)",
    _XLS: "an old spreadsheet workbook (xls)",
    b"%PDF": "a PDF document",
    _GZIP: "a compressed file inside a compressed file",
}
_PAGES = ("<!doctype", "<html", "<?xml", "<head", "<meta", "<body")
_SHOWN = 12


def _as_windows(error):
    """Bytes that are no UTF-8, as spreadsheets on Windows and older producers write them."""
    wrong = error.object[error.start : error.end]
    return "".join(codecs.charmap_decode(wrong, "strict", _WINDOWS)[0]), error.end


# Five places of Windows-1252 are empty; there ISO 8859-1 stands in, which has all.
_WINDOWS = "".join(bytes([place]).decode("cp1252", "ignore") or chr(place) for place in range(256))
codecs.register_error("alliances-windows", _as_windows)


def read_text(path: Path | str, fits: Callable[[str, list[str]], bool] | None = None) -> str:
    """The text of a file, plain, compressed with gzip, or the one text in a zip archive.

    fits: as in `opened`. UTF-8 (with or
    without a mark), UTF-16 with a mark (what spreadsheets call Unicode text), Windows-1252 and ISO
    8859-1 are read. Line ends stay as they are. A missing or empty file, a directory, a file beyond
    100 MB unpacked, a damaged archive, an archive with two such texts or none, a workbook, a web
    page and anything else that is not plain text raise a DataProblem that says what was found and
    what to hand in instead.

    >>> read_text("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    path = Path(path)
    with opened(path, TEXTS, fits) as (_, stream), text_stream(path.name, stream) as text:
        return text.read()


def read_text_or_zip(path: Path | str, wanted: str) -> str:
    """The same as `read_text`, and the text of the one file of a zip archive that is wanted.

    wanted: a regular expression that the whole name of that file fits, folders left out; files beside
    it that do not fit are not read. An archive with none or several that fit, one that is damaged,
    and one that unpacks to more than 100 MB raise a DataProblem.

    >>> read_text_or_zip("nowhere.zip", ".*[.]csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.zip: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    return read_text(path, lambda name, _: re.fullmatch(wanted, name.rsplit("/", 1)[-1]) is not None)


def read_sheets(
    path: Path | str, only: str | None = None, largest: int = LARGEST_FILE
) -> dict[str, pd.DataFrame]:
    """The sheets of a workbook (xlsx or xls), by name, each as a frame of cells without a header.

    only: read this sheet alone, for workbooks of which the rest is large; without it in the book
    the result is empty. largest: how many bytes the workbook may have once unpacked. A cell is a
    number, text, a date or missing, as the workbook holds it: row 0 of a frame is row 1 of the
    sheet. A zip archive that holds one workbook is opened, whatever else is in it but other
    workbooks. Everything that is no workbook, a damaged workbook or archive, an archive with two
    workbooks or none, and a workbook that is too large raise a DataProblem.

    >>> read_sheets("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    path = Path(path)
    with opened(path, BOOKS, largest=largest) as (_, stream):
        return sheets_of(path.name, stream.read(), only, largest)


def sheets_of(
    name: str, raw: bytes, only: str | None = None, largest: int = LARGEST_FILE
) -> dict[str, pd.DataFrame]:
    """The same as `read_sheets`, of a workbook's bytes; name: the file's, for what is said.

    >>> sheets_of("note.xlsx", b"words")
    Traceback (most recent call last):
    alliances.problems.DataProblem: note.xlsx: this is no workbook (xlsx or xls). Download it from
    the producer again and hand it in unchanged.
    """
    if not raw.startswith((_ZIP, _XLS)):
        raise DataProblem(f"{name}: this is no workbook (xlsx or xls). {_AGAIN}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            if raw.startswith(_ZIP):
                _refuse_large(name, raw, largest)
            book = pd.ExcelFile(io.BytesIO(raw))
            wanted = [sheet for sheet in book.sheet_names if only in (None, sheet.strip())]
            return (
                pd.read_excel(book, sheet_name=wanted, header=None, dtype=object) if wanted else {}
            )
    except DataProblem:
        raise
    except Exception as error:  # A damaged workbook raises whatever its parser runs into.
        raise DataProblem(
            f"{name}: the workbook is damaged or cut short ({error}). {_AGAIN}"
        ) from None


def _refuse_large(name, raw, largest):
    """A small archive can hold a workbook that fills the memory."""
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > largest:
        raise DataProblem(f"{name}: unpacked it has more than {largest / 1e6:,.0f} MB. {_AGAIN}")


def is_workbook(path: Path | str) -> bool:
    """Whether a file, or the only workbook or csv file of an archive, is a workbook.

    Errors as in `opened`.

    >>> is_workbook("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    with opened(path, (*BOOKS, ".csv"), largest=sys.maxsize) as (_, stream):
        return stream.peek(4).startswith((_ZIP, _XLS))


@contextmanager
def opened(
    path: Path | str,
    kinds: tuple[str, ...],
    fits: Callable[[str, list[str]], bool] | None = None,
    largest: int = LARGEST_FILE,
) -> Iterator[tuple[str, io.BufferedReader]]:
    """The name and the bytes of a file, or of the one wanted file of a zip archive.

    kinds: the wanted file's endings in an archive, the best first: of the first ending that occurs
    there must be one file; where there are several, the only one with a row among its first lines
    that `fits` (called with the file's name and a row's cells). What lies beside it is named in a
    remark. Compression with gzip is taken off. The stream refuses, whatever is read of it, to give more than `largest` bytes.

    >>> with opened("nowhere.csv", (".csv",)) as (name, stream):
    ...     pass
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    path = Path(path)
    with ExitStack() as stack:
        raw = stack.enter_context(_plain(path))
        name, start = path.name, raw.peek(4)[:4]
        if start.startswith(_GZIP):
            raw, name = stack.enter_context(gzip.open(raw)), name.removesuffix(".gz")
        elif start in (_ZIP, _EMPTY_ZIP):
            found = _member(stack, path.name, raw, kinds, fits)
            raw.seek(0)
            if found is not None:
                name, raw = found
        yield name, io.BufferedReader(_Guarded(path.name, raw, largest))


@contextmanager
def text_stream(name: str, stream: io.BufferedReader) -> Iterator[io.TextIOWrapper]:
    """The stream as text, after a look at its beginning; refused as `read_text` says.

    >>> with text_stream("a.csv", io.BufferedReader(io.BytesIO(b"a,b"))) as text:
    ...     text.read()
    'a,b'
    """
    start = stream.peek(4096)
    for mark, kind in _NOT_TEXT.items():
        if start.startswith(mark):
            raise DataProblem(f"{name}: found {kind}; expected plain text. {_AGAIN}")
    wide = start.startswith(_UTF_16)
    if b"\x00" in start and not wide:
        raise DataProblem(f"{name}: found binary data; expected plain text. {_AGAIN}")
    encoding = "utf-16" if wide else "utf-8-sig"
    begins = start.decode(encoding, "ignore").lstrip()[:15].lower()
    if not begins and len(start) < 4096:
        raise DataProblem(f"{name}: the file is empty. {_AGAIN}")
    if begins.startswith(_PAGES):
        raise DataProblem(
            f"{name}: found a web page, perhaps an error message of the producer's site;"
            f" expected a table in text. {_AGAIN}"
        )
    errors = "replace" if wide else "alliances-windows"
    if wide:
        remark(f"{name}: this is text in UTF-16, as spreadsheets save it; it was read so.")
    yield io.TextIOWrapper(stream, encoding, errors, newline="")


def split_lines(lines: list[str], delimiter: str) -> list[list[str]]:
    """Lines of a table as rows of cells without blanks around them; a row that is broken is empty.

    >>> split_lines(['a;"b c"'], ";")
    [['a', 'b c']]
    """
    rows = []
    for line in lines:
        try:
            rows.append(
                [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
            )
        except csv.Error:
            rows.append([])
    return rows


def _plain(path):
    if path.is_dir():
        raise DataProblem(
            f"{path.name}: this is a directory; expected a file. Name the file in it."
        )
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise DataProblem(
            f"{path.name}: the file is missing. Give the path of the file as the producer"
            " delivered it."
        ) from None
    except OSError as error:
        raise DataProblem(f"{path.name}: it cannot be read ({error.strerror}).") from None


class _Guarded(io.RawIOBase):
    """A stream that gives no more than it may, and says in words what its packing runs into."""

    def __init__(self, name, source, largest):
        self._name, self._source, self._largest, self._left = name, source, largest, largest

    def readable(self):
        return True

    def readinto(self, buffer):
        try:
            got = self._source.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile):
            raise DataProblem(
                f"{self._name}: the compressed file is damaged or cut short. {_AGAIN}"
            ) from None
        except OSError as error:
            raise DataProblem(f"{self._name}: it cannot be read ({error.strerror}).") from None
        self._left -= len(got)
        if self._left < 0:
            raise DataProblem(
                f"{self._name}: the file has more than {self._largest / 1e6:,.0f} MB; expected a"
                f" producer's table, which is far smaller. {_AGAIN}"
            )
        buffer[: len(got)] = got
        return len(got)


def _member(stack, name, raw, kinds, fits):
    """Name and stream of the wanted file in an archive; None for a workbook, an archive too."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(raw))
        inside = [part for part in archive.infolist() if not part.is_dir()]
        if any(part.filename == "[Content_Types].xml" for part in inside):
            return None
        files = [part for part in inside if not _of_macos(part.filename)]
        chosen = _chosen(archive, name, files, kinds, fits)
        stream = stack.enter_context(archive.open(chosen))
    except DataProblem:
        raise
    except Exception as error:  # A damaged archive raises whatever its parts run into.
        raise DataProblem(
            f"{name}: the archive or workbook is damaged or cut short ({error}). {_AGAIN}"
        ) from None
    beside = [part.filename for part in files if part is not chosen]
    remark(f"{name}: read {chosen.filename} in it; left aside {_listed(beside) or 'nothing else'}.")
    return chosen.filename, stream


def _chosen(archive, name, files, kinds, fits):
    for kind in kinds:
        found = [part for part in files if part.filename.lower().endswith(kind)]
        if len(found) > 1 and fits:
            found = [part for part in found if _begins(archive, part, fits)]
        if found:
            break
    if len(found) != 1:
        raise DataProblem(
            f"{name}: the archive holds {_listed([part.filename for part in files]) or 'nothing'};"
            f" expected one file that ends in {' or '.join(kinds)}"
            f"{', with the columns that are wanted' if fits else ''}. Unpack it and hand in the one"
            " that is wanted."
        )
    return found[0]


def _begins(archive, part, fits):
    with archive.open(part) as stream:
        lines = stream.read(65536).decode("utf-8-sig", "replace").splitlines()[:HEADER_WITHIN]
    return any(fits(part.filename, row) for mark in DELIMITERS for row in split_lines(lines, mark))


def _listed(names):
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _of_macos(member):
    return member.startswith("__MACOSX/") or member.rsplit("/", 1)[-1] == ".DS_Store"
