"""How each rule of `levels:` is written, and what it becomes: microseconds, metres, numbers of levels."""

from collections.abc import Callable
from typing import Any, Protocol

from streams.config.problems import Report, Words
from streams.config.table import Table, said
from streams.config.yaml_file import Node
from streams.models.durations import FORM as DURATION
from streams.models.expression import counts
from streams.models.level import COLOURS, NUMBER, ORANGE, RED, YELLOW
from streams.models.site import Expression

FORM = (
    "a condition's name or {RULE: …} with one of any, all, not, vote, promote, sequence, count, absence, "
    "like {any: [NAME, NAME]} or {vote: {of: NAME, at_least: 2}}"
)
BY = ("datastream", "station", "group", "zone")
BY_OF_RULE = BY[1:]  # a rule is judged by each station for itself
_COUNTS = {YELLOW: 4, ORANGE: 3, RED: 2}  # GB 39496-2020, 5.5.4: so many of the level below make one of this level
_PROMOTE = "{to: orange, items: {NAME: {blue: NAME, yellow: NAME}}}"
_NO_VOTE = (
    "a rule without `vote`, for a condition is of one datastream there. Zones or networks that count their stations: "
    "{vote: {of: {vote: …}, at_least: 2, by: zone}}; votes side by side: {all: [{vote: …}, {vote: …}]}"
)
_MOST = 10_000


class Reader(Protocol):
    """What reads the rules within a rule (`levels.Rules`)."""

    report: Report
    inside: str  # zone or group: each of them answers the rule for itself

    def read(self, node: Node, where: str) -> Expression | None: ...  # noqa: D102 - see there
    def point(self, node: Node, where: str) -> str | None: ...  # noqa: D102
    def each(self, node: Node, where: str, by: str | None) -> Expression | None: ...  # noqa: D102
    def counted(self, node: Node, where: str) -> Expression | None: ...  # noqa: D102


Form = Callable[[Node, str, Reader], Expression | None]


def _list(node: Node, where: str, rules: Reader) -> list[Expression] | None:
    if not isinstance(node.value, list) or not node.value:
        rules.report.error(node.at, where, said(node), "a list like [first, second]")
        return None
    parts = [rules.read(part, where) for part in node.value]
    return None if None in parts else [part for part in parts if part is not None]


def _all(node: Node, where: str, rules: Reader) -> Expression | None:
    parts = _list(node, where, rules)
    return None if parts is None else {"all": parts}


def _any(node: Node, where: str, rules: Reader) -> Expression | None:
    parts = _list(node, where, rules)
    return None if parts is None else {"any": parts}


def _not(node: Node, where: str, rules: Reader) -> Expression | None:
    part = rules.read(node, where)
    return None if part is None else {"not": part}


def _vote(node: Node, where: str, rules: Reader) -> Expression | None:
    table = Table.of(node, where, rules.report, "{of: NAME, at_least: 2, within: 5 km, during: 10 min, by: station}")
    if table is None:
        return None
    of = table.get("of", need="a condition's name or a rule that each station answers for itself")
    one_rule = of is not None and isinstance(of.value, dict)
    by = _by(table, rules.inside, one_rule=one_rule)
    voted = rules.each(of, table.path("of"), by) if of else None
    least = _whole(table, "at_least", 1, "how many, like 2")
    found = {
        "within": table.distance("within"), "during": _time(table, "during"), "by": by,
    }  # fmt: skip
    if one_rule and by in ("zone", "group") and found["within"] and counts(voted):
        table.error("within", Words(f"a distance between {by}s"), "no `within`, or one in the vote inside, of stations")
    table.close()
    return _made("vote", {"of": voted, "at_least": least}, found)


def _no_vote(node: Node, where: str, rules: Reader) -> None:
    rules.report.error(node.at, where, Words("a vote at one station"), _NO_VOTE)


def _by(table: Table, inside: str, *, one_rule: bool) -> str | None:
    """Who votes; not those who each answer for themselves already."""
    if not table.has("by"):
        return "station" if one_rule else None
    return table.choice("by", [by for by in (BY_OF_RULE if one_rule else BY) if by != inside])


