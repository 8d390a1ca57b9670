import asyncio
import json
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from streams.config import load
from streams.core.decode import decode
from streams.gateway.cast import cast
from streams.gateway.people import People
from streams.gateway.play import Player
from streams.gateway.producer import AwayError
from streams.gateway.scenario import Deed, read_scenario
from streams.gateway.script import Event, Garbage, Measured, timeline
from streams.models.partition import partition_of
from streams.models.report import Report
from streams.models.signal import Act

CONFIG = Path(__file__).parents[2] / "configs" / "demo"
S = 1_000_000


@pytest.fixture(scope="module")
def site():
    return load(CONFIG).site


@pytest.fixture(scope="module")
def shipped(site):
    source = read_scenario(CONFIG / "scenario.yaml")
    return source.scenario, timeline(source.scenario, cast(source, site))


class Sent(list):
    """A producer that keeps what it is given."""

    away = False

    async def send_all(self, records):
        if self.away:
            raise AwayError("not there")
        self.extend(records)

    async def send(self, *args, **kwargs):
        raise NotImplementedError


def series(events, station, name):
    measured = [event for event in events if isinstance(event.what, Measured) and event.what.station == station]
    return [(event.at // S, row.value) for event in measured for row in event.what.rows if row.property == name]


def test_the_same_scenario_gives_the_same_readings(shipped, site):
    source = read_scenario(CONFIG / "scenario.yaml")
    assert timeline(source.scenario, cast(source, site)) == shipped[1]


def test_events_come_in_order(shipped):
    times = [event.at for event in shipped[1]]
    assert times == sorted(times)
    assert times[-1] < shipped[0].length


def test_the_river_rises_from_the_mountains_down(shipped, site):
    def when(station):
        warning = site.datastreams[station, "water_level"].attributes["warning_level"][0]
        return next(at for at, level in series(shipped[1], station, "water_level") if level >= warning)

    assert when("QL-R-01") < when("QL-R-03") < when("QL-R-07") < when("QL-R-13")


def test_a_stuck_gauge_repeats_its_last_value(shipped):
    during = [v for at, v in series(shipped[1], "QL-R-05", "water_level") if 46 <= at < 125]
    assert len(set(during)) == 1
    before = [v for at, v in series(shipped[1], "QL-R-05", "water_level") if at < 45]
    assert during[0] == before[-1]


def test_a_silent_station_sends_nothing(shipped):
    assert not [at for at, _ in series(shipped[1], "QL-M-07", "rain") if 91 <= at < 180]
    assert [at for at, _ in series(shipped[1], "QL-M-07", "rain") if at >= 181]


def test_the_first_50_mm_fall_within_seconds(shipped):
    fallen = sum(v for at, v in series(shipped[1], "QL-M-01", "rain") if at <= 6)
    assert fallen >= 50


def test_garbage_is_filled_in():
    filled = Garbage("QL-M-03", '{"s":"$station","t":"$now","l":"$local","$x":1}')
    assert filled.filled("2026-07-20T14:03:00.000+08:00") == (
        b'{"s":"QL-M-03","t":"2026-07-20T14:03:00.000+08:00","l":"2026-07-20T14:03:00","$x":1}'
    )


async def played(events, site, people=None, **given):
    sent = Sent()
    await Player(events, 300 * S, site, sent, people, speed=2000, **given).play()
    return sent


class Record(NamedTuple):
    """As a consumer would give it."""

    key: bytes
    value: bytes
    offset: int
    timestamp: int
    headers: tuple = ()


def decoded(sent):
    now = round(time.time() * 1000)
    rows, refused = [], []
    for number, out in enumerate(out for out in sent if out.topic == "readings"):
        one = Record(out.key, out.value, number, now)
        found = decode("readings", partition_of(out.key, 4), 4, [one])
        rows += found[0]
        refused += [one.reject.reason for one in found[1]]
    return rows, refused


async def test_what_is_played_is_what_the_wire_says(shipped, site):
    sent = await played(shipped[1], site)
    rows, refused = decoded(sent)
    assert {(row.station, row.property) for row in rows} >= set(site.datastreams)
    assert {row.status for row in rows} == {"Exercise"}
    assert set(refused) >= {"not_json", "wrong_type", "no_time_zone", "not_finite", "too_old"} - {"too_old"}
    for record in (r for r in sent if r.topic == "reports"):
        report = msgspec.json.decode(record.value, type=Report)
        assert report.status == "Exercise"
        assert record.key == report.zone.encode()


async def test_status_is_what_was_asked_for(shipped, site):
    measured = [event for event in shipped[1] if isinstance(event.what, Measured)][:50]
    sent = await played(measured, site, status="Test")
    assert all(b'"status": "Test"' in record.value for record in sent)


async def test_times_are_now_and_have_a_zone(shipped, site):
    before = time.time()
    sent = await played(shipped[1][:20], site)
    rows = json.loads(sent[0].value)
    stamp = (rows[0] if isinstance(rows, list) else rows)["time"]
    assert stamp.endswith("+08:00")
    assert before - 1 <= datetime.fromisoformat(stamp).timestamp() <= time.time() + 1


async def test_reporters_leave_as_pseudonyms(shipped, site):
    sent = await played(shipped[1], site, pseudonym=lambda person: f"p:{person[::-1]}")
    reports = [json.loads(r.value) for r in sent if r.topic == "reports"]
    assert reports
    assert all(report["reporter"].startswith("p:") for report in reports)


async def test_a_broker_that_is_away_does_not_stop_the_river(shipped, site):
    sent = Sent()
    sent.away = True
    player = Player(shipped[1][:50], S, site, sent, None, speed=1000)
    await player.play()
    assert player.played.laps == 1


async def test_it_begins_again(shipped, site):
    player = Player([e for e in shipped[1] if e.at < S // 5], S // 5, site, Sent(), None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.9):
            await player.play(loop=True)
    assert player.played.laps >= 3


# ---- people


def alert(**given):
    found = {"alert": "flood:QL-reach-1:x:exercise", "version": 3, "status": "Exercise", "hazard": "flood",
             "subject": "QL-reach-1", "zone": "QL-01", "level": "red", "reason": "level_up"}  # fmt: skip
    return json.dumps({**found, **given}).encode()


def desk(*alerts):
    async def read():
        return list(alerts)

    return People(read, "Exercise")


def deed(**given):
    return Deed.model_validate({"at": "1 s", "does": "end", "by": ["A", "B"], **given}, strict=False)


async def test_two_persons_end_what_fits():
    found = await desk(alert(), alert(alert="gas:x", hazard="gas")).do(deed(hazard="flood"))
    acts = [msgspec.json.decode(out.value, type=Act) for out in found]
    assert [(act.kind, act.by, act.alert) for act in acts] == [
        ("end", "A", "flood:QL-reach-1:x:exercise"),
        ("end", "B", "flood:QL-reach-1:x:exercise"),
    ]
    assert {out.topic for out in found} == {"signals"}
    assert {out.key for out in found} == {b"QL-01"}


async def test_an_act_is_done_once_for_what_it_was_about():
    people = desk(alert())
    ack = deed(does="ack", by=["A"])
    assert len(await people.do(ack)) == 1
    assert not await people.do(ack)


async def test_an_acknowledgement_holds_for_its_level():
    async def read():
        return [current]

    people, current = People(read, "Exercise"), alert(level="orange")
    ack = deed(does="ack", by=["A"])
    first = await people.do(ack)
    current = alert(level="red", version=9)
    again = await people.do(ack)
    assert len(first) == len(again) == 1
    assert first[0].value != again[0].value


@pytest.mark.parametrize(
    "given", [{"status": "Actual"}, {"hazard": "gas"}, {"subject": "QL-reach-2"}, {"level": "blue"}]
)
async def test_what_does_not_fit_is_left_alone(given):
    wanted = deed(hazard="flood", subject="QL-reach-1", level="red")
    assert not await desk(alert(**given)).do(wanted)


async def test_a_database_that_is_away_does_not_stop_the_river(site):
    async def read():
        raise ConnectionError("not there")

    sent = await played([Event(0, deed())], site, People(read, "Exercise"))
    assert not sent
