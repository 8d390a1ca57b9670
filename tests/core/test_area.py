"""What the area of an alert is."""

from dataclasses import replace
from typing import Any

import pytest
from shapely.geometry import Point, box, mapping, shape

from streams.core.area import Areas
from streams.core.geography import circle
from streams.models.site import AlertCondition, Area, Datastream, Hazard, Site, Zone
from tests.core.runs import row, run
from tests.core.sites import FOUR, FOUR_LEVELS, SQUARE, hazard, site, stream


def cell(name: str, west: float, parent: str | None = "Z1") -> Zone:
    return Zone(name, {"zh": name, "en": name}, parent, "unit", mapping(box(west, 0, west + 0.5, 1)))


def made(kind: str, *streams: Datastream, radius: float = 0.0, **zones: Zone) -> tuple[Site, Hazard]:
    one = replace(hazard(FOUR, FOUR_LEVELS), area=Area(kind, radius))  # type: ignore[arg-type]
    found = site([replace(s, subject="R1") for s in streams], one)
    return replace(found, zones=found.zones | zones), one


def area(kind: str, *streams: Datastream, zone: str = "Z1", **more: Any) -> Any:
    known, one = made(kind, *streams, **more)
    return Areas(known).of(one, "R1", zone)


def test_the_zone_as_it_stands():
    assert area("zone", stream()) == SQUARE


def test_no_zone_no_area():
    assert area("zone", zone="Z9") is None
    assert area("cells", zone="Z9") is None
    assert area("buffer", zone="Z9", radius=5) is None


def test_the_cells_in_which_its_stations_lie():
    streams = [stream("S1", lon=0.2, lat=0.5), stream("S2", lon=0.3, lat=0.5)]
    cells = {"west": cell("west", 0.0), "east": cell("east", 0.5)}
    assert shape(area("cells", *streams, **cells)).equals(box(0, 0, 0.5, 1))
    both = [*streams, stream("S3", lon=0.9, lat=0.5)]
    assert shape(area("cells", *both, **cells)).equals(box(0, 0, 1, 1))


def test_a_station_lies_in_its_own_zone_whatever_else_is_there():
    """Without a position, or where another zone's cell is the smallest one."""
    assert area("cells", stream("S1"), west=cell("west", 0.0)) == SQUARE
    assert area("cells", stream("S1", lon=0.2, lat=0.5), other=cell("other", 0.0, parent=None)) == SQUARE
    assert area("cells") == SQUARE


def test_a_circle_around_each_station():
    streams = [stream("S1", lon=0.2, lat=0.5), stream("S2", lon=0.8, lat=0.5)]
    found = area("buffer", *streams, radius=500)
    assert found["type"] == "MultiPolygon"
    whole = shape(found)
    for one in streams:
        assert whole.covers(Point(one.lon, one.lat).buffer(500 / 111_400))
    assert whole.area == pytest.approx(2 * 3.17 * (500 / 111_000) ** 2, rel=0.03)
    assert all(round(n, 6) == n for polygon in found["coordinates"] for at in polygon[0] for n in at)


def test_circles_that_meet_are_one_area():
    streams = [stream("S1", lon=0.2, lat=0.5), stream("S2", lon=0.201, lat=0.5)]
    assert area("buffer", *streams, radius=500)["type"] == "Polygon"


def test_a_station_without_a_place_brings_its_zone_in():
    """It lies somewhere in there."""
    assert shape(area("buffer", stream("S1"), radius=500)).equals(box(0, 0, 1, 1))
    streams = [stream("S1"), stream("S2", lon=5.0, lat=5.0)]
    whole = shape(area("buffer", *streams, radius=500))
    assert whole.covers(box(0, 0, 1, 1))
    assert whole.covers(Point(5, 5).buffer(0.004))


def test_many_stations_still_fit():
    streams = [stream(f"S{n}", lon=n % 30 / 30, lat=n // 30 / 30) for n in range(900)]
    found = area("buffer", *streams, radius=1000)
    polygons = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    assert max(len(rings[0]) for rings in polygons) <= 100
    assert all(shape(found).covers(Point(s.lon, s.lat).buffer(1000 / 111_400)) for s in streams)


def test_across_the_date_line_it_is_in_two_pieces():
    found = area("buffer", stream("S1", lon=179.999, lat=10.0), radius=5000)
    whole = shape(found)
    assert whole.bounds[0] == -180
    assert whole.bounds[2] == 180
    assert whole.covers(Point(-179.99, 10))
    assert whole.covers(Point(179.97, 10))


def test_at_the_pole_the_zone_stands_for_it():
    assert area("buffer", stream("S1", lon=0.0, lat=89.99), radius=5000) == SQUARE


def test_once_for_each_subject_and_always_the_same():
    one = stream("S1", lon=0.2, lat=0.5)
    known, flood = made("buffer", one, radius=500)
    areas = Areas(known)
    first = areas.of(flood, "R1", "Z1")
    assert areas.of(flood, "R1", "Z1") is first
    assert Areas(known).of(flood, "R1", "Z1") == first
    assert shape(first).covers(Point(circle((0.2, 0.5), 499)[3]))


def test_every_command_of_an_alert_has_the_area_of_its_hazard():
    one = stream("S1", lon=0.2, lat=0.5)
    known, flood = made("buffer", one, radius=500)
    commands, _ = run(known, [row(0, 3.2), row(60, 4.2)])
    wanted = Areas(known).of(flood, "R1", "Z1")
    assert [command.area for command in commands] == [wanted, wanted]
    assert commands[0].area is commands[1].area  # worked out once


def test_a_hazard_that_only_waits_for_other_alerts_has_the_subjects_stations():
    one = stream("S1", lon=0.2, lat=0.5)
    known, flood = made("buffer", one, radius=500)
    cascade = replace(flood, name="dam", inputs={}, conditions={"other": AlertCondition("other", "flood", 2)})
    assert Areas(known).of(cascade, "R1", "Z1") == Areas(known).of(flood, "R1", "Z1") != SQUARE
