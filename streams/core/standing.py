"""What the datastreams of a chain last came to, so that the first day of a season can judge it without a reading."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from detectors.trigger import IDLE, NEVER
from streams.core.fired import Fired, Rows
from streams.core.latching import Latching
from streams.core.quality import HARD
from streams.core.seasons import Calendar
from streams.core.slots import UNHEARD

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kinds = NDArray[np.int32]
SUSPECT, BOUND = 1, 2


class Standing:
    """Of each local slot of a chain; of a chain without seasons nothing.

    stood: the last usable score; stood_at: when it was; stood_doubt: whether it is suspect, a lower bound; border:
    the last begin of a season that was looked at; border_judged: the last that this slot was judged at.
    """

    FRESH: tuple[tuple[str, type, float], ...] = (
        ("stood", np.float64, np.nan),
        ("stood_at", np.int64, UNHEARD),
        ("stood_doubt", np.int8, 0),
        ("border", np.int64, UNHEARD),
        ("border_judged", np.int64, UNHEARD),
    )
    TABLES = tuple(name for name, *_ in FRESH)
    stood: NDArray[np.float64]
    stood_at: Ints
    stood_doubt: NDArray[np.int8]
    border: Ints
    border_judged: Ints

    def __init__(self, latching: Latching, calendar: Calendar | None) -> None:
        self._latching, self.calendar = latching, calendar
        for name, dtype, _ in self.FRESH:
            setattr(self, name, np.empty(0, dtype))

    def grow(self, count: int) -> None:
        """Make room for local slots."""
        more = count - len(self.stood)
        if self.calendar is None or more <= 0:
            return
        for name, dtype, fresh in self.FRESH:
            setattr(self, name, np.concatenate([getattr(self, name), np.full(more, fresh, dtype)]))

    def kind(self, kind: Kinds, local: Ints, at: Ints) -> Kinds:
        """Rows of the latches' tables: once a season has judged a slot, what is older and comes later is under it."""
        return self._latching.at(kind, at if self.calendar is None else np.maximum(at, self.border_judged[local]))

    def note(self, rows: Rows) -> None:
        """The last usable score of each slot."""
        if self.calendar is None:
            return
        usable = ~np.isnan(rows.score)
        if rows.flags is not None:
            usable &= ~(rows.flags & HARD > 0).any(axis=1)
        some = np.flatnonzero(usable)
        local = rows.local[some]
        at = np.minimum(rows.at, rows.received)[some]  # a stamp ahead of the clock is not about a season to come
        last = np.append(local[1:] != local[:-1], True)[: len(local)] & (at >= self.stood_at[local])
        some, local = some[last], local[last]
        self.stood[local], self.stood_at[local] = rows.score[some], at[last]
        doubt = 0 if rows.suspect is None else rows.suspect[some].any(axis=1) * SUSPECT
        self.stood_doubt[local] = doubt + (0 if rows.bound is None else rows.bound[some] * BOUND)

    def begin(self, time: int, kind: Kinds, usable: Bools, bits: Ints) -> Iterator[Fired]:
        """A season begins: what stands between the thresholds before and those after it fires.

        kind, usable, bits: of each local slot the number of its variant, whether it has a value that holds now, and
        the quality of its last row.
        """
        count = len(usable)
        new = usable & (self.border[:count] < time) & (self.stood_at[:count] < time) & ~np.isnan(self.stood[:count])
        self.border[:count] = np.maximum(self.border[:count], time)
        local = np.flatnonzero(new)
        self.border_judged[local] = time
        own = self._latching.at(kind[local], np.full(len(local), time))
        before = self._latching.at(kind[local], np.full(len(local), time - 1))
        latches = self._latching.active.latches
        other = latches.thr_on[own] != latches.thr_on[before]
        other |= latches.thr_off[own] != latches.thr_off[before]
        self._take_on(local, own, other)
        moves = self._moves(local, own) & other
        some = np.flatnonzero(moves.any(axis=1))
        seen = bits[local][:, None] & self._latching.mask[own] & ~HARD
        flags = np.where(moves, seen, HARD)[some]  # nothing is said to the others
        local, at = local[some], np.full(len(some), time)
        doubt, width = self.stood_doubt[local], self._latching.width
        suspect = np.repeat((doubt & SUSPECT > 0)[:, None], width, axis=1)
        rows = Rows(
            np.full(len(some), -1), local, own[some], at, at, self.stood[local], flags, suspect, doubt & BOUND > 0
        )  # fmt: skip
        yield from self._latching.judge(rows)

    def _take_on(self, local: Ints, kind: Kinds, other: Bools) -> None:
        """What goes on goes on under other thresholds; holds that they break have never begun."""
        active = self._latching.active
        there = np.flatnonzero(active.row[local] >= 0)
        local, kind, row = local[there], kind[there], active.row[local[there]].astype(np.int64)
        active.kind[row] = kind
        latches = active.latches
        value, exact = latches.sign[kind] * self.stood[local][:, None], self.stood_doubt[local] & BOUND == 0
        broken = other[there] & exact[:, None] & (latches.since[row] != IDLE) & (value < latches.thr_on[kind])
        at, column = np.nonzero(broken)
        for name, fresh in (("since", IDLE), ("due", NEVER), ("peak", -np.inf), ("doubtful", False)):
            getattr(latches, name)[row[at], column] = fresh
        active.let_go(row)

    def _moves(self, local: Ints, kind: Kinds) -> Bools:
        """[slots, latches]: what the thresholds say otherwise than it is. What counts readings waits for one."""
        active, latches = self._latching.active, self._latching.active.latches
        row = active.row[local]
        on, runs = np.zeros((2, len(local), self._latching.width), np.bool_)
        there = np.flatnonzero(row >= 0)
        on[there], runs[there] = latches.on[row[there]], latches.since[row[there]] != IDLE
        thr_on, thr_off = latches.thr_on[kind], latches.thr_off[kind]
        value = latches.sign[kind] * self.stood[local][:, None]
        sure, exact = ((self.stood_doubt[local] & bit == 0)[:, None] for bit in (SUSPECT, BOUND))
        moves = ((value >= thr_on) & ~on & ~runs) | (exact & sure & on & (value < thr_off))
        return np.asarray(moves & (latches.m[kind] == 0))
