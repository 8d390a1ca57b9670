"""One task a partition: batches of one partition one after the other, those of several side by side.

While one partition's batch waits for its sends to be confirmed, another's is computed. Order between partitions was
never promised; order within one is the order of `put`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from streams.completion import Batch, Partition
from streams.fatal import die


class Lanes:
    """The lanes of one topic in one process."""

    def __init__(self, handle: Callable[[Batch], Awaitable[None]], flowing: Callable[[], bool]) -> None:
        """`flowing`: false while partitions are taken away or the app stops; nothing is begun then."""
        self._handle, self._flowing = handle, flowing
        self._waiting: dict[Partition, deque[Batch]] = {}
        self._tasks: dict[Partition, asyncio.Task[None]] = {}

    def put(self, batch: Batch) -> None:
        """Handle it after what was put before it of the same partition."""
        self._waiting.setdefault(batch.tp, deque()).append(batch)
        if batch.tp not in self._tasks:
            task = self._tasks[batch.tp] = asyncio.create_task(self._drain(batch.tp))
            task.add_done_callback(_must_not_fail)

    def cancel(self) -> None:
        """Give up what is begun: the app stops, and has waited for it as long as it could."""
        for task in self._tasks.values():
            task.cancel()

    async def _drain(self, tp: Partition) -> None:
        waiting = self._waiting[tp]
        try:
            while waiting:
                batch = waiting.popleft()
                if not batch.stale and self._flowing():  # else it comes again, here or elsewhere
                    await self._handle(batch)
        finally:
            del self._tasks[tp], self._waiting[tp]


def _must_not_fail(task: asyncio.Task[None]) -> None:
    """`with batch:` ends the process at an error; whatever comes here is a bug around it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        die(f"a lane failed: {error!r}", stacks=True)
