"""What the air quality indices share: which table holds, and daily means."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal, get_args

import numpy as np

from detectors.air_quality import IN_FORCE_2026, ITEMS, TABLES, Edition, Period, Row, iaqi
from detectors.base import HOUR, Floats, Ints, Transform
from detectors.channels import Channels
from detectors.transforms.daily import Daily
from detectors.transforms.daily_8h import Daily8h
from detectors.transforms.days import DAY, Clock

EditionOrAuto = Literal["auto", "2012", "2026"]
Accept = Literal["refuse", "accept"]


class Air(Transform):
    """Indices of items: of means of a period as they come, or (`day`) of the last whole day, made of hourly ones."""

    def __init__(
        self,
        items: Sequence[str],
        period: str,
        edition: EditionOrAuto,
        clock: Clock,
        min_valid: int,
        slots: int,
        *,
        so2_24h: bool,
    ) -> None:
        if not items or set(items) - set(ITEMS) or len(set(items)) < len(items):
            raise ValueError(f"{type(self).__name__}: items are different ones of {', '.join(ITEMS)}, found {items}")
        if edition not in get_args(EditionOrAuto):
            raise ValueError(f"{type(self).__name__}: edition is one of {get_args(EditionOrAuto)}, found {edition!r}")
        self.day_starts, self.utc_offset, self.stamp = clock.day_starts, clock.utc_offset, clock.stamp
        self.min_valid, self._clock, self._daily = min_valid, clock, period == "day"
        self.time_scale = 8 * HOUR if self._daily else HOUR
        editions: list[Edition] = ["2012", "2026"] if edition == "auto" else [edition]
        self._rows = [[self._row(one, item, period, so2_24h=so2_24h) for item in items] for one in editions]
        self._days = self._day_parts(items) if self._daily else []
        columns = {name: column for part in self._days for name, column in part.columns().items()}
        super().__init__(slots, **columns)

    @property
    def reach(self) -> int:
        """By days two of them: what is told of a day stands until the end of the next one."""
        return 2 * DAY if self._daily else 0

    def _row(self, edition: Edition, item: str, period: str, *, so2_24h: bool) -> Row | None:
        """None: there is a table, but nobody should rely on it."""
        of_day: Period = "8h" if item == "o3" else "24h"
        key = (item, of_day if period == "day" else period)
        found = TABLES[edition].get(key)  # type: ignore[arg-type]  # a wrong period is told below
        if found is None:
            known = ", ".join(p for i, p in TABLES[edition] if i == item)
            raise ValueError(f"{type(self).__name__}: {item} has tables of {known}, found {period!r}")
        return found if found.status != "doubtful" or so2_24h else None

    def _day_parts(self, items: Sequence[str]) -> list[Channels[Daily]]:
        means = [number for number, item in enumerate(items) if item != "o3"]
        found: list[Channels[Daily]] = []
        if means:
            found.append(Channels("mean", Daily(how="mean", min_valid=self.min_valid, **asdict(self._clock)), means))
        if len(means) < len(items):
            eight = -(-14 * self.min_valid // 20)  # 14 means of 17, where 20 hours of 24 are asked for
            found.append(Channels("o3", Daily8h(min_valid=eight, **asdict(self._clock)), [list(items).index("o3")]))
        return found

    def _indices(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """The indices of rows of items."""
        date = self._clock.date(time)
        if self._daily:
            value, date = self._of_days(slot, time, value), self._day_told(time)
        each = [np.stack([self._index(row, value[:, n]) for n, row in enumerate(rows)], axis=1) for rows in self._rows]
        return np.where((date >= IN_FORCE_2026)[:, None], each[-1], each[0])

    def _index(self, row: Row | None, value: Floats) -> Floats:
        return np.full(len(value), np.nan) if row is None else iaqi(row, value)

    def _day_told(self, time: Ints) -> Ints:
        """Number of the newest day that is over."""
        day: Ints = self._clock.day(time) - np.where(self._clock.ends(time), 0, 1)
        return day

    def _of_days(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        out = np.full(value.shape, np.nan)
        for part in self._days:
            one, at = part.at(self.state, slot)
            k = len(part.number)
            flat = one.take(at.ravel(), np.repeat(time, k), np.ascontiguousarray(value[:, part.number]).ravel())
            out[:, part.number] = flat.reshape(-1, k)
        return out
