"""What of a hazard's rules is active: values from memory and values not given wait for an overlay."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streams.config.asleep import awake
from streams.config.conditions import Conditions
from streams.config.message import OVERLAY
from streams.config.problems import Words
from streams.config.table import Table
from streams.models.expression import names_in
from streams.models.level import COLOURS
from streams.models.site import AnyCondition, Expression


@dataclass(slots=True)
class Overlaid:
    """What the overlays say of one hazard, beside what they write into its tree."""

    given: dict[str, str] = field(default_factory=dict)  # condition -> the overlay file that sets a number of it
    unset: dict[str, str] = field(default_factory=dict)  # of these: condition -> a number that is still the file's
    sourced: set[str] = field(default_factory=set)  # conditions that got a source too
    accepted: dict[int, str] = field(default_factory=dict)  # level -> who accepts values from memory there
    memory: frozenset[str] = frozenset()  # conditions whose source is from memory in the hazard's own file

    def asleep(self, level: int, found: Conditions) -> dict[str, str]:
        """Condition -> why it is not active in this level's rule."""
        return {
            name: why
            for name, why in found.asleep.items()
            if name not in found.unconfirmed or level not in self.accepted
        }


@dataclass(frozen=True, slots=True)
class Active:
    """The part of a hazard that acts."""

    levels: dict[int, Expression]
    inactive: dict[int, str]
    conditions: dict[str, AnyCondition]


def settle(table: Table, rules: Mapping[int, Expression], empty: set[int], found: Conditions, over: Overlaid) -> Active:
    """Levels that can be reached, those that cannot and why, and the conditions that are left. Says what is missing."""
    levels: dict[int, Expression] = {}
    inactive = {level: f"levels.{COLOURS[level - 1]} is `local`: the site has not given a rule" for level in empty}
    in_use: set[str] = set()
    for level, rule in rules.items():
        asleep = over.asleep(level, found)
        left = awake(rule, asleep)
        if left is not None:
            levels[level] = left
            in_use |= names_in(left)
        elif names_in(rule) & asleep.keys():
            inactive[level] = "; ".join(asleep[name] for name in sorted(names_in(rule) & asleep.keys()))
    _warn(table, rules, inactive, found, over)
    kept = {name: one for name, one in found.good.items() if name not in found.asleep or name in in_use}
    return Active(levels, dict(sorted(inactive.items())), _signed(kept, over))


def _signed(conditions: dict[str, AnyCondition], over: Overlaid) -> dict[str, AnyCondition]:
    """A number from an overlay has not the source of the file; where memory still decides, its source stays."""
    theirs = over.given.keys() - over.sourced - (over.memory & over.unset.keys())
    return {name: replace(one, source=OVERLAY) if name in theirs else one for name, one in conditions.items()}


def _warn(
    table: Table, rules: Mapping[int, Expression], inactive: dict[int, str], found: Conditions, over: Overlaid
) -> None:
    hazard, levels = table.node.value.get("hazard"), table.node.value.get("levels")
    name = hazard.text if hazard else ""
    for level, why in sorted(inactive.items()):
        colour = COLOURS[level - 1]
        at = levels.keys.get(colour, levels.at) if levels else None
        table.report.warning(
            at, f"levels.{colour}", Words(f"level {colour} of hazard {name} cannot be reached: {why}"), _remedy(why)
        )
    told = {one for level in inactive for one in names_in(rules.get(level))}
    conditions = table.node.value.get("conditions")
    for one, why in sorted(found.asleep.items()):
        using = [level for level, rule in rules.items() if one in names_in(rule)]
        if one not in told and any(one in over.asleep(level, found) for level in using):
            at = conditions.keys.get(one) if conditions else None
            table.report.warning(at, f"conditions.{one}", Words(f"not active: {why}"), _remedy(why))


def _remedy(why: str) -> str:
    if "memory" not in why:
        return "a value in an overlay: `set: {…}`"
    return 'a value in an overlay: `set: {…}`, or `accept: {memory: "NAME OF THE PERSON"}`'


def sources_with(sources: dict[str, dict[str, Any]], over: Overlaid) -> dict[str, dict[str, Any]]:
    """The sources of the file, the overlays, and who accepted what is from memory."""
    found = {
        key: {**one, "accepted_by": ", ".join(dict.fromkeys(over.accepted.values()))}
        if one["status"] == "memory" and over.accepted
        else one
        for key, one in sources.items()
    }
    if over.given:
        files = ", ".join(dict.fromkeys(over.given.values()))
        found[OVERLAY] = {"cite": f"set by {files}", "status": "local", "valid_from": None, "valid_to": None}
    return found
