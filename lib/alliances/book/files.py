"""Writing files so that whoever reads them finds all or nothing."""

import os
import threading


def write_whole(path, text):
    """Write a text file whole or not at all, also where several write the same file at once.

    path: a pathlib.Path; its folder is made where it is lacking. Lines end as they do in the text.
    Until the new content is complete, the old file stays.

    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "a" / "b.txt", "text")
    ...     sorted(path.name for path in Path(folder).rglob("*"))
    ['a', 'b.txt']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
