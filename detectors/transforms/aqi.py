"""Air quality index of several items."""

from typing import ClassVar, Literal

import numpy as np

from detectors.air_quality import ITEMS, UNITS
from detectors.base import HOUR, Floats, Ints
from detectors.transforms.air import Accept, Air, EditionOrAuto
from detectors.transforms.days import Clock, Stamp

_CLEAN = 50  # up to here no item is the primary one


class Aqi(Air):
    """Air quality index by HJ 633, the largest of the individual indices (`Iaqi`), and which item it is that of.

    Real-time (`period` 1h) from means of an hour, or (`day`) of the last whole day from the means of its hours; a day
    with fewer than `min_valid` of them counts as missing, item by item. What is missing contributes nothing. The item
    is told by its number in `items`, from 1; 0 up to an index of 50, where there is none. Of equal ones the first.

    SO2 over 24 hours is left out from 2026-03-01 on unless `so2_24h` accepts its doubtful row.

    Args:
        items: which items a row has, in their order, with commas between them.
        period: 1h or day.
        edition: 2012, 2026 or auto, by the local date of the reading, or of the day that is told.
        utc_offset: local time minus UTC, microseconds.
        stamp: what the time of a reading is of what it tells, its `end` or its `begin`: whose day midnight is.
        day_starts: hour of the local day, microseconds.
        min_valid: hours of a day that need a reading; of ozone 7 means of eight hours for each 10 of them.
        so2_24h: `accept`: use the doubtful row.
        slots: room to begin with.

    Memory: 8 bytes; by days 38 an item, of ozone 166.

    Reference: HJ 633-2012 and HJ 633-2026, each row with its status in `detectors.air_quality.TABLES`.

    PM2.5, PM10, SO2, NO2, CO and ozone of one hour; ozone, the sixth, is the primary one:

    >>> part, here, march = Aqi(slots=1), np.array([0]), np.array([1_772_294_400_000_000])
    >>> part.update(here, march, np.array([[40.0, 70.0, 8.0, 30.0, 0.7, 231.0]])).tolist()
    [[116.0, 6.0]]
    """

    outputs: ClassVar[tuple[str, ...]] = ("aqi", "primary")
    units: ClassVar[tuple[str, ...]] = ("1", "1")
    inputs: tuple[str, ...] = ITEMS
    join: ClassVar[Literal["exact", "latest"]] = "latest"
    input_units: tuple[str, ...] = tuple(UNITS.values())
    width: int = len(ITEMS)

    def __init__(
        self,
        *,
        items: str = ",".join(ITEMS),
        period: Literal["1h", "day"] = "1h",
        edition: EditionOrAuto = "auto",
        utc_offset: int = 8 * HOUR,
        stamp: Stamp = "end",
        day_starts: int = 0,
        min_valid: int = 20,
        so2_24h: Accept = "refuse",
        slots: int = 0,
    ) -> None:
        if period not in {"1h", "day"}:
            raise ValueError(f"Aqi: period is '1h' or 'day', found {period!r}")
        self.items, self.period, self.edition, self.so2_24h = items, period, edition, so2_24h
        self.inputs = tuple(item.strip() for item in items.split(","))
        self.input_units = tuple(UNITS.get(item, "") for item in self.inputs)
        self.width, self.may_miss = len(self.inputs), len(self.inputs) - 1
        accepted, clock = so2_24h == "accept", Clock(day_starts, utc_offset, stamp)
        super().__init__(self.inputs, period, edition, clock, min_valid, slots, so2_24h=accepted)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        each = self._indices(slot, time, value)
        each = np.where(np.isnan(each), -1.0, each)
        primary = np.argmax(each, axis=1)
        most = each[np.arange(len(slot)), primary]
        out = np.stack([most, np.where(most > _CLEAN, primary + 1.0, 0.0)], axis=1)
        out[most < 0] = np.nan
        return out
