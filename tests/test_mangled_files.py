"""Every source's files, mangled in every place: read with what was done said, or refused in words.

The files are made up, in the producers' layouts; what befalls them is drawn by hypothesis. Whatever
that is, an import either succeeds, and then the study is sound and the import says what it did, or
it raises a DataProblem, and then no file of the study has changed.
"""

import csv
import io
import json
import random
import re
import shutil
import zipfile
from functools import cache

import pandas as pd
import pytest
import test_military_presence
import test_producers_layouts as layouts
import test_sources_capabilities as capabilities
import test_sources_disputes as disputes
import test_sources_exercises as exercises
import test_sources_reliability as reliability
import test_sources_sipri as sipri
import test_sources_ties as ties
import test_sources_trade as trade
import test_sources_un as un
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from support import ROOT, files_of

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.importing import import_source
from alliances.sources.remarks import gathered
from alliances.study import check_folder

PAIR = {"focal": "ARM", "ally": "RUS", "comparison": [], "first_year": 1992, "last_year": 2025}
PAGE = "<!DOCTYPE html>\n<html><body>503 Service Unavailable</body></html>\n"
EXAMPLES = 10


def of_frame(rows):
    return pd.DataFrame(rows).to_csv(index=False)


def of_wars(count, header, row):
    """As many rows as a replication file has; the alliances' numbers tell them apart."""
    return (
        header + "\n" + "".join(row.replace("9010.0", f"{9010 + n}.0") + "\n" for n in range(count))
    )


def indices(*states, state="country_text_id", **columns):
    """Three years of each state with some values that do not change."""
    return of_frame(
        [{state: name, "year": year} | columns for name in states for year in (2020, 2021, 2024)]
    )


VDEM = dict(zip(layouts.VDEM[6:], [0.6, 0.5, 0.7, 0.05, 0.4, 0.3, 0.5, 0.05]))
PROMISES = dict.fromkeys(("atop_offense", "atop_neutral", "atop_nonagg", "atop_consul"), 0)
YEARS = of_frame(
    [
        {"ccode1": one, "ccode2": other, "year": year, "atop_defense": 1} | PROMISES
        for one, other in ((365, 371), (371, 365))
        for year in (1998, 1999)
    ]
)
DIRECTED = ties.GEODIST + "RUS,ARM,0,0,0,1,0,0,1,0,1803.0,1803.0,2080.5,1797.6\n"
CONFLICTS = of_frame(
    [
        {"conflict_id": 1, "year": year, "gwno_a": "652", "gwno_a_2nd": "365, 630", "gwno_b": ""}
        | {"gwno_b_2nd": "371"}
        for year in (2015, 2016)
    ]
)
IDEAL = un.IDEAL + "365,RUS,2023.0,-0.41,-0.5,-0.3,88\n371,ARM,2023.0,0.06,0.0,0.1,90\n"
MATERIAL = of_frame(
    [
        {"ccode": number, "year": year, "milex": 9, "milper": 1, "irst": 2, "pec": 3, "tpop": 4.5}
        | {"upop": 1, "cinc": 0.25}
        for number in (365, 371)
        for year in (2020, 2021)
    ]
)


def sheets_of(path):
    book = load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


