"""The bound behind the check that set a quality flag, as the configuration calls it: `soft_max@07 8 m`."""

import numpy as np

from streams.core import triggers
from streams.core.arrived import Arrived
from streams.core.fired import Fired
from streams.core.quality import Limits, check_of
from streams.core.slots import Slots
from streams.models.datastream import Datastream
from streams.models.durations import format_duration

OF_VALUE = {"range_hard": "hard", "saturated": "range", "range_soft": "soft"}
PER_HOUR = 3600  # rates are kept per second


def bound_of(limits: Limits, bits: int, place: int, value: float, time: int) -> str:
    """Of a value with these bits; empty where its check has no bound. Numbers have at most six digits."""
    check, stream = check_of(bits), limits.streams[int(limits.kind[place])]
    if check in OF_VALUE:
        return _of_value(limits, OF_VALUE[check], place, value, time)
    words = [f"{name} {told}" for name, told in _settings(stream).get(check, {}).items() if told]
    return ", ".join(words)


def bound_of_edge(limits: Limits, slots: Slots, fired: Fired, rows: Arrived) -> str:
    """The bound behind the flag of the row that caused an edge."""
    bits = triggers.doubt_of(fired)
    if not bits:
        return ""
    place = int(slots.stream[fired.slot])
    return bound_of(limits, bits, place, float(rows.value[fired.row]), int(rows.time[fired.row]))


def _of_value(limits: Limits, kind: str, place: int, value: float, time: int) -> str:
    places, times = np.array([place], np.int32), np.array([time], np.int64)
    low = float(limits.bound(f"{kind}_min", places, times)[0])
    name = f"{kind}_min" if (value <= low if kind == "range" else value < low) else f"{kind}_max"
    number, of_kind = float(limits.bound(name, places, times)[0]), int(limits.kind[place])
    return f"{name}{limits.months.label(name, of_kind, time)} {number:.6g} {limits.streams[of_kind].unit}"


def _settings(stream: Datastream) -> dict[str, dict[str, str]]:
    """By check what it goes by."""
    own, unit = stream.checks, stream.unit
    return {
        "stuck": {"stuck_for": _length(stream.stuck_for), "stuck_band": _number(own.stuck_band, unit)},
        "rise": {"rise_max": _number((own.rise_max or 0) * PER_HOUR, f"{unit}/h")},
        "fall": {"fall_max": _number((own.fall_max or 0) * PER_HOUR, f"{unit}/h")},
        "shift": {"shift": _number(own.shift, unit), "shift_for": _length(own.shift_for)},
        "oscillation": {
            "swings": str(own.swings or ""),
            "swing_band": _number(own.swing_band, unit),
            "swing_for": _length(own.swing_for),
        },
        "unreliable": {"recover": str(own.recover or "")},
    }


def _number(number: float | None, unit: str) -> str:
    return f"{number:.6g} {unit}" if number else ""


def _length(length: int | None) -> str:
    return format_duration(length) if length else ""
