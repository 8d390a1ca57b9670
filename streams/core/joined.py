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
from streams.core.slots import Slots, next_second
from streams.core.taps import Tapped
from streams.core.waiting import NOTHING, Block, Exact, Latest, Made
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
        self.next_due = NOTHING  # not later than the received time at which something has waited for too long
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
            some = self._take(int(slot[first]), block, int(received[rows[-1]]))
            if len(some.cause):
                made.append((np.full(len(some.cause), slot[first]), rows[some.cause], some))
        if made:
            yield from self._through(made, row, received)

    def _take(self, slot: int, block: Block, received: int) -> Made:
        state, source = self.state_of(slot), self.plan.source
        if not isinstance(state, Exact):
            return state.take(block, source.max_age)
        made = state.take(block, source.max_wait)
        state.due = next_second(received + source.max_wait + 1) if len(state.time) else NOTHING
        self.next_due = min(self.next_due, state.due)
        return made

    @property
    def wait(self) -> int:
        """How long something may wait for its other readings."""
        return self.plan.source.max_wait if self.plan.source.join == "exact" else NOTHING

    def give_up(self, due: int) -> Iterator[tuple[int, Fired]]:
        """What has waited for others up to this received time comes out without them."""
        made = []
        for slot, state in self._exact():
            if state.due <= due:
                some = state.give_up()
                made.append((np.full(len(some.time), slot), some.cause, some))
        self.look()
        if made:
            yield from ((due, fired) for _, fired in self._through(made, np.zeros(1, np.int64), np.array([due])))

    def pause(self, length: int) -> None:
        """Nobody could write for so long."""
        for _, state in self._exact():
            state.due += length if state.due != NOTHING else 0
        self.look()

    def look(self) -> None:
        """When the next one has waited for too long."""
        self.next_due = min((state.due for _, state in self._exact()), default=NOTHING)

    def _exact(self) -> Iterator[tuple[int, Exact]]:
        return ((slot, state) for slot, state in sorted(self.waiting.items()) if isinstance(state, Exact))

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

    @property
    def next_due(self) -> int:
        """Not later than the received time at which something has waited for too long."""
        return min((one.next_due for one in self.all), default=NOTHING)

    @property
    def waits(self) -> list[int]:
        """How long their rows wait."""
        return [one.wait for one in self.all]

    def give_up(self, due: int) -> Iterator[tuple[int, Fired]]:
        """What has waited up to a received time comes out."""
        for one in self.all:
            yield from one.give_up(due)

    def pause(self, length: int) -> None:
        """Nobody could write for so long; of what was loaded that is known already while records are read again."""
        for one in self.all:
            if not (self.catching_up and one.loaded):
                one.pause(length)
