"""On a broker: the embedded one will do."""

from aiokafka import AIOKafkaProducer

from streams.models.settings import Kafka
from streams.sinks.compacted import read_compacted


async def test_the_last_record_of_each_key(embedded_kafka):
    settings = Kafka(bootstrap=embedded_kafka, embedded=True, idempotence=False)
    producer = AIOKafkaProducer(bootstrap_servers=embedded_kafka)
    await producer.start()
    try:
        for key, value in ((b"a", b"1"), (b"b", b"2"), (b"a", b"3"), (b"b", None)):
            await producer.send_and_wait("sinks.compacted", value, key=key, timestamp_ms=5)
    finally:
        await producer.stop()
    table = await read_compacted(settings, ["sinks.compacted"])
    assert table[("sinks.compacted", b"a")].value == b"3"
    assert not table[("sinks.compacted", b"b")].value
