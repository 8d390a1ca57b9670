"""Whether this process may still act as the owner of its partitions.

A process that was frozen for longer than the session (SIGSTOP, a machine that swaps) has lost its partitions to others
and does not know it yet. So each answered heartbeat is noted, and no send is begun while the last one is older than the
session: either the next is answered, and all is well, or the membership is lost and the batch comes again elsewhere.
What was handed to the producer before may still arrive; who drops repeats by position or by id takes no notice of it.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator

LOST_WITHIN_S = 60.0
ASK_EVERY_S = 0.02


def clock() -> float:
    """Seconds that go on while the machine sleeps, which `time.monotonic` does not."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Fence:
    """Whether anything may be sent. This one, of a process without a group, never stands in the way."""

    epoch = 0  # what was queued in an earlier one is dropped with StaleError: it comes again, here or elsewhere

    @property
    def sure(self) -> bool:
        """Whether nobody else can own our partitions yet."""
        return True

    async def wait(self) -> None:
        """Until sending is allowed."""


class Membership(Fence):
    """What the consumer's thread notes and everybody may read."""

    def __init__(self, session_s: float, now: Callable[[], float] = clock) -> None:
        self.session_s = session_s
        self._now = now
        self._answered: float | None = None  # when the last answered heartbeat was sent; none = not a member yet
        self._lost: deque[float] = deque(maxlen=10)
        self.epoch = 0  # how often membership was lost

    def heard(self, sent: float) -> None:
        """A heartbeat sent then was answered, or a join has just ended."""
        self._answered = sent

    def lose(self) -> None:
        """The broker does not know us any more."""
        self._lost.append(self._now())
        self._answered, self.epoch = -math.inf, self.epoch + 1

    def forgive(self) -> None:
        """What was lost while the broker was away was not our fault."""
        self._lost.clear()

    @property
    def losses(self) -> int:
        """How often membership was lost in the last minute."""
        return sum(1 for at in self._lost if self._now() - at <= LOST_WITHIN_S)

    @property
    def silent_s(self) -> float:
        """For how long no heartbeat has been answered."""
        return 0.0 if self._answered is None else self._now() - self._answered

    @property
    def lost(self) -> bool:
        """Whether the broker has said that we are no member, and we have not joined again."""
        return self._answered == -math.inf

    @property
    def sure(self) -> bool:
        """Whether nobody else can own our partitions yet."""
        return self.silent_s < self.session_s

    async def wait(self) -> None:
        """Until we are sure."""
        while not self.sure:  # noqa: ASYNC110 - another thread tells, and time
            await asyncio.sleep(ASK_EVERY_S)

    def watch(self, coordinator: Any) -> None:
        """Note what this coordinator hears: aiokafka has no hook for it."""
        if not isinstance(coordinator, GroupCoordinator):
            return
        beat, joined, reset = coordinator._do_heartbeat, coordinator._start_heartbeat_task, coordinator.reset_generation  # noqa: SLF001

        async def do_heartbeat() -> bool:
            sent = self._now()
            answered = bool(await beat())
            if answered:
                self.heard(sent)
            return answered

        def start_heartbeat_task() -> None:
            self.heard(self._now())
            joined()

        def reset_generation() -> None:
            if coordinator.generation > 0 and not coordinator._closing.done():  # noqa: SLF001 - not when it only stops
                self.lose()
            reset()

        coordinator._do_heartbeat = do_heartbeat  # noqa: SLF001
        coordinator._start_heartbeat_task = start_heartbeat_task  # noqa: SLF001
        coordinator.reset_generation = reset_generation
