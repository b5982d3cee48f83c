"""The published site in a real browser: as a reader meets it, from a server and from a folder."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from support import ROOT

CHAPTERS = [
    "index",
    "realist_theory",
    "treaty_obligations",
    "arms_transfers",
    "joint_exercises",
    "military_presence",
    "voting_alignment",
    "joint_operations",
    "data",
]
PAGES = [f"chapters/{name}.html" for name in (*CHAPTERS, "claims", "glossary", "references")]
ALL_PAGES = [*PAGES, "genindex.html", "search.html"]
STATEMENTS = {
    "realist_theory": [f"F{n}" for n in range(2, 6)]
    + [f"T{n}" for n in range(1, 19) if not 10 <= n <= 14],
    "treaty_obligations": ["F6"] + [f"T{n}" for n in range(10, 15)],
    "arms_transfers": [f"A{n}" for n in range(1, 12)],
    "joint_exercises": [f"E{n}" for n in range(1, 10)],
    "military_presence": [f"P{n}" for n in range(1, 11)],
    "voting_alignment": [f"V{n}" for n in range(1, 6)],
    "joint_operations": [f"O{n}" for n in range(1, 6)],
    "trade": ["R1"],
    "ties": [f"G{n}" for n in range(1, 5)],
    "limiting_factors": [f"L{n}" for n in range(1, 6)],
    "orientation_change": ["F1"],
    "conclusions": [f"C{n}" for n in range(1, 6)],
}
RULES = "{preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}"
VERDICTS = ("holds.", "holds with a qualification.", "does not hold.", "cannot be checked here.")


def opened(browser, address, **context):
    """A page that notes every error and every request that leaves its own place."""
    page = browser.new_context(**context).new_page()
    page.noted = []
    own = (address.split("chapters/")[0].rsplit("/", 1)[0], "data:", "blob:")
    page.on(
        "request", lambda r: None if r.url.startswith(own) else page.noted.append(f"asked {r.url}")
    )
    page.on("pageerror", lambda error: page.noted.append(str(error)))
    page.on(
        "console", lambda m: page.noted.append(m.text) if m.type in ("error", "warning") else None
    )
    page.on(
        "response", lambda r: page.noted.append(f"{r.status} {r.url}") if r.status >= 400 else None
    )
    page.goto(address)
    return page


def enlivened(page):
    """Scroll to every picture and wait until each has come alive."""
    for picture in page.locator("figure.picture").all():
        picture.scroll_into_view_if_needed()
        picture.locator(".chart[data-ready=live]").wait_for(state="attached", timeout=20_000)
    return page.locator("figure.picture").count()


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate(f"async () => (await axe.run({RULES})).violations")
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ALL_PAGES)
def test_a_page_in_the_browser(browser, site, axe, path, scheme):
    page = opened(
        browser, site + path, color_scheme=scheme, viewport={"width": 1280, "height": 900}
    )
    drawn = enlivened(page)
    for chart in page.locator("figure.picture .chart").all():
        assert len(chart.get_attribute("aria-label")) > 60
        assert chart.locator(".live svg path").count() > 0
    if path == "chapters/arms_transfers.html":
        assert drawn >= 4
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(150)
    assert too_wide(page) <= 0
    assert violations(page, axe) == []
    assert page.noted == []
    page.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opened_from_a_folder(browser, html, path):
    page = opened(browser, (html / path).as_uri())
    enlivened(page)
    assert page.noted == []
    page.context.close()


@pytest.mark.parametrize("width, kind", [(1280, "wide"), (360, "narrow")])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_pictures_are_there_without_scripts(browser, html, chapter, width, kind):
    page = opened(
        browser,
        (html / f"chapters/{chapter}.html").as_uri(),
        java_script_enabled=False,
        viewport={"width": width, "height": 800},
    )
    for chart in page.locator("figure.picture .chart").all():
        assert chart.locator(f".{kind} svg").is_visible()
        box = chart.locator(f".{kind} svg").bounding_box()
        assert box["width"] > 200 and box["x"] + box["width"] <= width
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_pictures_are_drawn_in_black_and_the_furniture_is_gone(browser, html, scheme):
    page = opened(browser, (html / "chapters/arms_transfers.html").as_uri(), color_scheme=scheme)
    enlivened(page)
    page.emulate_media(media="print")
    assert page.locator("figure.picture .wide svg").first.is_visible()
    assert not page.locator(".bd-sidebar-primary").is_visible()
    assert page.locator("h1:visible").count() == 1
    for part in (".chart", ".bd-article p", "table.figures td"):
        ink = page.locator(part).first.evaluate("part => getComputedStyle(part).color")
        assert ink == "rgb(0, 0, 0)", part
    assert len(page.pdf()) > 30_000
    page.context.close()


def test_a_picture_is_drawn_anew_when_its_place_changes_and_not_shrunk(browser, html):
    page = opened(browser, (html / "chapters/arms_transfers.html").as_uri())
    enlivened(page)
    page.add_style_tag(content="figure.picture { max-width: 400px; }")
    drawing = page.locator("figure.picture .live svg").first
    page.wait_for_function(
        "document.querySelector('figure.picture .live svg').getAttribute('width') <= 400"
    )
    assert abs(drawing.bounding_box()["width"] - int(drawing.get_attribute("width"))) <= 1
    page.context.close()


def test_a_picture_answers_to_the_pointer(browser, html):
    page = opened(browser, (html / "chapters/arms_transfers.html").as_uri())
    enlivened(page)
    bars = page.locator("#picture-arms_deliveries .live svg .mark-rect path").all()
    tallest = max(bars, key=lambda bar: bar.bounding_box()["height"])
    tallest.scroll_into_view_if_needed()
    box = tallest.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = page.locator(".picture-tip")
    tip.wait_for(state="visible")
    assert "Year: 2019" in tip.inner_text() and "Who: Russia" in tip.inner_text()
    page.context.close()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_table_below_a_picture_opens_with_the_keyboard_and_equals_the_csv(
    browser, site, html, chapter
):
    import csv

    page = opened(browser, site + f"chapters/{chapter}.html")
    for picture in page.locator("figure.picture").all():
        picture.locator("details.picture-table summary").focus()
        page.keyboard.press("Enter")
        assert picture.locator("table").is_visible()
        name = picture.get_attribute("id").removeprefix("picture-")
        with (html / "pictures" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert picture.locator("tbody tr").count() == len(rows) - 1
        assert picture.locator("a[download]").get_attribute("href") == f"../pictures/{name}.csv"
    page.context.close()


@pytest.mark.parametrize("chapter", STATEMENTS)
def test_every_statement_stands_on_its_page_with_a_verdict(browser, html, chapter):
    page = opened(browser, (html / f"chapters/{chapter}.html").as_uri())
    for identifier in STATEMENTS[chapter]:
        block = page.locator(f"#statement-{identifier.lower()}")
        assert block.count() == 1, identifier
        text = block.inner_text()
        assert any(f"Verdict: {verdict}" in text for verdict in VERDICTS), identifier
        assert "The article says:" in text and "What we find:" in text
        assert (
            block.locator(f'a[href="claims.html#claim-{identifier.lower()}"]').inner_text()
            == identifier
        )
    page.context.close()


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.ids = [], set()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        for name in ("href", "src"):
            if attributes.get(name):
                self.targets.append(attributes[name])


def links(path):
    parser = Links()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


def test_no_link_inside_the_site_leads_nowhere(html):
    read = {path: links(path) for path in html.rglob("*.html") if "_static" not in path.parts}
    lost = []
    for path, parser in read.items():
        for target in parser.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not file.exists():
                lost.append((path.name, target))
            elif parts.fragment and file in read and unquote(parts.fragment) not in read[file].ids:
                lost.append((path.name, target))
    assert lost == []


def test_no_page_names_a_script_style_or_image_of_another_host(html):
    for path in html.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""<(script|img|iframe)[^>]+src=["']https?:""", text), path
        assert not re.search(
            r"""<link[^>]+rel=["'](stylesheet|preload)["'][^>]+href=["']https?:""", text
        ), path


def test_search_finds_a_word(browser, site):
    page = opened(browser, site + "search.html?q=abandonment")
    page.locator("#search-results ul.search li").first.wait_for(timeout=15_000)
    assert page.noted == []
    page.context.close()


def test_the_table_of_contents_names_every_chapter():
    listed = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for path in [*(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "chapters").glob("*.md")]:
        assert f"chapters/{path.stem}" in listed, path.name
