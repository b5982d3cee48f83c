"""A study: a folder of tables, a pair of states and a period. Nothing else touches files."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.state_names import StateName

ARTICLE_PAIR = ("ARM", "RUS")
LARGEST_TABLE = 50_000_000
ALWAYS_READ = ("states", "events", "claims/statements")

# Fingerprints of tables that this process has found to be as described: a second study, or a second
# look at one, need not read them with Frictionless again.
_FOUND_GOOD = set()

_DTYPES = {"string": "str", "number": "float64", "boolean": "boolean", "date": "str"}


def read_package(folder):
    """The study's data package, `datapackage.json`, as a dictionary.

    A folder without one, a file that is no JSON, and a package without a pair of states are refused
    with a DataProblem that says what is missing.

    >>> read_package("nowhere")
    Traceback (most recent call last):
    alliances.problems.DataProblem: nowhere: there is no such folder. Give the folder that holds
    datapackage.json.
    """
    folder = Path(folder)
    if not folder.is_dir():
        found = "this is a file" if folder.exists() else "there is no such folder"
        raise DataProblem(f"{folder}: {found}. Give the folder that holds datapackage.json.")
    path = folder / "datapackage.json"
    if not path.is_file():
        raise DataProblem(f"{folder}: it holds no datapackage.json, which describes its tables.")
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataProblem(f"{path.name}: it is not JSON in UTF-8 ({error}). Repair it.") from None
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise DataProblem(f"{path.name}: expected an object with a list named resources.")
    lacking = {"focal", "ally", "first_year", "last_year"} - set(package.get("study") or {})
    if lacking:
        raise DataProblem(f"{path.name}: its study part lacks {', '.join(sorted(lacking))}.")
    return package


def check_folder(folder, passed=frozenset()):
    """Check every table of a study against its data package, and name all offenders at once.

    folder: the study's folder. passed: fingerprints of tables that an earlier check has passed,
    which are not read again. Returns the fingerprints of all tables, to be handed to the next check.
    The rules are those of `datapackage.json` (fields, types, constraints, keys), read by Frictionless,
    and one more: no year and no date lies in the future. A DataProblem lists one line per kind of
    offence: file, rows, column, what was found, what was expected, what to do. Nothing is written.
    """
    from alliances.checks import table_problems

    folder = Path(folder)
    package = read_package(folder)
    prints, problems, to_read = {}, [], []
    for resource in package["resources"]:
        found = _file_problem(folder, resource)
        if found:
            problems.append(found)
        else:
            prints[resource["name"]] = fingerprint(folder, package, resource)
            if prints[resource["name"]] not in passed:
                to_read.append(resource["name"])
    if to_read:
        problems += table_problems(folder, package, to_read, complete=set(prints))
    problems += _pair_problems(folder, package["study"], package["study"])
    if problems:
        raise DataProblem("\n".join(problems))
    _FOUND_GOOD.update(prints.values())
    return frozenset(prints.values())


def fingerprint(folder, package, resource):
    """A sha256 that changes with a table, its description, or a table it refers to."""
    digest = hashlib.sha256(json.dumps(resource, sort_keys=True).encode())
    schema = resource.get("schema", {})
    others = {
        key["reference"]["resource"] or resource["name"] for key in schema.get("foreignKeys", [])
    }
    for other in package["resources"]:
        if other is resource or other["name"] in others:
            path = folder / other["path"]
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _file_problem(folder, resource):
    name = resource.get("path")
    if not isinstance(name, str) or "://" in name or name.startswith(("/", "..")):
        return f"datapackage.json: table {resource.get('name')} has the path {name!r}; expected a file in the folder."
    path = folder / name
    if path.is_dir():
        return f"{name}: this is a directory; expected a csv file. Put the table in its place."
    if not path.exists():
        return (
            f"{name}: the file is missing. Put it there, or take the table out of datapackage.json."
        )
    size = path.stat().st_size
    if size == 0:
        return f"{name}: the file is empty; expected at least the line of column names. Restore it."
    if size > LARGEST_TABLE:
        return (
            f"{name}: the file has {size / 1e6:,.0f} MB; expected at most {LARGEST_TABLE / 1e6:,.0f} MB. "
            "Is it the producer's whole file? Make the table with alliances import."
        )
    return None


def _pair_problems(folder, whole, pair):
    """What is wrong with a pair and a period; whole: the study's own, in whose bounds they must lie."""
    problems = []
    known = _known_states(folder)
    held = whole.get("states") or known
    for role in ("focal", "ally"):
        if known is not None and pair[role] not in known:
            problems.append(
                f"the {role} state {pair[role]!r} is not in states.csv; expected an ISO 3166 code of "
                "three letters, such as ARM. See the column iso3 there."
            )
        elif known is not None and pair[role] not in held:
            problems.append(
                f"the {role} state is {pair[role]!r}, but this study holds figures for "
                f"{', '.join(held[:-1])} and {held[-1]} only. Choose among them, or make a study for that pair."
            )
    if pair["focal"] == pair["ally"]:
        problems.append(
            f"the focal state and the ally are both {pair['focal']!r}; expected two states."
        )
    for role in ("comparison", "further_partners"):
        unknown = [code for code in whole.get(role, ()) if known is not None and code not in known]
        if unknown:
            problems.append(
                f"datapackage.json, {role} of the study: found {', '.join(map(repr, unknown))}, not"
                " in states.csv; expected ISO 3166 codes of three letters, such as KAZ."
            )
    return problems + _period_problems(whole, pair["first_year"], pair["last_year"])


