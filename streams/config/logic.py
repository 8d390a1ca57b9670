"""Rules that contradict themselves, or hold whatever is measured."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from streams.models.expression import points_in
from streams.models.site import Expression

MOST = 12  # different parts of a rule: all their combinations are tried


def constant(rule: Expression) -> bool | None:
    """What a rule comes to whatever its conditions are; None: that depends on them (or on too many to be tried)."""
    parts = _parts(rule)
    if len(parts) > MOST:
        return None
    cases = (dict(zip(sorted(parts), case, strict=True)) for case in product((False, True), repeat=len(parts)))
    found = {_comes_to(rule, case) for case in cases if _may_be_so(parts, case)}
    return found.pop() if len(found) == 1 else None


def _parts(rule: Any) -> dict[str, Any]:
    """What of a rule is true or false by itself: conditions, and rules that count or look back."""
    if isinstance(rule, str):
        return {rule: rule}
    ((kind, argument),) = rule.items()
    if kind in ("all", "any", "not"):
        return _parts_of([argument] if kind == "not" else argument)
    return {} if _never_comes(kind, argument) else {repr(rule): rule} | _parts_of(_implied(rule))


def _parts_of(rules: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in rules:
        found |= _parts(one)
    return found


def _implied(rule: Any) -> list[Any]:
    """Rules of which one holds where this one does: what some station says is so, if it says so without a `not`."""
    ((kind, argument),) = rule.items()
    if kind == "vote" and not argument.get("during"):
        of = [argument["of"]]
    else:
        of = [one for _, one in points_in(argument)] if kind == "promote" else []
    return of if all(map(_only_adds, of)) else []


def _only_adds(rule: Any) -> bool:
    """Whether what holds at one station holds for all of them together: no `not`, and nothing that looks back."""
    if isinstance(rule, str):
        return True
    ((kind, argument),) = rule.items()
    return all(map(_only_adds, argument)) if kind in ("all", "any") else bool(_implied(rule))


def _may_be_so(parts: Mapping[str, Any], case: Mapping[str, bool]) -> bool:
    """Whether no part is true without what it implies."""
    rules = [rule for text, rule in parts.items() if case[text] and not isinstance(rule, str)]
    return all(any(_comes_to(one, case) for one in of) for rule in rules if (of := _implied(rule)))


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
