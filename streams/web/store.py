"""Everything the API reads from Redis (written by the redis sink), and nothing else. Values stay the bytes they are."""

import os
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from streams.models import settings

StreamId = tuple[int, int]
NO_EPOCH = "none"  # the sink has not written anything yet
_TIMEOUT_S = 3.0


class Entry(NamedTuple):
    """One command in the feed stream."""

    id: str
    command: bytes


class Position(NamedTuple):
    """What the feed stream holds right now. `complete`: nothing was ever trimmed from it."""

    epoch: str
    first: str
    last: str
    complete: bool

    def holds(self, last: str) -> bool:
        """Whether everything after this stream id can still be read (false: the reader must start anew)."""
        wanted, end = stream_id(last), stream_id(self.last)
        if wanted is None or end is None or wanted > end:
            return False
        return self.complete or wanted >= cast("StreamId", stream_id(self.first))


def stream_id(text: str) -> StreamId | None:
    """`1784527380000-0` as a pair that can be compared; None when it is no stream id."""
    head, _, tail = text.partition("-")
    if not (head.isascii() and head.isdigit() and tail.isascii() and tail.isdigit()):
        return None
    return int(head), int(tail)


def connect(redis: settings.Redis, timeout_s: float = _TIMEOUT_S) -> "Redis":
    """A client that fails fast: the page says that Redis is away instead of hanging."""
    return Redis.from_url(
        redis.url,
        password=os.environ.get(redis.password_env) or None,
        socket_timeout=timeout_s,
        socket_connect_timeout=min(timeout_s, _TIMEOUT_S),
        retry=Retry(NoBackoff(), 1),
    )


class Store:
    """Reads of one Redis. Raises redis.exceptions.RedisError when it is away."""

    def __init__(self, redis: settings.Redis, block_ms: int = 1_000) -> None:
        self.prefix = redis.prefix
        self.block_ms = block_ms
        self._client = connect(redis)
        # XREAD blocks: its socket must wait longer than the block, and must not stand in anybody's way
        self._reader = connect(redis, block_ms / 1000 + _TIMEOUT_S)

    def _key(self, name: str) -> str:
        return self.prefix + name

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
        await self._reader.aclose()

    async def ping(self) -> None:
        """Raise unless Redis answers."""
        await cast("Any", self._client.ping())

    async def alerts(self) -> list[bytes]:
        """The latest command of each open alert."""
        return cast("list[bytes]", await cast("Any", self._client.hvals(self._key("alerts"))))

    async def alert(self, alert: str) -> tuple[bytes | None, bool]:
        """The latest command of an alert, and whether the alert is open."""
        pipe = self._client.pipeline(transaction=False)
        pipe.hget(self._key("alerts"), alert)
        pipe.hget(self._key("ended:cmd"), alert)
        current, ended = await pipe.execute()
        return (current, True) if current is not None else (ended, False)

    async def ended(self, limit: int, start: int = 0) -> list[bytes]:
        """Last commands of ended alerts, the last one first."""
        ids = await cast("Any", self._client.zrevrange(self._key("ended"), start, start + limit - 1))
        if not ids:
            return []
        commands = await cast("Any", self._client.hmget(self._key("ended:cmd"), ids))
        return [c for c in commands if c is not None]

    async def health(self) -> list[bytes]:
        """The health commands that stand: system and stations."""
        return cast("list[bytes]", await cast("Any", self._client.hvals(self._key("health"))))

    async def latest(self) -> tuple[dict[bytes, bytes], list[bytes], dict[bytes, bytes]]:
        """The last value of every datastream, the open alerts, and the health commands by subject."""
        pipe = self._client.pipeline(transaction=False)
        pipe.hgetall(self._key("latest"))
        pipe.hvals(self._key("alerts"))
        pipe.hgetall(self._key("health"))
        latest, alerts, health = await pipe.execute()
        return latest, alerts, health

    async def recent(self, count: int) -> list[Entry]:
        """The newest commands of the feed, newest first."""
        return _entries(await self._client.xrevrange(self._key("feed"), count=count))

    async def after(self, last: str, count: int = 500) -> list[Entry]:
        """The commands after a stream id, oldest first; does not wait."""
        return _entries(await self._client.xrange(self._key("feed"), min=f"({last}", count=count))

    async def wait_after(self, last: str, count: int = 500) -> list[Entry]:
        """The commands after a stream id; waits up to the block time for the first one."""
        key = self._key("feed")
        found: Any = await self._reader.xread({key: last}, count=count, block=self.block_ms)
        return [entry for _, entries in found or [] for entry in _entries(entries)]

    async def position(self) -> Position:
        """Epoch and ends of the feed stream."""
        pipe = self._client.pipeline(transaction=False)
        pipe.get(self._key("epoch"))
        pipe.xinfo_stream(self._key("feed"))
        epoch, info = await pipe.execute(raise_on_error=False)
        for answer in (epoch, info):
            if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
                raise answer
        name = epoch.decode() if isinstance(epoch, bytes) else NO_EPOCH
        if isinstance(info, Exception):  # no such key: nothing was ever published
            return Position(name, "0-0", "0-0", complete=True)
        return _position(name, info)


def _position(epoch: str, info: dict[str, Any]) -> Position:
    last = info["last-generated-id"].decode()
    first = info["first-entry"][0].decode() if info.get("first-entry") else last
    complete = info.get("entries-added", info["length"] + 1) == info["length"]
    return Position(epoch, first, last, complete)


def _entries(found: Any) -> list[Entry]:
    return [Entry(entry.decode(), fields[b"c"]) for entry, fields in found if b"c" in fields]
