"""From producers' files to a published book, for a pair that nobody tuned anything for."""

import json

import pytest
from support import ROOT, copy_book, needs_shared
from test_round_trips import at_hand, commands

from alliances.book import build as building
from alliances.new_study import new_study
from alliances.problems import DataProblem
from alliances.sources import importing
from alliances.study import Study, check_folder

pytestmark = needs_shared
FOR_ARMENIA = {"armstat", "cba-transfers", "imf-dots"}
NOT_AT_HAND = {"natural-earth", "natural-earth-region"}


@pytest.fixture(scope="module")
def japan(tmp_path_factory):
    """A study of Japan and the United States, filled with all that the producers' files hold."""
    folder = tmp_path_factory.mktemp("producers") / "japan"
    new_study(ROOT / "data", folder, "JPN", "USA", ["KOR", "AUS"])
    refused = {}
    with pytest.MonkeyPatch.context() as patch:
        # Each import checks the whole study; here that is done once, at the end.
        patch.setattr(importing, "check_folder", lambda folder: None)
        for source, files in sorted(commands().items()):
            paths = [at_hand(*file) for file in files]
            if None in paths:
                refused[source] = "not at hand"
                continue
            try:
                importing.import_source(source, paths, folder, "2026-11-26")
            except DataProblem as problem:
                refused[source] = str(problem)
    check_folder(folder)
    return folder, refused


def test_every_producer_is_read_but_those_of_another_country(japan):
    refused = japan[1]
    assert set(refused) == FOR_ARMENIA | NOT_AT_HAND
    for source in FOR_ARMENIA:
        assert "Armenia" in refused[source] or "RUS" in refused[source]


def test_its_tables_hold_the_pair_and_know_where_from(japan):
    study = Study(japan[0])
    for name in (
        *("arms_transfers/deliveries", "arms_transfers/orders", "voting_alignment/yearly_counts"),
        *("voting_alignment/ideal_points", "treaty_obligations/obligations_by_year"),
        *("limiting_factors/regimes", "limiting_factors/capabilities", "limiting_factors/gdp"),
        *("joint_exercises/yearly_counts", "trade/flows_by_year", "ties/migrants", "ties/pairs"),
    ):
        assert study.holds(name), name
        resource = study.resource(name)
        assert "waiting_for" not in resource and resource["coverage"] if "year" in name else True
        keys = set(study.table(name)["source"])
        entries = {entry["key"]: entry for entry in resource["sources"]}
        assert {part for key in keys for part in key.split("+")} <= set(entries)
    coded = study.table("treaty_obligations/obligations_by_year")
    own = coded[(coded["state"] == "USA") & (coded["partner"] == "JPN")]
    # By the Treaty of Mutual Cooperation and Security of 1960 the United States defend Japan.
    assert own["defence"].eq(1).all() and own["year"].min() == study.first_year
    assert set(study.table("limiting_factors/regimes")["state"]) == {"JPN", "USA", "KOR", "AUS"}
    counts = study.table("voting_alignment/yearly_counts")
    assert set(counts["focal"]) == {"JPN", "USA"}


def test_its_book_is_published_and_speaks_of_its_own_pair(japan, tmp_path):
    out = tmp_path / "site"
    building.build(copy_book(tmp_path / "book"), japan[0], out, say=lambda text: None)
    pages = {path.stem: path.read_text(encoding="utf-8") for path in out.glob("chapters/*.html")}
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"chapters/{name}" in toc for name in pages if name not in {"index"})
    for name in ("arms_transfers", "voting_alignment", "trade", "conclusions", "limiting_factors"):
        assert "Japan" in pages[name] and "United States" in pages[name], name
    # Russia delivered nothing to Japan, and nobody may read in the book that it did.
    assert "Russia delivered" not in pages["arms_transfers"]
    assert "has no row for Japan and the United States: nobody has looked" in pages["military_presence"]


def test_a_study_of_another_country_says_so_before_it_is_filled(japan):
    package = json.loads((japan[0] / "datapackage.json").read_text(encoding="utf-8"))
    empty = [one["name"] for one in package["resources"] if "waiting_for" in one]
    assert "military_presence/sites" in empty and "treaty_obligations/documents" in empty
