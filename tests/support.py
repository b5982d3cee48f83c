"""What several test modules need."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from alliances.study import ALWAYS_READ

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ALLIANCES_SHARED", ROOT.parent / "shared"))

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the producers' files and reference values are not on this machine"
)


def copy_book(target):
    """The book's files, as a clone has them, in another folder."""
    for name in ("_config.yml", "_toc.yml"):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    for name in ("chapters", "data"):
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    return target


PARAMETERS = 'STUDY = "../data"\nFOCAL = "ARM"\nALLY = "RUS"\nFIRST_YEAR = 1992\nLAST_YEAR = 2025'
OPEN = (
    "from alliances import Study, prose\n"
    "study = Study(STUDY, focal=FOCAL, ally=ALLY, first_year=FIRST_YEAR, last_year=LAST_YEAR)"
)


def notebook(title, *code):
    """A chapter in memory: a title, the parameters, the study, and then this code, a cell each."""
    import nbformat

    cells = [nbformat.v4.new_markdown_cell(f"# {title}\n\nA page.", id="title")]
    for place, source in enumerate((PARAMETERS, OPEN, *code)):
        cell = nbformat.v4.new_code_cell(source, id=f"code-{place}")
        if place == 0:
            cell.metadata["tags"] = ["parameters"]
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def put(root, name, *code):
    """Such a chapter in a book's folder."""
    import nbformat

    nbformat.write(notebook(name.capitalize(), *code), root / "chapters" / f"{name}.ipynb")


def small_book(root):
    """A small book of two chapters on three of the shipped tables, which are soon checked."""
    (root / "chapters").mkdir(parents=True)
    small_study(root / "data", *ALWAYS_READ)
    shutil.copyfile(ROOT / "_config.yml", root / "_config.yml")
    (root / "chapters" / "references.bib").write_text("")
    (root / "chapters" / "words.md").write_text(
        "# Words\n\n```{glossary}\ndyad\n  A pair of states.\n```\n"
    )
    files = "".join(f"  - file: chapters/{name}\n" for name in ("second", "words"))
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: chapters/first\nchapters:\n{files}")
    put(root, "first", 'len(study.table("events"))')
    put(
        root,
        "second",
        'prose.say("{n} and {name}", n=len(study.table("states")), name="<b>bold</b>")',
    )
    return root


def until(found, seconds=60):
    """What `found` returns as soon as it is something; fails after some seconds."""
    ends = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < ends, "nothing came in time"
        time.sleep(0.05)
    return value


def files_of(folder):
    """{path: bytes} of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def saved(folder, content, name="file.csv", encoding="utf-8"):
    """A file of this content, text or bytes."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refuses_what_is_no_such_file(read, text, other, folder):
    """A reader refuses another file of its producer, one without rows, and a row too long."""
    from alliances.problems import DataProblem

    header, first, *rest = text.splitlines()
    for content, said in (
        (other, "are missing; expected"),
        (header, "no row follows"),
        ("\n".join([header, first + ",1", *rest]), "rows 2 do not have"),
    ):
        with pytest.raises(DataProblem, match=said):
            read(saved(folder, content))


def reference(name):
    """Values to test against: the whole collection where it is at hand, else the extract here."""
    whole = SHARED / "reference" / name
    return whole if whole.exists() else ROOT / "tests" / "reference" / name


def whole_and_cut(read, text, data, folder, encoding="utf-8"):
    """What a reader makes of a text, and of the text cut at a place that hypothesis chooses.

    The second is None where the cut file was refused, which must name the file.
    """
    from hypothesis import strategies as st

    from alliances.problems import DataProblem

    place = data.draw(st.integers(0, len(text) - 1))
    whole = read(saved(folder, text, "whole.csv", encoding))
    try:
        return whole, read(saved(folder, text[:place], "part.csv", encoding))
    except DataProblem as problem:
        assert "part.csv" in str(problem)
        return whole, None


def small_study(folder, *names, **changes):
    """A copy of the shipped study with these tables and the states alone; changes: to its `study`."""
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    package["study"] |= changes
    package["resources"] = [
        one for one in package["resources"] if one["name"] in ("states", *names)
    ]
    for one in package["resources"]:
        (folder / one["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "data" / one["path"], folder / one["path"])
    text = json.dumps(package, indent=2, ensure_ascii=False)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")
    return folder
