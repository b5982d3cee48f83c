"""Readers of what the producers hand out, one module a producer, and the tables made from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pandas as pd

from alliances.problems import DataProblem


@dataclass(frozen=True)
class Made:
    """Tables made from a producer's files.

    tables: by name of the data package, each with a column `source` that holds the source's name.
    edition: what the files say of their own date, in words. said: sentences on what was read, left
    out and why. covers: by table, the first and the last year in which the files looked at all,
    whether or not they found anything for this study; without it an import leaves the table's
    coverage as it is. alone: by table, some columns of rows that the study must not have from
    another source as well, because the measures take them from one.
    """

    tables: dict[str, pd.DataFrame]
    edition: str
    said: list[str]
    covers: dict[str, tuple[int, int]] = field(default_factory=dict)
    alone: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Something that `alliances import` can read: its name, its files, the tables it makes.

    make takes the files' paths and the data package's `study` part, and returns a Made. producer:
    whose figures these are; path: the producer's page; citation: the key of the work to cite in the
    book's references, where it has one. replaces: older sources of the same producer whose rows give
    way to an import of this one.
    """

    name: str
    title: str
    files: str
    tables: tuple[str, ...]
    make: Callable[[list[Path], dict], Made]
    producer: str
    path: str
    citation: str = ""
    replaces: tuple[str, ...] = ()


def one_file(paths: list[Path], what: str) -> Path:
    """The only file handed in; what: which one is expected, in words, for the refusal otherwise.

    >>> one_file([Path("a.csv"), Path("b.csv")], "the list of disputes")
    Traceback (most recent call last):
    alliances.problems.DataProblem: found 2 files; expected one, the list of disputes.
    """
    if len(paths) != 1:
        raise DataProblem(f"found {len(paths)} files; expected one, {what}.")
    return paths[0]


def states_of(study: dict) -> list[str]:
    """The states that a study holds figures for: focal, ally and those it is compared with.

    >>> states_of({"focal": "ARM", "ally": "RUS", "comparison": ["BLR", "RUS"]})
    ['ARM', 'RUS', 'BLR']
    """
    return list(dict.fromkeys([study["focal"], study["ally"], *study.get("comparison", [])]))


def group_of(study: dict) -> list[str]:
    """The states of `states_of` and the ally's further partners, on which tests of a group rest.

    >>> group_of({"focal": "ARM", "ally": "RUS", "further_partners": ["UKR"]})
    ['ARM', 'RUS', 'UKR']
    """
    return list(dict.fromkeys([*states_of(study), *study.get("further_partners", [])]))


def pair_states(study: dict) -> list[str]:
    """The states that can stand as focal state or ally in a study: those it names, or the pair.

    >>> pair_states({"focal": "ARM", "ally": "RUS", "states": ["ARM", "RUS", "KAZ"]})
    ['ARM', 'RUS', 'KAZ']
    """
    return list(study.get("states") or (study["focal"], study["ally"]))


def all_sources() -> dict[str, Source]:
    """Every source by its name, in alphabetical order.

    The modules beside this one are asked only now, so that importing the package reads nothing.

    >>> "sipri-deliveries" in all_sources()
    True
    """
    found = {}
    for module in iter_modules(__path__):
        for source in getattr(import_module(f"{__name__}.{module.name}"), "SOURCES", ()):
            found[source.name] = source
    return dict(sorted(found.items()))
