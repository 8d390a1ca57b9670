"""`tocsin tail` as a process, on the embedded broker."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
from aiokafka import AIOKafkaProducer

from streams.cli.tail import Wanted, read_values
from streams.embedded import free_port
from streams.models.command import encode_command
from streams.models.settings import Kafka
from tests.sinks.made import command

SENSITIVE = "command.feed.sensitive"


def start(tmp_path, kafka, *options):
    argv = [sys.executable, "-m", "streams", "tail", "--config", str(tmp_path), "--kafka", kafka, *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for(stream, words):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        line = stream.readline()
        if words in line:
            return line
    raise AssertionError(f"{words!r} never came")


def send(address, topic, *values):
    async def run():
        producer = AIOKafkaProducer(bootstrap_servers=address)
        await producer.start()
        for value in values:
            await producer.send_and_wait(topic, value, key=b"Z1")
        await producer.stop()

    asyncio.run(run())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app.yaml").write_text("language: en\ntimezone: Asia/Shanghai\n")
    return tmp_path


def test_it_waits_for_the_broker_and_ctrl_c_ends_it_well(folder):
    port = free_port()
    process = start(folder, f"127.0.0.1:{port}")
    try:
        assert f"waiting for Kafka at 127.0.0.1:{port}" in wait_for(process.stderr, "waiting")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
        assert (process.returncode, said) == (0, "")
    finally:
        process.kill()


def test_it_shows_the_feed_from_the_start(folder, embedded_kafka):
    unit = uuid.uuid4().hex[:8]
    sent = [command(n + 1, zone=unit, headline={"en": f"Flood {n}"}) for n in range(3)]
    send(embedded_kafka, SENSITIVE, *map(encode_command, sent), b"not json")
    process = start(folder, embedded_kafka, "--from-start", "--zone", unit, "--limit", "3")
    shown, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert [line.split("Flood ")[1].strip() for line in shown.splitlines()] == ["0", "1", "2"]


def test_json_is_the_record_as_it_is(folder, embedded_kafka):
    unit = uuid.uuid4().hex[:8]
    value = encode_command(command(zone=unit))
    send(embedded_kafka, SENSITIVE, value)
    process = start(folder, embedded_kafka, "--from-start", "--zone", unit, "--limit", "1", "--json")
    shown, _ = process.communicate(timeout=30)
    assert json.loads(shown) == json.loads(value)


async def test_from_now_on_means_what_comes_after(embedded_kafka):
    topic = f"tail.{uuid.uuid4().hex[:8]}"
    producer = AIOKafkaProducer(bootstrap_servers=embedded_kafka)
    await producer.start()
    await producer.send_and_wait(topic, b"before")
    values = read_values(Kafka(bootstrap=embedded_kafka), topic, from_start=False, say=lambda _line: None)
    first = asyncio.ensure_future(anext(values))
    try:
        while not first.done():
            await producer.send_and_wait(topic, b"after")
            await asyncio.sleep(0.2)
        assert first.result() == b"after"
    finally:
        await values.aclose()
        await producer.stop()


def test_a_reader_that_goes_away_is_no_error(folder, embedded_kafka):
    send(embedded_kafka, SENSITIVE, *(encode_command(command(n + 1)) for n in range(50)))
    process = start(folder, embedded_kafka, "--from-start")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    send(embedded_kafka, SENSITIVE, *(encode_command(command(n + 1)) for n in range(50)))
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")


def test_a_wrong_app_yaml_is_refused(folder):
    (folder / "app.yaml").write_text("lingua: en\n")
    process = start(folder, "127.0.0.1:1")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "lingua" in said


def test_what_is_wanted():
    flood = {"hazard": "flood", "zone": "Z1", "level": None, "previous_level": "orange"}
    assert Wanted().has(flood)
    assert Wanted().has("rubbish")
    assert Wanted({"flood"}, {"Z1", "Z2"}, 3).has(flood)
    assert not Wanted({"gas"}).has(flood)
    assert not Wanted(zones={"Z2"}).has(flood)
    assert not Wanted(level=4).has(flood)
    assert not Wanted(level=1).has("rubbish")