@cache
def samples(folder):
    """{source: {file name: text, or {sheet: rows} for a workbook}}."""
    atop = layouts.atop_files()
    russia, world = trade.russia(folder), trade.world(folder)
    return {
        "allied-pairs": {"y.csv": YEARS, "g.csv": DIRECTED, "c.csv": ties.CONTIGUITY},
        "armstat": {"armstat.csv": trade.ARMSTAT},
        "atop-alliances": {
            "a.csv": atop["ATOP 5.1 (.csv)/atop5_1a.csv"],
            "m.csv": atop["ATOP 5.1 (.csv)/atop5_1m.csv"],
        },
        "atop-dyad-years": {"y.csv": YEARS},
        "berkemeier-fuhrmann": {"bf.csv": of_wars(576, reliability.HEADER, reliability.ROWS[0])},
        "cba-transfers": {"cba.xlsx": sheets_of(trade.bank(folder))},
        "cepii-geodist": {"dist_cepii.csv": DIRECTED},
        "cow-capabilities": {"nmc.csv": MATERIAL},
        "cow-contiguity": {"contdir.csv": layouts.SPANS},
        "cow-disputes": {"mid.csv": disputes.PAIRS},
        "cow-trade": {"dyads.csv": trade.DYADS, "states.csv": trade.STATES},
        "cshapes": {"mindist.csv": ties.SHORTEST},
        "freedom-house": {"fh.xlsx": sheets_of(layouts.statuses(folder))},
        "gml-disputes": {"gml.csv": disputes.STAYS},
        "ideal-points": {"ideal.csv": IDEAL},
        "imf-dots": {"rus.xlsx": sheets_of(russia), "world.xlsx": sheets_of(world)},
        "leeds-anac": {"la.csv": of_wars(137, *reliability.MEMBERS_TEXT.splitlines()[:2])},
        "lexical-index": {"lied.csv": indices(365, 371, state="lied_cow", lexical_index=3)},
        "mme": {"mme.csv": exercises.HEADER + exercises.ROWS},
        "natural-earth": {"countries-50m.json": test_military_presence.atlas()},
        "polity": {"polity.csv": indices(365, 371, state="cown", polity2=4)},
        "regimes-of-the-world": {"ert.csv": indices("ARM", "RUS", v2x_regime=1)},
        "sipri-deliveries": {"deliveries.csv": sipri.DELIVERY_TEXT},
        "sipri-early-deliveries": {"tiv.csv": sipri.TIV_TEXT, "orders.csv": sipri.ORDER_TEXT},
        "sipri-milex": {
            "milex.xlsx": {
                name: [["Title"], *rows, ["Russia", *rows[1][1:]]]
                for name, rows in capabilities.SHEETS.items()
            }
        },
        "sipri-orders": {"orders.csv": sipri.ORDER_TEXT},
        "sipri-tiv-tables": {"tables.csv": sipri.ARMENIA + sipri.RUSSIA},
        "ucdp-prio-conflicts": {"ucdp.csv": CONFLICTS},
        "un-votes": {
            "calls.csv": un.CALLS,
            "votes.csv": un.VOTES,
            "library.csv": un.LIBRARY,
            "ES-11.json": "\n".join(map(json.dumps, (un.RECORD, un.RECORD, un.QUIET))) + "\n",
        },
        "undesa-migrants": {"undesa.xlsx": sheets_of(layouts.stocks(folder, layouts.ROWS))},
        "vdem": {"V-Dem-CY-Core-v15.csv": indices("ARM", "RUS", **VDEM)},
        "vdem-16": {
            "v.csv": indices(365, 371, state="ccode", v2x_polyarchy=0.5).replace("2024", "2025")
        },
        "wdi-gdp": {"gdp.csv": trade.GDP},
    }


