"""The pictures of the book: seven forms, one theme, each with its description, table and CSV.

A chart is an Altair chart whose `usermeta` says which columns of its data make the table below it, so
that picture, table and CSV come from the same data frame. It computes nothing but labels and words.
"""

import functools
import math
import re
import textwrap

import altair as alt
import numpy as np
import pandas as pd

from alliances.problems import DataProblem
from alliances.prose import Prose, plain, said_date
from alliances.state_names import label, sentence
from alliances.tables import written

MIME = "application/vnd.vegalite.v5+json"
INK = "currentColor"
HEIGHT, LINE, STRIP, MAP_HEIGHT = 250, 40, 46, 400
# The width of a picture on a phone, and what the axis of values takes of it, in pixels.
_NARROW, _AXIS = 300, 60

COLOURS = {
    "RUS": "#d1403a",
    "USA": "#3f78d6",
    "FRA": "#8a63d2",
    "IND": "#c96a12",
    "IRN": "#1f8f6f",
    "CHN": "#c94a93",
    "EU": "#4a86b8",
    "AZE": "#14919b",
    "GEO": "#94761f",
    "BLR": "#5f8f2f",
    "KAZ": "#1c8bc4",
    "KGZ": "#b0653a",
    "TJK": "#75822f",
}
EXTREMES, RANK_EXTREMES = ("highest", "lowest"), ("worst", "best")
SUBJECT, OTHER = "ARM", "#7d838c"
_FURTHER = ["#3f78d6", "#c96a12", "#1f8f6f", "#8a63d2", "#94761f", "#7d838c"]
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_DASHES = [[1, 0], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2]]
_MOMENTS = ["diamond", "circle", "square", "triangle-up", "cross"]
_SIDES = {
    "above": {"dy": -12},
    "below": {"dy": 13},
    "left": {"dx": -9, "align": "right"},
    "right": {"dx": 9, "align": "left"},
}
_EVENT_DASHES = [[1, 3], [5, 3], [9, 3], [9, 3, 2, 3], [3, 1]]


class _NothingToDraw(Exception):
    """The frame has no row to draw."""


def _or_words(form):
    """Let a form of chart say in words that it has nothing to draw, as in a period without data.

    Names of states in its title, caption and headings are set right first.
    """

    @functools.wraps(form)
    def drawn(*frames, **words):
        words |= {name: sentence(words[name]) for name in ("title", "caption")}
        words |= {name: label(text) for name, text in words.items() if name.endswith("_title")}
        try:
            return form(*frames, **words)
        except _NothingToDraw:
            title = plain(words["title"])
            return Prose(f"*{title}*: no picture, since the data hold nothing for these years.")

    return drawn


def _renderer(spec, **_):
    """Refuse a picture that says nothing to those who cannot see it; else hand on the specification."""
    description = spec.get("description", "").strip()
    if not description:
        raise DataProblem(
            "this chart has no description, which a screen reader says and a code host shows. "
            "Draw it by a form of alliances.charts, or give it .properties(description=...)."
        )
    return {MIME: spec, "text/plain": f"Picture: {description}"}


@alt.theme.register("alliances", enable=True)
def _theme():
    quiet = {"gridColor": INK, "gridOpacity": 0.14, "domain": False, "ticks": False}
    words = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12}
    return alt.theme.ThemeConfig(
        {
            "background": "transparent",
            "config": {
                "font": "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
                "view": {"stroke": None},
                "axis": quiet | words | {"titleFontWeight": "normal", "labelLimit": 170},
                "text": {"color": INK, "fontSize": 12},
                "rule": {"color": INK},
                "legend": words | {"layout": {"bottom": {"direction": "vertical"}}},
            },
        }
    )


alt.renderers.register("alliances", _renderer)
alt.renderers.enable("alliances")


def colour(code):
    """The colour of a state, the same in every picture; the subject is drawn in the ink of the text.

    >>> colour("RUS"), colour("ARM"), colour("PRT")
    ('#d1403a', 'currentColor', '#7d838c')
    """
    return INK if code == SUBJECT else COLOURS.get(code, OTHER)


def axis_top(values):
    """A round number at or just above the highest of some values, for an axis that begins at zero.

    values: a column of numbers, missing ones allowed; of none at all it is 1.

    >>> axis_top(pd.Series([0.02, 0.034])), axis_top(pd.Series([131.0, None])), axis_top(pd.Series())
    (0.04, 150, 1)
    """
    highest = values.max()
    if not highest > 0:
        return 1
    size = 10.0 ** math.floor(math.log10(highest))
    tops = [round(size * part, 12) for part in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)]
    top = next(one for one in tops if one >= highest)
    return int(top) if top == int(top) else top


