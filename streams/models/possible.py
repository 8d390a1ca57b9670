"""What a rule may be while all conditions but some are off: read from the rule, whatever is measured."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from streams.models.expression import inner_of, names_in, points_in

Possible = tuple[bool, bool]  # may be true, may be false
Inner = Callable[[Any], Any]


def _itself(rule: Any) -> Any:
    return rule


def may_be(rule: Any, free: AbstractSet[str] = frozenset(), inner: Inner = _itself) -> Possible:
    """The conditions `free` are anything, the others off; `inner`: the rule that one which looks back has as inner."""
    if isinstance(rule, str):
        return rule in free, True
    ((kind, argument),) = rule.items()
    if kind in ("all", "any"):
        found = [may_be(one, free, inner) for one in argument]
        every, some = (all, any) if kind == "all" else (any, all)
        return every(true for true, _ in found), some(false for _, false in found)
    if kind == "not":
        true, false = may_be(argument, free, inner)
        return false, true
    return _others(kind, argument, free, inner), True


def _others(kind: str, argument: dict[str, Any], free: AbstractSet[str], inner: Inner) -> bool:
    """Whether a rule of the other kinds may be true."""
    if kind == "promote":
        return any(may_be(one, free, inner)[0] for _, one in points_in(argument))
    if kind == "vote":
        return may_be(argument["of"], free, inner)[0]
    asked = argument["of"] if kind == "sequence" else [argument["of"] if kind == "count" else argument["after"]]
    return all(may_be(inner(one), free, inner)[0] for one in asked)


def first_words(rule: Any) -> set[str]:
    """The conditions whose first answer matters though it is no: of what may be true while all of them are off.

    That is the rule itself, or an inner rule of one that looks back: its past begins with the first answer.
    """
    return names_in(rule) if may_be(rule)[0] else _within(rule)


def _within(rule: Any) -> set[str]:
    kind = next(iter(rule)) if isinstance(rule, dict) else ""
    look = first_words if kind in ("count", "absence") else _within
    return set[str]().union(*(look(one) for one in inner_of(rule)))
