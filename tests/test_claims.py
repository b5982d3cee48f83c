"""The list of the article's statements says what the chapters found, and leads there and back."""

import re
from collections import Counter

import nbformat
import pandas as pd
import pytest
from support import ROOT
from test_site import links, opened, violations

from alliances import Study, claims, prose
from alliances.problems import DataProblem

STATEMENTS = pd.DataFrame(
    {
        "id": ["A1", "A2", "G1"],
        "field": ["arms_transfers", "arms_transfers", "ties"],
        "section": ["Indicator 1"] * 3,
        "statement": ["One.", "Two.", "Three."],
        "cited": ["Someone 2020", None, None],
        "chapter": ["arms_transfers", "arms_transfers", "ties"],
        "checked_by": ["computed"] * 3,
    }
)


def parts(identifier, verdict=prose.HOLDS, **other):
    return {"id": identifier, "verdict": verdict, "found": "Found.", "why": "Why."} | other


def put(folder, name, *treated, title="# Who?"):
    data = [{prose.STATEMENT: one, "text/plain": "(text)"} for one in treated]
    outputs = [nbformat.v4.new_output("execute_result", one) for one in data]
    cells = [
        nbformat.v4.new_markdown_cell(f"{title}\n\nText."),
        nbformat.v4.new_code_cell("1", outputs=outputs),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}.ipynb")


@pytest.fixture
def chapters(tmp_path):
    put(tmp_path, "arms_transfers", parts("A1"), parts("A2", prose.FAILS), title="# Who arms?")
    put(tmp_path, "ties", parts("G1", found="{cite:p}`x`"))
    put(tmp_path, "claims")
    return tmp_path


def test_every_statement_gets_what_its_chapter_found_and_keeps_its_order(chapters):
    rows = claims.gathered(chapters, STATEMENTS)
    assert rows["id"].tolist() == ["A1", "A2", "G1"]
    assert rows["verdict"].tolist() == ["holds", "does not hold", "holds"]
    assert rows["title"].tolist() == ["Who arms?", "Who arms?", "Who?"]
    assert rows["found"].iloc[2] == "{cite:p}`x`"


def refused(folder, statements=STATEMENTS, **options):
    with pytest.raises(DataProblem) as problem:
        claims.gathered(folder, statements, **options)
    return str(problem.value)


def test_statements_without_a_verdict_are_named_together(chapters):
    put(chapters, "arms_transfers", parts("A1"))
    put(chapters, "ties")
    assert "statements without a verdict: A2 (arms_transfers), G1 (ties)." in refused(chapters)


def test_another_pair_may_leave_statements_untreated_and_the_list_has_the_others(chapters):
    put(chapters, "ties")
    rows = claims.gathered(chapters, STATEMENTS, partly=True)
    assert rows["verdict"].tolist() == ["holds", "does not hold", claims.NOT_TREATED]
    page = claims.listing(rows).markdown
    assert page.count(":name: claim-") == 2 and "claim-g1" not in page
    assert claims.NOT_TREATED not in page and "chapter-ties" not in page
    assert "#statement-g1" not in page
    assert claims.tally(rows)["all"].tolist() == [2, 1, 3]


def test_blocks_that_are_double_foreign_or_in_the_wrong_place_are_refused_together(chapters):
    put(chapters, "ties", parts("A2"), parts("Z9"))
    put(chapters, "arms_transfers", parts("A1"), parts("A2"), parts("G1"))
    said = refused(chapters, partly=True)
    assert "statement A2 has several blocks: arms_transfers, ties. Keep one." in said
    assert "ties: it treats Z9, which claims/statements has not." in said
    assert "statement G1 is treated in arms_transfers; claims/statements says ties." in said


@pytest.mark.parametrize(
    "tampered",
    [
        parts("A1", "perhaps"),
        parts("A1", found=7),
        parts("A1", more="x"),
        {"id": "A1"},
        "A1",
        ["A1", "holds"],
    ],
)
def test_a_tampered_block_is_refused_and_not_guessed_at(chapters, tampered):
    put(chapters, "arms_transfers", tampered, parts("A2"))
    said = refused(chapters)
    assert said.startswith("arms_transfers.ipynb: found a block") and "Run the chapter again" in said


def test_a_chapter_that_is_missing_is_named_with_its_statements(chapters):
    (chapters / "arms_transfers.ipynb").unlink()
    assert "arms_transfers (for A1, A2)" in refused(chapters, partly=True)


def test_text_of_the_table_stays_text_and_stays_in_its_row(chapters):
    from markdown_it import MarkdownIt

    hostile = "<script>alert(1)</script> **b**\n::::::\n\n# Head [a](javascript:1) {doc}`x`"
    rows = claims.gathered(chapters, STATEMENTS.assign(statement=hostile, cited=hostile))
    page = claims.listing(rows.assign(title="<b>T</b>")).markdown
    assert page.count("\n::::::\n") + page.endswith("\n::::::") == 3
    shown = MarkdownIt("commonmark").render(page.split("</form>")[1])
    for sign in ("<script", "<strong>b", "<h1", 'javascript:1">', "<b>T", "{doc}<code>"):
        assert sign not in shown
    assert "<b>T" not in page


