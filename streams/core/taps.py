"""Scores of a chain that go to joins."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from streams.core.fired import Rows
from streams.core.plan import ChainPlan
from streams.core.quality import FUTURE, HARD

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Tapped:
    """Scores for one channel of one join. `row`: of the batch, or of the caller's call before they are told."""

    join: int
    channel: int
    row: Ints
    slot: Ints
    time: Ints
    received: Ints
    value: Floats
    doubtful: Bools

    def told(self, rows: Ints) -> "Tapped":
        """The same by rows of the batch; `rows`: those of the call."""
        return replace(self, row=rows[self.row])


class Taps:
    """What of a chain's scores is wanted by whom."""

    def __init__(self, plan: ChainPlan, counts: list[int]) -> None:
        columns = [
            [(column, one.tap, one.scale) for column, one in enumerate(row) if one.tap] for row in plan.latches.values()
        ]
        self._wanted = sorted({(*tap, scale) for row in columns for _, tap, scale in row if tap})
        #: [wanted, variants]: column of the latches, -1: not of this kind
        self._column = np.full((len(self._wanted), sum(counts)), -1, np.int64)
        ends = np.cumsum(counts)
        for row, end, count in zip(columns, ends, counts, strict=True):
            for column, tap, scale in row:
                if tap:
                    self._column[self._wanted.index((*tap, scale)), end - count : end] = column
        self._found: list[Tapped] = []

    def take(self, rows: Rows, kind: NDArray[np.int32], owner: NDArray[np.int32]) -> None:
        """Scores; `kind`: number of the variant of each; `owner`: local slot -> slot."""
        for (join, channel, (a, b)), columns in zip(self._wanted, self._column, strict=True):
            column = columns[kind]
            ours = np.flatnonzero(column >= 0)
            value, doubtful = rows.score[ours] * a + b, np.zeros(len(ours), np.bool_)
            if rows.flags is not None:
                flags = rows.flags[ours, column[ours]]
                kept = flags & FUTURE == 0
                value = np.where(flags & HARD > 0, np.nan, value)
                ours, value, doubtful = ours[kept], value[kept], doubtful[kept]
            if rows.suspect is not None:
                doubtful = rows.suspect[ours, column[ours]]
            slot = owner[rows.local[ours]].astype(np.int64)
            self._found.append(
                Tapped(join, channel, rows.which[ours], slot, rows.at[ours], rows.received[ours], value, doubtful)
            )

    def give(self) -> list[Tapped]:
        """What was found since the last call."""
        found, self._found = self._found, []
        return found
