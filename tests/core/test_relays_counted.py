"""Alerts at several subjects or zones: k of n along the river and across zones, within a time; how far they go on."""

from itertools import pairwise

import msgspec
import pytest

from streams.core.assess import Assessor
from streams.models.signal import decode_signal
from streams.models.site import AlertCondition, Reach
from streams.models.times import HOUR, MINUTE
from tests.core.relay_world import World, a_site, flood, waits
from tests.core.sites import above, hazard, stream

#: R1 and R2 flow into R3, R3 into R4, all within 30 km; R5 lies in the zone of R1 and flows into R3 too
REACHES = (
    Reach("R1", "R3", 10_000.0), Reach("R2", "R3", 12_000.0), Reach("R3", "R4", 8_000.0), Reach("R4", None),
    Reach("R5", "R3", 9_000.0),
)  # fmt: skip
ZONE_OF = {1: "Z1", 2: "Z2", 3: "Z3", 4: "Z3", 5: "Z1"}


def river(*hazards):
    gauges = [
        stream(f"G{n}", prop, zone=zone, subject=f"R{n}")
        for n, zone in ZONE_OF.items()
        for prop in ("water_level", "dam_level", "move")
    ]
    return a_site(flood(), *hazards, streams=gauges, reaches=REACHES)


def warned(count, **more):
    return waits("warned", "flood", subject="reach", prop="dam_level", relation="upstream", within=15_000.0,
                 count=count, **more)  # fmt: skip


def told(world, name="warned"):
    return [(c.subject, c.level) for c in world.commands if c.hazard == name and c.level != c.previous_level]


def test_two_upstream():
    world = World(river(warned(2)))
    world.edges(1, "G1", "y")
    assert told(world) == []
    world.edges(2, "G2", "y")
    assert told(world) == [("R3", "yellow")]
    world.edges(3, "G5", "y")
    world.edges(4, "G1", "-y")
    assert told(world) == [("R3", "yellow")]
    world.edges(5, "G2", "-y")
    assert told(world) == [("R3", "yellow"), ("R3", None)]


def test_the_same_reach_counts_as_one_of_them():
    world = World(river(warned(2)))
    world.edges(1, "G3", "y")
    world.edges(2, "G2", "y")
    assert told(world) == [("R3", "yellow")]


@pytest.mark.parametrize(("by", "levels"), [("subject", [("R3", "yellow")]), ("zone", [])])
def test_two_reaches_of_one_zone(by, levels):
    world = World(river(warned(2, by=by)))
    world.edges(1, "G1", "y")
    world.edges(2, "G5", "y")
    assert told(world) == levels
    world.edges(3, "G2", "y")
    assert told(world) == [("R3", "yellow")]


def test_across_zones_within_a_distance():
    county = waits("county", "flood", relation="near", within=30_000.0, count=3, by="zone")
    world = World(a_site(flood(), county))
    for second, gauge in ((1, "G1"), (2, "G2")):
        world.edges(second, gauge, "y")
    assert world.levels("county") == []
    world.edges(3, "G3", "y")
    assert world.levels("county") == [(zone, "yellow") for zone in ("Z1", "Z2", "Z3")]


def test_not_at_once_but_within_a_time():
    """What is over counts for as long as it lasts, each by itself."""
    world = World(river(warned(2, lasting=HOUR)))
    world.edges(0, "G1", "y")
    world.edges(60, "G1", "-y")
    world.edges(3600, "G2", "y")
    assert told(world) == [("R3", "yellow")]
    world.to(3661)
    assert told(world) == [("R3", "yellow"), ("R3", None)]
    world.edges(3700, "G2", "-y")
    world.edges(3800, "G5", "y")
    assert told(world)[2:] == [("R3", "yellow")]


def test_too_late_is_not_within_a_time():
    world = World(river(warned(2, lasting=HOUR)))
    world.edges(0, "G1", "y")
    world.edges(60, "G1", "-y")
    world.to(3661)
    world.edges(3662, "G2", "y")
    assert told(world) == []


