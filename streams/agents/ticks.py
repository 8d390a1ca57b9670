"""Ticks for silent partitions: the only clock that the core sees, and a record like any other.

The owner of a partition that has been silent for a second appends a control record to that same partition. Only its
broker timestamp counts, so a second tick, a zombie's or one of a wrong clock does no harm.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from streams.agents.send import Out, Sender
from streams.completion import Partition, StaleError, Track
from streams.metrics import Metrics
from streams.models.observation import CONTROL_HEADER

SILENT_S = 1.0
LOOK_EVERY_S = 0.1
TICK = ((CONTROL_HEADER, b"tick"),)


class Ticks:
    """Watches the partitions of the role's ticked topics."""

    def __init__(
        self,
        topics: frozenset[str],
        tracks: Callable[[], Mapping[Partition, Track]],
        lag: Callable[[Partition], int | None],
    ) -> None:
        self._topics, self._tracks, self._lag = topics, tracks, lag
        self._seen: dict[Partition, tuple[Track, int, float]] = {}  # track, next offset, since when

    def due(self, now: float) -> list[Partition]:
        """Partitions silent for a second, with nothing unread; each is due again a second later."""
        found = []
        for tp, track in self._tracks().items():
            if tp.topic not in self._topics:
                continue
            known, offset, since = self._seen.get(tp, (None, -1, now))
            if known is not track or offset != track.next:
                self._seen[tp] = (track, track.next, now)
            elif now - since >= SILENT_S and track.restored and self._lag(tp) == 0:
                self._seen[tp] = (track, track.next, now)
                found.append(tp)
        return found

    async def run(self, sender: Sender, metrics: Metrics) -> None:
        """Send ticks until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            due = self.due(time.monotonic())
            with suppress(StaleError):  # the partitions were another's meanwhile
                await sender.send_all(Out(*tp, None, None, TICK) for tp in due)
            for tp in due:
                metrics.ticks.labels(tp.topic).inc()
