"""Sink `redis`: current state for the page and the API. One Lua call writes a batch together with its position.

Summary     open and ended alerts, health, latest values, station positions and the feed stream (docs/redis.md)
Guarantees  every record has its effect once: the position lies in the same database and moves in the same call.
            A database that was emptied fills itself again from the log; one that lost its last second is noticed.
Classes     commands and datastreams classified `restricted` stay out: who may look at Redis may look at `sensitive`,
            no further.
Settings    `redis:` in app.yaml; the password comes from the environment variable that `password_env` names.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streams.models import settings
from streams.models.deployment import Loaded
from streams.sinks.base import Count, HoleError, Positions, Producer, Record, Sink, SinkAway, uncounted
from streams.sinks.redis_entries import Entry, command_entries, hidden_of, latest_entries, places_of

log = structlog.get_logger(__name__)
KEYS = ("position", "epoch", "alerts", "ended", "ended:cmd", "feed", "latest", "geo", "health")
SCRIPT = Path(__file__).with_name("redis.lua").read_text(encoding="utf-8")
KEPT_MS = 48 * 3_600_000  # ended alerts
BATCH = 2_000  # records a call: the server serves nobody else meanwhile
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.NoPermissionError,
    exceptions.ClusterDownError,
    OSError,
)
#: answers of a server that is there but cannot take writes now
_AWAY_CODES = (
    *("BUSY", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "CLUSTERDOWN"),
    *("unknown command", "ACL failure"),  # people mend these, and no record is to blame
)


class Piece(NamedTuple):
    """What one call writes."""

    place: tuple[str, int]
    first: int
    end: int
    cut: int  # ms: what ended before goes
    entries: list[Entry]


class RedisSink(Sink):
    """Writes `commands` and `latest` into Redis or Valkey (7.0 or newer)."""

    name: ClassVar[str] = "redis"
    topics: ClassVar[tuple[str, ...]] = ("commands", "latest")

    def __init__(self, loaded: Loaded, producer: Producer | None = None, count: Count = uncounted) -> None:
        del producer  # sends nothing
        self._client = connect(loaded.app.redis)
        self._script = self._client.register_script(SCRIPT)
        self._keys = [loaded.app.redis.prefix + key for key in KEYS]
        self._feed_length = loaded.app.redis.feed_length
        self._zone = ZoneInfo(loaded.app.timezone)
        self._places = places_of(loaded.site)
        self._hidden = hidden_of(loaded.site)
        self._count = count
        self._epoch = ""
        self._next: Positions = {}
        self._placed: set[str] = set()  # stations whose position this database has from us

    async def open(self) -> Positions:
        """The positions in the database; none, and a new epoch, when it is empty."""
        position, epoch = self._keys[0], self._keys[1]
        with _away():
            new = await self._client.set(epoch, uuid4().hex[:12], nx=True)
            pipeline = self._client.pipeline()
            pipeline.get(epoch)
            pipeline.hgetall(position)
            known, stored = await pipeline.execute()
        if new:
            log.warning("redis is empty: it is filled from the beginning of the log")
        self._epoch = known.decode()
        self._next = {_topic_partition(field): int(offset) for field, offset in stored.items()}
        self._placed = set()
        return dict(self._next)

    def prepare(self, topic: str, partition: int, records: Sequence[Record]) -> list[Piece]:
        """What each call writes."""
        pieces = (records[begin : begin + BATCH] for begin in range(0, len(records), BATCH))
        return [self._piece(topic, partition, piece) for piece in pieces]

    async def put(self, prepared: list[Piece]) -> None:
        """Write them; records that the database has already are passed over."""
        for piece in prepared:
            await self._write(piece)

    async def forget(self) -> Positions:
        """Empty our part of the database."""
        with _away():
            await self._client.delete(*self._keys)
        return await self.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _piece(self, topic: str, partition: int, records: Sequence[Record]) -> Piece:
        newest = max(record.timestamp for record in records)
        entries = self._entries(topic, partition, records)
        return Piece((topic, partition), records[0].offset, records[-1].offset + 1, newest - KEPT_MS, entries)

    async def _write(self, piece: Piece) -> None:
        topic, partition = piece.place
        previous = self._next.get(piece.place, 0)
        arguments: list[Any] = [self._epoch, f"{topic}/{partition}", previous, piece.first, piece.end]
        arguments += [piece.cut, self._feed_length]
        for entry in piece.entries:
            arguments += entry
        with _away():
            word, stored, *effects = await self._script(self._keys, arguments)
        if word != b"ok":
            place = f"{stored} of {topic}/{partition}, where we wrote up to {previous}"
            raise HoleError(f"redis was emptied or lost its last writes: it stands at {place}")
        self._next[piece.place] = piece.end
        self._placed.update(entry.key for entry in piece.entries if entry.what == "place")
        self._count("written", effects[0])

    def _entries(self, topic: str, partition: int, records: Sequence[Record]) -> list[Entry]:
        if topic == "latest":
            places = {station: place for station, place in self._places.items() if station not in self._placed}
            return latest_entries(topic, partition, records, places, self._hidden, self._count)
        return command_entries(topic, partition, records, self._zone, time_ns() // 1000, self._count)


def connect(redis: settings.Redis) -> Redis:
    """A client without a retry loop of its own: the caller of a sink has the only one."""
    return Redis.from_url(
        redis.url,
        password=os.environ.get(redis.password_env) or None,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=2,
        socket_timeout=5,
    )


def _topic_partition(field: bytes) -> tuple[str, int]:
    topic, _, partition = field.decode().rpartition("/")
    return topic, int(partition)


@contextmanager
def _away() -> Iterator[None]:
    """Tell a server that is not there, or cannot take writes now, from an error of ours."""
    try:
        yield
    except _AWAY as error:
        raise SinkAway(f"redis: {error}") from error
    except exceptions.ResponseError as error:
        if str(error).startswith(_AWAY_CODES):
            raise SinkAway(f"redis: {error}") from error
        raise
