"""The pictures of the book: four forms, one theme, each with its description, table and CSV.

A chart is an Altair chart whose `usermeta` says which columns of its data make the table below it, so
that picture, table and CSV come from the same data frame. It computes nothing but labels and words.
"""

import math
import re

import altair as alt
import pandas as pd

from alliances.problems import DataProblem
from alliances.tables import written

MIME = "application/vnd.vegalite.v5+json"
INK = "currentColor"
HEIGHT = 250

COLOURS = {
    "RUS": "#d1403a", "USA": "#3f78d6", "FRA": "#8a63d2", "IND": "#c96a12", "IRN": "#1f8f6f",
    "CHN": "#c94a93", "EU": "#4a86b8", "AZE": "#14919b", "GEO": "#94761f", "BLR": "#5f8f2f",
    "KAZ": "#1c8bc4", "KGZ": "#b0653a", "TJK": "#75822f",
}
SUBJECT, OTHER = "ARM", "#7d838c"
_FURTHER = ["#3f78d6", "#c96a12", "#1f8f6f", "#8a63d2", "#94761f", "#7d838c"]
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_DASHES = [[1, 0], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2]]
_EVENT_DASHES = [[1, 3], [5, 3], [9, 3], [9, 3, 2, 3], [3, 1]]


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
                "legend": words,
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


def over_time(
    frame, *, value, title, caption, source, name, value_title, period, series=None, names=None, lower=None,
    upper=None, domain=None, form="percent", events=None, turn="", descending=False,
):
    """Yearly values as points joined by lines; a missing year is a gap.

    frame: one row a year and series: `year`, the `value` column, for several lines a `series` column
    (ISO codes or words), for a band the `lower` and `upper` columns. names: words for the series.
    period: first and last year of the time axis. domain: lowest and highest value of the axis. form:
    how values are written, `percent` or a Python format. events: dated events with `date` and
    `label`. turn: a sentence on what changed, for the description. descending: 1 at the top, for ranks.
    title says what to see; caption what is drawn; source where it comes from; name is the CSV's name.
    An empty frame is refused: say in words that there is nothing to draw.
    """
    columns = ["year", *([series] if series else []), value, *[c for c in (lower, upper) if c]]
    data = _every_year(_prepared(frame, columns, name), series)
    names = names or {}
    keys = list(dict.fromkeys(data[series])) if series else [None]
    domain = domain or _domain(data, [c for c in (value, lower, upper) if c])
    data = _with_end_labels(data, series, value, names, domain)
    axis = _value_axis(value_title, form)
    height = alt.Y(f"{value}:Q", scale=alt.Scale(domain=domain, reverse=descending), axis=axis)
    palette = {key: _series_colour(key, place, keys) for place, key in enumerate(keys)}
    base = alt.Chart().transform_calculate(middle="datum.year + 0.5").encode(x=_time(period))
    if series:
        hue = alt.Color(f"{series}:N", legend=None, scale=_ordinal(palette))
        base = base.encode(color=hue, detail=f"{series}:N")
    layers = []
    if lower:
        band = {"y": alt.Y(f"{lower}:Q", scale=alt.Scale(domain=domain)), "y2": f"{upper}:Q"}
        layers.append(base.mark_area(opacity=0.18, **_fill(series, palette)).encode(**band))
    line = base.mark_line(strokeWidth=1.6, **_stroke(series, palette)).encode(y=height)
    point = base.mark_point(size=38, filled=True, opacity=1, **_fill(series, palette)).encode(y=height)
    if series and len(keys) > 1:
        line = line.encode(strokeDash=_marks(alt.StrokeDash, series, keys, _DASHES))
        point = point.encode(shape=_marks(alt.Shape, series, keys, _SHAPES))
    layers += [line, point.encode(tooltip=_tooltips(columns, {"year": "Year", value: value_title}, form))]
    layers.append(
        base.mark_text(align="left", dx=7, color=INK).encode(
            y=alt.Y("label_place:Q"), text="label:N", color=alt.value(INK)
        )
    )
    headings = {"year": "Year", value: value_title}
    if series:
        headings = {"year": "Year", series: "Series", value: value_title}
    for column, word in ((lower, "from"), (upper, "to")):
        if column:
            headings[column] = f"{value_title}, {word}"
    said = _description(title, data, value, value_title, series, names, form, turn)
    chart = alt.layer(*layers, *_event_layers(events, period), data=_inline(data)).properties(height=HEIGHT)
    return _finished(chart, said, title, caption, source, name, headings, {
        column: form for column in (value, lower, upper) if column
    }, {series: names} if series else {})