def test_a_statement_of_several_lines_stays_in_its_block():
    class Hostile:
        def table(self, name):
            return STATEMENTS.assign(statement="One.\n::::::\n\n# Head", cited=None)

    shown = prose.statement(Hostile(), "A1", data="x", verdict=prose.HOLDS).markdown
    assert shown.count("\n::::::") == 1 and "\n#" not in shown


def test_only_a_call_makes_a_chapter_wait_for_the_others():
    assert claims.reads_chapters('rows = claims.gathered(".", t)')
    assert not claims.reads_chapters("# gathered by hand\nclaims.tally(rows)")


def test_how_each_statement_was_checked_and_what_was_read_otherwise_is_in_the_tables():
    study = Study(ROOT / "data")
    known = set(study.table("claims/statements")["id"])
    for name, column in (("readings", "statement"), ("citations", "statements")):
        named = study.table(f"claims/{name}")[column].dropna().str.split(";").explode()
        assert set(named) <= known
    assert set(study.table("claims/statements")["field"]) == set(claims.FIELDS)


def page_of(html, name):
    return (html / "chapters" / f"{name}.html").read_text(encoding="utf-8")


def test_each_row_links_to_its_paragraph_and_each_paragraph_to_its_row(html):
    table = Study(ROOT / "data").table("claims/statements")
    listed = links(html / "chapters" / "claims.html")
    for identifier, chapter in table[["id", "chapter"]].itertuples(index=False):
        name = identifier.lower()
        treated = links(html / "chapters" / f"{chapter}.html")
        assert f"claim-{name}" in listed.ids and f"statement-{name}" in treated.ids
        assert f"{chapter}.html#statement-{name}" in listed.targets, identifier
        assert f"claims.html#claim-{name}" in treated.targets, identifier


def test_no_anchor_stands_twice_on_the_page(html):
    found = Counter(re.findall(r'\bid="((?:claim|statement)-[^"]+)"', page_of(html, "claims")))
    assert found and max(found.values()) == 1


def test_the_script_is_loaded_on_the_page_that_needs_it_only(html):
    for path in (html / "chapters").glob("*.html"):
        loaded = "claims.js" in path.read_text(encoding="utf-8")
        assert loaded == (path.stem == "claims"), path.name


@pytest.fixture
def page(browser, html):
    page = opened(browser, (html / "chapters" / "claims.html").as_uri())
    yield page
    assert page.noted == []
    page.context.close()


def shown(page):
    return page.locator("div.claim:visible").count()


def test_the_list_can_be_filtered_and_searched_and_says_how_many_are_shown(page):
    every = page.locator("div.claim").count()
    count = page.locator(".claim-count[aria-live=polite]")
    assert shown(page) == every and count.inner_text() == f"{every} of {every} statements shown"
    wanted = page.locator("div.claim", has_text="Verdict: does not hold.").count()
    page.get_by_label("Verdict", exact=True).select_option(label="does not hold")
    assert shown(page) == wanted and 0 < wanted < every
    assert count.inner_text() == f"{shown(page)} of {every} statements shown"
    page.get_by_label("Field", exact=True).select_option(label="Ties")
    assert page.locator("div.claim:visible").all_inner_texts()[0].startswith("G3 ")
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function(f"document.querySelectorAll('div.claim:not([hidden])').length == {every}")
    page.get_by_label("Words", exact=True).fill("TURKIYE 345")
    assert page.locator("div.claim:visible").evaluate_all("all => all.map(one => one.id)") == [
        "claim-p5"
    ]
    page.get_by_label("Words", exact=True).fill("xyzzy")
    assert shown(page) == 0 and count.inner_text().startswith("0 of")


def test_the_filter_works_by_keyboard(page):
    page.get_by_label("Words", exact=True).focus()
    page.keyboard.type("gumri")
    assert shown(page) == 0
    page.keyboard.press("Enter")
    assert page.url.endswith("claims.html"), "a form that was sent would leave the page"
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('div.claim[hidden]')")
    assert page.get_by_label("Words", exact=True).input_value() == ""


def test_a_link_to_a_hidden_row_shows_it(page):
    page.get_by_label("Words", exact=True).fill("xyzzy")
    page.evaluate("location.hash = 'claim-a2'")
    page.locator("#claim-a2").wait_for(state="visible")


def test_on_paper_every_statement_stands_whatever_was_chosen(page):
    every = page.locator("div.claim").count()
    page.get_by_label("Words", exact=True).fill("xyzzy")
    page.emulate_media(media="print")
    assert shown(page) == every and not page.locator(".claim-filter").is_visible()


def test_without_scripts_every_statement_stands_and_no_form_that_does_nothing(browser, html):
    address = (html / "chapters" / "claims.html").as_uri()
    page = opened(browser, address, java_script_enabled=False)
    assert shown(page) == page.locator("div.claim").count() > 70
    assert not page.locator(".claim-filter").is_visible()
    page.context.close()


def test_the_list_fits_a_phone_and_is_accessible(browser, html, axe):
    address = (html / "chapters" / "claims.html").as_uri()
    page = opened(browser, address, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    widest = page.locator("div.claim").evaluate_all(
        "all => Math.max(...all.map(one => one.getBoundingClientRect().right))"
    )
    assert widest <= 390
    assert violations(page, axe) == []
    page.context.close()
