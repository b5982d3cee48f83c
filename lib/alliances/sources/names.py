"""From a state's name, as a producer writes it, to its ISO 3166 alpha-3 code.

Producers spell states in capitals, with and without accents, in the United Nations' long form or
in a short one, and under names given up long ago. pycountry knows today's names; the aliases below
are the rest. A name is looked up whole and never guessed at: "Niger" must not become Nigeria.
"""

import re
import unicodedata
from functools import cache

import pandas as pd
import pycountry

from alliances.problems import DataProblem

# Former states keep a code of their own, because their votes and purchases are not their heirs'.
ALIASES = {
    "ARE": ("UAE",),
    "BOL": ("Bolivia (Plurinational State of)",),
    "BIH": ("Bosnia-Herzegovina", "Bosnia"),
    "BRN": ("Brunei",),
    "CIV": ("Ivory Coast",),
    "COD": (
        "Democratic Republic of the Congo",
        "DR Congo",
        "Congo - Kinshasa",
        "Congo (Kinshasa)",
        "Congo (Democratic Republic of the)",
        "Zaire",
    ),
    "COG": ("Congo - Brazzaville", "Congo (Brazzaville)", "Republic of the Congo"),
    "CPV": ("Cape Verde",),
    "CSK": ("Czechoslovakia",),
    "CZE": ("Czech Republic",),
    "DDR": ("German Democratic Republic", "East Germany", "East Germany (GDR)"),
    "DEU": ("Federal Republic of Germany", "German Federal Republic", "West Germany"),
    "EAZ": ("Zanzibar",),
    "FSM": ("Micronesia", "Micronesia (Federated States of)"),
    "GBR": ("United Kingdom of Great Britain and Northern Ireland", "Great Britain", "UK"),
    "IRN": ("Iran (Islamic Republic of)",),
    "KOR": ("Republic of Korea", "South Korea"),
    "LAO": ("Laos", "y Lao People's Democratic Republic"),
    "LBY": ("Libyan Arab Jamahiriya",),
    "MDA": ("Moldova",),
    "MKD": ("The former Yugoslav Republic of Macedonia", "Macedonia", "FYROM"),
    "MMR": ("Burma", "Myanmar (Burma)"),
    "NLD": ("Netherlands (Kingdom of the)", "Kingdom of the Netherlands"),
    "PRK": ("North Korea",),
    "PSE": ("Palestine", "State of Palestine"),
    "RUS": ("Russia",),
    "SAU": ("y Saudi Arabia",),
    "SUN": ("Soviet Union", "USSR", "Union of Soviet Socialist Republics"),
    "SWZ": ("Swaziland",),
    "TUR": ("Turkey", "Türkiye", "TÜRKÝYE"),
    "TZA": ("Tanzania (United Republic of)",),
    "USA": ("United States", "United States of America", "USA", "US"),
    "VAT": ("Holy See",),
    "VCT": ("Saint Vincent", "Saint Vincent and Grenadines"),
    "VEN": ("Venezuela (Bolivarian Republic of)",),
    "VNM": ("Vietnam",),
    "XKX": ("Kosovo",),
    "ZZZ": ("unknown supplier(s)", "unknown supplier"),
    "YAR": ("Yemen Arab Republic", "Yemen Arab Republic (North Yemen)", "North Yemen"),
    "YMD": ("Yemen People's Republic", "Democratic Yemen", "South Yemen"),
    "YUG": ("Yugoslavia",),
}


def iso3(name: str) -> str:
    """Return the ISO 3166 alpha-3 code of a state from its name or from the code itself.

    Capitals, accents, kinds of apostrophe and "&" for "and" make no difference; anything else
    does. Former states, Kosovo (XKX) and unknown suppliers (ZZZ) have codes that ISO has withdrawn
    or left to users. Today's code is returned for a state that only changed its name (Zaire, COD).
    Not to be read as a statement on anybody's statehood. Raises DataProblem for an unknown name.
    Source of the codes: ISO 3166-1 and 3166-3, as packaged in pycountry.

    >>> iso3("TÜRKİYE"), iso3("Côte d’Ivoire")
    ('TUR', 'CIV')
    >>> iso3("Soviet Union"), iso3("RUSSIAN FEDERATION")
    ('SUN', 'RUS')
    """
    code = _codes().get(_plain(name))
    if code is None:
        raise DataProblem(_unknown([repr(name)]))
    return code


def iso3_column(names: pd.Series, file: str) -> pd.Series:
    """Return the codes of a column of state names, same index, as text.

    An empty cell is an unknown name: a row about no state is a fault in the file, not a gap.
    Raises DataProblem that names `file`, the column and every unknown name with its first row
    (counted as a spreadsheet counts, the header being row 1, if the index counts from 0).

    >>> iso3_column(pd.Series(["Armenia", "Russia"], name="state"), "votes.csv").tolist()
    ['ARM', 'RUS']
    """
    distinct = names.drop_duplicates()
    codes = {name: _codes().get(_plain(name)) for name in distinct}
    unknown = [
        f"row {index + 2 if isinstance(index, int) else index}: {name!r}"
        for index, name in distinct.items()
        if codes[name] is None
    ]
    if unknown:
        raise DataProblem(f"{file}, column {names.name}: " + _unknown(unknown))
    return names.map(codes).astype("str")


def _unknown(found: list[str]) -> str:
    return (
        f"no state is known by the name found ({'; '.join(found)}); expected a state's name in"
        " English or its ISO 3166 alpha-3 code. Correct the spelling, leave out rows that are not"
        " about states, or add the spelling to ALIASES in alliances/sources/names.py."
    )


def _plain(name: object) -> str:
    letters = unicodedata.normalize("NFKD", str(name)).casefold()
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    letters = re.sub("[’‘`´]", "'", letters).replace("&", " and ")
    letters = re.sub(r"\bst\.", "saint ", letters)
    return " ".join(letters.split())


@cache
def _codes() -> dict[str, str]:
    codes = {}
    for country in pycountry.countries:
        for field in ("alpha_3", "name", "official_name", "common_name"):
            if hasattr(country, field):
                codes[_plain(getattr(country, field))] = country.alpha_3
    for code, names in ALIASES.items():
        for name in (code, *names):
            codes[_plain(name)] = code
    return codes