@_or_words
def over_time(
    frame,
    *,
    value,
    value_title,
    period,
    series=None,
    names=None,
    lower=None,
    upper=None,
    domain=None,
    form="percent",
    events=None,
    turn="",
    descending=False,
    monthly=False,
    **words,
):
    """Yearly values as points joined by lines; a missing year is a gap.

    frame: one row a year and series: `year`, the `value` column, for several lines a `series` column
    (ISO codes or words), for a band the `lower` and `upper` columns. value_title: what the values
    are. names: words for the series. period: first and last year of the time axis. domain: lowest
    and highest value of the axis. form: how values are written, `percent` or a Python format. events:
    dated events with `date` and `label`. turn: a sentence on what changed, for the description.
    descending: 1 at the top, for ranks. monthly: the frame has a `month` as well, and the values are
    too many for points. words: `title` (what to see), `caption` (what is drawn),
    `source` and `name` (of the CSV). Of an empty frame it says in words
    that there is nothing to draw. A year with two values is refused.

    >>> frame = pd.DataFrame({"year": [2019, 2021], "share": [0.7, 0.6]})
    >>> chart = over_time(frame, value="share", value_title="share", period=(2019, 2021),
    ...     title="It fell", caption="Two years.", source="none", name="example")
    >>> print(chart.to_dict()["description"])
    It fell. Drawn: share, 2019 to 2021. First 70% (2019), last 60% (2021),
    highest 70% (2019), lowest 60% (2021).
    """
    when = ["year", "month"] if monthly else ["year"]
    columns = [name for name in (*when, series, value, lower, upper) if name]
    data = _every_moment(_prepared(frame, columns, words), when, series)
    names = names or {}
    keys = list(dict.fromkeys(data[series])) if series else [None]
    palette = {key: _series_colour(key, place, keys) for place, key in enumerate(keys)}
    domain = domain or _domain(data, [name for name in (value, lower, upper) if name])
    data = _with_end_labels(data, series, value, names, domain, period)
    scale = alt.Scale(domain=domain, reverse=descending)
    height = alt.Y(f"{value}:Q", scale=scale, axis=_value_axis(value_title, form))
    middle = "datum.year + (datum.month - 0.5) / 12" if monthly else "datum.year + 0.5"
    base = alt.Chart().transform_calculate(middle=middle).encode(x=_time(period))
    if series:
        hue = alt.Color(f"{series}:N", legend=None, scale=_ordinal(palette))
        base = base.encode(color=hue, detail=f"{series}:N")
    plain = {} if series else {"color": palette[None]}
    band = base.mark_area(opacity=0.18, **plain)
    line = base.mark_line(strokeWidth=1.6, **plain).encode(y=height)
    point = base.mark_point(size=38, filled=True, opacity=0 if monthly else 1, **plain).encode(
        y=height
    )
    if len(keys) > 1:
        line = line.encode(strokeDash=_marks(alt.StrokeDash, series, keys, _DASHES))
        point = point.encode(shape=_marks(alt.Shape, series, keys, _SHAPES))
    tips = _tooltips(
        [*when, *([series] if series else []), value], {"year": "Year", value: value_title}, form
    )
    ends = base.mark_text(align="left", dx=7).encode(
        y=alt.Y("label_place:Q"), text="label:N", color=alt.value(INK)
    )
    layers = [line, point.encode(tooltip=tips), ends]
    if lower:
        layers.insert(0, band.encode(y=alt.Y(f"{lower}:Q", scale=scale), y2=f"{upper}:Q"))
    chart = alt.layer(*layers, *_event_layers(events, period), data=_inline(data))
    headings = {"year": "Year"} | ({"month": "Month"} if monthly else {})
    headings |= ({series: "Series"} if series else {}) | {value: value_title}
    extremes = RANK_EXTREMES if descending else EXTREMES
    said = _description(words, data, value, value_title, series, names, form, turn, extremes)
    return _finished(
        chart.properties(height=HEIGHT, padding=_padding(data, period)),
        said,
        headings | _interval_headings(value_title, lower, upper),
        dict.fromkeys([value, lower, upper], form),
        {series: names},
        **words,
    )


@_or_words
def bars_over_time(
    frame,
    *,
    value,
    value_title,
    series,
    period,
    names=None,
    form=",.0f",
    events=None,
    turn="",
    order=None,
    **words,
):
    """Yearly amounts as bars, parts stacked; a year without a bar is one in which nothing was found.

    frame: one row a year and part: `year`, the `series` column (ISO codes or words) and the `value`
    column, zero or more. order: the parts from the bottom up; without it they are states, the largest of
    them named and the rest together "others", whom the table under the picture names. The other
    arguments as in `over_time`.

    >>> frame = pd.DataFrame({"year": [2020, 2021], "supplier": ["RUS", "IND"], "tiv": [9, 4]})
    >>> chart = bars_over_time(frame, value="tiv", value_title="TIV", series="supplier",
    ...     period=(2020, 2021), title="Two suppliers", caption="", source="none", name="example")
    >>> print(chart.to_dict()["description"][:61])
    Two suppliers. Drawn: TIV, 2020 to 2021. RUS: first 9 (2020),
    """
    data = _prepared(frame, ["year", series, value], words).sort_values(["year", series])
    names = names or {}
    keys = order or list(data.groupby(series)[value].sum().sort_values(ascending=False).index)
    data["rank"] = data[series].map({key: place for place, key in enumerate(keys)})
    drawn = (
        {key: (_word(key, names), _series_colour(key, at, keys)) for at, key in enumerate(keys)}
        if order
        else _largest(keys, names)
    )
    data["word"] = data[series].map({key: word for key, (word, _) in drawn.items()})
    tips = {"year": "Year", "word": "Who", value: value_title}
    height = alt.Y(f"sum({value}):Q", stack="zero", axis=_value_axis(value_title, form))
    hues = dict(drawn.values())
    bars = (
        alt.Chart()
        .transform_calculate(start="datum.year + 0.12", end="datum.year + 0.88")
        .mark_bar()
        .encode(
            x=_time(period, "start"),
            x2="end:Q",
            y=height,
            color=alt.Color("word:N", scale=_ordinal(hues), legend=_legend(hues)),
            order=alt.Order("rank:Q"),
            tooltip=_tooltips(["year", "word", value], tips, form),
        )
    )
    chart = alt.layer(bars, *_event_layers(events, period), data=_inline(data))
    said = _description(words, data, value, value_title, series, names, form, turn)
    headings = {"year": "Year", series: "Who", value: value_title}
    chart = chart.properties(height=HEIGHT)
    return _finished(chart, said, headings, {value: form}, {series: names}, **words)


