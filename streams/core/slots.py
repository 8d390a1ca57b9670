"""State of datastreams as arrays, one entry a slot; a slot is a datastream in one status (Actual, Exercise, Test)."""

import math
from typing import overload

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.models.latest import LatestValue
from streams.models.observation import Status
from streams.models.site import Datastream
from streams.models.times import SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max
UNHEARD = quality.UNHEARD
IDS_REMEMBERED = 64  # given ids of a slot
OK, SILENT, FAILED = 0, 1, 2
STATES = ("ok", "silent", "failed")


class Slots:
    """Everything that one reading changes, but for the chains' own state.

    stream: number of the datastream; newest: phenomenon time; value: last value, in the datastream's unit; heard:
    received time of the last usable value; due: received time at which it counts as silent; bits: quality of the last
    row; same_since, same_count: how long and how often the value has been the same; changed: not yet told in `latest`.
    """

    FRESH: tuple[tuple[str, type, int | float | bool], ...] = (
        ("stream", np.int64, 0),
        ("newest", np.int64, UNHEARD),
        ("value", np.float64, np.nan),
        ("heard", np.int64, UNHEARD),
        ("due", np.int64, NEVER),
        ("state", np.int8, OK),
        ("bits", np.int64, 0),
        ("same_since", np.int64, UNHEARD),
        ("same_count", np.int64, 0),
        ("changed", np.bool_, False),
    )
    stream: Ints
    newest: Ints
    value: Floats
    heard: Ints
    due: Ints
    state: NDArray[np.int8]
    bits: Ints
    same_since: Ints
    same_count: Ints
    changed: Bools

    def __init__(self, streams: list[Datastream], remember: int) -> None:
        """`remember`: newest readings of a slot by which repeats and conflicts are told apart (16 bytes each)."""
        self.streams, self.remembered = streams, remember
        self.stream_of = {s.key: number for number, s in enumerate(streams)}
        self.of: dict[tuple[str, str, str], int] = {}
        self.keys: list[tuple[str, str, Status]] = []
        for name, dtype, _ in self.FRESH:
            setattr(self, name, np.empty(0, dtype))
        self._times = np.empty((0, remember), np.int64)
        self._values = np.empty((0, remember), np.float64)
        self._ids: dict[int, dict[str, int]] = {}  # slot -> given id -> time, the newest few

    def __len__(self) -> int:
        return len(self.keys)

    def grow(self, keys: list[tuple[str, str, Status]]) -> None:
        """New slots for keys seen for the first time."""
        first, n = len(self.keys), len(keys)
        for key in keys:
            self.of[key] = len(self.keys)
            self.keys.append(key)
        for name, dtype, fresh in self.FRESH:
            setattr(self, name, np.concatenate([getattr(self, name), np.full(n, fresh, dtype)]))
        self._times = np.concatenate([self._times, np.full((n, self.remembered), UNHEARD)])
        self._values = np.concatenate([self._values, np.full((n, self.remembered), np.nan)])
        self.stream[first:] = [self.stream_of[key[:2]] for key in keys]

    def datastream(self, slot: int) -> Datastream:
        """The datastream of a slot."""
        return self.streams[int(self.stream[slot])]

    # -- repeats -----------------------------------------------------------------------------------------------------

    def stored(self, slot: int, time: int) -> float | None:
        """The value that is remembered for a time; NaN for a missing one, None for nothing."""
        at = np.flatnonzero(self._times[slot] == time)
        return float(self._values[slot, at[0]]) if len(at) else None

    def given(self, slot: int, name: str) -> int | None:
        """The time that came with a given id."""
        return self._ids.get(slot, {}).get(name)

    def note_id(self, slot: int, name: str, time: int) -> None:
        """Remember a given id."""
        ids = self._ids.setdefault(slot, {})
        ids[name] = time
        if len(ids) > IDS_REMEMBERED:
            del ids[next(iter(ids))]

    def remember(self, slot: Ints, time: Ints, value: Floats) -> None:
        """Remember one reading of each of several slots in place of the oldest one; older ones than all are not."""
        times = self._times[slot]
        cell = times.argmin(axis=1)
        newer = time > times[np.arange(len(slot)), cell]
        slot, cell = slot[newer], cell[newer]
        self._times[slot, cell], self._values[slot, cell] = time[newer], value[newer]

    # -- for `latest` ------------------------------------------------------------------------------------------------

    def take_changed(self) -> list[LatestValue]:
        """The datastreams that changed since the last call."""
        found = [self._latest(slot) for slot in np.flatnonzero(self.changed).tolist()]
        self.changed[:] = False
        return found

    def _latest(self, slot: int) -> LatestValue:
        station, prop, status = self.keys[slot]
        bits, value = int(self.bits[slot]), float(self.value[slot])
        return LatestValue(
            station, prop, status, int(self.newest[slot]), None if math.isnan(value) else value,
            self.datastream(slot).unit, quality.flag_of(bits), quality.check_of(bits), max(int(self.heard[slot]), 0),
            STATES[self.state[slot]],
        )  # fmt: skip


@overload
def next_second(time: int) -> int: ...
@overload
def next_second(time: Ints) -> Ints: ...
def next_second(time: int | Ints) -> int | Ints:
    """Silences fall due at whole seconds, so that stations behind one silent gateway are one signal."""
    return -(-time // SECOND) * SECOND
