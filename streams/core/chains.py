"""A chain of one plan at work: transforms and detectors, then latches, over the slots of its datastreams."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from detectors.transforms.forecast import Forecast
from streams.core.active import Active
from streams.core.fired import Fired, Rows
from streams.core.first_words import FirstWords
from streams.core.latching import Latching
from streams.core.links import Link, link, make
from streams.core.plan import ChainPlan, Kinds
from streams.core.quality import FUTURE, HARD, SUSPECTS
from streams.core.runs import Runs
from streams.core.scored_frames import ScoredFrames
from streams.core.series import reaches, series_of_frames
from streams.core.slot_by_slot import FEW
from streams.core.standing import Standing
from streams.core.taps import Taps
from streams.core.through import Through
from streams.core.wholeness import direction_of
from streams.core.window_doubt import WindowDoubt

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Chain:
    """Live form of a ChainPlan. Slots are the Bank's; inside, each member has a local number of its own."""

    def __init__(self, plan: ChainPlan, kinds: Kinds) -> None:
        """Every datastream of the partition is a slot from the beginning."""
        self.plan, self.steps = plan, plan.steps
        self.parts = [link(one, 0 if number else plan.channels) for number, one in enumerate(plan.links)]
        self.takes_late = bool(self.parts) and self.parts[0].takes_late
        self.over, self._through = sum(part.reach for part in self.parts), Through(self.parts, ahead=bool(plan.levels))
        counts = [kinds.variants[kind] for kind in plan.latches]
        first = np.full(len(kinds.streams), -1, np.int64)
        first[list(plan.latches)] = np.cumsum(counts) - counts
        #: number of the variant by place of the datastream, -1 = not a member
        self._row_of = np.where(first[kinds.kind] < 0, -1, first[kinds.kind] + kinds.variant).astype(np.int32)
        self.latching = Latching(plan, counts, direction_of(self.parts))
        self.width, self.standing = self.latching.width, Standing(self.latching, plan.calendar)
        self.taps = Taps(plan, counts) if any(one.tap for row in plan.latches.values() for one in row) else None
        self.words = None if self.latching.words is None else FirstWords(self.latching, self.latching.words)
        self._levels = plan.levels_by(counts) if plan.levels else None
        if self._levels is not None:  # all that a forecast answers is told
            self.parts[-1] = Link(make(plan.links[-1].step), plan.links[-1].scale, None)
        #: slot -> local slot, -1 = not a member; local slot -> number of the variant
        self.place = self.kind = np.empty(0, np.int32)
        self._all = True  # every slot is a member under its own number
        self.doubt = WindowDoubt(self.over, self.width, accumulates=self._through.accumulates)
        self.grow(np.arange(len(kinds.kind), dtype=np.int32))

    @property
    def active(self) -> Active:
        """Its latches where something is going on."""
        return self.latching.active

    @property
    def owner(self) -> NDArray[np.int32]:
        """The slot of each local slot."""
        return self.latching.owner

    def grow(self, stream: NDArray[np.int32]) -> None:
        """Take in new slots; `stream`: place of every slot's datastream, old ones first."""
        first, members = len(self.place), len(self.owner)
        kinds = self._row_of[stream[first:]]
        own = np.flatnonzero(kinds >= 0)
        self.place = np.concatenate([self.place, np.full(len(kinds), -1, np.int32)])
        self.place[first + own] = members + np.arange(len(own))
        self.kind = np.concatenate([self.kind, kinds[own]])
        self.latching.owner = np.concatenate([self.owner, (own + first).astype(np.int32)])
        self._all = self._all and len(own) == len(kinds)
        for one in (self.active, *self.parts):
            one.grow(len(self.owner))
        self.standing.grow(len(self.active.row))
        if self.words is not None:
            self.words.grow(self.kind, self.place[stream[first + own]])
        if self._levels is not None:
            last = self.parts[-1]
            assert isinstance(last, Link)  # noqa: S101 - for the type checker
            assert isinstance(last.part, Forecast)  # noqa: S101
            last.part.levels = self._levels[self.kind]

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
            time, received, value, runs = time[which], received[which], value[which], Runs.of(local)
            bits = None if bits is None else bits[which]
        rows = self._score(which, local, runs, time, received, value, bits)
        if self.taps is not None:
            self.taps.take(rows, self.kind[local], self.owner)
        return self._judged(rows, runs)

    def _judged(self, rows: Rows, runs: Runs) -> Iterator[Fired]:
        self.standing.note(rows)
        if self.words is not None and self.words.waits(rows.local, rows.at):
            return self.words.after(rows, self._moved(rows, runs))
        return self._moved(rows, runs)

    def _moved(self, rows: Rows, runs: Runs) -> Iterator[Fired]:
        touched = self.latching.touched(rows)
        if not touched.any():
            return iter(())
        if not runs.single:
            touched = np.repeat(np.logical_or.reduceat(touched, runs.starts), runs.counts)
        return self.latching.judge(rows.keep(np.flatnonzero(touched)))

    def update_rows(self, slot: Ints, time: Ints, received: Ints, value: Floats, doubtful: Bools) -> Iterator[Fired]:
        """Judge rows of several channels [rows, channels], sorted by slot, each slot's in order; all are members."""
        local = self.place[slot].astype(np.int64)
        runs, missing = Runs.of(local), np.logical_and.reduce(np.isnan(value), axis=1)
        suspect = np.repeat(doubtful[:, None], self.width, axis=1) if doubtful.any() else None
        at, score, bound, ahead = self._through.rows(local, runs, time, value)
        if self.over:
            suspect, bound = self.doubt.of_rows(local, runs, at, time, missing, suspect, bound, len(self.active.row))
        kind = self.standing.kind(self.kind[local], local, at)
        rows = Rows(np.arange(len(slot)), local, kind, at, received, score, None, suspect, bound, None, ahead)
        return self._judged(rows, runs)

    def update_frames(
        self, slot: Ints, runs: Runs, received: Ints, value: Floats, times: Callable[[], Ints]
    ) -> Iterator[Fired]:
        """Judge frames of n rows each, sorted by slot, each slot's in order, of which nothing was flagged.

        value, times(): [frames, n]. `Fired.row` counts the rows frame after frame.
        """
        count = value.shape[1]
        if self.over or any(part.takes_late for part in self.parts):
            flat = Runs(runs.starts * count, runs.counts * count, single=False)
            row = times().reshape(-1), np.repeat(received, count), value.reshape(-1)
            return self.update(np.repeat(slot, count), flat, *row, None)
        local, which = self._members(slot, None)
        if not len(local):
            return iter(())
        time = times()
        if len(local) < len(slot):
            received, value, time, runs = received[which], value[which], time[which], Runs.of(local)
        score = value
        for part in self.parts:
            score = series_of_frames(part, local, runs, time, score)
        own = which * count
        frames = ScoredFrames(own, local, self.kind[local], runs, received, value if self.parts else None, score, time)
        if self.taps is not None or self.latching.times > 1 or self._waits(local, time):
            return self._flat(frames)
        return self._moved_frames(frames)

    def _waits(self, local: Ints, time: Ints) -> bool:
        """Whether a first word is due of some frames."""
        return self.words is not None and self.words.waits(local, time.max(axis=1))

    def _flat(self, frames: ScoredFrames) -> Iterator[Fired]:
        """Frames as rows, all of them."""
        rows = frames.rows(np.arange(len(frames.local)), self.standing)
        if self.taps is not None:
            self.taps.take(rows, self.kind[rows.local], self.owner)
        count = frames.score.shape[1]
        return self._judged(rows, Runs(frames.runs.starts * count, frames.runs.counts * count, single=False))

    def _moved_frames(self, frames: ScoredFrames) -> Iterator[Fired]:
        """From each slot's first frame on that may move a latch."""
        latching, runs = self.latching, frames.runs
        touched = reaches(frames.score, latching.low[frames.kind], latching.high[frames.kind])
        if len(self.active):
            touched |= self.active.row[frames.local] >= 0
        if not touched.any():
            return iter(())
        first = runs.first(touched)
        slots = np.flatnonzero(first < runs.starts + runs.counts)
        if len(slots) <= FEW and latching.simple:
            return iter(latching.judge_few(frames.of_slots(slots, first)))
        some = np.flatnonzero(np.arange(len(frames.local)) >= np.repeat(first, runs.counts))
        return latching.judge(frames.rows(some, self.standing))

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
        flags = suspect = None
        flagged = np.empty(0, np.int64) if bits is None else np.flatnonzero(bits)
        if bits is not None and len(flagged):
            mask = self.latching.mask[self.kind[local[flagged]] * self.latching.times]
            own = bits[flagged, None] & mask
            # a value that every hazard of this datastream calls failed must not enter the transforms
            failed = ((own & HARD > 0) | (mask == 0)).all(axis=1)
            value = value.copy() if failed.any() else value
            value[flagged[failed]] = np.nan
            flags, suspect = np.zeros((len(local), self.width), np.int64), np.zeros((len(local), self.width), np.bool_)
            flags[flagged], suspect[flagged] = own, own & SUSPECTS > 0
        at, score, bound, ahead = self._through.rows(local, runs, time, value)
        if self.over:
            missing, members = np.isnan(value), len(self.active.row)
            suspect, bound = self.doubt.of_rows(local, runs, at, time, missing, suspect, bound, members)
        kind, reading = self.standing.kind(self.kind[local], local, at), value if self.parts else None
        return Rows(which, local, kind, at, received, score, flags, suspect, bound, reading, ahead)
