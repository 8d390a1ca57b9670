"""An area that CAP can carry, and that leaves nobody out."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping, shape
from shapely.ops import unary_union

from streams.models.cap_area import CORNERS, POLYGONS, cap_area

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def geometry(area: Any) -> dict[str, Any]:
    return mapping(area)  # type: ignore[no-any-return]


def star(corners: int, deep: float, at: tuple[float, float] = (110.0, 27.0), size: float = 0.5) -> Polygon:
    """Spikes all around."""
    turns = [2 * math.pi * n / corners for n in range(corners)]
    far = [size * (deep if n % 2 else 1.0) for n in range(corners)]
    return Polygon([(at[0] + r * math.cos(t), at[1] + r * math.sin(t)) for r, t in zip(far, turns, strict=True)])


def holds(found: dict[str, Any], area: Any) -> None:
    """All that is promised of an area."""
    made = shape(found)
    assert made.is_valid
    polygons = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    assert len(polygons) <= POLYGONS
    for rings in polygons:
        assert len(rings) == 1
        (ring,) = rings
        assert ring[0] == ring[-1]
        assert 4 <= len(ring) <= CORNERS
        assert all(len(at) == 2 and [round(n, 6) for n in at] == list(at) for at in ring)
        assert Polygon(ring).exterior.is_simple
    assert made.intersection(area).area >= 0.999 * area.area
    assert made.covers(area)


def test_what_fits_stays_as_it_is():
    assert cap_area(SQUARE) is SQUARE
    two = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], [[[2, 2], [3, 2], [3, 3], [2, 2]]]]}
    assert cap_area(two) is two


def test_a_hole_is_filled():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    found = cap_area(geometry(ring))
    assert shape(found).equals(box(0, 0, 3, 3))


def test_an_island_in_a_lake_is_part_of_the_land_around():
    land = unary_union([box(0, 0, 9, 9).difference(box(1, 1, 8, 8)), box(3, 3, 4, 4)])
    assert shape(cap_area(geometry(land))).equals(box(0, 0, 9, 9))


def test_heights_are_left_out():
    high = {"type": "Polygon", "coordinates": [[[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]]]}
    assert {len(at) for at in cap_area(high)["coordinates"][0]} == {2}


def test_many_digits_become_six_and_nothing_is_cut_off():
    third = Polygon([(110 + 1 / 3, 27 + 1 / 3), (110 + 2 / 3, 27 + 1 / 3), (110 + 2 / 3, 27 + 2 / 3)])
    found = cap_area(geometry(third))
    holds(found, third)
    assert shape(found).area < third.area * 1.0001


def test_a_long_border_becomes_a_short_one_around_it():
    lake = Point(110, 27).buffer(0.3, quad_segs=500)
    found = cap_area(geometry(lake))
    holds(found, lake)
    assert shape(found).area < lake.area * 1.05


def test_two_thousand_spikes():
    area = star(4000, 0.6)
    holds(cap_area(geometry(area)), area)


def test_a_hundred_islands_are_at_most_twenty_polygons():
    islands = MultiPolygon([Point(110 + n % 10 / 10, 27 + n // 10 / 10).buffer(0.01) for n in range(100)])
    holds(cap_area(geometry(islands)), islands)


def test_many_ragged_islands_with_lakes_whichever_comes_first():
    islands = [star(200, 0.8, (110.0 + n % 6, 27.0 + n // 6), 0.3 + n / 1000) for n in range(30)]
    parts = [one.difference(Point(one.centroid).buffer(0.1)) for one in islands]
    parts += [Point(one.centroid).buffer(0.01) for one in islands[:5]]
    found = cap_area(geometry(MultiPolygon(parts)))
    holds(found, unary_union(islands))
    assert cap_area(geometry(MultiPolygon(parts[::-1]))) == found


def test_a_tiny_yard():
    yard = Point(110.1234567, 27.7654321).buffer(0.00001)
    holds(cap_area(geometry(yard)), yard)


def test_the_same_area_is_the_same_bytes_whichever_corner_comes_first():
    area = star(301, 0.9)
    corners = list(area.exterior.coords)[:-1]
    turned = Polygon(corners[100:] + corners[:100])
    assert cap_area(geometry(area)) == cap_area(geometry(turned)) == cap_area(geometry(turned.reverse()))


def test_longitude_first_and_against_the_clock():
    found = cap_area(geometry(star(300, 0.9)))
    ring = found["coordinates"][0]
    assert all(109 < lon < 111 and 26 < lat < 28 for lon, lat in ring)
    assert Polygon(ring).exterior.is_ccw


def test_it_ends_at_the_edge_of_the_world():
    edge = Polygon([(179 + n / 200, 10 + math.sin(n) / 9) for n in range(201)] + [(180, 12), (179, 12)])
    found = cap_area(geometry(edge))
    holds(found, edge)
    assert max(lon for lon, _ in found["coordinates"][0]) <= 180


far = st.floats(0.05, 1.0)
stars = st.builds(
    lambda radii, lon, lat, size: Polygon(
        [
            (
                lon + size * r * math.cos(2 * math.pi * n / len(radii)),
                lat + size * r * math.sin(2 * math.pi * n / len(radii)),
            )
            for n, r in enumerate(radii)
        ]
    ),
    st.lists(far, min_size=3, max_size=400),
    st.floats(75, 130),
    st.floats(5, 50),
    st.sampled_from([0.00001, 0.01, 0.5, 4.0]),
)


@settings(max_examples=60, deadline=None)
@given(stars)
def test_any_star(area: Polygon):
    holds(cap_area(geometry(area)), area)


@settings(max_examples=40, deadline=None)
@given(st.lists(stars, min_size=2, max_size=5))
def test_any_stars_together(parts: list[Polygon]):
    area = unary_union(parts)
    holds(cap_area(geometry(area)), area)


@pytest.mark.parametrize("lat", [0.0, 27.0, 53.0])
def test_a_real_looking_county_grows_by_little(lat: float):
    """3,000 corners of a ragged border: a few per cent more ground, not twice as much."""
    radii = [
        1 + 0.05 * math.sin(7 * t) + 0.02 * math.sin(53 * t) for t in (2 * math.pi * n / 3000 for n in range(3000))
    ]
    around = [(2 * math.pi * n / 3000, r / 3) for n, r in enumerate(radii)]
    area = Polygon([(110 + r * math.cos(t), lat + r * math.sin(t)) for t, r in around])
    found = cap_area(geometry(area))
    holds(found, area)
    assert shape(found).area < 1.1 * area.area
