"""Reader of Natural Earth's state borders, as the package world-atlas hands them out (TopoJSON)."""

import json
from pathlib import Path

import pandas as pd
import pycountry

from alliances.problems import DataProblem
from alliances.sources import Made, Source, one_file
from alliances.sources.opening import read_text

NAME = "natural-earth"
TABLE = "military_presence/outline"
REGION, REGION_TABLE = "natural-earth-region", "ties/outline"
_ADVICE = "Hand in countries-50m.json of the npm package world-atlas, version 2, unchanged."


def read_outline(path: Path, state: str) -> pd.DataFrame:
    """Return neighbour, stretch, corner, longitude, latitude: a state's land border by its corners.

    state: an ISO 3166 alpha-3 code. A stretch is a run of border with one neighbour; stretches with
    the same neighbour are numbered from the north. Corners are numbered along the stretch, in the
    order in which they are drawn; degrees are rounded to three decimals. Only the state's largest
    part is read: exclaves and the neighbours' enclaves are left out, and so is a coast.

    It is an outline for a small map at 1:50,000,000. It measures no length, and says nothing on
    where a border that is not delimited runs. Raises DataProblem for another layout and for a state
    that the file does not hold. Source: Natural Earth, public domain.

    >>> read_outline("nowhere.json", "ARM")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere.json: the file is missing. Give the path of the file as
    the producer delivered it.
    """
    path = Path(path)
    try:
        atlas = json.loads(read_text(path))
        shapes = {
            _code(shape["id"]): _rings(shape)
            for shape in atlas["objects"]["countries"]["geometries"]
            if "id" in shape
        }
        owners = _owners(shapes)
        if state not in shapes:
            raise DataProblem(f"{path.name}: it holds no state {state}. {_ADVICE}")
        ring = max(shapes[state], key=lambda arcs: sum(len(_arc(atlas, arc)) for arc in arcs))
        found = _stretches(atlas, ring, owners, state)
    except (KeyError, TypeError, IndexError, AttributeError, json.JSONDecodeError) as error:
        raise DataProblem(
            f"{path.name}: this is no TopoJSON of states ({error}). {_ADVICE}"
        ) from None
    rows = [
        (neighbour, stretch, corner, *degrees)
        for neighbour, stretch, corners in found
        for corner, degrees in enumerate(corners, start=1)
    ]
    columns = ["neighbour", "stretch", "corner", "longitude", "latitude"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(columns[:3], ignore_index=True)


def _code(number):
    state = pycountry.countries.get(numeric=str(number).zfill(3))
    return state.alpha_3 if state else str(number)


def _rings(shape):
    parts = {"Polygon": lambda arcs: [arcs], "MultiPolygon": list}[shape["type"]](shape["arcs"])
    return [part[0] for part in parts]


def _owners(shapes):
    """The states on either side of each arc."""
    owners = {}
    for state, rings in shapes.items():
        for arc in (arc for ring in rings for arc in ring):
            owners.setdefault(arc if arc >= 0 else ~arc, set()).add(state)
    return owners


def _arc(atlas, number):
    """The corners of an arc in degrees: the file stores whole steps from corner to corner."""
    (x_step, y_step), (x_first, y_first) = (
        atlas["transform"]["scale"],
        atlas["transform"]["translate"],
    )
    x = y = 0
    corners = []
    for right, up in atlas["arcs"][number if number >= 0 else ~number]:
        x, y = x + right, y + up
        corners.append((round(x * x_step + x_first, 3), round(y * y_step + y_first, 3)))
    return corners if number >= 0 else corners[::-1]


def _stretches(atlas, ring, owners, state):
    """(neighbour, number from the north, corners) of every stretch of a ring."""
    runs = []
    for arc in ring:
        beside = sorted(owners[arc if arc >= 0 else ~arc] - {state})
        neighbour, corners = (beside[0] if beside else None), _arc(atlas, arc)
        if runs and runs[-1][0] == neighbour:
            runs[-1][1].extend(corners[1:])
        else:
            runs.append((neighbour, corners))
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        neighbour, corners = runs.pop()
        runs[0] = (neighbour, corners + runs[0][1][1:])
    runs = [run for run in runs if run[0] is not None]
    runs.sort(key=lambda run: -max(latitude for _, latitude in run[1]))
    counted = {}
    for neighbour, corners in runs:
        counted[neighbour] = counted.get(neighbour, 0) + 1
        yield neighbour, counted[neighbour], corners


def _make(paths, study):
    path = one_file(paths, "countries-50m.json")
    outline = read_outline(path, study["focal"])
    table = outline.assign(state=study["focal"], source=NAME)
    table = table[["state", *outline.columns, "source"]]
    stretches = table.drop_duplicates(["neighbour", "stretch"])
    said = [
        f"{path.name}: {len(table)} corners of {len(stretches)} stretches of the border of"
        f" {study['focal']}, with {', '.join(sorted(set(table['neighbour'])))}."
    ]
    return Made({TABLE: table}, "Natural Earth 4.1.0, in world-atlas 2.0.2", said)


def _make_region(paths, study):
    """The borders of the focal state and of those neighbours of it that also border the ally."""
    path = one_file(paths, "countries-50m.json")
    focal, ally = study["focal"], study["ally"]
    own = read_outline(path, focal)
    outlines = {focal: own} | {
        neighbour: read_outline(path, neighbour) for neighbour in sorted(set(own["neighbour"]))
    }
    between = [
        state
        for state, outline in outlines.items()
        if state != focal and ally in set(outline["neighbour"])
    ]
    parts, seen = [], set()
    for state in [focal, *between]:
        outline = outlines[state]
        new = outline[~outline["neighbour"].map(lambda code: frozenset((state, code)) in seen)]
        parts.append(new.assign(state=state))
        seen |= {frozenset((state, code)) for code in outline["neighbour"]}
    columns = ["state", "neighbour", "stretch", "corner", "longitude", "latitude"]
    table = pd.concat(parts, ignore_index=True)[columns].assign(source=REGION)
    said = [
        f"{path.name}: borders of {', '.join([focal, *between])}, {len(table)} corners; the last"
        f" lie between {focal} and {ally}."
    ]
    return Made({REGION_TABLE: table}, "Natural Earth 4.1.0, in world-atlas 2.0.2", said)


SOURCES = (
    Source(
        REGION,
        "Natural Earth, Admin 0 country boundaries, 1:50m, borders between the pair",
        "one file: countries-50m.json of the npm package world-atlas",
        (REGION_TABLE,),
        _make_region,
        producer="Natural Earth; package by Michael Bostock",
        path="https://www.naturalearthdata.com/downloads/50m-cultural-vectors/",
        citation="natural_earth",
    ),
    Source(
        NAME,
        "Natural Earth, Admin 0 country boundaries, 1:50m",
        "one file: countries-50m.json of the npm package world-atlas",
        (TABLE,),
        _make,
        producer="Natural Earth; package by Michael Bostock",
        path="https://www.naturalearthdata.com/downloads/50m-cultural-vectors/",
        citation="natural_earth",
    ),
)
