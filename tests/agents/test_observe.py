import base64

import pytest

from streams.agents import observe as observe_module
from streams.agents.observe import Observe
from streams.completion import Partition, Start
from streams.core.detect import Bank
from streams.models.partition import partition_of
from tests.agents.given import PARTITIONS, FakeLog, batch, counted, record, tick, tools
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

STATIONS = [f"S{number}" for number in range(8)]
#: one partition's stations: the Bank has no others
MINE = [s for s in STATIONS if partition_of(s.encode(), PARTITIONS) == 0]
TP = Partition("readings", 0)
NOW = 1_784_527_380_000


def reading(value, station=None, **more):
    return {"station": station or MINE[0], "property": "water_level", "time": "2026-07-20T14:03:00+08:00"} | {
        "value": value,
        **more,
    }


def at(offset, value, station=None, ms=NOW, **more):
    station = station or MINE[0]
    return record(offset, reading(value, station, **more), station.encode(), timestamp=ms)


@pytest.fixture
def given():
    zones = {s: f"Z{number % 2}" for number, s in enumerate(STATIONS)}
    streams = [stream(s, zone=zones[s]) for s in STATIONS]
    return tools(site(streams, hazard(FOUR, FOUR_LEVELS), zones=("Z0", "Z1")))


@pytest.fixture
async def observe(given):
    role = Observe(given)
    await role.starts({TP}, FakeLog({TP: 0}))
    return role


async def test_a_reading_over_a_threshold_becomes_a_signal_on_its_zones_partition(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2)]))
    (out,) = [o for o in given.sender.of("signals") if o.key]
    assert out.partition == partition_of(out.key, PARTITIONS)
    assert given.sender.values("signals")[0]["source"] == ["readings", 0, 0, 0, 0]
    assert counted(given.metrics, "tocsin_readings_total") == 1
    assert counted(given.metrics, "tocsin_signals_total") == 1


async def test_each_signals_partition_hears_how_far_we_are_when_no_signal_said_so(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2)]))
    signals = given.sender.of("signals")
    signalled = {out.partition for out in signals if out.key}
    told = {out.partition for out in signals if out.key is None}
    assert signalled | told == {0, 1}
    assert signalled & told == set()
    given.sender.sent.clear()
    await observe.handle(batch(TP, [tick(1, NOW + 500)]))
    assert given.sender.of("signals") == []  # the interval is not over
    await observe.handle(batch(TP, [tick(2, NOW + 1_000)]))
    assert [out.partition for out in given.sender.of("signals")] == [0, 1]
    assert {v["type"] for v in given.sender.values("signals")} == {"progress"}


async def test_progress_comes_after_the_signals_it_speaks_of(given, observe):
    sent = []

    async def send_all(outs):
        sent.append([(o.topic, o.key is None) for o in outs])

    given.sender.send_all = send_all
    given.sender.send_later = lambda outs: sent.append([(o.topic, o.key is None) for o in outs])
    await observe.handle(batch(TP, [at(0, 3.2)]))
    assert ("signals", False) in sent[0]
    assert ("signals", True) not in sent[0]
    assert ("signals", True) in sent[1]


async def test_while_rebuilding_nothing_is_sent_and_nothing_counted(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2), record(1, b"rubbish", b"S1")], live=False))
    assert given.sender.sent == []
    assert counted(given.metrics, "tocsin_readings_total") == 0


async def test_latest_values_of_a_rebuild_go_out_with_the_first_live_batch(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2)], live=False))
    await observe.handle(batch(TP, [tick(1, NOW + 500)]))
    (frame,) = given.sender.values("latest")
    assert [(v["station"], v["value"]) for v in frame["values"]] == [(MINE[0], 3.2)]


async def test_stations_are_counted_by_their_health(given, observe):
    await observe.handle(batch(TP, [at(0, 1.0)]))
    labels = {"partition": str(TP.partition)}
    counts = [
        counted(given.metrics, "tocsin_stations_health", health=one, **labels) for one in ("good", "fair", "poor")
    ]
    assert sum(counts) == 1
    await observe.leave({TP})
    assert counted(given.metrics, "tocsin_stations_health", health="good", **labels) is None


async def test_latest_values_go_out_once_a_second(given, observe):
    await observe.handle(batch(TP, [at(0, 1.0)]))
    await observe.handle(batch(TP, [at(1, 2.0, ms=NOW + 10)]))
    assert len(given.sender.of("latest")) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [(b"rubbish", "not_json"), (b"", "empty"), (reading(1.0, "nobody"), "wrong_key"), (reading("3"), "wrong_type")],
)
async def test_what_cannot_be_used_goes_to_rejects_with_its_bytes_and_key(given, observe, bad, reason):
    sent = record(0, bad, MINE[0].encode())
    await observe.handle(batch(TP, [sent, at(1, 1.0)]))
    (out,) = given.sender.of("rejects")
    (reject,) = given.sender.values("rejects")
    assert (out.key, reject["reason"], reject["offset"]) == (MINE[0].encode(), reason, 0)
    assert base64.b64decode(reject["raw_base64"]) == sent.value
    assert counted(given.metrics, "tocsin_readings_total") == 1