@_or_words
def dots(
    frame,
    *,
    row,
    row_title,
    value,
    value_title,
    series,
    names=None,
    form="percent",
    domain=(0, 1),
    order=None,
    turn="",
    lower=None,
    upper=None,
    **words,
):
    """Values side by side: a row for each state or period, a point for each series.

    frame: one row per pair of `row` and `series` with the `value`; an undefined value has no point and
    is a dash in the table. lower, upper: an interval, drawn as a line. order: the rows from the top.
    The other arguments as in `over_time`.

    >>> frame = pd.DataFrame({"state": ["ARM", "BLR"], "years": "2020", "share": [0.5, 1.0]})
    >>> chart = dots(frame, row="state", row_title="State", value="share", value_title="Share",
    ...     series="years", title="Two states", caption="", source="none", name="example")
    >>> print(chart.to_dict()["description"])
    Two states. ARM, 2020: 50%. BLR, 2020: 100%.
    """
    columns = [name for name in (row, series, value, lower, upper) if name]
    data = _prepared(frame, columns, words)
    names = names or {}
    rows = [names.get(key, str(key)) for key in (order or list(dict.fromkeys(data[row])))]
    data["row_word"] = data[row].map(lambda key: names.get(key, str(key)))
    data["series_word"] = data[series].map(lambda key: names.get(key, str(key)))
    hues = _palette(list(dict.fromkeys(data[series])), names)
    room = 290 - min(170, 7 * max(map(len, rows)))
    # On a wide screen a name need not be cut to the width that a phone has beside the rows' names.
    legend = _legend(hues, room, labelLimit=alt.ExprRef(f"max({room}, width - 30)"))
    base = alt.Chart().encode(
        y=alt.Y("row_word:N", sort=rows, axis=alt.Axis(title=None, grid=True, labelPadding=12)),
        color=alt.Color("series_word:N", scale=_ordinal(hues), legend=legend),
    )
    shapes = alt.Scale(domain=list(hues), range=_SHAPES[: len(hues)])
    across = alt.Scale(domain=list(domain))
    tips = {"row_word": row_title, "series_word": "Series", value: value_title}
    points = base.mark_point(size=70, filled=False, strokeWidth=2, opacity=1).encode(
        x=alt.X(f"{value}:Q", scale=across, axis=_value_axis(_in_lines(value_title, room), form)),
        shape=alt.Shape("series_word:N", scale=shapes, legend=legend),
        tooltip=_tooltips(list(tips), tips, form),
    )
    layers = [points]
    if lower:
        lines = base.mark_rule(strokeWidth=2, opacity=0.6)
        layers.insert(0, lines.encode(x=f"{lower}:Q", x2=f"{upper}:Q"))
    chart = alt.layer(*layers, data=_inline(data))
    said = [f"{words['title']}."]
    for _, line in data.iterrows():
        said.append(f"{line['row_word']}, {line['series_word']}: {written(line[value], form)}.")
    headings = {row: row_title, series: "Series", value: value_title}
    return _finished(
        chart.properties(height=26 * len(rows) + 10),
        " ".join([*said, turn]).strip(),
        headings | _interval_headings(value_title, lower, upper),
        dict.fromkeys([value, lower, upper], form),
        {row: names, series: names},
        **words,
    )


@_or_words
def tiles(
    frame,
    *,
    row,
    row_title,
    column,
    column_title,
    value,
    value_title,
    kinds,
    description,
    row_order=None,
    column_order=None,
    names=None,
    **words,
):
    """A grid of small tiles, each with a letter: who did what, or which theory expects what.

    frame: one row per pair of `row` and `column` with the `value`, one of the words in `kinds`. kinds:
    {value: (letter, colour)}; a colour of None leaves the tile open, for absent or silent. Letters
    carry the meaning where colours cannot. description: two or three sentences written from the
    numbers. The other arguments as in `over_time`. A value that `kinds` does not know is refused.

    >>> frame = pd.DataFrame({"text": ["A", "B"], "state": "ARM", "vote": ["yes", "absent"]})
    >>> chart = tiles(frame, row="text", row_title="Text", column="state", column_title="State",
    ...     value="vote", value_title="Vote", kinds={"yes": ("Y", "#1d6a96"), "absent": ("–", None)},
    ...     description="One yes.", title="Votes", caption="Two.", source="none", name="example")
    >>> chart.to_dict()["usermeta"]["alliances"]["caption"]
    'Two. Y yes; – absent.'
    """
    data = _prepared(frame, [row, column, value], words)
    _refuse_unknown(data[value], kinds, words["name"])
    names = names or {}
    data["row_word"] = data[row].map(lambda key: names.get(key, str(key)))
    data["column_word"] = data[column].map(lambda key: names.get(key, str(key)))
    data["letter"] = data[value].map(lambda key: kinds[key][0] if key in kinds else "")
    rows = [names.get(key, str(key)) for key in (row_order or list(dict.fromkeys(data[row])))]
    order = column_order or list(dict.fromkeys(data[column]))
    columns = [names.get(key, str(key)) for key in order]
    tips = {"row_word": row_title, "column_word": column_title, value: value_title}
    hues = {key: hue or "transparent" for key, (_, hue) in kinds.items()}
    unfilled = alt.FieldOneOfPredicate(value, [key for key, (_, hue) in kinds.items() if not hue])
    base = alt.Chart().encode(
        y=alt.Y("row_word:N", sort=rows, axis=alt.Axis(title=None, grid=False, labelLimit=150)),
        x=alt.X("column_word:N", sort=columns, axis=_top_axis(columns)),
    )
    squares = base.mark_rect(stroke=INK, strokeOpacity=0.25, strokeWidth=0.5).encode(
        color=alt.Color(f"{value}:N", scale=_ordinal(hues), legend=None),
        tooltip=_tooltips(list(tips), tips, ""),
    )
    letters = base.mark_text(fontSize=11, fontWeight="bold").encode(
        text="letter:N", color=alt.condition(unfilled, alt.value(INK), alt.value("#ffffff"))
    )
    chart = alt.layer(squares, letters, data=_inline(data)).properties(height=20 * len(rows))
    key = "; ".join(f"{letter} {word}" for word, (letter, _) in kinds.items())
    words["caption"] += f" {key[0].upper()}{key[1:]}."
    headings = {row: row_title, column: column_title, value: value_title}
    said = f"{words['title']}. {description}"
    return _finished(chart, said, headings, {}, {row: names, column: names}, **words)


