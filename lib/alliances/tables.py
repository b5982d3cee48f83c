"""Tables for readers: headings in words, a caption, and a frame that a keyboard can scroll."""

import html
import re
from numbers import Number

import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import rounded
from alliances.state_names import in_cell, label, sentence


class Html:
    """HTML for the page, with a plain form for where it is not drawn."""

    def __init__(self, markup, text):
        self.markup, self.text = markup, text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.markup, "text/plain": self.text}


def show(frame, caption, columns, formats=None, links=None):
    """A table for the page.

    frame: a data frame. caption: what is listed, over which years, in which unit. columns: the columns
    shown, in order, with their headings. formats: per column a Python format, or `percent`. links: per
    column another one that holds its address on the web. An empty
    cell is shown as a dash that says "no value", never as zero. Text is escaped: markup in a data file
    appears as text. A column that is not in the frame is refused.

    >>> print(show(pd.DataFrame({"a": [0.5, None]}), "Shares", {"a": "Share"}, {"a": "percent"}).text)
    Share
    50%
    –
    """
    formats, links = formats or {}, links or {}
    caption, headings = sentence(caption), [label(title) for title in columns.values()]
    _refuse_lacking(frame, [*columns, *links.values()], caption)
    cells = [
        [written(row[name], formats.get(name, "")) for name in columns]
        for _, row in frame.iterrows()
    ]
    text = "\n".join("  ".join(line) for line in [headings, *cells])
    linked = [
        [_linked(cell, row.get(links.get(name))) for cell, name in zip(line, columns)]
        for line, (_, row) in zip(cells, frame.iterrows())
    ]
    page = _table(caption, headings, linked, _right(frame, columns))
    return Html(page, text)


def cards(frame, caption, heading, columns, links=None, accounts=None, key=None):
    """A folding card for each row, for rows that are too wordy for a table on a small screen.

    frame: a data frame. caption: what is listed. heading: the column whose text stands on the folded
    card. columns: the columns inside, in order, with their headings; an empty cell is left out. links:
    as in `show`. accounts: who tells it how, a data frame with `party`, `says`, `source_title` and
    `source_url`, listed in the card of the row with the same `key`. Text is escaped. A column that is
    not there is refused.

    >>> print(cards(pd.DataFrame({"what": ["Visit"], "asked": ["Help"]}), "Visits", "what",
    ...     {"asked": "Asked for"}).text)
    Visit. Asked for: Help
    """
    links, caption = links or {}, sentence(caption)
    _refuse_lacking(frame, [heading, *columns, *links.values(), *([key] if key else [])], caption)
    folded, plain = [], []
    for _, row in frame.iterrows():
        told = accounts[accounts[key] == row[key]] if key else None
        filled = {
            title: (text, row.get(links.get(name)))
            for name, title in columns.items()
            if (text := written(row[name])) != "–"
        }
        folded.append(_card(row[heading], filled, told))
        said = "; ".join(f"{title}: {text}" for title, (text, _) in filled.items())
        plain.append(f"{row[heading]}. {said}")
    page = f'<p class="cards-caption">{html.escape(caption)}</p>\n' + "\n".join(folded)
    return Html(page, "\n".join(plain))


def _card(heading, filled, told):
    lines = "".join(
        f"<dt>{html.escape(title)}</dt><dd>{_linked(text, address)}</dd>"
        for title, (text, address) in filled.items()
    )
    accounts = ""
    if told is not None and len(told):
        items = "".join(
            f"<li><strong>{html.escape(row['party'])}:</strong> {html.escape(row['says'])} "
            f"({_linked(row['source_title'], row['source_url'])})</li>"
            for _, row in told.iterrows()
        )
        accounts = f"<p>Who tells it how</p><ul>{items}</ul>"
    return (
        f'<details class="card record"><summary>{html.escape(heading)}</summary>\n'
        f"<dl>{lines}</dl>{accounts}</details>"
    )


def _refuse_lacking(frame, columns, caption):
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise DataProblem(
            f"the table {caption!r} has no column {lacking}; it has {list(frame.columns)}."
        )


def _linked(text, address):
    """Text as HTML, with a link where there is an address on the web and nothing else."""
    if isinstance(address, str) and re.match("https?://", address) and text != "–":
        return f'<a href="{html.escape(address, quote=True)}">{html.escape(text)}</a>'
    return html.escape(text)


def _right(frame, columns):
    return [pd.api.types.is_numeric_dtype(frame[name]) for name in columns]


def written(value, form=""):
    """One cell as text: missing as a dash, a share as a percentage, everything else by its format.

    >>> written(0.025, "percent"), written(float("nan"), "percent"), written(-1234.5, ",.0f")
    ('3%', '–', '−1,234')
    >>> written(-0.004, "+.2f"), written(-0.004, "percent")  # what rounds to nothing is not below it
    ('+0.00', '0%')
    """
    if isinstance(value, float) and _rounds_to_nothing(value, form):
        value = 0.0
    if value is None or value is pd.NA or value != value:
        return "–"
    if isinstance(value, str):
        return in_cell(value)
    text = f"{rounded(100 * value)}%" if form == "percent" else format(value, form)
    return text.replace("-", "−") if isinstance(value, Number) else text


def _rounds_to_nothing(value, form):
    text = f"{100 * value:.0f}" if form == "percent" else format(value, form)
    return bool(re.fullmatch(r"-0(\.0*)?", text))


def markup(caption, headings, cells, right):
    """The HTML of a table; used under pictures as well."""
    escaped = [[html.escape(text) for text in line] for line in cells]
    return _table(caption, headings, escaped, right)


def _table(caption, headings, cells, right):
    side = [' class="number"' if number else "" for number in right]
    head = " ".join(
        f'<th scope="col"{css}>{html.escape(text)}</th>' for text, css in zip(headings, side)
    )
    body = "".join(
        "<tr>" + " ".join(f"<td{css}>{text}</td>" for text, css in zip(line, side)) + "</tr>\n"
        for line in cells
    )
    label = html.escape(caption, quote=True)
    return (
        f'<div class="table-frame" role="region" tabindex="0" aria-label="{label}">\n'
        f'<table class="figures"><caption><span>{html.escape(caption)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )
