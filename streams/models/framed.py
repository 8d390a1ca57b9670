"""Columns of frames: what all rows of a record share is one entry a record, and rows are made when somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.columns import Columns, Floats, Ints
from streams.models.observation import Status, Tick

Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Frames:
    """One entry a frame, in offset order. begins: its first row, and at the end how many rows there are.

    offset, received: its record's; start, last: times of its first and of its last row; rising: whether time rises from
    each row to the next. Times are `time` (of every row), or where that is None `start` + steps[kind].
    """

    begins: Ints
    offset: Ints
    received: Ints
    start: Ints
    last: Ints
    rising: Bools
    time: Ints | None
    steps: Sequence[Ints] = ()
    kind: Ints | None = None  # None: all are of the first

    def __len__(self) -> int:
        return len(self.offset)

    @property
    def counts(self) -> Ints:
        """Rows of each."""
        return np.diff(self.begins)

    def taken(self, column: NDArray[Any], which: Ints, count: int) -> NDArray[Any]:
        """Of a column with an entry for each row: that of some frames of `count` rows each, [frames, count]."""
        if len(column) == count * len(self):
            table: NDArray[Any] = column.reshape(-1, count)
            return table if len(which) == len(self) and bool((which[1:] > which[:-1]).all()) else table[which]
        return np.asarray(column[self.begins[which][:, None] + np.arange(count)])

    def times(self, which: Ints, count: int) -> Ints:
        """Times of some frames of `count` rows each: [frames, count]."""
        if self.time is not None:
            return self.taken(self.time, which, count)
        start = self.start[which][:, None]
        if self.kind is None:
            return np.asarray(start + self.steps[0])
        kinds, at = np.unique(self.kind[which], return_inverse=True)
        return np.asarray(start + np.stack([self.steps[kind] for kind in kinds.tolist()])[at])

    def time_of(self, frame: Ints, place: Ints) -> Ints:
        """The time of a row of each of several frames."""
        if self.time is not None:
            return np.asarray(self.time[self.begins[frame] + place])
        if self.kind is None:
            return np.asarray(self.start[frame] + self.steps[0][place])
        kinds = zip(self.kind[frame].tolist(), place.tolist(), strict=True)
        return np.asarray(self.start[frame] + np.array([self.steps[kind][at] for kind, at in kinds], np.int64))

    def part(self, first: int, end: int) -> "Frames":
        """Some that lie side by side."""
        some = slice(first, end)
        rows = slice(int(self.begins[first]), int(self.begins[end]))
        return Frames(
            self.begins[first : end + 1] - self.begins[first],
            self.offset[some],
            self.received[some],
            self.start[some],
            self.last[some],
            self.rising[some],
            None if self.time is None else self.time[rows],
            self.steps,
            None if self.kind is None else self.kind[some],
        )


class Framed(Columns):
    """Rows of whole frames; every frame is a key. Only frames without given ids are taken so."""

    def __init__(
        self,
        frames: Frames,
        value: Floats,
        *,
        station: list[str],
        property: list[str],  # noqa: A002 - the column's name
        unit: list[str | None] | None = None,
        status: list[Status] | None = None,
        meta: dict[int, dict[str, Any]] | None = None,
        ticks: list[tuple[int, Tick]] | None = None,
    ) -> None:
        """Station … status: one entry a frame; value: one a row; meta: by number of the row."""
        self.frames, self.value = frames, value
        self.station, self.property, self.unit, self.status = station, property, unit, status
        self.ids, self.meta, self.ticks, self.names = {}, meta or {}, ticks or [], None

    def __len__(self) -> int:
        """Rows."""
        return len(self.value)

    def __bool__(self) -> bool:
        """Whether there is anything: frames are never without rows."""
        return True

    @cached_property
    def key(self) -> Ints:  # type: ignore[override] # rows, as in the base class, made when asked for
        """The frame of each row."""
        return np.repeat(np.arange(len(self.frames)), self.frames.counts)

    @cached_property
    def time(self) -> Ints:  # type: ignore[override]
        """Times."""
        frames = self.frames
        if frames.time is not None:
            return frames.time
        kinds = [0] * len(frames) if frames.kind is None else frames.kind.tolist()
        steps = np.concatenate([frames.steps[kind] for kind in kinds])
        return np.asarray(np.repeat(frames.start, frames.counts) + steps)

    @cached_property
    def offset(self) -> Ints:  # type: ignore[override]
        """Offsets of the records."""
        return self.frames.offset[self.key]

    @cached_property
    def received(self) -> Ints:  # type: ignore[override]
        """Received times of the records."""
        return self.frames.received[self.key]

    @cached_property
    def row(self) -> Ints:  # type: ignore[override]
        """Places inside the records."""
        return np.asarray(np.arange(len(self)) - self.frames.begins[self.key])

    def plain(self) -> Columns:
        """The same, row by row."""
        return Columns(**{name: getattr(self, name) for name in Columns.__slots__})

    def place(self, number: int) -> tuple[int, int]:
        """Offset and place inside the record of a row."""
        frame = self.frame_of(number)
        return int(self.frames.offset[frame]), number - int(self.frames.begins[frame])

    def frame_of(self, number: int) -> int:
        """The frame of a row."""
        return int(self.frames.begins.searchsorted(number, "right")) - 1

    def whole(self, start: int, stop: int) -> int:
        """The last row at or before `stop` at which a record begins; `stop` where there is none after `start`."""
        if stop >= len(self):
            return len(self)
        begins = int(self.frames.begins[self.frame_of(stop)])
        return begins if begins > start else stop

    def part(self, start: int, stop: int) -> Columns:
        """As of any columns; frames that are not cut stay frames."""
        stop = min(stop, len(self))
        last = stop == len(self)
        if start == 0 and last:
            return self
        first, end = np.searchsorted(self.frames.begins, [start, stop]).tolist()
        if self.frames.begins[first] != start or self.frames.begins[end] != stop or not stop > start:
            return super().part(start, stop)
        return Framed(
            self.frames.part(first, end),
            self.value[start:stop],
            station=self.station[first:end],
            property=self.property[first:end],
            unit=None if self.unit is None else self.unit[first:end],
            status=None if self.status is None else self.status[first:end],
            meta={i - start: one for i, one in self.meta.items() if start <= i < stop},
            ticks=[(at - start, tick) for at, tick in self.ticks if start <= at < stop or (last and at == stop)],
        )
