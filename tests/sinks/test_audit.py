import asyncio
import errno
import os

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.sinks.audit import AuditSink
from streams.sinks.base import SinkAway
from tests.sinks.made import command, loaded, record

decode = msgspec.json.decode


def lines(folder):
    return {path.name: [decode(line) for line in path.read_bytes().splitlines()] for path in folder.glob("*.jsonl")}


def audit(folder):
    return AuditSink(loaded(audit_dir=str(folder)))


async def test_a_line_says_who_decided_what(tmp_path):
    sink = audit(tmp_path / "audit")
    assert await sink.open() == {}
    ack = command(2, msg_type="Ack", reason="acknowledged", by="Li Na", note="team sent", previous_level="orange")
    await sink.write("commands", 3, [record(8, ack)])
    await sink.close()
    assert lines(tmp_path / "audit") == {
        "audit-20260720.jsonl": [
            {
                "at": "2026-07-20T04:00:00.000+00:00", "zone": "Z1", "alert": "flood:reach-2:20260720T040000Z",
                "version": 2, "kind": "alert", "status": "Actual", "msg_type": "Ack", "reason": "acknowledged",
                "from": "orange", "to": "orange", "by": "Li Na", "note": "team sent", "command": ack.id,
                "topic": "commands", "partition": 3, "offset": 8,
            }
        ]
    }  # fmt: skip


async def test_the_day_is_the_deployments(tmp_path):
    sink = audit(tmp_path)
    await sink.open()
    times = ["2026-07-20T23:30:00-01:00", "2026-07-20T01:30:00+02:00", "never"]
    await sink.write("commands", 0, [record(n, command(time=time)) for n, time in enumerate(times)])
    await sink.close()
    assert sorted(lines(tmp_path)) == ["audit-20260719.jsonl", "audit-20260720.jsonl", "audit-20260721.jsonl"]


@pytest.mark.parametrize("time", ["", "noon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_that_no_calendar_has_is_the_day_of_the_record(tmp_path, time):
    sink = audit(tmp_path)
    await sink.open()
    await sink.write("commands", 3, [record(8, command(2, time=time))])
    await sink.close()
    assert [*lines(tmp_path)] == ["audit-20260720.jsonl"]


async def test_a_restart_goes_on_where_the_files_end(tmp_path):
    sink = audit(tmp_path)
    await sink.open()
    await sink.write("commands", 0, [record(0, command(1)), record(4, command(2))])
    await sink.write("commands", 1, [record(7, command(1))])
    await sink.close()
    sink = audit(tmp_path)
    assert await sink.open() == {("commands", 0): 5, ("commands", 1): 8}
    await sink.write("commands", 0, [record(4, command(2)), record(5, command(3))])
    await sink.close()
    assert [line["version"] for line in lines(tmp_path)["audit-20260720.jsonl"]] == [1, 2, 1, 3]


@pytest.mark.parametrize("torn", [b'{"at":"2026', b"x" * 200_000])
async def test_a_torn_last_line_is_cut_and_written_again(tmp_path, torn):
    sink = audit(tmp_path)
    await sink.open()
    await sink.write("commands", 0, [record(0, command(1))])
    await sink.close()
    with (tmp_path / "audit-20260720.jsonl").open("ab") as file:
        file.write(torn)
    (tmp_path / "audit-20260721.jsonl").write_bytes(torn)
    sink = audit(tmp_path)
    assert await sink.open() == {("commands", 0): 1}
    await sink.write("commands", 0, [record(1, command(2))])
    await sink.close()
    assert [line["version"] for line in lines(tmp_path)["audit-20260720.jsonl"]] == [1, 2]
    assert lines(tmp_path)["audit-20260721.jsonl"] == []


async def test_a_spoilt_line_is_left_alone(tmp_path):
    (tmp_path / "audit-20260720.jsonl").write_bytes(b'not ours\n{"topic":"commands","partition":0,"offset":4}\n')
    sink = audit(tmp_path)
    assert await sink.open() == {("commands", 0): 5}
    await sink.close()


async def test_a_new_log_begins_new_files_and_keeps_the_old_ones(tmp_path):
    sink = audit(tmp_path)
    await sink.open()
    await sink.write("commands", 0, [record(9, command(1))])
    for number in (1, 2):
        assert await sink.forget() == {}
        await sink.write("commands", 0, [record(0, command(2))])
        assert [line["offset"] for line in lines(tmp_path)["audit-20260720.jsonl"]] == [0]
        assert list(lines(tmp_path / f"earlier-{number}")) == ["audit-20260720.jsonl"]
    await sink.close()


async def test_one_process_a_folder(tmp_path):
    first, second = audit(tmp_path), audit(tmp_path)
    await first.open()
    with pytest.raises(SinkAway, match="another process"):
        await second.open()
    await first.open()
    await first.close()
    await second.open()
    await second.close()


async def test_a_full_disk_leaves_no_half_line_and_the_same_call_succeeds_later(tmp_path, monkeypatch):
    sink = audit(tmp_path)
    await sink.open()

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    batch = [record(0, command(1)), record(1, command(2, time="2026-07-21T00:00:00+00:00")), record(2, command(3))]
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(SinkAway, match="No space left"):
            await sink.write("commands", 0, batch)
    assert all(found == [] for found in lines(tmp_path).values())
    await sink.write("commands", 0, batch)
    await sink.close()
    assert {name: [line["version"] for line in found] for name, found in lines(tmp_path).items()} == {
        "audit-20260720.jsonl": [1, 3],
        "audit-20260721.jsonl": [2],
    }


async def test_a_folder_that_cannot_be_made_is_away(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkAway):
        await audit(tmp_path / "file" / "audit").open()


LOG = [record(3 * n, command(n + 1, time=f"2026-07-{20 + n % 3}T00:00:00+00:00")) for n in range(12)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.integers(0, 6)), max_size=8))
def test_any_cut_of_the_log_gives_each_line_once(tmp_path_factory, cuts):
    folder = tmp_path_factory.mktemp("audit")

    async def run():
        sink, at = audit(folder), 0
        await sink.open()
        for restart, length, back in cuts:
            if restart:
                await sink.close()
                sink = audit(folder)
                await sink.open()
            begin = max(0, at - back)
            await sink.write("commands", 0, LOG[begin : begin + length])
            at = max(at, begin + length)
        await sink.write("commands", 0, LOG[min(at, 11) :])
        await sink.close()

    asyncio.run(run())
    found = sorted(line["version"] for file in lines(folder).values() for line in file)
    assert found == list(range(1, 13))
