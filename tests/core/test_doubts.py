"""What neighbours say, and what follows from it: caps, lifts, health, explanations, in several zones."""

from dataclasses import replace

import msgspec
import pytest

from streams.core.assess import Assessor
from streams.models.partition import partition_of
from streams.models.signal import Checked, Source, Trigger, Triggered, decode_signal
from streams.models.times import HOUR, SECOND
from tests.core.doubt_world import River, doubted, three
from tests.core.neighbour_world import CHECKS, SLOW, gauge
from tests.core.relay_world import PARTITIONS, flood
from tests.core.sites import FOUR, FOUR_LEVELS, absent, hazard, site


def test_doubt_goes_to_the_zone_of_the_station_and_is_told_there():
    world = doubted()
    (told,) = world.health()
    assert (told.zone, told.subject, told.level, told.msg_type) == ("Z2", "neighbour:G2|water_level", "blue", "Alert")
    assert told.headline == {
        "zh": "G2 水位 2.2 m：与邻站不符（neighbour 0.5 m of 1 m）",
        "en": "Water level at G2 is 2.2 m: unlike its neighbours (neighbour 0.5 m of 1 m)",
    }
    (row,) = told.evidence
    assert (row.station, row.value, row.quality, row.check, row.bound) == (
        "G2", 2.2, 3, "neighbour", "neighbour 0.5 m of 1 m",
    )  # fmt: skip
    world.minute(2, 1.0, 1.1, 1.0)
    over = world.health()[-1]
    assert (over.level, over.previous_level, over.msg_type, over.version) == (None, "blue", "Cancel", 2)
    assert over.headline["en"] == "Water level at G2 agrees with its neighbours again"


def test_what_comes_after_it_is_capped_and_lifted_when_the_doubt_is_over():
    world = doubted()
    world.edges(120, "G2", "b", "y", "o")
    assert world.levels("flood") == [("Z2", "yellow")]
    world.minute(3, 5.0, 5.2, 5.1)
    assert world.checked()[-1] == ("Z2", "G2", 1, "")
    assert world.levels("flood")[1:] == [("Z2", "orange")]
    assert world.commands[-1].kind == "health"


def test_a_second_station_lifts_it_as_it_does_any_doubt():
    together = hazard(FOUR, FOUR_LEVELS, subject="zone", checks=("neighbour",))
    gauges = [gauge(n, zone="Z1") for n in (1, 2, 3)]
    world = River(site(gauges, together)).minute(0, 1.0, 1.0, 1.0).minute(1, 1.0, 2.2, 1.0)
    world.edges(120, "G2", "o")
    world.edges(180, "G3", "o")
    assert world.levels("flood") == [("Z1", "yellow"), ("Z1", "orange")]


def test_silence_is_nothing_that_neighbours_could_doubt():
    silent = hazard([absent("gone", HOUR)], {4: "gone"}, subject="reach", checks=("neighbour",))
    world = doubted(three(CHECKS, silent))
    gone = Trigger("t", "G2", "water_level", "on", 120 * SECOND, "flood", "R2", "gone", comparison="absent")
    signal = Triggered("s", Source("readings", 0, 99, 0, 0), 120 * SECOND, "Z2", "Actual", [gone])
    world.tell(partition_of(b"Z2", PARTITIONS), signal)
    assert world.levels("flood") == [("Z2", "red")]


def test_what_was_on_stays_on():
    world = River(three()).minute(0, 1.0, 1.0, 1.0)
    world.edges(30, "G2", "o")
    world.minute(1, 1.0, 5.2, 1.0)
    assert world.checked() == [("Z2", "G2", 3, "neighbour")]
    world.edges(90, "G2", "o")
    world.to(3600)
    assert world.levels("flood") == [("Z2", "orange")]
    world.edges(4000, "G2", "r")
    assert world.levels("flood") == [("Z2", "orange")]  # red is in doubt


def test_it_says_so_in_evidence_explanation_and_confidence():
    world = doubted()
    world.now = 120 * SECOND
    trigger = Trigger(
        "t", "G2", "water_level", "on", 120 * SECOND, "flood", "R2", "o", 5.2, "m", threshold=5.0, comparison=">="
    )
    signal = Triggered("s", Source("readings", 0, 99, 0, 0), 120 * SECOND, "Z2", "Actual", [trigger])
    world.tell(partition_of(b"Z2", PARTITIONS), signal)
    (command,) = [c for c in world.commands if c.kind == "alert"]
    (row,) = command.evidence
    assert (row.quality, row.check, row.bound) == (3, "neighbour", "neighbour 0.5 m of 1 m")
    assert command.certainty == "Possible"
    assert command.explanation.confidence.trustworthy == 0.0
    assert "doubtful: unlike its neighbours (neighbour 0.5 m of 1 m)" in command.explanation.because[0].en
    assert "存疑：与邻站不符" in command.explanation.because[0].zh


