"""The command `alliances`: build the book, check the data, import a producer's newer file."""

import argparse
import sys
import textwrap
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from alliances.problems import DataProblem

_MAIN = """Measure how far allied states keep company, and publish the book that argues with it.

  alliances build                          the book of the data in data/, at _build/html
  alliances build --study kazakhstan --out site/kazakhstan
  alliances build -p FIRST_YEAR 2000 --out _build/from-2000
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
    _import_parser(commands)
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
    parameters = {name: _value(text) for name, text in options.parameter}
    with cluster(options.cluster, root) if options.cluster else nullcontext() as executor:
        if options.studies:
            return build_list(root, options.studies, executor)
        study, out = options.study or root / "data", options.out or root / "_build" / "html"
        return build(root, study, out, parameters, executor)


def _value(text):
    return int(text) if text.lstrip("-").isdigit() else text


def _check(options):
    from alliances.study import check_folder, read_package

    folder = options.folder or book_folder() / "data"
    check_folder(folder)
    tables = read_package(folder)["resources"]
    print(f"{folder}: {len(tables)} tables are as datapackage.json says.")


def _refresh(options):
    from alliances.book.build import refresh

    refresh(book_folder(options.book))


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
