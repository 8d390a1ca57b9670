"""What backs a level besides the word of untrusted people: read from its rule, once.

A rule is taken apart into its ways to hold, each the least that has to hold together. What people without trust report
raises up to yellow; in a way that needs a sensor, an alert of another hazard or a trusted person as well, the two
agree. More evidence only ever adds ways that hold.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from itertools import product
from math import prod
from typing import NamedTuple

from streams.core.script import Inner
from streams.models.possible import may_be
from streams.models.site import Expression

MOST_WAYS = 64  # a rule with more is not taken apart: people alone may then be what makes it hold
Answer = Callable[[Expression], bool]


class Backed(Enum):
    """Who has to say a part of a rule so that it backs the rest."""

    NOBODY = 0  # it may hold with nothing on: it says nothing
    TRUSTED = 1  # reports alone can make it hold: a trusted person
    GOOD = 2  # it needs more than reports


class Part(NamedTuple):
    """A part of a way."""

    rule: Expression
    backed: Backed


Way = tuple[Part, ...]


def ways_of(rule: Expression, inner: Sequence[Inner], reports: AbstractSet[str]) -> tuple[Way, ...]:
    """The ways in which a rule with numbered inner rules can hold; `reports`: the conditions that people meet."""
    ways = _ways(rule)
    parts: dict[str, Part] = {}
    for one in (one for way in ways for one in way):
        parts.setdefault(repr(one), Part(one, _backed(one, inner, reports)))
    least = dict.fromkeys(frozenset(map(repr, way)) for way in ways)
    return tuple(tuple(parts[name] for name in sorted(way)) for way in least if not any(other < way for other in least))


def is_backed(ways: Sequence[Way], holds: Answer, good: Answer, trusted: Answer) -> bool:
    """Whether in some way that holds more speaks than people without trust."""
    asked = {Backed.NOBODY: lambda _: False, Backed.TRUSTED: trusted, Backed.GOOD: good}
    return any(
        any(asked[part.backed](part.rule) for part in way) and all(holds(part.rule) for part in way) for way in ways
    )


def _backed(rule: Expression, inner: Sequence[Inner], reports: AbstractSet[str]) -> Backed:
    def numbered(number: int) -> Expression:
        return inner[number].rule

    if may_be(rule, inner=numbered)[0]:
        return Backed.NOBODY
    return Backed.TRUSTED if may_be(rule, reports, numbered)[0] else Backed.GOOD


def _ways(rule: Expression) -> list[tuple[Expression, ...]]:
    """The ways of a rule: `any` offers each of its parts, `all` asks for one way of each."""
    if isinstance(rule, str):
        return [(rule,)]
    ((kind, argument),) = rule.items()
    if kind not in ("all", "any"):
        return [(rule,)]
    inner = [_ways(one) for one in argument]
    sizes = [len(ways) for ways in inner]
    if (sum(sizes) if kind == "any" else prod(sizes)) > MOST_WAYS:
        return [(rule,)]
    if kind == "any":
        return [way for ways in inner for way in ways]
    return [tuple(part for way in chosen for part in way) for chosen in product(*inner)]
