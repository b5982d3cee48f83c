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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from alliances.book import publish, run
from alliances.book.pictures import forget_old
from alliances.book.press import Press
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


def _nothing(text):
    """What to say where the caller speaks."""


class ChapterFailed(RuntimeError):
    """One or more chapters did not run; the text names each with its cell and its error."""


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
    root, study_folder, out = Path(root), Path(study_folder), Path(out).resolve()
    publish.refuse_foreign(out)
    store = root / "_build"
    chapters = read_chapters(root)
    values = _values(study_folder, parameters or {}, chapters, against)
    publish.refuse_unwritable(out)
    with _alone(store, out, say):
        publish.recover(out)
        _build(root, study_folder, out, chapters, values, executor, say, against)


def _build(root, study_folder, out, chapters, values, executor, say, against):
    store = root / "_build"
    started = time.monotonic()
    with Press(store) as press:
        if not (store / "checked.json").is_file():
            press.make_ready()
        beside = _beside(root, study_folder, values, against, executor, say) if against else None
        prints = _checked(study_folder, store, say)
        executed = _executed(
            chapters, values, study_folder, prints, store, executor, say, press, beside
        )
        sources = _sources(root, executed, study_folder)
        start = _start(sources)
        if publish.is_current(sources, out, start):
            say(f"{out / 'index.html'} is up to date")
            return
        say("publishing")
        publish.publish(sources, store / "stage" / _short(out), out, press, start)
    forget_old(store / "pictures")
    publish.forget_old_stages(store / "stage")
    say(f"{out / 'index.html'} is ready after {time.monotonic() - started:.1f} s")


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
    chapters = read_chapters(root)
    values = _values(root / "data", {}, chapters)
    prints = _checked(root / "data", root / "_build", say)
    for name, text in _executed(
        chapters, values, root / "data", prints, root / "_build", executor, say
    ).items():
        _write(root / "chapters" / f"{name}.ipynb", text)


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
            _write(folder / f"{name}.ipynb", text)

    def mark(self):
        """A text that changes with it."""
        package = (self.folder / "datapackage.json").read_text(encoding="utf-8")
        return "\n".join([*sorted(self.prints), package, *self.chapters.values()])


def _beside(root, study_folder, values, against, executor, say):
    """The other study, checked, and those of its chapters run whose verdicts can be compared."""
    from alliances.against import chapters_with_verdicts, opened_beside
    from alliances.study import Study

    say(f"setting it against {against}")
    try:
        prints = _checked(against, root / "_build", say)
    except DataProblem as problem:
        raise DataProblem(f"the study to set it against, {against}:\n{problem}") from None
    study = Study(study_folder, **{word: values[key] for key, word in _MADE_OF_STUDY.items()})
    other = opened_beside(study, against, values["OTHER_FOCAL"], values["OTHER_ALLY"])
    names = chapters_with_verdicts(other, study)
    return _Beside(Path(against), prints, executed(root, against, names, executor))


def checked(root, study_folder):
    """Refuse a study that is not as its data package says; what an earlier check passed is not read."""
    _checked(study_folder, Path(root) / "_build", _nothing)


def executed(root, study_folder, names, executor=None):
    """{name: executed notebook as JSON} of some chapters on a study, for its own pair and years.

    root, study_folder, executor: as in `build`. names: of the chapters; those that are not there are
    left out. What was run is kept, and what was kept is not run again.
    """
    root, study_folder = Path(root), Path(study_folder)
    chapters = read_chapters(root)
    wanted = {name: chapters[name] for name in chapters if name in names}
    if not wanted:
        return {}
    values = _values(study_folder, {}, chapters)
    store = root / "_build"
    prints = _checked(study_folder, store, _nothing)
    return _executed(wanted, values, study_folder, prints, store, executor, _nothing)


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


