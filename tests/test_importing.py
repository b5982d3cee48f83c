"""An import renews its own rows, or changes nothing at all."""

import hashlib
import json
import shutil
import zipfile
from datetime import date, timedelta

import pytest
from support import ROOT, needs_shared
from test_sources_sipri import DELIVERIES, DELIVERY_TEXT, IMPORTS, ORDER_TEXT, ORDERS, saved

from alliances.problems import DataProblem
from alliances.sources import all_sources
from alliances.sources.importing import import_source

TABLE = "arms_transfers/deliveries"
OTHERS = "GEO,FRA,1994,3.0,sipri-early-deliveries\n"


def field(name, kind="string"):
    return {"name": name, "type": kind, "constraints": {"required": True}}


def state_key(column):
    return {"fields": column, "reference": {"resource": "states", "fields": "iso3"}}


@pytest.fixture
def study(tmp_path):
    """A small study with one row from another source and two that an import will replace."""
    folder = tmp_path / "study"
    (folder / "arms_transfers").mkdir(parents=True)
    fields = [
        field("recipient"),
        field("supplier"),
        field("year", "integer"),
        field("tiv", "number"),
        field("source"),
    ]
    key = ["recipient", "supplier", "year"]
    package = {
        "name": "small",
        "study": {
            "focal": "ARM",
            "ally": "RUS",
            "first_year": 1992,
            "last_year": 2025,
            "comparison": ["GEO"],
        },
        "resources": [
            {
                "name": "states",
                "path": "states.csv",
                "type": "table",
                "format": "csv",
                "encoding": "utf-8",
                "schema": {"fields": [field("iso3"), field("name")], "primaryKey": ["iso3"]},
            },
            {
                "name": TABLE,
                "path": f"{TABLE}.csv",
                "type": "table",
                "format": "csv",
                "encoding": "utf-8",
                "coverage": {"first_year": 1993, "last_year": 2019},
                "sources": [
                    {
                        "key": "sipri-early-deliveries",
                        "title": "B",
                        "coverage": {"first_year": 1993, "last_year": 1994},
                    },
                    {
                        "key": "sipri-deliveries",
                        "title": "A",
                        "citation": "a",
                        "edition": "older",
                        "obtained": "by post",
                    },
                ],
                "schema": {
                    "fields": fields,
                    "primaryKey": key,
                    "foreignKeys": [state_key("recipient"), state_key("supplier")],
                },
            },
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    states = "iso3,name\nARM,Armenia\nFRA,France\nGEO,Georgia\nRUS,Russia\nZZZ,unknown\n"
    (folder / "states.csv").write_text(states, encoding="utf-8")
    rows = "ARM,FRA,2020,7.0,sipri-deliveries\nARM,RUS,2019,1.0,sipri-deliveries\n"
    (folder / f"{TABLE}.csv").write_text(
        "recipient,supplier,year,tiv,source\n" + rows + OTHERS, encoding="utf-8"
    )
    return folder


@pytest.fixture
def register(tmp_path):
    return saved(tmp_path, DELIVERY_TEXT, "trade-register.csv")


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def entry(study, key):
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(resource for resource in package["resources"] if resource["name"] == TABLE)
    return resource, next(source for source in resource["sources"] if source["key"] == key)


def test_an_import_replaces_its_own_rows_and_keeps_the_others(study, register):
    import_source("sipri-deliveries", [register], study)
    assert (study / f"{TABLE}.csv").read_text(encoding="utf-8") == (
        "recipient,supplier,year,tiv,source\n"
        "ARM,FRA,2020,8.0,sipri-deliveries\nARM,FRA,2021,4.1,sipri-deliveries\n"
        + OTHERS
        + "GEO,ZZZ,2021,0.2,sipri-deliveries\n"
    )


def test_an_import_says_what_was_added_revised_and_gone(study, register):
    said = import_source("sipri-deliveries", [register], study)[-1]
    assert (
        "3 rows from this source, 2 added, 1 revised (ARM FRA 2020), 1 gone (ARM RUS 2019)." in said
    )


def test_an_import_says_what_was_read_and_what_was_left_out(study, register):
    said = " ".join(import_source("sipri-deliveries", [register], study))
    assert "5 deliveries of 2020 to 2021 read; 4 of them" in said


def test_an_import_leaves_its_provenance(study, register):
    import_source("sipri-deliveries", [register], study, accessed="2026-03-03")
    resource, source = entry(study, "sipri-deliveries")
    assert source == {
        "key": "sipri-deliveries",
        "title": "A",
        "citation": "a",
        "edition": "generated 3 March 2026",
        "accessed": "2026-03-03",
        "files": [
            {
                "name": "trade-register.csv",
                "sha256": hashlib.sha256(register.read_bytes()).hexdigest(),
            }
        ],
        "command": "alliances import sipri-deliveries trade-register.csv",
        "coverage": {"first_year": 2020, "last_year": 2021},
    }
    assert resource["coverage"] == {"first_year": 1993, "last_year": 2021}


def titled(study, title, short):
    path = study / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"][1]["sources"][1] |= {"title": title, "short": short}
    path.write_text(json.dumps(package), encoding="utf-8")


def test_a_title_that_names_another_edition_gives_way_and_any_other_stays(study, register):
    titled(study, "Register, edition of 2025", "SIPRI 2025")
    import_source("sipri-deliveries", [register], study)
    source = entry(study, "sipri-deliveries")[1]
    assert source["title"] == all_sources()["sipri-deliveries"].title and "short" not in source
    titled(study, "Register of 2026", "SIPRI")
    register.write_bytes(register.read_bytes().replace(b"Figures", b"The figures"))
    import_source("sipri-deliveries", [register], study)
    assert entry(study, "sipri-deliveries")[1]["title"] == "Register of 2026"


def test_what_was_done_to_a_file_is_said_before_what_was_read(study, register, tmp_path):
    path = tmp_path / "sipri.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(register, "trade-register.csv")
        archive.writestr("terms.txt", "words")
    said = import_source("sipri-deliveries", [path], study)
    assert said[0] == "sipri.zip: read trade-register.csv in it; left aside terms.txt."
    assert "5 deliveries of 2020 to 2021 read" in said[1]


def test_importing_twice_changes_nothing_the_second_time(study, register):
    import_source("sipri-deliveries", [register], study, accessed="2026-03-03")
    once = contents(study)
    said = import_source("sipri-deliveries", [register], study, accessed="2026-03-03")
    assert contents(study) == once
    assert "0 added, 0 revised, 0 gone" in said[-1]


def test_a_source_the_study_has_not_met_gets_an_entry(study, register):
    path = study / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    resource = package["resources"][1]
    resource["sources"] = [one for one in resource["sources"] if one["key"] != "sipri-deliveries"]
    path.write_text(json.dumps(package), encoding="utf-8")
    import_source("sipri-deliveries", [register], study)
    assert entry(study, "sipri-deliveries")[1]["accessed"] == date.today().isoformat()


def test_a_table_that_is_not_there_yet_is_made(study, register):
    (study / f"{TABLE}.csv").unlink()
    import_source("sipri-deliveries", [register], study)
    assert len((study / f"{TABLE}.csv").read_text(encoding="utf-8").splitlines()) == 4


def refused(study, source, paths, said, **more):
    before = contents(study)
    with pytest.raises(DataProblem) as refusal:
        import_source(source, paths, study, **more)
    assert said in str(refusal.value)
    assert contents(study) == before


def test_whatever_is_wrong_with_the_file_the_study_stays_as_it_is(study, tmp_path):
    for text, said in [
        ("", "is empty"),
        ("<html>error</html>", "web page"),
        (DELIVERY_TEXT[:-20], "row"),
        (DELIVERY_TEXT.replace("Status,", ""), "columns missing: Status"),
        (DELIVERY_TEXT.replace("Georgia", "Gorgia"), "Gorgia"),
        (ORDER_TEXT, "trade register by order"),
    ]:
        refused(study, "sipri-deliveries", [saved(tmp_path, text)], said)


def test_what_would_make_the_study_unsound_is_not_written(study, tmp_path):
    path = saved(tmp_path, DELIVERY_TEXT.replace(",France,", ",India,"))
    refused(study, "sipri-deliveries", [path], "'IND'")


def test_a_year_in_the_future_is_not_written(study, tmp_path):
    package = json.loads((study / "datapackage.json").read_text(encoding="utf-8"))
    package["study"]["last_year"] = 2090
    (study / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    path = saved(tmp_path, DELIVERY_TEXT.replace(",No,2021,", ",No,2089,"))
    refused(study, "sipri-deliveries", [path], "2089")


def test_a_study_that_is_broken_already_is_left_alone(study, register):
    (study / "states.csv").write_text("iso3;name\nARM;Armenia\n", encoding="utf-8")
    refused(study, "sipri-deliveries", [register], "states.csv")


def test_a_table_with_other_columns_is_refused(study, register):
    path = study / f"{TABLE}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("tiv", "value", 1), encoding="utf-8")
    refused(study, "sipri-deliveries", [register], "value")


def test_a_study_without_the_table_is_refused(study, tmp_path):
    refused(study, "sipri-orders", [saved(tmp_path, ORDER_TEXT)], "no table arms_transfers/orders")


def test_a_table_outside_the_study_is_never_written(study, register, tmp_path):
    path = study / "datapackage.json"
    for place in ("../outside.csv", str(tmp_path / "outside.csv")):
        package = json.loads(path.read_text(encoding="utf-8"))
        package["resources"][1]["path"] = place
        path.write_text(json.dumps(package), encoding="utf-8")
        refused(study, "sipri-deliveries", [register], "in the study's folder")
    assert not (tmp_path / "outside.csv").exists()


def test_unknown_source_no_file_and_bad_date_are_refused(study, register):
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    refused(study, "sipri", [register], "Those known are: allied-pairs, ")
    refused(study, "sipri-deliveries", [], "no file was given")
    refused(study, "sipri-deliveries", [register], "such as 2026-02-12", accessed="3 March")
    refused(study, "sipri-deliveries", [register], "future", accessed=tomorrow)


def test_a_folder_that_is_no_study_is_refused(tmp_path, register):
    with pytest.raises(DataProblem, match="no such folder"):
        import_source("sipri-deliveries", [register], tmp_path / "nowhere")


def test_a_failure_while_writing_leaves_no_half_made_files(study, register, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("alliances.sources.importing.os.replace", full)
    refused(study, "sipri-deliveries", [register], "No space left")


@needs_shared
def test_the_commands_in_the_data_package_make_the_shipped_tables(tmp_path):
    copy = tmp_path / "data"
    shutil.copytree(ROOT / "data", copy)
    wanted = {
        name: (copy / name).read_bytes() for name in (f"{TABLE}.csv", "arms_transfers/orders.csv")
    }
    path = copy / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        if resource["path"] in wanted:
            resource["waiting_for"] = "SIPRI's file"
            text = wanted[resource["path"]]
            (copy / resource["path"]).write_bytes(text.splitlines(keepends=True)[0])
    path.write_text(json.dumps(package), encoding="utf-8")
    for name, paths in (
        ("sipri-deliveries", [DELIVERIES]),
        ("sipri-early-deliveries", [IMPORTS, ORDERS]),
        ("sipri-orders", [ORDERS]),
    ):
        import_source(name, paths, copy)
    assert {name: (copy / name).read_bytes() for name in wanted} == wanted
    assert "waiting_for" not in path.read_text(encoding="utf-8")