WITHOUT = {"natural-earth-region": "needs the borders of a whole region"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mangled")


def study_of(source, folder):
    """A small study with the tables that a source makes, all empty but for their headers."""
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    package["study"] = PAIR
    wanted = {"states", *all_sources()[source].tables}
    package["resources"] = [each for each in package["resources"] if each["name"] in wanted]
    target = folder / f"study of {source}"
    for resource in package["resources"]:
        path = target / resource["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "data" / resource["path"], path)
        if resource["name"] != "states":
            path.write_text(
                path.read_text(encoding="utf-8").split("\n", 1)[0] + "\n", encoding="utf-8"
            )
    (target / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return target


def written(target, name, content):
    path = target / name
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, dict):
        book = Workbook()
        book.remove(book.active)
        for title, rows in content.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(path)
    else:
        path.write_bytes(
            content
            if isinstance(content, bytes)
            else content.encode("iso-8859-1", "xmlcharrefreplace")
        )
    return path


# What befalls a table of rows, whatever file it comes in


JUNK = ("", "x", "-5", "1,234", "1.5", "nan", "inf", "1e400", "12.05.1992", "12/05/92", "33738", "0,5",
        "9" * 40, "²", "2024-13-01", "-9", "NA", "<html>", "\t", '"', "None")  # fmt: skip


def lose(rows, random):
    del rows[random.randrange(len(rows))]


def double(rows, random):
    rows.append(list(random.choice(rows)))


def reorder(rows, random):
    random.shuffle(rows)


def lose_column(rows, random):
    place = random.randrange(max(map(len, rows)) or 1)
    for row in rows:
        del row[place : place + 1]


def double_column(rows, random):
    place = random.randrange(max(map(len, rows)) or 1)
    for row in rows:
        row.extend(row[place : place + 1])


def swap_columns(rows, random):
    one, other = (random.randrange(max(map(len, rows)) or 1) for _ in range(2))
    for row in rows:
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def junk(rows, random):
    row = random.choice(rows)
    if row:
        row[random.randrange(len(row))] = random.choice(JUNK)


def decimal_commas(rows, random):
    for row in rows:
        row[:] = [re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", "" if c is None else str(c)) for c in row]


TO_ROWS = (
    lose,
    double,
    reorder,
    lose_column,
    double_column,
    swap_columns,
    junk,
    junk,
    decimal_commas,
)


def text_of(rows, delimiter):
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return target.getvalue()


def mangled_text(text, random):
    """A text in which one thing is done to its characters, or some to its rows."""
    place = random.randrange(len(text))
    deed = random.randrange(8)
    if deed == 0:
        return text[:place]
    if deed == 1:
        return text[:place] + PAGE + text[place:]
    if deed == 2:
        return text.replace(",", random.choice(";\t|"))
    if deed == 3:
        return text.encode("utf-16")
    if deed == 4:
        raw = bytearray(text.encode("iso-8859-1", "replace"))
        raw[random.randrange(len(raw))] = random.randrange(256)
        return bytes(raw)
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(random.randrange(1, 3)):
        if rows:
            random.choice(TO_ROWS)(rows, random)
    return text_of(rows, random.choice(",,;\t"))


def mangled_book(sheets, random, target, name):
    """A workbook with something done to the rows of a sheet, or to its bytes."""
    sheets = {title: [list(row) for row in rows] for title, rows in sheets.items()}
    rows = sheets[random.choice(list(sheets))]
    deed = random.choice(TO_ROWS)
    if rows:
        deed(rows, random)
    content = written(target, name, sheets).read_bytes()
    if random.random() < 0.3:
        place = random.randrange(len(content))
        content = random.choice(
            (content[:place], content[:place] + b"\xff" + content[place + 1 :], PAGE)
        )
    return content


@pytest.mark.parametrize("source", sorted(all_sources()))
def test_a_mangled_file_is_read_and_said_or_refused_and_nothing_changed(source, folder):
    if source not in samples(folder):
        pytest.skip(
            f"{source}: {WITHOUT.get(source, 'its sample and its own tests are elsewhere')}"
        )
    files, study = samples(folder)[source], study_of(source, folder)
    whole = [written(folder / source, name, content) for name, content in files.items()]
    fresh = files_of(study)
    assert import_source(source, whole, study), "the sample itself is read"
    shutil.rmtree(study)
    study_of(source, folder)

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(seed=st.integers(0, 2**32))
    def mangled(seed):
        chance = random.Random(seed)
        spoilt = chance.choice(list(files))
        paths = []
        for name, content in files.items():
            if name == spoilt and isinstance(content, dict):
                content = mangled_book(content, chance, folder / source, name)
            elif name == spoilt:
                content = mangled_text(content, chance)
            paths.append(written(folder / source, name, content))
        before = files_of(study)
        try:
            said = import_source(source, paths, study, accessed="2026-01-01")
        except DataProblem as problem:
            assert str(problem).strip() and files_of(study) == before
        else:
            assert all(sentence.strip() for sentence in said) and len(said) >= 2
            check_folder(study)

    mangled()
    assert files_of(study).keys() == fresh.keys()


def as_excel_abroad(text):
    """The text as a spreadsheet in a country of decimal commas saves it."""
    rows = list(csv.reader(io.StringIO(text)))
    decimal_commas(rows, None)
    return text_of(rows, ";")


def as_unicode_text(text):
    return text_of(csv.reader(io.StringIO(text)), "\t").encode("utf-16")


def made(source, folder, files):
    paths = [written(folder / f"as saved {source}", name, each) for name, each in files.items()]
    tables = all_sources()[source].make(paths, PAIR).tables
    return {name: table.to_csv(index=False) for name, table in tables.items()}


@pytest.mark.parametrize("saved_as", [as_excel_abroad, as_unicode_text])
@pytest.mark.parametrize("source", sorted(all_sources()))
def test_what_a_spreadsheet_saved_is_read_as_what_it_was_or_refused(source, saved_as, folder):
    files = samples(folder).get(source)
    if files is None or not any(name.endswith(".csv") for name in files):
        pytest.skip(f"{source}: no csv file among its samples")
    plain = made(source, folder, files)
    again = {
        name: saved_as(each) if name.endswith(".csv") else each for name, each in files.items()
    }
    try:
        assert made(source, folder, again) == plain
    except DataProblem as problem:
        said = {"wdi": "GDP in current US dollars|semicolons"}
        expected = next((text for start, text in said.items() if source.startswith(start)), "")
        assert expected and re.search(expected, str(problem))


@pytest.mark.parametrize("source", sorted(all_sources()))
def test_every_source_reads_its_files_out_of_archives(source, folder):
    files = samples(folder).get(source)
    if files is None:
        pytest.skip(f"{source}: {WITHOUT.get(source, 'its sample is elsewhere')}")
    archives = {}
    for name, each in files.items():
        raw = written(folder / f"packed {source}", name, each).read_bytes()
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(f"a folder/{name}", raw)
            archive.writestr("readme.txt", "words")
            archive.writestr("codebook.pdf", b"%PDF")
        archives[f"{name.rsplit('.', 1)[0]}.zip"] = target.getvalue()
    with gathered() as said:
        assert made(source, folder, archives) == made(source, folder, files)
    assert sum("left aside readme.txt, codebook.pdf" in sentence for sentence in said) == len(files)