def bars_over_time(
    frame, *, value, series, title, caption, source, name, value_title, period, names=None, form=",.0f",
    events=None, turn="", order=None,
):
    """Yearly amounts as bars, parts stacked; a year without a bar is a year in which nothing was found.

    frame: one row a year and part: `year`, the `series` column (ISO codes or words) and the `value`
    column, zero or more. order: the parts from the bottom up. The other arguments as in `over_time`.
    """
    data = _prepared(frame, ["year", series, value], name).sort_values(["year", series])
    names = names or {}
    keys = order or list(data.groupby(series)[value].sum().sort_values(ascending=False).index)
    data["rank"] = data[series].map({key: place for place, key in enumerate(keys)})
    data["word"] = data[series].map(lambda key: names.get(key, key))
    words = {names.get(key, key): _series_colour(key, place, keys) for place, key in enumerate(keys)}
    bars = (
        alt.Chart()
        .transform_calculate(start="datum.year + 0.12", end="datum.year + 0.88")
        .mark_bar()
        .encode(
            x=alt.X("start:Q", scale=alt.Scale(domain=[period[0], period[1] + 1], nice=False), axis=_year_axis()),
            x2="end:Q",
            y=alt.Y(f"sum({value}):Q", stack="zero", axis=_value_axis(value_title, form)),
            color=alt.Color("word:N", scale=_ordinal(words), legend=_legend()),
            order=alt.Order("rank:Q"),
            tooltip=_tooltips(["year", "word", value], {"year": "Year", "word": "Who", value: value_title}, form),
        )
    )
    said = _description(title, data, value, value_title, series, names, form, turn)
    layered = alt.layer(bars, *_event_layers(events, period), data=_inline(data)).properties(height=HEIGHT)
    headings = {"year": "Year", series: "Who", value: value_title}
    return _finished(layered, said, title, caption, source, name, headings, {value: form}, {series: names})


def dots(
    frame, *, row, value, series, title, caption, source, name, value_title, row_title, names=None, form="percent",
    domain=(0, 1), order=None, turn="", lower=None, upper=None,
):
    """Values side by side: a row for each state or period, a point for each series.

    frame: one row per pair of `row` and `series` with the `value`; an undefined value has no point and
    is a dash in the table. lower, upper: an interval, drawn as a line. order: the rows from the top.
    """
    columns = [row, series, value, *[c for c in (lower, upper) if c]]
    data = _prepared(frame, columns, name)
    names = names or {}
    order = [names.get(key, str(key)) for key in (order or list(dict.fromkeys(data[row])))]
    keys = list(dict.fromkeys(data[series]))
    data["row_word"] = data[row].map(lambda key: names.get(key, str(key)))
    data["series_word"] = data[series].map(lambda key: names.get(key, str(key)))
    words = {names.get(key, str(key)): _series_colour(key, place, keys) for place, key in enumerate(keys)}
    place = alt.Y("row_word:N", sort=order, axis=alt.Axis(title=None, grid=True))
    base = alt.Chart().encode(
        y=place, color=alt.Color("series_word:N", scale=_ordinal(words), legend=_legend()),
    )
    across = alt.X(f"{value}:Q", scale=alt.Scale(domain=list(domain)), axis=_value_axis(value_title, form))
    layers = []
    if lower:
        layers.append(base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=alt.X(f"{lower}:Q"), x2=f"{upper}:Q"))
    shape = alt.Shape("series_word:N", scale=alt.Scale(domain=list(words), range=_SHAPES[: len(words)]), legend=_legend())
    headings = {row: row_title, series: "Series", value: value_title}
    tips = _tooltips(["row_word", "series_word", value], {"row_word": row_title, "series_word": "Series", value: value_title}, form)
    layers.append(base.mark_point(size=70, filled=True, opacity=1).encode(x=across, shape=shape, tooltip=tips))
    said = [title + "."] + [
        f"{line['row_word']}, {line['series_word']}: {written(line[value], form)}." for _, line in data.iterrows()
    ]
    for column, word in ((lower, "from"), (upper, "to")):
        if column:
            headings[column] = f"{value_title}, {word}"
    chart = alt.layer(*layers, data=_inline(data)).properties(height=26 * len(order) + 10)
    return _finished(chart, " ".join([*said, turn]).strip(), title, caption, source, name, headings, {
        column: form for column in (value, lower, upper) if column
    }, {row: names, series: names})


