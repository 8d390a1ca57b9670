"""On real servers: Valkey and the system's Redis."""

import asyncio
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import exceptions
from redis.asyncio import Redis

from streams.models.latest import LatestFrame, LatestValue, encode_latest
from streams.sinks.base import HoleError, SinkAway
from streams.sinks.redis import RedisSink
from tests.sinks.made import HOUR_MS, NOON, command, loaded, record, site, stream

decode = msgspec.json.decode


async def everything(url: str) -> dict[str, Any]:
    """What a reader of the database finds, without what may differ from run to run."""
    client = Redis.from_url(url)
    feed = [decode(entry[b"c"]) for _, entry in await client.xrange("tocsin:feed")]
    found = {
        "position": await client.hgetall("tocsin:position"),
        "alerts": await client.hgetall("tocsin:alerts"),
        "ended": await client.zrange("tocsin:ended", 0, -1, withscores=True),
        "commands": await client.hgetall("tocsin:ended:cmd"),
        "health": await client.hgetall("tocsin:health"),
        "latest": await client.hgetall("tocsin:latest"),
        "geo": await client.zrange("tocsin:geo", 0, -1),
    }
    await client.aclose()
    for name in ("alerts", "commands", "health"):
        found[name] = {key.decode(): steady(decode(value)) for key, value in found[name].items()}
    return {**found, "feed": [steady(entry) for entry in feed]}


def steady(sent: dict[str, Any]) -> dict[str, Any]:
    return {**sent, "stages": None}


class Many:
    """A sink with a list that says how often it was asked to count."""

    def __init__(self, url: str, **redis: Any) -> None:
        self.counted: dict[str, int] = {}
        self.sink = RedisSink(loaded(url, **redis), None, self.count)

    def count(self, what: str, number: int) -> None:
        self.counted[what] = self.counted.get(what, 0) + number

    async def __aenter__(self) -> RedisSink:
        self.positions = await self.sink.open()
        return self.sink

    async def __aexit__(self, *_: object) -> None:
        await self.sink.close()


async def test_an_alert_opens_changes_and_ends(any_redis):
    async with Many(any_redis.url) as sink:
        await sink.write("commands", 0, [record(0, command(1)), record(1, command(2, level="red"))])
        found = await everything(any_redis.url)
        assert [c["level"] for c in found["alerts"].values()] == ["red"]
        end = command(3, msg_type="Cancel", level=None, reason="ended")
        await sink.write("commands", 0, [record(2, end, NOON + 5)])
        found = await everything(any_redis.url)
        assert found["alerts"] == {}
        assert found["ended"] == [(b"flood:reach-2:20260720T040000Z", NOON + 5)]
        assert [c["version"] for c in found["feed"]] == [1, 2, 3]
        await sink.write("commands", 0, [record(3, command(4, msg_type="Alert", reason="reopened"))])
        found = await everything(any_redis.url)
        assert (len(found["alerts"]), found["ended"], found["commands"]) == (1, [], {})


async def test_an_older_version_changes_nothing(any_redis):
    async with Many(any_redis.url) as sink:
        again = [command(1), command(2), command(3, msg_type="Cancel"), command(1), command(2), command(3)]
        await sink.write("commands", 0, [record(n, sent) for n, sent in enumerate(again)])
    found = await everything(any_redis.url)
    assert found["alerts"] == {}
    assert [c["version"] for c in found["feed"]] == [1, 2, 3]


async def test_a_version_inside_a_text_is_not_the_version(any_redis):
    async with Many(any_redis.url) as sink:
        tricky = command(2, alert='flood:x","version":9:20260720T040000Z')
        await sink.write("commands", 0, [record(0, tricky), record(1, msgspec.structs.replace(tricky, version=3))])
    assert [c["version"] for c in (await everything(any_redis.url))["feed"]] == [2, 3]


async def test_stages_say_when_it_was_decided_and_published(valkey):
    async with Many(valkey.url) as sink:
        await sink.write("commands", 0, [record(0, command(stages={"observed": "o"}))])
    client = Redis.from_url(valkey.url)
    (value,) = await client.hvals("tocsin:alerts")
    await client.aclose()
    stages = decode(value)["stages"]
    assert list(stages) == ["observed", "decided", "published"]
    assert stages["decided"] == "2026-07-20T04:00:00.000+00:00"


async def test_health_comes_and_goes(any_redis):
    async with Many(any_redis.url) as sink:
        silent = command(kind="health", alert=None, subject="ST-1", id="h1")
        system = command(kind="health", alert=None, subject=None, zone=None, id="h2")
        await sink.write("commands", 0, [record(0, silent), record(1, silent), record(2, system)])
        found = await everything(any_redis.url)
        assert sorted(found["health"]) == ["ST-1", "system"]
        assert len(found["feed"]) == 2
        well = command(kind="health", alert=None, subject="ST-1", level=None, id="h3")
        await sink.write("commands", 0, [record(3, well)])
        assert sorted((await everything(any_redis.url))["health"]) == ["system"]


