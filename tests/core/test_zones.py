"""In which zone a position lies."""

import random

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box, mapping, shape

from streams.core.zones import ZoneIndex
from streams.models.site import Zone


def zone(name: str, west: float, south: float, side: float) -> Zone:
    return Zone(name, {"zh": name, "en": name}, None, "unit", mapping(box(west, south, west + side, south + side)))


NESTED = {one.id: one for one in (zone("county", 0, 0, 10), zone("street", 2, 2, 4), zone("cell", 3, 3, 1))}


def test_where_zones_are_nested_the_smallest_answers():
    index = ZoneIndex(NESTED)
    assert [index.zone_at(*at) for at in ((3.5, 3.5), (2.5, 2.5), (9, 9), (11, 1))] == [
        "cell",
        "street",
        "county",
        None,
    ]


def test_a_border_belongs_to_a_zone_and_of_equals_the_first_by_name():
    index = ZoneIndex({one.id: one for one in (zone("b", 0, 0, 1), zone("a", 1, 0, 1))})
    assert index.zone_at(1, 0.5) == "a"
    assert index.zone_at(0, 0) == "b"


def test_no_zones():
    assert ZoneIndex({}).zone_at(1, 1) is None


@given(st.integers(0, 1000), st.floats(-1, 11), st.floats(-1, 11))
def test_the_index_finds_what_looking_at_every_zone_finds(seed: int, lon: float, lat: float):
    drawn = random.Random(seed)
    zones = {f"Z{n}": zone(f"Z{n}", drawn.uniform(0, 9), drawn.uniform(0, 9), drawn.uniform(0.1, 3)) for n in range(30)}
    areas = {name: shape(one.geometry) for name, one in zones.items()}
    around = [name for name, area in areas.items() if area.intersects(Point(lon, lat))]
    assert ZoneIndex(zones).zone_at(lon, lat) == min(around, key=lambda name: (areas[name].area, name), default=None)
