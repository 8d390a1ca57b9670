"""Long arrays of JSON numbers, many at once: simdjson reads them into columns, with no Python float on the way.

What comes out is what msgspec makes of the same text, bit for bit: both round correctly. Where simdjson is not
installed or meets anything but numbers there is no answer, and msgspec looks at it. Why it may take arrays out of their
records: see `cut`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, Self, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

try:
    import simdjson
except ImportError:  # no wheel for this machine: slower, and nothing else
    simdjson = None  # type: ignore[assignment]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: what simdjson raises: not JSON, not UTF-8; a type that is no number; an integer of more than 64 bits
DOUBT = (ValueError, TypeError, RuntimeError)
_BEFORE, _MARK = b",9.6875e307,", 9.6875e307  # stands before each array; one that has this number itself is in doubt
_OPENING = re.compile(rb'"values"\s*:\s*\[')
_END, _NEWLINE = b"]\n"
_parsers: list["simdjson.Parser"] = []  # idle ones: each keeps the memory that it has worked in
_with_nulls = msgspec.json.Decoder(list[float | None]).decode


class Cut(NamedTuple):
    """Objects, one a line, with nothing in their arrays `values`; what was in these, and how many each had."""

    heads: bytes
    values: Floats
    counts: Ints


class _Places(NamedTuple):
    """Where each record and its array begin and end. alike: all records have as much before their array, and behind."""

    starts: Ints
    begins: Ints
    ends: Ints
    stops: Ints
    alike: bool

    @classmethod
    def of(cls, joined: bytes, records: Sequence[bytes], mark: bytes) -> Self | None:
        """By the mark that arrays begin behind, and the bracket that ends them."""
        lengths = np.fromiter(map(len, records), np.int64, len(records))
        stops = np.cumsum(lengths + 1) - 1
        starts = stops - lengths
        begin, letters = records[0].find(mark) + len(mark), np.frombuffer(joined, np.uint8)
        rest = len(records[0]) - records[0].find(b"]", begin)
        if lengths.min() >= begin + rest and (letters[stops - rest] == _END).all():
            found = _every(joined, len(mark))[starts + (begin - len(mark))] == np.void(mark)
            if found.all():
                return cls(starts, starts + begin, stops - rest, stops, alike=True)
        first = [record.find(mark) + len(mark) for record in records]
        last = [record.find(b"]", at) for record, at in zip(records, first, strict=True)]
        if min(first) < len(mark) or min(last) < 0:
            return None
        return cls(starts, starts + first, starts + last, stops, alike=False)

    def heads(self, joined: bytes) -> bytes:
        """What is before and behind the arrays, one record a line."""
        if not self.alike:
            places = zip(*(column.tolist() for column in self[:4]), strict=True)
            return b"\n".join([joined[start:begin] + joined[end:stop] for start, begin, end, stop in places])
        before, behind = int(self.begins[0] - self.starts[0]), int(self.stops[0] - self.ends[0])
        lines = np.full((len(self.starts), before + behind + 1), _NEWLINE, np.uint8)
        lines[:, :before] = _every(joined, before)[self.starts].view(np.uint8).reshape(-1, before)
        lines[:, before:-1] = _every(joined, behind)[self.ends].view(np.uint8).reshape(-1, behind)
        return lines.tobytes()

    def side_by_side(self, joined: bytes) -> bytearray:
        """One array of what is in the arrays, with the mark and spaces instead of what is between them."""
        text, gaps = bytearray(joined), self.begins[1:] - self.ends[:-1]
        for length in np.unique(gaps).tolist():
            every = _every(text, length)
            every[self.ends[:-1][gaps == length]] = np.void(_BEFORE.ljust(length))
            del every  # else the text could not grow
        text[self.ends[-1] :] = b"]"
        text[: self.begins[0]] = (b"[" + _BEFORE[1:]).ljust(int(self.begins[0]))
        return text


def cut(joined: bytes, records: Sequence[bytes]) -> Cut | None:
    """Objects and the numbers of their arrays `values` (null is NaN) apart; None where there is any doubt.

    `joined`: the objects, one a line (`lines`). No backslash and `"values"` once in each object: so it is a whole name,
    of this object or of one inside it. In the latter case the object itself lacks the name, and is refused as it would
    be. What is read as numbers is one array, in which no other begins, so none of its brackets can be another's.
    """
    opening = _OPENING.search(records[0]) if simdjson is not None else None
    if opening is None or b"\\" in joined:
        return None
    places = _Places.of(joined, records, opening.group())
    if places is None:
        return None
    heads = places.heads(joined)
    if heads.count(b'"values"') != len(records):
        return None
    found = numbers(places.side_by_side(joined), len(records))
    if found is None and b"null" in joined:
        pairs = zip(places.begins.tolist(), places.ends.tolist(), strict=True)
        found = _mixed([joined[begin:end] for begin, end in pairs])
    return None if found is None else Cut(heads, *found)


def joined_of(insides: Sequence[bytes]) -> bytes:
    """Insides of arrays as one array, each behind the mark."""
    return b"[%b%b]" % (_BEFORE[1:], _BEFORE.join(insides))


def _every(text: bytes | bytearray, length: int) -> NDArray[np.void]:
    """All pieces of a text that are so long."""
    return np.ndarray(len(text) - length + 1, f"V{length}", text, strides=(1,))


def numbers(text: bytes | bytearray, count: int) -> tuple[Floats, Ints] | None:
    """The numbers of so many arrays, one after the other, and how many each has; None where one has others."""
    found = array(text) if text.find(b"[", 1) < 0 else None
    if found is None:
        return None
    begins = np.flatnonzero(found == _MARK)
    counts = np.diff(begins, append=len(found)) - 1
    if len(counts) != count or not counts.all():
        return None
    if len(found) == count * (counts[0] + 1) and (counts == counts[0]).all():
        return np.ascontiguousarray(found.reshape(count, -1)[:, 1:]).reshape(-1), counts
    return found[found != _MARK], counts


def array(text: bytes | bytearray | memoryview) -> Floats | None:
    """The numbers of one array; None where it has others, or simdjson is not installed. Arrays in it are no others."""
    if simdjson is None:
        return None
    parser = _parsers.pop() if _parsers else simdjson.Parser()
    try:
        return np.frombuffer(cast("simdjson.Array", parser.parse(text)).as_buffer(of_type="d"))
    except DOUBT:
        return None
    finally:
        _parsers.append(parser)


def _mixed(insides: Sequence[bytes]) -> tuple[Floats, Ints] | None:
    """The same where some have nulls: those one by one."""
    gaps = [b"null" in inside for inside in insides]
    whole = [inside for inside, gap in zip(insides, gaps, strict=True) if not gap]
    found = numbers(joined_of(whole), len(whole)) if whole else (np.empty(0), np.empty(0, np.int64))
    try:
        others = [
            np.array(_with_nulls(b"[%b]" % one), np.float64) for one, gap in zip(insides, gaps, strict=True) if gap
        ]
    except msgspec.DecodeError:
        return None
    if found is None:
        return None
    counts = np.empty(len(insides), np.int64)
    given = np.array(gaps)
    counts[~given], counts[given] = found[1], [len(one) for one in others]
    of_row, values = np.repeat(given, counts), np.empty(counts.sum())
    values[~of_row], values[of_row] = found[0], np.concatenate(others)
    return values, counts
