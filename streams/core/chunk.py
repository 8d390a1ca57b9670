"""How a Bank's state lies in bytes: a chunk of slots as columns, and the little that is in no slot."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.observation import Status

Array = NDArray[Any]


class Column(msgspec.Struct, array_like=True):
    """An array."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class ChainChunk(msgspec.Struct, array_like=True):
    """State of one chain. members: which slots of the chunk are in it; active: which members have a row of latches."""

    members: Column
    parts: list[dict[str, Column]]
    windows: dict[str, Column]
    active: Column
    latches: dict[str, Column]


class Chunk(msgspec.Struct, array_like=True):
    """State of some slots as of one offset; `received`: the partition's received time there."""

    received: int
    stations: list[str]
    properties: list[str]
    property: Column
    status: Column
    prints: Column
    slots: dict[str, Column]
    ids: dict[int, dict[str, int]]
    chains: dict[str, ChainChunk]
    absences: dict[str, Column]
    absent: list[tuple[int, str, str]]
    checked: Column | None = None  # which slots of the chunk have rows in `checks`
    checks: dict[str, Column] = {}
    doubted: Column | None = None  # which slots of the chunk have given suspect values
    doubts: Column | None = None  # when each counts as in doubt
    battery: dict[int, float] = {}  # percent, of the slots that have said it


class Rest(msgspec.Struct, array_like=True):
    """What is in no slot. watched: subject -> a slot of it by name, time and received time of its last edge.

    told: empty; what progress said is no state, because it may not have arrived.
    """

    received: int
    position: tuple[int, int]
    watched: list[tuple[str, str, str, Status, int, int]]
    told: dict[str, int] = {}
    joins: bytes = b""  # what of several datastreams waits or was made of them (core/kept_joins)


encode = msgspec.msgpack.Encoder().encode
decode_chunk = msgspec.msgpack.Decoder(Chunk).decode
decode_rest = msgspec.msgpack.Decoder(Rest).decode


def must_fit(chunk: Chunk) -> None:
    """Each table has a row for each of its slots: else rows would count for others. Raises ValueError."""
    of_slots = [chunk.property, chunk.status, chunk.prints, *chunk.slots.values(), *chunk.absences.values()]
    fit = [(len(chunk.stations), of_slots)]
    if chunk.checked is not None:
        fit.append((_rows(chunk.checked), [*chunk.checks.values()]))
    if chunk.doubted is not None:
        fit.append((_rows(chunk.doubted), [] if chunk.doubts is None else [chunk.doubts]))
    for chain in chunk.chains.values():
        of_members = [column for part in chain.parts for column in part.values()]
        fit.append((_rows(chain.members), [*of_members, *chain.windows.values()]))
        fit.append((_rows(chain.active), [*chain.latches.values()]))
    if any(_rows(column) != rows for rows, columns in fit for column in columns):
        raise ValueError("a table of the chunk has not as many rows as there are slots")


def _rows(column: Column) -> int:
    return column.shape[0] if column.shape else -1


def packed(array: Array) -> Column:
    """An array as bytes."""
    return Column(array.dtype.str, array.shape, array.tobytes())


def unpacked(column: Column) -> Array:
    """The array again; raises ValueError if the bytes do not fit."""
    return np.frombuffer(column.data, np.dtype(column.dtype)).reshape(column.shape)
