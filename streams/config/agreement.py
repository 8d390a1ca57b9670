"""What the files must agree on: units, zones, attributes, datums; the order of levels is in `ladder`."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from streams.config.hazards import HazardFile
from streams.config.ladder import check_order
from streams.config.problems import Words
from streams.config.stations import Stations
from streams.models.datastreams import NONE, Numbers
from streams.models.site import Condition, Threshold
from streams.models.units import same_dimension


def check_hazard(file: HazardFile, stations: Stations) -> None:
    """One hazard against the stations that feed it."""
    used = {one.property for one in file.hazard.inputs.values()}
    streams = stations.table.of_property(used)
    if used and not len(streams):
        known = [name for name in sorted(_properties(stations)) if name not in used]
        wanted = ", ".join(sorted(used))
        file.table.report.warning(
            file.place("inputs"), "inputs", wanted, "a datastream of this property in stations.csv", known
        )
    _check_units(file, stations)
    _check_subjects(file, streams, stations)
    _check_attributes(file, stations)
    _check_datums(file, stations)
    check_order(file, stations)


def _properties(stations: Stations) -> set[str]:
    return {profile.property for profile in stations.table.profiles}


def _of_profiles(stations: Stations, chosen: list[bool]) -> list[int]:
    """Numbers of the datastreams of some profiles."""
    if not any(chosen):
        return []
    return np.flatnonzero(np.array(chosen, np.bool_)[stations.table.profile]).tolist()


def _fits(unit: str, file: HazardFile, name: str) -> bool:
    source = file.hazard.inputs[name]
    rate = any(step.part == "rate" for step in source.steps)
    return same_dimension(f"{unit}/s" if rate else unit, source.unit)


def _check_units(file: HazardFile, stations: Stations) -> None:
    profiles = stations.table.profiles
    for name, source in file.hazard.inputs.items():
        wrong = [one.property == source.property and not _fits(one.unit, file, name) for one in profiles]
        if any(
            other.property == source.property and not other.steps and source.steps
            for other in file.hazard.inputs.values()
        ):
            continue  # the raw input says it
        for n in _of_profiles(stations, wrong):
            unit = profiles[stations.table.profile[n]].unit
            expected = f"a unit that can be converted to {source.unit}, the input {name} of hazard {file.hazard.name}"
            stations.report.error(stations.line(n), f"station {stations.id(n)}: unit", unit, expected)


def _check_subjects(file: HazardFile, streams: Numbers, stations: Stations) -> None:
    """An alert is about one subject in one zone: its records go to that zone's partition."""
    if file.hazard.subject == "event":
        _warn_groups(file, streams, stations)
        return
    if not len(streams):
        return
    table = stations.table
    codes, named = table.about(file.hazard.subject)
    first = np.zeros(int(codes[streams].max()) + 1, np.int64)
    first[codes[streams][::-1]] = streams[::-1]
    others = first[codes[streams]]
    away = table.zone[streams] != table.zone[others]
    for n, other in zip(streams[away].tolist(), others[away].tolist(), strict=True):
        zone, its = (table.zones[table.zone[one]] for one in (n, other))
        subject = named(int(codes[n]))
        words = f"zone {zone}, but {its} in line {stations.line(other)[0]}"
        expected = f"one zone for all datastreams of {subject} (hazard {file.hazard.name})"
        stations.report.error(stations.line(n), f"subject {subject}", Words(words), expected)


def _warn_groups(file: HazardFile, streams: Numbers, stations: Stations) -> None:
    """An event is seen by a network of stations; one that belongs to none sees events of its own."""
    rows = streams[stations.table.group[streams] == NONE].tolist()
    if rows:
        some = ", ".join(map(stations.id, rows[:3])) + (" …" if len(rows) > 3 else "")
        words = Words(f"{len(rows)} datastream{'' if len(rows) == 1 else 's'} without group ({some})")
        expected = "the id of their network in the column group: else each station is an event of its own"
        stations.report.warning(stations.line(rows[0]), f"hazard {file.hazard.name}", words, expected)


def _thresholds(file: HazardFile) -> Iterator[tuple[Condition, Threshold]]:
    for condition in file.hazard.conditions.values():
        if isinstance(condition, Condition):
            of_seasons = [(season.thr_on, season.thr_off) for season in condition.seasons]
            for threshold in chain((condition.thr_on, condition.thr_off), *of_seasons):
                if threshold is not None and threshold.attribute:
                    yield condition, threshold


def _check_attributes(file: HazardFile, stations: Stations) -> None:
    named: dict[tuple[str, str], list[str]] = {}  # (input, attribute) -> the conditions that speak of it
    for condition, threshold in _thresholds(file):
        names = named.setdefault((condition.input, str(threshold.attribute)), [])
        names.extend([condition.name] if condition.name not in names else [])
    for (source, attribute), names in named.items():
        name = file.hazard.inputs[source].property
        lacking = _of_profiles(
            stations, [one.property == name and one.unit_of(attribute) is None for one in stations.table.profiles]
        )
        if lacking:
            some = ", ".join(map(stations.id, lacking[:5])) + (" …" if len(lacking) > 5 else "")
            count = f"{len(lacking)} of {len(stations.table.of_property({name}))} stations ({some})"
            _warn_lacking(file, attribute, names, count, stations)
        _check_attribute(file, source, attribute, stations)


def _warn_lacking(file: HazardFile, attribute: str, names: list[str], count: str, stations: Stations) -> None:
    at, where = file.place("conditions", names[0]), f"conditions.{', '.join(names)}"
    if attribute not in stations.attributes:
        expected = f"a column x_{attribute} in stations.csv: no station has it, and what needs it is unknown"
        file.table.report.warning(at, where, attribute, expected, stations.attributes)
        return
    words = Words(f"no station.{attribute} at {count}")
    file.table.report.warning(at, where, words, f"a value in x_{attribute}: what needs it is unknown there")


def _check_attribute(file: HazardFile, source: str, attribute: str, stations: Stations) -> None:
    unit, name = file.hazard.inputs[source].unit, file.hazard.inputs[source].property
    values, units = stations.table.attribute(attribute)
    wrong = [
        profile.property == name and own is not None and not same_dimension(own, unit)
        for profile, own in zip(stations.table.profiles, units, strict=True)
    ]
    for n in _of_profiles(stations, wrong):
        where = f"station {stations.id(n)}: x_{attribute}"
        expected = f"a value that can be converted to {unit} (hazard {file.hazard.name})"
        found = Words(f"{values[n]:g} {units[stations.table.profile[n]]}")
        stations.report.error(stations.line(n), where, found, expected)


def _check_datums(file: HazardFile, stations: Stations) -> None:
    """Heights are compared above one zero level: an input with `datum: required` needs to know which."""
    for name, source in file.hazard.inputs.items():
        if not source.datum or source.steps:
            continue  # of derived inputs the raw one says it
        lacking = [one.property == source.property and one.datum is None for one in stations.table.profiles]
        for n in _of_profiles(stations, lacking):
            expected = f"the height datum of its readings, like 1985 (input {name} of hazard {file.hazard.name})"
            stations.report.error(stations.line(n), f"station {stations.id(n)}: datum", None, expected)
