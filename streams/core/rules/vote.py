"""vote: at least so many datastreams, stations or zones agree: now or lately, anywhere or nearby.

They agree on one condition, or each station judges a rule of conditions by itself: {all: [rain, wind]} is both at one
station, and not rain here and wind there.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from streams.core.rules.base import Judge, Key, Picture, Truth
from streams.core.rules.boolean import all_of, any_of, not_
from streams.models.expression import names_in

_AT_ONE = {"all": all_of, "any": any_of, "not": not_}
_Where = tuple[AbstractSet[Key], AbstractSet[Key]]


def vote(argument: dict[str, Any], picture: Picture, _: Judge) -> Truth:
    """{of: CONDITION or RULE, at_least: N, within: metres, during: microseconds, by: datastream | station | zone}.

    `during`: one that has gone off counts so long. `within`: N that lie within this distance of one of them. Unknown
    when the silent ones, or those without a position, could still make it up.
    """
    on, doubt = voters(argument, picture)
    wanted, by, within = int(argument["at_least"]), argument.get("by", "datastream"), argument.get("within")
    if within is None:
        if _units(on, by, picture) >= wanted:
            return True
        return None if doubt and _units(on | doubt, by, picture) >= wanted else False
    if _nearby(on, by, within, picture, unplaced=False) >= wanted:
        return True
    return None if _nearby(on | doubt, by, within, picture, unplaced=True) >= wanted else False


def votes(argument: dict[str, Any], picture: Picture) -> int:
    """How many there are now, wherever they are."""
    return _units(voters(argument, picture)[0], argument.get("by", "datastream"), picture)


def voters(argument: dict[str, Any], picture: Picture) -> _Where:
    """Who agrees, and of whom nobody knows; of a rule: one datastream for each station."""
    of = argument["of"]
    return picture.where(of, argument.get("during", 0)) if isinstance(of, str) else _stations(of, picture)


def _stations(rule: Any, picture: Picture) -> _Where:
    """Where a rule of conditions holds. It never holds where none of them does: so the other stations need no look."""
    found = {name: picture.where(name) for name in names_in(rule)}
    at: dict[str, Key] = {}
    truths: dict[str, dict[str, Truth]] = {}
    for name, (on, doubt) in found.items():
        for keys, truth in ((doubt, None), (on, True)):  # one that is on outweighs one of which nobody knows
            for key in keys:
                at[key[0]] = min(key, at.get(key[0], key))
                truths.setdefault(key[0], {})[name] = truth
    judged = {station: _at_one(rule, picture, said) for station, said in truths.items()}
    doubtful = {at[station] for station, truth in judged.items() if truth is None}
    return {at[station] for station, truth in judged.items() if truth}, doubtful


def _at_one(rule: Any, picture: Picture, said: Mapping[str, Truth]) -> Truth:
    if isinstance(rule, str):
        return said.get(rule, False)
    ((kind, argument),) = rule.items()
    return _AT_ONE[kind](argument, picture, lambda inner: _at_one(inner, picture, said))


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
