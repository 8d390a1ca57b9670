"""A made-up county for benchmarks: datastreams that are all judged by the same chain, and what they publish.

The chain: range check, deviation from a moving mean in standard deviations (EWMA z), four levels with hysteresis. One
reading in 2,000 jumps and the next one is back, so one in 1,000 makes a trigger.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from streams.models.partition import partition_of

ZONES = 100
QUIET = 40  # rounds without a jump, so that every moving mean has settled
JUMP_EVERY = 2_000
ROWS = 100  # of a frame
NOISE = [b"%.3f" % (10 + 0.1 * np.sin(1.7 * n) * np.cos(0.31 * n * n)) for n in range(997)]  # no two the same in a row
RISE, SURGE = b"11.5", b"1000.5"  # nothing else ends in ".5": enough for blue, and for red after that

CHAINS: dict[str, dict[str, Any]] = {
    "ewma_z": {"property": "level", "unit": "m", "steps": "[{ewma_z: {}}]", "levels": (8, 100, 200, 300)},
    "sta_lta": {
        "property": "shake",
        "unit": "m/s",
        "steps": "[{sta_lta: {nsta: 50, nlta: 1000}}]",
        "levels": (4, 6, 8, 10),
    },
}


@dataclass(frozen=True)
class County:
    """So many datastreams, one a station."""

    datastreams: int
    partitions: int = 4
    chain: str = "ewma_z"

    @cached_property
    def stations(self) -> list[bytes]:
        """Their names."""
        return [b"B-%06d" % number for number in range(self.datastreams)]

    @cached_property
    def of_partition(self) -> list[list[int]]:
        """Numbers of the stations whose readings lie in each partition."""
        found: list[list[int]] = [[] for _ in range(self.partitions)]
        for number, station in enumerate(self.stations):
            found[partition_of(station, self.partitions)].append(number)
        return found

    @property
    def name(self) -> str:
        """The observed property."""
        return str(CHAINS[self.chain]["property"])

    def write(self, folder: Path, **app: Any) -> Path:
        """A configuration folder; `app` goes into app.yaml."""
        chain = CHAINS[self.chain]
        (folder / "hazards").mkdir(parents=True, exist_ok=True)
        (folder / "app.yaml").write_text(json.dumps(_app(chain) | app), "utf-8")
        (folder / "topics.yaml").write_text(f"defaults: {{partitions: {self.partitions}}}\n", "utf-8")
        (folder / "zones.geojson").write_text(json.dumps(_zones()), "utf-8")
        (folder / "hazards" / "surge.yaml").write_text(_hazard(chain), "utf-8")
        with (folder / "stations.csv").open("w", encoding="utf-8") as file:
            file.write("station,property,unit,zone,interval\n")
            for number, station in enumerate(self.stations):
                file.write(f"{station.decode()},{chain['property']},{chain['unit']},Z-{number % ZONES:02d},1 min\n")
        return folder


def single(
    county: County, partition: int, rounds: range, until_s: int, *, jumps: bool = True
) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of one partition: every datastream once a round, each round in an order of its own."""
    random = np.random.default_rng(partition)
    mine = np.array(county.of_partition[partition])
    heads = {n: b'{"station":"%b","property":"level","time":' % county.stations[n] for n in mine.tolist()}
    for turn in rounds:
        time = b'%d,"value":' % (until_s - rounds.stop + turn)
        for number in random.permutation(mine).tolist():
            yield county.stations[number], heads[number] + time + value_of(number, turn, jumps=jumps) + b"}"


def value_of(number: int, turn: int, *, jumps: bool = True) -> bytes:
    """The value of a datastream in a round."""
    jumps = jumps and turn >= QUIET and (number * 7 + turn) % JUMP_EVERY == 0
    return RISE if jumps else NOISE[(number * 7 + turn * 13) % 997]


def frames(county: County, partition: int, rounds: range, until_s: int) -> Iterator[tuple[bytes, bytes]]:
    """The same readings as frames: `ROWS` readings of one datastream in a record."""
    mine = county.of_partition[partition]
    for first in range(rounds.start, rounds.stop, ROWS):
        for number in mine:
            head = b'{"station":"%b","property":"level","time":' % county.stations[number]
            turns = range(first, min(first + ROWS, rounds.stop))
            found = [b'%b%d,"value":%b}' % (head, until_s - rounds.stop + t, value_of(number, t)) for t in turns]
            yield county.stations[number], b"[" + b",".join(found) + b"]"


def waveforms(county: County, partition: int, rounds: range, until_s: int) -> Iterator[tuple[bytes, bytes]]:
    """Sampled frames: one second of 100 Hz noise a record; one in 200 holds the beginning of a shake."""
    random = np.random.default_rng(partition)
    calm = [_samples(random.normal(scale=0.01, size=100)) for _ in range(211)]
    shake = _samples(np.concatenate([random.normal(scale=0.01, size=50), random.normal(scale=1.0, size=50)]))
    for turn in rounds:
        for number in county.of_partition[partition]:
            values = shake if turn >= QUIET and (number * 7 + turn) % 200 == 0 else calm[(number * 7 + turn) % 211]
            head = b'{"station":"%b","property":"shake","start":%d,"step":0.01,"values":['
            yield county.stations[number], head % (county.stations[number], until_s - rounds.stop + turn) + values


def _samples(values: Any) -> bytes:
    return b",".join(b"%.4f" % value for value in values.tolist()) + b"]}"


def _app(chain: dict[str, Any]) -> dict[str, Any]:
    limits = {"unit": chain["unit"], "hard_min": -1e6, "hard_max": 1e6}
    return {
        "timezone": "UTC",
        "ports": {"worker": 0, "web": 0, "gateway": 0},
        "quality": {"properties": {chain["property"]: limits}},
    }


def _hazard(chain: dict[str, Any]) -> str:
    colours = dict(zip(("blue", "yellow", "orange", "red"), chain["levels"], strict=True))
    conditions = "".join(
        f"  {name}: {{of: score, at_least: {on}, clear_below: {on * 0.7:g}}}\n" for name, on in colours.items()
    )
    levels = "".join(f"  {name}: {name}\n" for name in colours)
    return f"""schema: tocsin.hazard/1
hazard: surge
name: {{zh: 突变, en: Surge}}
subject: station
inputs:
  raw: {{property: {chain["property"]}, unit: {chain["unit"]}}}
  score: {{of: raw, unit: "1", steps: {chain["steps"]}}}
conditions:
{conditions}levels:
{levels}lower: {{after: 1 h, end: timer, end_red: timer, reopen: 1 h}}
quality: {{suspect_raises_at_most: yellow, checks: [range]}}
message:
  event: {{cap: OET-081, category: Met}}
  default: {{response: Monitor, instruction: {{zh: 注意。, en: Watch.}}}}
"""


def _zones() -> dict[str, Any]:
    def zone(number: int) -> dict[str, Any]:
        west, south = 110 + number % 10 / 10, 30 + number // 10 / 10
        east, north = west + 0.1, south + 0.1
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        names = {"id": f"Z-{number:02d}", "name_zh": f"{number} 区", "name_en": f"Zone {number}"}
        properties = names | {"parent": None, "unit": "county office"}
        return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    return {"type": "FeatureCollection", "features": [zone(number) for number in range(ZONES)]}
