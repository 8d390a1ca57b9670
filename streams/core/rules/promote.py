"""promote: many points of a low level make one of a higher level (GB 39496-2020, 5.5.4).

Of each item the stations (points) at or above each level are counted: four blue make the item yellow, three yellow
orange, two orange red; the item's level is that or its highest point's, whichever is more. Then items are counted in
the same way.

A level may be a rule, which each station answers for itself. One that counts stations itself (`whole`) is asked once,
and all such rules of an item are one point.
"""

from collections.abc import Mapping
from typing import Any

from streams.core.rules.base import Judge, Picture, Truth
from streams.core.rules.places import places
from streams.models.level import NONE, reached

Points = dict[object, int]  # point -> its level
_WHOLE = None  # the point that is no station


def promote(argument: dict[str, Any], picture: Picture, judge: Judge) -> Truth:
    """{to: LEVEL, items: {NAME: {LEVEL: RULE}}, counts: {LEVEL: how many of the level below make it}, whole: as items}.

    Unknown when it depends on datastreams about which nobody knows.
    """
    to, counts = int(argument["to"]), argument["counts"]
    sure: list[int] = []
    possible: list[int] = []
    for name, rules in argument["items"].items():
        lower, upper = _points(rules, picture, judge)
        _ask_once(argument.get("whole", {}).get(name, {}), judge, lower, upper)
        sure.append(reached(lower.values(), counts))
        possible.append(reached(upper.values(), counts))
    if reached(sure, counts) >= to:
        return True
    return None if reached(possible, counts) >= to else False


def _points(rules: Mapping[int, Any], picture: Picture, judge: Judge) -> tuple[Points, Points]:
    """The stations of one item: the level of each that is sure, and the one that is possible."""
    lower: Points = {}
    upper: Points = {}
    for level, rule in rules.items():
        on, doubt = places(rule, picture, judge)
        for points, keys in ((lower, on), (upper, on | doubt)):
            for point in {picture.unit(key, "station") for key in keys}:
                points[point] = max(points.get(point, NONE), level)
    return lower, upper


def _ask_once(rules: Mapping[int, Any], judge: Judge, lower: Points, upper: Points) -> None:
    for level, rule in rules.items():
        truth = judge(rule)
        for points, counts in ((lower, truth is True), (upper, truth is not False)):
            if counts:
                points[_WHOLE] = max(points.get(_WHOLE, NONE), level)
