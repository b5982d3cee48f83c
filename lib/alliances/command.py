"""The command `alliances`: build the book, check the data, import a producer's newer file."""

import argparse
import sys
import tempfile
import textwrap
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from alliances.problems import DataProblem

_MAIN = """Measure how far allied states keep company, and publish the book that argues with it.

  alliances build                          the book of the data in data/, at _build/html
  alliances build --study kazakhstan --out site/kazakhstan
  alliances build -p FIRST_YEAR 2000 --out _build/from-2000
  alliances new kazakhstan --focal KAZ --ally RUS
  alliances build --study newer --against data
  alliances compare data newer             what changed between two studies or vintages
  alliances build --studies list.csv       many books, one for each row (columns study,out)
  alliances check data                     only look whether the tables are as they should be
  alliances import                         list the producers' files that can be read
  alliances import sipri-deliveries trade-register.csv
"""


def main(arguments=None):
    """Run the command line; returns 0 where all is done, 1 where something was refused or failed."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    # argparse gives up on files that stand after an option; they are files all the same.
    if rest and (options.run is not _import or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        options.files += [Path(word) for word in rest]
    try:
        return options.run(options) or 0
    except DataProblem as problem:
        print(f"alliances: refused.\n{problem}", file=sys.stderr)
    except KeyboardInterrupt:
        print("alliances: stopped; the last site stays as it was.", file=sys.stderr)
        return 130
    except RuntimeError as failure:
        print(f"alliances: failed; the last site stays as it was.\n{failure}", file=sys.stderr)
    return 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="alliances", description=_MAIN, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _build_parser(commands)
    check = commands.add_parser(
        "check",
        help="look whether a study's tables are as its data package says",
        description="Check every table of a study and list all that is wrong: file, row, column, what was "
        "found, what was expected, what to do. Changes nothing.",
    )
    check.add_argument(
        "folder", nargs="?", type=Path, help="the study's folder (default: the book's data)"
    )
    check.set_defaults(run=_check)
    refresh = commands.add_parser(
        "refresh",
        help="run the chapters and store their outputs in chapters/",
        description="Run every chapter on the book's own data and store its outputs, as the tests expect them.",
    )
    refresh.add_argument("--book", type=Path, help="the book's folder (default: this one)")
    refresh.set_defaults(run=_refresh)
    _new_parser(commands)
    _import_parser(commands)
    _compare_parser(commands)
    return parser


def _build_parser(commands):
    build = commands.add_parser(
        "build",
        help="run the chapters and publish the site",
        description="Check the data, run every chapter that has changed, publish the site. The old site is "
        "replaced only when the new one is whole. Exit status 0 only if the site is there.",
    )
    build.add_argument(
        "--study", type=Path, metavar="FOLDER", help="the data (default: the book's data/)"
    )
    build.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where the site goes (default: _build/html)"
    )
    build.add_argument(
        "--book", type=Path, metavar="FOLDER", help="the book's folder (default: this one)"
    )
    build.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a chapter parameter, such as -p FIRST_YEAR 2000; may be given several times",
    )
    build.add_argument(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="another study, such as an older vintage, for the page on what changed",
    )
    build.add_argument(
        "--studies",
        type=Path,
        metavar="LIST",
        help="many books: a csv file with the columns study and out and, where wanted, focal, ally, "
        "first_year, last_year; relative paths are meant from its folder",
    )
    build.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="run the chapters on the workers of a Dask scheduler, such as tcp://10.0.0.1:8786",
    )
    build.set_defaults(run=_build)


def _new_parser(commands):
    new = commands.add_parser(
        "new",
        help="make a study for another pair of states",
        description="Make the folder of a study: tables filled with what the shipped figures hold for the pair, "
        "the rest empty, with INSTRUCTIONS.md on how to fill them.",
    )
    new.add_argument("folder", type=Path, help="where the study goes; it must not exist yet")
    new.add_argument("--focal", required=True, metavar="CODE", help="ISO 3166 code, such as KAZ")
    new.add_argument("--ally", required=True, metavar="CODE", help="its ally, such as RUS")
    new.add_argument(
        "--comparison",
        nargs="+",
        metavar="CODE",
        help="states to compare with (default: those of the shipped study and its further partners of "
        "the ally, if the pair is among them)",
    )
    new.set_defaults(run=_new)


def _compare_parser(commands):
    compare = commands.add_parser(
        "compare",
        help="say what changed between two studies, or two vintages of one",
        description="Set two studies side by side: verdicts that turned, headline figures, coverage, and "
        "the figures that differ by more than a threshold. Runs the chapters that it needs and "
        "publishes nothing; alliances build --study NEW --against OLD makes the page of it.",
    )
    compare.add_argument("old", type=Path, metavar="OLD", help="the folder of the one study")
    compare.add_argument("new", type=Path, metavar="NEW", help="the folder of the other")
    compare.add_argument(
        "--threshold",
        type=float,
        default=5,
        metavar="PERCENT",
        help="tell revisions singly that are larger than this part of the old value (default: 5)",
    )
    compare.set_defaults(run=_compare)


def _import_parser(commands):
    source = commands.add_parser(
        "import",
        help="make tables from a producer's own files",
        description="Read files as a producer hands them out and make the study's tables from them. Says what "
        "was read, left out and changed. Writes nothing if anything is wrong.",
    )
    source.add_argument(
        "source", nargs="?", help="which producer's file; without it, the list of them"
    )
    source.add_argument("files", nargs="*", type=Path, metavar="FILE")
    source.add_argument(
        "--into", type=Path, metavar="STUDY", help="the study (default: the book's data/)"
    )
    source.add_argument(
        "--accessed",
        default=date.today().isoformat(),
        metavar="DATE",
        help="when the files were fetched, for the table's provenance (default: today)",
    )
    source.set_defaults(run=_import)


def book_folder(given=None):
    """The book's folder: the given one, this one, or the one the library was installed from."""
    if given:
        return given
    here = Path.cwd()
    return here if (here / "_config.yml").is_file() else Path(__file__).resolve().parents[2]


