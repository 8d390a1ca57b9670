"""Who is compared with whom."""

from dataclasses import replace

from streams.models.datastream import Checks
from streams.models.site import CHECKS
from streams.models.times import MINUTE
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

OWN = Checks(neighbour=0.5, neighbour_least=2, neighbour_age=30 * MINUTE, neighbour_every=5 * MINUTE)
OFTEN = replace(OWN, neighbour=None, drift=0.1, drift_for=60 * MINUTE, neighbour_every=MINUTE)


def world(*streams, checks=CHECKS):
    return site(streams, hazard(FOUR, FOUR_LEVELS, checks=checks), zones=("Z1", "Z2"))


def names(the_site, station, prop="water_level"):
    found = the_site.neighbours.of(station, prop)
    return None if found is None else [the_site.datastreams.key(n)[0] for n in found.members.tolist()]


def test_the_others_of_the_group_that_measure_the_same():
    found = world(
        stream("A", group="G", zone="Z2", checks=OWN), stream("B", group="G"), stream("C", group="H", checks=OWN),
        stream("D", checks=OWN), stream("E", group="G", checks=OFTEN), stream("E", "rain", "mm", group="G"),
    )  # fmt: skip
    assert names(found, "A") == names(found, "B") == ["A", "B", "E"]
    assert (names(found, "C"), names(found, "D"), names(found, "E", "rain"), names(found, "X")) == (None,) * 4
    peers = found.neighbours.of("B", "water_level")
    assert (peers.group, peers.home, peers.every, peers.unit) == ("G", "Z2", MINUTE, "m")
    assert [found.neighbours.judges(n) for n in range(5)] == [True, False, False, False, True]


def test_two_sensors_of_one_station_cannot_have_one_property_but_stand_at_two_ids():
    assert names(world(stream("W-a", group="W", checks=OWN), stream("W-b", group="W", checks=OWN)), "W-b") == [
        "W-a", "W-b",
    ]  # fmt: skip


def test_another_unit_or_datum_is_nothing_to_compare_with():
    found = world(
        stream("A", group="G", checks=OWN), stream("B", unit="cm", group="G"), stream("C", group="G", datum="1985"),
        stream("D", group="G", datum="1985"),
    )  # fmt: skip
    assert [names(found, station) for station in "ABCD"] == [None] * 4


def test_without_anybody_who_asks_there_is_nothing():
    pair = stream("A", group="G", checks=OWN), stream("B", group="G")
    assert not world(*pair, checks=("range",)).neighbours.ever
    assert not world(*(replace(one, checks=Checks()) for one in pair)).neighbours.ever
    assert world(*pair).neighbours.ever
