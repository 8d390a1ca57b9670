"""Rows and ticks of one call as one line of records."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.models.columns import Columns

Ints = NDArray[np.int64]
TICK = -1


@dataclass(slots=True)
class Timeline:
    """received: running maximum, record by record, ticks among them; row: number of the row, TICK for a tick."""

    columns: Columns
    before: int
    received: Ints
    row: Ints | None  # None: there are no ticks

    @classmethod
    def of(cls, columns: Columns, before: int) -> "Timeline":
        """`before`: received time of what came before."""
        received, row = columns.received, None
        if columns.ticks:
            at = [rows for rows, _ in columns.ticks]
            received = np.insert(received, at, [tick.received for _, tick in columns.ticks])
            row = np.insert(np.arange(len(columns)), at, TICK)
        received = np.maximum(np.maximum.accumulate(received), before)
        return cls(columns, before, received, row)

    def __len__(self) -> int:
        """Records."""
        return len(self.received)

    @property
    def received_of_rows(self) -> Ints:
        """Running maximum of each row."""
        return self.received if self.row is None else self.received[self.row != TICK]

    def pauses(self, outage: int, longest: int) -> list[int]:
        """Records before which nothing came for longer than `outage`."""
        before = np.concatenate([[self.before], self.received[:-1]])
        found: list[int] = np.flatnonzero(self.received - np.maximum(before, self.received - longest) > outage).tolist()
        return found

    def first_at(self, received: int) -> int:
        """The first record received then or later."""
        return int(np.searchsorted(self.received, received, "left"))

    def is_row(self, at: int) -> bool:
        """Whether a record is a row."""
        return self.row is None or int(self.row[at]) != TICK

    def place(self, at: int) -> tuple[int, int]:
        """Offset and row of a record."""
        row = at if self.row is None else int(self.row[at])
        if row != TICK:
            return int(self.columns.offset[row]), int(self.columns.row[row])
        ticks = int((self.row[:at] == TICK).sum()) if self.row is not None else 0
        return self.columns.ticks[ticks][1].offset, 0

    def rows(self, start: int, end: int) -> Ints:
        """The rows among some records."""
        if self.row is None:
            return np.arange(start, end)
        some = self.row[start:end]
        return np.asarray(some[some != TICK])
