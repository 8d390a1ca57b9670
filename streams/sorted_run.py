"""The sorted run: what several `readings` partitions mean when their signals come in the order of received time.

A run on Kafka hears partitions in whatever order they come; once all have passed the last record, its pictures must be
these (docs/architecture.md, What is deterministic; promise d).
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from streams.core.assess import Assessor
from streams.core.floor import Floor, Waiting
from streams.core.picture import Position
from streams.core.subject import Subject
from streams.differences import Difference, Field
from streams.models.level import colour
from streams.models.partition import partition_of
from streams.models.signal import Progress, Reported, Triggered
from streams.models.site import Site

SIDES = ("run", "sorted replay")


@dataclass(slots=True)
class PassedFloor(Floor):
    """The floor of the sorted run: every partition has passed received time `at`, and nothing waits."""

    at: int = -1

    def missing(self) -> list[int]:
        """Nobody: it does not matter when a partition was heard."""
        return []

    @property
    def level(self) -> int:
        """Where the sorted run is."""
        return self.at

    def release(self, before: Position | None = None) -> Waiting | None:
        """Whatever waits, at once."""
        if not self.waiting or (before is not None and self.waiting[0].position >= before):
            return None
        return heapq.heappop(self.waiting)


@dataclass(slots=True)
class Picture:
    """Of one subject: what promise (d) speaks of."""

    raw: str | None = None
    on: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def not_passed(live: Sequence[Assessor], last: int) -> str | None:
    """The first thing that keeps a run from being over: progress has not passed received time `last` everywhere."""
    for assessor in live:
        floor = assessor.floor
        if floor.began is None:
            continue  # nothing was ever recorded there
        behind = [p for p in range(floor.partitions) if floor.received.get(p, -1) < last]
        if behind:
            named = ", ".join(f"readings[{p}]" for p in behind)
            return f"signals[{assessor.partition}] has not heard that {named} passed the last record"
        if floor.waiting:
            return f"in signals[{assessor.partition}] falls still wait for their turn"
    return None


def sorted_run(site: Site, live: Sequence[Assessor], signals: Iterable[Triggered | Reported]) -> list[Assessor]:
    """Assessors that heard all signals in the order of the sorted stream, each those of its zones.

    In the end they hear as much progress as the live ones did: the same timers fall due.
    """
    found = [_assessor(site, one) for one in live]
    floors: list[PassedFloor] = [one.floor for one in found if isinstance(one.floor, PassedFloor)]
    for signal in sorted(signals, key=_order):
        home = partition_of(signal.zone.encode(), len(found))
        floors[home].at = max(floors[home].at, signal.received)
        found[home].handle(signal, signal.received)
    for one, floor, lived in zip(found, floors, live, strict=True):
        floor.at = max(floor.at, lived.floor.level)
        for partition, received in lived.floor.received.items():
            passed = {key: s.passed[partition] for key, s in lived.subjects.items() if partition in s.passed}
            one.handle(Progress(partition, 0, received, passed), lived.floor.now)
    return found


def _assessor(site: Site, live: Assessor) -> Assessor:
    made = Assessor(site, live.partition, live.readings_partitions)
    made.floor = PassedFloor(live.readings_partitions)
    return made


def _order(signal: Triggered | Reported) -> tuple[int, bool, int, tuple[int, int, int]]:
    source = signal.source
    return (signal.received, source.topic != "readings", source.partition, source.position)


def picture_difference(live: Sequence[Assessor], ideal: Sequence[Assessor]) -> Difference | None:
    """The first subject, by name, whose pictures differ."""
    for one, other in zip(live, ideal, strict=True):
        for key in sorted({*one.subjects, *other.subjects}):
            left, right = _picture(one.subjects.get(key)), _picture(other.subjects.get(key))
            if left != right:
                names = [name for name in Picture.__slots__ if getattr(left, name) != getattr(right, name)]
                fields = [Field(name, str(getattr(left, name)), str(getattr(right, name))) for name in names]
                where = f"subject {key} (signals[{one.partition}])"
                return Difference(
                    where, "the run ends with another picture than the sorted replay", fields=fields, sides=SIDES
                )
    return None


def _picture(subject: Subject | None) -> Picture:
    if subject is None:
        return Picture()
    on = sorted("/".join(key) for key, latch in subject.picture.latches.items() if latch.on)
    lost = sorted("/".join(key) for key in subject.picture.lost)
    return Picture(colour(subject.raw), on, lost)
