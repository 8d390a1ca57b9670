"""Samples: the first row of a datastream in each step of time, for the comparison with its neighbours.

Neighbours lie in other partitions, so values that are compared meet in the home zone of their group, as signals. What
is sampled follows from the newest time that a slot has anyway: nothing more is remembered, and datastreams that are
compared with nobody cost nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.resolve import Batch
from streams.core.runs import Runs
from streams.core.segment import Sample, Segment
from streams.core.slots import Slots
from streams.models.ids import cause_id
from streams.models.signal import Sampled, Source, Triggered
from streams.models.site import Site

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Place = tuple[int, int]  # offset, row
Told = Triggered | Sampled
#: what is no value to compare: it cannot be, is not there, is late, or its clock is wrong
UNUSABLE = quality.HARD | quality.ABSENT | quality.LATE | quality.FUTURE


class Candidates(NamedTuple):
    """Rows on their way. which: their numbers in the batch."""

    which: Ints
    slot: Ints
    time: Ints
    value: Floats
    bits: Ints | None


class Sampling:
    """Which rows of a partition are samples, and the signals that they make."""

    def __init__(self, site: Site, slots: Slots, topic: str, partition: int) -> None:
        self._lane = topic, partition
        self._table, self._slots, self._neighbours = site.datastreams, slots, site.neighbours
        code = self._neighbours.code[slots.numbers]
        self.ever = bool((code >= 0).any())
        #: by place: length of the steps; 0: it is compared with nobody
        self._every = np.where(code >= 0, self._neighbours.every[code], 0) if self.ever else np.empty(0, np.int64)
        #: the length that all have; 0: not the same
        self._same = int(self._every[0]) if self.ever and (self._every == self._every[0]).all() else 0

    def concerns(self, slot: Ints) -> Bools:
        """Slots whose rows may be samples."""
        return np.asarray(self._every[self._slots.stream[slot]] > 0)

    def of_runs(self, segment: Segment, rows: Candidates, runs: Runs, newest: Ints) -> None:
        """Rows in good order, sorted by slot, before they count; `newest`: the newest time of each one's slot."""
        before = newest
        if not runs.single:
            before = np.empty_like(newest)
            before[1:] = rows.time[:-1]
            before[runs.starts] = newest[runs.starts]
        self.of_rows(segment, rows, before)

    def of_rows(self, segment: Segment, rows: Candidates, before: Ints) -> None:
        """Rows before they count; `before`: the newest time of the slot until then."""
        begins = self._begin(rows, before)
        if rows.bits is not None:
            begins &= rows.bits & UNUSABLE == 0
        at = np.flatnonzero(begins)
        if not len(at):
            return
        some = [column[at].tolist() for column in (rows.which, rows.slot, rows.time, rows.value)]
        flags = [quality.GOOD] * len(at) if rows.bits is None else map(quality.flag_of, rows.bits[at].tolist())
        segment.samples += map(Sample, *some, flags)

    def _begin(self, rows: Candidates, before: Ints) -> Bools:
        """Rows that are the first in a step."""
        if self._same:  # a division by one number takes a fifth of the time
            return np.asarray(rows.time // self._same != before // self._same)
        every = self._every[self._slots.stream[rows.slot]]
        step = np.maximum(every, 1)
        return np.asarray((every > 0) & (rows.time // step != before // step))

    # -- signals -----------------------------------------------------------------------------------------------------

    def tell(self, samples: list[Sample], batch: Batch, found: Sequence[Told], begun: tuple[Place, int]) -> list[Told]:
        """What rows of a segment meant (`found`), with the samples in their places: after what else each row means.

        begun: a row's place, and how many signals it made before.
        """
        counts = {begun[0]: begun[1]}
        counts.update({(one.source.offset, one.source.row): one.source.n + 1 for one in found})
        topic, partition = self._lane
        samples = sorted(samples)  # by row; a slot has at most one of each
        row, slot, time, value, flag = map(list, zip(*samples, strict=True))
        columns = batch.columns
        offset, within, received = columns.offset[row].tolist(), columns.row[row].tolist(), batch.received[row].tolist()
        status = map(self._slots.status, slot)
        rows = zip(offset, within, received, status, time, value, flag, self._about(slot), strict=True)
        signals: list[Told] = [
            Sampled(
                cause_id("sample", group, station, prop, of, at),
                Source(topic, partition, place, inner, counts.get((place, inner), 0)),
                now, home, of, group, station, prop, at, number, unit, quality_flag,
            )
            for place, inner, now, of, at, number, quality_flag, (group, home, station, prop, unit) in rows
        ]  # fmt: skip
        return sorted([*found, *signals], key=_position) if found else signals

    def _about(self, slots: list[int]) -> Iterator[tuple[str, str, str, str, str]]:
        """Group, its home, station, property and unit; columns of all at once, because there are many a minute."""
        table, number = self._table, self._slots.numbers[self._slots.stream[slots]]
        columns = (table.group, table.network, table.station, table.profile)
        for group, network, station, profile in zip(*(one[number].tolist() for one in columns), strict=True):
            of = table.profiles[profile]
            home = table.zones[table.home[network]]
            yield str(table.groups[group]), home, table.stations[station], of.property, of.unit


def _position(signal: Told) -> tuple[int, int, int]:
    return signal.source.position
