"""Damage to checkpoint logs: what a disk, a stranger, a zombie or a wrong retention would leave there."""

import asyncio
import random
import socket
from importlib.util import find_spec

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import TopicPartition

from tests.chaos.world import World

STATE = (b"chunk", b"index", b"delta", b"base")  # kinds of which a zombie may write an old one


class NotNowError(Exception):
    """A fault cannot be made while another one lasts."""


def known() -> bool:
    """Whether roles keep checkpoints."""
    return find_spec("streams.checkpoint") is not None and find_spec("streams.checkpoint.saver") is not None


def damage(world: World, role: str, chance: random.Random) -> None:
    """In every partition: bad records behind the good ones; in some, all that was there is gone besides."""
    topic = f"checkpoints.{role}"
    logs: dict[int, list[bytes]] = {}
    host, _, port = world.bootstrap.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError as error:  # who would start it again waits for us
        raise NotNowError(f"{topic} cannot be read: the broker is away") from error
    for record in world.read(topic):
        logs.setdefault(record.partition, []).append(record.value or b"")
    bad = {partition: bad_records(values, chance) for partition, values in logs.items()}
    gone = [partition for partition in logs if chance.random() < 0.25]
    asyncio.run(_write(world.bootstrap, topic, bad, gone))


def bad_records(values: list[bytes], chance: random.Random) -> list[bytes]:
    """Foreign bytes, no bytes; a real record cut off, one with a flipped bit, and an old one once more."""
    some = [chance.choice(values[-30:]) for _ in range(4)]
    cut = some[0][: chance.randrange(max(1, len(some[0])))]
    flipped = bytearray(some[1] or b"\0")
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    old = [value for value in values if any(kind in value[:60] for kind in STATE)]
    found = [chance.randbytes(chance.randrange(1, 2_000)), b'{"not": "ours"}', b"", cut, bytes(flipped), *old[-9:-8]]
    chance.shuffle(found)
    return found


async def _write(bootstrap: str, topic: str, bad: dict[int, list[bytes]], gone: list[int]) -> None:
    if gone:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.delete_records({TopicPartition(topic, p): RecordsToDelete(-1) for p in gone})
        finally:
            await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for partition, values in bad.items():
            for value in values:
                await producer.send_and_wait(topic, value, b"chaos", partition)
    finally:
        await producer.stop()
