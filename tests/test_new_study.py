"""A study of another pair is sound from the first moment, and says what it lacks."""

import json
import shutil

import pandas as pd
import pytest
from support import ROOT, files_of

from alliances import headline
from alliances.new_study import INSTRUCTIONS, new_study
from alliances.problems import DataProblem
from alliances.study import Study, check_folder, read_package

SHIPPED = ROOT / "data"


@pytest.fixture(scope="module")
def kazakhstan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "kazakhstan"
    return folder, new_study(SHIPPED, folder, "KAZ", "RUS")


def test_it_is_sound_and_holds_the_shipped_figures_of_the_pair(kazakhstan):
    folder, said = kazakhstan
    check_folder(folder)
    study, shipped = Study(folder), Study(SHIPPED, focal="KAZ")
    assert (study.focal, study.ally) == ("KAZ", "RUS")
    assert set(study.comparison) == {"ARM", "BLR", "KGZ", "TJK", "AZE", "GEO"}
    for name in (
        *("arms_transfers/deliveries", "voting_alignment/yearly_counts", "ties/pairs"),
        *("limiting_factors/regimes", "joint_exercises/yearly_counts", "trade/mirror_flows"),
        *("treaty_obligations/obligations_by_year", "ties/migrants"),
    ):
        assert study.holds(name), name
        columns = study.resource(name)["pair"]
        ours, theirs = (one.table(name) for one in (study, shipped))
        for role, state in (("focal", "KAZ"), ("ally", "RUS")):
            if role in columns:
                mine, all_of_it = (t[t[columns[role]] == state] for t in (ours, theirs))
                pd.testing.assert_frame_equal(
                    mine.reset_index(drop=True), all_of_it.reset_index(drop=True)
                ) if role == "focal" else None
    assert len(said) == len(study.package["resources"])


def test_further_partners_of_the_ally_come_with_the_states_that_are_compared(kazakhstan, tmp_path):
    study, shipped = Study(kazakhstan[0]), Study(SHIPPED)
    further = {"MDA", "TKM", "UKR", "UZB"}
    assert set(study.partners) - set(study.comparison) == further
    for name in ("limiting_factors/regimes", "orientation_change/leader_changes"):
        ours, theirs = (one.table(name) for one in (study, shipped))
        assert further <= set(ours["state"]) <= {*study.partners, "KAZ", "RUS"}
        assert len(ours[ours["state"] == "UKR"]) == len(theirs[theirs["state"] == "UKR"])
    new_study(SHIPPED, tmp_path / "named", "KAZ", "RUS", ["BLR"])
    named = Study(tmp_path / "named")
    assert named.partners == named.comparison == ["BLR"]
    assert set(named.table("limiting_factors/regimes")["state"]) == {"KAZ", "RUS", "BLR"}


def test_no_row_collected_about_another_pair_comes_along(kazakhstan):
    study = Study(kazakhstan[0])
    for resource in read_package(SHIPPED)["resources"]:
        if resource.get("about") or resource.get("pair", {}).get("own_only"):
            rows = study.table(resource["name"])
            text = rows.to_csv()
            assert rows.empty or "KAZ" in text, resource["name"]
            assert ("about" in study.resource(resource["name"])) == ("case_only" in resource)
    calls = study.unsought("joint_operations/tests_of_obligations")
    assert calls[["test", "ally", "asker"]].values.tolist() == [["kazakhstan-2022", "RUS", "KAZ"]]
    assert set(study.unsought("joint_operations/accounts")["test"]) == {"kazakhstan-2022"}
    assert "change of government" not in set(study.events["label"])


def test_a_row_found_in_another_pairs_list_is_no_searched_list(kazakhstan, tmp_path):
    name = "joint_operations/tests_of_obligations"
    study = Study(kazakhstan[0])
    resource = study.resource(name)
    assert "coverage" not in resource and resource["gaps"].startswith("Nobody searched")
    assert study.table(name).empty and not study.holds(name) and len(study.unsought(name)) == 1
    assert headline.of_study(study).values_of("Calls answered").empty
    text = (kazakhstan[0] / INSTRUCTIONS).read_text(encoding="utf-8")
    assert f"### {resource['path']}" in text.split("## Tables that nobody searched")[1]
    shipped = Study(SHIPPED, focal="KAZ")
    assert not shipped.holds(name) and len(shipped.unsought(name)) > 1
    assert Study(SHIPPED).unsought(name).empty and Study(SHIPPED, focal="RUS", ally="ARM").holds(name)
    # Whoever has searched says so, and the row is one of a list.
    folder = tmp_path / "searched"
    shutil.copytree(kazakhstan[0], folder)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for one in package["resources"]:
        if one["name"] == name:
            one |= {"searched_for": ["KAZ", "RUS"], "coverage": {"first_year": 1992, "last_year": 2025}}
            one.pop("waiting_for")
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    check_folder(folder)
    searched = Study(folder)
    assert searched.holds(name) and len(searched.table(name)) == 1 and searched.unsought(name).empty


