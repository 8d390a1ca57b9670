"""A hazard's rules made ready: rules that look back name their inner rules by number, and which windows there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.core.agreement import Sides, sides_of
from streams.models.expression import names_in
from streams.models.possible import may_be
from streams.models.site import Expression

MOST = 256
LOOKING_BACK = frozenset({"sequence", "count", "absence"})


@dataclass(frozen=True, slots=True)
class Inner:
    """A rule whose past another one asks about."""

    rule: Expression
    names: frozenset[str]  # conditions that it speaks of
    sides: Sides = ()  # which of them say the same
    idle: bool = False  # part of a sequence, and true while nothing is on: it has been so before anybody was heard


@dataclass(frozen=True, slots=True)
class Window:
    """A rule that looks back: at which inner rules (of `absence`: what should come, then what was), and how far."""

    kind: str
    inner: tuple[int, ...]
    within: int
    most: int  # times that are kept of one inner rule; the oldest go first


@dataclass(slots=True)
class Script:
    """levels: rules with numbers in place of inner rules. inner: those, each after the ones within it."""

    levels: dict[int, Expression] = field(default_factory=dict)
    sides: dict[int, Sides] = field(default_factory=dict)  # of each level: conditions that say the same
    inner: list[Inner] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    lately: dict[str, set[int]] = field(default_factory=dict)  # condition -> how long votes count it after its end

    @classmethod
    def of(cls, levels: Mapping[int, Expression]) -> "Script":
        """From the levels of a hazard."""
        script = cls()
        script.levels = {level: script.read(expression) for level, expression in levels.items()}
        script.sides = {level: sides_of(expression) for level, expression in levels.items()}
        return script

    @property
    def looks_back(self) -> bool:
        """Whether anything has to be remembered."""
        return bool(self.windows or self.lately)

    def read(self, rule: Expression) -> Expression:
        """One rule."""
        if isinstance(rule, str):
            return rule
        ((kind, argument),) = rule.items()
        if kind in ("all", "any"):
            return {kind: [self.read(one) for one in argument]}
        if kind == "not":
            return {kind: self.read(argument)}
        if kind in LOOKING_BACK:
            return {kind: self._window(kind, argument)}
        if kind == "vote" and argument.get("during"):
            self.lately.setdefault(argument["of"], set()).add(argument["during"])
        return rule

    def _window(self, kind: str, argument: dict[str, Any]) -> dict[str, Any]:
        """The argument with numbers of inner rules."""
        if kind == "sequence":
            found = {**argument, "of": [self._number(one, in_turn=True) for one in argument["of"]]}
            inner = tuple(found["of"])
        elif kind == "count":
            found = {**argument, "of": self._number(argument["of"])}
            inner = (found["of"],)
        else:
            found = {**argument, "of": self._number(argument["of"]), "after": self._number(argument["after"])}
            inner = (found["of"], found["after"])
        most = max(MOST, argument.get("at_least", 0) + 1)
        self.windows.append(Window(kind, inner, argument["within"], most))
        return found

    def _number(self, rule: Expression, *, in_turn: bool = False) -> int:
        idle = in_turn and may_be(rule) == (True, False)
        self.inner.append(Inner(self.read(rule), frozenset(names_in(rule)), sides_of(rule), idle))
        return len(self.inner) - 1
