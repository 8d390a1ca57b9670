"""Distances as people write them in files (`5 km`, `500 m`) as metres."""

import re
from functools import lru_cache

from streams.models.units import UnitError, convert

DISTANCE_FORM = "a distance with its UCUM unit, like `500 m` or `5 km`"
FARTHEST = 20_100_000.0  # metres: half way around the earth
_PATTERN = re.compile(r"\s*([0-9]{1,19}(?:\.[0-9]{1,19})?)\s*(\S+)\s*", re.ASCII)


@lru_cache(1024)
def parse_distance(text: str) -> float:
    """Metres, more than none. Raises ValueError, which says what would be right.

    >>> parse_distance("5 km")
    5000.0
    """
    found = _PATTERN.fullmatch(text)
    try:
        length = convert(float(found[1]), found[2], "m") if found else 0.0
    except UnitError:
        length = 0.0
    if length <= 0:
        raise ValueError(DISTANCE_FORM)
    if length > FARTHEST:
        raise ValueError(f"{DISTANCE_FORM}, at most half way around the earth")
    return length
