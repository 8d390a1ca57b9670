"""The latches of a chain: their thresholds as tables, and what an edge of one of them is about."""

import numpy as np
from numpy.typing import NDArray

from detectors.trigger import Latches
from streams.core.active import Active
from streams.core.fired import NAN, Fired, Rows
from streams.core.plan import ChainPlan
from streams.core.quality import mask_of
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class LatchTables:
    """Thresholds by row of some tables: one for each variant of each kind of datastreams, and each time of the year.

    `counts`: how many variants each kind has that the plan speaks of. Slots are the chain's local ones; `owner`: the
    Bank's slot of each.
    """

    def __init__(self, plan: ChainPlan, counts: list[int], direction: int | None = None) -> None:
        """`direction`: what a score is that lacks data (wholeness.direction_of)."""
        self.calendar = plan.calendar
        days = ((1, 1),) if self.calendar is None else self.calendar.days
        self.times = len(days)  # of the year
        self._counts = counts
        self._plans = [[one.on(day) for one in row] for row in plan.latches.values() for day in days]
        self.width = max(len(row) for row in self._plans)
        kind = np.repeat(np.arange(len(counts)), counts)
        #: row of the tables -> place in `_plans`, and number of the variant
        self._plan_of = (kind[:, None] * self.times + np.arange(self.times)).reshape(-1)
        self._variant = np.repeat(np.concatenate([np.arange(count) for count in counts]), self.times)
        latches = Latches(
            self._table("thr_on", np.nan), self._table("thr_off", np.nan), self._table("sign", 1),
            self._table("hold", 0), self._table("step", np.inf), self._table("n", 1), self._table("m", 0),
        )  # fmt: skip
        masks = [[mask_of(p.checks) for p in row] + [0] * (self.width - len(row)) for row in self._plans]
        self.mask = np.array(masks, np.int64)[self._plan_of]
        #: latches whose first answer is told, though it is no; None: there are none
        self.words = self._table("word", 0) > 0 if any(one.word for row in self._plans for one in row) else None
        #: latches that a score without all its data says nothing about: it may well be beyond them, or not
        self.unproven = None if direction is None else latches.sign * direction <= 0
        #: a score strictly between these moves no latch that is neither on nor in a hold
        low = np.where(latches.sign < 0, -latches.thr_on, np.nan)
        high = np.where(latches.sign > 0, latches.thr_on, np.nan)
        self.low = np.fmax.reduce(low, axis=1, initial=-np.inf)
        self.high = np.fmin.reduce(high, axis=1, initial=np.inf)
        self.active = Active(latches, 0)
        self.owner = np.empty(0, np.int32)

    def _table(self, name: str, missing: float) -> Floats:
        """A number of each latch of each row."""
        found = np.full((len(self._plan_of), self.width), missing)
        at = 0
        for number, count in enumerate(self._counts):
            for season in range(self.times):
                rows = slice(at + season, at + count * self.times, self.times)
                for column, plan in enumerate(self._plans[number * self.times + season]):
                    found[rows, column] = getattr(plan, name)
            at += count * self.times
        return found

    @property
    def simple(self) -> bool:
        """Whether nobody counts readings and no threshold changes with the season."""
        return self.calendar is None and not self.active.latches.counts

    @property
    def holds(self) -> list[int]:
        """How long its latches wait."""
        return [plan.hold for row in self._plans for plan in row if plan.hold > 0]

    def at(self, kind: NDArray[np.int32], time: Ints) -> NDArray[np.int32]:
        """Rows of the tables at some times, from those of the datastreams."""
        if self.calendar is None:
            return kind
        return (kind * self.times + self.calendar.of(time)).astype(np.int32)

    def edge(self, which: int, where: tuple[int, int, int], edge: Edge, time: int, score: float) -> Fired:
        """An edge of a latch. `where`: row of the tables, local slot, latch."""
        at, local, column = where
        plan, variant = self._plans[self._plan_of[at]][column], int(self._variant[at])
        slot, (a, b) = int(self.owner[local]), plan.scale
        if plan.forecast:
            return Fired(which, slot, edge, time, plan, NAN, NAN, variant, chance=score)
        return Fired(which, slot, edge, time, plan, score * a + b, NAN, variant)

    def with_peak(self, fired: Fired, peak: float) -> Fired:
        """With the largest sign * score since the latch went on; a forecast has none."""
        if not fired.plan.forecast:
            a, b = fired.plan.scale
            fired.peak = float(fired.plan.sign * peak) * a + b
        return fired

    def first_word(self, rows: Rows, row: int, column: int) -> Fired:
        """At one of some rows a latch says for the first time what it is: off."""
        where = (int(rows.kind[row]), int(rows.local[row]), column)
        fired = self.edge(int(rows.which[row]), where, "off", int(rows.at[row]), float(rows.score[row]))
        fired.first = True
        return of_row(fired, rows, row, column)


def of_row(fired: Fired, rows: Rows, row: int, column: int) -> Fired:
    """With what the row tells of itself."""
    fired.suspect = rows.suspect is not None and bool(rows.suspect[row, column])
    fired.bits = 0 if rows.flags is None else int(rows.flags[row, column])
    fired.reading = NAN if rows.reading is None else float(rows.reading[row])
    if rows.ahead is not None:
        a, b = fired.plan.scale
        fired.score, fired.lead = float(rows.ahead[row, 0]) * a + b, float(rows.ahead[row, 1])
    return fired
