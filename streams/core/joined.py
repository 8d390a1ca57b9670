"""Inputs that are made of several, at work: readings of one station become rows, rows go through chains.

Their readings come from several slots, so they are looked at when a segment is over, in the order of its rows.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from streams.core.chains import Chain
from streams.core.fired import Fired
from streams.core.join_plan import JoinPlan
from streams.core.plan import Kinds
from streams.core.slots import Slots
from streams.core.taps import Tapped
from streams.core.waiting import Block, Exact, Latest, Made
from streams.models.observation import Status

Ints = NDArray[np.int64]
Other = Callable[[int, Status], int]
NOBODY = -1


class Joined:
    """One join: all stations of the partition that have its first source."""

    def __init__(self, plan: JoinPlan, kinds: Kinds, slots: Slots, other: Other) -> None:
        self.plan, self._slots, self._other = plan, slots, other
        self.chains = [Chain(one, kinds) for one in plan.chains.found.values()]
        self.waiting: dict[int, Exact | Latest] = {}  # slot of the first source -> what waits there
        self.loaded = False  # its state was saved: what was read before need not be read again
        table = slots.table
        column = table.property_of.get(plan.source.property)
        owner = np.full(len(slots.numbers), NOBODY)
        if column is not None and len(owner):
            number = table.numbers[table.station[slots.numbers], column]
            at = np.minimum(np.searchsorted(slots.numbers, number), len(owner) - 1)
            owner = np.where(slots.numbers[at] == number, at, NOBODY)
        self._owner = owner  # place of a datastream -> that of its station's first source

    def state_of(self, slot: int) -> Exact | Latest:
        """What waits at a station, from now on."""
        count = len(self.plan.source.sources)
        found = self.waiting.get(slot)
        if found is None:
            found = self.waiting[slot] = Exact(count) if self.plan.source.join == "exact" else Latest(count)
        return found

    def update(self, tapped: list[Tapped]) -> Iterator[tuple[int, Fired]]:
        """Readings of a segment: what they set off, with the row that did."""
        slot = self._owners(np.concatenate([one.slot for one in tapped]))
        row, time = np.concatenate([one.row for one in tapped]), np.concatenate([one.time for one in tapped])
        received = np.concatenate([one.received for one in tapped])
        value = np.concatenate([one.value for one in tapped])
        doubtful = np.concatenate([one.doubtful for one in tapped])
        channel = np.concatenate([np.full(len(one.row), one.channel) for one in tapped])
        good = np.flatnonzero((slot != NOBODY) & np.isfinite(value))
        order = good[np.lexsort((channel[good], row[good], slot[good]))]
        if not len(order):
            return
        slot, channel, time = slot[order], channel[order], time[order]
        begins = np.ones(len(order), np.bool_)
        begins[1:] = (slot[1:] != slot[:-1]) | (channel[1:] != channel[:-1]) | (time[1:] <= time[:-1])
        bounds = [*np.flatnonzero(begins).tolist(), len(order)]
        made = []
        for first, end in pairwise(bounds):
            rows = order[first:end]
            block = Block(int(channel[first]), time[first:end], value[rows], doubtful[rows])
            some = self._take(int(slot[first]), block)
            if len(some.cause):
                made.append((np.full(len(some.cause), slot[first]), rows[some.cause], some))
        if made:
            yield from self._through(made, row, received)

    def _take(self, slot: int, block: Block) -> Made:
        state, source = self.state_of(slot), self.plan.source
        return state.take(block, source.max_wait if isinstance(state, Exact) else source.max_age)

    def _through(self, made: list[tuple[Ints, Ints, Made]], row: Ints, received: Ints) -> Iterator[tuple[int, Fired]]:
        slot, cause = (np.concatenate([one[n] for one in made]) for n in range(2))
        time = np.concatenate([one.time for *_, one in made])
        value = np.concatenate([one.value for *_, one in made])
        doubtful = np.concatenate([one.doubtful for *_, one in made])
        for chain in self.chains:
            ours = np.flatnonzero(chain.place[slot] >= 0)
            if len(ours):
                of = (slot[ours], time[ours], received[cause[ours]], value[ours], doubtful[ours])
                for fired in chain.update_rows(*of):
                    yield int(row[cause[ours[fired.row]]]), fired

    def _owners(self, slot: Ints) -> Ints:
        """The slots of the stations' first sources, in the same status."""
        slots = self._slots
        found = self._owner[slots.stream[slot]]
        other = np.flatnonzero((slot >= len(slots.numbers)) & (found != NOBODY))
        for at in other.tolist():
            found[at] = self._other(int(found[at]), slots.status(int(slot[at])))
        return found


class Joins:
    """All joins of a partition."""

    def __init__(self, plans: list[JoinPlan], kinds: Kinds, slots: Slots, other: Other) -> None:
        """`other`: makes the slot of a datastream (its place) in another status than Actual."""
        self.all = [Joined(plan, kinds, slots, other) for plan in plans]
        self.chains = [chain for one in self.all for chain in one.chains]
        self.catching_up = False

    def update(self, tapped: list[Tapped]) -> Iterator[tuple[int, Fired]]:
        """Readings of a segment, in any order."""
        for number, one in enumerate(self.all):
            ours = [some for some in tapped if some.join == number and len(some.row)]
            if ours and not (self.catching_up and one.loaded):
                yield from one.update(ours)
