"""How far apart the datastreams of one subject lie, and which reports lie together."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from streams.core.geography import distances
from streams.models.site import Datastream

Key = tuple[str, str]  # station, property
Floats = NDArray[np.float64]


def unit_of(key: Key, stream: Datastream | None, by: str) -> object:
    """What a datastream counts as: itself, its station, its zone, or its network (its station, if it has none)."""
    if by == "zone" and stream is not None:
        return stream.zone
    if by == "group" and stream is not None and stream.group is not None:
        return "group", stream.group
    return key[0] if by in ("station", "group") else key


class Places:
    """Positions of some datastreams; the distances from each are worked out once, when they are asked for."""

    def __init__(self, members: Mapping[Key, Datastream]) -> None:
        self._at = {key: number for number, key in enumerate(members)}
        self._members = members
        self._homes: dict[str, dict[Key, Key]] = {}
        self._parts: dict[str, dict[Key, frozenset[Key]]] = {}
        self._lons = np.array([np.nan if s.lon is None else s.lon for s in members.values()], np.float64)
        self._lats = np.array([np.nan if s.lat is None else s.lat for s in members.values()], np.float64)
        self._rows: dict[Key, list[float]] = {}

    def homes(self, by: str) -> Mapping[Key, Key]:
        """Of each datastream the first one of its station, zone or group: it stands for that."""
        if by not in self._homes:
            first: dict[object, Key] = {}
            order = sorted(self._members)
            self._homes[by] = {key: first.setdefault(unit_of(key, self._members[key], by), key) for key in order}
        return self._homes[by]

    def members(self, by: str) -> Mapping[Key, frozenset[Key]]:
        """By the first datastream of a station, zone or group: all of them."""
        if by not in self._parts:
            found: dict[Key, list[Key]] = {}
            for key, home in self.homes(by).items():
                found.setdefault(home, []).append(key)
            self._parts[by] = {home: frozenset(keys) for home, keys in found.items()}
        return self._parts[by]

    def near(self, key: Key, keys: Sequence[Key], metres: float) -> list[bool | None]:
        """Which of these lie within so many metres of one; None = not known. A station is where it is."""
        row = self._row(key)
        found: list[bool | None] = []
        for other in keys:
            number = self._at.get(other)
            far = np.nan if number is None else row[number]
            found.append(True if other[0] == key[0] else None if np.isnan(far) else far <= metres)
        return found

    def _row(self, key: Key) -> list[float]:
        if key not in self._rows:
            number = self._at.get(key)
            away = np.full(len(self._at), np.nan)
            if number is not None:
                known = ~np.isnan(self._lons[number] + self._lats[number] + self._lons + self._lats)
                own = (float(self._lons[number]), float(self._lats[number]))
                away[known] = distances(own, self._lons[known], self._lats[known])
            self._rows[key] = away.tolist()
        return self._rows[key]


def together(
    found: Sequence[tuple[str, float | None, float | None]], metres: float, among: AbstractSet[str] | None = None
) -> tuple[int, int]:
    """Of (reporter, lon, lat): the most reporters around one of them; the same if the unplaced were there as well.

    `among`: only where one of these is among them.
    """
    placed = [(who, lon, lat) for who, lon, lat in found if lon is not None and lat is not None]
    lons, lats = (np.array([one[n] for one in placed], np.float64) for n in (1, 2))
    unplaced = {who for who, lon, lat in found if lon is None or lat is None}
    sure, possible = 0, _counted(unplaced, among)
    for _, lon, lat in placed:
        around = {placed[n][0] for n in np.flatnonzero(distances((lon, lat), lons, lats) <= metres).tolist()}
        sure, possible = max(sure, _counted(around, among)), max(possible, _counted(around | unplaced, among))
    return sure, possible


def _counted(who: set[str], among: AbstractSet[str] | None) -> int:
    return len(who) if among is None or who & among else 0
