"""A chain of one plan at work: transforms and detectors, then latches, over the slots of its datastreams."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.base import Part
from detectors.trigger import Changes, Edges, Latches
from streams.core.active import Active
from streams.core.plan import PARTS, ChainPlan, Kinds, LatchPlan
from streams.core.quality import FUTURE, HARD, SUSPECTS, mask_of
from streams.core.runs import SHORT, Runs, latest
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Fired:
    """One edge of one latch. `row` is the row of the call it belongs to (-1: fired by received time)."""

    row: int
    slot: int
    edge: Edge
    time: int
    plan: LatchPlan
    score: float  # in the hazard's unit
    peak: float
    variant: int = 0
    matured: bool = False
    doubtful: bool = False  # no good value has confirmed it yet
    bits: int = 0  # quality of the row that caused it, as the hazard sees it
    own: int | None = None  # phenomenon time of the causing row where that is not `time` (late, ahead of the clock)


@dataclass(slots=True)
class Rows:
    """Rows of members, sorted by local slot, as the latches see them. `which`: their numbers in the caller's call."""

    which: Ints
    local: Ints
    kind: NDArray[np.int32]
    at: Ints  # the time that a score is about
    received: Ints
    score: Floats
    flags: Ints | None  # [rows, latches] quality bits as each hazard sees them; None: nothing was flagged
    suspect: Bools | None  # [rows, latches]; None: none is
    bound: Bools | None  # the score is a lower bound: it may raise, never lower

    def keep(self, rows: Ints) -> "Rows":
        """Some of them."""
        columns: list[Any] = [getattr(self, name) for name in Rows.__slots__]
        kept: list[Any] = [None if one is None else one[rows] for one in columns]
        return Rows(*kept)