def _known_states(folder):
    """The codes of `states.csv`, or None where it cannot be read, which the check has said already."""
    try:
        return set(pd.read_csv(folder / "states.csv", dtype="str", keep_default_na=False)["iso3"])
    except (KeyError, ValueError, OSError):
        return None


def _period_problems(whole, first, last):
    if not all(isinstance(year, int) for year in (first, last)):
        return [f"the years {first!r} and {last!r} are not both whole numbers."]
    said = []
    if first > last:
        said.append(f"the first year, {first}, is after the last, {last}. Change one of them.")
    if last > date.today().year:
        said.append(f"the last year, {last}, lies in the future.")
    bounds = whole["first_year"], whole["last_year"]
    if not said and (first < bounds[0] or last > bounds[1]):
        said.append(
            f"the years {first} to {last} go beyond the study's, {bounds[0]} to {bounds[1]}. "
            "Stay within them, or bring in newer figures and change datapackage.json."
        )
    return said


class Study:
    """A folder of tables with a pair of states and a period.

    folder: where `datapackage.json` lies. focal, ally: ISO 3166 alpha-3 codes; first_year, last_year:
    the calendar years shown; what is left out is taken from the data package. An unknown code, a
    first year after the last, or a folder that is no study raises a DataProblem that names all of it.
    "../data" is how a chapter names the book's own data, beside its folder. Run from elsewhere, as by
    papermill in the book's folder, it still means these where the working directory has no such study;
    any other folder is meant from the working directory.
    comparison: the states set beside the pair, one by one. partners: the same and the package's
    further_partners, the ally's other partners that count only in tests on all of them as a group.
    The tables hold what was observed; a year without a row is not a zero unless the table says so.
    """

    def __init__(self, folder, focal=None, ally=None, first_year=None, last_year=None):
        self.folder = _from_a_chapter(Path(folder))
        self.package = read_package(self.folder)
        asked = {"focal": focal, "ally": ally, "first_year": first_year, "last_year": last_year}
        pair = self.package["study"] | {
            name: value for name, value in asked.items() if value is not None
        }
        problems = _pair_problems(self.folder, self.package["study"], pair)
        if problems:
            raise DataProblem("\n".join(problems))
        self.focal, self.ally = pair["focal"], pair["ally"]
        self.first_year, self.last_year = pair["first_year"], pair["last_year"]
        everyone = [*pair.get("comparison", []), self.package["study"]["focal"]]
        self.comparison = [state for state in everyone if state not in (self.focal, self.ally)]
        group = dict.fromkeys([*self.comparison, *pair.get("further_partners", [])])
        self.partners = [state for state in group if state not in (self.focal, self.ally)]
        self._tables, self._passed = {}, self._read_passed()

    def _read_passed(self):
        path = self.folder / ".checked.json"
        return frozenset(json.loads(path.read_text())) if path.is_file() else frozenset()

    def resource(self, name):
        """The description of one table, as the data package has it."""
        for resource in self.package["resources"]:
            if resource["name"] == name:
                return resource
        names = ", ".join(resource["name"] for resource in self.package["resources"])
        raise DataProblem(f"this study has no table {name}. It has: {names}.")

    def table(self, name):
        """One table as a data frame, its columns typed as the data package says.

        Whole numbers that may be missing are `Int64`, dates are ISO text. A table that was collected
        about another pair, or searched for one (`about` and `searched_for` in its description), comes
        without rows: nobody looked for this pair. A table that breaks its own description raises a
        DataProblem with all offenders.
        """
        rows = self._rows(name)
        return (rows if self.concerns(self.resource(name)) else rows[:0]).copy()

    def unsought(self, name):
        """Rows of a table that was searched for another pair only; without rows in any other case.

        All its columns and rows, for a measure to choose those of this pair from. Each is known, and
        nobody looked for more: they may be shown one by one, and never counted, shared or compared.
        Errors as in `table`.
        """
        resource, rows = self.resource(name), self._rows(name)
        alone = "searched_for" in resource and not self.concerns(resource)
        return (rows if alone else rows[:0]).copy()

    def _rows(self, name):
        if name not in self._tables:
            self._tables[name] = self._read(self.resource(name))
        return self._tables[name]

    def holds(self, name):
        """Whether a table has rows for this pair; False says that nobody looked, not that it is zero.

        The `pair` of a table's description names the columns in which the focal state and the ally
        stand: one row must have both, or, where both stand in one column, each must have a row.
        A name such as `trade/flows_by_year@2022` asks for rows of that year and after, up to the last
        year shown.
        """
        name, _, since = name.partition("@")
        frame, columns = self.table(name), self.resource(name).get("pair", {})
        if since:
            frame = frame[frame["year"].between(int(since), self.last_year)]
        own = pair_rows(frame, columns, self.focal, self.ally)
        if "ally" in columns and columns["ally"] == columns["focal"]:
            return {self.focal, self.ally} <= set(frame.loc[own, columns["focal"]])
        return bool(own.any())

    def _read(self, resource):
        from alliances.checks import table_problems

        problem = _file_problem(self.folder, resource)
        if problem:
            raise DataProblem(problem)
        mark = fingerprint(self.folder, self.package, resource)
        if mark not in self._passed and mark not in _FOUND_GOOD:
            problems = table_problems(self.folder, self.package, [resource["name"]], complete=None)
            if problems:
                raise DataProblem("\n".join(problems))
            _FOUND_GOOD.add(mark)
        types = {}
        for field in resource["schema"]["fields"]:
            whole = "int64" if field.get("constraints", {}).get("required") else "Int64"
            types[field["name"]] = whole if field["type"] == "integer" else _DTYPES[field["type"]]
        frame = pd.read_csv(
            self.folder / resource["path"],
            dtype=types,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
        )
        if frame.empty and self.concerns(resource) and "waiting_for" not in resource:
            raise DataProblem(
                f"{resource['path']}: found no rows; expected at least one. Restore it, or say in"
                " datapackage.json what the table is waiting_for."
            )
        return frame

    def concerns(self, resource):
        """Whether a table's description names no pair, or this one; else nobody looked for this pair.

        resource: a description, as `resource` gives it. What `about` names may be the focal state
        alone. `searched_for` names the pair whose events somebody looked for; a row of others may
        stand in such a table for contrast (see `unsought`).
        """
        named = (resource.get(key, [self.focal]) for key in ("about", "searched_for"))
        return all(set(one) in ({self.focal}, {self.focal, self.ally}) for one in named)

    def state(self, code):
        """The short name of a state, as the book writes it; in a sentence it takes its article."""
        return self.names.get(code, code)

    @property
    def names(self):
        """{code: short name} of every state of the study."""
        rows = self.table("states")[["iso3", "name"]].itertuples(index=False)
        return {code: StateName(name) for code, name in rows}

    @property
    def is_case(self):
        """Whether these are the pair and all the years that the book's own text is about."""
        whole = self.package["study"]
        all_years = self.first_year <= whole["first_year"] and self.last_year >= whole["last_year"]
        return (self.focal, self.ally) == ARTICLE_PAIR and all_years

    @property
    def events(self):
        """The few dated events that every time picture shows: date, label, description, states.

        Those that concern the focal state or the ally, within the years shown.
        """
        events = self.table("events")
        years = events["date"].str[:4].astype(int)
        ours = events["states"].str.contains(f"{self.focal}|{self.ally}")
        return events[ours & years.between(self.first_year, self.last_year)].reset_index(drop=True)

    def last_observed(self, name):
        """The last year that a table covers: after it nobody looked, so nothing is zero.

        For a table that covers no year yet it is the year before the first, so that no year is left.
        """
        covered = self.resource(name).get("coverage", {"last_year": self.first_year - 1})
        return min(covered["last_year"], self.last_year)

    def first_observed(self, name):
        """The first year that a table covers, no earlier than the study's own."""
        covered = self.resource(name).get("coverage", {"first_year": self.first_year})
        return max(covered["first_year"], self.first_year)

    def source_line(self, *names):
        """One sentence on where tables come from: producer and title, edition, access date.

        Where a table's sources have a `short` title, only those are named; the data chapter has them
        all, with the checksums of the files. A table without rows for the pair is not named, nor a
        source of which only other pairs have rows.
        """
        held, said = [name for name in names if self.holds(name)], []
        if not held:
            return "No table named here has a row for the pair."
        for name in held:
            sources = self._sources_of_pair(name)
            for source in [one for one in sources if "short" in one] or sources:
                title = source.get("short") or source["title"]
                said.append(", ".join([title, *_edition(title, source), *_accessed(source)]))
        said = list(dict.fromkeys(said))
        return "; ".join(said) + "." if said else "Collected by hand; sources in each row."

    def _sources_of_pair(self, name):
        """The sources of a table; where its rows are of pairs, without those of other pairs only."""
        resource, frame = self.resource(name), self.table(name)
        sources, columns = resource.get("sources", []), resource.get("pair", {})
        if "source" not in frame or not {"focal", "ally"} <= set(columns):
            return sources
        ours = frame[pair_rows(frame, columns, self.focal, self.ally)]["source"]
        foreign = _keys(frame["source"]) - _keys(ours)
        return [one for one in sources if one.get("key") not in foreign] or sources


