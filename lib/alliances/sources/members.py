"""Which states belonged to the United Nations when, and what this book calls them.

A state that is in none of a roll call's lists was absent if it was a member that day, and cannot
have been absent if it was not; so the dates decide what counts. They are the dates of admission in
the United Nations' own list of member states (https://www.un.org/en/about-us/member-states).
"""

import pandas as pd
import pycountry

ADMITTED = {
    "1945-10-24": "ARG BLR BRA CHN CUB CSK DNK DOM EGY SLV FRA HTI IRN LBN LUX NZL NIC PRY PHL POL"
    " SAU SYR TUR UKR SUN GBR USA YUG CHL",
    "1945-10-25": "GRC",
    "1945-10-30": "IND",
    "1945-10-31": "PER",
    "1945-11-01": "AUS",
    "1945-11-02": "CRI LBR",
    "1945-11-05": "COL",
    "1945-11-07": "MEX ZAF",
    "1945-11-09": "CAN",
    "1945-11-13": "ETH PAN",
    "1945-11-14": "BOL",
    "1945-11-15": "VEN",
    "1945-11-21": "GTM",
    "1945-11-27": "NOR",
    "1945-12-10": "NLD",
    "1945-12-17": "HND",
    "1945-12-18": "URY",
    "1945-12-21": "ECU IRQ",
    "1945-12-27": "BEL",
    "1946-11-19": "AFG ISL SWE",
    "1946-12-16": "THA",
    "1947-09-30": "PAK YAR",
    "1948-04-19": "MMR",
    "1949-05-11": "ISR",
    "1950-09-28": "IDN",
    "1955-12-14": "ALB AUT BGR KHM FIN HUN IRL ITA JOR LAO LBY NPL PRT ROU ESP LKA",
    "1956-11-12": "MAR SDN TUN",
    "1956-12-18": "JPN",
    "1957-03-08": "GHA",
    "1957-09-17": "MYS",
    "1958-12-12": "GIN",
    "1960-09-20": "BEN BFA CMR CAF TCD COG COD CIV CYP GAB MDG NER SOM TGO",
    "1960-09-28": "MLI SEN",
    "1960-10-07": "NGA",
    "1961-09-27": "SLE",
    "1961-10-27": "MRT MNG",
    "1961-12-14": "TZA",
    "1962-09-18": "BDI JAM RWA TTO",
    "1962-10-08": "DZA",
    "1962-10-25": "UGA",
    "1963-05-14": "KWT",
    "1963-12-16": "KEN EAZ",
    "1964-12-01": "MWI MLT ZMB",
    "1965-09-21": "GMB MDV SGP",
    "1966-09-20": "GUY",
    "1966-10-17": "BWA LSO",
    "1966-12-09": "BRB",
    "1967-12-14": "YMD",
    "1968-04-24": "MUS",
    "1968-09-24": "SWZ",
    "1968-11-12": "GNQ",
    "1970-10-13": "FJI",
    "1971-09-21": "BHR BTN QAT",
    "1971-10-07": "OMN",
    "1971-12-09": "ARE",
    "1973-09-18": "BHS DDR DEU",
    "1974-09-17": "BGD GRD GNB",
    "1975-09-16": "CPV MOZ STP",
    "1975-10-10": "PNG",
    "1975-11-12": "COM",
    "1975-12-04": "SUR",
    "1976-09-21": "SYC",
    "1976-12-01": "AGO",
    "1976-12-15": "WSM",
    "1977-09-20": "DJI VNM",
    "1978-09-19": "SLB",
    "1978-12-18": "DMA",
    "1979-09-18": "LCA",
    "1980-08-25": "ZWE",
    "1980-09-16": "VCT",
    "1981-09-15": "VUT",
    "1981-09-25": "BLZ",
    "1981-11-11": "ATG",
    "1983-09-23": "KNA",
    "1984-09-21": "BRN",
    "1990-04-23": "NAM",
    "1990-05-22": "YEM",
    "1990-09-18": "LIE",
    "1991-09-17": "EST FSM KOR LTU LVA MHL PRK",
    "1991-12-24": "RUS",
    "1992-03-02": "ARM AZE KAZ KGZ MDA SMR TJK TKM UZB",
    "1992-05-22": "BIH HRV SVN",
    "1992-07-31": "GEO",
    "1993-01-19": "CZE SVK",
    "1993-04-08": "MKD",
    "1993-05-28": "ERI MCO",
    "1993-07-28": "AND",
    "1994-12-15": "PLW",
    "1999-09-14": "KIR NRU TON",
    "2000-09-05": "TUV",
    "2000-11-01": "SRB",
    "2002-09-10": "CHE",
    "2002-09-27": "TLS",
    "2006-06-28": "MNE",
    "2011-07-14": "SSD",
}

