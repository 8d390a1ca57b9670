"""Whom neighbours doubt, from the health commands that stand: the check, its bound, and what it costs of the score."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

PREFIX = b"neighbour:"  # subject of these commands: neighbour:STATION|PROPERTY
GOOD, SUSPECT = 1, 3  # quality flags


class Doubt(NamedTuple):
    """Of one datastream. `share`: of its health score that is left."""

    check: str
    bound: str
    share: float


class _Row(msgspec.Struct):
    station: str
    property: str
    check: str = ""
    bound: str = ""
    score: float | None = None  # drift ÷ its limit


class _Health(msgspec.Struct):
    status: str
    evidence: list[_Row] = []


_decode = msgspec.json.Decoder(_Health).decode
Key = tuple[str, str, str]  # station, property, status


def doubts_of(health: Mapping[bytes, bytes]) -> dict[Key, Doubt]:
    """From health commands by their subject."""
    found = {}
    for subject, command in health.items():
        if subject.startswith(PREFIX):
            told = _decode(command)
            for row in told.evidence:
                found[row.station, row.property, told.status] = Doubt(row.check, row.bound, share(row))
    return found


def share(row: _Row) -> float:
    """Of a drift: 1 up to its limit, falling to 0 at twice the limit."""
    drift = abs(row.score or 0.0) if row.check == "drift" else 0.0
    return min(max(2.0 - drift, 0.0), 1.0)
