"""The rules a level may be built of. A new one is one file here and one line in RULES."""

from typing import Any

from streams.core.rules.absence import absence
from streams.core.rules.base import Judge, Picture, Rule, Truth
from streams.core.rules.boolean import all_of, any_of, not_
from streams.core.rules.count import count
from streams.core.rules.promote import promote
from streams.core.rules.sequence import sequence
from streams.core.rules.vote import vote

RULES: dict[str, Rule] = {
    "all": all_of,
    "any": any_of,
    "not": not_,
    "vote": vote,
    "promote": promote,
    "sequence": sequence,
    "count": count,
    "absence": absence,
}


def holds(expression: Any, picture: Picture) -> Truth:
    """True, false or unknown: a condition's name, or {RULE: argument} with RULE in the catalogue."""
    if isinstance(expression, str):
        return picture.condition(expression)
    ((name, argument),) = expression.items()
    return RULES[name](argument, picture, judge_of(picture))


def judge_of(picture: Picture) -> Judge:
    """Judges the rules within a rule."""

    def judge(inner: Any, seen: Picture | None = None) -> Truth:
        return holds(inner, picture if seen is None else seen)

    return judge


__all__ = ["RULES", "Picture", "Truth", "holds", "judge_of"]
