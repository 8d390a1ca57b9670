"""The order of levels: a higher one must not be easier to reach, and should not outlast the one below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from streams.config.at_stations import fed_by, resolved
from streams.config.hazards import HazardFile
from streams.config.problems import Words
from streams.config.season import LEAP
from streams.config.stations import Stations
from streams.models.datastreams import Floats, Numbers
from streams.models.level import COLOURS
from streams.models.site import Condition, Expression, Threshold

Pair = tuple[Threshold | None, Threshold | None]  # on, off


@dataclass(frozen=True, slots=True)
class Step:
    """A condition that makes a level alone, and those of the next lower level of the same input."""

    level: int
    condition: Condition
    below: int
    others: tuple[Condition, ...]


def check_order(file: HazardFile, stations: Stations) -> None:
    """Say what is out of order."""
    for step in _steps(file):
        for lower, pair in dict.fromkeys(_of_day(step, day) for day in _days(step)):
            _compare(file, stations, step, pair, lower)
    for condition in file.hazard.conditions.values():
        if isinstance(condition, Condition):
            pairs = [(condition.thr_on, condition.thr_off), *((one.thr_on, one.thr_off) for one in condition.seasons)]
            for on, off in dict.fromkeys(pairs):
                _check_clear(file, condition, on, off, stations)


def _steps(file: HazardFile) -> Iterator[Step]:
    alone = {level: _alone(file, rule) for level, rule in sorted(file.hazard.levels.items())}
    for level, conditions in alone.items():
        for one in conditions:
            for below in sorted((number for number in alone if number < level), reverse=True):
                others = tuple(other for other in alone[below] if (other.input, other.kind) == (one.input, one.kind))
                if others and one not in others:
                    yield Step(level, one, below, others)
                if others:
                    break


def _alone(file: HazardFile, rule: Expression) -> list[Condition]:
    """The conditions each of which makes the rule true."""
    if isinstance(rule, dict):
        return [one for part in rule.get("any", ()) for one in _alone(file, part)]
    found = file.hazard.conditions.get(rule)
    compared = isinstance(found, Condition) and found.kind != "absent" and found.forecast is None
    return [found] if compared and isinstance(found, Condition) else []


def _days(step: Step) -> list[date]:
    """A day of each time of the year in which the same thresholds count."""
    first = date(LEAP, 1, 1)
    seasons = [season for one in (step.condition, *step.others) for season in one.seasons]
    begins = {date(LEAP, *season.first) for season in seasons}
    ends = {date(LEAP, *season.last) + timedelta(1) for season in seasons}
    return sorted({first, *(day for day in begins | ends if day.year == LEAP)})


def _of_day(step: Step, day: date) -> tuple[tuple[Threshold | None, ...], Pair]:
    """What counts on a day: where each of the next lower level begins, and where the condition begins and ends."""
    return tuple(_on_day(one, day)[0] for one in step.others), _on_day(step.condition, day)


def _on_day(condition: Condition, day: date) -> Pair:
    for season in condition.seasons:
        if season.covers((day.month, day.day)):
            return season.thr_on, season.thr_off
    return condition.thr_on, condition.thr_off


def _compare(file: HazardFile, stations: Stations, step: Step, pair: Pair, lower: tuple[Threshold | None, ...]) -> None:
    unit, sign = file.hazard.inputs[step.condition.input].unit, 1.0 if step.condition.kind == "above" else -1.0
    on, off = pair
    fixed = not any(one is not None and one.attribute for one in (on, off, *lower))
    rows = np.zeros(1, np.int64) if fixed else fed_by(file, step.condition, stations)
    first = np.array([sign * resolved(one, unit, stations, rows) for one in lower])
    if np.isnan(first).all() or not len(rows):
        return
    least = np.fmin.reduce(first)  # where the lower level is reached; NaN: nobody knows
    second, end = (sign * resolved(one, unit, stations, rows) for one in (on, off))
    for n in np.flatnonzero(least > second).tolist():
        other = step.others[int(np.flatnonzero(first[:, n] == least[n])[0])]
        _out_of_order(file, stations, step, other, None if fixed else int(rows[n]), (sign * second[n], sign * least[n]))
    late = np.flatnonzero((end < least) & (least <= second))
    if len(late):
        _outlasts(file, stations, step, rows[late], (sign * end[late[0]], sign * least[late[0]]), fixed=fixed)


def _out_of_order(
    file: HazardFile, stations: Stations, step: Step, other: Condition, row: int | None, found: tuple[float, float]
) -> None:
    high, low = COLOURS[step.level - 1], COLOURS[step.below - 1]
    unit = file.hazard.inputs[other.input].unit
    where = f"levels.{high}" + ("" if row is None else f" at station {stations.id(row)}")
    words = Words(f"{step.condition.name} {found[0]:g} {unit}, but {other.name} of {low} is {found[1]:g} {unit}")
    expected = f"{high} no easier to reach than {low}"
    if row is None:
        file.table.report.error(file.place("levels", high), where, words, expected)
    else:
        stations.report.error(stations.line(row), f"hazard {file.hazard.name}: {where}", words, expected)


def _outlasts(
    file: HazardFile, stations: Stations, step: Step, rows: Numbers, found: tuple[float, float], *, fixed: bool
) -> None:
    high, low = COLOURS[step.level - 1], COLOURS[step.below - 1]
    unit, name = file.hazard.inputs[step.condition.input].unit, step.condition.name
    places = "" if fixed else f" at {len(rows)} datastream{'' if len(rows) == 1 else 's'} ({_some(stations, rows)})"
    words = Words(f"{high} clears at {found[0]:g} {unit}, beyond {low}, which begins at {found[1]:g} {unit}{places}")
    expected = f"a clearing threshold between {low} and {high}: else {high} goes on when not even {low} would be on"
    file.table.report.warning(file.place("conditions", name), f"conditions.{name}", words, expected)


def _some(stations: Stations, rows: Sequence[int] | Numbers) -> str:
    return ", ".join(stations.id(int(n)) for n in rows[:3]) + (" …" if len(rows) > 3 else "")


def _check_clear(
    file: HazardFile, condition: Condition, on: Threshold | None, off: Threshold | None, stations: Stations
) -> None:
    """A condition may not end before it begins; only a station can tell for different attributes."""
    if on is None or off is None or on.attribute == off.attribute:
        return
    unit, rows = file.hazard.inputs[condition.input].unit, fed_by(file, condition, stations)
    begins, ends = _both(on, off, unit, stations, rows)
    for n in np.flatnonzero(ends > begins if condition.kind == "above" else ends < begins).tolist():
        at, where = stations.line(rows[n]), f"hazard {file.hazard.name}: condition {condition.name}"
        station = stations.id(rows[n])
        words = Words(f"clearing at {ends[n]:g} {unit}, on at {begins[n]:g} {unit} at station {station}")
        stations.report.error(at, where, words, "a clearing threshold on the near side of the other")


def _both(a: Threshold, b: Threshold, unit: str, stations: Stations, rows: Numbers) -> tuple[Floats, Floats]:
    return resolved(a, unit, stations, rows), resolved(b, unit, stations, rows)
