"""From a state's name, as a producer writes it, to its ISO 3166 alpha-3 code.

Producers spell states in capitals, with and without accents, in the United Nations' long form or
in a short one, and under names given up long ago. pycountry knows today's names; the aliases below
are the rest. A name is looked up whole and never guessed at: "Niger" must not become Nigeria.
"""

import re
import unicodedata
from collections.abc import Container
from functools import cache

import pandas as pd
import pycountry

from alliances.problems import DataProblem

# Former states keep a code of their own, because their votes and purchases are not their heirs'.
ALIASES = {
    "ARE": ("UAE",),
    "BOL": ("Bolivia (Plurinational State of)",),
    "BIH": ("Bosnia-Herzegovina", "Bosnia"),
    "BHS": ("Bahamas, The",),
    "BRN": ("Brunei",),
    "CIV": ("Ivory Coast",),
    "COD": (
        "Democratic Republic of the Congo",
        "DR Congo",
        "Congo - Kinshasa",
        "Congo (Kinshasa)",
        "Congo (Democratic Republic of the)",
        "Congo, DR",
        "Congo, Dem. Rep.",
        "Congo-Kinshasa",
        "Congo Kinshasa",
        "Zaire",
    ),
    "COG": (
        "Congo - Brazzaville",
        "Congo (Brazzaville)",
        "Congo-Brazzaville",
        "Congo Brazzaville",
        "Congo, Republic",
        "Congo, Rep.",
        "Republic of the Congo",
    ),
    "CPV": ("Cape Verde",),
    "CSK": ("Czechoslovakia",),
    "CZE": ("Czech Republic",),
    "DDR": (
        "German Democratic Republic",
        "East Germany",
        "East Germany (GDR)",
        "Germany, E.",
        "Germany East",
    ),
    "DEU": (
        "Federal Republic of Germany",
        "German Federal Republic",
        "West Germany",
        "Germany, W.",
        "Germany West",
    ),
    "EAZ": ("Zanzibar",),
    "EGY": ("Egypt, Arab Rep.",),
    "FSM": (
        "Micronesia",
        "Micronesia (Federated States of)",
        "Micronesia (Fed. States of)",
        "Micronesia, Fed. Sts.",
    ),
    "GBR": ("United Kingdom of Great Britain and Northern Ireland", "Great Britain", "UK"),
    "GMB": ("Gambia, The", "The Gambia"),
    "IRN": ("Iran (Islamic Republic of)", "Iran, Islamic Rep."),
    "KOR": (
        "Republic of Korea",
        "South Korea",
        "Korea, South",
        "Korea South",
        "Korea, Rep.",
        "Korea, Rep. of",
    ),
    "LAO": ("Laos", "Lao PDR", "y Lao People's Democratic Republic"),
    "LBY": ("Libyan Arab Jamahiriya",),
    "MDA": ("Moldova",),
    "MKD": ("The former Yugoslav Republic of Macedonia", "Macedonia", "FYROM"),
    "MMR": ("Burma", "Myanmar (Burma)", "Burma/Myanmar"),
    "NLD": ("Netherlands (Kingdom of the)", "Kingdom of the Netherlands"),
    "PRK": (
        "North Korea",
        "Korea, North",
        "Korea North",
        "Korea, Dem. Rep.",
        "Dem. People's Republic of Korea",
    ),
    "PSE": ("Palestine", "State of Palestine"),
    "RUS": ("Russia", "Russia/USSR", "Russia (Soviet Union)"),
    "SAU": ("y Saudi Arabia",),
    "SUN": ("Soviet Union", "USSR", "Union of Soviet Socialist Republics"),
    "SWZ": ("Swaziland",),
    "TLS": ("Timor Leste", "East Timor"),
    "TUR": ("Turkey", "Türkiye", "TÜRKÝYE"),
    "TZA": ("Tanzania (United Republic of)",),
    "USA": ("United States", "United States of America", "USA", "US"),
    "VAT": ("Holy See",),
    "VCT": ("Saint Vincent", "Saint Vincent and Grenadines"),
    "VEN": ("Venezuela (Bolivarian Republic of)", "Venezuela, RB"),
    "VNM": ("Vietnam", "Vietnam, N.", "Vietnam North", "North Vietnam"),
    "XKX": ("Kosovo",),
    "ZZZ": ("unknown supplier(s)", "unknown supplier"),
    "YAR": (
        "Yemen Arab Republic",
        "Yemen Arab Republic (North Yemen)",
        "North Yemen",
        "Yemen, North",
        "Yemen North",
        "Yemen, N.",
    ),
    "YEM": ("Yemen, Rep.",),
    "YMD": (
        "Yemen People's Republic",
        "Democratic Yemen",
        "South Yemen",
        "Yemen, South",
        "Yemen South",
        "Yemen, S.",
    ),
    "YUG": ("Yugoslavia",),
}

