"""One condition that is on at one datastream, and its place in the sorted stream."""

from dataclasses import dataclass

from streams.core.quality import GOOD
from streams.models.signal import Trigger

Position = tuple[int, int, int, int, int]  # received, partition, offset, row, n: the order of the sorted stream
Key = tuple[str, str]  # station, property


@dataclass(slots=True)
class Latch:
    """One condition that is on at one datastream, as last told."""

    on: bool
    since: int
    last: Trigger  # of the newest edge or sighting
    good: bool  # a good value has confirmed it since it went on
    position: Position  # of the newest edge
    own: bool  # a value that is good by the checks of its own datastream has; its neighbours may doubt it


Latches = dict[str, dict[Key, Latch]]  # condition -> datastream -> latch


def after_rise(trigger: Trigger, position: Position, before: Latch | None, *, doubted: bool) -> Latch:
    """The latch after a rise; an `on` begins anew. `doubted`: by its neighbours, which takes nothing back."""
    same = before if trigger.edge == "sighting" else None
    own = trigger.quality == GOOD or trigger.confirmed
    good = (own and (not doubted or (before is not None and before.good))) or (same is not None and same.good)
    own = own or (same is not None and same.own)
    return Latch(True, same.since if same is not None else trigger.time, trigger, good, position, own)
