"""Air quality index of one item."""

from typing import ClassVar, Literal

import numpy as np

from detectors.air_quality import UNITS
from detectors.base import HOUR, Floats, Ints
from detectors.transforms.air import Accept, Air, EditionOrAuto
from detectors.transforms.days import Clock, Stamp


class Iaqi(Air):
    """Individual air quality index of a concentration by HJ 633: linear between the levels, rounded up, 0 to 500.

    With `period` 1h, 8h or 24h the values are means of so long. With `day` they are hourly and the answer is the index
    of the mean of the last whole day (`Daily`), of ozone that of its highest mean of eight hours (`Daily8h`). The index
    of SO2 ends at 200 for one hour, that of ozone at 300 for eight hours.

    In the edition of 2026 the row of SO2 over 24 hours is doubtful (sources differ): it is refused unless `so2_24h`
    accepts it. Concentrations are taken as they come, without rounding them first.

    Args:
        item: pm25, pm10, so2, no2, co or o3.
        period: 1h, 8h, 24h or day.
        edition: 2012, 2026 or auto: that of the local date of the reading, or of the day that is told. 2026 holds from
            2026-03-01 on.
        utc_offset: local time minus UTC, microseconds.
        stamp: what the time of a reading is of what it tells, its `end` or its `begin`: whose day midnight is.
        day_starts: hour of the local day, microseconds.
        min_valid: hours of a day that need a reading; of ozone 7 means of eight hours for each 10 of them.
        so2_24h: `accept`: use the doubtful row.
        slots: room to begin with.

    Memory: 8 bytes; by days 46, of ozone 174.

    Reference: HJ 633-2012 and HJ 633-2026, each row with its status in `detectors.air_quality.TABLES`.

    75 ug/m3 of PM2.5 is 100 by the table of 2012, and more by that of 2026:

    >>> here, february = np.array([0]), np.array([1_772_290_800_000_000])  # 2026-02-28 23:00 in Beijing
    >>> part = Iaqi(slots=1)
    >>> [float(part.update(here, february + HOUR * hour, np.array([75.0]))[0]) for hour in (0, 1)]
    [100.0, 114.0]
    """

    units: ClassVar[tuple[str, ...]] = ("1",)

    def __init__(
        self,
        *,
        item: Literal["pm25", "pm10", "so2", "no2", "co", "o3"] = "pm25",
        period: Literal["1h", "8h", "24h", "day"] = "1h",
        edition: EditionOrAuto = "auto",
        utc_offset: int = 8 * HOUR,
        stamp: Stamp = "end",
        day_starts: int = 0,
        min_valid: int = 20,
        so2_24h: Accept = "refuse",
        slots: int = 0,
    ) -> None:
        if item == "so2" and period in {"24h", "day"} and edition != "2012" and so2_24h != "accept":
            raise ValueError("Iaqi: the row of SO2 over 24 hours of 2026 is doubtful; `so2_24h: accept` takes it")
        self.item, self.period, self.edition, self.so2_24h = item, period, edition, so2_24h
        self.input_units = (UNITS.get(item, ""),)
        accepted, clock = so2_24h == "accept", Clock(day_starts, utc_offset, stamp)
        super().__init__((item,), period, edition, clock, min_valid, slots, so2_24h=accepted)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        return np.ascontiguousarray(self._indices(slot, time, value[:, None])[:, 0])
