"""A Bank's state as bytes: chunks of slots, each whole by itself, and the little that is in no slot.

A chunk holds columns of some slots, copied as they lie in memory, with the names of the datastreams and a fingerprint
of everything in the configuration that decides their state. It can be taken in whatever the order of slots is then;
slots whose fingerprint has changed are left out, and are rebuilt from `readings`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.absence import Absences
from streams.core.chains import Chain, with_room
from streams.core.plan import Kinds, named_attributes
from streams.core.slots import Slots
from streams.models.observation import STATUSES, Status
from streams.models.site import Condition, Hazard, Site

Ints = NDArray[np.int64]
Prints = NDArray[np.uint64]
Array = NDArray[Any]
MIX = np.uint64(0x9E3779B97F4A7C15)


class Column(msgspec.Struct, array_like=True):
    """An array."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class ChainChunk(msgspec.Struct, array_like=True):
    """State of one chain. members: which slots of the chunk are in it; active: which members have a row of latches."""

    members: Column
    parts: list[dict[str, Column]]
    windows: dict[str, Column]
    active: Column
    latches: dict[str, Column]


class Chunk(msgspec.Struct, array_like=True):
    """State of some slots as of one offset; `received`: the partition's received time there."""

    received: int
    stations: list[str]
    properties: list[str]
    property: Column
    status: Column
    prints: Column
    slots: dict[str, Column]
    ids: dict[int, dict[str, int]]
    chains: dict[str, ChainChunk]
    absences: dict[str, Column]
    absent: list[tuple[int, str, str]]


class Rest(msgspec.Struct, array_like=True):
    """What is in no slot. watched: subject -> a slot of it by name, time and received time of its last edge."""

    received: int
    position: tuple[int, int]
    watched: list[tuple[str, str, str, Status, int, int]]
    told: dict[str, int]


encode = msgspec.msgpack.Encoder().encode
decode_chunk = msgspec.msgpack.Decoder(Chunk).decode
decode_rest = msgspec.msgpack.Decoder(Rest).decode


def packed(array: Array) -> Column:
    """An array as bytes."""
    return Column(array.dtype.str, array.shape, array.tobytes())


def unpacked(column: Column) -> Array:
    """The array again; raises ValueError if the bytes do not fit."""
    return np.frombuffer(column.data, np.dtype(column.dtype)).reshape(column.shape)


class Keeper:
    """Writes and reads the slots of one Bank."""

    def __init__(self, site: Site, slots: Slots, kinds: Kinds, chains: list[Chain], absences: Absences) -> None:
        self._slots, self._absences = slots, absences
        self._chains = {name_of(chain): chain for chain in chains}
        self._prints = fingerprints(site, slots.numbers, kinds)  # by place of the datastream
        self._names = list(slots.table.property_of)

    # -- out ---------------------------------------------------------------------------------------------------------

    def chunk(self, first: int, count: int, received: int) -> bytes:
        """The state of slots `first` … `first + count - 1`."""
        slots, end = self._slots, min(first + count, len(self._slots))
        some = slice(first, end)
        stream = slots.stream[some]
        number = slots.numbers[stream]
        stations = slots.table.stations
        status = [STATUSES.index(slots.status(slot)) if slot >= len(slots.numbers) else 0 for slot in range(first, end)]
        columns = {name: packed(getattr(slots, name)[some]) for name, *_ in Slots.FRESH}
        deep = min(int(slots.written[some].max(initial=0)), slots.remembered)  # cells that anybody has written
        columns |= {"times": packed(slots.times[some, :deep]), "values": packed(slots.values[some, :deep])}
        return encode(
            Chunk(
                received=received,
                stations=[stations[at] for at in slots.table.station[number].tolist()],
                properties=self._names,
                property=packed(slots.table.property_of_profile[slots.table.profile[number]]),
                status=packed(np.array(status, np.int8)),
                prints=packed(self._prints[stream]),
                slots=columns,
                ids={slot - first: slots.ids[slot] for slot in range(first, end) if slot in slots.ids}
                if slots.ids
                else {},
                chains={name: self._chain(chain, first, end) for name, chain in self._chains.items()},
                absences={n: packed(getattr(self._absences, n)[some]) for n in ("since", "due")}
                if self._absences
                else {},
                absent=[(slot - first, *rest) for slot, *rest in sorted(self._absences.on) if first <= slot < end],  # type: ignore[misc]
            )
        )

    @staticmethod
    def _chain(chain: Chain, first: int, end: int) -> ChainChunk:
        place = chain.place[first:end]
        members = np.flatnonzero(place >= 0)
        local = slice(int(place[members[0]]), int(place[members[-1]]) + 1) if len(members) else slice(0, 0)
        windows = {n: getattr(chain, n)[local] for n in ("doubt_until", "missing_until") if len(getattr(chain, n))}
        rows = chain.active.row[local]
        active = np.flatnonzero(rows >= 0)
        latches = {n: packed(getattr(chain.active.latches, n)[rows[active]]) for n, *_ in chain.active.latches.STATE}
        return ChainChunk(
            members=packed(members),
            parts=[{n: packed(column[local]) for n, column in part.state.items()} for part in chain.parts],
            windows={n: packed(column) for n, column in windows.items()},
            active=packed(active),
            latches=latches | {"last": packed(chain.active.last[rows[active]])},
        )

    # -- in ----------------------------------------------------------------------------------------------------------

    def take(self, chunk: Chunk, joined: Callable[[], None]) -> tuple[Ints, int]:
        """Take a chunk in: the slots that it was about, and how many of its slots were left out."""
        slot = self._find(chunk)
        joined()
        same = np.flatnonzero(slot >= 0)
        slots, own = self._slots, slot[same]
        to, of = _together(own), _together(same)
        for name, column in chunk.slots.items():
            _fit(getattr(slots, name), to, unpacked(column)[of])
        slots.ids.update({int(slot[at]): ids for at, ids in chunk.ids.items() if slot[at] >= 0})
        for name, column in chunk.absences.items():
            if self._absences:
                getattr(self._absences, name)[to] = unpacked(column)[of]
        self._absences.on |= {(int(slot[at]), *rest) for at, *rest in chunk.absent if slot[at] >= 0}  # type: ignore[misc]
        for name, part in chunk.chains.items():
            if name in self._chains:
                self._take_chain(self._chains[name], part, slot)
        return own, len(slot) - len(own)

    def _find(self, chunk: Chunk) -> Ints:
        """The slot of each of a chunk's slots now; -1: there is none, or its configuration has changed."""
        slots = self._slots
        before = len(slots)
        status, prints = unpacked(chunk.status).tolist(), unpacked(chunk.prints)
        found = np.full(len(chunk.stations), -1, np.int64)
        station = np.array([slots.table.station_of.get(name, -1) for name in chunk.stations], np.int64)
        codes = np.array([slots.table.property_of.get(name, -1) for name in chunk.properties], np.int64)
        prop = codes[unpacked(chunk.property)]
        known = np.flatnonzero((station >= 0) & (prop >= 0))
        number = slots.table.numbers[station[known], prop[known]]
        place = np.minimum(np.searchsorted(slots.numbers, number), max(len(slots.numbers) - 1, 0))
        there = (slots.numbers[place] == number) & (self._prints[place] == prints[known]) if before else known < 0
        found[known[there]] = place[there]
        for at in [at for at, one in enumerate(status) if one and found[at] >= 0]:
            found[at] = slots.other(int(found[at]), STATUSES[status[at]])
        return found

    @staticmethod
    def _take_chain(chain: Chain, chunk: ChainChunk, slot: Ints) -> None:
        members = slot[unpacked(chunk.members)]
        same = np.flatnonzero(members >= 0)
        local, of = _together(chain.place[members[same]]), _together(same)
        for part, columns in zip(chain.parts, chunk.parts, strict=True):
            for name, column in columns.items():
                part.state[name][local] = unpacked(column)[of]
        for name, column in chunk.windows.items():
            saved = unpacked(column)[of]
            setattr(chain, name, with_room(getattr(chain, name), len(chain.active.row)))
            _fit(getattr(chain, name), local, saved)
        active = unpacked(chunk.active)
        kept = np.flatnonzero(members[active] >= 0)
        at = chain.place[members[active[kept]]].astype(np.int64)
        rows = chain.active.take(at, chain.kind[at].astype(np.int64))
        for name, column in chunk.latches.items():
            array = chain.active.last if name == "last" else getattr(chain.active.latches, name)
            _fit(array, rows, unpacked(column)[kept])
        latches = chain.active.latches
        latches.next_due = min(latches.next_due, int(latches.due[rows].min(initial=latches.next_due)))


