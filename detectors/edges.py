"""What latches have to tell: edges, and between which bounds readings move nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


@dataclass(slots=True)
class Edges:
    """What changed: for each edge its row in the call, its column, and the phenomenon time it is due to."""

    row: Ints
    column: Ints
    time: Ints

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True)
class Changes:
    """One update's outcome in the order in which it happened: `matured` (a hold that ran out), then the rest."""

    matured: Edges
    on: Edges
    off: Edges
    sighting: Edges
    matured_doubtful: Bools  # for each matured edge whether no good value had confirmed it


@dataclass(slots=True)
class Span:
    """Readings of each of several slots that move nothing.

    Scores below `rise`, not below `fall`, above `drop`, not above `lift` (NaN: no such bound), before `end`; and before
    `sight` where there is a score.
    """

    rise: Floats
    fall: Floats
    drop: Floats
    lift: Floats
    end: Ints
    sight: Ints

    def beyond(self, counts: Ints, time: Ints, score: Floats) -> Bools:
        """Which readings, so many of each slot, are not within."""
        found: Bools = score >= np.repeat(self.rise, counts)
        found |= score < np.repeat(self.fall, counts)
        if not np.isnan(self.drop).all() or not np.isnan(self.lift).all():
            found |= (score <= np.repeat(self.drop, counts)) | (score > np.repeat(self.lift, counts))
        if int(self.end.min()) != NEVER:
            found |= time >= np.repeat(self.end, counts)
        if int(self.sight.min()) != NEVER:
            found |= (time >= np.repeat(self.sight, counts)) & ~np.isnan(score)
        return found
