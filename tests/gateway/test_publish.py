"""Pace, counting, and what stands when Kafka goes away in the middle."""

import time
from pathlib import Path

import pytest

from streams.gateway.files import FileRecord
from streams.gateway.producer import AwayError
from streams.gateway.publish import AT_ONCE, Summary, publish
from tests.gateway.door_parts import FakeKafka


def records(*seconds, rows=1):
    return [
        FileRecord(Path("f"), n, "readings", b"s", str(n).encode(), round(s * 1e6), round(s * 1e6), rows)
        for n, s in enumerate(seconds)
    ]


async def test_everything_in_order_and_counted():
    kafka, summary, steps = FakeKafka(), Summary(), []
    given = records(*range(2 * AT_ONCE + 1), rows=2)
    await publish(iter(given), kafka, summary, confirmed=steps.append)
    assert [r.value for r in kafka.records] == [r.value for r in given]
    assert (summary.records, summary.rows, summary.topics) == (len(given), 2 * len(given), {"readings": 2 * len(given)})
    assert sum(steps) == summary.rows


async def test_pace():
    kafka, summary = FakeKafka(), Summary()
    started = time.monotonic()
    await publish(iter(records(0, 1, 2, 3)), kafka, summary, speed=10)
    assert 0.28 < time.monotonic() - started < 2.0


async def test_kafka_goes_away_in_the_middle():
    class Leaves(FakeKafka):
        async def send_all(self, found):
            self.away = len(self.records) >= AT_ONCE
            await super().send_all(found)

    summary = Summary()
    with pytest.raises(AwayError):
        await publish(iter(records(*range(3 * AT_ONCE))), Leaves(), summary)
    assert summary.rows == AT_ONCE
