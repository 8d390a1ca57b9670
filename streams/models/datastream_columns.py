"""From datastream objects to the columns of `Datastreams`."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.datastream import BOUNDS, Datastream, Profile
from streams.models.packed import Packed

NONE = -1  # in a column of codes: nothing given


class _Codes:
    """Numbers for things in the order in which they come."""

    def __init__(self) -> None:
        self.things: list[object] = []
        self._known: dict[object, int] = {}

    def code(self, key: object, thing: object = None) -> int:
        code = self._known.setdefault(key, len(self.things))
        if code == len(self.things):
            self.things.append(key if thing is None else thing)
        return code


def _names(names: Sequence[object]) -> tuple[Packed, NDArray[np.int32]]:
    """Names (dicts, or None for none) as codes."""
    table = _Codes()
    codes = [NONE if name is None else table.code(repr(name), name) for name in names]
    return Packed.of(table.things), np.array(codes, np.int32)


def _column(values: Iterable[float | None]) -> NDArray[np.float64]:
    """Numbers, NaN for none; all the same take no room."""
    found = np.array([np.nan if value is None else value for value in values], np.float64)
    return thin(found)


def thin(column: NDArray[Any]) -> NDArray[Any]:
    """A column in which all is the same, in the room of one value."""
    same = len(column) > 0 and bool(np.array_equal(column, np.broadcast_to(column[0], len(column)), equal_nan=True))
    return np.broadcast_to(column[0].copy(), len(column)) if same else column


def columns_of(streams: list[Datastream]) -> dict[str, Any]:
    """The columns by name."""
    profiles, stations, zones, groups = _Codes(), _Codes(), _Codes(), _Codes()
    profile = np.array([profiles.code(Profile.of(s)) for s in streams], np.int32)
    station = np.array([stations.code(s.station) for s in streams], np.int32)
    zone = np.array([zones.code(s.zone) for s in streams], np.int32)
    group = np.array([NONE if s.group is None else groups.code(s.group) for s in streams], np.int32)
    count = len(stations.things)
    subject = np.array([stations.code(s.subject) for s in streams], np.int32)
    plain = [None if s.name == {"zh": s.station, "en": s.station} else s.name for s in streams]
    names, name = _names(plain)
    subject_names, subject_name = _names([s.subject_name for s in streams])
    originals, original = _names([s.original for s in streams])
    attributes = dict.fromkeys(chain.from_iterable(s.attributes for s in streams))
    return {
        "profiles": profiles.things,
        "profile": profile,
        "station_ids": "\n".join(map(str, stations.things[:count])).encode(),
        "station": station,
        "zones": zones.things,
        "zone": zone,
        "groups": groups.things,
        "group": thin(group),
        "subjects": Packed.of(stations.things[count:]),
        "subject": subject,
        "names": names,
        "name": name,
        "subject_names": subject_names,
        "subject_name": subject_name,
        "originals": originals,
        "original": original,
        "lon": _column(s.lon for s in streams),
        "lat": _column(s.lat for s in streams),
        "bounds": {name: _column(getattr(s, name) for s in streams) for name in BOUNDS},
        "amounts": {
            key: _column(s.attributes[key][0] if key in s.attributes else None for s in streams) for key in attributes
        },
    }


def given(number: np.float64) -> float | None:
    """A number of a column; None for NaN."""
    return None if np.isnan(number) else float(number)
