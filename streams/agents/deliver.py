"""Roles `deliver.<sink>`: `commands` (and `latest`) -> one sink. The stream waits while the sink is away.

What a sink makes of records has no state: where that raises, each record is tried alone, at once, and the one that
fails is set aside. Where a process ends without a word in it, or bringing it outside fails, the deaths are counted.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from streams.agents.poison import about_poison, alarm_out, poison, reject_out, unreadable
from streams.agents.portions import one_by_one, portions
from streams.agents.role import Handler, Role, Tools
from streams.agents.send import Out
from streams.checkpoint import own_positions, resume
from streams.checkpoint.death_file import DeathFile
from streams.completion import Batch, Partition, StaleError, Start
from streams.models.reject import Reject
from streams.models.saved import Death
from streams.positions import LogPositions, NotYetError
from streams.sinks.base import HoleError, Sink, SinkAway

log_ = structlog.get_logger(__name__)
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0
REJECTS = "rejects.restricted"  # commands and values may be for the few, and so may what an error says of them
FOR_ALL = "our own code fails at this record ({}); it lies in rejects.restricted"


class Deliver(Role):
    """Offers batches to a sink until it has them."""

    def __init__(self, sink: Sink, tools: Tools) -> None:
        self.name = f"deliver.{sink.name}"
        self._sink, self._tools, self._metrics = sink, tools, tools.metrics
        self._zone = ZoneInfo(tools.loaded.app.timezone)
        self._deaths = DeathFile(tools.hand, sink.topics)
        self._turn = asyncio.Lock()
        self._away: str | None = None
        self._ends_known = not tools.loaded.app.kafka.embedded  # the embedded broker tells wrong ends

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads what the sink takes."""
        return dict.fromkeys(self._sink.topics, self.handle)

    async def open(self) -> None:
        """See what the last process of this name died of."""
        self._deaths.open()

    async def close(self) -> None:
        """Let the sink go."""
        await self._sink.close()

    # ---- where reading begins

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """Where the sink's data ends, when it knows; else at the committed offset."""
        try:
            positions = await self._sink.open()
            if positions is not None and self._ends_known and (beyond := await _beyond(tps, log, positions)):
                log_.warning("the log was made anew: what the sink has is of an older one", sink=self._sink.name)
                positions = await self._sink.forget()
                for tp in beyond:
                    self._deaths.forget(tp)
        except SinkAway as error:
            self._mark(str(error))
            raise NotYetError(str(error)) from error
        self._mark(None)
        if positions is not None:
            starts = await own_positions(tps, log, positions, lost=self._lost)
        else:
            starts = await resume(tps, log, ends_known=self._ends_known, lost=self._lost)
        self._deaths.passed(starts)
        return starts

    def _lost(self, tp: Partition, *_: object) -> None:
        self._metrics.refused.labels(self.name, "expired").inc()
        self._deaths.forget(tp)

    # ---- batches

    async def handle(self, batch: Batch) -> None:
        """Write one batch, however long the sink stays away."""
        async with self._turn if self._sink.one_at_a_time else nullcontext():
            alarms = unreadable(batch, self.name, self._metrics)
            await self._tools.sender.send_all(alarm_out(self._tools.sender, alarm) for alarm in alarms)
            verdicts = self._deaths.verdicts(batch.tp)
            for record in batch if verdicts.guilty else ():
                if (death := verdicts.guilty.get(record.offset)) is not None:
                    await self._set_aside([(record, death.detail or death.why)])
            for records in portions(batch, verdicts):
                await self._take(batch, records)

    async def _take(self, batch: Batch, records: Sequence[Any]) -> None:
        """Some records. Who fails is told before the sink's position passes it."""
        guilty: list[tuple[Any, str]] = []

        def prepared(some: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
            self._deaths.take(batch.tp, some)
            try:
                return self._sink.prepare(*batch.tp, some), some
            finally:
                self._deaths.done()

        for made, some in one_by_one(prepared, records, lambda r, e: guilty.append((r, repr(e)))):
            await self._set_aside(guilty)
            guilty.clear()
            await self._put(batch, made, some)
        await self._set_aside(guilty)

    async def _put(self, batch: Batch, made: Any, records: Sequence[Any]) -> None:
        pause = RETRY_FIRST_S
        while not batch.stale:
            try:
                await self._sink.put(made)
            except SinkAway as error:
                self._mark(str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_MOST_S)
            except (HoleError, StaleError):
                raise
            except Exception as error:
                span = (records[0].offset, records[-1].offset)
                self._deaths.add(batch.tp, Death(*span, "exception", repr(error)[:500], token_hex(6)))
                raise
            else:
                self._mark(None)
                return
        raise StaleError

    async def _set_aside(self, guilty: Sequence[tuple[Any, str]]) -> None:
        """Records at which our own code fails: their bytes to the rejects, and people are told.

        Not of what tells them: a sink that fails at its own alarm would make another one of it, and so on for ever.
        """
        outs: list[Out] = []
        told: list[Reject] = []
        for record, why in guilty:
            reject, alarm = poison(record, self.name, why, self._zone)
            alarm.detail = FOR_ALL.format(why.partition("(")[0])
            log_.error("a record is set aside", topic=record.topic, offset=record.offset, why=why)
            told.append(reject)
            outs.append(reject_out(self._tools.sender, REJECTS, record.key, reject))
            if not about_poison(record):
                outs.append(alarm_out(self._tools.sender, alarm))
        await self._tools.sender.send_all(outs)
        for reject in told:
            self._metrics.rejects.labels(reject.topic, reject.stage, reject.reason).inc()

    # ---- the sink's own state

    @property
    def waiting_for(self) -> str | None:
        """What the sink said when it was away; none when it is there."""
        return self._away

    def _mark(self, away: str | None) -> None:
        if (away is None) != (self._away is None):
            log_.warning("sink is away: the stream waits", sink=self._sink.name, error=away) if away else log_.info(
                "sink is there", sink=self._sink.name
            )
        self._away = away
        self._metrics.sink_away.labels(self._sink.name).set(away is not None)


async def _beyond(tps: set[Partition], log: LogPositions, positions: Mapping[tuple[str, int], int]) -> list[Partition]:
    """Where a position lies beyond the end of its log: every new record would count as a repeat."""
    ends = await log.end(tps)
    return [tp for tp in tps if positions.get(tp, 0) > ends[tp]]
