"""Files as they come to `publish` and `replay`: JSON lines of WIRE readings and reports, and CSV; merged by time."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any, Literal, NamedTuple

from streams.core.examine import Checked, examine, read_json
from streams.core.instant import check_limits
from streams.core.refusal import Refusal
from streams.core.reports import check_report
from streams.core.zones import ZoneIndex
from streams.gateway.admission import misfit
from streams.gateway.csv_file import CsvFile, CsvRow, read_csv
from streams.gateway.file_error import FileError, from_refusal
from streams.gateway.frames import lean
from streams.gateway.lines import numbered_lines
from streams.gateway.privacy import without_person
from streams.models.observation import Status
from streams.models.report import encode_report
from streams.models.site import Site
from streams.models.times import EPOCH, microseconds

NEVER = microseconds(EPOCH.replace(year=9998))  # received time of a file that is not held against the clock


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A file of WIRE values, one a line."""

    path: Path


class FileRecord(NamedTuple):
    """One Kafka record to be. `time` is the earliest phenomenon time in it, `latest` the latest (microseconds)."""

    path: Path
    line: int
    topic: Literal["readings", "reports"]
    key: bytes
    value: bytes
    time: int
    latest: int
    rows: int


@dataclass(frozen=True)
class Reading:
    """How files are read. Every record is checked as a door checks it; the first flaw raises FileError."""

    site: Site
    pseudonym: Callable[[str], str]
    received: int = NEVER  # now, when times ahead of the clock shall be refused
    limit: int = 1_000_000  # bytes of a record
    status: Status | None = None  # instead of what the lines say
    check_site: bool = True  # refuse stations, properties and units that the site does not know
    on_error: Callable[[FileError], None] | None = None  # told of a flawed line, which is then left out; None = raise


def read_records(sources: Sequence[JsonLines | CsvFile], reading: Reading) -> Iterator[FileRecord]:
    """All records, merged by time; equal times in the order of the sources, lines of a file never overtake."""
    zones = ZoneIndex(reading.site.zones)
    streams = [_records(source, reading, zones) for source in sources]
    return merge(*streams, key=lambda record: record.time)


def _records(source: JsonLines | CsvFile, reading: Reading, zones: ZoneIndex) -> Iterator[FileRecord]:
    if isinstance(source, CsvFile):
        return (_from_csv(source, row, reading) for row in read_csv(source))
    return _from_lines(source, reading, zones)


def _from_lines(source: JsonLines, reading: Reading, zones: ZoneIndex) -> Iterator[FileRecord]:
    for number, line in numbered_lines(source.path, reading.limit):
        try:
            record = _from_line(source.path, number, line, reading, zones)
        except FileError as error:
            if reading.on_error is None:
                raise
            reading.on_error(error)
        else:
            yield record


def _from_csv(file: CsvFile, row: CsvRow, reading: Reading) -> FileRecord:
    line, observation, time = row
    try:
        check_limits(time, reading.received, file.time_column, observation.time)
    except Refusal as refusal:
        raise from_refusal(file.path, line, refusal) from None
    wrong = misfit(observation, reading.site) if reading.check_site else None
    if wrong is not None:
        raise from_refusal(file.path, line, wrong)
    observation.status = reading.status or file.status
    return FileRecord(file.path, line, "readings", file.station.encode(), lean(observation), time, time, 1)


def _from_line(path: Path, number: int, line: bytes, reading: Reading, zones: ZoneIndex) -> FileRecord:
    try:
        body = read_json(line)
        changed = _t_for_blank(body) | (reading.status is not None and _set_status(body, reading.status))
        value = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() if changed else line
        if isinstance(body, dict) and "kind" in body and "station" not in body:
            return _report(path, number, body, reading, zones)
    except Refusal as refusal:
        raise from_refusal(path, number, refusal) from None
    checked, flaws = examine(value, reading.received)
    if flaws:
        error = from_refusal(path, number, flaws[0].refusal, flaws[0].row)
        if reading.on_error is None or not checked:
            raise error
        reading.on_error(error)  # the other rows count, as they do on the wire
    return _readings(path, number, value, checked, reading)


def _readings(path: Path, number: int, value: bytes, checked: list[Checked], reading: Reading) -> FileRecord:
    station = checked[0].observation.station
    for row in checked:
        wrong = misfit(row.observation, reading.site) if reading.check_site else None
        if wrong is not None:
            raise from_refusal(path, number, wrong, row.row)
        if row.observation.station != station:
            found = f"rows of {station} and of {row.observation.station}"
            raise FileError(path, number, None, found, "a line for each station: Kafka keeps a station's rows together")
    if len(value) > reading.limit:
        raise FileError(path, number, None, f"{len(value):,} bytes", f"at most {reading.limit:,}", "too large")
    times = [row.time for row in checked]
    return FileRecord(path, number, "readings", station.encode(), value, min(times), max(times), len(times))


def _report(path: Path, number: int, body: Any, reading: Reading, zones: ZoneIndex) -> FileRecord:
    report, time, zone, _ = check_report(body, reading.received, reading.site, zones)
    report.zone = zone
    value = encode_report(without_person(report, reading.pseudonym))
    return FileRecord(path, number, "reports", zone.encode(), value, time, time, 1)


def _t_for_blank(body: Any) -> bool:
    """People write a blank between date and time; the wire does not know it. Whether anything was changed."""
    changed = False
    for row in _rows(body):
        for field in ("time", "start"):
            text = row.get(field)
            if isinstance(text, str) and len(text) > 10 and text[10] == " ":
                row[field] = f"{text[:10]}T{text[11:]}"
                changed = True
    return changed


def _set_status(body: Any, status: Status) -> bool:
    """The same record under another status, whatever its form. Whether anything was changed."""
    changed = False
    for row in _rows(body):
        changed |= row.get("status", "Actual") != status
        row["status"] = status
    return changed


def _rows(body: Any) -> list[dict[str, Any]]:
    return [row for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]
