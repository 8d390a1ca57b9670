"""Metres on the ellipsoid."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from streams.core.geography import circle, distance, distances

WUHAN, BEIJING = (114.305, 30.593), (116.407, 39.904)


def test_known_distances():
    # a degree of the equator: 2π·6,378,137 m / 360; a quarter meridian of WGS-84: 10,001,965.729 m
    assert distance((0, 0), (1, 0)) == pytest.approx(111_319.4908, abs=1e-3)
    assert distance((0, 0), (0, 90)) == pytest.approx(10_001_965.729, abs=1e-2)
    assert distance(WUHAN, BEIJING) == distance(BEIJING, WUHAN) == pytest.approx(1_051_000, rel=2e-3)
    assert distance(WUHAN, WUHAN) == 0


def test_many_at_once_are_the_same():
    found = distances(WUHAN, np.array([116.407, 114.305]), np.array([39.904, 30.593]))
    assert found.tolist() == [distance(WUHAN, BEIJING), 0.0]


@given(st.floats(1, 200_000), st.floats(-179, 179), st.floats(-70, 70), st.floats(0, 360))
def test_what_is_within_the_radius_lies_in_the_circle(radius: float, lon: float, lat: float, bearing: float):
    corners = circle((lon, lat), radius)
    inside = Polygon(corners)
    assert inside.is_valid
    assert inside.exterior.is_ccw
    assert all(radius <= distance((lon, lat), at) <= 1.01 * radius for at in corners)
    turn, near = math.radians(bearing), 0.99 * radius
    there = (
        lon + near * math.sin(turn) / (111_320 * math.cos(math.radians(lat))),
        lat + near * math.cos(turn) / 111_320,
    )
    if distance((lon, lat), there) <= 0.999 * radius:
        assert inside.buffer(1e-9).contains(Point(there))


def test_a_circle_goes_on_beyond_the_edge_of_the_map():
    corners = circle((179.99, 10), 5000)
    assert max(lon for lon, _ in corners) > 180
    assert Polygon(corners).is_valid
