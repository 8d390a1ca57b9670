"""The shipped hazards on recordings: a river, Beijing's air by both editions, a week of earthquakes, two tsunamis."""

import csv
import gzip
import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.config import load
from streams.models.level import NUMBER
from streams.models.times import microseconds
from streams.replay import Replay

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
COLOURS = (None, "blue", "yellow", "orange", "red")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data, which is not part of the project")
ZONE = {"id": "Z1", "name_zh": "一", "name_en": "One", "parent": None, "unit": "u"}
RING = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
AT_ONCE = "  lower: {after: 0 s, end: timer, end_red: timer, reopen: 0 s}\n"


class Record(NamedTuple):
    topic: str
    key: bytes
    value: bytes
    latest: int


def a_site(folder, hazards, stations, overlays, own=None):
    for name in ("hazards", "overlays"):
        (folder / name).mkdir()
    for name in hazards:
        (folder / "hazards" / f"{name}.yaml").write_text((ROOT / f"configs/hazards/{name}.yaml").read_text("utf-8"))
    for name, text in (own or {}).items():
        (folder / "hazards" / f"{name}.yaml").write_text(text, "utf-8")
    for name, said in overlays.items():
        head = f"schema: tocsin.overlay/1\nhazard: {name}\nset:\n"
        (folder / "overlays" / f"{name}.yaml").write_text(head + said, "utf-8")
    (folder / "app.yaml").write_text("timezone: UTC\nquality: {stuck_for: never}\n")
    (folder / "stations.csv").write_text(stations, "utf-8")
    zone = {"type": "Feature", "properties": ZONE, "geometry": {"type": "Polygon", "coordinates": [RING]}}
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [zone]}))
    return load(folder).site


def changes(site, readings):
    """Level changes (time, level) of alerts, of readings (time, station, property, value, unit)."""
    found, level = [], None
    for one in Replay(site, str).run(map(record, readings)):
        if one.kind == "alert" and one.level != level:
            found.append((datetime.fromisoformat(one.time), one.level))
            level = one.level
    return found


def record(reading):
    time, station, observed, value, unit = reading
    body = {"station": station, "property": observed, "time": time.isoformat(), "value": value, "unit": unit}
    return Record("readings", station.encode(), json.dumps(body).encode(), microseconds(time))


# -- river ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["DeadRun_Instant.csv.gz", "view-example.csv.gz"])
def test_floods_of_a_river_by_the_shipped_file(tmp_path, name):
    """The gauge's own marks are 4, 5 and 6 ft; an overlay sets `near` to a foot below and clears half a foot below."""
    truth = json.loads((DATA / "river" / "expected_levels.json").read_text())
    foot = "[ft_i]"
    marks = {"near": "warning_level", "warning": "warning_level", "guarantee": "guarantee_level"}
    marks["record"] = "historic_maximum"
    said = f"  conditions.near.at_least: 'station.warning_level - 1 {foot}'\n"
    for condition, mark in marks.items():
        feet = 1.5 if condition == "near" else 0.5
        said += f"  conditions.{condition}.clear_below: 'station.{mark} - {feet} {foot}'\n"
    said += "  conditions.warning.for: 0 s\n  conditions.soon: null\n  levels.blue: near\n" + AT_ONCE
    stations = "station,property,unit,zone,datum,x_warning_level,x_guarantee_level,x_historic_maximum\n"
    stations += f"R1,water_level,{foot},Z1,gauge,4 {foot},5 {foot},6 {foot}\n"
    site = a_site(tmp_path, ["flood"], stations, {"flood": said})
    with gzip.open(DATA / "river" / name, "rt") as file:
        rows = [(row["datetimeUTC"], row[truth["column"]]) for row in csv.DictReader(file)]
    times = [(datetime.fromisoformat(time).replace(tzinfo=UTC), float(feet)) for time, feet in rows if feet]
    found = changes(site, ((time, "R1", "water_level", feet, foot) for time, feet in sorted(times)))
    wanted = [
        (datetime.fromisoformat(one["time"]), None if one["to"] == "none" else one["to"])
        for one in truth["transitions"][name]
    ]
    assert found == wanted


# -- air --------------------------------------------------------------------------------------------------------------

TABLE = {2012: (0, 35, 75, 115, 150, 250, 350, 500), 2026: (0, 35, 60, 115, 150, 250, 350, 500)}
INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
LEVELS = ((1, 150, 140), (2, 200, 188), (3, 300, 280), (4, 500, 460))


