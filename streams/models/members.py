"""Which datastreams make up a subject, and which subjects lie in a zone: some arrays for a whole site, made once."""

from collections.abc import Container
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from streams.models.datastreams import Datastreams

Key = tuple[str, str]  # station, property
Numbers = NDArray[np.int64]


class Members:
    """Asked by subjects that become active; nothing is kept for the others."""

    def __init__(self, datastreams: Datastreams) -> None:
        self._all = datastreams
        self._orders: dict[str, tuple[Numbers, NDArray[np.int32]]] = {}  # column -> (numbers, their codes)

    def of(self, kind: str, subject: str, properties: Container[str]) -> list[Key]:
        """The datastreams of one subject with these properties, in the order of the file."""
        code = self._code(kind, subject)
        return [] if code is None else self._keys(self._with_code(kind, code), properties)

    def about(self, key: Key, kind: str) -> str | None:
        """What alerts of a hazard of this kind are about that a datastream raises; None: there is no such one."""
        number = self._all.number(*key)
        if number is None:
            return None
        codes, name = self._all.about(kind)
        return name(int(codes[number]))

    def subjects_in(self, zone: str, kind: str, properties: Container[str]) -> list[str]:
        """What alerts of a hazard in a zone can be about, in the order of the file."""
        code = self._code("zone", zone)
        if code is None:
            return []
        codes, name = self._all.about(kind)
        if kind == "event":
            return self._events_at(code, properties)
        numbers = [n for n in self._with_code("zone", code).tolist() if self._property(n) in properties]
        return [name(found) for found in dict.fromkeys(codes[numbers].tolist())]

    def home(self, kind: str, number: int) -> int:
        """The zone (its number) in which alerts about a datastream are decided."""
        all_ = self._all
        return all_.home[int(all_.network[number])] if kind == "event" else int(all_.zone[number])

    def _events_at(self, zone: int, properties: Container[str]) -> list[str]:
        """The networks whose alerts are decided in a zone."""
        found = [code for code, home in self._all.home.items() if home == zone]
        names = [self._all.network_id(code) for code in found]
        return [name for name in names if self.of("event", name, properties)]

    def _keys(self, numbers: Numbers, properties: Container[str]) -> list[Key]:
        return [key for key in map(self._all.key, numbers.tolist()) if key[1] in properties]

    def _property(self, number: int) -> str:
        return self._all.key(number)[1]

    def _with_code(self, kind: str, code: int) -> Numbers:
        column = kind if kind in ("zone", "station", "event") else "subject"
        if column not in self._orders:
            codes, _ = self._all.about(column)
            order = np.argsort(codes, kind="stable")
            self._orders[column] = (order, codes[order])
        order, codes = self._orders[column]
        first, last = np.searchsorted(codes, [code, code + 1])
        return order[first:last]

    def _code(self, kind: str, subject: str) -> int | None:
        if kind == "zone":
            return self._zones.get(subject)
        if kind == "event":
            return self._all.networks.get(subject, self._all.station_of.get(subject))
        own = self._all.station_of.get(subject)
        return own if own is not None or kind == "station" else self._subjects.get(subject)

    @cached_property
    def _zones(self) -> dict[str, int]:
        return {zone: code for code, zone in enumerate(self._all.zones)}

    @cached_property
    def _subjects(self) -> dict[str, int]:
        first = len(self._all.stations)
        return {str(subject): first + place for place, subject in enumerate(self._all.subjects)}
