"""Names of states in running text: "delivered by the United States", "the United States' share"."""

import re

_PLURAL = "Bahamas|Comoros|Emirates|Islands|Maldives|Netherlands|Philippines|States"
_LAST = f"{_PLURAL}|Congo|Federation|Gambia|Holy See|Kingdom|PDR|Republic|Union"
_FIRST = "Commonwealth|Democratic|Federal|Federated|Islamic|Kingdom|Plurinational|Republic|United"
_WITH_ARTICLE = re.compile(rf"(?:.* )?(?:{_LAST})|(?:{_FIRST})\b.* of .+")
_NAMED = rf"(?=(?:[A-Z]\w+ )*(?:{_LAST}|{_FIRST})\b)"
# After a full stop, at the head of a paragraph, and behind the mark of a list, a heading or bold type.
_OPENS = re.compile(
    rf"(\A\W*|(?<!e\.g)(?<!i\.e)[.!?][\"”')*_]*\s+(?:[-*#>|]+ +)*(?:\*\*)?|\n\s*\n\W*|\n *[-*#>|]+ +(?:\*\*)?)the {_NAMED}"
)
_TWICE = re.compile(rf"\b([Tt]he) the {_NAMED}")
_OF_SEVERAL = re.compile(rf"\b({_PLURAL})(['’])s\b")
_LEADING = re.compile(rf"\Athe {_NAMED}")


class StateName(str):
    """The short name of a state, which takes its article where a sentence is written with it.

    As a value it is the bare name, which tables, legends and labels show. Written into text, by
    `prose.say` or an f-string, it has the article that English gives it. Whether it has one is told
    from its words, so that a name of other spelling in `states.csv` is served too. A sentence that
    begins with it, and a possessive, are set right by `sentence`.

    >>> state = StateName("United States")
    >>> state, f"delivered by {state}", f"{StateName('Armenia')} and {StateName('Republic of Korea')}"
    ('United States', 'delivered by the United States', 'Armenia and the Republic of Korea')
    """

    __slots__ = ()

    def __format__(self, form):
        article = "the " if _WITH_ARTICLE.fullmatch(self) else ""
        return format(f"{article}{str.__str__(self)}", form)


def sentence(text: str) -> str:
    """Whole sentences with the names of states in them, their articles and possessives set right.

    >>> sentence("the United States's share fell. the Netherlands bought; the Philippines did not.")
    "The United States' share fell. The Netherlands bought; the Philippines did not."
    >>> sentence(f"so did the {StateName('United States')}")
    'so did the United States'
    """
    text = _TWICE.sub(r"\1 ", text)
    return _OF_SEVERAL.sub(r"\1\2", _OPENS.sub(r"\1The ", text))


def label(text: str) -> str:
    """A heading of a column or a line of a legend that begins with a name: without the article.

    >>> label("the United States's share"), label("Kazakhstan's share")
    ("United States' share", "Kazakhstan's share")
    """
    return _OF_SEVERAL.sub(r"\1\2", _LEADING.sub("", text))


def in_cell(text: str) -> str:
    """A cell of a table: a composed label is set right, and text from a data file stays as it is.

    >>> in_cell("the United States's rank"), in_cell("the United States")
    ("United States' rank", 'the United States')
    """
    return label(text) if _OF_SEVERAL.search(text) else text
