"""One run of the demo, from an empty folder to a summary."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import structlog
from prometheus_client.parser import text_string_to_metric_families

from streams import topics
from streams.config import Loaded
from streams.demo.children import Play, noted_port, server_children, working_children
from streams.demo.follow import Follower
from streams.demo.screen import Screen
from streams.demo.site import Servers
from streams.demo.tally import Command, Tally
from streams.fatal import EXIT_BAD_INPUT, EXIT_FATAL
from streams.supervise import Child, Supervisor

log = structlog.get_logger(__name__)
READY_WITHIN_S = 120.0
KAFKA_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25
COUNT_EVERY_S = 2.0


class FailedError(Exception):
    """The demo cannot go on."""

    def __init__(self, message: str, code: int = EXIT_FATAL) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Times:
    """Seconds since the start, as they come."""

    started: float = field(default_factory=time.monotonic)
    page: float | None = None
    ready: float | None = None
    first_on_feed: float | None = None
    first_on_page: float | None = None

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the summary tells."""

    accepted: int
    tally: Tally
    times: Times

    @property
    def good(self) -> bool:
        """Whether alerts reached the feed and the page."""
        return bool(self.tally.alerts) and self.times.first_on_page is not None

    def as_dict(self) -> dict[str, Any]:
        """The last line on stdout."""
        tally = self.tally
        found = {"rejects": dict(tally.rejects), "alerts": tally.alerts, "latency_ms": tally.latency}
        return {"accepted": self.accepted, **found}


