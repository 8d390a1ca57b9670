"""`stations.csv`: one row a datastream, its cells checked one by one."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streams.config.cells import Row
from streams.config.problems import Problems, Report, Words, listed
from streams.config.text_file import read_text
from streams.models.settings import Quality
from streams.models.site import Datastream

LIMIT = 400_000_000
NEEDED = ("station", "property", "unit", "zone")
COLUMNS = (
    *NEEDED, "subject", "subject_zh", "subject_en", "lon", "lat", "crs", "name_zh",
    "name_en", "interval", "reporting", "range_min", "range_max",
    "datum", "classification", "hard_min", "hard_max", "soft_min", "soft_max", "stuck_for", "rest",
)  # fmt: skip
ATTRIBUTE = "x_"


@dataclass(slots=True)
class Stations:
    """What the file says, and where."""

    datastreams: dict[tuple[str, str], Datastream]
    lines: dict[tuple[str, str], int]
    attributes: set[str]  # NAME of every column x_NAME
    report: Report


def read_stations(
    path: Path, shown: str, problems: Problems, zones: Collection[str] | None, quality: Quality
) -> Stations:
    """Every good row; what is wrong with the others is said. `zones` None: not known, not checked."""
    report = problems.in_file(shown)
    found = Stations({}, {}, set(), report)
    text = read_text(path, report, LIMIT)
    if text is None:
        return found
    rows = _rows(text, report)
    header = next(rows, None)
    if header is None:
        report.error((1, None), "", Words("an empty file"), f"a header: {','.join(NEEDED)},…")
        return found
    columns = _columns(header[1], header[0], report)
    if columns is None:
        return found
    found.attributes = {name.removeprefix(ATTRIBUTE) for name in columns if name.startswith(ATTRIBUTE)}
    for line, cells in rows:
        if any(cell.strip() for cell in cells):
            _take(Row(columns, cells, line, report), found, zones, quality)
    if not found.lines and not report.problems.errors:
        report.error((1, None), "", Words("no row below the header"), "at least one datastream")
    return found


def _rows(text: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        report.error(
            (line, None), "", Words(f"{error} (in the row that begins here)"), "CSV: cells with commas in double quotes"
        )


def _columns(header: list[str], line: int, report: Report) -> list[str] | None:
    columns = [cell.strip() for cell in header]
    for number, name in enumerate(columns):
        if name in columns[:number]:
            report.error((line, None), "header", name, "each column once")
        elif name.startswith(ATTRIBUTE):
            if not name.removeprefix(ATTRIBUTE).isidentifier():
                report.error(
                    (line, None), "header", name, "x_NAME with a NAME of letters, digits and _ (`station.NAME`)"
                )
        elif name not in COLUMNS:
            report.error(
                (line, None),
                "header",
                name,
                f"one of the columns {', '.join(COLUMNS)}, or x_NAME for `station.NAME`",
                COLUMNS,
            )
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        report.error(
            (line, None), "header", Words(f"no column {', '.join(missing)}"), f"the columns {', '.join(NEEDED)}"
        )
    return None if missing or len(set(columns)) < len(columns) else columns


def _take(row: Row, found: Stations, zones: Collection[str] | None, quality: Quality) -> None:
    stream = row.datastream(quality)
    if stream is None:
        return
    if zones is not None and stream.zone not in zones:
        row.error("zone", stream.zone, f"one of the zones {listed(zones)}", zones)
    if stream.key in found.lines:
        words = f"{stream.station} {stream.property} again (first in line {found.lines[stream.key]})"
        row.error("property", Words(words), "each property of a station once")
        return
    found.datastreams[stream.key] = stream
    found.lines[stream.key] = row.line


def check_agreement(found: Stations) -> None:
    """A station is one place with one name, however many rows it has; a row that leaves these blank takes them over."""
    first: dict[str, Datastream] = {}
    for stream in found.datastreams.values():
        first[stream.station] = _richer(first.get(stream.station), stream)
    for key, given in found.datastreams.items():
        stream, whole = given, first[given.station]
        _compare(found, stream, whole)
        if stream.lon is None:
            stream = replace(stream, lon=whole.lon, lat=whole.lat, original=whole.original)
        found.datastreams[key] = stream if _named(stream) else replace(stream, name=whole.name)


def _named(stream: Datastream) -> bool:
    return set(stream.name.values()) != {stream.station}


def _richer(known: Datastream | None, stream: Datastream) -> Datastream:
    """What the rows say together: the first position and the first name given."""
    if known is None:
        return stream
    if known.lon is None and stream.lon is not None:
        known = replace(known, lon=stream.lon, lat=stream.lat, original=stream.original)
    return known if _named(known) else replace(known, name=stream.name)


def _compare(found: Stations, stream: Datastream, whole: Datastream) -> None:
    positions = [(one.lon, one.lat) for one in (stream, whole)]
    pairs: dict[str, list[Any]] = {
        "lon, lat": positions if stream.lon is not None else [],
        "name": [stream.name, whole.name] if _named(stream) else [],
    }
    for what, pair in pairs.items():
        if pair and pair[0] != pair[1]:
            at, words = (found.lines[stream.key], None), f"{_said(pair[0])}, but {_said(pair[1])} in an earlier row"
            expected = "the same in all rows of a station"
            found.report.error(at, f"station {stream.station}: {what}", Words(words), expected)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(value.values())
    return ", ".join(f"{one:.6g}" for one in value)
