"""Run chapters with papermill: each once, many at a time, the same bytes every time."""

import ast
import hashlib
import json
import os
import platform
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat

from alliances.fitting import Fitting
from alliances.problems import DataProblem

PAIR = ("FOCAL", "ALLY")
STEADY = {
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
_SHAPING = (
    *("altair", "ipykernel", "nbformat", "numpy", "pandas", "papermill"),
    *("pysyncon", "ruptures", "scipy", "statsmodels"),
)


class Stopped(RuntimeError):
    """The executor can run nothing more; the text says why and what to do."""


@dataclass(frozen=True)
class Job:
    """One chapter to run: its name, its notebook as JSON, its parameters, the folder it runs in.

    It holds only text and plain values, so that any executor, also on another machine that sees the
    same folder, can be handed it.
    """

    name: str
    notebook: str
    parameters: tuple
    folder: str


@dataclass(frozen=True)
class Outcome:
    """What became of a chapter: the executed notebook as JSON, or the cell and the error."""

    name: str
    notebook: str | None
    error: str | None
    seconds: float


def declared(notebook, name):
    """The parameters a chapter takes: names and default values of its cell tagged `parameters`."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "parameters" in _tags(cell):
            found = {}
            for node in ast.parse(_source(cell)).body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    found[node.targets[0].id] = ast.literal_eval(node.value)
            return found
    raise DataProblem(
        f"{name}: no cell is tagged parameters. Tag the cell that sets STUDY and the states."
    )


def prepared(notebook, values, name, holds):
    """A chapter ready to run, as JSON, and the parameters that differ from its defaults.

    Stored outputs go. Cells tagged `case` speak of the pair and the years the chapter was written for;
    they go when another pair is asked for, or fewer years. holds: tells of a table's name whether it has
    rows for the pair; code that rests on one without goes (see `fitting.Fitting`), and so does what is
    tagged `needs:TABLE`, or `needs:TABLE@YEAR` where only rows of that year and after will do.
    """
    defaults = declared(notebook, name)
    differing = {
        key: value for key, value in values.items() if key in defaults and defaults[key] != value
    }
    cut_before = differing.get("FIRST_YEAR", 0) > defaults.get("FIRST_YEAR", 0)
    cut_after = differing.get("LAST_YEAR", 9999) < defaults.get("LAST_YEAR", 0)
    other_case = cut_before or cut_after or any(key in differing for key in PAIR)
    clean = nbformat.from_dict(notebook)
    fitting = Fitting(holds, not other_case)
    clean.cells = [
        fitted
        for cell in clean.cells
        if not (other_case and "case" in _tags(cell)) and (fitted := _fitted(cell, fitting, holds))
    ]
    clean.metadata["language_info"] = {"name": "python"}
    clean.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return _written(clean), tuple(sorted(differing.items()))


def _fitted(cell, fitting, holds):
    """A cell as it is to run; None where it has nothing to rest on."""
    needed = [tag.removeprefix("needs:") for tag in _tags(cell) if tag.startswith("needs:")]
    if not all(holds(table) for table in needed):
        return None
    if cell.cell_type != "code":
        return cell
    cell.outputs, cell.execution_count = [], None
    written = _source(cell)
    source = fitting.fit(written)
    if source is None:
        return None
    if source != written and source.endswith(")") and "fitting.say_missing(" in source:
        cell.metadata["tags"] = ["remove-input"]
    if source != written:
        cell.source = source
    return cell


def _tags(cell):
    return cell.get("metadata", {}).get("tags", [])


def run_chapter(job):
    """Execute one chapter in a fresh kernel; never raises for what the chapter itself does."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    started = time.monotonic()
    os.environ.update(STEADY)
    with tempfile.TemporaryDirectory(prefix="alliances-") as scratch:
        path, profile = Path(scratch) / f"{job.name}.ipynb", Path(scratch) / "ipython"
        profile.mkdir()
        path.write_text(job.notebook, encoding="utf-8")
        try:
            done = papermill.execute_notebook(
                str(path),
                None,
                parameters=dict(job.parameters),
                kernel_name="python3",
                progress_bar=False,
                shutdown_kernel="immediate",
                # A profile of its own: the user's would change the outputs. Not IPYTHONDIR, which is
                # the whole process's, while other chapters start in it.
                extra_arguments=["--log-level=40", f"--ipython-dir={profile}"],
                # Not papermill's cwd, which changes the folder of the whole process while others run in it.
                resources={"metadata": {"path": job.folder}},
            )
        except PapermillExecutionError as error:
            first = error.source.strip().split("\n")[0]
            said = f"cell {error.cell_index + 1} ({first}): {error.ename}: {error.evalue}"
            return Outcome(job.name, None, said, time.monotonic() - started)
        except Exception as error:
            # A kernel that dies, a disk that is full: the chapter is named all the same.
            said = f"{type(error).__name__}: {error}"
            return Outcome(job.name, None, said, time.monotonic() - started)
    notebook = _written(_steadied(done, dict(job.parameters)))
    return Outcome(job.name, notebook, None, time.monotonic() - started)


def _steadied(notebook, given):
    """Without what differs from run to run, and with the values of this run where a reader looks.

    papermill adds a cell with the parameters given, below the chapter's own cell with other values;
    a page shows one cell, and whoever runs the notebook again runs it for the same pair.
    """
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in _tags(cell)]
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = _with_values(cell.source, given)
    return notebook


def _with_values(source, given):
    """A cell of parameters with the values given, each remark in its column."""
    lines = source.split("\n")
    set_here = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    for node in set_here:
        if (name := ast.unparse(node.targets[0])) in given:
            line = lines[node.lineno - 1]
            remark = line[node.value.end_col_offset :].lstrip()
            value = f"{name} = {json.dumps(given[name], ensure_ascii=False)}"
            lines[node.lineno - 1] = f"{value:{len(line) - len(remark)}}{remark}".rstrip()
    return "\n".join(lines)


def _written(notebook):
    return nbformat.writes(notebook, version=4) + "\n"


def _source(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def code_of(notebook):
    """All code of a chapter as one text."""
    return "\n".join(_source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")


def versions():
    """{name: version} of Python and of every package that shapes a chapter's outputs."""
    return {"Python": platform.python_version()} | {name: version(name) for name in _SHAPING}


def library_print():
    """A sha256 of everything but data and text that shapes a chapter's outputs."""
    library = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(repr(versions()).encode())
    for path in [*sorted(library.glob("*.py")), Path(__file__)]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def run_all(jobs, executor, report):
    """Run jobs on an executor that keeps the contract of `concurrent.futures`; yield each outcome.

    report(done, running) is called whenever something changed: how many chapters are finished and the
    names of those that run. A chapter that fails does not stop the others; an executor that can run
    nothing more does (Stopped).
    """
    waiting = {executor.submit(run_chapter, job): job for job in jobs}
    done = 0
    while waiting:
        report(done, [job.name for future, job in waiting.items() if future.running()])
        finished, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in finished:
            job = waiting.pop(future)
            done += 1
            try:
                yield future.result()
            except Stopped:
                raise
            except Exception as error:  # the executor lost the job: say which, go on with the rest
                yield Outcome(job.name, None, f"{type(error).__name__}: {error}", 0.0)
    report(done, [])