@_or_words
def strips(
    frame,
    *,
    row,
    row_title,
    group,
    value,
    value_title,
    height,
    word,
    became,
    since,
    period,
    forms,
    hues,
    events=None,
    turn="",
    **words,
):
    """Many yearly indicators under each other, one strip each, to be read together at a glance.

    frame: one row per indicator and year: the `row` column (the indicator, written above its strip),
    `group` (its heading, with the rows of one group together), `year`, `value` (in the indicator's
    own unit, for the words and the table), `height` (0 to 1, how high the year's bar stands), `word`
    (what became of it after the year `since`) and `became` (the same with figures, written beside its
    name). forms: {indicator: how its value is written}. hues: {word: colour, or None for ink}, for
    the bars after `since`; those up to it are pale. A year without a `height` is light grey from top
    to bottom. A height of zero keeps a thin line, so that it is not taken for a gap. The strips share
    the years and not the units. The other arguments as in `over_time`. Heights beyond 0 to 1 and
    unknown words are refused.

    >>> frame = pd.DataFrame({"what": "votes", "part": "politics", "year": [2019, 2020],
    ...     "share": [0.7, None], "tall": [0.7, None], "word": "fell", "became": "fell to 70%"})
    >>> chart = strips(frame, row="what", row_title="Indicator", group="part", value="share",
    ...     value_title="Value", height="tall", word="word", became="became", since=2018,
    ...     period=(2019, 2020), forms={"votes": "percent"}, hues={"fell": "#c96a12"},
    ...     title="One fell", caption="", source="none", name="example")
    >>> print(chart.to_dict()["description"])
    One fell. votes (fell to 70%): first 70% (2019), last 70% (2019), highest 70% (2019),
    lowest 70% (2019); no value in 2020.
    """
    data = _prepared(frame, [row, group, "year", value, height, word, became], words)
    _refuse_unknown(data[word], hues, words["name"])
    if not data[height].dropna().between(0, 1).all():
        raise DataProblem(f"picture {words['name']}: found heights beyond 0 to 1.")
    data["written"] = [written(v, forms[name]) for v, name in zip(data[value], data[row])]
    data["seen"] = data[height].notna().astype(int)
    headings, tops, whole = _stacked(data, row, group)
    data["top"] = data[row].map(tops)
    upright = alt.Scale(domain=[0, whole], reverse=True, nice=False)
    base = alt.Chart().encode(y=alt.Y("y:Q", scale=upright, axis=None))
    names = data.drop_duplicates(row)
    said_of = alt.InlineData(
        values=[
            {"y": tops[name] + 15, "text": f"{name}: {told}"}
            for name, told in zip(names[row], names[became])
        ]
    )
    titles = alt.InlineData(values=[{"y": y, "text": text} for text, y in headings.items()])
    left = {"align": "left", "baseline": "bottom"}
    chart = alt.layer(
        *_strip_layers(base, row, row_title, value_title, height, word, since, hues, period),
        base.properties(data=said_of).mark_text(**left).encode(x=alt.value(0), text="text:N"),
        base.properties(data=titles)
        .mark_text(fontWeight="bold", **left)
        .encode(x=alt.value(0), text="text:N"),
        *_event_layers(events, period, whole),
        data=_inline(data),
    ).properties(height=whole)
    said = [
        _said_of_strip(part, row, value, became, forms) for _, part in data.groupby(row, sort=False)
    ]
    columns = {row: row_title, "year": "Year", "written": value_title}
    columns |= {height: "Between its goalposts"}
    return _finished(
        chart,
        " ".join([f"{words['title']}.", *said, turn]).strip(),
        columns,
        {height: ".2f"},
        {},
        **words,
    )


def _stacked(data, row, group):
    """Where the headings and the strips stand, from the top down, and how high it all is."""
    headings, tops, y = {}, {}, 4
    for heading, part in data.groupby(group, sort=False):
        headings[heading] = y + 14
        y += 18
        for name in dict.fromkeys(part[row]):
            tops[name] = y
            y += STRIP
        y += 4
    return headings, tops, y


def _strip_layers(base, row, row_title, value_title, height, word, since, hues, period):
    """Grey where there is no value, and a bar for every year observed, coloured after `since`."""
    foot, room = STRIP - 3, STRIP - 21
    tips = [
        *(
            alt.Tooltip(f"{row}:N", title=row_title),
            alt.Tooltip("year:Q", title="Year", format="d"),
        ),
        *(alt.Tooltip("written:N", title=value_title), alt.Tooltip(f"{word}:N", title="It")),
    ]
    years = base.transform_calculate(start="datum.year + 0.06", end="datum.year + 0.94")
    gaps = years.transform_filter("datum.seen == 0").transform_calculate(
        y=f"datum.top + {foot - room}", y2=f"datum.top + {foot}"
    )
    bars = years.transform_filter("datum.seen == 1").transform_calculate(
        y=f"datum.top + {foot} - max(1.5, {room} * datum.{height})", y2=f"datum.top + {foot}"
    )
    across = {"x": _time(period, "start"), "x2": "end:Q", "y2": "y2:Q"}
    hue = _ordinal({key: colour or INK for key, colour in hues.items()})
    coloured = alt.Color(f"{word}:N", scale=hue, legend=None)
    pale, later = (bars.transform_filter(f"datum.year {sign} {since}") for sign in ("<=", ">"))
    return [
        gaps.mark_rect(color=INK, opacity=0.08).encode(**across),
        pale.mark_rect(color=INK, opacity=0.42).encode(**across, tooltip=tips),
        later.mark_rect(opacity=0.9).encode(**across, color=coloured, tooltip=tips),
    ]


def _said_of_strip(part, row, value, became, forms):
    """An indicator's name, what became of it, its first, last, highest and lowest value, its gaps."""
    name, known = part[row].iloc[0], part[part["seen"] == 1]
    if known.empty:
        return f"{name} ({part[became].iloc[0]}): no value."
    spots = {"first": known.iloc[0], "last": known.iloc[-1]}
    spots |= {EXTREMES[0]: known.loc[known[value].idxmax()]}
    spots |= {EXTREMES[1]: known.loc[known[value].idxmin()]}
    told = ", ".join(
        f"{what} {written(spot[value], forms[name])} ({spot['year']})"
        for what, spot in spots.items()
    )
    gaps = part.loc[part["seen"] == 0, "year"].tolist()
    said = f"{name} ({part[became].iloc[0]}): {told}"
    return f"{said}; no value in {_runs(gaps)}." if gaps else f"{said}."


def _runs(years):
    """Years in words, those that follow each other joined: 1992 to 1994, 2000."""
    found = []
    for year in years:
        if found and found[-1][1] == year - 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in found)