async def test_latest_values_and_places(any_redis):
    streams = (stream("A"), stream("B", classification="restricted"), stream("C", lat=89.0), stream("D", lon=None))
    given_site = loaded(any_redis.url)
    given_site.site = site(*streams)
    sink = RedisSink(given_site)
    await sink.open()
    values = [LatestValue(s, "water_level", "Actual", 5, float(n), "m") for n, s in enumerate("ABCDE")]
    frames = [encode_latest(LatestFrame(values)), b"rubbish", encode_latest(LatestFrame(values[:1]))]
    await sink.write("latest", 3, [record(n, frame) for n, frame in enumerate(frames)])
    await sink.close()
    found = await everything(any_redis.url)
    assert sorted(found["latest"]) == [f"{s}|water_level|Actual".encode() for s in "ACDE"]
    assert found["geo"] == [b"A"]
    assert found["position"] == {b"latest/3": b"3"}


async def test_restricted_commands_stay_out(valkey):
    async with Many(valkey.url) as sink:
        await sink.write("commands", 0, [record(0, command(classification="restricted"))])
    found = await everything(valkey.url)
    assert (found["alerts"], found["feed"], found["position"]) == ({}, [], {b"commands/0": b"1"})


async def test_what_cannot_be_read_is_skipped_and_counted(valkey):
    many = Many(valkey.url)
    async with many as sink:
        tick = record(1, None)
        tick.headers = [("tocsin", b"tick")]
        await sink.write("commands", 0, [record(0, b"{"), tick, record(2, None), record(3, command())])
    assert many.counted == {"skipped": 2, "written": 1}
    assert (await everything(valkey.url))["position"] == {b"commands/0": b"4"}


async def test_ended_alerts_are_pruned_after_48_hours(any_redis):
    async with Many(any_redis.url) as sink:
        for n in range(3):
            end = command(2, alert=f"flood:r{n}:20260720T040000Z", msg_type="Cancel")
            await sink.write("commands", 0, [record(n, end, NOON + n * 24 * HOUR_MS)])
        assert len((await everything(any_redis.url))["ended"]) == 3
        frame = encode_latest(LatestFrame([]))
        await sink.write("latest", 0, [record(0, frame, NOON + 72 * HOUR_MS)])
    found = await everything(any_redis.url)
    kept = ["flood:r1:20260720T040000Z", "flood:r2:20260720T040000Z"]
    assert ([e.decode() for e, _ in found["ended"]], sorted(found["commands"])) == (kept, kept)


async def test_the_feed_keeps_its_length(valkey):
    async with Many(valkey.url, feed_length=100) as sink:
        sent = [record(n, command(kind="call", alert=None, id=str(n))) for n in range(5000)]
        await sink.write("commands", 0, sent)
    found = await everything(valkey.url)
    assert 100 <= len(found["feed"]) < 300
    assert found["feed"][-1]["id"] == "4999"


async def test_an_empty_database_gets_an_epoch_and_a_full_one_keeps_it(any_redis):
    client = Redis.from_url(any_redis.url)
    first, second = Many(any_redis.url), Many(any_redis.url)
    async with first as sink:
        assert first.positions == {}
        await sink.write("commands", 7, [record(41, command())])
        epoch = await client.get("tocsin:epoch")
        async with second:
            assert second.positions == {("commands", 7): 42}
            assert await client.get("tocsin:epoch") == epoch
        assert await sink.forget() == {}
        assert await client.get("tocsin:epoch") not in (None, epoch)
    await client.aclose()


async def test_a_database_that_was_emptied_is_noticed(any_redis):
    async with Many(any_redis.url) as sink:
        await sink.write("commands", 0, [record(0, command())])
        any_redis.flush()
        with pytest.raises(HoleError, match="commands/0"):
            await sink.write("commands", 0, [record(1, command(2))])
        assert (await everything(any_redis.url))["alerts"] == {}
        assert await sink.open() == {}
        await sink.write("commands", 0, [record(0, command()), record(1, command(2))])
    assert (await everything(any_redis.url))["position"] == {b"commands/0": b"2"}


async def test_lost_writes_are_noticed_even_in_an_untouched_partition(any_redis):
    async with Many(any_redis.url) as sink:
        await sink.write("commands", 0, [record(n, command(n + 1)) for n in range(4)])
        client = Redis.from_url(any_redis.url)
        await client.hset("tocsin:position", "commands/0", 2)
        with pytest.raises(HoleError, match="stands at 2"):
            await sink.write("commands", 0, [record(4, command(5))])
        await client.set("tocsin:epoch", "another")
        with pytest.raises(HoleError):
            await sink.write("commands", 1, [record(0, command())])
        await client.aclose()


@pytest.mark.parametrize(
    "error",
    [
        exceptions.NoPermissionError("this user has no permissions to run the 'evalsha' command"),
        exceptions.ClusterDownError("Hash slot not served"),
        exceptions.ResponseError("unknown command 'EVALSHA'"),
    ],
    ids=repr,
)
async def test_what_people_have_to_mend_is_the_fault_of_no_record(valkey, error):
    async def refused(*_):
        raise error

    async with Many(valkey.url) as sink:
        sink._script = refused
        with pytest.raises(SinkAway):
            await sink.write("commands", 0, [record(0, command())])


