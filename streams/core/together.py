"""Records of one form decoded together: one msgspec call for all of them, columns out, no Python per row beyond that.

Each function either takes all its records or raises one of DOUBT: then they are looked at in smaller groups. Sampled
frames: `waveforms`.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core import alike
from streams.core.alike import Alike
from streams.core.forms import Plain, Record, Single
from streams.core.instants import instants, of_seconds
from streams.core.lines import floats, ints, keys_of, lines_of, must_own, none_if, received_of
from streams.models.columns import Columns, Floats
from streams.models.framed import Framed, Frames
from streams.models.times import DAY, YEAR_2000

Ints = NDArray[np.int64]
_lines_of_plain = msgspec.json.Decoder(Plain).decode_lines
_lines_of_plain_frames = msgspec.json.Decoder(list[Plain]).decode_lines
_lines_of_singles = msgspec.json.Decoder(Single).decode_lines
_lines_of_frames = msgspec.json.Decoder(list[Single]).decode_lines


def singles(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of one observation each."""
    joined = lines_of([r.value for r in records], b"{}")
    found: Sequence[Plain | Single]
    try:
        found = _lines_of_plain(joined)
    except msgspec.DecodeError:
        if b'"values"' in joined:
            raise
        found = _lines_of_singles(joined)
    if len(found) != len(records):
        raise ValueError
    keys, names = keys_of(records, partition, partitions)
    must_own([one.station for one in found], keys)
    columns = _observations(found, ints([r.timestamp for r in records]))
    columns.offset, columns.names = ints([r.offset for r in records]), names
    columns.row = np.zeros(len(found), np.int64)
    return columns


def frames(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of several observations each."""
    values = [r.value for r in records]
    joined = lines_of(values, b"[]")
    read = alike.read(joined, cast("list[bytes]", values))
    if read is not None:
        return _alike(records, read, partition, partitions)
    found: list[list[Any]]
    try:
        found = _lines_of_plain_frames(joined)
    except msgspec.DecodeError:
        found = cast("list[list[Any]]", _lines_of_frames(joined))
    counts = ints([len(frame) for frame in found])
    if len(found) != len(records) or not counts.all():
        raise ValueError
    rows: list[Plain | Single] = list(chain.from_iterable(found))
    keys, _ = keys_of(records, partition, partitions)
    firsts = [frame[0] for frame in found]
    must_own([one.station for one in firsts], keys)
    columns = _observations(rows, np.repeat(ints([r.timestamp for r in records]), counts))
    if columns.station != _each([one.station for one in firsts], counts):
        raise ValueError
    if isinstance(rows[0], Plain) and columns.property == _each([one.property for one in firsts], counts):
        return _framed(columns.time, columns.value, firsts, records, counts)
    columns.offset = np.repeat(ints([r.offset for r in records]), counts)
    columns.row = _within(counts)
    return columns


def _each(names: list[str], counts: Ints) -> list[str]:
    """Each name as often as its frame has rows."""
    return list(chain.from_iterable([name] * count for name, count in zip(names, counts.tolist(), strict=True)))


def _alike(records: Sequence[Record], read: Alike, partition: int, partitions: int) -> Framed:
    """Frames whose rows differ in numbers only."""
    must_own([one.station for one in read.firsts], keys_of(records, partition, partitions)[0])
    time = of_seconds(read.time)
    _must_be_plausible(time, np.repeat(received_of(ints([r.timestamp for r in records])), read.counts))
    return _framed(time, read.value, read.firsts, records, read.counts)


def _framed(time: Ints, value: Floats, firsts: Sequence[Plain], records: Sequence[Record], counts: Ints) -> Framed:
    """Frames that are of one datastream each and say nothing but numbers."""
    begins = np.concatenate([[0], np.cumsum(counts)])
    first, last = begins[:-1], begins[1:] - 1
    rises = np.empty(len(time), np.bool_)
    np.greater(time[1:], time[:-1], out=rises[1:])
    rises[first] = True
    rising = np.logical_and.reduceat(rises, first)
    received = received_of(ints([r.timestamp for r in records]))
    frames = Frames(begins, ints([r.offset for r in records]), received, time[first], time[last], rising, time)
    return Framed(frames, value, station=[one.station for one in firsts], property=[one.property for one in firsts])


def _observations(found: Sequence[Plain | Single], timestamps: Ints) -> Columns:
    """Everything but the place in the log."""
    received = received_of(timestamps)
    columns = Columns(
        station=[one.station for one in found], property=[one.property for one in found], received=received
    )
    if isinstance(found[0], Plain):
        columns.time = of_seconds(floats(cast("list[float | None]", [one.time for one in found])))
        columns.value = floats([one.value for one in found])
    else:
        singles = cast("Sequence[Single]", found)
        columns.time = instants([one.time for one in found])
        columns.value = np.array([one.value for one in found], np.float64)
        columns.unit = none_if([one.unit for one in singles], None)
        columns.status = none_if([one.status for one in singles], "Actual")
        columns.ids = _given([one.id for one in singles])
        columns.meta = _given([one.meta for one in singles])
    _must_be_plausible(columns.time, received)
    return columns


def _must_be_plausible(time: Ints, received: Ints) -> None:
    """Raises ValueError where a time cannot be."""
    if (time < YEAR_2000).any() or (time > received + DAY).any():
        raise ValueError


def _given(found: list[Any]) -> dict[int, Any]:
    """A sparse column: what is given, by row."""
    if found.count(None) == len(found):
        return {}
    return {row: one for row, one in enumerate(found) if one is not None}


def _within(counts: Ints) -> Ints:
    """0 … count - 1 for each count."""
    return np.asarray(np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts))
