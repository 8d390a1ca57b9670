"""How `tocsin record` ends: a recording that is not whole must not look like one that is."""

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from typer.testing import CliRunner

from streams.cli import app
from streams.cli import record as command
from streams.gateway.log_reader import LogReader
from streams.gateway.producer import AwayError


class Consumer:
    """Two partitions with three records each; one record of each comes at a time."""

    def __init__(self, stops_after):
        self.at, self.stops_after = {TopicPartition("signals", partition): 0 for partition in range(2)}, stops_after

    async def getmany(self, **_):
        found = {}
        for place, at in self.at.items():
            if at == 3:
                continue
            if self.stops_after == at:
                os.kill(os.getpid(), signal.SIGINT)
                await _turn()
            found[place] = [_record(place, at)]
            self.at[place] += 1
        return found

    async def position(self, place):
        return self.at[place]


def _record(place, offset):
    return SimpleNamespace(
        topic=place.topic, partition=place.partition, offset=offset, timestamp=1, key=None, value=b"{}", headers=()
    )


async def _turn():
    """Until the loop has heard of the signal."""
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.fixture
def record(monkeypatch, tmp_path):
    """The command upon a log of two partitions; `stops_after`: Ctrl-C after so many records of each."""

    def run(*words, stops_after=None, away=False):
        @asynccontextmanager
        async def open_log(*_):
            if away:
                raise AwayError("Kafka at k:1 does not answer")
            consumer = Consumer(stops_after)
            yield LogReader(consumer, dict.fromkeys(consumer.at, 0), dict.fromkeys(consumer.at, 3))

        monkeypatch.setattr(command, "open_log", open_log)
        result = CliRunner().invoke(app, ["record", str(tmp_path / "run"), "--topic", "signals", *words])
        return result.exit_code, result.stdout, result.stderr

    return run


def test_exit_0_when_all_is_there(record):
    code, out, _ = record("--json")
    assert (code, json.loads(out)) == (0, {"records": {"signals": 6}})


def test_who_is_stopped_before_the_end_has_recorded_a_part_and_says_so(record):
    code, out, said = record("--json", stops_after=1)
    assert (code, out) == (130, "")
    assert "stopped before the end" in said


def test_what_goes_on_until_it_is_stopped_has_done_so(record):
    code, out, _ = record("--json", "--follow", stops_after=1)
    assert (code, json.loads(out)) == (0, {"records": {"signals": 4}})


def test_exit_1_when_kafka_is_away(record):
    code, _, said = record(away=True)
    assert code == 1
    assert "does not answer" in said


def test_exit_2_when_there_is_a_recording_already(record):
    record()
    code, _, said = record()
    assert code == 2
    assert "say --force" in said
    assert record("--force")[0] == 0
