"""`stations.csv`: one row a datastream, its cells checked one by one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streams.config.cells import Row
from streams.config.check_cells import CHECK_COLUMNS, MONTHS
from streams.config.problems import Problems, Report, Words, listed
from streams.config.station_columns import ATTRIBUTE, Array, StationColumns
from streams.config.station_rows import Chunk, chunks
from streams.config.text_file import open_text
from streams.models.datastream import BOUNDS, Profile
from streams.models.datastream_columns import NONE, thin
from streams.models.datastreams import Datastreams, Numbers
from streams.models.ids import is_id
from streams.models.packed import Packed
from streams.models.settings import Quality

LIMIT = 400_000_000
_DIVIDERS = {";": "semicolons", "\t": "tabs"}
NEEDED = ("station", "property", "unit", "zone")
COLUMNS = (
    *NEEDED, "subject", "subject_zh", "subject_en", "lon", "lat", "crs", "name_zh",
    "name_en", "interval", "reporting", "range_min", "range_max",
    "datum", "datum_offset", "group",
    "classification", "hard_min", "hard_max", "soft_min", "soft_max", "stuck_for", "rest",
    "type", *CHECK_COLUMNS,
)  # fmt: skip


@dataclass(slots=True)
class Stations:
    """What the file says, and where."""

    table: Datastreams
    lines: Array  # by number of the datastream
    attributes: set[str]  # NAME of every column x_NAME
    report: Report

    def line(self, number: int) -> tuple[int, None]:
        """Where a datastream stands."""
        return int(self.lines[number]), None

    def id(self, number: int) -> str:
        """The station of a datastream."""
        return self.table.key(number)[0]


def read_stations(
    path: Path, shown: str, problems: Problems, zones: Collection[str] | None, quality: Quality
) -> Stations:
    """Every good row; what is wrong with the others is said. `zones` None: not known, not checked."""
    report = problems.in_file(shown)
    found = Stations(Datastreams.of({}), np.empty(0, np.int32), set(), report)
    text = open_text(path, report, LIMIT)
    if text is None:
        return found
    rows = chunks(text, report)
    first = next(rows, None)
    if first is None:
        report.error((1, None), "", Words("an empty file"), f"a header: {','.join(NEEDED)},…")
        return found
    columns = _columns(first.rows.pop(0), first.lines.pop(0), report)
    if columns is None:
        return found
    found.attributes = {name.removeprefix(ATTRIBUTE) for name in columns if name.startswith(ATTRIBUTE)}
    reading = StationColumns(columns, quality, zones)
    for chunk in chain([first], rows):
        if chunk.rows:
            _take(chunk, reading, report, zones)
    _finish(found, reading)
    if not len(found.lines) and not report.problems.errors:
        report.error((1, None), "", Words("no row below the header"), "at least one datastream")
    return found


def _columns(header: list[str], line: int, report: Report) -> list[str] | None:
    columns = [cell.strip() for cell in header]
    other = next((name for mark, name in _DIVIDERS.items() if len(columns) == 1 and mark in header[0]), None)
    if other:
        report.error((line, 1), "header", Words(f"columns divided by {other}"), "columns divided by commas")
        return None
    for number, name in enumerate(columns):
        if name in columns[:number]:
            report.error((line, None), "header", name, "each column once")
        elif name.startswith(ATTRIBUTE):
            if not name.removeprefix(ATTRIBUTE).isidentifier():
                report.error(
                    (line, None), "header", name, "x_NAME with a NAME of letters, digits and _ (`station.NAME`)"
                )
        elif name not in COLUMNS and name not in MONTHS:
            report.error(
                (line, None),
                "header",
                name,
                f"one of the columns {', '.join(COLUMNS)}, soft_max@07 for July alone, or x_NAME for `station.NAME`",
                (*COLUMNS, *MONTHS),
            )
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        report.error(
            (line, None), "header", Words(f"no column {', '.join(missing)}"), f"the columns {', '.join(NEEDED)}"
        )
    return None if missing or len(set(columns)) < len(columns) else columns


def _take(chunk: Chunk, reading: StationColumns, report: Report, zones: Collection[str] | None) -> None:
    """Keep the good rows; read the others again, cell by cell, to say what is wrong."""
    cells, found, wrong = reading.read(chunk.rows)
    suspects = np.flatnonzero(wrong).tolist()
    dropped = {
        n for n in suspects if not _is_good(Row(reading.columns, chunk.rows[n], chunk.lines[n], report), reading, zones)
    }
    if dropped:
        kept = [n for n in range(len(chunk.rows)) if n not in dropped]
        chunk = Chunk([chunk.rows[n] for n in kept], [chunk.lines[n] for n in kept])
        cells, found = reading.read(chunk.rows)[:2] if kept else (cells, {})
    if found:
        reading.keep(cells, found | {"line": np.array(chunk.lines, np.int32)})


def _is_good(row: Row, reading: StationColumns, zones: Collection[str] | None) -> bool:
    """Whether a row makes a datastream; what is wrong with it is said."""
    if not any(cell.strip() for cell in row.given):
        return False
    stream = row.datastream(reading.quality)
    zone = row.cells.get("zone", "")
    if zones is not None and is_id(zone) and zone not in zones:
        row.error("zone", zone, f"one of the zones {listed(zones)}", zones)
    return stream is not None


def _finish(found: Stations, reading: StationColumns) -> None:
    """The table of all rows; a datastream that comes twice is said, and the first row counts."""
    rows = reading.whole()
    if not rows:
        return
    names = list(dict.fromkeys(profile.property for profile in reading.profiles))
    properties = np.array([names.index(profile.property) for profile in reading.profiles])
    key = rows["station"].astype(np.int64) * len(names) + properties[rows["profile"]]
    first, same = np.unique(key, return_index=True, return_inverse=True)[1:]
    again = first[same] != np.arange(len(key))
    for n in np.flatnonzero(again).tolist():
        known = reading.profiles[rows["profile"][n]].property
        station, line = reading.stations.texts[rows["station"][n]], rows["line"][first[same[n]]]
        words = Words(f"{station} {known} again (first in line {line})")
        expected = "each property of a station once"
        found.report.error((int(rows["line"][n]), None), "column property", words, expected)
    if again.any():
        rows = {name: column[~again] for name, column in rows.items()}
    found.lines, found.table = rows["line"], _table(rows, reading)


def _table(rows: dict[str, Array], reading: StationColumns) -> Datastreams:
    profiles, profile = _profiles(rows, reading)
    stations, given = reading.stations.texts, reading.subjects.texts
    others = [text for text in given if text not in reading.stations or reading.stations[text] < 0]
    places = {text: len(stations) + n for n, text in enumerate(others)}
    codes = np.array([places.get(text, -1) if text in places else reading.stations[text] for text in given], np.int32)
    own = rows["subject"] == NONE
    subject = np.where(own, rows["station"], codes[rows["subject"]] if len(codes) else 0).astype(np.int32)
    return Datastreams(
        profiles=profiles, profile=profile,
        station_ids="\n".join(stations).encode(), station=rows["station"],
        zones=reading.zones.texts, zone=rows["zone"],
        subjects=Packed.of(others), subject=subject,
        groups=reading.groups.texts, group=thin(rows["group"]),
        names=Packed.joined(reading.names), name=rows["name"],
        subject_names=Packed.joined(reading.subject_names), subject_name=rows["subject_name"],
        originals=Packed.joined(reading.originals), original=rows["original"],
        lon=rows["lon"], lat=rows["lat"],
        bounds={name: thin(rows[name]) for name in BOUNDS},
        amounts={name: rows[f"value {name}"] for name in reading.attributes if (rows[f"unit {name}"] >= 0).any()},
    )  # fmt: skip


def _profiles(rows: dict[str, Array], reading: StationColumns) -> tuple[list[Profile], NDArray[np.int32]]:
    """What rows share, with the units of the attributes that each of them has."""
    code = rows["profile"].astype(np.int64)
    for name in reading.attributes:
        code = code * (len(reading.units.texts) + 1) + rows[f"unit {name}"] + 1
        code = np.unique(code, return_inverse=True)[1]
    _, first, code = np.unique(code, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))  # in the order of the file
    found = []
    for n in np.sort(first).tolist():
        units = ((name, int(rows[f"unit {name}"][n])) for name in sorted(reading.attributes))
        attributes = tuple((name, reading.units.texts[unit]) for name, unit in units if unit >= 0)
        found.append(replace(reading.profiles[rows["profile"][n]], attributes=attributes))
    return found, rank[code].astype(np.int32)


def check_agreement(found: Stations) -> None:
    """A station is one place with one name, however many rows it has; a row that leaves these blank takes them over."""
    table = found.table
    placed, named = ~np.isnan(table.lon), table.name != NONE
    place, name = (_first(table, rows)[table.station] for rows in (placed, named))  # the row that says it first
    moved = placed & ((table.lon != table.lon[place]) | (table.lat != table.lat[place]))
    renamed = named & (table.name != table.name[name])
    for n in np.flatnonzero(moved | renamed).tolist():
        if moved[n]:
            _disagree(found, n, "lon, lat", (_position(table, n), _position(table, place[n])))
        if renamed[n]:
            _disagree(found, n, "name", (_name(table, n), _name(table, name[n])))
    lonely, nameless = ~placed & (place != NONE), ~named & (name != NONE)
    found.table = replace(
        table,
        lon=np.where(lonely, table.lon[place], table.lon),
        lat=np.where(lonely, table.lat[place], table.lat),
        original=thin(np.where(lonely, table.original[place], table.original)),
        name=thin(np.where(nameless, table.name[name], table.name)),
    )


def _first(table: Datastreams, rows: NDArray[np.bool_]) -> Numbers:
    """The first of these rows by station; NONE for a station that has none."""
    found = np.full(len(table.stations), NONE, np.int64)
    numbers = np.flatnonzero(rows)[::-1]
    found[table.station[numbers]] = numbers
    return found


def _disagree(found: Stations, number: int, what: str, pair: tuple[str, str]) -> None:
    words, expected = Words(f"{pair[0]}, but {pair[1]} in an earlier row"), "the same in all rows of a station"
    found.report.error(found.line(number), f"station {found.id(number)}: {what}", words, expected)


def _position(table: Datastreams, number: int) -> str:
    return f"{table.lon[number]:.6g}, {table.lat[number]:.6g}"


def _name(table: Datastreams, number: int) -> str:
    return " / ".join(table.name_of(number).values())