# State numbers of the Correlates of War, and of Gleditsch and Ward where these differ (340, 341).
# 365 is one number for the Soviet Union and Russia, 345 one for Yugoslavia and, until 2006 or
# later, its heirs. States that ended before 1946 and the Republic of Viet Nam (817) have no code.
COW_CODES = {
    # The Americas
    2: "USA", 20: "CAN", 31: "BHS", 40: "CUB", 41: "HTI", 42: "DOM", 51: "JAM", 52: "TTO",
    53: "BRB", 54: "DMA", 55: "GRD", 56: "LCA", 57: "VCT", 58: "ATG", 60: "KNA", 70: "MEX",
    80: "BLZ", 90: "GTM", 91: "HND", 92: "SLV", 93: "NIC", 94: "CRI", 95: "PAN", 100: "COL",
    101: "VEN", 110: "GUY", 115: "SUR", 130: "ECU", 135: "PER", 140: "BRA", 145: "BOL",
    150: "PRY", 155: "CHL", 160: "ARG", 165: "URY",
    # Europe and the former Soviet Union
    200: "GBR", 205: "IRL", 210: "NLD", 211: "BEL", 212: "LUX", 220: "FRA", 221: "MCO",
    223: "LIE", 225: "CHE", 230: "ESP", 232: "AND", 235: "PRT", 255: "DEU", 260: "DEU",
    265: "DDR", 290: "POL", 305: "AUT", 310: "HUN", 315: "CSK", 316: "CZE", 317: "SVK",
    325: "ITA", 331: "SMR", 338: "MLT", 339: "ALB", 340: "SRB", 341: "MNE",
    343: "MKD", 344: "HRV", 345: "YUG", 346: "BIH", 347: "XKX", 349: "SVN", 350: "GRC",
    352: "CYP", 355: "BGR", 359: "MDA", 360: "ROU", 365: "RUS", 366: "EST", 367: "LVA",
    368: "LTU", 369: "UKR", 370: "BLR", 371: "ARM", 372: "GEO", 373: "AZE", 375: "FIN",
    380: "SWE", 385: "NOR", 390: "DNK", 395: "ISL",
    # Africa
    402: "CPV", 403: "STP", 404: "GNB", 411: "GNQ", 420: "GMB", 432: "MLI", 433: "SEN",
    434: "BEN", 435: "MRT", 436: "NER", 437: "CIV", 438: "GIN", 439: "BFA", 450: "LBR",
    451: "SLE", 452: "GHA", 461: "TGO", 471: "CMR", 475: "NGA", 481: "GAB", 482: "CAF",
    483: "TCD", 484: "COG", 490: "COD", 500: "UGA", 501: "KEN", 510: "TZA", 511: "EAZ",
    516: "BDI", 517: "RWA", 520: "SOM", 522: "DJI", 530: "ETH", 531: "ERI", 540: "AGO",
    541: "MOZ", 551: "ZMB", 552: "ZWE", 553: "MWI", 560: "ZAF", 565: "NAM", 570: "LSO",
    571: "BWA", 572: "SWZ", 580: "MDG", 581: "COM", 590: "MUS", 591: "SYC", 600: "MAR",
    615: "DZA", 616: "TUN", 620: "LBY", 625: "SDN", 626: "SSD",
    # The Middle East and Asia
    630: "IRN", 640: "TUR", 645: "IRQ", 651: "EGY", 652: "SYR", 660: "LBN", 663: "JOR",
    666: "ISR", 670: "SAU", 678: "YAR", 679: "YEM", 680: "YMD", 690: "KWT", 692: "BHR",
    694: "QAT", 696: "ARE", 698: "OMN", 700: "AFG", 701: "TKM", 702: "TJK", 703: "KGZ",
    704: "UZB", 705: "KAZ", 710: "CHN", 712: "MNG", 713: "TWN", 731: "PRK", 732: "KOR",
    740: "JPN", 750: "IND", 760: "BTN", 770: "PAK", 771: "BGD", 775: "MMR", 780: "LKA",
    781: "MDV", 790: "NPL", 800: "THA", 811: "KHM", 812: "LAO", 816: "VNM", 820: "MYS",
    830: "SGP", 835: "BRN", 840: "PHL", 850: "IDN", 860: "TLS",
    # The Pacific
    900: "AUS", 910: "PNG", 920: "NZL", 935: "VUT", 940: "SLB", 946: "KIR", 947: "TUV",
    950: "FJI", 955: "TON", 970: "NRU", 983: "MHL", 986: "PLW", 987: "FSM", 990: "WSM",
}  # fmt: skip


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
    code = known_code(name)
    if code is None:
        raise DataProblem(_unknown([repr(name)]))
    return code


