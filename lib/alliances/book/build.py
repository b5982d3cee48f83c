"""From a study to a site: check once, run each chapter once, publish whole."""

import difflib
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from alliances.book import pictures, publish, run
from alliances.book.files import write_whole
from alliances.book.press import Press
from alliances.fitting import fit_page
from alliances.problems import DataProblem

KEPT_RUNS = 6
_MADE_OF_STUDY = {
    "FOCAL": "focal",
    "ALLY": "ally",
    "FIRST_YEAR": "first_year",
    "LAST_YEAR": "last_year",
}
# Where a chapter that sets this study against another one finds it.
_OTHER = {"OTHER": "../against/data", "OTHER_CHAPTERS": "../against/chapters"}


def _say(text):
    print(text, flush=True)


def silent(text):
    """What to say where the caller speaks."""


class ChapterFailed(RuntimeError):
    """One or more chapters did not run; the text names each with its cell and its error."""


@dataclass(frozen=True)
class Book:
    """One book to build: its data, where its site goes, the values of its chapters' parameters.

    against: the folder of another study, for the chapter that sets this one against it.
    """

    study: Path
    out: Path
    values: dict
    against: Path | None = None

    def studies(self):
        """The studies it rests on, as `checked` takes them."""
        other = {self.against: f"the study to set it against, {self.against}"}
        return (other if self.against else {}) | {self.study: ""}


@dataclass(frozen=True)
class Means:
    """What a build works with: who runs chapters, who hears what is done, who draws pictures early."""

    executor: Executor | None = None
    say: Callable = _say
    press: Press | None = None
    label: str = ""


def build(root, study_folder, out, parameters=None, executor=None, say=_say, against=None):
    """Build the book of a study.

    root: the folder with `_config.yml`, `_toc.yml` and `chapters/`. study_folder: the data. out: where
    the site goes. parameters: values for the chapters' parameters that differ from the study's own.
    against: the folder of another study, such as an older vintage, which the page on what changed sets
    beside this one; by default that page takes another pair of the same study.
    executor: runs the chapters; by default as many at a time as there are cores. Everything that can
    be refused is refused before anything runs (DataProblem). Chapters that fail are named together
    (ChapterFailed); what the others computed is kept for the next run, and the old site stays.
    """
    root = Path(root).absolute()
    chapters = read_chapters(root)
    book = accepted(chapters, study_folder, out, parameters or {}, against)
    build_accepted(root, book, chapters, Means(executor, say))
    forget_old(root / "_build")


def accepted(chapters, study_folder, out, parameters, against=None):
    """A book that can be built, as far as this can be told without reading its tables."""
    out = Path(out).resolve()
    publish.refuse_foreign(out)
    values = _values(study_folder, parameters, chapters, against)
    publish.refuse_unwritable(out)
    return Book(Path(study_folder), out, values, Path(against) if against else None)


def build_accepted(root, book, chapters, means, prints=None):
    """Build one book. prints: what `checked` said of its studies, where that has been asked before.

    Where it has, books are built side by side, and no core waits to draw pictures early.
    """
    store, say = root / "_build", means.say
    with _alone(store, book.out, say), Press(store) as press:
        publish.recover(book.out)
        started = time.monotonic()
        if prints is None:
            if not (store / "checked.json").is_file():
                press.make_ready()
            prints = checked(book.studies(), store, say)
            means = replace(means, press=press)
        other = _beside(book, chapters, prints, store, means) if book.against else None
        executed = _executed(
            chapters, book.values, book.study, prints[book.study], store, means, other
        )
        is_case = _opened(book.study, book.values).is_case
        sources = _sources(root, executed, book.study, is_case)
        start = _start(sources)
        if publish.is_current(sources, book.out, start):
            say(f"{book.out / 'index.html'} is up to date")
            return
        say("publishing")
        publish.publish(sources, store / "stage" / _short(book.out), book.out, press, start)
    say(f"{book.out / 'index.html'} is ready after {time.monotonic() - started:.1f} s")


def forget_old(store, books=1):
    """Keep of runs, pictures and stages what the next build of as many books can use again."""
    for folder in (store / "chapters").glob("*"):
        runs = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in runs[max(KEPT_RUNS, books) :]:
            path.unlink(missing_ok=True)
    pictures.forget_old(store / "pictures", books)
    publish.forget_old_stages(store / "stage", books)


