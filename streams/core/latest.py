"""The newest of each datastream for the topic `latest`, with its health."""

import numpy as np
from numpy.typing import NDArray

from streams.core import score
from streams.core.holdings import Holdings
from streams.core.slots import NEVER
from streams.models.latest import LatestValue

Ints = NDArray[np.int64]


class Latest:
    """What has changed in the slots of a partition since it was last told."""

    def __init__(self, held: Holdings) -> None:
        self._slots, self._bound = held.slots, held.bound
        self._intervals = np.array([one.interval or NEVER for one in held.kinds.streams], np.int64)
        self._score = np.full(len(held.slots.numbers), score.NOT_YET, np.uint8)
        self.health = np.zeros(len(score.CLASSES), np.int64)  # datastreams in each class, as last told
        station = held.slots.table.station[held.slots.numbers]
        self._by_station = np.argsort(station, kind="stable")
        self._begins = np.flatnonzero(np.diff(station[self._by_station], prepend=-1))

    def take(self, most: int) -> list[LatestValue]:
        """At most so many, then the rest."""
        return self._slots.take_changed(most, self._bound, self._scores)

    @property
    def stations(self) -> Ints:
        """Stations in each class, as last told: each is as good as its worst datastream; never heard = in none."""
        if not len(self._score):
            return np.zeros(len(score.CLASSES), np.int64)
        worst = np.minimum.reduceat(self._score[self._by_station], self._begins)
        return np.bincount(score.class_of(worst[worst != score.NOT_YET]), minlength=len(score.CLASSES))

    def _scores(self, slots: Ints) -> NDArray[np.uint8]:
        """The health of some slots; how many datastreams are in each class is kept along."""
        found = score.scores(self._slots, slots, self._intervals)
        actual = slots < len(self._slots.numbers)
        own = slots[actual]
        before = self._score[own]
        for some, more in ((before[before != score.NOT_YET], -1), (found[actual], 1)):
            self.health += more * np.bincount(score.class_of(some), minlength=len(score.CLASSES))
        self._score[own] = found[actual]
        return found
