"""Whether a saved state can be gone on from: its input log may begin later by now, or have lost its end.

A log ends before what was handled when it was made anew, or when a replica that lagged behind was made its leader. New
records then get offsets that were used before: a state that holds the old ones is refused, and nothing that is to come
may count as handled.
"""

from dataclasses import dataclass

from streams.checkpoint.findings import Finding
from streams.completion import Partition, Start
from streams.positions import LogPositions


@dataclass(frozen=True, slots=True)
class Reach:
    """What the input log says of where reading may go on. `end` none: the broker does not tell."""

    beginning: int
    end: int | None
    committed: int | None

    def lost(self, upto: int | None) -> Finding | None:
        """Why a state as of an offset cannot be gone on from, or (none: without a state) why outputs do not count."""
        if upto is not None and upto < self.beginning:
            return Finding("expired", f"the state is as of {upto}, the log it came from begins at {self.beginning}")
        if upto is None and self.committed is not None and self.committed < self.beginning:
            detail = f"what was handled ends at {self.committed}, the log it came from begins at {self.beginning}"
            return Finding("expired", detail)
        known = max(upto or 0, self.committed or 0)
        if self.end is not None and known > self.end:
            detail = f"what was handled ends at {known}, the log it came from at {self.end}"
            return Finding("expired", f"{detail}: it was made anew or lost its end, and its offsets are used again")
        return None

    def within(self, start: Start) -> Start:
        """A start that lies in the log: records that are to come must not count as handled."""
        return start if self.end is None else Start(min(start.read, self.end), min(start.live, self.end))


async def reach(tp: Partition, positions: LogPositions, *, ends_known: bool) -> Reach:
    """Ask for it; what was committed first, so that it cannot overtake the end."""
    committed = (await positions.committed({tp}))[tp]
    beginning = (await positions.beginning({tp}))[tp]
    return Reach(beginning, (await positions.end({tp}))[tp] if ends_known else None, committed)
