"""Tables for readers: headings in words, a caption, and a frame that a keyboard can scroll."""

import html

import pandas as pd

from alliances.problems import DataProblem


class Html:
    """HTML for the page, with a plain form for where it is not drawn."""

    def __init__(self, markup, text):
        self.markup, self.text = markup, text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.markup, "text/plain": self.text}


def show(frame, caption, columns, formats=None):
    """A table for the page.

    frame: a data frame. caption: what is listed, over which years, in which unit. columns: the columns
    shown, in order, with their headings. formats: per column a Python format, or `percent`. An empty
    cell is shown as a dash that says "no value", never as zero. Text is escaped: markup in a data file
    appears as text. A column that is not in the frame is refused.

    >>> print(show(pd.DataFrame({"a": [0.5, None]}), "Shares", {"a": "Share"}, {"a": "percent"}).text)
    Share
    50%
    –
    """
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise DataProblem(
            f"the table {caption!r} has no column {lacking}; it has {list(frame.columns)}."
        )
    formats = formats or {}
    cells = [
        [written(row[name], formats.get(name, "")) for name in columns]
        for _, row in frame.iterrows()
    ]
    text = "\n".join("  ".join(line) for line in [list(columns.values()), *cells])
    return Html(markup(caption, list(columns.values()), cells, _right(frame, columns)), text)


def _right(frame, columns):
    return [pd.api.types.is_numeric_dtype(frame[name]) for name in columns]


def written(value, form=""):
    """One cell as text: missing as a dash, a share as a percentage, everything else by its format.

    >>> written(0.456, "percent"), written(float("nan"), "percent"), written(1234.5, ",.0f")
    ('46%', '–', '1,234')
    """
    if value is None or value is pd.NA or value != value:
        return "–"
    if form == "percent":
        return f"{100 * value:.0f}%"
    return format(value, form) if not isinstance(value, str) else value


def markup(caption, headings, cells, right):
    """The HTML of a table; used under pictures as well."""
    side = [' class="number"' if number else "" for number in right]
    head = " ".join(
        f'<th scope="col"{css}>{html.escape(text)}</th>' for text, css in zip(headings, side)
    )
    body = "".join(
        "<tr>"
        + " ".join(f"<td{css}>{html.escape(text)}</td>" for text, css in zip(line, side))
        + "</tr>\n"
        for line in cells
    )
    label = html.escape(caption, quote=True)
    return (
        f'<div class="table-frame" role="region" tabindex="0" aria-label="{label}">\n'
        f'<table class="figures"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )
