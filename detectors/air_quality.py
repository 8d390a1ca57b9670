"""Individual air quality indices: the tables of HJ 633 in both editions, and how they are read.

Concentrations are in µg/m3, of CO in mg/m3. Each row says how well it is known. `verified`: read alike in at least five
independent public codes (the standards themselves were not readable), or as the row's note says; `doubtful`: the
sources differ.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detectors.base import Floats

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
UNITS = {item: "mg/m3" if item == "co" else "ug/m3" for item in ITEMS}
LEVELS = (0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0)
IN_FORCE_2026 = int(np.datetime64("2026-03-01", "D").astype(np.int64))  # days since 1970

Edition = Literal["2012", "2026"]
Period = Literal["1h", "8h", "24h"]
_UP = 1e-9  # an index this little above a whole number is that number: floats are no decimals


@dataclass(frozen=True)
class Row:
    """Concentrations at the levels of the index; where there are fewer, the index ends at the last of them."""

    concentrations: tuple[float, ...]
    status: Literal["verified", "doubtful"]
    note: str = ""


_PM25_2012 = (0, 35, 75, 115, 150, 250, 350, 500)
_PM25_2026 = (0, 35, 60, 115, 150, 250, 350, 500)
_PM10_2012 = (0, 50, 150, 250, 350, 420, 500, 600)
_PM10_2026 = (0, 50, 120, 250, 350, 420, 500, 600)
_SO2_24H = (0, 50, 150, 475, 800, 1600, 2100, 2620)
_REAL_TIME = "the columns of 24 hours, as real-time reports use them; read in an open implementation (aqi-hub)"
_BOTH: dict[tuple[str, Period], Row] = {
    ("so2", "1h"): Row((0, 150, 500, 650, 800), "verified", "above 800 only the mean of 24 h goes further"),
    ("no2", "1h"): Row((0, 100, 200, 700, 1200, 2340, 3090, 3840), "verified"),
    ("no2", "24h"): Row((0, 40, 80, 180, 280, 565, 750, 940), "verified"),
    ("co", "1h"): Row((0, 5, 10, 35, 60, 90, 120, 150), "verified"),
    ("co", "24h"): Row((0, 2, 4, 14, 24, 36, 48, 60), "verified"),
    ("o3", "1h"): Row((0, 160, 200, 300, 400, 800, 1000, 1200), "verified"),
    ("o3", "8h"): Row((0, 100, 160, 215, 265, 800), "verified", "above 800 only the mean of 1 h goes further"),
}

TABLES: dict[Edition, dict[tuple[str, Period], Row]] = {
    "2012": {
        **_BOTH,
        ("pm25", "1h"): Row(_PM25_2012, "verified", _REAL_TIME),
        ("pm25", "24h"): Row(_PM25_2012, "verified"),
        ("pm10", "1h"): Row(_PM10_2012, "verified", _REAL_TIME),
        ("pm10", "24h"): Row(_PM10_2012, "verified"),
        ("so2", "24h"): Row(_SO2_24H, "verified"),
    },
    "2026": {
        **_BOTH,
        ("pm25", "1h"): Row(_PM25_2026, "verified", _REAL_TIME),
        ("pm25", "24h"): Row(_PM25_2026, "verified"),
        ("pm10", "1h"): Row(_PM10_2026, "verified", _REAL_TIME),
        ("pm10", "24h"): Row(_PM10_2026, "verified"),
        ("so2", "24h"): Row(
            _SO2_24H,
            "doubtful",
            "so in four public codes; a fifth has the 150, 500, 650 of one hour: not used unless somebody accepts it",
        ),
    },
}


def iaqi(row: Row, concentration: Floats) -> Floats:
    """Individual index: linear between the levels, rounded up; NaN stays, below 0 counts as 0.

    >>> iaqi(TABLES["2026"]["pm25", "24h"], np.array([35.0, 60.0, 60.1, 900.0])).tolist()
    [50.0, 100.0, 101.0, 500.0]
    """
    steps, levels = np.array(row.concentrations, dtype=np.float64), np.array(LEVELS[: len(row.concentrations)])
    value = np.minimum(np.maximum(concentration, 0.0), steps[-1])
    at = np.minimum(np.maximum(np.searchsorted(steps, value), 1), len(steps) - 1)
    share = (value - steps[at - 1]) / (steps[at] - steps[at - 1])
    index: Floats = np.ceil(levels[at - 1] + (levels[at] - levels[at - 1]) * share - _UP)
    return np.where(np.isnan(concentration), np.nan, np.maximum(index, 0.0))