def test_two_alerts_of_one_reach_are_one():
    """The alert before is over for good, the next one has another name: it is the same reach."""
    world = World(river(warned(2, lasting=4 * HOUR)))
    world.edges(0, "G1", "y")
    world.edges(60, "G1", "-y")
    world.edges(2 * 3600, "G1", "y")
    assert len({c.alert for c in world.commands if c.hazard == "flood"}) == 2
    assert told(world) == []


def test_how_many_alerts_led_to_it_is_as_many_as_the_last_one_needed():
    """R1 is warned by a chain, R2 by its own gauge: what needs both is one more than the chain."""
    inputs = {"stage": flood().inputs["stage"]}
    second = hazard([above("y", 4), AlertCondition("other", "flood", 2, "subject")], {2: {"any": ["y", "other"]}},
                    name="second", subject="reach", inputs=inputs)  # fmt: skip
    both = waits("both", "second", subject="reach", prop="dam_level", relation="upstream", within=15_000.0, count=2)
    last = waits("last", "both", subject="reach", prop="move", relation="subject")
    world = World(river(second, both, last))
    world.edges(1, "G1", "y")
    world.edges(2, "G2", "y", hazard="second")
    assert told(world, "both") == [("R3", "yellow")]
    assert [r.hops for r in world.relays if r.hazard == "both"] == [3]
    assert told(world, "last") == [("R3", "yellow")]


def test_a_second_short_way_is_no_shorter_way_to_two():
    inputs = {"stage": flood().inputs["stage"]}
    names = ["flood", "a", "b", "c"]
    links = [
        hazard([above("y", 4), AlertCondition("other", of, 2, "subject")], {2: {"any": ["y", "other"]}}, name=name,
               subject="reach", inputs=inputs)
        for of, name in pairwise(names)
    ]  # fmt: skip
    both = waits("both", "c", subject="reach", prop="dam_level", relation="upstream", within=15_000.0, count=2)
    last = waits("last", "both", subject="reach", prop="move", relation="subject")
    world = World(river(*links, both, last))
    world.edges(1, "G1", "y")  # four hops to R1's c
    world.edges(2, "G2", "y", hazard="c")
    assert told(world, "both") == [("R3", "yellow")]
    assert told(world, "last") == []  # two of them need the chain of four, which ends here
    world.edges(3, "G5", "y", hazard="c")
    assert told(world, "last") == [("R3", "yellow")]  # now R2 and R5 are two without it
    world.edges(4, "G5", "-y", hazard="c")
    assert told(world, "both") == [("R3", "yellow")]
    assert told(world, "last")[1:] == [("R3", None)]


def test_saved_anywhere_it_goes_on_the_same():
    """The rows are those of an alert each, as they were before anybody counted: what counts is worked out from them."""
    site = river(warned(2, lasting=10 * MINUTE))
    world = World(site)
    for second, gauge, edge in ((1, "G1", "y"), (5, "G1", "-y"), (300, "G2", "y"), (700, "G5", "y"), (900, "G2", "-y")):
        world.edges(second, gauge, edge)
    world.to(9000)
    assert len(told(world)) >= 2
    for cut in range(max(map(len, world.log))):
        again = []
        for partition, log in enumerate(world.log):
            assessor = Assessor(site, partition, 1)
            for number, (value, now) in enumerate(log):
                if number == cut:
                    rows, assessor = assessor.save(), Assessor(site, partition, 1)
                    assert assessor.load(rows) == {}
                again += assessor.handle(decode_signal(value), now)
        assert sorted(map(msgspec.json.encode, again)) == sorted(map(msgspec.json.encode, world.commands))


def test_saved_before_anybody_counted():
    """A checkpoint of a configuration without a count is read by one that has it."""
    before, after = World(river(warned(1))), river(warned(2))
    before.edges(1, "G1", "y")
    assert told(before) == [("R1", "yellow"), ("R3", "yellow")]
    for partition, assessor in enumerate(before.assessors):
        rows = assessor.save()
        other = Assessor(after, partition, 1)
        assert other.load(rows) == {}
        before.assessors[partition], before.site = other, after
    before.edges(2, "G2", "y")
    assert told(before)[2:] == []  # at R3 there are two now
    before.edges(3, "G2", "-y")
    assert told(before)[2:] == [("R3", None)]
