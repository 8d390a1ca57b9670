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
        return [name for item in argument["items"].values() for name in item.values()]
    return [argument[key] for key in _INNER[kind]] if kind in _INNER else [argument]


def colours_in(rule: Any) -> Iterator[tuple[str, int]]:
    """The conditions that are points to be counted (`promote`), each with its colour."""
    if isinstance(rule, dict) and "promote" in rule:
        for item in rule["promote"]["items"].values():
            yield from ((name, level) for level, name in item.items())
        return
    for part in inner_of(rule):
        yield from colours_in(part)
