"""Reading a configuration folder file by file, and checking it."""

from collections.abc import Iterable
from pathlib import Path

from streams.config.agreement import check_hazard
from streams.config.hazards import HazardFile, read_hazards
from streams.config.loaded import Loaded
from streams.config.problems import ConfigError, Problem, Problems
from streams.config.settings import read_topics
from streams.config.stations import Stations, check_agreement, read_stations
from streams.config.unmeant import warn
from streams.config.version import version_of
from streams.config.zones import read_zones
from streams.models.durations import parse_duration
from streams.models.settings import App
from streams.models.site import Hazard, Site, Zone


def read(folder: Path, app: App, problems: Problems) -> Loaded:
    """All files but app.yaml, which was read before. Raises ConfigError with all problems."""
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
    warn(site, stations)
    return Loaded(app, topics, site, problems.warnings)


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
    properties = {profile.property for profile in stations.table.profiles}
    properties |= {one.property for hazard in hazards.values() for one in hazard.inputs.values()}
    return Site(
        zones=zones,
        datastreams=stations.table,
        hazards=hazards,
        timezone=app.timezone,
        progress=parse_duration(app.progress),
        remember=app.quality.remember,
        properties=frozenset(properties),
        report_kinds=frozenset(app.report_kinds),
        version=version_of(app, zones, stations.table, hazards),
    )
