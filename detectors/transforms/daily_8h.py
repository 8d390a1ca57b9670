"""The highest mean of eight hours of a day."""

import numpy as np

from detectors.base import HOUR, NEVER, Column, Floats, Ints
from detectors.transforms.daily import Daily
from detectors.transforms.days import Stamp

_HOURS = 8
_ENOUGH = 6  # hours of eight that a mean needs


class Daily8h(Daily):
    """Highest mean of eight hours that lie within a day, of the last whole day; what ozone is judged by.

    The means are those that end with hour 8 to 24 of the day, 17 of them; each needs a reading in 6 of its 8 hours. The
    day, and when it is told, are those of `Daily`.

    Args:
        day_starts: hour of the local day, microseconds.
        utc_offset: local time minus UTC, microseconds.
        stamp: what the time of a reading is of what it tells, its `end` or its `begin`: whose day midnight is.
        min_valid: means of eight hours that there must be, of 17.
        slots: room to begin with.

    Memory: 174 bytes. One reading changes one hour.

    Reference: GB 3095-2012 (6 of 8 hours) and HJ 663-2013 (14 means from 8 to 24 h), status memory. That a day with
    fewer means is valid if they are above the limit is left out.

    100 all day, and 180 for eight hours around noon:

    >>> part, here, midnight = Daily8h(slots=1), np.array([0]), 1_767_196_800_000_000
    >>> ozone = np.full((1, 24), 100.0)
    >>> ozone[0, 10:18] = 180.0
    >>> float(part.series(here, midnight + HOUR * np.arange(1, 25)[None], ozone)[0, -1])
    180.0
    """

    def __init__(
        self,
        *,
        day_starts: int = 0,
        utc_offset: int = 8 * HOUR,
        stamp: Stamp = "end",
        min_valid: int = 14,
        slots: int = 0,
    ) -> None:
        super().__init__(
            how="mean", day_starts=day_starts, utc_offset=utc_offset, stamp=stamp, min_valid=min_valid, slots=slots
        )

    def _more(self) -> dict[str, Column]:
        values = Column(np.float64, 0.0, _HOURS, 1)
        return {"means": values, "numbers": Column(np.int64, NEVER, _HOURS, 1)}

    def _add(self, slot: Ints, hour: Ints, value: Floats) -> None:
        fresh = hour != self.state["hour"][slot]
        best, count = self._windows(slot, hour - 1)  # of the hours that are over
        self.state["so_far"][slot] = np.where(fresh, best, self.state["so_far"][slot])
        self.state["hours"][slot] = np.where(fresh, count, self.state["hours"][slot])
        total = np.where(fresh, 0.0, self.state["hour_sum"][slot]) + value
        readings = np.where(fresh, 0, self.state["hour_count"][slot]) + 1
        self.state["hour_sum"][slot], self.state["hour_count"][slot] = total, readings
        self.state["hour"][slot] = hour
        self.state["means"][slot, hour % _HOURS] = total / readings
        self.state["numbers"][slot, hour % _HOURS] = hour

    def _today(self, slot: Ints) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
        best, count = self._windows(slot, 24 * self.state["day"][slot].astype(np.int64) + 23)
        return best, count >= self.min_valid

    def _windows(self, slot: Ints, until: Ints) -> tuple[Floats, Ints]:
        """Highest mean and number of means, with those that end from the last hour that was read to `until`."""
        best, count = self.state["so_far"][slot], self.state["hours"][slot].astype(np.int64)
        numbers, means = self.state["numbers"][slot], self.state["means"][slot]
        begin = 24 * self.state["day"][slot].astype(np.int64)
        for later in range(_HOURS - _ENOUGH + 1):  # of hours that came without a reading, two may be the last
            end = self.state["hour"][slot].astype(np.int64) + later
            inside = (numbers > (end - _HOURS)[:, None]) & (numbers <= end[:, None])
            n = np.add.reduce(inside, axis=1)
            there = (n >= _ENOUGH) & (end <= until) & (end - begin >= _HOURS - 1)
            mean = np.add.reduce(np.where(inside, means, 0.0), axis=1) / np.maximum(n, 1)
            best = np.where(there, np.fmax(best, mean), best)
            count += there
        return best, count
