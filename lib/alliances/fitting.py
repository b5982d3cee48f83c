"""Chapters on other data: what in a chapter has nothing to rest on, and how it is left out.

A chapter is written once and run for many pairs. What speaks of the article's pair only is marked
as the case; what rests on a table without rows for the pair is found in the code itself.
"""

import ast
import json
import re
from collections.abc import Callable

from alliances.prose import Prose, fill, plain_line

CASE = "# case: Armenia and Russia, all years"
_MAY_LACK = re.compile(r"^# may lack (.+)$", re.MULTILINE)
_SAY = "fitting.say_missing(study, {names})"


class Fitting:
    """The cells of one chapter, in the order in which they run, fitted to what a study holds.

    holds: tells of a table's name whether the study has rows of it for the pair. is_case: whether
    the study is the one the chapter was written for. A statement that reads a table without rows,
    or a name that was made from one, is taken out; the first cell that would have shown something
    of it says which table is empty instead. A line `# may lack TABLE` in a cell says that the cell
    copes with an empty table itself. What stays is the chapter's own code, unchanged.
    """

    def __init__(self, holds: Callable[[str], bool], is_case: bool):
        self._holds, self._is_case = holds, is_case
        self._rests_on, self._said = {}, set()

    def fit(self, source: str) -> str | None:
        """A cell's code as it is to run, or None where nothing of it is left.

        >>> fitting = Fitting(holds={"a/held"}.__contains__, is_case=True)
        >>> print(fitting.fit('x, y = study.table("a/held"), study.table("a/empty")'))
        x = study.table("a/held")
        >>> print(fitting.fit("y.sum()"))
        fitting.say_missing(study, "a/empty")
        >>> print(fitting.fit("y.max()"), fitting.fit("x.max()"))
        None x.max()
        """
        if source.startswith(CASE) and not self._is_case:
            return None
        try:
            body = ast.parse(source).body
        except SyntaxError:
            return source  # Python or IPython says better than this what is wrong with it.
        self._said.update(name for name in _told_of(body) if not self._holds(name))
        allowed = {name for match in _MAY_LACK.findall(source) for name in match.split()}
        out, new, shown = [], [], False
        for statement in body:
            lacking = self._lacking(statement, allowed)
            if lacking:
                out.append((statement, self._held_part(statement, source)))
                new += [name for name in lacking if name not in [*self._said, *new]]
                shown = shown or (statement is body[-1] and isinstance(statement, ast.Expr))
        if not out:
            return source
        kept = _without(source, out)
        if shown and new:
            self._said.update(new)
            words = ", ".join(f'"{name}"' for name in new)
            kept = f"{kept}\n{_SAY.format(names=words)}".lstrip("\n")
        return kept if ast.parse(kept).body else None

    def _lacking(self, statement, allowed):
        """The tables without rows that a statement rests on; notes what the names it makes rest on."""
        makes = _pairs(statement)
        if makes is None:
            tables = self._tables(statement) - allowed
            for name in _names(statement, ast.Store):
                self._rests_on[name] = tables
        else:
            tables = set()
            for name, value in makes:
                self._rests_on[name] = self._tables(value) - allowed
                tables |= self._rests_on[name]
        return sorted(table for table in tables if not self._holds(table))

    def _held_part(self, statement, source):
        """Of `a, b = x, y`, where only b lacks a table, the lines that still make a."""
        return "\n".join(
            f"{name} = {ast.get_source_segment(source, value)}"
            for name, value in _pairs(statement) or ()
            if all(self._holds(table) for table in self._rests_on[name])
        )

    def _tables(self, node):
        read = {
            call.args[0].value
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "table"
            and call.args
            and isinstance(call.args[0], ast.Constant)
        }
        return read.union(*(self._rests_on.get(name, set()) for name in _names(node, ast.Load)))


def _told_of(body):
    """The tables that `say_lacking` speaks of in a cell; no further sentence is said on them."""
    return [
        word.value
        for call in ast.walk(ast.Module(body, []))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "say_lacking"
        for names in call.args[1].values
        for word in names.elts
    ]


