import json

import msgspec
import pytest

from streams.agents.assess import Assess
from streams.completion import Partition, Start
from streams.models.partition import partition_of
from streams.models.signal import Checked, Progress, Source, Trigger, Triggered, decode_signal
from streams.models.site import AlertCondition
from tests.agents.given import PARTITIONS, FakeLog, batch, counted, record, tick, tools
from tests.core.neighbour_world import gauge, sample
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

ZONE = next(f"Z{n}" for n in range(9) if partition_of(f"Z{n}".encode(), PARTITIONS) == 0)
TP = Partition("signals", 0)
REPORTS = Partition("reports", 1)
NOW = 1_784_527_380_000
UNTRUSTED = "tocsin_datastreams_untrusted"


def triggered(offset, edge="on", condition="b"):
    time = NOW * 1000 + offset * 1_000_000
    found = Trigger(
        f"t{offset}", "S1", "water_level", edge, time, hazard="flood", subject="S1", condition=condition, value=3.2
    )
    return Triggered(f"s{offset}", Source("readings", 0, offset, 0, 0), time, ZONE, "Actual", [found])


def sent(offset, signal, ms=NOW):
    return record(offset, msgspec.json.encode(signal), ZONE.encode(), timestamp=ms, topic="signals")


@pytest.fixture
def given():
    return tools(site([stream("S1", zone=ZONE)], hazard(FOUR, FOUR_LEVELS), zones=(ZONE,)))


@pytest.fixture
async def assess(given):
    role = Assess(given, lambda person: f"p:{person}")
    await role.starts({TP, REPORTS}, FakeLog({TP: 0}))
    return role


async def test_a_trigger_becomes_a_command_of_its_zone_that_says_when_it_was_detected(given, assess):
    await assess.handle_signals(batch(TP, [sent(0, triggered(0))]))
    (out,) = given.sender.of("commands")
    command = json.loads(out.value)
    assert (out.key, out.partition) == (ZONE.encode(), partition_of(ZONE.encode(), PARTITIONS))
    assert (command["kind"], command["reason"], command["level"]) == ("alert", "first", "blue")
    assert command["stages"]["detected"] == "2026-07-20T14:03:00.000+08:00"
    assert counted(given.metrics, "tocsin_commands_total", kind="alert", reason="first") == 1
    assert counted(given.metrics, "tocsin_decision_latency_seconds_count") == 1


async def test_what_an_alert_means_elsewhere_goes_into_signals_of_that_zone():
    works = hazard([AlertCondition("other", "flood", 1)], {2: "other"}, name="works", subject="zone", prop="none")
    given = tools(site([stream("S1", zone=ZONE)], hazard(FOUR, FOUR_LEVELS), works, zones=(ZONE,)))
    role = Assess(given, str)
    await role.starts({TP}, FakeLog({TP: 0}))
    await role.handle_signals(batch(TP, [sent(0, triggered(0))]))
    (out,) = given.sender.of("signals")
    assert (out.key, out.partition) == (ZONE.encode(), partition_of(ZONE.encode(), PARTITIONS))
    relay = decode_signal(out.value)
    assert (relay.hazard, relay.level, relay.zone, relay.hops) == ("flood", 1, ZONE, 1)
    await role.handle_signals(batch(TP, [sent(1, relay), sent(2, relay)]))
    assert [c["hazard"] for c in given.sender.values("commands")] == ["flood", "works"]
    assert counted(given.metrics, "tocsin_repeats_total") == 1


async def test_what_neighbours_say_goes_into_signals_of_the_stations_zone():
    far = next(f"Z{n}" for n in range(9) if partition_of(f"Z{n}".encode(), PARTITIONS) == 1)
    gauges = [gauge(n, zone=far if n == 2 else ZONE) for n in (1, 2, 3)]
    given = tools(site(gauges, hazard(FOUR, FOUR_LEVELS, checks=("neighbour",)), zones=(ZONE, far)))
    role = Assess(given, str)
    await role.starts({TP}, FakeLog({TP: 0}))
    samples = [sample(n, 0, value, zone=ZONE) for n, value in ((1, 1.0), (3, 1.1), (2, 5.0))]
    for offset, one in enumerate(samples):
        one.source = Source("readings", 0, offset, 0, 1)
    far_on = Progress(1, 0, 1)  # the other partition of readings
    await role.handle_signals(batch(TP, [sent(offset, one) for offset, one in enumerate([far_on, *samples])]))
    (out,) = given.sender.of("signals")
    assert (out.key, out.partition) == (far.encode(), 1)
    checked = decode_signal(out.value)
    assert (checked.station, checked.zone, checked.quality, checked.check) == ("G2", far, 3, "neighbour")
    assert given.sender.of("commands") == []  # said where the station is
    there = Partition("signals", 1)
    await role.starts({there}, FakeLog({there: 0}))
    await role.handle_signals(batch(there, [sent(0, far_on), sent(1, checked), sent(2, checked)]))
    commands = [(c["kind"], c["zone"], c["subject"]) for c in given.sender.values("commands")]
    assert commands == [("health", far, "neighbour:G2|water_level"), ("health", far, f"coverage:flood:{far}")]
    assert counted(given.metrics, "tocsin_repeats_total") == 1


