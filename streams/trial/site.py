"""The site of a scenario: its own short tables are written out as a configuration folder and read like any other.

So everything that `tocsin check` says of a folder is said of a scenario too, at the place where it stands there.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from streams.config import ConfigError, load
from streams.config.problems import Problem, Report, Words, listed
from streams.config.yaml_file import Node
from streams.models.ids import is_id
from streams.models.site import Site
from streams.trial.file import SITE, Source
from streams.trial.model import ZonePart

Where = Callable[[Problem], Problem]
STEP = 0.2  # degrees between the zones that say nothing of their area
MARGIN = 0.05
_COLUMN = re.compile(r"column (\w+)|header")


def build(source: Source, config: Path) -> Site | None:
    """The checked site; None after saying what is wrong. `config`: the folder whose hazards are meant by name."""
    before = len(source.report.problems.errors)
    found = _folder(source) if source.given("config") else _Inline(source, config).site()
    return found if len(source.report.problems.errors) == before else None


def _folder(source: Source) -> Site | None:
    owner, name = source.given("config") or (source, "")
    node = owner.node.value["config"]
    for key in SITE:
        if key not in ("config", "hazards") and source.given(key) is not None:
            owner.error(node, "config", Words(f"a folder, and `{key}` too"), "one or the other")
    if not (owner.path.parent / name).is_dir():
        owner.error(node, "config", name, "a configuration folder, as seen from this file")
        return None
    try:
        site = load(owner.path.parent / name).site
    except ConfigError as error:
        for problem in error.problems:
            source.report.problems.add(problem)
        return None
    wanted = {}
    for owner, node, hazard in source.items("hazards"):
        if not isinstance(hazard, str) or hazard not in site.hazards:
            owner.error(node, "hazards", hazard, f"one of {listed(site.hazards)}", site.hazards)
        else:
            wanted[hazard] = site.hazards[hazard]
    return replace(site, hazards=wanted) if wanted else site


@dataclass
class _Inline:
    """One site that a scenario describes itself."""

    source: Source
    config: Path
    places: dict[str, Where] = field(default_factory=dict)  # file in the folder -> where its problems really are

    def site(self) -> Site | None:
        with TemporaryDirectory(prefix="tocsin-test-") as name:
            folder = Path(name)
            (folder / "hazards").mkdir()
            (folder / "overlays").mkdir()
            self._app(folder)
            self._tables(folder)
            self._hazards(folder / "hazards")
            if self.source.report.problems.errors:
                return None
            try:
                return load(folder).site
            except ConfigError as error:
                for problem in error.problems:
                    self.source.report.problems.add(self._placed(problem, folder))
                return None

    def _placed(self, problem: Problem, folder: Path) -> Problem:
        name = str(Path(problem.file).relative_to(folder)) if problem.file.startswith(str(folder)) else problem.file
        where = self.places.get(name)
        return replace(problem, file=str(self.source.path), line=None, column=None) if where is None else where(problem)

    def _app(self, folder: Path) -> None:
        app: dict[str, Any] = {}
        for source in self.source.line:
            app |= source.node.value["app"].plain() if source.file.app else {}
            app |= {"timezone": source.file.timezone} if source.file.timezone else {}
        (folder / "app.yaml").write_text(json.dumps(app, ensure_ascii=False), "utf-8")
        owner, _ = self.source.given("app") or self.source.given("timezone") or (self.source, None)
        node = owner.node.value.get("app") or owner.node.value.get("timezone") or owner.node
        self.places["app.yaml"] = _in_tree(owner.report, node)

    # -- tables ------------------------------------------------------------------------------------------------------

    def _tables(self, folder: Path) -> None:
        stations = [(source.report, node) for source, node, _ in self.source.items("stations")]
        if not stations:
            self.source.error(self.source.node, "stations", None, "stations, or `config:` or `base:` that has some")
        parts = [(source, node, one) for source, node, one in self.source.items("zones")]
        first = parts[0][2].id if parts else "Z1"
        rows = [{"zone": first, **_row(node)} for _, node in stations]
        self._write(folder / "stations.csv", rows, stations)
        reaches = [(source.report, node) for source, node, _ in self.source.items("reaches")]
        if reaches:
            self._write(folder / "reaches.csv", [_row(node) for _, node in reaches], reaches)
        named = {one.id for _, _, one in parts}
        implied = dict.fromkeys(row["zone"] for row in rows if row["zone"] not in named) if not parts else {}
        zones = [one for _, _, one in parts] + [ZonePart(id=name) for name in implied]
        features = [json.dumps(_feature(zone, n, rows), ensure_ascii=False) for n, zone in enumerate(zones)]
        text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
        (folder / "zones.geojson").write_text(text, "utf-8")
        self.places["zones.geojson"] = _by_line([(source.report, node) for source, node, _ in parts], self.source)

    def _write(self, path: Path, rows: list[dict[str, str]], nodes: list[tuple[Report, Node]]) -> None:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = StringIO(newline="")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), "utf-8")
        self.places[path.name] = _by_line(nodes, self.source)

    # -- hazards -----------------------------------------------------------------------------------------------------

    def _hazards(self, folder: Path) -> None:
        shipped = {path.stem: path for path in sorted((self.config / "hazards").glob("*.y*ml"))}
        for source, node, _ in self.source.items("hazards"):
            if isinstance(node.value, dict):
                name = node.value["hazard"].text if "hazard" in node.value else ""
                name = name if is_id(name) else "hazard"  # it becomes the name of a file; what is wrong will be said
                text, where = _text(node), _in_tree(source.report, node)
            elif node.text in shipped:
                name, path = node.text, shipped[node.text]
                text, where = path.read_text("utf-8"), _in_file(path)
            else:
                source.error(node, "hazards", node.text, f"one of {listed(shipped)} of {self.config}", shipped)
                continue
            (folder / f"{name}.yaml").write_text(text, "utf-8")
            self.places[f"hazards/{name}.yaml"] = where
        if not list(self.source.items("hazards")):
            self.source.error(self.source.node, "hazards", None, f"hazards: one or more of {listed(shipped)}")
        for number, (source, node, _) in enumerate(self.source.items("overlays"), start=1):
            name = f"overlay-{number}.yaml"
            (folder.parent / "overlays" / name).write_text(_text(node), "utf-8")
            self.places[f"overlays/{name}"] = _in_tree(source.report, node)


def _text(node: Node) -> str:
    """A tree as YAML in one line. What stands there without quotes and can be misread stays as it is: it is refused."""
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{_quoted(key)}: {_text(one)}" for key, one in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_text, node.value)) + "]"
    return node.text if node.misread else _quoted(node.value)


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _row(node: Node) -> dict[str, str]:
    return {name: "" if one.value is None else one.text for name, one in node.value.items()}


def _feature(zone: ZonePart, number: int, rows: Iterable[dict[str, str]]) -> dict[str, Any]:
    names = zone.names or {}
    properties = {
        "id": zone.id, "name_zh": names.get("zh", zone.id), "name_en": names.get("en", zone.id),
        "parent": zone.parent, "unit": zone.unit or zone.id, **({"level": zone.level} if zone.level else {}),
    }  # fmt: skip
    if zone.polygon is not None:
        ring = [list(one) for one in zone.polygon]
        ring += [] if ring[:1] == ring[-1:] else ring[:1]
    else:
        west, south, east, north = zone.box or _box(zone.id, number, rows)
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _box(zone: str, number: int, rows: Iterable[dict[str, str]]) -> tuple[float, float, float, float]:
    """Around its stations, else somewhere of its own."""
    try:
        own = [(float(r["lon"]), float(r["lat"])) for r in rows if r["zone"] == zone and r.get("lon") and r.get("lat")]
    except ValueError:
        own = []  # it will be said of stations.csv
    if not own:
        west, south = 110.0 + STEP * (number % 100), 30.0 + STEP * (number // 100)
        return west, south, west + STEP / 2, south + STEP / 2
    lon, lat = zip(*own, strict=True)
    return min(lon) - MARGIN, min(lat) - MARGIN, max(lon) + MARGIN, max(lat) + MARGIN


# -- where a problem really is ---------------------------------------------------------------------------------------


def _by_line(nodes: list[tuple[Report, Node]], source: Source) -> Where:
    """Of a table: row n stands in line n + 1."""

    def place(problem: Problem) -> Problem:
        row = (problem.line or 0) - 2
        named = _COLUMN.match(problem.where)
        column = (named[1] or problem.found.strip("'")) if named else ""
        if row < 0 or row >= len(nodes):
            row = next((n for n, (_, node) in enumerate(nodes) if column in node.value), -1)
        report, node = nodes[row] if 0 <= row < len(nodes) else (source.report, source.node)
        line, at = node.value[column].at if column in node.value else node.at
        if column in node.value and problem.line == 1:
            line, at = node.keys[column]
        return replace(problem, file=report.file, line=line, column=at)

    return place


def _in_tree(report: Report, node: Node) -> Where:
    """Of a mapping: `where` is the path to it."""

    def place(problem: Problem) -> Problem:
        at, line, column = node, *node.at
        for key in re.split(r"[.,:\s]+", problem.where):
            if not isinstance(at.value, dict) or key not in at.value:
                break
            line, column = at.keys.get(key, at.value[key].at)
            at = at.value[key]
        if not isinstance(at.value, dict | list) and at is not node:
            line, column = at.at
        return replace(problem, file=report.file, line=line, column=column)

    return place


def _in_file(path: Path) -> Where:
    return lambda problem: replace(problem, file=str(path))