def _together(rows: Array) -> Array | slice:
    """Rows that lie side by side as a slice: a site that has not changed is copied back as it lay."""
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows) and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _fit(array: Array, rows: Array | slice, saved: Array) -> None:
    """Copy rows of a table that may have been wider or narrower: what counts of a row lies at its beginning."""
    if saved.ndim == 1:
        array[rows] = saved
    else:
        width = min(array.shape[1], saved.shape[1])
        array[rows, :width] = saved[:, :width]


# -- fingerprints ----------------------------------------------------------------------------------------------------


def name_of(chain: Chain) -> str:
    """A chain's name in chunks: what it computes."""
    return blake2b(repr(chain.steps).encode(), digest_size=8).hexdigest()


def fingerprints(site: Site, numbers: Ints, kinds: Kinds) -> Prints:
    """Of each datastream 64 bits of all that decides its state: its kind, its bounds, the attributes that count."""
    table = site.datastreams
    of_kind = np.array([_kind_print(site, stream) for stream in kinds.streams], np.uint64)
    found = of_kind[kinds.kind] if len(of_kind) else np.empty(0, np.uint64)
    own = [*table.bounds.values(), *(table.attribute(name)[0] for name in sorted(named_attributes(site)))]
    for column in own:
        found = (found ^ np.ascontiguousarray(column[numbers]).view(np.uint64)) * MIX
        found ^= found >> np.uint64(29)
    return found


def _kind_print(site: Site, stream: Any) -> int:
    unit, rest = stream.unit, (stream.interval, stream.stuck_for, stream.rest, site.remember)
    checks = sorted(site.checks_of(stream))
    units = sorted((name, unit) for name, (_, unit) in stream.attributes.items())
    hazards = [_of_hazard(hazard, stream.property) for hazard in site.hazards_of.get(stream.property, ())]
    text = repr((stream.property, unit, rest, checks, units, hazards))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _of_hazard(hazard: Hazard, prop: str) -> Iterable[object]:
    """What of a hazard decides the state of a property's datastreams."""
    inputs = {name: one for name, one in hazard.inputs.items() if one.property == prop}
    conditions = [
        replace(c, source=None)
        for c in hazard.conditions.values()
        if isinstance(c, Condition) and c.input in inputs
    ]  # fmt: skip
    return (hazard.name, inputs, conditions, hazard.levels, hazard.checks)
