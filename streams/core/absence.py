"""Conditions that hold while a datastream has been silent for some time (`absent`)."""

import math

from streams.core.chains import Fired
from streams.core.plan import AbsencePlan
from streams.core.slots import NEVER, Slots, next_second


class Absences:
    """Which of them are on, and when the next one falls due."""

    def __init__(self, plans: list[AbsencePlan]) -> None:
        self._plans: dict[int, list[AbsencePlan]] = {}  # by number of the datastream
        for plan in plans:
            self._plans.setdefault(plan.stream, []).append(plan)
        self._on: set[tuple[int, str, str]] = set()  # slot, hazard, condition
        self._since: dict[int, int] = {}  # slot -> received time from which its silence counts
        self._due: dict[int, int] = {}  # slot -> received time

    def __bool__(self) -> bool:
        return bool(self._plans)

    @property
    def holds(self) -> list[int]:
        """How long each of them waits."""
        return [plan.latch.hold for plans in self._plans.values() for plan in plans]

    @property
    def next_due(self) -> int:
        """Received time at which the next one goes on."""
        return min(self._due.values(), default=NEVER)

    def heard(self, slots: Slots, slot: int) -> list[Fired]:
        """A usable value: what was on goes off, and the waiting begins anew."""
        plans = self._plans.get(int(slots.stream[slot]), ())
        off = [p for p in plans if (slot, p.latch.hazard, p.latch.condition) in self._on]
        self._on -= {(slot, p.latch.hazard, p.latch.condition) for p in off}
        if plans:
            self._since[slot] = int(slots.heard[slot])
            self._due[slot] = next_second(self._since[slot] + min(p.latch.hold for p in plans))
        return [self._fired(slot, plan, "off", int(slots.newest[slot])) for plan in off]

    def due(self, slots: Slots, now: int) -> list[tuple[int, Fired]]:
        """What has fallen due, with the received time at which it did."""
        found = []
        for slot in [s for s, due in self._due.items() if due <= now]:
            self._due[slot] = NEVER
            for plan in self._plans[int(slots.stream[slot])]:
                mark = (slot, plan.latch.hazard, plan.latch.condition)
                due = next_second(self._since[slot] + plan.latch.hold)
                if mark in self._on:
                    continue
                if due <= now:
                    self._on.add(mark)
                    found.append((due, self._fired(slot, plan, "on", int(slots.newest[slot]) + plan.latch.hold)))
                else:
                    self._due[slot] = min(self._due[slot], due)
        return found

    def pause(self, length: int) -> None:
        """Nobody could write for so long: that is not the datastreams' silence."""
        self._since = {slot: since + length for slot, since in self._since.items()}
        self._due = {slot: due if due == NEVER else due + length for slot, due in self._due.items()}

    def on(self) -> list[int]:
        """Slots at which one is on."""
        return [slot for slot, _, _ in self._on]

    @staticmethod
    def _fired(slot: int, plan: AbsencePlan, edge: str, time: int) -> Fired:
        return Fired(-1, slot, "on" if edge == "on" else "off", time, plan.latch, math.nan, math.nan)
