"""Values of whole days: rain from 20 to 20 h, mean, maximum and minimum of a day."""

from typing import Literal, get_args

import numpy as np

from detectors.base import HOUR, Bools, Column, Floats, Ints, Transform
from detectors.transforms.days import DAY, Clock, Stamp

How = Literal["sum", "mean", "max", "min", "last"]
_NONE = -(2**31)  # no day and no hour yet
_PARTS = 1e9  # sums are rounded to so many parts of a unit: 250 tips of 0.2 mm are 50 mm


class Daily(Transform):
    """Sum, mean, maximum, minimum or last value of the last whole day.

    A day is (start, start + 24 h]: the reading at 20:00 belongs to the day that ends there, and completes it
    (`stamp`: the other way). Every reading answers the value of the newest day that is over at its time, so a
    condition on it holds from the end of one day to the end of the next. NaN while that day is not known: it had a
    reading in fewer than `min_valid` of its 24 hours, or it is the first one and began before the readings did. A
    mean is that of the means of the hours. A sum is of increments; for a counter or an intensity: `last` of a `sum`
    over 24 h.

    Args:
        how: `sum`, `mean`, `max`, `min` or `last`.
        day_starts: hour of the local day, microseconds; China's meteorological day: 20 h; air quality: 0 h.
        utc_offset: local time minus UTC, microseconds.
        stamp: what the time of a reading is of what it tells, its `end` or its `begin`: whose day midnight is.
        min_valid: hours that need a reading.
        slots: room to begin with.

    Memory: 34 bytes; 46 of a mean.

    Reference: the day of 20 to 20 h Beijing time of surface observation (GB/T 35221); GB 3095-2012, table 4 (20 of 24
    hourly values for a daily mean); status memory.

    1 mm an hour from midnight in Beijing on, and the first whole day 20-20 h is known at 20:00 of the next day:

    >>> part, here = Daily(how="sum", day_starts=20 * HOUR, slots=1), np.array([0])
    >>> midnight = 1_767_196_800_000_000  # 2026-01-01 in Beijing
    >>> rain = part.series(here, midnight + HOUR * np.arange(48)[None], np.ones((1, 48)))[0]
    >>> int(np.argmax(np.isfinite(rain))), float(rain[44]), float(rain[47])
    (20, 24.0, 24.0)
    """

    time_scale = 8 * HOUR
    keeps_bounds = True

    def __init__(
        self,
        *,
        how: How = "mean",
        day_starts: int = 0,
        utc_offset: int = 8 * HOUR,
        stamp: Stamp = "end",
        min_valid: int = 20,
        slots: int = 0,
    ) -> None:
        if how not in get_args(How) or not 1 <= min_valid <= 24:
            found = f"{how!r}, {min_valid}"
            raise ValueError(f"{type(self).__name__}: one of {get_args(How)}, min_valid 1 to 24, found {found}")
        self.how, self.day_starts, self.utc_offset, self.min_valid = how, day_starts, utc_offset, min_valid
        self.stamp, self._clock = stamp, Clock(day_starts, utc_offset, stamp)
        number, value = Column(np.int32, _NONE), Column(np.float64, np.nan)
        hourly = {"hour_sum": Column(np.float64, 0.0), "hour_count": Column(np.int32, 0)} if how == "mean" else {}
        columns = {"day": number, "hour": number, "hours": Column(np.int16, 0), "so_far": value, "whole": value}
        super().__init__(slots, **columns, **hourly, **self._more())

    @property
    def reach(self) -> int:
        """Two days: what is told of a day stands until the end of the next one."""
        return 2 * DAY

    def _more(self) -> dict[str, Column]:
        """Columns of a subclass."""
        return {}

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        return self.take(slot, time, value)

    def take(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """One reading of each slot, or with NaN only its time; the answers of `update`."""
        day, before = self._clock.day(time), self.state["day"][slot].astype(np.int64)
        turns = day > before
        if turns.any():
            self._turn(slot[turns], before[turns] == day[turns] - 1)
            self.state["day"][slot] = day
        there = ~np.isnan(value)
        with np.errstate(over="ignore", invalid="ignore"):
            self._add(slot[there], self._clock.hour(time)[there], value[there])
            return self._answer(slot, self._clock.ends(time))

    def _turn(self, slot: Ints, follows: Bools) -> None:
        """The day of these slots is over; `follows`: the next reading is of the day right after it."""
        self._close(slot, follows)
        for name in {"so_far", "hours", "hour_sum", "hour_count"} & self.state.keys():
            self.state[name][slot] = self.columns[name].fill

    def _close(self, slot: Ints, follows: Bools) -> None:
        value, known = self._today(slot)
        self.state["whole"][slot] = np.where(known & follows, value, np.nan)

    def _answer(self, slot: Ints, ends: Bools) -> Floats:
        value, known = self._today(slot)
        out: Floats = np.where(ends, np.where(known, value, np.nan), self.state["whole"][slot])
        return out

    def _add(self, slot: Ints, hour: Ints, value: Floats) -> None:
        hours = self.state["hours"][slot]
        first = hours == 0
        fresh = first | (hour != self.state["hour"][slot])
        so_far = np.where(first, 0.0, self.state["so_far"][slot])
        if self.how == "mean":
            so_far = np.where(fresh & ~first, self._all_hours(slot), so_far)
            self.state["hour_sum"][slot] = np.where(fresh, 0.0, self.state["hour_sum"][slot]) + value
            self.state["hour_count"][slot] = np.where(fresh, 0, self.state["hour_count"][slot]) + 1
        self.state["so_far"][slot] = so_far if self.how == "mean" else self._with(so_far, value, first)
        self.state["hours"][slot] = hours + fresh
        self.state["hour"][slot] = hour

    def _with(self, so_far: Floats, value: Floats, first: Bools) -> Floats:
        """What the day comes to with one more value."""
        if self.how == "sum":
            out: Floats = np.rint((so_far + value) * _PARTS) / _PARTS
            return out
        if self.how == "last":
            return value
        better = np.maximum if self.how == "max" else np.minimum
        return np.where(first, value, better(so_far, value))

    def _today(self, slot: Ints) -> tuple[Floats, Bools]:
        """What the day at hand comes to so far, and whether enough of its hours have a reading."""
        hours = self.state["hours"][slot]
        value = self._all_hours(slot) / np.maximum(hours, 1) if self.how == "mean" else self.state["so_far"][slot]
        return value, hours >= self.min_valid

    def _all_hours(self, slot: Ints) -> Floats:
        """Sum of the means of the hours: those before, and the one at hand."""
        last: Floats = self.state["hour_sum"][slot] / np.maximum(self.state["hour_count"][slot], 1)
        return self.state["so_far"][slot] + last
