"""Times and lengths as scenarios write them: `2 h 5 min` from the start, or a time with its zone."""

import re
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from streams.models.durations import UNITS, parse_duration
from streams.models.times import parse_time

LENGTH = "a length like `10 min` or `2 h 5 min`"
MOMENT = f"{LENGTH}, counted from the start, or a time with its zone like 2026-07-20T14:03:00+08:00"
VALUE = "a number, a number with its unit like `3.2 m`, or `station.NAME + 0.2 m`"
_ONE = re.compile(r"\s*(\d+(?:\.\d+)?\s*[A-Za-z]+)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)
_SHOWN = ("d", "h", "min", "s")


class Moment(NamedTuple):
    """Microseconds: from the start, or since 1970."""

    time: int
    absolute: bool = False

    def since(self, start: int) -> int:
        """Microseconds from the start."""
        return self.time - start if self.absolute else self.time


def length_of(text: Any) -> int:
    """`2 h 5 min` as microseconds. Raises ValueError."""
    if text == 0 and not isinstance(text, bool):
        return 0
    parts = _ONE.findall(text) if isinstance(text, str) else []
    if not parts or "".join(parts).replace(" ", "") != str(text).replace(" ", ""):
        raise ValueError(LENGTH)
    try:
        return sum(map(parse_duration, parts))
    except ValueError:
        raise ValueError(LENGTH) from None


def moment_of(text: Any) -> Moment:
    """A length from the start, or a time with its zone. Raises ValueError."""
    try:
        if isinstance(text, str) and _DATE.match(text):
            return Moment(parse_time(text, blank_for_t=True), absolute=True)
        return Moment(length_of(text))
    except (ValueError, OverflowError):
        raise ValueError(MOMENT) from None


def shown(time: int) -> str:
    """A time from the start as a person writes it; `length_of` reads it.

    >>> shown(7_500_000_000)
    '2 h 5 min'
    """
    sign, rest, parts = "-" if time < 0 else "", abs(time), []
    for unit in _SHOWN[1:] if rest < 3 * UNITS["d"] else _SHOWN:
        if unit == "s" and rest:
            parts.append(f"{rest / UNITS['s']:.6f}".rstrip("0").rstrip(".") + " s")
        elif rest >= UNITS[unit]:
            parts.append(f"{rest // UNITS[unit]} {unit}")
            rest %= UNITS[unit]
    return sign + (" ".join(parts) or "0 s")


def _absolute(text: Any) -> int:
    try:
        return parse_time(text, blank_for_t=True) if isinstance(text, str) else _refuse()
    except (ValueError, OverflowError):
        raise ValueError("a time with its zone like 2026-07-20T14:03:00+08:00") from None


def _refuse() -> int:
    raise ValueError


def _value(given: Any) -> Any:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError(VALUE)  # noqa: TRY004 - pydantic's way of saying it
    return given


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else given


_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"anyOf": [_TEXT, {"const": 0}]}
Length = Annotated[int, BeforeValidator(length_of), WithJsonSchema({**_TIME, "examples": ["10 min", "2 h 5 min"]})]
At = Annotated[Any, BeforeValidator(moment_of), WithJsonSchema({**_TIME, "examples": ["12 min"]})]
Start = Annotated[int, BeforeValidator(_absolute), WithJsonSchema({**_TEXT, "format": "date-time"})]
Value = Annotated[Any, BeforeValidator(_value), WithJsonSchema({"type": ["number", "string"]})]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_several),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}),
]
