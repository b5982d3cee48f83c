"""What several test modules need."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ALLIANCES_SHARED", ROOT.parent / "shared"))

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the producers' files and reference values are not on this machine"
)


def copy_book(target):
    """The book's files, as a clone has them, in another folder."""
    import shutil

    for name in ("_config.yml", "_toc.yml"):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    for name in ("chapters", "data"):
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
    return target


def files_of(folder):
    """{path: bytes} of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def whole_and_cut(read, text, data, folder, encoding="utf-8"):
    """What a reader makes of a text, and of the text cut at a place that hypothesis chooses.

    The second is None where the cut file was refused, which must name the file.
    """
    from hypothesis import strategies as st

    from alliances.problems import DataProblem

    paths = {"whole.csv": text, "part.csv": text[: data.draw(st.integers(0, len(text) - 1))]}
    for name, content in paths.items():
        (folder / name).write_bytes(content.encode(encoding))
    whole = read(folder / "whole.csv")
    try:
        return whole, read(folder / "part.csv")
    except DataProblem as problem:
        assert "part.csv" in str(problem)
        return whole, None
