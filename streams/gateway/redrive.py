"""Rejects read back, filtered, and sent again: each record once, with its own bytes and key."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from streams.gateway.admission import READINGS, REJECTS_RESTRICTED, REPORTS
from streams.gateway.producer import Out
from streams.models.reject import Reject

_decode = msgspec.json.Decoder(Reject).decode


class Found(NamedTuple):
    """A reject and where it lies."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds: when it was refused
    key: bytes | None
    reject: Reject

    @property
    def id(self) -> str:
        """`TOPIC/PARTITION/OFFSET`, as the commands name it."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rejects are meant; what is empty does not narrow."""

    ids: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()  # where the refused record came from; `door` = refused at a door
    since: int = 0  # milliseconds

    def fits(self, found: Found) -> bool:
        """Whether this one is meant."""
        return (
            (not self.ids or found.id in self.ids)
            and (not self.reasons or found.reject.reason in self.reasons)
            and (not self.topics or (found.reject.topic or "door") in self.topics)
            and found.timestamp >= self.since
        )


def read_reject(record: Any) -> Found | None:
    """A record of `rejects`; None if it is no reject of ours."""
    try:
        reject = _decode(record.value or b"")
    except (msgspec.MsgspecError, ValueError):
        return None
    return Found(record.topic, record.partition, record.offset, record.timestamp, record.key, reject)


def raw_of(reject: Reject) -> bytes | None:
    """The refused bytes; None when they were too many to keep whole, or not kept with this row."""
    raw = base64.b64decode(reject.raw_base64)
    return raw if len(raw) == reject.raw_length else None


def back_to(found: Found) -> str:
    """The topic that the record goes to again."""
    if found.reject.topic is not None:
        return found.reject.topic
    return REPORTS if found.topic == REJECTS_RESTRICTED else READINGS


class Again(NamedTuple):
    """What can be sent again: as it came, or through a door (it was refused at one, or had no key)."""

    record: Out
    through_door: bool


def again(rejects: Iterable[Found]) -> Iterator[Again]:
    """Each refused record once, however many of its rows were refused; those without all their bytes are left out."""
    seen: set[tuple[Any, ...]] = set()
    for found in rejects:
        reject = found.reject
        at_door = reject.topic is None
        place = ("door", found.topic, reject.raw_sha256) if at_door else (reject.topic, reject.partition, reject.offset)
        raw = raw_of(reject)
        if place in seen or not raw:
            continue
        seen.add(place)
        yield Again(Out(back_to(found), found.key, raw), at_door or found.key is None)
