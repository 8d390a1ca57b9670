"""Latches that have yet to say what they are, where that matters though it is no: rules may hold while nothing is on.

The first good and whole value below its threshold is told as an `off` of what never was on. One that goes on first has
said so. So nobody is taken to be off who was never heard, or heard only in doubt.

It is told again every AGAIN: who has lost his memory and reads no further back than the log of signals reaches would
not hear it otherwise. What is on speaks more often than that.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core.fired import Fired, Rows
from streams.core.latching import Latching
from streams.core.quality import HARD
from streams.models.times import HOUR

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
AGAIN = 6 * HOUR  # of phenomenon time
NEVER = np.iinfo(np.int64).max
FIRST = -(1 << 62)  # nothing was said yet: a word is due whatever the time
DUE, ANEW = 1, 2  # as it is saved: at once, and (what is being read anew) from where it is live


class FirstWords:
    """Of one chain. due: [local slots, latches], from which phenomenon time on the next word is due."""

    def __init__(self, latching: Latching, wanted: Bools) -> None:
        """`wanted`: latches that are to say it, by row of the latches' tables."""
        self._latching, self._wanted = latching, wanted[:: latching.times]
        self.due = np.empty((0, latching.width), np.int64)
        self._fresh = self.due  # as it is before anybody is heard
        self._kept: Bools | None = None  # while records are read again: local slots whose state was saved

    def grow(self, kind: NDArray[np.int32], actual: NDArray[np.int32]) -> None:
        """Take in new local slots; `kind`: number of the variant of all; `actual`: the new ones' with status Actual."""
        more = np.where(self._wanted[kind[len(self.due) :]], FIRST, NEVER)
        self.due, self._fresh = (np.concatenate([one, more]) for one in (self.due, self._fresh))
        if self._kept is not None:  # first heard in what is read again: then as now, unless its datastream is new
            self._kept = np.concatenate([self._kept, self._kept[actual]])

    def waits(self, local: Ints, newest: Ints) -> bool:
        """Whether a word is due of somebody among them, by the times of their newest rows."""
        return bool((self.due[local] <= newest[:, None]).any())

    def after(self, rows: Rows, moved: Iterator[Fired]) -> Iterator[Fired]:
        """Rows as `Latching.judge` takes them, with what they move; then the words that are due."""
        sure, on = self._sure(rows), self._on(rows.local)
        found = list(moved)
        yield from found
        edges = _edges(found)
        ripe = self.due[rows.local] <= rows.at[:, None]
        concerned = sure | on
        if edges:
            concerned[np.isin(self._latching.owner[rows.local], [slot for slot, *_ in edges])] = True
        for row, column in zip(*(one.tolist() for one in np.nonzero(ripe & concerned)), strict=True):
            word = self._word(rows, row, column, edges, on=bool(on[row, column]), sure=bool(sure[row, column]))
            if word is not None:
                yield word

    def _word(self, rows: Rows, row: int, column: int, edges: "_Edges", *, on: bool, sure: bool) -> Fired | None:
        """What is said at a row, if it is time. What is on or moves there speaks for itself.

        `on`: before all the rows.
        """
        local, time = int(rows.local[row]), int(rows.at[row])
        if self.due[local, column] > time:
            return None
        word = self._latching.first_word(rows, row, column)
        moves = False
        for at, edge in edges.get(_latch(word), ()):
            if at <= word.row:
                on, moves = edge == "on", at == word.row
        if on or moves or sure:
            self.due[local, column] = time + AGAIN
        return word if sure and not (on or moves) else None

    def _on(self, local: Ints) -> Bools:
        """What is on, as things stand."""
        active = self._latching.active
        row = active.row[local]
        on, there = np.zeros((len(local), self._latching.width), np.bool_), np.flatnonzero(row >= 0)
        on[there] = active.latches.on[row[there]]
        return on

    def _sure(self, rows: Rows) -> Bools:
        """Which rows show a latch that is not on to be off."""
        latches = self._latching.active.latches
        no: Bools = latches.sign[rows.kind] * rows.score[:, None] < latches.thr_on[rows.kind]
        if rows.flags is not None:
            no &= rows.flags & HARD == 0
        if rows.suspect is not None:
            no &= ~rows.suspect
        if rows.bound is not None:
            no &= ~rows.bound[:, None]
        return no

    # -- saved and restored ------------------------------------------------------------------------------------------

    def reread(self) -> None:
        """Records will be read again whose outputs are dropped: of those whose state comes they were told."""
        self._kept = np.zeros(len(self.due), np.bool_)

    def live(self) -> None:
        """From here on what is told is heard: who was read anew has said nothing yet."""
        if self._kept is not None:
            self.due[~self._kept] = self._fresh[~self._kept]
            self._kept = None

    def saved(self, local: Any) -> Ints:
        """What is kept of some local slots: when a word is due, 0 = never; ANEW of those that are being read anew."""
        found: Ints = np.where(self._fresh[local] == NEVER, 0, np.maximum(self.due[local], DUE))
        if self._kept is not None:
            anew = ~self._kept[local]
            found[anew] = np.where(self._fresh[local][anew] == NEVER, 0, ANEW)
        return found

    def take(self, local: Any, saved: Ints) -> None:
        """What was kept, again; what an earlier release has said (0) is said once more."""
        width = min(saved.shape[1], self.due.shape[1])
        due = np.where(saved[:, :width] <= ANEW, FIRST, saved[:, :width])
        self.due[local, :width] = np.where(self._fresh[local, :width] == NEVER, NEVER, due)
        if self._kept is not None:
            self._kept[local] = ~(saved == ANEW).any(axis=1)


#: latch -> rows at which it goes on or off, in order
_Edges = dict[tuple[int, str, str], list[tuple[int, str]]]


def _edges(found: list[Fired]) -> _Edges:
    edges: _Edges = {}
    for one in sorted(found, key=lambda one: one.row):
        if one.edge in ("on", "off"):
            edges.setdefault(_latch(one), []).append((one.row, one.edge))
    return edges


def _latch(one: Fired) -> tuple[int, str, str]:
    return one.slot, one.plan.hazard, one.plan.condition
