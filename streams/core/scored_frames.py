"""Frames of a chain with their scores; their rows are made where something moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.core.fired import Rows
from streams.core.runs import Runs
from streams.core.slot_by_slot import SlotRows
from streams.core.standing import Standing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class ScoredFrames:
    """Frames of n rows each, sorted by slot, each slot's in order. Columns as in `Rows`.

    first: number of each frame's first row; runs: of the frames; reading (None: there were no transforms), score, at:
    [frames, n].
    """

    first: Ints
    local: Ints
    kind: NDArray[np.int32]
    runs: Runs
    received: Ints
    reading: Floats | None
    score: Floats
    at: Ints

    def rows(self, some: Ints, standing: Standing) -> Rows:
        """The rows of some frames."""
        count = self.score.shape[1]
        which = (self.first[some][:, None] + np.arange(count)).reshape(-1)
        each, at = np.repeat(some, count), self.at[some].reshape(-1)
        reading = None if self.reading is None else self.reading[some].reshape(-1)
        local = self.local[each]
        kind, received, score = standing.kind(self.kind[each], local, at), self.received[each], self.score[some]
        return Rows(which, local, kind, at, received, score.reshape(-1), None, None, None, reading)

    def of_slots(self, runs: Ints, first: Ints) -> list[SlotRows]:
        """The rows of some slots; `first`: by run, the frame with which they begin."""
        count, found = self.score.shape[1], []
        begins, ends = first[runs], (self.runs.starts + self.runs.counts)[runs]
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            row, frames = int(self.first[begin]), slice(begin, end)
            found.append(SlotRows(
                range(row, row + (end - begin) * count), int(self.local[begin]), int(self.kind[begin]),
                self.at[frames].reshape(-1), self.received[frames].repeat(count), self.score[frames].reshape(-1),
                None if self.reading is None else self.reading[frames].reshape(-1),
            ))  # fmt: skip
        return found