# The last day on which the state could vote. Yugoslavia's seat stood empty from General Assembly
# resolution 47/1 (22 September 1992) until its successor was admitted in 2000 (here SRB).
LAST_DAY = {
    "CSK": "1992-12-31",
    "DDR": "1990-10-02",
    "EAZ": "1964-04-25",
    "SUN": "1991-12-23",
    "YAR": "1990-05-21",
    "YMD": "1990-05-21",
    "YUG": "1992-09-21",
}

NOT_MEMBERS = ("COK", "NIU", "PSE", "TWN", "VAT", "XKX", "ZZZ")

# Short, and otherwise as the United Nations writes them; pycountry has the rest.
SHORT_NAMES = {
    "BOL": "Bolivia",
    "CIV": "Côte d'Ivoire",
    "COD": "DR Congo",
    "CSK": "Czechoslovakia",
    "DDR": "German Democratic Republic",
    "EAZ": "Zanzibar",
    "FSM": "Micronesia",
    "GBR": "United Kingdom",
    "IRN": "Iran",
    "KOR": "Republic of Korea",
    "LAO": "Lao PDR",
    "MDA": "Moldova",
    "NLD": "Netherlands",
    "PRK": "DPR Korea",
    "PSE": "Palestine",
    "RUS": "Russia",
    "SUN": "Soviet Union",
    "SYR": "Syria",
    "TUR": "Türkiye",
    "TWN": "Taiwan",
    "TZA": "Tanzania",
    "USA": "United States",
    "VAT": "Holy See",
    "VEN": "Venezuela",
    "XKX": "Kosovo",
    "ZZZ": "Unknown supplier",
    "YAR": "Yemen Arab Republic",
    "YMD": "Democratic Yemen",
    "YUG": "Yugoslavia",
}


def states_table() -> pd.DataFrame:
    """Return the table `states`: iso3, name, un_member_from, un_member_until, source, by iso3.

    One row is a state, a former state, an observer, or "unknown supplier" (ZZZ). Dates are ISO
    text, empty where the state was never a member or still is one. A state that continued or
    succeeded another has its own row and its own dates: Russia from 24 December 1991, the Soviet
    Union before. Breaks in membership before 1992 (Indonesia 1965-66, Syria 1958-61) are left out.

    >>> states_table().set_index("iso3").loc[["ARM", "CSK"]].values.tolist()
    [['Armenia', '1992-03-02', '', 'un-members'],
    ['Czechoslovakia', '1945-10-24', '1992-12-31', 'un-members']]
    """
    since = {code: day for day, codes in ADMITTED.items() for code in codes.split()}
    rows = [
        (code, _name(code), since.get(code, ""), LAST_DAY.get(code, ""), _source(code))
        for code in sorted({*since, *NOT_MEMBERS})
    ]
    columns = ["iso3", "name", "un_member_from", "un_member_until", "source"]
    return pd.DataFrame(rows, columns=columns)


def _name(code: str) -> str:
    return SHORT_NAMES.get(code) or pycountry.countries.get(alpha_3=code).name


def _source(code: str) -> str:
    return "iso-3166" if code in NOT_MEMBERS else "un-members"
