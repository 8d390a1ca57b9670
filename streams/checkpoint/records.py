"""The bytes of a checkpoint log: pieces become records, records become pieces again, damage is found. Pure.

A record: magic (4), CRC-32 of all that follows (4), length of the header (2), header (msgpack), payload. A piece larger
than a record comes in parts, one record each.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from streams.models.saved import Header

MAGIC = b"TCP1"
RECORD_BYTES = 900_000  # of one record's payload: below the 1 MiB that brokers take by default
OPEN_PIECES = 64  # pieces of which parts are missing; older ones will not be completed any more
_FRONT = struct.Struct("<4sIH")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Header).decode
Damaged = Literal["foreign", "damaged"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One whole thing that was saved; `log_offset` is that of its first record."""

    header: Header
    payload: bytes
    log_offset: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others."""
        return self.header.token, self.header.seq


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that is not to be used, and why."""

    reason: Damaged
    detail: str
    log_offset: int


def encode(header: Header, payload: bytes | memoryview, most: int = RECORD_BYTES) -> list[bytes]:
    """The records of one piece, in order."""
    whole = memoryview(payload)
    parts = max(1, -(-len(whole) // most))
    return [
        _record(msgspec.structs.replace(header, part=n, parts=parts), whole[n * most : (n + 1) * most])
        for n in range(parts)
    ]


def _record(header: Header, payload: memoryview) -> bytes:
    packed = _pack(header)
    length = struct.pack("<H", len(packed))
    crc = zlib.crc32(payload, zlib.crc32(packed, zlib.crc32(length)))
    return b"".join((MAGIC, struct.pack("<I", crc), length, packed, payload))


def decode(value: bytes, log_offset: int) -> tuple[Header, bytes] | Damage:
    """One record's header and payload, or what is wrong with it."""
    if len(value) < _FRONT.size or value[:4] != MAGIC:
        return Damage("foreign", f"{len(value)} bytes that are no record of ours", log_offset)
    _, crc, length = _FRONT.unpack_from(value)
    if zlib.crc32(memoryview(value)[8:]) != crc:
        return Damage("damaged", "checksum does not fit", log_offset)
    try:
        header = _unpack(memoryview(value)[_FRONT.size : _FRONT.size + length])
    except msgspec.DecodeError as error:
        return Damage("foreign", f"header cannot be read: {error}", log_offset)
    return header, value[_FRONT.size + length :]


class Assembler:
    """Puts the parts of pieces together again, in the order of the log."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], list[bytes]] = {}
        self._began: dict[tuple[str, int], int] = {}

    def take(self, value: bytes, log_offset: int) -> Iterator[Piece | Damage]:
        """What became whole, or is seen to be damaged, with this record."""
        found = decode(value, log_offset)
        if isinstance(found, Damage):
            yield found
            return
        header, payload = found
        if header.parts == 1:
            yield Piece(header, payload, log_offset)
        else:
            yield from self._part(header, payload, log_offset)

    def _part(self, header: Header, payload: bytes, log_offset: int) -> Iterator[Piece]:
        key = (header.token, header.seq)
        if header.part == 0:
            self._open[key], self._began[key] = [], log_offset
        so_far = self._open.get(key)
        if so_far is None or header.part != len(so_far):  # a part is missing (or repeated): never whole
            return
        so_far.append(payload)
        if len(so_far) == header.parts:
            yield Piece(header, b"".join(self._open.pop(key)), self._began.pop(key))
        elif len(self._open) > OPEN_PIECES:
            oldest = next(iter(self._open))
            del self._open[oldest], self._began[oldest]