def _pairs(statement):
    """(name, value) of `a, b = x, y`, whose values rest on tables of their own; None otherwise."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Tuple):
        return None
    left, right = statement.targets[0], statement.value.elts
    if not isinstance(left, ast.Tuple) or len(left.elts) != len(right):
        return None
    if not all(isinstance(one, ast.Name) for one in left.elts):
        return None
    return [(one.id, value) for one, value in zip(left.elts, right, strict=True)]


def _names(node, context):
    """Names read or made in a piece of code, without those that live inside it only."""
    inner = {name.id for loop in _walked(node, ast.comprehension) for name in _walked(loop.target)}
    inner |= {argument.arg for one in _walked(node, ast.Lambda) for argument in one.args.args}
    found = {one.id for one in _walked(node) if isinstance(one.ctx, context)} - inner
    if context is ast.Store and isinstance(node, ast.FunctionDef):
        found.add(node.name)
    return found


def _walked(node, kind=ast.Name):
    return [one for one in ast.walk(node) if isinstance(one, kind)]


def _without(source, statements):
    lines = source.split("\n")
    for statement, held in reversed(statements):
        lines[statement.lineno - 1 : statement.end_lineno] = held.split("\n") if held else []
    return "\n".join(lines).strip("\n")


def say_missing(study, *names) -> Prose | None:
    """What tables hold nothing for the pair of states, why, and where to fill them: a sentence each way.

    A table that nobody has filled for the pair is told from one of which files were read that have no
    row for it, and from one with rows that were found by chance. Of a table that serves the book's own
    case nothing is said: None where no other is left. A study made by `alliances new` says in
    INSTRUCTIONS.md how its tables are filled; of a table collected about another pair the page
    `your_own_case` says how to make such a study.

    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(focal="KAZ", ally="RUS", state={"KAZ": "Kazakhstan", "RUS": "Russia"}.get,
    ...     concerns=lambda table: True, unsought=lambda name: [], resource=lambda name: {"name": name,
    ...     "title": "Money sent", "path": "trade/money.csv", "waiting_for": "Collect it by hand."})
    >>> print(say_missing(study, "trade/money").markdown)  # doctest: +NORMALIZE_WHITESPACE
    The table *Money sent* (`trade/money`) has no row for Kazakhstan and Russia: nobody has looked
    for them yet.
    What would rest on it is left out; the study's `INSTRUCTIONS.md` says under `trade/money.csv` how
    it is filled.
    """
    tables = [study.resource(name) for name in names]
    sorted_out = {_LOOKED: [], _BY_CHANCE: [], _NOBODY_LOOKED: []}
    for table in tables:
        if not table.get("case_only"):
            sorted_out[_why_missing(study, table)].append(table)
    said = [_missing(study, why, part) for why, part in sorted_out.items() if part]
    return Prose("\n\n".join(said)) if said else None


_NOBODY_LOOKED = "{have} no row for {focal} and {ally}: nobody has looked for them yet."
_BY_CHANCE = "{hold} what was found by chance: nobody has searched for {focal} and {ally} yet."
_LOOKED = "{have} no row for {focal} and {ally}: what was read holds none."


def _why_missing(study, resource):
    read = any("command" in source for source in resource.get("sources", []))
    if len(study.unsought(resource["name"])):
        return _BY_CHANCE
    looked = study.concerns(resource) and (read or "waiting_for" not in resource)
    return _LOOKED if looked else _NOBODY_LOOKED


def _missing(study, why, tables):
    waiting = [f"`{one['path']}`" for one in tables if "waiting_for" in one]
    if waiting:
        way = "; the study's `INSTRUCTIONS.md` says under PATHS how {they} filled"
    elif not all(map(study.concerns, tables)):
        way = "; {doc}`your_own_case` says how to make a study of the two, in which {they} filled"
    else:
        way = ""
    several = len(tables) > 1
    words = {
        "tables": "tables" if several else "table",
        "have": "have" if several else "has",
        "hold": "hold" if several else "holds",
        "them": "them" if several else "it",
        "they": "they are" if several else "it is",
        "focal": study.state(study.focal),
        "ally": study.state(study.ally),
    }
    text = f"The {{tables}} NAMES {why}\nWhat would rest on {{them}} is left out{way}."
    said = fill(text, **{name: word for name, word in words.items() if f"{{{name}}}" in text})
    names = [f"*{plain_line(one['title'])}* (`{one['name']}`)" for one in tables]
    return said.replace("NAMES", _enumerated(names)).replace("PATHS", _enumerated(waiting))


def say_lacking(study, collected: dict[str, list[str]]) -> Prose | None:
    """One sentence, for the top of a chapter, on those of its tables that hold nothing for the pair.

    collected: {what somebody would have to collect, in words: the tables}, written out in the cell, so
    that no further sentence names these tables (see `Fitting`). None where the study holds them all.

    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(holds={"a/held"}.__contains__, unsought=lambda name: [],
    ...     resource=lambda name: {"name": name, "path": f"{name}.csv", "waiting_for": "By hand."})
    >>> say_lacking(study, {"visits": ["a/held", "a/empty"], "gifts": ["a/held"]}).markdown
    "Nobody has collected visits for this study: fill `a/empty.csv`, as the study's `INSTRUCTIONS.md` says."
    """
    empty = {
        what: lacking
        for what, names in collected.items()
        if (lacking := [study.resource(name) for name in names if not study.holds(name)])
    }
    if not empty:
        return None
    tables = [table for lacking in empty.values() for table in lacking]
    own = all("waiting_for" in table for table in tables)
    page = "the study's `INSTRUCTIONS.md` says" if own else "{doc}`your_own_case` says"
    done = "searched for" if any(len(study.unsought(one["name"])) for one in tables) else "collected"
    text = "Nobody has {done} {what:list} for this study: fill PATHS, as"
    said = fill(text, done=done, what=list(empty))
    paths = _enumerated([f"`{table['path']}`" for table in tables])
    return Prose(f"{said.replace('PATHS', paths)} {page}.")


def _enumerated(words):
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def fit_page(text: str, is_case: bool) -> str:
    """A page in Markdown without the parts that are not for this book.

    A line `+++ {"tags": ["case"]}`, by which MyST parts a page into cells, begins a part for the
    book's own pair and years; one tagged `others` is for every other book; `+++` ends either.

    >>> page = 'Words.\\n+++ {"tags": ["case"]}\\nGyumri.\\n+++\\nMore.'
    >>> fit_page(page, is_case=False)
    'Words.\\nMore.'
    """
    first, *rest = re.split(r"^\+\+\+(.*)\n", text, flags=re.MULTILINE)
    out = {"others"} if is_case else {"case"}
    parts = zip(rest[::2], rest[1::2], strict=True)
    kept = [part for head, part in parts if not out & set(json.loads(head or "{}").get("tags", []))]
    return "".join([first, *kept])


_fitted = []


def fit_to(study) -> None:
    """Leave out, from here on in this notebook, what has nothing to rest on in a study.

    For JupyterLab and papermill, which run every cell they find; `alliances build` leaves the same
    cells out before it runs a chapter, and the paragraphs about the case as well. Outside IPython
    nothing happens. Called again, as when the first cells are run anew for another pair, it begins
    anew.

    >>> fit_to(None)
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None:
        return
    for old in _fitted:
        if old in shell.input_transformers_cleanup:
            shell.input_transformers_cleanup.remove(old)
    _fitted.clear()
    fitting, known = Fitting(study.holds, study.is_case), {}
    # The cell that calls this has been read already, and may have opened tables.
    fitting.fit(shell.user_ns["In"][-1])

    def fitted(lines):
        source = "".join(lines)
        if source not in known:  # A kernel asks twice, first whether the cell is complete.
            known[source] = fitting.fit(source.rstrip("\n")) or ""
        return known[source].splitlines(keepends=True)

    _fitted.append(fitted)
    shell.input_transformers_cleanup.append(fitted)
