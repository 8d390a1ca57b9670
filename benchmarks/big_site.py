"""A configuration folder with very many datastreams, written fast: `python -m benchmarks.big_site FOLDER`.

Stations stand on a grid of zones, in the middle of a square each. `own` gives every station thresholds, names and a
range of its own; otherwise all are alike.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE = 10  # zones in a row; each a tenth of a degree
UNITS = (("level", "m"), ("rain", "mm"), ("flow", "m3/s"), ("wind", "m/s"), ("gas", "%"), ("shake", "cm/s2"))
COLOURS = ("blue", "yellow", "orange", "red")
HEADER = "station,property,unit,zone,interval,range_min,range_max,lon,lat,name_zh,name_en"


@dataclass(frozen=True)
class BigSite:
    """So many datastreams, `properties` at each station."""

    datastreams: int
    properties: int = 1
    own: bool = True

    def write(self, folder: Path, partitions: int = 16) -> Path:
        """The folder with all its files."""
        (folder / "hazards").mkdir(parents=True, exist_ok=True)
        (folder / "app.yaml").write_text("timezone: UTC\nports: {worker: 0, web: 0, gateway: 0}\n", "utf-8")
        (folder / "topics.yaml").write_text(f"defaults: {{partitions: {partitions}}}\n", "utf-8")
        (folder / "zones.geojson").write_text(json.dumps(_zones()), "utf-8")
        for name, unit in UNITS[: self.properties]:
            (folder / "hazards" / f"high_{name}.yaml").write_text(_hazard(name, unit, own=self.own), "utf-8")
        with (folder / "stations.csv").open("w", encoding="utf-8") as file:
            file.write(HEADER + (",x_blue,x_yellow,x_orange,x_red" if self.own else "") + "\n")
            file.writelines(self._rows())
        return folder

    def _rows(self) -> Iterator[str]:
        for number in range(self.datastreams):
            place, (name, unit) = number // self.properties, UNITS[number % self.properties]
            row, column = divmod(place % SIDE**2, SIDE)
            head = f"B-{place:07d},{name},{unit},Z-{row}-{column},1 min"
            where = f"{100.05 + column / 10:.5f},{30.05 + row / 10:.5f}"
            if self.own:
                base = place % 100_000 / 100
                steps = ",".join(f"{base + step:.2f} {unit}" for step in (15, 20, 25, 30))
                yield f"{head},{base - 5:.2f},{base + 50:.2f},{where},测站{place},Station {place},{steps}\n"
            else:
                yield f"{head},-5,1000,{where},,\n"


def _zones() -> dict[str, Any]:
    features = []
    for row in range(SIDE):
        for column in range(SIDE):
            west, south, name = 100 + column / 10, 30 + row / 10, f"Z-{row}-{column}"
            ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]
            about = {"id": name, "name_zh": name, "name_en": name, "unit": name}
            area = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": about, "geometry": area})
    return {"type": "FeatureCollection", "features": features}


def _hazard(name: str, unit: str, *, own: bool) -> str:
    amounts = [f"station.{colour}" if own else f"{15 + 5 * step} {unit}" for step, colour in enumerate(COLOURS)]
    conditions = "".join(
        f"  {colour}: {{of: raw, at_least: {amount}}}\n" for colour, amount in zip(COLOURS, amounts, strict=True)
    )
    levels = "".join(f"  {colour}: {colour}\n" for colour in COLOURS)
    return f"""schema: tocsin.hazard/1
hazard: high_{name}
name: {{zh: 高, en: High}}
subject: station
inputs:
  raw: {{property: {name}, unit: {unit}}}
conditions:
{conditions}levels:
{levels}message:
  event: {{cap: OET-081, category: Met}}
  default: {{response: Monitor, instruction: {{zh: 注意。, en: Watch.}}}}
"""


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--datastreams", type=int, default=1_000_000)
    parser.add_argument("--properties", type=int, default=1, choices=range(1, len(UNITS) + 1))
    parser.add_argument("--alike", action="store_true", help="shared thresholds, no names")
    options = parser.parse_args()
    print(BigSite(options.datastreams, options.properties, own=not options.alike).write(options.folder))


if __name__ == "__main__":
    main()
