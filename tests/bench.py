"""Measure the build and the measures against the stock ways, side by side in one run: `make bench`."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_books
import bench_pairs
import nbformat
from support import ROOT, copy_book

from alliances.study import tables_read

LIBRARY = {"PYTHONPATH": str(ROOT / "lib")}
STOCK = "from jupyter_book.cli.main import main; main()"


def timed(words, cwd):
    started = time.monotonic()
    done = subprocess.run(
        words, cwd=cwd, env=os.environ | LIBRARY, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words[:4])} failed:\n{done.stderr[-3000:]}")
    return time.monotonic() - started


def ours(root):
    return timed([sys.executable, "-m", "alliances", "build", "--book", str(root)], root)


def without_outputs(root):
    for path in (root / "chapters").glob("*.ipynb"):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)


def stock(root):
    """Jupyter Book executing the same notebooks itself, with the same pages to make."""
    without_outputs(root)
    config = (root / "_config.yml").read_text(encoding="utf-8")
    assert 'execute_notebooks: "off"' in config
    (root / "_config.yml").write_text(
        config.replace('execute_notebooks: "off"', 'execute_notebooks: "force"\n  timeout: 300'),
        encoding="utf-8",
    )
    return timed([sys.executable, "-c", STOCK, "build", str(root), "-q"], root)


def weight(html, page):
    """Bytes a browser fetches for a page: itself and every style, script and font that it names."""
    path = html / page
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"""(?:src|href)=["']([^"'#?]+\.(?:css|js|woff2))""", text))
    files = [path.parent / name for name in named]
    return path.stat().st_size + sum(file.stat().st_size for file in files if file.is_file())


def page_weights(root):
    """A chapter's page alive, before its pictures come alive, and with Altair's default output.

    Altair's default fetches Vega, Vega-Lite and Vega-Embed from another host; they are weighed here by
    the bundle of the three that vl-convert makes, since nothing is fetched.
    """
    import vl_convert
    from altair.utils.html import spec_to_html

    html, page = root / "_build" / "html", "chapters/arms_transfers.html"
    text = (html / page).read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="picture".*?</figure>', text, flags=re.S)
    still = weight(html, page)
    alive = still + (html / "_static" / "vega.js").stat().st_size
    default = still - sum(len(figure.encode()) for figure in figures)
    default += len(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version="6.4"))
    notebook = nbformat.read(root / "chapters" / "arms_transfers.ipynb", 4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if spec := output.get("data", {}).get("application/vnd.vegalite.v5+json"):
                versions = {
                    "vega_version": "6",
                    "vegalite_version": "6.4.1",
                    "vegaembed_version": "7",
                }
                default += len(spec_to_html(spec, "vega-lite", fullhtml=False, **versions).encode())
    return alive, still, default


def changed(root, table):
    """The time of a build after the last row of one table has gone."""
    path = root / "data" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    return ours(root)


def readers(table):
    """How many chapters run again when a table changes, in words."""
    paths = sorted((ROOT / "chapters").glob("*.ipynb"))
    code = [
        "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
        for path in paths
    ]
    read = [tables_read(source) for source in code]
    count = sum(names is None or table in names for names in read)
    return f"{table}, read by {count} of {len(paths)} chapters"


def main():
    tables = ("arms_transfers/deliveries", "voting_alignment/ideal_points")
    with tempfile.TemporaryDirectory() as scratch:
        first, other = copy_book(Path(scratch) / "ours"), copy_book(Path(scratch) / "stock")
        stock(copy_book(Path(scratch) / "warm"))
        whole, theirs = ours(first), stock(other)
        rebuilds = {table: changed(first, table) for table in tables}
        again = ours(first)
        alive, still, default = page_weights(first)
        many = bench_books.measure(Path(scratch))
    print(
        f"whole build: {whole:.1f} s; stock way: {theirs:.1f} s; ratio {whole / theirs:.2f} (aim 0.6)"
    )
    for table, time_taken in rebuilds.items():
        ratio = f"ratio to the whole {time_taken / whole:.2f} (aim 0.3)"
        print(f"rebuild, {readers(table)}: {time_taken:.1f} s; {ratio}")
    print(f"rebuild, nothing changed: {again:.1f} s")
    for line in bench_books.report(many) + bench_pairs.report(bench_pairs.measure()):
        print(line)
    print(
        f"page of arms_transfers: {still / 1e3:.0f} kB, {alive / 1e3:.0f} kB with its pictures alive; with "
        f"Altair's default output {default / 1e3:.0f} kB; ratio {alive / default:.2f} (aim below 1)"
    )


if __name__ == "__main__":
    main()
