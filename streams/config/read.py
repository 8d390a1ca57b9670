"""Reading a configuration folder file by file, and checking it."""

from collections.abc import Iterable
from pathlib import Path

from streams.config.agreement import check_hazard
from streams.config.cascades import check_cascades, warn_cascades
from streams.config.doubles import check_doubles
from streams.config.hazards import HazardFile, hazard_names, read_hazards
from streams.config.loaded import Loaded
from streams.config.overlays import read_overlays
from streams.config.problems import ConfigError, Problem, Problems
from streams.config.reachable import warn_unreachable
from streams.config.reaches import read_reaches
from streams.config.settings import read_topics
from streams.config.stations import Stations, check_agreement, read_stations
from streams.config.unmeant import warn
from streams.config.version import version_of
from streams.config.zones import read_zones
from streams.models.durations import parse_duration
from streams.models.settings import App
from streams.models.site import Hazard, Reach, Site, Zone


def read(folder: Path, app: App, problems: Problems) -> Loaded:
    """All files but app.yaml, which was read before. Raises ConfigError with all problems."""
    topics = read_topics(folder / "topics.yaml", problems, str(folder / "topics.yaml"))
    files = app.files
    zones = read_zones(folder / files.zones, problems.in_file(str(folder / files.zones)))
    stations = read_stations(folder / files.stations, str(folder / files.stations), problems, zones.named, app.quality)
    overlays = read_overlays(folder / files.overlays, folder / files.overlays, problems)
    hazards = read_hazards(folder / files.hazards, folder / files.hazards, problems, app.report_kinds, overlays)
    check_agreement(stations)
    check_cascades(hazards, hazard_names(folder / files.hazards))
    used = _used(hazards, app, problems)
    check_doubles(used)
    for hazard in used:
        check_hazard(hazard, stations)
    reaches = read_reaches(folder / files.reaches, problems.in_file(str(folder / files.reaches)))
    if problems.errors:
        raise ConfigError(_said(problems))
    for hazard in used:
        warn_unreachable(hazard, stations)
    warn_cascades(used, reaches, stations)
    site = _site(app, zones.good, stations, {one.hazard.name: one.hazard for one in used}, reaches)
    warn(site, stations)
    return Loaded(app, topics, site, problems.warnings)


def _said(problems: Problems) -> list[Problem]:
    files = list(dict.fromkeys(problem.file for problem in problems.errors))
    problems.errors.sort(key=lambda one: (files.index(one.file), one.line or 0, one.column or 0))
    if problems.unsaid:
        problems.errors.append(Problem("", "", f"{problems.unsaid} more problems", "that the first ones are put right"))
    return problems.errors


def _used(hazards: Iterable[HazardFile], app: App, problems: Problems) -> list[HazardFile]:
    """The hazards that app.yaml wants. What is only unlikely in the others concerns nobody."""
    use = app.hazards.use
    found = [one for one in hazards if use is None or one.hazard.name in use]
    others = {one.table.report.file for one in hazards} - {one.table.report.file for one in found}
    problems.warnings[:] = [one for one in problems.warnings if one.file not in others]
    return found


def _site(
    app: App, zones: dict[str, Zone], stations: Stations, hazards: dict[str, Hazard], reaches: dict[str, Reach]
) -> Site:
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
        version=version_of(app, zones, stations.table, hazards, reaches),
        exercise=app.exercise,
        reaches=reaches,
    )
