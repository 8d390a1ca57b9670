"""Rows between two moments at which something may fall due, and what they set off."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streams.core.slots import UNHEARD
from streams.core.watch import AsOf
from streams.models.observation import Row
from streams.models.signal import Trigger

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Segment:
    """Accepted rows, handled round by round, and their triggers by row."""

    rows: list[Row]
    received: Ints
    #: row -> slot, triggers of holds that its time fulfilled, triggers of the row itself
    fired: dict[int, tuple[int, list[Trigger], list[Trigger]]] = field(default_factory=dict)
    states: list[tuple[int, int, int]] = field(default_factory=list)  # row, slot, state from that row on
    #: per round: rows, slots, times that count, newest time and state before
    rounds: list[tuple[Ints, Ints, Ints, Ints, NDArray[np.int8]]] = field(default_factory=list)

    def add(self, row: int, slot: int, trigger: Trigger, *, matured: bool = False) -> None:
        """Note what a row set off."""
        _, over, own = self.fired.setdefault(row, (slot, [], []))
        (over if matured else own).append(trigger)

    def moving(self, slots: Iterable[int]) -> "Moving":
        """How these slots stood, row by row."""
        return Moving(self, set(slots))


class Moving:
    """Newest time and state of some slots of a segment, as of one row after the other."""

    def __init__(self, segment: Segment, slots: set[int]) -> None:
        self._at: AsOf = {}
        events: list[tuple[int, int, int, int | None]] = []  # row, slot, time, state
        wanted = np.fromiter(slots, np.int64, len(slots))
        for rows, of, times, newest, states in segment.rounds:
            ours = np.flatnonzero(np.isin(of, wanted))
            for r, slot, time in zip(rows[ours].tolist(), of[ours].tolist(), times[ours].tolist(), strict=True):
                events.append((r, slot, time, None))
            for slot, before, state in zip(
                of[ours].tolist(), newest[ours].tolist(), states[ours].tolist(), strict=True
            ):
                self._at.setdefault(slot, (before, state))
        events += [(r, slot, UNHEARD, state) for r, slot, state in segment.states if slot in slots]
        self._events = deque(sorted(events, key=lambda event: event[0]))

    def up_to(self, row: int) -> AsOf:
        """Once `row` has been handled; rows are asked for in ascending order."""
        while self._events and self._events[0][0] <= row:
            _, slot, time, state = self._events.popleft()
            newest, before = self._at[slot]
            self._at[slot] = (max(newest, time), before if state is None else state)
        return self._at


def rounds(slot: Ints) -> list[Ints]:
    """Split row numbers into rounds in which each slot appears once, a slot's rows in order.

    >>> [r.tolist() for r in rounds(np.array([4, 7, 4, 4]))]
    [[0, 1], [2], [3]]
    """
    order = np.argsort(slot, kind="stable")
    ordered = slot[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]]
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(slot)), 0))
    turn = np.empty(len(slot), np.int64)
    turn[order] = np.arange(len(slot)) - begin
    by_turn = np.argsort(turn, kind="stable")
    return np.split(by_turn, np.cumsum(np.bincount(turn))[:-1])
