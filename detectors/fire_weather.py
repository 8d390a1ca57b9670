"""The equations of the Canadian Forest Fire Weather Index System.

Noon values: temperature in degrees Celsius, relative humidity in %, wind at 10 m in km/h, rain of 24 hours in mm.

Reference: Van Wagner and Pickett 1985 (Forestry Technical Report 33: equations, numbered here as there); Van Wagner
1987 (Report 35); day lengths south of 30 N: Lawson and Armitage 2008. As in cffdrs, the moisture coefficient has more
digits than the 147.2 of print, and humidity counts as just under 100 % at most.
"""

import numpy as np

from detectors.base import Floats

_MOISTURE = 147.27723  # 250 * 59.5 / 101
_WET = 99.9999  # %: the wettest air
_HEAT, _STORM, _CLOUDBURST = 100.0, 500.0, 5_000.0  # beyond these a number is no weather

# Day length of the months: hours for the duff moisture code, a term of the drying for the drought code.
_DUFF = {
    "north": (6.5, 7.5, 9.0, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8.0, 7.0, 6.0),  # north of 30 N: the standard
    "tropic_north": (7.9, 8.4, 8.9, 9.5, 9.9, 10.2, 10.1, 9.7, 9.1, 8.6, 8.1, 7.8),  # 10 N to 30 N
    "equator": (9.0,) * 12,
    "tropic_south": (10.1, 9.6, 9.1, 8.5, 8.1, 7.8, 7.9, 8.3, 8.9, 9.4, 9.9, 10.2),  # 10 S to 30 S
    "south": (11.5, 10.5, 9.2, 7.9, 6.8, 6.2, 6.5, 7.4, 8.7, 10.0, 11.2, 11.8),
}
_DROUGHT = {
    "north": (-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5.0, 2.4, 0.4, -1.6, -1.6),  # north of 20 N: the standard
    "equator": (1.4,) * 12,
    "south": (6.4, 5.0, 2.4, 0.4, -1.6, -1.6, -1.6, -1.6, -1.6, 0.9, 3.8, 5.8),
}


def duff_days(latitude: float) -> Floats:
    """Effective day length of each month, hours."""
    bands = ((30, "north"), (10, "tropic_north"), (-10, "equator"), (-30, "tropic_south"), (-np.inf, "south"))
    return np.array(_DUFF[next(name for above, name in bands if latitude > above)])


def drought_days(latitude: float) -> Floats:
    """Day length term of each month."""
    bands = ((20, "north"), (-20, "equator"), (-np.inf, "south"))
    return np.array(_DROUGHT[next(name for above, name in bands if latitude > above)])


def weather(value: Floats) -> Floats:
    """Rows of temperature, humidity, wind, rain as columns [4, n] that the equations can stand."""
    low, high = [-_HEAT, 0.0, 0.0, 0.0], [_HEAT, _WET, _STORM, _CLOUDBURST]
    return np.ascontiguousarray(np.minimum(np.maximum(value, low), high).T)


def fine_fuel(before: Floats, temp: Floats, rh: Floats, ws: Floats, prec: Floats) -> Floats:
    """FFMC: litter and other fine fuels."""
    m = _MOISTURE * (101 - before) / (59.5 + before)  # 1
    rf = np.where(prec > 0.5, prec - 0.5, 1.0)  # 2
    soaked = m + 42.5 * rf * np.exp(-100 / (251 - m)) * (1 - np.exp(-6.93 / rf))  # 3a
    soaked += np.where(m > 150, 0.0015 * (m - 150) ** 2 * np.sqrt(rf), 0.0)  # 3b
    m = np.where(prec > 0.5, np.minimum(soaked, 250.0), m)
    warm = 0.18 * (21.1 - temp) * (1 - np.exp(-0.115 * rh))
    dry = 0.942 * rh**0.679 + 11 * np.exp((rh - 100) / 10) + warm  # 4
    wet = 0.618 * rh**0.753 + 10 * np.exp((rh - 100) / 10) + warm  # 5
    speed = 0.581 * np.exp(0.0365 * temp)
    down = _log_rate(rh / 100, ws) * speed  # 6
    up = _log_rate((100 - rh) / 100, ws) * speed  # 7
    dried, wetted = dry + (m - dry) * 10.0**-down, wet - (wet - m) * 10.0**-up  # 8, 9
    m = np.where(m > dry, dried, np.where((m < dry) & (m < wet), wetted, m))
    code: Floats = np.minimum(np.maximum(59.5 * (250 - m) / (_MOISTURE + m), 0.0), 101.0)  # 10
    return code


