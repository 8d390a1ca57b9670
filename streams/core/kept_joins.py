"""State of joins as bytes: what waits at each station, and the chains that its rows go through.

It belongs to several slots, so it lies in no chunk but in what is saved as of the newest record.
"""

import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.chains import Chain
from streams.core.chunk import Column, packed, unpacked
from streams.core.joined import Joined, Joins
from streams.core.series import with_room
from streams.core.slots import Slots
from streams.core.waiting import NOTHING, Exact
from streams.models.observation import Status

Ints = NDArray[np.int64]
Find = Callable[[str, str, Status], int | None]
_COLUMNS = ("time", "value", "doubtful")


class SavedChain(msgspec.Struct, array_like=True):
    """One chain: parts by station; windows; latches of those stations at which something is on."""

    members: Column
    parts: list[dict[str, Column]]
    windows: dict[str, Column]
    active: Column
    latches: dict[str, Column]


class SavedJoin(msgspec.Struct, array_like=True):
    """One join. stations: its slots by name; counts: rows that wait at each."""

    stations: list[tuple[str, str, Status]]
    counts: Column
    levels: Column
    waiting: dict[str, Column]
    chains: list[SavedChain]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, SavedJoin]).decode


def save(joins: Joins, slots: Slots) -> bytes:
    """The state of all joins; empty where there are none."""
    if not joins.all:
        return b""
    return zlib.compress(_encode({one.plan.name: _saved(one, slots) for one in joins.all}), 1)


def load(joins: Joins, saved: bytes, find: Find) -> None:
    """Take it in again. `find`: the slot of a name, None: there is none any more. Raises ValueError."""
    if not saved or not joins.all:
        return
    try:
        found = _decode(zlib.decompress(saved))
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"state of joins: {error}") from error
    slots = {name: [find(*station) for station in one.stations] for name, one in found.items()}
    for join in joins.all:
        if join.plan.name in found:
            _take(join, found[join.plan.name], slots[join.plan.name])
            join.loaded = True


def _saved(join: Joined, slots: Slots) -> SavedJoin:
    own = sorted(join.waiting)
    states = [join.waiting[slot] for slot in own]
    count = len(join.plan.source.sources)
    shape = {"time": (0,), "value": (0, count) if join.plan.source.join == "exact" else (0,), "doubtful": (0,)}
    kinds: dict[str, Any] = {"time": np.int64, "value": np.float64, "doubtful": np.bool_}
    waiting: dict[str, NDArray[Any]] = {
        name: np.concatenate(
            [np.empty(shape[name], kinds[name]), *(getattr(s, name) for s in states if len(s.time))], dtype=kinds[name]
        )
        for name in _COLUMNS
    }
    levels = [(one.level, one.newest, one.due) if isinstance(one, Exact) else (0, 0, 0) for one in states]
    return SavedJoin(
        stations=[slots.key(slot) for slot in own],
        counts=packed(np.array([len(one.time) for one in states], np.int64)),
        levels=packed(np.array(levels, np.int64).reshape(len(own), 3)),
        waiting={name: packed(column) for name, column in waiting.items()},
        chains=[_chain(chain, np.array(own, np.int64)) for chain in join.chains],
    )


def _chain(chain: Chain, slots: Ints) -> SavedChain:
    members = np.flatnonzero(chain.place[slots] >= 0)
    local = chain.place[slots[members]].astype(np.int64)
    room = int(local.max(initial=-1)) + 1
    tables = {n: getattr(chain.doubt, n) for n in chain.doubt.TABLES if len(getattr(chain.doubt, n))}
    rows = chain.active.row[local]
    active = np.flatnonzero(rows >= 0)
    at, latches = rows[active], chain.active.latches
    kept = {name: packed(getattr(latches, name)[at]) for name, *_ in latches.STATE}
    times = chain.latching.times
    kept |= {"last": packed(chain.active.last[at]), "season": packed(chain.active.kind[at] % times)}
    windows = {name: packed(with_room(table, room)[local]) for name, table in tables.items()}
    if chain.words is not None:
        windows["unsaid"] = packed(chain.words.saved(local))
    return SavedChain(
        members=packed(members),
        parts=[{name: packed(column[local]) for name, column in part.state.items()} for part in chain.parts],
        windows=windows,
        active=packed(active),
        latches=kept,
    )


def _take(join: Joined, saved: SavedJoin, slots: list[int | None]) -> None:
    ends = np.cumsum(unpacked(saved.counts))
    levels = unpacked(saved.levels).tolist()
    columns: dict[str, Any] = {name: unpacked(column).copy() for name, column in saved.waiting.items()}
    for slot, (level, newest, *due), count, end in zip(slots, levels, unpacked(saved.counts), ends, strict=True):
        if slot is not None:
            state = join.state_of(slot)
            state.time, state.value, state.doubtful = (columns[name][end - count : end] for name in _COLUMNS)
            if isinstance(state, Exact):
                state.level, state.newest = level, newest
                state.due = due[0] if due else NOTHING  # what an earlier release saved waits for a newer reading
    join.look()
    for chain, one in zip(join.chains, saved.chains, strict=True):
        _take_chain(chain, one, slots)


def _take_chain(chain: Chain, saved: SavedChain, slots: list[int | None]) -> None:
    members = np.array([-1 if slots[at] is None else slots[at] for at in unpacked(saved.members).tolist()], np.int64)
    same = np.flatnonzero((members >= 0) & (chain.place[members] >= 0))
    local = chain.place[members[same]].astype(np.int64)
    for part, columns in zip(chain.parts, saved.parts, strict=True):
        for name, column in columns.items():
            part.state[name][local] = unpacked(column)[same]
    words = saved.windows.pop("unsaid", None)
    if words is not None and chain.words is not None:
        chain.words.take(local, unpacked(words)[same])
    for name, column in saved.windows.items():
        setattr(chain.doubt, name, with_room(getattr(chain.doubt, name), len(chain.active.row)))
        getattr(chain.doubt, name)[local] = unpacked(column)[same]
    active, times = unpacked(saved.active), chain.latching.times
    kept = np.flatnonzero(np.isin(active, same))
    at = chain.place[members[active[kept]]].astype(np.int64)
    season = np.minimum(unpacked(saved.latches["season"])[kept], times - 1)
    rows, latches = chain.active.take(at, chain.kind[at].astype(np.int64) * times + season), chain.active.latches
    chain.active.last[rows] = unpacked(saved.latches["last"])[kept]
    for name, *_ in latches.STATE:
        getattr(latches, name)[rows] = unpacked(saved.latches[name])[kept]
    latches.next_due = min(latches.next_due, int(latches.due[rows].min(initial=latches.next_due)))