def _build(options):
    from alliances.book.build import build
    from alliances.book.cluster import cluster
    from alliances.book.many import build_list

    root = book_folder(options.book)
    if options.studies and (options.study or options.out or options.parameter):
        raise DataProblem(
            "--studies: the list says which study, which folder and which pair and years; give it "
            "without --study, --out and -p."
        )
    if options.studies and options.against:
        raise DataProblem(
            "--studies: each book of a list sets another pair beside its own; --against takes one "
            "study only. Build that book by itself, with --study and --against."
        )
    parameters = {name: _value(text) for name, text in options.parameter}
    with cluster(options.cluster, root) if options.cluster else nullcontext() as executor:
        if options.studies:
            return build_list(root, options.studies, executor)
        study, out = options.study or root / "data", options.out or root / "_build" / "html"
        return build(root, study, out, parameters, executor, against=options.against)


def _value(text):
    return int(text) if text.lstrip("-").isdigit() else text


def _check(options):
    from alliances.study import check_folder, read_package

    folder = options.folder or book_folder() / "data"
    check_folder(folder)
    tables = read_package(folder)["resources"]
    print(f"{folder}: {len(tables)} tables are as datapackage.json says.")


def _compare(options):
    from alliances.book.build import checked, silent
    from alliances.study import Study
    from alliances.what_changed import compare
    from alliances.what_changed_text import report

    if not 0 <= options.threshold < float("inf"):
        raise DataProblem(f"--threshold {options.threshold:g}: expected a percentage from 0 on.")
    sides = {options.old: "the old study", options.new: "the new study"}
    studies = {folder: f"{side}, {folder}" for folder, side in sides.items()}
    prints = checked(studies, book_folder() / "_build", silent)
    old, new = Study(options.old), Study(options.new)
    print("\n".join(report(compare(old, new), _verdicts(old, new, prints), options.threshold)))


def _verdicts(old, new, prints):
    """The verdicts of two studies from their chapters as they run; None where there are none."""
    from alliances.against import chapters_with_verdicts
    from alliances.book.build import Means, forget_old, read_chapters, run_some, silent
    from alliances.claims import gathered
    from alliances.what_changed import verdicts

    names = chapters_with_verdicts(old, new)
    if not names:
        return None
    root, found = book_folder(), []
    store, chapters = root / "_build", read_chapters(root)
    for study in (old, new):
        seen = prints[study.folder]
        ran = run_some(names, chapters, study.folder, seen, store, Means(say=silent))
        with tempfile.TemporaryDirectory(prefix="alliances-") as scratch:
            for name, text in ran.items():
                Path(scratch, f"{name}.ipynb").write_text(text, encoding="utf-8")
            found.append(gathered(scratch, study.table("claims/statements"), partly=True))
    forget_old(store)
    return verdicts(*found)


def _refresh(options):
    from alliances.book.build import refresh

    refresh(book_folder(options.book))


def _new(options):
    from alliances.new_study import INSTRUCTIONS, new_study

    shipped = book_folder() / "data"
    said = new_study(shipped, options.folder, options.focal, options.ally, options.comparison)
    for line in said:
        print(textwrap.fill(line, 100, subsequent_indent="    "))
    print(f"{options.folder} is made. {options.folder / INSTRUCTIONS} says how to fill the rest.")


def _import(options):
    from alliances.sources import all_sources
    from alliances.sources.importing import import_source

    if not options.source:
        for source in all_sources().values():
            makes = ", ".join(source.tables)
            for number, words in enumerate(
                (source.title, f"reads {source.files}", f"makes {makes}")
            ):
                name = "" if number else source.name
                print(
                    textwrap.fill(
                        words, 100, initial_indent=f"{name:24}", subsequent_indent=" " * 26
                    )
                )
        return 0
    if not options.files and options.source in all_sources():
        raise DataProblem(f"alliances import {options.source}: give the producer's file or files.")
    into = options.into or book_folder() / "data"
    for line in import_source(options.source, options.files, into, options.accessed):
        print(line)
    return 0
