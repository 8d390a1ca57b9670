"""The feed sink with the role's own sender, on a broker: what a command centre reads."""

import msgspec

from streams.agents.send import Sender
from streams.kafka_settings import client_settings
from streams.models.settings import App, Kafka, Topic, Topics
from streams.sinks.compacted import read_compacted
from streams.sinks.current import sweep
from streams.sinks.feed import FeedSink
from tests.e2e.topics import create_topics
from tests.sinks.made import NOON, FakeLoaded, command, record

NAMES = [
    f"command.{kind}.{audience}" for kind in ("feed", "current") for audience in ("open", "sensitive", "restricted")
]
HOUR = 3_600_000_000


async def test_feeds_current_and_tombstones(embedded_kafka):
    create_topics(embedded_kafka, dict.fromkeys(NAMES, 2))
    kafka = Kafka(bootstrap=embedded_kafka, embedded=True, idempotence=False)
    topics = Topics(topics={name: Topic(partitions=2) for name in NAMES})
    sender = Sender(kafka, topics, client_settings(kafka))
    await sender.open()
    sink = FeedSink(FakeLoaded(App(timezone="UTC", kafka=kafka), topics=topics), sender)
    try:
        versions = [command(n, public="released" if n == 1 else "none") for n in (1, 2)]
        end = command(3, msg_type="Cancel", level=None, reason="ended")
        await sink.write("commands", 0, [record(n, sent) for n, sent in enumerate([*versions, end])])

        table = await read_compacted(kafka, NAMES)
        current = msgspec.json.decode(table["command.current.sensitive", b"flood:reach-2:20260720T040000Z"].value)
        assert (current["version"], current["msg_type"]) == (3, "Cancel")
        assert sorted({topic for topic, _ in table}) == [
            "command.current.open",
            "command.current.sensitive",
            "command.feed.open",
            "command.feed.sensitive",
        ]

        async def read(names):
            return await read_compacted(kafka, names)

        assert await sweep(read, sender, NOON * 1000 + 47 * HOUR) == 0
        assert await sweep(read, sender, NOON * 1000 + 49 * HOUR) == 2
        assert await sweep(read, sender, NOON * 1000 + 49 * HOUR) == 0
    finally:
        await sink.close()
        await sender.close()
