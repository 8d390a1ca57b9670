"""The sorted run: what several `readings` partitions mean when their signals come in the order of received time.

A run on Kafka hears partitions in whatever order they come; once all have passed the last record, its pictures must be
these (docs/architecture.md, What is deterministic; promise d).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.core.assess import Assessor
from streams.core.floor import Floor, Turn, position_of
from streams.core.picture import Position
from streams.core.subject import Subject
from streams.differences import Difference, Field
from streams.models.level import colour
from streams.models.observation import Tick
from streams.models.signal import Checked, Progress, Relay
from streams.models.site import Site

NOWHERE: Position = (-1, -1, -1, -1, -1)
SIDES = ("run", "sorted replay")


@dataclass(slots=True)
class PassedFloor(Floor):
    """The floor of the sorted run: every partition has passed received time `level`, and nothing waits."""

    def clock(self, now: int) -> None:
        """It does not matter when a partition was heard."""
        self.now = max(self.now, now)

    def progress(self, partition: int, received: int, *, whole: bool = False) -> None:
        """Nor how far each is."""

    def is_away(self, homes: frozenset[int], received: int) -> bool:  # noqa: ARG002 - as in Floor
        """Nobody is."""
        return False

    def is_blocked(self, position: Position, signal: Turn) -> bool:  # noqa: ARG002 - as in Floor
        """Whatever comes has its turn."""
        return False


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
        if any(not isinstance(signal, Progress) for signal in floor.waiting.values()):
            return f"in signals[{assessor.partition}] something still waits for its turn"
    return None


class Placed(NamedTuple):
    """A signal and its place in the sorted stream.

    A report has no partition of `readings` that waits for it: one that comes late is placed where the run was. So is
    every relay: it acts where it is heard. What neighbours say has its turn after all that was heard before it.
    """

    place: Position
    late: int
    signal: Turn | Relay

    @classmethod
    def of(cls, signal: Turn | Relay, floor: Floor | None = None, late: int = 0) -> "Placed":
        """`floor`: of the run when it heard this, `late`: a number that grows; not of what comes from `readings`."""
        if isinstance(signal, Checked) and floor is not None:
            return cls(floor.behind(), late, signal)
        own = NOWHERE if isinstance(signal, Relay | Checked) else position_of(signal)
        if floor is None:
            return cls(own, 0, signal)
        place = max(own, floor.last, (floor.level, -1, -1, -1, -1))
        return cls(place, late if place > own else 0, signal)


def sorted_run(site: Site, live: Sequence[Assessor], signals: Iterable[tuple[int, Placed]]) -> list[Assessor]:
    """Assessors that heard all signals in the order of the sorted stream. `signals`: (partition of `signals`, signal).

    In the end they are as far as the live ones are: the same timers fall due.
    """
    found = [_assessor(site, one) for one in live]
    for home, (place, late, signal) in sorted(signals, key=lambda one: one[1][:2]):
        if place in live[home].floor.waiting:
            continue
        floor = found[home].floor
        floor.level = max(floor.level, place[0])
        if late:
            found[home].handle(Tick(0, place[0]), place[0])
        found[home].handle(signal, place[0])
    for one, lived in zip(found, live, strict=True):
        one.floor.level = max(one.floor.level, lived.floor.level)
        one.handle(Tick(0, lived.floor.now), lived.floor.now)
    return found


def _assessor(site: Site, live: Assessor) -> Assessor:
    made = Assessor(site, live.partition, live.readings_partitions)
    made.floor = PassedFloor(live.readings_partitions)
    return made


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
