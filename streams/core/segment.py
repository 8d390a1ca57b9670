"""Rows between two moments at which something may fall due, and what they set off."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core.chains import Chain
from streams.core.slots import NEVER, Slots
from streams.core.taps import Tapped
from streams.models.framed import Frames
from streams.models.signal import Trigger

Ints = NDArray[np.int64]
#: rows, their slots, times that count, newest time and state of the slots before
Step = tuple[Ints, Ints, Ints, Ints, NDArray[np.int8]]


@dataclass(slots=True)
class FrameStep:
    """Frames of a segment, sorted by slot: their numbers, slots, and newest time and state of the slots before."""

    frames: Frames
    which: Ints
    slot: Ints
    newest: Ints
    state: NDArray[np.int8]

    def ends_of(self, ours: NDArray[np.bool_], asked: Ints) -> Step:
        """Of the slots that are ours: each frame's last row, and those of the rows asked for that lie in their frames.

        In a frame time rises: between these rows nobody looks.
        """
        frames, some = self.frames, np.flatnonzero(ours[self.slot])
        number = np.full(len(frames), -1)
        number[self.which[some]] = some
        frame = frames.begins.searchsorted(asked, "right") - 1
        inside = np.flatnonzero(number[frame] >= 0)
        which, row = frame[inside], asked[inside]
        each = np.concatenate([some, number[which]])
        rows = np.concatenate([frames.begins[self.which[some] + 1] - 1, row])
        times = np.concatenate([frames.last[self.which[some]], frames.time_of(which, row - frames.begins[which])])
        return rows, self.slot[each], times, self.newest[each], self.state[each]


class Told(NamedTuple):
    """A trigger and its slot; rank: of those about one time the end of a hold (0) comes before a row (1)."""

    slot: int
    trigger: Trigger
    rank: int = 0


class Sample(NamedTuple):
    """A row of the batch whose value neighbours are compared with."""

    row: int
    slot: int
    time: int
    value: float
    quality: int


@dataclass(slots=True)
class Segment:
    """What rows of a batch set off, by number of the row; and how their slots stood before."""

    #: row -> what came before it (holds that its time fulfilled, rows that it made whole), what the row itself means
    fired: dict[int, tuple[list[Told], list[Told]]] = field(default_factory=dict)
    tapped: list[Tapped] = field(default_factory=list)  # scores that go to joins
    states: list[tuple[int, int, int]] = field(default_factory=list)  # row, slot, state from that row on
    steps: list[Step] = field(default_factory=list)
    frames: list[FrameStep] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, row: int, slot: int, trigger: Trigger, *, matured: bool = False) -> None:
        """Note what a row set off."""
        over, own = self.fired.setdefault(row, ([], []))
        (over if matured else own).append(Told(slot, trigger))

    def add_joined(self, row: int, slot: int, trigger: Trigger, *, matured: bool) -> None:
        """Note what a row of several readings set off, that the reading of a row made whole."""
        self.fired.setdefault(row, ([], []))[0].append(Told(slot, trigger, 0 if matured else 1))

    def tap(self, chain: Chain, rows: Ints) -> None:
        """Scores that go to joins; `rows`: of the batch, by those of the call."""
        if chain.taps is not None:
            self.tapped += [one.told(rows) for one in chain.taps.give()]

    def in_turn(self, row: int) -> list[list[Told]]:
        """What a row set off, in the order of the times that it is about; what it means itself comes last."""
        over, own = self.fired[row]
        turns = [(one.trigger.time, one.rank) for one in over]
        groups = [[one for one, turn in zip(over, turns, strict=True) if turn == at] for at in sorted(set(turns))]
        return [*groups, own] if own else groups


class Moving:
    """Takes some slots back to how they stood before a segment, and on again row by row."""

    def __init__(self, segment: Segment, slots: Slots, wanted: Iterable[Ints], asked: Ints) -> None:
        """`wanted`: the slots; `asked`: the rows up to which they will be moved, in ascending order."""
        self._slots = slots
        ours = np.zeros(len(slots), np.bool_)
        for some in wanted:
            ours[some] = True
        steps = [self._of_ours(step, ours) for step in segment.steps]
        steps += [frames.ends_of(ours, asked) for frames in segment.frames]
        for _, of, _, newest, states in reversed(steps):  # the earliest step of a slot has the last word
            slots.newest[of[::-1]], slots.state[of[::-1]] = newest[::-1], states[::-1]
        empty = np.empty(0, np.int64)
        row = np.concatenate([empty, *(step[0] for step in steps)])
        order = np.argsort(row, kind="stable")
        self._row = row[order]
        self._slot = np.concatenate([empty, *(step[1] for step in steps)])[order]
        self._time = np.concatenate([empty, *(step[2] for step in steps)])[order]
        self._states = sorted(one for one in segment.states if ours[one[1]])
        self._at = self._state_at = 0

    @staticmethod
    def _of_ours(step: Step, ours: NDArray[np.bool_]) -> Step:
        rows, of, times, newest, states = step
        at = np.flatnonzero(ours[of])
        return rows[at], of[at], times[at], newest[at], states[at]

    def up_to(self, row: int) -> None:
        """As things stand once `row` has been handled; rows are asked for in ascending order."""
        slots, upto = self._slots, int(self._row.searchsorted(row, "right"))
        if upto > self._at:
            some = slice(self._at, upto)
            np.maximum.at(slots.newest, self._slot[some], self._time[some])
            self._at = upto
        while self._state_at < len(self._states) and self._states[self._state_at][0] <= row:
            _, slot, state = self._states[self._state_at]
            slots.state[slot] = state
            self._state_at += 1

    def finish(self) -> None:
        """As things stand after the last row."""
        self.up_to(NEVER)
