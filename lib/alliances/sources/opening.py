"""Opening a file that a user hands in, before anybody trusts what is in it."""

import gzip
import io
import re
import warnings
import zipfile
import zlib
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem

LARGEST_FILE = 100_000_000

_ARCHIVE = b"PK\x03\x04"
_WORKBOOKS = (_ARCHIVE, b"\xd0\xcf\x11\xe0")
_PAGES = ("<!doctype", "<html", "<?xml", "<head", "<meta", "<body")
_NOT_TEXT = {
    _ARCHIVE: "a zip archive or a spreadsheet workbook (xlsx)",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet workbook (xls)",
    b"%PDF": "a PDF document",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\x1f\x8b": "a compressed file inside a compressed file",
}


def read_text(path: Path | str) -> str:
    """The text of a file, compressed with gzip or not, in UTF-8 (with or without a mark) or ISO
    8859-1.

    Line ends stay as they are. A missing or empty file, a directory, a file beyond 100 MB, a
    damaged archive, a workbook, a web page and anything else that is not plain text raise a
    DataProblem that says what was found and what to hand in instead.

    >>> read_text("nowhere.csv")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.csv: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    path = Path(path)
    return _text(_bytes(path), path.name)


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
    path = Path(path)
    raw = _bytes(path)
    if not raw.startswith(_ARCHIVE):
        return _text(raw, path.name)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            member = _only_text(archive.infolist(), wanted, path.name)
            return _text(archive.read(member), f"{path.name}, {member.filename}")
    except DataProblem:
        raise
    except Exception as error:  # A damaged archive raises whatever its parts run into.
        raise DataProblem(
            f"{path.name}: the archive is damaged or cut short ({error}). {_ADVICE}"
        ) from None


def _only_text(inside, wanted, name):
    files = [entry for entry in inside if not entry.is_dir() and not _of_macos(entry.filename)]
    fitting = [entry for entry in files if re.fullmatch(wanted, entry.filename.rsplit("/", 1)[-1])]
    if len(fitting) != 1:
        listed = ", ".join(entry.filename for entry in files[:5]) or "no file"
        more = f" and {len(files) - 5} more" if len(files) > 5 else ""
        raise DataProblem(
            f"{name}: the archive holds {listed}{more}; expected one table in it. Unpack it and hand"
            " in the table that is wanted."
        )
    if fitting[0].file_size > LARGEST_FILE:
        raise DataProblem(f"{name}: unpacked it has more than {LARGEST_FILE / 1e6:,.0f} MB.")
    return fitting[0]


def _text(raw, name):
    for start, kind in _NOT_TEXT.items():
        if raw.startswith(start):
            advice = _UNPACK if start == _ARCHIVE else _ADVICE
            raise DataProblem(f"{name}: found {kind}; expected plain text. {advice}")
    if b"\x00" in raw:
        raise DataProblem(f"{name}: found binary data; expected plain text. {_ADVICE}")
    text = _decoded(raw)
    if not text.strip():
        raise DataProblem(f"{name}: the file is empty. {_ADVICE}")
    if text.lstrip()[:15].lower().startswith(_PAGES):
        raise DataProblem(
            f"{name}: found a web page, perhaps an error message of the producer's site;"
            f" expected a table in text. {_ADVICE}"
        )
    return text


_ADVICE = "Download it from the producer again and hand it in unchanged."
_UNPACK = "Unpack the archive and hand in the table in it; of a workbook, download the csv instead."


def read_sheets(path: Path | str) -> dict[str, pd.DataFrame]:
    """The sheets of a workbook (xlsx or xls), by name, each as a frame of cells without a header.

    A cell is a number, text, a date or missing, as the workbook holds it: row 0 of a frame is row 1
    of the sheet. A zip archive that holds one workbook and nothing else is opened; folders and what
    macOS adds (__MACOSX, .DS_Store) do not count. Everything that is no workbook, a damaged workbook
    or archive, an archive with other files in it, and a workbook beyond 100 MB raise a DataProblem.

    >>> read_sheets("nowhere.xlsx")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.xlsx: the file is missing. Give the path of the
    file as the producer delivered it.
    """
    path = Path(path)
    raw = _unpacked(_bytes(path), path.name)
    if not raw.startswith(_WORKBOOKS):
        raise DataProblem(f"{path.name}: this is no workbook (xlsx or xls). {_ADVICE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return pd.read_excel(io.BytesIO(raw), sheet_name=None, header=None, dtype=object)
    except Exception as error:  # A damaged workbook raises whatever its parser runs into.
        raise DataProblem(
            f"{path.name}: the workbook is damaged or cut short ({error}). {_ADVICE}"
        ) from None


def _unpacked(raw, name):
    """The one workbook of a zip archive; an xlsx file is a zip archive too, and stays as it is."""
    if not raw.startswith(_ARCHIVE):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            inside = archive.infolist()
            if any(entry.filename == "[Content_Types].xml" for entry in inside):
                return raw
            return archive.read(_only_workbook(inside, name))
    except DataProblem:
        raise
    except Exception as error:  # A damaged archive raises whatever its parts run into.
        raise DataProblem(
            f"{name}: the archive or workbook is damaged or cut short ({error}). {_ADVICE}"
        ) from None


def _only_workbook(inside, name):
    files = [entry for entry in inside if not entry.is_dir() and not _of_macos(entry.filename)]
    books = [entry for entry in files if entry.filename.lower().endswith((".xls", ".xlsx"))]
    others = [entry.filename for entry in files if entry not in books]
    if len(books) != 1 or others:
        beside = f" and beside them {', '.join(others[:5])}" if others else ""
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        raise DataProblem(
            f"{name}: the archive holds {len(books)} workbooks{beside}{more}; expected one workbook"
            " and nothing else. Unpack it and hand in the one that is wanted."
        )
    if books[0].file_size > LARGEST_FILE:
        raise DataProblem(f"{name}: unpacked it has more than {LARGEST_FILE / 1e6:,.0f} MB.")
    return books[0]


def _of_macos(member):
    return member.startswith("__MACOSX/") or member.rsplit("/", 1)[-1] == ".DS_Store"


def _bytes(path):
    if path.is_dir():
        raise DataProblem(
            f"{path.name}: this is a directory; expected a file. Name the file in it."
        )
    try:
        with open(path, "rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
        with (gzip.open if compressed else open)(path, "rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise DataProblem(
            f"{path.name}: the file is missing. Give the path of the file as the producer"
            " delivered it."
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataProblem(
            f"{path.name}: the compressed file is damaged or cut short. {_ADVICE}"
        ) from None
    except OSError as error:
        raise DataProblem(f"{path.name}: it cannot be read ({error.strerror}).") from None
    if len(raw) > LARGEST_FILE:
        raise DataProblem(
            f"{path.name}: the file has more than {LARGEST_FILE / 1e6:,.0f} MB; expected a"
            f" producer's table, which is far smaller. {_ADVICE}"
        )
    return raw


def _decoded(raw):
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")
