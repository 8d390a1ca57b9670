"""What happens in one zone and matters in another: where relays go, what they raise, and where a chain ends."""

from itertools import pairwise

import msgspec
import pytest

from streams.core.assess import Assessor
from streams.core.related import Related
from streams.models.observation import Tick
from streams.models.partition import partition_of
from streams.models.signal import Act, decode_signal
from streams.models.site import AlertCondition, Reach
from streams.models.times import HOUR, MINUTE
from tests.core.relay_world import PARTITIONS, World, a_site, flood, waits
from tests.core.sites import above, hazard


def test_in_the_same_zone_and_only_from_the_level_on():
    world = World(a_site(flood(), waits("works", "flood")))
    world.edges(1, "G1", "b")
    assert world.levels("works") == []
    world.edges(2, "G1", "y")
    assert world.levels("works") == [("Z1", "yellow")]
    world.edges(3, "G1", "-y")
    assert world.levels("works") == [("Z1", "yellow"), ("Z1", None)]
    assert [(r.zone, r.level, r.hops) for r in world.relays] == [("Z1", 1, 1), ("Z1", 2, 1), ("Z1", 1, 1)]


def test_every_level_has_its_own_word_and_a_repeat_has_none():
    world = World(a_site(flood(), waits("works", "flood")))
    world.edges(1, "G1", "b", "y", "o")
    world.to(4 * 3600 + 2)  # said again at two thirds of its time
    assert [c.reason for c in world.commands if c.hazard == "flood"] == ["first", "repeat"]
    assert [r.level for r in world.relays] == [3]


def test_it_lasts():
    world = World(a_site(flood(), waits("works", "flood", lasting=72 * HOUR)))
    world.edges(0, "G1", "y")
    world.edges(60, "G1", "-y")
    world.to(72 * 3600)
    assert world.levels("works") == [("Z1", "yellow")]
    world.to(72 * 3600 + 61)
    assert world.levels("works") == [("Z1", "yellow"), ("Z1", None)]
    assert world.commands[-1].time == "1970-01-04T00:01:00.000+00:00"


def test_coming_back_while_it_lasts_begins_anew():
    world = World(a_site(flood(), waits("works", "flood", lasting=HOUR)))
    for second, edge in ((0, "y"), (60, "-y"), (600, "y"), (7200, "-y")):
        world.edges(second, "G1", edge)
    world.to(7200 + 3599)
    assert world.levels("works") == [("Z1", "yellow")]
    world.to(7200 + 3601)
    assert world.levels("works")[-1] == ("Z1", None)


def test_near_goes_to_zones_and_subjects_within_reach():
    works = waits("works", "flood", relation="near", within=6_000.0)
    slide = waits("slide", "flood", relation="near", within=10_000.0, subject="source", prop="move")
    world = World(a_site(flood(), works, slide))
    world.edges(1, "G1", "y")  # in the middle of Z1: 4.8 km to Z2, 9.6 km to its slope
    assert sorted(world.levels("works")) == [("Z1", "yellow"), ("Z2", "yellow")]
    assert sorted(world.levels("slide")) == [("Z1", "yellow"), ("Z2", "yellow")]
    assert {(r.zone, r.lon, r.lat) for r in world.relays} == {("Z1", 10.05, 30.05), ("Z2", 10.05, 30.05)}


REACHES = (Reach("R1", "R2", 20_000.0), Reach("R2", "R3", 30_000.0), Reach("R3", None), Reach("D1", "R1", 0.0))


@pytest.mark.parametrize(
    ("relation", "within", "at", "zones"),
    [
        ("upstream", 20_000.0, "R1", ["Z1", "Z2"]),
        ("upstream", 50_000.0, "R1", ["Z1", "Z2", "Z3"]),
        ("upstream", 50_000.0, "R3", ["Z3"]),
        ("downstream", 30_000.0, "R3", ["Z2", "Z3"]),
        ("upstream", 20_000.0, "D1", ["Z1", "Z2"]),
    ],
)
def test_along_the_river(relation, within, at, zones):
    """An alert upstream matters to who lies downstream of it; the same reach is both."""
    condition = AlertCondition("other", "flood", 2, relation, within)
    theirs, ours = flood(), waits("warned", "flood", subject="reach", prop="water_level")
    related = Related(a_site(theirs, ours, reaches=REACHES))
    assert [zone for zone, _ in related.of(condition, ours, theirs, ("Z1", at))] == zones


