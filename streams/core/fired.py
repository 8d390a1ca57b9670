"""What goes through the latches of a chain, and what comes out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core.latch_plan import LatchPlan
from streams.models.signal import Edge

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NAN = float("nan")


@dataclass(slots=True)
class Fired:
    """One edge of one latch. `row` is the row of the call it belongs to (-1: fired by received time)."""

    row: int
    slot: int
    edge: Edge
    time: int
    plan: LatchPlan
    score: float  # in the hazard's unit; of a forecast the value that it starts from
    peak: float
    variant: int = 0
    matured: bool = False
    doubtful: bool = False  # no good value has confirmed it yet
    suspect: bool = False  # the value that it tells is in doubt
    bits: int = 0  # quality of the row that caused it, as the hazard sees it
    own: int | None = None  # phenomenon time of the causing row where that is not `time` (late, ahead of the clock)
    reading: float = NAN  # that transforms made the score of, in the datastream's unit
    chance: float = NAN  # of a forecast
    lead: float = NAN  # of a forecast, seconds
    first: bool = False  # it never was on: `off` is its first answer


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
    reading: Floats | None = None  # what the transforms were fed; None: there are none, or it is no single number
    ahead: Floats | None = None  # of a forecast [rows, 2]: the value that it starts from, lead in seconds

    def keep(self, rows: Ints) -> "Rows":
        """Some of them."""
        columns: list[Any] = [getattr(self, name) for name in Rows.__slots__]
        kept: list[Any] = [None if one is None else one[rows] for one in columns]
        return Rows(*kept)