@contextmanager
def _alone(store, out, say):
    """Let one build at a time work on a site; the system lets go of the lock if a build is killed."""
    path = store / "locks" / f"{_short(out)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"another build is at work on {out}; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def refresh(root, executor=None, say=_say):
    """Run the chapters on the book's own data and store the outputs in `chapters/`."""
    root = Path(root)
    store, data = root / "_build", root / "data"
    chapters = read_chapters(root)
    values = _values(data, {}, chapters)
    prints = checked({data: ""}, store, say)[data]
    executed = _executed(chapters, values, data, prints, store, Means(executor, say))
    for name, text in executed.items():
        write_whole(root / "chapters" / f"{name}.ipynb", text)


@dataclass(frozen=True)
class _Beside:
    """Another study, with its chapters as they ran, for the chapter that sets this one against it."""

    folder: Path
    prints: frozenset
    chapters: dict

    def lay_out(self, scratch):
        """Put it where `_OTHER` says."""
        folder = _snapshot(self.folder, self.prints, scratch / "against")
        for name, text in self.chapters.items():
            write_whole(folder / f"{name}.ipynb", text)

    def mark(self):
        """A text that changes with it."""
        package = (self.folder / "datapackage.json").read_text(encoding="utf-8")
        return "\n".join([*sorted(self.prints), package, *self.chapters.values()])


def _beside(book, chapters, prints, store, means):
    """The other study, and those of its chapters run whose verdicts can be compared."""
    from alliances.against import chapters_with_verdicts, opened_beside

    means.say(f"setting it against {book.against}")
    values, prints = book.values, prints[book.against]
    study = _opened(book.study, values)
    other = opened_beside(study, book.against, values["OTHER_FOCAL"], values["OTHER_ALLY"])
    names = chapters_with_verdicts(other, study)
    # Nothing of these chapters is published, so that no picture of them is drawn early.
    quiet = replace(means, say=silent, press=None)
    ran = run_some(names, chapters, book.against, prints, store, quiet)
    return _Beside(book.against, prints, ran)


def run_some(names, chapters, study_folder, prints, store, means):
    """{name: executed notebook as JSON} of some chapters on a study, for its own pair and years.

    names: of the chapters wanted; those that are not among `chapters` are left out. prints: what
    `checked` said of the study. What was run is kept, and what was kept is not run again.
    """
    wanted = {name: chapters[name] for name in chapters if name in names}
    if not wanted:
        return {}
    values = _values(study_folder, {}, chapters)
    return _executed(wanted, values, study_folder, prints, store, means)


