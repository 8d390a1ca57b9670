"""What clients may do that aiokafka does not: one batch that cannot be read would stop its partition for good."""

import random

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from streams.records import KafkaRecord, use_light_records
from tests.e2e.topics import create_topics

CODECS = ("gzip", "snappy", "lz4", "zstd")
VALUES = [random.Random(1).randbytes(100) + b"7" * size for size in (0, 10, 900_000, 0, 70_000)]

pytestmark = pytest.mark.kafka


async def send(bootstrap, topic, **settings):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=1_000_000, linger_ms=50, **settings)
    await producer.start()
    try:
        for sent in [await producer.send(topic, value, b"k", 0) for value in VALUES]:
            await sent
    finally:
        await producer.stop()


async def read(bootstrap, topic):
    use_light_records()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        return [await consumer.getone() for _ in VALUES]
    finally:
        await consumer.stop()


@pytest.mark.parametrize("codec", CODECS)
async def test_what_a_client_has_compressed(kafka, codec):
    create_topics(kafka.bootstrap, {"readings": 1})
    await send(kafka.bootstrap, "readings", compression_type=codec)
    found = await read(kafka.bootstrap, "readings")
    assert [record.value for record in found] == VALUES
    assert all(isinstance(record, KafkaRecord) for record in found)


@pytest.mark.parametrize("codec", CODECS)
async def test_what_the_broker_has_compressed(kafka, codec):
    """Java's encoders make other frames than ours, such as those without a length."""
    topic = f"packed-{codec}"
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    wanted = {"num_partitions": 1, "replication_factor": 1, "configs": {"compression.type": codec}}
    admin.create_topics({topic: wanted}, wait_for_metadata=True)
    admin.close()
    await send(kafka.bootstrap, topic)
    assert [record.value for record in await read(kafka.bootstrap, topic)] == VALUES


class Gbk(str):
    """Bytes that are no UTF-8, as the name of a header: clients in C take any."""

    __slots__ = ()

    def encode(self, *_):
        return super().encode("gbk")


@pytest.mark.parametrize("codec", [None, "gzip"])
async def test_what_a_client_calls_its_headers(kafka, codec):
    create_topics(kafka.bootstrap, {"readings": 1})
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, compression_type=codec, linger_ms=100)
    for number, value in enumerate(VALUES):
        producer.send("readings", value, headers=[(Gbk("标题"), b"x")] if number in (1, 2) else [("plain", b"y")])
    producer.close()
    found = await read(kafka.bootstrap, "readings")
    assert [record.value for record in found] == VALUES
    assert [name for record in found for name, _ in record.headers] == [
        "plain",
        *["\\xb1\\xea\\xcc\\xe2"] * 2,
        "plain",
        "plain",
    ]
