"""Distances and circles on the ellipsoid (WGS-84, Karney's geodesics)."""

import math

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Metres = float
Place = tuple[float, float]  # longitude, latitude
EARTH = Geod(ellps="WGS84")
#: a degree of latitude is at least so many metres long, one of longitude times the cosine of the latitude
DEGREE = 110_500.0
CORNERS = 32  # of a circle


def distance(one: Place, other: Place) -> Metres:
    """The shortest way over the ground."""
    _, _, metres = EARTH.inv(*one, *other)
    return float(metres)


def distances(one: Place, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
    """From one place to each of many."""
    _, _, metres = EARTH.inv(np.full(len(lons), one[0]), np.full(len(lats), one[1]), lons, lats)
    return np.asarray(metres, np.float64)


def circle(middle: Place, radius: Metres, corners: int = CORNERS) -> list[Place]:
    """A polygon of so many corners around a circle, not in it: everything within the radius lies inside.

    Not closed. Longitudes go on beyond ±180 where the circle does.
    """
    reach = radius / math.cos(math.pi / corners)
    bearings = np.linspace(0.0, -360.0, corners, endpoint=False)  # against the clock, as GeoJSON wants it
    lons, lats, _ = EARTH.fwd(
        np.full(corners, middle[0]), np.full(corners, middle[1]), bearings, np.full(corners, reach)
    )
    lons = middle[0] + (np.asarray(lons) - middle[0] + 180.0) % 360.0 - 180.0
    return list(zip(lons.tolist(), np.asarray(lats).tolist(), strict=True))
