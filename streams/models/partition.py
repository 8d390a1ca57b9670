"""Kafka's default partitioner (murmur2), used by every producer of ours and to check where a record lies."""

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that a key belongs to, as the Java client and librdkafka's `murmur2_random` compute it."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
