"""A record, or one row of it, that cannot be used. Nothing is dropped silently: the bytes go to `rejects`."""

from base64 import b64encode
from hashlib import sha256
from typing import Literal

import msgspec

Reason = Literal[
    "not_json", "empty", "wrong_type", "not_finite", "no_time_zone", "too_old", "too_far_ahead",
    "unknown_station", "unknown_property", "wrong_unit", "conflict", "wrong_key", "wrong_partition",
    "too_large", "refused_class", "poison",
]  # fmt: skip
RAW_LIMIT = 64 * 1024  # of a record too large to wrap whole, this much is kept


class Reject(msgspec.Struct, kw_only=True):
    """WIRE `rejects`. topic, partition and offset are null when refused at a door."""

    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    row: int | None = None
    stage: str
    reason: Reason
    detail: str
    field: str | None = None
    found: str | None = None
    expected: str | None = None
    time: str | None = None
    raw_base64: str = ""
    raw_length: int = 0
    raw_sha256: str = ""

    def with_raw(self, raw: bytes, limit: int = 700_000) -> "Reject":
        """Attach the bytes as they came (whole up to `limit`, else the first 64 kB), their length and digest."""
        kept = raw if len(raw) <= limit else raw[:RAW_LIMIT]
        self.raw_base64 = b64encode(kept).decode()
        self.raw_length = len(raw)
        self.raw_sha256 = sha256(raw).hexdigest()
        return self
