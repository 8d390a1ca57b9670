"""Chinese coordinate systems to WGS-84 and back, in degrees, longitude first.

GCJ-02 shifts a position by a published series of sines, BD-09 shifts GCJ-02 once more by a small turn; neither has
a closed inverse, so the inverse iterates to far below a centimetre. CGCS2000 is WGS-84 here: their ellipsoids agree
within 0.1 mm, their frames within centimetres (with the drift of the plates since 2000: decimetres), less than the
error of any position in a station list.
"""

from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Literal, get_args

Crs = Literal["WGS84", "CGCS2000", "GCJ02", "BD09"]
SYSTEMS: tuple[Crs, ...] = get_args(Crs)
_AXIS, _ECCENTRICITY2 = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940, on which the shift is defined
_TURN = pi * 3000 / 180
_CLOSE, _ROUNDS = 1e-10, 30  # degrees; 1e-10 is 0.01 mm


def to_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """A position as given, in WGS-84."""
    if crs in ("WGS84", "CGCS2000"):
        return lon, lat
    return _inverse(lon, lat, crs)


def from_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """A WGS-84 position in another system. Outside China the shift is not defined and nothing is shifted."""
    if crs in ("WGS84", "CGCS2000") or not in_shift_area(lon, lat):
        return lon, lat
    shifted = _gcj02(lon, lat)
    return shifted if crs == "GCJ02" else _bd09(*shifted)


def in_shift_area(lon: float, lat: float) -> bool:
    """The rectangle within which maps in China shift positions."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def _inverse(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):
        found_lon, found_lat = from_wgs84(guess_lon, guess_lat, crs)
        off_lon, off_lat = found_lon - lon, found_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if hypot(off_lon, off_lat) < _CLOSE:
            break
    return guess_lon, guess_lat


def _gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    both = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (both + 20 * sin(pi * y) + 40 * sin(pi / 3 * y) + 160 * sin(pi / 12 * y) + 320 * sin(pi / 30 * y)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (both + 20 * sin(pi * x) + 40 * sin(pi / 3 * x) + 150 * sin(pi / 12 * x) + 300 * sin(pi / 30 * x)) * 2 / 3
    curve = 1 - _ECCENTRICITY2 * sin(radians(lat)) ** 2
    metres_north = radians(_AXIS * (1 - _ECCENTRICITY2) / curve**1.5)
    metres_east = radians(_AXIS / sqrt(curve) * cos(radians(lat)))
    return lon + east / metres_east, lat + north / metres_north


def _bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _TURN)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _TURN)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
