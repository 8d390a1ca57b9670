"""Zones in which a hazard has nobody left to watch for it are unknown; levels without authority are said."""

from dataclasses import replace

import msgspec

from streams.core.assess import Assessor
from streams.core.coverage import GOOD, Coverage, Standing
from streams.models.observation import Tick
from streams.models.times import SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

LOST = Standing(lost=True)


def county(count=3):
    flood = hazard(FOUR, FOUR_LEVELS, checks=("gap", "range"))
    rain = hazard(FOUR[:1], {1: "b"}, name="rain", prop="rain", subject="zone", checks=("gap",))
    streams = [stream(f"S{n}", interval=60 * SECOND, hard_max=50.0) for n in range(count)]
    return site([*streams, stream("P1", "rain", interval=60 * SECOND)], flood, rain, zones=("Z1", "Z2"))


def said(the_site, records, assessor=None):
    bank, assessor = Bank(the_site, 0, 1), assessor or Assessor(the_site, 0, 1)
    commands = []
    for one in records:
        for signal in bank.handle([one]).signals:
            commands += assessor.handle(signal, signal.received)
        progress = bank.progress()
        commands += assessor.handle(progress, progress.received)
    return commands


def coverage_of(commands):
    return [
        (c.subject, c.msg_type, c.level, c.version) for c in commands if c.subject and c.subject.startswith("coverage")
    ]


def silence(first, last):
    return [Tick(second, second * SECOND) for second in range(first, last)]


def test_five_hundred_silent_stations_are_one_command_and_one_when_the_first_is_back():
    rows = numbered([row(1, 1, f"S{n}") for n in range(500)])
    commands = said(county(500), [*rows, *silence(500, 700), row(701, 1, "S7", offset=701)])
    assert [one for one in coverage_of(commands) if "flood" in one[0]] == [
        ("coverage:flood:Z1", "Alert", "yellow", 1), ("coverage:flood:Z1", "Cancel", None, 2),
    ]  # fmt: skip
    assert commands[-1].zone == "Z1"


def test_of_an_event_it_is_watched_where_its_network_is_at_home():
    quake = hazard(FOUR, FOUR_LEVELS, name="quake", subject="event", checks=("gap",))
    at_home, away = stream("S1", group="N", zone="Z1"), [stream(f"S{n}", group="N", zone="Z2") for n in (2, 3)]
    coverage = Coverage(site([at_home, *away], quake, zones=("Z1", "Z2")))
    for zone in ("Z1", "Z2"):  # a loss is told in both
        coverage.change(zone, ("S2", "water_level"), GOOD, LOST)
        coverage.change(zone, ("S3", "water_level"), GOOD, LOST)
    assert [coverage.is_unknown(quake, zone) for zone in ("Z1", "Z2")] == [False, False]
    coverage.change("Z1", ("S1", "water_level"), GOOD, LOST)
    assert [coverage.is_unknown(quake, zone) for zone in ("Z1", "Z2")] == [True, False]


def test_one_that_is_left_still_watches():
    rows = numbered([row(1, 1, f"S{n}") for n in range(2)])
    lost = [*rows, row(60, 99, "S0", offset=2), row(61, 99, "S1", offset=3)]
    assert coverage_of(said(county(3), lost)) == []
    whole = [*lost, row(62, 99, "S2", offset=4), row(63, 1, "S1", offset=5)]
    assert [one[1] for one in coverage_of(said(county(3), whole))] == ["Alert", "Cancel"]


def test_an_exercise_has_no_part_in_what_is_watched():
    lost = numbered([row(60 + n, 99, f"S{n}", status="Exercise") for n in range(3)])
    assert coverage_of(said(county(3), lost)) == []


def test_restored_in_between_it_says_the_same():
    the_site = county(2)
    records = [*numbered([row(60 + n, 99, f"S{n}") for n in range(2)]), row(70, 1, "S0", offset=2)]
    whole = msgspec.json.encode(said(the_site, records))
    bank, found = Bank(the_site, 0, 1), []
    rows: dict[str, bytes] = {}
    for one in records:
        again = Assessor(the_site, 0, 1)
        again.load(rows)
        signals = [*bank.handle([one]).signals, bank.progress()]
        for signal in signals:
            found += again.handle(signal, signal.received)
        rows = {key: value for key, value in again.save().items() if value is not None}
    assert msgspec.json.encode(found) == whole


def test_a_hazard_of_two_properties_is_watched_by_either():
    the_site = county(1)
    both = replace(
        the_site.hazards["flood"], inputs={n: next(iter(h.inputs.values())) for n, h in the_site.hazards.items()}
    )
    coverage = Coverage(replace(the_site, hazards={"flood": both}), [("Z1", ("S0", "water_level"), LOST)])
    assert coverage.of("Z1", ["water_level"]) == [(both, False)]
    coverage.change("Z1", ("P1", "rain"), GOOD, LOST)
    assert coverage.of("Z1", ["rain"]) == [(both, True)]
    assert coverage.of("Z2", ["rain"]) == [(both, False)]


def test_levels_that_are_not_active_are_said_once_and_when_that_changes():
    plain = county()
    flood = replace(plain.hazards["flood"], inactive={4: "the value of `r` is from memory"})
    the_site = replace(plain, hazards=plain.hazards | {"flood": flood})
    assessor = Assessor(the_site, 0, 1)
    (first,) = [c for n in range(3) for c in assessor.handle(Tick(n, n * SECOND), n * SECOND)]
    assert (first.kind, first.subject, first.zone, first.level) == ("health", "hazard:flood", None, "blue")
    assert "red" in first.headline["en"]
    assert "memory" in first.headline["en"]
    assert "未启用的级别：红色（数值来自记忆，尚无人确认）" in first.headline["zh"]
    rows = {key: value for key, value in assessor.save().items() if value is not None}
    again = Assessor(the_site, 0, 1)
    again.load(rows)
    assert not again.handle(Tick(4, 4 * SECOND), 4 * SECOND)
    cured = Assessor(plain, 0, 1)
    cured.load(rows)
    (over,) = cured.handle(Tick(4, 4 * SECOND), 4 * SECOND)
    assert (over.msg_type, over.version, over.subject) == ("Cancel", 2, "hazard:flood")
    assert not Assessor(the_site, 1, 1).handle(Tick(0, 0), 0)
    assert not Assessor(plain, 0, 1).handle(Tick(0, 0), 0)
