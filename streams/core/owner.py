"""Whose a record of `readings` is: its key is the station, and lies on the partition that the key belongs to."""

from functools import lru_cache

from streams.core.refusal import Refusal
from streams.models.partition import partition_of


@lru_cache(maxsize=65_536)  # murmur2 is Python and a site has few stations
def owner(key: bytes | None, partition: int, partitions: int) -> str:
    """The station whose records carry this key; raises Refusal."""
    if key is None:
        raise Refusal("wrong_key", "the record has no key", "key", None, "the station id")
    right = partition_of(key, partitions)
    if right != partition:
        detail = f"the key belongs to partition {right} of {partitions} (murmur2)"
        raise Refusal("wrong_partition", detail, "partition", partition, str(right))
    try:
        return key.decode()
    except UnicodeDecodeError:
        shown_key = key[:80].decode(errors="backslashreplace")
        raise Refusal("wrong_key", "the key is not UTF-8", "key", shown_key, "the station id") from None
