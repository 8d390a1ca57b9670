"""One Redis reader per process, many event streams: each client has a bounded queue and never waits for another."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
import structlog
from redis.exceptions import RedisError

from streams.web.metrics import Metrics
from streams.web.store import Position, Store

log = structlog.get_logger(__name__)
QUEUE = 512
_BACKOFF_S = 0.5


class Event(NamedTuple):
    """One server-sent event. Only commands, `hello` and `reset` have an id: they move the client's position."""

    kind: str
    data: str
    id: str | None = None


def reset(position: Position, cause: str) -> Event:
    """Tell a client that it missed something: it reloads and goes on from here."""
    return _at(position, "reset", {"cause": cause})


def hello(position: Position) -> Event:
    """Tell a new client where it stands: what it loads from now on is at least this new."""
    return _at(position, "hello", {})


def _at(position: Position, kind: str, data: dict[str, str]) -> Event:
    return Event(kind, msgspec.json.encode(data).decode(), f"{position.epoch}.{position.last}")


class Subscription:
    """The queue of one client. A full queue is thrown away whole and becomes one reset."""

    def __init__(self, on_full: Callable[[], Event], limit: int = QUEUE) -> None:
        self._on_full = on_full
        self._limit = limit
        self._queue: deque[Event] = deque()
        self._ready = asyncio.Event()

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        if len(self._queue) >= self._limit or event.kind == "reset":
            full = event.kind != "reset"
            self._queue.clear()
            self._queue.append(self._on_full() if full else event)
        else:
            self._queue.append(event)
        self._ready.set()

    async def get(self) -> Event:
        """The next event; waits for one."""
        while not self._queue:
            self._ready.clear()
            await self._ready.wait()
        return self._queue.popleft()


class Hub:
    """Follows the feed stream and hands each command to every subscription."""

    def __init__(
        self, store: Store, metrics: Metrics, changes: Callable[[], Awaitable[str | None]], every_s: float = 2.0
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._changes = changes  # what changed at stations since it was asked last, as JSON
        self._every_s = every_s
        self._subscriptions: set[Subscription] = set()
        self._position: Position | None = None
        self.away: str | None = "not connected yet"

    @contextmanager
    def subscribe(self, limit: int = QUEUE) -> Iterator[Subscription]:
        """A queue that gets every event from now on."""
        subscription = Subscription(self._overflow, limit)
        self._subscriptions.add(subscription)
        self._metrics.clients.set(len(self._subscriptions))
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            self._metrics.clients.set(len(self._subscriptions))

    def publish(self, event: Event) -> None:
        """Hand an event to every client."""
        for subscription in self._subscriptions:
            subscription.put(event)

    async def run(self) -> None:
        """Follow the feed for ever; survives any absence of Redis."""
        while True:
            try:
                await self._follow()
            except (RedisError, OSError) as problem:
                self._lost(str(problem) or type(problem).__name__)
            except Exception:
                # the reader must not die silently while clients believe that they are live
                log.exception("feed_reader_failed")
                self._lost("internal error, see the log")
            await asyncio.sleep(_BACKOFF_S)

    async def watch_stations(self) -> None:
        """Every few seconds, if anybody looks, send what changed at stations."""
        while True:
            await asyncio.sleep(self._every_s)
            if not self._subscriptions or self.away:
                continue
            try:
                changed = await self._changes()
            except (RedisError, OSError):
                continue  # `run` says so
            if changed is not None:
                self.publish(Event("stations", changed))

    def _overflow(self) -> Event:
        self._metrics.resets.labels("slow").inc()
        return reset(self._position or Position("none", "0-0", "0-0", complete=True), "slow")

    async def _follow(self) -> None:
        self._found(await self._store.position())
        while True:
            last = self._last
            entries = await self._store.wait_after(last)
            position = await self._store.position()
            if not self._continues(position, last):
                continue
            for entry in entries:
                self._position = position._replace(last=entry.id)
                self._metrics.events.inc()
                self.publish(Event("command", entry.command.decode(), f"{position.epoch}.{entry.id}"))

    @property
    def _last(self) -> str:
        return self._position.last if self._position else "0-0"

    def _found(self, position: Position) -> None:
        """Redis answers (again)."""
        if self._position is None:
            self._position = position
        self._continues(position, self._position.last)
        if self.away:
            log.info("redis_connected", epoch=position.epoch, last=position.last)
            self.publish(Event("state", '{"redis":true}'))
        self.away = None
        self._metrics.redis_up.set(1)

    def _continues(self, position: Position, last: str) -> bool:
        """Whether nothing was missed since `last`; otherwise every client is reset."""
        if self._position and position.epoch == self._position.epoch and position.holds(last):
            return True
        log.warning("feed_reset", epoch=position.epoch, last=position.last)
        self._position = position
        self._metrics.resets.labels("rebuilt").inc(len(self._subscriptions))
        self.publish(reset(position, "rebuilt"))
        return False

    def _lost(self, reason: str) -> None:
        if self.away is None:
            log.warning("redis_away", reason=reason)
        self.away = reason
        self._metrics.redis_up.set(0)
        self.publish(Event("state", msgspec.json.encode({"redis": False, "reason": reason}).decode()))
