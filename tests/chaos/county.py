"""The site of the chaos runs: 2,000 datastreams, six hazards that exercise every kind of memory, 8 zones."""

import json
import re
from pathlib import Path
from typing import Any

ZONES = [f"Z{n}" for n in range(8)]
LEVELS = [f"L{n:04}" for n in range(900)]  # six to a reach, which is the subject
RAIN = [f"P{n:04}" for n in range(400)]
SLOPES = [f"S{n:04}" for n in range(300)]  # three to a slope
GAS = [f"G{n:04}" for n in range(300)]  # heard every second: these are missed when they fall silent
WAVES = [f"W{n:04}" for n in range(100)]  # sampled frames
SESSION_S = 5
HEADER = "station,property,unit,zone,subject,interval,lon,lat,range_max,hard_min,hard_max\n"
APP = """\
name: chaos
timezone: UTC
progress: 1 s
kafka: {{group_prefix: {group}, session_timeout_s: {session}, heartbeat_s: 1}}
ports: {{worker: 0}}
audit_dir: {audit}
"""
MESSAGE = "message: {event: {cap: OET-081, category: Met}, default: {instruction: {zh: 注意, en: Take care}}}\n"
HAZARDS = {
    # a latch, a hold, a red that two persons end; six stations in several partitions agree on orange
    "flood": """\
subject: reach
inputs: {stage: {property: water_level, unit: m}}
conditions:
  high: {of: stage, at_least: 3 m, clear_below: 2.8 m}
  held: {of: stage, at_least: 3.5 m, clear_below: 3.3 m, for: 40 s}
  top: {of: stage, at_least: 6 m, clear_below: 5.8 m}
  calls: {reports: [flooding], at_least: 2, within: 10 min}
levels: {blue: {any: [high, calls]}, yellow: held, orange: {vote: {of: held, at_least: 3}}, red: top}
lower: {after: 30 s, end: timer, end_red: person, reopen: 3 min}
""",
    # one vote over all the water levels of a zone
    "surge": """\
subject: zone
inputs: {stage: {property: water_level, unit: m}}
conditions: {high: {of: stage, at_least: 3 m, clear_below: 2.8 m}}
levels:
  blue: {vote: {of: high, at_least: 3}}
  yellow: {vote: {of: high, at_least: 9}}
  red: {vote: {of: high, at_least: 20}}
lower: {after: 0 s, end: timer, end_red: timer}
quality: {checks: []}
""",
    # windows that are open when a process dies
    "rain": """\
subject: zone
inputs:
  rain: {property: rain, unit: mm}
  sum: {of: rain, unit: mm, steps: [{sum: {over: 3 min, kind: increment}}]}
conditions:
  some: {of: sum, at_least: 10 mm, clear_below: 8 mm}
  much: {of: sum, at_least: 20 mm, clear_below: 16 mm}
levels: {blue: some, yellow: {vote: {of: some, at_least: 4}}, orange: much, red: {vote: {of: much, at_least: 4}}}
lower: {after: 1 min, end: timer, end_red: timer}
""",
    "slide": """\
subject: source
inputs:
  shift: {property: displacement, unit: mm}
  speed: {of: shift, unit: mm/h, steps: [{rate: {over: 2 min}}]}
conditions:
  fast: {of: speed, at_least: 100 mm/h, clear_below: 60 mm/h}
  far: {of: shift, at_least: 20 mm, clear_below: 18 mm}
levels: {yellow: fast, orange: {all: [fast, far]}, red: {vote: {of: far, at_least: 2}}}
lower: {after: 20 s, end: timer, end_red: person}
""",
    # silence is a condition of its own
    "gas": """\
subject: station
inputs: {gas: {property: gas_lel, unit: "%{LEL}"}}
conditions:
  leak: {of: gas, at_least: "20 %{LEL}", clear_below: "15 %{LEL}"}
  mute: {of: gas, absent: 2 s}
levels: {blue: mute, orange: leak}
lower: {after: 10 s, end: timer, end_red: timer}
""",
    "shake": """\
subject: zone
inputs: {wave: {property: acceleration, unit: m/s2}}
conditions: {strong: {of: wave, at_least: 2 m/s2, clear_below: 1 m/s2}}
levels: {yellow: strong, red: {vote: {of: strong, at_least: 2}}}
lower: {after: 20 s, end: timer, end_red: timer}
quality: {checks: []}
""",
}


def write_county(folder: Path, group: str, readings: int, *, plain: bool) -> None:
    """All files. A plain one has no timers, and nobody is ever missed in it (docs/chaos.md)."""
    (folder / "hazards").mkdir(parents=True, exist_ok=True)
    (folder / "app.yaml").write_text(APP.format(group=group, session=SESSION_S, audit=folder / "audit"))
    (folder / "stations.csv").write_text(HEADER + "".join(_rows(plain=plain)))
    squares = [_square(name, 2 * number) for number, name in enumerate(ZONES)]
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    for name, text in HAZARDS.items():
        head = f"schema: tocsin.hazard/1\nhazard: {name}\nname: {{zh: {name}, en: {name}}}\n"
        (folder / "hazards" / f"{name}.yaml").write_text(head + (_plain(text) if plain else text) + MESSAGE)
    counts = "".join(
        f"  {name}: {{partitions: {readings if name in ('readings', 'checkpoints.observe') else 2}}}\n"
        for name in PARTITIONED
    )
    (folder / "topics.yaml").write_text(f"topics:\n{counts}")


PARTITIONED = (
    "readings", "reports", "signals", "commands", "latest", "rejects", "rejects.restricted", "audit",
    "checkpoints.observe", "checkpoints.assess",
    *(f"command.{kind}.{audience}" for kind in ("feed", "current") for audience in ("open", "sensitive", "restricted")),
)  # fmt: skip


def zone_of(station: str) -> str:
    """A subject's stations lie in one zone."""
    number = int(station[1:]) // {"L": 6, "S": 3}.get(station[0], 1)
    return ZONES[number % len(ZONES)]


def _square(name: str, west: int) -> dict[str, Any]:
    ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
    said = {"id": name, "name_zh": name, "name_en": name, "parent": None, "unit": "u"}
    return {"type": "Feature", "properties": said, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _plain(hazard: str) -> str:
    """Without `for`, lowering time and absence: at thirty times the speed they end otherwise than in a file's time."""
    without = re.sub(r", for: \d+ s", "", re.sub(r"after: \d+ \w+", "after: 0 s", hazard))
    return without.replace("  mute: {of: gas, absent: 2 s}\n", "").replace(
        "{blue: mute, orange: leak}", "{orange: leak}"
    )


def _rows(*, plain: bool) -> list[str]:
    kinds = [
        (LEVELS, "water_level", "m", 6, "R", "12,-5,50"),
        (RAIN, "rain", "mm", 1, "", ",0,200"),
        (SLOPES, "displacement", "mm", 3, "H", ",-1000,1000"),
        (GAS, "gas_lel", "%{LEL}", 1, "", "100,-5,120"),
        (WAVES, "acceleration", "m/s2", 1, "", ",-50,50"),
    ]
    rows = []
    for names, measured, unit, size, letter, limits in kinds:
        interval = "1 s" if names is GAS and not plain else "1 h"
        for number, name in enumerate(names):
            subject = f"{letter}{number // size}" if letter else ""
            zone = zone_of(name)
            place = f"{2 * ZONES.index(zone) + 0.5},{(number % 100) / 100}"
            rows.append(f"{name},{measured},{unit},{zone},{subject},{interval},{place},{limits}\n")
    return rows