class Chain:
    """Live form of a ChainPlan. Slots are the Bank's; inside, each member has a local number of its own."""

    def __init__(self, plan: ChainPlan, kinds: Kinds) -> None:
        """Every datastream of the partition is a slot from the beginning."""
        self.steps = plan.steps
        self.plans = list(plan.latches.values())
        self.parts: list[Part] = [PARTS[step.part](**step.parameters) for step in plan.steps]
        self.takes_late = bool(self.parts) and self.parts[0].takes_late
        self.over = sum(step.parameters.get("over", 0) for step in plan.steps)
        self.width = max(len(latches) for latches in self.plans)
        self._counts = [kinds.variants[kind] for kind in plan.latches]
        #: row of the tables (one for each variant of each kind) -> place in `plans`, and number of the variant
        self.plan_of = np.repeat(np.arange(len(self.plans)), self._counts)
        self._variant = np.concatenate([np.arange(count) for count in self._counts])
        first = np.full(len(kinds.streams), -1, np.int64)
        first[list(plan.latches)] = np.cumsum(self._counts) - self._counts
        #: row of the tables by place of the datastream, -1 = not a member
        self._row_of = np.where(first[kinds.kind] < 0, -1, first[kinds.kind] + kinds.variant).astype(np.int32)
        latches = Latches(
            self._table("thr_on", np.nan), self._table("thr_off", np.nan), self._table("sign", 1),
            self._table("hold", 0), self._table("step", np.inf),
        )  # fmt: skip
        masks = [[mask_of(p.checks) for p in row] + [0] * (self.width - len(row)) for row in self.plans]
        self.mask = np.array(masks, np.int64)[self.plan_of]
        #: a score strictly between these moves no latch that is neither on nor in a hold
        self._low = np.where(latches.sign < 0, -latches.thr_on, np.nan)
        self._high = np.where(latches.sign > 0, latches.thr_on, np.nan)
        self._low = np.fmax.reduce(self._low, axis=1, initial=-np.inf)
        self._high = np.fmin.reduce(self._high, axis=1, initial=np.inf)
        self.active = Active(latches, 0)
        self.place = np.empty(0, np.int32)  # slot -> local slot, -1 = not a member
        self.kind = np.empty(0, np.int32)  # local slot -> row of the tables
        self.owner = np.empty(0, np.int32)  # local slot -> slot
        self._all = True  # every slot is a member under its own number
        #: until when a suspect value (of each latch) and a missing one lie in the window; none yet: no rows
        self.doubt_until, self.missing_until = np.zeros((0, self.width), np.int64), np.zeros(0, np.int64)
        self.grow(np.arange(len(kinds.kind), dtype=np.int32))

    def _table(self, name: str, missing: float) -> Floats:
        """A number of each latch of each variant of each kind."""
        found = np.full((len(self.plan_of), self.width), missing)
        at = 0
        for row, count in zip(self.plans, self._counts, strict=True):
            for column, plan in enumerate(row):
                found[at : at + count, column] = getattr(plan, name)
            at += count
        return found

    @property
    def holds(self) -> list[int]:
        """How long its latches wait."""
        return [plan.hold for row in self.plans for plan in row if plan.hold > 0]

    def grow(self, stream: NDArray[np.int32]) -> None:
        """Take in new slots; `stream`: place of every slot's datastream, old ones first."""
        first, members = len(self.place), len(self.owner)
        kinds = self._row_of[stream[first:]]
        own = np.flatnonzero(kinds >= 0)
        place = np.full(len(kinds), -1, np.int32)
        place[own] = members + np.arange(len(own))
        self.place = np.concatenate([self.place, place])
        self.kind = np.concatenate([self.kind, kinds[own]])
        self.owner = np.concatenate([self.owner, (own + first).astype(np.int32)])
        self._all = self._all and len(own) == len(kinds)
        self.active.grow(len(self.owner))
        for part in self.parts:
            part.grow(len(self.owner))

    # -- rows --------------------------------------------------------------------------------------------------------

    def update(
        self, slot: Ints, runs: Runs, time: Ints, received: Ints, value: Floats, bits: Ints | None
    ) -> Iterator[Fired]:
        """Judge rows sorted by slot, each slot's in order (rows of slots that are no members are passed over).

        `bits` None: nothing was flagged. Rows that are late or ahead of the clock come one of a slot.
        """
        local, which = self._members(slot, bits)
        if not len(local):
            return iter(())
        if len(local) < len(slot):
            time, received, value, bits = (
                time[which],
                received[which],
                value[which],
                None if bits is None else bits[which],
            )
            runs = Runs.of(local)
        rows = self._score(which, local, runs, time, received, value, bits)
        touched = self._touched(rows)
        if not touched.any():
            return iter(())
        if not runs.single:
            touched = np.repeat(np.logical_or.reduceat(touched, runs.starts), runs.counts)
        return self._judge(rows.keep(np.flatnonzero(touched)))

    def _members(self, slot: Ints, bits: Ints | None) -> tuple[Ints, Ints]:
        """Local slots of the rows that concern this chain, and their numbers."""
        local = slot if self._all else self.place[slot].astype(np.int64)
        ours = None if self._all else local >= 0
        if self.parts and bits is not None:  # a stamp ahead of the clock has no place in a window
            on_time = bits & FUTURE == 0
            ours = on_time if ours is None else ours & on_time
        if ours is None or ours.all():
            return local, np.arange(len(slot))
        which = np.flatnonzero(ours)
        return local[which], which

    def _score(
        self, which: Ints, local: Ints, runs: Runs, time: Ints, received: Ints, value: Floats, bits: Ints | None
    ) -> Rows:
        kind = self.kind[local]
        flags = suspect = None
        if bits is not None and bits.any():
            flags = bits[:, None] & self.mask[kind]
            # a value that every hazard of this datastream calls failed must not enter the transforms
            failed = ((flags & HARD > 0) | (self.mask[kind] == 0)).all(axis=1)
            value = np.where(failed, np.nan, value)
            suspect = flags & SUSPECTS > 0
        at, score, bound = self._through(local, runs, time, value)
        if self.over:
            suspect, bound = self._doubt(local, runs, at, time, value, suspect, bound)
        return Rows(which, local, kind, at, received, score, flags, suspect, bound)

    def _through(self, local: Ints, runs: Runs, time: Ints, value: Floats) -> tuple[Ints, Floats, Bools | None]:
        """The times that the scores are about, the scores, and which of them are lower bounds."""
        late = any(part.takes_late for part in self.parts)
        if late and not runs.single:
            return self._turn_by_turn(local, runs, time, value)
        at, score = time, value
        bound = np.zeros(len(local), np.bool_) if late else None
        for part in self.parts:
            score = _series(part, local, runs, at, score)
            if part.takes_late:  # what it says of a late row is about the newest time
                at = np.maximum(at, part.newest(local))
                bound |= ~part.complete(local)  # type: ignore[attr-defined]
        return at, score, bound

    def _turn_by_turn(self, local: Ints, runs: Runs, time: Ints, value: Floats) -> tuple[Ints, Floats, Bools | None]:
        at, score, bound = np.empty_like(time), np.empty(len(local)), np.empty(len(local), np.bool_)
        for rows in runs.turns():
            found = self._through(local[rows], Runs.of(local[rows]), time[rows], value[rows])
            at[rows], score[rows], bound[rows] = found
        return at, score, bound

    def _doubt(
        self, local: Ints, runs: Runs, at: Ints, time: Ints, value: Floats, suspect: Bools | None, bound: Bools | None
    ) -> tuple[Bools | None, Bools | None]:
        """A window is in doubt, or incomplete, as long as a suspect or a missing value lies in it."""
        until = time + self.over
        if suspect is not None and suspect.any() and not len(self.doubt_until):
            self.doubt_until = with_room(self.doubt_until, len(self.active.row))
        if len(self.doubt_until):
            self.doubt_until = with_room(self.doubt_until, len(self.active.row))
            given = np.zeros((len(local), self.width), np.bool_) if suspect is None else suspect
            columns = [
                _until(self.doubt_until[:, column], local, runs, until, given[:, column])
                for column in range(self.width)
            ]
            suspect = given | (at[:, None] < np.column_stack(columns))
        missing = np.isnan(value)
        if missing.any() and not len(self.missing_until):
            self.missing_until = with_room(self.missing_until, len(self.active.row))
        if len(self.missing_until):
            self.missing_until = with_room(self.missing_until, len(self.active.row))
            gap = at < _until(self.missing_until, local, runs, until, missing)
            if self.takes_late:
                bound = gap if bound is None else bound | gap
        return suspect, bound

    def _touched(self, rows: Rows) -> Bools:
        """Rows that may move a latch: of slots where something is going on, or with a score beyond the quiet range."""
        touched = (rows.score >= self._high[rows.kind]) | (rows.score <= self._low[rows.kind])
        if len(self.active):
            touched |= self.active.row[rows.local] >= 0
        return np.asarray(touched)

    # -- latches -----------------------------------------------------------------------------------------------------

    def _judge(self, rows: Rows) -> Iterator[Fired]:
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
            of_row = np.repeat(taken, runs.counts)
            shape = (len(of_row), self.width)
            none = np.zeros(shape, np.bool_)
            suspect = none if rows.suspect is None else rows.suspect
            failed = none if rows.flags is None else rows.flags & HARD > 0
            settled = self.active.latches.settled(
                of_row, rows.kind, rows.at, rows.score, suspect, failed, rows.bound
            )  # fmt: skip
            stop = runs.first(~settled)
            self._pass_over(rows, runs, taken, stop)
            going = np.flatnonzero(stop < runs.starts + runs.counts)
            if not len(going):
                return
            yield from self._update(rows.keep(stop[going]), taken[going])
            rest = np.flatnonzero(np.arange(len(of_row)) > np.repeat(stop, runs.counts))
            rows = rows.keep(rest)
            left = (runs.starts + runs.counts - 1 - stop) > 0
            taken = taken[left]
            runs = Runs.of(rows.local)

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
        active, none = self.active, np.zeros((len(taken), self.width), np.bool_)
        failed = none if rows.flags is None else rows.flags & HARD > 0
        suspect = none if rows.suspect is None else rows.suspect
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
                fired.bits = 0 if rows.flags is None else int(rows.flags[row, column])
                yield fired

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
        at = int(self.active.kind[row])
        plan = self.plans[self.plan_of[at]][column]
        a, b = plan.scale
        peak = float(plan.sign * self.active.latches.peak[row, column])
        return Fired(
            which,
            int(self.owner[self.active.local[row]]),
            edge,
            time,
            plan,
            score * a + b,
            peak * a + b,
            int(self._variant[at]),
        )

    def slots_on(self) -> list[int]:
        """Slots at which a latch is on."""
        on = np.flatnonzero(self.active.latches.on[: len(self.active.local)].any(axis=1) & (self.active.local >= 0))
        found: list[int] = self.owner[self.active.local[on]].tolist()
        return found