@_or_words
def timeline(
    frame,
    *,
    row,
    row_title,
    start,
    end,
    kind,
    kind_title,
    kinds,
    period,
    events=None,
    turn="",
    **words,
):
    """Spans and moments on the time axis, a line for each thing that lasted or happened.

    frame: one row per span, in the order of the lines: the `row` column (the words written above the
    bar; several spans may share a line), `start` and `end` as ISO dates, whole or cut to the year or
    month, and `kind`, one of the words in `kinds` ({word: colour, or None for an open bar}; five at
    most). An empty `end` is a span that goes on: it runs to the edge and ends in an arrow. A span
    shorter than a quarter of a year is a mark. What reaches beyond `period` is cut in the picture and
    whole in the table; what lies wholly outside is left out of the picture. The other arguments as in
    `over_time`. Unknown kinds and ends before their start are refused.

    >>> frame = pd.DataFrame({"what": ["Base", "Visit"], "start": ["1995-03-16", "2010-08"],
    ...     "end": [None, "2010-08"], "kind": ["post", "event"]})
    >>> chart = timeline(frame, row="what", row_title="What", start="start", end="end", kind="kind",
    ...     kind_title="Kind", kinds={"post": "#d1403a", "event": None}, period=(1992, 2025),
    ...     title="One base", caption="", source="none", name="example")
    >>> print(chart.to_dict()["description"])
    One base. Base: post, since 16 March 1995. Visit: event, August 2010.
    """
    data = _prepared(frame, [row, start, end, kind], words)
    data = _spans(data, row, start, end, kind, kinds, period, words["name"])
    shown = data[data["shown"]]
    lines = list(dict.fromkeys(shown[row]))
    if not lines:
        raise _NothingToDraw
    data["top"] = data[row].map({key: LINE * place for place, key in enumerate(lines)})
    data["word"] = data[row].where(~data.duplicated(row))
    height = LINE * len(lines)
    upright = alt.Scale(domain=[0, height], reverse=True, nice=False)
    base = (
        alt.Chart()
        .transform_filter("datum.shown == 1")
        .encode(y=alt.Y("y:Q", scale=upright, axis=None))
    )
    tips = [
        alt.Tooltip(f"{column}:N", title=title)
        for column, title in ((row, row_title), (kind, kind_title), ("when", "When"))
    ]
    arrows = (
        base.transform_filter("datum.goes_on == 1")
        .transform_calculate(y=f"datum.top + {LINE - 9.5}")
        .mark_point(shape="triangle-right", size=70, filled=True, color=INK, opacity=1)
        .encode(x=_time(period, "to"))
    )
    names = (
        base.transform_filter("datum.word != null")
        .transform_calculate(y=f"datum.top + {LINE - 18}")
        .mark_text(align="left", baseline="bottom")
        .encode(x=alt.value(0), text="word:N")
    )
    drawn = _span_layers(base.encode(tooltip=tips), shown, kind, kinds, period)
    layers = [*drawn, arrows, names, *_event_layers(events, period, height)]
    chart = alt.layer(*layers, data=_inline(data)).properties(height=height)
    scales = dict.fromkeys(["stroke", "fill", "strokeDash", "shape"], "independent")
    chart = chart.resolve_scale(**scales)
    said = [f"{line[row]}: {line[kind]}, {line['when']}." for _, line in data.iterrows()]
    said = " ".join([f"{words['title']}.", *said, turn]).strip()
    headings = {row: row_title, kind: kind_title, start: "From", end: "Until"}
    return _finished(chart, said, headings, {}, {}, **words)


def _span_layers(base, shown, kind, kinds, period):
    """Bars for what lasted and marks for moments, each with a legend of the kinds it has."""
    places = {key: place for place, key in enumerate(kinds)}
    layers = []
    for moment in (0, 1):
        found = set(shown.loc[shown["moment"] == moment, kind])
        keys = [key for key in kinds if key in found]
        if not keys:
            continue
        edge = _ordinal({key: kinds[key] or INK for key in keys})
        inside = _ordinal({key: kinds[key] or "transparent" for key in keys})
        form = _MOMENTS if moment else _DASHES
        forms = alt.Scale(domain=keys, range=[form[places[key]] for key in keys])
        more = {} if moment else {"symbolType": "square", "symbolSize": 130}
        legend = _legend(keys, **more)
        layer = base.transform_filter(f"datum.moment == {moment}").encode(
            x=_time(period, "from"),
            stroke=alt.Stroke(f"{kind}:N", scale=edge, legend=legend),
            fill=alt.Fill(f"{kind}:N", scale=inside, legend=legend),
        )
        if moment:
            layer = layer.transform_calculate(y=f"datum.top + {LINE - 9.5}")
            layer = layer.mark_point(size=90, strokeWidth=1.8, fillOpacity=0.7)
            layers.append(layer.encode(shape=alt.Shape(f"{kind}:N", scale=forms, legend=legend)))
        else:
            sides = {"y": f"datum.top + {LINE - 15}", "y2": f"datum.top + {LINE - 4}"}
            layer = layer.transform_calculate(**sides).mark_bar(strokeWidth=1.3, fillOpacity=0.7)
            dash = alt.StrokeDash(f"{kind}:N", scale=forms, legend=legend)
            layers.append(layer.encode(x2="to:Q", y2="y2:Q", strokeDash=dash))
    return layers


