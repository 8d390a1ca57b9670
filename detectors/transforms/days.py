"""Days that begin at any hour of any zone, as numbers."""

from dataclasses import dataclass
from typing import Literal

from detectors.base import HOUR, Bools, Ints

DAY = 24 * HOUR
Stamp = Literal["end", "begin"]


@dataclass(frozen=True)
class Clock:
    """Which day and hour a time belongs to.

    stamp: what the time of a reading is of what it tells. By its `end`, days and hours are (start, end]: what comes at
    20:00 belongs to the day that ends there. By its `begin` they are [start, end).

    >>> import numpy as np
    >>> eight = 1_767_225_600_000_000  # 2026-01-01 08:00 in Beijing
    >>> (Clock(20 * HOUR, 8 * HOUR, "end").day(eight + np.array([0, 12 * HOUR, 12 * HOUR + 1])) - 20453).tolist()
    [0, 0, 1]
    """

    day_starts: int
    utc_offset: int
    stamp: Stamp = "end"

    def __post_init__(self) -> None:
        if not 0 <= self.day_starts <= DAY or not -14 * HOUR <= self.utc_offset <= 14 * HOUR:
            found = f"{self.day_starts / HOUR:g} h, {self.utc_offset / HOUR:g} h"
            raise ValueError(f"day_starts is 0 h to 24 h and utc_offset at most 14 h, found {found}")
        if self.stamp not in {"end", "begin"}:
            raise ValueError(f"stamp is 'end' or 'begin', found {self.stamp!r}")

    def day(self, time: Ints) -> Ints:
        """Number of the day; with `day_starts` 0, days since 1970 by the local calendar."""
        return self._cell(time, DAY)

    def hour(self, time: Ints) -> Ints:
        """Number of the hour; those of a day are 24 * day … 24 * day + 23."""
        return self._cell(time, HOUR)

    def ends(self, time: Ints) -> Bools:
        """Whether the day of a time ends with it."""
        last: Bools = (time + (self.utc_offset - self.day_starts)) % DAY == 0
        return last & (self.stamp == "end")

    def date(self, time: Ints) -> Ints:
        """Days since 1970 by the local calendar, from midnight to midnight."""
        return (time + self.utc_offset) // DAY

    def _cell(self, time: Ints, length: int) -> Ints:
        shifted = time + (self.utc_offset - self.day_starts)
        return -(-shifted // length) - 1 if self.stamp == "end" else shifted // length
