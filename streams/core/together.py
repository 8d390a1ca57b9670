"""Records of one form decoded together: one msgspec call for all of them, columns out, no Python per row beyond that.

Each function either takes all its records or raises one of DOUBT: then they are looked at in smaller groups.

Why a join by newlines is safe: every value begins with `{` and ends with `}` (`[` and `]` for frames). If one of them
were incomplete, its closing bracket, the newline and the opening bracket of the next one would stand within an array,
an object or a string, where that is a syntax error. So each record is one or more whole values, and if there are as
many values as records, exactly one.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Protocol, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.instants import instants, of_seconds
from streams.core.numbers import cut, numbers
from streams.models.columns import Columns
from streams.models.framed import Framed, Frames
from streams.models.observation import Classification, Observation, SampledFrame
from streams.models.partition import Keys, partitions_of
from streams.models.times import DAY, YEAR_2000

Ints = NDArray[np.int64]
#: what may be wrong with records that are taken together; msgspec's errors are ValueErrors
DOUBT = (ValueError, OverflowError, RecursionError, TypeError)
CLOCK_END = 2**62 // 1_000  # milliseconds; no broker's clock is beyond it


class Record(Protocol):
    """What is needed of aiokafka's ConsumerRecord."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int  # milliseconds


class Single(Observation, gc=False):
    """One observation as it comes."""

    classification: Classification | None = None


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """What most gateways send: nothing but numbers, and whose they are. Anything else is a `Single`."""

    station: str
    property: str
    time: float
    value: float


class Sampled(SampledFrame, gc=False):
    """A sampled frame as it comes."""

    classification: Classification | None = None


_lines_of_plain = msgspec.json.Decoder(Plain).decode_lines
_lines_of_plain_frames = msgspec.json.Decoder(list[Plain]).decode_lines
_lines_of_singles = msgspec.json.Decoder(Single).decode_lines
_lines_of_frames = msgspec.json.Decoder(list[Single]).decode_lines
_lines_of_sampled = msgspec.json.Decoder(Sampled).decode_lines


