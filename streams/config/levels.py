"""The `levels:` of a hazard: for each colour a condition's name or a tree of all, any, not and vote."""

from streams.config.problems import Words, listed
from streams.config.table import Table, said
from streams.config.yaml_file import Node
from streams.models.level import COLOURS, NUMBER
from streams.models.site import Condition, Expression, ReportCondition

Conditions = dict[str, Condition | ReportCondition]
_FORM = "a condition's name, {any: [..]}, {all: [..]}, {not: ..} or {vote: {of: NAME, at_least: 2}}"
_RULES = ("any", "all", "not", "vote")


def read_levels(table: Table | None, declared: set[str], conditions: Conditions) -> dict[int, Expression]:
    """Level number -> rule. `declared` are all names in the file, also of conditions that are wrong in themselves."""
    if table is None:
        return {}
    found: dict[int, Expression] = {}
    for colour in COLOURS:
        node = table.get(colour)
        rule = _Rules(table, declared, conditions).read(node, table.path(colour)) if node else None
        if rule is not None:
            found[NUMBER[colour]] = rule
    if not table.node.value:
        table.report.error(table.node.at, table.where, Words("no level"), f"at least one of {', '.join(COLOURS)}")
    table.close()
    return found


def names_in(rule: Expression) -> set[str]:
    """The conditions that a rule speaks of."""
    if isinstance(rule, str):
        return {rule}
    (((kind, inner),)) = rule.items()
    if kind == "vote":
        return {inner["of"]}
    return set().union(*(names_in(part) for part in (inner if isinstance(inner, list) else [inner])))


class _Rules:
    """Reads one level's tree."""

    def __init__(self, table: Table, declared: set[str], conditions: Conditions) -> None:
        self.report = table.report
        self.declared = declared
        self.conditions = conditions

    def read(self, node: Node, where: str) -> Expression | None:
        if not isinstance(node.value, dict):
            return self._name(node, where)
        if len(node.value) != 1:
            self.report.error(node.at, where, Words(f"{len(node.value)} keys"), _FORM)
            return None
        ((key, inner),) = node.value.items()
        if key not in _RULES:
            self.report.error(node.keys[key], where, key, _FORM, _RULES)
            return None
        return self._rule(key, inner, f"{where}.{key}")

    def _rule(self, key: str, inner: Node, where: str) -> Expression | None:
        if key == "vote":
            return self._vote(inner, where)
        if key == "not":
            part = self.read(inner, where)
            return None if part is None else {"not": part}
        if not isinstance(inner.value, list) or not inner.value:
            self.report.error(inner.at, where, said(inner), "a list like [first, second]")
            return None
        parts = [self.read(part, where) for part in inner.value]
        return None if None in parts else {key: parts}

    def _name(self, node: Node, where: str) -> str | None:
        if isinstance(node.value, list) or node.text not in self.declared:
            found = said(node)
            self.report.error(node.at, where, found, f"{_FORM}; known: {listed(self.declared)}", self.declared)
            return None
        return node.text

    def _vote(self, node: Node, where: str) -> Expression | None:
        table = Table.of(node, where, self.report, "{of: NAME, at_least: 2}")
        if table is None:
            return None
        of = table.get("of", need="a condition's name")
        name = self._name(of, table.path("of")) if of else None
        least = table.whole("at_least", least=1, need="how many stations, like 2")
        table.close()
        if name is not None and isinstance(self.conditions.get(name), ReportCondition):
            table.error("of", name, "a condition of an input: reports are counted by `at_least` of their own")
        return {"vote": {"of": name, "at_least": least}} if name and least else None
