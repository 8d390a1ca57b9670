"""The digest of everything that decides. The order of rows, features and files does not change it."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.models.datastreams import NONE, Datastreams
from streams.models.settings import App
from streams.models.site import Hazard, Reach, Zone


def version_of(
    app: App, zones: dict[str, Zone], table: Datastreams, hazards: dict[str, Hazard], reaches: dict[str, Reach]
) -> str:
    """`sha256:...` of settings, zones, the river graph, datastreams and hazards."""
    digest = sha256()
    parts: list[Any] = [[app.timezone, app.progress, sorted(app.report_kinds)]]
    parts += sorted([hazard.name, hazard.version] for hazard in hazards.values())
    parts += [zones[key] for key in sorted(zones)]
    parts += [reaches[key] for key in sorted(reaches)]
    for part in parts:
        digest.update(_json(part))
    for column in _columns(table):
        digest.update(column)
    return f"sha256:{digest.hexdigest()}"


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _columns(table: Datastreams) -> Iterator[bytes]:
    """Every column in the order of (station, property); a code is the place of what it means among its like."""
    stations, station = _sorted([text.encode() for text in table.stations])
    names, observed = _sorted([profile.property.encode() for profile in table.profiles])
    others, subject = _sorted(table.subjects.parts())
    order = np.lexsort((observed[table.profile], station[table.station]))
    subjects = np.concatenate([station[:-1], subject[:-1] + len(stations)])
    yield from (b"\n".join(stations), b"\n".join(names), b"\n".join(others))
    yield from (station[table.station[order]].tobytes(), subjects[table.subject[order]].tobytes())
    coded = (
        (map(_json, table.profiles), table.profile), ((text.encode() for text in table.zones), table.zone),
        ((text.encode() for text in table.groups), table.group),
        (table.names.parts(), table.name), (table.subject_names.parts(), table.subject_name),
        (table.originals.parts(), table.original),
    )  # fmt: skip
    for parts, codes in coded:
        known, rank = _sorted(parts)
        yield from (b"\n".join(known), rank[codes[order]].tobytes())
    columns = {"lon": table.lon, "lat": table.lat, **table.bounds, **table.amounts}
    for name in sorted(columns):
        yield from (name.encode(), columns[name][order].tobytes())


def _sorted(parts: Iterable[bytes]) -> tuple[list[bytes], NDArray[np.int64]]:
    """The different ones in order, and the place of each; NONE is nowhere."""
    given = list(parts)
    known = sorted(set(given))
    places = dict(zip(known, range(len(known)), strict=True))
    return known, np.fromiter((*map(places.__getitem__, given), NONE), np.int64, len(given) + 1)
