"""Every import that made a shipped table makes it again, to the byte, from the producer's files."""

import hashlib
import json
import shutil

import pytest
from support import ROOT, SHARED, files_of, needs_shared

from alliances.sources import all_sources, importing
from alliances.study import check_folder

# Six files and half a minute: tests/test_sources_un.py imports them into a copy, too.
ELSEWHERE = {"un-votes"}


def commands():
    """{source: [(file, sha256)]} of all imports that the data package names."""
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    entries = [entry for table in package["resources"] for entry in table.get("sources", [])]
    return {
        entry["key"]: [(file["name"], file["sha256"]) for file in entry["files"]]
        for entry in entries
        if "command" in entry
    }


def at_hand(name, checksum):
    """The producer's file of this name and content, or None where it is not on this machine."""
    found = [
        path
        for path in (SHARED / "data").rglob(name)
        if hashlib.sha256(path.read_bytes()).hexdigest() == checksum
    ]
    return found[0] if found else None


def test_every_source_has_made_a_shipped_table_or_is_for_other_data():
    assert set(commands()) <= set(all_sources())


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("round") / "data"
    shutil.copytree(ROOT / "data", folder)
    return folder


@needs_shared
@pytest.mark.parametrize("source", sorted(set(commands()) - ELSEWHERE))
def test_importing_the_same_files_leaves_the_study_as_it_is(source, copy, monkeypatch):
    paths = [at_hand(*file) for file in commands()[source]]
    if None in paths:
        pytest.skip(f"{source}: its file is not among the producers' files on this machine")
    # The study is the same before and after, which the last test checks once for all.
    monkeypatch.setattr(importing, "check_folder", lambda folder: None)
    before = files_of(copy)
    said = importing.import_source(source, paths, copy)
    assert files_of(copy) == before
    made = all_sources()[source].tables
    for table in made:
        assert any(line.startswith(f"{table}: ") and ", 0 gone" in line for line in said)


@needs_shared
def test_the_study_is_sound_after_all_imports(copy):
    check_folder(copy)
    assert files_of(copy) == files_of(ROOT / "data")