async def test_who_is_lost_or_in_doubt_is_counted_by_check_where_it_lies(monkeypatch):
    monkeypatch.setattr("streams.agents.untrusted.EVERY_S", 0)
    monkeypatch.setattr("streams.agents.untrusted.SHARE", 0)
    gauges = [gauge(n, zone=ZONE) for n in (1, 2, 3)]
    given = tools(site(gauges, hazard(FOUR, FOUR_LEVELS, checks=("neighbour", "gap")), zones=(ZONE,)))
    role = Assess(given, str)
    await role.starts({TP}, FakeLog({TP: 0}))
    time, place = NOW * 1000, Source("readings", 0, 0, 0, 0)
    word = Checked("c", ZONE, "Actual", "G2", "water_level", 1, 3, time, time, "drift", 5.0, "m", "drift 1 m", 1.5)
    lost = Trigger("t", "G1", "water_level", "lost", time, check="gap")
    gone = Triggered("s", place, time, ZONE, "Actual", [lost])
    elsewhere = Triggered("e", Source("readings", 0, 1, 0, 0), time, "Z?", "Actual", [lost])
    far_on = [Progress(number, 9, time) for number in range(PARTITIONS)]
    told = [gone, word, elsewhere, *far_on]
    await role.handle_signals(batch(TP, [sent(offset, one) for offset, one in enumerate(told)]))
    found = {check: counted(given.metrics, UNTRUSTED, partition="0", check=check) for check in ("gap", "drift")}
    assert found == {"gap": 1, "drift": 1}
    back = Trigger("b", "G1", "water_level", "back", time + 1, check="gap")
    there = Triggered("u", Source("readings", 0, 10, 0, 0), time, ZONE, "Actual", [back])
    await role.handle_signals(batch(TP, [sent(9, there)]))
    assert counted(given.metrics, UNTRUSTED, partition="0", check="gap") == 0
    await role.leave({TP})
    assert counted(given.metrics, UNTRUSTED, partition="0", check="gap") is None


async def test_a_repeat_has_no_effect_and_is_counted(given, assess):
    await assess.handle_signals(batch(TP, [sent(0, triggered(0)), sent(1, triggered(0))]))
    assert len(given.sender.of("commands")) == 1
    assert counted(given.metrics, "tocsin_repeats_total") == 1


async def test_while_rebuilding_commands_are_dropped_but_the_alert_is_known(given, assess):
    await assess.handle_signals(batch(TP, [sent(0, triggered(0))], live=False))
    assert given.sender.sent == []
    assert counted(given.metrics, "tocsin_commands_total", kind="alert", reason="first") is None
    await assess.handle_signals(batch(TP, [sent(1, triggered(1, condition="y"))]))
    (command,) = given.sender.values("commands")
    assert (command["reason"], command["version"], command["previous_level"]) == ("level_up", 2, "blue")


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"rubbish", "not_json"), (b"\xff", "not_json"), (b'{"type":"nothing"}', "wrong_type"), (b"", "not_json")],
)
async def test_a_signal_that_cannot_be_read_goes_to_rejects_and_the_rest_goes_on(given, assess, value, reason):
    await assess.handle_signals(batch(TP, [record(7, value, b"k", topic="signals"), sent(8, triggered(8))]))
    (reject,) = given.sender.values("rejects")
    assert (reject["stage"], reject["reason"], reject["offset"], reject["topic"]) == ("assess", reason, 7, "signals")
    assert len(given.sender.of("commands")) == 1


async def test_ticks_are_the_assessors_clock(assess):
    heard = []
    assess._saver.shelves[0].state.assessor.handle = lambda signal, received: (
        heard.append((type(signal).__name__, received)) or []
    )
    await assess.handle_signals(batch(TP, [tick(3, NOW, topic="signals")]))
    assert heard == [("Tick", NOW * 1000)]


async def test_a_report_becomes_a_signal_without_the_person(given, assess):
    report = {"id": "r-1", "kind": "smoke", "time": "2026-07-20T14:02:00+08:00", "zone": ZONE, "source": "citizen"}
    good = record(0, report | {"reporter": "Li Hua"}, b"r-1", topic="reports", partition=1)
    given.loaded.site.__dict__["report_kinds"] = frozenset({"smoke"})
    await assess.handle_reports(batch(REPORTS, [good, tick(1)]))
    (out,) = given.sender.of("signals")
    assert out.key == ZONE.encode()
    assert given.sender.values("signals")[0]["reporter"] == "p:Li Hua"


async def test_a_bad_report_stays_among_the_few(given, assess):
    await assess.handle_reports(batch(REPORTS, [record(0, b"rubbish", b"r-1", topic="reports", partition=1)]))
    assert given.sender.of("rejects") == []
    (reject,) = given.sender.values("rejects.restricted")
    assert (reject["reason"], reject["topic"]) == ("not_json", "reports")


async def test_alerts_are_rebuilt_from_all_signals_and_reports_go_on_where_they_were(given):
    role = Assess(given, str)
    starts = await role.starts({TP, REPORTS}, FakeLog({TP: 50, REPORTS: 9}, begin={TP: 10}))
    assert starts == {TP: Start(10, 50), REPORTS: Start(9, 9)}
