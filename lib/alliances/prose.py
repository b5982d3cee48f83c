"""Sentences whose numbers come from the data, and the verdicts on the article's statements."""

import math
import re
from datetime import date

import pandas as pd

from alliances.problems import DataProblem
from alliances.state_names import sentence

HOLDS = "holds"
QUALIFIED = "holds with a qualification"
FAILS = "does not hold"
UNCHECKED = "cannot be checked here"
VERDICTS = (HOLDS, QUALIFIED, FAILS, UNCHECKED)
STATEMENT = "application/vnd.alliances.statement+json"

_PLACE = re.compile(r"(?<![:`])\{([a-z_][a-z_0-9]*)(?::([^{}`]*))?\}(?!`)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]|$~^])")
_COUNTS = "none one two three four five six seven eight nine ten eleven twelve".split()


class Prose:
    """Markdown that a notebook shows as text; what a code cell of prose ends with.

    Names of states in it are set right as `state_names.sentence` does.
    """

    def __init__(self, markdown):
        self.markdown = sentence(markdown)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/markdown": self.markdown, "text/plain": "(text)"}


class Statement(Prose):
    """A statement of the article with its verdict; its parts go with it for `claims.gathered`."""

    def __init__(self, markdown, parts):
        super().__init__(markdown)
        self.parts = parts

    def _repr_mimebundle_(self, include=None, exclude=None):
        return super()._repr_mimebundle_(include, exclude) | {STATEMENT: self.parts}


def say(text, **values):
    """A paragraph whose numbers are computed.

    text: MyST Markdown with places such as {share} or {share:percent}. values: what goes there. A
    place that is followed by a backtick is a MyST role and stays. Formats: `percent` for a share in
    0..1, `points` for a difference of shares, `count` for a small whole number in words, `list` for
    several values, `signed`, `times` for how many times as much, `date` for an ISO date, or any format of Python. A missing number (NaN)
    is said as "not defined", never as zero. Text is escaped, so that what stands in a data file appears as it stands there.
    A place without a value, and a value without a place, raise a DataProblem.

    >>> say("Russia delivered {share:percent} in {years:list}.", share=0.938, years=[2011, 2012]).markdown
    'Russia delivered 94 percent in 2011 and 2012.'
    >>> say("See {cite:t}`walt1987`; {n:count} of {of:count}.", n=2, of=30).markdown
    'See {cite:t}`walt1987`; two of 30.'
    """
    return Prose(fill(text, **values))


def fill(text, **values):
    """The same as `say`, as a plain string.

    >>> fill("On {day:date} {share:percent}.", day="2024-06-04", share=float("nan"))
    'On 4 June 2024 not defined.'
    """
    _check_places(text, values)
    return _filled(text, values)


def _check_places(text, values):
    places = {match[1] for match in _PLACE.finditer(text)}
    if places != set(values):
        lacking, surplus = sorted(places - set(values)), sorted(set(values) - places)
        raise DataProblem(f"text without a value for {lacking}, values without a place: {surplus}.")


def _filled(text, values):
    text = "\n".join(line.strip() for line in text.strip().split("\n"))
    return _PLACE.sub(lambda match: _written(values[match[1]], match[2] or ""), text)


def _written(value, form):
    if isinstance(value, (list, tuple)):
        parts = [_written(part, "" if form == "list" else form) for part in value]
        return (
            parts[0]
            if len(parts) == 1
            else ", ".join(parts[:-1]) + " and " + parts[-1]
            if parts
            else "none"
        )
    if isinstance(value, str) and form != "date":
        return plain(format(value))  # The name of a state takes its article here.
    if pd.isna(value):
        return "not defined"
    if form == "percent":
        return f"{rounded(100 * value)} percent"
    if form == "points":
        size = abs(rounded(100 * value))
        return f"{size} percentage point{'' if size == 1 else 's'}"
    if form == "count":
        return _COUNTS[int(value)] if 0 <= value < len(_COUNTS) else f"{int(value):,}"
    if form == "date":
        return said_date(value)
    if form == "times":
        return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"
    if form == "signed":
        return f"{value:+.2f}".replace("-", "−")
    return format(value, form)


