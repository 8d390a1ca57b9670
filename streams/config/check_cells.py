"""What stations.csv and app.yaml say of the checks that look back: the row, then its type, then its property."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from streams.config.quantity import Wrong, quantity
from streams.models.datastream import LIMITS, Checks
from streams.models.durations import parse_duration
from streams.models.settings import MonthLimits, PropertyQuality
from streams.models.times import DAY, MINUTE, SECOND
from streams.models.units import UnitError, conversion, times

if TYPE_CHECKING:
    from streams.config.cells import Row

RATES = ("rise_max", "fall_max")
AMOUNTS = ("stuck_band", "shift", "swing_band", "neighbour", "drift")
LENGTHS = ("shift_for", "swing_for", "neighbour_age", "neighbour_every", "drift_for")
COUNTS = ("swings", "recover", "neighbour_least")
MONTHS = {f"{name}@{month:02}": (month, name) for month in range(1, 13) for name in LIMITS}
CHECK_COLUMNS = (*RATES, *AMOUNTS, *LENGTHS, *COUNTS)
#: what says nothing without the others
TOGETHER = (("shift", "shift_for"), ("swings", "swing_band", "swing_for"))
#: what says nothing without `neighbour` or `drift`
OF_NEIGHBOURS = ("neighbour_least", "neighbour_age", "neighbour_every", "drift_for")
AGES = 3  # values of a neighbour that may be missing until it counts as not there
MOST = 1_000  # swings, and good values wanted
SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
Layers = Sequence[PropertyQuality]


def per_second(text: str, unit: str) -> float | Wrong:
    """`0.5 m/h` as a rate of this unit per second."""
    for time, seconds in SECONDS.items():
        number, _, own = text.strip().partition(" ")
        if own.strip() == f"{unit}/{time}":
            text, own_seconds = f"{number} 1", seconds
            found = quantity(text, "1")
            return found if isinstance(found, Wrong) else found[0] / own_seconds
    found = quantity(text, f"{unit}/h")
    if isinstance(found, Wrong):
        return found
    return conversion(found[1], times(unit, "/s")).difference(found[0])


def checks_of(row: "Row", layers: Layers, unit: str) -> Checks:
    """The checks of a row; what is wrong is said at the row."""
    found: dict[str, Any] = {name: _rate(row, name, layers, unit) for name in RATES}
    found |= {name: _amount(row, name, layers, unit) for name in AMOUNTS}
    found |= {name: _length(row, name, layers) for name in LENGTHS}
    found |= {name: _count(row, name, layers) for name in COUNTS}
    for names in TOGETHER:
        missing = [name for name in names if not found[name]]
        if found[names[0]] and missing:
            row.error(names[0], row.cells.get(names[0]) or None, f"{' and '.join(missing)} as well")
    found |= _of_neighbours(row, found)
    given = {name: value for name, value in found.items() if value is not None}
    return Checks(**given, months=_months(row, layers, unit))


def _of_neighbours(row: "Row", found: Mapping[str, Any]) -> dict[str, int | None]:
    """What else the comparison with neighbours goes by, where there is one; nothing, where there is none."""
    if found["neighbour"] is None and found["drift"] is None:
        return dict.fromkeys(OF_NEIGHBOURS)
    every = found["neighbour_every"] or MINUTE
    if every < SECOND:
        row.error("neighbour_every", row.cells.get("neighbour_every") or None, "1 s or more")
    if found["neighbour_least"] == 0:
        row.error("neighbour_least", row.cells.get("neighbour_least") or "0", "a whole number from 1 on")
    interval = _interval(row)
    age = AGES * max(interval, every) if interval else 10 * MINUTE
    return {
        "neighbour_least": found["neighbour_least"] or 2,
        "neighbour_age": found["neighbour_age"] or max(age, every),
        "neighbour_every": every,
        "drift_for": None if found["drift"] is None else found["drift_for"] or 7 * DAY,
    }


def _interval(row: "Row") -> int | None:
    """What is wrong with it is said elsewhere."""
    with suppress(ValueError):
        return parse_duration(row.cells.get("interval", ""))
    return None


def _rate(row: "Row", name: str, layers: Layers, unit: str) -> float | None:
    text = row.cells.get(name, "") or next((t for one in layers if (t := getattr(one, name)) is not None), None)
    if not text or not unit:
        return None
    found = per_second(text, unit)
    if not isinstance(found, Wrong) and found > 0:
        return found
    expected = found.expected if isinstance(found, Wrong) else "more than nothing"
    row.error(name, text, expected.replace("`3 ", "`0.5 "))
    return None


def _amount(row: "Row", name: str, layers: Layers, unit: str) -> float | None:
    if row.cells.get(name):
        own = row.number(name)
        if own is not None and own <= 0:
            row.error(name, row.cells[name], "more than nothing")
        return own
    for one in layers:
        general: float | None = getattr(one, name)
        if general is not None and unit:
            try:
                return conversion(one.unit or unit, unit).difference(general)
            except UnitError:
                row.cannot_convert(unit, one)
                return None
    return None


def _length(row: "Row", name: str, layers: Layers) -> int | None:
    if row.cells.get(name):
        return row.duration(name)
    text = next((t for one in layers if (t := getattr(one, name)) is not None), None)
    return None if text is None else parse_duration(text)


def _count(row: "Row", name: str, layers: Layers) -> int | None:
    text = row.cells.get(name, "")
    if not text:
        return next((n for one in layers if (n := getattr(one, name)) is not None), None)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else -1
    if not 0 <= number <= MOST:
        row.error(name, text, f"a whole number from 0 to {MOST:,}")
        return None
    return number


def _months(row: "Row", layers: Layers, unit: str) -> tuple[tuple[int, str, float], ...]:
    """Limits of single months. Who comes first in the order of precedence has the word, of a month or of all."""
    found = []
    for column, (month, name) in MONTHS.items():
        value = row.number(column) if row.cells.get(column) else None
        if value is None and not row.cells.get(name) and unit:
            value = _of_month(row, month, name, layers, unit)
        if value is not None:
            found.append((month, name, value))
    for month in {month for month, _, _ in found}:
        _check_order(row, {name: value for at, name, value in found if at == month}, month)
    return tuple(found)


def _of_month(row: "Row", month: int, name: str, layers: Layers, unit: str) -> float | None:
    for one in layers:
        months: Mapping[Any, MonthLimits] = one.months
        limits = months.get(f"{month:02}")
        value: float | None = None if limits is None else getattr(limits, name)
        if value is not None:
            try:
                return conversion(one.unit or unit, unit)(value)
            except UnitError:
                row.cannot_convert(unit, one)
                return None
        if getattr(one, name) is not None:
            return None
    return None


def _check_order(row: "Row", limits: dict[str, float], month: int) -> None:
    order = [(name, limits[name]) for name in ("hard_min", "soft_min", "soft_max", "hard_max") if name in limits]
    if [value for _, value in order] != sorted(value for _, value in order):
        told = ", ".join(f"{name} {value:g}" for name, value in order)
        row.error(f"{order[-1][0]}@{month:02}", told, "hard_min ≤ soft_min ≤ soft_max ≤ hard_max in each month")