def iaqi(edition, value):
    for n in range(1, len(INDEX)):
        low, high = TABLE[edition][n - 1 : n + 1]
        if value <= high:
            return math.ceil(INDEX[n - 1] + (INDEX[n] - INDEX[n - 1]) * (value - low) / (high - low) - 1e-9)
    return 500


def expected_air(edition, hours):
    """Latches of four levels. After more than two hours without a value the first one has no hour behind it."""
    on, level, found, before = set(), 0, [], None
    for time, value in hours:
        whole = before is not None and time - before <= timedelta(hours=2)
        before = time
        if not whole:
            continue
        index = iaqi(edition, value)
        for number, begins, clears in LEVELS:
            if index >= begins if number == NUMBER["red"] else index > begins:
                on.add(number)
            elif index < clears:
                on.discard(number)
        if max(on, default=0) != level:
            level = max(on, default=0)
            found.append((time, COLOURS[level]))
    return found


@pytest.mark.parametrize("edition", [2012, 2026])
def test_air_of_beijing_by_both_editions(tmp_path, edition):
    """2012 as it was; for the edition of 2026 the same hours sixteen years later, where the calendar is the same."""
    later = 16 if edition == 2026 else 0
    with (DATA / "air" / "beijing_pm25.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["pm2.5"] != "NA" and row["year"] in ("2011", "2012")]
    hours = [
        (
            datetime(int(r["year"]) + later, int(r["month"]), int(r["day"]), int(r["hour"]), tzinfo=UTC),
            float(r["pm2.5"]),
        )
        for r in rows
    ]
    site = a_site(tmp_path, ["air-quality"], "station,property,unit,zone\nA1,pm25,ug/m3,Z1\n", {"air-quality": AT_ONCE})
    found = changes(site, ((time, "A1", "pm25", value, "ug/m3") for time, value in hours))
    wanted = expected_air(edition, hours)
    assert len(wanted) > 300
    assert found == wanted


# -- earthquakes ------------------------------------------------------------------------------------------------------

HUALIEN = (121.6, 23.98)
MINUTE = timedelta(minutes=1)


def kilometres(lon, lat):
    a, b, c = math.radians(lat), math.radians(HUALIEN[1]), math.radians(lon - HUALIEN[0])
    return 6371 * math.acos(min(1, math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(c)))


def felt(magnitude, distance, depth):
    """A plain attenuation, good enough to have all levels: it is what the warning system would send."""
    return max(0.0, round(1.5 * magnitude - 4.2 * math.log10(math.hypot(distance, depth, 10)) + 4, 1))


def level_of(magnitude, distance, intensity):
    if not (magnitude >= 5 or (magnitude >= 4 and distance <= 50)):
        return 0
    return sum(intensity >= least for least in (1, 2.5, 4.5, 6.5))


def test_a_week_of_earthquakes(tmp_path):
    week = json.loads((DATA / "earthquakes" / "usgs_week.json").read_text())["features"]
    events = []
    for one in week:
        lon, lat, depth = one["geometry"]["coordinates"]
        if one["properties"]["mag"] is None:
            continue
        time = datetime.fromtimestamp(one["properties"]["time"] // 60000 * 60, UTC)
        far = kilometres(lon, lat)
        events.append((time, one["properties"]["mag"], far, felt(one["properties"]["mag"], far, depth)))
    strongest = {}
    for event in sorted(events):
        strongest[event[0]] = max(strongest.get(event[0], event), event, key=lambda e: (level_of(*e[1:]), e[3]))
    readings, wanted, level = [], [], 0
    for time, magnitude, far, intensity in strongest.values():
        calm = [] if time + MINUTE in strongest else [(time + MINUTE, 0.0, 0.0, 0.0)]
        for at, m, d, i in ((time, magnitude, far, intensity), *calm):
            values = (("epicentral_distance", d, "km"), ("magnitude", m, "1"), ("estimated_intensity", i, "1"))
            readings += [(at, "E1", name, value, unit) for name, value, unit in values]
            if (now := level_of(m, d, i)) != level:
                wanted.append((at, COLOURS[now]))
                level = now
    fed = (("epicentral_distance", "km"), ("magnitude", "1"), ("estimated_intensity", "1"))
    stations = "station,property,unit,zone,group\n" + "".join(f"E1,{name},{unit},Z1,feed\n" for name, unit in fed)
    site = a_site(tmp_path, ["earthquake"], stations, {"earthquake": AT_ONCE})
    found = last_of_each_minute(changes(site, readings))
    assert {level for _, level in wanted} >= {"yellow", "orange", "red"}
    assert found == wanted


def last_of_each_minute(found):
    """Three values of one event come one after the other; what counts is where they lead."""
    kept, before = [], None
    for time, level in dict(found).items():
        if level != before:
            kept.append((time, level))
            before = level
    return kept


# -- tsunamis ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "origin", "within"),
    [
        ("nukualofa_2006_tsunami_detided.csv", "2006-05-03T15:26:40+00:00", 4),
        ("nukualofa_chile2010_detided.csv", "2010-02-27T06:34:15+00:00", 18),
    ],
)
def test_two_tsunamis_at_a_tide_gauge(tmp_path, name, origin, within):
    """Nothing before the earthquake; blue once the wave is there."""
    stations = "station,property,unit,zone,x_tsunami_orange,x_tsunami_red\nT1,sea_level,m,Z1,3 m,5 m\n"
    hazards = ["tsunami", "earthquake"]
    site = a_site(tmp_path, hazards, stations, {"tsunami": AT_ONCE})
    with (DATA / "tsunami" / name).open() as file:
        rows = [(datetime.fromisoformat(r["time"]).replace(tzinfo=UTC), r["height"]) for r in csv.DictReader(file)]
    found = changes(site, ((time, "T1", "sea_level", float(h), "m") for time, h in rows if h not in ("", "NA")))
    began = datetime.fromisoformat(origin)
    assert found[0][1] == "blue"
    assert began < found[0][0] < began + timedelta(hours=within)


# -- a seismic network ------------------------------------------------------------------------------------------------

NETWORK = """\
schema: tocsin.hazard/1
hazard: network
name: {zh: 地震台网, en: Seismic network}
subject: event
inputs:
  ground: {property: ground_velocity, unit: "1"}
  shake:
    of: ground
    unit: "1"
    steps: [{band_pass: {low: 10, high: 20, rate: 50}}, {sta_lta: {nsta: 25, nlta: 500, max_gap: 1 s}}]
conditions:
  triggered: {of: shake, at_least: 3.5, clear_below: 1}
levels: {yellow: {vote: {of: triggered, at_least: 3, by: station, during: 2 s}}}
lower: {after: 0 s, end: timer, end_red: timer, reopen: 0 s}
quality: {checks: []}
message: {event: {cap: OET-068, category: Geo}, default: {instruction: {zh: 注意震动。, en: The ground shakes.}}}
"""


def frames(path):
    """One second each: (time of the first sample, station, values)."""
    with gzip.open(path, "rt") as file:
        head, *lines = file
        values = [float(value) for line in lines for value in line.split()]
    station = head.split("_")[1]
    began = datetime.fromisoformat(head.split(", ")[3]).replace(tzinfo=UTC)
    for n in range(0, len(values), 50):
        yield began + timedelta(seconds=n / 50), station, values[n : n + 50]


def test_a_seismic_network_votes(tmp_path):
    """Three of four stations within two seconds: the events of the tutorial, and no other."""
    folder = DATA / "seismic_network"
    paths = sorted(path for path in folder.glob("*Z*.gz"))
    stations = "station,property,unit,zone,group\n"
    stations += "".join(f"{path.name.split('.')[1]},ground_velocity,1,Z1,net\n" for path in paths)
    site = a_site(tmp_path, [], stations, {}, {"network": NETWORK})
    records = []
    for time, station, values in sorted(frame for path in paths for frame in frames(path)):
        body = {"station": station, "property": "ground_velocity", "start": time.timestamp(), "step": 0.02}
        last = microseconds(time + timedelta(seconds=(len(values) - 1) / 50))
        records.append(Record("readings", station.encode(), json.dumps(body | {"values": values}).encode(), last))
    run = Replay(site, str)
    commands = [one for one in run.run(records) if one.kind == "alert" and one.reason in ("first", "reopened")]
    wanted = json.loads((folder / "expected.json").read_text())["triggers"]
    assert not run.rejects, run.rejects[0].detail
    assert len(commands) == len(wanted)
    for command, one in zip(commands, wanted, strict=True):
        assert abs(datetime.fromisoformat(command.time) - datetime.fromisoformat(one["time"])) < timedelta(seconds=3)
