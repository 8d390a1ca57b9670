"""What the files must agree on: units, zones, attributes, the order of levels."""

from collections.abc import Iterator
from itertools import pairwise

from streams.config.conditions import wrong_side
from streams.config.hazards import HazardFile
from streams.config.problems import Words
from streams.config.stations import Stations
from streams.models.level import COLOURS
from streams.models.site import Condition, Datastream, Threshold
from streams.models.units import UnitError, conversion, same_dimension

Streams = list[Datastream]


def check_hazard(file: HazardFile, stations: Stations) -> None:
    """One hazard against the stations that feed it."""
    hazard = file.hazard
    used = {one.property for one in hazard.inputs.values()}
    streams = [stream for stream in stations.datastreams.values() if stream.property in used]
    if used and not streams:
        properties = sorted({stream.property for stream in stations.datastreams.values()})
        known = [name for name in properties if name not in used]
        wanted = ", ".join(sorted(used))
        file.table.report.warning(
            file.place("inputs"), "inputs", wanted, "a datastream of this property in stations.csv", known
        )
    _check_units(file, streams, stations)
    _check_subjects(file, streams, stations)
    _check_attributes(file, streams, stations)
    _check_order(file, streams, stations)


def _fits(unit: str, file: HazardFile, name: str) -> bool:
    source = file.hazard.inputs[name]
    rate = any(step.part == "rate" for step in source.steps)
    return same_dimension(f"{unit}/s" if rate else unit, source.unit)


def _check_units(file: HazardFile, streams: Streams, stations: Stations) -> None:
    for name, source in file.hazard.inputs.items():
        if any(
            other.property == source.property and not other.steps and source.steps
            for other in file.hazard.inputs.values()
        ):
            continue  # the raw input says it
        for stream in streams:
            if stream.property == source.property and not _fits(stream.unit, file, name):
                at = (stations.lines[stream.key], None)
                expected = (
                    f"a unit that can be converted to {source.unit}, the input {name} of hazard {file.hazard.name}"
                )
                stations.report.error(at, f"station {stream.station}: unit", stream.unit, expected)


def _check_subjects(file: HazardFile, streams: Streams, stations: Stations) -> None:
    """An alert is about one subject in one zone: its records go to that zone's partition."""
    if file.hazard.subject == "event":
        return
    first: dict[str, Datastream] = {}
    for stream in streams:
        subject = file.hazard.subject_of(stream)
        other = first.setdefault(subject, stream)
        if other.zone != stream.zone:
            words = f"zone {stream.zone}, but {other.zone} in line {stations.lines[other.key]}"
            expected = f"one zone for all datastreams of {subject} (hazard {file.hazard.name})"
            stations.report.error((stations.lines[stream.key], None), f"subject {subject}", Words(words), expected)


def _thresholds(file: HazardFile) -> Iterator[tuple[Condition, Threshold]]:
    for condition in file.hazard.conditions.values():
        if isinstance(condition, Condition):
            for threshold in (condition.thr_on, condition.thr_off):
                if threshold is not None and threshold.attribute:
                    yield condition, threshold


def _check_attributes(file: HazardFile, streams: Streams, stations: Stations) -> None:
    named: dict[tuple[str, str], list[str]] = {}  # (input, attribute) -> the conditions that speak of it
    for condition, threshold in _thresholds(file):
        names = named.setdefault((condition.input, str(threshold.attribute)), [])
        names.extend([condition.name] if condition.name not in names else [])
    for (source, attribute), names in named.items():
        own = [stream for stream in streams if stream.property == file.hazard.inputs[source].property]
        lacking = [stream.station for stream in own if attribute not in stream.attributes]
        if lacking:
            _warn_lacking(file, attribute, names, lacking, len(own), stations)
        for stream in own:
            _check_attribute(file, source, attribute, stream, stations)


def _warn_lacking(
    file: HazardFile, attribute: str, names: list[str], lacking: list[str], count: int, stations: Stations
) -> None:
    at, where = file.place("conditions", names[0]), f"conditions.{', '.join(names)}"
    if attribute not in stations.attributes:
        expected = f"a column x_{attribute} in stations.csv: no station has it, and what needs it is unknown"
        file.table.report.warning(at, where, attribute, expected, stations.attributes)
        return
    some = ", ".join(lacking[:5]) + (" …" if len(lacking) > 5 else "")
    words = Words(f"no station.{attribute} at {len(lacking)} of {count} stations ({some})")
    file.table.report.warning(at, where, words, f"a value in x_{attribute}: what needs it is unknown there")


