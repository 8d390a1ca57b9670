"""Triggers to signals: one a zone and status, in the order in which their rows lie in the log."""

import numpy as np

from streams.core import triggers
from streams.core.holdings import Holdings
from streams.core.output import Output
from streams.core.resolve import Batch
from streams.core.segment import Moving, Segment, Told
from streams.core.slots import NEVER
from streams.models.ids import cause_id
from streams.models.observation import Status
from streams.models.signal import Source, Trigger, Triggered

TOGETHER = 1_000  # triggers of one signal: it has to fit into a record


class Telling:
    """What a partition says of its slots."""

    def __init__(self, held: Holdings) -> None:
        self._slots, self._watch, self._sampling = held.slots, held.watch, held.sampling
        self._topic, self._partition = held.topic, held.partition

    def groups(self, found: list[tuple[int, Trigger]], due: int, out: Output, n: int, position: tuple[int, int]) -> int:
        """One signal a zone and status, in order of zone, numbered from `n` at the newest record; the next number."""
        groups: dict[tuple[str, Status], list[tuple[int, Trigger]]] = {}
        for slot, trigger in found:
            for zone in self._watch.zones_of(slot, trigger):
                groups.setdefault((zone, self._slots.status(slot)), []).append((slot, trigger))
        for zone, status in sorted(groups):
            together = sorted(groups[zone, status], key=lambda one: triggers.order(one[1]))
            for start in range(0, len(together), TOGETHER):
                told = together[start : start + TOGETHER]
                passed = {key: self._watch.passed(key) for key in self._watch.subjects(told, zone)}
                place = (*position, n)
                out.signals.append(self._signal(place, zone, status, [t for _, t in told], due, passed))
                n += 1
        return n

    def _signal(
        self,
        place: tuple[int, int, int],
        zone: str,
        status: Status,
        told: list[Trigger],
        received: int,
        passed: dict[str, int],
    ) -> Triggered:
        if not all(t.first for t in told):  # with first words nothing begins whose end has to be waited for
            self._watch.note(passed, max(t.time for t in told), received)
        signal_id = cause_id("signal", zone, status, *(t.id for t in told))
        return Triggered(signal_id, Source(self._topic, self._partition, *place), received, zone, status, told, passed)

    def say(self, segment: Segment, batch: Batch, out: Output, n: int, first: tuple[int, int]) -> None:
        """What rows set off, then each row's sample. `n`: signals that the row at `first` has made before."""
        before = len(out.signals)
        if segment.fired:
            self._tell(segment, batch, out, n, first)
        if segment.samples:
            out.signals[before:] = self._sampling.tell(segment.samples, batch, out.signals[before:], (first, n))

    def _tell(self, segment: Segment, batch: Batch, out: Output, n: int, first: tuple[int, int]) -> None:
        """Signals in row order: what each hold's end meant, earliest first, then what the row itself meant."""
        todo = []  # row, its place, number of the signal, zone, slot, triggers, subjects
        for row in sorted(segment.fired):
            own_place = batch.columns.place(row)
            count, own = n if own_place == first else 0, segment.fired[row][1]
            for together in segment.in_turn(row):
                # what is about an earlier time comes before what else the row means
                upto = NEVER if together is own else together[0].trigger.time
                for zone, some in self._by_zone(together):
                    subjects = self._watch.subjects([(one.slot, one.trigger) for one in some], zone)
                    told = sorted((one.trigger for one in some), key=triggers.order)
                    todo.append((row, upto, (*own_place, count), zone, some[0].slot, told, subjects))
                    count += 1
        wanted = [self._watch.members(key) for *_, keys in todo for key in keys]
        moving = Moving(segment, self._slots, wanted, np.array([row for row, *_ in todo], np.int64))
        for row, upto, place, zone, slot, told, keys in todo:
            moving.up_to(row)
            passed = {key: min(self._watch.passed(key), upto) for key in keys}
            status = self._slots.status(slot)
            out.signals.append(self._signal(place, zone, status, told, batch.received_at(row), passed))
        moving.finish()

    def _by_zone(self, together: list[Told]) -> list[tuple[str, list[Told]]]:
        found: dict[str, list[Told]] = {}
        for one in together:
            for zone in self._watch.zones_of(one.slot, one.trigger):
                found.setdefault(zone, []).append(one)
        return sorted(found.items())