def _log_rate(share: Floats, ws: Floats) -> Floats:
    rate: Floats = 0.424 * (1 - share**1.7) + 0.0694 * np.sqrt(ws) * (1 - share**8)
    return rate


def duff(before: Floats, temp: Floats, rh: Floats, prec: Floats, day: Floats) -> Floats:
    """DMC: loosely compacted organic layers. `day`: effective day length."""
    net = np.maximum(0.92 * prec - 1.27, 0.0)  # 11
    m = 20 + 280 / np.exp(0.023 * before)  # 12
    log = np.log(np.maximum(before, 1.0))
    slope = np.where(before > 65, 6.2 * log - 17.2, 14 - 1.3 * log)  # 13b, 13c
    slope = np.where(before <= 33, 100 / (0.5 + 0.3 * before), slope)  # 13a
    after = m + 1000 * net / (48.77 + slope * net)  # 14
    rained = np.maximum(43.43 * (5.6348 - np.log(after - 20)), 0.0)  # 15
    dried = 1.894 * (np.maximum(temp, -1.1) + 1.1) * (100 - rh) * day * 1e-4  # 16, with the 100 of 17 in it
    code: Floats = np.where(prec > 1.5, rained, before) + dried
    return code


def drought(before: Floats, temp: Floats, prec: Floats, day: Floats) -> Floats:
    """DC: deep, compact organic layers. `day`: day length term."""
    net = np.maximum(0.83 * prec - 1.27, 0.0)  # 18
    m = 800 * np.exp(-before / 400)  # 19
    rained = np.maximum(before - 400 * np.log(1 + 3.937 * net / m), 0.0)  # 20, 21
    dried = np.maximum((0.36 * (np.maximum(temp, -2.8) + 2.8) + day) / 2, 0.0)  # 22
    code: Floats = np.where(prec > 2.8, rained, before) + dried  # 23
    return code


def spread(ffmc: Floats, ws: Floats) -> Floats:
    """ISI: how fast a fire spreads."""
    m = _MOISTURE * (101 - ffmc) / (59.5 + ffmc)
    fuel = 91.9 * np.exp(-0.1386 * m) * (1 + m**5.31 / 4.93e7)  # 25
    index: Floats = 0.208 * np.exp(0.05039 * ws) * fuel  # 24, 26
    return index


def buildup(dmc: Floats, dc: Floats) -> Floats:
    """BUI: how much there is to burn."""
    total = dmc + 0.4 * dc
    mean = np.where(total > 0, 0.8 * dmc * dc / np.where(total > 0, total, 1.0), 0.0)  # 27a
    share = np.where(dmc > 0, (dmc - mean) / np.where(dmc > 0, dmc, 1.0), 0.0)
    less = np.maximum(dmc - share * (0.92 + (0.0114 * dmc) ** 1.7), 0.0)  # 27b
    index: Floats = np.where(mean < dmc, less, mean)
    return index


def intensity(isi: Floats, bui: Floats) -> Floats:
    """FWI: how hot a fire front is."""
    little = 0.626 * bui**0.809 + 2  # 28a
    much = 1000 / (25 + 108.64 * np.exp(-0.023 * bui))  # 28b
    both = 0.1 * isi * np.where(bui > 80, much, little)  # 29
    log = np.log(np.maximum(both, 1.0))
    index: Floats = np.where(both > 1, np.exp(2.72 * (0.434 * log) ** 0.647), both)  # 30a, 30b
    return index