def _check_attribute(file: HazardFile, source: str, attribute: str, stream: Datastream, stations: Stations) -> None:
    unit = file.hazard.inputs[source].unit
    value = stream.attributes.get(attribute)
    if value is not None and not same_dimension(value[1], unit):
        at, where = (stations.lines[stream.key], None), f"station {stream.station}: x_{attribute}"
        expected = f"a value that can be converted to {unit} (hazard {file.hazard.name})"
        stations.report.error(at, where, Words(f"{value[0]:g} {value[1]}"), expected)


def resolved(threshold: Threshold | None, unit: str, stream: Datastream | None) -> float | None:
    """A threshold in an input's unit, where it can be known."""
    if threshold is None:
        return None
    change = conversion(threshold.unit, unit)
    if threshold.attribute is None:
        return change(threshold.offset)
    value = stream.attributes.get(threshold.attribute) if stream else None
    return None if value is None else conversion(value[1], unit)(value[0]) + change.difference(threshold.offset)


def _check_order(file: HazardFile, streams: Streams, stations: Stations) -> None:
    """A higher level must not be easier to reach; nor may a condition end before it begins."""
    hazard = file.hazard
    simple = [(n, hazard.conditions.get(rule)) for n, rule in sorted(hazard.levels.items()) if isinstance(rule, str)]
    ladder = [(n, c) for n, c in simple if isinstance(c, Condition) and c.kind != "absent"]
    for (low, a), (high, b) in pairwise(ladder):
        if a.input == b.input and a.kind == b.kind:
            _compare(file, streams, stations, (low, a), (high, b))
    for condition in hazard.conditions.values():
        if isinstance(condition, Condition) and condition.thr_on and condition.thr_off:
            _check_clear(file, condition, streams, stations)


def _fed(file: HazardFile, condition: Condition, streams: Streams) -> Streams:
    return [stream for stream in streams if stream.property == file.hazard.inputs[condition.input].property]


def _compare(
    file: HazardFile, streams: Streams, stations: Stations, lower: tuple[int, Condition], higher: tuple[int, Condition]
) -> None:
    (low, a), (high, b) = lower, higher
    unit = file.hazard.inputs[a.input].unit
    fixed = not (a.thr_on and a.thr_on.attribute) and not (b.thr_on and b.thr_on.attribute)
    for stream in [None] if fixed else _fed(file, a, streams):
        first, second = _pair(a.thr_on, b.thr_on, unit, stream)
        if first is None or second is None or (first <= second if a.kind == "above" else first >= second):
            continue
        where = f"levels.{COLOURS[high - 1]}" + (f" at station {stream.station}" if stream else "")
        words = Words(f"{b.name} {second:g} {unit}, but {a.name} of {COLOURS[low - 1]} is {first:g} {unit}")
        expected = f"{COLOURS[high - 1]} no easier to reach than {COLOURS[low - 1]}"
        if stream is None:
            file.table.report.error(file.place("levels", COLOURS[high - 1]), where, words, expected)
        else:
            stations.report.error(
                (stations.lines[stream.key], None), f"hazard {file.hazard.name}: {where}", words, expected
            )


def _pair(
    a: Threshold | None, b: Threshold | None, unit: str, stream: Datastream | None
) -> tuple[float | None, float | None]:
    try:
        return resolved(a, unit, stream), resolved(b, unit, stream)
    except UnitError:
        return None, None  # said by _check_attribute


def _check_clear(file: HazardFile, condition: Condition, streams: Streams, stations: Stations) -> None:
    on, off = condition.thr_on, condition.thr_off
    if on is None or off is None or on.attribute == off.attribute:
        return
    unit = file.hazard.inputs[condition.input].unit
    for stream in _fed(file, condition, streams):
        begins, ends = _pair(on, off, unit, stream)
        if begins is None or ends is None:
            continue
        if wrong_side(Threshold(None, begins, unit), Threshold(None, ends, unit), condition.kind, unit):
            at, where = (stations.lines[stream.key], None), f"hazard {file.hazard.name}: condition {condition.name}"
            words = Words(f"clearing at {ends:g} {unit}, on at {begins:g} {unit} at station {stream.station}")
            stations.report.error(at, where, words, "a clearing threshold on the near side of the other")