@_or_words
def schematic_map(
    lines,
    places,
    *,
    line,
    place,
    longitude,
    latitude,
    kind,
    kind_title,
    line_kinds,
    place_kinds,
    description,
    side=None,
    beside=None,
    **words,
):
    """Lines and places on the ground, drawn roughly: which border is which, and what stands where.

    lines: one row per corner, in drawing order, with the `line` (its name, written beside it),
    `longitude` and `latitude` in degrees, and `kind`. places: one row per place with `place`, the same
    two columns and `kind`; `side` names a column that says on which side of its mark a place's name
    stands (above, below, left or right; above without it). beside: {line: (longitude, latitude)} where
    a line's name stands if not outside its middle, or None where it is not written. line_kinds:
    {word: (colour, dash)}; place_kinds: {word: (shape, colour)}; a transparent place is a name only.
    description: two or three sentences on what lies where. A schematic map measures nothing, and the
    caption says where a line is disputed. Unknown kinds are refused.

    >>> lines = pd.DataFrame({"line": "north", "lon": [44, 45], "lat": [41, 41], "kind": "open"})
    >>> places = pd.DataFrame({"place": ["Town"], "lon": [44.5], "lat": [40.5], "kind": ["base"]})
    >>> chart = schematic_map(lines, places, line="line", place="place", longitude="lon",
    ...     latitude="lat", kind="kind", kind_title="Kind", line_kinds={"open": ("#777777", [1, 0])},
    ...     place_kinds={"base": ("circle", "#d1403a")}, description="A town south of a line.",
    ...     title="A map", caption="", source="none", name="example")
    >>> chart.to_dict()["description"]
    'A map. A town south of a line.'
    """
    corners = _prepared(lines, [line, longitude, latitude, kind], words)
    corners = corners.astype({longitude: "float64", latitude: "float64"})
    towns = _prepared(
        places, [name for name in (place, longitude, latitude, kind, side) if name], words
    )
    towns["side"] = towns[side] if side else "above"
    _refuse_unknown(towns["side"], _SIDES, words["name"])
    _refuse_unknown(corners[kind], line_kinds, words["name"])
    _refuse_unknown(towns[kind], place_kinds, words["name"])
    marks = pd.concat(
        [
            _beside(corners, line, longitude, latitude, beside or {})
            .rename(columns={line: "what"})
            .assign(form="line"),
            towns.rename(columns={place: "what"}).assign(form="place"),
        ],
        ignore_index=True,
    )
    stretches = alt.InlineData(values=_stretches(corners, line, longitude, latitude, kind))
    base = alt.Chart().encode(longitude=f"{longitude}:Q", latitude=f"{latitude}:Q")
    sides = base.transform_filter("datum.form == 'line'").mark_text(fontStyle="italic", fontSize=11)
    layers = [
        _border_layer(stretches, line_kinds),
        *_place_layers(base, towns, kind, kind_title, place_kinds),
        sides.encode(text="what:N"),
    ]
    scales = dict.fromkeys(["color", "shape", "stroke", "strokeDash"], "independent")
    chart = alt.layer(*layers, data=_inline(marks)).project(type="mercator").resolve_scale(**scales)
    headings = {
        "what": "Line or place",
        kind: kind_title,
        longitude: "Longitude",
        latitude: "Latitude",
    }
    said = f"{words['title']}. {description}"
    forms = dict.fromkeys([longitude, latitude], ".1f")
    return _finished(
        chart.properties(
            height=MAP_HEIGHT, padding={"left": 34, "right": 34, "top": 5, "bottom": 5}
        ),
        said,
        headings,
        forms,
        {},
        **words,
    )


def _border_layer(stretches, line_kinds):
    hues, dashes = zip(*line_kinds.values())
    legend = _legend(line_kinds, symbolType="stroke")
    stroke = alt.Scale(domain=list(line_kinds), range=list(hues))
    dash = alt.Scale(domain=list(line_kinds), range=list(dashes))
    drawn = alt.Chart(stretches).mark_geoshape(filled=False, strokeWidth=2.6)
    return drawn.encode(
        stroke=alt.Stroke("properties.kind:N", scale=stroke, legend=legend),
        strokeDash=alt.StrokeDash("properties.kind:N", scale=dash, legend=legend),
    )


def _place_layers(base, towns, kind, kind_title, place_kinds):
    """The marks of the places, and their names, each on its side."""
    forms, hues = zip(*place_kinds.values())
    shape = alt.Scale(domain=list(place_kinds), range=list(forms))
    hue = alt.Scale(domain=list(place_kinds), range=list(hues))
    marked = [word for word, (_, colour) in place_kinds.items() if colour != "transparent"]
    legend = _legend(marked, values=marked)
    base = base.transform_filter("datum.form == 'place'")
    tips = [alt.Tooltip("what:N", title="Place"), alt.Tooltip(f"{kind}:N", title=kind_title)]
    symbols = base.mark_point(size=85, filled=True, opacity=1).encode(
        shape=alt.Shape(f"{kind}:N", scale=shape, legend=legend),
        color=alt.Color(f"{kind}:N", scale=hue, legend=legend),
        tooltip=tips,
    )
    names = [
        base.transform_filter(f"datum.side == '{where}'").mark_text(**placing).encode(text="what:N")
        for where, placing in _SIDES.items()
        if where in set(towns["side"])
    ]
    return [symbols, *names]


def _prepared(frame, columns, words):
    name = words["name"]
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise DataProblem(
            f"picture {name}: the data have no column {lacking}; they have {list(frame.columns)}."
        )
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise DataProblem(
            f"picture {name!r}: its name becomes a file's; use small letters, digits and _."
        )
    if frame.empty:
        raise _NothingToDraw
    return frame[columns].reset_index(drop=True).copy()


def _refuse_unknown(found, known, name):
    if unknown := sorted(set(found.dropna()) - set(known)):
        raise DataProblem(f"picture {name}: found the values {unknown}; expected {sorted(known)}.")


def _spans(data, row, start, end, kind, kinds, period, name):
    """With `from` and `to` as parts of years inside the period, what is a moment, and words for both."""
    _refuse_unknown(data[kind], kinds, name)
    left = data[start].map(lambda text: _moment(text, False))
    right = data[end].map(lambda text: _moment(text, True) if isinstance(text, str) else math.nan)
    wrong = data[right < left]
    if len(wrong):
        raise DataProblem(f"picture {name}: ends before it starts: {', '.join(wrong[row])}.")
    edge = period[1] + 1
    data["when"] = [_said_when(a, b) for a, b in zip(data[start], data[end])]
    data["goes_on"] = (right.isna() | (right > edge)).astype(int)
    right = right.fillna(edge)
    data["shown"] = (right > period[0]) & (left < edge)
    data["from"], data["to"] = left.clip(lower=period[0]).round(3), right.clip(upper=edge).round(3)
    data["moment"] = ((right - left < 0.25) & (data["goes_on"] == 0)).astype(int)
    data.loc[data["moment"] == 1, "from"] = ((left + right) / 2).round(3)
    return data


