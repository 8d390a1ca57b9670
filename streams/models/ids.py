"""Ids are computed from causes, never from a clock, counter, offset or random number (docs/architecture.md)."""

import re
from hashlib import blake2b

from streams.models.times import compact_utc

ID_FORM = "an id of 1 to 128 visible characters without blanks and without : | / (ids become parts of keys and names)"
_ID = re.compile(r"[^\s:|/]{1,128}")


def is_id(text: str) -> bool:
    """Whether a text may be the id of a station, zone, subject, hazard, property or condition."""
    return _ID.fullmatch(text) is not None and text.isprintable()


def cause_id(*cause: str | float | None) -> str:
    """32 hex digits that depend on the parts of the cause and on nothing else."""
    return blake2b("\x1f".join(map(repr, cause)).encode(), digest_size=16).hexdigest()


def alert_id(hazard: str, subject: str, opened: int, status: str) -> str:
    """`hazard:subject:YYYYMMDDTHHMMSSZ`, with `:exercise` or `:test` appended unless Actual."""
    suffix = "" if status == "Actual" else f":{status.lower()}"
    return f"{hazard}:{subject}:{compact_utc(opened)}{suffix}"
