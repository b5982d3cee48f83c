"""Spans on the time axis and a schematic map: what is drawn, what is cut, what is refused."""

import pandas as pd
import pytest

from alliances import charts
from alliances.problems import DataProblem

KINDS = {"post": "#d1403a", "event": None}
WORDS = {"title": "What to see", "caption": "What is drawn.", "source": "Whence.", "name": "x"}


def spans(*lines):
    return pd.DataFrame(lines, columns=["what", "start", "end", "kind"])


def drawn(frame, **changed):
    options = {"row": "what", "row_title": "What", "start": "start", "end": "end"}
    options |= {"kind": "kind", "kind_title": "Kind", "kinds": KINDS, "period": (1992, 2025)}
    return charts.timeline(frame, **(options | WORDS | changed)).to_dict()


def data(spec):
    return spec["datasets"][spec["data"]["name"]]


def test_a_span_stands_where_its_dates_are():
    (base, visit, year) = data(
        drawn(
            spans(
                ["Base", "1995-07-02", None, "post"],
                ["Visit", "2010-08-20", "2010-08-21", "event"],
                ["Drill", "2017", "2017", "event"],
            )
        )
    )
    assert base["from"] == pytest.approx(1995.5, abs=0.01) and base["to"] == 2026
    assert base["goes_on"] == 1 and base["moment"] == 0
    assert visit["moment"] == 1 and visit["from"] == pytest.approx(2010.636, abs=0.01)
    # A year is as exact as its source: the bar covers all of it.
    assert (year["from"], year["to"], year["moment"]) == (2017, 2018, 0)


def test_what_lies_outside_the_period_is_cut_or_left_out_and_stays_in_the_table():
    spec = drawn(
        spans(
            ["Old", "1900", "1950", "post"],
            ["Long", "1980", "2030", "post"],
            ["Coming", "2026-03-04", None, "event"],
        )
    )
    old, long, coming = data(spec)
    assert (old["shown"], long["shown"], coming["shown"]) == (0, 1, 0)
    assert (long["from"], long["to"], long["goes_on"]) == (1992, 2026, 1)
    assert long["start"] == "1980" and long["end"] == "2030"
    assert set(spec["usermeta"]["alliances"]["table"]["columns"]) == {
        "what",
        "kind",
        "start",
        "end",
    }
    old = charts.timeline(
        spans(["Old", "1900", "1950", "post"]),
        **{"row": "what", "row_title": "What", "start": "start", "end": "end", "kind": "kind"},
        **{"kind_title": "Kind", "kinds": KINDS, "period": (1992, 2025)} | WORDS,
    )
    assert "no picture" in old.markdown


def test_spans_of_one_thing_share_a_line_and_its_name_stands_once():
    first, other, second = data(
        drawn(
            spans(
                ["Group", "1993", "1999", "post"],
                ["Base", "1995", None, "post"],
                ["Group", "2001", "2009", "event"],
            )
        )
    )
    assert first["top"] == second["top"] != other["top"]
    assert (first["word"], second["word"], other["word"]) == ("Group", None, "Base")


def test_the_description_gives_every_span_in_words():
    spec = drawn(
        spans(["Base", "1995-03-16", None, "post"], ["Visit", "2010-08", "2010-09", "event"])
    )
    assert spec["description"] == (
        "What to see. Base: post, since 16 March 1995. Visit: event, August 2010 to September 2010."
    )


def test_a_timeline_refuses_unknown_kinds_and_ends_before_starts():
    with pytest.raises(DataProblem, match=r"found the values \['tent'\]; expected"):
        drawn(spans(["Base", "1995", None, "tent"]))
    with pytest.raises(DataProblem, match="ends before it starts: Base"):
        drawn(spans(["Base", "1995-03-16", "1995-03-01", "post"]))


LINES = pd.DataFrame(
    {
        "line": ["north", "north", "west", "west"],
        "lon": [44, 46, 43, 43],
        "lat": [41, 41, 39, 41],
        "kind": ["open", "open", "guarded", "guarded"],
    }
)
PLACES = pd.DataFrame(
    {
        "place": ["Town", "Port"],
        "lon": [44.5, 45],
        "lat": [40, 40.2],
        "kind": "base",
        "side": "left",
    }
)


def mapped(lines=LINES, places=PLACES, **changed):
    options = {"line": "line", "place": "place", "longitude": "lon", "latitude": "lat"}
    options |= {"kind": "kind", "kind_title": "Kind", "description": "Two lines."}
    options |= {"line_kinds": {"open": ("#777777", [3, 3]), "guarded": ("#d1403a", [1, 0])}}
    options |= {"place_kinds": {"base": ("circle", "#d1403a")}}
    return charts.schematic_map(lines, places, **(options | WORDS | changed)).to_dict()


def test_a_map_names_every_line_once_outside_and_every_place_where_it_is():
    rows = {row["what"]: row for row in data(mapped())}
    assert set(rows) == {"north", "west", "Town", "Port"}
    assert (rows["Town"]["lon"], rows["Town"]["lat"]) == (44.5, 40)
    assert rows["north"]["lat"] > 41 and rows["west"]["lon"] < 43


def test_a_map_draws_the_corners_in_their_order():
    (stretches,) = [layer["data"]["name"] for layer in mapped()["layer"] if "data" in layer]
    lines = mapped()["datasets"][stretches]
    assert [line["geometry"]["coordinates"] for line in lines] == [
        [[44, 41], [46, 41]],
        [[43, 39], [43, 41]],
    ]


def test_a_map_refuses_unknown_kinds_and_sides():
    with pytest.raises(DataProblem, match=r"\['tent'\]"):
        mapped(places=PLACES.assign(kind="tent"))
    with pytest.raises(DataProblem, match=r"\['wall'\]"):
        mapped(lines=LINES.assign(kind="wall"))
    with pytest.raises(DataProblem, match=r"\['inside'\]"):
        mapped(places=PLACES.assign(side="inside"), side="side")
    assert mapped(side="side")["description"] == "What to see. Two lines."
