"""What a partition waits for: silences, doubts, holds, absences, rows that wait for others; and when each is over."""

import numpy as np
from numpy.typing import NDArray

from streams.core import triggers
from streams.core.borders import Borders
from streams.core.fired import Fired
from streams.core.holdings import Holdings
from streams.core.slots import NEVER, OK, SILENT
from streams.models.signal import Trigger

Bools = NDArray[np.bool_]


class Deadlines:
    """Of what a partition holds, by received time."""

    def __init__(self, held: Holdings) -> None:
        self._held, self.borders = held, Borders(held)

    def fall_due(self, now: int) -> list[tuple[int, int, Trigger]]:
        """What is over by `now`: when it was, slot, trigger."""
        held, slots = self._held, self._held.slots
        found: list[tuple[int, int, Trigger]] = []
        begun = self._seasons(now)  # before those fall silent that are still there when a season begins
        for slot in np.flatnonzero(slots.due <= now).tolist():
            due = int(slots.due[slot])
            slots.due[slot] = NEVER
            if slots.state[slot] == OK:
                found.append((due, slot, triggers.silent(slots, slot)))
            slots.state[slot], slots.changed[slot] = SILENT, True
        for due, slot in held.distrust.mature(now):
            found.append((due, slot, triggers.doubt(slots, slot, held.bound(slot) if slots.bits[slot] else "")))
        fired = begun + self._mature(now) + held.absences.fall_due(now)
        return found + [(due, one.slot, triggers.of_latch(slots, held.watch, one)) for due, one in fired]

    def _seasons(self, now: int) -> list[tuple[int, Fired]]:
        """Seasons that have begun by `now`, and the holds that were over before."""
        found: list[tuple[int, Fired]] = []
        while (due := self.borders.next) <= now:
            found += self._mature(due - 1)  # one that would end with the border may be broken by it
            found += [(due, one) for one in self.borders.begin()]
        return found

    def _mature(self, now: int) -> list[tuple[int, Fired]]:
        """Holds that are over by `now`, and rows that have waited for others until then, as they fell due."""
        held = self._held
        found: list[tuple[int, Fired]] = []
        while (due := held.joins.next_due) <= now:
            found += [one for latching in held.latchings for one in latching.mature(due)]
            found += held.joins.give_up(due)
        return found + [one for latching in held.latchings for one in latching.mature(now)]

    def pause(self, longer: int, waiting: Bools) -> None:
        """Nobody could write for so long: slots wait longer by it."""
        held, slots = self._held, self._held.slots
        slots.due[: len(slots)][waiting & (slots.due[: len(slots)] != NEVER)] += longer
        held.absences.pause(longer, waiting)
        held.joins.pause(longer)
        held.distrust.pause(longer, waiting)

    def next(self) -> int:
        """When the next falls due, everything looked at."""
        held = self._held
        holds = [one.active.latches.next_due for one in held.latchings]
        held.judge.presence.next_due = NEVER
        silence, doubt = int(held.slots.due.min(initial=NEVER)), held.distrust.next_due
        return min([silence, doubt, held.absences.next_due, held.joins.next_due, self.borders.next, *holds])

    def earliest(self, known: int) -> int:
        """The same once rows have come, of what they have begun to wait for; `known`: what it was before them."""
        held = self._held
        holds = [one.active.latches.next_due for one in held.latchings]
        return min([known, held.judge.presence.next_due, held.joins.next_due, *holds])
