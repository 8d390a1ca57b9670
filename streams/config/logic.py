"""Rules that contradict themselves, or hold whatever is measured."""

from collections.abc import Mapping
from itertools import product
from typing import Any

from streams.models.expression import points_in
from streams.models.site import Expression

MOST = 12  # different parts of a rule: all their combinations are tried


def constant(rule: Expression) -> bool | None:
    """What a rule comes to whatever its conditions are; None: that depends on them (or on too many to be tried)."""
    parts = sorted(_parts(rule))
    if len(parts) > MOST:
        return None
    found = {_comes_to(rule, dict(zip(parts, case, strict=True))) for case in product((False, True), repeat=len(parts))}
    return found.pop() if len(found) == 1 else None


def _parts(rule: Any) -> set[str]:
    """What of a rule is true or false by itself: conditions, and rules that count or look back."""
    if isinstance(rule, str):
        return {rule}
    ((kind, argument),) = rule.items()
    if kind in ("all", "any"):
        return set[str]().union(*map(_parts, argument))
    if kind == "not":
        return _parts(argument)
    return set() if _never_comes(kind, argument) else {repr(rule)}


def _never_comes(kind: str, argument: Any) -> bool:
    """What holds when the other begins has come: no absence of what `after` implies; nor what no station can say."""
    if kind == "vote":
        return constant(argument["of"]) is False
    if kind == "promote":
        return all(constant(one) is False for _, one in points_in(argument))
    return kind == "absence" and constant({"all": [argument["after"], {"not": argument["of"]}]}) is False


def _comes_to(rule: Any, case: Mapping[str, bool]) -> bool:
    if isinstance(rule, str):
        return case[rule]
    ((kind, argument),) = rule.items()
    if kind in ("all", "any"):
        found = [_comes_to(one, case) for one in argument]
        return all(found) if kind == "all" else any(found)
    if kind == "not":
        return not _comes_to(argument, case)
    return case.get(repr(rule), False)  # what never comes is no part
