"""Frames of one datastream each, whose rows all begin with the same bytes: names are read once a frame, not once a row.

Why nothing else can be in them. There is no backslash, so a quotation mark always begins or ends a string. Every row
begins, byte for byte, as the first of its frame does up to the name of its time: that is two names and two strings,
eight marks. `time` and `value` have to be there, which makes twelve. There are twelve for every row, so there is no
other name, none twice, and no other string; and as many opening brackets as rows, so no object within another.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.forms import Plain

Ints = NDArray[np.int64]
MARKS, BEGIN_MARKS = 12, 8
LONGEST = 160  # bytes of a row before the name of its time
QUOTE, BRACE = b'"'[0], b"{"[0]
_first = msgspec.json.Decoder(Plain).decode


class Numbers(msgspec.Struct, gc=False):
    """What differs from row to row."""

    time: float
    value: float


_lines = msgspec.json.Decoder(list[Numbers]).decode_lines


def read(joined: bytes, records: Sequence[bytes]) -> tuple[list[Plain], list[list[Numbers]]] | None:
    """The first row of each frame and the numbers of all; None where something is not as said above.

    `joined`: the records, each in square brackets, one a line (`lines`).
    """
    letters = np.frombuffer(joined, np.uint8)
    rows = np.flatnonzero(letters == BRACE)
    lengths = np.array([record.find(b'"time"') - 1 for record in records])
    firsts = np.cumsum([0, *(len(record) + 1 for record in records[:-1])]) + 1
    if (
        b"\\" in joined
        or np.count_nonzero(letters == QUOTE) != MARKS * len(rows)
        or lengths.min() < 1
        or lengths.max() > LONGEST
        or (letters[firsts] != BRACE).any()
        or not _begin_alike(joined, rows, firsts, lengths)
    ):
        return None
    try:
        found = _lines(joined)
        ours = [_first(record[1 : record.index(b"}") + 1]) for record in records]
    except msgspec.DecodeError:
        return None
    return (ours, found) if len(found) == len(records) and sum(map(len, found)) == len(rows) else None


def _begin_alike(joined: bytes, rows: Ints, firsts: Ints, lengths: Ints) -> bool:
    """Whether each row begins with as many bytes of the first row of its frame, eight quotation marks among them."""
    frame = np.repeat(np.arange(len(firsts)), np.diff(np.searchsorted(rows, firsts), append=len(rows)))  # of each row
    for length in np.unique(lengths).tolist():
        some = np.flatnonzero(lengths[frame] == length)
        if rows[some[-1]] + length > len(joined):
            return False
        pieces = np.ndarray(len(joined) - length + 1, f"V{length}", joined, strides=(1,))  # beginning anywhere
        begins = pieces[rows[some]].view(np.uint8).reshape(-1, length)
        own = frame[some]
        first = np.flatnonzero(np.diff(own, prepend=-1))
        other = begins[1:] != begins[:-1]
        other[first[1:] - 1] = False
        if other.any() or (np.count_nonzero(begins[first] == QUOTE, axis=1) != BEGIN_MARKS).any():
            return False
    return True
