"""When seasons of the conditions of a partition begin and end, by received time, and what that sets off."""

from collections.abc import Iterator

import numpy as np

from streams.core.chains import Chain
from streams.core.fired import Fired
from streams.core.holdings import Holdings
from streams.core.slots import NEVER, OK


class Borders:
    """Midnights of the site's calendar at which thresholds change. `next`: the first that is still to come."""

    def __init__(self, held: Holdings) -> None:
        self._held = held
        self._chains = [one for one in held.chains if one.standing.calendar is not None]
        starts = {int(start) for one in self._chains if one.plan.calendar for start in one.plan.calendar.starts}
        self._starts = np.array(sorted(starts), np.int64)
        self._since, self.next = NEVER, NEVER

    def stand(self, received: int) -> None:
        """Received time is so far; what began before has been looked at."""
        if len(self._starts) and not self._since <= received < self.next:
            self._move(received)

    def _move(self, received: int) -> None:
        at = int(np.searchsorted(self._starts, received, "right"))
        self._since, self.next = received, int(self._starts[at]) if at < len(self._starts) else NEVER

    def begin(self) -> Iterator[Fired]:
        """The next one has come: the last values that hold are judged by the thresholds from it on."""
        time = self.next
        for chain in self._chains:
            yield from self._begin(chain, time)
        self._move(time)

    def _begin(self, chain: Chain, time: int) -> Iterator[Fired]:
        """Nobody is judged by what was last heard before a pause in which nobody could write."""
        slots, owner = self._held.slots, chain.owner.astype(np.int64)
        waits = self._held.judge.presence.due(owner, slots.heard[owner])
        usable = (slots.state[owner] == OK) & (slots.due[owner] > time) & (waits > time)
        yield from chain.standing.begin(time, chain.kind, usable, slots.bits[owner].astype(np.int64))
