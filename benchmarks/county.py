"""A made-up county for benchmarks: river gauges under the shipped flood rules, and a wave that reaches some of them."""

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WARNING = 12.0  # m; guarantee and historic maximum lie 1 and 2 m above


def write_configuration(folder: Path, gauges: int) -> Path:
    """A configuration folder of `gauges` stations in one zone."""
    (folder / "hazards").mkdir(parents=True)
    shutil.copy(ROOT / "configs" / "hazards" / "flood.yaml", folder / "hazards")
    (folder / "zones.geojson").write_text(json.dumps(_zones()), "utf-8")
    (folder / "stations.csv").write_text(_stations(gauges), "utf-8")
    return folder


def readings(gauges: int, each: int, until_s: float) -> Iterator[tuple[bytes, bytes]]:
    """(key, value): every gauge once a minute up to `until_s`. One gauge in twenty rises over its warning level."""
    for minute in range(each):
        time_s = until_s - 60.0 * (each - minute)
        for gauge in range(gauges):
            station = f"G-{gauge:04d}"
            height = 3.5 if gauge % 20 == 0 else 1.0
            value = 9.0 + height * math.sin((minute + gauge) / 40) + 0.01 * ((minute * 7 + gauge * 3) % 11)
            yield (
                station.encode(),
                f'{{"station":"{station}","property":"water_level","time":{time_s:.0f},"value":{value:.3f}}}'.encode(),
            )


def _stations(gauges: int) -> str:
    head = "station,property,unit,zone,subject,lon,lat,name_zh,name_en,interval,reporting"
    levels = "x_warning_level,x_guarantee_level,x_historic_maximum"
    rows = [
        f"G-{n:04d},water_level,m,Z-1,reach-{n:04d},{110.1 + n % 80 / 100},{30.1 + n // 80 % 80 / 100},"
        f"测站{n},Gauge {n},1 min,periodic,{WARNING} m,{WARNING + 1} m,{WARNING + 2} m"
        for n in range(gauges)
    ]
    return "\n".join([f"{head},{levels}", *rows, ""])


def _zones() -> dict[str, Any]:
    ring = [[110.0, 30.0], [111.0, 30.0], [111.0, 31.0], [110.0, 31.0], [110.0, 30.0]]
    names = {"id": "Z-1", "name_zh": "上河区", "name_en": "Upper valley", "parent": None, "unit": "county office"}
    feature = {"type": "Feature", "properties": names, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return {"type": "FeatureCollection", "features": [feature]}
