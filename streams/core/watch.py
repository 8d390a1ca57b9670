"""How far subjects are: the phenomenon time that every heard datastream of a subject has passed."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.core.slots import SILENT, UNHEARD, Slots
from streams.models.signal import Trigger
from streams.models.site import Hazard, Site, subject_key
from streams.models.times import HOUR

Ints = NDArray[np.int64]
NEVER_HEARD = np.iinfo(np.int64).max


@dataclass(slots=True)
class _Members:
    """Datastreams of one hazard in this partition, those of one subject together."""

    code: Ints  # of each datastream of the partition, by place
    order: Ints  # places of the hazard's datastreams, sorted by code
    sorted: Ints  # their codes
    name: Callable[[int], str]

    @classmethod
    def of(cls, site: Site, hazard: Hazard, numbers: Ints) -> "_Members":
        table = site.datastreams
        codes, name = table.about(hazard.subject)
        code = codes[numbers].astype(np.int64)
        used = {one.property for one in hazard.inputs.values()}
        ours = np.array([profile.property in used for profile in table.profiles], np.bool_)[table.profile[numbers]]
        places = np.flatnonzero(ours)
        order = places[np.argsort(code[places], kind="stable")]
        return cls(code, order, code[order], name)

    def places(self, code: int) -> Ints:
        first, end = np.searchsorted(self.sorted, (code, code + 1))
        return self.order[first:end]


class Watch:
    """Which slots a subject has in this partition, and which subjects have something going on."""

    def __init__(self, site: Site, slots: Slots, partition: int, partitions: int) -> None:
        self._site, self._slots = site, slots
        self._members = {name: _Members.of(site, h, slots.numbers) for name, h in site.hazards.items()}
        #: codes of subjects with datastreams in other partitions too: how far they are is always told
        self._shared = {name: shared(site, h, partition, partitions) for name, h in site.hazards.items()}
        self.told_to: dict[str, int] = {}  # of these, by key: how far they were when it was last told
        self._others: dict[str, list[int]] = {}  # subject key -> slots that are not Actual
        self._code: dict[str, tuple[str, int]] = {}  # subject key -> hazard, code
        self._zone: dict[str, str] = {}
        self.watched: dict[str, tuple[int, int]] = {}  # subject key -> (time, received) of its last edge
        self._slots_of: dict[str, Ints] = {}  # of Actual subjects on watch, so that they are looked up once
        self._homes = _Homes(site, slots)
        self._horizon = max((h.lower.after + h.lower.reopen + HOUR for h in site.hazards.values()), default=HOUR)

    def join(self, slot: int) -> None:
        """Take in a slot that is not Actual."""
        for hazard in self._hazards(slot):
            self._others.setdefault(self.key(hazard, slot), []).append(slot)

    def _hazards(self, slot: int) -> tuple[Hazard, ...]:
        table = self._slots.table
        prop = table.profiles[table.profile[self._slots.number(slot)]].property
        return self._site.hazards_of.get(prop, ())

    def subject(self, hazard: str, slot: int) -> str:
        """What an alert of a hazard that a slot raises is about."""
        members = self._members[hazard]
        return members.name(int(members.code[self._slots.stream[slot]]))

    def key(self, hazard: Hazard, slot: int) -> str:
        """The key of the subject that a slot belongs to."""
        members = self._members[hazard.name]
        code = int(members.code[self._slots.stream[slot]])
        key = subject_key(hazard.name, members.name(code), self._slots.status(slot))
        self._code[key] = (hazard.name, code)
        return key

    def subjects(self, found: Iterable[tuple[int, Trigger]], zone: str) -> list[str]:
        """The subjects in a zone that triggers of slots concern: their own, or all that their datastream feeds."""
        keys: set[str] = set()
        for slot, trigger in found:
            if trigger.edge in ("doubt", "trust"):
                continue  # they move no alert
            hazards = (self._site.hazards[trigger.hazard],) if trigger.hazard else self._hazards(slot)
            keys.update(self.key(one, slot) for one in hazards if self._homes.zone(one, slot) == zone)
        return sorted(keys)

    def zones_of(self, slot: int, trigger: Trigger) -> list[str]:
        """Where it is to be heard: where alerts of its hazard are decided; a loss also where its station is."""
        if not self._homes.ever:
            return [self._slots.zone(slot)]
        if trigger.hazard:
            return [self._homes.zone(self._site.hazards[trigger.hazard], slot)]
        return sorted({self._slots.zone(slot), *(self._homes.zone(one, slot) for one in self._hazards(slot))})

    def members(self, key: str) -> Ints:
        """Slots of a subject."""
        found = self._slots_of.get(key)
        if found is not None:
            return found
        if not key.endswith("|Actual"):
            return np.array(self._others.get(key, ()), np.int64)
        hazard, code = self._code[key]
        found = self._members[hazard].places(code)
        if key in self.watched:
            self._slots_of[key] = found
        return found

    def zone(self, key: str) -> str:
        """The zone of a subject; empty when none of its slots is here."""
        found = self._zone.get(key)
        if found is None:
            slots = self.members(key)
            found = self._home(key, int(slots[0])) if len(slots) else ""
            if found:
                self._zone[key] = found
        return found

    def _home(self, key: str, slot: int) -> str:
        return self._homes.zone(self._site.hazards[key.split("|", 1)[0]], slot)

    def passed(self, key: str) -> int:
        """The time up to which every heard datastream of a subject has reported."""
        slots = self.members(key)
        if len(slots) == 1:  # what most subjects are
            slot = slots[0]
            one = int(self._slots.newest[slot])
            return one if one != UNHEARD and self._slots.state[slot] != SILENT else 0
        newest = self._slots.newest[slots]
        heard = newest[(self._slots.state[slots] != SILENT) & (newest != UNHEARD)]
        return int(heard.min()) if len(heard) else 0

    def note(self, keys: Iterable[str], time: int, received: int) -> None:
        """Something happened to these subjects: their times will be told for a while."""
        for key in keys:
            before, _ = self.watched.get(key, (UNHEARD, 0))
            self.watched[key] = (max(before, time), received)

    def told(self, zones: AbstractSet[str] | None, received: int, on: Iterable[int]) -> dict[str, int]:
        """Subject -> time passed, of the subjects on watch in these zones; those that are over are let go.

        `on`: slots at which a latch is on; their subjects stay on watch.
        """
        found = {}
        over = []
        for key, (time, seen) in self.watched.items():
            done = self.passed(key)
            if zones is None or self.zone(key) in zones:
                found[key] = done
            if done >= time + self._horizon and received >= seen + self._horizon:
                over.append(key)
        busy = set(on) if over else set()
        for key in over:
            if busy.isdisjoint(self.members(key).tolist()):
                del self.watched[key]
                self._slots_of.pop(key, None)
        self._tell_shared(zones, found)
        return dict(sorted(found.items()))

    def _tell_shared(self, zones: AbstractSet[str] | None, found: dict[str, int]) -> None:
        """Subjects that other partitions have a part in, if they are further than when it was told last."""
        for name, codes in self._shared.items():
            for code, done in self._passed_all(name, codes):
                key = self._shared_key(name, code)
                if done > self.told_to.get(key, 0) and (zones is None or self._zone[key] in zones):
                    found[key] = self.told_to[key] = done
        for key in self._others:
            name, code = self._code[key]
            shared_one = np.searchsorted(self._shared[name], code)
            if shared_one < len(self._shared[name]) and self._shared[name][shared_one] == code:
                done = self.passed(key)
                zone = self._home(key, int(self.members(key)[0]))
                if done > self.told_to.get(key, 0) and (zones is None or zone in zones):
                    found[key] = self.told_to[key] = done

    def _passed_all(self, hazard: str, codes: Ints) -> Iterable[tuple[int, int]]:
        """(code, time passed) of the Actual subjects of a hazard that have been heard."""
        if not len(codes):
            return ()
        members = self._members[hazard]
        first = np.searchsorted(members.sorted, codes)
        end = np.searchsorted(members.sorted, codes, "right")
        newest = self._slots.newest[members.order]
        unknown = (self._slots.state[members.order] == SILENT) | (newest == UNHEARD)
        times = np.append(np.where(unknown, NEVER_HEARD, newest), NEVER_HEARD)
        bounds = np.column_stack([first, end]).ravel()
        done = np.minimum.reduceat(times, bounds)[::2]
        known = done != NEVER_HEARD
        return zip(codes[known].tolist(), done[known].tolist(), strict=True)

    def _shared_key(self, hazard: str, code: int) -> str:
        members = self._members[hazard]
        key = subject_key(hazard, members.name(code), "Actual")
        if key not in self._zone:
            self._code[key] = (hazard, code)
            self._zone[key] = self._home(key, int(members.places(code)[0]))
        return key


class _Homes:
    """The zones in which alerts are decided: that of the datastream, of events that of the network's first station."""

    def __init__(self, site: Site, slots: Slots) -> None:
        self._site, self._slots = site, slots
        self.ever = any(hazard.subject == "event" for hazard in site.hazards.values())

    def zone(self, hazard: Hazard, slot: int) -> str:
        """Where alerts of a hazard about a slot's datastream are decided."""
        if hazard.subject != "event":
            return self._slots.zone(slot)
        return self._site.datastreams.zones[self._site.members.home("event", self._slots.number(slot))]


def shared(site: Site, hazard: Hazard, partition: int, partitions: int) -> Ints:
    """Codes of a hazard's subjects whose datastreams lie in this partition of `readings` and in others too."""
    if hazard.subject == "station" or partitions == 1:
        return np.empty(0, np.int64)
    table = site.datastreams
    codes, _ = table.about(hazard.subject)
    used = {one.property for one in hazard.inputs.values()}
    members = table.of_property(used)
    size = int(codes.max(initial=-1)) + 1
    total = np.bincount(codes[members], minlength=size)
    ours = table.numbers_in(partition, partitions)
    mine = np.array([profile.property in used for profile in table.profiles], np.bool_)[table.profile[ours]]
    here = np.bincount(codes[ours[mine]], minlength=size)
    return np.flatnonzero((here > 0) & (here < total))
