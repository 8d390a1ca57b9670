"""Plays a scenario into Kafka in real time: readings, reports, rubbish and what people do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from zoneinfo import ZoneInfo

import structlog

from streams.gateway.door import Sends
from streams.gateway.people import People
from streams.gateway.producer import AwayError, Out
from streams.gateway.scenario import Call, Deed
from streams.gateway.script import Event, Garbage, Measured, readings_body, report_body
from streams.models.ids import cause_id
from streams.models.observation import Status
from streams.models.site import Site
from streams.models.times import SECOND, format_time

log = structlog.get_logger(__name__)
TOGETHER_S = 0.02  # what is due within this time goes in one step


@dataclass
class Played:
    """What went out so far."""

    laps: int = 0
    readings: int = 0
    reports: int = 0
    rubbish: int = 0
    acts: int = 0


class Player:
    """One scenario on one site. Phenomenon times are now: `speed` makes the story faster, not the clock."""

    def __init__(
        self,
        events: Sequence[Event],
        length: int,
        site: Site,
        producer: Sends,
        people: People | None,
        *,
        status: Status = "Exercise",
        speed: float = 1.0,
        pseudonym: Callable[[str], str] = str,
    ) -> None:
        self._events, self._length, self._site = events, length, site
        self._producer, self._people = producer, people
        self._status, self._speed, self._pseudonym = status, speed, pseudonym
        self._zone = ZoneInfo(site.timezone)
        self.played = Played()

    async def play(self, *, loop: bool = False) -> None:
        """Once, or again and again until cancelled."""
        began = time.time()
        for lap in count():
            await self._lap(began + lap * self._length / SECOND / self._speed)
            self.played.laps += 1
            if not loop:
                return

    async def _lap(self, began: float) -> None:
        async for step in self._steps(began):
            out = [record for event in step for record in await self._records(event, began)]
            try:
                await self._producer.send_all(out)
            except AwayError as problem:
                log.warning("what was due now is lost", records=len(out), reason=str(problem))
        await _until(began + self._length / SECOND / self._speed)

    async def _steps(self, began: float) -> AsyncIterator[list[Event]]:
        """Events that are due, when they are due."""
        at = 0
        while at < len(self._events):
            await _until(self._due(began, self._events[at]))
            now, step = time.time() + TOGETHER_S, at
            while step < len(self._events) and self._due(began, self._events[step]) <= now:
                step += 1
            yield list(self._events[at:step])
            at = step

    def _due(self, began: float, event: Event) -> float:
        return began + event.at / SECOND / self._speed

    async def _records(self, event: Event, began: float) -> list[Out]:
        moment = round(self._due(began, event) * SECOND)
        now, what = format_time(moment, self._zone), event.what
        if isinstance(what, Measured):
            self.played.readings += len(what.rows)
            return [Out("readings", what.station.encode(), readings_body(what, now, self._status))]
        if isinstance(what, Garbage):
            self.played.rubbish += 1
            return [Out("readings", what.key.encode(), what.filled(now))]
        if isinstance(what, Call):
            self.played.reports += 1
            return [self._report(what, moment, now)]
        return await self._do(what)

    def _report(self, call: Call, moment: int, now: str) -> Out:
        identity = f"play-{cause_id(call.kind, call.reporter, moment)[:16]}"
        reporter = self._pseudonym(call.reporter)
        body = report_body(call, identity, reporter, self._site, now, self._status)
        return Out("reports", (call.zone or identity).encode(), body)

    async def _do(self, deed: Deed) -> list[Out]:
        if self._people is None:
            return []
        try:
            acts = await self._people.do(deed)
        except Exception as problem:  # noqa: BLE001 - whatever the database says: the river does not wait for it
            log.warning("the desk cannot see its alerts", does=deed.does, reason=str(problem))
            return []
        self.played.acts += len(acts)
        return acts


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.time()))
