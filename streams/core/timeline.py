"""Rows and ticks of one call as one line: row by row, or where rows come in frames, frame by frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.models.columns import Columns
from streams.models.framed import Framed, Frames

Ints = NDArray[np.int64]
TICK = -1


@dataclass(slots=True)
class Timeline:
    """received: running maximum, record by record, ticks among them; row: number of the row, TICK for a tick.

    rows_at: where in the line the rows or frames are, in order; None: there are no ticks.
    frames: what a record of the line is; None: a row. All rows of a frame are received at once, so nothing falls due
    between them.
    """

    columns: Columns
    before: int
    received: Ints
    row: Ints | None  # number of the row or frame; None: there are no ticks
    frames: Frames | None
    rows_at: Ints | None

    @classmethod
    def of(cls, columns: Columns, before: int) -> "Timeline":
        """`before`: received time of what came before."""
        frames = columns.frames if isinstance(columns, Framed) else None
        received = columns.received if frames is None else frames.received
        row = rows_at = None
        if columns.ticks:
            at = [rows for rows, _ in columns.ticks]
            if frames is not None:
                at = np.searchsorted(frames.begins, at).tolist()
            row = np.insert(np.arange(len(received)), at, TICK)
            rows_at = np.flatnonzero(row != TICK)
            received = np.insert(received, at, [tick.received for _, tick in columns.ticks])
        received = np.maximum(np.maximum.accumulate(received), before)
        return cls(columns, before, received, row, frames, rows_at)

    def __len__(self) -> int:
        """Records."""
        return len(self.received)

    @property
    def received_of_rows(self) -> Ints:
        """Running maximum of each row."""
        found = self.received_of_records
        return found if self.frames is None else np.repeat(found, self.frames.counts)

    @property
    def received_of_records(self) -> Ints:
        """Running maximum of each row or frame."""
        return self.received if self.rows_at is None else self.received[self.rows_at]

    def pauses(self, outage: int, longest: int) -> list[int]:
        """Records before which nothing came for longer than `outage`."""
        before = np.concatenate([[self.before], self.received[:-1]])
        found: list[int] = np.flatnonzero(self.received - np.maximum(before, self.received - longest) > outage).tolist()
        return found

    def first_at(self, received: int) -> int:
        """The first record received then or later."""
        return int(np.searchsorted(self.received, received, "left"))

    def heard_from(self, at: int) -> int:
        """When the first row from a record on is received; the end, where there is none."""
        if self.rows_at is None:
            return int(self.received[at])
        rows = int(np.searchsorted(self.rows_at, at))
        return int(self.received[self.rows_at[rows] if rows < len(self.rows_at) else -1])

    def is_row(self, at: int) -> bool:
        """Whether a record is a row."""
        return self.row is None or int(self.row[at]) != TICK

    def place(self, at: int) -> tuple[int, int]:
        """Offset and row of a record; of a frame its first row."""
        row = at if self.row is None else int(self.row[at])
        if row != TICK:
            return self.columns.place(row if self.frames is None else int(self.frames.begins[row]))
        rows = 0 if self.rows_at is None else int(np.searchsorted(self.rows_at, at))
        return self.columns.ticks[at - rows][1].offset, 0

    def end(self, at: int) -> tuple[int, int]:
        """Offset and row of a record; of a frame its last row."""
        if self.frames is None or not self.is_row(at):
            return self.place(at)
        row = at if self.row is None else int(self.row[at])
        return self.columns.place(int(self.frames.begins[row + 1]) - 1)

    def records(self, start: int, end: int) -> Ints:
        """The rows or frames among some records."""
        if self.row is None:
            return np.arange(start, end)
        some = self.row[start:end]
        return np.asarray(some[some != TICK])

    def rows(self, start: int, end: int) -> Ints:
        """The rows among some records."""
        found = self.records(start, end)
        if self.frames is None or not len(found):
            return found
        return np.arange(self.frames.begins[found[0]], self.frames.begins[found[-1] + 1])
