"""Pictures as HTML: two drawings for wide and narrow places, the words, the table, the CSV."""

import csv
import hashlib
import html
import io
import json
import re
from pathlib import Path

import vl_convert

from alliances.book.files import write_whole
from alliances.tables import markup, written

STORE = "ALLIANCES_STORE"
VEGA_LITE = "6.4"
WIDTHS = {"wide": 700, "narrow": 318}
KEPT = 400
KEPT_OF_EACH = 100


def figure(spec, store=None):
    """{"name", "html", "csv"} of one picture; `@UP@` in the HTML stands for the way to the site's root.

    spec: the Vega-Lite specification with its `usermeta`. store: a folder where what was drawn is kept,
    since drawing is the slowest part of a page.
    """
    text = json.dumps(spec, sort_keys=True)
    if store is None:
        return _figure(json.loads(text))
    own = hashlib.sha256(Path(__file__).read_bytes() + vl_convert.__version__.encode())
    own.update(text.encode())
    kept = Path(store) / f"{own.hexdigest()[:32]}.json"
    try:
        drawn = json.loads(kept.read_text(encoding="utf-8"))
        kept.touch()
    except (OSError, ValueError):
        drawn = _figure(json.loads(text))
        write_whole(kept, json.dumps(drawn))
    return drawn


def forget_old(store, sites=1):
    """Keep only what was drawn or used last, enough for as many sites as were made together."""
    found = sorted(Path(store).glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[max(KEPT, KEPT_OF_EACH * sites) :]:
        path.unlink(missing_ok=True)


def bundle(folder):
    """Vega as its Python package ships it, as one script in `folder`, which is returned."""
    script = Path(folder) / f"vega-{vl_convert.get_vega_version()}" / "vega.js"
    if not script.is_file():
        # The address is the name under which vl-convert ships Vega; nothing is fetched from there.
        module = f"https://cdn.jsdelivr.net/npm/vega@{vl_convert.get_vega_version()}/+esm"
        snippet = f'import * as whole from "{module}"; window.vega = whole;'
        code = vl_convert.javascript_bundle(snippet, vl_version=VEGA_LITE)
        write_whole(script, "(() => {" + code + "})();\n")
    return script.parent


def _figure(spec):
    about = spec.pop("usermeta")["alliances"]
    name, said = about["name"], html.escape(spec["description"], quote=True)
    rows = spec["datasets"][spec["data"]["name"]]
    drawn = "".join(
        f'<div class="{kind}">{_drawing(spec, width, f"{name}-{kind}-")}</div>'
        for kind, width in WIDTHS.items()
    )
    page = (
        f'<figure class="picture" id="picture-{name}">\n'
        f'<p class="picture-title">{html.escape(about["title"])}</p>\n'
        f'<div class="chart" role="img" aria-label="{said}">{drawn}</div>\n'
        f'<script type="application/json" class="chart-data">{_live(spec)}</script>\n'
        f'<figcaption>{html.escape(about["caption"])} <span class="source">Source: '
        f"{html.escape(about['source'])}</span></figcaption>\n"
        '<details class="picture-table"><summary>The figures in this picture</summary>\n'
        f"{_table(rows, about)}\n</details>\n"
        f'<p class="picture-csv"><a href="@UP@pictures/{name}.csv" download>'
        "The same figures as CSV</a></p>\n</figure>"
    )
    return {"name": name, "html": page, "csv": _csv(rows, about["table"]["columns"])}


def _csv(rows, columns):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [["" if row[column] is None else row[column] for column in columns] for row in rows]
    )
    return text.getvalue()


def _table(rows, about):
    table = about["table"]
    columns, names, formats = table["columns"], table["names"], table["formats"]
    cells = [
        [written(names.get(c, {}).get(row[c], row[c]), formats.get(c, "")) for c in columns]
        for row in rows
    ]
    cells = [[str(cell) for cell in line] for line in cells]
    right = [
        all(isinstance(row[c], (int, float)) or row[c] is None for row in rows) for c in columns
    ]
    return markup(about["title"], [table["headings"][c] for c in columns], cells, right)


def _drawing(spec, width, prefix):
    """One drawing as SVG, its identifiers made its own, hidden from what reads the description."""
    fixed = spec | {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}}
    svg = vl_convert.vegalite_to_svg(fixed, vl_version=VEGA_LITE)
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}", svg)
    svg = re.sub(r'\s(role|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _live(spec):
    flexible = spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    vega = vl_convert.vegalite_to_vega(flexible, vl_version=VEGA_LITE)
    return json.dumps(vega, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