def _moment(text, last):
    """A date, a month or a year as a part of a calendar year; `last`: where it ends, not begins."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        return parts[0] + float(last)
    if len(parts) == 2:
        return parts[0] + (parts[1] - 1 + last) / 12
    return parts[0] + (parts[1] - 1) / 12 + (parts[2] - 1) / 365


def _said_when(start, end):
    if not isinstance(end, str):
        return f"since {said_date(start)}"
    return said_date(start) if start == end else f"{said_date(start)} to {said_date(end)}"


def _beside(corners, line, longitude, latitude, given):
    """Where each line's name is written: half-way along it, moved outwards, or where it is given."""
    where = corners[[longitude, latitude]]
    centre, reach = where.mean(), 0.08 * (where.max() - where.min()).max()
    found = corners.drop_duplicates(line).set_index(line)
    for name, part in corners.groupby(line, sort=False):
        ends = part[[longitude, latitude]].reset_index(drop=True)
        run = ends.diff().pow(2).sum(axis=1).pow(0.5).cumsum()
        middle = ends.apply(lambda column: np.interp(run.iloc[-1] / 2, run, column))
        away = middle - centre
        outside = middle + reach * away / (away.pow(2).sum() ** 0.5 or 1)
        found.loc[name, [longitude, latitude]] = _place_of(name, given, outside)
    return found.dropna(subset=[longitude, latitude]).reset_index()


def _place_of(name, given, outside):
    return outside if name not in given else given[name] or (math.nan, math.nan)


def _stretches(corners, line, longitude, latitude, kind):
    """The lines as GeoJSON."""
    return [
        {
            "type": "Feature",
            "properties": {"what": key, "kind": part[kind].iloc[0]},
            "geometry": {
                "type": "LineString",
                "coordinates": part[[longitude, latitude]].to_numpy().tolist(),
            },
        }
        for key, part in corners.groupby(line, sort=False)
    ]


def _every_moment(data, when, series):
    """With a row for each year, or month, between a line's ends, so that a missing one breaks it.

    A series that has every second or fifth year, and no other, has no gap between them.
    """
    parts = []
    for key, part in data.groupby(series, sort=False) if series else [(None, data)]:
        # Months are counted through, so that years and months can be filled in one way.
        steps = 12 * part["year"] + part["month"] - 1 if len(when) > 1 else part["year"]
        part = part.set_index(steps.rename("step")).sort_index()
        if part.index.has_duplicates:
            raise DataProblem(
                f"{key or 'the line'} has several values in one {when[-1]}; expected one."
            )
        every = int(np.gcd.reduce(np.diff(part.index))) if len(part) > 3 else 1
        part = part.reindex(
            pd.RangeIndex(part.index.min(), part.index.max() + 1, every, name="step")
        )
        if len(when) > 1:
            part["year"], part["month"] = part.index // 12, part.index % 12 + 1
        else:
            part["year"] = part.index
        parts.append(part.assign(**({series: key} if series else {})).reset_index(drop=True))
    return pd.concat(parts, ignore_index=True)


def _inline(data):
    return alt.InlineData(
        values=[{k: _plain(v) for k, v in line.items()} for line in data.to_dict("records")]
    )


def _plain(value):
    """A value as JSON holds it; missing is null. Rounded, so that machines agree on the last digit."""
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else float(f"{float(value):.6g}")


def _domain(data, columns):
    low, high = data[columns].min().min(), data[columns].max().max()
    margin = (high - low) * 0.08 or 0.5
    return [float(f"{low - margin:.3g}"), float(f"{high + margin:.3g}")]


def _with_end_labels(data, series, value, names, domain, period):
    """Labels at the ends of the lines, moved apart where they would cover one another or a line."""
    data["label"], data["label_place"] = None, float("nan")
    known = data.dropna(subset=[value])
    if not series or known.empty:
        return data
    ends = known.drop_duplicates(series, keep="last").sort_values(value)
    gap, taken = 0.065 * (domain[1] - domain[0]), []
    for index, line in ends.iterrows():
        label = names.get(line[series], str(line[series]))
        # On a narrow page a letter is about as wide as a fiftieth of the years shown.
        reach = len(label) / 50 * (period[1] + 1 - period[0])
        right = _right_of(known, line, reach)
        crossed = right.loc[right[series] != line[series], value].tolist()
        wanted = max([line[value], *(other + gap for other in taken)])
        place = _free_place(wanted, crossed, taken, gap, domain)
        if abs(place - wanted) > gap:
            # So far from its own line it would be read as another line's name.
            own = known[known[series] == line[series]]
            others = [*taken, *ends[value]]
            index, place = _earlier_place(known, own, value, reach, others, gap) or (index, place)
        if index in ends.index:
            taken.append(place)
        data.loc[index, "label"] = label
        data.loc[index, "label_place"] = place
    return data


def _right_of(known, point, reach):
    return known[known["year"].between(point["year"] + 1, point["year"] + reach)]


def _earlier_place(known, own, value, reach, taken, gap):
    """The last point of a line with nothing beside it on the right, as its row and value, or None."""
    for index, point in own.iloc[::-1].iterrows():
        beside = [*_right_of(known, point, reach)[value], *taken]
        if all(abs(point[value] - other) >= gap for other in beside):
            return index, point[value]
    return None


def _padding(data, period):
    """Room around a picture, on the right as much as its end labels lack on a narrow page.

    Vega measures how far a label reaches out before it narrows the picture to make room. A label in
    the middle then moves less to the left than the edge does, and its end would be cut off.
    """
    ends = data.dropna(subset=["label"])
    part = (period[1] + 0.5 - ends["year"]) / (period[1] + 1 - period[0])
    length = 7 + 6.5 * ends["label"].fillna("").str.len()
    measured = (length - _NARROW * part).clip(lower=0).max()
    needed = ((length - (_NARROW - _AXIS) * part) / (1 - part)).clip(lower=0).max()
    lacking = math.ceil(needed - measured) if len(ends) else 0
    return {"left": 5, "right": 5 + max(0, lacking), "top": 5, "bottom": 5}


def _free_place(wanted, crossed, taken, gap, domain):
    """The place nearest to the wanted one that crosses no line and no label, or the wanted one."""
    if all(abs(wanted - other) >= 0.6 * gap for other in crossed):
        return wanted
    busy = [(other, 0.9 * gap) for other in crossed] + [(other, gap) for other in taken]
    steps = sorted(range(-20, 21), key=abs)
    tried = [wanted + step * gap / 2 for step in steps]
    inside = [one for one in tried if domain[0] + gap / 2 <= one <= domain[1]]
    free = [one for one in inside if all(abs(one - other) >= far for other, far in busy)]
    return (free or [wanted])[0]


def _series_colour(key, place, keys):
    if key in COLOURS or key == SUBJECT:
        return colour(key)
    if _is_other(key):
        return OTHER
    return INK if len(keys) == 1 else _FURTHER[place % len(_FURTHER)]


