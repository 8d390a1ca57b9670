"""Who is compared with whom: datastreams of one group that measure the same, in the same unit from the same datum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.models.datastreams import NONE, Datastreams

Codes = NDArray[np.int32]
Numbers = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Peers:
    """Datastreams that are neighbours of each other, at least one of which is judged by the others."""

    code: int
    group: str
    property: str
    unit: str
    home: str  # zone in which they meet: that of the group's first station in the file
    every: int  # a sample of each at most this often: the shortest that any of them asks for
    members: Numbers  # numbers of the datastreams, in the order of the file


class Neighbours:
    """Peers by datastream. Some arrays for a whole site; objects are made when asked for."""

    def __init__(self, table: Datastreams, compares: NDArray[np.bool_]) -> None:
        """`compares`: whether datastreams of a profile are judged by their neighbours."""
        self._table, self._compares = table, compares
        #: of each datastream the number of its peers; NONE: it is compared with nobody
        self.code: Codes = np.broadcast_to(np.int32(NONE), len(table))
        self._members: Numbers = np.empty(0, np.int64)
        self._begins: Numbers = np.zeros(1, np.int64)
        self.every: Numbers = np.empty(0, np.int64)  # by number of the peers
        if compares.any():
            self._find(table)

    @property
    def ever(self) -> bool:
        """Whether anybody is compared with anybody."""
        return bool(len(self.every))

    def _find(self, table: Datastreams) -> None:
        key = self._alike(table)
        order = np.argsort(key, kind="stable")
        order = order[key[order] != NONE]
        begins = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0]) if len(order) else np.empty(0, np.int64)
        counts = np.diff(np.r_[begins, len(order)])
        of_profile = [one.checks.neighbour_every or NEVER for one in table.profiles]
        asked = np.where(self._compares, np.array(of_profile, np.int64), NEVER)[table.profile[order]]
        every = np.minimum.reduceat(asked, begins) if len(begins) else np.empty(0, np.int64)
        kept = (counts > 1) & (every < NEVER)
        self._members, counts, self.every = order[np.repeat(kept, counts)], counts[kept], every[kept]
        self._begins = np.r_[0, np.cumsum(counts)]
        self.code = np.full(len(table), NONE, np.int32)
        self.code[self._members] = np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    @staticmethod
    def _alike(table: Datastreams) -> Numbers:
        """The same number for datastreams that may be compared; NONE: without a group."""
        names = [(one.property, one.unit, one.datum) for one in table.profiles]
        place = {name: at for at, name in enumerate(dict.fromkeys(names))}
        kind = np.array([place[name] for name in names], np.int64)[table.profile]
        group = table.group.astype(np.int64)
        return np.where(group == NONE, NONE, group * len(place) + kind)

    def peers(self, code: int) -> Peers:
        """Those of a number."""
        table, members = self._table, self._members[self._begins[code] : self._begins[code + 1]]
        first = int(members[0])
        profile = table.profiles[table.profile[first]]
        home = table.zones[table.home[int(table.network[first])]]
        every = int(self.every[code])
        return Peers(code, table.groups[table.group[first]], profile.property, profile.unit, home, every, members)

    def of(self, station: str, property: str) -> Peers | None:  # noqa: A002 - as everywhere
        """Those of a datastream; None: it is compared with nobody."""
        number = self._table.number(station, property)
        code = NONE if number is None else int(self.code[number])
        return None if code == NONE else self.peers(code)

    def judges(self, number: int) -> bool:
        """Whether a datastream is judged by its neighbours; if not it is only a neighbour of others."""
        return bool(self._compares[self._table.profile[number]] and self.code[number] != NONE)
