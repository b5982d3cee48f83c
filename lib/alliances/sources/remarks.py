"""What had to be done to a file before it could be read, gathered while an import runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_GATHERED: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


def remark(sentence: str) -> None:
    """Note a sentence for whoever gathers them; outside of `gathered` it is dropped.

    A file is opened more than once to be told from others, so the same sentence counts once.

    >>> remark("nobody listens")
    """
    sentences = _GATHERED.get()
    if sentences is not None and sentence not in sentences:
        sentences.append(sentence)


@contextmanager
def gathered() -> Iterator[list[str]]:
    """The sentences noted inside the block, each once, in the order of their first appearance.

    >>> with gathered() as sentences:
    ...     remark("Read with semicolons."), remark("Read with semicolons.")
    (None, None)
    >>> sentences
    ['Read with semicolons.']
    """
    sentences: list[str] = []
    token = _GATHERED.set(sentences)
    try:
        yield sentences
    finally:
        _GATHERED.reset(token)