def _series(part: Part, local: Ints, runs: Runs, time: Ints, value: Floats) -> Floats:
    """A part's answers to rows sorted by local slot."""
    if runs.single:
        return part.update(local, time, value)
    length = int(runs.counts[0])
    if length > SHORT and (runs.counts == length).all():
        shape = (len(runs), length)
        return part.series(local[runs.starts], time.reshape(shape), value.reshape(shape)).reshape(-1)
    out = np.empty(len(local))
    if int(runs.counts.max()) <= SHORT:
        for rows in runs.turns():
            out[rows] = part.update(local[rows], time[rows], value[rows])
        return out
    for block in runs.blocks():
        out[block] = part.series(local[block[:, 0]], time[block], value[block])
    return out


def _until(state: Ints, local: Ints, runs: Runs, until: Ints, marked: Bools) -> Ints:
    """For each row the latest `until` of a marked row up to it, or what was known before; kept for the next call."""
    known = state[local]
    if marked.any():
        newest = latest(marked)
        here = newest >= runs.begin
        known = np.where(here, np.maximum(known, until[newest]), known)
        last = runs.last
        state[local[last]] = known[last]
    return known


def with_room(state: Ints, rows: int) -> Ints:
    """The same with room for more rows."""
    more = rows - len(state)
    return np.concatenate([state, np.zeros((more, *state.shape[1:]), np.int64)]) if more > 0 else state


def _columns(edges: Edges) -> tuple[Ints, Ints, Ints]:
    return edges.row, edges.column, edges.time
