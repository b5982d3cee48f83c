"""What Jupyter Book needs for these pages: pictures, formulas, nothing from another host.

A Sphinx extension. A chart of a chapter becomes a figure: two drawings in the page itself (for wide and
narrow screens, for paper and for readers without scripts), its words, its table and its CSV; a script
makes it answer to the pointer once it comes into view.
"""

import csv
import html
import io
import json
import re
from pathlib import Path

import vl_convert
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from myst_nb.core.render import load_mime_renders

from alliances.charts import MIME
from alliances.tables import markup, written

VEGA_LITE = "6.4"
WIDTHS = {"wide": 700, "narrow": 318}
_STATIC = Path(__file__).parent / "static"
_DROP = [
    r"<script>const THEBE_JS_URL = .*?</script>\n?",
    r"<script[^>]*sphinx-thebe\.js[^>]*></script>\n?",
    r"<link[^>]*sphinx-thebe\.css[^>]*/?>\n?",
    r'<script type="text/x-thebe-config">.*?</script>\n?',
    r"<script>kernelName = .*?</script>\n?",
    r"<script[^>]*/fontawesome\.js[^>]*></script>\n?",
    # MyST-NB writes this file late, so its checksum stands on a page or not; its name holds one anyway.
    r"(?<=\.css)(?<=mystnb\.[0-9a-f]{64}\.css)\?v=[0-9a-f]+",
]
_SWAP = [
    ('role="list" class="citation-list"', 'class="citation-list"'),
    (' role="doc-biblioentry"', ""),
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        'search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"',
        'search-button-field search-button__button pst-js-only"',
    ),
]
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M1 13 6 6l4 3 5-7' fill='none' stroke='%23d1403a' stroke-width='2'/%3E%3C/svg%3E"
)


class Picture:
    """The MyST-NB renderer of a chart."""

    mime_priority_overrides = [("html", MIME, 5)]

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != MIME:
            return None
        env = renderer.renderer.document.settings.env
        return [
            nodes.raw("", figure(data.content, env.docname, Path(env.app.outdir)), format="html")
        ]


def figure(spec, page, outdir):
    """The HTML of one picture; writes its CSV below `outdir`."""
    spec = dict(spec)
    about = spec.pop("usermeta")["alliances"]
    name, said = about["name"], html.escape(spec["description"], quote=True)
    rows = spec["datasets"][spec["data"]["name"]]
    path = outdir / "pictures" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_csv(rows, about["table"]["columns"]), encoding="utf-8", newline="")
    up = "../" * page.count("/")
    drawn = "".join(
        f'<div class="{kind}">{_drawing(spec, width, f"{name}-{kind}-")}</div>'
        for kind, width in WIDTHS.items()
    )
    return (
        f'<figure class="picture" id="picture-{name}">\n'
        f'<p class="picture-title">{html.escape(about["title"])}</p>\n'
        f'<div class="chart" role="img" aria-label="{said}">{drawn}</div>\n'
        f'<script type="application/json" class="chart-data">{_live(spec)}</script>\n'
        f'<figcaption>{html.escape(about["caption"])} <span class="source">Source: '
        f"{html.escape(about['source'])}</span></figcaption>\n"
        f'<details class="picture-table"><summary>The figures in this picture</summary>\n'
        f"{_table(rows, about)}\n</details>\n"
        f'<p class="picture-csv"><a href="{up}pictures/{name}.csv" download>The same figures as CSV</a></p>\n'
        "</figure>"
    )


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
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _live(spec):
    flexible = spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    vega = vl_convert.vegalite_to_vega(flexible, vl_version=VEGA_LITE)
    return json.dumps(vega, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")


def _formula(block):
    def visit(self, node):
        text = node.astext().replace("\\begin{split}", "").replace("\\end{split}", "")
        mathml = re.sub(r"\n\s*", "", tex2mathml(text, as_block=block))
        self.body.append(
            f'<div class="formula" tabindex="0" role="group" aria-label="formula">{mathml}</div>'
            if block
            else mathml
        )
        raise nodes.SkipNode

    return visit


def _assets(app, config):
    """Put our style and scripts, and Vega as it ships with its Python package, beside the theme's."""
    vendor = Path(app.doctreedir).parent / "vendor"
    bundle = vendor / "vega.js"
    if not bundle.is_file():
        vendor.mkdir(parents=True, exist_ok=True)
        # The address is the name under which vl-convert ships Vega; nothing is fetched from there.
        module = f"https://cdn.jsdelivr.net/npm/vega@{vl_convert.get_vega_version()}/+esm"
        snippet = f'import * as whole from "{module}"; window.vega = whole;'
        code = vl_convert.javascript_bundle(snippet, vl_version=VEGA_LITE)
        bundle.write_text("(() => {" + code + "})();\n", encoding="utf-8")
    config.html_extra_path = [*config.html_extra_path, "extra"]
    config.html_static_path = [*config.html_static_path, str(_STATIC), str(vendor)]


def _page(app, pagename, templatename, context, doctree):
    context["favicon_url"] = _ICON
    if 'class="picture"' in context.get("body", ""):
        app.add_js_file("picture.js", loading_method="defer")


def _tidy(app, exception):
    """Take from the written pages what would ask another host, and what stops a screen reader."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        old = text = path.read_text(encoding="utf-8")
        for pattern in _DROP:
            text = re.sub(pattern, "", text, flags=re.S)
        for found, wanted in _SWAP:
            text = text.replace(found, wanted)
        if text != old:
            path.write_text(text, encoding="utf-8")
    _steady_index(Path(app.outdir) / "searchindex.js")


def _steady_index(path):
    """Write the search index in one order, whether all pages were read or only those that changed."""
    head, tail = "Search.setIndex(", ")"
    index = json.loads(path.read_text(encoding="utf-8").removeprefix(head).removesuffix(tail))
    for words in ("terms", "titleterms"):
        index[words] = {word: pages for word, pages in index[words].items() if pages != []}
    text = json.dumps(index, sort_keys=True, separators=(",", ":"))
    path.write_text(head + text + tail, encoding="utf-8")


def setup(app):
    renders = load_mime_renders()
    if Picture not in renders:
        renders.append(Picture)
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_formula(False), None), block_renderers=(_formula(True), None)
    )
    app.connect("config-inited", _assets)
    app.connect("html-page-context", _page)
    app.connect("build-finished", _tidy, priority=900)
    app.add_css_file("book.css")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
