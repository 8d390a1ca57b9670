"""Times of the year by the site's calendar, as numbers: days on which the same seasons of all conditions hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from streams.models.site import Season
from streams.models.times import SECOND

Ints = NDArray[np.int64]
Day = tuple[int, int]  # month, day
YEARS = (1970, 2100)
_LEAP = 2024  # a year with every day that there is


@dataclass(frozen=True, slots=True)
class Calendar:
    """`days`: one day of each time of the year; `starts`: when a new one begins, `number`: which."""

    days: tuple[Day, ...]
    starts: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.days)

    def of(self, time: Ints) -> Ints:
        """The time of the year of each time."""
        return self.number[np.maximum(np.searchsorted(self.starts, time, "right") - 1, 0)]


def season_of(seasons: Sequence[Season], day: Day) -> int:
    """The first season that holds on a day; -1: none."""
    return next((n for n, season in enumerate(seasons) if season.covers(day)), -1)


def calendar_of(conditions: Sequence[tuple[Season, ...]], timezone: str) -> Calendar | None:
    """The calendar of some conditions; None: none of them has seasons."""
    different = tuple(sorted({one for one in conditions if one}, key=repr))
    return _calendar(different, timezone) if different else None


@lru_cache(maxsize=64)
def _calendar(conditions: tuple[tuple[Season, ...], ...], timezone: str) -> Calendar:
    found: dict[tuple[int, ...], int] = {}
    days: list[Day] = []
    of_day: dict[Day, int] = {}
    for n in range(366):
        one = date(_LEAP, 1, 1) + timedelta(n)
        day = (one.month, one.day)
        which = tuple(season_of(seasons, day) for seasons in conditions)
        if which not in found:
            found[which] = len(days)
            days.append(day)
        of_day[day] = found[which]
    zone, starts, numbers = ZoneInfo(timezone), [], []
    last, one = -1, date(YEARS[0], 1, 1)
    while one.year <= YEARS[1]:
        number = of_day[one.month, one.day]
        if number != last:
            local = datetime(one.year, one.month, one.day, tzinfo=zone)
            starts.append(int(local.astimezone(UTC).timestamp()) * SECOND)
            numbers.append(number)
            last = number
        one += timedelta(1)
    return Calendar(tuple(days), np.array(starts, np.int64), np.array(numbers, np.int64))
