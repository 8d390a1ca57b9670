"""Long arrays of JSON numbers, many at once: simdjson reads them into columns, with no Python float on the way.

What comes out is what msgspec makes of the same text, bit for bit: both round correctly. Where simdjson is not
installed or meets anything but numbers there is no answer, and msgspec looks at it. Why it may take arrays out of their
records: see `cut`.
"""

import re
from collections.abc import Sequence
from typing import cast

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
_BETWEEN, _MARK = b",9.6875e307,", 9.6875e307  # stands between arrays; one that has this number itself is in doubt
_OPENING = re.compile(rb'"values"\s*:\s*\[')
_parsers: list["simdjson.Parser"] = []  # idle ones: each keeps the memory that it has worked in
_with_nulls = msgspec.json.Decoder(list[float | None]).decode


def cut(records: Sequence[bytes]) -> tuple[list[bytes], list[bytes]] | None:
    """Objects with the insides of their arrays `values` taken out, and those insides; None where there is any doubt.

    No backslash and `"values"` once in each object: so it is a whole name, of this object or of one inside it. In the
    latter case the object itself lacks the name, and is refused as it would be. The insides have no bracket `]`, so a
    bracket that they open is never closed, and whoever reads them refuses them.
    """
    opening = _OPENING.search(records[0]) if simdjson is not None else None
    if opening is None:
        return None
    mark = opening.group()
    apart = [record.partition(mark) for record in records]
    ends = [rest.partition(b"]") for _, _, rest in apart]
    mark += b"]"
    heads = [before + mark + after for (before, _, _), (_, _, after) in zip(apart, ends, strict=True)]
    joined = b"".join(heads)
    if b"\\" in joined or joined.count(b'"values"') != len(records):
        return None
    return heads, [inside for inside, _, _ in ends]


def numbers(insides: Sequence[bytes]) -> tuple[Floats, Ints] | None:
    """The numbers of arrays (null is NaN), one after the other, and how many each has; None where one has others."""
    joined = _BETWEEN.join(insides) + _BETWEEN[:-1]
    found = flat(joined)
    if found is None:
        return _mixed(insides) if b"null" in joined else None
    ends = np.flatnonzero(found == _MARK)
    counts = np.diff(ends, prepend=-1) - 1
    if len(counts) != len(insides) or not counts.all():
        return None
    if len(found) == len(ends) * (counts[0] + 1) and (counts == counts[0]).all():
        return np.ascontiguousarray(found.reshape(len(ends), -1)[:, :-1]).reshape(-1), counts
    return found[found != _MARK], counts


def flat(inside: bytes) -> Floats | None:
    """The numbers of one array without its brackets; None where it has others, or simdjson is not installed."""
    return array(b"[%b]" % inside)


def array(text: bytes | memoryview) -> Floats | None:
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
    found = numbers(whole) if whole else (np.empty(0), np.empty(0, np.int64))
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