def _keys(column):
    """The keys in a column of sources, in which two of one row are joined by a plus."""
    return {key for text in set(column.dropna()) for key in text.split("+")}


def pair_rows(frame, columns, focal, ally):
    """Which rows of a table are a pair's own: a column of true and false.

    columns: the `pair` of a table's description, which names the columns of the focal state and the
    ally; where both stand in one column, the rows of either are its own. With `either_way` the two
    may be exchanged. A table that names no column belongs to every pair.

    >>> rows = pd.DataFrame({"state": ["ARM", "RUS", "KAZ"], "partner": ["RUS", "ARM", "RUS"]})
    >>> pair_rows(rows, {"focal": "state", "ally": "partner"}, "ARM", "RUS").tolist()
    [True, False, False]
    """
    named = [columns.get("focal"), columns.get("ally")]
    if named[0] is not None and named[0] == named[1]:
        return frame[named[0]].isin([focal, ally])
    ways = [(focal, ally), (ally, focal)] if columns.get("either_way") else [(focal, ally)]
    found = pd.Series(not any(named), index=frame.index)
    for way in ways if any(named) else ():
        both = [frame[name] == state for name, state in zip(named, way) if name is not None]
        found |= pd.concat(both, axis=1).all(axis=1)
    return found


def _edition(title, source):
    """The edition, without the parts that the title has said already."""
    parts = dict.fromkeys(source.get("edition", "").split(", "))
    versions = [part for part in parts if part.removeprefix("version ") not in title.split(", ")[-1]]
    return [part for part in versions if part and part not in title]