def tiles(
    frame, *, row, column, value, kinds, title, caption, source, name, row_title, column_title, value_title,
    description, row_order=None, column_order=None, names=None,
):
    """A grid of small tiles, each with a letter: who did what, or which theory expects what.

    frame: one row per pair of `row` and `column` with the `value`, one of the words in `kinds`. kinds:
    {value: (letter, colour)}; a colour of None leaves the tile open, for absent or silent. Letters
    carry the meaning where colours cannot. description: two or three sentences written from the
    numbers. A value that `kinds` does not know is refused, all of them at once.
    """
    data = _prepared(frame, [row, column, value], name)
    unknown = sorted(set(data[value].dropna()) - set(kinds))
    if unknown:
        raise DataProblem(f"picture {name}: found the values {unknown}; expected {sorted(kinds)}.")
    names = names or {}
    data["row_word"] = data[row].map(lambda key: names.get(key, str(key)))
    data["column_word"] = data[column].map(lambda key: names.get(key, str(key)))
    data["letter"] = data[value].map(lambda key: kinds[key][0] if key in kinds else "")
    rows = [names.get(key, str(key)) for key in (row_order or list(dict.fromkeys(data[row])))]
    columns = [names.get(key, str(key)) for key in (column_order or list(dict.fromkeys(data[column])))]
    tilt = -90 if max(map(len, columns)) > 4 else 0
    base = alt.Chart().encode(
        y=alt.Y("row_word:N", sort=rows, axis=alt.Axis(title=None, grid=False, labelLimit=150)),
        x=alt.X("column_word:N", sort=columns, axis=alt.Axis(
            title=None, orient="top", labelAngle=tilt, labelPadding=7, grid=False, labelLimit=140,
            labelOverlap=False,
        )),
    )
    hues = {key: hue or "transparent" for key, (_, hue) in kinds.items()}
    open_kinds = [key for key, (_, hue) in kinds.items() if hue is None]
    ink = alt.condition(alt.FieldOneOfPredicate(value, open_kinds), alt.value(INK), alt.value("#ffffff"))
    layers = [
        base.mark_rect(stroke=INK, strokeOpacity=0.25, strokeWidth=0.5).encode(
            color=alt.Color(f"{value}:N", scale=_ordinal(hues), legend=None),
            tooltip=_tooltips(
                ["row_word", "column_word", value],
                {"row_word": row_title, "column_word": column_title, value: value_title}, "",
            ),
        ),
        base.mark_text(fontSize=11, fontWeight="bold").encode(text="letter:N", color=ink),
    ]
    chart = alt.layer(*layers, data=_inline(data)).properties(height=20 * len(rows))
    key = "; ".join(f"{letter} {word}" for word, (letter, _) in kinds.items())
    return _finished(
        chart, f"{title}. {description}", title, f"{caption} {key[0].upper()}{key[1:]}.", source, name,
        {row: row_title, column: column_title, value: value_title}, {}, {row: names, column: names},
    )


def _prepared(frame, columns, name):
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise DataProblem(f"picture {name}: the data have no column {lacking}; they have {list(frame.columns)}.")
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise DataProblem(f"picture {name!r}: its name becomes a file's; use small letters, digits and _.")
    if frame.empty:
        raise DataProblem(f"picture {name}: there is nothing to draw. Say so in words instead.")
    return frame[columns].reset_index(drop=True).copy()


def _every_year(data, series):
    """With a row for each year between a line's first and last, so that a missing year breaks the line."""
    parts = []
    for key, part in data.groupby(series, sort=False) if series else [(None, data)]:
        part = part.set_index("year").sort_index()
        if part.index.has_duplicates:
            raise DataProblem(f"{key or 'the line'} has several values in one year; expected one a year.")
        part = part.reindex(pd.RangeIndex(part.index.min(), part.index.max() + 1, name="year"))
        parts.append(part.assign(**({series: key} if series else {})).reset_index())
    return pd.concat(parts, ignore_index=True)


