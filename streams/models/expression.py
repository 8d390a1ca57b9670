"""A level's rule as a tree: which conditions it speaks of.

A rule is a condition's name or {KIND: argument}: `all`, `any` (lists of rules), `not` (a rule), `vote`, `promote`,
`sequence`, `count`, `absence` (mappings; times in microseconds, distances in metres, levels as numbers).
"""

from collections.abc import Iterable, Iterator
from typing import Any

#: where the arguments of a rule hold further rules
_INNER = {"vote": ("of",), "sequence": ("of",), "count": ("of",), "absence": ("of", "after")}


def names_in(rule: Any) -> set[str]:
    """The conditions that a rule speaks of."""
    return set(_names(rule))


def _names(rule: Any) -> Iterator[str]:
    if isinstance(rule, str):
        yield rule
    for part in inner_of(rule):
        yield from _names(part)


def inner_of(rule: Any) -> Iterable[Any]:
    """The rules right below a rule."""
    if isinstance(rule, list | tuple):
        return rule
    if not isinstance(rule, dict):
        return ()
    ((kind, argument),) = rule.items()
    if kind == "promote":
        return [rule for _, rule in points_in(argument)]
    return [argument[key] for key in _INNER[kind]] if kind in _INNER else [argument]


def parts_of(rule: dict[str, Any]) -> list[Any]:
    """The rules right below a rule, one by one."""
    return [one for part in inner_of(rule) for one in (part if isinstance(part, list | tuple) else [part])]


def points_in(argument: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """The colours of a `promote`, each with its rule; `whole`: those that were told apart when it was made ready."""
    for items in (argument["items"], argument.get("whole", {})):
        for item in items.values():
            yield from item.items()


def counts(rule: Any) -> bool:
    """Whether a rule counts where something holds: what no station can answer for itself."""
    return bool(isinstance(rule, dict) and rule.keys() & {"vote", "promote"}) or any(map(counts, inner_of(rule)))


def each_of(argument: dict[str, Any]) -> str:
    """Who answers the rule of a vote: each station; where the rule counts stations, each zone or group."""
    by = argument.get("by", "station")
    return by if by in ("zone", "group") and counts(argument["of"]) else "station"


def colours_in(rule: Any) -> Iterator[tuple[str, int]]:
    """The conditions that are points to be counted (`promote`), each with its colour."""
    if isinstance(rule, dict) and "promote" in rule:
        for level, point in points_in(rule["promote"]):
            yield from ((name, level) for name in sorted(names_in(point)))
        return
    for part in inner_of(rule):
        yield from colours_in(part)
