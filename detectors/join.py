"""Rows of several inputs from single readings, for parts that look at more than one channel."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detectors.base import MINUTE, NEVER, SECOND, Column, Floats, Ints
from detectors.memory import Memory

_UNTIL_FULL = 4  # times that may wait for each other's inputs


@dataclass(frozen=True)
class Rows:
    """Rows to hand to a part, in the order of each slot's time: slot and time [n], value [n, inputs]."""

    slot: Ints
    time: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.slot)


class Join(Memory):
    """Puts readings of named inputs together into rows.

    - `exact`: a row is the readings of one time. It comes out when all are there; or, with NaN for those that are not,
      once a reading of its slot is more than `max_wait` newer, once a newer row comes out, or when five times wait.
      A reading older than the newest row is dropped.
    - `latest`: every reading of the first input makes a row at its time; the others are their newest readings, NaN if
      older than `max_age` or newer than the row.

    Args:
        inputs: names of the inputs, in the order of the row.
        how: `exact` or `latest`.
        max_wait: microseconds of data time (`exact`).
        max_age: microseconds (`latest`).
        slots: room to begin with.

    Memory: 40 bytes an input and 40 (`exact`).

    North arrives at 1 s and 2 s, east only at 2 s: the row of 1 s waits until that of 2 s is whole.

    >>> join, here = Join(inputs=("north", "east"), slots=1), np.array([0])
    >>> def read(second, name, value):
    ...     rows = join.update(here, np.array([second * SECOND]), name, np.array([value]))
    ...     return rows.time.tolist(), rows.value.tolist()
    >>> read(1, "north", 3.0), read(2, "north", 4.0)
    (([], []), ([], []))
    >>> read(2, "east", 5.0)
    ([1000000, 2000000], [[3.0, nan], [4.0, 5.0]])
    """

    def __init__(
        self,
        *,
        inputs: tuple[str, ...] = ("x", "y", "z"),
        how: Literal["exact", "latest"] = "exact",
        max_wait: int = 10 * SECOND,
        max_age: int = 10 * MINUTE,
        slots: int = 0,
    ) -> None:
        if len(inputs) < 2 or len(set(inputs)) < len(inputs) or how not in {"exact", "latest"}:
            raise ValueError(f"Join: two or more different inputs, 'exact' or 'latest', found {inputs}, {how!r}")
        self.inputs, self.how, self.max_wait, self.max_age = inputs, how, max_wait, max_age
        k, depth = len(inputs), _UNTIL_FULL if how == "exact" else 1
        self._depth = depth
        super().__init__(
            slots,
            out=Column(np.int64, NEVER),
            times=Column(np.int64, NEVER, depth if how == "exact" else k),
            values=Column(np.float64, np.nan, depth * k),
        )

    def update(self, slot: Ints, time: Ints, name: str, value: Floats) -> Rows:
        """One reading of the input `name` of each of several different slots; answers the rows that are due."""
        good = np.flatnonzero(np.isfinite(value))
        slot, time, value = slot[good], time[good], value[good]
        which = self.inputs.index(name)
        self.state["last"][slot] = np.maximum(self.state["last"][slot], time)
        if self.how == "latest":
            return self._latest(slot, time, which, value)
        rows = [self._exact(int(s), int(t), which, float(v)) for s, t, v in zip(slot, time, value, strict=True)]
        return self._rows([row for some in rows for row in some])

    def expire(self, now: int) -> Rows:
        """Rows that have waited for longer than `max_wait`, by a clock that is in step with the data's."""
        waiting = self.state["times"][: self.slots]
        found: list[tuple[int, int, Floats]] = []
        if self.how == "exact":
            due = (waiting != NEVER) & (waiting + self.max_wait < now)
            for slot in np.flatnonzero(due.any(axis=1)).tolist():
                found += self._take(slot, int(waiting[slot][due[slot]].max()))
        return self._rows(found)

    def _latest(self, slot: Ints, time: Ints, which: int, value: Floats) -> Rows:
        newer = time >= self.state["times"][slot, which]
        slot, time, value = slot[newer], time[newer], value[newer]
        self.state["times"][slot, which], self.state["values"][slot, which] = time, value
        if which:
            return self._rows([])
        age = time[:, None] - self.state["times"][slot]
        usable = (age >= 0) & (age <= self.max_age)
        return Rows(slot, time, np.where(usable, self.state["values"][slot], np.nan))

    def _exact(self, slot: int, time: int, which: int, value: float) -> list[tuple[int, int, Floats]]:
        times = self.state["times"][slot]
        values = self.state["values"][slot].reshape(self._depth, len(self.inputs))
        if time <= self.state["out"][slot]:
            return []
        found = self._take(slot, int(self.state["last"][slot]) - self.max_wait - 1)
        if time <= self.state["out"][slot]:
            return found
        at = np.flatnonzero(times == time)
        if not at.size:
            if not (times == NEVER).any():
                found += self._take(slot, int(times.min()))
            at = np.flatnonzero(times == NEVER)
        times[at[0]] = time
        values[at[0], which] = value
        if np.isfinite(values[at[0]]).all():
            found += self._take(slot, time)
        return found

    def _take(self, slot: int, until: int) -> list[tuple[int, int, Floats]]:
        """Everything that waits with a time up to `until`, oldest first."""
        times = self.state["times"][slot]
        values = self.state["values"][slot].reshape(self._depth, len(self.inputs))
        due = [at for at in np.argsort(times, kind="stable").tolist() if NEVER < times[at] <= until]
        found = [(slot, int(times[at]), values[at].copy()) for at in due]
        for at in due:
            self.state["out"][slot] = max(int(self.state["out"][slot]), int(times[at]))
            times[at], values[at] = NEVER, np.nan
        return found

    def _rows(self, found: list[tuple[int, int, Floats]]) -> Rows:
        if not found:
            nothing = np.array([], dtype=np.int64)
            return Rows(nothing, nothing, np.empty((0, len(self.inputs))))
        slot, time, value = zip(*found, strict=True)
        return Rows(np.array(slot), np.array(time), np.array(value))
