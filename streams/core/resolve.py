"""Columns to slots: who a row belongs to, in the datastream's own unit; what belongs nowhere is rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, refuse
from streams.core.slots import Slots
from streams.core.station_table import NOWHERE, StationTable
from streams.models.columns import Columns
from streams.models.framed import Framed
from streams.models.observation import Row
from streams.models.reject import Reject
from streams.models.site import Site
from streams.models.units import convert, same_dimension

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rejects = list[tuple[Row, Reject]]


@dataclass
class Batch:
    """Rows of a call with their slots (NOWHERE: rejected) and values in the datastreams' own units.

    received: running maximum. bits, cut: what the range checks say (None: nothing), and the value they let through.
    special: rows that have to be looked at one by one, because of an impossible value or a given id seen before.
    """

    columns: Columns
    slot: Ints
    value: Floats
    received: Ints
    bits: Ints | None
    cut: Floats
    special: Bools | None

    @cached_property
    def all_known(self) -> bool:
        """Whether no row was rejected."""
        return bool((self.slot != NOWHERE).all())

    def received_at(self, row: int) -> int:
        """Running maximum of a row."""
        return int(self.received[row])


class FrameBatch(Batch):
    """The same of frames that belong somewhere, in their own units; rows are made when somebody asks.

    slots, arrived: slot and running maximum of received of each frame; calm: no range check says anything of its rows.
    """

    columns: Framed

    def __init__(
        self, columns: Framed, slots: Ints, arrived: Ints, limits: quality.Limits, stream: NDArray[np.int32]
    ) -> None:
        self.columns, self.slots, self.arrived = columns, slots, arrived
        self.value = columns.value
        self._limits, self._stream = limits, stream
        self.calm = limits.calm(stream, columns.value, columns.frames.begins)

    @cached_property
    def slot(self) -> Ints:  # type: ignore[override] # rows, as in the base class, made when asked for
        """Slot of each row."""
        return self.slots[self.columns.key]

    @cached_property
    def received(self) -> Ints:  # type: ignore[override]
        """Running maximum of each row."""
        return self.arrived[self.columns.key]

    @cached_property
    def _judged(self) -> tuple[Ints | None, Floats]:
        return self._limits.of_rows(self._stream[self.columns.key], self.value, self.columns.time)

    @cached_property
    def bits(self) -> Ints | None:  # type: ignore[override]
        """What the range checks say."""
        return self._judged[0]

    @cached_property
    def cut(self) -> Floats:  # type: ignore[override]
        """The value they let through."""
        return self._judged[1]

    @cached_property
    def special(self) -> Bools | None:  # type: ignore[override]
        """Rows with an impossible value."""
        return None if self.bits is None else self.bits & quality.HARD > 0

    @property
    def all_known(self) -> bool:
        """No row was rejected."""
        return True

    def received_at(self, row: int) -> int:
        """Running maximum of a row."""
        return int(self.arrived[self.columns.frame_of(row)])


def _codes(known: dict[str, int], names: list[str]) -> Ints:
    """The number of each name; NOWHERE for one that is not known."""
    try:
        return np.fromiter(map(known.__getitem__, names), np.int64, len(names))
    except KeyError:
        return np.array([known.get(name, NOWHERE) for name in names], np.int64)


class Resolver:
    """Finds slots; makes those that are heard for the first time in another status than Actual."""

    def __init__(self, site: Site, slots: Slots, place: NDArray[np.int32], joined: Callable[[], None]) -> None:
        """`place`: number of a datastream -> its place in its partition; `joined` is told of new slots."""
        self._site, self._slots, self._place, self._joined = site, slots, place, joined
        self._table, self._properties = site.datastreams, site.datastreams.property_of
        self._scales: dict[tuple[str, str], tuple[float, float] | None] = {}

    def streams(self, columns: Columns) -> Ints:
        """The place of each key's datastream in this partition; NOWHERE for one that it does not have."""
        names, numbers = columns.property, self._slots.numbers
        if not len(numbers):
            return np.full(len(names), NOWHERE, np.int64)
        prop: Ints | int
        if names and names.count(names[0]) == len(names):
            prop = self._properties.get(names[0], NOWHERE)
        else:
            prop = _codes(self._properties, names)
        if columns.names is not None:
            return self._stations.places(columns.names, prop)
        station = _codes(self._table.station_of, columns.station)
        number = np.where((station < 0) | (np.asarray(prop) < 0), NOWHERE, self._table.numbers[station, prop])
        place = np.minimum(self._place[number], len(numbers) - 1)
        return np.where((number != NOWHERE) & (numbers[place] == number), place, NOWHERE)

    @cached_property
    def _stations(self) -> StationTable:
        return StationTable(self._table, self._slots.numbers)

    def place(self, station: str, prop: str) -> int:
        """The same for a single name."""
        number = self._table.number(station, prop)
        if number is None:
            return NOWHERE
        numbers, place = self._slots.numbers, int(self._place[number])
        return place if place < len(numbers) and int(numbers[place]) == number else NOWHERE

    def slots(self, columns: Columns, rejects: Rejects) -> tuple[Ints, Floats]:
        """Slot and value of each row."""
        stream = self.streams(columns)
        slot = stream if columns.key is None else stream[columns.key]
        value = columns.value
        if (slot == NOWHERE).any():
            slot = slot.copy()
            for row in np.flatnonzero(slot == NOWHERE).tolist():
                found = columns.at(row)
                rejects.append((found, refuse.unknown(found, self._site)))
        if columns.unit is not None:
            slot, value = self._units(columns, stream, slot, rejects)
        if columns.status is not None:
            slot = self._statuses(columns, slot)
        return slot, value

    def _units(self, columns: Columns, stream: Ints, slot: Ints, rejects: Rejects) -> tuple[Ints, Floats]:
        """Rows that give a unit which is not their datastream's."""
        slots, slot, value = self._slots, slot.copy(), columns.value.copy()
        own = [None if at == NOWHERE else slots.unit(at) for at in stream.tolist()]
        keys = [key for key, unit in enumerate(columns.unit or ()) if unit is not None and own[key] not in {None, unit}]
        for key in keys:
            scale = self._scale((columns.unit or ())[key] or "", own[key] or "")
            rows = np.array([key]) if columns.key is None else np.flatnonzero(columns.key == key)
            if scale is not None:
                value[rows] = value[rows] * scale[0] + scale[1]
                continue
            for row in rows.tolist():
                found = columns.at(row)
                rejects.append((found, refuse.wrong_unit(found, slots.datastream(int(slot[row])))))
            slot[rows] = NOWHERE
        return slot, value

    def _statuses(self, columns: Columns, slot: Ints) -> Ints:
        """Rows with another status than Actual."""
        slot, before = slot.copy(), len(self._slots)
        keys = [key for key, status in enumerate(columns.status or ()) if status != "Actual"]
        odd = np.zeros(len(columns.station), np.bool_)
        odd[keys] = True
        rows = np.flatnonzero((odd if columns.key is None else odd[columns.key]) & (slot != NOWHERE))
        for row in rows.tolist():
            key = row if columns.key is None else int(columns.key[row])
            slot[row] = self._slots.other(int(slot[row]), (columns.status or ())[key])
        if len(self._slots) > before:
            self._joined()
        return slot

    def _scale(self, unit: str, own: str) -> tuple[float, float] | None:
        """(a, b) of a * x + b from a unit to the datastream's own; None when there is no way."""
        key = (unit, own)
        if key not in self._scales:
            self._scales[key] = None
            if same_dimension(unit, own):
                zero = convert(0.0, unit, own)
                self._scales[key] = (convert(1.0, unit, own) - zero, zero)
        return self._scales[key]

    def batch(self, columns: Columns, received: Ints, limits: quality.Limits, rejects: Rejects) -> Batch:
        """Rows with everything that can be said of them before any state is looked at."""
        slot, value = self.slots(columns, rejects)
        if not len(self._slots):
            return Batch(columns, slot, value, received, None, value, None)
        place = self._slots.stream[slot] if self._slots.others else slot
        bits, cut = limits.of_rows(place, value, columns.time)
        special = None if bits is None else bits & quality.HARD > 0
        if columns.ids:
            special = self._ids(columns, slot, special)
        return Batch(columns, slot, value, received, bits, cut, special)

    def frames(self, columns: Framed, arrived: Ints, limits: quality.Limits) -> FrameBatch | None:
        """The same of frames; None where there is more to say of them than that. `arrived`: running maximum of each."""
        slot = self.streams(columns)
        if columns.status is not None or not len(self._slots) or (slot == NOWHERE).any():
            return None
        if columns.unit is not None:
            pairs = zip(columns.unit, slot.tolist(), strict=True)
            if any(unit is not None and unit != self._slots.unit(at) for unit, at in pairs):
                return None
        return FrameBatch(columns, slot, arrived, limits, self._slots.stream[slot])

    def _ids(self, columns: Columns, slot: Ints, special: Bools | None) -> Bools:
        """Mark rows whose given id was seen before, be it in the same call."""
        found = np.zeros(len(slot), np.bool_) if special is None else special
        seen: set[tuple[int, str]] = set()
        for row, name in columns.ids.items():
            mark = (int(slot[row]), name)
            if mark in seen or self._slots.given(*mark) is not None:
                found[row] = True
            seen.add(mark)
        return found
