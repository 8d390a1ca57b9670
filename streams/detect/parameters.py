"""`--param k=v` as the parameters of a part, and what the part still has to be told by the file."""

import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from detectors import DETECTORS
from detectors.coincidence import Coincidence
from detectors.preset import Limit
from streams.config.parts import DURATIONS, parameters_of, words_of
from streams.models.durations import FORM, parse_duration

COINCIDENCE = "coincidence"
RATE = "rate"
OFFSET = "utc_offset"  # the one length of time that may be below 0
_LIMITS = ("thr_on", "thr_off")
_COUNTS = ("n", "m")
_SPANS = ("persist", "hold", "refractory")
_SWITCH = {"true": True, "false": False}


def read_parameters(part: str, given: Iterable[str]) -> dict[str, Any]:
    """The values of `k=v` texts, checked against what the part can be told. Raises ValueError."""
    own = _own(part)
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = (piece.strip() for piece in text.partition("="))
        known = sorted({*own, *_of_the_chain(part)})
        if not equals or name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"--param {text}: found {name!r}; {part} has {', '.join(known)}{hint}")
        found[name] = _value(f"--param {text}", name, value, own.get(name))
    return found


def with_rate(part: str, parameters: dict[str, Any], preset: Iterable[str], rate: float | None) -> dict[str, Any]:
    """The parameters with the samples a second, for a part that has to know them. Raises ValueError."""
    if part == COINCIDENCE or RATE not in parameters_of(part) or RATE in {*parameters, *preset}:
        return parameters
    if rate is None:
        raise ValueError(f"{part} has to know the samples a second: --param rate=HZ beside --time, or --rate HZ")
    return {**parameters, RATE: rate}


def _own(part: str) -> dict[str, inspect.Parameter]:
    if part == COINCIDENCE:
        return dict(inspect.signature(Coincidence).parameters)
    return parameters_of(part)


def _of_the_chain(part: str) -> tuple[str, ...]:
    """What belongs to no part but to thresholds and the alarm."""
    return (*_LIMITS, "adapt", *_SPANS, *_COUNTS) if part in DETECTORS else ()


def _value(where: str, name: str, text: str, own: inspect.Parameter | None) -> Any:
    words = words_of(own) if own else ()
    if text in words:
        return text
    if name == "adapt":
        if text not in _SWITCH:
            raise ValueError(f"{where}: found {text!r}; right would be true or false")
        return _SWITCH[text]
    if own is None and name in _LIMITS:
        return _limit(where, text)
    if name in DURATIONS or (own is None and name in _SPANS):
        back = name == OFFSET and text.startswith("-")
        return -_duration(where, text[1:], words) if back else _duration(where, text, words)
    if words:
        raise ValueError(f"{where}: found {text!r}; right would be one of {', '.join(words)}")
    if own is not None and isinstance(own.default, str):
        return text
    whole = isinstance(own.default, int) if own else name in _COUNTS
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise ValueError(f"{where}: found {text!r}; right would be a {'whole ' * whole}number") from None


def _limit(where: str, text: str) -> Limit:
    try:
        return Limit.of(text)
    except ValueError:
        raise ValueError(f"{where}: found {text!r}; right would be a number, or 2*q0.99 of the training") from None


def _duration(where: str, text: str, words: tuple[str, ...]) -> int:
    try:
        return parse_duration(text)
    except ValueError:
        other = f", or {words[0]}" if words else ""
        raise ValueError(f"{where}: found {text!r}; right would be {FORM}{other}") from None