def singles(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of one observation each."""
    joined = _joined([r.value for r in records], b"{}")
    found: Sequence[Plain | Single]
    try:
        found = _lines_of_plain(joined)
    except msgspec.DecodeError:
        if b'"values"' in joined:
            raise
        found = _lines_of_singles(joined)
    if len(found) != len(records):
        raise ValueError
    keys, names = _keys(records, partition, partitions)
    _owned([one.station for one in found], keys)
    columns = _observations(found, _ints([r.timestamp for r in records]))
    columns.offset, columns.names = _ints([r.offset for r in records]), names
    columns.row = np.zeros(len(found), np.int64)
    return columns


def frames(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of several observations each."""
    joined = _joined([r.value for r in records], b"[]")
    found: list[list[Any]]
    try:
        found = _lines_of_plain_frames(joined)
    except msgspec.DecodeError:
        found = cast("list[list[Any]]", _lines_of_frames(joined))
    counts = _ints([len(frame) for frame in found])
    if len(found) != len(records) or not counts.all():
        raise ValueError
    rows: list[Plain | Single] = list(chain.from_iterable(found))
    keys, _ = _keys(records, partition, partitions)
    firsts = [frame[0] for frame in found]
    _owned([one.station for one in firsts], keys)
    columns = _observations(rows, np.repeat(_ints([r.timestamp for r in records]), counts))
    if columns.station != _each([one.station for one in firsts], counts):
        raise ValueError
    if isinstance(rows[0], Plain) and columns.property == _each([one.property for one in firsts], counts):
        return _framed(columns, records, counts)
    columns.offset = np.repeat(_ints([r.offset for r in records]), counts)
    columns.row = _within(counts)
    return columns


def _each(names: list[str], counts: Ints) -> list[str]:
    """Each name as often as its frame has rows."""
    return list(chain.from_iterable([name] * count for name, count in zip(names, counts.tolist(), strict=True)))


def _framed(columns: Columns, records: Sequence[Record], counts: Ints) -> Framed:
    """The same of frames that are of one datastream each and say nothing but numbers."""
    begins = np.concatenate([[0], np.cumsum(counts)])
    first, last, time = begins[:-1], begins[1:] - 1, columns.time
    rises = np.empty(len(time), np.bool_)
    np.greater(time[1:], time[:-1], out=rises[1:])
    rises[first] = True
    rising = np.logical_and.reduceat(rises, first)
    offset = _ints([r.offset for r in records])
    frames = Frames(begins, offset, columns.received[first], time[first], time[last], rising, time)
    station, name = ([names[at] for at in first.tolist()] for names in (columns.station, columns.property))
    return Framed(frames, columns.value, station=station, property=name)


def sampled(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of equally spaced values each: every record is one key."""
    found, value, counts = _values([r.value for r in records])
    if len(found) != len(records) or not counts.all():
        raise ValueError
    _owned([one.station for one in found], _keys(records, partition, partitions)[0])
    received = _received(_ints([r.timestamp for r in records]))
    start = instants([one.start for one in found])
    steps, kind = _kinds(counts, [one.step for one in found])
    last = start + (steps[0][-1] if kind is None else np.array([step[-1] for step in steps])[kind])
    if (start < YEAR_2000).any() or (last > received + DAY).any():
        raise ValueError
    rising = np.array([_rising(step) for step in steps])
    frames = Frames(
        np.concatenate([[0], np.cumsum(counts)]),
        _ints([r.offset for r in records]),
        received,
        start,
        last,
        np.repeat(rising, len(found)) if kind is None else rising[kind],
        None,
        steps,
        kind,
    )
    begins = frames.begins.tolist()
    columns = Framed(
        frames,
        value,
        station=[one.station for one in found],
        property=[one.property for one in found],
        unit=_none_if([one.unit for one in found], None),
        status=_none_if([one.status for one in found], "Actual"),
        meta={at: one.meta for one, at in zip(found, begins, strict=False) if one.meta is not None},
    )
    ids = [
        (f"{one.id}/", at, end) for one, (at, end) in zip(found, pairwise(begins), strict=True) if one.id is not None
    ]
    given = {row: f"{mark}{row - at}" for mark, at, end in ids for row in range(at, end)}
    return replace(columns.plain(), ids=given) if given else columns


def _values(records: list[bytes | None]) -> tuple[list[Sampled], NDArray[np.float64], Ints]:
    """Sampled frames, their values, and how many each has."""
    apart = cut(cast("list[bytes]", records)) if all(records) else None
    read = None if apart is None else numbers(apart[1])
    if apart is not None and read is not None:
        return _lines_of_sampled(_joined(apart[0], b"{}")), *read
    found = _lines_of_sampled(_joined(records, b"{}"))
    counts = _ints([len(one.values) for one in found])
    return found, _floats(list(chain.from_iterable([one.values for one in found]))), counts


def _kinds(counts: Ints, steps: list[float]) -> tuple[list[Ints], Ints | None]:
    """The different tables of microseconds from a frame's start, and which is each frame's (None: there is one)."""
    pairs = list(zip(counts.tolist(), steps, strict=True))
    number = {pair: at for at, pair in enumerate(dict.fromkeys(pairs))}
    tables = [_steps(*pair) for pair in number]
    return tables, None if len(tables) == 1 else _ints([number[pair] for pair in pairs])


def _rising(step: Ints) -> bool:
    return bool((step[1:] > step[:-1]).all())


def _joined(records: Sequence[bytes | None], brackets: bytes) -> bytes:
    """Values of records, one a line; raises ValueError unless each begins and ends with the brackets."""
    values = cast("list[bytes]", records)
    joined = b"\n".join(values)  # a record without a value: TypeError
    lengths = np.fromiter(map(len, values), np.int64, len(values))
    ends = np.cumsum(lengths + 1) - 1
    letters = np.frombuffer(joined, np.uint8)
    if lengths.min() < 2 or (letters[ends - lengths] != brackets[0]).any() or (letters[ends - 1] != brackets[1]).any():
        raise ValueError
    return joined


def _keys(records: Sequence[Record], partition: int, partitions: int) -> tuple[list[bytes], Keys]:
    """The keys; raises ValueError if a record lies on a partition that is not its key's."""
    keys = cast("list[bytes]", [r.key for r in records])
    found = Keys.of(keys)
    if (partitions_of(found.hashes, partitions) != partition).any():
        raise ValueError
    return keys, found


def _owned(stations: list[str], keys: list[bytes]) -> None:
    """Whether each row is of the station that is its record's key; raises ValueError."""
    joined = b"\n".join(keys)
    if joined.count(b"\n") != len(keys) - 1 or "\n".join(stations).encode() != joined:
        raise ValueError


def _observations(found: Sequence[Plain | Single], timestamps: Ints) -> Columns:
    """Everything but the place in the log."""
    received = _received(timestamps)
    columns = Columns(
        station=[one.station for one in found], property=[one.property for one in found], received=received
    )
    if isinstance(found[0], Plain):
        columns.time = of_seconds(_floats(cast("list[float | None]", [one.time for one in found])))
        columns.value = _floats([one.value for one in found])
    else:
        singles = cast("Sequence[Single]", found)
        columns.time = instants([one.time for one in found])
        columns.value = np.array([one.value for one in found], np.float64)
        columns.unit = _none_if([one.unit for one in singles], None)
        columns.status = _none_if([one.status for one in singles], "Actual")
        columns.ids = _given([one.id for one in singles])
        columns.meta = _given([one.meta for one in singles])
    if (columns.time < YEAR_2000).any() or (columns.time > received + DAY).any():
        raise ValueError
    return columns


def _ints(found: list[int]) -> Ints:
    return np.fromiter(found, np.int64, len(found))


def _floats(found: Sequence[float | None]) -> NDArray[np.float64]:
    """Numbers; None is NaN."""
    try:
        return np.frombuffer(struct.pack(f"{len(found)}d", *found))  # half the time of np.fromiter
    except struct.error:
        return np.array(found, np.float64)


def _received(timestamps: Ints) -> Ints:
    """Microseconds of broker timestamps."""
    return np.asarray(np.clip(timestamps, -CLOCK_END, CLOCK_END) * 1_000)


def _none_if(found: list[Any], all_of: object) -> list[Any] | None:
    """A column, or None where every entry is the same as usual."""
    return None if found.count(all_of) == len(found) else found


def _given(found: list[Any]) -> dict[int, Any]:
    """A sparse column: what is given, by row."""
    if found.count(None) == len(found):
        return {}
    return {row: one for row, one in enumerate(found) if one is not None}


def _within(counts: Ints) -> Ints:
    """0 … count - 1 for each count."""
    return np.asarray(np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts))


@lru_cache(maxsize=256)  # a site's waveforms are of few kinds
def _steps(count: int, step: float) -> Ints:
    """Microseconds from the start of a sampled frame to each value."""
    if not 0 < step * count < 1e12:
        raise ValueError
    steps: Ints = np.rint(np.arange(count) * step * 1_000_000).astype(np.int64)
    steps.flags.writeable = False
    return steps
