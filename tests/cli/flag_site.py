"""A site with a station for each check, values by hand, and what each of them has to be told as."""

import json

HEAD = (
    "station,property,unit,zone,interval,group,range_max,hard_max,soft_max,stuck_for,rise_max,fall_max,shift,shift_for,"
    "swings,swing_band,swing_for,recover,neighbour,neighbour_least"
)
COLUMNS = HEAD.split(",")
GOOD = (1, "")
#: station -> its cells, values five minutes apart, flag and check of each
STATIONS = {
    "HARD": ({"hard_max": "9"}, [1, 99, 2], [GOOD, (4, "range_hard"), GOOD]),
    "SOFT": ({"soft_max": "5"}, [1, 6, 2], [GOOD, (3, "range_soft"), GOOD]),
    "FULL": ({"range_max": "7"}, [1, 7, 8, 2], [GOOD, (3, "saturated"), (3, "saturated"), GOOD]),
    "RISE": ({"rise_max": "1 m/h"}, [1, 3, 3.01], [GOOD, (3, "rise"), GOOD]),
    "FALL": ({"fall_max": "1 m/h"}, [3, 1, 1.01], [GOOD, (3, "fall"), GOOD]),
    "STUCK": ({"stuck_for": "20 min"}, [1, 1, 1, 1, 1, 1, 2], [GOOD] * 4 + [(3, "stuck")] * 2 + [GOOD]),
    "SHIFT": (
        {"shift": "1", "shift_for": "10 min"},
        [1, 1.1, 3, 1.1, 3, 3, 3, 3],
        [GOOD, GOOD, (3, "shift"), GOOD, (3, "shift"), (3, "shift"), GOOD, GOOD],
    ),
    "SWING": (
        {"swings": "3", "swing_band": "0.5", "swing_for": "30 min"},
        [1, 2, 1, 2, 1, 1.1, 1.2, 1.3, 1.4, 1.5],
        [GOOD] * 4 + [(3, "oscillation")] * 5 + [GOOD],
    ),
    "AGAIN": (
        {"soft_max": "5", "recover": "3"},
        [1, 6, 2, 2.1, 2.2, 2.3],
        [GOOD, (3, "range_soft"), (3, "unreliable"), (3, "unreliable"), GOOD, GOOD],
    ),
    "GONE": ({}, [1, None, 2], [GOOD, (9, "missing"), GOOD]),
}
HAZARD = """\
schema: tocsin.hazard/1
hazard: flood
name: {zh: 洪水, en: Flood}
subject: station
inputs: {stage: {property: water_level, unit: m}}
conditions: {high: {of: stage, at_least: 30 m, clear_below: 28 m}}
levels: {blue: high}
lower: {after: 1 h, end: timer, end_red: person, reopen: 1 h}
quality: {suspect_raises_at_most: yellow, checks: [range, stuck, gap, rise, fall, shift, oscillation, neighbour]}
message: {event: {cap: OET-081, category: Met}, expires: 6 h, default: {instruction: {zh: 注意, en: Take care}}}
"""
ZONES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "Z1", "name_zh": "一区", "name_en": "One", "parent": None, "unit": "u"},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        }
    ],
}


def write_site(folder):
    """The configuration. PLAIN has no check but silence; P1 and P2 are a pair."""
    cells = {name: one for name, (one, *_) in STATIONS.items()}
    pair = {"group": "weir", "neighbour": "0.5", "neighbour_least": "1"}
    cells |= {"PLAIN": {"interval": "5 min"}, "P1": pair, "P2": pair}
    rows = []
    for name, own in cells.items():
        found = {"station": name, "property": "water_level", "unit": "m", "zone": "Z1"} | own
        rows.append(",".join(found.get(column, "") for column in COLUMNS))
    (folder / "app.yaml").write_text("timezone: Asia/Shanghai\n")
    (folder / "stations.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    (folder / "zones.geojson").write_text(json.dumps(ZONES))
    (folder / "hazards").mkdir()
    (folder / "hazards/flood.yaml").write_text(HAZARD, encoding="utf-8")
    return folder


def line(station, minute, value, **more):
    at = f"2026-07-20T{8 + minute // 60:02}:{minute % 60:02}:00+08:00"
    return json.dumps({"station": station, "property": "water_level", "time": at, "value": value, **more})


def hand_made():
    """All values of STATIONS, by time."""
    every = [(5 * i, name, value) for name, (_, values, _) in STATIONS.items() for i, value in enumerate(values)]
    return [line(name, minute, value) for minute, name, value in sorted(every, key=lambda one: one[0])]
