"""Rows between two moments at which something may fall due, and what they set off."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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

    def as_of(self, row: int) -> AsOf:
        """Newest time and state of the slots of this segment once `row` has been handled."""
        at: AsOf = {}
        for rows, slots, times, newest, states in self.rounds:
            for r, slot, time, before, state in zip(rows, slots, times, newest, states, strict=True):
                at.setdefault(int(slot), (int(before), int(state)))
                if r <= row:
                    at[int(slot)] = (max(int(time), at[int(slot)][0]), at[int(slot)][1])
        for r, slot, state in self.states:
            if r <= row:
                at[slot] = (at[slot][0], state)
        return at


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