def _ordinal(palette):
    return alt.Scale(domain=list(palette), range=list(palette.values()))


def _palette(keys, names):
    """{word: colour} for the series, in their order."""
    return {
        names.get(key, str(key)): _series_colour(key, place, keys) for place, key in enumerate(keys)
    }


def _largest(keys, names, most=6):
    """{key: (word, colour)} of states from the largest on: the first few by name, the rest as others."""
    named = keys if len(keys) <= most + 1 else keys[:most]
    own = {key: colour(key) for key in named if not _is_other(key)}
    free = (hue for hue in [*_FURTHER, *COLOURS.values()] if hue not in [*own.values(), OTHER])
    hues = {key: own.get(key) or next(free, OTHER) for key in named}
    others = dict.fromkeys(keys[len(named) :], ("others", OTHER))
    return {key: (names.get(key, str(key)), hue) for key, hue in hues.items()} | others


def _word(key, names):
    """A series by name; states without a colour of their own are drawn as one, named in the table."""
    return "others" if _is_other(key) else names.get(key, str(key))


def _is_other(key):
    """Whether this is a state's code without a colour of its own."""
    coded = isinstance(key, str) and re.fullmatch("[A-Z]{3}", key)
    return bool(coded) and key not in COLOURS and key != SUBJECT


def _interval_headings(value_title, lower, upper):
    return {
        column: f"{value_title}, {word}"
        for column, word in ((lower, "from"), (upper, "to"))
        if column
    }


def _marks(channel, series, keys, forms):
    chosen = [forms[place % len(forms)] for place in range(len(keys))]
    return channel(f"{series}:N", legend=None, scale=alt.Scale(domain=keys, range=chosen))


def _time(period, field="middle"):
    scale = alt.Scale(domain=[period[0], period[1] + 1], nice=False)
    return alt.X(f"{field}:Q", scale=scale, axis=_year_axis())


def _year_axis():
    return alt.Axis(
        title=None, format="d", tickCount=8, grid=False, labelOverlap="greedy", labelSeparation=8
    )


def _value_axis(title, form):
    return alt.Axis(
        title=title, format=".0%" if form == "percent" else form, tickCount=5, titleAnchor="start"
    )


def _in_lines(title, room):
    """A title of an axis in as many lines as the room for it on a phone, in pixels, asks for."""
    lines = textwrap.wrap(title, int(room / 6.5))
    return lines if len(lines) > 1 else title


def _top_axis(columns):
    upright = max(map(len, columns)) <= 4 and len(columns) <= 6
    return alt.Axis(
        title=None,
        orient="top",
        labelAngle=0 if upright else -90,
        labelPadding=7,
        grid=False,
        labelLimit=140,
        labelOverlap=False,
    )


def _legend(entries, room=290, **more):
    """A legend below, with no more columns than a phone has room for."""
    columns = max(1, min(len(entries), int(room / (7 * max(map(len, entries)) + 24))))
    more = {"labelLimit": room} | more
    return alt.Legend(orient="bottom", title=None, columns=columns, **more)


def _tooltips(columns, headings, form):
    tips = []
    for column in columns:
        if column == "year":
            tips.append(alt.Tooltip("year:Q", title="Year", format="d"))
        elif column in headings and form and column == list(headings)[-1]:
            shape = ".1%" if form == "percent" else form
            tips.append(alt.Tooltip(f"{column}:Q", title=headings[column], format=shape))
        else:
            tips.append(alt.Tooltip(f"{column}:N", title=headings.get(column, column)))
    return tips


def _event_layers(events, period, height=HEIGHT):
    """Thin lines for the dated events, each with its own dash and its name above the picture."""
    layers = []
    if events is None:
        return layers
    for place, (_, event) in enumerate(events.iterrows()):
        moment = _moment(event["date"], False)
        one = alt.Chart(
            alt.InlineData(values=[{"moment": round(moment, 3), "label": event["label"]}])
        )
        where = _time(period, "moment")
        rule = one.mark_rule(strokeDash=_EVENT_DASHES[place % 5], strokeWidth=1, opacity=0.55)
        high = -13 * (len(events) - place) - 6
        layers.append(rule.encode(x=where, y=alt.value(high), y2=alt.value(height)))
        # Near the left edge there is no room on the left of the line.
        early = moment - period[0] < 0.2 * (period[1] + 1 - period[0])
        side = {"align": "left", "dx": 4} if early else {"align": "right", "dx": -4}
        words = one.mark_text(fontSize=11, baseline="top", **side)
        layers.append(words.encode(x=where, y=alt.value(high), text="label:N"))
    return layers


def _description(words, data, column, title, series, names, form, turn, extremes=EXTREMES):
    """Title, what is drawn, and for each line its first, last, highest and lowest value."""
    years = f"{data['year'].min()} to {data['year'].max()}"
    said = [f"{words['title']}. Drawn: {title}, {years}."]
    for key, part in data.groupby(series, sort=False) if series else [(None, data)]:
        known = part.dropna(subset=[column])
        if known.empty:
            said.append(f"{names.get(key, key)}: no value.")
            continue
        spots = {
            "first": known.iloc[0],
            "last": known.iloc[-1],
            extremes[0]: known.loc[known[column].idxmax()],
            extremes[1]: known.loc[known[column].idxmin()],
        }
        found = [
            f"{word} {written(spot[column], form)} ({_said_moment(spot)})"
            for word, spot in spots.items()
        ]
        line = ", ".join(found)
        said.append(
            f"{line[0].upper()}{line[1:]}." if key is None else f"{names.get(key, key)}: {line}."
        )
    return " ".join([*said, turn]).strip()


def _said_moment(row):
    return said_date(f"{row['year']}-{row['month']:02}") if "month" in row else row["year"]


def _finished(chart, description, headings, formats, names, *, title, caption, source, name):
    table = {
        "columns": list(headings),
        "headings": headings,
        "formats": {column: form for column, form in formats.items() if column},
        "names": {column: words for column, words in names.items() if column and words},
    }
    about = {"title": title, "caption": caption, "source": source, "name": name, "table": table}
    return chart.properties(
        width="container", description=sentence(description), usermeta={"alliances": about}
    )
