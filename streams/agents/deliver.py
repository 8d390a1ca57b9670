"""Roles `deliver.<sink>`: `commands` (and `latest`) -> one sink. The stream waits while the sink is away."""

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext

import structlog

from streams.agents.role import Handler, Role
from streams.checkpoint import own_positions, resume
from streams.completion import Batch, Partition, StaleError, Start
from streams.metrics import Metrics
from streams.positions import LogPositions, NotYetError
from streams.sinks.base import Sink, SinkAway

log_ = structlog.get_logger(__name__)
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0


class Deliver(Role):
    """Offers batches to a sink until it has them."""

    def __init__(self, sink: Sink, metrics: Metrics, *, ends_known: bool = True) -> None:
        """`ends_known`: whether the broker tells the true end of a log (the embedded one does not)."""
        self.name = f"deliver.{sink.name}"
        self._sink, self._metrics = sink, metrics
        self._turn = asyncio.Lock()
        self._away: str | None = None
        self._ends_known = ends_known

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads what the sink takes."""
        return dict.fromkeys(self._sink.topics, self.handle)

    async def close(self) -> None:
        """Let the sink go."""
        await self._sink.close()

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """Where the sink's data ends, when it knows; else at the committed offset."""
        try:
            positions = await self._sink.open()
            if positions is not None and self._ends_known and await _beyond(tps, log, positions):
                log_.warning("the log was made anew: what the sink has is of an older one", sink=self._sink.name)
                positions = await self._sink.forget()
        except SinkAway as error:
            self._mark(str(error))
            raise NotYetError(str(error)) from error
        self._mark(None)
        if positions is not None:
            return await own_positions(tps, log, positions, lost=self._lost)
        return await resume(tps, log, ends_known=self._ends_known, lost=self._lost)

    def _lost(self, *_: object) -> None:
        self._metrics.refused.labels(self.name, "expired").inc()

    async def handle(self, batch: Batch) -> None:
        """Write one batch, however long the sink stays away."""
        pause = RETRY_FIRST_S
        async with self._turn if self._sink.one_at_a_time else nullcontext():
            while not batch.stale:
                try:
                    await self._sink.write(batch.tp.topic, batch.tp.partition, batch.records)
                except SinkAway as error:
                    self._mark(str(error))
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, RETRY_MOST_S)
                else:
                    self._mark(None)
                    return
        raise StaleError

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


async def _beyond(tps: set[Partition], log: LogPositions, positions: Mapping[tuple[str, int], int]) -> bool:
    """Whether a position lies beyond the end of its log: every new record would count as a repeat."""
    ends = await log.end(tps)
    return any(positions.get(tp, 0) > ends[tp] for tp in tps)
