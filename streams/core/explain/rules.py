"""A level's rule in words: what is missing until it holds, and what would end it.

A rule is walked through twice at once: as the hazard file says it (for the words) and as the rulebook asks it, where
rules that look back have numbers in place of their inner rules (for the truth).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from streams.core.explain.conditions import Conditions
from streams.core.explain.names import quantity
from streams.core.explain.words import COLOUR_ZH, NOTHING, Said, both, either, far, lasting
from streams.core.rules import Truth, holds, judge_of
from streams.core.rules.vote import votes
from streams.models.expression import points_in
from streams.models.level import colour
from streams.models.site import Condition

_VOTERS = {
    "station": Said("个测站", "stations"), "group": Said("个台网", "groups"), "zone": Said("个网格", "zones"),
}  # fmt: skip
Pair = tuple[Any, Any]  # as the file says it, as the rulebook asks it


class Rules:
    """The words for rules in one scene."""

    def __init__(self, conditions: Conditions) -> None:
        self.words = conditions
        self.scene = conditions.scene

    def holds(self, asked: Any) -> Truth:
        """Whether a rule holds now."""
        return holds(asked, self.scene.view)

    # -- what it says ------------------------------------------------------------------------------------------------

    def label(self, rule: Any) -> Said:
        """A rule whatever the values are now."""
        if isinstance(rule, str):
            return self.words.label(self.scene.hazard.conditions[rule])
        ((kind, argument),) = rule.items()
        return self._labels[kind](argument)

    @property
    def _labels(self) -> dict[str, Callable[[Any], Said]]:
        return {
            "all": lambda parts: _bracketed(both(map(self.label, parts))),
            "any": lambda parts: _bracketed(either(map(self.label, parts))),
            "not": self._label_not,
            "vote": self._label_vote,
            "promote": self._label_promote,
            "sequence": self._label_sequence,
            "count": self._label_count,
            "absence": self._label_absence,
        }

    def _label_not(self, inner: Any) -> Said:
        said = self.label(inner)
        return Said(f"非“{said.zh}”", f"not ({said.en})")

    def _label_vote(self, argument: dict[str, Any]) -> Said:
        said, n = self._label_alone(argument["of"]), argument["at_least"]
        by = argument.get("by", "datastream")
        who = _VOTERS.get(by, Said("个测点", "datastreams"))
        near = argument.get("within")
        zh, en = (f"相距 {far(near)}内", f", within {far(near)} of each other") if near else ("", "")
        time = lasting(argument["during"]) if argument.get("during") else None
        zh, en = (f"{zh} {time.zh}内".strip(), en + f", within {time.en}") if time else (zh, en)
        return Said(f"{zh}至少 {n} {who.zh}{said.zh}", f"at least {n} {who.en} with {said.en}{en}")

    def _label_alone(self, rule: Any) -> Said:
        """A rule that others answer for themselves, in brackets."""
        said = self.label(rule)
        return said if isinstance(rule, str) or rule.keys() & {"any", "all", "not"} else _bracketed(said)

    def _label_promote(self, argument: dict[str, Any]) -> Said:
        items, to = [self._label_item(name, item) for name, item in argument["items"].items()], int(argument["to"])
        ways, now = sorted((int(level), n) for level, n in argument["counts"].items()), self._points(argument)
        zh = "，".join(f"{n} 个{COLOUR_ZH[level - 1]}升{COLOUR_ZH[level]}" for level, n in ways if level > 1)
        en = ", ".join(f"{n} {colour(level - 1)} make {colour(level)}" for level, n in ways if level > 1)
        names_zh, names_en = "、".join(one.zh for one in items), ", ".join(one.en for one in items)
        return Said(
            f"{names_zh} 按测点数升至{COLOUR_ZH[to]}（{zh}{now.zh}）",
            f"{names_en} counted up to {colour(to)} ({en}{now.en})",
        )

    def _label_item(self, name: str, item: dict[int, Any]) -> Said:
        """Its colours that are rules are told."""
        rules = sorted((int(level), self.label(one)) for level, one in item.items() if not isinstance(one, str))
        zh = "；".join(f"{COLOUR_ZH[level]}：{said.zh}" for level, said in rules)
        en = "; ".join(f"{colour(level)}: {said.en}" for level, said in rules)
        return Said(f"{name}（{zh}）", f"{name} ({en})") if rules else self._item(name, item)

    def _item(self, name: str, conditions: Mapping[int, str]) -> Said:
        """An item of points by what they measure; in English by the name that the file gives it."""
        condition = self.scene.hazard.conditions[next(iter(conditions.values()))]
        if not isinstance(condition, Condition):
            return Said(name, name)
        return Said(quantity(self.scene.hazard.inputs[condition.input]).zh, name)

    def _points(self, argument: dict[str, Any]) -> Said:
        """How many points of each item are at which level now; nothing where a level is a rule."""
        if not all(isinstance(one, str) for _, one in points_in(argument)):
            return NOTHING
        zh, en = [], []
        for name, conditions in argument["items"].items():
            at: dict[str, int] = {}  # station -> its highest level
            for level, condition in sorted((int(level), one) for level, one in conditions.items()):
                at |= dict.fromkeys((key[0] for key, _ in self.scene.on.get(condition, ())), level)
            said = self._item(name, conditions)
            for level, count in sorted(Counter(at.values()).items(), reverse=True):
                zh.append(f"{said.zh} {count} 个{COLOUR_ZH[level]}")
                en.append(f"{said.en} {count} {colour(level)}")
        return Said("；现有 " + "、".join(zh), "; now " + ", ".join(en)) if zh else Said("；现无", "; none now")

    def _label_sequence(self, argument: dict[str, Any]) -> Said:
        parts, within = [self.label(part) for part in argument["of"]], lasting(argument["within"])
        zh, en = "，随后".join(part.zh for part in parts), ", then ".join(part.en for part in parts)
        return Said(f"{within.zh}内先后 {zh}", f"{en}, within {within.en}")

    def _label_count(self, argument: dict[str, Any]) -> Said:
        said, n, within = self.label(argument["of"]), argument["at_least"], lasting(argument["within"])
        return Said(f"{within.zh}内 {n} 次{said.zh}", f"{said.en} {n} times within {within.en}")

    def _label_absence(self, argument: dict[str, Any]) -> Said:
        of, after, within = self.label(argument["of"]), self.label(argument["after"]), lasting(argument["within"])
        return Said(f"{after.zh}后 {within.zh}内没有 {of.zh}", f"no {of.en} within {within.en} after {after.en}")

    # -- what would change it ----------------------------------------------------------------------------------------

    def to_hold(self, rule: Any, asked: Any, *, lowers: bool = False) -> Said:
        """What is missing until a rule holds that does not; `lowers`: and what silence does is not told (NOTHING)."""
        if isinstance(rule, str):
            return NOTHING if lowers and self._silence(rule) else self.words.to_hold(self.scene.hazard.conditions[rule])
        ((kind, argument),), ((_, asked_argument),) = rule.items(), asked.items()
        if kind in ("all", "any"):
            pairs = [p for p in zip(argument, asked_argument, strict=True) if self.holds(p[1]) is not True]
            said = [_within(pair[0], self.to_hold(*pair, lowers=lowers), pairs) for pair in pairs]
            return _every(said, lowers=lowers) if kind == "all" else either(said)
        if kind == "not":
            return self.to_end(argument, asked_argument, lowers=lowers)
        if lowers and self._silence(rule):
            return NOTHING
        if kind == "vote":
            return self._to_vote(argument, asked_argument)
        return self.label(rule)

    def _to_vote(self, argument: dict[str, Any], asked: dict[str, Any]) -> Said:
        so_far = votes(asked, self.scene.view, judge_of(self.scene.view))
        said = self._label_vote(argument)
        return Said(f"{said.zh}（现有 {so_far} 个）", f"{said.en} ({so_far} so far)")

    def to_end(self, rule: Any, asked: Any, *, lowers: bool = False) -> Said:
        """What would end a rule that holds; `lowers`: and what silence does is not told (NOTHING)."""
        if isinstance(rule, str):
            return self.words.to_end(self.scene.hazard.conditions[rule])
        ((kind, argument),), ((_, asked_argument),) = rule.items(), asked.items()
        if kind in ("all", "any"):
            pairs = [p for p in zip(argument, asked_argument, strict=True) if self.holds(p[1]) is True]
            said = [_within(pair[0], self.to_end(*pair, lowers=lowers), pairs) for pair in pairs]
            return either(said) if kind == "all" else _every(said, lowers=lowers)
        if kind == "not":
            return self.to_hold(argument, asked_argument, lowers=lowers)
        if lowers and self._silence(rule, becomes=False):
            return NOTHING
        label = self.label(rule)
        return Said(f"不再满足“{label.zh}”", f"no longer {label.en}")

    def _silence(self, rule: Any, *, becomes: bool = True) -> bool:
        """Whether the silence of a datastream may be what makes a rule true (or false)."""
        if isinstance(rule, str):
            condition = self.scene.hazard.conditions[rule]
            return becomes and isinstance(condition, Condition) and condition.kind == "absent"
        ((kind, argument),) = rule.items()
        if kind == "not":
            return self._silence(argument, becomes=not becomes)
        if kind == "absence" and self._silence(argument["of"], becomes=not becomes):
            return True
        return any(self._silence(part, becomes=becomes) for part in _parts(kind, argument))


def _parts(kind: str, argument: Any) -> list[Any]:
    """Rules and conditions within a rule that help it to hold."""
    if kind in ("all", "any"):
        return list(argument)
    if kind == "promote":
        return [rule for _, rule in points_in(argument)]
    if kind == "absence":
        return [argument["after"]]
    return list(argument["of"]) if kind == "sequence" else [argument["of"]]


def _every(parts: list[Said], *, lowers: bool) -> Said:
    """All of them; what lowers is told whole or not at all."""
    return NOTHING if lowers and NOTHING in parts else both(parts)


def _within(rule: Any, said: Said, parts: list[Pair]) -> Said:
    """A list within a list stands in brackets; what is left of it may be no list."""
    listed = (
        isinstance(rule, dict) and rule.keys() & {"all", "any"} and any(word in said.zh for word in ("，且", "，或"))
    )
    return _bracketed(said) if listed and len(parts) > 1 else said


def _bracketed(said: Said) -> Said:
    return said if said == NOTHING else Said(f"（{said.zh}）", f"({said.en})")
