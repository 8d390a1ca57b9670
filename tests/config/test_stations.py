"""Reading by columns says and finds what reading cell by cell does."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from streams.config.cells import Row
from streams.config.problems import Problems, Words, listed
from streams.config.station_rows import chunks
from streams.config.stations import COLUMNS, check_agreement, read_stations
from streams.models.ids import is_id
from streams.models.settings import MonthLimits, PropertyQuality, Quality
from streams.models.site import Datastream

ZONES = ("Z1", "Z2")
QUALITY = Quality(
    properties={
        "water_level": PropertyQuality(unit="cm", hard_min=-100, hard_max=5000, soft_max=400, stuck_for="never"),
        "rain": PropertyQuality(soft_max=80, rest=(0.0, 5.0), recover=3),
        "wind": PropertyQuality(swings=4, swing_band=2, swing_for="5 min", fall_max="3 m/min"),
    },
    types={
        "float": PropertyQuality(unit="cm", shift=50, shift_for="20 min", months={"07": MonthLimits(soft_max=500)}),
        "radar": PropertyQuality(unit="mm", rise_max="500 mm/h", stuck_band=2, soft_max=6000),
    },
)
GOOD = {
    "station": ["R1", "R2", "R3", "站四", "R5"],
    "property": ["water_level", "rain", "wind"],
    "unit": ["m", "m", "cm", "1"],
    "zone": ["Z1", "Z1", "Z2"],
    "subject": ["", "", "R1", "reach-1", "R9"],
    "subject_zh": ["", "", "河"],
    "subject_en": ["", "", "River"],
    "lon": ["", "100", "100.25", "1e2"],
    "lat": ["", "23", "23.5"],
    "crs": ["", "", "", "WGS84", "CGCS2000", "GCJ02", "BD09"],
    "name_zh": ["", "", "甲", "R1"],
    "name_en": ["", "", "A, B", "R1"],
    "interval": ["", "1 min", "5 min"],
    "reporting": ["", "periodic", "on_change"],
    "range_min": ["", "", "-5", "1_0"],
    "range_max": ["", "", "50"],
    "datum": ["", "1985", "1985"],
    "datum_offset": ["", "Wusong -1.72 m", "Wusong -170 cm; Yellow Sea 0.03 m"],
    "group": ["", "", "net-1", "net-2"],
    "classification": ["", "open", "restricted"],
    "hard_min": ["", "", "-10"],
    "hard_max": ["", "", "99"],
    "soft_min": ["", "", "-1"],
    "soft_max": ["", "", "9"],
    "stuck_for": ["", "", "never", "2 h"],
    "rest": ["", "", "0 100"],
    "type": ["", "", "", "float", "radar"],
    "rise_max": ["", "", "0.5 m/h", "2 cm/min"],
    "fall_max": ["", "", "", "0.5 m/h"],
    "stuck_band": ["", "", "0.02"],
    "shift": ["", "", "1"],
    "swing_band": ["", "", "0.5"],
    "shift_for": ["10 min", "10 min", ""],
    "swing_for": ["1 h", "1 h", ""],
    "swings": ["", "", "5"],
    "recover": ["", "", "2"],
    "neighbour": ["", "", "", "0.5"],
    "neighbour_least": ["", "", "1"],
    "neighbour_age": ["", "", "20 min"],
    "neighbour_every": ["", "", "1 min", "30 s"],
    "drift": ["", "", "", "0.1"],
    "drift_for": ["", "", "7 d"],
    "soft_max@07": ["", "", "8"],
    "hard_min@12": ["", "", "-9"],
    "x_warning": ["", "3 m", "3.5 m", " 250 cm", "4m", "7 m3/s", "2", "3 m 1985", "5 m Wusong", "5 m Wusong"],
    "x_count": ["", "", "3 1", "4 {people}"],
}  # fmt: skip
BAD = [
    "?",
    "a b",
    "-",
    "nan",
    "inf",
    "1e999",
    "1_0",
    "x:y",
    "12 parsecs",
    "99999",
    "Ｒ1",
    "5 h",
    '"',
    "3 m x",
    "3 m Wusong",
    "Wusong",
    "Wusong 3 s",
    "m",
    "-3",
]


def naive(path: Path) -> tuple[dict[tuple[str, str], Datastream], list[str]]:
    """Row by row and cell by cell, with nothing remembered."""
    problems = Problems()
    report = problems.in_file(path.name)
    read = list(chunks(path.read_text("utf-8").splitlines(keepends=True), report))
    rows = (pair for chunk in read for pair in zip(chunk.rows, chunk.lines, strict=True))
    columns = next(rows)[0]
    found: dict[tuple[str, str], Datastream] = {}
    lines: dict[tuple[str, str], int] = {}
    for given, line in rows:
        row = Row(columns, given, line, report)
        if not any(cell.strip() for cell in given):
            continue
        stream, zone = row.datastream(QUALITY), row.cells.get("zone", "")
        if is_id(zone) and zone not in ZONES:  # said beside whatever else is wrong
            row.error("zone", zone, f"one of the zones {listed(ZONES)}", ZONES)
        if stream is None:
            continue
        if stream.key in found:
            words = Words(f"{stream.station} {stream.property} again (first in line {lines[stream.key]})")
            row.error("property", words, "each property of a station once")
            continue
        found[stream.key], lines[stream.key] = stream, line
    found = agreed(found, lines, report)
    return found, sorted(map(str, problems.errors))


def agreed(found, lines, report):
    """The first position and name of a station are those of all its rows."""
    places: dict[str, Datastream] = {}
    names: dict[str, dict[str, str]] = {}
    for stream in found.values():
        if stream.lon is not None:
            places.setdefault(stream.station, stream)
        if set(stream.name.values()) != {stream.station}:
            names.setdefault(stream.station, stream.name)
    made = {}
    for key, stream in found.items():
        place, name = places.get(stream.station, stream), names.get(stream.station, stream.name)
        expected, at = "the same in all rows of a station", (lines[key], None)
        if stream.lon is not None and (stream.lon, stream.lat) != (place.lon, place.lat):
            said = ", but ".join(f"{one.lon:.6g}, {one.lat:.6g}" for one in (stream, place))
            report.error(at, f"station {stream.station}: lon, lat", Words(f"{said} in an earlier row"), expected)
        if set(stream.name.values()) != {stream.station} and stream.name != name:
            said = ", but ".join(" / ".join(one.values()) for one in (stream.name, name))
            report.error(at, f"station {stream.station}: name", Words(f"{said} in an earlier row"), expected)
        made[key] = stream if set(stream.name.values()) != {stream.station} else replace(stream, name=name)
        if stream.lon is None:
            made[key] = replace(made[key], lon=place.lon, lat=place.lat, original=place.original)
    return made


def by_columns(path: Path):
    problems = Problems()
    found = read_stations(path, path.name, problems, ZONES, QUALITY)
    check_agreement(found)
    return dict(found.table), sorted(map(str, problems.errors)), found


def made(draw: random.Random, rows: int, wrong: float) -> str:
    columns = [name for name in GOOD if name in ("station", "property", "unit", "zone") or draw.random() < 0.6]
    draw.shuffle(columns)
    lines = [",".join(columns)]
    for number in range(rows):
        cells = {name: draw.choice(GOOD[name]) for name in columns}
        if draw.random() < 0.8:
            cells["station"] = f"S{number}"
        cells |= {name: draw.choice(BAD) for name in columns if draw.random() < wrong}
        row = [
            f'"{cell.replace(chr(34), chr(34) * 2)}"' if "," in cell or '"' in cell else cell for cell in cells.values()
        ]
        lines.append(",".join(draw.choice([row, row, row, row[:-1], [*row, ""], [*row, "more"] if wrong else row])))
        if draw.random() < 0.05:
            lines.append(draw.choice(["", " ", "," * len(columns)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_by_columns_is_as_by_cells(seed: int, tmp_path: Path, monkeypatch):
    draw = random.Random(seed)
    monkeypatch.setattr("streams.config.station_rows.CHUNK", draw.choice([3, 7, 1000]))
    path = tmp_path / "stations.csv"
    path.write_text(made(draw, draw.choice([1, 5, 40]), wrong=[0.0, 0.01, 0.2][seed % 3]), "utf-8")

    streams, said, _ = by_columns(path)

    expected, problems = naive(path)
    assert said == problems
    assert streams == expected
    assert list(streams) == list(expected)


def test_all_columns_are_tried():
    assert set(COLUMNS) == {name for name in GOOD if not name.startswith("x_") and "@" not in name}


def test_lines_are_those_of_the_file(tmp_path: Path):
    path = tmp_path / "stations.csv"
    path.write_text('station,property,unit,zone,name_zh\nA,rain,mm,Z1,"two\nlines"\n\nB,rain,mm,Z1,\n', "utf-8")

    _, said, found = by_columns(path)
    assert (said, found.lines.tolist(), found.line(1)) == ([], [2, 5], (5, None))


def test_the_same_rows_in_another_order_are_one_profile_each(tmp_path: Path):
    rows = [f"S{n},rain,mm,Z1,{n % 7}.5,{n} mm" for n in range(200)]
    path = tmp_path / "stations.csv"
    path.write_text("\n".join(["station,property,unit,zone,range_max,x_heavy", *rows]), "utf-8")

    found = by_columns(path)[2]
    (profile,) = found.table.profiles
    assert profile.attributes == (("heavy", "mm"),)
    assert found.table.attribute("heavy")[0].tolist() == list(range(200))
    assert found.table.bounds["range_max"][8] == 1.5
