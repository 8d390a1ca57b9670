"""State of datastreams as arrays, one entry a slot; a slot is a datastream in one status (Actual, Exercise, Test)."""

from collections.abc import Callable
from functools import lru_cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from detectors.lines import lines
from streams.core import quality
from streams.core.runs import Runs
from streams.models.datastream import Datastream
from streams.models.datastreams import Datastreams
from streams.models.latest import LatestValue
from streams.models.observation import Status
from streams.models.times import SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max
UNHEARD = quality.UNHEARD
IDS_REMEMBERED = 64  # given ids of a slot
OK, SILENT, FAILED = 0, 1, 2
STATES = ("ok", "silent", "failed")
WHOLE = frozenset({"due", "changed"})
OF_STUCK = frozenset({"same_since", "same_count"})
CELL = np.dtype([("time", np.int64), ("value", np.float64)])  # a reading that is remembered


class Slots:
    """Everything that one reading changes, but for the chains' own state.

    The first slots are the partition's datastreams in the order of the site, with status Actual; one in another status
    gets a slot when it is first heard.

    stream: place of the datastream in `numbers`; kind: of what kind it is; newest: phenomenon time; value: last value,
    in the datastream's unit; heard: received time of the last usable value; due: received time at which it counts as
    silent; bits: quality of the last row; same_since, same_count: how long and how often the value has been the same
    (kept only where some datastream is judged by it); changed: not yet told in `latest`; written: readings ever
    remembered.
    """

    FRESH: tuple[tuple[str, type, int | float | bool], ...] = (
        ("newest", np.int64, UNHEARD),
        ("value", np.float64, np.nan),
        ("heard", np.int64, UNHEARD),
        ("due", np.int64, NEVER),
        ("state", np.int8, OK),
        ("bits", np.uint16, 0),
        ("same_since", np.int64, UNHEARD),
        ("same_count", np.int32, 0),
        ("changed", np.bool_, False),
        ("written", np.int32, 0),
    )
    stream: NDArray[np.int32]
    kind: NDArray[np.int32]
    newest: Ints
    value: Floats
    heard: Ints
    due: Ints
    state: NDArray[np.int8]
    bits: NDArray[np.uint16]
    same_since: Ints
    same_count: NDArray[np.int32]
    changed: Bools
    written: NDArray[np.int32]

    def __init__(self, table: Datastreams, numbers: Ints, kind: Ints, remember: int) -> None:
        """`remember`: newest readings of a slot by which repeats and conflicts are told apart (16 bytes each)."""
        self.table, self.numbers, self.remembered = table, numbers, remember
        self.count = len(numbers)
        self.others: list[tuple[int, Status]] = []  # (place of the datastream, status) of slots that are not Actual
        self._of_other: dict[tuple[int, Status], int] = {}
        self._room = 0
        self._make_room(self.count)
        self.stream[:], self.kind[:] = np.arange(self.count), kind
        self._told = 0  # slot at which `latest` goes on, when not all of it can be told at once
        self.battery: dict[int, float] = {}  # percent, as last said: nothing is decided by it
        self.ids: dict[int, dict[str, int]] = {}  # slot -> given id -> time, the newest few

    def __len__(self) -> int:
        return self.count

    # -- who is who --------------------------------------------------------------------------------------------------

    def other(self, stream: int, status: Status) -> int:
        """The slot of a datastream in another status than Actual; a new one if it was never heard."""
        found = self._of_other.setdefault((stream, status), self.count)
        if found == self.count:
            self._grow(self.count + 1)
            self.others.append((stream, status))
            self.stream[found], self.kind[found] = stream, self.kind[stream]
            self.count += 1
        return found

    def _grow(self, count: int) -> None:
        if count > self._room:
            self._make_room(self._room + max(self._room // 4, 64))

    def _make_room(self, count: int) -> None:
        """`due` and `changed` are looked through from end to end: each lies by itself, the others slot by slot."""
        fields = [("stream", np.int32, 0), ("kind", np.int32, 0), *self.FRESH]
        alone = [lines(count, [field]) for field in fields if field[0] in WHOLE]
        for columns in (*alone, lines(count, [field for field in fields if field[0] not in WHOLE])):
            for name, column in columns.items():
                column[: self._room] = getattr(self, name, ())
                setattr(self, name, column)
        cells = np.zeros((count, self.remembered), CELL)  # zeros take no memory until they are written
        cells[: self._room] = getattr(self, "_cells", cells[:0])
        self._cells, self.times, self.values = cells, cells["time"], cells["value"]
        self._flat = cells.reshape(-1)["time"], cells.reshape(-1)["value"]
        self._room = count

    def find(self, stream: int, status: Status) -> int | None:
        """The slot of a datastream in a status, if there is one."""
        return stream if status == "Actual" else self._of_other.get((stream, status))

    def status(self, slot: int) -> Status:
        """The status of a slot."""
        return "Actual" if slot < len(self.numbers) else self.others[slot - len(self.numbers)][1]

    def number(self, slot: int) -> int:
        """The site's number of a slot's datastream."""
        return int(self.numbers[self.stream[slot]])

    def key(self, slot: int) -> tuple[str, str, Status]:
        """(station, property, status)."""
        station, prop = self.table.key(self.number(slot))
        return station, prop, self.status(slot)

    def zone(self, slot: int) -> str:
        """The zone of a slot's datastream."""
        zone: str = self.table.zones[self.table.zone[self.number(slot)]]
        return zone

    def unit(self, slot: int) -> str:
        """The unit of a slot's datastream."""
        unit: str = self.table.profiles[self.table.profile[self.number(slot)]].unit
        return unit

    def datastream(self, slot: int) -> Datastream:
        """The datastream of a slot."""
        return self.table.at(self.number(slot))

    # -- repeats -----------------------------------------------------------------------------------------------------

    def stored(self, slot: int, time: int) -> float | None:
        """The value that is remembered for a time; NaN for a missing one, None for nothing."""
        there = min(int(self.written[slot]), self.remembered)
        at = np.flatnonzero(self.times[slot, :there] == time)
        return float(self.values[slot, at[0]]) if len(at) else None

    def given(self, slot: int, name: str) -> int | None:
        """The time that came with a given id."""
        return self.ids.get(slot, {}).get(name)

    def note_id(self, slot: int, name: str, time: int) -> None:
        """Remember a given id."""
        ids = self.ids.setdefault(slot, {})
        ids[name] = time
        if len(ids) > IDS_REMEMBERED:
            del ids[next(iter(ids))]

    def remember(self, slot: Ints, runs: Runs, time: Ints, value: Floats) -> None:
        """Remember readings, sorted by slot, in place of those that were remembered longest ago."""
        own = slot if runs.single else slot[runs.starts]
        cell = self.written[own].astype(np.int64)
        if runs.single:
            turn = cell - cell // self.remembered * self.remembered  # `%` takes five times as long
            at = slot * self.remembered + turn
            self._flat[0][at], self._flat[1][at] = time, value
            self.written[own] = (cell + 1).astype(np.int32)
            return
        rows, back = self.kept(runs)
        self.remember_kept(own, runs.counts, time[rows], value[rows], back)

    def kept(self, runs: Runs) -> tuple[Ints, Ints]:
        """The rows of each run that are to be remembered, and how far before the run's end they are."""
        keep = np.minimum(runs.counts, self.remembered)
        back = np.repeat(np.cumsum(keep), keep) - np.arange(int(keep.sum()))
        return np.repeat(runs.starts + runs.counts, keep) - back, back

    def remember_kept(self, own: Ints, counts: Ints, time: Ints, value: Floats, back: Ints) -> None:
        """Remember `kept` rows; own, counts: each run's slot and how many rows it has in all."""
        after = self.written[own].astype(np.int64) + counts
        keep = np.minimum(counts, self.remembered)
        at = (np.repeat(after, keep) - back) % self.remembered
        slot = np.repeat(own, keep)
        self.times[slot, at], self.values[slot, at] = time, value
        self.written[own] = after

    def remember_late(self, slot: int, time: int, value: float) -> None:
        """The same for one that is late: one older than all that are remembered must not drive them out."""
        at = int(self.written[slot]) % self.remembered
        if self.written[slot] < self.remembered or time > self.times[slot, at]:
            self.times[slot, at], self.values[slot, at] = time, value
            self.written[slot] += 1

    # -- for `latest` ------------------------------------------------------------------------------------------------

    def take_changed(
        self, most: int, bound: Callable[[int], str], scores: Callable[[Ints], NDArray[np.uint8]]
    ) -> list[LatestValue]:
        """The datastreams that changed since the last call, at most so many; the others come first the next time.

        `bound`: the bound behind the flag of a slot's last value; `scores`: their health.
        """
        slots = np.flatnonzero(self.changed)
        if len(slots) > most:
            after = int(np.searchsorted(slots, self._told))
            slots = np.concatenate([slots[after:], slots[:after]])[:most]
        if not len(slots):
            return []
        self._told = int(slots[-1]) + 1
        self.changed[slots] = False
        number = self.numbers[self.stream[slots]]
        profiles = [self.table.profiles[p] for p in self.table.profile[number].tolist()]
        heard = np.maximum(self.heard[slots], 0).tolist()
        columns = (
            number, slots, self.newest[slots], self.value[slots], self.bits[slots], self.state[slots], scores(slots),
        )  # fmt: skip
        rows = zip(*(column.tolist() for column in columns), profiles, heard, strict=True)
        return [
            LatestValue(
                self.table.stations[self.table.station[number]], profile.property, self.status(slot), time,
                None if value != value else value,  # noqa: PLR0124 - NaN
                profile.unit, *_named(bits), at, STATES[state], bound(slot) if bits else "", score,
                self.battery.get(slot),
            )
            for number, slot, time, value, bits, state, score, profile, at in rows
        ]  # fmt: skip


@lru_cache(maxsize=4096)
def _named(bits: int) -> tuple[int, str]:
    """The quality flag and the check that set it."""
    return quality.flag_of(bits), quality.check_of(bits)


@overload
def next_second(time: int) -> int: ...
@overload
def next_second(time: Ints) -> Ints: ...
def next_second(time: int | Ints) -> int | Ints:
    """Silences fall due at whole seconds, so that stations behind one silent gateway are one signal."""
    return -(-time // SECOND) * SECOND
