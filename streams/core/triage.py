"""`reports` to signals: what of a report may move an alert. Who it was stays behind as a pseudonym."""

from collections.abc import Callable
from typing import Protocol

from streams.core.examine import read_json
from streams.core.forms import Record
from streams.core.instant import shown
from streams.core.refusal import Flaw, Refusal, rejects_of
from streams.core.reports import CheckedReport, check_report
from streams.core.zones import ZoneIndex
from streams.models.ids import cause_id
from streams.models.reject import Reject
from streams.models.report import Report
from streams.models.signal import Reported, Source
from streams.models.site import Site

STAGE = "triage"


class PlacedRecord(Record, Protocol):
    """A record that knows where it lies."""

    topic: str
    partition: int


def triage(
    record: PlacedRecord, site: Site, pseudonym: Callable[[str], str], zones: ZoneIndex | None = None
) -> Reported | Reject:
    """The signal that a report is, or why it is none. Control records must have been taken out (`is_control`)."""
    received = record.timestamp * 1000
    try:
        if not record.value:
            raise Refusal("empty", "the value is empty, without our header", expected="a report")  # noqa: TRY301
        checked = check_report(read_json(record.value), received, site, zones)
    except Refusal as refusal:
        (reject,) = rejects_of([Flaw(None, refusal)], record.value or b"", STAGE)
        reject.topic, reject.partition, reject.offset = record.topic, record.partition, record.offset
        reject.time = shown(received)
        return reject
    return _signal(record, checked, received, pseudonym)


def _signal(record: PlacedRecord, checked: CheckedReport, received: int, pseudonym: Callable[[str], str]) -> Reported:
    report, time, zone, place = checked
    lon, lat = place or (None, None)
    return Reported(
        id=cause_id("report", report.id, report.status),
        source=Source(record.topic, record.partition, record.offset, 0, 0),
        received=received,
        zone=zone,
        status=report.status,
        kind=report.kind,
        origin=report.source,
        time=time,
        reporter=pseudonym(_who(report)),
        severity=report.severity,
        lon=lon,
        lat=lat,
    )


def _who(report: Report) -> str:
    """What tells reporters apart. Nameless ones count as different people: in doubt the alert goes out."""
    return report.reporter or report.contact or f"report:{report.id}"
