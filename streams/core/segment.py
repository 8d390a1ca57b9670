"""Rows between two moments at which something may fall due, and what they set off."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streams.core.slots import UNHEARD, Slots
from streams.models.signal import Trigger

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Segment:
    """What rows of a batch set off, by number of the row; and how their slots stood before."""

    #: row -> slot, triggers of holds that its time fulfilled, triggers of the row itself
    fired: dict[int, tuple[int, list[Trigger], list[Trigger]]] = field(default_factory=dict)
    states: list[tuple[int, int, int]] = field(default_factory=list)  # row, slot, state from that row on
    #: per step: rows, their slots, times that count, newest time and state of the slots before
    steps: list[tuple[Ints, Ints, Ints, Ints, NDArray[np.int8]]] = field(default_factory=list)

    def add(self, row: int, slot: int, trigger: Trigger, *, matured: bool = False) -> None:
        """Note what a row set off."""
        _, over, own = self.fired.setdefault(row, (slot, [], []))
        (over if matured else own).append(trigger)


class Moving:
    """Takes some slots back to how they stood before a segment, and on again row by row."""

    def __init__(self, segment: Segment, slots: Slots, wanted: Iterable[Ints]) -> None:
        self._slots = slots
        ours = np.zeros(len(slots), np.bool_)
        for some in wanted:
            ours[some] = True
        events: list[tuple[int, int, int, int | None]] = []  # row, slot, time, state
        seen: set[int] = set()
        before: list[tuple[int, int, int]] = []
        for rows, of, times, newest, states in segment.steps:
            at = np.flatnonzero(ours[of])
            columns = (rows[at], of[at], times[at], newest[at], states[at])
            for row, slot, time, was, state in zip(*(c.tolist() for c in columns), strict=True):
                events.append((row, slot, time, None))
                if slot not in seen:
                    seen.add(slot)
                    before.append((slot, was, state))
        events += [(row, slot, UNHEARD, state) for row, slot, state in segment.states if ours[slot]]
        events.sort(key=lambda event: event[0])
        self._events, self._at = events, 0
        for slot, was, state in before:
            slots.newest[slot], slots.state[slot] = was, state

    def up_to(self, row: int) -> None:
        """As things stand once `row` has been handled; rows are asked for in ascending order."""
        slots = self._slots
        while self._at < len(self._events) and self._events[self._at][0] <= row:
            _, slot, time, state = self._events[self._at]
            self._at += 1
            slots.newest[slot] = max(int(slots.newest[slot]), time)
            if state is not None:
                slots.state[slot] = state

    def finish(self) -> None:
        """As things stand after the last row."""
        if self._events:
            self.up_to(self._events[-1][0])