def _sequence(node: Node, where: str, rules: Reader) -> Expression | None:
    table = Table.of(node, where, rules.report, "{of: [first, then], within: 2 h}")
    if table is None:
        return None
    of = table.get("of", need="a list of at least two, like [first, then]")
    parts = _list(of, table.path("of"), rules) if of else None
    if of and parts and len(parts) < 2:
        table.error("of", said(of.value[0]), "at least two, like [first, then]")
        parts = None
    within = _time(table, "within", need=DURATION)
    table.close()
    return _made("sequence", {"of": parts, "within": within})


def _count(node: Node, where: str, rules: Reader) -> Expression | None:
    table = Table.of(node, where, rules.report, "{of: NAME, at_least: 3, within: 1 h}")
    if table is None:
        return None
    of = table.get("of", need="a condition's name or a rule")
    part = rules.read(of, table.path("of")) if of else None
    least = _whole(table, "at_least", 1, "how many times, like 3")
    within = _time(table, "within", need=DURATION)
    table.close()
    return _made("count", {"of": part, "at_least": least, "within": within})


def _absence(node: Node, where: str, rules: Reader) -> Expression | None:
    table = Table.of(node, where, rules.report, "{of: WHAT_SHOULD_COME, after: WHAT_WAS, within: 30 min}")
    if table is None:
        return None
    parts: dict[str, Any] = {}
    for key in ("of", "after"):
        inner = table.get(key, need="a condition's name or a rule")
        parts[key] = rules.read(inner, table.path(key)) if inner else None
    within = _time(table, "within", need=DURATION)
    table.close()
    return _made("absence", {**parts, "within": within})


def _promote(node: Node, where: str, rules: Reader) -> Expression | None:
    table = Table.of(node, where, rules.report, _PROMOTE)
    if table is None:
        return None
    to = table.choice("to", COLOURS, need=True)
    items_at = table.table("items", need=_PROMOTE)
    items = {name: _item(name, one, items_at, rules) for name, one in items_at.items()} if items_at else {}
    if items_at and not items:
        table.error("items", said(items_at.node), _PROMOTE)
    counts = _counts(table.table("counts"))
    table.close()
    good = {name: one for name, one in items.items() if one}
    whole = bool(good) and len(good) == len(items)
    return {"promote": {"to": NUMBER[to], "items": good, "counts": counts}} if to and whole and counts else None


def _item(name: str, node: Node, items: Table, rules: Reader) -> dict[int, Expression] | None:
    table = Table.of(node, items.path(name), rules.report, "{blue: NAME, yellow: NAME, orange: NAME, red: NAME}")
    if table is None:
        return None
    found = {NUMBER[c]: rules.counted(one, table.path(c)) for c in COLOURS if (one := table.get(c))}
    if not node.value:
        rules.report.error(node.at, table.where, said(node), f"a condition or a rule for one of {', '.join(COLOURS)}")
    table.close()
    good = {level: one for level, one in found.items() if one is not None}
    return good if len(good) == len(found) else None


def _counts(table: Table | None) -> dict[int, int] | None:
    if table is None:
        return dict(_COUNTS)
    found = {level: _whole(table, COLOURS[level - 1], 1, "") if table.has(COLOURS[level - 1]) else least
             for level, least in _COUNTS.items()}  # fmt: skip
    table.close()
    good = {level: least for level, least in found.items() if least is not None}
    return good if len(good) == len(found) else None


def _made(kind: str, needed: dict[str, Any], more: dict[str, Any] | None = None) -> Expression | None:
    """The rule, where all that it needs is there; of the rest what was given."""
    given = {key: value for key, value in (more or {}).items() if value is not None}
    return None if None in needed.values() else {kind: needed | given}


def _whole(table: Table, key: str, least: int, need: str) -> int | None:
    found = table.whole(key, least=least, need=need)
    if found is not None and found > _MOST:
        table.error(key, str(found), f"at most {_MOST}")
        return None
    return found


def _time(table: Table, key: str, *, need: str = "") -> int | None:
    found = table.duration(key, need=need)
    if found == 0:
        table.error(key, said(table.node.value[key]), f"longer than nothing, {DURATION}")
        return None
    return found


RULES: dict[str, Form] = {
    "any": _any, "all": _all, "not": _not, "vote": _vote, "promote": _promote, "sequence": _sequence,
    "count": _count, "absence": _absence,
}  # fmt: skip
#: as a station answers them by itself
AT_ONE: dict[str, Form] = {**RULES, "vote": _no_vote}
