"""Conditions that hold while a datastream has been silent for some time (`absent`)."""

import math

import numpy as np
from numpy.typing import NDArray

from streams.core.fired import Fired
from streams.core.latch_plan import LatchPlan
from streams.core.plan import AbsencePlan
from streams.core.slots import NEVER, UNHEARD, Slots, next_second

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Absences:
    """Which of them are on, and when the next one falls due.

    since: received time from which a slot's silence counts; due: received time at which the next one goes on.
    """

    def __init__(self, plans: list[AbsencePlan], slots: Slots, kinds: int) -> None:
        self.plans: dict[int, list[LatchPlan]] = {}  # by kind
        for plan in plans:
            self.plans.setdefault(plan.kind, []).append(plan.latch)
        self.on: set[tuple[int, str, str]] = set()  # slot, hazard, condition
        self._slots = slots
        waits = [min((p.hold for p in self.plans.get(kind, ())), default=NEVER) for kind in range(kinds)]
        self._wait = np.array(waits, np.int64)
        count = len(slots) if plans else 0
        self.since, self.due = np.full(count, UNHEARD), np.full(count, NEVER)

    def __bool__(self) -> bool:
        return bool(self.plans)

    @property
    def holds(self) -> list[int]:
        """How long each of them waits."""
        return [plan.hold for plans in self.plans.values() for plan in plans]

    @property
    def next_due(self) -> int:
        """Received time at which the next one goes on."""
        return int(self.due.min(initial=NEVER))

    def grow(self) -> None:
        """Make room for new slots."""
        more = len(self._slots) - len(self.due)
        if self.plans and more > 0:
            more += len(self.due) // 4
            self.since = np.concatenate([self.since, np.full(more, UNHEARD)])
            self.due = np.concatenate([self.due, np.full(more, NEVER)])

    def renew(self, slot: Ints, received: Ints) -> int:
        """Usable values of slots at which none is on: the waiting begins anew; the earliest end."""
        wait = self._wait[self._slots.kind[slot]]
        ours = wait != NEVER
        slot, received, wait = slot[ours], received[ours], wait[ours]
        due = next_second(received + wait)
        self.since[slot], self.due[slot] = received, due
        return int(due.min(initial=NEVER))

    def heard(self, slot: int, received: int) -> list[Fired]:
        """A usable value: what was on goes off, and the waiting begins anew."""
        plans = self.plans.get(int(self._slots.kind[slot]), ())
        off = [p for p in plans if (slot, p.hazard, p.condition) in self.on]
        self.on -= {(slot, p.hazard, p.condition) for p in off}
        if plans:
            self.since[slot] = received
            self.due[slot] = next_second(received + min(p.hold for p in plans))
        return [self._fired(slot, plan, "off", int(self._slots.newest[slot])) for plan in off]

    def fall_due(self, now: int) -> list[tuple[int, Fired]]:
        """What has fallen due, with the received time at which it did."""
        found = []
        for slot in np.flatnonzero(self.due <= now).tolist():
            self.due[slot] = NEVER
            for plan in self.plans[int(self._slots.kind[slot])]:
                mark = (slot, plan.hazard, plan.condition)
                due = next_second(int(self.since[slot]) + plan.hold)
                if mark in self.on:
                    continue
                if due <= now:
                    self.on.add(mark)
                    time = int(self._slots.newest[slot]) + plan.hold
                    found.append((due, self._fired(slot, plan, "on", time)))
                else:
                    self.due[slot] = min(int(self.due[slot]), due)
        return found

    def pause(self, length: int, which: Bools) -> None:
        """Nobody could write for so long: that is not the datastreams' silence. `which`: of these slots."""
        waiting = which[: len(self.due)] & (self.since[: len(which)] != UNHEARD)
        at = np.flatnonzero(waiting)
        self.since[at] += length
        at = at[self.due[at] != NEVER]
        self.due[at] += length

    @staticmethod
    def _fired(slot: int, plan: LatchPlan, edge: str, time: int) -> Fired:
        return Fired(-1, slot, "on" if edge == "on" else "off", time, plan, math.nan, math.nan)
