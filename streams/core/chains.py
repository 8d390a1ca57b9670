"""A chain of one plan at work: transforms, then latches, over the slots of the datastreams that use it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.transforms import TRANSFORMS
from detectors.trigger import Changes, Edges, Latches
from streams.core.plan import ChainPlan, LatchPlan
from streams.core.quality import FUTURE, HARD, SUSPECTS, UNHEARD, mask_of
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    matured: bool = False
    doubtful: bool = False  # no good value has confirmed it yet
    bits: int = 0  # quality of the row that caused it, as the hazard sees it
    own: int | None = None  # phenomenon time of the causing row where that is not `time` (late, ahead of the clock)


class Chain:
    """Live form of a ChainPlan. Slots are the Bank's; inside, each member has a local number of its own."""

    def __init__(self, plan: ChainPlan, streams: int) -> None:
        self.plans = list(plan.latches.values())
        self.transforms = [TRANSFORMS[step.part](**step.parameters) for step in plan.steps]
        self.takes_late = bool(self.transforms) and self.transforms[0].takes_late
        self.local_stream = np.full(streams, -1, np.int64)
        self.local_stream[list(plan.latches)] = np.arange(len(plan.latches))
        self.local = np.empty(0, np.int64)  # slot -> local slot, -1 = not a member
        self.stream = np.empty(0, np.int64)  # local slot -> local stream
        self.owner = np.empty(0, np.int64)  # local slot -> slot
        self.last = np.empty(0, np.float64)  # local slot -> last score
        width = max(len(latches) for latches in self.plans)

        def table(name: str, missing: float) -> list[list[float]]:
            return [[getattr(p, name) for p in row] + [missing] * (width - len(row)) for row in self.plans]

        self.over = sum(step.parameters.get("over", 0) for step in plan.steps)
        self.doubt_until = np.empty((0, width), np.int64)  # a suspect value is in the window until then
        self.missing_until = np.empty(0, np.int64)  # and a missing one
        self.latches = Latches(
            table("thr_on", np.nan), table("thr_off", np.nan), table("sign", 1), table("hold", 0), table("step", np.inf)
        )
        masks = [[mask_of(p.checks) for p in row] + [0] * (width - len(row)) for row in self.plans]
        self.mask = np.array(masks, np.int64)

    def grow(self, streams_of_slots: Ints) -> None:
        """Take in new slots; `streams_of_slots` says the datastream of every slot, old ones first."""
        fresh = streams_of_slots[len(self.local) :]
        members = self.local_stream[fresh]
        first = len(self.owner)
        own = np.flatnonzero(members >= 0)
        local = np.full(len(fresh), -1, np.int64)
        local[own] = first + np.arange(len(own))
        slots = own + len(self.local)
        self.local = np.concatenate([self.local, local])
        self.stream = np.concatenate([self.stream, members[own]])
        self.owner = np.concatenate([self.owner, slots])
        self.last = np.concatenate([self.last, np.full(len(own), np.nan)])
        width = self.latches.width
        self.doubt_until = np.concatenate([self.doubt_until, np.full((len(own), width), UNHEARD)])
        self.missing_until = np.concatenate([self.missing_until, np.full(len(own), UNHEARD)])
        self.latches.grow(len(self.owner))
        for transform in self.transforms:
            transform.grow(len(self.owner))

    def update(self, slot: Ints, time: Ints, received: Ints, value: Floats, bits: Ints) -> Iterator[Fired]:
        """Judge one row of each of several slots (rows of other slots are passed over)."""
        ours = self.local[slot] >= 0
        if self.transforms:  # a stamp ahead of the clock has no place in a window
            ours &= bits & FUTURE == 0
        rows = np.flatnonzero(ours)
        if not len(rows):
            return iter(())
        local = self.local[slot[rows]]
        stream = self.stream[local]
        flags = bits[rows, None] & self.mask[stream]
        # a value that every hazard of this datastream calls failed must not enter the transforms
        usable = np.where(self._all_failed(flags, stream), np.nan, value[rows])
        score = usable
        at = time[rows]
        bound = np.zeros(len(rows), np.bool_)  # the score is a lower bound: it may raise, never lower
        for transform in self.transforms:
            score = transform.update(local, at, score)
            if transform.takes_late:  # what it says of a late row is about the newest time
                at = np.maximum(at, transform.newest(local))
                bound |= ~transform.complete(local)
        suspect = flags & SUSPECTS > 0
        if self.transforms:
            until = time[rows] + self.over
            self._remember_doubt(local, until, suspect, np.isnan(usable))
            suspect |= at[:, None] < self.doubt_until[local]
            bound |= self.takes_late & (at < self.missing_until[local])
        before = self.last[local]
        self.last[local] = np.where(np.isnan(score), self.last[local], score)
        changes = self.latches.update(local, stream, at, received[rows], score, suspect, flags & HARD > 0, bound)
        return self._tell(rows, local, before, flags, changes)

    def _remember_doubt(self, local: Ints, until: Ints, suspect: NDArray[np.bool_], missing: NDArray[np.bool_]) -> None:
        """A window is in doubt, or incomplete, as long as a suspect or a missing value lies in it."""
        doubt = self.doubt_until[local]
        self.doubt_until[local] = np.where(suspect, np.maximum(doubt, until[:, None]), doubt)
        gap = self.missing_until[local]
        self.missing_until[local] = np.where(missing, np.maximum(gap, until), gap)

    def _all_failed(self, flags: Ints, stream: Ints) -> NDArray[np.bool_]:
        return np.asarray(((flags & HARD > 0) | (self.mask[stream] == 0)).all(axis=1))

    def _tell(self, rows: Ints, local: Ints, before: Floats, flags: Ints, changes: Changes) -> Iterator[Fired]:
        """What changed, one latch at a time; what a hold's end tells is how things stood before this row."""
        for row, column, time, doubt in zip(*_columns(changes.matured), changes.matured_doubtful, strict=True):
            fired = self._fired(int(rows[row]), int(local[row]), int(column), "on", int(time), float(before[row]))
            fired.matured, fired.doubtful = True, bool(doubt)
            yield fired
        edges_of: dict[Edge, Edges] = {"on": changes.on, "off": changes.off, "sighting": changes.sighting}
        for edge, edges in edges_of.items():
            for row, column, time in zip(*_columns(edges), strict=True):
                at = int(local[row])
                fired = self._fired(int(rows[row]), at, int(column), edge, int(time), float(self.last[at]))
                fired.doubtful, fired.bits = bool(self.latches.doubtful[at, column]), int(flags[row, column])
                yield fired

    def mature(self, received: int) -> Iterator[tuple[int, Fired]]:
        """Holds that received time has passed, each with the received time at which it was over."""
        if received < self.latches.next_due:
            return
        for local, column, time, due in zip(*self.latches.mature(received, self.stream), strict=True):
            fired = self._fired(-1, int(local), int(column), "on", int(time), float(self.last[local]))
            fired.matured, fired.doubtful = True, bool(self.latches.doubtful[local, column])
            yield int(due), fired

    def _fired(self, row: int, local: int, column: int, edge: Edge, time: int, score: float) -> Fired:
        plan = self.plans[self.stream[local]][column]
        a, b = plan.scale
        peak = float(plan.sign * self.latches.peak[local, column])
        return Fired(row, int(self.owner[local]), edge, time, plan, score * a + b, peak * a + b)

    def slots_on(self) -> list[int]:
        """Slots at which a latch is on."""
        found: list[int] = self.owner[self.latches.on.any(axis=1)].tolist()
        return found


def _columns(edges: Edges) -> tuple[Ints, Ints, Ints]:
    return edges.row, edges.column, edges.time