def read_chapters(root):
    """{name: notebook} of every notebook in `chapters/`, in the order of their names."""
    for needed in ("_config.yml", "_toc.yml", "chapters"):
        if not (root / needed).exists():
            raise DataProblem(f"{root}: it holds no {needed}. Give the book's folder with --book.")
    chapters = {}
    for path in sorted((root / "chapters").glob("*.ipynb")):
        try:
            chapters[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise DataProblem(f"{path.name}: it is not a notebook ({error}). Restore it.") from None
    return chapters


def _values(study_folder, parameters, chapters, against=None):
    """Parameter values for this build, after refusing all that no chapter or study knows."""
    from alliances.study import Study

    takes = {name: run.declared(notebook, name) for name, notebook in chapters.items()}
    known = {key: value for declared in takes.values() for key, value in declared.items()}
    problems = _parameter_problems(known, parameters)
    if against and "OTHER" not in known:
        problems.append("no chapter sets a study against another one. Leave --against out.")
    if problems:
        raise DataProblem("\n".join(problems))
    asked = {word: parameters[key] for key, word in _MADE_OF_STUDY.items() if key in parameters}
    study = Study(study_folder, **asked)
    values = {key: getattr(study, word) for key, word in _MADE_OF_STUDY.items()} | parameters
    return values | (_other(study, against, known, parameters) if "OTHER" in known else {})


def _parameter_problems(known, parameters):
    given = {"STUDY": "--study for the data"} | dict.fromkeys(_OTHER, "--against for another study")
    known = {key: value for key, value in known.items() if key not in given}
    problems = []
    for key, value in parameters.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            hint += f"Known: {', '.join(sorted(known))}."
            if key in given:
                hint = f"Use {given[key]}."
            problems.append(f"no chapter has a parameter {key}. {hint}")
        elif type(value) is not type(known[key]):
            problems.append(
                f"parameter {key}: found {value!r}; expected a value like {known[key]!r}."
            )
    return problems


def _other(study, against, known, parameters):
    """The parameters by which a chapter finds what this study is set against."""
    from alliances.against import ALLY, FOCAL, other_pair

    asked = {name: parameters[name] for name in (FOCAL, ALLY) if name in parameters}
    pair = other_pair(study, against, (known[FOCAL], known[ALLY]), asked)
    return pair | (_OTHER if against else {})


def checked(studies, store, say):
    """{study: fingerprints of its tables}, reading only tables changed since a check that passed.

    studies: {folder: what a refusal calls it before each problem; nothing where that is clear}.
    """
    from alliances.study import check_folder

    record = store / "checked.json"
    try:
        passed = frozenset(json.loads(record.read_text()))
    except (OSError, ValueError):
        passed = frozenset()
    say("checking the data")
    prints, problems = {}, []
    for study, called in studies.items():
        try:
            prints[study] = check_folder(study, passed)
        except DataProblem as problem:
            lines = str(problem).splitlines()
            problems += [f"{called}: {line}" if called else line for line in lines]
    if problems:
        raise DataProblem("\n".join(problems))
    write_whole(record, json.dumps(sorted(frozenset().union(*prints.values()))))
    return prints


def _executed(chapters, values, study_folder, prints, store, means, other=None):
    """{name: executed notebook}, running only what no earlier run has computed.

    Chapters that read other chapters run in a second round and find these, as they ran, beside them.
    other: a `_Beside`, which the chapters that ask for another study find beside them as well.
    """
    known, holds = _known(study_folder), _holds(study_folder, values)
    kept_runs = store / "chapters"
    found, ran = {}, 0
    # Another executor's workers may be other machines: they see the book's folder, not this one's /tmp.
    place = store if means.executor else None
    with tempfile.TemporaryDirectory(prefix="alliances-", dir=place) as scratch:
        folder = _snapshot(study_folder, prints, Path(scratch))
        if other:
            other.lay_out(Path(scratch))
        for group in _rounds(chapters):
            for name, text in found.items():
                write_whole(folder / f"{name}.ipynb", text)
            beside = [hashlib.sha256(found[name].encode()).hexdigest() for name in sorted(found)]
            jobs, keys, kept = [], {}, {}
            for name, notebook in group.items():
                text, differing = run.prepared(notebook, values, name, holds)
                marks = [other.mark()] if other and "OTHER" in dict(differing) else []
                keys[name] = _key(text, differing, notebook, known, [*beside, *marks])
                path = kept_runs / name / f"{keys[name]}.ipynb"
                if path.is_file():
                    kept[name] = path.read_text(encoding="utf-8")
                    os.utime(path)
                else:
                    jobs.append(run.Job(name, text, differing, str(folder)))
            found |= kept | _run(jobs, kept_runs, keys, means)
            ran += len(jobs)
    if not ran:
        means.say("no chapter has changed")
    return {name: found[name] for name in chapters}


def _rounds(chapters):
    """The chapters that stand for themselves, then those that read what the others found."""
    from alliances.claims import reads_chapters

    late = {name for name, notebook in chapters.items() if reads_chapters(run.code_of(notebook))}
    for wanted in (False, True):
        yield {name: chapters[name] for name in chapters if (name in late) is wanted}


def _holds(study_folder, values):
    """Tells of a table's name whether the study has rows of it for the pair; each is read once."""
    return cache(_opened(study_folder, values).holds)


def _opened(study_folder, values):
    """A study with the pair and the years of a build."""
    from alliances.study import Study

    return Study(study_folder, **{word: values[key] for key, word in _MADE_OF_STUDY.items()})


def _known(study_folder):
    """What a chapter's outputs depend on beside its own text: the library, the pair, every table."""
    from alliances.study import fingerprint, read_package

    package = read_package(study_folder)
    return {
        "package": json.dumps(package, sort_keys=True),
        "pair": json.dumps(package["study"], sort_keys=True),
        "marks": {r["name"]: fingerprint(study_folder, package, r) for r in package["resources"]},
        "library": run.library_print(),
    }


def _key(text, differing, notebook, known, beside):
    """The name under which a run is kept: a digest of all that its outputs depend on."""
    from alliances.study import ALWAYS_READ, tables_read

    marks, reads = known["marks"], tables_read(run.code_of(notebook))
    names = marks if reads is None else sorted(reads | set(ALWAYS_READ))
    seen = [text, repr(differing), known["library"], known["pair"]]
    seen += [*(f"{name} {marks.get(name)}" for name in names), *beside]
    if reads is None:
        seen.append(known["package"])
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:24]


