"""What Jupyter Book needs for these pages: pictures, formulas, nothing from another host.

A Sphinx extension. A chart of a chapter becomes a figure: two drawings in the page itself (for wide and
narrow screens, for paper and for readers without scripts), its words, its table and its CSV; a script
makes it answer to the pointer once it comes into view.
"""

import json
import os
import re
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from myst_nb.core.render import load_mime_renders

from alliances.book import pictures
from alliances.charts import MIME
from alliances.prose import STATEMENT

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
        drawn = pictures.figure(data.content, _store("pictures", env.app))
        path = Path(env.app.outdir) / "pictures" / f"{drawn['name']}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn["csv"], encoding="utf-8", newline="")
        up = "../" * env.docname.count("/")
        return [nodes.raw("", drawn["html"].replace("@UP@", up), format="html")]


class Parts:
    """The MyST-NB renderer of what an output carries for other chapters: nothing of it is shown."""

    @staticmethod
    def handle_mime(renderer, data, inline):
        return [] if data.mime_type == STATEMENT else None


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


def _store(kind, app):
    """Where drawings are kept between builds: where `alliances build` says, else beside the book."""
    return Path(os.environ.get(pictures.STORE) or Path(app.doctreedir).parent) / kind


def _assets(app, config):
    """Put our style and scripts, and Vega, beside the theme's."""
    config.html_extra_path = [*config.html_extra_path, "extra"]
    vega = pictures.bundle(_store("vendor", app))
    config.html_static_path = [*config.html_static_path, str(_STATIC), str(vega)]


def _page(app, pagename, templatename, context, doctree):
    context["favicon_url"] = _ICON
    if 'class="picture"' in context.get("body", ""):
        app.add_js_file("picture.js", loading_method="defer")
    if 'class="claim-filter"' in context.get("body", ""):
        app.add_js_file("claims.js", loading_method="defer")


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
    # Sphinx forgets the terms of a glossary that it did not read again; the words of that page are
    # in the index all the same.
    index["indexentries"] = {}
    for words in ("terms", "titleterms"):
        index[words] = {word: pages for word, pages in index[words].items() if pages != []}
    text = json.dumps(index, sort_keys=True, separators=(",", ":"))
    path.write_text(head + text + tail, encoding="utf-8")


def setup(app):
    """Enter the pictures, the formulas and the last touches into a Sphinx application."""
    renders = load_mime_renders()
    renders += [render for render in (Picture, Parts) if render not in renders]
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_formula(False), None), block_renderers=(_formula(True), None)
    )
    app.connect("config-inited", _assets)
    app.connect("html-page-context", _page)
    app.connect("build-finished", _tidy, priority=900)
    app.add_css_file("book.css")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
