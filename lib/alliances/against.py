"""What a study is set against: which pair of which study, in which years, by which verdicts."""

from alliances.problems import DataProblem
from alliances.study import Study, read_package

FOCAL, ALLY = "OTHER_FOCAL", "OTHER_ALLY"


def other_pair(study, folder, named, asked):
    """{OTHER_FOCAL, OTHER_ALLY} of the pair that a study is set against.

    study: a Study. folder: of another study, or None for the same one. named: the pair that the
    chapter takes by itself. asked: what of FOCAL and ALLY was asked for. In another study it is the
    same pair, or that study's own; in the same one the pair named, or the pair seen from the other
    side. What was asked for and is not held raises a DataProblem.
    """
    own = (study.focal, study.ally)
    if folder:
        whole = read_package(folder)["study"]
        pairs = [own, (whole["focal"], whole["ally"])]
    else:
        pairs = [pair for pair in (tuple(named), own[::-1]) if pair != own]
    folder = folder or study.folder
    pair = next((pair for pair in pairs if _held(folder, pair)), pairs[-1])
    chosen = {FOCAL: pair[0], ALLY: pair[1]} | asked
    try:
        Study(folder, focal=chosen[FOCAL], ally=chosen[ALLY])
    except DataProblem as problem:
        raise DataProblem(f"the pair to set it against: {problem}") from None
    return chosen


def _held(folder, pair):
    try:
        Study(folder, *pair)
    except DataProblem:
        return False
    return True


def opened_beside(study, folder, focal, ally):
    """The other study, opened for a pair, in all its own years, or cut where this study is cut.

    study: a Study. folder, focal, ally: of the other one. A period that was cut by hand is cut in
    both. A study that reaches farther by itself keeps its years: that is a part of what changed.
    """
    other, whole, years = Study(folder, focal=focal, ally=ally), study.package["study"], {}
    if study.first_year > whole["first_year"]:
        years["first_year"] = max(study.first_year, other.first_year)
    if study.last_year < whole["last_year"]:
        years["last_year"] = min(study.last_year, other.last_year)
    return Study(folder, focal=focal, ally=ally, **years)


def chapters_with_verdicts(*studies):
    """The names of the chapters by whose verdicts studies can be compared, in order.

    None of them unless every study is about the article's pair in all its years, since other runs
    leave out what the article says.
    """
    if not all(study.is_case for study in studies):
        return []
    return sorted({name for one in studies for name in one.table("claims/statements")["chapter"]})
