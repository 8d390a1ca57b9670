"""Where something holds: a condition at its datastreams, a rule at the stations that answer it for themselves."""

from collections.abc import Set as AbstractSet
from typing import Any

from streams.core.rules.base import Judge, Key, Picture

Places = tuple[AbstractSet[Key], AbstractSet[Key]]  # where it holds, and where nobody knows


def places(rule: Any, picture: Picture, judge: Judge, each: str = "station") -> Places:
    """Of a rule one datastream for each of them: {all: [rain, wind]} is both at one station."""
    if isinstance(rule, str):
        return picture.where(rule)
    truths = {key: judge(rule, seen) for key, seen in picture.apart(rule, each).items()}
    return {key for key, truth in truths.items() if truth}, {key for key, truth in truths.items() if truth is None}
