"""A scenario on a site: which datastream plays what, found and checked once before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from streams.config.problems import ConfigError, Words, listed
from streams.config.quantity import Wrong, threshold
from streams.config.yaml_file import Node
from streams.gateway.scenario import Fault, Readings, Scenario, Source
from streams.models.site import Datastream, Site, Threshold
from streams.models.units import conversion


@dataclass(frozen=True, slots=True)
class Role:
    """What one datastream plays."""

    stream: Datastream
    readings: Readings
    start: float
    every: int
    faults: tuple[Fault, ...]

    def fault(self, time: int) -> Fault | None:
        """What is wrong with it at a time."""
        return next((one for one in self.faults if one.at <= time < one.at + one.lasts), None)


def cast(source: Source, site: Site) -> list[Role]:
    """A role for every datastream that the scenario names. Raises ConfigError with every problem."""
    scenario, before = source.scenario, len(source.report.problems.errors)
    found: dict[tuple[str, str], Role] = {}
    for number, readings in enumerate(scenario.readings):
        at = _at(source.node, "readings", number)
        for stream in _streams(source, site, readings, number):
            start = _start(readings, stream, source, at)
            if start is None:
                break  # said once is enough
            every = readings.every or scenario.every
            found[stream.key] = Role(stream, readings, start, every, _faults(scenario, stream))
    _check(source, site)
    if len(source.report.problems.errors) > before:
        raise ConfigError(source.report.problems.errors)
    return list(found.values())


def _streams(source: Source, site: Site, readings: Readings, number: int) -> list[Datastream]:
    at, where = _at(source.node, "readings", number), f"readings.{number}"
    found = []
    for pattern in readings.stations:
        named = [one for station in _matching(pattern, site) for one in site.stations[station]]
        if not named:
            source.report.error(_below(at, "stations"), f"{where}.stations", pattern, "a station", site.stations)
        elif not any(one.property == readings.property for one in named):
            known = {one.property for one in named}
            expected = f"a property of {pattern}: {listed(known)}"
            source.report.error(_below(at, "property"), f"{where}.property", readings.property, expected, known)
        found += [one for one in named if one.property == readings.property]
    return found


def _matching(pattern: str, site: Site) -> list[str]:
    return [station for station in site.stations if fnmatchcase(station, pattern)]


def _start(readings: Readings, stream: Datastream, source: Source, at: Node) -> float | None:
    """The start value in the datastream's unit; None after saying what is wrong."""
    if isinstance(readings.start, float | int):
        return float(readings.start)
    found, where = threshold(readings.start, stream.unit), "start"
    if isinstance(found, Wrong):
        source.report.error(_below(at, where), where, Words(found.found), found.expected)
        return None
    base = _attribute(found, stream)
    if base is None:
        words = Words(f"{stream.station} has no {found.attribute}")
        source.report.error(_below(at, where), where, words, f"one of {listed(stream.attributes)}")
        return None
    return base + conversion(found.unit, stream.unit)(found.offset)


def _attribute(found: Threshold, stream: Datastream) -> float | None:
    if found.attribute is None:
        return 0.0
    given = stream.attributes.get(found.attribute)
    return None if given is None else conversion(given[1], stream.unit)(given[0])


def _faults(scenario: Scenario, stream: Datastream) -> tuple[Fault, ...]:
    return tuple(
        one
        for one in scenario.faults
        if one.property in (None, stream.property) and any(fnmatchcase(stream.station, p) for p in one.stations)
    )


def _check(source: Source, site: Site) -> None:
    """Names of faults, reports and acts, and times beyond the end."""
    scenario = source.scenario
    for number, fault in enumerate(scenario.faults):
        for pattern in fault.stations:
            _known(source, f"faults.{number}.stations", pattern, _matching(pattern, site), site.stations, "a station")
    for number, call in enumerate(scenario.reports):
        where = f"reports.{number}"
        _known(source, f"{where}.kind", call.kind, call.kind in site.report_kinds, site.report_kinds, "a kind")
        if call.zone is not None:
            _known(source, f"{where}.zone", call.zone, call.zone in site.zones, site.zones, "a zone")
        if call.station is not None:
            _known(source, f"{where}.station", call.station, call.station in site.stations, site.stations, "a station")
    for number, deed in enumerate(scenario.acts):
        fits = any(fnmatchcase(hazard, deed.hazard) for hazard in site.hazards)
        _known(source, f"acts.{number}.hazard", deed.hazard, fits, site.hazards, "a hazard")
    for name in ("faults", "reports", "rubbish", "acts"):
        for number, part in enumerate(getattr(scenario, name)):
            if part.at >= scenario.length:
                at = _below(_at(source.node, name, number), "at")
                source.report.error(at, f"{name}.{number}.at", Words("a time beyond the end"), "earlier than `length`")


def _known(source: Source, where: str, found: str, fits: object, known: object, what: str) -> None:
    if fits:
        return
    name, number, key = where.split(".")
    names = list(known) if isinstance(known, Mapping | frozenset) else []
    source.report.error(_below(_at(source.node, name, int(number)), key), where, found, f"{what} of this site", names)


def _at(node: Node, name: str, number: int) -> Node:
    found: Node = node.value[name].value[number]
    return found


def _below(node: Node, key: str) -> tuple[int, int]:
    return node.value[key].at if key in node.value else node.at
