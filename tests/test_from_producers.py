"""From producers' files to a published book, for a pair that nobody tuned anything for."""

import csv
import gzip
import json

import pytest
from r_file import read_frame
from support import ROOT, SHARED, copy_book, needs_shared
from test_round_trips import at_hand, commands

from alliances.book import build as building
from alliances.new_study import new_study
from alliances.problems import DataProblem
from alliances.sources import importing
from alliances.study import Study, check_folder

pytestmark = needs_shared
FOR_ARMENIA = {"armstat", "cba-transfers", "imf-dots"}
NOT_AT_HAND = {"natural-earth", "natural-earth-region"}
TRADE = SHARED / "data" / "trade"


def whole_trade(folder):
    """The Correlates of War trade of all pairs of states, in the producer's layout."""
    rows = read_frame(TRADE / "cow_trade_ddy_v4.rds")
    rows = rows[(rows["year"] >= 1992) & (rows["ccode1"] < rows["ccode2"])]
    path = folder / "Dyadic_COW_4.0.csv"
    whole = dict.fromkeys(["ccode1", "ccode2", "year"], "int64")
    rows.astype(whole).to_csv(path, index=False)
    return [path, TRADE / "cow_trade_sy_v4.csv.gz"]


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
        importing.import_source("cow-trade", whole_trade(folder.parent), folder, "2026-11-26")
    check_folder(folder)
    return folder, refused


def test_every_producer_is_read_but_those_of_another_country(japan):
    refused = japan[1]
    assert set(refused) == FOR_ARMENIA | NOT_AT_HAND | {"cow-trade"}
    # The file that made the shipped tables has the trade of some reporters, and Japan is none of them.
    assert "JPN 1992 to 2014 (39% to 46%)" in refused["cow-trade"]
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


def test_the_shares_of_trade_are_those_of_the_states_own_totals(japan):
    """The sum over all partners meets what Japan says it imported and exported in all."""
    table = Study(japan[0]).table("trade/flows_by_year")
    ours = table[(table["reporter"] == "JPN") & (table["partner"] == "USA")]
    world = table[(table["reporter"] == "JPN") & (table["partner"] == "WLD")].groupby("year")
    with gzip.open(TRADE / "cow_trade_sy_v4.csv.gz", "rt", newline="") as file:
        own = {
            int(row["year"]): float(row["imports"]) + float(row["exports"])
            for row in csv.DictReader(file)
            if row["ccode"] == "740" and int(row["year"]) >= 1992
        }
    shares = ours.groupby("year")["value"].sum() / world["value"].sum()
    assert set(shares.index) == set(own) == set(range(1992, 2015))
    assert all(0.97 < whole / own[year] < 1.07 for year, whole in world["value"].sum().items())
    assert 0.25 < shares[1992] < 0.28 and 0.13 < shares[2014] < 0.15
    partners = set(table.loc[table["reporter"] == "JPN", "partner"])
    assert {"CHN", "KOR", "AUS", "TWN"} <= partners, "its largest partners are there"


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
    assert "Nobody has collected the forces of the United States in Japan" in pages["military_presence"]


def test_a_study_of_another_country_says_so_before_it_is_filled(japan):
    package = json.loads((japan[0] / "datapackage.json").read_text(encoding="utf-8"))
    empty = [one["name"] for one in package["resources"] if "waiting_for" in one]
    assert "military_presence/sites" in empty and "treaty_obligations/documents" in empty
