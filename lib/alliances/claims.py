"""What became of the article's statements: the verdicts of all chapters, brought together.

A chapter treats a statement with `prose.statement`, which leaves its parts in the executed notebook.
This module reads them there, so that the list of statements repeats what the chapters found and
computes nothing a second time.
"""

import html
import json
import re
from pathlib import Path

import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import STATEMENT, VERDICTS, Prose, anchor, block, plain_line

NOT_TREATED = "not treated in this run"
FIELDS = {
    "framing": "Purpose and method",
    "theory": "Theory",
    "arms_transfers": "Arms transfers",
    "joint_exercises": "Joint exercises",
    "military_presence": "Military presence",
    "voting_alignment": "Votes",
    "joint_operations": "Joint operations",
    "trade": "Trade",
    "ties": "Ties",
    "limiting_factors": "Limiting factors",
    "conclusions": "Conclusions",
}
_PARTS = ("id", "verdict", "found", "why")


def reads_chapters(source_code):
    """Whether a chapter's code reads what other chapters found, so that it must run after them.

    >>> reads_chapters('rows = claims.gathered(".", statements)'), reads_chapters("claims.FIELDS")
    (True, False)
    """
    return re.search(r"\bclaims\.gathered\(", source_code) is not None


def gathered(folder, statements: pd.DataFrame, partly=False) -> pd.DataFrame:
    """One row for each statement of the article, with what the chapter that treats it found.

    folder: where executed notebooks lie, such as a chapter's own folder. statements: the table
    `claims/statements`. partly: whether statements may lack a verdict, as they do where chapters were
    run for another pair or fewer years and left out what belongs to this case only. Columns: those of
    `statements`, and `verdict` (one of `prose.VERDICTS`, or `NOT_TREATED`), `found` and `why` (MyST
    Markdown, empty where not treated), `title` (of the chapter).

    A verdict is that of the run before; it must not be read as the article's quality, since what
    cannot be checked here may be right. Refused, all at once, with a DataProblem: a statement without
    a block unless `partly`, one with several, a block of an unknown statement or in another chapter
    than the table says, a block that `prose.statement` did not write, and a chapter that is missing.

    >>> gathered("nowhere", pd.DataFrame({"id": ["A2"], "chapter": ["arms_transfers"]}))
    Traceback (most recent call last):
    alliances.problems.DataProblem: claims/statements names chapters that are not here, or have no
    title: arms_transfers (for A2). Write them, or change the column chapter.
    """
    titles, blocks, problems = _read(Path(folder))
    problems += _lacking_chapters(statements, titles)
    problems += _misplaced(statements, blocks)
    if not problems and not partly:
        problems += _untreated(statements, blocks)
    if problems:
        raise DataProblem("\n".join(problems))
    found = blocks.drop(columns="chapter").set_index("id")
    rows = statements.join(found, on="id")
    rows["verdict"] = rows["verdict"].fillna(NOT_TREATED)
    rows[["found", "why"]] = rows[["found", "why"]].fillna("")
    return rows.assign(title=rows["chapter"].map(titles))


def _read(folder):
    """Titles of the chapters, their blocks as a data frame, and what is wrong with blocks."""
    titles, blocks, problems = {}, [], []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
        heads = (re.match(r"# (.+)", text) for kind, text in cells if kind == "markdown")
        titles |= {path.stem: head[1] for head in [next(filter(None, heads), None)] if head}
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                parts = output.get("data", {}).get(STATEMENT)
                if parts is None:
                    continue
                if _well_formed(parts):
                    blocks.append({**parts, "chapter": path.stem})
                else:
                    problems.append(
                        f"{path.name}: found a block of a statement with {str(parts)[:80]}; expected "
                        f"the texts {', '.join(_PARTS)} and a known verdict. Run the chapter again."
                    )
    return titles, pd.DataFrame(blocks, columns=[*_PARTS, "chapter"], dtype="str"), problems


def _well_formed(parts):
    return (
        isinstance(parts, dict)
        and set(parts) == set(_PARTS)
        and all(isinstance(part, str) for part in parts.values())
        and parts["verdict"] in VERDICTS
    )


def _lacking_chapters(statements, titles):
    lacking = statements[~statements["chapter"].isin(titles)]
    said = [f"{name} (for {', '.join(part['id'])})" for name, part in lacking.groupby("chapter")]
    return [
        f"claims/statements names chapters that are not here, or have no title: {'; '.join(said)}. "
        "Write them, or change the column chapter."
    ] * bool(said)


