"""Latches that have yet to say what they are, where that matters though it is no: rules may hold while nothing is on.

The first good and whole value below its threshold is told as an `off` of what never was on. One that goes on first has
said so. So nobody is taken to be off who was never heard, or heard only in doubt; and of everybody it is told once.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core.fired import Fired, Rows
from streams.core.latching import Latching
from streams.core.quality import HARD

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
ANEW = 2


class FirstWords:
    """Of one chain. unsaid: [local slots, latches] that have said nothing yet."""

    def __init__(self, latching: Latching, wanted: Bools) -> None:
        """`wanted`: latches that are to say it, by row of the latches' tables."""
        self._latching, self._wanted = latching, wanted[:: latching.times]
        self.unsaid = np.empty((0, latching.width), np.bool_)
        self._fresh = self.unsaid  # as it is before anybody is heard
        self._kept: Bools | None = None  # while records are read again: local slots whose state was saved

    def grow(self, kind: NDArray[np.int32], actual: NDArray[np.int32]) -> None:
        """Take in new local slots; `kind`: number of the variant of all; `actual`: the new ones' with status Actual."""
        more = self._wanted[kind[len(self.unsaid) :]]
        self.unsaid, self._fresh = (np.concatenate([one, more]) for one in (self.unsaid, self._fresh))
        if self._kept is not None:  # first heard in what is read again: then as now, unless its datastream is new
            self._kept = np.concatenate([self._kept, self._kept[actual]])

    def waits(self, local: Ints) -> bool:
        """Whether somebody among them has yet to say something."""
        return bool(self.unsaid[local].any())

    def after(self, rows: Rows, moved: Iterator[Fired]) -> Iterator[Fired]:
        """Rows as `Latching.judge` takes them, with what they move; then the first words."""
        self._note_on(rows.local)
        found = list(moved)
        yield from found
        begun: dict[tuple[int, str, str], int] = {}  # latch -> the first row at which it goes on
        for one in found:
            if one.edge == "on":
                begun[_latch(one)] = min(one.row, begun.get(_latch(one), one.row))
        for word in self._words(rows):
            if begun.get(_latch(word), word.row + 1) > word.row:
                yield word

    def _note_on(self, local: Ints) -> None:
        """What has gone on by itself meanwhile has said so."""
        active = self._latching.active
        row = active.row[local]
        there = np.flatnonzero(row >= 0)
        self.unsaid[local[there]] &= ~active.latches.on[row[there]]

    def _words(self, rows: Rows) -> Iterator[Fired]:
        """The first row at which each latch that has said nothing is sure to be off."""
        rows = rows.keep(np.flatnonzero(self.unsaid[rows.local].any(axis=1)))
        latches = self._latching.active.latches
        value = latches.sign[rows.kind] * rows.score[:, None]
        no = self.unsaid[rows.local] & (value < latches.thr_on[rows.kind])
        if rows.flags is not None:
            no &= rows.flags & HARD == 0
        if rows.suspect is not None:
            no &= ~rows.suspect
        if rows.bound is not None:
            no &= ~rows.bound[:, None]
        row, column = np.nonzero(no)
        _, first = np.unique(rows.local[row] * self._latching.width + column, return_index=True)
        self.unsaid[rows.local[row[first]], column[first]] = False
        return (self._latching.first_word(rows, int(row[one]), int(column[one])) for one in np.sort(first))

    # -- saved and restored ------------------------------------------------------------------------------------------

    def reread(self) -> None:
        """Records will be read again whose outputs are dropped: of those whose state comes they were told."""
        self._kept = np.zeros(len(self.unsaid), np.bool_)

    def live(self) -> None:
        """From here on what is told is heard: who was read anew has said nothing yet."""
        if self._kept is not None:
            self.unsaid[~self._kept] = self._fresh[~self._kept]
            self._kept = None

    def saved(self, local: Any) -> Ints:
        """What is kept of some local slots: 1 where something is to be said, ANEW of those that are being read anew."""
        found: Ints = self.unsaid[local].astype(np.int8)
        if self._kept is not None:
            anew = ~self._kept[local]
            found[anew] = self._fresh[local][anew] * ANEW
        return found

    def take(self, local: Any, saved: Ints) -> None:
        """What was kept, again."""
        width = min(saved.shape[1], self.unsaid.shape[1])
        self.unsaid[local, :width] = (saved[:, :width] > 0) & self._fresh[local, :width]
        if self._kept is not None:
            self._kept[local] = ~(saved == ANEW).any(axis=1)


def _latch(one: Fired) -> tuple[int, str, str]:
    return one.slot, one.plan.hazard, one.plan.condition
