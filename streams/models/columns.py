"""Rows of consecutive records of one partition as columns: what `decode` yields and the Bank takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.observation import Row, Status, Tick
from streams.models.partition import Keys

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def _ints() -> Ints:
    return np.empty(0, np.int64)


def _floats() -> Floats:
    return np.empty(0, np.float64)


@dataclass(slots=True)
class Columns:
    """Rows in offset order and the ticks between them.

    station, property, unit, status: one entry a *key*; `key` says the key of each row, None: every row is a key of its
    own. `unit` None: no row gives one; `status` None: all are Actual. `ids` and `meta` are by number of the row.
    `ticks`: (rows before it, tick). `names`: the stations once more, as bytes with their hashes, where decode had them.
    """

    station: list[str] = field(default_factory=list)
    property: list[str] = field(default_factory=list)
    unit: list[str | None] | None = None
    status: list[Status] | None = None
    key: Ints | None = None
    time: Ints = field(default_factory=_ints)
    value: Floats = field(default_factory=_floats)  # NaN = missing
    offset: Ints = field(default_factory=_ints)
    row: Ints = field(default_factory=_ints)  # place inside its record
    received: Ints = field(default_factory=_ints)
    ids: dict[int, str] = field(default_factory=dict)
    meta: dict[int, dict[str, Any]] = field(default_factory=dict)
    ticks: list[tuple[int, Tick]] = field(default_factory=list)
    names: Keys | None = None

    @classmethod
    def of(cls, records: Iterable[Row | Tick]) -> "Columns":
        """The same from single rows and ticks in offset order."""
        rows: list[Row] = []
        ticks: list[tuple[int, Tick]] = []
        for one in records:
            if isinstance(one, Tick):
                ticks.append((len(rows), one))
            else:
                rows.append(one)
        return cls(
            station=[r.station for r in rows],
            property=[r.property for r in rows],
            unit=[r.unit for r in rows],
            status=[r.status for r in rows],
            time=np.array([r.time for r in rows], np.int64),
            value=np.array([r.value for r in rows], np.float64),
            offset=np.array([r.offset for r in rows], np.int64),
            row=np.array([r.row for r in rows], np.int64),
            received=np.array([r.received for r in rows], np.int64),
            ids={i: r.id for i, r in enumerate(rows) if r.id is not None},
            meta={i: r.meta for i, r in enumerate(rows) if r.meta is not None},
            ticks=ticks,
        )

    def __len__(self) -> int:
        """Rows; ticks do not count."""
        return len(self.time)

    def __bool__(self) -> bool:
        """Whether there is anything, be it a tick."""
        return bool(len(self.time) or self.ticks)

    def __iter__(self) -> Iterator[Row | Tick]:
        """Rows and ticks, one after the other."""
        at = 0
        for before, tick in self.ticks:
            yield from map(self.at, range(at, before))
            yield tick
            at = before
        yield from map(self.at, range(at, len(self)))

    def at(self, number: int) -> Row:
        """One row."""
        key = number if self.key is None else int(self.key[number])
        return Row(
            self.station[key], self.property[key], int(self.time[number]), float(self.value[number]),
            None if self.unit is None else self.unit[key], self.ids.get(number),
            "Actual" if self.status is None else self.status[key],
            int(self.offset[number]), int(self.row[number]), int(self.received[number]), self.meta.get(number),
        )  # fmt: skip

    def place(self, number: int) -> tuple[int, int]:
        """Offset and place inside the record of a row."""
        return int(self.offset[number]), int(self.row[number])

    def whole(self, start: int, stop: int) -> int:
        """The last row at or before `stop` at which a record begins; `stop` itself where there is none after `start`.

        A record that is cut in two is twice as many runs of rows, and runs of many lengths are no rectangle.
        """
        if stop >= len(self):
            return len(self)
        begins = int(np.searchsorted(self.offset, self.offset[stop], "left"))
        return begins if begins > start else stop

    def part(self, start: int, stop: int) -> "Columns":
        """Rows `start` … `stop` - 1 with the ticks before each; the part that ends with the last row has the rest."""
        stop = min(stop, len(self))
        last = stop == len(self)
        if start == 0 and last:
            return self
        keys = slice(start, stop) if self.key is None else slice(None)
        return Columns(
            station=self.station[keys],
            property=self.property[keys],
            unit=None if self.unit is None else self.unit[keys],
            status=None if self.status is None else self.status[keys],
            key=None if self.key is None else self.key[start:stop],
            time=self.time[start:stop],
            value=self.value[start:stop],
            offset=self.offset[start:stop],
            row=self.row[start:stop],
            received=self.received[start:stop],
            ids={i - start: one for i, one in self.ids.items() if start <= i < stop},
            meta={i - start: one for i, one in self.meta.items() if start <= i < stop},
            ticks=[(at - start, tick) for at, tick in self.ticks if start <= at < stop or (last and at == stop)],
            names=self.names.part(start, stop) if self.names is not None and self.key is None else self.names,
        )

    def split(self, offset: int) -> tuple["Columns", "Columns"]:
        """What lies at or before an offset, and what lies after it."""
        rows = int(np.searchsorted(self.offset, offset, "right"))
        early = [(at, tick) for at, tick in self.ticks if tick.offset <= offset]
        late = [(at - rows, tick) for at, tick in self.ticks if tick.offset > offset]
        first, second = self.part(0, rows), self.part(rows, len(self))
        return replaced(first, early), replaced(second, late)


def replaced(columns: Columns, ticks: list[tuple[int, Tick]]) -> Columns:
    """The same rows with other ticks."""
    fields = {name: getattr(columns, name) for name in Columns.__slots__ if name != "ticks"}
    return Columns(**fields, ticks=ticks)
