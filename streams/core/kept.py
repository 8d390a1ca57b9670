"""A Bank's state as bytes: chunks of slots, each whole by itself, and the little that is in no slot.

A chunk holds columns of some slots, copied as they lie in memory, with the names of the datastreams and a fingerprint
of everything in the configuration that decides their state. It can be taken in whatever the order of slots is then;
slots whose fingerprint has changed are left out, and are rebuilt from `readings`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from streams.core.absence import Absences
from streams.core.chains import Chain
from streams.core.chunk import ChainChunk, Chunk, Column, encode, must_fit, packed, unpacked
from streams.core.distrust import Distrust
from streams.core.fingerprint import fingerprints, name_of
from streams.core.moves import Moves
from streams.core.plan import Kinds
from streams.core.series import with_room
from streams.core.slots import OF_STUCK, Slots
from streams.models.observation import STATUSES
from streams.models.site import Site

Ints = NDArray[np.int64]
Array = NDArray[Any]
T = TypeVar("T")


class Keeper:
    """Writes and reads the slots of one Bank."""

    def __init__(
        self,
        site: Site,
        slots: Slots,
        kinds: Kinds,
        chains: list[Chain],
        absences: Absences,
        moves: Moves,
        distrust: Distrust,
        stuck_for: Ints,
    ) -> None:
        """`stuck_for`: by kind, as in `Limits`."""
        self._slots, self._absences, self._moves, self._distrust = slots, absences, moves, distrust
        self._chains = {name_of(chain): chain for chain in chains}
        self._prints = fingerprints(site, slots.numbers, kinds)  # by place of the datastream
        self._names, self._stuck_for = list(slots.table.property_of), stuck_for

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
        asked = self._stuck_for[slots.kind[some]] > 0  # how long the value of any other has been the same nobody reads
        unread = {n: np.where(asked, getattr(slots, n)[some], fresh) for n, _, fresh in Slots.FRESH if n in OF_STUCK}
        columns |= {name: packed(column) for name, column in unread.items()}
        deep = min(int(slots.written[some].max(initial=0)), slots.remembered)  # cells that anybody has written
        columns |= {"times": packed(slots.times[some, :deep]), "values": packed(slots.values[some, :deep])}
        checked = np.flatnonzero(self._moves.uses[slots.kind[some]])
        checks = {n: packed(table[some][checked]) for n, table in self._moves.tables().items()} if len(checked) else {}
        doubts = self._distrust.save(first, end)
        return encode(
            Chunk(
                received=received,
                stations=[stations[at] for at in slots.table.station[number].tolist()],
                properties=self._names,
                property=packed(slots.table.property_of_profile[slots.table.profile[number]]),
                status=packed(np.array(status, np.int8)),
                prints=packed(self._prints[stream]),
                slots=columns,
                ids=_of_slots(slots.ids, first, end),
                chains={name: self._chain(chain, first, end) for name, chain in self._chains.items()},
                absences={n: packed(getattr(self._absences, n)[some]) for n in ("since", "due")}
                if self._absences
                else {},
                absent=[(slot - first, *rest) for slot, *rest in sorted(self._absences.on) if first <= slot < end],  # type: ignore[misc]
                checked=packed(checked) if len(checked) else None,
                checks=checks,
                doubted=packed(doubts[0]) if doubts else None,
                doubts=packed(doubts[1]) if doubts else None,
                battery=_of_slots(slots.battery, first, end),
            )
        )

    @staticmethod
    def _chain(chain: Chain, first: int, end: int) -> ChainChunk:
        place = chain.place[first:end]
        members = np.flatnonzero(place >= 0)
        local = slice(int(place[members[0]]), int(place[members[-1]]) + 1) if len(members) else slice(0, 0)
        kept = [(one, n) for one in (chain.doubt, chain.standing) for n in one.TABLES]
        tables = {n: getattr(one, n) for one, n in kept if len(getattr(one, n))}
        windows = {n: with_room(table, local.stop)[local] for n, table in tables.items()}  # new slots may have no row
        if chain.words is not None:
            windows["unsaid"] = chain.words.saved(local)
        rows = chain.active.row[local]
        active = np.flatnonzero(rows >= 0)
        latches = {n: packed(column) for n, column in chain.active.latches.saved(rows[active]).items()}
        return ChainChunk(
            members=packed(members),
            parts=[{n: packed(column[local]) for n, column in part.state.items()} for part in chain.parts],
            windows={n: packed(column) for n, column in windows.items()},
            active=packed(active),
            latches=latches | {"last": packed(chain.active.last[rows[active]])} | _season(chain, rows[active]),
        )

    # -- in ----------------------------------------------------------------------------------------------------------

    def take(self, chunk: Chunk, first: int, joined: Callable[[], None]) -> tuple[Ints, int]:
        """Take a chunk in: the slots that it was about, and how many of its slots were left out. Raises ValueError.

        `first`: its first slot when it was written, where it is looked for first.
        """
        must_fit(chunk)
        slot = self._as_it_lay(chunk, first)
        if slot is None:
            slot = self._find(chunk)
            joined()
        same = np.flatnonzero(slot >= 0)
        slots, own = self._slots, slot[same]
        to, of = _together(own), _together(same)
        for name, column in chunk.slots.items():
            _fit(getattr(slots, name), to, unpacked(column)[of])
        slots.ids.update({int(slot[at]): ids for at, ids in chunk.ids.items() if slot[at] >= 0})
        slots.battery.update({int(slot[at]): level for at, level in chunk.battery.items() if slot[at] >= 0})
        for name, column in chunk.absences.items():
            if self._absences:
                getattr(self._absences, name)[to] = unpacked(column)[of]
        self._absences.on |= {(int(slot[at]), *rest) for at, *rest in chunk.absent if slot[at] >= 0}  # type: ignore[misc]
        self._take_checks(chunk, slot)
        self._take_doubts(chunk, slot, own)
        for name, part in chunk.chains.items():
            if name in self._chains:
                self._take_chain(self._chains[name], part, slot)
        return own, len(slot) - len(own)

    def _take_checks(self, chunk: Chunk, slot: Ints) -> None:
        if chunk.checked is None:
            return
        members = slot[unpacked(chunk.checked)]
        same = np.flatnonzero(members >= 0)
        tables = self._moves.tables()
        for name, column in chunk.checks.items():
            if name in tables:
                _fit(tables[name], _together(members[same]), unpacked(column)[_together(same)])
        self._moves.restored(members[same], self._slots.kind[members[same]])

    def _take_doubts(self, chunk: Chunk, slot: Ints, own: Ints) -> None:
        places = np.empty(0, np.int64) if chunk.doubted is None else unpacked(chunk.doubted)
        due = np.empty(0, np.int64) if chunk.doubts is None else unpacked(chunk.doubts)
        same = np.flatnonzero(slot[places] >= 0)
        self._distrust.load(own, slot[places[same]], due[same])

    def _as_it_lay(self, chunk: Chunk, first: int) -> Ints | None:
        """What `_find` says, found by comparing: in a site that has not changed slots lie where they lay."""
        slots, table = self._slots, self._slots.table
        end = first + len(chunk.stations)
        if first < 0 or end > len(slots.numbers) or unpacked(chunk.status).any():
            return None
        number = slots.numbers[first:end]
        codes = np.array([table.property_of.get(name, -1) for name in chunk.properties], np.int64)
        if (codes[unpacked(chunk.property)] != table.property_of_profile[table.profile[number]]).any():
            return None
        if list(map(table.stations.__getitem__, table.station[number].tolist())) != chunk.stations:
            return None
        return np.where(self._prints[first:end] == unpacked(chunk.prints), np.arange(first, end), -1)

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
            if name == "unsaid":
                if chain.words is not None:
                    chain.words.take(local, saved)
                continue
            one = chain.standing if name in chain.standing.TABLES else chain.doubt
            if one is chain.doubt or chain.standing.calendar is not None:
                setattr(one, name, with_room(getattr(one, name), len(chain.active.row)))
                _fit(getattr(one, name), local, saved)
        active = unpacked(chunk.active)
        kept = np.flatnonzero(members[active] >= 0)
        at = chain.place[members[active[kept]]].astype(np.int64)
        times = chain.latching.times
        rows = chain.active.take(at, chain.kind[at].astype(np.int64) * times)
        for name, column in chunk.latches.items():
            if name == "season":
                chain.active.kind[rows] += np.minimum(unpacked(column)[kept], times - 1)
                continue
            array = chain.active.last if name == "last" else getattr(chain.active.latches, name)
            _fit(array, rows, unpacked(column)[kept])
        latches = chain.active.latches
        latches.next_due = min(latches.next_due, int(latches.due[rows].min(initial=latches.next_due)))


def _of_slots(told: dict[int, T], first: int, end: int) -> dict[int, T]:
    """What is kept of few slots, by place from `first` on."""
    return {slot - first: told[slot] for slot in range(first, end) if slot in told} if told else {}


def _season(chain: Chain, rows: Array) -> dict[str, Column]:
    """Which time of the year thresholds are of, where they change."""
    times = chain.latching.times
    return {"season": packed(chain.active.kind[rows] % times)} if times > 1 else {}


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
