"""What frames do to the slots: frames in good order go through as they are, any other one row by row.

In good order: time rises from row to row and from each frame of a datastream to the next, no range check says anything,
the datastream is there. Of a slot either all frames of a segment are taken so or none, so each slot's order is kept.
"""

import numpy as np
from numpy.typing import NDArray

from streams.core import quality, triggers
from streams.core.judge import Judge
from streams.core.output import Output
from streams.core.resolve import Batch, FrameBatch
from streams.core.runs import SHORT, Runs
from streams.core.segment import FrameStep, Segment
from streams.core.slots import NEVER, OK

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ByFrame:
    """The way of frames through a Judge's slots and chains."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def segment(self, batch: Batch, which: Ints, out: Output) -> Segment:
        """Frames of a batch between which nothing falls due, in order."""
        assert isinstance(batch, FrameBatch)  # noqa: S101 - for the type checker
        segment, frames = Segment(), batch.columns.frames
        slot = batch.slots[which]
        order = np.argsort(slot, kind="stable")
        which, slot = which[order], slot[order]
        runs, counts = Runs.of(slot), frames.counts[which]
        good = self._good(batch, which, slot, runs, counts)
        if not good.all():
            good = np.repeat(np.logical_and.reduceat(good, runs.starts), runs.counts)
            odd = np.sort(which[~good])
            rows = np.concatenate([np.arange(*frames.begins[at : at + 2]) for at in odd.tolist()])
            self._judge.take(segment, batch, rows, out)
            which, slot, counts = which[good], slot[good], counts[good]
        for count in np.unique(counts).tolist():
            alike = counts == count
            self._alike(segment, batch, which[alike], slot[alike], count, out)
        return segment

    def _good(self, batch: FrameBatch, which: Ints, slot: Ints, runs: Runs, counts: Ints) -> Bools:
        """Frames in good order."""
        judge, frames, own = self._judge, batch.columns.frames, slot[runs.starts]
        last = frames.last[which]
        before = np.empty_like(last)
        before[1:] = last[:-1]
        before[runs.starts] = judge.slots.newest[own]
        good = frames.rising[which] & batch.calm[which] & (frames.start[which] > before)
        good &= last <= batch.arrived[which] + quality.FUTURE_AFTER
        good &= (judge.slots.state[slot] == OK) & (counts > SHORT)
        good &= counts == np.repeat(counts[runs.starts], runs.counts)
        good &= judge.unwatched(slot)
        if judge.distrust.due is not None:
            good &= judge.distrust.due[slot] == NEVER
        if judge.absences.on:
            good &= ~np.isin(slot, [gone for gone, _, _ in judge.absences.on])
        return np.asarray(good)

    def _alike(self, segment: Segment, batch: FrameBatch, which: Ints, slot: Ints, count: int, out: Output) -> None:
        """Frames in good order of `count` rows each, sorted by slot."""
        judge, slots, frames, runs = self._judge, self._judge.slots, batch.columns.frames, Runs.of(slot)
        value = frames.taken(batch.value, which, count)
        last = runs.last
        own = slot[last]
        kept, back = slots.kept(Runs(runs.starts * count, runs.counts * count, single=False))
        time = frames.time_of(which[kept // count], kept % count)
        slots.remember_kept(own, runs.counts * count, time, value.reshape(-1)[kept], back)
        segment.frames.append(FrameStep(frames, which, slot, slots.newest[slot], slots.state[slot]))
        out.accepted += value.size
        slots.newest[own], slots.bits[own], slots.changed[own] = frames.last[which[last]], 0, True
        received = batch.arrived[which]
        judge.presence.hear(own, received[last], value[last, -1])
        for chain in judge.chains:
            for one in chain.update_frames(slot, runs, received, value, lambda: frames.times(which, count)):
                row = int(frames.begins[which[one.row // count]]) + one.row % count
                segment.add(row, one.slot, triggers.of_latch(slots, judge.watch, one), matured=one.matured)
            if chain.taps is not None:
                segment.tap(chain, (frames.begins[which][:, None] + np.arange(count)).reshape(-1))
