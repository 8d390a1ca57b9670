"""Durations as people write them in files (`10 min`, `0.5 h`) as whole microseconds."""

import re
from fractions import Fraction
from functools import lru_cache

from streams.models.times import DAY, HOUR, MINUTE, SECOND

UNITS: dict[str, int] = {
    "us": 1,
    "ms": SECOND // 1000,
    "s": SECOND,
    "min": MINUTE,
    "h": HOUR,
    "d": DAY,
    "wk": 7 * DAY,
}
FORM = "a number and one of ms, s, min, h, d, wk, like `10 min`"
LONGEST = 36_525 * DAY  # a century: longer ones are a slip of the pen
_PATTERN = re.compile(r"\s*(\d{1,19}(?:\.\d{1,19})?)\s*([A-Za-z]+)\s*", re.ASCII)


@lru_cache(1024)
def parse_duration(text: str) -> int:
    """Microseconds. Months and years are refused: they have no fixed length. Raises ValueError.

    >>> parse_duration("10 min")
    600000000
    """
    found = _PATTERN.fullmatch(text)
    if found is None or found[2] not in UNITS:
        raise ValueError(f"not a duration: {text!r} (write {FORM})")
    length = round(Fraction(found[1]) * UNITS[found[2]])
    if length > LONGEST:
        raise ValueError(f"longer than a century: {text!r}")
    return length


def format_duration(length: int) -> str:
    """The shortest whole form: `90 min`, not `1.5 h`.

    >>> format_duration(5_400_000_000)
    '90 min'
    """
    unit = next((u for u in ("d", "h", "min", "s", "ms") if length and length % UNITS[u] == 0), "us")
    return f"{length // UNITS[unit]} {unit}" if length else "0 s"
