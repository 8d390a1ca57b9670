"""The six indices of the Fire Weather Index System."""

from typing import ClassVar, Literal

import numpy as np

from detectors import fire_weather as fire
from detectors.base import Column, Floats, Ints, Transform
from detectors.transforms.days import DAY, Clock

_CODES = 3


class Fwi(Transform):
    """Fire Weather Index from a day's noon weather: moisture of three layers of fuel, spread, fuel, intensity.

    A row is temperature (Celsius), relative humidity (%), wind at 10 m (km/h) and the rain of the last 24 hours (mm).
    Each day goes on from the codes of the day before. A further row of the same date counts anew from there, so that
    the last row of a date stands. A row with anything missing answers NaN and changes nothing; dates without a row are
    passed over, as in the reference, but after more than `max_gap` the codes begin anew. Values beyond what there can
    be count as the nearest that can (humidity 0 to 99.9999 %, wind and rain from 0).

    Args:
        ffmc, dmc, dc: the codes to begin with.
        latitude: degrees north, for the day length: the standard tables hold north of 30 (DMC) and of 20 (DC).
        utc_offset: local time minus UTC, microseconds: whose date and month it is.
        max_gap: longest time between two dates, microseconds; None = as long as it may be.
        slots: room to begin with.

    Memory: 64 bytes.

    Reference: `detectors.fire_weather` (Van Wagner and Pickett 1985; Van Wagner 1987), status verified against the
    reference data of cffdrs to their last digit.

    The first two days of the standard test of 1985, FWI last:

    >>> part, here, day = Fwi(slots=1), np.array([0]), 481_939_200_000_000 + DAY * np.arange(2)
    >>> rows = np.array([[17.0, 42.0, 25.0, 0.0], [20.0, 21.0, 25.0, 2.4]])
    >>> part.series(here, day[None], rows[None])[0, :, 5].round(2).tolist()
    [10.04, 9.22]
    """

    outputs: ClassVar[tuple[str, ...]] = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")
    inputs: tuple[str, ...] = ("temp", "rh", "ws", "prec")
    input_units: tuple[str, ...] = ("Cel", "%", "km/h", "mm")
    join: ClassVar[Literal["exact", "latest"]] = "latest"
    units: ClassVar[tuple[str, ...]] = ("1",) * 6
    width: int = 4

    def __init__(
        self,
        *,
        ffmc: float = 85.0,
        dmc: float = 6.0,
        dc: float = 15.0,
        latitude: float = 46.0,
        utc_offset: int = 8 * DAY // 24,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        if not (0 <= ffmc <= 101 and dmc >= 0 and dc >= 0 and -90 <= latitude <= 90):
            raise ValueError(f"Fwi: codes from 0, latitude -90 to 90, found {ffmc}, {dmc}, {dc}, {latitude}")
        self.ffmc, self.dmc, self.dc, self.latitude = ffmc, dmc, dc, latitude
        self.utc_offset, self.max_gap = utc_offset, max_gap
        self._clock = Clock(0, utc_offset)
        self._days = fire.duff_days(latitude), fire.drought_days(latitude)
        codes = Column(np.float64, np.nan, _CODES)
        super().__init__(slots, day=Column(np.int64, 0), before=codes, now=codes)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        out = np.full((len(slot), len(self.outputs)), np.nan)
        whole = np.flatnonzero(~np.logical_or.reduce(np.isnan(value), axis=1))
        if whole.size:
            out[whole] = self._day(slot[whole], time[whole], value[whole])
        return out

    def _day(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        day, last, now = self._clock.date(time), self.state["day"][slot], self.state["now"][slot]
        anew = np.isnan(now[:, 0])
        if self.max_gap is not None:
            anew |= (day - last) * DAY > self.max_gap
        before = np.where((day > last)[:, None], now, self.state["before"][slot])
        before[anew] = self.ffmc, self.dmc, self.dc
        out = self._indices(day, np.ascontiguousarray(before.T), fire.weather(value))
        self.state["day"][slot], self.state["before"][slot], self.state["now"][slot] = day, before, out[:, :_CODES]
        return out

    def _indices(self, day: Ints, before: Floats, weather: Floats) -> Floats:
        temp, rh, ws, prec = weather
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        ffmc = fire.fine_fuel(before[0], temp, rh, ws, prec)
        dmc = fire.duff(before[1], temp, rh, prec, self._days[0][month])
        dc = fire.drought(before[2], temp, prec, self._days[1][month])
        isi, bui = fire.spread(ffmc, ws), fire.buildup(dmc, dc)
        return np.stack([ffmc, dmc, dc, isi, bui, fire.intensity(isi, bui)], axis=1)