def _inline(data):
    return alt.InlineData(values=[{k: _plain(v) for k, v in line.items()} for line in data.to_dict("records")])


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


def _with_end_labels(data, series, value, names, domain):
    """Labels at the ends of the lines, moved apart where they would cover one another."""
    data["label"], data["label_place"] = None, float("nan")
    known = data.dropna(subset=[value])
    if not series or known.empty:
        return data
    ends = known.loc[known.groupby(series)["year"].idxmax()].sort_values(value)
    gap, place = 0.065 * (domain[1] - domain[0]), -math.inf
    for index, line in ends.iterrows():
        place = max(line[value], place + gap)
        data.loc[index, "label"] = names.get(line[series], str(line[series]))
        data.loc[index, "label_place"] = place
    return data


def _series_colour(key, place, keys):
    if key in COLOURS or key == SUBJECT:
        return colour(key)
    if isinstance(key, str) and re.fullmatch("[A-Z]{3}", key):
        return OTHER
    return INK if len(keys) == 1 else _FURTHER[place % len(_FURTHER)]


def _ordinal(palette):
    return alt.Scale(domain=list(palette), range=list(palette.values()))


def _fill(series, palette):
    return {} if series else {"color": next(iter(palette.values()))}


_stroke = _fill


def _marks(channel, series, keys, forms):
    chosen = [forms[place % len(forms)] for place in range(len(keys))]
    return channel(f"{series}:N", legend=None, scale=alt.Scale(domain=keys, range=chosen))


def _time(period):
    domain = [period[0], period[1] + 1]
    return alt.X("middle:Q", scale=alt.Scale(domain=domain, nice=False), axis=_year_axis())


def _year_axis():
    return alt.Axis(title=None, format="d", tickCount=8, grid=False, labelOverlap=True)


def _value_axis(title, form):
    return alt.Axis(title=title, format=".0%" if form == "percent" else form, tickCount=5, titleAnchor="start")


def _legend():
    return alt.Legend(orient="bottom", title=None, columns=3, labelLimit=150)


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


def _event_layers(events, period):
    """Thin lines for the dated events, each with its own dash and its name above the picture."""
    layers = []
    if events is None:
        return layers
    for place, (_, event) in enumerate(events.iterrows()):
        year, month, day = map(int, event["date"].split("-"))
        moment = year + (month - 1) / 12 + (day - 1) / 365
        one = alt.Chart(alt.InlineData(values=[{"moment": round(moment, 3), "label": event["label"]}]))
        where = alt.X("moment:Q", scale=alt.Scale(domain=[period[0], period[1] + 1], nice=False))
        rule = one.mark_rule(strokeDash=_EVENT_DASHES[place % 5], strokeWidth=1, opacity=0.55)
        high = -13 * (len(events) - place) - 6
        layers.append(rule.encode(x=where, y=alt.value(high), y2=alt.value(HEIGHT)))
        words = one.mark_text(align="right", dx=-4, fontSize=11, baseline="top")
        layers.append(words.encode(x=where, y=alt.value(high), text="label:N"))
    return layers


def _description(title, data, value, value_title, series, names, form, turn):
    """Title, what is drawn, and for each line its first, last, highest and lowest value."""
    years = f"{data['year'].min()} to {data['year'].max()}"
    said = [f"{title}. Drawn: {value_title}, {years}."]
    groups = data.groupby(series, sort=False) if series else [(None, data)]
    for key, part in groups:
        part = part.dropna(subset=[value])
        if part.empty:
            said.append(f"{names.get(key, key)}: no value.")
            continue
        first, last = part.iloc[0], part.iloc[-1]
        high, low = part.loc[part[value].idxmax()], part.loc[part[value].idxmin()]
        spots = (("first", first), ("last", last), ("highest", high), ("lowest", low))
        words = ", ".join(f"{word} {written(spot[value], form)} ({spot['year']})" for word, spot in spots)
        said.append(f"{names.get(key, key)}: {words}." if key is not None else f"{words.capitalize()}.")
    return " ".join([*said, turn]).strip()


def _finished(chart, description, title, caption, source, name, headings, formats, names):
    table = {
        "columns": list(headings), "headings": headings, "formats": formats,
        "names": {column: words for column, words in names.items() if words},
    }
    about = {"title": title, "caption": caption, "source": source, "name": name, "table": table}
    return chart.properties(width="container", description=description, usermeta={"alliances": about})
