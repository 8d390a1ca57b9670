"""promote: many points of a low level make one of a higher level (GB 39496-2020, 5.5.4).

Of each item the stations (points) at or above each level are counted: four blue make the item yellow, three yellow
orange, two orange red; the item's level is that or its highest point's, whichever is more. Then items are counted in
the same way.
"""

from typing import Any

from streams.core.rules.base import Judge, Picture, Truth
from streams.models.level import NONE, reached


def promote(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{to: LEVEL, items: {NAME: {LEVEL: CONDITION}}, counts: {LEVEL: how many of the level below make it}}.

    Unknown when it depends on datastreams about which nobody knows.
    """
    to, counts = int(argument["to"]), argument["counts"]
    sure: list[int] = []
    possible: list[int] = []
    for conditions in argument["items"].values():
        lower: dict[object, int] = {}
        upper: dict[object, int] = {}
        for level, name in conditions.items():
            on, doubt = picture.where(name)
            for points, keys in ((lower, on), (upper, on | doubt)):
                for point in {picture.unit(key, "station") for key in keys}:
                    points[point] = max(points.get(point, NONE), level)
        sure.append(reached(lower.values(), counts))
        possible.append(reached(upper.values(), counts))
    if reached(sure, counts) >= to:
        return True
    return None if reached(possible, counts) >= to else False
