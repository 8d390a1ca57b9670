"""The places of a made-up county in a river valley: zones, stations, hazards. Fixed seed."""

import math
import random

from streams.models.site import Condition, Datastream, Hazard, Input, Lower, Message, Step, Threshold, Zone
from streams.models.times import MINUTE

ZONES = [
    ("QH-01", "上源乡", "Shangyuan"), ("QH-02", "云岭镇", "Yunling"), ("QH-03", "清河镇", "Qinghe Town"),
    ("QH-04", "石桥乡", "Shiqiao"), ("QH-05", "县城", "County Seat"), ("QH-06", "工业园区", "Industrial Park"),
    ("QH-07", "柳湾镇", "Liuwan"), ("QH-08", "河口乡", "Hekou"),
]  # fmt: skip
PROPERTIES = {
    "water_level": ("m", 2.4, "水位站", "gauge"), "rain_1h": ("mm", 6.0, "雨量站", "rain gauge"),
    "displacement": ("mm", 3.0, "位移监测", "slope sensor"), "crack_width": ("mm", 1.2, "裂缝计", "crack gauge"),
    "methane": ("%[LEL]", 1.0, "燃气探头", "gas probe"), "pm2_5": ("ug/m3", 31.0, "空气站", "air station"),
    "wind_speed": ("m/s", 3.4, "气象站", "weather station"), "temperature": ("Cel", 24.6, "气象站", "weather station"),
    "soil_moisture": ("%", 34.0, "墒情站", "soil station"), "seepage": ("L/s", 0.8, "渗流计", "seepage weir"),
}  # fmt: skip
HAZARDS = {
    "flood": ("河道洪水", "River flood", "reach", "water_level", "m"),
    "rainstorm": ("暴雨", "Rainstorm", "zone", "rain_1h", "mm"),
    "landslide": ("滑坡", "Landslide", "source", "displacement", "mm"),
    "gas": ("燃气泄漏", "Gas leak", "source", "methane", "%[LEL]"),
    "air_quality": ("空气质量", "Air quality", "zone", "pm2_5", "ug/m3"),
}

_STEPS = {"rainstorm": (Step("window_sum", {"over": 60 * MINUTE}),)}


def _edge(index: int, row: int) -> list[float]:
    """A bent grid, so that the zones look drawn by a river and not by a ruler."""
    x, y = index * 0.135, row * 0.16
    return [113.02 + x + 0.03 * math.sin(row * 2.1 + index), 23.05 + y + 0.035 * math.sin(index * 1.7 + row) + x * 0.25]


def _line(one: list[float], two: list[float], steps: int = 7) -> list[list[float]]:
    """Between two corners, wavering by what both ends decide: neighbours share it exactly."""
    (ax, ay), (bx, by) = one, two
    bend = 0.012 * math.sin((ax + bx) * 91 + (ay + by) * 57)
    points = []
    for n in range(steps):
        share = n / steps
        off = bend * math.sin(math.pi * share) + 0.004 * math.sin(share * 9 + ax * 40 + by * 31) * math.sin(
            math.pi * share
        )
        points.append([ax + (bx - ax) * share - (by - ay) * off * 8, ay + (by - ay) * share + (bx - ax) * off * 8])
    return points


def _ring(column: int, row: int) -> list[list[float]]:
    a, b, c, d = _edge(column, row), _edge(column + 1, row), _edge(column + 1, row + 1), _edge(column, row + 1)
    # each shared side is computed in one direction, then turned
    left, top = _line(a, d), _line(d, c)
    ring = [*_line(a, b), *_line(b, c), c, *reversed(top[1:]), d, *reversed(left[1:]), a]
    return [[round(x, 5), round(y, 5)] for x, y in ring]


def zones() -> dict[str, Zone]:
    found = {}
    for n, (identity, zh, en) in enumerate(ZONES):
        geometry = {"type": "Polygon", "coordinates": [_ring(n % 4, 1 - n // 4)]}
        found[identity] = Zone(identity, {"zh": zh, "en": en}, "QH", f"{zh}应急办", geometry)
    return found


def _position(zone: Zone, draw: random.Random) -> tuple[float, float]:
    ring = zone.geometry["coordinates"][0]
    cx, cy = sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    ex, ey = draw.choice(ring)
    share = draw.uniform(0.05, 0.8)
    return round(cx + (ex - cx) * share, 5), round(cy + (ey - cy) * share, 5)


def datastreams(count: int = 120) -> dict[tuple[str, str], Datastream]:
    draw, found = random.Random(7), {}
    places, names = zones(), list(PROPERTIES)
    for n in range(count):
        zone = places[ZONES[n % 8][0]]
        prop = names[(n // 8) % len(names)]
        unit, _, zh, en = PROPERTIES[prop]
        lon, lat = _position(zone, draw)
        number = n // 8 + 1
        station = f"QH-{prop[:2].upper()}-{n:03d}"
        kind = {"water_level": "reach", "displacement": "slope", "crack_width": "slope", "methane": "plant"}.get(prop)
        subject = f"{zone.id}-{kind}-1" if kind else station
        name = {"zh": f"{zone.name['zh']}{zh}{number}号", "en": f"{zone.name['en']} {en} {number}"}
        found[station, prop] = Datastream(station, prop, unit, zone.id, subject, name, lon, lat, interval=MINUTE)
        if prop == "wind_speed":
            found[station, "temperature"] = Datastream(
                station, "temperature", "Cel", zone.id, subject, name, lon, lat, interval=MINUTE
            )
    return found


def hazard(name: str) -> Hazard:
    zh, en, subject, prop, unit = HAZARDS[name]
    condition = Condition("high", "value", "above", Threshold(None, 3, unit), Threshold(None, 2.8, unit))
    return Hazard(
        name=name, title={"zh": zh, "en": en}, subject=subject,
        inputs={"value": Input("value", prop, unit, _STEPS.get(name, ()))},
        conditions={"high": condition}, levels={1: "high"}, lower=Lower(MINUTE), suspect_raises_at_most=2,
        checks=("range",), message=Message(), version=f"sha256:{name}",
    )  # fmt: skip
