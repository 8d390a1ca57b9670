"""Which zones have datastreams for which hazard."""

from dataclasses import replace

from streams.models.site import Zone
from streams.models.watched import coverage
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

RISING = hazard(FOUR, FOUR_LEVELS)


def a_site(streams, *hazards, parents=None):
    zones = {
        name: Zone(name, {"zh": name, "en": name}, parent, None, None)
        for name, parent in (parents or {"Z1": None, "Z2": None}).items()
    }
    return replace(site(streams, *hazards), zones=zones)


def test_a_zone_without_a_datastream_for_a_hazard_is_unwatched():
    found = a_site([stream("A", zone="Z1"), stream("B", zone="Z1")], RISING)
    assert coverage(found) == {"Z1": {RISING.name: 2}, "Z2": {RISING.name: 0}}
    assert found.unwatched == {"Z1": [], "Z2": [RISING.name]}


def test_a_hazard_without_any_datastream_is_not_in_use():
    found = a_site([], RISING)
    assert found.unwatched == {"Z1": [], "Z2": []}


def test_a_zone_has_what_lies_within_it():
    parents = {"CITY": None, "Z1": "CITY", "CELL": "Z1", "Z2": "CITY"}
    found = a_site([stream("A", zone="CELL")], RISING, parents=parents)
    assert [zone for zone, its in found.unwatched.items() if its] == ["Z2"]
    assert coverage(found)["CITY"] == {RISING.name: 1}


def test_a_network_counts_where_its_stations_stand():
    quake = replace(RISING, subject="event")
    found = a_site([stream("A", zone="Z1", group="net"), stream("B", zone="Z2", group="net")], quake)
    assert found.unwatched == {"Z1": [], "Z2": []}
