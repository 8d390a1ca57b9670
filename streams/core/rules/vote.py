"""vote: at least so many datastreams, stations or zones agree: now or lately, anywhere or nearby.

They agree on one condition, or each station judges a rule of conditions by itself: {all: [rain, wind]} is both at one
station, and not rain here and wind there.
"""

from collections.abc import Set as AbstractSet
from typing import Any

from streams.core.rules.base import Judge, Key, Picture, Truth
from streams.core.rules.places import Places, places


def vote(argument: dict[str, Any], picture: Picture, judge: Judge) -> Truth:
    """{of: CONDITION or RULE, at_least: N, within: metres, during: microseconds, by: datastream | station | zone}.

    `during`: one that has gone off counts so long. `within`: N that lie within this distance of one of them. Unknown
    when the silent ones, or those without a position, could still make it up.
    """
    on, doubt = voters(argument, picture, judge)
    wanted, by, within = int(argument["at_least"]), argument.get("by", "datastream"), argument.get("within")
    if within is None:
        if _units(on, by, picture) >= wanted:
            return True
        return None if doubt and _units(on | doubt, by, picture) >= wanted else False
    if _nearby(on, by, within, picture, unplaced=False) >= wanted:
        return True
    return None if _nearby(on | doubt, by, within, picture, unplaced=True) >= wanted else False


def votes(argument: dict[str, Any], picture: Picture, judge: Judge) -> int:
    """How many there are now, wherever they are."""
    return _units(voters(argument, picture, judge)[0], argument.get("by", "datastream"), picture)


def voters(argument: dict[str, Any], picture: Picture, judge: Judge) -> Places:
    """Who agrees, and of whom nobody knows."""
    of = argument["of"]
    if isinstance(of, str):
        return picture.where(of, argument.get("during", 0))
    return places(of, picture, judge, argument.get("each", "station"))


def _units(keys: AbstractSet[Key], by: str, picture: Picture) -> int:
    return len(keys) if by == "datastream" else len({picture.unit(key, by) for key in keys})


def _nearby(keys: AbstractSet[Key], by: str, within: float, picture: Picture, *, unplaced: bool) -> int:
    """The most that lie around one of them; `unplaced`: those without a position may lie there as well."""
    order, most = sorted(keys), 0
    for key in order:
        found = picture.near(key, order, within)
        around = {other for other, near in zip(order, found, strict=True) if near or (unplaced and near is None)}
        most = max(most, _units(around, by, picture))
    return most