def test_a_hazard_that_does_not_ask_neighbours_does_not_hear_them():
    world = doubted(three(CHECKS, flood(checks=("neighbour",)), flood_named("surge", checks=("gap",))))
    for name in ("flood", "surge"):
        world.edges(120, "G2", "o", hazard=name)
    assert (world.levels("flood"), world.levels("surge")) == ([("Z2", "yellow")], [("Z2", "orange")])


def flood_named(name, **more):
    return replace(flood(**more), name=name)


def test_the_home_of_an_event_hears_it_too():
    event = hazard(FOUR, FOUR_LEVELS, name="event", subject="event", checks=("neighbour",))
    world = River(three(CHECKS, event)).minute(0, 1.0, 1.0, 1.0).minute(1, 1.0, 2.2, 1.0)
    assert [zone for zone, *_ in world.checked()] == ["Z1", "Z2"]
    assert [c.zone for c in world.health()] == ["Z2"]


def test_an_exercise_is_another_matter():
    world = River(three()).minute(0, 1.0, 1.0, 1.0, status="Exercise").minute(1, 1.0, 2.2, 1.0, status="Exercise")
    assert [c.subject for c in world.health()] == ["neighbour:G2|water_level:exercise"]
    world.edges(120, "G2", "o")
    assert world.levels("flood") == [("Z2", "orange")]


def test_repeats_and_older_words_mean_nothing():
    world = doubted().minute(2, 1.0, 1.0, 1.0)
    first, second = (c for c in world.relays if isinstance(c, Checked))
    said = len(world.commands)
    for one in (first, second, first):
        world.tell(partition_of(b"Z2", PARTITIONS), one)
    assert len(world.commands) == said
    assert sum(a.repeats for a in world.assessors) == 3


def test_a_zone_that_nobody_else_watches_is_unknown_meanwhile():
    world = doubted().minute(2, 1.0, 1.0, 1.0)
    unknown = [(c.subject, c.level) for c in world.commands if c.subject.startswith("coverage:")]
    assert unknown == [("coverage:flood:Z2", "yellow"), ("coverage:flood:Z2", None)]


def test_drift_is_told_with_its_share_of_the_limit():
    world = River(three(SLOW))
    for minute in range(0, 600, 10):
        world.minute(minute, 1.0, 1.15, 1.0)
    (told,) = world.health()
    assert told.evidence[0].check == "drift"
    assert told.evidence[0].score == pytest.approx(1.5)
    assert told.evidence[0].bound == "drift 0.1 m in 1 d, now +0.15 m"
    assert told.headline["en"].startswith("Water level at G2 is 1.15 m: drifts away from its neighbours")


def test_a_log_with_samples_gives_the_same_again_restored_anywhere():
    world = doubted()
    world.edges(120, "G2", "b", "y", "o")
    for minute in range(3, 9):
        world.minute(minute, 5.0, 5.2, 5.1)
    world.edges(600, "G2", "-o", "r")
    world.to(700)
    again = []
    for partition, log in enumerate(world.log):
        assessor = Assessor(world.site, partition, 1)
        for value, now in log:
            again += assessor.handle(decode_signal(value), now)
            rows, other = assessor.save(), Assessor(world.site, partition, 1)
            assert other.load(rows) == {}
            assert other.save() == rows
            assessor = other
    assert sorted(map(msgspec.json.encode, again)) == sorted(map(msgspec.json.encode, world.commands))


def test_a_word_about_what_is_compared_no_more_is_dropped():
    world = River(three(replace(CHECKS, neighbour=None)))
    one = Checked("c", "Z2", "Actual", "G2", "water_level", 1, 3, 0, 0, "neighbour")
    world.tell(partition_of(b"Z2", PARTITIONS), one)
    world.edges(120, "G2", "o")
    assert world.levels("flood") == [("Z2", "orange")]


def test_state_of_before_is_read():
    """Latches that were saved when nobody was compared."""
    world = River(three())
    world.edges(60, "G2", "o")
    (assessor,) = [a for a in world.assessors if a.subjects]
    rows = assessor.save()
    for key in [k for k in rows if k.startswith("latch|")]:
        rows[key] = msgspec.msgpack.encode(msgspec.msgpack.decode(rows[key])[:4])
    other = Assessor(world.site, assessor.partition, 1)
    assert other.load(rows) == {}
    assert [latch.own for latch in other.subjects["flood|R2|Actual"].picture.latches.values()] == [True]
