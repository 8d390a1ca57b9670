"""`tocsin flags` of a station on a real Kafka: its partition alone, and what retention has taken is said."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.models.partition import partition_of
from streams.models.settings import App, Kafka, Topics
from streams.models.times import format_time
from streams.topics import apply
from tests.cli.flag_site import write_site

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
PARTITION = partition_of(b"HARD", 16)


def tocsin(folder, bootstrap, *words):
    env = {**os.environ, "TOCSIN_CONFIG": str(folder), "KAFKA": bootstrap}
    command = [sys.executable, "-m", "streams", "flags", "--json", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(one) for one in done.stdout.splitlines()], done.stderr


async def _send(bootstrap, *values):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for station, value in values:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        await producer.send_and_wait("readings", body, key=station.encode(), partition=PARTITION)
    await producer.stop()


async def _forget(bootstrap, before):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition("readings", PARTITION): RecordsToDelete(before_offset=before)})
    await admin.close()


def test_one_station_its_silences_and_where_retention_cut(own_kafka, tmp_path):
    bootstrap, folder = own_kafka.bootstrap, write_site(tmp_path)
    apply(App(kafka=Kafka(bootstrap=bootstrap)), Topics())
    now = round(time.time(), 3)

    def reading(seconds, value):
        return {"station": "HARD", "property": "water_level", "time": now + seconds, "value": value}

    first = reading(-3, 1)
    others = [("OTHER", b'{"station": "OTHER"}')] * 3  # they can come here only by a wrong hand
    values = [first, first, reading(-2, 99), reading(-1, 2), reading(-2.5, 3), reading(600, 4)]
    asyncio.run(_send(bootstrap, *others, *(("HARD", one) for one in values), ("HARD", b"[")))
    found, said = tocsin(folder, bootstrap, "--station", "HARD")
    assert [(row["outcome"], row["flag"], row["check"] or row["reason"]) for row in found] == [
        ("accepted", 1, ""),
        ("repeat", None, ""),
        ("accepted", 4, "range_hard"),
        ("accepted", 1, ""),
        ("accepted", 1, "late"),
        ("accepted", 3, "future"),
        ("rejected", None, "not_json"),
    ]
    assert [row["place"] for row in found] == [3, 4, 5, 6, 7, 8, 9]
    assert {row["source"] for row in found} == {f"readings[{PARTITION}]"}
    assert all(row["trusted"] for row in found)
    assert "every flag can be trusted" in said

    since = format_time(round((now - 2.2) * 1e6))
    found, _ = tocsin(folder, bootstrap, "--station", "HARD", "--since", since, "--flag", "3,4", "--warm-up", "0 s")
    assert [row["check"] for row in found] == ["range_hard", "future"]

    asyncio.run(_forget(bootstrap, 5))
    found, said = tocsin(folder, bootstrap, "--station", "HARD")
    assert [row["place"] for row in found] == [5, 6, 7, 8, 9]
    assert not any(row["trusted"] for row in found if row["flag"])
    assert "older readings are no longer there" in said
    assert "too little was read to trust its flags" in said
    later = format_time(round((now + 3600) * 1e6))
    found, said = tocsin(folder, bootstrap, "--station", "HARD", "--since", later, "--warm-up", "0 s")
    assert found == []
    assert "nothing was received" in said


def test_it_works_on_the_embedded_broker_too(embedded_kafka, tmp_path):
    folder = write_site(tmp_path)
    apply(App(kafka=Kafka(bootstrap=embedded_kafka, embedded=True)), Topics())
    now = round(time.time(), 3)
    body = {"station": "HARD", "property": "water_level"}
    values = [body | {"time": now - 2, "value": 1}, body | {"time": now - 1, "value": 99}]
    asyncio.run(_send(embedded_kafka, *(("HARD", one) for one in values)))
    since = format_time(round((now - 1.5) * 1e6))
    found, _ = tocsin(folder, embedded_kafka, "--station", "HARD", "--since", since)
    assert [(row["flag"], row["check"]) for row in found] == [(4, "range_hard")]