def known_code(name: str) -> str | None:
    """The same as `iso3`, or None for a name that is no state's: a territory, a group, a total.

    >>> known_code("Armenia"), known_code("World")
    ('ARM', None)
    """
    return _codes().get(_plain(name))


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
    if unknown := _strangers(distinct, {name for name in distinct if codes[name]}):
        raise DataProblem(f"{file}, column {names.name}: " + _unknown(unknown))
    return names.map(codes).astype("str")


def iso3_of_cow(numbers: pd.Series, file: str) -> pd.Series:
    """Return the ISO 3166 alpha-3 codes of a column of state numbers, same index, as text.

    The numbers are those of the Correlates of War, which ATOP and the dispute data use, or of
    Gleditsch and Ward, which the exercise data use; they differ for few states. 365 gives RUS also
    for Soviet years, 345 gives YUG also for Serbia in the Correlates of War (340 in Gleditsch and
    Ward), 678 gives YAR and 255 and 260 both DEU: filter by year first where that matters.
    An empty cell is an unknown number. Raises DataProblem that names `file`, the column and every
    unknown number with its first row (the header being row 1, if the index counts from 0).
    Source of the numbers: Correlates of War Project, State System Membership.

    >>> iso3_of_cow(pd.Series([365, 371], name="ccode1"), "disputes.csv").tolist()
    ['RUS', 'ARM']
    """
    if unknown := _strangers(numbers.drop_duplicates().astype(object), COW_CODES):
        raise DataProblem(
            f"{file}, column {numbers.name}: no state is known by the number found"
            f" ({'; '.join(unknown)}); expected a state number of the Correlates of War or of"
            " Gleditsch and Ward, such as 371 for Armenia. Correct the number, leave out rows"
            " that are not about states of 1946 or later, or add it to COW_CODES in"
            " alliances/sources/names.py."
        )
    return numbers.map(COW_CODES).astype("str")


def _strangers(distinct: pd.Series, known: Container) -> list[str]:
    return [
        f"row {index + 2 if isinstance(index, int) else index}: {value!r}"
        for index, value in distinct.items()
        if value not in known
    ]


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