def test_an_own_alert_is_no_other_alert():
    own = hazard([above("y", 4), AlertCondition("up", "flood", 2, "upstream", 1e6)], {2: "y", 1: "up"}, name="flood")
    related = Related(a_site(own, reaches=REACHES))
    assert related.of(own.conditions["up"], own, own, ("Z2", "R2")) == [("Z3", "R3")]


def test_an_exercise_raises_exercises():
    world = World(a_site(flood(), waits("works", "flood")))
    world.edges(1, "G1", "y", status="Exercise")
    assert [c.status for c in world.commands] == ["Exercise", "Exercise"]
    assert {key.rpartition("|")[2] for a in world.assessors for key in a.subjects} == {"Exercise"}


def chain(length, **more):
    names = ["flood", *(f"h{n}" for n in range(1, length))]
    return [flood(), *(waits(name, of, at_least=2, **more) for of, name in pairwise(names))]


def test_a_chain_ends_after_four_hops():
    world = World(a_site(*chain(8)))
    world.edges(1, "G1", "y")
    assert [r.hops for r in world.relays] == [1, 2, 3, 4]
    assert [c.hazard for c in world.commands] == ["flood", "h1", "h2", "h3", "h4"]
    world.edges(2, "G1", "-y")
    assert [c.level for c in world.commands[5:]] == [None] * 5


def test_what_its_own_sensors_say_is_the_first_of_a_chain():
    inputs = {"stage": flood().inputs["stage"]}
    both = hazard([above("y", 4), AlertCondition("other", "h3", 2)], {2: {"any": ["other", "y"]}}, name="h5",
                  subject="zone", inputs=inputs)  # fmt: skip
    last = waits("h6", "h5")
    world = World(a_site(*chain(4), both, last))
    world.edges(1, "G1", "y")
    assert (world.levels("h5"), world.levels("h6")) == ([("Z1", "yellow")], [])
    world.edges(2, "G1", "y", hazard="h5")
    assert (len(world.levels("h5")), world.levels("h6")) == (1, [("Z1", "yellow")])
    world.edges(3, "G1", "-y", hazard="h5")
    assert (len(world.levels("h5")), world.levels("h6")[1:]) == (1, [("Z1", None)])


def test_repeats_and_older_words_mean_nothing():
    world = World(a_site(flood(), waits("works", "flood")))
    world.edges(1, "G1", "y")
    world.edges(2, "G1", "-y")
    first, second = world.relays[0], world.relays[1]
    before = len(world.commands)
    for relay in (first, second, first):
        world.tell(partition_of(b"Z1", PARTITIONS), relay)
    assert len(world.commands) == before
    assert sum(a.repeats for a in world.assessors) == 3


def test_a_person_ends_it_and_others_hear_of_it():
    world = World(a_site(flood(end="person"), waits("works", "flood")))
    world.edges(1, "G1", "y")
    alert = world.commands[0].alert
    world.tell(partition_of(b"Z1", PARTITIONS), Act("1", "Z1", "end", "Li", alert=alert))
    assert world.levels("works") == [("Z1", "yellow"), ("Z1", None)]


def test_the_picture_knows_the_alerts_that_count():
    world = World(a_site(flood(), waits("works", "flood")))
    world.edges(1, "G1", "y")
    (picture,) = [s.picture for a in world.assessors for k, s in a.subjects.items() if k.startswith("works")]
    assert [(r.hazard, r.subject, r.level) for r in picture.alerts] == [("flood", "R1", 2)]


def test_a_log_with_relays_gives_the_same_again():
    world = World(a_site(flood(after=10 * MINUTE), *chain(4)[1:]))
    for second, edges in ((1, "y"), (5, "-y"), (700, "o"), (800, "-o")):
        world.edges(second, "G1", edges)
    world.to(9000)
    again = []
    for partition, log in enumerate(world.log):
        assessor, other = Assessor(world.site, partition, 1), Assessor(world.site, partition, 1)
        for number, (value, now) in enumerate(log):
            again += assessor.handle(decode_signal(value), now)
            if number == len(log) // 2:
                rows = assessor.save()
                assert other.load(rows) == {}
                assert other.save() == rows
                assessor = other
    assert sorted(map(msgspec.json.encode, again)) == sorted(map(msgspec.json.encode, world.commands))


def test_nobody_waits_nothing_is_said():
    world = World(a_site(flood()))
    world.edges(1, "G1", "y")
    assert world.assessors[0].handle(Tick(0, 1), 1) == []
    assert world.relays == []