def test_every_empty_table_says_how_it_is_filled(kazakhstan):
    folder = kazakhstan[0]
    text = (folder / INSTRUCTIONS).read_text(encoding="utf-8")
    study = Study(folder)
    for resource in study.package["resources"]:
        empty = study.table(resource["name"]).empty
        assert ("waiting_for" in resource) == empty, resource["name"]
        if empty:
            asked_for = f"### {resource['path']}" in text and resource["waiting_for"] in text
            assert asked_for == ("case_only" not in resource), resource["name"]
            assert not {"coverage", "remarks"} & set(resource)
            assert not any("command" in source for source in resource.get("sources", []))
            assert not study.holds(resource["name"])
    assert "alliances import natural-earth" in text and "`personnel`" in text


@pytest.mark.parametrize("focal", ["BLR", "KGZ", "TJK"])
def test_the_other_russian_alliances_hold_what_the_chapters_need(focal):
    study = Study(SHIPPED, focal=focal)
    assert study.holds("voting_alignment/yearly_counts") and study.holds("arms_transfers/orders")
    assert study.holds("limiting_factors/capabilities")


def test_a_pair_of_which_nothing_is_shipped_gets_empty_tables_and_no_false_zeros(tmp_path):
    said = new_study(SHIPPED, tmp_path / "study", "JPN", "USA", ["KOR", "DEU"])
    study = Study(tmp_path / "study")
    assert study.partners == study.comparison == ["KOR", "DEU"]
    for name in ("arms_transfers/deliveries", "ties/land_borders", "trade/totals_by_year"):
        assert study.table(name).empty and not study.holds(name)
    assert study.last_observed("arms_transfers/deliveries") < study.first_year
    assert any("empty. Import a producer's file: `alliances import sipri-del" in line for line in said)


def test_what_cannot_be_is_refused_all_at_once_and_nothing_appears(tmp_path):
    with pytest.raises(DataProblem) as refusal:
        new_study(SHIPPED, tmp_path / "study", "KZ", "RUSSIA", ["ARM", "???"])
    said = str(refusal.value)
    assert all(word in said for word in ("focal: found 'KZ'", "ally: found 'RUSSIA'", "'???'"))
    with pytest.raises(DataProblem, match="expected two states"):
        new_study(SHIPPED, tmp_path / "study", "KAZ", "KAZ")
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("keep me")
    before = files_of(tmp_path)
    with pytest.raises(DataProblem, match="not empty"):
        new_study(SHIPPED, tmp_path, "KAZ", "RUS")
    with pytest.raises(DataProblem, match="this is a file"):
        new_study(SHIPPED, tmp_path / "letter.txt", "KAZ", "RUS")
    with pytest.raises(DataProblem, match="cannot be written"):
        new_study(SHIPPED, tmp_path / "letter.txt" / "study", "KAZ", "RUS")
    assert files_of(tmp_path) == before


def test_the_same_command_gives_the_same_bytes(kazakhstan, tmp_path):
    new_study(SHIPPED, tmp_path / "kazakhstan", "KAZ", "RUS")
    once, twice = files_of(kazakhstan[0]), files_of(tmp_path / "kazakhstan")
    once.pop(INSTRUCTIONS), twice.pop(INSTRUCTIONS)  # It names the folder.
    assert once == twice


def test_rows_without_a_note_are_missed(kazakhstan, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(kazakhstan[0], folder)
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        resource.pop("waiting_for", None)
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(DataProblem, match="found no rows; expected at least one, or a note"):
        check_folder(folder)


def test_the_rows_of_the_world_come_along_for_they_belong_to_every_pair(kazakhstan):
    """Trade intensity sets a state's exports beside the trade of all states."""
    table, all_of_it = (Study(one).table("trade/totals_by_year") for one in (kazakhstan[0], SHIPPED))
    world, shipped = (one[one["reporter"] == "WLD"] for one in (table, all_of_it))
    assert len(shipped) == 2 * 23
    pd.testing.assert_frame_equal(*(one.reset_index(drop=True) for one in (world, shipped)))
