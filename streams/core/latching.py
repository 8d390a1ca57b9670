"""The latches of a chain: which rows move them, and what is told of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from detectors.trigger import Changes, Edges, Latches
from streams.core.active import Active
from streams.core.fired import NAN, Fired, Rows
from streams.core.plan import ChainPlan
from streams.core.quality import HARD, mask_of
from streams.core.runs import Runs, latest
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Latching:
    """Thresholds by row of some tables: one for each variant of each kind of datastreams, and each time of the year.

    `counts`: how many variants each kind has that the plan speaks of. Slots are the chain's local ones; `owner`: the
    Bank's slot of each.
    """

    def __init__(self, plan: ChainPlan, counts: list[int], direction: int | None = None) -> None:
        """`direction`: what a score is that lacks data (wholeness.direction_of)."""
        self._calendar = plan.calendar
        days = ((1, 1),) if self._calendar is None else self._calendar.days
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
        self._unproven = None if direction is None else latches.sign * direction <= 0
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
    def holds(self) -> list[int]:
        """How long its latches wait."""
        return [plan.hold for row in self._plans for plan in row if plan.hold > 0]

    def at(self, kind: NDArray[np.int32], time: Ints) -> NDArray[np.int32]:
        """Rows of the tables at some times, from those of the datastreams."""
        if self._calendar is None:
            return kind
        return (kind * self.times + self._calendar.of(time)).astype(np.int32)

    def touched(self, rows: Rows) -> Bools:
        """Rows that may move a latch: of slots where something is going on, or with a score beyond the quiet range."""
        touched = (rows.score >= self.high[rows.kind]) | (rows.score <= self.low[rows.kind])
        if len(self.active):
            touched |= self.active.row[rows.local] >= 0
        return np.asarray(touched)

    def judge(self, rows: Rows) -> Iterator[Fired]:
        """Rows of slots that are touched; what is told of a row is how things stood right after it."""
        runs = Runs.of(rows.local)
        taken = self.active.take(rows.local[runs.starts], rows.kind[runs.starts])
        if runs.single:
            yield from self._update(rows, taken)
        else:
            yield from self._stride(rows, runs, taken)
        self.active.let_go(taken)

    def _stride(self, rows: Rows, runs: Runs, taken: Ints) -> Iterator[Fired]:
        """Several rows of a slot: from one at which something happens to the next."""
        while len(rows.local):
            moves = self._moves(rows, runs, taken)
            stop = runs.first(moves)
            self._pass_over(rows, runs, taken, stop)
            going = np.flatnonzero(stop < runs.starts + runs.counts)
            if not len(going):
                return
            yield from self._update(rows.keep(stop[going]), taken[going])
            rest = np.flatnonzero(np.arange(len(rows.local)) > np.repeat(stop, runs.counts))
            rows = rows.keep(rest)
            left = (runs.starts + runs.counts - 1 - stop) > 0
            taken = taken[left]
            runs = Runs.of(rows.local)

    def _moves(self, rows: Rows, runs: Runs, taken: Ints) -> Bools:
        """Which rows would change more than a peak, as things stand."""
        latches = self.active.latches
        clean = rows.flags is None and rows.suspect is None and rows.bound is None
        if clean and not latches.counts and self._calendar is None:
            return latches.span(taken, rows.kind[runs.starts]).beyond(runs.counts, rows.at, rows.score)
        none = np.zeros((len(rows.local), self.width), np.bool_)
        suspect, failed = none if rows.suspect is None else rows.suspect, self._failed(rows)
        of_row = np.repeat(taken, runs.counts)
        settled = latches.settled(of_row, rows.kind, rows.at, rows.score, suspect, failed, rows.bound)
        return ~settled | failed.any(axis=1)  # what a latch has no value of must not become its peak

    def _failed(self, rows: Rows) -> Bools:
        """[rows, latches]: no value for that latch."""
        failed = np.zeros((len(rows.local), self.width), np.bool_) if rows.flags is None else rows.flags & HARD > 0
        if rows.bound is not None and self._unproven is not None:
            failed = failed | (rows.bound[:, None] & self._unproven[rows.kind])
        return failed

    def _pass_over(self, rows: Rows, runs: Runs, taken: Ints, stop: Ints) -> None:
        """The rows before `stop` move nothing but the peaks and the last score."""
        some = np.flatnonzero(stop > runs.starts)
        if not len(some):
            return
        passed = np.arange(len(rows.local)) < np.repeat(stop, runs.counts)
        high = np.fmax.reduceat(np.where(passed, rows.score, np.nan), runs.starts)[some]
        low = np.fmin.reduceat(np.where(passed, rows.score, np.nan), runs.starts)[some]
        self.active.latches.raise_peak(taken[some], rows.kind[runs.starts[some]], high, low)
        newest = latest(passed & ~np.isnan(rows.score))[stop[some] - 1]
        there = newest >= runs.starts[some]
        self.active.last[taken[some[there]]] = rows.score[newest[there]]

    def _update(self, rows: Rows, taken: Ints) -> Iterator[Fired]:
        """One row of each of several slots."""
        if self._calendar is not None:  # what was on is judged by the thresholds of the day
            self.active.kind[taken] = rows.kind
        active, failed = self.active, self._failed(rows)
        suspect = np.zeros((len(taken), self.width), np.bool_) if rows.suspect is None else rows.suspect
        before = active.last[taken]
        active.last[taken] = np.where(np.isnan(rows.score), before, rows.score)
        changes = active.latches.update(
            taken, rows.kind, rows.at, rows.received, rows.score, suspect, failed, rows.bound
        )
        return self._tell(rows, taken, before, changes)

    def _tell(self, rows: Rows, taken: Ints, before: Floats, changes: Changes) -> Iterator[Fired]:
        """What changed, one latch at a time; what a hold's end tells is how things stood before this row."""
        for row, column, time, doubt in zip(*_columns(changes.matured), changes.matured_doubtful, strict=True):
            fired = self._fired(int(rows.which[row]), int(taken[row]), int(column), "on", int(time), float(before[row]))
            fired.matured, fired.doubtful = True, bool(doubt)
            yield fired
        edges_of: dict[Edge, Edges] = {"on": changes.on, "off": changes.off, "sighting": changes.sighting}
        for edge, edges in edges_of.items():
            for row, column, time in zip(*_columns(edges), strict=True):
                at, last = int(taken[row]), float(self.active.last[taken[row]])
                fired = self._fired(int(rows.which[row]), at, int(column), edge, int(time), last)
                fired.doubtful = bool(self.active.latches.doubtful[at, column])
                yield _of_row(fired, rows, int(row), int(column))

    def mature(self, received: int) -> Iterator[tuple[int, Fired]]:
        """Holds that received time has passed, each with the received time at which it was over."""
        active = self.active
        if received < active.latches.next_due:
            return
        for row, column, time, due in zip(*active.latches.mature(received, active.kind), strict=True):
            fired = self._fired(-1, int(row), int(column), "on", int(time), float(active.last[row]))
            fired.matured, fired.doubtful = True, bool(active.latches.doubtful[row, column])
            yield int(due), fired

    def _fired(self, which: int, row: int, column: int, edge: Edge, time: int, score: float) -> Fired:
        at, local = int(self.active.kind[row]), int(self.active.local[row])
        fired = self._edge(which, (at, local, column), edge, time, score)
        if not fired.plan.forecast:
            a, b = fired.plan.scale
            fired.peak = float(fired.plan.sign * self.active.latches.peak[row, column]) * a + b
        return fired

    def _edge(self, which: int, where: tuple[int, int, int], edge: Edge, time: int, score: float) -> Fired:
        """`where`: row of the tables, local slot, latch."""
        at, local, column = where
        plan, variant = self._plans[self._plan_of[at]][column], int(self._variant[at])
        slot, (a, b) = int(self.owner[local]), plan.scale
        if plan.forecast:
            return Fired(which, slot, edge, time, plan, NAN, NAN, variant, chance=score)
        return Fired(which, slot, edge, time, plan, score * a + b, NAN, variant)

    def first_word(self, rows: Rows, row: int, column: int) -> Fired:
        """At one of some rows a latch says for the first time what it is: off."""
        where = (int(rows.kind[row]), int(rows.local[row]), column)
        fired = self._edge(int(rows.which[row]), where, "off", int(rows.at[row]), float(rows.score[row]))
        fired.first = True
        return _of_row(fired, rows, row, column)

    def slots_on(self) -> list[int]:
        """Slots at which a latch is on."""
        on = np.flatnonzero(self.active.latches.on[: len(self.active.local)].any(axis=1) & (self.active.local >= 0))
        found: list[int] = self.owner[self.active.local[on]].tolist()
        return found


def _of_row(fired: Fired, rows: Rows, row: int, column: int) -> Fired:
    """With what the row tells of itself."""
    fired.suspect = rows.suspect is not None and bool(rows.suspect[row, column])
    fired.bits = 0 if rows.flags is None else int(rows.flags[row, column])
    fired.reading = NAN if rows.reading is None else float(rows.reading[row])
    if rows.ahead is not None:
        a, b = fired.plan.scale
        fired.score, fired.lead = float(rows.ahead[row, 0]) * a + b, float(rows.ahead[row, 1])
    return fired


def _columns(edges: Edges) -> tuple[Ints, Ints, Ints]:
    return edges.row, edges.column, edges.time
