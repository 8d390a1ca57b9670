"""What records of `signals` say of places when partitions are changed: of a layout that is over."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec

from streams.models.signal import Layout, Reported, Sampled, Triggered, decode_signal

Around = tuple[bytes, bytes]  # what stands before and after a log
Rewrite = Callable[[Any], bytes | None]  # a record -> its value in the new layout
encode = msgspec.json.Encoder().encode


def renamed(partitions: int) -> Rewrite:
    """For `signals` of so many partitions: what lay in partition p of n says of its source that it came by `~n.p`.

    Repeats are dropped by source, in the order of each partition of `signals`. Without these names, signals of one
    batch that lay in several partitions would be repeats of each other where they meet, and those of a topic that
    begins anew repeats of what they were before.
    """

    def rewrite(record: Any) -> bytes | None:
        value: bytes | None = record.value
        try:
            signal = decode_signal(value or b"")
        except ValueError:  # what cannot be read was rejected, and will be again
            return value
        if not isinstance(signal, Triggered | Sampled | Reported):
            return value
        topic = f"{signal.source.topic}~{partitions}.{record.partition}"
        source = msgspec.structs.replace(signal.source, topic=topic)
        return encode(msgspec.structs.replace(signal, source=source))

    return rewrite


def around(old: int, new: int) -> Around:
    """For `signals`: of how many partitions of `readings` its log speaks, and of how many what comes after it."""
    return encode(Layout(old)), encode(Layout(new))


def spoken(timestamp: int) -> Any:
    """A record of the copier's own, without key and value."""
    return SimpleNamespace(timestamp=timestamp, key=None, headers=())


def unchanged(record: Any) -> bytes | None:
    """For every other topic."""
    value: bytes | None = record.value
    return value


def is_of_old_layout(value: bytes) -> bool:
    """Whether a record of `signals` was there before partitions were changed."""
    if b"~" not in value and b'"layout"' not in value:
        return False
    try:
        signal = decode_signal(value)
    except ValueError:
        return False
    return isinstance(signal, Layout) or (
        isinstance(signal, Triggered | Sampled | Reported) and "~" in signal.source.topic
    )
