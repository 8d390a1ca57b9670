"""A configuration folder -> the checked site, settings and topics; or every problem at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from shapely.geometry import Point, shape
from shapely.prepared import prep

from streams.config.agreement import check_hazard
from streams.config.hazards import HazardFile, read_hazards
from streams.config.problems import ConfigError, Problem, Problems, Words
from streams.config.settings import read_app, read_topics
from streams.config.stations import Stations, check_agreement, read_stations
from streams.config.zones import read_zones
from streams.models.durations import parse_duration
from streams.models.settings import App, Topics
from streams.models.site import Datastream, Hazard, Site, Zone

_NEAR = 0.01  # degrees: a gauge on the border of its zone is nothing to speak of


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that may be used."""

    app: App
    topics: Topics
    site: Site
    warnings: list[Problem]


def load(config_dir: Path | str, kafka: str | None = None, redis: str | None = None) -> Loaded:
    """Read and check a folder. `kafka` and `redis` go before app.yaml. Raises ConfigError with all problems."""
    folder, problems = Path(config_dir), Problems()
    app = _overridden(read_app(folder / "app.yaml", problems, str(folder / "app.yaml")), kafka, redis)
    topics = read_topics(folder / "topics.yaml", problems, str(folder / "topics.yaml"))
    files = app.files
    zones = read_zones(folder / files.zones, problems.in_file(str(folder / files.zones)))
    stations = read_stations(folder / files.stations, str(folder / files.stations), problems, zones.named, app.quality)
    hazards = read_hazards(folder / files.hazards, folder / files.hazards, problems, app.report_kinds)
    check_agreement(stations)
    _check_names(hazards)
    for hazard in hazards:
        check_hazard(hazard, stations)
    if problems.errors:
        raise ConfigError(_said(problems))
    site = _site(app, zones.good, stations, {one.hazard.name: one.hazard for one in hazards})
    _warn(site, stations)
    return Loaded(app, topics, site, problems.warnings)


def _overridden(app: App, kafka: str | None, redis: str | None) -> App:
    kafka_settings = app.kafka.model_copy(update={"bootstrap": kafka}) if kafka else app.kafka
    redis_settings = app.redis.model_copy(update={"url": redis}) if redis else app.redis
    return app.model_copy(update={"kafka": kafka_settings, "redis": redis_settings})


def _said(problems: Problems) -> list[Problem]:
    files = list(dict.fromkeys(problem.file for problem in problems.errors))
    problems.errors.sort(key=lambda one: (files.index(one.file), one.line or 0, one.column or 0))
    if problems.unsaid:
        problems.errors.append(Problem("", "", f"{problems.unsaid} more problems", "that the first ones are put right"))
    return problems.errors


def _check_names(hazards: Iterable[HazardFile]) -> None:
    """flood.yaml and flood.yml would both be the hazard flood."""
    seen: set[str] = set()
    for one in hazards:
        if one.hazard.name in seen:
            one.table.error("hazard", one.hazard.name, "each hazard in one file")
        seen.add(one.hazard.name)


def _site(app: App, zones: dict[str, Zone], stations: Stations, hazards: dict[str, Hazard]) -> Site:
    properties = {stream.property for stream in stations.datastreams.values()}
    properties |= {one.property for hazard in hazards.values() for one in hazard.inputs.values()}
    return Site(
        zones=zones,
        datastreams=stations.datastreams,
        hazards=hazards,
        timezone=app.timezone,
        progress=parse_duration(app.progress),
        remember=app.quality.remember,
        properties=frozenset(properties),
        report_kinds=frozenset(app.report_kinds),
        version=_version(app, zones, stations, hazards),
    )


def _version(app: App, zones: dict[str, Zone], stations: Stations, hazards: dict[str, Hazard]) -> str:
    """Digest of everything that decides; the order of rows and features does not change it."""
    digest = sha256()
    parts: list[Any] = [[app.timezone, app.progress, sorted(app.report_kinds)]]
    parts += sorted([hazard.name, hazard.version] for hazard in hazards.values())
    parts += [zones[key] for key in sorted(zones)]
    parts += [stations.datastreams[key] for key in sorted(stations.datastreams)]
    for part in parts:
        digest.update(msgspec.json.encode(part, order="deterministic"))
    return f"sha256:{digest.hexdigest()}"


def _warn(site: Site, stations: Stations) -> None:
    """What works but is probably not meant."""
    streams = site.datastreams.values()
    unused = [stream for stream in streams if stream.key not in site.users]
    _warn_of(stations, unused, "that no hazard uses", "a hazard with this property")
    silent = [stream for stream in streams if stream.interval is None]
    _warn_of(stations, silent, "without interval", "a reporting interval: silence cannot be judged without")
    areas = {key: shape(zone.geometry) for key, zone in site.zones.items()}
    quick = {key: prep(area) for key, area in areas.items()}
    for (station, _), stream in site.datastreams.items():
        if stream.lon is None or stream.lat is None:
            continue
        point = Point(stream.lon, stream.lat)
        if not quick[stream.zone].contains(point) and areas[stream.zone].distance(point) > _NEAR:
            at, words = (stations.lines[stream.key], None), Words(f"a position outside its zone {stream.zone}")
            expected = "a position inside (longitude and latitude swapped? another crs?)"
            stations.report.warning(at, f"station {station}", words, expected)


def _warn_of(stations: Stations, streams: list[Datastream], what: str, expected: str) -> None:
    """One warning a property: a thousand rain gauges have one cause."""
    by_property: dict[str, list[Datastream]] = {}
    for stream in streams:
        by_property.setdefault(stream.property, []).append(stream)
    for name, same in by_property.items():
        some = ", ".join(stream.station for stream in same[:3]) + (" …" if len(same) > 3 else "")
        words = Words(f"{len(same)} datastream{'' if len(same) == 1 else 's'} {what} ({some})")
        stations.report.warning((stations.lines[same[0].key], None), f"property {name}", words, expected)
