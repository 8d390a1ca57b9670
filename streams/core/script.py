"""A hazard's rules made ready: rules that look back name their inner rules by number, and which windows there are."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from streams.core.agreement import Sides, sides_of
from streams.models.expression import counts, each_of, inner_of, names_in
from streams.models.possible import may_be
from streams.models.site import Expression

MOST = 256
LOOKING_BACK = frozenset({"sequence", "count", "absence"})


def looks_back(rule: Any) -> bool:
    """Whether time alone may change a rule."""
    if isinstance(rule, dict):
        ((kind, argument),) = rule.items()
        if kind in LOOKING_BACK or (kind == "vote" and argument.get("during")):
            return True
    return any(map(looks_back, inner_of(rule)))


@dataclass(frozen=True, slots=True)
class Inner:
    """A rule whose past another one asks about."""

    rule: Expression
    names: frozenset[str]  # conditions that it speaks of
    sides: Sides = ()  # which of them say the same
    idle: bool = False  # part of a sequence, and true while nothing is on: it has been so before anybody was heard
    apart: str = ""  # `station`, `zone`, `group`: each of them has a past of its own
    timed: bool = False  # it looks back itself: time alone may change it


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
    apart: dict[str, set[str]] = field(default_factory=dict)  # by whom it is answered apart -> conditions of such rules

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

    def names(self, asked: Any) -> AbstractSet[str]:
        """The conditions that a rule with numbers speaks of."""
        if isinstance(asked, int):
            return self.inner[asked].names
        return {asked} if isinstance(asked, str) else set[str]().union(*map(self.names, inner_of(asked)))

    def read(self, rule: Expression, *, apart: str = "") -> Expression:
        """One rule; `apart`: as each station, zone or group answers it for itself."""
        if isinstance(rule, str):
            return rule
        ((kind, argument),) = rule.items()
        if kind in ("all", "any"):
            return {kind: [self.read(one, apart=apart) for one in argument]}
        if kind == "not":
            return {kind: self.read(argument, apart=apart)}
        if kind in LOOKING_BACK:
            return {kind: self._window(kind, argument, apart=apart)}
        return {kind: self._vote(argument) if kind == "vote" else self._promote(argument, apart=apart)}

    def _vote(self, argument: dict[str, Any]) -> dict[str, Any]:
        """What a rule has been lately is how often it has held lately: at least once."""
        of, during = argument["of"], argument.get("during")
        if isinstance(of, str):
            if during:
                self.lately.setdefault(of, set()).add(during)
            return argument
        rule = {"count": {"of": of, "at_least": 1, "within": during}} if during else of
        each = each_of(argument)
        found = {key: one for key, one in argument.items() if key != "during"} | {"of": self._apart(rule, each)}
        return found if each == "station" else {**found, "each": each}

    def _promote(self, argument: dict[str, Any], *, apart: str) -> dict[str, Any]:
        """`whole`: rules that count themselves; the others are asked of each station."""
        items: dict[str, dict[int, Expression]] = {}
        whole: dict[str, dict[int, Expression]] = {}
        for name, item in argument["items"].items():
            items[name] = {level: self._apart(one, "station") for level, one in item.items() if not counts(one)}
            whole[name] = {level: self.read(one, apart=apart) for level, one in item.items() if counts(one)}
        return {**argument, "items": items} | ({"whole": whole} if any(whole.values()) else {})

    def _apart(self, rule: Expression, each: str) -> Expression:
        if not isinstance(rule, str):
            self.apart.setdefault(each, set()).update(names_in(rule))
        return self.read(rule, apart=each)

    def _window(self, kind: str, argument: dict[str, Any], *, apart: str) -> dict[str, Any]:
        """The argument with numbers of inner rules."""
        found = dict(argument)
        if kind == "sequence":
            found["of"] = [self._number(one, apart=apart, in_turn=True) for one in argument["of"]]
            inner = tuple(found["of"])
        else:
            for key in ("of",) if kind == "count" else ("of", "after"):
                found[key] = self._number(argument[key], apart=apart)
            inner = (found["of"],) if kind == "count" else (found["of"], found["after"])
        most = max(MOST, argument.get("at_least", 0) + 1)
        self.windows.append(Window(kind, inner, argument["within"], most))
        return found

    def _number(self, rule: Expression, *, apart: str, in_turn: bool = False) -> int:
        idle, asked = in_turn and may_be(rule) == (True, False), self.read(rule, apart=apart)
        self.inner.append(Inner(asked, frozenset(names_in(rule)), sides_of(rule), idle, apart, looks_back(rule)))
        return len(self.inner) - 1