async def test_a_conflict_found_by_the_bank_carries_the_records_bytes_too(given, observe):
    await observe.handle(batch(TP, [at(0, 1.0), at(1, 2.0)]))
    (reject,) = given.sender.values("rejects")
    assert (reject["reason"], reject["topic"], reject["partition"], reject["offset"]) == ("conflict", "readings", 0, 1)
    assert b"2.0" in base64.b64decode(reject["raw_base64"])
    labels = {"topic": "readings", "stage": reject["stage"], "reason": "conflict"}
    assert counted(given.metrics, "tocsin_rejects_total", **labels) == 1


async def test_a_revoked_partitions_state_is_there_again_when_it_comes_back(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2)]))
    await observe.leave({TP})
    observe.revoked({TP})
    assert await observe.starts({TP}, FakeLog({TP: 1})) == {TP: Start(1, 1)}
    await observe.handle(batch(TP, [at(1, 3.2)]))
    assert len([o for o in given.sender.of("signals") if o.key]) == 1
    assert counted(given.metrics, "tocsin_repeats_total") == 1


async def test_after_a_rebalance_progress_is_told_anew(given, observe):
    """Nobody waited for the last one: it may have been dropped with the membership."""
    await observe.handle(batch(TP, [at(0, 1.0)]))
    await observe.leave({TP})
    observe.revoked({TP})
    await observe.starts({TP}, FakeLog({TP: 1}))
    given.sender.sent.clear()
    await observe.handle(batch(TP, [tick(1, NOW + 100)]))  # the interval is not over
    assert [v["type"] for v in given.sender.values("signals")] == ["progress", "progress"]


async def test_after_a_crash_state_is_as_it_was_saved(given, observe):
    await observe.handle(batch(TP, [at(0, 3.2)]))
    await observe.close()
    again = Observe(given)
    await again.open()
    assert await again.starts({TP}, FakeLog({TP: 1})) == {TP: Start(1, 1)}
    await again.handle(batch(TP, [at(1, 3.2), at(2, 5.0, time="2026-07-20T14:04:00+08:00")]))
    first, second = [o for o in given.sender.values("signals") if o["type"] == "trigger"]
    assert [t["condition"] for t in first["triggers"]] == ["b"]
    assert "b" not in [t["condition"] for t in second["triggers"] if t["edge"] == "on"]


async def test_a_record_at_which_the_bank_fails_is_found_and_set_aside(given, observe, monkeypatch):
    real = Bank.handle

    def handle(self, columns):
        if 99.0 in columns.value:
            raise ZeroDivisionError("ninety-nine")
        return real(self, columns)

    monkeypatch.setattr(Bank, "handle", handle)
    records = [at(0, 1.0), at(1, 99.0, time="2026-07-20T14:03:30+08:00"), at(2, 3.2, time="2026-07-20T14:04:00+08:00")]
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await observe.handle(batch(TP, records))
        observe = Observe(given)
        await observe.open()
        await observe.starts({TP}, FakeLog({TP: 0}))
    await observe.handle(batch(TP, records))
    (reject,) = given.sender.values("rejects")
    assert (reject["reason"], reject["offset"], reject["stage"]) == ("poison", 1, "observe")
    assert b"99.0" in base64.b64decode(reject["raw_base64"])
    (alarm,) = [s for s in given.sender.values("signals") if s["type"] == "alarm"]
    assert (alarm["what"], alarm["topic"], alarm["offset"]) == ("poison", "readings", 1)
    assert "ninety-nine" in alarm["detail"]
    assert len([s for s in given.sender.values("signals") if s["type"] == "trigger"]) == 1
    assert counted(given.metrics, "tocsin_readings_total") == 2


async def test_a_record_at_which_decoding_fails_is_set_aside_at_once(given, observe, monkeypatch):
    real = observe_module.decode

    def decode(topic, partition, partitions, records, zone):
        if any(r.offset == 1 for r in records):
            raise RuntimeError("too deep")
        return real(topic, partition, partitions, records, zone)

    monkeypatch.setattr(observe_module, "decode", decode)
    await observe.handle(batch(TP, [at(0, 1.0), at(1, 2.0), at(2, 3.2, time="2026-07-20T14:04:00+08:00")]))
    (reject,) = given.sender.values("rejects")
    assert (reject["reason"], reject["offset"]) == ("poison", 1)
    assert counted(given.metrics, "tocsin_readings_total") == 2


async def test_state_is_rebuilt_from_recent_readings(given):
    log = FakeLog({TP: 500}, found={TP: 120})
    assert await Observe(given).starts({TP}, log) == {TP: Start(120, 500)}
    assert len(log.asked) == 1


async def test_many_latest_values_go_out_a_frame_after_each_batch(given, observe, monkeypatch):
    monkeypatch.setattr(observe_module, "FRAME", 1)
    await observe.handle(batch(TP, [at(0, 1.0), at(1, 2.0, MINE[1])]))
    assert [len(frame["values"]) for frame in given.sender.values("latest")] == [1]
    await observe.handle(batch(TP, [tick(2, NOW + 10)]))
    await observe.handle(batch(TP, [tick(3, NOW + 20)]))
    assert [frame["values"][0]["station"] for frame in given.sender.values("latest")] == MINE[:2]
