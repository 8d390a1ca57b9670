"""The latches of a chain: which rows move them, and what is told of it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from detectors.trigger import Changes, Edges
from streams.core.fired import Fired, Rows
from streams.core.latch_tables import LatchTables, of_row
from streams.core.quality import HARD
from streams.core.runs import Runs, latest
from streams.core.slot_by_slot import FEW, SlotRows, each_slot, judged
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Latching(LatchTables):
    """The latches of one chain at work."""

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
        if runs.single and not self._few(rows, runs):
            yield from self._update(rows, taken)
        else:
            yield from self._stride(rows, runs, taken)
        self.active.let_go(taken)

    def judge_few(self, some: list[SlotRows]) -> list[Fired]:
        """The same of good rows of a few slots, where thresholds are `simple`."""
        taken = self.active.take(np.array([one.local for one in some]), np.array([one.kind for one in some]))
        found = judged(self, some, taken)
        self.active.let_go(taken)
        return found

    def _few(self, rows: Rows, runs: Runs) -> bool:
        good = rows.flags is None and rows.suspect is None and rows.bound is None
        return good and len(runs) <= FEW and self.simple

    def _stride(self, rows: Rows, runs: Runs, taken: Ints) -> Iterator[Fired]:
        """Several rows of a slot: from one at which something happens to the next."""
        while len(rows.local):
            if self._few(rows, runs):
                yield from judged(self, each_slot(rows, runs), taken)
                return
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
        if rows.flags is None and rows.suspect is None and rows.bound is None and self.simple:
            return latches.span(taken, rows.kind[runs.starts]).beyond(runs.counts, rows.at, rows.score)
        none = np.zeros((len(rows.local), self.width), np.bool_)
        suspect, failed = none if rows.suspect is None else rows.suspect, self._failed(rows)
        of_row = np.repeat(taken, runs.counts)
        settled = latches.settled(of_row, rows.kind, rows.at, rows.score, suspect, failed, rows.bound)
        return ~settled | failed.any(axis=1)  # what a latch has no value of must not become its peak

    def _failed(self, rows: Rows) -> Bools:
        """[rows, latches]: no value for that latch."""
        failed = np.zeros((len(rows.local), self.width), np.bool_) if rows.flags is None else rows.flags & HARD > 0
        if rows.bound is not None and self.unproven is not None:
            failed = failed | (rows.bound[:, None] & self.unproven[rows.kind])
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
        if self.calendar is not None:  # what was on is judged by the thresholds of the day
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
                yield of_row(fired, rows, int(row), int(column))

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
        fired = self.edge(which, (at, local, column), edge, time, score)
        return self.with_peak(fired, self.active.latches.peak[row, column])

    def slots_on(self) -> list[int]:
        """Slots at which a latch is on."""
        on = np.flatnonzero(self.active.latches.on[: len(self.active.local)].any(axis=1) & (self.active.local >= 0))
        found: list[int] = self.owner[self.active.local[on]].tolist()
        return found


def _columns(edges: Edges) -> tuple[Ints, Ints, Ints]:
    return edges.row, edges.column, edges.time
