"""Rules without the conditions that are not active: values from memory, and values that the site has not given."""

from collections.abc import Collection
from typing import Any

from streams.models.expression import names_in
from streams.models.site import Expression


def awake(rule: Expression, asleep: Collection[str]) -> Expression | None:
    """What is left of a rule; None when it can never be true.

    A condition that is not active is one that nobody knows: of `any` it is left out, what needs it falls with it. So
    no level becomes easier to reach than its file says.
    """
    if not asleep or not names_in(rule) & set(asleep):
        return rule
    if isinstance(rule, str):
        return None
    ((kind, argument),) = rule.items()
    if kind == "any":
        parts = [part for one in argument if (part := awake(one, asleep)) is not None]
        return {kind: parts} if parts else None
    if kind in ("all", "sequence"):
        inner = argument if kind == "all" else argument["of"]
        parts = [part for one in inner if (part := awake(one, asleep)) is not None]
        return (
            None if len(parts) < len(inner) else {kind: parts} if kind == "all" else {kind: {**argument, "of": parts}}
        )
    return _single(kind, argument, asleep)


def _single(kind: str, argument: Any, asleep: Collection[str]) -> Expression | None:
    if kind in ("count", "vote"):
        part = awake(argument["of"], asleep)
        return None if part is None else {kind: {**argument, "of": part}}
    if kind == "absence" and not names_in(argument["of"]) & set(asleep):
        part = awake(argument["after"], asleep)
        return None if part is None else {kind: {**argument, "after": part}}
    if kind == "promote":
        items = {
            name: {level: left for level, one in item.items() if (left := awake(one, asleep)) is not None}
            for name, item in argument["items"].items()
        }
        items = {name: item for name, item in items.items() if item}
        return {kind: {**argument, "items": items}} if items else None
    return None  # `not`, and an absence of what nobody knows: not unknown is unknown
