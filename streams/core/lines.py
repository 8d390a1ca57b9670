"""Records as lines of one text, and columns of what they have in common.

Why a join by newlines is safe: every value begins with `{` and ends with `}` (`[` and `]` for frames). If one of them
were incomplete, its closing bracket, the newline and the opening bracket of the next one would stand within an array,
an object or a string, where that is a syntax error. So each record is one or more whole values, and if there are as
many values as records, exactly one.
"""

import struct
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from streams.core.forms import Record
from streams.models.partition import Keys, partitions_of

Ints = NDArray[np.int64]
#: what may be wrong with records that are taken together; msgspec's errors are ValueErrors
DOUBT = (ValueError, OverflowError, RecursionError, TypeError)
CLOCK_END = 2**62 // 1_000  # milliseconds; no broker's clock is beyond it


def lines_of(records: Sequence[bytes | None], brackets: bytes) -> bytes:
    """Values of records, one a line; raises ValueError unless each begins and ends with the brackets."""
    values = cast("list[bytes]", records)
    joined = b"\n".join(values)  # a record without a value: TypeError
    lengths = np.fromiter(map(len, values), np.int64, len(values))
    ends = np.cumsum(lengths + 1) - 1
    letters = np.frombuffer(joined, np.uint8)
    if lengths.min() < 2 or (letters[ends - lengths] != brackets[0]).any() or (letters[ends - 1] != brackets[1]).any():
        raise ValueError
    return joined


def keys_of(records: Sequence[Record], partition: int, partitions: int) -> tuple[list[bytes], Keys]:
    """The keys; raises ValueError if a record lies on a partition that is not its key's."""
    keys = cast("list[bytes]", [r.key for r in records])
    found = Keys.of(keys)
    if (partitions_of(found.hashes, partitions) != partition).any():
        raise ValueError
    return keys, found


def must_own(stations: list[str], keys: list[bytes]) -> None:
    """Raises ValueError unless each row is of the station that is its record's key."""
    joined = b"\n".join(keys)
    if joined.count(b"\n") != len(keys) - 1 or "\n".join(stations).encode() != joined:
        raise ValueError


def ints(found: list[int]) -> Ints:
    """A column of whole numbers."""
    return np.fromiter(found, np.int64, len(found))


def floats(found: Sequence[float | None]) -> NDArray[np.float64]:
    """Numbers; None is NaN."""
    try:
        return np.frombuffer(struct.pack(f"{len(found)}d", *found))  # half the time of np.fromiter
    except struct.error:
        return np.array(found, np.float64)


def received_of(timestamps: Ints) -> Ints:
    """Microseconds of broker timestamps."""
    return np.asarray(np.clip(timestamps, -CLOCK_END, CLOCK_END) * 1_000)


def none_if(found: list[Any], all_of: object) -> list[Any] | None:
    """A column, or None where every entry is the same as usual."""
    return None if found.count(all_of) == len(found) else found