class Demo:
    """`await run()`: everything up, for a while or until told to stop, and down again."""

    def __init__(
        self,
        loaded: Loaded,
        config: Path,
        folder: Path,
        servers: Servers,
        roles: Sequence[Child],
        play: Play,
        screen: Screen,
    ) -> None:
        """`loaded` is the configuration of this run, which lies in `config`."""
        self._loaded, self._folder, self._screen = loaded, folder, screen
        self._servers = Supervisor(server_children(servers.all, folder))
        self._embedded = bool(servers.all)
        self._work = Supervisor(working_children(roles, loaded.app, config, folder, play))
        self._follower = Follower(loaded.app.kafka, self._heard)
        self.times = Times()
        self._own: set[str] = set()  # alerts heard in this run
        self._accepted = 0

    async def run(self, seconds: float | None) -> Outcome | None:
        """The outcome; None when it was stopped before it was ready. Raises FailedError."""
        servers = asyncio.create_task(self._servers.run()) if self._embedded else None
        try:
            if servers is not None and not await self._comes(self._servers.all_ready.wait(), servers):
                return None
            if not await self._comes(self._apply_topics(), servers):
                return None
            return await self._working(seconds)
        finally:
            if servers is not None:
                self._servers.stop()
                await servers

    async def _working(self, seconds: float | None) -> Outcome | None:
        await self._follower.start()
        ports = self._loaded.app.ports
        work = asyncio.create_task(self._work.run(ports.host, ports.worker))
        beside = asyncio.create_task(self._watch_page())
        try:
            if not await self._comes(self._work.all_ready.wait(), work):
                return None
            self.times.ready = self.times.now
            self._screen.ready(self.times.ready)
            await self._shown(work, seconds)
            await self._count()
            return Outcome(self._accepted, self._follower.tally, self.times)
        finally:
            beside.cancel()
            self._screen.stopping()
            self._work.stop()
            code = await work
            await self._follower.stop()
            if code:
                raise FailedError("a process refused to run", code)

    async def _comes(self, wanted: Awaitable[Any], task: "asyncio.Task[int] | None") -> bool:
        """Whether it came before the supervisor was told to stop. Raises FailedError."""
        coming = asyncio.ensure_future(wanted)
        waiting = {coming} if task is None else {coming, task}
        done, _ = await asyncio.wait(waiting, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if coming in done:
            await coming
            return True
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming
        if not done:
            raise FailedError(f"not ready within {READY_WITHIN_S:g} s: {self._missing()}")
        return False

    def _missing(self) -> str:
        children = self._servers.health()[1]["children"] | self._work.health()[1]["children"]
        return "; ".join(
            f"{name}: {', '.join(one.get('reasons', []))}" for name, one in children.items() if not one["ready"]
        )

    async def _apply_topics(self) -> None:
        app, wanted = self._loaded.app, self._loaded.topics
        deadline = time.monotonic() + KAFKA_WITHIN_S
        while True:
            try:
                await asyncio.to_thread(topics.apply, app, wanted)
                differences = await asyncio.to_thread(topics.compare, app, wanted)
            except topics.KafkaAwayError as problem:
                if time.monotonic() > deadline:
                    raise FailedError(str(problem), EXIT_BAD_INPUT) from None
                self._screen.note(f"waiting for Kafka at {app.kafka.bootstrap}")
                await asyncio.sleep(1)
            else:
                break
        if differences:
            raise FailedError("\n".join(map(str, differences)), EXIT_BAD_INPUT)

    # ---- while it runs

    async def _shown(self, work: "asyncio.Task[int]", seconds: float | None) -> None:
        """Until the time is over, or somebody says stop."""
        end = None if seconds is None else time.monotonic() + seconds
        counted = 0.0
        while not work.done() and (end is None or time.monotonic() < end):
            left = LOOK_EVERY_S if end is None else max(0.0, min(LOOK_EVERY_S, end - time.monotonic()))
            await asyncio.wait({work}, timeout=left)
            if time.monotonic() - counted > COUNT_EVERY_S:
                counted = time.monotonic()
                await self._count()
                self._check_servers()
            self._screen.show(self._accepted, self._follower.tally)

    def _check_servers(self) -> None:
        children = self._servers.health()[1]["children"] if self._embedded else {}
        if dead := [name for name, one in children.items() if one["starts"] > 1]:
            raise FailedError(
                f"the embedded {dead[0]} died, and what it held is lost: see {self._folder / dead[0]}.log"
            )

    async def _count(self) -> None:
        """Readings that the worker took into account."""
        page = (await self._work.scrape()).decode()
        samples = [one for family in text_string_to_metric_families(page) for one in family.samples]
        found = sum(one.value for one in samples if one.name == "tocsin_readings_total")
        self._accepted = max(self._accepted, int(found))

    def _heard(self, command: Command) -> None:
        if self.times.first_on_feed is None:
            self.times.first_on_feed = self.times.now
        self._own.add(str(command.alert))  # a given cluster may still show those of an earlier run
        self._screen.alert(command)

    async def _watch_page(self) -> None:
        """Say where the page is, and note when it shows its first alert."""
        while (port := noted_port(self._folder, "web")) is None:  # noqa: ASYNC110 - another process writes the note
            await asyncio.sleep(0.05)
        self.times.page = self.times.now
        address = f"http://{self._loaded.app.ports.host}:{port}/"
        self._screen.page(address)
        async with httpx.AsyncClient(base_url=address, timeout=2, trust_env=False) as client:
            while self._own.isdisjoint(await _alerts_shown(client)):  # noqa: ASYNC110 - asked, as a person would look
                await asyncio.sleep(LOOK_EVERY_S)
        self.times.first_on_page = self.times.now
        while self.times.ready is None:  # noqa: ASYNC110 - it has come before everything was ready
            await asyncio.sleep(LOOK_EVERY_S)
        self._screen.first_alert(max(0.0, self.times.first_on_page - self.times.ready))


async def _alerts_shown(client: httpx.AsyncClient) -> set[str]:
    """Ids of the alerts that the page shows."""
    with suppress(httpx.HTTPError, ValueError, KeyError):
        return {one["alert"] for one in (await client.get("v1/alerts")).json()["alerts"]}
    return set()
