"""Whether datastreams are there: when each was heard, and when it will count as silent or absent."""

import numpy as np
from numpy.typing import NDArray

from streams.core.absence import Absences
from streams.core.arrived import Arrived
from streams.core.per_kind import PerKind
from streams.core.runs import Runs
from streams.core.slots import NEVER, OK, UNHEARD, Slots, next_second
from streams.models.times import DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LONGEST = 3650 * DAY  # of a silence; keeps the sums within 64 bits


class Presence:
    """When the slots of a partition were heard, and how long they are waited for."""

    def __init__(self, slots: Slots, silence: Ints, absences: Absences) -> None:
        """`silence`: received time without a usable value after which a datastream counts as silent, by kind."""
        self.slots, self.silence, self.absences = slots, silence, absences
        self._silent_ever = bool((silence != NEVER).any())
        self._wait = PerKind(np.where(silence == NEVER, NEVER, np.minimum(silence, LONGEST)))
        self.next_due = NEVER  # the earliest silence, absence or doubt that rows have set since it was last looked at

    def wait(self, due: int) -> None:
        """Something falls due then."""
        self.next_due = min(self.next_due, due)

    def heard(self, rows: Arrived, runs: Runs) -> None:
        """Rows with a usable value: the datastreams are there."""
        if not len(rows.slot):
            return
        last = runs.last
        self.hear(rows.slot[last], rows.received[last], rows.value[last])

    def hear(self, own: Ints, received: Ints, value: Floats) -> None:
        """The last usable value of each of several slots."""
        slots = self.slots
        slots.value[own], slots.heard[own] = value, received
        if self._silent_ever:
            slots.due[own] = due = self.due(own, received)
            self.next_due = min(self.next_due, int(due.min()))
        if self.absences:
            self.next_due = min(self.next_due, self.absences.renew(own, received))

    def never_heard(self) -> Ints:
        """Slots of which nothing was heard and for which nobody waits yet."""
        slots, count = self.slots, len(self.slots.numbers)
        unheard = (slots.newest[:count] == UNHEARD) & (slots.due[:count] == NEVER) & (slots.state[:count] == OK)
        return np.flatnonzero(unheard & (self.silence[slots.kind[:count]] != NEVER))

    def due(self, slot: Ints, received: Ints) -> Ints:
        """When slots that were heard at a time count as silent, unless they are heard again."""
        wait = self._wait.at(self.slots.kind[slot])
        if np.ndim(wait) == 0:
            return np.full(len(slot), NEVER) if wait == NEVER else next_second(received + wait)
        return np.where(wait == NEVER, NEVER, next_second(received + np.minimum(wait, LONGEST)))