def _checked(study_folder, store, say):
    """Check the data, reading again only the tables that changed since a check that passed."""
    from alliances.study import check_folder

    record = store / "checked.json"
    try:
        passed = frozenset(json.loads(record.read_text()))
    except (OSError, ValueError):
        passed = frozenset()
    say("checking the data")
    prints = check_folder(study_folder, passed)
    _write(record, json.dumps(sorted(prints)))
    return prints


def _executed(
    chapters, values, study_folder, prints, store, executor, say, press=None, against=None
):
    """{name: executed notebook}, running only what no earlier run has computed.

    Chapters that read other chapters run in a second round and find these, as they ran, beside them.
    against: a `_Beside`, which the chapters that ask for another study find beside them as well.
    """
    known, holds = _known(study_folder), _holds(study_folder, values)
    store = store / "chapters"
    found, ran = {}, 0
    with tempfile.TemporaryDirectory(prefix="alliances-") as scratch:
        folder = _snapshot(study_folder, prints, Path(scratch))
        if against:
            against.lay_out(Path(scratch))
        for group in _rounds(chapters):
            for name, text in found.items():
                _write(folder / f"{name}.ipynb", text)
            beside = [hashlib.sha256(found[name].encode()).hexdigest() for name in sorted(found)]
            jobs, keys, kept = [], {}, {}
            for name, notebook in group.items():
                text, differing = run.prepared(notebook, values, name, holds)
                other = [against.mark()] if against and "OTHER" in dict(differing) else []
                keys[name] = _key(text, differing, notebook, known, [*beside, *other])
                path = store / name / f"{keys[name]}.ipynb"
                if path.is_file():
                    kept[name] = path.read_text(encoding="utf-8")
                    os.utime(path)
                else:
                    jobs.append(run.Job(name, text, differing, str(folder)))
            found |= kept | _run(jobs, executor, store, keys, press)
            ran += len(jobs)
    if not ran:
        say("no chapter has changed")
    return {name: found[name] for name in chapters}


def _rounds(chapters):
    """The chapters that stand for themselves, then those that read what the others found."""
    from alliances.claims import reads_chapters

    late = {name for name, notebook in chapters.items() if reads_chapters(run.code_of(notebook))}
    for wanted in (False, True):
        yield {name: chapters[name] for name in chapters if (name in late) is wanted}


def _holds(study_folder, values):
    """Tells of a table's name whether the study has rows of it for the pair; each is read once."""
    from alliances.study import Study

    given = {word: values[key] for key, word in _MADE_OF_STUDY.items()}
    return cache(Study(study_folder, **given).holds)


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


def _run(jobs, executor, store, keys, press):
    if not jobs:
        return {}
    if press:
        press.make_ready()
    own = None if executor else ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    bar = tqdm(
        total=len(jobs), desc="chapters", unit="chapter", disable=None, file=sys.stderr, leave=False
    )

    def report(done, running):
        bar.n = done
        bar.set_postfix_str(", ".join(running))

    found, failed = {}, []
    try:
        for outcome in run.run_all(jobs, executor or own, report):
            if outcome.error:
                failed.append(f"chapter {outcome.name}, {outcome.error}")
            else:
                found[outcome.name] = outcome.notebook
                _keep(store / outcome.name, keys[outcome.name], outcome.notebook)
                if press:
                    press.draw(outcome.notebook)
            state = "failed" if outcome.error else "ran"
            tqdm.write(f"{outcome.name} {state} in {outcome.seconds:.1f} s", file=sys.stderr)
    finally:
        bar.close()
        if own:
            own.shutdown(cancel_futures=True)
    if failed:
        raise ChapterFailed("\n".join(sorted(failed)))
    return found


def _keep(folder, key, text):
    """Keep what a chapter computed; of each chapter only the last few runs."""
    _write(folder / f"{key}.ipynb", text)
    runs = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in runs[KEPT_RUNS:]:
        path.unlink()


def _sources(root, executed, study_folder):
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
            sources[path.relative_to(root).as_posix()] = path.read_bytes()
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


def _write(path, text):
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
