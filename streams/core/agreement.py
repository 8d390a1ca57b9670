"""Who says the same: which conditions of a rule are different words for one thing.

A value in doubt is believed when enough stations say the same. In `{any: [wind, gust]}` either one is enough, so one
station's wind and another one's gust agree. In `{all: [rain, stage]}` both are needed, so rain is no word for the
stage. What people report agrees when it speaks of the danger itself: when it could raise a level with no sensor at all.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from streams.models.expression import inner_of
from streams.models.site import Expression, Hazard, ReportCondition

Sides = tuple[frozenset[str], ...]  # sets of conditions that say the same; a condition may be in several


def sides_of(rule: Expression) -> Sides:
    """The sets of conditions of a rule that say the same."""
    return tuple(dict.fromkeys(_sides(rule)))


def telling(hazard: Hazard) -> frozenset[str]:
    """Report conditions that speak of the danger itself. The others tell what goes with it: a typhoon is declared."""
    alone = frozenset[str]().union(*map(_alternatives, hazard.levels.values()))
    return frozenset(name for name in alone if isinstance(hazard.conditions.get(name), ReportCondition))


def _sides(rule: Any) -> Iterator[frozenset[str]]:
    if isinstance(rule, str):
        yield frozenset({rule})
    elif isinstance(rule, dict) and "promote" in rule:
        yield from _of_colours(rule["promote"]["items"])
        for one in inner_of(rule):
            yield from _sides(one) if isinstance(one, dict) else ()
    else:
        if isinstance(rule, dict) and "any" in rule:
            yield _alternatives(rule)
        for part in inner_of(rule):
            yield from _sides(part)


def _of_colours(items: Mapping[str, Mapping[int, Expression]]) -> list[frozenset[str]]:
    """Points of one colour say the same, whatever the item."""
    colours = sorted({level for rules in items.values() for level in rules})
    found = ([_alternatives(one[level]) for one in items.values() if level in one] for level in colours)
    return [side for rules in found if (side := frozenset[str]().union(*rules))]


def _alternatives(rule: Expression) -> frozenset[str]:
    """Conditions each of which makes a rule hold alone."""
    if isinstance(rule, str):
        return frozenset({rule})
    ((kind, argument),) = rule.items()
    if kind == "any":
        return frozenset[str]().union(*map(_alternatives, argument))
    return _alternatives(argument["of"]) if kind == "vote" and argument["at_least"] == 1 else frozenset()