def _from_a_chapter(folder):
    own = Path(__file__).resolve().parents[2] / "data"
    elsewhere = folder == Path("..", "data") and not (folder / "datapackage.json").is_file()
    return own if elsewhere and (own / "datapackage.json").is_file() else folder


def _accessed(source):
    return [f"accessed {source['accessed']}"] if source.get("accessed") else []


def tables_read(source_code):
    """Names of the tables that a chapter's code reads, or None if that cannot be told.

    A chapter names its tables literally, `study.table("arms_transfers/deliveries")`; then it need not
    run again when another table changes. Any other use of the whole package, and a function that is
    handed the study, gives None: all tables. `prose.statement` reads only what every chapter does.

    >>> sorted(tables_read('study.table("a/b"); study.table("c/d")'))
    ['a/b', 'c/d']
    >>> tables_read('study.package["resources"]') is None, tables_read("catalogue.cards(study)") is None
    (True, True)
    """
    calls = len(re.findall(r"\.(?:table|unsought)\(", source_code))
    names = re.findall(r"""\.(?:table|unsought)\(\s*["']([^"']+)["']\s*\)""", source_code)
    others = re.sub(r"\bprose\.statement\(\s*study\b", "", source_code)
    whole = re.search(r"\bstudy\.(package|folder)\b|[(,]\s*study\s*[,)]", others)
    if len(names) != calls or whole:
        return None
    return set(names)