def _study_files(study_folder):
    from alliances.study import read_package

    package = read_package(study_folder)
    return ["datapackage.json", *(resource["path"] for resource in package["resources"])]


def _snapshot(study_folder, prints, scratch):
    """A copy of the data beside an empty folder to run in, so that `../data` is this study."""
    (scratch / "chapters").mkdir(parents=True)
    (scratch / "data").mkdir()
    for name in _study_files(study_folder):
        (scratch / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(study_folder / name, scratch / "data" / name)
    (scratch / "data" / ".checked.json").write_text(json.dumps(sorted(prints)))
    return scratch / "chapters"


def _run(jobs, kept_runs, keys, means):
    if not jobs:
        return {}
    if means.press:
        means.press.make_ready()
    own = None if means.executor else ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    title = means.label or "chapters"
    bar = tqdm(
        total=len(jobs), desc=title, unit="chapter", disable=None, file=sys.stderr, leave=False
    )

    def report(done, running):
        bar.n = done
        bar.set_postfix_str(", ".join(running))

    found, failed = {}, []
    try:
        for outcome in run.run_all(jobs, means.executor or own, report):
            if outcome.error:
                failed.append(f"chapter {outcome.name}, {outcome.error}")
            else:
                found[outcome.name] = outcome.notebook
                write_whole(
                    kept_runs / outcome.name / f"{keys[outcome.name]}.ipynb", outcome.notebook
                )
                if means.press:
                    means.press.draw(outcome.notebook)
            state = "failed" if outcome.error else "ran"
            name = f"{means.label}: {outcome.name}" if means.label else outcome.name
            tqdm.write(f"{name} {state} in {outcome.seconds:.1f} s", file=sys.stderr)
    finally:
        bar.close()
        if own:
            own.shutdown(cancel_futures=True)
    if failed:
        raise ChapterFailed("\n".join(sorted(failed)))
    return found


def _sources(root, executed, study_folder, is_case):
    """What Jupyter Book is given: configuration, pages, bibliography, the chapters as they ran, the data."""
    files = _study_files(study_folder)
    extra = {f"extra/data/{name}": (study_folder / name).read_bytes() for name in files}
    sources = {name: (root / name).read_bytes() for name in ("_config.yml", "_toc.yml")}
    for path in sorted((root / "chapters").rglob("*")):
        if (
            path.is_file()
            and path.suffix in {".md", ".bib", ".svg", ".png"}
            and ".ipynb" not in path.parent.name
        ):
            content = path.read_bytes()
            if path.suffix == ".md":
                content = fit_page(content.decode("utf-8"), is_case).encode()
            sources[path.relative_to(root).as_posix()] = content
    return (
        sources
        | extra
        | {f"chapters/{name}.ipynb": text.encode() for name, text in executed.items()}
    )


def _start(sources):
    """What pages show of one another: a change in it makes every page anew.

    Sphinx reads again only the pages that changed, while titles, citations and terms of a page stand on
    others too.
    """
    digest = hashlib.sha256(run.library_print().encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in {".py", ".css", ".js"}:
            digest.update(path.read_bytes())
    for name, content in sources.items():
        if name.startswith("extra/"):
            continue
        digest.update(name.encode())
        digest.update(_headings(content) if name.endswith(".ipynb") else content)
    return digest.hexdigest().encode()


def _headings(content):
    """A chapter's own text, and the citations and terms in the text that its code wrote."""
    cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "markdown"]
    roles = re.findall(rb"\{[a-z:]+\}`[^`]*`", content)
    return "\n".join("".join(cell["source"]) for cell in cells).encode() + b"".join(roles)


def _short(out):
    return hashlib.sha256(str(out).encode()).hexdigest()[:12]