def _misplaced(statements, blocks):
    problems = []
    known = statements.set_index("id")["chapter"]
    for identifier, places in blocks.groupby("id")["chapter"]:
        where = ", ".join(places)
        if identifier not in known.index:
            problems.append(f"{where}: it treats {identifier}, which claims/statements has not.")
        elif len(places) > 1:
            problems.append(f"statement {identifier} has several blocks: {where}. Keep one.")
        elif where != known[identifier]:
            problems.append(
                f"statement {identifier} is treated in {where}; claims/statements says "
                f"{known[identifier]}. Change one of them."
            )
    return problems


def _untreated(statements, blocks):
    lacking = statements[~statements["id"].isin(blocks["id"])]
    said = [f"{row.id} ({row.chapter})" for row in lacking.itertuples()]
    return [
        f"statements without a verdict: {', '.join(said)}. Treat each in its chapter with "
        "prose.statement, and run that chapter before this one."
    ] * bool(said)


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """How many statements of each field got which verdict, with a last row for all of them.

    rows: as from `gathered`. Columns: `field` (in words), one for each verdict that occurs, `all`.
    Counts of statements say how much was checked; a share of them is no grade, since statements
    differ in weight.

    >>> tally(pd.DataFrame({"field": ["ties", "ties"], "verdict": ["holds", "does not hold"]}))
          field  holds  does not hold  all
    0      Ties      1              1    2
    1  Together      1              1    2
    """
    counts = pd.crosstab(rows["field"], rows["verdict"])
    verdicts = [verdict for verdict in (*VERDICTS, NOT_TREATED) if verdict in counts]
    counts = counts.loc[[field for field in FIELDS if field in counts.index], verdicts]
    counts = counts.rename(index=FIELDS)
    counts.loc["Together"] = counts.sum()
    counts["all"] = counts.sum(axis="columns")
    return counts.rename_axis(index="field", columns=None).reset_index()


def listing(rows: pd.DataFrame) -> Prose:
    """The statements one below the other, each with a place of its own, and a form to choose among them.

    rows: as from `gathered`; those without a verdict are left out, since this book checks them nowhere. Without scripts the form is not shown and every row is; a script shows
    the form and hides rows. Each row links to the paragraph that treats it, and a link that leads
    nowhere fails the build. Text of the table is escaped and stays on one line.
    """
    treated = rows[rows["verdict"] != NOT_TREATED]
    return Prose("\n\n".join([_form(treated), *(_row(row) for _, row in treated.iterrows())]))


def _row(row):
    place = f"[{plain_line(row['title'])}](#{anchor('statement', row['id'])})"
    lines = [
        f"**{row['id']}** {plain_line(row['statement'])}",
        f"**Verdict: {row['verdict']}.** {row['why']}".strip(),
        f"**What we find:** {row['found']}",
        f"**How it was checked:** {plain_line(row['checked_by'])}",
        f"**In the article:** {plain_line(row['section'])}. **Source given there:** "
        + (plain_line(row["cited"]) if isinstance(row["cited"], str) else "none")
        + ".",
        f"**Treated in:** {place}",
    ]
    marks = [_mark(column, row[column]) for column in ("verdict", "field", "chapter")]
    return block("\n\n".join(lines), anchor("claim", row["id"]), "claim", row["verdict"], *marks)


def _mark(column, value):
    """The class by which the script knows a row; as `prose.block` writes it."""
    return f"{column}-{re.sub('[ _]', '-', value)}"


def _form(rows):
    verdicts = sorted(rows["verdict"].unique(), key=VERDICTS.index)
    fields = [field for field in FIELDS if field in set(rows["field"])]
    titles = dict(zip(rows["chapter"], rows["title"]))
    parts = [
        _choice("verdict", "Verdict", {verdict: verdict for verdict in verdicts}),
        _choice("field", "Field", {field: FIELDS[field] for field in fields}),
        _choice("chapter", "Chapter", titles),
    ]
    return (
        '<form class="claim-filter" role="search" aria-label="Choose among the statements" hidden>\n'
        '<p><label for="claim-words">Words</label>'
        '<input type="search" id="claim-words" autocomplete="off"></p>\n'
        + "\n".join(parts)
        + '\n<p><button type="reset">Show all</button></p>\n'
        '<p class="claim-count" role="status" aria-live="polite"></p>\n</form>'
    )


def _choice(column, label, options):
    lines = "".join(
        f'<option value="{_mark(column, value)}">{html.escape(text)}</option>'
        for value, text in options.items()
    )
    return (
        f'<p><label for="claim-{column}">{label}</label>'
        f'<select id="claim-{column}"><option value="">all</option>{lines}</select></p>'
    )
