"""What the headline figures say, in sentences that hold for any pair of states."""

from alliances import conclusions, headline, ties
from alliances.prose import fill

_OPPOSITE = {conclusions.FELL: conclusions.ROSE, conclusions.ROSE: conclusions.FELL}


def why_base(study, base):
    """One sentence on the year that all changes are counted from, and why it is that one.

    study: a Study. base: as from `headline.base_year`. The year is taken from the article and kept for
    other pairs, so it must not be read as a turning point of theirs.
    """
    if base != headline.CHANGE_OF_GOVERNMENT - 1:
        return fill("Changes are counted from {base}, the middle of the years shown.", base=base)
    said = fill(
        "Changes are counted from {base}, the last year before the change of government"
        " that the article is about.",
        base=base,
    )
    if study.is_case:
        return said
    kept = fill(
        "It is kept for every pair, so that two books can be set side by side; it was not chosen for"
        " {focal} and {ally}.",
        focal=study.state(study.focal),
        ally=study.state(study.ally),
    )
    return f"{said} {kept}"


def votes_left_out(study):
    """Why the votes end where they do, and what the year that is left out has; empty without one.

    study: a Study. Roll calls, shares and the number of states are computed by
    `headline.votes_left_out`.
    """
    found = headline.votes_left_out(study)
    if not found:
        return ""
    extreme = {"lowest": ", the lowest share of all years shown", "highest": ", the highest"}
    return fill(
        "Votes go to {before}. In {year} there were {roll_calls} roll calls, {contested} of them"
        " contested, after {roll_calls_before} and {contested_before}, so its shares rest on another"
        " mixture of texts: {share:percent} for {focal} and {ally}, after"
        " {share_before:percent}{extreme}. The share of identical votes with {ally} {others}.",
        before=found["year"] - 1,
        focal=study.state(study.focal),
        ally=study.state(study.ally),
        extreme=next((words for key, words in extreme.items() if found[key]), ""),
        others=_moved_with(found),
        **{key: found[key] for key in ("year", "roll_calls", "contested", "roll_calls_before")},
        **{key: found[key] for key in ("contested_before", "share", "share_before")},
    )


def _moved_with(found):
    for word in ("rose", "fell"):
        if found[word] == found["of"]:
            return fill("{word} for all {of} states", word=word, of=found["of"])
    word = "rose" if found["rose"] >= found["fell"] else "fell"
    return fill("{word} for {n} of {of} states", word=word, n=found[word], of=found["of"])


def opposite_ways(study, found):
    """Why the share of identical votes and the estimated positions can move opposite ways.

    study: a Study. found: its `Headline`. Empty where the two did not move opposite ways.
    """
    words = found.moved.set_index("series")["word"]
    votes = words.get("Votes alike")
    if votes not in _OPPOSITE or words.get("Nearness of positions") != _OPPOSITE[votes]:
        return ""
    row = found.moved.set_index("series").loc["Nearness of positions"]
    points = study.table("voting_alignment/ideal_points").set_index(["state", "year"])
    years = [row["from_year"], row["until"]]
    own, theirs = (
        float(points.loc[[(state, year) for year in years], "ideal_point"].diff().iloc[-1])
        for state in (study.focal, study.ally)
    )
    return fill(
        "The share of identical votes {votes} while the estimated positions {positions}. Both can be"
        " true: the share counts the texts of a year as they were put to the vote, and the positions"
        " allow for what was put. From {first} to {last} {focal}'s position moved by {own:signed} and"
        " {ally}'s by {theirs:signed}, so most of the way is {mover}'s; on the texts themselves the"
        " two voted alike {less} often.",
        votes=votes,
        positions="came nearer" if votes == conclusions.FELL else "moved apart",
        first=int(row["from_year"]),
        last=int(row["until"]),
        focal=study.state(study.focal),
        ally=study.state(study.ally),
        own=own,
        theirs=theirs,
        mover=study.state(study.ally if abs(theirs) > abs(own) else study.focal),
        less="less" if votes == conclusions.FELL else "more",
    )


def old_ties(study):
    """The distance of two states, a land border if the data have one, and old ties if examined.

    study: a Study. A table without rows for the pair is passed over: nobody looked there, and no tie
    is denied. Borders are those of the last year that the data cover.
    """
    pair = {"focal": study.state(study.focal), "ally": study.state(study.ally)}
    said = []
    if study.holds("ties/pairs"):
        rows = study.table("ties/pairs").set_index(["state", "partner"])["distance_km"]
        unchanged = ", and none of their old ties has changed" if study.holds("ties/history") else ""
        text = "The main cities of {focal} and {ally} lie {km:,.0f} km apart{unchanged}."
        km = rows[(study.focal, study.ally)]
        said.append(fill(text, km=km, unchanged=unchanged, **pair))
    if study.holds("ties/land_borders"):
        borders = study.table("ties/land_borders")
        last = int(borders["last_day"].str[:4].max())
        if ties.border_in(borders, study.focal, study.ally, last) == ties.LAND:
            said.append(fill("They share a border by land or river, by data to {last}.", last=last))
    return " ".join(said)
