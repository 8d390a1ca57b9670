"""Rows sorted by slot: where each slot's run of rows begins, and the two ways to go through them in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SHORT = 8  # runs up to this long are gone through turn by turn, longer ones as rectangles
#: what it costs to go through rows with a state: a turn of all runs at once, one run by itself, one row of it
TURN, ALONE, ROW = 30, 3, 0.4


@dataclass(slots=True)
class Runs:
    """Of n rows sorted by slot: the first row of each slot's run, how long it is, and the run of each row."""

    starts: Ints
    counts: Ints
    single: bool  # no slot occurs twice
    _cut: tuple[list[Ints], list[tuple[int, int]]] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, slot: Ints) -> "Runs":
        """The runs of equal neighbours.

        >>> Runs.of(np.array([3, 3, 5])).counts.tolist()
        [2, 1]
        """
        if not len(slot):
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), single=True)
        begins = np.empty(len(slot), np.bool_)
        begins[0] = True
        np.not_equal(slot[1:], slot[:-1], out=begins[1:])
        starts = np.flatnonzero(begins)
        if len(starts) == len(slot):
            return cls(starts, np.ones(len(slot), np.int64), single=True)
        counts = np.empty(len(starts), np.int64)
        counts[:-1] = starts[1:] - starts[:-1]
        counts[-1] = len(slot) - starts[-1]
        return cls(starts, counts, single=False)

    def __len__(self) -> int:
        """Slots."""
        return len(self.starts)

    @property
    def last(self) -> Ints:
        """The last row of each run."""
        return self.starts + self.counts - 1

    @property
    def run(self) -> Ints:
        """The run of each row."""
        return np.repeat(np.arange(len(self.starts)), self.counts)

    @property
    def begin(self) -> Ints:
        """The first row of each row's run."""
        return np.repeat(self.starts, self.counts)

    def first(self, mask: Bools) -> Ints:
        """The first row of each run at which a mask is true; the row after its last one where it is nowhere true."""
        rows = np.flatnonzero(mask)
        found = self.starts + self.counts
        if len(rows):
            at = np.searchsorted(rows, self.starts)
            some = rows[np.minimum(at, len(rows) - 1)]
            found = np.where((at < len(rows)) & (some >= self.starts), np.minimum(found, some), found)
        return found

    def having(self, mask: Bools) -> Ints:
        """Rows of the runs in which a mask is true somewhere."""
        if self.single or not len(mask):
            return np.flatnonzero(mask)
        return np.flatnonzero(np.repeat(np.logical_or.reduceat(mask, self.starts), self.counts))

    def turns(self) -> Iterator[Ints]:
        """Every slot's first row, then the second rows of those that have one, and so on."""
        for turn in range(int(self.counts.max(initial=0))):
            yield self.starts[self.counts > turn] + turn

    def in_turns(self) -> tuple[list[Ints], list[tuple[int, int]]]:
        """The first turns, as far as they are worth it, and (first row, end) of what is left of each longer run.

        >>> turns, rest = Runs.of(np.repeat(np.arange(101), [*[1] * 100, 9])).in_turns()
        >>> [len(turn) for turn in turns], rest
        ([101], [(101, 109)])
        """
        if self._cut is None and ALONE * len(self.starts) + ROW * int(self.counts.sum()) <= TURN:
            self._cut = [], list(zip(self.starts.tolist(), (self.starts + self.counts).tolist(), strict=True))
        if self._cut is None:
            runs = np.bincount(self.counts)[::-1].cumsum()[::-1][1:]  # that have a row in each turn
            rows = runs[::-1].cumsum()[::-1]
            cost = np.arange(len(runs) + 1) * float(TURN)
            cost[:-1] += runs * ALONE + rows * ROW
            upto = int(cost.argmin())
            turns = [self.starts[self.counts > turn] + turn for turn in range(upto)]
            some = np.flatnonzero(self.counts > upto) if upto < len(runs) else np.empty(0, np.int64)
            begin, end = self.starts[some] + upto, self.starts[some] + self.counts[some]
            self._cut = turns, list(zip(begin.tolist(), end.tolist(), strict=True))
        return self._cut

    def blocks(self) -> Iterator[Ints]:
        """Rectangles [m, n] of rows, like stairs: what all runs have, then what those that are longer have, and so on.

        So there are no more columns in all than the longest run has rows.

        >>> [block.tolist() for block in Runs.of(np.array([3, 3, 5, 5, 5])).blocks()]
        [[[0, 1], [2, 3]], [[4]]]
        """
        done = 0
        for length in np.unique(self.counts).tolist():
            yield self.starts[self.counts >= length][:, None] + np.arange(done, length)
            done = length

    def alike(self) -> Iterator[Ints]:
        """Rectangles [m, n] of rows: the whole runs of each length.

        >>> [block.tolist() for block in Runs.of(np.array([3, 3, 5, 5, 5])).alike()]
        [[[0, 1]], [[2, 3, 4]]]
        """
        for length in np.unique(self.counts).tolist():
            yield self.starts[self.counts == length][:, None] + np.arange(length)


def latest(mask: Bools) -> Ints:
    """For each row the newest row up to it at which a mask is true; -1 before the first."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))
