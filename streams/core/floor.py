"""How far the `readings` partitions are, and what waits until all of them have passed its received time."""

import heapq
from dataclasses import dataclass, field

from streams.core.picture import Position
from streams.models.signal import Trigger, Triggered
from streams.models.times import SECOND

NOT_HEARD = 30 * SECOND  # a partition not heard for so long stops holding the others back


@dataclass(slots=True)
class Waiting:
    """Triggers that may lower a level: they act in the order of the sorted stream."""

    position: Position
    signal: Triggered
    triggers: list[Trigger]

    def __lt__(self, other: "Waiting") -> bool:
        return self.position < other.position


@dataclass(slots=True)
class Floor:
    """Received time that every heard readings partition has passed."""

    partitions: int
    received: dict[int, int] = field(default_factory=dict)
    heard: dict[int, int] = field(default_factory=dict)  # received time of `signals` at which each was last heard
    began: int | None = None
    now: int = 0
    waiting: list[Waiting] = field(default_factory=list)

    def clock(self, now: int) -> None:
        """The `signals` partition is at this received time."""
        self.now = max(self.now, now)
        if self.began is None:
            self.began = now

    def progress(self, partition: int, received: int) -> None:
        """A readings partition has sent everything up to this received time."""
        self.received[partition] = max(received, self.received.get(partition, 0))
        out = self.missing()
        if partition in out:  # after an outage they come back together: each has its 30 s to say how far it is
            self.heard.update(dict.fromkeys(out, self.now))
        self.heard[partition] = self.now

    def missing(self) -> list[int]:
        """Partitions not heard for 30 s: they no longer hold the rest back."""
        began = self.began or 0
        return [p for p in range(self.partitions) if self.now - self.heard.get(p, began) > NOT_HEARD]

    @property
    def level(self) -> int:
        """Received time that all partitions that count have reached; -1 = nothing is known yet."""
        out = set(self.missing())
        return min((self.received.get(p, -1) for p in range(self.partitions) if p not in out), default=-1)

    def wait(self, waiting: Waiting) -> None:
        """Hold triggers back until their turn."""
        heapq.heappush(self.waiting, waiting)

    def release(self, before: Position | None = None) -> Waiting | None:
        """The earliest that wait (before a position), if every other partition has passed their received time."""
        if not self.waiting or (before is not None and self.waiting[0].position >= before):
            return None
        received, own = self.waiting[0].position[:2]
        out = set(self.missing())
        for p in range(self.partitions):
            if p != own and p not in out and self.received.get(p, -1) <= received:
                return None
        return heapq.heappop(self.waiting)
