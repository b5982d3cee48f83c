"""Publish executed chapters with Jupyter Book, and swap the new site in only when it is whole."""

import hashlib
import os
import re
import shutil
import tempfile
from concurrent.futures.process import BrokenProcessPool

from alliances.problems import DataProblem

MARK = ".alliances-book"
_NOT_PUBLISHED = {".buildinfo", ".buildinfo.bak"}


class PublishError(RuntimeError):
    """Jupyter Book refused the book; the text is what it said."""


def publish(sources, stage, out, press, start):
    """Make the site from `sources` in `stage` and put it at `out`.

    sources: {relative path: bytes}, with `_config.yml` and `_toc.yml`. stage: a folder that is kept, so
    that only changed pages are read again. press: the process that runs Jupyter Book. out: the site's
    folder, replaced in one step once the new site is whole; until then, and whatever goes wrong, the
    old one stays. start: bytes that must be equal for the stage to be used again. Warnings of Jupyter Book are errors (PublishError). A folder
    at `out` that no earlier run made is not replaced (DataProblem).
    """
    refuse_foreign(out)
    book = stage / "book"
    _lay_out(sources, book, start)
    try:
        status, errors, said = press.publish(book)
    except BrokenProcessPool:
        status, errors, said = 1, "the process that publishes was ended from outside", ""
    site = book / "_build" / "html"
    if status or not (site / "index.html").is_file():
        shutil.rmtree(book / "_build", ignore_errors=True)
        raise PublishError(_reason(errors, book) or said[-2000:])
    swap_in(site, out, _print(sources, start))


def is_current(sources, out, start):
    """Whether the site at `out` was made of just these sources and still has all its files."""
    try:
        made_of, *files = (out / MARK).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    return made_of == _print(sources, start) and files == _listing(out)


def _print(sources, start):
    digest = hashlib.sha256(start)
    for name in sorted(sources):
        digest.update(name.encode() + hashlib.sha256(sources[name]).digest())
    return digest.hexdigest()


def _listing(folder):
    return [
        f"{path.stat().st_size} {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARK
    ]


def _reason(stderr, book):
    """What Jupyter Book complains of: its warnings, or else what it said before its traceback."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stderr).replace(str(book) + os.sep, "")
    lines = [line for line in plain.splitlines() if line.strip()]
    warned = [line for line in lines if re.search(r": (WARNING|ERROR|CRITICAL|SEVERE): ", line)]
    if warned:
        return "\n".join(warned)
    end = next(
        (place for place, line in enumerate(lines) if line.startswith("Traceback")), len(lines)
    )
    return "\n".join(lines[:end])


def refuse_foreign(out):
    """Refuse to replace a folder that holds something other than a site of ours."""
    if out.is_file():
        raise DataProblem(
            f"{out}: this is a file; expected a folder for the site. Choose another --out."
        )
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise DataProblem(
            f"{out}: the folder holds something that is not a book made here, and would be replaced. "
            "Choose another --out, or empty it."
        )


def refuse_unwritable(out):
    """Refuse a place where no site can be put, before anything has been computed for it."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own: another build may be at work on this site.
        os.rmdir(tempfile.mkdtemp(prefix=out.name, dir=out.parent))
    except OSError as error:
        said = f"{out}: it cannot be written ({error.strerror}). Choose another --out."
        raise DataProblem(said) from None


def forget_old_stages(folder, sites=1):
    """Keep the stages of the sites made last, at least three; the others are made anew when needed."""
    marks = sorted(folder.glob("*/book/.start"), key=lambda mark: mark.stat().st_mtime)
    for mark in marks[: -max(3, sites)]:
        shutil.rmtree(mark.parents[1], ignore_errors=True)


def _lay_out(sources, book, start):
    """Write the sources; what did not change keeps its time, so that Sphinx need not read it again."""
    mark = book / ".start"
    if not mark.is_file() or mark.read_bytes() != start:
        shutil.rmtree(book, ignore_errors=True)
    for name, content in sources.items():
        path = book / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in book.rglob("*"):
        inside = path.relative_to(book)
        if path.is_file() and inside.parts[0] != "_build" and inside.as_posix() not in sources:
            path.unlink()
    mark.write_bytes(start)


def swap_in(site, out, made_of):
    """Copy a whole site beside the old one, then exchange them; a failure leaves the old one."""
    recover(out)
    fresh, old = out.with_name(out.name + ".new"), out.with_name(out.name + ".old")
    shutil.rmtree(fresh, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(site, fresh, ignore=lambda _, names: _NOT_PUBLISHED & set(names))
    (fresh / ".nojekyll").write_text("")
    (fresh / MARK).write_text("\n".join([made_of, *_listing(fresh)]) + "\n", encoding="utf-8")
    if out.exists():
        out.rename(old)
    try:
        fresh.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def recover(out):
    """Put the old site back if a run was ended between the two steps of an exchange."""
    old = out.with_name(out.name + ".old")
    if old.is_dir() and not out.exists():
        old.rename(out)
    shutil.rmtree(old, ignore_errors=True)
