"""Good rows of a few slots through their latches: each slot by itself, from one row that moves something to the next.

The bytes are those of `Latching` for many slots at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.one_slot import Moved, OneSlot, put_back, slots_of
from streams.core.fired import NAN, Fired, Rows
from streams.core.latch_tables import LatchTables
from streams.core.runs import Runs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FEW = 40  # slots: of more, all together are quicker


@dataclass(slots=True)
class SlotRows:
    """Rows of one slot in order, nothing of which is in doubt. Columns as in `Rows`."""

    which: Sequence[int] | Ints
    local: int
    kind: int
    at: Ints
    received: Ints
    score: Floats
    reading: Floats | None
    ahead: Floats | None = None


def each_slot(rows: Rows, runs: Runs) -> list[SlotRows]:
    """Rows of several slots, each slot's by themselves."""
    found = []
    for start, count in zip(runs.starts.tolist(), runs.counts.tolist(), strict=True):
        some = slice(start, start + count)
        found.append(SlotRows(
            rows.which[some], int(rows.local[start]), int(rows.kind[start]), rows.at[some], rows.received[some],
            rows.score[some], None if rows.reading is None else rows.reading[some],
            None if rows.ahead is None else rows.ahead[some],
        ))  # fmt: skip
    return found


def judged(tables: LatchTables, some: list[SlotRows], taken: Ints) -> list[Fired]:
    """What rows of some slots set off; `taken`: the slots' rows in `active`."""
    latches, last = tables.active.latches, tables.active.last
    slots = slots_of(latches, taken, np.array([one.kind for one in some]))
    found: list[Fired] = []
    for at, slot, rows in zip(taken.tolist(), slots, some, strict=True):
        last[at] = _through(tables, slot, rows, float(last[at]), found)
    put_back(latches, taken, slots)
    return found


def _through(tables: LatchTables, slot: OneSlot, rows: SlotRows, last: float, found: list[Fired]) -> float:
    """Rows of one slot; its last score."""
    at, end = 0, len(rows.score)
    while at < end:
        stop = slot.beyond(rows.at, rows.score, at)
        if stop > at:
            slot.pass_over(rows.score[at:stop])
            last = _last(rows.score[at:stop], last)
        if stop < end:
            before, score = last, float(rows.score[stop])
            last = score if score == score else before  # noqa: PLR0124 - NaN
            moved = slot.update(int(rows.at[stop]), int(rows.received[stop]), score)
            found += [_fired(tables, rows, stop, one, before if one.edge == "matured" else last) for one in moved]
        at = stop + 1
    return last


def _last(score: Floats, before: float) -> float:
    """The last of some scores, or the one before them where all are missing."""
    newest = float(score[-1])
    if newest == newest:  # noqa: PLR0124 - NaN
        return newest
    there = np.flatnonzero(~np.isnan(score))
    return float(score[there[-1]]) if len(there) else before


def _fired(tables: LatchTables, rows: SlotRows, at: int, moved: Moved, score: float) -> Fired:
    edge, where = "on" if moved.edge == "matured" else moved.edge, (rows.kind, rows.local, moved.column)
    fired = tables.with_peak(tables.edge(int(rows.which[at]), where, edge, moved.time, score), moved.peak)
    fired.doubtful, fired.matured = moved.doubtful, moved.edge == "matured"
    if fired.matured:  # how things stood before this row
        return fired
    fired.reading = NAN if rows.reading is None else float(rows.reading[at])
    if rows.ahead is not None:
        a, b = fired.plan.scale
        fired.score, fired.lead = float(rows.ahead[at, 0]) * a + b, float(rows.ahead[at, 1])
    return fired
