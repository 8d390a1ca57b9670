import asyncio

import msgspec
import pytest

from streams.models.times import HOUR, parse_time
from streams.sinks import feed as feed_sink
from streams.sinks.compacted import Last
from streams.sinks.feed import FeedSink
from tests.sinks.made import NOON, Sent, command, loaded, record

NOW = NOON * 1000 + HOUR
SENSITIVE, OPEN, RESTRICTED = "command.feed.sensitive", "command.feed.open", "command.feed.restricted"
decode = msgspec.json.decode


async def nothing(_topics):
    return {}


def feed(sent, read=nothing):
    return FeedSink(loaded(), sent, read=read, clock=lambda: NOW)


async def test_every_command_goes_in_full_to_the_sensitive_feed():
    sent = Sent()
    await feed(sent).write("commands", 0, [record(0, command(by="Li", stages={"observed": "o"}))])
    ((key, value),) = sent.on(SENSITIVE)
    assert key == b"Z1"
    stages = {"observed": "o", "decided": "2026-07-20T04:00:00.000+00:00", "published": "2026-07-20T05:00:00.000+00:00"}
    assert decode(value)["stages"] == stages
    assert decode(value)["by"] == "Li"
    assert sent.on(OPEN) == sent.on(RESTRICTED) == []
    assert sent.on("command.current.sensitive") == [(b"flood:reach-2:20260720T040000Z", value)]


async def test_a_restricted_command_goes_to_the_few_even_when_released():
    sent = Sent()
    await feed(sent).write("commands", 0, [record(0, command(classification="restricted", public="released"))])
    assert {topic for topic, _, _ in sent.sent} == {RESTRICTED, "command.current.restricted"}


async def test_a_released_command_goes_redacted_to_the_open_feed_under_the_same_id():
    sent = Sent()
    await feed(sent).write("commands", 0, [record(0, command(public="released", by="Li"))])
    (_, full), (_, copy) = sent.on(SENSITIVE)[0], sent.on(OPEN)[0]
    assert decode(full)["id"] == decode(copy)["id"]
    assert decode(copy)["by"] is None
    assert decode(copy)["stages"]["decided"]
    assert sent.on("command.current.open") == [(decode(copy)["alert"].encode(), copy)]


async def test_an_exercise_never_reaches_the_open_feed():
    sent = Sent()
    await feed(sent).write("commands", 0, [record(0, command(public="released", status="Exercise"))])
    assert sent.on(OPEN) == []


async def test_system_health_has_its_own_key_and_is_no_current_alert():
    sent = Sent()
    await feed(sent).write("commands", 0, [record(0, command(kind="health", alert=None, zone=None))])
    assert [(topic, key) for topic, key, _ in sent.sent] == [(SENSITIVE, b"system")]


async def test_a_repeat_differs_in_stages_only_and_later_fields_stay():
    later = msgspec.json.encode({**msgspec.to_builtins(command()), "future": {"x": 1.5}})
    bodies = []
    for clock in (NOW, NOW + HOUR):
        sent = Sent()
        await FeedSink(loaded(), sent, read=nothing, clock=lambda now=clock: now).write(
            "commands", 0, [record(0, later)]
        )
        bodies.append(decode(sent.on(SENSITIVE)[0][1]))
    assert bodies[0]["stages"] != bodies[1]["stages"]
    assert {**bodies[0], "stages": 0} == {**bodies[1], "stages": 0}
    assert bodies[0]["future"] == {"x": 1.5}


async def test_bad_records_are_passed_over():
    sent, counted = Sent(), []
    sink = FeedSink(loaded(), sent, lambda what, n: counted.append((what, n)), read=nothing)
    tick = record(1, None)
    tick.headers = [("tocsin", b"tick")]
    await sink.write("commands", 0, [record(0, b"\xff"), tick, record(2, command())])
    assert len(sent.on(SENSITIVE)) == 1
    assert counted == [("skipped", 1), ("written", 2)]


async def test_order_stays_and_a_failed_send_fails_the_batch():
    sent = Sent()
    records = [record(n, command(n + 1)) for n in range(5)]
    sent.fails_at = 3
    with pytest.raises(OSError, match="broker gone"):
        await feed(sent).write("commands", 0, records)
    sent.sent.clear()
    await feed(sent).write("commands", 0, records)
    assert [decode(value)["version"] for _, value in sent.on(SENSITIVE)] == [1, 2, 3, 4, 5]


async def test_it_sweeps_by_the_clock_of_kafka_and_not_before_that_has_told(monkeypatch):
    monkeypatch.setattr(feed_sink, "ASK_AGAIN_S", 0.001)
    ended = command(2, msg_type="Cancel", stages={"decided": "2026-07-01T00:00:00.000+00:00"})

    async def read(_):
        return {("command.current.sensitive", b"a"): Last(msgspec.json.encode(ended), NOON)}

    for told, buried in ((None, 0), (parse_time("2026-07-02T00:00:00Z"), 0), (parse_time("2026-07-04T00:00:00Z"), 1)):
        sent = Sent()
        sent.kafka_time = told
        sink = FeedSink(loaded(), sent, read=read, clock=lambda: parse_time("2046-01-01T00:00:00Z"))
        await sink.open()
        await asyncio.sleep(0.02)
        await sink.close()
        assert len(sent.sent) == buried


async def test_it_sweeps_once_it_is_open_and_a_failure_does_not_hurt():
    sent, asked = Sent(), []

    async def read(topics):
        asked.append(topics)
        if len(asked) == 1:
            raise OSError("away")
        ended = command(2, msg_type="Cancel", stages={"decided": "2026-07-01T00:00:00.000+00:00"})
        return {("command.current.sensitive", b"a"): Last(msgspec.json.encode(ended), NOON)}

    sent.kafka_time = NOW
    for _ in range(2):
        sink = feed(sent, read)
        assert await sink.open() is None
        await asyncio.sleep(0.01)
        await sink.close()
    assert sent.sent == [("command.current.sensitive", b"a", None)]
