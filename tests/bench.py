"""Measure the build and the measures against the stock ways, side by side in one run: `make bench`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_pairs
import nbformat
from support import ROOT, copy_book

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


def weight(html, page, scripts):
    """Bytes a reader's browser fetches for a page: the page and every style, script and font it names."""
    import re

    path = html / page
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"""(?:src|href)=["']([^"'#?]+\.(?:css|js|woff2))""", text))
    total = path.stat().st_size + sum(
        (path.parent / name).stat().st_size for name in named if (path.parent / name).is_file()
    )
    return total + sum(scripts)


def page_weights(root):
    """The heaviest chapter as it is, with its pictures alive, and with Altair's default output instead."""
    import altair as alt
    import vl_convert

    html, page = root / "_build" / "html", "chapters/arms_transfers.html"
    ours = weight(html, page, [(html / "_static" / "vega.js").stat().st_size])
    text = (html / page).read_text(encoding="utf-8")
    notebook = nbformat.read(root / "chapters" / "arms_transfers.ipynb", 4)
    bundle = len(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version="6.4"))
    default = weight(html, page, [bundle])
    import re

    figures = re.findall(r'<figure class="picture".*?</figure>', text, flags=re.S)
    default -= sum(len(figure.encode()) for figure in figures)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            spec = output.get("data", {}).get("application/vnd.vegalite.v5+json")
            if spec:
                default += len(
                    alt.Chart.from_dict(spec, validate=False).to_html(fullhtml=False).encode()
                )
    return ours, ours - (html / "_static" / "vega.js").stat().st_size, default


def main():
    with tempfile.TemporaryDirectory() as scratch:
        first, other = copy_book(Path(scratch) / "ours"), copy_book(Path(scratch) / "stock")
        stock(copy_book(Path(scratch) / "warm"))
        whole, theirs = ours(first), stock(other)
        table = first / "data" / "arms_transfers" / "deliveries.csv"
        lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
        table.write_text("".join(lines[:-1]), encoding="utf-8")
        changed = ours(first)
        heavy, before, default = page_weights(first)
        shutil.rmtree(scratch, ignore_errors=True)
    print(
        f"whole build                    {whole:6.1f} s; stock way {theirs:6.1f} s; ratio {whole / theirs:.2f} (aim 0.6)"
    )
    print(
        f"rebuild, one table changed     {changed:6.1f} s; whole build {whole:4.1f} s; ratio {changed / whole:.2f} (aim 0.3)"
    )
    for line in bench_pairs.report(bench_pairs.measure()):
        print(line)
    print(
        f"page of arms_transfers         {heavy / 1e3:6.0f} kB, before its pictures come alive {before / 1e3:.0f} kB; "
        f"with Altair's default output {default / 1e3:.0f} kB; ratio {heavy / default:.2f} (aim below 1)"
    )


if __name__ == "__main__":
    main()
