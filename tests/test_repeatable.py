"""Two runs give the same bytes, wherever and whenever they run; the stored chapters are such a run."""

import os
import subprocess
import sys

import nbformat
import pytest
from support import ROOT, copy_book, files_of

SHORT_LIVED = {".ipynb_checkpoints"}


def built(root, zone, **extra):
    environment = os.environ | {"TZ": zone, "PYTHONPATH": str(ROOT / "lib")} | extra
    subprocess.run(
        [sys.executable, "-m", "alliances", "build", "--book", str(root)],
        env=environment,
        check=True,
        capture_output=True,
        cwd=root,
    )
    return files_of(root / "_build" / "html")


def test_two_builds_in_different_places_zones_and_locales_are_equal(tmp_path, html):
    here = built(copy_book(tmp_path / "a"), "Asia/Yerevan", LANG="C")
    there = built(
        copy_book(tmp_path / "a-folder-with-a-much-longer-name" / "and another level"),
        "America/New_York",
        LC_ALL="C.UTF-8",
        PYTHONHASHSEED="7",
    )
    assert here.keys() == there.keys()
    differing = [name for name in here if here[name] != there[name]]
    assert differing == []
    tested = files_of(html)
    assert [name for name in here if here[name] != tested.get(name)] == []
    for name, content in here.items():
        assert str(tmp_path).encode() not in content and str(ROOT).encode() not in content, name


def test_the_stored_chapters_are_byte_for_byte_what_a_run_gives(tmp_path, html):
    stored = {path.name: path.read_bytes() for path in (ROOT / "chapters").glob("*.ipynb")}
    for name, content in stored.items():
        assert (html / "_sources" / "chapters" / name).read_bytes() == content, (
            f"{name}: run make refresh and commit what it writes"
        )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "chapters").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_stored_chapter_carries_outputs_and_says_what_each_picture_shows(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert output.output_type in {"execute_result", "display_data"}, cell.source
            if "application/vnd.vegalite.v5+json" in output.data:
                assert output.data["text/plain"].startswith("Picture: ")
                assert len(output.data["text/plain"]) > 80