async def test_gaps_in_the_log_are_no_holes(valkey):
    async with Many(valkey.url) as sink:
        await sink.write("commands", 0, [record(100, command(1)), record(105, command(2))])
        await sink.write("commands", 0, [record(300, command(3))])
    assert len((await everything(valkey.url))["feed"]) == 3


async def test_a_server_that_is_away_and_comes_back(any_redis):
    async with Many(any_redis.url) as sink:
        await sink.write("commands", 0, [record(0, command())])
        any_redis.stop()
        for _ in range(2):
            with pytest.raises(SinkAway):
                await sink.write("commands", 0, [record(1, command(2))])
        any_redis.start()
        await sink.write("commands", 0, [record(1, command(2))])
    found = await everything(any_redis.url)
    assert [c["version"] for c in found["feed"]] == [1, 2]


async def test_no_server_at_the_start():
    sink = RedisSink(loaded("redis://127.0.0.1:1/0"))
    with pytest.raises(SinkAway):
        await sink.open()
    await sink.close()


async def test_a_server_that_takes_no_writes_is_away(valkey):
    client = Redis.from_url(valkey.url)
    async with Many(valkey.url) as sink:
        await client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(SinkAway):
                await sink.write("commands", 0, [record(0, command())])
        finally:
            await client.config_set("maxmemory", "0")
        await sink.write("commands", 0, [record(0, command())])
    await client.aclose()
    assert len((await everything(valkey.url))["feed"]) == 1


async def test_the_password_comes_from_the_environment(valkey, monkeypatch):
    client = Redis.from_url(valkey.url)
    await client.config_set("requirepass", "s3cret")
    try:
        monkeypatch.setenv("TOCSIN_TEST_PASSWORD", "s3cret")
        async with Many(valkey.url, password_env="TOCSIN_TEST_PASSWORD") as sink:
            await sink.write("commands", 0, [record(0, command())])
        with pytest.raises(SinkAway):
            await RedisSink(loaded(valkey.url, password_env="TOCSIN_TEST_NOTHING")).open()
    finally:
        await client.config_set("requirepass", "")
        await client.aclose()


async def test_the_script_survives_a_flush_of_scripts(any_redis):
    client = Redis.from_url(any_redis.url)
    async with Many(any_redis.url) as sink:
        await sink.write("commands", 0, [record(0, command(1))])
        await client.script_flush()
        await sink.write("commands", 0, [record(1, command(2))])
    await client.aclose()


async def test_two_thousand_commands_are_quick(any_redis):
    sent = [record(n, command(1, alert=f"flood:r{n}:20260720T040000Z")) for n in range(2000)]
    async with Many(any_redis.url) as sink:
        began = perf_counter()
        await sink.write("commands", 0, sent)
        assert perf_counter() - began < 1.0


# ---- the law: however the log is cut, repeated and interrupted, each record has its effect once


def story(length: int) -> list[Any]:
    """Alerts that open, change, end and come again; health; what belongs to no alert."""
    sent: list[Any] = []
    versions: dict[str, int] = {}
    for n in range(length):
        alert = f"flood:r{n % 3}:20260720T040000Z"
        versions[alert] = versions.get(alert, 0) + 1
        ends = versions[alert] % 4 == 0
        sent += [command(versions[alert], alert=alert, msg_type="Cancel" if ends else "Update")]
        if n % 5 == 0:
            sent += [
                command(kind="health", alert=None, subject=f"S{n % 2}", level=None if n % 10 else "blue", id=f"h{n}")
            ]
    return [record(2 * n, sent_one, NOON + n) for n, sent_one in enumerate(sent)]


LOG = story(25)
Cuts = st.lists(
    st.tuples(st.sampled_from(["on", "again", "restart", "zombie"]), st.integers(1, 9), st.integers(0, 12)), max_size=14
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=Cuts)
def test_any_cut_of_the_log_gives_the_same(valkey, cuts):
    async def run() -> None:
        valkey.flush()
        async with Many(valkey.url) as sink:
            await sink.write("commands", 0, LOG)
        expected = await everything(valkey.url)
        valkey.flush()
        await interrupted(valkey.url, cuts)
        assert await everything(valkey.url) == expected

    asyncio.run(run())


async def interrupted(url: str, cuts: list[tuple[str, int, int]]) -> None:
    sink, zombie = RedisSink(loaded(url)), RedisSink(loaded(url))
    await sink.open()
    await zombie.open()
    at = 0
    for what, length, back in cuts:
        if what == "restart":
            await sink.close()
            sink = RedisSink(loaded(url))
            position = (await sink.open()).get(("commands", 0), 0)
            at = sum(1 for sent in LOG if sent.offset < position)
        elif what == "zombie":
            begin = 0
            await zombie.write("commands", 0, LOG[begin : max(1, at - back)])
        else:
            begin = max(0, at - back) if what == "again" else at
            await sink.write("commands", 0, LOG[begin : begin + length])
            at = max(at, begin + length)
    await sink.write("commands", 0, LOG[min(at, len(LOG) - 1) :])
    await sink.close()
    await zombie.close()
