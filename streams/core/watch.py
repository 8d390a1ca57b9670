"""How far subjects are: the phenomenon time that every heard datastream of a subject has passed."""

from collections.abc import Iterable

from streams.core.slots import SILENT, UNHEARD, Slots
from streams.models.observation import Status
from streams.models.partition import partition_of
from streams.models.signal import Trigger
from streams.models.site import Site, subject_key
from streams.models.times import HOUR

#: slot -> (newest time, state): slots that stood differently when it mattered
AsOf = dict[int, tuple[int, int]]


class Watch:
    """Which slots a subject has in this partition, and which subjects have something going on."""

    def __init__(self, site: Site, slots: Slots, shared: frozenset[tuple[str, str]] = frozenset()) -> None:
        """`shared`: (hazard, subject) with datastreams in other partitions too: how far they are is always told."""
        self._site, self._slots, self._shared = site, slots, shared
        self._told: dict[str, int] = {}
        self._members: dict[str, list[int]] = {}  # subject key -> slots
        self._watched: dict[str, tuple[int, int]] = {}  # subject key -> (time, received) of its last edge
        self._horizon = max((h.lower.after + h.lower.reopen + HOUR for h in site.hazards.values()), default=HOUR)

    def join(self, first: int) -> None:
        """Take in the slots from `first` on."""
        for slot in range(first, len(self._slots)):
            station, prop, status = self._slots.keys[slot]
            for hazard, subject in self._site.users.get((station, prop), ()):
                key = subject_key(hazard.name, subject, status)
                self._members.setdefault(key, []).append(slot)
                if (hazard.name, subject) in self._shared:
                    self._told.setdefault(key, 0)

    def subjects(self, triggers: Iterable[Trigger], status: Status) -> list[str]:
        """The subjects that triggers concern: their own, or all that their datastream feeds."""
        found: set[str] = set()
        for trigger in triggers:
            if trigger.hazard:
                found.add(subject_key(trigger.hazard, trigger.subject, status))
                continue
            for hazard, subject in self._site.users.get((trigger.station, trigger.property), ()):
                found.add(subject_key(hazard.name, subject, status))
        return sorted(found)

    def members(self, keys: Iterable[str]) -> set[int]:
        """Slots of these subjects."""
        return {slot for key in keys for slot in self._members.get(key, ())}

    def passed(self, key: str, at: AsOf | None = None) -> int:
        """The time up to which every heard datastream of a subject has reported (`at`: slots that differ from now)."""
        times = []
        for slot in self._members.get(key, ()):
            newest, state = int(self._slots.newest[slot]), int(self._slots.state[slot])
            if at and slot in at:
                newest, state = at[slot]
            if state != SILENT and newest != UNHEARD:
                times.append(newest)
        return min(times, default=0)

    def note(self, keys: Iterable[str], time: int, received: int) -> None:
        """Something happened to these subjects: their times will be told for a while."""
        for key in keys:
            before, _ = self._watched.get(key, (UNHEARD, 0))
            self._watched[key] = (max(before, time), received)

    def told(self, zones: set[str] | None, received: int, on: Iterable[int]) -> dict[str, int]:
        """Subject -> time passed, of the subjects on watch in these zones; those that are over are let go.

        `on`: slots at which a latch is on; their subjects stay on watch.
        """
        busy = set(on)
        found = {}
        for key, (time, seen) in list(self._watched.items()):
            slots = self._members.get(key, [])
            done = self.passed(key)
            if zones is None or (slots and self._slots.datastream(slots[0]).zone in zones):
                found[key] = done
            over = done >= time + self._horizon and received >= seen + self._horizon
            if over and busy.isdisjoint(slots):
                del self._watched[key]
        for key, before in self._told.items():
            if zones is None or self._slots.datastream(self._members[key][0]).zone in zones:
                done = self.passed(key)
                if done > before:
                    found[key] = self._told[key] = done
        return found


def elsewhere(site: Site, partition: int, partitions: int) -> frozenset[tuple[str, str]]:
    """(hazard, subject) whose datastreams lie in other partitions of `readings` too."""
    homes: dict[tuple[str, str], set[int]] = {}
    for (station, _), users in site.users.items():
        at = partition_of(station.encode(), partitions)
        for hazard, subject in users:
            homes.setdefault((hazard.name, subject), set()).add(at)
    return frozenset(key for key, at in homes.items() if len(at) > 1 and partition in at)
