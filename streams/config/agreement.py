"""What the files must agree on: units, zones, attributes, the order of levels."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.config.hazards import HazardFile
from streams.config.problems import Words
from streams.config.stations import Stations
from streams.models.datastreams import Floats, Numbers
from streams.models.level import COLOURS
from streams.models.site import Condition, Threshold
from streams.models.units import UnitError, conversion, same_dimension


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
    _check_order(file, stations)


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
    if file.hazard.subject == "event" or not len(streams):
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


def _thresholds(file: HazardFile) -> Iterator[tuple[Condition, Threshold]]:
    for condition in file.hazard.conditions.values():
        if isinstance(condition, Condition):
            for threshold in (condition.thr_on, condition.thr_off):
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


def _check_order(file: HazardFile, stations: Stations) -> None:
    """A higher level must not be easier to reach; nor may a condition end before it begins."""
    hazard = file.hazard
    simple = [(n, hazard.conditions.get(rule)) for n, rule in sorted(hazard.levels.items()) if isinstance(rule, str)]
    ladder = [(n, c) for n, c in simple if isinstance(c, Condition) and c.kind != "absent"]
    for (low, a), (high, b) in pairwise(ladder):
        if a.input == b.input and a.kind == b.kind:
            _compare(file, stations, (low, a), (high, b))
    for condition in hazard.conditions.values():
        if isinstance(condition, Condition) and condition.thr_on and condition.thr_off:
            _check_clear(file, condition, stations)


def _compare(file: HazardFile, stations: Stations, lower: tuple[int, Condition], higher: tuple[int, Condition]) -> None:
    (low, a), (high, b) = lower, higher
    unit = file.hazard.inputs[a.input].unit
    fixed = not (a.thr_on and a.thr_on.attribute) and not (b.thr_on and b.thr_on.attribute)
    rows = np.zeros(1, np.int64) if fixed else _fed(file, a, stations)
    first, second = _pair(a.thr_on, b.thr_on, unit, stations, rows)
    for n in np.flatnonzero(first > second if a.kind == "above" else first < second).tolist():
        where = f"levels.{COLOURS[high - 1]}" + ("" if fixed else f" at station {stations.id(rows[n])}")
        words = Words(f"{b.name} {second[n]:g} {unit}, but {a.name} of {COLOURS[low - 1]} is {first[n]:g} {unit}")
        expected = f"{COLOURS[high - 1]} no easier to reach than {COLOURS[low - 1]}"
        if fixed:
            file.table.report.error(file.place("levels", COLOURS[high - 1]), where, words, expected)
        else:
            stations.report.error(stations.line(rows[n]), f"hazard {file.hazard.name}: {where}", words, expected)


def _check_clear(file: HazardFile, condition: Condition, stations: Stations) -> None:
    on, off = condition.thr_on, condition.thr_off
    if on is None or off is None or on.attribute == off.attribute:
        return
    unit, rows = file.hazard.inputs[condition.input].unit, _fed(file, condition, stations)
    begins, ends = _pair(on, off, unit, stations, rows)
    for n in np.flatnonzero(ends > begins if condition.kind == "above" else ends < begins).tolist():
        at, where = stations.line(rows[n]), f"hazard {file.hazard.name}: condition {condition.name}"
        station = stations.id(rows[n])
        words = Words(f"clearing at {ends[n]:g} {unit}, on at {begins[n]:g} {unit} at station {station}")
        stations.report.error(at, where, words, "a clearing threshold on the near side of the other")


def _fed(file: HazardFile, condition: Condition, stations: Stations) -> Numbers:
    return stations.table.of_property({file.hazard.inputs[condition.input].property})


def _pair(a: Threshold | None, b: Threshold | None, unit: str, stations: Stations, rows: Numbers) -> tuple[Any, Any]:
    """Two thresholds at some datastreams, in an input's unit; NaN where one of them cannot be known."""
    return _resolved(a, unit, stations, rows), _resolved(b, unit, stations, rows)


def _resolved(threshold: Threshold | None, unit: str, stations: Stations, rows: Numbers) -> Floats:
    found = np.full(len(rows), np.nan)
    if threshold is None:
        return found
    change = conversion(threshold.unit, unit)
    if threshold.attribute is None:
        found[:] = change(threshold.offset)
        return found
    values, units = stations.table.attribute(threshold.attribute)
    profile = stations.table.profile[rows]
    for own in {units[n] for n in np.unique(profile).tolist()} - {None}:
        of_unit: NDArray[np.bool_] = np.array([one == own for one in units])[profile]
        try:
            found[of_unit] = conversion(str(own), unit).array(values[rows[of_unit]])
        except UnitError:
            continue  # said by _check_attribute
    return found + change.difference(threshold.offset)
