"""What a partition of `readings` holds: its slots, and all that is done to them, as the site's configuration says."""

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.absence import Absences
from streams.core.bounds import bound_of
from streams.core.chains import Chain
from streams.core.distrust import Distrust
from streams.core.join_plan import plan_joins
from streams.core.joined import Joins
from streams.core.judge import Judge
from streams.core.moves import Moves
from streams.core.plan import kinds_of, plan_chains
from streams.core.quality import Limits
from streams.core.resolve import Resolver
from streams.core.sampling import Sampling
from streams.core.slots import NEVER, Slots
from streams.core.watch import Watch
from streams.models.observation import Status
from streams.models.site import Site
from streams.models.times import HOUR

Ints = NDArray[np.int64]


class Holdings:
    """Slots, limits, chains, joins, absences and watched subjects of one partition."""

    def __init__(self, site: Site, partition: int, partitions: int, topic: str) -> None:
        self.site, self.partition, self.topic = site, partition, topic
        numbers = site.datastreams.numbers_in(partition, partitions)
        self.kinds = kinds = kinds_of(site, numbers)
        self.slots = Slots(site.datastreams, numbers, kinds.kind, site.remember)
        checks = [site.checks_of(one) for one in kinds.streams]
        intervals = [one.interval if "gap" in c else None for one, c in zip(kinds.streams, checks, strict=True)]
        silence = np.array([quality.SILENT_AFTER * i if i else NEVER for i in intervals], np.int64)
        chains, absences = plan_chains(site, kinds.streams)
        self.joins = Joins(plan_joins(site, kinds.streams, chains), kinds, self.slots, self.other)
        self.chains = [Chain(plan, kinds) for plan in chains.found.values()]
        every = (*self.chains, *self.joins.chains)
        self.latchings = [chain.latching for chain in every]
        self.words = [chain.words for chain in every if chain.words is not None]
        self.absences = Absences(absences, self.slots, len(kinds.streams))
        self.watch = Watch(site, self.slots, partition, partitions)
        self.limits = Limits.of(site.datastreams, numbers, kinds.kind, kinds.streams, checks, site.timezone)
        self.moves = Moves(kinds.streams, checks, len(self.slots))
        used = np.array([one.property in site.hazards_of for one in kinds.streams], np.bool_)
        self.distrust = Distrust(self.slots, silence, used)
        self.sampling = Sampling(site, self.slots, topic, partition)
        self.judge = Judge(
            self.slots, self.limits, self.moves, silence, self.chains, self.absences, self.watch,
            self.sampling, self.distrust,
        )  # fmt: skip
        self.resolver = Resolver(site, self.slots, site.datastreams.places(partitions), self.join)
        self._joined = len(self.slots)
        #: no wait that begins within a segment may end within it: a segment is never longer than this
        self.longest = self._shortest_wait(silence)

    def _shortest_wait(self, silence: Ints) -> int:
        holds = (h for one in self.latchings for h in one.holds)
        waits: list[int] = silence.tolist()
        return min([*holds, *self.absences.holds, *self.joins.waits, *waits, self.distrust.shortest, HOUR])

    def join(self) -> None:
        """New slots: datastreams heard for the first time in another status than Actual."""
        for slot in range(self._joined, len(self.slots)):
            self.watch.join(slot)
        self._joined = len(self.slots)
        for chain in (*self.chains, *self.joins.chains):
            chain.grow(self.slots.stream[: len(self.slots)])
        self.absences.grow()
        self.moves.grow(len(self.slots))
        self.distrust.grow()

    def named(self, station: str, prop: str, status: Status) -> int | None:
        """The slot of a datastream by its name; None: it is none of this partition."""
        number = self.slots.table.number(station, prop)
        if number is None:
            return None
        place = int(np.searchsorted(self.slots.numbers, number))
        if place == len(self.slots.numbers) or self.slots.numbers[place] != number:
            return None
        if status == "Actual":
            return place
        return self.other(place, status)

    def other(self, place: int, status: Status) -> int:
        """The slot of a datastream in another status than Actual."""
        slot = self.slots.other(place, status)
        self.join()
        return slot

    def bound(self, slot: int) -> str:
        """The bound behind the flag of a slot's last value."""
        slots = self.slots
        place, bits = int(slots.stream[slot]), int(slots.bits[slot])
        return bound_of(self.limits, bits, place, float(slots.value[slot]), int(slots.newest[slot]))
