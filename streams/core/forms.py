"""The forms in which observations come: what msgspec makes of them. Packs: `senml`."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from streams.models.observation import Classification, Observation, SampledFrame


class Record(Protocol):
    """What is needed of aiokafka's ConsumerRecord."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int  # milliseconds


class Single(Observation, gc=False):
    """One observation as it comes."""

    classification: Classification | None = None


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """What most gateways send: nothing but numbers, and whose they are. Anything else is a `Single`."""

    station: str
    property: str
    time: float
    value: float


class Sampled(SampledFrame, gc=False):
    """A sampled frame as it comes."""

    classification: Classification | None = None
