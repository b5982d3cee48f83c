"""Opening a file that a user hands in, before anybody trusts what is in it."""

import gzip
import zlib
from pathlib import Path

from alliances.problems import DataProblem

LARGEST_FILE = 100_000_000

_NOT_TEXT = {
    b"PK\x03\x04": "a zip archive or a spreadsheet workbook (xlsx)",
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
    raw = _bytes(path)
    for start, kind in _NOT_TEXT.items():
        if raw.startswith(start):
            raise DataProblem(f"{path.name}: found {kind}; expected plain text. {_ADVICE}")
    if b"\x00" in raw:
        raise DataProblem(f"{path.name}: found binary data; expected plain text. {_ADVICE}")
    text = _decoded(raw)
    if not text.strip():
        raise DataProblem(f"{path.name}: the file is empty. {_ADVICE}")
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html", "<?xml")):
        raise DataProblem(
            f"{path.name}: found a web page, perhaps an error message of the producer's site;"
            f" expected a table in text. {_ADVICE}"
        )
    return text


_ADVICE = "Download it from the producer again and hand it in unchanged."


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
