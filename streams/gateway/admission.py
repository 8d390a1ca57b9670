"""What a door lets in: a body from outside to Kafka records, one station each, and what is refused of it.

Pure: `received` is given. A body may mix stations; each leaves as frames of its own, in the order in which it came.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from streams.core.decode import KEY_BYTES
from streams.core.examine import examine, read_json
from streams.core.refusal import Flaw, Refusal, rejects_of
from streams.core.reports import check_report
from streams.core.zones import ZoneIndex
from streams.gateway.frames import frames, lean
from streams.gateway.privacy import without_person
from streams.gateway.producer import Out
from streams.models.observation import Observation, SampledFrame
from streams.models.report import encode_report
from streams.models.site import Site
from streams.models.units import UnitError, conversion

STAGE = "gateway"
READINGS, REPORTS, REJECTS = "readings", "reports", "rejects"
REJECTS_RESTRICTED = "rejects.restricted"  # of reports: raw bytes name people
MOST_BYTES = 900_000  # of a sampled frame that goes on as it came


class Refused(NamedTuple):
    """What is refused of one piece of the body."""

    raw: bytes
    before: int  # rows of the body before this piece
    flaws: list[tuple[Flaw, bytes | None]]  # with the key, if it is known


@dataclass
class Admitted:
    """`records` go to Kafka, what is refused goes to its topic, then the door answers."""

    rejects_topic: str
    records: list[Out] = field(default_factory=list)
    accepted: int = 0
    refused: list[Refused] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """The body of 202 and 422 (docs/wire.md); `index` counts the rows of the body."""
        rejected = [
            {"index": before + (flaw.row or 0), "reason": flaw.refusal.reason, "detail": flaw.refusal.detail}
            for _, before, flaws in self.refused
            for flaw, _ in flaws
        ]
        return {"accepted": self.accepted, "rejected": rejected}

    def reasons(self) -> Iterator[str]:
        """The reason of each refused row."""
        return (flaw.refusal.reason for refused in self.refused for flaw, _ in refused.flaws)

    def rejects(self, time: str) -> Iterator[Out]:
        """Records for the rejects topic."""
        for raw, _, flaws in self.refused:
            keys = {flaw.row: key for flaw, key in flaws}
            for reject in rejects_of([flaw for flaw, _ in flaws], raw, STAGE):
                reject.time = time
                key = keys.get(reject.row)
                fits = key is None or len(key) <= KEY_BYTES
                yield Out(self.rejects_topic, key if fits else None, msgspec.json.encode(reject))


def admit_readings(body: bytes, received: int, site: Site, *, lines: bool = False) -> Admitted:
    """Any `readings` body, or NDJSON of them."""
    admitted = Admitted(REJECTS)
    rows: dict[str, list[Observation]] = {}
    before = 0
    for piece in pieces(body, lines=lines):
        checked, flaws = examine(piece, received)
        found = [(row, misfit(row.observation, site)) for row in checked]
        bad: list[tuple[Flaw, bytes | None]] = [(flaw, None) for flaw in flaws]
        bad += [(Flaw(row.row, wrong), _key(row.observation.station)) for row, wrong in found if wrong]
        fitting = [row.observation for row, wrong in found if not wrong]
        if bad:
            admitted.refused.append(Refused(piece, before, sorted(bad, key=_place)))
        if not bad and (whole := _sampled(piece)):
            admitted.records.append(Out(READINGS, _key(fitting[0].station), whole))
        else:
            for observation in fitting:
                rows.setdefault(observation.station, []).append(observation)
        admitted.accepted += len(fitting)
        before += 1 + max([row.row for row in checked] + [flaw.row or 0 for flaw in flaws], default=0)
    for station, observations in rows.items():
        admitted.records.extend(Out(READINGS, _key(station), value) for value in frames(observations))
    return admitted


def admit_reports(
    body: bytes,
    received: int,
    site: Site,
    zones: ZoneIndex,
    pseudonym: Callable[[str], str],
    *,
    lines: bool = False,
) -> Admitted:
    """One report, an array of them or NDJSON; each leaves without its person."""
    admitted = Admitted(REJECTS_RESTRICTED)
    before = 0
    for piece in pieces(body, lines=lines):
        items, flaws = _items(piece)
        for row, item in enumerate(items):
            try:
                report, _, zone, _ = check_report(item, received, site, zones)
            except Refusal as refusal:
                flaws.append((Flaw(row, refusal), None))
                continue
            report.zone = zone
            admitted.records.append(Out(REPORTS, _key(zone), encode_report(without_person(report, pseudonym))))
            admitted.accepted += 1
        if flaws:
            admitted.refused.append(Refused(piece, before, flaws))
        before += max(1, len(items))
    return admitted


def _items(piece: bytes) -> tuple[list[Any], list[tuple[Flaw, bytes | None]]]:
    try:
        found = read_json(piece)
    except Refusal as refusal:
        return [], [(Flaw(None, refusal), None)]
    return (found, []) if isinstance(found, list) and found else ([found], [])


def pieces(body: bytes, *, lines: bool) -> list[bytes]:
    """The bodies in a body: itself, or its lines if it is NDJSON (said so, or only its lines are JSON)."""
    found = [line for line in body.split(b"\n") if line.strip()]
    if len(found) < 2:
        return [body]
    return found if lines or (_is_json(found[0]) and not _is_json(body)) else [body]


def _is_json(text: bytes) -> bool:
    try:
        read_json(text)
    except Refusal:
        return False
    return True


def _key(text: str) -> bytes:
    return text.encode()


def _place(bad: tuple[Flaw, bytes | None]) -> int:
    return -1 if bad[0].row is None else bad[0].row


def misfit(observation: Observation, site: Site) -> Refusal | None:
    """What of an observation does not fit this site; None = it fits."""
    station, name = observation.station, observation.property
    if station not in site.stations:
        return Refusal("unknown_station", f"no station {station}", "station", station, "a station of stations.csv")
    stream = site.datastreams.get((station, name))
    if stream is None:
        known = ", ".join(sorted(s.property for s in site.stations[station]))
        return Refusal("unknown_property", f"{station} has no property {name}", "property", name, known)
    if observation.unit is None:
        return None
    try:
        conversion(observation.unit, stream.unit)
    except UnitError as problem:
        return Refusal("wrong_unit", str(problem), "unit", observation.unit, f"{stream.unit} or of its dimension")
    return None


def _sampled(piece: bytes) -> bytes | None:
    """The body, if it is a sampled frame that may go on as one."""
    if b'"values"' not in piece:
        return None
    try:
        value = lean(msgspec.json.decode(piece, type=SampledFrame))
    except (msgspec.MsgspecError, ValueError):
        return None
    return value if len(value) <= MOST_BYTES else None
