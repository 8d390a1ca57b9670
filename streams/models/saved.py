"""What lies in `checkpoints.observe` and `checkpoints.assess`: the header of a record, and what a payload says.

Offsets are half open everywhere: a state as of `upto` holds the records of the input partition before `upto`.
"""

from typing import Literal

import msgspec

#: chunk, index: of observe; delta, base: of assess; mark: where a reader stops; begin: what lies before it counts no
#: more; death: a process ended while it worked on records
Kind = Literal["chunk", "index", "delta", "base", "mark", "begin", "death"]


class Header(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Before the payload of every record. Fields may be added at the end only."""

    schema: str  # what the payload is: "observe" or "assess"
    version: int  # of that schema
    kind: Kind
    partition: int
    owner: str  # the process that wrote it
    token: str  # drawn at random by each run of a process: tells its records from a namesake's
    seq: int  # number of this piece in that run
    part: int = 0  # a piece larger than a record comes in parts
    parts: int = 1
    site: str = ""  # fingerprint of the configuration that the state belongs to
    since: int = 0  # delta: holds what changed from here on
    upto: int = 0  # the state is as of here


class Death(msgspec.Struct, array_like=True, frozen=True):
    """A process ended while it worked on records `first` to `last` of its input partition."""

    first: int
    last: int
    why: Literal["exception", "killed"]
    detail: str = ""
    id: str = ""  # of this death, so that one is not counted twice


class ChunkEntry(msgspec.Struct, array_like=True, frozen=True):
    """Where the newest chunk of some slots lies. An empty one (no token): they had no state before `upto`."""

    first: int
    count: int
    upto: int
    token: str = ""
    seq: int = -1
    log_offset: int = -1
    crc: int = 0


class Index(msgspec.Struct, array_like=True, frozen=True):
    """Which chunks make up a state, and what of it is in no chunk."""

    chunks: list[ChunkEntry]
    rest: bytes
    deaths: list[Death] = []


class Slice(msgspec.Struct, array_like=True, frozen=True):
    """All rows with after < key <= until (`until` none: to the end), as of one delta's end; `number` within a cycle."""

    cycle: int
    number: int
    after: str | None
    until: str | None
    rows: list[tuple[str, bytes]]
    deaths: list[Death] = []


class Delta(msgspec.Struct, array_like=True, frozen=True):
    """Rows that changed, whole; none = gone."""

    rows: list[tuple[str, bytes | None]]


class Begin(msgspec.Struct, array_like=True, frozen=True):
    """State begins anew: why (reasons of refusal), the deaths that are still to be known, what was found in words."""

    why: str
    deaths: list[Death] = []
    detail: str = ""