def said_date(text):
    """An ISO date in words; one cut to its month or year stays as vague as it is.

    >>> said_date("2024-06-04"), said_date("2024-06"), said_date("2024")
    ('4 June 2024', 'June 2024', '2024')
    """
    known = text.count("-")
    moment = date.fromisoformat(text + "-01" * (2 - known))
    day = f"{moment.day} " if known == 2 else ""
    month = f"{moment:%B} " if known else ""
    return f"{day}{month}{moment.year}"


def signed_points(value):
    """A difference of shares with its sign, in percentage points; nothing to round to is "no change".

    >>> signed_points(0.042), signed_points(-0.004), signed_points(-0.1)
    ('+4 percentage points', 'no change', '−10 percentage points')
    """
    points = rounded(100 * value)
    if not points:
        return "no change"
    return f"{points:+} percentage point{'' if abs(points) == 1 else 's'}".replace("-", "−")


def rounded(value):
    """A whole number, half away from zero, as readers round; one rule for sentences and tables.

    >>> rounded(2.5), rounded(-2.5)
    (3, -3)
    """
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def plain(text):
    """Text from a data file, made to appear as it is: no markup of it takes effect.

    >>> plain("<b>a</b> *b*")
    '&lt;b&gt;a&lt;/b&gt; \\\\*b\\\\*'
    """
    text = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def plain_line(text):
    """The same on one line, so that it cannot end the block that it stands in.

    >>> plain_line("One.\\n# Two.")
    'One. # Two.'
    """
    return plain(" ".join(str(text).split()))


def verdict_on(*readings):
    """The verdict that several computed readings of one statement give together.

    Every reading is True or False. All true: it holds; some: it holds with a qualification; none: it
    does not hold. An undefined reading (None) is left out; if all are, it cannot be checked.

    >>> verdict_on(True, False), verdict_on(False), verdict_on(None)
    ('holds with a qualification', 'does not hold', 'cannot be checked here')
    """
    known = [bool(reading) for reading in readings if reading is not None]
    if not known:
        return UNCHECKED
    return HOLDS if all(known) else QUALIFIED if any(known) else FAILS


def verdict_on_number(found, stated, tolerance):
    """Whether a computed number agrees with a stated one within a tolerance, both in one unit.

    >>> verdict_on_number(93.9, 94, tolerance=0.5)
    'holds'
    """
    missing = found is None or found != found
    return verdict_on(None if missing else abs(found - stated) <= tolerance)


def statement(study, identifier, data, verdict, why="", **values):
    """What the article says, what the data say, and the verdict, with an anchor to cite.

    study: where the table `claims/statements` lies. identifier: such as "A2". data, why: text with
    places, as in `say`. verdict: HOLDS, QUALIFIED, FAILS or UNCHECKED; on a number it is computed
    by `verdict_on`. The block's anchor is `statement-a2`; it links to the statement's row in the list
    of all statements, `claim-a2`. Unknown identifiers and verdicts are refused.
    """
    if verdict not in VERDICTS:
        raise DataProblem(f"statement {identifier}: {verdict!r} is no verdict.")
    rows = study.table("claims/statements").set_index("id")
    if identifier not in rows.index:
        raise DataProblem(f"claims/statements has no row {identifier}.")
    row = rows.loc[identifier]
    _check_places(f"{data}\n{why}", values)
    data, why = sentence(_filled(data, values)), sentence(_filled(why, values))
    source = f" ({plain_line(row['cited'])})" if isinstance(row["cited"], str) else ""
    body = (
        f"**The article says:** {plain_line(row['statement'])}{source}\n\n"
        f"**What we find:** {data}\n\n"
        f"**Verdict: {verdict}.** {why} [{identifier}](#{anchor('claim', identifier)})"
    )
    return Statement(
        block(body, anchor("statement", identifier), "statement", verdict),
        {"id": identifier, "verdict": verdict, "found": data, "why": why},
    )


def anchor(kind, identifier):
    """The name of a place that links lead to; one for the block of a statement, one for its row.

    >>> anchor("statement", "A2")
    'statement-a2'
    """
    return f"{kind}-{identifier.lower()}"


def block(body, name, *classes):
    """MyST Markdown of a block with an anchor; a link to one that is not there fails the build.

    >>> print(block("Text.", "claim-a2", "claim", "does not hold"))
    ::::::{div} claim does-not-hold
    :name: claim-a2
    <BLANKLINE>
    Text.
    ::::::
    """
    words = " ".join(re.sub("[ _]", "-", one) for one in classes)
    return f"::::::{{div}} {words}\n:name: {name}\n\n{body}\n::::::"
