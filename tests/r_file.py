"""A data frame out of R's own file, in which the whole Correlates of War trade data are at hand."""

import gzip
import struct

import numpy as np
import pandas as pd

SYMBOL, PAIRS, CHARACTER, WHOLE, REAL, STRINGS, LIST = 1, 2, 9, 13, 14, 16, 19
REFERENCE, NOTHING = 255, 254
NUMBERS = {10: ">i4", WHOLE: ">i4", REAL: ">f8"}


class _Stream:
    """R's binary serialisation: a flag of four bytes tells what follows."""

    def __init__(self, raw):
        assert raw[:2] == b"X\n", "no binary serialisation of R"
        self.raw, self.place, self.symbols = raw, 2, []
        version = self.whole()
        self.place += 8
        encoding = self.whole() if version == 3 else 0
        self.place += encoding

    def whole(self):
        self.place += 4
        return struct.unpack_from(">i", self.raw, self.place - 4)[0]

    def item(self, flag=None):
        flag = self.whole() if flag is None else flag
        kind, attributed = flag & 255, flag & 512
        if kind == NOTHING:
            return {}
        if kind == REFERENCE:
            return self.symbols[(flag >> 8 or self.whole()) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.item())
            return self.symbols[-1]
        if kind == CHARACTER:
            size = max(self.whole(), 0)
            self.place += size
            return self.raw[self.place - size : self.place].decode()
        if kind == PAIRS:
            assert not attributed
            return {self.item(): self.item()} | self.item()
        values = self.values(kind, self.whole())
        names = self.item().get("names") if attributed else None
        return dict(zip(names, values)) if names else values

    def values(self, kind, size):
        if kind in (STRINGS, LIST):
            return [self.item() for _ in range(size)]
        form = np.dtype(NUMBERS[kind])
        self.place += size * form.itemsize
        return np.frombuffer(self.raw, form, size, self.place - size * form.itemsize)


def read_frame(path):
    """The data frame in a .rds file, its columns as they are named there."""
    columns = _Stream(gzip.decompress(path.read_bytes())).item()
    return pd.DataFrame({name: cells.astype("f8") for name, cells in columns.items()})
